#include "run/tunnels.h"

#include "run/answer_tunnels.h"
#include "run/tunnels_rig.h"

#include <errno.h>
#include <sys/wait.h>

static void the_keeper_is_told_and_answers(void)
{
    int keeper;
    struct tunnels tunnels = with_keeper(&keeper);
    struct plan *plan = planned(tunnels_network);
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
    struct plan *plan = planned(tunnels_network);
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
    struct plan *plan = planned(tunnels_network);
    close(keeper);
    CHECK_EQUAL(prepare(&tunnels, plan), RUN_WORLD);
    CHECK_TEXT(told, "error: the process for the tunnels does not answer\n");
    plan_free(plan);
}

static void what_cannot_be_on_one_machine_is_refused_at_once(void)
{
    static const char meeting[] =
        "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n"
        "customer_gateways: [{id: cgw-a, asn: 65001, address: 198.51.100.1}]\n"
        "vpn_connections:\n"
        "  - {id: vpn-bran-nagoya-naha-saga, vpn_gateway: vgw, customer_gateway: cgw-a, tunnels: "
        "[\n"
        "      {outside: 203.0.113.1, inside: {vgw: 169.254.1.1, cgw: 169.254.1.2}, psk: "
        "abcdefgh}]}\n"
        "  - {id: vpn-bran-hakata-sendai-mito, vpn_gateway: vgw, customer_gateway: cgw-a, tunnels: "
        "[\n"
        "      {outside: 203.0.113.2, inside: {vgw: 169.254.1.5, cgw: 169.254.1.6}, psk: "
        "abcdefgh}]}\n";
    int keeper;
    struct tunnels tunnels = with_keeper(&keeper);
    struct plan *plan = planned(meeting);
    struct order order;
    CHECK_EQUAL(prepare(&tunnels, plan), RUN_INPUT);
    CHECK(strstr(told, "would have the same device on this machine"));
    CHECK_EQUAL(order_receive(keeper, &order), 0);
    tunnels_done(&tunnels);
    close(keeper);
    plan_free(plan);
}

static struct plan *changed(const char *from, const char *to)
{
    char text[sizeof tunnels_network + 64];
    const char *at = strstr(tunnels_network, from);
    CHECK(at != NULL);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - tunnels_network), tunnels_network, to,
             at + strlen(from));
    return planned(text);
}

static void check_refused(const char *from, const char *to, const char *words)
{
    char sentence[ORDER_SENTENCE_BYTES] = "";
    struct plan *plan = changed(from, to);
    CHECK(!tunnels_may_change(&it.tunnels, it.plan, plan, sentence));
    CHECK_TEXT(sentence, words);
    plan_free(plan);
}

static void a_reload_is_asked_what_the_keeper_would_do(void)
{
    char sentence[ORDER_SENTENCE_BYTES];
    int keeper;
    tunnels_rig_begin(&keeper);
    check_refused("203.0.113.2", "203.0.113.9",
                  "the outside address 203.0.113.9 of vpn-a/2 was not in the file when sekishod "
                  "started, and lies in no --pool");
    check_refused("psk_file: /k", "psk_file: /etc/k",
                  "the file /etc/k of vpn-a/2 is in a folder of which the file named none when "
                  "sekishod started");
    check_refused("plane: userspace", "plane: xfrm", "its plane");
    struct plan *plan = changed("psk_file: /k", "psk_file: /other");
    CHECK(tunnels_may_change(&it.tunnels, it.plan, plan, sentence));
    plan_free(plan);
    tunnels_rig_end(keeper);
}

static void the_keys_that_were_told_are_gone(void)
{
    int keeper;
    tunnels_rig_begin(&keeper);
    const struct plan *plan = it.plan;
    CHECK_TEXT(plan->tunnels[0].tunnel.psk, "");
    CHECK_TEXT(plan->network->vpn_connections[0].tunnels[0].psk, "");
    tunnels_rig_end(keeper);
}

/* A keeper that is busy: what is wanted waits, nobody else does, and nothing is lost. */
static void a_busy_keeper_hears_of_all_later(void)
{
    int keeper, wants = 0, rounds = 0, got;
    struct order order;
    tunnels_rig_begin(&keeper);
    for (; it.tunnels.queue.count == 0 && rounds < 10000; rounds++)
        tunnels_change(&it, it.plan);
    tunnels_change(&it, it.plan);
    rounds++;
    CHECK(it.tunnels.queue.count > 0);
    for (int i = 0; i < 100000 && wants < 2 * rounds; i++) {
        while ((got = order_receive(keeper, &order)) == 1)
            wants += order.kind == ORDER_WANT;
        CHECK_EQUAL(got, -EAGAIN);
        uv_run(&it.loop, UV_RUN_NOWAIT);
        tunnels_read(&it);
    }
    CHECK_EQUAL(wants, 2 * rounds);
    CHECK_EQUAL(it.tunnels.queue.count, 0);
    CHECK_EQUAL(it.tunnels.polled_for, UV_READABLE);
    tunnels_rig_end(keeper);
}

static size_t lines_with(const char *words)
{
    size_t count = 0;
    for (const char *at = logged; (at = strstr(at, words)) != NULL; at++)
        count++;
    return count;
}

static void trouble_does_not_write_the_log_full(void)
{
    int keeper;
    struct report report = {.kind = REPORT_TROUBLE,
                            .trouble = {.name = "vpn-a/1", .sentence = "again"}};
    tunnels_rig_begin(&keeper);
    for (int i = 0; i < 1000; i++) {
        CHECK_EQUAL(report_send(keeper, &report), 0);
        it.tunnels.readable = true;
        tunnels_read(&it);
    }
    CHECK_EQUAL(lines_with("event=tunnel-trouble"), QUOTA_LINES);
    it.now_us += QUOTA_US;
    CHECK_EQUAL(report_send(keeper, &report), 0);
    it.tunnels.readable = true;
    tunnels_read(&it);
    CHECK_EQUAL(lines_with("event=untold of=tunnel-trouble tunnel=vpn-a/1 count=980"), 1);
    tunnels_rig_end(keeper);
}

/* One that hears which tunnels are up. */
static void begin_with_engine(int *ret_keeper)
{
    struct event boot = {.kind = EVENT_BOOT, .boot = {.seed = 1}};
    tunnels_rig_begin(ret_keeper);
    CHECK(numbers_apply(&it.numbers, it.plan));
    wants_number(it.plan);
    kernel_table_none(&it.kernel);
    links_init(&it.links, &it.loop);
    links_make_room(&it.links, it.plan->number_max);
    it.engine = engine_create(&it.plan->config);
    it.plan->world->nodes[it.plan->node_index].engine = it.engine; /* its owner */
    engine_step(it.engine, &boot);
}

static void end_with_engine(int keeper)
{
    numbers_done(&it.numbers);
    links_done(&it.links);
    tunnels_rig_end(keeper);
}

/* With the words of the last trouble; NULL: none. */
static const char *trouble_of_the_first(void)
{
    static char words[ORDER_SENTENCE_BYTES];
    json_t *answer = answer_tunnels(&it);
    const json_t *row = json_array_get(json_object_get(answer, "tunnels"), 0);
    const char *said = json_string_value(json_object_get(row, "trouble"));
    snprintf(words, sizeof words, "%s", said ? said : "");
    json_decref(answer);
    return said ? words : NULL;
}

static void hear_from(int keeper, const struct report *report)
{
    CHECK_EQUAL(report_send(keeper, report), 0);
    it.tunnels.readable = true;
    tunnels_read(&it);
}

/* Until it comes up, or the file is read again. */
static void what_keeps_a_tunnel_down_is_answered(void)
{
    int keeper;
    const struct report trouble = {.kind = REPORT_TROUBLE,
                                   .trouble = {.name = "vpn-a/1", .sentence = "it cannot be"}};
    const struct report up = {
        .kind = REPORT_TUNNEL,
        .tunnel = {.name = "vpn-a/1", .up = true, .cause = TUNNEL_CAUSE_ESTABLISHED}};
    begin_with_engine(&keeper);
    CHECK(!trouble_of_the_first());
    hear_from(keeper, &trouble);
    CHECK_TEXT(trouble_of_the_first(), "it cannot be");
    tunnels_change(&it, it.plan);
    CHECK(!trouble_of_the_first());
    hear_from(keeper, &trouble);
    hear_from(keeper, &up);
    CHECK(!trouble_of_the_first());
    hear_from(keeper, &trouble); /* of what the file says now */
    hear_from(keeper, &up);
    CHECK_TEXT(trouble_of_the_first(), "it cannot be");
    end_with_engine(keeper);
}

/* A gateway that has begun without tunnels has no plane until the keeper says which. */
static void a_plane_that_has_not_begun_is_none(void)
{
    int keeper;
    const struct report late = {.kind = REPORT_READY, .ready = {.choice = PLANE_XFRM}};
    tunnels_rig_begin(&keeper);
    it.tunnels.choice = PLANE_AUTO;
    json_t *answer = answer_tunnels(&it);
    CHECK(json_is_null(json_object_get(answer, "plane")));
    CHECK_EQUAL(json_array_size(json_object_get(answer, "tunnels")), 2);
    json_decref(answer);
    hear_from(keeper, &late);
    answer = answer_tunnels(&it);
    CHECK_TEXT(json_string_value(json_object_get(answer, "plane")), "xfrm");
    json_decref(answer);
    tunnels_rig_end(keeper);
}

static void sas_that_cannot_be_replaced_are_told_while_it_is_up(void)
{
    int keeper;
    struct report said = {
        .kind = REPORT_TUNNEL,
        .tunnel = {.name = "vpn-a/1", .up = true, .cause = TUNNEL_CAUSE_REKEY_REFUSED}};
    begin_with_engine(&keeper);
    it.tunnels.items[0].said = said.tunnel;
    it.tunnels.items[0].said.cause = TUNNEL_CAUSE_ESTABLISHED;
    hear_from(keeper, &said);
    hear_from(keeper, &said); /* as its peer's address changes, say */
    const char *why = strstr(logged, "event=tunnel-trouble tunnel=vpn-a/1 why=\"New ESP SAs are "
                                     "refused, most likely because the peer's ESP proposal has no "
                                     "DH group (PFS): it will be down when these end.\"\n");
    CHECK(why && !strstr(why + 1, "event=tunnel"));
    said.tunnel.up = false; /* its device is gone */
    hear_from(keeper, &said);
    CHECK(strstr(logged, "event=tunnel-down tunnel=vpn-a/1 device=none cause=rekey-refused\n"));
    end_with_engine(keeper);
}

static void a_keeper_that_is_not_needed_is_no_zombie(void)
{
    struct run_options options = {0};
    struct tunnels tunnels;
    struct plan *plan = planned(RIG_PAIR);
    tunnels_none(&tunnels);
    CHECK_EQUAL(tunnels_fork(&tunnels, &options, stdout), RUN_FINE);
    CHECK_EQUAL(prepare(&tunnels, plan), RUN_FINE);
    CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
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
    TEST(what_cannot_be_on_one_machine_is_refused_at_once);
    TEST(a_reload_is_asked_what_the_keeper_would_do);
    TEST(the_keys_that_were_told_are_gone);
    TEST(a_busy_keeper_hears_of_all_later);
    TEST(trouble_does_not_write_the_log_full);
    TEST(what_keeps_a_tunnel_down_is_answered);
    TEST(a_plane_that_has_not_begun_is_none);
    TEST(sas_that_cannot_be_replaced_are_told_while_it_is_up);
    TEST(a_keeper_that_is_not_needed_is_no_zombie);
    TEST(without_tunnels_there_is_no_keeper);
    return harness_done();
}
