#include "plane/xfrm.h"

#include "plane/charon.h"
#include "plane/devices.h"
#include "plane/endpoint.h"
#include "plane/firewall.h"
#include "plane/inner.h"
#include "plane/routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOPBACK "lo"

struct xfrm_tunnel {
    struct xfrm_tunnel *next;
    struct plane_tunnel tunnel;
    char device[NAME_DEVICE_BYTES];
    bool placed;
    struct charon_totals totals;
};

struct xfrm {
    struct carrier carrier; /* the first member */
    struct carrier_spec spec;
    struct carrier_ears ears;
    char inner[NAME_SPACE_BYTES];
    char lower[NAME_DEVICE_BYTES]; /* that the interfaces are over */
    struct rtnetlink outer_kernel, inner_kernel;
    struct charon *charon;
    struct charon_spec charon_spec;
    struct xfrm_tunnel *first;
    uv_timer_t repair;
    char trouble[ORDER_SENTENCE_BYTES]; /* the last that was told */
    bool made_inner, settled, lines_wanted;
};

uint32_t xfrm_number(const char *gateway, const char *tunnel)
{
    char name[NAME_DEVICE_BYTES];
    name_outer(gateway, tunnel, name);
    name[10] = '\0'; /* "sk", and 32 bits of the twelve digits */
    uint32_t number = (uint32_t)strtoul(name + 2, NULL, 16);
    return number ? number : 1;
}

static struct xfrm *of(struct carrier *carrier)
{
    return (struct xfrm *)carrier;
}

static struct xfrm_tunnel *tunnel_called(const struct xfrm *plane, const char *name)
{
    struct xfrm_tunnel *at = plane->first;
    while (at && strcmp(at->tunnel.name, name) != 0)
        at = at->next;
    return at;
}

/* -- telling -- */

static void tell(struct xfrm *plane, const struct xfrm_tunnel *tunnel)
{
    struct report_tunnel said;
    carrier_report(plane->charon, &tunnel->tunnel, tunnel->placed ? tunnel->device : "", &said);
    plane->ears.changed(plane->ears.of, &said);
}

static void complain(struct xfrm *plane, const char *tunnel, const char *sentence)
{
    if (strncmp(plane->trouble, sentence, sizeof plane->trouble - 1) == 0)
        return;
    snprintf(plane->trouble, sizeof plane->trouble, "%s", sentence);
    plane->ears.trouble(plane->ears.of, tunnel, sentence);
}

/* -- the ground -- */

struct search {
    uint32_t index;
    char name[NAME_DEVICE_BYTES];
};

static void hear_default(const struct rtnetlink_said *said, void *context)
{
    struct search *search = context;
    const struct rtnetlink_route *route = &said->route;
    if (said->kind == RTNETLINK_ROUTE && route->to.len == 0 && !route->to.six && route->index != 0)
        search->index = route->index;
}

static void hear_device(const struct rtnetlink_device *device, void *context)
{
    struct search *search = context;
    if (device->index == search->index)
        memcpy(search->name, device->name, sizeof search->name);
}

/* Where the default route leads; without one the loopback device will do, too. */
static bool find_lower(struct xfrm *plane, struct trouble *ret_trouble)
{
    struct search search = {.name = LOOPBACK};
    if (!route_each(&plane->outer_kernel, ROUTES_MAIN_TABLE, hear_default, &search, ret_trouble) ||
        !device_each(&plane->outer_kernel, hear_device, &search, ret_trouble))
        return false;
    memcpy(plane->lower, search.name, sizeof plane->lower);
    return true;
}

struct owned {
    ip_addr addr;
    bool there;
};

static void hear_address(const struct rtnetlink_said *said, void *context)
{
    struct owned *owned = context;
    if (said->kind == RTNETLINK_ADDRESS && said->address.addr == owned->addr)
        owned->there = true;
}

static bool own_address(struct xfrm *plane, ip_addr outside, struct trouble *ret_trouble)
{
    struct owned owned = {.addr = outside};
    struct plane_address address = {.addr = outside, .len = 32};
    return address_each(&plane->outer_kernel, hear_address, &owned, ret_trouble) &&
           (owned.there || address_put(&plane->outer_kernel, LOOPBACK, &address, ret_trouble));
}

static void disown_address(struct xfrm *plane, ip_addr outside)
{
    struct plane_address address = {.addr = outside, .len = 32};
    struct trouble ignored;
    for (const struct xfrm_tunnel *at = plane->first; at; at = at->next) {
        if (at->tunnel.outside == outside)
            return;
    }
    address_remove(&plane->outer_kernel, LOOPBACK, &address, &ignored);
}

static void place(struct xfrm *plane, struct xfrm_tunnel *tunnel)
{
    struct trouble trouble;
    bool was = tunnel->placed;
    uint32_t number = xfrm_number(plane->spec.gateway, tunnel->tunnel.name);
    tunnel->placed = own_address(plane, tunnel->tunnel.outside, &trouble) &&
                     device_xfrm(&plane->inner_kernel, tunnel->device, &plane->outer_kernel,
                                 plane->lower, number, &trouble) &&
                     inner_dress(&plane->inner_kernel, tunnel->device, &tunnel->tunnel, &trouble);
    if (!tunnel->placed)
        complain(plane, tunnel->tunnel.name, trouble.sentence);
    if (was != tunnel->placed)
        tell(plane, tunnel);
}

static bool put_lines(struct xfrm *plane, struct trouble *ret_trouble)
{
    static struct firewall_clamp clamps[CHARON_TUNNELS_MAX];
    size_t count = 0;
    for (const struct xfrm_tunnel *at = plane->first; at && count < CHARON_TUNNELS_MAX;
         at = at->next)
        clamps[count++] = (struct firewall_clamp){at->device, at->tunnel.mss};
    struct firewall firewall = {.table = plane->inner, .clamps = clamps, .clamp_count = count};
    return firewall_put(plane->inner, &firewall, ret_trouble);
}

/* -- charon -- */

static void charon_changed(void *ear, enum charon_state state, bool adopted)
{
    struct xfrm *plane = ear;
    (void)adopted;
    if (state == CHARON_READY)
        charon_go(plane->charon);
    for (const struct xfrm_tunnel *at = plane->first; at; at = at->next)
        tell(plane, at);
}

static void charon_heard(void *ear, const char *name, enum tunnel_cause cause)
{
    struct xfrm *plane = ear;
    const struct xfrm_tunnel *tunnel = tunnel_called(plane, name);
    (void)cause; /* the status has it */
    if (tunnel)
        tell(plane, tunnel);
}

static void charon_counted(void *ear)
{
    struct xfrm *plane = ear;
    struct report_counters counters;
    for (struct xfrm_tunnel *at = plane->first; at; at = at->next) {
        if (carrier_count(plane->charon, at->tunnel.name, &at->totals, &counters))
            plane->ears.counted(plane->ears.of, &counters);
    }
}

static void charon_trouble(void *ear, const char *tunnel, const char *sentence)
{
    complain(ear, tunnel, sentence);
}

static struct charon *make_charon(struct xfrm *plane)
{
    struct charon_ears ears = {plane, charon_changed, charon_heard, charon_counted, charon_trouble};
    return charon_create(plane->spec.loop, &plane->charon_spec, &ears);
}

static bool same_watch(const struct tunnel_watch *one, const struct tunnel_watch *other)
{
    return one->interval_us == other->interval_us && one->tries == other->tries;
}

/* The first tunnel says with which dead-peer timing charon starts. */
static void begin_charon(struct xfrm *plane)
{
    char why[CHARON_WHY_BYTES];
    if (plane->charon || !plane->first)
        return;
    plane->charon_spec.watch = plane->first->tunnel.watch;
    plane->charon = make_charon(plane);
    if (!plane->charon)
        return;
    for (const struct xfrm_tunnel *at = plane->first; at; at = at->next) {
        if (!charon_want(plane->charon, &at->tunnel,
                         xfrm_number(plane->spec.gateway, at->tunnel.name), why))
            complain(plane, at->tunnel.name, why);
    }
    if (charon_start(plane->charon, why) == 0)
        return;
    complain(plane, "", why);
    charon_leave(plane->charon);
    plane->charon = NULL;
}

static void look_after_all(uv_timer_t *timer)
{
    struct xfrm *plane = timer->data;
    struct trouble trouble;
    for (struct xfrm_tunnel *at = plane->first; at; at = at->next)
        place(plane, at);
    begin_charon(plane);
    if (!plane->lines_wanted)
        return;
    plane->lines_wanted = !put_lines(plane, &trouble);
    if (plane->lines_wanted)
        complain(plane, "", trouble.sentence);
}

/* -- for the keeper -- */

static bool make_ground(struct xfrm *plane, struct trouble *ret_trouble)
{
    plane->made_inner = !space_exists(plane->inner);
    return inner_make(plane->inner, ret_trouble) &&
           rtnetlink_open(&plane->inner_kernel, plane->inner, ret_trouble) &&
           rtnetlink_open(&plane->outer_kernel, NULL, ret_trouble) &&
           find_lower(plane, ret_trouble);
}

static void folder_of(const char *gateway, char folder[PLANE_PATH_BYTES])
{
    char name[NAME_DEVICE_BYTES];
    name_outer(gateway, "", name);
    snprintf(folder, PLANE_PATH_BYTES, "%s/%s", ENDPOINT_FOLDER, name);
}

static bool left(const char *gateway)
{
    char folder[PLANE_PATH_BYTES];
    folder_of(gateway, folder);
    return access(folder, F_OK) == 0;
}

static struct carrier *create(const struct carrier_spec *spec, const struct carrier_ears *ears,
                              char *why)
{
    struct trouble trouble = {0};
    struct xfrm *plane = calloc(1, sizeof *plane);
    if (!plane) {
        snprintf(why, ORDER_SENTENCE_BYTES, "no memory for the tunnels");
        return NULL;
    }
    plane->carrier.acts = &carrier_xfrm;
    plane->spec = *spec;
    plane->ears = *ears;
    plane->outer_kernel.fd = plane->inner_kernel.fd = -1;
    name_inner(spec->gateway, plane->inner);
    folder_of(spec->gateway, plane->charon_spec.folder);
    if (mkdir(ENDPOINT_FOLDER, 0755) && errno != EEXIST)
        trouble_is(&trouble, errno, "%s", ENDPOINT_FOLDER);
    else if (make_ground(plane, &trouble)) {
        uv_timer_init(spec->loop, &plane->repair);
        plane->repair.data = plane;
        return &plane->carrier;
    }
    snprintf(why, ORDER_SENTENCE_BYTES, "%s", trouble.sentence);
    if (plane->made_inner)
        space_remove(plane->inner, NULL);
    rtnetlink_close(&plane->inner_kernel);
    rtnetlink_close(&plane->outer_kernel);
    free(plane);
    return NULL;
}

static struct xfrm_tunnel *add(struct xfrm *plane, const struct plane_tunnel *wanted)
{
    struct xfrm_tunnel *tunnel = calloc(1, sizeof *tunnel);
    if (!tunnel)
        return NULL;
    name_device(wanted->name, tunnel->device);
    tunnel->next = plane->first;
    plane->first = tunnel;
    return tunnel;
}

static void want(struct carrier *carrier, const struct plane_tunnel *wanted)
{
    struct xfrm *plane = of(carrier);
    struct xfrm_tunnel *tunnel = tunnel_called(plane, wanted->name);
    char why[CHARON_WHY_BYTES];
    tunnel = tunnel ? tunnel : add(plane, wanted);
    if (!tunnel) {
        plane->ears.trouble(plane->ears.of, wanted->name, "no memory for it");
        return;
    }
    tunnel->tunnel = *wanted;
    plane->lines_wanted = true;
    place(plane, tunnel);
    if (plane->charon && !same_watch(&wanted->watch, &plane->charon_spec.watch))
        plane->ears.trouble(plane->ears.of, wanted->name,
                            "its dead-peer timing is that of the gateway's first tunnel: one IKE "
                            "daemon has one");
    if (plane->charon &&
        !charon_want(plane->charon, wanted, xfrm_number(plane->spec.gateway, wanted->name), why))
        plane->ears.trouble(plane->ears.of, wanted->name, why);
    tell(plane, tunnel);
}

static void unwant(struct carrier *carrier, const char *name)
{
    struct xfrm *plane = of(carrier);
    struct xfrm_tunnel *tunnel = tunnel_called(plane, name), **at = &plane->first;
    struct trouble ignored;
    if (!tunnel)
        return;
    if (plane->charon)
        charon_unwant(plane->charon, name);
    device_remove(&plane->inner_kernel, tunnel->device, &ignored);
    while (*at != tunnel)
        at = &(*at)->next;
    *at = tunnel->next;
    disown_address(plane, tunnel->tunnel.outside);
    explicit_bzero(tunnel, sizeof *tunnel);
    free(tunnel);
    plane->lines_wanted = true;
}

static void remove_leftover(const struct rtnetlink_device *device, void *context)
{
    struct xfrm *plane = context;
    struct trouble ignored;
    const struct xfrm_tunnel *at = plane->first;
    while (at && strcmp(at->device, device->name) != 0)
        at = at->next;
    if (!at && strcmp(device->kind, "xfrm") == 0)
        device_remove(&plane->inner_kernel, device->name, &ignored);
}

static void remove_leftovers(struct xfrm *plane)
{
    struct rtnetlink listing = {.fd = -1};
    struct trouble trouble;
    if (!rtnetlink_open(&listing, plane->inner, &trouble) ||
        !device_each(&listing, remove_leftover, plane, &trouble))
        complain(plane, "", trouble.sentence);
    rtnetlink_close(&listing);
}

static void settled(struct carrier *carrier)
{
    struct xfrm *plane = of(carrier);
    plane->settled = plane->lines_wanted = true;
    remove_leftovers(plane);
    look_after_all(&plane->repair);
    uv_timer_start(&plane->repair, look_after_all, XFRM_REPAIR_MS, XFRM_REPAIR_MS);
}

static void replace(struct carrier *carrier, const char *name)
{
    if (of(carrier)->charon)
        charon_replace(of(carrier)->charon, name);
}

static void replace_endpoint(struct carrier *carrier, const char *name)
{
    if (of(carrier)->charon)
        charon_endpoint_replaced(of(carrier)->charon, name);
}

static void count(struct carrier *carrier)
{
    struct xfrm *plane = of(carrier);
    if (plane->charon && charon_state(plane->charon) == CHARON_READY)
        charon_count(plane->charon);
}

static void clear(struct carrier *carrier)
{
    struct xfrm *plane = of(carrier);
    struct trouble trouble;
    uv_timer_stop(&plane->repair);
    plane->charon = plane->charon ? plane->charon : make_charon(plane);
    if (plane->charon)
        charon_stop(plane->charon); /* also one that an earlier keeper left */
    plane->charon = NULL;
    while (plane->first)
        unwant(carrier, plane->first->tunnel.name);
    remove_leftovers(plane);
    if (!firewall_remove(plane->inner, plane->inner, &trouble))
        plane->ears.trouble(plane->ears.of, "", trouble.sentence);
    rmdir(plane->charon_spec.folder);
}

static void take_down(struct carrier *carrier)
{
    struct xfrm *plane = of(carrier);
    struct trouble trouble;
    clear(carrier);
    if (!space_remove(plane->inner, &trouble))
        plane->ears.trouble(plane->ears.of, "", trouble.sentence);
    rmdir(ENDPOINT_FOLDER); /* when it is the last gateway's */
    plane->ears.gone(plane->ears.of);
}

static void closed(uv_handle_t *timer)
{
    free(timer->data);
}

static void leave(struct carrier *carrier)
{
    struct xfrm *plane = of(carrier);
    charon_leave(plane->charon);
    for (struct xfrm_tunnel *at = plane->first, *next; at; at = next) {
        next = at->next;
        explicit_bzero(at, sizeof *at);
        free(at);
    }
    plane->first = NULL;
    rtnetlink_close(&plane->inner_kernel);
    rtnetlink_close(&plane->outer_kernel);
    if (plane->made_inner && !plane->settled)
        space_remove(plane->inner, NULL);
    uv_close((uv_handle_t *)&plane->repair, closed);
}

const struct carrier_acts carrier_xfrm = {
    .choice = PLANE_XFRM,
    .left = left,
    .create = create,
    .want = want,
    .unwant = unwant,
    .settled = settled,
    .replace = replace,
    .endpoint = replace_endpoint,
    .count = count,
    .clear = clear,
    .take_down = take_down,
    .leave = leave,
};
