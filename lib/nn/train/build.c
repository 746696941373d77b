/* The layers out of a model's nodes. */
#include "nn/train/train_internal.h"

/* While building: which activation map a value of the model became. */
struct building {
    struct trainer *trainer;
    const struct model *model;
    struct activation_map **map; /* by value; NULL: not data */
    unsigned char *wanted;       /* by node: the output depends on it */
};

static void *take(struct building *building, size_t count, size_t size, struct error *err)
{
    void *memory = arena_alloc(building->trainer->arena, count, size);
    if (!memory)
        error_memory(err);
    return memory;
}

static size_t data_inputs(const struct train_op *op, const struct node *node)
{
    return op->many_inputs ? node->input_count : 1;
}

/* Marks the nodes that the first output depends on, from the end to the start. */
static enum status mark_wanted(struct building *building, struct error *err)
{
    const struct model *model = building->model;
    unsigned char *value = take(building, model->value_count + 1, 1, err);
    building->wanted = take(building, model->node_count + 1, 1, err);
    if (!value || !building->wanted)
        return STATUS_SYSTEM;
    value[model->outputs[0]] = 1;
    for (size_t i = model->node_count; i-- > 0;) {
        const struct node *node = &model->nodes[i];
        for (size_t k = 0; k < node->output_count; k++)
            if (node->outputs[k] >= 0 && value[node->outputs[k]])
                building->wanted[i] = 1;
        for (size_t k = 0; building->wanted[i] && k < node->input_count; k++)
            if (node->inputs[k] >= 0)
                value[node->inputs[k]] = 1;
    }
    return STATUS_OK;
}

static struct activation_map *new_map(struct building *building, const struct dims *dims,
                                      struct error *err)
{
    struct activation_map *map = take(building, 1, sizeof *map, err);
    size_t size = (size_t)dims->channels * (size_t)dims->height;
    if (!map)
        return NULL;
    if (size * (size_t)dims->width > (size_t)1 << 31) {
        error_set(err, STATUS_USAGE, "%dx%dx%d values for one picture are too many", dims->channels,
                  dims->height, dims->width);
        return NULL;
    }
    map->dims = *dims;
    map->size = size * (size_t)dims->width;
    return map;
}

static enum status input_dims(const struct model *model, struct dims *dims, struct error *err)
{
    const struct shape *shape = &model->values[model->inputs[0]].shape;
    int64_t size[3] = {0, 1, 1};
    if (shape->rank != 4 && shape->rank != 2)
        return error_set(err, STATUS_USAGE,
                         "the input has %d dimensions, expected 4 (N, C, H, W) or 2 (N, features)",
                         shape->rank);
    for (int i = 1; i < shape->rank; i++) {
        size[i - 1] = shape->dim[i];
        if (shape->dim[i] < 1 || shape->dim[i] > 1 << 24)
            return error_set(err, STATUS_USAGE,
                             "dimension %d of the input is %lld, not a fixed size", i,
                             (long long)shape->dim[i]);
    }
    *dims = (struct dims){(int)size[0], (int)size[1], (int)size[2]};
    return STATUS_OK;
}

static enum status begin_layer(struct building *building, const struct train_op *op,
                               const struct node *node, const char *name, size_t inputs,
                               struct layer **result, struct error *err)
{
    struct trainer *trainer = building->trainer;
    struct layer *layer = &trainer->layers[trainer->layer_count++];
    layer->op = op;
    layer->node = node;
    layer->name = name;
    layer->trainer = trainer;
    layer->in_count = inputs;
    layer->in = take(building, inputs + 1, sizeof *layer->in, err);
    layer->more = take(building, inputs + 1, 1, err);
    *result = layer;
    return layer->in && layer->more ? STATUS_OK : STATUS_SYSTEM;
}

static enum status add_input(struct building *building, struct error *err)
{
    struct dims dims;
    struct layer *layer;
    int input = building->model->inputs[0];
    enum status status = input_dims(building->model, &dims, err);
    if (status == STATUS_OK)
        status = begin_layer(building, &train_input, NULL, "input", 0, &layer, err);
    if (status != STATUS_OK)
        return status;
    layer->out = new_map(building, &dims, err);
    building->map[input] = layer->out;
    return layer->out ? STATUS_OK : err->status;
}

static enum status connect(struct building *building, struct layer *layer, const struct node *node,
                           struct dims *in, struct error *err)
{
    for (size_t i = 0; i < layer->in_count; i++) {
        struct activation_map *map = node->inputs[i] < 0 ? NULL : building->map[node->inputs[i]];
        if (!map)
            return error_set(err, STATUS_FAILED, "input %zu is not made out of the pictures",
                             i + 1);
        map->uses++;
        layer->in[i] = map;
        in[i] = map->dims;
    }
    return STATUS_OK;
}

static enum status add_node(struct building *building, const struct node *node, struct error *err)
{
    const struct train_op *op = *node->domain ? NULL : train_op_find(node->op_type);
    const char *name = *node->name ? node->name : node->op_type;
    struct dims out, *in;
    struct layer *layer;
    enum status status;
    if (!op)
        return error_set(err, STATUS_FAILED, "%s cannot be trained", node->op_type);
    if (node->input_count < 1 || node->output_count < 1 || node->outputs[0] < 0)
        return error_set(err, STATUS_USAGE, "%s needs an input and an output", node->op_type);
    in = take(building, node->input_count, sizeof *in, err);
    status = in ? begin_layer(building, op, node, name, data_inputs(op, node), &layer, err)
                : STATUS_SYSTEM;
    if (status == STATUS_OK)
        status = connect(building, layer, node, in, err);
    if (status == STATUS_OK)
        status = op->shape(building->model, node, in, layer->in_count, &out, err);
    if (status != STATUS_OK)
        return status;
    layer->out = new_map(building, &out, err);
    if (!layer->out)
        return err->status;
    building->map[node->outputs[0]] = layer->out;
    return op->setup ? op->setup(layer, building->model, err) : STATUS_OK;
}

static enum status add_layers(struct building *building, struct error *err)
{
    const struct model *model = building->model;
    struct layer *loss;
    enum status status;
    if (model->input_count < 1 || model->output_count < 1)
        return error_set(err, STATUS_USAGE, "the network has no input or no output");
    building->trainer->layers =
        take(building, model->node_count + 2, sizeof *building->trainer->layers, err);
    building->trainer->parameters = take(building, PARAMETERS_MAX * (model->node_count + 1),
                                         sizeof *building->trainer->parameters, err);
    building->map = take(building, model->value_count + 1, sizeof *building->map, err);
    if (!building->trainer->layers || !building->trainer->parameters || !building->map)
        return STATUS_SYSTEM;
    if ((status = mark_wanted(building, err)) != STATUS_OK ||
        (status = add_input(building, err)) != STATUS_OK)
        return status;
    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];
        if (building->wanted[i] && add_node(building, node, err) != STATUS_OK)
            return error_prefix(err, "%s", *node->name ? node->name : node->op_type);
    }
    if (!building->map[model->outputs[0]])
        return error_set(err, STATUS_USAGE, "the output is not made out of the pictures");
    status = begin_layer(building, loss_op(building->trainer->options.loss), NULL, "loss", 1, &loss,
                         err);
    if (status != STATUS_OK)
        return status;
    loss->in[0] = building->map[model->outputs[0]];
    loss->in[0]->uses++;
    loss->out = loss->in[0];
    if (building->trainer->parameter_count == 0)
        return error_set(err, STATUS_USAGE,
                         "the network has no weights: there is nothing to learn");
    if (loss->in[0]->dims.height != 1 || loss->in[0]->dims.width != 1)
        return error_set(err, STATUS_USAGE, "the output is %dx%dx%d, expected one number per class",
                         loss->in[0]->dims.channels, loss->in[0]->dims.height,
                         loss->in[0]->dims.width);
    return STATUS_OK;
}

enum status trainer_build(struct trainer *trainer, const struct model *model, struct error *err)
{
    struct building building = {.trainer = trainer, .model = model};
    return add_layers(&building, err);
}
