/* Add: the sum of two maps of the same shape, the end of a residual block. */
#include "nn/train/train_internal.h"

#include <string.h>

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    (void)model, (void)node;
    if (count != 2)
        return error_set(err, STATUS_USAGE, "Add takes 2 inputs, not %zu", count);
    if (in[0].channels != in[1].channels || in[0].height != in[1].height ||
        in[0].width != in[1].width)
        return error_set(err, STATUS_USAGE, "Add of %dx%dx%d and %dx%dx%d", in[0].channels,
                         in[0].height, in[0].width, in[1].channels, in[1].height, in[1].width);
    *out = in[0];
    return STATUS_OK;
}

static void forward(struct layer *layer, int lane, int worker)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    float *y = layer->out->data + first * size;
    (void)worker;
    memcpy(y, layer->in[0]->data + first * size, count * size * sizeof *y);
    layer->trainer->train->add(count * size, layer->in[1]->data + first * size, y);
}

static void backward(struct layer *layer, int lane, int worker)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    const float *dy = layer->out->grad + first * size;
    (void)worker;
    for (size_t i = 0; i < layer->in_count; i++) {
        float *dx = layer->in[i]->grad + first * size;
        if (!layer->in[i]->needs_grad)
            continue;
        if (layer->more[i])
            layer->trainer->train->add(count * size, dy, dx);
        else
            memcpy(dx, dy, count * size * sizeof *dx);
    }
}

const struct train_op train_add = {
    .op_type = "Add",
    .many_inputs = 1,
    .elementwise = 1,
    .shape = shape,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
