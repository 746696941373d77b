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
        in[i] = plan_ensure(b, node->inputs[i], form);
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

void plan_reshape(struct builder *b, const struct graph_node *node)
{
    int in = plan_ensure(b, node->inputs[0], FORM_ONNX),
        out = plan_new_output(b, node->outputs[0], FORM_ONNX);
    if (b->status == STATUS_OK)
        b->plan->places[out].root = in;
}

/* A transposition that is only another name for what lies there; else the reference. */
void plan_transpose(struct builder *b, const struct graph_node *node)
{
    static const int64_t to_nchw[4] = {0, 3, 1, 2}, to_nhwc[4] = {0, 2, 3, 1};
    size_t count;
    const int64_t *perm = node_ints(node->node, "perm", &count);
    int in, out;
    if (count != 4 || !is_picture(b, node->inputs[0]) ||
        (memcmp(perm, to_nchw, sizeof to_nchw) != 0 &&
         memcmp(perm, to_nhwc, sizeof to_nhwc) != 0)) {
        plan_op(b, node);
        return;
    }
    if (memcmp(perm, to_nchw, sizeof to_nchw) == 0) {
        in = plan_ensure(b, node->inputs[0], FORM_ONNX);
        out = plan_new_output(b, node->outputs[0], FORM_NHWC);
    } else {
        in = plan_ensure(b, node->inputs[0], FORM_NHWC);
        out = plan_new_output(b, node->outputs[0], FORM_ONNX);
    }
    if (b->status == STATUS_OK)
        b->plan->places[out].root = in;
}
