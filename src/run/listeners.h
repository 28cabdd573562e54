/* Who may connect: a listening socket for each of our addresses, and for a connection that arrives
 * the neighbor it is from. */
#pragma once

#include "run/plan.h"
#include "run/socket.h"

#include <uv.h>

struct listener {
    uv_poll_t poll;
    struct listeners *listeners;
    ip_addr addr;
    int fd;
    bool ready;
    struct listener *next, *next_ready;
};

struct listeners {
    uv_loop_t *loop;
    struct socket_place place;
    struct listener *first;
    struct listener *ready;
    int spare;               /* a descriptor to give up when there are no more */
    uint64_t stranger_count; /* connections from addresses that are no neighbor's */
    uint64_t starved_count;  /* and for want of descriptors */
};

void listeners_init(struct listeners *listeners, uv_loop_t *loop, const struct socket_place *place);
void listeners_done(struct listeners *listeners);

/* All of the plan's addresses that are not open yet; listeners_keep with the former plan takes back
 * what was done when that fails. RUN_WORLD after a sentence that says what is in the way. */
enum run_exit listeners_open(struct listeners *listeners, const struct plan *plan, FILE *err)
    __attribute__((warn_unused_result));

/* Closes those at addresses that are not the plan's. A key that is no neighbor's stays with its
 * listener, and lets nobody in. */
void listeners_keep(struct listeners *listeners, const struct plan *plan);

/* The next connection that waits, from a neighbor; -1: none just now. At most LISTENERS_AT_ONCE
 * connections are looked at for each time a listener is ready. */
int listeners_accept(struct listeners *listeners, const struct plan *plan,
                     const struct plan_neighbor **ret_neighbor);

enum { LISTENERS_AT_ONCE = 256 };

/* What the neighbor's sockets need, its key read from its file into the room. false: it cannot be
 * read, or is no key; *ret_why says so. The caller wipes the room. */
struct key_room {
    uint8_t bytes[SOCKET_KEY_MAX + 2];
};
bool neighbor_wants(const struct plan_neighbor *neighbor, struct key_room *room,
                    struct socket_wants *ret_wants, const char **ret_why);
