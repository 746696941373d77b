#include "stats/plot/bars.h"

#include "stats/page.h"
#include "stats/plot/gnuplot_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum status bars_of_counts(const struct counts *counts, const char *title, struct bars *bars,
                           struct error *err)
{
    size_t *order = counts_by_count(counts), shown = counts->size;
    *bars = (struct bars){.title = title, .total = counts_total(counts)};
    if (!order)
        return error_memory(err);
    if (shown > BARS_MOST)
        shown = BARS_MOST;
    for (size_t i = 0; i < counts->size; i++) {
        size_t place = i < shown ? i : shown;
        bars->names[place] = i < shown ? counts->names[order[i]] : bars->rest;
        bars->values[place] += counts->counts[order[i]];
    }
    free(order);
    bars->count = shown + (counts->size > shown);
    snprintf(bars->rest, sizeof bars->rest, "(%zu other labels)", counts->size - shown);
    snprintf(bars->note, sizeof bars->note, "%" PRIu64 " in %zu label%s", bars->total, counts->size,
             counts->size == 1 ? "" : "s");
    return bars->total ? STATUS_OK : error_set(err, STATUS_DAMAGED, "there is no label to draw");
}

static uint64_t most(const struct bars *bars)
{
    uint64_t value = 1;
    for (size_t i = 0; i < bars->count; i++)
        value = bars->values[i] > value ? bars->values[i] : value;
    return value;
}

static double percent(const struct bars *bars, size_t i)
{
    return 100 * (double)bars->values[i] / (double)bars->total;
}

/* ---- text ---- */

/* In eighths of a character where Unicode has them. */
static void bar(struct page *page, const struct figure_text_options *options, double share,
                size_t width)
{
    size_t eighths = (size_t)(share * (double)width * 8 + 0.5);
    if (!options->unicode) {
        page_bar(page, (uint64_t)(share * 1e6), 1000000, width);
        return;
    }
    eighths += eighths == 0 && share > 0;
    if (options->colour)
        page_printf(page, "\033[34m");
    for (; eighths >= 8; eighths -= 8)
        page_printf(page, "\u2588");
    if (eighths) /* U+258F is an eighth, U+2589 seven */
        page_printf(page, "\xe2\x96%c", (int)(0x90 - eighths));
    if (options->colour)
        page_printf(page, "\033[0m");
}

enum status bars_text(const struct bars *bars, const struct figure_text_options *options,
                      struct buffer *out, struct error *err)
{
    enum { NAME = 28, NUMBERS = 20 };
    struct page page = {out, err, STATUS_OK};
    size_t width = 1, room;
    for (size_t i = 0; i < bars->count; i++) {
        size_t one = page_width(bars->names[i]);
        width = one > width ? one : width;
    }
    width = width < NAME ? width : NAME;
    room =
        (size_t)options->width > width + NUMBERS + 5 ? (size_t)options->width - width - NUMBERS : 5;
    page_cell(&page, bars->title, page_width(bars->title), PAGE_LEFT);
    page_printf(&page, "\n%s\n\n", bars->note);
    for (size_t i = 0; i < bars->count; i++) {
        page_cell(&page, bars->names[i], width, PAGE_RIGHT);
        page_printf(&page, "%10" PRIu64 "%7.2f %% ", bars->values[i], percent(bars, i));
        bar(&page, options, (double)bars->values[i] / (double)most(bars), room);
        page_printf(&page, "\n");
    }
    return page.status;
}

/* ---- gnuplot ---- */

enum { RIGHT = 120, ROW = 24, BOTTOM = 24, LETTER = 8, NAME_LETTERS = 30 };

static int left_margin(const struct bars *bars)
{
    size_t width = 4;
    for (size_t i = 0; i < bars->count; i++) {
        size_t one = page_width(bars->names[i]);
        width = one > width ? one : width;
    }
    return LETTER * (int)(width < NAME_LETTERS ? width : NAME_LETTERS) + 30;
}

static void data(struct page *page, const struct bars *bars)
{
    page_printf(page, "$bars << END\n");
    for (size_t i = 0; i < bars->count; i++)
        page_printf(page, "%" PRIu64 " %zu\n", bars->values[i], i);
    page_printf(page, "END\n");
    for (size_t i = 0; i < bars->count; i++) {
        page_printf(page, "set ytics %s(", i ? "add " : "");
        gnuplot_short_text(page, bars->names[i], NAME_LETTERS);
        page_printf(page,
                    " %zu)\nset label '%" PRIu64 "  %.2f %%' at %" PRIu64
                    ",%zu left offset 0.8,0 textcolor rgb '#303030'\n",
                    i, bars->values[i], percent(bars, i), bars->values[i], i);
    }
}

enum status bars_gnuplot(const struct bars *bars, enum figure_terminal terminal, int pixels,
                         struct buffer *out, struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    int left = left_margin(bars), top = GNUPLOT_TITLE + GNUPLOT_NOTE + 6;
    int height = top + ROW * (int)bars->count + BOTTOM;
    const struct gnuplot_frame frame = {left, pixels - RIGHT, top, height - BOTTOM};
    gnuplot_begin(&page, terminal, pixels, height);
    gnuplot_title(&page, bars->title, bars->note, left, pixels, height,
                  terminal == FIGURE_SVG ? 12 : 10);
    gnuplot_margins(&page, &frame, pixels, height);
    page_printf(&page,
                "set border 2 lc rgb '#808080'\nset tics nomirror out scale 0 textcolor rgb "
                "'#303030'\nunset xtics\nunset key\nset style fill solid noborder\n"
                "set xrange [0:%" PRIu64 "]\nset yrange [%zu.5:-0.5]\n",
                most(bars), bars->count - 1);
    data(&page, bars);
    page_printf(&page,
                "plot $bars using ($1/2):2:($1/2):(0.36) with boxxyerror lc rgb '#0072b2'\n");
    return page.status;
}
