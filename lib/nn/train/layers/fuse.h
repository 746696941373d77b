/* Inside nn/train: what fuse.c joins. */
#ifndef NN_TRAIN_LAYERS_FUSE_H
#define NN_TRAIN_LAYERS_FUSE_H

#include "nn/train/train_internal.h"

/* The BatchNormalization clips what it puts out. A second input is added before. */
void batchnorm_clip(struct layer *layer, float low, float high);
float relu_low(const struct layer *layer);
float relu_high(const struct layer *layer);

#endif
