/* The report on labels, for a person, as a table and as JSON. */
#include "stats/multilabel.h"

#include <inttypes.h>
#include <math.h>

enum { NAME_MAX_WIDTH = 24, NUMBER_WIDTH = 9, COUNTS = 5, RATIOS = 5 };

static const char *const ratio_names[RATIOS] = {"precision", "recall", "f1", "average_precision",
                                                "roc_auc"};

static void ratios_of(const struct label_scores *scores, double ratios[RATIOS])
{
    ratios[0] = scores->metrics.precision;
    ratios[1] = scores->metrics.recall;
    ratios[2] = scores->metrics.f1;
    ratios[3] = scores->ranking.average_precision;
    ratios[4] = scores->ranking.auc;
}

struct count {
    const char *name;
    uint64_t value;
    const char *note; /* for a person, to whom a 0 is not told unless this is empty */
};

static void list_counts(const struct multilabel *multilabel, struct count counts[COUNTS])
{
    const struct count list[COUNTS] = {
        {"rows", multilabel->rows, ""},
        {"scored", multilabel->scored, ""},
        {"errors", multilabel->errors, "  not scored: these items failed"},
        {"unlabelled", multilabel->unlabelled, "  not scored: no label"},
        {"malformed", multilabel->malformed, "  lines that are no prediction"},
    };
    for (int i = 0; i < COUNTS; i++)
        counts[i] = list[i];
}

/* ---- text ---- */

static size_t name_width(const struct counts *labels)
{
    size_t width = sizeof "macro average" - 1;
    for (size_t i = 0; i < labels->size; i++) {
        size_t one = page_width(labels->names[i]);
        width = one > width ? one : width;
    }
    return width < NAME_MAX_WIDTH ? width : NAME_MAX_WIDTH;
}

static void text_ratios(struct page *page, const struct label_scores *scores)
{
    double ratios[RATIOS];
    ratios_of(scores, ratios);
    for (int i = 0; i < RATIOS; i++)
        page_percent(page, ratios[i], NUMBER_WIDTH + (i == 0));
    page_printf(page, "\n");
}

static void text_line(struct page *page, const char *name, size_t width,
                      const struct label_scores *scores)
{
    page_cell(page, name, width, PAGE_LEFT);
    page_printf(page, "%*" PRIu64 "%*" PRIu64, NUMBER_WIDTH, scores->metrics.support,
                NUMBER_WIDTH + 1, scores->metrics.predicted);
    text_ratios(page, scores);
}

static void write_text(struct page *page, const struct multilabel *multilabel,
                       const struct multilabel_scores *scores)
{
    const struct counts *labels = &multilabel->labels;
    size_t width = name_width(labels);
    struct count counts[COUNTS];
    list_counts(multilabel, counts);
    for (int i = 0; i < COUNTS; i++)
        if (counts[i].value || !*counts[i].note)
            page_printf(page, "%-15s%*" PRIu64 "%s\n", counts[i].name, NUMBER_WIDTH + 1,
                        counts[i].value, counts[i].note);
    page_printf(page, "\n%-15s", "subset accuracy");
    page_percent(page, scores->subset_accuracy, NUMBER_WIDTH + 1);
    page_printf(page,
                "  %" PRIu64 " of %" PRIu64 " rows have all labels right, at the threshold %g\n",
                multilabel->exact, multilabel->scored, multilabel->threshold);
    if (multilabel->scored == 0)
        return;
    page_printf(page, "\n");
    page_cell(page, "label", width, PAGE_LEFT);
    page_printf(page, "%*s%*s%*s%*s%*s%*s%*s\n", NUMBER_WIDTH, "support", NUMBER_WIDTH + 1,
                "predicted", NUMBER_WIDTH + 1, "precision", NUMBER_WIDTH, "recall", NUMBER_WIDTH,
                "F1", NUMBER_WIDTH, "AP", NUMBER_WIDTH, "ROC AUC");
    for (size_t i = 0; i < labels->size; i++)
        text_line(page, labels->names[scores->order[i]], width, &scores->labels[i]);
    text_line(page, "micro average", width, &scores->micro);
    page_cell(page, "macro average", width, PAGE_LEFT);
    page_printf(page, "%*s", 2 * NUMBER_WIDTH + 1, "");
    text_ratios(page, &scores->macro);
}

/* ---- tsv ---- */

static void tsv_score(struct page *page, const char *group, const char *name, double value)
{
    page_printf(page, "score\t%s%s\t", group, name);
    page_number(page, value, "");
    page_printf(page, "\n");
}

static void tsv_average(struct page *page, const char *group, const struct label_scores *scores)
{
    double ratios[RATIOS];
    ratios_of(scores, ratios);
    for (int i = 0; i < RATIOS; i++)
        tsv_score(page, group, ratio_names[i], ratios[i]);
}

static void write_tsv(struct page *page, const struct multilabel *multilabel,
                      const struct multilabel_scores *scores)
{
    struct count counts[COUNTS];
    list_counts(multilabel, counts);
    for (int i = 0; i < COUNTS; i++)
        page_printf(page, "score\t%s\t%" PRIu64 "\n", counts[i].name, counts[i].value);
    tsv_score(page, "", "threshold", multilabel->threshold);
    tsv_score(page, "", "subset_accuracy", scores->subset_accuracy);
    tsv_average(page, "micro_", &scores->micro);
    tsv_average(page, "macro_", &scores->macro);
    for (size_t i = 0; i < multilabel->labels.size; i++) {
        const struct label_scores *one = &scores->labels[i];
        double ratios[RATIOS];
        ratios_of(one, ratios);
        page_printf(page, "label\t");
        page_tsv(page, multilabel->labels.names[scores->order[i]]);
        page_printf(page, "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64, one->metrics.support,
                    one->metrics.predicted, one->metrics.right);
        for (int k = 0; k < RATIOS; k++) {
            page_printf(page, "\t");
            page_number(page, ratios[k], "");
        }
        page_printf(page, "\n");
    }
}

/* ---- json ---- */

static void json_ratios(struct page *page, const struct label_scores *scores)
{
    double ratios[RATIOS];
    ratios_of(scores, ratios);
    for (int i = 0; i < RATIOS; i++) {
        page_printf(page, "%s\"%s\": ", i ? ", " : "", ratio_names[i]);
        page_number(page, ratios[i], "null");
    }
    page_printf(page, "}");
}

static void write_json(struct page *page, const struct multilabel *multilabel,
                       const struct multilabel_scores *scores)
{
    struct count counts[COUNTS];
    list_counts(multilabel, counts);
    page_printf(page, "{\n");
    for (int i = 0; i < COUNTS; i++)
        page_printf(page, "  \"%s\": %" PRIu64 ",\n", counts[i].name, counts[i].value);
    page_printf(page, "  \"threshold\": ");
    page_number(page, multilabel->threshold, "null");
    page_printf(page, ",\n  \"subset_accuracy\": ");
    page_number(page, scores->subset_accuracy, "null");
    page_printf(page, ",\n  \"micro\": {");
    json_ratios(page, &scores->micro);
    page_printf(page, ",\n  \"macro\": {");
    json_ratios(page, &scores->macro);
    page_printf(page, ",\n  \"labels\": [");
    for (size_t i = 0; i < multilabel->labels.size; i++) {
        const struct class_metrics *metrics = &scores->labels[i].metrics;
        page_printf(page, "%s\n    {\"label\": ", i ? "," : "");
        page_json(page, multilabel->labels.names[scores->order[i]]);
        page_printf(page,
                    ", \"support\": %" PRIu64 ", \"predicted\": %" PRIu64 ", \"right\": %" PRIu64
                    ", ",
                    metrics->support, metrics->predicted, metrics->right);
        json_ratios(page, &scores->labels[i]);
    }
    page_printf(page, "\n  ]\n}\n");
}

enum status multilabel_write(struct multilabel *multilabel, enum page_format format,
                             struct buffer *out, struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    struct multilabel_scores scores;
    enum status status = multilabel_scores(multilabel, &scores, err);
    if (status == STATUS_OK) {
        (format == PAGE_TEXT  ? write_text
         : format == PAGE_TSV ? write_tsv
                              : write_json)(&page, multilabel, &scores);
        status = page.status;
    }
    multilabel_scores_free(&scores);
    return status;
}
