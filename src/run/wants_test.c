#include "run/wants.h"

#include "run/numbers.h"
#include "run/plan.h"
#include "run/run_rig.h"

#include <string.h>

#define GATEWAY                                                                                    \
    "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n"                                   \
    "customer_gateways: [{id: cgw-a, asn: 65001, address: 198.51.100.1}]\n"                        \
    "vpn_connections:\n"                                                                           \
    "  - {id: vpn-a, vpn_gateway: vgw, customer_gateway: cgw-a,\n"                                 \
    "     dpd: {delay: 5s, interval: 2s, retries: 4}, tunnels: [\n"

#define TUNNEL_1 "{outside: 203.0.113.1, inside: {vgw: 169.254.1.1, cgw: 169.254.1.2}"
#define TUNNEL_2 "{outside: 203.0.113.2, inside: {vgw: 169.254.1.5, cgw: 169.254.1.6}"

static char said[512];

static enum run_exit take(const char *text, const struct run_options *options, struct plan **plan)
{
    FILE *err = fmemopen(said, sizeof said, "w");
    enum run_exit status =
        plan_take((struct slice){(const uint8_t *)text, strlen(text)}, options, err, plan);
    fclose(err);
    return status;
}

static void a_tunnel_is_as_the_file_says(void)
{
    struct run_options options = {.network = "a.yaml"};
    struct plan *plan;
    CHECK_EQUAL(take(GATEWAY TUNNEL_1 ", psk: abcdefgh, outside_local: 10.0.0.9, inside_ipv6: "
                                      "\"fd00::/126\"}, " TUNNEL_2 ", psk_file: /etc/key}]}\n",
                     &options, &plan),
                RUN_FINE);
    CHECK_EQUAL(plan->tunnel_count, 2);
    const struct plane_tunnel *tunnel = &plan->tunnels[0].tunnel;
    CHECK_TEXT(tunnel->name, "vpn-a/1");
    CHECK_TEXT(tunnel->psk, "abcdefgh");
    CHECK(plan->tunnels[0].psk_file == NULL);
    CHECK(tunnel->outside == 0x0a000009 && tunnel->outside_public == 0xcb007101);
    CHECK(tunnel->peer == 0xc6336401 && tunnel->inside_len == 30);
    CHECK(tunnel->inside_ours == 0xa9fe0101 && tunnel->inside_theirs == 0xa9fe0102);
    CHECK_EQUAL(tunnel->six_len, 126);
    CHECK((uint64_t)tunnel->six_ours == 1 && (uint64_t)tunnel->six_theirs == 2);
    CHECK_EQUAL(tunnel->mtu, 1406); /* AWS's table: CBC with SHA2-512, behind NAT */
    CHECK_EQUAL(tunnel->mss, 1366);
    CHECK_EQUAL(tunnel->watch.delay_us, 5000000);
    CHECK_EQUAL(tunnel->watch.interval_us, 2000000);
    CHECK_EQUAL(tunnel->watch.tries, 4);
    CHECK_TEXT(plan->tunnels[1].psk_file, "/etc/key");
    CHECK_TEXT(plan->tunnels[1].tunnel.psk, "");
    struct order order = {.kind = ORDER_WANT, .want = {.tunnel = *tunnel}}, taken;
    CHECK(order_decode(&order, order_size(ORDER_WANT), &taken)); /* the keeper takes it */
    plan_free(plan);
}

static void tunnels_are_down_as_the_engine_boots(void)
{
    struct run_options options = {.network = "a.yaml"};
    struct numbers numbers = {0};
    struct plan *plan;
    unsigned down = 0;
    CHECK_EQUAL(take(GATEWAY TUNNEL_1 ", psk: abcdefgh}]}\n", &options, &plan), RUN_FINE);
    CHECK(numbers_apply(&numbers, plan));
    wants_number(plan);
    for (size_t i = 0; i < plan->told_count; i++) {
        const struct event *event = &plan->told[i];
        if (event->kind != EVENT_INTERFACE || event->interface.up)
            continue;
        down++;
        CHECK_EQUAL(event->interface.interface, plan->tunnels[0].interface);
        CHECK(event->interface.addr == 0xa9fe0101);
    }
    CHECK_EQUAL(down, 1);
    CHECK_EQUAL(plan->tunnels[0].neighbor, 1);
    numbers_done(&numbers);
    plan_free(plan);
}

static void a_tunnel_has_a_key(void)
{
    struct run_options options = {.network = "a.yaml"};
    struct plan *plan;
    CHECK_EQUAL(take(GATEWAY TUNNEL_1 "}]}\n", &options, &plan), RUN_INPUT);
    CHECK_TEXT(said, "error: a.yaml: vpn-a/1 has no key; expected psk, psk_file or certificate, or "
                     "--no-tunnels\n");
    options.no_tunnels = true;
    CHECK_EQUAL(take(GATEWAY TUNNEL_1 "}]}\n", &options, &plan), RUN_FINE);
    CHECK_EQUAL(plan->tunnel_count, 0);
    plan_free(plan);
}

#define CUSTOMER_2                                                                                 \
    "  - {id: vpn-b, vpn_gateway: vgw, customer_gateway: cgw-b, tunnels: [\n"                      \
    "      {outside: 203.0.113.9, inside: {vgw: 169.254.1.9, cgw: 169.254.1.10}, psk: "            \
    "bcdefghi}]}\n"

/* Everything the other way round, and the one who begins, and begins again. */
static void a_customer_gateway_is_the_other_end(void)
{
    struct run_options options = {.network = "a.yaml", .customer_gateway = "cgw-a"};
    struct plan *plan;
    CHECK_EQUAL(take(GATEWAY TUNNEL_1 ", psk: abcdefgh, outside_local: 10.0.0.9, inside_ipv6: "
                                      "\"fd00::/126\"}, " TUNNEL_2 ", psk_file: /etc/key}]}\n",
                     &options, &plan),
                RUN_FINE);
    CHECK_TEXT(plan->id, "cgw-a");
    CHECK(plan->together);
    CHECK_EQUAL(plan->config.asn, 65001);
    CHECK_EQUAL(plan->tunnel_count, 2);
    const struct plane_tunnel *tunnel = &plan->tunnels[0].tunnel;
    CHECK(tunnel->shared && tunnel->outside == 0 && tunnel->outside_public == 0xc6336401);
    CHECK(tunnel->peer == 0xcb007101);
    CHECK(tunnel->inside_ours == 0xa9fe0102 && tunnel->inside_theirs == 0xa9fe0101);
    CHECK((uint64_t)tunnel->six_ours == 2 && (uint64_t)tunnel->six_theirs == 1);
    CHECK_EQUAL(tunnel->options.startup, TUNNEL_STARTUP_START);
    CHECK_EQUAL(tunnel->options.dead_action, TUNNEL_DEAD_RESTART);
    CHECK_EQUAL(tunnel->watch.tries, 4);
    struct order order = {.kind = ORDER_WANT, .want = {.tunnel = *tunnel}}, taken;
    CHECK(order_decode(&order, order_size(ORDER_WANT), &taken));
    plan_free(plan);
    options.separate = true;
    CHECK_EQUAL(take(GATEWAY TUNNEL_1 ", psk: abcdefgh}]}\n", &options, &plan), RUN_FINE);
    CHECK(!plan->together);
    plan_free(plan);
}

static void only_its_own_tunnels_are_its(void)
{
    struct run_options options = {.network = "a.yaml", .customer_gateway = "cgw-b"};
    static const char customers[] = "customer_gateways: [{id: cgw-a, asn: 65001, address: "
                                    "198.51.100.1, router: site},\n  {id: cgw-b, asn: 65001, "
                                    "address: 198.51.100.2, router: site, startup: add, dpd: "
                                    "{action: none}}]\n";
    static const char rest[] =
        "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n"
        "routers: [{id: site, platform: frr, bgp: {asn: 65001}}]\nvpn_connections:\n"
        "  - {id: vpn-a, vpn_gateway: vgw, customer_gateway: cgw-a, tunnels: [\n" TUNNEL_1
        ", psk: abcdefgh}]}\n" CUSTOMER_2;
    char text[2048];
    struct plan *plan;
    snprintf(text, sizeof text, "%s%s", customers, rest);
    CHECK_EQUAL(take(text, &options, &plan), RUN_FINE);
    CHECK_TEXT(plan->node->id, "site");
    CHECK_EQUAL(plan->tunnel_count, 1);
    CHECK_TEXT(plan->tunnels[0].tunnel.name, "vpn-b/1");
    CHECK_EQUAL(plan->tunnels[0].tunnel.options.startup, TUNNEL_STARTUP_ADD);
    CHECK_EQUAL(plan->tunnels[0].tunnel.options.dead_action, TUNNEL_DEAD_NONE);
    plan_free(plan);
}

/* The certificate in the file is the gateway's. */
static void a_customer_gateway_needs_the_key_itself(void)
{
    struct run_options options = {.network = "a.yaml", .customer_gateway = "cgw-a"};
    struct plan *plan;
    CHECK_EQUAL(take(GATEWAY TUNNEL_1 ", certificate: {file: /a, key_file: /b, authority_file: "
                                      "/c}}]}\n",
                     &options, &plan),
                RUN_INPUT);
    CHECK_TEXT(said,
               "error: a.yaml: vpn-a/1 has no key; expected psk, psk_file, or --no-tunnels\n");
}

static void what_is_without_ipsec_is_no_tunnel(void)
{
    struct run_options options = {.network = "pair.yaml"};
    struct plan *plan;
    CHECK_EQUAL(take(RIG_PAIR, &options, &plan), RUN_FINE);
    CHECK_EQUAL(plan->tunnel_count, 0);
    plan_free(plan);
}

/* TunnelInsideIpVersion ipv6. */
static void a_tunnel_may_have_ipv6_alone_inside(void)
{
    struct run_options options = {.network = "a.yaml"};
    struct numbers numbers = {0};
    struct plan *plan;
    CHECK_EQUAL(take(GATEWAY "      {outside: 203.0.113.1, inside: {vgw: \"fd00::1\", cgw: "
                             "\"fd00::2\"}, psk: abcdefgh}]}\n",
                     &options, &plan),
                RUN_FINE);
    const struct plane_tunnel *tunnel = &plan->tunnels[0].tunnel;
    CHECK(tunnel->inside_ours == 0 && tunnel->inside_theirs == 0);
    CHECK((uint64_t)tunnel->six_ours == 1 && (uint64_t)tunnel->six_theirs == 2);
    CHECK_EQUAL(tunnel->six_len, 126);
    CHECK(tunnel->options.local_range.six && tunnel->options.remote_range.six);
    struct order order = {.kind = ORDER_WANT, .want = {.tunnel = *tunnel}}, taken;
    CHECK(order_decode(&order, order_size(ORDER_WANT), &taken));
    CHECK(numbers_apply(&numbers, plan));
    wants_number(plan);
    CHECK(plan->tunnels[0].neighbor != 0); /* whose session ends with the tunnel */
    numbers_done(&numbers);
    plan_free(plan);
}

int main(void)
{
    TEST(a_tunnel_is_as_the_file_says);
    TEST(tunnels_are_down_as_the_engine_boots);
    TEST(a_tunnel_has_a_key);
    TEST(a_customer_gateway_is_the_other_end);
    TEST(only_its_own_tunnels_are_its);
    TEST(a_customer_gateway_needs_the_key_itself);
    TEST(what_is_without_ipsec_is_no_tunnel);
    TEST(a_tunnel_may_have_ipv6_alone_inside);
    return harness_done();
}
