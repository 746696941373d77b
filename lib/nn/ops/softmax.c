/* Softmax and LogSoftmax. Before opset 13 the input was a matrix, flattened at the axis (default
 * 1), and a whole row is normalised; from 13 on it is one axis (default the last). */
#include "nn/ops/op_internal.h"

#include <math.h>
#include <string.h>

/* outer x length x inner: the middle one is normalised. */
static enum status layout(const struct op_call *call, int64_t *outer, int64_t *length,
                          int64_t *inner, struct error *err)
{
    const struct shape *shape = &call->in[0]->shape;
    int64_t given = node_int(call->node, "axis", call->opset < 13 ? 1 : -1);
    int axis = 0, flat = call->opset < 13;
    if (flat && given == shape->rank)
        axis = shape->rank; /* every element is a row of its own */
    else
        TRY(op_axis(given, shape->rank, &axis, err));
    *outer = shape_product(shape, 0, axis);
    *length = flat ? shape_product(shape, axis, shape->rank) : shape->dim[axis];
    *inner = flat ? 1 : shape_product(shape, axis + 1, shape->rank);
    return STATUS_OK;
}

enum status infer_softmax(struct op_call *call, struct error *err)
{
    int64_t outer, length, inner;
    TRY(op_arity(call, 1, 1, 1, err));
    if (!is_float(call->in[0]->type))
        return error_set(err, STATUS_USAGE, "%s of %s", call->node->op_type,
                         element_name(call->in[0]->type));
    TRY(layout(call, &outer, &length, &inner, err));
    return op_out(call, 0, call->in[0]->type, &call->in[0]->shape, err);
}

static void softmax(const float *in, int64_t length, int64_t step, int logarithm, float *out)
{
    float most = -INFINITY;
    double sum = 0;
    for (int64_t i = 0; i < length; i++)
        most = in[i * step] > most ? in[i * step] : most;
    for (int64_t i = 0; i < length; i++)
        sum += (double)expf(in[i * step] - most);
    for (int64_t i = 0; i < length; i++)
        out[i * step] = logarithm ? in[i * step] - most - (float)log(sum)
                                  : (float)((double)expf(in[i * step] - most) / sum);
}

enum status run_softmax(struct op_call *call, struct error *err)
{
    int logarithm = strcmp(call->node->op_type, "LogSoftmax") == 0;
    const float *in = op_floats(call, call->in[0]);
    float *out = op_floats_out(call, &call->out[0]);
    int64_t outer, length, inner;
    TRY(layout(call, &outer, &length, &inner, err));
    if (!in || !out)
        return error_memory(err);
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < inner; i++)
            softmax(in + o * length * inner + i, length, inner, logarithm,
                    out + o * length * inner + i);
    op_floats_done(out, &call->out[0]);
    return STATUS_OK;
}
