/* Two gateways of one network side by side, as whoever suspects one of them would compare it with
 * another: attachments, tunnels, what each has learned, what each tells its customer gateways, whom
 * its VPC reaches. Each one's own VPC is no difference. */
#pragma once

#include "cli/play.h"
#include "explain/difference.h"

struct gateway_reach {
    char *end; /* of whom the VPCs reach; not in either VPC */
    bool asked[2], reached[2];
};

struct gateways {
    const struct play *play;
    int nodes[2];
    struct differences differences;
    struct gateway_reach *reach; /* that differ */
    size_t reach_count;
};

/* false: the mistake has been told. */
bool gateways_find(struct cli *cli, const struct network *network, const struct world *world,
                   const char *const names[2], int ret_gateways[2])
    __attribute__((warn_unused_result));

/* The play must outlive it. */
void gateways_take(const struct play *play, const int nodes[2], struct gateways *ret_gateways);
void gateways_done(struct gateways *gateways);
/* Routes, announcements and reachability; attachments may be different. */
bool gateways_are_equal(const struct gateways *gateways);

/* program: how a command calls this program. */
void gateways_render(const struct gateways *gateways, const char *name, const char *program,
                     const struct screen *screen);
json_t *gateways_json(const struct gateways *gateways);
