/* imgstats eval: how good predictions are. */
#include "stats/evaluation.h"
#include "stats/multilabel.h"
#include "tools/imgstats/imgstats.h"

#include <inttypes.h>

/* What is scored. Whether labels are names or sets of names is seen from the first rows, which
 * count for both. */
struct scoring {
    struct evaluation names;
    struct multilabel sets;
    enum { LABELS_OPEN, LABELS_NAMES, LABELS_SETS } labels;
    uint64_t malformed;
};

enum { OPEN_ROWS = 1000 }; /* then labels are names */

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
static void malformed(struct imgstats *stats, struct scoring *scoring, const struct tsv_row *row,
                      int json, const struct error *err)
{
    enum { TOLD = 10 };
    struct tool *tool = &stats->tool;
    if (tool->strict)
        tool_die(tool, err);
    scoring->malformed += row->line != 0;
    if (json && stats->told_json++)
        return;
    if (scoring->malformed <= TOLD)
        tool_note(tool, STATUS_DAMAGED, err);
    else if (scoring->malformed == TOLD + 1)
        tool_message(tool, NULL,
                     "... and more lines that are no prediction; the report counts them");
}

static enum status add(struct imgstats *stats, struct scoring *scoring,
                       const struct prediction *prediction, struct error *err)
{
    if (scoring->labels == LABELS_OPEN && multilabel_likely(prediction)) {
        scoring->labels = LABELS_SETS;
        tool_say(&stats->tool, "the labels are sets of names");
    }
    if (scoring->labels == LABELS_OPEN && scoring->names.rows == OPEN_ROWS) {
        scoring->labels = LABELS_NAMES;
        multilabel_free(&scoring->sets);
    }
    if (scoring->labels == LABELS_OPEN) /* what is no set may be a name */
        (void)multilabel_add(&scoring->sets, prediction, NULL);
    return scoring->labels == LABELS_SETS ? multilabel_add(&scoring->sets, prediction, err)
                                          : evaluation_add(&scoring->names, prediction, err);
}

static void read_predictions(struct imgstats *stats, struct tsv *tsv, struct scoring *scoring)
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
            if (status == STATUS_OK)
                status = add(stats, scoring, &prediction, &err);
            if (status == STATUS_DAMAGED)
                json = place(&row, &err);
        }
        if (status == STATUS_DAMAGED)
            malformed(stats, scoring, &row, json, &err);
        else if (status != STATUS_OK)
            tool_die(&stats->tool, &err);
        progress_add(&stats->tool.progress, 1, NULL);
    }
}

/* What a person should look at. */
static void remark(struct imgstats *stats, const struct scoring *scoring)
{
    struct tool *tool = &stats->tool;
    int sets = scoring->labels == LABELS_SETS;
    uint64_t scored = sets ? scoring->sets.scored : scoring->names.scored;
    if (scored == 0 && !tool->damaged)
        tool_note(
            tool, STATUS_FAILED,
            &(struct error){STATUS_FAILED, "nothing to score: no row has a label and a class"});
    else if (scored && !sets && scoring->names.top5 == 0)
        tool_message(tool, NULL,
                     "no row holds its own label: do the labels and the model's classes have the "
                     "same names?");
}

void eval(struct imgstats *stats, int argc, char **argv, int operand)
{
    struct tool *tool = &stats->tool;
    enum page_format format = report_format(stats);
    struct scoring scoring = {.sets.threshold = stats->threshold,
                              .labels = stats->multilabel ? LABELS_SETS : LABELS_OPEN};
    struct buffer page = {0};
    struct error err;
    struct tsv *tsv;
    enum status status;
    tool_output(tool); /* what cannot be written is told before the work */
    if (tsv_open(argv + operand, (size_t)(argc - operand), &tsv, &err) != STATUS_OK)
        tool_die(tool, &err);
    read_predictions(stats, tsv, &scoring);
    tsv_free(tsv);
    scoring.names.malformed = scoring.sets.malformed = scoring.malformed;
    status = scoring.labels == LABELS_SETS
                 ? multilabel_write(&scoring.sets, format, &page, &err)
                 : evaluation_write(&scoring.names, format, stats->pairs, &page, &err);
    print(stats, status, &page, &err);
    remark(stats, &scoring);
    evaluation_free(&scoring.names);
    multilabel_free(&scoring.sets);
}
