/* The confusion matrix, coloured by the share of each label's rows, and the most frequent mistakes.
 */
#include "stats/report/report_internal.h"

#include <inttypes.h>
#include <math.h>

enum {
    MATRIX_CLASSES = 60, /* more are no picture any more: then the mistakes alone */
    MATRIX_FEW = 5,      /* so few get large cells */
    MATRIX_NUMBERS = 25, /* more leave no room for numbers in the cells */
    MISTAKES = 12,
};

/* One of the two names that a cell is about. */
static const char *class_name(const struct sheet *sheet, size_t model, size_t place)
{
    const struct evaluation *evaluation = sheet->report->models[model].evaluation;
    return evaluation->classes.names[sheet->scores[model].order[place]];
}

/* Rare mistakes are to be seen, too: the colour goes with the root of the share. */
static void cell(const struct sheet *sheet, size_t model, size_t label, size_t predicted,
                 uint64_t count, uint64_t support, int numbers)
{
    struct page *page = sheet->page;
    double share = support ? (double)count / (double)support : 0;
    if (count == 0) {
        page_printf(page, "<td%s></td>", label == predicted ? " class=\"hit\"" : "");
        return;
    }
    page_printf(page,
                "<td class=\"%s%s\" style=\"--v:%.3f\" data-l=\"%zu\" data-p=\"%zu\" title=\"",
                label == predicted ? "hit" : "miss",
                sqrt(share) > 0.82   ? " strong full"
                : sqrt(share) > 0.65 ? " strong"
                                     : "",
                sqrt(share), sheet_rank(sheet, class_name(sheet, model, label)),
                sheet_rank(sheet, class_name(sheet, model, predicted)));
    html_text(page, class_name(sheet, model, label));
    page_printf(page, " predicted as ");
    html_text(page, class_name(sheet, model, predicted));
    page_printf(page, ": %" PRIu64 " of %" PRIu64 ", %.2f %%\">", count, support, 100 * share);
    if (numbers)
        page_printf(page, "%" PRIu64, count);
    page_printf(page, "</td>");
}

static void matrix(const struct sheet *sheet, size_t model)
{
    const struct evaluation *evaluation = sheet->report->models[model].evaluation;
    const struct scores *scores = &sheet->scores[model];
    struct page *page = sheet->page;
    size_t size = evaluation->classes.size;
    page_printf(page,
                "<div class=\"scroll\"><table class=\"matrix%s\"><thead><tr><td class=\"corner\">"
                "<span>label&nbsp;\xe2\x86\x93 predicted&nbsp;\xe2\x86\x92</span></td>",
                size > MATRIX_NUMBERS ? " dense"
                : size <= MATRIX_FEW  ? " few"
                                      : "");
    for (size_t i = 0; i < size; i++) {
        page_printf(page, "<th scope=\"col\"><span><bdi>");
        html_text(page, class_name(sheet, model, i));
        page_printf(page, "</bdi></span></th>");
    }
    page_printf(page, "</tr></thead>\n<tbody>\n");
    for (size_t label = 0; label < size; label++) {
        page_printf(page, "<tr><th scope=\"row\"><bdi>");
        html_text(page, class_name(sheet, model, label));
        page_printf(page, "</bdi></th>");
        for (size_t predicted = 0; predicted < size; predicted++)
            cell(sheet, model, label, predicted,
                 confusion_count(&evaluation->confusion, scores->order[label],
                                 scores->order[predicted]),
                 scores->metrics[scores->order[label]].support, size <= MATRIX_NUMBERS);
        page_printf(page, "</tr>\n");
    }
    page_printf(page, "</tbody></table></div>\n");
}

static void mistakes(const struct sheet *sheet, size_t model)
{
    const struct counts *classes = &sheet->report->models[model].evaluation->classes;
    const struct scores *scores = &sheet->scores[model];
    struct page *page = sheet->page;
    size_t count = scores->mistake_count < MISTAKES ? scores->mistake_count : MISTAKES;
    if (count == 0)
        return;
    page_printf(page,
                "<div class=\"scroll\"><table class=\"mistakes\"><caption>%s%zu of %zu kinds of "
                "mistake</caption>"
                "<thead><tr><th scope=\"col\">Label</th><th scope=\"col\">Predicted</th>"
                "<th scope=\"col\" class=\"number\">Rows</th><th scope=\"col\" class=\"number\">"
                "Of its label&nbsp;%%</th></tr></thead>\n<tbody>\n",
                count < scores->mistake_count ? "The most frequent " : "", count,
                scores->mistake_count);
    for (size_t i = 0; i < count; i++) {
        const struct confusion_cell *one = &scores->mistakes[i];
        page_printf(page, "<tr><td><bdi>");
        html_text(page, classes->names[one->label]);
        page_printf(page, "</bdi></td><td><bdi>");
        html_text(page, classes->names[one->predicted]);
        page_printf(page,
                    "</bdi></td><td class=\"number\">%" PRIu64 "</td><td class=\"number\">%.2f"
                    "</td></tr>\n",
                    one->count,
                    100 * metrics_ratio(one->count, scores->metrics[one->label].support));
    }
    page_printf(page, "</tbody></table></div>\n");
}

void report_matrix(const struct sheet *sheet)
{
    struct page *page = sheet->page;
    page_printf(page, "<section id=\"confusion\"><h2>Confusion</h2>\n");
    for (size_t i = 0; i < sheet->report->model_count; i++) {
        size_t size = sheet->report->models[i].evaluation->classes.size;
        sheet_open_model(sheet, i);
        page_printf(page, "<div class=\"beside\">\n");
        if (size && size <= MATRIX_CLASSES)
            matrix(sheet, i);
        if (size > 2)
            mistakes(sheet, i);
        page_printf(page, "</div></div>\n");
    }
    page_printf(page, "</section>\n");
}
