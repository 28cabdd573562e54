#include "plane/pcapng.h"

enum block {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6,
};

enum option {
    OPTION_END = 0,
    OPTION_APPLICATION = 4, /* of a section */
    OPTION_NAME = 2,        /* of an interface */
    OPTION_RESOLUTION = 9,  /* of an interface: a power of ten */
    OPTION_FLAGS = 2,       /* of a packet */
    OPTION_RECEIVED = 4,    /* of statistics */
    OPTION_DROPPED = 5,
};

enum {
    BYTE_ORDER = 0x1a2b3c4d,
    VERSION = 1,
    SIZE_OFFSET = 4,
    NANOSECONDS = 9,
    FLAG_INBOUND = 1,
    FLAG_OUTBOUND = 2,
};

static void put_u64(struct writer *writer, uint64_t value)
{
    writer_u32(writer, (uint32_t)(value >> 32));
    writer_u32(writer, (uint32_t)value);
}

/* Everything in a block begins at four bytes. */
static void put_padded(struct writer *writer, struct slice bytes)
{
    static const uint8_t zeros[3];
    writer_bytes(writer, bytes);
    writer_bytes(writer, (struct slice){zeros, -bytes.size & 3});
}

static void put_option(struct writer *writer, enum option option, struct slice value)
{
    writer_u16(writer, (uint16_t)option);
    writer_u16(writer, (uint16_t)value.size);
    put_padded(writer, value);
}

static struct slice text_slice(const char *text)
{
    size_t size = 0;
    while (size < PCAPNG_NAME_MAX && text[size] != '\0')
        size++;
    return (struct slice){(const uint8_t *)text, size};
}

static size_t block_begin(struct writer *writer, enum block block)
{
    size_t at = writer->size;
    writer_u32(writer, (uint32_t)block);
    writer_u32(writer, 0); /* its size, once it is known */
    return at;
}

/* The size stands at both ends, so that a file can be read backwards. */
static void block_end(struct writer *writer, size_t at)
{
    uint32_t size = (uint32_t)(writer->size - at) + 4;
    writer_patch_u16(writer, at + SIZE_OFFSET, (uint16_t)(size >> 16));
    writer_patch_u16(writer, at + SIZE_OFFSET + 2, (uint16_t)size);
    writer_u32(writer, size);
}

static void put_options_end(struct writer *writer)
{
    put_option(writer, OPTION_END, (struct slice){0});
}

void pcapng_begin(struct writer *writer, const char *application, const char *interface,
                  uint32_t snap_bytes)
{
    static const uint8_t resolution = NANOSECONDS;
    size_t at = block_begin(writer, BLOCK_SECTION);
    writer_u32(writer, BYTE_ORDER);
    writer_u16(writer, VERSION);
    writer_u16(writer, 0);
    put_u64(writer, UINT64_MAX); /* until the file ends */
    put_option(writer, OPTION_APPLICATION, text_slice(application));
    put_options_end(writer);
    block_end(writer, at);
    at = block_begin(writer, BLOCK_INTERFACE);
    writer_u16(writer, PCAPNG_LINKTYPE_RAW);
    writer_u16(writer, 0);
    writer_u32(writer, snap_bytes);
    put_option(writer, OPTION_NAME, text_slice(interface));
    put_option(writer, OPTION_RESOLUTION, (struct slice){&resolution, 1});
    put_options_end(writer);
    block_end(writer, at);
}

void pcapng_packet(struct writer *writer, const struct pcapng_packet *packet)
{
    const uint8_t flags[4] = {0, 0, 0, packet->outbound ? FLAG_OUTBOUND : FLAG_INBOUND};
    size_t at = block_begin(writer, BLOCK_PACKET);
    writer_u32(writer, 0); /* of the one interface */
    put_u64(writer, packet->time_ns);
    writer_u32(writer, (uint32_t)packet->bytes.size);
    writer_u32(writer, packet->original_bytes);
    put_padded(writer, packet->bytes);
    put_option(writer, OPTION_FLAGS, (struct slice){flags, sizeof flags});
    put_options_end(writer);
    block_end(writer, at);
}

static void put_count(struct writer *writer, enum option option, uint64_t count)
{
    uint8_t bytes[8];
    struct writer value = writer_over(bytes, sizeof bytes);
    put_u64(&value, count);
    put_option(writer, option, writer_slice(&value));
}

void pcapng_end(struct writer *writer, uint64_t time_ns, uint64_t seen, uint64_t dropped)
{
    size_t at = block_begin(writer, BLOCK_STATISTICS);
    writer_u32(writer, 0);
    put_u64(writer, time_ns);
    put_count(writer, OPTION_RECEIVED, seen);
    put_count(writer, OPTION_DROPPED, dropped);
    put_options_end(writer);
    block_end(writer, at);
}
