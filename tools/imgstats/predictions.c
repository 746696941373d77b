/* Tables of predictions, row by row: what eval, compare and report read; and how files are called.
 */
#include "base/text.h"
#include "tools/imgstats/imgstats.h"

#include <inttypes.h>
#include <string.h>

/* What is told of a table that is none. */
struct complaints {
    uint64_t lines;
    int json;
};

/* Says where the row is that is no prediction. 1: it is what `imgclassify --format jsonl` writes.
 */
static int place(const struct tsv_row *row, struct error *err)
{
    int json = row->fields[0][0] == '{';
    if (json)
        error_set(err, STATUS_DAMAGED, "this is JSON lines: give the TSV of imgclassify");
    error_prefix(err, "%s:%" PRIu64, row->file, row->line);
    return json;
}

/* A line that is no prediction, or a file of no lines: told, counted, and the input is damaged. Of
 * JSON lines only the first is told. */
static void malformed(struct imgstats *stats, struct complaints *complaints,
                      const struct tsv_row *row, int json, const struct error *err)
{
    enum { TOLD = 10 };
    struct tool *tool = &stats->tool;
    if (tool->strict)
        tool_die(tool, err);
    complaints->lines += row->line != 0;
    if (json && complaints->json++)
        return;
    if (complaints->lines <= TOLD)
        tool_note(tool, STATUS_DAMAGED, err);
    else if (complaints->lines == TOLD + 1)
        tool_message(tool, NULL,
                     "... and more lines that are no prediction; the report counts them");
}

uint64_t read_predictions(struct imgstats *stats, char *const *paths, size_t count, void *into,
                          enum status (*add)(void *into, const struct prediction *prediction,
                                             struct error *err))
{
    struct complaints complaints = {0};
    struct tsv *tsv;
    struct tsv_row row;
    struct error err;
    enum status status;
    if (tsv_open(paths, count, &tsv, &err) != STATUS_OK)
        tool_die(&stats->tool, &err);
    while ((status = tsv_next(tsv, &row, &err)) != STATUS_END) {
        struct prediction prediction;
        int json = 0;
        if (status == STATUS_OK && prediction_is_header(row.fields, row.count))
            continue;
        if (status == STATUS_OK) {
            status = prediction_parse(row.fields, row.count, &prediction, &err);
            if (status == STATUS_OK)
                status = add(into, &prediction, &err);
            if (status == STATUS_DAMAGED)
                json = place(&row, &err);
        }
        if (status == STATUS_DAMAGED)
            malformed(stats, &complaints, &row, json, &err);
        else if (status != STATUS_OK)
            tool_die(&stats->tool, &err);
        progress_add(&stats->tool.progress, 1, NULL);
    }
    tsv_free(tsv);
    return complaints.lines;
}

void tell_strange_labels(struct imgstats *stats)
{
    tool_message(&stats->tool, NULL,
                 "no row holds its own label: do the labels and the model's classes have the same "
                 "names?");
}

const char *file_name(struct arena *arena, int count, char *const *paths, int place)
{
    const char *path = paths[place], *base = strrchr(path, '/');
    size_t length;
    if (strcmp(path, "-") == 0)
        return "standard input";
    base = base ? base + 1 : path;
    for (int i = 0; i < count; i++) {
        const char *other = strrchr(paths[i], '/');
        other = other ? other + 1 : paths[i];
        if (i != place && strcmp(other, base) == 0)
            base = path;
    }
    length = strlen(base);
    return arena_string(arena, base, text_ends_with(base, ".tsv") ? length - 4 : length);
}
