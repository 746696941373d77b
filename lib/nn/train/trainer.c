/* Builds the layers out of a model's nodes, and plans their memory and the order of work. */
#include "nn/train/train_internal.h"

#include <math.h>
#include <stdlib.h>
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
    if ((status = begin_layer(building, &train_loss, NULL, "loss", 1, &loss, err)) != STATUS_OK)
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

/* Fewer lanes where their gradients would take too much memory; a matter of the network, not of the
 * threads. */
static int choose_lanes(const struct trainer *trainer)
{
    size_t count = 0;
    int lanes = LANES_MAX;
    for (size_t i = 0; i < trainer->parameter_count; i++)
        if (trainer->parameters[i].lanes != 1)
            count += trainer->parameters[i].count;
    while (lanes > 1 && (size_t)lanes * count > LANE_GRADIENTS)
        lanes /= 2;
    return lanes < trainer->options.batch ? lanes : trainer->options.batch;
}

static int shares_memory(const struct layer *layer)
{
    return layer->op->in_place && layer->in[0]->uses == 1 && layer->in[0]->needs_grad;
}

static float *new_floats(struct building *building, size_t per_picture, struct error *err)
{
    return take(building, (size_t)building->trainer->options.batch * per_picture, sizeof(float),
                err);
}

static enum status plan_memory(struct building *building, struct error *err)
{
    struct trainer *trainer = building->trainer;
    for (size_t i = 0; i + 1 < trainer->layer_count; i++) {
        struct layer *layer = &trainer->layers[i];
        struct activation_map *out = layer->out;
        out->needs_grad = layer->parameter[0] != NULL;
        for (size_t k = 0; k < layer->in_count; k++)
            out->needs_grad |= layer->in[k]->needs_grad;
        if (i > 0 && shares_memory(layer)) {
            out->data = layer->in[0]->data;
            out->grad = layer->in[0]->grad;
            continue;
        }
        out->data = new_floats(building, out->size, err);
        out->grad = out->needs_grad ? new_floats(building, out->size, err) : NULL;
        if (!out->data || (out->needs_grad && !out->grad))
            return STATUS_SYSTEM;
    }
    return STATUS_OK;
}

/* Who begins the gradient of each map: the last layer that reads it. The others add. */
static void plan_gradients(struct trainer *trainer)
{
    for (size_t i = trainer->layer_count; i-- > 0;)
        for (size_t k = 0; k < trainer->layers[i].in_count; k++) {
            struct activation_map *map = trainer->layers[i].in[k];
            trainer->layers[i].more[k] = map->uses < 0;
            if (map->uses > 0)
                map->uses = -map->uses; /* from here on: minus the count, meaning begun */
        }
}

static enum status plan_parameters(struct building *building, struct error *err)
{
    struct trainer *trainer = building->trainer;
    for (size_t i = 0; i < trainer->parameter_count; i++) {
        struct parameter *parameter = &trainer->parameters[i];
        if (parameter->lanes == 0)
            parameter->lanes = trainer->lanes;
        parameter->grad =
            take(building, parameter->count * (size_t)parameter->lanes, sizeof(float), err);
        parameter->state = take(building, parameter->count, sizeof(float), err);
        if (!parameter->grad || !parameter->state)
            return STATUS_SYSTEM;
    }
    for (size_t i = 0; i < trainer->layer_count; i++)
        if (trainer->layers[i].scratch > trainer->scratch_size)
            trainer->scratch_size = trainer->layers[i].scratch;
    trainer->scratch =
        take(building, (size_t)pool_size(trainer->pool), sizeof *trainer->scratch, err);
    for (int i = 0; trainer->scratch && i < pool_size(trainer->pool); i++)
        if (!(trainer->scratch[i] = take(building, trainer->scratch_size + 1, sizeof(float), err)))
            return STATUS_SYSTEM;
    trainer->labels = take(building, (size_t)trainer->options.batch, sizeof *trainer->labels, err);
    return trainer->scratch && trainer->labels ? STATUS_OK : STATUS_SYSTEM;
}

static enum status plan_programs(struct trainer *trainer, struct error *err)
{
    enum status status = STATUS_OK;
    trainer->layers[0].blocks = (int)trainer->layer_count; /* one job of preparation for each */
    for (size_t i = 0; i < trainer->layer_count && status == STATUS_OK; i++) {
        struct layer *layer = &trainer->layers[i];
        const struct phase *infer = layer->op->infer[0].run ? layer->op->infer : layer->op->forward;
        status = program_add(&trainer->learn, trainer, layer, layer->op->forward, err);
        if (status == STATUS_OK)
            status = program_add(&trainer->infer, trainer, layer, infer, err);
    }
    for (size_t i = trainer->layer_count; i-- > 0 && status == STATUS_OK;) {
        struct layer *layer = &trainer->layers[i];
        if (layer->out->needs_grad)
            status = program_add(&trainer->learn, trainer, layer, layer->op->backward, err);
    }
    if (status == STATUS_OK)
        status = step_plan(trainer, err);
    return status;
}

enum status trainer_new(const struct model *model, struct pool *pool,
                        const struct trainer_options *options, struct trainer **result,
                        struct error *err)
{
    struct building building = {.model = model};
    struct trainer *trainer = memory_array(1, sizeof *trainer);
    enum status status;
    if (!trainer || !(trainer->arena = arena_new())) {
        free(trainer);
        return error_memory(err);
    }
    building.trainer = trainer;
    trainer->pool = pool;
    trainer->options = *options;
    trainer->kernels = kernels_best();
    trainer->train = train_kernels_best();
    status = add_layers(&building, err);
    if (status == STATUS_OK) {
        trainer->lanes = choose_lanes(trainer);
        if ((status = plan_memory(&building, err)) == STATUS_OK &&
            (status = plan_parameters(&building, err)) == STATUS_OK) {
            plan_gradients(trainer);
            status = plan_programs(trainer, err);
        }
    }
    if (status != STATUS_OK) {
        trainer_free(trainer);
        return status;
    }
    *result = trainer;
    return STATUS_OK;
}

void trainer_free(struct trainer *trainer)
{
    if (!trainer)
        return;
    free(trainer->learn.steps);
    free(trainer->learn.regions);
    free(trainer->infer.steps);
    free(trainer->infer.regions);
    arena_free(trainer->arena);
    free(trainer);
}

struct dims trainer_input(const struct trainer *trainer)
{
    return trainer->layers[0].out->dims;
}

int trainer_classes(const struct trainer *trainer)
{
    return (int)trainer->layers[trainer->layer_count - 1].in[0]->size;
}

size_t trainer_parameters(const struct trainer *trainer)
{
    size_t count = 0;
    for (size_t i = 0; i < trainer->parameter_count; i++)
        count += trainer->parameters[i].count;
    return count;
}

enum status trainer_store(const struct trainer *trainer, struct model *model, struct error *err)
{
    for (size_t i = 0; i < trainer->layer_count; i++) {
        const struct layer *layer = &trainer->layers[i];
        enum status status = layer->op->store ? layer->op->store(layer, model, err) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

const char *trainer_unsound_layer(const struct trainer *trainer)
{
    for (size_t i = 0; i + 1 < trainer->layer_count; i++) {
        const struct activation_map *out = trainer->layers[i].out;
        for (size_t k = 0; k < trainer->count * out->size; k++)
            if (!isfinite(out->data[k]))
                return trainer->layers[i].name;
    }
    return NULL;
}

struct parameter *layer_parameter(struct layer *layer, const char *name, size_t count, int lanes,
                                  int decay, struct error *err)
{
    struct trainer *trainer = layer->trainer;
    struct parameter *parameter = &trainer->parameters[trainer->parameter_count];
    parameter->value = arena_alloc(trainer->arena, count, sizeof(float));
    if (!parameter->value) {
        error_memory(err);
        return NULL;
    }
    trainer->parameter_count++;
    parameter->name = name;
    parameter->count = count;
    parameter->lanes = lanes;
    parameter->decay = decay;
    for (int i = 0; i < PARAMETERS_MAX; i++)
        if (!layer->parameter[i]) {
            layer->parameter[i] = parameter;
            break;
        }
    return parameter;
}

const float *layer_constant(const struct layer *layer, const struct model *model, size_t i,
                            size_t count, struct error *err)
{
    const struct node *node = layer->node;
    const struct tensor *tensor = i < node->input_count && node->inputs[i] >= 0
                                      ? model->values[node->inputs[i]].constant
                                      : NULL;
    if (!tensor || tensor->type != ELEMENT_F32) {
        error_set(err, STATUS_FAILED, "input %zu is no f32 constant", i + 1);
        return NULL;
    }
    if (shape_count(&tensor->shape) != (int64_t)count) {
        error_set(err, STATUS_USAGE, "input %zu has %lld elements, expected %zu", i + 1,
                  (long long)shape_count(&tensor->shape), count);
        return NULL;
    }
    return tensor->data;
}

enum status layer_store(const struct layer *layer, struct model *model, size_t i, const float *data,
                        struct error *err)
{
    struct value *value = &model->values[layer->node->inputs[i]];
    struct tensor *tensor = arena_alloc(model->arena, 1, sizeof *tensor);
    int64_t count = shape_count(&value->constant->shape);
    if (!tensor)
        return error_memory(err);
    *tensor = *value->constant;
    tensor->data = arena_alloc(model->arena, (size_t)count, sizeof(float));
    if (!tensor->data)
        return error_memory(err);
    memcpy(tensor->data, data, (size_t)count * sizeof(float));
    value->constant = tensor;
    return STATUS_OK;
}

size_t lane_pictures(const struct trainer *trainer, int lane, size_t *first)
{
    size_t lanes = (size_t)trainer->lanes, end = trainer->count * ((size_t)lane + 1) / lanes;
    *first = trainer->count * (size_t)lane / lanes;
    return end - *first;
}

float *lane_gradient(const struct parameter *parameter, int lane)
{
    return parameter->grad + parameter->count * (size_t)lane;
}

float *worker_scratch(const struct trainer *trainer, int worker)
{
    return trainer->scratch[worker];
}
