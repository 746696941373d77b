#include "nn/train/cholesky.h"
#include "base/memory.h"
#include "nn/kernels/kernels.h"
#include "nn/train/kernels.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 64 };

static const float LOST = 1e-5f; /* of the diagonal: a pivot below is rounding */

struct factor {
    size_t n, k, block; /* rows k .. k + block - 1 are being worked on */
    float *a;
    float *minus;   /* -U of the block's rows, from column k + block on */
    float *scratch; /* per worker */
    size_t scratch_size;
    const struct train_kernels *kernels;
    int threads;
};

/* U of the block's rows, all columns. diagonal: that of A, for lost pivots. */
static void factor_rows(const struct factor *factor, const float *diagonal)
{
    size_t n = factor->n, k = factor->k;
    for (size_t i = k; i < k + factor->block; i++) {
        float *row = factor->a + i * n, pivot;
        for (size_t p = k; p < i; p++) {
            const float *above = factor->a + p * n;
            float times = above[i];
            for (size_t j = i; j < n; j++)
                row[j] -= times * above[j];
        }
        pivot = row[i];
        if (!(pivot > LOST * diagonal[i]))
            pivot = diagonal[i] > 0 ? diagonal[i] : 1;
        pivot = sqrtf(pivot);
        row[i] = pivot;
        for (size_t j = i + 1; j < n; j++)
            row[j] /= pivot;
    }
}

/* The rest of A less U^T U of the block: each job BLOCK rows of it. */
static void subtract(void *context, int worker)
{
    const struct factor *factor = context;
    size_t n = factor->n, from = factor->k + factor->block, width = n - from;
    for (size_t i = (size_t)worker * BLOCK; i < width; i += (size_t)factor->threads * BLOCK) {
        size_t rows = width - i < BLOCK ? width - i : BLOCK;
        factor->kernels->gemm_tn(factor->block, rows, width - i, factor->minus + i, width,
                                 factor->a + factor->k * n + from + i, n,
                                 factor->a + (from + i) * n + from + i, n,
                                 factor->scratch + (size_t)worker * factor->scratch_size);
    }
}

static void factor_blocks(struct factor *factor, const float *diagonal, struct pool *pool)
{
    for (; factor->k < factor->n; factor->k += factor->block) {
        size_t width;
        factor->block = factor->n - factor->k < BLOCK ? factor->n - factor->k : BLOCK;
        factor_rows(factor, diagonal);
        width = factor->n - factor->k - factor->block;
        for (size_t i = 0; i < factor->block; i++)
            for (size_t j = 0; j < width; j++)
                factor->minus[i * width + j] =
                    -factor->a[(factor->k + i) * factor->n + factor->k + factor->block + j];
        pool_run(pool, subtract, factor);
    }
}

enum status cholesky_factor(size_t n, float *a, struct pool *pool, struct error *err)
{
    struct factor factor = {.n = n, .a = a, .kernels = train_kernels_of(kernels_best())};
    float *diagonal = memory_array(n + 1, sizeof *diagonal);
    factor.threads = pool_size(pool);
    factor.scratch_size = factor.kernels->gemm_tn_scratch(n);
    factor.scratch = memory_array((size_t)factor.threads, factor.scratch_size * sizeof(float));
    factor.minus = memory_array(n + 1, BLOCK * sizeof(float));
    if (diagonal && factor.scratch && factor.minus) {
        for (size_t i = 0; i < n; i++)
            diagonal[i] = a[i * n + i];
        factor_blocks(&factor, diagonal, pool);
    } else {
        error_memory(err);
    }
    n = diagonal && factor.scratch && factor.minus;
    free(diagonal);
    free(factor.scratch);
    free(factor.minus);
    return n ? STATUS_OK : STATUS_SYSTEM;
}

void cholesky_solve(size_t n, const float *u, double *v)
{
    for (size_t i = 0; i < n; i++) { /* U^T y = v */
        const float *row = u + i * n;
        v[i] /= (double)row[i];
        for (size_t j = i + 1; j < n; j++)
            v[j] -= v[i] * (double)row[j];
    }
    for (size_t i = n; i-- > 0;) { /* U x = y */
        const float *row = u + i * n;
        double sum[4] = {0};
        size_t j = i + 1;
        for (; j + 4 <= n; j += 4)
            for (size_t k = 0; k < 4; k++)
                sum[k] += v[j + k] * (double)row[j + k];
        for (; j < n; j++)
            sum[0] += v[j] * (double)row[j];
        v[i] = (v[i] - ((sum[0] + sum[1]) + (sum[2] + sum[3]))) / (double)row[i];
    }
}
