/* The weights' gradient of a Conv with one channel in and out per group: dw[t][c] = sum over output
 * pixels p of dy[p][c] * x[p + t][c]. For each tap and each output row, the pixels whose tap lies
 * inside the picture go through one kernel call. */
#include "nn/train/layers/conv.h"

void depthwise_weight_gradient(struct layer *layer, size_t first, size_t count, float *dw)
{
    const struct kernel_window *w = &((const struct conv *)layer->state)->window;
    size_t i0, i1, from, end;
    for (size_t n = first; n < first + count; n++)
        for (size_t oy = 0; oy < w->out_height; oy++) {
            const float *dy =
                layer->out->grad + n * layer->out->size + oy * w->out_width * w->channels;
            window_rows(w, oy, &i0, &i1);
            for (size_t i = i0; i < i1; i++) {
                size_t y = oy * w->stride_h + i * w->dilation_h - w->pad_top;
                const float *x =
                    layer->in[0]->data + n * layer->in[0]->size + y * w->width * w->channels;
                for (size_t j = 0; j < w->kernel_w; j++) {
                    window_places(w, j, &from, &end);
                    if (end > from)
                        layer->trainer->train->tap_weight(
                            end - from, w->channels, dy + from * w->channels,
                            x + (from * w->stride_w + j * w->dilation_w - w->pad_left) *
                                    w->channels,
                            w->stride_w * w->channels, dw + (i * w->kernel_w + j) * w->channels);
                }
            }
        }
}
