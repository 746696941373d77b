/* Concat along the channels: the branches of an Inception block, pixel by pixel one after the
 * other. */
#include "nn/train/train_internal.h"

#include <string.h>

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    int64_t channels = 0;
    (void)model;
    if (node_int(node, "axis", 1) != 1)
        return error_set(err, STATUS_FAILED,
                         "Concat along axis %lld cannot be trained, only 1, the channels",
                         (long long)node_int(node, "axis", 1));
    for (size_t i = 0; i < count; i++) {
        if (in[i].height != in[0].height || in[i].width != in[0].width)
            return error_set(err, STATUS_USAGE, "Concat of %dx%d and %dx%d", in[0].height,
                             in[0].width, in[i].height, in[i].width);
        channels += in[i].channels;
    }
    if (channels > 1 << 24)
        return error_set(err, STATUS_USAGE, "Concat makes %lld channels", (long long)channels);
    *out = (struct dims){(int)channels, in[0].height, in[0].width};
    return STATUS_OK;
}

static void forward(struct layer *layer, int lane, int worker)
{
    size_t width = (size_t)layer->out->dims.channels, pixels = layer->out->size / width, from = 0;
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    (void)worker;
    for (size_t i = 0; i < layer->in_count; i++) {
        size_t channels = (size_t)layer->in[i]->dims.channels;
        for (size_t p = first * pixels; p < (first + count) * pixels; p++)
            memcpy(layer->out->data + p * width + from, layer->in[i]->data + p * channels,
                   channels * sizeof(float));
        from += channels;
    }
}

static void backward(struct layer *layer, int lane, int worker)
{
    size_t width = (size_t)layer->out->dims.channels, pixels = layer->out->size / width, from = 0;
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    (void)worker;
    for (size_t i = 0; i < layer->in_count; i++) {
        size_t channels = (size_t)layer->in[i]->dims.channels;
        for (size_t p = first * pixels; layer->in[i]->needs_grad && p < (first + count) * pixels;
             p++) {
            const float *dy = layer->out->grad + p * width + from;
            float *dx = layer->in[i]->grad + p * channels;
            if (layer->more[i])
                layer->trainer->train->add(channels, dy, dx);
            else
                memcpy(dx, dy, channels * sizeof *dx);
        }
        from += channels;
    }
}

const struct train_op train_concat = {
    .op_type = "Concat",
    .many_inputs = 1,
    .shape = shape,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
