/* nn/train/samples: vectors of features with their classes, to be gone through again and again. */
#ifndef NN_TRAIN_SAMPLES_H
#define NN_TRAIN_SAMPLES_H

#include "base/error.h"

#include <stddef.h>

struct samples {
    size_t count;
    size_t length; /* features of each */
    size_t block;  /* at most so many are fetched at once */
    /* row[i] is sample first + i, i < count; good until the worker's next call. Called from several
     * threads, each with its own `worker`. */
    enum status (*fetch)(void *context, int worker, size_t first, size_t count, const float **row,
                         struct error *err);
    int (*class)(void *context, size_t sample);
    void *context;
};

#endif
