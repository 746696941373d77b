#include "base/text.h"
#include "stats/plot/gnuplot_internal.h"

#include <stdint.h>

void gnuplot_short_text(struct page *page, const char *text, size_t width)
{
    page_printf(page, "'");
    while (*text && width--) {
        size_t length = text_utf8(text);
        if (length == 0 || (unsigned char)*text < 0x20 || *text == 0x7f)
            page_printf(page, "?");
        else
            page_printf(page, *text == '\'' ? "''" : "%.*s", (int)length, text);
        text += length ? length : 1;
    }
    page_printf(page, *text ? "~'" : "'");
}

void gnuplot_text(struct page *page, const char *text)
{
    gnuplot_short_text(page, text, SIZE_MAX);
}

void gnuplot_begin(struct page *page, enum figure_terminal terminal, int width, int height)
{
    static const char fonts[] = "DejaVu Sans,Verdana,Helvetica,Arial,sans-serif";
    page_printf(page, "set encoding utf8\n");
    if (terminal == FIGURE_SVG)
        page_printf(page,
                    "set terminal svg size %d,%d dynamic noenhanced font '%s,12' background "
                    "'#ffffff'\n",
                    width, height, fonts);
    else
        page_printf(page,
                    "if (strstrt(GPVAL_TERMINALS, ' pngcairo ') > 0) set terminal pngcairo size "
                    "%d,%d noenhanced font 'DejaVu Sans,10' background '#ffffff'; else set "
                    "terminal png size %d,%d noenhanced\n",
                    width, height, width, height);
}

double gnuplot_across(int width, int pixels)
{
    return (double)pixels / width;
}

double gnuplot_up(int height, int pixels)
{
    return 1 - (double)pixels / height;
}

void gnuplot_margins(struct page *page, const struct gnuplot_frame *frame, int width, int height)
{
    page_printf(page, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n",
                gnuplot_across(width, frame->left), gnuplot_across(width, frame->right));
    page_printf(page, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
                gnuplot_up(height, frame->top), gnuplot_up(height, frame->bottom));
}

static void label(struct page *page, const char *text, double x, double y, int size,
                  const char *colour)
{
    page_printf(page, "set label ");
    gnuplot_text(page, text);
    page_printf(page, " at screen %.5f, screen %.5f left font ',%d' textcolor rgb '%s'\n", x, y,
                size, colour);
}

void gnuplot_title(struct page *page, const char *title, const char *note, int left, int width,
                   int height, int small)
{
    label(page, title, gnuplot_across(width, left), gnuplot_up(height, GNUPLOT_TITLE / 2 + 4),
          small + 4, "#000000");
    if (*note)
        label(page, note, gnuplot_across(width, left),
              gnuplot_up(height, GNUPLOT_TITLE + GNUPLOT_NOTE / 2), small, "#555555");
}
