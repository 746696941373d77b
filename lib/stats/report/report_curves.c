/* Calibration, and the ROC curve of two classes or of one against the rest. */
#include "stats/report/report_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static const double ends[] = {0, 1};
static const struct html_axis unit_axis = {0, 1, 0.25, ""};

/* Each bin that holds rows: a dot whose area goes with its rows, and its interval. */
static void reliability(const struct sheet *sheet, size_t model)
{
    const struct calibration *calibration = &sheet->report->models[model].evaluation->calibration;
    struct html_chart chart = {sheet->page, unit_axis, unit_axis};
    uint64_t rows = sheet->report->models[model].evaluation->scored;
    page_printf(
        sheet->page,
        "<figure class=\"panel square-chart\"><figcaption>Reliability <span class=\"quiet\">"
        "error %.2f\xc2\xa0%%, at most %.2f\xc2\xa0%%</span></figcaption>\n"
        "<p class=\"y-title\">share that is right</p>",
        100 * sheet->scores[model].calibration.expected,
        100 * sheet->scores[model].calibration.most);
    html_chart_open(&chart, "unit",
                    "Share of right rows over confidence; the table has the numbers");
    html_chart_line(&chart, "ideal", ends, ends, 2);
    for (int i = 0; i < CALIBRATION_BINS; i++) {
        const struct calibration_bin *bin = &calibration->bins[i];
        struct interval interval = interval_wilson(bin->right, bin->rows);
        double x = calibration_confidence(bin);
        if (bin->rows == 0)
            continue;
        html_chart_line(&chart, "interval", (double[]){x, x},
                        (double[]){interval.low, interval.high}, 2);
        html_chart_dot(&chart, model ? "c1" : "c0", x, calibration_accuracy(bin),
                       5 + 15 * sqrt((double)bin->rows / (double)rows));
    }
    html_chart_close(&chart, "confidence");
    page_printf(sheet->page, "</figure>\n");
}

static void reliability_table(const struct sheet *sheet, size_t model)
{
    const struct calibration *calibration = &sheet->report->models[model].evaluation->calibration;
    struct page *page = sheet->page;
    page_printf(
        page,
        "<div class=\"scroll\"><table class=\"bins\"><caption>Confidence is the probability of the "
        "first class</caption><thead><tr><th scope=\"col\">Confidence&nbsp;%%</th>"
        "<th scope=\"col\" class=\"number\">Rows</th><th scope=\"col\" "
        "class=\"number\">Mean&nbsp;%%</th><th scope=\"col\" class=\"number\">"
        "Right&nbsp;%%</th><th scope=\"col\" class=\"number\">95&nbsp;%% interval</th>"
        "</tr></thead>\n<tbody>\n");
    for (int i = 0; i < CALIBRATION_BINS; i++) {
        const struct calibration_bin *bin = &calibration->bins[i];
        struct interval interval = interval_wilson(bin->right, bin->rows);
        if (bin->rows)
            page_printf(page,
                        "<tr><td>%d\xe2\x80\x93%d</td><td class=\"number\">%" PRIu64
                        "</td><td class=\"number\">%.2f</td><td class=\"number\">%.2f</td>"
                        "<td class=\"number\">%.1f\xe2\x80\x93%.1f</td></tr>\n",
                        i * (100 / CALIBRATION_BINS), (i + 1) * (100 / CALIBRATION_BINS), bin->rows,
                        100 * calibration_confidence(bin), 100 * calibration_accuracy(bin),
                        100 * interval.low, 100 * interval.high);
    }
    page_printf(page, "</tbody></table></div>\n");
}

static void roc(const struct sheet *sheet, size_t model)
{
    enum { POINTS = 200 };
    const struct detection_scores *detection = &sheet->scores[model].detection;
    struct html_chart chart = {sheet->page, unit_axis, unit_axis};
    struct ranking_point points[POINTS + 2];
    double x[POINTS + 2], y[POINTS + 2];
    size_t count = detection->ranking ? ranking_curve(detection->ranking, points, POINTS) : 0;
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        x[i] = points[i].false_positives;
        y[i] = points[i].true_positives;
    }
    page_printf(sheet->page, "<figure class=\"panel square-chart\"><figcaption>ROC of ");
    html_text(sheet->page, detection->positive);
    page_printf(sheet->page,
                " <span class=\"quiet\">area %.2f\xc2\xa0%%</span></figcaption>\n"
                "<p class=\"y-title\">true positives</p>",
                100 * detection->scores.auc);
    html_chart_open(&chart, "unit", "True positives over false positives");
    html_chart_line(&chart, "ideal", ends, ends, 2);
    html_chart_line(&chart, model ? "c1" : "c0", x, y, count);
    html_chart_close(&chart, "false positives");
    page_printf(sheet->page, "</figure>\n");
}

void report_curves(const struct sheet *sheet)
{
    page_printf(sheet->page, "<section id=\"calibration\"><h2>Calibration</h2>\n");
    for (size_t i = 0; i < sheet->report->model_count; i++) {
        sheet_open_model(sheet, i);
        if (sheet->report->models[i].evaluation->scored) {
            page_printf(sheet->page, "<div class=\"beside\">\n");
            reliability(sheet, i);
            roc(sheet, i);
            reliability_table(sheet, i);
            page_printf(sheet->page, "</div>\n");
        }
        page_printf(sheet->page, "</div>\n");
    }
    page_printf(sheet->page, "</section>\n");
}
