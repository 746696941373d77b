/* The steps that go over a tensor as rows of channels or of elements: scales, activations, softmax,
 * local response normalisation. */
#include "nn/net_builder_internal.h"

/* The rows of a tensor whose last dimension is its channels. */
void plan_scale(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    enum form form = shape->rank == 4 ? FORM_NHWC : FORM_ONNX;
    int in = plan_ensure(b, node->inputs[0], form);
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
    int in = plan_ensure(b, node->inputs[0], form);
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
