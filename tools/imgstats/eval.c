/* imgstats eval: how good predictions are. */
#include "stats/evaluation.h"
#include "tools/imgstats/imgstats.h"

#include <inttypes.h>

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
static void malformed(struct imgstats *stats, struct evaluation *evaluation,
                      const struct tsv_row *row, int json, const struct error *err)
{
    enum { TOLD = 10 };
    struct tool *tool = &stats->tool;
    if (tool->strict)
        tool_die(tool, err);
    evaluation->malformed += row->line != 0;
    if (json && stats->told_json++)
        return;
    if (evaluation->malformed <= TOLD)
        tool_note(tool, STATUS_DAMAGED, err);
    else if (evaluation->malformed == TOLD + 1)
        tool_message(tool, NULL,
                     "... and more lines that are no prediction; the report counts them");
}

static void read_predictions(struct imgstats *stats, struct tsv *tsv, struct evaluation *evaluation)
{
    struct tsv_row row;
    struct error err;
    enum status status;
    while ((status = tsv_next(tsv, &row, &err)) != STATUS_END) {
        struct prediction prediction;
        int json = 0;
        if (status == STATUS_OK && prediction_is_header(row.fields, row.count))
            continue;
        if (status == STATUS_OK) {
            status = prediction_parse(row.fields, row.count, &prediction, &err);
            if (status == STATUS_DAMAGED)
                json = place(&row, &err);
        }
        if (status == STATUS_OK)
            status = evaluation_add(evaluation, &prediction, &err);
        if (status == STATUS_DAMAGED)
            malformed(stats, evaluation, &row, json, &err);
        else if (status != STATUS_OK)
            tool_die(&stats->tool, &err);
        progress_add(&stats->tool.progress, 1, NULL);
    }
}

void eval(struct imgstats *stats, int argc, char **argv, int operand)
{
    struct tool *tool = &stats->tool;
    enum page_format format = report_format(stats);
    struct evaluation evaluation = {0};
    struct buffer page = {0};
    struct error err;
    struct tsv *tsv;
    enum status status;
    tool_output(tool); /* what cannot be written is told before the work */
    if (tsv_open(argv + operand, (size_t)(argc - operand), &tsv, &err) != STATUS_OK)
        tool_die(tool, &err);
    read_predictions(stats, tsv, &evaluation);
    tsv_free(tsv);
    status = evaluation_write(&evaluation, format, stats->pairs, &page, &err);
    print(stats, status, &page, &err);
    if (evaluation.scored == 0 && !tool->damaged)
        tool_note(
            tool, STATUS_FAILED,
            &(struct error){STATUS_FAILED, "nothing to score: no row has a label and a class"});
    else if (evaluation.scored && evaluation.top5 == 0)
        tool_message(tool, NULL,
                     "no row holds its own label: do the labels and the model's classes have the "
                     "same names?");
    evaluation_free(&evaluation);
}
