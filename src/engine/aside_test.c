#include "engine/test_gate.h"
#include "engine/test_pair.h"

enum { GATEWAY, LEFT, RIGHT };

static struct event_neighbor end_of(uint8_t cable, int end, uint16_t neighbor, uint32_t peer_asn)
{
    ip_addr first = 0xa9fe6401u + ((ip_addr)cable << 8);
    return (struct event_neighbor){.neighbor = neighbor,
                                   .attachment = neighbor,
                                   .interface = neighbor,
                                   .local_addr = first + (unsigned)end,
                                   .peer_addr = first + !end,
                                   .outside_addr = end == 0 ? 0xcb007100u + neighbor : 0,
                                   .peer_asn = peer_asn,
                                   .hold_s = 30,
                                   .keepalive_s = 10,
                                   .connect_retry_s = 10,
                                   .passive = end == 0};
}

static void say_link(uint8_t rig, uint16_t interface, uint8_t cable)
{
    struct prefix link = prefix_around(0xa9fe6400u + ((ip_addr)cable << 8), 30);
    say_route(&lab[rig], (struct event_route){
                             .prefix = link, .source = ROUTE_CONNECTED, .interface = interface});
}

/* A gateway between two sites. */
static void set_up(void)
{
    lab_prng = prng_seed(11);
    lab_add(rig_config(&lab[GATEWAY], PLATFORM_SEKISHO, GATE_ASN));
    for (uint8_t at = LEFT; at <= RIGHT; at++) {
        lab_add(rig_config(&lab[at], PLATFORM_BIRD, 65000u + at));
        say_attachment(&lab[at], (struct event_attachment){.attachment = 1});
        say_vpn(&lab[GATEWAY], at);
        say_link(GATEWAY, at, at);
        say_link(at, 1, at);
        lab_cable(GATEWAY, end_of(at, 0, at, 65000u + at), at, end_of(at, 1, 1, GATE_ASN));
    }
}

static void say_default(struct rig *rig, bool aside)
{
    rig_step(rig, &(struct event){.kind = EVENT_ANNOUNCE,
                                  .announce = {.prefix = net("0.0.0.0/0"), .aside = aside}});
}

/* The right site's default is preferred at the gateway: the left one is told it. */
static void say_better(struct rig *rig)
{
    rig_step(rig,
             &(struct event){.kind = EVENT_ANNOUNCE, .announce = {.prefix = net("0.0.0.0/0")}});
}

static void prefer_right(void)
{
    static const uint32_t longer[] = {65009, 65009};
    rig_step(&lab[LEFT], &(struct event){.kind = EVENT_ANNOUNCE,
                                         .announce = {.prefix = net("0.0.0.0/0"),
                                                      .as_path = longer,
                                                      .as_path_count = 2,
                                                      .aside = true}});
}

static void what_is_only_announced_keeps_nothing_out(void)
{
    set_up();
    prefer_right();
    say_better(&lab[RIGHT]);
    lab_pass(S);
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "0.0.0.0/0"), "via 169.254.102.2 on 2, ebgp 2");
    CHECK_TEXT(rig_entry(&lab[LEFT], "0.0.0.0/0"), "via 169.254.101.1 on 1, ebgp 1");
    say_withdraw(&lab[RIGHT], "0.0.0.0/0");
    lab_pass(S); /* and was announced all the time */
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "0.0.0.0/0"), "via 169.254.101.2 on 1, ebgp 1");
    CHECK_TEXT(rig_entry(&lab[LEFT], "0.0.0.0/0"), "none");
    CHECK_TEXT(rig_entry(&lab[RIGHT], "0.0.0.0/0"), "via 169.254.102.1 on 1, ebgp 1");
    lab_finish();
}

/* Why the left site's paths to the default are what they are: its own, and the gateway's. */
static const char *why_at_left(bool own)
{
    const struct engine *engine = lab[LEFT].engine;
    const struct rib *rib = engine_rib(engine);
    uint32_t number = rib_find(rib, net("0.0.0.0/0"));
    struct source_id gateway = engine_neighbor_source(engine, 1);
    const struct rib_path *path = rib_path_next(rib, number, NULL);
    while (path && (path->source.v == gateway.v) == own)
        path = rib_path_next(rib, number, path);
    return path ? reason_text(engine_path_why(engine, number, path))->name : "absent";
}

static void who_asks_why_is_told_who_uses_what(void)
{
    set_up();
    say_better(&lab[RIGHT]);
    lab_pass(S);
    CHECK_TEXT(why_at_left(true), "absent");
    CHECK_TEXT(why_at_left(false), "best");
    prefer_right();
    lab_pass(S);
    CHECK_TEXT(why_at_left(true), "only-told");
    CHECK_TEXT(why_at_left(false), "only-used");
    say_default(&lab[LEFT], false);
    lab_pass(S); /* the gateway now prefers the left site's, and has nothing else to tell it */
    CHECK_TEXT(why_at_left(true), "best");
    lab_finish();
}

static void what_is_its_own_does(void)
{
    set_up();
    say_default(&lab[LEFT], false);
    say_better(&lab[RIGHT]);
    lab_pass(S);
    CHECK_TEXT(rig_entry(&lab[LEFT], "0.0.0.0/0"), "none");
    CHECK_TEXT(rig_entry(&lab[RIGHT], "0.0.0.0/0"), "none");
    lab_finish();
}

static void it_changes_from_one_to_the_other_and_back(void)
{
    set_up();
    prefer_right();
    say_better(&lab[RIGHT]);
    lab_pass(S);
    say_default(&lab[LEFT], false);
    lab_pass(S);
    CHECK_TEXT(rig_entry(&lab[LEFT], "0.0.0.0/0"), "none");
    prefer_right();
    lab_pass(S);
    CHECK_TEXT(rig_entry(&lab[LEFT], "0.0.0.0/0"), "via 169.254.101.1 on 1, ebgp 1");
    say_withdraw(&lab[LEFT], "0.0.0.0/0"); /* now it is what it is for anybody */
    lab_pass(S);
    CHECK_TEXT(rig_entry(&lab[LEFT], "0.0.0.0/0"), "via 169.254.101.1 on 1, ebgp 1");
    say_withdraw(&lab[RIGHT], "0.0.0.0/0");
    lab_pass(S);
    CHECK_TEXT(rig_entry(&lab[LEFT], "0.0.0.0/0"), "none");
    lab_finish();
}

static void a_longer_prefix_is_its_own_in_any_case(void)
{
    set_up();
    rig_step(&lab[LEFT],
             &(struct event){.kind = EVENT_ANNOUNCE,
                             .announce = {.prefix = net("10.1.0.0/16"), .aside = true}});
    say_announce(&lab[RIGHT], "10.1.0.0/16");
    lab_pass(S);
    CHECK_TEXT(rig_entry(&lab[LEFT], "10.1.0.0/16"), "none");
    lab_finish();
}

int main(void)
{
    TEST(what_is_only_announced_keeps_nothing_out);
    TEST(who_asks_why_is_told_who_uses_what);
    TEST(what_is_its_own_does);
    TEST(it_changes_from_one_to_the_other_and_back);
    TEST(a_longer_prefix_is_its_own_in_any_case);
    return harness_done();
}
