/* What an operator's call gives it: inputs, axes, lists, elements as f32; and what its shapes are
 * worth. */
#include "nn/ops/op_internal.h"

#include <string.h>

enum status op_arity(const struct op_call *call, size_t in_min, size_t in_max, size_t out_max,
                     struct error *err)
{
    if (call->in_count < in_min || call->in_count > in_max)
        return error_set(err, STATUS_USAGE, "%zu inputs, expected %zu to %zu", call->in_count,
                         in_min, in_max);
    for (size_t i = 0; i < in_min; i++)
        if (!call->in[i])
            return error_set(err, STATUS_USAGE, "input %zu is missing", i);
    for (size_t i = 0; i < call->in_count; i++)
        if (call->in[i] && shape_bytes(&call->in[i]->shape, call->in[i]->type) < 0)
            return error_set(err, STATUS_USAGE, "input %zu has no sound shape", i);
    if (call->out_count < 1 || call->out_count > out_max)
        return error_set(err, STATUS_USAGE, "%zu outputs, expected 1 to %zu", call->out_count,
                         out_max);
    return STATUS_OK;
}

const struct tensor *op_in(const struct op_call *call, size_t i)
{
    return i < call->in_count ? call->in[i] : NULL;
}

enum status op_known(const struct tensor *tensor, struct error *err)
{
    if (tensor->data || shape_count(&tensor->shape) == 0)
        return STATUS_OK;
    return error_set(err, STATUS_END, "the shape depends on a value that is not known yet");
}

enum status op_axis(int64_t axis, int rank, int *result, struct error *err)
{
    if (axis < -rank || axis >= rank)
        return error_set(err, STATUS_USAGE, "axis %lld of a tensor of %d dimensions",
                         (long long)axis, rank);
    *result = (int)(axis < 0 ? axis + rank : axis);
    return STATUS_OK;
}

enum status op_out(struct op_call *call, size_t i, enum element_type type,
                   const struct shape *shape, struct error *err)
{
    if (i >= call->out_count)
        return STATUS_OK;
    call->out[i].type = type;
    call->out[i].shape = *shape;
    if (shape->rank > SHAPE_RANK_MAX || shape_bytes(shape, type) < 0)
        return error_set(err, STATUS_USAGE, "the result would be too large");
    return STATUS_OK;
}

void *op_scratch(struct op_call *call, int64_t count, size_t size)
{
    return count < 0 ? NULL : arena_alloc(call->scratch, (size_t)count, size);
}

const float *op_floats(struct op_call *call, const struct tensor *tensor)
{
    int64_t count = shape_count(&tensor->shape);
    float *copy;
    if (tensor->type == ELEMENT_F32 && tensor->data)
        return tensor->data;
    copy = op_scratch(call, count, sizeof *copy);
    if (copy)
        to_floats(tensor->type, tensor->data, 1, count, copy);
    return copy;
}

float *op_floats_out(struct op_call *call, struct tensor *out)
{
    if (out->type == ELEMENT_F32 && out->data)
        return out->data;
    return op_scratch(call, shape_count(&out->shape), sizeof(float));
}

void op_floats_done(const float *floats, struct tensor *out)
{
    if (out->data && out->data != floats)
        from_floats(out->type, floats, shape_count(&out->shape), out->data);
}

enum status op_list(const struct op_call *call, const char *attribute, size_t input,
                    struct op_list *list, struct error *err)
{
    size_t count;
    memset(list, 0, sizeof *list);
    list->tensor = op_in(call, input);
    if (list->tensor) {
        if (list->tensor->shape.rank > 1 || is_float(list->tensor->type))
            return error_set(err, STATUS_USAGE, "input %zu must be a list of integers", input);
        list->given = 1;
        list->count = shape_count(&list->tensor->shape);
        return op_known(list->tensor, err);
    }
    list->ints = node_ints(call->node, attribute, &count);
    list->count = (int64_t)count;
    list->given = node_attribute(call->node, attribute) != NULL;
    return STATUS_OK;
}

int64_t op_list_at(const struct op_list *list, int64_t i)
{
    return list->tensor ? op_int_at(list->tensor, i) : list->ints[i];
}

enum status op_axes(const struct op_list *list, int rank, int flags[SHAPE_RANK_MAX],
                    struct error *err)
{
    memset(flags, 0, SHAPE_RANK_MAX * sizeof *flags);
    for (int64_t i = 0; i < list->count; i++) {
        int axis = 0;
        TRY(op_axis(op_list_at(list, i), rank, &axis, err));
        if (flags[axis])
            return error_set(err, STATUS_USAGE, "axis %d twice", axis);
        flags[axis] = 1;
    }
    return STATUS_OK;
}

int64_t shape_product(const struct shape *shape, int from, int to)
{
    uint64_t product = 1; /* wraps around where another dimension is 0: then it is not used */
    for (int i = from; i < to; i++)
        product *= (uint64_t)shape->dim[i];
    return (int64_t)product;
}

void shape_strides(const struct shape *shape, int64_t strides[SHAPE_RANK_MAX])
{
    uint64_t stride = 1; /* as above */
    for (int i = shape->rank - 1; i >= 0; i--) {
        strides[i] = (int64_t)stride;
        stride *= (uint64_t)shape->dim[i];
    }
}

enum status shape_broadcast(struct shape *result, const struct shape *shape, struct error *err)
{
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    int rank = result->rank > shape->rank ? result->rank : shape->rank;
    struct shape wide = {.rank = rank};
    for (int i = 1; i <= rank; i++) {
        int64_t one = i <= result->rank ? result->dim[result->rank - i] : 1;
        int64_t other = i <= shape->rank ? shape->dim[shape->rank - i] : 1;
        if (one != other && one != 1 && other != 1)
            return error_set(err, STATUS_USAGE, "%s and %s cannot be broadcast to one shape",
                             shape_format(result, a), shape_format(shape, b));
        wide.dim[rank - i] = one == 1 ? other : one;
    }
    *result = wide;
    return STATUS_OK;
}

void shape_broadcast_strides(const struct shape *shape, const struct shape *to,
                             int64_t strides[SHAPE_RANK_MAX])
{
    int missing = to->rank - shape->rank;
    int64_t own[SHAPE_RANK_MAX] = {0};
    shape_strides(shape, own);
    for (int i = 0; i < to->rank; i++)
        strides[i] = i < missing || shape->dim[i - missing] == 1 ? 0 : own[i - missing];
}

int shape_next(const struct shape *shape, int inner, int64_t index[SHAPE_RANK_MAX])
{
    for (int i = shape->rank - inner - 1; i >= 0; i--) {
        if (++index[i] < shape->dim[i])
            return 1;
        index[i] = 0;
    }
    return 0;
}
