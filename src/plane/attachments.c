#include "plane/attachments.h"

#include "plane/attachments_parts.h"
#include "plane/devices.h"
#include "plane/direct_connect.h"
#include "plane/handed.h"
#include "plane/inner.h"

#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STIR_BYTES = 1 << 16, STIRS_AT_ONCE = 64, STIR_SOCKET_BYTES = 1 << 20 };

const char *plane_attachment_word(enum plane_attachment_kind kind)
{
    static const char *const words[PLANE_ATTACHMENT_KINDS] = {
        "direct-connect", "vpc", "subnet", "instance", "internet-gateway", "peering"};
    return words[kind < PLANE_ATTACHMENT_KINDS ? kind : PLANE_VPC];
}

static int64_t now_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

/* -- telling -- */

static void tell(struct attachments *all, struct attached *at)
{
    at->untold = !all->ears.changed(all->ears.of, &at->said);
}

void attached_device(struct attached *at, bool there)
{
    const char *device = there ? at->device : "";
    at->untold |= strcmp(at->said.device, device) != 0;
    snprintf(at->said.device, sizeof at->said.device, "%s", device);
}

void attached_is(struct attachments *all, struct attached *at, const char *why)
{
    bool up = why == NULL;
    if (at->said.since_us == 0 || at->said.up != up) {
        at->said.since_us = now_us();
        at->untold = true;
    }
    at->said.up = up;
    at->untold |= strncmp(at->said.why, up ? "" : why, sizeof at->said.why - 1) != 0;
    snprintf(at->said.why, sizeof at->said.why, "%s", up ? "" : why);
    if (at->untold)
        tell(all, at);
}

/* -- when to look -- */

static void tick(uv_timer_t *timer);

/* Who is looked for soon already is not put off by what comes meanwhile. */
static void look_soon(struct attachments *all)
{
    bool soon = uv_is_active((uv_handle_t *)all->timer) &&
                uv_timer_get_due_in(all->timer) <= ATTACHMENTS_SOON_MS;
    all->stirred = true;
    if (all->settled && !soon)
        uv_timer_start(all->timer, tick, ATTACHMENTS_SOON_MS, ATTACHMENTS_TICK_MS);
}

static void stirred(uv_poll_t *poll, int status, int events)
{
    static uint8_t rubbish[STIR_BYTES];
    struct stir *stir = poll->data;
    bool news = false;
    (void)status;
    (void)events;
    for (int i = 0; i < STIRS_AT_ONCE; i++) {
        ssize_t size = recv(stir->fd, rubbish, sizeof rubbish, MSG_DONTWAIT);
        if (size < 0 && errno != ENOBUFS && errno != EINTR)
            break;
        news = true;
    }
    if (news)
        look_soon(stir->all);
}

struct stir *stir_begin(struct attachments *all, const char *space, unsigned groups,
                        struct trouble *ret_trouble)
{
    static const int bytes = STIR_SOCKET_BYTES;
    struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_groups = groups};
    struct stir *stir = calloc(1, sizeof *stir);
    if (!stir) {
        trouble_is(ret_trouble, ENOMEM, "a namespace that is to be watched");
        return NULL;
    }
    stir->all = all;
    stir->fd =
        space_socket(space, AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE, ret_trouble);
    if (stir->fd < 0) {
        free(stir);
        return NULL;
    }
    setsockopt(stir->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    int failed = bind(stir->fd, (struct sockaddr *)&at, sizeof at) ? errno : 0;
    if (failed || uv_poll_init(all->loop, &stir->poll, stir->fd)) {
        trouble_is(ret_trouble, failed, "the namespace %s cannot be watched",
                   space ? space : "of our own");
        close(stir->fd);
        free(stir);
        return NULL;
    }
    stir->poll.data = stir;
    uv_poll_start(&stir->poll, UV_READABLE, stirred);
    return stir;
}

static void stir_closed(uv_handle_t *poll)
{
    struct stir *stir = poll->data;
    close(stir->fd);
    free(stir);
}

void stir_end(struct stir *stir)
{
    if (stir)
        uv_close((uv_handle_t *)&stir->poll, stir_closed);
}

/* -- Direct Connects -- */

static struct plane_direct_connect direct_connect_of(const struct attached *at)
{
    struct plane_direct_connect dx = {
        .vlan = at->wanted.vlan, .four = at->wanted.four, .six = at->wanted.six};
    memcpy(dx.name, at->device, sizeof dx.name);
    memcpy(dx.line, at->wanted.line, sizeof dx.line);
    return dx;
}

/* Better words for what the kernel calls "no such device". */
static bool why_not(struct attachments *all, const struct attached *at, struct trouble *trouble)
{
    char space[NAME_SPACE_BYTES];
    const struct plane_attachment *wanted = &at->wanted;
    if (trouble->error == ENODEV && handed_find(&all->outer, wanted->line, space))
        return trouble_is(trouble, 0, "%s: the interface %s is in use by %s", wanted->name,
                          wanted->line, space);
    if (trouble->error == ENODEV)
        return trouble_is(trouble, 0, "%s: there is no interface called %s%s", wanted->name,
                          wanted->line, all->outer.place);
    if (trouble->error == EOPNOTSUPP)
        return trouble_is(trouble, 0,
                          "%s: this kernel makes no VLANs (load 8021q); or make VLAN %u of %s by "
                          "other means, call it %s, and leave interface out",
                          wanted->name, wanted->vlan, wanted->line, at->device);
    if (trouble->error == EEXIST && wanted->vlan != 0)
        return trouble_is(trouble, 0, "%s: VLAN %u of %s is in use by somebody else", wanted->name,
                          wanted->vlan, wanted->line);
    return false;
}

static bool put_direct_connect(struct attachments *all, struct attached *at,
                               struct trouble *ret_trouble)
{
    struct plane_direct_connect dx = direct_connect_of(at);
    struct rtnetlink_device device;
    bool plain;
    if (direct_connect_put(&all->inner, &all->outer, &dx, &plain, ret_trouble))
        return true;
    if (!device_find(&all->inner, at->device, &device, NULL))
        why_not(all, at, ret_trouble);
    return false;
}

static void look_at_direct_connect(struct attachments *all, struct attached *at)
{
    struct trouble trouble = {0};
    struct rtnetlink_device device = {0};
    bool fine = put_direct_connect(all, at, &trouble);
    bool there = device_find(&all->inner, at->device, &device, NULL);
    attached_device(at, there);
    attached_is(all, at,
                !fine             ? trouble.sentence
                : !device.running ? "the device has no carrier"
                                  : NULL);
}

static void remove_direct_connect(struct attachments *all, const struct attached *at)
{
    struct plane_direct_connect dx = direct_connect_of(at);
    struct trouble trouble;
    if (!direct_connect_remove(&all->inner, &all->outer, &dx, &trouble))
        all->ears.trouble(all->ears.of, at->wanted.name, trouble.sentence);
}

/* -- looking -- */

static void look(struct attachments *all)
{
    all->stirred = false;
    all->tick_count = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct attached *at = all->items[i];
        struct vpc_ground *ground = ground_find(all, at->wanted.vpc);
        if (at->wanted.kind == PLANE_DIRECT_CONNECT)
            look_at_direct_connect(all, at);
        else if (at->wanted.kind == PLANE_VPC && ground)
            ground_put(all, ground, at);
    }
}

static void tick(uv_timer_t *timer)
{
    struct attachments *all = timer->data;
    bool due = all->stirred || ++all->tick_count >= ATTACHMENTS_LOOK_TICKS;
    for (size_t i = 0; !due && i < all->ground_count; i++)
        due = ground_is_gone(all->grounds[i]);
    for (size_t i = 0; !due && i < all->count; i++)
        due = all->items[i]->untold;
    if (due)
        look(all);
}

/* -- wanted and not -- */

static size_t index_called(const struct attachments *all, const char *name)
{
    size_t i = 0;
    while (i < all->count && strcmp(all->items[i]->wanted.name, name) != 0)
        i++;
    return i;
}

size_t attachments_count(const struct attachments *all)
{
    return all->count;
}

/* What it was plugged in by goes back when it is another now. */
static void unplug(struct attachments *all, const struct attached *at)
{
    struct vpc_ground *ground = ground_find(all, at->wanted.vpc);
    struct trouble trouble = {0};
    bool fine = true;
    if (!all->settled)
        return;
    if (at->wanted.kind == PLANE_DIRECT_CONNECT)
        remove_direct_connect(all, at);
    else if (at->wanted.kind == PLANE_PEERING && *at->wanted.other)
        fine = !ground || ground->kernel.fd < 0 ||
               device_remove(&ground->kernel, at->device, &trouble);
    else if (at->wanted.kind != PLANE_VPC && ground && ground->kernel.fd >= 0)
        fine = handed_back(&ground->kernel, at->device, &all->outer, &trouble);
    if (!fine)
        all->ears.trouble(all->ears.of, at->wanted.name, trouble.sentence);
}

/* Its routes in the inner namespace go with the line to it. */
static void remove_vpc(struct attachments *all, const struct attached *at)
{
    for (size_t i = 0; i < all->ground_count; i++) {
        struct vpc_ground *ground = all->grounds[i];
        if (strcmp(ground->vpc, at->wanted.vpc) != 0)
            continue;
        if (all->settled)
            ground_remove(all, ground);
        ground_free(ground);
        all->grounds[i] = all->grounds[--all->ground_count];
        return;
    }
}

static bool same_plug(const struct plane_attachment *one, const struct plane_attachment *other)
{
    return one->kind == other->kind && strcmp(one->line, other->line) == 0 &&
           strcmp(one->vpc, other->vpc) == 0 && strcmp(one->other, other->other) == 0 &&
           one->vlan == other->vlan && one->named == other->named;
}

static bool same_ranges(const struct plane_attachment *one, const struct plane_attachment *other)
{
    bool same = one->range_count == other->range_count;
    for (size_t i = 0; same && i < one->range_count; i++)
        same = prefix_equal(one->ranges[i], other->ranges[i]);
    return same;
}

static bool add(struct attachments *all, const struct plane_attachment *wanted)
{
    if (all->count == ATTACHMENTS_MAX)
        return false;
    struct attached *at = calloc(1, sizeof *at);
    struct attached **grown = realloc(all->items, (all->count + 1) * sizeof *grown);
    if (grown)
        all->items = grown;
    bool has_ground = wanted->kind != PLANE_VPC || ground_of(all, wanted->vpc);
    if (!grown || !at || !has_ground) {
        free(at);
        return false;
    }
    at->wanted = *wanted;
    at->untold = true;
    memcpy(at->said.name, wanted->name, sizeof at->said.name);
    name_device(wanted->name, at->device);
    all->items[all->count++] = at;
    return true;
}

bool attachments_want(struct attachments *all, const struct plane_attachment *wanted)
{
    size_t place = index_called(all, wanted->name);
    look_soon(all);
    if (place == all->count)
        return add(all, wanted);
    struct attached *at = all->items[place];
    if (!same_plug(&at->wanted, wanted)) {
        attachments_unwant(all, wanted->name);
        return add(all, wanted);
    }
    at->ways_weeded = at->ways_weeded && same_ranges(&at->wanted, wanted);
    at->wanted = *wanted;
    return true;
}

void attachments_unwant(struct attachments *all, const char *name)
{
    size_t place = index_called(all, name);
    if (place == all->count)
        return;
    struct attached *at = all->items[place];
    unplug(all, at);
    if (at->wanted.kind == PLANE_VPC)
        remove_vpc(all, at);
    free(at);
    all->count--; /* in their order, as things were said */
    memmove(&all->items[place], &all->items[place + 1], (all->count - place) * sizeof *all->items);
    look_soon(all);
}

void attachments_entry(struct attachments *all, const struct plane_vpc_entry *entry)
{
    struct vpc_ground *ground = ground_find(all, entry->vpc);
    if (ground && !vpc_tables_want(&ground->tables, entry))
        all->ears.trouble(all->ears.of, entry->vpc, "no memory for a route");
    if (ground)
        look_soon(all);
}

void attachments_again(struct attachments *all)
{
    for (size_t i = 0; i < all->ground_count; i++)
        vpc_tables_again(&all->grounds[i]->tables);
}

void attachments_sweep(struct attachments *all)
{
    for (size_t i = 0; i < all->ground_count; i++)
        vpc_tables_sweep(&all->grounds[i]->tables);
    look_soon(all);
}

/* -- beginning -- */

struct attachments *attachments_create(uv_loop_t *loop, const char *gateway,
                                       const struct attachments_ears *ears)
{
    struct attachments *all = calloc(1, sizeof *all);
    uv_timer_t *timer = calloc(1, sizeof *timer);
    if (!all || !timer) {
        free(all);
        free(timer);
        return NULL;
    }
    all->loop = loop;
    all->ears = *ears;
    snprintf(all->gateway, sizeof all->gateway, "%s", gateway);
    name_inner(gateway, all->inner_space);
    all->inner.fd = all->inner.space_fd = all->outer.fd = all->outer.space_fd = -1;
    uv_timer_init(loop, timer);
    timer->data = all;
    all->timer = timer;
    return all;
}

/* What one interface cannot carry twice. */
static bool meets(const struct plane_attachment *one, const struct plane_attachment *other)
{
    return strcmp(one->line, other->line) == 0 && *one->line != '\0' &&
           (one->vlan == 0 || other->vlan == 0 || one->vlan == other->vlan);
}

static bool are_apart(const struct attachments *all, struct trouble *ret_trouble)
{
    for (size_t i = 0; i < all->count; i++) {
        for (size_t j = 0; all->items[i]->wanted.named && j < all->count; j++) {
            const struct plane_attachment *one = &all->items[i]->wanted,
                                          *other = &all->items[j]->wanted;
            if (i != j && meets(one, other))
                return trouble_is(ret_trouble, 0, "%s and %s cannot both be on the interface %s",
                                  one->name, other->name, one->line);
        }
    }
    return true;
}

static bool open_both(struct attachments *all, struct trouble *ret_trouble)
{
    all->made_inner = !space_exists(all->inner_space);
    if (!inner_make(all->inner_space, ret_trouble) ||
        !rtnetlink_open(&all->inner, all->inner_space, ret_trouble) ||
        !rtnetlink_open(&all->outer, NULL, ret_trouble))
        return false;
    snprintf(all->outer.place, sizeof all->outer.place, " in the outer namespace");
    all->stir_inner = stir_begin(
        all, all->inner_space, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, ret_trouble);
    all->stir_outer = stir_begin(all, NULL, RTMGRP_LINK, ret_trouble);
    return all->stir_inner && all->stir_outer;
}

static bool make_named(struct attachments *all, struct trouble *ret_trouble)
{
    for (size_t i = 0; i < all->count; i++) {
        struct attached *at = all->items[i];
        struct rtnetlink_device device;
        if (at->wanted.kind != PLANE_DIRECT_CONNECT || !at->wanted.named)
            continue;
        bool there = device_find(&all->inner, at->device, &device, NULL);
        at->taken_now = !there;
        if (!put_direct_connect(all, at, ret_trouble))
            return false;
    }
    return true;
}

/* The others that the file names are there at the start, or an earlier life took them. */
static bool find_named(struct attachments *all, struct trouble *ret_trouble)
{
    char space[NAME_SPACE_BYTES];
    for (size_t i = 0; i < all->count; i++) {
        struct attached *at = all->items[i];
        struct rtnetlink_device device;
        struct trouble trouble = {0};
        const struct vpc_ground *ground = ground_find(all, at->wanted.vpc);
        if (at->wanted.kind == PLANE_DIRECT_CONNECT || !at->wanted.named ||
            device_find(&all->outer, at->wanted.line, &device, &trouble))
            continue;
        if (ground && handed_find(&all->outer, at->wanted.line, space) &&
            strcmp(space, ground->space) == 0)
            continue;
        why_not(all, at, &trouble);
        if (ret_trouble)
            *ret_trouble = trouble;
        return false;
    }
    return true;
}

static void undo(struct attachments *all)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i]->taken_now && all->inner.fd >= 0 && all->outer.fd >= 0)
            remove_direct_connect(all, all->items[i]);
    }
    if (all->made_inner)
        space_remove(all->inner_space, NULL);
    all->made_inner = false;
}

bool attachments_prepare(struct attachments *all, char *why)
{
    struct trouble trouble = {0};
    if (are_apart(all, &trouble) && open_both(all, &trouble) && find_named(all, &trouble) &&
        make_named(all, &trouble))
        return true;
    undo(all);
    snprintf(why, ORDER_SENTENCE_BYTES, "%s", trouble.sentence);
    return false;
}

/* -- what an earlier life left -- */

static bool is_wanted_inside(const char *name, void *context)
{
    const struct attachments *all = context;
    for (size_t i = 0; i < all->count; i++) {
        const struct attached *at = all->items[i];
        if (at->wanted.kind == PLANE_DIRECT_CONNECT && strcmp(at->device, name) == 0)
            return true;
    }
    return false;
}

struct vlans {
    const struct attachments *all;
    char names[64][NAME_DEVICE_BYTES];
    size_t count;
};

static void note_vlan(const struct rtnetlink_device *device, void *context)
{
    struct vlans *vlans = context;
    if (strcmp(device->kind, "vlan") == 0 && vlans->count < 64 &&
        !is_wanted_inside(device->name, (void *)(uintptr_t)vlans->all))
        memcpy(vlans->names[vlans->count++], device->name, NAME_DEVICE_BYTES);
}

static void remove_leftover_space(const char *name, void *context)
{
    struct attachments *all = context;
    struct rtnetlink kernel;
    for (size_t i = 0; i < all->ground_count; i++) {
        if (strcmp(all->grounds[i]->space, name) == 0)
            return;
    }
    if (rtnetlink_open(&kernel, name, NULL)) {
        handed_back_all(&kernel, &all->outer, NULL, NULL);
        rtnetlink_close(&kernel);
    }
    space_remove(name, NULL);
}

static void remove_leftovers(struct attachments *all)
{
    struct vlans vlans = {.all = all};
    char prefix[NAME_SPACE_BYTES];
    handed_back_all(&all->inner, &all->outer, is_wanted_inside, all);
    if (!device_each(&all->inner, note_vlan, &vlans, NULL))
        vlans.count = 0;
    for (size_t i = 0; i < vlans.count; i++)
        device_remove(&all->inner, vlans.names[i], NULL);
    plane_vpc_name(all->gateway, "", prefix);
    space_each(prefix, remove_leftover_space, all, NULL);
}

/* The first one may come when all else is there. */
void attachments_settled(struct attachments *all)
{
    char why[ORDER_SENTENCE_BYTES] = "";
    if (all->inner.fd < 0 && all->count > 0 && !attachments_prepare(all, why))
        all->ears.trouble(all->ears.of, "", why);
    if (all->inner.fd < 0 || all->outer.fd < 0)
        return;
    all->settled = true;
    remove_leftovers(all);
    look(all);
    look_soon(all);
}

/* -- ending -- */

/* Nothing is wanted, but an earlier life may have made something. */
static void open_left(struct attachments *all)
{
    if (!rtnetlink_open(&all->inner, all->inner_space, NULL) ||
        !rtnetlink_open(&all->outer, NULL, NULL))
        rtnetlink_close(&all->inner);
}

void attachments_take_down(struct attachments *all, bool inner, struct trouble *ret_trouble)
{
    uv_timer_stop(all->timer);
    all->settled = all->settled || all->inner.fd >= 0;
    while (all->count > 0)
        attachments_unwant(all, all->items[all->count - 1]->wanted.name);
    uv_timer_stop(all->timer);
    if (all->inner.fd < 0 && space_exists(all->inner_space))
        open_left(all);
    if (all->inner.fd >= 0 && all->outer.fd >= 0)
        remove_leftovers(all);
    all->settled = false;
    all->made_inner = false;
    if (inner)
        space_remove(all->inner_space, ret_trouble);
}

static void timer_closed(uv_handle_t *timer)
{
    free(timer);
}

void attachments_leave(struct attachments *all)
{
    if (!all)
        return;
    if (!all->settled)
        undo(all);
    for (size_t i = 0; i < all->ground_count; i++)
        ground_free(all->grounds[i]);
    for (size_t i = 0; i < all->count; i++)
        free(all->items[i]);
    stir_end(all->stir_inner);
    stir_end(all->stir_outer);
    rtnetlink_close(&all->inner);
    rtnetlink_close(&all->outer);
    uv_timer_stop(all->timer);
    uv_close((uv_handle_t *)all->timer, timer_closed);
    free(all->grounds);
    free(all->items);
    free(all);
}
