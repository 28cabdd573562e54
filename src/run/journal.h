/* The journal of a running gateway: all that its engine is told, so that it can be told again
 * (sekisho-replay(1)). wire/journal.h has the records, run/journal_folder.h the files,
 * run/journal_writer.h the thread that writes them; here is the round's side.
 *
 * An event is encoded into the ring before the engine takes it, and that is all it costs BGP. When
 * the ring is full, events are counted instead, and a gap with their number is put when half of it
 * is free again.
 *
 * A segment is turned over when it is large enough, and after a gap, where the engine is at rest:
 * the process forks, the child writes the checkpoint from its copy of everything, and the turn is
 * put into the ring. Nothing is stepped between the two, so the checkpoint is the state at exactly
 * the turn: what was put before it led there, what is put behind it goes on from there. The child's
 * file is its own (00000002.checkpoint beside 00000002.journal), so the events need not wait for
 * it, and where it fails, they still follow those of the segment before.
 *
 * A checkpoint is due after JOURNAL_SEGMENT_BYTES of events, or an eighth of what may be kept: what
 * the forked process costs (pages that both write to are copied, once) stays small against the
 * events that caused it. Where the engine is not at rest for as long again, the segment is turned
 * over without one, which comes later.
 *
 * Nothing that fails here ends the daemon, or touches a session: it is one line of the log, a gap,
 * and another attempt, after JOURNAL_RETRY_US and then after twice as long each time. */
#pragma once

#include "run/journal_checkpoint.h"
#include "run/journal_writer.h"

enum {
    JOURNAL_SEGMENT_BYTES = 128 << 20,
    JOURNAL_SHARE = 8,              /* of the limit; segments are no larger */
    JOURNAL_SPACE_US = 2 * 1000000, /* between two checkpoints, at least */
    JOURNAL_RETRY_US = 10 * 1000000,
    JOURNAL_RETRY_MOST_US = 320 * 1000000,
    JOURNAL_CLOCK_US = 500000, /* the wall clock was set when it is off by more */
    JOURNAL_LOOK_US = 1000000, /* how often that is looked at */
};

struct journal {
    bool on;
    struct journal_writer writer;
    uint64_t segment_bytes; /* where one is turned over */
    uint64_t put_bytes;     /* since the last turn */
    uint32_t number;        /* of the segment */
    uint64_t missing;       /* events since the ring was full; 0: it is not */
    uint64_t gaps, lost;    /* of the ring, ever */
    bool owes;              /* a checkpoint: events are missing, or a segment began without one */
    bool patient;           /* nobody speaks BGP yet: the ring may be waited for */
    int64_t retry_at_us, retry_us;
    int64_t offset_us; /* wall clock minus ours, as the journal knows it */
    int64_t look_at_us;
    uint64_t told_gaps; /* as the log has told */
    int told_error, told_checkpoint_error;
};

/* Before anything is told to the engine. directory NULL: the default one, which may be refused;
 * "none": no journal. node names the default's directory. RUN_WORLD after a sentence on err. */
enum run_exit journal_open(struct journal *journal, const char *directory, const char *node,
                           uint64_t limit_bytes, FILE *err) __attribute__((warn_unused_result));
/* The first segment, which begins with the boot that follows. Until the first round has ended, the
 * ring is waited for when it is full. */
void journal_boot(struct journal *journal, const struct journal_subject *subject, int64_t now_us);

/* What the engine is about to be told. */
void journal_event(struct journal *journal, const struct event *event);
/* What things are called by now. */
void journal_names(struct journal *journal, const struct journal_subject *subject);
/* The digest of what came of all this, where the engine is at rest. */
void journal_digest(struct journal *journal, const struct engine *engine);

/* A round has ended; rests: with nothing left to be decided. */
void journal_round(struct journal *journal, const struct journal_subject *subject, bool rests,
                   int64_t now_us);
/* What there is to tell since this was called last, as key=value; false: nothing. */
bool journal_news(struct journal *journal, char line[static 512]);

void journal_close(struct journal *journal);
