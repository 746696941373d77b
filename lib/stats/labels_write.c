/* The report on labels, for a person, as a table and as JSON. */
#include "stats/labels_internal.h"
#include "stats/metrics.h"

#include <inttypes.h>

enum { LABEL_WIDTH = 32, BAR_WIDTH = 30, NUMBER_WIDTH = 10 };

/* ---- text ---- */

static size_t label_width(const struct labels *labels)
{
    size_t width = sizeof "label" - 1;
    for (size_t i = 0; i < labels->all.size; i++) {
        size_t one = page_width(labels->all.names[i]);
        width = one > width ? one : width;
    }
    return width < LABEL_WIDTH ? width : LABEL_WIDTH;
}

static void text_heading(struct page *page, const struct labels *labels, size_t width)
{
    page_cell(page, "label", width, PAGE_LEFT);
    page_printf(page, "%*s", NUMBER_WIDTH, labels->sets ? "positive" : "records");
    if (labels->sets)
        page_printf(page, "%*s%*s", NUMBER_WIDTH, "negative", NUMBER_WIDTH, "unknown");
    if (labels->errors)
        page_printf(page, "%*s", NUMBER_WIDTH, "errors");
    page_printf(page, "%*s\n", NUMBER_WIDTH, "share");
}

static void text_lines(struct page *page, const struct labels *labels,
                       const struct labels_line *lines)
{
    size_t width = label_width(labels);
    if (labels->all.size == 0)
        return;
    page_printf(page, "\n");
    text_heading(page, labels, width);
    for (size_t i = 0; i < labels->all.size; i++) {
        page_cell(page, lines[i].name, width, PAGE_LEFT);
        page_printf(page, "%*" PRIu64, NUMBER_WIDTH, lines[i].count);
        if (labels->sets)
            page_printf(page, "%*" PRIu64 "%*" PRIu64, NUMBER_WIDTH, lines[i].negative,
                        NUMBER_WIDTH, lines[i].unknown);
        if (labels->errors)
            page_printf(page, "%*" PRIu64, NUMBER_WIDTH, lines[i].failed);
        page_percent(page, lines[i].share, NUMBER_WIDTH);
        page_printf(page, "  ");
        page_bar(page, lines[i].count, lines[0].count, BAR_WIDTH);
        page_printf(page, "\n");
    }
}

static void text_spread(struct page *page, const char *name, const struct spread *spread,
                        double scale, int digits)
{
    page_printf(page, "%-12s%*.*f%*.*f%*.*f\n", name, NUMBER_WIDTH, digits,
                scale * (double)spread->least, NUMBER_WIDTH, digits,
                scale * (double)spread_median(spread), NUMBER_WIDTH, digits,
                scale * (double)spread->most);
}

static void text_sizes(struct page *page, const struct labels *labels)
{
    if (labels->width.count) {
        page_printf(page, "\n%-12s%*s%*s%*s  of %" PRIu64 " pictures\n", "size", NUMBER_WIDTH,
                    "least", NUMBER_WIDTH, "median", NUMBER_WIDTH, "most", labels->width.count);
        text_spread(page, "width", &labels->width, 1, 0);
        text_spread(page, "height", &labels->height, 1, 0);
        text_spread(page, "aspect", &labels->aspect, 0.001, 2);
    }
    if (labels->unreadable)
        page_printf(page, "%" PRIu64 " pictures cannot be read\n", labels->unreadable);
}

/* What a network's input would be made with; pixels are 0..255. */
static void text_recipe(struct page *page, const struct labels *labels, int count)
{
    page_printf(page, "\nimgprep");
    if (labels->width.count)
        page_printf(page, " --size %d", labels_input_size(labels));
    page_printf(page, "%s", count == 1 ? " --colour grey" : "");
    for (int i = 0; i < count; i++)
        page_printf(page, "%s%.2f", i ? "," : " --mean ", channels_mean(&labels->channels, i));
    for (int i = 0; i < count; i++)
        page_printf(page, "%s%.2f", i ? "," : " --std ", channels_deviation(&labels->channels, i));
    page_printf(page, "\n");
}

static void text_channels(struct page *page, const struct labels *labels)
{
    static const char *const names[PIXELS_CHANNELS] = {"first", "second", "third"};
    const struct channels *channels = &labels->channels;
    int count = channels_count(channels);
    if (count == 0)
        return;
    page_printf(page, "\n%-12s", "channel");
    for (int i = 0; i < count && i < PIXELS_CHANNELS; i++)
        page_printf(page, "%*s", NUMBER_WIDTH, count == 1 ? "grey" : names[i]);
    page_printf(page, "  of %" PRIu64 " pictures, %" PRIu64 " of them grey\n%-12s",
                channels->pictures, channels->grey, "mean");
    for (int i = 0; i < count; i++)
        page_printf(page, "%*.2f", NUMBER_WIDTH, channels_mean(channels, i));
    page_printf(page, "\n%-12s", "deviation");
    for (int i = 0; i < count; i++)
        page_printf(page, "%*.2f", NUMBER_WIDTH, channels_deviation(channels, i));
    page_printf(page, "\n");
    text_recipe(page, labels, count);
}

void labels_text(struct page *page, const struct labels *labels, const struct labels_line *lines)
{
    page_printf(page, "records     %*" PRIu64 "\n", NUMBER_WIDTH, labels->records);
    page_printf(page, "labels      %*zu\n", NUMBER_WIDTH, labels->all.size);
    if (labels->unlabelled)
        page_printf(page, "unlabelled  %*" PRIu64 "\n", NUMBER_WIDTH, labels->unlabelled);
    if (labels->errors)
        page_printf(page, "errors      %*" PRIu64 "\n", NUMBER_WIDTH, labels->errors);
    text_lines(page, labels, lines);
    text_sizes(page, labels);
    text_channels(page, labels);
}

/* ---- tsv ---- */

static void tsv_line(struct page *page, const struct labels *labels, const struct labels_line *line)
{
    page_tsv(page, line->name);
    page_printf(page, "\t%" PRIu64 "\t%" PRIu64 "\t", line->count, line->failed);
    page_number(page, line->share, "");
    if (labels->sets)
        page_printf(page, "\t%" PRIu64 "\t%" PRIu64, line->negative, line->unknown);
    page_printf(page, "\n");
}

void labels_tsv(struct page *page, const struct labels *labels, const struct labels_line *lines)
{
    uint64_t failed = labels->errors;
    for (size_t i = 0; i < labels->all.size; i++) {
        tsv_line(page, labels, &lines[i]);
        failed -= labels->sets ? 0 : lines[i].failed;
    }
    if (labels->unlabelled)
        tsv_line(
            page, labels,
            &(struct labels_line){.name = "",
                                  .count = labels->unlabelled,
                                  .failed = failed,
                                  .share = metrics_ratio(labels->unlabelled, labels->records)});
}

/* ---- json ---- */

static void json_spread(struct page *page, const char *name, const struct spread *spread,
                        double scale)
{
    page_printf(page, ",\n  \"%s\": {\"least\": %.12g, \"median\": %.12g, \"most\": %.12g}", name,
                scale * (double)spread->least, scale * (double)spread_median(spread),
                scale * (double)spread->most);
}

static void json_channels(struct page *page, const struct channels *channels, const char *name,
                          double (*value)(const struct channels *channels, int channel))
{
    page_printf(page, ",\n  \"%s\": [", name);
    for (int i = 0; i < channels_count(channels); i++) {
        page_printf(page, "%s", i ? ", " : "");
        page_number(page, value(channels, i), "null");
    }
    page_printf(page, "]");
}

void labels_json(struct page *page, const struct labels *labels, const struct labels_line *lines)
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
        if (labels->sets)
            page_printf(page, ", \"negative\": %" PRIu64 ", \"unknown\": %" PRIu64,
                        lines[i].negative, lines[i].unknown);
        page_printf(page, "}");
    }
    page_printf(page, "\n  ]");
    if (labels->width.count) {
        json_spread(page, "width", &labels->width, 1);
        json_spread(page, "height", &labels->height, 1);
        json_spread(page, "aspect", &labels->aspect, 0.001);
        page_printf(page, ",\n  \"input_size\": %d", labels_input_size(labels));
    }
    if (channels_count(&labels->channels)) {
        json_channels(page, &labels->channels, "mean", channels_mean);
        json_channels(page, &labels->channels, "std", channels_deviation);
    }
    page_printf(page, "\n}\n");
}
