/* AveragePool: the mean of each window, over the pixels inside the picture or, with
 * count_include_pad, over all. GlobalAveragePool: one window as large as the picture. */
#include "nn/train/layers/window.h"

#include <string.h>

struct averagepool {
    struct kernel_window window;
    int count_include_pad;
};

static enum status parse(const struct node *node, const struct dims *in, struct averagepool *pool,
                         struct dims *out, struct error *err)
{
    int whole[2] = {in->height, in->width};
    pool->count_include_pad = (int)node_int(node, "count_include_pad", 0);
    return window_parse(node, strcmp(node->op_type, "GlobalAveragePool") == 0 ? whole : NULL, in,
                        &pool->window, out, err);
}

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    struct averagepool pool;
    (void)model, (void)count;
    return parse(node, in, &pool, out, err);
}

static enum status setup(struct layer *layer, const struct model *model, struct error *err)
{
    struct averagepool *pool = arena_alloc(layer->trainer->arena, 1, sizeof *pool);
    struct dims out;
    (void)model;
    layer->state = pool;
    return pool ? parse(layer->node, &layer->in[0]->dims, pool, &out, err) : error_memory(err);
}

/* For each output pixel: the pixels of its window, and the share of each. */
static void each_window(struct layer *layer, size_t picture, float *in, float *out, int back)
{
    const struct averagepool *pool = layer->state;
    const struct kernel_window *w = &pool->window;
    size_t i0, i1, j0, j1;
    in += picture * layer->in[0]->size;
    out += picture * layer->out->size;
    for (size_t oy = 0; oy < w->out_height; oy++)
        for (size_t ox = 0; ox < w->out_width; ox++, out += w->channels) {
            float share;
            window_rows(w, oy, &i0, &i1);
            window_columns(w, ox, &j0, &j1);
            share = 1.0f / (float)(pool->count_include_pad ? w->kernel_h * w->kernel_w
                                                           : (i1 - i0) * (j1 - j0));
            for (size_t i = i0; i < i1; i++)
                for (size_t j = j0; j < j1; j++) {
                    float *x =
                        in + ((oy * w->stride_h + i * w->dilation_h - w->pad_top) * w->width +
                              ox * w->stride_w + j * w->dilation_w - w->pad_left) *
                                 w->channels;
                    for (size_t c = 0; c < w->channels; c++)
                        if (back)
                            x[c] += out[c] * share;
                        else
                            out[c] += x[c] * share;
                }
        }
}

static void forward(struct layer *layer, int lane, int worker)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    (void)worker;
    memset(layer->out->data + first * layer->out->size, 0,
           count * layer->out->size * sizeof(float));
    for (size_t n = first; n < first + count; n++)
        each_window(layer, n, layer->in[0]->data, layer->out->data, 0);
}

static void backward(struct layer *layer, int lane, int worker)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    (void)worker;
    if (!begin_gradient(layer, first, count))
        return;
    for (size_t n = first; n < first + count; n++)
        each_window(layer, n, layer->in[0]->grad, layer->out->grad, 1);
}

const struct train_op train_averagepool = {
    .op_type = "AveragePool",
    .shape = shape,
    .setup = setup,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};

const struct train_op train_globalaveragepool = {
    .op_type = "GlobalAveragePool",
    .shape = shape,
    .setup = setup,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
