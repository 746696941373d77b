/* The report as a table: the first column says what the row is. */
#include "stats/evaluation_internal.h"

#include <inttypes.h>

static void score(struct page *page, const char *name, double value)
{
    page_printf(page, "score\t%s\t", name);
    page_number(page, value, "");
    page_printf(page, "\n");
}

static void class_row(struct page *page, const char *name, const struct class_metrics *metrics)
{
    struct interval precision = interval_wilson(metrics->right, metrics->predicted),
                    recall = interval_wilson(metrics->right, metrics->support);
    const double ratios[] = {metrics->precision, metrics->recall, metrics->f1, precision.low,
                             precision.high,     recall.low,      recall.high};
    page_printf(page, "class\t");
    page_tsv(page, name);
    page_printf(page, "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64, metrics->support, metrics->predicted,
                metrics->right);
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++) {
        page_printf(page, "\t");
        page_number(page, ratios[i], "");
    }
    page_printf(page, "\n");
}

static void cell_row(struct page *page, const char *label, const char *predicted, uint64_t times)
{
    page_printf(page, "confusion\t");
    page_tsv(page, label);
    page_printf(page, "\t");
    page_tsv(page, predicted);
    page_printf(page, "\t%" PRIu64 "\n", times);
}

static void bin_row(struct page *page, int place, const struct calibration_bin *bin)
{
    page_printf(page, "calibration\t%.12g\t%.12g\t%" PRIu64 "\t", (double)place / CALIBRATION_BINS,
                (place + 1.0) / CALIBRATION_BINS, bin->rows);
    page_number(page, calibration_confidence(bin), "");
    page_printf(page, "\t");
    page_number(page, calibration_accuracy(bin), "");
    page_printf(page, "\n");
}

static void detection_rows(struct page *page, const struct detection_scores *detection)
{
    if (!detection->positive)
        return;
    page_printf(page, "score\tpositive\t");
    page_tsv(page, detection->positive);
    page_printf(page, "\n");
    score(page, "roc_auc", detection->scores.auc);
    score(page, "average_precision", detection->scores.average_precision);
}

void evaluation_tsv(struct page *page, const struct evaluation *evaluation,
                    const struct scores *scores)
{
    const struct counts *classes = &evaluation->classes;
    struct evaluation_count counts[EVALUATION_COUNTS];
    evaluation_counts(evaluation, counts);
    for (int i = 0; i < EVALUATION_COUNTS; i++)
        page_printf(page, "score\t%s\t%" PRIu64 "\n", counts[i].name, counts[i].value);
    score(page, "top1", scores->top1);
    score(page, "top5", scores->top5);
    score(page, "macro_precision", scores->macro.precision);
    score(page, "macro_recall", scores->macro.recall);
    score(page, "macro_f1", scores->macro.f1);
    score(page, "top1_low", scores->top1_interval.low);
    score(page, "top1_high", scores->top1_interval.high);
    score(page, "top5_low", scores->top5_interval.low);
    score(page, "top5_high", scores->top5_interval.high);
    score(page, "calibration_error", scores->calibration.expected);
    score(page, "calibration_error_most", scores->calibration.most);
    detection_rows(page, &scores->detection);
    for (size_t i = 0; i < classes->size; i++)
        class_row(page, classes->names[scores->order[i]], &scores->metrics[scores->order[i]]);
    for (size_t i = 0; i < classes->size; i++) {
        const char *name = classes->names[scores->order[i]];
        if (scores->metrics[scores->order[i]].right)
            cell_row(page, name, name, scores->metrics[scores->order[i]].right);
    }
    for (size_t i = 0; i < scores->mistake_count; i++) {
        const struct confusion_cell *cell = &scores->mistakes[i];
        cell_row(page, classes->names[cell->label], classes->names[cell->predicted], cell->count);
    }
    for (int i = 0; i < CALIBRATION_BINS; i++)
        bin_row(page, i, &evaluation->calibration.bins[i]);
}
