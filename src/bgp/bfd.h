/* BFD over a single hop (RFC 5880, RFC 5881), for a BGP session as its client (RFC 5882): whether
 * packets reach the neighbor and come back, told within a second and not within a hold time.
 *
 * Like the session beside it this is a machine without a clock or a socket. Datagrams and moments
 * go in, with the time; what is to be sent is pulled; what matters to the client comes back as a
 * value. An end is 80 bytes, allocates nothing, and both a packet in and a packet out cost a few
 * comparisons, so a thousand neighbors at 300 ms x 3 (what Direct Connect runs) are some thousand
 * such calls a second.
 *
 *     AdminDown ── start ──► Down ── they say Down ──► Init ── they say Init, Up ──► Up
 *                             │ ▲                        │                            │
 *                             │ └── detection time ──────┴── detection time, ─────────┘
 *                             └──── they say Init ──────► Up          they say Down
 *
 * What is done of the standard: asynchronous mode in the active role, Poll Sequences, AdminDown,
 * jitter; a neighbor's demand mode is honored. Not done: echo (a Linux host would send its own
 * packets around through the neighbor's data plane, and AWS documents none); authentication (AWS
 * offers none on Direct Connect; the TTL of 255 that RFC 5881 5 demands is the shell's to check);
 * demand mode of our own, which would only find out when somebody asks.
 *
 * The C bit is never set: this runs in the process of BGP. */
#pragma once

#include "base/prng.h"
#include "wire/bfd.h"

#define BFD_NEVER INT64_MAX

struct bfd_config {
    uint32_t discriminator; /* not 0; one end's own among all of this system */
    uint32_t interval_us;   /* wanted of both directions */
    uint8_t multiplier;     /* packets that may be lost; not 0 */
};

struct bfd_end {
    struct bfd_config config;
    uint8_t state; /* enum bfd_state */
    uint8_t diag;  /* enum bfd_diag: why it last left Up */
    uint8_t remote_state;
    uint8_t remote_multiplier;
    bool remote_demand;
    bool poll;                     /* a Poll Sequence of ours is under way */
    bool final_due;                /* a Poll of theirs is to be answered */
    bool packet_due;               /* a packet is to be sent, whenever the next one would be */
    uint32_t remote_discriminator; /* 0: not known */
    uint32_t remote_min_rx_us;     /* 0: they want nothing */
    uint32_t desired_us;           /* what we say of our sending: 1 s or slower until Up */
    uint32_t gap_us;               /* between the last packet and the next, before jitter */
    int64_t sent_us;
    int64_t send_us;        /* deadlines; BFD_NEVER: off */
    int64_t detect_us;      /* in AdminDown: when to fall silent */
    int64_t detection_us;   /* the detection time itself; 0: nothing was heard yet */
    int64_t since_us;       /* when state last changed */
    uint32_t discard_count; /* packets that were not for this end, or wrong */
};

/* What the client is to know. */
enum bfd_news {
    BFD_SAME,
    BFD_CAME_UP,
    BFD_WENT_DOWN, /* it was Up: the way to the neighbor, or back, is broken */
    BFD_STOPPED,   /* it was Up: the neighbor ended it by hand, which says nothing about the way
                      (RFC 5882 3.2) */
};

/* AdminDown and silent. */
void bfd_init(struct bfd_end *end, const struct bfd_config *config);

void bfd_start(struct bfd_end *end, int64_t now_us, struct prng *prng);
/* AdminDown; says so for a detection time (RFC 5880 6.8.16). */
void bfd_stop(struct bfd_end *end, int64_t now_us, struct prng *prng);

/* A datagram came from the neighbor, with TTL 255. Wrong ones are counted and nothing else. */
enum bfd_news bfd_receive(struct bfd_end *end, int64_t now_us, struct prng *prng,
                          struct slice datagram) __attribute__((warn_unused_result));
/* Acts on the deadlines due. */
enum bfd_news bfd_time(struct bfd_end *end, int64_t now_us, struct prng *prng)
    __attribute__((warn_unused_result));
int64_t bfd_deadline_us(const struct bfd_end *end);

/* Writes one packet, if one is due and fits; returns its size. Call until it returns 0. */
bool bfd_has_packet(const struct bfd_end *end);
size_t bfd_pull(struct bfd_end *end, uint8_t *data, size_t cap) __attribute__((warn_unused_result));

const char *bfd_state_word(enum bfd_state state); /* "Init", as RFC 5880 spells it */
const char *bfd_diag_word(enum bfd_diag diag);    /* "expired" */
