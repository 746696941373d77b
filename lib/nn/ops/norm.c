/* Normalisations: BatchNormalization, InstanceNormalization, GroupNormalization,
 * LayerNormalization, MeanVarianceNormalization, LRN. In f32; sums in f64. */
#include "nn/ops/op_internal.h"

#include <math.h>
#include <string.h>

static enum status check_float(const struct op_call *call, struct error *err)
{
    if (is_float(call->in[0]->type))
        return STATUS_OK;
    return error_set(err, STATUS_USAGE, "%s of %s", call->node->op_type,
                     element_name(call->in[0]->type));
}

static enum status check_count(const struct op_call *call, size_t input, int64_t count,
                               struct error *err)
{
    const struct tensor *in = op_in(call, input);
    if (!in || shape_count(&in->shape) == count)
        return STATUS_OK;
    return error_set(err, STATUS_USAGE, "input %zu has %lld elements, expected %lld", input,
                     (long long)shape_count(&in->shape), (long long)count);
}

/* mean and 1 / sqrt(variance + epsilon) of count elements, `step` apart. */
static void moments(const float *in, int64_t count, double epsilon, double *mean, double *scale)
{
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)in[i];
    *mean = count ? sum / (double)count : 0;
    for (int64_t i = 0; i < count; i++)
        squares += ((double)in[i] - *mean) * ((double)in[i] - *mean);
    *scale = 1 / sqrt((count ? squares / (double)count : 0) + epsilon);
}

/* --- BatchNormalization
 * --------------------------------------------------------------------------- */

enum { BATCH_NORM_INPUTS = 5 }; /* X scale B mean var */

/* Statistics of the batch itself: only what opset 14 and later say is supported. */
static int batch_training(const struct op_call *call)
{
    return call->opset >= 14 && node_int(call->node, "training_mode", 0) != 0;
}

/* The picture as N x channels x inner; before opset 9, spatial = 0 makes each element a channel. */
static void batch_layout(const struct op_call *call, int64_t *images, int64_t *channels,
                         int64_t *inner)
{
    const struct shape *shape = &call->in[0]->shape;
    int spatial = call->opset >= 9 || node_int(call->node, "spatial", 1) != 0;
    *images = shape->dim[0];
    *channels =
        spatial ? (shape->rank > 1 ? shape->dim[1] : 1) : shape_product(shape, 1, shape->rank);
    *inner = spatial ? shape_product(shape, 2, shape->rank) : 1;
}

enum status infer_batch_norm(struct op_call *call, struct error *err)
{
    int64_t images, channels, inner;
    struct shape shape = {1, {0}};
    TRY(op_arity(call, BATCH_NORM_INPUTS, BATCH_NORM_INPUTS, 5, err));
    TRY(check_float(call, err));
    if (call->in[0]->shape.rank < 1)
        return error_set(err, STATUS_USAGE, "BatchNormalization of a scalar");
    batch_layout(call, &images, &channels, &inner);
    for (size_t i = 1; i < BATCH_NORM_INPUTS; i++)
        TRY(check_count(call, i, channels, err));
    for (size_t i = 1; i < call->out_count; i++)
        if (!batch_training(call) && call->wanted && call->wanted[i])
            return error_set(err, STATUS_FAILED,
                             "statistics of the batch are computed only from opset 14 on, in "
                             "training mode");
    shape.dim[0] = channels;
    for (size_t i = 1; i < call->out_count; i++)
        TRY(op_out(call, i, call->in[3]->type, &shape, err));
    return op_out(call, 0, call->in[0]->type, &call->in[0]->shape, err);
}

/* Mean and variance of a channel over the batch. */
static void batch_moments(const float *in, int64_t images, int64_t step, int64_t inner,
                          double *mean, double *variance)
{
    double sum = 0, squares = 0, count = (double)images * (double)inner;
    for (int64_t n = 0; n < images; n++)
        for (int64_t i = 0; i < inner; i++)
            sum += (double)in[n * step + i];
    *mean = sum / count;
    for (int64_t n = 0; n < images; n++)
        for (int64_t i = 0; i < inner; i++) {
            double difference = (double)in[n * step + i] - *mean;
            squares += difference * difference;
        }
    *variance = squares / count;
}

/* Output i, element c: the running statistic moved towards that of the batch. */
static void put_running(struct op_call *call, size_t i, int64_t c, double batch)
{
    double momentum = (double)node_float(call->node, "momentum", 0.9F), value;
    if (i >= call->out_count || !call->out[i].data)
        return;
    value = op_real_at(call->in[i + 2], c) * momentum + batch * (1 - momentum);
    from_doubles(call->out[i].type, &value, 1,
                 (char *)call->out[i].data + (size_t)c * element_size(call->out[i].type));
}

enum status run_batch_norm(struct op_call *call, struct error *err)
{
    double epsilon = (double)node_float(call->node, "epsilon", 1e-5F);
    const float *x = op_floats(call, call->in[0]);
    float *y = op_floats_out(call, &call->out[0]);
    int64_t images, channels, inner;
    if (!x || !y)
        return error_memory(err);
    batch_layout(call, &images, &channels, &inner);
    for (int64_t c = 0; c < channels; c++) {
        double mean = op_real_at(call->in[3], c), variance = op_real_at(call->in[4], c);
        float scale, shift;
        if (batch_training(call)) {
            batch_moments(x + c * inner, images, channels * inner, inner, &mean, &variance);
            put_running(call, 1, c, mean);
            put_running(call, 2, c, variance);
        }
        scale = (float)(op_real_at(call->in[1], c) / sqrt(variance + epsilon));
        shift = (float)(op_real_at(call->in[2], c) - mean * (double)scale);
        for (int64_t n = 0; n < images; n++)
            for (int64_t i = 0; i < inner; i++) {
                int64_t at = (n * channels + c) * inner + i;
                y[at] = x[at] * scale + shift;
            }
    }
    op_floats_done(y, &call->out[0]);
    return STATUS_OK;
}

/* --- InstanceNormalization, GroupNormalization
 * -------------------------------------------------------- */

/* InstanceNormalization is a group for each channel. GroupNormalization's scale was per group
 * before opset 21. */
static int64_t groups_of(const struct op_call *call)
{
    const struct shape *shape = &call->in[0]->shape;
    return strcmp(call->node->op_type, "GroupNormalization") == 0
               ? node_int(call->node, "num_groups", 0)
               : shape->dim[1];
}

static int scale_per_group(const struct op_call *call)
{
    return strcmp(call->node->op_type, "GroupNormalization") == 0 && call->opset < 21;
}

enum status infer_channel_norm(struct op_call *call, struct error *err)
{
    const struct shape *shape;
    int64_t groups;
    TRY(op_arity(call, 3, 3, 1, err));
    TRY(check_float(call, err));
    shape = &call->in[0]->shape;
    if (shape->rank < 2)
        return error_set(err, STATUS_USAGE, "%s of %d dimensions", call->node->op_type,
                         shape->rank);
    groups = groups_of(call);
    if (shape->dim[1] && (groups < 1 || shape->dim[1] % groups))
        return error_set(err, STATUS_USAGE, "%lld channels in %lld groups",
                         (long long)shape->dim[1], (long long)groups);
    for (size_t i = 1; i < 3; i++)
        TRY(check_count(call, i, scale_per_group(call) ? groups : shape->dim[1], err));
    return op_out(call, 0, call->in[0]->type, shape, err);
}

enum status run_channel_norm(struct op_call *call, struct error *err)
{
    const struct shape *shape = &call->in[0]->shape;
    double epsilon = (double)node_float(call->node, "epsilon", 1e-5F);
    int64_t channels = shape->dim[1], inner = shape_product(shape, 2, shape->rank);
    int64_t groups = groups_of(call), per_group = groups ? channels / groups : 0;
    const float *x = op_floats(call, call->in[0]);
    float *y = op_floats_out(call, &call->out[0]);
    if (!x || !y)
        return error_memory(err);
    for (int64_t n = 0; n < shape->dim[0]; n++)
        for (int64_t g = 0; g < groups; g++) {
            int64_t first = g * per_group;
            const float *from = x + (n * channels + first) * inner;
            float *to = y + (n * channels + first) * inner;
            double mean, factor;
            moments(from, per_group * inner, epsilon, &mean, &factor);
            for (int64_t c = 0; c < per_group; c++) {
                int64_t parameter = scale_per_group(call) ? g : first + c;
                double scale = op_real_at(call->in[1], parameter) * factor;
                double shift = op_real_at(call->in[2], parameter) - mean * scale;
                for (int64_t i = c * inner; i < (c + 1) * inner; i++)
                    to[i] = (float)((double)from[i] * scale + shift);
            }
        }
    op_floats_done(y, &call->out[0]);
    return STATUS_OK;
}

/* --- LayerNormalization
 * --------------------------------------------------------------------------- */

enum status infer_layer_norm(struct op_call *call, struct error *err)
{
    struct shape shape, part = {0};
    int axis = 0;
    TRY(op_arity(call, 2, 3, 3, err));
    TRY(check_float(call, err));
    shape = call->in[0]->shape;
    TRY(op_axis(node_int(call->node, "axis", -1), shape.rank, &axis, err));
    for (int i = axis; i < shape.rank; i++)
        part.dim[part.rank++] = shape.dim[i];
    for (size_t i = 1; i < 3; i++)
        if (op_in(call, i)) {
            struct shape wide = call->in[i]->shape;
            TRY(shape_broadcast(&wide, &part, err));
            if (!shape_equal(&wide, &part))
                return error_set(err, STATUS_USAGE, "input %zu is larger than what is normalised",
                                 i);
        }
    TRY(op_out(call, 0, call->in[0]->type, &shape, err));
    for (int i = axis; i < shape.rank; i++)
        shape.dim[i] = 1;
    TRY(op_out(call, 1, ELEMENT_F32, &shape, err));
    return op_out(call, 2, ELEMENT_F32, &shape, err);
}

/* A parameter spread over the normalised part; NULL when memory is short. */
static const float *spread(struct op_call *call, size_t input, const struct shape *part)
{
    const struct tensor *tensor = call->in[input];
    const float *from = op_floats(call, tensor);
    int64_t strides[SHAPE_RANK_MAX] = {0}, own[SHAPE_RANK_MAX] = {0};
    float *to;
    if (shape_count(&tensor->shape) == shape_count(part))
        return from;
    to = op_scratch(call, shape_count(part), sizeof *to);
    shape_broadcast_strides(&tensor->shape, part, strides);
    shape_strides(part, own);
    if (from && to)
        copy_strided(part, sizeof *to, from, strides, to, own);
    return from ? to : NULL;
}

enum status run_layer_norm(struct op_call *call, struct error *err)
{
    const struct shape *shape = &call->in[0]->shape;
    double epsilon = (double)node_float(call->node, "epsilon", 1e-5F), mean, factor;
    struct shape part = {0};
    const float *x = op_floats(call, call->in[0]), *scale, *bias = NULL;
    float *y = op_floats_out(call, &call->out[0]);
    int64_t outer, length;
    int axis = 0;
    TRY(op_axis(node_int(call->node, "axis", -1), shape->rank, &axis, err));
    for (int i = axis; i < shape->rank; i++)
        part.dim[part.rank++] = shape->dim[i];
    outer = shape_product(shape, 0, axis);
    length = shape_count(&part);
    scale = spread(call, 1, &part);
    if (op_in(call, 2))
        bias = spread(call, 2, &part);
    if (!x || !y || !scale || (op_in(call, 2) && !bias))
        return error_memory(err);
    for (int64_t o = 0; o < outer; o++, x += length) {
        moments(x, length, epsilon, &mean, &factor);
        for (int64_t i = 0; i < length; i++)
            y[o * length + i] =
                (float)(((double)x[i] - mean) * factor) * scale[i] + (bias ? bias[i] : 0);
        if (call->out_count > 1 && call->out[1].data)
            ((float *)call->out[1].data)[o] = (float)mean;
        if (call->out_count > 2 && call->out[2].data)
            ((float *)call->out[2].data)[o] = (float)factor;
    }
    op_floats_done(y, &call->out[0]);
    return STATUS_OK;
}

/* --- MeanVarianceNormalization: (x - mean) / sqrt(variance) over the axes
 * ------------------------------- */

static enum status mvn_axes(const struct op_call *call, int flags[SHAPE_RANK_MAX],
                            struct error *err)
{
    static const int64_t usual[] = {0, 2, 3};
    struct op_list list;
    TRY(op_list(call, "axes", 1, &list, err));
    if (!list.given) {
        list.ints = usual;
        list.count = 3;
    }
    return op_axes(&list, call->in[0]->shape.rank, flags, err);
}

enum status infer_mvn(struct op_call *call, struct error *err)
{
    int flags[SHAPE_RANK_MAX];
    TRY(op_arity(call, 1, 1, 1, err));
    TRY(check_float(call, err));
    TRY(mvn_axes(call, flags, err));
    return op_out(call, 0, call->in[0]->type, &call->in[0]->shape, err);
}

enum status run_mvn(struct op_call *call, struct error *err)
{
    const struct shape *shape = &call->in[0]->shape;
    const float *x = op_floats(call, call->in[0]);
    float *y = op_floats_out(call, &call->out[0]);
    int64_t count = shape_count(shape), groups = 1, strides[SHAPE_RANK_MAX] = {0};
    int flags[SHAPE_RANK_MAX];
    double *sums, *squares, per_group;
    TRY(mvn_axes(call, flags, err));
    for (int i = shape->rank - 1; i >= 0; i--)
        if (!flags[i]) {
            strides[i] = groups;
            groups *= shape->dim[i];
        }
    sums = op_scratch(call, groups, sizeof *sums);
    squares = op_scratch(call, groups, sizeof *squares);
    if (!x || !y || !sums || !squares)
        return error_memory(err);
    per_group = groups ? (double)count / (double)groups : 0;
    for (int pass = 0; pass < 3 && count; pass++) {
        int64_t index[SHAPE_RANK_MAX] = {0}, i = 0;
        do {
            int64_t g = 0;
            for (int k = 0; k < shape->rank; k++)
                g += index[k] * strides[k];
            if (pass == 0)
                sums[g] += (double)x[i] / per_group;
            else if (pass == 1)
                squares[g] += ((double)x[i] - sums[g]) * ((double)x[i] - sums[g]) / per_group;
            else
                y[i] = (float)(((double)x[i] - sums[g]) / (sqrt(squares[g]) + 1e-9));
            i++;
        } while (shape_next(shape, 0, index));
    }
    op_floats_done(y, &call->out[0]);
    return STATUS_OK;
}

/* --- LRN: x / (bias + alpha / size * sum of squares over neighbouring channels) ^ beta
 * -------------------- */

enum status infer_lrn(struct op_call *call, struct error *err)
{
    TRY(op_arity(call, 1, 1, 1, err));
    TRY(check_float(call, err));
    if (call->in[0]->shape.rank < 2 || node_int(call->node, "size", 0) < 1)
        return error_set(err, STATUS_USAGE, "LRN of size %lld on %d dimensions",
                         (long long)node_int(call->node, "size", 0), call->in[0]->shape.rank);
    return op_out(call, 0, call->in[0]->type, &call->in[0]->shape, err);
}

enum status run_lrn(struct op_call *call, struct error *err)
{
    const struct shape *shape = &call->in[0]->shape;
    int64_t size = node_int(call->node, "size", 1), channels = shape->dim[1];
    int64_t before = (size - 1) / 2, after = size - 1 - before; /* channels on either side */
    float alpha = node_float(call->node, "alpha", 1e-4F) / (float)size;
    float beta = node_float(call->node, "beta", 0.75F), bias = node_float(call->node, "bias", 1);
    int64_t inner = shape_product(shape, 2, shape->rank);
    const float *x = op_floats(call, call->in[0]);
    float *y = op_floats_out(call, &call->out[0]);
    if (!x || !y)
        return error_memory(err);
    for (int64_t n = 0; n < shape->dim[0]; n++)
        for (int64_t c = 0; c < channels; c++) {
            int64_t low = before > c ? 0 : c - before;
            int64_t high = after > channels - 1 - c ? channels - 1 : c + after;
            const float *image = x + n * channels * inner;
            float *to = y + (n * channels + c) * inner;
            for (int64_t i = 0; i < inner; i++) {
                float squares = 0;
                for (int64_t k = low; k <= high; k++)
                    squares += image[k * inner + i] * image[k * inner + i];
                to[i] = image[c * inner + i] / powf(bias + alpha * squares, beta);
            }
        }
    op_floats_done(y, &call->out[0]);
    return STATUS_OK;
}
