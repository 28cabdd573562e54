#include "check/prefer.h"

#include "check/check_rig.h"

static const struct change prefer = {.kind = CHANGE_PREFER, .neighbor = 0xc6336401, .number = 200};

static struct network *network_of(const char *platform)
{
    char text[1024];
    snprintf(text, sizeof text,
             "customer_gateways: [{id: cgw, address: 198.51.100.10, router: r}]\n"
             "routers: [{id: r, platform: %s, bgp: {asn: 65010}, underlay: {asn: 64701, announce: "
             "[0.0.0.0/0]}}]\n",
             platform);
    return rig_parse(text);
}

static void each_platform_in_its_words(void)
{
    static const struct {
        const char *platform, *last;
        size_t count;
    } cases[] = {
        {"vyos",
         "set protocols bgp neighbor 198.51.100.1 address-family ipv4-unicast route-map import "
         "PROVIDER",
         3},
        {"vyatta", "set protocols bgp 65010 neighbor 198.51.100.1 route-map import PROVIDER", 3},
        {"frr", "  neighbor 198.51.100.1 route-map PROVIDER in", 5},
        {"cisco-ios", " neighbor 198.51.100.1 route-map PROVIDER in", 4},
        {"junos", "set protocols bgp group ebgp neighbor 198.51.100.1 import PROVIDER", 3},
        {"bird", "#   ipv4 { import filter { bgp_local_pref = 200; accept; }; };", 2},
        {"unknown",
         "a local preference of 200 for what the BGP neighbor 198.51.100.1 announces, in the "
         "router's own words",
         1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network *network = network_of(cases[i].platform);
        struct check *check = rig_blank(network);
        struct check_step step = {0};
        struct paste paste = {.check = check, .network = network, .step = &step};
        prefer_paste(&paste, &prefer);
        CHECK_EQUAL(step.lines.count, cases[i].count);
        CHECK_TEXT(step.lines.items[step.lines.count - 1], cases[i].last);
        check_free(check);
        network_free(network);
    }
}

/* Applied it is done, whether or not the neighbor had a policy before. */
static void it_is_done_once_applied(void)
{
    struct network *network = network_of("frr");
    CHECK(!change_is_done(network, &prefer));
    struct network *changed = change_copy(network, &prefer, 1);
    CHECK(change_is_done(changed, &prefer) && !change_is_done(network, &prefer));
    CHECK_EQUAL(changed->routers[0].bgp->neighbor_count, 1);
    struct change more = prefer;
    more.number = 300;
    CHECK(!change_is_done(changed, &more));
    struct network *again = change_copy(changed, &more, 1);
    CHECK(change_is_done(again, &more));
    CHECK_EQUAL(again->routers[0].bgp->neighbor_count, 1);
    network_free(again);
    network_free(changed);
    network_free(network);
}

int main(void)
{
    TEST(each_platform_in_its_words);
    TEST(it_is_done_once_applied);
    return harness_done();
}
