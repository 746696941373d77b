/* The step of MatMul with two sides that are made during the run, as in attention. Each matrix of
 * the right side is packed when its turn comes; a transposition just before it becomes part of the
 * packing. step.matrices: for each product which matrix of the left side and which of the right. */
#include "nn/net_builder_internal.h"

#include <string.h>

/* Where in the stack of matrices of one side those of each product lie. */
static void number_matrices(const struct shape *side, const struct shape *out, size_t count,
                            size_t *numbers)
{
    for (size_t i = 0; i < count; i++) {
        size_t left = i, stride = 1, number = 0;
        for (int d = 3; d <= out->rank; d++) {
            size_t size = (size_t)out->dim[out->rank - d];
            if (d <= side->rank && side->dim[side->rank - d] > 1)
                number += left % size * stride;
            if (d <= side->rank)
                stride *= (size_t)side->dim[side->rank - d];
            left /= size;
        }
        numbers[2 * i] = number;
    }
}

/* Does the permutation swap the last two dimensions and nothing else? */
static int swaps_last(const struct graph_node *node)
{
    size_t count;
    const int64_t *perm = node_ints(node->node, "perm", &count);
    for (size_t i = 0; i + 2 < count; i++)
        if (perm[i] != (int64_t)i)
            return 0;
    return count >= 2 && perm[count - 2] == (int64_t)count - 1 &&
           perm[count - 1] == (int64_t)count - 2;
}

/* When a step that only swaps the last two dimensions makes the value for this node alone, takes
 * the step away: the value before it; else -1. */
static int untransposed(struct builder *b, int value)
{
    struct plan *plan = b->plan;
    int place = value_at(b, value)->place[FORM_ONNX],
        producer = b->net->graph.values[value].producer;
    if (producer >= 0 && plan_is_nhwc(b, value) && /* it is only a name for what lies there */
        b->net->graph.nodes[producer].kind == KIND_TRANSPOSE &&
        swaps_last(&b->net->graph.nodes[producer]))
        return b->net->graph.nodes[producer].inputs[0];
    if (b->net->graph.values[value].uses != 1 || place < 0)
        return -1;
    for (size_t i = plan->step_count; i-- > 0;) {
        const struct step *step = &plan->steps[i];
        const struct graph_node *node = &b->net->graph.nodes[step->node];
        if (step->out_count < 1 || step->out[0] != place)
            continue;
        if (step->kind != STEP_OP || node->kind != KIND_TRANSPOSE || !swaps_last(node))
            return -1;
        plan->step_count--;
        memmove(plan->steps + i, plan->steps + i + 1, (plan->step_count - i) * sizeof *step);
        return node->inputs[0];
    }
    return -1;
}

static int fits(const struct builder *b, const struct graph_node *node)
{
    for (size_t i = 0; i < 2; i++) {
        const struct shape *shape = &value_at(b, node->inputs[i])->shape;
        if (!is_f32(b, node->inputs[i]) || shape->rank < 2 || shape_count(shape) < 1)
            return 0;
    }
    return 1;
}

void plan_product(struct builder *b, const struct graph_node *node)
{
    const struct shape *left = &value_at(b, node->inputs[0])->shape,
                       *right = &value_at(b, node->inputs[1])->shape,
                       *out = &value_at(b, node->outputs[0])->shape;
    size_t k = (size_t)left->dim[left->rank - 1], m = (size_t)left->dim[left->rank - 2],
           n = (size_t)right->dim[right->rank - 1], count, *numbers;
    int before, in[2], scratch;
    struct step *step;
    if (!fits(b, node)) {
        plan_op(b, node);
        return;
    }
    count = (size_t)shape_count(out) / (m * n);
    numbers = plan_alloc(b, 2 * count, sizeof *numbers);
    if (b->status != STATUS_OK)
        return;
    number_matrices(left, out, count, numbers);
    number_matrices(right, out, count, numbers + 1);
    before = untransposed(b, node->inputs[1]);
    in[0] = plan_ensure(b, node->inputs[0], FORM_ONNX);
    in[1] = plan_ensure(b, before >= 0 ? before : node->inputs[1], FORM_ONNX);
    scratch = plan_add_place(b, (int64_t)b->net->kernels->packed_size(k, n));
    step = plan_add_step(b, STEP_PRODUCT, 2, 1);
    if (!step)
        return;
    memcpy(step->in, in, sizeof in);
    step->m = m;
    step->n = n;
    step->k = k;
    step->matrices = numbers;
    step->transposed = before >= 0;
    step->scratch = scratch;
    step->epilogue = node->activation;
    step->out[0] = plan_new_output(b, node->outputs[0], FORM_ONNX);
}
