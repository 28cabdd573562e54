#include "check/paste_six.h"

static const char list_name[] = "ENDPOINTS6"; /* of prefix lists that are made here */

static bool is_zebra(enum platform platform)
{
    return platform == PLATFORM_FRR || platform == PLATFORM_CISCO_IOS;
}

static void enter_bgp(struct paste *paste, const struct network_router *router)
{
    paste_line(paste, "router bgp %u", router->bgp ? router->bgp->asn : 0);
    paste_line(paste, router->platform == PLATFORM_FRR ? " address-family ipv6 unicast"
                                                       : " address-family ipv6");
}

/* -- import filters -- */

static void deny(struct paste *paste, enum platform platform, const char *prefix, unsigned rule)
{
    if (platform == PLATFORM_VYOS) {
        paste_line(paste, "set policy prefix-list6 %s rule %u action deny", list_name, rule);
        paste_line(paste, "set policy prefix-list6 %s rule %u prefix %s", list_name, rule, prefix);
    } else if (is_zebra(platform)) {
        paste_line(paste, "ipv6 prefix-list %s seq %u deny %s", list_name, rule, prefix);
    } else if (platform == PLATFORM_BIRD) {
        paste_line(paste, "    if net = %s then reject;", prefix);
    } else {
        paste_line(paste,
                   "set policy-options policy-statement %s term %u from route-filter %s exact",
                   list_name, rule, prefix);
        paste_line(paste, "set policy-options policy-statement %s term %u then reject", list_name,
                   rule);
    }
}

/* What no term of Junos's policy matches, BGP accepts. */
static void permit_rest(struct paste *paste, const struct network_router *router, unsigned rule)
{
    if (router->platform == PLATFORM_VYOS) {
        paste_line(paste, "set policy prefix-list6 %s rule %u action permit", list_name, rule);
        paste_line(paste, "set policy prefix-list6 %s rule %u prefix ::/0", list_name, rule);
        paste_line(paste, "set policy prefix-list6 %s rule %u le 128", list_name, rule);
    } else if (is_zebra(router->platform)) {
        paste_line(paste, "ipv6 prefix-list %s seq %u permit ::/0 le 128", list_name, rule);
        enter_bgp(paste, router);
    } else if (router->platform == PLATFORM_BIRD) {
        paste_line(paste, "    accept;");
        paste_line(paste, "}");
    }
}

static void use_list(struct paste *paste, enum platform platform, const char *neighbor)
{
    if (platform == PLATFORM_VYOS)
        paste_line(paste,
                   "set protocols bgp neighbor %s address-family ipv6-unicast prefix-list import"
                   " %s",
                   neighbor, list_name);
    else if (is_zebra(platform))
        paste_line(paste, "  neighbor %s prefix-list %s in", neighbor, list_name);
    else if (platform == PLATFORM_BIRD)
        paste_line(paste, "# protocol bgp, neighbor %s:  ipv6 { import filter endpoints6; };",
                   neighbor);
    else
        paste_line(paste, "set protocols bgp group ebgp neighbor %s import %s", neighbor,
                   list_name);
}

void paste_six_import_filter(struct paste *paste, const struct network_router *router,
                             const struct change *changes, size_t count)
{
    enum platform platform = router->platform;
    bool lists = platform == PLATFORM_VYOS || is_zebra(platform) || platform == PLATFORM_BIRD ||
                 platform == PLATFORM_JUNOS;
    unsigned rule = 10;
    for (size_t i = 0; !lists && i < count; i++)
        paste_line(paste, "refuse %s from the BGP neighbor %s, in the router's own words",
                   text_of_prefix(changes[i].prefix), text_of_ip(changes[i].neighbor));
    if (!lists)
        return;
    if (platform == PLATFORM_BIRD)
        paste_line(paste, "filter endpoints6 {");
    for (size_t i = 0; i < count; i++) {
        if (!paste_is_new_prefix(changes, i))
            continue;
        deny(paste, platform, text_of_prefix(changes[i].prefix), rule);
        rule += 10;
    }
    permit_rest(paste, router, rule);
    for (size_t i = 0; i < count; i++) {
        if (paste_is_new_neighbor(changes, i))
            use_list(paste, platform, text_of_ip(changes[i].neighbor));
    }
}

/* -- announcements -- */

void paste_six_stop(struct paste *paste, const struct network_router *router, struct prefix prefix)
{
    const char *text = text_of_prefix(prefix);
    if (router->platform == PLATFORM_VYOS) {
        paste_line(paste, "delete protocols bgp address-family ipv6-unicast network %s", text);
    } else if (is_zebra(router->platform)) {
        enter_bgp(paste, router);
        paste_line(paste, "  no network %s", text);
        if (prefix.len == 0 && router->platform == PLATFORM_CISCO_IOS)
            paste_line(paste,
                       "# and for every neighbor that has it:  no neighbor ... default-originate");
    } else if (router->platform == PLATFORM_BIRD) {
        paste_line(paste, "# in its export filter:  if net = %s then reject;", text);
    } else if (router->platform == PLATFORM_JUNOS) {
        paste_line(paste,
                   "# in its export policy, first:  from route-filter %s exact; then reject;",
                   text);
    } else {
        paste_line(paste, "stop announcing %s", text);
    }
}

void paste_six_announce(struct paste *paste, const struct network_router *router,
                        const struct change *changes, size_t count)
{
    if (is_zebra(router->platform))
        enter_bgp(paste, router);
    for (size_t i = 0; i < count; i++) {
        const char *text = text_of_prefix(changes[i].prefix);
        if (router->platform == PLATFORM_VYOS)
            paste_line(paste, "set protocols bgp address-family ipv6-unicast network %s", text);
        else if (is_zebra(router->platform))
            paste_line(paste, "  network %s", text);
        else if (router->platform == PLATFORM_BIRD)
            paste_line(paste, "# in its export filter:  if net = %s then accept;", text);
        else
            paste_line(paste, "announce %s, too", text);
    }
}

void paste_six_summaries(struct paste *paste, const struct network_router *router,
                         const struct prefix *prefixes, size_t count)
{
    bool bird = router->platform == PLATFORM_BIRD;
    if (is_zebra(router->platform))
        enter_bgp(paste, router);
    if (bird) {
        paste_line(paste, "# its export filter accepts these, and rejects what lies inside");
        paste_line(paste, "protocol static summaries6 {");
        paste_line(paste, "    ipv6;");
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = text_of_prefix(prefixes[i]);
        if (router->platform == PLATFORM_VYOS)
            paste_line(paste,
                       "set protocols bgp address-family ipv6-unicast aggregate-address %s"
                       " summary-only",
                       text);
        else if (is_zebra(router->platform))
            paste_line(paste, "  aggregate-address %s summary-only", text);
        else if (bird)
            paste_line(paste, "    route %s blackhole;", text);
        else
            paste_line(paste, "announce %s, and nothing that lies inside", text);
    }
    if (bird)
        paste_line(paste, "}");
}

/* -- static routes -- */

void paste_six_static(struct paste *paste, const struct network_router *router,
                      struct prefix prefix, ip_addr via)
{
    const char *text = text_of_prefix(prefix), *hop = text_of_ip(via);
    if (router->platform == PLATFORM_VYOS)
        paste_line(paste, "set protocols static route6 %s next-hop %s", text, hop);
    else if (is_zebra(router->platform))
        paste_line(paste, "ipv6 route %s %s", text, hop);
    else if (router->platform == PLATFORM_LINUX)
        paste_line(paste, "ip -6 route add %s via %s", text, hop);
    else if (router->platform == PLATFORM_JUNOS)
        paste_line(paste, "set routing-options rib inet6.0 static route %s next-hop %s", text, hop);
    else
        paste_line(paste, "a static route for %s with the next hop %s", text, hop);
}

void paste_six_delete_static(struct paste *paste, const struct network_router *router,
                             struct prefix prefix)
{
    const char *text = text_of_prefix(prefix);
    if (router->platform == PLATFORM_VYOS)
        paste_line(paste, "delete protocols static route6 %s", text);
    else if (is_zebra(router->platform))
        paste_line(paste, "no ipv6 route %s", text);
    else if (router->platform == PLATFORM_LINUX)
        paste_line(paste, "ip -6 route del %s", text);
    else if (router->platform == PLATFORM_JUNOS)
        paste_line(paste, "delete routing-options rib inet6.0 static route %s", text);
    else
        paste_line(paste, "delete the static route for %s", text);
}
