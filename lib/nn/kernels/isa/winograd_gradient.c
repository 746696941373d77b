/* The gradient of a 3x3 convolution of stride 1 by its weights, with fewer multiplications.
 *
 * It is the transpose of what winograd.h does forward: with D = A dY A^T for a tile of the output's
 * gradient and V = B^T d B for the tile of the input, dW = G^T (sum over tiles of V . D) G. For
 * each of the (m + 2)^2 elements the sum is a matrix product: channels x tiles times tiles x
 * outputs, with a quarter of the direct way's multiplications in F(4 x 4).
 *
 * A run takes blocks of tiles; scratch holds their V, [element][tile][channel], and D, [element] in
 * gemm_tn's panels. A block is about as many tiles as fit in BLOCK_BYTES of the second-level cache,
 * but at least TILES_MIN, because G^T (...) G costs the same for each block. The sums,
 * [element][channel][output], are made for a slice of the channels at a time, so that they stay in
 * that cache too.
 */
#include "nn/kernels/isa/winograd.h"
#include "nn/train/kernels.h"

enum { BLOCK_BYTES = 1 << 20, TILES_MIN = 64, SLICE_BYTES = 256 << 10 };

struct cover {
    struct tiling all;
    size_t block;                /* tiles at a time */
    size_t slice;                /* channels at a time */
    size_t in_ld;                /* floats from tile to tile of V */
    size_t in_matrix, dy_matrix; /* floats from element to element of V and D */
    size_t width, sum_matrix;    /* columns of a sum; floats from sum to sum */
};

/* About `most` at a time, as evenly as possible. */
static size_t even_part(size_t all, size_t most)
{
    size_t parts = (all + most - 1) / most;
    return parts ? (all + parts - 1) / parts : 0;
}

static struct cover cover(const struct kernel_window *w, size_t m)
{
    struct cover c = {.all = tiling(w, m)};
    size_t tiles, channels;
    c.in_ld = whole_vectors(w->channels) + APART;
    c.width = whole_vectors(w->out_channels);
    tiles = BLOCK_BYTES / (c.all.elements * (c.in_ld + c.width) * sizeof(float));
    c.block = even_part(c.all.tiles, tiles < TILES_MIN ? (size_t)TILES_MIN : tiles);
    channels = SLICE_BYTES / (c.all.elements * c.width * sizeof(float)) / MR * MR;
    c.slice = even_part(w->channels, channels < MR ? (size_t)MR : channels);
    c.in_matrix = c.block * c.in_ld + APART;
    c.dy_matrix = c.block * c.width + APART;
    c.sum_matrix = c.slice * c.width + APART;
    return c;
}

/* A y, one dimension. */
INLINE void spread_output(const int edge, const vec y[], vec t[])
{
    if (edge == 4) {
        t[0] = y[0];
        t[1] = y[0] + y[1];
        t[2] = y[0] - y[1];
        t[3] = -y[1];
    } else {
        vec even = y[0] + y[2] * 0.5f, odd = (y[1] + y[3] * 0.5f) * ROOT_HALF;
        vec wide = y[0] + y[2] * 2.0f, wide_odd = (y[1] + y[3] * 2.0f) * ROOT_TWO;
        t[0] = y[0];
        t[1] = even + odd;
        t[2] = even - odd;
        t[3] = wide + wide_odd;
        t[4] = wide - wide_odd;
        t[5] = y[3];
    }
}

/* A dY A^T of one vector of outputs; `from` is the tile's first. */
INLINE void output_vector(const int edge, const float *from, size_t row, size_t pixel, float *to,
                          size_t apart)
{
    vec half[EDGE_MAX][EDGE_MAX], y[EDGE_MAX], t[EDGE_MAX];
    UNROLL
    for (int j = 0; j < edge - 2; j++, from = step(from, pixel)) {
        const float *at = from;
        UNROLL
        for (int i = 0; i < edge - 2; i++, at = step(at, row))
            y[i] = load(at);
        spread_output(edge, y, t);
        UNROLL
        for (int i = 0; i < edge; i++)
            half[i][j] = t[i];
    }
    UNROLL
    for (int i = 0; i < edge; i++) {
        spread_output(edge, half[i], t);
        UNROLL
        for (int j = 0; j < edge; j++, to = step_out(to, apart))
            store(to, t[j]);
    }
}

/* A dY A^T of tile `index` of a block of `count`, into the panels. */
INLINE void output_tile(const int edge, const struct kernel_window *w, const struct cover *c,
                        struct tile tile, size_t index, size_t count, const float *dy, float *to)
{
    const float *at =
        dy + ((tile.image * w->out_height + tile.y) * w->out_width + tile.x) * w->out_ld;
    size_t row = w->out_width * w->out_ld;
    const struct inside inside = {0, clip((ptrdiff_t)(w->out_height - tile.y), edge - 2), 0,
                                  clip((ptrdiff_t)(w->out_width - tile.x), edge - 2)};
    int whole = inside.bottom == edge - 2 && inside.right == edge - 2;
    for (size_t channel = 0; channel < w->out_channels; channel += VW) {
        float copy[EDGE_MAX * EDGE_MAX * VW];
        size_t panel = channel / (NV * VW) * (NV * VW), width = c->width - panel;
        size_t panel_width = width < (size_t)NV * VW ? width : (size_t)NV * VW;
        float *there = to + panel * count + index * panel_width + (channel - panel);
        if (whole && channel + VW <= w->out_channels) {
            output_vector(edge, at + channel, row, w->out_ld, there, c->dy_matrix);
        } else {
            copy_inside(edge, &inside, at + channel, 0, (ptrdiff_t)row, (ptrdiff_t)w->out_ld,
                        w->out_channels - channel, copy);
            output_vector(edge, copy, (size_t)(edge * VW), VW, there, c->dy_matrix);
        }
    }
}

/* G^T m, one dimension. */
INLINE void gather_weights(const int edge, const vec m[], vec g[3])
{
    vec sum = m[1] + m[2], difference = m[1] - m[2];
    if (edge == 4) {
        g[0] = m[0] + sum * 0.5f;
        g[1] = difference * 0.5f;
        g[2] = sum * 0.5f + m[3];
    } else {
        vec wide = m[3] + m[4], wide_difference = m[3] - m[4];
        g[0] = m[0] - sum * (2.0f / 3) + wide * (1.0f / 6);
        g[1] = wide_difference * (1.0f / 6 * ROOT_TWO) - difference * (2.0f / 3 * ROOT_HALF);
        g[2] = (wide - sum) * (1.0f / 3) + m[5];
    }
}

/* A vector of outputs of one channel: its 9 taps, `apart` floats from each other, are added to. */
INLINE void weights_vector(const int edge, const float *sums, size_t matrix, size_t n, float *dw,
                           size_t apart)
{
    vec half[3][EDGE_MAX], m[EDGE_MAX], g[3], taps[3][3];
    UNROLL
    for (int i = 0; i < edge; i++) {
        UNROLL
        for (int j = 0; j < edge; j++, sums = step(sums, matrix))
            m[j] = load(sums);
        gather_weights(edge, m, g);
        UNROLL
        for (int j = 0; j < 3; j++)
            half[j][i] = g[j];
    }
    UNROLL
    for (int j = 0; j < 3; j++) {
        gather_weights(edge, half[j], g);
        UNROLL
        for (int i = 0; i < 3; i++)
            taps[i][j] = g[i];
    }
    UNROLL
    for (int t = 0; t < 9; t++, dw = step_out(dw, apart))
        store_up_to(dw, load_up_to(dw, n) + taps[t / 3][t % 3], n);
}

/* A slice of the channels, all tiles of a block. */
INLINE void run_slice(const int edge, const struct kernel_window *w, const struct cover *c,
                      size_t channel, size_t tiles, const float *v, const float *d, float *sums,
                      float *dw)
{
    size_t channels = w->channels - channel < c->slice ? w->channels - channel : c->slice;
    for (size_t e = 0; e < c->all.elements; e++)
        ISA_NAME(gemm_tn_panels)
    (tiles, channels, c->width, v + e * c->in_matrix + channel, c->in_ld, d + e * c->dy_matrix,
     sums + e * c->sum_matrix, c->width, 0);
    for (size_t i = 0; i < channels; i++)
        for (size_t o = 0; o < w->out_channels; o += VW)
            weights_vector(edge, sums + i * c->width + o, c->sum_matrix, w->out_channels - o,
                           dw + (channel + i) * w->out_channels + o, w->channels * w->out_channels);
}

INLINE void run_all(const int edge, const struct kernel_window *w, const float *x, const float *dy,
                    float *dw, float *scratch)
{
    struct cover c = cover(w, (size_t)edge - 2);
    float *d = scratch + c.all.elements * c.in_matrix, *sums = d + c.all.elements * c.dy_matrix;
    for (size_t first = 0; first < c.all.tiles; first += c.block) {
        size_t count = c.all.tiles - first < c.block ? c.all.tiles - first : c.block;
        for (size_t i = 0; i < count; i++) {
            struct tile tile = tile_at(&c.all, first + i);
            input_tile(edge, w, tile, x, scratch + i * c.in_ld, c.in_matrix);
            output_tile(edge, w, &c, tile, i, count, dy, d);
        }
        for (size_t channel = 0; channel < w->channels; channel += c.slice)
            run_slice(edge, w, &c, channel, count, scratch, d, sums, dw);
    }
}

static size_t scratch_floats(const struct kernel_window *w, size_t m)
{
    struct cover c = cover(w, m);
    return c.all.elements * (c.in_matrix + c.dy_matrix + c.sum_matrix);
}

/* Transforms touch each element of V and D; each block's sums are written, and transformed. */
static double cost(const struct kernel_window *w, size_t m)
{
    enum { TOUCH_COST = 14, BLOCK_COST = 8 };
    struct cover c = cover(w, m);
    double blocks = c.block ? (double)((c.all.tiles + c.block - 1) / c.block) : 0;
    double channels = (double)w->channels, outputs = (double)c.width, tiles = (double)c.all.tiles;
    return (double)c.all.elements *
           ((tiles + blocks * BLOCK_COST) * channels * outputs +
            tiles * ((double)whole_vectors(w->channels) + outputs) * TOUCH_COST);
}

#define WINOGRAD(m)                                                                                \
    static size_t scratch_floats_##m(const struct kernel_window *w)                                \
    {                                                                                              \
        return scratch_floats(w, m);                                                               \
    }                                                                                              \
    static void run_##m(const struct kernel_window *w, const float *x, const float *dy, float *dw, \
                        float *scratch)                                                            \
    {                                                                                              \
        run_all(m + 2, w, x, dy, dw, scratch);                                                     \
    }                                                                                              \
    static double cost_##m(const struct kernel_window *w)                                          \
    {                                                                                              \
        return cost(w, m);                                                                         \
    }                                                                                              \
    const struct convolution_gradient ISA_NAME(conv_gradient_winograd##m) = {                      \
        .name = "winograd" #m,                                                                     \
        .suits = winograd_suits,                                                                   \
        .cost = cost_##m,                                                                          \
        .scratch_size = scratch_floats_##m,                                                        \
        .run = run_##m,                                                                            \
    };
WINOGRAD(2)
WINOGRAD(4)
