#include "nn/train/train.h"

#include <math.h>

static const char *const names[SCHEDULE_TYPES] = {"constant", "step", "cosine"};

const char *schedule_name(enum schedule schedule)
{
    return names[schedule];
}

float schedule_rate(enum schedule schedule, float rate, size_t step, size_t steps, size_t warmup)
{
    const double pi = 3.141592653589793;
    double done = steps > 0 ? (double)step / (double)steps : 0;
    if (step < warmup)
        return rate * (float)(step + 1) / (float)(warmup + 1);
    switch (schedule) {
    case SCHEDULE_STEP:
        return rate * (done < 0.5 ? 1.0f : done < 0.75 ? 0.1f : 0.01f);
    case SCHEDULE_COSINE:
        return (float)((double)rate * 0.5 * (1 + cos(pi * done)));
    default:
        return rate;
    }
}
