#include "check/paste_six.h"

#include "check/check_rig.h"

enum { LINES_MAX = 8 };

enum what { DENY, STOP, ANNOUNCE, STATIC, DELETE, SUMMARIZE };

static const ip_addr neighbor = 0xa9fefc1e; /* 169.254.252.30 */

static struct prefix prefix_of(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static void say(struct paste *paste, const struct network_router *router, enum what what)
{
    const struct prefix prefixes[] = {prefix_of("2001:db8:20::/48"), prefix_of("2001:db8:30::/48")};
    const struct change changes[] = {{.prefix = prefixes[0], .neighbor = neighbor},
                                     {.prefix = prefixes[1], .neighbor = neighbor}};
    switch (what) {
    case DENY:
        paste_six_import_filter(paste, router, changes, 2);
        break;
    case STOP:
        paste_six_stop(paste, router, prefix_of("::/0"));
        break;
    case ANNOUNCE:
        paste_six_announce(paste, router, changes, 1);
        break;
    case STATIC:
        paste_six_static(paste, router, prefixes[0], prefix_first_host(prefix_of("fd00:8::/126")));
        break;
    case DELETE:
        paste_six_delete_static(paste, router, prefixes[0]);
        break;
    case SUMMARIZE:
    default:
        paste_six_summaries(paste, router, prefixes, 2);
        break;
    }
}

static const struct {
    enum platform platform;
    enum what what;
    const char *lines[LINES_MAX];
} cases[] = {
    {PLATFORM_VYOS,
     DENY,
     {"set policy prefix-list6 ENDPOINTS6 rule 10 action deny",
      "set policy prefix-list6 ENDPOINTS6 rule 10 prefix 2001:db8:20::/48",
      "set policy prefix-list6 ENDPOINTS6 rule 20 action deny",
      "set policy prefix-list6 ENDPOINTS6 rule 20 prefix 2001:db8:30::/48",
      "set policy prefix-list6 ENDPOINTS6 rule 30 action permit",
      "set policy prefix-list6 ENDPOINTS6 rule 30 prefix ::/0",
      "set policy prefix-list6 ENDPOINTS6 rule 30 le 128",
      "set protocols bgp neighbor 169.254.252.30 address-family ipv6-unicast prefix-list import"
      " ENDPOINTS6"}},
    {PLATFORM_FRR,
     DENY,
     {"ipv6 prefix-list ENDPOINTS6 seq 10 deny 2001:db8:20::/48",
      "ipv6 prefix-list ENDPOINTS6 seq 20 deny 2001:db8:30::/48",
      "ipv6 prefix-list ENDPOINTS6 seq 30 permit ::/0 le 128", "router bgp 65010",
      " address-family ipv6 unicast", "  neighbor 169.254.252.30 prefix-list ENDPOINTS6 in"}},
    {PLATFORM_CISCO_IOS,
     DENY,
     {"ipv6 prefix-list ENDPOINTS6 seq 10 deny 2001:db8:20::/48",
      "ipv6 prefix-list ENDPOINTS6 seq 20 deny 2001:db8:30::/48",
      "ipv6 prefix-list ENDPOINTS6 seq 30 permit ::/0 le 128", "router bgp 65010",
      " address-family ipv6", "  neighbor 169.254.252.30 prefix-list ENDPOINTS6 in"}},
    {PLATFORM_BIRD,
     DENY,
     {"filter endpoints6 {", "    if net = 2001:db8:20::/48 then reject;",
      "    if net = 2001:db8:30::/48 then reject;", "    accept;", "}",
      "# protocol bgp, neighbor 169.254.252.30:  ipv6 { import filter endpoints6; };"}},
    {PLATFORM_JUNOS,
     DENY,
     {"set policy-options policy-statement ENDPOINTS6 term 10 from route-filter 2001:db8:20::/48"
      " exact",
      "set policy-options policy-statement ENDPOINTS6 term 10 then reject",
      "set policy-options policy-statement ENDPOINTS6 term 20 from route-filter 2001:db8:30::/48"
      " exact",
      "set policy-options policy-statement ENDPOINTS6 term 20 then reject",
      "set protocols bgp group ebgp neighbor 169.254.252.30 import ENDPOINTS6"}},
    {PLATFORM_VYATTA,
     DENY,
     {"refuse 2001:db8:20::/48 from the BGP neighbor 169.254.252.30, in the router's own words",
      "refuse 2001:db8:30::/48 from the BGP neighbor 169.254.252.30, in the router's own words"}},
    {PLATFORM_VYOS, STOP, {"delete protocols bgp address-family ipv6-unicast network ::/0"}},
    {PLATFORM_FRR, STOP, {"router bgp 65010", " address-family ipv6 unicast", "  no network ::/0"}},
    {PLATFORM_CISCO_IOS,
     STOP,
     {"router bgp 65010", " address-family ipv6", "  no network ::/0",
      "# and for every neighbor that has it:  no neighbor ... default-originate"}},
    {PLATFORM_BIRD, STOP, {"# in its export filter:  if net = ::/0 then reject;"}},
    {PLATFORM_JUNOS,
     STOP,
     {"# in its export policy, first:  from route-filter ::/0 exact; then reject;"}},
    {PLATFORM_UNKNOWN, STOP, {"stop announcing ::/0"}},
    {PLATFORM_VYOS,
     ANNOUNCE,
     {"set protocols bgp address-family ipv6-unicast network 2001:db8:20::/48"}},
    {PLATFORM_FRR,
     ANNOUNCE,
     {"router bgp 65010", " address-family ipv6 unicast", "  network 2001:db8:20::/48"}},
    {PLATFORM_BIRD, ANNOUNCE, {"# in its export filter:  if net = 2001:db8:20::/48 then accept;"}},
    {PLATFORM_JUNOS, ANNOUNCE, {"announce 2001:db8:20::/48, too"}},
    {PLATFORM_VYOS, STATIC, {"set protocols static route6 2001:db8:20::/48 next-hop fd00:8::1"}},
    {PLATFORM_FRR, STATIC, {"ipv6 route 2001:db8:20::/48 fd00:8::1"}},
    {PLATFORM_LINUX, STATIC, {"ip -6 route add 2001:db8:20::/48 via fd00:8::1"}},
    {PLATFORM_JUNOS,
     STATIC,
     {"set routing-options rib inet6.0 static route 2001:db8:20::/48 next-hop fd00:8::1"}},
    {PLATFORM_BIRD, STATIC, {"a static route for 2001:db8:20::/48 with the next hop fd00:8::1"}},
    {PLATFORM_VYOS, DELETE, {"delete protocols static route6 2001:db8:20::/48"}},
    {PLATFORM_CISCO_IOS, DELETE, {"no ipv6 route 2001:db8:20::/48"}},
    {PLATFORM_LINUX, DELETE, {"ip -6 route del 2001:db8:20::/48"}},
    {PLATFORM_JUNOS, DELETE, {"delete routing-options rib inet6.0 static route 2001:db8:20::/48"}},
    {PLATFORM_VYATTA, DELETE, {"delete the static route for 2001:db8:20::/48"}},
    {PLATFORM_VYOS,
     SUMMARIZE,
     {"set protocols bgp address-family ipv6-unicast aggregate-address 2001:db8:20::/48"
      " summary-only",
      "set protocols bgp address-family ipv6-unicast aggregate-address 2001:db8:30::/48"
      " summary-only"}},
    {PLATFORM_FRR,
     SUMMARIZE,
     {"router bgp 65010", " address-family ipv6 unicast",
      "  aggregate-address 2001:db8:20::/48 summary-only",
      "  aggregate-address 2001:db8:30::/48 summary-only"}},
    {PLATFORM_BIRD,
     SUMMARIZE,
     {"# its export filter accepts these, and rejects what lies inside",
      "protocol static summaries6 {", "    ipv6;", "    route 2001:db8:20::/48 blackhole;",
      "    route 2001:db8:30::/48 blackhole;", "}"}},
    {PLATFORM_JUNOS,
     SUMMARIZE,
     {"announce 2001:db8:20::/48, and nothing that lies inside",
      "announce 2001:db8:30::/48, and nothing that lies inside"}},
};

static void each_platform_has_its_words(void)
{
    struct network *network = rig_story("dual-stack.yaml", NULL, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct check *check = rig_blank(network);
        struct check_step step = {.where = NULL};
        struct paste paste = {.check = check, .network = network, .step = &step};
        struct network_router router = network->routers[0];
        size_t count = 0;
        router.platform = cases[i].platform;
        say(&paste, &router, cases[i].what);
        while (count < LINES_MAX && cases[i].lines[count])
            count++;
        CHECK_EQUAL((int64_t)step.lines.count, (int64_t)count);
        for (size_t j = 0; j < count && j < step.lines.count; j++)
            CHECK_TEXT(step.lines.items[j], cases[i].lines[j]);
        check_free(check);
    }
    network_free(network);
}

int main(void)
{
    TEST(each_platform_has_its_words);
    return harness_done();
}
