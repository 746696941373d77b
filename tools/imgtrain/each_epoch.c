/* --each-epoch: a command whose standard output is an epoch's tensors. While one epoch is learned
 * from, a thread reads what the next one's command writes. */
#include "tools/imgtrain/imgtrain.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

/* Runs the command with EPOCH and SEED in its environment; they are set in its text, for the
 * program's own environment may be read by another thread. */
static FILE *start(const struct imgtrain *train, size_t epoch, struct error *err)
{
    struct buffer text = {0};
    char head[128];
    FILE *pipe = NULL;
    snprintf(head, sizeof head, "EPOCH=%zu SEED=%llu; export EPOCH SEED; ", epoch,
             (unsigned long long)train->seed);
    if (buffer_text(&text, head, err) == STATUS_OK &&
        buffer_text(&text, train->each_epoch.command, err) == STATUS_OK &&
        buffer_append(&text, "", 1, err) == STATUS_OK) {
        /* a command for the shell is what the option takes */
        pipe = popen((char *)text.data, "r"); /* NOLINT(cert-env33-c) */
        if (!pipe)
            error_errno(err, "cannot run the command of --each-epoch");
    }
    buffer_free(&text);
    return pipe;
}

/* What the command's end says: 1 is "some records failed", as all programs here end, of which the
 * stream tells more. */
static enum status check_end(int ended, size_t epoch, struct error *err)
{
    if (WIFEXITED(ended) && WEXITSTATUS(ended) <= 1)
        return STATUS_OK;
    if (WIFEXITED(ended))
        return error_set(err, STATUS_DAMAGED,
                         "--each-epoch: the command of epoch %zu ended with exit status %d", epoch,
                         WEXITSTATUS(ended));
    return error_set(err, STATUS_DAMAGED,
                     "--each-epoch: the command of epoch %zu was ended by signal %d", epoch,
                     WIFSIGNALED(ended) ? WTERMSIG(ended) : 0);
}

static enum status read_epoch(struct imgtrain *train, size_t epoch, const struct dataset *like,
                              struct dataset **data, struct error *err)
{
    struct dataset_options how = {
        .memory = train->memory / 2, /* the next epoch's are there at the same time */
        .workers = train->tool.threads,
        .sets = train->loss == LOSS_SIGMOID,
        .like = like,
    };
    struct reader *reader = NULL;
    struct error end;
    enum status status, ending;
    FILE *pipe = start(train, epoch, err);
    int ended;
    if (!pipe)
        return STATUS_SYSTEM;
    status = reader_open_fd(fileno(pipe), "its output", NULL, &reader, err);
    if (status == STATUS_OK)
        status = dataset_read(reader, &how, data, err);
    reader_free(reader);
    ended = pclose(pipe);
    ending = check_end(ended, epoch, &end);
    train->each_epoch.failed |= WIFEXITED(ended) && WEXITSTATUS(ended) == 1;
    if (status == STATUS_OK && ending != STATUS_OK)
        dataset_free(*data);
    if (ending != STATUS_OK && (status == STATUS_OK || status == STATUS_DAMAGED)) {
        *err = end; /* why the stream is not whole */
        return ending;
    }
    return status == STATUS_OK ? STATUS_OK : error_prefix(err, "--each-epoch: epoch %zu", epoch);
}

struct dataset *each_epoch_first(struct imgtrain *train)
{
    struct error err;
    struct dataset *data = NULL;
    if (read_epoch(train, 1, NULL, &data, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    train->each_epoch.first = data;
    train->each_epoch.epoch = 1;
    return data;
}

static void *read_next(void *context)
{
    struct imgtrain *train = context;
    struct each_epoch *each = &train->each_epoch;
    each->status = read_epoch(train, each->coming, each->first, &each->next, &each->err);
    atomic_store(&each->done, 1);
    return NULL;
}

static void begin_reading(struct imgtrain *train, size_t epoch)
{
    struct each_epoch *each = &train->each_epoch;
    struct error err;
    each->coming = epoch;
    atomic_store(&each->done, 0);
    if (pthread_create(&each->thread, NULL, read_next, train) != 0) {
        error_set(&err, STATUS_SYSTEM, "cannot start a thread");
        tool_die(&train->tool, &err);
    }
}

/* 1: the coming epoch's data is read; 0: a signal wants an end, and nobody waits for it. */
static int await(struct each_epoch *each)
{
    const struct timespec pause = {0, 2000000};
    while (!atomic_load(&each->done) && !stop_asked())
        nanosleep(&pause, NULL);
    return atomic_load(&each->done);
}

/* The data of the epoch that begins takes the place of the last one's. */
static void take_next(struct imgtrain *train)
{
    struct each_epoch *each = &train->each_epoch;
    if (!await(each))
        return;
    pthread_join(each->thread, NULL);
    if (each->status != STATUS_OK && stop_asked()) {
        each->coming = 0;
        return; /* Ctrl-C ends the command as well */
    }
    if (each->status != STATUS_OK)
        tool_die(&train->tool, &each->err);
    feed_free(train->feed);
    if (train->data == each->first)
        dataset_forget(each->first);
    else
        dataset_free(train->data);
    train->data = each->next;
    each->epoch = each->coming;
    each->coming = 0;
    data_feed(train);
    data_tell_skipped(train, "training", train->data);
}

void each_epoch_begin(struct imgtrain *train)
{
    struct each_epoch *each = &train->each_epoch;
    size_t epoch = train->course.epoch;
    if (!each->command)
        return;
    if (each->epoch != epoch) {
        if (!each->coming) /* the run goes on from a checkpoint */
            begin_reading(train, epoch);
        take_next(train);
    }
    train->tool.failed |= each->failed;
    if (epoch < (size_t)train->epochs && !stop_asked())
        begin_reading(train, epoch + 1);
}

void each_epoch_free(struct imgtrain *train)
{
    struct each_epoch *each = &train->each_epoch;
    if (each->coming)
        return; /* stopped early: the thread, which reads still, looks at them until the end */
    if (each->first != train->data)
        dataset_free(each->first);
    dataset_free(train->data);
}
