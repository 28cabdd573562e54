#include "check/vendor.h"

#include "check/check_rig.h"
#include "check/lines.h"
#include "check/search.h"
#include "network/edit.h"

/* A site behind a gateway; the far side of the Direct Connect announces something at 60 s. */
static const char frame[] =
    "vpn_gateways: [{id: vgw, asn: 64512}]\n"
    "customer_gateways: [{id: cgw, address: 198.51.100.10, router: r}]\n"
    "vpn_connections:\n"
    "  - {id: vpn, vpn_gateway: vgw, customer_gateway: cgw, tunnels: [{outside: 203.0.113.225,"
    " inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}]}\n"
    "direct_connects: [{id: dx, vpn_gateway: vgw, router: far, inside: {vgw: 169.254.100.1,"
    " peer: 169.254.100.2}}]\n"
    "routers:\n"
    "  - {id: r, platform: %s, lan: [10.20.0.0/16], %s,"
    " bgp: {asn: 65000, announce: [10.20.0.0/16],"
    " export: [{permit: 10.20.0.0/16}]}}\n"
    "  - {id: far, bgp: {asn: 65001, announce: [10.30.0.0/16]}}\n"
    "story:\n"
    "  - {at: 60s, announce: {router: far, prefix: %s}}\n";

/* The provider's default: of the router's own table, or by BGP with an AS path. */
#define OWN(how) "routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, " how "}]"
#define BY_DHCP  OWN("from: dhcp")
#define BY_BGP(path)                                                                               \
    "underlay: {asn: 64900, address: 198.51.100.1, announce: [{prefix: 0.0.0.0/0" path "}]}"
#define PINNED                                                                                     \
    "routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp},"                                 \
    " {prefix: 203.0.113.225/32, via: 198.51.100.1}]"

static struct network *network_with(const char *platform, const char *own, const char *announced)
{
    char text[sizeof frame + 256];
    snprintf(text, sizeof text, frame, platform, own, announced);
    return rig_parse(text);
}

/* -- who is hit -- */

/* The provider's default against one by BGP, and against a prefix that is longer. IOS: DHCP 254,
 * eBGP 20, static 1. Junos: BGP 170, DHCP 12, static 5. */
static const struct row {
    const char *platform, *own, *announced;
    enum check_level level;
    const char *route, *beaten;
} rows[] = {
    {"cisco-ios", BY_DHCP, "0.0.0.0/0", CHECK_CERTAIN,
     "B>* 0.0.0.0/0 [20/0] via 169.254.252.30, vti1",
     "S   0.0.0.0/0 [254/0] via 198.51.100.1, eth0 (DHCP)"},
    {"cisco-ios", OWN("distance: 250"), "0.0.0.0/0", CHECK_CERTAIN,
     "B>* 0.0.0.0/0 [20/0] via 169.254.252.30, vti1",
     "S   0.0.0.0/0 [250/0] via 198.51.100.1, eth0"},
    {"cisco-ios", OWN("from: static"), "0.0.0.0/0", CHECK_PROTECTED, NULL, NULL},
    {"cisco-ios", OWN("from: static"), "203.0.113.0/24", CHECK_CERTAIN,
     "B>* 203.0.113.0/24 [20/0] via 169.254.252.30, vti1",
     "S>* 0.0.0.0/0 [1/0] via 198.51.100.1, eth0"},
    {"junos", BY_DHCP, "0.0.0.0/0", CHECK_PROTECTED, NULL, NULL},
    {"junos", OWN("from: static"), "0.0.0.0/0", CHECK_PROTECTED, NULL, NULL},
    {"junos", OWN("distance: 200"), "0.0.0.0/0", CHECK_CERTAIN,
     "B>* 0.0.0.0/0 [170/0] via 169.254.252.30, vti1",
     "S   0.0.0.0/0 [200/0] via 198.51.100.1, eth0"},
    {"junos", BY_DHCP, "203.0.113.0/24", CHECK_CERTAIN,
     "B>* 203.0.113.0/24 [170/0] via 169.254.252.30, vti1",
     "S>* 0.0.0.0/0 [12/0] via 198.51.100.1, eth0 (DHCP)"},
    {"junos", PINNED, "203.0.113.0/24", CHECK_PROTECTED, NULL, NULL},
    {"cisco-ios", PINNED, "0.0.0.0/0", CHECK_PROTECTED, NULL, NULL},
    /* BGP against BGP: the path through the tunnel has two AS numbers */
    {"junos", BY_BGP(""), "0.0.0.0/0", CHECK_LATENT, NULL, NULL},
    {"junos", BY_BGP(", as_path: [64901, 64902]"), "0.0.0.0/0", CHECK_CERTAIN,
     "B>* 0.0.0.0/0 [170/0] via 169.254.252.30, vti1",
     "B   0.0.0.0/0 [170/0] via 198.51.100.1, eth0"},
    {"cisco-ios", BY_BGP(""), "0.0.0.0/0", CHECK_LATENT, NULL, NULL},
    {"cisco-ios", BY_BGP(", as_path: [64901, 64902]"), "0.0.0.0/0", CHECK_CERTAIN,
     "B>* 0.0.0.0/0 [20/0] via 169.254.252.30, vti1",
     "B   0.0.0.0/0 [20/0] via 198.51.100.1, eth0"},
};

static const char *or_none(const char *text)
{
    return text ? text : "(none)";
}

/* The finding about the tunnel, of whatever kind. */
static const struct check_finding *recursion_of(const struct check *check)
{
    for (size_t i = 0; i < check_finding_count(check); i++) {
        if (!check_finding(check, i)->what)
            return check_finding(check, i);
    }
    return NULL;
}

static void the_platforms_own_figures_decide_who_is_hit(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct network *network = network_with(row->platform, row->own, row->announced);
        struct check *check = rig_check_as_told(network);
        const struct check_finding *finding = recursion_of(check);
        CHECK(finding != NULL);
        if (finding) {
            CHECK_EQUAL(finding->level, row->level);
            CHECK_TEXT(or_none(finding->route), or_none(row->route));
            CHECK_TEXT(or_none(finding->beaten), or_none(row->beaten));
        }
        check_free(check);
        network_free(network);
    }
}

/* What is known of IOS and not done here is said. */
static void what_is_assumed_is_said(void)
{
    struct network *network = network_with("cisco-ios", BY_DHCP, "0.0.0.0/0");
    struct check *check = rig_check_without_cures(network);
    bool recursion = false, latencies = false;
    for (size_t i = 0; i < check_assumptions(check)->count; i++) {
        const char *text = check_assumptions(check)->items[i];
        recursion |= strstr(text, "cisco-ios") && strstr(text, "%TUN-5-RECURDOWN");
        latencies |= strstr(text, "cisco-ios") && strstr(text, "measured of FRR 8.4.4");
    }
    CHECK(recursion);
    CHECK(latencies);
    check_free(check);
    network_free(network);
}

/* -- lines -- */

static const struct change pins[] = {
    {.kind = CHANGE_HOST_ROUTE, .prefix = {0xcb0071e1, 32}, .via = 0xc6336401},
    {.kind = CHANGE_HOST_ROUTE, .prefix = {0xcb0071e1, 32}, .interface = "eth0"},
};
static const struct change denials[] = {
    {.kind = CHANGE_IMPORT_DENY, .prefix = {0, 1}, .neighbor = 0xa9fefc1e},
    {.kind = CHANGE_IMPORT_DENY, .prefix = {0x80000000, 1}, .neighbor = 0xa9fefc1e},
    {.kind = CHANGE_IMPORT_DENY, .prefix = {0, 1}, .neighbor = 0xa9fefc22},
};

static const struct change more[] = {
    {.kind = CHANGE_ANNOUNCE, .prefix = {0x0a140000, 24}},
    {.kind = CHANGE_ANNOUNCE, .prefix = {0x0a140100, 24}},
};
static const struct prefix wide = {0x0a140000, 15};

static void ask_all(const struct vendor *vendor)
{
    vendor_host_route(vendor, &pins[0]);
    vendor_host_route(vendor, &pins[1]);
    vendor_delete_static(vendor, (struct prefix){0xcb0071e1, 32});
    vendor_import_filter(vendor, denials, sizeof denials / sizeof *denials);
    vendor_stop(vendor, (struct prefix){0, 0});
    vendor_stop(vendor, (struct prefix){0x0a140000, 16});
    vendor_allowas_off(vendor, 0xa9fefc1e);
    vendor_allowas_off(vendor, 0xa9fefc22);
    vendor_renumber(vendor, 65007);
    vendor_announce(vendor, more, sizeof more / sizeof *more);
    vendor_summaries(vendor, &wide, 1);
}

static void lines_are(const char *platform, const char *const *lines, size_t count)
{
    struct network *network = network_with(platform, BY_DHCP, "0.0.0.0/0");
    struct check *check = rig_blank(network);
    struct check_texts texts = {0};
    struct vendor vendor = {check, &texts, &network->routers[0]};
    CHECK(vendor_knows(network->routers[0].platform));
    ask_all(&vendor);
    CHECK_EQUAL((int64_t)texts.count, (int64_t)count);
    for (size_t i = 0; i < count && i < texts.count; i++)
        CHECK_TEXT(texts.items[i], lines[i]);
    check_free(check);
    network_free(network);
}

static void ios_has_its_own_words(void)
{
    static const char *const lines[] = {
        "ip route 203.0.113.225 255.255.255.255 198.51.100.1",
        "ip route 203.0.113.225 255.255.255.255 eth0",
        "no ip route 203.0.113.225 255.255.255.255",
        "ip prefix-list ENDPOINTS seq 10 deny 0.0.0.0/1",
        "ip prefix-list ENDPOINTS seq 20 deny 128.0.0.0/1",
        "ip prefix-list ENDPOINTS seq 30 permit 0.0.0.0/0 le 32",
        "router bgp 65000",
        " address-family ipv4",
        "  neighbor 169.254.252.30 prefix-list ENDPOINTS in",
        "  neighbor 169.254.252.34 prefix-list ENDPOINTS in",
        "router bgp 65000",
        " address-family ipv4",
        "  no network 0.0.0.0",
        "# and for every neighbor that has it:  no neighbor ... default-originate",
        "router bgp 65000",
        " address-family ipv4",
        "  no network 10.20.0.0 mask 255.255.0.0",
        "router bgp 65000",
        " address-family ipv4",
        "  no neighbor 169.254.252.30 allowas-in",
        "router bgp 65000",
        " address-family ipv4",
        "  no neighbor 169.254.252.34 allowas-in",
        "# router bgp 65000, all of it, becomes:  router bgp 65007",
        "router bgp 65000",
        " address-family ipv4",
        "  network 10.20.0.0 mask 255.255.255.0",
        "  network 10.20.1.0 mask 255.255.255.0",
        "router bgp 65000",
        " address-family ipv4",
        "  aggregate-address 10.20.0.0 255.254.0.0 summary-only",
    };
    lines_are("cisco-ios", lines, sizeof lines / sizeof *lines);
}

#define EXPORT(verb) verb " policy-options policy-statement EXPORT-DEFAULT term "

static void junos_has_its_own_words(void)
{
    static const char *const lines[] = {
        "set routing-options static route 203.0.113.225/32 next-hop 198.51.100.1",
        "set routing-options static route 203.0.113.225/32 next-hop eth0",
        "delete routing-options static route 203.0.113.225/32",
        "set policy-options policy-statement ENDPOINTS term 10 from route-filter 0.0.0.0/1 exact",
        "set policy-options policy-statement ENDPOINTS term 10 then reject",
        "set policy-options policy-statement ENDPOINTS term 20 from route-filter 128.0.0.0/1 exact",
        "set policy-options policy-statement ENDPOINTS term 20 then reject",
        "set protocols bgp group ebgp neighbor 169.254.252.30 import ENDPOINTS",
        "set protocols bgp group ebgp neighbor 169.254.252.34 import ENDPOINTS",
        "delete policy-options policy-statement EXPORT-DEFAULT term default",
        "# in its export policy, first:  from route-filter 10.20.0.0/16 exact; then reject;",
        "set routing-options autonomous-system 65000 loops 1",
        "set routing-options autonomous-system 65007",
        EXPORT("set") "10 from route-filter 10.20.0.0/24 exact",
        EXPORT("set") "10 then accept",
        EXPORT("insert") "10 before term reject",
        EXPORT("set") "20 from route-filter 10.20.1.0/24 exact",
        EXPORT("set") "20 then accept",
        EXPORT("insert") "20 before term reject",
        "set routing-options aggregate route 10.20.0.0/15",
        EXPORT("set") "10 from route-filter 10.20.0.0/15 exact",
        EXPORT("set") "10 then accept",
        EXPORT("insert") "10 before term reject",
        EXPORT("set") "20 from route-filter 10.20.0.0/15 longer",
        EXPORT("set") "20 then reject",
        EXPORT("insert") "20 before term reject",
    };
    lines_are("junos", lines, sizeof lines / sizeof *lines);
}

/* From the finding to the pasted line, proved by running it. */
static void a_remedy_speaks_the_routers_language(void)
{
    static const struct {
        const char *platform, *own, *line;
    } cases[] = {
        {"cisco-ios", BY_DHCP, "ip route 203.0.113.225 255.255.255.255 198.51.100.1"},
        {"junos", OWN("distance: 200"),
         "set routing-options static route 203.0.113.225/32 next-hop 198.51.100.1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network *network = network_with(cases[i].platform, cases[i].own, "0.0.0.0/0");
        struct check *check = rig_check_as_told(network);
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        check_render(check, out, &(struct check_render_options){.title = "t", .utf8 = true});
        fclose(out);
        CHECK(strstr(text, cases[i].line) != NULL);
        free(text);
        check_free(check);
        network_free(network);
    }
}

/* -- who has no words of its own -- */

static const enum change_kind kinds[] = {CHANGE_HOST_ROUTE,    CHANGE_NEXT_HOP_ROUTE,
                                         CHANGE_IMPORT_DENY,   CHANGE_STOP,
                                         CHANGE_ANNOUNCE,      CHANGE_ROUTE_TUNNEL,
                                         CHANGE_ROUTER_DELETE, CHANGE_ALLOWAS_OFF,
                                         CHANGE_SUMMARIZE,     CHANGE_ASN};

static void lines_of(const char *platform, enum change_kind kind, char *ret_text, size_t size)
{
    struct network *network = network_with(platform, OWN("from: static") "", "0.0.0.0/0");
    network_add_announcement(network, 0, (struct prefix){.addr = 0x0a150000, .len = 16});
    struct check *check = rig_blank(network);
    struct change change = {.kind = kind,

                            .via = 0xc6336401,
                            .neighbor = 0xa9fefc1e,
                            .number = kind == CHANGE_ROUTE_TUNNEL ? 0 : 65010};
    struct check_remedy remedy = {
        .kind = search_kind(&change), .changes = &change, .change_count = 1};
    size_t used = 0;
    lines_say(check, &remedy);
    CHECK(remedy.lines.count > 0);
    ret_text[0] = '\0';
    for (size_t i = 0; i < remedy.lines.count && used < size; i++)
        used += (size_t)snprintf(ret_text + used, size - used, "%s\n", remedy.lines.items[i]);
    check_free(check);
    network_free(network);
}

/* Words that say what is to be done and are to be pasted nowhere: those of a router of which nobody
 * knows what it runs. Of the others they are left to Linux, which speaks no BGP by itself, and to
 * BIRD, whose configuration is one file: what goes from it has no command. */
static void who_has_no_words_of_its_own_is_known(void)
{
    static const char *const platforms[] = {"vyatta", "vyos",      "frr",  "bird",
                                            "linux",  "cisco-ios", "junos"};
    char generic[1024] = "", unknown[1024], own[1024];
    size_t used = 0;
    for (size_t p = 0; p < sizeof platforms / sizeof *platforms; p++) {
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            struct change change = {.kind = kinds[k]};
            lines_of("unknown", kinds[k], unknown, sizeof unknown);
            lines_of(platforms[p], kinds[k], own, sizeof own);
            if (strcmp(own, unknown) == 0)
                used += (size_t)snprintf(generic + used, sizeof generic - used, "%s %s\n",
                                         platforms[p], check_remedy_name(search_kind(&change)));
        }
    }
    CHECK_TEXT(generic, "bird cgw-same-tunnel\n"
                        "bird route-table-delete\n"
                        "bird cgw-allowas-in-off\n"
                        "linux cgw-import-filter\n"
                        "linux origin-withdraw\n"
                        "linux origin-announce\n"
                        "linux cgw-allowas-in-off\n"
                        "linux origin-summarize\n"
                        "linux unique-asn\n");
}

int main(void)
{
    TEST(who_has_no_words_of_its_own_is_known);
    TEST(the_platforms_own_figures_decide_who_is_hit);
    TEST(what_is_assumed_is_said);
    TEST(ios_has_its_own_words);
    TEST(junos_has_its_own_words);
    TEST(a_remedy_speaks_the_routers_language);
    return harness_done();
}
