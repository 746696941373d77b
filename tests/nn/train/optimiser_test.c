/* If this fails, the weights change otherwise than the manual says. A linear layer after six steps
 * on the same four vectors, against PyTorch 2.15 in f64 (clip_grad_norm_ for clipping; the moving
 * average in Python), and schedules against its OneCycleLR and CosineAnnealingLR. */
#include "nn/netfile/netfile.h"
#include "nn/train/train_internal.h"
#include "tests/tap.h"

#include <math.h>

enum { PICTURES = 4, FEATURES = 3, CLASSES = 2, WEIGHTS = CLASSES * FEATURES, STEPS = 6 };

static const float class_weights[CLASSES] = {3, 0.5f};

/* Beside optimiser_usual without decay. */
static const struct example {
    const char *what;
    enum optimiser_kind kind;
    double momentum, decay;
    int nesterov;
    double beta2, epsilon; /* 0: the usual */
    double clip_norm, ema;
    int weighted; /* 1: class_weights and label smoothing; 2: class_weights, sigmoid */
    double expected[WEIGHTS + CLASSES];
} examples[] = {
    {.what = "sgd",
     .expected = {-0.817811613, -0.320326475, 0.358505534, 0.617811613, -0.479673525, -0.358505534,
                  0.210658598, -0.0106585983}},
    {.what = "sgd with momentum and weight decay",
     .momentum = 0.9,
     .decay = 0.1,
     .expected = {-0.997427157, -0.438453067, 0.559917217, 0.864093897, -0.0948799751, -0.559917217,
                  0.0539081343, 0.146091866}},
    {.what = "Nesterov's momentum",
     .momentum = 0.9,
     .decay = 0.1,
     .nesterov = 1,
     .expected = {-1.00065401, -0.420525306, 0.573339392, 0.879659541, -0.0634525874, -0.573339392,
                  0.047914896, 0.152085104}},
    {.what = "adam",
     .kind = OPTIMISER_ADAM,
     .momentum = 0.9,
     .expected = {-1.63933773, -0.990199401, 1.23530708, 1.43933773, 0.190199401, -1.23530708,
                  -0.234825023, 0.434825023}},
    {.what = "adam with weight decay, other betas and epsilon",
     .kind = OPTIMISER_ADAM,
     .momentum = 0.8,
     .decay = 0.1,
     .beta2 = 0.95,
     .epsilon = 1e-3,
     .expected = {-1.08951926, -0.349153478, 0.790215206, 1.02967919, 0.202611375, -0.790215206,
                  -0.121984875, 0.321984875}},
    {.what = "adamw",
     .kind = OPTIMISER_ADAMW,
     .momentum = 0.9,
     .decay = 0.1,
     .expected = {-1.52810152, -0.91672931, 1.16787001, 1.35093305, 0.208055405, -1.16787001,
                  -0.220987213, 0.420987213}},
    {.what = "sgd with clipping",
     .momentum = 0.9,
     .decay = 0.1,
     .clip_norm = 0.05,
     .expected = {-0.483936115, -0.178972875, 0.192528014, 0.350602854, -0.354360167, -0.192528014,
                  0.262197574, -0.0621975736}},
    {.what = "sgd with an average",
     .momentum = 0.9,
     .ema = 0.3,
     .expected = {-1.16038602, -0.5049561, 0.607045662, 0.960386022, -0.2950439, -0.607045662,
                  0.0751829181, 0.124817082}},
    {.what = "weights of classes with label smoothing",
     .weighted = 1,
     .expected = {-0.73356706, -0.272705169, 0.345961529, 0.53356706, -0.527294831, -0.345961529,
                  0.50084433, -0.30084433}},
    {.what = "weights of labels with sigmoid",
     .weighted = 2,
     .expected = {-1.09951656, -0.266613601, 0.545430655, 0.678119761, -0.49080586, -0.385387018,
                  0.457070293, -0.16999306}},
};

static enum status load(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err)
{
    (void)context, (void)worker, (void)err;
    for (size_t i = 0; i < FEATURES; i++)
        pixels[i] = (float)((int)((7 * position + 3 * i) % 11) - 5) / 4;
    target[0] = position % 2 == 0;
    target[1] = position % 2 == 1;
    return STATUS_OK;
}

static struct trainer *make(const struct example *example, struct pool *pool, struct model **model)
{
    static const char text[] = "Flatten\nGemm units=2\n";
    struct netfile_options network = {.input = {FEATURES, 1, 1}, .classes = CLASSES, .seed = 1};
    struct trainer_options training = {.batch = PICTURES,
                                       .optimiser = optimiser_usual(example->kind),
                                       .ema = example->ema,
                                       .loss = example->weighted == 2 ? LOSS_SIGMOID : LOSS_SOFTMAX,
                                       .label_smoothing = example->weighted == 1 ? 0.2f : 0,
                                       .class_weights = example->weighted ? class_weights : NULL};
    struct optimiser *optimiser = &training.optimiser;
    struct trainer *trainer = NULL;
    struct error err = {0};
    optimiser->momentum = example->momentum;
    optimiser->weight_decay = example->decay;
    optimiser->nesterov = example->nesterov;
    optimiser->clip_norm = example->clip_norm;
    optimiser->beta2 = example->beta2 > 0 ? example->beta2 : optimiser->beta2;
    optimiser->epsilon = example->epsilon > 0 ? example->epsilon : optimiser->epsilon;
    if (netfile_parse(text, strlen(text), "net", &network, model, &err) != STATUS_OK ||
        trainer_new(*model, pool, &training, &trainer, &err) != STATUS_OK)
        printf("# %s\n", err.text);
    return trainer;
}

/* Both the values and their averages. */
static void set_weights(struct trainer *trainer)
{
    for (int k = 0; k < 2; k++) {
        struct parameter *weight = &trainer->parameters[0], *bias = &trainer->parameters[1];
        for (int i = 0; i < WEIGHTS; i++)
            weight->value[i] = (float)((5 * (i / FEATURES) + 2 * (i % FEATURES)) % 7 - 3) / 5;
        bias->value[0] = 0.3f;
        bias->value[1] = -0.1f;
        state_swap_average(trainer);
    }
}

static void check(const struct example *example, struct pool *pool)
{
    struct model *model = NULL;
    struct trainer *trainer = make(example, pool, &model);
    struct batch_source source = {load, NULL};
    struct batch_result result;
    struct error err = {0};
    double worst = 0;
    set_weights(trainer);
    for (int step = 0; step < STEPS; step++)
        trainer_step(trainer, &source, 0, PICTURES, 0.2f, &result, &err);
    state_swap_average(trainer);
    for (int i = 0; i < WEIGHTS + CLASSES; i++) {
        const float *got = i < WEIGHTS ? trainer->parameters[0].value + i
                                       : trainer->parameters[1].value + i - WEIGHTS;
        double wrong = fabs((double)*got - example->expected[i]);
        worst = wrong > worst ? wrong : worst;
    }
    ok(worst < 1e-6, "%s: the weights differ by %g", example->what, worst);
    trainer_free(trainer);
    model_free(model);
}

static void rates(const char *what, const struct schedule *schedule, const double *expected)
{
    double worst = 0;
    for (size_t step = 0; step < schedule->steps; step++) {
        double wrong = fabs((double)schedule_rate(schedule, step) / expected[step] - 1);
        worst = wrong > worst ? wrong : worst;
    }
    ok(worst < 1e-5, "%s: the rates differ by the share %g", what, worst);
}

static void schedules(void)
{
    const double cosine[] = {0.8, 0.753108891, 0.625, 0.45, 0.275, 0.146891109},
                 late[] = {0.266667, 0.533333, 0.8, 0.697487373, 0.45, 0.202512627},
                 stepped[] = {0.8, 0.8, 0.8, 0.08, 0.08, 0.008},
                 one_cycle[] = {0.032,    0.279832, 0.703428, 0.795588, 0.74708,   0.651278,
                                0.521428, 0.375482, 0.233616, 0.115445, 0.0373049, 0.01};
    struct schedule schedule = {SCHEDULE_COSINE, 0.8, 0.1, 6, 0};
    rates("cosine", &schedule, cosine);
    schedule.warmup = 2;
    rates("cosine after a warm-up", &schedule, late);
    schedule = (struct schedule){SCHEDULE_STEP, 0.8, 0, 6, 0};
    rates("step", &schedule, stepped);
    schedule = (struct schedule){SCHEDULE_ONE_CYCLE, 0.8, 0.01, 12, 0};
    rates("one-cycle", &schedule, one_cycle);
    schedule = (struct schedule){SCHEDULE_ONE_CYCLE, 0.8, 0.01, 1, 0};
    ok(isfinite(schedule_rate(&schedule, 0)), "one step is a cycle, too");
    schedule = (struct schedule){SCHEDULE_COSINE, 0.8, 0, 5, 9};
    ok(fabs((double)schedule_rate(&schedule, 4) - 0.4) < 1e-6, "a warm-up longer than all steps");
}

int main(void)
{
    struct pool *pool = NULL;
    struct error err = {0};
    if (!ok(pool_new(2, &pool, &err) == STATUS_OK, "two threads"))
        return tap_done();
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        check(&examples[i], pool);
    schedules();
    pool_free(pool);
    return tap_done();
}
