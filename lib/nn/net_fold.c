/* Nodes whose inputs are all constants are run now, and their results are constants in turn: whole
 * chains of Shape, Gather, Concat, Reshape disappear. */
#include "nn/net_internal.h"

#include <stdlib.h>
#include <string.h>

static enum status allocate_outputs(struct net *net, struct op_call *call, struct error *err)
{
    for (size_t i = 0; i < call->out_count; i++) {
        int64_t bytes = shape_bytes(&call->out[i].shape, call->out[i].type);
        if (!call->wanted[i])
            continue;
        if (bytes < 0 || bytes > NET_BYTES_MAX)
            return error_set(err, STATUS_DAMAGED, "its constant output would be too large");
        call->out[i].data = arena_alloc(net->arena, (size_t)bytes + 1, 1);
        if (!call->out[i].data)
            return error_memory(err);
    }
    return STATUS_OK;
}

/* Runs a node whose inputs are all constants. */
static enum status fold_node(struct net *net, struct graph_node *node, const struct op *op,
                             struct error *err)
{
    const struct tensor **in = memory_array(node->input_count + 1, sizeof *in);
    unsigned char *wanted = memory_array(node->output_count + 1, 1);
    struct tensor *out = arena_alloc(net->arena, node->output_count + 1, sizeof *out);
    struct op_call call = {.node = node->node,
                           .opset = net->model->opset,
                           .in = in,
                           .in_count = node->input_count,
                           .out = out,
                           .out_count = node->output_count,
                           .wanted = wanted,
                           .scratch = arena_new()};
    enum status status = in && wanted && out && call.scratch ? STATUS_OK : error_memory(err);
    for (size_t i = 0; status == STATUS_OK && i < node->input_count; i++)
        in[i] = node->inputs[i] < 0 ? NULL : net->graph.values[node->inputs[i]].constant;
    for (size_t i = 0; status == STATUS_OK && i < node->output_count; i++)
        wanted[i] = node->outputs[i] >= 0;
    if (status == STATUS_OK)
        status = op->infer(&call, err);
    if (status == STATUS_OK)
        status = allocate_outputs(net, &call, err);
    if (status == STATUS_OK)
        status = op->run(&call, err);
    for (size_t i = 0; status == STATUS_OK && i < node->output_count; i++)
        if (node->outputs[i] >= 0)
            net->graph.values[node->outputs[i]].constant = &out[i];
    node->dead = status == STATUS_OK;
    free(in);
    free(wanted);
    if (call.scratch)
        arena_free(call.scratch);
    return status == STATUS_OK ? status : node_error(err, node->node);
}

enum status graph_fold(struct net *net, struct error *err)
{
    struct graph *graph = &net->graph;
    for (size_t i = 0; i < graph->node_count; i++) {
        struct graph_node *node = &graph->nodes[i];
        const struct op *op;
        int constant = 1;
        enum status status = op_of_node(node->node, &op, err);
        if (status != STATUS_OK)
            return status;
        for (size_t j = 0; j < node->input_count; j++)
            constant &= node->inputs[j] < 0 || graph->values[node->inputs[j]].constant;
        if (!constant)
            continue;
        status = fold_node(net, node, op, err);
        if (status != STATUS_OK)
            return status;
    }
    graph_count_uses(graph);
    graph_remove_unused(graph);
    return STATUS_OK;
}
