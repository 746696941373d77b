/* Models joined: whether the whole computes what its parts do one after the other, in the words of
 * the backbone's opset. If a check fails, a model that imgtrain --backbone writes is another one
 * than that which was measured, or none that others can run. */
#include "nn/compose.h"
#include "nn/net.h"
#include "nn/netfile/netfile.h"
#include "nn/onnx.h"

#include "tests/nn/build.h"
#include "tests/tap.h"

#include <math.h>

/* A small backbone of that opset, with a node and an output that the features do not need. */
static struct model *backbone(int64_t opset, int *map, int *pool)
{
    struct shape shape = {4, {-1, 3, 6, 5}};
    int input, x;
    model = model_new();
    model->opset = opset;
    random_seed(&numbers, 7);
    input = model_add_input(model, "input", ELEMENT_F32, &shape);
    x = node("Conv", input, constant(4, 4, 3, 3, 3), -1);
    *map = one("Relu", x);
    *pool = one("GlobalAveragePool", *map);
    model_add_output(model, one("Exp", *pool));
    model_add_output(model, one("Sqrt", *map));
    model_set_metadata(model, "who", "backbone");
    model_set_metadata(model, "where", "here");
    return model;
}

static struct model *head(const char *text, struct dims input)
{
    struct netfile_options options = {.input = input, .classes = 3, .seed = 3};
    struct model *made = NULL;
    struct error err = {0};
    if (netfile_parse(text, strlen(text), "head", &options, &made, &err) != STATUS_OK)
        printf("# %s\n", err.text);
    else
        model_set_metadata(made, "who", "head");
    return made;
}

/* The output of the model for the tensor, by the reference; NULL: it cannot be run. */
static float *run(const struct model *of, const char *name, const struct tensor *in, size_t count)
{
    struct net_options options = {.node = name, .reference = 1};
    struct net *net = NULL;
    struct session *session = NULL;
    struct tensor out[2];
    struct error err;
    float *copy = memory_array(count, sizeof *copy);
    int works = net_new(of, &options, &net, &err) == STATUS_OK &&
                session_new(net, &session, &err) == STATUS_OK &&
                session_run(session, in, 1, out, &err) == STATUS_OK;
    if (works && shape_count(&out[0].shape) == (int64_t)count) {
        memcpy(copy, out[0].data, count * sizeof *copy);
    } else {
        printf("# %s\n", works ? "another shape" : err.text);
        free(copy);
        copy = NULL;
    }
    session_free(session);
    net_free(net);
    return copy;
}

/* The whole after being written and read again, as others get it. */
static void same_results(const struct model *first, const char *name, size_t features,
                         const struct model *second, const struct model *whole, const char *what)
{
    float pixels[2 * 90], *middle, *expected = NULL, *got;
    struct tensor in = {ELEMENT_F32, {4, {2, 3, 6, 5}}, pixels};
    struct tensor between = {ELEMENT_F32, second->values[second->inputs[0]].shape, NULL};
    struct buffer bytes = {0};
    struct model *again = NULL;
    struct error err;
    random_seed(&numbers, 9);
    for (size_t i = 0; i < 180; i++)
        pixels[i] = (float)random_normal(&numbers);
    between.shape.dim[0] = 2;
    between.data = middle = run(first, name, &in, 2 * features);
    if (middle)
        expected = run(second, NULL, &between, 6);
    if (onnx_encode(whole, &bytes, &err) != STATUS_OK ||
        onnx_parse(bytes.data, bytes.size, &again, &err) != STATUS_OK)
        printf("# %s\n", err.text);
    got = again ? run(again, NULL, &in, 6) : NULL;
    ok(expected && got && memcmp(expected, got, 6 * sizeof *got) == 0, "%s: the same results",
       what);
    model_free(again);
    buffer_free(&bytes);
    free(middle);
    free(expected);
    free(got);
}

static void joins(int64_t opset, const char *text, int at_map, struct dims input, const char *what)
{
    int map, pool;
    struct model *first = backbone(opset, &map, &pool), *second = head(text, input), *whole = NULL;
    struct shape shape = {4, {1, 4, at_map ? 4 : 1, at_map ? 3 : 1}};
    struct error err = {0};
    int value = at_map ? map : pool;
    if (!ok(second && model_join(first, value, &shape, second, &whole, &err) == STATUS_OK,
            "%s: joined", what)) {
        printf("# %s\n", err.text);
        return;
    }
    same_int(whole->opset, opset, "  in the backbone's opset");
    same_int((long long)whole->output_count, 1, "  with the head's output alone");
    same_text(model_get_metadata(whole, "who"), "head", "  the head's metadata first");
    same_text(model_get_metadata(whole, "where"), "here", "  then the backbone's");
    for (size_t i = 0; i < whole->node_count; i++)
        if (strcmp(whole->nodes[i].op_type, "Sqrt") == 0 ||
            strcmp(whole->nodes[i].op_type, "Exp") == 0)
            ok(0, "  %s is left", whole->nodes[i].op_type);
    same_results(first, first->values[value].name, at_map ? 48 : 4, second, whole, what);
    model_free(whole);
    model_free(first);
    model_free(second);
}

static void refused(int64_t opset, const char *text, struct dims input, const char *says)
{
    int map, pool;
    struct model *first = backbone(opset, &map, &pool), *second = head(text, input), *whole = NULL;
    struct shape shape = {4, {1, 4, 4, 3}};
    struct error err = {0};
    ok(second && model_join(first, map, &shape, second, &whole, &err) != STATUS_OK &&
           strstr(err.text, says) != NULL,
       "refused: %s", says);
    if (!strstr(err.text, says))
        printf("#   got '%s'\n", err.text);
    model_free(first);
    model_free(second);
}

int main(void)
{
    static const char *const all =
        "Conv channels=5 kernel_shape=2\nn: BatchNormalization\nRelu6\na: MaxPool "
        "kernel_shape=2\nAveragePool kernel_shape=2 count_include_pad=1 < n\n"
        "Concat < . a\nb: Dropout ratio=0.4\nAdd < b b\nFlatten\nClip min=-1 max=0.5\nGemm "
        "units=7 bias=0\nGemm units=3";
    static const int64_t opsets[] = {7, 9, 11, 12, 13, 17, 21};
    char what[64];
    for (size_t i = 0; i < sizeof opsets / sizeof *opsets; i++) {
        snprintf(what, sizeof what, "opset %d", (int)opsets[i]);
        joins(opsets[i], all, 1, (struct dims){4, 4, 3}, what);
    }
    joins(13, "Gemm units=3", 0, (struct dims){4, 0, 0}, "one pixel for a vector");
    joins(13, "Gemm units=3", 0, (struct dims){4, 1, 1}, "one pixel for one pixel");
    refused(13, "Flatten\nGemm units=3", (struct dims){5, 4, 3}, "is 1x4x4x3 for a picture");
    refused(13, "Gemm units=3", (struct dims){48, 0, 0}, "the head takes");
    refused(6, "Flatten\nGemm units=3", (struct dims){4, 4, 3}, "opset 6, which is too old");
    refused(9, "MaxPool kernel_shape=2 strides=2 ceil_mode=1\nFlatten\nGemm units=3",
            (struct dims){4, 4, 3}, "no ceil_mode");
    return tap_done();
}
