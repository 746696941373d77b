/* ReduceMean over height and width: GlobalAveragePool by another name. */
#include "nn/train/train_internal.h"

/* Are the axes, an input since opset 18, height and width? */
static int over_pixels(const struct model *model, const struct node *node)
{
    size_t count;
    const int64_t *axes = node_ints(node, "axes", &count);
    int64_t seen[2] = {0, 0};
    if (node->input_count > 1 && node->inputs[1] >= 0) {
        const struct tensor *constant = model->values[node->inputs[1]].constant;
        if (!constant || constant->type != ELEMENT_I64)
            return 0;
        axes = constant->data;
        count = (size_t)shape_count(&constant->shape);
    }
    for (size_t i = 0; axes && i < count && i < 2; i++)
        seen[i] = axes[i] < 0 ? axes[i] + 4 : axes[i];
    return axes && count == 2 && seen[0] + seen[1] == 5 && (seen[0] == 2 || seen[0] == 3);
}

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    (void)count;
    if (!model->values[node->inputs[0]].typed || model->values[node->inputs[0]].shape.rank != 4 ||
        !over_pixels(model, node))
        return error_set(err, STATUS_FAILED,
                         "ReduceMean over others than the height and width of pictures cannot be "
                         "trained");
    *out = (struct dims){in->channels, 1, 1};
    return STATUS_OK;
}

static void forward(struct layer *layer, int lane, int worker)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first), channels = layer->out->size,
                  pixels = layer->in[0]->size / channels;
    (void)worker;
    for (size_t n = first; n < first + count; n++) {
        float *y = layer->out->data + n * channels;
        layer->trainer->train->sums(pixels, channels, layer->in[0]->data + n * layer->in[0]->size,
                                    y);
        for (size_t c = 0; c < channels; c++)
            y[c] /= (float)pixels;
    }
}

static void backward(struct layer *layer, int lane, int worker)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first), channels = layer->out->size,
                  size = layer->in[0]->size;
    float share = (float)channels / (float)size;
    (void)worker;
    if (!begin_gradient(layer, first, count))
        return;
    for (size_t n = first; n < first + count; n++)
        for (size_t i = 0; i < size; i++)
            layer->in[0]->grad[n * size + i] +=
                share * layer->out->grad[n * channels + i % channels];
}

const struct train_op train_reducemean = {
    .op_type = "ReduceMean",
    .shape = shape,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
