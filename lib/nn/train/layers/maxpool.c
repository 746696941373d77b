/* MaxPool: the largest of each window; the first one where several are equal gets the gradient. */
#include "nn/train/layers/window.h"

#include <math.h>
#include <string.h>

struct maxpool {
    struct kernel_window window;
    unsigned char *at; /* which tap was the largest: batch x output */
};

enum { TAPS_MAX = 255 };

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    struct kernel_window window;
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

/* Taps of one output row: for each, the output columns that see it inside the picture go through
 * one kernel call. `out` is the offset of the row in the batch, `y` its number. */
static void row(struct layer *layer, size_t picture, size_t y, size_t out, int back)
{
    const struct maxpool *pool = layer->state;
    const struct kernel_window *w = &pool->window;
    const struct train_kernels *kernels = layer->trainer->train;
    size_t i0, i1, first, end, step = w->stride_w * w->channels;
    window_rows(w, y, &i0, &i1);
    for (size_t i = i0; i < i1; i++)
        for (size_t j = 0; j < w->kernel_w; j++) {
            unsigned char index = (unsigned char)(i * w->kernel_w + j);
            size_t in, to;
            window_places(w, j, &first, &end);
            if (first == end)
                continue;
            in = picture * layer->in[0]->size +
                 ((y * w->stride_h + i * w->dilation_h - w->pad_top) * w->width +
                  first * w->stride_w + j * w->dilation_w - w->pad_left) *
                     w->channels;
            to = out + first * w->channels;
            if (back)
                kernels->maximum_gradient(end - first, w->channels, layer->out->grad + to,
                                          pool->at + to, index, layer->in[0]->grad + in, step);
            else
                kernels->maximum(end - first, w->channels, layer->in[0]->data + in, step, index,
                                 layer->out->data + to, pool->at + to);
        }
}

static void forward(struct layer *layer, int lane, int worker)
{
    const struct maxpool *pool = layer->state;
    const struct kernel_window *w = &pool->window;
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    (void)worker;
    for (size_t i = first * size; i < (first + count) * size; i++)
        layer->out->data[i] = -INFINITY;
    memset(pool->at + first * size, TAPS_MAX,
           count * size); /* no tap: what is no number passes nothing back */
    for (size_t n = first; n < first + count; n++)
        for (size_t y = 0; y < w->out_height; y++)
            row(layer, n, y, n * size + y * w->out_width * w->channels, 0);
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct maxpool *pool = layer->state;
    const struct kernel_window *w = &pool->window;
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    (void)worker;
    if (!begin_gradient(layer, first, count))
        return;
    for (size_t n = first; n < first + count; n++)
        for (size_t y = 0; y < w->out_height; y++)
            row(layer, n, y, n * layer->out->size + y * w->out_width * w->channels, 1);
}

const struct train_op train_maxpool = {
    .op_type = "MaxPool",
    .shape = shape,
    .setup = setup,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
