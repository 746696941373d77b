/* The curves of a training (stats/plot/figure.h), drawn into the page. */
#include "stats/report/report_internal.h"

#include <math.h>

/* The last number of a line that is no noise. */
static void last_number(struct page *page, const struct figure_panel *panel,
                        const struct figure_line *line)
{
    if (line->style != FIGURE_FAINT && line->count && !panel->steady)
        page_printf(page, " <span class=\"quiet\"><i class=\"key c%d%s\"></i>%.4g%s</span>",
                    line->colour, line->style == FIGURE_MARKED ? " marked" : "",
                    line->y[line->count - 1], panel->unit);
}

static void draw_line(const struct html_chart *chart, const struct figure_line *line)
{
    static const char *const styles[][FIGURE_COLOURS + 1] = {
        [FIGURE_FAINT] = {"faint c0", "faint c1", "faint c2", "faint c3", "faint c4", "faint c5",
                          "faint c6", "faint c7"},
        [FIGURE_PLAIN] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"},
        [FIGURE_DOTTED] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"},
        [FIGURE_MARKED] = {"marked c0", "marked c1", "marked c2", "marked c3", "marked c4",
                           "marked c5", "marked c6", "marked c7"},
    };
    const char *style = styles[line->style][line->colour];
    if (line->count > 1)
        html_chart_line(chart, style, line->x, line->y, line->count);
    for (size_t i = 0; i < line->count && (line->style == FIGURE_MARKED || line->count == 1); i++)
        html_chart_dot(chart, style, line->x[i], line->y[i], 6);
}

static void panel_figure(const struct sheet *sheet, const struct figure_panel *panel)
{
    enum { TICKS_ACROSS = 5 };
    const struct figure *figure = sheet->report->training;
    struct html_chart chart = {
        sheet->page,
        {figure->x_low, figure->x_high, figure_tick_across(figure, TICKS_ACROSS), ""},
        {panel->low, panel->high, panel->logarithmic ? 0 : panel->tick, panel->unit}};
    page_printf(sheet->page, "<figure class=\"panel\"><figcaption>");
    html_text(sheet->page, panel->title);
    for (size_t i = 0; i < panel->line_count; i++)
        last_number(sheet->page, panel, &panel->lines[i]);
    page_printf(sheet->page, "</figcaption>\n");
    html_chart_open(&chart, "wide", panel->title);
    for (size_t i = 0; i < panel->line_count; i++)
        if (panel->lines[i].count)
            draw_line(&chart, &panel->lines[i]);
    html_chart_close(&chart, figure->x_title);
    page_printf(sheet->page, "</figure>\n");
}

static void legend(const struct sheet *sheet)
{
    const struct figure_panel *panel = &sheet->report->training->panels[0];
    page_printf(sheet->page, "<p class=\"legend\">");
    for (size_t i = 0; i < panel->line_count; i++)
        if (*panel->lines[i].name) {
            page_printf(sheet->page, "<span><i class=\"key c%d%s\"></i>", panel->lines[i].colour,
                        panel->lines[i].style == FIGURE_MARKED  ? " marked"
                        : panel->lines[i].style == FIGURE_FAINT ? " faint"
                                                                : "");
            html_text(sheet->page, panel->lines[i].name);
            page_printf(sheet->page, "</span> ");
        }
    page_printf(sheet->page, "<span class=\"quiet\">");
    html_text(sheet->page, sheet->report->training->note);
    page_printf(sheet->page, "</span></p>\n");
}

void report_training(const struct sheet *sheet)
{
    const struct figure *figure = sheet->report->training;
    if (!figure)
        return;
    page_printf(sheet->page, "<section id=\"training\"><h2>Training</h2>\n");
    legend(sheet);
    page_printf(sheet->page, "<div class=\"figures\">\n");
    for (size_t i = 0; i < figure->panel_count; i++)
        panel_figure(sheet, &figure->panels[i]);
    page_printf(sheet->page, "</div></section>\n");
}
