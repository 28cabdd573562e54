/* A daemon of which there is just enough for its tunnels, and a keeper that the test plays. */
#pragma once

#include "run/daemon.h"
#include "run/run_rig.h"

#include <fcntl.h>
#include <string.h>

#define TUNNELS_UNUSED __attribute__((unused))

static const char tunnels_network[] TUNNELS_UNUSED =
    "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho, plane: userspace}]\n"
    "customer_gateways: [{id: cgw-a, asn: 65001, address: 198.51.100.1}]\n"
    "vpn_connections:\n"
    "  - {id: vpn-a, vpn_gateway: vgw, customer_gateway: cgw-a, tunnels: [\n"
    "      {outside: 203.0.113.1, inside: {vgw: 169.254.1.1, cgw: 169.254.1.2}, psk: abcdefgh},\n"
    "      {outside: 203.0.113.2, inside: {vgw: 169.254.1.5, cgw: 169.254.1.6}, psk_file: /k}]}\n";

static char told[512];

TUNNELS_UNUSED static struct plan *planned(const char *text)
{
    struct run_options options = {.network = "a.yaml"};
    struct plan *plan = NULL;
    enum run_exit status =
        plan_take((struct slice){(const uint8_t *)text, strlen(text)}, &options, stdout, &plan);
    CHECK_EQUAL(status, RUN_FINE);
    return plan;
}

/* A keeper of the test's: it answers so, and counts what it was told. */
TUNNELS_UNUSED static struct tunnels with_keeper(int *ret_keeper)
{
    int ends[2];
    struct tunnels tunnels;
    tunnels_none(&tunnels);
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    tunnels.fd = ends[0];
    tunnels.gone = false;
    *ret_keeper = ends[1];
    return tunnels;
}

TUNNELS_UNUSED static enum run_exit prepare(struct tunnels *tunnels, const struct plan *plan)
{
    FILE *err = fmemopen(told, sizeof told, "w");
    enum run_exit status = tunnels_prepare(tunnels, plan, err);
    fclose(err);
    return status;
}

static struct daemon it;
static char logged[1 << 16];

TUNNELS_UNUSED static void tunnels_rig_begin(int *ret_keeper)
{
    struct report ready = {.kind = REPORT_READY, .ready = {.choice = PLANE_USERSPACE}};
    struct order order;
    it = (struct daemon){.plan = planned(tunnels_network)};
    it.err = fmemopen(logged, sizeof logged, "w");
    it.tunnels = with_keeper(ret_keeper);
    CHECK_EQUAL(uv_loop_init(&it.loop), 0);
    CHECK_EQUAL(report_send(*ret_keeper, &ready), 0);
    CHECK_EQUAL(prepare(&it.tunnels, it.plan), RUN_FINE);
    wants_forget_keys(it.plan);
    tunnels_begin(&it);
    while (order_receive(*ret_keeper, &order) == 1)
        ;
}

TUNNELS_UNUSED static void tunnels_rig_end(int keeper)
{
    tunnels_done(&it.tunnels);
    close(keeper);
    uv_run(&it.loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&it.tunnels.poll, NULL);
    uv_run(&it.loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&it.loop), 0);
    fclose(it.err);
    plan_free(it.plan);
}
