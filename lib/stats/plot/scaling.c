#include "stats/plot/scaling.h"

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scaling_row {
    double across, speed; /* speed: images per second, or 1 / seconds */
};

static const char *const units[] = {"hosts",   "nodes", "processes", "processors",
                                    "workers", "jobs",  "threads",   NULL};
static const char *const speeds[] = {"images_per_second", "seconds", NULL};

/* The first of the headings that is one of the names: its place, from 1; 0: none. */
static size_t find(char *const *fields, size_t count, const char *const *names, const char **name)
{
    for (size_t k = 0; names[k]; k++)
        for (size_t i = 0; i < count; i++)
            if (strcmp(fields[i], names[k]) == 0) {
                *name = names[k];
                return i + 1;
            }
    return 0;
}

int scaling_is_header(char *const *fields, size_t count)
{
    const char *name;
    return find(fields, count, units, &name) && find(fields, count, speeds, &name);
}

static enum status take_header(struct scaling *scaling, char *const *fields, size_t count,
                               struct error *err)
{
    const char *speed = NULL;
    scaling->across = find(fields, count, units, &scaling->unit);
    scaling->up = find(fields, count, speeds, &speed);
    if (!scaling->across || !scaling->up)
        return error_set(err, STATUS_DAMAGED,
                         "expected headings: hosts, nodes, processes, processors, workers, jobs or "
                         "threads, and images_per_second or seconds");
    scaling->is_seconds = speed == speeds[1];
    scaling->columns = count;
    return STATUS_OK;
}

static enum status take_number(const char *text, const char *heading, double *value,
                               struct error *err)
{
    if (number_real(text, value, NULL) != STATUS_OK || !(*value > 0))
        return error_set(err, STATUS_DAMAGED, "'%.64s' in column %s is no number above 0", text,
                         heading);
    return STATUS_OK;
}

enum status scaling_add(struct scaling *scaling, char *const *fields, size_t count,
                        struct error *err)
{
    struct scaling_row row;
    if (scaling->columns == 0)
        return take_header(scaling, fields, count, err);
    if (count != scaling->columns)
        return error_set(err, STATUS_DAMAGED, "the row has %zu column%s, and the headings %zu",
                         count, count == 1 ? "" : "s", scaling->columns);
    TRY(take_number(fields[scaling->across - 1], scaling->unit, &row.across, err));
    TRY(take_number(fields[scaling->up - 1], speeds[scaling->is_seconds], &row.speed, err));
    if (scaling->is_seconds)
        row.speed = 1 / row.speed;
    return buffer_append(&scaling->rows, &row, sizeof row, err);
}

void scaling_free(struct scaling *scaling)
{
    buffer_free(&scaling->rows);
}

static int compare_rows(const void *left, const void *right)
{
    const struct scaling_row *a = left, *b = right;
    if (a->across < b->across || a->across > b->across)
        return a->across < b->across ? -1 : 1;
    return (a->speed > b->speed) - (a->speed < b->speed);
}

static enum status new_line(struct figure_line *line, size_t room, struct arena *arena,
                            struct error *err)
{
    line->x = arena_alloc(arena, room, sizeof *line->x);
    line->y = arena_alloc(arena, room, sizeof *line->y);
    return line->x && line->y ? STATUS_OK : error_memory(err);
}

/* The median speed of each number. Sorts the rows. */
static enum status measured(const struct scaling *table, struct arena *arena,
                            struct figure_line *line, struct error *err)
{
    struct scaling_row *rows = (struct scaling_row *)table->rows.data;
    size_t count = table->rows.size / sizeof *rows;
    if (count == 0)
        return error_set(err, STATUS_DAMAGED, "%s: no measurement is in the table", table->name);
    TRY(new_line(line, count, arena, err));
    qsort(rows, count, sizeof *rows, compare_rows);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && rows[end].across <= rows[first].across; end++)
            ;
        line->x[line->count] = rows[first].across;
        line->y[line->count++] =
            (rows[(first + end - 1) / 2].speed + rows[(first + end) / 2].speed) / 2;
    }
    return STATUS_OK;
}

static const char marks[FIGURE_COLOURS][2] = {"a", "b", "c", "d", "e", "f", "g"};

/* What was measured; the lines of the ideal and of the efficiency follow from it. */
static enum status add_table(const struct scaling *table, size_t place, int last,
                             struct arena *arena, struct figure *figure, struct error *err)
{
    struct figure_panel *speed = &figure->panels[0], *efficiency = &figure->panels[1];
    struct figure_line line = {
        .name = table->name, .mark = marks[place], .colour = (int)place, .style = FIGURE_DOTTED};
    struct figure_line ideal = {
        .name = last ? "ideal" : "", .mark = ".", .colour = FIGURE_GREY, .style = FIGURE_FAINT};
    struct figure_line share;
    TRY(measured(table, arena, &line, err));
    share = line;
    TRY(new_line(&ideal, line.count, arena, err));
    TRY(new_line(&share, line.count, arena, err));
    ideal.count = line.count;
    for (size_t i = 0; i < line.count; i++) {
        ideal.x[i] = share.x[i] = line.x[i];
        ideal.y[i] = line.y[0] * line.x[i] / line.x[0];
        share.y[i] = 100 * line.y[i] / ideal.y[i];
    }
    figure->x_high = fmax(figure->x_high, line.x[line.count - 1]);
    speed->lines[speed->line_count++] = line;
    if (line.count > 1)
        speed->lines[speed->line_count++] = ideal;
    efficiency->lines[efficiency->line_count++] = share;
    return STATUS_OK;
}

enum status scaling_figure(const struct scaling *tables, size_t count, const char *title,
                           struct arena *arena, struct figure *figure, struct error *err)
{
    *figure = (struct figure){.title = title,
                              .note = "ideal: as many times the first measurement",
                              .x_title = tables[0].unit,
                              .panel_count = 2};
    figure->panels[0].title = tables[0].is_seconds ? "runs per second" : "images per second";
    figure->panels[0].unit = "";
    figure->panels[1].title = "efficiency";
    figure->panels[1].unit = " %";
    for (size_t i = 0; i < count; i++) {
        if (tables[i].columns && strcmp(tables[i].unit, tables[0].unit) != 0)
            return error_set(err, STATUS_DAMAGED, "%s counts %s, and %s %s", tables[0].name,
                             tables[0].unit, tables[i].name, tables[i].unit);
        TRY(add_table(&tables[i], i, i + 1 == count, arena, figure, err));
    }
    for (size_t i = 0; i < figure->panel_count; i++)
        figure_axis(&figure->panels[i], 1);
    return STATUS_OK;
}
