#include "check/prefer.h"

static const char map_name[] = "PROVIDER";

static void paste_set(struct paste *paste, const struct network_router *router,
                      const char *neighbor, uint32_t preference)
{
    paste_line(paste, "set policy route-map %s rule 10 action permit", map_name);
    paste_line(paste, "set policy route-map %s rule 10 set local-preference %u", map_name,
               preference);
    if (router->platform == PLATFORM_VYATTA)
        paste_line(paste, "set protocols bgp %u neighbor %s route-map import %s", router->bgp->asn,
                   neighbor, map_name);
    else
        paste_line(paste,
                   "set protocols bgp neighbor %s address-family ipv4-unicast route-map import %s",
                   neighbor, map_name);
}

/* FRR has its address family below the router, IOS has IPv4's at the top. */
static void paste_map(struct paste *paste, const struct network_router *router,
                      const char *neighbor, uint32_t preference)
{
    bool frr = router->platform == PLATFORM_FRR;
    paste_line(paste, "route-map %s permit 10", map_name);
    paste_line(paste, " set local-preference %u", preference);
    paste_line(paste, "router bgp %u", router->bgp->asn);
    if (frr)
        paste_line(paste, " address-family ipv4 unicast");
    paste_line(paste, "%sneighbor %s route-map %s in", frr ? "  " : " ", neighbor, map_name);
}

void prefer_paste(struct paste *paste, const struct change *change)
{
    const struct network_router *router = &paste->network->routers[change->index];
    const char *neighbor = text_of_ip(change->neighbor);
    enum platform platform = ip_is_six(change->neighbor) ? PLATFORM_UNKNOWN : router->platform;
    switch ((unsigned)platform) {
    case PLATFORM_VYATTA:
    case PLATFORM_VYOS:
        paste_set(paste, router, neighbor, change->number);
        break;
    case PLATFORM_FRR:
    case PLATFORM_CISCO_IOS:
        paste_map(paste, router, neighbor, change->number);
        break;
    case PLATFORM_BIRD:
        paste_line(paste, "# protocol bgp, neighbor %s:", neighbor);
        paste_line(paste, "#   ipv4 { import filter { bgp_local_pref = %u; accept; }; };",
                   change->number);
        break;
    case PLATFORM_JUNOS:
        paste_line(paste, "set policy-options policy-statement %s term 1 then local-preference %u",
                   map_name, change->number);
        paste_line(paste, "set policy-options policy-statement %s term 1 then accept", map_name);
        paste_line(paste, "set protocols bgp group ebgp neighbor %s import %s", neighbor, map_name);
        break;
    default:
        paste_line(paste,
                   "a local preference of %u for what the BGP neighbor %s announces, in the"
                   " router's own words",
                   change->number, neighbor);
        break;
    }
}
