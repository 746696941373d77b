#include "stats/plot/matrix.h"

#include "stats/page.h"
#include "stats/plot/gnuplot_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Takes the class, unless it is there or there is no room. */
static void take(struct matrix *matrix, size_t class)
{
    for (size_t i = 0; i < matrix->size; i++)
        if (matrix->classes[i] == class)
            return;
    if (matrix->size < MATRIX_MOST)
        matrix->classes[matrix->size++] = class;
}

/* The classes of the most frequent mistakes, and as many others as there is room for. */
static void choose(const struct evaluation *evaluation, const struct scores *scores,
                   struct matrix *matrix)
{
    size_t all = evaluation->classes.size;
    for (size_t i = 0; i < scores->mistake_count && all > MATRIX_MOST; i++) {
        take(matrix, scores->mistakes[i].label);
        take(matrix, scores->mistakes[i].predicted);
    }
    for (size_t i = 0; i < all; i++)
        take(matrix, scores->order[i]);
    for (size_t i = 1; i < matrix->size; i++)
        for (size_t k = i;
             k && scores->rank[matrix->classes[k - 1]] > scores->rank[matrix->classes[k]]; k--) {
            size_t class = matrix->classes[k];
            matrix->classes[k] = matrix->classes[k - 1];
            matrix->classes[k - 1] = class;
        }
}

enum status matrix_of_evaluation(const struct evaluation *evaluation, const struct scores *scores,
                                 const char *title, struct matrix *matrix, struct error *err)
{
    size_t all = evaluation->classes.size;
    *matrix = (struct matrix){.title = title};
    if (evaluation->scored == 0)
        return error_set(err, STATUS_DAMAGED, "nothing to draw: no row has a label and a class");
    choose(evaluation, scores, matrix);
    for (size_t i = 0; i < matrix->size; i++) {
        size_t label = matrix->classes[i];
        matrix->names[i] = evaluation->classes.names[label];
        matrix->rows[i] = scores->metrics[label].support;
        for (size_t k = 0; k < matrix->size; k++)
            matrix->cells[i][k] =
                confusion_count(&evaluation->confusion, label, matrix->classes[k]);
    }
    snprintf(matrix->note, sizeof matrix->note,
             "%.2f %% of %" PRIu64 " rows are right; rows: label, columns: prediction%s",
             100 * scores->top1, evaluation->scored,
             all > matrix->size ? "; the classes most often mistaken" : "");
    return STATUS_OK;
}

/* Rare mistakes are to be seen, too. */
static double strength(const struct matrix *matrix, size_t label, size_t predicted)
{
    return matrix->rows[label]
               ? sqrt((double)matrix->cells[label][predicted] / (double)matrix->rows[label])
               : 0;
}

/* ---- text ---- */

static size_t name_width(const struct matrix *matrix, size_t least, size_t most)
{
    size_t width = least;
    for (size_t i = 0; i < matrix->size; i++) {
        size_t one = page_width(matrix->names[i]);
        width = one > width ? one : width;
    }
    return width < most ? width : most;
}

/* Of all columns: the largest count, or the number of the class. */
static size_t cell_width(const struct matrix *matrix)
{
    size_t width = page_digits(matrix->size);
    for (size_t i = 0; i < matrix->size; i++)
        for (size_t k = 0; k < matrix->size; k++) {
            size_t digits = page_digits(matrix->cells[i][k]);
            width = digits > width ? digits : width;
        }
    return width + 1;
}

/* One of five shades of the 256 colours of a terminal: blue or orange, on which black or white is
 * read. */
static void paint(struct page *page, int hit, double share)
{
    static const unsigned char blues[] = {189, 153, 111, 69, 26},
                               reds[] = {224, 223, 216, 209, 166};
    int shade = (int)(share * 4.999);
    page_printf(page, "\033[48;5;%d;38;5;%dm", hit ? blues[shade] : reds[shade],
                shade > 3 ? 231 : 16);
}

static void text_row(struct page *page, const struct matrix *matrix, size_t label, size_t width,
                     int colour)
{
    for (size_t k = 0; k < matrix->size; k++) {
        char number[32] = ".";
        uint64_t times = matrix->cells[label][k];
        if (times)
            snprintf(number, sizeof number, "%" PRIu64, times);
        if (colour && times)
            paint(page, label == k, strength(matrix, label, k));
        page_cell(page, number, width, PAGE_RIGHT);
        if (colour && times)
            page_printf(page, "\033[0m");
    }
    page_printf(page, "\n");
}

enum status matrix_text(const struct matrix *matrix, const struct figure_text_options *options,
                        struct buffer *out, struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    size_t names = name_width(matrix, 1, 24), width = cell_width(matrix);
    size_t heads = name_width(matrix, 1, 12) + 1;
    int named;
    heads = heads > width ? heads : width;
    named = names + heads * matrix->size <= (size_t)options->width;
    width = named ? heads : width;
    page_cell(&page, matrix->title, page_width(matrix->title), PAGE_LEFT);
    page_printf(&page, "\n%s\n\n%*s", matrix->note, (int)names + (named ? 0 : 3), "");
    for (size_t i = 0; i < matrix->size; i++) {
        char number[32];
        snprintf(number, sizeof number, "%zu", i + 1);
        page_cell(&page, named ? matrix->names[i] : number, width, PAGE_RIGHT);
    }
    page_printf(&page, "\n");
    for (size_t i = 0; i < matrix->size; i++) {
        if (!named)
            page_printf(&page, "%2zu ", i + 1);
        page_cell(&page, matrix->names[i], names, PAGE_LEFT);
        text_row(&page, matrix, i, width, options->colour);
    }
    return page.status;
}

/* ---- gnuplot ---- */

enum { LETTER = 8, LETTERS = 24, NUMBERS_TO = 20, EDGE = 16 };

/* From white to the full colour. */
static unsigned mix(unsigned colour, double share)
{
    unsigned mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        double part = 255 + share * ((double)(colour >> shift & 255) - 255);
        mixed |= (unsigned)(part + 0.5) << shift;
    }
    return mixed;
}

static void cells(struct page *page, const struct matrix *matrix)
{
    page_printf(page, "$cells << END\n");
    for (size_t label = 0; label < matrix->size; label++)
        for (size_t k = 0; k < matrix->size; k++) {
            double share = strength(matrix, label, k);
            unsigned colour = matrix->cells[label][k] == 0 ? 0xf4f5f7
                              : label == k                 ? mix(0x0b63b5, share)
                                                           : mix(0xc43e1c, share);
            page_printf(page, "%zu %zu %u\n", k, label, colour);
        }
    page_printf(page, "END\n");
}

static void words(struct page *page, const struct matrix *matrix)
{
    for (size_t i = 0; i < matrix->size; i++) {
        page_printf(page, "set ytics %s(", i ? "add " : "");
        gnuplot_short_text(page, matrix->names[i], LETTERS);
        page_printf(page, " %zu)\nset x2tics %s(", i, i ? "add " : "");
        gnuplot_short_text(page, matrix->names[i], LETTERS);
        page_printf(page, " %zu)\n", i);
    }
    for (size_t label = 0; label < matrix->size && matrix->size <= NUMBERS_TO; label++)
        for (size_t k = 0; k < matrix->size; k++)
            if (matrix->cells[label][k])
                page_printf(page,
                            "set label '%" PRIu64 "' at %zu,%zu center front textcolor rgb '%s'\n",
                            matrix->cells[label][k], k, label,
                            strength(matrix, label, k) > 0.82 ? "#ffffff" : "#202020");
}

enum status matrix_gnuplot(const struct matrix *matrix, enum figure_terminal terminal, int pixels,
                           struct buffer *out, struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    int names = LETTER * (int)name_width(matrix, 2, LETTERS) + 20;
    int top = GNUPLOT_TITLE + GNUPLOT_NOTE + names + EDGE;
    int side = (pixels - names - EDGE) / (int)matrix->size, edge, height;
    struct gnuplot_frame frame;
    edge = (side < 90 ? side : 90) * (int)matrix->size;
    height = top + edge + EDGE;
    frame = (struct gnuplot_frame){names, names + edge, top, top + edge};
    gnuplot_begin(&page, terminal, pixels, height);
    gnuplot_title(&page, matrix->title, matrix->note, EDGE, pixels, height,
                  terminal == FIGURE_SVG ? 12 : 10);
    gnuplot_margins(&page, &frame, pixels, height);
    page_printf(&page,
                "unset border\nset tics nomirror scale 0 textcolor rgb '#303030'\nunset xtics\n"
                "unset key\nset style fill solid noborder\nset x2tics rotate by 90 left\n"
                "set xrange [-0.5:%zu.5]\nset x2range [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\n",
                matrix->size - 1, matrix->size - 1, matrix->size - 1);
    words(&page, matrix);
    cells(&page, matrix);
    page_printf(&page, "plot $cells using 1:2:(0.47):(0.47):3 with boxxyerror lc rgb variable\n");
    return page.status;
}
