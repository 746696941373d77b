/* The report for a person: what was counted, the scores, each class, and what is mistaken for what.
 */
#include "stats/evaluation_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    NAME_MAX_WIDTH = 24, /* longer names are cut */
    TERMINAL = 80, /* a matrix wider than this gets numbers instead of names over its columns */
    NUMBER_WIDTH = 10,
};

static void count_line(struct page *page, const char *name, uint64_t value, const char *note)
{
    page_printf(page, "%-12s%*" PRIu64 "%s\n", name, NUMBER_WIDTH, value, note);
}

static void counts_part(struct page *page, const struct evaluation *evaluation)
{
    count_line(page, "rows", evaluation->rows, "");
    count_line(page, "scored", evaluation->scored, "");
    if (evaluation->errors)
        count_line(page, "errors", evaluation->errors, "  not scored: these items failed");
    if (evaluation->unlabelled)
        count_line(page, "unlabelled", evaluation->unlabelled, "  not scored: no label");
    if (evaluation->malformed)
        count_line(page, "malformed", evaluation->malformed, "  lines that are no prediction");
}

static void rate_line(struct page *page, const char *name, uint64_t count, uint64_t total,
                      struct interval interval)
{
    page_printf(page, "%-12s", name);
    page_percent(page, metrics_ratio(count, total), NUMBER_WIDTH);
    page_printf(page, "  %" PRIu64 " of %" PRIu64, count, total);
    if (total)
        page_printf(page, ", 95 %% interval %.2f .. %.2f %%", 100 * interval.low,
                    100 * interval.high);
}

static void scores_part(struct page *page, const struct evaluation *evaluation,
                        const struct scores *scores)
{
    page_printf(page, "\n");
    rate_line(page, "top-1", evaluation->top1, evaluation->scored, scores->top1_interval);
    page_printf(page, "\n");
    rate_line(page, "top-5", evaluation->top5, evaluation->scored, scores->top5_interval);
    if (evaluation->scored && evaluation->least < EVALUATION_TOP)
        page_printf(page, " (%s hold only %zu class%s)",
                    evaluation->most == evaluation->least ? "the rows" : "some rows",
                    evaluation->least, evaluation->least == 1 ? "" : "es");
    page_printf(page, "\n");
}

/* Of two classes, or of one against the rest. */
static void detection_part(struct page *page, const struct detection_scores *detection)
{
    if (!detection->positive)
        return;
    page_printf(page, "%-12s", "ROC AUC");
    page_percent(page, detection->scores.auc, NUMBER_WIDTH);
    page_printf(page, "  of ");
    page_cell(page, detection->positive, page_width(detection->positive), PAGE_LEFT);
    page_printf(page, "%s\n%-12s",
                detection->missing ? " (rows do not hold its probability: imgclassify -k 2 or more)"
                                   : "",
                "av. prec.");
    page_percent(page, detection->scores.average_precision, NUMBER_WIDTH);
    page_printf(page, "\n");
}

/* The bins that hold rows: what the model said, and how often it was right. */
static void calibration_part(struct page *page, const struct evaluation *evaluation,
                             const struct scores *scores)
{
    page_printf(page, "\ncalibration: expected error %.2f %%, of the worst bin %.2f %%\n",
                100 * scores->calibration.expected, 100 * scores->calibration.most);
    page_printf(page, "%-13s%*s%*s%*s  95 %% interval\n", "confidence", NUMBER_WIDTH, "rows",
                NUMBER_WIDTH + 1, "mean", NUMBER_WIDTH, "right");
    for (int i = 0; i < CALIBRATION_BINS; i++) {
        const struct calibration_bin *bin = &evaluation->calibration.bins[i];
        struct interval interval = interval_wilson(bin->right, bin->rows);
        if (bin->rows == 0)
            continue;
        page_printf(page, "%3d .. %3d %% %*" PRIu64, i * (100 / CALIBRATION_BINS),
                    (i + 1) * (100 / CALIBRATION_BINS), NUMBER_WIDTH + 1, bin->rows);
        page_percent(page, calibration_confidence(bin), NUMBER_WIDTH + 1);
        page_percent(page, calibration_accuracy(bin), NUMBER_WIDTH);
        page_printf(page, "  %.2f .. %.2f %%\n", 100 * interval.low, 100 * interval.high);
    }
}

static size_t name_width(const struct counts *classes)
{
    size_t width = sizeof "macro average" - 1;
    for (size_t i = 0; i < classes->size; i++) {
        size_t one = page_width(classes->names[i]);
        width = one > width ? one : width;
    }
    return width < NAME_MAX_WIDTH ? width : NAME_MAX_WIDTH;
}

static void class_line(struct page *page, const char *name, size_t width,
                       const struct class_metrics *metrics)
{
    page_cell(page, name, width, PAGE_LEFT);
    page_printf(page, "%*" PRIu64 "%*" PRIu64, NUMBER_WIDTH, metrics->support, NUMBER_WIDTH + 1,
                metrics->predicted);
    page_percent(page, metrics->precision, NUMBER_WIDTH + 1);
    page_percent(page, metrics->recall, NUMBER_WIDTH);
    page_percent(page, metrics->f1, NUMBER_WIDTH);
    page_printf(page, "\n");
}

/* Ascending F1, for the classes to look at first; qsort has no context of its own. */
struct weak {
    double f1;
    size_t place;
};

static int compare_weak(const void *left, const void *right)
{
    const struct weak *a = left, *b = right;
    if (a->f1 < b->f1 || a->f1 > b->f1)
        return a->f1 < b->f1 ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* Which classes are shown: all by name, or the `pairs` weakest. An array of *count for free(). */
static size_t *shown_classes(const struct scores *scores, size_t classes, size_t pairs,
                             size_t *count)
{
    struct weak *weak = memory_array(classes, sizeof *weak);
    size_t *shown = memory_array(classes, sizeof *shown);
    if (!weak || !shown) {
        free(weak);
        free(shown);
        return NULL;
    }
    for (size_t i = 0; i < classes; i++)
        weak[i] = (struct weak){scores->metrics[scores->order[i]].f1, i};
    if (classes > EVALUATION_MATRIX)
        qsort(weak, classes, sizeof *weak, compare_weak);
    *count = classes > EVALUATION_MATRIX && pairs < classes ? pairs : classes;
    for (size_t i = 0; i < *count; i++)
        shown[i] = scores->order[weak[i].place];
    free(weak);
    return shown;
}

static void classes_part(struct page *page, const struct counts *classes,
                         const struct scores *scores, size_t pairs)
{
    size_t width = name_width(classes), count;
    size_t *shown = shown_classes(scores, classes->size, pairs, &count);
    if (!shown) {
        page->status = error_memory(page->err);
        return;
    }
    page_printf(page, "\n");
    if (count < classes->size)
        page_printf(page, "the %zu of %zu classes with the lowest F1:\n", count, classes->size);
    page_cell(page, "class", width, PAGE_LEFT);
    page_printf(page, "%*s%*s%*s%*s%*s\n", NUMBER_WIDTH, "support", NUMBER_WIDTH + 1, "predicted",
                NUMBER_WIDTH + 1, "precision", NUMBER_WIDTH, "recall", NUMBER_WIDTH, "F1");
    for (size_t i = 0; i < count; i++)
        class_line(page, classes->names[shown[i]], width, &scores->metrics[shown[i]]);
    page_cell(page, "macro average", width, PAGE_LEFT);
    page_printf(page, "%*s", 2 * NUMBER_WIDTH + 1, "");
    page_percent(page, scores->macro.precision, NUMBER_WIDTH + 1);
    page_percent(page, scores->macro.recall, NUMBER_WIDTH);
    page_percent(page, scores->macro.f1, NUMBER_WIDTH);
    page_printf(page, "\n");
    free(shown);
}

/* The width of column i: its largest count, and its heading. */
static size_t column_width(const struct evaluation *evaluation, const struct scores *scores,
                           size_t i, int named)
{
    size_t width =
        named ? page_width(evaluation->classes.names[scores->order[i]]) : page_digits(i + 1);
    for (size_t row = 0; row < evaluation->classes.size; row++) {
        size_t digits = page_digits(
            confusion_count(&evaluation->confusion, scores->order[row], scores->order[i]));
        width = digits > width ? digits : width;
    }
    return width + 1;
}

static void matrix_part(struct page *page, const struct evaluation *evaluation,
                        const struct scores *scores)
{
    const struct counts *classes = &evaluation->classes;
    size_t width = name_width(classes), total = width, named;
    for (size_t i = 0; i < classes->size; i++)
        total += column_width(evaluation, scores, i, 1);
    named = total <= TERMINAL;
    page_printf(page, "\nconfusion (row: label, column: prediction)\n");
    page_printf(page, "%*s", (int)(named ? width : width + 3), "");
    for (size_t i = 0; i < classes->size; i++) {
        char number[32];
        snprintf(number, sizeof number, "%zu", i + 1);
        page_cell(page, named ? classes->names[scores->order[i]] : number,
                  column_width(evaluation, scores, i, (int)named), PAGE_RIGHT);
    }
    page_printf(page, "\n");
    for (size_t row = 0; row < classes->size; row++) {
        if (!named)
            page_printf(page, "%2zu ", row + 1);
        page_cell(page, classes->names[scores->order[row]], width, PAGE_LEFT);
        for (size_t i = 0; i < classes->size; i++) {
            char number[32];
            uint64_t times =
                confusion_count(&evaluation->confusion, scores->order[row], scores->order[i]);
            snprintf(number, sizeof number, "%" PRIu64, times);
            page_cell(page, times ? number : ".", column_width(evaluation, scores, i, (int)named),
                      PAGE_RIGHT);
        }
        page_printf(page, "\n");
    }
}

static void pairs_part(struct page *page, const struct evaluation *evaluation,
                       const struct scores *scores, size_t pairs)
{
    const struct counts *classes = &evaluation->classes;
    size_t width = name_width(classes);
    size_t count = pairs < scores->mistake_count ? pairs : scores->mistake_count;
    page_printf(page, "\nthe %zu most frequent of %zu kinds of mistake:\n", count,
                scores->mistake_count);
    page_cell(page, "label", width + 2, PAGE_LEFT);
    page_cell(page, "prediction", width, PAGE_LEFT);
    page_printf(page, "%*s  of its label\n", NUMBER_WIDTH, "rows");
    for (size_t i = 0; i < count; i++) {
        const struct confusion_cell *cell = &scores->mistakes[i];
        page_cell(page, classes->names[cell->label], width + 2, PAGE_LEFT);
        page_cell(page, classes->names[cell->predicted], width, PAGE_LEFT);
        page_printf(page, "%*" PRIu64, NUMBER_WIDTH, cell->count);
        page_percent(page, metrics_ratio(cell->count, scores->metrics[cell->label].support),
                     NUMBER_WIDTH + 4);
        page_printf(page, "\n");
    }
}

void evaluation_text(struct page *page, const struct evaluation *evaluation,
                     const struct scores *scores, size_t pairs)
{
    counts_part(page, evaluation);
    scores_part(page, evaluation, scores);
    if (evaluation->scored == 0)
        return;
    detection_part(page, &scores->detection);
    classes_part(page, &evaluation->classes, scores, pairs);
    if (evaluation->classes.size <= EVALUATION_MATRIX)
        matrix_part(page, evaluation, scores);
    else
        pairs_part(page, evaluation, scores, pairs);
    calibration_part(page, evaluation, scores);
}
