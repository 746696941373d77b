/* What is told of each step: the table, and what TensorBoard reads. */
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
    train->log_file = fopen(train->log, train->resume ? "a+" : "w");
    if (!train->log_file)
        cannot_write(train);
}

/* Bytes of the rows whose second column is at most `last`, with the header; 0: there is none. */
static off_t rows_up_to(FILE *file, const char *header, size_t last)
{
    char *row = NULL;
    size_t room = 0;
    ssize_t length;
    off_t end = 0;
    rewind(file);
    while ((length = getline(&row, &room, file)) > 0) {
        const char *column = strchr(row, '\t');
        int is_header = end == 0 && strcmp(row, header) == 0;
        if (!is_header && (end == 0 || !column || row[length - 1] != '\n' ||
                           strtoull(column + 1, NULL, 10) > last))
            break;
        end += (off_t)length;
    }
    free(row);
    return end;
}

void log_begin(struct imgtrain *train)
{
    struct error err;
    const char *header = train->online.on ? online_header : epochs_header;
    off_t end = 0;
    tensorboard_begin(train);
    if (!train->log_file)
        return;
    if (train->resume) {
        end = rows_up_to(train->log_file, header,
                         train->online.on ? train->online.records : train->step);
        if (end == 0 && !feof(train->log_file)) {
            error_set(&err, STATUS_USAGE, "%s is no log of imgtrain that could be gone on with",
                      train->log);
            tool_die(&train->tool, &err);
        }
        if (fseeko(train->log_file, 0, SEEK_END) != 0 ||
            ftruncate(fileno(train->log_file), end) != 0)
            cannot_write(train);
    }
    if (end == 0)
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
