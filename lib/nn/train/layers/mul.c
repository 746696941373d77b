/* Mul of two maps: of the same shape, or a number per channel and a picture (the end of a
 * squeeze-and-excitation block, Hu et al. 2018). */
#include "nn/train/train_internal.h"

static int is_vector(const struct dims *dims)
{
    return dims->height == 1 && dims->width == 1;
}

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    int same = count == 2 && in[0].height == in[1].height && in[0].width == in[1].width;
    (void)model, (void)node;
    if (count != 2 || in[0].channels != in[1].channels ||
        (!same && !is_vector(&in[0]) && !is_vector(&in[1])))
        return error_set(err, STATUS_USAGE, "Mul of %dx%dx%d and %dx%dx%d", in[0].channels,
                         in[0].height, in[0].width, in[1].channels, in[1].height, in[1].width);
    *out = is_vector(&in[0]) ? in[1] : in[0];
    return STATUS_OK;
}

static void forward(struct layer *layer, int lane, int worker)
{
    const struct activation_map *a = layer->in[0], *b = layer->in[1], *y = layer->out;
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    (void)worker;
    for (size_t n = first; n < first + count; n++) {
        const float *p = a->data + n * a->size, *q = b->data + n * b->size;
        for (size_t i = 0, j = 0, k = 0; i < y->size; i++, j++, k++) {
            j = j < a->size ? j : 0;
            k = k < b->size ? k : 0;
            y->data[n * y->size + i] = p[j] * q[k];
        }
    }
}

/* The gradient by one factor: dy times the other one, added up where the factor is one number per
 * channel. */
static void by_factor(struct layer *layer, size_t which, size_t n)
{
    const struct activation_map *x = layer->in[which], *other = layer->in[1 - which];
    size_t size = layer->out->size;
    const float *dy = layer->out->grad + n * size, *q = other->data + n * other->size;
    float *dx = x->grad + n * x->size;
    int more = layer->more[which];
    for (size_t i = 0, j = 0, k = 0; i < size; i++, j++, k++) {
        more |= j == x->size;
        j = j < x->size ? j : 0;
        k = k < other->size ? k : 0;
        dx[j] = (more ? dx[j] : 0) + dy[i] * q[k];
    }
}

static void backward(struct layer *layer, int lane, int worker)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first);
    (void)worker;
    for (size_t which = 0; which < 2; which++)
        for (size_t n = first; layer->in[which]->needs_grad && n < first + count; n++)
            by_factor(layer, which, n);
}

const struct train_op train_mul = {
    .op_type = "Mul",
    .many_inputs = 1,
    .elementwise = 1,
    .shape = shape,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
