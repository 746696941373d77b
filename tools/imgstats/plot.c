/* imgstats plot: the curves of a training, in a picture or as text. */
#include "base/number.h"
#include "base/text.h"
#include "stats/plot/training.h"
#include "tools/imgstats/imgstats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum form { FORM_TEXT, FORM_SVG, FORM_PNG, FORMS };

static const char *const form_names[FORMS] = {"text", "svg", "png"};
static const char *const form_endings[FORMS] = {".txt", ".svg", ".png"};

/* --format, or what the ending of -o says, or text. */
static enum form choose_form(struct imgstats *stats)
{
    struct tool *tool = &stats->tool;
    for (int i = 0; i < FORMS; i++)
        if (stats->format ? strcmp(stats->format, form_names[i]) == 0
                          : tool->path && text_ends_with(tool->path, form_endings[i]))
            return (enum form)i;
    if (stats->format)
        tool_usage(tool, "'%s' is no format of plots: expected text, svg or png", stats->format);
    if (tool->path && strcmp(tool->path, "-") != 0)
        tool_usage(tool, "%s: expected a name that ends with .svg, .png or .txt, or --format",
                   tool->path);
    return FORM_TEXT;
}

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

/* A file without headings is no log, and the program ends; of a log all good rows are taken. */
static void read_log(struct imgstats *stats, char *const *path, struct training_log *log)
{
    struct tool *tool = &stats->tool;
    struct tsv *tsv;
    struct tsv_row row;
    struct error err;
    enum status status;
    int told = 0;
    if (tsv_open(path, *path ? 1 : 0, &tsv, &err) != STATUS_OK)
        tool_die(tool, &err);
    while ((status = tsv_next(tsv, &row, &err)) != STATUS_END) {
        if (status == STATUS_OK) {
            int begun = log->columns > 0;
            status = training_add(log, row.fields, row.count, &err);
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

void read_logs(struct imgstats *stats, char **paths, int count, struct arena *arena,
               struct training_log *logs)
{
    for (int i = 0; i < (count ? count : 1); i++) {
        logs[i].name = count ? file_name(arena, count, paths, i) : "training";
        read_log(stats, paths + i, &logs[i]);
    }
}

/* A title of several logs names them all. */
static const char *default_title(const struct training_log *logs, int count, struct arena *arena)
{
    struct buffer text = {0};
    const char *title = NULL;
    for (int i = 0; i < count; i++)
        if (buffer_printf(&text, NULL, "%s%s", i ? ", " : "", logs[i].name) != STATUS_OK)
            return NULL;
    title = arena_string(arena, (const char *)text.data, text.size);
    buffer_free(&text);
    return title;
}

static int columns(const struct imgstats *stats)
{
    const char *text = getenv("COLUMNS");
    struct winsize window = {0};
    int64_t number = 80;
    if (stats->width)
        number = stats->width;
    else if (text && number_integer(text, 1, INT32_MAX, &number, NULL) == STATUS_OK)
        ;
    else if (ioctl(stats->tool.output.fd, TIOCGWINSZ, &window) == 0 && window.ws_col)
        number = window.ws_col;
    return number < FIGURE_WIDTH_MIN   ? FIGURE_WIDTH_MIN
           : number > FIGURE_WIDTH_MAX ? FIGURE_WIDTH_MAX
                                       : (int)number;
}

/* Does the locale's encoding have Braille? */
static int speaks_unicode(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return text_ends_with(value, "UTF-8") || text_ends_with(value, "utf8");
    }
    return 0;
}

static int wants_colour(const struct imgstats *stats)
{
    const char *terminal = getenv("TERM"), *without = getenv("NO_COLOR");
    return isatty(stats->tool.output.fd) && terminal && strcmp(terminal, "dumb") != 0 &&
           !(without && *without);
}

static void show(struct imgstats *stats, const struct figure *figure, enum form form)
{
    struct buffer page = {0};
    struct error err;
    enum status status;
    if (form == FORM_TEXT) {
        struct figure_text_options how = {
            .width = columns(stats), .unicode = speaks_unicode(), .colour = wants_colour(stats)};
        status = figure_text(figure, &how, &page, &err);
        print(stats, status, &page, &err);
        return;
    }
    status = figure_gnuplot(figure, form == FORM_SVG ? FIGURE_SVG : FIGURE_PNG,
                            stats->width ? stats->width : FIGURE_PIXELS, &page, &err);
    if (status != STATUS_OK)
        tool_die(&stats->tool, &err);
    gnuplot(stats, &page);
    buffer_free(&page);
}

void plot(struct imgstats *stats, int argc, char **argv, int operand)
{
    struct tool *tool = &stats->tool;
    enum form form = choose_form(stats);
    int files = argc - operand, count = files ? files : 1;
    struct arena *arena = arena_new();
    struct training_log logs[FIGURE_COLOURS] = {0};
    struct figure figure;
    struct error err;
    check_logs(stats, count);
    if (form != FORM_TEXT && stats->width && stats->width < FIGURE_PIXELS_MIN)
        tool_usage(tool, "a picture is at least %d pixels wide", FIGURE_PIXELS_MIN);
    tool->binary = form == FORM_PNG;
    tool_output(tool); /* what cannot be written is told before the work */
    if (arena)
        read_logs(stats, argv + operand, files, arena, logs);
    if (arena && !stats->title)
        stats->title = default_title(logs, count, arena);
    if (!arena || !stats->title)
        error_memory(&err);
    if (!arena || !stats->title ||
        training_figure(logs, (size_t)count, stats->smooth, stats->title, arena, &figure, &err) !=
            STATUS_OK)
        tool_die(tool, &err);
    show(stats, &figure, form);
    for (int i = 0; i < count; i++)
        training_free(&logs[i]);
    arena_free(arena);
}
