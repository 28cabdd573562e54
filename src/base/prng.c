#include "base/prng.h"

#include <assert.h>

uint64_t prng_next(struct prng *prng)
{
    uint64_t z = prng->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* The numbers below 2^64 mod limit are drawn again: what is left divides evenly, no bias. */
uint64_t prng_below(struct prng *prng, uint64_t limit)
{
    assert(limit > 0);
    uint64_t excess = (0 - limit) % limit;
    uint64_t number = prng_next(prng);
    while (number < excess)
        number = prng_next(prng);
    return number % limit;
}

struct prng prng_fork(struct prng *prng)
{
    return prng_seed(prng_next(prng));
}
