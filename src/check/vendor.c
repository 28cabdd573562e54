#include "check/vendor.h"

#include "check/paste.h"

#include <stdarg.h>

#define LIST  "ENDPOINTS" /* of prefixes, made here */
#define GROUP "protocols bgp group ebgp"

static void line(const struct vendor *vendor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void line(const struct vendor *vendor, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    check_add_text(vendor->check, vendor->lines, text);
}

static bool is_ios(const struct vendor *vendor)
{
    return vendor->router->platform == PLATFORM_CISCO_IOS;
}

static const char *mask_of(struct prefix prefix)
{
    return text_of_ip(prefix.len ? (ip_addr)(UINT32_MAX << (32 - prefix.len)) : 0);
}

bool vendor_knows(enum platform platform)
{
    return platform == PLATFORM_CISCO_IOS || platform == PLATFORM_JUNOS;
}

/* -- static routes -- */

void vendor_host_route(const struct vendor *vendor, const struct change *change)
{
    const char *via = change->via ? text_of_ip(change->via) : change->interface;
    if (is_ios(vendor))
        line(vendor, "ip route %s %s %s", text_of_ip(change->prefix.addr), mask_of(change->prefix),
             via);
    else
        line(vendor, "set routing-options static route %s next-hop %s",
             text_of_prefix(change->prefix), via);
}

void vendor_delete_static(const struct vendor *vendor, struct prefix prefix)
{
    if (is_ios(vendor))
        line(vendor, "no ip route %s %s", text_of_ip(prefix.addr), mask_of(prefix));
    else
        line(vendor, "delete routing-options static route %s", text_of_prefix(prefix));
}

/* -- BGP -- */

static void enter_bgp(const struct vendor *vendor)
{
    line(vendor, "router bgp %u", vendor->router->bgp ? vendor->router->bgp->asn : 0);
    line(vendor, " address-family ipv4");
}

static void deny(const struct vendor *vendor, struct prefix prefix, unsigned number)
{
    const char *text = text_of_prefix(prefix);
    if (is_ios(vendor)) {
        line(vendor, "ip prefix-list " LIST " seq %u deny %s", number, text);
        return;
    }
    line(vendor, "set policy-options policy-statement " LIST " term %u from route-filter %s exact",
         number, text);
    line(vendor, "set policy-options policy-statement " LIST " term %u then reject", number);
}

void vendor_import_filter(const struct vendor *vendor, const struct change *changes, size_t count)
{
    unsigned number = 10;
    for (size_t i = 0; i < count; i++) {
        if (!paste_is_new_prefix(changes, i))
            continue;
        deny(vendor, changes[i].prefix, number);
        number += 10;
    }
    if (is_ios(vendor)) { /* what no term of Junos's policy matches, BGP accepts */
        line(vendor, "ip prefix-list " LIST " seq %u permit 0.0.0.0/0 le 32", number);
        enter_bgp(vendor);
    }
    for (size_t i = 0; i < count; i++) {
        if (!paste_is_new_neighbor(changes, i))
            continue;
        const char *neighbor = text_of_ip(changes[i].neighbor);
        line(vendor,
             is_ios(vendor) ? "  neighbor %s prefix-list " LIST " in"
                            : "set " GROUP " neighbor %s import " LIST,
             neighbor);
    }
}

void vendor_stop(const struct vendor *vendor, struct prefix prefix)
{
    if (is_ios(vendor)) {
        enter_bgp(vendor);
        if (prefix.len == 0)
            line(vendor, "  no network 0.0.0.0");
        else
            line(vendor, "  no network %s mask %s", text_of_ip(prefix.addr), mask_of(prefix));
        if (prefix.len == 0)
            line(vendor,
                 "# and for every neighbor that has it:  no neighbor ... default-originate");
    } else if (prefix.len == 0) {
        line(vendor, "delete policy-options policy-statement EXPORT-DEFAULT term default");
    } else {
        line(vendor, "# in its export policy, first:  from route-filter %s exact; then reject;",
             text_of_prefix(prefix));
    }
}

/* On Junos: a term of the export policy, before the one that rejects the rest. */
static void export_term(const struct vendor *vendor, unsigned number, struct prefix prefix,
                        const char *match, const char *action)
{
    static const char policy[] = "policy-options policy-statement EXPORT-DEFAULT";
    line(vendor, "set %s term %u from route-filter %s %s", policy, number, text_of_prefix(prefix),
         match);
    line(vendor, "set %s term %u then %s", policy, number, action);
    line(vendor, "insert %s term %u before term reject", policy, number);
}

void vendor_announce(const struct vendor *vendor, const struct change *changes, size_t count)
{
    if (is_ios(vendor))
        enter_bgp(vendor);
    for (size_t i = 0; i < count; i++) {
        struct prefix prefix = changes[i].prefix;
        if (is_ios(vendor))
            line(vendor, "  network %s mask %s", text_of_ip(prefix.addr), mask_of(prefix));
        else
            export_term(vendor, 10 + 10 * (unsigned)i, prefix, "exact", "accept");
    }
}

void vendor_summaries(const struct vendor *vendor, const struct prefix *prefixes, size_t count)
{
    if (is_ios(vendor))
        enter_bgp(vendor);
    for (size_t i = 0; i < count; i++) {
        if (is_ios(vendor)) {
            line(vendor, "  aggregate-address %s %s summary-only", text_of_ip(prefixes[i].addr),
                 mask_of(prefixes[i]));
            continue;
        }
        line(vendor, "set routing-options aggregate route %s", text_of_prefix(prefixes[i]));
        export_term(vendor, 10 + 20 * (unsigned)i, prefixes[i], "exact", "accept");
        export_term(vendor, 20 + 20 * (unsigned)i, prefixes[i], "longer", "reject");
    }
}

void vendor_allowas_off(const struct vendor *vendor, ip_addr neighbor)
{
    if (is_ios(vendor)) {
        enter_bgp(vendor);
        line(vendor, "  no neighbor %s allowas-in", text_of_ip(neighbor));
        return;
    }
    char once[96];
    snprintf(once, sizeof once, "set routing-options autonomous-system %u loops 1",
             vendor->router->bgp ? vendor->router->bgp->asn : 0);
    if (!check_has_text(vendor->lines, once))
        line(vendor, "%s", once);
}

void vendor_renumber(const struct vendor *vendor, uint32_t asn)
{
    if (is_ios(vendor))
        line(vendor, "# router bgp %u, all of it, becomes:  router bgp %u",
             vendor->router->bgp ? vendor->router->bgp->asn : 0, asn);
    else
        line(vendor, "set routing-options autonomous-system %u", asn);
}
