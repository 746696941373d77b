/* What all scripts for gnuplot have in common. */
#ifndef STATS_PLOT_GNUPLOT_INTERNAL_H
#define STATS_PLOT_GNUPLOT_INTERNAL_H

#include "stats/page.h"
#include "stats/plot/figure.h"

/* A text of gnuplot. Names come from outside: in single quotes nothing but the quote is special,
 * and no byte that is not UTF-8, and no control character, may get into a picture. */
void gnuplot_text(struct page *page, const char *text);
/* The same, cut to `width` characters. */
void gnuplot_short_text(struct page *page, const char *text, size_t width);
/* Encoding and terminal: a picture of so many pixels, on white. */
void gnuplot_begin(struct page *page, enum figure_terminal terminal, int width, int height);
/* Title and small print, `left` pixels from the edge. `small`: points. */
void gnuplot_title(struct page *page, const char *title, const char *note, int left, int width,
                   int height, int small);
/* Where the axes are, in a picture of width x height pixels: edges in pixels from the left and from
 * the top. */
struct gnuplot_frame {
    int left, right, top, bottom;
};
void gnuplot_margins(struct page *page, const struct gnuplot_frame *frame, int width, int height);
/* Pixels from the left and from the top as gnuplot counts them, whose heights run from below. */
double gnuplot_across(int width, int pixels);
double gnuplot_up(int height, int pixels);

enum { GNUPLOT_TITLE = 40, GNUPLOT_NOTE = 20 }; /* pixels that title and small print take */

#endif
