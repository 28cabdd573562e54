#include "check/recursion.h"

#include "check/check_rig.h"

/* How sure a finding is: what is changed in the incident, the verdict and the level. */
static const struct degree {
    const char *from, *to, *from_too, *to_too;
    enum check_verdict verdict;
    enum check_level level;
    uint8_t len; /* of the prefix */
} degrees[] = {
    {NULL, NULL, NULL, NULL, CHECK_UNSTABLE, CHECK_CERTAIN, 0},
    /* BIRD compares metrics, and loses otherwise */
    {"platform: vyatta\n", "platform: bird\n", NULL, NULL, CHECK_UNSTABLE, CHECK_CERTAIN, 0},
    /* whose router this is nobody knows, so nobody knows its distances */
    {"    platform: vyatta\n", "", NULL, NULL, CHECK_UNSTABLE, CHECK_LIKELY, 0},
    {"    routes: [{prefix: 0.0.0.0/0, via: 10.20.0.1, from: dhcp}]\n", "", NULL, NULL,
     CHECK_UNSTABLE, CHECK_LIKELY, 0},
    /* ... but a longer prefix needs no distance */
    {"prefix: 0.0.0.0/0}}", "prefix: 203.0.0.0/8}}", "    platform: vyatta\n", "", CHECK_UNSTABLE,
     CHECK_CERTAIN, 8},
    {"prefix: 0.0.0.0/0}}", "prefix: 128.0.0.0/1}}", ", from: dhcp}", "}", CHECK_UNSTABLE,
     CHECK_CERTAIN, 1},
    /* without IPsec there is nothing that gives up but BGP */
    {"    tunnels: [", "    ipsec: none\n    tunnels: [", NULL, NULL, CHECK_UNSTABLE, CHECK_CERTAIN,
     0},
    /* the story takes the cause away */
    {"{at: 240s, restart: {router: vyatta}}",
     "{at: 400s, withdraw: {router: dx-edge, prefix: 0.0.0.0/0}}", NULL, NULL, CHECK_STABLE,
     CHECK_LIKELY, 0},
    {"{at: 240s, restart: {router: vyatta}}",
     "{at: 400s, configure: {vpn_connection: vpn-vyatta, guard: hold}}", NULL, NULL, CHECK_STABLE,
     CHECK_LIKELY, 0},
    /* a configured route is there to stay, and so the tunnel never comes up */
    {"via: 10.20.0.1, from: dhcp}",
     "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.0/24, tunnel: vpn-vyatta/1}", NULL, NULL,
     CHECK_DEGRADED, CHECK_CERTAIN, 24},
};

static void each_degree_of_certainty(void)
{
    for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++) {
        const struct degree *degree = &degrees[i];
        struct network *network = rig_network("incident.yaml", degree->from, degree->to,
                                              degree->from_too, degree->to_too);
        struct check *check = rig_check_without_cures(network);
        CHECK_EQUAL(check_verdict(check), degree->verdict);
        CHECK_EQUAL((int64_t)rig_recursions(check), 1);
        if (rig_recursions(check) == 1) {
            const struct check_finding *finding = rig_recursion(check, 0);
            CHECK_EQUAL(finding->level, degree->level);
            CHECK_EQUAL(finding->prefix.len, degree->len);
            bool period = degree->level == CHECK_CERTAIN && degree->verdict == CHECK_UNSTABLE;
            CHECK((finding->period_us > 0) == period);
            CHECK(finding->loop.count > 0);
        }
        CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 1);
        check_free(check);
        network_free(network);
    }
}

static void both_tunnels_are_found(void)
{
    struct network *network = rig_example("incident-two-tunnels.yaml");
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_recursions(check), 2);
    CHECK_TEXT(rig_recursion(check, 0)->tunnel, "vpn-vyatta/1");
    CHECK_TEXT(check_finding(check, 1)->tunnel, "vpn-vyatta/2");
    CHECK_EQUAL(check_finding(check, 1)->level, CHECK_CERTAIN);
    check_free(check);
    network_free(network);
}

/* T02: with one endpoint pinned the other tunnel goes into the first, and stays dead. */
static void one_pin_of_two_is_seen_through(void)
{
    struct network *network = rig_network(
        "incident-two-tunnels.yaml", "via: 10.20.0.1, from: dhcp}",
        "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.225/32, via: 10.20.0.1}", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL(check_verdict(check), CHECK_DEGRADED);
    CHECK_EQUAL((int64_t)rig_recursions(check), 2);
    const struct check_finding *dead = rig_recursion(check, 0), *other = check_finding(check, 1);
    CHECK_TEXT(dead->tunnel, "vpn-vyatta/2");
    CHECK_TEXT(dead->into, "vpn-vyatta/1");
    CHECK_EQUAL(dead->level, CHECK_CERTAIN);
    CHECK_EQUAL(dead->period_us, 0);
    CHECK_TEXT(other->tunnel, "vpn-vyatta/1");
    CHECK_EQUAL(other->level, CHECK_PROTECTED);
    check_free(check);
    network_free(network);
}

/* A customer gateway of which the file knows nothing: one side is a supposition. */
static void an_unknown_router_is_likely_at_most(void)
{
    struct network *network =
        rig_network("pasted-sample.yaml", ", router: tokyo}", "}",
                    "  - id: tokyo\n    platform: vyatta\n    lan: [10.20.0.0/16]\n"
                    "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp}]\n"
                    "    bgp: {asn: 65010, announce: [10.20.0.0/16]}\n",
                    "");
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_recursions(check), 2);
    CHECK_EQUAL(rig_recursion(check, 0)->level, CHECK_LIKELY);
    CHECK_EQUAL(rig_recursion(check, 0)->period_us, 0);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(each_degree_of_certainty);
    TEST(both_tunnels_are_found);
    TEST(one_pin_of_two_is_seen_through);
    TEST(an_unknown_router_is_likely_at_most);
    return harness_done();
}
