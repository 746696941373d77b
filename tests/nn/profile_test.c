/* What a profile says of a network's steps. If a check fails, a figure by which somebody decides
 * what to make faster is wrong. Nothing here depends on how long anything took. */
#include "nn/net.h"

#include "tests/tap.h"

static struct model *model;

static void new_model(void)
{
    model = model_new();
    model->opset = 14;
    model->ir_version = 7;
}

static int constant(int rank, int64_t a, int64_t b, int64_t c, int64_t d, float first)
{
    static int count;
    static float data[1024];
    struct tensor tensor = {ELEMENT_F32, {rank, {a, b, c, d}}, data};
    char name[16];
    for (int i = 0; i < 1024; i++)
        data[i] = first + (float)i / 4096;
    snprintf(name, sizeof name, "c%d", ++count);
    return model_add_constant(model, name, &tensor);
}

/* Inputs from b on may be -1: none. The node has no name, its value is called `name`. */
static int node(const char *op, const char *name, int a, int b, int c, int d, int e)
{
    int inputs[5] = {a, b, c, d, e}, out = model_add_value(model, name);
    size_t count = 1;
    while (count < 5 && inputs[count] >= 0)
        count++;
    model_add_node(model, op, "", inputs, count, &out, 1);
    return out;
}

static int conv(const char *name, int x, int64_t in, int64_t out)
{
    static const int64_t pads[4] = {1, 1, 1, 1};
    int y = node("Conv", name, x, constant(4, out, in, 3, 3, 0), -1, -1, -1);
    model_attribute_ints(model, "pads", pads, 4);
    return y;
}

static int input(const char *name, int rank, int64_t a, int64_t b, int64_t c, int64_t d)
{
    struct shape shape = {rank, {a, b, c, d}};
    return model_add_input(model, name, ELEMENT_F32, &shape);
}

/* Every way to be fused: a scale, an activation, one written as two operators, a residual. */
static void make_network(void)
{
    int x, y, z;
    new_model();
    x = conv("conv", input("x", 4, -1, 3, 6, 5), 3, 4);
    x = node("BatchNormalization", "bn", x, constant(1, 4, 0, 0, 0, 1), constant(1, 4, 0, 0, 0, 0),
             constant(1, 4, 0, 0, 0, 0), constant(1, 4, 0, 0, 0, 1));
    x = node("Relu", "relu", x, -1, -1, -1, -1);
    y = conv("inner", x, 4, 4);
    y = node("Mul", "swish", y, node("Sigmoid", "gate", y, -1, -1, -1, -1), -1, -1, -1);
    z = conv("outer", y, 4, 4);
    x = node("Relu", "sum_relu", node("Add", "sum", z, x, -1, -1, -1), -1, -1, -1, -1);
    x = node("GlobalAveragePool", "mean", x, -1, -1, -1, -1);
    x = node("Flatten", "flat", x, -1, -1, -1, -1);
    x = node("Gemm", "scores", x, constant(2, 4, 3, 0, 0, 0), -1, -1, -1);
    model_add_output(model, x);
}

static void check_step(const struct net_step *step, const char *name, const char *operators,
                       const char *shape, double flop)
{
    char text[SHAPE_TEXT];
    same_text(step->node, name, "the node's name is that of what it makes");
    same_text(step->operators, operators, "its operators");
    same_text(step->known ? shape_format(&step->output.shape, text) : "?", shape, "its shape");
    near(step->flop, flop, 0, "its multiply-adds, twice");
    ok(step->kernel && *step->kernel, "its kernel: %s", step->kernel);
    ok(step->seconds >= 0, "its time");
    ok(step->weights >= (flop > 0 ? 48 : 0), "its weights");
    ok(step->activations > 0, "its activations");
}

static void test_steps(void)
{
    struct net_options options = {.batch = 2};
    struct net *net = NULL;
    struct net_profile profile;
    struct error err;
    int64_t most = 0;
    make_network();
    ok(net_new(model, &options, &net, &err) == STATUS_OK &&
           net_profile_new(net, 3, &profile, &err) == STATUS_OK,
       "a profile");
    if (same_int((long long)profile.step_count, 5, "five steps for twelve nodes")) {
        const struct net_step *step = profile.steps;
        check_step(step++, "conv", "Conv+BatchNormalization+Relu", "2x4x6x5", 2. * 240 * 27);
        check_step(step++, "inner", "Conv+Sigmoid+Mul", "2x4x6x5", 2. * 240 * 36);
        check_step(step++, "outer", "Conv+Add+Relu", "2x4x6x5", 2. * 240 * 36);
        check_step(step++, "mean", "GlobalAveragePool", "2x4x1x1", 0);
        check_step(step++, "scores", "Gemm", "2x3", 2. * 2 * 4 * 3);
    }
    for (size_t i = 0; i < profile.step_count; i++)
        if (profile.steps[i].activations > most)
            most = profile.steps[i].activations;
    ok(most <= profile.memory, "no step holds more than the session's memory");
    ok(profile.isa && *profile.isa, "the instruction set");
    net_profile_free(&profile);
    net_free(net);
    model_free(model);
}

static void test_reference(void)
{
    struct net_options options = {.batch = 1, .reference = 1};
    struct net *net = NULL;
    struct net_profile profile;
    struct error err;
    double flop = 0;
    make_network();
    ok(net_new(model, &options, &net, &err) == STATUS_OK &&
           net_profile_new(net, 1, &profile, &err) == STATUS_OK,
       "a profile of the references");
    same_int((long long)profile.step_count, 13,
             "a step for each node, and for the picture's layout");
    same_text(profile.steps[1].kernel, "reference", "its kernel");
    for (size_t i = 0; i < profile.step_count; i++)
        flop += profile.steps[i].flop;
    near(flop, 2. * (120 * (27 + 36 + 36) + 4 * 3), 0, "the same arithmetic");
    net_profile_free(&profile);
    net_free(net);
    model_free(model);
}

/* A value that is asked for in ONNX's layout is converted: a step of no operator. */
static void test_conversion(void)
{
    struct net_options options = {.batch = 1};
    struct net *net = NULL;
    struct net_profile profile;
    struct error err;
    new_model();
    model_add_output(model, conv("y", input("x", 4, -1, 3, 6, 5), 3, 4));
    ok(net_new(model, &options, &net, &err) == STATUS_OK &&
           net_profile_new(net, 1, &profile, &err) == STATUS_OK,
       "a network that ends in a picture");
    if (same_int((long long)profile.step_count, 2, "a convolution and a conversion")) {
        char text[SHAPE_TEXT];
        same_text(profile.steps[1].node, "y", "the value's name");
        same_text(profile.steps[1].operators, "", "no operator");
        same_text(profile.steps[1].kernel, "to_nchw", "the conversion");
        same_text(shape_format(&profile.steps[1].output.shape, text), "1x4x6x5", "its shape");
    }
    net_profile_free(&profile);
    net_free(net);
    model_free(model);
}

static void test_sizes(void)
{
    struct net_options sizes = {.height = 6, .width = 5};
    struct net *net = NULL;
    struct net_profile profile;
    struct error err;
    new_model();
    model_add_output(model, conv("y", input("x", 4, -1, 3, -1, -1), 3, 4));
    ok(net_new(model, NULL, &net, &err) == STATUS_OK &&
           net_profile_new(net, 1, &profile, &err) == STATUS_USAGE && strstr(err.text, "'x'"),
       "open sizes: %s", err.text);
    net_free(net);
    ok(net_new(model, &sizes, &net, &err) == STATUS_OK &&
           net_profile_new(net, 1, &profile, &err) == STATUS_OK,
       "sizes given");
    net_profile_free(&profile);
    net_free(net);
    model_free(model);
    new_model();
    model_add_output(model, node("Add", "y", input("a", 2, -1, 3, 0, 0), input("b", 2, 2, -1, 0, 0),
                                 -1, -1, -1));
    ok(net_new(model, &sizes, &net, &err) == STATUS_OK &&
           net_profile_new(net, 1, &profile, &err) == STATUS_USAGE && strstr(err.text, "'b'"),
       "open sizes of no picture: %s", err.text);
    net_free(net);
    model_free(model);
}

int main(void)
{
    test_steps();
    test_reference();
    test_conversion();
    test_sizes();
    return tap_done();
}
