/* stats/detection: how well the probability of one class tells its rows from the others: of two
 * classes, or of one against the rest (stats/ranking.h).
 *
 * Nothing is known when a row does not hold the class's probability, and nothing is asked when
 * there are more than two classes and nobody named one: then nothing is kept.
 */
#ifndef STATS_DETECTION_H
#define STATS_DETECTION_H

#include "stats/counts.h"
#include "stats/prediction.h"
#include "stats/ranking.h"

struct detection {
    const char *positive; /* the class; NULL: the second by name, where there are two */
    /* Private. */
    enum { DETECTION_OPEN, DETECTION_MANY, DETECTION_MISSING } state;
    struct counts names;        /* of all classes and labels, while there are two at most */
    struct ranking rankings[2]; /* by name, or the first alone: of `positive` */
    uint64_t rows, support[2];
};

/* Set positive, which is borrowed, zero-initialise the rest. The row has a label and a class. */
enum status detection_add(struct detection *detection, const struct prediction *prediction,
                          struct error *err);

struct detection_scores {
    const char *positive; /* NULL: it is not asked which, or there is no row */
    int missing;          /* some rows do not hold its probability, so that there are no scores */
    uint64_t rows, support;
    struct ranking_scores scores; /* NAN where there are none */
    const struct ranking *ranking;
};
struct detection_scores detection_scores(struct detection *detection);
void detection_free(struct detection *detection);

#endif
