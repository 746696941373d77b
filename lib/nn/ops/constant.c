/* Tensors from nothing: Constant, ConstantOfShape, Range. */
#include "nn/ops/op_internal.h"

#include <math.h>
#include <string.h>

/* The value of a Constant, its data where the attribute has it. */
static enum status constant_value(const struct op_call *call, struct tensor *value,
                                  struct error *err)
{
    static const char *const names[] = {"value", "value_float", "value_floats", "value_int",
                                        "value_ints"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct attribute *attribute = node_attribute(call->node, names[i]);
        if (!attribute)
            continue;
        memset(value, 0, sizeof *value);
        value->shape.dim[0] = (int64_t)attribute->count;
        switch (attribute->type) {
        case ATTRIBUTE_TENSOR:
            *value = *attribute->tensor;
            return STATUS_OK;
        case ATTRIBUTE_FLOATS:
            value->shape.rank = 1;
            /* fallthrough */
        case ATTRIBUTE_FLOAT:
            value->type = ELEMENT_F32;
            value->data = (void *)attribute->floats;
            return STATUS_OK;
        case ATTRIBUTE_INTS:
            value->shape.rank = 1;
            /* fallthrough */
        case ATTRIBUTE_INT:
            value->type = ELEMENT_I64;
            value->data = (void *)attribute->ints;
            return STATUS_OK;
        default:
            break;
        }
    }
    return error_set(err, STATUS_FAILED, "a constant that is no tensor of numbers");
}

enum status infer_constant(struct op_call *call, struct error *err)
{
    struct tensor value;
    TRY(op_arity(call, 0, 0, 1, err));
    TRY(constant_value(call, &value, err));
    return op_out(call, 0, value.type, &value.shape, err);
}

enum status run_constant(struct op_call *call, struct error *err)
{
    struct tensor value;
    TRY(constant_value(call, &value, err));
    if (shape_count(&value.shape))
        memcpy(call->out[0].data, value.data, (size_t)shape_bytes(&value.shape, value.type));
    return STATUS_OK;
}

/* --- ConstantOfShape ---------------------------------------------------------------------------
 */

enum status infer_constant_of_shape(struct op_call *call, struct error *err)
{
    const struct attribute *value = node_attribute(call->node, "value");
    struct op_list list;
    struct shape shape = {0};
    TRY(op_arity(call, 1, 1, 1, err));
    if (value && (value->type != ATTRIBUTE_TENSOR || shape_count(&value->tensor->shape) != 1))
        return error_set(err, STATUS_USAGE, "the value must be one number");
    TRY(op_list(call, "", 0, &list, err));
    if (list.count > SHAPE_RANK_MAX)
        return error_set(err, STATUS_FAILED, "more than %d dimensions", SHAPE_RANK_MAX);
    for (shape.rank = 0; shape.rank < list.count; shape.rank++)
        shape.dim[shape.rank] = op_list_at(&list, shape.rank);
    return op_out(call, 0, value ? value->tensor->type : ELEMENT_F32, &shape, err);
}

enum status run_constant_of_shape(struct op_call *call, struct error *err)
{
    const struct attribute *value = node_attribute(call->node, "value");
    size_t size = element_size(call->out[0].type);
    int64_t count = shape_count(&call->out[0].shape);
    char *to = call->out[0].data;
    (void)err;
    for (int64_t i = 0; i < count; i++, to += size)
        if (value)
            memcpy(to, value->tensor->data, size);
        else
            memset(to, 0, size);
    return STATUS_OK;
}

/* --- Range -------------------------------------------------------------------------------------
 */

enum status infer_range(struct op_call *call, struct error *err)
{
    struct shape shape = {.rank = 1};
    double steps;
    TRY(op_arity(call, 3, 3, 1, err));
    for (size_t i = 0; i < 3; i++) {
        if (shape_count(&call->in[i]->shape) != 1 || call->in[i]->type != call->in[0]->type)
            return error_set(err, STATUS_USAGE, "start, limit and delta must be like scalars");
        TRY(op_known(call->in[i], err));
    }
    steps = ceil((op_real_at(call->in[1], 0) - op_real_at(call->in[0], 0)) /
                 op_real_at(call->in[2], 0));
    if (!(steps < 0x1p40)) /* a delta of 0, too */
        return error_set(err, STATUS_USAGE, "a range of %g elements", steps);
    shape.dim[0] = steps > 0 ? (int64_t)steps : 0;
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

enum status run_range(struct op_call *call, struct error *err)
{
    struct tensor *out = &call->out[0];
    size_t size = element_size(out->type);
    char *to = out->data;
    (void)err;
    for (int64_t i = 0; i < out->shape.dim[0]; i++, to += size)
        if (is_float(out->type)) {
            double value = op_real_at(call->in[0], 0) + (double)i * op_real_at(call->in[2], 0);
            from_doubles(out->type, &value, 1, to);
        } else {
            int64_t value = (int64_t)((uint64_t)op_int_at(call->in[0], 0) +
                                      (uint64_t)i * (uint64_t)op_int_at(call->in[2], 0));
            from_ints(out->type, &value, 1, to);
        }
    return STATUS_OK;
}
