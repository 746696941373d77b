/* Identity: a name for what is there; in networks it marks a place where branches begin. */
#include "nn/train/train_internal.h"

#include <string.h>

static void forward(struct layer *layer, int lane, int worker)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    (void)worker;
    if (layer->out->data != layer->in[0]->data)
        memcpy(layer->out->data + first * size, layer->in[0]->data + first * size,
               count * size * sizeof(float));
}

static void backward(struct layer *layer, int lane, int worker)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    (void)worker;
    if (layer->out->grad == layer->in[0]->grad || !layer->in[0]->needs_grad)
        return;
    if (!layer->more[0])
        memset(layer->in[0]->grad + first * size, 0, count * size * sizeof(float));
    layer->trainer->train->add(count * size, layer->out->grad + first * size,
                               layer->in[0]->grad + first * size);
}

const struct train_op train_identity = {
    .op_type = "Identity",
    .in_place = 1,
    .elementwise = 1,
    .shape = layer_shape_kept,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
