/* Kernels of training (nn/train/kernels.h), compiled once per instruction set.
 *
 * gemm_tn is the one that costs: C += A^T B with A (P x K) the unrolled pixels and B (P x N) the
 * gradients of a convolution's output, both as they lie in memory. A tile of ROWS x 2 vectors of C
 * stays in registers while P runs; B is copied into panels two vectors wide, so that the inner loop
 * reads it in order; P goes in blocks of DEPTH, so that a block of A and of B stays in the first
 * two caches. Edges of K and N are copied into padded panels. The other loops are simple enough for
 * the compiler to vectorise: channels are contiguous. */
#include "nn/train/kernels.h"

#include <string.h>

#if defined(__AVX512F__)
enum { LANES = 16, ROWS = 8 };
#elif defined(__AVX2__)
enum { LANES = 8, ROWS = 6 };
#elif defined(__aarch64__)
enum { LANES = 4, ROWS = 8 };
#else
enum { LANES = 4, ROWS = 4 };
#endif
enum { PANEL = 2 * LANES, DEPTH = 128, CHUNK = 64, COLUMNS = 64 };

typedef float vector __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));

static void tile(size_t p, const float *a, size_t lda, const float *b, float *c, size_t ldc)
{
    vector sum[ROWS][2];
    for (int i = 0; i < ROWS; i++) {
        sum[i][0] = *(const vector *)(c + (size_t)i * ldc);
        sum[i][1] = *(const vector *)(c + (size_t)i * ldc + LANES);
    }
    for (size_t q = 0; q < p; q++, a += lda, b += PANEL) {
        vector b0 = *(const vector *)b, b1 = *(const vector *)(b + LANES);
        for (int i = 0; i < ROWS; i++) {
            sum[i][0] += a[i] * b0;
            sum[i][1] += a[i] * b1;
        }
    }
    for (int i = 0; i < ROWS; i++) {
        *(vector *)(c + (size_t)i * ldc) = sum[i][0];
        *(vector *)(c + (size_t)i * ldc + LANES) = sum[i][1];
    }
}

/* A tile of fewer than ROWS rows or PANEL columns goes through padded copies. */
static void edge_tile(size_t p, size_t rows, size_t columns, const float *a, size_t lda,
                      const float *b, float *c, size_t ldc)
{
    float padded_a[DEPTH * ROWS], padded_c[ROWS * PANEL] = {0};
    for (size_t i = 0; i < rows; i++)
        memcpy(padded_c + i * PANEL, c + i * ldc, columns * sizeof *c);
    if (rows < ROWS) {
        memset(padded_a, 0, sizeof padded_a);
        for (size_t q = 0; q < p; q++)
            memcpy(padded_a + q * ROWS, a + q * lda, rows * sizeof *a);
        a = padded_a;
        lda = ROWS;
    }
    tile(p, a, lda, b, padded_c, PANEL);
    for (size_t i = 0; i < rows; i++)
        memcpy(c + i * ldc, padded_c + i * PANEL, columns * sizeof *c);
}

static size_t gemm_tn_scratch(size_t n)
{
    return (n + PANEL - 1) / PANEL * PANEL * DEPTH;
}

static void pack(size_t p, size_t n, const float *b, size_t ldb, float *panels)
{
    for (size_t j = 0; j < n; j += PANEL) {
        size_t columns = n - j < PANEL ? n - j : PANEL;
        for (size_t q = 0; q < p; q++, panels += PANEL) {
            memcpy(panels, b + q * ldb + j, columns * sizeof *b);
            memset(panels + columns, 0, (PANEL - columns) * sizeof *b);
        }
    }
}

static void gemm_tn(size_t p, size_t k, size_t n, const float *a, size_t lda, const float *b,
                    size_t ldb, float *c, size_t ldc, float *scratch)
{
    for (size_t q = 0; q < p; q += DEPTH) {
        size_t depth = p - q < DEPTH ? p - q : DEPTH;
        pack(depth, n, b + q * ldb, ldb, scratch);
        for (size_t i = 0; i < k; i += ROWS) {
            size_t rows = k - i < ROWS ? k - i : ROWS;
            for (size_t j = 0; j < n; j += PANEL) {
                size_t columns = n - j < PANEL ? n - j : PANEL;
                if (rows == ROWS && columns == PANEL)
                    tile(depth, a + q * lda + i, lda, scratch + j * depth, c + i * ldc + j, ldc);
                else
                    edge_tile(depth, rows, columns, a + q * lda + i, lda, scratch + j * depth,
                              c + i * ldc + j, ldc);
            }
        }
    }
}

static void add(size_t count, const float *x, float *y)
{
    for (size_t i = 0; i < count; i++)
        y[i] += x[i];
}

/* A NaN stays a NaN: comparisons are written so that it is kept. */
static void clip(size_t count, const float *x, float low, float high, float *y)
{
    for (size_t i = 0; i < count; i++) {
        float value = x[i] < low ? low : x[i];
        y[i] = value > high ? high : value;
    }
}

static void clip_gradient(size_t count, const float *y, float low, float high, const float *dy,
                          float *dx, int more)
{
    if (more)
        for (size_t i = 0; i < count; i++)
            dx[i] += ((y[i] > low) & (y[i] < high)) ? dy[i] : 0;
    else
        for (size_t i = 0; i < count; i++)
            dx[i] = ((y[i] > low) & (y[i] < high)) ? dy[i] : 0;
}

static void sums(size_t rows, size_t channels, const float *x, float *sum)
{
    for (size_t from = 0; from < channels; from += COLUMNS) {
        size_t width = channels - from < COLUMNS ? channels - from : COLUMNS;
        double total[COLUMNS] = {0};
        for (size_t r = 0; r < rows; r += CHUNK) {
            size_t end = rows - r < CHUNK ? rows : r + CHUNK;
            float part[COLUMNS] = {0};
            for (size_t i = r; i < end; i++)
                for (size_t c = 0; c < width; c++)
                    part[c] += x[i * channels + from + c];
            for (size_t c = 0; c < width; c++)
                total[c] += (double)part[c];
        }
        for (size_t c = 0; c < width; c++)
            sum[from + c] = (float)total[c];
    }
}

static void moments(size_t rows, size_t channels, const float *x, const float *shift, double *sum,
                    double *squares)
{
    for (size_t from = 0; from < channels; from += COLUMNS) {
        size_t width = channels - from < COLUMNS ? channels - from : COLUMNS;
        for (size_t r = 0; r < rows; r += CHUNK) {
            size_t end = rows - r < CHUNK ? rows : r + CHUNK;
            float part[COLUMNS] = {0}, square[COLUMNS] = {0};
            for (size_t i = r; i < end; i++)
                for (size_t c = 0; c < width; c++) {
                    float value = x[i * channels + from + c] - shift[from + c];
                    part[c] += value;
                    square[c] += value * value;
                }
            for (size_t c = 0; c < width; c++) {
                sum[from + c] += (double)part[c];
                squares[from + c] += (double)square[c];
            }
        }
    }
}

static void gradient_moments(size_t rows, size_t channels, const float *dy, const float *x,
                             const float *mean, double *sum, double *product)
{
    for (size_t from = 0; from < channels; from += COLUMNS) {
        size_t width = channels - from < COLUMNS ? channels - from : COLUMNS;
        for (size_t r = 0; r < rows; r += CHUNK) {
            size_t end = rows - r < CHUNK ? rows : r + CHUNK;
            float part[COLUMNS] = {0}, multiplied[COLUMNS] = {0};
            for (size_t i = r; i < end; i++)
                for (size_t c = 0; c < width; c++) {
                    size_t at = i * channels + from + c;
                    part[c] += dy[at];
                    multiplied[c] += dy[at] * (x[at] - mean[from + c]);
                }
            for (size_t c = 0; c < width; c++) {
                sum[from + c] += (double)part[c];
                product[from + c] += (double)multiplied[c];
            }
        }
    }
}

static void affine(size_t rows, size_t channels, const float *x, const float *scale,
                   const float *shift, float *y)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < channels; c++)
            y[r * channels + c] = x[r * channels + c] * scale[c] + shift[c];
}

static void affine2(size_t rows, size_t channels, const float *dy, const float *x, const float *a,
                    const float *b, const float *d, float *dx, int more)
{
    for (size_t r = 0; r < rows; r++, dy += channels, x += channels, dx += channels) {
        if (more)
            for (size_t c = 0; c < channels; c++)
                dx[c] += dy[c] * a[c] + x[c] * b[c] + d[c];
        else
            for (size_t c = 0; c < channels; c++)
                dx[c] = dy[c] * a[c] + x[c] * b[c] + d[c];
    }
}

static void tap(size_t count, size_t channels, const float *x, size_t step, const float *w,
                float *y)
{
    for (size_t i = 0; i < count; i++, x += step, y += channels)
        for (size_t c = 0; c < channels; c++)
            y[c] += x[c] * w[c];
}

static void tap_input(size_t count, size_t channels, const float *dy, const float *w, float *dx,
                      size_t step)
{
    for (size_t i = 0; i < count; i++, dx += step, dy += channels)
        for (size_t c = 0; c < channels; c++)
            dx[c] += dy[c] * w[c];
}

static void tap_weight(size_t count, size_t channels, const float *dy, const float *x, size_t step,
                       float *dw)
{
    for (size_t i = 0; i < count; i++, x += step, dy += channels)
        for (size_t c = 0; c < channels; c++)
            dw[c] += dy[c] * x[c];
}

static void maximum(size_t count, size_t channels, const float *x, size_t step, unsigned char index,
                    float *y, unsigned char *at)
{
    for (size_t i = 0; i < count; i++, x += step, y += channels, at += channels)
        for (size_t c = 0; c < channels; c++) {
            int more = x[c] > y[c];
            y[c] = more ? x[c] : y[c];
            at[c] = more ? index : at[c];
        }
}

static void maximum_gradient(size_t count, size_t channels, const float *dy,
                             const unsigned char *at, unsigned char index, float *dx, size_t step)
{
    for (size_t i = 0; i < count; i++, dx += step, dy += channels, at += channels)
        for (size_t c = 0; c < channels; c++)
            dx[c] += at[c] == index ? dy[c] : 0;
}

static void sgd(size_t count, float *w, float *v, const float *g, float rate, float momentum,
                float decay, int nesterov)
{
    for (size_t i = 0; i < count; i++) {
        float gradient = g[i] + decay * w[i];
        v[i] = momentum * v[i] + gradient;
        w[i] -= rate * (nesterov ? gradient + momentum * v[i] : v[i]);
    }
}

#define PASTE2(a, b) a##b
#define PASTE(a, b)  PASTE2(a, b)

extern const struct train_kernels PASTE(train_kernels_, ISA);
const struct train_kernels PASTE(train_kernels_, ISA) = {
    .gemm_tn = gemm_tn,
    .gemm_tn_scratch = gemm_tn_scratch,
    .add = add,
    .clip = clip,
    .clip_gradient = clip_gradient,
    .sums = sums,
    .moments = moments,
    .gradient_moments = gradient_moments,
    .affine = affine,
    .affine2 = affine2,
    .tap = tap,
    .tap_input = tap_input,
    .tap_weight = tap_weight,
    .maximum = maximum,
    .maximum_gradient = maximum_gradient,
    .sgd = sgd,
};
