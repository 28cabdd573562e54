/* What hangs on a gateway besides tunnels, and what the keeper reports of it: Direct Connect
 * interfaces, VPCs and what is plugged into them (plane/plane.h has the rule), peerings. The engine
 * hears of a Direct Connect's interface as of a tunnel's.
 *
 * The gateway makes them when it makes tunnels, and when the file names a device of the machine or
 * the command line an outer namespace; else they are somebody else's. */
#pragma once

#include "network/build.h"
#include "plane/orders.h"
#include "run/options.h"

struct plan;
struct daemon;

struct wanted_plug {
    struct plane_attachment attachment;
    uint16_t port;                 /* the node's, of a Direct Connect; 0: none */
    uint16_t interface;            /* the engine's, of that port */
    uint16_t neighbors[2];         /* the engine's, of IPv4's session and of IPv6's; 0: none */
    struct report_attachment said; /* the keeper's last; its name is always there */
};

/* Fills plan->plugs when the daemon is to make them; after plan->tunnels. RUN_INPUT after a
 * sentence on err. */
enum run_exit plugs_take(struct plan *plan, const struct run_options *options, FILE *err)
    __attribute__((warn_unused_result));
/* The plan has its numbers. */
void plugs_number(struct plan *plan);
void plugs_done(struct plan *plan);

/* NULL: there is none of that name. */
struct wanted_plug *plugs_find(const struct plan *plan, const char *name);

/* The keeper's words: the engine hears what concerns it. */
void plugs_hear(struct daemon *daemon, const struct report_attachment *said);
/* The plan is another one, and the keeper has heard of it: what is known of what is still wanted is
 * kept, and the engine hears anew what is up. */
void plugs_change(struct daemon *daemon, const struct plan *was);
