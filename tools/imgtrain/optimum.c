/* --optimiser lbfgs: a network of one linear layer goes to the optimum. */
#include "nn/train/data/rows.h"
#include "nn/train/logistic.h"
#include "tools/imgtrain/imgtrain.h"

#include <stdio.h>

/* What the reports need; a row of the log waits until it is known whether it is the last. */
struct optimum_course {
    struct imgtrain *train;
    double begin, speed; /* when this iteration began; images per second of the last one */
    struct lbfgs_state state;
    struct batch_result score;
};

static void die(struct imgtrain *train, struct error *err)
{
    tool_die(&train->tool, err);
}

static enum status fetch(void *context, int worker, size_t first, size_t count, const float **row,
                         struct error *err)
{
    return rows_fetch(context, worker, first, count, row, err);
}

static int class_of(void *context, size_t sample)
{
    return dataset_class(rows_dataset(context), sample);
}

static struct samples samples_of(struct imgtrain *train, const struct dataset *data, size_t length)
{
    struct error err;
    struct rows *rows = NULL;
    struct samples samples = {.count = dataset_count(data),
                              .length = length,
                              .block = logistic_block(length),
                              .fetch = fetch,
                              .class = class_of};
    if (rows_new(data, train->tool.threads, samples.block, &rows, &err) != STATUS_OK)
        die(train, &err);
    samples.context = rows;
    return samples;
}

static void write_row(struct optimum_course *course, const struct batch_result *held)
{
    struct imgtrain *train = course->train;
    train->step = (size_t)course->state.iterations;
    log_step(train, (size_t)course->state.evaluations, &course->score, (float)course->state.step,
             course->speed, held);
}

static int report(void *context, const struct lbfgs_state *state, const struct batch_result *score)
{
    struct optimum_course *course = context;
    char note[80];
    int passes = state->evaluations - course->state.evaluations;
    double now = progress_now();
    if (course->state.iterations)
        write_row(course, NULL);
    snprintf(note, sizeof note, "iteration %d, loss %.6f, gradient %.1e", state->iterations,
             state->value, state->gradient);
    progress_add(&course->train->tool.progress, (int64_t)score->count * passes, note);
    course->speed = (double)score->count * passes / (now - course->begin);
    course->begin = now;
    course->state = *state;
    course->score = *score;
    return stop_asked();
}

static void tell(const struct imgtrain *train, const struct lbfgs_result *result,
                 const struct batch_result *score, const struct batch_result *held)
{
    const char *const ends[] = {
        [LBFGS_OPTIMUM] = "the optimum",
        [LBFGS_PRECISION] = "the optimum, as near as rounding allows,",
        [LBFGS_ITERATIONS] = "not yet the optimum, but the limit of --iterations",
        [LBFGS_STOPPED] = train->stopped ? "interrupted" : "a loss of next to nothing",
    };
    const struct lbfgs_state *state = &result->state;
    char text[ERROR_TEXT];
    int length = snprintf(text, sizeof text,
                          "%s after %d iterations, %d passes: loss %.9g, with the penalty %.9g, "
                          "largest gradient %.1e, accuracy %.2f %%",
                          ends[result->end], state->iterations, state->evaluations,
                          mean_loss(score), state->value, state->gradient, 100 * accuracy(score));
    if (held)
        snprintf(text + length, sizeof text - (size_t)length,
                 "; validation: loss %.6g, accuracy %.2f %%", mean_loss(held),
                 100 * accuracy(held));
    tool_message((struct tool *)&train->tool, NULL, text);
    if (train->l1 == 0 && train->l2 == 0 && score->correct == score->count)
        tool_message((struct tool *)&train->tool, NULL,
                     "all tensors are told apart, so that without a penalty there is no optimum: "
                     "the weights would grow without end; --l2 or --l1 sets them a measure");
}

void optimum(struct imgtrain *train)
{
    struct error err;
    struct linear linear;
    struct batch_result score, held;
    struct lbfgs_result result;
    struct samples samples, held_samples = {0};
    struct optimum_course course = {.train = train, .begin = progress_now()};
    struct logistic_options options = {
        .search = {.iterations = train->iterations, .tolerance = train->tolerance},
        .context = &course,
        .report = report,
    };
    if (linear_of_model(train->model, &linear, &err) != STATUS_OK) {
        error_prefix(&err, "%s: --optimiser lbfgs", train->net);
        die(train, &err);
    }
    if (linear.classes != (size_t)train->classes)
        tool_usage(&train->tool,
                   "%s: the network puts out %zu numbers, and there are %d labels: end with "
                   "units=$classes",
                   train->net, linear.classes, train->classes);
    samples = samples_of(train, train->data, linear.length);
    if (train->l2 < 0)
        train->l2 = train->l1 > 0 ? 0 : 1 / (double)samples.count;
    options.l1 = train->l1;
    options.l2 = train->l2;
    progress_start(&train->tool.progress, train->tool.show_progress ? stderr : NULL,
                   train->tool.name, "images", 0);
    stop_catch();
    if (logistic_fit(&samples, train->pool, &options, &linear, &result, &score, &err) !=
            STATUS_OK ||
        linear_store(&linear, train->model, &err) != STATUS_OK)
        die(train, &err);
    if (train->held) {
        held_samples = samples_of(train, train->held, linear.length);
        if (logistic_measure(&held_samples, train->pool, &linear, &held, &err) != STATUS_OK)
            die(train, &err);
    }
    train->stopped = stop_asked();
    progress_clear(&train->tool.progress);
    if (course.state.iterations)
        write_row(&course, train->held ? &held : NULL);
    if (!train->tool.quiet)
        tell(train, &result, &score, train->held ? &held : NULL);
    rows_free(samples.context);
    rows_free(held_samples.context);
}
