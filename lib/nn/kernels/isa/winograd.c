/* 3x3 convolution of stride 1 with fewer multiplications: Winograd's minimal filtering
 * (winograd.h).
 *
 * Layout: weights are transformed when packed, one packed matrix (gemm.c) per element. A run takes
 * blocks of tiles; scratch holds the transformed tiles of the block, [element][tile][channel], and
 * the products, [element][tile][output]. A block is as many tiles as fit in BLOCK_BYTES of the
 * second-level cache, but at least TILES_MIN, because each block reads all the weights again (from
 * 512 KiB to 2 MiB the times were the same within 5%). Transforms work on a vector of channels at
 * once and cost what cost() says: a third of the time at 64 channels, a tenth at 256.
 */
#include "nn/kernels/isa/winograd.h"
#include "nn/kernels/isa/transpose.h"

#include <math.h>

enum {
    BLOCK_BYTES = 512 << 10, /* of transformed tiles and products */
    TILES_MIN = 4 * MR,
    TILES_MAX = 8 * MR,
};

struct cover {
    struct tiling all;
    size_t block;                 /* tiles at a time */
    size_t in_ld, out_ld;         /* floats from tile to tile, in scratch */
    size_t in_matrix, out_matrix; /* floats from element to element, in scratch */
    size_t packed_matrix;         /* and in the packed weights */
};

static struct cover cover(const struct kernel_window *w, size_t m)
{
    struct cover c = {.all = tiling(w, m)};
    size_t blocks, bytes;
    c.in_ld = whole_vectors(w->channels) + APART;
    c.out_ld = whole_vectors(w->out_channels) + APART;
    bytes = c.all.elements * (c.in_ld + c.out_ld) * sizeof(float);
    c.block = BLOCK_BYTES / bytes;
    c.block = c.block < TILES_MIN ? (size_t)TILES_MIN : c.block;
    c.block = c.block > TILES_MAX ? (size_t)TILES_MAX : c.block;
    blocks = (c.all.tiles + c.block - 1) / c.block;
    c.block = blocks ? (c.all.tiles + blocks - 1) / blocks : 0;
    c.in_matrix = c.block * c.in_ld + APART;
    c.out_matrix = c.block * c.out_ld + APART;
    c.packed_matrix =
        ISA_NAME(packed_size)(w->channels, w->out_channels) / sizeof(float) + 2 * APART;
    return c;
}

/* ---- weights ---- */

/* VW kernels, nine vectors; element e goes to `to` + e * apart. */
INLINE void pack_kernels(const int edge, const vec g[9], float *to, size_t apart)
{
    vec half[EDGE_MAX][3], t[EDGE_MAX];
    for (int j = 0; j < 3; j++) {
        const vec column[3] = {g[j], g[3 + j], g[6 + j]};
        transform_weights(edge, column, t);
        for (int i = 0; i < edge; i++)
            half[i][j] = t[i];
    }
    for (int i = 0; i < edge; i++) {
        transform_weights(edge, half[i], t);
        for (int j = 0; j < edge; j++, to = step_out(to, apart))
            store(to, t[j]);
    }
}

/* The weights of VW outputs (`outputs` of them exist), transposed a few channels at a time. */
INLINE void pack_outputs(const int edge, const struct kernel_window *w, const struct cover *c,
                         const float *weights, size_t outputs, const float *out_scale,
                         const float *in_scale, float *to, size_t width)
{
    enum { FEW = 16 };
    float lines[FEW * 9 * VW];
    vec scale = out_scale ? load_up_to(out_scale, outputs) : splat(1);
    for (size_t first = 0; first < w->channels; first += FEW) {
        size_t count = w->channels - first < FEW ? w->channels - first : (size_t)FEW;
        transpose(weights + first * 9, w->channels * 9, outputs, count * 9, lines, VW);
        for (size_t i = 0; i < count; i++) {
            vec both = in_scale ? scale * in_scale[first + i] : scale, g[9];
            for (int t = 0; t < 9; t++)
                g[t] = load(lines + (i * 9 + (size_t)t) * VW) * both;
            pack_kernels(edge, g, to + (first + i) * width, c->packed_matrix);
        }
    }
}

INLINE void pack_all(const int edge, const struct kernel_window *w, const float *weights,
                     const float *out_scale, const float *in_scale, float *packed)
{
    struct cover c = cover(w, (size_t)edge - 2);
    for (size_t o = 0; o < w->out_channels; o += VW) {
        size_t left = w->out_channels - o, panel = o / (NV * VW) * (NV * VW);
        size_t width = whole_vectors(w->out_channels - panel);
        width = width < (size_t)NV * VW ? width : (size_t)NV * VW;
        pack_outputs(edge, w, &c, weights + o * w->channels * 9, left < VW ? left : (size_t)VW,
                     out_scale ? out_scale + o : NULL, in_scale,
                     packed + panel * w->channels + (o - panel), width);
    }
}

/* Where a vector of a tile's outputs goes: the first of them, and the residual's. */
struct place {
    float *out;
    const float *residual; /* NULL for none */
    size_t out_ld, residual_ld, width;
};

/* The outputs of which rows x columns exist, n elements of each. */
INLINE void finish_part(const vec *y, int edge, int rows, int columns, size_t n,
                        const struct place *place, const struct clamp *clamp,
                        const struct epilogue *epilogue)
{
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            size_t pixel = (size_t)i * place->width + (size_t)j;
            vec x = y[i * (edge - 2) + j];
            if (place->residual)
                x += load_up_to(place->residual + pixel * place->residual_ld, n);
            store_up_to(place->out + pixel * place->out_ld, clamped(clamp, epilogue, x), n);
        }
}

/* All of them, whole vectors. */
INLINE void finish_whole(const vec *y, const int edge, const struct place *place,
                         const struct clamp *clamp, const struct epilogue *epilogue)
{
    float *line = place->out;
    const float *residual = place->residual;
    UNROLL
    for (int i = 0; i < edge - 2; i++) {
        float *out = line;
        const float *more = residual;
        UNROLL
        for (int j = 0; j < edge - 2; j++) {
            vec x = y[i * (edge - 2) + j];
            if (residual) {
                x += load(more);
                more = step(more, place->residual_ld);
            }
            store(out, clamped(clamp, epilogue, x));
            out = step_out(out, place->out_ld);
        }
        line = step_out(line, place->width * place->out_ld);
        if (residual)
            residual = step(residual, place->width * place->residual_ld);
    }
}

/* A^T m A of one vector of outputs, plus the bias; element e is at `from` + e * apart. */
INLINE void output_vector(const int edge, const float *from, size_t apart, vec bias, vec y[])
{
    vec half[EDGE_MAX][EDGE_MAX], m[EDGE_MAX], t[EDGE_MAX];
    UNROLL
    for (int i = 0; i < edge; i++) {
        UNROLL
        for (int j = 0; j < edge; j++, from = step(from, apart))
            m[j] = load(from);
        transform_output(edge, m, t);
        UNROLL
        for (int j = 0; j < edge - 2; j++)
            half[j][i] = t[j];
    }
    UNROLL
    for (int j = 0; j < edge - 2; j++) {
        transform_output(edge, half[j], t);
        UNROLL
        for (int i = 0; i < edge - 2; i++)
            y[i * (edge - 2) + j] = t[i] + bias;
    }
}

INLINE void output_tile(const int edge, const struct kernel_window *w, const struct cover *c,
                        struct tile tile, const float *from, float *out,
                        const struct epilogue *epilogue, const struct clamp *clamp)
{
    size_t pixel = (tile.image * w->out_height + tile.y) * w->out_width + tile.x;
    int rows = clip((ptrdiff_t)(w->out_height - tile.y), edge - 2),
        columns = clip((ptrdiff_t)(w->out_width - tile.x), edge - 2);
    for (size_t channel = 0; channel < w->out_channels; channel += VW) {
        struct place place = {.out = out + pixel * w->out_ld + channel,
                              .out_ld = w->out_ld,
                              .residual_ld = epilogue->residual_ld,
                              .width = w->out_width};
        size_t n = w->out_channels - channel;
        vec y[(EDGE_MAX - 2) * (EDGE_MAX - 2)];
        if (epilogue->residual)
            place.residual = epilogue->residual + pixel * epilogue->residual_ld + channel;
        output_vector(edge, from + channel, c->out_matrix,
                      epilogue->bias ? load_up_to(epilogue->bias + channel, n) : splat(0), y);
        if (rows == edge - 2 && columns == edge - 2 && n >= VW)
            finish_whole(y, edge, &place, clamp, epilogue);
        else
            finish_part(y, edge, rows, columns, n, &place, clamp, epilogue);
    }
}

INLINE void run_all(const int edge, const struct kernel_window *w, const float *in,
                    const float *packed, float *out, const struct epilogue *epilogue,
                    float *scratch)
{
    struct cover c = cover(w, (size_t)edge - 2);
    struct clamp clamp = clamp_of(epilogue);
    float *products = scratch + c.all.elements * c.in_matrix;
    for (size_t first = 0; first < c.all.tiles; first += c.block) {
        size_t count = c.all.tiles - first < c.block ? c.all.tiles - first : c.block;
        for (size_t i = 0; i < count; i++)
            input_tile(edge, w, tile_at(&c.all, first + i), in, scratch + i * c.in_ld, c.in_matrix);
        for (size_t e = 0; e < c.all.elements; e++)
            ISA_NAME(gemm_block)
        (count, whole_vectors(w->out_channels), w->channels, 0, w->channels,
         scratch + e * c.in_matrix, c.in_ld, packed + e * c.packed_matrix,
         products + e * c.out_matrix, c.out_ld, 0, NULL);
        for (size_t i = 0; i < count; i++)
            output_tile(edge, w, &c, tile_at(&c.all, first + i), products + i * c.out_ld, out,
                        epilogue, &clamp);
    }
}

/* ---- F(2 x 2) and F(4 x 4) ---- */

/* A weight is read once for each block of tiles, the first time from memory, then from a shared
 * cache: that takes at least as long as READ_FIRST or READ_AGAIN rows of multiply-adds, and a
 * little longer than the block's. Transforms touch each element of tiles and products. The
 * constants are fitted to times at 3 to 512 channels and 7 x 7 to 224 x 224 pixels, and in a
 * network. */
static double cost(const struct kernel_window *w, size_t m)
{
    enum { READ_FIRST = 1 + 2 * VW, READ_AGAIN = 3 + VW / 2, BLOCK_COST = 2 };
    enum { TOUCH_COST_2 = 12, TOUCH_COST_4 = 16 };
    struct cover c = cover(w, m);
    double blocks = c.block ? (double)((c.all.tiles + c.block - 1) / c.block) : 0;
    double channels = (double)w->channels, outputs = (double)whole_vectors(w->out_channels);
    double first = (double)(c.block < READ_FIRST ? (size_t)READ_FIRST : c.block) + BLOCK_COST;
    double again = (double)(c.block < READ_AGAIN ? (size_t)READ_AGAIN : c.block) + BLOCK_COST;
    double touched = (double)c.all.tiles * ((double)whole_vectors(w->channels) + outputs);
    return (double)c.all.elements * ((first + (blocks - 1) * again) * channels * outputs +
                                     touched * (m == 2 ? TOUCH_COST_2 : TOUCH_COST_4));
}

static size_t packed_bytes(const struct kernel_window *w, size_t m)
{
    struct cover c = cover(w, m);
    return c.all.elements * c.packed_matrix * sizeof(float);
}

static size_t scratch_bytes(const struct kernel_window *w, size_t m)
{
    struct cover c = cover(w, m);
    return c.all.elements * (c.in_matrix + c.out_matrix) * sizeof(float);
}

#define WINOGRAD(m)                                                                                \
    static size_t packed_bytes_##m(const struct kernel_window *w)                                  \
    {                                                                                              \
        return packed_bytes(w, m);                                                                 \
    }                                                                                              \
    static size_t scratch_bytes_##m(const struct kernel_window *w)                                 \
    {                                                                                              \
        return scratch_bytes(w, m);                                                                \
    }                                                                                              \
    static void pack_##m(const struct kernel_window *w, const float *weights,                      \
                         const float *out_scale, const float *in_scale, float *packed)             \
    {                                                                                              \
        pack_all(m + 2, w, weights, out_scale, in_scale, packed);                                  \
    }                                                                                              \
    static void run_##m(const struct kernel_window *w, const float *in, const float *packed,       \
                        float *out, const struct epilogue *epilogue, float *scratch)               \
    {                                                                                              \
        run_all(m + 2, w, in, packed, out, epilogue, scratch);                                     \
    }                                                                                              \
    static double cost_##m(const struct kernel_window *w)                                          \
    {                                                                                              \
        return cost(w, m);                                                                         \
    }                                                                                              \
    const struct convolution ISA_NAME(conv_winograd##m) = {                                        \
        .name = "winograd" #m,                                                                     \
        .rounds_more = 1,                                                                          \
        .suits = winograd_suits,                                                                   \
        .cost = cost_##m,                                                                          \
        .packed_size = packed_bytes_##m,                                                           \
        .pack = pack_##m,                                                                          \
        .scratch_size = scratch_bytes_##m,                                                         \
        .run = run_##m,                                                                            \
    };
WINOGRAD(2)
WINOGRAD(4)
