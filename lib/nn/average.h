/* nn/average: one model out of several that learned the same network from different samples.
 *
 * Each float constant becomes the mean of the models' ones, weighted by how many samples each has
 * learned from (metadata imgutils.samples): weights, and the running values of BatchNormalization.
 * With local steps in between this is federated averaging (McMahan et al., "Communication-efficient
 * learning of deep networks from decentralized data", 2017).
 */
#ifndef NN_AVERAGE_H
#define NN_AVERAGE_H

#include "nn/model.h"

struct average_part {
    struct model *model;
    const char *name; /* for messages */
    int64_t samples;  /* set by models_average: since they parted; -1: the model does not say */
};

/* The mean goes into the model of parts[0], count > 0, after the parts have been sorted by what is
 * in them: so the result is the same, bit for bit, in whatever order they come. Sums are f64. The
 * first `before` samples of each are those of the model that all went on from: they weigh nothing,
 * and count once. The result has learned from these and from the samples of all together. When one
 * does not say how many, or nobody has learned from any, all weigh the same; *weighted is 0 when
 * one does not say it.
 * STATUS_USAGE names what differs between two models besides weights: graph, labels, recipe,
 * constants that are integers; or one that has learned from less than `before`. */
enum status models_average(struct average_part *parts, size_t count, int64_t before, int *weighted,
                           struct error *err);

#endif
