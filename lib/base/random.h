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
/* The finaliser of splitmix64: a bijection of 64 bits that spreads every bit over all. */
uint64_t random_mix(uint64_t value);

#endif
