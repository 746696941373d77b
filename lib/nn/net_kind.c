/* What each node is: the kind that has a kernel, its attributes and constants resolved. What is not
 * quite what a kernel does stays KIND_OP, which the reference runs. */
#include "nn/net_internal.h"

#include <math.h>
#include <string.h>

static void read_window(struct graph_node *node)
{
    size_t count;
    const struct node *from = node->node;
    struct kernel_window *window = &node->window;
    const int64_t *list;
    const char *pad = node_string(from, "auto_pad", "NOTSET");
    window->stride_h = window->stride_w = window->dilation_h = window->dilation_w = 1;
    list = node_ints(from, "kernel_shape", &count);
    if (count == 2)
        window->kernel_h = (size_t)list[0], window->kernel_w = (size_t)list[1];
    list = node_ints(from, "strides", &count);
    if (count == 2)
        window->stride_h = (size_t)list[0], window->stride_w = (size_t)list[1];
    list = node_ints(from, "dilations", &count);
    if (count == 2)
        window->dilation_h = (size_t)list[0], window->dilation_w = (size_t)list[1];
    node->auto_pad = strcmp(pad, "SAME_UPPER") == 0   ? PAD_SAME_UPPER
                     : strcmp(pad, "SAME_LOWER") == 0 ? PAD_SAME_LOWER
                     : strcmp(pad, "VALID") == 0      ? PAD_VALID
                                                      : PAD_EXPLICIT;
    list = node_ints(from, "pads", &count);
    if (count == 4 && node->auto_pad == PAD_EXPLICIT) {
        window->pad_top = (size_t)list[0];
        window->pad_left = (size_t)list[1];
        window->pad_bottom = (size_t)list[2];
        window->pad_right = (size_t)list[3];
    }
    window->groups = 1;
}

/* Sizes that a kernel can be run with; anything else is left to the reference, which says what is
 * wrong. */
static int sound_window(const struct kernel_window *w)
{
    const size_t most = 1 << 16, sizes[] = {w->kernel_h, w->kernel_w,   w->stride_h,
                                            w->stride_w, w->dilation_h, w->dilation_w};
    const size_t pads[] = {w->pad_top, w->pad_left, w->pad_bottom, w->pad_right};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i] < 1 || sizes[i] > most)
            return 0;
    for (size_t i = 0; i < sizeof pads / sizeof *pads; i++)
        if (pads[i] > most)
            return 0;
    return 1;
}

static float *copy_floats(struct net *net, const float *from, size_t count)
{
    float *copy = arena_alloc(net->arena, count, sizeof *copy);
    if (copy)
        memcpy(copy, from, count * sizeof *copy);
    return copy;
}

static enum status read_conv(struct net *net, struct graph_node *node, struct error *err)
{
    const struct tensor *weights = graph_constant(&net->graph, node, 1),
                        *bias = graph_constant(&net->graph, node, 2);
    int has_bias = node->input_count > 2 && node->inputs[2] >= 0;
    int64_t group = node_int(node->node, "group", 1);
    read_window(node);
    if (!weights || weights->shape.rank != 4 || (has_bias && !bias) ||
        shape_count(&weights->shape) <= 0)
        return STATUS_OK;
    node->window.kernel_h = (size_t)weights->shape.dim[2];
    node->window.kernel_w = (size_t)weights->shape.dim[3];
    if (!sound_window(&node->window) || group < 1 || group > weights->shape.dim[0] ||
        weights->shape.dim[0] % group != 0 ||
        (bias && shape_count(&bias->shape) != weights->shape.dim[0]))
        return STATUS_OK;
    node->window.groups = (size_t)group;
    node->outputs_n = (size_t)weights->shape.dim[0];
    node->inputs_k = (size_t)(weights->shape.dim[1] * group);
    node->weights = weights;
    node->kind = KIND_CONV;
    if (bias && !(node->bias = copy_floats(net, bias->data, node->outputs_n)))
        return error_memory(err);
    return STATUS_OK;
}

/* Gemm and MatMul with a constant right side. */
static enum status read_gemm(struct net *net, struct graph_node *node, struct error *err)
{
    const struct tensor *weights = graph_constant(&net->graph, node, 1),
                        *bias = graph_constant(&net->graph, node, 2);
    int is_gemm = strcmp(node->node->op_type, "Gemm") == 0;
    int has_bias = is_gemm && node->input_count > 2 && node->inputs[2] >= 0;
    float alpha = is_gemm ? node_float(node->node, "alpha", 1) : 1,
          beta = is_gemm ? node_float(node->node, "beta", 1) : 1;
    int64_t bias_count = bias && has_bias ? shape_count(&bias->shape) : 0;
    if (!weights || weights->shape.rank != 2 || shape_count(&weights->shape) <= 0 ||
        (has_bias && !bias) || (is_gemm && node_int(node->node, "transA", 0)))
        return STATUS_OK;
    node->transposed = is_gemm && node_int(node->node, "transB", 0) != 0;
    node->outputs_n = (size_t)weights->shape.dim[node->transposed ? 0 : 1];
    node->inputs_k = (size_t)weights->shape.dim[node->transposed ? 1 : 0];
    if (has_bias && bias_count != 1 &&
        (bias_count != (int64_t)node->outputs_n ||
         bias->shape.dim[bias->shape.rank - 1] != bias_count))
        return STATUS_OK;
    if (has_bias) {
        node->bias = arena_alloc(net->arena, node->outputs_n, sizeof *node->bias);
        if (!node->bias)
            return error_memory(err);
        for (size_t i = 0; i < node->outputs_n; i++)
            node->bias[i] = beta * ((const float *)bias->data)[bias_count == 1 ? 0 : i];
    }
    if (alpha != 1) {
        node->out_scale = arena_alloc(net->arena, node->outputs_n, sizeof *node->out_scale);
        if (!node->out_scale)
            return error_memory(err);
        for (size_t i = 0; i < node->outputs_n; i++)
            node->out_scale[i] = alpha;
    }
    node->weights = weights;
    node->kind = KIND_GEMM;
    return STATUS_OK;
}

static enum status read_batchnorm(struct net *net, struct graph_node *node, struct error *err)
{
    const float *p[4];
    double epsilon = node_float(node->node, "epsilon", 1e-5F);
    int64_t channels = 0;
    for (size_t i = 0; i < 4; i++) {
        const struct tensor *tensor = graph_constant(&net->graph, node, i + 1);
        if (!tensor || (i > 0 && shape_count(&tensor->shape) != channels))
            return STATUS_OK;
        channels = shape_count(&tensor->shape);
        p[i] = tensor->data;
    }
    for (size_t i = 1; i < node->output_count; i++)
        if (node->outputs[i] >= 0 && net->graph.values[node->outputs[i]].uses > 0)
            return STATUS_OK;
    if (channels <= 0 || node_int(node->node, "training_mode", 0) ||
        !node_int(node->node, "spatial", 1))
        return STATUS_OK;
    node->outputs_n = (size_t)channels;
    node->scale = arena_alloc(net->arena, node->outputs_n, sizeof *node->scale);
    node->shift = arena_alloc(net->arena, node->outputs_n, sizeof *node->shift);
    if (!node->scale || !node->shift)
        return error_memory(err);
    for (size_t i = 0; i < node->outputs_n; i++) {
        double scale = p[0][i] / sqrt(p[3][i] + epsilon);
        node->scale[i] = (float)scale;
        node->shift[i] = (float)(p[1][i] - p[2][i] * scale);
    }
    node->kind = KIND_SCALE;
    return STATUS_OK;
}

/* Clip's bounds: attributes, or constant inputs since opset 11. */
static int read_clip(const struct net *net, struct graph_node *node)
{
    float *bound[2] = {&node->activation.low, &node->activation.high};
    node->activation.low = node_float(node->node, "min", -INFINITY);
    node->activation.high = node_float(node->node, "max", INFINITY);
    for (size_t i = 0; i < 2; i++) {
        const struct tensor *tensor = graph_constant(&net->graph, node, i + 1);
        if (node->input_count <= i + 1 || node->inputs[i + 1] < 0)
            continue;
        if (!tensor || shape_count(&tensor->shape) != 1)
            return 0;
        *bound[i] = *(const float *)tensor->data;
    }
    return 1;
}

/* Pow with a constant exponent. */
static int read_pow(const struct net *net, struct graph_node *node)
{
    const struct tensor *exponent = graph_constant(&net->graph, node, 1);
    if (!exponent || exponent->shape.rank != 0)
        return 0;
    node->activation.low = *(const float *)exponent->data;
    return 1;
}

static const struct function {
    const char *op;
    enum activation activation;
    const char *low, *high; /* the attributes that epilogue.low and .high are */
    float low_default, high_default;
} functions[] = {
    {"Abs", ACTIVATION_ABS, "", "", 0, 0},
    {"Ceil", ACTIVATION_CEIL, "", "", 0, 0},
    {"Clip", ACTIVATION_CLIP, "", "", 0, 0},
    {"Elu", ACTIVATION_ELU, "alpha", "", 1, 1},
    {"Erf", ACTIVATION_ERF, "", "", 0, 0},
    {"Exp", ACTIVATION_EXP, "", "", 0, 0},
    {"Floor", ACTIVATION_FLOOR, "", "", 0, 0},
    {"Gelu", ACTIVATION_GELU, "", "", 0, 0},
    {"HardSigmoid", ACTIVATION_HARDSIGMOID, "alpha", "beta", 0.2F, 0.5F},
    {"HardSwish", ACTIVATION_HARDSWISH, "", "", 0, 0},
    {"LeakyRelu", ACTIVATION_LEAKY, "alpha", "", 0.01F, 0},
    {"Mish", ACTIVATION_MISH, "", "", 0, 0},
    {"Neg", ACTIVATION_NEG, "", "", 0, 0},
    {"Pow", ACTIVATION_POW, "", "", 0, 0},
    {"Reciprocal", ACTIVATION_RECIPROCAL, "", "", 0, 0},
    {"Relu", ACTIVATION_RELU, "", "", 0, 0},
    {"Selu", ACTIVATION_ELU, "alpha", "gamma", 1.67326319F, 1.05070102F},
    {"Sigmoid", ACTIVATION_SIGMOID, "", "", 0, 0},
    {"Softplus", ACTIVATION_SOFTPLUS, "", "", 0, 0},
    {"Sqrt", ACTIVATION_SQRT, "", "", 0, 0},
    {"Tanh", ACTIVATION_TANH, "", "", 0, 0},
};

static void read_activation(const struct net *net, struct graph_node *node)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const struct function *f = &functions[i];
        if (strcmp(node->node->op_type, f->op) != 0)
            continue;
        node->activation.low = node_float(node->node, f->low, f->low_default);
        node->activation.high = node_float(node->node, f->high, f->high_default);
        if ((f->activation == ACTIVATION_CLIP && !read_clip(net, node)) ||
            (f->activation == ACTIVATION_POW && !read_pow(net, node)))
            return;
        node->activation.activation = f->activation;
        if (f->activation == ACTIVATION_GELU &&
            strcmp(node_string(node->node, "approximate", "none"), "tanh") == 0)
            node->activation.activation = ACTIVATION_GELU_TANH;
        node->kind = KIND_ACTIVATION;
    }
}

/* ReduceMean over the picture's rows and columns is a global average. */
static int is_picture_mean(const struct net *net, const struct graph_node *node)
{
    size_t count;
    const int64_t *axes;
    if (!graph_ints(&net->graph, node, "axes", 1, &axes, &count))
        return 0;
    return count == 2 && ((axes[0] == 2 && axes[1] == 3) || (axes[0] == -2 && axes[1] == -1) ||
                          (axes[0] == -1 && axes[1] == -2) || (axes[0] == 3 && axes[1] == 2));
}

/* Is it a Pad of rows and columns with a constant zero? Sets the window's pads. */
static int read_pad(const struct net *net, struct graph_node *node)
{
    const struct tensor *value = graph_constant(&net->graph, node, 2);
    const int64_t *pads; /* the beginnings of N, C, H, W, then the ends */
    size_t count;
    if (strcmp(node_string(node->node, "mode", "constant"), "constant") != 0 ||
        node_float(node->node, "value", 0) != 0 ||
        (node->input_count > 3 && node->inputs[3] >= 0) ||
        !graph_ints(&net->graph, node, "pads", 1, &pads, &count) || count != 8)
        return 0;
    if (node->input_count > 2 && node->inputs[2] >= 0 &&
        (!value || shape_count(&value->shape) != 1 || *(const float *)value->data != 0))
        return 0;
    for (int i = 0; i < 8; i++)
        if (pads[i] < 0 || pads[i] > (i % 4 < 2 ? 0 : 1 << 16))
            return 0;
    node->window.pad_top = (size_t)pads[2];
    node->window.pad_left = (size_t)pads[3];
    node->window.pad_bottom = (size_t)pads[6];
    node->window.pad_right = (size_t)pads[7];
    return 1;
}

static void read_reduction(struct graph_node *node)
{
    static const char *const names[] = {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(node->node->op_type, names[i]) == 0) {
            node->reduction = (enum reduction)i;
            node->kind = KIND_REDUCE;
        }
}

static void read_binary(struct graph_node *node, int64_t opset)
{
    static const char *const names[] = {"Add", "Sub", "Mul", "Div", "Min", "Max", "PRelu"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(node->node->op_type, names[i]) == 0 && node->input_count == 2) {
            node->binary = (enum binary)i;
            node->kind = KIND_BINARY;
        }
    if (strcmp(node->node->op_type, "Sum") == 0 && node->input_count == 2)
        node->kind = KIND_BINARY, node->binary = BINARY_ADD;
    if (opset < 7 && node->kind == KIND_BINARY &&
        (node->binary == BINARY_PRELU || node_int(node->node, "broadcast", 0)))
        node->kind = KIND_OP; /* the old, explicit broadcasting */
}

/* Are its first output and its inputs there? Where one is left out, the reference says what that
 * means. */
static int is_complete(const struct graph_node *node)
{
    int optional = strcmp(node->node->op_type, "Clip") == 0 ||
                   strcmp(node->node->op_type, "Conv") == 0 ||
                   strcmp(node->node->op_type, "Gemm") == 0 ||
                   strcmp(node->node->op_type, "LayerNormalization") == 0 ||
                   strcmp(node->node->op_type, "Pad") == 0;
    if (node->input_count < 1 || node->output_count < 1 || node->outputs[0] < 0)
        return 0;
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] < 0 && (i == 0 || !optional))
            return 0;
    return 1;
}

/* What only moves elements, or names them anew, does so with those of any type. */
static int takes_any_type(enum kind kind)
{
    return kind == KIND_CONCAT || kind == KIND_RESHAPE || kind == KIND_TRANSPOSE;
}

/* KIND_OP where the name alone does not say it. */
static enum kind kind_of(const char *op)
{
    static const struct {
        const char *op;
        enum kind kind;
    } table[] = {
        {"GlobalAveragePool", KIND_GLOBAL_AVERAGE},
        {"GlobalMaxPool", KIND_GLOBAL_MAX},
        {"Concat", KIND_CONCAT},
        {"Softmax", KIND_SOFTMAX},
        {"LRN", KIND_LRN},
        {"LayerNormalization", KIND_NORM},
        {"InstanceNormalization", KIND_NORM},
        {"GroupNormalization", KIND_NORM},
        {"MatMul", KIND_PRODUCT},
        {"Reshape", KIND_RESHAPE},
        {"Flatten", KIND_RESHAPE},
        {"Squeeze", KIND_RESHAPE},
        {"Unsqueeze", KIND_RESHAPE},
        {"Transpose", KIND_TRANSPOSE},
        {"Cast", KIND_CAST},
        {"Slice", KIND_SLICE},
        {"Split", KIND_SLICE},
        {"Pad", KIND_PAD},
        {"MaxPool", KIND_MAX_POOL},
        {"AveragePool", KIND_AVERAGE_POOL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(op, table[i].op) == 0)
            return table[i].kind;
    return KIND_OP;
}

static enum status classify(struct net *net, struct graph_node *node, struct error *err)
{
    const char *op = node->node->op_type;
    if (node->kind != KIND_OP || !is_complete(node))
        return STATUS_OK;
    node->kind = kind_of(op);
    if (net->graph.values[node->inputs[0]].type != ELEMENT_F32) {
        if (!takes_any_type(node->kind))
            node->kind = KIND_OP;
        return STATUS_OK;
    }
    if (node->kind == KIND_MAX_POOL || node->kind == KIND_AVERAGE_POOL) {
        read_window(node);
        node->ceil_mode = node_int(node->node, "ceil_mode", 0) != 0;
        node->include_pad = node_int(node->node, "count_include_pad", 0) != 0;
        if (!sound_window(&node->window) || (node->output_count > 1 && node->outputs[1] >= 0))
            node->kind = KIND_OP;
        return STATUS_OK;
    }
    if (node->kind == KIND_PAD && !read_pad(net, node))
        node->kind = KIND_OP;
    node->epsilon = node_float(node->node, "epsilon", 1e-5F);
    read_reduction(node);
    read_binary(node, net->model->opset);
    read_activation(net, node);
    if (strcmp(op, "Conv") == 0)
        return read_conv(net, node, err);
    if (strcmp(op, "Gemm") == 0 || strcmp(op, "MatMul") == 0)
        return read_gemm(net, node, err);
    if (strcmp(op, "BatchNormalization") == 0)
        return read_batchnorm(net, node, err);
    if (strcmp(op, "ReduceMean") == 0 && is_picture_mean(net, node))
        node->kind = KIND_GLOBAL_AVERAGE;
    return STATUS_OK;
}

enum status graph_classify(struct net *net, struct error *err)
{
    enum status status = STATUS_OK;
    graph_find_types(net);
    for (size_t i = 0; i < net->graph.node_count && status == STATUS_OK; i++)
        if (!net->graph.nodes[i].dead)
            status = classify(net, &net->graph.nodes[i], err);
    return status;
}
