/* Small networks of the well-known families, as exporters wrote them, against what ONNX Runtime
 * gave (tests/nn/networks, made by tests/conformance/make_networks.py). If one fails, the engine
 * computes something else than others do: folds, lays out or chooses kernels wrongly for that
 * family. Each is run with the kernels of every instruction set of this processor, exact, and by
 * the reference operators. */
#include "base/io.h"
#include "base/memory.h"
#include "nn/kernels/kernels.h"
#include "nn/net.h"
#include "nn/onnx.h"
#include "tests/tap.h"

#include <math.h>

/* "2x3x32x32" */
static struct shape parse_shape(const char *text)
{
    struct shape shape = {0};
    char *end;
    for (; *text && shape.rank < SHAPE_RANK_MAX; text = end + strspn(end, "x"))
        shape.dim[shape.rank++] = strtoll(text, &end, 10);
    return shape;
}

/* The same formula as in make_networks.py. */
static struct tensor make_input(const char *shape)
{
    struct tensor input = {ELEMENT_F32, parse_shape(shape), NULL};
    int64_t count = shape_count(&input.shape);
    float *data = memory_array((size_t)count, sizeof *data);
    for (int64_t i = 0; data && i < count; i++)
        data[i] = (float)(i * 7919 % 1031 - 515) / 512;
    input.data = data;
    return input;
}

/* The largest difference from the numbers in the text, as a share of the largest of them. */
static double difference(const struct tensor *got, const char *shape, const char *numbers)
{
    struct shape expected_shape = parse_shape(shape);
    double error = 0, largest = 0;
    if (got->type != ELEMENT_F32 || !shape_equal(&got->shape, &expected_shape))
        return INFINITY;
    for (int64_t i = 0; i < shape_count(&expected_shape); i++) {
        char *end;
        double expected = strtod(numbers, &end),
               apart = fabs((double)((const float *)got->data)[i] - expected);
        if (end == numbers || isnan(apart))
            return INFINITY;
        error = fmax(error, apart);
        largest = fmax(largest, fabs(expected));
        numbers = end;
    }
    return error / largest;
}

struct golden {
    char *file, *tolerance, *input, *output, *numbers;
};

static void run(const struct model *model, const struct golden *golden,
                const struct net_options *options, const char *how)
{
    struct error err;
    struct net *net = NULL;
    struct session *session = NULL;
    struct tensor input = make_input(golden->input), output;
    double tolerance = strtod(golden->tolerance, NULL), apart = INFINITY;
    enum status status = net_new(model, options, &net, &err);
    if (status == STATUS_OK)
        status = session_new(net, &session, &err);
    if (status == STATUS_OK)
        status = session_run(session, &input, 1, &output, &err);
    if (status == STATUS_OK)
        apart = difference(&output, golden->output, golden->numbers);
    /* the share of the quantum was rounded when it was written down */
    if (!ok(apart <= 1.01 * tolerance, "%s, %s", golden->file, how))
        printf("#   %s; differs by %g of the largest, %g allowed\n",
               status == STATUS_OK ? "it runs" : err.text, apart, tolerance);
    session_free(session);
    net_free(net);
    free(input.data);
}

static void test_network(const char *folder, const struct golden *golden)
{
    char path[4096];
    struct error err;
    struct model *model;
    struct net_options plain = {0}, exact = {.exact = 1}, reference = {.reference = 1};
    snprintf(path, sizeof path, "%s/%s", folder, golden->file);
    if (onnx_load(path, &model, &err) != STATUS_OK) {
        ok(0, "%s: %s", golden->file, err.text);
        return;
    }
    for (size_t i = 0; kernels_at(i); i++) {
        setenv("IMGUTILS_ISA", kernels_at(i)->isa, 1);
        run(model, golden, &plain, kernels_at(i)->isa);
        run(model, golden, &exact, "exact");
    }
    run(model, golden, &reference, "by reference");
    model_free(model);
}

int main(void)
{
    const char *source = getenv("SRCDIR");
    char folder[2048], path[4096], *text, *line, *save;
    size_t size;
    struct error err;
    int count = 0;
    snprintf(folder, sizeof folder, "%s/tests/nn/networks", source ? source : ".");
    snprintf(path, sizeof path, "%s/outputs.txt", folder);
    if (io_slurp(path, 1 << 20, &text, &size, &err) != STATUS_OK) {
        ok(0, "%s", err.text);
        return tap_done();
    }
    for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        struct golden golden = {.file = line};
        if (*line == '#')
            continue;
        golden.file = strtok_r(line, " ", &golden.numbers);
        golden.tolerance = strtok_r(NULL, " ", &golden.numbers);
        golden.input = strtok_r(NULL, " ", &golden.numbers);
        golden.output = strtok_r(NULL, " ", &golden.numbers);
        if (golden.output) {
            test_network(folder, &golden);
            count++;
        }
    }
    ok(count >= 17, "%d networks were there", count);
    free(text);
    return tap_done();
}
