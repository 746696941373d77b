#include "stats/labels.h"

#include "stats/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_WIDTH = 32, BAR_WIDTH = 30, NUMBER_WIDTH = 10 };

enum status labels_add(struct labels *labels, const struct record *record, struct error *err)
{
    const char *label = record_get(record, "label");
    int failed = record->kind == RECORD_ERROR;
    enum status status = STATUS_OK;
    if (label && *label) {
        status = counts_add(&labels->all, label, 1, err);
        if (status == STATUS_OK && failed)
            status = counts_add(&labels->failed, label, 1, err);
    }
    if (status != STATUS_OK)
        return status;
    labels->records++;
    labels->errors += (uint64_t)failed;
    labels->unlabelled += !label || !*label;
    return STATUS_OK;
}

/* One line of the report; `failed` of `count` are error records. */
struct line {
    const char *name;
    uint64_t count, failed;
    double share;
};

static void text_report(struct page *page, const struct labels *labels, const struct line *lines)
{
    size_t count = labels->all.size, width = sizeof "label" - 1;
    for (size_t i = 0; i < count; i++) {
        size_t one = page_width(lines[i].name);
        width = one > width ? one : width;
    }
    width = width < LABEL_WIDTH ? width : LABEL_WIDTH;
    page_printf(page, "records     %*" PRIu64 "\n", NUMBER_WIDTH, labels->records);
    page_printf(page, "labels      %*zu\n", NUMBER_WIDTH, count);
    if (labels->unlabelled)
        page_printf(page, "unlabelled  %*" PRIu64 "\n", NUMBER_WIDTH, labels->unlabelled);
    if (labels->errors)
        page_printf(page, "errors      %*" PRIu64 "\n", NUMBER_WIDTH, labels->errors);
    if (count == 0)
        return;
    page_printf(page, "\n");
    page_cell(page, "label", width, PAGE_LEFT);
    page_printf(page, "%*s", NUMBER_WIDTH, "records");
    if (labels->errors)
        page_printf(page, "%*s", NUMBER_WIDTH, "errors");
    page_printf(page, "%*s\n", NUMBER_WIDTH, "share");
    for (size_t i = 0; i < count; i++) {
        page_cell(page, lines[i].name, width, PAGE_LEFT);
        page_printf(page, "%*" PRIu64, NUMBER_WIDTH, lines[i].count);
        if (labels->errors)
            page_printf(page, "%*" PRIu64, NUMBER_WIDTH, lines[i].failed);
        page_percent(page, lines[i].share, NUMBER_WIDTH);
        page_printf(page, "  ");
        page_bar(page, lines[i].count, lines[0].count, BAR_WIDTH);
        page_printf(page, "\n");
    }
}

static void tsv_line(struct page *page, const char *name, uint64_t count, uint64_t failed,
                     double share)
{
    page_tsv(page, name);
    page_printf(page, "\t%" PRIu64 "\t%" PRIu64 "\t", count, failed);
    page_number(page, share, "");
    page_printf(page, "\n");
}

static void tsv_report(struct page *page, const struct labels *labels, const struct line *lines)
{
    for (size_t i = 0; i < labels->all.size; i++)
        tsv_line(page, lines[i].name, lines[i].count, lines[i].failed, lines[i].share);
    if (labels->unlabelled)
        tsv_line(page, "", labels->unlabelled, labels->errors - counts_total(&labels->failed),
                 metrics_ratio(labels->unlabelled, labels->records));
}

static void json_report(struct page *page, const struct labels *labels, const struct line *lines)
{
    page_printf(page,
                "{\n  \"records\": %" PRIu64 ",\n  \"errors\": %" PRIu64
                ",\n  \"unlabelled\": %" PRIu64 ",\n  \"labels\": [",
                labels->records, labels->errors, labels->unlabelled);
    for (size_t i = 0; i < labels->all.size; i++) {
        page_printf(page, "%s\n    {\"label\": ", i ? "," : "");
        page_json(page, lines[i].name);
        page_printf(page, ", \"records\": %" PRIu64 ", \"errors\": %" PRIu64 ", \"share\": ",
                    lines[i].count, lines[i].failed);
        page_number(page, lines[i].share, "null");
        page_printf(page, "}");
    }
    page_printf(page, "\n  ]\n}\n");
}

enum status labels_write(const struct labels *labels, enum page_format format, struct buffer *out,
                         struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    size_t *order = counts_by_count(&labels->all);
    struct line *lines = memory_array(labels->all.size, sizeof *lines);
    if (!order || !lines) {
        free(order);
        free(lines);
        return error_memory(err);
    }
    for (size_t i = 0; i < labels->all.size; i++) {
        const char *name = labels->all.names[order[i]];
        uint64_t count = labels->all.counts[order[i]];
        lines[i] = (struct line){name, count, counts_of(&labels->failed, name),
                                 metrics_ratio(count, labels->records)};
    }
    switch (format) {
    case PAGE_TEXT:
        text_report(&page, labels, lines);
        break;
    case PAGE_TSV:
        tsv_report(&page, labels, lines);
        break;
    case PAGE_JSON:
        json_report(&page, labels, lines);
        break;
    }
    free(order);
    free(lines);
    return page.status;
}

void labels_free(struct labels *labels)
{
    counts_free(&labels->all);
    counts_free(&labels->failed);
    memset(labels, 0, sizeof *labels);
}
