/* imgstats plot: curves of a training, curves of scale-out, a confusion matrix or how often each
 * label occurs: in a picture or as text. */
#include "base/number.h"
#include "base/text.h"
#include "stats/evaluation.h"
#include "stats/labels.h"
#include "stats/plot/bars.h"
#include "stats/plot/matrix.h"
#include "stats/plot/scaling.h"
#include "stats/plot/training.h"
#include "stream/format.h"
#include "tools/imgstats/imgstats.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
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

/* ---- the kinds of plots ---- */

struct plotting {
    struct imgstats *stats;
    enum form form;
    enum figure_terminal terminal;
    int pixels; /* across */
    struct figure_text_options text;
    struct arena *arena;
    char **paths;
    int count; /* of paths; 0: standard input */
};

/* `page` is the text, or the script. `status`: whether there is something to draw; else err says
 * why not. */
static void show(struct plotting *plotting, enum status status, struct buffer *page,
                 struct error *err)
{
    if (plotting->form == FORM_TEXT) {
        print(plotting->stats, status, page, err);
        return;
    }
    if (status != STATUS_OK)
        tool_die(&plotting->stats->tool, err);
    gnuplot(plotting->stats, page);
    buffer_free(page);
}

static void show_figure(struct plotting *plotting, const struct figure *figure, enum status status,
                        struct error *err)
{
    struct buffer page = {0};
    if (status == STATUS_OK)
        status = plotting->form == FORM_TEXT
                     ? figure_text(figure, &plotting->text, &page, err)
                     : figure_gnuplot(figure, plotting->terminal, plotting->pixels, &page, err);
    show(plotting, status, &page, err);
}

static void plot_training(struct plotting *plotting)
{
    struct imgstats *stats = plotting->stats;
    int count = plotting->count ? plotting->count : 1;
    struct training_log logs[FIGURE_COLOURS] = {0};
    struct figure figure;
    struct error err;
    enum status status;
    read_logs(stats, plotting->paths, plotting->count, plotting->arena, logs);
    status = training_figure(logs, (size_t)count, stats->smooth, stats->title, plotting->arena,
                             &figure, &err);
    show_figure(plotting, &figure, status, &err);
    for (int i = 0; i < count; i++)
        training_free(&logs[i]);
}

static enum status add_measurement(void *into, char *const *fields, size_t count, int *begun,
                                   struct error *err)
{
    struct scaling *scaling = into;
    enum status status = scaling_add(scaling, fields, count, err);
    *begun = scaling->columns > 0;
    return status;
}

static void plot_scaling(struct plotting *plotting)
{
    struct imgstats *stats = plotting->stats;
    int count = plotting->count ? plotting->count : 1;
    struct scaling tables[FIGURE_COLOURS] = {0};
    struct figure figure;
    struct error err;
    enum status status;
    for (int i = 0; i < count; i++) {
        tables[i].name =
            plotting->count ? file_name(plotting->arena, count, plotting->paths, i) : "measured";
        read_table(stats, plotting->paths + i, &tables[i], add_measurement);
    }
    status = scaling_figure(tables, (size_t)count, stats->title, plotting->arena, &figure, &err);
    show_figure(plotting, &figure, status, &err);
    for (int i = 0; i < count; i++)
        scaling_free(&tables[i]);
}

static enum status add_prediction(void *into, const struct prediction *prediction,
                                  struct error *err)
{
    return evaluation_add(into, prediction, err);
}

static void plot_confusion(struct plotting *plotting)
{
    struct imgstats *stats = plotting->stats;
    struct evaluation evaluation = {0};
    struct scores scores = {0};
    struct matrix matrix;
    struct buffer page = {0};
    struct error err;
    enum status status;
    read_predictions(stats, plotting->paths, (size_t)plotting->count, &evaluation, add_prediction);
    status = evaluation_scores(&evaluation, &scores, &err);
    if (status == STATUS_OK)
        status = matrix_of_evaluation(&evaluation, &scores, stats->title, &matrix, &err);
    if (status == STATUS_OK)
        status = plotting->form == FORM_TEXT
                     ? matrix_text(&matrix, &plotting->text, &page, &err)
                     : matrix_gnuplot(&matrix, plotting->terminal, plotting->pixels, &page, &err);
    show(plotting, status, &page, &err);
    scores_free(&scores);
    evaluation_free(&evaluation);
}

static enum status add_label(void *into, const struct record *record, struct error *err)
{
    return labels_add(into, record, err);
}

static void plot_labels(struct plotting *plotting)
{
    struct imgstats *stats = plotting->stats;
    struct labels labels = {.sets = stats->multilabel};
    struct bars bars;
    struct buffer page = {0};
    struct error err;
    enum status status;
    read_stream(stats, plotting->count, plotting->paths, 0, &labels, add_label);
    status = bars_of_counts(&labels.all, stats->title, &bars, &err);
    if (status == STATUS_OK)
        status = plotting->form == FORM_TEXT
                     ? bars_text(&bars, &plotting->text, &page, &err)
                     : bars_gnuplot(&bars, plotting->terminal, plotting->pixels, &page, &err);
    show(plotting, status, &page, &err);
    labels_free(&labels);
}

static const struct kind {
    const char *name;
    int several; /* tables side by side, up to FIGURE_COLOURS; else they are one */
    void (*draw)(struct plotting *plotting);
} kinds[] = {
    {"training", 1, plot_training},
    {"scaling", 1, plot_scaling},
    {"confusion", 0, plot_confusion},
    {"labels", 0, plot_labels},
};
enum { KIND_TRAINING, KIND_SCALING, KIND_CONFUSION, KIND_LABELS, KINDS };

static int is_stream(const char *path)
{
    unsigned char head[sizeof format_sync];
    int file = open(path, O_RDONLY | O_CLOEXEC), same;
    same = file >= 0 && read(file, head, sizeof head) == (ssize_t)sizeof head &&
           memcmp(head, format_sync, sizeof head) == 0;
    if (file >= 0)
        close(file);
    return same;
}

/* What the first row of a file is; only of one that can be read once more. */
static int kind_of(char *path)
{
    int kind = KIND_TRAINING; /* who reads it says what is wrong */
    struct stat about;
    struct prediction prediction;
    struct tsv *tsv;
    struct tsv_row row;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return KIND_TRAINING;
    if (is_stream(path))
        return KIND_LABELS;
    if (tsv_open(&path, 1, &tsv, NULL) != STATUS_OK)
        return KIND_TRAINING;
    if (tsv_next(tsv, &row, NULL) == STATUS_OK && !training_is_header(row.fields, row.count)) {
        if (scaling_is_header(row.fields, row.count))
            kind = KIND_SCALING;
        else if (prediction_is_header(row.fields, row.count) ||
                 prediction_parse(row.fields, row.count, &prediction, NULL) == STATUS_OK)
            kind = KIND_CONFUSION;
    }
    tsv_free(tsv);
    return kind;
}

static const struct kind *choose_kind(struct imgstats *stats, char **paths, int count)
{
    if (!stats->kind)
        return &kinds[count ? kind_of(paths[0]) : KIND_TRAINING];
    for (int i = 0; i < KINDS; i++)
        if (strcmp(stats->kind, kinds[i].name) == 0)
            return &kinds[i];
    tool_usage(&stats->tool,
               "'%s' is no kind of plot: expected training, scaling, confusion or labels",
               stats->kind);
}

/* A title of several files names them all. */
static const char *default_title(const struct plotting *plotting, const char *kind)
{
    struct buffer text = {0};
    const char *title = NULL;
    if (plotting->count == 0)
        return kind;
    for (int i = 0; i < plotting->count; i++) {
        const char *name = file_name(plotting->arena, plotting->count, plotting->paths, i);
        if (!name || buffer_printf(&text, NULL, "%s%s", i ? ", " : "", name) != STATUS_OK)
            return NULL;
    }
    title = arena_string(plotting->arena, (const char *)text.data, text.size);
    buffer_free(&text);
    return title;
}

void plot(struct imgstats *stats, int argc, char **argv, int operand)
{
    struct tool *tool = &stats->tool;
    struct plotting plotting = {.stats = stats,
                                .form = choose_form(stats),
                                .arena = arena_new(),
                                .paths = argv + operand,
                                .count = argc - operand};
    const struct kind *kind = choose_kind(stats, plotting.paths, plotting.count);
    struct error err;
    if (kind->several)
        check_logs(stats, plotting.count);
    if (plotting.form != FORM_TEXT && stats->width && stats->width < FIGURE_PIXELS_MIN)
        tool_usage(tool, "a picture is at least %d pixels wide", FIGURE_PIXELS_MIN);
    tool->binary = plotting.form == FORM_PNG;
    tool_output(tool); /* what cannot be written is told before the work */
    if (plotting.arena && !stats->title)
        stats->title = default_title(&plotting, kind->name);
    if (!plotting.arena || !stats->title) {
        error_memory(&err);
        tool_die(tool, &err);
    }
    plotting.terminal = plotting.form == FORM_SVG ? FIGURE_SVG : FIGURE_PNG;
    plotting.pixels = stats->width ? stats->width : FIGURE_PIXELS;
    plotting.text = (struct figure_text_options){
        .width = columns(stats), .unicode = speaks_unicode(), .colour = wants_colour(stats)};
    kind->draw(&plotting);
    arena_free(plotting.arena);
}
