/* Quantised numbers: QuantizeLinear, DequantizeLinear, QLinearConv, QLinearMatMul. A number q
 * stands for (q - zero point) * scale. Products are summed exactly, in i64. */
#include "nn/onnx_internal.h"
#include "nn/ops/op_internal.h"

#include <math.h>
#include <string.h>

static int is_quantised(enum element_type type)
{
    return type == ELEMENT_U8 || type == ELEMENT_I8 || type == ELEMENT_U16 || type == ELEMENT_I16;
}

/* round(value) + zero, to the nearest number of the type; halves to the even. */
static int64_t saturate(enum element_type type, double value, int64_t zero)
{
    int64_t low = type == ELEMENT_I8 ? INT8_MIN : type == ELEMENT_I16 ? INT16_MIN : 0;
    int64_t high = type == ELEMENT_U8    ? UINT8_MAX
                   : type == ELEMENT_I8  ? INT8_MAX
                   : type == ELEMENT_U16 ? UINT16_MAX
                                         : INT16_MAX;
    double result = rint(value) + (double)zero;
    return result <= (double)low ? low : result >= (double)high ? high : real_to_int(result);
}

/* --- QuantizeLinear, DequantizeLinear
 * ------------------------------------------------------------------ */

/* The input as outer x length x inner; a scale for all, for each of length, or for each block of
 * length. */
struct grain {
    int64_t outer, length, inner, block, blocks;
    int kind; /* 0: one scale; 1: per axis; 2: per block */
};

static enum status grain_make(const struct op_call *call, struct grain *grain, struct error *err)
{
    const struct shape *shape = &call->in[0]->shape, *scale = &call->in[1]->shape;
    int axis = 0;
    memset(grain, 0, sizeof *grain);
    grain->inner = shape_count(shape);
    grain->outer = grain->length = 1;
    if (shape_count(scale) == 1 && scale->rank <= 1)
        return STATUS_OK;
    TRY(op_axis(node_int(call->node, "axis", 1), shape->rank, &axis, err));
    grain->outer = shape_product(shape, 0, axis);
    grain->length = shape->dim[axis];
    grain->inner = shape_product(shape, axis + 1, shape->rank);
    grain->kind = scale->rank == 1 ? 1 : 2;
    if (scale->rank == 1 && scale->dim[0] == grain->length)
        return STATUS_OK;
    grain->block = node_int(call->node, "block_size", 0);
    if (scale->rank != shape->rank || grain->block < 1 || scale->dim[axis] < 1)
        return error_set(err, STATUS_USAGE, "scales that do not fit the input");
    grain->blocks = scale->dim[axis];
    for (int i = 0; i < shape->rank; i++)
        if (i == axis ? (shape->dim[i] - 1) / grain->block + 1 != scale->dim[i]
                      : shape->dim[i] != scale->dim[i])
            return error_set(err, STATUS_USAGE, "scales that do not fit the input");
    return STATUS_OK;
}

/* Which scale belongs to element (o, k, i). */
static int64_t scale_index(const struct grain *grain, int64_t o, int64_t k, int64_t i)
{
    if (grain->kind == 2)
        return (o * grain->blocks + k / grain->block) * grain->inner + i;
    return grain->kind ? k : 0;
}

static enum status check_zero(const struct op_call *call, struct error *err)
{
    const struct tensor *zero = op_in(call, 2);
    if (zero && shape_count(&zero->shape) != shape_count(&call->in[1]->shape))
        return error_set(err, STATUS_USAGE, "%lld zero points for %lld scales",
                         (long long)shape_count(&zero->shape),
                         (long long)shape_count(&call->in[1]->shape));
    return STATUS_OK;
}

enum status infer_quantize(struct op_call *call, struct error *err)
{
    struct grain grain;
    int64_t given;
    enum element_type type;
    TRY(op_arity(call, 2, 3, 1, err));
    given = node_int(call->node, "output_dtype", 0);
    type = op_in(call, 2) ? call->in[2]->type : given ? onnx_element_type(given) : ELEMENT_U8;
    if (!is_quantised(type))
        return error_set(err, STATUS_FAILED, "quantising to ONNX type %lld is not supported",
                         (long long)given);
    TRY(grain_make(call, &grain, err));
    TRY(check_zero(call, err));
    return op_out(call, 0, type, &call->in[0]->shape, err);
}

/* Element `at` with the scale given, and that scale's zero point. */
typedef void convert(const struct op_call *call, int64_t at, double scale, int64_t zero, void *to);

static enum status convert_all(struct op_call *call, convert *one, struct error *err)
{
    const struct tensor *zero = op_in(call, 2);
    const struct tensor *out = &call->out[0];
    struct grain grain;
    int64_t at = 0;
    TRY(grain_make(call, &grain, err));
    for (int64_t o = 0; o < grain.outer; o++)
        for (int64_t k = 0; k < grain.length; k++)
            for (int64_t i = 0; i < grain.inner; i++, at++) {
                int64_t s = scale_index(&grain, o, k, i);
                one(call, at, op_real_at(call->in[1], s), zero ? op_int_at(zero, s) : 0,
                    (char *)out->data + (size_t)at * element_size(out->type));
            }
    return STATUS_OK;
}

static void quantize(const struct op_call *call, int64_t at, double scale, int64_t zero, void *to)
{
    float scaled = (float)op_real_at(call->in[0], at) / (float)scale;
    int64_t result = saturate(call->out[0].type, (double)scaled, zero);
    from_ints(call->out[0].type, &result, 1, to);
}

enum status run_quantize(struct op_call *call, struct error *err)
{
    return convert_all(call, quantize, err);
}

enum status infer_dequantize(struct op_call *call, struct error *err)
{
    struct grain grain;
    enum element_type type;
    int64_t given;
    TRY(op_arity(call, 2, 3, 1, err));
    given = node_int(call->node, "output_dtype", 0);
    type = given ? onnx_element_type(given) : call->in[1]->type;
    if (!is_float(type) || (!is_quantised(call->in[0]->type) && call->in[0]->type != ELEMENT_I32))
        return error_set(err, STATUS_FAILED, "dequantising %s to %s is not supported",
                         element_name(call->in[0]->type), element_name(type));
    TRY(grain_make(call, &grain, err));
    TRY(check_zero(call, err));
    return op_out(call, 0, type, &call->in[0]->shape, err);
}

static void dequantize(const struct op_call *call, int64_t at, double scale, int64_t zero, void *to)
{
    double result = (double)(op_int_at(call->in[0], at) - zero) * scale;
    from_doubles(call->out[0].type, &result, 1, to);
}

enum status run_dequantize(struct op_call *call, struct error *err)
{
    return convert_all(call, dequantize, err);
}

/* --- what QLinearConv and QLinearMatMul share --- */

/* Inputs at, at + 1, at + 2: numbers, scale, zero point. */
static enum status check_triple(const struct op_call *call, size_t at, int64_t many,
                                struct error *err)
{
    int64_t scales = shape_count(&call->in[at + 1]->shape);
    int64_t zeros = shape_count(&call->in[at + 2]->shape);
    if (!is_quantised(call->in[at]->type) || call->in[at + 2]->type != call->in[at]->type ||
        !is_float(call->in[at + 1]->type))
        return error_set(err, STATUS_USAGE, "input %zu: numbers, scale and zero point do not fit",
                         at);
    if ((scales != 1 && scales != many) || (zeros != 1 && zeros != many))
        return error_set(err, STATUS_USAGE, "input %zu has %lld scales, expected 1 or %lld", at,
                         (long long)scales, (long long)many);
    return STATUS_OK;
}

/* Element i of a list that may have only one. */
static double scale_at(const struct tensor *list, int64_t i)
{
    return op_real_at(list, shape_count(&list->shape) == 1 ? 0 : i);
}

static int64_t zero_at(const struct tensor *list, int64_t i)
{
    return op_int_at(list, shape_count(&list->shape) == 1 ? 0 : i);
}

/* A tensor less its zero points, one for each `inner` elements in turn of `many`. */
static int64_t *centred(struct op_call *call, size_t at, int64_t many, int64_t inner)
{
    const struct tensor *tensor = call->in[at];
    int64_t count = shape_count(&tensor->shape);
    int64_t *ints = op_scratch(call, count, sizeof *ints);
    if (!ints)
        return NULL;
    to_ints(tensor->type, tensor->data, 1, count, ints);
    for (int64_t i = 0; i < count; i++)
        ints[i] -= zero_at(call->in[at + 2], i / inner % many);
    return ints;
}

static void put_result(struct tensor *out, int64_t at, double value, int64_t zero)
{
    int64_t result = saturate(out->type, value, zero);
    from_ints(out->type, &result, 1, (char *)out->data + (size_t)at * element_size(out->type));
}

/* --- QLinearConv
 * ---------------------------------------------------------------------------------------- */

enum { QCONV_X = 0, QCONV_W = 3, QCONV_Y_SCALE = 6, QCONV_Y_ZERO = 7, QCONV_BIAS = 8 };

enum status infer_qlinear_conv(struct op_call *call, struct error *err)
{
    struct window window;
    struct shape shape = {0};
    int64_t maps;
    TRY(op_arity(call, 8, 9, 1, err));
    TRY(conv_check(call, &call->in[QCONV_X]->shape, &call->in[QCONV_W]->shape, &window, err));
    maps = call->in[QCONV_W]->shape.dim[0];
    TRY(check_triple(call, QCONV_X, 1, err));
    TRY(check_triple(call, QCONV_W, maps, err));
    if (shape_count(&call->in[QCONV_Y_SCALE]->shape) != 1 ||
        shape_count(&call->in[QCONV_Y_ZERO]->shape) != 1 ||
        !is_quantised(call->in[QCONV_Y_ZERO]->type))
        return error_set(err, STATUS_USAGE, "one scale and zero point for the result are needed");
    if (op_in(call, QCONV_BIAS) && shape_count(&call->in[QCONV_BIAS]->shape) != maps)
        return error_set(err, STATUS_USAGE, "a bias that does not fit");
    window_shape(&window, call->in[QCONV_X]->shape.dim[0], maps, &shape);
    return op_out(call, 0, call->in[QCONV_Y_ZERO]->type, &shape, err);
}

/* The sum for one output element over the input channels of its group. */
static int64_t conv_sum(const struct window *w, const int64_t at[WINDOW_DIMS], int64_t channels,
                        const int64_t *in, const int64_t *weight)
{
    int64_t sum = 0, k[WINDOW_DIMS];
    for (int64_t c = 0; c < channels; c++, in += w->in[0] * w->in[1] * w->in[2])
        for (k[0] = 0; k[0] < w->kernel[0]; k[0]++)
            for (k[1] = 0; k[1] < w->kernel[1]; k[1]++)
                for (k[2] = 0; k[2] < w->kernel[2]; k[2]++, weight++) {
                    int64_t place = 0;
                    int inside = 1;
                    for (int i = 0; i < WINDOW_DIMS; i++) {
                        int64_t x = at[i] * w->stride[i] - w->before[i] + k[i] * w->dilation[i];
                        inside &= x >= 0 && x < w->in[i];
                        place = place * w->in[i] + x;
                    }
                    if (inside)
                        sum += *weight * in[place];
                }
    return sum;
}

enum status run_qlinear_conv(struct op_call *call, struct error *err)
{
    const struct shape *in = &call->in[QCONV_X]->shape, *weight = &call->in[QCONV_W]->shape;
    const struct tensor *bias = op_in(call, QCONV_BIAS);
    int64_t maps = weight->dim[0], groups = node_int(call->node, "group", 1), done = 0;
    int64_t per_map = shape_product(weight, 1, weight->rank), at[WINDOW_DIMS], *x, *w;
    struct window window;
    TRY(conv_check(call, in, weight, &window, err));
    x = centred(call, QCONV_X, 1, 1);
    w = centred(call, QCONV_W, maps, per_map ? per_map : 1);
    if (!x || !w)
        return error_memory(err);
    for (int64_t n = 0; n < in->dim[0]; n++)
        for (int64_t m = 0; m < maps; m++) {
            int64_t channel = m / (maps / groups) * weight->dim[1];
            const int64_t *image = x + (n * in->dim[1] + channel) * shape_product(in, 2, in->rank);
            double scale = op_real_at(call->in[QCONV_X + 1], 0) *
                           scale_at(call->in[QCONV_W + 1], m) /
                           op_real_at(call->in[QCONV_Y_SCALE], 0);
            for (at[0] = 0; at[0] < window.out[0]; at[0]++)
                for (at[1] = 0; at[1] < window.out[1]; at[1]++)
                    for (at[2] = 0; at[2] < window.out[2]; at[2]++) {
                        int64_t sum = conv_sum(&window, at, weight->dim[1], image, w + m * per_map);
                        if (bias)
                            sum += op_int_at(bias, m);
                        put_result(&call->out[0], done++, (double)sum * scale,
                                   op_int_at(call->in[QCONV_Y_ZERO], 0));
                    }
        }
    return STATUS_OK;
}

/* --- QLinearMatMul
 * --------------------------------------------------------------------------------------- */

enum { QMATMUL_A = 0, QMATMUL_B = 3, QMATMUL_Y_SCALE = 6, QMATMUL_Y_ZERO = 7 };

enum status infer_qlinear_matmul(struct op_call *call, struct error *err)
{
    struct matmul matmul;
    TRY(op_arity(call, 8, 8, 1, err));
    TRY(matmul_make(&call->in[QMATMUL_A]->shape, &call->in[QMATMUL_B]->shape, &matmul, err));
    TRY(check_triple(call, QMATMUL_A, matmul.m, err));
    TRY(check_triple(call, QMATMUL_B, matmul.n, err));
    if (shape_count(&call->in[QMATMUL_Y_SCALE]->shape) != 1 ||
        shape_count(&call->in[QMATMUL_Y_ZERO]->shape) != 1 ||
        !is_quantised(call->in[QMATMUL_Y_ZERO]->type))
        return error_set(err, STATUS_USAGE, "one scale and zero point for the result are needed");
    return op_out(call, 0, call->in[QMATMUL_Y_ZERO]->type, &matmul.out, err);
}

enum status run_qlinear_matmul(struct op_call *call, struct error *err)
{
    struct tensor *out = &call->out[0];
    int64_t count = shape_count(&out->shape), *a, *b, *c;
    struct matmul matmul;
    TRY(matmul_make(&call->in[QMATMUL_A]->shape, &call->in[QMATMUL_B]->shape, &matmul, err));
    a = centred(call, QMATMUL_A, matmul.m ? matmul.m : 1, matmul.k ? matmul.k : 1);
    b = centred(call, QMATMUL_B, matmul.n ? matmul.n : 1, 1);
    c = op_scratch(call, count, sizeof *c);
    if (!a || !b || !c)
        return error_memory(err);
    matmul_ints(&matmul, a, b, c);
    for (int64_t i = 0; i < count && matmul.m && matmul.n; i++) {
        double scale = scale_at(call->in[QMATMUL_A + 1], i / matmul.n % matmul.m) *
                       scale_at(call->in[QMATMUL_B + 1], i % matmul.n) /
                       op_real_at(call->in[QMATMUL_Y_SCALE], 0);
        put_result(out, i, (double)c[i] * scale, op_int_at(call->in[QMATMUL_Y_ZERO], 0));
    }
    return STATUS_OK;
}
