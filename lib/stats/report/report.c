#include "stats/report/report_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t sheet_rank(const struct sheet *sheet, const char *name)
{
    size_t index;
    return counts_find(&sheet->classes, name, &index) ? sheet->rank[index] : sheet->classes.size;
}

struct class_metrics sheet_metrics(const struct sheet *sheet, size_t model, const char *name)
{
    size_t index;
    if (counts_find(&sheet->report->models[model].evaluation->classes, name, &index))
        return sheet->scores[model].metrics[index];
    return (struct class_metrics){
        .precision = (double)NAN, .recall = (double)NAN, .f1 = (double)NAN};
}

void sheet_open_model(const struct sheet *sheet, size_t model)
{
    page_printf(sheet->page, "<div class=\"of-model\" data-model=\"%zu\">\n", model);
    if (sheet->report->model_count > 1) {
        page_printf(sheet->page, "<h3><span class=\"badge m%zu\">%c</span> ", model,
                    'A' + (int)model);
        html_text(sheet->page, sheet->report->models[model].name);
        page_printf(sheet->page, "</h3>\n");
    }
}

/* Names that occur anywhere on the page. */
static enum status collect_classes(struct sheet *sheet, struct error *err)
{
    const struct gallery *gallery = sheet->report->gallery;
    size_t index;
    for (size_t m = 0; m < sheet->report->model_count; m++) {
        const struct counts *classes = &sheet->report->models[m].evaluation->classes;
        for (size_t i = 0; i < classes->size; i++)
            TRY(counts_index(&sheet->classes, classes->names[i], &index, err));
    }
    for (size_t i = 0; i < gallery->size; i++) {
        const struct gallery_item *item = &gallery->items[i];
        if (*item->label)
            TRY(counts_index(&sheet->classes, item->label, &index, err));
        for (size_t m = 0; m < REPORT_MODELS; m++)
            if (item->classes[m])
                TRY(counts_index(&sheet->classes, item->classes[m], &index, err));
    }
    sheet->order = counts_by_name(&sheet->classes);
    sheet->rank = memory_array(sheet->classes.size, sizeof *sheet->rank);
    if (!sheet->order || !sheet->rank)
        return error_memory(err);
    for (size_t i = 0; i < sheet->classes.size; i++)
        sheet->rank[sheet->order[i]] = i;
    return STATUS_OK;
}

static enum status prepare(struct sheet *sheet, struct error *err)
{
    const struct report *report = sheet->report;
    for (size_t i = 0; i < report->model_count; i++)
        TRY(evaluation_scores(report->models[i].evaluation, &sheet->scores[i], err));
    if (report->comparison)
        TRY(comparison_scores(report->comparison, &sheet->compared, err));
    return collect_classes(sheet, err);
}

static void head(const struct sheet *sheet)
{
    struct page *page = sheet->page;
    page_printf(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"color-scheme\" content=\"light dark\">\n"
                      /* nothing that a name could smuggle in is run or fetched */
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                      "img-src data:; style-src 'unsafe-inline'; script-src 'nonce-imgstats'\">\n"
                      "<title>");
    html_text(page, sheet->report->title);
    page_printf(page, "</title>\n<style>\n");
    report_style(page);
    page_printf(page, "</style>\n</head>\n<body>\n");
}

static void link_to(const struct sheet *sheet, int wanted, const char *name, const char *text)
{
    if (wanted)
        page_printf(sheet->page, "<a href=\"#%s\">%s</a>\n", name, text);
}

/* The bar at the top: what there is, and of which model. */
static void navigation(const struct sheet *sheet)
{
    const struct report *report = sheet->report;
    struct page *page = sheet->page;
    page_printf(page, "<nav aria-label=\"Parts of the report\"><div class=\"bar\">\n");
    link_to(sheet, 1, "scores", "Scores");
    link_to(sheet, 1, "classes", "Classes");
    link_to(sheet, 1, "confusion", "Confusion");
    link_to(sheet, 1, "calibration", "Calibration");
    link_to(sheet, report->training != NULL, "training", "Training");
    link_to(sheet, 1, "gallery", "Gallery");
    if (report->model_count > 1) {
        page_printf(page, "<fieldset class=\"switch needs-script\"><legend>Model</legend>");
        for (size_t i = 0; i < report->model_count; i++) {
            page_printf(page,
                        "<label><input type=\"radio\" name=\"model\" value=\"%zu\"%s><span>"
                        "<b>%c</b> ",
                        i, i ? "" : " checked", 'A' + (int)i);
            html_text(page, report->models[i].name);
            page_printf(page, "</span></label>");
        }
        page_printf(page, "</fieldset>\n");
    }
    page_printf(page, "</div></nav>\n");
}

static void body(const struct sheet *sheet)
{
    struct page *page = sheet->page;
    page_printf(page, "<header><h1>");
    html_text(page, sheet->report->title);
    page_printf(page, "</h1></header>\n");
    navigation(sheet);
    page_printf(page, "<main>\n");
    report_scores(sheet);
    report_classes(sheet);
    report_matrix(sheet);
    report_curves(sheet);
    report_training(sheet);
    report_gallery(sheet);
    page_printf(page, "</main>\n<footer>Made by imgstats " IMGUTILS_VERSION "</footer>\n"
                      "<script nonce=\"imgstats\">\n");
    report_script(page);
    page_printf(page, "</script>\n</body>\n</html>\n");
}

enum status report_write(const struct report *report, struct buffer *out, struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    struct sheet sheet = {.report = report, .page = &page};
    enum status status = prepare(&sheet, err);
    if (status == STATUS_OK) {
        head(&sheet);
        body(&sheet);
        status = page.status;
    }
    for (size_t i = 0; i < report->model_count; i++)
        scores_free(&sheet.scores[i]);
    comparison_scores_free(&sheet.compared);
    counts_free(&sheet.classes);
    free(sheet.order);
    free(sheet.rank);
    return status;
}
