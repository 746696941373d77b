/* The score table: a column for each model, and what the two have in common. */
#include "stats/report/report_internal.h"

#include <inttypes.h>
#include <math.h>

static void heading(const struct sheet *sheet)
{
    struct page *page = sheet->page;
    page_printf(page, "<thead><tr><td></td>");
    for (size_t i = 0; i < sheet->report->model_count; i++) {
        page_printf(page, "<th scope=\"col\">");
        if (sheet->report->model_count > 1)
            page_printf(page, "<span class=\"badge m%zu\">%c</span>\xc2\xa0", i, 'A' + (int)i);
        html_text(page, sheet->report->models[i].name);
        page_printf(page, "</th>");
    }
    page_printf(page, "</tr></thead>\n");
}

static void row_open(const struct sheet *sheet, const char *name, const char *hint)
{
    page_printf(sheet->page, "<tr><th scope=\"row\" title=\"%s\">%s</th>", hint, name);
}

/* A rate, where it may really be, and both as a picture. */
static void rate_cell(const struct sheet *sheet, size_t model, double rate,
                      struct interval interval, int big)
{
    struct page *page = sheet->page;
    page_printf(page, "<td><span class=\"%s\">", big ? "hero" : "value");
    html_percent(page, rate);
    page_printf(page, "</span>");
    if (!isnan(rate))
        page_printf(
            page,
            " <span class=\"quiet\" title=\"95 %% interval (Wilson)\">%.2f\xe2\x80\x93%.2f"
            "</span><span class=\"whisker m%zu\" aria-hidden=\"true\"><i style=\"left:%.2f%%;"
            "width:%.2f%%\"></i><b style=\"left:%.2f%%\"></b></span>",
            100 * interval.low, 100 * interval.high, model, 100 * interval.low,
            100 * (interval.high - interval.low), 100 * rate);
    page_printf(page, "</td>");
}

/* A row of one number of each model. */
static void plain_row(const struct sheet *sheet, const char *name, const char *hint,
                      double (*value)(const struct scores *scores))
{
    row_open(sheet, name, hint);
    for (size_t i = 0; i < sheet->report->model_count; i++) {
        page_printf(sheet->page, "<td><span class=\"value\">");
        html_percent(sheet->page, value(&sheet->scores[i]));
        page_printf(sheet->page, "</span></td>");
    }
    page_printf(sheet->page, "</tr>\n");
}

static double precision_of(const struct scores *scores)
{
    return scores->macro.precision;
}

static double recall_of(const struct scores *scores)
{
    return scores->macro.recall;
}

static double f1_of(const struct scores *scores)
{
    return scores->macro.f1;
}

static double auc_of(const struct scores *scores)
{
    return scores->detection.scores.auc;
}

static double average_precision_of(const struct scores *scores)
{
    return scores->detection.scores.average_precision;
}

static double calibration_of(const struct scores *scores)
{
    return scores->calibration.expected;
}

static void rates(const struct sheet *sheet)
{
    int five = 0;
    row_open(sheet, "Top-1 <span class=\"quiet\">95&nbsp;% interval</span>",
             "the label is the first class");
    for (size_t i = 0; i < sheet->report->model_count; i++) {
        rate_cell(sheet, i, sheet->scores[i].top1, sheet->scores[i].top1_interval, 1);
        five |= sheet->report->models[i].evaluation->least >= EVALUATION_TOP;
    }
    page_printf(sheet->page, "</tr>\n");
    if (!five)
        return;
    row_open(sheet, "Top-5", "the label is among the first five classes");
    for (size_t i = 0; i < sheet->report->model_count; i++)
        rate_cell(sheet, i, sheet->scores[i].top5, sheet->scores[i].top5_interval, 0);
    page_printf(sheet->page, "</tr>\n");
}

static void detection_rows(const struct sheet *sheet)
{
    const char *positive = sheet->scores[0].detection.positive;
    if (!positive)
        return;
    plain_row(sheet, "ROC AUC",
              "how often a row of the class has the larger probability than one of another",
              auc_of);
    plain_row(sheet, "Average precision", "the area under the curve of precision over recall",
              average_precision_of);
}

/* Rows that were scored, and why others were not. */
static void count_row(const struct sheet *sheet)
{
    row_open(sheet, "Rows scored", "rows with a label and a class");
    for (size_t i = 0; i < sheet->report->model_count; i++) {
        const struct evaluation *evaluation = sheet->report->models[i].evaluation;
        page_printf(sheet->page, "<td><span class=\"value\">%" PRIu64 "</span>",
                    evaluation->scored);
        if (evaluation->errors)
            page_printf(sheet->page, " <span class=\"quiet\">%" PRIu64 " failed</span>",
                        evaluation->errors);
        if (evaluation->unlabelled)
            page_printf(sheet->page, " <span class=\"quiet\">%" PRIu64 " without a label</span>",
                        evaluation->unlabelled);
        if (evaluation->malformed)
            page_printf(sheet->page, " <span class=\"quiet\">%" PRIu64 " damaged lines</span>",
                        evaluation->malformed);
        page_printf(sheet->page, "</td>");
    }
    page_printf(sheet->page, "</tr>\n");
}

/* Which of the two is right where. */
static void right_table(const struct sheet *sheet)
{
    const struct comparison_scores *scores = &sheet->compared;
    page_printf(sheet->page,
                "<table class=\"square\"><thead><tr><td></td><th scope=\"col\">B right</th>"
                "<th scope=\"col\">B wrong</th></tr></thead><tbody>\n<tr><th scope=\"row\">A right"
                "</th><td>%" PRIu64 "</td><td class=\"m0\">%" PRIu64 "</td></tr>\n"
                "<tr><th scope=\"row\">A wrong</th><td class=\"m1\">%" PRIu64 "</td><td>%" PRIu64
                "</td></tr>\n</tbody></table>\n",
                scores->both_right, scores->right[0] - scores->both_right,
                scores->right[1] - scores->both_right, scores->neither);
}

static void comparison(const struct sheet *sheet)
{
    const struct comparison_scores *scores = &sheet->compared;
    struct page *page = sheet->page;
    uint64_t alone = sheet->report->comparison->alone[0] + sheet->report->comparison->alone[1];
    page_printf(page, "<div class=\"panel\"><h3>A against B</h3>\n<div class=\"beside\">\n");
    if (scores->scored)
        right_table(sheet);
    page_printf(page, "<p>The models agree in <b>");
    html_percent(page, metrics_ratio(scores->agree, scores->both));
    page_printf(page, "</b> of %" PRIu64 " rows", scores->both);
    if (!isnan(scores->kappa))
        page_printf(page, " (Cohen\xe2\x80\x99s kappa %.3f)", scores->kappa);
    page_printf(page, ".");
    if (!isnan(scores->mcnemar))
        page_printf(page, " McNemar\xe2\x80\x99s exact test gives p\xc2\xa0=\xc2\xa0%.3g: %s.",
                    scores->mcnemar,
                    scores->mcnemar < 0.05 ? "chance alone hardly makes such a difference"
                                           : "the difference may well be chance");
    if (alone)
        page_printf(page, " %" PRIu64 " rows are in one table only and do not count here.", alone);
    page_printf(page, "</p>\n</div></div>\n");
}

void report_scores(const struct sheet *sheet)
{
    struct page *page = sheet->page;
    page_printf(page, "<section id=\"scores\"><h2>Scores</h2>\n<div class=\"beside\">"
                      "<div class=\"scroll\"><table class=\"scores\">\n");
    heading(sheet);
    page_printf(page, "<tbody>\n");
    rates(sheet);
    plain_row(sheet, "Macro precision", "mean of the classes\xe2\x80\x99 precision", precision_of);
    plain_row(sheet, "Macro recall", "mean of the classes\xe2\x80\x99 recall", recall_of);
    plain_row(sheet, "Macro F1", "mean of the classes\xe2\x80\x99 F1", f1_of);
    detection_rows(sheet);
    plain_row(sheet, "Calibration error",
              "mean difference between confidence and accuracy: less is better", calibration_of);
    count_row(sheet);
    page_printf(page, "</tbody></table></div>\n");
    if (sheet->report->comparison)
        comparison(sheet);
    page_printf(page, "</div>\n");
    if (sheet->scores[0].detection.positive) {
        page_printf(page, "<p class=\"quiet\">ROC AUC and average precision are of the class ");
        html_text(page, sheet->scores[0].detection.positive);
        page_printf(page, ".</p>\n");
    }
    page_printf(page, "</section>\n");
}
