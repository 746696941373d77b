/* imgstats eval: how good predictions are. */
#include "stats/evaluation.h"
#include "stats/multilabel.h"
#include "tools/imgstats/imgstats.h"

/* What is scored. Whether labels are names or sets of names is seen from the first rows, which
 * count for both. */
struct scoring {
    struct imgstats *stats;
    struct evaluation names;
    struct multilabel sets;
    enum { LABELS_OPEN, LABELS_NAMES, LABELS_SETS } labels;
};

enum { OPEN_ROWS = 1000 }; /* then labels are names */

static enum status add(void *into, const struct prediction *prediction, struct error *err)
{
    struct scoring *scoring = into;
    if (scoring->labels == LABELS_OPEN && multilabel_likely(prediction)) {
        scoring->labels = LABELS_SETS;
        tool_say(&scoring->stats->tool, "the labels are sets of names");
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
        tell_strange_labels(stats);
    if (scored && !sets && stats->positive && scoring->names.detection.support[0] == 0)
        tool_message(tool, NULL, "no row has the label of --positive");
}

void eval(struct imgstats *stats, int argc, char **argv, int operand)
{
    enum page_format format = report_format(stats);
    struct scoring scoring = {.stats = stats,
                              .names.detection.positive = stats->positive,
                              .sets.threshold = stats->threshold,
                              .labels = stats->multilabel ? LABELS_SETS : LABELS_OPEN};
    struct buffer page = {0};
    struct error err;
    enum status status;
    tool_output(&stats->tool); /* what cannot be written is told before the work */
    scoring.names.malformed = scoring.sets.malformed =
        read_predictions(stats, argv + operand, (size_t)(argc - operand), &scoring, add);
    status = scoring.labels == LABELS_SETS
                 ? multilabel_write(&scoring.sets, format, &page, &err)
                 : evaluation_write(&scoring.names, format, stats->pairs, &page, &err);
    print(stats, status, &page, &err);
    remark(stats, &scoring);
    evaluation_free(&scoring.names);
    multilabel_free(&scoring.sets);
}
