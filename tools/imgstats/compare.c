/* imgstats compare: two models over the same items. */
#include "stats/comparison.h"
#include "tools/imgstats/imgstats.h"

struct side {
    struct comparison *comparison;
    int place;
};

static enum status add(void *into, const struct prediction *prediction, struct error *err)
{
    struct side *side = into;
    return comparison_add(side->comparison, side->place, prediction, err);
}

void compare(struct imgstats *stats, int argc, char **argv, int operand)
{
    struct tool *tool = &stats->tool;
    enum page_format format = report_format(stats);
    struct comparison comparison = {0};
    struct arena *arena = arena_new();
    struct buffer page = {0};
    const char *names[COMPARISON_SIDES];
    struct error err;
    if (argc - operand != COMPARISON_SIDES)
        tool_usage(tool, "compare: expected two tables of predictions");
    tool_output(tool);
    for (int i = 0; i < COMPARISON_SIDES; i++)
        read_predictions(stats, argv + operand + i, 1, &(struct side){&comparison, i}, add);
    for (int i = 0; i < COMPARISON_SIDES; i++)
        names[i] = arena ? file_name(arena, COMPARISON_SIDES, argv + operand, i) : NULL;
    if (!names[0] || !names[1]) {
        error_memory(&err);
        tool_die(tool, &err);
    }
    print(stats, comparison_write(&comparison, format, stats->pairs, names, &page, &err), &page,
          &err);
    if (comparison.keys.size == comparison.alone[COMPARISON_FIRST] && !tool->damaged)
        tool_note(tool, STATUS_FAILED,
                  &(struct error){STATUS_FAILED, "the two tables have no key in common"});
    comparison_free(&comparison);
    arena_free(arena);
}
