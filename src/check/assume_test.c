#include "check/assume.h"

#include "check/check_rig.h"

static bool is_assumed(const struct check *check, const char *part)
{
    const struct check_texts *assumptions = check_assumptions(check);
    for (size_t i = 0; i < assumptions->count; i++) {
        if (strstr(assumptions->items[i], part))
            return true;
    }
    return false;
}

static bool is_assumed_of(const struct network *network, const char *part)
{
    struct check *check = rig_blank(network);
    struct world *world = network_build(network);
    assume_say(check, world);
    bool assumed = is_assumed(check, part);
    for (size_t i = 0; i < check->assumptions.count; i++) {
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(check->assumptions.items[i], check->assumptions.items[j]) != 0);
    }
    world_destroy(world);
    check_free(check);
    return assumed;
}

static void security_groups_are_always_said_to_be_missing(void)
{
    static const char *const names[] = {"incident.yaml", "pasted-sample.yaml", "control.yaml"};
    for (size_t i = 0; i < 3; i++) {
        struct network *network = rig_example(names[i]);
        CHECK(is_assumed_of(network, "security groups and network ACLs"));
        network_free(network);
    }
}

static void what_nobody_has_measured_is_said_once_for_all(void)
{
    struct network *network = rig_example("incident-aws.yaml");
    CHECK(is_assumed_of(network, "platform aws, vyatta: "));
    network_free(network);
}

static void a_measured_platform_is_no_assumption(void)
{
    struct network *network =
        rig_network("incident.yaml", "platform: vyatta\n", "platform: frr\n", NULL, NULL);
    CHECK(!is_assumed_of(network, "frr: "));
    network_free(network);
}

static void whose_default_nobody_knows_is_named(void)
{
    static const char own[] = "announce: [10.20.0.0/16, 0.0.0.0/0]";
    static const char seen[] = "received: [10.20.0.0/16, 0.0.0.0/0]";
    static const char said[] = "received: [10.20.0.0/16, 0.0.0.0/0], default_originate: false";
    static const char words[] = "tokyo: announces a default; taken to make it for its neighbors";
    struct network *network = rig_story("default-originate-near.yaml", own, seen);
    CHECK(is_assumed_of(network, words));
    network_free(network);
    network = rig_story("default-originate-near.yaml", own, said);
    CHECK(!is_assumed_of(network, words));
    network_free(network);
    network = rig_story("default-originate.yaml", NULL, NULL);
    CHECK(!is_assumed_of(network, words));
    network_free(network);
}

static void a_router_without_its_routes_is_named(void)
{
    struct network *network = rig_network(
        "incident.yaml", "    routes: [{prefix: 0.0.0.0/0, via: 10.20.0.1, from: dhcp}]\n", "",
        NULL, NULL);
    CHECK(is_assumed_of(network, "vyatta: its routes are not in the file"));
    network_free(network);
    network = rig_example("incident.yaml");
    CHECK(!is_assumed_of(network, "its routes are not in the file"));
    CHECK(is_assumed_of(network, "dx-edge: nothing is known of it but what it announces"));
    network_free(network);
}

static void a_customer_gateway_without_a_router_is_named(void)
{
    struct network *network =
        rig_network("pasted-sample.yaml", ", router: tokyo}", "}",
                    "  - id: tokyo\n    platform: vyatta\n    lan: [10.20.0.0/16]\n"
                    "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp}]\n"
                    "    bgp: {asn: 65010, announce: [10.20.0.0/16]}\n",
                    "");
    CHECK(is_assumed_of(network, "cgw-tokyo: nothing is known of its router"));
    network_free(network);
}

/* Whoever is in the same case is told in one sentence. */
static void many_routers_are_told_together(void)
{
    struct network *network = rig_story("quota.yaml", NULL, NULL);
    CHECK(is_assumed_of(network, "cgw-tokyo, cgw-nagano, cgw-osaka, cgw-kyoto and 7 more: nothing"
                                 " is known of their routers"));
    network_free(network);
}

int main(void)
{
    TEST(security_groups_are_always_said_to_be_missing);
    TEST(what_nobody_has_measured_is_said_once_for_all);
    TEST(a_measured_platform_is_no_assumption);
    TEST(a_router_without_its_routes_is_named);
    TEST(whose_default_nobody_knows_is_named);
    TEST(a_customer_gateway_without_a_router_is_named);
    TEST(many_routers_are_told_together);
    return harness_done();
}
