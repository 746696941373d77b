/* stats/metrics: what a confusion matrix says of each class, and of all.
 *
 * precision = right / predicted, recall = right / support, F1 = 2 right / (predicted + support),
 * the harmonic mean of the two (van Rijsbergen, Information Retrieval, 1979). A ratio with nothing
 * below the line is NAN: the precision of a class that was never predicted, the recall of one that
 * is no row's label.
 */
#ifndef STATS_METRICS_H
#define STATS_METRICS_H

#include "stats/confusion.h"

struct class_metrics {
    uint64_t support;   /* rows with this label */
    uint64_t predicted; /* rows for which this class came first */
    uint64_t right;     /* both */
    double precision, recall, f1;
};

/* Means over the classes that occur as label or as prediction; NAN counts as 0 (as scikit-learn
 * does). */
struct macro_metrics {
    size_t classes;
    double precision, recall, f1; /* NAN when there is no class */
};

/* Fills metrics[0..classes); every index in the matrix is below `classes`. */
void metrics_of_classes(const struct confusion *confusion, size_t classes,
                        struct class_metrics *metrics);
/* The same for who counts by himself: precision, recall and F1 of support, predicted and right. */
void metrics_rates(struct class_metrics *metrics, size_t classes);
struct macro_metrics metrics_macro(const struct class_metrics *metrics, size_t classes);
/* a / b, NAN when b is 0. */
double metrics_ratio(uint64_t a, uint64_t b);

#endif
