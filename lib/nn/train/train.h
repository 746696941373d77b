/* nn/train: learns the weights of a network.
 *
 * nn/netfile makes a struct model (nn/model.h) with random weights out of a network description,
 * imgnet(5); a model read from an ONNX file does as well, after nn/infer.h. A trainer takes the
 * model's graph and weights, runs batches forward and backward, changes its weights, and stores
 * them back into the model, which nn/onnx.h then writes.
 *
 * Inside, pictures are NHWC and f32. A batch is cut into lanes, a number that depends on the
 * network alone: each lane runs its pictures through all layers by itself and keeps its own
 * gradients, which are then added in the order of the lanes. BatchNormalization's statistics are
 * those of the whole batch. So the same seed gives the same weights, bit for bit, whatever the
 * number of threads (on machines with the same instruction set).
 */
#ifndef NN_TRAIN_TRAIN_H
#define NN_TRAIN_TRAIN_H

#include "base/pool.h"
#include "nn/dims.h"
#include "nn/model.h"
#include "nn/train/optimiser.h"
#include "nn/train/schedule.h"

/* What the pictures of a batch are. */
struct batch_source {
    /* Writes picture `position` (dims as the network's input, NHWC, normalised) and its target,
     * trainer_classes floats. Softmax: the share of each class. One class: 1 for it, 0 for the
     * others; a mixture of two pictures has two shares; a sum other than 1 is the picture's weight,
     * so with all 0 it counts for nothing. Sigmoid: 1 for each label that the picture has, 0 for
     * those that it has not, -1 for those of which nothing is known; between 0 and 1 for mixtures.
     * Called from several threads, each with its own `worker`. */
    enum status (*load)(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err);
    void *context;
};

/* What is minimised: the mean over the batch's pictures of minus the logarithm of the probability
 * that the network gives to the target. */
enum loss {
    LOSS_SOFTMAX, /* one class per picture: -sum(target * log(softmax)) */
    LOSS_SIGMOID, /* any number of labels: the sum over the labels known of
                     -(target * log(sigmoid) + (1 - target) * log(1 - sigmoid)) */
    LOSS_TYPES
};
const char *loss_name(enum loss loss); /* "softmax", "sigmoid" */

struct batch_result {
    double loss;    /* sum over the pictures, without label smoothing */
    size_t count;   /* pictures that have a target */
    size_t labels;  /* what was to be told: softmax: a class for each of these pictures; sigmoid:
                       each label known */
    size_t correct; /* of these: the most probable class has the largest share; the probability
                       of the label is on the same side of a half as the target */
};

struct trainer_options {
    int batch;     /* pictures per step, at most */
    uint64_t seed; /* of Dropout */
    struct optimiser optimiser;
    enum loss loss;
    float label_smoothing; /* the share of the target spread evenly over all classes; sigmoid: over
                              yes and no. 0 for none */
    double ema;            /* decay of the exponential moving average of the weights and of
                              BatchNormalization's running values, which is what is evaluated and
                              stored; in step t it is (1 + t) / (10 + t) at most. 0 for none */
    int keep;              /* trainer_keep will be called */
    const float *class_weights; /* trainer_classes, for the gradient: softmax: factors of the
                                   (smoothed) target; sigmoid: of the loss where the label is there.
                                   NULL: all 1 */
    int freeze_norm;            /* BatchNormalization does what it does in the finished model, and
                                   learns nothing */
    size_t body;                /* so many nodes, the first of the model, learn */
    float body_rate;            /* at this rate, as a factor of the others' */
};

struct trainer;

/* The shape of one picture as the node, whose operator can be trained, puts it out. STATUS_USAGE
 * says why it cannot be. */
enum status layer_shape(const struct model *model, const struct node *node, const struct dims *in,
                        size_t count, struct dims *out, struct error *err);

/* The model stays the caller's and must outlive the trainer; so must the pool. STATUS_FAILED: an
 * operator that cannot be trained here, named; STATUS_USAGE: the network makes no sense. */
enum status trainer_new(const struct model *model, struct pool *pool,
                        const struct trainer_options *options, struct trainer **trainer,
                        struct error *err);
void trainer_free(struct trainer *trainer);
int trainer_classes(const struct trainer *trainer);       /* elements of the output */
size_t trainer_parameters(const struct trainer *trainer); /* weights that learn */

/* Pictures first .. first + count - 1 (count <= batch): forward, backward, one step of the
 * optimiser. */
enum status trainer_step(struct trainer *trainer, const struct batch_source *source, size_t first,
                         size_t count, float rate, struct batch_result *result, struct error *err);
/* Forward only, as the finished model will do it. outputs: count x classes, or NULL. */
enum status trainer_evaluate(struct trainer *trainer, const struct batch_source *source,
                             size_t first, size_t count, float *outputs,
                             struct batch_result *result, struct error *err);
/* Remembers the weights as they are after this step (the averages, where there are any), as those
 * that trainer_store stores from now on. */
void trainer_keep(struct trainer *trainer);
/* An array of what the trainer carries from one step to the next: weights, what the optimiser and
 * BatchNormalization keep beside them, averages, kept weights, counters (i64). */
enum { TRAINER_NAME = 600 };
struct trainer_array {
    const char *name; /* "conv1.weight", "conv1.weight.momentum" */
    enum element_type type;
    void *data; /* may be written: a trainer with all arrays of another one goes on like it */
    size_t count;
};
struct trainer_visitor {
    enum status (*visit)(void *context, const struct trainer_array *array, struct error *err);
    void *context;
};
/* Visits all of them, always in the same order; stops where a visit does not return STATUS_OK. */
enum status trainer_state(struct trainer *trainer, const struct trainer_visitor *visitor,
                          struct error *err);
/* STATUS_USAGE names an array that holds a NaN or an infinity. */
enum status trainer_sound(struct trainer *trainer, struct error *err);
/* The first layer whose output in the last batch holds a NaN or an infinity; NULL when all are
 * finite. */
const char *trainer_unsound_layer(const struct trainer *trainer);
/* Puts the weights (those kept, or else the averages, or else those that it has learned), and how
 * many pictures they have learned from in all, into the model (the one of trainer_new, or one just
 * like it). */
enum status trainer_store(struct trainer *trainer, struct model *model, struct error *err);

#endif
