#include "base/random.h"

#include <math.h>

uint64_t random_mix(uint64_t value)
{
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

void random_seed(struct random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        seed += UINT64_C(0x9e3779b97f4a7c15);
        random->state[i] = random_mix(seed);
    }
}

static uint64_t rotate(uint64_t value, int by)
{
    return value << by | value >> (64 - by);
}

uint64_t random_next(struct random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    uint64_t threshold = (0 - bound) % bound; /* 2^64 mod bound: below it the remainder is biased */
    uint64_t value;
    do
        value = random_next(random);
    while (value < threshold);
    return value % bound;
}

double random_uniform(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

double random_normal(struct random *random)
{
    const double two_pi = 6.283185307179586;
    double u = 1.0 - random_uniform(random); /* never 0 */
    return sqrt(-2.0 * log(u)) * cos(two_pi * random_uniform(random));
}

double random_gamma(struct random *random, double shape)
{
    /* Below 1: that of shape + 1, times U to the power of 1 / shape. */
    double boost = shape < 1 ? pow(1.0 - random_uniform(random), 1 / shape) : 1;
    double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = random_normal(random), v = 1 + c * x;
        double u = 1.0 - random_uniform(random); /* never 0 */
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(u) < x * x / 2 + d - d * v + d * log(v))
            return boost * d * v;
    }
}

double random_beta(struct random *random, double a, double b)
{
    double x = random_gamma(random, a), y = random_gamma(random, b);
    if (x + y > 0)
        return x / (x + y);
    return random_uniform(random) < a / (a + b); /* both too small for a double */
}
