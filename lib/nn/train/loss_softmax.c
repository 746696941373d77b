/* Softmax and cross-entropy: loss = -sum_c target[c] * log(softmax(logits)[c]), averaged over the
 * batch. The gradient by the logits is (sum(aim) * softmax - aim) / pictures, where aim is the
 * target; with label smoothing s (Szegedy et al. 2016) it is (1 - s) * target + s * sum(target) /
 * classes, and with weights of the classes that times the weight, as PyTorch has it. PyTorch then
 * divides by the batch's weights, not by its pictures. */
#include "nn/train/train_internal.h"

#include <math.h>

static size_t largest(const float *x, size_t count)
{
    size_t best = 0;
    for (size_t c = 1; c < count; c++)
        if (x[c] > x[best])
            best = c;
    return best;
}

/* log(sum(exp(logits))) without overflow. */
static double log_sum(const float *logits, size_t classes)
{
    double sum = 0, most = (double)logits[largest(logits, classes)];
    for (size_t c = 0; c < classes; c++)
        sum += exp((double)logits[c] - most);
    return log(sum) + most;
}

static double sum_of(const float *target, size_t classes)
{
    double sum = 0;
    for (size_t c = 0; c < classes; c++)
        sum += (double)target[c];
    return sum;
}

static void forward(struct layer *layer, int lane, int worker)
{
    struct trainer *trainer = layer->trainer;
    struct batch_result result = {0};
    size_t classes = layer->in[0]->size, first, count = lane_pictures(trainer, lane, &first);
    (void)worker;
    for (size_t i = first; i < first + count && trainer->lane_error[lane].status == STATUS_OK;
         i++) {
        const float *logits = layer->in[0]->data + i * classes;
        const float *target = trainer->targets + i * classes;
        double sum = log_sum(logits, classes);
        if (sum_of(target, classes) <= 0)
            continue;
        for (size_t c = 0; c < classes; c++)
            if (target[c] > 0)
                result.loss += (double)target[c] * (sum - (double)logits[c]);
        result.count++;
        result.labels++;
        result.correct += largest(logits, classes) == largest(target, classes);
    }
    trainer->lane_result[lane] = result;
}

/* What the gradient pulls class c towards. */
static double aim(const struct trainer *trainer, const float *target, size_t c, double others)
{
    double smoothing = (double)trainer->options.label_smoothing;
    double weight = trainer->class_weights ? (double)trainer->class_weights[c] : 1;
    return weight * ((1 - smoothing) * (double)target[c] + others);
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct trainer *trainer = layer->trainer;
    size_t classes = layer->in[0]->size, first, count = lane_pictures(trainer, lane, &first);
    double share = 1.0 / (double)trainer->count;
    (void)worker;
    for (size_t i = first; i < first + count; i++) {
        const float *logits = layer->in[0]->data + i * classes;
        const float *target = trainer->targets + i * classes;
        float *gradient = layer->in[0]->grad + i * classes;
        double sum = log_sum(logits, classes), whole = 0;
        double others =
            (double)trainer->options.label_smoothing * sum_of(target, classes) / (double)classes;
        for (size_t c = 0; c < classes; c++)
            whole += aim(trainer, target, c, others);
        for (size_t c = 0; c < classes; c++)
            gradient[c] =
                (float)((whole * exp((double)logits[c] - sum) - aim(trainer, target, c, others)) *
                        share);
    }
}

const struct train_op train_loss_softmax = {
    .op_type = "",
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
