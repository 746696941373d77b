/* Inside nn/train/layers: the sliding window that Conv and the pooling operators share. */
#ifndef NN_TRAIN_LAYERS_WINDOW_H
#define NN_TRAIN_LAYERS_WINDOW_H

#include "nn/train/train_internal.h"

/* Sizes in pixels. */
struct sliding {
    size_t height, width, channels;
    size_t out_height, out_width, out_channels;
    size_t kernel_h, kernel_w, stride_h, stride_w;
    size_t pad_top, pad_left, pad_bottom, pad_right;
    size_t groups;
};

/* From the node's attributes kernel_shape, strides, pads, auto_pad, dilations. kernel: used where
 * the node has no kernel_shape (Conv: the weight's), may be NULL. Checks that the window fits the
 * picture; gives the output's height and width, rounded up with ceil_mode. batch, groups and
 * out_channels are 1, 1 and the input's channels. */
enum status window_parse(const struct node *node, const int kernel[2], const struct dims *in,
                         struct sliding *window, struct dims *out, struct error *err);

/* The part of a window's rows (or columns) that lies inside the picture: taps first .. end - 1 at
 * output position `at`, for a window of `kernel` taps, `before` padding and a picture of `size`. */
void window_range(size_t at, size_t kernel, size_t stride, size_t before, size_t size,
                  size_t *first, size_t *end);

/* The other way round: tap j of the window lies inside the picture for output columns first .. end
 * - 1. */
void window_columns(const struct sliding *window, size_t j, size_t *first, size_t *end);

#endif
