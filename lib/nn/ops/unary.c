/* Element by element, one input: activations, roots, roundings. Real numbers are computed in f32
 * (f64 in f64), integers in i64. */
#include "nn/ops/op_internal.h"

#include <math.h>
#include <string.h>

/* The operator's numbers: alpha, beta ... */
struct numbers {
    double a, b;
};

enum kind {
    ABS,
    CEIL,
    CELU,
    COS,
    ELU,
    ERF,
    EXP,
    FLOOR,
    GELU,
    GELU_TANH,
    HARD_SIGMOID,
    HARD_SWISH,
    LEAKY_RELU,
    LOG,
    MISH,
    NEG,
    NOT,
    RECIPROCAL,
    RELU,
    ROUND,
    SELU,
    SIGMOID,
    SIGN,
    SIN,
    SOFTPLUS,
    SOFTSIGN,
    SQRT,
    TANH,
    THRESHOLDED_RELU
};

static const struct {
    const char *name;
    enum kind kind;
    float alpha, beta;     /* defaults */
    const char *beta_name; /* "alpha" always is the first */
} kinds[] = {
    {"Abs", ABS, 0, 0, NULL},
    {"Ceil", CEIL, 0, 0, NULL},
    {"Celu", CELU, 1, 0, NULL},
    {"Cos", COS, 0, 0, NULL},
    {"Elu", ELU, 1, 0, NULL},
    {"Erf", ERF, 0, 0, NULL},
    {"Exp", EXP, 0, 0, NULL},
    {"Floor", FLOOR, 0, 0, NULL},
    {"Gelu", GELU, 0, 0, NULL},
    {"HardSigmoid", HARD_SIGMOID, 0.2F, 0.5F, "beta"},
    {"HardSwish", HARD_SWISH, 0, 0, NULL},
    {"LeakyRelu", LEAKY_RELU, 0.01F, 0, NULL},
    {"Log", LOG, 0, 0, NULL},
    {"Mish", MISH, 0, 0, NULL},
    {"Neg", NEG, 0, 0, NULL},
    {"Not", NOT, 0, 0, NULL},
    {"Reciprocal", RECIPROCAL, 0, 0, NULL},
    {"Relu", RELU, 0, 0, NULL},
    {"Round", ROUND, 0, 0, NULL},
    {"Selu", SELU, 1.67326319217681884765625F, 1.05070102214813232421875F, "gamma"},
    {"Sigmoid", SIGMOID, 0, 0, NULL},
    {"Sign", SIGN, 0, 0, NULL},
    {"Sin", SIN, 0, 0, NULL},
    {"Softplus", SOFTPLUS, 0, 0, NULL},
    {"Softsign", SOFTSIGN, 0, 0, NULL},
    {"Sqrt", SQRT, 0, 0, NULL},
    {"Tanh", TANH, 0, 0, NULL},
    {"ThresholdedRelu", THRESHOLDED_RELU, 1, 0, NULL},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static enum kind find_kind(const struct node *node, struct numbers *numbers)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, node->op_type) == 0) {
            numbers->a = node_float(node, "alpha", kinds[i].alpha);
            numbers->b = kinds[i].beta_name ? node_float(node, kinds[i].beta_name, kinds[i].beta)
                                            : (double)kinds[i].beta;
            if (kinds[i].kind == GELU &&
                strcmp(node_string(node, "approximate", "none"), "tanh") == 0)
                return GELU_TANH;
            return kinds[i].kind;
        }
    return ABS;
}

/* The loop over one formula; x is the element. */
#define MAP(label, formula)                                                                        \
    case label:                                                                                    \
        for (int64_t i = 0; i < count; i++) {                                                      \
            x = from[i];                                                                           \
            to[i] = (formula);                                                                     \
        }                                                                                          \
        return;

/* ln(1 + e^x) without overflow. */
#define SOFTPLUS_OF(F, x) ((x) > 0 ? (x) + log1p##F(exp##F(-(x))) : log1p##F(exp##F(x)))

/* F: the suffix of the functions of math.h. to may be from. */
#define DEFINE_MAP(name, real, F)                                                                  \
    static void name(enum kind kind, const struct numbers *numbers, const real *from,              \
                     int64_t count, real *to)                                                      \
    {                                                                                              \
        const real a = (real)numbers->a, b = (real)numbers->b;                                     \
        const real half = (real)0.5, root2 = (real)1.41421356237309504880;                         \
        real x;                                                                                    \
        switch (kind) {                                                                            \
            MAP(ABS, fabs##F(x))                                                                   \
            MAP(CEIL, ceil##F(x))                                                                  \
            MAP(CELU, x > 0 ? x : a * expm1##F(x / a))                                             \
            MAP(COS, cos##F(x))                                                                    \
            MAP(ELU, x > 0 ? x : a * expm1##F(x))                                                  \
            MAP(ERF, erf##F(x))                                                                    \
            MAP(EXP, exp##F(x))                                                                    \
            MAP(FLOOR, floor##F(x))                                                                \
            MAP(GELU, half *x *(1 + erf##F(x / root2)))                                            \
            MAP(GELU_TANH, half *x *(1 + tanh##F((real)0.797884560802865356 *                      \
                                                 (x + (real)0.044715 * x * x * x))))               \
            MAP(HARD_SIGMOID, fmax##F(0, fmin##F(1, a *x + b)))                                    \
            MAP(HARD_SWISH, x *fmax##F(0, fmin##F(1, x / 6 + half)))                               \
            MAP(LEAKY_RELU, x < 0 ? a * x : x)                                                     \
            MAP(LOG, log##F(x))                                                                    \
            MAP(MISH, x *tanh##F(SOFTPLUS_OF(F, x)))                                               \
            MAP(NEG, -x)                                                                           \
            MAP(NOT, x == 0)                                                                       \
            MAP(RECIPROCAL, 1 / x)                                                                 \
            MAP(RELU, x < 0 ? 0 : x)                                                               \
            MAP(ROUND, rint##F(x))                                                                 \
            MAP(SELU, x > 0 ? b * x : b * a * expm1##F(x))                                         \
            MAP(SIGMOID, 1 / (1 + exp##F(-x)))                                                     \
            MAP(SIGN, (real)((x > 0) - (x < 0)))                                                   \
            MAP(SIN, sin##F(x))                                                                    \
            MAP(SOFTPLUS, SOFTPLUS_OF(F, x))                                                       \
            MAP(SOFTSIGN, x / (1 + fabs##F(x)))                                                    \
            MAP(SQRT, sqrt##F(x))                                                                  \
            MAP(TANH, tanh##F(x))                                                                  \
            MAP(THRESHOLDED_RELU, x > a ? x : 0)                                                   \
        }                                                                                          \
    }
DEFINE_MAP(map_floats, float, f)
DEFINE_MAP(map_doubles, double, )

/* Those that integers have; returns 0 for the others. */
static int map_ints(enum kind kind, const int64_t *from, int64_t count, int64_t *to)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t x = from[i];
        switch (kind) {
        case ABS:
            to[i] = x < 0 ? (int64_t)(0 - (uint64_t)x) : x;
            break;
        case NEG:
            to[i] = (int64_t)(0 - (uint64_t)x);
            break;
        case NOT:
            to[i] = x == 0;
            break;
        case RELU:
            to[i] = x < 0 ? 0 : x;
            break;
        case SIGN:
            to[i] = (x > 0) - (x < 0);
            break;
        default:
            return 0;
        }
    }
    return 1;
}

enum status infer_unary(struct op_call *call, struct error *err)
{
    struct numbers numbers;
    int64_t none = 0;
    TRY(op_arity(call, 1, 1, 1, err));
    if (!is_float(call->in[0]->type) && !map_ints(find_kind(call->node, &numbers), &none, 1, &none))
        return error_set(err, STATUS_USAGE, "%s of %s", call->node->op_type,
                         element_name(call->in[0]->type));
    return op_out(call, 0, call->in[0]->type, &call->in[0]->shape, err);
}

enum { CHUNK = 512 };

enum status run_unary(struct op_call *call, struct error *err)
{
    struct numbers numbers;
    enum kind kind = find_kind(call->node, &numbers);
    enum element_type type = call->in[0]->type;
    size_t size = element_size(type);
    const char *from = call->in[0]->data;
    char *to = call->out[0].data;
    int64_t left = shape_count(&call->in[0]->shape);
    (void)err;
    if (type == ELEMENT_F32) {
        map_floats(kind, &numbers, (const float *)(const void *)from, left, (float *)(void *)to);
        return STATUS_OK;
    }
    while (left > 0) {
        union {
            float floats[CHUNK];
            double doubles[CHUNK];
            int64_t ints[CHUNK];
        } work;
        int64_t count = left < CHUNK ? left : CHUNK;
        if (type == ELEMENT_F64) {
            to_doubles(type, from, 1, count, work.doubles);
            map_doubles(kind, &numbers, work.doubles, count, work.doubles);
            from_doubles(type, work.doubles, count, to);
        } else if (is_float(type)) {
            to_floats(type, from, 1, count, work.floats);
            map_floats(kind, &numbers, work.floats, count, work.floats);
            from_floats(type, work.floats, count, to);
        } else {
            to_ints(type, from, 1, count, work.ints);
            map_ints(kind, work.ints, count, work.ints);
            from_ints(type, work.ints, count, to);
        }
        from += (size_t)count * size;
        to += (size_t)count * size;
        left -= count;
    }
    return STATUS_OK;
}
