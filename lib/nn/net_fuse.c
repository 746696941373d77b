/* Nodes that become part of the node beside them: constant scales and shifts, activations, padding.
 * All of it is exact up to rounding, and none of it needs a shape. */
#include "nn/net_internal.h"

#include <string.h>

static struct graph_node *producer(struct graph *graph, const struct graph_node *node, size_t i)
{
    int made = i < node->input_count && node->inputs[i] >= 0
                   ? graph->values[node->inputs[i]].producer
                   : -1;
    return made >= 0 ? &graph->nodes[made] : NULL;
}

/* ---- scales and shifts ---- */

/* A constant that acts on the outputs of a convolution (axis 1 of 4) or a product (the last axis)
 * one by one: its number of elements, 1 or n; else 0. */
static size_t per_output(const struct graph_node *node, const struct tensor *constant)
{
    int64_t count = shape_count(&constant->shape);
    int axis = node->kind == KIND_CONV ? constant->shape.rank - 3 : constant->shape.rank - 1;
    int most = node->kind == KIND_CONV ? 4 : strcmp(node->node->op_type, "Gemm") == 0 ? 2 : 1;
    if (count == 1 && constant->shape.rank <= most)
        return 1;
    if (axis < 0 || constant->shape.rank > most || constant->shape.dim[axis] != count ||
        count != (int64_t)node->outputs_n)
        return 0;
    return (size_t)count;
}

/* y = y * scale + shift for each output of a CONV or GEMM. */
static enum status scale_outputs(struct net *net, struct graph_node *node, const float *scale,
                                 size_t scales, const float *shift, size_t shifts,
                                 struct error *err)
{
    if (!node->bias && !(node->bias = arena_alloc(net->arena, node->outputs_n, sizeof *node->bias)))
        return error_memory(err);
    if (scale && !node->out_scale) {
        node->out_scale = arena_alloc(net->arena, node->outputs_n, sizeof *node->out_scale);
        if (!node->out_scale)
            return error_memory(err);
        for (size_t i = 0; i < node->outputs_n; i++)
            node->out_scale[i] = 1;
    }
    for (size_t i = 0; i < node->outputs_n; i++) {
        float factor = scale ? scale[scales == 1 ? 0 : i] : 1;
        if (scale)
            node->out_scale[i] *= factor;
        node->bias[i] = node->bias[i] * factor + (shift ? shift[shifts == 1 ? 0 : i] : 0);
    }
    return STATUS_OK;
}

static int can_absorb(const struct graph_node *node)
{
    return node && (node->kind == KIND_CONV || node->kind == KIND_GEMM) &&
           node->activation.activation == ACTIVATION_NONE;
}

static enum status fold_batchnorm(struct net *net, struct graph_node *node, struct error *err)
{
    struct graph_node *before = graph_only_producer(&net->graph, node, 0);
    enum status status;
    if (!can_absorb(before) || before->outputs_n != node->outputs_n ||
        (before->kind == KIND_GEMM &&
         strcmp(before->node->op_type, "Gemm") != 0)) /* MatMul: the axis may differ */
        return STATUS_OK;
    status =
        scale_outputs(net, before, node->scale, node->outputs_n, node->shift, node->outputs_n, err);
    graph_absorb(&net->graph, before, node);
    return status;
}

/* Mul, Div, Add, Sub with a constant per output. */
static enum status fold_constant(struct net *net, struct graph_node *node, struct error *err)
{
    struct graph *graph = &net->graph;
    for (size_t i = 0; i < 2; i++) {
        const struct tensor *constant = graph_constant(graph, node, i);
        struct graph_node *before = graph_only_producer(graph, node, 1 - i);
        size_t count = constant && can_absorb(before) ? per_output(before, constant) : 0;
        const float *data = count ? constant->data : NULL;
        float *changed;
        enum status status;
        if (!count || node->binary > BINARY_DIV ||
            (i == 0 && (node->binary == BINARY_DIV || node->binary == BINARY_SUB)))
            continue;
        changed = arena_alloc(net->arena, count, sizeof *changed);
        if (!changed)
            return error_memory(err);
        for (size_t j = 0; j < count; j++)
            changed[j] = node->binary == BINARY_DIV   ? 1 / data[j]
                         : node->binary == BINARY_SUB ? -data[j]
                                                      : data[j];
        status = node->binary == BINARY_MUL || node->binary == BINARY_DIV
                     ? scale_outputs(net, before, changed, count, NULL, 0, err)
                     : scale_outputs(net, before, NULL, 0, changed, count, err);
        graph_absorb(graph, before, node);
        return status;
    }
    return STATUS_OK;
}

/* A constant factor on a convolution's input goes into its weights: zero padding stays zero. */
static enum status fold_input_scale(struct net *net, struct graph_node *node, struct error *err)
{
    struct graph *graph = &net->graph;
    struct graph_node *before = graph_only_producer(graph, node, 0);
    if (!graph_is_binary(before, BINARY_MUL))
        return STATUS_OK;
    for (size_t i = 0; i < 2; i++) {
        const struct tensor *constant = graph_constant(graph, before, i);
        int64_t count = constant ? shape_count(&constant->shape) : 0;
        int axis = constant ? constant->shape.rank - 3 : 0;
        int whole = constant && axis >= 0 && constant->shape.rank <= 4 &&
                    constant->shape.dim[axis] == count && count == (int64_t)node->inputs_k;
        if (!constant || constant->shape.rank > 4 || (count != 1 && !whole))
            continue;
        node->in_scale = arena_alloc(net->arena, node->inputs_k, sizeof *node->in_scale);
        if (!node->in_scale)
            return error_memory(err);
        for (size_t j = 0; j < node->inputs_k; j++)
            node->in_scale[j] = ((const float *)constant->data)[count == 1 ? 0 : j];
        node->inputs[0] = before->inputs[1 - i];
        before->dead = 1;
        before->within = node;
        graph_count_uses(graph);
        return STATUS_OK;
    }
    return STATUS_OK;
}

/* ---- padding ---- */

static void fold_pad(struct graph *graph, struct graph_node *node)
{
    struct graph_node *pad = producer(graph, node, 0);
    struct kernel_window *w = &node->window;
    if (!pad || pad->kind != KIND_PAD || node->auto_pad == PAD_SAME_UPPER ||
        node->auto_pad == PAD_SAME_LOWER)
        return;
    if (node->kind ==
        KIND_AVERAGE_POOL) { /* zeros that count: only where the pool itself pads nothing */
        if (node->ceil_mode || w->pad_top || w->pad_left || w->pad_bottom || w->pad_right)
            return;
        node->include_pad = 1;
    }
    node->auto_pad = PAD_EXPLICIT;
    w->pad_top += pad->window.pad_top;
    w->pad_left += pad->window.pad_left;
    w->pad_bottom += pad->window.pad_bottom;
    w->pad_right += pad->window.pad_right;
    node->inputs[0] = pad->inputs[0];
    graph_count_uses(graph);
    if (graph->values[pad->outputs[0]].uses == 0) {
        pad->dead = 1;
        pad->within = node;
        graph_count_uses(graph);
    }
}

/* ---- activations ---- */

/* Of integers too, which a kernel does not take. */
static int takes_integers(enum activation activation)
{
    return activation == ACTIVATION_ABS || activation == ACTIVATION_NEG ||
           activation == ACTIVATION_POW;
}

static void fuse_activation(struct graph *graph, struct graph_node *node)
{
    struct graph_node *before = graph_only_producer(graph, node, 0);
    if (!before || before->activation.activation != ACTIVATION_NONE)
        return;
    if (before->kind != KIND_CONV && before->kind != KIND_GEMM && before->kind != KIND_BINARY &&
        before->kind != KIND_SCALE && before->kind != KIND_PRODUCT)
        return;
    if (before->kind == KIND_BINARY && takes_integers(node->activation.activation))
        return;
    before->activation = node->activation;
    graph_absorb(graph, before, node);
}

enum status graph_fuse(struct net *net, struct error *err)
{
    struct graph *graph = &net->graph;
    enum status status = STATUS_OK;
    graph_count_uses(graph);
    for (size_t i = 0; i < graph->node_count && status == STATUS_OK; i++) {
        struct graph_node *node = &graph->nodes[i];
        if (node->dead)
            continue;
        if (node->kind == KIND_CONV || node->kind == KIND_AVERAGE_POOL)
            fold_pad(graph, node);
        if (node->kind == KIND_CONV)
            status = fold_input_scale(net, node, err);
        else if (node->kind == KIND_SCALE)
            status = fold_batchnorm(net, node, err);
        else if (node->kind == KIND_BINARY)
            status = fold_constant(net, node, err);
        else if (node->kind == KIND_ACTIVATION)
            fuse_activation(graph, node);
    }
    graph_remove_unused(graph);
    return status;
}
