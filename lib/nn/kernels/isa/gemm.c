/* C = A * B on packed B, register-blocked, with a fused epilogue.
 *
 * Layout: B is packed into panels NV * VW columns wide (pack.c). A and C stay as they are.
 * Blocking (Goto & van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008): K in
 * blocks of at most KC_MAX rows, so that a block of a panel (KC x NV * VW floats: 32 KiB with
 * AVX-512) stays in the first-level cache while the tiles of MR rows of A pass by; A in blocks of
 * GEMM_MC rows, which stay in the second-level cache while the panels pass by. Rows are split
 * evenly over the tiles (49 rows are 13 + 12 + 12 + 12, not 14 + 14 + 14 + 7). Cost: one
 * multiply-add per element of A and column of B; a tile reads MR + NV * VW floats per MR * NV * VW
 * of these.
 */
#include "nn/kernels/isa/isa.h"

#include <math.h>

enum { NR = NV * VW, HALF = (MR + 1) / 2 };

#define EACH_SUM(i, j)                                                                             \
    UNROLL                                                                                         \
    for (int i = 0; i < rows; i++)                                                                 \
        UNROLL                                                                                     \
    for (int j = 0; j < vectors; j++)

static size_t panel_vectors(size_t n, size_t column)
{
    size_t left = n - column;
    return left >= NR ? (size_t)NV : whole_vectors(left) / VW;
}

/* Where a tile goes: C at its first row and column; columns is how many of its columns exist. */
struct target {
    float *c;
    size_t ldc, columns;
    int accumulate;
    const struct epilogue *epilogue; /* pointers already at the tile's first row and column */
    struct clamp clamp;
};

/* What of B is read after this panel, to be fetched meanwhile: `step` bytes of it for each of the
 * panel's rows. Weights are too many for the second-level cache, and where pictures are small, a
 * panel is used by a few tiles only: waiting for it took a third of the time. Where many tiles
 * share a panel (step is 0), fetching would cost more than it brings. */
struct ahead {
    const char *at;
    size_t step;
};

/* A tile that ends in an activation that is more than clamping, or in the middle of a vector where
 * that is slow. `sum` holds its rows, each `vectors` long. */
static void finish_slowly(const struct target *to, const vec *sum, size_t rows, size_t vectors)
{
    struct epilogue rest = to->epilogue ? *to->epilogue : (struct epilogue){0};
    rest.bias = NULL; /* the sums began with it */
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++) {
            size_t column = j * VW, left = to->columns - column;
            float *c = to->c + i * to->ldc + column;
            vec x = sum[i * vectors + j];
            if (to->accumulate)
                x += load_up_to(c, left);
            store_up_to(c, finish_vector(&rest, x, i, column, left), left);
        }
}

/* The vector in column j of a row that is not slow to finish. */
INLINE vec load_column(const struct target *to, const float *row, int j)
{
    size_t left = to->columns - (size_t)(j * VW);
    return PARTS_ARE_FAST ? load_part(row + j * VW, left < VW ? left : VW) : load(row + j * VW);
}
INLINE void store_column(const struct target *to, float *row, int j, vec x)
{
    size_t left = to->columns - (size_t)(j * VW);
    if (PARTS_ARE_FAST)
        store_part(row + j * VW, x, left < VW ? left : VW);
    else
        store(row + j * VW, x);
}

/* rows and vectors are constants of each instance below, so everything is unrolled and stays in
 * registers. */
INLINE void finish(const int rows, const int vectors, vec sum[MR][NV], const struct target *to)
{
    const struct epilogue *epilogue = to->epilogue;
    if (!to->clamp.all || (!PARTS_ARE_FAST && to->columns < (size_t)(vectors * VW))) {
        vec copy[MR * NV];
        EACH_SUM (i, j)
            copy[i * vectors + j] = sum[i][j];
        finish_slowly(to, copy, (size_t)rows, (size_t)vectors);
        return;
    }
    if (to->accumulate)
        EACH_SUM (i, j)
            sum[i][j] += load_column(to, to->c + (size_t)i * to->ldc, j);
    if (epilogue && epilogue->residual)
        EACH_SUM (i, j)
            sum[i][j] += load_column(to, epilogue->residual + (size_t)i * epilogue->residual_ld, j);
    if (to->clamp.low > -INFINITY)
        EACH_SUM (i, j)
            sum[i][j] = vmax(splat(to->clamp.low), sum[i][j]);
    if (to->clamp.high < INFINITY)
        EACH_SUM (i, j)
            sum[i][j] = vmin(splat(to->clamp.high), sum[i][j]);
    EACH_SUM (i, j)
        store_column(to, to->c + (size_t)i * to->ldc, j, sum[i][j]);
}

#if defined(__aarch64__)
/* VW rows of B at once: NEON multiplies by any one element of a register, so that one load of A
 * brings VW of its elements, instead of a load and a register for each. */
INLINE void multiply_rows(const int rows, const int vectors, const float *upper, const float *lower,
                          size_t step, const float *b, vec sum[MR][NV])
{
    vec left[MR];
    UNROLL
    for (int i = 0; i < rows; i++)
        left[i] = load(i < HALF ? upper + (size_t)i * step : lower + (size_t)(i - HALF) * step);
    UNROLL
    for (int k = 0; k < VW; k++) {
        UNROLL
        for (int j = 0; j < vectors; j++) {
            vec right = load(b + (k * vectors + j) * VW);
            UNROLL
            for (int i = 0; i < rows; i++)
                sum[i][j] += right * left[i][k];
        }
    }
}
#endif

/* `a` is the first float of the tile's first row; `from` tells the rest of it. */
INLINE void tile(const int fetches, const int rows, const int vectors, const struct patches *from,
                 const float *a, const float *b, const struct target *to, struct ahead *ahead)
{
    vec sum[MR][NV];
    size_t step = from->pixel_step;
    const float *lower = rows > HALF ? a + HALF * step : a;
    const char *at = ahead->at;
    HIDE(lower); /* else one pointer is used, which needs 14 offsets, and spills */
    UNROLL
    for (int j = 0; j < vectors; j++) {
        vec bias = to->epilogue && to->epilogue->bias
                       ? load_up_to(to->epilogue->bias + j * VW, to->columns - (size_t)(j * VW))
                       : splat(0);
        UNROLL
        for (int i = 0; i < rows; i++)
            sum[i][j] = bias;
    }
    if (to->epilogue && to->epilogue->residual) /* in pieces that the processor does not foresee */
        EACH_SUM (i, j)
            __builtin_prefetch(to->epilogue->residual + (size_t)i * to->epilogue->residual_ld +
                               j * VW);
    for (size_t run = 0; run < from->runs; run++) {
        const float *x = a + run * from->run_step, *y = lower + run * from->run_step;
        size_t k = 0;
#if defined(__aarch64__)
        for (; k + VW <= from->run; k += VW, x += VW, y += VW, b += VW * vectors * VW) {
            UNROLL
            for (int i = 0; fetches && i < VW; i++, at += ahead->step)
                __builtin_prefetch(at, 0, 2);
            multiply_rows(rows, vectors, x, y, step, b, sum);
        }
#endif
        UNROLL_TWICE
        for (; k < from->run; k++, x++, y++, b += vectors * VW) {
            vec right[NV];
            if (fetches) {
                __builtin_prefetch(at, 0, 2);
                at += ahead->step;
            }
            UNROLL
            for (int j = 0; j < vectors; j++)
                right[j] = load(b + j * VW);
            EACH_SUM (i, j)
                sum[i][j] +=
                    right[j] * (i < HALF ? x[(size_t)i * step] : y[(size_t)(i - HALF) * step]);
        }
    }
    ahead->at = at;
    finish(rows, vectors, sum, to);
}

typedef void tile_function(const struct patches *from, const float *a, const float *b,
                           const struct target *to, struct ahead *ahead);

#define TILE(rows, vectors)                                                                        \
    static void tile_##rows##_##vectors(const struct patches *from, const float *a,                \
                                        const float *b, const struct target *to,                   \
                                        struct ahead *ahead)                                       \
    {                                                                                              \
        if (ahead->step)                                                                           \
            tile(1, rows, vectors, from, a, b, to, ahead);                                         \
        else                                                                                       \
            tile(0, rows, vectors, from, a, b, to, ahead);                                         \
    }
#include "nn/kernels/isa/tiles.h"

/* One panel of B with one line of A: `pixels` rows, split evenly over the tiles. */
static void line_panel(const struct patches *from, const float *a, const float *b, size_t vectors,
                       float *c, const struct epilogue *epilogue, struct target *to,
                       struct ahead *ahead)
{
    size_t count = (from->pixels + MR - 1) / MR, rows = from->pixels / count,
           more = from->pixels % count; /* `more` tiles have rows + 1 */
    struct epilogue here = {0};
    if (epilogue)
        here = *epilogue;
    to->epilogue = epilogue ? &here : NULL;
    for (size_t t = 0; t < count; t++) {
        size_t height = rows + (t < more);
        to->c = c;
        tile_functions[height - 1][vectors - 1](from, a, b, to, ahead);
        a += height * from->pixel_step;
        c += height * to->ldc;
        if (here.residual)
            here.residual += height * here.residual_ld;
    }
}

/* After the panel at that column comes the next one, or the next block along K. */
static struct ahead ahead_of(size_t n, size_t k, size_t k0, size_t kc, size_t column,
                             const float *packed, size_t tiles)
{
    enum { TILES_FEW = 16 };
    struct ahead ahead = {.step = (NR * sizeof *packed + tiles - 1) / tiles};
    if (tiles > TILES_FEW || (column + NR >= n && k0 + kc >= k))
        return (struct ahead){NULL, 0};
    ahead.at = (const char *)packed;
    if (column + NR < n)
        ahead.at += ((column + NR) * k + k0 * panel_vectors(n, column + NR) * VW) * sizeof *packed;
    else
        ahead.at += (k0 + kc) * panel_vectors(n, 0) * VW * sizeof *packed;
    return ahead;
}

/* A panel of B stays in the first-level cache while all of A passes by. */
void ISA_NAME(gemm_patches)(const struct patches *from, size_t n, size_t k, size_t k0,
                            const float *packed, float *c, size_t ldc, int accumulate,
                            const struct epilogue *epilogue)
{
    size_t tiles = from->images * from->lines * ((from->pixels + MR - 1) / MR);
    for (size_t column = 0; column < n; column += NR) {
        size_t vectors = panel_vectors(n, column), row = 0;
        const float *b = packed + column * k + k0 * vectors * VW;
        struct epilogue here = {0};
        struct target to = {.ldc = ldc, .accumulate = accumulate};
        struct ahead ahead = ahead_of(n, k, k0, from->runs * from->run, column, packed, tiles);
        to.columns = n - column < NR ? n - column : (size_t)NR;
        if (epilogue) {
            here = *epilogue;
            here.bias = epilogue->bias ? epilogue->bias + column : NULL;
        }
        to.clamp = clamp_of(&here);
        for (size_t image = 0; image < from->images; image++)
            for (size_t line = 0; line < from->lines; line++, row += from->pixels) {
                if (here.residual)
                    here.residual = epilogue->residual + row * here.residual_ld + column;
                line_panel(from, from->data + image * from->image_step + line * from->line_step, b,
                           vectors, c + row * ldc + column, epilogue ? &here : NULL, &to, &ahead);
            }
    }
}

void ISA_NAME(gemm_block)(size_t m, size_t n, size_t k, size_t k0, size_t kc, const float *a,
                          size_t lda, const float *packed, float *c, size_t ldc, int accumulate,
                          const struct epilogue *epilogue)
{
    struct patches from = {.data = a, .images = 1, .lines = 1, .pixels = m, .pixel_step = lda};
    from.runs = 1;
    from.run = kc;
    ISA_NAME(gemm_patches)(&from, n, k, k0, packed, c, ldc, accumulate, epilogue);
}

size_t ISA_NAME(gemm_kc)(size_t k)
{
    size_t blocks = (k + KC_MAX - 1) / KC_MAX;
    return blocks ? (k + blocks - 1) / blocks : 0;
}

void ISA_NAME(gemm_packed)(size_t m, size_t n, size_t k, const float *a, size_t lda,
                           const float *packed, float *c, size_t ldc, int accumulate,
                           const struct epilogue *epilogue)
{
    size_t step = ISA_NAME(gemm_kc)(k);
    for (size_t row = 0; row < m; row += GEMM_MC, c += GEMM_MC * ldc) {
        size_t height = m - row < GEMM_MC ? m - row : (size_t)GEMM_MC, k0 = 0;
        struct epilogue here = epilogue ? *epilogue : (struct epilogue){0};
        struct epilogue_parts parts;
        if (here.residual)
            here.residual += row * here.residual_ld;
        parts = parts_of(&here, c);
        do { /* once even when k is 0: the result is then the epilogue of zero */
            size_t kc = k - k0 < step ? k - k0 : step;
            ISA_NAME(gemm_block)
            (height, n, k, k0, kc, a ? a + row * lda + k0 : a, lda, packed, c, ldc,
             accumulate || parts.in_place || k0 > 0,
             epilogue ? part_of(&parts, k0 == 0, k0 + kc == k) : NULL);
            k0 += kc;
        } while (k0 < k);
    }
}
