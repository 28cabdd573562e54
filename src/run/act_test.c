#include "run/act.h"

#include "explain/json.h"
#include "run/tunnels_rig.h"

static json_t *asks(const char *tunnel, bool outside)
{
    struct request request = {.ask = ASK_REPLACE_TUNNEL, .outside = outside};
    snprintf(request.tunnel, sizeof request.tunnel, "%s", tunnel);
    return act_take(&it, &request);
}

static void check_error(const char *tunnel, const char *sentence)
{
    json_t *answer = asks(tunnel, false);
    CHECK_TEXT(json_string_value(json_object_get(answer, "error")), sentence);
    json_decref(answer);
}

static void check_ordered(int keeper, uint32_t kind, const char *name)
{
    struct order order;
    CHECK_EQUAL(order_receive(keeper, &order), 1);
    CHECK_EQUAL(order.kind, kind);
    CHECK_TEXT(order.name, name);
}

static void check_begun(const char *tunnel, bool outside)
{
    json_t *answer = asks(tunnel, outside);
    CHECK_TEXT(json_string_value(json_object_get(answer, "state")), "under-way");
    CHECK_EQUAL(json_is_true(json_object_get(answer, "outside")), outside);
    json_decref(answer);
}

static void a_tunnel_that_is_up_is_replaced_once_at_a_time(void)
{
    int keeper;
    struct order order;
    tunnels_rig_begin(&keeper);
    check_error("vpn-b/1", "there is no tunnel vpn-b/1");
    check_error("vpn-a/1", "vpn-a/1 is down; there is nothing to replace");
    it.tunnels.items[0].said.up = it.tunnels.items[1].said.up = true;
    check_begun("vpn-a/1", false);
    check_ordered(keeper, ORDER_REPLACE, "vpn-a/1");
    check_error("vpn-a/1", "vpn-a/1 is being replaced already");
    check_begun("vpn-a/2", true);
    check_ordered(keeper, ORDER_ENDPOINT, "vpn-a/2");
    CHECK_EQUAL(order_receive(keeper, &order), -EAGAIN);
    tunnels_rig_end(keeper);
}

static void both_sas_are_others_and_it_is_done(void)
{
    int keeper;
    struct report said = {.kind = REPORT_TUNNEL,
                          .tunnel = {.name = "vpn-a/1", .up = true, .ike = 3, .pair = 7}};
    tunnels_rig_begin(&keeper);
    it.tunnels.items[0].said = said.tunnel;
    check_begun("vpn-a/1", false);
    it.now_us += 52000;
    said.tunnel.ike = 4;
    said.tunnel.pair = 8;
    CHECK_EQUAL(report_send(keeper, &said), 0);
    it.tunnels.readable = true;
    tunnels_read(&it);
    CHECK(strstr(logged, "event=tunnel-replaced tunnel=vpn-a/1 how=make-before-break after=52ms"));
    CHECK_TEXT(replacement_word(&it.tunnels.items[0].replacement), "done");
    tunnels_rig_end(keeper);
}

static void when_its_time_is_over_it_may_be_asked_for_again(void)
{
    int keeper;
    tunnels_rig_begin(&keeper);
    it.tunnels.items[0].said.up = true;
    check_begun("vpn-a/1", false);
    it.now_us += REPLACEMENT_US;
    tunnels_turn(&it);
    CHECK(strstr(logged, "event=tunnel-not-replaced tunnel=vpn-a/1 how=make-before-break"));
    check_begun("vpn-a/1", false);
    tunnels_rig_end(keeper);
}

static void without_tunnels_nothing_is_replaced(void)
{
    int keeper;
    tunnels_rig_begin(&keeper);
    it.tunnels.leaving = true;
    check_error("vpn-a/1", "the tunnels are being taken down");
    struct tunnels had = it.tunnels;
    tunnels_none(&it.tunnels);
    check_error("vpn-a/1", "this daemon makes no tunnels");
    it.tunnels = had;
    tunnels_rig_end(keeper);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    TEST(a_tunnel_that_is_up_is_replaced_once_at_a_time);
    TEST(both_sas_are_others_and_it_is_done);
    TEST(when_its_time_is_over_it_may_be_asked_for_again);
    TEST(without_tunnels_nothing_is_replaced);
    return harness_done();
}
