#include "guard/export.h"

#include "base/prng.h"
#include "tests/harness.h"
#include "tests/memory.h"

static struct memory memory;
static struct budget budget;
static struct guard guard;

static void start(void)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    guard_init(&guard, &budget, 3);
}

static void finish(void)
{
    guard_done(&guard);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
}

static const ip_addr outside_1 = 0xcb0071e1, outside_2 = 0xcb007205; /* 203.0.113.225, .114.5 */
static const struct cgw_id vyatta = {1}, other = {2};

static enum reason judged(struct cgw_id cgw, enum guard_policy policy, ip_addr addr, uint8_t len)
{
    return guard_export_judge(&guard, cgw, policy, prefix_around(addr, len)).reason;
}

static void an_empty_guard_is_free(void)
{
    start();
    CHECK(!guard_covers_any(&guard, prefix_around(0, 0)));
    CHECK_EQUAL(judged(vyatta, GUARD_HOLD, 0, 0), REASON_NONE);
    CHECK_EQUAL((int64_t)memory.get_count, 0);
    finish();
}

/* T01, T03: the default, two halves, a covering /8, a covering /24, the address itself. */
static void covering_counts_not_equality_with_the_default(void)
{
    start();
    CHECK(guard_endpoint_add(&guard, vyatta, outside_1));
    for (uint8_t len = 0; len <= 32; len++) {
        CHECK(guard_covers_any(&guard, prefix_around(outside_1, len)));
        CHECK_EQUAL(judged(vyatta, GUARD_HOLD, outside_1, len), REASON_GUARD_HOLD);
        if (len > 0) {
            ip_addr sibling = outside_1 ^ 1u << (32 - len);
            CHECK(!guard_covers_any(&guard, prefix_around(sibling, len)));
            CHECK_EQUAL(judged(vyatta, GUARD_HOLD, sibling, len), REASON_NONE);
        }
    }
    finish();
}

/* T02: tunnel 2's endpoint counts for tunnel 1, as both are of one customer gateway. */
static void any_tunnel_of_the_same_customer_gateway_counts(void)
{
    start();
    CHECK(guard_endpoint_add(&guard, vyatta, outside_1));
    CHECK(guard_endpoint_add(&guard, vyatta, outside_2));
    CHECK_EQUAL(judged(vyatta, GUARD_HOLD, outside_1, 24), REASON_GUARD_HOLD);
    CHECK_EQUAL(judged(vyatta, GUARD_HOLD, outside_2, 24), REASON_GUARD_HOLD);
    CHECK_EQUAL(judged(other, GUARD_HOLD, outside_1, 24), REASON_NONE);
    struct guard_verdict verdict =
        guard_export_judge(&guard, vyatta, GUARD_HOLD, prefix_around(0, 0));
    CHECK_EQUAL(verdict.outside, outside_1);
    finish();
}

static void endpoints_are_counted(void)
{
    start();
    CHECK(guard_endpoint_add(&guard, vyatta, outside_1));
    CHECK(guard_endpoint_add(&guard, vyatta, outside_1));
    CHECK(guard_endpoint_add(&guard, other, outside_1));
    guard_endpoint_remove(&guard, vyatta, outside_1);
    CHECK_EQUAL(judged(vyatta, GUARD_HOLD, 0, 0), REASON_GUARD_HOLD);
    guard_endpoint_remove(&guard, vyatta, outside_1);
    CHECK_EQUAL(judged(vyatta, GUARD_HOLD, 0, 0), REASON_NONE);
    CHECK_EQUAL(judged(other, GUARD_HOLD, 0, 0), REASON_GUARD_HOLD);
    guard_endpoint_remove(&guard, other, outside_1);
    CHECK(!guard_covers_any(&guard, prefix_around(0, 0)));
    finish();
}

static void policies_have_their_verdicts(void)
{
    start();
    CHECK(guard_endpoint_add(&guard, vyatta, outside_1));
    struct prefix all = prefix_around(0, 0), covering = prefix_around(outside_1, 24);
    CHECK_EQUAL(guard_export_judge(&guard, vyatta, GUARD_OFF, all).action, GUARD_OFF);
    CHECK_EQUAL(guard_export_judge(&guard, vyatta, GUARD_HOLD, all).action, GUARD_HOLD);
    CHECK_EQUAL(guard_export_judge(&guard, vyatta, GUARD_REFUSE, all).action, GUARD_REFUSE);
    struct guard_verdict warn = guard_export_judge(&guard, vyatta, GUARD_WARN, all);
    CHECK(warn.action == GUARD_WARN && warn.reason == REASON_GUARD_WARN);
    struct guard_verdict carve = guard_export_judge(&guard, vyatta, GUARD_CARVE, covering);
    CHECK(carve.action == GUARD_CARVE && carve.reason == REASON_GUARD_CARVE);
    struct guard_verdict whole = guard_export_judge(&guard, vyatta, GUARD_CARVE, all);
    CHECK(whole.action == GUARD_HOLD && whole.reason == REASON_GUARD_HOLD);
    CHECK_EQUAL(guard_export_judge(&guard, (struct cgw_id){0}, GUARD_HOLD, all).action, GUARD_OFF);
    finish();
}

static void carving_stops_at_sixteen_pieces_and_at_the_default(void)
{
    start();
    struct prefix pieces[GUARD_FRAGMENTS_MAX];
    CHECK(guard_endpoint_add(&guard, vyatta, outside_1));
    CHECK_EQUAL(guard_carve(&guard, vyatta, prefix_around(outside_1, 16), pieces), 16);
    CHECK_EQUAL(guard_carve(&guard, vyatta, prefix_around(outside_1, 15), pieces), 0);
    CHECK_EQUAL(guard_carve(&guard, vyatta, prefix_around(0, 0), pieces), 0);
    CHECK_EQUAL(guard_carve(&guard, other, prefix_around(0, 0), pieces), 0);
    CHECK_EQUAL(guard_carve(&guard, other, prefix_around(0, 1), pieces), 1);
    CHECK_EQUAL(guard_carve(&guard, vyatta, prefix_around(outside_1, 32), pieces), 0);
    CHECK_EQUAL(guard_carve(&guard, vyatta, prefix_around(outside_1, 31), pieces), 1);
    CHECK_EQUAL(pieces[0].addr, outside_1 ^ 1);
    CHECK_EQUAL(pieces[0].len, 32);
    finish();
}

enum { SPACE_LEN = 24, SPACE = 256 };
static const ip_addr space = 0xcb007100;

/* Every address of the space is in exactly one piece, unless it is an endpoint. */
static void check_pieces(const bool endpoint[SPACE], struct prefix prefix)
{
    struct prefix pieces[GUARD_FRAGMENTS_MAX];
    uint32_t count = guard_carve(&guard, vyatta, prefix, pieces);
    for (uint32_t i = 1; i < count; i++)
        CHECK(prefix_compare(pieces[i - 1], pieces[i]) < 0);
    for (unsigned host = 0; host < SPACE && count > 0; host++) {
        unsigned in = 0;
        for (uint32_t i = 0; i < count; i++)
            in += prefix_contains(pieces[i], space + host);
        CHECK_EQUAL(in, prefix_contains(prefix, space + host) && !endpoint[host]);
    }
}

static bool naive_covers(const bool endpoint[SPACE], struct prefix prefix)
{
    bool covers = false;
    for (unsigned host = 0; host < SPACE; host++)
        covers |= endpoint[host] && prefix_contains(prefix, space + host);
    return covers;
}

static unsigned walk(struct prefix prefix, const bool mine[SPACE], const bool theirs[SPACE])
{
    struct guard_cursor cursor = {0};
    unsigned seen = 0;
    uint64_t last = 0;
    while (guard_covered_next(&guard, prefix, &cursor)) {
        uint64_t order = (uint64_t)cursor.outside << 16 | cursor.cgw.v;
        CHECK(order > last);
        last = order;
        const bool *endpoint = cursor.cgw.v == vyatta.v ? mine : theirs;
        CHECK(endpoint[cursor.outside - space]);
        CHECK(prefix_contains(prefix, cursor.outside));
        seen++;
    }
    return seen;
}

static void random_endpoints_are_judged_as_a_list_would(void)
{
    struct prng prng = prng_seed(11);
    for (unsigned round = 0; round < 200; round++) {
        bool mine[SPACE] = {false}, theirs[SPACE] = {false};
        start();
        unsigned step = round % 2 ? 1 : SPACE / 4; /* customers that share addresses, or hardly */
        for (unsigned i = 0; i < 6; i++) {
            unsigned host = (unsigned)prng_below(&prng, SPACE / step) * step;
            bool own = prng_below(&prng, 2);
            bool *set = own ? mine : theirs;
            struct cgw_id cgw = own ? vyatta : other;
            CHECK(guard_endpoint_add(&guard, cgw, space + host));
            if (set[host] || prng_below(&prng, 4) == 0) {
                guard_endpoint_remove(&guard, cgw, space + host);
                continue; /* a double: still there once */
            }
            set[host] = true;
        }
        for (unsigned i = 0; i < 40; i++) {
            ip_addr addr = space + (ip_addr)prng_below(&prng, SPACE);
            struct prefix prefix = prefix_around(addr, (uint8_t)(20 + prng_below(&prng, 13)));
            unsigned expected = 0;
            for (unsigned host = 0; host < SPACE; host++)
                if (prefix_contains(prefix, space + host))
                    expected += (unsigned)mine[host] + (unsigned)theirs[host];
            CHECK_EQUAL(walk(prefix, mine, theirs), expected);
            CHECK_EQUAL(guard_covers_any(&guard, prefix), expected > 0);
            CHECK_EQUAL(judged(vyatta, GUARD_HOLD, prefix.addr, prefix.len) != REASON_NONE,
                        naive_covers(mine, prefix));
            check_pieces(mine, prefix);
        }
        finish();
    }
}

/* Customers with one outside address between them, in whatever order they come and go. */
static void a_shared_endpoint_is_each_customers(void)
{
    start();
    CHECK(guard_endpoint_add(&guard, other, outside_1));
    CHECK(guard_endpoint_add(&guard, vyatta, outside_1));
    CHECK_EQUAL(judged(vyatta, GUARD_HOLD, 0, 0), REASON_GUARD_HOLD);
    CHECK_EQUAL(judged(other, GUARD_HOLD, 0, 0), REASON_GUARD_HOLD);
    guard_endpoint_remove(&guard, other, outside_1);
    CHECK_EQUAL(judged(vyatta, GUARD_HOLD, 0, 0), REASON_GUARD_HOLD);
    CHECK_EQUAL(judged(other, GUARD_HOLD, 0, 0), REASON_NONE);
    guard_endpoint_remove(&guard, vyatta, outside_1);
    finish();
}

static void endpoints_come_and_go_in_the_same_memory(void)
{
    start();
    for (unsigned i = 0; i < 8; i++)
        CHECK(guard_endpoint_add(&guard, vyatta, outside_1 + i));
    size_t used_bytes = budget.used_bytes;
    for (unsigned i = 0; i < 1000; i++) {
        guard_endpoint_remove(&guard, vyatta, outside_1 + i % 8);
        CHECK(guard_endpoint_add(&guard, vyatta, outside_1 + i % 8));
    }
    CHECK_EQUAL((int64_t)budget.used_bytes, (int64_t)used_bytes);
    finish();
}

static void the_walk_begins_at_address_zero(void)
{
    start();
    CHECK(guard_endpoint_add(&guard, vyatta, 0));
    CHECK(guard_endpoint_add(&guard, vyatta, 0xffffffff));
    struct guard_cursor cursor = {0};
    CHECK(guard_covered_next(&guard, prefix_around(0, 0), &cursor) && cursor.outside == 0);
    CHECK(guard_covered_next(&guard, prefix_around(0, 0), &cursor) && cursor.outside == 0xffffffff);
    CHECK(!guard_covered_next(&guard, prefix_around(0, 0), &cursor));
    finish();
}

static void a_refused_endpoint_leaves_no_trace(void)
{
    for (size_t refuse = 1; refuse < 12; refuse++) {
        start();
        memory.refuse_from = refuse;
        bool added = guard_endpoint_add(&guard, vyatta, outside_1);
        memory.refuse_from = 0;
        CHECK_EQUAL(guard_covers_any(&guard, prefix_around(0, 0)), added);
        CHECK_EQUAL(judged(vyatta, GUARD_HOLD, 0, 0) == REASON_GUARD_HOLD, added);
        finish();
    }
}

int main(void)
{
    TEST(an_empty_guard_is_free);
    TEST(covering_counts_not_equality_with_the_default);
    TEST(any_tunnel_of_the_same_customer_gateway_counts);
    TEST(endpoints_are_counted);
    TEST(policies_have_their_verdicts);
    TEST(carving_stops_at_sixteen_pieces_and_at_the_default);
    TEST(random_endpoints_are_judged_as_a_list_would);
    TEST(a_shared_endpoint_is_each_customers);
    TEST(endpoints_come_and_go_in_the_same_memory);
    TEST(the_walk_begins_at_address_zero);
    TEST(a_refused_endpoint_leaves_no_trace);
    return harness_done();
}
