/* A kernel's table, in a network of the test's own. tests/interop/kernel_table.py has the rest:
 * there a whole gateway stands beside others who write into the table, too. */
#include "run/kernel_table.h"

#include "run/run_rig.h"

enum { PATIENCE_TURNS = 400, TURN_MS = 50, TABLE = 1234 };

static uv_loop_t loop;
static struct kernel_table kernel;

static void *get(void *ctx, size_t size)
{
    (void)ctx;
    return malloc(size);
}

static void put(void *ctx, void *block, size_t size)
{
    (void)ctx;
    (void)size;
    free(block);
}

static void begin(void)
{
    struct alloc alloc = {.get = get, .put = put};
    CHECK(uv_loop_init(&loop) == 0);
    CHECK(kernel_table_open(&kernel, &loop, alloc, TABLE, 0, stderr) == RUN_FINE);
    kernel_table_port(&kernel, 1, 0xa9fe0001, 0);
}

static void end(void)
{
    kernel_table_done(&kernel);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&loop) == 0);
}

static void ring(uv_timer_t *timer)
{
    (void)timer;
}

/* Until nothing differs any more; the table's clock stands at now_us. */
static bool settles(int64_t now_us)
{
    uv_timer_t alarm;
    bool settled = false;
    CHECK(uv_timer_init(&loop, &alarm) == 0 && uv_timer_start(&alarm, ring, TURN_MS, TURN_MS) == 0);
    for (int turn = 0; turn < PATIENCE_TURNS && !settled; turn++) {
        kernel_table_read(&kernel);
        kernel_table_write(&kernel, now_us);
        settled = kernel_table_settled(&kernel) && !kernel.ready;
        if (!settled)
            uv_run(&loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&alarm, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    return settled;
}

static struct effect_entry entry_for(uint32_t net, bool present)
{
    return (struct effect_entry){.prefix = prefix_around(net, 16),
                                 .present = present,
                                 .discard = true,
                                 .source = ROUTE_EBGP};
}

static bool is_there(uint32_t net)
{
    struct fib_entry found;
    return fib_reported(&kernel.fib, prefix_around(net, 16), &found) && fib_is_ours(&found);
}

static void want(uint32_t net, bool present)
{
    struct effect_entry entry = entry_for(net, present);
    CHECK(kernel_table_want(&kernel, &entry));
}

static void what_is_wanted_is_there_and_then_no_more(void)
{
    begin();
    CHECK(!kernel.found);
    want(0x0a010000, true);
    want(0x0a020000, true);
    CHECK(settles(0));
    CHECK(is_there(0x0a010000) && is_there(0x0a020000));
    CHECK_EQUAL(kernel.put_count, 2);
    want(0x0a010000, false);
    kernel_table_keep_no_more(&kernel);
    CHECK(settles(0));
    CHECK(!is_there(0x0a010000) && is_there(0x0a020000));
    end();
}

/* 10.2/16 is left from the test before, as by a daemon that was killed. */
static void what_was_left_stays_until_it_was_not_said_again(void)
{
    begin();
    CHECK(kernel.found);
    want(0x0a030000, true);
    settles(1);
    CHECK(is_there(0x0a020000) && is_there(0x0a030000));
    CHECK_EQUAL(kernel_table_wake_us(&kernel), KERNEL_KEEP_US);
    CHECK(settles(KERNEL_KEEP_US));
    CHECK(!is_there(0x0a020000) && is_there(0x0a030000));
    want(0x0a030000, false);
    CHECK(settles(KERNEL_KEEP_US));
    CHECK(!is_there(0x0a030000));
    end();
}

/* The next hop is on no link of this machine: no kernel takes that. */
static void a_refusal_is_told_and_tried_again(void)
{
    begin();
    struct effect_entry entry = {.prefix = prefix_around(0x0a040000, 16),
                                 .present = true,
                                 .interface = 1,
                                 .gateway = 0xc0000201,
                                 .source = ROUTE_EBGP};
    CHECK(kernel_table_want(&kernel, &entry));
    CHECK(settles(1000));
    CHECK_EQUAL(kernel.refused_count, 1);
    CHECK(kernel.last_error != 0);
    CHECK(prefix_equal(kernel.last_refused, entry.prefix));
    CHECK_EQUAL(kernel.again_at_us, 1000 + KERNEL_AGAIN_US);
    kernel_table_read(&kernel);
    kernel_table_write(&kernel, kernel.again_at_us);
    CHECK(settles(1000 + KERNEL_AGAIN_US));
    CHECK_EQUAL(kernel.refused_count, 2);
    end();
}

static void an_interface_that_is_not_there_is_waited_for(void)
{
    begin();
    kernel_table_port(&kernel, 1, 0xa9fe7777, 0); /* nobody's: 169.254.0.1 is */
    struct effect_entry entry = {.prefix = prefix_around(0x0a050000, 16),
                                 .present = true,
                                 .interface = 1,
                                 .gateway = 0xa9fe0009,
                                 .source = ROUTE_EBGP};
    CHECK(kernel_table_want(&kernel, &entry));
    settles(0);
    CHECK_EQUAL(kernel.put_count, 0);
    CHECK_EQUAL(kernel.refused_count, 0);
    end();
}

static void what_is_not_bgps_is_not_ours_to_install(void)
{
    begin();
    struct effect_entry entry = entry_for(0x0a060000, true);
    entry.source = ROUTE_CONNECTED;
    CHECK(kernel_table_want(&kernel, &entry));
    kernel_table_keep_no_more(&kernel);
    CHECK(settles(0));
    CHECK(!is_there(0x0a060000));
    end();
}

static void without_a_table_nothing_is_done(void)
{
    kernel_table_none(&kernel);
    want(0x0a070000, true);
    kernel_table_read(&kernel);
    kernel_table_write(&kernel, 0);
    CHECK(kernel_table_settled(&kernel));
    CHECK(kernel_table_wake_us(&kernel) == INT64_MAX);
    kernel_table_done(&kernel);
}

int main(void)
{
    if (!rig_network()) {
        printf("ok 1 - the kernel's table # SKIP no network of its own is permitted here\n1..1\n");
        return 0;
    }
    TEST(what_is_wanted_is_there_and_then_no_more);
    TEST(what_was_left_stays_until_it_was_not_said_again);
    TEST(a_refusal_is_told_and_tried_again);
    TEST(an_interface_that_is_not_there_is_waited_for);
    TEST(what_is_not_bgps_is_not_ours_to_install);
    TEST(without_a_table_nothing_is_done);
    return harness_done();
}
