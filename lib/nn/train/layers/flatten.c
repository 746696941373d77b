/* Flatten: a picture becomes a vector in ONNX's order, channel by channel (here pictures are pixel
 * by pixel), so that the weights of a Gemm after it are the model's. */
#include "nn/train/train_internal.h"

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    int64_t size = (int64_t)in->channels * in->height * in->width;
    (void)model, (void)count;
    if (node_int(node, "axis", 1) != 1)
        return error_set(err, STATUS_FAILED, "Flatten along axis %lld cannot be trained, only 1",
                         (long long)node_int(node, "axis", 1));
    if (size > 1 << 30)
        return error_set(err, STATUS_USAGE, "Flatten makes a vector of %lld numbers",
                         (long long)size);
    *out = (struct dims){(int)size, 1, 1};
    return STATUS_OK;
}

static void forward(struct layer *layer, int lane, int worker)
{
    size_t size = layer->out->size, channels = (size_t)layer->in[0]->dims.channels,
           pixels = size / channels;
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    (void)worker;
    for (size_t n = first; n < first + count; n++)
        for (size_t p = 0; p < pixels; p++)
            for (size_t c = 0; c < channels; c++)
                layer->out->data[n * size + c * pixels + p] =
                    layer->in[0]->data[n * size + p * channels + c];
}

static void backward(struct layer *layer, int lane, int worker)
{
    size_t size = layer->out->size, channels = (size_t)layer->in[0]->dims.channels,
           pixels = size / channels;
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    int more = layer->more[0];
    (void)worker;
    if (!layer->in[0]->needs_grad)
        return;
    for (size_t n = first; n < first + count; n++)
        for (size_t p = 0; p < pixels; p++)
            for (size_t c = 0; c < channels; c++) {
                float *dx = &layer->in[0]->grad[n * size + p * channels + c];
                *dx = (more ? *dx : 0) + layer->out->grad[n * size + c * pixels + p];
            }
}

const struct train_op train_flatten = {
    .op_type = "Flatten",
    .shape = shape,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
