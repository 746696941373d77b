/* --online: one pass over a stream that need not end. Each batch that arrives is predicted first,
 * which is what the figures are of (test, then train; prequential), then comes into the shuffle
 * buffer, from which batches are drawn at random and learned.
 *
 * The buffer grows with half of what has arrived until it has its size, so learning begins with the
 * second batch. What is learned depends on the records and their order alone, not on when they
 * arrive. Reading stops while a batch is learned: a sender that is faster is held by its full
 * socket or pipe, and nothing is dropped. */
#include "tools/imgtrain/online.h"

#include <stdio.h>
#include <stdlib.h>

/* Those that wait are predicted, without change. */
static enum status load(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err)
{
    struct imgtrain *train = context;
    const struct shuffle *shuffle = &train->online.stream->shuffle;
    const struct batch_source *source = &train->online.stream->measured;
    return source->load(source->context, worker, shuffle->order[shuffle->level + position], pixels,
                        target, err);
}

/* Those that were drawn have been copied behind all other places. How a picture is changed is a
 * matter of the step and its number in the batch, not of the place that it happened to have. */
static enum status load_drawn(void *context, int worker, size_t position, float *pixels,
                              float *target, struct error *err)
{
    struct imgtrain *train = context;
    const struct batch_source *source = &train->online.stream->learned;
    return source->load(source->context, worker, train->online.stream->shuffle.places + position,
                        pixels, target, err);
}

/* A batch, or what is left of the stream. */
static size_t take_batch(struct imgtrain *train)
{
    struct stream *stream = train->online.stream;
    struct record *record;
    struct error err;
    while (stream->shuffle.waiting < (size_t)train->batch && online_next(train, &record)) {
        train->online.records++;
        if (dataset_put(train->data, shuffle_free_place(&stream->shuffle), record, &err) ==
            STATUS_OK) {
            shuffle_arrive(&stream->shuffle);
        } else {
            tool_say(&train->tool, "%s", err.text);
            if (train->tool.strict)
                tool_die(&train->tool, &err);
        }
    }
    return stream->shuffle.waiting;
}

static void predict(struct imgtrain *train)
{
    struct stream *stream = train->online.stream;
    struct batch_source source = {load, train};
    struct batch_result result;
    struct error err;
    size_t classes = dataset_label_count(train->data), count = stream->shuffle.waiting;
    if (trainer_evaluate(train->trainer, &source, 0, count, stream->outputs, &result, &err) !=
        STATUS_OK)
        tool_die(&train->tool, &err);
    for (size_t i = 0; i < count; i++) {
        size_t place = stream->shuffle.order[stream->shuffle.level + i];
        struct prediction prediction = running_judge(stream->outputs + i * classes, classes,
                                                     dataset_class(train->data, place));
        running_add(&stream->running, &prediction);
    }
}

static void learn_step(struct imgtrain *train, size_t count)
{
    struct stream *stream = train->online.stream;
    struct batch_source source = {load_drawn, train};
    struct batch_result result;
    struct error err;
    float rate = schedule_rate(&train->schedule, train->step);
    shuffle_draw(&stream->shuffle, count);
    for (size_t i = 0; i < count; i++)
        dataset_copy(train->data, stream->shuffle.order[i], stream->shuffle.places + i);
    feed_epoch(train->feed, train->step); /* pictures are changed anew */
    if (trainer_step(train->trainer, &source, 0, count, rate, &result, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    train->step++;
    learn_check(train, 1, &result);
    shuffle_learned(&stream->shuffle, count);
}

/* What was predicted comes into the buffer; what is too much in there is learned. */
static void learn_batch(struct imgtrain *train)
{
    struct shuffle *shuffle = &train->online.stream->shuffle;
    size_t arrived = train->online.stream->running.count - shuffle->waiting;
    size_t batch = (size_t)train->batch, room = (size_t)train->online.buffer;
    while (shuffle->waiting > 0) {
        size_t keep = ++arrived / 2 < room ? arrived / 2 : room;
        shuffle_admit(shuffle);
        while (shuffle->level >= keep + batch)
            learn_step(train, batch);
    }
}

static void report(struct imgtrain *train)
{
    struct stream *stream = train->online.stream;
    struct figures last = running_last(&stream->running, (size_t)train->online.window);
    struct figures all = running_all(&stream->running);
    size_t window = stream->running.count < (size_t)train->online.window
                        ? stream->running.count
                        : (size_t)train->online.window;
    double now = progress_now(), took = now - stream->reported;
    char text[ERROR_TEXT];
    snprintf(
        text, sizeof text,
        "%zu records: the last %zu: loss %.4f, accuracy %.2f %%, precision %.4f, recall %.4f, "
        "F1 %.4f; all: loss %.4f, accuracy %.2f %%; %.0f images/s, %.0f %% of the time waiting",
        train->online.records, window, last.loss, 100 * last.accuracy, last.precision, last.recall,
        last.f1, all.loss, 100 * all.accuracy,
        (double)(stream->running.count - stream->reported_count) / took,
        100 * (stream->waited - stream->waited_before) / took);
    if (!train->tool.quiet)
        tool_message(&train->tool, NULL, text);
    stream->reported = now;
    stream->reported_count = stream->running.count;
    stream->waited_before = stream->waited;
}

/* Has the count passed a multiple of `every` since it was `before`? */
static int passed(size_t before, size_t now, int every)
{
    return every > 0 && now / (size_t)every > before / (size_t)every;
}

/* The learning rate of a batch that only came into the buffer is that of the next step. */
static void learn_arrived(struct imgtrain *train, size_t count)
{
    struct stream *stream = train->online.stream;
    double start = progress_now();
    float rate = schedule_rate(&train->schedule, train->step);
    predict(train);
    learn_batch(train);
    log_arrived(train, &stream->running, count, rate, (double)count / (progress_now() - start),
                stream->waited);
    progress_add(&train->tool.progress, (int64_t)count, NULL);
}

void online_learn(struct imgtrain *train)
{
    struct stream *stream = train->online.stream;
    struct shuffle *shuffle = &stream->shuffle;
    size_t before, count;
    stream->learned = backbone_source(train, train->feed);
    stream->measured = backbone_source(train, train->held_feed);
    stop_catch();
    stop_ends_input(stream->fd);
    stream->reported = progress_now();
    stream->reported_count = stream->running.count;
    while (before = train->online.records, (count = take_batch(train)) > 0) {
        learn_arrived(train, count);
        if (passed(before, train->online.records, train->online.report))
            report(train);
        if (train->checkpoint && passed(before, train->online.records, train->checkpoint_every) &&
            !stop_asked())
            checkpoint_save(train);
        if (stop_asked())
            break;
    }
    if (stream->running.count > stream->reported_count)
        report(train);
    if (train->checkpoint)
        checkpoint_save(train);
    if (stop_asked())
        learn_tell_stop(train);
    while (shuffle->level > 0 && !train->stopped)
        learn_step(train,
                   shuffle->level < (size_t)train->batch ? shuffle->level : (size_t)train->batch);
    data_tell_skipped(train, "the stream", train->data);
}
