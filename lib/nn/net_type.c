/* The element type of each value, as far as it is known without shapes. The kernels are f32: a node
 * whose first input is of another type stays with its reference, and nothing is fused with it.
 * Types that only a plan finds out are taken for f32; a plan then says where that is wrong. */
#include "nn/net_internal.h"
#include "nn/onnx_internal.h"

#include <string.h>

static int is_one_of(const char *op, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(op, *names) == 0)
            return 1;
    return 0;
}

static enum element_type input_type(const struct graph *graph, const struct graph_node *node,
                                    size_t i)
{
    return i < node->input_count && node->inputs[i] >= 0 ? graph->values[node->inputs[i]].type
                                                         : ELEMENT_F32;
}

/* Most operators put out what they take. */
static enum element_type output_type(const struct graph *graph, const struct graph_node *node)
{
    static const char *const like_second[] = {"CastLike", "DequantizeLinear", "Where", NULL};
    static const char *const whole[] = {"Shape", "Size", "ArgMax", "ArgMin", "NonZero", NULL};
    static const char *const bytes[] = {"Equal",       "Greater", "GreaterOrEqual", "Less",
                                        "LessOrEqual", "IsNaN",   "QuantizeLinear", NULL};
    const char *op = node->node->op_type;
    if (strcmp(op, "Cast") == 0)
        return onnx_element_type(node_int(node->node, "to", 0));
    if (is_one_of(op, like_second))
        return input_type(graph, node, 1);
    if (is_one_of(op, whole))
        return ELEMENT_I64;
    return is_one_of(op, bytes) ? ELEMENT_U8 : input_type(graph, node, 0);
}

void graph_find_types(struct net *net)
{
    struct graph *graph = &net->graph;
    for (size_t i = 0; i < graph->value_count; i++) {
        const struct value *value = &net->model->values[i];
        const struct tensor *constant = graph->values[i].constant;
        graph->values[i].type = constant       ? constant->type
                                : value->typed ? value->type
                                               : ELEMENT_F32;
    }
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        for (size_t j = 0; !node->dead && j < node->output_count; j++)
            if (node->outputs[j] >= 0)
                graph->values[node->outputs[j]].type = output_type(graph, node);
    }
}
