/* The hall: steps, time, memory. */
#include "engine/test_gate.h"
#include "tests/abort.h"

/* -- memory -- */

/* A region has thousands of engines that do nothing (design: an idle one costs less than 4 KiB). */
static void an_idle_engine_is_small(void)
{
    rig_start(&gate, rig_config(&gate, PLATFORM_LINUX, 0));
    printf("# idle: %zu bytes\n", engine_used_bytes(gate.engine));
    CHECK(engine_used_bytes(gate.engine) < 4096);
    CHECK_EQUAL((int64_t)gate.memory.live_bytes, (int64_t)engine_used_bytes(gate.engine));
    say_interface(&gate, 1, "10.0.0.5", 24, true);
    say_route(&gate, (struct event_route){.prefix = net("0.0.0.0/0"),
                                          .source = ROUTE_DHCP,
                                          .gateway = ip("10.0.0.1")});
    printf("# with one route: %zu bytes\n", engine_used_bytes(gate.engine));
    printf("# an instance's table: %zu bytes\n", engine_used_bytes(gate.engine));
    CHECK(engine_used_bytes(gate.engine) < 4096); /* an instance's whole table */
    rig_finish(&gate);
    rig_start(&gate, rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN));
    CHECK(engine_used_bytes(gate.engine) < 4096);
    CHECK_EQUAL((int64_t)gate.memory.live_bytes, (int64_t)engine_used_bytes(gate.engine));
    rig_finish(&gate);
}

static void without_memory_there_is_no_engine(void)
{
    struct memory memory = {.refuse_from = 1};
    struct engine_config config = {.alloc = memory_alloc(&memory),
                                   .profile = platform_profile(PLATFORM_FRR)};
    CHECK(engine_create(&config) == NULL);
    engine_destroy(NULL);
}

static void push_routes(uint16_t neighbor, uint32_t count)
{
    for (uint32_t i = 0; i < count && peers[neighbor].connected; i++) {
        char prefix[PREFIX_TEXT_BYTES];
        struct text text = text_over(prefix, sizeof prefix);
        text_prefix(&text, prefix_around(0x0a000000u + (i << 8), 24));
        struct offer offer = {.path = {peers[neighbor].asn, 1000 + i, 2000 + neighbor}};
        announce_as(neighbor, prefix, offer);
    }
}

/* Four neighbors, a VPC, a default that is held, a static VPN; everything comes, goes and comes
 * again. Returns the highest use of memory. */
static size_t life(size_t budget_bytes)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    config.budget_bytes = budget_bytes;
    rig_start(&gate, config);
    size_t peak_bytes = 0;
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_cidr(&gate, "10.10.0.0/16");
    say_table(&gate, 1, true);
    say_vpn(&gate, 1);
    say_vpn(&gate, 2);
    say_attachment(&gate, (struct event_attachment){.attachment = 3, .kind = ATTACHMENT_DX});
    for (uint16_t n = 1; n <= 3; n++) {
        gate_tunnel(n, n, 65000 + n);
        peer_connect(&peers[n]);
    }
    announce(3, "0.0.0.0/0");
    say_static_vpn(&gate, 1, 1, "10.77.0.0/16", true);
    for (uint16_t round = 0; round < 2; round++) {
        for (uint16_t n = 1; n <= 3; n++)
            push_routes(n, 60);
        say_filter(&gate, 1, true, "10.0.7.0/24");
        peak_bytes = peak_bytes > gate.memory.live_bytes ? peak_bytes : gate.memory.live_bytes;
        for (uint16_t n = 1; n <= 3; n++) {
            if (peers[n].connected)
                withdraw(n, "10.0.3.0/24");
            if (peers[n].connected)
                peer_cut(&peers[n]);
        }
        rig_pass(&gate, 61 * S);
        for (uint16_t n = 1; n <= 3; n++)
            peer_connect(&peers[n]);
        announce(3, "0.0.0.0/0");
        CHECK_TEXT(told(1, "0.0.0.0/0"), "nothing"); /* held, whatever else was refused */
        CHECK_TEXT(told(2, "0.0.0.0/0"), "nothing");
    }
    rig_finish(&gate);
    return peak_bytes;
}

/* A budget that is used up is a refusal (Cease 6/8, RFC 4486), never a crash; and what is left is
 * sound after every step. */
static void a_budget_that_is_used_up_refuses(void)
{
    size_t peak_bytes = life(0);
    CHECK(peak_bytes > 10000);
    for (size_t budget_bytes = 4096; budget_bytes < peak_bytes; budget_bytes += 499)
        life(budget_bytes);
    CHECK_EQUAL((int64_t)life(2 * peak_bytes), (int64_t)peak_bytes);
}

/* What the guard holds is bounded by what is configured; the budget does not refuse it. */
static void what_is_held_is_held_without_a_budget(void)
{
    for (size_t budget_bytes = 8000; budget_bytes < 14000; budget_bytes += 200) {
        struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
        config.budget_bytes = budget_bytes;
        rig_start(&gate, config);
        say_vpn(&gate, 1);
        gate_tunnel(1, 1, 65001);
        peer_connect(&peers[1]);
        say_announce(&gate, "0.0.0.0/0");
        CHECK_TEXT(why_not(1, "0.0.0.0/0"), "guard-hold");
        CHECK_TEXT(told(1, "0.0.0.0/0"), "nothing");
        gate_finish();
    }
}

static void the_neighbor_is_told_that_the_budget_is_used_up(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    config.budget_bytes = 46000;
    rig_start(&gate, config);
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(2, "10.200.0.0/16");
    push_routes(1, 2000);
    CHECK(!peers[1].connected);
    CHECK_TEXT(notice(1), "6/8");
    CHECK_EQUAL(rig_note(&gate, NOTE_SESSION_DOWN).reason, BGP_DOWN_OUT_OF_RESOURCES);
    CHECK_EQUAL(rig_notes(&gate, NOTE_OUT_OF_BUDGET), 1);
    struct effect_note note = rig_note(&gate, NOTE_OUT_OF_BUDGET);
    CHECK_EQUAL(note.neighbor, 1);
    CHECK_EQUAL(note.reason, REASON_BUDGET);
    CHECK(peers[2].connected);
    rig_pass(&gate, 60 * S);
    CHECK_EQUAL(peers[2].told_count, 0); /* what it had been told is withdrawn */
    peer_up(&peers[1]);
    CHECK_TEXT(told(1, "10.200.0.0/16"), "64512 65002 via 169.254.1.1");
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    gate_finish();
}

/* Also when it is not the attributes that do not fit, but the paths. */
static void routes_that_share_attributes_use_it_up_too(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    config.budget_bytes = 46000;
    rig_start(&gate, config);
    gate_vpn(1, 65001);
    say_packed(1, 100, false);
    CHECK(peers[1].connected);
    say_packed(1, 4000, false);
    CHECK_TEXT(notice(1), "6/8");
    CHECK_EQUAL(rig_note(&gate, NOTE_SESSION_DOWN).reason, BGP_DOWN_OUT_OF_RESOURCES);
    CHECK_EQUAL(rig_note(&gate, NOTE_OUT_OF_BUDGET).neighbor, 1);
    CHECK(rig_note(&gate, NOTE_OUT_OF_BUDGET).prefix.len == 24);
    CHECK(engine_used_bytes(gate.engine) < 2 * config.budget_bytes);
    gate_finish();
}

/* -- steps -- */

static void before_boot(void *ctx)
{
    struct event event = {.kind = EVENT_TIME};
    (void)engine_step(ctx, &event);
}

static void backwards(void *ctx)
{
    struct event event = {.kind = EVENT_TIME, .at_us = 41};
    (void)engine_step(ctx, &event);
}

static void twice(void *ctx)
{
    struct event event = {.kind = EVENT_BOOT, .at_us = 42};
    (void)engine_step(ctx, &event);
}

static void what_a_driver_must_keep_is_asserted(void)
{
    struct memory memory = {0};
    struct engine_config config = {.alloc = memory_alloc(&memory),
                                   .profile = platform_profile(PLATFORM_FRR)};
    struct engine *engine = engine_create(&config);
    CHECK(aborts(before_boot, engine));
    struct event boot = {.kind = EVENT_BOOT, .at_us = 42};
    struct step step = engine_step(engine, &boot);
    CHECK(step.effect_count == 0 && !step.more && step.wake_at_us == ENGINE_NEVER);
    CHECK(aborts(backwards, engine));
    CHECK(aborts(twice, engine));
    engine_destroy(engine);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

/* What a step returned stays until the next one begins, however much is looked at and pulled. */
static void effects_stay_until_the_next_step(void)
{
    static uint8_t bytes[1 << 14];
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    gate.tell_far = NULL;
    struct event event = {.kind = EVENT_ANNOUNCE, .at_us = gate.now_us};
    event.announce.prefix = net("10.1.0.0/16");
    struct step step = engine_step(gate.engine, &event);
    CHECK_EQUAL(step.effect_count, 2);
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(step.effects[i].kind, EFFECT_SEND);
        CHECK_EQUAL(step.effects[i].connection.neighbor, i + 1);
        size_t size = engine_pull(gate.engine, step.effects[i].connection, bytes, sizeof bytes);
        CHECK(size > BGP_UPDATE_MIN);
        CHECK_EQUAL(
            (int64_t)engine_pull(gate.engine, step.effects[i].connection, bytes, sizeof bytes), 0);
    }
    gate_finish();
}

/* The engine says when it wants to be woken, and does nothing before. */
static void it_says_when_to_wake_it(void)
{
    gate_start();
    say_vpn(&gate, 1);
    struct event_neighbor neighbor = neighbor_on(1, 1, 65001, NULL);
    neighbor.hold_s = 30;
    neighbor.keepalive_s = 10;
    struct peer *peer = peer_add(neighbor);
    CHECK(gate.wake_at_us == ENGINE_NEVER);
    peer->hold_s = 30;
    peer_up(peer);
    CHECK_EQUAL(gate.wake_at_us, 10 * S);
    rig_until(&gate, 29 * S);
    CHECK(peer->connected);
    CHECK_EQUAL(gate.wake_at_us, 30 * S);
    rig_until(&gate, 30 * S);
    CHECK_TEXT(notice(1), "4/0");
    gate_finish();
}

/* One neighbor's five thousand routes go in more than one step, and between them another's timer is
 * served. */
static void a_long_affair_is_cut_into_steps(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    say_packed(1, PEER_TOLD - 200, false);
    struct event event = {
        .kind = EVENT_CLOSED, .at_us = gate.now_us, .connection = {.neighbor = 1, .slot = BGP_IN}};
    struct step step = engine_step(gate.engine, &event);
    CHECK(step.more);
    CHECK(engine_rib(gate.engine)->best_count > 0);
    rig_take_effects(&gate, &step);
    uint32_t steps = 1;
    event = (struct event){.kind = EVENT_CONTINUE, .at_us = gate.now_us};
    for (; step.more; steps++) {
        step = engine_step(gate.engine, &event);
        rig_take_effects(&gate, &step);
    }
    CHECK(steps > 1);
    rig_audit(&gate);
    CHECK_EQUAL(engine_rib(gate.engine)->best_count, 0);
    CHECK_EQUAL(peers[2].told_count, 0);
    gate_finish();
}

/* -- pulling -- */

/* However little is asked for at once, whole messages come and nothing is lost. */
static void small_bites_lose_nothing(void)
{
    static const size_t caps[] = {19, 23, 60, 64, 100, 500, 4095, 4096, 4097};
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
        gate_start();
        gate_vpn(1, 65001);
        gate_vpn(2, 65002);
        peers[2].pull_cap = caps[i];
        push_routes(1, 40);
        CHECK_EQUAL(peers[2].told_count, 40);
        CHECK_TEXT(told(2, "10.0.39.0/24"), "64512 65001 1039 2001 via 169.254.2.1");
        say_vpn(&gate, 3);
        gate_tunnel(3, 3, 65003);
        peers[3].pull_cap = caps[i];
        peer_up(&peers[3]);
        CHECK_EQUAL(peers[3].told_count, 40);
        peer_cut(&peers[1]);
        CHECK_EQUAL(peers[2].told_count, 0);
        gate_finish();
    }
}

static void nothing_is_pulled_where_nothing_is(void)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    gate_start();
    gate_vpn(1, 65001);
    for (uint8_t slot = 0; slot < BGP_SLOTS; slot++) {
        struct event_connection at = {.neighbor = 1, .slot = slot};
        CHECK_EQUAL((int64_t)engine_pull(gate.engine, at, bytes, sizeof bytes), 0);
        CHECK_EQUAL((int64_t)engine_pull(gate.engine, at, bytes, 0), 0);
    }
    gate_finish();
}

/* -- determinism -- */

static uint64_t story(uint64_t salt)
{
    gate_start();
    gate.digest = salt;
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    gate_dx(3, 65003);
    push_routes(1, 20);
    push_routes(2, 30);
    push_routes(3, 10);
    announce(3, "0.0.0.0/0");
    peer_cut(&peers[2]);
    say_filter(&gate, 1, true, "10.0.7.0/24");
    peer_up(&peers[2]);
    push_routes(2, 25);
    uint64_t digest = gate.digest;
    gate_finish();
    return digest;
}

static void the_same_events_are_the_same_states(void)
{
    CHECK(story(1) == story(1));
    CHECK(story(1) != story(2));
    harness_digest("an engine's story", story(1));
}

int main(void)
{
    TEST(an_idle_engine_is_small);
    TEST(without_memory_there_is_no_engine);
    TEST(what_a_driver_must_keep_is_asserted);
    TEST(effects_stay_until_the_next_step);
    TEST(it_says_when_to_wake_it);
    TEST(a_long_affair_is_cut_into_steps);
    TEST(small_bites_lose_nothing);
    TEST(nothing_is_pulled_where_nothing_is);
    TEST(the_same_events_are_the_same_states);
    TEST(the_neighbor_is_told_that_the_budget_is_used_up);
    TEST(routes_that_share_attributes_use_it_up_too);
    TEST(a_budget_that_is_used_up_refuses);
    TEST(what_is_held_is_held_without_a_budget);
    return harness_done();
}
