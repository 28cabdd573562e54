#include "run/plan.h"

#include "run/run_rig.h"

static char said[4096];

static enum run_exit take(const char *text, const struct run_options *options, struct plan **plan)
{
    memset(said, 0, sizeof said);
    FILE *err = fmemopen(said, sizeof said, "w");
    enum run_exit status =
        plan_take((struct slice){(const uint8_t *)text, strlen(text)}, options, err, plan);
    fclose(err);
    return status;
}

static ip_addr ip(const char *text)
{
    ip_addr addr = 0;
    CHECK(ip_parse(text, strlen(text), &addr));
    return addr;
}

static void a_gateway_has_its_neighbors(void)
{
    struct run_options options = {.network = "pair.yaml", .memory_bytes = 1 << 20};
    struct plan *plan;
    CHECK_EQUAL(take(RIG_PAIR, &options, &plan), RUN_FINE);
    CHECK_TEXT(plan->node->id, "vgw");
    CHECK_EQUAL(plan->neighbor_count, 2);
    CHECK_TEXT(plan->neighbors[1].name, "vpn-b/1");
    CHECK(!plan->neighbors[1].needs_ipsec && !plan->neighbors[1].direct);
    CHECK(!plan->neighbors[1].comes_later);
    CHECK_EQUAL(plan->neighbors[1].number, 2);
    CHECK(plan_find(plan, ip("169.254.1.5"), ip("169.254.1.6")) == &plan->neighbors[1]);
    CHECK(plan_find(plan, ip("169.254.1.1"), ip("169.254.1.2")) == &plan->neighbors[0]);
    CHECK(!plan_find(plan, ip("169.254.1.1"), ip("169.254.1.6")));
    CHECK(plan->config.rounds && plan->config.hub);
    CHECK_EQUAL(plan->config.budget_bytes, 1 << 20);
    CHECK_EQUAL(plan->profile.decision.max_us, 0);
    plan_free(plan);
}

static void a_router_is_the_other_end(void)
{
    struct run_options options = {.network = "pair.yaml", .router = "site-b"};
    struct plan *plan;
    CHECK_EQUAL(take(RIG_PAIR, &options, &plan), RUN_FINE);
    CHECK_EQUAL(plan->neighbor_count, 1);
    CHECK_EQUAL(plan->config.asn, 65002);
    CHECK(plan_find(plan, ip("169.254.1.6"), ip("169.254.1.5")) == &plan->neighbors[0]);
    plan_free(plan);
}

static void what_sockets_need_is_in_the_file(void)
{
    static const char text[] =
        "vpn_gateways: [{id: vgw}]\n"
        "direct_connects:\n"
        "  - {id: dx, vpn_gateway: vgw, router: edge, inside: {vgw: 169.254.1.1, peer: "
        "169.254.1.2}, bgp: {ttl_security: 1, md5_file: /etc/key}}\n"
        "routers: [{id: edge, platform: frr, bgp: {asn: 65001}}]\n";
    struct run_options options = {.network = "dx.yaml"};
    struct plan *plan;
    CHECK_EQUAL(take(text, &options, &plan), RUN_FINE);
    CHECK_EQUAL(plan->neighbor_count, 1);
    CHECK_TEXT(plan->neighbors[0].name, "dx");
    CHECK(plan->neighbors[0].direct);
    CHECK_EQUAL(plan->neighbors[0].ttl_security, 1);
    CHECK_TEXT(plan->neighbors[0].md5_file, "/etc/key");
    plan_free(plan);
}

static void who_is_not_in_the_file_is_a_mistake(void)
{
    struct run_options options = {.network = "pair.yaml", .gateway = "site-a"};
    struct plan *plan = NULL;
    CHECK_EQUAL(take(RIG_PAIR, &options, &plan), RUN_INPUT);
    CHECK_TEXT(said, "error: pair.yaml: no VPN gateway is called \"site-a\"; expected one of "
                     "vgw\n");
    options = (struct run_options){.network = "pair.yaml", .router = "nobody"};
    CHECK_EQUAL(take(RIG_PAIR, &options, &plan), RUN_INPUT);
    CHECK_TEXT(said, "error: pair.yaml: no router is called \"nobody\"; expected one of site-a, "
                     "site-b\n");
    options = (struct run_options){.network = "x.yaml"};
    CHECK_EQUAL(take("vpcs: []\n", &options, &plan), RUN_INPUT);
    CHECK_TEXT(said, "error: x.yaml: there is no VPN gateway in it\n");
    CHECK_EQUAL(take("vpn_gateways: [{id: a}, {id: b}]\n", &options, &plan), RUN_INPUT);
    CHECK_TEXT(said, "error: x.yaml: which VPN gateway is meant? expected --gateway and one of a, "
                     "b\n");
    CHECK_EQUAL(take("vpn_gateways: 7\n", &options, &plan), RUN_INPUT);
    CHECK(strstr(said, "x.yaml:1:15") != NULL);
    options = (struct run_options){.network = "pair.yaml", .customer_gateway = "nobody"};
    CHECK_EQUAL(take(RIG_PAIR, &options, &plan), RUN_INPUT);
    CHECK_TEXT(said, "error: pair.yaml: no customer gateway is called \"nobody\"; expected one of "
                     "cgw-a, cgw-b\n");
    CHECK_EQUAL(take("vpn_gateways: [{id: a}]\n", &options, &plan), RUN_INPUT);
    CHECK_TEXT(said, "error: pair.yaml: there is no customer gateway in it\n");
    options.customer_gateway = "c";
    CHECK_EQUAL(take("customer_gateways: [{id: c}]\n", &options, &plan), RUN_INPUT);
    CHECK_TEXT(said, "error: pair.yaml: c has no VPN connection\n");
    CHECK(!plan);
}

/* AWS's words for the eleventh connection, unless the file says that more were granted. */
static void a_connection_beyond_the_quota_is_refused(void)
{
    static const char file[] =
        "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho%s}]\n"
        "customer_gateways: [{id: cgw-a, asn: 65001, address: 198.51.100.1, router: a},\n"
        "                    {id: cgw-b, asn: 65002, address: 198.51.100.2, router: b}]\n"
        "vpn_connections:\n"
        "  - {id: vpn-a, vpn_gateway: vgw, customer_gateway: cgw-a, tunnels: [{outside: "
        "203.0.113.1, inside: {vgw: 169.254.1.1, cgw: 169.254.1.2}, psk: abcdefgh}]}\n"
        "  - {id: vpn-b, vpn_gateway: vgw, customer_gateway: cgw-b, tunnels: [{outside: "
        "203.0.113.2, inside: {vgw: 169.254.1.5, cgw: 169.254.1.6}, psk: abcdefgh}]}\n"
        "routers:\n"
        "  - {id: a, platform: frr, bgp: {asn: 65001}}\n"
        "  - {id: b, platform: frr, bgp: {asn: 65002}}\n";
    struct run_options options = {.network = "two.yaml", .gateway = "vgw"};
    struct plan *plan = NULL;
    char text[2048];
    snprintf(text, sizeof text, file, ", limits: {connections: 1}");
    CHECK_EQUAL(take(text, &options, &plan), RUN_INPUT);
    CHECK_TEXT(said, "error: two.yaml: VpnConnectionLimitExceeded: vgw has 2 VPN connections, and "
                     "may have 1; limits: {connections: 2} raises that\n");
    snprintf(text, sizeof text, file, ", limits: {connections: 2}");
    CHECK_EQUAL(take(text, &options, &plan), RUN_FINE);
    plan_free(plan);
    snprintf(text, sizeof text, file, "");
    CHECK_EQUAL(take(text, &options, &plan), RUN_FINE);
    plan_free(plan);
}

static void a_file_that_is_not_there_is_named(void)
{
    struct run_options options = {.network = "/nowhere/x.yaml"};
    struct plan *plan;
    memset(said, 0, sizeof said);
    FILE *err = fmemopen(said, sizeof said, "w");
    CHECK_EQUAL(plan_read(&options, err, &plan), RUN_INPUT);
    fclose(err);
    CHECK_TEXT(said, "error: /nowhere/x.yaml: No such file or directory\n");
}

int main(void)
{
    TEST(a_gateway_has_its_neighbors);
    TEST(a_router_is_the_other_end);
    TEST(what_sockets_need_is_in_the_file);
    TEST(who_is_not_in_the_file_is_a_mistake);
    TEST(a_connection_beyond_the_quota_is_refused);
    TEST(a_file_that_is_not_there_is_named);
    return harness_done();
}
