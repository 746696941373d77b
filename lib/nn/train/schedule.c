#include "nn/train/schedule.h"

#include <math.h>

enum { ONE_CYCLE_RISE = 25 }; /* the rate becomes so many times as large */

static const char *const names[SCHEDULE_TYPES] = {"constant", "step", "cosine", "one-cycle"};

const char *schedule_name(enum schedule_kind kind)
{
    return names[kind];
}

/* Half a cosine: `from` where done is 0, `to` where it is 1. */
static double anneal(double from, double to, double done)
{
    const double pi = 3.141592653589793;
    return to + (from - to) * 0.5 * (1 + cos(pi * done));
}

static double one_cycle(const struct schedule *schedule, double step)
{
    double top = schedule->warmup ? (double)schedule->warmup : 0.3 * (double)schedule->steps - 1;
    double last = (double)schedule->steps - 1, rate = schedule->rate;
    if (step < top)
        return anneal(rate / ONE_CYCLE_RISE, rate, step / top);
    return step < last ? anneal(rate, schedule->final_rate, (step - top) / (last - top))
                       : schedule->final_rate;
}

float schedule_rate(const struct schedule *schedule, size_t step)
{
    double rate = schedule->rate, done = (double)step / (double)schedule->steps;
    double rest = (double)schedule->steps - (double)schedule->warmup;
    if (schedule->kind == SCHEDULE_ONE_CYCLE)
        return (float)one_cycle(schedule, (double)step);
    if (step < schedule->warmup)
        return (float)(rate * (double)(step + 1) / (double)(schedule->warmup + 1));
    switch (schedule->kind) {
    case SCHEDULE_STEP:
        return (float)(rate * (done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01));
    case SCHEDULE_COSINE:
        return (float)anneal(rate, schedule->final_rate, (double)(step - schedule->warmup) / rest);
    default:
        return (float)rate;
    }
}
