#include "explain/route_line.h"

#include "explain/words.h"
#include "world/names.h"

static const struct kernel_entry *installed(const struct world *world, int node,
                                            struct prefix prefix,
                                            const struct table_candidate *candidate)
{
    const struct kernel_entry *entry = kernel_exact(&world->nodes[node].kernel, prefix);
    bool same = entry && entry->source == candidate->route.source &&
                entry->port == candidate->way.interface && entry->gateway == candidate->way.gateway;
    return same ? entry : NULL;
}

bool route_is_installed(const struct world *world, int node, struct prefix prefix,
                        const struct table_candidate *candidate)
{
    return installed(world, node, prefix, candidate) != NULL;
}

static void text_way(struct text *text, const struct world *world, int node,
                     const struct table_candidate *candidate)
{
    const struct table_route *route = &candidate->route;
    const struct table_way *way = &candidate->way;
    if (route->flags & ROUTE_DISCARD) {
        text_add(text, " unreachable (blackhole)");
        return;
    }
    if (route->gateway == 0) {
        text_add(text, " is directly connected, ");
        text_add(text, interface_port_name(world, node, route->interface));
        return;
    }
    text_add(text, " via ");
    text_ip(text, route->gateway);
    if (way->kind == TABLE_OUT && way->gateway != route->gateway && way->gateway != 0) {
        text_add(text, " (recursive via ");
        text_ip(text, way->gateway);
        text_char(text, ')');
    }
    if (way->kind == TABLE_OUT || route->interface) {
        text_add(text, ", ");
        text_add(text,
                 interface_port_name(world, node,
                                     way->kind == TABLE_OUT ? way->interface : route->interface));
    }
}

static bool is_eligible(enum table_reason reason)
{
    switch (reason) {
    case TABLE_INTERFACE_DOWN:
    case TABLE_UNRESOLVED:
    case TABLE_OFF_LINK:
    case TABLE_RECURSIVE:
    case TABLE_DEEP:
        return false;
    case TABLE_CHOSEN:
    case TABLE_LOST_LOCAL:
    case TABLE_LOST_CONNECTED:
    case TABLE_LOST_DISTANCE:
    case TABLE_LOST_METRIC:
    case TABLE_LOST_AGE:
    case TABLE_REASON_COUNT:
    default:
        return true;
    }
}

void text_route_line(struct text *text, const struct world *world, int node, struct prefix prefix,
                     const struct table_candidate *candidate, int64_t now_us, unsigned parts)
{
    const struct table_route *route = &candidate->route;
    const struct kernel_entry *entry = installed(world, node, prefix, candidate);
    text_char(text, platform_letter(world->nodes[node].config.profile, route->source));
    text_char(text, candidate->reason == TABLE_CHOSEN ? '>' : ' ');
    text_char(text, entry && candidate->reason == TABLE_CHOSEN ? '*' : ' ');
    if (parts & ROUTE_LINE_PREFIX) {
        text_char(text, ' ');
        text_prefix(text, prefix);
    }
    if (route->source != ROUTE_CONNECTED && route->source != ROUTE_LOCAL) {
        text_add(text, " [");
        text_u64(text, route->distance);
        text_char(text, '/');
        text_u64(text, route->metric);
        text_char(text, ']');
    }
    text_way(text, world, node, candidate);
    if (!is_eligible(candidate->reason))
        text_add(text, " inactive");
    else if (entry && candidate->reason == TABLE_CHOSEN && (parts & ROUTE_LINE_AGE)) {
        text_add(text, ", ");
        text_age(text, now_us - entry->since_us);
    }
    if (route->source == ROUTE_DHCP)
        text_add(text, " (DHCP)");
}

bool text_installed(struct text *text, const struct world *world, int node, struct prefix prefix)
{
    const struct engine *engine = world->nodes[node].engine;
    struct table_candidate candidate;
    for (uint32_t i = 0; engine && table_candidate(engine_table(engine), prefix, i, &candidate);
         i++) {
        if (!installed(world, node, prefix, &candidate))
            continue;
        candidate.reason = TABLE_CHOSEN; /* what the kernel holds, whatever the mind has come to */
        text_route_line(text, world, node, prefix, &candidate, 0, ROUTE_LINE_PREFIX);
        return true;
    }
    return false;
}
