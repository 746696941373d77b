#include "nn/train/train_internal.h"

#include <string.h>

static const struct train_op *const ops[] = {
    &train_add,     &train_averagepool, &train_batchnorm, &train_clip, &train_concat,
    &train_conv,    &train_dropout,     &train_flatten,   &train_gemm, &train_globalaveragepool,
    &train_maxpool, &train_identity,    &train_relu,
};

const struct train_op *train_op_find(const char *op_type)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(ops[i]->op_type, op_type) == 0)
            return ops[i];
    return NULL;
}

enum status layer_shape(const struct model *model, const struct node *node, const struct dims *in,
                        size_t count, struct dims *out, struct error *err)
{
    return train_op_find(node->op_type)->shape(model, node, in, count, out, err);
}
