/* The epochs: steps, validation, and what is told of them. */
#include "tools/imgtrain/imgtrain.h"

#include <math.h>
#include <stdio.h>

static void add_result(struct batch_result *sum, const struct batch_result *more)
{
    sum->loss += more->loss;
    sum->count += more->count;
    sum->labels += more->labels;
    sum->correct += more->correct;
}

/* The whole validation set through the network as it is now. */
static struct batch_result validate(struct imgtrain *train)
{
    struct error err;
    struct batch_result sum = {0}, result = {0};
    struct batch_source source = backbone_source(train, train->held_feed);
    size_t all = dataset_count(train->held), batch = (size_t)train->batch;
    for (size_t first = 0; first < all; first += batch) {
        size_t count = all - first < batch ? all - first : batch;
        if (trainer_evaluate(train->trainer, &source, first, count, NULL, &result, &err) !=
            STATUS_OK)
            tool_die(&train->tool, &err);
        add_result(&sum, &result);
    }
    return sum;
}

double mean_loss(const struct batch_result *result)
{
    return result->loss / (double)result->count;
}

double accuracy(const struct batch_result *result)
{
    return (double)result->correct / (double)result->labels;
}

void learn_check(struct imgtrain *train, size_t epoch, const struct batch_result *result)
{
    struct error err;
    const char *layer;
    if (isfinite(result->loss))
        return;
    layer = trainer_unsound_layer(train->trainer);
    error_set(&err, STATUS_USAGE,
              "epoch %zu, step %zu: the loss is not a finite number (first seen at %s): a smaller "
              "--rate than %g may help",
              epoch, train->step, layer ? layer : "the loss", train->schedule.rate);
    tool_die(&train->tool, &err);
}

static void tell_epoch(struct imgtrain *train, double speed, const struct batch_result *held)
{
    const struct course *course = &train->course;
    char text[ERROR_TEXT];
    int length = snprintf(
        text, sizeof text, "epoch %zu of %d: loss %.4f, accuracy %.2f %%, %.0f images/s",
        course->epoch, train->epochs, mean_loss(&course->sum), 100 * accuracy(&course->sum), speed);
    if (held)
        snprintf(text + length, sizeof text - (size_t)length,
                 "; validation: loss %.4f, accuracy %.2f %%", mean_loss(held),
                 100 * accuracy(held));
    if (!train->tool.quiet)
        tool_message(&train->tool, NULL, text);
}

static void show_step(struct imgtrain *train, size_t count)
{
    const struct course *course = &train->course;
    char note[64];
    snprintf(note, sizeof note, "epoch %zu, loss %.3f, accuracy %.1f %%", course->epoch,
             mean_loss(&course->sum), 100 * accuracy(&course->sum));
    progress_add(&train->tool.progress, (int64_t)count, note);
}

/* Where the schedule is. Epochs of --each-epoch may be longer or shorter than the first. */
static size_t schedule_step(const struct imgtrain *train)
{
    size_t step = train->course.position / (size_t)train->batch;
    size_t last = train->epoch_steps - 1;
    return (train->course.epoch - 1) * train->epoch_steps + (step < last ? step : last);
}

/* One step, and what follows the last one of an epoch. `begin` is when the epoch began, or was gone
 * on with after `skipped` pictures. */
static void learn_step(struct imgtrain *train, double begin, size_t skipped)
{
    struct error err;
    struct course *course = &train->course;
    struct batch_result result = {0}, held = {0};
    struct batch_source source = backbone_source(train, train->feed);
    size_t left = dataset_count(train->data) - course->position;
    size_t count = left < (size_t)train->batch ? left : (size_t)train->batch;
    float rate = schedule_rate(&train->schedule, schedule_step(train));
    double start = progress_now(), seconds;
    int validated = left == count && train->held;
    if (trainer_step(train->trainer, &source, course->position, count, rate, &result, &err) !=
        STATUS_OK)
        tool_die(&train->tool, &err);
    train->step++;
    course->position += count;
    seconds = progress_now() - start;
    learn_check(train, course->epoch, &result);
    add_result(&course->sum, &result);
    show_step(train, count);
    if (left == count) {
        double took = progress_now() - begin;
        double speed = (double)(course->position - skipped) / took;
        if (validated) {
            held = validate(train);
            best_judge(train, &held);
        }
        tell_epoch(train, speed, validated ? &held : NULL);
    }
    log_step(train, course->epoch, &result, rate, (double)count / seconds,
             validated ? &held : NULL);
    if (left == count)
        *course = (struct course){.epoch = course->epoch + 1};
}

static void learn_epoch(struct imgtrain *train)
{
    double begin = progress_now();
    size_t epoch = train->course.epoch, skipped = train->course.position;
    each_epoch_begin(train);
    feed_epoch(train->feed, (uint64_t)epoch);
    while (train->course.epoch == epoch && !learn_finished(train) && !stop_asked()) {
        learn_step(train, begin, skipped);
        if (checkpoint_due(train))
            checkpoint_save(train);
    }
}

int learn_finished(const struct imgtrain *train)
{
    return train->course.epoch > (size_t)train->epochs || best_is_past(train) ||
           (train->rounds && train->step >= train->last_step);
}

void learn_tell_stop(struct imgtrain *train)
{
    char text[ERROR_TEXT], where[64];
    if (train->online.on)
        snprintf(where, sizeof where, "record %zu of the stream", train->online.records);
    else
        snprintf(where, sizeof where, "step %zu of %zu", train->step, train->schedule.steps);
    snprintf(text, sizeof text, "stopped after %s: writing the model %s%s%s", where,
             train->keep == KEEP_BEST && train->best.epoch ? "of the best epoch" : "as it is",
             train->checkpoint ? "; --resume goes on from " : "",
             train->checkpoint ? train->checkpoint : "");
    tool_message(&train->tool, NULL, text);
    train->stopped = 1;
}

/* --round: from where to where this run goes. */
static void begin_round(struct imgtrain *train)
{
    size_t steps = train->schedule.steps, rounds = train->rounds;
    train->step = steps * (train->round - 1) / rounds;
    train->last_step = steps * train->round / rounds;
    train->course.epoch = 1 + train->step / train->epoch_steps;
    train->course.position = train->step % train->epoch_steps * (size_t)train->batch;
}

void learn(struct imgtrain *train)
{
    size_t all = dataset_count(train->data), batch = (size_t)train->batch;
    train->epoch_steps = (all + batch - 1) / batch;
    train->schedule.steps = (size_t)train->epochs * train->epoch_steps;
    if (train->rounds)
        begin_round(train);
    progress_start(&train->tool.progress, train->tool.show_progress ? stderr : NULL,
                   train->tool.name, "images", (int64_t)all * train->epochs);
    train->tool.progress.done = (int64_t)((train->course.epoch - 1) * all + train->course.position);
    stop_catch();
    while (!learn_finished(train) && !stop_asked())
        learn_epoch(train);
    progress_clear(&train->tool.progress);
    if (!learn_finished(train))
        learn_tell_stop(train);
    best_tell(train);
}
