/* MaxPool (with indices), AveragePool, and the global ones. In f32 (f64 too). */
#include "nn/ops/op_internal.h"

#include <math.h>
#include <string.h>

static int is_max(const struct op_call *call)
{
    return strstr(call->node->op_type, "Max") != NULL;
}

enum status infer_pool(struct op_call *call, struct error *err)
{
    const struct tensor *in;
    struct window window;
    struct shape shape = {0};
    TRY(op_arity(call, 1, 1, is_max(call) ? 2 : 1, err));
    in = call->in[0];
    if (!is_float(in->type) && !(is_max(call) && element_size(in->type) == 1))
        return error_set(err, STATUS_USAGE, "%s of %s", call->node->op_type,
                         element_name(in->type));
    TRY(window_make(call, &in->shape, NULL, &window, err));
    window_shape(&window, in->shape.dim[0], in->shape.dim[1], &shape);
    TRY(op_out(call, 0, in->type, &shape, err));
    return op_out(call, 1, ELEMENT_I64, &shape, err);
}

/* One output element's window: the first element of the kernel and one after the last that lie on
 * the picture (on the padding too, for `padded`). */
static void reach(const struct window *w, int i, int64_t place, int padded, int64_t *low,
                  int64_t *high)
{
    int64_t start = place * w->stride[i] - w->before[i];
    int64_t end = w->in[i] + (padded ? w->after[i] : 0);
    *low = start >= 0 || padded ? 0 : (-start + w->dilation[i] - 1) / w->dilation[i];
    *high = start >= end ? 0 : (end - 1 - start) / w->dilation[i] + 1;
    *high = *high > w->kernel[i] ? w->kernel[i] : *high;
    *low = *low > *high ? *high : *low;
}

/* The maximum, or the sum, over the window at `at`; *where: the position of the maximum in the
 * picture. */
static float pool_one(const struct window *w, const float *in, const int64_t at[WINDOW_DIMS],
                      int max, int64_t *where)
{
    int64_t low[WINDOW_DIMS], high[WINDOW_DIMS], start[WINDOW_DIMS];
    float result = max ? -INFINITY : 0;
    *where = -1;
    for (int i = 0; i < WINDOW_DIMS; i++) {
        reach(w, i, at[i], 0, &low[i], &high[i]);
        start[i] = at[i] * w->stride[i] - w->before[i];
    }
    for (int64_t d = low[0]; d < high[0]; d++)
        for (int64_t h = low[1]; h < high[1]; h++)
            for (int64_t x = low[2]; x < high[2]; x++) {
                int64_t i =
                    ((start[0] + d * w->dilation[0]) * w->in[1] + start[1] + h * w->dilation[1]) *
                        w->in[2] +
                    start[2] + x * w->dilation[2];
                if (!max) {
                    result += in[i];
                } else if (*where < 0 || in[i] > result || isnan(in[i])) {
                    result = in[i];
                    *where = i;
                }
            }
    return result;
}

/* The number of elements that an average is over. */
static int64_t divisor(const struct window *w, const int64_t at[WINDOW_DIMS], int padded)
{
    int64_t count = 1;
    for (int i = 0; i < WINDOW_DIMS; i++) {
        int64_t low, high;
        reach(w, i, at[i], padded, &low, &high);
        count *= high - low;
    }
    return count;
}

/* storage_order 1: the position counted with the first spatial dimension fastest. */
static int64_t column_major(const struct window *w, int64_t i)
{
    int64_t x = i % w->in[2], h = i / w->in[2] % w->in[1], d = i / w->in[2] / w->in[1];
    return d + w->in[0] * (h + w->in[1] * x);
}

static void pool_plane(const struct op_call *call, const struct window *w, const float *in,
                       float *out, int64_t *indices, int64_t first)
{
    int max = is_max(call);
    int padded = node_int(call->node, "count_include_pad", 0) != 0;
    int by_column = node_int(call->node, "storage_order", 0) != 0;
    int64_t at[WINDOW_DIMS], where;
    for (at[0] = 0; at[0] < w->out[0]; at[0]++)
        for (at[1] = 0; at[1] < w->out[1]; at[1]++)
            for (at[2] = 0; at[2] < w->out[2]; at[2]++) {
                float value = pool_one(w, in, at, max, &where);
                int64_t count = max ? 1 : divisor(w, at, padded);
                *out++ = count ? value / (float)count : 0;
                if (indices)
                    *indices++ = first + (by_column && where >= 0 ? column_major(w, where) : where);
            }
}

enum status run_pool(struct op_call *call, struct error *err)
{
    const struct shape *shape = &call->in[0]->shape;
    struct window w;
    const float *in = op_floats(call, call->in[0]);
    float *out = op_floats_out(call, &call->out[0]);
    int64_t *indices = call->out_count > 1 ? call->out[1].data : NULL;
    int64_t planes = shape->dim[0] * shape->dim[1], in_size, out_size;
    TRY(window_make(call, shape, NULL, &w, err));
    if (!in || !out)
        return error_memory(err);
    in_size = w.in[0] * w.in[1] * w.in[2];
    out_size = w.out[0] * w.out[1] * w.out[2];
    for (int64_t p = 0; p < planes; p++)
        pool_plane(call, &w, in + p * in_size, out + p * out_size,
                   indices ? indices + p * out_size : NULL, p * in_size);
    op_floats_done(out, &call->out[0]);
    return STATUS_OK;
}

/* --- the global ones: over all of a picture, whatever its dimensions
 * ---------------------------------- */

enum status infer_global_pool(struct op_call *call, struct error *err)
{
    struct shape shape;
    TRY(op_arity(call, 1, 1, 1, err));
    shape = call->in[0]->shape;
    if (!is_float(call->in[0]->type) || shape.rank < 2)
        return error_set(err, STATUS_USAGE, "%s of %s of %d dimensions", call->node->op_type,
                         element_name(call->in[0]->type), shape.rank);
    for (int i = 2; i < shape.rank; i++)
        shape.dim[i] = 1;
    return op_out(call, 0, call->in[0]->type, &shape, err);
}

enum status run_global_pool(struct op_call *call, struct error *err)
{
    const struct shape *shape = &call->in[0]->shape;
    int64_t planes = shape->dim[0] * shape->dim[1], size = shape_product(shape, 2, shape->rank);
    const float *in = op_floats(call, call->in[0]);
    float *out = op_floats_out(call, &call->out[0]);
    if (!in || !out)
        return error_memory(err);
    for (int64_t p = 0; p < planes; p++, in += size) {
        double sum = 0;
        float most = -INFINITY;
        for (int64_t i = 0; i < size; i++) {
            sum += (double)in[i];
            most = in[i] > most || isnan(in[i]) ? in[i] : most;
        }
        out[p] = is_max(call) ? most : (float)(sum / (double)size);
    }
    op_floats_done(out, &call->out[0]);
    return STATUS_OK;
}
