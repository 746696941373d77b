/* How many rows each class has, and how well it is told: a table that can be sorted. */
#include "stats/report/report_internal.h"

#include <inttypes.h>
#include <math.h>

static uint64_t most_rows(const struct sheet *sheet, size_t model)
{
    const struct scores *scores = &sheet->scores[model];
    uint64_t most = 1;
    for (size_t i = 0; i < sheet->report->models[model].evaluation->classes.size; i++) {
        const struct class_metrics *one = &scores->metrics[i];
        most = one->support > most ? one->support : most;
        most = one->predicted > most ? one->predicted : most;
    }
    return most;
}

/* Numbers are sorted from the largest down, names from the first. */
static void sort_heading(struct page *page, const char *name, const char *style, const char *hint)
{
    page_printf(page,
                "<th scope=\"col\" class=\"%s\"%s><button type=\"button\" title=\"%s\">%s</button>"
                "</th>",
                style, *style ? "" : " aria-sort=\"ascending\"", hint, name);
}

/* A share with its bar, sorted by data-v. */
static void share_cell(struct page *page, double share, struct interval interval)
{
    if (isnan(share)) {
        page_printf(page, "<td class=\"number\" data-v=\"-1\">\xe2\x80\x93</td>");
        return;
    }
    page_printf(page, "<td class=\"number share\" data-v=\"%.9g\" style=\"--v:%.4f\"", share,
                share);
    if (!isnan(interval.low))
        page_printf(page, " title=\"95 %% interval %.2f to %.2f %%\"", 100 * interval.low,
                    100 * interval.high);
    page_printf(page, ">%.2f</td>", 100 * share);
}

/* Rows with this label as a bar, predictions of it as a mark. */
static void class_row(const struct sheet *sheet, size_t model, const char *name, uint64_t most)
{
    struct page *page = sheet->page;
    struct class_metrics one = sheet_metrics(sheet, model, name);
    page_printf(page, "<tr><th scope=\"row\"><bdi>");
    html_text(page, name);
    page_printf(page,
                "</bdi></th><td class=\"histogram\" aria-hidden=\"true\"><i style=\"width:%.2f%%\">"
                "</i><b style=\"left:%.2f%%\"></b></td>",
                100 * (double)one.support / (double)most,
                100 * (double)one.predicted / (double)most);
    page_printf(page,
                "<td class=\"number\" data-v=\"%" PRIu64 "\">%" PRIu64
                "</td><td class=\"number extra\" data-v=\"%" PRIu64 "\">%" PRIu64 "</td>",
                one.support, one.support, one.predicted, one.predicted);
    share_cell(page, one.precision, interval_wilson(one.right, one.predicted));
    share_cell(page, one.recall, interval_wilson(one.right, one.support));
    share_cell(page, one.f1, (struct interval){(double)NAN, (double)NAN});
    page_printf(page, "</tr>\n");
}

static void class_table(const struct sheet *sheet, size_t model)
{
    struct page *page = sheet->page;
    uint64_t most = most_rows(sheet, model);
    page_printf(page, "<div class=\"scroll tall\"><table class=\"sortable\">\n<thead><tr>");
    sort_heading(page, "Class", "", "sort by name");
    page_printf(page, "<td class=\"histogram-head\"><span class=\"quiet\"><i></i>label <b></b>"
                      "predicted</span></td>");
    sort_heading(page, "Label", "number", "rows with this label");
    sort_heading(page, "Predicted", "number extra", "rows for which this class came first");
    sort_heading(page, "Precision", "number", "of those predicted, the share with this label");
    sort_heading(page, "Recall", "number", "of those with this label, the share predicted");
    sort_heading(page, "F1", "number", "harmonic mean of precision and recall");
    page_printf(page, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < sheet->classes.size; i++)
        class_row(sheet, model, sheet->classes.names[sheet->order[i]], most);
    page_printf(page, "</tbody></table></div>\n");
}

void report_classes(const struct sheet *sheet)
{
    page_printf(sheet->page, "<section id=\"classes\"><h2>Classes</h2>\n");
    for (size_t i = 0; i < sheet->report->model_count; i++) {
        sheet_open_model(sheet, i);
        class_table(sheet, i);
        page_printf(sheet->page, "</div>\n");
    }
    page_printf(sheet->page, "</section>\n");
}
