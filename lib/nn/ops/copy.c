/* Same elements, other shape: Identity, Reshape, Flatten, Squeeze, Unsqueeze; what only looks at
 * shapes: Shape, Size; Dropout (which does nothing when a network is used); Cast. */
#include "nn/ops/op_internal.h"

#include <string.h>

/* Reshape's list: 0 keeps the input's dimension (unless allowzero), one -1 takes what is left. */
static enum status reshape(const struct op_call *call, struct shape *shape, struct error *err)
{
    const struct shape *from = &call->in[0]->shape;
    int keeps_zero = node_int(call->node, "allowzero", 0) == 0;
    struct op_list list;
    int64_t known = 1, count = shape_count(from);
    int open = -1;
    TRY(op_list(call, "shape", 1, &list, err));
    if (!list.given || list.count > SHAPE_RANK_MAX)
        return error_set(err, STATUS_USAGE, "a shape of 0 to %d dimensions is needed",
                         SHAPE_RANK_MAX);
    shape->rank = (int)list.count;
    for (int i = 0; i < shape->rank; i++) {
        int64_t dim = op_list_at(&list, i);
        if (dim == 0 && keeps_zero && i < from->rank)
            dim = from->dim[i];
        if (dim < -1 || (dim == -1 && open >= 0))
            return error_set(err, STATUS_USAGE, "dimension %d of the new shape is %lld", i,
                             (long long)dim);
        if (dim == -1)
            open = i;
        shape->dim[i] = dim == -1 ? 1 : dim;
    }
    known = shape_count(shape);
    if (open >= 0 && known > 0 && count % known == 0)
        shape->dim[open] = count / known;
    else if (open >= 0 && known == 0 && count == 0)
        shape->dim[open] = 0;
    return STATUS_OK;
}

static enum status flatten(const struct op_call *call, struct shape *shape, struct error *err)
{
    const struct shape *from = &call->in[0]->shape;
    int64_t axis = node_int(call->node, "axis", 1);
    if (axis < 0)
        axis += from->rank;
    if (axis < 0 || axis > from->rank)
        return error_set(err, STATUS_USAGE, "axis %lld of %d dimensions", (long long)axis,
                         from->rank);
    shape->rank = 2;
    shape->dim[0] = shape_product(from, 0, (int)axis);
    shape->dim[1] = shape_product(from, (int)axis, from->rank);
    return STATUS_OK;
}

static enum status squeeze(const struct op_call *call, struct shape *shape, struct error *err)
{
    const struct shape *from = &call->in[0]->shape;
    int flags[SHAPE_RANK_MAX];
    struct op_list list;
    TRY(op_list(call, "axes", 1, &list, err));
    TRY(op_axes(&list, from->rank, flags, err));
    for (int i = 0; i < from->rank; i++) {
        if (flags[i] && from->dim[i] != 1)
            return error_set(err, STATUS_USAGE, "dimension %d is %lld, not 1", i,
                             (long long)from->dim[i]);
        if (!(list.given ? flags[i] : from->dim[i] == 1))
            shape->dim[shape->rank++] = from->dim[i];
    }
    return STATUS_OK;
}

static enum status unsqueeze(const struct op_call *call, struct shape *shape, struct error *err)
{
    const struct shape *from = &call->in[0]->shape;
    int flags[SHAPE_RANK_MAX];
    struct op_list list;
    int next = 0;
    TRY(op_list(call, "axes", 1, &list, err));
    if (!list.given || list.count > SHAPE_RANK_MAX - from->rank)
        return error_set(err, STATUS_USAGE, "axes for at most %d dimensions are needed",
                         SHAPE_RANK_MAX);
    shape->rank = from->rank + (int)list.count;
    TRY(op_axes(&list, shape->rank, flags, err));
    for (int i = 0; i < shape->rank; i++)
        shape->dim[i] = flags[i] ? 1 : from->dim[next++];
    return STATUS_OK;
}

enum status infer_copy(struct op_call *call, struct error *err)
{
    const char *name = call->node->op_type;
    struct shape shape = {0};
    TRY(op_arity(call, 1, 2, 1, err));
    if (strcmp(name, "Reshape") == 0)
        TRY(reshape(call, &shape, err));
    else if (strcmp(name, "Flatten") == 0)
        TRY(flatten(call, &shape, err));
    else if (strcmp(name, "Squeeze") == 0)
        TRY(squeeze(call, &shape, err));
    else if (strcmp(name, "Unsqueeze") == 0)
        TRY(unsqueeze(call, &shape, err));
    else
        shape = call->in[0]->shape;
    if (shape_count(&shape) != shape_count(&call->in[0]->shape)) {
        char a[SHAPE_TEXT], b[SHAPE_TEXT];
        return error_set(err, STATUS_USAGE, "%s cannot become %s",
                         shape_format(&call->in[0]->shape, a), shape_format(&shape, b));
    }
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

/* The first input's bytes to the first output. */
static void copy_all(struct op_call *call)
{
    int64_t bytes = shape_bytes(&call->in[0]->shape, call->in[0]->type);
    if (bytes && call->out[0].data && call->out[0].data != call->in[0]->data)
        memcpy(call->out[0].data, call->in[0]->data, (size_t)bytes);
}

enum status run_copy(struct op_call *call, struct error *err)
{
    (void)err;
    copy_all(call);
    return STATUS_OK;
}

/* --- Shape, Size ------------------------------------------------------------------------------ */

/* Shape's part of the dimensions, by start and end (opset 15). */
static void shape_part(const struct op_call *call, int *start, int *end)
{
    int rank = call->in[0]->shape.rank;
    int64_t from = node_int(call->node, "start", 0), to = node_int(call->node, "end", rank);
    from = from < 0 ? from + rank : from;
    to = to < 0 ? to + rank : to;
    *start = (int)(from < 0 ? 0 : from > rank ? rank : from);
    *end = (int)(to < *start ? *start : to > rank ? rank : to);
}

enum status infer_shape(struct op_call *call, struct error *err)
{
    struct shape shape = {0};
    int start, end;
    TRY(op_arity(call, 1, 1, 1, err));
    if (strcmp(call->node->op_type, "Shape") == 0) {
        shape_part(call, &start, &end);
        shape.rank = 1;
        shape.dim[0] = end - start;
    }
    return op_out(call, 0, ELEMENT_I64, &shape, err);
}

enum status run_shape(struct op_call *call, struct error *err)
{
    int64_t *to = call->out[0].data;
    int start, end;
    (void)err;
    shape_part(call, &start, &end);
    if (strcmp(call->node->op_type, "Size") == 0)
        *to = shape_count(&call->in[0]->shape);
    else if (end > start)
        memcpy(to, &call->in[0]->shape.dim[start], (size_t)(end - start) * sizeof *to);
    return STATUS_OK;
}

/* --- Dropout ---------------------------------------------------------------------------------- */

/* Does the node ask for random zeros (opset 12: inputs ratio and training_mode)? What is not known
 * yet, run looks at. */
static int is_training(const struct op_call *call)
{
    const struct tensor *ratio = op_in(call, 1), *training = op_in(call, 2);
    if (!training || !training->data || op_int_at(training, 0) == 0)
        return 0;
    return !ratio || (ratio->data && op_real_at(ratio, 0) != 0);
}

enum status infer_dropout(struct op_call *call, struct error *err)
{
    enum element_type mask;
    TRY(op_arity(call, 1, 3, 2, err));
    for (size_t i = 1; i < 3; i++)
        if (op_in(call, i) && shape_count(&call->in[i]->shape) != 1)
            return error_set(err, STATUS_USAGE, "input %zu must be a scalar", i);
    if (is_training(call))
        return error_set(err, STATUS_FAILED, "Dropout in training mode is not supported");
    mask = call->opset < 10 ? call->in[0]->type : ELEMENT_U8;
    TRY(op_out(call, 0, call->in[0]->type, &call->in[0]->shape, err));
    return op_out(call, 1, mask, &call->in[0]->shape, err);
}

enum status run_dropout(struct op_call *call, struct error *err)
{
    if (is_training(call))
        return error_set(err, STATUS_FAILED, "Dropout in training mode is not supported");
    copy_all(call);
    if (call->out_count > 1 && call->out[1].data) {
        int64_t count = shape_count(&call->out[1].shape), one = 1;
        size_t size = element_size(call->out[1].type);
        for (int64_t i = 0; i < count; i++)
            from_ints(call->out[1].type, &one, 1, (char *)call->out[1].data + (size_t)i * size);
    }
    return STATUS_OK;
}
