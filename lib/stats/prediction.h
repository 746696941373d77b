/* stats/prediction: one row of a table of predictions, checked.
 *
 * A row is: key, label, class, probability[, class, probability ...], the most probable class
 * first. The label is empty where it is unknown. An item that failed has the class "!error", and
 * the reason in the next column.
 */
#ifndef STATS_PREDICTION_H
#define STATS_PREDICTION_H

#include "base/error.h"

#include <stddef.h>

#define PREDICTION_ERROR "!error"

struct prediction {
    const char *key;
    const char *label;  /* "" where unknown */
    const char *reason; /* why the item failed; NULL for one that was classified */
    size_t count;       /* classes; 0 for an item that failed */
    char *const *pairs; /* class i is pairs[2 * i], its probability the text pairs[2 * i + 1] */
};

/* Is the row the heading that `imgclassify --header` writes? */
int prediction_is_header(char *const *fields, size_t count);
/* Borrows the fields. STATUS_DAMAGED says what is wrong with the row: too few columns, a class
 * without its probability, a probability that is no number from 0 to 1 or is larger than the one
 * before it. */
enum status prediction_parse(char *const *fields, size_t count, struct prediction *prediction,
                             struct error *err);
/* The place of the label among the classes, from 0; count when it is not among them. */
size_t prediction_rank(const struct prediction *prediction);

#endif
