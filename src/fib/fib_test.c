#include "fib/fib.h"

#include "base/prng.h"
#include "tests/harness.h"
#include "tests/memory.h"

enum { ETH0 = 1, TUNNEL = 2, OTHERS = 4 /* RTPROT_STATIC */, OPS = 8 };

static struct memory memory;
static struct budget budget;
static struct fib fib;
static struct fib_op ops[OPS];

static void start(void)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    fib_init(&fib, &budget, 3);
}

static void finish(void)
{
    CHECK(fib_holds(&fib));
    CHECK_EQUAL((int64_t)fib_size_bytes(&fib), (int64_t)budget.used_bytes);
    fib_done(&fib);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

static struct prefix p(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static struct fib_entry entry(const char *prefix, uint32_t interface, uint32_t metric,
                              uint8_t protocol)
{
    return (struct fib_entry){
        .prefix = p(prefix), .interface = interface, .metric = metric, .protocol = protocol};
}

static void want(const char *prefix, uint32_t interface, uint32_t metric)
{
    struct fib_entry wanted = entry(prefix, interface, metric, 0);
    CHECK(fib_want(&fib, &wanted));
}

static void report(const char *prefix, uint32_t interface, uint32_t metric, uint8_t protocol)
{
    struct fib_entry reported = entry(prefix, interface, metric, protocol);
    CHECK(fib_report(&fib, &reported));
}

static uint32_t difference(void)
{
    uint32_t count = fib_next_difference(&fib, ops, OPS);
    CHECK(fib_holds(&fib));
    return count;
}

static void what_is_wanted_is_put_once(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    CHECK(!fib_settled(&fib));
    CHECK_EQUAL(difference(), 1);
    CHECK(ops[0].verb == FIB_PUT && ops[0].entry.interface == TUNNEL);
    CHECK(fib_is_ours(&ops[0].entry));
    CHECK_EQUAL(difference(), 0); /* asked for */
    want("10.0.0.0/8", TUNNEL, 20);
    CHECK_EQUAL(difference(), 0); /* nothing new */
    report("10.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    CHECK(fib_settled(&fib));
    CHECK_EQUAL(difference(), 0);
    want("10.0.0.0/8", ETH0, 20);
    CHECK_EQUAL(difference(), 1);
    CHECK(ops[0].verb == FIB_PUT && ops[0].entry.interface == ETH0); /* replaces */
    finish();
}

static void what_is_not_wanted_is_removed(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    difference();
    report("10.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    CHECK(fib_unwant(&fib, p("10.0.0.0/8")));
    CHECK(!fib_unwant(&fib, p("10.0.0.0/8")));
    CHECK_EQUAL(difference(), 1);
    CHECK(ops[0].verb == FIB_REMOVE && ops[0].entry.metric == 20);
    CHECK_EQUAL(difference(), 0);
    CHECK(fib_absent(&fib, p("10.0.0.0/8"), 20));
    CHECK(!fib_absent(&fib, p("10.0.0.0/8"), 20));
    CHECK_EQUAL(difference(), 0);
    CHECK(fib_settled(&fib));
    CHECK_EQUAL(fib.nodes.used_count, 0);
    finish();
}

static void an_entry_that_was_put_and_no_longer_wanted_is_removed_when_it_shows(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    CHECK_EQUAL(difference(), 1);
    CHECK(fib_unwant(&fib, p("10.0.0.0/8")));
    CHECK_EQUAL(difference(), 0);
    report("10.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL); /* the put came through */
    CHECK_EQUAL(difference(), 1);
    CHECK_EQUAL(ops[0].verb, FIB_REMOVE);
    finish();
}

static void another_metric_is_put_before_the_old_one_goes(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    difference();
    report("10.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    want("10.0.0.0/8", TUNNEL, 10);
    CHECK_EQUAL(difference(), 2);
    CHECK(ops[0].verb == FIB_PUT && ops[0].entry.metric == 10);
    CHECK(ops[1].verb == FIB_REMOVE && ops[1].entry.metric == 20);
    finish();
}

static void what_is_anothers_stays(void)
{
    start();
    report("0.0.0.0/0", ETH0, 0, OTHERS);
    CHECK_EQUAL(difference(), 0);
    want("0.0.0.0/0", TUNNEL, 20); /* beside it */
    CHECK_EQUAL(difference(), 1);
    report("0.0.0.0/0", TUNNEL, 20, FIB_PROTOCOL);
    CHECK(fib_unwant(&fib, p("0.0.0.0/0")));
    CHECK_EQUAL(difference(), 1);
    CHECK(ops[0].verb == FIB_REMOVE && ops[0].entry.metric == 20);
    struct fib_entry used;
    CHECK(fib_reported(&fib, p("0.0.0.0/0"), &used) && used.metric == 0);
    finish();
}

static void anothers_entry_in_our_place_blocks_until_it_goes(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    CHECK_EQUAL(difference(), 1);
    report("10.0.0.0/8", ETH0, 20, OTHERS);
    struct fib_entry other;
    CHECK(fib_blocked(&fib, p("10.0.0.0/8"), &other) && other.interface == ETH0);
    CHECK_EQUAL(fib.blocked_count, 1);
    CHECK_EQUAL(difference(), 0);
    CHECK(fib_settled(&fib)); /* as far as it may be */
    CHECK(fib_absent(&fib, p("10.0.0.0/8"), 20));
    CHECK(!fib_blocked(&fib, p("10.0.0.0/8"), &other));
    CHECK_EQUAL(difference(), 1);
    CHECK_EQUAL(ops[0].verb, FIB_PUT);
    finish();
}

static void what_was_lost_is_asked_for_again(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    report("11.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    CHECK_EQUAL(difference(), 2);
    CHECK_EQUAL(difference(), 0);
    fib_ask_again(&fib);
    CHECK_EQUAL(difference(), 2);
    report("10.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    CHECK(fib_absent(&fib, p("11.0.0.0/8"), 20));
    fib_ask_again(&fib);
    CHECK_EQUAL(difference(), 0);
    /* somebody takes ours away after it was confirmed */
    CHECK(fib_absent(&fib, p("10.0.0.0/8"), 20));
    CHECK_EQUAL(difference(), 1);
    /* and bends it after it was there again */
    report("10.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    report("10.0.0.0/8", ETH0, 20, FIB_PROTOCOL);
    CHECK_EQUAL(difference(), 1);
    CHECK(ops[0].verb == FIB_PUT && ops[0].entry.interface == TUNNEL);
    finish();
}

static void an_older_report_repeats_nothing(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    CHECK_EQUAL(difference(), 1);
    want("10.0.0.0/8", ETH0, 20);
    CHECK_EQUAL(difference(), 1);
    report("10.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL); /* of the first put */
    CHECK_EQUAL(difference(), 0);
    report("10.0.0.0/8", ETH0, 20, FIB_PROTOCOL);
    CHECK(fib_settled(&fib));
    finish();
}

static void a_dump_says_what_is_not_there(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    want("11.0.0.0/8", TUNNEL, 20);
    CHECK_EQUAL(difference(), 2);
    report("10.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    report("11.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    report("12.0.0.0/8", ETH0, 0, OTHERS);
    fib_dump_begin(&fib);
    report("10.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    fib_dump_begin(&fib); /* interrupted */
    report("11.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    report("13.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL); /* left behind by an earlier life */
    fib_dump_end(&fib);
    CHECK_EQUAL(fib.reported_count, 2);
    CHECK_EQUAL(difference(), 2);
    CHECK(ops[0].verb == FIB_PUT && prefix_equal(ops[0].entry.prefix, p("10.0.0.0/8")));
    CHECK(ops[1].verb == FIB_REMOVE && prefix_equal(ops[1].entry.prefix, p("13.0.0.0/8")));
    finish();
}

static void after_a_dump_what_was_lost_is_asked_for_again(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    report("11.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    CHECK_EQUAL(difference(), 2); /* and both are lost */
    fib_dump_begin(&fib);
    report("11.0.0.0/8", TUNNEL, 20, FIB_PROTOCOL);
    fib_dump_end(&fib);
    CHECK_EQUAL(difference(), 2);
    finish();
}

static void the_difference_is_bounded_and_complete(void)
{
    start();
    for (uint32_t i = 0; i < 50; i++) {
        struct fib_entry wanted = {.prefix = prefix_around(i << 24, 8), .interface = ETH0};
        CHECK(fib_want(&fib, &wanted));
    }
    for (uint32_t metric = 1; metric <= 20; metric++) /* one prefix with many removals */
        report("100.0.0.0/8", ETH0, metric, FIB_PROTOCOL);
    uint32_t total = 0, count;
    do {
        count = fib_next_difference(&fib, ops, 3);
        CHECK(count <= 3);
        total += count;
    } while (count == 3);
    CHECK_EQUAL(total, 70);
    CHECK_EQUAL(fib_next_difference(&fib, ops, 1), 0);
    finish();
}

static void prefixes_are_listed_in_order(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    report("9.0.0.0/8", ETH0, 0, OTHERS);
    want("11.0.0.0/8", TUNNEL, 20);
    CHECK(fib_unwant(&fib, p("11.0.0.0/8"))); /* still open, but neither wanted nor there */
    struct prefix prefix;
    CHECK(fib_next(&fib, NULL, &prefix) && prefix_equal(prefix, p("9.0.0.0/8")));
    CHECK(fib_next(&fib, &prefix, &prefix) && prefix_equal(prefix, p("10.0.0.0/8")));
    CHECK(!fib_next(&fib, &prefix, &prefix));
    struct fib_entry wanted;
    CHECK(fib_wanted(&fib, p("10.0.0.0/8"), &wanted) && wanted.interface == TUNNEL);
    CHECK(!fib_wanted(&fib, p("9.0.0.0/8"), &wanted));
    finish();
}

static uint64_t digest_now(void)
{
    struct digest digest = digest_start();
    fib_digest(&fib, &digest);
    return digest_end(&digest);
}

static void over_budget_nothing_changes(void)
{
    int refused = 0;
    for (size_t n = 1; n < 40; n++) {
        start();
        memory.refuse_from = n;
        for (uint32_t i = 0; i < 40; i++) {
            uint64_t before = digest_now();
            struct fib_entry made = {.prefix = prefix_around(i << 24, 8), .metric = i};
            bool done = i % 2 ? fib_want(&fib, &made) : fib_report(&fib, &made);
            CHECK((digest_now() != before) == done);
            refused += !done;
            CHECK(fib_holds(&fib));
        }
        finish();
    }
    CHECK(refused > 20);
}

/* --- a kernel that is slow, forgetful and not ours alone */

enum { PREFIXES = 6, METRICS = 2, QUEUE = 4096 };

struct world {
    struct fib_entry kernel[PREFIXES][METRICS];
    bool there[PREFIXES][METRICS];
    struct fib_entry wanted[PREFIXES];
    bool is_wanted[PREFIXES];
    struct fib_op orders[QUEUE]; /* on the way to the kernel */
    uint32_t orders_first, orders_last;
    struct fib_op reports[QUEUE]; /* on the way back: FIB_PUT is there, FIB_REMOVE is not */
    uint32_t reports_first, reports_last;
    bool lossy;
};

static void kernel_says(struct world *world, int prefix, int metric)
{
    struct fib_op said = {world->kernel[prefix][metric],
                          world->there[prefix][metric] ? FIB_PUT : FIB_REMOVE};
    world->reports[world->reports_last++ % QUEUE] = said;
}

static void kernel_set(struct world *world, const struct fib_entry *made, bool there)
{
    int prefix = (int)(made->prefix.addr >> 24), metric = (int)made->metric;
    if (!there && !world->there[prefix][metric])
        return;
    world->kernel[prefix][metric] = *made;
    world->there[prefix][metric] = there;
    kernel_says(world, prefix, metric);
}

/* A removal names our protocol, so the kernel leaves another's entry alone (fib_dump_flush does
 * not match it: rtm_protocol is part of what RTM_DELROUTE compares). */
static void kernel_obeys(struct world *world, struct prng *prng)
{
    if (world->orders_first == world->orders_last)
        return;
    struct fib_op op = world->orders[world->orders_first++ % QUEUE];
    int prefix = (int)(op.entry.prefix.addr >> 24), metric = (int)op.entry.metric;
    if (world->lossy && prng_below(prng, 5) == 0)
        return;
    bool ours = fib_is_ours(&world->kernel[prefix][metric]);
    if (op.verb == FIB_PUT || (world->there[prefix][metric] && ours))
        kernel_set(world, &op.entry, op.verb == FIB_PUT);
}

static void hear(struct world *world)
{
    if (world->reports_first == world->reports_last)
        return;
    struct fib_op said = world->reports[world->reports_first++ % QUEUE];
    if (said.verb == FIB_PUT)
        CHECK(fib_report(&fib, &said.entry));
    else
        fib_absent(&fib, said.entry.prefix, said.entry.metric);
}

static struct fib_entry random_entry(struct prng *prng, uint8_t protocol)
{
    return (struct fib_entry){.prefix = prefix_around((ip_addr)prng_below(prng, PREFIXES) << 24, 8),
                              .gateway = (ip_addr)prng_below(prng, 3),
                              .interface = 1 + (uint32_t)prng_below(prng, 2),
                              .metric = (uint32_t)prng_below(prng, METRICS),
                              .protocol = protocol};
}

static void order_what_differs(struct world *world, uint32_t cap)
{
    uint32_t count = fib_next_difference(&fib, ops, cap);
    for (uint32_t i = 0; i < count; i++) {
        CHECK(fib_is_ours(&ops[i].entry));
        world->orders[world->orders_last++ % QUEUE] = ops[i];
    }
}

static void live(struct world *world, struct prng *prng)
{
    struct fib_entry made = random_entry(prng, FIB_PROTOCOL);
    uint32_t prefix = (uint32_t)made.prefix.addr >> 24;
    switch (prng_below(prng, 8)) {
    case 0:
        CHECK(fib_want(&fib, &made));
        world->wanted[prefix] = made;
        world->is_wanted[prefix] = true;
        break;
    case 1:
        CHECK_EQUAL(fib_unwant(&fib, made.prefix), world->is_wanted[prefix]);
        world->is_wanted[prefix] = false;
        break;
    case 2:
        order_what_differs(world, 1 + (uint32_t)prng_below(prng, OPS));
        break;
    case 3:
    case 4:
        kernel_obeys(world, prng);
        break;
    case 5:
    case 6:
        hear(world);
        break;
    default:
        if (prng_below(prng, 6) == 0) /* somebody else's hand */
            kernel_set(world,
                       &(struct fib_entry){.prefix = made.prefix,
                                           .interface = 9,
                                           .metric = made.metric,
                                           .protocol = OTHERS},
                       prng_below(prng, 3) > 0);
    }
    CHECK(fib_holds(&fib));
}

static void drain(struct world *world, struct prng *prng)
{
    world->lossy = false;
    do {
        while (world->orders_first != world->orders_last)
            kernel_obeys(world, prng);
        while (world->reports_first != world->reports_last)
            hear(world);
        order_what_differs(world, OPS);
    } while (world->orders_first != world->orders_last);
}

/* The kernel holds what is wanted, save where another's entry stands, and nothing else of ours. */
static void compare_kernel(const struct world *world)
{
    uint32_t blocked = 0;
    for (int i = 0; i < PREFIXES; i++)
        for (int metric = 0; metric < METRICS; metric++) {
            const struct fib_entry *held = &world->kernel[i][metric];
            bool ours = world->there[i][metric] && fib_is_ours(held);
            bool others = world->there[i][metric] && !ours;
            bool wanted = world->is_wanted[i] && (int)world->wanted[i].metric == metric;
            CHECK_EQUAL(ours, wanted && !others);
            blocked += wanted && others;
            if (ours && wanted)
                CHECK(held->gateway == world->wanted[i].gateway &&
                      held->interface == world->wanted[i].interface);
        }
    CHECK_EQUAL(fib.blocked_count, blocked);
}

static void run_seed(uint64_t seed)
{
    static struct world world;
    world = (struct world){.lossy = seed % 2 == 0};
    struct prng prng = prng_seed(seed);
    bool lossy = world.lossy;
    start();
    for (int i = 0; i < 300; i++)
        live(&world, &prng);
    if (lossy) {
        drain(&world, &prng); /* what is left of the orders; some were lost */
        fib_ask_again(&fib);
    }
    drain(&world, &prng);
    CHECK(fib_settled(&fib));
    compare_kernel(&world);
    finish();
}

static void a_slow_and_forgetful_kernel_comes_to_hold_what_is_wanted(void)
{
    for (uint64_t seed = 1; seed <= 1000 && harness_false_claims == 0; seed++) {
        run_seed(seed);
        if (harness_false_claims)
            printf("# seed %" PRIu64 "\n", seed);
    }
}

static void a_spoiled_fib_does_not_hold(void)
{
    start();
    want("10.0.0.0/8", TUNNEL, 20);
    report("11.0.0.0/8", ETH0, 0, OTHERS);
    CHECK(fib_holds(&fib));
    fib.wanted_count++;
    CHECK(!fib_holds(&fib));
    fib.wanted_count--;
    fib.reported_count++;
    CHECK(!fib_holds(&fib));
    fib.reported_count--;
    fib.blocked_count++;
    CHECK(!fib_holds(&fib));
    fib.blocked_count--;
    uint32_t open = fib.open_first;
    fib.open_first = 0;
    CHECK(!fib_holds(&fib));
    fib.open_first = open;
    finish();
}

int main(void)
{
    TEST(what_is_wanted_is_put_once);
    TEST(what_is_not_wanted_is_removed);
    TEST(an_entry_that_was_put_and_no_longer_wanted_is_removed_when_it_shows);
    TEST(another_metric_is_put_before_the_old_one_goes);
    TEST(what_is_anothers_stays);
    TEST(anothers_entry_in_our_place_blocks_until_it_goes);
    TEST(what_was_lost_is_asked_for_again);
    TEST(an_older_report_repeats_nothing);
    TEST(a_dump_says_what_is_not_there);
    TEST(after_a_dump_what_was_lost_is_asked_for_again);
    TEST(the_difference_is_bounded_and_complete);
    TEST(prefixes_are_listed_in_order);
    TEST(over_budget_nothing_changes);
    TEST(a_slow_and_forgetful_kernel_comes_to_hold_what_is_wanted);
    TEST(a_spoiled_fib_does_not_hold);
    return harness_done();
}
