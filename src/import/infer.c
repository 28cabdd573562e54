#include "import/infer.h"

#include "base/sort.h"
#include "import/remark.h"
#include "network/memory.h"

#include <stdlib.h>
#include <string.h>

struct inferred {
    enum aws_kind kind;
    const char *id;
    struct import_place place;
    int64_t asn; /* -1: not told */
    const char *vpc;
    ip_addr address;
};

struct inference {
    struct aws *aws;
    struct inferred *items;
    size_t count, cap;
};

static void add(struct inference *inference, struct inferred inferred)
{
    if (!inferred.id || aws_find(inference->aws, inferred.kind, inferred.id) ||
        aws_has(inference->aws, inferred.id))
        return;
    inference->items =
        memory_grow(inference->items, inference->count, &inference->cap, sizeof *inference->items);
    inference->items[inference->count++] = inferred;
}

static void collect(struct inference *inference)
{
    struct aws *aws = inference->aws;
    for (size_t i = 0; i < aws_count(aws, AWS_ROUTE_TABLE); i++) {
        const struct aws_route_table *table = (void *)aws_at(aws, AWS_ROUTE_TABLE, i);
        for (size_t j = 0; !table->is.dropped && j < table->propagating_count; j++)
            add(inference, (struct inferred){.kind = AWS_VPN_GATEWAY,
                                             .id = table->propagating[j],
                                             .place = table->is.place,
                                             .asn = -1,
                                             .vpc = table->vpc});
    }
    for (size_t i = 0; i < aws_count(aws, AWS_VPN_CONNECTION); i++) {
        const struct aws_connection *connection = (void *)aws_at(aws, AWS_VPN_CONNECTION, i);
        if (connection->is.dropped || connection->transit_gateway)
            continue;
        add(inference, (struct inferred){.kind = AWS_VPN_GATEWAY,
                                         .id = connection->vpn_gateway,
                                         .place = connection->is.place,
                                         .asn = connection->vgw_asn});
        add(inference, (struct inferred){.kind = AWS_CUSTOMER_GATEWAY,
                                         .id = connection->customer_gateway,
                                         .place = connection->is.place,
                                         .asn = connection->cgw_asn,
                                         .address = connection->cgw_address});
    }
    for (size_t i = 0; i < aws_count(aws, AWS_VIRTUAL_INTERFACE); i++) {
        const struct aws_virtual_interface *dx = (void *)aws_at(aws, AWS_VIRTUAL_INTERFACE, i);
        if (!dx->is.dropped && dx->vpn_gateway && item_is_name(dx->vpn_gateway))
            add(inference, (struct inferred){.kind = AWS_VPN_GATEWAY,
                                             .id = dx->vpn_gateway,
                                             .place = dx->is.place,
                                             .asn = dx->amazon_asn});
    }
}

static int compare(const void *left, const void *right, const void *ctx)
{
    const struct inferred *a = left, *b = right;
    (void)ctx;
    return a->kind != b->kind ? (a->kind > b->kind) - (a->kind < b->kind) : strcmp(a->id, b->id);
}

static void *append(struct aws *aws, const struct inferred *from)
{
    struct aws_list *list = &aws->lists[from->kind];
    size_t size = aws_noun(from->kind)->size_bytes;
    list->items = memory_grow(list->items, list->count, &list->cap, size);
    struct aws_thing *thing = aws_at(aws, from->kind, list->count++);
    memset(thing, 0, size);
    *thing = (struct aws_thing){.id = from->id, .place = from->place, .inferred = true};
    return thing;
}

static void make(struct aws *aws, const struct inferred *from)
{
    bool customer = from->kind == AWS_CUSTOMER_GATEWAY;
    if (customer) {
        struct aws_customer_gateway *gateway = append(aws, from);
        gateway->asn = from->asn;
        gateway->address = from->address;
    } else {
        struct aws_vpn_gateway *gateway = append(aws, from);
        gateway->asn = from->asn;
        gateway->vpc = from->vpc;
    }
    remark_say(aws->remarks, IMPORT_MISSING, from->place, from->id, "%s is not in the export",
               from->id);
    if (customer)
        remark_depends(aws->remarks, "its address and its AS (%s)",
                       from->address ? "taken from what hangs on it" : "not known");
    else
        remark_depends(aws->remarks, "its AS (%s) and its VPC (%s)",
                       from->asn > 0 ? "taken from what hangs on it" : "taken to be 64512",
                       from->vpc ? "taken to be the one whose tables it propagates into"
                                 : "taken to be none");
}

/* What one of them leaves out another may tell. */
static void merge(struct inferred *into, const struct inferred *from)
{
    if (into->asn < 0)
        into->asn = from->asn;
    if (!into->vpc)
        into->vpc = from->vpc;
    if (!into->address)
        into->address = from->address;
}

void infer_gateways(struct aws *aws)
{
    struct inference inference = {.aws = aws};
    collect(&inference);
    struct inferred *scratch = memory_zeroed(inference.count, sizeof *scratch);
    sort_stable(inference.items, inference.count, sizeof *scratch, scratch, compare, NULL);
    free(scratch);
    for (size_t i = 0, next; i < inference.count; i = next) {
        next = i + 1;
        for (; next < inference.count &&
               compare(&inference.items[i], &inference.items[next], NULL) == 0;
             next++)
            merge(&inference.items[i], &inference.items[next]);
        make(aws, &inference.items[i]);
    }
    if (inference.count)
        aws_settle(aws);
    free(inference.items);
}
