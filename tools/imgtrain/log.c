/* What is told of each step: the table, and what TensorBoard reads. */
#include "base/memory.h"
#include "tools/imgtrain/imgtrain.h"
#include "tools/imgtrain/running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OF(what) what "loss\t" what "accuracy\t" what "precision\t" what "recall\t" what "f1\t"

static const char online_header[] =
    "step\trecords\t" OF("") OF("recent_") OF("all_") "rate\timages_per_second\twaited\n";
static const char epochs_header[] = "epoch\tstep\tloss\taccuracy\trate\timages_per_second\t"
                                    "validation_loss\tvalidation_accuracy\n";

_Noreturn static void cannot_write(struct imgtrain *train)
{
    struct error err;
    error_errno(&err, "cannot write %s", train->log);
    tool_die(&train->tool, &err);
}

void log_open(struct imgtrain *train)
{
    tensorboard_open(train);
    if (!train->log)
        return;
    train->log_goes_on = train->resume && access(train->log, F_OK) == 0;
    train->log_file = fopen(train->log, train->log_goes_on ? "r" : "w");
    if (!train->log_file)
        cannot_write(train);
}

/* Into kept: the header and the rows whose second column is at most `last`. */
static enum status keep_rows(FILE *file, const char *header, size_t last, struct buffer *kept,
                             struct error *err)
{
    char *row = NULL;
    size_t room = 0;
    ssize_t length;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && (length = getline(&row, &room, file)) > 0) {
        const char *column = strchr(row, '\t');
        int is_header = !kept->size && strcmp(row, header) == 0;
        if (!is_header && (!kept->size || !column || row[length - 1] != '\n' ||
                           strtoull(column + 1, NULL, 10) > last))
            break;
        status = buffer_append(kept, row, (size_t)length, err);
    }
    free(row);
    return status;
}

/* What the run before told up to where this one goes on. The file is written anew, since HDFS can
 * neither cut one nor write into it. */
static void go_on(struct imgtrain *train, const char *header)
{
    struct buffer kept = {0};
    struct error err;
    size_t last = train->online.on ? train->online.records : train->step;
    enum status status = keep_rows(train->log_file, header, last, &kept, &err);
    if (status == STATUS_OK && !kept.size && feof(train->log_file) && last)
        status = error_set(&err, STATUS_DAMAGED,
                           "%s is empty: a file on HDFS whose writer was killed may need a while; "
                           "try again, or name another --log",
                           train->log);
    else if (status == STATUS_OK && !kept.size && !feof(train->log_file))
        status = error_set(&err, STATUS_USAGE,
                           "%s is no log of imgtrain that could be gone on with", train->log);
    if (status != STATUS_OK)
        tool_die(&train->tool, &err);
    train->log_file = freopen(train->log, "w", train->log_file);
    if (!train->log_file)
        cannot_write(train);
    if (kept.size)
        fwrite(kept.data, 1, kept.size, train->log_file);
    else
        fputs(header, train->log_file);
    if (fflush(train->log_file) != 0)
        cannot_write(train);
    buffer_free(&kept);
}

void log_begin(struct imgtrain *train)
{
    const char *header = train->online.on ? online_header : epochs_header;
    tensorboard_begin(train);
    if (train->log_goes_on)
        go_on(train, header);
    else if (train->log_file)
        fputs(header, train->log_file);
}

void log_step(struct imgtrain *train, size_t epoch, const struct batch_result *result, float rate,
              double speed, const struct batch_result *held)
{
    tensorboard_step(train, result, rate, speed, held);
    if (!train->log_file)
        return;
    fprintf(train->log_file, "%zu\t%zu\t%.6g\t%.6g\t%.6g\t%.1f\t", epoch, train->step,
            mean_loss(result), accuracy(result), (double)rate, speed);
    if (held)
        fprintf(train->log_file, "%.6g\t%.6g", mean_loss(held), accuracy(held));
    else
        fputc('\t', train->log_file);
    if (fputc('\n', train->log_file) == EOF || fflush(train->log_file) != 0)
        cannot_write(train);
}

static void put_figures(FILE *file, struct figures figures)
{
    fprintf(file, "%.6g\t%.6g\t%.6g\t%.6g\t%.6g\t", figures.loss, figures.accuracy,
            figures.precision, figures.recall, figures.f1);
}

void log_arrived(struct imgtrain *train, struct running *running, size_t count, float rate,
                 double speed, double waited)
{
    FILE *file = train->log_file;
    if (train->events)
        tensorboard_arrived(train, running, count, rate, speed);
    if (!file)
        return;
    fprintf(file, "%zu\t%zu\t", train->step, train->online.records);
    put_figures(file, running_last(running, count));
    put_figures(file, running_last(running, (size_t)train->online.window));
    put_figures(file, running_all(running));
    fprintf(file, "%.6g\t%.1f\t%.3f\n", (double)rate, speed, waited);
    if (fflush(file) != 0)
        cannot_write(train);
}

void log_close(struct imgtrain *train)
{
    if (train->log_file && fclose(train->log_file) != 0)
        cannot_write(train);
    tensorboard_close(train);
}
