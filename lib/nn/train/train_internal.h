/* Inside nn/train: layers, what flows between them, and the operators' table of functions. */
#ifndef NN_TRAIN_TRAIN_INTERNAL_H
#define NN_TRAIN_TRAIN_INTERNAL_H

#include "base/random.h"
#include "nn/kernels/kernels.h"
#include "nn/train/kernels.h"
#include "nn/train/train.h"

enum {
    LANES_MAX =
        16, /* parts of a batch: enough for 16 threads, few enough for their gradients' memory */
    LANE_GRADIENTS = 64 << 20, /* floats: with more in all lanes' gradients there are fewer lanes */
    PHASES_MAX = 3,
    PARAMETERS_MAX = 4,
    UPDATE_BLOCK = 16384, /* weights that one job adds up and changes */
};

struct layer;

/* Something of a picture: what a layer puts out. data and grad: batch x height x width x channels.
 */
struct activation_map {
    struct dims dims;
    size_t size; /* elements of one picture */
    int plain;   /* they lie in ONNX's order: neither a picture nor a vector, or N x H x W x C */
    float *data;
    float *grad; /* of the loss by data; NULL where nobody needs it (the input) */
    int uses;
    int needs_grad;
};

/* Weights that the optimiser changes, or what a layer learns by itself. */
struct parameter {
    const char *name;
    size_t count;
    float *value;
    float *grad;      /* lanes x count: a part per lane, added up in lane order into the first */
    int lanes;        /* 1 where the layer makes the whole gradient by itself */
    float *moment[2]; /* the optimiser's: of the gradient and of its square; NULL where not used */
    float *average;   /* exponential moving average of value; NULL: none is wanted */
    float *kept;      /* a copy of the best so far; NULL: none is wanted */
    int decay;        /* weight decay applies */
    const void *constant;     /* of the model, that several layers may share; NULL: they may not */
    const struct layer *user; /* the first of these */
    float *sum;               /* of their gradients, all lanes; NULL where there is one layer */
    int users, done;          /* layers; of these, those that have gone backward in this step */
    float rate; /* factor of the learning rate; 0: the optimiser leaves it alone, and there
                   is no grad */
};

/* One phase of an operator: run(layer, job, worker) for every job. Phases follow each other; jobs
 * of one phase run at the same time. PER_LANE phases that follow each other run lane by lane
 * without waiting for the other lanes. */
struct phase {
    enum split { PHASE_NONE, PER_LANE, PER_BLOCK, ONCE } split;
    void (*run)(struct layer *layer, int job, int worker);
};

struct train_op {
    const char *op_type;
    int many_inputs; /* every input is data (Add, Concat); else only the first */
    int in_place;    /* may write over its input, and its input's gradient over its output's */
    int elementwise; /* number by number, in whatever order they lie */
    int moves;       /* brings numbers into the order of another shape */
    /* Shape of the output of one picture. STATUS_USAGE says why not. */
    enum status (*shape)(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err);
    /* Takes weights and attributes out of the model. May be NULL. */
    enum status (*setup)(struct layer *layer, const struct model *model, struct error *err);
    /* Before each batch, when the weights may have changed. May be NULL. */
    void (*prepare)(struct layer *layer);
    struct phase forward[PHASES_MAX]; /* training */
    struct phase infer[PHASES_MAX];   /* as the finished model does it; none: like forward */
    struct phase backward[PHASES_MAX];
    /* Puts weights into the model. NULL: it has none. */
    enum status (*store)(const struct layer *layer, struct model *model, struct error *err);
};

struct layer {
    const struct train_op *op;
    const struct node *node;
    struct trainer *trainer;
    const char *name;
    size_t in_count;
    struct activation_map **in, *out;
    unsigned char
        *more; /* more[i]: the gradient of in[i] is added to, for another layer has begun it */
    struct parameter *parameter[PARAMETERS_MAX];
    int learned;    /* it belongs to the body, whose weights are not random */
    int blocks;     /* jobs of PER_BLOCK phases */
    size_t scratch; /* floats it needs per worker */
    void *state;    /* the operator's own */
};

struct step {
    struct layer *layer;
    void (*run)(struct layer *layer, int job, int worker);
};

/* Steps first .. first + count - 1 run one after the other for each job; the next region waits for
 * all jobs. */
struct region {
    size_t first, count;
    int jobs;
};

struct program {
    struct step *steps;
    struct region *regions;
    size_t step_count, region_count, step_room;
    enum split last;
};

struct trainer {
    struct arena *arena;
    struct pool *pool;
    struct trainer_options options;
    const struct kernels *kernels;
    const struct train_kernels *train;

    struct layer *layers; /* the first is the input, the last the loss */
    size_t layer_count;
    struct parameter *parameters;
    size_t parameter_count;
    const float *class_weights; /* NULL: all 1 */
    int lanes;
    float **scratch; /* per worker */
    size_t scratch_size;

    struct program learn, infer;

    /* Of the batch being run. */
    const struct batch_source *source;
    size_t first, count;
    uint64_t batch_number; /* counts the steps: seeds Dropout */
    uint64_t samples;      /* pictures learned from, those of earlier runs among them */
    uint64_t kept;         /* samples when trainer_keep was called; 0: it was not */
    float *targets;        /* batch x classes */
    struct batch_result lane_result[LANES_MAX];
    struct error lane_error[LANES_MAX];
    float rate;

    float gradient_scale;  /* below 1 where the gradient is clipped */
    double *block_squares; /* of the gradient, block by block */
};

/* ops.c */
/* The one for the node: constants and options may make it another than its name says. */
const struct train_op *train_op_of(const struct model *model, const struct node *node,
                                   const struct trainer_options *options);
/* unary.c: is there a formula for it? */
int unary_knows(const char *op_type);
extern const struct train_op train_input, train_loss_softmax, train_loss_sigmoid;
extern const struct train_op train_conv, train_batchnorm, train_relu, train_clip, train_maxpool,
    train_averagepool, train_globalaveragepool, train_gemm, train_flatten, train_add, train_concat,
    train_dropout, train_identity, train_affine, train_frozen_norm, train_matmul, train_move,
    train_mul, train_reducemean, train_unary;

/* loss.c */
const struct train_op *loss_op(enum loss loss);

/* program.c */
enum status program_add(struct program *program, struct trainer *trainer, struct layer *layer,
                        const struct phase *phases, struct error *err);
void program_run(const struct program *program, struct pool *pool);

/* fuse.c: layers that can do the next one in passing take it over. */
void trainer_fuse(struct trainer *trainer);

/* build.c: the trainer's layers and parameters, without memory for what flows between them. */
enum status trainer_build(struct trainer *trainer, const struct model *model, struct error *err);

/* optimiser.c: the update of the weights, at the end of the learning program. */
enum status optimiser_plan(struct trainer *trainer, struct error *err);

/* state.c: the averages, where there are any, take the places of the weights; and back. */
void state_swap_average(struct trainer *trainer);

/* shared.c: weights that several layers share. */
/* The parameter that another layer, which is just like this one, has made of the constant becomes
 * this one's, too; *shared is NULL when there is none. STATUS_FAILED: the layers are not alike. */
enum status shared_find(struct layer *layer, const void *constant, struct parameter **shared,
                        struct error *err);
/* After the layer's backward phases: the gradients of all who share a parameter are added up. */
enum status shared_plan(struct trainer *trainer, struct layer *layer, struct error *err);

/* layer.c: for operators. */
/* The shape of operators that keep that of their input. */
enum status layer_shape_kept(const struct model *model, const struct node *node,
                             const struct dims *in, size_t count, struct dims *out,
                             struct error *err);
struct parameter *layer_parameter(struct layer *layer, const char *name, size_t count, int lanes,
                                  int decay, struct error *err);
/* What the optimiser leaves alone: BatchNormalization's running values. */
struct parameter *layer_buffer(struct layer *layer, const char *name, size_t count,
                               struct error *err);
/* The constant input i of the node as f32 with `count` elements; NULL with an error when it is not.
 */
const float *layer_constant(const struct layer *layer, const struct model *model, size_t i,
                            size_t count, struct error *err);
/* Replaces the constant input i by `data`, same shape. */
enum status layer_store(const struct layer *layer, struct model *model, size_t i, const float *data,
                        struct error *err);
/* Between ONNX's order of a weight and the operator's own, or (back) the other way. */
typedef void weights_order(const void *state, float *onnx, float *own, int back);
/* The weight (input 1, `count` elements) and, where there is one, the bias (input 2, one for each
 * of `outputs`) become parameters 0 and 1; layer->state must be set. */
enum status weights_take(struct layer *layer, const struct model *model, size_t count,
                         size_t outputs, int lanes, weights_order *order, struct error *err);
/* And back into the model. */
enum status weights_store(const struct layer *layer, struct model *model, weights_order *order,
                          struct error *err);
/* The pictures of a lane: first .. first + return value - 1. */
size_t lane_pictures(const struct trainer *trainer, int lane, size_t *first);
/* A lane's own part of the gradient of a parameter. */
float *lane_gradient(const struct parameter *parameter, int lane);
/* The gradient of the only input for these pictures is 0, unless another layer has begun it.
 * Returns 0 when nobody needs it. */
int begin_gradient(struct layer *layer, size_t first, size_t count);
float *worker_scratch(const struct trainer *trainer, int worker);

#endif
