#include "nn/ops/op_internal.h"

#include <string.h>

/* In order of name. */
static const struct op table[] = {
    {"Abs", 1, infer_unary, run_unary, 0},
    {"Add", 1, infer_binary, run_binary, 0},
    {"And", 1, infer_binary, run_binary, 0},
    {"ArgMax", 1, infer_arg, run_arg, 0},
    {"ArgMin", 1, infer_arg, run_arg, 0},
    {"AveragePool", 1, infer_pool, run_pool, 0},
    {"BatchNormalization", 1, infer_batch_norm, run_batch_norm, 0},
    {"Cast", 1, infer_cast, run_cast, 0},
    {"CastLike", 15, infer_cast, run_cast, 0},
    {"Ceil", 1, infer_unary, run_unary, 0},
    {"Celu", 12, infer_unary, run_unary, 0},
    {"Clip", 1, infer_clip, run_clip, 0},
    {"Concat", 1, infer_concat, run_concat, 0},
    {"Constant", 1, infer_constant, run_constant, 0},
    {"ConstantOfShape", 9, infer_constant_of_shape, run_constant_of_shape, 0},
    {"Conv", 1, infer_conv, run_conv, 0},
    {"Cos", 7, infer_unary, run_unary, 0},
    {"DepthToSpace", 1, infer_depth_space, run_depth_space, 0},
    {"DequantizeLinear", 10, infer_dequantize, run_dequantize, 0},
    {"Div", 1, infer_binary, run_binary, 0},
    {"Dropout", 1, infer_dropout, run_dropout, 0},
    {"Elu", 1, infer_unary, run_unary, 0},
    {"Equal", 1, infer_binary, run_binary, 0},
    {"Erf", 9, infer_unary, run_unary, 0},
    {"Exp", 1, infer_unary, run_unary, 0},
    {"Expand", 8, infer_expand, run_expand, 0},
    {"Flatten", 1, infer_copy, run_copy, 0},
    {"Floor", 1, infer_unary, run_unary, 0},
    {"Gather", 1, infer_gather, run_gather, 0},
    {"GatherElements", 11, infer_gather_elements, run_gather_elements, 0},
    {"Gelu", 20, infer_unary, run_unary, 0},
    {"Gemm", 1, infer_gemm, run_gemm, 0},
    {"GlobalAveragePool", 1, infer_global_pool, run_global_pool, 0},
    {"GlobalMaxPool", 1, infer_global_pool, run_global_pool, 0},
    {"Greater", 1, infer_binary, run_binary, 0},
    {"GreaterOrEqual", 12, infer_binary, run_binary, 0},
    {"GroupNormalization", 18, infer_channel_norm, run_channel_norm, 0},
    {"HardSigmoid", 1, infer_unary, run_unary, 0},
    {"HardSwish", 14, infer_unary, run_unary, 0},
    {"Identity", 1, infer_copy, run_copy, 0},
    {"InstanceNormalization", 1, infer_channel_norm, run_channel_norm, 0},
    {"LRN", 1, infer_lrn, run_lrn, 0},
    {"LayerNormalization", 17, infer_layer_norm, run_layer_norm, 0},
    {"LeakyRelu", 1, infer_unary, run_unary, 0},
    {"Less", 1, infer_binary, run_binary, 0},
    {"LessOrEqual", 12, infer_binary, run_binary, 0},
    {"Log", 1, infer_unary, run_unary, 0},
    {"LogSoftmax", 1, infer_softmax, run_softmax, 0},
    {"MatMul", 1, infer_matmul, run_matmul, 0},
    {"Max", 1, infer_binary, run_binary, 0},
    {"MaxPool", 1, infer_pool, run_pool, 0},
    {"Mean", 1, infer_binary, run_binary, 0},
    {"MeanVarianceNormalization", 9, infer_mvn, run_mvn, 0},
    {"Min", 1, infer_binary, run_binary, 0},
    {"Mish", 18, infer_unary, run_unary, 0},
    {"Mod", 10, infer_binary, run_binary, 0},
    {"Mul", 1, infer_binary, run_binary, 0},
    {"Neg", 1, infer_unary, run_unary, 0},
    {"Not", 1, infer_unary, run_unary, 0},
    {"Or", 1, infer_binary, run_binary, 0},
    {"PRelu", 1, infer_binary, run_binary, 0},
    {"Pad", 1, infer_pad, run_pad, 0},
    {"Pow", 1, infer_binary, run_binary, 0},
    {"QLinearConv", 10, infer_qlinear_conv, run_qlinear_conv, 0},
    {"QLinearMatMul", 10, infer_qlinear_matmul, run_qlinear_matmul, 0},
    {"QuantizeLinear", 10, infer_quantize, run_quantize, 0},
    {"Range", 11, infer_range, run_range, 0},
    {"Reciprocal", 1, infer_unary, run_unary, 0},
    {"ReduceL1", 1, infer_reduce, run_reduce, 0},
    {"ReduceL2", 1, infer_reduce, run_reduce, 0},
    {"ReduceLogSum", 1, infer_reduce, run_reduce, 0},
    {"ReduceLogSumExp", 1, infer_reduce, run_reduce, 0},
    {"ReduceMax", 1, infer_reduce, run_reduce, 0},
    {"ReduceMean", 1, infer_reduce, run_reduce, 0},
    {"ReduceMin", 1, infer_reduce, run_reduce, 0},
    {"ReduceProd", 1, infer_reduce, run_reduce, 0},
    {"ReduceSum", 1, infer_reduce, run_reduce, 0},
    {"ReduceSumSquare", 1, infer_reduce, run_reduce, 0},
    {"Relu", 1, infer_unary, run_unary, 0},
    {"Reshape", 1, infer_copy, run_copy, 0},
    {"Resize", 10, infer_resize, run_resize, 0},
    {"Round", 11, infer_unary, run_unary, 0},
    {"ScatterND", 11, infer_scatter_nd, run_scatter_nd, 0},
    {"Selu", 1, infer_unary, run_unary, 0},
    {"Shape", 1, infer_shape, run_shape, 1},
    {"Sigmoid", 1, infer_unary, run_unary, 0},
    {"Sign", 9, infer_unary, run_unary, 0},
    {"Sin", 7, infer_unary, run_unary, 0},
    {"Size", 1, infer_shape, run_shape, 1},
    {"Slice", 1, infer_slice, run_slice, 0},
    {"Softmax", 1, infer_softmax, run_softmax, 0},
    {"Softplus", 1, infer_unary, run_unary, 0},
    {"Softsign", 1, infer_unary, run_unary, 0},
    {"SpaceToDepth", 1, infer_depth_space, run_depth_space, 0},
    {"Split", 1, infer_split, run_split, 0},
    {"Sqrt", 1, infer_unary, run_unary, 0},
    {"Squeeze", 1, infer_copy, run_copy, 0},
    {"Sub", 1, infer_binary, run_binary, 0},
    {"Sum", 1, infer_binary, run_binary, 0},
    {"Tanh", 1, infer_unary, run_unary, 0},
    {"ThresholdedRelu", 10, infer_unary, run_unary, 0},
    {"Tile", 6, infer_tile, run_tile, 0},
    {"TopK", 1, infer_topk, run_topk, 0},
    {"Transpose", 1, infer_transpose, run_transpose, 0},
    {"Unsqueeze", 1, infer_copy, run_copy, 0},
    {"Upsample", 7, infer_resize, run_resize, 0},
    {"Where", 9, infer_where, run_where, 0},
    {"Xor", 1, infer_binary, run_binary, 0},
};
enum { OPS = sizeof table / sizeof table[0] };

const struct op *op_at(size_t i)
{
    return i < OPS ? &table[i] : NULL;
}

const struct op *op_find(const char *name)
{
    size_t low = 0, high = OPS;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(name, table[middle].name);
        if (order == 0)
            return &table[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

enum status op_of_node(const struct node *node, const struct op **op, struct error *err)
{
    int standard = !*node->domain || strcmp(node->domain, "ai.onnx") == 0;
    *op = standard ? op_find(node->op_type) : NULL;
    if (*op)
        return STATUS_OK;
    if (!standard)
        return error_set(err, STATUS_FAILED,
                         "node '%s' (%s): an operator of the domain %s; only those of ONNX itself "
                         "are supported",
                         node->name, node->op_type, node->domain);
    for (size_t i = 0; i < node->attribute_count; i++)
        if (node->attributes[i].type == ATTRIBUTE_OTHER)
            return error_set(err, STATUS_FAILED,
                             "node '%s' (%s): an operator that holds a subgraph, which is not "
                             "supported",
                             node->name, node->op_type);
    return error_set(err, STATUS_FAILED, "node '%s' (%s): this operator is not supported",
                     node->name, node->op_type);
}
