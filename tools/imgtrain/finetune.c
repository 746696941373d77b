/* -m: learning goes on from the weights of a model, with a layer for the labels at its end. */
#include "base/text.h"
#include "nn/compose.h"
#include "nn/head.h"
#include "nn/infer.h"
#include "nn/net.h"
#include "nn/onnx.h"
#include "tools/imgtrain/imgtrain.h"

#include <stdlib.h>
#include <string.h>

static _Noreturn void die(struct imgtrain *train, struct error *err)
{
    error_prefix(err, "%s", train->backbone.path);
    if (err->status == STATUS_FAILED)
        err->status = STATUS_USAGE;
    tool_die(&train->tool, err);
}

/* ---- the labels ---- */

/* One name per line of the model's labels, decoded in place; returns how many. */
static size_t split_names(char *text, const char **names, size_t room)
{
    size_t count = 0;
    while (*text && count < room) {
        char *end = strchr(text, '\n'), *next = end ? end + 1 : text + strlen(text);
        if (end)
            *end = 0;
        text_tsv_decode(text);
        names[count++] = text;
        text = next;
    }
    return *text ? room + 1 : count;
}

/* Are the labels found those of the model? order[i]: where the model has label i. */
static int same_labels(struct imgtrain *train, const char *text, size_t *order)
{
    size_t count = dataset_label_count(train->data), found = 0;
    char *copy = strdup(text);
    const char **names = memory_array(count + 1, sizeof *names);
    if (copy && names && split_names(copy, names, count) == count)
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < count; k++)
                if (strcmp(dataset_label(train->data, i), names[k]) == 0) {
                    order[i] = k;
                    found++;
                    break;
                }
    free(copy);
    free(names);
    return found == count;
}

/* The layer stays where its classes are the labels found, in their order; else a new one comes. */
static void fit_head(struct imgtrain *train, struct head *head)
{
    struct error err;
    size_t count = dataset_label_count(train->data);
    size_t *order = memory_array(count, sizeof *order);
    const char *names = model_get_metadata(train->backbone.model, MODEL_LABELS);
    int keep = !train->new_head && head->classes == (int64_t)count && order;
    enum status status = order ? STATUS_OK : error_memory(&err);
    if (keep && names && (keep = same_labels(train, names, order)))
        status = head_reorder(train->model, head, order, &err);
    if (status == STATUS_OK && !keep)
        status = head_replace(train->model, head, (int64_t)count, train->seed, &err);
    free(order);
    if (status == STATUS_OK)
        status = model_infer(train->model, train->backbone.width, train->backbone.height, &err);
    if (status != STATUS_OK)
        die(train, &err);
    if (keep && !names && !train->tool.quiet)
        tool_message(&train->tool, train->backbone.path,
                     "the model does not name its classes: they are taken for the labels found, in "
                     "byte order (--new-head starts anew)");
    tool_say(&train->tool, "%s: %s", train->model->nodes[head->node].name,
             keep ? "goes on with its weights" : "gets new weights");
}

/* What makes probabilities is for the finished model: the loss wants logits. */
static void set_aside_activation(struct imgtrain *train, const struct head *head)
{
    struct error err;
    struct tuned *tuned = &train->tuned;
    int sigmoid = head->activation && strcmp(head->activation, "Sigmoid") == 0;
    tuned->output = train->model->outputs[0];
    train->model->outputs[0] = head->logits;
    if (!head->activation || sigmoid == (train->loss == LOSS_SIGMOID))
        return;
    tool_say(&train->tool, "the %s at the end does not go with the loss: it is left out",
             head->activation);
    tuned->output = head->logits;
    if (model_prune(train->model, &err) != STATUS_OK)
        die(train, &err);
}

/* ---- the model to train ---- */

/* What of the model comes after the features, or all of it. */
static void take_tail(struct imgtrain *train)
{
    struct error err;
    struct tuned *tuned = &train->tuned;
    struct head head;
    if (train->backbone.frozen) {
        int value = model_find_output(tuned->base, train->backbone.from);
        if (model_after(tuned->base, value, &train->model, &err) != STATUS_OK)
            die(train, &err);
    } else {
        train->model = tuned->base;
    }
    if (head_find(train->model, &head, &err) != STATUS_OK)
        die(train, &err);
    fit_head(train, &head);
    /* constants may have become fewer nodes */
    if (head_find(train->model, &head, &err) != STATUS_OK)
        die(train, &err);
    tuned->body = (size_t)head.node;
    set_aside_activation(train, &head);
}

/* The whole of the model up to its features, and a network of one's own after them. */
static void put_network(struct imgtrain *train)
{
    struct error err;
    struct tuned *tuned = &train->tuned;
    const char *name = model_features(tuned->base);
    int value = name ? model_find_output(tuned->base, name) : -1;
    const struct shape *shape = value < 0 ? NULL : &tuned->base->values[value].shape;
    struct netfile_options network = {.classes = train->classes, .seed = train->seed};
    enum status status;
    if (!shape || (shape->rank != 2 && shape->rank != 4))
        tool_usage(&train->tool, "%s: where does the network go? No features were found",
                   train->backbone.path);
    network.input = (struct dims){(int)shape->dim[1], shape->rank == 4 ? (int)shape->dim[2] : 0,
                                  shape->rank == 4 ? (int)shape->dim[3] : 0};
    status =
        netfile_parse(train->net_text, train->net_size, train->net, &network, &tuned->head, &err);
    if (status != STATUS_OK)
        tool_die(&train->tool, &err);
    status = model_join(tuned->base, value, shape, tuned->head, &train->model, &err);
    if (status == STATUS_OK)
        status = model_infer(train->model, train->backbone.width, train->backbone.height, &err);
    if (status != STATUS_OK)
        die(train, &err);
    tuned->body = train->model->node_count - tuned->head->node_count;
    tuned->output = train->model->outputs[0];
}

void finetune_build(struct imgtrain *train)
{
    struct error err;
    struct tuned *tuned = &train->tuned;
    enum status status = onnx_load(train->backbone.path, &tuned->base, &err);
    if (status == STATUS_OK) {
        tuned->input = tuned->base->values[tuned->base->inputs[0]].shape;
        status = model_infer(tuned->base, train->backbone.width, train->backbone.height, &err);
    }
    if (status != STATUS_OK)
        die(train, &err);
    if (train->net)
        put_network(train);
    else
        take_tail(train);
}

void finetune_finish(struct imgtrain *train)
{
    struct model *model = train->model;
    struct value *output = &model->values[train->tuned.output];
    model->outputs[0] = train->tuned.output;
    if (!train->backbone.frozen)
        model->values[model->inputs[0]].shape = train->tuned.input;
    output->shape.dim[0] = train->tuned.input.dim[0];
    model->output_count = 1;
}

void finetune_close(struct imgtrain *train)
{
    struct tuned *tuned = &train->tuned;
    if (tuned->base && tuned->base != train->model)
        model_free(tuned->base);
    model_free(tuned->head);
}
