/* Route tables: static routes with the targets that a network file knows, propagation, and which
 * subnet asks which table. A route whose target cannot be said keeps its place and drops what
 * matches: it still decides before wider routes and propagated ones, as it does at AWS. */
#include "import/draft.h"

#include "import/remark.h"

#include <string.h>

struct placing { /* a route that gets its target */
    struct draft *draft;
    const struct aws_route_table *table;
    const struct aws_route *route;
    size_t vpc;
    const char *target; /* NULL: nothing that the network has */
    const char *note;   /* why it is another than the export's; NULL */
    bool missing;       /* the export names it and does not hold it */
};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void to_internet_gateway(struct placing *placing)
{
    struct network_vpc *vpc = &placing->draft->network->vpcs[placing->vpc];
    const char *id = placing->route->target;
    const struct aws_internet_gateway *gateway =
        (void *)aws_find(placing->draft->aws, AWS_INTERNET_GATEWAY, id);
    if (!gateway && !vpc->internet_gateway.id && item_is_name(id) &&
        !aws_has(placing->draft->aws, id)) {
        vpc->internet_gateway = draft_ref(id);
        remark_say(placing->draft->remarks, IMPORT_ASSUMED, placing->route->place, id,
                   "%s is not in the export; taken to be attached to %s, whose %s leads there", id,
                   vpc->id, placing->table->is.id);
    }
    bool its = vpc->internet_gateway.id && strcmp(vpc->internet_gateway.id, id) == 0;
    placing->target = its ? vpc->internet_gateway.id : NULL;
    placing->missing = !its && !gateway;
    placing->note = its ? NULL : gateway ? "not attached to this VPC" : "not in the export";
}

static void to_gateway(struct placing *placing)
{
    const char *id = placing->route->target;
    const struct aws_thing *gateway = aws_find(placing->draft->aws, AWS_VPN_GATEWAY, id);
    if (begins(id, "igw-")) {
        to_internet_gateway(placing);
    } else if (gateway && gateway->used) {
        placing->target = gateway->id;
    } else if (begins(id, "vgw-")) {
        placing->note = "not in the export";
        placing->missing = true;
    } else {
        placing->note = "no target of a network file";
    }
}

/* A NAT gateway sends to the Internet what an instance sends there. */
static void to_nat(struct placing *placing)
{
    const struct network_vpc *vpc = &placing->draft->network->vpcs[placing->vpc];
    const struct aws_thing *nat =
        aws_find(placing->draft->aws, AWS_NAT_GATEWAY, placing->route->target);
    placing->missing = !nat;
    placing->note = nat ? "a NAT gateway, taken for the internet gateway" : "not in the export";
    placing->target = nat ? vpc->internet_gateway.id : NULL;
    if (nat && !placing->target)
        placing->note = "a NAT gateway, and the VPC has no internet gateway";
}

static void to_instance(struct placing *placing, const char *id)
{
    const struct aws_instance *instance = (void *)aws_find(placing->draft->aws, AWS_INSTANCE, id);
    const struct aws_subnet *subnet =
        instance ? (void *)aws_find(placing->draft->aws, AWS_SUBNET, instance->subnet) : NULL;
    const struct aws_thing *vpc =
        subnet ? aws_find(placing->draft->aws, AWS_VPC, subnet->vpc) : NULL;
    if (instance && instance->is.used && vpc && vpc->used && vpc->at == placing->vpc)
        placing->target = instance->is.id;
    else
        placing->note = instance ? "an instance that is left out" : "not in the export";
    placing->missing = !instance;
}

static void to_interface(struct placing *placing)
{
    const struct aws_interface *interface =
        (void *)aws_find(placing->draft->aws, AWS_INTERFACE, placing->route->target);
    const char *instance = placing->route->instance ? placing->route->instance
                           : interface              ? interface->instance
                                                    : NULL;
    if (instance) {
        to_instance(placing, instance);
        return;
    }
    placing->missing = !interface;
    placing->note = interface ? "an interface of no instance" : "not in the export";
}

/* A peering stands in the network if it was drafted, and must end here. */
static void to_peering(struct placing *placing)
{
    const struct network *network = placing->draft->network;
    const struct aws_peering *peering =
        (void *)aws_find(placing->draft->aws, AWS_PEERING, placing->route->target);
    const char *here = network->vpcs[placing->vpc].id;
    placing->missing = !peering;
    placing->note = peering ? "a peering that carries nothing here" : "not in the export";
    if (!peering || !peering->is.used)
        return;
    for (int end = 0; end < 2; end++) {
        if (strcmp(peering->ends[end].vpc, here) == 0)
            placing->target = peering->is.id;
    }
    placing->note = placing->target ? NULL : placing->note;
}

static void find_target(struct placing *placing)
{
    switch (placing->route->to) {
    case AWS_TO_GATEWAY:
        to_gateway(placing);
        break;
    case AWS_TO_INSTANCE:
        to_instance(placing, placing->route->target);
        break;
    case AWS_TO_INTERFACE:
        to_interface(placing);
        break;
    case AWS_TO_NAT:
        to_nat(placing);
        break;
    case AWS_TO_PEERING:
        to_peering(placing);
        break;
    case AWS_TO_TRANSIT:
        placing->note = "a transit gateway, which is not modeled";
        break;
    case AWS_TO_NOTHING:
        placing->note = "no target said";
        break;
    case AWS_TO_OTHER:
    default:
        placing->note = "no target of a network file";
        break;
    }
}

/* What the network says otherwise than the export. */
static void say_placed(const struct placing *placing)
{
    const struct aws_route *route = placing->route;
    const char *id = route->target ? route->target : "nothing";
    enum import_subject subject = placing->missing ? IMPORT_MISSING : IMPORT_NOT_MODELED;
    remark_say(placing->draft->remarks, subject, route->place, id, "%s: %s leads to %.80s, %s; %s",
               placing->table->is.id, draft_prefix(route->prefix), id, placing->note,
               placing->target ? "packets take it all the same"
                               : "the route is kept and drops what matches");
    if (placing->missing)
        remark_depends(placing->draft->remarks, "whatever asks %s for %s", placing->table->is.id,
                       draft_prefix(route->prefix));
}

static void draft_route(struct draft *draft, struct network_route_table *table,
                        const struct placing *from)
{
    struct placing placing = *from;
    const struct aws_route *route = from->route;
    size_t owner;
    if (!draft_claim(draft, CLAIM_TABLE_PREFIX, table->place.line, route->prefix.addr,
                     route->prefix.len + (route->prefix.six ? 256u : 0u), 0, &owner)) {
        remark_say(draft->remarks, IMPORT_WRONG, route->place, from->table->is.id,
                   "%s has a second static route for %s; the first is taken", from->table->is.id,
                   draft_prefix(route->prefix));
        return;
    }
    if (!route->blackhole)
        find_target(&placing);
    struct network_vpc_route *line = draft_add(draft, &schema_route_table, table, "routes");
    line->prefix = route->prefix;
    line->target = draft_ref(placing.target ? placing.target : "blackhole");
    if (!placing.target)
        line->target.kind = NETWORK_BLACKHOLE;
    if (route->blackhole && route->target && item_is_name(route->target))
        line->was = draft_text(route->target);
    else if (route->blackhole)
        draft_trailing(draft, line->place, "State blackhole");
    if (!placing.note)
        return;
    draft_trailing(draft, line->place, "%.80s: %s", route->target ? route->target : "no target",
                   placing.note);
    say_placed(&placing);
}

/* A route to a prefix list is one to each of its entries. Where a table has a static one for the
 * same prefix, that is before it, at AWS too (VPC guide, route priority). */
static void draft_list_route(struct draft *draft, struct network_route_table *table,
                             const struct placing *from)
{
    struct placing placing = *from;
    const struct aws_route *route = from->route;
    const struct aws_prefix_list *list = (void *)aws_find(draft->aws, AWS_PREFIX_LIST, route->list);
    const char *target = route->target ? route->target : "nothing";
    size_t owner;
    if (!list || !list->told || list->prefixes.count > NETWORK_LIST_MAX) {
        remark_say(draft->remarks, IMPORT_MISSING, route->place, route->list,
                   "%s: the entries of %s, which leads to %.80s, are not in the export (aws ec2"
                   " get-managed-prefix-list-entries); the route is left out",
                   from->table->is.id, route->list, target);
        remark_depends(draft->remarks, "whatever asks %s for an address of %s", from->table->is.id,
                       route->list);
        return;
    }
    if (!route->blackhole)
        find_target(&placing);
    if (!placing.target) {
        remark_say(draft->remarks, IMPORT_NOT_MODELED, route->place, route->list,
                   "%s: %s leads to %.80s, %s; the route is left out", from->table->is.id,
                   route->list, target, route->blackhole ? "State blackhole" : placing.note);
        return;
    }
    for (size_t i = 0; i < list->prefixes.count; i++) {
        struct prefix prefix = list->prefixes.items[i];
        if (!draft_claim(draft, CLAIM_TABLE_PREFIX, table->place.line, prefix.addr,
                         prefix.len + (prefix.six ? 256u : 0u), 0, &owner))
            continue;
        struct network_vpc_route *line = draft_add(draft, &schema_route_table, table, "routes");
        line->prefix = prefix;
        line->target = draft_ref(placing.target);
        draft_trailing(draft, line->place, "of %s", route->list);
    }
    remark_say(draft->remarks, IMPORT_ASSUMED, route->place, route->list,
               "%s: the route to %s is written as one to each of its %zu entries",
               from->table->is.id, route->list, list->prefixes.count);
}

static void draft_propagation(struct draft *draft, struct network_route_table *table,
                              const struct aws_route_table *from)
{
    for (size_t i = 0; i < from->propagating_count; i++) {
        const struct aws_thing *gateway =
            aws_find(draft->aws, AWS_VPN_GATEWAY, from->propagating[i]);
        if (gateway && gateway->used)
            *(struct network_ref *)draft_add(draft, &schema_route_table, table, "propagate") =
                draft_ref(gateway->id);
    }
}

/* The main table is the VPC's first. */
static struct network_route_table *add_table(struct draft *draft, struct network_vpc *vpc,
                                             const struct aws_route_table *from)
{
    struct network_route_table *table = draft_add(draft, &schema_vpc, vpc, "route_tables");
    if (from->main && vpc->route_table_count > 1) {
        struct network_route_table made = *table;
        memmove(vpc->route_tables + 1, vpc->route_tables,
                (vpc->route_table_count - 1) * sizeof *table);
        table = vpc->route_tables;
        *table = made;
    }
    table->id = draft_text(from->is.id);
    return table;
}

/* What a network file has no word for. */
static void say_left_out(struct draft *draft, const struct aws_route_table *from)
{
    if (from->edge)
        remark_say(draft->remarks, IMPORT_NOT_MODELED, from->is.place, from->is.id,
                   "%s is a gateway's route table (an edge association): what comes in by the"
                   " gateway is not led by it",
                   from->is.id);
}

static void draft_table(struct draft *draft, struct aws_route_table *from)
{
    const struct aws_thing *home = aws_find(draft->aws, AWS_VPC, from->vpc);
    if (!home || !home->used) {
        remark_say(draft->remarks, IMPORT_MISSING, from->is.place, from->is.id,
                   "the VPC of %s (%s) is not in the export; the table is left out", from->is.id,
                   from->vpc ? from->vpc : "not said");
        return;
    }
    struct network_vpc *vpc = &draft->network->vpcs[home->at];
    struct network_route_table *table = add_table(draft, vpc, from);
    from->is.used = true;
    if (from->is.name && *from->is.name)
        draft_comment(draft, table->place, "%.80s", from->is.name);
    draft_propagation(draft, table, from);
    for (int lists = 0; lists < 2; lists++) {
        for (size_t i = 0; i < from->route_count; i++) {
            const struct aws_route *route = &from->routes[i];
            struct placing placing = {
                .draft = draft, .table = from, .route = route, .vpc = home->at};
            if (route->propagated || (route->list != NULL) != lists)
                continue;
            if (lists)
                draft_list_route(draft, table, &placing);
            else
                draft_route(draft, table, &placing);
        }
    }
    say_left_out(draft, from);
}

static void draft_association(struct draft *draft, const struct aws_route_table *from,
                              const char *subnet_id)
{
    const struct aws_subnet *subnet = (void *)aws_find(draft->aws, AWS_SUBNET, subnet_id);
    if (!subnet || !subnet->is.used) {
        remark_say(draft->remarks, IMPORT_MISSING, from->is.place, subnet_id,
                   "%s, which asks %s, is not in the export", subnet_id, from->is.id);
        return;
    }
    const struct aws_thing *vpc = aws_find(draft->aws, AWS_VPC, subnet->vpc);
    struct network_subnet *at = &draft->network->vpcs[vpc->at].subnets[subnet->is.at];
    if (!from->vpc || strcmp(from->vpc, vpc->id) != 0 || at->route_table.id) {
        remark_say(draft->remarks, IMPORT_WRONG, from->is.place, subnet_id,
                   "%s asks %s, and %s; the association is left out", subnet_id, from->is.id,
                   at->route_table.id ? at->route_table.id : "belongs to another VPC");
        return;
    }
    at->route_table = draft_ref(from->is.id);
}

/* Tables without a main one: subnets that no association names would ask the first. */
static void say_no_main(struct draft *draft, const struct network_vpc *vpc, bool has_main)
{
    if (has_main || vpc->subnet_count == 0)
        return;
    for (size_t i = 0; i < vpc->subnet_count; i++) {
        if (vpc->subnets[i].route_table.id)
            continue;
        remark_say(draft->remarks, IMPORT_MISSING, (struct import_place){0}, vpc->id,
                   "the main route table of %s is not in the export", vpc->id);
        remark_depends(draft->remarks, "the routes of %s%s; %s", vpc->subnets[i].id,
                       i + 1 < vpc->subnet_count ? " and perhaps others" : "",
                       vpc->route_table_count ? "taken to ask the first table that is there"
                                              : "taken to have the local route only");
        return;
    }
}

void draft_tables(struct draft *draft)
{
    struct aws *aws = draft->aws;
    for (size_t i = 0; i < aws_count(aws, AWS_ROUTE_TABLE); i++) {
        struct aws_route_table *table = (void *)aws_at(aws, AWS_ROUTE_TABLE, i);
        if (!table->is.dropped)
            draft_table(draft, table);
    }
    for (size_t i = 0; i < aws_count(aws, AWS_ROUTE_TABLE); i++) {
        const struct aws_route_table *table = (void *)aws_at(aws, AWS_ROUTE_TABLE, i);
        for (size_t j = 0; table->is.used && j < table->subnet_count; j++)
            draft_association(draft, table, table->subnets[j]);
        struct aws_vpc *vpc = (void *)aws_find(aws, AWS_VPC, table->is.used ? table->vpc : NULL);
        if (vpc && table->main && vpc->has_main)
            remark_say(draft->remarks, IMPORT_WRONG, table->is.place, vpc->is.id,
                       "%s has a second main route table, %s, and it is taken", vpc->is.id,
                       table->is.id);
        if (vpc && table->main)
            vpc->has_main = true;
    }
    for (size_t i = 0; i < aws_count(aws, AWS_VPC); i++) {
        const struct aws_vpc *vpc = (void *)aws_at(aws, AWS_VPC, i);
        if (vpc->is.used)
            say_no_main(draft, &draft->network->vpcs[vpc->is.at], vpc->has_main);
    }
}
