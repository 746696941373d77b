/* stats/ranking: how well a score tells the rows that have something from those that have not,
 * whatever threshold one would choose.
 *
 * With the rows ordered by falling score: the average precision is the sum over the different
 * scores of (recall there - recall before) * precision there; the area under the ROC curve is the
 * share of pairs of a row that has it and one that has not in which the first has the larger score,
 * equal scores counting half (Mann and Whitney, Annals of Mathematical Statistics 18, 1947; Hanley
 * and McNeil, Radiology 143, 1982). Both as scikit-learn has them (average_precision_score,
 * roc_auc_score).
 *
 * Rows of which no score is known count as rows of the score 0. Every score is kept: 16 bytes each.
 */
#ifndef STATS_RANKING_H
#define STATS_RANKING_H

#include "base/memory.h"

#include <stdint.h>

struct ranking {
    struct buffer entries; /* private: struct ranking_entry */
};

/* Zero-initialise (= {0}) to start. `score`: 0 to 1. STATUS_SYSTEM when memory is short. */
enum status ranking_add(struct ranking *ranking, double score, int is_there, struct error *err);
enum status ranking_join(struct ranking *ranking, const struct ranking *more, struct error *err);

struct ranking_scores {
    double average_precision; /* NAN: no row has it */
    double auc;               /* NAN: no row has it, or all have */
};
/* Of `rows` rows `support` have it. Sorts what was kept. */
struct ranking_scores ranking_scores(struct ranking *ranking, uint64_t rows, uint64_t support);

/* A point of the ROC curve: of the rows that have not and of those that have it, the shares with
 * the score `threshold` or more. */
struct ranking_point {
    double false_positives, true_positives, threshold;
};
/* Of a ranking that holds all rows and was sorted by ranking_scores: (0, 0) first, (1, 1) last, and
 * about `room` points at most in between. Returns how many; 0 when there is no curve. `points` has
 * room for `room` + 2. */
size_t ranking_curve(const struct ranking *ranking, struct ranking_point *points, size_t room);
void ranking_free(struct ranking *ranking);

#endif
