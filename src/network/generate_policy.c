#include "network/generate_policy.h"

enum { POLICY_SEED = 0xb0, SOME = 40 };

static bool drawn(struct plan *plan, unsigned percent)
{
    return plan->policed && prng_below(&plan->policy_prng, 100) < percent;
}

static const char *draw(struct plan *plan, const char *const *texts, unsigned count)
{
    return texts[prng_below(&plan->policy_prng, count)];
}

#define DRAW(plan, ...)                                                                            \
    draw(plan, (const char *const[]){__VA_ARGS__},                                                 \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

void policy_plan(struct plan *plan, uint64_t seed)
{
    plan->policy_prng = prng_seed(seed ^ (uint64_t)POLICY_SEED << 56);
    plan->policed = true;
    plan->policed = drawn(plan, plan->shape->policy_percent);
}

/* -- what a policy says -- */

/* Wide enough for most of what is announced, or for the default too, or for a part. */
static const char *some_accepted(struct plan *plan)
{
    return DRAW(plan, "{prefix: 10.0.0.0/8, le: 24}, {prefix: '2001:db8::/32', le: 64}",
                "{prefix: 10.0.0.0/8, le: 24}", "{prefix: 0.0.0.0/0, le: 32}",
                "{prefix: 10.0.0.0/8, le: 24}, 0.0.0.0/0", "10.10.0.0/16, 10.100.0.0/16");
}

static const char *some_import(struct plan *plan)
{
    return DRAW(plan, "local_preference: 200", "local_preference: 50",
                "add_communities: ['7224:7300']", "keep_communities: false",
                "local_preference: 150, add_communities: ['65001:7', '7224:7100']",
                "remove_communities: ['7224:7300', '65001:666']",
                "add_communities: ['65535:65281']");
}

static const char *some_export(struct plan *plan)
{
    return DRAW(plan, "med: 50", "prepend: 1", "prepend: 3", "med: 7, prepend: 2",
                "add_communities: ['65535:65281']", "add_communities: ['65001:7']",
                "keep_communities: false", "med: 4294967295, remove_communities: ['65001:666']");
}

static void say_limits(struct plan *plan, const char *indent)
{
    const char *over = DRAW(plan, "close", "refuse");
    const char *received = DRAW(plan, "1", "2", "4", "50");
    SAY(plan, "%slimits: {received: %s, over: %s}\n", indent, received, over);
}

static void say_policy(struct plan *plan, const char *indent)
{
    if (drawn(plan, SOME))
        SAY(plan, "%saccept: [%s]\n", indent, some_accepted(plan));
    if (drawn(plan, SOME / 2))
        SAY(plan, "%srefuse_default: true\n", indent);
    if (drawn(plan, SOME))
        SAY(plan, "%son_import: {%s}\n", indent, some_import(plan));
    if (drawn(plan, SOME))
        SAY(plan, "%son_export: {%s}\n", indent, some_export(plan));
    if (drawn(plan, SOME / 4))
        say_limits(plan, indent);
}

/* -- whose it is -- */

static bool has_policy(const struct plan *plan, const struct connection_plan *connection)
{
    return !connection->is_static && !plan->gateways[connection->gateway].aws;
}

void policy_connection(struct plan *plan, const struct connection_plan *connection)
{
    if (has_policy(plan, connection) && drawn(plan, 2 * SOME))
        say_policy(plan, "    ");
}

void policy_direct_connect(struct plan *plan, unsigned gateway)
{
    if (!plan->gateways[gateway].aws && drawn(plan, 2 * SOME))
        say_policy(plan, "    ");
}

void policy_announce(struct plan *plan, unsigned site)
{
    if (!drawn(plan, SOME))
        return;
    const char *communities = DRAW(plan, "'65001:666'", "'7224:7300'", "'65535:65281'",
                                   "'65001:7', '65001:666'", "'65535:65282'");
    const char *med = DRAW(plan, "", ", med: 0", ", med: 9");
    SAY(plan, ", {prefix: 10.%u.%s, communities: [%s]%s}", 100 + site,
        DRAW(plan, "64.0/18", "128.0/17"), communities, med);
}

/* A rule that asks for a community, of the router as a whole. */
void policy_rules(struct plan *plan)
{
    if (drawn(plan, SOME / 2))
        SAY(plan, "      export: [{deny: 0.0.0.0/0, le: 32, community: '65001:%s'}]\n",
            DRAW(plan, "666", "7"));
}

void policy_router(struct plan *plan, unsigned site)
{
    bool any = false;
    for (unsigned i = 0; i < plan->connection_count; i++) {
        const struct connection_plan *connection = &plan->connections[i];
        const struct tunnel_plan *tunnel = &connection->tunnels[0];
        bool again = false; /* another gateway's tunnel may have the same address (trap T39) */
        for (unsigned before = 0; before < i; before++)
            again |= plan->connections[before].tunnels[0].inside == tunnel->inside;
        if (connection->site != site || connection->is_static || again || !drawn(plan, SOME))
            continue;
        if (!any)
            SAY(plan, "      neighbors:\n");
        any = true;
        SAY(plan, "        - address: 169.254.%u.%u\n", 8 + tunnel->inside / 64,
            tunnel->inside % 64 * 4 + tunnel->vgw);
        say_policy(plan, "          ");
    }
}

/* -- the story -- */

static void say_change(struct plan *plan)
{
    const char *accepted = some_accepted(plan), *import = some_import(plan);
    const char *export = some_export(plan);
    if (drawn(plan, 34))
        SAY(plan, "accept: [%s]}", accepted);
    else if (drawn(plan, 50))
        SAY(plan, "on_import: {%s}}", import);
    else
        SAY(plan, "on_export: {%s}}", export);
}

bool policy_step(struct plan *plan, unsigned site)
{
    if (!drawn(plan, SOME))
        return false;
    unsigned at = (unsigned)prng_below(&plan->policy_prng, plan->connection_count);
    if (has_policy(plan, &plan->connections[at]) && drawn(plan, 50))
        SAY(plan, "configure: {vpn_connection: vpn-%u, ", at);
    else
        SAY(plan, "configure: {router: site-%u, ", site);
    say_change(plan);
    return true;
}
