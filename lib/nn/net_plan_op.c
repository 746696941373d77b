/* The step of a node that no kernel does: its operator of nn/ops, the reference, in ONNX's layout.
 */
#include "nn/net_builder_internal.h"

#include <string.h>

/* Operators that treat every element alike can run on any layout. */
static int is_unary(const char *op)
{
    static const char *const names[] = {
        "Abs",  "Ceil", "Cos",      "Elu",        "Erf",   "Exp",  "Floor",
        "Log",  "Neg",  "Not",      "Reciprocal", "Round", "Selu", "Sigmoid",
        "Sign", "Sin",  "Softplus", "Softsign",   "Sqrt",  "Tanh", "ThresholdedRelu"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(op, names[i]) == 0)
            return 1;
    return 0;
}

static void add_activation(struct builder *b, const struct graph_node *node, int place)
{
    struct step *step;
    if (node->activation.activation == ACTIVATION_NONE)
        return;
    step = plan_add_simple(b, STEP_ACTIVATION, place, place);
    if (step) {
        step->epilogue = node->activation;
        step->m = 1;
        step->n = (size_t)b->plan->places[place].bytes / sizeof(float);
    }
}

void plan_op(struct builder *b, const struct graph_node *node)
{
    struct op_call call;
    struct step *step;
    enum form form = FORM_ONNX;
    int *in = plan_alloc(b, node->input_count, sizeof *in);
    if (node->rewritten) {
        b->status = error_set(b->err, STATUS_FAILED, "only f32 is supported here");
        return;
    }
    if (!plan_make_call(b, node, &call))
        return;
    if (node->input_count == 1 && is_picture(b, node->inputs[0]) && is_unary(node->node->op_type) &&
        value_at(b, node->inputs[0])->place[FORM_ONNX] < 0)
        form = FORM_NHWC;
    for (size_t i = 0; i < node->input_count; i++)
        in[i] = node->inputs[i] < 0 ? -1 : plan_ensure(b, node->inputs[i], form);
    step = plan_add_step(b, STEP_OP, node->input_count, node->output_count);
    if (!step || b->status != STATUS_OK)
        return;
    memcpy(step->in, in, node->input_count * sizeof *in);
    step->in_tensors = plan_alloc(b, node->input_count, sizeof *step->in_tensors);
    step->out_tensors = call.out;
    for (size_t i = 0; b->status == STATUS_OK && i < node->input_count; i++)
        if (node->inputs[i] >= 0)
            step->in_tensors[i] = *call.in[i];
    for (size_t i = 0; i < node->output_count; i++) {
        step->out[i] = -1;
        if (node->outputs[i] < 0)
            continue;
        call.out[i] = (struct tensor){value_at(b, node->outputs[i])->type,
                                      value_at(b, node->outputs[i])->shape, NULL};
        if (call.wanted[i]) {
            int place = plan_new_output(b, node->outputs[i], form);
            step->out[i] = place;
        }
    }
    /* A node that is an activation itself has been done; one folded into another is a kernel's,
     * f32. */
    if (node->kind == KIND_ACTIVATION || node->activation.activation == ACTIVATION_NONE ||
        step->out_count == 0 || step->out[0] < 0)
        return;
    if (is_f32(b, node->outputs[0]))
        add_activation(b, node, step->out[0]);
    else
        b->status = error_set(b->err, STATUS_FAILED, "only f32 is supported here");
}
