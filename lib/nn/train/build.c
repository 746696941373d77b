/* The layers out of a model's nodes. */
#include "nn/net.h"
#include "nn/train/train_internal.h"

#include <string.h>

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

/* Shapes and the like, which some nodes compute beside the pictures, are no data. */
static int is_data(const struct value *value)
{
    return !value->typed || value->type == ELEMENT_F32;
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
            if (node->inputs[k] >= 0 && is_data(&model->values[node->inputs[k]]))
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

/* N x H x W x C, as TensorFlow has it: a Transpose follows. */
static int is_nhwc(const struct model *model)
{
    for (size_t i = 0; i < model->node_count; i++)
        if (strcmp(model->nodes[i].op_type, "Transpose") == 0)
            return net_looks_nhwc(&model->values[model->inputs[0]]);
    return 0;
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
    if (is_nhwc(model))
        *dims = (struct dims){(int)size[2], (int)size[0], (int)size[1]};
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
    if (!layer->out)
        return err->status;
    layer->out->plain = is_nhwc(building->model);
    return STATUS_OK;
}

static enum status connect(struct building *building, struct layer *layer, const struct node *node,
                           struct dims *in, struct error *err)
{
    const struct value *values = building->model->values;
    int constant_first = layer->in_count == 1 && node->input_count == 2 && node->inputs[0] >= 0 &&
                         values[node->inputs[0]].constant;
    for (size_t i = 0; i < layer->in_count; i++) {
        int value = node->inputs[constant_first ? 1 : i];
        struct activation_map *map = value < 0 ? NULL : building->map[value];
        if (!map)
            return error_set(err, STATUS_FAILED, "input %zu is not made out of the pictures",
                             i + 1);
        map->uses++;
        layer->in[i] = map;
        in[i] = map->dims;
    }
    return STATUS_OK;
}

/* Does the operator work on what the maps are, and make what the model says that it makes? */
static enum status check_map(const struct layer *layer, const struct value *value,
                             struct error *err)
{
    const struct train_op *op = layer->op;
    struct activation_map *out = layer->out;
    int rank = value->shape.rank, wrong = 0;
    char text[SHAPE_TEXT];
    out->plain = op->moves ? rank != 2 && rank != 4 : layer->in[0]->plain;
    for (size_t i = 0; i < layer->in_count; i++)
        wrong |= layer->in[i]->plain && !op->moves &&
                 (!op->elementwise || layer->in[i]->plain != layer->in[0]->plain);
    if (value->typed && !out->plain) {
        int64_t size[5] = {1, out->dims.channels, out->dims.height, out->dims.width, 0};
        wrong |= (rank != 2 && rank != 4) || (rank == 2 && size[2] * size[3] != 1);
        for (int i = 1; i < rank && i < 4; i++)
            wrong |= value->shape.dim[i] != size[i];
    }
    if (value->typed && out->plain)
        wrong |= (size_t)shape_count(&value->shape) != out->size;
    return wrong ? error_set(err, STATUS_FAILED,
                             "%s that puts out %s for a picture cannot be trained",
                             layer->node->op_type, shape_format(&value->shape, text))
                 : STATUS_OK;
}

static enum status add_node(struct building *building, const struct node *node, struct error *err)
{
    const struct train_op *op = train_op_of(building->model, node, &building->trainer->options);
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
    TRY(check_map(layer, &building->model->values[node->outputs[0]], err));
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

/* The nodes of the body learn at a rate of their own. */
static void set_rates(struct trainer *trainer, const struct model *model)
{
    for (size_t i = 0; i < trainer->layer_count; i++) {
        struct layer *layer = &trainer->layers[i];
        layer->learned = layer->node && layer->node < model->nodes + trainer->options.body;
        for (int k = 0; layer->learned && k < PARAMETERS_MAX; k++)
            if (layer->parameter[k])
                layer->parameter[k]->rate *= trainer->options.body_rate;
    }
}

enum status trainer_build(struct trainer *trainer, const struct model *model, struct error *err)
{
    struct building building = {.trainer = trainer, .model = model};
    TRY(add_layers(&building, err));
    set_rates(trainer, model);
    trainer_fuse(trainer);
    return STATUS_OK;
}
