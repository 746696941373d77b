/* From the model to the graph: the nodes that the outputs depend on and that do something. */
#include "nn/net_internal.h"

#include <stdlib.h>
#include <string.h>

enum status node_error(struct error *err, const struct node *node)
{
    return error_prefix(err, "node '%s' (%s)", *node->name ? node->name : "", node->op_type);
}

static enum status find_outputs(struct net *net, struct error *err)
{
    const struct model *model = net->model;
    struct graph *graph = &net->graph;
    const char *name = net->options.node;
    int value;
    if (!name) {
        graph->outputs = model->outputs;
        graph->output_count = model->output_count;
        return graph->output_count ? STATUS_OK
                                   : error_set(err, STATUS_DAMAGED, "the model has no outputs");
    }
    if ((value = model_find_output(model, name)) < 0)
        return error_set(err, STATUS_USAGE,
                         "the model has no node '%s' (imgfeat --list shows the names)", name);
    graph->outputs = arena_alloc(net->arena, 1, sizeof *graph->outputs);
    if (!graph->outputs)
        return error_memory(err);
    graph->outputs[0] = value;
    graph->output_count = 1;
    return STATUS_OK;
}

static int *copy_indices(struct arena *arena, const int *from, size_t count)
{
    int *copy = arena_alloc(arena, count + 1, sizeof *copy);
    if (copy && count)
        memcpy(copy, from, count * sizeof *copy);
    return copy;
}

/* Copies the nodes that the outputs depend on, in the model's order. */
static enum status copy_nodes(struct net *net, struct error *err)
{
    const struct model *model = net->model;
    struct graph *graph = &net->graph;
    unsigned char *live = memory_array(model->value_count + 1, 1);
    graph->nodes = arena_alloc(net->arena, model->node_count + 1, sizeof *graph->nodes);
    graph->values = arena_alloc(net->arena, model->value_count + 1, sizeof *graph->values);
    if (!live || !graph->nodes || !graph->values) {
        free(live);
        return error_memory(err);
    }
    graph->value_count = model->value_count;
    for (size_t i = 0; i < graph->output_count; i++)
        live[graph->outputs[i]] = 1;
    for (size_t i = model->node_count; i-- > 0;) {
        const struct node *node = &model->nodes[i];
        int wanted = 0;
        for (size_t j = 0; j < node->output_count; j++)
            wanted |= node->outputs[j] >= 0 && live[node->outputs[j]];
        if (!wanted)
            continue;
        for (size_t j = 0; j < node->input_count; j++)
            if (node->inputs[j] >= 0)
                live[node->inputs[j]] = 1;
        graph->nodes[graph->node_count++].node = node; /* backwards for now */
    }
    free(live);
    for (size_t i = 0; i < graph->node_count / 2; i++) {
        const struct node *swap = graph->nodes[i].node;
        graph->nodes[i].node = graph->nodes[graph->node_count - 1 - i].node;
        graph->nodes[graph->node_count - 1 - i].node = swap;
    }
    for (size_t i = 0; i < graph->node_count; i++) {
        struct graph_node *copy = &graph->nodes[i];
        const struct node *node = copy->node;
        copy->inputs = copy_indices(net->arena, node->inputs, node->input_count);
        copy->outputs = copy_indices(net->arena, node->outputs, node->output_count);
        copy->input_count = node->input_count;
        copy->output_count = node->output_count;
        if (!copy->inputs || !copy->outputs)
            return error_memory(err);
    }
    for (size_t i = 0; i < model->value_count; i++)
        graph->values[i].constant = model->values[i].constant;
    return STATUS_OK;
}

void graph_count_uses(struct graph *graph)
{
    for (size_t i = 0; i < graph->value_count; i++) {
        graph->values[i].uses = graph->values[i].is_output = 0;
        graph->values[i].producer = -1;
    }
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        if (node->dead)
            continue;
        for (size_t j = 0; j < node->input_count; j++)
            if (node->inputs[j] >= 0)
                graph->values[node->inputs[j]].uses++;
        for (size_t j = 0; j < node->output_count; j++)
            if (node->outputs[j] >= 0)
                graph->values[node->outputs[j]].producer = (int)i;
    }
    for (size_t i = 0; i < graph->output_count; i++) {
        graph->values[graph->outputs[i]].uses++;
        graph->values[graph->outputs[i]].is_output = 1;
    }
}

void graph_remove_unused(struct graph *graph)
{
    for (size_t i = graph->node_count; i-- > 0;) {
        struct graph_node *node = &graph->nodes[i];
        int used = 0;
        for (size_t j = 0; j < node->output_count; j++)
            used |= node->outputs[j] >= 0 && graph->values[node->outputs[j]].uses > 0;
        if (node->dead || used)
            continue;
        node->dead = 1;
        for (size_t j = 0; j < node->input_count; j++)
            if (node->inputs[j] >= 0)
                graph->values[node->inputs[j]].uses--;
    }
}

const struct tensor *graph_constant(const struct graph *graph, const struct graph_node *node,
                                    size_t i)
{
    const struct tensor *tensor = i < node->input_count && node->inputs[i] >= 0
                                      ? graph->values[node->inputs[i]].constant
                                      : NULL;
    return tensor && tensor->type == ELEMENT_F32 ? tensor : NULL;
}

int graph_ints(const struct graph *graph, const struct graph_node *node, const char *name, size_t i,
               const int64_t **list, size_t *count)
{
    const struct tensor *tensor;
    *list = node_ints(node->node, name, count);
    if (node->input_count <= i)
        return 1;
    tensor = node->inputs[i] >= 0 ? graph->values[node->inputs[i]].constant : NULL;
    if (!tensor || tensor->type != ELEMENT_I64)
        return 0;
    *list = tensor->data;
    *count = (size_t)shape_count(&tensor->shape);
    return 1;
}

void graph_absorb(struct graph *graph, struct graph_node *first, struct graph_node *second)
{
    second->within = first;
    first->outputs[0] = second->outputs[0];
    second->dead = 1;
    graph_count_uses(graph);
}

struct graph_node *graph_only_producer(struct graph *graph, const struct graph_node *node, size_t i)
{
    const struct graph_value *value;
    if (i >= node->input_count || node->inputs[i] < 0)
        return NULL;
    value = &graph->values[node->inputs[i]];
    return value->producer >= 0 && value->uses == 1 ? &graph->nodes[value->producer] : NULL;
}

/* ---- nodes that do nothing ---- */

static int is_false(const struct graph *graph, int value)
{
    const struct tensor *constant = graph->values[value].constant;
    return constant && constant->type == ELEMENT_U8 && shape_count(&constant->shape) == 1 &&
           *(const unsigned char *)constant->data == 0;
}

/* Dropout in training mode is left to the reference. */
static int does_nothing(const struct graph *graph, const struct graph_node *node)
{
    const char *op = node->node->op_type;
    if (strcmp(op, "Identity") == 0)
        return 1;
    if (strcmp(op, "Dropout") != 0 ||
        (node->input_count > 2 && node->inputs[2] >= 0 && !is_false(graph, node->inputs[2])))
        return 0;
    return node->output_count < 2 || node->outputs[1] < 0 ||
           graph->values[node->outputs[1]].uses == 0;
}

void graph_bypass(struct graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        struct graph_node *node = &graph->nodes[i];
        if (node->dead || node->input_count < 1 || node->inputs[0] < 0 || node->outputs[0] < 0 ||
            !does_nothing(graph, node))
            continue;
        for (size_t k = i + 1; k < graph->node_count; k++)
            for (size_t j = 0; j < graph->nodes[k].input_count; j++)
                if (graph->nodes[k].inputs[j] == node->outputs[0])
                    graph->nodes[k].inputs[j] = node->inputs[0];
        node->kind = KIND_RESHAPE;
        node->input_count = node->output_count = 1;
    }
    graph_count_uses(graph);
    graph_remove_unused(graph);
}

enum status graph_new(struct net *net, struct error *err)
{
    enum status status = find_outputs(net, err);
    return status == STATUS_OK ? copy_nodes(net, err) : status;
}
