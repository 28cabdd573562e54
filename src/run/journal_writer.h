/* The thread that writes a journal. It takes what the round puts into the ring, computes checksums,
 * writes, begins and ends segments, throws the oldest away; the round never waits for a disk.
 *
 * What cannot be written is counted and dropped, because the ring must not fill up behind a full
 * disk. From then on the segment is broken: events are missing in it, so those that follow say
 * nothing. What was written of a record that did not fit is taken back, a gap with the count ends
 * the segment when the disk permits, and writing goes on with the next segment, which the round
 * begins with a checkpoint (run/journal.h).
 *
 * It sleeps until the round rings the bell, writes all there is, and then looks again after
 * WRITER_LINGER_MS, so that a busy daemon rings fifty times a second at most. That, and what waits
 * in the ring, is what a journal lacks when its daemon is killed. What was written survives the
 * process at once, and the machine when its segment has ended.
 *
 * The thread has no capabilities and blocks all signals but the one of a system call that is not
 * allowed. */
#pragma once

#include "run/journal_folder.h"
#include "run/journal_ring.h"

#include <pthread.h>
#include <semaphore.h>

enum {
    WRITER_LINGER_MS = 20,
    WRITER_CHILD_MS = 50, /* how often a checkpoint's process is looked after */
    WRITER_URGE_BYTES = 512 << 10,
    WRITER_CLOSE_S = 5,
};

/* The body of a RING_TURN, as it is in memory. */
struct ring_turn {
    uint32_t number; /* of the segment that begins */
    bool state;      /* it begins with a boot */
    uint8_t header[JOURNAL_HEADER_BYTES];
};

/* For questions; each by itself is right at some moment. */
struct writer_state {
    _Atomic uint32_t segment, segments;
    _Atomic uint64_t bytes;        /* in the directory */
    _Atomic uint64_t missing;      /* events that could not be written, ever */
    _Atomic int error;             /* errno of why the segment is broken; 0: it is not */
    _Atomic uint32_t checkpoint;   /* segment of the last one; 0: none yet */
    _Atomic int64_t checkpoint_us; /* when it was seen to be whole; monotonic */
    _Atomic int checkpoint_error;  /* of the one that was to be the last; 0: it succeeded */
    _Atomic uint32_t child_number; /* of the one that is being written */
    _Atomic int child;             /* by this process; the round sets it, the thread clears it; 0:
                                      none is being written */
};

struct journal_writer {
    struct journal_ring ring;
    struct journal_folder folder; /* the thread's, while it runs */
    struct writer_state state;
    uint64_t limit_bytes;
    int bell; /* an eventfd */
    _Atomic int rest;
    _Atomic bool ends;
    bool runs;
    pthread_t thread;
    sem_t lowered; /* it has no capabilities any more; afterwards system calls may be filtered */

    /* the thread's own */
    int file;         /* -1: no segment is open */
    uint64_t written; /* bytes of it, up to a whole record */
    uint64_t lost;    /* events since it broke */
};

/* The folder is taken over, whatever becomes of it; false: no memory, or no thread. */
bool journal_writer_begin(struct journal_writer *writer, struct journal_folder *folder,
                          uint64_t limit_bytes) __attribute__((warn_unused_result));
/* There is something in the ring: call it when a round has ended. */
void journal_writer_ring(struct journal_writer *writer);
/* Writes what is left, for WRITER_CLOSE_S at most. */
void journal_writer_end(struct journal_writer *writer);

/* All of it; 0, or errno. *ret_size: how much was written, also when it failed. */
int journal_write(int file, struct slice bytes, size_t *ret_size);
