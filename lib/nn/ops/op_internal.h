/* What the families of operators share. Shapes in here are known: no dimension is -1. */
#ifndef NN_OPS_OP_INTERNAL_H
#define NN_OPS_OP_INTERNAL_H

#include "nn/ops/op.h"

/* Every family: infer_NAME and run_NAME, as in struct op. */
#define OP_FAMILY(name)                                                                            \
    enum status infer_##name(struct op_call *call, struct error *err);                             \
    enum status run_##name(struct op_call *call, struct error *err)
OP_FAMILY(arg);               /* ArgMax ArgMin */
OP_FAMILY(batch_norm);        /* BatchNormalization */
OP_FAMILY(binary);            /* Add Sub ... Equal Less ... And Or Xor, Max Min Sum Mean, PRelu */
OP_FAMILY(cast);              /* Cast CastLike */
OP_FAMILY(channel_norm);      /* InstanceNormalization GroupNormalization */
OP_FAMILY(clip);              /* Clip */
OP_FAMILY(concat);            /* Concat */
OP_FAMILY(constant);          /* Constant */
OP_FAMILY(constant_of_shape); /* ConstantOfShape */
OP_FAMILY(conv);              /* Conv */
OP_FAMILY(copy);              /* Identity Reshape Flatten Squeeze Unsqueeze */
OP_FAMILY(depth_space);       /* DepthToSpace SpaceToDepth */
OP_FAMILY(dequantize);        /* DequantizeLinear */
OP_FAMILY(dropout);           /* Dropout */
OP_FAMILY(expand);            /* Expand */
OP_FAMILY(gather);            /* Gather */
OP_FAMILY(gather_elements);   /* GatherElements */
OP_FAMILY(gemm);              /* Gemm */
OP_FAMILY(global_pool);       /* GlobalAveragePool GlobalMaxPool */
OP_FAMILY(layer_norm);        /* LayerNormalization */
OP_FAMILY(lrn);               /* LRN */
OP_FAMILY(matmul);            /* MatMul */
OP_FAMILY(mvn);               /* MeanVarianceNormalization */
OP_FAMILY(pad);               /* Pad */
OP_FAMILY(pool);              /* AveragePool MaxPool */
OP_FAMILY(qlinear_conv);      /* QLinearConv */
OP_FAMILY(qlinear_matmul);    /* QLinearMatMul */
OP_FAMILY(quantize);          /* QuantizeLinear */
OP_FAMILY(range);             /* Range */
OP_FAMILY(reduce);            /* ReduceSum ReduceMean ... */
OP_FAMILY(resize);            /* Resize Upsample */
OP_FAMILY(scatter_nd);        /* ScatterND */
OP_FAMILY(shape);             /* Shape Size */
OP_FAMILY(slice);             /* Slice */
OP_FAMILY(softmax);           /* Softmax LogSoftmax */
OP_FAMILY(split);             /* Split */
OP_FAMILY(tile);              /* Tile */
OP_FAMILY(topk);              /* TopK */
OP_FAMILY(transpose);         /* Transpose */
OP_FAMILY(unary);             /* Abs Exp Relu Sigmoid ... Not */
OP_FAMILY(where);             /* Where */

/* --- arguments ------------------------------------------------------------------------------- */

/* STATUS_USAGE unless the first in_min inputs are there and there are no more than in_max, and 1 to
 * out_max outputs. */
enum status op_arity(const struct op_call *call, size_t in_min, size_t in_max, size_t out_max,
                     struct error *err);
/* The input, or NULL. */
const struct tensor *op_in(const struct op_call *call, size_t i);
/* STATUS_END when the tensor's elements are not known yet. */
enum status op_known(const struct tensor *tensor, struct error *err);
/* -rank..rank-1 to 0..rank-1. */
enum status op_axis(int64_t axis, int rank, int *result, struct error *err);
/* Output i has this type and shape; STATUS_USAGE when the shape is too large. */
enum status op_out(struct op_call *call, size_t i, enum element_type type,
                   const struct shape *shape, struct error *err);
/* `count` elements of `size` bytes from the call's scratch memory; NULL when short. */
void *op_scratch(struct op_call *call, int64_t count, size_t size);

/* All of a tensor as f32: itself, or a copy in scratch memory; NULL when memory is short. */
const float *op_floats(struct op_call *call, const struct tensor *tensor);
/* f32 memory for a result: the output itself, or scratch that op_floats_done stores there. */
float *op_floats_out(struct op_call *call, struct tensor *out);
void op_floats_done(const float *floats, struct tensor *out);

/* Integers that are an attribute in older opsets and an input in later ones. */
struct op_list {
    int given;
    int64_t count;
    const int64_t *ints;         /* the attribute */
    const struct tensor *tensor; /* or the input */
};
enum status op_list(const struct op_call *call, const char *attribute, size_t input,
                    struct op_list *list, struct error *err);
int64_t op_list_at(const struct op_list *list, int64_t i);
/* A set of axes of `rank` dimensions as flags; STATUS_USAGE when out of range or twice. */
enum status op_axes(const struct op_list *list, int rank, int flags[SHAPE_RANK_MAX],
                    struct error *err);

/* --- shapes ---------------------------------------------------------------------------------- */

/* The product of the dimensions from (inclusive) to (exclusive). */
int64_t shape_product(const struct shape *shape, int from, int to);
/* Elements from one index of a dimension to the next. */
void shape_strides(const struct shape *shape, int64_t strides[SHAPE_RANK_MAX]);
/* NumPy's rule; result is widened by the shape. STATUS_USAGE when they do not go together. */
enum status shape_broadcast(struct shape *result, const struct shape *shape, struct error *err);
/* Strides of a tensor broadcast to `to`: 0 where it is repeated. */
void shape_broadcast_strides(const struct shape *shape, const struct shape *to,
                             int64_t strides[SHAPE_RANK_MAX]);
/* Counts index up within the shape, the last dimension but `inner` first; 0 after the last. */
int shape_next(const struct shape *shape, int inner, int64_t index[SHAPE_RANK_MAX]);

/* Copies a block of elements of `size` bytes, with any strides (in elements, may be negative) on
 * both sides. */
void copy_strided(const struct shape *shape, size_t size, const void *from,
                  const int64_t from_strides[SHAPE_RANK_MAX], void *to,
                  const int64_t to_strides[SHAPE_RANK_MAX]);

/* --- elements -------------------------------------------------------------------------------- */

int is_float(enum element_type type);
int64_t op_int_at(const struct tensor *tensor, int64_t i);
double op_real_at(const struct tensor *tensor, int64_t i);
/* NaN is 0, what is out of range the nearest. */
int64_t real_to_int(double value);

/* Elements from `from` on, `stride` elements apart (0: the same again), as numbers of one type. */
void to_floats(enum element_type type, const void *from, int64_t stride, int64_t count, float *to);
void to_doubles(enum element_type type, const void *from, int64_t stride, int64_t count,
                double *to);
void to_ints(enum element_type type, const void *from, int64_t stride, int64_t count, int64_t *to);
/* And back; integers wrap around, reals go towards zero when they become integers. */
void from_floats(enum element_type type, const float *from, int64_t count, void *to);
void from_doubles(enum element_type type, const double *from, int64_t count, void *to);
void from_ints(enum element_type type, const int64_t *from, int64_t count, void *to);

/* --- windows --------------------------------------------------------------------------------- */

enum { WINDOW_DIMS = 3 };

/* How a kernel slides over a picture of up to three dimensions; the missing ones, in front, are 1.
 */
struct window {
    int dims; /* spatial dimensions there are */
    int64_t in[WINDOW_DIMS], out[WINDOW_DIMS], kernel[WINDOW_DIMS];
    int64_t stride[WINDOW_DIMS], dilation[WINDOW_DIMS];
    int64_t before[WINDOW_DIMS], after[WINDOW_DIMS]; /* padding */
};

/* From the attributes of Conv, MaxPool ... (kernel_shape, strides, dilations, pads, auto_pad,
 * ceil_mode) and the shape N x C x spatial. kernel: the weight's spatial dimensions; NULL:
 * kernel_shape must be there. */
enum status window_make(const struct op_call *call, const struct shape *in, const int64_t *kernel,
                        struct window *window, struct error *err);
/* N x channels x window.out. */
void window_shape(const struct window *window, int64_t images, int64_t channels,
                  struct shape *shape);

/* --- products, for Gemm, MatMul and the quantised ones ------------------------------------------
 */

/* The shape of MatMul(a, b) and, for run, the strides of the stacks of matrices. */
struct matmul {
    int64_t m, n, k;
    struct shape stack; /* the leading dimensions, broadcast */
    int64_t a_strides[SHAPE_RANK_MAX], b_strides[SHAPE_RANK_MAX]; /* in matrices */
    struct shape out;
};
enum status matmul_make(const struct shape *a, const struct shape *b, struct matmul *matmul,
                        struct error *err);
/* c (m x n) = a (m x k) b (k x n). */
void matmul_floats(const struct matmul *matmul, const float *a, const float *b, float *c);
void matmul_ints(const struct matmul *matmul, const int64_t *a, const int64_t *b, int64_t *c);

/* The window of a Conv call with these shapes of its first two inputs; checks them. */
enum status conv_check(const struct op_call *call, const struct shape *in,
                       const struct shape *weight, struct window *window, struct error *err);

#endif
