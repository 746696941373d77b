/* Activations written as several operators, as exporters do, found and made one. */
#include "nn/net_internal.h"

#include <math.h>

static int is_activation(const struct graph_node *node, enum activation activation)
{
    return node && node->kind == KIND_ACTIVATION && node->activation.activation == activation;
}

int graph_is_binary(const struct graph_node *node, enum binary binary)
{
    return node && node->kind == KIND_BINARY && node->binary == binary &&
           node->activation.activation == ACTIVATION_NONE;
}

/* A constant scalar within 1e-6 of the value? */
static int is_scalar(const struct graph *graph, int index, float value)
{
    const struct tensor *constant = graph->values[index].constant;
    return constant && constant->type == ELEMENT_F32 && shape_count(&constant->shape) == 1 &&
           fabsf(*(const float *)constant->data - value) <= 1e-6F * value;
}

/* The other input of a binary node when input i is that scalar: index, or -1. */
static int beside_constant(const struct graph *graph, const struct graph_node *node, float value)
{
    for (size_t i = 0; i < 2; i++)
        if (node->inputs[i] >= 0 && is_scalar(graph, node->inputs[i], value))
            return 1 - (int)i;
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

void graph_claim(struct graph *graph, const struct graph_node *node, int x,
                 const struct graph_node *claimer)
{
    for (size_t i = 0; i < node->input_count; i++) {
        int value = node->inputs[i], made = value < 0 ? -1 : graph->values[value].producer;
        if (value == x || made < 0)
            continue;
        graph->nodes[made].within = claimer;
        graph_claim(graph, &graph->nodes[made], x, claimer);
    }
}

static void become_activation(struct graph *graph, struct graph_node *node, int x,
                              enum activation activation)
{
    graph_claim(graph, node, x, node);
    node->kind = KIND_ACTIVATION;
    node->activation.activation = activation;
    node->inputs[0] = x;
    node->input_count = 1;
    node->rewritten = 1;
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

/* x * tanh(softplus(x)) */
static void match_mish(struct graph *graph, struct graph_node *node)
{
    for (size_t i = 0; i < 2 && graph_is_binary(node, BINARY_MUL); i++) {
        const struct graph_node *gate = graph_only_producer(graph, node, i), *inner;
        int x = node->inputs[1 - i];
        if (!is_activation(gate, ACTIVATION_TANH))
            continue;
        inner = graph_only_producer(graph, gate, 0);
        if (is_activation(inner, ACTIVATION_SOFTPLUS) && inner->inputs[0] == x)
            become_activation(graph, node, x, ACTIVATION_MISH);
    }
}

/* ---- Gelu: x / 2 * (1 + erf(x / sqrt(2))), or with tanh, multiplied in any order ---- */

enum { FACTORS_MAX = 4 };

/* The factors of a product of products that nobody else reads; more than FACTORS_MAX: 0. */
static size_t factors(struct graph *graph, const struct graph_node *node, int list[FACTORS_MAX],
                      size_t count)
{
    for (size_t i = 0; i < 2; i++) {
        const struct graph_node *inner = graph_only_producer(graph, node, i);
        if (graph_is_binary(inner, BINARY_MUL)) {
            if ((count = factors(graph, inner, list, count)) == 0)
                return 0;
        } else if (count == FACTORS_MAX) {
            return 0;
        } else {
            list[count++] = node->inputs[i];
        }
    }
    return count;
}

/* Takes the scalar out of the list; 0 when it is not there. */
static int take_scalar(const struct graph *graph, int list[FACTORS_MAX], size_t *count, float value)
{
    for (size_t i = 0; i < *count; i++)
        if (is_scalar(graph, list[i], value)) {
            list[i] = list[--*count];
            return 1;
        }
    return 0;
}

/* The only reader's producer of a value. */
static struct graph_node *maker(struct graph *graph, int value)
{
    const struct graph_value *v = &graph->values[value];
    return v->producer >= 0 && v->uses == 1 ? &graph->nodes[v->producer] : NULL;
}

/* Is the value 0.044715 x^3? */
static int is_cube(struct graph *graph, int value, int x)
{
    const struct graph_node *node = maker(graph, value), *power;
    int list[FACTORS_MAX];
    size_t count = graph_is_binary(node, BINARY_MUL) ? factors(graph, node, list, 0) : 0;
    if (count == 0 || !take_scalar(graph, list, &count, 0.044715F))
        return 0;
    if (count == 3)
        return list[0] == x && list[1] == x && list[2] == x;
    power = count == 1 ? maker(graph, list[0]) : NULL;
    return power && is_activation(power, ACTIVATION_POW) && power->activation.low == 3 &&
           power->inputs[0] == x;
}

/* Is the node sqrt(2 / pi) * (x + 0.044715 x^3)? */
static int is_tanh_argument(struct graph *graph, const struct graph_node *node, int x)
{
    int side = graph_is_binary(node, BINARY_MUL) ? beside_constant(graph, node, 0.79788456F) : -1;
    const struct graph_node *sum = side < 0 ? NULL : graph_only_producer(graph, node, (size_t)side);
    if (!graph_is_binary(sum, BINARY_ADD))
        return 0;
    return (sum->inputs[0] == x && is_cube(graph, sum->inputs[1], x)) ||
           (sum->inputs[1] == x && is_cube(graph, sum->inputs[0], x));
}

/* Is the node x / sqrt(2)? */
static int is_erf_argument(const struct graph *graph, const struct graph_node *node, int x)
{
    int side = graph_is_binary(node, BINARY_DIV)   ? beside_constant(graph, node, 1.41421356F)
               : graph_is_binary(node, BINARY_MUL) ? beside_constant(graph, node, 0.70710678F)
                                                   : -1;
    return side >= 0 && node->inputs[side] == x && (side == 0 || node->binary == BINARY_MUL);
}

/* Is the value 1 + erf(x / sqrt(2)), or the same by tanh? */
static enum activation gelu_gate(struct graph *graph, int value, int x)
{
    const struct graph_node *add = maker(graph, value), *function, *argument;
    int side = graph_is_binary(add, BINARY_ADD) ? beside_constant(graph, add, 1) : -1;
    function = side < 0 ? NULL : graph_only_producer(graph, add, (size_t)side);
    argument = function ? graph_only_producer(graph, function, 0) : NULL;
    if (is_activation(function, ACTIVATION_ERF) && is_erf_argument(graph, argument, x))
        return ACTIVATION_GELU;
    if (is_activation(function, ACTIVATION_TANH) && is_tanh_argument(graph, argument, x))
        return ACTIVATION_GELU_TANH;
    return ACTIVATION_NONE;
}

static void match_gelu(struct graph *graph, struct graph_node *node)
{
    int list[FACTORS_MAX];
    size_t count = graph_is_binary(node, BINARY_MUL) ? factors(graph, node, list, 0) : 0;
    if (count != 3 || !take_scalar(graph, list, &count, 0.5F))
        return;
    for (size_t i = 0; i < 2; i++) {
        enum activation activation = gelu_gate(graph, list[i], list[1 - i]);
        if (activation != ACTIVATION_NONE) {
            become_activation(graph, node, list[1 - i], activation);
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
            match_mish(graph, &graph->nodes[i]);
            match_gelu(graph, &graph->nodes[i]);
        }
    graph_remove_unused(graph);
}
