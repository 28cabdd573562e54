#include "check/margin.h"

#include "check/check_rig.h"

static const struct prefix everything = {0, 0};

/* What is changed in the story, and what then decides between the two defaults. */
static const struct choice {
    const char *from, *to;
    bool provider_wins;
    enum reason step;
    uint32_t provider, tunnel;
    const char *words;
} choices[] = {
    {NULL, NULL, false, REASON_LOST_PATH_LENGTH, 4, 3,
     "one AS hop: the provider's AS path is 4 long, the tunnel's 3"},
    {"as_path: [64702, 64703, 64704]", "as_path: [64702]", true, REASON_LOST_PATH_LENGTH, 2, 3,
     "one AS hop: the provider's AS path is 2 long, the tunnel's 3"},
    {"as_path: [64702, 64703, 64704]", "as_path: []", true, REASON_LOST_PATH_LENGTH, 1, 3,
     "2 AS hops: the provider's AS path is 1 long, the tunnel's 3"},
    /* what tokyo announces for its neighbors only takes no part */
    {"      announce: [10.20.0.0/16]\n      export",
     "      default_originate: true\n      announce: [10.20.0.0/16, 0.0.0.0/0]\n      export",
     false, REASON_LOST_PATH_LENGTH, 4, 3,
     "one AS hop: the provider's AS path is 4 long, the tunnel's 3"},
    /* equally long: VyOS keeps the older one, BIRD compares router ids */
    {"as_path: [64702, 64703, 64704]", "as_path: [64702, 64703]", true, REASON_LOST_AGE, 0, 0,
     "nothing but age: the AS paths are equally long, and the provider's was there first"},
};

static void each_choice_has_its_margin(void)
{
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        struct network *network = rig_story("default-by-bgp.yaml", choices[i].from, choices[i].to);
        struct check *check = rig_blank(network);
        struct margin margin;
        struct run run;
        CHECK(run_begin(&run, network, RIG_SEED, 0));
        int tokyo = world_find_node(run.world, "tokyo");
        run_until(&run, 50ll * 1000000);
        CHECK(!margin_take(run.world, tokyo, everything, &margin));
        run_until(&run, 62ll * 1000000);
        CHECK(margin_take(run.world, tokyo, everything, &margin));
        CHECK_EQUAL(margin.provider_wins, choices[i].provider_wins);
        CHECK_EQUAL(margin.step, choices[i].step);
        CHECK_EQUAL(margin.provider, choices[i].provider);
        CHECK_EQUAL(margin.tunnel, choices[i].tunnel);
        CHECK_TEXT(margin_say(check, &margin), choices[i].words);
        CHECK_TEXT(margin_say_route(check, run.world, tokyo, everything, &margin),
                   "B   0.0.0.0/0 [20/0] via 198.51.100.1, eth0");
        run_done(&run);
        check_free(check);
        network_free(network);
    }
}

static void a_tie_is_told_by_its_step(void)
{
    struct network *network = rig_story("default-by-bgp.yaml", "as_path: [64702, 64703, 64704]",
                                        "as_path: [64702, 64703]");
    struct check *check = rig_blank(network);
    const struct margin margins[] = {
        {.step = REASON_LOST_MED, .provider = 5, .tunnel = 7},
        {.step = REASON_LOST_ORIGIN, .provider = 2},
        {.step = REASON_LOST_LOCAL_PREF, .provider = 100, .tunnel = 90},
        {.step = REASON_LOST_ROUTER_ID},
        {.step = REASON_LOST_AGE}};
    static const char *const words[] = {
        "MED 5 from the provider, 7 through the tunnel",
        "origin code 2 from the provider, 0 through the tunnel",
        "local preference 100 for the provider, 90 for the tunnel",
        "a tie-break: another path's neighbor has a lower router id",
        "nothing but age: the AS paths are equally long, and the tunnel's was there first"};
    for (size_t i = 0; i < sizeof margins / sizeof *margins; i++)
        CHECK_TEXT(margin_say(check, &margins[i]), words[i]);
    check_free(check);
    network_free(network);
}

/* A default that is refused is in no contest; nor is one that somebody configured. */
static void without_two_there_is_no_margin(void)
{
    static const char *const texts[][2] = {
        {"      export: [{permit: 10.20.0.0/16}]",
         "      export: [{permit: 10.20.0.0/16}]\n      import: [{deny: 0.0.0.0/0, neighbor:"
         " 169.254.252.29}, {deny: 0.0.0.0/0, neighbor: 169.254.252.33}]"},
        {"    underlay: {asn: 64701, announce: [{prefix: 0.0.0.0/0, as_path: [64702, 64703,"
         " 64704]}]}\n",
         "    gateway: 198.51.100.1\n"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct network *network = rig_story("default-by-bgp.yaml", texts[i][0], texts[i][1]);
        struct margin margin;
        struct run run;
        CHECK(run_begin(&run, network, RIG_SEED, 0));
        run_until(&run, 62ll * 1000000);
        CHECK(!margin_take(run.world, world_find_node(run.world, "tokyo"), everything, &margin));
        run_done(&run);
        network_free(network);
    }
}

/* Two gateways tell of a default, and the provider's is shorter than both: it is the better of the
 * two that the provider's must withstand. */
static void the_nearest_rival_counts(void)
{
    char *text = rig_read_in("tests/stories", "default-by-bgp.yaml");
    rig_edit(text, "as_path: [64702, 64703, 64704]", "as_path: []");
    rig_edit(text, "vpn_gateways:\n", "vpn_gateways:\n  - {id: vgw-far, asn: 64620}\n");
    rig_edit(text, "vpn_connections:\n",
             "vpn_connections:\n  - id: vpn-far\n    vpn_gateway: vgw-far\n"
             "    customer_gateway: cgw-tokyo\n    tunnels: [{outside: 203.0.113.245, inside: {vgw:"
             " 169.254.251.29, cgw: 169.254.251.30}}]\n");
    rig_edit(text, "direct_connects:\n",
             "direct_connects:\n  - {id: dxvif-far, vpn_gateway: vgw-far, router: far, vlan: 102,\n"
             "     inside: {vgw: 169.254.102.1, peer: 169.254.102.2}}\n");
    rig_edit(text, "  - {id: dc, bgp:",
             "  - {id: far, bgp: {asn: 65002, announce: [0.0.0.0/0]}}\n  - {id: dc, bgp:");
    struct network *network = rig_parse(text);
    struct margin margin;
    struct run run;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    run_until(&run, 70ll * 1000000);
    CHECK(margin_take(run.world, world_find_node(run.world, "tokyo"), everything, &margin));
    CHECK(margin.provider_wins);
    CHECK_EQUAL(margin.provider, 1);
    CHECK_EQUAL(margin.tunnel, 2);
    run_done(&run);
    network_free(network);
    free(text);
}

/* A Direct Connect of the router's own is no provider, though it speaks BGP without a tunnel. */
static void a_direct_connect_is_no_provider(void)
{
    char *text = rig_read_in("tests/stories", "default-by-bgp.yaml");
    rig_edit(
        text,
        "    routes: []\n    underlay: {asn: 64701, announce: [{prefix: 0.0.0.0/0, as_path: [64702,"
        " 64703, 64704]}]}\n",
        "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp}]\n");
    rig_edit(
        text, "direct_connects:\n",
        "direct_connects:\n  - {id: dxvif-own, vpn_gateway: vgw-main, router: tokyo, vlan: 102,\n"
        "     inside: {vgw: 169.254.102.1, peer: 169.254.102.2}}\n");
    struct network *network = rig_parse(text);
    struct margin margin;
    struct run run;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    run_until(&run, 62ll * 1000000);
    CHECK(!margin_take(run.world, world_find_node(run.world, "tokyo"), everything, &margin));
    run_done(&run);
    network_free(network);
    free(text);
}

int main(void)
{
    TEST(each_choice_has_its_margin);
    TEST(a_tie_is_told_by_its_step);
    TEST(the_nearest_rival_counts);
    TEST(a_direct_connect_is_no_provider);
    TEST(without_two_there_is_no_margin);
    return harness_done();
}
