#include "run/bfd_sockets.h"

#include "network/memory.h"
#include "wire/bfd.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

void bfd_sockets_init(struct bfd_sockets *sockets, const struct socket_place *place)
{
    *sockets = (struct bfd_sockets){.place = *place, .epoll = -1};
}

static void polled(uv_poll_t *poll, int status, int events)
{
    (void)poll; /* a round looks by itself */
    (void)status;
    (void)events;
}

enum run_exit bfd_sockets_begin(struct bfd_sockets *sockets, uv_loop_t *loop, FILE *err)
{
    sockets->epoll = epoll_create1(EPOLL_CLOEXEC);
    sockets->polled = sockets->epoll >= 0 &&
                      uv_poll_init(loop, &sockets->poll, sockets->epoll) == 0 &&
                      uv_poll_start(&sockets->poll, UV_READABLE, polled) == 0;
    if (sockets->polled)
        return RUN_FINE;
    fprintf(err, "error: BFD's sockets cannot be watched: %s\n", strerror(errno));
    return RUN_WORLD;
}

static void close_out(struct bfd_out *out)
{
    if (out->fd >= 0)
        close(out->fd);
    *out = (struct bfd_out){.fd = -1};
}

static void close_in(struct bfd_in *in)
{
    close(in->fd); /* which leaves the epoll by that: no other descriptor is its socket's */
    free(in);
}

void bfd_sockets_done(struct bfd_sockets *sockets)
{
    while (sockets->first) {
        struct bfd_in *in = sockets->first;
        sockets->first = in->next;
        close_in(in);
    }
    for (size_t i = 0; i < sockets->out_cap; i++)
        close_out(&sockets->out[i]);
    free(sockets->out);
    sockets->out = NULL;
    sockets->out_cap = 0;
    if (sockets->polled)
        uv_close((uv_handle_t *)&sockets->poll, NULL);
    if (sockets->epoll >= 0)
        close(sockets->epoll);
    sockets->polled = false;
    sockets->epoll = -1;
}

/* -- opening -- */

static struct bfd_in *in_at(const struct bfd_sockets *sockets, ip_addr addr)
{
    struct bfd_in *at = sockets->first;
    while (at && at->addr != addr)
        at = at->next;
    return at;
}

static enum run_exit refused(const struct plan_neighbor *neighbor, int error, FILE *err)
{
    char addr[IP_TEXT_BYTES];
    struct text text = text_over(addr, sizeof addr);
    text_ip(&text, neighbor->local_addr);
    if (error == -EADDRINUSE)
        fprintf(err, "error: %s UDP port %d is taken by another program; the BFD of %s needs it\n",
                addr, BFD_PORT, neighbor->name);
    else if (error == -EADDRNOTAVAIL)
        fprintf(err, "error: %s is not an address of this machine; the BFD of %s needs it\n", addr,
                neighbor->name);
    else
        fprintf(err, "error: cannot hear BFD on %s UDP port %d for %s: %s\n", addr, BFD_PORT,
                neighbor->name, strerror(-error));
    return RUN_WORLD;
}

static enum run_exit open_in(struct bfd_sockets *sockets, const struct plan_neighbor *neighbor,
                             FILE *err)
{
    int fd = socket_datagrams(&sockets->place, neighbor->local_addr, BFD_PORT,
                              neighbor->comes_later, false);
    if (fd < 0)
        return refused(neighbor, fd, err);
    struct bfd_in *in = memory_zeroed(1, sizeof *in);
    *in = (struct bfd_in){.addr = neighbor->local_addr, .fd = fd, .next = sockets->first};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = in};
    if (epoll_ctl(sockets->epoll, EPOLL_CTL_ADD, fd, &event)) {
        int error = -errno;
        close_in(in);
        return refused(neighbor, error, err);
    }
    sockets->first = in;
    return RUN_FINE;
}

static void make_room(struct bfd_sockets *sockets, size_t cap)
{
    if (cap <= sockets->out_cap)
        return;
    struct bfd_out *longer = memory_zeroed(cap, sizeof *longer);
    for (size_t i = 0; i < cap; i++)
        longer[i] = i < sockets->out_cap ? sockets->out[i] : (struct bfd_out){.fd = -1};
    free(sockets->out);
    sockets->out = longer;
    sockets->out_cap = cap;
}

/* Strict ones first, as with the listeners: where one address serves both kinds it must be here. */
enum run_exit bfd_sockets_open(struct bfd_sockets *sockets, const struct plan *plan, FILE *err)
{
    enum run_exit status = RUN_FINE;
    make_room(sockets, (size_t)plan->number_max + 1);
    for (int lax = 0; lax < 2; lax++) {
        ip_addr open = 0;
        for (uint16_t i = 0; status == RUN_FINE && i < plan->neighbor_count; i++) {
            const struct plan_neighbor *neighbor = &plan->neighbors[plan->by_address[i]];
            if (!neighbor->bfd || neighbor->comes_later != (lax == 1) ||
                neighbor->local_addr == open)
                continue;
            open = neighbor->local_addr;
            if (!in_at(sockets, open))
                status = open_in(sockets, neighbor, err);
        }
    }
    return status;
}

static bool is_needed(const struct plan *plan, ip_addr addr)
{
    for (uint16_t i = 0; i < plan->neighbor_count; i++) {
        if (plan->neighbors[i].bfd && plan->neighbors[i].local_addr == addr)
            return true;
    }
    return false;
}

void bfd_sockets_keep(struct bfd_sockets *sockets, const struct plan *plan)
{
    for (struct bfd_in **at = &sockets->first; *at;) {
        struct bfd_in *in = *at;
        if (is_needed(plan, in->addr)) {
            at = &in->next;
            continue;
        }
        *at = in->next;
        close_in(in);
    }
    for (size_t i = 1; i < sockets->out_cap; i++) {
        bool there = i <= plan->number_max && plan_numbered(plan, (uint16_t)i)->bfd;
        if (!there)
            close_out(&sockets->out[i]);
    }
}

/* -- hearing -- */

static uint16_t whose(const struct plan *plan, const struct engine *engine, ip_addr addr,
                      const struct datagram *datagram)
{
    struct bfd_packet packet;
    struct slice bytes = {datagram->bytes, datagram->size};
    if (bfd_decode(bytes, &packet) == BFD_FAULT_NONE && packet.your_discriminator) {
        uint16_t number = engine_bfd_of(engine, packet.your_discriminator);
        if (number && plan_numbered(plan, number)->local_addr == addr)
            return number;
    }
    const struct plan_neighbor *neighbor = plan_find(plan, addr, datagram->peer);
    return neighbor && neighbor->bfd ? neighbor->number : 0;
}

static int hear_one(struct bfd_sockets *sockets, const struct bfd_in *in, const struct plan *plan,
                    const struct engine *engine, struct bfd_came *ret_came)
{
    struct datagram datagrams[DATAGRAMS_AT_ONCE];
    int count = socket_hear(in->fd, datagrams, DATAGRAMS_AT_ONCE), taken = 0;
    for (int i = 0; i < count; i++) {
        if (datagrams[i].ttl != 255) {
            sockets->far_count++;
            continue;
        }
        uint16_t neighbor = whose(plan, engine, in->addr, &datagrams[i]);
        if (neighbor == 0) {
            sockets->stranger_count++;
            continue;
        }
        struct bfd_came *came = &ret_came[taken++];
        came->neighbor = neighbor;
        came->size = (uint8_t)datagrams[i].size;
        memcpy(came->bytes, datagrams[i].bytes, datagrams[i].size);
    }
    return taken;
}

int bfd_sockets_hear(struct bfd_sockets *sockets, const struct plan *plan,
                     const struct engine *engine, struct bfd_came *ret_came)
{
    struct epoll_event events[BFD_READY_AT_ONCE];
    if (sockets->first == NULL)
        return -1;
    int count = epoll_wait(sockets->epoll, events, BFD_READY_AT_ONCE, 0), taken = 0;
    for (int i = 0; i < count; i++)
        taken += hear_one(sockets, events[i].data.ptr, plan, engine, ret_came + taken);
    return count > 0 ? taken : -1;
}

/* -- saying -- */

/* A port that is nobody else's at this address, the first of them the neighbor's number's. */
static int open_out(const struct bfd_sockets *sockets, const struct plan_neighbor *neighbor)
{
    int fd = -EADDRINUSE;
    for (unsigned i = 0; i < BFD_PORTS && fd == -EADDRINUSE; i++) {
        uint16_t port = (uint16_t)(BFD_PORT_FIRST + (neighbor->number + i) % BFD_PORTS);
        fd = socket_datagrams(&sockets->place, neighbor->local_addr, port, neighbor->comes_later,
                              true);
    }
    return fd;
}

int bfd_sockets_say(struct bfd_sockets *sockets, const struct plan_neighbor *neighbor,
                    const uint8_t *bytes, size_t size)
{
    if (!neighbor->bfd)
        return 0; /* it was one until now */
    assert(neighbor->number < sockets->out_cap);
    struct bfd_out *out = &sockets->out[neighbor->number];
    if (out->fd >= 0 && out->addr != neighbor->local_addr)
        close_out(out);
    if (out->fd < 0) {
        int fd = open_out(sockets, neighbor);
        if (fd < 0) {
            bool told = out->failed;
            out->failed = true;
            return told ? 0 : fd;
        }
        *out = (struct bfd_out){.addr = neighbor->local_addr, .fd = fd};
    }
    sockets->unsent_count += socket_say(out->fd, neighbor->peer_addr, BFD_PORT, bytes, size) != 0;
    return 0;
}
