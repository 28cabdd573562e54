/* A neighbor that wants to hear seldom: what waits is announced once, what is withdrawn at once. */
#include "engine/test_gate.h"

enum { INTERVAL_S = 30 };

/* Neighbor 1 announces; neighbor 2 is told at intervals, neighbor 3 at once. */
static void begin(void)
{
    gate_start();
    for (uint16_t n = 1; n <= 3; n++) {
        say_attachment(&gate, (struct event_attachment){.attachment = n, .kind = ATTACHMENT_DX});
        struct event_neighbor neighbor = neighbor_on(n, n, 65000u + n, NULL);
        neighbor.advertisement_s = n == 2 ? INTERVAL_S : 0;
        peer_add(neighbor);
    }
    for (uint16_t n = 1; n <= 3; n++)
        peer_up(&peers[n]);
    rig_pass(&gate, (INTERVAL_S + 1) * (int64_t)S);
}

static void the_first_change_is_told_at_once(void)
{
    begin();
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    announce(1, "10.2.0.0/16");
    CHECK_TEXT(told(2, "10.2.0.0/16"), "nothing");
    CHECK_TEXT(told(3, "10.2.0.0/16"), "64512 65001 via 169.254.3.1");
    rig_pass(&gate, INTERVAL_S * (int64_t)S * 3 / 4 - MS);
    CHECK_TEXT(told(2, "10.2.0.0/16"), "nothing"); /* jitter takes a quarter at most */
    rig_pass(&gate, INTERVAL_S * (int64_t)S / 4 + 2 * MS);
    CHECK_TEXT(told(2, "10.2.0.0/16"), "64512 65001 via 169.254.2.1");
    gate_finish();
}

static void what_changes_often_is_announced_once(void)
{
    begin();
    announce(1, "10.1.0.0/16");
    uint32_t updates = peers[2].update_count, others = peers[3].update_count;
    for (uint32_t i = 1; i <= 20; i++)
        announce_as(1, "10.1.0.0/16", (struct offer){.path = {65001, 65100 + i}});
    CHECK_EQUAL(peers[2].update_count, updates);
    CHECK_EQUAL(peers[3].update_count, others + 20);
    rig_pass(&gate, INTERVAL_S * (int64_t)S);
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 65120 via 169.254.2.1");
    CHECK_EQUAL(peers[2].update_count, updates + 1);
    rig_pass(&gate, 10 * INTERVAL_S * (int64_t)S);
    CHECK_EQUAL(peers[2].update_count, updates + 1);
    gate_finish();
}

static void a_withdrawal_does_not_wait(void)
{
    begin();
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    withdraw(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing"); /* it is an announcement again */
    rig_pass(&gate, INTERVAL_S * (int64_t)S);
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    CHECK_TEXT(told(2, "10.2.0.0/16"), "64512 65001 via 169.254.2.1");
    gate_finish();
}

/* Whatever happens meanwhile, in the end it holds what who is told at once holds. */
static void in_the_end_both_hold_the_same(void)
{
    struct prng prng = prng_seed(7);
    begin();
    for (unsigned i = 0; i < 400; i++) {
        char prefix[IP_TEXT_BYTES + 4];
        struct text text = text_over(prefix, sizeof prefix);
        text_add(&text, "10.");
        text_u64(&text, prng_below(&prng, 20));
        text_add(&text, ".0.0/16");
        uint32_t hop = 65100 + (uint32_t)prng_below(&prng, 3);
        if (prng_below(&prng, 3) == 0)
            withdraw(1, prefix);
        else
            announce_as(1, prefix, (struct offer){.path = {65001, hop}});
        rig_pass(&gate, (int64_t)prng_below(&prng, 4) * S);
    }
    CHECK(peers[2].update_count < peers[3].update_count);
    rig_pass(&gate, INTERVAL_S * (int64_t)S);
    CHECK_EQUAL(peers[2].told_count, peers[3].told_count);
    for (uint32_t i = 0; i < peers[3].told_count; i++) {
        const struct told *here = &peers[3].told[i], *there = peer_told(&peers[2], here->prefix);
        CHECK(there && there->path_count == here->path_count &&
              memcmp(there->path, here->path, sizeof here->path) == 0);
    }
    gate_finish();
}

static void a_refresh_is_answered_at_once(void)
{
    begin();
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    uint8_t bytes[64];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_refresh_encode((struct bgp_refresh){BGP_AFI_IPV4, BGP_REFRESH_REQUEST, BGP_SAFI_UNICAST},
                       &writer);
    peer_send(&peers[2], writer_slice(&writer));
    CHECK_TEXT(told(2, "10.2.0.0/16"), "64512 65001 via 169.254.2.1");
    gate_finish();
}

int main(void)
{
    TEST(the_first_change_is_told_at_once);
    TEST(what_changes_often_is_announced_once);
    TEST(a_withdrawal_does_not_wait);
    TEST(in_the_end_both_hold_the_same);
    TEST(a_refresh_is_answered_at_once);
    return harness_done();
}
