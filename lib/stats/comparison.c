#include "stats/comparison.h"

#include "base/number.h"
#include "stats/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct comparison_row *row_at(const struct comparison *comparison, size_t place)
{
    return (struct comparison_row *)comparison->rows.data + place;
}

const struct comparison_row *comparison_row(const struct comparison *comparison, size_t place)
{
    return row_at(comparison, place);
}

double comparison_sureness(const struct comparison_row *row)
{
    return fmin(row->confidence[COMPARISON_FIRST], row->confidence[COMPARISON_SECOND]);
}

static enum status name_index(struct comparison *comparison, const char *name, uint32_t *index,
                              struct error *err)
{
    size_t found;
    TRY(counts_index(&comparison->names, name, &found, err));
    *index = (uint32_t)found;
    return STATUS_OK;
}

/* The row of the key; *row is NULL where the second table has a key that the first has not. */
static enum status find_row(struct comparison *comparison, int side, const char *key,
                            struct comparison_row **row, struct error *err)
{
    struct comparison_row blank = {0};
    size_t place;
    *row = NULL;
    if (counts_find(&comparison->keys, key, &place)) {
        *row = row_at(comparison, place);
        return STATUS_OK;
    }
    if (side == COMPARISON_SECOND)
        return STATUS_OK;
    TRY(buffer_append(&comparison->rows, &blank, sizeof blank, err));
    TRY(counts_index(&comparison->keys, key, &place, err));
    *row = row_at(comparison, place);
    return STATUS_OK;
}

enum status comparison_add(struct comparison *comparison, int side,
                           const struct prediction *prediction, struct error *err)
{
    struct comparison_row *row;
    uint32_t label;
    comparison->read[side]++;
    TRY(find_row(comparison, side, prediction->key, &row, err));
    if (!row) {
        comparison->alone[side]++;
        return STATUS_OK;
    }
    if (row->seen[side]) {
        comparison->repeated[side]++;
        return STATUS_OK;
    }
    TRY(name_index(comparison, prediction->label, &label, err));
    if (side == COMPARISON_FIRST)
        row->label = label;
    comparison->relabelled += label != row->label;
    row->failed[side] = prediction->reason != NULL;
    if (!prediction->reason) {
        TRY(name_index(comparison, prediction->pairs[0], &row->classes[side], err));
        TRY(number_real(prediction->pairs[1], &row->confidence[side], err));
    }
    row->seen[side] = 1;
    return STATUS_OK;
}

double comparison_mcnemar(uint64_t a, uint64_t b)
{
    uint64_t least = a < b ? a : b, n = a + b;
    double sum = 0;
    for (uint64_t i = 0; i <= least; i++) /* n over i times 2^-n */
        sum += exp(lgamma((double)n + 1) - lgamma((double)i + 1) - lgamma((double)(n - i) + 1) -
                   (double)n * log(2));
    return fmin(2 * sum, 1);
}

/* What both models were asked and answered. */
static int is_compared(const struct comparison_row *row)
{
    return row->seen[COMPARISON_SECOND] && !row->failed[COMPARISON_FIRST] &&
           !row->failed[COMPARISON_SECOND];
}

static void tally(const struct comparison *comparison, const struct comparison_row *row,
                  struct comparison_scores *scores)
{
    int first = row->classes[COMPARISON_FIRST] == row->label,
        second = row->classes[COMPARISON_SECOND] == row->label;
    for (int side = 0; side < COMPARISON_SIDES && row->seen[COMPARISON_SECOND]; side++)
        scores->failed[side] += row->failed[side];
    if (!is_compared(row))
        return;
    scores->both++;
    scores->agree += row->classes[COMPARISON_FIRST] == row->classes[COMPARISON_SECOND];
    if (!*comparison->names.names[row->label])
        return;
    scores->scored++;
    scores->right[COMPARISON_FIRST] += (uint64_t)first;
    scores->right[COMPARISON_SECOND] += (uint64_t)second;
    scores->both_right += (uint64_t)(first && second);
    scores->neither += (uint64_t)(!first && !second);
}

/* Agreement by chance: how often each model says each class. */
static enum status count_kappa(const struct comparison *comparison,
                               struct comparison_scores *scores, struct error *err)
{
    size_t names = comparison->names.size;
    uint64_t(*said)[COMPARISON_SIDES] = memory_array(names + 1, sizeof *said);
    double both = (double)scores->both, chance = 0;
    if (!said)
        return error_memory(err);
    for (size_t i = 0; i < comparison->keys.size; i++) {
        const struct comparison_row *row = row_at(comparison, i);
        for (int side = 0; side < COMPARISON_SIDES && is_compared(row); side++)
            said[row->classes[side]][side]++;
    }
    for (size_t i = 0; i < names; i++)
        chance += (double)said[i][0] / both * ((double)said[i][1] / both);
    free(said);
    scores->kappa =
        chance < 1 ? ((double)scores->agree / both - chance) / (1 - chance) : (double)NAN;
    return STATUS_OK;
}

/* What is sorted: qsort has no context of its own. */
struct sure {
    double sureness;
    size_t place;
};

static int compare_sure(const void *left, const void *right)
{
    const struct sure *a = left, *b = right;
    if (a->sureness < b->sureness || a->sureness > b->sureness)
        return a->sureness > b->sureness ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static enum status sort_disagreements(const struct comparison *comparison,
                                      struct comparison_scores *scores, struct error *err)
{
    size_t room = (size_t)(scores->both - scores->agree), count = 0;
    struct sure *sure = memory_array(room, sizeof *sure);
    scores->disagreements = memory_array(room, sizeof *scores->disagreements);
    if (!sure || !scores->disagreements) {
        free(sure);
        return error_memory(err);
    }
    for (size_t i = 0; i < comparison->keys.size && count < room; i++) {
        const struct comparison_row *row = row_at(comparison, i);
        if (is_compared(row) && row->classes[COMPARISON_FIRST] != row->classes[COMPARISON_SECOND])
            sure[count++] = (struct sure){comparison_sureness(row), i};
    }
    qsort(sure, count, sizeof *sure, compare_sure);
    for (size_t i = 0; i < count; i++)
        scores->disagreements[i] = sure[i].place;
    scores->disagreement_count = count;
    free(sure);
    return STATUS_OK;
}

enum status comparison_scores(struct comparison *comparison, struct comparison_scores *scores,
                              struct error *err)
{
    enum status status;
    memset(scores, 0, sizeof *scores);
    comparison->alone[COMPARISON_FIRST] = 0;
    for (size_t i = 0; i < comparison->keys.size; i++) {
        const struct comparison_row *row = row_at(comparison, i);
        comparison->alone[COMPARISON_FIRST] += !row->seen[COMPARISON_SECOND];
        tally(comparison, row, scores);
    }
    scores->agreement = interval_wilson(scores->agree, scores->both);
    scores->mcnemar =
        scores->scored ? comparison_mcnemar(scores->right[COMPARISON_FIRST] - scores->both_right,
                                            scores->right[COMPARISON_SECOND] - scores->both_right)
                       : (double)NAN;
    status = count_kappa(comparison, scores, err);
    if (status == STATUS_OK)
        status = sort_disagreements(comparison, scores, err);
    if (status != STATUS_OK)
        comparison_scores_free(scores);
    return status;
}

void comparison_scores_free(struct comparison_scores *scores)
{
    free(scores->disagreements);
    scores->disagreements = NULL;
}

void comparison_free(struct comparison *comparison)
{
    counts_free(&comparison->keys);
    counts_free(&comparison->names);
    buffer_free(&comparison->rows);
    memset(comparison, 0, sizeof *comparison);
}
