/* C = A * B on packed B, register-blocked, with a fused epilogue.
 *
 * Layout: B is packed into panels NV * VW columns wide (the last one as many vectors as it needs),
 * each panel K rows of consecutive vectors, columns beyond N zero. A and C stay as they are.
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

enum { NR = NV * VW };

static size_t panel_vectors(size_t n, size_t column)
{
    size_t left = n - column;
    return left >= NR ? (size_t)NV : (left + VW - 1) / VW;
}

size_t ISA_NAME(packed_size)(size_t k, size_t n)
{
    return k * ((n + VW - 1) / VW * VW) * sizeof(float);
}

void ISA_NAME(pack_b)(const float *b, size_t ldb, int transposed, size_t k, size_t n, float *packed)
{
    for (size_t column = 0; column < n; column += NR) {
        size_t width = panel_vectors(n, column) * VW;
        for (size_t row = 0; row < k; row++, packed += width)
            for (size_t j = 0; j < width; j++) {
                size_t at = column + j;
                packed[j] = at >= n ? 0 : transposed ? b[at * ldb + row] : b[row * ldb + at];
            }
    }
}

/* Where a tile goes: C at its first row and column; columns is how many of its columns exist. */
struct target {
    float *c;
    size_t ldc, columns;
    int accumulate;
    const struct epilogue *epilogue; /* pointers already at the tile's first row and column */
    float low, high;                 /* NONE, RELU and CLIP are all clamping */
    int clamps;
};

INLINE vec finish(const struct target *to, vec x, size_t row, size_t column)
{
    const struct epilogue *epilogue = to->epilogue;
    size_t left = to->columns - column;
    int whole = left >= VW;
    float *c = to->c + row * to->ldc + column;
    if (to->accumulate)
        x += whole ? load(c) : load_part(c, left);
    if (!epilogue)
        return x;
    if (epilogue->bias)
        x += whole ? load(epilogue->bias + column) : load_part(epilogue->bias + column, left);
    if (epilogue->residual) {
        const float *residual = epilogue->residual + row * epilogue->residual_ld + column;
        x += whole ? load(residual) : load_part(residual, left);
    }
    return to->clamps ? vmin(splat(to->high), vmax(splat(to->low), x))
                      : ISA_NAME(activate)(epilogue, x);
}

/* rows and vectors are constants of each instance below, so everything is unrolled and stays in
 * registers. */
INLINE void tile(const int rows, const int vectors, size_t kc, const float *a, size_t lda,
                 const float *b, const struct target *to)
{
    vec sum[MR][NV] = {{{0}}};
    for (size_t k = 0; k < kc; k++, a++, b += vectors * VW) {
        vec right[NV];
#pragma GCC unroll 4
        for (int j = 0; j < vectors; j++)
            right[j] = load(b + j * VW);
#pragma GCC unroll 16
        for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
            for (int j = 0; j < vectors; j++)
                sum[i][j] += right[j] * a[(size_t)i * lda];
    }
    if (to->columns == (size_t)vectors * VW && !to->accumulate && to->epilogue && to->clamps &&
        !to->epilogue->residual && to->epilogue->bias) { /* by far the most frequent ending */
        const float *bias = to->epilogue->bias;
        vec low = splat(to->low), high = splat(to->high);
#pragma GCC unroll 16
        for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
            for (int j = 0; j < vectors; j++)
                store(to->c + (size_t)i * to->ldc + j * VW,
                      vmin(high, vmax(low, sum[i][j] + load(bias + j * VW))));
        return;
    }
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < vectors; j++) {
            size_t left = to->columns - (size_t)(j * VW);
            vec x = finish(to, sum[i][j], (size_t)i, (size_t)(j * VW));
            float *c = to->c + (size_t)i * to->ldc + j * VW;
            if (left >= VW)
                store(c, x);
            else
                store_part(c, x, left);
        }
}

typedef void tile_function(size_t kc, const float *a, size_t lda, const float *b,
                           const struct target *to);

#define TILE(rows, vectors)                                                                        \
    static void tile_##rows##_##vectors(size_t kc, const float *a, size_t lda, const float *b,     \
                                        const struct target *to)                                   \
    {                                                                                              \
        tile(rows, vectors, kc, a, lda, b, to);                                                    \
    }
#define TILES(rows) TILE(rows, 1) TILE(rows, 2)
#define ENTRY(rows)                                                                                \
    {                                                                                              \
        tile_##rows##_1, tile_##rows##_2                                                           \
    }
TILES(1)
TILES(2)
TILES(3)
TILES(4)
TILES(5)
TILES(6)
#if defined(__AVX512F__) || defined(__aarch64__)
TILES(7)
TILES(8)
TILES(9)
TILES(10)
TILES(11)
TILES(12)
#endif
#if defined(__AVX512F__)
TILES(13)
TILES(14)
#endif

static tile_function *const tiles[MR][NV] = {
    ENTRY(1),  ENTRY(2),  ENTRY(3), ENTRY(4),  ENTRY(5),  ENTRY(6),
#if defined(__AVX512F__) || defined(__aarch64__)
    ENTRY(7),  ENTRY(8),  ENTRY(9), ENTRY(10), ENTRY(11), ENTRY(12),
#endif
#if defined(__AVX512F__)
    ENTRY(13), ENTRY(14),
#endif
};

static void set_clamp(struct target *to)
{
    const struct epilogue *epilogue = to->epilogue;
    to->low = -INFINITY;
    to->high = INFINITY;
    to->clamps = 1;
    if (!epilogue)
        return;
    switch (epilogue->activation) {
    case ACTIVATION_NONE:
        break;
    case ACTIVATION_RELU:
        to->low = 0;
        break;
    case ACTIVATION_CLIP:
        to->low = epilogue->low;
        to->high = epilogue->high;
        break;
    default:
        to->clamps = 0;
    }
}

void ISA_NAME(gemm_block)(size_t m, size_t n, size_t k, size_t k0, size_t kc, const float *a,
                          size_t lda, const float *packed, float *c, size_t ldc, int accumulate,
                          const struct epilogue *epilogue)
{
    size_t count = (m + MR - 1) / MR, rows = m / count,
           more = m % count; /* `more` tiles have rows + 1 */
    for (size_t column = 0; column < n; column += NR) {
        size_t vectors = panel_vectors(n, column), row = 0;
        const float *b = packed + column * k + k0 * vectors * VW;
        struct epilogue here = {0};
        struct target to = {
            .ldc = ldc, .accumulate = accumulate, .epilogue = epilogue ? &here : NULL};
        to.columns = n - column < NR ? n - column : (size_t)NR;
        if (epilogue)
            here = *epilogue;
        set_clamp(&to);
        for (size_t t = 0; t < count; t++) {
            size_t height = rows + (t < more);
            to.c = c + row * ldc + column;
            if (epilogue) {
                here.bias = epilogue->bias ? epilogue->bias + column : NULL;
                here.residual = epilogue->residual
                                    ? epilogue->residual + row * epilogue->residual_ld + column
                                    : NULL;
            }
            tiles[height - 1][vectors - 1](kc, a + row * lda, lda, b, &to);
            row += height;
        }
    }
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
    for (size_t row = 0; row < m; row += GEMM_MC) {
        size_t height = m - row < GEMM_MC ? m - row : (size_t)GEMM_MC, k0 = 0;
        struct epilogue here = {0};
        if (epilogue) {
            here = *epilogue;
            here.residual =
                epilogue->residual ? epilogue->residual + row * epilogue->residual_ld : NULL;
        }
        do { /* once even when k is 0: the result is then the epilogue of zero */
            size_t kc = k - k0 < step ? k - k0 : step;
            int last = k0 + kc == k;
            ISA_NAME(gemm_block)
            (height, n, k, k0, kc, a ? a + row * lda + k0 : a, lda, packed, c + row * ldc, ldc,
             accumulate || k0 > 0, epilogue && last ? &here : NULL);
            k0 += kc;
        } while (k0 < k);
    }
}
