/* Random networks of several shapes, with fast timers, for the tests that ask many of them. */
#pragma once

#include "check/check_rig.h"
#include "network/generate.h"

/* Small ones mostly: there the strange is as likely, and they are quick. */
static const struct generate_shape random_shapes[] = {
    {.gateways = 1, .sites = 1, .connections = 1, .direct_connects = 1, .danger_percent = 40},
    {.gateways = 1, .sites = 2, .connections = 1, .direct_connects = 1, .danger_percent = 30},
    {.gateways = 2, .sites = 2, .connections = 2, .direct_connects = 1, .danger_percent = 25},
    {.gateways = 1, .sites = 2, .connections = 2, .direct_connects = 2, .danger_percent = 25},
    {.gateways = 2, .sites = 3, .connections = 2, .direct_connects = 1, .danger_percent = 20},
    {.gateways = 2,
     .sites = 2,
     .connections = 2,
     .direct_connects = 1,
     .danger_percent = 20,
     .steps = 2},
    {.gateways = 3,
     .sites = 3,
     .connections = 2,
     .direct_connects = 2,
     .danger_percent = 15,
     .steps = 3},
    {.gateways = 3,
     .sites = 6,
     .connections = 3,
     .direct_connects = 2,
     .danger_percent = 10,
     .steps = 3},
};

/* Every sixteenth has the last shape, which takes as long as the others together. */
static inline struct generate_shape random_shape(uint64_t seed)
{
    enum { SHAPES = sizeof random_shapes / sizeof *random_shapes, LARGE_EVERY = 16 };
    struct generate_shape shape =
        random_shapes[seed % LARGE_EVERY == 0 ? SHAPES - 1 : seed % (SHAPES - 1)];
    shape.fast = true;
    return shape;
}

static inline struct network *random_network(uint64_t seed, unsigned six_percent,
                                             unsigned policy_percent)
{
    struct generate_shape shape = random_shape(seed);
    shape.six_percent = six_percent;
    shape.policy_percent = policy_percent;
    return network_generate(seed, &shape);
}

/* The file that `check --apply` writes, read again; NULL: it cannot be read. */
static inline struct network *random_read_again(const struct network *network)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    network_format(network, out);
    fclose(out);
    struct network *again = rig_parse(text);
    free(text);
    return again;
}
