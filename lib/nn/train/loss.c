/* Softmax and cross-entropy: loss = -sum_c target[c] * log(softmax(logits)[c]), averaged over the
 * batch; the target is 1 for the class, or with label smoothing s (Szegedy et al. 2016) 1 - s + s /
 * classes for it and s / classes for the others. The gradient by the logits is (softmax - target) /
 * pictures. */
#include "nn/train/train_internal.h"

#include <math.h>

/* log(sum(exp(logits))) without overflow, and the place of the largest. */
static double log_sum(const float *logits, size_t classes, size_t *best)
{
    double sum = 0;
    *best = 0;
    for (size_t c = 1; c < classes; c++)
        if (logits[c] > logits[*best])
            *best = c;
    for (size_t c = 0; c < classes; c++)
        sum += exp((double)(logits[c] - logits[*best]));
    return log(sum) + (double)logits[*best];
}

static void forward(struct layer *layer, int lane, int worker)
{
    const struct trainer *trainer = layer->trainer;
    struct batch_result result = {0};
    size_t classes = layer->in[0]->size, first, count = lane_pictures(trainer, lane, &first), best;
    (void)worker;
    for (size_t i = first; i < first + count; i++) {
        const float *logits = layer->in[0]->data + i * classes;
        int label = trainer->labels[i];
        double sum = log_sum(logits, classes, &best);
        if (label < 0 || trainer->lane_error[lane].status != STATUS_OK)
            continue;
        result.loss += sum - (double)logits[label];
        result.count++;
        result.correct += best == (size_t)label;
    }
    layer->trainer->lane_result[lane] = result;
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct trainer *trainer = layer->trainer;
    size_t classes = layer->in[0]->size, first, count = lane_pictures(trainer, lane, &first), best;
    double share = 1.0 / (double)trainer->count;
    double others = (double)trainer->options.label_smoothing / (double)classes;
    (void)worker;
    for (size_t i = first; i < first + count; i++) {
        const float *logits = layer->in[0]->data + i * classes;
        float *gradient = layer->in[0]->grad + i * classes;
        int label = trainer->labels[i];
        double sum = log_sum(logits, classes, &best);
        for (size_t c = 0; c < classes; c++) {
            double target =
                others + (c == (size_t)label ? 1 - (double)trainer->options.label_smoothing : 0);
            gradient[c] = label < 0 ? 0 : (float)((exp((double)logits[c] - sum) - target) * share);
        }
    }
}

const struct train_op train_loss = {
    .op_type = "",
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
