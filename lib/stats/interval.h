/* stats/interval: how sure a rate is that was counted from few rows.
 *
 * The score interval of Wilson (Probable inference, the law of succession, and statistical
 * inference, JASA 22, 1927): unlike rate +- 2 sigma it stays within 0..1 and says something of
 * 0 and of n in n rows (Brown, Cai, DasGupta, Statistical Science 16, 2001).
 */
#ifndef STATS_INTERVAL_H
#define STATS_INTERVAL_H

#include <stdint.h>

struct interval {
    double low, high; /* NAN when nothing was counted */
};

/* The 95 % interval of `count` of `total`. */
struct interval interval_wilson(uint64_t count, uint64_t total);

#endif
