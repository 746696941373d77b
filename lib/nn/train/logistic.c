#include "nn/train/logistic.h"
#include "base/memory.h"
#include "nn/train/curvature.h"
#include "nn/train/logistic_pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A loss that is next to nothing. */
static const double NOTHING = 1e-6;
/* Logits are f32: so much of the loss is rounding. Where all samples are told
 * apart surely, the loss bends no more. */
static const double PRECISION = 2.5e-7, BEND_LEAST = 1e-6;

struct fit {
    const struct samples *samples;
    const struct logistic_options *options;
    struct pool *pool;
    struct lbfgs_problem *problem;
    struct pass *pass;
    struct curvature *curvature;
    size_t columns, size; /* size: weights */
    int has_bias;
    double *x;             /* columns x length weights, then columns biases of centred features */
    double *bias;          /* columns: the plain ones of the last evaluation */
    struct pass_sums sums; /* of the last evaluation */
    struct batch_result score; /* of the last iteration */
};

/* 1 for two classes, whose logits' difference is all that counts. */
static size_t columns_of(size_t classes)
{
    return classes == 2 ? 1 : classes;
}

static void plain_biases(const struct fit *fit, const double *x)
{
    const double *mean = curvature_mean(fit->curvature);
    size_t length = fit->samples->length;
    for (size_t c = 0; c < fit->columns; c++) {
        double sum = 0;
        for (size_t j = 0; j < length; j++)
            sum += mean[j] * x[c * length + j];
        fit->bias[c] = x[fit->size + c] - sum;
    }
}

static struct batch_result score_of(const struct pass_sums *sums, size_t count)
{
    return (struct batch_result){
        .loss = sums->loss, .count = count, .labels = count, .correct = sums->correct};
}

/* The search runs in centred features, where biases and weights do not pull at
 * each other: its bias is b + w * mean. */
static enum status evaluate(void *context, const double *x, double *value, double *gradient,
                            struct error *err)
{
    struct fit *fit = context;
    const double *mean = curvature_mean(fit->curvature);
    size_t length = fit->samples->length;
    double count = (double)fit->samples->count, squares = 0, largest = 1, bend;
    plain_biases(fit, x);
    TRY(pass_run(fit->pass, x, fit->has_bias ? fit->bias : NULL, gradient, &fit->sums, err));
    for (size_t c = 0; fit->has_bias && c < fit->columns; c++)
        for (size_t j = 0; j < length; j++)
            gradient[c * length + j] -= mean[j] * gradient[fit->size + c];
    for (size_t i = 0; i < fit->size; i++) {
        squares += x[i] * x[i];
        gradient[i] = gradient[i] / count + fit->options->l2 * x[i];
    }
    for (size_t c = 0; fit->has_bias && c < fit->columns; c++)
        gradient[fit->size + c] /= count;
    *value = fit->sums.loss / count + fit->options->l2 / 2 * squares;
    for (size_t c = 0; fit->has_bias && c < fit->columns; c++)
        largest = fabs(fit->bias[c]) > largest ? fabs(fit->bias[c]) : largest;
    fit->problem->precision = PRECISION * largest / sqrt(count) / *value;
    bend = fit->sums.bend / count / (fit->columns == 1 ? 1 : (double)(fit->columns - 1));
    if (fit->options->l1 > 0) /* what the search has kept of it must stay true */
        return STATUS_OK;
    return curvature_set(fit->curvature, bend > BEND_LEAST ? bend : BEND_LEAST, fit->options->l2,
                         err);
}

static double diagonal(void *context, size_t i)
{
    struct fit *fit = context;
    return curvature_diagonal(fit->curvature,
                              i < fit->size ? i % fit->samples->length : fit->samples->length);
}

static void add_column(void *context, size_t i, double times, double *v)
{
    struct fit *fit = context;
    size_t length = fit->samples->length;
    if (i < fit->size)
        curvature_add_column(fit->curvature, i % length, times, v + i / length * length);
    else
        v[i] += times * curvature_diagonal(fit->curvature, length);
}

static void precondition(void *context, double *v)
{
    struct fit *fit = context;
    for (size_t c = 0; c < fit->columns; c++)
        curvature_solve(fit->curvature, v + c * fit->samples->length,
                        fit->has_bias ? v + fit->size + c : NULL);
}

static int report(void *context, const struct lbfgs_state *state)
{
    struct fit *fit = context;
    size_t count = fit->samples->count;
    fit->score = score_of(&fit->sums, count);
    if (fit->options->report && fit->options->report(fit->options->context, state, &fit->score))
        return 1;
    return fit->options->l1 + fit->options->l2 == 0 && fit->score.correct == count &&
           fit->score.loss < NOTHING * (double)count;
}

/* The biases that are best without features: the classes' shares; and how
 * strongly the loss bends there. */
static double begin(struct fit *fit, const size_t *counts, size_t classes)
{
    double all = (double)fit->samples->count, mean = 0, bend = 0;
    for (size_t c = 0; c < classes; c++) {
        double share = ((double)counts[c] + 0.5) / (all + 0.5 * (double)classes);
        mean += log(share) / (double)classes;
        bend += share * (1 - share) / (double)classes;
    }
    if (fit->columns == 1 && fit->has_bias)
        fit->x[fit->size] = log(((double)counts[1] + 0.5) / ((double)counts[0] + 0.5));
    for (size_t c = 0; fit->columns > 1 && fit->has_bias && c < classes; c++)
        fit->x[fit->size + c] =
            log(((double)counts[c] + 0.5) / (all + 0.5 * (double)classes)) - mean;
    return fit->columns == 1 ? bend : bend * (double)classes / (double)(classes - 1);
}

static enum status prepare(struct fit *fit, size_t classes, struct error *err)
{
    size_t *counts = memory_array(classes, sizeof *counts);
    double bend;
    fit->x = memory_array(fit->size + fit->columns, sizeof *fit->x);
    fit->bias = memory_array(fit->columns, sizeof *fit->bias);
    if (!counts || !fit->x || !fit->bias) {
        free(counts);
        return error_memory(err);
    }
    for (size_t i = 0; i < fit->samples->count; i++)
        counts[fit->samples->class(fit->samples->context, i)]++;
    bend = begin(fit, counts, classes);
    free(counts);
    TRY(pass_new(fit->samples, fit->pool, fit->columns, &fit->pass, err));
    TRY(curvature_new(fit->samples, fit->pool, &fit->curvature, err));
    return curvature_set(fit->curvature, bend, fit->options->l2, err);
}

/* What was found, as a network has it. Softmax does not see what all biases
 * have in common. */
static void store(const struct fit *fit, struct linear *linear)
{
    const double *bias = fit->bias;
    size_t length = linear->length;
    double mean = 0;
    plain_biases(fit, fit->x);
    for (size_t c = 0; c < fit->columns; c++)
        mean += bias[c] / (double)fit->columns;
    for (size_t c = 0; c < linear->classes; c++) {
        double sign = c == 0 ? -0.5 : 0.5;
        for (size_t j = 0; j < length; j++)
            linear->weights[c * length + j] =
                (float)(fit->columns == 1 ? sign * fit->x[j] : fit->x[c * length + j]);
        if (linear->bias)
            linear->bias[c] = (float)(fit->columns == 1 ? sign * bias[0] : bias[c] - mean);
    }
}

enum status logistic_fit(const struct samples *samples, struct pool *pool,
                         const struct logistic_options *options, struct linear *linear,
                         struct lbfgs_result *result, struct batch_result *score, struct error *err)
{
    struct fit fit = {.samples = samples,
                      .options = options,
                      .pool = pool,
                      .columns = columns_of(linear->classes),
                      .has_bias = linear->bias != NULL};
    struct lbfgs_problem problem = {.l1 = options->l1,
                                    .context = &fit,
                                    .evaluate = evaluate,
                                    .precondition = precondition,
                                    .diagonal = diagonal,
                                    .add_column = add_column,
                                    .report = report};
    enum status status;
    fit.problem = &problem;
    fit.size = fit.columns * linear->length;
    problem.l1_count = fit.size;
    problem.count = fit.size + (fit.has_bias ? fit.columns : 0);
    status = prepare(&fit, linear->classes, err);
    if (status == STATUS_OK)
        status = lbfgs_minimise(&problem, &options->search, fit.x, result, err);
    if (status == STATUS_OK) {
        *score = result->state.iterations ? fit.score : score_of(&fit.sums, samples->count);
        store(&fit, linear);
    }
    pass_free(fit.pass);
    curvature_free(fit.curvature);
    free(fit.x);
    free(fit.bias);
    return status;
}

enum status logistic_measure(const struct samples *samples, struct pool *pool,
                             const struct linear *linear, struct batch_result *score,
                             struct error *err)
{
    size_t columns = columns_of(linear->classes), size = columns * linear->length;
    double *x = memory_array(size + columns, sizeof *x);
    struct pass *pass = NULL;
    struct pass_sums sums;
    enum status status = x ? pass_new(samples, pool, columns, &pass, err) : error_memory(err);
    if (status == STATUS_OK) {
        for (size_t i = 0; i < size; i++)
            x[i] = (double)linear->weights[i];
        for (size_t j = 0; columns == 1 && j < size; j++)
            x[j] = (double)linear->weights[linear->length + j] - x[j];
        for (size_t c = 0; linear->bias && c < columns; c++)
            x[size + c] = columns == 1 ? (double)linear->bias[1] - (double)linear->bias[0]
                                       : (double)linear->bias[c];
        status = pass_run(pass, x, linear->bias ? x + size : NULL, NULL, &sums, err);
    }
    if (status == STATUS_OK)
        *score = score_of(&sums, samples->count);
    pass_free(pass);
    free(x);
    return status;
}
