/* Inside nn/train/layers: the sliding window that Conv and the pooling operators share. */
#ifndef NN_TRAIN_LAYERS_WINDOW_H
#define NN_TRAIN_LAYERS_WINDOW_H

#include "nn/train/train_internal.h"

/* From the node's attributes kernel_shape, strides, pads, auto_pad, dilations. kernel: used where
 * the node has no kernel_shape (Conv: the weight's), may be NULL. Checks that the window fits the
 * picture; gives the output's height and width, rounded up with ceil_mode. Pixels are dense; groups
 * and batch are 1, out_channels the input's channels. */
enum status window_parse(const struct node *node, const int kernel[2], const struct dims *in,
                         struct kernel_window *window, struct dims *out, struct error *err);

/* The part of a window's rows (or columns) that lies inside the picture: taps first .. end - 1 at
 * output position `at`. */
void window_rows(const struct kernel_window *window, size_t at, size_t *first, size_t *end);
void window_columns(const struct kernel_window *window, size_t at, size_t *first, size_t *end);

/* The other way round: column j of the window lies inside the picture for output columns first ..
 * end - 1. */
void window_places(const struct kernel_window *window, size_t j, size_t *first, size_t *end);

#endif
