/* Element by element, two inputs or more, broadcast by NumPy's rule (before opset 7: by the
 * attributes broadcast and axis): arithmetic, comparison, logic; Clip and Where. */
#include "nn/ops/op_internal.h"

#include <math.h>
#include <string.h>

enum kind {
    ADD,
    AND,
    DIV,
    EQUAL,
    GREATER,
    GREATER_OR_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    MAX,
    MEAN,
    MIN,
    MOD,
    MUL,
    OR,
    POW,
    PRELU,
    REMAINDER, /* Mod with fmod */
    SUB,
    SUM,
    XOR
};

static const struct {
    const char *name;
    enum kind kind;
    int many; /* takes 1 input or more */
    int test; /* gives BOOL */
} kinds[] = {
    {"Add", ADD, 0, 0},         {"And", AND, 0, 1},
    {"Div", DIV, 0, 0},         {"Equal", EQUAL, 0, 1},
    {"Greater", GREATER, 0, 1}, {"GreaterOrEqual", GREATER_OR_EQUAL, 0, 1},
    {"Less", LESS, 0, 1},       {"LessOrEqual", LESS_OR_EQUAL, 0, 1},
    {"Max", MAX, 1, 0},         {"Mean", MEAN, 1, 0},
    {"Min", MIN, 1, 0},         {"Mod", MOD, 0, 0},
    {"Mul", MUL, 0, 0},         {"Or", OR, 0, 1},
    {"PRelu", PRELU, 0, 0},     {"Pow", POW, 0, 0},
    {"Sub", SUB, 0, 0},         {"Sum", SUM, 1, 0},
    {"Xor", XOR, 0, 1},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static size_t find_kind(const struct op_call *call)
{
    size_t i = 0;
    while (i + 1 < KINDS && strcmp(kinds[i].name, call->node->op_type) != 0)
        i++;
    return i;
}

/* The second shape as the first sees it: before opset 7 it may be put at an axis. PRelu's slope of
 * one dimension was per channel there. */
static enum status second_shape(const struct op_call *call, struct shape *shape, struct error *err)
{
    const struct shape *first = &call->in[0]->shape;
    int64_t axis = node_int(call->node, "axis", INT64_MIN);
    int at;
    *shape = call->in[1]->shape;
    if (call->opset >= 7)
        return STATUS_OK;
    if (strcmp(call->node->op_type, "PRelu") == 0)
        axis = shape->rank == 1 && shape->dim[0] != 1 && first->rank > 1 ? 1 : INT64_MIN;
    else if (node_int(call->node, "broadcast", 0) == 0)
        return STATUS_OK;
    if (axis == INT64_MIN)
        return STATUS_OK;
    TRY(op_axis(axis, first->rank, &at, err));
    if (at + shape->rank > first->rank)
        return error_set(err, STATUS_USAGE, "axis %d leaves no room for %d dimensions of %d", at,
                         shape->rank, first->rank);
    for (int i = at + shape->rank; i < first->rank; i++)
        shape->dim[shape->rank++] = 1;
    return STATUS_OK;
}

enum status infer_binary(struct op_call *call, struct error *err)
{
    size_t kind = find_kind(call);
    struct shape shape, second;
    enum element_type type;
    TRY(kinds[kind].many ? op_arity(call, 1, (size_t)-1, 1, err) : op_arity(call, 2, 2, 1, err));
    type = call->in[0]->type;
    shape = call->in[0]->shape;
    for (size_t i = 1; i < call->in_count; i++) {
        if (!call->in[i])
            return error_set(err, STATUS_USAGE, "input %zu is missing", i);
        if (call->in[i]->type != type && kinds[kind].kind != POW)
            return error_set(err, STATUS_USAGE, "%s of %s and %s", kinds[kind].name,
                             element_name(type), element_name(call->in[i]->type));
        second = call->in[i]->shape;
        if (!kinds[kind].many)
            TRY(second_shape(call, &second, err));
        TRY(shape_broadcast(&shape, &second, err));
    }
    if (kinds[kind].kind == MOD && is_float(type) && node_int(call->node, "fmod", 0) == 0)
        return error_set(err, STATUS_USAGE, "Mod of %s needs fmod=1", element_name(type));
    return op_out(call, 0, kinds[kind].test ? ELEMENT_U8 : type, &shape, err);
}

/* --- formulas --------------------------------------------------------------------------------- */

#define MAP(label, formula)                                                                        \
    case label:                                                                                    \
        for (int64_t i = 0; i < count; i++)                                                        \
            to[i] = (formula);                                                                     \
        return;
#define TESTS                                                                                      \
    MAP(AND, a[i] != 0 && b[i] != 0)                                                               \
    MAP(OR, a[i] != 0 || b[i] != 0)                                                                \
    MAP(XOR, (a[i] != 0) != (b[i] != 0))                                                           \
    MAP(EQUAL, a[i] == b[i])                                                                       \
    MAP(GREATER, a[i] > b[i])                                                                      \
    MAP(GREATER_OR_EQUAL, a[i] >= b[i])                                                            \
    MAP(LESS, a[i] < b[i])                                                                         \
    MAP(LESS_OR_EQUAL, a[i] <= b[i])

/* A NaN in a or b stays one in Max and Min. to may be a. */
#define DEFINE_REALS(name, real, F)                                                                \
    static void name(enum kind kind, const real *a, const real *b, int64_t count, real *to)        \
    {                                                                                              \
        switch (kind) {                                                                            \
            TESTS                                                                                  \
            MAP(ADD, a[i] + b[i])                                                                  \
            MAP(MEAN, a[i] + b[i])                                                                 \
            MAP(SUM, a[i] + b[i])                                                                  \
            MAP(DIV, a[i] / b[i])                                                                  \
            MAP(MAX, a[i] > b[i] || isnan(a[i]) ? a[i] : b[i])                                     \
            MAP(MIN, a[i] < b[i] || isnan(a[i]) ? a[i] : b[i])                                     \
            MAP(MOD, fmod##F(a[i], b[i]))                                                          \
            MAP(MUL, a[i] * b[i])                                                                  \
            MAP(POW, pow##F(a[i], b[i]))                                                           \
            MAP(PRELU, a[i] < 0 ? a[i] * b[i] : a[i])                                              \
            MAP(REMAINDER, fmod##F(a[i], b[i]))                                                    \
            MAP(SUB, a[i] - b[i])                                                                  \
        }                                                                                          \
    }
DEFINE_REALS(reals_f32, float, f)
DEFINE_REALS(reals_f64, double, )

/* Towards zero, as C and ONNX Runtime; what has no value is 0. */
static int64_t divide(int64_t a, int64_t b)
{
    if (b == 0)
        return 0;
    return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

/* With the sign of a, as C's. */
static int64_t remain(int64_t a, int64_t b)
{
    return b == 0 || b == -1 ? 0 : a % b;
}

/* With the sign of b, as Python's. */
static int64_t modulo(int64_t a, int64_t b)
{
    int64_t rest = remain(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

#define WRAP(a, op, b) ((int64_t)((uint64_t)(a)op(uint64_t)(b)))
static int64_t power(int64_t a, int64_t b)
{
    uint64_t result = 1, base = (uint64_t)a;
    if (b < 0)
        return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
    for (; b; b >>= 1, base *= base)
        if (b & 1)
            result *= base;
    return (int64_t)result;
}

static void ints(enum kind kind, const int64_t *a, const int64_t *b, int64_t count, int64_t *to)
{
    switch (kind) {
        TESTS
        MAP(ADD, WRAP(a[i], +, b[i]))
        MAP(MEAN, WRAP(a[i], +, b[i]))
        MAP(SUM, WRAP(a[i], +, b[i]))
        MAP(DIV, divide(a[i], b[i]))
        MAP(MAX, a[i] > b[i] ? a[i] : b[i])
        MAP(MIN, a[i] < b[i] ? a[i] : b[i])
        MAP(MOD, modulo(a[i], b[i]))
        MAP(MUL, WRAP(a[i], *, b[i]))
        MAP(POW, power(a[i], b[i]))
        MAP(PRELU, a[i] < 0 ? WRAP(a[i], *, b[i]) : a[i])
        MAP(REMAINDER, remain(a[i], b[i]))
        MAP(SUB, WRAP(a[i], -, b[i]))
    }
}

/* --- the loop over broadcast tensors ------------------------------------------------------------
 */

enum { CHUNK = 256 };
union work {
    float floats[CHUNK];
    double doubles[CHUNK];
    int64_t ints[CHUNK];
};

/* `count` elements of tensor from `offset` on; f32 that lie together are not copied. */
static const void *load(enum element_type work, enum element_type type, const void *data,
                        int64_t offset, int64_t stride, int64_t count, union work *space)
{
    const char *from = (const char *)data + (size_t)offset * element_size(type);
    if (work == type && stride == 1)
        return from;
    if (work == ELEMENT_F32)
        to_floats(type, from, stride, count, space->floats);
    else if (work == ELEMENT_F64)
        to_doubles(type, from, stride, count, space->doubles);
    else
        to_ints(type, from, stride, count, space->ints);
    return space;
}

static void store(enum element_type work, const union work *space, int64_t count,
                  enum element_type type, void *to)
{
    if (work == ELEMENT_F32)
        from_floats(type, space->floats, count, to);
    else if (work == ELEMENT_F64)
        from_doubles(type, space->doubles, count, to);
    else
        from_ints(type, space->ints, count, to);
}

/* The type to compute in: f32 for it and the 16-bit ones, f64 when any is, i64 for integers. */
static enum element_type work_type(enum element_type a, enum element_type b)
{
    if (a == ELEMENT_F64 || b == ELEMENT_F64)
        return ELEMENT_F64;
    return is_float(a) || is_float(b) ? ELEMENT_F32 : ELEMENT_I64;
}

/* a and b broadcast to `out`, whose type is that of the result. b_shape: see second_shape. */
static void combine(enum kind kind, const struct tensor *a, const struct tensor *b,
                    const struct shape *b_shape, struct tensor *out)
{
    enum element_type work = work_type(a->type, b->type);
    const struct shape *shape = &out->shape;
    int64_t a_strides[SHAPE_RANK_MAX] = {0}, b_strides[SHAPE_RANK_MAX] = {0};
    int64_t index[SHAPE_RANK_MAX] = {0};
    int last = shape->rank - 1;
    int64_t row = last < 0 ? 1 : shape->dim[last];
    char *to = out->data;
    if (shape_count(shape) == 0)
        return;
    shape_broadcast_strides(&a->shape, shape, a_strides);
    shape_broadcast_strides(b_shape, shape, b_strides);
    do {
        int64_t at_a = 0, at_b = 0;
        int64_t step_a = last < 0 ? 0 : a_strides[last], step_b = last < 0 ? 0 : b_strides[last];
        for (int i = 0; i < last; i++) {
            at_a += index[i] * a_strides[i];
            at_b += index[i] * b_strides[i];
        }
        for (int64_t done = 0; done < row; done += CHUNK) {
            union work from_a, from_b, result;
            int64_t count = row - done < CHUNK ? row - done : CHUNK;
            const void *x =
                load(work, a->type, a->data, at_a + done * step_a, step_a, count, &from_a);
            const void *y =
                load(work, b->type, b->data, at_b + done * step_b, step_b, count, &from_b);
            if (work == ELEMENT_F32)
                reals_f32(kind, x, y, count, result.floats);
            else if (work == ELEMENT_F64)
                reals_f64(kind, x, y, count, result.doubles);
            else
                ints(kind, x, y, count, result.ints);
            store(work, &result, count, out->type, to);
            to += (size_t)count * element_size(out->type);
        }
    } while (shape_next(shape, 1, index));
}

/* The sum divided by the number of inputs. */
static void finish_mean(struct tensor *out, size_t inputs)
{
    int64_t count = shape_count(&out->shape);
    size_t size = element_size(out->type);
    char *at = out->data;
    for (int64_t i = 0; i < count; i++, at += size) {
        double value;
        to_doubles(out->type, at, 1, 1, &value);
        value /= (double)inputs;
        from_doubles(out->type, &value, 1, at);
    }
}

enum status run_binary(struct op_call *call, struct error *err)
{
    enum kind kind = kinds[find_kind(call)].kind;
    struct tensor *out = &call->out[0];
    struct shape second;
    if (kind == MOD && node_int(call->node, "fmod", 0) != 0)
        kind = REMAINDER;
    if (call->in_count == 1) { /* Max, Min, Sum, Mean of one */
        if (shape_count(&out->shape))
            memcpy(out->data, call->in[0]->data, (size_t)shape_bytes(&out->shape, out->type));
        return STATUS_OK;
    }
    second = call->in[1]->shape;
    if (!kinds[find_kind(call)].many)
        TRY(second_shape(call, &second, err));
    combine(kind, call->in[0], call->in[1], &second, out);
    for (size_t i = 2; i < call->in_count; i++)
        combine(kind, out, call->in[i], &call->in[i]->shape, out);
    if (kind == MEAN)
        finish_mean(out, call->in_count);
    return STATUS_OK;
}

/* --- Clip: attributes min and max before opset 11, inputs from there on
 * ---------------------------- */

enum status infer_clip(struct op_call *call, struct error *err)
{
    TRY(op_arity(call, 1, 3, 1, err));
    for (size_t i = 1; i < 3; i++)
        if (op_in(call, i) &&
            (shape_count(&call->in[i]->shape) != 1 || call->in[i]->type != call->in[0]->type))
            return error_set(err, STATUS_USAGE, "the bounds must be scalars of the input's type");
    return op_out(call, 0, call->in[0]->type, &call->in[0]->shape, err);
}

/* A bound as a scalar of the input's type; NULL when it is not given. */
static const struct tensor *bound(const struct op_call *call, size_t input, const char *name,
                                  struct tensor *space, double *value)
{
    const struct attribute *attribute = node_attribute(call->node, name);
    if (op_in(call, input))
        return call->in[input];
    if (!attribute || attribute->type != ATTRIBUTE_FLOAT)
        return NULL;
    space->type = call->in[0]->type;
    space->shape.rank = 0;
    space->data = value;
    from_floats(space->type, attribute->floats, 1, value);
    return space;
}

enum status run_clip(struct op_call *call, struct error *err)
{
    struct tensor low_space, high_space;
    double low_value, high_value;
    static const struct shape scalar;
    const struct tensor *from = call->in[0];
    const struct tensor *low = bound(call, 1, "min", &low_space, &low_value);
    const struct tensor *high = bound(call, 2, "max", &high_space, &high_value);
    (void)err;
    if (low) {
        combine(MAX, from, low, &scalar, &call->out[0]);
        from = &call->out[0];
    }
    if (high) {
        combine(MIN, from, high, &scalar, &call->out[0]);
        from = &call->out[0];
    }
    if (from != &call->out[0] && shape_count(&from->shape))
        memcpy(call->out[0].data, from->data, (size_t)shape_bytes(&from->shape, from->type));
    return STATUS_OK;
}

/* --- Where -------------------------------------------------------------------------------------
 */

enum status infer_where(struct op_call *call, struct error *err)
{
    struct shape shape;
    TRY(op_arity(call, 3, 3, 1, err));
    if (call->in[0]->type != ELEMENT_U8 || call->in[1]->type != call->in[2]->type)
        return error_set(err, STATUS_USAGE, "Where of %s, %s and %s",
                         element_name(call->in[0]->type), element_name(call->in[1]->type),
                         element_name(call->in[2]->type));
    shape = call->in[0]->shape;
    TRY(shape_broadcast(&shape, &call->in[1]->shape, err));
    TRY(shape_broadcast(&shape, &call->in[2]->shape, err));
    return op_out(call, 0, call->in[1]->type, &shape, err);
}

enum status run_where(struct op_call *call, struct error *err)
{
    struct tensor *out = &call->out[0];
    size_t size = element_size(out->type);
    int64_t strides[3][SHAPE_RANK_MAX] = {{0}};
    int64_t index[SHAPE_RANK_MAX] = {0};
    char *to = out->data;
    (void)err;
    if (shape_count(&out->shape) == 0)
        return STATUS_OK;
    for (int k = 0; k < 3; k++)
        shape_broadcast_strides(&call->in[k]->shape, &out->shape, strides[k]);
    do {
        int64_t at[3] = {0};
        const unsigned char *condition = call->in[0]->data;
        int chosen;
        for (int k = 0; k < 3; k++)
            for (int i = 0; i < out->shape.rank; i++)
                at[k] += index[i] * strides[k][i];
        chosen = condition[at[0]] ? 1 : 2;
        memcpy(to, (const char *)call->in[chosen]->data + (size_t)at[chosen] * size, size);
        to += size;
    } while (shape_next(&out->shape, 0, index));
    return STATUS_OK;
}
