/* stats/plot/training: the table that `imgtrain --log` writes, as a figure: loss, accuracy,
 * learning rate and images per second over the steps, of one training or of several to compare. */
#ifndef STATS_PLOT_TRAINING_H
#define STATS_PLOT_TRAINING_H

#include "stats/plot/figure.h"

enum training_column {
    TRAINING_EPOCH,
    TRAINING_STEP,
    TRAINING_LOSS,
    TRAINING_ACCURACY,
    TRAINING_RATE,
    TRAINING_SPEED,
    TRAINING_VALIDATION_LOSS,
    TRAINING_VALIDATION_ACCURACY,
    TRAINING_COLUMNS
};

struct training_row {
    double value[TRAINING_COLUMNS]; /* NAN: the field is empty, or there is no such column */
};

struct training_log {
    const char *name; /* in the legend; borrowed */
    /* Private. */
    size_t place[TRAINING_COLUMNS]; /* of the column among the fields, from 1; 0: none */
    size_t columns;                 /* of the table, unknown ones included */
    struct buffer rows;             /* struct training_row */
};

/* Are these the headings of such a table? */
int training_is_header(char *const *fields, size_t count);
/* Zero-initialise the log to start. The first row is the headings: columns may be in any order,
 * unknown ones are passed over, step and loss must be there. STATUS_DAMAGED says what is wrong with
 * a row: it is not taken, and one can go on. A step that is not beyond the one before (a training
 * that was resumed) replaces all from there on. */
enum status training_add(struct training_log *log, char *const *fields, size_t count,
                         struct error *err);
size_t training_count(const struct training_log *log);
void training_free(struct training_log *log);

/* The figure of 1 to FIGURE_COLOURS logs. Training is noisy: its lines are moving means (images per
 * second: medians) of `smooth` steps, an odd number, around each; 0: a fiftieth of the steps of the
 * longest log. Of a single log the steps themselves are drawn, too, faintly. What the figure points
 * to lives in the arena, but the names stay the logs'. */
enum status training_figure(const struct training_log *logs, size_t count, size_t smooth,
                            const char *title, struct arena *arena, struct figure *figure,
                            struct error *err);

#endif
