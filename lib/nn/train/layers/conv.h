/* Inside nn/train/layers: the parts of Conv. Forward and the gradient by the input are convolutions
 * that the engine's kernels do (convolve.c); the gradient by the input is one of dY with the
 * flipped weights, for strides above 1 several (conv_input.c). */
#ifndef NN_TRAIN_LAYERS_CONV_H
#define NN_TRAIN_LAYERS_CONV_H

#include "nn/train/layers/window.h"

/* A convolution done by the engine's kernel that costs least. */
struct convolve {
    const struct convolution *how;
    struct kernel_window window; /* batch: the most pictures at a time */
    float *packed;               /* weights */
};

/* Chooses the kernel for window.batch pictures or fewer; 0 when memory is short. `scratch` becomes
 * at least the floats that a run needs. */
int convolve_plan(struct layer *layer, const struct kernel_window *window,
                  struct convolve *convolve);
/* Weights as ONNX has them. */
void convolve_pack(const struct convolve *convolve, const float *weights);
/* `count` pictures, at most window.batch at a time. add: out is added to. bias: NULL for none. */
void convolve_run(const struct convolve *convolve, size_t count, const float *in, float *out,
                  const float *bias, int add, float *scratch);

/* The rows (or columns) first, first + stride, first + 2 stride ... of the input, `count` of them:
 * each gets its gradient from every step-th tap alone, `taps` of them from tap `tap` on. For these
 * rows that is a convolution of stride 1 of dY with these taps, last one first, `zeros` taps of
 * weight 0 before them, `pad` rows before dY and that dilation. */
struct input_axis {
    size_t first, count, tap, step, taps, zeros, pad, dilation;
};

struct input_phase {
    struct input_axis rows, columns;
    struct convolve convolve;
};

struct conv {
    struct kernel_window window;
    size_t in_group, out_group; /* channels of one group */
    size_t taps;                /* kernel_h * kernel_w */
    int depthwise;              /* one channel in and out per group */
    float *onnx;                /* room for weights in ONNX's order */
    struct convolve forward;
    struct input_phase *phases; /* those in which the input has a gradient */
    size_t phase_count;
    const struct convolution_gradient *gradient; /* by the weights; NULL where depthwise */
};

/* Where weights are: groups x taps x in_group x out_group; for depthwise taps x channels. */
size_t conv_weight(const struct conv *conv, size_t group, size_t tap, size_t in, size_t out);

enum status conv_input_plan(struct layer *layer, struct error *err);
void conv_input_prepare(struct layer *layer);
/* Of at most window.batch pictures. */
void conv_input_gradient(struct layer *layer, size_t first, size_t count, float *scratch);

/* depthwise.c: the gradient by the weights of some pictures is added to dw. */
void depthwise_weight_gradient(struct layer *layer, size_t first, size_t count, float *dw);

#endif
