/* The plan for given input shapes: the network's inputs, each node in turn, the outputs. What can
 * be known from small inputs only by their values is planned for these values. */
#include "nn/net_builder_internal.h"

#include <stdlib.h>
#include <string.h>

static void plan_inputs(struct builder *b)
{
    const struct model *model = b->net->model;
    struct plan *plan = b->plan;
    for (size_t i = 0; i < model->input_count && b->status == STATUS_OK; i++) {
        const struct tensor *input = &plan->inputs[i];
        int value = model->inputs[i], place;
        if (plan->values[value].known) /* a constant that the model also calls an input */
            continue;
        plan_set_shape(b, value, input->type, &input->shape);
        plan->values[value].known = input->data;
        place = plan_add_place(b, shape_bytes(&input->shape, input->type));
        if (b->status != STATUS_OK)
            return;
        if (plan->pictures && i == 0) {
            plan->picture_place = place;
            plan_set_place(b, value, b->net->is_nhwc ? FORM_ONNX : FORM_NHWC, place);
        } else {
            plan->places[place].input = (int)i;
            plan_set_place(b, value, FORM_ONNX, place);
        }
    }
}

static void plan_outputs(struct builder *b)
{
    const struct graph *graph = &b->net->graph;
    struct plan *plan = b->plan;
    plan->output_places = plan_alloc(b, graph->output_count, sizeof *plan->output_places);
    for (size_t i = 0; i < graph->output_count && b->status == STATUS_OK; i++) {
        int place = plan_ensure(b, graph->outputs[i], FORM_ONNX), root;
        if (b->status != STATUS_OK)
            return;
        root = place_root(plan, place, NULL);
        if (plan->places[root].input >=
            0) { /* the caller's memory: the result must be the session's */
            int copy = plan_add_place(b, plan->places[place].bytes);
            struct step *step = plan_add_simple(b, STEP_COPY, place, copy);
            if (step)
                step->value = graph->outputs[i];
            place = root = copy;
        }
        if (b->status != STATUS_OK)
            return;
        plan->places[root].keep = 1;
        plan->output_places[i] = place;
    }
}

static enum status init_values(struct builder *b)
{
    struct plan *plan = b->plan;
    const struct graph *graph = &b->net->graph;
    plan->values = plan_alloc(b, graph->value_count, sizeof *plan->values);
    for (size_t i = 0; b->status == STATUS_OK && i < graph->value_count; i++) {
        const struct tensor *constant = graph->values[i].constant;
        plan->values[i].place[FORM_ONNX] = plan->values[i].place[FORM_NHWC] = -1;
        if (constant) {
            plan_set_shape(b, (int)i, constant->type, &constant->shape);
            plan->values[i].known = constant->data;
        }
    }
    return b->status;
}

/* Is the value part of what the plan was made for? Small integers are (shapes, axes), and small
 * numbers of any type where that is needed. */
static int is_key(const struct tensor *input, int values_matter)
{
    int64_t count = shape_count(&input->shape);
    int whole = input->type != ELEMENT_F32 && input->type != ELEMENT_F64 &&
                input->type != ELEMENT_F16 && input->type != ELEMENT_BF16;
    return input->data && count >= 0 &&
           ((whole && count <= 1024) || (values_matter && count <= 4096));
}

static void copy_inputs(struct builder *b, const struct tensor *inputs, int values_matter)
{
    size_t count = b->net->model->input_count;
    b->plan->values_matter = values_matter;
    b->plan->inputs = plan_alloc(b, count, sizeof *b->plan->inputs);
    for (size_t i = 0; b->status == STATUS_OK && i < count; i++) {
        int64_t bytes = shape_bytes(&inputs[i].shape, inputs[i].type);
        b->plan->inputs[i] = inputs[i];
        b->plan->inputs[i].data = NULL;
        if (is_key(&inputs[i], values_matter) && bytes >= 0) {
            b->plan->inputs[i].data = plan_alloc(b, (size_t)bytes, 1);
            if (b->plan->inputs[i].data && bytes)
                memcpy(b->plan->inputs[i].data, inputs[i].data, (size_t)bytes);
        }
    }
}

static enum status try_plan(const struct net *net, const struct tensor *inputs, int pictures,
                            int values_matter, struct plan **made, struct error *err)
{
    struct builder b = {.net = net, .err = err, .node = -1};
    *made = b.plan = memory_array(1, sizeof *b.plan);
    if (!b.plan || !(b.plan->arena = arena_new())) {
        free(b.plan);
        *made = NULL;
        return error_memory(err);
    }
    b.plan->pictures = pictures;
    b.plan->picture_place = -1;
    copy_inputs(&b, inputs, values_matter);
    if (b.status == STATUS_OK && init_values(&b) == STATUS_OK)
        plan_inputs(&b);
    for (size_t i = 0; i < net->graph.node_count && b.status == STATUS_OK; i++) {
        const struct graph_node *node = &net->graph.nodes[i];
        b.node = (int)i;
        if (!node->dead)
            plan_node(&b, node);
        if (b.status != STATUS_OK)
            node_error(err, node->node);
    }
    b.node = -1;
    if (b.status == STATUS_OK)
        plan_outputs(&b);
    if (b.status == STATUS_OK)
        b.status = plan_views(b.plan, err);
    if (b.status == STATUS_OK)
        b.status = plan_images(net, b.plan, err);
    if (b.status == STATUS_OK)
        plan_bands(net, b.plan);
    if (b.status == STATUS_OK)
        b.status = plan_arena(b.plan, err);
    if (b.status != STATUS_OK) {
        plan_free(b.plan);
        *made = NULL;
    }
    return b.status;
}

enum status plan_new(const struct net *net, const struct tensor *inputs, int pictures,
                     struct plan **plan, struct error *err)
{
    enum status status = try_plan(net, inputs, pictures, 0, plan, err);
    if (status == STATUS_END)
        status = try_plan(net, inputs, pictures, 1, plan, err);
    if (status == STATUS_END && err)
        err->status = STATUS_FAILED;
    return status == STATUS_END ? STATUS_FAILED : status;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    free(plan->places);
    free(plan->steps);
    arena_free(plan->arena);
    free(plan);
}
