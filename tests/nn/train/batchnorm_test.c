/* If this fails, a network that learned for a few steps only is judged, and written, with running
 * statistics that still hold what they began with. */
#include "nn/netfile/netfile.h"
#include "nn/train/train.h"
#include "tests/tap.h"

#include <math.h>

enum { BATCH = 4, CHANNELS = 2, STEPS = 40 };

/* Batch b holds b + 1 and b + 3 in channel 0, and 10 times that in channel 1. */
static double value(size_t position, int channel)
{
    double batch = (double)(position / BATCH);
    return (batch + (position % 2 ? 3 : 1)) * (channel ? 10 : 1);
}

static enum status load(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err)
{
    (void)context, (void)worker, (void)err;
    for (int c = 0; c < CHANNELS; c++)
        pixels[c] = (float)value(position, c);
    target[0] = target[1] = 0;
    target[position % 2] = 1;
    return STATUS_OK;
}

static float stored(const struct model *model, const char *end, int channel)
{
    for (size_t i = 0; i < model->value_count; i++) {
        const struct value *constant = &model->values[i];
        const char *dot = constant->constant ? strrchr(constant->name, '.') : NULL;
        if (dot && strcmp(dot, end) == 0)
            return ((const float *)constant->constant->data)[channel];
    }
    return NAN;
}

int main(void)
{
    static const char text[] = "BatchNormalization\nFlatten\nGemm units=2\n";
    struct netfile_options network = {.input = {CHANNELS, 1, 1}, .classes = 2, .seed = 1};
    struct trainer_options training = {.batch = BATCH, .seed = 1};
    struct batch_source source = {load, NULL};
    struct batch_result result;
    struct pool *pool = NULL;
    struct model *model = NULL;
    struct trainer *trainer = NULL;
    struct error err = {0};
    double mean = 0, variance = 0;
    if (!ok(pool_new(2, &pool, &err) == STATUS_OK &&
                netfile_parse(text, strlen(text), "net", &network, &model, &err) == STATUS_OK &&
                trainer_new(model, pool, &training, &trainer, &err) == STATUS_OK,
            "the network is built"))
        return tap_done();
    for (size_t step = 0; step < STEPS; step++) {
        double average = (double)step / (double)(step + 1), keep = average < 0.9 ? average : 0.9;
        mean = keep * mean + (1 - keep) * ((double)step + 2);
        variance = keep * variance + (1 - keep) * 4.0 / 3; /* 1, 3, 1, 3 around 2 */
        trainer_step(trainer, &source, step * BATCH, BATCH, 0, &result, &err);
        trainer_store(trainer, model, &err);
        if (step == 0)
            near((double)stored(model, ".mean", 0), 2, 1e-5, "after a step: the batch's mean");
        if (step == 7)
            near((double)stored(model, ".mean", 0), 5.5, 1e-5, "after 8: the plain average");
    }
    for (int c = 0; c < CHANNELS; c++) {
        double unit = c ? 10 : 1;
        near((double)stored(model, ".mean", c) / unit, mean, 1e-4, "after 40: the mean moves on");
        near((double)stored(model, ".var", c) / unit / unit, variance, 1e-4,
             "and the variance is unbiased");
    }
    trainer_free(trainer);
    model_free(model);
    pool_free(pool);
    return tap_done();
}
