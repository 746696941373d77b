/* Conv with one channel in and out per group: y[p][c] = sum over taps t of x[p + t][c] * w[t][c] +
 * b[c]. For each tap and each output row, the pixels whose tap lies inside the picture go through
 * one kernel call. */
#include "nn/train/layers/conv.h"

#include <string.h>

/* Calls `one` for each output row and tap of a picture: `in` and `out` are offsets of the first
 * pixel, count pixels. */
typedef void tap_function(const struct layer *layer, int lane, size_t tap, size_t in, size_t out,
                          size_t count);

static void each_tap(const struct layer *layer, int lane, size_t picture, tap_function *one)
{
    const struct sliding *w = &((const struct conv *)layer->state)->window;
    size_t i0, i1, first, end;
    for (size_t oy = 0; oy < w->out_height; oy++) {
        window_range(oy, w->kernel_h, w->stride_h, w->pad_top, w->height, &i0, &i1);
        for (size_t i = i0; i < i1; i++)
            for (size_t j = 0; j < w->kernel_w; j++) {
                size_t y = oy * w->stride_h + i - w->pad_top;
                window_columns(w, j, &first, &end);
                if (end > first)
                    one(layer, lane, i * w->kernel_w + j,
                        picture * layer->in[0]->size +
                            (y * w->width + first * w->stride_w + j - w->pad_left) * w->channels,
                        picture * layer->out->size + (oy * w->out_width + first) * w->channels,
                        end - first);
            }
    }
}

static void forward_tap(const struct layer *layer, int lane, size_t tap, size_t in, size_t out,
                        size_t count)
{
    const struct sliding *w = &((const struct conv *)layer->state)->window;
    (void)lane;
    layer->trainer->train->tap(
        count, w->channels, layer->in[0]->data + in, w->stride_w * w->channels,
        layer->parameter[0]->value + tap * w->channels, layer->out->data + out);
}

void depthwise_forward(struct layer *layer, int lane)
{
    size_t channels = (size_t)layer->out->dims.channels, pixels = layer->out->size / channels;
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    for (size_t n = first; n < first + count; n++) {
        float *y = layer->out->data + n * layer->out->size;
        for (size_t p = 0; p < pixels; p++)
            if (layer->parameter[1])
                memcpy(y + p * channels, layer->parameter[1]->value, channels * sizeof *y);
            else
                memset(y + p * channels, 0, channels * sizeof *y);
        each_tap(layer, lane, n, forward_tap);
    }
}

static void backward_tap(const struct layer *layer, int lane, size_t tap, size_t in, size_t out,
                         size_t count)
{
    const struct sliding *w = &((const struct conv *)layer->state)->window;
    const struct train_kernels *kernels = layer->trainer->train;
    const struct parameter *weight = layer->parameter[0];
    size_t step = w->stride_w * w->channels;
    kernels->tap_weight(count, w->channels, layer->out->grad + out, layer->in[0]->data + in, step,
                        lane_gradient(weight, lane) + tap * w->channels);
    if (layer->in[0]->needs_grad)
        kernels->tap_input(count, w->channels, layer->out->grad + out,
                           weight->value + tap * w->channels, layer->in[0]->grad + in, step);
}

/* The gradients of the weights and, where it is not added to, of the input are zero when this is
 * called. */
void depthwise_backward(struct layer *layer, int lane)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    for (size_t n = first; n < first + count; n++)
        each_tap(layer, lane, n, backward_tap);
}
