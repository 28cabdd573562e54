/* TCP sockets as BGP needs them and UDP sockets as BFD does, non-blocking and closed on exec. All
 * functions return a descriptor or 0, or a negative errno. */
#pragma once

#include "net/ip.h"

#include <stddef.h>
#include <sys/types.h>

/* Where sockets are made. */
struct socket_place {
    uint16_t port;      /* that we listen on and connect to */
    const char *device; /* of a VRF or an interface that sockets are bound to; NULL: none */
};

/* What a neighbor's connections have besides. */
struct socket_wants {
    int ttl_security;   /* hops to the neighbor, RFC 5082; 0: not used */
    bool direct;        /* no router between us: TTL 1, unless ttl_security is used */
    const uint8_t *key; /* TCP MD5 (RFC 2385); NULL: none */
    size_t key_size;
};

enum {
    SOCKET_KEY_MAX = 80, /* TCP_MD5SIG_MAXKEYLEN */
    SOCKET_LISTENERS_FROM = 4096,
};

/* free_bind: also where the machine does not have the address yet. */
int socket_listen(const struct socket_place *place, ip_addr addr, bool free_bind)
    __attribute__((warn_unused_result));
/* The listener takes signed connections from the peer only (or, key NULL, unsigned ones again). */
int socket_sign(int listener, ip_addr peer, const struct socket_wants *wants)
    __attribute__((warn_unused_result));
/* -EAGAIN: nobody is waiting. */
int socket_accept(int listener, ip_addr *ret_local, ip_addr *ret_peer)
    __attribute__((warn_unused_result));
/* What an accepted connection needs. */
int socket_adopt(int fd, const struct socket_wants *wants) __attribute__((warn_unused_result));
/* A connection that is being made. */
int socket_connect(const struct socket_place *place, ip_addr local, ip_addr peer,
                   const struct socket_wants *wants) __attribute__((warn_unused_result));
/* Of a connection being made, once it is writable: 0, or why it failed. */
int socket_outcome(int fd) __attribute__((warn_unused_result));

/* -- datagrams: sent with TTL (or hop limit) 255, and what comes says with which it came -- */

enum { DATAGRAM_BYTES = 64 }; /* a longer one is cut */

struct datagram {
    ip_addr peer;
    int ttl; /* -1: the kernel did not say */
    size_t size;
    uint8_t bytes[DATAGRAM_BYTES];
};

/* Bound. mute: only for sending, nothing that comes there is kept. */
int socket_datagrams(const struct socket_place *place, ip_addr addr, uint16_t port, bool free_bind,
                     bool mute) __attribute__((warn_unused_result));
/* How many came, at most cap and DATAGRAMS_AT_ONCE; -EAGAIN: none. */
int socket_hear(int fd, struct datagram *ret_datagrams, unsigned cap)
    __attribute__((warn_unused_result));
enum { DATAGRAMS_AT_ONCE = 8 };
int socket_say(int fd, ip_addr peer, uint16_t port, const uint8_t *bytes, size_t size)
    __attribute__((warn_unused_result));

/* To talk with the kernel about routes. */
int socket_netlink(void) __attribute__((warn_unused_result));
