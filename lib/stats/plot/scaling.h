/* stats/plot/scaling: how much faster it goes with more hosts, processes or threads: a table of
 * measurements as a figure of images per second, beside what as many times the first would be, and
 * of the efficiency, the one divided by the other. */
#ifndef STATS_PLOT_SCALING_H
#define STATS_PLOT_SCALING_H

#include "stats/plot/figure.h"

struct scaling {
    const char *name; /* in the legend; borrowed */
    /* Private. */
    const char *unit;  /* "hosts" ... */
    size_t across, up; /* columns, from 1 */
    int is_seconds;    /* the other column is seconds, of the same work for each row */
    size_t columns;
    struct buffer rows; /* struct scaling_row */
};

/* Are these the headings of such a table? One of hosts, nodes, processes, processors, workers,
 * jobs, threads; and images_per_second or seconds. */
int scaling_is_header(char *const *fields, size_t count);
/* Zero-initialise to start. The first row is the headings. STATUS_DAMAGED says what is wrong with a
 * row: it is not taken. */
enum status scaling_add(struct scaling *scaling, char *const *fields, size_t count,
                        struct error *err);
void scaling_free(struct scaling *scaling);

/* Of 1 to FIGURE_COLOURS tables. Rows of the same number are repetitions: their median counts. What
 * the figure points to lives in the arena, but the names stay the tables'. */
enum status scaling_figure(const struct scaling *tables, size_t count, const char *title,
                           struct arena *arena, struct figure *figure, struct error *err);

#endif
