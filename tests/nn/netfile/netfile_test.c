/* The language of models: what is built, and that every mistake is told with file and line. */
#include "nn/netfile/netfile.h"
#include "tests/tap.h"

static struct netfile_options options = {.input = {3, 32, 32}, .classes = 10, .seed = 1};

static long long weights(const struct model *model)
{
    long long count = 0;
    for (size_t i = 0; i < model->value_count; i++) {
        const char *name = model->values[i].name, *dot = name ? strrchr(name, '.') : NULL;
        if (model->values[i].constant && dot &&
            (strcmp(dot, ".weight") == 0 || strcmp(dot, ".bias") == 0 ||
             strcmp(dot, ".scale") == 0))
            count += shape_count(&model->values[i].constant->shape);
    }
    return count;
}

static void wrong(const char *text, const char *expected)
{
    struct model *model = NULL;
    struct error err = {0};
    enum status status = netfile_parse(text, strlen(text), "x.net", &options, &model, &err);
    if (!ok(status == STATUS_USAGE && strstr(err.text, expected) != NULL, "refused: %s", expected))
        printf("#   status %d, got '%s'\n", status, err.text);
    if (status == STATUS_OK)
        model_free(model);
}

static void right(const char *text, const char *what)
{
    struct model *model = NULL;
    struct error err = {0};
    if (!ok(netfile_parse(text, strlen(text), "x.net", &options, &model, &err) == STATUS_OK, "%s",
            what))
        printf("#   %s\n", err.text);
    else
        model_free(model);
}

static void counts(const char *file, int channels, int size, int classes, long long expected)
{
    struct netfile_options use = {.input = {channels, size, size}, .classes = classes, .seed = 1};
    char path[512];
    struct model *model = NULL;
    struct error err = {0};
    char *text = NULL;
    size_t length = 0;
    snprintf(path, sizeof path, "%s/models/%s", getenv("SRCDIR") ? getenv("SRCDIR") : ".", file);
    if (!ok(netfile_read(path, &text, &length, &err) == STATUS_OK &&
                netfile_check(text, length, file, &err) == STATUS_OK &&
                netfile_parse(text, length, file, &use, &model, &err) == STATUS_OK,
            "%s is read", file)) {
        printf("#   %s\n", err.text);
        free(text);
        return;
    }
    free(text);
    same_int(weights(model), expected, file);
    model_free(model);
}

/* `default` lines with and without data: a dense layer of inputs x units comes out. */
static void by_default(const char *text, int size, int classes, int inputs, int units)
{
    struct netfile_options use = {.classes = classes, .seed = 1};
    struct model *model = NULL;
    struct error err = {0};
    if (size)
        use.input = (struct dims){3, size, size};
    if (!ok(netfile_parse(text, strlen(text), "x.net", &use, &model, &err) == STATUS_OK, "%s",
            text)) {
        printf("#   %s\n", err.text);
        return;
    }
    same_int(weights(model), inputs * units + units, "the weights of the defaults");
    model_free(model);
}

/* Without the data: what is wrong then is told before the data is read. */
static void checked(const char *text, const char *expected)
{
    struct error err = {0};
    enum status status = netfile_check(text, strlen(text), "x.net", &err);
    if (!ok(expected ? status == STATUS_USAGE && strstr(err.text, expected) != NULL
                     : status == STATUS_OK,
            "checked without data: %s", expected ? expected : text))
        printf("#   status %d, got '%s'\n", status, err.text);
}

static void test_checks(void)
{
    checked("Flatten\n# a comment\nGem units=3\n", "x.net:3: Gem is neither");
    checked("a: Relu\nb: Gem\n", "x.net:2: Gem is neither");
    checked("Conv channel=3\n", "x.net:1: Conv has no 'channel'");
    checked("block b n\n  Relu\nend\nb m=4\n", "x.net:4: b has no 'm'; it has: n");
    checked("block b\n  Rely\nend\nRelu\n", "x.net:2: Rely is neither");
    checked("repeat 3\nRelu\n", "x.net:1: repeat without end");
    checked("a:\nRelu\n", NULL);
    checked("input 3x8x8\nlet n=$C\nb: Conv channels=$classes*n < . in\n", NULL);
}

static void test_published(void)
{
    counts("resnet50.net", 3, 224, 1000, 25557032);
    /* torchvision's counts; of mobilenet_v1, Keras' trainable parameters */
    counts("mobilenet_v1.net", 3, 224, 1000, 4231976);
    counts("mobilenet_v2.net", 3, 224, 1000, 3504872);
    counts("inception_v3.net", 3, 299, 1000, 23834568);
    counts("squeezenet1_1.net", 3, 224, 1000, 1235496);
    counts("vgg16.net", 3, 224, 1000, 138357544);
    counts("resnet20.net", 3, 32, 10, 272474);
    counts("lenet5.net", 1, 28, 10, 25 * 32 + 32 + 25 * 32 * 64 + 64 + 3136 * 128 + 128 + 1290);
    counts("logreg.net", 3, 8, 5, 192 * 5 + 5);
}

static void test_lists(void)
{
    right("block b k p\n  Conv channels=8 kernel_shape=$k pads=$p\nend\nb k=1x7 p=same\nb "
          "k=3,2*2-1 p=0,1\n",
          "a list as parameter");
    right("let k=7x1\nblock b k\n  Conv channels=8 kernel_shape=$k\nend\nb k=$k\n",
          "a list handed on");
    wrong("block b k\n  Conv channels=$k kernel_shape=3\nend\nb k=3x3\n", "is no number");
}

static void test_operators(void)
{
    wrong("Relu\nBlah\n", "x.net:2: Blah is neither");
    wrong("\n\n# only a comment\n", "there is no node");
    wrong("Conv channels=8\n", "x.net:1: kernel_shape is missing");
    wrong("Conv kernel_shape=3\n", "x.net:1: channels is 0");
    wrong("Conv channels=8 kernel_shape=3 colour=2\n", "x.net:1: Conv has no 'colour'");
    wrong("Conv channels=8 kernel_shape=3 kernel_shape=3\n", "given twice");
    wrong("Conv channels=8 kernel_shape=1,2,3\n", "more than 2 numbers");
    wrong("Conv channels=8 kernel_shape=40\n", "does not fit");
    wrong("Conv channels=8 kernel_shape=3 group=2\n", "group=2 does not divide");
    wrong("Conv channels=$many kernel_shape=3\n", "nothing is known of $many as a number");
    wrong("Conv channels=8/0 kernel_shape=3\n", "divides by 0");
    wrong("Conv channels=2.5 kernel_shape=3\n", "channels is 2.5");
    wrong("Conv channels=(8 kernel_shape=3\n", "lacks a ')'");
    wrong("Gemm units=10\n", "put Flatten before it");
    wrong("a: Relu\na: Relu\n", "x.net:2: the name a is taken");
    wrong("a: Relu\nRelu < b\n", "x.net:2: there is no node b");
    wrong("a: Relu\nRelu\nFlatten < a\nGemm units=3\n", "x.net:2: nothing uses Relu_2");
    wrong("a: Relu\nMaxPool kernel_shape=2 strides=2\nAdd < . a\n",
          "x.net:3: Add of 3x16x16 and 3x32x32");
    wrong("Add < .\n", "Add takes 2 inputs, not 1");
    wrong("Relu\nAdd\n", "x.net:2: Add takes 2 inputs, not 1");
}

static void test_blocks(void)
{
    wrong("block b\nRelu\n", "x.net:1: block without end");
    wrong("end\n", "x.net:1: end without");
    wrong("block b n\n  Conv channels=$n kernel_shape=99\nend\nb n=3\n", "x.net:2: a window");
    wrong("block b n\n  Conv channels=$n kernel_shape=99\nend\nb n=3\n", "(called from line 4)");
    wrong("block b n\n  Relu\nend\nb\n", "x.net:4: block b needs n=");
    wrong("block b n\n  Relu\nend\nb m=4\n", "x.net:4: b has no 'm'");
    wrong("block b\n  b\nend\nb\n", "x.net:2: b is neither");
    wrong("repeat 3000\nrepeat 3000\nlet x=1\nend\nend\nRelu\n", "lines with all repetitions");
    wrong("repeat 20000\nRelu\nend\n", "repeat 20000");
}

static void test_defaults(void)
{
    by_default("default input=1x6x5 classes=7\nFlatten\nGemm units=$classes\n", 0, 0, 1 * 6 * 5, 7);
    by_default("default classes=7\ndefault input=1x6x5\nFlatten\nGemm units=$classes\n", 0, 3, 30,
               3);
    by_default("input 1x6x5\ndefault classes=7\nFlatten\nGemm units=$classes\n", 0, 0, 30, 7);
    by_default("default input=1x6x5 classes=7\nFlatten\nGemm units=$classes\n", 8, 0, 192, 7);
    by_default("default input=30\nFlatten\nGemm units=$classes\n", 0, 2, 30, 2);
    wrong("Relu\ndefault classes=3\n", "x.net:2: default must come before the first node");
    wrong("default sizes=3\nRelu\n", "x.net:1: default has no 'sizes'; it has: input classes");
    wrong("default classes=0\nRelu\n", "x.net:1: classes is 0");
    wrong("default input=3x4\nRelu\n", "x.net:1: input 3x4: expected");
    wrong("default input=0x4x4\nRelu\n", "x.net:1: input 0x4x4: expected whole numbers from 1");
    wrong("input 3x32x32\ndefault input=3x4x4\nRelu\n", "x.net:2: the line input has said");
    wrong("block b\ndefault classes=3\nend\nb\n", "default is neither");
    options = (struct netfile_options){.seed = 1};
    wrong("Relu\n", "x.net:1: the size of the pictures is not known");
    wrong("default input=3x4x4\nFlatten\nGemm units=$classes\n",
          "nothing is known of $classes as a number: no data");
    options = (struct netfile_options){.input = {3, 32, 32}, .classes = 10, .seed = 1};
}

static void test_input(void)
{
    wrong("input 1x28x28\nRelu\n", "x.net:1: the network takes 1x28x28, and the data is 3x32x32");
    wrong("Relu\ninput 3x32x32\n", "input must be the first line");
    wrong("Relu\n\x01\n", "x.net:2: a byte 0x01");
}

int main(void)
{
    test_checks();
    test_published();
    test_lists();
    test_operators();
    test_blocks();
    test_defaults();
    test_input();
    return tap_done();
}
