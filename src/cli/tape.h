/* A journal's files: which there are, what each begins and ends with, and where one breaks off.
 *
 *     00000001.journal     a segment: events, behind the state that they begin with, if it has one
 *     00000002.checkpoint  the state that segment 2 begins with, in a file of its own
 *     00000002.journal
 *
 * Both are called segments here; a checkpoint comes before the segment with its number. One file at
 * a time is in memory. A journal may be written while it is read: what it has more by now is left
 * out. */
#pragma once

#include "cli/cli.h"
#include "wire/journal.h"

struct tape_segment {
    char *path;
    size_t size; /* of what can be read */
    struct journal_header header;
    size_t body;     /* where its events begin, behind the state; 0: it has none */
    bool checkpoint; /* it is a state and nothing else */
    bool has_state;  /* it begins with a checkpoint, or with a boot */
    bool ended;      /* in order: the next segment goes on from here */
    uint64_t digest; /* of the checkpoint's state */
    int64_t end_us;  /* wall clock of its last event */
};

struct tape_fault {
    char *path;
    size_t offset;
    const char *sentence; /* no full stop */
    bool torn;            /* nothing is damaged: only an end is missing, or others wrote it */
};

struct tape {
    struct tape_segment *segments; /* in order */
    size_t segment_count;
    struct tape_fault *faults;
    size_t fault_count;
    size_t loaded; /* whose bytes these are */
    uint8_t *bytes;
};

/* path: a directory, or one segment. In a directory, what another build wrote is told as a fault
 * and left out, as long as there is anything else. Otherwise the mistake has been told. */
enum cli_exit tape_open(struct cli *cli, const char *path, struct tape *ret_tape)
    __attribute__((warn_unused_result));
void tape_done(struct tape *tape);

size_t tape_count(const struct tape *tape); /* of segments, without checkpoints */

/* The bytes of a segment from a place on; valid until another segment is asked for. */
struct slice tape_rest(struct tape *tape, size_t segment, size_t at);

void tape_fault(struct tape *tape, size_t segment, size_t offset, const char *sentence, bool torn);
