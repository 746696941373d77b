#include "stats/prediction.h"

#include "base/number.h"

#include <string.h>

/* Key, label and class come before the first probability. */
enum { COLUMN_KEY, COLUMN_LABEL, COLUMN_CLASS, COLUMN_PROBABILITY, COLUMNS_LEAST };

/* A softmax summed in f32 and rounded to decimals may end a hair above 1. */
#define PROBABILITY_MAX 1.000001

int prediction_is_header(char *const *fields, size_t count)
{
    double number;
    return count >= COLUMNS_LEAST && strcmp(fields[COLUMN_KEY], "key") == 0 &&
           strcmp(fields[COLUMN_LABEL], "label") == 0 &&
           number_real(fields[COLUMN_PROBABILITY], &number, NULL) != STATUS_OK &&
           strcmp(fields[COLUMN_CLASS], PREDICTION_ERROR) != 0;
}

static enum status check_probabilities(const struct prediction *prediction, struct error *err)
{
    double before = PROBABILITY_MAX;
    for (size_t i = 0; i < prediction->count; i++) {
        const char *name = prediction->pairs[2 * i], *text = prediction->pairs[2 * i + 1];
        double probability = 0;
        if (!*name)
            return error_set(err, STATUS_DAMAGED, "column %zu, a class, is empty",
                             COLUMN_CLASS + 2 * i + 1);
        if (number_real(text, &probability, NULL) != STATUS_OK || probability < 0 ||
            probability > PROBABILITY_MAX)
            return error_set(err, STATUS_DAMAGED,
                             "'%.64s' in column %zu is not a probability from 0 to 1", text,
                             COLUMN_PROBABILITY + 2 * i + 1);
        if (probability > before)
            return error_set(err, STATUS_DAMAGED,
                             "the probability %.64s in column %zu is larger than the one before "
                             "it: the most probable "
                             "class comes first",
                             text, COLUMN_PROBABILITY + 2 * i + 1);
        before = probability;
    }
    return STATUS_OK;
}

enum status prediction_parse(char *const *fields, size_t count, struct prediction *prediction,
                             struct error *err)
{
    memset(prediction, 0, sizeof *prediction);
    if (count < COLUMNS_LEAST)
        return error_set(
            err, STATUS_DAMAGED,
            "the row has %zu column%s, expected at least 4: key, label, class, probability", count,
            count == 1 ? "" : "s");
    prediction->key = fields[COLUMN_KEY];
    prediction->label = fields[COLUMN_LABEL];
    if (strcmp(fields[COLUMN_CLASS], PREDICTION_ERROR) == 0) {
        prediction->reason = fields[COLUMN_PROBABILITY];
        return STATUS_OK;
    }
    if (count % 2)
        return error_set(err, STATUS_DAMAGED,
                         "the row has %zu columns: the last class has no probability", count);
    prediction->count = (count - COLUMN_CLASS) / 2;
    prediction->pairs = fields + COLUMN_CLASS;
    return check_probabilities(prediction, err);
}

size_t prediction_rank(const struct prediction *prediction)
{
    size_t i = 0;
    while (i < prediction->count && strcmp(prediction->pairs[2 * i], prediction->label) != 0)
        i++;
    return i;
}
