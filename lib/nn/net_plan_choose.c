/* Which step does a node: that of a kernel where one takes the node's inputs, else the reference.
 * What is known before the run needs no step. */
#include "nn/net_builder_internal.h"

#include <string.h>

/* Does the kind's kernel take these inputs? Otherwise the reference runs. */
static int kernel_fits(const struct builder *b, const struct graph_node *node)
{
    int x = node->inputs[0];
    switch (node->kind) {
    case KIND_MAX_POOL:
    case KIND_AVERAGE_POOL:
    case KIND_GLOBAL_AVERAGE:
    case KIND_GLOBAL_MAX:
        return is_picture(b, x) && shape_count(&value_at(b, x)->shape) > 0 &&
               (node->window.kernel_h ||
                (node->kind != KIND_MAX_POOL && node->kind != KIND_AVERAGE_POOL));
    case KIND_LRN:
        return is_picture(b, x) && node_int(node->node, "size", 1) > 0;
    case KIND_SCALE:
        return is_f32(b, x) &&
               (value_at(b, x)->shape.rank == 4 || value_at(b, x)->shape.rank == 2) &&
               value_at(b, x)->shape.dim[1] == (int64_t)node->outputs_n;
    case KIND_BINARY:
        return is_f32(b, x) && is_f32(b, node->inputs[1]) &&
               value_at(b, node->outputs[0])->shape.rank <= SHAPE_RANK_MAX;
    case KIND_ACTIVATION:
    case KIND_SOFTMAX:
        return is_f32(b, x);
    default:
        return 1;
    }
}

void plan_node(struct builder *b, const struct graph_node *node)
{
    static void (*const planners[])(struct builder *, const struct graph_node *) = {
        [KIND_OP] = plan_op,
        [KIND_CONV] = plan_conv,
        [KIND_GEMM] = plan_gemm,
        [KIND_PRODUCT] = plan_product,
        [KIND_NORM] = plan_norm,
        [KIND_REDUCE] = plan_reduce,
        [KIND_MAX_POOL] = plan_pool,
        [KIND_AVERAGE_POOL] = plan_pool,
        [KIND_GLOBAL_AVERAGE] = plan_global,
        [KIND_GLOBAL_MAX] = plan_global,
        [KIND_BINARY] = plan_binary,
        [KIND_SCALE] = plan_scale,
        [KIND_ACTIVATION] = plan_activation,
        [KIND_CONCAT] = plan_concat,
        [KIND_SOFTMAX] = plan_softmax,
        [KIND_LRN] = plan_lrn,
        [KIND_RESHAPE] = plan_reshape,
        [KIND_TRANSPOSE] = plan_transpose,
        [KIND_CAST] = plan_cast,
        [KIND_SLICE] = plan_slice,
        [KIND_PAD] = plan_pad,
    };
    struct op_call call = {0};
    int same_shape = node->rewritten && (node->kind == KIND_ACTIVATION || node->kind == KIND_NORM);
    int own =
        node->kind == KIND_CONV || same_shape ||
        ((node->kind == KIND_MAX_POOL || node->kind == KIND_AVERAGE_POOL) && kernel_fits(b, node));
    if (plan_know_shape(b, node))
        return;
    if (same_shape)
        plan_set_shape(b, node->outputs[0], value_at(b, node->inputs[0])->type,
                       &value_at(b, node->inputs[0])->shape);
    if (!own)
        plan_infer(b, node, &call);
    if (b->status != STATUS_OK || (!own && plan_know(b, node, &call)))
        return;
    if (node->kind == KIND_OP || kernel_fits(b, node))
        planners[node->kind](b, node);
    else
        plan_op(b, node);
}
