/* The three forms of a summary, from one list of what there is to tell. */
#include "stats/summary.h"

#include <inttypes.h>
#include <stdlib.h>

enum { NAME_WIDTH = 14, NUMBER_WIDTH = 12 };

/* The parts of the report. Those of one kind are told in the same way. */
struct parts {
    struct {
        const char *name;
        uint64_t value;
    } numbers[8];
    struct {
        const char *name, *title;
        const struct spread *spread;
    } spreads[3];
    struct {
        const char *name, *title;
        const struct counts *counts;
    } tables[4];
};

static struct parts parts_of(const struct summary *s)
{
    return (struct parts){
        {{"records", s->records},
         {"images", s->images},
         {"tensors", s->tensors},
         {"errors", s->errors},
         {"others", s->others},
         {"labels", s->labels.size},
         {"unlabelled", s->unlabelled},
         {"bytes", s->bytes}},
        {{"payload", "payload bytes", &s->payload},
         {"width", "original width", &s->width},
         {"height", "original height", &s->height}},
        {{"format", "image formats", &s->formats},
         {"tensor", "tensors", &s->types},
         {"recipe", "recipes", &s->recipes},
         {"error", "errors", &s->failures}},
    };
}

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void text_table(struct page *page, const char *title, const struct counts *counts,
                       const size_t *order)
{
    size_t shown = counts->size < SUMMARY_SHOWN ? counts->size : SUMMARY_SHOWN;
    page_printf(page, "\n%s:\n", title);
    for (size_t i = 0; i < shown; i++) {
        const char *name = counts->names[order[i]];
        page_printf(page, "%*" PRIu64 "  ", NUMBER_WIDTH, counts->counts[order[i]]);
        page_cell(page, name, page_width(name), PAGE_LEFT);
        page_printf(page, "\n");
    }
    if (shown < counts->size)
        page_printf(page, "%*s  (%zu more kinds; --format tsv lists them)\n", NUMBER_WIDTH, "",
                    counts->size - shown);
}

static void tsv_table(struct page *page, const char *name, const struct counts *counts,
                      const size_t *order)
{
    for (size_t i = 0; i < counts->size; i++) {
        page_printf(page, "%s\t", name);
        page_tsv(page, counts->names[order[i]]);
        page_printf(page, "\t%" PRIu64 "\n", counts->counts[order[i]]);
    }
}

static void json_table(struct page *page, const char *name, const struct counts *counts,
                       const size_t *order)
{
    page_printf(page, ",\n  \"%s\": {", name);
    for (size_t i = 0; i < counts->size; i++) {
        page_printf(page, "%s\n    ", i ? "," : "");
        page_json(page, counts->names[order[i]]);
        page_printf(page, ": %" PRIu64, counts->counts[order[i]]);
    }
    page_printf(page, "%s}", counts->size ? "\n  " : "");
}

static void write_tables(struct page *page, const struct parts *parts, enum page_format format)
{
    for (size_t i = 0; i < LENGTH(parts->tables); i++) {
        const struct counts *counts = parts->tables[i].counts;
        size_t *order = counts_by_count(counts);
        if (!order) {
            page->status = error_memory(page->err);
            return;
        }
        if (format == PAGE_JSON)
            json_table(page, parts->tables[i].name, counts, order);
        else if (format == PAGE_TSV)
            tsv_table(page, parts->tables[i].name, counts, order);
        else if (counts->size)
            text_table(page, parts->tables[i].title, counts, order);
        free(order);
    }
}

static void write_text(struct page *page, const struct parts *parts)
{
    for (size_t i = 0; i < LENGTH(parts->numbers); i++)
        if (parts->numbers[i].value || i == 0)
            page_printf(page, "%-*s%*" PRIu64 "\n", NAME_WIDTH, parts->numbers[i].name,
                        NUMBER_WIDTH, parts->numbers[i].value);
    for (size_t i = 0; i < LENGTH(parts->spreads); i++) {
        const struct spread *spread = parts->spreads[i].spread;
        if (spread->count)
            page_printf(page,
                        "%s%-17s%10" PRIu64 " least %10" PRIu64 " median %10" PRIu64
                        " most, of %" PRIu64 "\n",
                        i ? "" : "\n", parts->spreads[i].title, spread->least,
                        spread_median(spread), spread->most, spread->count);
    }
    write_tables(page, parts, PAGE_TEXT);
}

static void write_tsv(struct page *page, const struct parts *parts)
{
    for (size_t i = 0; i < LENGTH(parts->numbers); i++)
        page_printf(page, "count\t%s\t%" PRIu64 "\n", parts->numbers[i].name,
                    parts->numbers[i].value);
    for (size_t i = 0; i < LENGTH(parts->spreads); i++) {
        const struct spread *spread = parts->spreads[i].spread;
        const char *name = parts->spreads[i].name;
        if (spread->count)
            page_printf(page,
                        "%s\tleast\t%" PRIu64 "\n%s\tmedian\t%" PRIu64 "\n%s\tmost\t%" PRIu64 "\n",
                        name, spread->least, name, spread_median(spread), name, spread->most);
    }
    write_tables(page, parts, PAGE_TSV);
}

static void write_json(struct page *page, const struct parts *parts)
{
    page_printf(page, "{");
    for (size_t i = 0; i < LENGTH(parts->numbers); i++)
        page_printf(page, "%s\n  \"%s\": %" PRIu64, i ? "," : "", parts->numbers[i].name,
                    parts->numbers[i].value);
    for (size_t i = 0; i < LENGTH(parts->spreads); i++) {
        const struct spread *spread = parts->spreads[i].spread;
        page_printf(page, ",\n  \"%s\": ", parts->spreads[i].name);
        if (spread->count)
            page_printf(page,
                        "{\"least\": %" PRIu64 ", \"median\": %" PRIu64 ", \"most\": %" PRIu64 "}",
                        spread->least, spread_median(spread), spread->most);
        else
            page_printf(page, "null");
    }
    write_tables(page, parts, PAGE_JSON);
    page_printf(page, "\n}\n");
}

enum status summary_write(const struct summary *summary, enum page_format format,
                          struct buffer *out, struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    struct parts parts = parts_of(summary);
    switch (format) {
    case PAGE_TEXT:
        write_text(&page, &parts);
        break;
    case PAGE_TSV:
        write_tsv(&page, &parts);
        break;
    case PAGE_JSON:
        write_json(&page, &parts);
        break;
    }
    return page.status;
}
