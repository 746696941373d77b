#include "tools/imgjoin/imgjoin.h"

#include <stdio.h>
#include <string.h>

enum { TOLD_MAX = 20 };

void note_row(struct imgjoin *join, enum status status, const struct error *err)
{
    struct tool *tool = &join->tool;
    if (status == STATUS_FAILED && ++join->rows_failed > TOLD_MAX && !tool->strict) {
        tool->failed = 1;
        return;
    }
    tool_note(tool, status, err);
}

static void say(struct imgjoin *join, const char *text)
{
    if (!join->tool.quiet)
        tool_message(&join->tool, NULL, text);
}

/* The keys of the table that nobody asked for. */
static void report_unasked(struct imgjoin *join, const struct side *side)
{
    struct error err;
    struct text key, first = {"", 0};
    uint64_t unasked = 0;
    size_t at = 0;
    int marked;
    while (kept_next(side->kept, &at, &key, &marked)) {
        size_t least = key.size < first.size ? key.size : first.size;
        if (marked)
            continue;
        if (unasked++ == 0 || memcmp(key.at, first.at, least) < 0)
            first = key;
    }
    if (unasked == 0)
        return;
    error_set(&err, STATUS_FAILED, "%s: %llu of its %llu keys were not asked for (such as '%.*s')",
              side->path, (unsigned long long)unasked, (unsigned long long)kept_keys(side->kept),
              first.size < 100 ? (int)first.size : 100, first.at);
    if (join->tool.strict)
        tool_die(&join->tool, &err);
    say(join, err.text);
}

static void report_side(struct imgjoin *join, const struct side *side)
{
    char text[ERROR_TEXT];
    tool_say(&join->tool, "%s: %llu rows, %llu kept, %llu MiB", side->path,
             (unsigned long long)side->rows_read, (unsigned long long)side->rows_kept,
             (unsigned long long)(kept_needs(side->kept) >> 20));
    if (side->repeated && !side->each && side->kept_count) {
        snprintf(text, sizeof text,
                 "%s: %llu rows have the key of one before them and were not used (--each uses "
                 "them)",
                 side->path, (unsigned long long)side->repeated);
        say(join, text);
    }
    if (side->unmatched) {
        snprintf(text, sizeof text, "%llu %s no match in %s (such as '%s')",
                 (unsigned long long)side->unmatched,
                 join->left.reader ? "records have" : "rows have", side->path,
                 side->first_unmatched);
        say(join, text);
    }
    if (side->how != HOW_ANTI)
        report_unasked(join, side);
}

void report(struct imgjoin *join)
{
    char text[ERROR_TEXT];
    progress_clear(&join->tool.progress);
    if (join->rows_failed > TOLD_MAX) {
        snprintf(text, sizeof text, "%llu more rows are wrong",
                 (unsigned long long)(join->rows_failed - TOLD_MAX));
        say(join, text);
    }
    for (size_t i = 0; join->rows_read && i < join->left.attribute_count; i++)
        if (!join->left.seen[i]) {
            snprintf(text, sizeof text, "no record has the attribute '%.500s'",
                     join->left.attributes[i]);
            say(join, text);
        }
    for (size_t i = 1; i < join->side_count; i++)
        report_side(join, &join->sides[i]);
    if (join->distinct && kept_needs(join->distinct) > join->memory) {
        struct error err;
        error_set(&err, STATUS_SYSTEM, "--distinct needs --memory %llu (MiB)",
                  (unsigned long long)((kept_needs(join->distinct) >> 20) + 1));
        tool_die(&join->tool, &err);
    }
    tool_say(&join->tool, "%llu read, %llu left out by filters, %llu repeated, %llu written",
             (unsigned long long)join->rows_read, (unsigned long long)join->rows_filtered,
             (unsigned long long)join->rows_repeated, (unsigned long long)join->rows_written);
}
