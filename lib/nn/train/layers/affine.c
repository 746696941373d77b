/* y = a[c] * x + b[c] per channel: Add, Sub, Mul and Div with a constant, and BatchNormalization
 * that is frozen (its statistics, scale and bias stay).
 *
 * The constants stay as they are, but for one: what is added to the result of a product or
 * convolution is its bias, which learns. */
#include "nn/train/train_internal.h"

#include <math.h>
#include <string.h>

struct affine {
    float *a, *b, *zeros;
    size_t constant; /* which input of the node */
};

static int is_constant(const struct model *model, const struct node *node, size_t i)
{
    return i < node->input_count && node->inputs[i] >= 0 && model->values[node->inputs[i]].constant;
}

static int is_op(const struct node *node, const char *op_type)
{
    return strcmp(node->op_type, op_type) == 0;
}

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    (void)count;
    if (is_op(node, "Div") && is_constant(model, node, 0))
        return error_set(err, STATUS_FAILED, "a constant divided by values cannot be trained");
    *out = *in;
    return STATUS_OK;
}

/* Is the constant one number, or one for each channel of the value? */
static enum status fits(const struct layer *layer, const struct model *model,
                        const struct shape *constant, struct error *err)
{
    const struct value *value = &model->values[layer->node->outputs[0]];
    int rank = value->shape.rank, axis = layer->in[0]->plain ? rank - 1 : 1;
    char text[SHAPE_TEXT];
    int one = value->typed && constant->rank <= rank;
    if (shape_count(constant) == 1)
        return STATUS_OK;
    for (int i = 0; one && i < constant->rank; i++)
        one = constant->dim[i] ==
              (i + rank - constant->rank == axis ? layer->in[0]->dims.channels : 1);
    return one ? STATUS_OK
               : error_set(err, STATUS_FAILED,
                           "a constant %s is neither one number nor one for each channel: it "
                           "cannot be trained",
                           shape_format(constant, text));
}

static struct affine *make(struct layer *layer, struct error *err)
{
    struct affine *affine = arena_alloc(layer->trainer->arena, 1, sizeof *affine);
    size_t channels = (size_t)layer->in[0]->dims.channels;
    float *numbers = arena_alloc(layer->trainer->arena, 3 * channels, sizeof(float));
    if (!affine || !numbers) {
        error_memory(err);
        return NULL;
    }
    layer->state = affine;
    *affine = (struct affine){numbers, numbers + channels, numbers + 2 * channels, 0};
    return affine;
}

static void set(const struct node *node, struct affine *affine, size_t c, float constant)
{
    affine->a[c] = is_op(node, "Mul") ? constant : is_op(node, "Div") ? 1 / constant : 1;
    affine->b[c] = is_op(node, "Add") ? constant : is_op(node, "Sub") ? -constant : 0;
    if (is_op(node, "Sub") && affine->constant == 0) {
        affine->a[c] = -1;
        affine->b[c] = constant;
    }
}

/* Does the value come from something that would have a bias of its own? */
static int is_bias(const struct layer *layer, const struct model *model, size_t count)
{
    static const char *const linear[] = {"MatMul", "Gemm", "Conv"};
    int value = layer->node->inputs[1 - ((struct affine *)layer->state)->constant];
    int producer = model->values[value].producer;
    if (!is_op(layer->node, "Add") || producer < 0 || count != (size_t)layer->in[0]->dims.channels)
        return 0;
    for (size_t i = 0; i < sizeof linear / sizeof *linear; i++)
        if (is_op(&model->nodes[producer], linear[i]))
            return 1;
    return 0;
}

static enum status setup(struct layer *layer, const struct model *model, struct error *err)
{
    struct affine *affine = make(layer, err);
    size_t channels = (size_t)layer->in[0]->dims.channels, count, i;
    const struct tensor *tensor;
    struct parameter *bias;
    const float *constant;
    if (!affine)
        return err->status;
    i = affine->constant = is_constant(model, layer->node, 0) ? 0 : 1;
    tensor = model->values[layer->node->inputs[i]].constant;
    count = (size_t)shape_count(&tensor->shape);
    TRY(fits(layer, model, &tensor->shape, err));
    if (!(constant = layer_constant(layer, model, i, count, err)))
        return err->status;
    for (size_t c = 0; c < channels; c++)
        set(layer->node, affine, c, constant[count == 1 ? 0 : c]);
    if (!is_bias(layer, model, count))
        return STATUS_OK;
    if (!(bias = layer_parameter(layer, "bias", channels, 0, 0, err)))
        return err->status;
    memcpy(bias->value, constant, channels * sizeof(float));
    affine->b = bias->value;
    return STATUS_OK;
}

static enum status setup_norm(struct layer *layer, const struct model *model, struct error *err)
{
    struct affine *affine = make(layer, err);
    size_t channels = (size_t)layer->in[0]->dims.channels;
    double epsilon = (double)node_float(layer->node, "epsilon", 1e-5f);
    const float *constant[4]; /* scale, bias, mean, variance */
    if (!affine)
        return err->status;
    for (size_t i = 0; i < 4; i++)
        if (!(constant[i] = layer_constant(layer, model, i + 1, channels, err)))
            return err->status;
    for (size_t c = 0; c < channels; c++) {
        affine->a[c] = (float)((double)constant[0][c] / sqrt((double)constant[3][c] + epsilon));
        affine->b[c] = constant[1][c] - constant[2][c] * affine->a[c];
    }
    return STATUS_OK;
}

static size_t lane_rows(const struct layer *layer, int lane, size_t *offset)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    *offset = first * size;
    return count * (size / (size_t)layer->out->dims.channels);
}

static void forward(struct layer *layer, int lane, int worker)
{
    const struct affine *affine = layer->state;
    size_t offset, rows = lane_rows(layer, lane, &offset);
    (void)worker;
    layer->trainer->train->affine(rows, (size_t)layer->out->dims.channels,
                                  layer->in[0]->data + offset, affine->a, affine->b,
                                  layer->out->data + offset);
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct affine *affine = layer->state;
    const struct train_kernels *kernels = layer->trainer->train;
    size_t offset, rows = lane_rows(layer, lane, &offset),
                   channels = (size_t)layer->out->dims.channels;
    const float *dy = layer->out->grad + offset;
    (void)worker;
    if (layer->parameter[0])
        kernels->sums(rows, channels, dy, lane_gradient(layer->parameter[0], lane));
    if (layer->in[0]->needs_grad)
        kernels->affine2(rows, channels, dy, dy, affine->a, affine->zeros, affine->zeros, NULL,
                         layer->in[0]->grad + offset, layer->more[0]);
}

static enum status store(const struct layer *layer, struct model *model, struct error *err)
{
    const struct affine *affine = layer->state;
    return layer->parameter[0]
               ? layer_store(layer, model, affine->constant, layer->parameter[0]->value, err)
               : STATUS_OK;
}

const struct train_op train_affine = {
    .op_type = "",
    .elementwise = 1,
    .shape = shape,
    .setup = setup,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
    .store = store,
};

const struct train_op train_frozen_norm = {
    .op_type = "",
    .shape = shape,
    .setup = setup_norm,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
