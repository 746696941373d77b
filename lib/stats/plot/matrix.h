/* stats/plot/matrix: what is mistaken for what, as a matrix of colours: blue what is right, orange
 * what is wrong, the stronger the larger its share of the label's rows. */
#ifndef STATS_PLOT_MATRIX_H
#define STATS_PLOT_MATRIX_H

#include "stats/evaluation.h"
#include "stats/plot/figure.h"

enum { MATRIX_MOST = 40 }; /* classes; of more, those that are most often mistaken for each other */

struct matrix {
    const char *title;
    char note[160];
    size_t size;
    const char *names[MATRIX_MOST];           /* by name */
    size_t classes[MATRIX_MOST];              /* their indices in the evaluation */
    uint64_t rows[MATRIX_MOST];               /* with this label */
    uint64_t cells[MATRIX_MOST][MATRIX_MOST]; /* [label][predicted] */
};

/* Borrows the names. STATUS_DAMAGED: nothing was scored. */
enum status matrix_of_evaluation(const struct evaluation *evaluation, const struct scores *scores,
                                 const char *title, struct matrix *matrix, struct error *err);
enum status matrix_text(const struct matrix *matrix, const struct figure_text_options *options,
                        struct buffer *out, struct error *err);
/* The script for gnuplot, data included. */
enum status matrix_gnuplot(const struct matrix *matrix, enum figure_terminal terminal, int pixels,
                           struct buffer *out, struct error *err);

#endif
