/* A figure as a script for gnuplot: panels above each other, light grid, one legend at the top.
 *
 * The colours are those of Okabe and Ito (Color Universal Design, 2008), which people with any
 * kind of colour vision can tell apart; of its eight, yellow cannot be seen on white.
 */
#include "stats/plot/gnuplot_internal.h"

#include <math.h>

static const char *const colours[FIGURE_COLOURS + 1] = {
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#555555",
};
/* The same, a quarter as strong: for noise. */
static const char *const faint[FIGURE_COLOURS + 1] = {
    "#b9d8ea", "#f4d2ba", "#bae5da", "#f2dce8", "#f8e5ba", "#d3ebf9", "#c8c8c8", "#a0a0a0",
};

enum { MARKS = 40 }; /* of a line, at most: so that it is still one */

/* Pixels. */
enum {
    LEFT = 76,
    RIGHT = 76, /* the last numbers of the lines */
    GAP = 6,    /* above the legend */
    LEGEND_ROW = 20,
    HEADING = 34, /* above each panel: its title */
    BOTTOM = 52,  /* the axis across */
    NUMBER = 15,  /* from one last number to the next, at least */
    X_LABEL = 80, /* from one number of the axis across to the next, at least */
    LETTER = 8,   /* the width of one, amply */
    SAMPLE = 44,  /* the piece of line before a name in the legend */
};

struct sheet {
    const struct figure *figure;
    struct page *page;
    int width, height, top; /* top: above the first panel's heading */
    int legend_columns, legend_rows;
    int panel; /* height of one, heading included */
    int small; /* points, of numbers */
};

static const struct figure_panel *first_panel(const struct sheet *sheet)
{
    return &sheet->figure->panels[0];
}

/* How the legend's names go into columns. */
static void measure_legend(struct sheet *sheet)
{
    const struct figure_panel *panel = first_panel(sheet);
    int names = 0, longest = 0, room = sheet->width - LEFT - RIGHT;
    for (size_t i = 0; i < panel->line_count; i++) {
        int length = (int)page_width(panel->lines[i].name);
        names += length > 0;
        longest = length > longest ? length : longest;
    }
    sheet->legend_columns = room / (SAMPLE + LETTER * longest);
    if (sheet->legend_columns > names)
        sheet->legend_columns = names;
    if (sheet->legend_columns < 1)
        sheet->legend_columns = 1;
    sheet->legend_rows = (names + sheet->legend_columns - 1) / sheet->legend_columns;
}

static void measure(struct sheet *sheet)
{
    measure_legend(sheet);
    sheet->top = GNUPLOT_TITLE + (*sheet->figure->note ? GNUPLOT_NOTE : 0) + GAP +
                 LEGEND_ROW * sheet->legend_rows;
    sheet->panel = HEADING + sheet->width / 5;
    sheet->height = sheet->top + sheet->panel * (int)sheet->figure->panel_count + BOTTOM;
}

static double across(const struct sheet *sheet, int pixels)
{
    return gnuplot_across(sheet->width, pixels);
}

static double up(const struct sheet *sheet, int pixels_from_top)
{
    return gnuplot_up(sheet->height, pixels_from_top);
}

static void prologue(const struct sheet *sheet, enum figure_terminal terminal)
{
    gnuplot_begin(sheet->page, terminal, sheet->width, sheet->height);
    page_printf(sheet->page,
                "set border 3 lc rgb '#808080'\n"
                "set tics nomirror out scale 0.5 textcolor rgb '#303030'\n"
                "set grid xtics ytics lt 1 lw 0.6 lc rgb '#e4e4e4'\n"
                "set pointsize %s\n",
                terminal == FIGURE_SVG ? "0.5" : "0.6");
}

static void label(const struct sheet *sheet, const char *text, int y, int size, const char *colour)
{
    page_printf(sheet->page, "set label ");
    gnuplot_text(sheet->page, text);
    page_printf(sheet->page, " at screen %.5f, screen %.5f left font ',%d' textcolor rgb '%s'\n",
                across(sheet, LEFT), up(sheet, y), size, colour);
}

/* The points of each line that has any, as $d0, $d1 ... */
static void data(struct page *page, const struct figure_panel *panel)
{
    for (size_t i = 0; i < panel->line_count; i++) {
        const struct figure_line *line = &panel->lines[i];
        if (line->count)
            page_printf(page, "$d%zu << END\n", i);
        for (size_t k = 0; k < line->count; k++)
            page_printf(page, "%.9g %.9g\n", line->x[k], line->y[k]);
        if (line->count)
            page_printf(page, "END\n");
    }
}

/* A line's last number, and where it stands. */
struct last {
    const struct figure_line *line;
    double y; /* pixels from the top of the panel's frame */
};

static double height_of(const struct sheet *sheet, const struct figure_panel *panel, double value)
{
    double share = panel->logarithmic ? log(value / panel->low) / log(panel->high / panel->low)
                                      : (value - panel->low) / (panel->high - panel->low);
    return (1 - share) * (sheet->panel - HEADING);
}

/* The lines whose last numbers are told, from the top down: those of the validation, which are what
 * counts; of a single training also its own. */
static size_t last_numbers(const struct sheet *sheet, const struct figure_panel *panel,
                           struct last list[FIGURE_LINES])
{
    size_t count = 0, plain = 0, marked = 0;
    for (size_t i = 0; i < panel->line_count; i++) {
        plain += panel->lines[i].style == FIGURE_PLAIN;
        marked += panel->lines[i].style == FIGURE_MARKED && panel->lines[i].count;
    }
    for (size_t i = 0; i < panel->line_count; i++) {
        const struct figure_line *line = &panel->lines[i];
        size_t place = count;
        if (!line->count || line->style == FIGURE_FAINT ||
            (line->style == FIGURE_PLAIN && plain > 1 && marked))
            continue;
        list[count] = (struct last){line, height_of(sheet, panel, line->y[line->count - 1])};
        for (; place && list[place - 1].y > list[place].y; place--) {
            struct last other = list[place];
            list[place] = list[place - 1];
            list[place - 1] = other;
        }
        count++;
    }
    return count;
}

/* Numbers that would cover each other move apart: down, and where the frame ends up again. */
static void spread(struct last *list, size_t count, double bottom)
{
    for (size_t i = 1; i < count; i++)
        list[i].y = fmax(list[i].y, list[i - 1].y + NUMBER);
    for (size_t i = count; i-- > 0;) {
        list[i].y = fmin(list[i].y, bottom);
        bottom = list[i].y - NUMBER;
    }
}

/* As fine as can be seen, or of a logarithmic axis three digits. */
static double rounded(const struct figure_panel *panel, double value)
{
    double seen = panel->logarithmic ? fabs(value) / 100 : panel->tick / 50;
    double grain = fmin(pow(10, floor(log10(seen))), 1);
    return round(value / grain) * grain;
}

static void tell_last(const struct sheet *sheet, const struct figure_panel *panel, int top)
{
    struct last list[FIGURE_LINES];
    size_t count = panel->steady ? 0 : last_numbers(sheet, panel, list);
    spread(list, count, sheet->panel - HEADING);
    for (size_t i = 0; i < count; i++) {
        const struct figure_line *line = list[i].line;
        page_printf(sheet->page,
                    "set label '%.7g%s' at screen %.5f, screen %.5f left font ',%d' textcolor rgb "
                    "'%s'\n",
                    rounded(panel, line->y[line->count - 1]), panel->unit,
                    across(sheet, sheet->width - RIGHT + 8),
                    up(sheet, top + (int)lround(list[i].y)), sheet->small, colours[line->colour]);
    }
}

static void axes(const struct sheet *sheet, size_t place)
{
    const struct figure *figure = sheet->figure;
    const struct figure_panel *panel = &figure->panels[place];
    struct page *page = sheet->page;
    int top = sheet->top + sheet->panel * (int)place + HEADING;
    int last = place + 1 == figure->panel_count;
    const struct gnuplot_frame frame = {LEFT, sheet->width - RIGHT, top,
                                        top + sheet->panel - HEADING};
    gnuplot_margins(page, &frame, sheet->width, sheet->height);
    if (panel->logarithmic)
        page_printf(page, "set logscale y\nset ytics autofreq\n");
    else
        page_printf(page, "unset logscale y\nset ytics %.9g\n", panel->tick);
    page_printf(page, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n", figure->x_low,
                figure->x_high, panel->low, panel->high);
    page_printf(page, "set format y '%%g%s'\n",
                *panel->unit == ' ' && panel->unit[1] == '%' ? " %%" : panel->unit);
    page_printf(page, "set xtics %.9g\nset format x '%s'\n",
                figure_tick_across(figure, (sheet->width - LEFT - RIGHT) / X_LABEL),
                last ? "%.0f" : "");
    label(sheet, panel->title, top - 12, sheet->small + 2, "#000000");
    tell_last(sheet, panel, top);
}

static void line_style(struct page *page, const struct figure_line *line)
{
    switch (line->style) {
    case FIGURE_FAINT:
        page_printf(page, " with lines lw 0.8 lc rgb '%s'", faint[line->colour]);
        break;
    case FIGURE_PLAIN:
        page_printf(page, " with %s lw 1.8 lc rgb '%s'", line->count == 1 ? "points pt 7" : "lines",
                    colours[line->colour]);
        break;
    case FIGURE_MARKED:
        page_printf(page, " with linespoints lw 1.2 dt 2 pt 7 pointinterval %zu lc rgb '%s'",
                    line->count / MARKS + 1, colours[line->colour]);
        break;
    case FIGURE_DOTTED:
        page_printf(page, " with linespoints lw 1.8 pt 7 lc rgb '%s'", colours[line->colour]);
        break;
    }
}

static void lines(const struct sheet *sheet, size_t place)
{
    const struct figure_panel *panel = &sheet->figure->panels[place];
    struct page *page = sheet->page;
    for (size_t i = 0; i < panel->line_count; i++) {
        const struct figure_line *line = &panel->lines[i];
        page_printf(page, i ? ", " : "plot ");
        if (line->count)
            page_printf(page, "$d%zu", i);
        else
            page_printf(page, "NaN");
        line_style(page, line);
        page_printf(page, place == 0 && *line->name ? " title " : " notitle");
        if (place == 0 && *line->name)
            gnuplot_text(page, line->name);
    }
    page_printf(page, "\n");
}

/* Title, small print, and what the axis across is. */
static void words(const struct sheet *sheet)
{
    const struct figure *figure = sheet->figure;
    page_printf(sheet->page, "set label ");
    gnuplot_text(sheet->page, figure->x_title);
    page_printf(sheet->page, " at screen %.5f, screen %.5f center textcolor rgb '#303030'\n",
                across(sheet, (sheet->width + LEFT - RIGHT) / 2), up(sheet, sheet->height - 12));
    gnuplot_title(sheet->page, figure->title, figure->note, LEFT, sheet->width, sheet->height,
                  sheet->small);
}

static void legend(const struct sheet *sheet)
{
    page_printf(sheet->page,
                "set key at screen %.5f, screen %.5f left top horizontal Left reverse noenhanced "
                "samplen 2 maxcols %d textcolor rgb '#303030'\n",
                across(sheet, LEFT), up(sheet, sheet->top - LEGEND_ROW * sheet->legend_rows),
                sheet->legend_columns);
}

enum status figure_gnuplot(const struct figure *figure, enum figure_terminal terminal, int pixels,
                           struct buffer *out, struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    struct sheet sheet = {.figure = figure,
                          .page = &page,
                          .width = pixels,
                          .small = terminal == FIGURE_SVG ? 12 : 10};
    measure(&sheet);
    prologue(&sheet, terminal);
    page_printf(&page, "set multiplot\n");
    words(&sheet);
    legend(&sheet);
    for (size_t i = 0; i < figure->panel_count; i++) {
        data(&page, &figure->panels[i]);
        axes(&sheet, i);
        lines(&sheet, i);
        page_printf(&page, "unset label\nunset key\n");
    }
    page_printf(&page, "unset multiplot\n");
    return page.status;
}
