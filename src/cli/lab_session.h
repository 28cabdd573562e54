/* A lab that a subcommand plays with: brought up if it is not, watched, its story played, and taken
 * down again if this brought it up. */
#pragma once

#include "check/reach.h"
#include "cli/arguments.h"
#include "cli/lab_clock.h"
#include "cli/timeline.h"
#include "cli/tunnel_words.h"
#include "lab/echo.h"
#include "lab/player.h"
#include "lab/watch.h"

struct lab_lost { /* a change of who reaches whom */
    int64_t at_us;
    size_t pair;
    bool there, back;
};

struct lab_session {
    struct cli *cli;
    const char *path; /* of the file, as it was said */
    struct lab_running *lab;
    struct network *network; /* of the file: the story's words, the names */
    struct world *world;
    struct seen seen;
    struct watch *watch;
    struct player player;
    struct reach reach;
    struct echo_way *ways; /* of each pair there, then back */
    struct echo *echo;
    bool asking;                  /* echoes are on their way */
    struct echo_way *inside_ways; /* by tunnel, from the customer's end: while it is in another */
    struct echo *inside;
    bool asking_inside;
    int64_t inside_us;  /* CLOCK_REALTIME: when they were sent last */
    int64_t arrived_us; /* and those of which it is known what has arrived */
    bool *known;        /* of each pair: it was asked before */
    struct lab_lost *lost;
    size_t lost_count;
    size_t step;      /* the next one */
    int64_t asked_us; /* when echoes were sent last */
    int64_t told_us;  /* up to where the timeline was printed; live only */
    bool live;        /* the timeline is printed as it happens */
    bool whole;       /* with the minor lines */
    struct lab_clock clock;
    bool brought_up; /* by us: to be taken down */
};

/* The lab of the file that is the second operand, up and watched. Otherwise it has been told why
 * not. quiet: how far that is is not told. What is returned points into itself: it stays where it
 * is. */
enum cli_exit lab_session_begin(struct cli *cli, const struct arguments *arguments, bool quiet,
                                struct lab_session *session) __attribute__((warn_unused_result));
void lab_session_end(struct lab_session *session);

/* Waits until every tunnel and session is up, at most wait_us. false: some are not. A tunnel that
 * is in another one is up when a packet comes out of it. */
bool lab_session_settle(struct lab_session *session, int64_t wait_us);

/* The story's clock begins here, at this time of it; steps that were before are left out. */
void lab_session_start(struct lab_session *session, int64_t from_us);
int64_t lab_session_now_us(const struct lab_session *session); /* the story's clock */

/* Plays and watches until the story's clock is there, `until` says so, or somebody interrupts.
 * false: a step could not be done; it has been told. */
bool lab_session_play(struct lab_session *session, int64_t until_us,
                      bool (*until)(const struct lab_session *session), bool steps)
    __attribute__((warn_unused_result));

/* Who reaches whom, now: waits for it. */
void lab_session_ask(struct lab_session *session);

/* A tunnel, as it was seen last. */
struct tunnel_sight lab_session_tunnel(const struct lab_session *session, int tunnel);

/* The same as a sentence, with BGP where that is down alone; NULL: not wanted. now: at this moment,
 * wherever it went round before. false: something is down, or goes round. */
bool lab_session_sentence(const struct lab_session *session, int tunnel, bool now,
                          struct text *ret_text);

json_t *lab_session_json(struct lab_session *session);
