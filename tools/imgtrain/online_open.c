/* The beginning of a stream: which labels there are, and what its tensors are like. */
#include "tools/imgtrain/online.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHECKPOINT_RECORDS = 10000 }; /* between checkpoints, unless it is said */

/* What speaks of epochs, or needs to see all data first, has no meaning here. */
static const char *const meaningful[] = {"--online",
                                         "--shuffle-buffer",
                                         "--passes",
                                         "--window",
                                         "--batch",
                                         "--rate",
                                         "--schedule",
                                         "--warmup",
                                         "--optimiser",
                                         "--momentum",
                                         "--nesterov",
                                         "--beta2",
                                         "--epsilon",
                                         "--clip-norm",
                                         "--weight-decay",
                                         "--ema",
                                         "--label-smoothing",
                                         "--seed",
                                         "--model",
                                         "--backbone",
                                         "--from",
                                         "--new-head",
                                         "--freeze-norm",
                                         "--backbone-rate",
                                         "--force",
                                         "--flip",
                                         "--turn",
                                         "--shift",
                                         "--rotate",
                                         "--brightness",
                                         "--contrast",
                                         "--saturation",
                                         "--cutout",
                                         "--random-crop",
                                         "--resized-crop",
                                         NULL};

static int is_among(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

static void refuse_without(struct imgtrain *train)
{
    static const char *const own[] = {"--shuffle-buffer", "--passes", "--window"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (record_get(&train->made, own[i]))
            tool_usage(&train->tool, "%s goes with --online", own[i]);
}

void online_settle(struct imgtrain *train)
{
    const char *name, *value;
    if (!train->online.on) {
        refuse_without(train);
        return;
    }
    for (size_t at = 0; record_next_attribute(&train->made, &at, &name, &value);)
        if (!is_among(name, meaningful))
            tool_usage(&train->tool,
                       "%s has no meaning with --online, which goes through the "
                       "stream once",
                       name);
    if (train->validation)
        tool_usage(&train->tool, "--val goes with epochs: --online predicts each batch before it "
                                 "learns from it");
    if (record_get(&train->made, "--schedule") && train->schedule.kind != SCHEDULE_CONSTANT)
        tool_usage(&train->tool,
                   "--schedule %s needs to know how many steps there will be: with "
                   "--online it is constant",
                   schedule_name(train->schedule.kind));
    train->schedule.kind = SCHEDULE_CONSTANT;
    if (train->checkpoint && !train->checkpoint_every)
        train->checkpoint_every = CHECKPOINT_RECORDS;
}

/* ---- records ---- */

int online_next(struct imgtrain *train, struct record **record)
{
    struct stream *stream = train->online.stream;
    enum status status = STATUS_DAMAGED;
    double begin = progress_now();
    struct error err;
    if (stream->looked && stream->first_next > 0) /* the one before is done with */
        record_free(&stream->first[stream->first_next - 1]);
    if (stream->looked && stream->first_next < stream->first_count) {
        *record = &stream->first[stream->first_next++];
        return 1;
    }
    *record = &stream->record;
    while (status == STATUS_DAMAGED && !stream->ended) {
        status = reader_next(stream->reader, *record, &err);
        stream->ended = status == STATUS_END || stop_asked();
        if (!stop_asked())
            tool_note(&train->tool, status, &err);
    }
    stream->waited += progress_now() - begin;
    return status == STATUS_OK;
}

/* Keeps the first `count` tensors, and what comes between. */
static void look_ahead(struct imgtrain *train, size_t count)
{
    struct stream *stream = train->online.stream;
    struct record *record, *first;
    size_t room = 0;
    while (count > 0) {
        first = memory_more(stream->first, stream->first_count, &room, sizeof *first);
        if (!first) {
            struct error err;
            error_memory(&err);
            tool_die(&train->tool, &err);
        }
        stream->first = first;
        if (!online_next(train, &record))
            break;
        count -= record->kind == RECORD_TENSOR;
        stream->first[stream->first_count++] = *record; /* with its memory */
        *record = (struct record){0};
    }
}

/* ---- labels ---- */

/* The labels of the records looked at. */
static const char **found(struct imgtrain *train, size_t *count)
{
    struct stream *stream = train->online.stream;
    struct error err;
    const char **names = memory_array(stream->first_count + 1, sizeof *names);
    if (!names) {
        error_memory(&err);
        tool_die(&train->tool, &err);
    }
    *count = 0;
    for (size_t i = 0; i < stream->first_count; i++) {
        const char *label = record_get(&stream->first[i], "label");
        if (stream->first[i].kind == RECORD_TENSOR && label && *label)
            names[(*count)++] = label;
    }
    return names;
}

/* Where the labels are said: the checkpoint, --labels, or the model of -m; NULL: nowhere. */
static char *said(struct imgtrain *train, char *separator)
{
    const char *own = train->backbone.tuned && train->backbone.model
                          ? model_get_metadata(train->backbone.model, MODEL_LABELS)
                          : NULL;
    char *text = checkpoint_labels(train);
    if (!text && train->labels)
        return labels_said(train, separator);
    *separator = '\n';
    return text || !own ? text : labels_copy(train, own);
}

static void tell_labels(struct imgtrain *train)
{
    char text[256];
    size_t count = dataset_label_count(train->data), used = 0;
    used = (size_t)snprintf(text, sizeof text, "%zu labels in the first %zu records:", count,
                            train->online.stream->first_count);
    for (size_t i = 0; i < count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %.60s", i ? "," : "",
                                 dataset_label(train->data, i));
    if (!train->tool.quiet)
        tool_message(&train->tool, NULL, text);
}

static const struct record *first_tensor(struct imgtrain *train)
{
    const struct stream *stream = train->online.stream;
    for (size_t i = 0; i < stream->first_count; i++)
        if (stream->first[i].kind == RECORD_TENSOR)
            return &stream->first[i];
    if (!train->tool.damaged)
        tool_usage(&train->tool, "there is no tensor in the stream");
    struct error err;
    error_set(&err, STATUS_DAMAGED, "the stream ended before the first tensor");
    tool_die(&train->tool, &err);
}

static void make_data(struct imgtrain *train)
{
    size_t places = (size_t)train->online.buffer + 2 * (size_t)train->batch + 1, count;
    char separator, *text = said(train, &separator);
    const char **names = NULL;
    struct error err;
    look_ahead(train, text ? 1 : (size_t)train->online.buffer);
    train->online.stream->looked = 1;
    names = text ? labels_split(train, text, separator, &count) : found(train, &count);
    if (dataset_places(first_tensor(train), names, count, places + (size_t)train->batch,
                       &train->data, &err) != STATUS_OK ||
        shuffle_new(places, train->online.passes, train->seed, &train->online.stream->shuffle,
                    &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    if (!text)
        tell_labels(train);
    free(names);
    free(text);
}

void online_open(struct imgtrain *train, int argc, char **argv, int operand)
{
    struct error err;
    struct stream *stream = memory_array(1, sizeof *stream);
    const char *path = operand < argc ? argv[operand] : "-";
    int from_input = strcmp(path, "-") == 0;
    if (argc - operand > 1)
        tool_usage(&train->tool, "--online reads one stream");
    if (from_input && isatty(STDIN_FILENO))
        tool_usage(&train->tool, "standard input is a terminal: give a FILE or a pipe");
    if (!stream) {
        error_memory(&err);
        tool_die(&train->tool, &err);
    }
    train->online.stream = stream;
    stream->fd = from_input ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (stream->fd < 0) {
        error_errno(&err, "cannot open %s", path);
        tool_die(&train->tool, &err);
    }
    if (reader_open_fd(stream->fd, from_input ? "standard input" : path, NULL, &stream->reader,
                       &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    make_data(train);
    data_apply_recipe(train, train->data);
    data_prepare(train);
    if (running_new(
            dataset_label_count(train->data),
            (size_t)(train->online.window > train->batch ? train->online.window : train->batch),
            &stream->running, &err) != STATUS_OK ||
        !(stream->outputs = memory_array((size_t)train->batch * dataset_label_count(train->data),
                                         sizeof *stream->outputs))) {
        error_memory(&err);
        tool_die(&train->tool, &err);
    }
}

void online_close(struct imgtrain *train)
{
    struct stream *stream = train->online.stream;
    if (!stream)
        return;
    for (size_t i = 0; i < stream->first_count; i++)
        record_free(&stream->first[i]);
    free(stream->first);
    record_free(&stream->record);
    reader_free(stream->reader);
    close(stream->fd);
    shuffle_free(&stream->shuffle);
    running_free(&stream->running);
    free(stream->outputs);
    free(stream);
}
