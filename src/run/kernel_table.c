#include "run/kernel_table.h"

#include "net/ip.h"
#include "network/memory.h"
#include "run/netlink.h"
#include "run/socket.h"

#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    RECEIVE_BYTES = 64 << 10, /* more than the kernel puts into one piece of a dump (32 KiB) */
    SOCKET_BYTES = 8 << 20,
    CHUNK_SHIFT = 10,
    KERNEL_BATCH = 64,       /* changes in one message; divides KERNEL_CHANGES */
    INDEX_UNKNOWN = 1 << 16, /* an interface that the engine has no number for: above all ports */
};

/* -- interfaces: the engine's numbers and the kernel's -- */

static bool is_of_port(const struct kernel_table *kernel, size_t port, ip_addr addr)
{
    const struct kernel_port *at = &kernel->ports[port - 1];
    return addr != 0 && (at->addr == addr || at->six == addr);
}

/* 0: it is not there. */
static uint32_t index_of(const struct kernel_table *kernel, uint32_t port)
{
    if (port == 0 || port > kernel->port_count)
        return 0;
    for (size_t i = 0; i < kernel->local_count; i++) {
        if (is_of_port(kernel, port, kernel->locals[i].addr))
            return kernel->locals[i].index;
    }
    return 0;
}

void kernel_table_port(struct kernel_table *kernel, uint16_t number, ip_addr addr, ip_addr six)
{
    if (kernel->fd < 0)
        return;
    while (kernel->port_count < number) {
        kernel->ports = memory_grow(kernel->ports, kernel->port_count, &kernel->port_cap,
                                    sizeof *kernel->ports);
        kernel->ports[kernel->port_count++] = (struct kernel_port){0};
    }
    kernel->ports[number - 1] = (struct kernel_port){addr, six, false};
    kernel->read_anew = true;
}

void kernel_table_statics(struct kernel_table *kernel, uint16_t number, bool statics)
{
    if (kernel->fd >= 0 && number >= 1 && number <= kernel->port_count)
        kernel->ports[number - 1].statics = statics;
}

static bool installs_static(const struct kernel_table *kernel, uint16_t port)
{
    return kernel->statics ||
           (port >= 1 && port <= kernel->port_count && kernel->ports[port - 1].statics);
}

/* The gateway of an entry tells which of several ports on one interface is meant. */
static uint32_t port_of(const struct kernel_table *kernel, const struct fib_entry *entry)
{
    struct fib_entry wanted;
    if (fib_wanted(&kernel->fib, entry->prefix, &wanted) &&
        index_of(kernel, wanted.interface) == entry->interface)
        return wanted.interface;
    for (size_t i = 0; i < kernel->local_count; i++) {
        if (kernel->locals[i].index != entry->interface)
            continue;
        for (size_t port = 1; port <= kernel->port_count; port++) {
            if (is_of_port(kernel, port, kernel->locals[i].addr))
                return (uint32_t)port;
        }
    }
    return INDEX_UNKNOWN + entry->interface;
}

static void add_local(struct kernel_table *kernel, ip_addr addr, uint32_t index)
{
    for (size_t i = 0; i < kernel->local_count; i++) {
        if (kernel->locals[i].addr == addr && kernel->locals[i].index == index)
            return;
    }
    kernel->locals = memory_grow(kernel->locals, kernel->local_count, &kernel->local_cap,
                                 sizeof *kernel->locals);
    kernel->locals[kernel->local_count++] = (struct kernel_local){addr, index};
}

/* -- asking -- */

static uint32_t next_sequence(struct kernel_table *kernel)
{
    kernel->sequence = kernel->sequence + 1 ? kernel->sequence + 1 : 1;
    return kernel->sequence;
}

static bool tell_kernel(struct kernel_table *kernel, const uint8_t *data, size_t size)
{
    return send(kernel->fd, data, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static void read_all_anew(struct kernel_table *kernel)
{
    _Alignas(4) uint8_t request[NETLINK_REQUEST_MAX];
    size_t size = netlink_dump(request, NETLINK_DUMP_ADDRESSES, next_sequence(kernel));
    kernel->read_anew = !tell_kernel(kernel, request, size);
    if (kernel->read_anew)
        return; /* when the next message comes */
    kernel->local_count = 0;
    kernel->reading = KERNEL_ADDRESSES;
}

static void read_routes(struct kernel_table *kernel)
{
    _Alignas(4) uint8_t request[NETLINK_REQUEST_MAX];
    size_t size = netlink_dump(request, NETLINK_DUMP_ROUTES, next_sequence(kernel));
    kernel->reading = KERNEL_QUIET;
    if (!tell_kernel(kernel, request, size)) {
        kernel->read_anew = true;
        return;
    }
    kernel->reading = KERNEL_ROUTES;
    fib_dump_begin(&kernel->fib);
}

static void end_of_dump(struct kernel_table *kernel, bool interrupted)
{
    if (interrupted || kernel->read_anew) {
        kernel->reading = KERNEL_QUIET;
        kernel->read_anew = true;
    } else if (kernel->reading == KERNEL_ADDRESSES) {
        read_routes(kernel);
    } else {
        fib_dump_end(&kernel->fib);
        fib_ask_again(&kernel->fib); /* also what waited for an interface */
        kernel->reading = KERNEL_QUIET;
        kernel->has_changes = true;
    }
}

/* -- hearing -- */

static void report(struct kernel_table *kernel, const struct netlink_said *said)
{
    struct fib_entry entry = said->entry;
    if (said->kind == SAID_ROUTE_GONE) {
        fib_absent(&kernel->fib, entry.prefix, entry.metric);
    } else {
        if (entry.kind == FIB_UNICAST)
            entry.interface = port_of(kernel, &entry);
        kernel->read_anew |= !fib_report(&kernel->fib, &entry);
    }
    kernel->has_changes = true;
}

static void refused(struct kernel_table *kernel, const struct netlink_said *said)
{
    if (said->error == 0 || said->error == ESRCH) /* to be removed, and gone already */
        return;
    if (kernel->reading != KERNEL_QUIET && said->sequence == kernel->sequence) {
        end_of_dump(kernel, true);
        return;
    }
    size_t at = said->sequence % KERNEL_CHANGES;
    kernel->refused_count++;
    kernel->last_error = said->error;
    kernel->again_at_us = 0;
    if (kernel->asked[at].sequence == said->sequence)
        kernel->last_refused = kernel->asked[at].prefix;
}

static void hear(struct kernel_table *kernel, const struct netlink_said *said)
{
    switch (said->kind) {
    case SAID_ROUTE:
    case SAID_ROUTE_GONE:
        report(kernel, said);
        break;
    case SAID_ADDRESS:
        if (kernel->reading == KERNEL_ADDRESSES && said->sequence == kernel->sequence)
            add_local(kernel, said->addr, said->index);
        else
            kernel->read_anew = true;
        break;
    case SAID_ADDRESS_GONE:
    case SAID_LINK:
        kernel->read_anew = true;
        break;
    case SAID_DONE:
        if (said->sequence == kernel->sequence && kernel->reading != KERNEL_QUIET)
            end_of_dump(kernel, said->interrupted);
        break;
    case SAID_ERROR:
        refused(kernel, said);
        break;
    case SAID_OTHER:
    default:
        break;
    }
}

void kernel_table_read(struct kernel_table *kernel)
{
    size_t bytes = 0;
    while (kernel->fd >= 0 && kernel->ready && bytes < KERNEL_READ_BYTES) {
        ssize_t size = recv(kernel->fd, kernel->buffer, RECEIVE_BYTES, MSG_DONTWAIT);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0) {
            kernel->ready = false;
            if (size < 0 && errno == ENOBUFS) { /* messages were lost */
                kernel->reading = KERNEL_QUIET;
                kernel->read_anew = true;
            }
            break;
        }
        bytes += (size_t)size;
        struct slice said = {kernel->buffer, (size_t)size};
        struct netlink_said message;
        while (netlink_next(&said, kernel->table, &message)) {
            bool whole = !message.interrupted || kernel->reading == KERNEL_QUIET;
            kernel->read_anew |= !whole;
            hear(kernel, &message);
        }
    }
}

static void heard(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    ((struct kernel_table *)poll->data)->ready = true;
}

/* -- wanting -- */

bool kernel_table_want(struct kernel_table *kernel, const struct effect_entry *entry)
{
    if (kernel->fd < 0)
        return true;
    kernel->has_changes = true;
    bool ours = entry->source == ROUTE_EBGP || entry->source == ROUTE_IBGP ||
                (entry->source == ROUTE_STATIC && installs_static(kernel, entry->interface));
    if (!entry->present || !ours) {
        fib_unwant(&kernel->fib, entry->prefix);
        return true;
    }
    struct fib_entry wanted = {.prefix = entry->prefix,
                               .gateway = entry->gateway,
                               .interface = entry->discard ? 0 : entry->interface,
                               .metric = KERNEL_METRIC,
                               .kind = entry->discard ? FIB_BLACKHOLE : FIB_UNICAST};
    return fib_want(&kernel->fib, &wanted);
}

/* Changes on their way in one message: the kernel takes them one by one, but is called once. */
struct batch {
    _Alignas(4) uint8_t requests[KERNEL_BATCH * NETLINK_REQUEST_MAX];
    size_t size;
    uint64_t put_count, removed_count;
};

static void add_change(struct kernel_table *kernel, const struct fib_op *op, struct batch *batch)
{
    struct fib_entry entry = op->entry;
    if (op->verb == FIB_REMOVE && kernel->keeping &&
        !fib_wanted(&kernel->fib, entry.prefix, &entry))
        return; /* fib_ask_again, when keeping ends */
    entry = op->entry;
    if (op->verb == FIB_PUT && entry.kind == FIB_UNICAST) {
        entry.interface = index_of(kernel, entry.interface);
        if (entry.interface == 0)
            return; /* until an address comes */
    }
    uint32_t sequence = next_sequence(kernel);
    batch->size += netlink_change(batch->requests + batch->size, (enum fib_verb)op->verb, &entry,
                                  kernel->table, sequence);
    kernel->asked[sequence % KERNEL_CHANGES].sequence = sequence;
    kernel->asked[sequence % KERNEL_CHANGES].prefix = entry.prefix;
    batch->put_count += op->verb == FIB_PUT;
    batch->removed_count += op->verb == FIB_REMOVE;
}

/* false: they have to wait. */
static bool change(struct kernel_table *kernel, const struct fib_op ops[], uint32_t count)
{
    struct batch batch;
    batch.size = 0;
    batch.put_count = batch.removed_count = 0;
    for (uint32_t i = 0; i < count; i++)
        add_change(kernel, &ops[i], &batch);
    if (batch.size > 0 && !tell_kernel(kernel, batch.requests, batch.size))
        return false;
    kernel->put_count += batch.put_count;
    kernel->removed_count += batch.removed_count;
    return true;
}

void kernel_table_write(struct kernel_table *kernel, int64_t now_us)
{
    struct fib_op ops[KERNEL_BATCH];
    if (kernel->fd < 0)
        return;
    if (kernel->keeping && now_us >= kernel->keep_until_us)
        kernel_table_keep_no_more(kernel);
    if (kernel->again_at_us == 0)
        kernel->again_at_us = now_us + KERNEL_AGAIN_US;
    if (now_us >= kernel->again_at_us) {
        kernel->again_at_us = INT64_MAX;
        fib_ask_again(&kernel->fib);
        kernel->has_changes = true;
    }
    if (kernel->read_anew && kernel->reading == KERNEL_QUIET)
        read_all_anew(kernel);
    for (uint32_t done = 0; done < KERNEL_CHANGES && kernel->has_changes; done += KERNEL_BATCH) {
        if (kernel->reading != KERNEL_QUIET)
            return;
        uint32_t count = fib_next_difference(&kernel->fib, ops, KERNEL_BATCH);
        kernel->has_changes = count == KERNEL_BATCH;
        if (!change(kernel, ops, count) && kernel->again_at_us == INT64_MAX)
            kernel->again_at_us = now_us + KERNEL_AGAIN_US;
    }
}

int64_t kernel_table_wake_us(const struct kernel_table *kernel)
{
    if (kernel->fd < 0)
        return INT64_MAX;
    bool waits = kernel->reading != KERNEL_QUIET;
    if (kernel->ready || (!waits && (kernel->has_changes || kernel->read_anew)) ||
        kernel->again_at_us == 0)
        return 0;
    int64_t wake_us = kernel->keeping ? kernel->keep_until_us : INT64_MAX;
    return kernel->again_at_us < wake_us ? kernel->again_at_us : wake_us;
}

void kernel_table_keep_no_more(struct kernel_table *kernel)
{
    if (!kernel->keeping)
        return;
    kernel->keeping = false;
    kernel->has_changes = true;
    fib_ask_again(&kernel->fib);
}

bool kernel_table_settled(const struct kernel_table *kernel)
{
    return kernel->fd < 0 ||
           (!kernel->has_changes && !kernel->read_anew && kernel->reading == KERNEL_QUIET &&
            (fib_settled(&kernel->fib) || kernel->again_at_us != INT64_MAX));
}

/* -- coming and going -- */

void kernel_table_none(struct kernel_table *kernel)
{
    *kernel = (struct kernel_table){.fd = -1, .again_at_us = INT64_MAX};
}

/* To remove what cannot be there: a kernel that permits it says that there is no such route. */
static bool is_permitted(int fd, uint8_t *buffer)
{
    _Alignas(4) uint8_t request[NETLINK_REQUEST_MAX];
    const struct fib_entry nowhere = {
        .prefix = prefix_around(0, 32), .metric = UINT32_MAX, .kind = FIB_BLACKHOLE};
    size_t size = netlink_change(request, FIB_REMOVE, &nowhere, RT_TABLE_MAX, 1);
    if (send(fd, request, size, MSG_NOSIGNAL) != (ssize_t)size)
        return false;
    ssize_t got = recv(fd, buffer, RECEIVE_BYTES, 0);
    struct slice said = {buffer, got > 0 ? (size_t)got : 0};
    struct netlink_said answer;
    return got > 0 && netlink_next(&said, 0, &answer) && answer.kind == SAID_ERROR &&
           answer.error != EPERM && answer.error != EACCES;
}

/* Has an earlier life left anything? Before anything else is asked: all of the answer is read. */
static bool finds_ours(int fd, uint8_t *buffer, uint32_t table)
{
    _Alignas(4) uint8_t request[NETLINK_REQUEST_MAX];
    enum { SEQUENCE = 2 };
    size_t size = netlink_dump(request, NETLINK_DUMP_ROUTES, SEQUENCE);
    bool found = false;
    if (send(fd, request, size, MSG_NOSIGNAL) != (ssize_t)size)
        return false;
    for (;;) {
        ssize_t got = recv(fd, buffer, RECEIVE_BYTES, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return found;
        struct slice bytes = {buffer, (size_t)got};
        struct netlink_said said;
        while (netlink_next(&bytes, table, &said)) {
            found |= said.kind == SAID_ROUTE && fib_is_ours(&said.entry);
            if (said.kind == SAID_DONE || (said.kind == SAID_ERROR && said.sequence == SEQUENCE))
                return found;
        }
    }
}

static int join(int fd)
{
    static const int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                                 RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE};
    int bytes = SOCKET_BYTES;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes))
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i], sizeof *groups))
            return -errno;
    }
    return 0;
}

enum run_exit kernel_table_open(struct kernel_table *kernel, uv_loop_t *loop, struct alloc alloc,
                                uint32_t table, int64_t now_us, FILE *err)
{
    kernel_table_none(kernel);
    int fd = socket_netlink();
    uint8_t *buffer = aligned_alloc(64, RECEIVE_BYTES);
    assert(buffer);
    bool permitted = fd >= 0 && is_permitted(fd, buffer);
    kernel->found = permitted && finds_ours(fd, buffer, table);
    if (!permitted || join(fd)) {
        fputs("error: routes cannot be put into the kernel's table: no permission "
              "(CAP_NET_ADMIN); fib: none in the network file leaves it alone\n",
              err);
        free(buffer);
        if (fd >= 0)
            close(fd);
        return RUN_WORLD;
    }
    kernel->fd = fd;
    kernel->buffer = buffer;
    kernel->table = table;
    kernel->keeping = kernel->read_anew = kernel->ready = true;
    kernel->keep_until_us = now_us + KERNEL_KEEP_US;
    budget_init(&kernel->budget, alloc, 0);
    fib_init(&kernel->fib, &kernel->budget, CHUNK_SHIFT);
    kernel->poll.data = kernel;
    int failed =
        uv_poll_init(loop, &kernel->poll, fd) || uv_poll_start(&kernel->poll, UV_READABLE, heard);
    assert(!failed);
    return RUN_FINE;
}

void kernel_table_done(struct kernel_table *kernel)
{
    if (kernel->fd < 0)
        return;
    uv_close((uv_handle_t *)&kernel->poll, NULL);
    close(kernel->fd);
    fib_done(&kernel->fib);
    free(kernel->locals);
    free(kernel->ports);
    free(kernel->buffer);
    kernel->fd = -1;
}
