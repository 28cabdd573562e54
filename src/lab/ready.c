#include "lab/ready.h"

#include "lab/apply.h"
#include "lab/frr.h"
#include "lab/plan.h"
#include "lab/router.h"
#include "plane/devices.h"
#include "plane/probe.h"
#include "plane/space.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What each takes for itself, measured and rounded up (bench/LAB.md). */
enum { SEKISHOD_KIB = 8000, CHARON_KIB = 3000, FRR_KIB = 20000, BIRD_KIB = 2000, SPACE_KIB = 500 };
enum { RESERVE_MIB = 128, KIB = 1024, ROUTERS_MAX = 250 };

/* -- the file -- */

static bool is_run(const struct world *world, int node, struct trouble *ret_trouble)
{
    const struct node *of = &world->nodes[node];
    if (router_kind_of(world, node) != ROUTER_UNKNOWN)
        return true;
    return trouble_is(
        ret_trouble, 0,
        "%s: nothing here behaves like %s; expected one of the platforms vyatta, vyos,"
        " frr, linux, bird and sekisho, or none",
        of->id, platform_name(of->platform));
}

/* One sekishod is one customer gateway. */
static bool is_customer(const struct network *network, const struct node *router)
{
    size_t count = 0;
    for (size_t i = 0; i < network->customer_gateway_count; i++) {
        const char *id = network->customer_gateways[i].router.id;
        count += id && strcmp(id, router->id) == 0;
    }
    return count == 1;
}

static bool is_free(const struct world *world, const char *of, ip_addr addr,
                    struct trouble *ret_trouble)
{
    char bytes[IP_TEXT_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    text_ip(&text, addr);
    return !lab_has_address(world, addr) ||
           trouble_is(ret_trouble, 0,
                      "%s: %s is an address of the lab's own links, which are in 100.64.0.0/10", of,
                      bytes);
}

static bool are_free(const struct world *world, struct trouble *ret_trouble)
{
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        for (uint16_t p = 1; p <= node->port_count; p++) {
            if (!is_free(world, node->id, node->ports[p].addr, ret_trouble))
                return false;
        }
    }
    for (size_t i = 0; i < world->address_count; i++) {
        const struct public_address *address = &world->addresses[i];
        const char *of = address->tunnel == WORLD_NONE ? world->nodes[address->node].id
                                                       : world->tunnels[address->tunnel].id;
        if (!is_free(world, of, address->addr, ret_trouble))
            return false;
    }
    return true;
}

static bool can_be(const struct world *world, const struct network *network,
                   struct trouble *ret_trouble)
{
    unsigned routers = 0;
    for (size_t i = 0; i < world->node_count; i++) {
        routers += world->nodes[i].kind == NODE_ROUTER;
        if (!is_run(world, (int)i, ret_trouble))
            return false;
        if (lab_has_vrf(&world->nodes[i]) && router_kind_of(world, (int)i) == ROUTER_BIRD)
            return trouble_is(
                ret_trouble, 0,
                "%s: the lab's BIRD knows no VRF; outer_vrf needs one of the platforms"
                " vyatta, vyos, frr and linux",
                world->nodes[i].id);
        if (world->nodes[i].platform == PLATFORM_SEKISHO && world->nodes[i].kind == NODE_ROUTER &&
            !is_customer(network, &world->nodes[i]))
            return trouble_is(ret_trouble, 0,
                              "%s: a router of platform sekisho is one customer gateway",
                              world->nodes[i].id);
    }
    if (routers > ROUTERS_MAX)
        return trouble_is(ret_trouble, 0, "there are %u routers; a lab has %d at most", routers,
                          ROUTERS_MAX);
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel *tunnel = &world->tunnels[i];
        const struct tunnel_end *end = &tunnel->ends[TUNNEL_CUSTOMER];
        if (tunnel->plain && end->node != WORLD_NONE &&
            (world->nodes[end->node].platform == PLATFORM_SEKISHO ||
             lab_has_vrf(&world->nodes[end->node])))
            return trouble_is(ret_trouble, 0,
                              "%s has ipsec: none; in a lab its router is one of FRR or BIRD, "
                              "without outer_vrf",
                              tunnel->id);
        if (network->vpn_connections[tunnel->connection].tunnels[tunnel->part].certificate &&
            tunnel->ends[TUNNEL_GATEWAY].outer_remote == 0)
            return trouble_is(
                ret_trouble, 0,
                "%s has a certificate and no address of its customer gateway; a lab's "
                "tunnels have keys, which belong to an address",
                tunnel->id);
    }
    return are_free(world, ret_trouble);
}

/* -- the machine -- */

static bool is_program(const char *path)
{
    struct stat about;
    return access(path, X_OK) == 0 && stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static bool has(const char *program, const char *package, struct trouble *ret_trouble)
{
    return is_program(program) ||
           trouble_is(ret_trouble, 0, "%s is missing: install the package %s", program, package);
}

static bool has_any_of(const struct world *world, enum router_kind kind)
{
    for (size_t i = 0; i < world->node_count; i++) {
        if (router_kind_of(world, (int)i) == kind)
            return true;
    }
    return false;
}

static bool has_frr(struct trouble *ret_trouble)
{
    unsigned user, group;
    for (int i = 0; i < FRR_DAEMONS; i++) {
        char program[64];
        snprintf(program, sizeof program, "/usr/lib/frr/%s", frr_word((enum frr_daemon)i));
        if (!has(program, "frr", ret_trouble))
            return false;
    }
    return router_frr_user(&user, &group) ||
           trouble_is(ret_trouble, 0, "there is no user frr: install the package frr");
}

static bool has_plain(const struct world *world, bool plain)
{
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (world->tunnels[i].plain == plain)
            return true;
    }
    return false;
}

static bool has_programs(const struct lab_request *request, const struct world *world,
                         struct trouble *ret_trouble)
{
    return (is_program(request->sekishod) ||
            trouble_is(ret_trouble, 0, "there is no sekishod at %s", request->sekishod)) &&
           (!has_plain(world, false) ||
            (has("/usr/sbin/swanctl", "strongswan-swanctl", ret_trouble) &&
             has("/usr/sbin/tc", "iproute2", ret_trouble))) &&
           (!has_any_of(world, ROUTER_FRR) || has_frr(ret_trouble)) &&
           (!has_any_of(world, ROUTER_BIRD) || has("/usr/sbin/bird", "bird2", ret_trouble));
}

/* Of tunnels without IPsec. */
static bool permits_vxlan(const struct lab_request *request, struct trouble *ret_trouble)
{
    static const char *const make[] = {"ip",     "link",      "add",     "bare",        "type",
                                       "vxlan",  "id",        "1",       "local",       "192.0.2.1",
                                       "remote", "192.0.2.2", "dstport", LAB_BARE_PORT, NULL};
    char prefix[NAME_SPACE_BYTES], space[NAME_SPACE_BYTES], said[256] = "";
    lab_prefix(request->name, prefix);
    snprintf(space, sizeof space, "%.100sbare", prefix);
    if (!space_make(space, ret_trouble))
        return false;
    bool made = lab_run_program(space, make, said, sizeof said, NULL);
    said[strcspn(said, "\n")] = '\0';
    return space_remove(space, ret_trouble) &&
           (made || trouble_is(ret_trouble, 0,
                               "ipsec: none needs a kernel with VXLAN (CONFIG_VXLAN): %s", said));
}

/* Where a router's outer interface is in one. */
static bool permits_vrf(const struct lab_request *request, struct trouble *ret_trouble)
{
    char prefix[NAME_SPACE_BYTES], space[NAME_SPACE_BYTES];
    struct rtnetlink kernel;
    struct trouble why = {0};
    lab_prefix(request->name, prefix);
    snprintf(space, sizeof space, "%.100svrf", prefix);
    if (!space_make(space, ret_trouble))
        return false;
    bool open = rtnetlink_open(&kernel, space, &why);
    bool made = open && device_vrf(&kernel, LAB_VRF, LAB_VRF_TABLE, &why);
    if (open)
        rtnetlink_close(&kernel);
    return space_remove(space, ret_trouble) &&
           (made ||
            trouble_is(ret_trouble, 0, "outer_vrf needs a kernel with VRFs (CONFIG_NET_VRF): %s",
                       why.sentence));
}

static bool has_vrf(const struct world *world)
{
    bool has = false;
    for (size_t i = 0; i < world->node_count; i++)
        has |= lab_has_vrf(&world->nodes[i]);
    return has;
}

bool ready_rights(struct trouble *ret_trouble)
{
    struct trouble why;
    return probe_rights(&why) ||
           trouble_is(ret_trouble, 0, "a lab cannot be had here: %s", why.sentence);
}

static bool permits(const struct world *world, struct trouble *ret_trouble)
{
    struct probe_answer answers[PROBES];
    if (!ready_rights(ret_trouble))
        return false;
    probe_all(answers);
    if (!answers[PROBE_NFTABLES].there)
        return trouble_is(ret_trouble, 0, "a lab cannot be had here: %s",
                          answers[PROBE_NFTABLES].sentence);
    return !has_plain(world, false) || probe_userspace(answers, ret_trouble);
}

unsigned ready_memory_mib(const struct world *world)
{
    size_t kib = world->tunnel_count * 2 * CHARON_KIB + world->node_count * SPACE_KIB;
    for (size_t i = 0; i < world->node_count; i++) {
        enum router_kind kind = router_kind_of(world, (int)i);
        kib += world->nodes[i].kind == NODE_GATEWAY || kind == ROUTER_SEKISHOD ? SEKISHOD_KIB
               : kind == ROUTER_FRR                                            ? FRR_KIB
               : kind == ROUTER_BIRD                                           ? BIRD_KIB
                                                                               : 0;
    }
    return (unsigned)(kib / KIB) + 1;
}

/* 0: it cannot be known. */
static unsigned long available_mib(void)
{
    char line[128];
    unsigned long kib = 0;
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "MemAvailable: %lu", &kib) != 1)
        ;
    if (file)
        fclose(file);
    return kib / KIB;
}

static bool has_memory(const struct world *world, struct trouble *ret_trouble)
{
    unsigned needed = ready_memory_mib(world) + RESERVE_MIB;
    unsigned long there = available_mib();
    return there == 0 || there >= needed ||
           trouble_is(ret_trouble, 0,
                      "not enough memory: this lab takes %u MiB, and %lu MiB are available", needed,
                      there);
}

enum lab_outcome ready_for(const struct lab_request *request, const struct world *world,
                           struct trouble *ret_trouble)
{
    if (!can_be(world, request->network, ret_trouble))
        return LAB_REFUSED;
    if (!permits(world, ret_trouble) ||
        (has_plain(world, true) && !permits_vxlan(request, ret_trouble)) ||
        (has_vrf(world) && !permits_vrf(request, ret_trouble)) ||
        !has_programs(request, world, ret_trouble) || !has_memory(world, ret_trouble))
        return LAB_IMPOSSIBLE;
    return LAB_DONE;
}
