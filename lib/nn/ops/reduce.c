/* ReduceSum and its kin, ArgMax, ArgMin, TopK. Reals are summed in f64, integers in i64. */
#include "nn/ops/op_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum kind { L1, L2, LOG_SUM, LOG_SUM_EXP, MAX, MEAN, MIN, PROD, SUM, SUM_SQUARE };
static const char *const kind_names[] = {
    "ReduceL1",   "ReduceL2",  "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
    "ReduceMean", "ReduceMin", "ReduceProd",   "ReduceSum",       "ReduceSumSquare"};

static enum kind find_kind(const struct op_call *call)
{
    int i = 0;
    while (i < SUM_SQUARE && strcmp(kind_names[i], call->node->op_type) != 0)
        i++;
    return (enum kind)i;
}

/* Which axes go. None given: all, unless noop_with_empty_axes. */
static enum status reduced_axes(const struct op_call *call, int flags[SHAPE_RANK_MAX],
                                struct error *err)
{
    struct op_list list;
    int rank = call->in[0]->shape.rank;
    TRY(op_list(call, "axes", 1, &list, err));
    TRY(op_axes(&list, rank, flags, err));
    for (int i = 0; list.count == 0 && i < rank; i++)
        flags[i] = node_int(call->node, "noop_with_empty_axes", 0) == 0;
    return STATUS_OK;
}

enum status infer_reduce(struct op_call *call, struct error *err)
{
    int flags[SHAPE_RANK_MAX], keep = node_int(call->node, "keepdims", 1) != 0;
    const struct shape *from;
    struct shape shape = {0};
    TRY(op_arity(call, 1, 2, 1, err));
    TRY(reduced_axes(call, flags, err));
    from = &call->in[0]->shape;
    for (int i = 0; i < from->rank; i++)
        if (!flags[i] || keep)
            shape.dim[shape.rank++] = flags[i] ? 1 : from->dim[i];
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

static double begin_real(enum kind kind)
{
    return kind == MAX || kind == LOG_SUM_EXP ? -INFINITY : kind == MIN ? INFINITY : kind == PROD;
}

static double add_real(enum kind kind, double sum, double x)
{
    switch (kind) {
    case L1:
        return sum + fabs(x);
    case L2:
    case SUM_SQUARE:
        return sum + x * x;
    case MAX:
        return x > sum || isnan(x) ? x : sum;
    case MIN:
        return x < sum || isnan(x) ? x : sum;
    case PROD:
        return sum * x;
    case LOG_SUM_EXP: /* sum is ln of the sum so far */
        return x == -INFINITY ? sum : x > sum ? x + log1p(exp(sum - x)) : sum + log1p(exp(x - sum));
    default:
        return sum + x;
    }
}

static double end_real(enum kind kind, double sum, int64_t count)
{
    return kind == L2        ? sqrt(sum)
           : kind == LOG_SUM ? log(sum)
           : kind == MEAN    ? sum / (double)count
                             : sum;
}

static int64_t add_int(enum kind kind, int64_t sum, int64_t x)
{
    uint64_t a = (uint64_t)sum, b = (uint64_t)x;
    switch (kind) {
    case L1:
        return (int64_t)(x < 0 ? a - b : a + b);
    case L2:
    case SUM_SQUARE:
        return (int64_t)(a + b * b);
    case MAX:
        return x > sum ? x : sum;
    case MIN:
        return x < sum ? x : sum;
    case PROD:
        return (int64_t)(a * b);
    default:
        return (int64_t)(a + b);
    }
}

/* The least and the largest number of an integer type. */
static int64_t extreme(enum element_type type, int largest)
{
    int bits = (int)element_size(type) * 8;
    int is_signed = type != ELEMENT_U8 && type != ELEMENT_U16;
    uint64_t most = UINT64_MAX >> (64 - bits + is_signed);
    return largest ? (int64_t)most : is_signed ? -(int64_t)most - 1 : 0;
}

/* Goes through the input once; sums holds double or int64_t, one for each output. */
static void accumulate(const struct tensor *in, enum kind kind, const int64_t *strides, int real,
                       double *reals, int64_t *ints)
{
    int64_t index[SHAPE_RANK_MAX] = {0};
    const struct shape *shape = &in->shape;
    int last = shape->rank - 1;
    int64_t row = last < 0 ? 1 : shape->dim[last], step = last < 0 ? 0 : strides[last];
    const char *from = in->data;
    if (shape_count(shape) == 0)
        return;
    do {
        int64_t at = 0;
        for (int i = 0; i < last; i++)
            at += index[i] * strides[i];
        for (int64_t i = 0; i < row; i++, at += step, from += element_size(in->type)) {
            if (real) {
                double x;
                to_doubles(in->type, from, 1, 1, &x);
                reals[at] = add_real(kind, reals[at], x);
            } else {
                int64_t x;
                to_ints(in->type, from, 1, 1, &x);
                ints[at] = add_int(kind, ints[at], x);
            }
        }
    } while (shape_next(shape, 1, index));
}

enum status run_reduce(struct op_call *call, struct error *err)
{
    const struct tensor *in = call->in[0];
    struct tensor *out = &call->out[0];
    enum kind kind = find_kind(call);
    int real = is_float(in->type) || kind == LOG_SUM || kind == LOG_SUM_EXP || kind == L2;
    int64_t count = shape_count(&out->shape), stride = 1, strides[SHAPE_RANK_MAX] = {0};
    int64_t each = count ? shape_count(&in->shape) / count : 0;
    double *reals = op_scratch(call, count, sizeof *reals);
    int64_t *ints = op_scratch(call, count, sizeof *ints);
    int flags[SHAPE_RANK_MAX];
    TRY(reduced_axes(call, flags, err));
    if (!reals || !ints)
        return error_memory(err);
    for (int i = in->shape.rank - 1; i >= 0; i--)
        if (!flags[i]) {
            strides[i] = stride;
            stride *= in->shape.dim[i];
        }
    for (int64_t i = 0; i < count; i++) {
        reals[i] = begin_real(kind);
        ints[i] = kind == MAX   ? extreme(in->type, 0)
                  : kind == MIN ? extreme(in->type, 1)
                                : kind == PROD;
    }
    accumulate(in, kind, strides, real, reals, ints);
    for (int64_t i = 0; i < count; i++) {
        reals[i] = end_real(kind, reals[i], each);
        if (kind == MEAN && each)
            ints[i] /= each;
    }
    if (real)
        from_doubles(out->type, reals, count, out->data);
    else
        from_ints(out->type, ints, count, out->data);
    return STATUS_OK;
}

/* --- ArgMax, ArgMin
 * -------------------------------------------------------------------------------- */

enum status infer_arg(struct op_call *call, struct error *err)
{
    struct shape shape = {0};
    const struct shape *from;
    int axis = 0, keep = node_int(call->node, "keepdims", 1) != 0;
    TRY(op_arity(call, 1, 1, 1, err));
    from = &call->in[0]->shape;
    TRY(op_axis(node_int(call->node, "axis", 0), from->rank, &axis, err));
    if (from->dim[axis] == 0)
        return error_set(err, STATUS_USAGE, "%s over nothing", call->node->op_type);
    for (int i = 0; i < from->rank; i++)
        if (i != axis || keep)
            shape.dim[shape.rank++] = i == axis ? 1 : from->dim[i];
    return op_out(call, 0, ELEMENT_I64, &shape, err);
}

/* An element that can be compared with others of its type: integers exactly, too. */
struct rank {
    double real;
    int64_t whole; /* decides between integers beyond 2^53 */
    int64_t index;
};

static struct rank rank_at(const struct tensor *tensor, int64_t at, int64_t index)
{
    struct rank rank = {op_real_at(tensor, at), 0, index};
    if (!is_float(tensor->type))
        rank.whole = op_int_at(tensor, at);
    return rank;
}

static int above(const struct rank *a, const struct rank *b)
{
    return a->real > b->real || (a->real == b->real && a->whole > b->whole);
}

enum status run_arg(struct op_call *call, struct error *err)
{
    const struct tensor *in = call->in[0];
    int least = strcmp(call->node->op_type, "ArgMin") == 0;
    int last = node_int(call->node, "select_last_index", 0) != 0;
    int64_t *out = call->out[0].data, outer, inner, length;
    int axis = 0;
    TRY(op_axis(node_int(call->node, "axis", 0), in->shape.rank, &axis, err));
    outer = shape_product(&in->shape, 0, axis);
    length = in->shape.dim[axis];
    inner = shape_product(&in->shape, axis + 1, in->shape.rank);
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < inner; i++) {
            struct rank best = rank_at(in, o * length * inner + i, 0);
            for (int64_t k = 1; k < length; k++) {
                struct rank next = rank_at(in, (o * length + k) * inner + i, k);
                int better = least ? above(&best, &next) : above(&next, &best);
                int worse = least ? above(&next, &best) : above(&best, &next);
                if (better || (last && !worse))
                    best = next;
            }
            *out++ = best.index;
        }
    return STATUS_OK;
}

/* --- TopK
 * ------------------------------------------------------------------------------------------ */

/* How many: an attribute before opset 10. */
static enum status topk_count(const struct op_call *call, int64_t *k, struct error *err)
{
    struct op_list list;
    TRY(op_list(call, "k", 1, &list, err));
    if (list.tensor && list.count != 1)
        return error_set(err, STATUS_USAGE, "k must be one number");
    *k = list.tensor ? op_list_at(&list, 0) : node_int(call->node, "k", -1);
    return STATUS_OK;
}

enum status infer_topk(struct op_call *call, struct error *err)
{
    struct shape shape;
    int axis = 0;
    int64_t k = 0;
    TRY(op_arity(call, 1, 2, 2, err));
    TRY(topk_count(call, &k, err));
    shape = call->in[0]->shape;
    TRY(op_axis(node_int(call->node, "axis", -1), shape.rank, &axis, err));
    if (k < 0 || k > shape.dim[axis])
        return error_set(err, STATUS_USAGE, "the top %lld of %lld", (long long)k,
                         (long long)shape.dim[axis]);
    shape.dim[axis] = k;
    TRY(op_out(call, 0, call->in[0]->type, &shape, err));
    return op_out(call, 1, ELEMENT_I64, &shape, err);
}

/* Largest first; of equal ones the earlier first. */
static int by_rank(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (above(x, y))
        return -1;
    if (above(y, x))
        return 1;
    return x->index < y->index ? -1 : 1;
}

enum status run_topk(struct op_call *call, struct error *err)
{
    const struct tensor *in = call->in[0];
    size_t size = element_size(in->type);
    int least = node_int(call->node, "largest", 1) == 0, axis = 0;
    char *values = call->out[0].data;
    int64_t *indices = call->out_count > 1 ? call->out[1].data : NULL;
    int64_t outer, inner, length, k = 0;
    struct rank *ranks;
    TRY(op_axis(node_int(call->node, "axis", -1), in->shape.rank, &axis, err));
    outer = shape_product(&in->shape, 0, axis);
    length = in->shape.dim[axis];
    inner = shape_product(&in->shape, axis + 1, in->shape.rank);
    TRY(topk_count(call, &k, err));
    ranks = op_scratch(call, length, sizeof *ranks);
    if (!ranks)
        return error_memory(err);
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < inner; i++) {
            for (int64_t j = 0; j < length; j++) {
                ranks[j] = rank_at(in, (o * length + j) * inner + i, j);
                if (least) {
                    ranks[j].real = -ranks[j].real;
                    ranks[j].whole = ~ranks[j].whole;
                }
            }
            qsort(ranks, (size_t)length, sizeof *ranks, by_rank);
            for (int64_t j = 0; j < k; j++) {
                int64_t from = (o * length + ranks[j].index) * inner + i;
                int64_t to = (o * k + j) * inner + i;
                if (values)
                    memcpy(values + (size_t)to * size, (const char *)in->data + (size_t)from * size,
                           size);
                if (indices)
                    indices[to] = ranks[j].index;
            }
        }
    return STATUS_OK;
}
