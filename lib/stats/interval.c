#include "stats/interval.h"

#include <math.h>

#define Z 1.959963984540054 /* the normal distribution holds 95 % within so many sigma */

struct interval interval_wilson(uint64_t count, uint64_t total)
{
    double n = (double)total, rate = (double)count / n;
    double middle = (rate + Z * Z / (2 * n)) / (1 + Z * Z / n);
    double half = Z / (1 + Z * Z / n) * sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n));
    if (total == 0)
        return (struct interval){(double)NAN, (double)NAN};
    return (struct interval){count ? middle - half : 0, count < total ? middle + half : 1};
}
