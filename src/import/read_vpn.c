/* Customer gateways and VPN connections, with the XML that describes their tunnels. */
#include "import/read.h"

#include "import/configuration.h"
#include "import/remark.h"
#include "network/network.h"

#include <string.h>

void read_customer_gateway(struct aws *aws, const struct item *item, void *thing)
{
    static const char *const states[] = {"pending", "available", "deleting", "deleted", NULL};
    struct aws_customer_gateway *gateway = thing;
    (void)aws;
    gateway->asn = item_number(item, "BgpAsn", UINT32_MAX);
    if (gateway->asn < 0)
        gateway->asn = item_number(item, "BgpAsnExtended", UINT32_MAX);
    gateway->address = item_address(item, "IpAddress");
    gateway->is.dropped = item_word(item, "State", states, 1) > 1;
}

/* --- tunnels, told in three places: the XML, Options.TunnelOptions, VgwTelemetry --- */

/* The tunnel with that outside address, or a new one; NULL: there are two others. */
static struct aws_tunnel *tunnel_at(struct aws_connection *connection, ip_addr outside)
{
    for (size_t i = 0; i < connection->tunnel_count; i++) {
        if (connection->tunnels[i].outside == outside)
            return &connection->tunnels[i];
    }
    if (connection->tunnel_count == 2)
        return NULL;
    struct aws_tunnel *tunnel = &connection->tunnels[connection->tunnel_count++];
    *tunnel = (struct aws_tunnel){
        .outside = outside, .dpd_timeout_s = -1, .dpd_action = -1, .startup = -1, .accepted = -1};
    return tunnel;
}

static void too_many(struct aws *aws, const struct item *item,
                     const struct aws_connection *connection)
{
    remark_say(aws->remarks, IMPORT_WRONG, item_place(item), connection->is.id,
               "%s has two tunnels with other outside addresses already; expected the same two"
               " in the configuration, the options and the telemetry",
               connection->is.id);
}

static void take_configuration(struct aws_connection *connection,
                               const struct configuration *configuration)
{
    connection->configured = true;
    if (configuration->static_only && connection->static_only == ITEM_UNSAID)
        connection->static_only = ITEM_YES;
    for (size_t i = 0; i < configuration->tunnel_count; i++) {
        const struct configuration_tunnel *said = &configuration->tunnels[i];
        struct aws_tunnel *tunnel =
            said->vgw.outside ? tunnel_at(connection, said->vgw.outside) : NULL;
        if (i == 0) {
            connection->vgw_asn = said->vgw.asn;
            connection->cgw_asn = said->cgw.asn;
            connection->cgw_address = said->cgw.outside;
            connection->hold_s = said->hold_s;
            connection->interval_s = said->interval_s;
            connection->retries = said->retries;
        }
        if (!tunnel)
            continue;
        connection->six |= ip_is_six(said->vgw.inside); /* unless the options say other */
        tunnel->inside_vgw = said->vgw.inside;
        tunnel->inside_cgw = said->cgw.inside;
    }
}

static void read_configuration(struct aws *aws, const struct item *item,
                               struct aws_connection *connection)
{
    struct configuration configuration;
    struct item text;
    unsigned line;
    if (!item_get(item, "CustomerGatewayConfiguration", &text))
        return;
    const char *xml = json_string_value(text.value);
    if (!xml) {
        item_wrong(&text, "a text, the XML that AWS writes");
        return;
    }
    if (*xml == 0)
        return;
    const char *problem = configuration_read(xml, strlen(xml), &configuration, &line);
    if (!problem)
        take_configuration(connection, &configuration);
    else if (line)
        remark_say(aws->remarks, IMPORT_WRONG, item_place(&text), connection->is.id,
                   "the CustomerGatewayConfiguration of %s, in its line %u, %s; it is left out",
                   connection->is.id, line, problem);
    else
        remark_say(aws->remarks, IMPORT_WRONG, item_place(&text), connection->is.id,
                   "the CustomerGatewayConfiguration of %s %s; it is left out", connection->is.id,
                   problem);
}

/* [{"Value": "ikev1"}, ...]: is version 1 the only one? */
static bool is_only_ike1(const struct item *item)
{
    struct item list, element;
    bool one = false, two = false;
    if (!item_list(item, "IkeVersions", &list))
        return false;
    for (size_t i = 0; i < item_count(&list); i++) {
        const char *value = item_at(&list, i, &element) ? item_text(&element, "Value") : NULL;
        one = one || (value && strcmp(value, "ikev1") == 0);
        two = two || (value && strcmp(value, "ikev2") == 0);
    }
    return one && !two;
}

static void read_tunnel_options(struct aws *aws, const struct item *item,
                                struct aws_connection *connection)
{
    static const char *const actions[] = {"clear", "none", "restart", NULL};
    static const char *const startups[] = {"add", "start", NULL};
    struct prefix inside;
    ip_addr outside = item_address(item, "OutsideIpAddress");
    if (!outside)
        return;
    struct aws_tunnel *tunnel = tunnel_at(connection, outside);
    if (!tunnel) {
        too_many(aws, item, connection);
        return;
    }
    bool told = connection->six
                    ? item_prefix_six(item, "TunnelInsideIpv6Cidr", &inside) && inside.len == 126
                    : item_prefix(item, "TunnelInsideCidr", &inside) && inside.len == 30;
    if (told && (!tunnel->inside_vgw || ip_is_six(tunnel->inside_vgw) != connection->six)) {
        tunnel->inside_vgw = inside.addr + 1; /* the gateway takes the first host */
        tunnel->inside_cgw = inside.addr + 2;
    }
    tunnel->dpd_timeout_s = item_number(item, "DpdTimeoutSeconds", 3600);
    tunnel->dpd_action = item_word(item, "DpdTimeoutAction", actions, -1);
    tunnel->startup = item_word(item, "StartupAction", startups, -1);
    tunnel->only_ike1 = is_only_ike1(item);
}

static void read_options(struct aws *aws, const struct item *item,
                         struct aws_connection *connection)
{
    static const char *const versions[] = {"ipv4", "ipv6", NULL};
    struct item options, list, element;
    if (!item_object(item, "Options", &options))
        return;
    connection->static_only = item_bool(&options, "StaticRoutesOnly");
    int version = item_word(&options, "TunnelInsideIpVersion", versions, -1);
    if (version >= 0)
        connection->six = version == 1;
    if (!item_list(&options, "TunnelOptions", &list))
        return;
    for (size_t i = 0; i < item_count(&list); i++) {
        if (item_at(&list, i, &element))
            read_tunnel_options(aws, &element, connection);
    }
}

static void read_telemetry(struct aws *aws, const struct item *item,
                           struct aws_connection *connection)
{
    static const char *const states[] = {"DOWN", "UP", NULL};
    ip_addr outside = item_address(item, "OutsideIpAddress");
    struct aws_tunnel *tunnel = outside ? tunnel_at(connection, outside) : NULL;
    if (outside && !tunnel)
        too_many(aws, item, connection);
    if (!tunnel)
        return;
    tunnel->telemetry = true;
    tunnel->up = item_word(item, "Status", states, 0) == 1;
    tunnel->accepted = item_number(item, "AcceptedRouteCount", UINT32_MAX);
    tunnel->message = aws_text(aws, item_text(item, "StatusMessage"));
}

static void read_static_route(struct aws *aws, const struct item *item,
                              struct aws_connection *connection)
{
    static const char *const states[] = {"pending", "available", "deleting", "deleted", NULL};
    struct prefix prefix;
    if (item_word(item, "State", states, 1) < 2 &&
        (connection->six ? item_prefix_six(item, "DestinationCidrBlock", &prefix)
                         : item_prefix(item, "DestinationCidrBlock", &prefix)))
        prefixes_add(aws, &connection->routes, prefix);
}

void read_connection(struct aws *aws, const struct item *item, void *thing)
{
    static const char *const states[] = {"pending",  "available", "modifying",
                                         "deleting", "deleted",   NULL};
    struct aws_connection *connection = thing;
    struct item list, element;
    connection->vgw_asn = connection->cgw_asn = -1;
    connection->hold_s = connection->interval_s = connection->retries = -1;
    connection->customer_gateway = aws_text(aws, item_id(item, "CustomerGatewayId"));
    connection->vpn_gateway = aws_text(aws, item_id(item, "VpnGatewayId"));
    connection->transit_gateway = aws_text(aws, item_id(item, "TransitGatewayId"));
    connection->is.dropped = item_word(item, "State", states, 1) > 2;
    read_configuration(aws, item, connection);
    read_options(aws, item, connection);
    if (item_list(item, "VgwTelemetry", &list)) {
        for (size_t i = 0; i < item_count(&list); i++) {
            if (item_at(&list, i, &element))
                read_telemetry(aws, &element, connection);
        }
    }
    if (item_list(item, "Routes", &list)) {
        for (size_t i = 0; i < item_count(&list); i++) {
            if (item_at(&list, i, &element))
                read_static_route(aws, &element, connection);
        }
    }
}
