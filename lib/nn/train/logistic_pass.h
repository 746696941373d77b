/* nn/train/logistic_pass: the loss of a linear layer over all samples, and its gradient, in one
 * pass; for logistic.c. */
#ifndef NN_TRAIN_LOGISTIC_PASS_H
#define NN_TRAIN_LOGISTIC_PASS_H

#include "base/pool.h"
#include "nn/train/samples.h"

/* columns 1: a sigmoid, whose class 1 is the positive one; else softmax. */
struct pass;
enum status pass_new(const struct samples *samples, struct pool *pool, size_t columns,
                     struct pass **pass, struct error *err);
void pass_free(struct pass *pass);

/* Sums over the samples. */
struct pass_sums {
    double loss;
    double bend; /* of p * (1 - p) over columns and samples: the loss's second derivatives by the
                    logits */
    size_t correct;
};
/* weights: columns x length; bias: columns, or NULL. gradient: columns x length, then columns for
 * the biases; NULL: none. */
enum status pass_run(struct pass *pass, const double *weights, const double *bias, double *gradient,
                     struct pass_sums *sums, struct error *err);

#endif
