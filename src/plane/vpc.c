#include "plane/vpc.h"

#include "plane/devices.h"
#include "plane/sysctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    LOCAL_TABLE = 1000, /* and from there two for each route table */
    BEHIND_METRIC = 1024,
    NOWHERE_METRIC = 1 << 20, /* a CIDR's own, when nothing of the same length lies there */
    FIRST_PRIORITY = 1000,
    STATIC_PRIORITY = FIRST_PRIORITY,
    LOCAL_PRIORITY,
    TABLE_PRIORITY,
    REFUSED_PRIORITY,
    OWN_PRIORITY, /* the router's own words */
    LAST_PRIORITY = OWN_PRIORITY,
};

static uint32_t whole_table(uint16_t table)
{
    return LOCAL_TABLE + 2u * table;
}

static uint32_t static_table(uint16_t table)
{
    return LOCAL_TABLE + 2u * table + 1;
}

void plane_vpc_name(const char *gateway, const char *vpc, char out[NAME_SPACE_BYTES])
{
    snprintf(out, NAME_SPACE_BYTES, "sekisho@%s@%s", gateway, vpc);
}

/* Where a packet came from is judged by rules, not by where its answer would go. */
bool plane_vpc_make(const char *space, struct trouble *ret_trouble)
{
    static const struct {
        const char *path, *value;
    } settings[] = {
        {"net/ipv4/ip_forward", "1"},
        {"net/ipv4/conf/all/rp_filter", "0"},
        {"net/ipv4/conf/default/rp_filter", "0"},
        {"net/ipv4/conf/all/send_redirects", "0"},
        {"net/ipv4/conf/default/send_redirects", "0"},
        {"net/ipv6/conf/all/forwarding", "1"},
    };
    if (!space_make(space, ret_trouble))
        return false;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (!sysctl_put(space, settings[i].path, settings[i].value, ret_trouble))
            return false;
    }
    return true;
}

/* -- rules -- */

struct rules {
    struct plane_rule *at;
    size_t count, cap;
};

static void add(struct rules *rules, struct plane_rule rule)
{
    if (rules->count < rules->cap)
        rules->at[rules->count] = rule;
    rules->count++; /* counted without room, too: how much is needed */
}

/* What packets from this range (length 0: of this family) through this device ask. */
static void add_for(struct rules *rules, const struct plane_vpc *vpc,
                    const struct plane_entrance *entrance, struct prefix from)
{
    struct plane_rule rule = {.six = from.six, .from = from, .in = entrance->device};
    for (size_t i = 0; i < vpc->cidr_count; i++) {
        if (vpc->cidrs[i].six != from.six)
            continue;
        rule.to = vpc->cidrs[i];
        if (entrance->table) {
            rule.table = static_table(entrance->table);
            rule.priority = STATIC_PRIORITY;
            add(rules, rule);
        }
        rule.table = LOCAL_TABLE;
        rule.priority = LOCAL_PRIORITY;
        add(rules, rule);
    }
    if (entrance->table) {
        rule.to = (struct prefix){.six = from.six};
        rule.table = whole_table(entrance->table);
        rule.priority = TABLE_PRIORITY;
        add(rules, rule);
    }
}

static void add_entrance(struct rules *rules, const struct plane_vpc *vpc,
                         const struct plane_entrance *entrance)
{
    for (size_t i = 0; i < entrance->from_count; i++)
        add_for(rules, vpc, entrance, entrance->from[i]);
    for (int six = 0; six < 2; six++) {
        if (entrance->from_count == 0)
            add_for(rules, vpc, entrance, (struct prefix){.six = six});
        add(rules, (struct plane_rule){.six = six,
                                       .from = {.six = six},
                                       .to = {.six = six},
                                       .in = entrance->device,
                                       .priority = REFUSED_PRIORITY});
    }
}

static void add_all(struct rules *rules, const struct plane_vpc *vpc)
{
    rules->count = 0;
    for (size_t i = 0; i < vpc->entrance_count; i++)
        add_entrance(rules, vpc, &vpc->entrances[i]);
    for (int six = 0; six < 2; six++)
        add(rules, (struct plane_rule){.six = six,
                                       .from = {.six = six},
                                       .to = {.six = six},
                                       .in = "lo",
                                       .table = LOCAL_TABLE,
                                       .priority = OWN_PRIORITY});
}

static bool put_rules(struct rtnetlink *vpc, const struct plane_vpc *wanted,
                      struct trouble *ret_trouble)
{
    struct rules rules = {NULL, 0, 0};
    add_all(&rules, wanted);
    rules.cap = rules.count;
    rules.at = calloc(rules.cap, sizeof *rules.at);
    if (!rules.at)
        return trouble_is(ret_trouble, ENOMEM, "the rules of a VPC%s", vpc->place);
    add_all(&rules, wanted);
    bool done = rule_all(vpc, FIRST_PRIORITY, LAST_PRIORITY, rules.at, rules.count, ret_trouble);
    free(rules.at);
    return done;
}

/* -- what lies where -- */

static bool put_local(struct rtnetlink *vpc, const struct plane_vpc *wanted,
                      struct trouble *ret_trouble)
{
    size_t count = wanted->cidr_count, at = 0;
    for (size_t i = 0; i < wanted->entrance_count; i++)
        count += wanted->entrances[i].behind_count;
    struct plane_route *routes = calloc(count + 1, sizeof *routes);
    if (!routes)
        return trouble_is(ret_trouble, ENOMEM, "the ranges of a VPC%s", vpc->place);
    for (size_t i = 0; i < wanted->cidr_count; i++)
        routes[at++] = (struct plane_route){
            .to = wanted->cidrs[i], .metric = NOWHERE_METRIC, .kind = RTNETLINK_UNREACHABLE_ROUTE};
    for (size_t i = 0; i < wanted->entrance_count; i++) {
        const struct plane_entrance *entrance = &wanted->entrances[i];
        for (size_t j = 0; j < entrance->behind_count; j++)
            routes[at++] = (struct plane_route){
                .to = entrance->behind[j], .device = entrance->device, .metric = BEHIND_METRIC};
    }
    bool done = route_all(vpc, LOCAL_TABLE, routes, at, ret_trouble);
    free(routes);
    return done;
}

static bool put_own_addresses(struct rtnetlink *vpc, const struct plane_vpc *wanted,
                              struct trouble *ret_trouble)
{
    struct plane_address own[PLANE_VPC_CIDRS];
    size_t count = 0;
    for (size_t i = 0; i < wanted->cidr_count; i++) {
        ip_addr first = prefix_first_host(wanted->cidrs[i]);
        if (first != 0)
            own[count++] = (struct plane_address){first, ip_bits(wanted->cidrs[i].six), 0};
    }
    return address_all(vpc, "lo", own, count, ret_trouble);
}

bool plane_vpc_put(struct rtnetlink *vpc, const struct plane_vpc *wanted,
                   struct trouble *ret_trouble)
{
    if (wanted->cidr_count > PLANE_VPC_CIDRS)
        return trouble_is(ret_trouble, E2BIG, "a VPC has at most %d ranges", PLANE_VPC_CIDRS);
    for (size_t i = 0; i < wanted->entrance_count; i++) {
        if (wanted->entrances[i].table > PLANE_VPC_TABLES)
            return trouble_is(ret_trouble, E2BIG, "a VPC has at most %d route tables",
                              PLANE_VPC_TABLES);
    }
    return put_own_addresses(vpc, wanted, ret_trouble) && put_local(vpc, wanted, ret_trouble) &&
           put_rules(vpc, wanted, ret_trouble);
}

/* -- route tables -- */

static bool is_table(uint16_t table, struct trouble *ret_trouble)
{
    return (table >= 1 && table <= PLANE_VPC_TABLES) ||
           trouble_is(ret_trouble, EINVAL, "%u is no route table of a VPC: 1 to %d", table,
                      PLANE_VPC_TABLES);
}

bool plane_vpc_is_table(uint32_t kernel_table)
{
    return kernel_table >= whole_table(1) && kernel_table <= static_table(PLANE_VPC_TABLES);
}

uint16_t plane_vpc_table_of(uint32_t kernel_table, bool *ret_static)
{
    *ret_static = (kernel_table - LOCAL_TABLE) % 2 == 1;
    return (uint16_t)((kernel_table - LOCAL_TABLE) / 2);
}

size_t plane_vpc_routes_of(const struct plane_vpc_route *route, struct plane_route out[2])
{
    out[0] = (struct plane_route){.to = route->prefix,
                                  .table = whole_table(route->table),
                                  .device = route->device,
                                  .gateway = route->gateway,
                                  .onlink = route->gateway != 0,
                                  .metric = BEHIND_METRIC,
                                  .kind = route->device ? RTNETLINK_UNICAST_ROUTE
                                                        : RTNETLINK_BLACKHOLE_ROUTE};
    out[1] = out[0];
    out[1].table = static_table(route->table);
    return route->propagated || route->outside ? 1 : 2;
}

bool plane_vpc_route_put(struct rtnetlink *vpc, const struct plane_vpc_route *route,
                         struct trouble *ret_trouble)
{
    struct plane_route in[2];
    if (!is_table(route->table, ret_trouble))
        return false;
    size_t count = plane_vpc_routes_of(route, in);
    if (!route_put(vpc, &in[0], ret_trouble))
        return false;
    return count == 1 ? route_remove(vpc, &in[1], ret_trouble)
                      : route_put(vpc, &in[1], ret_trouble);
}

bool plane_vpc_route_remove(struct rtnetlink *vpc, uint16_t table, struct prefix prefix,
                            struct trouble *ret_trouble)
{
    struct plane_route in = {.to = prefix, .metric = BEHIND_METRIC};
    if (!is_table(table, ret_trouble))
        return false;
    in.table = static_table(table);
    bool done = route_remove(vpc, &in, ret_trouble);
    in.table = whole_table(table);
    return route_remove(vpc, &in, ret_trouble) && done;
}

/* -- instances -- */

static bool give(struct rtnetlink *instance, ip_addr addr, struct trouble *ret_trouble)
{
    bool six = ip_is_six(addr);
    struct plane_address address = {addr, ip_bits(six), 0};
    struct plane_route all = {.to = {.six = six}, .device = "eth0", .source = addr};
    return addr == 0 || (address_put(instance, "eth0", &address, ret_trouble) &&
                         route_put(instance, &all, ret_trouble));
}

bool plane_vpc_instance(struct rtnetlink *vpc, const char *device, const char *space, ip_addr four,
                        ip_addr six, struct trouble *ret_trouble)
{
    struct rtnetlink instance;
    if (!space_make(space, ret_trouble) || !rtnetlink_open(&instance, space, ret_trouble))
        return false;
    bool done = device_line(vpc, device, &instance, "eth0", ret_trouble) &&
                give(&instance, four, ret_trouble) && give(&instance, six, ret_trouble);
    rtnetlink_close(&instance);
    return done;
}
