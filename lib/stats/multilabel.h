/* stats/multilabel: how good predictions are where an item may have any number of labels
 * (stream/label_set.h) and each class is an answer for itself.
 *
 * A class is predicted where its probability is at or above the threshold; a class that a row does
 * not hold has the probability 0. Precision, recall and F1 of each label follow (stats/metrics.h),
 * and its average precision and the area under its ROC curve, which need no threshold
 * (stats/ranking.h). Micro averages count all pairs of row and label as one label's; macro averages
 * are means over the labels, in which a value that does not exist is 0, but for the area, which is
 * the mean of those that exist. Rows of failed items and rows without a label are counted and take
 * no part.
 *
 * Every probability is kept, since they are needed in order: 16 bytes each.
 */
#ifndef STATS_MULTILABEL_H
#define STATS_MULTILABEL_H

#include "stats/counts.h"
#include "stats/metrics.h"
#include "stats/page.h"
#include "stats/prediction.h"
#include "stats/ranking.h"

struct multilabel {
    double threshold;
    uint64_t rows; /* = scored + errors + unlabelled */
    uint64_t scored, errors, unlabelled;
    uint64_t malformed;   /* lines that are no row: counted by the caller */
    uint64_t exact;       /* scored rows whose predicted labels are all and only its own */
    struct counts labels; /* of the rows' labels and classes; its counts are not used */
    /* Private. */
    struct label_tally *tallies; /* [tally_count], as labels has them */
    size_t tally_count;
};

/* Set the threshold, zero-initialise the rest. STATUS_DAMAGED: the row's label is no set. */
enum status multilabel_add(struct multilabel *multilabel, const struct prediction *prediction,
                           struct error *err);
/* Is the row's label clearly a set: several names, each of which is a class of the row? */
int multilabel_likely(const struct prediction *prediction);

struct label_scores {
    struct class_metrics metrics;
    struct ranking_scores ranking;
};

struct multilabel_scores {
    double subset_accuracy;      /* NAN when nothing was scored */
    struct label_scores *labels; /* [labels.size], in the order of `order` */
    struct label_scores micro;   /* all pairs of row and label together */
    struct label_scores macro;   /* its metrics hold ratios alone */
    size_t *order;               /* [labels.size]: indices by name */
};
/* Sorts what was kept. Freed with multilabel_scores_free. STATUS_SYSTEM when memory is short. */
enum status multilabel_scores(struct multilabel *multilabel, struct multilabel_scores *scores,
                              struct error *err);
void multilabel_scores_free(struct multilabel_scores *scores);

/* Appends the report to `out`. */
enum status multilabel_write(struct multilabel *multilabel, enum page_format format,
                             struct buffer *out, struct error *err);
void multilabel_free(struct multilabel *multilabel);

#endif
