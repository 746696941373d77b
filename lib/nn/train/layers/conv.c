/* Conv: Y = X * W + b, any kernel, stride, padding, dilation and number of groups. A lane's
 * pictures go through a kernel together. */
#include "nn/train/layers/conv.h"

#include <string.h>

static enum status conv_parse(const struct model *model, const struct node *node,
                              const struct dims *in, struct kernel_window *window, struct dims *out,
                              struct error *err)
{
    const struct tensor *weight = node->input_count > 1 && node->inputs[1] >= 0
                                      ? model->values[node->inputs[1]].constant
                                      : NULL;
    int64_t group = node_int(node, "group", 1);
    int kernel[2];
    if (!weight || weight->shape.rank != 4)
        return error_set(err, STATUS_FAILED, "the weight is no constant of 4 dimensions");
    if (group < 1 || in->channels % group != 0 || weight->shape.dim[1] * group != in->channels ||
        weight->shape.dim[0] < 1 || weight->shape.dim[0] % group != 0)
        return error_set(err, STATUS_USAGE,
                         "a weight for %lld channels in %lld groups does not fit %d channels",
                         (long long)weight->shape.dim[1], (long long)group, in->channels);
    kernel[0] = (int)weight->shape.dim[2];
    kernel[1] = (int)weight->shape.dim[3];
    if (window_parse(node, kernel, in, window, out, err) != STATUS_OK)
        return err->status;
    if (window->kernel_h != (size_t)kernel[0] || window->kernel_w != (size_t)kernel[1])
        return error_set(err, STATUS_USAGE, "kernel_shape is not the weight's");
    out->channels = (int)weight->shape.dim[0];
    window->out_channels = window->out_ld = (size_t)out->channels;
    window->groups = (size_t)group;
    return STATUS_OK;
}

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    struct kernel_window window;
    (void)count;
    return conv_parse(model, node, in, &window, out, err);
}

size_t conv_weight(const struct conv *conv, size_t group, size_t tap, size_t in, size_t out)
{
    if (conv->depthwise)
        return tap * conv->window.groups + group;
    return ((group * conv->taps + tap) * conv->in_group + in) * conv->out_group + out;
}

/* ONNX's O x I/groups x KH x KW to the own order, or (back) the other way. */
static void reorder(const void *state, float *onnx, float *own, int back)
{
    const struct conv *conv = state;
    for (size_t g = 0; g < conv->window.groups; g++)
        for (size_t o = 0; o < conv->out_group; o++)
            for (size_t i = 0; i < conv->in_group; i++)
                for (size_t t = 0; t < conv->taps; t++, onnx++) {
                    float *here = &own[conv_weight(conv, g, t, i, o)];
                    if (back)
                        *onnx = *here;
                    else
                        *here = *onnx;
                }
}

static void plan_weight_gradient(struct layer *layer, struct conv *conv)
{
    const struct convolution_gradient *const *at = layer->trainer->train->convolution_gradients;
    struct kernel_window window = conv->window;
    double least = 0;
    for (; *at; at++) {
        double cost = (*at)->suits(&conv->window) ? (*at)->cost(&conv->window) : 0;
        if ((*at)->suits(&conv->window) && (!conv->gradient || cost < least)) {
            conv->gradient = *at;
            least = cost;
        }
    }
    for (; window.batch > 0; window.batch--) { /* fewer pictures may need more: see convolve.c */
        size_t scratch = conv->gradient->scratch_size(&window);
        layer->scratch = scratch > layer->scratch ? scratch : layer->scratch;
    }
}

/* As many as the second-level cache holds with what backward reads and writes of them, but no more
 * than a lane has. */
static size_t pictures_at_a_time(const struct layer *layer)
{
    enum { AT_A_TIME = 256 << 10 }; /* floats */
    size_t most = ((size_t)layer->trainer->options.batch + LANES_MAX - 1) / LANES_MAX,
           fit = AT_A_TIME / (2 * layer->in[0]->size + layer->out->size) + 1;
    return fit < most ? fit : most;
}

static enum status plan(struct layer *layer, struct conv *conv, struct error *err)
{
    size_t zeros = 0;
    conv->window.batch = pictures_at_a_time(layer);
    if (!convolve_plan(layer, &conv->window, &conv->forward))
        return error_memory(err);
    TRY(conv_input_plan(layer, err));
    if (!conv->depthwise)
        plan_weight_gradient(layer, conv);
    for (size_t i = 0; i < conv->phase_count; i++) {
        const struct kernel_window *w = &conv->phases[i].convolve.window;
        size_t taps = w->kernel_h * w->kernel_w;
        zeros = taps > conv->taps + zeros ? taps - conv->taps : zeros;
    }
    conv->onnx =
        arena_alloc(layer->trainer->arena,
                    conv->window.channels * conv->out_group * (conv->taps + zeros), sizeof(float));
    return conv->onnx ? STATUS_OK : error_memory(err);
}

static enum status setup(struct layer *layer, const struct model *model, struct error *err)
{
    struct conv *conv = arena_alloc(layer->trainer->arena, 1, sizeof *conv);
    const struct kernel_window *window = &conv->window;
    struct dims out;
    if (!conv)
        return error_memory(err);
    if (conv_parse(model, layer->node, &layer->in[0]->dims, &conv->window, &out, err) != STATUS_OK)
        return err->status;
    layer->state = conv;
    conv->in_group = window->channels / window->groups;
    conv->out_group = window->out_channels / window->groups;
    conv->taps = window->kernel_h * window->kernel_w;
    conv->depthwise = window->groups > 1 && conv->in_group == 1 && conv->out_group == 1;
    TRY(weights_take(layer, model, window->channels * conv->taps * conv->out_group,
                     window->out_channels, 0, reorder, err));
    return plan(layer, conv, err);
}

static void prepare(struct layer *layer)
{
    const struct conv *conv = layer->state;
    reorder(conv, conv->onnx, layer->parameter[0]->value, 1);
    convolve_pack(&conv->forward, conv->onnx);
    if (layer->in[0]->needs_grad)
        conv_input_prepare(layer);
}

static void forward(struct layer *layer, int lane, int worker)
{
    const struct conv *conv = layer->state;
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    convolve_run(&conv->forward, count, layer->in[0]->data + first * layer->in[0]->size,
                 layer->out->data + first * layer->out->size,
                 layer->parameter[1] ? layer->parameter[1]->value : NULL, 0,
                 worker_scratch(layer->trainer, worker));
}

static void weight_gradient(struct layer *layer, size_t first, size_t count, float *dw,
                            float *scratch)
{
    const struct conv *conv = layer->state;
    struct kernel_window window = conv->window;
    window.batch = count;
    if (conv->depthwise)
        depthwise_weight_gradient(layer, first, count, dw);
    else
        conv->gradient->run(&window, layer->in[0]->data + first * layer->in[0]->size,
                            layer->out->grad + first * layer->out->size, dw, scratch);
}

static void bias_gradient(struct layer *layer, int lane, size_t first, size_t count)
{
    const struct parameter *bias = layer->parameter[1];
    size_t channels = (size_t)layer->out->dims.channels,
           rows = count * (layer->out->size / channels);
    const float *dy = layer->out->grad + first * layer->out->size;
    layer->trainer->train->sums(rows, channels, dy, lane_gradient(bias, lane));
}

/* A few pictures at a time, so that what both gradients read is still in the cache. */
static void backward(struct layer *layer, int lane, int worker)
{
    const struct conv *conv = layer->state;
    float *scratch = worker_scratch(layer->trainer, worker),
          *dw = lane_gradient(layer->parameter[0], lane);
    size_t first, count = lane_pictures(layer->trainer, lane, &first), end = first + count;
    memset(dw, 0, layer->parameter[0]->count * sizeof *dw);
    if (layer->parameter[1])
        bias_gradient(layer, lane, first, count);
    for (size_t n = first; n < end; n += conv->window.batch) {
        size_t some = end - n < conv->window.batch ? end - n : conv->window.batch;
        weight_gradient(layer, n, some, dw, scratch);
        if (layer->in[0]->needs_grad)
            conv_input_gradient(layer, n, some, scratch);
    }
}

static enum status store(const struct layer *layer, struct model *model, struct error *err)
{
    return weights_store(layer, model, reorder, err);
}

const struct train_op train_conv = {
    .op_type = "Conv",
    .shape = shape,
    .setup = setup,
    .prepare = prepare,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
    .store = store,
};
