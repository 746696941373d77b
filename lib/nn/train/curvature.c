#include "nn/train/curvature.h"
#include "base/memory.h"
#include "nn/kernels/kernels.h"
#include "nn/train/cholesky.h"
#include "nn/train/kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The covariance of PER_FEATURE samples for each feature bends within a factor
 * of 2 of that of all (Marchenko & Pastur 1967), at a cost of a few passes over
 * the data. */
enum { PER_FEATURE = 8, LEAST = 4096, FEATURES_MAX = 2048, RUN = 16, ROWS = 256, TILE = 128 };

struct curvature {
    struct pool *pool;
    const struct train_kernels *kernels;
    size_t length, count;
    int diagonal;
    float *shift;      /* a first guess at the mean, so that sums of squares keep their
                          digits */
    double *mean;      /* of all features */
    double *sum;       /* of x - shift, and its squares, */
    double *square;    /* which become the variance */
    float *covariance; /* length x length; NULL when diagonal */
    float *factor;     /* of bend * covariance + l2 */
    float *rows;       /* ROWS centred samples */
    size_t held;
    float *scratch; /* per worker, of gemm_tn */
    size_t scratch_size;
    double bend, l2;
};

/* covariance += rows^T rows, its upper triangle: each job TILE rows of it. */
static void add_products(void *context, int worker)
{
    const struct curvature *c = context;
    size_t n = c->length, step = (size_t)pool_size(c->pool) * TILE;
    for (size_t i = (size_t)worker * TILE; i < n; i += step)
        c->kernels->gemm_tn(c->held, n - i < TILE ? n - i : TILE, n - i, c->rows + i, n,
                            c->rows + i, n, c->covariance + i * n + i, n,
                            c->scratch + (size_t)worker * c->scratch_size);
}

static void flush(struct curvature *c)
{
    if (c->covariance && c->held)
        pool_run(c->pool, add_products, c);
    c->held = 0;
}

static void take(struct curvature *c, const float *row)
{
    float *to = c->rows + c->held * c->length;
    for (size_t j = 0; j < c->length; j++) {
        to[j] = row[j] - c->shift[j];
        c->sum[j] += (double)to[j];
        c->square[j] += (double)to[j] * (double)to[j];
    }
    c->count++;
    if (++c->held == ROWS)
        flush(c);
}

/* Runs of samples, evenly spread, for a file may be sorted. */
static enum status read_samples(struct curvature *c, const struct samples *samples,
                                struct error *err)
{
    size_t run = samples->block < RUN ? samples->block : RUN;
    size_t want = PER_FEATURE * c->length < LEAST ? LEAST : PER_FEATURE * c->length;
    size_t runs = (samples->count + run - 1) / run, step = 1;
    const float *row[RUN];
    if (c->diagonal)
        want = LEAST;
    if (want < samples->count)
        step = runs / ((want + run - 1) / run);
    for (size_t r = 0; r < runs; r += step) {
        size_t first = r * run, count = samples->count - first < run ? samples->count - first : run;
        TRY(samples->fetch(samples->context, 0, first, count, row, err));
        if (r == 0)
            memcpy(c->shift, row[0], c->length * sizeof(float));
        for (size_t i = 0; i < count; i++)
            take(c, row[i]);
    }
    flush(c);
    return STATUS_OK;
}

/* The sums become the mean, the variances and the covariances. */
static void finish(struct curvature *c)
{
    double count = (double)c->count;
    for (size_t j = 0; j < c->length; j++) {
        double off = c->sum[j] / count;
        c->sum[j] = off;
        c->mean[j] = (double)c->shift[j] + off;
        c->square[j] = c->square[j] / count - off * off;
        if (!(c->square[j] > 0))
            c->square[j] = 0;
    }
    for (size_t i = 0; c->covariance && i < c->length; i++) {
        float *row = c->covariance + i * c->length;
        row[i] = (float)c->square[i];
        for (size_t j = i + 1; j < c->length; j++)
            c->covariance[j * c->length + i] = row[j] =
                (float)((double)row[j] / count - c->sum[i] * c->sum[j]);
    }
}

static enum status prepare(struct curvature *c, struct error *err)
{
    size_t n = c->length, threads = (size_t)pool_size(c->pool);
    c->scratch_size = c->kernels->gemm_tn_scratch(n);
    c->shift = memory_array(n, sizeof *c->shift);
    c->mean = memory_array(n, sizeof *c->mean);
    c->sum = memory_array(n, sizeof *c->sum);
    c->square = memory_array(n, sizeof *c->square);
    c->rows = memory_array(ROWS, n * sizeof *c->rows);
    if (!c->shift || !c->mean || !c->sum || !c->square || !c->rows)
        return error_memory(err);
    if (c->diagonal)
        return STATUS_OK;
    c->covariance = memory_array(n, n * sizeof(float));
    c->factor = memory_array(n, n * sizeof(float));
    c->scratch = memory_array(threads, c->scratch_size * sizeof(float));
    return c->covariance && c->factor && c->scratch ? STATUS_OK : error_memory(err);
}

enum status curvature_new(const struct samples *samples, struct pool *pool,
                          struct curvature **result, struct error *err)
{
    struct curvature *c = memory_array(1, sizeof *c);
    enum status status;
    if (!c)
        return error_memory(err);
    c->pool = pool;
    c->kernels = train_kernels_of(kernels_best());
    c->length = samples->length;
    c->diagonal = samples->length > FEATURES_MAX;
    status = prepare(c, err);
    if (status == STATUS_OK)
        status = read_samples(c, samples, err);
    if (status != STATUS_OK) {
        curvature_free(c);
        return status;
    }
    finish(c);
    free(c->rows);
    c->rows = NULL;
    *result = c;
    return STATUS_OK;
}

void curvature_free(struct curvature *c)
{
    if (!c)
        return;
    free(c->shift);
    free(c->mean);
    free(c->sum);
    free(c->square);
    free(c->rows);
    free(c->covariance);
    free(c->factor);
    free(c->scratch);
    free(c);
}

enum status curvature_set(struct curvature *c, double bend, double l2, struct error *err)
{
    size_t n = c->length;
    if (c->bend > 0 && l2 == c->l2 && bend < 1.3 * c->bend && bend > c->bend / 1.3)
        return STATUS_OK;
    c->bend = bend;
    c->l2 = l2;
    if (c->diagonal)
        return STATUS_OK;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i; j < n; j++)
            c->factor[i * n + j] = (float)bend * c->covariance[i * n + j];
        c->factor[i * n + i] += (float)l2;
    }
    return cholesky_factor(n, c->factor, c->pool, err);
}

const double *curvature_mean(const struct curvature *c)
{
    return c->mean;
}

double curvature_diagonal(const struct curvature *c, size_t i)
{
    return i == c->length ? c->bend : c->bend * c->square[i] + c->l2;
}

void curvature_add_column(const struct curvature *c, size_t i, double times, double *w)
{
    const float *column = c->diagonal ? NULL : c->covariance + i * c->length;
    double factor = times * c->bend;
    for (size_t j = 0; column && j < c->length; j++)
        w[j] += factor * (double)column[j];
    w[i] += column ? times * c->l2 : times * curvature_diagonal(c, i);
}

void curvature_solve(const struct curvature *c, double *w, double *b)
{
    if (c->diagonal)
        for (size_t j = 0; j < c->length; j++) {
            double own = c->bend * c->square[j] + c->l2;
            w[j] /= own > 0 ? own : 1;
        }
    else
        cholesky_solve(c->length, c->factor, w);
    if (b)
        *b /= c->bend;
}
