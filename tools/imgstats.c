/* imgstats: counts, scores and plots: what is in a stream, how good predictions are, how a training
 * went. */
#include "tools/imgstats/imgstats.h"

#include "base/number.h"
#include "stats/evaluation.h"
#include "stats/plot/figure.h"
#include "stats/summary.h"

#include <string.h>

enum {
    OPTION_FORMAT = 'f',
    OPTION_PAIRS = 'n',
    OPTION_MULTILABEL = OPTION_LONG,
    OPTION_THRESHOLD,
    OPTION_POSITIVE,
    OPTION_PIXELS,
    OPTION_KIND,
    OPTION_IMAGES,
    OPTION_LOG,
    OPTION_WIDTH,
    OPTION_SMOOTH,
    OPTION_TITLE
};

static const struct option_entry options[] = {
    {OPTION_FORMAT, "format", "FORMAT", "text (default), tsv, json; plot: text, svg, png"},
    {OPTION_PAIRS, "pairs", "N",
     "eval, compare: show the N worst of many (default: 20); report: 24"},
    {OPTION_MULTILABEL, "multilabel", NULL,
     "eval, labels: a label is a set of names, such as car,tree"},
    {OPTION_THRESHOLD, "threshold", "P",
     "eval, sets: a label is predicted from this probability on (default: 0.5)"},
    {OPTION_POSITIVE, "positive", "CLASS", "eval: ROC AUC of this class (default: 2nd of two)"},
    {OPTION_PIXELS, "pixels", NULL, "labels: decode the pictures, too, for means of channels"},
    {OPTION_IMAGES, "images", "FILE", "report: the stream that holds the pictures"},
    {OPTION_LOG, "log", "FILE", "report: the log of a training (several: compared)"},
    {OPTION_KIND, "kind", "KIND",
     "plot: training, scaling, confusion or labels (default: what FILE is)"},
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
    case OPTION_POSITIVE:
        stats->positive = argument;
        break;
    case OPTION_KIND:
        stats->kind = argument;
        break;
    case OPTION_IMAGES:
        stats->images = (char *)argument;
        break;
    case OPTION_LOG:
        if (stats->log_count < FIGURE_COLOURS + 1)
            stats->logs[stats->log_count++] = (char *)argument;
        break;
    case OPTION_PIXELS:
        stats->pixels = 1;
        break;
    case OPTION_MULTILABEL:
        stats->multilabel = 1;
        break;
    case OPTION_THRESHOLD:
        status = number_within(argument, 0, 1, &stats->threshold, err);
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
        stats->pairs_said = 1;
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

void read_stream(struct imgstats *stats, int argc, char **argv, int operand, void *into,
                 enum status (*add)(void *into, const struct record *record, struct error *err))
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
        {"eval", eval},         {"compare", compare}, {"labels", count_labels},
        {"summary", summarise}, {"plot", plot},       {"report", report},
    };
    struct imgstats stats = {
        .tool = {.name = "imgstats",
                 .usage = "eval|compare|labels|summary|plot|report [OPTION]... [FILE]...",
                 .purpose =
                     "Scores of predictions (eval: a table), where two models differ (compare: two "
                     "tables),\nwhat is in a stream (labels, summary), curves of a training (plot: "
                     "its log),\nall of it as a page for browsers (report).",
                 .examples = "  imgclassify -m shapes.onnx test.its | imgstats eval\n"
                             "  imgstats labels train.its\n"
                             "  imgstats summary --format json train.its\n"
                             "  imgstats plot -o log.svg log.tsv\n"
                             "  imgstats report --images test.its -o report.html pred.tsv\n",
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
        tool_usage(&stats.tool,
                   "expected a command: eval, compare, labels, summary, plot or report");
    command = argv[operand++];
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(command, commands[i].name) == 0) {
            commands[i].run(&stats, argc, argv, operand);
            return tool_finish(&stats.tool);
        }
    tool_usage(&stats.tool,
               "'%s' is no command: expected eval, compare, labels, summary, plot or report",
               command);
}
