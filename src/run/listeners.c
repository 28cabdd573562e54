#include "run/listeners.h"

#include "network/memory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void listeners_init(struct listeners *listeners, uv_loop_t *loop, const struct socket_place *place)
{
    *listeners = (struct listeners){.loop = loop, .place = *place};
    listeners->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void freed(uv_handle_t *poll)
{
    free(poll->data);
}

static void let_go(struct listener *listener)
{
    uv_poll_stop(&listener->poll);
    close(listener->fd);
    uv_close((uv_handle_t *)&listener->poll, freed);
}

void listeners_done(struct listeners *listeners)
{
    for (struct listener *at = listeners->first, *next; at; at = next) {
        next = at->next;
        let_go(at);
    }
    if (listeners->spare >= 0)
        close(listeners->spare);
    listeners->first = listeners->ready = NULL;
    listeners->spare = -1;
}

/* -- keys -- */

bool neighbor_wants(const struct plan_neighbor *neighbor, struct key_room *room,
                    struct socket_wants *ret_wants, const char **ret_why)
{
    *ret_wants =
        (struct socket_wants){.ttl_security = neighbor->ttl_security, .direct = neighbor->direct};
    if (!neighbor->md5_file)
        return true;
    int fd = open(neighbor->md5_file, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, room->bytes, sizeof room->bytes);
    *ret_why = size < 0 ? strerror(errno) : "expected one line of 1 to 80 bytes";
    if (fd >= 0)
        close(fd);
    if (size > 0 && room->bytes[size - 1] == '\n')
        size--;
    if (size < 1 || size > SOCKET_KEY_MAX)
        return false;
    ret_wants->key = room->bytes;
    ret_wants->key_size = (size_t)size;
    return true;
}

static enum run_exit sign(const struct listener *listener, const struct plan_neighbor *neighbor,
                          FILE *err)
{
    struct key_room room;
    struct socket_wants wants;
    const char *why = NULL;
    if (!neighbor->md5_file)
        return RUN_FINE;
    if (!neighbor_wants(neighbor, &room, &wants, &why)) {
        fprintf(err, "error: %s: the key in %s cannot be had: %s\n", neighbor->name,
                neighbor->md5_file, why);
        return RUN_WORLD;
    }
    int error = socket_sign(listener->fd, neighbor->peer_addr, &wants);
    explicit_bzero(&room, sizeof room);
    if (error == 0)
        return RUN_FINE;
    fprintf(err, "error: %s: this kernel takes no key for TCP (MD5, RFC 2385): %s\n",
            neighbor->name, strerror(-error));
    return RUN_WORLD;
}

/* -- opening -- */

static void polled(uv_poll_t *poll, int status, int events)
{
    struct listener *listener = poll->data;
    (void)status;
    (void)events;
    if (listener->ready)
        return;
    listener->ready = true;
    listener->next_ready = listener->listeners->ready;
    listener->listeners->ready = listener;
}

static struct listener *listener_of(const struct listeners *listeners, ip_addr addr)
{
    struct listener *at = listeners->first;
    while (at && at->addr != addr)
        at = at->next;
    return at;
}

static enum run_exit refused(const struct listeners *listeners,
                             const struct plan_neighbor *neighbor, int error, FILE *err)
{
    char addr[IP_TEXT_BYTES];
    struct text text = text_over(addr, sizeof addr);
    unsigned port = listeners->place.port;
    text_ip(&text, neighbor->local_addr);
    if (error == -EADDRNOTAVAIL)
        fprintf(err, "error: %s is not an address of this machine; %s needs it\n", addr,
                neighbor->name);
    else if (error == -EADDRINUSE)
        fprintf(err, "error: %s port %u is taken by another program; %s needs it\n", addr, port,
                neighbor->name);
    else if (error == -EACCES || error == -EPERM)
        fprintf(err,
                "error: no permission to listen on %s port %u; expected root, or "
                "CAP_NET_BIND_SERVICE and CAP_NET_RAW\n",
                addr, port);
    else
        fprintf(err, "error: cannot listen on %s port %u for %s: %s\n", addr, port, neighbor->name,
                strerror(-error));
    return RUN_WORLD;
}

static enum run_exit open_one(struct listeners *listeners, const struct plan_neighbor *neighbor,
                              FILE *err, struct listener **ret_listener)
{
    int fd = socket_listen(&listeners->place, neighbor->local_addr, neighbor->comes_later);
    if (fd < 0)
        return refused(listeners, neighbor, fd, err);
    struct listener *listener = memory_zeroed(1, sizeof *listener);
    listener->listeners = listeners;
    listener->addr = neighbor->local_addr;
    listener->fd = fd;
    listener->poll.data = listener;
    int failed = uv_poll_init(listeners->loop, &listener->poll, fd);
    if (failed) {
        close(fd);
        free(listener);
        return refused(listeners, neighbor, failed, err);
    }
    listener->next = listeners->first;
    listeners->first = listener;
    *ret_listener = listener;
    return RUN_FINE;
}

/* Listeners are ascending by address, as neighbors are looked at; strict ones come to be first
 * where one address serves both kinds. */
enum run_exit listeners_open(struct listeners *listeners, const struct plan *plan, FILE *err)
{
    enum run_exit status = RUN_FINE;
    for (int lax = 0; lax < 2; lax++) {
        struct listener *listener = NULL;
        for (uint16_t i = 0; status == RUN_FINE && i < plan->neighbor_count; i++) {
            const struct plan_neighbor *neighbor = &plan->neighbors[plan->by_address[i]];
            if (neighbor->comes_later != (lax == 1))
                continue;
            if (!listener || listener->addr != neighbor->local_addr)
                listener = listener_of(listeners, neighbor->local_addr);
            if (!listener)
                status = open_one(listeners, neighbor, err, &listener);
            if (status == RUN_FINE)
                status = sign(listener, neighbor, err);
        }
    }
    for (struct listener *at = listeners->first; status == RUN_FINE && at; at = at->next) {
        int failed = uv_poll_start(&at->poll, UV_READABLE, polled);
        assert(!failed);
    }
    return status;
}

static bool is_needed(const struct plan *plan, ip_addr addr)
{
    for (uint16_t i = 0; i < plan->neighbor_count; i++) {
        if (plan->neighbors[i].local_addr == addr)
            return true;
    }
    return false;
}

/* Who is ready is told again by libuv. */
void listeners_keep(struct listeners *listeners, const struct plan *plan)
{
    listeners->ready = NULL;
    for (struct listener **at = &listeners->first; *at;) {
        struct listener *listener = *at;
        listener->ready = false;
        if (is_needed(plan, listener->addr)) {
            at = &listener->next;
            continue;
        }
        *at = listener->next;
        let_go(listener);
    }
}

/* -- accepting -- */

/* Without a descriptor a connection can be neither had nor refused, and would be reported for ever.
 * One is kept back for that. */
static void turn_away(struct listeners *listeners, int listener)
{
    listeners->starved_count++;
    if (listeners->spare < 0)
        return;
    close(listeners->spare);
    int fd = accept(listener, NULL, NULL);
    if (fd >= 0)
        close(fd);
    listeners->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* -1: nobody is left. */
static int accept_from(struct listeners *listeners, const struct listener *listener,
                       const struct plan *plan, const struct plan_neighbor **ret_neighbor)
{
    for (int i = 0; i < LISTENERS_AT_ONCE; i++) {
        ip_addr local, peer;
        int fd = socket_accept(listener->fd, &local, &peer);
        if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM) {
            turn_away(listeners, listener->fd);
            return -1;
        }
        if (fd == -EAGAIN)
            return -1;
        if (fd < 0)
            continue; /* gone before it was had */
        const struct plan_neighbor *neighbor = plan_find(plan, local, peer);
        if (neighbor) {
            *ret_neighbor = neighbor;
            return fd;
        }
        listeners->stranger_count++;
        close(fd);
    }
    return -1;
}

int listeners_accept(struct listeners *listeners, const struct plan *plan,
                     const struct plan_neighbor **ret_neighbor)
{
    while (listeners->ready) {
        struct listener *listener = listeners->ready;
        int fd = accept_from(listeners, listener, plan, ret_neighbor);
        if (fd >= 0)
            return fd;
        listeners->ready = listener->next_ready;
        listener->ready = false;
    }
    return -1;
}
