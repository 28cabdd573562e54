/* Instances, their interfaces and public addresses; and the rules of security groups and network
 * ACLs, which are only counted. */
#include "import/read.h"

#include <string.h>

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

void read_rules(struct aws *aws, const struct item *item, void *thing)
{
    static const char *const keys[] = {"IpPermissions", "IpPermissionsEgress", "Entries"};
    struct aws_security_group *group = thing;
    struct item list;
    (void)aws;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (item_list(item, keys[i], &list))
            group->rule_count += item_count(&list);
    }
}
