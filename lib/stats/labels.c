#include "stats/labels.h"

#include "stats/labels_internal.h"
#include "stats/metrics.h"
#include "stream/label_set.h"

#include <stdlib.h>
#include <string.h>

static enum status add_name(struct labels *labels, const char *name, int failed, struct error *err)
{
    TRY(counts_add(&labels->all, name, 1, err));
    return failed ? counts_add(&labels->failed, name, 1, err) : STATUS_OK;
}

/* Each name of a set. One that may be right or wrong is told apart; all have a line. */
static enum status add_set(struct labels *labels, const char *set, int failed, struct error *err)
{
    struct label_name name;
    enum status status;
    size_t at = 0;
    while ((status = label_set_next(set, &at, &name, err)) == STATUS_OK) {
        char text[LABELS_NAME_MAX];
        if (name.length >= sizeof text)
            return error_set(err, STATUS_DAMAGED, "a label of %zu bytes", name.length);
        memcpy(text, name.text, name.length);
        text[name.length] = '\0';
        if (name.unknown) {
            TRY(counts_add(&labels->all, text, 0, err));
            TRY(counts_add(&labels->unknown, text, 1, err));
        } else {
            TRY(add_name(labels, text, failed, err));
        }
    }
    return status == STATUS_END ? STATUS_OK : status;
}

enum status labels_add(struct labels *labels, const struct record *record, struct error *err)
{
    const char *label = record_get(record, "label");
    int failed = record->kind == RECORD_ERROR;
    if (label && *label)
        TRY((labels->sets ? add_set : add_name)(labels, label, failed, err));
    labels->records++;
    labels->errors += (uint64_t)failed;
    labels->unlabelled += !label || !*label;
    return STATUS_OK;
}

enum status labels_size(struct labels *labels, uint64_t width, uint64_t height, struct error *err)
{
    TRY(spread_add(&labels->width, width, err));
    TRY(spread_add(&labels->height, height, err));
    return spread_add(&labels->aspect, (1000 * width + height / 2) / height, err);
}

int labels_input_size(const struct labels *labels)
{
    static const int sizes[] = {384, 320, 256, 224, 192, 160, 128, 96, 64, 48, 32};
    uint64_t width = spread_median(&labels->width), height = spread_median(&labels->height);
    uint64_t shorter = width < height ? width : height;
    size_t i = 0;
    while (i + 1 < sizeof sizes / sizeof *sizes && (uint64_t)sizes[i] > shorter)
        i++;
    return sizes[i];
}

static struct labels_line line_of(const struct labels *labels, size_t index)
{
    const char *name = labels->all.names[index];
    uint64_t count = labels->all.counts[index], unknown = counts_of(&labels->unknown, name);
    return (struct labels_line){.name = name,
                                .count = count,
                                .failed = counts_of(&labels->failed, name),
                                .unknown = unknown,
                                .negative = labels->records - labels->unlabelled - count - unknown,
                                .share = metrics_ratio(count, labels->records)};
}

enum status labels_write(const struct labels *labels, enum page_format format, struct buffer *out,
                         struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    size_t *order = counts_by_count(&labels->all);
    struct labels_line *lines = memory_array(labels->all.size, sizeof *lines);
    if (!order || !lines) {
        free(order);
        free(lines);
        return error_memory(err);
    }
    for (size_t i = 0; i < labels->all.size; i++)
        lines[i] = line_of(labels, order[i]);
    (format == PAGE_TEXT  ? labels_text
     : format == PAGE_TSV ? labels_tsv
                          : labels_json)(&page, labels, lines);
    free(order);
    free(lines);
    return page.status;
}

void labels_free(struct labels *labels)
{
    counts_free(&labels->all);
    counts_free(&labels->failed);
    counts_free(&labels->unknown);
    spread_free(&labels->width);
    spread_free(&labels->height);
    spread_free(&labels->aspect);
    memset(labels, 0, sizeof *labels);
}
