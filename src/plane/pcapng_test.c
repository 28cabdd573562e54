/* The bytes are those of the draft; that others read the file as it is meant is a test with tshark
 * (tests/interop/tunnels.py). */
#include "plane/pcapng.h"

#include "tests/harness.h"

static uint8_t bytes[4096];

static struct writer over_bytes(void)
{
    return writer_over(bytes, sizeof bytes);
}

static uint32_t u32_at(size_t at)
{
    return (uint32_t)bytes[at] << 24 | (uint32_t)bytes[at + 1] << 16 |
           (uint32_t)bytes[at + 2] << 8 | bytes[at + 3];
}

/* Block after block, each with its size at both ends; how many there are. */
static size_t count_blocks(const struct writer *writer)
{
    size_t count = 0;
    for (size_t at = 0; at < writer->size; count++) {
        uint32_t size = u32_at(at + 4);
        CHECK(size >= 12 && size % 4 == 0 && at + size <= writer->size);
        if (size < 12 || at + size > writer->size)
            return count;
        CHECK_EQUAL(u32_at(at + size - 4), size);
        at += size;
    }
    return count;
}

static void a_file_begins_with_what_it_is(void)
{
    struct writer writer = over_bytes();
    pcapng_begin(&writer, "sekisho", "vpn-a/1", 65535);
    CHECK(!writer.failed);
    CHECK_EQUAL(count_blocks(&writer), 2);
    CHECK_EQUAL(u32_at(0), 0x0a0d0d0a);
    CHECK_EQUAL(u32_at(8), 0x1a2b3c4d);
    CHECK_EQUAL(u32_at(12), 0x00010000);
    CHECK_EQUAL(u32_at(16), 0xffffffff);
    CHECK_EQUAL(u32_at(24), 4u << 16 | 7); /* shb_userappl */
    CHECK(memcmp(bytes + 28, "sekisho\0", 8) == 0);
    size_t interface = u32_at(4);
    CHECK_EQUAL(u32_at(interface), 1);
    CHECK_EQUAL(u32_at(interface + 8), (uint32_t)PCAPNG_LINKTYPE_RAW << 16);
    CHECK_EQUAL(u32_at(interface + 12), 65535);
    CHECK_EQUAL(u32_at(interface + 28), 9u << 16 | 1); /* if_tsresol */
    CHECK_EQUAL(u32_at(interface + 32), 9u << 24);
}

static void a_packet_has_its_time_and_its_way(void)
{
    struct writer writer = over_bytes();
    struct pcapng_packet packet = {.time_ns = 0x0123456789abcdef,
                                   .outbound = true,
                                   .bytes = {(const uint8_t *)"E1234", 5},
                                   .original_bytes = 1400};
    pcapng_packet(&writer, &packet);
    CHECK_EQUAL(count_blocks(&writer), 1);
    CHECK(writer.size <= 5 + PCAPNG_PACKET_MORE);
    CHECK_EQUAL(u32_at(0), 6);
    CHECK_EQUAL(u32_at(12), 0x01234567);
    CHECK_EQUAL(u32_at(16), 0x89abcdef);
    CHECK_EQUAL(u32_at(20), 5);
    CHECK_EQUAL(u32_at(24), 1400);
    CHECK(memcmp(bytes + 28, "E1234\0\0\0", 8) == 0);
    CHECK_EQUAL(u32_at(36), 2u << 16 | 4); /* epb_flags */
    CHECK_EQUAL(u32_at(40), 2);
    writer = over_bytes();
    packet.outbound = false;
    pcapng_packet(&writer, &packet);
    CHECK_EQUAL(u32_at(40), 1);
}

static void every_size_is_padded(void)
{
    for (size_t size = 0; size < 8; size++) {
        struct writer writer = over_bytes();
        struct pcapng_packet packet = {.bytes = {(const uint8_t *)"E1234567", size}};
        pcapng_packet(&writer, &packet);
        CHECK_EQUAL(count_blocks(&writer), 1);
        CHECK(writer.size <= size + PCAPNG_PACKET_MORE);
    }
}

static void it_ends_with_what_was_dropped(void)
{
    struct writer writer = over_bytes();
    pcapng_end(&writer, 1, 0x100000002, 7);
    CHECK(writer.size <= PCAPNG_END_MAX);
    CHECK_EQUAL(count_blocks(&writer), 1);
    CHECK_EQUAL(u32_at(0), 5);
    CHECK_EQUAL(u32_at(20), 4u << 16 | 8); /* isb_ifrecv */
    CHECK_EQUAL(u32_at(24), 1);
    CHECK_EQUAL(u32_at(28), 2);
    CHECK_EQUAL(u32_at(32), 5u << 16 | 8); /* isb_ifdrop */
    CHECK_EQUAL(u32_at(40), 7);
}

static void long_names_are_cut(void)
{
    char name[1024];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    struct writer writer = writer_over(bytes, PCAPNG_BEGIN_MAX);
    pcapng_begin(&writer, name, name, 1);
    CHECK(!writer.failed);
    CHECK_EQUAL(count_blocks(&writer), 2);
}

int main(void)
{
    TEST(a_file_begins_with_what_it_is);
    TEST(a_packet_has_its_time_and_its_way);
    TEST(every_size_is_padded);
    TEST(it_ends_with_what_was_dropped);
    TEST(long_names_are_cut);
    return harness_done();
}
