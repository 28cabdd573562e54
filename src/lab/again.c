#include "lab/again.h"

#include "lab/asked.h"
#include "lab/daemons.h"
#include "lab/site.h"
#include "lab/start.h"
#include "lab/statics.h"
#include "network/build.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MS = 60000, PAUSE_US = 20000, US_PER_MS = 1000 };

static bool wait_for(const char *path, const struct running_daemon *daemon,
                     struct trouble *ret_trouble)
{
    for (int waited_us = 0; !asked_listens(path); waited_us += PAUSE_US) {
        if (!running_lives(daemon) || waited_us > ANSWER_MS * US_PER_MS)
            return daemon_ended(daemon, ret_trouble);
        usleep(PAUSE_US);
    }
    return true;
}

/* The others find zebra by its socket. */
static bool start(struct lab_running *lab, const struct running_node *node,
                  struct running_daemon *daemon, struct trouble *ret_trouble)
{
    char path[LAB_PATH_BYTES];
    snprintf(path, sizeof path, "%.90s/zserv.api", node->folder);
    if (strcmp(daemon->name, "zebra") == 0)
        unlink(path); /* of the one before */
    return daemon_start(lab->name, daemon, ret_trouble) && running_write(lab, ret_trouble) &&
           (strcmp(daemon->name, "zebra") != 0 || wait_for(path, daemon, ret_trouble));
}

static bool is_charon(const struct running_daemon *daemon)
{
    return strcmp(daemon->name, "charon") == 0;
}

/* The router's own IKE daemons, whose devices went with them. */
static bool start_sites(struct lab_running *lab, struct running_node *node,
                        const struct lab_plan *plan, const struct network *network, bool load,
                        struct trouble *ret_trouble)
{
    for (size_t i = 0; i < plan->site_count; i++) {
        const struct tunnel *tunnel = &plan->world->tunnels[plan->sites[i].tunnel];
        const char *router = plan->world->nodes[tunnel->ends[TUNNEL_CUSTOMER].node].id;
        struct running_daemon *daemon = running_daemon(node, "charon", tunnel->id);
        struct site site;
        if (strcmp(router, node->id) != 0 || !daemon)
            continue;
        if (!site_of(plan, network, i, node->folder, &site, ret_trouble))
            return false;
        if (load) {
            if (!site_load(&site, daemon, ret_trouble))
                return false;
            continue;
        }
        site_clear(&site);
        if (!start(lab, node, daemon, ret_trouble) ||
            !site_place(&site, daemon, ANSWER_MS, ret_trouble))
            return false;
    }
    return true;
}

static bool start_others(struct lab_running *lab, struct running_node *node,
                         struct trouble *ret_trouble)
{
    for (size_t i = 0; i < node->daemon_count; i++) {
        if (!is_charon(&node->daemons[i]) && !start(lab, node, &node->daemons[i], ret_trouble))
            return false;
    }
    return true;
}

bool lab_start_again(struct lab_running *lab, struct running_node *node,
                     const struct network *network, struct trouble *ret_trouble)
{
    struct world *world = network_build(network);
    lab_boot_vpcs(world);
    struct lab_plan *plan = lab_plan(world, lab->name);
    bool done = start_sites(lab, node, plan, network, false, ret_trouble) &&
                start_others(lab, node, ret_trouble);
    if (done)
        statics_settle(node);
    done = done && start_sites(lab, node, plan, network, true, ret_trouble);
    lab_plan_free(plan);
    world_destroy(world);
    return done;
}
