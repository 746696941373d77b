/* A network from a model: made, asked about, listed. */
#include "nn/net_internal.h"

#include <stdlib.h>
#include <string.h>

enum { CACHE_USUAL = 1 << 20 }; /* half of what a processor of today has for each core alone */

/* The model as a graph of kernels and references, in the order of the passes. */
static enum status make_graph(struct net *net, struct error *err)
{
    enum status status = graph_new(net, err);
    if (status == STATUS_OK)
        status = graph_fold(net, err);
    if (status == STATUS_OK && !net->options.reference) {
        graph_bypass(&net->graph);
        status = graph_classify(net, err);
        if (status == STATUS_OK) {
            graph_match(&net->graph);
            status = graph_match_norm(net, err);
        }
        if (status == STATUS_OK)
            status = graph_fuse(net, err);
    }
    if (status != STATUS_OK)
        return status;
    graph_count_uses(&net->graph);
    return packings_new(net, err);
}

enum status net_new(const struct model *model, const struct net_options *options, struct net **made,
                    struct error *err)
{
    struct net *net = memory_array(1, sizeof *net);
    enum status status;
    *made = NULL;
    if (!net || !(net->arena = arena_new())) {
        free(net);
        return error_memory(err);
    }
    net->model = model;
    net->kernels = kernels_best();
    if (options)
        net->options = *options;
    if (!net->options.cache)
        net->options.cache = CACHE_USUAL;
    net->is_nhwc = model->input_count > 0 && net_looks_nhwc(net_input(net, 0));
    status = make_graph(net, err);
    if (status == STATUS_OK)
        status = net_choose_batch(net, err);
    if (status != STATUS_OK) {
        net_free(net);
        return status;
    }
    *made = net;
    return STATUS_OK;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    packings_free(net);
    arena_free(net->arena);
    free(net);
}

size_t net_output_count(const struct net *net)
{
    return net->graph.output_count;
}

const char *net_output_name(const struct net *net, size_t i)
{
    return net->model->values[net->graph.outputs[i]].name;
}

enum status net_output_shape(const struct net *net, size_t i, struct tensor *what,
                             struct error *err)
{
    struct plan *plan;
    enum status status = net_declared_plan(net, &plan, err);
    if (status == STATUS_OK) {
        const struct plan_value *value = &plan->values[net->graph.outputs[i]];
        *what = (struct tensor){value->type, value->shape, NULL};
        if (!value->known_shape)
            status = error_set(err, STATUS_USAGE, "the shape of %s depends on the picture",
                               net_output_name(net, i));
        plan_free(plan);
    }
    return status;
}

enum status net_list(const struct net *net,
                     void (*tell)(void *context, const struct node *node, const char *output,
                                  const struct tensor *what),
                     void *context, struct error *err)
{
    const struct model *model = net->model;
    struct tensor *inputs = memory_array(model->input_count + 1, sizeof *inputs);
    struct plan *plan = NULL;
    if (!inputs)
        return error_memory(err);
    if (!net_declared_inputs(net, net->batch, inputs) ||
        plan_new(net, inputs, 0, &plan, err) != STATUS_OK)
        plan = NULL; /* the shapes are not known before there is an input */
    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];
        int output = node->output_count ? node->outputs[0] : -1;
        struct tensor what = {0};
        int known = output >= 0 && plan && plan->values[output].known_shape;
        if (known)
            what = (struct tensor){plan->values[output].type, plan->values[output].shape, NULL};
        if (strcmp(node->op_type, "Constant") != 0)
            tell(context, node, output >= 0 ? model->values[output].name : "",
                 known ? &what : NULL);
    }
    plan_free(plan);
    free(inputs);
    return STATUS_OK;
}
