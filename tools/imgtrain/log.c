/* The table of steps. */
#include "tools/imgtrain/imgtrain.h"

#include <stdio.h>

void log_open(struct imgtrain *train)
{
    struct error err;
    if (!train->log)
        return;
    train->log_file = fopen(train->log, "w");
    if (!train->log_file) {
        error_errno(&err, "cannot write %s", train->log);
        tool_die(&train->tool, &err);
    }
    fputs("epoch\tstep\tloss\taccuracy\trate\timages_per_second\tvalidation_loss\tvalidation_"
          "accuracy\n",
          train->log_file);
}

void log_step(struct imgtrain *train, int epoch, const struct batch_result *result, float rate,
              double speed, const struct batch_result *held)
{
    if (!train->log_file)
        return;
    fprintf(train->log_file, "%d\t%zu\t%.6g\t%.6g\t%.6g\t%.1f\t", epoch, train->step,
            mean_loss(result), accuracy(result), (double)rate, speed);
    if (held)
        fprintf(train->log_file, "%.6g\t%.6g", mean_loss(held), accuracy(held));
    else
        fputc('\t', train->log_file);
    if (fputc('\n', train->log_file) == EOF || fflush(train->log_file) != 0) {
        struct error err;
        error_errno(&err, "cannot write %s", train->log);
        tool_die(&train->tool, &err);
    }
}

void log_close(struct imgtrain *train)
{
    struct error err;
    if (train->log_file && fclose(train->log_file) != 0) {
        error_errno(&err, "cannot write %s", train->log);
        tool_die(&train->tool, &err);
    }
}
