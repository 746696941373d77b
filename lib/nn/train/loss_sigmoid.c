/* The logistic function and cross-entropy, label by label: with x the logit and t the target, the
 * loss of a label is -t * log(sigmoid(x)) - (1 - t) * log(1 - sigmoid(x)) = max(x, 0) - t * x +
 * log(1 + exp(-|x|)), which overflows nowhere. A picture's loss is the sum over its labels, those
 * with t < 0 left out; the batch's is the mean over the pictures. With label smoothing s the
 * gradient's t is (1 - s) * t + s / 2. With w the weight of the label where it is there (PyTorch's
 * pos_weight), the gradient by x is ((w * t + 1 - t) * sigmoid(x) - w * t) / pictures. */
#include "nn/train/train_internal.h"

#include <math.h>

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
        size_t labels = result.labels;
        for (size_t c = 0; c < classes; c++) {
            double x = (double)logits[c], t = (double)target[c];
            if (t < 0)
                continue;
            result.loss += (x > 0 ? x : 0) - t * x + log1p(exp(-fabs(x)));
            result.labels++;
            result.correct += (x > 0) == (t > 0.5);
        }
        result.count += result.labels > labels;
    }
    trainer->lane_result[lane] = result;
}

static double sigmoid(double x)
{
    double small = exp(-fabs(x));
    return (x < 0 ? small : 1) / (1 + small);
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct trainer *trainer = layer->trainer;
    size_t classes = layer->in[0]->size, first, count = lane_pictures(trainer, lane, &first);
    double share = 1.0 / (double)trainer->count;
    double smoothing = (double)trainer->options.label_smoothing;
    (void)worker;
    for (size_t i = first * classes; i < (first + count) * classes; i++) {
        double weight = trainer->class_weights ? (double)trainer->class_weights[i % classes] : 1;
        double t = (1 - smoothing) * (double)trainer->targets[i] + smoothing / 2;
        double p = sigmoid((double)layer->in[0]->data[i]);
        double wrong = (weight * t + 1 - t) * p - weight * t;
        layer->in[0]->grad[i] = trainer->targets[i] < 0 ? 0 : (float)(wrong * share);
    }
}

const struct train_op train_loss_sigmoid = {
    .op_type = "",
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
