#include "base/prng.h"
#include "network/probe.h"
#include "tests/harness.h"

/* The design's own example, already canonical but for the comment. */
static const char canonical[] =
    "vpcs:\n"
    "  - id: vpc-branch\n"
    "    cidrs: [10.20.0.0/16]\n"
    "    internet_gateway: igw-branch\n"
    "    route_tables:\n"
    "      - id: rtb-branch\n"
    "        routes: [{prefix: 10.10.0.0/16, target: i-vyatta}, {prefix: 0.0.0.0/0, target: "
    "igw-branch}]\n"
    "    subnets: [{id: subnet-edge, cidr: 10.20.0.0/24, route_table: rtb-branch}]\n"
    "    instances:\n"
    "      - id: i-vyatta\n"
    "        subnet: subnet-edge\n"
    "        address: 10.20.0.10\n"
    "        elastic_address: 198.51.100.10\n"
    "        source_dest_check: false\n"
    "        router: vyatta\n"
    "\n"
    "vpn_gateways:\n"
    "  - {id: vgw-main, asn: 10124, platform: sekisho}\n"
    "\n"
    "customer_gateways:\n"
    "  - {id: cgw-vyatta, address: 198.51.100.10, router: vyatta}\n"
    "\n"
    "vpn_connections:\n"
    "  - id: vpn-vyatta\n"
    "    vpn_gateway: vgw-main\n"
    "    customer_gateway: cgw-vyatta\n"
    "    guard: warn\n"
    "    tunnels: [{outside: 203.0.113.225, inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}]\n"
    "\n"
    "routers:\n"
    "  - id: vyatta\n"
    "    platform: vyatta\n"
    "    routes: [{prefix: 0.0.0.0/0, via: 10.20.0.1, from: dhcp}]\n"
    "    bgp: {asn: 65000, announce: [10.20.0.0/16, {prefix: 10.21.0.0/16, med: 5}]}\n"
    "\n"
    "story:\n"
    "  - {at: 60s, announce: {router: vyatta, prefix: 0.0.0.0/0}}\n"
    "  - {at: 240s, restart: {router: vyatta}}\n"
    "\n"
    "until: 600s\n";

static char *formatted(const char *text)
{
    struct network *network = probe_parse(text);
    char *out = network ? probe_format(network) : NULL;
    network_free(network);
    return out;
}

static void canonical_text_stays(void)
{
    char *out = formatted(canonical);
    CHECK_TEXT(out, canonical);
    free(out);
}

static void order_defaults_and_spelling_become_canonical(void)
{
    char *out = formatted("until: 2m\n"
                          "routers: [{bgp: {announce: [{prefix: 10.0.0.0/8}], asn: 7}, id: \"r\", "
                          "platform: unknown, outer_vrf: false, routes: []}]\n"
                          "vpn_gateways:\n- limits: {over: close, connections: 20}\n  asn: 64512\n"
                          "  platform: 'aws'\n  id: g\n"
                          "vpcs: []\n");
    CHECK_TEXT(out, "vpcs: []\n"
                    "\n"
                    "vpn_gateways:\n"
                    "  - {id: g, limits: {connections: 20}}\n"
                    "\n"
                    "routers:\n"
                    "  - {id: r, routes: [], bgp: {asn: 7, announce: [10.0.0.0/8]}}\n"
                    "\n"
                    "until: 120s\n");
    free(out);
    out = formatted("{}");
    CHECK_TEXT(out, "{}\n");
    free(out);
    out = formatted("# nothing yet\n{}");
    CHECK_TEXT(out, "# nothing yet\n{}\n");
    free(out);
}

static void long_lists_break_into_lines(void)
{
    char *out = formatted("routers: [{id: r, lan: [10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24, "
                          "10.0.3.0/24, 10.0.4.0/24, 10.0.5.0/24, 10.0.6.0/24, 10.0.7.0/24]}]");
    CHECK_TEXT(out, "routers:\n"
                    "  - id: r\n"
                    "    lan:\n"
                    "      - 10.0.0.0/24\n"
                    "      - 10.0.1.0/24\n"
                    "      - 10.0.2.0/24\n"
                    "      - 10.0.3.0/24\n"
                    "      - 10.0.4.0/24\n"
                    "      - 10.0.5.0/24\n"
                    "      - 10.0.6.0/24\n"
                    "      - 10.0.7.0/24\n");
    free(out);
}

/* No line of what fits is longer than 100 columns. */
static void lines_end_at_column_100(void)
{
    for (int length = 1; length <= 64; length++) {
        char text[400];
        snprintf(text, sizeof text,
                 "routers: [{id: %.*s, platform: vyos, routes: [{prefix: 10.0.0.0/8, via: "
                 "10.0.0.1, interface: %.*s}]}]",
                 length, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                 length, "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
        char *out = formatted(text), *again = formatted(out);
        size_t longest = 0;
        for (const char *line = out; *line;) {
            size_t size = strcspn(line, "\n");
            longest = size > longest ? size : longest;
            line += size + 1;
        }
        CHECK(longest <= 100);
        CHECK_TEXT(again, out);
        free(out);
        free(again);
    }
}

/* --- random networks: parse(format(n)) == n, and format is idempotent --- */

static const char *pick(struct prng *random, const char *const *words, size_t count)
{
    return words[prng_below(random, count)];
}

static void put_router(struct prng *random, FILE *out, unsigned index)
{
    static const char *const extras[] = {
        "",
        ", outer_vrf: true",
        ", gateway: 198.51.100.1",
        ", lan: []",
        ", lan: [10.9.0.0/16]",
        ", latency: {decision: 20ms, rib_to_fib: 0s}",
        ", routes: [{prefix: 0.0.0.0/0, interface: "
        "eth0, from: kernel, metric: 1024}]",
        ", routes: [{prefix: 0.0.0.0/0, via: 10.0.0.1, distance: 210}, {prefix: 10.9.0.0/16, "
        "blackhole: true}]"};
    static const char *const bgp[] = {
        "", ", bgp: {asn: 65000}",
        ", bgp: {asn: 65000, announce: [], announce_back: false, allowas_in: 1}",
        ", bgp: {asn: 4200000000, announce: [10.9.0.0/16, {prefix: 0.0.0.0/0, as_path: [1, 1, 2], "
        "med: 0, communities: [7224:7100, 65535:65281]}], import: [{deny: 0.0.0.0/0}, {permit: "
        "10.0.0.0/8, ge: 9, le: 24}], export: []}",
        ", bgp: {asn: 65001, received: [10.30.0.0/16], timers: {hold: 9s}}"};
    static const char *const platforms[] = {"", ", platform: vyos", ", platform: frr",
                                            ", platform: unknown"};
    fprintf(out, "  - {id: r%u%s%s%s}%s\n", index, pick(random, platforms, 4),
            pick(random, extras, 8), pick(random, bgp, 5),
            prng_below(random, 3) ? "" : "  # a remark");
}

static char *random_text(struct prng *random)
{
    struct probe probe;
    probe_open(&probe);
    unsigned routers = 1 + (unsigned)prng_below(random, 5);
    fputs(prng_below(random, 2) ? "# head\n\nrouters:\n" : "routers:\n", probe.file);
    for (unsigned i = 0; i < routers; i++) {
        if (prng_below(random, 3) == 0)
            fputs("  # above\n", probe.file);
        put_router(random, probe.file, i);
    }
    if (prng_below(random, 2))
        fputs("vpn_gateways:\n  # the hub\n  - id: g\n    latency:\n      decision: 1ms  # soon\n"
              "customer_gateways: [{id: c, router: r0, dpd: {delay: 20s, action: restart}}]\n"
              "vpn_connections:\n  - {id: v, vpn_gateway: g, customer_gateway: c, static_routes: "
              "[10.9.0.0/16], tunnels: [{outside: 203.0.113.1, inside: {vgw: 169.254.9.2, cgw: "
              "169.254.9.1}, psk: abcdefgh}], import: [{deny: 0.0.0.0/0, le: 32}]}\n",
              probe.file);
    if (prng_below(random, 2))
        fprintf(probe.file,
                "story: [{at: %ums, fail: {link: r0}}, {at: %us, replace: {router: "
                "r0}}]\n",
                (unsigned)prng_below(random, 3000), 3 + (unsigned)prng_below(random, 100));
    if (prng_below(random, 2))
        fputs("until: 3m\n# foot\n", probe.file);
    return probe_close(&probe);
}

static void random_networks_survive_formatting(void)
{
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct prng random = prng_seed(seed);
        char *text = random_text(&random);
        struct network *network = probe_parse(text);
        CHECK(network != NULL);
        char *once = network ? probe_format(network) : NULL;
        struct network *again = once ? probe_parse(once) : NULL;
        CHECK(again && network_equal(network, again));
        CHECK(again && again->comment_count >= (network->comment_count > 0));
        char *twice = again ? probe_format(again) : NULL;
        CHECK(twice && strcmp(once, twice) == 0);
        network_free(network);
        network_free(again);
        free(text);
        free(once);
        free(twice);
    }
}

int main(void)
{
    TEST(canonical_text_stays);
    TEST(order_defaults_and_spelling_become_canonical);
    TEST(long_lists_break_into_lines);
    TEST(lines_end_at_column_100);
    TEST(random_networks_survive_formatting);
    return harness_done();
}
