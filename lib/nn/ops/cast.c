/* Cast and CastLike. */
#include "nn/onnx_internal.h"
#include "nn/ops/op_internal.h"

#include <string.h>

enum status infer_cast(struct op_call *call, struct error *err)
{
    int like = strcmp(call->node->op_type, "CastLike") == 0;
    int64_t to = node_int(call->node, "to", 0);
    enum element_type type;
    TRY(op_arity(call, like ? 2 : 1, like ? 2 : 1, 1, err));
    type = like ? call->in[1]->type : onnx_element_type(to);
    if (type == ELEMENT_NONE)
        return error_set(err, STATUS_FAILED, "casting to ONNX type %lld is not supported",
                         (long long)to);
    return op_out(call, 0, type, &call->in[0]->shape, err);
}

/* Integers through i64, so that none is rounded; reals through f64; to BOOL: is it not 0? */
enum status run_cast(struct op_call *call, struct error *err)
{
    enum { CHUNK = 512 };
    union {
        double doubles[CHUNK];
        int64_t ints[CHUNK];
    } work;
    int to_bool = node_int(call->node, "to", 0) == ONNX_BOOL;
    enum element_type type = call->in[0]->type, to_type = call->out[0].type;
    const char *from = call->in[0]->data;
    char *to = call->out[0].data;
    int64_t left = shape_count(&call->in[0]->shape);
    (void)err;
    while (left > 0) {
        int64_t count = left < CHUNK ? left : CHUNK;
        if (is_float(type)) {
            to_doubles(type, from, 1, count, work.doubles);
            for (int64_t i = 0; to_bool && i < count; i++)
                work.doubles[i] = work.doubles[i] != 0;
            from_doubles(to_type, work.doubles, count, to);
        } else {
            to_ints(type, from, 1, count, work.ints);
            for (int64_t i = 0; to_bool && i < count; i++)
                work.ints[i] = work.ints[i] != 0;
            from_ints(to_type, work.ints, count, to);
        }
        from += (size_t)count * element_size(type);
        to += (size_t)count * element_size(to_type);
        left -= count;
    }
    return STATUS_OK;
}
