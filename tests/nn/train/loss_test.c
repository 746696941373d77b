/* If this fails, another loss is minimised than the manual says. Losses and gradients against those
 * of PyTorch 2 in f64: cross_entropy with shares of classes, binary_cross_entropy_with_logits with
 * labels that are not known (weight 0); also where exp() alone would overflow. */
#include "nn/netfile/netfile.h"
#include "nn/train/train_internal.h"
#include "tests/tap.h"

enum { PICTURES = 4, CLASSES = 3 };

static const float logits[PICTURES][CLASSES] = {
    {0.5f, -1.25f, 2}, {3, 0, -0.75f}, {-2, 1.5f, 1}, {200, -200, 0.25f}};

static const struct example {
    const char *what;
    enum loss loss;
    float smoothing;
    float target[PICTURES][CLASSES];
    double sum;
    size_t count, labels, correct;
    double gradient[PICTURES * CLASSES];
} examples[] = {
    {"softmax",
     LOSS_SOFTMAX,
     0,
     {{0, 0, 1}, {0.3f, 0.7f, 0}, {0, 1, 0}, {1, 0, 0}},
     2.896063636370657,
     4,
     4,
     3,
     {0.044205045526861074, 0.007681685081609108, -0.05188673060847018, 0.15792544362691574,
      -0.1634033250135317, 0.00547788138661598, 0.0046124619708475065, -0.09725623719310408,
      0.09264377522225657, 0, 0, 0}},
    {"softmax with label smoothing",
     LOSS_SOFTMAX,
     0.2f,
     {{0, 0, 1}, {0.3f, 0.7f, 0}, {0, 1, 0}, {1, 0, 0}},
     2.896063636370657,
     4,
     4,
     3,
     {0.027538378860194408, -0.008984981585057557, -0.018553397275136857, 0.15625877696024904,
      -0.14506999168019835, -0.011188785280050687, -0.01205420469581916, -0.06392290385977076,
      0.07597710855558991, 0.033333333333333326, -0.016666666666666666, -0.016666666666666666}},
    {"sigmoid",
     LOSS_SIGMOID,
     0,
     {{0, 1, 1}, {-1, 0, 0.25f}, {-1, -1, -1}, {1, 1, 0}},
     204.69639168312213,
     3,
     8,
     4,
     {0.15561483280046365, -0.1943249652936728, -0.02980073050552942, 0, 0.125,
      0.017705325206151756, 0, 0, 0, 0, -0.25, 0.14054412522144952}},
    {"sigmoid with label smoothing",
     LOSS_SIGMOID,
     0.2f,
     {{0, 1, 1}, {-1, 0, 0.25f}, {-1, -1, -1}, {1, 1, 0}},
     204.69639168312213,
     3,
     8,
     4,
     {0.13061483280046365, -0.1693249652936728, -0.004800730505529427, 0, 0.1, 0.005205325206151745,
      0, 0, 0, 0.024999999999999994, -0.225, 0.11554412522144952}},
};

static enum status load(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err)
{
    const struct example *example = context;
    (void)worker, (void)err;
    memcpy(pixels, logits[position], sizeof logits[0]);
    memcpy(target, example->target[position], sizeof example->target[0]);
    return STATUS_OK;
}

/* A network that passes its input on. */
static struct trainer *make(const struct example *example, struct pool *pool, struct model **model)
{
    static const char text[] = "Flatten\nGemm units=3 bias=0\n";
    struct netfile_options network = {.input = {CLASSES, 1, 1}, .classes = CLASSES, .seed = 1};
    struct trainer_options training = {
        .batch = PICTURES, .loss = example->loss, .label_smoothing = example->smoothing};
    struct trainer *trainer = NULL;
    struct error err = {0};
    if (netfile_parse(text, strlen(text), "net", &network, model, &err) != STATUS_OK ||
        trainer_new(*model, pool, &training, &trainer, &err) != STATUS_OK)
        printf("# %s\n", err.text);
    for (size_t i = 0; trainer && i < (size_t)CLASSES * CLASSES; i++)
        trainer->parameters[0].value[i] = i % (CLASSES + 1) == 0;
    return trainer;
}

static void check(const struct example *example, struct pool *pool)
{
    struct model *model = NULL;
    struct trainer *trainer = make(example, pool, &model);
    struct batch_source source = {load, (void *)example};
    struct batch_result result = {0};
    struct error err = {0};
    double worst = 0;
    if (!ok(trainer && trainer_step(trainer, &source, 0, PICTURES, 0, &result, &err) == STATUS_OK,
            "%s: a step", example->what))
        return;
    near(result.loss, example->sum, 1e-6 * example->sum, "  the loss");
    same_int((long long)result.count, (long long)example->count, "  of so many pictures");
    same_int((long long)result.labels, (long long)example->labels, "  with so many labels");
    same_int((long long)result.correct, (long long)example->correct, "  of which are right");
    for (size_t i = 0; i < (size_t)PICTURES * CLASSES; i++) {
        double wrong =
            (double)trainer->layers[trainer->layer_count - 1].out->grad[i] - example->gradient[i];
        worst = wrong > worst ? wrong : -wrong > worst ? -wrong : worst;
    }
    ok(worst < 1e-7, "  the gradient differs by %g", worst);
    trainer_free(trainer);
    model_free(model);
}

int main(void)
{
    struct pool *pool = NULL;
    struct error err = {0};
    if (!ok(pool_new(2, &pool, &err) == STATUS_OK, "two threads"))
        return tap_done();
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        check(&examples[i], pool);
    pool_free(pool);
    return tap_done();
}
