/* The engine against the reference operators: each case builds a small network with a pattern that
 * the engine folds, fuses or lays out in its own way, and runs it both ways. If a case fails, that
 * pattern gives wrong numbers. */
#include "nn/net.h"

#include "tests/nn/build.h"
#include "tests/tap.h"

#include <math.h>

/* ---- the cases: x is N x 8 x 9 x 11 unless the table says otherwise ---- */

static int conv_bn_relu(int x)
{
    return one("Relu", batchnorm(conv(x, 8, 20, 3, 1, 1, 1, 1), 20));
}
static int conv_mul_add_clip(int x)
{
    int y = two("Mul", conv(x, 8, 17, 1, 1, 0, 1, 0), constant(3, 17, 1, 1, 0));
    return clip(two("Add", y, constant(4, 1, 17, 1, 1)), 0, 6);
}
static int conv_sub_div(int x)
{
    return two("Div", two("Sub", conv(x, 8, 5, 3, 2, 1, 1, 1), constant(3, 5, 1, 1, 0)), scalar(3));
}
static int constant_minus_conv(int x)
{
    return two("Sub", constant(3, 5, 1, 1, 0), conv(x, 8, 5, 3, 2, 1, 1, 1));
}
static int mul_before_conv(int x)
{
    return conv(two("Mul", x, constant(4, 1, 8, 1, 1)), 8, 6, 3, 1, 1, 2, 1);
}
static int residual_relu(int x)
{
    int y = one("Relu", conv(x, 8, 8, 1, 1, 0, 1, 1));
    return one("Relu", two("Add", conv(y, 8, 8, 3, 1, 1, 1, 1), x));
}
static int residual_first(int x) /* the other side is made after the convolution */
{
    int y = conv(x, 8, 8, 3, 1, 1, 1, 1);
    return one("Sigmoid", two("Add", y, one("Tanh", x)));
}
static int residual_both(int x)
{
    return one("Relu", two("Add", conv(x, 8, 40, 3, 1, 1, 1, 1), conv(x, 8, 40, 1, 1, 0, 1, 0)));
}
static int residual_deep(int x) /* K in several blocks: the residual must be added once */
{
    int y = conv(x, 8, 96, 3, 1, 1, 1, 1);
    return two("Add", conv(y, 96, 96, 3, 1, 1, 1, 1), y);
}
static int residual_used_twice(int x)
{
    int y = conv(x, 8, 8, 3, 1, 1, 1, 1);
    return two("Mul", two("Add", y, x), y);
}
static int activation_then_add(int x)
{
    return two("Add", one("Relu", conv(x, 8, 8, 3, 1, 1, 1, 1)), x);
}
static int swish(int x)
{
    int y = conv(x, 8, 16, 3, 1, 1, 1, 1);
    return two("Mul", one("Sigmoid", y), y);
}
static int hard_swish_written_out(int x)
{
    int y = conv(x, 8, 16, 1, 1, 0, 1, 1);
    return two("Div", two("Mul", y, clip(two("Add", y, scalar(3)), 0, 6)), scalar(6));
}
static int hard_swish_other_way(int x)
{
    int y = conv(x, 8, 16, 1, 1, 0, 1, 1);
    return two("Mul", two("Div", clip(two("Add", y, scalar(3)), 0, 6), scalar(6)), y);
}
static int almost_hard_swish(int x)
{
    int y = conv(x, 8, 16, 1, 1, 0, 1, 1);
    return two("Div", two("Mul", y, clip(two("Add", y, scalar(2)), 0, 6)), scalar(6));
}
static int hard_sigmoid_gate(int x)
{
    int y = one("HardSigmoid", x);
    model_attribute_float(model, "alpha", 1.0F / 6);
    model_attribute_float(model, "beta", 0.5F);
    return two("Mul", x, y);
}
static int squeeze_excite(int x)
{
    int y = conv(x, 8, 24, 3, 1, 1, 1, 1);
    int s = conv(one("Relu", conv(one("GlobalAveragePool", y), 24, 6, 1, 1, 0, 1, 1)), 6, 24, 1, 1,
                 0, 1, 1);
    return two("Mul", y, one("Sigmoid", s));
}
static int pad_conv(int x)
{
    return conv(two("Pad", x, INTEGERS(0, 0, 1, 2, 0, 0, 0, 1)), 8, 5, 3, 2, 0, 1, 1);
}
static int pad_average(int x)
{
    return pool("AveragePool", two("Pad", x, INTEGERS(0, 0, 1, 0, 0, 0, 0, 1)), 3, 2, 0);
}
static int pad_max(int x) /* zeros of a Pad are no maximum's padding */
{
    return pool("MaxPool", two("Pad", x, INTEGERS(0, 0, 1, 1, 0, 0, 1, 1)), 3, 2, 0);
}
static int depthwise(int x)
{
    return clip(conv(conv(x, 8, 8, 3, 1, 1, 8, 1), 8, 8, 5, 2, 2, 8, 0), 0, 6);
}
static int depthwise_residual(int x)
{
    return two("Add", conv(x, 8, 8, 3, 1, 1, 8, 1), x);
}
static int grouped(int x)
{
    return one("Relu", conv(x, 8, 12, 3, 1, 1, 4, 1));
}
static int dilated(int x)
{
    int y = node("Conv", x, constant(4, 4, 8, 3, 3), -1);
    INTS("dilations", 2, 3);
    INTS("pads", 2, 3, 1, 2);
    return y;
}
static int same_pads(int x)
{
    int y = node("Conv", x, constant(4, 4, 8, 4, 2), -1);
    INTS("strides", 2, 2);
    model_attribute_string(model, "auto_pad", "SAME_LOWER");
    y = one("MaxPool", y);
    INTS("kernel_shape", 2, 2);
    model_attribute_string(model, "auto_pad", "SAME_UPPER");
    return y;
}
static int ceil_pool(int x)
{
    int y = pool("MaxPool", x, 3, 2, 0);
    model_attribute_int(model, "ceil_mode", 1);
    y = pool("AveragePool", y, 3, 2, 1);
    model_attribute_int(model, "ceil_mode", 1);
    model_attribute_int(model, "count_include_pad", 1);
    return y;
}
static int average_pool(int x)
{
    return pool("AveragePool", x, 3, 1, 1);
}
static int nhwc_graph(int x) /* as tf2onnx writes it */
{
    int y = one("Relu", conv(transpose(x, 0, 3, 1, 2), 3, 8, 3, 2, 1, 1, 1));
    return transpose(y, 0, 2, 3, 1);
}
static int dense_block(int x)
{
    int y = conv(one("Relu", batchnorm(x, 8)), 8, 5, 3, 1, 1, 1, 0), inputs[3] = {x, y, x},
        out = fresh();
    model_add_node(model, "Concat", "concat", inputs, 3, &out, 1);
    model_attribute_int(model, "axis", 1);
    return one("Relu", batchnorm(out, 21));
}
static int concat_rows(int x)
{
    int y = conv(x, 8, 8, 1, 1, 0, 1, 1), inputs[2] = {y, x}, out = fresh();
    model_add_node(model, "Concat", "concat", inputs, 2, &out, 1);
    model_attribute_int(model, "axis", -2);
    return out;
}
static int channel_shuffle(int x)
{
    int y = conv(x, 8, 8, 1, 1, 0, 2, 1);
    y = two("Reshape", y, INTEGERS(0, 2, 4, 9, 11));
    y = one("Transpose", y);
    INTS("perm", 0, 2, 1, 3, 4);
    return conv(two("Reshape", y, INTEGERS(0, 8, 9, 11)), 8, 8, 3, 1, 1, 8, 1);
}
static int classifier(int x)
{
    int y = node("Gemm", one("Flatten", pool("MaxPool", conv(x, 8, 6, 3, 1, 1, 1, 1), 3, 3, 0)),
                 constant(2, 10, 54, 0, 0), constant(1, 10, 0, 0, 0));
    model_attribute_int(model, "transB", 1);
    model_attribute_float(model, "alpha", 0.5F);
    model_attribute_float(model, "beta", 2);
    y = two("Add", two("MatMul", one("Relu", y), constant(2, 10, 7, 0, 0)),
            constant(1, 7, 0, 0, 0));
    return one("Softmax", y);
}
static int gemm_batchnorm(int x)
{
    int y = two("Gemm", one("Flatten", one("GlobalMaxPool", x)), constant(2, 8, 20, 0, 0));
    return one("Relu", batchnorm(y, 20));
}
static int lrn(int x)
{
    int y = one("LRN", conv(x, 8, 12, 1, 1, 0, 1, 1));
    model_attribute_int(model, "size", 4);
    model_attribute_float(model, "alpha", 0.7F);
    model_attribute_float(model, "beta", 0.6F);
    model_attribute_float(model, "bias", 1.5F);
    return y;
}
static int softmax_of_pictures(int x)
{
    int y = one("Softmax", conv(x, 8, 12, 1, 1, 0, 1, 1));
    model_attribute_int(model, "axis", 1);
    return y;
}
static int nothing(int x)
{
    return one("Identity", one("Dropout", one("Identity", x)));
}
static int prelu(int x)
{
    return two("PRelu", conv(x, 8, 12, 1, 1, 0, 1, 1), constant(3, 12, 1, 1, 0));
}
static int plane_add(int x) /* a constant that differs from pixel to pixel, in ONNX's layout */
{
    return two("Add", conv(x, 8, 8, 1, 1, 0, 1, 1), constant(3, 8, 9, 11, 0));
}
static int row_mul(int x)
{
    return two("Mul", two("Mul", conv(x, 8, 8, 1, 1, 0, 1, 1), constant(1, 11, 0, 0, 0)),
               constant(4, 1, 1, 9, 1));
}
static int pooled_mean(int x)
{
    int y = one("ReduceMean", conv(x, 8, 8, 3, 1, 1, 1, 1));
    INTS("axes", 2, 3);
    model_attribute_int(model, "keepdims", 0);
    return y;
}
static int sliced_shortcut(int x) /* CIFAR's ResNet, option A */
{
    int inputs[5] = {x, INTEGERS(0, 0), INTEGERS(9, 11), INTEGERS(2, 3), INTEGERS(2, 2)},
        out = fresh();
    model_add_node(model, "Slice", "slice", inputs, 5, &out, 1);
    out = two("Pad", out, INTEGERS(0, 4, 0, 0, 0, 4, 0, 0));
    return one("Relu", two("Add", conv(x, 8, 16, 3, 2, 1, 1, 1), out));
}
static int dynamic_flatten(int x) /* PyTorch's view(x.size(0), -1) */
{
    int y = conv(x, 8, 4, 3, 1, 0, 1, 1), n = two("Gather", one("Shape", y), INTEGERS(0)),
        inputs[2], out = fresh();
    inputs[0] = n;
    inputs[1] = INTEGERS(-1);
    model_add_node(model, "Concat", "concat", inputs, 2, &out, 1);
    model_attribute_int(model, "axis", 0);
    return two("Reshape", y, out);
}
static int many_names(int x) /* the plan's list of places has to grow while a name is added to it */
{
    int y = x;
    for (int i = 0; i < 65; i++)
        y = two("Reshape", two("Reshape", y, INTEGERS(0, 99, 8)), INTEGERS(0, 12, 66));
    return one("Tanh", y);
}
static int exp_of_pictures(int x)
{
    return one("Sqrt", one("Exp", conv(x, 8, 8, 1, 1, 0, 1, 1)));
}
static int leaky(int x)
{
    int y = one("LeakyRelu", conv(x, 8, 8, 1, 1, 0, 1, 1));
    model_attribute_float(model, "alpha", 0.2F);
    return one("HardSwish", y);
}
enum { F16 = 10, F32 = 1, F64 = 11 }; /* ONNX's numbers */

static int cast(int x, int64_t type)
{
    int y = one("Cast", x);
    model_attribute_int(model, "to", type);
    return y;
}
/* What would be fused has no kernel for these types. */
static int half_swish(int x)
{
    int y = cast(x, F16);
    return cast(two("Mul", y, one("Sigmoid", y)), F32);
}
static int half_sum_relu(int x)
{
    int y = cast(x, F16);
    return cast(one("Relu", two("Add", y, one("Tanh", y))), F32);
}
static int double_clip(int x)
{
    int y = cast(x, F64);
    return cast(one("LeakyRelu", two("Sub", y, cast(scalar(1), F64))), F32);
}
static int half_padded_pool(int x)
{
    int y = two("Pad", cast(x, F16), INTEGERS(0, 0, 1, 1, 0, 0, 1, 1));
    return cast(pool("AveragePool", y, 3, 2, 0), F32);
}
static int half_conv(int x)
{
    int y = two("Conv", cast(x, F16), cast(constant(4, 6, 8, 3, 3), F16));
    return cast(one("Relu", y), F32);
}
static int half_weights(int x)
{
    return one("Relu", two("Conv", x, cast(cast(constant(4, 6, 8, 3, 3), F16), F32)));
}
static int input_itself(int x)
{
    return x;
}

/* ---- functions of one variable, and those written out ---- */

static int many_functions(int x)
{
    static const char *const names[] = {"Elu", "Selu",  "Softplus", "Mish", "Erf",  "Ceil",
                                        "Abs", "Floor", "Neg",      "Exp",  "Gelu", "HardSigmoid"};
    int sum = x;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        sum = two("Add", sum, one(names[i], two("Mul", x, scalar((float)i - 5))));
    return two("Add", sum, one("Sqrt", one("Abs", x)));
}
static int powers(int x)
{
    int y = two("Pow", x, scalar(2));
    y = two("Mul", y, two("Pow", x, scalar(3)));
    return two("Sub", y, two("Pow", one("Abs", x), scalar(0.4F)));
}
static int reciprocal(int x)
{
    return one("Reciprocal", two("Add", one("Abs", x), scalar(0.5F)));
}
static int negative_integers(int x) /* of a type that no kernel takes */
{
    int y = one("Cast", x);
    model_attribute_int(model, "to", 6);
    y = one("Neg", two("Sub", y, y));
    y = one("Cast", y);
    model_attribute_int(model, "to", 1);
    return two("Add", x, y);
}
static int half_the_rows(int x) /* a size computed as PyTorch does it: floor(rows * 0.5) */
{
    int size = one("Shape", x), y;
    y = two("Gather", size, INTEGERS(2));
    y = one("Cast", y);
    model_attribute_int(model, "to", 1);
    y = one("Floor", two("Mul", y, scalar(0.5F)));
    y = one("Cast", y);
    model_attribute_int(model, "to", 7);
    {
        int inputs[4] = {x, INTEGERS(0), y, INTEGERS(2)}, out = fresh();
        model_add_node(model, "Slice", "slice", inputs, 4, &out, 1);
        return out;
    }
}
static int mish_written_out(int x)
{
    int y = conv(x, 8, 16, 3, 1, 1, 1, 1);
    return two("Mul", y, one("Tanh", one("Softplus", y)));
}
static int erf_gate(int y)
{
    return two("Add", one("Erf", two("Div", y, scalar(1.41421356F))), scalar(1));
}
static int gelu_of_pytorch(int x)
{
    int y = conv(x, 8, 16, 3, 1, 1, 1, 1);
    return two("Mul", two("Mul", y, erf_gate(y)), scalar(0.5F));
}
static int gelu_other_ways(int x)
{
    int gate = two("Add", scalar(1), one("Erf", two("Mul", scalar(0.70710678F), x)));
    int y = two("Mul", gate, two("Mul", scalar(0.5F), x));
    return two("Mul", y, two("Mul", scalar(0.5F), erf_gate(y)));
}
static int almost_gelu(int x)
{
    int y = two("Mul", two("Mul", x, erf_gate(x)), scalar(0.4F));
    return two("Mul", two("Mul", y, erf_gate(x)), scalar(0.5F));
}
static int tanh_gate(int y, int cube)
{
    cube = two("Mul", scalar(0.044715F), cube);
    cube = two("Mul", scalar(0.79788456F), two("Add", y, cube));
    return two("Add", one("Tanh", cube), scalar(1));
}
static int gelu_by_tanh(int x)
{
    int y = two("Mul", two("Mul", x, scalar(0.5F)), tanh_gate(x, two("Pow", x, scalar(3))));
    int z = two("Mul", y, two("Mul", y, y));
    return two("Mul", scalar(0.5F), two("Mul", y, tanh_gate(y, z)));
}

/* ---- normalisations ---- */

static int layer_norm(int x)
{
    int y = node("LayerNormalization", x, constant(1, 11, 0, 0, 0), constant(1, 11, 0, 0, 0));
    y = two("LayerNormalization", y, constant(2, 9, 11, 0, 0));
    model_attribute_int(model, "axis", 2);
    y = two("LayerNormalization", y, constant(1, 11, 0, 0, 0)); /* a scale to be repeated */
    model_attribute_int(model, "axis", -2);
    return y;
}
static int last_mean(int x)
{
    int y = one("ReduceMean", x);
    INTS("axes", -1);
    return y;
}
static int centred_over(int x, int *difference)
{
    int d = two("Sub", x, last_mean(x)), variance = last_mean(two("Pow", d, scalar(2)));
    *difference = d;
    return two("Div", d, one("Sqrt", two("Add", variance, scalar(1e-5F))));
}
static int layer_norm_written_out(int x)
{
    int d, y = two("Mul", centred_over(x, &d), constant(1, 11, 0, 0, 0));
    y = two("Add", constant(1, 11, 0, 0, 0), y);
    return centred_over(y, &d);
}
static int layer_norm_shared(int x) /* the difference is read by others too */
{
    int d, y = centred_over(x, &d);
    return two("Add", two("Mul", y, constant(1, 11, 0, 0, 0)), d);
}
static int channel_norms(int x)
{
    int y = node("InstanceNormalization", x, constant(1, 8, 0, 0, 0), constant(1, 8, 0, 0, 0));
    y = node("GroupNormalization", y, constant(1, 4, 0, 0, 0), constant(1, 4, 0, 0, 0));
    model_attribute_int(model, "num_groups", 4);
    y = node("GroupNormalization", y, constant(1, 8, 0, 0, 0), constant(1, 8, 0, 0, 0));
    model_attribute_int(model, "num_groups", 8);
    return y;
}

/* ---- products, reductions ---- */

static int attention(int x) /* 8 heads of 9 tokens of 11 */
{
    int y = two("Mul", two("MatMul", x, transpose(x, 0, 1, 3, 2)), scalar(0.3F));
    y = one("Softmax", y);
    model_attribute_int(model, "axis", -1);
    return one("Relu", two("MatMul", y, x));
}
static int product_shared_sides(int x) /* a matrix for all heads, and a stack for all pictures */
{
    int one_head = one("ReduceSum", x), stack = constant(3, 8, 9, 5, 0), turned;
    INTS("axes", 1);
    turned = transpose(one_head, 0, 1, 3, 2);
    return two("Add", two("MatMul", two("MatMul", x, turned), stack),
               two("MatMul", two("MatMul", one_head, transpose(x, 0, 1, 3, 2)), stack));
}
static int product_transposed_twice_read(int x)
{
    int y = transpose(x, 0, 1, 3, 2);
    return two("MatMul", two("MatMul", x, y), transpose(y, 0, 1, 3, 2));
}
static int product_otherwise_transposed(int x)
{
    return two("MatMul", transpose(x, 0, 2, 1, 3), transpose(x, 0, 2, 3, 1));
}
static int reduction(const char *op, int x, int64_t axis, int64_t other)
{
    int y = one(op, x);
    INTS("axes", axis, other);
    return y;
}
static int reductions(int x)
{
    int y = reduction("ReduceMean", x, 1, 2), z = reduction("ReduceMax", x, 1, 3);
    y = two("Add", y, reduction("ReduceMin", x, -1, 2));
    y = two("Mul", y, reduction("ReduceSum", z, 0, 2));
    y = two("Add", y, reduction("ReduceMax", x, 1, 2));
    return two("Add", y, two("Mul", one("ReduceMean", x), last_mean(x)));
}
static int reduced_after_conv(int x) /* the spatial attention of CBAM */
{
    int y = conv(x, 8, 8, 3, 1, 1, 1, 1), mean = one("ReduceMean", y), most, inputs[2], out;
    INTS("axes", 1);
    most = one("ReduceMax", y);
    INTS("axes", 1);
    inputs[0] = mean, inputs[1] = most;
    out = fresh();
    model_add_node(model, "Concat", "concat", inputs, 2, &out, 1);
    model_attribute_int(model, "axis", 1);
    return two("Mul", y, one("Sigmoid", conv(out, 2, 1, 3, 1, 1, 1, 1)));
}
static int windows(int x) /* as Swin cuts them */
{
    int y = two("Reshape", transpose(x, 0, 2, 3, 1), INTEGERS(0, 3, 3, 11, 2, 4)), inputs[2],
        out = fresh();
    inputs[0] = one("Transpose", y);
    INTS("perm", 0, 4, 2, 1, 5, 3);
    inputs[1] = one("Transpose", y);
    INTS("perm", 0, 4, 2, 1, 5, 3);
    model_add_node(model, "Concat", "concat", inputs, 2, &out, 1);
    model_attribute_int(model, "axis", 3);
    return out;
}

static const struct {
    const char *name;
    int (*build)(int x);
    struct shape input;
} cases[] = {
#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name,                                                                               \
        {                                                                                          \
            4,                                                                                     \
            {                                                                                      \
                2, 8, 9, 11                                                                        \
            }                                                                                      \
        }                                                                                          \
    }
    CASE(conv_bn_relu),
    CASE(conv_mul_add_clip),
    CASE(conv_sub_div),
    CASE(constant_minus_conv),
    CASE(mul_before_conv),
    CASE(residual_relu),
    CASE(residual_first),
    CASE(residual_both),
    CASE(residual_deep),
    CASE(residual_used_twice),
    CASE(activation_then_add),
    CASE(swish),
    CASE(hard_swish_written_out),
    CASE(hard_swish_other_way),
    CASE(almost_hard_swish),
    CASE(hard_sigmoid_gate),
    CASE(squeeze_excite),
    CASE(pad_conv),
    CASE(pad_average),
    CASE(pad_max),
    CASE(depthwise),
    CASE(depthwise_residual),
    CASE(grouped),
    CASE(dilated),
    CASE(same_pads),
    CASE(ceil_pool),
    CASE(average_pool),
    {"nhwc_graph", nhwc_graph, {4, {2, 13, 12, 3}}},
    CASE(dense_block),
    CASE(concat_rows),
    CASE(channel_shuffle),
    CASE(classifier),
    CASE(gemm_batchnorm),
    CASE(lrn),
    CASE(softmax_of_pictures),
    CASE(nothing),
    CASE(prelu),
    CASE(plane_add),
    CASE(row_mul),
    CASE(pooled_mean),
    CASE(sliced_shortcut),
    CASE(dynamic_flatten),
    CASE(many_names),
    CASE(exp_of_pictures),
    CASE(leaky),
    CASE(half_swish),
    CASE(half_sum_relu),
    CASE(double_clip),
    CASE(half_padded_pool),
    CASE(half_conv),
    CASE(half_weights),
    CASE(input_itself),
    CASE(many_functions),
    CASE(powers),
    CASE(reciprocal),
    CASE(negative_integers),
    CASE(half_the_rows),
    CASE(mish_written_out),
    CASE(gelu_of_pytorch),
    CASE(gelu_other_ways),
    CASE(almost_gelu),
    CASE(gelu_by_tanh),
    CASE(layer_norm),
    CASE(layer_norm_written_out),
    CASE(layer_norm_shared),
    CASE(channel_norms),
    CASE(attention),
    CASE(product_shared_sides),
    CASE(product_transposed_twice_read),
    CASE(product_otherwise_transposed),
    CASE(reductions),
    CASE(reduced_after_conv),
    CASE(windows),
};

/* ---- running ---- */

/* The first output's elements in fresh memory; NULL and a message when it fails. */
static float *run_once(int reference, const struct tensor *input, struct shape *shape)
{
    struct error err;
    struct net_options options = {.reference = reference};
    struct net *net = NULL;
    struct session *session = NULL;
    struct tensor outputs[4];
    float *copy = NULL;
    if (net_new(model, &options, &net, &err) != STATUS_OK ||
        session_new(net, &session, &err) != STATUS_OK ||
        session_run(session, input, 1, outputs, &err) != STATUS_OK) {
        printf("# %s: %s\n", reference ? "reference" : "engine", err.text);
    } else {
        *shape = outputs[0].shape;
        copy = memory_array((size_t)shape_count(shape) + 1, sizeof *copy);
        memcpy(copy, outputs[0].data, (size_t)shape_count(shape) * sizeof *copy);
    }
    session_free(session);
    net_free(net);
    return copy;
}

static void compare(const char *name, const struct tensor *input)
{
    struct shape shape[2] = {{0, {0}}, {0, {0}}};
    float *expected = run_once(1, input, &shape[0]), *got = run_once(0, input, &shape[1]);
    double worst = 0;
    if (!expected || !got || !shape_equal(&shape[0], &shape[1])) {
        char text[2][SHAPE_TEXT];
        ok(0, "%s", name);
        printf("#   shapes %s, expected %s\n", shape_format(&shape[1], text[1]),
               shape_format(&shape[0], text[0]));
    } else {
        double largest = 1;
        for (int64_t i = 0; i < shape_count(&shape[0]); i++) {
            double error = fabs((double)got[i] - expected[i]);
            worst = error > worst || isnan(error) ? error : worst;
            largest = fmax(largest, fabs(expected[i]));
        }
        worst /= largest;
        ok(worst < 3e-6, "%s (largest error %.2g)", name, worst);
    }
    free(expected);
    free(got);
}

static void test_case(size_t i)
{
    struct tensor input = random_tensor(&cases[i].input);
    struct shape open = cases[i].input;
    int x;
    new_model();
    open.dim[0] = -1;
    x = model_add_input(model, "x", ELEMENT_F32, &open);
    model_add_output(model, cases[i].build(x));
    compare(cases[i].name, &input);
    model_free(model);
    free(input.data);
}

/* A session keeps working when the batch changes, and when it changes back. */
static void test_batches(void)
{
    struct shape shape = {4, {3, 8, 9, 11}}, open = shape;
    struct tensor input = random_tensor(&shape), outputs[1], one_picture = input;
    struct net *net = NULL;
    struct session *session = NULL;
    struct error err;
    float first[20], whole[20];
    new_model();
    open.dim[0] = -1;
    model_add_output(model, gemm_batchnorm(model_add_input(model, "x", ELEMENT_F32, &open)));
    ok(net_new(model, NULL, &net, &err) == STATUS_OK &&
           session_new(net, &session, &err) == STATUS_OK,
       "net and session");
    ok(session_run(session, &input, 1, outputs, &err) == STATUS_OK && outputs[0].shape.dim[0] == 3,
       "a batch of 3");
    memcpy(whole, outputs[0].data, sizeof whole);
    one_picture.shape.dim[0] = 1;
    ok(session_run(session, &one_picture, 1, outputs, &err) == STATUS_OK &&
           outputs[0].shape.dim[0] == 1,
       "a batch of 1");
    memcpy(first, outputs[0].data, sizeof first);
    ok(memcmp(first, whole, sizeof first) == 0,
       "a picture's result does not depend on its batch, to the bit");
    ok(session_run(session, &input, 1, outputs, &err) == STATUS_OK &&
           memcmp(outputs[0].data, whole, sizeof whole) == 0,
       "a batch of 3 again");
    one_picture.shape.dim[1] = 7;
    ok(session_run(session, &one_picture, 1, outputs, &err) == STATUS_FAILED &&
           strstr(err.text, "'x'"),
       "wrong shape: %s", err.text);
    session_free(session);
    net_free(net);
    model_free(model);
    free(input.data);
}

/* Pictures u8 HWC and CHW, with values applied while loading, against f32. */
static void test_pictures(void)
{
    struct shape open = {4, {-1, 3, 8, 10}};
    unsigned char hwc[2][240], chw[240];
    static float values[3][256], plain[240];
    struct tensor pictures[2], outputs[1], input = {ELEMENT_F32, {4, {1, 3, 8, 10}}, plain};
    struct net_options options = {.batch = 2};
    struct net *net = NULL;
    struct session *session = NULL;
    struct error err;
    float expected[4], got[4];
    int channels, height, width;
    new_model();
    model_add_output(model, one("GlobalAveragePool",
                                one("Relu", conv(model_add_input(model, "x", ELEMENT_F32, &open), 3,
                                                 4, 3, 1, 1, 1, 1))));
    for (int c = 0; c < 3; c++)
        for (int p = 0; p < 256; p++)
            values[c][p] = (float)(p - 100 - c) / 50;
    for (int i = 0; i < 480; i++)
        hwc[i / 240][i % 240] = (unsigned char)random_below(&numbers, 256);
    for (int i = 0; i < 240; i++) {
        chw[i % 3 * 80 + i / 3] = hwc[1][i];
        plain[i % 3 * 80 + i / 3] = values[i % 3][hwc[1][i]];
    }
    for (int i = 0; i < 2; i++)
        pictures[i] = (struct tensor){ELEMENT_U8, {3, {8, 10, 3}}, hwc[i]};
    ok(net_new(model, &options, &net, &err) == STATUS_OK &&
           session_new(net, &session, &err) == STATUS_OK,
       "pictures");
    same_int(net_batch(net), 2, "an open batch takes as many pictures as asked");
    ok(net_input_picture(net, &channels, &height, &width, &err) == STATUS_OK && channels == 3 &&
           height == 8 && width == 10,
       "the picture's size");
    session_run(session, &input, 1, outputs, &err);
    memcpy(expected, outputs[0].data, sizeof expected);
    ok(session_run_images(session, pictures, 1, (const float(*)[256])values, 2, outputs, &err) ==
           STATUS_OK,
       "two u8 HWC pictures");
    memcpy(got, (float *)outputs[0].data + 4, sizeof got);
    ok(memcmp(got, expected, sizeof got) == 0, "u8 HWC with values equals f32 NCHW");
    pictures[0] = (struct tensor){ELEMENT_U8, {3, {3, 8, 10}}, chw};
    ok(session_run_images(session, pictures, 0, (const float(*)[256])values, 1, outputs, &err) ==
               STATUS_OK &&
           memcmp(outputs[0].data, expected, sizeof expected) == 0,
       "u8 CHW too");
    pictures[0] = (struct tensor){ELEMENT_F32, {3, {3, 8, 10}}, plain};
    ok(session_run_images(session, pictures, 0, (const float(*)[256])values, 1, outputs, &err) ==
               STATUS_OK &&
           memcmp(outputs[0].data, expected, sizeof expected) == 0,
       "f32 is taken as it is");
    pictures[0].shape.dim[2] = 9;
    ok(session_run_images(session, pictures, 0, NULL, 1, outputs, &err) == STATUS_FAILED &&
           strstr(err.text, "9x8") && strstr(err.text, "10x8"),
       "wrong size, both named: %s", err.text);
    session_free(session);
    net_free(net);
    model_free(model);
}

/* Where a picture falls in a stream decides with how many others it runs: its result must not know.
 * The network has every kind of kernel, Winograd's among them. */
static void test_partial_batches(void)
{
    enum { BATCH = 7, CLASSES = 9 };
    struct shape open = {4, {-1, 3, 28, 28}};
    static unsigned char bytes[BATCH][3 * 28 * 28];
    struct tensor pictures[BATCH], outputs[1];
    struct net_options options = {.batch = BATCH};
    struct net *net = NULL;
    struct session *session = NULL;
    struct error err;
    static float whole[BATCH * CLASSES];
    int x, y, same = 1;
    new_model();
    x = one("Relu", conv(model_add_input(model, "x", ELEMENT_F32, &open), 3, 64, 3, 2, 1, 1, 1));
    y = one("Relu", conv(x, 64, 64, 3, 1, 1, 1, 1));
    x = two("Add", conv(y, 64, 64, 1, 1, 0, 1, 0), x);
    x = conv(pool("MaxPool", conv(x, 64, 64, 3, 1, 1, 64, 1), 3, 2, 1), 64, 96, 3, 1, 1, 1, 1);
    x = two("Gemm", one("Flatten", one("GlobalAveragePool", x)), constant(2, 96, CLASSES, 0, 0));
    model_add_output(model, x);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i / sizeof *bytes][i % sizeof *bytes] = (unsigned char)random_below(&numbers, 256);
    for (int i = 0; i < BATCH; i++)
        pictures[i] = (struct tensor){ELEMENT_U8, {3, {28, 28, 3}}, bytes[i]};
    ok(net_new(model, &options, &net, &err) == STATUS_OK &&
           session_new(net, &session, &err) == STATUS_OK &&
           session_run_images(session, pictures, 1, NULL, BATCH, outputs, &err) == STATUS_OK,
       "a whole batch");
    memcpy(whole, outputs[0].data, sizeof whole);
    for (size_t first = 0; first < BATCH; first++)
        for (size_t count = 1; first + count <= BATCH; count++)
            same &= session_run_images(session, pictures + first, 1, NULL, count, outputs, &err) ==
                        STATUS_OK &&
                    memcmp(outputs[0].data, whole + first * CLASSES,
                           count * CLASSES * sizeof *whole) == 0;
    ok(same, "every part of the batch gives the same bits");
    session_free(session);
    net_free(net);
    model_free(model);
}

/* Many weights and small pictures: several at once. Few weights and large pictures: one by one. */
static void test_own_batch(void)
{
    static const struct {
        int64_t size, channels;
        int open;
        int least, most;
        const char *name;
    } table[] = {
        {8, 64, 0, 8, 8, "weights dominate: as many as there may be"},
        {96, 4, 0, 1, 1, "results dominate: one by one"},
        {8, 64, 1, 1, 1, "pictures of any size: one by one"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int64_t size = table[i].open ? -1 : table[i].size, n = table[i].channels;
        struct shape open = {4, {-1, 8, size, size}};
        struct net *net = NULL;
        struct error err;
        int x, batch;
        new_model();
        x = conv(model_add_input(model, "x", ELEMENT_F32, &open), 8, n, 3, 1, 1, 1, 1);
        model_add_output(model, conv(x, n, n, 3, 2, 1, 1, 1));
        batch = net_new(model, NULL, &net, &err) == STATUS_OK ? net_batch(net) : 0;
        ok(batch >= table[i].least && batch <= table[i].most, "%s (%d)", table[i].name, batch);
        net_free(net);
        model_free(model);
    }
}

static void test_errors(void)
{
    struct shape open = {4, {-1, 3, 8, 8}};
    struct net_options options = {.node = "nowhere"};
    struct net *net = NULL;
    struct error err;
    new_model();
    model_add_output(model, one("Frobnicate", model_add_input(model, "x", ELEMENT_F32, &open)));
    ok(net_new(model, NULL, &net, &err) == STATUS_FAILED && strstr(err.text, "Frobnicate"),
       "unknown operator: %s", err.text);
    ok(net_new(model, &options, &net, &err) == STATUS_USAGE && strstr(err.text, "nowhere"),
       "unknown node: %s", err.text);
    model_free(model);
    new_model();
    model_add_output(model,
                     pool("MaxPool", model_add_input(model, "x", ELEMENT_F32, &open), 9, 1, 0));
    ok(net_new(model, NULL, &net, &err) == STATUS_OK,
       "a window larger than the picture is seen when it is run");
    if (net) {
        struct shape shape = {4, {1, 3, 8, 8}};
        struct tensor input = random_tensor(&shape), outputs[1];
        struct session *session = NULL;
        session_new(net, &session, &err);
        ok(session_run(session, &input, 1, outputs, &err) == STATUS_FAILED &&
               strstr(err.text, "MaxPool"),
           "%s", err.text);
        session_free(session);
        free(input.data);
    }
    net_free(net);
    model_free(model);
}

static void test_questions(void)
{
    struct shape open = {4, {-1, 8, 9, 11}};
    int features;
    new_model();
    features =
        one("Flatten", one("GlobalAveragePool", model_add_input(model, "x", ELEMENT_F32, &open)));
    model_add_output(model, one("Softmax", two("Gemm", features, constant(2, 8, 5, 0, 0))));
    same_text(model_features(model), model->values[features].name,
              "the features are the input of the last Gemm");
    same_int(model_ends_in_softmax(model), 1, "it ends in probabilities");
    model_free(model);
    new_model();
    model_add_output(model, one("Relu", model_add_input(model, "x", ELEMENT_F32, &open)));
    ok(!model_features(model), "no classifier, no features");
    same_int(model_ends_in_softmax(model), 0, "it ends in something else");
    model_free(model);
}

int main(void)
{
    random_seed(&numbers, 7);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        test_case(i);
    test_batches();
    test_pictures();
    test_partial_batches();
    test_own_batch();
    test_errors();
    test_questions();
    return tap_done();
}
