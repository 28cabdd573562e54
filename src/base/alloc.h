/* The room `base`: what C lacks and three rooms need. It knows no noun of networking;
 * only the figures of limits.h have such names.
 *
 *   memory   alloc.h   where it comes from, and the budget that bounds it
 *            pool.h    equal items that live as long as the engine, reached by handle
 *            arena.h   anything that lives for one step
 *   order    sort.h    stable merge sort, radix sort of keys
 *            heap.h    deadlines, the nearest first
 *            prng.h    numbers from a seed
 *            digest.h  what state is equal to what, and hashes with a secret
 *   bytes    slice.h   borrowed bytes, the cursor that reads them, the writer that makes them
 *   text     text.h    words and numbers into the caller's buffer
 *   figures  limits.h  AWS's quotas, which several rooms must agree on
 *
 * The core is a pure function of its events, and this is the floor it stands on. So nothing here
 * reads a clock, keeps a variable between calls, orders by address, uses floating point, or calls
 * libc but for memcpy, memmove, memset, memcmp and assert. Equal input gives equal output on every
 * machine and with every compiler, digests included.
 *
 * Memory. The core never calls malloc: whoever starts an engine hands it an allocator and a budget
 * in bytes. Every container takes from a budget, allocates nothing before it is first used, and
 * gives everything back when it is done. Going over the budget is a refusal, not a crash (the
 * engine answers the neighbor that caused it with Cease 6/8, RFC 4486): the function says so, what
 * was there is there still, and the same call may succeed later. Pools grow by chunks that never
 * move, because doubling a table of a million items costs its size twice at the worst moment.
 *
 * Errors. A caller's bug ends in an assertion, which is on in every build. Bytes from outside end
 * in a cursor whose first error sticks, words that do not fit in a text that says it was cut. Only
 * memory can be refused, and that is a return value nobody may ignore.
 *
 * Not here: text of addresses (net), what bytes mean (wire), a list or a tree for everything. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* put is told the size that get was asked for, so an allocator needs no headers of its own. Blocks
 * are aligned for every type (16 bytes); what is in them does not matter. */
struct alloc {
    void *ctx;
    void *(*get)(void *ctx, size_t size_bytes); /* NULL when there is none */
    void (*put)(void *ctx, void *block, size_t size_bytes);
};

/* Counts what one owner (an engine) has taken. limit_bytes 0 means no limit; the owner may change
 * it, also to less than is taken: then everything is refused until enough was given back. */
struct budget {
    struct alloc alloc;
    size_t limit_bytes;
    size_t used_bytes;
    size_t peak_bytes;
};

void budget_init(struct budget *budget, struct alloc alloc, size_t limit_bytes);

/* A zeroed block, or NULL when the limit or the allocator says no. */
void *budget_get(struct budget *budget, size_t size_bytes) __attribute__((warn_unused_result));
void budget_put(struct budget *budget, void *block, size_t size_bytes); /* block may be NULL */
