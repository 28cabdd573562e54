/* The yardstick. A fixed piece of work that leans on what route tables lean on: a chain of
 * dependent multiplications, and a chain of dependent loads from 256 KiB, which the second cache
 * holds. Other times are shown as multiples of it, so that figures from two machines can be laid
 * side by side, and so that a slow moment of a shared machine is seen in both. */
#include "bench/figure.h"

#include <stdint.h>

enum { SLOTS = 1 << 16, STEPS = 1 << 20, ROUNDS = 9 };

static uint32_t next[SLOTS];

static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

/* One cycle through all slots (Sattolo's shuffle). */
static void link_slots(void)
{
    for (uint32_t i = 0; i < SLOTS; i++)
        next[i] = i;
    for (uint32_t i = SLOTS - 1; i > 0; i--) {
        uint32_t other = (uint32_t)(mix(i) % i);
        uint32_t kept = next[i];
        next[i] = next[other];
        next[other] = kept;
    }
}

static uint64_t work(uint64_t value)
{
    uint32_t slot = 0;
    for (uint32_t i = 0; i < STEPS; i++) {
        value = mix(value + slot);
        slot = next[slot];
    }
    return value;
}

int main(void)
{
    link_slots();
    uint64_t value = work(1); /* not counted: pages and caches are touched for the first time */
    double times_ns[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        double start_ns = figure_now_ns();
        value = work(value);
        times_ns[i] = figure_now_ns() - start_ns;
    }
    figure("calibration", figure_median(times_ns, ROUNDS) / 1e6, "ms");
    return value == 0; /* so that the work is not thrown away */
}
