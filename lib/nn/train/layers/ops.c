#include "nn/train/train_internal.h"

#include <string.h>

static const struct train_op *const ops[] = {
    &train_add,     &train_averagepool, &train_batchnorm, &train_clip, &train_concat,
    &train_conv,    &train_dropout,     &train_flatten,   &train_gemm, &train_globalaveragepool,
    &train_maxpool, &train_identity,    &train_matmul,    &train_mul,  &train_reducemean,
    &train_relu,
};

static const char *const moving[] = {"DepthToSpace", "Pad",     "Reshape",   "Slice",
                                     "SpaceToDepth", "Squeeze", "Transpose", "Unsqueeze"};
static const char *const with_constant[] = {"Add", "Div", "Mul", "Sub"};

static int is_among(const char *op_type, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(op_type, names[i]) == 0)
            return 1;
    return 0;
}

static const struct train_op *find(const char *op_type)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(ops[i]->op_type, op_type) == 0)
            return ops[i];
    return NULL;
}

static int has_constant(const struct model *model, const struct node *node)
{
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] >= 0 && model->values[node->inputs[i]].constant)
            return node->input_count == 2;
    return 0;
}

const struct train_op *train_op_of(const struct model *model, const struct node *node,
                                   const struct trainer_options *options)
{
    if (*node->domain && strcmp(node->domain, "ai.onnx") != 0)
        return NULL;
    if (options->freeze_norm && strcmp(node->op_type, "BatchNormalization") == 0)
        return &train_frozen_norm;
    if (is_among(node->op_type, with_constant, sizeof with_constant / sizeof *with_constant) &&
        has_constant(model, node))
        return &train_affine;
    if (is_among(node->op_type, moving, sizeof moving / sizeof *moving))
        return &train_move;
    return unary_knows(node->op_type) ? &train_unary : find(node->op_type);
}

enum status layer_shape(const struct model *model, const struct node *node, const struct dims *in,
                        size_t count, struct dims *out, struct error *err)
{
    return find(node->op_type)->shape(model, node, in, count, out, err);
}
