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
    const double ratios[] = {metrics->precision, metrics->recall, metrics->f1};
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
}
