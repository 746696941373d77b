/* Conv: Y = im2col(X) W + b, group by group, a few rows of one picture at a time so that the
 * unrolled pixels stay in the second cache. In NHWC a row of im2col is kernel_h pieces of kernel_w
 * * channels numbers that lie together. Backward, with the same pieces: dW += im2col(X)^T dY, dX =
 * col2im(dY W^T), db = sum(dY). A 1x1 window of stride 1 needs no unrolling. One channel per group:
 * depthwise.c. */
#include "nn/train/layers/conv.h"

#include <string.h>

enum { UNROLLED = 96 << 10 }; /* floats of im2col at a time: 384 KiB */

static enum status conv_parse(const struct model *model, const struct node *node,
                              const struct dims *in, struct sliding *window, struct dims *out,
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
    window->out_channels = (size_t)out->channels;
    window->groups = (size_t)group;
    return STATUS_OK;
}

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    struct sliding window;
    (void)count;
    return conv_parse(model, node, in, &window, out, err);
}

/* ONNX's O x I/groups x KH x KW to groups x KH x KW x in_group x out_group, or (back) the other
 * way. */
static void reorder(const void *state, float *onnx, float *own, int back)
{
    const struct conv *conv = state;
    size_t taps = conv->window.kernel_h * conv->window.kernel_w, ins = conv->in_group,
           outs = conv->out_group;
    for (size_t g = 0; g < conv->window.groups; g++)
        for (size_t o = 0; o < outs; o++)
            for (size_t i = 0; i < ins; i++)
                for (size_t t = 0; t < taps; t++) {
                    size_t there = ((g * outs + o) * ins + i) * taps + t;
                    size_t here = conv->depthwise ? t * conv->window.groups + g
                                                  : ((g * taps + t) * ins + i) * outs + o;
                    if (back)
                        onnx[there] = own[here];
                    else
                        own[here] = onnx[there];
                }
}

static enum status plan(struct layer *layer, struct conv *conv, struct error *err)
{
    const struct kernels *kernels = layer->trainer->kernels;
    const struct sliding *window = &conv->window;
    size_t row = window->out_width * conv->k, unrolled;
    conv->rows = row < UNROLLED ? UNROLLED / row : 1;
    conv->rows = conv->rows < window->out_height ? conv->rows : window->out_height;
    unrolled = conv->pointwise ? 0 : conv->rows * row;
    layer->scratch =
        unrolled + layer->trainer->train->gemm_tn_scratch(conv->out_group) + MEMORY_ALIGNMENT;
    if (conv->depthwise)
        return STATUS_OK;
    conv->packed_size = kernels->packed_size(conv->k, conv->out_group) / sizeof(float);
    conv->packed_transposed_size = kernels->packed_size(conv->out_group, conv->k) / sizeof(float);
    conv->packed =
        arena_alloc(layer->trainer->arena, window->groups * conv->packed_size, sizeof(float));
    conv->packed_transposed = arena_alloc(
        layer->trainer->arena, window->groups * conv->packed_transposed_size, sizeof(float));
    return conv->packed && conv->packed_transposed ? STATUS_OK : error_memory(err);
}

static enum status setup(struct layer *layer, const struct model *model, struct error *err)
{
    struct conv *conv = arena_alloc(layer->trainer->arena, 1, sizeof *conv);
    const struct sliding *window = &conv->window;
    struct dims out;
    if (!conv)
        return error_memory(err);
    if (conv_parse(model, layer->node, &layer->in[0]->dims, &conv->window, &out, err) != STATUS_OK)
        return err->status;
    layer->state = conv;
    conv->in_group = window->channels / window->groups;
    conv->out_group = window->out_channels / window->groups;
    conv->k = window->kernel_h * window->kernel_w * conv->in_group;
    conv->pointwise =
        window->kernel_h * window->kernel_w * window->stride_h * window->stride_w == 1 &&
        window->groups == 1 &&
        window->pad_top + window->pad_left + window->pad_bottom + window->pad_right == 0;
    conv->depthwise = window->groups > 1 && conv->in_group == 1 && conv->out_group == 1;
    if (weights_take(layer, model, window->groups * conv->k * conv->out_group, window->out_channels,
                     0, reorder, err) != STATUS_OK)
        return err->status;
    return plan(layer, conv, err);
}

static void prepare(struct layer *layer)
{
    const struct conv *conv = layer->state;
    const struct kernels *kernels = layer->trainer->kernels;
    const float *weight = layer->parameter[0]->value;
    if (conv->depthwise)
        return;
    for (size_t g = 0; g < conv->window.groups; g++, weight += conv->k * conv->out_group) {
        kernels->pack_b(weight, conv->out_group, 0, conv->k, conv->out_group,
                        conv->packed + g * conv->packed_size);
        if (layer->in[0]->needs_grad)
            kernels->pack_b(weight, conv->out_group, 1, conv->out_group, conv->k,
                            conv->packed_transposed + g * conv->packed_transposed_size);
    }
}

/* The pixels under the windows of output rows first .. end - 1, channels of group g; padding is 0.
 */
static void im2col(const struct conv *conv, const float *x, size_t g, size_t first, size_t end,
                   float *columns)
{
    const struct sliding *w = &conv->window;
    size_t piece = w->kernel_w * conv->in_group, i0, i1, j0, j1;
    for (size_t oy = first; oy < end; oy++) {
        window_range(oy, w->kernel_h, w->stride_h, w->pad_top, w->height, &i0, &i1);
        for (size_t ox = 0; ox < w->out_width; ox++, columns += conv->k) {
            window_range(ox, w->kernel_w, w->stride_w, w->pad_left, w->width, &j0, &j1);
            if (i0 > 0 || i1 < w->kernel_h || j0 > 0 || j1 < w->kernel_w)
                memset(columns, 0, conv->k * sizeof *columns);
            for (size_t i = i0; i < i1; i++) {
                size_t y = oy * w->stride_h + i - w->pad_top,
                       left = ox * w->stride_w + j0 - w->pad_left;
                const float *from = x + (y * w->width + left) * w->channels + g * conv->in_group;
                float *to = columns + i * piece + j0 * conv->in_group;
                if (w->groups == 1)
                    memcpy(to, from, (j1 - j0) * conv->in_group * sizeof *to);
                else
                    for (size_t j = j0; j < j1; j++, from += w->channels, to += conv->in_group)
                        memcpy(to, from, conv->in_group * sizeof *to);
            }
        }
    }
}

/* The transpose of im2col: what lies under several windows is added up. */
static void col2im(const struct layer *layer, const float *columns, size_t g, size_t first,
                   size_t end, float *dx)
{
    const struct conv *conv = layer->state;
    const struct sliding *w = &conv->window;
    size_t piece = w->kernel_w * conv->in_group, i0, i1, j0, j1;
    for (size_t oy = first; oy < end; oy++) {
        window_range(oy, w->kernel_h, w->stride_h, w->pad_top, w->height, &i0, &i1);
        for (size_t ox = 0; ox < w->out_width; ox++, columns += conv->k) {
            window_range(ox, w->kernel_w, w->stride_w, w->pad_left, w->width, &j0, &j1);
            for (size_t i = i0; i < i1; i++) {
                size_t y = oy * w->stride_h + i - w->pad_top,
                       left = ox * w->stride_w + j0 - w->pad_left;
                float *to = dx + (y * w->width + left) * w->channels + g * conv->in_group;
                const float *from = columns + i * piece + j0 * conv->in_group;
                if (w->groups == 1)
                    layer->trainer->train->add((j1 - j0) * conv->in_group, from, to);
                else
                    for (size_t j = j0; j < j1; j++, to += w->channels, from += conv->in_group)
                        layer->trainer->train->add(conv->in_group, from, to);
            }
        }
    }
}

static void forward(struct layer *layer, int lane, int worker)
{
    const struct trainer *trainer = layer->trainer;
    const struct conv *conv = layer->state;
    const struct sliding *w = &conv->window;
    float *columns = worker_scratch(trainer, worker);
    size_t first, count = lane_pictures(trainer, lane, &first),
                  pixels = w->out_height * w->out_width;
    if (conv->depthwise) {
        depthwise_forward(layer, lane);
        return;
    }
    if (conv->pointwise && count > 0) {
        struct epilogue epilogue = {.bias =
                                        layer->parameter[1] ? layer->parameter[1]->value : NULL};
        trainer->kernels->gemm_packed(count * pixels, conv->out_group, conv->k,
                                      layer->in[0]->data + first * layer->in[0]->size, w->channels,
                                      conv->packed, layer->out->data + first * layer->out->size,
                                      w->out_channels, 0, &epilogue);
        return;
    }
    for (size_t n = first; n < first + count; n++)
        for (size_t g = 0; g < w->groups; g++)
            for (size_t row = 0; row < w->out_height; row += conv->rows) {
                size_t end = row + conv->rows < w->out_height ? row + conv->rows : w->out_height;
                struct epilogue epilogue = {
                    .bias = layer->parameter[1] ? layer->parameter[1]->value + g * conv->out_group
                                                : NULL};
                im2col(conv, layer->in[0]->data + n * layer->in[0]->size, g, row, end, columns);
                trainer->kernels->gemm_packed(
                    (end - row) * w->out_width, conv->out_group, conv->k, columns, conv->k,
                    conv->packed + g * conv->packed_size,
                    layer->out->data + n * layer->out->size + row * w->out_width * w->out_channels +
                        g * conv->out_group,
                    w->out_channels, 0, &epilogue);
            }
}

static void bias_gradient(struct layer *layer, int lane, size_t first, size_t count)
{
    const struct parameter *bias = layer->parameter[1];
    size_t channels = (size_t)layer->out->dims.channels,
           rows = count * (layer->out->size / channels);
    const float *dy = layer->out->grad + first * layer->out->size;
    layer->trainer->train->sums(rows, channels, dy, lane_gradient(bias, lane));
}

/* Rows row .. end - 1 of picture n, group g. */
static void backward_piece(struct layer *layer, int lane, int worker, size_t n, size_t g,
                           size_t row, size_t end)
{
    const struct trainer *trainer = layer->trainer;
    const struct conv *conv = layer->state;
    const struct sliding *w = &conv->window;
    float *panel = worker_scratch(trainer, worker),
          *columns = panel + trainer->train->gemm_tn_scratch(conv->out_group);
    const float *dy = layer->out->grad + n * layer->out->size +
                      row * w->out_width * w->out_channels + g * conv->out_group;
    size_t pixels = (end - row) * w->out_width;
    im2col(conv, layer->in[0]->data + n * layer->in[0]->size, g, row, end, columns);
    trainer->train->gemm_tn(pixels, conv->k, conv->out_group, columns, conv->k, dy, w->out_channels,
                            lane_gradient(layer->parameter[0], lane) +
                                g * conv->k * conv->out_group,
                            conv->out_group, panel);
    if (!layer->in[0]->needs_grad)
        return;
    trainer->kernels->gemm_packed(pixels, conv->k, conv->out_group, dy, w->out_channels,
                                  conv->packed_transposed + g * conv->packed_transposed_size,
                                  columns, conv->k, 0, NULL);
    col2im(layer, columns, g, row, end, layer->in[0]->grad + n * layer->in[0]->size);
}

static void backward_pointwise(struct layer *layer, int lane, int worker, size_t first,
                               size_t count)
{
    const struct trainer *trainer = layer->trainer;
    const struct conv *conv = layer->state;
    size_t rows = count * conv->window.out_height * conv->window.out_width;
    const float *dy = layer->out->grad + first * layer->out->size;
    trainer->train->gemm_tn(rows, conv->k, conv->out_group,
                            layer->in[0]->data + first * layer->in[0]->size, conv->k, dy,
                            conv->out_group, lane_gradient(layer->parameter[0], lane),
                            conv->out_group, worker_scratch(trainer, worker));
    if (layer->in[0]->needs_grad)
        trainer->kernels->gemm_packed(
            rows, conv->k, conv->out_group, dy, conv->out_group, conv->packed_transposed,
            layer->in[0]->grad + first * layer->in[0]->size, conv->k, layer->more[0], NULL);
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct conv *conv = layer->state;
    const struct sliding *w = &conv->window;
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    memset(lane_gradient(layer->parameter[0], lane), 0, layer->parameter[0]->count * sizeof(float));
    if (layer->parameter[1])
        bias_gradient(layer, lane, first, count);
    if (conv->pointwise && count > 0) {
        backward_pointwise(layer, lane, worker, first, count);
        return;
    }
    begin_gradient(layer, first, count);
    if (conv->depthwise) {
        depthwise_backward(layer, lane);
        return;
    }
    for (size_t n = first; n < first + count; n++)
        for (size_t g = 0; g < w->groups; g++)
            for (size_t row = 0; row < w->out_height; row += conv->rows)
                backward_piece(layer, lane, worker, n, g, row,
                               row + conv->rows < w->out_height ? row + conv->rows : w->out_height);
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
