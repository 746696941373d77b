#include "stats/multilabel.h"

#include "base/number.h"
#include "stream/label_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct label_tally {
    struct ranking ranking; /* of the rows that hold the class and are known */
    uint64_t unknown;       /* rows of which nobody knows whether they have it */
    struct class_metrics metrics;
    uint64_t row; /* the last row, from 1, whose set names it ... */
    int known;    /* ... and how */
};

/* The tally of a name. Names and tallies grow together. */
static enum status find(struct multilabel *multilabel, const char *name, struct label_tally **tally,
                        struct error *err)
{
    size_t index;
    TRY(counts_index(&multilabel->labels, name, &index, err));
    if (index >= multilabel->tally_count) {
        size_t room = 2 * index + 16;
        struct label_tally *more = memory_array(room, sizeof *more);
        if (!more)
            return error_memory(err);
        if (multilabel->tallies)
            memcpy(more, multilabel->tallies, multilabel->tally_count * sizeof *more);
        free(multilabel->tallies);
        multilabel->tallies = more;
        multilabel->tally_count = room;
    }
    *tally = &multilabel->tallies[index];
    return STATUS_OK;
}

/* Marks the labels of the row. *count: those that it has. */
static enum status take_set(struct multilabel *multilabel, const char *set, uint64_t *count,
                            struct error *err)
{
    struct label_name name;
    enum status status;
    size_t at = 0;
    while ((status = label_set_next(set, &at, &name, err)) == STATUS_OK) {
        char text[1024];
        struct label_tally *tally;
        if (name.length >= sizeof text)
            return error_set(err, STATUS_DAMAGED, "a label of %zu bytes", name.length);
        memcpy(text, name.text, name.length);
        text[name.length] = '\0';
        TRY(find(multilabel, text, &tally, err));
        if (tally->row == multilabel->scored) /* named twice */
            continue;
        tally->row = multilabel->scored;
        tally->known = !name.unknown;
        tally->unknown += (uint64_t)name.unknown;
        tally->metrics.support += (uint64_t)!name.unknown;
        *count += (uint64_t)!name.unknown;
    }
    return status == STATUS_END ? STATUS_OK : status;
}

/* Is the set whole? Asked before anything is counted. */
static enum status check_set(const char *set, struct error *err)
{
    struct label_name name;
    enum status status;
    size_t at = 0;
    while ((status = label_set_next(set, &at, &name, err)) == STATUS_OK)
        ;
    return status == STATUS_END ? STATUS_OK : status;
}

enum status multilabel_add(struct multilabel *multilabel, const struct prediction *prediction,
                           struct error *err)
{
    uint64_t labels = 0, predicted = 0, right = 0;
    if (!prediction->reason && *prediction->label)
        TRY(check_set(prediction->label, err));
    multilabel->rows++;
    multilabel->errors += prediction->reason != NULL;
    multilabel->unlabelled += !prediction->reason && !*prediction->label;
    if (prediction->reason || !*prediction->label)
        return STATUS_OK;
    multilabel->scored++;
    TRY(take_set(multilabel, prediction->label, &labels, err));
    for (size_t i = 0; i < prediction->count; i++) {
        struct label_tally *tally;
        double score = 0;
        int is_there, is_predicted;
        TRY(find(multilabel, prediction->pairs[2 * i], &tally, err));
        TRY(number_real(prediction->pairs[2 * i + 1], &score, err));
        is_there = tally->row == multilabel->scored;
        if (is_there && !tally->known)
            continue;
        is_predicted = score >= multilabel->threshold;
        tally->metrics.predicted += (uint64_t)is_predicted;
        tally->metrics.right += (uint64_t)(is_predicted && is_there);
        predicted += (uint64_t)is_predicted;
        right += (uint64_t)(is_predicted && is_there);
        TRY(ranking_add(&tally->ranking, score, is_there, err));
    }
    multilabel->exact += right == predicted && right == labels;
    return STATUS_OK;
}

int multilabel_likely(const struct prediction *prediction)
{
    const char *set = prediction->label;
    struct label_name name;
    size_t names = 0, at = 0;
    while (label_set_next(set, &at, &name, NULL) == STATUS_OK) {
        size_t i = 0;
        while (i < prediction->count &&
               (strlen(prediction->pairs[2 * i]) != name.length ||
                memcmp(prediction->pairs[2 * i], name.text, name.length) != 0))
            i++;
        if (i == prediction->count)
            return 0;
        names++;
    }
    return names > 1;
}

static void fill_ratios(struct class_metrics *metrics)
{
    metrics->precision = metrics_ratio(metrics->right, metrics->predicted);
    metrics->recall = metrics_ratio(metrics->right, metrics->support);
    metrics->f1 = metrics_ratio(2 * metrics->right, metrics->predicted + metrics->support);
}

static double defined(double value)
{
    return isnan(value) ? 0 : value;
}

static void add_to_macro(struct label_scores *macro, const struct label_scores *one, size_t labels)
{
    macro->metrics.precision += defined(one->metrics.precision) / (double)labels;
    macro->metrics.recall += defined(one->metrics.recall) / (double)labels;
    macro->metrics.f1 += defined(one->metrics.f1) / (double)labels;
    macro->ranking.average_precision += defined(one->ranking.average_precision) / (double)labels;
}

enum status multilabel_scores(struct multilabel *multilabel, struct multilabel_scores *scores,
                              struct error *err)
{
    size_t labels = multilabel->labels.size;
    struct ranking all = {0};
    uint64_t rows = 0, rated = 0;
    double areas = 0;
    memset(scores, 0, sizeof *scores);
    scores->subset_accuracy = metrics_ratio(multilabel->exact, multilabel->scored);
    scores->order = counts_by_name(&multilabel->labels);
    scores->labels = memory_array(labels + 1, sizeof *scores->labels);
    if (!scores->order || !scores->labels)
        return error_memory(err);
    for (size_t i = 0; i < labels; i++) {
        struct label_tally *tally = &multilabel->tallies[scores->order[i]];
        struct label_scores *one = &scores->labels[i];
        uint64_t known = multilabel->scored - tally->unknown;
        one->metrics = tally->metrics;
        fill_ratios(&one->metrics);
        one->ranking = ranking_scores(&tally->ranking, known, one->metrics.support);
        rated += !isnan(one->ranking.auc);
        areas += defined(one->ranking.auc);
        add_to_macro(&scores->macro, one, labels);
        scores->micro.metrics.support += one->metrics.support;
        scores->micro.metrics.predicted += one->metrics.predicted;
        scores->micro.metrics.right += one->metrics.right;
        rows += known;
        if (ranking_join(&all, &tally->ranking, err) != STATUS_OK) {
            ranking_free(&all);
            return err->status;
        }
    }
    fill_ratios(&scores->micro.metrics);
    scores->micro.ranking = ranking_scores(&all, rows, scores->micro.metrics.support);
    scores->macro.ranking.auc = rated ? areas / (double)rated : (double)NAN;
    ranking_free(&all);
    return STATUS_OK;
}

void multilabel_scores_free(struct multilabel_scores *scores)
{
    free(scores->labels);
    free(scores->order);
}

void multilabel_free(struct multilabel *multilabel)
{
    for (size_t i = 0; i < multilabel->labels.size && i < multilabel->tally_count; i++)
        ranking_free(&multilabel->tallies[i].ranking);
    free(multilabel->tallies);
    counts_free(&multilabel->labels);
    memset(multilabel, 0, sizeof *multilabel);
}
