#include "network/generate_policy.h"

#include "tests/harness.h"

#include "base/digest.h"

#include <stdlib.h>
#include <string.h>

static struct network *generated(uint64_t seed, unsigned percent)
{
    struct generate_shape shape = generate_usual;
    shape.policy_percent = percent;
    return network_generate(seed, &shape);
}

struct census {
    unsigned networks; /* that have any */
    unsigned accept, refuse_default, on_import, on_export, limits, neighbors;
    unsigned communities, rules, steps;
};

static bool count_policy(const struct network_policy *policy, struct census *census)
{
    census->accept += policy->accept != NULL;
    census->refuse_default += policy->refuse_default;
    census->on_import += policy->on_import != NULL;
    census->on_export += policy->on_export != NULL;
    return policy->accept || policy->refuse_default || policy->on_import || policy->on_export;
}

static bool count_router(const struct network_bgp *bgp, struct census *census)
{
    unsigned before = census->communities + census->rules + census->neighbors;
    for (size_t i = 0; i < bgp->announce_count; i++)
        census->communities += bgp->announce[i].community_count > 0;
    for (size_t i = 0; i < bgp->export.rule_count; i++)
        census->rules += bgp->export.rules[i].community != 0;
    for (size_t i = 0; i < bgp->neighbor_count; i++) {
        (void)count_policy(&bgp->neighbors[i].policy, census);
        census->limits += bgp->neighbors[i].limits.received >= 0;
    }
    census->neighbors += (unsigned)bgp->neighbor_count;
    return census->communities + census->rules + census->neighbors > before;
}

static void count(const struct network *network, struct census *census)
{
    bool any = false;
    for (size_t i = 0; i < network->vpn_connection_count; i++)
        any |= count_policy(&network->vpn_connections[i].policy, census);
    for (size_t i = 0; i < network->direct_connect_count; i++)
        any |= count_policy(&network->direct_connects[i].policy, census);
    for (size_t i = 0; i < network->router_count; i++)
        any |= network->routers[i].bgp && count_router(network->routers[i].bgp, census);
    for (size_t i = 0; i < network->step_count; i++) {
        const struct network_change *change = &network->story[i].change;
        census->steps += change->accept || change->on_import || change->on_export;
    }
    census->networks += any;
}

static void a_share_of_networks_has_policies(void)
{
    struct census all = {0}, none = {0}, half = {0};
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct network *policed = generated(seed, 100), *bare = generated(seed, 0);
        struct network *some = generated(seed, 50);
        count(policed, &all);
        count(bare, &none);
        count(some, &half);
        network_free(policed);
        network_free(bare);
        network_free(some);
    }
    CHECK(all.networks > 30);
    CHECK(half.networks > 8 && half.networks < 32);
    CHECK(all.accept > 0 && all.refuse_default > 0 && all.on_import > 0 && all.on_export > 0);
    CHECK(all.limits > 0 && all.neighbors > 0 && all.communities > 0 && all.rules > 0);
    CHECK(all.steps > 0);
    CHECK_EQUAL(none.networks + none.accept + none.refuse_default + none.on_import +
                    none.on_export + none.neighbors + none.communities + none.rules + none.steps,
                0);
}

static char *written(const struct network *network)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    network_format(network, out);
    fclose(out);
    return text;
}

/* A draw more in one part moves none in another: what is not a policy is as it was. */
static void the_rest_of_a_network_stays_as_it_was(void)
{
    struct digest digest = digest_start();
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct network *policed = generated(seed, 100), *bare = generated(seed, 0);
        CHECK_EQUAL((int64_t)policed->vpn_connection_count, (int64_t)bare->vpn_connection_count);
        CHECK_EQUAL((int64_t)policed->step_count, (int64_t)bare->step_count);
        for (size_t i = 0; i < bare->vpn_connection_count; i++)
            CHECK_EQUAL(policed->vpn_connections[i].guard, bare->vpn_connections[i].guard);
        for (size_t i = 0; i < bare->router_count; i++) {
            CHECK_TEXT(policed->routers[i].id, bare->routers[i].id);
            CHECK_EQUAL((int64_t)policed->routers[i].route_count,
                        (int64_t)bare->routers[i].route_count);
            CHECK_EQUAL(policed->routers[i].bgp->allowas_in, bare->routers[i].bgp->allowas_in);
        }
        char *text = written(policed);
        digest_bytes(&digest, (struct slice){(const uint8_t *)text, strlen(text)});
        free(text);
        network_free(policed);
        network_free(bare);
    }
    harness_digest("networks with policies", digest_end(&digest)); /* whoever compiled it */
}

int main(void)
{
    TEST(a_share_of_networks_has_policies);
    TEST(the_rest_of_a_network_stays_as_it_was);
    return harness_done();
}
