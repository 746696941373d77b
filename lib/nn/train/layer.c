/* What operators do with a layer: its parameters, its share of the batch. */
#include "nn/train/train_internal.h"

#include <stdlib.h>
#include <string.h>

enum status layer_shape_kept(const struct model *model, const struct node *node,
                             const struct dims *in, size_t count, struct dims *out,
                             struct error *err)
{
    (void)model, (void)node, (void)count, (void)err;
    *out = *in;
    return STATUS_OK;
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
    parameter->rate = 1;
    for (int i = 0; i < PARAMETERS_MAX; i++)
        if (!layer->parameter[i]) {
            layer->parameter[i] = parameter;
            break;
        }
    return parameter;
}

struct parameter *layer_buffer(struct layer *layer, const char *name, size_t count,
                               struct error *err)
{
    struct parameter *parameter = layer_parameter(layer, name, count, 1, 0, err);
    if (parameter)
        parameter->rate = 0;
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

int begin_gradient(struct layer *layer, size_t first, size_t count)
{
    struct activation_map *in = layer->in[0];
    if (in->needs_grad && !layer->more[0])
        memset(in->grad + first * in->size, 0, count * in->size * sizeof *in->grad);
    return in->needs_grad;
}

/* A parameter that begins as the constant; layers that have the same one share it. */
static enum status take_constant(struct layer *layer, const char *name, const float *constant,
                                 size_t count, int lanes, weights_order *order, struct error *err)
{
    struct parameter *parameter;
    TRY(shared_find(layer, constant, &parameter, err));
    if (parameter)
        return STATUS_OK;
    if (!(parameter = layer_parameter(layer, name, count, lanes, order != NULL, err)))
        return err->status;
    parameter->constant = constant;
    parameter->user = layer;
    parameter->users = 1;
    if (order)
        order(layer->state, (float *)constant, parameter->value, 0);
    else
        memcpy(parameter->value, constant, count * sizeof *constant);
    return STATUS_OK;
}

enum status weights_take(struct layer *layer, const struct model *model, size_t count,
                         size_t outputs, int lanes, weights_order *order, struct error *err)
{
    const struct node *node = layer->node;
    const float *weight = layer_constant(layer, model, 1, count, err), *bias = NULL;
    if (!weight || (node->input_count > 2 && node->inputs[2] >= 0 &&
                    !(bias = layer_constant(layer, model, 2, outputs, err))))
        return err->status;
    TRY(take_constant(layer, "weight", weight, count, lanes, order, err));
    return bias ? take_constant(layer, "bias", bias, outputs, lanes, NULL, err) : STATUS_OK;
}

enum status weights_store(const struct layer *layer, struct model *model, weights_order *order,
                          struct error *err)
{
    const struct parameter *weight = layer->parameter[0], *bias = layer->parameter[1];
    float *onnx = memory_array(weight->count, sizeof *onnx);
    enum status status;
    if (!onnx)
        return error_memory(err);
    order(layer->state, onnx, weight->value, 1);
    status = layer_store(layer, model, 1, onnx, err);
    if (status == STATUS_OK && bias)
        status = layer_store(layer, model, 2, bias->value, err);
    free(onnx);
    return status;
}
