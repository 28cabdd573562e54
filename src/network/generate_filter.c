#include "network/generate_filter.h"

enum { FILTER_SEED = 0xf1, RULES_MAX = 4 };

static bool drawn(struct plan *plan, unsigned percent)
{
    return plan->filtered && prng_below(&plan->filter_prng, 100) < percent;
}

static unsigned drawn_below(struct plan *plan, unsigned limit)
{
    return (unsigned)prng_below(&plan->filter_prng, limit);
}

#define DRAW(plan, ...)                                                                            \
    ((const char *const[]){__VA_ARGS__})[drawn_below(                                              \
        plan, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))]

void filter_plan(struct plan *plan, uint64_t seed)
{
    plan->filter_prng = prng_seed(seed ^ (uint64_t)FILTER_SEED << 56);
    plan->filtered = true;
    plan->filtered = drawn(plan, plan->shape->filter_percent);
}

static const char *some_traffic(struct plan *plan)
{
    return DRAW(plan, "", "", "protocol: tcp, ", "protocol: tcp, ports: 443, ",
                "protocol: tcp, ports: 1024-65535, ", "protocol: icmp, ",
                "protocol: icmp, type: 8, ", "protocol: icmpv6, type: 129, code: 0, ",
                "protocol: udp, ports: 500, ", "protocol: udp, ports: 4500, ", "protocol: esp, ");
}

static const char *some_range(struct plan *plan)
{
    return DRAW(plan, "0.0.0.0/0", "0.0.0.0/0", "'::/0'", "10.0.0.0/8", "10.100.0.0/14",
                "203.0.0.0/8", "198.51.0.0/16", "'2001:db8::/32'");
}

/* -- security groups -- */

static void say_group_rule(struct plan *plan, const char *vpc, bool out)
{
    const char *traffic = some_traffic(plan);
    unsigned by = drawn_below(plan, 6);
    SAY(plan, "{%s%s: ", traffic, out ? "to" : "from");
    if (by == 0)
        SAY(plan, "sg-%s-%s}", vpc, DRAW(plan, "a", "b"));
    else if (by == 1)
        SAY(plan, "%s}", DRAW(plan, "pl-sites", "pl-vpcs"));
    else
        SAY(plan, "%s}", some_range(plan));
}

/* Most of the routers' groups let IKE and ESP pass. */
static void say_group(struct plan *plan, const char *vpc, const char *name)
{
    SAY(plan, "      - id: sg-%s-%s\n", vpc, name);
    for (int out = 0; out < 2; out++) {
        const char *separator = "";
        if (out && drawn(plan, 40))
            continue; /* AWS's: everything */
        SAY(plan, "        %s: [", out ? "outbound" : "inbound");
        if (drawn(plan, 60)) {
            SAY(plan, "{protocol: udp, ports: 500-4500, %s: 203.0.0.0/8}, {protocol: esp, %s: ",
                out ? "to" : "from", out ? "to" : "from");
            SAY(plan, "203.0.0.0/8}");
            separator = ", ";
        }
        for (unsigned i = drawn_below(plan, RULES_MAX); i > 0; i--, separator = ", ") {
            SAY(plan, "%s", separator);
            say_group_rule(plan, vpc, out);
        }
        SAY(plan, "]\n");
    }
}

/* -- network ACLs -- */

static void say_acl(struct plan *plan, const char *vpc)
{
    SAY(plan, "    network_acls:\n      - id: acl-%s\n", vpc);
    for (int out = 0; out < 2; out++) {
        unsigned number = 10;
        SAY(plan, "        %s: [", out ? "outbound" : "inbound");
        for (unsigned i = drawn_below(plan, RULES_MAX); i > 0; i--, number += 10) {
            const char *traffic = some_traffic(plan), *range = some_range(plan);
            SAY(plan, "{rule: %u, action: %s, %s%s: %s}, ", number,
                DRAW(plan, "allow", "allow", "deny"), traffic, out ? "to" : "from", range);
        }
        /* the lowest number decides, wherever it stands */
        SAY(plan, "{rule: %u, action: allow, %s: 0.0.0.0/0}]\n", drawn(plan, 10) ? 1 : 100,
            out ? "to" : "from");
    }
}

void filter_vpc(struct plan *plan, const char *vpc)
{
    if (!plan->filtered)
        return;
    SAY(plan, "    security_groups:\n");
    say_group(plan, vpc, "a");
    say_group(plan, vpc, "b");
    say_acl(plan, vpc);
}

void filter_subnet(struct plan *plan, const char *vpc)
{
    if (drawn(plan, 60))
        SAY(plan, ", network_acl: acl-%s", vpc);
}

void filter_instance(struct plan *plan, const char *vpc, const char *separator)
{
    if (!drawn(plan, 75))
        return;
    const char *first = DRAW(plan, "a", "b");
    SAY(plan, "%ssecurity_groups: [sg-%s-%s", separator, vpc, first);
    if (drawn(plan, 40))
        SAY(plan, ", sg-%s-%s", vpc, *first == 'a' ? "b" : "a");
    SAY(plan, "]");
}

void filter_lists(struct plan *plan)
{
    if (!plan->filtered)
        return;
    SAY(plan, "prefix_lists:\n");
    SAY(plan, "  - {id: pl-sites, prefixes: [10.100.0.0/14, 198.51.100.0/22]}\n");
    SAY(plan, "  - {id: pl-vpcs, prefixes: [10.10.0.0/16, 10.11.0.0/16, '2001:db8:10::/48']}\n");
}
