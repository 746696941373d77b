/* Axes that fit, and lines no finer than the eye. */
#include "stats/plot/figure.h"

#include <math.h>
#include <stdlib.h>

double figure_tick(double low, double high, int count)
{
    static const double steps[] = {1, 2, 5, 10};
    double rough = (high - low) / count, power = pow(10, floor(log10(rough)));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] * power >= rough * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

double figure_tick_across(const struct figure *figure, int count)
{
    return fmax(figure_tick(figure->x_low, figure->x_high, count), 1);
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void widen(double value, double *low, double *high)
{
    *low = value < *low ? value : *low;
    *high = value > *high ? value : *high;
}

/* What the axis must hold of a line. */
static void line_range(const struct figure_line *line, double *low, double *high)
{
    size_t skip = 0;
    double *sorted = line->style == FIGURE_FAINT ? memory_array(line->count, sizeof *sorted) : NULL;
    if (sorted) { /* without memory for it, the noise has no say */
        for (size_t i = 0; i < line->count; i++)
            sorted[i] = line->y[i];
        qsort(sorted, line->count, sizeof *sorted, compare);
        skip = line->count / 100;
        widen(sorted[skip], low, high);
        widen(sorted[line->count - 1 - skip], low, high);
        free(sorted);
    }
    for (size_t i = 0; i < line->count && line->style != FIGURE_FAINT; i++)
        widen(line->y[i], low, high);
}

/* The largest of 1, 2, 5 times a power of ten that is not above the value. */
static double round_down(double value)
{
    double power = pow(10, floor(log10(value))), rest = value / power;
    return power * (rest >= 5 ? 5 : rest >= 2 ? 2 : 1);
}

void figure_axis(struct figure_panel *panel, int zero)
{
    enum { TICKS = 5 };
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < panel->line_count; i++)
        if (panel->lines[i].count)
            line_range(&panel->lines[i], &low, &high);
    if (panel->logarithmic) {
        panel->low = round_down(low);
        panel->high = round_down(high);
        while (panel->high < high)
            panel->high = round_down(panel->high * 2.6); /* the next of the row 1 2 5 10 */
        return;
    }
    if (zero && low > 0)
        low = 0;
    if (!(high > low)) { /* a flat line is in the middle */
        double room = high != 0 ? fabs(high) / 2 : 1;
        low -= zero ? 0 : room;
        high += room;
    }
    panel->tick = figure_tick(low, high, TICKS);
    panel->low = floor(low / panel->tick + 1e-9) * panel->tick;
    panel->high = ceil(high / panel->tick - 1e-9) * panel->tick;
}

void figure_thin(struct figure_line *line)
{
    enum { PARTS = FIGURE_POINTS / 2 };
    size_t kept = 0;
    if (line->count <= FIGURE_POINTS)
        return;
    for (size_t part = 0; part < PARTS; part++) {
        size_t first = line->count * part / PARTS, end = line->count * (part + 1) / PARTS;
        size_t least = first, most = first;
        for (size_t i = first; i < end; i++) {
            least = line->y[i] < line->y[least] ? i : least;
            most = line->y[i] > line->y[most] ? i : most;
        }
        for (size_t i = 0; i < 2 && !(i && least == most); i++) {
            size_t at = (i == 0) == (least < most) ? least : most;
            line->x[kept] = line->x[at];
            line->y[kept++] = line->y[at];
        }
    }
    line->count = kept;
}
