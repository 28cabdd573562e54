#include "plane/endpoint.h"

#include "plane/child.h"
#include "plane/devices.h"
#include "plane/routes.h"
#include "plane/sysctl.h"
#include "tunnel/mtu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT   "eth0"
#define SPACES "sekisho-"

enum {
    DUMMY_HOP = 0xc0000008, /* 192.0.0.8 */
    STAND_INS = 0xc6120000, /* 198.18.0.0/15 */
    STAND_IN_MASK = 0x1ffff,
};

void endpoint_names(const char *gateway, const char *tunnel, struct endpoint_names *ret_names)
{
    name_endpoint(gateway, tunnel, ret_names->space);
    name_outer(gateway, tunnel, ret_names->outer);
    name_device(tunnel, ret_names->device);
    snprintf(ret_names->folder, sizeof ret_names->folder, "%s/%s", ENDPOINT_FOLDER,
             ret_names->outer);
}

ip_addr endpoint_stand_in(const struct endpoint_names *names, unsigned tries)
{
    unsigned long long number = strtoull(names->outer + 2, NULL, 16); /* behind "sk" */
    return (ip_addr)STAND_INS | ((number + tries) & STAND_IN_MASK);
}

/* -- the outer side -- */

struct weeding {
    uint32_t index;
    ip_addr outside;
    struct prefix found; /* one of them */
    bool any;
};

static void find_weed(const struct rtnetlink_said *said, void *context)
{
    struct weeding *weeding = context;
    const struct rtnetlink_route *route = &said->route;
    if (said->kind != RTNETLINK_ROUTE || route->index != weeding->index ||
        route->protocol != ROUTES_PROTOCOL ||
        prefix_equal(route->to, prefix_host(weeding->outside)))
        return;
    weeding->found = route->to;
    weeding->any = true;
}

/* The way to an address that the tunnel had before. */
static bool weed_routes(const struct endpoint_names *names, ip_addr outside,
                        struct rtnetlink *outer, struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    if (!device_find(outer, names->outer, &device, ret_trouble))
        return false;
    struct weeding weeding = {.index = device.index, .outside = outside};
    do {
        struct plane_route route = {.device = names->outer};
        weeding.any = false;
        if (!route_each(outer, ROUTES_MAIN_TABLE, find_weed, &weeding, ret_trouble))
            return false;
        route.to = weeding.found;
        if (weeding.any && !route_remove(outer, &route, ret_trouble))
            return false;
    } while (weeding.any);
    return true;
}

static bool lead_in(const struct endpoint_names *names, ip_addr outside, struct rtnetlink *outer,
                    struct trouble *ret_trouble)
{
    struct plane_address hop = {.addr = DUMMY_HOP, .len = 32};
    struct plane_route route = {.to = prefix_host(outside), .device = names->outer};
    return address_all(outer, names->outer, &hop, 1, ret_trouble) &&
           device_up(outer, names->outer, true, ret_trouble) &&
           weed_routes(names, outside, outer, ret_trouble) && route_put(outer, &route, ret_trouble);
}

/* -- the endpoint -- */

struct search {
    ip_addr addr;
    bool found;
};

static void find_address(const struct rtnetlink_said *said, void *context)
{
    struct search *search = context;
    search->found |= said->kind == RTNETLINK_ADDRESS && said->address.addr == search->addr;
}

static bool has_outside(struct rtnetlink *here, ip_addr outside, bool *ret_has,
                        struct trouble *ret_trouble)
{
    struct search search = {.addr = outside};
    bool fine = address_each(here, find_address, &search, ret_trouble);
    *ret_has = search.found;
    return fine;
}

bool endpoint_is_free(struct rtnetlink *outer, ip_addr outside, struct trouble *ret_trouble)
{
    char words[IP_TEXT_BYTES];
    struct text text = text_over(words, sizeof words);
    bool taken;
    text_ip(&text, outside);
    return has_outside(outer, outside, &taken, ret_trouble) &&
           (!taken || trouble_is(ret_trouble, 0,
                                 "the outside address %s is the machine's own: take it away, or "
                                 "give the tunnel one that is routed to the machine",
                                 words));
}

/* -- whose it is -- */

struct leading {
    ip_addr outside;
    uint32_t index; /* of the device that packets for it go through; 0: none */
    char device[NAME_DEVICE_BYTES];
    char gateway[NAME_SPACE_BYTES];
};

static void find_leading(const struct rtnetlink_said *said, void *context)
{
    struct leading *leading = context;
    if (said->kind == RTNETLINK_ROUTE && said->route.protocol == ROUTES_PROTOCOL &&
        prefix_equal(said->route.to, prefix_host(leading->outside)))
        leading->index = said->route.index;
}

static void find_device(const struct rtnetlink_device *device, void *context)
{
    struct leading *leading = context;
    if (device->index == leading->index)
        memcpy(leading->device, device->name, sizeof leading->device);
}

/* "sekisho-vgw-main@vpn-a-1": the device's name follows from both. */
static void find_gateway(const char *space, void *context)
{
    struct leading *leading = context;
    char name[NAME_SPACE_BYTES], outer[NAME_DEVICE_BYTES];
    snprintf(name, sizeof name, "%s", space + strlen(SPACES));
    char *tunnel = strchr(name, '@'), *dash = strrchr(name, '-');
    if (!tunnel || !dash || dash < tunnel)
        return;
    *tunnel++ = '\0';
    *dash = '/';
    name_outer(name, tunnel, outer);
    if (strcmp(outer, leading->device) == 0)
        memcpy(leading->gateway, name, sizeof leading->gateway);
}

/* The IKE daemon of the endpoint that the device leads to; 0: it has ended. */
static pid_t daemon_of(const char *device)
{
    char record[PLANE_PATH_BYTES];
    struct child child;
    snprintf(record, sizeof record, "%s/%s/charon.pid", ENDPOINT_FOLDER, device);
    if (!child_adopt(record, &child, NULL))
        return 0;
    pid_t pid = child.pid;
    child_let_go(&child);
    return pid;
}

bool endpoint_is_ours(struct rtnetlink *outer, const char *gateway, ip_addr outside,
                      struct trouble *ret_trouble)
{
    char words[IP_TEXT_BYTES];
    struct text text = text_over(words, sizeof words);
    struct leading leading = {.outside = outside};
    if (outside == 0)
        return true;
    if (!route_each(outer, ROUTES_MAIN_TABLE, find_leading, &leading, ret_trouble))
        return false;
    if (leading.index == 0)
        return true;
    if (!device_each(outer, find_device, &leading, ret_trouble) ||
        !space_each(SPACES, find_gateway, &leading, ret_trouble))
        return false;
    pid_t pid =
        leading.gateway[0] && strcmp(leading.gateway, gateway) != 0 ? daemon_of(leading.device) : 0;
    text_ip(&text, outside);
    return pid == 0 ||
           trouble_is(
               ret_trouble, 0,
               "the outside address %s is that of the gateway %s, which was killed and whose "
               "tunnel goes on: start and stop that one, or end its IKE daemon, process %d",
               words, leading.gateway, (int)pid);
}

/* -- the endpoint's own side -- */

/* With its last address a device loses its routes. */
static bool put_outside(struct rtnetlink *here, ip_addr outside, bool open,
                        struct trouble *ret_trouble)
{
    struct plane_address own = {.addr = outside, .len = 32};
    struct plane_route out = {.device = PORT, .gateway = DUMMY_HOP, .onlink = true};
    return address_all(here, PORT, &own, open ? 1 : 0, ret_trouble) &&
           device_up(here, PORT, true, ret_trouble) && route_put(here, &out, ret_trouble);
}

static bool lead_out(ip_addr outside, struct rtnetlink *here, struct trouble *ret_trouble)
{
    bool open;
    return has_outside(here, outside, &open, ret_trouble) &&
           put_outside(here, outside, open, ret_trouble);
}

bool endpoint_open(const struct endpoint_names *names, ip_addr outside, bool open,
                   struct trouble *ret_trouble)
{
    struct rtnetlink here = {.fd = -1};
    if (!rtnetlink_open(&here, names->space, ret_trouble))
        return false;
    bool fine = put_outside(&here, outside, open, ret_trouble);
    rtnetlink_close(&here);
    return fine;
}

/* Nothing is forwarded there, and no IPv6 is spoken. */
static bool set_quiet(const char *space, struct trouble *ret_trouble)
{
    return sysctl_put(space, "net/ipv4/ip_forward", "0", ret_trouble) &&
           sysctl_put(space, "net/ipv4/conf/all/rp_filter", "0", ret_trouble) &&
           sysctl_put(space, "net/ipv4/conf/default/rp_filter", "0", ret_trouble);
}

bool endpoint_make(const struct endpoint_names *names, const struct plane_tunnel *tunnel,
                   struct rtnetlink *outer, struct trouble *ret_trouble)
{
    struct rtnetlink here = {.fd = -1};
    bool fine =
        space_make(names->space, ret_trouble) && rtnetlink_open(&here, names->space, ret_trouble);
    if (!fine)
        return false;
    fine = device_veth(outer, names->outer, &here, PORT, ret_trouble) &&
           set_quiet(names->space, ret_trouble) && lead_out(tunnel->outside, &here, ret_trouble) &&
           lead_in(names, tunnel->outside, outer, ret_trouble);
    rtnetlink_close(&here);
    return fine;
}

bool endpoint_remove(const struct endpoint_names *names, struct rtnetlink *outer,
                     struct trouble *ret_trouble)
{
    bool fine = device_remove(outer, names->outer, ret_trouble);
    return (!space_exists(names->space) || space_remove(names->space, ret_trouble)) && fine;
}

/* -- the tunnel's device -- */

void endpoint_fit(struct plane_tunnel *tunnel)
{
    enum { MSS_MOST = ENDPOINT_MTU_MOST - TUNNEL_MSS_BELOW_MTU };
    tunnel->mtu = tunnel->mtu < ENDPOINT_MTU_MOST ? tunnel->mtu : ENDPOINT_MTU_MOST;
    tunnel->mss = tunnel->mss < MSS_MOST ? tunnel->mss : MSS_MOST;
}

static bool put_decoy(struct rtnetlink *here, struct trouble *ret_trouble)
{
    return device_tun(here, ENDPOINT_TUN, ret_trouble) &&
           device_up(here, ENDPOINT_TUN, true, ret_trouble);
}

/* What charon holds has a carrier, the decoy has none. */
static bool is_held(struct rtnetlink *here, struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    return device_find(here, ENDPOINT_TUN, &device, ret_trouble) &&
           (device.running || trouble_is(ret_trouble, ENODEV, "charon has no %s", ENDPOINT_TUN));
}

bool endpoint_move(const struct endpoint_names *names, struct rtnetlink *inner,
                   struct trouble *ret_trouble)
{
    struct rtnetlink here = {.fd = -1};
    struct rtnetlink_device device;
    struct trouble ignored;
    if (!rtnetlink_open(&here, names->space, ret_trouble))
        return false;
    bool fine = device_find(inner, names->device, &device, &ignored);
    if (fine && strcmp(device.kind, "tun") != 0)
        fine =
            trouble_is(ret_trouble, EEXIST, "the device %s, which is not charon's", names->device);
    else if (!fine)
        fine = is_held(&here, ret_trouble) &&
               device_move(&here, ENDPOINT_TUN, inner, names->device, ret_trouble);
    fine = fine && put_decoy(&here, ret_trouble);
    rtnetlink_close(&here);
    return fine;
}

void endpoint_clear_decoy(const struct endpoint_names *names, struct rtnetlink *inner)
{
    struct rtnetlink here = {.fd = -1};
    struct rtnetlink_device device;
    struct trouble ignored;
    if (device_find(inner, names->device, &device, &ignored) || !space_exists(names->space) ||
        !rtnetlink_open(&here, names->space, &ignored))
        return;
    if (!is_held(&here, &ignored))
        device_remove(&here, ENDPOINT_TUN, &ignored);
    rtnetlink_close(&here);
}
