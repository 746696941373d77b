/* Gradients against finite differences of the loss, weight by weight, and the random pictures that
 * they are measured on. */
#ifndef TESTS_NN_TRAIN_GRADIENT_H
#define TESTS_NN_TRAIN_GRADIENT_H

#include "nn/train/train_internal.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>

enum { BATCH = 5, CLASSES = 3, SAMPLES = 12 };

struct pictures {
    size_t size;
    uint64_t seed;
};

static enum status load(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err)
{
    struct pictures *pictures = context;
    struct random random;
    (void)worker, (void)err;
    random_seed(&random, pictures->seed + position);
    for (size_t i = 0; i < pictures->size; i++)
        pixels[i] = (float)random_normal(&random);
    memset(target, 0, CLASSES * sizeof *target);
    target[random_below(&random, CLASSES)] = 1;
    return STATUS_OK;
}

static double loss(struct trainer *trainer, const struct batch_source *source)
{
    struct batch_result result;
    struct error err;
    trainer->batch_number = 7; /* the same Dropout each time */
    trainer_step(trainer, source, 0, BATCH, 0, &result, &err);
    return result.loss / BATCH;
}

/* Relative error of some weights' gradients of one parameter. */
static double difference(struct trainer *trainer, const struct batch_source *source,
                         struct parameter *parameter)
{
    double wrong = 0, size = 0;
    size_t step = parameter->count / SAMPLES + 1;
    for (size_t i = 0; i < parameter->count; i += step) {
        float was = parameter->value[i], delta = 5e-4f;
        double analytic, numeric;
        loss(trainer, source);
        analytic = (double)parameter->grad[i];
        parameter->value[i] = was + delta;
        numeric = loss(trainer, source);
        parameter->value[i] = was - delta;
        numeric = (numeric - loss(trainer, source)) / (2 * (double)delta);
        parameter->value[i] = was;
        wrong += (analytic - numeric) * (analytic - numeric);
        size += numeric * numeric;
    }
    return sqrt(wrong) / (sqrt(size) + 1e-2);
}

/* Every parameter's; `what` begins the names of the checks. */
static void check_gradients(struct trainer *trainer, const struct batch_source *source,
                            const char *what)
{
    trainer->options.optimiser.weight_decay = 0;
    for (size_t i = 0; i < trainer->parameter_count; i++) {
        double error;
        if (trainer->parameters[i].rate <= 0)
            continue;
        error = difference(trainer, source, &trainer->parameters[i]);
        if (!ok(error < 0.02, "%s: gradient of parameter %zu (%s)", what, i,
                trainer->parameters[i].name))
            printf("#   relative error %g, analytic %g\n", error,
                   (double)trainer->parameters[i].grad[0]);
    }
}

#endif
