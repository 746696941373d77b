/* stats/spread: smallest, middle and largest of many whole numbers, in constant memory.
 *
 * The median comes from a histogram whose buckets have the width 1 up to 2048 and then grow with
 * the value (1024 buckets for each doubling, as in HdrHistogram, Tene 2012): exact below 2048,
 * within 0.1 % above.
 */
#ifndef STATS_SPREAD_H
#define STATS_SPREAD_H

#include "base/error.h"

#include <stdint.h>

struct spread {
    uint64_t count, least, most;
    uint64_t *buckets; /* NULL until the first number */
};

/* Zero-initialise (= {0}) to start. STATUS_SYSTEM when memory is short. */
enum status spread_add(struct spread *spread, uint64_t value, struct error *err);
/* The number that at least half of the numbers do not exceed (of an even count, the lower of the
 * two in the middle); 0 when there is none. */
uint64_t spread_median(const struct spread *spread);
void spread_free(struct spread *spread);

#endif
