/* nn/head: the end of a classifier: its last linear layer, and what makes probabilities of logits.
 */
#ifndef NN_HEAD_H
#define NN_HEAD_H

#include "nn/model.h"

struct head {
    int node;         /* Gemm, MatMul or Conv whose outputs are the classes */
    int weight, bias; /* its constants, as values; bias -1: it has none. A MatMul's is in an Add */
    int axis;         /* of the weight: the classes */
    int64_t classes;
    int logits;             /* the value that is the output, or that the activation takes */
    const char *activation; /* Softmax, LogSoftmax or Sigmoid at the end; NULL: none */
};

/* Of the first output. STATUS_FAILED: no such layer is there. */
enum status head_find(const struct model *model, struct head *head, struct error *err);
/* Gives it another number of classes, with random weights as imgnet(5)'s (Glorot & Bengio 2010) and
 * biases of 0. The shapes of the values after it are no longer right (nn/infer.h). */
enum status head_replace(struct model *model, const struct head *head, int64_t classes,
                         uint64_t seed, struct error *err);
/* Class i becomes what was class order[i]. */
enum status head_reorder(struct model *model, const struct head *head, const size_t *order,
                         struct error *err);

#endif
