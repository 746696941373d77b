/* What the plan of a network leaves to be done at run time, and that the results are those of the
 * reference operators all the same. The first part counts steps: if a case fails there, something
 * is copied or converted that need not be. The second makes small random networks of whatever has
 * to do with where values lie: if a seed fails there, two values share memory that they must not.
 */
#include "nn/net_internal.h"
#include "tests/nn/build.h"
#include "tests/tap.h"

#include <math.h>

enum { OUTPUTS_MAX = 3 };

/* ---- running ---- */

/* Copies of all outputs; 0 and a message when it fails. */
static size_t run_once(const struct net_options *options, const struct tensor *input,
                       struct tensor *copies)
{
    struct error err;
    struct net *net = NULL;
    struct session *session = NULL;
    struct tensor outputs[OUTPUTS_MAX];
    size_t count = 0;
    if (net_new(model, options, &net, &err) != STATUS_OK ||
        session_new(net, &session, &err) != STATUS_OK ||
        session_run(session, input, 1, outputs, &err) != STATUS_OK) {
        printf("# %s: %s\n", options->reference ? "reference" : "engine", err.text);
    } else {
        for (count = 0; count < net_output_count(net); count++) {
            size_t elements = (size_t)shape_count(&outputs[count].shape);
            copies[count] = outputs[count];
            copies[count].data = memory_array(elements + 1, sizeof(float));
            memcpy(copies[count].data, outputs[count].data, elements * sizeof(float));
        }
    }
    session_free(session);
    net_free(net);
    return count;
}

/* The largest difference of an element over the largest element; infinite for other shapes. */
static double compare(const struct tensor *got, const struct tensor *expected)
{
    const float *a = got->data, *b = expected->data;
    double worst = 0, largest = 1e-30;
    if (!shape_equal(&got->shape, &expected->shape))
        return INFINITY;
    for (int64_t i = 0; i < shape_count(&got->shape); i++) {
        double error = fabs((double)a[i] - b[i]);
        worst = error > worst || isnan(error) ? error : worst;
        largest = fmax(largest, fabs(b[i]));
    }
    return worst / largest;
}

/* The same over all outputs; infinite when one side failed. */
static double difference_of(const struct net_options *options, const struct tensor *input)
{
    static const struct net_options reference = {.reference = 1};
    struct tensor got[OUTPUTS_MAX], expected[OUTPUTS_MAX];
    size_t count = run_once(options, input, got),
           expected_count = run_once(&reference, input, expected);
    double worst = count && count == expected_count ? 0 : INFINITY;
    for (size_t i = 0; i < count && i < expected_count; i++) {
        double here = compare(&got[i], &expected[i]);
        worst = here > worst || isnan(here) ? here : worst;
    }
    for (size_t i = 0; i < count; i++)
        free(got[i].data);
    for (size_t i = 0; i < expected_count; i++)
        free(expected[i].data);
    return worst;
}

/* With all pictures together, and with as many steps as can picture by picture and band by band. */
static double difference(const struct tensor *input)
{
    static const struct net_options together = {.cache = INT64_MAX}, apart = {.cache = 1};
    return fmax(difference_of(&together, input), difference_of(&apart, input));
}

/* Do both give the same numbers, to the last bit? */
static int order_does_not_matter(const struct tensor *input)
{
    static const struct net_options together = {.cache = INT64_MAX}, apart = {.cache = 1};
    struct tensor a[OUTPUTS_MAX], b[OUTPUTS_MAX];
    size_t count = run_once(&together, input, a), others = run_once(&apart, input, b);
    int same = count > 0 && count == others;
    for (size_t i = 0; i < count && same; i++)
        same = memcmp(a[i].data, b[i].data, (size_t)shape_count(&a[i].shape) * sizeof(float)) == 0;
    for (size_t i = 0; i < count; i++)
        free(a[i].data);
    for (size_t i = 0; i < others; i++)
        free(b[i].data);
    return same;
}

/* ---- steps counted ---- */

static int is_plain(enum step_kind kind)
{
    return kind == STEP_CONV || kind == STEP_GEMM;
}

/* Letters for the steps, in order, without convolutions and products: what else is done. */
static void describe(const struct plan *plan, char *text, size_t room)
{
    static const char letters[] = {[STEP_OP] = 'o',           [STEP_MAX_POOL] = 'm',
                                   [STEP_AVERAGE_POOL] = 'a', [STEP_GLOBAL_AVERAGE] = 'g',
                                   [STEP_GLOBAL_MAX] = 'G',   [STEP_BINARY] = 'b',
                                   [STEP_SCALE] = 's',        [STEP_ACTIVATION] = 'r',
                                   [STEP_CONCAT] = 'c',       [STEP_SOFTMAX] = 'x',
                                   [STEP_LRN] = 'l',          [STEP_TO_NHWC] = '>',
                                   [STEP_TO_NCHW] = '<',      [STEP_COPY] = '=',
                                   [STEP_SHUFFLE] = 'S',      [STEP_PAD] = 'p'};
    size_t length = 0;
    for (size_t i = 0; i < plan->step_count && length + 1 < room; i++)
        if (!is_plain(plan->steps[i].kind))
            text[length++] = letters[plan->steps[i].kind];
    text[length] = 0;
}

static void check_steps(const char *name, const struct tensor *input, const char *expected)
{
    struct net *net = NULL;
    struct plan *plan = NULL;
    struct error err;
    char text[64] = "failed";
    struct tensor shaped = *input;
    shaped.data = NULL;
    if (net_new(model, NULL, &net, &err) == STATUS_OK &&
        plan_new(net, &shaped, 0, &plan, &err) == STATUS_OK)
        describe(plan, text, sizeof text);
    else
        printf("# %s\n", err.text);
    same_text(text, expected, name);
    plan_free(plan);
    net_free(net);
}

/* The cases: x is 2 x 8 x 9 x 11. */

static int pair(int a, int b, int64_t axis)
{
    return concat((const int[]){a, b}, 2, axis);
}
static int inception(int x) /* all branches end in what can write into a part */
{
    int y = conv(x, 8, 8, 1, 1, 0, 1, 1), parts[4];
    parts[0] = one("Relu", conv(y, 8, 5, 1, 1, 0, 1, 1));
    parts[1] = one("Relu", conv(y, 8, 16, 3, 1, 1, 1, 1));
    parts[2] = pool("MaxPool", y, 3, 1, 1);
    parts[3] = conv(pool("AveragePool", y, 3, 1, 1), 8, 3, 1, 1, 0, 1, 1);
    return conv(concat(parts, 4, 1), 32, 7, 3, 1, 1, 1, 1);
}
static int dense_block(int x) /* as torchvision's DenseNet is exported */
{
    int features[4] = {conv(x, 8, 12, 3, 1, 1, 1, 1)};
    for (size_t i = 0; i < 3; i++) {
        int64_t channels = 12 + 5 * (int64_t)i;
        int y = one("Relu", batchnorm(concat(features, i + 1, 1), channels));
        y = one("Relu", batchnorm(conv(y, channels, 6, 1, 1, 0, 1, 0), 6));
        features[i + 1] = conv(y, 6, 5, 3, 1, 1, 1, 0);
    }
    return conv(one("Relu", batchnorm(concat(features, 4, 1), 27)), 27, 4, 1, 1, 0, 1, 0);
}
static int dense_nested(int x) /* as Keras' DenseNet is exported */
{
    int y = conv(x, 8, 12, 3, 1, 1, 1, 1);
    for (int64_t channels = 12; channels < 27; channels += 5) {
        int new = one("Relu", batchnorm(y, channels));
        y = pair(y, conv(new, channels, 5, 3, 1, 1, 1, 0), -3);
    }
    return conv(y, 27, 4, 1, 1, 0, 1, 0);
}
static int twice(int x) /* the second time is a copy */
{
    int y = conv(x, 8, 5, 1, 1, 0, 1, 1);
    return conv(pair(y, y, 1), 10, 3, 3, 1, 1, 1, 1);
}
static int two_concats(int x) /* in the first it is a copy */
{
    int y = conv(x, 8, 5, 1, 1, 0, 1, 1), z = conv(x, 8, 3, 1, 1, 0, 1, 1);
    int a = conv(pair(y, z, 1), 8, 5, 1, 1, 0, 1, 1);
    return conv(pair(a, y, 1), 10, 3, 3, 1, 1, 1, 1);
}
static int with_input(int x) /* the input is converted straight into its part */
{
    return conv(pair(conv(x, 8, 5, 1, 1, 0, 1, 1), x, 1), 13, 3, 3, 1, 1, 1, 1);
}
static int with_constant(int x) /* the constant was turned when planning, and is copied */
{
    return conv(pair(conv(x, 8, 5, 1, 1, 0, 1, 1), constant(4, 2, 3, 9, 11), 1), 8, 3, 3, 1, 1, 1,
                1);
}
static int with_reference(int x) /* LRN reads and writes dense pixels */
{
    int y = conv(x, 8, 5, 1, 1, 0, 1, 1), z = one("LRN", y);
    model_attribute_int(model, "size", 3);
    return conv(pair(z, conv(z, 5, 6, 1, 1, 0, 1, 1), 1), 11, 3, 3, 1, 1, 1, 1);
}
static int of_sums(int x) /* element-wise steps write into their parts */
{
    int y = conv(x, 8, 5, 1, 1, 0, 1, 1), z = one("Tanh", y);
    return conv(pair(two("Mul", z, y), one("LeakyRelu", two("Sub", z, constant(3, 5, 1, 1, 0))), 1),
                10, 3, 3, 1, 1, 1, 1);
}
static int residual_in_part(int x)
{
    int y = conv(x, 8, 5, 1, 1, 0, 1, 1), z = two("Add", conv(y, 5, 5, 3, 1, 1, 1, 1), y);
    return conv(pair(y, z, 1), 10, 3, 3, 1, 1, 1, 1);
}
static int of_rows(int x)
{
    int y = conv(x, 8, 5, 1, 1, 0, 1, 1), z = conv(x, 8, 5, 3, 1, 1, 1, 1);
    return conv(pair(y, z, 2), 5, 3, 3, 1, 1, 1, 1);
}
static int squeeze_excite(int x)
{
    int y = conv(x, 8, 24, 3, 1, 1, 1, 1);
    int s = conv(one("Relu", conv(one("GlobalAveragePool", y), 24, 6, 1, 1, 0, 1, 1)), 6, 24, 1, 1,
                 0, 1, 1);
    return conv(two("Mul", y, one("HardSigmoid", s)), 24, 8, 1, 1, 0, 1, 1);
}
static int many_channels(int x) /* pixels 512 floats apart would alias */
{
    int y = one("Relu", conv(x, 8, 512, 1, 1, 0, 1, 1));
    y = clip(conv(y, 512, 512, 3, 1, 1, 512, 1), 0, 6);
    return conv(two("Add", one("Tanh", y), y), 512, 8, 1, 1, 0, 1, 1);
}

static int shuffle(int x, int64_t groups, int64_t channels)
{
    int y = two("Reshape", x, INTEGERS(0, groups, channels / groups, 9, 11));
    y = one("Transpose", y);
    INTS("perm", 0, 2, 1, 3, 4);
    return two("Reshape", y, INTEGERS(0, channels, 9, 11));
}
static int shuffle_groups(int x) /* ShuffleNet v1 */
{
    int y = conv(shuffle(conv(x, 8, 24, 1, 1, 0, 2, 1), 3, 24), 24, 24, 3, 1, 1, 24, 1);
    return conv(y, 24, 8, 1, 1, 0, 4, 1);
}
static int slice(int x, int64_t from, int64_t to, int64_t axis)
{
    int inputs[4] = {x, INTEGERS(from), INTEGERS(to), INTEGERS(axis)}, out = fresh();
    model_add_node(model, "Slice", "slice", inputs, 4, &out, 1);
    return out;
}
static int shuffle_halves(int x) /* ShuffleNet v2: one half passes through */
{
    int y = conv(x, 8, 20, 1, 1, 0, 1, 1);
    for (int i = 0; i < 2; i++) {
        int half = one("Relu", conv(slice(y, 10, 20, 1), 10, 10, 3, 1, 1, 1, 1));
        y = shuffle(pair(slice(y, 0, 10, 1), half, 1), 2, 20);
    }
    return conv(y, 20, 3, 1, 1, 0, 1, 1);
}
static int split(int x) /* CSP and C2f blocks; the first part is copied, the sum is written there */
{
    int y = conv(x, 8, 21, 3, 1, 1, 1, 1), outputs[2] = {fresh(), fresh()};
    int inputs[2] = {y, INTEGERS(8, 13)};
    model_add_node(model, "Split", "split", inputs, 2, outputs, 2);
    model_attribute_int(model, "axis", 1);
    y = two("Add", conv(outputs[1], 13, 13, 3, 1, 1, 1, 1), outputs[1]);
    return conv(pair(outputs[0], y, 1), 21, 8, 1, 1, 0, 1, 1);
}
static int slice_everywhere(int x) /* steps that take pixels apart, and those that do not */
{
    int y = conv(x, 8, 33, 1, 1, 0, 1, 1), part = slice(y, 4, 21, -3);
    int z = two("Mul", part, one("GlobalAveragePool", part));
    z = two("Sub", z, pool("MaxPool", part, 3, 1, 1));
    z = two("Add", one("Sigmoid", batchnorm(part, 17)), z);
    part = one("LRN", part);
    model_attribute_int(model, "size", 3);
    return two("Add", z, part);
}
static int slice_of_output(int x)
{
    return slice(conv(x, 8, 5, 1, 1, 0, 1, 1), 1, 3, 1);
}
static int cast_to_same(int x)
{
    int y = one("Cast", conv(x, 8, 5, 1, 1, 0, 1, 1));
    model_attribute_int(model, "to", 1);
    return conv(one("Identity", y), 5, 5, 3, 1, 1, 1, 1);
}
static int tokens(int x) /* patches become a sequence, which is a picture again */
{
    int y = two("Reshape", conv(x, 8, 5, 1, 1, 0, 1, 1), INTEGERS(0, 5, -1));
    y = one("Transpose", y);
    INTS("perm", 0, 2, 1);
    y = one("Transpose", one("Relu", two("MatMul", y, constant(2, 5, 7, 0, 0))));
    INTS("perm", 0, 2, 1);
    return conv(two("Reshape", y, INTEGERS(0, 7, 9, 11)), 7, 3, 3, 1, 1, 1, 1);
}
static int pad(int x, int64_t top, int64_t left, int64_t bottom, int64_t right)
{
    return two("Pad", x, INTEGERS(0, 0, top, left, 0, 0, bottom, right));
}
static int padded_pool(int x) /* Keras: zeros, which the maximum counts; the Pad of a sum's part */
{
    int y = conv(x, 8, 5, 1, 1, 0, 1, 1), z = pool("MaxPool", pad(y, 1, 0, 1, 2), 3, 2, 0);
    return conv(pair(pad(z, 0, 1, 2, 0), pad(z, 2, 0, 0, 1), 1), 10, 3, 3, 1, 1, 1, 1);
}
static int view_by_shape(int x) /* PyTorch's x.view(x.size(0), -1), and a Dropout */
{
    int n = two("Gather", one("Shape", x), INTEGERS(0)), y = conv(x, 8, 4, 3, 1, 0, 1, 1);
    y = pool("AveragePool", y, 7, 7, 0);
    y = two("Reshape", one("Dropout", y), pair(n, INTEGERS(-1), 0));
    return two("MatMul", y, constant(2, 4, 3, 0, 0));
}

static const struct {
    const char *name;
    int (*build)(int x);
    const char *steps;
} cases[] = {
    {"inception", inception, ">ma<"},
    {"dense_block", dense_block, ">ssss<"},
    {"dense_nested", dense_nested, ">sss<"},
    {"twice", twice, ">c<"},
    {"two_concats", two_concats, ">c<"},
    {"with_input", with_input, "><"},
    {"with_constant", with_constant, ">c<"},
    {"with_reference", with_reference, ">lc<"},
    {"of_sums", of_sums, ">rbb<"},
    {"residual_in_part", residual_in_part, "><"},
    {"of_rows", of_rows, ">c<"},
    {"squeeze_excite", squeeze_excite, ">gb<"},
    {"shuffle_groups", shuffle_groups, ">S<"},
    {"shuffle_halves", shuffle_halves, ">SS<"},
    {"split", split, ">c<"},
    {"slice_everywhere", slice_everywhere, ">gbmbsb=lb<"},
    {"slice_of_output", slice_of_output, "><"},
    {"cast_to_same", cast_to_same, "><"},
    {"tokens", tokens, "><"},
    {"padded_pool", padded_pool, ">pmpp<"},
    {"view_by_shape", view_by_shape, ">a"},
    {"many_channels", many_channels, ">rb<"},
};

static void test_case(size_t i)
{
    struct shape shape = {4, {2, 8, 9, 11}}, open = {4, {-1, 8, 9, 11}};
    struct tensor input = random_tensor(&shape);
    double worst;
    new_model();
    model_add_output(model, cases[i].build(model_add_input(model, "x", ELEMENT_F32, &open)));
    check_steps(cases[i].name, &input, cases[i].steps);
    worst = difference(&input);
    ok(worst < 3e-6, "%s: as the reference (largest error %.2g)", cases[i].name, worst);
    model_free(model);
    free(input.data);
}

/* Room between the pixels where they would alias, none where a reader wants them dense. */
static void test_room(void)
{
    struct shape shape = {4, {1, 8, 9, 11}};
    struct tensor input = {ELEMENT_F32, shape, NULL};
    struct net *net = NULL;
    struct plan *plan = NULL;
    struct error err;
    new_model();
    model_add_output(model, many_channels(model_add_input(model, "x", ELEMENT_F32, &shape)));
    if (ok(net_new(model, NULL, &net, &err) == STATUS_OK &&
               plan_new(net, &input, 0, &plan, &err) == STATUS_OK,
           "many channels")) {
        const struct step *depthwise = &plan->steps[2];
        same_int((long long)depthwise->window.in_ld, 528, "512 channels are 528 floats apart");
        same_int((long long)depthwise->window.out_ld, 528, "what a convolution writes, too");
        same_int((long long)plan->steps[plan->step_count - 1].in_ld, 8, "8 channels are dense");
    }
    plan_free(plan);
    net_free(net);
    model_free(model);
}

/* ---- random networks ---- */

enum { VALUES = 40, HEIGHT = 5, WIDTH = 6 };

struct values {
    int value[VALUES];
    int64_t channels[VALUES], rows[VALUES];
    size_t count;
};

static size_t pick(size_t count)
{
    return (size_t)random_below(&numbers, count);
}

static void put(struct values *have, int value, int64_t channels, int64_t rows)
{
    have->value[have->count] = value;
    have->channels[have->count] = channels;
    have->rows[have->count++] = rows;
}

/* One to four values of as many rows, the same one perhaps more than once. */
static void add_concat(struct values *have, size_t first)
{
    int inputs[4];
    size_t count = 1 + pick(4), taken = 0;
    int64_t channels = 0, rows = have->rows[first];
    for (size_t i = 0; i < 8 && taken < count; i++) {
        size_t next = i ? pick(have->count) : first;
        if (have->rows[next] != rows || channels + have->channels[next] > 600)
            continue;
        inputs[taken++] = have->value[next];
        channels += have->channels[next];
    }
    if (taken)
        put(have, concat(inputs, taken, pick(2) ? 1 : -3), channels, rows);
}

static void add_binary(struct values *have, size_t a)
{
    static const char *const ops[] = {"Add", "Sub", "Mul", "Add"};
    const char *op = ops[pick(4)];
    int64_t channels = have->channels[a], rows = have->rows[a];
    size_t b = pick(have->count);
    if (have->channels[b] == channels && have->rows[b] == rows)
        put(have, two(op, have->value[a], have->value[b]), channels, rows);
    else if (pick(2))
        put(have, two(op, have->value[a], constant(3, channels, 1, 1, 0)), channels, rows);
    else
        put(have, two("Mul", one("GlobalAveragePool", have->value[a]), have->value[a]), channels,
            rows);
}

static void add_conv(struct values *have, size_t from)
{
    static const int64_t widths[] = {1, 3, 8, 16, 17, 31, 512};
    int64_t in = have->channels[from], out = widths[pick(7)], kernel = pick(2) ? 3 : 1;
    int x = have->value[from];
    if (pick(4) == 0)
        put(have, conv(x, in, in, 3, 1, 1, in, 1), in, have->rows[from]);
    else
        put(have, conv(x, in, out, kernel, 1, kernel / 2, 1, 1), out, have->rows[from]);
}

static void add_rows(struct values *have, size_t from)
{
    int x = have->value[from];
    int64_t above = (int64_t)pick(HEIGHT);
    if (have->rows[from] == HEIGHT)
        put(have, pick(2) ? pair(x, x, 2) : pad(x, above, 0, HEIGHT - above, 0),
            have->channels[from], 2 * HEIGHT);
}

static void add_slice(struct values *have, size_t from)
{
    int64_t channels = have->channels[from], first = (int64_t)pick((size_t)channels);
    int64_t last = first + 1 + (int64_t)pick((size_t)(channels - first));
    put(have, slice(have->value[from], first, last, 1), last - first, have->rows[from]);
}

static void add_shuffle(struct values *have, size_t from)
{
    int64_t channels = have->channels[from], groups = 2 + (int64_t)pick(3), rows = have->rows[from];
    int y;
    if (channels % groups != 0)
        return;
    y = two("Reshape", have->value[from], INTEGERS(0, groups, channels / groups, rows, WIDTH));
    y = one("Transpose", y);
    INTS("perm", 0, 2, 1, 3, 4);
    put(have, two("Reshape", y, INTEGERS(0, channels, rows, WIDTH)), channels, rows);
}

static void add_one(struct values *have, size_t from)
{
    static const char *const ops[] = {"Relu", "Tanh", "Sigmoid", "Softsign", "Softmax", "LRN"};
    size_t op = pick(6);
    int y = one(ops[op], have->value[from]);
    if (op == 4)
        model_attribute_int(model, "axis", 1);
    if (op == 5)
        model_attribute_int(model, "size", 3);
    put(have, y, have->channels[from], have->rows[from]);
}

static void add_random(struct values *have)
{
    size_t from = pick(have->count);
    int64_t channels = have->channels[from], rows = have->rows[from];
    int x = have->value[from];
    switch (pick(11)) {
    case 0:
    case 1:
        add_conv(have, from);
        break;
    case 2:
    case 3:
        add_concat(have, from);
        break;
    case 4:
        add_binary(have, from);
        break;
    case 5:
        add_one(have, from);
        break;
    case 6:
        if (pick(2))
            put(have,
                have->count % 2 ? batchnorm(x, channels) : one("Relu", batchnorm(x, channels)),
                channels, rows);
        else
            put(have, pool(pick(2) ? "MaxPool" : "AveragePool", x, 3, 1, 1), channels, rows);
        break;
    case 7:
    case 8:
        add_slice(have, from);
        break;
    case 9:
        add_shuffle(have, from);
        break;
    default:
        add_rows(have, from);
    }
}

/* 1 when it is as the reference, whatever the order of the pictures. */
static int test_random(unsigned seed)
{
    struct values have = {.count = 0};
    struct shape shape = {4, {2, 3, HEIGHT, WIDTH}}, open = {4, {-1, 3, HEIGHT, WIDTH}};
    struct tensor input;
    double worst;
    int same;
    random_seed(&numbers, seed);
    input = random_tensor(&shape);
    new_model();
    put(&have, model_add_input(model, "x", ELEMENT_F32, &open), 3, HEIGHT);
    put(&have, conv(have.value[0], 3, 8, 3, 1, 1, 1, 1), 8, HEIGHT);
    while (have.count < 14 + seed % 10)
        add_random(&have);
    model_add_output(model, have.value[have.count - 1]);
    for (int i = 0; i < (int)pick(OUTPUTS_MAX); i++)
        model_add_output(model, have.value[2 + pick(have.count - 3)]);
    worst = difference(&input);
    same = order_does_not_matter(&input);
    if (!same)
        printf("# random network %u: the order of pictures and lines matters\n", seed);
    if (!(worst < 1e-3)) /* rounding grows with the sums; a wrong element is off by its whole */
        printf("# random network %u: largest error %.2g\n", seed, worst);
    model_free(model);
    free(input.data);
    return same && worst < 1e-3;
}

/* Large pictures under few weights, then the other way round. */
static void test_images(void)
{
    struct shape shape = {4, {3, 3, 64, 64}};
    struct tensor input = random_tensor(&shape), copies[OUTPUTS_MAX];
    struct net_options options = {.cache = 1 << 16};
    struct net *net = NULL;
    struct plan *plan = NULL;
    struct error err;
    int x;
    new_model();
    x = conv(model_add_input(model, "x", ELEMENT_F32, &shape), 3, 16, 3, 1, 1, 1, 1);
    x = pool("MaxPool", two("Add", conv(x, 16, 16, 3, 1, 1, 1, 1), x), 8, 8, 0);
    x = conv(x, 16, 64, 3, 1, 1, 1, 1);
    model_add_output(model, conv(x, 64, 64, 3, 1, 1, 1, 1));
    if (ok(net_new(model, &options, &net, &err) == STATUS_OK &&
               plan_new(net, &input, 0, &plan, &err) == STATUS_OK,
           "a plan for three pictures")) {
        same_int((long long)plan->images, 3, "the first steps run for each picture");
        same_int((long long)plan->apart, 4, "they are those with few weights");
        same_int((long long)plan->steps[3].window.batch, 1, "each for one");
        same_int((long long)plan->steps[4].window.batch, 3, "the others for all");
    }
    plan_free(plan);
    net_free(net);
    ok(difference_of(&options, &input) < 3e-6, "divided so: as the reference");
    ok(run_once(&options, &input, copies) == 1, "runs");
    free(copies[0].data);
    model_free(model);
    free(input.data);
}

/* Large pictures one after the other: steps that run together, each in part. */
static void test_bands(void)
{
    struct shape shape = {4, {1, 3, 61, 47}};
    struct tensor input = random_tensor(&shape);
    struct net_options options = {.cache = 1 << 15};
    struct net *net = NULL;
    struct plan *plan = NULL;
    struct error err;
    int x, y;
    new_model();
    x = conv(model_add_input(model, "x", ELEMENT_F32, &shape), 3, 32, 3, 2, 1, 1, 1);
    y = conv(conv(x, 32, 32, 5, 1, 2, 32, 1), 32, 400, 1, 1, 0, 1, 1);
    y = conv(conv(y, 400, 400, 3, 1, 1, 400, 1), 400, 32, 1, 1, 0, 1, 1);
    y = pool("MaxPool", two("Add", x, y), 3, 2, 0);
    model_add_output(model, conv(y, 32, 8, 1, 2, 0, 1, 1));
    if (ok(net_new(model, &options, &net, &err) == STATUS_OK &&
               plan_new(net, &input, 0, &plan, &err) == STATUS_OK,
           "a plan of large pictures")) {
        const struct step *steps = plan->steps;
        same_int((long long)steps[1].chain, 4, "the steps before the addition run together");
        same_int((long long)steps[5].chain, 2, "and it with the pooling");
        ok(!steps[1].slides && steps[2].slides && steps[3].slides && steps[5].slides,
           "some lines are kept of what only the next one reads");
        ok(plan->places[steps[3].out[0]].bytes < 31 * 24 * 400 * 4 / 2, "and few of them");
    }
    plan_free(plan);
    net_free(net);
    ok(difference_of(&options, &input) < 3e-6, "in bands: as the reference");
    ok(order_does_not_matter(&input), "in bands: the same bits as without");
    model_free(model);
    free(input.data);
}

int main(void)
{
    int right = 0;
    random_seed(&numbers, 11);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        test_case(i);
    test_room();
    test_images();
    test_bands();
    for (unsigned seed = 1; seed <= 400; seed++)
        right += test_random(seed);
    same_int(right, 400, "random networks as the reference");
    return tap_done();
}
