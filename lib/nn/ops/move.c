/* Elements moved, not computed: Transpose, Concat, Split, Slice, Expand, Tile, Pad, DepthToSpace,
 * SpaceToDepth. All of them but Tile and Pad are one copy between two sets of strides. */
#include "nn/ops/op_internal.h"

#include <string.h>

/* The output, filled from the input with these strides. */
static void fill(struct tensor *out, const void *from, const int64_t strides[SHAPE_RANK_MAX])
{
    int64_t own[SHAPE_RANK_MAX] = {0};
    shape_strides(&out->shape, own);
    copy_strided(&out->shape, element_size(out->type), from, strides, out->data, own);
}

/* The address of an element; NULL stays NULL (an empty tensor). */
static void *offset(const void *data, int64_t elements, enum element_type type)
{
    return data ? (char *)data + elements * (int64_t)element_size(type) : NULL;
}

/* --- Transpose ---------------------------------------------------------------------------------
 */

static enum status permutation(const struct op_call *call, int perm[SHAPE_RANK_MAX],
                               struct error *err)
{
    int rank = call->in[0]->shape.rank, flags[SHAPE_RANK_MAX];
    struct op_list list = {0};
    size_t count;
    list.ints = node_ints(call->node, "perm", &count);
    list.count = (int64_t)count;
    if (list.ints && list.count != rank)
        return error_set(err, STATUS_USAGE, "a permutation of %lld for %d dimensions",
                         (long long)list.count, rank);
    TRY(op_axes(&list, rank, flags, err));
    for (int i = 0; i < rank; i++)
        perm[i] = !list.ints         ? rank - 1 - i
                  : list.ints[i] < 0 ? (int)list.ints[i] + rank
                                     : (int)list.ints[i];
    return STATUS_OK;
}

enum status infer_transpose(struct op_call *call, struct error *err)
{
    int perm[SHAPE_RANK_MAX];
    struct shape shape;
    TRY(op_arity(call, 1, 1, 1, err));
    TRY(permutation(call, perm, err));
    shape = call->in[0]->shape;
    for (int i = 0; i < shape.rank; i++)
        shape.dim[i] = call->in[0]->shape.dim[perm[i]];
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

enum status run_transpose(struct op_call *call, struct error *err)
{
    int perm[SHAPE_RANK_MAX];
    int64_t strides[SHAPE_RANK_MAX] = {0}, permuted[SHAPE_RANK_MAX] = {0};
    TRY(permutation(call, perm, err));
    shape_strides(&call->in[0]->shape, strides);
    for (int i = 0; i < call->in[0]->shape.rank; i++)
        permuted[i] = strides[perm[i]];
    fill(&call->out[0], call->in[0]->data, permuted);
    return STATUS_OK;
}

/* --- Concat, Split -------------------------------------------------------------------------------
 */

enum status infer_concat(struct op_call *call, struct error *err)
{
    struct shape shape;
    int axis;
    TRY(op_arity(call, 1, (size_t)-1, 1, err));
    shape = call->in[0]->shape;
    TRY(op_axis(node_int(call->node, "axis", 1), shape.rank, &axis, err));
    for (size_t i = 1; i < call->in_count; i++) {
        const struct tensor *in = call->in[i];
        int same = in && in->type == call->in[0]->type && in->shape.rank == shape.rank;
        for (int k = 0; same && k < shape.rank; k++)
            same = k == axis || in->shape.dim[k] == shape.dim[k];
        if (!same)
            return error_set(err, STATUS_USAGE, "input %zu does not fit the first", i);
        shape.dim[axis] += in->shape.dim[axis];
    }
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

enum status run_concat(struct op_call *call, struct error *err)
{
    struct tensor *out = &call->out[0];
    int64_t to[SHAPE_RANK_MAX] = {0}, from[SHAPE_RANK_MAX] = {0}, at = 0;
    int axis = 0;
    TRY(op_axis(node_int(call->node, "axis", 1), out->shape.rank, &axis, err));
    shape_strides(&out->shape, to);
    for (size_t i = 0; i < call->in_count; i++) {
        const struct tensor *in = call->in[i];
        shape_strides(&in->shape, from);
        copy_strided(&in->shape, element_size(in->type), in->data, from,
                     offset(out->data, at * to[axis], out->type), to);
        at += in->shape.dim[axis];
    }
    return STATUS_OK;
}

/* The length of output i along the axis. */
static int64_t split_size(const struct op_call *call, const struct op_list *list, int64_t length,
                          size_t i)
{
    int64_t parts = (int64_t)call->out_count, each = (length + parts - 1) / parts;
    int64_t left = length - (int64_t)i * each;
    if (list->given)
        return op_list_at(list, (int64_t)i);
    return left < 0 ? 0 : left < each ? left : each;
}

enum status infer_split(struct op_call *call, struct error *err)
{
    struct shape shape;
    struct op_list list;
    int64_t sum = 0, length;
    int axis;
    TRY(op_arity(call, 1, 2, (size_t)-1, err));
    shape = call->in[0]->shape;
    TRY(op_axis(node_int(call->node, "axis", 0), shape.rank, &axis, err));
    TRY(op_list(call, "split", 1, &list, err));
    length = shape.dim[axis];
    if (list.given && list.count != (int64_t)call->out_count)
        return error_set(err, STATUS_USAGE, "%lld sizes for %zu outputs", (long long)list.count,
                         call->out_count);
    if (!list.given && call->opset < 18 && length % (int64_t)call->out_count != 0)
        return error_set(err, STATUS_USAGE, "%lld cannot be split into %zu equal parts",
                         (long long)length, call->out_count);
    for (size_t i = 0; i < call->out_count; i++) {
        shape.dim[axis] = split_size(call, &list, length, i);
        if (shape.dim[axis] < 0 || shape.dim[axis] > length - sum)
            return error_set(err, STATUS_USAGE, "the parts are not %lld together",
                             (long long)length);
        sum += shape.dim[axis];
        TRY(op_out(call, i, call->in[0]->type, &shape, err));
    }
    if (sum != length)
        return error_set(err, STATUS_USAGE, "the parts are %lld together, not %lld", (long long)sum,
                         (long long)length);
    return STATUS_OK;
}

enum status run_split(struct op_call *call, struct error *err)
{
    const struct tensor *in = call->in[0];
    int64_t from[SHAPE_RANK_MAX] = {0}, at = 0;
    struct op_list list;
    int axis = 0;
    TRY(op_axis(node_int(call->node, "axis", 0), in->shape.rank, &axis, err));
    TRY(op_list(call, "split", 1, &list, err));
    shape_strides(&in->shape, from);
    for (size_t i = 0; i < call->out_count; i++) {
        if (call->out[i].data)
            fill(&call->out[i], offset(in->data, at * from[axis], in->type), from);
        at += split_size(call, &list, in->shape.dim[axis], i);
    }
    return STATUS_OK;
}

/* --- Slice -------------------------------------------------------------------------------------
 */

struct slice {
    int64_t start[SHAPE_RANK_MAX], step[SHAPE_RANK_MAX];
    struct shape shape;
};

/* Python's rule for one axis. */
static void slice_axis(struct slice *slice, int axis, int64_t start, int64_t end, int64_t step)
{
    int64_t length = slice->shape.dim[axis], count = 0;
    int64_t low = step < 0 ? -1 : 0, high = step < 0 ? length - 1 : length;
    start = start < 0 && start >= -length ? start + length : start < 0 ? low : start;
    end = end < 0 && end >= -length ? end + length : end < 0 ? low : end;
    start = start < 0 ? 0 : start > high ? high : start;
    end = end > high ? high : end;
    if (step > 0 && end > start)
        count = (end - start - 1) / step + 1;
    if (step < 0 && start > end && length > 0)
        count = (start - end - 1) / (step == INT64_MIN ? INT64_MAX : -step) + 1;
    slice->start[axis] = start;
    slice->step[axis] = step;
    slice->shape.dim[axis] = count;
}

static enum status slice_make(const struct op_call *call, struct slice *slice, struct error *err)
{
    struct op_list starts, ends, axes, steps;
    int flags[SHAPE_RANK_MAX] = {0};
    memset(slice, 0, sizeof *slice);
    slice->shape = call->in[0]->shape;
    for (int i = 0; i < SHAPE_RANK_MAX; i++)
        slice->step[i] = 1;
    TRY(op_list(call, "starts", 1, &starts, err));
    TRY(op_list(call, "ends", 2, &ends, err));
    TRY(op_list(call, "axes", 3, &axes, err));
    TRY(op_list(call, "steps", 4, &steps, err));
    if (starts.count != ends.count || (axes.given && axes.count != starts.count) ||
        (steps.given && steps.count != starts.count))
        return error_set(err, STATUS_USAGE, "starts, ends, axes and steps of different lengths");
    for (int64_t i = 0; i < starts.count; i++) {
        int64_t step = steps.given ? op_list_at(&steps, i) : 1;
        int axis = 0;
        TRY(op_axis(axes.given ? op_list_at(&axes, i) : i, slice->shape.rank, &axis, err));
        if (flags[axis]++ || step == 0)
            return error_set(err, STATUS_USAGE, "axis %d twice, or with a step of 0", axis);
        slice_axis(slice, axis, op_list_at(&starts, i), op_list_at(&ends, i), step);
    }
    return STATUS_OK;
}

enum status infer_slice(struct op_call *call, struct error *err)
{
    struct slice slice;
    TRY(op_arity(call, 1, 5, 1, err));
    TRY(slice_make(call, &slice, err));
    return op_out(call, 0, call->in[0]->type, &slice.shape, err);
}

enum status op_slice(const struct op_call *call, int64_t *start, int64_t *step, struct error *err)
{
    struct slice slice;
    TRY(slice_make(call, &slice, err));
    memcpy(start, slice.start, sizeof slice.start);
    memcpy(step, slice.step, sizeof slice.step);
    return STATUS_OK;
}

enum status run_slice(struct op_call *call, struct error *err)
{
    struct slice slice;
    int64_t strides[SHAPE_RANK_MAX] = {0}, at = 0;
    TRY(slice_make(call, &slice, err));
    if (shape_count(&slice.shape) == 0)
        return STATUS_OK;
    shape_strides(&call->in[0]->shape, strides);
    for (int i = 0; i < slice.shape.rank; i++) {
        at += slice.start[i] * strides[i];
        /* A step is used only where there is a second element, so it is smaller than the dimension.
         */
        strides[i] = slice.shape.dim[i] > 1 ? strides[i] * slice.step[i] : 0;
    }
    fill(&call->out[0], offset(call->in[0]->data, at, call->in[0]->type), strides);
    return STATUS_OK;
}

/* --- Expand, Tile --------------------------------------------------------------------------------
 */

static enum status list_shape(const struct op_list *list, struct shape *shape, struct error *err)
{
    if (list->count > SHAPE_RANK_MAX)
        return error_set(err, STATUS_FAILED, "more than %d dimensions", SHAPE_RANK_MAX);
    shape->rank = (int)list->count;
    for (int i = 0; i < shape->rank; i++)
        shape->dim[i] = op_list_at(list, i);
    if (shape_count(shape) < 0)
        return error_set(err, STATUS_USAGE, "a shape with a negative or too large dimension");
    return STATUS_OK;
}

enum status infer_expand(struct op_call *call, struct error *err)
{
    struct op_list list;
    struct shape shape = {0};
    TRY(op_arity(call, 2, 2, 1, err));
    TRY(op_list(call, "", 1, &list, err));
    TRY(list_shape(&list, &shape, err));
    TRY(shape_broadcast(&shape, &call->in[0]->shape, err));
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

enum status run_expand(struct op_call *call, struct error *err)
{
    int64_t strides[SHAPE_RANK_MAX] = {0};
    (void)err;
    shape_broadcast_strides(&call->in[0]->shape, &call->out[0].shape, strides);
    fill(&call->out[0], call->in[0]->data, strides);
    return STATUS_OK;
}

enum status infer_tile(struct op_call *call, struct error *err)
{
    struct op_list list;
    struct shape shape, repeats = {0};
    TRY(op_arity(call, 2, 2, 1, err));
    TRY(op_list(call, "", 1, &list, err));
    TRY(list_shape(&list, &repeats, err));
    shape = call->in[0]->shape;
    if (repeats.rank != shape.rank)
        return error_set(err, STATUS_USAGE, "%d repeats for %d dimensions", repeats.rank,
                         shape.rank);
    for (int i = 0; i < shape.rank; i++) {
        if (shape.dim[i] && repeats.dim[i] > INT64_MAX / shape.dim[i])
            return error_set(err, STATUS_USAGE, "the result would be too large");
        shape.dim[i] *= repeats.dim[i];
    }
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

enum status run_tile(struct op_call *call, struct error *err)
{
    const struct shape *in = &call->in[0]->shape;
    struct tensor *out = &call->out[0];
    size_t size = element_size(out->type);
    int64_t strides[SHAPE_RANK_MAX] = {0}, index[SHAPE_RANK_MAX] = {0};
    char *to = out->data;
    (void)err;
    if (shape_count(&out->shape) == 0)
        return STATUS_OK;
    shape_strides(in, strides);
    do {
        int64_t at = 0;
        for (int i = 0; i < in->rank; i++)
            at += index[i] % in->dim[i] * strides[i];
        memcpy(to, offset(call->in[0]->data, at, out->type), size);
        to += size;
    } while (shape_next(&out->shape, 0, index));
    return STATUS_OK;
}

/* --- Pad ---------------------------------------------------------------------------------------
 */

struct pad {
    int64_t before[SHAPE_RANK_MAX]; /* may be negative: cut off */
    enum pad_mode { PAD_CONSTANT, PAD_EDGE, PAD_REFLECT, PAD_WRAP } mode;
    struct shape shape;
};

static enum status pad_mode(const char *name, enum pad_mode *mode, struct error *err)
{
    static const char *const names[] = {"constant", "edge", "reflect", "wrap"};
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0) {
            *mode = (enum pad_mode)i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "padding mode '%s'", name);
}

static enum status pad_make(const struct op_call *call, struct pad *pad, struct error *err)
{
    const int64_t limit = INT64_C(1) << 40;
    struct op_list pads, axes = {0};
    int64_t count = call->in[0]->shape.rank;
    memset(pad, 0, sizeof *pad);
    pad->shape = call->in[0]->shape;
    TRY(pad_mode(node_string(call->node, "mode", "constant"), &pad->mode, err));
    TRY(op_list(call, "pads", 1, &pads, err));
    if (op_in(call, 3)) {
        int flags[SHAPE_RANK_MAX];
        TRY(op_list(call, "", 3, &axes, err));
        TRY(op_axes(&axes, pad->shape.rank, flags, err));
        count = axes.count;
    }
    if (!pads.given || pads.count != 2 * count)
        return error_set(err, STATUS_USAGE, "%lld pads for %lld axes", (long long)pads.count,
                         (long long)count);
    for (int64_t i = 0; i < count; i++) {
        int64_t before = op_list_at(&pads, i), after = op_list_at(&pads, i + count);
        int axis = (int)i;
        if (axes.given)
            TRY(op_axis(op_list_at(&axes, i), pad->shape.rank, &axis, err));
        if (before > limit || after > limit || before < -limit || after < -limit)
            return error_set(err, STATUS_USAGE, "a padding of %lld and %lld", (long long)before,
                             (long long)after);
        if (pad->mode != PAD_CONSTANT && pad->shape.dim[axis] == 0 && before + after > 0)
            return error_set(err, STATUS_USAGE, "nothing to pad an empty dimension with");
        pad->before[axis] = before;
        pad->shape.dim[axis] += before + after;
        if (pad->shape.dim[axis] < 0)
            return error_set(err, STATUS_USAGE, "padding cuts off more than there is");
    }
    return STATUS_OK;
}

enum status infer_pad(struct op_call *call, struct error *err)
{
    struct pad pad;
    const struct tensor *value;
    TRY(op_arity(call, 1, 4, 1, err));
    value = op_in(call, 2);
    if (value && (shape_count(&value->shape) != 1 || value->type != call->in[0]->type))
        return error_set(err, STATUS_USAGE, "the value must be a scalar of the input's type");
    TRY(pad_make(call, &pad, err));
    return op_out(call, 0, call->in[0]->type, &pad.shape, err);
}

/* Where position i of the padded axis comes from; -1: from nowhere. */
static int64_t pad_source(enum pad_mode mode, int64_t i, int64_t length)
{
    int64_t period = 2 * (length - 1);
    if (i >= 0 && i < length)
        return i;
    switch (mode) {
    case PAD_EDGE:
        return i < 0 ? 0 : length - 1;
    case PAD_WRAP:
        return (i % length + length) % length;
    case PAD_REFLECT:
        if (period == 0)
            return 0;
        i = (i % period + period) % period;
        return i < length ? i : period - i;
    default:
        return -1;
    }
}

enum status run_pad(struct op_call *call, struct error *err)
{
    const struct tensor *in = call->in[0];
    struct tensor *out = &call->out[0];
    size_t size = element_size(out->type);
    int64_t strides[SHAPE_RANK_MAX] = {0}, index[SHAPE_RANK_MAX] = {0};
    unsigned char value[sizeof(double)] = {0};
    float number = node_float(call->node, "value", 0);
    char *to = out->data;
    struct pad pad;
    TRY(pad_make(call, &pad, err));
    if (op_in(call, 2))
        memcpy(value, call->in[2]->data, size);
    else
        from_floats(out->type, &number, 1, value);
    if (shape_count(&out->shape) == 0)
        return STATUS_OK;
    shape_strides(&in->shape, strides);
    do {
        int64_t at = 0;
        for (int i = 0; at >= 0 && i < in->shape.rank; i++) {
            int64_t source = pad_source(pad.mode, index[i] - pad.before[i], in->shape.dim[i]);
            at = source < 0 ? -1 : at + source * strides[i];
        }
        memcpy(to, at < 0 ? (const void *)value : offset(in->data, at, in->type), size);
        to += size;
    } while (shape_next(&out->shape, 0, index));
    return STATUS_OK;
}

/* --- DepthToSpace, SpaceToDepth
 * -------------------------------------------------------------------- */

/* Both see the small picture, N x C x h x w, beside the large one: six dimensions, N, c, h, y, w, x
 * with y and x within a block. The channel of the small one is (y, x, c), or (c, y, x) in mode CRD.
 */
struct blocks {
    struct shape six, small, large;
    int64_t small_strides[SHAPE_RANK_MAX], large_strides[SHAPE_RANK_MAX];
};

static enum status blocks_make(const struct op_call *call, struct blocks *blocks, struct error *err)
{
    int to_space = strcmp(call->node->op_type, "DepthToSpace") == 0;
    int crd = to_space && strcmp(node_string(call->node, "mode", "DCR"), "CRD") == 0;
    const struct shape *in = &call->in[0]->shape;
    int64_t b = node_int(call->node, "blocksize", 0), n, c, h, w;
    if (in->rank != 4 || b < 1 || b > 1024 ||
        (to_space ? in->dim[1] % (b * b) : in->dim[2] % b || in->dim[3] % b))
        return error_set(err, STATUS_USAGE, "a block size of %lld for this shape", (long long)b);
    n = in->dim[0];
    c = to_space ? in->dim[1] / (b * b) : in->dim[1];
    h = to_space ? in->dim[2] : in->dim[2] / b;
    w = to_space ? in->dim[3] : in->dim[3] / b;
    blocks->six = (struct shape){6, {n, c, h, b, w, b}};
    blocks->small = (struct shape){4, {n, c * b * b, h, w}};
    blocks->large = (struct shape){4, {n, c, h * b, w * b}};
    shape_strides(&blocks->six, blocks->large_strides);
    memset(blocks->small_strides, 0, sizeof blocks->small_strides);
    blocks->small_strides[0] = c * b * b * h * w;
    blocks->small_strides[1] = (crd ? b * b : 1) * h * w;
    blocks->small_strides[2] = w;
    blocks->small_strides[3] = (crd ? b : b * c) * h * w;
    blocks->small_strides[4] = 1;
    blocks->small_strides[5] = (crd ? 1 : c) * h * w;
    return STATUS_OK;
}

enum status infer_depth_space(struct op_call *call, struct error *err)
{
    int to_space = strcmp(call->node->op_type, "DepthToSpace") == 0;
    struct blocks blocks;
    TRY(op_arity(call, 1, 1, 1, err));
    TRY(blocks_make(call, &blocks, err));
    return op_out(call, 0, call->in[0]->type, to_space ? &blocks.large : &blocks.small, err);
}

enum status run_depth_space(struct op_call *call, struct error *err)
{
    int to_space = strcmp(call->node->op_type, "DepthToSpace") == 0;
    struct blocks blocks;
    TRY(blocks_make(call, &blocks, err));
    copy_strided(&blocks.six, element_size(call->in[0]->type), call->in[0]->data,
                 to_space ? blocks.small_strides : blocks.large_strides, call->out[0].data,
                 to_space ? blocks.large_strides : blocks.small_strides);
    return STATUS_OK;
}
