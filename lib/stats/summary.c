#include "stats/summary.h"

#include "base/number.h"

#include <stdio.h>
#include <string.h>

void summary_init(struct summary *summary)
{
    memset(summary, 0, sizeof *summary);
    summary->types.limit = summary->recipes.limit = summary->failures.limit = SUMMARY_NAMES;
}

void summary_free(struct summary *summary)
{
    counts_free(&summary->labels);
    counts_free(&summary->formats);
    counts_free(&summary->types);
    counts_free(&summary->recipes);
    counts_free(&summary->failures);
    spread_free(&summary->payload);
    spread_free(&summary->width);
    spread_free(&summary->height);
}

const char *summary_format(const unsigned char *bytes, size_t size)
{
    static const struct {
        const char *name;
        size_t at, length;
        const char *magic;
    } formats[] = {
        {"jpeg", 0, 3, "\xff\xd8\xff"},
        {"png", 0, 8, "\x89PNG\r\n\x1a\n"},
        {"gif", 0, 4, "GIF8"},
        {"webp", 8, 4, "WEBP"},
        {"bmp", 0, 2, "BM"},
        {"tiff", 0, 4, "II*\0"},
        {"tiff", 0, 4, "MM\0*"},
        {"avif", 4, 8, "ftypavif"},
        {"heic", 4, 8, "ftypheic"},
        {"jpeg2000", 0, 8, "\0\0\0\x0cjP  "},
        {"jxl", 0, 2, "\xff\x0a"},
    };
    if (size == 0)
        return "empty";
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (size >= formats[i].at + formats[i].length &&
            memcmp(bytes + formats[i].at, formats[i].magic, formats[i].length) == 0)
            return formats[i].name;
    if (size >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '7' &&
        strchr(" \t\r\n#", bytes[2]) && bytes[2])
        return "pnm";
    return "unknown";
}

static enum status add_size(struct spread *spread, const struct record *record, const char *name,
                            struct error *err)
{
    const char *text = record_get(record, name);
    int64_t value;
    if (!text || number_integer(text, 0, INT32_MAX, &value, NULL) != STATUS_OK)
        return STATUS_OK;
    return spread_add(spread, (uint64_t)value, err);
}

static enum status add_failure(struct summary *summary, const struct record *record,
                               struct error *err)
{
    const char *stage = record_get(record, "stage"), *reason = record_get(record, "error");
    char text[ERROR_TEXT];
    snprintf(text, sizeof text, "%s: %s", stage ? stage : "?", reason ? reason : "no reason given");
    summary->errors++;
    return counts_add(&summary->failures, text, 1, err);
}

static enum status add_tensor(struct summary *summary, const struct record *record,
                              struct error *err)
{
    char shape[SHAPE_TEXT], text[SHAPE_TEXT + 16];
    snprintf(text, sizeof text, "%s %s", element_name(record->type),
             shape_format(&record->shape, shape));
    summary->tensors++;
    return counts_add(&summary->types, text, 1, err);
}

static enum status add_kind(struct summary *summary, const struct record *record, struct error *err)
{
    switch (record->kind) {
    case RECORD_IMAGE:
        summary->images++;
        return counts_add(&summary->formats,
                          summary_format(record->payload.data, record->payload.size), 1, err);
    case RECORD_TENSOR:
        return add_tensor(summary, record, err);
    case RECORD_ERROR:
        return add_failure(summary, record, err);
    default:
        summary->others++;
        return STATUS_OK;
    }
}

enum status summary_add(struct summary *summary, const struct record *record, struct error *err)
{
    const char *label = record_get(record, "label"), *recipe = record_get(record, "recipe");
    enum status status = add_kind(summary, record, err);
    summary->records++;
    summary->bytes += record->payload.size;
    if (status == STATUS_OK && record->kind != RECORD_ERROR)
        status = spread_add(&summary->payload, record->payload.size, err);
    summary->unlabelled += !label || !*label;
    if (status == STATUS_OK && label && *label)
        status = counts_add(&summary->labels, label, 1, err);
    if (status == STATUS_OK && recipe)
        status = counts_add(&summary->recipes, recipe, 1, err);
    if (status == STATUS_OK)
        status = add_size(&summary->width, record, "width", err);
    if (status == STATUS_OK)
        status = add_size(&summary->height, record, "height", err);
    return status;
}
