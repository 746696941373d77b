#include "stats/evaluation.h"

#include "base/number.h"
#include "stats/evaluation_internal.h"

#include <stdlib.h>
#include <string.h>

enum status evaluation_add(struct evaluation *evaluation, const struct prediction *prediction,
                           struct error *err)
{
    size_t label = 0, predicted = 0, rank;
    double confidence = 0;
    enum status status;
    if (prediction->reason || !*prediction->label) {
        evaluation->rows++;
        *(prediction->reason ? &evaluation->errors : &evaluation->unlabelled) += 1;
        return STATUS_OK;
    }
    status = counts_index(&evaluation->classes, prediction->label, &label, err);
    if (status == STATUS_OK)
        status = counts_index(&evaluation->classes, prediction->pairs[0], &predicted, err);
    if (status == STATUS_OK)
        status = confusion_add(&evaluation->confusion, label, predicted, err);
    if (status == STATUS_OK)
        status = detection_add(&evaluation->detection, prediction, err);
    if (status == STATUS_OK)
        status = number_real(prediction->pairs[1], &confidence, err);
    if (status != STATUS_OK)
        return status;
    rank = prediction_rank(prediction);
    calibration_add(&evaluation->calibration, confidence, rank == 0);
    evaluation->top1 += rank == 0;
    evaluation->top5 += rank < EVALUATION_TOP && rank < prediction->count;
    if (evaluation->scored == 0 || prediction->count < evaluation->least)
        evaluation->least = prediction->count;
    if (prediction->count > evaluation->most)
        evaluation->most = prediction->count;
    evaluation->scored++;
    evaluation->rows++;
    return STATUS_OK;
}

enum status evaluation_scores(struct evaluation *evaluation, struct scores *scores,
                              struct error *err)
{
    size_t classes = evaluation->classes.size;
    memset(scores, 0, sizeof *scores);
    scores->metrics = memory_array(classes, sizeof *scores->metrics);
    scores->order = counts_by_name(&evaluation->classes);
    scores->rank = memory_array(classes, sizeof *scores->rank);
    if (scores->metrics && scores->order && scores->rank) {
        for (size_t i = 0; i < classes; i++)
            scores->rank[scores->order[i]] = i;
        scores->mistakes =
            confusion_mistakes(&evaluation->confusion, scores->rank, &scores->mistake_count);
    }
    if (!scores->mistakes) {
        scores_free(scores);
        return error_memory(err);
    }
    metrics_of_classes(&evaluation->confusion, classes, scores->metrics);
    scores->macro = metrics_macro(scores->metrics, classes);
    scores->top1 = metrics_ratio(evaluation->top1, evaluation->scored);
    scores->top5 = metrics_ratio(evaluation->top5, evaluation->scored);
    scores->top1_interval = interval_wilson(evaluation->top1, evaluation->scored);
    scores->top5_interval = interval_wilson(evaluation->top5, evaluation->scored);
    scores->calibration = calibration_errors(&evaluation->calibration);
    scores->detection = detection_scores(&evaluation->detection);
    return STATUS_OK;
}

void scores_free(struct scores *scores)
{
    free(scores->metrics);
    free(scores->order);
    free(scores->rank);
    free(scores->mistakes);
    memset(scores, 0, sizeof *scores);
}

enum status evaluation_write(struct evaluation *evaluation, enum page_format format, size_t pairs,
                             struct buffer *out, struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    struct scores scores;
    enum status status = evaluation_scores(evaluation, &scores, err);
    if (status != STATUS_OK)
        return status;
    switch (format) {
    case PAGE_TEXT:
        evaluation_text(&page, evaluation, &scores, pairs);
        break;
    case PAGE_TSV:
        evaluation_tsv(&page, evaluation, &scores);
        break;
    case PAGE_JSON:
        evaluation_json(&page, evaluation, &scores);
        break;
    }
    scores_free(&scores);
    return page.status;
}

void evaluation_free(struct evaluation *evaluation)
{
    counts_free(&evaluation->classes);
    confusion_free(&evaluation->confusion);
    detection_free(&evaluation->detection);
    memset(evaluation, 0, sizeof *evaluation);
}
