/* The end of a classifier, in the forms that others write it. If a check fails, fine-tuning keeps
 * or replaces another layer than the one that makes the classes, or mixes up the classes. */
#include "nn/head.h"
#include "nn/infer.h"
#include "nn/net.h"

#include "tests/nn/build.h"
#include "tests/tap.h"

#include <math.h>

enum { CLASSES = 4, MORE = 6, PIXELS = 3 * 5 * 5 };

static int begin(void)
{
    struct shape shape = {4, {-1, 3, 5, 5}};
    new_model();
    random_seed(&numbers, 3);
    return model_add_input(model, "input", ELEMENT_F32, &shape);
}

static int features(void)
{
    int x = conv(begin(), 3, 8, 3, 2, 1, 1, 1);
    return one("Relu", x);
}

static int vector(void)
{
    return one("Flatten", one("GlobalAveragePool", features()));
}

/* PyTorch's Linear. */
static int linear(void)
{
    int x = vector();
    x = node("Gemm", x, constant(2, CLASSES, 8, 0, 0), constant(1, CLASSES, 0, 0, 0));
    model_attribute_int(model, "transB", 1);
    return x;
}
/* Keras's Dense with a softmax. */
static int dense(void)
{
    int x = vector();
    x = two("MatMul", x, constant(2, 8, CLASSES, 0, 0));
    return one("Softmax", two("Add", x, constant(2, 1, CLASSES, 0, 0)));
}
/* TensorFlow's MobileNet: a convolution of one pixel, and a shape that says how many classes. */
static int pixel(void)
{
    int x = one("GlobalAveragePool", features());
    x = conv(x, 8, CLASSES, 1, 1, 0, 1, 1);
    return one("Softmax", two("Reshape", x, INTEGERS(-1, CLASSES)));
}
/* SqueezeNet: the classes are averaged afterwards. */
static int averaged(void)
{
    int x = conv(features(), 8, CLASSES, 1, 1, 0, 1, 0);
    return one("LogSoftmax", one("Flatten", one("GlobalAveragePool", one("Relu", x))));
}

/* What the model puts out for one picture: `count` numbers, or 0 when it cannot be run. */
static size_t run(float *out)
{
    struct net *net = NULL;
    struct session *session = NULL;
    float pixels[PIXELS];
    struct tensor in = {ELEMENT_F32, {4, {1, 3, 5, 5}}, pixels}, result = {0};
    struct error err = {0};
    size_t count = 0;
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = (float)(i * 7 % 11) / 5 - 1;
    if (net_new(model, NULL, &net, &err) == STATUS_OK &&
        session_new(net, &session, &err) == STATUS_OK &&
        session_run(session, &in, 1, &result, &err) == STATUS_OK) {
        count = (size_t)shape_count(&result.shape);
        memcpy(out, result.data, count * sizeof *out);
    } else {
        printf("# %s\n", err.text);
    }
    session_free(session);
    net_free(net);
    return count;
}

static void check(const char *what, int (*make)(void), const char *op_type, const char *activation)
{
    static const size_t order[CLASSES] = {2, 0, 3, 1};
    struct head head;
    struct error err = {0};
    float before[MORE] = {0}, after[MORE] = {0};
    int output = make(), same = 1;
    model_add_output(model, output);
    if (!ok(model_infer(model, 0, 0, &err) == STATUS_OK &&
                head_find(model, &head, &err) == STATUS_OK,
            "%s: found", what)) {
        printf("# %s\n", err.text);
        return;
    }
    same_text(model->nodes[head.node].op_type, op_type, "  the layer");
    same_text(head.activation, activation, "  the activation");
    ok((head.logits == output) == !activation, "  the logits are before it");
    same_int(head.classes, CLASSES, "  the classes");
    run(before);
    ok(head_reorder(model, &head, order, &err) == STATUS_OK && run(after) == CLASSES,
       "  put into another order");
    for (size_t i = 0; i < CLASSES; i++)
        same &= fabsf(after[i] - before[order[i]]) < 1e-6F;
    ok(same, "  each class goes where it should");
    ok(head_replace(model, &head, MORE, 1, &err) == STATUS_OK &&
           model_infer(model, 0, 0, &err) == STATUS_OK &&
           head_find(model, &head, &err) == STATUS_OK && head.classes == MORE,
       "  more classes");
    same_int((long long)run(after), MORE, "  are put out");
    model_free(model);
}

static void refused(int output, const char *what)
{
    struct head head;
    struct error err = {0};
    model_add_output(model, output);
    ok(head_find(model, &head, &err) == STATUS_FAILED, "refused: %s (%s)", what, err.text);
    model_free(model);
}

int main(void)
{
    int x;
    check("a Linear of PyTorch", linear, "Gemm", NULL);
    check("a Dense of Keras", dense, "MatMul", "Softmax");
    check("one pixel", pixel, "Conv", "Softmax");
    check("an average of classes", averaged, "Conv", "LogSoftmax");
    refused(one("Exp", linear()), "an Exp at the end");
    x = vector();
    refused(two("MatMul", x, x), "a product of two results");
    refused(one("Relu", begin()), "no layer at all");
    return tap_done();
}
