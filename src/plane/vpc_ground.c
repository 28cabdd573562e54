#include "plane/attachments_parts.h"

#include "plane/devices.h"
#include "plane/handed.h"
#include "plane/routes.h"
#include "plane/sysctl.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- grounds -- */

struct vpc_ground *ground_find(const struct attachments *all, const char *vpc)
{
    for (size_t i = 0; i < all->ground_count; i++) {
        if (strcmp(all->grounds[i]->vpc, vpc) == 0)
            return all->grounds[i];
    }
    return NULL;
}

struct vpc_ground *ground_of(struct attachments *all, const char *vpc)
{
    struct vpc_ground *ground = ground_find(all, vpc);
    if (ground)
        return ground;
    struct vpc_ground **grown =
        realloc(all->grounds, (all->ground_count + 1) * sizeof *all->grounds);
    if (!grown)
        return NULL;
    all->grounds = grown;
    ground = calloc(1, sizeof *ground);
    if (!ground)
        return NULL;
    snprintf(ground->vpc, sizeof ground->vpc, "%s", vpc);
    plane_vpc_name(all->gateway, vpc, ground->space);
    ground->kernel.fd = ground->kernel.space_fd = -1;
    vpc_tables_init(&ground->tables);
    all->grounds[all->ground_count++] = ground;
    return ground;
}

static void close_ground(struct vpc_ground *ground)
{
    stir_end(ground->stir);
    ground->stir = NULL;
    rtnetlink_close(&ground->kernel);
}

/* Somebody may have removed it and made another of its name. */
bool ground_open(struct attachments *all, struct vpc_ground *ground, struct trouble *ret_trouble)
{
    enum {
        GROUPS = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                 RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_RULE | 1 << (RTNLGRP_IPV6_RULE - 1)
    };
    if (ground->kernel.fd >= 0 && !ground_is_gone(ground))
        return true;
    if (ground->kernel.fd >= 0) /* it is nobody's by now, but for our hold on it */
        handed_back_all(&ground->kernel, &all->outer, NULL, NULL);
    close_ground(ground);
    if (!plane_vpc_make(ground->space, ret_trouble) ||
        !rtnetlink_open(&ground->kernel, ground->space, ret_trouble))
        return false;
    ground->stir = stir_begin(all, ground->space, GROUPS, ret_trouble);
    return ground->stir != NULL;
}

bool ground_is_gone(const struct vpc_ground *ground)
{
    return ground->kernel.fd >= 0 && !space_is(ground->space, ground->kernel.space_fd);
}

void ground_free(struct vpc_ground *ground)
{
    close_ground(ground);
    vpc_tables_done(&ground->tables);
    free(ground);
}

void ground_remove(struct attachments *all, struct vpc_ground *ground)
{
    struct trouble trouble;
    if (ground->kernel.fd >= 0 || rtnetlink_open(&ground->kernel, ground->space, NULL))
        handed_back_all(&ground->kernel, &all->outer, NULL, NULL);
    close_ground(ground);
    if (!space_remove(ground->space, &trouble))
        all->ears.trouble(all->ears.of, ground->vpc, trouble.sentence);
}

/* -- what is plugged in -- */

/* Who asks for an address that lies behind another device is answered by us. */
static bool answer_for_others(const struct vpc_ground *ground, const char *device,
                              struct trouble *ret_trouble)
{
    char path[96];
    snprintf(path, sizeof path, "net/ipv4/conf/%s/proxy_arp", device);
    return sysctl_put(ground->space, path, "1", ret_trouble);
}

static bool dress(struct vpc_ground *ground, const struct attached *at, struct trouble *ret_trouble)
{
    struct plane_address addresses[2];
    size_t count = 0;
    if (at->wanted.four.addr)
        addresses[count++] = at->wanted.four;
    if (at->wanted.six.addr)
        addresses[count++] = at->wanted.six;
    return (at->wanted.kind == PLANE_SUBNET ||
            answer_for_others(ground, at->device, ret_trouble)) &&
           address_all(&ground->kernel, at->device, addresses, count, ret_trouble) &&
           device_up(&ground->kernel, at->device, true, ret_trouble);
}

static bool has_carrier(struct rtnetlink *kernel, const char *device)
{
    struct rtnetlink_device found;
    return device_find(kernel, device, &found, NULL) && found.running;
}

static void plug(struct attachments *all, struct vpc_ground *ground, struct attached *at)
{
    struct trouble trouble = {0};
    bool there = handed_take(&all->outer, at->wanted.line, &ground->kernel, at->device, &trouble);
    attached_device(at, there);
    if (there)
        there = dress(ground, at, &trouble);
    if (!there)
        attached_is(all, at, trouble.sentence);
    else
        attached_is(all, at,
                    has_carrier(&ground->kernel, at->device) ? NULL : "the device has no carrier");
}

/* Between two of ours. It is made from its first VPC. */
static void join(struct attachments *all, struct vpc_ground *ground, struct attached *at)
{
    struct trouble trouble = {0};
    struct vpc_ground *other = ground_find(all, at->wanted.other);
    char why[128];
    if (!other || !ground_open(all, other, &trouble)) {
        snprintf(why, sizeof why, "there is no VPC %.90s here", at->wanted.other);
        attached_device(at, false);
        attached_is(all, at, why);
        return;
    }
    bool there = device_line(&ground->kernel, at->device, &other->kernel, at->device, &trouble);
    attached_device(at, there);
    attached_is(all, at, there ? NULL : trouble.sentence);
}

static bool is_in(const struct attached *at, const struct vpc_ground *ground)
{
    return strcmp(at->wanted.vpc, ground->vpc) == 0;
}

static bool ends_in(const struct attached *at, const struct vpc_ground *ground)
{
    return at->wanted.kind == PLANE_PEERING && strcmp(at->wanted.other, ground->vpc) == 0;
}

static void plug_all(struct attachments *all, struct vpc_ground *ground)
{
    for (size_t i = 0; i < all->count; i++) {
        struct attached *at = all->items[i];
        if (!is_in(at, ground) || at->wanted.kind == PLANE_VPC)
            continue;
        if (at->wanted.kind == PLANE_PEERING && *at->wanted.other)
            join(all, ground, at);
        else
            plug(all, ground, at);
    }
}

static bool is_wanted_here(const char *name, void *context)
{
    const struct {
        struct attachments *all;
        struct vpc_ground *ground;
    } *of = context;
    for (size_t i = 0; i < of->all->count; i++) {
        const struct attached *at = of->all->items[i];
        if (is_in(at, of->ground) && strcmp(at->device, name) == 0)
            return true;
    }
    return false;
}

/* -- entrances -- */

/* Of a device that is there. */
static struct plane_entrance entrance_of(const struct attached *at)
{
    const struct plane_attachment *wanted = &at->wanted;
    bool inside = wanted->kind == PLANE_SUBNET || wanted->kind == PLANE_INSTANCE;
    bool judged = (inside && !wanted->anybody) || wanted->kind == PLANE_PEERING;
    return (struct plane_entrance){.device = at->device,
                                   .table = inside ? wanted->table : 0,
                                   .from = wanted->ranges,
                                   .from_count = judged ? wanted->range_count : 0,
                                   .behind = wanted->ranges,
                                   .behind_count = inside ? wanted->range_count : 0};
}

static struct plane_entrance far_entrance_of(struct attachments *all, const struct attached *at)
{
    struct plane_entrance entrance = {.device = at->device};
    for (size_t i = 0; i < all->count; i++) {
        const struct plane_attachment *vpc = &all->items[i]->wanted;
        if (vpc->kind != PLANE_VPC || strcmp(vpc->name, at->wanted.vpc) != 0)
            continue;
        entrance.from = vpc->ranges;
        entrance.from_count = vpc->range_count;
    }
    return entrance;
}

static bool put_rules(struct attachments *all, struct vpc_ground *ground,
                      const struct attached *vpc, struct trouble *ret_trouble)
{
    struct plane_entrance *entrances = calloc(all->count + 1, sizeof *entrances);
    struct plane_vpc wanted = {vpc->wanted.ranges, vpc->wanted.range_count, entrances, 0};
    if (!entrances)
        return trouble_is(ret_trouble, ENOMEM, "the rules of %s", ground->vpc);
    if (vpc->wanted.attached)
        entrances[wanted.entrance_count++] = (struct plane_entrance){.device = PLANE_VPC_GATEWAY};
    for (size_t i = 0; i < all->count; i++) {
        const struct attached *at = all->items[i];
        if (*at->said.device == '\0' || at->wanted.kind == PLANE_VPC)
            continue;
        if (is_in(at, ground))
            entrances[wanted.entrance_count++] = entrance_of(at);
        else if (ends_in(at, ground) && at->wanted.range_count > 0)
            entrances[wanted.entrance_count++] = far_entrance_of(all, at);
    }
    bool fine = plane_vpc_put(&ground->kernel, &wanted, ret_trouble);
    free(entrances);
    return fine;
}

/* -- to the gateway -- */

enum { WAYS_AT_ONCE = 2 * PLANE_VPC_CIDRS };

struct ways { /* through a VPC's device, to what is no range of it any more */
    const struct plane_attachment *vpc;
    uint32_t index;
    struct plane_route gone[WAYS_AT_ONCE];
    size_t count;
};

static bool has_range(const struct plane_attachment *vpc, struct prefix range)
{
    for (size_t i = 0; i < vpc->range_count; i++) {
        if (prefix_equal(vpc->ranges[i], range))
            return true;
    }
    return false;
}

static void note_gone(const struct rtnetlink_said *said, void *context)
{
    struct ways *ways = context;
    const struct rtnetlink_route *route = &said->route;
    if (said->kind == RTNETLINK_ROUTE && route->protocol == ROUTES_PROTOCOL &&
        route->index == ways->index && ways->count < WAYS_AT_ONCE &&
        !has_range(ways->vpc, route->to))
        ways->gone[ways->count++] =
            (struct plane_route){.to = route->to, .table = route->table, .metric = route->metric};
}

/* Once, when it is said what its ranges are: every route that neighbors announced is read, too. */
static bool forget_ranges(struct attachments *all, struct attached *vpc,
                          struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    struct ways ways = {.vpc = &vpc->wanted};
    if (vpc->ways_weeded)
        return true;
    if (!device_find(&all->inner, vpc->device, &device, ret_trouble))
        return false;
    ways.index = device.index;
    bool fine = route_each(&all->inner, 0, note_gone, &ways, ret_trouble);
    for (size_t i = 0; fine && i < ways.count; i++)
        fine = route_remove(&all->inner, &ways.gone[i], ret_trouble);
    vpc->ways_weeded = fine && ways.count < WAYS_AT_ONCE;
    return fine;
}

static bool put_way(struct attachments *all, struct vpc_ground *ground, struct attached *vpc,
                    struct trouble *ret_trouble)
{
    if (!vpc->wanted.attached)
        return device_remove(&ground->kernel, PLANE_VPC_GATEWAY, ret_trouble);
    bool fine =
        device_line(&all->inner, vpc->device, &ground->kernel, PLANE_VPC_GATEWAY, ret_trouble);
    for (size_t i = 0; fine && i < vpc->wanted.range_count; i++) {
        struct plane_route route = {.to = vpc->wanted.ranges[i], .device = vpc->device};
        fine = route_put(&all->inner, &route, ret_trouble);
    }
    return fine && forget_ranges(all, vpc, ret_trouble);
}

/* Somebody must have a table's routes where they are refused: he is told which VPC it is. */
void ground_put(struct attachments *all, struct vpc_ground *ground, struct attached *at)
{
    struct trouble trouble = {0};
    struct {
        struct attachments *all;
        struct vpc_ground *ground;
    } of = {all, ground};
    bool fine = ground_open(all, ground, &trouble) && put_way(all, ground, at, &trouble);
    attached_device(at, fine && at->wanted.attached);
    if (fine) {
        handed_back_all(&ground->kernel, &all->outer, is_wanted_here, &of);
        plug_all(all, ground);
        fine = put_rules(all, ground, at, &trouble) &&
               vpc_tables_put(&ground->tables, &ground->kernel, at->wanted.ranges,
                              at->wanted.range_count, &trouble);
    }
    uint32_t wanted = (uint32_t)ground->tables.count, there = ground->tables.there_count;
    at->untold |= at->said.routes_wanted != wanted || at->said.routes_there != there;
    at->said.routes_wanted = wanted;
    at->said.routes_there = there;
    attached_is(all, at, fine ? NULL : trouble.sentence);
}
