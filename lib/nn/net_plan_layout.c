/* In which layout each value lies.
 *
 * A value of four dimensions lies in ONNX's order (N, C, H, W) or as N, H, W, C. Kernels
 * that work on pictures ask for the second, everything else for the first; where a value is not
 * there in the form asked for, a step that converts it is put in, once. With one channel, or one
 * pixel, both are the same bytes. Element-wise steps take what there is.
 *
 * A picture under another shape can keep its channels last: N, C, P, where rows and columns are
 * one, lies as N, P, C; N, G, C, H, W, where the channels are groups, as N, H, W, G, C.
 */
#include "nn/net_builder_internal.h"

int plan_is_trivial(const struct shape *shape)
{
    return shape->rank == 4 && (shape->dim[1] == 1 || shape->dim[2] * shape->dim[3] == 1);
}

struct shape plan_laid_out(const struct shape *shape, int rank, enum form form)
{
    static const int order[4] = {0, 2, 3, 1};
    struct shape full = {rank, {0}}, turned;
    for (int i = 0; i < rank; i++)
        full.dim[i] = i < rank - shape->rank ? 1 : shape->dim[i - (rank - shape->rank)];
    turned = full;
    for (int i = 0; form == FORM_NHWC && i < 4; i++)
        turned.dim[i] = full.dim[order[i]];
    return turned;
}

void plan_set_place(struct builder *b, int value, enum form form, int place)
{
    struct plan_value *v = &b->plan->values[value];
    v->place[form] = place;
    if (plan_is_trivial(&v->shape))
        v->place[FORM_ONNX] = v->place[FORM_NHWC] = place;
}

int plan_pixels(const struct shape *shape, size_t *channels, size_t *pixels)
{
    int last = shape->rank == 3 ? 2 : shape->rank - 2; /* the first of the pixels' dimensions */
    if (shape->rank < 3 || shape->rank > 5)
        return 0;
    *channels = *pixels = 1;
    for (int i = 1; i < shape->rank; i++)
        *(i < last ? channels : pixels) *= (size_t)shape->dim[i];
    return 1;
}

int plan_is_nhwc(const struct builder *b, int value)
{
    const struct plan_value *v = value_at(b, value);
    return v->type == ELEMENT_F32 && v->place[FORM_NHWC] >= 0 && v->place[FORM_ONNX] < 0;
}

/* A place as large as the value. */
static int add_value_place(struct builder *b, int value, enum form form)
{
    const struct plan_value *v = value_at(b, value);
    int place = plan_add_place(b, shape_bytes(&v->shape, v->type));
    size_t channels, pixels;
    if (form == FORM_NHWC && b->status == STATUS_OK && is_f32(b, value) &&
        plan_pixels(&v->shape, &channels, &pixels)) {
        b->plan->places[place].channels = channels;
        b->plan->places[place].rows = (size_t)v->shape.dim[0] * pixels;
    }
    return place;
}

int plan_new_view(struct builder *b, int value, enum form form, int whole, size_t channel)
{
    int place = add_value_place(b, value, form);
    if (b->status == STATUS_OK) {
        b->plan->places[place].root = whole;
        b->plan->places[place].shift = (int64_t)(channel * sizeof(float));
        b->plan->values[value].place[form] = place;
    }
    return place;
}

int plan_new_output(struct builder *b, int value, enum form form)
{
    int place = add_value_place(b, value, form);
    plan_set_place(b, value, form, place);
    return place;
}

static int add_fixed(struct builder *b, const void *data, int64_t bytes)
{
    int place = plan_add_place(b, bytes);
    if (b->status == STATUS_OK)
        b->plan->places[place].fixed = data;
    return place;
}

/* A value that is known before the run lies in NHWC before the run, too. */
static int add_known_nhwc(struct builder *b, const struct plan_value *v, size_t channels,
                          size_t pixels)
{
    int64_t bytes = shape_bytes(&v->shape, v->type);
    float *data = plan_alloc(b, (size_t)bytes, 1);
    if (!data)
        return 0;
    b->net->kernels->to_nhwc((size_t)v->shape.dim[0], channels, pixels, v->known, data, channels);
    return add_fixed(b, data, bytes);
}

int plan_ensure_apart(struct builder *b, int value, enum form form)
{
    struct plan_value *v = value_at(b, value);
    enum form other = form == FORM_ONNX ? FORM_NHWC : FORM_ONNX;
    struct step *step;
    size_t channels = 0, pixels = 0;
    int from, to;
    if (v->place[FORM_ONNX] < 0 && v->place[FORM_NHWC] < 0)
        plan_set_place(b, value, FORM_ONNX,
                       add_fixed(b, v->known, shape_bytes(&v->shape, v->type)));
    if (v->place[form] >= 0 || b->status != STATUS_OK)
        return v->place[form];
    from = v->place[other];
    plan_pixels(&v->shape, &channels, &pixels);
    if (v->known && form == FORM_NHWC)
        return v->place[form] = add_known_nhwc(b, v, channels, pixels);
    to = add_value_place(b, value, form);
    step = plan_add_simple(b, form == FORM_NHWC ? STEP_TO_NHWC : STEP_TO_NCHW, from, to);
    if (step) {
        step->value = value;
        step->m = (size_t)v->shape.dim[0];
        step->n = channels;
        step->k = pixels;
    }
    v->place[form] = to;
    return to;
}

int plan_ensure(struct builder *b, int value, enum form form)
{
    int from = plan_ensure_apart(b, value, form), to;
    const struct place *place = &b->plan->places[from];
    struct step *step;
    if (b->status != STATUS_OK || !place->rows ||
        b->plan->places[place_top(b->plan, from)].channels == place->channels)
        return from;
    to = add_value_place(b, value, form);
    step = plan_add_simple(b, STEP_COPY, from, to);
    if (step) {
        step->value = value;
        step->m = b->plan->places[to].rows;
        step->n = b->plan->places[to].channels;
        step->by_pixel = 1;
    }
    value_at(b, value)->place[form] = to;
    return to;
}
