/* Resize (and Upsample, its name before opset 10): nearest, linear or cubic, one axis after the
 * other. Method: onnx/reference/ops/op_resize.py. */
#include "nn/ops/op_internal.h"

#include <math.h>
#include <string.h>

enum mode { NEAREST, LINEAR, CUBIC };
enum coordinates {
    HALF_PIXEL,
    ALIGN_CORNERS,
    ASYMMETRIC,
    PYTORCH_HALF_PIXEL,
    HALF_PIXEL_SYMMETRIC,
    TF_HALF_PIXEL_FOR_NN,
    TF_CROP_AND_RESIZE
};
enum rounding { ROUND_PREFER_FLOOR, ROUND_PREFER_CEIL, FLOOR, CEIL };

struct resize {
    enum mode mode;
    enum coordinates coordinates;
    enum rounding rounding;
    int antialias, exclude_outside;
    double cubic_a, extrapolation;
    struct shape in, out;
    double scale[SHAPE_RANK_MAX];                      /* out / in, as given */
    double start[SHAPE_RANK_MAX], end[SHAPE_RANK_MAX]; /* of the region, for TF_CROP_AND_RESIZE */
};

static enum status choose(const char *what, const char *name, const char *const *names, int count,
                          int *result, struct error *err)
{
    for (*result = 0; *result < count; ++*result)
        if (strcmp(name, names[*result]) == 0)
            return STATUS_OK;
    return error_set(err, STATUS_USAGE, "%s '%s'", what, name);
}

/* Resize 10 and Upsample had no choice: asymmetric, and floor for the nearest. */
static enum status get_modes(const struct op_call *call, struct resize *resize, struct error *err)
{
    static const char *const modes[] = {"nearest", "linear", "cubic"};
    static const char *const coordinates[] = {
        "half_pixel",           "align_corners",        "asymmetric",        "pytorch_half_pixel",
        "half_pixel_symmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"};
    static const char *const roundings[] = {"round_prefer_floor", "round_prefer_ceil", "floor",
                                            "ceil"};
    int old = call->opset < 11, mode = 0, coordinate = 0, rounding = 0;
    const struct node *node = call->node;
    const char *name = node_string(node, "mode", "nearest");
    TRY(choose("mode", strcmp(name, "bilinear") == 0 ? "linear" : name, modes, 3, &mode, err));
    TRY(choose(
        "coordinate_transformation_mode",
        node_string(node, "coordinate_transformation_mode", old ? "asymmetric" : "half_pixel"),
        coordinates, 7, &coordinate, err));
    TRY(choose("nearest_mode",
               node_string(node, "nearest_mode", old ? "floor" : "round_prefer_floor"), roundings,
               4, &rounding, err));
    resize->mode = (enum mode)mode;
    resize->coordinates = (enum coordinates)coordinate;
    resize->rounding = (enum rounding)rounding;
    resize->antialias = node_int(node, "antialias", 0) != 0;
    resize->exclude_outside = node_int(node, "exclude_outside", 0) != 0;
    resize->cubic_a = (double)node_float(node, "cubic_coeff_a", -0.75F);
    resize->extrapolation = (double)node_float(node, "extrapolation_value", 0);
    return STATUS_OK;
}

/* The inputs: which axes, their region, and scales or sizes (the other is NULL). */
struct request {
    int count, axes[SHAPE_RANK_MAX];
    const struct tensor *region, *scales, *sizes;
    const struct attribute *scales_attribute; /* Upsample 7 */
};

static int is_given(const struct tensor *tensor)
{
    return tensor && shape_count(&tensor->shape) > 0;
}

static enum status get_request(const struct op_call *call, struct request *request,
                               struct error *err)
{
    int rank = call->in[0]->shape.rank, flags[SHAPE_RANK_MAX];
    struct op_list axes = {0};
    size_t count;
    memset(request, 0, sizeof *request);
    axes.ints = node_ints(call->node, "axes", &count);
    axes.count = (int64_t)count;
    TRY(op_axes(&axes, rank, flags, err));
    request->count = axes.ints ? (int)axes.count : rank;
    for (int i = 0; i < request->count; i++)
        request->axes[i] =
            !axes.ints ? i : (int)(axes.ints[i] < 0 ? axes.ints[i] + rank : axes.ints[i]);
    request->region = call->opset < 11 ? NULL : op_in(call, 1);
    request->scales = op_in(call, call->opset < 11 ? 1 : 2);
    request->sizes = call->opset < 11 ? NULL : op_in(call, 3);
    request->scales_attribute = node_attribute(call->node, "scales");
    if (is_given(request->sizes))
        request->scales = NULL;
    else
        request->sizes = NULL;
    for (int i = 0; i < 3; i++) {
        const struct tensor *list = i == 0   ? request->region
                                    : i == 1 ? request->scales
                                             : request->sizes;
        int64_t need = (int64_t)request->count * (i == 0 ? 2 : 1);
        if (is_given(list) && shape_count(&list->shape) != need)
            return error_set(err, STATUS_USAGE, "%lld numbers for %d axes",
                             (long long)shape_count(&list->shape), request->count);
        if (is_given(list))
            TRY(op_known(list, err));
    }
    return STATUS_OK;
}

static double requested_scale(const struct request *request, int i)
{
    if (is_given(request->scales))
        return op_real_at(request->scales, i);
    if (request->scales_attribute && request->scales_attribute->type == ATTRIBUTE_FLOATS &&
        request->scales_attribute->count == (size_t)request->count)
        return (double)request->scales_attribute->floats[i];
    return NAN;
}

/* From sizes, perhaps keeping the picture's proportions. */
static enum status apply_sizes(const struct op_call *call, const struct request *request,
                               struct resize *resize, struct error *err)
{
    const char *policy = node_string(call->node, "keep_aspect_ratio_policy", "stretch");
    int not_larger = strcmp(policy, "not_larger") == 0;
    int not_smaller = strcmp(policy, "not_smaller") == 0;
    double common = NAN;
    for (int i = 0; i < request->count; i++) {
        int axis = request->axes[i];
        int64_t size = op_int_at(request->sizes, i);
        double ratio = (double)size / (double)resize->in.dim[axis];
        if (size < 0 || (resize->in.dim[axis] == 0 && size > 0))
            return error_set(err, STATUS_USAGE, "a size of %lld", (long long)size);
        resize->out.dim[axis] = size;
        resize->scale[axis] = ratio;
        if (isnan(common) || (not_larger ? ratio < common : ratio > common))
            common = ratio;
    }
    for (int i = 0; (not_larger || not_smaller) && i < request->count; i++) {
        int axis = request->axes[i];
        resize->scale[axis] = common;
        resize->out.dim[axis] = real_to_int(floor(common * (double)resize->in.dim[axis] + 0.5));
    }
    return STATUS_OK;
}

static enum status resize_make(const struct op_call *call, struct resize *resize, struct error *err)
{
    struct request request;
    memset(resize, 0, sizeof *resize);
    TRY(get_modes(call, resize, err));
    TRY(get_request(call, &request, err));
    resize->in = resize->out = call->in[0]->shape;
    for (int i = 0; i < SHAPE_RANK_MAX; i++)
        resize->scale[i] = resize->end[i] = 1;
    for (int i = 0; is_given(request.region) && i < request.count; i++) {
        resize->start[request.axes[i]] = op_real_at(request.region, i);
        resize->end[request.axes[i]] = op_real_at(request.region, i + request.count);
    }
    if (request.sizes)
        TRY(apply_sizes(call, &request, resize, err));
    for (int i = 0; !request.sizes && i < request.count; i++) {
        int axis = request.axes[i];
        double scale = requested_scale(&request, i), length = (double)resize->in.dim[axis];
        if (!(scale > 0))
            return error_set(err, STATUS_USAGE, "a scale of %g, and no size", scale);
        if (resize->coordinates == TF_CROP_AND_RESIZE)
            length *= resize->end[axis] - resize->start[axis];
        resize->scale[axis] = scale;
        resize->out.dim[axis] = real_to_int(floor(length * scale));
    }
    for (int i = 0; i < resize->in.rank; i++)
        if (resize->out.dim[i] > 0 && (resize->scale[i] < 1e-6 || resize->in.dim[i] == 0))
            return error_set(err, STATUS_USAGE, "%lld elements become %lld",
                             (long long)resize->in.dim[i], (long long)resize->out.dim[i]);
    return STATUS_OK;
}

enum status infer_resize(struct op_call *call, struct error *err)
{
    struct resize resize;
    TRY(op_arity(call, 1, 4, 1, err));
    TRY(resize_make(call, &resize, err));
    return op_out(call, 0, call->in[0]->type, &resize.out, err);
}

/* Where place x of the result lies on the input. */
static double coordinate(const struct resize *resize, int axis, int64_t place)
{
    double x = (double)place, scale = resize->scale[axis];
    double in = (double)resize->in.dim[axis], out = (double)resize->out.dim[axis];
    double start = resize->start[axis], end = resize->end[axis];
    switch (resize->coordinates) {
    case ALIGN_CORNERS: /* the width before it was rounded, as the standard's tests have it */
        return scale * in > 1 ? x * (in - 1) / (scale * in - 1) : 0;
    case ASYMMETRIC:
        return x / scale;
    case PYTORCH_HALF_PIXEL:
        return out > 1 ? (x + 0.5) / scale - 0.5 : 0;
    case HALF_PIXEL_SYMMETRIC:
        return in / 2 * (1 - out / (scale * in)) + (x + 0.5) / scale - 0.5;
    case TF_HALF_PIXEL_FOR_NN:
        return (x + 0.5) / scale;
    case TF_CROP_AND_RESIZE:
        return out > 1 ? start * (in - 1) + x * (end - start) * (in - 1) / (out - 1)
                       : 0.5 * (start + end) * (in - 1);
    default:
        return (x + 0.5) / scale - 0.5;
    }
}

static int64_t clamp(double x, int64_t length)
{
    return x > 0 ? (x < (double)(length - 1) ? (int64_t)x : length - 1) : 0;
}

static double cubic(double x, double a)
{
    x = fabs(x);
    if (x <= 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/* Elements on each side of a place that count. Made smaller, an antialiasing filter is made wider.
 */
static int64_t half_width(const struct resize *resize, int axis)
{
    double radius = resize->mode == CUBIC ? 2 : 1;
    double scale = resize->antialias && resize->scale[axis] < 1 ? resize->scale[axis] : 1;
    return (int64_t)ceil(radius / scale);
}

/* The weights of the elements around place; *first is the first of them. 0: it lies outside
 * (extrapolate). */
static int find_weights(const struct resize *resize, int axis, int64_t place, int64_t *first,
                        double *weights)
{
    int64_t length = resize->in.dim[axis], half = half_width(resize, axis);
    double x = coordinate(resize, axis, place), sum = 0;
    double scale = resize->antialias && resize->scale[axis] < 1 ? resize->scale[axis] : 1;
    if (resize->coordinates == TF_CROP_AND_RESIZE && !(x >= 0 && x <= (double)(length - 1)))
        return 0;
    *first = real_to_int(floor(x)) - half + 1;
    for (int64_t i = 0; i < 2 * half; i++) {
        double distance = ((double)(*first + i) - x) * scale;
        double weight =
            resize->mode == CUBIC ? cubic(distance, resize->cubic_a) : fmax(0, 1 - fabs(distance));
        if (resize->exclude_outside && (*first + i < 0 || *first + i >= length))
            weight = 0;
        weights[i] = weight;
        sum += weight;
    }
    for (int64_t i = 0; i < 2 * half; i++)
        weights[i] /= sum;
    return 1;
}

/* One axis: in is outer x length x inner, out is outer x places x inner. */
static void resize_axis(const struct resize *resize, int axis, int64_t outer, int64_t inner,
                        double *weights, const float *in, float *out)
{
    int64_t length = resize->in.dim[axis], places = resize->out.dim[axis];
    int64_t width = 2 * half_width(resize, axis);
    for (int64_t place = 0; place < places; place++) {
        int64_t first = 0;
        int inside = find_weights(resize, axis, place, &first, weights);
        for (int64_t o = 0; o < outer; o++) {
            float *to = out + (o * places + place) * inner;
            for (int64_t i = 0; i < inner; i++)
                to[i] = inside ? 0 : (float)resize->extrapolation;
            for (int64_t k = 0; inside && k < width; k++) {
                int64_t at = first + k < 0 ? 0 : first + k >= length ? length - 1 : first + k;
                const float *from = in + (o * length + at) * inner, weight = (float)weights[k];
                for (int64_t i = 0; i < inner; i++)
                    to[i] += weight * from[i];
            }
        }
    }
}

static enum status run_filter(struct op_call *call, const struct resize *resize, struct error *err)
{
    struct shape shape = resize->in;
    const float *from = op_floats(call, call->in[0]);
    for (int axis = shape.rank - 1; axis >= 0; axis--) {
        double *weights;
        float *to;
        if (shape.dim[axis] == resize->out.dim[axis] && resize->scale[axis] == 1 &&
            resize->coordinates != TF_CROP_AND_RESIZE)
            continue;
        shape.dim[axis] = resize->out.dim[axis];
        weights = op_scratch(call, 2 * half_width(resize, axis), sizeof *weights);
        to = op_scratch(call, shape_count(&shape), sizeof *to);
        if (!from || !to || !weights)
            return error_memory(err);
        resize_axis(resize, axis, shape_product(&shape, 0, axis),
                    shape_product(&shape, axis + 1, shape.rank), weights, from, to);
        from = to;
    }
    if (!from)
        return error_memory(err);
    from_floats(call->out[0].type, from, shape_count(&shape), call->out[0].data);
    return STATUS_OK;
}

/* The element of the input that a place takes; -1 when it lies outside (extrapolate). */
static int64_t nearest(const struct resize *resize, int axis, int64_t place)
{
    double x = coordinate(resize, axis, place);
    int64_t length = resize->in.dim[axis];
    if (resize->coordinates == TF_CROP_AND_RESIZE && !(x >= 0 && x <= (double)(length - 1)))
        return -1;
    switch (resize->rounding) {
    case ROUND_PREFER_CEIL:
        return clamp(floor(x + 0.5), length);
    case FLOOR:
        return clamp(floor(x), length);
    case CEIL:
        return clamp(ceil(x), length);
    default:
        return clamp(ceil(x - 0.5), length);
    }
}

static enum status run_nearest(struct op_call *call, const struct resize *resize, struct error *err)
{
    size_t size = element_size(call->out[0].type);
    int64_t *table[SHAPE_RANK_MAX], strides[SHAPE_RANK_MAX] = {0}, index[SHAPE_RANK_MAX] = {0};
    const char *from = call->in[0]->data;
    char *to = call->out[0].data;
    unsigned char outside[sizeof(double)];
    from_doubles(call->out[0].type, &resize->extrapolation, 1, outside);
    shape_strides(&resize->in, strides);
    for (int axis = 0; axis < resize->in.rank; axis++) {
        table[axis] = op_scratch(call, resize->out.dim[axis], sizeof **table);
        if (!table[axis])
            return error_memory(err);
        for (int64_t i = 0; i < resize->out.dim[axis]; i++)
            table[axis][i] = nearest(resize, axis, i);
    }
    do {
        int64_t at = 0;
        for (int axis = 0; at >= 0 && axis < resize->in.rank; axis++) {
            int64_t i = table[axis][index[axis]];
            at = i < 0 ? -1 : at + i * strides[axis];
        }
        memcpy(to, at < 0 ? (const char *)outside : from + (size_t)at * size, size);
        to += size;
    } while (shape_next(&resize->out, 0, index));
    return STATUS_OK;
}

enum status run_resize(struct op_call *call, struct error *err)
{
    struct resize resize;
    TRY(resize_make(call, &resize, err));
    if (shape_count(&resize.out) == 0)
        return STATUS_OK;
    return resize.mode == NEAREST ? run_nearest(call, &resize, err)
                                  : run_filter(call, &resize, err);
}
