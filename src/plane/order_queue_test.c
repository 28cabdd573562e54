#include "plane/order_queue.h"

#include "tests/harness.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];
static struct order_queue queue;

static void begin(void)
{
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
}

static void end(void)
{
    order_queue_done(&queue);
    close(ends[0]);
    close(ends[1]);
}

static struct order numbered(int number)
{
    struct order order = {.kind = ORDER_UNWANT};
    snprintf(order.name, sizeof order.name, "vpn-%d/1", number);
    return order;
}

static int say(int number)
{
    struct order order = numbered(number);
    return order_queue_send(&queue, ends[0], &order);
}

/* Nobody reads: the socket takes some, the others wait. */
static int say_until_they_wait(int waiting)
{
    int said = 0;
    while (queue.count < (size_t)waiting && said < 100000)
        CHECK_EQUAL(say(said++), 0);
    return said;
}

static void orders_wait_and_none_is_lost_or_overtaken(void)
{
    struct order order, expected;
    begin();
    int said = say_until_they_wait(100);
    CHECK_EQUAL(queue.count, 100);
    CHECK_EQUAL(order_queue_flush(&queue, ends[0]), -EAGAIN);
    for (int i = 0; i < said; i++) {
        CHECK_EQUAL(order_receive(ends[1], &order), 1);
        expected = numbered(i);
        CHECK_TEXT(order.name, expected.name);
        if (i == 0) /* there is room, and others were first */
            CHECK_EQUAL(say(said), 0);
        int left = order_queue_flush(&queue, ends[0]);
        CHECK(left == 0 || left == -EAGAIN);
    }
    CHECK_EQUAL(queue.count, 0);
    CHECK(!queue.first && !queue.last);
    CHECK_EQUAL(order_receive(ends[1], &order), 1);
    expected = numbered(said);
    CHECK_TEXT(order.name, expected.name);
    CHECK_EQUAL(order_receive(ends[1], &order), -EAGAIN);
    end();
}

static void so_many_wait_and_no_more(void)
{
    begin();
    say_until_they_wait(ORDER_QUEUE_MAX);
    CHECK_EQUAL(say(0), -ENOBUFS);
    CHECK_EQUAL(queue.count, ORDER_QUEUE_MAX);
    end();
    CHECK_EQUAL(queue.count, 0);
}

static void an_end_is_told(void)
{
    begin();
    say_until_they_wait(1);
    close(ends[1]);
    int error = order_queue_flush(&queue, ends[0]);
    CHECK(error < 0 && error != -EAGAIN);
    error = say(0);
    CHECK(error < 0 && error != -EAGAIN);
    ends[1] = -1;
    end();
}

int main(void)
{
    TEST(orders_wait_and_none_is_lost_or_overtaken);
    TEST(so_many_wait_and_no_more);
    TEST(an_end_is_told);
    return harness_done();
}
