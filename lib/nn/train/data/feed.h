/* nn/train/data/feed: a data set as batches: shuffled anew each epoch, and changed by whatever the
 * caller has for it. Order and changes depend on the seed, the epoch and the sample alone. */
#ifndef NN_TRAIN_DATA_FEED_H
#define NN_TRAIN_DATA_FEED_H

#include "nn/train/data/dataset.h"

struct feed_options {
    uint64_t seed;
    int workers;
    size_t classes; /* labels of the training set: elements of a target */
    int shuffle;
    struct dims dims; /* of the pictures that come out: the data set's, unless they are changed */
    /* Makes `to`, a picture for the network, of `from`, one of the data set's, which it may spoil.
     * The same seed, the same change. Called from several threads. NULL: pictures stay as they are.
     */
    void (*change)(const void *context, uint64_t seed, float *from, float *to);
    const void *context;
    double mixup, cutmix; /* alpha: each picture is mixed with another of the set,
                             nn/train/data/mix; 0: not */
};

struct feed;
/* The data set must outlive the feed. */
enum status feed_new(const struct dataset *dataset, const struct feed_options *options,
                     struct feed **feed, struct error *err);
/* The order of epoch 0, 1 ...: not while a batch is being loaded. */
void feed_epoch(struct feed *feed, uint64_t epoch);
struct batch_source feed_source(struct feed *feed);
void feed_free(struct feed *feed);

#endif
