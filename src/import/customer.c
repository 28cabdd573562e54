#include "import/customer.h"

#include "import/configuration.h"
#include "net/ip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { KEEPALIVES_IN_HOLD = 3, STATIC_ASN = 65000 };

/* -- what is missing -- */

static bool lacks(FILE *err, const char *name, size_t tunnel, const char *what)
{
    fprintf(err, "error: %s: tunnel %zu has no %s; expected one, as AWS writes it\n", name,
            tunnel + 1, what);
    return false;
}

static bool is_whole(const struct configuration *configuration, const char *name, FILE *err)
{
    if (configuration->tunnel_count == 0) {
        fprintf(err, "error: %s: has no ipsec_tunnel; expected two, as AWS writes them\n", name);
        return false;
    }
    for (size_t i = 0; i < configuration->tunnel_count; i++) {
        const struct configuration_tunnel *tunnel = &configuration->tunnels[i];
        bool speaks = !configuration->static_only;
        if (tunnel->cgw.outside == 0 || tunnel->vgw.outside == 0)
            return lacks(err, name, i, "tunnel_outside_address of both ends");
        if (tunnel->cgw.inside == 0 || tunnel->vgw.inside == 0)
            return lacks(err, name, i, "tunnel_inside_address of both ends");
        if (speaks && (tunnel->cgw.asn <= 0 || tunnel->vgw.asn <= 0))
            return lacks(err, name, i, "asn of both ends");
        if (tunnel->psk[0] == '\0')
            return lacks(err, name, i, "pre_shared_key");
    }
    return true;
}

/* -- prefixes -- */

/* Calls for each between commas, up to one that is none: that is returned, or NULL. */
static const char *each_prefix(const char *list,
                               void (*function)(struct prefix prefix, void *context), void *context)
{
    for (const char *at = list; at && *at;) {
        size_t size = strcspn(at, ",");
        struct prefix prefix;
        if (prefix_parse(at, size, &prefix) != PREFIX_OK)
            return at;
        if (function)
            function(prefix, context);
        at += size + (at[size] == ',');
    }
    return NULL;
}

static bool are_prefixes(const char *list, const char *option, FILE *err)
{
    const char *wrong = each_prefix(list, NULL, NULL);
    size_t size = wrong ? strcspn(wrong, ",") : 0;
    if (wrong)
        fprintf(err, "error: %s %.*s is no prefix; expected 10.0.0.0/16, several with commas\n",
                option, size < PREFIX_TEXT_BYTES ? (int)size : PREFIX_TEXT_BYTES, wrong);
    return !wrong;
}

struct listing {
    FILE *out;
    const struct configuration *configuration;
    bool begun;
};

static void add_prefix(struct prefix prefix, void *context)
{
    struct listing *listing = context;
    char room[PREFIX_TEXT_BYTES];
    struct text text = text_over(room, sizeof room);
    text_prefix(&text, prefix);
    fprintf(listing->out, "%s%s", listing->begun ? ", " : "", room);
    listing->begun = true;
}

/* Through the first tunnel; through the other one while that is down. */
static void add_route(struct prefix prefix, void *context)
{
    struct listing *listing = context;
    char room[PREFIX_TEXT_BYTES];
    struct text text = text_over(room, sizeof room);
    text_prefix(&text, prefix);
    for (size_t i = 0; i < listing->configuration->tunnel_count; i++)
        fprintf(listing->out, "%s{prefix: %s, tunnel: %s/%zu, distance: %zu}",
                listing->begun || i > 0 ? ", " : "", room, listing->configuration->id, i + 1,
                i + 1);
    listing->begun = true;
}

/* -- the file -- */

static const char *address(ip_addr addr, char room[IP_TEXT_BYTES])
{
    struct text text = text_over(room, IP_TEXT_BYTES);
    text_ip(&text, addr);
    return room;
}

/* Its own dead-peer detection: what the gateway does is not in there. */
static void write_customer(const struct configuration *configuration, int64_t asn, FILE *out)
{
    const struct configuration_tunnel *first = &configuration->tunnels[0];
    const char *id = configuration->customer_gateway;
    char room[IP_TEXT_BYTES];
    fprintf(out,
            "customer_gateways:\n  - id: %s\n    asn: %" PRId64
            "\n    address: %s\n    router: %s-site\n",
            id, asn, address(first->cgw.outside, room), id);
    if (first->interval_s > 0 && first->retries > 0)
        fprintf(out,
                "    dpd: {delay: %" PRId64 "s, interval: %" PRId64 "s, retries: %" PRId64
                ", action: restart}\n",
                first->interval_s, first->interval_s, first->retries);
}

static void write_session(const struct configuration_tunnel *tunnel, FILE *out)
{
    if (tunnel->hold_s >= KEEPALIVES_IN_HOLD)
        fprintf(out, "    bgp: {keepalive: %" PRId64 "s, hold: %" PRId64 "s}\n",
                tunnel->hold_s / KEEPALIVES_IN_HOLD, tunnel->hold_s);
}

static void write_tunnel(const struct configuration_tunnel *tunnel, FILE *out)
{
    char room[IP_TEXT_BYTES];
    fprintf(out, "      - {outside: %s", address(tunnel->vgw.outside, room));
    fprintf(out, ", inside: {vgw: %s", address(tunnel->vgw.inside, room));
    fprintf(out, ", cgw: %s}", address(tunnel->cgw.inside, room));
    fprintf(out, ", psk: \"%s\"}\n", tunnel->psk);
}

static void write_connection(const struct configuration *configuration,
                             const struct customer_wishes *wishes, FILE *out)
{
    struct listing listing = {.out = out};
    fprintf(out, "vpn_connections:\n  - id: %s\n    vpn_gateway: %s\n    customer_gateway: %s\n",
            configuration->id, configuration->vpn_gateway, configuration->customer_gateway);
    if (configuration->static_only) {
        fputs("    static_routes: [", out);
        (void)each_prefix(wishes->announce, add_prefix, &listing);
        fputs("]\n", out);
    }
    if (wishes->ike != 0)
        fprintf(out, "    ike: %u\n", wishes->ike);
    write_session(&configuration->tunnels[0], out);
    fputs("    tunnels:\n", out);
    for (size_t i = 0; i < configuration->tunnel_count; i++)
        write_tunnel(&configuration->tunnels[i], out);
}

static void write_router(const struct configuration *configuration, int64_t asn,
                         const struct customer_wishes *wishes, FILE *out)
{
    struct listing listing = {out, configuration, false};
    fprintf(out, "routers:\n  - id: %s-site\n    platform: sekisho\n    routes: [",
            configuration->customer_gateway);
    (void)each_prefix(wishes->reach, add_route, &listing);
    listing.begun = false;
    fprintf(out, "]\n    bgp: {asn: %" PRId64 ", announce: [", asn);
    (void)each_prefix(wishes->announce, add_prefix, &listing);
    fputs("]}\n", out);
}

static void write_network(const struct configuration *configuration,
                          const struct customer_wishes *wishes, FILE *out)
{
    const struct configuration_tunnel *first = &configuration->tunnels[0];
    int64_t asn = first->cgw.asn > 0 ? first->cgw.asn : STATIC_ASN;
    fprintf(out, "vpn_gateways:\n  - id: %s\n", configuration->vpn_gateway);
    if (first->vgw.asn > 0)
        fprintf(out, "    asn: %" PRId64 "\n", first->vgw.asn);
    write_customer(configuration, asn, out);
    write_connection(configuration, wishes, out);
    write_router(configuration, asn, wishes, out);
}

static bool are_wishes(const struct customer_wishes *wishes, bool static_only, const char *name,
                       FILE *err)
{
    if (static_only && !wishes->reach) {
        fprintf(err,
                "error: %s: is of a static VPN connection, and does not say what lies behind the "
                "gateway; expected --reach PREFIXES\n",
                name);
        return false;
    }
    if (!static_only && wishes->reach) {
        fprintf(err, "error: --reach is given, but the connection of %s has BGP, which says it\n",
                name);
        return false;
    }
    return are_prefixes(wishes->announce, "--announce", err) &&
           are_prefixes(wishes->reach, "--reach", err);
}

char *customer_network(struct slice xml, const char *name, const struct customer_wishes *wishes,
                       FILE *err, size_t *ret_size)
{
    struct configuration configuration;
    unsigned line = 0;
    const char *problem =
        configuration_read_keys((const char *)xml.data, xml.size, &configuration, &line);
    if (problem && line > 0)
        fprintf(err, "error: %s:%u: %s\n", name, line, problem);
    else if (problem)
        fprintf(err, "error: %s: %s\n", name, problem);
    if (problem)
        return NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *out = NULL;
    if (is_whole(&configuration, name, err) &&
        are_wishes(wishes, configuration.static_only, name, err))
        out = open_memstream(&text, &size);
    if (out) {
        write_network(&configuration, wishes, out);
        fclose(out);
        *ret_size = size;
    }
    explicit_bzero(&configuration, sizeof configuration);
    return text;
}
