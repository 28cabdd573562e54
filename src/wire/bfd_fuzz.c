/* A datagram: what is right must come back when it is written again. */
#include "wire/bfd.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct bfd_packet packet;
    if (bfd_decode((struct slice){bytes, size}, &packet) != BFD_FAULT_NONE)
        return 0;
    uint8_t room[BFD_PACKET_BYTES];
    struct writer writer = writer_over(room, sizeof room);
    bfd_encode(&packet, &writer);
    assert(!writer.failed && writer.size == BFD_PACKET_BYTES && size >= BFD_PACKET_BYTES);
    room[3] = bytes[3]; /* the length may count padding */
    assert(memcmp(room, bytes, sizeof room) == 0);
    return 0;
}
