/* Instances, their interfaces and public addresses. */
#include "import/read.h"

#include <string.h>

static void read_groups(struct aws *aws, const struct item *item, struct aws_instance *instance)
{
    struct item list, element;
    if (!item_list(item, "SecurityGroups", &list))
        return;
    for (size_t i = 0; i < item_count(&list); i++) {
        const char *id = item_at(&list, i, &element) ? item_id(&element, "GroupId") : NULL;
        if (id)
            texts_add(aws, &instance->groups, &instance->group_count, &instance->group_cap, id);
    }
}

/* Its first address of IPv6 stands with its first interface. */
static void read_interface_six(const struct item *item, struct aws_instance *instance)
{
    struct item list, interface, addresses, address;
    if (!instance->address_six && item_list(item, "NetworkInterfaces", &list) &&
        item_count(&list) > 0 && item_at(&list, 0, &interface) &&
        item_list(&interface, "Ipv6Addresses", &addresses) && item_count(&addresses) > 0 &&
        item_at(&addresses, 0, &address))
        instance->address_six = item_address_six(&address, "Ipv6Address");
}

void read_instance(struct aws *aws, const struct item *item, void *thing)
{
    static const char *const states[] = {"pending", "running",    "stopping", "shutting-down",
                                         "stopped", "terminated", NULL};
    struct aws_instance *instance = thing;
    struct item state;
    int at = -1;
    if (item_object(item, "State", &state))
        at = item_word(&state, "Name", states, 1);
    instance->running = at < 2;
    instance->is.dropped = at == 5;
    instance->vpc = aws_text(aws, item_id(item, "VpcId"));
    instance->subnet = aws_text(aws, item_id(item, "SubnetId"));
    instance->address = item_address(item, "PrivateIpAddress");
    instance->public_address = item_address(item, "PublicIpAddress");
    instance->source_dest_check = item_bool(item, "SourceDestCheck");
    instance->address_six = item_address_six(item, "Ipv6Address");
    read_groups(aws, item, instance);
    read_interface_six(item, instance);
}

void read_interface(struct aws *aws, const struct item *item, void *thing)
{
    struct aws_interface *interface = thing;
    struct item attachment, association;
    interface->vpc = aws_text(aws, item_id(item, "VpcId"));
    interface->subnet = aws_text(aws, item_id(item, "SubnetId"));
    interface->address = item_address(item, "PrivateIpAddress");
    interface->source_dest_check = item_bool(item, "SourceDestCheck");
    if (item_object(item, "Association", &association))
        interface->public_address = item_address(&association, "PublicIp");
    if (!item_object(item, "Attachment", &attachment))
        return;
    interface->instance = aws_text(aws, item_text(&attachment, "InstanceId"));
    interface->primary = item_number(&attachment, "DeviceIndex", UINT16_MAX) == 0;
}

void read_address(struct aws *aws, const struct item *item, void *thing)
{
    struct aws_address *address = thing;
    address->address = item_address(item, "PublicIp");
    address->instance = aws_text(aws, item_text(item, "InstanceId"));
    address->interface = aws_text(aws, item_text(item, "NetworkInterfaceId"));
}
