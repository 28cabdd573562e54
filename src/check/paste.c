#include "check/paste.h"

#include <stdarg.h>

void paste_line(struct paste *paste, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    check_add_text(paste->check, &paste->step->lines, text);
}

struct change *paste_of_family(struct paste *paste, const struct change *changes, size_t count,
                               bool six, size_t *ret_count)
{
    struct change *found = check_take(paste->check, (count + 1) * sizeof *found);
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (changes[i].prefix.six == six)
            found[(*ret_count)++] = changes[i];
    }
    return found;
}

bool paste_is_new_prefix(const struct change *changes, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (prefix_equal(changes[i].prefix, changes[at].prefix))
            return false;
    }
    return true;
}

bool paste_is_new_neighbor(const struct change *changes, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (changes[i].neighbor == changes[at].neighbor)
            return false;
    }
    return true;
}

void paste_stop_static(struct paste *paste, const struct change *change)
{
    const struct network_connection *connection = &paste->network->vpn_connections[change->index];
    paste_line(paste,
               "aws ec2 delete-vpn-connection-route --vpn-connection-id %s"
               " --destination-cidr-block %s",
               connection->id, text_of_prefix(change->prefix));
}

void paste_gateway(struct paste *paste, const struct change *change)
{
    const struct network *network = paste->network;
    const struct network_vpn_gateway *gateway = &network->vpn_gateways[change->index];
    if (gateway->platform != PLATFORM_AWS) {
        paste_line(paste, "# vpn_gateways, id: %s", gateway->id);
        paste_line(paste, "asn: %u", change->number);
        return;
    }
    paste_line(paste, "aws ec2 create-vpn-gateway --type ipsec.1 --amazon-side-asn %u",
               change->number);
    if (gateway->vpc.id) {
        paste_line(paste, "aws ec2 detach-vpn-gateway --vpn-gateway-id %s --vpc-id %s", gateway->id,
                   gateway->vpc.id);
        paste_line(paste, "aws ec2 attach-vpn-gateway --vpn-gateway-id NEW --vpc-id %s",
                   gateway->vpc.id);
    }
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        if (network->vpn_connections[i].vpn_gateway.index == change->index)
            paste_line(paste,
                       "aws ec2 modify-vpn-connection --vpn-connection-id %s --vpn-gateway-id NEW",
                       network->vpn_connections[i].id);
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        if (network->direct_connects[i].vpn_gateway.index == change->index)
            paste_line(paste, "# %s: a new virtual interface to NEW",
                       network->direct_connects[i].id);
    }
}

static void build_connection(struct paste *paste, const struct change *change, bool is_static)
{
    const struct network_connection *connection = &paste->network->vpn_connections[change->index];
    paste_line(
        paste,
        "aws ec2 create-vpn-connection --type ipsec.1 --vpn-gateway-id %s --customer-gateway-id %s"
        " --options StaticRoutesOnly=%s",
        connection->vpn_gateway.id, connection->customer_gateway.id, is_static ? "true" : "false");
}

void paste_statics(struct paste *paste, const struct change *changes, size_t count)
{
    const struct network_connection *connection = &paste->network->vpn_connections[changes->index];
    const char *id = connection->static_routes ? connection->id : "NEW";
    if (!connection->static_routes)
        build_connection(paste, changes, true);
    for (size_t i = 0; i < count; i++)
        paste_line(paste,
                   "aws ec2 create-vpn-connection-route --vpn-connection-id %s"
                   " --destination-cidr-block %s",
                   id, text_of_prefix(changes[i].prefix));
}

void paste_connection(struct paste *paste, const struct change *change)
{
    build_connection(paste, change, false);
}

/* -- filters of attachments -- */

bool paste_is_attachments(const struct change *change)
{
    return change->kind == CHANGE_EXPORT_DENY || change->kind == CHANGE_REFUSE ||
           change->kind == CHANGE_REFUSE_DIRECT;
}

void paste_attachment_filter(struct paste *paste, const struct change *changes, size_t count)
{
    const struct network *network = paste->network;
    const char *rules = NULL;
    for (size_t i = 0; i < count; i++)
        rules = check_text(paste->check, "%s%s{deny: %s}", rules ? rules : "", rules ? ", " : "",
                           text_of_prefix(changes[i].prefix));
    if (changes->kind == CHANGE_REFUSE_DIRECT)
        paste_line(paste, "# direct_connects, id: %s", network->direct_connects[changes->index].id);
    else
        paste_line(paste, "# vpn_connections, id: %s", network->vpn_connections[changes->index].id);
    paste_line(paste, "%s: [%s]", changes->kind == CHANGE_EXPORT_DENY ? "export" : "import", rules);
}

const char *paste_refused(struct paste *paste, const struct change *change, const char *prefixes)
{
    const struct network *network = paste->network;
    bool direct = change->kind == CHANGE_REFUSE_DIRECT;
    const char *id = direct ? network->direct_connects[change->index].id
                            : network->vpn_connections[change->index].id;
    int32_t gateway = direct ? network->direct_connects[change->index].vpn_gateway.index
                             : network->vpn_connections[change->index].vpn_gateway.index;
    paste->step->where = network->vpn_gateways[gateway].id;
    paste->step->platform = network->vpn_gateways[gateway].platform;
    return check_text(paste->check, "refuse %s from %s", prefixes, id);
}
