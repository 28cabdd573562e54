#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include "run/journal_ring.h"

#include <assert.h>
#include <sys/mman.h>

/* Pages that nothing was put into are none. */
bool journal_ring_open(struct journal_ring *ring, size_t cap)
{
    void *bytes = mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED)
        return false;
    ring->bytes = bytes;
    ring->cap = cap;
    atomic_store(&ring->put, 0);
    atomic_store(&ring->taken, 0);
    return true;
}

void journal_ring_close(struct journal_ring *ring)
{
    if (ring->bytes)
        munmap(ring->bytes, ring->cap);
    ring->bytes = NULL;
}

/* -- who puts -- */

size_t journal_ring_used(const struct journal_ring *ring)
{
    uint64_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
    return (size_t)(atomic_load_explicit(&ring->put, memory_order_relaxed) - taken);
}

/* A piece at the end that is too short for a record's head needs no mark: the taker sees that. */
static void skip(struct journal_ring *ring, size_t at, size_t left)
{
    if (left >= JOURNAL_RECORD_BYTES)
        ring->bytes[at + JOURNAL_RECORD_BYTES - 1] = RING_SKIP;
    atomic_fetch_add_explicit(&ring->put, left, memory_order_release);
}

uint8_t *journal_ring_room(struct journal_ring *ring, size_t size_bytes)
{
    size_t used = journal_ring_used(ring), free_bytes = ring->cap - used;
    size_t at = (size_t)(atomic_load_explicit(&ring->put, memory_order_relaxed) % ring->cap);
    size_t left = ring->cap - at;
    bool warm = used == 0 && at >= RING_WARM && size_bytes <= at;
    if (!warm && size_bytes <= left)
        return size_bytes <= free_bytes ? ring->bytes + at : NULL;
    if (left + size_bytes > free_bytes)
        return NULL;
    skip(ring, at, left);
    return ring->bytes;
}

void journal_ring_commit(struct journal_ring *ring, size_t size_bytes)
{
    assert(size_bytes >= JOURNAL_RECORD_BYTES && size_bytes <= ring->cap);
    atomic_fetch_add_explicit(&ring->put, size_bytes, memory_order_release);
}

/* -- who takes -- */

struct ring_record journal_ring_first(struct slice records)
{
    struct cursor cursor = cursor_over(records);
    (void)cursor_u32(&cursor); /* the checksum's place */
    uint32_t size = cursor_u32(&cursor);
    struct ring_record record = {.kind = cursor_u8(&cursor)};
    record.body = cursor_slice(&cursor, size);
    record.size_bytes = JOURNAL_RECORD_BYTES + (size_t)size;
    assert(!cursor.failed);
    return record;
}

/* Up to what no file takes, and not much more than is written at once. */
static size_t plain_bytes(struct slice there)
{
    size_t at = 0;
    while (at < RING_PIECE && there.size - at >= JOURNAL_RECORD_BYTES) {
        uint8_t kind = there.data[at + JOURNAL_RECORD_BYTES - 1];
        if (kind == RING_SKIP || kind == RING_TURN)
            break;
        at += journal_ring_first((struct slice){there.data + at, there.size - at}).size_bytes;
    }
    return at;
}

struct slice journal_ring_look(struct journal_ring *ring)
{
    for (;;) {
        uint64_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
        uint64_t put = atomic_load_explicit(&ring->put, memory_order_acquire);
        size_t at = (size_t)(taken % ring->cap), left = ring->cap - at;
        if (taken == put)
            return (struct slice){ring->bytes, 0};
        size_t size = put - taken < left ? (size_t)(put - taken) : left;
        bool skipped =
            left < JOURNAL_RECORD_BYTES || ring->bytes[at + JOURNAL_RECORD_BYTES - 1] == RING_SKIP;
        if (skipped) {
            journal_ring_take(ring, left);
            continue;
        }
        struct slice there = {ring->bytes + at, size};
        if (ring->bytes[at + JOURNAL_RECORD_BYTES - 1] == RING_TURN)
            there.size = journal_ring_first(there).size_bytes;
        else
            there.size = plain_bytes(there);
        return there;
    }
}

void journal_ring_take(struct journal_ring *ring, size_t size_bytes)
{
    atomic_fetch_add_explicit(&ring->taken, size_bytes, memory_order_release);
}
