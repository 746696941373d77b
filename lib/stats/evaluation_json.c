/* The report as one JSON object. */
#include "stats/evaluation_internal.h"

#include <inttypes.h>

static void ratio(struct page *page, const char *name, double value)
{
    page_printf(page, "\"%s\": ", name);
    page_number(page, value, "null");
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
    page_printf(page, ",\n  \"macro\": {");
    ratio(page, "precision", scores->macro.precision);
    page_printf(page, ", ");
    ratio(page, "recall", scores->macro.recall);
    page_printf(page, ", ");
    ratio(page, "f1", scores->macro.f1);
    page_printf(page, "},\n  \"classes\": [");
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
