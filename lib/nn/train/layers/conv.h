/* Inside nn/train/layers: what conv.c and depthwise.c know of a Conv node. */
#ifndef NN_TRAIN_LAYERS_CONV_H
#define NN_TRAIN_LAYERS_CONV_H

#include "nn/train/layers/window.h"

struct conv {
    struct sliding window;
    size_t in_group, out_group; /* channels of one group */
    size_t k;      /* kernel_h * kernel_w * in_group: rows of a group's weight matrix */
    int pointwise; /* 1x1, stride 1, no padding, one group: X is its own im2col */
    int depthwise; /* one channel in and out per group */
    size_t rows;   /* output rows unrolled at a time */
    float *packed, *packed_transposed; /* the weight matrices for the kernels, group after group */
    size_t packed_size, packed_transposed_size; /* floats of one group */
};

/* The weights are kept as groups x kernel_h x kernel_w x in_group x out_group; for depthwise as
 * taps x channels. */
void depthwise_forward(struct layer *layer, int lane);
void depthwise_backward(struct layer *layer, int lane);

#endif
