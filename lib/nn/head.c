#include "nn/head.h"

#include "base/random.h"
#include "nn/model_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int is_one_of(const char *op, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(op, *names) == 0)
            return 1;
    return 0;
}

static int is_constant(const struct model *model, const struct node *node, size_t i)
{
    return i < node->input_count && node->inputs[i] >= 0 && model->values[node->inputs[i]].constant;
}

/* The linear layer itself. */
static enum status take_layer(const struct model *model, struct head *head, struct error *err)
{
    const struct node *node = &model->nodes[head->node];
    const struct tensor *weight;
    int is_conv = strcmp(node->op_type, "Conv") == 0;
    if (!is_constant(model, node, 1) || (node->input_count > 2 && head->bias >= 0) ||
        (node->input_count > 2 && !is_constant(model, node, 2)) || node_int(node, "group", 1) != 1)
        return error_set(err, STATUS_FAILED, "%s, which makes the classes, is of an unknown form",
                         *node->name ? node->name : node->op_type);
    head->weight = node->inputs[1];
    if (node->input_count > 2)
        head->bias = node->inputs[2];
    weight = model->values[head->weight].constant;
    head->axis = is_conv || node_int(node, "transB", 0) != 0 ? 0 : 1;
    if (weight->type != ELEMENT_F32 || weight->shape.rank != (is_conv ? 4 : 2) ||
        (head->bias >= 0 && (model->values[head->bias].constant->type != ELEMENT_F32 ||
                             shape_count(&model->values[head->bias].constant->shape) !=
                                 weight->shape.dim[head->axis])))
        return error_set(err, STATUS_FAILED,
                         "%s, which makes the classes, has weights of an "
                         "unknown form",
                         *node->name ? node->name : node->op_type);
    head->classes = weight->shape.dim[head->axis];
    return STATUS_OK;
}

/* One node further up: what it is to the head. Returns the value to go on with; -1: it ends here.
 */
static int step(const struct model *model, const struct node *node, struct head *head)
{
    static const char *const activations[] = {"Softmax", "LogSoftmax", "Sigmoid", NULL};
    static const char *const passing[] = {
        "Identity", "Reshape",           "Flatten",     "Squeeze",    "Unsqueeze", "Dropout",
        "Relu",     "GlobalAveragePool", "AveragePool", "ReduceMean", NULL};
    if (is_one_of(node->op_type, activations) && !head->activation && head->bias < 0) {
        head->activation = node->op_type;
        return head->logits = node->inputs[0];
    }
    if (is_one_of(node->op_type, passing))
        return node->inputs[0];
    if (strcmp(node->op_type, "Add") == 0 && node->input_count == 2 && head->bias < 0)
        for (size_t i = 0; i < 2; i++)
            if (is_constant(model, node, i)) {
                head->bias = node->inputs[i];
                return node->inputs[1 - i];
            }
    return -1;
}

enum status head_find(const struct model *model, struct head *head, struct error *err)
{
    static const char *const linear[] = {"Gemm", "MatMul", "Conv", NULL};
    int value = model->output_count ? model->outputs[0] : -1;
    *head = (struct head){.bias = -1, .logits = value};
    while (value >= 0 && model->values[value].producer >= 0) {
        const struct node *node = &model->nodes[model->values[value].producer];
        if (is_one_of(node->op_type, linear)) {
            head->node = model->values[value].producer;
            return take_layer(model, head, err);
        }
        value = node->input_count ? step(model, node, head) : -1;
    }
    return error_set(err, STATUS_FAILED, "no linear layer at the end makes the classes");
}

/* Does another node read the constant, too? */
static int is_shared(const struct model *model, int value)
{
    int uses = 0;
    for (size_t i = 0; i < model->node_count; i++)
        for (size_t k = 0; k < model->nodes[i].input_count; k++)
            uses += model->nodes[i].inputs[k] == value;
    return uses > 1;
}

/* Puts another tensor in the place of a constant that belongs to the layer alone. */
static enum status put(struct model *model, int value, const struct tensor *tensor,
                       struct error *err)
{
    struct tensor *copy = tensor_copy(model->arena, tensor);
    if (!copy)
        return error_memory(err);
    model->values[value].constant = copy;
    model->values[value].shape = copy->shape;
    return STATUS_OK;
}

static enum status check_own(const struct model *model, const struct head *head, struct error *err)
{
    if (is_shared(model, head->weight) || (head->bias >= 0 && is_shared(model, head->bias)))
        return error_set(err, STATUS_FAILED,
                         "the layer that makes the classes shares its weights "
                         "with another node");
    return STATUS_OK;
}

/* A Reshape behind the layer may name the number of classes. */
static void loosen(struct model *model, const struct head *head)
{
    int value = model->outputs[0];
    while (model->values[value].producer > head->node) {
        struct node *node = &model->nodes[model->values[value].producer];
        if (strcmp(node->op_type, "Reshape") == 0) {
            node->op_type = "Flatten";
            node->input_count = 1;
            node->attribute_count = 0;
        }
        value = is_constant(model, node, 0) ? node->inputs[1] : node->inputs[0];
    }
}

enum status head_replace(struct model *model, const struct head *head, int64_t classes,
                         uint64_t seed, struct error *err)
{
    struct tensor weight = *model->values[head->weight].constant, bias = {0};
    struct random random;
    int64_t count;
    double bound;
    float *numbers;
    enum status status;
    TRY(check_own(model, head, err));
    bound = (double)shape_count(&weight.shape) / (double)head->classes + (double)classes;
    bound = sqrt(6 / bound);
    weight.shape.dim[head->axis] = classes;
    count = shape_count(&weight.shape);
    if (!(numbers = memory_array((size_t)(count + classes), sizeof *numbers)))
        return error_memory(err);
    random_seed(&random, seed);
    for (int64_t i = 0; i < count; i++)
        numbers[i] = (float)((2 * random_uniform(&random) - 1) * bound);
    weight.data = numbers;
    status = put(model, head->weight, &weight, err);
    if (status == STATUS_OK && head->bias >= 0) {
        bias = *model->values[head->bias].constant;
        for (int i = 0; i < bias.shape.rank; i++)
            if (bias.shape.dim[i] == head->classes)
                bias.shape.dim[i] = classes;
        bias.data = numbers + count;
        status = put(model, head->bias, &bias, err);
    }
    free(numbers);
    loosen(model, head);
    return status;
}

/* Rows (axis 0) or columns (axis 1) of what is seen as classes x rest, or rest x classes. */
static enum status reorder(struct model *model, int value, int axis, int64_t classes,
                           const size_t *order, struct error *err)
{
    const struct tensor *from = model->values[value].constant;
    size_t count = (size_t)shape_count(&from->shape), n = (size_t)classes, rest = count / n;
    struct tensor to = *from;
    float *numbers = memory_array(count + 1, sizeof *numbers);
    const float *old = from->data;
    enum status status;
    if (!numbers)
        return error_memory(err);
    for (size_t c = 0; c < n; c++)
        for (size_t k = 0; k < rest; k++)
            numbers[axis ? k * n + c : c * rest + k] =
                old[axis ? k * n + order[c] : order[c] * rest + k];
    to.data = numbers;
    status = put(model, value, &to, err);
    free(numbers);
    return status;
}

enum status head_reorder(struct model *model, const struct head *head, const size_t *order,
                         struct error *err)
{
    TRY(check_own(model, head, err));
    TRY(reorder(model, head->weight, head->axis, head->classes, order, err));
    return head->bias < 0 ? STATUS_OK : reorder(model, head->bias, 0, head->classes, order, err);
}
