/* The report as one JSON object. */
#include "stats/evaluation_internal.h"

#include <inttypes.h>

static void ratio(struct page *page, const char *name, double value)
{
    page_printf(page, "\"%s\": ", name);
    page_number(page, value, "null");
}

static void range(struct page *page, const char *name, struct interval interval)
{
    page_printf(page, "\"%s\": [", name);
    page_number(page, interval.low, "null");
    page_printf(page, ", ");
    page_number(page, interval.high, "null");
    page_printf(page, "]");
}

static void class_object(struct page *page, const char *name, const struct class_metrics *metrics)
{
    page_printf(page, "    {\"class\": ");
    page_json(page, name);
    page_printf(page,
                ", \"support\": %" PRIu64 ", \"predicted\": %" PRIu64 ", \"right\": %" PRIu64 ", ",
                metrics->support, metrics->predicted, metrics->right);
    ratio(page, "precision", metrics->precision);
    page_printf(page, ", ");
    ratio(page, "recall", metrics->recall);
    page_printf(page, ", ");
    ratio(page, "f1", metrics->f1);
    page_printf(page, ", ");
    range(page, "precision_interval", interval_wilson(metrics->right, metrics->predicted));
    page_printf(page, ", ");
    range(page, "recall_interval", interval_wilson(metrics->right, metrics->support));
    page_printf(page, "}");
}

static void mistake_object(struct page *page, const struct counts *classes,
                           const struct confusion_cell *cell)
{
    page_printf(page, "    {\"label\": ");
    page_json(page, classes->names[cell->label]);
    page_printf(page, ", \"predicted\": ");
    page_json(page, classes->names[cell->predicted]);
    page_printf(page, ", \"count\": %" PRIu64 "}", cell->count);
}

static void calibration_object(struct page *page, const struct calibration *calibration,
                               const struct calibration_errors *errors)
{
    page_printf(page, ",\n  \"calibration\": {");
    ratio(page, "error", errors->expected);
    page_printf(page, ", ");
    ratio(page, "error_most", errors->most);
    page_printf(page, ", \"bins\": [");
    for (int i = 0; i < CALIBRATION_BINS; i++) {
        const struct calibration_bin *bin = &calibration->bins[i];
        page_printf(page, "%s\n    {\"rows\": %" PRIu64 ", ", i ? "," : "", bin->rows);
        ratio(page, "confidence", calibration_confidence(bin));
        page_printf(page, ", ");
        ratio(page, "accuracy", calibration_accuracy(bin));
        page_printf(page, "}");
    }
    page_printf(page, "\n  ]}");
}

static void detection_object(struct page *page, const struct detection_scores *detection)
{
    if (!detection->positive)
        return;
    page_printf(page, ",\n  \"positive\": ");
    page_json(page, detection->positive);
    page_printf(page, ", ");
    ratio(page, "roc_auc", detection->scores.auc);
    page_printf(page, ", ");
    ratio(page, "average_precision", detection->scores.average_precision);
}

void evaluation_json(struct page *page, const struct evaluation *evaluation,
                     const struct scores *scores)
{
    const struct counts *classes = &evaluation->classes;
    struct evaluation_count counts[EVALUATION_COUNTS];
    evaluation_counts(evaluation, counts);
    page_printf(page, "{\n");
    for (int i = 0; i < EVALUATION_COUNTS; i++)
        page_printf(page, "  \"%s\": %" PRIu64 ",\n", counts[i].name, counts[i].value);
    page_printf(page, "  ");
    ratio(page, "top1", scores->top1);
    page_printf(page, ",\n  ");
    ratio(page, "top5", scores->top5);
    page_printf(page, ",\n  ");
    range(page, "top1_interval", scores->top1_interval);
    page_printf(page, ",\n  ");
    range(page, "top5_interval", scores->top5_interval);
    page_printf(page, ",\n  \"macro\": {");
    ratio(page, "precision", scores->macro.precision);
    page_printf(page, ", ");
    ratio(page, "recall", scores->macro.recall);
    page_printf(page, ", ");
    ratio(page, "f1", scores->macro.f1);
    page_printf(page, "}");
    detection_object(page, &scores->detection);
    calibration_object(page, &evaluation->calibration, &scores->calibration);
    page_printf(page, ",\n  \"classes\": [");
    for (size_t i = 0; i < classes->size; i++) {
        page_printf(page, "%s\n", i ? "," : "");
        class_object(page, classes->names[scores->order[i]], &scores->metrics[scores->order[i]]);
    }
    page_printf(page, "\n  ],\n  \"mistakes\": [");
    for (size_t i = 0; i < scores->mistake_count; i++) {
        page_printf(page, "%s\n", i ? "," : "");
        mistake_object(page, classes, &scores->mistakes[i]);
    }
    page_printf(page, "\n  ]\n}\n");
}
