/* A story, played with a running lab: its steps, done to real daemons, devices and lines.
 *
 *     announce, withdraw, configure
 *               the network file changes, and with it the daemons (lab/apply.h)
 *     fail, restore
 *               of a router or gateway: its programs are killed, and nothing passes it; they are
 *               started again. Of a Direct Connect: its line is down at both ends. Of a tunnel, or
 *               of the way to the Internet: packets are dropped in silence
 *     restart   of a router: killed, and started again after as long as the simulator takes it to
 *               boot. Of a tunnel: swanctl takes it down and begins it anew. Whatever it is of,
 *               if it had failed it works again
 *
 * What fails in silence is dropped by nftables, in a table of its own, first on the way in and last
 * on the way out. */
#pragma once

#include "lab/running.h"
#include "lab/seen.h"
#include "network/network.h"

struct player {
    struct lab_running *lab; /* borrowed; pids change */
    struct network *network; /* as the lab is configured now; its own */
    struct seen *seen;       /* borrowed */
    struct player_boot {     /* a machine that is to come back */
        int64_t at_us;       /* CLOCK_REALTIME */
        size_t node;         /* in the lab's */
    } * boots;
    size_t boot_count;
};

/* network: as the lab was started from; taken. */
void player_init(struct player *player, struct lab_running *lab, struct network *network,
                 struct seen *seen);
void player_done(struct player *player);

/* The step, now; index: in the story, for the timeline. */
bool player_do(struct player *player, const struct network_step *step, int index,
               struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Machines whose time has come are started. *ret_booted: at least one was. */
bool player_boot_due(struct player *player, int64_t now_us, bool *ret_booted,
                     struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* The lab becomes what this network says: a remedy. Takes the network. *ret_count: nodes told. */
bool player_apply(struct player *player, struct network *network, unsigned *ret_count,
                  struct trouble *ret_trouble) __attribute__((warn_unused_result));
