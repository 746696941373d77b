/* Relu: y = max(x, 0). Clip: y = min(max(x, min), max), of which Relu6 is the one with 0 and 6. */
#include "nn/train/layers/fuse.h"

#include <math.h>

struct bounds {
    float low, high;
};

static enum status setup_bounds(struct layer *layer, float low, float high, struct error *err)
{
    struct bounds *bounds = arena_alloc(layer->trainer->arena, 1, sizeof *bounds);
    if (!bounds)
        return error_memory(err);
    bounds->low = low;
    bounds->high = high;
    layer->state = bounds;
    return STATUS_OK;
}

static enum status setup_relu(struct layer *layer, const struct model *model, struct error *err)
{
    (void)model;
    return setup_bounds(layer, 0, INFINITY, err);
}

/* Since opset 11 the bounds are inputs, before it attributes. */
static enum status setup_clip(struct layer *layer, const struct model *model, struct error *err)
{
    const struct node *node = layer->node;
    float bound[2] = {node_float(node, "min", -INFINITY), node_float(node, "max", INFINITY)};
    for (size_t i = 0; i < 2; i++)
        if (node->input_count > i + 1 && node->inputs[i + 1] >= 0) {
            const float *value = layer_constant(layer, model, i + 1, 1, err);
            if (!value)
                return err->status;
            bound[i] = *value;
        }
    return setup_bounds(layer, bound[0], bound[1], err);
}

float relu_low(const struct layer *layer)
{
    return ((const struct bounds *)layer->state)->low;
}

float relu_high(const struct layer *layer)
{
    return ((const struct bounds *)layer->state)->high;
}

static void forward(struct layer *layer, int lane, int worker)
{
    const struct bounds *bounds = layer->state;
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    (void)worker;
    layer->trainer->train->clip(count * size, layer->in[0]->data + first * size, bounds->low,
                                bounds->high, layer->out->data + first * size);
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct bounds *bounds = layer->state;
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    (void)worker;
    if (layer->in[0]->needs_grad)
        layer->trainer->train->clip_gradient(
            count * size, layer->out->data + first * size, bounds->low, bounds->high,
            layer->out->grad + first * size, layer->in[0]->grad + first * size, layer->more[0]);
}

const struct train_op train_relu = {
    .op_type = "Relu",
    .in_place = 1,
    .elementwise = 1,
    .shape = layer_shape_kept,
    .setup = setup_relu,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};

const struct train_op train_clip = {
    .op_type = "Clip",
    .in_place = 1,
    .elementwise = 1,
    .shape = layer_shape_kept,
    .setup = setup_clip,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
