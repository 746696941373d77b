/* stats/plot/bars: how often each name occurred, the most frequent first, as bars. */
#ifndef STATS_PLOT_BARS_H
#define STATS_PLOT_BARS_H

#include "stats/counts.h"
#include "stats/plot/figure.h"

enum { BARS_MOST = 40 }; /* names; what is rarer is one bar together */

struct bars {
    const char *title;
    char note[96];
    size_t count;
    const char *names[BARS_MOST + 1];
    uint64_t values[BARS_MOST + 1], total;
    char rest[48]; /* the name of the last bar, where names are left over */
};

/* Borrows the names. STATUS_DAMAGED: there is nothing to draw. */
enum status bars_of_counts(const struct counts *counts, const char *title, struct bars *bars,
                           struct error *err);
enum status bars_text(const struct bars *bars, const struct figure_text_options *options,
                      struct buffer *out, struct error *err);
/* The script for gnuplot, data included. */
enum status bars_gnuplot(const struct bars *bars, enum figure_terminal terminal, int pixels,
                         struct buffer *out, struct error *err);

#endif
