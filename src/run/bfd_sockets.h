/* BFD's datagrams (RFC 5881): in through a socket for each of our addresses, out through one for
 * each neighbor, whose source port is its own.
 *
 * A socket for each address, and not one for all: a neighbor that floods its own fills a buffer
 * that is nobody else's, and DATAGRAMS_AT_ONCE of it are looked at in a turn. All of them hang on
 * one descriptor (epoll), which libuv watches and a round may ask at any time: what has come, at
 * the price of one system call when nothing has.
 *
 * Whose a datagram is. It came to one of our addresses; Your Discriminator tells the neighbor there
 * (RFC 5880 6.3), and before it is known the sender's address does. One that came with another TTL
 * than 255 came through a router, and is nobody's (RFC 5881 5). */
#pragma once

#include "engine/engine.h"
#include "run/plan.h"
#include "run/socket.h"

#include <uv.h>

enum {
    BFD_PORT_FIRST = 49152, /* RFC 5881 4: the source port is at least that */
    BFD_PORTS = 16384,
    BFD_READY_AT_ONCE = 64, /* sockets */
};

struct bfd_in {
    ip_addr addr;
    int fd;
    struct bfd_in *next;
};

struct bfd_out {
    ip_addr addr;
    int fd;      /* -1: none */
    bool failed; /* the log has been told that there can be none */
};

struct bfd_sockets {
    struct socket_place place;
    int epoll;
    uv_poll_t poll;
    bool polled;
    struct bfd_in *first;
    struct bfd_out *out; /* by neighbor's number */
    size_t out_cap;
    uint64_t far_count;      /* datagrams that came through a router */
    uint64_t stranger_count; /* and from addresses that are no neighbor's with BFD */
    uint64_t unsent_count;   /* that the machine did not take: no way to the neighbor, no memory */
};

struct bfd_came {
    uint16_t neighbor;
    uint8_t size;
    uint8_t bytes[DATAGRAM_BYTES];
};

void bfd_sockets_init(struct bfd_sockets *sockets, const struct socket_place *place);
/* RUN_WORLD after a sentence that says why not. */
enum run_exit bfd_sockets_begin(struct bfd_sockets *sockets, uv_loop_t *loop, FILE *err)
    __attribute__((warn_unused_result));
void bfd_sockets_done(struct bfd_sockets *sockets);

/* Opens what the plan's neighbors with BFD need and is not open yet; bfd_sockets_keep with the
 * former plan takes back what was done when that fails. RUN_WORLD after a sentence. */
enum run_exit bfd_sockets_open(struct bfd_sockets *sockets, const struct plan *plan, FILE *err)
    __attribute__((warn_unused_result));
/* Closes what the plan does not need. */
void bfd_sockets_keep(struct bfd_sockets *sockets, const struct plan *plan);

/* What the next sockets that have something have, a bounded part of each, as far as it is a
 * neighbor's. -1: no socket has anything. */
int bfd_sockets_hear(struct bfd_sockets *sockets, const struct plan *plan,
                     const struct engine *engine, struct bfd_came *ret_came);
enum { BFD_CAME_MAX = BFD_READY_AT_ONCE * DATAGRAMS_AT_ONCE };

/* 0, or why there is no socket for it: told once, until there has been one. What the machine does
 * not take now is lost, as on a wire. */
int bfd_sockets_say(struct bfd_sockets *sockets, const struct plan_neighbor *neighbor,
                    const uint8_t *bytes, size_t size);
