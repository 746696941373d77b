/* imgstats: counts and scores: what is in a stream, and how good predictions are. */
#include "tools/tool.h"

#include "base/number.h"
#include "stats/evaluation.h"
#include "stats/labels.h"
#include "stats/summary.h"
#include "table/tsv.h"

#include <inttypes.h>
#include <string.h>

struct imgstats {
    struct tool tool;
    enum page_format format; /* --format */
    size_t pairs;            /* --pairs */
    int told_json;
};

enum { OPTION_FORMAT = 'f', OPTION_PAIRS = 'n' };

static const struct option_entry options[] = {
    {OPTION_FORMAT, "format", "FORMAT", "text (default), tsv or json"},
    {OPTION_PAIRS, "pairs", "N", "eval, text, over 25 classes: show the N worst (default: 20)"},
    {0, NULL, NULL, NULL},
};

static enum status set(void *state, int id, const char *argument, struct error *err)
{
    struct imgstats *stats = state;
    int64_t number = 0;
    enum status status;
    if (id == OPTION_FORMAT)
        return page_format_parse(argument, &stats->format, err);
    status = number_integer(argument, 0, INT32_MAX, &number, err);
    stats->pairs = (size_t)number;
    return status;
}

/* The report goes out as one piece. */
static void print(struct imgstats *stats, enum status status, struct buffer *page,
                  struct error *err)
{
    struct tool *tool = &stats->tool;
    if (status == STATUS_OK) {
        progress_clear(&tool->progress);
        status = io_write(tool->output.fd, tool->output.name, page->data, page->size, err);
    }
    buffer_free(page);
    if (status != STATUS_OK)
        tool_die(tool, err);
}

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

static void eval(struct imgstats *stats, int argc, char **argv, int operand)
{
    struct tool *tool = &stats->tool;
    struct evaluation evaluation = {0};
    struct buffer page = {0};
    struct error err;
    struct tsv *tsv;
    enum status status;
    if (tsv_open(argv + operand, (size_t)(argc - operand), &tsv, &err) != STATUS_OK)
        tool_die(tool, &err);
    read_predictions(stats, tsv, &evaluation);
    tsv_free(tsv);
    status = evaluation_write(&evaluation, stats->format, stats->pairs, &page, &err);
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

/* Hands each record to `add`; what is wrong with the stream is told. */
static void read_stream(struct imgstats *stats, int argc, char **argv, int operand, void *into,
                        enum status (*add)(void *into, const struct record *record,
                                           struct error *err))
{
    struct tool *tool = &stats->tool;
    struct reader *reader = tool_reader(tool, argc, argv, operand);
    struct record record = {0};
    struct error err;
    enum status status;
    while ((status = reader_next(reader, &record, &err)) != STATUS_END) {
        if (status == STATUS_OK)
            status = add(into, &record, &err);
        if (status == STATUS_DAMAGED && tool->strict)
            tool_die(tool, &err);
        tool_note(tool, status, &err);
        progress_add(&tool->progress, 1, NULL);
    }
    if (reader_losses(reader) && !tool->damaged)
        tool_note(tool, error_set(&err, STATUS_DAMAGED, "%s", reader_reason(reader)), &err);
    record_free(&record);
    reader_free(reader);
}

static enum status add_label(void *into, const struct record *record, struct error *err)
{
    return labels_add(into, record, err);
}

static void count_labels(struct imgstats *stats, int argc, char **argv, int operand)
{
    struct labels labels = {0};
    struct buffer page = {0};
    struct error err;
    enum status status;
    read_stream(stats, argc, argv, operand, &labels, add_label);
    status = labels_write(&labels, stats->format, &page, &err);
    print(stats, status, &page, &err);
    labels_free(&labels);
}

static enum status add_summary(void *into, const struct record *record, struct error *err)
{
    return summary_add(into, record, err);
}

static void summarise(struct imgstats *stats, int argc, char **argv, int operand)
{
    struct summary summary;
    struct buffer page = {0};
    struct error err;
    enum status status;
    summary_init(&summary);
    read_stream(stats, argc, argv, operand, &summary, add_summary);
    status = summary_write(&summary, stats->format, &page, &err);
    print(stats, status, &page, &err);
    summary_free(&summary);
}

int main(int argc, char **argv)
{
    struct imgstats stats = {
        .tool = {.name = "imgstats",
                 .usage = "eval|labels|summary [OPTION]... [FILE]...",
                 .purpose = "Scores of predictions (eval: a table), and what is in a stream "
                            "(labels, summary).",
                 .examples = "  imgclassify -m shapes.onnx test.its | imgstats eval\n"
                             "  imgstats labels train.its\n"
                             "  imgstats summary --format json train.its\n",
                 .options = options,
                 .set = set},
        .pairs = EVALUATION_PAIRS,
    };
    void (*run)(struct imgstats * stats, int argc, char **argv, int operand) = NULL;
    const char *command;
    int operand;
    stats.tool.state = &stats;
    operand = tool_start(&stats.tool, argc, argv);
    if (operand >= argc)
        tool_usage(&stats.tool, "expected a command: eval, labels or summary");
    command = argv[operand++];
    if (strcmp(command, "eval") == 0)
        run = eval;
    else if (strcmp(command, "labels") == 0)
        run = count_labels;
    else if (strcmp(command, "summary") == 0)
        run = summarise;
    else
        tool_usage(&stats.tool, "'%s' is no command: expected eval, labels or summary", command);
    tool_output(&stats.tool); /* what cannot be written is told before the work */
    run(&stats, argc, argv, operand);
    return tool_finish(&stats.tool);
}
