#include "plane/xfrm.h"

#include "plane/charon.h"
#include "plane/child.h"
#include "plane/devices.h"
#include "plane/endpoint.h"
#include "plane/firewall.h"
#include "plane/forwarding.h"
#include "plane/inner.h"
#include "plane/outside.h"
#include "plane/routes.h"
#include "plane/states.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IKE_PORT = 500, NAT_T_PORT = 4500 };

struct xfrm_tunnel {
    struct xfrm_tunnel *next;
    struct plane_tunnel tunnel;
    char device[NAME_DEVICE_BYTES];
    bool placed;
    bool open;    /* charon knows it: its outside address may be there */
    ip_addr gone; /* its SAs were from there, and charon is asked whether they still are; 0: none */
    struct charon_totals totals;
    char trouble[ORDER_SENTENCE_BYTES]; /* the last that was told */
};

struct xfrm {
    struct carrier carrier;        /* the first member */
    char lower[NAME_DEVICE_BYTES]; /* that the interfaces are over */
    struct charon *charon;
    struct charon_spec charon_spec;
    struct xfrm_tunnel *first; /* in the order in which they were wanted */
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
    plane->carrier.ears.changed(plane->carrier.ears.of, &said);
}

/* Once, not each time that it is tried again. */
static void complain(struct xfrm_tunnel *tunnel, const struct carrier *carrier,
                     const char *sentence)
{
    if (strncmp(tunnel->trouble, sentence, sizeof tunnel->trouble - 1) == 0)
        return;
    snprintf(tunnel->trouble, sizeof tunnel->trouble, "%s", sentence);
    carrier->ears.trouble(carrier->ears.of, tunnel->tunnel.name, sentence);
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
    struct search search = {.name = "lo"};
    if (!route_each(&plane->carrier.outer_kernel, ROUTES_MAIN_TABLE, hear_default, &search,
                    ret_trouble) ||
        !device_each(&plane->carrier.outer_kernel, hear_device, &search, ret_trouble))
        return false;
    memcpy(plane->lower, search.name, sizeof plane->lower);
    return true;
}

/* What a tunnel has had, or one that is gone, and no tunnel has any more. */
static void weed_addresses(struct xfrm *plane)
{
    struct trouble trouble;
    size_t count = 0;
    for (const struct xfrm_tunnel *at = plane->first; at; at = at->next)
        count++;
    ip_addr *wanted = calloc(count + 1, sizeof *wanted);
    count = 0;
    for (const struct xfrm_tunnel *at = plane->first; wanted && at; at = at->next)
        wanted[count++] = at->tunnel.outside;
    if (wanted && !outside_weed(&plane->carrier.outer_kernel, plane->carrier.spec.gateway, wanted,
                                count, &trouble))
        carrier_complain(&plane->carrier, trouble.sentence);
    free(wanted);
}

/* As plane/endpoint.h has it: who asks a charon that does not know its connection yet is refused,
 * and need not ask again; where nobody answers it does. What an adopted one has is left there. */
static bool has_outside(struct xfrm *plane, const struct xfrm_tunnel *tunnel,
                        struct trouble *ret_trouble)
{
    return tunnel->tunnel.shared || /* the machine's address, whatever it is */
           !tunnel->open ||
           outside_own(&plane->carrier.outer_kernel, plane->carrier.spec.gateway,
                       tunnel->tunnel.outside, ret_trouble);
}

static void place(struct xfrm *plane, struct xfrm_tunnel *tunnel)
{
    struct trouble trouble;
    bool was = tunnel->placed;
    uint32_t number = xfrm_number(plane->carrier.spec.gateway, tunnel->tunnel.name);
    tunnel->placed =
        has_outside(plane, tunnel, &trouble) &&
        device_xfrm(&plane->carrier.inner_kernel, tunnel->device, &plane->carrier.outer_kernel,
                    plane->lower, number, &trouble) &&
        inner_dress(&plane->carrier.inner_kernel, tunnel->device, &tunnel->tunnel, &trouble);
    if (!tunnel->placed || (!plane->carrier.space && !inner_loosen(tunnel->device, &trouble)))
        complain(tunnel, &plane->carrier, trouble.sentence);
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
    struct firewall firewall = {
        .table = plane->carrier.inner, .clamps = clamps, .clamp_count = count};
    return firewall_put(plane->carrier.space, &firewall, ret_trouble);
}

/* -- charon -- */

/* Nobody looks after what a charon has left to the kernel. */
static void clear_states(struct xfrm *plane, uint32_t number)
{
    struct trouble trouble;
    unsigned ignored;
    if (!states_clear(number, &ignored, &trouble))
        carrier_complain(&plane->carrier, trouble.sentence);
}

/* There is no charon, or one that was told nothing yet. */
static void shut(struct xfrm *plane)
{
    struct trouble trouble;
    for (struct xfrm_tunnel *at = plane->first; at; at = at->next) {
        at->open = false;
        clear_states(plane, xfrm_number(plane->carrier.spec.gateway, at->tunnel.name));
    }
    if (!outside_weed(&plane->carrier.outer_kernel, plane->carrier.spec.gateway, NULL, 0, &trouble))
        carrier_complain(&plane->carrier, trouble.sentence);
}

/* It knows its tunnels: from now on they are there for whoever asks. */
static void charon_loaded(void *ear)
{
    struct xfrm *plane = ear;
    for (struct xfrm_tunnel *at = plane->first; at; at = at->next) {
        if (at->open)
            continue;
        at->open = true;
        place(plane, at);
    }
}

static void charon_changed(void *ear, enum charon_state state, bool adopted)
{
    struct xfrm *plane = ear;
    (void)adopted;
    if (state == CHARON_READY)
        charon_go(plane->charon);
    else
        shut(plane);
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

/* charon follows an address that changes when it hears of one, of a route or of the peer at the
 * right moment, and else keeps SAs that nothing goes through. (It is not told of routes: a gateway
 * has thousands.) */
static void look_at_address(struct xfrm *plane, struct xfrm_tunnel *tunnel)
{
    const struct charon_sa *sa = charon_sa(plane->charon, tunnel->tunnel.name);
    bool gone = tunnel->tunnel.shared && sa && sa->up && sa->local != 0 &&
                outside_is_gone(&plane->carrier.outer_kernel, sa->local) &&
                outside_towards(tunnel->tunnel.peer) != 0;
    tunnel->gone = gone ? sa->local : 0;
}

/* Twice the same, the second time by a list that is newer than what there was to see. */
static void follow_address(struct xfrm *plane, struct xfrm_tunnel *tunnel)
{
    ip_addr before = tunnel->gone;
    if (before == 0)
        return;
    look_at_address(plane, tunnel);
    if (tunnel->gone == before)
        charon_address_gone(plane->charon, tunnel->tunnel.name);
    tunnel->gone = 0;
}

static void charon_counted(void *ear)
{
    struct xfrm *plane = ear;
    struct report_counters counters;
    for (struct xfrm_tunnel *at = plane->first; at; at = at->next) {
        follow_address(plane, at);
        if (carrier_count(plane->charon, at->tunnel.name, &at->totals, &counters))
            plane->carrier.ears.counted(plane->carrier.ears.of, &counters);
    }
}

static void charon_trouble(void *ear, const char *name, const char *sentence)
{
    struct xfrm *plane = ear;
    struct xfrm_tunnel *tunnel = tunnel_called(plane, name);
    if (tunnel)
        complain(tunnel, &plane->carrier, sentence);
    else
        carrier_complain(&plane->carrier, sentence);
}

static struct charon *make_charon(struct xfrm *plane)
{
    struct charon_ears ears = {plane,          charon_changed, charon_heard,
                               charon_counted, charon_trouble, charon_loaded};
    return charon_create(plane->carrier.spec.loop, &plane->charon_spec, &ears);
}

static bool same_watch(const struct tunnel_watch *one, const struct tunnel_watch *other)
{
    return one->interval_us == other->interval_us && one->tries == other->tries;
}

/* charon has one give-up time for all IKEv2 SAs, and reads it when it starts. */
static void check_watch(struct xfrm *plane, struct xfrm_tunnel *tunnel)
{
    char sentence[ORDER_SENTENCE_BYTES];
    const struct tunnel_watch *shared = &plane->charon_spec.watch;
    if (same_watch(&tunnel->tunnel.watch, shared))
        return;
    snprintf(
        sentence, sizeof sentence,
        "on the plane xfrm all tunnels of a gateway share one dead-peer timing, that of the "
        "first one when the gateway was started: %u tries, %.1f s apart; plane: userspace gives "
        "each tunnel its own",
        shared->tries, (double)shared->interval_us / 1e6);
    complain(tunnel, &plane->carrier, sentence);
}

static void want_of_charon(struct xfrm *plane, struct xfrm_tunnel *tunnel)
{
    char why[CHARON_WHY_BYTES];
    uint32_t number = xfrm_number(plane->carrier.spec.gateway, tunnel->tunnel.name);
    check_watch(plane, tunnel);
    if (!charon_want(plane->charon, &tunnel->tunnel, number, why))
        complain(tunnel, &plane->carrier, why);
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
    for (struct xfrm_tunnel *at = plane->first; at; at = at->next)
        want_of_charon(plane, at);
    if (charon_start(plane->charon, why) == 0) {
        if (!charon_is_adopted(plane->charon))
            shut(plane); /* what a killed one has left */
        return;
    }
    carrier_complain(&plane->carrier, why);
    charon_leave(plane->charon);
    plane->charon = NULL;
}

static void look_at_addresses(struct xfrm *plane)
{
    bool any_gone = false;
    if (!plane->charon || charon_state(plane->charon) != CHARON_READY)
        return;
    for (struct xfrm_tunnel *at = plane->first; at; at = at->next) {
        look_at_address(plane, at);
        any_gone = any_gone || at->gone != 0;
    }
    if (any_gone)
        charon_count(plane->charon);
}

static void look_after_all(uv_timer_t *timer)
{
    struct xfrm *plane = timer->data;
    struct trouble trouble;
    for (struct xfrm_tunnel *at = plane->first; at; at = at->next)
        place(plane, at);
    begin_charon(plane);
    look_at_addresses(plane);
    if (!plane->carrier.space &&
        !forwarding_take(ENDPOINT_FOLDER, plane->carrier.spec.gateway, &trouble))
        carrier_complain(&plane->carrier, trouble.sentence);
    if (!carrier_wants_lines(&plane->carrier, false))
        return;
    if (put_lines(plane, &trouble))
        carrier_has_lines(&plane->carrier, false);
    else
        carrier_complain(&plane->carrier, trouble.sentence);
}

/* -- for the keeper -- */

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

static bool has_daemon(const char *gateway)
{
    char folder[PLANE_PATH_BYTES], record[PLANE_PATH_BYTES + 16];
    struct child child;
    folder_of(gateway, folder);
    snprintf(record, sizeof record, "%s/charon.pid", folder);
    bool alive = child_adopt(record, &child, NULL);
    if (alive)
        child_let_go(&child);
    return alive;
}

/* charon itself would not notice: it shares them (SO_REUSEADDR), and the later one hears all. */
static bool port_is_free(uint16_t port, struct trouble *ret_trouble)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) ? errno : 0;
    if (fd >= 0)
        close(fd);
    return error != EADDRINUSE ||
           trouble_is(ret_trouble, 0,
                      "another IKE daemon has UDP port %u of this machine: stop it, or say "
                      "plane: userspace",
                      port);
}

bool xfrm_is_free(const char *gateway, struct trouble *ret_trouble)
{
    return has_daemon(gateway) ||
           (port_is_free(IKE_PORT, ret_trouble) && port_is_free(NAT_T_PORT, ret_trouble));
}

static struct carrier *create(const struct carrier_spec *spec, const struct carrier_ears *ears,
                              char *why)
{
    struct trouble trouble;
    struct carrier *carrier = carrier_begin(sizeof(struct xfrm), &carrier_xfrm, spec, ears, why);
    if (!carrier)
        return NULL;
    struct xfrm *plane = of(carrier);
    folder_of(spec->gateway, plane->charon_spec.folder);
    if (find_lower(plane, &trouble))
        return carrier;
    snprintf(why, ORDER_SENTENCE_BYTES, "%s", trouble.sentence);
    carrier_end(carrier);
    return NULL;
}

static struct xfrm_tunnel *add(struct xfrm *plane, const struct plane_tunnel *wanted)
{
    struct xfrm_tunnel *tunnel = calloc(1, sizeof *tunnel), **at = &plane->first;
    if (!tunnel)
        return NULL;
    name_device(wanted->name, tunnel->device);
    while (*at)
        at = &(*at)->next;
    *at = tunnel;
    return tunnel;
}

static void want(struct carrier *carrier, const struct plane_tunnel *wanted)
{
    struct xfrm *plane = of(carrier);
    struct xfrm_tunnel *tunnel = tunnel_called(plane, wanted->name);
    tunnel = tunnel ? tunnel : add(plane, wanted);
    if (!tunnel) {
        carrier->ears.trouble(carrier->ears.of, wanted->name, "no memory for it");
        return;
    }
    bool moved = tunnel->tunnel.outside != 0 && tunnel->tunnel.outside != wanted->outside;
    if (moved)
        tunnel->open = false;
    tunnel->tunnel = *wanted;
    tunnel->trouble[0] = '\0';
    carrier->lines_wanted = true;
    place(plane, tunnel);
    if (moved)
        weed_addresses(plane);
    if (plane->charon)
        want_of_charon(plane, tunnel);
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
    device_remove(&plane->carrier.inner_kernel, tunnel->device, &ignored);
    while (*at != tunnel)
        at = &(*at)->next;
    *at = tunnel->next;
    explicit_bzero(tunnel, sizeof *tunnel);
    free(tunnel);
    weed_addresses(plane);
    plane->carrier.lines_wanted = true;
}

/* Together with the machine there may be others' XFRM interfaces: ours have the number that their
 * tunnel's name gives. */
static bool is_of_ours(const struct xfrm *plane, const struct rtnetlink_device *device)
{
    char tunnel[PLANE_NAME_BYTES];
    snprintf(tunnel, sizeof tunnel, "%s", device->name);
    char *dash = strrchr(tunnel, '-');
    if (dash)
        *dash = '/';
    return plane->carrier.space ||
           device->if_id == xfrm_number(plane->carrier.spec.gateway, tunnel);
}

static void remove_leftover(const struct rtnetlink_device *device, void *context)
{
    struct xfrm *plane = context;
    struct trouble ignored;
    const struct xfrm_tunnel *at = plane->first;
    while (at && strcmp(at->device, device->name) != 0)
        at = at->next;
    if (at || strcmp(device->kind, "xfrm") != 0 || !is_of_ours(plane, device))
        return;
    clear_states(plane, device->if_id);
    device_remove(&plane->carrier.inner_kernel, device->name, &ignored);
}

static void remove_leftovers(struct xfrm *plane)
{
    struct rtnetlink listing = {.fd = -1};
    struct trouble trouble;
    if (!rtnetlink_open(&listing, plane->carrier.space, &trouble) ||
        !device_each(&listing, remove_leftover, plane, &trouble))
        carrier_complain(&plane->carrier, trouble.sentence);
    rtnetlink_close(&listing);
    weed_addresses(plane);
}

static void settled(struct carrier *carrier)
{
    struct xfrm *plane = of(carrier);
    remove_leftovers(plane);
    carrier_settle(carrier, CARRIER_REPAIR_MS, look_after_all);
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
    uv_timer_stop(&carrier->repair);
    plane->charon = plane->charon ? plane->charon : make_charon(plane);
    if (plane->charon)
        charon_stop(plane->charon); /* also one that an earlier keeper left */
    plane->charon = NULL;
    shut(plane); /* it may have been killed */
    while (plane->first)
        unwant(carrier, plane->first->tunnel.name);
    remove_leftovers(plane);
    carrier_remove_lines(carrier, false);
    if (!carrier->space && !forwarding_give_back(ENDPOINT_FOLDER, carrier->spec.gateway, &trouble))
        carrier->ears.trouble(carrier->ears.of, "", trouble.sentence);
    rmdir(plane->charon_spec.folder);
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
    carrier_end(carrier);
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
    .take_down = carrier_take_down,
    .leave = leave,
};
