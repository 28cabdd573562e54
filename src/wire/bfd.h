/* BFD's control packet (RFC 5880 4.1): 24 bytes in a datagram, here without authentication.
 *
 * Decoding judges what a packet shows by itself (RFC 5880 6.8.6, from the version to Your
 * Discriminator); what needs a session's state is bgp/bfd.h's. */
#pragma once

#include "base/slice.h"

enum {
    BFD_PORT = 3784, /* RFC 5881 4: of UDP; sent from 49152 or above, with TTL 255 */
    BFD_VERSION = 1,
    BFD_PACKET_BYTES = 24,
};

/* As RFC 5880 4.1 numbers them. */
enum bfd_state { BFD_ADMIN_DOWN, BFD_DOWN, BFD_INIT, BFD_UP };

enum bfd_diag { /* RFC 5880 4.1: why the session last left Up; those that are ever said here */
                BFD_DIAG_NONE = 0,
                BFD_DIAG_EXPIRED = 1,  /* nothing came for the detection time */
                BFD_DIAG_NEIGHBOR = 3, /* the neighbor said that it is down */
                BFD_DIAG_ADMIN = 7,
};

struct bfd_packet {
    uint8_t diag;  /* enum bfd_diag, or another of 0..31 */
    uint8_t state; /* enum bfd_state */
    bool poll, final, control_independent, demand;
    uint8_t multiplier;            /* not 0 */
    uint32_t my_discriminator;     /* not 0 */
    uint32_t your_discriminator;   /* 0: the sender knows none yet */
    uint32_t desired_min_tx_us;    /* how often the sender would like to send */
    uint32_t required_min_rx_us;   /* how often it can bear to receive; 0: send nothing */
    uint32_t required_min_echo_us; /* the same of echoes; 0: none */
};

/* What is wrong with a packet, which is then discarded. */
enum bfd_fault {
#define BFD_FAULT(name, sentence) BFD_FAULT_##name,
#include "wire/bfd_fault.def"
#undef BFD_FAULT
    BFD_FAULT_COUNT
};

const char *bfd_fault_sentence(enum bfd_fault fault);

/* BFD_FAULT_NONE, or ret_packet is untouched. What stands behind the packet's own length is
 * padding. */
enum bfd_fault bfd_decode(struct slice datagram, struct bfd_packet *ret_packet)
    __attribute__((warn_unused_result));
/* BFD_PACKET_BYTES. Failure is the writer's. */
void bfd_encode(const struct bfd_packet *packet, struct writer *writer);
