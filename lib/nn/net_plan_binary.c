/* The steps of operators with two sides that broadcast; an Add becomes part of the convolution or
 * product before it where it can. */
#include "nn/net_builder_internal.h"

#include <string.h>

/* Merges neighbouring dimensions that the operands broadcast in the same way into at most three,
 * and gives each operand its strides; 0 when there are more. */
static int merge(const struct shape *out, const struct shape sides[2], size_t size[3],
                 struct operand operand[2])
{
    int groups = 0, last = 0;
    size_t stride[2] = {1, 1}, strides[2][3] = {{0}};
    size[0] = size[1] = size[2] = 1;
    for (int i = out->rank; i-- > 0;) {
        int how = (sides[0].dim[i] != out->dim[i]) | (sides[1].dim[i] != out->dim[i]) << 1;
        if (out->dim[i] == 1)
            continue;
        if (groups == 0 || how != last) {
            if (groups == 3)
                return 0;
            for (int s = 0; s < 2; s++)
                strides[s][groups] = how >> s & 1 ? 0 : stride[s];
            groups++;
        }
        last = how;
        size[groups - 1] *= (size_t)out->dim[i];
        for (int s = 0; s < 2; s++)
            if (!(how >> s & 1))
                stride[s] *= (size_t)out->dim[i];
    }
    for (int s = 0; s < 2; s++)
        operand[s] = (struct operand){NULL, strides[s][2], strides[s][1], strides[s][0]};
    return 1;
}

/* The same pixel by pixel, of operands and result in NHWC: size is pictures, pixels, channels; 0
 * where an operand is broadcast along rows or columns alone. */
static int merge_pixels(const struct shape *out, const struct shape sides[2], size_t size[3],
                        struct operand operand[2])
{
    const int64_t *whole = out->dim;
    size[2] = (size_t)whole[0];
    size[1] = (size_t)(whole[1] * whole[2]);
    size[0] = (size_t)whole[3];
    for (int s = 0; s < 2; s++) {
        const int64_t *dim = sides[s].dim;
        int spread = dim[1] == 1 && dim[2] == 1 && size[1] != 1;
        size_t channels = (size_t)dim[3];
        if (!spread && (dim[1] != whole[1] || dim[2] != whole[2]))
            return 0;
        operand[s].inner = dim[3] == whole[3];
        operand[s].middle = spread ? 0 : channels;
        operand[s].outer = dim[0] != whole[0] ? 0 : spread ? channels : size[1] * channels;
    }
    return 1;
}

/* A binary step over NHWC: at least one side lies so, and the other can be read so without a change
 * of order. */
static enum form binary_form(const struct builder *b, const struct graph_node *node,
                             const struct shape *out)
{
    int wants = 0;
    for (int s = 0; s < 2; s++) {
        const struct plan_value *v = value_at(b, node->inputs[s]);
        struct shape full = plan_laid_out(&v->shape, out->rank, FORM_ONNX);
        if (out->rank != 4 || (v->shape.rank != 4 && !plan_is_trivial(&full)))
            return FORM_ONNX;
        wants |= v->place[FORM_NHWC] >= 0 && v->place[FORM_ONNX] < 0;
    }
    return wants ? FORM_NHWC : FORM_ONNX;
}

/* The step that alone writes this value and could add a residual to it; -1 when there is none. */
static int adding_step(const struct builder *b, int value)
{
    const struct plan_value *v = value_at(b, value);
    if (b->net->graph.values[value].uses != 1)
        return -1;
    for (size_t i = b->plan->step_count; i-- > 0;) {
        const struct step *step = &b->plan->steps[i];
        if ((step->kind != STEP_CONV && step->kind != STEP_GEMM) ||
            (step->out[0] != v->place[FORM_ONNX] && step->out[0] != v->place[FORM_NHWC]))
            continue;
        return step->residual < 0 && step->epilogue.activation == ACTIVATION_NONE ? (int)i : -1;
    }
    return -1;
}

/* Add becomes part of the convolution or product that makes one side: that step moves to here,
 * where both sides are there. Returns 1 when it was done. */
static int plan_residual(struct builder *b, const struct graph_node *node)
{
    struct plan *plan = b->plan;
    const struct shape *out = &value_at(b, node->outputs[0])->shape;
    int maker[2], side, other;
    struct step moved;
    for (int s = 0; s < 2; s++) {
        if (!shape_equal(&value_at(b, node->inputs[s])->shape, out))
            return 0;
        maker[s] = adding_step(b, node->inputs[s]);
    }
    side = maker[1] > maker[0];
    if (node->binary != BINARY_ADD || maker[side] < 0)
        return 0;
    other = plan->steps[maker[side]].kind == STEP_CONV
                ? plan_ensure_apart(b, node->inputs[1 - side], FORM_NHWC)
                : plan_ensure(b, node->inputs[1 - side], FORM_ONNX);
    moved = plan->steps[maker[side]];
    memmove(plan->steps + maker[side], plan->steps + maker[side] + 1,
            (plan->step_count - 1 - (size_t)maker[side]) * sizeof moved);
    moved.residual = other;
    moved.value = node->outputs[0];
    moved.epilogue = node->activation;
    moved.out[0] =
        plan_new_output(b, node->outputs[0], moved.kind == STEP_CONV ? FORM_NHWC : FORM_ONNX);
    plan->steps[plan->step_count - 1] = moved;
    return 1;
}

void plan_binary(struct builder *b, const struct graph_node *node)
{
    const struct shape *out = &value_at(b, node->outputs[0])->shape;
    enum form form = binary_form(b, node, out);
    struct shape whole = plan_laid_out(out, out->rank, form), sides[2];
    size_t size[3];
    struct operand operand[2];
    struct step *step;
    int in[2], by_pixel;
    if (plan_residual(b, node))
        return;
    for (int s = 0; s < 2; s++)
        sides[s] = plan_laid_out(&value_at(b, node->inputs[s])->shape, out->rank, form);
    by_pixel = form == FORM_NHWC && merge_pixels(&whole, sides, size, operand);
    if (!by_pixel && !merge(&whole, sides, size, operand)) {
        plan_op(b, node);
        return;
    }
    for (int s = 0; s < 2; s++) /* a side of fewer dimensions is the same bytes in both forms */
        in[s] = (by_pixel && shape_equal(&sides[s], &whole) ? plan_ensure_apart : plan_ensure)(
            b, node->inputs[s], value_at(b, node->inputs[s])->shape.rank == 4 ? form : FORM_ONNX);
    step = plan_add_step(b, STEP_BINARY, 2, 1);
    if (!step)
        return;
    for (int s = 0; s < 2; s++) {
        step->in[s] = in[s];
        step->operand[s] = operand[s];
        if (shape_equal(&sides[s], &whole))
            step->in_place |= 1 << s;
    }
    step->m = size[2];
    step->n = size[1];
    step->k = size[0];
    step->by_pixel = by_pixel;
    step->epilogue = node->activation;
    step->out[0] = plan_new_output(b, node->outputs[0], form);
}
