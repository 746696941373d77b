/* stats/evaluation: how good predictions are: accuracy, the scores of each class, what is mistaken
 * for what, how true the probabilities are.
 *
 * Rows are added one by one; memory grows with the number of classes and of pairs of classes that
 * were mistaken for each other, not with the number of rows, unless one class is looked at by
 * itself (stats/detection.h). Rows of failed items and rows without a label are counted and take no
 * part in the scores.
 */
#ifndef STATS_EVALUATION_H
#define STATS_EVALUATION_H

#include "stats/calibration.h"
#include "stats/counts.h"
#include "stats/detection.h"
#include "stats/interval.h"
#include "stats/metrics.h"
#include "stats/page.h"
#include "stats/prediction.h"

enum {
    EVALUATION_TOP = 5
}; /* the field's second score: is the label among the first five classes? */

struct evaluation {
    uint64_t rows; /* = scored + errors + unlabelled */
    uint64_t scored, errors, unlabelled;
    uint64_t malformed;  /* lines that are no row: counted by the caller */
    uint64_t top1, top5; /* scored rows whose label is the first class, or among the first five */
    size_t least, most;  /* classes that a scored row holds */
    struct counts
        classes; /* the labels and first classes of scored rows; its counts are not used */
    struct confusion confusion;     /* of indices into classes */
    struct calibration calibration; /* of the first classes */
    struct detection detection;     /* of two classes, or of the one that the caller has set */
};

/* Zero-initialise (= {0}) to start. detection.positive may be set. */
enum status evaluation_add(struct evaluation *evaluation, const struct prediction *prediction,
                           struct error *err);

/* What follows from the counts. */
struct scores {
    double top1, top5; /* NAN when nothing was scored */
    struct interval top1_interval, top5_interval;
    struct calibration_errors calibration;
    struct detection_scores detection;
    struct class_metrics *metrics; /* [classes.size] */
    struct macro_metrics macro;
    size_t *order;                   /* [classes.size]: indices by name */
    size_t *rank;                    /* [classes.size]: the place of each index in order */
    struct confusion_cell *mistakes; /* [mistake_count], the most frequent first */
    size_t mistake_count;
};
/* Freed with scores_free. STATUS_SYSTEM when memory is short. */
enum status evaluation_scores(struct evaluation *evaluation, struct scores *scores,
                              struct error *err);
void scores_free(struct scores *scores);

/* Appends the report to `out`. In text, more than EVALUATION_MATRIX classes are shown by the
 * `pairs` most frequent mistakes and the `pairs` classes of lowest F1; the other formats hold
 * everything. */
enum { EVALUATION_MATRIX = 25, EVALUATION_PAIRS = 20 };
enum status evaluation_write(struct evaluation *evaluation, enum page_format format, size_t pairs,
                             struct buffer *out, struct error *err);
void evaluation_free(struct evaluation *evaluation);

#endif
