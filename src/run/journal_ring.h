/* What the round has to say to the journal's writer: records of wire/journal.h in a ring of memory,
 * one thread putting, one taking, neither ever waiting for the other. Records lie in one piece
 * each, so they are encoded where they lie and written from there; their checksums are the taker's
 * work.
 *
 * A ring that is found empty is used from its beginning again, so it takes little more memory than
 * the most that ever waited in it, and not its size. */
#pragma once

#include "wire/journal.h"

#include <stdatomic.h>

enum {
    RING_BYTES = 16 << 20,
    RING_WARM = 4 << 20, /* from there on; what was skipped is room again when the taker has seen
                            it, and what is in front of it must do until then */
    RING_PIECE = 256 << 10,

    /* kinds of records that never reach a file */
    RING_TURN = 0xfe, /* the segment ends here; the body is struct ring_turn */
    RING_SKIP = 0xff, /* nothing behind this until the ring's end */
};

struct journal_ring {
    uint8_t *bytes;
    size_t cap;
    _Atomic uint64_t put, taken; /* bytes, ever */
};

/* What a record in the ring is; its checksum is not in it yet. */
struct ring_record {
    uint8_t kind; /* enum journal_kind, or RING_TURN */
    struct slice body;
    size_t size_bytes;
};

/* false: no memory. */
bool journal_ring_open(struct journal_ring *ring, size_t cap) __attribute__((warn_unused_result));
void journal_ring_close(struct journal_ring *ring); /* of one that is zero, too */

/* Who puts: room for a record of that many bytes; NULL: there is none now. */
uint8_t *journal_ring_room(struct journal_ring *ring, size_t size_bytes)
    __attribute__((warn_unused_result));
/* The record in that room is whole. */
void journal_ring_commit(struct journal_ring *ring, size_t size_bytes);
size_t journal_ring_used(const struct journal_ring *ring);

/* Who takes: whole records that lie one behind the other, RING_PIECE bytes and the rest of a record
 * at most; empty: none wait. A RING_TURN comes alone. */
struct slice journal_ring_look(struct journal_ring *ring);
struct ring_record journal_ring_first(struct slice records);
void journal_ring_take(struct journal_ring *ring, size_t size_bytes);
