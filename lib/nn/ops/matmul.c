/* MatMul and Gemm: stacks of matrices in f32 (and the types near it) or in i64 for integers. */
#include "nn/ops/op_internal.h"

#include <string.h>

enum status matmul_make(const struct shape *a, const struct shape *b, struct matmul *matmul,
                        struct error *err)
{
    struct shape left = *a, right = *b;
    char text_a[SHAPE_TEXT], text_b[SHAPE_TEXT];
    memset(matmul, 0, sizeof *matmul);
    if (a->rank < 1 || b->rank < 1)
        return error_set(err, STATUS_USAGE, "a product with a scalar");
    if (a->rank == 1) /* a row */
        left = (struct shape){2, {1, a->dim[0]}};
    if (b->rank == 1) /* a column */
        right = (struct shape){2, {b->dim[0], 1}};
    matmul->m = left.dim[left.rank - 2];
    matmul->k = left.dim[left.rank - 1];
    matmul->n = right.dim[right.rank - 1];
    if (right.dim[right.rank - 2] != matmul->k)
        return error_set(err, STATUS_USAGE, "%s times %s", shape_format(a, text_a),
                         shape_format(b, text_b));
    left.rank -= 2;
    right.rank -= 2;
    matmul->stack = left;
    TRY(shape_broadcast(&matmul->stack, &right, err));
    shape_broadcast_strides(&left, &matmul->stack, matmul->a_strides);
    shape_broadcast_strides(&right, &matmul->stack, matmul->b_strides);
    matmul->out = matmul->stack;
    if (a->rank > 1)
        matmul->out.dim[matmul->out.rank++] = matmul->m;
    if (b->rank > 1)
        matmul->out.dim[matmul->out.rank++] = matmul->n;
    return STATUS_OK;
}

/* Row by row of c, a row of b at a time, so that the inner loop runs along memory. */
#define DEFINE_PRODUCT(name, type, accumulate)                                                     \
    static void name##_one(int64_t m, int64_t n, int64_t k, const type *a, const type *b, type *c) \
    {                                                                                              \
        for (int64_t i = 0; i < m; i++) {                                                          \
            memset(c + i * n, 0, (size_t)n * sizeof *c);                                           \
            for (int64_t j = 0; j < k; j++) {                                                      \
                const type factor = a[i * k + j];                                                  \
                for (int64_t l = 0; l < n; l++)                                                    \
                    accumulate(c[i * n + l], factor, b[j * n + l]);                                \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    void name(const struct matmul *matmul, const type *a, const type *b, type *c)                  \
    {                                                                                              \
        int64_t index[SHAPE_RANK_MAX] = {0};                                                       \
        if (shape_count(&matmul->out) == 0)                                                        \
            return;                                                                                \
        do {                                                                                       \
            int64_t at_a = 0, at_b = 0;                                                            \
            for (int i = 0; i < matmul->stack.rank; i++) {                                         \
                at_a += index[i] * matmul->a_strides[i];                                           \
                at_b += index[i] * matmul->b_strides[i];                                           \
            }                                                                                      \
            name##_one(matmul->m, matmul->n, matmul->k, a + at_a * matmul->m * matmul->k,          \
                       b + at_b * matmul->k * matmul->n, c);                                       \
            c += matmul->m * matmul->n;                                                            \
        } while (shape_next(&matmul->stack, 0, index));                                            \
    }
#define ADD_FLOAT(c, a, b) c += (a) * (b)
#define ADD_INT(c, a, b)   c = (int64_t)((uint64_t)(c) + (uint64_t)(a) * (uint64_t)(b))
DEFINE_PRODUCT(matmul_floats, float, ADD_FLOAT)
DEFINE_PRODUCT(matmul_ints, int64_t, ADD_INT)

/* A whole integer tensor as i64, in scratch memory. */
static int64_t *scratch_ints(struct op_call *call, const struct tensor *tensor)
{
    int64_t count = shape_count(&tensor->shape);
    int64_t *ints = op_scratch(call, count, sizeof *ints);
    if (ints)
        to_ints(tensor->type, tensor->data, 1, count, ints);
    return ints;
}

enum status infer_matmul(struct op_call *call, struct error *err)
{
    struct matmul matmul;
    TRY(op_arity(call, 2, 2, 1, err));
    if (call->in[0]->type != call->in[1]->type)
        return error_set(err, STATUS_USAGE, "%s times %s", element_name(call->in[0]->type),
                         element_name(call->in[1]->type));
    TRY(matmul_make(&call->in[0]->shape, &call->in[1]->shape, &matmul, err));
    return op_out(call, 0, call->in[0]->type, &matmul.out, err);
}

enum status run_matmul(struct op_call *call, struct error *err)
{
    struct tensor *out = &call->out[0];
    struct matmul matmul;
    TRY(matmul_make(&call->in[0]->shape, &call->in[1]->shape, &matmul, err));
    if (is_float(out->type)) {
        const float *a = op_floats(call, call->in[0]), *b = op_floats(call, call->in[1]);
        float *c = op_floats_out(call, out);
        if (!a || !b || !c)
            return error_memory(err);
        matmul_floats(&matmul, a, b, c);
        op_floats_done(c, out);
    } else {
        int64_t *a = scratch_ints(call, call->in[0]), *b = scratch_ints(call, call->in[1]);
        int64_t *c = op_scratch(call, shape_count(&out->shape), sizeof *c);
        if (!a || !b || !c)
            return error_memory(err);
        matmul_ints(&matmul, a, b, c);
        from_ints(out->type, c, shape_count(&out->shape), out->data);
    }
    return STATUS_OK;
}

/* --- Gemm: alpha * A' B' + beta * C
 * --------------------------------------------------------------- */

static enum status gemm_make(const struct op_call *call, struct matmul *matmul, struct error *err)
{
    struct shape a = call->in[0]->shape, b = call->in[1]->shape;
    if (a.rank != 2 || b.rank != 2)
        return error_set(err, STATUS_USAGE, "Gemm of %d and %d dimensions", a.rank, b.rank);
    if (node_int(call->node, "transA", 0))
        a = (struct shape){2, {a.dim[1], a.dim[0]}};
    if (node_int(call->node, "transB", 0))
        b = (struct shape){2, {b.dim[1], b.dim[0]}};
    return matmul_make(&a, &b, matmul, err);
}

enum status infer_gemm(struct op_call *call, struct error *err)
{
    struct matmul matmul;
    struct shape shape;
    TRY(op_arity(call, 2, 3, 1, err));
    TRY(gemm_make(call, &matmul, err));
    for (size_t i = 0; i < 3; i++)
        if (op_in(call, i) &&
            (!is_float(call->in[i]->type) || call->in[i]->type != call->in[0]->type))
            return error_set(err, STATUS_FAILED, "Gemm of %s", element_name(call->in[i]->type));
    shape = matmul.out;
    if (op_in(call, 2))
        TRY(shape_broadcast(&shape, &call->in[2]->shape, err));
    if (!shape_equal(&shape, &matmul.out))
        return error_set(err, STATUS_USAGE, "the bias is larger than the product");
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

/* The matrix as it is multiplied: the tensor's own elements, or a transposed copy. */
static const float *gemm_matrix(struct op_call *call, size_t i, const char *transposed)
{
    const struct shape *shape = &call->in[i]->shape;
    const float *from = op_floats(call, call->in[i]);
    struct shape turned = {2, {shape->dim[1], shape->dim[0]}};
    int64_t strides[SHAPE_RANK_MAX] = {1, shape->dim[1]}, own[SHAPE_RANK_MAX];
    float *copy;
    if (!node_int(call->node, transposed, 0))
        return from;
    copy = op_scratch(call, shape_count(shape), sizeof *copy);
    shape_strides(&turned, own);
    if (from && copy)
        copy_strided(&turned, sizeof *copy, from, strides, copy, own);
    return from ? copy : NULL;
}

enum status run_gemm(struct op_call *call, struct error *err)
{
    float alpha = node_float(call->node, "alpha", 1), beta = node_float(call->node, "beta", 1);
    const struct tensor *bias = op_in(call, 2);
    struct tensor *out = &call->out[0];
    const float *a = gemm_matrix(call, 0, "transA"), *b = gemm_matrix(call, 1, "transB");
    const float *c = bias ? op_floats(call, bias) : NULL;
    float *y = op_floats_out(call, out);
    int64_t strides[SHAPE_RANK_MAX] = {0};
    struct matmul matmul;
    TRY(gemm_make(call, &matmul, err));
    if (!a || !b || !y || (bias && !c))
        return error_memory(err);
    matmul_floats(&matmul, a, b, y);
    if (bias)
        shape_broadcast_strides(&bias->shape, &out->shape, strides);
    for (int64_t i = 0; i < matmul.m; i++)
        for (int64_t j = 0; j < matmul.n; j++) {
            float *at = &y[i * matmul.n + j];
            *at = alpha * *at + (c ? beta * c[i * strides[0] + j * strides[1]] : 0);
        }
    op_floats_done(y, out);
    return STATUS_OK;
}
