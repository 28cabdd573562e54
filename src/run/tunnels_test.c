#include "run/tunnels.h"

#include "run/run_rig.h"

#include <fcntl.h>
#include <string.h>

static const char network[] =
    "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho, plane: userspace}]\n"
    "customer_gateways: [{id: cgw-a, asn: 65001, address: 198.51.100.1}]\n"
    "vpn_connections:\n"
    "  - {id: vpn-a, vpn_gateway: vgw, customer_gateway: cgw-a, tunnels: [\n"
    "      {outside: 203.0.113.1, inside: {vgw: 169.254.1.1, cgw: 169.254.1.2}, psk: abcdefgh},\n"
    "      {outside: 203.0.113.2, inside: {vgw: 169.254.1.5, cgw: 169.254.1.6}, psk_file: /k}]}\n";

static char told[512];

static struct plan *planned(const char *text)
{
    struct run_options options = {.network = "a.yaml"};
    struct plan *plan = NULL;
    enum run_exit status =
        plan_take((struct slice){(const uint8_t *)text, strlen(text)}, &options, stdout, &plan);
    CHECK_EQUAL(status, RUN_FINE);
    return plan;
}

/* A keeper of the test's: it answers so, and counts what it was told. */
static struct tunnels with_keeper(int *ret_keeper)
{
    int ends[2];
    struct tunnels tunnels;
    tunnels_none(&tunnels);
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    tunnels.fd = ends[0];
    *ret_keeper = ends[1];
    return tunnels;
}

static enum run_exit prepare(struct tunnels *tunnels, const struct plan *plan)
{
    FILE *err = fmemopen(told, sizeof told, "w");
    enum run_exit status = tunnels_prepare(tunnels, plan, err);
    fclose(err);
    return status;
}

static void the_keeper_is_told_and_answers(void)
{
    int keeper;
    struct tunnels tunnels = with_keeper(&keeper);
    struct plan *plan = planned(network);
    struct report ready = {.kind = REPORT_READY,
                           .ready = {.choice = PLANE_USERSPACE, .space = "sekisho-vgw"}};
    struct order order;
    CHECK_EQUAL(report_send(keeper, &ready), 0);
    CHECK_EQUAL(prepare(&tunnels, plan), RUN_FINE);
    CHECK_EQUAL(order_receive(keeper, &order), 1);
    CHECK_EQUAL(order.kind, ORDER_BEGIN);
    CHECK_TEXT(order.begin.gateway, "vgw");
    CHECK_EQUAL(order.begin.choice, PLANE_USERSPACE);
    CHECK_EQUAL(order_receive(keeper, &order), 1);
    CHECK_EQUAL(order.kind, ORDER_WANT);
    CHECK_TEXT(order.want.tunnel.name, "vpn-a/1");
    CHECK_TEXT(order.want.tunnel.psk, "abcdefgh");
    CHECK_EQUAL(order_receive(keeper, &order), 1);
    CHECK_TEXT(order.want.psk_file, "/k");
    CHECK_EQUAL(order_receive(keeper, &order), 1);
    CHECK_EQUAL(order.kind, ORDER_PREPARE);
    CHECK_TEXT(tunnels.space, "sekisho-vgw");
    CHECK(tunnels_find(&tunnels, "vpn-a/2") != NULL);
    CHECK(tunnels_find(&tunnels, "vpn-a/3") == NULL);
    tunnels_done(&tunnels);
    close(keeper);
    plan_free(plan);
}

static void a_refusal_is_the_keepers_sentence(void)
{
    int keeper;
    struct tunnels tunnels = with_keeper(&keeper);
    struct plan *plan = planned(network);
    struct report refused = {.kind = REPORT_REFUSED, .sentence = "there is no TUN here"};
    CHECK_EQUAL(report_send(keeper, &refused), 0);
    CHECK_EQUAL(prepare(&tunnels, plan), RUN_WORLD);
    CHECK_TEXT(told, "error: there is no TUN here\n");
    CHECK(tunnels.fd < 0 && tunnels.gone);
    close(keeper);
    plan_free(plan);
}

static void a_keeper_that_is_gone_is_said(void)
{
    int keeper;
    struct tunnels tunnels = with_keeper(&keeper);
    struct plan *plan = planned(network);
    close(keeper);
    CHECK_EQUAL(prepare(&tunnels, plan), RUN_WORLD);
    CHECK_TEXT(told, "error: the process for the tunnels does not answer\n");
    plan_free(plan);
}

static void without_tunnels_there_is_no_keeper(void)
{
    int keeper;
    struct tunnels tunnels = with_keeper(&keeper);
    struct plan *plan = planned(RIG_PAIR);
    struct order order;
    CHECK_EQUAL(prepare(&tunnels, plan), RUN_FINE);
    CHECK(tunnels.fd < 0 && tunnels.gone);
    CHECK_EQUAL(order_receive(keeper, &order), 0);
    close(keeper);
    plan_free(plan);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    TEST(the_keeper_is_told_and_answers);
    TEST(a_refusal_is_the_keepers_sentence);
    TEST(a_keeper_that_is_gone_is_said);
    TEST(without_tunnels_there_is_no_keeper);
    return harness_done();
}
