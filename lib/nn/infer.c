#include "nn/infer.h"

#include "nn/compose_internal.h"
#include "nn/net_internal.h"

#include <stdlib.h>
#include <string.h>

/* Who reads a copy of a constant reads the constant: weights that several nodes share stay one. */
static void follow_identities(struct model *model)
{
    for (size_t i = 0; i < model->node_count; i++) {
        struct node *node = &model->nodes[i];
        for (size_t k = 0; k < node->input_count; k++) {
            const struct node *from;
            int value = node->inputs[k];
            if (value < 0 || model->values[value].producer < 0)
                continue;
            from = &model->nodes[model->values[value].producer];
            if (strcmp(from->op_type, "Identity") == 0 && from->input_count == 1 &&
                from->inputs[0] >= 0 && model->values[from->inputs[0]].constant)
                node->inputs[k] = from->inputs[0];
        }
    }
}

/* A value of its own for input k of a node. */
static enum status own_constant(struct model *model, struct node *node, size_t k,
                                const struct tensor *tensor, struct error *err)
{
    const char *name = model_free_name(model, model->values[node->inputs[k]].name);
    int value = name ? model_add_constant(model, name, tensor) : -1;
    if (value < 0)
        return error_memory(err);
    node->inputs[k] = value;
    return STATUS_OK;
}

static int is_op(const struct node *node, const char *op_type)
{
    return strcmp(node->op_type, op_type) == 0;
}

/* Exporters keep equal constants once. What is learned of one BatchNormalization, or as a bias, is
 * no matter of another: each gets its own. */
static enum status part_constants(struct model *model, struct error *err)
{
    unsigned char *used = memory_array(model->value_count + 1, 1);
    size_t count = model->value_count;
    enum status status = used ? STATUS_OK : error_memory(err);
    for (size_t i = 0; status == STATUS_OK && i < model->node_count; i++) {
        struct node *node = &model->nodes[i];
        if (!is_op(node, "BatchNormalization") && !is_op(node, "Add"))
            continue;
        for (size_t k = 0; status == STATUS_OK && k < node->input_count; k++) {
            int value = node->inputs[k];
            const struct tensor *constant = value < 0 ? NULL : model->values[value].constant;
            if (!constant || (size_t)value >= count || shape_count(&constant->shape) < 2)
                continue;
            if (used[value])
                status = own_constant(model, node, k, constant, err);
            used[value] = 1;
        }
    }
    free(used);
    return status;
}

/* What a Slice takes may be computed of shapes. Along other dimensions than the batch it is the
 * same for any number of pictures. */
static enum status know_slices(struct model *model, const struct plan *plan, size_t count,
                               struct error *err)
{
    for (size_t i = 0; i < model->node_count; i++) {
        struct node *node = &model->nodes[i];
        for (size_t k = 1; is_op(node, "Slice") && k < node->input_count; k++) {
            int value = node->inputs[k];
            const struct plan_value *known = value < 0 ? NULL : &plan->values[value];
            struct tensor tensor;
            if (!known || (size_t)value >= count || model->values[value].constant || !known->known)
                continue;
            tensor = (struct tensor){known->type, known->shape, (void *)known->known};
            TRY(own_constant(model, node, k, &tensor, err));
        }
    }
    return STATUS_OK;
}

static enum status take_constants(struct model *model, const struct graph *graph, struct error *err)
{
    for (size_t i = 0; i < model->value_count; i++) {
        struct value *value = &model->values[i];
        const struct tensor *constant = graph->values[i].constant;
        if (value->constant || !constant)
            continue;
        if (!(value->constant = tensor_copy(model->arena, constant)))
            return error_memory(err);
    }
    return STATUS_OK;
}

static void take_shapes(struct model *model, const struct plan *plan)
{
    for (size_t i = 0; i < model->value_count; i++) {
        struct value *value = &model->values[i];
        const struct plan_value *known = &plan->values[i];
        if (value->constant) {
            value->typed = 1;
            value->type = value->constant->type;
            value->shape = value->constant->shape;
        } else if (known->known_shape) {
            value->typed = 1;
            value->type = known->type;
            value->shape = known->shape;
        }
    }
}

static enum status infer(struct model *model, const struct net *net, struct error *err)
{
    struct plan *plan;
    enum status status;
    TRY(net_declared_plan(net, &plan, err));
    status = take_constants(model, &net->graph, err);
    if (status == STATUS_OK) {
        take_shapes(model, plan);
        status = know_slices(model, plan, model->value_count, err);
    }
    plan_free(plan);
    return status == STATUS_OK ? part_constants(model, err) : status;
}

enum status model_infer(struct model *model, int width, int height, struct error *err)
{
    struct net_options options = {.batch = 1, .reference = 1, .width = width, .height = height};
    struct net *net;
    follow_identities(model);
    TRY(net_new(model, &options, &net, err));
    if (infer(model, net, err) != STATUS_OK) {
        net_free(net);
        return err->status;
    }
    net_free(net);
    return model_prune(model, err);
}

/* Nodes that make constants are not needed either. */
static void drop(struct model *model, const unsigned char *nodes, const unsigned char *values)
{
    size_t kept = 0;
    for (size_t i = 0; i < model->value_count; i++) {
        model->values[i].producer = -1;
        if (!values[i])
            model->values[i].constant = NULL;
    }
    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];
        if (!nodes[i])
            continue;
        for (size_t k = 0; k < node->output_count; k++)
            if (node->outputs[k] >= 0)
                model->values[node->outputs[k]].producer = (int)kept;
        model->nodes[kept++] = *node;
    }
    model->node_count = kept;
}

enum status model_prune(struct model *model, struct error *err)
{
    unsigned char *values = memory_array(model->value_count + 1, 1);
    unsigned char *nodes = memory_array(model->node_count + 1, 1);
    enum status status = values && nodes ? STATUS_OK : error_memory(err);
    if (status == STATUS_OK) {
        for (size_t i = 0; i < model->output_count; i++)
            values[model->outputs[i]] = 1;
        model_needed(model, -1, values, nodes);
        drop(model, nodes, values);
    }
    free(values);
    free(nodes);
    return status;
}
