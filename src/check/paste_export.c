#include "check/paste_export.h"

struct outgoing { /* of one family */
    struct paste *paste;
    const struct network_router *router;
    bool six;
    const char *name; /* of the list */
};

static bool is_vyatta(const struct outgoing *filter) /* its BGP names the AS in every line */
{
    return filter->router->platform == PLATFORM_VYATTA;
}

/* Vyatta's BGP has no address families. */
static bool has_words(const struct outgoing *filter)
{
    switch (filter->router->platform) {
    case PLATFORM_VYATTA:
        return !filter->six;
    case PLATFORM_VYOS:
    case PLATFORM_FRR:
    case PLATFORM_BIRD:
    case PLATFORM_CISCO_IOS:
    case PLATFORM_JUNOS:
        return true;
    case PLATFORM_UNKNOWN:
    case PLATFORM_LINUX:
    case PLATFORM_AWS:
    case PLATFORM_SEKISHO:
    case PLATFORM_COUNT:
    default:
        return false;
    }
}

static const char *everything(const struct outgoing *filter)
{
    return filter->six ? "::/0" : "0.0.0.0/0";
}

static void deny(const struct outgoing *filter, struct prefix prefix, unsigned rule)
{
    struct paste *paste = filter->paste;
    const char *text = text_of_prefix(prefix), *six = filter->six ? "6" : "";
    switch (filter->router->platform) {
    case PLATFORM_VYATTA:
    case PLATFORM_VYOS:
        paste_line(paste, "set policy prefix-list%s %s rule %u action deny", six, filter->name,
                   rule);
        paste_line(paste, "set policy prefix-list%s %s rule %u prefix %s", six, filter->name, rule,
                   text);
        break;
    case PLATFORM_JUNOS:
        paste_line(paste,
                   "set policy-options policy-statement %s term %u from route-filter %s exact",
                   filter->name, rule, text);
        paste_line(paste, "set policy-options policy-statement %s term %u then reject",
                   filter->name, rule);
        break;
    case PLATFORM_FRR:
    case PLATFORM_CISCO_IOS:
        paste_line(paste, "%s prefix-list %s seq %u deny %s", filter->six ? "ipv6" : "ip",
                   filter->name, rule, text);
        break;
    case PLATFORM_BIRD: /* a line of the filter that is there */
    case PLATFORM_UNKNOWN:
    case PLATFORM_LINUX:
    case PLATFORM_AWS:
    case PLATFORM_SEKISHO:
    case PLATFORM_COUNT:
    default:
        break;
    }
}

/* What no term of Junos's policy matches goes on to the next policy. */
static void permit_rest(const struct outgoing *filter, unsigned rule)
{
    struct paste *paste = filter->paste;
    const struct network_router *router = filter->router;
    const char *six = filter->six ? "6" : "";
    unsigned longest = filter->six ? 128 : 32;
    if (is_vyatta(filter) || router->platform == PLATFORM_VYOS) {
        paste_line(paste, "set policy prefix-list%s %s rule %u action permit", six, filter->name,
                   rule);
        paste_line(paste, "set policy prefix-list%s %s rule %u prefix %s", six, filter->name, rule,
                   everything(filter));
        paste_line(paste, "set policy prefix-list%s %s rule %u le %u", six, filter->name, rule,
                   longest);
    } else if (router->platform == PLATFORM_FRR || router->platform == PLATFORM_CISCO_IOS) {
        paste_line(paste, "%s prefix-list %s seq %u permit %s le %u", filter->six ? "ipv6" : "ip",
                   filter->name, rule, everything(filter), longest);
        paste_line(paste, "router bgp %u", router->bgp->asn);
        paste_line(paste, " address-family ipv%s%s", filter->six ? "6" : "4",
                   router->platform == PLATFORM_FRR ? " unicast" : "");
    }
}

static void use(const struct outgoing *filter, const char *neighbor)
{
    struct paste *paste = filter->paste;
    enum platform platform = filter->router->platform;
    if (is_vyatta(filter)) {
        paste_line(paste, "set protocols bgp %u neighbor %s prefix-list export %s",
                   filter->router->bgp->asn, neighbor, filter->name);
    } else if (platform == PLATFORM_VYOS) {
        paste_line(paste,
                   "set protocols bgp neighbor %s address-family ipv%s-unicast prefix-list export"
                   " %s",
                   neighbor, filter->six ? "6" : "4", filter->name);
    } else if (platform == PLATFORM_JUNOS) { /* AWS's sample has the one, and it rejects the rest */
        paste_line(paste, "set protocols bgp group ebgp neighbor %s export %s", neighbor,
                   filter->name);
        paste_line(paste,
                   "insert protocols bgp group ebgp neighbor %s export %s before EXPORT-DEFAULT",
                   neighbor, filter->name);
    } else {
        paste_line(paste, "  neighbor %s prefix-list %s out", neighbor, filter->name);
    }
}

/* One line for each neighbor and prefix, where a filter is to be edited and not to be made. */
static void say_each(const struct outgoing *filter, const struct change *changes, size_t count)
{
    bool bird = filter->router->platform == PLATFORM_BIRD;
    for (size_t i = 0; i < count; i++)
        paste_line(filter->paste,
                   bird ? "# in the export filter towards %s:  if net = %s then reject;"
                        : "to the BGP neighbor %s no longer announce %s, in the router's own words",
                   text_of_ip(changes[i].neighbor), text_of_prefix(changes[i].prefix));
}

static void say(const struct outgoing *filter, const struct change *changes, size_t count)
{
    unsigned rule = 10;
    if (!has_words(filter) || filter->router->platform == PLATFORM_BIRD) {
        say_each(filter, changes, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!paste_is_new_prefix(changes, i))
            continue;
        deny(filter, changes[i].prefix, rule);
        rule += 10;
    }
    permit_rest(filter, rule);
    for (size_t i = 0; i < count; i++) {
        if (paste_is_new_neighbor(changes, i))
            use(filter, text_of_ip(changes[i].neighbor));
    }
}

void paste_export_filter(struct paste *paste, const struct network_router *router,
                         const struct change *changes, size_t count)
{
    for (int six = 0; six < 2; six++) {
        struct outgoing filter = {paste, router, six, six ? "FOREIGN6" : "FOREIGN"};
        size_t found;
        const struct change *own = paste_of_family(paste, changes, count, six, &found);
        if (found > 0)
            say(&filter, own, found);
    }
}

const char *paste_withheld(struct paste *paste, const struct change *changes, size_t count,
                           const char *prefixes)
{
    const char *neighbors = NULL;
    for (size_t i = 0; i < count; i++) {
        if (paste_is_new_neighbor(changes, i))
            neighbors = check_text(paste->check, "%s%s%s", neighbors ? neighbors : "",
                                   neighbors ? " and " : "", text_of_ip(changes[i].neighbor));
    }
    return check_text(paste->check, "do not announce %s to %s", prefixes, neighbors);
}
