/* The generator: the published sequence, so that runs repeat on every machine; and no bias. */
#include "base/random.h"
#include "tests/tap.h"

#include <math.h>

/* Mean and variance as the distributions' formulas say. */
static void check_beta(double a, double b)
{
    struct random random;
    double sum = 0, squares = 0, mean = a / (a + b);
    double variance = a * b / ((a + b) * (a + b) * (a + b + 1));
    int outside = 0, count = 20000;
    random_seed(&random, 3);
    for (int i = 0; i < count; i++) {
        double beta = random_beta(&random, a, b);
        outside += !(beta >= 0 && beta <= 1);
        sum += beta;
        squares += (beta - mean) * (beta - mean);
    }
    same_int(outside, 0, "0 <= beta <= 1");
    near(sum / count, mean, 5 * sqrt(variance / count), "mean of beta");
    near(squares / count / variance, 1, 0.05, "variance of beta");
}

static void check_gamma(double shape)
{
    struct random random;
    double sum = 0, squares = 0;
    int count = 20000;
    random_seed(&random, 5);
    for (int i = 0; i < count; i++) {
        double gamma = random_gamma(&random, shape);
        sum += gamma;
        squares += (gamma - shape) * (gamma - shape);
    }
    near(sum / count, shape, 5 * sqrt(shape / count), "mean of gamma: the shape");
    near(squares / count / shape, 1, 0.1, "and so is the variance");
}

int main(void)
{
    /* splitmix64 from 0: the first outputs of the reference implementation (Vigna). */
    static const uint64_t splitmix[3] = {UINT64_C(0xe220a8397b1dcdaf), UINT64_C(0x6e789e6aa1b965f4),
                                         UINT64_C(0x06c45d188009454f)};
    /* xoshiro256** from the state 1 2 3 4: likewise. */
    static const uint64_t xoshiro[4] = {UINT64_C(11520), UINT64_C(0), UINT64_C(1509978240),
                                        UINT64_C(1215971899390074240)};
    struct random random, again;
    double sum = 0, squares = 0;
    int counts[6] = {0}, outside = 0, other = 0;
    random_seed(&random, 0);
    for (int i = 0; i < 3; i++)
        ok(random.state[i] == splitmix[i], "splitmix64 number %d", i);
    random = (struct random){{1, 2, 3, 4}};
    for (int i = 0; i < 4; i++)
        ok(random_next(&random) == xoshiro[i], "xoshiro256** number %d", i);
    random_seed(&random, 7);
    random_seed(&again, 7);
    for (int i = 0; i < 60000; i++) {
        double uniform = random_uniform(&random), normal;
        outside += uniform < 0 || uniform >= 1;
        counts[random_below(&random, 6)]++;
        normal = random_normal(&random);
        sum += normal;
        squares += normal * normal;
        other += uniform != random_uniform(&again);
        random_below(&again, 6);
        random_normal(&again);
    }
    same_int(outside, 0, "0 <= uniform < 1");
    same_int(other, 0, "the same seed, the same numbers");
    for (int i = 0; i < 6; i++)
        near(counts[i], 10000, 450, "a die is fair (5 standard deviations)");
    near(sum / 60000, 0, 0.021, "normal: mean");
    near(squares / 60000, 1, 0.03, "normal: variance");
    for (uint64_t bound = 1; bound < 5; bound++)
        ok(random_below(&random, bound) < bound, "below %d", (int)bound);
    ok(random_below(&random, UINT64_MAX) < UINT64_MAX, "below 2^64-1");
    check_gamma(0.3);
    check_gamma(1);
    check_gamma(7.5);
    check_beta(0.2, 0.2);
    check_beta(1, 1);
    check_beta(2, 5);
    check_beta(1e-3, 1e-3); /* 0 or 1, nearly always: no share of 0/0 */
    return tap_done();
}
