/* base/random: a seeded generator that gives the same numbers on every machine.
 * Method: xoshiro256** seeded by splitmix64 (Blackman & Vigna, "Scrambled linear pseudorandom
 * number generators", 2018). */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_seed(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
/* 0 <= result < bound, unbiased; bound > 0. */
uint64_t random_below(struct random *random, uint64_t bound);
/* 0 <= result < 1 */
double random_uniform(struct random *random);
/* mean 0, standard deviation 1 (Box-Muller, one of the pair) */
double random_normal(struct random *random);
/* Gamma distribution with this shape (> 0) and scale 1 (Marsaglia & Tsang, "A simple method for
 * generating gamma variables", 2000). */
double random_gamma(struct random *random, double shape);
/* Beta distribution, a and b > 0: between 0 and 1, with mean a / (a + b). */
double random_beta(struct random *random, double a, double b);
/* The finaliser of splitmix64: a bijection of 64 bits that spreads every bit over all. */
uint64_t random_mix(uint64_t value);

#endif
