/* Would break: axes with crooked numbers, a curve that does not show what is in the log, a log that
 * is damaged and believed. */
#include "stats/plot/training.h"
#include "tests/tap.h"

#include <math.h>

static void ticks(void)
{
    static const struct {
        double low, high;
        int count;
        double tick;
    } cases[] = {{0, 10, 5, 2},   {0, 10, 10, 1}, {0, 11, 5, 5},        {0, 0.3, 3, 0.1},
                 {-1, 1, 4, 0.5}, {0, 94, 5, 20}, {1e6, 1.6e6, 3, 2e5}, {0, 1e-7, 5, 2e-8}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        near(figure_tick(cases[i].low, cases[i].high, cases[i].count), cases[i].tick,
             cases[i].tick * 1e-9, "a round step between numbers of the axis");
}

static void axes(void)
{
    double x[300], y[300];
    struct figure_panel panel = {.line_count = 1,
                                 .lines = {{.style = FIGURE_PLAIN, .count = 2, .x = x, .y = y}}};
    y[0] = 0.37;
    y[1] = 2.31;
    figure_axis(&panel, 0);
    near(panel.low, 0, 0, "the axis begins at a round number");
    near(panel.high, 2.5, 1e-12, "and ends at one");
    near(panel.tick, 0.5, 1e-12, "in round steps");
    y[0] = y[1] = 4;
    figure_axis(&panel, 0);
    ok(panel.low < 4 && panel.high > 4, "a flat line is inside");
    y[0] = 0.013;
    panel.logarithmic = 1;
    figure_axis(&panel, 0);
    near(panel.low, 0.01, 1e-12, "logarithmic: from 1, 2 or 5");
    near(panel.high, 5, 1e-12, "to 1, 2 or 5");
    for (int i = 0; i < 300; i++)
        y[i] = i == 150 ? 1e9 : 1;
    panel.logarithmic = 0;
    panel.lines[0].style = FIGURE_FAINT;
    panel.lines[0].count = 300;
    figure_axis(&panel, 0);
    ok(panel.high < 10, "a single wild step does not make the axis");
}

static void thinning(void)
{
    enum { MANY = 10000 };
    static double x[MANY], y[MANY];
    struct figure_line line = {.count = MANY, .x = x, .y = y};
    int rising = 1, peak = 0, low = 0;
    for (int i = 0; i < MANY; i++) {
        x[i] = i;
        y[i] = i == 4321 ? 7 : i == 4325 ? -7 : sin(i);
    }
    figure_thin(&line);
    for (size_t i = 0; i < line.count; i++) {
        rising &= i == 0 || x[i] > x[i - 1];
        peak |= x[i] == 4321 && y[i] == 7;
        low |= x[i] == 4325 && y[i] == -7;
    }
    ok(line.count <= FIGURE_POINTS && line.count > FIGURE_POINTS / 2, "a long line is thinned out");
    ok(rising, "in order");
    ok(peak && low, "and keeps its peaks");
}

/* The fields of a text with | between them. */
static enum status row(struct training_log *log, const char *text, struct error *err)
{
    static char copy[256];
    char *fields[16], *at = copy;
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (;;) {
        char *bar = strchr(at, '|');
        fields[count++] = at;
        if (!bar)
            break;
        *bar = '\0';
        at = bar + 1;
    }
    return training_add(log, fields, count, err);
}

static void rows(void)
{
    struct training_log log = {.name = "log"};
    struct error err = {0};
    same_int(row(&log, "step|accuracy", &err), STATUS_DAMAGED, "headings without loss");
    ok(strstr(err.text, "no column 'loss'") != NULL, "say so");
    same_int(row(&log, "step|note|loss|validation_loss", &err), STATUS_OK, "headings");
    same_int(row(&log, "1|x|0.5|", &err), STATUS_OK, "a row with an empty field");
    same_int(row(&log, "2|x|high|", &err), STATUS_DAMAGED, "a word for a number");
    same_text(err.text, "'high' in column loss is no number", "is named");
    same_int(row(&log, "2|x|nan|", &err), STATUS_DAMAGED, "NaN");
    same_int(row(&log, "|x|1|", &err), STATUS_DAMAGED, "no step");
    same_int(row(&log, "2|x|1", &err), STATUS_DAMAGED, "too few columns");
    same_text(err.text, "the row has 3 columns, and the headings 4", "are counted");
    same_int((long long)training_count(&log), 1, "damaged rows are not taken");
    row(&log, "2|x|0.4|", &err);
    row(&log, "3|x|0.3|", &err);
    row(&log, "step|note|loss|validation_loss", &err);
    row(&log, "2|x|0.2|", &err);
    same_int((long long)training_count(&log), 2, "a training that was resumed replaces the rest");
    training_free(&log);
}

/* Six steps, smoothed over three: means by hand. */
static void smoothing(void)
{
    static const double expected[] = {4.5, 4, 2, 4, 10 / 3.0, 5};
    static const double middle[] = {15, 20, 20, 50, 40, 45};
    struct training_log log = {.name = "log"};
    struct arena *arena = arena_new();
    struct figure figure;
    struct error err = {0};
    row(&log, "step|loss|accuracy|images_per_second|validation_loss", &err);
    row(&log, "1|6|0.5|10|", &err);
    row(&log, "2|3|0.5|20|", &err);
    row(&log, "3|3|0.5|90|2.5", &err);
    row(&log, "4|0|0.5|0|", &err);
    row(&log, "5|9|0.5|50|", &err);
    row(&log, "6|1|0.5|40|1.5", &err);
    same_int(training_figure(&log, 1, 3, "t", arena, &figure, &err), STATUS_OK, "a figure");
    same_int((long long)figure.panel_count, 3, "of loss, accuracy and speed, but no rate");
    same_int((long long)figure.panels[0].line_count, 3, "steps, means, validation");
    for (int i = 0; i < 6; i++)
        near(figure.panels[0].lines[1].y[i], expected[i], 1e-12, "mean");
    for (int i = 0; i < 6; i++)
        near(figure.panels[2].lines[1].y[i], middle[i], 1e-12, "median");
    same_int((long long)figure.panels[0].lines[2].count, 2, "validation where there is one");
    near(figure.panels[0].lines[2].x[1], 6, 0, "at its step");
    near(figure.panels[1].lines[0].y[0], 50, 1e-12, "accuracy in percent");
    near(figure.x_high, 6, 0, "up to the last step");
    training_free(&log);
    arena_free(arena);
}

static void text(void)
{
    double x[] = {0, 1, 2}, y[] = {0, 10, 0}, vx[] = {2}, vy[] = {10};
    struct figure figure = {
        .title = "up and d\x1bown",
        .note = "small print",
        .x_title = "step",
        .x_high = 2,
        .panel_count = 1,
        .panels = {{.title = "height",
                    .unit = " m",
                    .line_count = 2,
                    .lines = {{"line", "*", 0, FIGURE_PLAIN, 3, x, y},
                              {"mark", "o", 1, FIGURE_MARKED, 1, vx, vy}}}},
    };
    struct figure_text_options options = {.width = 30};
    struct buffer out = {0};
    struct error err;
    figure_axis(&figure.panels[0], 0);
    figure_text(&figure, &options, &out, &err);
    buffer_append(&out, "", 1, &err);
    same_text((char *)out.data,
              "up and d?own\n"
              "small print\n"
              "           * line   o mark   \n"
              "           height\n"
              "     10 m +         *        o\n"
              "          |        * *\n"
              "      8 m +       *   *\n"
              "          |      **   **\n"
              "      6 m +     **     **\n"
              "          |    **       **\n"
              "      4 m +   **         **\n"
              "          |  **           **\n"
              "      2 m + **             **\n"
              "          |**               **\n"
              "      0 m +*                 *\n"
              "          ++--------+--------+\n"
              "           0        1        2\n"
              "                  step\n",
              "a figure in ASCII");
    buffer_clear(&out);
    options.unicode = options.colour = 1;
    figure_text(&figure, &options, &out, &err);
    buffer_append(&out, "", 1, &err);
    ok(strstr((char *)out.data, "\033[34m\xe2\xa0") != NULL, "Braille in blue");
    ok(strstr((char *)out.data, "\033[31mo\033[0m\n") != NULL, "the mark in red");
    buffer_free(&out);
}

static void script(void)
{
    double x[] = {0, 1}, y[] = {0, 10};
    struct figure figure = {
        .title = "it's `x` \x80\n",
        .note = "",
        .x_title = "step",
        .x_high = 1,
        .panel_count = 1,
        .panels = {{.title = "height",
                    .unit = " %",
                    .low = 0,
                    .high = 10,
                    .tick = 2,
                    .line_count = 1,
                    .lines = {{"a'b", "*", 0, FIGURE_PLAIN, 2, x, y}}}},
    };
    struct buffer out = {0};
    struct error err;
    figure_gnuplot(&figure, FIGURE_SVG, 700, &out, &err);
    buffer_append(&out, "", 1, &err);
    ok(strstr((char *)out.data, "set label 'it''s `x` ?\?' at") != NULL, "names are quoted");
    ok(strstr((char *)out.data, "title 'a''b'") != NULL, "in the legend, too");
    ok(strstr((char *)out.data, "$d0 << END\n0 0\n1 10\nEND\n") != NULL,
       "the data is in the script");
    ok(strstr((char *)out.data, "set format y '%g %%'\n") != NULL, "the unit is on the axis");
    buffer_free(&out);
}

int main(void)
{
    ticks();
    axes();
    thinning();
    rows();
    smoothing();
    text();
    script();
    return tap_done();
}
