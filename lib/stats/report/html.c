#include "stats/report/html.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

void html_text(struct page *page, const char *text)
{
    while (*text) {
        size_t length = text_utf8(text);
        unsigned char first = (unsigned char)*text;
        int c1 = first == 0xc2 && length == 2 && (unsigned char)text[1] < 0xa0;
        if (*text == '&')
            page_printf(page, "&amp;");
        else if (*text == '<')
            page_printf(page, "&lt;");
        else if (*text == '>')
            page_printf(page, "&gt;");
        else if (*text == '"')
            page_printf(page, "&quot;");
        else if (*text == '\'')
            page_printf(page, "&#39;");
        else if (length == 0 || first < 0x20 || first == 0x7f || c1)
            page_printf(page, "\xef\xbf\xbd");
        else
            page_printf(page, "%.*s", (int)length, text);
        text += length ? length : 1;
    }
}

void html_data(struct page *page, const char *media, const struct buffer *bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    page_printf(page, "data:%s;base64,", media);
    for (size_t i = 0; i < bytes->size && page->status == STATUS_OK; i += 3) {
        size_t left = bytes->size - i < 3 ? bytes->size - i : 3;
        uint32_t group = (uint32_t)bytes->data[i] << 16;
        char text[4];
        for (size_t k = 1; k < left; k++)
            group |= (uint32_t)bytes->data[i + k] << (16 - 8 * k);
        for (size_t k = 0; k < 4; k++)
            text[k] = k <= left ? digits[group >> (18 - 6 * k) & 63] : '=';
        page->status = buffer_append(page->out, text, sizeof text, page->err);
    }
}

void html_percent(struct page *page, double ratio)
{
    if (isnan(ratio))
        page_printf(page, "\xe2\x80\x93");
    else
        page_printf(page, "%.2f\xc2\xa0%%", 100 * ratio);
}

/* In thousandths of the axis, where the lines are drawn; noise may reach beyond its ends. */
static double place(const struct html_axis *axis, double value)
{
    double share = axis->tick > 0 ? (value - axis->low) / (axis->high - axis->low)
                                  : log(value / axis->low) / log(axis->high / axis->low);
    return 1000 * fmin(fmax(share, 0), 1);
}

enum { TICKS = 64 };

/* The values along the axis that get a number: multiples of the tick, or powers of ten. */
static size_t list_ticks(const struct html_axis *axis, double ticks[TICKS])
{
    int first = axis->tick > 0 ? 0 : (int)ceil(log10(axis->low) - 1e-9);
    size_t count = 0;
    while (count < TICKS) {
        double value = axis->tick > 0 ? axis->low + (double)count * axis->tick
                                      : pow(10, first + (double)count);
        if (value > axis->high + fabs(axis->high) * 1e-9)
            break;
        ticks[count++] = axis->tick > 0 && fabs(value) < axis->tick / 1e6 ? 0 : value;
    }
    return count;
}

static void numbers(const struct html_chart *chart, const struct html_axis *axis, const char *side)
{
    double ticks[TICKS];
    size_t count = list_ticks(axis, ticks);
    for (size_t i = 0; i < count; i++)
        page_printf(chart->page, "<span style=\"%s:%.2f%%\">%g%s</span>", side,
                    place(axis, ticks[i]) / 10, ticks[i], axis->unit);
}

static void grid(const struct html_chart *chart)
{
    double ticks[TICKS];
    size_t count = list_ticks(&chart->y, ticks);
    page_printf(chart->page, "<path class=\"grid\" d=\"");
    for (size_t i = 0; i < count; i++)
        page_printf(chart->page, "M0 %.1fH1000", 1000 - place(&chart->y, ticks[i]));
    page_printf(chart->page, "\"/>");
}

void html_chart_open(const struct html_chart *chart, const char *style, const char *described)
{
    struct page *page = chart->page;
    page_printf(page, "<div class=\"chart %s\"><div class=\"y\" aria-hidden=\"true\">", style);
    numbers(chart, &chart->y, "bottom");
    page_printf(page, "</div><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" "
                      "role=\"img\" aria-label=\"");
    html_text(page, described);
    page_printf(page, "\">");
    grid(chart);
}

void html_chart_line(const struct html_chart *chart, const char *style, const double *x,
                     const double *y, size_t count)
{
    page_printf(chart->page, "<path class=\"line %s\" d=\"", style);
    for (size_t i = 0; i < count; i++)
        page_printf(chart->page, "%s%.1f %.1f", i ? "L" : "M", place(&chart->x, x[i]),
                    1000 - place(&chart->y, y[i]));
    page_printf(chart->page, "\"/>");
}

void html_chart_dot(const struct html_chart *chart, const char *style, double x, double y,
                    double size)
{
    page_printf(chart->page,
                "<path class=\"dot %s\" style=\"stroke-width:%.1fpx\" d=\"M%.1f %.1fh0\"/>", style,
                size, place(&chart->x, x), 1000 - place(&chart->y, y));
}

void html_chart_close(const struct html_chart *chart, const char *x_title)
{
    page_printf(chart->page, "</svg><div class=\"x\" aria-hidden=\"true\">");
    numbers(chart, &chart->x, "left");
    page_printf(chart->page, "</div><div class=\"x-title\">");
    html_text(chart->page, x_title);
    page_printf(chart->page, "</div></div>\n");
}
