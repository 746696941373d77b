#include "nn/train/linear.h"

#include <string.h>

/* The only Gemm; NULL when another node does anything. */
static const struct node *find_gemm(const struct model *model, struct error *err)
{
    const struct node *gemm = NULL;
    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];
        if (strcmp(node->op_type, "Gemm") == 0 && !gemm) {
            gemm = node;
        } else if (strcmp(node->op_type, "BatchNormalization") == 0) {
            error_set(err, STATUS_USAGE,
                      "%s is BatchNormalization, expected Flatten and Gemm only: features are "
                      "scaled inside, and it would change what the penalty means",
                      node->name);
            return NULL;
        } else if (strcmp(node->op_type, "Flatten") != 0 &&
                   strcmp(node->op_type, "Identity") != 0) {
            error_set(err, STATUS_USAGE,
                      "%s is %s, expected one linear layer: Flatten and Gemm units=$classes",
                      node->name, node->op_type);
            return NULL;
        }
    }
    if (!gemm)
        error_set(err, STATUS_USAGE, "there is no Gemm: nothing to learn");
    return gemm;
}

static const struct tensor *constant(const struct model *model, const struct node *node, size_t i)
{
    return i < node->input_count && node->inputs[i] >= 0 ? model->values[node->inputs[i]].constant
                                                         : NULL;
}

enum status linear_of_model(struct model *model, struct linear *linear, struct error *err)
{
    const struct node *node = find_gemm(model, err);
    const struct tensor *weight;
    int transposed;
    if (!node)
        return err->status;
    weight = constant(model, node, 1);
    transposed = node_int(node, "transB", 0) != 0;
    if (!weight || weight->type != ELEMENT_F32 || weight->shape.rank != 2 ||
        node_int(node, "transA", 0) != 0 || node_float(node, "alpha", 1) != 1 ||
        node_float(node, "beta", 1) != 1)
        return error_set(err, STATUS_USAGE, "%s is a Gemm that cannot be learned", node->name);
    linear->classes = (size_t)weight->shape.dim[!transposed];
    linear->length = (size_t)weight->shape.dim[transposed];
    linear->weights =
        arena_alloc(model->arena, linear->classes * linear->length, sizeof *linear->weights);
    linear->bias = NULL;
    if (constant(model, node, 2))
        linear->bias = arena_alloc(model->arena, linear->classes, sizeof *linear->bias);
    if (!linear->weights || (constant(model, node, 2) && !linear->bias))
        return error_memory(err);
    return STATUS_OK;
}

/* Another tensor of the same shape in the place of a constant. */
static enum status replace(struct model *model, int value, const float *data, struct error *err)
{
    struct tensor *tensor = arena_alloc(model->arena, 1, sizeof *tensor);
    if (!tensor)
        return error_memory(err);
    *tensor = *model->values[value].constant;
    tensor->data = (void *)data;
    model->values[value].constant = tensor;
    return STATUS_OK;
}

enum status linear_store(const struct linear *linear, struct model *model, struct error *err)
{
    const struct node *node = find_gemm(model, err);
    size_t classes = linear->classes, length = linear->length;
    float *weights;
    if (!node)
        return err->status;
    if (!(weights = arena_alloc(model->arena, classes * length, sizeof *weights)))
        return error_memory(err);
    for (size_t c = 0; c < classes; c++)
        for (size_t j = 0; j < length; j++) {
            size_t to = node_int(node, "transB", 0) ? c * length + j : j * classes + c;
            weights[to] = linear->weights[c * length + j];
        }
    TRY(replace(model, node->inputs[1], weights, err));
    return linear->bias ? replace(model, node->inputs[2], linear->bias, err) : STATUS_OK;
}
