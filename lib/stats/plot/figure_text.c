/* A figure for a terminal or a pipe: panels of characters. A character of Braille holds 2 x 4 dots,
 * so lines are fine; where Unicode is not spoken a line is drawn with its mark. */
#include "stats/page.h"
#include "stats/plot/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 12,   /* from the lowest number of a panel's axis to the highest, at most */
    LABEL = 9,   /* characters left of the axis */
    ACROSS = 2,  /* dots of a character */
    DOWN = 4,    /* likewise */
    MARKS = 24,  /* characters from one mark of a line to the next */
    X_LABEL = 12 /* characters from one number of the axis across to the next, at least */
};

struct cell {
    unsigned char dots; /* as in U+2800 + dots */
    unsigned char mark; /* instead of the dots; 0: none */
    unsigned char line; /* the one that drew last, from 1 */
};

struct canvas {
    const struct figure *figure;
    const struct figure_panel *panel;
    const struct figure_text_options *options;
    struct page *page;
    int columns, rows, plain_lines;
    struct cell *cells; /* rows x columns; room for ROWS + 1 */
};

/* The number of the dot at (x, y) of a character: columns 1 2 3 7 and 4 5 6 8 of Braille. */
static unsigned char dot(int x, int y)
{
    static const unsigned char bits[DOWN][ACROSS] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    return bits[y][x];
}

/* Where the value is between the ends of the axis, from 0 to 1. */
static double share(double low, double high, double value, int logarithmic)
{
    return logarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low);
}

static double dot_x(const struct canvas *canvas, double x)
{
    const struct figure *figure = canvas->figure;
    return share(figure->x_low, figure->x_high, x, 0) * (canvas->columns * ACROSS - 1);
}

/* From above; the ends of the axis are the middles of the first and of the last row. */
static double dot_y(const struct canvas *canvas, double y)
{
    const struct figure_panel *panel = canvas->panel;
    double below = 1 - share(panel->low, panel->high, y, panel->logarithmic);
    return below * (canvas->rows - 1) * DOWN + (DOWN - 1) / 2.0;
}

static struct cell *cell_at(const struct canvas *canvas, int x, int y)
{
    if (x < 0 || y < 0 || x >= canvas->columns * ACROSS || y >= canvas->rows * DOWN)
        return NULL;
    return &canvas->cells[y / DOWN * canvas->columns + x / ACROSS];
}

static void set_dot(const struct canvas *canvas, double x, double y, size_t line)
{
    int column = (int)lround(x), row = (int)lround(y);
    struct cell *cell = cell_at(canvas, column, row);
    if (!cell)
        return;
    cell->dots |= dot(column % ACROSS, row % DOWN);
    cell->line = (unsigned char)(line + 1);
    if (!canvas->options->unicode)
        cell->mark = (unsigned char)*canvas->panel->lines[line].mark;
}

/* From point i to the next, dot by dot. */
static void stroke(const struct canvas *canvas, size_t number, size_t i)
{
    const struct figure_line *line = &canvas->panel->lines[number];
    size_t to = i + 1 < line->count ? i + 1 : i;
    double x = dot_x(canvas, line->x[i]), y = dot_y(canvas, line->y[i]);
    double dx = dot_x(canvas, line->x[to]) - x, dy = dot_y(canvas, line->y[to]) - y;
    int steps = (int)fmax(fabs(dx), fabs(dy)) + 1;
    for (int k = 0; k <= steps; k++)
        set_dot(canvas, x + dx * k / steps, y + dy * k / steps, number);
}

static void mark(const struct canvas *canvas, size_t number, size_t i)
{
    const struct figure_line *line = &canvas->panel->lines[number];
    struct cell *cell = cell_at(canvas, (int)lround(dot_x(canvas, line->x[i])),
                                (int)lround(dot_y(canvas, line->y[i])));
    if (!cell)
        return;
    cell->mark = (unsigned char)*line->mark;
    cell->line = (unsigned char)(number + 1);
}

/* Lines that are many need a letter now and then. */
static void mark_plain(const struct canvas *canvas, size_t number)
{
    const struct figure_line *line = &canvas->panel->lines[number];
    int next = 2 + (int)number * MARKS / canvas->plain_lines;
    for (size_t i = 0; i < line->count; i++) {
        int column = (int)lround(dot_x(canvas, line->x[i])) / ACROSS;
        if (column < next)
            continue;
        mark(canvas, number, i);
        while (next <= column)
            next += MARKS;
    }
}

static void draw(const struct canvas *canvas)
{
    const struct figure_panel *panel = canvas->panel;
    for (size_t i = 0; i < panel->line_count; i++)
        for (size_t k = 0; k < panel->lines[i].count && (panel->lines[i].style == FIGURE_PLAIN ||
                                                         panel->lines[i].style == FIGURE_DOTTED);
             k++)
            stroke(canvas, i, k);
    for (size_t i = 0; i < panel->line_count; i++) {
        if (panel->lines[i].style == FIGURE_PLAIN && canvas->plain_lines > 1)
            mark_plain(canvas, i);
        for (size_t k = 0; k < panel->lines[i].count && (panel->lines[i].style == FIGURE_MARKED ||
                                                         panel->lines[i].style == FIGURE_DOTTED);
             k++)
            mark(canvas, i, k);
    }
}

/* Escape sequences of a terminal's own colours, in the order of the figure's: blue, red, green,
 * magenta, yellow, cyan, plain, grey. */
static void paint(const struct canvas *canvas, int colour)
{
    static const char codes[FIGURE_COLOURS + 1][4] = {"34", "31", "32", "35",
                                                      "33", "36", "39", "90"};
    if (canvas->options->colour)
        page_printf(canvas->page, "\033[%sm", codes[colour]);
}

static void unpaint(const struct canvas *canvas)
{
    if (canvas->options->colour)
        page_printf(canvas->page, "\033[0m");
}

static void show_cell(const struct canvas *canvas, const struct cell *cell)
{
    if (!cell->line) {
        page_printf(canvas->page, " ");
        return;
    }
    paint(canvas, canvas->panel->lines[cell->line - 1].colour);
    if (cell->mark)
        page_printf(canvas->page, "%c", cell->mark);
    else /* U+2800 + dots */
        page_printf(canvas->page, "\xe2%c%c", 0xa0 + (cell->dots >> 6), 0x80 + (cell->dots & 0x3f));
    unpaint(canvas);
}

/* Does an empty rest of the row follow? Then nothing is written for it. */
static int row_length(const struct canvas *canvas, int row)
{
    int length = canvas->columns;
    while (length && !canvas->cells[row * canvas->columns + length - 1].line)
        length--;
    return length;
}

static int row_of(const struct canvas *canvas, double value)
{
    return (int)lround(dot_y(canvas, value)) / DOWN;
}

/* The number along the axis that belongs to this row, or NAN. */
static double row_value(const struct canvas *canvas, int row)
{
    static const double steps[] = {1, 2, 5};
    const struct figure_panel *panel = canvas->panel;
    int end = row == 0 || row == canvas->rows - 1;
    if (!panel->logarithmic) {
        int parts = (int)lround((panel->high - panel->low) / panel->tick);
        for (int i = 0; i <= parts; i++) {
            double value = panel->low + i * panel->tick;
            if (row_of(canvas, value) == row)
                return fabs(value) < panel->tick / 1e6 ? 0 : value;
        }
        return (double)NAN;
    }
    for (int power = (int)floor(log10(panel->low)); power <= (int)ceil(log10(panel->high)); power++)
        for (int i = 0; i < (end ? 3 : 1); i++)
            if (row_of(canvas, steps[i] * pow(10, power)) == row)
                return steps[i] * pow(10, power);
    return (double)NAN;
}

static void show_row(const struct canvas *canvas, int row)
{
    char text[64] = "";
    double value = row_value(canvas, row);
    int unicode = canvas->options->unicode;
    if (!isnan(value))
        snprintf(text, sizeof text, "%g%s", value, canvas->panel->unit);
    page_cell(canvas->page, text, LABEL, PAGE_RIGHT);
    if (isnan(value))
        page_printf(canvas->page, unicode ? " \u2502" : " |");
    else
        page_printf(canvas->page, unicode ? " \u2524" : " +");
    for (int i = 0, length = row_length(canvas, row); i < length; i++)
        show_cell(canvas, &canvas->cells[row * canvas->columns + i]);
    page_printf(canvas->page, "\n");
}

/* The column of a number of the axis across. */
static int x_column(const struct canvas *canvas, double x)
{
    return (int)lround(dot_x(canvas, x)) / ACROSS;
}

/* How many steps the axis across has. */
static int x_parts(const struct canvas *canvas, double tick)
{
    return (int)((canvas->figure->x_high - canvas->figure->x_low) / tick + 1e-9);
}

static void show_x_line(const struct canvas *canvas, double tick)
{
    int unicode = canvas->options->unicode, next = 0, parts = x_parts(canvas, tick);
    page_printf(canvas->page, unicode ? "%*s \u2514" : "%*s +", LABEL, "");
    for (int i = 0; i < canvas->columns; i++) {
        int is_tick = next <= parts && i == x_column(canvas, canvas->figure->x_low + next * tick);
        next += is_tick;
        page_printf(canvas->page, is_tick ? (unicode ? "\u252c" : "+") : unicode ? "\u2500" : "-");
    }
    page_printf(canvas->page, "\n");
}

/* The numbers, each centred below its tick, and what they are. */
static void show_x_numbers(const struct canvas *canvas, double tick)
{
    const char *title = canvas->figure->x_title;
    int at = -LABEL - 2, room = canvas->columns, parts = x_parts(canvas, tick);
    for (int i = 0; i <= parts; i++) {
        double x = canvas->figure->x_low + i * tick;
        char text[32];
        int length = snprintf(text, sizeof text, "%.0f", x);
        int begin = x_column(canvas, x) - length / 2;
        if (begin + length > room)
            begin = room - length;
        if (begin <= at)
            continue;
        page_printf(canvas->page, "%*s%s", begin - at, "", text);
        at = begin + length;
    }
    page_printf(canvas->page, "\n%*s\n", LABEL + 2 + (room + (int)strlen(title)) / 2, title);
}

static void legend(const struct canvas *canvas)
{
    const struct figure_panel *panel = canvas->panel;
    const char *line = canvas->options->unicode && canvas->plain_lines == 1 ? "\u2500\u2500" : NULL;
    page_printf(canvas->page, "%*s", LABEL + 2, "");
    for (size_t i = 0; i < panel->line_count; i++) {
        const struct figure_line *one = &panel->lines[i];
        if (!*one->name || one->style == FIGURE_FAINT)
            continue;
        paint(canvas, one->colour);
        page_printf(canvas->page, "%s ", line && one->style == FIGURE_PLAIN ? line : one->mark);
        page_cell(canvas->page, one->name, page_width(one->name), PAGE_LEFT);
        unpaint(canvas);
        page_printf(canvas->page, "   ");
    }
    page_printf(canvas->page, "\n");
}

/* So many that each number of the axis has a row to itself, and all are equally far apart. */
static int rows(const struct figure_panel *panel)
{
    int parts = panel->logarithmic ? 1 : (int)lround((panel->high - panel->low) / panel->tick);
    return parts < 1 || parts > ROWS ? ROWS + 1 : ROWS / parts * parts + 1;
}

static void show_panel(struct canvas *canvas, const struct figure_panel *panel)
{
    canvas->panel = panel;
    canvas->rows = rows(panel);
    canvas->plain_lines = 0;
    for (size_t i = 0; i < panel->line_count; i++)
        canvas->plain_lines += panel->lines[i].style == FIGURE_PLAIN;
    memset(canvas->cells, 0,
           (size_t)canvas->rows * (size_t)canvas->columns * sizeof *canvas->cells);
    draw(canvas);
    if (panel == canvas->figure->panels)
        legend(canvas);
    page_printf(canvas->page, "%*s%s\n", LABEL + 2, "", panel->title);
    for (int row = 0; row < canvas->rows; row++)
        show_row(canvas, row);
}

enum status figure_text(const struct figure *figure, const struct figure_text_options *options,
                        struct buffer *out, struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    struct canvas canvas = {
        .figure = figure, .options = options, .page = &page, .columns = options->width - LABEL - 2};
    double tick = figure_tick_across(figure, canvas.columns / X_LABEL + 1);
    canvas.cells = memory_array(((size_t)ROWS + 1) * (size_t)canvas.columns, sizeof *canvas.cells);
    if (!canvas.cells)
        return error_memory(err);
    page_cell(&page, figure->title, page_width(figure->title), PAGE_LEFT);
    page_printf(&page, "\n%s\n", figure->note);
    for (size_t i = 0; i < figure->panel_count; i++) {
        show_panel(&canvas, &figure->panels[i]);
        show_x_line(&canvas, tick);
    }
    show_x_numbers(&canvas, tick);
    free(canvas.cells);
    return page.status;
}
