/* VPCs with what lies in them: subnets, instances, route tables and their static routes. */
#include "import/draft.h"

#include "base/sort.h"
#include "import/remark.h"
#include "network/memory.h"

#include <stdlib.h>
#include <string.h>

enum { CIDRS_COMPARED = 64 };

static struct network_vpc *vpc_at(const struct draft *draft, const struct aws_thing *vpc)
{
    return &draft->network->vpcs[vpc->at];
}

/* The VPC that the id means and that stands in the network; NULL: none. */
static struct aws_vpc *drafted_vpc(const struct draft *draft, const char *id)
{
    struct aws_thing *thing = aws_find(draft->aws, AWS_VPC, id);
    return thing && thing->used ? (struct aws_vpc *)thing : NULL;
}

/* What an account holder calls it. */
static void say_name(struct draft *draft, struct place place, const struct aws_thing *thing)
{
    if (thing->name && *thing->name)
        draft_comment(draft, place, "%.80s", thing->name);
}

/* Left out, because what it lies in is not there. */
static void say_homeless(struct draft *draft, const struct aws_thing *thing, const char *noun,
                         const char *home, const char *id)
{
    remark_say(draft->remarks, IMPORT_MISSING, thing->place, thing->id,
               "the %s of the %s %s (%s) is not in the export; %s is left out", home, noun,
               thing->id, id ? id : "not said", thing->id);
}

/* --- VPCs --- */

static void add_cidrs(struct draft *draft, struct network_vpc *vpc, const struct aws_prefixes *from)
{
    for (size_t i = 0; i < from->count; i++) {
        bool overlaps = vpc->cidr_count >= CIDRS_COMPARED;
        for (size_t j = 0; j < vpc->cidr_count && !overlaps; j++)
            overlaps = prefix_overlaps(vpc->cidrs[j], from->items[i]);
        if (!overlaps)
            *(struct prefix *)draft_add(draft, &schema_vpc, vpc, "cidrs") = from->items[i];
    }
}

static struct network_vpc *add_vpc(struct draft *draft, const char *id)
{
    struct network *network = draft->network;
    struct network_vpc *vpc = draft_add(draft, &schema_network, network, "vpcs");
    vpc->id = draft_text(id);
    return vpc;
}

static void draft_vpc(struct draft *draft, struct aws_vpc *from)
{
    if (from->cidrs.count == 0) {
        remark_say(draft->remarks, IMPORT_WRONG, from->is.place, from->is.id,
                   "%s has no CidrBlock; it is left out with all that lies in it", from->is.id);
        return;
    }
    struct network_vpc *vpc = add_vpc(draft, from->is.id);
    from->is.used = true;
    from->is.at = draft->network->vpc_count - 1;
    add_cidrs(draft, vpc, &from->cidrs);
    say_name(draft, vpc->place, &from->is);
    if (vpc->cidr_count < from->cidrs.count)
        remark_say(draft->remarks, IMPORT_WRONG, from->is.place, from->is.id,
                   "ranges of %s overlap; of those that do the first is taken", from->is.id);
}

static void draft_internet_gateway(struct draft *draft, struct aws_internet_gateway *from)
{
    struct aws_vpc *home = drafted_vpc(draft, from->vpc);
    if (!home)
        return; /* attached to nothing: routes to it lead nowhere */
    struct network_vpc *vpc = vpc_at(draft, &home->is);
    if (vpc->internet_gateway.id) {
        remark_say(draft->remarks, IMPORT_WRONG, from->is.place, from->is.id,
                   "%s has the internet gateway %s already; %s is left out", home->is.id,
                   vpc->internet_gateway.id, from->is.id);
        return;
    }
    vpc->internet_gateway = draft_ref(from->is.id);
    from->is.used = true;
}

/* --- subnets --- */

struct subnet_key {
    size_t vpc;
    struct prefix cidr;
    struct aws_subnet *subnet;
};

static int compare_subnets(const void *left, const void *right, const void *ctx)
{
    const struct subnet_key *a = left, *b = right;
    (void)ctx;
    if (a->vpc != b->vpc)
        return a->vpc < b->vpc ? -1 : 1;
    return prefix_compare(a->cidr, b->cidr);
}

/* Of two that overlap, the narrower one is left out. */
static void drop_overlapping(struct draft *draft, struct subnet_key *keys, size_t count)
{
    struct subnet_key *scratch = memory_zeroed(count, sizeof *scratch);
    sort_stable(keys, count, sizeof *keys, scratch, compare_subnets, NULL);
    free(scratch);
    for (size_t i = 1, last = 0; i < count; i++) {
        if (keys[i].vpc != keys[last].vpc || !prefix_overlaps(keys[i].cidr, keys[last].cidr)) {
            last = i;
            continue;
        }
        keys[i].subnet->is.dropped = true;
        remark_say(draft->remarks, IMPORT_WRONG, keys[i].subnet->is.place, keys[i].subnet->is.id,
                   "%s overlaps %s of the same VPC; it is left out", keys[i].subnet->is.id,
                   keys[last].subnet->is.id);
    }
}

static bool lies_in(const struct network_vpc *vpc, struct prefix cidr)
{
    for (size_t i = 0; i < vpc->cidr_count; i++) {
        if (prefix_covers(vpc->cidrs[i], cidr))
            return true;
    }
    return false;
}

/* Has it a VPC, in whose ranges it lies? */
static bool is_at_home(struct draft *draft, const struct aws_subnet *subnet)
{
    const struct aws_vpc *home = drafted_vpc(draft, subnet->vpc);
    if (!home)
        say_homeless(draft, &subnet->is, "subnet", "VPC", subnet->vpc);
    else if (!lies_in(vpc_at(draft, &home->is), subnet->cidr))
        remark_say(draft->remarks, IMPORT_WRONG, subnet->is.place, subnet->is.id,
                   "%s, %s, lies outside the ranges of %s; it is left out", subnet->is.id,
                   draft_prefix(subnet->cidr), home->is.id);
    else
        return true;
    return false;
}

static void draft_six(struct draft *draft, const struct network_vpc *vpc,
                      struct network_subnet *subnet, const struct aws_subnet *from)
{
    size_t owner;
    if (lies_in(vpc, from->cidr_six) &&
        draft_claim(draft, CLAIM_SUBNET_SIX, 0, from->cidr_six.addr, 0, 0, &owner))
        subnet->cidr_six = from->cidr_six;
    else
        remark_say(
            draft->remarks, IMPORT_WRONG, from->is.place, from->is.id,
            "%s, of %s, is another subnet's or lies outside the ranges of %s; it is left out",
            draft_prefix(from->cidr_six), from->is.id, vpc->id);
}

static void draft_subnets(struct draft *draft)
{
    size_t all = aws_count(draft->aws, AWS_SUBNET), count = 0;
    struct subnet_key *keys = memory_zeroed(all, sizeof *keys);
    for (size_t i = 0; i < all; i++) {
        struct aws_subnet *subnet = (void *)aws_at(draft->aws, AWS_SUBNET, i);
        if (subnet->is.dropped)
            continue;
        if (is_at_home(draft, subnet))
            keys[count++] =
                (struct subnet_key){drafted_vpc(draft, subnet->vpc)->is.at, subnet->cidr, subnet};
        else
            subnet->is.dropped = true;
    }
    drop_overlapping(draft, keys, count);
    free(keys);
    for (size_t i = 0; i < all; i++) {
        struct aws_subnet *from = (void *)aws_at(draft->aws, AWS_SUBNET, i);
        if (from->is.dropped)
            continue;
        struct network_vpc *vpc = vpc_at(draft, &drafted_vpc(draft, from->vpc)->is);
        struct network_subnet *subnet = draft_add(draft, &schema_vpc, vpc, "subnets");
        subnet->id = draft_text(from->is.id);
        subnet->cidr = from->cidr;
        if (from->cidr_six.six)
            draft_six(draft, vpc, subnet, from);
        from->is.used = true;
        from->is.at = vpc->subnet_count - 1;
    }
}

void draft_vpcs(struct draft *draft)
{
    for (size_t i = 0; i < aws_count(draft->aws, AWS_VPC); i++) {
        struct aws_vpc *vpc = (void *)aws_at(draft->aws, AWS_VPC, i);
        if (!vpc->is.dropped)
            draft_vpc(draft, vpc);
    }
    for (size_t i = 0; i < aws_count(draft->aws, AWS_INTERNET_GATEWAY); i++) {
        struct aws_internet_gateway *gateway = (void *)aws_at(draft->aws, AWS_INTERNET_GATEWAY, i);
        if (!gateway->is.dropped)
            draft_internet_gateway(draft, gateway);
    }
    draft_subnets(draft);
}

/* --- peerings --- */

/* A VPC of which the export holds nothing but its end of a peering. */
static bool add_peer(struct draft *draft, const struct aws_peering *peering,
                     const struct aws_peer *peer, size_t *ret_at)
{
    if (!peer->vpc || peer->cidrs.count == 0 || aws_has(draft->aws, peer->vpc)) {
        remark_say(draft->remarks, IMPORT_MISSING, peering->is.place, peering->is.id,
                   "of one end of %s neither VPC nor range is known; it is left out",
                   peering->is.id);
        return false;
    }
    struct network *network = draft->network;
    for (size_t i = 0; i < network->vpc_count; i++) {
        if (strcmp(network->vpcs[i].id, peer->vpc) != 0)
            continue;
        *ret_at = i;
        return true;
    }
    struct network_vpc *vpc = add_vpc(draft, peer->vpc);
    add_cidrs(draft, vpc, &peer->cidrs);
    draft_comment(draft, vpc->place, "not in the export: its ranges are what %s says of it",
                  peering->is.id);
    remark_say(draft->remarks, IMPORT_MISSING, peering->is.place, peer->vpc,
               "%s%s%s is not in the export; only its ranges are known, from %s", peer->vpc,
               peer->region ? " in " : "", peer->region ? peer->region : "", peering->is.id);
    remark_depends(draft->remarks, "what of it is reached, and how it answers");
    *ret_at = network->vpc_count - 1;
    return true;
}

static bool overlap(const struct network_vpc *one, const struct network_vpc *two)
{
    for (size_t i = 0; i < one->cidr_count; i++) {
        if (lies_in(two, one->cidrs[i]))
            return true;
    }
    for (size_t i = 0; i < two->cidr_count; i++) {
        if (lies_in(one, two->cidrs[i]))
            return true;
    }
    return false;
}

/* It carries nothing, and there is no room for it. */
static void say_inactive(struct draft *draft, const struct aws_peering *from)
{
    remark_say(draft->remarks, IMPORT_ASSUMED, from->is.place, from->is.id,
               "%s is %s: it carries nothing, and is left out", from->is.id,
               from->state ? from->state : "not active");
}

static void draft_peering(struct draft *draft, struct aws_peering *from)
{
    struct network *network = draft->network;
    size_t at[2], owner;
    bool active = from->status == NETWORK_PEERING_ACTIVE;
    for (int end = 0; end < 2; end++) {
        const struct aws_vpc *vpc = drafted_vpc(draft, from->ends[end].vpc);
        if (vpc)
            at[end] = vpc->is.at;
        else if (!active)
            return say_inactive(draft, from);
        else if (!add_peer(draft, from, &from->ends[end], &at[end]))
            return;
    }
    uint32_t low = (uint32_t)(at[0] < at[1] ? at[0] : at[1]);
    uint32_t high = (uint32_t)(at[0] < at[1] ? at[1] : at[0]);
    if (low == high || overlap(&network->vpcs[low], &network->vpcs[high]) ||
        !draft_claim(draft, CLAIM_PAIR, low, high, 0, 0, &owner)) {
        if (!active)
            return say_inactive(draft, from);
        remark_say(draft->remarks, IMPORT_WRONG, from->is.place, from->is.id,
                   "%s peers %s and %s, which overlap or are peered already; it is left out",
                   from->is.id, network->vpcs[low].id, network->vpcs[high].id);
        return;
    }
    struct network_peering *peering = draft_add(draft, &schema_network, network, "vpc_peerings");
    peering->id = draft_text(from->is.id);
    peering->status = from->status;
    peering->requester = draft_ref(network->vpcs[at[0]].id);
    peering->accepter = draft_ref(network->vpcs[at[1]].id);
    say_name(draft, peering->place, &from->is);
    from->is.used = true;
}

void draft_peerings(struct draft *draft)
{
    for (int active = 1; active >= 0; active--) { /* those that carry something come first */
        for (size_t i = 0; i < aws_count(draft->aws, AWS_PEERING); i++) {
            struct aws_peering *peering = (void *)aws_at(draft->aws, AWS_PEERING, i);
            if (!peering->is.dropped && (peering->status == NETWORK_PEERING_ACTIVE) == active)
                draft_peering(draft, peering);
        }
    }
}
