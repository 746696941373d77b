/* Activations by formulas: y = f(x), dx = dy * f'(x), number by number. The parameters alpha and
 * beta are the operator's attributes. */
#include "nn/train/train_internal.h"

#include <math.h>
#include <string.h>

/* f(x), or with `slope` its derivative, of which y = f(x) is known. */
typedef float formula(float x, float y, float alpha, float beta, int slope);

static float sigmoid(float x, float y, float alpha, float beta, int slope)
{
    (void)alpha, (void)beta;
    return slope ? y * (1 - y) : 1 / (1 + expf(-x));
}

static float hard_sigmoid(float x, float y, float alpha, float beta, int slope)
{
    if (slope)
        return y > 0 && y < 1 ? alpha : 0;
    return fminf(fmaxf(alpha * x + beta, 0), 1);
}

static float hard_swish(float x, float y, float alpha, float beta, int slope)
{
    (void)y, (void)alpha, (void)beta;
    if (slope)
        return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5f;
    return x * fminf(fmaxf(x / 6 + 0.5f, 0), 1);
}

static float leaky_relu(float x, float y, float alpha, float beta, int slope)
{
    (void)y, (void)beta;
    if (slope)
        return x >= 0 ? 1 : alpha;
    return x >= 0 ? x : alpha * x;
}

static float elu(float x, float y, float alpha, float beta, int slope)
{
    (void)beta;
    if (slope)
        return x >= 0 ? 1 : y + alpha;
    return x >= 0 ? x : alpha * expm1f(x);
}

static float hyperbolic(float x, float y, float alpha, float beta, int slope)
{
    (void)alpha, (void)beta;
    return slope ? 1 - y * y : tanhf(x);
}

static float softplus(float x, float y, float alpha, float beta, int slope)
{
    (void)y, (void)alpha, (void)beta;
    return slope ? 1 / (1 + expf(-x)) : fmaxf(x, 0) + log1pf(expf(-fabsf(x)));
}

/* x * P(X <= x) of a normal X: the exact form (approximate="none"). */
static float gelu(float x, float y, float alpha, float beta, int slope)
{
    float below = 0.5f * (1 + erff(x * 0.70710678f));
    (void)y, (void)alpha, (void)beta;
    return slope ? below + x * 0.39894228f * expf(-0.5f * x * x) : x * below;
}

static const struct unary {
    const char *op_type;
    formula *formula;
    float alpha, beta; /* where the node does not say */
} formulas[] = {
    {"Elu", elu, 1, 0},
    {"Gelu", gelu, 0, 0},
    {"HardSigmoid", hard_sigmoid, 0.2f, 0.5f},
    {"HardSwish", hard_swish, 0, 0},
    {"LeakyRelu", leaky_relu, 0.01f, 0},
    {"Sigmoid", sigmoid, 0, 0},
    {"Softplus", softplus, 0, 0},
    {"Tanh", hyperbolic, 0, 0},
};

static const struct unary *find(const char *op_type)
{
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++)
        if (strcmp(formulas[i].op_type, op_type) == 0)
            return &formulas[i];
    return NULL;
}

int unary_knows(const char *op_type)
{
    return find(op_type) != NULL;
}

static enum status shape(const struct model *model, const struct node *node, const struct dims *in,
                         size_t count, struct dims *out, struct error *err)
{
    (void)model, (void)count;
    if (strcmp(node_string(node, "approximate", "none"), "none") != 0)
        return error_set(err, STATUS_FAILED, "%s that is approximated cannot be trained",
                         node->op_type);
    *out = *in;
    return STATUS_OK;
}

static enum status setup(struct layer *layer, const struct model *model, struct error *err)
{
    struct unary *unary = arena_alloc(layer->trainer->arena, 1, sizeof *unary);
    (void)model;
    if (!unary)
        return error_memory(err);
    *unary = *find(layer->node->op_type);
    unary->alpha = node_float(layer->node, "alpha", unary->alpha);
    unary->beta = node_float(layer->node, "beta", unary->beta);
    layer->state = unary;
    return STATUS_OK;
}

static void forward(struct layer *layer, int lane, int worker)
{
    const struct unary *unary = layer->state;
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    const float *x = layer->in[0]->data;
    float *y = layer->out->data;
    (void)worker;
    for (size_t i = first * size; i < (first + count) * size; i++)
        y[i] = unary->formula(x[i], 0, unary->alpha, unary->beta, 0);
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct unary *unary = layer->state;
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    const float *x = layer->in[0]->data, *y = layer->out->data, *dy = layer->out->grad;
    float *dx = layer->in[0]->grad;
    int more = layer->more[0];
    (void)worker;
    if (!layer->in[0]->needs_grad)
        return;
    for (size_t i = first * size; i < (first + count) * size; i++)
        dx[i] =
            (more ? dx[i] : 0) + dy[i] * unary->formula(x[i], y[i], unary->alpha, unary->beta, 1);
}

const struct train_op train_unary = {
    .op_type = "",
    .elementwise = 1,
    .shape = shape,
    .setup = setup,
    .forward = {{PER_LANE, forward}},
    .backward = {{PER_LANE, backward}},
};
