/* Pseudo-random numbers from a seed (splitmix64, Steele, Lea, Flood 2014): the only randomness
 * there is in the core and in the simulated world. Equal seeds give equal sequences everywhere. */
#pragma once

#include <stdint.h>

struct prng {
    uint64_t state;
};

static inline struct prng prng_seed(uint64_t seed)
{
    return (struct prng){seed};
}

uint64_t prng_next(struct prng *prng);
uint64_t prng_below(struct prng *prng, uint64_t limit); /* 0 <= result < limit; limit > 0 */
struct prng prng_fork(struct prng *prng);               /* an independent sequence */
