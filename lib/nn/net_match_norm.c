/* Layer normalisation written as several operators, as exporters do below opset 17, found and made
 * one: d = x - mean(x), d / sqrt(mean(d^2) + epsilon), times a scale, plus a shift; the means over
 * the last axis. */
#include "nn/net_internal.h"

/* Does it take the mean over the last axis and keep it as a dimension? */
static int is_last_mean(const struct graph *graph, const struct graph_node *node)
{
    size_t count;
    const int64_t *axes;
    if (!node || node->kind != KIND_REDUCE || node->reduction != REDUCTION_MEAN ||
        !node_int(node->node, "keepdims", 1) || !graph_ints(graph, node, "axes", 1, &axes, &count))
        return 0;
    return count == 1 && axes[0] == -1;
}

/* x when the node is x - mean(x); else -1. */
static int centred(struct graph *graph, const struct graph_node *node)
{
    const struct graph_node *mean;
    if (!graph_is_binary(node, BINARY_SUB))
        return -1;
    mean = graph_only_producer(graph, node, 1);
    return is_last_mean(graph, mean) && mean->inputs[0] == node->inputs[0] ? mean->inputs[0] : -1;
}

/* Is it the square of the value? */
static int is_square(const struct graph_node *node, int value)
{
    if (graph_is_binary(node, BINARY_MUL))
        return node->inputs[0] == value && node->inputs[1] == value;
    return node && node->kind == KIND_ACTIVATION && node->activation.activation == ACTIVATION_POW &&
           node->activation.low == 2 && node->inputs[0] == value;
}

/* Is it sqrt(mean(value^2) + epsilon)? */
static int is_deviation(struct graph *graph, const struct graph_node *root, int value,
                        float *epsilon)
{
    const struct graph_node *add, *mean;
    if (!root || root->kind != KIND_ACTIVATION || root->activation.activation != ACTIVATION_SQRT)
        return 0;
    add = graph_only_producer(graph, root, 0);
    for (size_t i = 0; i < 2 && graph_is_binary(add, BINARY_ADD); i++) {
        const struct tensor *constant = graph_constant(graph, add, i);
        if (!constant || shape_count(&constant->shape) != 1)
            continue;
        *epsilon = *(const float *)constant->data;
        mean = graph_only_producer(graph, add, 1 - i);
        return is_last_mean(graph, mean) && is_square(graph_only_producer(graph, mean, 0), value);
    }
    return 0;
}

/* The constant list beside a value in the node that alone reads it; -1 when there is none. */
static int beside(const struct graph *graph, int value, enum binary binary,
                  struct graph_node **reader)
{
    if (graph->values[value].uses != 1)
        return -1;
    for (size_t i = 0; i < graph->node_count; i++) {
        struct graph_node *node = &graph->nodes[i];
        if (node->dead || !graph_is_binary(node, binary))
            continue;
        for (size_t j = 0; j < 2; j++) {
            const struct tensor *constant = graph_constant(graph, node, 1 - j);
            if (node->inputs[j] == value && constant && constant->shape.rank == 1 &&
                constant->shape.dim[0] > 1) {
                *reader = node;
                return node->inputs[1 - j];
            }
        }
    }
    return -1;
}

/* The node takes the place of its reader, if there is one that scales or shifts. */
static int absorb_reader(struct graph *graph, struct graph_node *node, enum binary binary)
{
    struct graph_node *reader = NULL;
    int constant = beside(graph, node->outputs[0], binary, &reader);
    if (constant >= 0)
        graph_absorb(graph, node, reader);
    return constant;
}

static enum status match(struct net *net, struct graph_node *node, struct error *err)
{
    struct graph *graph = &net->graph;
    float epsilon;
    int x, made, *inputs;
    if (!graph_is_binary(node, BINARY_DIV) || node->inputs[0] < 0)
        return STATUS_OK;
    made = graph->values[node->inputs[0]].producer;
    x = made < 0 ? -1 : centred(graph, &graph->nodes[made]);
    if (x < 0 || graph->values[node->inputs[0]].is_output ||
        !is_deviation(graph, graph_only_producer(graph, node, 1), node->inputs[0], &epsilon))
        return STATUS_OK;
    inputs = arena_alloc(net->arena, 3, sizeof *inputs);
    if (!inputs)
        return error_memory(err);
    graph_claim(graph, node, x, node);
    node->kind = KIND_NORM;
    node->rewritten = 1;
    node->epsilon = epsilon;
    node->inputs = inputs;
    node->input_count = 3;
    inputs[0] = x;
    inputs[1] = inputs[2] = -1;
    graph_count_uses(graph);
    inputs[1] = absorb_reader(graph, node, BINARY_MUL);
    inputs[2] = absorb_reader(graph, node, BINARY_ADD);
    graph_count_uses(graph);
    return STATUS_OK;
}

enum status graph_match_norm(struct net *net, struct error *err)
{
    enum status status = STATUS_OK;
    graph_count_uses(&net->graph);
    for (size_t i = 0; i < net->graph.node_count && status == STATUS_OK; i++)
        if (!net->graph.nodes[i].dead)
            status = match(net, &net->graph.nodes[i], err);
    graph_remove_unused(&net->graph);
    return status;
}
