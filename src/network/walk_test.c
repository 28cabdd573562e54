#include "network/walk.h"

#include "network/probe.h"
#include "tests/harness.h"

static void count_scalars(const struct field *field, void *member, struct place place, void *ctx)
{
    size_t *counts = ctx;
    (void)member;
    counts[field->type == FIELD_REF]++;
    counts[2] += place.line == 0;
}

static void every_value_is_visited_once(void)
{
    struct network *network =
        probe_parse("customer_gateways: [{id: c, router: r}]\nrouters: [{id: r, lan: [10.0.0.0/8, "
                    "11.0.0.0/8]}]\nwanted: [{from: r, to: 10.0.0.1}]\n");
    size_t counts[3] = {0};
    CHECK(network != NULL);
    if (!network)
        return;
    walk_scalars(&schema_network, network, count_scalars, counts);
    CHECK_EQUAL((int64_t)counts[1], 3);
    /* customer: id asn address startup; router: id platform address gateway lan lan outer_vrf
     * rp_filter and five latencies; internet_delay until */
    CHECK_EQUAL((int64_t)counts[0], 4 + 13 + 2);
    CHECK_EQUAL((int64_t)counts[2], 5); /* the latencies' own struct is not in the file */
    network_free(network);
}

/* What a copy and its original own is disjoint: both are freed under the address sanitizer. */
static void copies_are_equal_and_apart(void)
{
    struct network *network = probe_parse(probe_sound);
    CHECK(network != NULL);
    if (!network)
        return;
    struct network *copy = network_copy(network);
    CHECK(network_equal(network, copy));
    CHECK(copy->routers[0].id != network->routers[0].id);
    CHECK(copy->routers[0].bgp != network->routers[0].bgp);
    CHECK(copy->story[0].object.id != network->story[0].object.id);
    network_free(network);
    char *text = probe_format(copy);
    CHECK(strstr(text, "announce: {router: dx-edge, prefix: 0.0.0.0/0}") != NULL);
    free(text);
    network_free(copy);
}

static void copies_have_their_own_comments(void)
{
    static const char text[] = "# head\n\nrouters:\n  # one\n  - id: a  # first\n    # why\n"
                               "    platform: frr\n# foot\n";
    struct network *network = probe_parse(text);
    CHECK(network != NULL);
    if (!network)
        return;
    struct network *copy = network_copy(network);
    network_free(network);
    char *formatted = probe_format(copy);
    CHECK_TEXT(formatted, text);
    free(formatted);
    network_free(copy);
}

static void any_difference_is_seen(void)
{
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"asn: 65001", "asn: 65002"},
        {"[10.30.0.0/16]", "[10.30.0.0/17]"},
        {"[10.30.0.0/16]", "[10.30.0.0/16, 10.31.0.0/16]"},
        {"vlan: 101", "vlan: 102"},
        {" vlan: 101,", ""},
        {", routes: []", ""},
        {"at: 240s", "at: 241s"},
        {"restart:", "fail:"},
        {"source_dest_check: false", "source_dest_check: true"},
        {"id: vgw-main, asn: 10124", "id: vgw-main, fib: none, asn: 10124"},
        {"guard: warn", "dpd: {delay: 11s}"},
        {"until: 10m", "until: 11m"},
        {"restart: {router: vyatta}", "restart: {vpn_gateway: vgw-main}"},
        {"platform: vyatta,", "platform: vyatta, underlay: {asn: 5, announce: []},"},
        {"propagate: [vgw-main], ", ""},
    };
    struct network *network = probe_parse(probe_sound);
    for (size_t i = 0; network && i < sizeof changes / sizeof *changes; i++) {
        char *text = probe_replace(probe_sound, changes[i].from, changes[i].to);
        struct network *other = probe_parse(text);
        CHECK(other && !network_equal(network, other));
        CHECK(other && network_equal(other, other));
        network_free(other);
        free(text);
    }
    char *fail = probe_replace(probe_sound, "restart: {router", "fail: {router");
    char *link = probe_replace(probe_sound, "restart: {router", "fail: {link");
    struct network *one = probe_parse(fail), *two = probe_parse(link);
    CHECK(one && two && !network_equal(one, two));
    network_free(one);
    network_free(two);
    free(fail);
    free(link);
    network_free(network);
}

/* Places are not compared: the same network may be written in many ways. */
static void the_way_of_writing_makes_no_difference(void)
{
    char *text = probe_replace(probe_sound, "vpcs:\n", "# the VPCs\n\nvpcs:\n");
    char *minutes = probe_replace(text, "until: 10m", "until: 600s");
    struct network *one = probe_parse(probe_sound), *two = probe_parse(minutes);
    CHECK(one && two && network_equal(one, two));
    network_free(one);
    network_free(two);
    free(text);
    free(minutes);
}

static void initial_objects_are_known(void)
{
    struct network_latency latency = {0};
    schema_initialize(&schema_latency, &latency);
    CHECK(walk_is_initial(&schema_latency, &latency));
    latency.decision_us = 0;
    CHECK(!walk_is_initial(&schema_latency, &latency));
}

static void half_built_objects_are_freed(void)
{
    struct network *network = calloc(1, sizeof *network);
    network_free(network);
    network_free(NULL);
    char *errors = probe_errors("routers: [{id: a, bgp: {asn: 0, announce: [{prefix: 1, as_path: "
                                "[1, x]}]}}]\nstory: [{at: 1s, fail: {router: a, link: b}}]");
    CHECK(strcmp(errors, "fine") != 0);
    free(errors);
}

int main(void)
{
    TEST(every_value_is_visited_once);
    TEST(copies_are_equal_and_apart);
    TEST(copies_have_their_own_comments);
    TEST(any_difference_is_seen);
    TEST(the_way_of_writing_makes_no_difference);
    TEST(initial_objects_are_known);
    TEST(half_built_objects_are_freed);
    return harness_done();
}
