#include "stats/detection.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

/* Nothing more is kept. */
static void give_up(struct detection *detection, int state)
{
    ranking_free(&detection->rankings[0]);
    ranking_free(&detection->rankings[1]);
    detection->state = state;
}

static enum status add_one(struct detection *detection, size_t which, const char *name,
                           const struct prediction *prediction, struct error *err)
{
    int is_there = strcmp(prediction->label, name) == 0;
    double score = 0;
    size_t i = 0;
    while (i < prediction->count && strcmp(prediction->pairs[2 * i], name) != 0)
        i++;
    if (i == prediction->count) {
        give_up(detection, DETECTION_MISSING);
        return STATUS_OK;
    }
    detection->support[which] += (uint64_t)is_there;
    TRY(number_real(prediction->pairs[2 * i + 1], &score, err));
    return ranking_add(&detection->rankings[which], score, is_there, err);
}

static enum status take_names(struct detection *detection, const struct prediction *prediction,
                              struct error *err)
{
    size_t index;
    TRY(counts_index(&detection->names, prediction->label, &index, err));
    for (size_t i = 0; i < prediction->count && detection->names.size <= 2; i++)
        TRY(counts_index(&detection->names, prediction->pairs[2 * i], &index, err));
    if (detection->names.size > 2)
        give_up(detection, DETECTION_MANY);
    else if (prediction->count < 2 || detection->names.size < 2)
        give_up(detection, DETECTION_MISSING);
    return STATUS_OK;
}

enum status detection_add(struct detection *detection, const struct prediction *prediction,
                          struct error *err)
{
    detection->rows++;
    if (detection->positive)
        return detection->state == DETECTION_OPEN
                   ? add_one(detection, 0, detection->positive, prediction, err)
                   : STATUS_OK;
    if (detection->state != DETECTION_MANY) /* which a third class may still show */
        TRY(take_names(detection, prediction, err));
    for (size_t i = 0; i < 2 && detection->state == DETECTION_OPEN; i++)
        TRY(add_one(detection, i, detection->names.names[i], prediction, err));
    return STATUS_OK;
}

struct detection_scores detection_scores(struct detection *detection)
{
    struct detection_scores scores = {.rows = detection->rows,
                                      .missing = detection->state == DETECTION_MISSING,
                                      .scores = {(double)NAN, (double)NAN}};
    const struct counts *names = &detection->names;
    size_t which = 0;
    if (detection->positive) {
        scores.positive = detection->positive;
    } else if (detection->state != DETECTION_MANY && names->size == 2) {
        which = strcmp(names->names[0], names->names[1]) < 0;
        scores.positive = names->names[which];
    }
    if (!scores.positive || detection->rows == 0 || scores.missing)
        return scores;
    scores.support = detection->support[which];
    scores.ranking = &detection->rankings[which];
    scores.scores =
        ranking_scores(&detection->rankings[which], detection->rows, detection->support[which]);
    return scores;
}

void detection_free(struct detection *detection)
{
    counts_free(&detection->names);
    ranking_free(&detection->rankings[0]);
    ranking_free(&detection->rankings[1]);
    memset(detection, 0, sizeof *detection);
}
