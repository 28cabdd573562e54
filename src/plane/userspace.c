#include "plane/userspace.h"

#include "plane/charon.h"
#include "plane/devices.h"
#include "plane/endpoint.h"
#include "plane/firewall.h"
#include "plane/forwarding.h"
#include "plane/inner.h"
#include "plane/limit.h"
#include "plane/pressure.h"
#include "plane/space.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct userspace;

struct endpoint {
    struct userspace *plane;
    struct endpoint *next;
    struct plane_tunnel tunnel;
    struct endpoint_names names;
    struct charon *charon; /* NULL: the ground is not there */
    struct charon_totals totals;
    struct pressure pressure;
    uint64_t looked_ns;                 /* when its pressure was */
    bool placed;                        /* its device is in the inner namespace */
    char trouble[ORDER_SENTENCE_BYTES]; /* the last that was told */
};

struct userspace {
    struct carrier carrier; /* the first member */
    struct endpoint *first;
    unsigned looks;
};

static struct userspace *of(struct carrier *carrier)
{
    return (struct userspace *)carrier;
}

static struct endpoint *endpoint_called(const struct userspace *plane, const char *name)
{
    struct endpoint *at = plane->first;
    while (at && strcmp(at->tunnel.name, name) != 0)
        at = at->next;
    return at;
}

/* -- telling -- */

static void tell(const struct endpoint *endpoint)
{
    const struct userspace *plane = endpoint->plane;
    struct report_tunnel said;
    carrier_report(endpoint->charon, &endpoint->tunnel,
                   endpoint->placed ? endpoint->names.device : "", &said);
    plane->carrier.ears.changed(plane->carrier.ears.of, &said);
}

/* Once, not each time that it is tried again. */
static void complain(struct endpoint *endpoint, const char *sentence)
{
    const struct userspace *plane = endpoint->plane;
    if (strncmp(endpoint->trouble, sentence, sizeof endpoint->trouble - 1) == 0)
        return;
    snprintf(endpoint->trouble, sizeof endpoint->trouble, "%s", sentence);
    plane->carrier.ears.trouble(plane->carrier.ears.of, endpoint->tunnel.name, sentence);
}

/* -- the firewall -- */

static size_t endpoint_count(const struct userspace *plane)
{
    size_t count = 0;
    for (const struct endpoint *at = plane->first; at; at = at->next)
        count++;
    return count;
}

static bool put_lines(struct userspace *plane, struct trouble *ret_trouble)
{
    size_t count = endpoint_count(plane), i = 0;
    struct firewall_clamp *clamps = calloc(count + 1, sizeof *clamps);
    struct firewall_endpoint *endpoints = calloc(count + 1, sizeof *endpoints);
    bool fine = clamps && endpoints;
    for (const struct endpoint *at = plane->first; fine && at; at = at->next, i++) {
        clamps[i] = (struct firewall_clamp){at->names.device, at->tunnel.mss};
        endpoints[i] =
            (struct firewall_endpoint){at->names.outer, at->tunnel.outside, at->tunnel.shared};
    }
    struct firewall inside = {
        .table = plane->carrier.inner, .clamps = clamps, .clamp_count = count};
    struct firewall outside = {
        .table = plane->carrier.inner, .endpoints = endpoints, .endpoint_count = count};
    const char *space = plane->carrier.space;
    if (!space) { /* one namespace has one table */
        outside.clamps = clamps;
        outside.clamp_count = count;
    }
    fine = fine ? (!space || firewall_put(space, &inside, ret_trouble)) &&
                      firewall_put(NULL, &outside, ret_trouble)
                : trouble_is(ret_trouble, ENOMEM, "the firewall's lines");
    free(clamps);
    free(endpoints);
    return fine;
}

static void keep_lines(struct userspace *plane)
{
    struct trouble trouble;
    if (!carrier_wants_lines(&plane->carrier, true))
        return;
    if (put_lines(plane, &trouble))
        carrier_has_lines(&plane->carrier, true);
    else
        carrier_complain(&plane->carrier, trouble.sentence);
}

/* -- one tunnel's way -- */

static void charon_changed(void *ear, enum charon_state state, bool adopted);
static void charon_heard(void *ear, const char *tunnel, enum tunnel_cause cause);
static void charon_counted(void *ear);
static void charon_loaded(void *ear);

/* Until the next one does. */
static void shut(struct endpoint *endpoint)
{
    struct trouble trouble;
    if (space_exists(endpoint->names.space) &&
        !endpoint_open(&endpoint->names, endpoint->tunnel.outside, false, &trouble))
        complain(endpoint, trouble.sentence);
}

static void charon_trouble(void *ear, const char *tunnel, const char *sentence)
{
    (void)tunnel;
    complain(ear, sentence);
}

/* The next look makes it anew. */
static void give_up(struct endpoint *endpoint, const char *sentence)
{
    complain(endpoint, sentence);
    endpoint->placed = false;
}

/* It knows its tunnel: from now on it is there for whoever asks. */
static void charon_loaded(void *ear)
{
    struct endpoint *endpoint = ear;
    struct trouble trouble;
    if (!endpoint_open(&endpoint->names, endpoint->tunnel.outside, true, &trouble))
        give_up(endpoint, trouble.sentence);
}

static bool begin_charon(struct endpoint *endpoint, char why[CHARON_WHY_BYTES])
{
    struct userspace *plane = endpoint->plane;
    struct charon_spec spec = {
        .userspace = true, .watch = endpoint->tunnel.watch, .program = plane->carrier.spec.program};
    struct charon_ears ears = {endpoint,       charon_changed, charon_heard,
                               charon_counted, charon_trouble, charon_loaded};
    memcpy(spec.folder, endpoint->names.folder, sizeof spec.folder);
    memcpy(spec.space, endpoint->names.space, sizeof spec.space);
    endpoint_clear_decoy(&endpoint->names, &plane->carrier.inner_kernel);
    endpoint->charon = charon_create(plane->carrier.spec.loop, &spec, &ears);
    if (!endpoint->charon) {
        snprintf(why, CHARON_WHY_BYTES, "no memory for charon");
        return false;
    }
    if (charon_want(endpoint->charon, &endpoint->tunnel, 0, why) &&
        charon_start(endpoint->charon, why) == 0)
        return true;
    charon_leave(endpoint->charon);
    endpoint->charon = NULL;
    return false;
}

static void begin_endpoint(struct endpoint *endpoint)
{
    struct trouble trouble;
    char why[CHARON_WHY_BYTES];
    if (!endpoint_make(&endpoint->names, &endpoint->tunnel, &endpoint->plane->carrier.outer_kernel,
                       &trouble))
        give_up(endpoint, trouble.sentence);
    else if (!begin_charon(endpoint, why))
        give_up(endpoint, why);
}

/* charon answers: its device goes where it belongs, and then it is told what it is for. */
static void place(struct endpoint *endpoint)
{
    struct userspace *plane = endpoint->plane;
    struct trouble trouble;
    if (!endpoint_move(&endpoint->names, &plane->carrier.inner_kernel, &trouble) ||
        !inner_dress(&plane->carrier.inner_kernel, endpoint->names.device, &endpoint->tunnel,
                     &trouble)) {
        give_up(endpoint, trouble.sentence);
        return;
    }
    endpoint->placed = true;
    endpoint->trouble[0] = '\0';
    if (!plane->carrier.space && !inner_loosen(endpoint->names.device, &trouble))
        complain(endpoint, trouble.sentence);
    if (endpoint->tunnel.shared)
        keep_lines(plane); /* what left unmasked would stay so */
    charon_go(endpoint->charon);
}

static void charon_changed(void *ear, enum charon_state state, bool adopted)
{
    struct endpoint *endpoint = ear;
    (void)adopted;
    if (state == CHARON_READY) {
        place(endpoint);
    } else if (state == CHARON_DOWN) { /* one that starts may have its device already */
        endpoint->placed = false;
        shut(endpoint);
        endpoint_clear_decoy(&endpoint->names, &endpoint->plane->carrier.inner_kernel);
    }
    tell(endpoint);
}

static void charon_heard(void *ear, const char *tunnel, enum tunnel_cause cause)
{
    struct endpoint *endpoint = ear;
    (void)tunnel;
    (void)cause; /* the status has it */
    tell(endpoint);
}

/* The way is gone again from its beginning; charon is given up in order first, whatever it does. */
static void end_charon(struct endpoint *endpoint)
{
    if (endpoint->charon)
        charon_stop(endpoint->charon);
    endpoint->charon = NULL;
    shut(endpoint);
    endpoint->placed = false;
    endpoint_clear_decoy(&endpoint->names, &endpoint->plane->carrier.inner_kernel);
}

/* -- looking after them -- */

static void look_after(struct endpoint *endpoint)
{
    struct userspace *plane = endpoint->plane;
    struct rtnetlink_device device;
    struct trouble trouble = {0};
    if (!endpoint->charon || !space_exists(endpoint->names.space)) {
        end_charon(endpoint);
        begin_endpoint(endpoint);
        tell(endpoint);
        return;
    }
    if (charon_state(endpoint->charon) != CHARON_READY)
        return;
    if (device_find(&plane->carrier.inner_kernel, endpoint->names.device, &device, &trouble)) {
        if (!endpoint->placed) {
            place(endpoint);
            tell(endpoint);
        }
        return;
    }
    if (trouble.error != ENODEV)
        return;
    complain(endpoint, "its device is gone; its charon is started again");
    end_charon(endpoint);
    begin_endpoint(endpoint);
    tell(endpoint);
}

/* -- pressure -- */

static void look_at_pressure(struct endpoint *endpoint)
{
    struct userspace *plane = endpoint->plane;
    struct rtnetlink_device inside, outside;
    struct trouble trouble;
    uint64_t now_ns = uv_hrtime();
    int64_t passed_us = (int64_t)(now_ns - endpoint->looked_ns) / 1000;
    if (!endpoint->placed || passed_us <= 0 ||
        rtnetlink_counts(&plane->carrier.inner_kernel, endpoint->names.device, &inside) != 0 ||
        rtnetlink_counts(&plane->carrier.outer_kernel, endpoint->names.outer, &outside) != 0)
        return;
    struct pressure_counts now = {inside.sent_packets, inside.sent_bytes, outside.received_packets};
    endpoint->looked_ns = now_ns;
    if (pressure_look(&endpoint->pressure, &now, passed_us) &&
        !limit_put(&plane->carrier.inner_kernel, endpoint->names.device, endpoint->pressure.rate,
                   &trouble))
        complain(endpoint, trouble.sentence);
}

/* -- looking after all -- */

static void look_after_all(struct userspace *plane)
{
    struct trouble trouble;
    for (struct endpoint *at = plane->first; at; at = at->next)
        look_after(at);
    if (plane->carrier.settled &&
        !forwarding_take(ENDPOINT_FOLDER, plane->carrier.spec.gateway, &trouble))
        carrier_complain(&plane->carrier, trouble.sentence);
    keep_lines(plane);
}

static void look(uv_timer_t *timer)
{
    enum { LOOKS = CARRIER_REPAIR_MS / PRESSURE_LOOK_MS };
    struct userspace *plane = timer->data;
    for (struct endpoint *at = plane->first; at; at = at->next)
        look_at_pressure(at);
    if (plane->looks++ % LOOKS == 0)
        look_after_all(plane);
}

static struct carrier *create(const struct carrier_spec *spec, const struct carrier_ears *ears,
                              char *why)
{
    return carrier_begin(sizeof(struct userspace), &carrier_userspace, spec, ears, why);
}

/* -- wanted and not -- */

static bool same_ground(const struct plane_tunnel *one, const struct plane_tunnel *other)
{
    return one->outside == other->outside && one->watch.interval_us == other->watch.interval_us &&
           one->watch.tries == other->watch.tries;
}

/* An endpoint's address is its own, also where the machine has one for all. */
static void take(struct endpoint *endpoint, const struct plane_tunnel *tunnel)
{
    const struct endpoint *at = endpoint->plane->first;
    unsigned tries = 0;
    endpoint->tunnel = *tunnel;
    endpoint_fit(&endpoint->tunnel);
    while (tunnel->shared && at) {
        endpoint->tunnel.outside = endpoint_stand_in(&endpoint->names, tries);
        for (at = endpoint->plane->first; at; at = at->next) {
            if (at != endpoint && at->tunnel.outside == endpoint->tunnel.outside)
                break;
        }
        tries++;
    }
}

static void change(struct endpoint *endpoint, const struct plane_tunnel *wanted)
{
    struct userspace *plane = endpoint->plane;
    struct trouble trouble;
    char why[CHARON_WHY_BYTES];
    struct plane_tunnel was = endpoint->tunnel;
    endpoint->trouble[0] = '\0'; /* what stays so is told again */
    take(endpoint, wanted);
    const struct plane_tunnel *tunnel = &endpoint->tunnel;
    bool same = same_ground(&was, tunnel);
    explicit_bzero(&was, sizeof was);
    if (!same || !endpoint->charon) {
        end_charon(endpoint);
        begin_endpoint(endpoint);
        tell(endpoint);
        return;
    }
    if (!charon_want(endpoint->charon, tunnel, 0, why))
        complain(endpoint, why);
    if (endpoint->placed &&
        !inner_dress(&plane->carrier.inner_kernel, endpoint->names.device, tunnel, &trouble))
        complain(endpoint, trouble.sentence);
}

static void want(struct carrier *carrier, const struct plane_tunnel *tunnel)
{
    struct userspace *plane = of(carrier);
    struct endpoint *endpoint = endpoint_called(plane, tunnel->name);
    plane->carrier.lines_wanted = true;
    if (endpoint) {
        change(endpoint, tunnel);
        return;
    }
    endpoint = calloc(1, sizeof *endpoint);
    if (!endpoint) {
        plane->carrier.ears.trouble(plane->carrier.ears.of, tunnel->name, "no memory for it");
        return;
    }
    endpoint->plane = plane;
    endpoint_names(plane->carrier.spec.gateway, tunnel->name, &endpoint->names);
    endpoint->next = plane->first;
    plane->first = endpoint;
    take(endpoint, tunnel);
    begin_endpoint(endpoint);
    tell(endpoint);
}

static void forget(struct userspace *plane, struct endpoint *endpoint)
{
    struct endpoint **at = &plane->first;
    while (*at != endpoint)
        at = &(*at)->next;
    *at = endpoint->next;
    explicit_bzero(endpoint, sizeof *endpoint);
    free(endpoint);
}

static void remove_ground(struct userspace *plane, const struct endpoint_names *names)
{
    struct trouble trouble;
    if (!endpoint_remove(names, &plane->carrier.outer_kernel, &trouble))
        plane->carrier.ears.trouble(plane->carrier.ears.of, "", trouble.sentence);
    rmdir(names->folder);
}

static void unwant(struct carrier *carrier, const char *name)
{
    struct userspace *plane = of(carrier);
    struct endpoint *endpoint = endpoint_called(plane, name);
    if (!endpoint)
        return;
    end_charon(endpoint);
    remove_ground(plane, &endpoint->names);
    forget(plane, endpoint);
    plane->carrier.lines_wanted = true;
}

/* -- leftovers: a namespace of ours that no wanted tunnel has -- */

/* Their names are those of tunnels, but for the slash before the number. */
static bool tunnel_of_space(const struct userspace *plane, const char *space,
                            char name[PLANE_NAME_BYTES])
{
    const char *rest = space + strlen(plane->carrier.inner) + 1;
    snprintf(name, PLANE_NAME_BYTES, "%s", rest);
    char *dash = strrchr(name, '-');
    if (dash)
        *dash = '/';
    return dash != NULL;
}

static void remove_leftover(const char *space, void *context)
{
    struct userspace *plane = context;
    char name[PLANE_NAME_BYTES];
    struct endpoint left = {.plane = plane};
    if (!tunnel_of_space(plane, space, name) || endpoint_called(plane, name))
        return;
    struct charon_spec spec = {.userspace = true};
    struct charon_ears ears = {&left, charon_changed, charon_heard, charon_counted, NULL};
    endpoint_names(plane->carrier.spec.gateway, name, &left.names);
    memcpy(spec.folder, left.names.folder, sizeof spec.folder);
    memcpy(spec.space, left.names.space, sizeof spec.space);
    left.charon = charon_create(plane->carrier.spec.loop, &spec, &ears);
    if (left.charon)
        charon_stop(left.charon);
    remove_ground(plane, &left.names);
}

static void leftover_prefix(const char *inner, char prefix[NAME_SPACE_BYTES + 1])
{
    snprintf(prefix, NAME_SPACE_BYTES + 1, "%s@", inner);
}

static void remove_leftovers(struct userspace *plane)
{
    struct trouble trouble;
    char prefix[NAME_SPACE_BYTES + 1];
    leftover_prefix(plane->carrier.inner, prefix);
    if (!space_each(prefix, remove_leftover, plane, &trouble))
        plane->carrier.ears.trouble(plane->carrier.ears.of, "", trouble.sentence);
}

static void see(const char *space, void *context)
{
    (void)space;
    *(bool *)context = true;
}

static bool left(const char *gateway)
{
    char inner[NAME_SPACE_BYTES], prefix[NAME_SPACE_BYTES + 1];
    bool seen = false;
    name_inner(gateway, inner);
    leftover_prefix(inner, prefix);
    return space_each(prefix, see, &seen, NULL) && seen;
}

static void settled(struct carrier *carrier)
{
    struct userspace *plane = of(carrier);
    remove_leftovers(plane);
    carrier_settle(carrier, PRESSURE_LOOK_MS, look);
}

/* -- the rest -- */

static void replace(struct carrier *carrier, const char *name)
{
    struct endpoint *endpoint = endpoint_called(of(carrier), name);
    if (endpoint && endpoint->charon)
        charon_replace(endpoint->charon, name);
}

static void replace_endpoint(struct carrier *carrier, const char *name)
{
    struct endpoint *endpoint = endpoint_called(of(carrier), name);
    if (endpoint && endpoint->charon)
        charon_endpoint_replaced(endpoint->charon, name);
}

static void count(struct carrier *carrier)
{
    for (struct endpoint *at = of(carrier)->first; at; at = at->next) {
        if (at->charon && charon_state(at->charon) == CHARON_READY)
            charon_count(at->charon);
    }
}

static void charon_counted(void *ear)
{
    struct endpoint *endpoint = ear;
    const struct userspace *plane = endpoint->plane;
    struct report_counters counters;
    if (carrier_count(endpoint->charon, endpoint->tunnel.name, &endpoint->totals, &counters))
        plane->carrier.ears.counted(plane->carrier.ears.of, &counters);
}

/* All charons are told to end before any is waited for. */
static void clear(struct carrier *carrier)
{
    struct userspace *plane = of(carrier);
    struct trouble trouble;
    uv_timer_stop(&carrier->repair);
    for (const struct endpoint *at = plane->first; at; at = at->next) {
        if (at->charon)
            charon_stop_soon(at->charon);
    }
    while (plane->first)
        unwant(carrier, plane->first->tunnel.name);
    remove_leftovers(plane);
    carrier_remove_lines(carrier, true);
    if (!forwarding_give_back(ENDPOINT_FOLDER, carrier->spec.gateway, &trouble))
        carrier->ears.trouble(carrier->ears.of, "", trouble.sentence);
}

static void leave(struct carrier *carrier)
{
    struct userspace *plane = of(carrier);
    while (plane->first) {
        if (plane->first->charon)
            charon_leave(plane->first->charon);
        forget(plane, plane->first);
    }
    carrier_end(carrier);
}

const struct carrier_acts carrier_userspace = {
    .choice = PLANE_USERSPACE,
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
