/* What `sekisho lab tour --json` answers: one object, when the tour is over. What the tour tells
 * people goes to standard error meanwhile.
 *
 *     sights_begin   -> nothing was seen yet
 *     sights_note_*  -> what is known by now, at each station
 *     sights_json_take -> the answer
 *
 * Of a station that the tour does not come to, be it that nothing can be cured or that somebody
 * interrupts, the answer has null. */
#pragma once

#include "check/check.h"
#include "cli/lab_session.h"

struct sights {
    json_t *before, *after; /* as `lab run` answers; NULL: it has not come to that */
    json_t *rounds;         /* of tunnels that went all the way round before the cure */
    json_t *check;          /* as `check` answers, or NULL */
    json_t *asked;          /* of a router, in order */
    json_t *cure;           /* the remedy, as in `check`, and when it was applied; or NULL */
    int64_t from_us;        /* the story's clock at the beginning */
    int64_t watched_us;     /* since the cure; -1: it was not */
    size_t again;           /* tunnels went into one since then so many times */
    bool held;
};

void sights_begin(struct sights *sights, int64_t from_us);

/* All that the lab shows now, before the cure and after it. */
void sights_note_before(struct sights *sights, struct lab_session *session);
void sights_note_check(struct sights *sights, const struct check *check);
/* A question to a router, in its own words, and the answer. */
void sights_note_asked(struct sights *sights, const struct lab_session *session, const char *node,
                       const char *question, const char *answer);
/* The finding's first remedy is in force. The check has been noted. */
void sights_note_cure(struct sights *sights, const struct lab_session *session, size_t finding);
void sights_note_after(struct sights *sights, struct lab_session *session, int64_t watched_us,
                       size_t again, bool held);

/* The answer; what was noted belongs to it. */
json_t *sights_json_take(struct sights *sights, const struct lab_session *session, bool interrupted,
                         int status);
