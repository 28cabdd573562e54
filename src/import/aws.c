#include "import/aws.h"

#include "base/digest.h"
#include "base/sort.h"
#include "import/remark.h"
#include "network/memory.h"

#include <stdlib.h>
#include <string.h>

static const struct aws_noun nouns[AWS_KINDS] = {
    [AWS_VPC] = {"Vpcs", sizeof(struct aws_vpc), "aws ec2 describe-vpcs"},
    [AWS_SUBNET] = {"Subnets", sizeof(struct aws_subnet), "aws ec2 describe-subnets"},
    [AWS_ROUTE_TABLE] = {"RouteTables", sizeof(struct aws_route_table),
                         "aws ec2 describe-route-tables"},
    [AWS_INTERNET_GATEWAY] = {"InternetGateways", sizeof(struct aws_internet_gateway),
                              "aws ec2 describe-internet-gateways"},
    [AWS_NAT_GATEWAY] = {"NatGateways", sizeof(struct aws_nat_gateway),
                         "aws ec2 describe-nat-gateways"},
    [AWS_PEERING] = {"VpcPeeringConnections", sizeof(struct aws_peering),
                     "aws ec2 describe-vpc-peering-connections"},
    [AWS_VPN_GATEWAY] = {"VpnGateways", sizeof(struct aws_vpn_gateway),
                         "aws ec2 describe-vpn-gateways"},
    [AWS_CUSTOMER_GATEWAY] = {"CustomerGateways", sizeof(struct aws_customer_gateway),
                              "aws ec2 describe-customer-gateways"},
    [AWS_VPN_CONNECTION] = {"VpnConnections", sizeof(struct aws_connection),
                            "aws ec2 describe-vpn-connections"},
    [AWS_VIRTUAL_INTERFACE] = {"VirtualInterfaces", sizeof(struct aws_virtual_interface),
                               "aws directconnect describe-virtual-interfaces"},
    [AWS_DX_GATEWAY] = {"DirectConnectGateways", sizeof(struct aws_dx_gateway),
                        "aws directconnect describe-direct-connect-gateways"},
    [AWS_DX_ASSOCIATION] = {"DirectConnectGatewayAssociations", sizeof(struct aws_dx_association),
                            "aws directconnect describe-direct-connect-gateway-associations"},
    [AWS_INSTANCE] = {"Reservations", sizeof(struct aws_instance), "aws ec2 describe-instances"},
    [AWS_INTERFACE] = {"NetworkInterfaces", sizeof(struct aws_interface),
                       "aws ec2 describe-network-interfaces"},
    [AWS_ADDRESS] = {"Addresses", sizeof(struct aws_address), "aws ec2 describe-addresses"},
    [AWS_SECURITY_GROUP] = {"SecurityGroups", sizeof(struct aws_filter),
                            "aws ec2 describe-security-groups"},
    [AWS_NETWORK_ACL] = {"NetworkAcls", sizeof(struct aws_filter), "aws ec2 describe-network-acls"},
    [AWS_TRANSIT_GATEWAY] = {"TransitGateways", sizeof(struct aws_transit),
                             "aws ec2 describe-transit-gateways"},
    [AWS_TRANSIT_ATTACHMENT] = {"TransitGatewayAttachments", sizeof(struct aws_transit),
                                "aws ec2 describe-transit-gateway-attachments"},
    [AWS_PREFIX_LIST] = {"PrefixLists", sizeof(struct aws_prefix_list),
                         "aws ec2 describe-prefix-lists"},
};

const struct aws_noun *aws_noun(enum aws_kind kind)
{
    return &nouns[kind];
}

void aws_done(struct aws *aws)
{
    for (int kind = 0; kind < AWS_KINDS; kind++)
        free(aws->lists[kind].items);
    for (size_t i = 0; i < aws->folder_count; i++)
        free(aws->folders[i].path);
    for (size_t i = 0; i < aws->kept_count; i++)
        free(aws->kept[i]);
    free(aws->folders);
    free(aws->names);
    free(aws->kept);
    *aws = (struct aws){0};
}

/* --- the store --- */

void *aws_keep(struct aws *aws, size_t size_bytes)
{
    aws->kept = memory_grow(aws->kept, aws->kept_count, &aws->kept_cap, sizeof *aws->kept);
    return aws->kept[aws->kept_count++] = memory_zeroed(1, size_bytes);
}

const char *aws_text(struct aws *aws, const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = aws_keep(aws, size);
    memcpy(copy, text, size);
    return copy;
}

void *aws_room(struct aws *aws, void *items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return items;
    size_t wanted = *cap * 2 + 4;
    void *longer = aws_keep(aws, wanted * size);
    if (count)
        memcpy(longer, items, count * size);
    *cap = wanted;
    return longer;
}

void prefixes_add(struct aws *aws, struct aws_prefixes *prefixes, struct prefix prefix)
{
    for (size_t i = prefixes->count; i-- > 0 && prefixes->count < 64;) {
        if (prefix_equal(prefixes->items[i], prefix))
            return;
    }
    prefixes->items =
        aws_room(aws, prefixes->items, prefixes->count, &prefixes->cap, sizeof *prefixes->items);
    prefixes->items[prefixes->count++] = prefix;
}

void texts_add(struct aws *aws, const char ***texts, size_t *count, size_t *cap, const char *text)
{
    *texts = aws_room(aws, *texts, *count, cap, sizeof **texts);
    (*texts)[(*count)++] = aws_text(aws, text);
}

/* --- things --- */

static uint64_t content_of(const json_t *value)
{
    struct digest digest = digest_start();
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (text)
        digest_bytes(&digest, (struct slice){(const uint8_t *)text, strlen(text)});
    free(text);
    return digest_end(&digest);
}

/* The value of the tag Name. Tags of another form are nobody's concern. */
static const char *name_of(const json_t *value)
{
    const json_t *tags = json_object_get(value, "Tags");
    tags = tags ? tags : json_object_get(value, "TagSet");
    size_t count = json_array_size(tags);
    for (size_t i = 0; i < count; i++) {
        const json_t *tag = json_array_get(tags, i);
        const char *key = json_string_value(json_object_get(tag, "Key"));
        if (key && strcmp(key, "Name") == 0)
            return json_string_value(json_object_get(tag, "Value"));
    }
    return NULL;
}

void *aws_add(struct aws *aws, enum aws_kind kind, const struct item *item, const char *id_key,
              size_t folder)
{
    struct aws_list *list = &aws->lists[kind];
    size_t size = nouns[kind].size_bytes;
    struct item found;
    const char *id = item_id(item, id_key);
    if (!id && !item_get(item, id_key, &found)) {
        struct import_place place = {.file = item->document->name};
        if (aws->remarks->counts[IMPORT_WRONG] < REMARKS_MAX)
            place = item_place(item);
        remark_say(aws->remarks, IMPORT_WRONG, place, NULL, "one of %s has no %s; it is left out",
                   nouns[kind].key, id_key);
    }
    if (!id)
        return NULL;
    list->items = memory_grow(list->items, list->count, &list->cap, size);
    struct aws_thing *thing = (void *)((char *)list->items + list->count++ * size);
    memset(thing, 0, size);
    *thing = (struct aws_thing){.id = aws_text(aws, id),
                                .name = aws_text(aws, name_of(item->value)),
                                .place = item_place(item),
                                .content = content_of(item->value),
                                .folder = folder};
    return thing;
}

size_t aws_count(const struct aws *aws, enum aws_kind kind)
{
    return aws->lists[kind].count;
}

struct aws_thing *aws_at(const struct aws *aws, enum aws_kind kind, size_t index)
{
    return (void *)((char *)aws->lists[kind].items + index * nouns[kind].size_bytes);
}

/* --- names --- */

static int compare_names(const void *left, const void *right, const void *ctx)
{
    const struct aws_name *a = left, *b = right;
    (void)ctx;
    int order = strcmp(a->id, b->id);
    return order ? order : (a->kind > b->kind) - (a->kind < b->kind);
}

/* One is enough where they are told alike: two accounts or regions know the same thing. */
static void drop_twin(struct aws *aws, const struct aws_name *first, const struct aws_name *second)
{
    struct aws_thing *kept = aws_at(aws, first->kind, first->index);
    struct aws_thing *twin = aws_at(aws, second->kind, second->index);
    if (kept->dropped || twin->dropped)
        return;
    twin->dropped = true;
    if (first->kind != second->kind)
        remark_say(aws->remarks, IMPORT_WRONG, twin->place, twin->id,
                   "%s is one of %s and, in %s:%u, one of %s; the former is left out", twin->id,
                   nouns[second->kind].key, kept->place.file, kept->place.line,
                   nouns[first->kind].key);
    else if (kept->content != twin->content)
        remark_say(aws->remarks, IMPORT_WRONG, twin->place, twin->id,
                   "%s is told twice and not alike; what %s:%u says is taken", twin->id,
                   kept->place.file, kept->place.line);
}

static void drop_twins(struct aws *aws)
{
    for (size_t i = 1, first = 0; i < aws->name_count; i++) {
        if (strcmp(aws->names[first].id, aws->names[i].id) == 0)
            drop_twin(aws, &aws->names[first], &aws->names[i]);
        else
            first = i;
    }
}

void aws_settle(struct aws *aws)
{
    size_t count = 0;
    for (int kind = 0; kind < AWS_KINDS; kind++)
        count += aws->lists[kind].count;
    free(aws->names);
    aws->name_count = 0;
    aws->names = memory_zeroed(count, sizeof *aws->names);
    for (enum aws_kind kind = 0; kind < AWS_KINDS; kind++) {
        for (size_t i = 0; i < aws->lists[kind].count; i++)
            aws->names[aws->name_count++] =
                (struct aws_name){.id = aws_at(aws, kind, i)->id, .kind = kind, .index = i};
    }
    void *scratch = memory_zeroed(count, sizeof *aws->names);
    sort_stable(aws->names, count, sizeof *aws->names, scratch, compare_names, NULL);
    free(scratch);
    drop_twins(aws);
}

static size_t first_name(const struct aws *aws, const struct aws_name *wanted)
{
    size_t low = 0, high = aws->name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_names(&aws->names[middle], wanted, NULL) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct aws_thing *aws_find(const struct aws *aws, enum aws_kind kind, const char *id)
{
    if (!id)
        return NULL;
    struct aws_name wanted = {.id = id, .kind = kind};
    size_t at = first_name(aws, &wanted);
    if (at == aws->name_count || compare_names(&aws->names[at], &wanted, NULL) != 0)
        return NULL;
    struct aws_thing *thing = aws_at(aws, kind, aws->names[at].index);
    return thing->dropped ? NULL : thing;
}

bool aws_has(const struct aws *aws, const char *id)
{
    struct aws_name wanted = {.id = id, .kind = 0};
    size_t at = first_name(aws, &wanted);
    return at < aws->name_count && strcmp(aws->names[at].id, id) == 0;
}
