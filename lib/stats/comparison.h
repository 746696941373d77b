/* stats/comparison: two models over the same items: where they agree, where not, and whether one is
 * better than by chance.
 *
 * Rows of the first are kept, about 100 bytes each and the keys; those of the second are joined to
 * them by key. What counts of a row is its first class. Cohen's kappa is the agreement beyond that
 * of chance (Cohen, Educational and Psychological Measurement 20, 1960). McNemar's test asks
 * whether the rows that only one of the two has right are more on one side than a fair coin would
 * have them (McNemar, Psychometrika 12, 1947; the exact, two-sided form).
 */
#ifndef STATS_COMPARISON_H
#define STATS_COMPARISON_H

#include "stats/counts.h"
#include "stats/interval.h"
#include "stats/page.h"
#include "stats/prediction.h"

enum { COMPARISON_FIRST, COMPARISON_SECOND, COMPARISON_SIDES };

struct comparison_row {
    uint32_t label;                     /* of `names`; "" where unknown */
    uint32_t classes[COMPARISON_SIDES]; /* first classes, of `names` */
    double confidence[COMPARISON_SIDES];
    unsigned char seen[COMPARISON_SIDES];
    unsigned char failed[COMPARISON_SIDES];
};

struct comparison {
    struct counts keys;  /* of the first table, in its order */
    struct buffer rows;  /* struct comparison_row [keys.size] */
    struct counts names; /* labels and classes */
    uint64_t read[COMPARISON_SIDES], alone[COMPARISON_SIDES]; /* alone: keys of one table only */
    uint64_t repeated[COMPARISON_SIDES]; /* rows whose key had come before; the first counts */
    uint64_t relabelled;                 /* rows whose labels differ; that of the first counts */
};

/* Zero-initialise (= {0}) to start. First all rows of COMPARISON_FIRST, then all of the other. The
 * prediction is copied. STATUS_SYSTEM when memory is short. */
enum status comparison_add(struct comparison *comparison, int side,
                           const struct prediction *prediction, struct error *err);

struct comparison_scores {
    uint64_t both;                     /* rows of both tables that did not fail in either */
    uint64_t failed[COMPARISON_SIDES]; /* of the rows in both tables */
    uint64_t agree;                    /* of both: the same class */
    struct interval agreement;
    double kappa;                     /* NAN: there is only one class */
    uint64_t scored;                  /* of both: with a label */
    uint64_t right[COMPARISON_SIDES]; /* of scored; both_right included */
    uint64_t both_right, neither;
    double mcnemar;        /* the probability of so much by chance; NAN when nothing is scored */
    size_t *disagreements; /* [disagreement_count]: rows, by falling lower confidence */
    size_t disagreement_count;
};
/* To be called once all rows are in. Freed with comparison_scores_free. */
enum status comparison_scores(struct comparison *comparison, struct comparison_scores *scores,
                              struct error *err);
void comparison_scores_free(struct comparison_scores *scores);
/* The row of keys.names[place]. */
const struct comparison_row *comparison_row(const struct comparison *comparison, size_t place);
/* The lower of both confidences: how sure both are. */
double comparison_sureness(const struct comparison_row *row);
/* Two-sided, of `a` against `b`; 1 when both are 0. */
double comparison_mcnemar(uint64_t a, uint64_t b);

/* Appends the report to `out`. In text, the `pairs` surest disagreements; else all. names: of the
 * two models. */
enum status comparison_write(struct comparison *comparison, enum page_format format, size_t pairs,
                             const char *const names[COMPARISON_SIDES], struct buffer *out,
                             struct error *err);
void comparison_free(struct comparison *comparison);

#endif
