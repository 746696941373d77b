/* Activations written as several operators, as exporters do, found and made one. */
#include "nn/net_internal.h"

static int is_activation(const struct graph_node *node, enum activation activation)
{
    return node && node->kind == KIND_ACTIVATION && node->activation.activation == activation;
}

int graph_is_binary(const struct graph_node *node, enum binary binary)
{
    return node && node->kind == KIND_BINARY && node->binary == binary &&
           node->activation.activation == ACTIVATION_NONE;
}

/* The other input of a binary node when input i is the constant scalar `value`: index, or -1. */
static int beside_constant(const struct graph *graph, const struct graph_node *node, float value)
{
    for (size_t i = 0; i < 2; i++) {
        const struct tensor *constant = graph_constant(graph, node, i);
        if (constant && shape_count(&constant->shape) == 1 &&
            *(const float *)constant->data == value)
            return 1 - (int)i;
    }
    return -1;
}

/* Is this node Clip(x + 3, 0, 6), and nobody else reads it? *x says of which value. */
static int is_shifted_clip(struct graph *graph, const struct graph_node *clip, int *x)
{
    const struct graph_node *add;
    int side;
    if (!is_activation(clip, ACTIVATION_CLIP) || clip->activation.low != 0 ||
        clip->activation.high != 6)
        return 0;
    add = graph_only_producer(graph, clip, 0);
    if (!graph_is_binary(add, BINARY_ADD) || (side = beside_constant(graph, add, 3)) < 0)
        return 0;
    *x = add->inputs[side];
    return 1;
}

/* The nodes between x and this one are part of it from now on. */
static void claim(struct graph *graph, const struct graph_node *node, int x,
                  const struct graph_node *claimer)
{
    for (size_t i = 0; i < node->input_count; i++) {
        int value = node->inputs[i], made = value < 0 ? -1 : graph->values[value].producer;
        if (value == x || made < 0)
            continue;
        graph->nodes[made].within = claimer;
        claim(graph, &graph->nodes[made], x, claimer);
    }
}

static void become_activation(struct graph *graph, struct graph_node *node, int x,
                              enum activation activation)
{
    claim(graph, node, x, node);
    node->kind = KIND_ACTIVATION;
    node->activation.activation = activation;
    node->inputs[0] = x;
    node->input_count = 1;
    graph_count_uses(graph);
}

/* x * sigmoid(x); x * hardsigmoid(x) with 1/6 and 1/2; x * (clip(x + 3, 0, 6) / 6). */
static void match_product(struct graph *graph, struct graph_node *node)
{
    for (size_t i = 0; i < 2 && graph_is_binary(node, BINARY_MUL); i++) {
        const struct graph_node *gate = graph_only_producer(graph, node, i);
        int x = node->inputs[1 - i], inner = -1;
        if (!gate)
            continue;
        if (is_activation(gate, ACTIVATION_SIGMOID) && gate->inputs[0] == x) {
            become_activation(graph, node, x, ACTIVATION_SWISH);
        } else if (is_activation(gate, ACTIVATION_HARDSIGMOID) && gate->inputs[0] == x &&
                   gate->activation.high == 0.5F && gate->activation.low > 0.16666F &&
                   gate->activation.low < 0.16667F) {
            become_activation(graph, node, x, ACTIVATION_HARDSWISH);
        } else if (graph_is_binary(gate, BINARY_DIV) && beside_constant(graph, gate, 6) == 0 &&
                   graph_only_producer(graph, gate, 0) &&
                   is_shifted_clip(graph, graph_only_producer(graph, gate, 0), &inner) &&
                   inner == x) {
            become_activation(graph, node, x, ACTIVATION_HARDSWISH);
        }
    }
}

/* (x * clip(x + 3, 0, 6)) / 6 */
static void match_quotient(struct graph *graph, struct graph_node *node)
{
    const struct graph_node *product = graph_only_producer(graph, node, 0);
    if (!graph_is_binary(node, BINARY_DIV) || !graph_is_binary(product, BINARY_MUL) ||
        beside_constant(graph, node, 6) != 0)
        return;
    for (size_t i = 0; i < 2; i++) {
        int x = product->inputs[1 - i], inner;
        const struct graph_node *clip = graph_only_producer(graph, product, i);
        if (clip && is_shifted_clip(graph, clip, &inner) && inner == x) {
            become_activation(graph, node, x, ACTIVATION_HARDSWISH);
            return;
        }
    }
}

void graph_match(struct graph *graph)
{
    graph_count_uses(graph);
    for (size_t i = 0; i < graph->node_count; i++)
        if (!graph->nodes[i].dead) {
            match_product(graph, &graph->nodes[i]);
            match_quotient(graph, &graph->nodes[i]);
        }
    graph_remove_unused(graph);
}
