/* Elements chosen by indices: Gather, GatherElements, ScatterND. Negative indices count from the
 * end. */
#include "nn/ops/op_internal.h"

#include <string.h>

static enum status check_indices(const struct op_call *call, struct error *err)
{
    enum element_type type = call->in[1]->type;
    if (type == ELEMENT_I32 || type == ELEMENT_I64)
        return STATUS_OK;
    return error_set(err, STATUS_USAGE, "indices of %s", element_name(type));
}

static enum status index_at(const struct tensor *indices, int64_t i, int64_t length,
                            int64_t *result, struct error *err)
{
    int64_t index = op_int_at(indices, i);
    if (index < -length || index >= length)
        return error_set(err, STATUS_FAILED, "index %lld of %lld", (long long)index,
                         (long long)length);
    *result = index < 0 ? index + length : index;
    return STATUS_OK;
}

enum status infer_gather(struct op_call *call, struct error *err)
{
    const struct shape *data, *indices;
    struct shape shape = {0};
    int axis = 0;
    TRY(op_arity(call, 2, 2, 1, err));
    TRY(check_indices(call, err));
    data = &call->in[0]->shape;
    indices = &call->in[1]->shape;
    TRY(op_axis(node_int(call->node, "axis", 0), data->rank, &axis, err));
    if (data->rank - 1 + indices->rank > SHAPE_RANK_MAX)
        return error_set(err, STATUS_FAILED, "more than %d dimensions", SHAPE_RANK_MAX);
    for (int i = 0; i < axis; i++)
        shape.dim[shape.rank++] = data->dim[i];
    for (int i = 0; i < indices->rank; i++)
        shape.dim[shape.rank++] = indices->dim[i];
    for (int i = axis + 1; i < data->rank; i++)
        shape.dim[shape.rank++] = data->dim[i];
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

enum status run_gather(struct op_call *call, struct error *err)
{
    const struct tensor *data = call->in[0], *indices = call->in[1];
    int64_t count = shape_count(&indices->shape), outer, inner;
    const char *from = data->data;
    char *to = call->out[0].data;
    int axis = 0;
    size_t bytes;
    TRY(op_axis(node_int(call->node, "axis", 0), data->shape.rank, &axis, err));
    outer = shape_product(&data->shape, 0, axis);
    inner = shape_product(&data->shape, axis + 1, data->shape.rank);
    bytes = (size_t)inner * element_size(data->type);
    if (shape_count(&call->out[0].shape) == 0)
        return STATUS_OK;
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < count; i++, to += bytes) {
            int64_t at = 0;
            TRY(index_at(indices, i, data->shape.dim[axis], &at, err));
            memcpy(to, from + (size_t)(o * data->shape.dim[axis] + at) * bytes, bytes);
        }
    return STATUS_OK;
}

/* --- GatherElements
 * --------------------------------------------------------------------------------- */

enum status infer_gather_elements(struct op_call *call, struct error *err)
{
    const struct shape *data, *indices;
    int axis = 0;
    TRY(op_arity(call, 2, 2, 1, err));
    TRY(check_indices(call, err));
    data = &call->in[0]->shape;
    indices = &call->in[1]->shape;
    TRY(op_axis(node_int(call->node, "axis", 0), data->rank, &axis, err));
    if (indices->rank != data->rank)
        return error_set(err, STATUS_USAGE, "indices of %d dimensions for %d", indices->rank,
                         data->rank);
    for (int i = 0; i < data->rank; i++)
        if (i != axis && indices->dim[i] > data->dim[i])
            return error_set(err, STATUS_USAGE, "more indices than elements in dimension %d", i);
    return op_out(call, 0, call->in[0]->type, indices, err);
}

enum status run_gather_elements(struct op_call *call, struct error *err)
{
    const struct tensor *data = call->in[0], *indices = call->in[1];
    size_t size = element_size(data->type);
    int64_t strides[SHAPE_RANK_MAX] = {0}, index[SHAPE_RANK_MAX] = {0}, i = 0;
    char *to = call->out[0].data;
    int axis = 0;
    TRY(op_axis(node_int(call->node, "axis", 0), data->shape.rank, &axis, err));
    shape_strides(&data->shape, strides);
    if (shape_count(&indices->shape) == 0)
        return STATUS_OK;
    do {
        int64_t at = 0, place = 0;
        TRY(index_at(indices, i++, data->shape.dim[axis], &place, err));
        for (int k = 0; k < data->shape.rank; k++)
            at += (k == axis ? place : index[k]) * strides[k];
        memcpy(to, (const char *)data->data + (size_t)at * size, size);
        to += size;
    } while (shape_next(&indices->shape, 0, index));
    return STATUS_OK;
}

/* --- ScatterND
 * -------------------------------------------------------------------------------------- */

enum status infer_scatter_nd(struct op_call *call, struct error *err)
{
    const struct shape *data, *indices, *updates;
    int depth, same;
    TRY(op_arity(call, 3, 3, 1, err));
    TRY(check_indices(call, err));
    data = &call->in[0]->shape;
    indices = &call->in[1]->shape;
    updates = &call->in[2]->shape;
    depth = indices->rank ? (int)indices->dim[indices->rank - 1] : -1;
    if (strcmp(node_string(call->node, "reduction", "none"), "none") != 0)
        return error_set(err, STATUS_FAILED, "ScatterND with a reduction");
    if (depth < 0 || indices->dim[indices->rank - 1] > data->rank ||
        updates->rank != indices->rank - 1 + data->rank - depth ||
        call->in[2]->type != call->in[0]->type)
        return error_set(err, STATUS_USAGE, "data, indices and updates do not fit");
    same = 1;
    for (int i = 0; i < updates->rank; i++)
        same &=
            updates->dim[i] ==
            (i < indices->rank - 1 ? indices->dim[i] : data->dim[depth + i - (indices->rank - 1)]);
    if (!same)
        return error_set(err, STATUS_USAGE, "data, indices and updates do not fit");
    return op_out(call, 0, call->in[0]->type, data, err);
}

enum status run_scatter_nd(struct op_call *call, struct error *err)
{
    const struct tensor *data = call->in[0], *indices = call->in[1], *updates = call->in[2];
    int64_t depth = indices->shape.dim[indices->shape.rank - 1];
    int64_t count = shape_product(&indices->shape, 0, indices->shape.rank - 1);
    size_t bytes = (size_t)shape_product(&data->shape, (int)depth, data->shape.rank) *
                   element_size(data->type);
    if (shape_count(&data->shape))
        memcpy(call->out[0].data, data->data, (size_t)shape_bytes(&data->shape, data->type));
    for (int64_t i = 0; bytes && i < count; i++) {
        int64_t at = 0;
        for (int64_t k = 0; k < depth; k++) {
            int64_t index = 0;
            TRY(index_at(indices, i * depth + k, data->shape.dim[k], &index, err));
            at = at * data->shape.dim[k] + index;
        }
        memcpy((char *)call->out[0].data + (size_t)at * bytes,
               (const char *)updates->data + (size_t)i * bytes, bytes);
    }
    return STATUS_OK;
}
