/* imgstats report: one or two tables of predictions, and what belongs to them, as a page for
 * browsers. First the tables are read, and with them it is known which pictures to show; then the
 * stream of pictures, of which only those are kept. */
#include "stats/report/report.h"

#include "stats/multilabel.h"
#include "stats/plot/training.h"
#include "tools/imgstats/imgstats.h"

#include <stdlib.h>
#include <string.h>

struct reporting {
    struct imgstats *stats;
    struct evaluation evaluations[REPORT_MODELS];
    struct comparison comparison;
    struct gallery gallery;
    int model, models; /* model: whose table is read */
};

static int is_wrong(const char *class, const char *label)
{
    return *label && strcmp(class, label) != 0;
}

/* Of a single model the errors are known row by row. */
static enum status offer_row(struct reporting *reporting, const struct prediction *prediction,
                             struct error *err)
{
    struct gallery_item item = {.key = prediction->key, .label = prediction->label};
    if (prediction->reason || !is_wrong(prediction->pairs[0], prediction->label))
        return STATUS_OK;
    item.classes[0] = prediction->pairs[0];
    item.confidence[0] = strtod(prediction->pairs[1], NULL);
    return gallery_offer(&reporting->gallery, GALLERY_FIRST_WRONG, &item, item.confidence[0], err);
}

static enum status add(void *into, const struct prediction *prediction, struct error *err)
{
    struct reporting *reporting = into;
    if (multilabel_likely(prediction))
        tool_usage(&reporting->stats->tool,
                   "report: the labels are sets of names, for which there is only eval");
    TRY(evaluation_add(&reporting->evaluations[reporting->model], prediction, err));
    return reporting->models == 1
               ? offer_row(reporting, prediction, err)
               : comparison_add(&reporting->comparison, reporting->model, prediction, err);
}

/* A row of two models, for each list that it belongs to. */
static enum status offer_both(struct reporting *reporting, size_t place, struct error *err)
{
    const struct comparison *comparison = &reporting->comparison;
    const struct comparison_row *row = comparison_row(comparison, place);
    struct gallery_item item = {.key = comparison->keys.names[place],
                                .label = comparison->names.names[row->label]};
    for (int i = 0; i < COMPARISON_SIDES; i++)
        if (row->seen[i] && !row->failed[i]) {
            item.classes[i] = comparison->names.names[row->classes[i]];
            item.confidence[i] = row->confidence[i];
        }
    for (int i = 0; i < COMPARISON_SIDES; i++)
        if (item.classes[i] && is_wrong(item.classes[i], item.label))
            TRY(gallery_offer(&reporting->gallery, i ? GALLERY_SECOND_WRONG : GALLERY_FIRST_WRONG,
                              &item, item.confidence[i], err));
    if (item.classes[0] && item.classes[1] && row->classes[0] != row->classes[1])
        TRY(gallery_offer(&reporting->gallery, GALLERY_DISAGREE, &item, comparison_sureness(row),
                          err));
    return STATUS_OK;
}

static void read_tables(struct reporting *reporting, char **paths)
{
    struct imgstats *stats = reporting->stats;
    struct error err;
    enum status status = STATUS_OK;
    for (int i = 0; i < reporting->models; i++) {
        reporting->model = i;
        reporting->evaluations[i].detection.positive = stats->positive;
        reporting->evaluations[i].malformed = read_predictions(stats, paths + i, 1, reporting, add);
    }
    for (size_t i = 0; i < reporting->comparison.keys.size && status == STATUS_OK; i++)
        status = offer_both(reporting, i, &err);
    if (status == STATUS_OK)
        status = gallery_select(&reporting->gallery, &err);
    if (status != STATUS_OK)
        tool_die(&stats->tool, &err);
}

/* The curves of --log; NULL: there is none. */
static const struct figure *read_training(struct imgstats *stats, struct arena *arena,
                                          struct figure *figure)
{
    struct training_log logs[FIGURE_COLOURS] = {0};
    struct error err;
    enum status status;
    if (stats->log_count == 0)
        return NULL;
    read_logs(stats, stats->logs, stats->log_count, arena, logs);
    status =
        training_figure(logs, (size_t)stats->log_count, stats->smooth, "", arena, figure, &err);
    if (status != STATUS_OK)
        tool_die(&stats->tool, &err);
    for (int i = 0; i < stats->log_count; i++)
        training_free(&logs[i]);
    return figure;
}

static const char *report_title(const struct imgstats *stats, const struct report *report,
                                struct arena *arena)
{
    struct buffer text = {0};
    const char *title = stats->title;
    if (!title && buffer_printf(&text, NULL, "%s%s%s", report->models[0].name,
                                report->model_count > 1 ? " against " : "",
                                report->model_count > 1 ? report->models[1].name : "") == STATUS_OK)
        title = arena_string(arena, (const char *)text.data, text.size);
    buffer_free(&text);
    return title;
}

/* Names of models and title; the tables are read by then. */
static enum status describe(struct reporting *reporting, char **paths, struct arena *arena,
                            struct report *report, struct error *err)
{
    report->model_count = (size_t)reporting->models;
    for (int i = 0; i < reporting->models; i++) {
        report->models[i].name = file_name(arena, reporting->models, paths, i);
        report->models[i].evaluation = &reporting->evaluations[i];
        if (!report->models[i].name)
            return error_memory(err);
    }
    report->comparison = reporting->models > 1 ? &reporting->comparison : NULL;
    report->gallery = &reporting->gallery;
    report->has_pictures = reporting->stats->images != NULL;
    report->title = report_title(reporting->stats, report, arena);
    return report->title ? STATUS_OK : error_memory(err);
}

/* Only a page in which a person can see something is one. */
static void remark(struct reporting *reporting)
{
    struct tool *tool = &reporting->stats->tool;
    uint64_t scored = 0, known = 0;
    for (int i = 0; i < reporting->models; i++) {
        scored += reporting->evaluations[i].scored;
        known += reporting->evaluations[i].top5;
    }
    if (scored && known == 0)
        tell_strange_labels(reporting->stats);
    if (scored == 0 && !tool->damaged)
        tool_note(
            tool, STATUS_FAILED,
            &(struct error){STATUS_FAILED, "nothing to score: no row has a label and a class"});
}

void report(struct imgstats *stats, int argc, char **argv, int operand)
{
    struct tool *tool = &stats->tool;
    struct reporting reporting = {.stats = stats,
                                  .models = argc - operand,
                                  .gallery.limit = stats->pairs_said ? stats->pairs : REPORT_SHOWN};
    struct report page = {0};
    struct figure figure;
    struct arena *arena = arena_new();
    struct buffer text = {0};
    struct error err;
    enum status status;
    if (reporting.models < 1 || reporting.models > REPORT_MODELS)
        tool_usage(tool, "report: expected one or two tables of predictions");
    if (stats->format)
        tool_usage(tool, "report: a page has no --format");
    check_logs(stats, stats->log_count);
    tool_output(tool); /* what cannot be written is told before the work */
    read_tables(&reporting, argv + operand);
    status = arena ? describe(&reporting, argv + operand, arena, &page, &err) : error_memory(&err);
    if (status != STATUS_OK)
        tool_die(tool, &err);
    page.training = read_training(stats, arena, &figure);
    if (stats->images)
        read_pictures(stats, &reporting.gallery);
    print(stats, report_write(&page, &text, &err), &text, &err);
    remark(&reporting);
    for (int i = 0; i < reporting.models; i++)
        evaluation_free(&reporting.evaluations[i]);
    comparison_free(&reporting.comparison);
    gallery_free(&reporting.gallery);
    arena_free(arena);
}
