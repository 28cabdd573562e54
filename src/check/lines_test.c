#include "check/lines.h"

#include "check/check_rig.h"

enum { LINES_MAX = 10 };

/* Router 0 of each network here is "r", of the platform at hand. */
static const char frame[] =
    "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n"
    "customer_gateways: [{id: cgw, address: 198.51.100.10, router: r}]\n"
    "vpn_connections:\n"
    "  - {id: vpn, vpn_gateway: vgw, customer_gateway: cgw, tunnels: [{outside: 203.0.113.225,"
    " inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}]}\n"
    "direct_connects: [{id: dx, vpn_gateway: vgw, router: far, vlan: 101, inside: {vgw:"
    " 169.254.100.1, peer: 169.254.100.2}}]\n"
    "vpcs: [{id: vpc, cidrs: [10.0.0.0/16], route_tables: [{id: rtb, routes: [{prefix: 0.0.0.0/0,"
    " target: blackhole}]}]}]\n"
    "routers:\n"
    "  - {id: r, platform: %s, routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp}], bgp:"
    " {asn: 65000, announce: [10.20.0.0/16, 10.32.0.0/17, 10.32.128.0/17]}}\n"
    "  - {id: far, bgp: {asn: 65001, announce: [10.30.0.0/16]}}\n";

static struct network *network_with(const char *platform)
{
    char text[sizeof frame + 32];
    snprintf(text, sizeof text, frame, platform);
    return rig_parse(text);
}

#define PIN                                                                                        \
    {                                                                                              \
        .kind = CHANGE_HOST_ROUTE, .prefix = {0xcb0071e1, 32}, .via = 0xc6336401                   \
    }
#define PIN_BY_PORT                                                                                \
    {                                                                                              \
        .kind = CHANGE_HOST_ROUTE, .prefix = {0xcb0071e1, 32}, .interface = "eth0"                 \
    }
#define DENY                                                                                       \
    {                                                                                              \
        .kind = CHANGE_IMPORT_DENY, .neighbor = 0xa9fefc1e                                         \
    }
#define STOP                                                                                       \
    {                                                                                              \
        .kind = CHANGE_STOP                                                                        \
    }

#define PROPAGATE                                                                                  \
    {                                                                                              \
        .kind = CHANGE_TABLE_PROPAGATE                                                             \
    }
#define ALLOWAS_OFF                                                                                \
    {                                                                                              \
        .kind = CHANGE_ALLOWAS_OFF                                                                 \
    }
#define RENUMBER                                                                                   \
    {                                                                                              \
        .kind = CHANGE_ASN, .number = 65007                                                        \
    }
#define NEW_CUSTOMER                                                                               \
    "aws ec2 create-customer-gateway --type ipsec.1 --bgp-asn 65007 --ip-address 198.51.100.10"
#define NEW_CONNECTION                                                                             \
    "aws ec2 modify-vpn-connection --vpn-connection-id vpn --customer-gateway-id NEW"

static const struct telling {
    const char *platform;
    struct change change;
    const char *lines[LINES_MAX];
} tellings[] = {
    {"vyatta", PIN, {"set protocols static route 203.0.113.225/32 next-hop 198.51.100.1"}},
    {"vyatta",
     PIN_BY_PORT,
     {"set protocols static interface-route 203.0.113.225/32 next-hop-interface eth0"}},
    {"vyos", PIN, {"set protocols static route 203.0.113.225/32 next-hop 198.51.100.1"}},
    {"vyos", PIN_BY_PORT, {"set protocols static route 203.0.113.225/32 interface eth0"}},
    {"frr",
     PROPAGATE,
     {"aws ec2 enable-vgw-route-propagation --route-table-id rtb --gateway-id vgw"}},
    {"vyatta", ALLOWAS_OFF, {"delete protocols bgp 65000 neighbor 169.254.252.30 allowas-in"}},
    {"vyos",
     ALLOWAS_OFF,
     {"delete protocols bgp neighbor 169.254.252.30 address-family ipv4-unicast allowas-in"}},
    {"frr",
     ALLOWAS_OFF,
     {"router bgp 65000", " address-family ipv4 unicast",
      "  no neighbor 169.254.252.30 allowas-in"}},
    {"linux", ALLOWAS_OFF, {"no path with the own AS from 169.254.252.30"}},
    {"vyatta",
     RENUMBER,
     {"edit protocols", "rename bgp 65000 to bgp 65007", "exit", NEW_CUSTOMER, NEW_CONNECTION}},
    {"vyos", RENUMBER, {"set protocols bgp system-as 65007", NEW_CUSTOMER, NEW_CONNECTION}},
    {"frr",
     RENUMBER,
     {"# router bgp 65000, all of it, becomes:  router bgp 65007", NEW_CUSTOMER, NEW_CONNECTION}},
    {"bird", RENUMBER, {"# in every protocol bgp:  local as 65007;", NEW_CUSTOMER, NEW_CONNECTION}},
    {"linux", RENUMBER, {"AS 65007 instead of 65000", NEW_CUSTOMER, NEW_CONNECTION}},
    {"frr", PIN, {"ip route 203.0.113.225/32 198.51.100.1"}},
    {"frr", PIN_BY_PORT, {"ip route 203.0.113.225/32 eth0"}},
    {"bird",
     PIN,
     {"protocol static endpoints {", "    ipv4;", "    route 203.0.113.225/32 via 198.51.100.1;",
      "}"}},
    {"bird",
     PIN_BY_PORT,
     {"protocol static endpoints {", "    ipv4;", "    route 203.0.113.225/32 via \"eth0\";", "}"}},
    {"linux", PIN, {"ip route add 203.0.113.225/32 via 198.51.100.1"}},
    {"linux", PIN_BY_PORT, {"ip route add 203.0.113.225/32 dev eth0"}},
    {"cisco-ios", PIN, {"ip route 203.0.113.225 255.255.255.255 198.51.100.1"}},
    {"cisco-ios",
     STOP,
     {"router bgp 65000", " address-family ipv4", "  no network 0.0.0.0",
      "# and for every neighbor that has it:  no neighbor ... default-originate"}},
    {"junos", PIN, {"set routing-options static route 203.0.113.225/32 next-hop 198.51.100.1"}},
    {"junos",
     DENY,
     {"set policy-options policy-statement ENDPOINTS term 10 from route-filter 0.0.0.0/0 exact",
      "set policy-options policy-statement ENDPOINTS term 10 then reject",
      "set protocols bgp group ebgp neighbor 169.254.252.30 import ENDPOINTS"}},
    {"junos", STOP, {"delete policy-options policy-statement EXPORT-DEFAULT term default"}},
    {"junos", ALLOWAS_OFF, {"set routing-options autonomous-system 65000 loops 1"}},
    {"junos",
     RENUMBER,
     {"set routing-options autonomous-system 65007", NEW_CUSTOMER, NEW_CONNECTION}},
    {"junos", {.kind = CHANGE_ROUTER_DELETE}, {"delete routing-options static route 0.0.0.0/0"}},
    {"unknown",
     PIN,
     {"a static route for 203.0.113.225/32 with the next hop 198.51.100.1, in the router's own"
      " words"}},
    {"vyatta",
     DENY,
     {"set policy prefix-list ENDPOINTS rule 10 action deny",
      "set policy prefix-list ENDPOINTS rule 10 prefix 0.0.0.0/0",
      "set policy prefix-list ENDPOINTS rule 20 action permit",
      "set policy prefix-list ENDPOINTS rule 20 prefix 0.0.0.0/0",
      "set policy prefix-list ENDPOINTS rule 20 le 32",
      "set protocols bgp 65000 neighbor 169.254.252.30 prefix-list import ENDPOINTS"}},
    {"vyos",
     DENY,
     {"set policy prefix-list ENDPOINTS rule 10 action deny",
      "set policy prefix-list ENDPOINTS rule 10 prefix 0.0.0.0/0",
      "set policy prefix-list ENDPOINTS rule 20 action permit",
      "set policy prefix-list ENDPOINTS rule 20 prefix 0.0.0.0/0",
      "set policy prefix-list ENDPOINTS rule 20 le 32",
      "set protocols bgp neighbor 169.254.252.30 address-family ipv4-unicast prefix-list import"
      " ENDPOINTS"}},
    {"frr",
     DENY,
     {"ip prefix-list ENDPOINTS seq 10 deny 0.0.0.0/0",
      "ip prefix-list ENDPOINTS seq 20 permit 0.0.0.0/0 le 32", "router bgp 65000",
      " address-family ipv4 unicast", "  neighbor 169.254.252.30 prefix-list ENDPOINTS in"}},
    {"bird",
     DENY,
     {"filter endpoints {", "    if net = 0.0.0.0/0 then reject;", "    accept;", "}",
      "# protocol bgp, neighbor 169.254.252.30:  ipv4 { import filter endpoints; };"}},
    {"unknown",
     DENY,
     {"refuse 0.0.0.0/0 from the BGP neighbor 169.254.252.30, in the router's own words"}},
    {"vyatta", STOP, {"delete protocols bgp 65000 network 0.0.0.0/0"}},
    {"vyos", STOP, {"delete protocols bgp address-family ipv4-unicast network 0.0.0.0/0"}},
    {"frr", STOP, {"router bgp 65000", " address-family ipv4 unicast", "  no network 0.0.0.0/0"}},
    {"bird", STOP, {"# in its export filter:  if net = 0.0.0.0/0 then reject;"}},
    {"unknown", STOP, {"stop announcing 0.0.0.0/0"}},
    {"vyos",
     {.kind = CHANGE_STOP, .prefix = {.six = true}},
     {"delete protocols bgp address-family ipv6-unicast network ::/0"}},
    {"frr", {.kind = CHANGE_ROUTER_DELETE, .prefix = {.six = true}}, {"no ipv6 route ::/0"}},
    {"bird",
     {.kind = CHANGE_ANNOUNCE, .prefix = {.six = true}},
     {"# in its export filter:  if net = ::/0 then accept;"}},
    {"frr",
     {.kind = CHANGE_IMPORT_DENY, .prefix = {.six = true}, .neighbor = 0xa9fefc1e},
     {"ipv6 prefix-list ENDPOINTS6 seq 10 deny ::/0",
      "ipv6 prefix-list ENDPOINTS6 seq 20 permit ::/0 le 128", "router bgp 65000",
      " address-family ipv6 unicast", "  neighbor 169.254.252.30 prefix-list ENDPOINTS6 in"}},
    {"frr",
     {.kind = CHANGE_TABLE_DELETE, .prefix = {.six = true}},
     {"aws ec2 delete-route --route-table-id rtb --destination-ipv6-cidr-block ::/0"}},
    {"vyatta", {.kind = CHANGE_ROUTER_DELETE}, {"delete protocols static route 0.0.0.0/0"}},
    {"frr", {.kind = CHANGE_ROUTER_DELETE}, {"no ip route 0.0.0.0/0"}},
    {"linux", {.kind = CHANGE_ROUTER_DELETE}, {"ip route del 0.0.0.0/0"}},
    {"bird", {.kind = CHANGE_ROUTER_DELETE}, {"delete the static route for 0.0.0.0/0"}},
    {"frr", {.kind = CHANGE_GUARD_HOLD}, {"# vpn_connections, id: vpn", "guard: hold"}},
    {"frr",
     {.kind = CHANGE_EXPORT_DENY},
     {"# vpn_connections, id: vpn", "export: [{deny: 0.0.0.0/0}]"}},
    {"frr",
     {.kind = CHANGE_STOP_STATIC},
     {"aws ec2 delete-vpn-connection-route --vpn-connection-id vpn --destination-cidr-block"
      " 0.0.0.0/0"}},
    {"vyatta", {.kind = CHANGE_ANNOUNCE}, {"set protocols bgp 65000 network 0.0.0.0/0"}},
    {"vyos",
     {.kind = CHANGE_ANNOUNCE},
     {"set protocols bgp address-family ipv4-unicast network 0.0.0.0/0"}},
    {"frr",
     {.kind = CHANGE_ANNOUNCE},
     {"router bgp 65000", " address-family ipv4 unicast", "  network 0.0.0.0/0"}},
    {"bird",
     {.kind = CHANGE_ANNOUNCE},
     {"# in its export filter:  if net = 0.0.0.0/0 then accept;"}},
    {"unknown", {.kind = CHANGE_ANNOUNCE}, {"announce 0.0.0.0/0, too"}},
    {"vyos",
     {.kind = CHANGE_ROUTE_TUNNEL},
     {"delete protocols static route 0.0.0.0/0",
      "set protocols static route 0.0.0.0/0 next-hop 169.254.252.30"}},
    {"linux",
     {.kind = CHANGE_ROUTE_TUNNEL},
     {"ip route del 0.0.0.0/0", "ip route add 0.0.0.0/0 via 169.254.252.30"}},
    {"frr",
     {.kind = CHANGE_GATEWAY_ASN, .number = 64513},
     {"# vpn_gateways, id: vgw", "asn: 64513"}},
    {"frr",
     {.kind = CHANGE_SPEAK_BGP},
     {"aws ec2 create-vpn-connection --type ipsec.1 --vpn-gateway-id vgw --customer-gateway-id cgw"
      " --options StaticRoutesOnly=false"}},
    {"frr",
     {.kind = CHANGE_ADD_STATIC},
     {"aws ec2 create-vpn-connection --type ipsec.1 --vpn-gateway-id vgw --customer-gateway-id cgw"
      " --options StaticRoutesOnly=true",
      "aws ec2 create-vpn-connection-route --vpn-connection-id NEW --destination-cidr-block"
      " 0.0.0.0/0"}},
    {"vyatta",
     {.kind = CHANGE_SUMMARIZE},
     {"set protocols bgp 65000 aggregate-address 10.32.0.0/16 summary-only"}},
    {"vyos",
     {.kind = CHANGE_SUMMARIZE},
     {"set protocols bgp address-family ipv4-unicast aggregate-address 10.32.0.0/16 summary-only"}},
    {"frr",
     {.kind = CHANGE_SUMMARIZE},
     {"router bgp 65000", " address-family ipv4 unicast",
      "  aggregate-address 10.32.0.0/16 summary-only"}},
    {"bird",
     {.kind = CHANGE_SUMMARIZE},
     {"# its export filter accepts these, and rejects what lies inside",
      "protocol static summaries {", "    ipv4;", "    route 10.32.0.0/16 blackhole;", "}"}},
    {"unknown",
     {.kind = CHANGE_SUMMARIZE},
     {"announce 10.32.0.0/16, and nothing that lies inside"}},
    {"frr",
     {.kind = CHANGE_TABLE_DELETE},
     {"aws ec2 delete-route --route-table-id rtb --destination-cidr-block 0.0.0.0/0"}},
};

static void every_platform_gets_its_own_words(void)
{
    for (size_t i = 0; i < sizeof tellings / sizeof *tellings; i++) {
        const struct telling *telling = &tellings[i];
        struct network *network = network_with(telling->platform);
        struct check *check = rig_blank(network);
        struct check_remedy remedy = {.changes = &telling->change, .change_count = 1};
        lines_say(check, &remedy);
        size_t count = 0;
        while (count < LINES_MAX && telling->lines[count])
            count++;
        CHECK_EQUAL((int64_t)remedy.lines.count, (int64_t)count);
        for (size_t j = 0; j < count && j < remedy.lines.count; j++)
            CHECK_TEXT(remedy.lines.items[j], telling->lines[j]);
        CHECK(remedy.where && remedy.change);
        check_free(check);
        network_free(network);
    }
}

static void a_place_is_named_and_its_platform(void)
{
    static const struct {
        enum change_kind kind;
        int32_t index;
        const char *where;
        enum platform platform;
        const char *note;
    } places[] = {{CHANGE_GUARD_HOLD, 0, "vgw", PLATFORM_SEKISHO, NULL},
                  {CHANGE_HOST_ROUTE, 0, "r", PLATFORM_FRR, NULL},
                  {CHANGE_STOP, 0, "r", PLATFORM_FRR, NULL},
                  {CHANGE_STOP, 1, "far", PLATFORM_UNKNOWN, "not yours to change"},
                  {CHANGE_SUMMARIZE, 1, "far", PLATFORM_UNKNOWN, "not yours to change"},
                  {CHANGE_TABLE_DELETE, 0, "rtb", PLATFORM_AWS, NULL}};
    struct network *network = network_with("frr");
    struct check *check = rig_blank(network);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct change change = {.kind = places[i].kind, .index = places[i].index};
        struct check_remedy remedy = {.changes = &change, .change_count = 1};
        lines_say(check, &remedy);
        CHECK_TEXT(remedy.where, places[i].where);
        CHECK_EQUAL(remedy.platform, places[i].platform);
        CHECK((remedy.note != NULL) == (places[i].note != NULL));
    }
    check_free(check);
    network_free(network);
}

/* Two prefixes from two neighbors: each prefix is listed once, each neighbor uses the list once. */
static void a_list_names_each_prefix_and_neighbor_once(void)
{
    struct change changes[4];
    for (unsigned i = 0; i < 4; i++)
        changes[i] = (struct change){.kind = CHANGE_IMPORT_DENY,
                                     .prefix = {i & 2 ? 0x80000000 : 0, 1},
                                     .neighbor = rig_ip(169, 254, 252, i & 1 ? 34 : 30)};
    struct network *network = network_with("frr");
    struct check *check = rig_blank(network);
    struct check_remedy remedy = {.changes = changes, .change_count = 4};
    lines_say(check, &remedy);
    static const char *const lines[] = {"ip prefix-list ENDPOINTS seq 10 deny 0.0.0.0/1",
                                        "ip prefix-list ENDPOINTS seq 20 deny 128.0.0.0/1",
                                        "ip prefix-list ENDPOINTS seq 30 permit 0.0.0.0/0 le 32",
                                        "router bgp 65000",
                                        " address-family ipv4 unicast",
                                        "  neighbor 169.254.252.30 prefix-list ENDPOINTS in",
                                        "  neighbor 169.254.252.34 prefix-list ENDPOINTS in"};
    CHECK_EQUAL((int64_t)remedy.lines.count, sizeof lines / sizeof *lines);
    for (size_t i = 0; i < remedy.lines.count && i < sizeof lines / sizeof *lines; i++)
        CHECK_TEXT(remedy.lines.items[i], lines[i]);
    check_free(check);
    network_free(network);
}

static void several_places_are_told_apart(void)
{
    struct change changes[] = {{.kind = CHANGE_STOP}, {.kind = CHANGE_STOP, .index = 1}};
    struct network *network = network_with("vyos");
    struct check *check = rig_blank(network);
    struct check_remedy remedy = {.changes = changes, .change_count = 2};
    lines_say(check, &remedy);
    CHECK_EQUAL((int64_t)remedy.lines.count, 4);
    CHECK_TEXT(remedy.lines.items[0], "# on r");
    CHECK_TEXT(remedy.lines.items[2], "# on far");
    CHECK_TEXT(remedy.where, "r");
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(every_platform_gets_its_own_words);
    TEST(a_place_is_named_and_its_platform);
    TEST(a_list_names_each_prefix_and_neighbor_once);
    TEST(several_places_are_told_apart);
    return harness_done();
}
