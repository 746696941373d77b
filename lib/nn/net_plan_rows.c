/* The steps that go over a tensor as rows of channels or of elements: scales, activations, softmax,
 * normalisations, reductions. */
#include "nn/net_builder_internal.h"

#include <string.h>

/* The rows of a tensor whose last dimension is its channels. */
void plan_scale(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    enum form form = shape->rank == 4 ? FORM_NHWC : FORM_ONNX;
    int in = plan_ensure_apart(b, node->inputs[0], form);
    struct step *step =
        plan_add_simple(b, STEP_SCALE, in, plan_new_output(b, node->outputs[0], form));
    if (step) {
        step->n = node->outputs_n;
        step->m = (size_t)shape_count(shape) / step->n;
        step->epilogue = node->activation;
        step->in_place = 1;
        step->by_pixel = form == FORM_NHWC;
    }
}

void plan_activation(struct builder *b, const struct graph_node *node)
{
    const struct plan_value *v = value_at(b, node->inputs[0]);
    enum form form = v->place[FORM_NHWC] >= 0 && v->place[FORM_ONNX] < 0 ? FORM_NHWC : FORM_ONNX;
    int in = plan_ensure_apart(b, node->inputs[0], form);
    struct step *step =
        plan_add_simple(b, STEP_ACTIVATION, in, plan_new_output(b, node->outputs[0], form));
    if (step) {
        step->m = 1;
        step->n = (size_t)shape_count(&v->shape);
        step->by_pixel = form == FORM_NHWC;
        step->epilogue = node->activation;
        step->in_place = 1;
    }
}

void plan_softmax(struct builder *b, const struct graph_node *node)
{
    const struct plan_value *v = value_at(b, node->inputs[0]);
    int old = b->net->model->opset < 13, rank = v->shape.rank;
    int64_t axis = node_int(node->node, "axis", old ? 1 : -1);
    enum form form = FORM_ONNX;
    size_t length = 1, after = 1;
    struct step *step;
    int in;
    axis = axis < 0 ? axis + rank : axis;
    for (int64_t i = axis; i < rank; i++)
        *(i == axis || old ? &length : &after) *= (size_t)v->shape.dim[i];
    if (after > 1 && rank == 4 && axis == 1)
        form = FORM_NHWC;
    else if (after > 1 || rank < 1 || length < 1) {
        plan_op(b, node);
        return;
    }
    in = plan_ensure(b, node->inputs[0], form);
    step = plan_add_simple(b, STEP_SOFTMAX, in, plan_new_output(b, node->outputs[0], form));
    if (step) {
        step->n = length;
        step->m = (size_t)shape_count(&v->shape) / length;
        step->in_place = 1;
    }
}

void plan_lrn(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    int in = plan_ensure(b, node->inputs[0], FORM_NHWC);
    struct step *step =
        plan_add_simple(b, STEP_LRN, in, plan_new_output(b, node->outputs[0], FORM_NHWC));
    if (step) {
        step->n = (size_t)shape->dim[1];
        step->m = (size_t)(shape->dim[0] * shape->dim[2] * shape->dim[3]);
    }
}

/* ---- layer, instance and group normalisation ---- */

/* m rows of n channels of k elements, and the period of the channels; 0 when the node is not such a
 * normalisation. */
static int norm_rows(const struct builder *b, const struct graph_node *node, struct step *step)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    int64_t rank = shape->rank, axis = node->rewritten ? -1 : node_int(node->node, "axis", -1);
    int64_t groups, channels = rank > 1 ? shape->dim[1] : 0;
    step->m = step->n = step->k = 1;
    if (node->rewritten || strcmp(node->node->op_type, "LayerNormalization") == 0) {
        axis = axis < 0 ? axis + rank : axis;
        for (int64_t i = 0; i < rank; i++)
            *(i < axis ? &step->m : &step->n) *= (size_t)shape->dim[i];
        step->period = step->n;
        return rank > 0;
    }
    groups = strcmp(node->node->op_type, "GroupNormalization") == 0
                 ? node_int(node->node, "num_groups", 0)
                 : channels;
    if (rank < 2 || groups < 1 || channels % groups != 0)
        return 0;
    step->m = (size_t)(shape->dim[0] * groups);
    step->n = (size_t)(channels / groups);
    step->period = (size_t)channels;
    for (int64_t i = 2; i < rank; i++)
        step->k *= (size_t)shape->dim[i];
    return 1;
}

/* Does the kernel do it: all f32, and a scale and a shift for each channel, or none? */
static int norm_fits(const struct builder *b, const struct graph_node *node, struct step *step)
{
    if (!is_f32(b, node->inputs[0]) || shape_count(&value_at(b, node->inputs[0])->shape) < 1 ||
        !norm_rows(b, node, step))
        return 0;
    for (size_t i = 1; i < node->input_count; i++)
        if (node->inputs[i] >= 0 &&
            (!is_f32(b, node->inputs[i]) ||
             shape_count(&value_at(b, node->inputs[i])->shape) != (int64_t)step->period))
            return 0;
    for (size_t i = 1; i < node->output_count; i++)
        if (node->outputs[i] >= 0 && b->net->graph.values[node->outputs[i]].uses > 0)
            return 0;
    return 1;
}

void plan_norm(struct builder *b, const struct graph_node *node)
{
    struct step rows = {0}, *step;
    int in[3] = {-1, -1, -1};
    if (!norm_fits(b, node, &rows)) {
        plan_op(b, node);
        return;
    }
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] >= 0)
            in[i] = plan_ensure(b, node->inputs[i], FORM_ONNX);
    step = plan_add_step(b, STEP_NORM, 3, 1);
    if (!step)
        return;
    memcpy(step->in, in, sizeof in);
    step->m = rows.m;
    step->n = rows.n;
    step->k = rows.k;
    step->period = rows.period;
    step->in_place = 1;
    step->out[0] = plan_new_output(b, node->outputs[0], FORM_ONNX);
}

/* ---- reductions ---- */

/* The axes that go, as flags; 0 when they are not known. */
static int reduced_axes(const struct builder *b, const struct graph_node *node,
                        unsigned char gone[SHAPE_RANK_MAX])
{
    int rank = value_at(b, node->inputs[0])->shape.rank;
    size_t count;
    const int64_t *axes = node_ints(node->node, "axes", &count);
    if (node->input_count > 1 && node->inputs[1] >= 0) {
        const struct plan_value *list = value_at(b, node->inputs[1]);
        if (!list->known || list->type != ELEMENT_I64)
            return 0;
        axes = list->known;
        count = (size_t)shape_count(&list->shape);
    }
    if (count == 0)
        memset(gone, !node_int(node->node, "noop_with_empty_axes", 0), SHAPE_RANK_MAX);
    for (size_t i = 0; i < count; i++)
        gone[axes[i] < 0 ? axes[i] + rank : axes[i]] = 1;
    return 1;
}

/* m x n x k, of which n goes; 0 when what goes does not lie together. */
static int reduction_rows(const struct shape *shape, const unsigned char gone[SHAPE_RANK_MAX],
                          struct step *step)
{
    step->m = step->n = step->k = 1;
    for (int i = 0; i < shape->rank; i++) {
        if (shape->dim[i] == 1)
            continue;
        if (gone[i] && step->k > 1)
            return 0;
        *(gone[i] ? &step->n : step->n > 1 ? &step->k : &step->m) *= (size_t)shape->dim[i];
    }
    return 1;
}

void plan_reduce(struct builder *b, const struct graph_node *node)
{
    const struct plan_value *v = value_at(b, node->inputs[0]);
    unsigned char gone[SHAPE_RANK_MAX] = {0};
    struct step rows, *step;
    int in;
    if (!is_f32(b, node->inputs[0]) || shape_count(&v->shape) < 1 || !reduced_axes(b, node, gone) ||
        !reduction_rows(&v->shape, gone, &rows)) {
        plan_op(b, node);
        return;
    }
    in = plan_ensure(b, node->inputs[0], FORM_ONNX);
    step = plan_add_simple(b, STEP_REDUCE, in, plan_new_output(b, node->outputs[0], FORM_ONNX));
    if (step) {
        step->m = rows.m;
        step->n = rows.n;
        step->k = rows.k;
    }
}
