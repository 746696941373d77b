/* The figure of trainings: a panel for each of the numbers, smoothed. */
#include "stats/plot/training.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SMOOTH_SHARE = 50, /* the window: this part of the steps */
    LOG_SPAN = 100,    /* largest over smallest number from which the axis is logarithmic */
};

/* What is on the way. */
struct drawing {
    const struct training_log *logs;
    size_t count, smooth;
    struct arena *arena;
    struct figure *figure;
    struct error *err;
    enum status status; /* the first failure */
};

/* A number of the table, and how it is shown. */
struct quantity {
    const char *title, *unit;
    enum training_column training, validation; /* the same column: there is no validation */
    double scale;
    int zero;   /* the axis begins at 0 */
    int wide;   /* the axis may be logarithmic */
    int median; /* of the window; else its mean */
};

static const struct quantity quantities[] = {
    {"loss", "", TRAINING_LOSS, TRAINING_VALIDATION_LOSS, 1, 0, 1, 0},
    {"accuracy", " %", TRAINING_ACCURACY, TRAINING_VALIDATION_ACCURACY, 100, 0, 0, 0},
    {"learning rate", "", TRAINING_RATE, TRAINING_RATE, 1, 1, 0, 0},
    {"images per second", "", TRAINING_SPEED, TRAINING_SPEED, 1, 1, 1, 1},
};

static const struct training_row *rows_of(const struct training_log *log)
{
    return (const struct training_row *)log->rows.data;
}

/* The points of a column: those rows that have a value. */
static struct figure_line column_line(struct drawing *drawing, const struct training_log *log,
                                      enum training_column column, double scale)
{
    size_t rows = training_count(log);
    struct figure_line line = {.name = "", .mark = ""};
    line.x = arena_alloc(drawing->arena, rows + 1, sizeof *line.x);
    line.y = arena_alloc(drawing->arena, rows + 1, sizeof *line.y);
    if (!line.x || !line.y) {
        drawing->status = error_memory(drawing->err);
        return line;
    }
    for (size_t i = 0; i < rows; i++) {
        double value = rows_of(log)[i].value[column];
        if (isnan(value))
            continue;
        line.x[line.count] = rows_of(log)[i].value[TRAINING_STEP];
        line.y[line.count++] = scale * value;
    }
    return line;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double mean(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

/* Sorts a copy of the values in `room`. */
static double median(const double *values, size_t count, double *room)
{
    memcpy(room, values, count * sizeof *values);
    qsort(room, count, sizeof *room, compare);
    return (room[(count - 1) / 2] + room[count / 2]) / 2;
}

/* The middle of the window around each point; at the ends the window is what is there. Of a long
 * line only FIGURE_POINTS points are worked out, more cannot be seen. */
static struct figure_line smoothed(struct drawing *drawing, const struct figure_line *line,
                                   int medians)
{
    struct figure_line result = *line;
    size_t half = drawing->smooth / 2, stride = line->count / FIGURE_POINTS + 1;
    size_t points = line->count / stride + 2;
    double *room = arena_alloc(drawing->arena, drawing->smooth, sizeof *room);
    result.count = 0;
    result.x = arena_alloc(drawing->arena, points, sizeof *result.x);
    result.y = arena_alloc(drawing->arena, points, sizeof *result.y);
    if (!room || !result.x || !result.y) {
        drawing->status = error_memory(drawing->err);
        return result;
    }
    for (size_t i = 0; i < line->count; i += stride) {
        size_t at = i + stride >= line->count ? line->count - 1 : i; /* the last one is shown */
        size_t first = at > half ? at - half : 0;
        size_t last = line->count - at > half ? at + half : line->count - 1;
        result.x[result.count] = line->x[at];
        result.y[result.count++] = medians ? median(line->y + first, last - first + 1, room)
                                           : mean(line->y + first, last - first + 1);
    }
    return result;
}

static void put(struct figure_panel *panel, struct figure_line line, const char *name,
                const char *mark, int colour, enum figure_style style)
{
    if (line.count == 0)
        return;
    line.name = name;
    line.mark = mark;
    line.colour = colour;
    line.style = style;
    figure_thin(&line);
    panel->lines[panel->line_count++] = line;
}

static const char small[FIGURE_COLOURS][2] = {"a", "b", "c", "d", "e", "f", "g"};
static const char capital[FIGURE_COLOURS][2] = {"A", "B", "C", "D", "E", "F", "G"};

/* One training: its steps, their mean, the validation. */
static void single_lines(struct drawing *drawing, struct figure_panel *panel,
                         const struct quantity *quantity)
{
    struct figure_line steps =
        column_line(drawing, drawing->logs, quantity->training, quantity->scale);
    struct figure_line middle = smoothed(drawing, &steps, quantity->median);
    if (drawing->smooth > 1)
        put(panel, steps, "each step", ".", 0, FIGURE_FAINT);
    put(panel, middle, "training", "*", 0, FIGURE_PLAIN);
    if (quantity->validation != quantity->training)
        put(panel, column_line(drawing, drawing->logs, quantity->validation, quantity->scale),
            "validation", "o", 1, FIGURE_MARKED);
}

/* Several: a colour each. */
static void compared_lines(struct drawing *drawing, struct figure_panel *panel,
                           const struct quantity *quantity)
{
    size_t validations = 0;
    for (size_t i = 0; i < drawing->count; i++) {
        const struct training_log *log = &drawing->logs[i];
        struct figure_line steps = column_line(drawing, log, quantity->training, quantity->scale);
        put(panel, smoothed(drawing, &steps, quantity->median), log->name, small[i], (int)i,
            FIGURE_PLAIN);
    }
    for (size_t i = 0; i < drawing->count && quantity->validation != quantity->training; i++) {
        size_t before = panel->line_count;
        put(panel, column_line(drawing, &drawing->logs[i], quantity->validation, quantity->scale),
            "", capital[i], (int)i, FIGURE_MARKED);
        validations += panel->line_count - before;
    }
    if (validations)
        panel->lines[panel->line_count++] = (struct figure_line){.name = "validation",
                                                                 .mark = "A, B ...",
                                                                 .colour = FIGURE_GREY,
                                                                 .style = FIGURE_MARKED};
}

/* A loss that falls by orders of magnitude, and networks that are so much faster than others, need
 * an axis that shows them. */
static int wants_logarithm(const struct figure_panel *panel)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < panel->line_count; i++)
        for (size_t k = 0; k < panel->lines[i].count; k++) {
            double y = panel->lines[i].y[k];
            if (!(y > 0))
                return 0;
            if (panel->lines[i].style != FIGURE_FAINT) {
                low = y < low ? y : low;
                high = y > high ? y : high;
            }
        }
    return high > LOG_SPAN * low;
}

/* A rate that never changes needs no panel. */
static int is_constant(const struct figure_panel *panel)
{
    for (size_t i = 0; i < panel->line_count; i++)
        for (size_t k = 0; k < panel->lines[i].count; k++)
            if (panel->lines[i].y[k] < panel->lines[0].y[0] ||
                panel->lines[i].y[k] > panel->lines[0].y[0])
                return 0;
    return 1;
}

static void add_panel(struct drawing *drawing, const struct quantity *quantity)
{
    struct figure_panel *panel = &drawing->figure->panels[drawing->figure->panel_count];
    struct drawing whole = *drawing;
    *panel = (struct figure_panel){.title = quantity->title,
                                   .unit = quantity->unit,
                                   .steady = quantity->training == TRAINING_RATE};
    if (panel->steady)
        drawing->smooth = 1; /* it has no noise */
    if (drawing->count == 1)
        single_lines(drawing, panel, quantity);
    else
        compared_lines(drawing, panel, quantity);
    drawing->smooth = whole.smooth;
    if (panel->line_count == 0 || (panel->steady && is_constant(panel)))
        return;
    panel->logarithmic = quantity->wide && wants_logarithm(panel);
    figure_axis(panel, quantity->zero);
    drawing->figure->panel_count++;
}

/* The small print: how long, and how smoothed. */
static const char *note(const struct drawing *drawing)
{
    char text[160] = "";
    size_t used = 0, rows = training_count(drawing->logs);
    double epochs = rows_of(drawing->logs)[rows - 1].value[TRAINING_EPOCH];
    if (drawing->count == 1 && epochs >= 1)
        used = (size_t)snprintf(text, sizeof text, "%.0f epoch%s, %zu step%s; ", epochs,
                                epochs > 1 ? "s" : "", rows, rows > 1 ? "s" : "");
    if (drawing->smooth > 1)
        snprintf(text + used, sizeof text - used,
                 "lines: mean of %zu steps (images per second: median)", drawing->smooth);
    else
        snprintf(text + used, sizeof text - used, "lines: each step");
    return arena_string(drawing->arena, text, strlen(text));
}

enum status training_figure(const struct training_log *logs, size_t count, size_t smooth,
                            const char *title, struct arena *arena, struct figure *figure,
                            struct error *err)
{
    struct drawing drawing = {logs, count, smooth, arena, figure, err, STATUS_OK};
    *figure = (struct figure){.title = title, .x_title = "step"};
    if (count == 0 || count > FIGURE_COLOURS)
        return error_set(err, STATUS_USAGE, "%zu logs: one picture holds 1 to %d", count,
                         FIGURE_COLOURS);
    for (size_t i = 0; i < count; i++) {
        size_t rows = training_count(&logs[i]);
        double last;
        if (rows == 0)
            return error_set(err, STATUS_DAMAGED, "%s: no step is in the log", logs[i].name);
        last = rows_of(&logs[i])[rows - 1].value[TRAINING_STEP];
        figure->x_high = last > figure->x_high ? last : figure->x_high;
        if (smooth == 0 && rows / SMOOTH_SHARE > drawing.smooth)
            drawing.smooth = rows / SMOOTH_SHARE;
    }
    drawing.smooth |= 1;
    figure->x_high += figure->x_high <= 0;
    figure->note = note(&drawing);
    for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++)
        add_panel(&drawing, &quantities[i]);
    if (!figure->note)
        return error_memory(err);
    if (drawing.status == STATUS_OK && figure->panel_count == 0)
        return error_set(err, STATUS_DAMAGED, "%s: no row holds a number to draw", logs[0].name);
    return drawing.status;
}
