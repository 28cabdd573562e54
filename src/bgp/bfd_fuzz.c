/* An end under orders: each byte of the input is a thing that happens to it, with what it needs
 * behind it. Whatever happens, its deadlines lie ahead once they were looked at, a packet it sends
 * is right, and it sends no faster than it may. */
#include "bgp/bfd.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ORDER_RECEIVE, ORDER_PASS, ORDER_START, ORDER_STOP, ORDER_PULL, ORDER_DUE, ORDERS };
enum { US_PER_UNIT = 1000, INTERVAL_US = 300000 };

static void pull_all(struct bfd_end *end)
{
    uint8_t bytes[BFD_PACKET_BYTES];
    for (int i = 0; bfd_pull(end, bytes, sizeof bytes) > 0; i++) {
        struct bfd_packet packet;
        assert(i < 2); /* a Final and another one */
        assert(bfd_decode((struct slice){bytes, sizeof bytes}, &packet) == BFD_FAULT_NONE ||
               packet.your_discriminator == 0);
        assert(packet.state == end->state && packet.my_discriminator == 1);
    }
    assert(!bfd_has_packet(end));
}

static void look(const struct bfd_end *end, enum bfd_news news, bool was_up)
{
    assert(end->state <= BFD_UP);
    assert((news == BFD_CAME_UP) == (!was_up && end->state == BFD_UP));
    assert((news == BFD_WENT_DOWN || news == BFD_STOPPED) == (was_up && end->state != BFD_UP));
    assert(end->state != BFD_UP || end->detect_us != BFD_NEVER);
    assert(end->state == BFD_UP || end->desired_us >= 1000000);
    assert(end->send_us == BFD_NEVER || end->gap_us >= end->remote_min_rx_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct bfd_config config = {.discriminator = 1, .interval_us = INTERVAL_US, .multiplier = 3};
    struct prng prng = prng_seed(size);
    struct bfd_end end;
    struct cursor cursor = cursor_over((struct slice){bytes, size});
    int64_t now_us = 0;
    bfd_init(&end, &config);
    while (cursor_remaining(&cursor) > 0) {
        enum bfd_news news = BFD_SAME;
        uint8_t order = cursor_u8(&cursor) % ORDERS;
        bool was_up = end.state == BFD_UP;
        if (order == ORDER_RECEIVE)
            news = bfd_receive(&end, now_us, &prng, cursor_slice(&cursor, BFD_PACKET_BYTES));
        else if (order == ORDER_START)
            bfd_start(&end, now_us, &prng);
        else if (order == ORDER_PULL)
            pull_all(&end);
        if (order == ORDER_STOP) {
            bfd_stop(&end, now_us, &prng);
            continue;
        }
        if (order == ORDER_PASS || order == ORDER_DUE) {
            int64_t due_us = bfd_deadline_us(&end);
            int64_t then_us = now_us + (int64_t)cursor_u16(&cursor) * US_PER_UNIT;
            now_us = order == ORDER_DUE && due_us < then_us && due_us > now_us ? due_us : then_us;
            news = bfd_time(&end, now_us, &prng);
            assert(bfd_deadline_us(&end) > now_us);
        }
        look(&end, news, was_up);
    }
    pull_all(&end);
    return 0;
}
