#include "bgp/outbox.h"
#include "tests/harness.h"
#include "tests/memory.h"

static struct memory memory;
static struct budget budget;
static struct outbox outbox;
static const struct bgp_open OPEN = {
    .version = 4,
    .as2 = 65000,
    .hold_time_s = 30,
    .identifier = 1,
    .family_count = 2,
    .families = {{BGP_AFI_IPV4, BGP_SAFI_UNICAST}, {BGP_AFI_IPV6, BGP_SAFI_UNICAST}}};
static uint8_t bytes[BGP_MESSAGE_MAX];

static void begin(size_t limit_bytes)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), limit_bytes);
    outbox = (struct outbox){0};
}

static void end(void)
{
    outbox_clear(&outbox, &budget);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

static size_t pull(size_t cap)
{
    return outbox_pull(&outbox, &budget, &OPEN, bytes, cap);
}

static void order_is_kept_and_kinds_wait_once(void)
{
    begin(0);
    outbox_put(&outbox, BGP_OPEN);
    outbox_put(&outbox, BGP_KEEPALIVE);
    outbox_put(&outbox, BGP_ROUTE_REFRESH);
    outbox_put(&outbox, BGP_KEEPALIVE);
    CHECK_EQUAL(outbox.count, 3);
    CHECK_EQUAL((int64_t)pull(sizeof bytes), 29 + 19 + 2 * 23);
    CHECK_EQUAL(bytes[18], BGP_OPEN);
    CHECK_EQUAL(bytes[29 + 18], BGP_KEEPALIVE);
    CHECK_EQUAL(bytes[48 + 18], BGP_ROUTE_REFRESH);
    CHECK_EQUAL(bytes[48 + 20], BGP_AFI_IPV4);
    CHECK_EQUAL(bytes[71 + 18], BGP_ROUTE_REFRESH); /* of each family */
    CHECK_EQUAL(bytes[71 + 20], BGP_AFI_IPV6);
    CHECK_EQUAL(outbox.count, 0);
    CHECK_EQUAL((int64_t)pull(sizeof bytes), 0);
    end();
}

static void only_whole_messages_are_pulled(void)
{
    begin(0);
    outbox_put(&outbox, BGP_OPEN);
    outbox_put(&outbox, BGP_KEEPALIVE);
    CHECK_EQUAL((int64_t)pull(28), 0);
    CHECK_EQUAL((int64_t)pull(47), 29);
    CHECK_EQUAL((int64_t)pull(18), 0);
    CHECK_EQUAL((int64_t)pull(19), 19);
    CHECK_EQUAL(bytes[18], BGP_KEEPALIVE);
    end();
}

static void a_notification_is_the_last(void)
{
    begin(0);
    static const uint8_t DATA[] = {1, 2, 3};
    outbox_put(&outbox, BGP_KEEPALIVE);
    outbox_put_notice(&outbox, &budget, &(struct bgp_error){2, 7, {DATA, 3}});
    outbox_put(&outbox, BGP_ROUTE_REFRESH);
    CHECK_EQUAL((int64_t)budget.used_bytes, 24);
    CHECK_EQUAL((int64_t)pull(sizeof bytes), 19 + 24);
    CHECK(memcmp(bytes + 19 + 18, "\3\2\7\1\2\3", 6) == 0);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0); /* given back as soon as it is pulled */
    end();
}

static void a_notification_without_data_costs_nothing(void)
{
    begin(1);
    outbox_put_notice(&outbox, &budget, &(struct bgp_error){4, 0, {0}});
    CHECK_EQUAL((int64_t)pull(sizeof bytes), 21);
    CHECK(memcmp(bytes + 18, "\3\4\0", 3) == 0);
    end();
}

static void without_memory_it_goes_without_data(void)
{
    begin(10);
    static const uint8_t DATA[40];
    outbox_put_notice(&outbox, &budget, &(struct bgp_error){1, 2, {DATA, sizeof DATA}});
    CHECK_EQUAL((int64_t)pull(sizeof bytes), 21);
    CHECK(memcmp(bytes + 18, "\3\1\2", 3) == 0);
    end();
}

static void the_largest_notification_fits(void) /* RFC 4271 4.1: 4096 bytes */
{
    begin(0);
    static const uint8_t DATA[BGP_MESSAGE_MAX];
    outbox_put_notice(&outbox, &budget, &(struct bgp_error){7, 1, {DATA, sizeof DATA}});
    CHECK_EQUAL((int64_t)pull(sizeof bytes), BGP_MESSAGE_MAX);
    end();
}

static void a_shutdown_says_why(void) /* RFC 9003 */
{
    begin(0);
    char text[300];
    memset(text, 'x', sizeof text);
    outbox_put_shutdown(&outbox, &budget, BGP_CEASE_RESET,
                        (struct slice){(const uint8_t *)text, sizeof text});
    CHECK_EQUAL((int64_t)pull(sizeof bytes), 21 + 1 + 255);
    CHECK(memcmp(bytes + 18, "\3\6\4\377xx", 6) == 0);
    end();
}

int main(void)
{
    TEST(order_is_kept_and_kinds_wait_once);
    TEST(only_whole_messages_are_pulled);
    TEST(a_notification_is_the_last);
    TEST(a_notification_without_data_costs_nothing);
    TEST(without_memory_it_goes_without_data);
    TEST(the_largest_notification_fits);
    TEST(a_shutdown_says_why);
    return harness_done();
}
