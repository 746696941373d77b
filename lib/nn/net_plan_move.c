/* The steps that only move elements, or give what lies there another name. */
#include "nn/net_builder_internal.h"

#include <string.h>

void plan_concat(struct builder *b, const struct graph_node *node)
{
    static const int nhwc_axis[4] = {0, 3, 1, 2};
    const struct plan_value *out = value_at(b, node->outputs[0]);
    int64_t axis = node_int(node->node, "axis", 1);
    enum form form = FORM_ONNX;
    struct step *step;
    struct part *parts = plan_alloc(b, node->input_count, sizeof *parts);
    size_t rows = 1, row = 0;
    int *in = plan_alloc(b, node->input_count, sizeof *in);
    if (b->status != STATUS_OK)
        return;
    axis = axis < 0 ? axis + out->shape.rank : axis;
    for (size_t i = 0; i < node->input_count; i++) {
        const struct plan_value *v = value_at(b, node->inputs[i]);
        if (is_picture(b, node->inputs[i]) && v->place[FORM_NHWC] >= 0 && v->place[FORM_ONNX] < 0)
            form = FORM_NHWC;
    }
    axis = form == FORM_NHWC ? nhwc_axis[axis] : axis;
    for (size_t i = 0; i < node->input_count; i++) {
        const struct plan_value *v = value_at(b, node->inputs[i]);
        struct shape shape = plan_laid_out(&v->shape, v->shape.rank, form);
        rows = 1;
        parts[i].length = element_size(v->type);
        in[i] = (form == FORM_NHWC && axis == 3 ? plan_ensure_apart
                                                : plan_ensure)(b, node->inputs[i], form);
        for (int d = 0; d < shape.rank; d++)
            *(d < axis ? &rows : &parts[i].length) *= (size_t)shape.dim[d];
        parts[i].stride = parts[i].length;
        parts[i].at = row;
        row += parts[i].length;
    }
    step = plan_add_step(b, STEP_CONCAT, node->input_count, 1);
    if (!step)
        return;
    memcpy(step->in, in, node->input_count * sizeof *in);
    step->parts = parts;
    step->m = rows;
    step->k = row;
    step->by_pixel = form == FORM_NHWC && axis == 3;
    step->out[0] = plan_new_output(b, node->outputs[0], form);
}

/* The same elements under another shape, wherever they lie: a new name for its place. */
static void rename_value(struct builder *b, int from, int to)
{
    enum form form = plan_is_nhwc(b, from) ? FORM_NHWC : FORM_ONNX;
    int place = plan_ensure_apart(b, from, form), name;
    if (form == FORM_NHWC) {
        plan_new_view(b, to, FORM_NHWC, place, 0);
        return;
    }
    name = plan_new_output(b, to, FORM_ONNX);
    if (b->status == STATUS_OK)
        b->plan->places[name].root = place;
}

/* Do both shapes have the same pictures, pixels and channels, however they are counted? */
static int same_pixels(const struct shape *a, const struct shape *b)
{
    size_t channels[2], pixels[2];
    return plan_pixels(a, &channels[0], &pixels[0]) && plan_pixels(b, &channels[1], &pixels[1]) &&
           a->dim[0] == b->dim[0] && channels[0] == channels[1] && pixels[0] == pixels[1];
}

void plan_reshape(struct builder *b, const struct graph_node *node)
{
    int from = node->inputs[0], to = node->outputs[0];
    if (!same_pixels(&value_at(b, from)->shape, &value_at(b, to)->shape))
        plan_ensure(b, from, FORM_ONNX);
    rename_value(b, from, to);
}

/* To the type that it has already, a Cast does nothing. */
void plan_cast(struct builder *b, const struct graph_node *node)
{
    int from = node->inputs[0], to = node->outputs[0];
    if (value_at(b, from)->type == value_at(b, to)->type)
        rename_value(b, from, to);
    else
        plan_op(b, node);
}

/* Groups of channels change places with the channels within a group: ShuffleNet. */
static void plan_shuffle(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    int in = plan_ensure_apart(b, node->inputs[0], FORM_NHWC),
        out = plan_new_output(b, node->outputs[0], FORM_NHWC);
    struct step *step = plan_add_simple(b, STEP_SHUFFLE, in, out);
    if (step) {
        step->m = (size_t)(shape->dim[0] * shape->dim[3] * shape->dim[4]);
        step->n = (size_t)shape->dim[1];
        step->k = (size_t)shape->dim[2];
        step->by_pixel = 1;
    }
}

/* What lies there in one order is the result in another. */
static void reorder(struct builder *b, const struct graph_node *node, enum form from, enum form to)
{
    int in = plan_ensure(b, node->inputs[0], from), out = plan_new_output(b, node->outputs[0], to);
    if (b->status == STATUS_OK)
        b->plan->places[out].root = in;
}

/* A transposition that is only another name for what lies there, or a shuffle; else the reference.
 */
void plan_transpose(struct builder *b, const struct graph_node *node)
{
    static const int64_t to_nchw[] = {0, 3, 1, 2}, to_nhwc[] = {0, 2, 3, 1}, turn[] = {0, 2, 1},
                         shuffle[] = {0, 2, 1, 3, 4};
    int x = node->inputs[0], rank = value_at(b, x)->shape.rank, is_nhwc = plan_is_nhwc(b, x);
    size_t count;
    const int64_t *perm = node_ints(node->node, "perm", &count);
    if (count != (size_t)rank || !is_f32(b, x))
        plan_op(b, node);
    else if (rank == 4 && memcmp(perm, to_nchw, sizeof to_nchw) == 0)
        reorder(b, node, FORM_ONNX, FORM_NHWC);
    else if (rank == 4 && memcmp(perm, to_nhwc, sizeof to_nhwc) == 0)
        reorder(b, node, FORM_NHWC, FORM_ONNX);
    else if (rank == 3 && memcmp(perm, turn, sizeof turn) == 0 && is_nhwc)
        reorder(b, node, FORM_NHWC, FORM_ONNX);
    else if (rank == 3 && memcmp(perm, turn, sizeof turn) == 0)
        reorder(b, node, FORM_ONNX, FORM_NHWC);
    else if (rank == 5 && memcmp(perm, shuffle, sizeof shuffle) == 0 && is_nhwc &&
             value_at(b, x)->shape.dim[1] <= SHUFFLE_GROUPS_MAX)
        plan_shuffle(b, node);
    else
        plan_op(b, node);
}

/* Where the picture is there in NHWC; the reference is as good where it is not. */
void plan_pad(struct builder *b, const struct graph_node *node)
{
    const struct shape *in = &value_at(b, node->inputs[0])->shape,
                       *out = &value_at(b, node->outputs[0])->shape;
    struct step *step;
    int from;
    if (!is_picture(b, node->inputs[0]) || !plan_is_nhwc(b, node->inputs[0])) {
        plan_op(b, node);
        return;
    }
    from = plan_ensure_apart(b, node->inputs[0], FORM_NHWC);
    step = plan_add_simple(b, STEP_PAD, from, plan_new_output(b, node->outputs[0], FORM_NHWC));
    if (!step)
        return;
    step->window = node->window;
    step->window.batch = (size_t)in->dim[0];
    step->window.channels = step->window.out_channels = (size_t)in->dim[1];
    step->window.height = (size_t)in->dim[2];
    step->window.width = (size_t)in->dim[3];
    step->window.out_height = (size_t)out->dim[2];
    step->window.out_width = (size_t)out->dim[3];
}
