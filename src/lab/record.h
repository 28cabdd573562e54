/* A lab's past as a network file: the network as it began, a story of what came from outside, and
 * the moments that were seen. What follows from the story is not in it: a simulated run has that
 * from the story, or departs from what is recorded.
 *
 * What came from outside is told apart from what followed like this:
 *
 *     done       steps of a story that the lab played, and commands, are written down (lab/done.h)
 *     announced  a route of a router's own: no AS of the network's others stands in its path, and
 *                the router did not have it already; withdrawn: by a session that stands
 *     lost       an end gives IKE up though no route covered the tunnel's outside address and
 *                nobody struck it: its packets were lost, since the last message before. A session
 *                in a tunnel that stands, uncovered: by its hold timer, its messages were lost;
 *                else it was reset by hand. A session over a Direct Connect that expires: the line
 *                was cut; one that its far side ended and made anew: it was reset by hand. Of one
 *                that ended shortly before the past does nobody knows whether it stays away: it is
 *                taken for one that was reset
 *     table      a route in a router's kernel that neither the file nor BGP gave it
 *
 * All of it is handed in, in whatever order it was found; nothing is asked here. Times are
 * CLOCK_REALTIME, microseconds. */
#pragma once

#include "lab/done.h"
#include "sim/sim.h"

enum record_source { RECORD_DONE, RECORD_BGP, RECORD_LOST, RECORD_TABLE };

struct record_step {
    int64_t at_us;
    enum record_source source;
    struct network_step step; /* owned */
};

struct record {
    const struct network *network; /* as the lab began; borrowed, as the world */
    const struct world *world;
    int64_t since_us, until_us; /* from when the lab was up to when it is looked at */
    struct record_step *steps;
    size_t step_count;
    struct record_said *said; /* announcements and withdrawals */
    size_t said_count;
    struct record_sign *signs; /* of life: messages */
    size_t sign_count;
    struct record_cover *covers; /* routes over a tunnel's outside address come and go */
    size_t cover_count;
    struct moment *moments; /* of sessions and IKE, since then; at_us is CLOCK_REALTIME, too */
    size_t moment_count;
};

void record_init(struct record *record, const struct network *network, const struct world *world,
                 int64_t since_us, int64_t until_us);
void record_free(struct record *record);

/* A step that was played. false: its text is none of the network's. */
bool record_done(struct record *record, const char *step, int64_t at_us)
    __attribute__((warn_unused_result));
/* What a router said to a gateway. as_path: behind the router's own AS, and none of the network's
 * others; of a withdrawal none. */
void record_announced(struct record *record, int router, struct prefix prefix,
                      const uint32_t *as_path, size_t count, int64_t at_us);
void record_withdrawn(struct record *record, int router, struct prefix prefix, int64_t at_us);
/* A message came over this tunnel ("vpn-vyatta/1") or Direct Connect, at the gateway. */
void record_sign(struct record *record, const char *of, int64_t at_us);
/* From here on what the gateway announces covers the tunnel's outside address, or no more. Of one
 * tunnel in the order of time; other gateways' may be told before or behind it. */
void record_covered(struct record *record, int tunnel, bool covered, int64_t at_us);
/* In the order of time. */
void record_moment(struct record *record, const struct moment *moment, int64_t at_us);
/* A route that somebody put into the router, at that time. */
void record_by_hand(struct record *record, int router, struct prefix prefix, ip_addr via,
                    int64_t at_us);

/* The file, the caller's. The first thing in it happens at 60 s. *ret_began_us: its time 0. The
 * steps stay as they were told, with the others, in the order of time. */
struct network *record_network(struct record *record, int64_t *ret_began_us)
    __attribute__((warn_unused_result));
