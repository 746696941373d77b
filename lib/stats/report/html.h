/* stats/report/html: pieces of a page for browsers. Names and keys come from archives and tables:
 * they are text and nothing else. */
#ifndef STATS_REPORT_HTML_H
#define STATS_REPORT_HTML_H

#include "stats/page.h"

/* As text between tags or between double quotes. What HTML gives a meaning is escaped; control
 * characters and bytes that are no UTF-8 become U+FFFD. */
void html_text(struct page *page, const char *text);
/* A picture as a data: address, base64 (RFC 4648). */
void html_data(struct page *page, const char *media, const struct buffer *bytes);
/* "81.03 %", or an en dash for NAN. */
void html_percent(struct page *page, double ratio);

/* A chart: axes with numbers, and lines between them. Numbers are text of the page, so they are
 * readable at every width; the lines stretch. */
struct html_axis {
    double low, high, tick; /* tick: between two numbers; 0: logarithmic */
    const char *unit;       /* behind the numbers */
};
struct html_chart {
    struct page *page;
    struct html_axis x, y;
};
/* `style`: classes of the style sheet. `described`: for who cannot see it. */
void html_chart_open(const struct html_chart *chart, const char *style, const char *described);
void html_chart_line(const struct html_chart *chart, const char *style, const double *x,
                     const double *y, size_t count);
/* A dot, `size` pixels wide. */
void html_chart_dot(const struct html_chart *chart, const char *style, double x, double y,
                    double size);
void html_chart_close(const struct html_chart *chart, const char *x_title);

#endif
