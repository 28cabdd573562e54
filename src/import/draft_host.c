/* Instances, and the public addresses that lead to them. */
#include "import/draft.h"

#include "import/remark.h"

#include <string.h>

/* An address of a subnet that an instance can have: a VPC keeps the first four and the last one. */
static bool is_usable(struct prefix cidr, ip_addr addr)
{
    ip_addr last = cidr.addr | ~ip_mask_four(cidr.len);
    return prefix_contains(cidr, addr) && addr - cidr.addr >= 4 && addr != last;
}

/* What describe-addresses and describe-network-interfaces know of instances goes to the instance,
 * where describe-instances does not say it. */
static void merge_interfaces(struct draft *draft)
{
    for (size_t i = 0; i < aws_count(draft->aws, AWS_INTERFACE); i++) {
        const struct aws_interface *interface = (void *)aws_at(draft->aws, AWS_INTERFACE, i);
        struct aws_instance *instance =
            (void *)aws_find(draft->aws, AWS_INSTANCE, interface->instance);
        if (interface->is.dropped || !instance || !interface->primary)
            continue;
        if (!instance->public_address)
            instance->public_address = interface->public_address;
        if (instance->source_dest_check == ITEM_UNSAID)
            instance->source_dest_check = interface->source_dest_check;
    }
}

static void merge_addresses(struct draft *draft)
{
    for (size_t i = 0; i < aws_count(draft->aws, AWS_ADDRESS); i++) {
        struct aws_address *address = (void *)aws_at(draft->aws, AWS_ADDRESS, i);
        const struct aws_interface *interface =
            (void *)aws_find(draft->aws, AWS_INTERFACE, address->interface);
        const char *id = address->instance ? address->instance
                         : interface       ? interface->instance
                                           : NULL;
        struct aws_instance *instance = (void *)aws_find(draft->aws, AWS_INSTANCE, id);
        if (address->is.dropped || !instance)
            continue;
        if (!instance->public_address)
            instance->public_address = address->address;
        address->is.used = instance->public_address == address->address;
    }
}

/* Is it somebody's customer gateway? Then it is wanted, running or not. */
static bool is_customer(const struct draft *draft, ip_addr address)
{
    for (size_t i = 0; address && i < aws_count(draft->aws, AWS_CUSTOMER_GATEWAY); i++) {
        const struct aws_customer_gateway *gateway =
            (void *)aws_at(draft->aws, AWS_CUSTOMER_GATEWAY, i);
        if (!gateway->is.dropped && gateway->address == address)
            return true;
    }
    return false;
}

static const char *refusal_of(const struct draft *draft, const struct aws_instance *from,
                              const struct aws_subnet *subnet)
{
    if (!subnet || !subnet->is.used)
        return "its subnet is not in the export";
    const struct aws_thing *vpc = aws_find(draft->aws, AWS_VPC, subnet->vpc);
    if (from->vpc && vpc && strcmp(from->vpc, vpc->id) != 0)
        return "its subnet belongs to another VPC";
    if (!is_usable(subnet->cidr, from->address))
        return "its address is none of its subnet's";
    return NULL;
}

static void refuse(struct draft *draft, const struct aws_instance *from, const char *why)
{
    remark_say(draft->remarks, IMPORT_WRONG, from->is.place, from->is.id, "%s: %s; it is left out",
               from->is.id, why);
}

static void draft_instance(struct draft *draft, struct aws_instance *from)
{
    const struct aws_subnet *subnet = (void *)aws_find(draft->aws, AWS_SUBNET, from->subnet);
    const char *why = refusal_of(draft, from, subnet);
    size_t owner;
    if (why) {
        refuse(draft, from, why);
        return;
    }
    const struct aws_thing *home = aws_find(draft->aws, AWS_VPC, subnet->vpc);
    if (!draft_claim(draft, CLAIM_ADDRESS, (uint32_t)home->at, from->address, 0, 0, &owner)) {
        refuse(draft, from, "its address is another one's already");
        return;
    }
    struct network_vpc *vpc = &draft->network->vpcs[home->at];
    struct network_instance *instance = draft_add(draft, &schema_vpc, vpc, "instances");
    instance->id = draft_text(from->is.id);
    instance->subnet = draft_ref(subnet->is.id);
    instance->address = from->address;
    const struct network_subnet *home_subnet = &vpc->subnets[subnet->is.at];
    if (from->address_six && home_subnet->cidr_six.six &&
        prefix_contains(home_subnet->cidr_six, from->address_six) &&
        draft_claim(draft, CLAIM_ADDRESS, (uint32_t)home->at, from->address_six, 0, 0, &owner))
        instance->address_six = from->address_six;
    if (from->source_dest_check == ITEM_NO)
        instance->source_dest_check = false;
    if (from->public_address && draft_claim(draft, CLAIM_ELASTIC, 0, from->public_address, 0,
                                            home->at << 32 | (vpc->instance_count - 1), &owner))
        instance->elastic_address = from->public_address;
    if (from->is.name && *from->is.name)
        draft_trailing(draft, instance->place, "%.60s", from->is.name);
    if (!from->running)
        draft_trailing(draft, instance->place, "not running when it was exported");
    from->is.used = true;
    from->is.at = vpc->instance_count - 1;
}

void draft_instances(struct draft *draft)
{
    size_t stopped = 0;
    merge_interfaces(draft);
    merge_addresses(draft);
    for (size_t i = 0; i < aws_count(draft->aws, AWS_INSTANCE); i++) {
        struct aws_instance *instance = (void *)aws_at(draft->aws, AWS_INSTANCE, i);
        if (instance->is.dropped)
            continue;
        if (instance->running || is_customer(draft, instance->public_address))
            draft_instance(draft, instance);
        else
            stopped++;
    }
    if (stopped)
        remark_say(draft->remarks, IMPORT_ASSUMED, (struct import_place){0}, NULL,
                   "%zu instance%s not running: left out", stopped, stopped == 1 ? " is" : "s are");
}
