/* nn/train/linear: networks that are one linear layer: Flatten and Gemm. */
#ifndef NN_TRAIN_LINEAR_H
#define NN_TRAIN_LINEAR_H

#include "nn/model.h"

/* W and b as a network has them. */
struct linear {
    size_t classes, length;
    float *weights; /* classes x length */
    float *bias;    /* classes; NULL: none */
};

/* Room in the model's arena for the weights of its only layer. STATUS_USAGE: it has others, which
 * are named. */
enum status linear_of_model(struct model *model, struct linear *linear, struct error *err);
/* Puts them into that model. */
enum status linear_store(const struct linear *linear, struct model *model, struct error *err);

#endif
