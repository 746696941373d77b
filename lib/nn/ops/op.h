/* nn/ops: what each operator of ONNX means: its output types and shapes, and its result, on tensors
 * of any supported type in ONNX's own layout (NCHW, row-major).
 *
 * Types: u8 i8 u16 i16 i32 i64 f16 bf16 f32 f64, and BOOL as u8 (0 or 1). Element-wise arithmetic
 * and reductions are done in f64 for f64, in f32 (sums in f64) for the other reals, in i64 for
 * integers, which wrap around; convolution, products, pooling, normalisation and softmax are done
 * in f32 whatever the real type.
 *
 * One file per family of operators. These are the reference: they compute constants at load, run
 * whatever has no fast path, and are what the kernels are tested against. The engine (nn/net.h)
 * replaces the f32 ones that matter by kernels on its own layout.
 */
#ifndef NN_OPS_OP_H
#define NN_OPS_OP_H

#include "nn/model.h"

/* One call. in[i] is NULL for an input left out. In infer, in[i]->data is NULL unless the value is
 * known at load; shapes are always known, no dimension is -1. run comes after an infer that
 * succeeded with the same inputs, all with data; of the outputs it looks only at those that are
 * wanted. Memory of empty tensors may be NULL. */
struct op_call {
    const struct node *node;
    int64_t opset;
    const struct tensor *const *in;
    size_t in_count;
    struct tensor *out; /* infer sets type and shape; run fills data, allocated by the caller */
    size_t out_count;
    const unsigned char *wanted; /* out[i] is used by someone; the data of others is NULL */
    struct arena *scratch;       /* memory for the call; NULL in infer */
};

struct op {
    const char *name;
    int first_opset; /* 1 unless the operator came later */
    /* STATUS_USAGE: what the node asks for is not defined; STATUS_FAILED: defined but not supported
     * here; STATUS_END: the shape depends on an input that is not known yet. */
    enum status (*infer)(struct op_call *call, struct error *err);
    enum status (*run)(struct op_call *call, struct error *err);
    int shapes_only; /* run looks only at the shapes of its inputs, whose data may be NULL (Shape,
                        Size) */
};

/* The operator of that name in the default domain; NULL when there is none here. */
const struct op *op_find(const char *name);
/* The operator of a node; STATUS_FAILED, naming node, operator and domain, when there is none here.
 */
enum status op_of_node(const struct node *node, const struct op **op, struct error *err);
/* Of a Slice whose inputs are known: the first index it takes in each dimension, and the step to
 * the next. */
enum status op_slice(const struct op_call *call, int64_t *start, int64_t *step, struct error *err);
/* The i-th operator, in order of name; NULL after the last. For listings and tests. */
const struct op *op_at(size_t i);

#endif
