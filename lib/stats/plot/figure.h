/* stats/plot: lines over a common axis, as text for a terminal or as a script for gnuplot.
 *
 * A figure says what is shown: panels above each other that share the axis across, and their lines.
 * What makes one out of numbers of a certain kind (training.h: the log of imgtrain) knows nothing
 * of drawing; what draws one (figure_text, figure_gnuplot) knows nothing of where its numbers come
 * from.
 */
#ifndef STATS_PLOT_FIGURE_H
#define STATS_PLOT_FIGURE_H

#include "base/memory.h"

#include <stdint.h>

enum {
    FIGURE_COLOURS = 7, /* that everybody can tell apart on white */
    FIGURE_GREY = FIGURE_COLOURS,
    FIGURE_PANELS = 4,
    FIGURE_LINES = 2 * FIGURE_COLOURS + 1,
    FIGURE_POINTS = 1200, /* of a line: more are thinned out to about so many */
};

enum figure_style {
    FIGURE_FAINT,  /* noise, behind the others; text leaves it out */
    FIGURE_PLAIN,  /* a line */
    FIGURE_MARKED, /* a dashed line with a mark at each point: there are few of them */
    FIGURE_DOTTED, /* a line with a dot at each point: what was measured */
};

struct figure_line {
    const char *name; /* in the legend, which is that of the first panel; "" for none */
    const char *mark; /* stands for the line in text: the legend shows it, its first letter draws */
    int colour;       /* 0 .. FIGURE_COLOURS - 1, or FIGURE_GREY */
    enum figure_style style;
    size_t count;  /* 0: a line for the legend alone */
    double *x, *y; /* [count], x rising */
};

struct figure_panel {
    const char *title;
    const char *unit; /* "" or what follows the numbers along the axis, such as " %" */
    int logarithmic;
    int steady; /* its last numbers are nothing to tell, unlike what has been reached elsewhere */
    double low, high, tick; /* of the axis; tick: between two numbers, 0 when logarithmic */
    size_t line_count;
    struct figure_line lines[FIGURE_LINES];
};

struct figure {
    const char *title, *note; /* note: a line of small print below the title, or "" */
    const char *x_title;
    double x_low, x_high;
    size_t panel_count;
    struct figure_panel panels[FIGURE_PANELS];
};

/* 1, 2 or 5 times a power of ten, so that `count` or fewer of it span low .. high. */
double figure_tick(double low, double high, int count);
/* Likewise along the axis across, whose numbers are whole. */
double figure_tick_across(const struct figure *figure, int count);
/* Sets the panel's axis so that its lines fit: all of the marked and plain ones, the faint ones but
 * for the last hundredth at either end. `zero`: the axis begins at 0. */
void figure_axis(struct figure_panel *panel, int zero);
/* The line without what cannot be seen: of each of FIGURE_POINTS / 2 parts of the line its lowest
 * and its highest point. In place. */
void figure_thin(struct figure_line *line);

struct figure_text_options {
    int width;   /* characters of a line, FIGURE_WIDTH_MIN at least */
    int unicode; /* draw with Braille patterns and lines; else in ASCII */
    int colour;  /* with the terminal's escape sequences */
};
enum { FIGURE_WIDTH_MIN = 30, FIGURE_WIDTH_MAX = 1000 };
enum status figure_text(const struct figure *figure, const struct figure_text_options *options,
                        struct buffer *out, struct error *err);

enum figure_terminal { FIGURE_SVG, FIGURE_PNG };
enum { FIGURE_PIXELS_MIN = 600, FIGURE_PIXELS_MAX = 8000, FIGURE_PIXELS = 960 };
/* The script, data included, with which gnuplot (5.0 and newer) writes the picture to its standard
 * output. */
enum status figure_gnuplot(const struct figure *figure, enum figure_terminal terminal, int pixels,
                           struct buffer *out, struct error *err);

#endif
