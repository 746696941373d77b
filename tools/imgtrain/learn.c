/* The epochs: steps, validation, and what is told of them. */
#include "tools/imgtrain/imgtrain.h"

#include <math.h>
#include <stdio.h>

/* The whole validation set through the network as it is now. */
static struct batch_result validate(struct imgtrain *train)
{
    struct error err;
    struct batch_result sum = {0}, result = {0};
    struct batch_source source = feed_source(train->held_feed);
    size_t all = dataset_count(train->held), batch = (size_t)train->batch;
    for (size_t first = 0; first < all; first += batch) {
        size_t count = all - first < batch ? all - first : batch;
        if (trainer_evaluate(train->trainer, &source, first, count, NULL, &result, &err) !=
            STATUS_OK)
            tool_die(&train->tool, &err);
        sum.loss += result.loss;
        sum.count += result.count;
        sum.labels += result.labels;
        sum.correct += result.correct;
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

static void check_sound(struct imgtrain *train, int epoch, const struct batch_result *result)
{
    struct error err;
    const char *layer;
    if (isfinite(result->loss))
        return;
    layer = trainer_unsound_layer(train->trainer);
    error_set(&err, STATUS_USAGE,
              "epoch %d, step %zu: the loss is not a finite number (first seen at %s): a smaller "
              "--rate than %g may help",
              epoch, train->step, layer ? layer : "the loss", train->rate);
    tool_die(&train->tool, &err);
}

static void tell_epoch(struct imgtrain *train, int epoch, const struct batch_result *sum,
                       double seconds, const struct batch_result *held)
{
    char text[ERROR_TEXT];
    int length = snprintf(
        text, sizeof text, "epoch %d of %d: loss %.4f, accuracy %.2f %%, %.0f images/s", epoch,
        train->epochs, mean_loss(sum), 100 * accuracy(sum), (double)sum->count / seconds);
    if (held)
        snprintf(text + length, sizeof text - (size_t)length,
                 "; validation: loss %.4f, accuracy %.2f %%", mean_loss(held),
                 100 * accuracy(held));
    if (!train->tool.quiet)
        tool_message(&train->tool, NULL, text);
}

static void learn_epoch(struct imgtrain *train, int epoch)
{
    struct error err;
    struct batch_result sum = {0}, result = {0}, held = {0};
    struct batch_source source = feed_source(train->feed);
    size_t all = dataset_count(train->data), batch = (size_t)train->batch;
    double begin = progress_now();
    feed_epoch(train->feed, (uint64_t)epoch);
    for (size_t first = 0; first < all; first += batch) {
        size_t count = all - first < batch ? all - first : batch;
        double start = progress_now(), seconds;
        float rate = schedule_rate(train->schedule, (float)train->rate, train->step, train->steps,
                                   (size_t)train->warmup);
        char note[64];
        int last = first + count == all;
        if (trainer_step(train->trainer, &source, first, count, rate, &result, &err) != STATUS_OK)
            tool_die(&train->tool, &err);
        train->step++;
        seconds = progress_now() - start;
        check_sound(train, epoch, &result);
        sum.loss += result.loss;
        sum.count += result.count;
        sum.labels += result.labels;
        sum.correct += result.correct;
        snprintf(note, sizeof note, "epoch %d, loss %.3f, accuracy %.1f %%", epoch, mean_loss(&sum),
                 100 * accuracy(&sum));
        progress_add(&train->tool.progress, (int64_t)count, note);
        if (last) {
            double took = progress_now() - begin;
            if (train->held)
                held = validate(train);
            tell_epoch(train, epoch, &sum, took, train->held ? &held : NULL);
        }
        log_step(train, epoch, &result, rate, (double)count / seconds,
                 last && train->held ? &held : NULL);
    }
}

void learn(struct imgtrain *train)
{
    size_t all = dataset_count(train->data), batch = (size_t)train->batch;
    train->steps = (size_t)train->epochs * ((all + batch - 1) / batch);
    progress_start(&train->tool.progress, train->tool.show_progress ? stderr : NULL,
                   train->tool.name, "images", (int64_t)all * train->epochs);
    for (int epoch = 1; epoch <= train->epochs; epoch++)
        learn_epoch(train, epoch);
    progress_clear(&train->tool.progress);
}
