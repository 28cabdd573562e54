#include "network/resolve.h"

#include "base/sort.h"
#include "network/memory.h"
#include "network/suggest.h"
#include "network/walk.h"

#include <stdlib.h>
#include <string.h>

enum { TWINS_SEARCHED = 64 }; /* a name given more often has errors enough */

/* --- who has which name --- */

static void names_add(struct names *names, const char *id, enum network_kind kind, size_t index,
                      int32_t part, struct place place)
{
    if (!id)
        return;
    names->items = memory_grow(names->items, names->count, &names->cap, sizeof *names->items);
    names->items[names->count++] = (struct name){id, kind, (int32_t)index, part, place};
}

static void collect_vpc(struct names *names, const struct network_vpc *vpc, size_t index)
{
    names_add(names, vpc->id, NETWORK_VPC, index, -1, vpc->place);
    names_add(names, vpc->internet_gateway.id, NETWORK_INTERNET_GATEWAY, index, -1,
              vpc->internet_gateway.place);
    for (size_t i = 0; i < vpc->route_table_count; i++)
        names_add(names, vpc->route_tables[i].id, NETWORK_ROUTE_TABLE, index, (int32_t)i,
                  vpc->route_tables[i].place);
    for (size_t i = 0; i < vpc->subnet_count; i++)
        names_add(names, vpc->subnets[i].id, NETWORK_SUBNET, index, (int32_t)i,
                  vpc->subnets[i].place);
    for (size_t i = 0; i < vpc->security_group_count; i++)
        names_add(names, vpc->security_groups[i].id, NETWORK_SECURITY_GROUP, index, (int32_t)i,
                  vpc->security_groups[i].place);
    for (size_t i = 0; i < vpc->network_acl_count; i++)
        names_add(names, vpc->network_acls[i].id, NETWORK_ACL, index, (int32_t)i,
                  vpc->network_acls[i].place);
    for (size_t i = 0; i < vpc->instance_count; i++)
        names_add(names, vpc->instances[i].id, NETWORK_INSTANCE, index, (int32_t)i,
                  vpc->instances[i].place);
}

/* In the order of the file's places, so that the earlier of two equal names comes first. */
static int compare_names(const void *left, const void *right, const void *ctx)
{
    const struct name *a = left, *b = right;
    (void)ctx;
    int order = strcmp(a->id, b->id);
    if (order == 0 && a->place.line != b->place.line)
        order = a->place.line < b->place.line ? -1 : 1;
    if (order == 0)
        order = (a->place.column > b->place.column) - (a->place.column < b->place.column);
    return order;
}

void names_collect(const struct network *network, struct names *ret_names)
{
    struct names names = {0};
    for (size_t i = 0; i < network->vpc_count; i++)
        collect_vpc(&names, &network->vpcs[i], i);
#define COLLECT(list, count, kind)                                                                 \
    for (size_t i = 0; i < network->count; i++)                                                    \
    names_add(&names, network->list[i].id, NETWORK_##kind, i, -1, network->list[i].place)
    COLLECT(vpc_peerings, vpc_peering_count, PEERING);
    COLLECT(prefix_lists, prefix_list_count, PREFIX_LIST);
    COLLECT(vpn_gateways, vpn_gateway_count, VPN_GATEWAY);
    COLLECT(customer_gateways, customer_gateway_count, CUSTOMER_GATEWAY);
    COLLECT(vpn_connections, vpn_connection_count, VPN_CONNECTION);
    COLLECT(direct_connects, direct_connect_count, DIRECT_CONNECT);
    COLLECT(routers, router_count, ROUTER);
#undef COLLECT
    struct name *scratch = memory_zeroed(names.count, sizeof *scratch);
    sort_stable(names.items, names.count, sizeof *scratch, scratch, compare_names, NULL);
    free(scratch);
    *ret_names = names;
}

void names_done(struct names *names)
{
    free(names->items);
    *names = (struct names){0};
}

const struct name *names_find(const struct names *names, const char *id)
{
    size_t low = 0, high = names->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(names->items[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < names->count && strcmp(names->items[low].id, id) == 0;
    return found ? &names->items[low] : NULL;
}

const char *network_kind_name(enum network_kind kind)
{
    static const char *const names[NETWORK_KINDS] = {
        [NETWORK_NOTHING] = "nothing",
        [NETWORK_VPC] = "VPC",
        [NETWORK_ROUTE_TABLE] = "route table",
        [NETWORK_SUBNET] = "subnet",
        [NETWORK_INSTANCE] = "instance",
        [NETWORK_INTERNET_GATEWAY] = "internet gateway",
        [NETWORK_PEERING] = "VPC peering",
        [NETWORK_VPN_GATEWAY] = "VPN gateway",
        [NETWORK_CUSTOMER_GATEWAY] = "customer gateway",
        [NETWORK_VPN_CONNECTION] = "VPN connection",
        [NETWORK_TUNNEL] = "tunnel",
        [NETWORK_DIRECT_CONNECT] = "Direct Connect",
        [NETWORK_ROUTER] = "router",
        [NETWORK_SECURITY_GROUP] = "security group",
        [NETWORK_ACL] = "network ACL",
        [NETWORK_PREFIX_LIST] = "prefix list",
        [NETWORK_BLACKHOLE] = "blackhole",
        [NETWORK_ADDRESS] = "address",
        [NETWORK_PREFIX] = "prefix",
    };
    return names[kind];
}

/* --- references --- */

struct resolving {
    struct network *network;
    const struct names *names;
    struct diagnostics *diagnostics;
};

/* What a reference asks for, and has not found. */
struct wish {
    uint32_t kinds;
    const char *id;
    const char *part; /* what stands behind its slash; NULL: it has none */
};

enum { PART_BYTES = 16 };

static const char *article(enum network_kind kind)
{
    return kind == NETWORK_INSTANCE || kind == NETWORK_INTERNET_GATEWAY ? "an" : "a";
}

/* "router", or "instance, VPN gateway or VPC peering". */
static void wanted_kinds(uint32_t kinds, char *buffer, size_t cap)
{
    size_t used = 0;
    buffer[0] = 0;
    for (int kind = 0; kind < NETWORK_BLACKHOLE; kind++) {
        if (!(kinds >> kind & 1))
            continue;
        bool last = !(kinds >> (kind + 1) & ((1u << (NETWORK_BLACKHOLE - kind - 1)) - 1));
        used += (size_t)snprintf(buffer + used, cap - used, "%s%s",
                                 used == 0 ? ""
                                 : last    ? " or "
                                           : ", ",
                                 network_kind_name((enum network_kind)kind));
    }
}

/* A tunnel is named by its connection: looked for among those. */
static uint32_t searched_kinds(uint32_t kinds)
{
    return kinds & KIND(TUNNEL) ? KIND(VPN_CONNECTION) : kinds;
}

/* Behind the name of a connection, where a tunnel of it is meant: the number that was said, if it
 * has such a one; of what is no connection and where none is meant nothing. */
static void part_meant(const struct resolving *resolving, const struct name *name,
                       const struct wish *wish, char out[PART_BYTES])
{
    out[0] = 0;
    if (!(wish->kinds & KIND(TUNNEL)) || name->kind != NETWORK_VPN_CONNECTION)
        return;
    size_t count = resolving->network->vpn_connections[name->index].tunnel_count;
    unsigned long long said = wish->part ? strtoull(wish->part, NULL, 10) : 0;
    snprintf(out, PART_BYTES, "/%u", said >= 1 && said <= count ? (unsigned)said : 1);
}

/* What could have been meant, or what there is. */
static void suggest_name(const struct resolving *resolving, const struct wish *wish, char *buffer,
                         size_t cap)
{
    const struct names *names = resolving->names;
    uint32_t kinds = searched_kinds(wish->kinds);
    char part[PART_BYTES];
    struct suggestion suggestion = suggest_for(wish->id);
    size_t there_are = 0, used = 0;
    buffer[0] = 0;
    for (size_t i = 0; i < names->count; i++) {
        const struct name *name = &names->items[i];
        if (!(kinds >> name->kind & 1))
            continue;
        suggest_offer(&suggestion, name->id, i);
        part_meant(resolving, name, wish, part);
        if (there_are++ < 5)
            used += (size_t)snprintf(buffer + used, cap - used, "%s\"%s%s\"",
                                     used ? ", " : "there is ", name->id, part);
    }
    if (suggestion.nearest) {
        const struct name *nearest = &names->items[suggestion.index];
        part_meant(resolving, nearest, wish, part);
        snprintf(buffer, cap, "did you mean \"%s%s\" (line %u)?", nearest->id, part,
                 nearest->place.line);
    } else if (there_are == 0)
        snprintf(buffer, cap, "there is none in this file");
    else if (there_are > 5)
        snprintf(buffer + used, cap - used, " and %zu more", there_are - 5);
}

static void unresolved(const struct resolving *resolving, const struct field *field,
                       const struct network_ref *ref, const char *id)
{
    char kinds[160], hint[480];
    const struct name *name = names_find(resolving->names, id);
    struct diagnostics *diagnostics = resolving->diagnostics;
    if (diagnostics->count == DIAGNOSTICS_MAX) { /* spare the search */
        diagnostics->dropped++;
        return;
    }
    unsigned width = (unsigned)strlen(ref->id);
    const char *slash = strchr(ref->id, '/');
    struct wish wish = {field->kinds, id, slash ? slash + 1 : NULL};
    wanted_kinds(field->kinds, kinds, sizeof kinds);
    suggest_name(resolving, &wish, hint, sizeof hint);
    if (name)
        diagnostics_add(diagnostics, ref->place, width, hint, "%s is %s %s (line %u), not %s %s",
                        id, article(name->kind), network_kind_name(name->kind), name->place.line,
                        kinds[0] == 'i' ? "an" : "a", kinds);
    else
        diagnostics_add(diagnostics, ref->place, width, hint, "no %s is called \"%s\"", kinds,
                        ref->id);
}

/* Of those so called one of a wanted kind, so that a name given twice is one error, not many. */
static const struct name *find_of(const struct names *names, const char *id, uint32_t kinds)
{
    const struct name *first = names_find(names, id);
    size_t left = first ? names->count - (size_t)(first - names->items) : 0;
    left = left < TWINS_SEARCHED ? left : TWINS_SEARCHED;
    for (const struct name *name = first; left-- > 0 && strcmp(name->id, id) == 0; name++)
        if (kinds >> name->kind & 1)
            return name;
    return NULL;
}

static void resolve_tunnel(const struct resolving *resolving, const struct field *field,
                           struct network_ref *ref)
{
    const char *slash = strchr(ref->id, '/');
    size_t size = slash ? (size_t)(slash - ref->id) : strlen(ref->id);
    char *connection = memory_text(ref->id, size);
    const struct name *name = find_of(resolving->names, connection, KIND(VPN_CONNECTION));
    if (!name) {
        unresolved(resolving, field, ref, connection);
        free(connection);
        return;
    }
    free(connection);
    size_t count = resolving->network->vpn_connections[name->index].tunnel_count;
    unsigned long long number = slash ? strtoull(slash + 1, NULL, 10) : 0;
    if (slash && number >= 1 && number <= count) {
        ref->kind = NETWORK_TUNNEL;
        ref->index = name->index;
        ref->part = (int32_t)number - 1;
        return;
    }
    char hint[96];
    snprintf(hint, sizeof hint, count > 1 ? "expected %.60s/1 or /2" : "expected %.60s/1",
             name->id);
    if (count > 0) /* else its tunnels are what is wrong */
        diagnostics_add(resolving->diagnostics, ref->place, (unsigned)strlen(ref->id), hint,
                        "no tunnel is called \"%s\"", ref->id);
}

static void resolve_ref(const struct field *field, void *member, struct place place, void *ctx)
{
    const struct resolving *resolving = ctx;
    struct network_ref *ref = member;
    (void)place;
    if (field->type != FIELD_REF || !ref->id || ref->kind == NETWORK_BLACKHOLE ||
        ref->kind == NETWORK_ADDRESS || ref->kind == NETWORK_PREFIX)
        return;
    if (field->kinds == KIND(TUNNEL)) {
        resolve_tunnel(resolving, field, ref);
        return;
    }
    const struct name *name = find_of(resolving->names, ref->id, field->kinds);
    if (!name) {
        unresolved(resolving, field, ref, ref->id);
        return;
    }
    ref->kind = name->kind;
    ref->index = name->index;
    ref->part = name->part;
}

static void report_twins(const struct names *names, struct diagnostics *diagnostics)
{
    const struct name *first = NULL;
    for (size_t i = 0; i < names->count; i++) {
        const struct name *name = &names->items[i];
        if (first && strcmp(first->id, name->id) == 0)
            diagnostics_add(diagnostics, name->place, (unsigned)strlen(name->id),
                            "every name in a file is given once",
                            "\"%s\" is already the name of %s %s (line %u)", name->id,
                            article(first->kind), network_kind_name(first->kind),
                            first->place.line);
        else
            first = name;
    }
}

void resolve_names(struct network *network, struct diagnostics *diagnostics)
{
    struct names names;
    names_collect(network, &names);
    report_twins(&names, diagnostics);
    for (size_t i = 0; i < network->vpc_count; i++)
        if (network->vpcs[i].internet_gateway.id) {
            network->vpcs[i].internet_gateway.kind = NETWORK_INTERNET_GATEWAY;
            network->vpcs[i].internet_gateway.index = (int32_t)i;
        }
    struct resolving resolving = {network, &names, diagnostics};
    walk_scalars(&schema_network, network, resolve_ref, &resolving);
    names_done(&names);
}

struct network_ref network_find(const struct network *network, const char *id)
{
    struct names names;
    struct network_ref found = {.index = -1, .part = -1};
    const char *slash = strchr(id, '/');
    char *owner = memory_text(id, slash ? (size_t)(slash - id) : strlen(id));
    names_collect(network, &names);
    const struct name *name = names_find(&names, owner);
    if (name && !slash) {
        found.kind = name->kind;
        found.index = name->index;
        found.part = name->part;
    } else if (name && name->kind == NETWORK_VPN_CONNECTION) {
        size_t count = network->vpn_connections[name->index].tunnel_count;
        for (size_t i = 0; i < count && slash[1] >= '1' && slash[1] <= '9' && !slash[2]; i++)
            if (slash[1] == (char)('1' + i)) {
                found.kind = NETWORK_TUNNEL;
                found.index = name->index;
                found.part = (int32_t)i;
            }
    }
    names_done(&names);
    free(owner);
    return found;
}
