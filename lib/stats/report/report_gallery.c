/* The pictures that a person should look at, with what the models said of them. */
#include "stats/report/report_internal.h"

#include <inttypes.h>
#include <string.h>

/* Said of one item by one model. */
static void answer(const struct sheet *sheet, const struct gallery_item *item, size_t model)
{
    struct page *page = sheet->page;
    const char *name = item->classes[model];
    int right = name && strcmp(name, item->label) == 0;
    const char *style = !name || !*item->label ? "" : right ? " right" : " wrong";
    page_printf(page, "<li class=\"answer%s\" style=\"--v:%.3f\">", style, item->confidence[model]);
    if (sheet->report->model_count > 1)
        page_printf(page, "<span class=\"badge m%zu\">%c</span>", model, 'A' + (int)model);
    page_printf(page, "<span class=\"said\"><bdi>");
    html_text(page, name ? name : "failed");
    page_printf(page, "</bdi>");
    if (*style)
        page_printf(page, "<span class=\"hidden\">, %s</span>", right ? "right" : "wrong");
    page_printf(page, "</span>");
    if (name)
        page_printf(page, "<span class=\"sure\">%.1f\xc2\xa0%%</span>",
                    100 * item->confidence[model]);
    page_printf(page, "</li>");
}

static void picture(const struct sheet *sheet, const struct gallery_item *item)
{
    struct page *page = sheet->page;
    if (!item->media) {
        page_printf(page, "<div class=\"thumb none\">no picture</div>");
        return;
    }
    page_printf(page, "<div class=\"thumb\"><img loading=\"lazy\" decoding=\"async\" alt=\"");
    html_text(page, item->key);
    page_printf(page, "\" src=\"");
    html_data(page, item->media, &item->picture);
    page_printf(page, "\"></div>");
}

static void card(const struct sheet *sheet, const struct gallery_item *item)
{
    struct page *page = sheet->page;
    page_printf(page, "<figure class=\"card\" data-lists=\"%u\"", item->lists);
    if (*item->label)
        page_printf(page, " data-l=\"%zu\"", sheet_rank(sheet, item->label));
    for (size_t m = 0; m < sheet->report->model_count; m++)
        if (item->classes[m])
            page_printf(page, " data-p%zu=\"%zu\"", m, sheet_rank(sheet, item->classes[m]));
    page_printf(page, ">");
    if (sheet->report->has_pictures)
        picture(sheet, item);
    page_printf(page, "<figcaption><div class=\"label\">%s<bdi>",
                *item->label ? "<span class=\"quiet\">label</span> " : "");
    html_text(page, *item->label ? item->label : "no label");
    page_printf(page, "</bdi></div>\n<ul>");
    for (size_t m = 0; m < sheet->report->model_count; m++)
        answer(sheet, item, m);
    page_printf(page, "</ul><div class=\"path\" title=\"");
    html_text(page, item->key);
    page_printf(page, "\"><bdi>");
    html_text(page, item->key);
    page_printf(page, "</bdi></div></figcaption></figure>\n");
}

/* A choice among the classes that occur in the gallery. */
static void class_choice(const struct sheet *sheet, const char *name, const char *text, int labels)
{
    const struct gallery *gallery = sheet->report->gallery;
    struct page *page = sheet->page;
    page_printf(page, "<label>%s <select name=\"%s\"><option value=\"\">any</option>", text, name);
    for (size_t i = 0; i < sheet->classes.size; i++) {
        const char *class = sheet->classes.names[sheet->order[i]];
        int there = 0;
        for (size_t k = 0; k < gallery->size && !there; k++) {
            const struct gallery_item *item = &gallery->items[k];
            there = labels && *item->label && sheet_rank(sheet, item->label) == i;
            for (size_t m = 0; m < sheet->report->model_count && !labels; m++)
                there |= item->classes[m] && sheet_rank(sheet, item->classes[m]) == i;
        }
        if (there) {
            page_printf(page, "<option value=\"%zu\">", i);
            html_text(page, class);
            page_printf(page, "</option>");
        }
    }
    page_printf(page, "</select></label>\n");
}

static void filters(const struct sheet *sheet)
{
    static const char *const lists[] = {"wrong by A", "wrong by B", "A and B disagree"};
    struct page *page = sheet->page;
    page_printf(page, "<form class=\"filters needs-script\">\n");
    if (sheet->report->model_count > 1) {
        page_printf(page, "<label>Show <select name=\"list\"><option value=\"\">all</option>");
        for (int i = 0; i < GALLERY_LISTS; i++)
            page_printf(page, "<option value=\"%u\">%s</option>", 1U << i, lists[i]);
        page_printf(page, "</select></label>\n");
    }
    class_choice(sheet, "label", "Label", 1);
    class_choice(sheet, "predicted", "Predicted", 0);
    page_printf(page, "<button type=\"reset\">Reset</button>\n"
                      "<output name=\"shown\" aria-live=\"polite\"></output></form>\n");
}

/* What was chosen, and from how many. */
static void explain(const struct sheet *sheet)
{
    const struct gallery *gallery = sheet->report->gallery;
    struct page *page = sheet->page;
    if (sheet->report->model_count == 1)
        page_printf(page, "<p class=\"quiet\">The %zu surest of %" PRIu64 " errors.", gallery->size,
                    gallery->offered[GALLERY_FIRST_WRONG]);
    else
        page_printf(page,
                    "<p class=\"quiet\">The surest of %" PRIu64 " errors of A, %" PRIu64
                    " of B and %" PRIu64 " disagreements, at most %zu of each.",
                    gallery->offered[GALLERY_FIRST_WRONG], gallery->offered[GALLERY_SECOND_WRONG],
                    gallery->offered[GALLERY_DISAGREE], gallery->limit);
    if (sheet->report->has_pictures)
        page_printf(page, "</p>\n");
    else
        page_printf(page, " For pictures give the stream: <code>imgstats report --images FILE"
                          "</code></p>\n");
}

void report_gallery(const struct sheet *sheet)
{
    const struct gallery *gallery = sheet->report->gallery;
    page_printf(sheet->page, "<section id=\"gallery\"><h2>Gallery</h2>\n");
    if (gallery->size) {
        explain(sheet);
        filters(sheet);
    } else {
        page_printf(sheet->page, "<p>No errors%s.</p>\n",
                    sheet->report->model_count > 1 ? " and no disagreements" : "");
    }
    page_printf(sheet->page, "<div class=\"cards\">\n");
    for (size_t i = 0; i < gallery->size; i++)
        card(sheet, &gallery->items[i]);
    page_printf(sheet->page, "</div></section>\n");
}
