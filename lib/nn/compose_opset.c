/* The operators of imgnet(5), which are of opset 17, in the words of older opsets. From 17 to
 * today's the meaning of none of them has changed. */
#include "nn/compose_internal.h"

#include <string.h>

enum { OLDEST = 7 }; /* the first in which Add broadcasts as today and nothing asks for is_test */

/* Constant input i of the node as the attribute of that name of the copy. */
static enum status as_attribute(struct copying *copying, const struct node *node, size_t i,
                                const char *name, struct error *err)
{
    const struct tensor *constant;
    if (i >= node->input_count || node->inputs[i] < 0)
        return STATUS_OK;
    constant = copying->from->values[node->inputs[i]].constant;
    if (!constant || constant->type != ELEMENT_F32 || shape_count(&constant->shape) != 1)
        return error_set(err, STATUS_FAILED, "opset %lld wants its %s to be a constant",
                         (long long)copying->to->opset, name);
    return model_attribute_float(copying->to, name, *(const float *)constant->data)
               ? error_memory(err)
               : STATUS_OK;
}

/* A bias of zeros, which became optional with opset 11. */
static enum status add_bias(struct copying *copying, const struct node *node, struct error *err)
{
    struct model *to = copying->to;
    struct node *copy = &to->nodes[to->node_count - 1];
    const struct tensor *weight = node->input_count > 1 && node->inputs[1] >= 0
                                      ? copying->from->values[node->inputs[1]].constant
                                      : NULL;
    struct tensor zeros = {ELEMENT_F32, {1, {0}}, NULL};
    const char *name = model_free_name(to, "zeros");
    int *inputs = arena_alloc(to->arena, 3, sizeof *inputs);
    if (!weight || weight->shape.rank != 2)
        return error_set(err, STATUS_FAILED, "opset %lld wants it to have a bias",
                         (long long)to->opset);
    zeros.shape.dim[0] = weight->shape.dim[node_int(node, "transB", 0) == 0];
    zeros.data = arena_alloc(to->arena, (size_t)zeros.shape.dim[0], sizeof(float));
    if (!inputs || !name || !zeros.data || (inputs[2] = model_add_constant(to, name, &zeros)) < 0)
        return error_memory(err);
    copy->inputs = inputs;
    copy->input_count = 3;
    return STATUS_OK;
}

enum status opset_lower(struct copying *copying, const struct node *node, size_t *inputs,
                        struct error *err)
{
    int64_t opset = copying->to->opset;
    if (opset >= copying->from->opset)
        return STATUS_OK;
    if (opset < OLDEST)
        return error_set(err, STATUS_FAILED,
                         "the backbone is of opset %lld, which is too old for it; expected %d or "
                         "newer (onnx.version_converter makes it newer)",
                         (long long)opset, OLDEST);
    if (strcmp(node->op_type, "Clip") == 0 && opset < 11) {
        *inputs = 1;
        TRY(as_attribute(copying, node, 1, "min", err));
        return as_attribute(copying, node, 2, "max", err);
    }
    if (strcmp(node->op_type, "Dropout") == 0 && opset < 12) {
        *inputs = 1;
        return as_attribute(copying, node, 1, "ratio", err);
    }
    if (strcmp(node->op_type, "Gemm") == 0 && opset < 11 && node->input_count < 3)
        return add_bias(copying, node, err);
    if (node_int(node, "ceil_mode", 0) != 0 && opset < 10)
        return error_set(err, STATUS_FAILED,
                         "the backbone is of opset %lld, which has no ceil_mode; 10 has",
                         (long long)opset);
    return STATUS_OK;
}
