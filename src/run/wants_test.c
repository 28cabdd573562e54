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

static void what_is_without_ipsec_is_no_tunnel(void)
{
    struct run_options options = {.network = "pair.yaml"};
    struct plan *plan;
    CHECK_EQUAL(take(RIG_PAIR, &options, &plan), RUN_FINE);
    CHECK_EQUAL(plan->tunnel_count, 0);
    plan_free(plan);
}

int main(void)
{
    TEST(a_tunnel_is_as_the_file_says);
    TEST(tunnels_are_down_as_the_engine_boots);
    TEST(a_tunnel_has_a_key);
    TEST(what_is_without_ipsec_is_no_tunnel);
    return harness_done();
}
