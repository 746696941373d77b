/* If this fails, workers that learned from different shards do not make one model: weights are not
 * the mean by samples, it depends on the order in which they are named, or networks that do not
 * belong together are mixed. */
#include "nn/average.h"
#include "nn/onnx.h"
#include "tests/tap.h"

#include <math.h>

enum { WEIGHTS = 6 };

struct sort {
    float weights[WEIGHTS];
    int64_t axis;
    const char *op, *samples, *labels;
};

/* x -> Add weights -> op -> Transpose by a constant attribute; one integer constant. */
static struct model *make(const struct sort *sort)
{
    struct model *model = model_new();
    struct shape in = {2, {-1, WEIGHTS}}, row = {1, {WEIGHTS}}, one = {1, {1}};
    struct tensor weights = {ELEMENT_F32, row, (void *)sort->weights};
    int64_t axis[1] = {sort->axis};
    struct tensor axes = {ELEMENT_I64, one, axis};
    int x = model_add_input(model, "x", ELEMENT_F32, &in), w, a, sum, out;
    int inputs[2];
    w = model_add_constant(model, "w", &weights);
    a = model_add_constant(model, "axes", &axes);
    sum = model_add_value(model, "sum");
    out = model_add_value(model, "out");
    inputs[0] = x, inputs[1] = w;
    model_add_node(model, sort->op, "first", inputs, 2, &sum, 1);
    model_attribute_int(model, "axis", sort->axis);
    inputs[0] = sum, inputs[1] = a;
    model_add_node(model, "Unsqueeze", "second", inputs, 2, &out, 1);
    model_add_output(model, out);
    if (sort->samples)
        model_set_metadata(model, MODEL_SAMPLES, sort->samples);
    model_set_metadata(model, MODEL_LABELS, sort->labels);
    return model;
}

static const struct sort sorts[] = {
    {{1, -2, 0.1f, 3e38f, 1e-40f, 7}, 1, "Add", "10", "a\nb"},
    {{2, -4, 0.3f, 3e38f, 3e-40f, 7}, 1, "Add", "30", "a\nb"},
    {{5, 0.5f, 0.7f, -3e38f, 0, 7}, 1, "Add", "60", "a\nb"},
};

static enum status average(const int *which, size_t count, struct buffer *bytes, float *weights,
                           int *weighted)
{
    struct average_part parts[4];
    struct error err = {0};
    enum status status;
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct average_part){.model = make(&sorts[which[i]]), .name = "m.onnx"};
    status = models_average(parts, count, 0, weighted, &err);
    if (status != STATUS_OK)
        printf("# %s\n", err.text);
    memcpy(weights, parts[0].model->values[model_find_value(parts[0].model, "w")].constant->data,
           WEIGHTS * sizeof *weights);
    buffer_clear(bytes);
    onnx_encode(parts[0].model, bytes, &err);
    for (size_t i = 0; i < count; i++)
        model_free(parts[i].model);
    return status;
}

static void means(void)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct buffer first = {0}, bytes = {0};
    float weights[WEIGHTS];
    int weighted = 0, same = 1;
    same_int(average(orders[0], 3, &first, weights, &weighted), STATUS_OK, "three models");
    same_int(weighted, 1, "by samples");
    for (size_t k = 0; k < WEIGHTS; k++) {
        double mean = 0.1 * (double)sorts[0].weights[k] + 0.3 * (double)sorts[1].weights[k] +
                      0.6 * (double)sorts[2].weights[k];
        near((double)weights[k], mean, 1e-7 * fabs(mean) + 1e-45, "the mean");
    }
    for (size_t i = 1; i < 6; i++) {
        average(orders[i], 3, &bytes, weights, &weighted);
        same &= bytes.size == first.size && memcmp(bytes.data, first.data, first.size) == 0;
    }
    ok(same, "the same bytes in every order");
    buffer_free(&first);
    buffer_free(&bytes);
}

static void alone(void)
{
    static const int one[1] = {0}, thrice[3] = {1, 1, 1};
    struct buffer bytes = {0}, own = {0};
    struct model *model = make(&sorts[0]);
    struct error err = {0};
    float weights[WEIGHTS];
    int weighted;
    onnx_encode(model, &own, &err);
    average(one, 1, &bytes, weights, &weighted);
    ok(bytes.size == own.size && memcmp(bytes.data, own.data, own.size) == 0,
       "the mean of one model is the model");
    average(thrice, 3, &bytes, weights, &weighted);
    ok(memcmp(weights, sorts[1].weights, sizeof weights) == 0,
       "the mean of equal models is each of them");
    model_free(model);
    buffer_free(&bytes);
    buffer_free(&own);
}

static void unknown_samples(void)
{
    struct sort silent = sorts[1];
    struct average_part parts[2] = {{.model = make(&sorts[0]), .name = "a"}};
    struct error err = {0};
    int weighted = 1;
    silent.samples = NULL;
    parts[1] = (struct average_part){.model = make(&silent), .name = "b"};
    same_int(models_average(parts, 2, 0, &weighted, &err), STATUS_OK,
             "one does not say its samples");
    same_int(weighted, 0, "that is told");
    near((double)((const float *)parts[0].model->values[1].constant->data)[0], 1.5, 0,
         "all weigh the same");
    model_free(parts[0].model);
    model_free(parts[1].model);
}

/* All went on from a model that had learned from 5 samples: 5, 25 and 55 count. */
static void parted(void)
{
    struct average_part parts[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    struct error err = {0};
    int weighted = 0;
    for (int i = 0; i < 3; i++)
        parts[i].model = make(&sorts[i]);
    same_int(models_average(parts, 3, 5, &weighted, &err), STATUS_OK, "models that parted");
    near((double)((const float *)parts[0].model->values[1].constant->data)[0],
         (5 * 1 + 25 * 2 + 55 * 5) / 85.0, 1e-6, "weigh what they learned since");
    same_int(model_samples(parts[0].model), 90, "what came before counts once");
    same_int(models_average(parts, 3, 31, &weighted, &err), STATUS_USAGE,
             "one that cannot have gone on from there");
    for (int i = 0; i < 3; i++) {
        model_free(parts[i].model);
        parts[i].model = make(&sorts[0]);
    }
    same_int(models_average(parts, 3, 10, &weighted, &err), STATUS_OK, "nobody has learned");
    near((double)((const float *)parts[0].model->values[1].constant->data)[0], 1, 0,
         "nothing changes");
    same_int(model_samples(parts[0].model), 10, "and nothing is counted");
    for (int i = 0; i < 3; i++)
        model_free(parts[i].model);
}

/* Each refusal says what differs. */
static void refused(void)
{
    static const struct {
        struct sort sort;
        const char *text;
    } cases[] = {
        {{{1}, 1, "Mul", "1", "a\nb"}, "another network than a.onnx: node 1, Mul first"},
        {{{1}, 0, "Add", "1", "a\nb"}, "node 1, Add first"},
        {{{1}, 1, "Add", "1", "a\nc"}, "b.onnx has the labels 'a\nc', and a.onnx 'a\nb'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct average_part parts[2] = {{.model = make(&sorts[0]), .name = "a.onnx"},
                                        {.model = make(&cases[i].sort), .name = "b.onnx"}};
        struct error err = {0};
        int weighted;
        same_int(models_average(parts, 2, 0, &weighted, &err), STATUS_USAGE, "refused");
        if (!ok(strstr(err.text, cases[i].text) != NULL, "it says: %zu", i))
            printf("#   got '%s'\n", err.text);
        model_free(parts[0].model);
        model_free(parts[1].model);
    }
}

static void integers(void)
{
    struct model *a = make(&sorts[0]), *b = make(&sorts[1]);
    struct average_part parts[2] = {{.model = a, .name = "a"}, {.model = b, .name = "b"}};
    struct error err = {0};
    int weighted;
    *(int64_t *)b->values[model_find_value(b, "axes")].constant->data = 2;
    same_int(models_average(parts, 2, 0, &weighted, &err), STATUS_USAGE, "integers that differ");
    same_text(err.text, "b: the integers of axes are not those of a, and have no mean", "are told");
    model_free(a);
    model_free(b);
}

int main(void)
{
    means();
    alone();
    unknown_samples();
    parted();
    refused();
    integers();
    return tap_done();
}
