/* Tables with headings: the logs of trainings, and measurements. */
#include "tools/imgstats/imgstats.h"

#include <inttypes.h>

static void damaged_row(struct imgstats *stats, const struct error *err, int *told)
{
    enum { TOLD = 10 };
    struct tool *tool = &stats->tool;
    if (tool->strict)
        tool_die(tool, err);
    if (++*told <= TOLD)
        tool_note(tool, STATUS_DAMAGED, err);
    else if (*told == TOLD + 1)
        tool_message(tool, NULL, "... and more damaged rows");
}

void read_table(struct imgstats *stats, char *const *path, void *into,
                enum status (*add)(void *into, char *const *fields, size_t count, int *begun,
                                   struct error *err))
{
    struct tool *tool = &stats->tool;
    struct tsv *tsv;
    struct tsv_row row;
    struct error err;
    enum status status;
    int told = 0, begun = 0;
    if (tsv_open(path, *path ? 1 : 0, &tsv, &err) != STATUS_OK)
        tool_die(tool, &err);
    while ((status = tsv_next(tsv, &row, &err)) != STATUS_END) {
        if (status == STATUS_OK) {
            status = add(into, row.fields, row.count, &begun, &err);
            if (status == STATUS_DAMAGED)
                error_prefix(&err, "%s:%" PRIu64, row.file, row.line);
            if (status == STATUS_DAMAGED && !begun)
                tool_die(tool, &err);
        }
        if (status == STATUS_DAMAGED)
            damaged_row(stats, &err, &told);
        else if (status != STATUS_OK)
            tool_die(tool, &err);
        progress_add(&tool->progress, 1, NULL);
    }
    tsv_free(tsv);
}

void check_logs(struct imgstats *stats, int count)
{
    if (count > FIGURE_COLOURS)
        tool_usage(&stats->tool, "%d logs: one picture holds at most %d", count, FIGURE_COLOURS);
}

static enum status add_step(void *into, char *const *fields, size_t count, int *begun,
                            struct error *err)
{
    struct training_log *log = into;
    enum status status = training_add(log, fields, count, err);
    *begun = log->columns > 0;
    return status;
}

void read_logs(struct imgstats *stats, char **paths, int count, struct arena *arena,
               struct training_log *logs)
{
    for (int i = 0; i < (count ? count : 1); i++) {
        logs[i].name = count ? file_name(arena, count, paths, i) : "training";
        read_table(stats, paths + i, &logs[i], add_step);
    }
}
