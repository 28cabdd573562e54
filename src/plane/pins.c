#include "plane/pins.h"

#include "plane/devices.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    WATCH_BYTES = 32 << 10,
    SOCKET_BYTES = 1 << 20,
    READ_AT_ONCE = 64,
    AGAIN_MS = 2000, /* after the kernel has refused */
    GROUPS = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_RULE,
};

struct pin {
    char tunnel[PLANE_NAME_BYTES];
    char tunnel_device[NAME_DEVICE_BYTES];
    ip_addr far;
    bool told;
    struct pin_way way;
    char device[NAME_DEVICE_BYTES];
};

struct pins {
    uv_loop_t *loop;
    struct pins_ears ears;
    struct rtnetlink kernel;
    uint32_t table;
    int fd;
    uv_poll_t poll;
    uv_timer_t gather;
    unsigned closing;
    bool settled;
    struct pin *items;
    size_t count;
    uint32_t *tunnels; /* indices of their devices */
    size_t tunnel_count;
    struct trouble trouble; /* the last that was told */
    _Alignas(8) uint8_t room[WATCH_BYTES];
};

uint32_t pins_table(const char *gateway)
{
    char name[NAME_DEVICE_BYTES];
    name_outer(gateway, "pins", name);
    name[8] = '\0'; /* "sk", and 24 bits of the twelve digits: far from tables that have names */
    return 0x74000000u | (uint32_t)strtoul(name + 2, NULL, 16);
}

/* -- the choice -- */

static bool is_among(uint32_t index, const uint32_t *indices, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (indices[i] == index)
            return true;
    }
    return false;
}

/* As the kernel does: the longest prefix, of those the lowest metric. */
static bool is_better(const struct rtnetlink_route *route, const struct rtnetlink_route *best)
{
    return !best || route->to.len > best->to.len ||
           (route->to.len == best->to.len && route->metric < best->metric);
}

struct pin_way pin_choose(const struct rtnetlink_route *routes, size_t count, ip_addr far,
                          const uint32_t *tunnels, size_t tunnel_count)
{
    const struct rtnetlink_route *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct rtnetlink_route *route = &routes[i];
        if (route->to.six || !prefix_contains(route->to, far) ||
            (route->index != 0 && is_among(route->index, tunnels, tunnel_count)))
            continue;
        if (is_better(route, best))
            best = route;
    }
    if (!best || best->kind != RTNETLINK_UNICAST_ROUTE || best->index == 0)
        return (struct pin_way){0};
    return (struct pin_way){true, best->index, best->gateway, best->source};
}

/* -- what there is -- */

struct looking {
    struct pins *pins;
    struct rtnetlink_route *routes; /* of the main table that contain one of the far ends */
    size_t count, cap;
    bool short_of_memory;
};

static bool concerns(const struct pins *pins, struct prefix to)
{
    for (size_t i = 0; i < pins->count; i++) {
        if (pins->items[i].far != 0 && prefix_contains(to, pins->items[i].far))
            return true;
    }
    return false;
}

static void hear_route(const struct rtnetlink_said *said, void *context)
{
    struct looking *looking = context;
    if (said->kind != RTNETLINK_ROUTE || said->route.to.six ||
        !concerns(looking->pins, said->route.to))
        return;
    if (looking->count == looking->cap) {
        size_t cap = looking->cap * 2 + 16;
        void *routes = realloc(looking->routes, cap * sizeof *looking->routes);
        looking->short_of_memory |= !routes;
        if (!routes)
            return;
        looking->routes = routes;
        looking->cap = cap;
    }
    looking->routes[looking->count++] = said->route;
}

static bool is_tunnel_device(const struct pins *pins, const char *name)
{
    for (size_t i = 0; i < pins->count; i++) {
        if (strcmp(pins->items[i].tunnel_device, name) == 0)
            return true;
    }
    return false;
}

static void hear_device(const struct rtnetlink_device *device, void *context)
{
    struct pins *pins = ((struct looking *)context)->pins;
    if (is_tunnel_device(pins, device->name) && pins->tunnel_count < PINS_MAX)
        pins->tunnels[pins->tunnel_count++] = device->index;
}

static void hear_name(const struct rtnetlink_device *device, void *context)
{
    struct pins *pins = context;
    for (size_t i = 0; i < pins->count; i++) {
        struct pin *pin = &pins->items[i];
        if (pin->way.there && pin->way.index == device->index)
            memcpy(pin->device, device->name, sizeof pin->device);
    }
}

static bool same_way(const struct pin_way *one, const struct pin_way *other)
{
    return one->there == other->there && one->index == other->index &&
           one->gateway == other->gateway && one->source == other->source;
}

/* Decides for each, by what the kernel says at one moment. */
static bool look(struct pins *pins, struct trouble *ret_trouble)
{
    struct looking looking = {.pins = pins};
    pins->tunnel_count = 0;
    bool fine =
        device_each(&pins->kernel, hear_device, &looking, ret_trouble) &&
        route_each(&pins->kernel, ROUTES_MAIN_TABLE, hear_route, &looking, ret_trouble) &&
        (!looking.short_of_memory || trouble_is(ret_trouble, ENOMEM, "the ways of the tunnels"));
    for (size_t i = 0; fine && i < pins->count; i++) {
        struct pin *pin = &pins->items[i];
        struct pin_way way =
            pin_choose(looking.routes, looking.count, pin->far, pins->tunnels, pins->tunnel_count);
        if (same_way(&way, &pin->way))
            continue;
        pin->way = way;
        pin->device[0] = '\0';
        pin->told = false;
    }
    free(looking.routes);
    return fine && device_each(&pins->kernel, hear_name, pins, ret_trouble);
}

/* -- what shall be -- */

static struct plane_route route_of(const struct pins *pins, const struct pin *pin)
{
    struct plane_route route = {.to = prefix_host(pin->far), .table = pins->table};
    if (!pin->way.there || !*pin->device) {
        route.kind = RTNETLINK_UNREACHABLE_ROUTE;
        return route;
    }
    route.device = pin->device;
    route.gateway = pin->way.gateway;
    route.onlink = pin->way.gateway != 0; /* as the route is there that it was taken from */
    route.source = pin->way.source;
    return route;
}

static struct plane_rule rule_of(uint32_t table)
{
    return (struct plane_rule){.table = table, .priority = PINS_PRIORITY};
}

/* Until everything wanted has been said, what an earlier one has pinned stays. */
static bool put(struct pins *pins, struct trouble *ret_trouble)
{
    struct plane_route routes[PINS_MAX];
    struct plane_rule rule = rule_of(pins->table);
    size_t count = 0;
    bool fine = true;
    for (size_t i = 0; i < pins->count; i++) {
        if (pins->items[i].far != 0)
            routes[count++] = route_of(pins, &pins->items[i]);
    }
    for (size_t i = 0; fine && !pins->settled && i < count; i++)
        fine = route_put(&pins->kernel, &routes[i], ret_trouble);
    if (fine && pins->settled)
        fine = route_all(&pins->kernel, pins->table, routes, count, ret_trouble);
    return fine && rule_put(&pins->kernel, &rule, ret_trouble);
}

static void tell(struct pins *pins)
{
    for (size_t i = 0; i < pins->count; i++) {
        struct pin *pin = &pins->items[i];
        if (pin->told || pin->far == 0)
            continue;
        pin->told = true;
        pins->ears.pinned(pins->ears.of, pin->tunnel, pin->far, pin->device, pin->way.gateway);
    }
}

static void gathered(uv_timer_t *timer);

/* A device may go between the look and the deed; what was not done is done again soon. */
static void follow(struct pins *pins)
{
    struct trouble trouble = {0};
    if (look(pins, &trouble) && put(pins, &trouble)) {
        pins->trouble.error = 0;
        tell(pins);
        return;
    }
    if (pins->trouble.error != trouble.error)
        pins->ears.trouble(pins->ears.of, trouble.sentence);
    pins->trouble = trouble;
    uv_timer_start(&pins->gather, gathered, AGAIN_MS, 0);
}

static void gathered(uv_timer_t *timer)
{
    follow(timer->data);
}

/* -- what happens -- */

/* Of routes only those count that the ways are taken from, or that somebody took from us. */
static bool matters(const struct pins *pins, const struct rtnetlink_said *said)
{
    const struct rtnetlink_route *route = &said->route;
    switch (said->kind) {
    case RTNETLINK_ROUTE:
    case RTNETLINK_ROUTE_GONE:
        if (route->table == pins->table)
            return said->kind == RTNETLINK_ROUTE_GONE;
        return route->table == ROUTES_MAIN_TABLE && concerns(pins, route->to) &&
               (route->index == 0 || !is_among(route->index, pins->tunnels, pins->tunnel_count));
    case RTNETLINK_DEVICE:
    case RTNETLINK_DEVICE_GONE:
    case RTNETLINK_ADDRESS:
    case RTNETLINK_ADDRESS_GONE:
    case RTNETLINK_RULE_GONE:
        return true;
    case RTNETLINK_RULE:
    case RTNETLINK_PROXY:
    case RTNETLINK_PROXY_GONE:
    case RTNETLINK_OTHER:
    case RTNETLINK_DONE:
    case RTNETLINK_ERROR:
    default:
        return false;
    }
}

/* true: something to look at. What the kernel could not keep for us, or what does not fit, is. */
static bool heard(struct pins *pins)
{
    bool news = false;
    for (int i = 0; i < READ_AT_ONCE; i++) {
        struct rtnetlink_said said;
        ssize_t size = recv(pins->fd, pins->room, sizeof pins->room, MSG_TRUNC | MSG_DONTWAIT);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return news || errno == ENOBUFS;
        struct slice bytes = {pins->room, (size_t)size};
        if ((size_t)size > sizeof pins->room)
            return true;
        while (rtnetlink_next(&bytes, &said))
            news |= matters(pins, &said);
    }
    return news;
}

static void polled(uv_poll_t *poll, int status, int events)
{
    struct pins *pins = poll->data;
    (void)status;
    (void)events;
    if (heard(pins) && !uv_is_active((uv_handle_t *)&pins->gather))
        uv_timer_start(&pins->gather, gathered, PINS_GATHER_MS, 0);
}

/* -- life -- */

static bool watch(struct pins *pins, struct trouble *ret_trouble)
{
    static const int bytes = SOCKET_BYTES;
    struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_groups = GROUPS};
    pins->fd = space_socket(NULL, AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE, ret_trouble);
    if (pins->fd < 0)
        return false;
    (void)setsockopt(pins->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    return bind(pins->fd, (struct sockaddr *)&at, sizeof at) == 0 ||
           trouble_is(ret_trouble, errno, "the routes of the underlay cannot be watched");
}

static void release(struct pins *pins)
{
    rtnetlink_close(&pins->kernel);
    if (pins->fd >= 0)
        close(pins->fd);
    free(pins->items);
    free(pins->tunnels);
    free(pins);
}

struct pins *pins_create(uv_loop_t *loop, const char *gateway, const struct pins_ears *ears,
                         struct trouble *ret_trouble)
{
    struct pins *pins = calloc(1, sizeof *pins);
    if (!pins) {
        trouble_is(ret_trouble, ENOMEM, "the ways of the tunnels");
        return NULL;
    }
    pins->loop = loop;
    pins->ears = *ears;
    pins->table = pins_table(gateway);
    pins->fd = pins->kernel.fd = pins->kernel.space_fd = -1;
    pins->items = calloc(PINS_MAX, sizeof *pins->items);
    pins->tunnels = calloc(PINS_MAX, sizeof *pins->tunnels);
    bool fine = (pins->items && pins->tunnels) ||
                trouble_is(ret_trouble, ENOMEM, "the ways of the tunnels");
    fine = fine && rtnetlink_open(&pins->kernel, NULL, ret_trouble) && watch(pins, ret_trouble);
    if (!fine) {
        release(pins);
        return NULL;
    }
    uv_timer_init(loop, &pins->gather);
    uv_poll_init(loop, &pins->poll, pins->fd);
    pins->gather.data = pins->poll.data = pins;
    uv_poll_start(&pins->poll, UV_READABLE, polled);
    return pins;
}

static struct pin *pin_of(struct pins *pins, const char *tunnel)
{
    for (size_t i = 0; i < pins->count; i++) {
        if (strcmp(pins->items[i].tunnel, tunnel) == 0)
            return &pins->items[i];
    }
    return NULL;
}

void pins_want(struct pins *pins, const char *tunnel, ip_addr far)
{
    struct pin *pin = pin_of(pins, tunnel);
    if (!pin && pins->count == PINS_MAX)
        return; /* the keeper has no more tunnels either */
    if (!pin) {
        pin = &pins->items[pins->count++];
        *pin = (struct pin){0};
        snprintf(pin->tunnel, sizeof pin->tunnel, "%s", tunnel);
        name_device(tunnel, pin->tunnel_device);
    }
    pin->told &= pin->far == far;
    pin->far = far;
    follow(pins);
}

void pins_unwant(struct pins *pins, const char *tunnel)
{
    struct pin *pin = pin_of(pins, tunnel);
    if (!pin)
        return;
    *pin = pins->items[--pins->count];
    follow(pins);
}

void pins_settled(struct pins *pins)
{
    pins->settled = true;
    follow(pins);
}

static bool clear(struct rtnetlink *kernel, uint32_t table, struct trouble *ret_trouble)
{
    struct plane_rule rule = rule_of(table);
    bool fine = rule_remove(kernel, &rule, ret_trouble);
    return route_clear(kernel, table, ret_trouble) && fine;
}

void pins_clear(struct pins *pins)
{
    struct trouble trouble;
    uv_timer_stop(&pins->gather);
    uv_poll_stop(&pins->poll);
    pins->count = 0;
    if (!clear(&pins->kernel, pins->table, &trouble))
        pins->ears.trouble(pins->ears.of, trouble.sentence);
}

void pins_sweep(const char *gateway)
{
    struct rtnetlink kernel = {.fd = -1};
    struct trouble ignored;
    if (!rtnetlink_open(&kernel, NULL, &ignored))
        return;
    clear(&kernel, pins_table(gateway), &ignored);
    rtnetlink_close(&kernel);
}

static void closed(uv_handle_t *left)
{
    struct pins *pins = left->data;
    if (++pins->closing == 2)
        release(pins);
}

void pins_leave(struct pins *pins)
{
    if (!pins)
        return;
    uv_poll_stop(&pins->poll);
    uv_close((uv_handle_t *)&pins->poll, closed);
    uv_close((uv_handle_t *)&pins->gather, closed);
}
