/* MaxPool: the largest of each window; the first one where several are equal gets the gradient. */
#include "nn/train/window.h"

#include <math.h>
#include <string.h>

struct maxpool {
    struct sliding window;
    unsigned char *at; /* which tap was the largest: batch x output */
};

enum { TAPS_MAX = 255 };

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    struct sliding window;
    (void)model, (void)count;
    return window_parse(node, NULL, in, &window, out, err);
}

static enum status setup(struct layer *layer, const struct model *model, struct error *err)
{
    struct maxpool *pool = arena_alloc(layer->trainer->arena, 1, sizeof *pool);
    struct dims out;
    (void)model;
    if (!pool)
        return error_memory(err);
    if (window_parse(layer->node, NULL, &layer->in[0]->dims, &pool->window, &out, err) != STATUS_OK)
        return err->status;
    if (pool->window.kernel_h * pool->window.kernel_w > TAPS_MAX)
        return error_set(err, STATUS_FAILED, "a window of %zux%zu is too large, at most %d in all",
                         pool->window.kernel_h, pool->window.kernel_w, TAPS_MAX);
    pool->at =
        arena_alloc(layer->trainer->arena, (size_t)layer->trainer->options.batch, layer->out->size);
    layer->state = pool;
    return pool->at ? STATUS_OK : error_memory(err);
}

/* Calls the kernels for each output pixel and tap inside the picture. */
static void forward(struct layer *layer, int lane, int worker)
{
    const struct maxpool *pool = layer->state;
    const struct sliding *w = &pool->window;
    size_t first, count = lane_pictures(layer->trainer, lane, &first), i0, i1, j0, j1;
    (void)worker;
    for (size_t n = first; n < first + count; n++) {
        const float *x = layer->in[0]->data + n * layer->in[0]->size;
        size_t out = n * layer->out->size;
        for (size_t oy = 0; oy < w->out_height; oy++)
            for (size_t ox = 0; ox < w->out_width; ox++, out += w->channels) {
                float *y = layer->out->data + out;
                window_range(oy, w->kernel_h, w->stride_h, w->pad_top, w->height, &i0, &i1);
                window_range(ox, w->kernel_w, w->stride_w, w->pad_left, w->width, &j0, &j1);
                for (size_t c = 0; c < w->channels; c++)
                    y[c] = -INFINITY;
                memset(pool->at + out, (int)(i0 * w->kernel_w + j0), w->channels);
                for (size_t i = i0; i < i1; i++)
                    for (size_t j = j0; j < j1; j++)
                        layer->trainer->train->maximum(
                            w->channels,
                            x + ((oy * w->stride_h + i - w->pad_top) * w->width + ox * w->stride_w +
                                 j - w->pad_left) *
                                    w->channels,
                            (unsigned char)(i * w->kernel_w + j), y, pool->at + out);
            }
    }
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct maxpool *pool = layer->state;
    const struct sliding *w = &pool->window;
    struct activation_map *in = layer->in[0];
    size_t first, count = lane_pictures(layer->trainer, lane, &first), i0, i1, j0, j1;
    (void)worker;
    if (!in->needs_grad)
        return;
    if (!layer->more[0])
        memset(in->grad + first * in->size, 0, count * in->size * sizeof *in->grad);
    for (size_t n = first; n < first + count; n++) {
        float *dx = in->grad + n * in->size;
        size_t out = n * layer->out->size;
        for (size_t oy = 0; oy < w->out_height; oy++)
            for (size_t ox = 0; ox < w->out_width; ox++, out += w->channels) {
                window_range(oy, w->kernel_h, w->stride_h, w->pad_top, w->height, &i0, &i1);
                window_range(ox, w->kernel_w, w->stride_w, w->pad_left, w->width, &j0, &j1);
                for (size_t i = i0; i < i1; i++)
                    for (size_t j = j0; j < j1; j++)
                        layer->trainer->train->maximum_gradient(
                            w->channels, layer->out->grad + out, pool->at + out,
                            (unsigned char)(i * w->kernel_w + j),
                            dx + ((oy * w->stride_h + i - w->pad_top) * w->width +
                                  ox * w->stride_w + j - w->pad_left) *
                                     w->channels);
            }
    }
}

const struct train_op train_maxpool = {
    .op_type = "MaxPool",
    .shape = shape,
    .setup = setup,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
