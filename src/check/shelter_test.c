#include "check/shelter.h"

#include "check/check_rig.h"

/* The near misses: the condition of T01 is met and nothing happens. One line each: what is changed
 * in an example, and what is to be found to protect the tunnel. */
static const struct near_miss {
    const char *example, *from, *to, *from_too, *to_too;
    enum check_level level;
    const char *why, *line; /* what the line that does it says; NULL: none is named */
} near_misses[] = {
    {"incident-held.yaml", NULL, NULL, NULL, NULL, CHECK_PROTECTED, "guard-hold", "guard: hold"},
    {"incident-held.yaml", "guard: hold", "guard: refuse", NULL, NULL, CHECK_PROTECTED,
     "guard-hold", "guard: refuse"},
    {"incident-pinned.yaml", NULL, NULL, NULL, NULL, CHECK_PROTECTED, "longest-prefix",
     "S>* 203.0.113.225/32 [1/0] via 10.20.0.1, eth0"},
    {"incident.yaml", ", from: dhcp}", "}", NULL, NULL, CHECK_PROTECTED, "distance",
     "S>* 0.0.0.0/0 [1/0] via 10.20.0.1, eth0"},
    {"incident.yaml", "platform: vyatta\n", "platform: frr\n", NULL, NULL, CHECK_PROTECTED,
     "distance", ">* 0.0.0.0/0 [0/"},
    {"incident.yaml", "platform: vyatta\n", "platform: vyatta\n    outer_vrf: true\n", NULL, NULL,
     CHECK_PROTECTED, "outer-vrf", "outer_vrf: true"},
    {"incident.yaml", "platform: vyatta\n", "platform: sekisho\n", NULL, NULL, CHECK_PROTECTED,
     "outer-vrf", "platform: sekisho"},
    {"incident.yaml", "announce: [10.20.0.0/16]}",
     "announce: [10.20.0.0/16], import: [{deny: 0.0.0.0/0}]}", NULL, NULL, CHECK_PROTECTED,
     "import-filter", NULL},
    {"incident.yaml", "guard: warn", "export: [{deny: 0.0.0.0/0}]\n    guard: warn", NULL, NULL,
     CHECK_PROTECTED, "export-filter", NULL},
    {"incident.yaml", "asn: 65001", "asn: 65000", NULL, NULL, CHECK_LATENT, "own-as", NULL},
    /* a covering prefix that is no default, and a provider's longer one */
    {"incident.yaml", "prefix: 0.0.0.0/0}}", "prefix: 203.0.0.0/8}}", "via: 10.20.0.1, from: dhcp}",
     "via: 10.20.0.1}, {prefix: 203.0.113.0/24, via: 10.20.0.1}", CHECK_PROTECTED, "longest-prefix",
     "S>* 203.0.113.0/24"},
};

static void each_near_miss_is_told_with_what_protects(void)
{
    for (size_t i = 0; i < sizeof near_misses / sizeof *near_misses; i++) {
        const struct near_miss *miss = &near_misses[i];
        struct network *network =
            rig_network(miss->example, miss->from, miss->to, miss->from_too, miss->to_too);
        struct check *check = rig_check_as_told(network);
        CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
        CHECK_EQUAL((int64_t)rig_recursions(check), 1);
        if (rig_recursions(check) == 1) {
            const struct check_finding *finding = rig_recursion(check, 0);
            CHECK_EQUAL(finding->level, miss->level);
            CHECK(check_has_text(&finding->why, miss->why));
            CHECK_EQUAL((int64_t)finding->why.count, 1);
            CHECK((finding->guard_line != NULL) == (miss->line != NULL));
            if (finding->guard_line && miss->line)
                CHECK(strstr(finding->guard_line, miss->line) != NULL);
            CHECK(finding->protection != NULL);
            CHECK_TEXT(finding->origin.router, "dx-edge");
            CHECK_TEXT(finding->origin.attachment, "dxvif-1");
            CHECK_TEXT(finding->tunnel, "vpn-vyatta/1");
            CHECK_EQUAL((int64_t)finding->as_path_count, 2);
            CHECK_EQUAL(finding->as_path[0], 10124);
            CHECK_EQUAL((int64_t)finding->remedy_count, 0);
        }
        CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 0);
        CHECK_EQUAL(check_exit_code(check, CHECK_PROTECTED), 1);
        check_free(check);
        network_free(network);
    }
}

static void nothing_is_told_where_nobody_announces_it(void)
{
    struct network *network =
        rig_network("incident.yaml", "prefix: 0.0.0.0/0}}", "prefix: 172.16.0.0/12}}", NULL, NULL);
    struct check *check = rig_check_as_told(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)rig_recursions(check), 0);
    check_free(check);
    network_free(network);
}

/* What the router itself announces never comes back to it. */
static void a_routers_own_default_is_none_of_it(void)
{
    struct network *network =
        rig_network("incident.yaml", "prefix: 0.0.0.0/0}}", "prefix: 172.16.0.0/12}}",
                    "announce: [10.20.0.0/16]", "announce: [10.20.0.0/16, 0.0.0.0/0]");
    struct check *check = rig_check_as_told(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)rig_recursions(check), 0);
    check_free(check);
    network_free(network);
}

static void nor_does_it_by_another_connection(void)
{
    char *text = rig_read("incident.yaml");
    rig_edit(text, "prefix: 0.0.0.0/0}}", "prefix: 172.16.0.0/12}}");
    rig_edit(text, "announce: [10.20.0.0/16]", "announce: [10.20.0.0/16, 0.0.0.0/0]");
    rig_edit(text, "vpn_connections:\n",
             "vpn_connections:\n  - id: vpn-second\n    vpn_gateway: vgw-main\n"
             "    customer_gateway: cgw-vyatta\n    guard: warn\n"
             "    tunnels: [{outside: 203.0.113.227, inside: {vgw: 169.254.252.38, cgw:"
             " 169.254.252.37}}]\n");
    struct network *network = rig_parse(text);
    struct check *check = rig_check_as_told(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)rig_recursions(check), 0);
    check_free(check);
    network_free(network);
    free(text);
}

/* A covering prefix against what the underlay has: the endpoints on the link, a longer one of the
 * provider's by BGP, and the same one, which only best path keeps. Then that one loses. */
static const struct meeting {
    const char *story, *from, *to, *from_too, *to_too;
    enum check_level level;
    const char *line, *margin; /* NULL: none */
} meetings[] = {
    {"covering-prefix.yaml", "198.51.100.10, router: tokyo", "203.0.113.10, router: tokyo",
     "via: 198.51.100.1}", "via: 203.0.113.1}", CHECK_PROTECTED,
     "C>* 203.0.113.0/24 is directly connected, eth0", NULL},
    {"default-by-bgp.yaml", "announce: [{prefix: 0.0.0.0/0,",
     "announce: [203.0.113.0/24, {prefix:"
     " 0.0.0.0/0,",
     "prefix: 0.0.0.0/0, as_path: [64801]", "prefix: 203.0.0.0/8", CHECK_PROTECTED,
     "B>* 203.0.113.0/24 [20/0] via 198.51.100.1, eth0", NULL},
    {"default-by-bgp.yaml", "announce: [{prefix: 0.0.0.0/0,",
     "announce: [203.0.113.0/24, {prefix:"
     " 0.0.0.0/0,",
     "prefix: 0.0.0.0/0, as_path: [64801]", "prefix: 203.0.113.0/24", CHECK_LATENT,
     "B>* 203.0.113.0/24 [20/0] via 198.51.100.1, eth0",
     "one AS hop: the provider's AS path is 1 long, the tunnel's 2"},
    {"default-by-bgp.yaml", "announce: [{prefix: 0.0.0.0/0,",
     "announce: [{prefix: 203.0.113.0/24, as_path: [64702, 64703]}, {prefix: 0.0.0.0/0,",
     "prefix: 0.0.0.0/0, as_path: [64801]", "prefix: 203.0.113.0/24", CHECK_CERTAIN, NULL,
     "one AS hop: the provider's AS path is 3 long, the tunnel's 2"},
};

static void a_covering_prefix_meets_the_underlay(void)
{
    for (size_t i = 0; i < sizeof meetings / sizeof *meetings; i++) {
        char *text = rig_read_in("tests/stories", meetings[i].story);
        rig_edit(text, meetings[i].from, meetings[i].to);
        rig_edit(text, meetings[i].from_too, meetings[i].to_too);
        struct network *network = rig_parse(text);
        struct check *check = rig_check_as_told(network);
        CHECK_EQUAL((int64_t)rig_recursions(check), 2);
        const struct check_finding *finding = rig_recursion(check, 0);
        CHECK_EQUAL(finding->kind, CHECK_FINDING_COVERING_PREFIX);
        CHECK_EQUAL(finding->level, meetings[i].level);
        CHECK((finding->margin != NULL) == (meetings[i].margin != NULL));
        if (finding->margin && meetings[i].margin)
            CHECK_TEXT(finding->margin, meetings[i].margin);
        CHECK((finding->guard_line != NULL) == (meetings[i].line != NULL));
        if (finding->guard_line && meetings[i].line)
            CHECK_TEXT(finding->guard_line, meetings[i].line);
        check_free(check);
        network_free(network);
        free(text);
    }
}

/* A preference is meant, other than a shorter path: it protects. */
static void a_preference_is_a_protection(void)
{
    struct network *network =
        rig_story("default-by-bgp.yaml", "      export: [{permit: 10.20.0.0/16}]",
                  "      export: [{permit: 10.20.0.0/16}]\n      neighbors: [{address: "
                  "198.51.100.1, on_import: {local_preference: 200}}]");
    struct check *check = rig_check_as_told(network);
    const struct check_finding *finding = rig_recursion(check, 0);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL(finding->kind, CHECK_FINDING_DEFAULT_BY_BGP);
    CHECK_EQUAL(finding->level, CHECK_PROTECTED);
    CHECK_TEXT(finding->protection, "tokyo prefers what its provider announces");
    CHECK_TEXT(finding->margin, "local preference 200 for the provider, 100 for the tunnel");
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(each_near_miss_is_told_with_what_protects);
    TEST(nothing_is_told_where_nobody_announces_it);
    TEST(a_routers_own_default_is_none_of_it);
    TEST(a_preference_is_a_protection);
    TEST(nor_does_it_by_another_connection);
    TEST(a_covering_prefix_meets_the_underlay);
    return harness_done();
}
