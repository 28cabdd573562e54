#include "network/probe.h"
#include "tests/harness.h"

/* What a file does not say is the platform's, the gateway's, or nothing. */
static void the_guard_follows_the_platform(void)
{
    struct network *network = probe_parse(probe_sound);
    CHECK(network != NULL);
    if (!network)
        return;
    struct network_connection *connection = &network->vpn_connections[0];
    CHECK_EQUAL(network_guard_of(network, connection), NETWORK_GUARD_WARN);
    connection->guard = NETWORK_GUARD_UNSAID;
    CHECK_EQUAL(network_guard_of(network, connection), NETWORK_GUARD_HOLD);
    network->vpn_gateways[0].platform = PLATFORM_AWS;
    CHECK_EQUAL(network_guard_of(network, connection), NETWORK_GUARD_NONE);
    network_free(network);
}

static bool permits(const char *rules, const char *prefix_text, ip_addr neighbor)
{
    char text[400];
    struct prefix prefix = {0};
    snprintf(text, sizeof text,
             "routers: [{id: r, gateway: 10.0.0.1, underlay: {asn: 1, announce: []}, bgp: {asn: 2, "
             "import: %s}}]",
             rules);
    struct network *network = probe_parse(text);
    CHECK(network != NULL);
    CHECK_EQUAL(prefix_parse(prefix_text, strlen(prefix_text), &prefix), PREFIX_OK);
    bool passes =
        network && network_filter_permits(&network->routers[0].bgp->import, neighbor, prefix);
    network_free(network);
    return passes;
}

static void filters_decide_by_their_first_match(void)
{
    CHECK(permits("[]", "0.0.0.0/0", 1));
    CHECK(!permits("[{deny: 0.0.0.0/0}]", "0.0.0.0/0", 1));
    CHECK(permits("[{deny: 0.0.0.0/0}]", "10.0.0.0/8", 1)); /* the length must be equal */
    CHECK(!permits("[{deny: 0.0.0.0/0, le: 32}]", "10.0.0.0/8", 1));
    CHECK(!permits("[{deny: 0.0.0.0/0, ge: 8}]", "10.0.0.0/8", 1));
    CHECK(permits("[{deny: 0.0.0.0/0, ge: 9}]", "10.0.0.0/8", 1));
    CHECK(permits("[{deny: 0.0.0.0/0, ge: 9, le: 16}]", "10.0.0.0/17", 1));
    CHECK(permits("[{permit: 10.0.0.0/8, le: 24}]", "10.1.0.0/16", 1));
    CHECK(!permits("[{permit: 10.0.0.0/8, le: 24}]", "10.1.1.0/25", 1));
    CHECK(!permits("[{permit: 10.0.0.0/8, le: 24}]", "0.0.0.0/0", 1)); /* a list that permits */
    CHECK(!permits("[{deny: 10.1.0.0/16}, {permit: 10.0.0.0/8, le: 24}]", "10.1.0.0/16", 1));
    CHECK(permits("[{permit: 10.0.0.0/8, le: 24}, {deny: 10.1.0.0/16}]", "10.1.0.0/16", 1));
}

static void a_rule_may_speak_of_one_neighbor(void)
{
    const char *rules = "[{deny: 0.0.0.0/0, neighbor: 10.0.0.1}]";
    CHECK(!permits(rules, "0.0.0.0/0", 0x0a000001));
    CHECK(permits(rules, "0.0.0.0/0", 0x0a000002));
    rules = "[{permit: 10.0.0.0/8, neighbor: 10.0.0.1}]";
    CHECK(!permits(rules, "11.0.0.0/8", 0x0a000001));
    CHECK(permits(rules, "11.0.0.0/8", 0x0a000002));
}

/* The bad input that the product promises to answer with one clear error each. */
static void promised_errors_are_given(void)
{
    static const struct {
        const char *from, *to, *said;
    } cases[] = {
        {"asn: 10124", "asnn: 10124", "\"asnn\" is not a key of a VPN gateway"},
        {"id: dx-edge, bgp", "id: vyatta, bgp", "\"vyatta\" is already the name of a router"},
        {"router: vyatta}]\nvpn", "router: vyata}]\nvpn", "no router is called \"vyata\""},
        {"{vgw: 169.254.252.33, cgw: 169.254.252.34}", "{vgw: 169.254.252.29, cgw: 169.254.252.30}",
         "the inside range 169.254.252.28/30 is already used"},
        {"cidr: 10.20.0.0/24", "cidr: 10.20.0.1/24", "cidr: 10.20.0.1/24 has host bits set"},
        {"asn: 65001", "asn: 0", "asn: 0 is no AS number"},
        {"asn: 65001", "asn: 23456", "asn: 23456 belongs to nobody"},
        {"platform: sekisho", "platform: aws", "vgw-main is a gateway of AWS and has no guard"},
        {"outside: 203.0.113.225, ", "", "a tunnel needs \"outside\""},
        {"cgw: 169.254.252.29", "cgw: 169.254.252.41", "is not in the /30 of its peer"},
        {"at: 240s", "at: 24s", "time runs backwards: 24s after 60s"},
        {"guard: warn", "guard: [warn]", "\"guard\" must be one value, not a list"},
        {"guard: warn", "guard: warn\n    guard: hold", "\"guard\" is written twice"},
        {"guard: warn", "guard: \xff", "byte 0xff is not UTF-8"},
        {"guard: warn", "guard: *warn", "anchors and aliases are not read"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = probe_replace(probe_sound, cases[i].from, cases[i].to);
        char *errors = probe_errors(text);
        CHECK(strstr(errors, cases[i].said) != NULL);
        free(errors);
        free(text);
    }
}

/* What AWS lets one build is found by the checker, not refused here. */
static void what_aws_allows_is_no_error(void)
{
    CHECK_BROKEN("asn: 65000, announce", "asn: 10124, announce", "fine");
    CHECK_BROKEN("asn: 10124", "asn: 65000", "fine");
    CHECK_BROKEN("{vgw: 169.254.252.33, cgw: 169.254.252.34}",
                 "{vgw: 169.254.169.253, cgw: 169.254.169.254}", "fine");
    CHECK_BROKEN("{vgw: 169.254.252.33, cgw: 169.254.252.34}",
                 "{vgw: 169.254.0.1, cgw: 169.254.0.2}", "fine");
}

static void the_caller_is_untouched_by_errors(void)
{
    struct diagnostics diagnostics;
    struct network *network = (struct network *)&diagnostics;
    diagnostics_init(&diagnostics);
    CHECK(!network_parse(probe_slice("routers: 1"), "a.yaml", &diagnostics, &network));
    CHECK(network == (struct network *)&diagnostics);
    CHECK_EQUAL((int64_t)diagnostics.count, 1);
    CHECK(network_parse(probe_slice("routers: []"), "b.yaml", &diagnostics, &network));
    CHECK_EQUAL((int64_t)diagnostics.count, 1);
    CHECK_TEXT(diagnostics.name, "b.yaml");
    network_free(network);
    diagnostics_done(&diagnostics);
}

static char *read_file(const char *path)
{
    struct probe probe;
    FILE *file = fopen(path, "rb");
    probe_open(&probe);
    for (int c; file && (c = fgetc(file)) != EOF;)
        fputc(c, probe.file);
    if (file)
        fclose(file);
    return probe_close(&probe);
}

/* Each example is sound, and formatting keeps what it says and how often it explains itself. */
static void examples_are_sound(void)
{
    static const char *const names[] = {"incident",        "incident-aws",         "incident-held",
                                        "incident-pinned", "incident-two-tunnels", "control",
                                        "pasted-sample"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[80];
        snprintf(path, sizeof path, "examples/%s.yaml", names[i]);
        char *text = read_file(path);
        struct network *network = probe_parse(text);
        CHECK(network && network->comment_count > 0);
        char *once = network ? probe_format(network) : NULL;
        struct network *again = once ? probe_parse(once) : NULL;
        CHECK(again && network_equal(network, again));
        CHECK_TEXT(once, text); /* they are canonical */
        network_free(network);
        network_free(again);
        free(once);
        free(text);
    }
}

int main(void)
{
    TEST(the_guard_follows_the_platform);
    TEST(filters_decide_by_their_first_match);
    TEST(a_rule_may_speak_of_one_neighbor);
    TEST(promised_errors_are_given);
    TEST(what_aws_allows_is_no_error);
    TEST(the_caller_is_untouched_by_errors);
    TEST(examples_are_sound);
    return harness_done();
}
