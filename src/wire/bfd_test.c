#include "wire/bfd.h"

#include "tests/harness.h"
#include "wire/test_bytes.h"

/* Up, every 300 ms, multiplier 3, echoes borne every 50 ms. */
static const char UP[] =
    "20 c0 03 18  00 00 00 07  00 00 00 09  00 04 93 e0  00 04 93 e0  00 00 c3 50";

static enum bfd_fault fault_of(const char *text)
{
    struct bytes bytes = hex(text);
    struct bfd_packet packet;
    return bfd_decode(slice_of(&bytes), &packet);
}

static void a_packet_is_read(void)
{
    struct bytes bytes = hex(UP);
    struct bfd_packet packet;
    CHECK(bfd_decode(slice_of(&bytes), &packet) == BFD_FAULT_NONE);
    CHECK_EQUAL(packet.diag, BFD_DIAG_NONE);
    CHECK_EQUAL(packet.state, BFD_UP);
    CHECK(!packet.poll && !packet.final && !packet.control_independent && !packet.demand);
    CHECK_EQUAL(packet.multiplier, 3);
    CHECK_EQUAL(packet.my_discriminator, 7);
    CHECK_EQUAL(packet.your_discriminator, 9);
    CHECK_EQUAL(packet.desired_min_tx_us, 300000);
    CHECK_EQUAL(packet.required_min_rx_us, 300000);
    CHECK_EQUAL(packet.required_min_echo_us, 50000);
}

static void a_packet_is_written(void)
{
    const struct bfd_packet packet = {.diag = BFD_DIAG_NEIGHBOR,
                                      .state = BFD_INIT,
                                      .poll = true,
                                      .control_independent = true,
                                      .multiplier = 5,
                                      .my_discriminator = 0x01020304,
                                      .your_discriminator = 0x05060708,
                                      .desired_min_tx_us = 1000000,
                                      .required_min_rx_us = 300000};
    struct bytes want = hex("23 a8 05 18 01020304 05060708 000f4240 000493e0 00000000");
    uint8_t room[BFD_PACKET_BYTES];
    struct writer writer = writer_over(room, sizeof room);
    bfd_encode(&packet, &writer);
    CHECK(!writer.failed);
    CHECK(slice_equal(writer_slice(&writer), slice_of(&want)));
}

/* RFC 5880 6.8.6, in its order. */
static void what_is_wrong_is_discarded(void)
{
    CHECK_EQUAL(fault_of("00 c0 03 18 00000007 00000009 000493e0 000493e0 00000000"),
                BFD_FAULT_VERSION);
    CHECK_EQUAL(fault_of("20 c0 03 17 00000007 00000009 000493e0 000493e0 00000000"),
                BFD_FAULT_LENGTH);
    CHECK_EQUAL(fault_of("20 c4 03 19 00000007 00000009 000493e0 000493e0 00000000 00"),
                BFD_FAULT_LENGTH);
    CHECK_EQUAL(fault_of("20 c0 03 19 00000007 00000009 000493e0 000493e0 00000000"),
                BFD_FAULT_CUT);
    CHECK_EQUAL(fault_of("20 c0 03 18 00000007 00000009 000493e0 000493e0 000000"), BFD_FAULT_CUT);
    CHECK_EQUAL(fault_of("20 c0 00 18 00000007 00000009 000493e0 000493e0 00000000"),
                BFD_FAULT_MULTIPLIER);
    CHECK_EQUAL(fault_of("20 c1 03 18 00000007 00000009 000493e0 000493e0 00000000"),
                BFD_FAULT_MULTIPOINT);
    CHECK_EQUAL(fault_of("20 c0 03 18 00000000 00000009 000493e0 000493e0 00000000"),
                BFD_FAULT_MY_DISCRIMINATOR);
    CHECK_EQUAL(fault_of("20 c0 03 18 00000007 00000000 000493e0 000493e0 00000000"),
                BFD_FAULT_YOUR_DISCRIMINATOR);
    CHECK_EQUAL(fault_of("20 80 03 18 00000007 00000000 000493e0 000493e0 00000000"),
                BFD_FAULT_YOUR_DISCRIMINATOR);
    CHECK_EQUAL(fault_of("20 c4 03 1a 00000007 00000009 000493e0 000493e0 00000000 01 02"),
                BFD_FAULT_AUTHENTICATED);
    CHECK_EQUAL(fault_of("20 f0 03 18 00000007 00000009 000493e0 000493e0 00000000"),
                BFD_FAULT_POLL_AND_FINAL);
    CHECK_EQUAL(fault_of(""), BFD_FAULT_CUT);
}

static void who_is_down_needs_not_know_us(void)
{
    CHECK_EQUAL(fault_of("20 40 03 18 00000007 00000000 000f4240 000493e0 00000000"),
                BFD_FAULT_NONE);
    CHECK_EQUAL(fault_of("27 00 03 18 00000007 00000000 000f4240 000493e0 00000000"),
                BFD_FAULT_NONE);
}

static void padding_is_not_looked_at(void)
{
    CHECK_EQUAL(fault_of("20 c0 03 18 00000007 00000009 000493e0 000493e0 00000000 ffff"),
                BFD_FAULT_NONE);
}

static void every_fault_has_a_sentence(void)
{
    for (unsigned i = 0; i < BFD_FAULT_COUNT; i++)
        CHECK(strlen(bfd_fault_sentence((enum bfd_fault)i)) > 10);
}

int main(void)
{
    TEST(a_packet_is_read);
    TEST(a_packet_is_written);
    TEST(what_is_wrong_is_discarded);
    TEST(who_is_down_needs_not_know_us);
    TEST(padding_is_not_looked_at);
    TEST(every_fault_has_a_sentence);
    return harness_done();
}
