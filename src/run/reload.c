#include "run/reload.h"

#include "base/sort.h"
#include "engine/event_bytes.h"
#include "network/memory.h"
#include "run/round.h"
#include "run/table_numbers.h"

#include <stdlib.h>
#include <string.h>

/* An event of a plan, with what it is about and with all that it says, as bytes. */
struct said {
    const struct event *event;
    struct slice about, whole;
    const struct said *other; /* what the other plan says about it; NULL: nothing */
    bool same;                /* and that is the same */
    bool superseded;          /* its own plan says something later about it: that counts */
};

struct saids {
    struct said *items;
    size_t count;
};

/* -- events as bytes -- */

/* The event without all that may change about what it is about. */
static struct event about_of(const struct event *event)
{
    struct event about = {.kind = event->kind};
    switch ((int)event->kind) {
    case EVENT_ATTACHMENT:
        about.attachment.attachment = event->attachment.attachment;
        break;
    case EVENT_NEIGHBOR:
        about.neighbor.neighbor = event->neighbor.neighbor;
        break;
    case EVENT_INTERFACE:
        about.interface.interface = event->interface.interface;
        break;
    case EVENT_ROUTE_SET:
        about.route = (struct event_route){
            .prefix = event->route.prefix, .source = event->route.source, .tag = event->route.tag};
        break;
    case EVENT_ANNOUNCE:
        about.announce.prefix = event->announce.prefix;
        break;
    case EVENT_STATIC_VPN:
        about.static_vpn.attachment = event->static_vpn.attachment;
        about.static_vpn.prefix = event->static_vpn.prefix;
        break;
    case EVENT_FILTER:
        about.filter = (struct event_filter){.attachment = event->filter.attachment,
                                             .export = event->filter.export,
                                             .allowed = event->filter.allowed};
        break;
    case EVENT_POLICY:
        about.policy.attachment = event->policy.attachment;
        about.policy.export = event->policy.export;
        break;
    case EVENT_VPC:
        about.vpc.vpc = event->vpc.vpc;
        break;
    case EVENT_VPC_CIDR:
    case EVENT_VPC_TABLE:
    case EVENT_VPC_ROUTE:
        about.vpc_part = (struct event_vpc_part){.vpc = event->vpc_part.vpc,
                                                 .table = event->vpc_part.table,
                                                 .prefix = event->vpc_part.prefix};
        break;
    default:
        about = *event;
        break;
    }
    return about;
}

static struct slice bytes_of(const struct event *event)
{
    struct event timeless = *event;
    timeless.at_us = 0;
    size_t cap = event_bytes_max(&timeless);
    struct writer writer = writer_over(memory_zeroed(1, cap), cap);
    event_encode(&timeless, &writer);
    return writer_slice(&writer);
}

static int compare_bytes(struct slice left, struct slice right)
{
    size_t least = left.size < right.size ? left.size : right.size;
    int compared = memcmp(left.data, right.data, least);
    return compared ? compared : left.size < right.size ? -1 : left.size > right.size;
}

static int compare_saids(const void *left, const void *right, const void *context)
{
    (void)context;
    const struct said *const *one = left, *const *two = right;
    return compare_bytes((*one)->about, (*two)->about);
}

static struct saids saids_of(const struct plan *plan)
{
    struct saids saids = {memory_zeroed(plan->told_count, sizeof *saids.items), plan->told_count};
    for (size_t i = 0; i < saids.count; i++) {
        struct event about = about_of(&plan->told[i]);
        saids.items[i] = (struct said){
            .event = &plan->told[i], .about = bytes_of(&about), .whole = bytes_of(&plan->told[i])};
    }
    return saids;
}

static void saids_done(struct saids *saids)
{
    for (size_t i = 0; i < saids->count; i++) {
        free((void *)(uintptr_t)saids->items[i].about.data);
        free((void *)(uintptr_t)saids->items[i].whole.data);
    }
    free(saids->items);
}

static struct said **in_order(const struct saids *saids)
{
    struct said **order = memory_zeroed(saids->count, sizeof *order);
    struct said **scratch = memory_zeroed(saids->count, sizeof *scratch);
    for (size_t i = 0; i < saids->count; i++)
        order[i] = &saids->items[i];
    sort_stable(order, saids->count, sizeof *order, scratch, compare_saids, NULL);
    free(scratch);
    return order;
}

/* What a plan says twice, a network that is a LAN and announced for example, is said once. Returns
 * how many are left. */
static size_t keep_last(struct said **order, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        order[i]->superseded =
            i + 1 < count && compare_bytes(order[i]->about, order[i + 1]->about) == 0;
        if (!order[i]->superseded)
            order[kept++] = order[i];
    }
    return kept;
}

static void match(const struct saids *was, const struct saids *is)
{
    struct said **left = in_order(was), **right = in_order(is);
    size_t left_count = keep_last(left, was->count), right_count = keep_last(right, is->count);
    for (size_t i = 0, j = 0; i < left_count && j < right_count;) {
        int compared = compare_bytes(left[i]->about, right[j]->about);
        if (compared == 0) {
            left[i]->other = right[j];
            right[j]->other = left[i];
            left[i]->same = right[j]->same = compare_bytes(left[i]->whole, right[j]->whole) == 0;
        }
        i += compared <= 0;
        j += compared >= 0;
    }
    free(left);
    free(right);
}

/* -- what cannot be changed -- */

/* A neighbor's number stays with its attachment. */
static bool attachments_differ(const struct saids *saids)
{
    for (size_t i = 0; i < saids->count; i++) {
        const struct said *said = &saids->items[i];
        if (said->event->kind == EVENT_NEIGHBOR && said->other &&
            said->event->neighbor.attachment != said->other->event->neighbor.attachment)
            return true;
    }
    return false;
}

static const char *fixed(const struct plan *was, const struct plan *is)
{
    const struct engine_config *one = &was->config, *two = &is->config;
    if (one->asn != two->asn)
        return "its AS";
    if (one->router_id != two->router_id)
        return "its router id";
    if (one->no_entries != two->no_entries || one->announce_back != two->announce_back)
        return "what it does with routes (fib, announce_back, platform)";
    return NULL;
}

/* -- the difference -- */

static struct event *put(struct reload *reload, enum event_kind kind)
{
    reload->events =
        memory_grow(reload->events, reload->count, &reload->cap, sizeof *reload->events);
    struct event *event = &reload->events[reload->count++];
    *event = (struct event){.kind = kind};
    return event;
}

static bool same_sockets(const struct plan *was, const struct plan *is, uint16_t number)
{
    const struct plan_neighbor *one = plan_numbered(was, number), *two = plan_numbered(is, number);
    bool keyed = one->md5_file && two->md5_file && strcmp(one->md5_file, two->md5_file) == 0;
    return one->ttl_security == two->ttl_security && one->direct == two->direct &&
           (keyed || (!one->md5_file && !two->md5_file));
}

/* RFC 4486: de-configured, or another configuration. */
static void halt(struct reload *reload, uint16_t neighbor, uint8_t cease)
{
    put(reload, EVENT_HALT)->halt =
        (struct event_halt){.connection = {.neighbor = neighbor}, .cease = cease};
}

/* Neighbors of which something differs end first: what changes about their attachments is not to be
 * told to sessions that are over. */
static void put_halts(struct reload *reload, const struct plan *was, const struct plan *is,
                      const struct saids *saids)
{
    for (size_t i = 0; i < saids->count; i++) {
        struct said *said = &saids->items[i];
        if (said->event->kind != EVENT_NEIGHBOR)
            continue;
        uint16_t number = said->event->neighbor.neighbor;
        if (!said->other) {
            halt(reload, number, BGP_CEASE_DECONFIGURED);
            reload->removed++;
        } else if (!said->same || !same_sockets(was, is, number)) {
            halt(reload, number, BGP_CEASE_CONFIGURATION);
            said->same = false;
            reload->changed++;
        }
    }
}

/* -- the gateway's VPC -- */

static bool is_vpc(enum event_kind kind)
{
    return kind == EVENT_VPC || kind == EVENT_VPC_CIDR || kind == EVENT_VPC_TABLE ||
           kind == EVENT_VPC_SUBNET || kind == EVENT_VPC_ROUTE || kind == EVENT_VPC_TARGET ||
           kind == EVENT_VPC_PEERING;
}

static bool is_gone(const struct said *said)
{
    return !said->other && !said->superseded;
}

/* Static routes come and go, and propagation; for all else the VPC is said anew. A table then takes
 * what is propagated in order of prefix, and beyond its limit others may wait than did before. */
static bool differ_in_more_than_routes(const struct saids *saids)
{
    for (size_t i = 0; i < saids->count; i++) {
        const struct said *said = &saids->items[i];
        bool routes = said->event->kind == EVENT_VPC_ROUTE ||
                      (said->event->kind == EVENT_VPC_TABLE && said->other);
        if (is_vpc(said->event->kind) && !routes && !said->same && !said->superseded)
            return true;
    }
    return false;
}

/* All that is in it is news but ranges that it had before. */
static void put_vpcs_anew(struct reload *reload, const struct saids *was, const struct saids *is)
{
    for (size_t i = 0; i < was->count; i++) {
        const struct said *said = &was->items[i];
        if (said->event->kind == EVENT_VPC)
            put(reload, EVENT_VPC)->vpc = said->other
                                              ? said->other->event->vpc
                                              : (struct event_vpc){said->event->vpc.vpc, 0, 0};
    }
    for (size_t i = 0; i < is->count; i++) {
        struct said *said = &is->items[i];
        if (is_vpc(said->event->kind))
            said->same = (said->event->kind == EVENT_VPC && said->other) ||
                         (said->event->kind == EVENT_VPC_CIDR && said->same);
    }
}

/* What goes makes room first, and is in nobody's way. */
static void put_vpcs(struct reload *reload, const struct saids *was, const struct saids *is)
{
    bool anew = differ_in_more_than_routes(was) || differ_in_more_than_routes(is);
    enum event_kind kind = anew ? EVENT_VPC_CIDR : EVENT_VPC_ROUTE;
    if (anew)
        put_vpcs_anew(reload, was, is);
    for (size_t i = 0; i < was->count; i++) {
        if (was->items[i].event->kind != kind || !is_gone(&was->items[i]))
            continue;
        struct event *gone = put(reload, kind);
        *gone = *was->items[i].event;
        gone->vpc_part.present = false;
    }
}

/* What is new or different, in the order in which a booting engine would hear it. */
static void put_news(struct reload *reload, const struct plan *was, const struct plan *is,
                     const struct saids *saids)
{
    for (size_t i = 0; i < saids->count; i++) {
        struct said *said = &saids->items[i];
        const struct event *event = said->event;
        bool neighbor = event->kind == EVENT_NEIGHBOR;
        if (neighbor && said->same)
            said->same = same_sockets(was, is, event->neighbor.neighbor);
        if (said->same || said->superseded || event->kind == EVENT_START)
            continue;
        if (neighbor && !said->other)
            reload->added++;
        *put(reload, event->kind) = *event;
    }
    for (size_t i = 0; i < saids->count; i++) {
        const struct event *event = saids->items[i].event;
        if (event->kind == EVENT_NEIGHBOR && !saids->items[i].same)
            put(reload, EVENT_START)->connection.neighbor = event->neighbor.neighbor;
    }
}

static void put_gone(struct reload *reload, const struct event *was)
{
    struct event gone = *was;
    switch ((int)was->kind) {
    case EVENT_INTERFACE:
        gone.interface.up = false;
        break;
    case EVENT_ROUTE_SET:
        gone.kind = EVENT_ROUTE_REMOVE;
        break;
    case EVENT_ANNOUNCE:
        gone.kind = EVENT_WITHDRAW;
        break;
    case EVENT_STATIC_VPN:
        gone.static_vpn.present = false;
        break;
    case EVENT_ENDPOINT:
        gone.endpoint.present = false;
        break;
    case EVENT_FILTER:
        gone.filter.rules = NULL;
        gone.filter.count = 0;
        gone.filter.permit_rest = true;
        break;
    case EVENT_POLICY:
        gone.policy.edit = (struct route_edit){0};
        break;
    default:
        return; /* an attachment without neighbors does nothing */
    }
    *put(reload, gone.kind) = gone;
}

const char *reload_compare(const struct plan *was, const struct plan *is, struct reload *ret_reload)
{
    struct reload reload = {0};
    const char *wrong = fixed(was, is);
    if (wrong)
        return wrong;
    struct saids before = saids_of(was), after = saids_of(is);
    match(&before, &after);
    if (attachments_differ(&after))
        wrong = "which attachment a neighbor is of";
    if (!wrong) {
        put_halts(&reload, was, is, &before);
        put_vpcs(&reload, &before, &after);
        put_news(&reload, was, is, &after);
        for (size_t i = 0; i < before.count; i++) {
            if (is_gone(&before.items[i]) && !is_vpc(before.items[i].event->kind))
                put_gone(&reload, before.items[i].event);
        }
        *ret_reload = reload;
    }
    saids_done(&before);
    saids_done(&after);
    return wrong;
}

void reload_done(struct reload *reload)
{
    free(reload->events);
    *reload = (struct reload){0};
}

/* -- the daemon's -- */

static void take_over(struct daemon *daemon, struct plan *plan, const struct reload *reload)
{
    struct plan *was = daemon->plan;
    plan->world->nodes[plan->node_index].engine = daemon->engine;
    was->world->nodes[was->node_index].engine = NULL;
    daemon->now_us = clock_us();
    for (size_t i = 0; i < reload->count && reload->events[i].kind == EVENT_HALT; i++) {
        struct event event = reload->events[i];
        round_step(daemon, &event);
    }
    daemon->plan = plan;
    daemon_ports(daemon);
    links_make_room(&daemon->links, plan->number_max);
    for (size_t i = 0; i < reload->count; i++) {
        struct event event = reload->events[i];
        if (event.kind != EVENT_HALT)
            round_step(daemon, &event);
    }
    listeners_keep(&daemon->listeners, plan);
    bfd_sockets_keep(&daemon->bfd, plan);
    const struct journal_subject subject = daemon_subject(daemon);
    journal_names(&daemon->journal, &subject);
    tunnels_change(daemon, was);
    wants_forget_keys(plan);
    plan_free(was);
}

/* Something is: then there is a keeper, and an inner namespace that the gateway lives in. */
static bool is_made_here(const struct plan *plan)
{
    return plan->tunnel_count + plan->plug_count > 0;
}

static bool compare_and_take(struct daemon *daemon, struct plan *plan)
{
    struct reload reload;
    char sentence[ORDER_SENTENCE_BYTES];
    const char *wrong =
        numbers_apply(&daemon->numbers, plan) ? NULL : "more things than a daemon can number";
    if (!wrong) {
        wants_number(plan);
        plugs_number(plan);
        table_numbers_take(plan, daemon->plan);
        wrong = vpc_entries_boot(plan) ? NULL : "the tables of VPCs: no memory";
    }
    if (!wrong && is_made_here(plan) != is_made_here(daemon->plan))
        wrong = "the first tunnel or attachment that is made here, or the last one";
    if (!wrong && !tunnels_may_change(&daemon->tunnels, daemon->plan, plan, sentence))
        wrong = sentence;
    if (!wrong)
        wrong = reload_compare(daemon->plan, plan, &reload);
    if (wrong) {
        fprintf(daemon->err, "error: %s: this takes a restart: %s; nothing was changed\n",
                daemon->options.network, wrong);
        return false;
    }
    bool listening = listeners_open(&daemon->listeners, plan, daemon->err) == RUN_FINE &&
                     bfd_sockets_open(&daemon->bfd, plan, daemon->err) == RUN_FINE;
    if (listening) {
        take_over(daemon, plan, &reload);
        daemon_log(daemon, "event=reloaded added=%u changed=%u removed=%u", reload.added,
                   reload.changed, reload.removed);
    } else {
        listeners_keep(&daemon->listeners, daemon->plan);
        bfd_sockets_keep(&daemon->bfd, daemon->plan);
    }
    reload_done(&reload);
    return listening;
}

void daemon_reload(struct daemon *daemon)
{
    struct plan *plan;
    if (daemon->stopping)
        return;
    bool taken = false;
    if (plan_read(&daemon->options, daemon->err, &plan) == RUN_FINE) {
        taken = compare_and_take(daemon, plan);
        if (!taken)
            plan_free(plan);
    }
    daemon->reloads[taken]++;
    if (!taken)
        daemon_log(daemon, "event=not-reloaded file=%s", daemon->options.network);
    fflush(daemon->err);
}
