#include "bgp/outlog_members.h"
#include "bgp/outlog_rig.h"
#include "rib/lose.h"

enum { MANY = 200, NEXT_HOP = 0xa9fe0101 };

static struct source_id source;
static struct listener listener;

static bool even(const void *ctx, uint16_t filter, struct prefix prefix, struct rib_route route)
{
    (void)ctx;
    (void)filter;
    (void)route;
    return rig_index(prefix) % 2 == 0;
}

static void start(void)
{
    rig_log_start(1 << 13);
    rig_log.filter.passes = even;
    source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    listener = (struct listener){.as4 = true};
}

/* Every prefix has attributes of its own, so that a walk takes many messages. */
static void announce(unsigned from, unsigned end, uint32_t version)
{
    for (unsigned i = from; i < end; i++) {
        struct rig_attrs attrs = {.path = {65001, 1 + i, version}, .next_hop = 1};
        CHECK(rig_announce(source, rig_nth(i), attrs) <= RIB_SAME);
    }
    rig_log_round();
}

static void withdraw(unsigned from, unsigned end)
{
    for (unsigned i = from; i < end; i++)
        CHECK_EQUAL(rib_withdraw(&rig, source, rig_nth(i)), RIB_REMOVED);
    rig_log_round();
}

static size_t pull_bytes(uint32_t member, size_t cap)
{
    static uint8_t buffer[1 << 15];
    CHECK(cap <= sizeof buffer);
    size_t size = outlog_pull(&rig_log, member, buffer, cap);
    rig_hear(&listener, (struct slice){buffer, size});
    return size;
}

/* One pull of about so many routes (each some 70 bytes). */
static size_t pull(uint32_t member, size_t routes)
{
    return pull_bytes(member, routes * 70);
}

static void check_versions(unsigned from, unsigned end, uint32_t version)
{
    for (unsigned i = from; i < end; i++) {
        CHECK_EQUAL(listener.table[i].present, version != 0);
        CHECK_EQUAL(listener.table[i].origin_as, version);
    }
}

/* Overflows the log's bound, so that whoever lags falls off it. */
static void flood(uint32_t version)
{
    announce(0, MANY, version);
    announce(0, MANY, version + 1);
}

static void a_late_neighbor_is_told_the_table_and_then_its_end(void)
{
    start();
    announce(0, MANY, 7);
    withdraw(10, 20);
    struct outlog_spec spec = rig_spec;
    spec.end_of_rib = true;
    uint32_t member = outlog_join(&rig_log, &spec);
    for (size_t cap = 300; outlog_member_get(&rig_log, member)->walking; cap++) {
        CHECK_EQUAL(listener.end_of_rib, 0);
        CHECK(pull_bytes(member, cap) > 0);
    }
    pull(member, 60);
    CHECK_EQUAL(listener.end_of_rib, 1);
    check_versions(0, 10, 7);
    check_versions(10, 20, 0);
    check_versions(20, MANY, 7);
    CHECK_EQUAL(listener.announced, MANY - 10);
    CHECK_EQUAL(listener.withdrawn, 0); /* it never had them */
    rig_log_finish();
}

static void an_empty_table_ends_at_once(void)
{
    start();
    struct outlog_spec spec = rig_spec;
    spec.end_of_rib = true;
    uint32_t member = outlog_join(&rig_log, &spec);
    CHECK(outlog_pending(&rig_log, member));
    CHECK(pull(member, 60) == 23);
    CHECK_EQUAL(listener.end_of_rib, 1);
    CHECK(!outlog_pending(&rig_log, member));
    rig_log_finish();
}

/* What came together leaves together: as well packed as the live table. */
static void a_walk_packs_what_shares_attributes(void)
{
    start();
    struct rig_attrs attrs = {.path = {65001}, .next_hop = 1};
    for (unsigned i = 0; i < MANY; i++)
        CHECK_EQUAL(rig_announce(source, rig_nth(i), attrs), RIB_ADDED);
    rig_log_round();
    uint32_t member = rig_join(9, NEXT_HOP);
    rig_drain(&listener, member, 4096);
    CHECK_EQUAL(listener.announced, MANY);
    CHECK_EQUAL(listener.updates, 1);
    CHECK_EQUAL(listener.table[5].next_hop, NEXT_HOP);
    rig_log_finish();
}

static void a_refresh_tells_everything_again(void)
{
    start();
    uint32_t member = rig_join(9, NEXT_HOP);
    announce(0, MANY, 7);
    rig_drain(&listener, member, 4096);
    outlog_refresh(&rig_log, member, false);
    rig_drain(&listener, member, 4096);
    CHECK_EQUAL(listener.announced, 2 * MANY);
    withdraw(0, 10);
    outlog_refresh(&rig_log, member, false); /* asked for before it was told of the withdrawal */
    rig_drain(&listener, member, 4096);
    check_versions(0, 10, 0);
    check_versions(10, MANY, 7);
    rig_log_finish();
}

/* RFC 7313 4: all of it lies between, whatever the buffers; and not before End-of-RIB. */
static void a_refresh_says_where_it_begins_and_ends(void)
{
    for (size_t cap = 20; cap < 5000; cap += cap) {
        start();
        announce(0, MANY, 7);
        struct outlog_spec spec = rig_spec;
        spec.end_of_rib = true;
        uint32_t member = outlog_join(&rig_log, &spec);
        outlog_refresh(&rig_log, member, true);
        rig_drain(&listener, member, 4096);
        CHECK_EQUAL(listener.end_of_rib, 1);
        CHECK_EQUAL(listener.begins + listener.ends, 0);
        outlog_refresh(&rig_log, member, true);
        CHECK(outlog_pending(&rig_log, member));
        pull_bytes(member, cap);
        announce(0, 5, 8);
        rig_drain(&listener, member, 4096);
        CHECK_EQUAL(listener.begins, 1);
        CHECK_EQUAL(listener.ends, 1);
        CHECK(listener.between >= MANY);
        CHECK(!outlog_pending(&rig_log, member));
        check_versions(0, 5, 8);
        check_versions(5, MANY, 7);
        rig_log_finish();
    }
}

static void a_member_that_lags_is_told_the_present_once(void)
{
    start();
    uint32_t member = rig_join(9, NEXT_HOP);
    announce(0, MANY, 1);
    rig_drain(&listener, member, 4096);
    listener.announced = 0;
    for (uint32_t version = 2; version < 30; version += 2)
        flood(version);
    CHECK_EQUAL(outlog_member_get(&rig_log, member)->walking, true);
    CHECK(outlog_counts(&rig_log).log_bytes <= 1 << 13);
    rig_drain(&listener, member, 4096);
    check_versions(0, MANY, 29);
    CHECK(listener.announced < MANY + MANY / 4); /* not the 5,600 announcements between */
    rig_log_finish();
}

/* Only what changed since it fell behind. */
static void a_walk_passes_over_what_the_member_knows(void)
{
    start();
    uint32_t member = rig_join(9, NEXT_HOP);
    announce(0, RIG_PREFIXES, 1);
    rig_drain(&listener, member, 4096);
    listener.announced = 0;
    for (uint32_t version = 2; version < 20; version++)
        announce(0, 50, version);
    CHECK(outlog_member_get(&rig_log, member)->walking);
    rig_drain(&listener, member, 4096);
    check_versions(0, 50, 19);
    check_versions(50, RIG_PREFIXES, 1);
    CHECK(listener.announced <= 100);
    rig_log_finish();
}

/* The first of the prototype's two bugs: cut off again while walking, a member must keep the older
 * batch for the part it has yet to visit. */
static void cut_off_again_it_keeps_the_older_batch_for_what_is_left(void)
{
    start();
    uint32_t member = rig_join(9, NEXT_HOP);
    announce(0, MANY, 1);
    rig_drain(&listener, member, 4096);
    flood(2); /* everybody's version is 3 */
    CHECK(outlog_member_get(&rig_log, member)->walking);
    pull(member, 60); /* a third of the circle */
    for (uint32_t version = 4; version < 12; version++)
        announce(0, 40, version); /* cut again; what is left has not changed since */
    CHECK_EQUAL(outlog_member_get(&rig_log, member)->arcs[1].left > 0, true);
    rig_drain(&listener, member, 4096);
    check_versions(0, 40, 11);
    check_versions(40, MANY, 3);
    rig_log_finish();
}

/* The second: a dead prefix must stay for the older batch, too. */
static void dead_prefixes_wait_for_the_slowest_arc(void)
{
    start();
    uint32_t member = rig_join(9, NEXT_HOP);
    announce(0, MANY, 1);
    rig_drain(&listener, member, 4096);
    uint32_t told = rig.batch;
    withdraw(MANY - 50, MANY);
    flood(2); /* what was withdrawn is there again ... */
    withdraw(MANY - 50, MANY);
    CHECK_EQUAL(outlog_told(&rig_log), told);
    pull(member, 60);
    announce(0, 100, 5);
    announce(0, 100, 6);
    CHECK_EQUAL(outlog_told(&rig_log), told);
    CHECK(!rib_sweep(&rig, outlog_told(&rig_log), 10000));
    CHECK_EQUAL(rig.dead_count, 50);
    rig_drain(&listener, member, 4096);
    check_versions(0, 100, 6);
    check_versions(MANY - 50, MANY, 0);
    CHECK_EQUAL(outlog_told(&rig_log), rig.batch);
    CHECK(!rib_sweep(&rig, outlog_told(&rig_log), 10000));
    CHECK_EQUAL(rig.dead_count, 0);
    rig_log_finish();
}

/* New numbers may appear between two cuts, also while the arc at hand runs across the last one. */
static void new_prefixes_are_told_to_whoever_is_cut_off_again(void)
{
    for (size_t helping = 10; helping < 150; helping += 10) {
        start();
        uint32_t member = rig_join(9, NEXT_HOP);
        announce(0, MANY, 1);
        rig_drain(&listener, member, 4096);
        flood(2);
        pull(member, helping);
        announce(0, 100, 4);
        announce(0, 100, 5);
        pull(member, 150);
        announce(0, 100, 6); /* the arc at hand now begins in the middle */
        announce(0, 100, 7);
        announce(MANY, RIG_PREFIXES, 7);
        announce(100, MANY, 8);
        announce(0, 100, 9);
        rig_drain(&listener, member, 4096);
        check_versions(0, 100, 9);
        check_versions(100, MANY, 8);
        check_versions(MANY, RIG_PREFIXES, 7);
        rig_log_finish();
    }
}

/* -- the circle by itself, against a list of what the member knows of each number -- */

enum { CIRCLE = 120 };

struct circle {
    uint32_t known[CIRCLE]; /* told of all batches up to this one; by prefix number */
    struct outlog_member *member;
    struct prng prng;
    unsigned prefixes; /* announced so far */
};

/* What the walk will tell a number from: told where it will not come by again. */
static uint32_t since_of(const struct outlog_member *member, uint32_t number)
{
    uint32_t at = member->walk_at;
    for (unsigned arc = 0; arc < 2; arc++)
        for (uint32_t left = member->arcs[arc].left; left > 0; left--) {
            if (at == number)
                return member->arcs[arc].since;
            at = at >= member->walk_size ? 1 : at + 1;
        }
    return member->told;
}

static void check_circle(const struct circle *circle)
{
    for (uint32_t number = 1; number < rib_number_end(&rig); number++)
        CHECK(!rib_batch_after(since_of(circle->member, number), circle->known[number]));
    uint32_t told = circle->member->walking ? walk_told(circle->member) : circle->member->told;
    for (uint32_t number = 1; number < rib_number_end(&rig); number++)
        CHECK(!rib_batch_after(told, circle->known[number]));
}

/* All change, so that a walk has something to tell; and there may be new numbers, of which nobody
 * has been told. */
static void grow_circle(struct circle *circle)
{
    unsigned from = circle->prefixes, end = from + (unsigned)prng_below(&circle->prng, 8);
    for (unsigned i = 0; i < from; i++) {
        struct rig_attrs attrs = {.path = {1, 1 + rig.batch, 1 + i}};
        CHECK_EQUAL(rig_announce(source, rig_nth(i), attrs), RIB_REPLACED);
    }
    for (unsigned i = from; i < end && i + 1 < CIRCLE; i++, circle->prefixes++) {
        circle->known[i + 1] = rig.batch;
        CHECK_EQUAL(rig_announce(source, rig_nth(i), (struct rig_attrs){.path = {1}}), RIB_ADDED);
    }
    rig_round();
}

/* Everything goes and is forgotten; the next numbers are new ones. */
static void empty_circle(struct circle *circle)
{
    rib_lose(&rig, source);
    CHECK(!rib_drop(&rig, source, 1000));
    rig_round();
    CHECK(!rib_sweep(&rig, rig.batch, 1000));
    CHECK_EQUAL(rib_number_end(&rig), 1);
    circle->prefixes = 0;
}

static void walk_some(struct circle *circle)
{
    struct outlog_member *member = circle->member;
    uint8_t buffer[300];
    struct writer writer = writer_over(buffer, 30 + prng_below(&circle->prng, 250));
    uint32_t at = member->walk_at, left = member->arcs[0].left + member->arcs[1].left;
    walk_write(&rig_log, member, &writer);
    left -= member->arcs[0].left + member->arcs[1].left;
    for (; left > 0; left--) {
        if (at < CIRCLE)
            circle->known[at] = rig.batch;
        at = at >= member->walk_size ? 1 : at + 1;
    }
}

/* As outlog.c does when the log is trimmed; what the log had is told by the walk. */
static void cut_circle(struct circle *circle)
{
    struct outlog_member *member = circle->member;
    if (member->walking)
        walk_cut(&rig_log, member);
    else
        walk_begin(&rig_log, member, (struct outlog_arc){.since = member->told});
    member->told = rig.batch;
}

static void no_part_of_the_circle_is_thought_to_know_more_than_it_does(void)
{
    unsigned across = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        start();
        static struct circle circle;
        circle = (struct circle){.prng = prng_seed(seed)};
        grow_circle(&circle);
        uint32_t handle = rig_join(9, NEXT_HOP);
        circle.member = pool_get(&rig_log.members, handle);
        for (unsigned i = 0; i < CIRCLE; i++) /* the first walk is of everything */
            circle.known[i] = rig.batch;
        for (unsigned step = 0; step < 100; step++) {
            uint64_t dice = prng_below(&circle.prng, 100);
            if (dice < 15)
                grow_circle(&circle);
            else if (dice < 16)
                empty_circle(&circle);
            else if (dice < 80)
                walk_some(&circle);
            else
                cut_circle(&circle);
            check_circle(&circle);
            const struct outlog_member *member = circle.member;
            across += member->walk_at - 1 + member->arcs[0].left > member->walk_size;
        }
        rig_log_finish();
    }
    CHECK(across > 100); /* or the hard case was not met */
}

static void a_walk_that_is_always_cut_still_gets_round(void)
{
    start();
    uint32_t member = rig_join(9, NEXT_HOP), version = 1, rounds = 0;
    announce(0, RIG_PREFIXES, version);
    rig_drain(&listener, member, 4096);
    flood(2);
    uint32_t left = outlog_member_get(&rig_log, member)->arcs[0].left;
    CHECK_EQUAL(left, RIG_PREFIXES);
    uint32_t first_since = outlog_member_get(&rig_log, member)->arcs[0].since;
    for (version = 4; outlog_member_get(&rig_log, member)->arcs[0].since == first_since; rounds++) {
        CHECK(pull(member, 10) > 0);
        flood(version);
        version += 2;
        CHECK(rounds < RIG_PREFIXES);
    }
    CHECK(rounds < RIG_PREFIXES / 8);
    rig_drain(&listener, member, 4096);
    check_versions(0, MANY, version - 1);
    rig_log_finish();
}

static void an_emptied_table_ends_the_circle(void)
{
    start();
    uint32_t member = rig_join(9, NEXT_HOP);
    announce(0, MANY, 1);
    rig_drain(&listener, member, 4096);
    flood(2);
    pull(member, 20);
    withdraw(0, MANY);
    rig_drain(&listener, member, 4096);
    check_versions(0, MANY, 0);
    flood(6);
    pull(member, 20);
    withdraw(0, MANY);
    rig_drain(&listener, member, 4096);
    CHECK(!rib_sweep(&rig, outlog_told(&rig_log), 10000));
    CHECK_EQUAL(rib_number_end(&rig), 1); /* numbers begin anew */
    announce(100, 130, 9);
    rig_drain(&listener, member, 4096);
    check_versions(100, 130, 9);
    check_versions(0, 100, 0);
    rig_log_finish();
}

static void moving_to_another_policy_withdraws_what_it_denies(void)
{
    start();
    uint32_t member = rig_join(9, NEXT_HOP);
    announce(0, MANY, 1);
    rig_drain(&listener, member, 4096);
    struct export_policy policy = rig_spec.policy;
    policy.filter = 1;
    CHECK(outlog_move(&rig_log, member, &policy));
    CHECK_EQUAL(outlog_counts(&rig_log).groups, 1);
    rig_drain(&listener, member, 4096);
    for (unsigned i = 0; i < MANY; i++)
        CHECK_EQUAL(listener.table[i].present, i % 2 == 0);
    CHECK(outlog_move(&rig_log, member, &rig_spec.policy));
    rig_drain(&listener, member, 4096);
    check_versions(0, MANY, 1);
    CHECK_EQUAL(listener.vain, 0);
    rig_log_finish();
}

static void a_buffer_too_small_for_a_message_gets_none(void)
{
    start();
    announce(0, 10, 1);
    uint32_t member = rig_join(9, NEXT_HOP);
    uint8_t buffer[4096];
    for (size_t cap = 0; cap < 60; cap++)
        CHECK(outlog_pull(&rig_log, member, buffer, cap) == 0);
    CHECK(outlog_pending(&rig_log, member));
    rig_drain(&listener, member, 100);
    CHECK_EQUAL(listener.announced, 10);
    rig_log_finish();
}

int main(void)
{
    TEST(a_late_neighbor_is_told_the_table_and_then_its_end);
    TEST(an_empty_table_ends_at_once);
    TEST(a_walk_packs_what_shares_attributes);
    TEST(a_refresh_tells_everything_again);
    TEST(a_refresh_says_where_it_begins_and_ends);
    TEST(a_member_that_lags_is_told_the_present_once);
    TEST(a_walk_passes_over_what_the_member_knows);
    TEST(cut_off_again_it_keeps_the_older_batch_for_what_is_left);
    TEST(dead_prefixes_wait_for_the_slowest_arc);
    TEST(new_prefixes_are_told_to_whoever_is_cut_off_again);
    TEST(no_part_of_the_circle_is_thought_to_know_more_than_it_does);
    TEST(a_walk_that_is_always_cut_still_gets_round);
    TEST(an_emptied_table_ends_the_circle);
    TEST(moving_to_another_policy_withdraws_what_it_denies);
    TEST(a_buffer_too_small_for_a_message_gets_none);
    return harness_done();
}
