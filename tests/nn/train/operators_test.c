/* Operators of models from elsewhere: what a trainer puts out is what the reference does, and the
 * gradients are right. If a check fails, fine-tuning learns something else than the model. */
#include "nn/infer.h"
#include "nn/net.h"
#include "tests/nn/build.h"
#include "tests/nn/train/gradient.h"

enum { CHANNELS = 3, HEIGHT = 6, WIDTH = 8, NUMBERS = CHANNELS * HEIGHT * WIDTH };

static int begin(int nhwc)
{
    struct shape shape = nhwc ? (struct shape){4, {-1, HEIGHT, WIDTH, CHANNELS}}
                              : (struct shape){4, {-1, CHANNELS, HEIGHT, WIDTH}};
    new_model();
    random_seed(&numbers, 5);
    return model_add_input(model, "input", ELEMENT_F32, &shape);
}

/* A convolution first, so that each operator's gradient by its input is seen in its weights. */
static int first(void)
{
    return conv(begin(0), CHANNELS, 4, 3, 1, 1, 1, 1);
}

static int ends(int x, int64_t count)
{
    return node("Gemm", x, constant(2, count, CLASSES, 0, 0), constant(1, CLASSES, 0, 0, 0));
}

static int flat(int x)
{
    return one("Flatten", x);
}

static int full(int x)
{
    return ends(flat(x), 4 * HEIGHT * WIDTH);
}

static int number(int x, const char *name, float value)
{
    model_attribute_float(model, name, value);
    return x;
}

static int reshape(int x, int64_t a, int64_t b, int64_t c, int64_t d)
{
    return two("Reshape", x, INTEGERS(a, b, c, d));
}

/* ---- networks ---- */

static int sigmoid(void)
{
    return full(one("Sigmoid", first()));
}
static int tanh_(void)
{
    return full(one("Tanh", first()));
}
static int elu(void)
{
    return full(number(one("Elu", first()), "alpha", 0.7F));
}
static int leaky(void)
{
    return full(number(one("LeakyRelu", first()), "alpha", 0.2F));
}
static int hard_sigmoid(void)
{
    return full(number(one("HardSigmoid", first()), "alpha", 0.3F));
}
static int hard_swish(void)
{
    return full(one("HardSwish", first()));
}
static int softplus(void)
{
    return full(one("Softplus", first()));
}
static int gelu(void)
{
    int x = full(one("Gelu", first()));
    model->opset = 20;
    return x;
}
static int swish(void)
{
    int x = first();
    return full(two("Mul", x, one("Sigmoid", x)));
}
static int square(void)
{
    int x = first();
    return full(two("Mul", x, x));
}
static int squeeze_excite(void)
{
    int x = first(), s = one("GlobalAveragePool", x);
    s = one("Relu", conv(s, 4, 2, 1, 1, 0, 1, 1));
    s = one("HardSigmoid", conv(s, 2, 4, 1, 1, 0, 1, 1));
    return full(two("Mul", s, two("Mul", x, s)));
}
static int keras_squeeze_excite(void)
{
    int x = first(), s = flat(one("GlobalAveragePool", x));
    s = one("Sigmoid",
            two("Add", two("MatMul", s, constant(2, 4, 4, 0, 0)), constant(1, 4, 0, 0, 0)));
    return full(two("Mul", x, reshape(s, -1, 4, 1, 1)));
}
static int bias_after_product(void)
{
    int x = flat(first());
    x = two("MatMul", x, constant(2, 4 * HEIGHT * WIDTH, 7, 0, 0));
    x = one("Relu", two("Add", constant(2, 1, 7, 0, 0), x));
    return two("MatMul", x, constant(2, 7, CLASSES, 0, 0));
}
static int bias_after_convolution(void)
{
    int x = conv(begin(0), CHANNELS, 4, 3, 1, 1, 1, 0);
    return full(two("Add", x, constant(3, 4, 1, 1, 0)));
}
static int constants(void)
{
    int x = first();
    x = two("Mul", x, constant(4, 1, 4, 1, 1));
    x = two("Sub", scalar(1), two("Add", x, scalar(0.25F)));
    x = two("Div", two("Sub", x, constant(3, 4, 1, 1, 0)), scalar(0.5F));
    return full(two("Mul", scalar(2), x));
}
static int shortcut(void)
{
    int x = first(), y = conv(x, 4, 6, 3, 2, 1, 1, 1);
    int inputs[5] = {x, INTEGERS(0, 0), INTEGERS(1000, 1000), INTEGERS(2, 3), INTEGERS(2, 2)};
    int s = fresh();
    model_add_node(model, "Slice", "slice", inputs, 5, &s, 1);
    s = two("Pad", s, INTEGERS(0, 1, 0, 0, 0, 1, 0, 0));
    return ends(flat(two("Add", y, s)), 6 * HEIGHT / 2 * WIDTH / 2);
}
static int pads(void)
{
    int x = first();
    x = node("Pad", x, INTEGERS(0, 0, 1, 2, 0, 0, 0, 1), scalar(0.5F));
    x = two("Pad", x, INTEGERS(0, 0, 2, 0, 0, 0, 0, 1));
    model_attribute_string(model, "mode", "reflect");
    x = conv(x, 4, 4, 3, 1, 0, 1, 1);
    return ends(flat(x), 4 * 7 * 10);
}
static int shuffle(void)
{
    int x = first();
    x = two("Reshape", x, INTEGERS(0, 2, 2, HEIGHT, WIDTH));
    x = one("Relu", x);
    x = one("Transpose", x);
    INTS("perm", 0, 2, 1, 3, 4);
    x = reshape(x, 0, 4, HEIGHT, WIDTH);
    return full(conv(x, 4, 4, 3, 1, 1, 2, 1));
}
static int shape_chain(void)
{
    int x = first(), zero = INTEGERS(0);
    int batch = two("Gather", one("Shape", x), zero);
    int list[2] = {batch, INTEGERS(-1)};
    return ends(two("Reshape", x, concat(list, 2, 0)), 4 * HEIGHT * WIDTH);
}
static int mean(void)
{
    int x = first(), y = one("ReduceMean", x), z;
    INTS("axes", 2, 3);
    z = one("ReduceMean", one("Tanh", x));
    INTS("axes", -1, -2);
    model_attribute_int(model, "keepdims", 0);
    return ends(two("Add", flat(y), z), 4);
}
static int squeezes(void)
{
    int x = one("GlobalAveragePool", first());
    x = two("Squeeze", x, INTEGERS(2, 3));
    x = two("Unsqueeze", one("Relu", x), INTEGERS(2, 3));
    return ends(flat(conv(x, 4, 5, 1, 1, 0, 1, 1)), 5);
}
static int nhwc(void)
{
    int x = begin(1);
    x = two("Sub", two("Mul", x, scalar(0.5F)), constant(1, CHANNELS, 0, 0, 0));
    x = one("Relu", conv(transpose(x, 0, 3, 1, 2), CHANNELS, 4, 3, 1, 1, 1, 1));
    x = transpose(x, 0, 2, 3, 1);
    return ends(two("Reshape", x, INTEGERS(-1, 4 * HEIGHT * WIDTH)), 4 * HEIGHT * WIDTH);
}
static int frozen(void)
{
    return full(one("Relu", batchnorm(first(), 4)));
}
static int space_depth(void)
{
    int x = one("SpaceToDepth", first());
    model_attribute_int(model, "blocksize", 2);
    x = one("DepthToSpace", conv(x, 16, 16, 1, 1, 0, 1, 1));
    model_attribute_int(model, "blocksize", 2);
    return full(x);
}

/* A convolution read three times, once by another name, and a product twice. */
static int shared(void)
{
    int x = first(), w = constant(4, 4, 4, 3, 3), b = constant(1, 4, 0, 0, 0), y, z;
    int list[3] = {x, one("Identity", w), b};
    for (int i = 0; i < 3; i++) {
        list[0] = x;
        list[1] = i == 1 ? list[1] : w;
        x = fresh();
        model_add_node(model, "Conv", "", list, 3, &x, 1);
        INTS("pads", 1, 1, 1, 1);
        x = one("Tanh", x);
    }
    w = constant(2, 4, 4, 0, 0);
    y = two("MatMul", flat(one("GlobalAveragePool", x)), w);
    z = two("MatMul", one("Tanh", y), w);
    return ends(two("Add", y, z), 4);
}
/* chunk() of PyTorch: where to cut is computed of the shape. */
static int chunk(void)
{
    int x = first(), channels = two("Gather", one("Shape", x), INTEGERS(1));
    int half = two("Div", channels, INTEGERS(2)), y;
    int low[4] = {x, INTEGERS(0), half, INTEGERS(1)}, high[4] = {x, half, channels, low[3]};
    int parts[2] = {fresh(), fresh()};
    model_add_node(model, "Slice", "low", low, 4, &parts[0], 1);
    model_add_node(model, "Slice", "high", high, 4, &parts[1], 1);
    parts[1] = one("Tanh", parts[1]);
    y = concat(parts, 2, 1);
    return full(y);
}
static const struct {
    const char *what;
    int (*make)(void);
} networks[] = {
    {"shared weights", shared},
    {"chunks", chunk},
    {"Sigmoid", sigmoid},
    {"Tanh", tanh_},
    {"Elu", elu},
    {"LeakyRelu", leaky},
    {"HardSigmoid", hard_sigmoid},
    {"HardSwish", hard_swish},
    {"Softplus", softplus},
    {"Gelu", gelu},
    {"x * Sigmoid(x)", swish},
    {"x * x", square},
    {"squeeze and excitation", squeeze_excite},
    {"squeeze and excitation of Keras", keras_squeeze_excite},
    {"MatMul and Add", bias_after_product},
    {"Conv and Add", bias_after_convolution},
    {"constants", constants},
    {"Slice and Pad of a shortcut", shortcut},
    {"Pad", pads},
    {"channels shuffled", shuffle},
    {"Reshape by a computed shape", shape_chain},
    {"ReduceMean", mean},
    {"Squeeze, Unsqueeze", squeezes},
    {"N x H x W x C", nhwc},
    {"BatchNormalization, frozen", frozen},
    {"SpaceToDepth, DepthToSpace", space_depth},
};

/* The reference's output for the pictures of the batch, against the trainer's. */
static double distance(struct trainer *trainer, const struct batch_source *source)
{
    struct net_options options = {.reference = 1, .batch = BATCH};
    struct net *net = NULL;
    struct session *session = NULL;
    struct tensor out, pictures[BATCH];
    struct error err = {0};
    float pixels[BATCH][NUMBERS], target[CLASSES], got[BATCH * CLASSES];
    struct batch_result result;
    double most = 0;
    for (size_t i = 0; i < BATCH; i++) {
        source->load(source->context, 0, i, pixels[i], target, &err);
        pictures[i] = (struct tensor){ELEMENT_F32, {3, {HEIGHT, WIDTH, CHANNELS}}, pixels[i]};
    }
    if (trainer_evaluate(trainer, source, 0, BATCH, got, &result, &err) != STATUS_OK ||
        net_new(model, &options, &net, &err) != STATUS_OK ||
        session_new(net, &session, &err) != STATUS_OK ||
        session_run_images(session, pictures, 1, NULL, BATCH, &out, &err) != STATUS_OK) {
        printf("# %s\n", err.text);
        most = 1;
    } else {
        for (size_t i = 0; i < BATCH * CLASSES; i++)
            most = fmax(most, fabs((double)(((float *)out.data)[i] - got[i])));
    }
    session_free(session);
    net_free(net);
    return most;
}

static void check(const char *what, int (*make)(void), struct pool *pool)
{
    struct trainer_options training = {
        .batch = BATCH, .seed = 3, .freeze_norm = make == frozen, .optimiser = {.momentum = 0.9F}};
    struct pictures pictures = {NUMBERS, 11};
    struct batch_source source = {load, &pictures};
    struct trainer *trainer = NULL;
    struct error err = {0};
    double error;
    int output = make();
    model_add_output(model, output);
    if (ok(model_infer(model, 0, 0, &err) == STATUS_OK &&
               trainer_new(model, pool, &training, &trainer, &err) == STATUS_OK,
           "%s: a trainer", what)) {
        error = distance(trainer, &source);
        ok(error < 1e-4, "%s: puts out what the reference does (%g)", what, error);
        check_gradients(trainer, &source, what);
    } else {
        printf("# %s\n", err.text);
    }
    trainer_free(trainer);
    model_free(model);
}

/* Exporters keep equal constants once; what one node learns is no matter of the other. */
static void equal_constants(void)
{
    struct error err = {0};
    int bias, x = flat(one("GlobalAveragePool", first()));
    bias = constant(1, 4, 0, 0, 0);
    x = two("Add", two("MatMul", x, constant(2, 4, 4, 0, 0)), bias);
    x = two("Add", two("MatMul", x, constant(2, 4, 4, 0, 0)), bias);
    model_add_output(model, x);
    ok(model_infer(model, 0, 0, &err) == STATUS_OK && model->nodes[4].inputs[1] == bias &&
           model->nodes[6].inputs[1] != bias,
       "a constant that is the bias of two products becomes two");
    model_free(model);
}

int main(void)
{
    struct pool *pool;
    struct error err;
    equal_constants();
    pool_new(2, &pool, &err);
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        check(networks[i].what, networks[i].make, pool);
    pool_free(pool);
    return tap_done();
}
