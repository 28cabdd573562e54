#include "wire/bfd.h"

#include <assert.h>

enum {
    VERSION_SHIFT = 5,
    DIAG_MASK = 0x1f,
    STATE_SHIFT = 6,
    FLAG_POLL = 0x20,
    FLAG_FINAL = 0x10,
    FLAG_INDEPENDENT = 0x08,
    FLAG_AUTHENTICATED = 0x04,
    FLAG_DEMAND = 0x02,
    FLAG_MULTIPOINT = 0x01,
    AUTHENTICATED_MIN = 26,
};

const char *bfd_fault_sentence(enum bfd_fault fault)
{
    static const char *const sentences[] = {
#define BFD_FAULT(name, sentence) sentence,
#include "wire/bfd_fault.def"
#undef BFD_FAULT
    };
    assert((unsigned)fault < BFD_FAULT_COUNT);
    return sentences[fault];
}

/* RFC 5880 6.8.6, as far as one packet shows it. Poll and Final together: 6.5. */
static enum bfd_fault judge(const struct bfd_packet *packet, uint8_t version, uint8_t flags,
                            uint8_t length, size_t datagram_size)
{
    if (version != BFD_VERSION)
        return BFD_FAULT_VERSION;
    if (length < (flags & FLAG_AUTHENTICATED ? AUTHENTICATED_MIN : BFD_PACKET_BYTES))
        return BFD_FAULT_LENGTH;
    if (length > datagram_size)
        return BFD_FAULT_CUT;
    if (packet->multiplier == 0)
        return BFD_FAULT_MULTIPLIER;
    if (flags & FLAG_MULTIPOINT)
        return BFD_FAULT_MULTIPOINT;
    if (packet->my_discriminator == 0)
        return BFD_FAULT_MY_DISCRIMINATOR;
    if (packet->your_discriminator == 0 && packet->state > BFD_DOWN)
        return BFD_FAULT_YOUR_DISCRIMINATOR;
    if (flags & FLAG_AUTHENTICATED)
        return BFD_FAULT_AUTHENTICATED;
    if (packet->poll && packet->final)
        return BFD_FAULT_POLL_AND_FINAL;
    return BFD_FAULT_NONE;
}

enum bfd_fault bfd_decode(struct slice datagram, struct bfd_packet *ret_packet)
{
    struct cursor cursor = cursor_over(datagram);
    uint8_t first = cursor_u8(&cursor);
    uint8_t flags = cursor_u8(&cursor);
    struct bfd_packet packet = {.diag = first & DIAG_MASK,
                                .state = flags >> STATE_SHIFT,
                                .poll = flags & FLAG_POLL,
                                .final = flags & FLAG_FINAL,
                                .control_independent = flags & FLAG_INDEPENDENT,
                                .demand = flags & FLAG_DEMAND};
    packet.multiplier = cursor_u8(&cursor);
    uint8_t length = cursor_u8(&cursor);
    packet.my_discriminator = cursor_u32(&cursor);
    packet.your_discriminator = cursor_u32(&cursor);
    packet.desired_min_tx_us = cursor_u32(&cursor);
    packet.required_min_rx_us = cursor_u32(&cursor);
    packet.required_min_echo_us = cursor_u32(&cursor);
    if (cursor.failed)
        return BFD_FAULT_CUT;
    enum bfd_fault fault = judge(&packet, first >> VERSION_SHIFT, flags, length, datagram.size);
    if (fault == BFD_FAULT_NONE)
        *ret_packet = packet;
    return fault;
}

void bfd_encode(const struct bfd_packet *packet, struct writer *writer)
{
    assert(packet->diag <= DIAG_MASK && packet->state <= BFD_UP);
    assert(packet->multiplier != 0 && packet->my_discriminator != 0);
    writer_u8(writer, (uint8_t)(BFD_VERSION << VERSION_SHIFT | packet->diag));
    writer_u8(writer, (uint8_t)(packet->state << STATE_SHIFT | (packet->poll ? FLAG_POLL : 0) |
                                (packet->final ? FLAG_FINAL : 0) |
                                (packet->control_independent ? FLAG_INDEPENDENT : 0) |
                                (packet->demand ? FLAG_DEMAND : 0)));
    writer_u8(writer, packet->multiplier);
    writer_u8(writer, BFD_PACKET_BYTES);
    writer_u32(writer, packet->my_discriminator);
    writer_u32(writer, packet->your_discriminator);
    writer_u32(writer, packet->desired_min_tx_us);
    writer_u32(writer, packet->required_min_rx_us);
    writer_u32(writer, packet->required_min_echo_us);
}
