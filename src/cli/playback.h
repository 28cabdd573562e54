/* A gateway's journal, read and played: an engine that was made from a checkpoint, or booted, and
 * told the events since, up to a moment. The engine stands in a small world of its own, so that
 * whatever can be asked of a gateway in a network file can be asked of this one.
 *
 *     playback_open    which segments there are, and of which time
 *     playback_begin   the engine as of the last beginning at or before the moment
 *     playback_next    one event more; the notes that it caused
 *     playback_world   the world, for views
 *
 * What cannot be read ends a segment there: it is told, with the place, and playing goes on with
 * the next segment that begins with a state of its own. Whoever plays up to a checkpoint knows the
 * state already: the two are compared, and the checkpoint is gone on from. */
#pragma once

#include "base/arena.h"
#include "cli/tape.h"
#include "world/world.h"

struct playback_name {
    enum journal_name_kind kind;
    uint16_t number, of;
    char *text;
};

struct playback {
    struct cli *cli;
    struct tape tape;
    struct world *world;
    int node; /* WORLD_NONE: nothing was read yet */
    struct playback_name *names;
    size_t name_count;
    struct budget budget;
    struct arena arena; /* of an event's arrays */
    size_t segment;     /* being played */
    size_t at;          /* offset in it */
    int64_t wall_us;    /* wall clock minus the engine's time */
    bool lost;          /* the state is not known from here to the next checkpoint */
    bool whole;         /* nothing is missing between this segment and the one before */
    uint64_t events, gaps, lost_events, checkpoints, digests, wrong_digests;
};

/* What happened, one record: an event that was played, or something else. */
struct playback_moment {
    enum journal_kind kind;
    int64_t wall_us;
    struct event event;           /* JOURNAL_EVENT; borrowed until the next */
    const struct effect *effects; /* of the step, borrowed too */
    uint32_t effect_count;
    uint64_t number; /* JOURNAL_GAP: events lost; JOURNAL_DIGEST: 1 when it agrees */
};

/* path: a directory, or one segment. Otherwise the mistake has been told. */
enum cli_exit playback_open(struct cli *cli, const char *path, struct playback *ret_playback)
    __attribute__((warn_unused_result));
void playback_done(struct playback *playback);

int64_t playback_first_us(const struct playback *playback); /* wall clock */
int64_t playback_last_us(const struct playback *playback);

/* At the last state that was kept at or before the moment; false: there is none. */
bool playback_begin(struct playback *playback, int64_t wall_us) __attribute__((warn_unused_result));
/* The next record, if it is of no later than until_us. false: none. */
bool playback_next(struct playback *playback, int64_t until_us, struct playback_moment *ret_moment)
    __attribute__((warn_unused_result));
/* Gives the world the names of all that the engine knows; once, when nothing is played any more. */
void playback_name_all(struct playback *playback);
/* As the journal calls it; NULL: it does not. */
const char *playback_name_of(const struct playback *playback, enum journal_name_kind kind,
                             uint16_t number, uint16_t of);
const struct engine *playback_engine(const struct playback *playback); /* NULL: state unknown */
