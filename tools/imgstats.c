/* imgstats: counts, scores and plots: what is in a stream, how good predictions are, how a training
 * went. */
#include "tools/imgstats/imgstats.h"

#include "base/number.h"
#include "stats/evaluation.h"
#include "stats/labels.h"
#include "stats/plot/figure.h"
#include "stats/summary.h"

#include <string.h>

enum {
    OPTION_FORMAT = 'f',
    OPTION_PAIRS = 'n',
    OPTION_MULTILABEL = OPTION_LONG,
    OPTION_THRESHOLD,
    OPTION_WIDTH,
    OPTION_SMOOTH,
    OPTION_TITLE
};

static const struct option_entry options[] = {
    {OPTION_FORMAT, "format", "FORMAT", "text (default), tsv, json; plot: text, svg, png"},
    {OPTION_PAIRS, "pairs", "N", "eval, text, over 25 classes: show the N worst (default: 20)"},
    {OPTION_MULTILABEL, "multilabel", NULL, "eval: a label is a set of names, such as car,tree"},
    {OPTION_THRESHOLD, "threshold", "P",
     "eval, sets: a label is predicted from this probability on (default: 0.5)"},
    {OPTION_WIDTH, "width", "N", "plot: characters (default: the terminal's), or pixels (960)"},
    {OPTION_SMOOTH, "smooth", "N", "plot: mean of N steps (default: a 50th of all; 1: none)"},
    {OPTION_TITLE, "title", "TEXT", "plot: the title (default: the log's name)"},
    {0, NULL, NULL, NULL},
};

static enum status set(void *state, int id, const char *argument, struct error *err)
{
    struct imgstats *stats = state;
    int64_t number = 0;
    enum status status = STATUS_OK;
    switch (id) {
    case OPTION_FORMAT:
        stats->format = argument;
        break;
    case OPTION_TITLE:
        stats->title = argument;
        break;
    case OPTION_MULTILABEL:
        stats->multilabel = 1;
        break;
    case OPTION_THRESHOLD:
        status = number_real(argument, &stats->threshold, err);
        if (status == STATUS_OK && !(stats->threshold >= 0 && stats->threshold <= 1))
            status = error_set(err, STATUS_USAGE, "%s is no probability from 0 to 1", argument);
        break;
    case OPTION_WIDTH:
        status = number_integer(argument, FIGURE_WIDTH_MIN, FIGURE_PIXELS_MAX, &number, err);
        stats->width = (int)number;
        break;
    case OPTION_SMOOTH:
        status = number_integer(argument, 1, INT32_MAX, &number, err);
        stats->smooth = (size_t)number;
        break;
    default:
        status = number_integer(argument, 0, INT32_MAX, &number, err);
        stats->pairs = (size_t)number;
    }
    return status;
}

enum page_format report_format(struct imgstats *stats)
{
    enum page_format format = PAGE_TEXT;
    struct error err;
    if (stats->format && page_format_parse(stats->format, &format, &err) != STATUS_OK)
        tool_usage(&stats->tool, "%s", err.text);
    return format;
}

void print(struct imgstats *stats, enum status status, struct buffer *page, struct error *err)
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

/* Hands each record to `add`; what is wrong with the stream is told. */
static void read_stream(struct imgstats *stats, int argc, char **argv, int operand, void *into,
                        enum status (*add)(void *into, const struct record *record,
                                           struct error *err))
{
    struct tool *tool = &stats->tool;
    struct reader *reader;
    struct record record = {0};
    struct error err;
    enum status status;
    tool_output(tool); /* what cannot be written is told before the work */
    reader = tool_reader(tool, argc, argv, operand);
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
    enum page_format format = report_format(stats);
    struct labels labels = {0};
    struct buffer page = {0};
    struct error err;
    enum status status;
    read_stream(stats, argc, argv, operand, &labels, add_label);
    status = labels_write(&labels, format, &page, &err);
    print(stats, status, &page, &err);
    labels_free(&labels);
}

static enum status add_summary(void *into, const struct record *record, struct error *err)
{
    return summary_add(into, record, err);
}

static void summarise(struct imgstats *stats, int argc, char **argv, int operand)
{
    enum page_format format = report_format(stats);
    struct summary summary;
    struct buffer page = {0};
    struct error err;
    enum status status;
    summary_init(&summary);
    read_stream(stats, argc, argv, operand, &summary, add_summary);
    status = summary_write(&summary, format, &page, &err);
    print(stats, status, &page, &err);
    summary_free(&summary);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(struct imgstats *stats, int argc, char **argv, int operand);
    } commands[] = {
        {"eval", eval},
        {"labels", count_labels},
        {"summary", summarise},
        {"plot", plot},
    };
    struct imgstats stats = {
        .tool = {.name = "imgstats",
                 .usage = "eval|labels|summary|plot [OPTION]... [FILE]...",
                 .purpose = "Scores of predictions (eval: a table), what is in a stream (labels, "
                            "summary),\ncurves of a training (plot: its log).",
                 .examples = "  imgclassify -m shapes.onnx test.its | imgstats eval\n"
                             "  imgstats labels train.its\n"
                             "  imgstats summary --format json train.its\n"
                             "  imgstats plot -o log.svg log.tsv\n",
                 .options = options,
                 .set = set},
        .pairs = EVALUATION_PAIRS,
        .threshold = 0.5,
    };
    const char *command;
    int operand;
    stats.tool.state = &stats;
    operand = tool_start(&stats.tool, argc, argv);
    if (operand >= argc)
        tool_usage(&stats.tool, "expected a command: eval, labels, summary or plot");
    command = argv[operand++];
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(command, commands[i].name) == 0) {
            commands[i].run(&stats, argc, argv, operand);
            return tool_finish(&stats.tool);
        }
    tool_usage(&stats.tool, "'%s' is no command: expected eval, labels, summary or plot", command);
}
