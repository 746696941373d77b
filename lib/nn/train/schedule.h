/* nn/train/schedule: how the learning rate changes from step to step. */
#ifndef NN_TRAIN_SCHEDULE_H
#define NN_TRAIN_SCHEDULE_H

#include <stddef.h>

/* constant: rate. step: rate, a tenth from half of the steps on, a hundredth from three quarters
 * on. cosine: from rate towards final_rate along half a cosine (Loshchilov & Hutter, SGDR, 2017).
 * These three rise linearly to rate during the first `warmup` steps, which the cosine does not
 * count.
 * one-cycle (Smith & Topin 2018), with PyTorch's OneCycleLR's two halves of cosines: from rate / 25
 * to rate during the first `warmup` steps, or 30 % of all when it is 0, then down to final_rate,
 * which the last step has. */
enum schedule_kind {
    SCHEDULE_CONSTANT,
    SCHEDULE_STEP,
    SCHEDULE_COSINE,
    SCHEDULE_ONE_CYCLE,
    SCHEDULE_TYPES
};

struct schedule {
    enum schedule_kind kind;
    double rate, final_rate;
    size_t steps, warmup;
};

const char *schedule_name(enum schedule_kind kind); /* "one-cycle" */
/* The learning rate of step 0 .. steps - 1. */
float schedule_rate(const struct schedule *schedule, size_t step);

#endif
