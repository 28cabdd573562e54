#include "lab/watch.h"

#include "lab/plan.h"
#include "plane/space.h"
#include "run/netlink.h"
#include "world/names.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* rtm_protocol of daemons that are not in linux/rtnetlink.h's list of 2008 (zebra/rt_netlink.h). */
enum { OF_ZEBRA_BGP = 186, OF_ZEBRA_STATIC = 196, OF_SEKISHOD = FIB_PROTOCOL };
enum { RECEIVE_BYTES = 1 << 20, MESSAGE_BYTES = 1 << 16, TAIL_BYTES = 1 << 13 };

struct tail_of { /* a daemon's log */
    char path[LAB_PATH_BYTES];
    int node;
    enum heard_speaker speaker;
    int fd; /* -1: not there yet */
    char line[HEARD_LINE_BYTES];
    size_t size; /* of what is there of the line */
};

struct kernel_of { /* a router's, a gateway's or an instance's namespace */
    int node;
    int netlink, plain; /* plain: for asking what a device is called */
    unsigned dump;      /* the last one that was begun */
    bool dumping, again;
};

struct watch {
    struct seen *seen;
    struct tail_of *tails;
    size_t tail_count;
    struct kernel_of *kernels;
    size_t kernel_count;
    struct pollfd *polls; /* the kernels', and inotify last */
    int inotify;
};

int64_t watch_wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000ll + now.tv_nsec / 1000;
}

static void *must(void *block)
{
    assert(block);
    return block;
}

/* -- logs -- */

static void say_line(struct watch *watch, struct tail_of *tail)
{
    int64_t now_us = watch_wall_us();
    struct heard heard =
        heard_line(tail->speaker, (struct slice){(const uint8_t *)tail->line, tail->size});
    tail->size = 0;
    if (heard.kind != HEARD_NOTHING)
        seen_heard(watch->seen, tail->node, &heard, heard_at_us(&heard, now_us));
}

static void read_tail(struct watch *watch, struct tail_of *tail)
{
    char bytes[TAIL_BYTES];
    ssize_t size;
    if (tail->fd < 0) {
        tail->fd = open(tail->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (tail->fd < 0)
            return;
        inotify_add_watch(watch->inotify, tail->path, IN_MODIFY);
    }
    off_t at = lseek(tail->fd, 0, SEEK_CUR), end = lseek(tail->fd, 0, SEEK_END);
    lseek(tail->fd, end < at ? 0 : at, SEEK_SET); /* its writer began anew */
    while ((size = read(tail->fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < size; i++) {
            if (bytes[i] == '\n')
                say_line(watch, tail);
            else if (tail->size < sizeof tail->line)
                tail->line[tail->size++] = bytes[i];
        }
    }
}

static bool speaker_called(const char *name, enum heard_speaker *ret_speaker)
{
    static const struct {
        const char *name;
        enum heard_speaker speaker;
    } known[] = {{"sekishod", HEARD_SEKISHOD},
                 {"bgpd", HEARD_BGPD},
                 {"bird", HEARD_BIRD},
                 {"charon", HEARD_CHARON}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, name) == 0) {
            *ret_speaker = known[i].speaker;
            return true;
        }
    }
    return false;
}

static void add_tail(struct watch *watch, int node, const struct running_daemon *daemon)
{
    enum heard_speaker speaker;
    const char *path = *daemon->log ? daemon->log : daemon->output;
    if (!speaker_called(daemon->name, &speaker) || !*path)
        return;
    for (size_t i = 0; i < watch->tail_count; i++) {
        if (strcmp(watch->tails[i].path, path) == 0)
            return;
    }
    watch->tails = must(realloc(watch->tails, (watch->tail_count + 1) * sizeof *watch->tails));
    struct tail_of *tail = &watch->tails[watch->tail_count++];
    *tail = (struct tail_of){.node = node, .speaker = speaker, .fd = -1};
    snprintf(tail->path, sizeof tail->path, "%s", path);
}

void watch_again(struct watch *watch, const struct lab_running *lab)
{
    for (size_t i = 0; i < lab->node_count; i++) {
        const struct running_node *at = &lab->nodes[i];
        int node = world_find_node(watch->seen->world, at->id);
        for (size_t j = 0; node != WORLD_NONE && j < at->daemon_count; j++)
            add_tail(watch, node, &at->daemons[j]);
    }
}

/* -- kernels -- */

static uint16_t port_called(const struct node *node, const char *device)
{
    for (uint16_t i = 1; i <= node->port_count; i++) {
        if (strcmp(node->ports[i].name, device) == 0)
            return i;
    }
    return 0;
}

/* Where sekishod is, a gateway or a customer's router, devices are called after their tunnels and
 * Direct Connects. */
static uint16_t port_named_after(const struct world *world, int node, const char *device)
{
    char name[NAME_DEVICE_BYTES];
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel_end *ends = world->tunnels[i].ends;
        name_device(world->tunnels[i].id, name);
        for (int end = 0; end < 2; end++) {
            if (ends[end].node == node && strcmp(name, device) == 0)
                return ends[end].port;
        }
    }
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        const struct direct_connect *direct = &world->direct_connects[i];
        name_device(direct->id, name);
        if (direct->gateway == node && strcmp(name, device) == 0)
            return direct->gateway_port;
    }
    return 0;
}

static uint16_t port_at(const struct watch *watch, const struct kernel_of *kernel, uint32_t index)
{
    const struct world *world = watch->seen->world;
    struct ifreq request = {.ifr_ifindex = (int)index};
    if (ioctl(kernel->plain, SIOCGIFNAME, &request) != 0)
        return 0;
    uint16_t port = port_called(&world->nodes[kernel->node], request.ifr_name);
    return port ? port : port_named_after(world, kernel->node, request.ifr_name);
}

/* What the router was told of this prefix besides BGP: a static route that stands for DHCP's. */
static enum route_source source_said(const struct node *node, struct prefix prefix,
                                     enum route_source otherwise)
{
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *event = &node->setup[i];
        if (event->kind == EVENT_ROUTE_SET && prefix_equal(event->route.prefix, prefix))
            return (enum route_source)event->route.source;
    }
    return otherwise;
}

/* A configured route may have a neighbor's address as its next hop, too. */
static bool is_configured(const struct node *node, const struct fib_entry *entry)
{
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *event = &node->setup[i];
        if (event->kind == EVENT_ROUTE_SET && event->route.gateway == entry->gateway &&
            prefix_equal(event->route.prefix, entry->prefix))
            return true;
    }
    return false;
}

static enum route_source source_of(const struct node *node, const struct fib_entry *entry,
                                   uint16_t neighbor)
{
    switch (entry->protocol) {
    case RTPROT_BIRD: /* of static routes, too: those have no neighbor's address */
    case OF_SEKISHOD:
        return neighbor && !is_configured(node, entry)
                   ? ROUTE_EBGP
                   : source_said(node, entry->prefix, ROUTE_STATIC);
    case OF_ZEBRA_BGP:
        return ROUTE_EBGP;
    case RTPROT_KERNEL:
        return ROUTE_CONNECTED;
    case RTPROT_DHCP:
        return ROUTE_DHCP;
    default:
        return source_said(node, entry->prefix,
                           entry->protocol == OF_ZEBRA_STATIC ? ROUTE_STATIC : ROUTE_KERNEL);
    }
}

static uint16_t neighbor_at(const struct watch *watch, int node, ip_addr gateway)
{
    const struct seen_node *at = &watch->seen->nodes[node];
    for (size_t i = 0; gateway && i < at->session_count; i++) {
        if (at->sessions[i].peer == gateway)
            return at->sessions[i].neighbor;
    }
    return 0;
}

/* The kernel's own of every device of IPv6: link-local addresses and multicast. */
static bool is_kernels_own(struct prefix prefix)
{
    unsigned first = (unsigned)(prefix.addr >> 112) & 0xffff;
    return prefix.six && prefix.len >= 8 && ((first & 0xffc0) == 0xfe80 || first >> 8 == 0xff);
}

/* outer: of the VRF's table. */
static void hear_route(struct watch *watch, const struct kernel_of *kernel,
                       const struct fib_entry *entry, bool there, bool outer)
{
    int64_t now_us = watch_wall_us();
    if (is_kernels_own(entry->prefix))
        return;
    if (!there) {
        (outer ? seen_outer_route_gone : seen_route_gone)(watch->seen, kernel->node, entry->prefix,
                                                          entry->metric, now_us);
        return;
    }
    struct seen_route route = {
        .prefix = entry->prefix, .metric = entry->metric, .dump = kernel->dump, .outer = outer};
    uint16_t port = entry->interface ? port_at(watch, kernel, entry->interface) : 0;
    if (entry->interface && port == 0)
        return; /* not one of the network's: lo, or a device of libipsec's own */
    route.entry.port = port;
    route.entry.gateway = entry->gateway;
    uint16_t neighbor = neighbor_at(watch, kernel->node, entry->gateway);
    route.entry.source = source_of(&watch->seen->world->nodes[kernel->node], entry, neighbor);
    route.entry.neighbor = route.entry.source == ROUTE_EBGP ? neighbor : 0;
    seen_route(watch->seen, kernel->node, &route, now_us);
}

static void begin_dump(struct kernel_of *kernel)
{
    uint8_t request[NETLINK_REQUEST_MAX];
    if (kernel->dumping) {
        kernel->again = true;
        return;
    }
    size_t size = netlink_dump(request, NETLINK_DUMP_ROUTES, kernel->dump + 1);
    kernel->again = false;
    kernel->dumping = send(kernel->netlink, request, size, 0) == (ssize_t)size;
    kernel->dump += kernel->dumping;
}

static void end_dump(struct watch *watch, struct kernel_of *kernel, bool whole)
{
    kernel->dumping = false;
    if (whole)
        seen_sweep(watch->seen, kernel->node, kernel->dump, watch_wall_us());
    if (kernel->again || !whole)
        begin_dump(kernel);
}

static void hear_said(struct watch *watch, struct kernel_of *kernel,
                      const struct netlink_said *said)
{
    switch (said->kind) {
    case SAID_ROUTE:
    case SAID_ROUTE_GONE:
        hear_route(watch, kernel, &said->entry, said->kind == SAID_ROUTE, false);
        break;
    case SAID_ADDRESS:
    case SAID_ADDRESS_GONE:
    case SAID_LINK:
        begin_dump(kernel);
        break;
    case SAID_DONE:
        end_dump(watch, kernel, !said->interrupted);
        break;
    case SAID_ERROR:
        kernel->dumping = false;
        break;
    case SAID_OTHER:
    default:
        break;
    }
}

/* Before the rest of the message is heard, in which a dump may end. */
static void hear_outer(struct watch *watch, const struct kernel_of *kernel, struct slice left)
{
    struct netlink_said said;
    while (netlink_next(&left, LAB_VRF_TABLE, &said)) {
        if (said.kind == SAID_ROUTE || said.kind == SAID_ROUTE_GONE)
            hear_route(watch, kernel, &said.entry, said.kind == SAID_ROUTE, true);
    }
}

static void read_kernel(struct watch *watch, struct kernel_of *kernel)
{
    static _Alignas(8) uint8_t bytes[MESSAGE_BYTES];
    for (;;) {
        ssize_t size = recv(kernel->netlink, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size < 0 && errno == ENOBUFS) { /* more was said than the socket holds */
            kernel->dumping = false;
            begin_dump(kernel);
            continue;
        }
        if (size <= 0)
            return;
        struct slice left = {bytes, (size_t)size};
        struct netlink_said said;
        if (lab_has_vrf(&watch->seen->world->nodes[kernel->node]))
            hear_outer(watch, kernel, left);
        while (netlink_next(&left, RT_TABLE_MAIN, &said))
            hear_said(watch, kernel, &said);
    }
}

static bool add_kernel(struct watch *watch, int node, const char *space,
                       struct trouble *ret_trouble)
{
    struct kernel_of *kernel = &watch->kernels[watch->kernel_count++];
    struct sockaddr_nl here = {.nl_family = AF_NETLINK,
                               .nl_groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | RTMGRP_LINK};
    int bytes = RECEIVE_BYTES;
    *kernel = (struct kernel_of){.node = node, .netlink = -1, .plain = -1};
    kernel->netlink = space_socket(space, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, ret_trouble);
    kernel->plain = space_socket(space, AF_INET, SOCK_DGRAM, 0, ret_trouble);
    if (kernel->netlink < 0 || kernel->plain < 0)
        return false;
    setsockopt(kernel->netlink, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    if (bind(kernel->netlink, (struct sockaddr *)&here, sizeof here) != 0)
        return trouble_is(ret_trouble, errno, "routes of %s cannot be watched", space);
    begin_dump(kernel);
    return true;
}

static bool add_kernels(struct watch *watch, const struct lab_running *lab,
                        struct trouble *ret_trouble)
{
    watch->kernels = must(calloc(lab->node_count + 1, sizeof *watch->kernels));
    for (size_t i = 0; i < lab->node_count; i++) {
        const struct running_node *at = &lab->nodes[i];
        int node = world_find_node(watch->seen->world, at->id);
        const char *space = *at->inner ? at->inner : at->space;
        bool routes =
            at->kind == NODE_ROUTER || at->kind == NODE_GATEWAY || at->kind == NODE_INSTANCE;
        if (routes && node != WORLD_NONE && *space && !add_kernel(watch, node, space, ret_trouble))
            return false;
    }
    return true;
}

/* -- the whole -- */

struct watch *watch_create(const struct lab_running *lab, struct seen *seen,
                           struct trouble *ret_trouble)
{
    struct watch *watch = must(calloc(1, sizeof *watch));
    watch->seen = seen;
    watch->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    bool done = watch->inotify >= 0 ||
                trouble_is(ret_trouble, errno, "no way to be told that a log has grown");
    done = done && add_kernels(watch, lab, ret_trouble);
    watch->polls = must(calloc(watch->kernel_count + 1, sizeof *watch->polls));
    for (size_t i = 0; i < watch->kernel_count; i++)
        watch->polls[i] = (struct pollfd){.fd = watch->kernels[i].netlink, .events = POLLIN};
    watch->polls[watch->kernel_count] = (struct pollfd){.fd = watch->inotify, .events = POLLIN};
    if (!done) {
        watch_destroy(watch);
        return NULL;
    }
    watch_again(watch, lab);
    watch_hear(watch, 0);
    return watch;
}

void watch_destroy(struct watch *watch)
{
    if (!watch)
        return;
    for (size_t i = 0; i < watch->kernel_count; i++) {
        if (watch->kernels[i].netlink >= 0)
            close(watch->kernels[i].netlink);
        if (watch->kernels[i].plain >= 0)
            close(watch->kernels[i].plain);
    }
    for (size_t i = 0; i < watch->tail_count; i++) {
        if (watch->tails[i].fd >= 0)
            close(watch->tails[i].fd);
    }
    if (watch->inotify >= 0)
        close(watch->inotify);
    free(watch->kernels);
    free(watch->tails);
    free(watch->polls);
    free(watch);
}

void watch_hear(struct watch *watch, int wait_ms)
{
    char events[4096];
    poll(watch->polls, watch->kernel_count + 1, wait_ms);
    for (size_t i = 0; i < watch->kernel_count; i++)
        read_kernel(watch, &watch->kernels[i]);
    while (read(watch->inotify, events, sizeof events) > 0)
        ;
    for (size_t i = 0; i < watch->tail_count; i++)
        read_tail(watch, &watch->tails[i]);
}
