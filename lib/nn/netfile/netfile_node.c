/* Operators of the language: what attributes each takes, and the node and random weights it
 * becomes. Weights are uniform: He et al. (2015) for Conv, variance 2 / inputs; Glorot & Bengio
 * (2010) for Gemm, variance 2 / (inputs + outputs). Biases are 0. */
#include "base/random.h"
#include "nn/netfile/netfile_internal.h"
#include "nn/train/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MAX_1D = 65535, INPUTS_MAX = 256, WEIGHTS_MAX = 1 << 30 };

/* One line that is an operator. */
struct call {
    struct making *making;
    const char *name;
    const int *inputs;
    size_t input_count;
    const struct dims *in; /* of the first input */
    const struct arguments *arguments;
    int all[INPUTS_MAX + 4]; /* inputs and constants */
    size_t all_count;
};

struct language_op {
    const char *name, *attributes, *op_type;
    size_t inputs; /* 0: any number from 1 */
    enum status (*make)(struct call *call, int output, struct error *err);
};

enum status making_room(struct making *making, struct error *err)
{
    size_t need = making->model->value_count, room = making->room ? making->room : 256;
    struct dims *dims;
    int *uses, *made;
    if (need <= making->room)
        return STATUS_OK;
    while (room < need)
        room *= 2;
    if ((dims = realloc(making->dims, room * sizeof *dims)))
        making->dims = dims;
    if ((uses = realloc(making->uses, room * sizeof *uses)))
        making->uses = uses;
    if ((made = realloc(making->made, room * sizeof *made)))
        making->made = made;
    if (!dims || !uses || !made)
        return error_memory(err);
    memset(dims + making->room, 0, (room - making->room) * sizeof *dims);
    memset(uses + making->room, 0, (room - making->room) * sizeof *uses);
    memset(made + making->room, 0, (room - making->room) * sizeof *made);
    making->room = room;
    return STATUS_OK;
}

/* A constant NAME.part as the node's next input: uniform within +-bound, or `value` where bound is
 * 0. */
static enum status weights(struct call *call, const char *part, int rank, const int64_t *dim,
                           double bound, float value, struct error *err)
{
    struct tensor tensor = {.type = ELEMENT_F32, .shape = {.rank = rank}};
    char name[512];
    int64_t count = 1;
    float *data;
    int index;
    for (int i = 0; i < rank; i++) {
        tensor.shape.dim[i] = dim[i];
        count *= dim[i];
        if (count > WEIGHTS_MAX)
            return error_set(err, STATUS_USAGE, "more than %d weights in one node", WEIGHTS_MAX);
    }
    if (!(data = memory_array((size_t)count, sizeof *data)))
        return error_memory(err);
    for (int64_t i = 0; i < count; i++)
        data[i] =
            bound > 0 ? (float)((2 * random_uniform(&call->making->random) - 1) * bound) : value;
    tensor.data = data;
    snprintf(name, sizeof name, "%s.%s", call->name, part);
    index = model_add_constant(call->making->model, name, &tensor);
    free(data);
    if (index < 0)
        return error_memory(err);
    call->all[call->all_count++] = index;
    return STATUS_OK;
}

static enum status finish(struct call *call, const char *op_type, int output, struct error *err)
{
    int index = model_add_node(call->making->model, op_type, call->name, call->all, call->all_count,
                               &output, 1);
    return index < 0 ? error_memory(err) : STATUS_OK;
}

static enum status attribute(struct call *call, const char *name, const int64_t *ints, size_t count,
                             struct error *err)
{
    return model_attribute_ints(call->making->model, name, ints, count) ? error_memory(err)
                                                                        : STATUS_OK;
}

/* Whole numbers: one stands for `copies` of it, two for height and width. */
static enum status integers(const struct call *call, const char *name, int64_t low, int64_t absent,
                            size_t most, int64_t *ints, struct error *err)
{
    const char *text = argument_text(call->arguments, name);
    double values[4] = {(double)absent};
    size_t count = 1;
    if (!text && absent < 0)
        return error_set(err, STATUS_USAGE, "%s is missing", name);
    if (text && text_list(text, call->arguments->variable, call->arguments->context, values, most,
                          &count, err) != STATUS_OK)
        return error_prefix(err, "%s", name);
    if (count == 3)
        return error_set(err, STATUS_USAGE, "%s has 3 numbers, expected 1, 2 or 4", name);
    for (size_t i = 0; i < most; i++) {
        double value = values[count == most ? i : count == 2 ? i % 2 : 0];
        if (!(value >= (double)low && value <= SIZE_MAX_1D) || floor(value) != value)
            return error_set(err, STATUS_USAGE, "%s is %g, expected whole numbers from %lld to %d",
                             name, value, (long long)low, SIZE_MAX_1D);
        ints[i] = (int64_t)value;
    }
    return STATUS_OK;
}

/* kernel_shape, strides, dilations, pads: read first, for the weights need them, and set after the
 * node is there. */
struct window_attributes {
    int64_t kernel[2], strides[2], dilations[2], pads[4];
};

static enum status read_window(const struct call *call, struct window_attributes *window,
                               struct error *err)
{
    const char *pads = argument_text(call->arguments, "pads");
    int size[2] = {call->in->height, call->in->width};
    enum status status;
    if ((status = integers(call, "kernel_shape", 1, -1, 2, window->kernel, err)) != STATUS_OK ||
        (status = integers(call, "strides", 1, 1, 2, window->strides, err)) != STATUS_OK ||
        (status = integers(call, "dilations", 1, 1, 2, window->dilations, err)) != STATUS_OK)
        return status;
    if (!pads || strcmp(pads, "same") != 0)
        return integers(call, "pads", 0, 0, 4, window->pads, err);
    for (int i = 0; i < 2;
         i++) { /* as TensorFlow and ONNX's SAME_UPPER: the odd pixel goes after */
        int64_t stride = window->strides[i], out = (size[i] + stride - 1) / stride;
        int64_t span = (window->kernel[i] - 1) * window->dilations[i] + 1;
        int64_t total = (out - 1) * stride + span - size[i];
        total = total < 0 ? 0 : total;
        window->pads[i] = total / 2;
        window->pads[i + 2] = total - total / 2;
    }
    return STATUS_OK;
}

static enum status set_window(struct call *call, const struct window_attributes *window,
                              struct error *err)
{
    enum status status = attribute(call, "kernel_shape", window->kernel, 2, err);
    if (status == STATUS_OK)
        status = attribute(call, "strides", window->strides, 2, err);
    if (status == STATUS_OK && (window->dilations[0] > 1 || window->dilations[1] > 1))
        status = attribute(call, "dilations", window->dilations, 2, err);
    return status == STATUS_OK ? attribute(call, "pads", window->pads, 4, err) : status;
}

static enum status make_conv(struct call *call, int output, struct error *err)
{
    struct window_attributes window = {.strides = {1, 1}};
    int64_t channels = 0, group = 1, bias = 0, dim[4];
    enum status status;
    if ((status = argument_integer(call->arguments, "channels", 1, SIZE_MAX_1D, 0, &channels,
                                   err)) != STATUS_OK ||
        (status = argument_integer(call->arguments, "group", 1, SIZE_MAX_1D, 1, &group, err)) !=
            STATUS_OK ||
        (status = argument_integer(call->arguments, "bias", 0, 1, 1, &bias, err)) != STATUS_OK ||
        (status = read_window(call, &window, err)) != STATUS_OK)
        return status;
    if (call->in->channels % group != 0 || channels % group != 0)
        return error_set(err, STATUS_USAGE,
                         "group=%lld does not divide %d input and %lld output channels",
                         (long long)group, call->in->channels, (long long)channels);
    dim[0] = channels, dim[1] = call->in->channels / group, dim[2] = window.kernel[0],
    dim[3] = window.kernel[1];
    status =
        weights(call, "weight", 4, dim, sqrt(6.0 / (double)(dim[1] * dim[2] * dim[3])), 0, err);
    if (status == STATUS_OK && bias)
        status = weights(call, "bias", 1, dim, 0, 0, err);
    if (status == STATUS_OK && (status = finish(call, "Conv", output, err)) == STATUS_OK)
        status = set_window(call, &window, err);
    if (status == STATUS_OK && model_attribute_int(call->making->model, "group", group))
        return error_memory(err);
    return status;
}

int value_rank(const struct model *model, int value)
{
    while (model->values[value].producer >= 0) {
        const struct node *node = &model->nodes[model->values[value].producer];
        if (strcmp(node->op_type, "Gemm") == 0 || strcmp(node->op_type, "Flatten") == 0)
            return 2;
        value = node->inputs[0];
    }
    return model->values[value].shape.rank;
}

/* One pixel is a vector to us; ONNX has to be told. */
static enum status flatten_pixel(struct call *call, struct error *err)
{
    struct model *model = call->making->model;
    char name[512];
    int value;
    if (value_rank(model, call->inputs[0]) == 2 || call->in->height != 1 || call->in->width != 1)
        return STATUS_OK;
    snprintf(name, sizeof name, "%s.flat", call->name);
    if ((value = model_add_value(model, name)) < 0 ||
        model_add_node(model, "Flatten", name, call->inputs, 1, &value, 1) < 0)
        return error_memory(err);
    call->all[0] = value;
    return STATUS_OK;
}

static enum status make_gemm(struct call *call, int output, struct error *err)
{
    int64_t units = 0, bias = 0, dim[2];
    enum status status;
    if ((status = argument_integer(call->arguments, "units", 1, 1 << 24, 0, &units, err)) !=
            STATUS_OK ||
        (status = argument_integer(call->arguments, "bias", 0, 1, 1, &bias, err)) != STATUS_OK)
        return status;
    dim[0] = units, dim[1] = call->in->channels;
    if ((status = flatten_pixel(call, err)) != STATUS_OK)
        return status;
    status = weights(call, "weight", 2, dim, sqrt(6.0 / (double)(dim[0] + dim[1])), 0, err);
    if (status == STATUS_OK && bias)
        status = weights(call, "bias", 1, dim, 0, 0, err);
    if (status == STATUS_OK)
        status = finish(call, "Gemm", output, err);
    if (status == STATUS_OK && model_attribute_int(call->making->model, "transB", 1))
        return error_memory(err);
    return status;
}

static enum status make_batchnorm(struct call *call, int output, struct error *err)
{
    static const char *const part[4] = {"scale", "bias", "mean", "var"};
    double epsilon = 0, momentum = 0, scale = 1;
    int64_t channels = call->in->channels;
    enum status status;
    if ((status = argument_real(call->arguments, "epsilon", 1e-5, &epsilon, err)) != STATUS_OK ||
        (status = argument_real(call->arguments, "momentum", 0.9, &momentum, err)) != STATUS_OK ||
        (status = argument_real(call->arguments, "scale", 1, &scale, err)) != STATUS_OK)
        return status;
    if (!(epsilon > 0) || !(momentum >= 0 && momentum < 1))
        return error_set(err, STATUS_USAGE,
                         "epsilon %g, momentum %g: expected more than 0, and from 0 to less than 1",
                         epsilon, momentum);
    for (int i = 0; i < 4 && status == STATUS_OK; i++)
        status = weights(call, part[i], 1, &channels, 0,
                         i == 0   ? (float)scale
                         : i == 3 ? 1.0f
                                  : 0.0f,
                         err);
    if (status == STATUS_OK)
        status = finish(call, "BatchNormalization", output, err);
    if (status == STATUS_OK &&
        (model_attribute_float(call->making->model, "epsilon", (float)epsilon) ||
         model_attribute_float(call->making->model, "momentum", (float)momentum)))
        return error_memory(err);
    return status;
}

static enum status make_pool(struct call *call, const char *op_type, int average, int output,
                             struct error *err)
{
    struct window_attributes window = {.strides = {1, 1}};
    int64_t ceil_mode = 0, include = 0;
    enum status status = read_window(call, &window, err);
    if (status != STATUS_OK || (status = argument_integer(call->arguments, "ceil_mode", 0, 1, 0,
                                                          &ceil_mode, err)) != STATUS_OK)
        return status;
    if (average && (status = argument_integer(call->arguments, "count_include_pad", 0, 1, 0,
                                              &include, err)) != STATUS_OK)
        return status;
    for (int i = 0; i < 4; i++)
        if (window.pads[i] >= window.kernel[i % 2])
            return error_set(err, STATUS_USAGE, "pads %lld is as large as the window",
                             (long long)window.pads[i]);
    if ((status = finish(call, op_type, output, err)) == STATUS_OK)
        status = set_window(call, &window, err);
    if (status == STATUS_OK &&
        ((ceil_mode && model_attribute_int(call->making->model, "ceil_mode", 1)) ||
         (include && model_attribute_int(call->making->model, "count_include_pad", 1))))
        return error_memory(err);
    return status;
}

static enum status make_maxpool(struct call *call, int output, struct error *err)
{
    return make_pool(call, "MaxPool", 0, output, err);
}

static enum status make_averagepool(struct call *call, int output, struct error *err)
{
    return make_pool(call, "AveragePool", 1, output, err);
}

static enum status make_clip(struct call *call, int output, struct error *err)
{
    double low = 0, high = 0;
    enum status status;
    if ((status = argument_real(call->arguments, "min", 0, &low, err)) != STATUS_OK ||
        (status = argument_real(call->arguments, "max", 6, &high, err)) != STATUS_OK)
        return status;
    if (!(low < high))
        return error_set(err, STATUS_USAGE, "min=%g is not less than max=%g", low, high);
    if ((status = weights(call, "min", 0, NULL, 0, (float)low, err)) != STATUS_OK ||
        (status = weights(call, "max", 0, NULL, 0, (float)high, err)) != STATUS_OK)
        return status;
    return finish(call, "Clip", output, err);
}

static enum status make_dropout(struct call *call, int output, struct error *err)
{
    double ratio = 0;
    enum status status = argument_real(call->arguments, "ratio", 0.5, &ratio, err);
    if (status == STATUS_OK && !(ratio >= 0 && ratio < 1))
        return error_set(err, STATUS_USAGE, "ratio is %g, expected 0 or more and less than 1",
                         ratio);
    if (status == STATUS_OK)
        status = weights(call, "ratio", 0, NULL, 0, (float)ratio, err);
    return status == STATUS_OK ? finish(call, "Dropout", output, err) : status;
}

static enum status make_concat(struct call *call, int output, struct error *err)
{
    enum status status = finish(call, "Concat", output, err);
    if (status == STATUS_OK && model_attribute_int(call->making->model, "axis", 1))
        return error_memory(err);
    return status;
}

static enum status make_relu(struct call *call, int output, struct error *err)
{
    return finish(call, "Relu", output, err);
}

static enum status make_globalaveragepool(struct call *call, int output, struct error *err)
{
    return finish(call, "GlobalAveragePool", output, err);
}

static enum status make_flatten(struct call *call, int output, struct error *err)
{
    return finish(call, "Flatten", output, err);
}

static enum status make_add(struct call *call, int output, struct error *err)
{
    return finish(call, "Add", output, err);
}

static enum status make_identity(struct call *call, int output, struct error *err)
{
    return finish(call, "Identity", output, err);
}

static const struct language_op language[] = {
    {"Add", "", "Add", 2, make_add},
    {"AveragePool", "kernel_shape strides pads ceil_mode count_include_pad", "AveragePool", 1,
     make_averagepool},
    {"BatchNormalization", "epsilon momentum scale", "BatchNormalization", 1, make_batchnorm},
    {"Clip", "min max", "Clip", 1, make_clip},
    {"Concat", "", "Concat", 0, make_concat},
    {"Conv", "channels kernel_shape strides dilations pads group bias", "Conv", 1, make_conv},
    {"Dropout", "ratio", "Dropout", 1, make_dropout},
    {"Flatten", "", "Flatten", 1, make_flatten},
    {"Gemm", "units bias", "Gemm", 1, make_gemm},
    {"GlobalAveragePool", "", "GlobalAveragePool", 1, make_globalaveragepool},
    {"Identity", "", "Identity", 1, make_identity},
    {"MaxPool", "kernel_shape strides dilations pads ceil_mode", "MaxPool", 1, make_maxpool},
    {"Relu", "", "Relu", 1, make_relu},
    {"Relu6", "", "Clip", 1, make_clip},
};

static const struct language_op *find(const char *name)
{
    for (size_t i = 0; i < sizeof language / sizeof *language; i++)
        if (strcmp(language[i].name, name) == 0)
            return &language[i];
    return NULL;
}

const char *node_attributes(const char *op_type)
{
    const struct language_op *op = find(op_type);
    return op ? op->attributes : NULL;
}

enum status node_make(struct making *making, const char *op_type, const char *name,
                      const int *inputs, size_t count, const struct arguments *arguments,
                      int *value, struct error *err)
{
    const struct language_op *op = find(op_type);
    struct model *model = making->model;
    struct call call = {.making = making,
                        .name = name,
                        .inputs = inputs,
                        .input_count = count,
                        .in = &making->dims[inputs[0]],
                        .arguments = arguments,
                        .all_count = count};
    struct dims in[INPUTS_MAX], out, first = making->dims[inputs[0]];
    enum status status;
    if ((op->inputs && count != op->inputs) || count > INPUTS_MAX)
        return error_set(err, STATUS_USAGE, "%s takes %zu input%s, not %zu", op_type,
                         op->inputs ? op->inputs : INPUTS_MAX, op->inputs == 1 ? "" : "s", count);
    for (size_t i = 0; i < count; i++) {
        call.all[i] = inputs[i];
        in[i] = making->dims[inputs[i]];
        making->uses[inputs[i]]++;
    }
    call.in = &first;
    if (model_find_value(model, name) >= 0)
        return error_set(err, STATUS_USAGE, "the name %s is taken", name);
    if ((*value = model_add_value(model, name)) < 0)
        return error_memory(err);
    if ((status = op->make(&call, *value, err)) != STATUS_OK)
        return status;
    status = layer_shape(model, &model->nodes[model->node_count - 1], in, count, &out, err);
    if (status == STATUS_OK && (status = making_room(making, err)) == STATUS_OK)
        making->dims[*value] = out;
    return status;
}
