#include "check/variants.h"

#include "check/inquiry.h"
#include "network/edit.h"

#include "base/sort.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* -- which tunnels are in question -- */

static bool is_known(const struct check *check, const char *tunnel)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        if (finding->evidence && !finding->what && finding->level >= CHECK_LIKELY &&
            strcmp(finding->tunnel, tunnel) == 0)
            return true;
    }
    return false;
}

static void list_tunnels(struct inquiry *inquiry, size_t *ret_count)
{
    const struct world *world = inquiry->screen.world;
    size_t count = world->tunnel_count + 1;
    inquiry->questions = check_take(inquiry->check, count * sizeof *inquiry->questions);
    inquiry->witnesses = check_take(inquiry->check, count * sizeof *inquiry->witnesses);
    inquiry->findings = check_take(inquiry->check, count * sizeof *inquiry->findings);
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel *tunnel = &world->tunnels[i];
        bool asked = !tunnel->plain && !is_known(inquiry->check, tunnel->id);
        inquiry->questions[i] = asked ? OPEN : NO_QUESTION;
    }
    *ret_count = world->tunnel_count;
}

static bool is_any_open(const struct inquiry *inquiry, size_t tunnel_count)
{
    bool open = false;
    for (size_t i = 0; i < tunnel_count; i++)
        open |= inquiry->questions[i] == OPEN;
    return open;
}

/* -- in order -- */

/* As the tunnels are in the file, not as they fell; what is about no tunnel comes last. */
static int by_tunnel(const void *left, const void *right, const void *ctx)
{
    const struct check_finding *first = left, *second = right;
    (void)ctx;
    if (!first->evidence || !second->evidence)
        return (first->evidence == NULL) - (second->evidence == NULL);
    return first->evidence->tunnel - second->evidence->tunnel;
}

/* Remedies are numbered in the order in which they are read. total: the numbers given before. */
static void number_anew(struct check *check, size_t from, size_t total)
{
    size_t next = total;
    size_t *numbers = check_take(check, (check->remedy_total + 1) * sizeof *numbers);
    for (size_t i = from; i < check->finding_count; i++) {
        for (size_t j = 0; j < check->findings[i].remedy_count; j++) {
            size_t *number = &check->findings[i].remedies[j].number;
            if (*number <= total) /* it cures something else, too, that stands before */
                continue;
            if (numbers[*number] == 0)
                numbers[*number] = ++next;
            *number = numbers[*number];
        }
    }
    assert(next == check->remedy_total);
}

static void order(struct check *check, size_t from, size_t total)
{
    size_t count = check->finding_count - from;
    if (count < 2)
        return;
    void *scratch = check_take(check, count * sizeof *check->findings);
    sort_stable(check->findings + from, count, sizeof *check->findings, scratch, by_tunnel, NULL);
    number_anew(check, from, total);
}

/* -- one part -- */

/* Where what each attachment of a gateway may announce is listed, so it will be for the next one.
 */
static bool is_listed(const struct network *network, size_t gateway)
{
    size_t attached = 0, listed = 0;
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *at = &network->vpn_connections[i];
        bool its = at->vpn_gateway.index == (int32_t)gateway && !at->static_routes;
        attached += its;
        listed += its && at->may_announce;
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        const struct network_direct_connect *at = &network->direct_connects[i];
        bool its = at->vpn_gateway.index == (int32_t)gateway;
        attached += its;
        listed += its && at->may_announce;
    }
    return attached > 0 && listed == attached;
}

/* A further attachment of every gateway: how what is not in the file is called. */
static struct network *with_further(const struct network *network, size_t *ret_count)
{
    struct network *copy = network_copy(network);
    *ret_count = 0;
    for (size_t i = 0; i < network->vpn_gateway_count; i++) {
        char id[320], router[320];
        if (is_listed(network, i))
            continue;
        snprintf(id, sizeof id, "%s's further line", network->vpn_gateways[i].id);
        snprintf(router, sizeof router, "a further attachment of %s", network->vpn_gateways[i].id);
        network_add_direct_connect(copy, id, router, i);
        ++*ret_count;
    }
    return copy;
}

/* What nobody in the file could do is asked only where nobody in the file could do it. */
static void ask_further(struct inquiry *inquiry, const struct network *network, size_t tunnel_count)
{
    size_t count;
    if (!is_any_open(inquiry, tunnel_count))
        return;
    struct network *more = with_further(network, &count);
    if (count > 0 && inquiry_begin(inquiry, more)) {
        dangers_try(inquiry, count);
        inquiry_end(inquiry);
    }
    network_free(more);
}

static void say_left_out(const struct inquiry *inquiry)
{
    struct check *check = inquiry->check;
    if (inquiry->left_out)
        check_add_text(check, &check->assumptions,
                       check_text(check,
                                  "of the failures, and of the announcements that attachments could"
                                  " make, %zu were tried and the others were not",
                                  inquiry->probes));
    if (inquiry->differences > INQUIRY_DIFFERENCES_TOLD)
        check_add_text(check, &check->assumptions,
                       check_text(check, "iteration and timed run differ in %zu more tunnels",
                                  inquiry->differences - INQUIRY_DIFFERENCES_TOLD));
}

static void ask(struct check *check, const struct network *network)
{
    struct inquiry inquiry = {.check = check};
    size_t before = check->finding_count, total = check->remedy_total, tunnel_count = 0;
    if (!inquiry_begin(&inquiry, network)) {
        const char *of = check->region ? network->vpn_gateways[0].id : NULL;
        check_add_text(
            check, &check->assumptions,
            check_text(check,
                       "what one failure or one announcement more would do was not tried%s%s: even"
                       " without its story the network does not come to rest, or a tunnel is in"
                       " another one",
                       of ? " around " : "", of ? of : ""));
        return;
    }
    list_tunnels(&inquiry, &tunnel_count);
    failures_try(&inquiry);
    dangers_try(&inquiry, 0);
    inquiry_end(&inquiry);
    ask_further(&inquiry, network, tunnel_count);
    dangers_say(&inquiry, tunnel_count);
    say_left_out(&inquiry);
    order(check, before, total);
}

void variants_find(struct check *check)
{
    struct network quiet = *check->network;
    quiet.story = NULL;
    quiet.step_count = 0;
    quiet.until_us = -1;
    if (quiet.vpn_connection_count > 0)
        ask(check, &quiet);
}
