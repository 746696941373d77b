/* nn/train/data/shuffle: the order in which what arrives is learned: a bounded buffer from which
 * batches are drawn at random.
 *
 * It knows places only, such as those of dataset_places: a place waits (it has arrived and is
 * predicted), is in the buffer, or is free. What is drawn leaves the buffer when it has been
 * learned from `passes` times. What comes out depends on the seed and on the order of arrival
 * alone.
 */
#ifndef NN_TRAIN_DATA_SHUFFLE_H
#define NN_TRAIN_DATA_SHUFFLE_H

#include "base/error.h"
#include "base/random.h"

#include <stddef.h>

struct shuffle {
    size_t places;
    size_t *order;         /* a permutation of the places: those in the buffer, waiting, free */
    size_t level, waiting; /* how many are in the buffer, and wait */
    int passes;
    unsigned char *left; /* by place: how often it is still to be learned from */
    struct random random;
};

enum { SHUFFLE_PASSES_MAX = 255 };

enum status shuffle_new(size_t places, int passes, uint64_t seed, struct shuffle *shuffle,
                        struct error *err);
/* A free place: what arrives can be put there, and shuffle_arrive makes it wait. */
size_t shuffle_free_place(const struct shuffle *shuffle);
void shuffle_arrive(struct shuffle *shuffle);
/* The one that has waited longest comes into the buffer. */
void shuffle_admit(struct shuffle *shuffle);
/* The places order[0] ... order[count - 1] are a random choice, count <= level. */
void shuffle_draw(struct shuffle *shuffle, size_t count);
/* These have been learned from. */
void shuffle_learned(struct shuffle *shuffle, size_t count);
void shuffle_free(struct shuffle *shuffle);

#endif
