#include "nn/train/logistic_pass.h"
#include "base/memory.h"
#include "nn/kernels/kernels.h"
#include "nn/train/kernels.h"
#include "nn/train/logistic.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_BYTES = 512 << 10, /* of features: with the weights it fits a second-level cache */
    BLOCK_LEAST = 8,
    BLOCK_MOST = 512,
    LANES = 16,             /* threads that can work at most */
    LANE_BYTES = 128 << 20, /* of all lanes' gradients: with larger ones there are fewer lanes */
};

size_t logistic_block(size_t length)
{
    size_t rows = BLOCK_BYTES / sizeof(float) / length;
    return rows < BLOCK_LEAST ? BLOCK_LEAST : rows > BLOCK_MOST ? BLOCK_MOST : rows;
}

/* A thread's own. */
struct pass_worker {
    const float **row;
    float *logits;   /* block x columns, then the gradient by them */
    float *gradient; /* columns x length, of the block */
    double *exponential;
};

/* A part of the samples: sums in f64. */
struct lane {
    double *gradient; /* columns x length, columns */
    struct pass_sums sums;
    struct error err;
};

struct pass {
    const struct samples *samples;
    struct pool *pool;
    struct arena *arena;
    const struct train_kernels *kernels;
    size_t columns, lanes;
    struct lane lane[LANES];
    struct pass_worker *workers;
    float *weights; /* columns x length */
    const double *bias;
    int wants_gradient;
    atomic_size_t next; /* lane to do */
};

static enum status allocate(struct pass *pass, struct error *err)
{
    size_t size = pass->columns * pass->samples->length, block = pass->samples->block;
    int workers = pool_size(pass->pool), complete;
    struct arena *arena = pass->arena = arena_new();
    if (!arena)
        return error_memory(err);
    pass->weights = arena_alloc(arena, size, sizeof(float));
    pass->workers = arena_alloc(arena, (size_t)workers, sizeof *pass->workers);
    complete = pass->weights && pass->workers;
    for (int i = 0; complete && i < workers; i++) {
        struct pass_worker *own = &pass->workers[i];
        own->row = arena_alloc(arena, block, sizeof *own->row);
        own->logits = arena_alloc(arena, block * pass->columns, sizeof(float));
        own->gradient = arena_alloc(arena, size, sizeof(float));
        own->exponential = arena_alloc(arena, pass->columns, sizeof(double));
        complete = own->row && own->logits && own->gradient && own->exponential;
    }
    for (size_t i = 0; complete && i < pass->lanes; i++) {
        pass->lane[i].gradient = arena_alloc(arena, size + pass->columns, sizeof(double));
        complete = pass->lane[i].gradient != NULL;
    }
    return complete ? STATUS_OK : error_memory(err);
}

enum status pass_new(const struct samples *samples, struct pool *pool, size_t columns,
                     struct pass **result, struct error *err)
{
    struct pass *pass = memory_array(1, sizeof *pass);
    size_t bytes = columns * (samples->length + 1) * sizeof(double);
    if (!pass)
        return error_memory(err);
    pass->samples = samples;
    pass->pool = pool;
    pass->kernels = train_kernels_of(kernels_best());
    pass->columns = columns;
    pass->lanes = LANE_BYTES / bytes < 1       ? 1
                  : LANE_BYTES / bytes > LANES ? LANES
                                               : LANE_BYTES / bytes;
    if (allocate(pass, err) != STATUS_OK) {
        pass_free(pass);
        return err->status;
    }
    *result = pass;
    return STATUS_OK;
}

void pass_free(struct pass *pass)
{
    if (!pass)
        return;
    arena_free(pass->arena);
    free(pass);
}

/* -log of the probability of the class; the logit becomes the gradient by it. */
static void sigmoid(const struct pass *pass, float *logit, int class, struct pass_sums *sums)
{
    double z = (double)*logit + (pass->bias ? pass->bias[0] : 0);
    double small = exp(-fabs(z)), p = z >= 0 ? 1 / (1 + small) : small / (1 + small);
    sums->loss += log1p(small) + (class ? (z < 0 ? -z : 0) : (z > 0 ? z : 0));
    sums->bend += small / ((1 + small) * (1 + small));
    sums->correct += (z > 0) == (class != 0);
    *logit = (float)(p - (class ? 1 : 0));
}

static void softmax(const struct pass *pass, float *logits, int class, double *e,
                    struct pass_sums *sums)
{
    size_t columns = pass->columns, best = 0;
    double sum = 0;
    for (size_t c = 0; c < columns; c++) {
        e[c] = (double)logits[c] + (pass->bias ? pass->bias[c] : 0);
        if (e[c] > e[best])
            best = c;
    }
    sums->correct += best == (size_t) class;
    sums->loss -= e[class];
    sums->loss += e[best];
    for (double most = e[best], *at = e; at < e + columns; at++)
        sum += *at = exp(*at - most);
    sums->loss += log(sum);
    for (size_t c = 0; c < columns; c++) {
        double p = e[c] / sum;
        sums->bend += p * (1 - p);
        logits[c] = (float)(p - (c == (size_t) class ? 1 : 0));
    }
}

/* A block of samples into the sums of its lane. */
static enum status add_block(struct pass *pass, int worker, struct lane *lane, size_t first,
                             size_t count)
{
    const struct samples *samples = pass->samples;
    struct pass_worker *own = &pass->workers[worker];
    size_t columns = pass->columns, length = samples->length, size = columns * length;
    TRY(samples->fetch(samples->context, worker, first, count, own->row, &lane->err));
    pass->kernels->row_products(count, columns, length, own->row, pass->weights, own->logits);
    for (size_t i = 0; i < count; i++) {
        float *logits = own->logits + i * columns;
        int class = samples->class(samples->context, first + i);
        if (columns == 1)
            sigmoid(pass, logits, class, &lane->sums);
        else
            softmax(pass, logits, class, own->exponential, &lane->sums);
        for (size_t c = 0; c < columns; c++)
            lane->gradient[size + c] += (double)logits[c];
    }
    if (!pass->wants_gradient)
        return STATUS_OK;
    memset(own->gradient, 0, size * sizeof(float));
    pass->kernels->row_gradients(count, columns, length, own->row, own->logits, own->gradient);
    for (size_t i = 0; i < size; i++)
        lane->gradient[i] += (double)own->gradient[i];
    return STATUS_OK;
}

static void run_lanes(void *context, int worker)
{
    struct pass *pass = context;
    const struct samples *samples = pass->samples;
    size_t blocks = (samples->count + samples->block - 1) / samples->block, i;
    while ((i = atomic_fetch_add(&pass->next, 1)) < pass->lanes) {
        struct lane *lane = &pass->lane[i];
        size_t end = blocks * (i + 1) / pass->lanes;
        lane->err.status = STATUS_OK;
        lane->sums = (struct pass_sums){0};
        memset(lane->gradient, 0, pass->columns * (samples->length + 1) * sizeof(double));
        for (size_t b = blocks * i / pass->lanes; b < end; b++) {
            size_t first = b * samples->block, left = samples->count - first;
            if (add_block(pass, worker, lane, first,
                          left < samples->block ? left : samples->block) != STATUS_OK)
                break;
        }
    }
}

enum status pass_run(struct pass *pass, const double *weights, const double *bias, double *gradient,
                     struct pass_sums *sums, struct error *err)
{
    size_t size = pass->columns * pass->samples->length, all = size + pass->columns;
    for (size_t i = 0; i < size; i++)
        pass->weights[i] = (float)weights[i];
    pass->bias = bias;
    pass->wants_gradient = gradient != NULL;
    atomic_store(&pass->next, 0);
    pool_run(pass->pool, run_lanes, pass);
    *sums = (struct pass_sums){0};
    if (gradient)
        memset(gradient, 0, all * sizeof *gradient);
    for (size_t l = 0; l < pass->lanes; l++) {
        const struct lane *lane = &pass->lane[l];
        if (lane->err.status != STATUS_OK) {
            *err = lane->err;
            return err->status;
        }
        sums->loss += lane->sums.loss;
        sums->bend += lane->sums.bend;
        sums->correct += lane->sums.correct;
        for (size_t i = 0; gradient && i < all; i++)
            gradient[i] += lane->gradient[i];
    }
    return STATUS_OK;
}
