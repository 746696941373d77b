/* BatchNormalization (Ioffe & Szegedy 2015): y = (x - mean) / sqrt(var + epsilon) * scale + bias
 * per channel.
 *
 * In training mean and (biased) variance are those of the whole batch: each lane sums its own
 * pictures, the sums are added in lane order, and only then the lanes go on. The running values
 * become momentum * running + (1 - momentum) * batch, with the unbiased variance, as PyTorch does
 * it; the finished model uses them. During the first 1 / (1 - momentum) steps they are the plain
 * average of all batches so far (PyTorch's momentum=None), but for layers that have learned before:
 * what they begin with tells nothing of the data, and would still weigh a third after ten steps.
 * Backward, with n pixels, r = 1 / sqrt(var + epsilon), S1 = sum(dy), S2 = sum(dy * (x - mean)):
 * dbias = S1, dscale = S2 * r, dx = scale * r * (dy - S1 / n - (x - mean) * r^2 * S2 / n)
 *
 * In the same pass a second input may be added, and the sum clipped (fuse.c): then dy is the part
 * of the gradient that passes, which is the second input's gradient too. */
#include "nn/train/layers/fuse.h"

#include <math.h>
#include <string.h>

enum { SCALE, BIAS, MEAN, VARIANCE }; /* its parameters, in the order of the node's inputs */

struct batchnorm {
    size_t channels;
    float epsilon, momentum;
    double *sums;         /* lanes x 2 x channels */
    float *mean, *rstd;   /* of the batch */
    float *scale, *shift; /* y = scale x + shift */
    float *a, *b, *d;     /* dx = a dy + b x + d */
    float *infer_scale, *infer_shift;
    float low, high; /* of the output */
};

static float *channel_array(struct layer *layer, size_t count)
{
    return arena_alloc(layer->trainer->arena, count, sizeof(float));
}

static enum status setup(struct layer *layer, const struct model *model, struct error *err)
{
    struct batchnorm *norm = arena_alloc(layer->trainer->arena, 1, sizeof *norm);
    const float *constant[4];
    size_t channels = (size_t)layer->in[0]->dims.channels;
    struct parameter *scale, *bias, *mean, *variance;
    if (!norm)
        return error_memory(err);
    layer->state = norm;
    norm->channels = channels;
    norm->epsilon = node_float(layer->node, "epsilon", 1e-5f);
    norm->momentum = node_float(layer->node, "momentum", 0.9f);
    for (size_t i = 0; i < 4; i++)
        if (!(constant[i] = layer_constant(layer, model, i + 1, channels, err)))
            return err->status;
    if (!(scale = layer_parameter(layer, "scale", channels, 1, 0, err)) ||
        !(bias = layer_parameter(layer, "bias", channels, 1, 0, err)) ||
        !(mean = layer_buffer(layer, "mean", channels, err)) ||
        !(variance = layer_buffer(layer, "var", channels, err)))
        return err->status;
    norm->low = -INFINITY;
    norm->high = INFINITY;
    norm->mean = channel_array(layer, 9 * channels);
    norm->sums = arena_alloc(layer->trainer->arena, 2 * channels * LANES_MAX, sizeof(double));
    if (!norm->mean || !norm->sums)
        return error_memory(err);
    norm->rstd = norm->mean + channels;
    norm->a = norm->rstd + channels;
    norm->b = norm->a + channels;
    norm->d = norm->b + channels;
    norm->infer_scale = norm->d + channels;
    norm->infer_shift = norm->infer_scale + channels;
    norm->scale = norm->infer_shift + channels;
    norm->shift = norm->scale + channels;
    memcpy(scale->value, constant[0], channels * sizeof(float));
    memcpy(bias->value, constant[1], channels * sizeof(float));
    memcpy(mean->value, constant[2], channels * sizeof(float));
    memcpy(variance->value, constant[3], channels * sizeof(float));
    return STATUS_OK;
}

static float *running_mean(const struct layer *layer)
{
    return layer->parameter[MEAN]->value;
}

static float *running_variance(const struct layer *layer)
{
    return layer->parameter[VARIANCE]->value;
}

void batchnorm_clip(struct layer *layer, float low, float high)
{
    struct batchnorm *norm = layer->state;
    norm->low = low;
    norm->high = high;
}

static void prepare(struct layer *layer)
{
    struct batchnorm *norm = layer->state;
    const float *scale = layer->parameter[SCALE]->value, *bias = layer->parameter[BIAS]->value;
    const float *mean = running_mean(layer), *variance = running_variance(layer);
    for (size_t c = 0; c < norm->channels; c++) {
        norm->infer_scale[c] = scale[c] / sqrtf(variance[c] + norm->epsilon);
        norm->infer_shift[c] = bias[c] - mean[c] * norm->infer_scale[c];
    }
}

static double *lane_sums(const struct batchnorm *norm, int lane)
{
    return norm->sums + (size_t)lane * 2 * norm->channels;
}

/* Adds up the lanes' sums into the first lane's; returns the number of pixels. */
static double total(struct layer *layer)
{
    struct batchnorm *norm = layer->state;
    size_t pixels;
    for (int lane = 1; lane < layer->trainer->lanes; lane++)
        for (size_t i = 0; i < 2 * norm->channels; i++)
            norm->sums[i] += lane_sums(norm, lane)[i];
    pixels = layer->trainer->count * (layer->in[0]->size / norm->channels);
    return (double)pixels;
}

static size_t lane_rows(const struct layer *layer, int lane, size_t *first)
{
    size_t size = layer->in[0]->size, channels = (size_t)layer->in[0]->dims.channels;
    size_t count = lane_pictures(layer->trainer, lane, first);
    *first *= size;
    return count * (size / channels);
}

static void forward_sums(struct layer *layer, int lane, int worker)
{
    struct batchnorm *norm = layer->state;
    size_t first, rows = lane_rows(layer, lane, &first);
    (void)worker;
    memset(lane_sums(norm, lane), 0, 2 * norm->channels * sizeof(double));
    layer->trainer->train->moments(rows, norm->channels, layer->in[0]->data + first,
                                   running_mean(layer), lane_sums(norm, lane),
                                   lane_sums(norm, lane) + norm->channels);
}

static void forward_statistics(struct layer *layer, int job, int worker)
{
    struct batchnorm *norm = layer->state;
    double n = total(layer);
    double steps = (double)layer->trainer->batch_number, average = (steps - 1) / steps;
    double keep =
        average < (double)norm->momentum && !layer->learned ? average : (double)norm->momentum;
    float *running = running_mean(layer), *spread = running_variance(layer);
    (void)job, (void)worker;
    for (size_t c = 0; c < norm->channels; c++) {
        double shifted = norm->sums[c] / n, square = norm->sums[norm->channels + c] / n;
        double variance = square - shifted * shifted > 0 ? square - shifted * shifted : 0;
        double mean = shifted + (double)running[c], rest = 1 - keep;
        norm->mean[c] = (float)mean;
        norm->rstd[c] = (float)(1 / sqrt(variance + (double)norm->epsilon));
        norm->scale[c] = layer->parameter[SCALE]->value[c] * norm->rstd[c];
        norm->shift[c] = layer->parameter[BIAS]->value[c] - norm->mean[c] * norm->scale[c];
        running[c] = (float)(keep * (double)running[c] + rest * mean);
        spread[c] = (float)(keep * (double)spread[c] + rest * variance * (n > 1 ? n / (n - 1) : 1));
    }
}

static void apply(struct layer *layer, int lane, const float *scale, const float *shift)
{
    struct batchnorm *norm = layer->state;
    size_t first, rows = lane_rows(layer, lane, &first);
    layer->trainer->train->affine_clip(rows, norm->channels, layer->in[0]->data + first, scale,
                                       shift,
                                       layer->in_count > 1 ? layer->in[1]->data + first : NULL,
                                       norm->low, norm->high, layer->out->data + first);
}

static void forward_apply(struct layer *layer, int lane, int worker)
{
    struct batchnorm *norm = layer->state;
    (void)worker;
    apply(layer, lane, norm->scale, norm->shift);
}

static void infer(struct layer *layer, int lane, int worker)
{
    struct batchnorm *norm = layer->state;
    (void)worker;
    apply(layer, lane, norm->infer_scale, norm->infer_shift);
}

/* Where the gradient lies that has passed the bounds, once pass_residual is done. */
static float *passed(const struct layer *layer)
{
    return layer->in_count > 1 && layer->in[1]->needs_grad && !layer->more[1] ? layer->in[1]->grad
                                                                              : layer->out->grad;
}

/* What passes the bounds is the gradient of the residual. */
static void pass_residual(struct layer *layer, size_t first, size_t count)
{
    const struct batchnorm *norm = layer->state;
    const struct train_kernels *kernels = layer->trainer->train;
    kernels->clip_gradient(count, layer->out->data + first, norm->low, norm->high,
                           layer->out->grad + first, passed(layer) + first, 0);
    if (layer->in[1]->needs_grad && layer->more[1])
        kernels->add(count, passed(layer) + first, layer->in[1]->grad + first);
}

/* Without a residual, what passes is told by x; NULL where all of it passes. */
static const struct norm_gate *gate(const struct layer *layer, struct norm_gate *gate)
{
    const struct batchnorm *norm = layer->state;
    *gate = (struct norm_gate){norm->scale, norm->shift, norm->low, norm->high};
    return layer->in_count > 1 || (norm->low == -INFINITY && norm->high == INFINITY) ? NULL : gate;
}

static void backward_sums(struct layer *layer, int lane, int worker)
{
    struct batchnorm *norm = layer->state;
    size_t first, rows = lane_rows(layer, lane, &first);
    struct norm_gate bounds;
    (void)worker;
    if (layer->in_count > 1)
        pass_residual(layer, first, rows * norm->channels);
    memset(lane_sums(norm, lane), 0, 2 * norm->channels * sizeof(double));
    layer->trainer->train->gradient_moments(
        rows, norm->channels, passed(layer) + first, layer->in[0]->data + first, norm->mean,
        gate(layer, &bounds), lane_sums(norm, lane), lane_sums(norm, lane) + norm->channels);
}

static void backward_statistics(struct layer *layer, int job, int worker)
{
    struct batchnorm *norm = layer->state;
    double n = total(layer);
    (void)job, (void)worker;
    for (size_t c = 0; c < norm->channels; c++) {
        double s1 = norm->sums[c], s2 = norm->sums[norm->channels + c], r = (double)norm->rstd[c];
        double a = (double)layer->parameter[SCALE]->value[c] * r, b = -a * r * r * s2 / n;
        layer->parameter[SCALE]->grad[c] = (float)(s2 * r);
        layer->parameter[BIAS]->grad[c] = (float)s1;
        norm->a[c] = (float)a;
        norm->b[c] = (float)b;
        norm->d[c] = (float)(-a * s1 / n - b * (double)norm->mean[c]);
    }
}

static void backward_apply(struct layer *layer, int lane, int worker)
{
    struct batchnorm *norm = layer->state;
    size_t first, rows = lane_rows(layer, lane, &first);
    struct norm_gate bounds;
    (void)worker;
    if (layer->in[0]->needs_grad)
        layer->trainer->train->affine2(
            rows, norm->channels, passed(layer) + first, layer->in[0]->data + first, norm->a,
            norm->b, norm->d, gate(layer, &bounds), layer->in[0]->grad + first, layer->more[0]);
}

static enum status store(const struct layer *layer, struct model *model, struct error *err)
{
    for (size_t i = 0; i < 4; i++)
        if (layer_store(layer, model, i + 1, layer->parameter[i]->value, err) != STATUS_OK)
            return err->status;
    return STATUS_OK;
}

const struct train_op train_batchnorm = {
    .op_type = "BatchNormalization",
    .shape = layer_shape_kept,
    .setup = setup,
    .prepare = prepare,
    .forward = {{PER_LANE, forward_sums}, {ONCE, forward_statistics}, {PER_LANE, forward_apply}},
    .infer = {{PER_LANE, infer}},
    .backward = {{PER_LANE, backward_sums},
                 {ONCE, backward_statistics},
                 {PER_LANE, backward_apply}},
    .store = store,
};
