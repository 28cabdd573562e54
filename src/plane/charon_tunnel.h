/* One tunnel of a charon: what is wanted, what was seen, and what follows from both. Decisions
 * only: time is an argument, in microseconds of one clock, and nothing is sent.
 *
 * A cause is told by the call that finds it; TUNNEL_CAUSE_NONE: nothing is to be told. */
#pragma once

#include "plane/charon_words.h"

enum { CHARON_KEY_ID_BYTES = 41 }; /* a SHA-1 in hex, and its zero */

struct charon_tunnel {
    struct plane_tunnel wanted;
    uint32_t interface_id;
    char former_psk[PLANE_PSK_BYTES]; /* accepted beside wanted.psk; "": none */
    int64_t former_until_us;
    bool former_first; /* ours: the peer has not changed its key yet */
    uint64_t digest;   /* of the connection that charon has */
    bool loaded;
    bool unsaid;                      /* what is wanted was not said to charon yet */
    char key_id[CHARON_KEY_ID_BYTES]; /* of its private key, as charon calls it; "": none */
    struct tunnel_status status;
    struct charon_sa sa, fresh; /* fresh: of the list that is being read */
    enum tunnel_cause reason;   /* why SAs will go; NONE: not known */
    bool reason_ours;           /* we made them go: no other reason counts */
    int64_t reason_us;
    bool wants_up, garbled, doubted;
    bool refused;   /* a pair that should follow the present one, or the last, was */
    int64_t try_us; /* when to initiate next; INT64_MAX: not at all */
    int64_t wait_us;
};

enum {
    CHARON_TRY_FIRST_US = 1000000,
    CHARON_TRY_LAST_US = 30000000,
    CHARON_DISBELIEF_US =
        2000000, /* who deletes so soon after it came up did not believe our key */
};

/* Wanted for the first time, or anew: a key that changed is kept as the former one for as long as
 * phase 1 lives. */
void charon_tunnel_init(struct charon_tunnel *tunnel, const struct plane_tunnel *wanted,
                        uint32_t interface_id, int64_t now_us);
void charon_tunnel_want(struct charon_tunnel *tunnel, const struct plane_tunnel *wanted,
                        uint32_t interface_id, int64_t now_us);
void charon_tunnel_done(struct charon_tunnel *tunnel); /* wipes its keys */

/* A line of the log that is this tunnel's. */
enum tunnel_cause charon_tunnel_line(struct charon_tunnel *tunnel, const struct charon_line *line,
                                     int64_t now_us);
/* charon makes its list while SAs come and go, and may miss both the one that goes and the one that
 * has come in its place: true, and another list is needed, when for the first time this one has
 * nothing of a tunnel that is up. */
bool charon_tunnel_doubts(struct charon_tunnel *tunnel, const struct charon_sa *sa);
/* What list-sas had of it; zeros: nothing. */
enum tunnel_cause charon_tunnel_seen(struct charon_tunnel *tunnel, const struct charon_sa *sa,
                                     int64_t now_us);
/* charon ended, and every SA with it. */
enum tunnel_cause charon_tunnel_lost(struct charon_tunnel *tunnel, int64_t now_us);

/* SAs will go because we say so: ADMIN or REPLACED. */
void charon_tunnel_end(struct charon_tunnel *tunnel, enum tunnel_cause cause, int64_t now_us);
/* It shall be up, once at least. */
void charon_tunnel_start(struct charon_tunnel *tunnel, int64_t now_us);

/* true: initiate now; it counts as done. */
bool charon_tunnel_due(struct charon_tunnel *tunnel, int64_t now_us);

/* true, once: the former key's time is over, and it was wiped. */
bool charon_tunnel_former_over(struct charon_tunnel *tunnel, int64_t now_us);
