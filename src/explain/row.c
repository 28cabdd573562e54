#include "explain/row.h"

#include "explain/route_line.h"
#include "explain/words.h"
#include "world/names.h"

/* A gateway's own prefixes are its VPCs'. */
static const char *owner_of(const struct world *world, int node, struct prefix prefix)
{
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *vpc = &world->nodes[i];
        if (vpc->kind != NODE_VPC || vpc->owner != node)
            continue;
        const struct vpc *tables = world_vpc(world, vpc);
        for (uint32_t j = 0; tables && j < tables->cidr_count; j++) {
            if (prefix_equal(tables->cidrs[j], prefix))
                return vpc->id;
        }
    }
    return world->nodes[node].id;
}

void text_offerer(struct text *text, const struct world *world, int node,
                  const struct view_route *route)
{
    if (route->neighbor)
        text_neighbor(text, world, node, route->neighbor);
    else if (route->source->attachment.v)
        text_attachment(text, world, node, route->source->attachment.v);
    else
        text_add(text, owner_of(world, node, route->prefix));
}

const char *offer_kind(enum source_kind kind)
{
    static const char *const names[] = {
        [SOURCE_LOCAL] = "local", [SOURCE_DX] = "DX",         [SOURCE_VPN_STATIC] = "static",
        [SOURCE_VPN_BGP] = "BGP", [SOURCE_PLAIN_BGP] = "BGP", [SOURCE_FRAGMENT] = "piece",
    };
    return names[kind];
}

const char *target_name(const struct world *world, const struct view *view,
                        struct vpc_target target)
{
    const struct node *vpc = &world->nodes[view->node];
    if (target.kind == VPC_TO_LOCAL)
        return "local";
    if (target.kind == VPC_TO_BLACKHOLE)
        return "blackhole";
    bool known = target.id > 0 && target.id <= vpc->target_count && vpc->targets[target.id].id;
    return known ? vpc->targets[target.id].id : "?";
}

static void vpc_row(const struct world *world, const struct view *view,
                    const struct view_route *route, struct text *parts)
{
    text_add(&parts[0], target_name(world, view, route->vpc.target));
    if (route->vpc.origin != VPC_ORIGIN_LOCAL)
        text_add(&parts[1], vpc_origin_name((enum vpc_origin)route->vpc.origin));
    if (!route->chosen) {
        text_add(&parts[2], "not taken: ");
        text_add(&parts[2], route->why);
    } else if (route->vpc.state == VPC_BLACKHOLE && route->vpc.target.kind != VPC_TO_BLACKHOLE) {
        text_add(&parts[2], "blackhole: the target is gone");
    }
}

static void gateway_row(const struct world *world, const struct view *view,
                        const struct view_route *route, struct text *parts)
{
    text_offerer(&parts[0], world, view->node, route);
    text_add(&parts[1], offer_kind(route->source->kind));
    if (route->source->peer_as) {
        text_char(&parts[1], ' ');
        text_u64(&parts[1], route->source->peer_as);
    }
    if (!route->chosen)
        text_add(&parts[2], route->why);
}

void row_of(const struct world *world, const struct view *view, const struct view_route *route,
            int64_t now_us, struct row *ret_row)
{
    struct text parts[ROW_PARTS];
    for (size_t i = 0; i < ROW_PARTS; i++)
        parts[i] = text_over(ret_row->parts[i], sizeof ret_row->parts[i]);
    if (view->kind == VIEW_VPC)
        vpc_row(world, view, route, parts);
    else if (view->kind == VIEW_GATEWAY)
        gateway_row(world, view, route, parts);
    else
        text_route_line(&parts[0], world, view->node, route->prefix, &route->candidate, now_us,
                        ROUTE_LINE_AGE);
}

static void text_path_itself(struct text *text, const struct world *world, int node,
                             const struct view_route *route)
{
    const struct rib *rib = engine_rib(world->nodes[node].engine);
    const struct attr_facts *facts = attr_get(&rib->attrs, route->path->attr);
    text_offerer(text, world, node, route);
    text_add(text, ", ");
    text_add(text, offer_kind(route->source->kind));
    if (facts->as_path_bytes > 0) {
        text_add(text, ", AS path ");
        text_as_path(text, rib, route->path->attr);
    }
    if (facts->flags & ATTR_HAS_MED) {
        text_add(text, ", MED ");
        text_u64(text, facts->med);
    }
}

void text_view_route_itself(struct text *text, const struct world *world, const struct view *view,
                            const struct view_route *route)
{
    if (route->path) {
        text_path_itself(text, world, view->node, route);
    } else if (view->kind == VIEW_VPC) {
        text_add(text, target_name(world, view, route->vpc.target));
        if (route->vpc.origin == VPC_ORIGIN_LOCAL)
            return;
        text_add(text, ", ");
        text_add(text, vpc_origin_name((enum vpc_origin)route->vpc.origin));
    } else {
        text_route_line(text, world, view->node, route->prefix, &route->candidate, 0, 0);
    }
}

void text_view_route(struct text *text, const struct world *world, const struct view *view,
                     const struct view_route *route)
{
    bool gone = view->kind == VIEW_VPC && route->vpc.state == VPC_BLACKHOLE &&
                route->vpc.target.kind != VPC_TO_BLACKHOLE;
    text_view_route_itself(text, world, view, route);
    if (gone)
        text_add(text, "; blackhole: the target is gone");
    if (route->chosen)
        return;
    text_add(text, "; ");
    text_add(text, route->why);
    text_add(text, ": ");
    text_add(text, route->sentence);
}
