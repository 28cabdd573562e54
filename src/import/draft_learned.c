/* What the gateways had learned, as their VPCs' route tables show it, given back to the attachments
 * that can have announced it (announcers.c), and so to the routers behind them. */
#include "import/draft.h"

#include "base/sort.h"
#include "import/announcers.h"
#include "import/remark.h"
#include "network/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of one gateway; beyond them the reckoning would take long. */
enum { PREFIXES_MAX = 10000, ANNOUNCERS_MAX = 1000, NAMED_MAX = 4, PREFIXES_NAMED = 8 };

/* --- what the tables show --- */

struct shown { /* a propagated route */
    size_t gateway;
    struct prefix prefix;
    const struct aws_route_table *table;
    struct import_place place;
};

struct learning {
    struct draft *draft;
    struct shown *shown; /* by gateway, then prefix */
    size_t shown_count, shown_cap;
    size_t *tables;  /* of each gateway: how many take its routes */
    size_t *hearers; /* of each router: how many attachments hear it */
    struct said {    /* what a router is now taken to announce */
        size_t router;
        struct prefix prefix;
        size_t attachment; /* in the draft's */
        char *note;        /* NULL */
    } * said;
    size_t said_count, said_cap;
};

static int compare_shown(const void *left, const void *right, const void *ctx)
{
    const struct shown *a = left, *b = right;
    (void)ctx;
    if (a->gateway != b->gateway)
        return a->gateway < b->gateway ? -1 : 1;
    return prefix_compare(a->prefix, b->prefix);
}

static bool propagates(const struct aws_route_table *table, const char *gateway)
{
    for (size_t i = 0; i < table->propagating_count; i++) {
        if (strcmp(table->propagating[i], gateway) == 0)
            return true;
    }
    return false;
}

static void look_at_route(struct learning *learning, const struct aws_route_table *table,
                          const struct aws_route *route)
{
    struct draft *draft = learning->draft;
    const struct aws_thing *gateway = aws_find(draft->aws, AWS_VPN_GATEWAY, route->target);
    if (!gateway || !gateway->used) {
        remark_say(draft->remarks, IMPORT_MISSING, route->place, table->is.id,
                   "%s: %s was propagated from %.64s, which is not in the export", table->is.id,
                   draft_prefix(route->prefix), route->target ? route->target : "nobody");
        remark_depends(draft->remarks, "the route: it is left out");
        return;
    }
    if (!propagates(table, gateway->id))
        remark_say(draft->remarks, IMPORT_DIFFERS, route->place, table->is.id,
                   "%s has %s propagated from %s, and does not name it among its PropagatingVgws",
                   table->is.id, draft_prefix(route->prefix), gateway->id);
    learning->shown = memory_grow(learning->shown, learning->shown_count, &learning->shown_cap,
                                  sizeof *learning->shown);
    learning->shown[learning->shown_count++] =
        (struct shown){gateway->at, route->prefix, table, route->place};
}

static void look_at_tables(struct learning *learning)
{
    struct aws *aws = learning->draft->aws;
    for (size_t i = 0; i < aws_count(aws, AWS_ROUTE_TABLE); i++) {
        const struct aws_route_table *table = (void *)aws_at(aws, AWS_ROUTE_TABLE, i);
        for (size_t j = 0; table->is.used && j < table->route_count; j++) {
            if (table->routes[j].propagated)
                look_at_route(learning, table, &table->routes[j]);
        }
        for (size_t j = 0; table->is.used && j < table->propagating_count; j++) {
            const struct aws_thing *gateway = aws_find(aws, AWS_VPN_GATEWAY, table->propagating[j]);
            if (gateway && gateway->used)
                learning->tables[gateway->at]++;
        }
    }
    void *scratch = memory_zeroed(learning->shown_count, sizeof *learning->shown);
    sort_stable(learning->shown, learning->shown_count, sizeof *learning->shown, scratch,
                compare_shown, NULL);
    free(scratch);
}

/* --- one gateway --- */

struct gateway {
    struct learning *learning;
    const struct network_vpn_gateway *said;
    size_t first, count; /* its attachments, in the draft's */
    struct prefix *prefixes;
    size_t prefix_count;
    struct announcer *announcers; /* one an attachment */
    enum announced *how;
    size_t *can;
};

static const struct draft_attachment *attachment_at(const struct gateway *gateway, size_t index)
{
    return &gateway->learning->draft->attachments[gateway->first + index];
}

static const char *attachment_id(const struct draft *draft,
                                 const struct draft_attachment *attachment)
{
    return attachment->connection ? attachment->connection->is.id
                                  : draft->network->direct_connects[attachment->index].id;
}

static size_t router_of(const struct draft_attachment *attachment)
{
    return attachment->connection ? attachment->connection->router : attachment->interface->router;
}

static bool is_static(const struct draft_attachment *attachment)
{
    return attachment->connection && attachment->connection->static_only == ITEM_YES;
}

/* "5 BGP ROUTES"; -1: it does not say. */
static int64_t count_in(const char *message)
{
    int64_t count = -1;
    size_t at = 0;
    for (; message && at < 9 && message[at] >= '0' && message[at] <= '9'; at++)
        count = (count < 0 ? 0 : count) * 10 + (message[at] - '0');
    return message && strcmp(message + at, " BGP ROUTES") == 0 ? count : -1;
}

static int64_t accepted_by(const struct aws_tunnel *tunnel)
{
    if (!tunnel->telemetry)
        return -1;
    if (!tunnel->up)
        return 0;
    return tunnel->accepted >= 0 ? tunnel->accepted : count_in(tunnel->message);
}

/* The larger of both tunnels' counts: each carries all routes while it is up. */
static int64_t accepted_on(struct draft *draft, const struct aws_connection *connection)
{
    int64_t counts[2] = {-1, -1};
    for (size_t i = 0; i < connection->tunnel_count; i++)
        counts[i] = accepted_by(&connection->tunnels[i]);
    bool both_up = connection->tunnels[0].up && connection->tunnels[1].up;
    if (both_up && counts[0] >= 0 && counts[1] >= 0 && counts[0] != counts[1])
        remark_say(draft->remarks, IMPORT_DIFFERS, connection->is.place, connection->is.id,
                   "%s accepted %" PRId64 " routes on one tunnel and %" PRId64
                   " on the other, and both are up; the model announces the same on both",
                   connection->is.id, counts[0], counts[1]);
    return counts[0] > counts[1] ? counts[0] : counts[1];
}

/* An instance's router announces the VPC around it, if anything. */
static void know_ranges(const struct draft *draft, size_t router, struct announcer *announcer)
{
    const char *id = draft->network->routers[router].id;
    for (size_t i = 0; i < draft->network->vpc_count; i++) {
        const struct network_vpc *vpc = &draft->network->vpcs[i];
        for (size_t j = 0; j < vpc->instance_count; j++) {
            if (!vpc->instances[j].router.id || strcmp(vpc->instances[j].router.id, id) != 0)
                continue;
            announcer->known = vpc->cidrs;
            announcer->known_count = vpc->cidr_count;
            return;
        }
    }
}

/* Static routes are known, so that nobody is asked for them. */
static bool is_static_route(const struct gateway *gateway, struct prefix prefix)
{
    for (size_t i = 0; i < gateway->count; i++) {
        const struct draft_attachment *attachment = attachment_at(gateway, i);
        for (size_t j = 0; is_static(attachment) && j < attachment->connection->routes.count; j++) {
            if (prefix_equal(attachment->connection->routes.items[j], prefix))
                return true;
        }
    }
    return false;
}

static void take_prefixes(struct gateway *gateway, const struct shown *shown, size_t count)
{
    gateway->prefixes = memory_zeroed(count, sizeof *gateway->prefixes);
    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && prefix_equal(shown[i].prefix, shown[i - 1].prefix);
        if (again || is_static_route(gateway, shown[i].prefix))
            continue;
        if (gateway->prefix_count == PREFIXES_MAX) {
            remark_say(gateway->learning->draft->remarks, IMPORT_WRONG, shown[i].place,
                       gateway->said->id,
                       "more than %d routes propagated from %s; the others are left out",
                       PREFIXES_MAX, gateway->said->id);
            return;
        }
        gateway->prefixes[gateway->prefix_count++] = shown[i].prefix;
    }
}

static void judge(struct gateway *gateway)
{
    struct draft *draft = gateway->learning->draft;
    size_t count = gateway->prefix_count + 1;
    gateway->announcers = memory_zeroed(gateway->count, sizeof *gateway->announcers);
    gateway->how = memory_zeroed(count, sizeof *gateway->how);
    gateway->can = memory_zeroed(count, sizeof *gateway->can);
    for (size_t i = 0; i < gateway->count; i++) {
        const struct draft_attachment *attachment = attachment_at(gateway, i);
        struct announcer *announcer = &gateway->announcers[i];
        announcer->announces = memory_zeroed(count, sizeof *announcer->announces);
        announcer->accepted = -1;
        if (is_static(attachment))
            announcer->accepted = 0;
        else if (attachment->connection)
            announcer->accepted = accepted_on(draft, attachment->connection);
        else if (attachment->interface->bgp_up == ITEM_NO)
            announcer->accepted = 0;
        if (!is_static(attachment))
            know_ranges(draft, router_of(attachment), announcer);
    }
    announcers_judge(gateway->prefixes, gateway->prefix_count, gateway->announcers, gateway->count,
                     gateway->how, gateway->can);
}

/* --- telling it --- */

/* "vpn-a (2 accepted), dxvif-b": who can have announced it. */
static char *names_of(const struct gateway *gateway)
{
    char *text = NULL;
    size_t size, named = 0, left = 0;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; out && i < gateway->count; i++) {
        const struct announcer *announcer = &gateway->announcers[i];
        if (!announcer_can(announcer))
            continue;
        if (named == NAMED_MAX) {
            left++;
            continue;
        }
        fprintf(out, "%s%.64s", named++ ? ", " : "",
                attachment_id(gateway->learning->draft, attachment_at(gateway, i)));
        if (announcer->accepted >= 0)
            fprintf(out, " (%" PRId64 " accepted)", announcer->accepted);
    }
    if (out && left)
        fprintf(out, " and %zu more", left);
    if (out)
        fclose(out);
    return out ? text : draft_text("");
}

/* The prefixes of one kind that were given to one attachment (SIZE_MAX: to nobody) first; NULL:
 * there are none. */
static char *prefixes_of(const struct gateway *gateway, enum announced how, size_t attachment,
                         const size_t *chosen)
{
    char *text = NULL;
    size_t size, named = 0;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; out && i < gateway->prefix_count; i++) {
        if (gateway->how[i] != how || chosen[i] != attachment)
            continue;
        if (named < PREFIXES_NAMED)
            fprintf(out, "%s%s", named ? ", " : "", draft_prefix(gateway->prefixes[i]));
        named++;
    }
    if (out && named > PREFIXES_NAMED)
        fprintf(out, " and %zu more", named - PREFIXES_NAMED);
    if (out)
        fclose(out);
    if (named)
        return text;
    free(text);
    return NULL;
}

static void say_nobody(const struct gateway *gateway, const char *prefixes)
{
    struct draft *draft = gateway->learning->draft;
    remark_say(draft->remarks, IMPORT_MISSING, (struct import_place){0}, gateway->said->id,
               "%s at %s: propagated, and nothing in the export can have announced it", prefixes,
               gateway->said->id);
    remark_depends(draft->remarks, "whatever takes that route: the model does not have it");
}

static void say_chosen(const struct gateway *gateway, enum announced how, size_t attachment,
                       const char *prefixes, const char *names)
{
    struct draft *draft = gateway->learning->draft;
    const char *chosen = attachment_id(draft, attachment_at(gateway, attachment));
    if (how == ANNOUNCED_CHOSEN)
        remark_say(draft->remarks, IMPORT_ASSUMED, (struct import_place){0}, chosen,
                   "%s at %s: an export does not say who announced it; the counts allow %s; taken"
                   " to be %s",
                   prefixes, gateway->said->id, names, chosen);
    else
        remark_say(draft->remarks, IMPORT_DIFFERS, (struct import_place){0}, chosen,
                   "%s at %s: propagated, and no attachment's accepted count leaves room for it;"
                   " taken to be %s",
                   prefixes, gateway->said->id, chosen);
}

static void say_choices(const struct gateway *gateway, const size_t *chosen, const char *names)
{
    static const enum announced hows[] = {ANNOUNCED_CHOSEN, ANNOUNCED_BEYOND};
    char *nobody = prefixes_of(gateway, ANNOUNCED_NOBODY, SIZE_MAX, chosen);
    for (size_t i = 0; i < gateway->count; i++) {
        for (size_t j = 0; j < sizeof hows / sizeof *hows; j++) {
            char *prefixes = prefixes_of(gateway, hows[j], i, chosen);
            if (prefixes)
                say_chosen(gateway, hows[j], i, prefixes, names);
            free(prefixes);
        }
    }
    if (nobody)
        say_nobody(gateway, nobody);
    free(nobody);
}

static void note_said(struct gateway *gateway, size_t attachment, size_t prefix, const char *names)
{
    struct learning *learning = gateway->learning;
    learning->said = memory_grow(learning->said, learning->said_count, &learning->said_cap,
                                 sizeof *learning->said);
    struct said *said = &learning->said[learning->said_count++];
    *said = (struct said){.router = router_of(attachment_at(gateway, attachment)),
                          .prefix = gateway->prefixes[prefix],
                          .attachment = gateway->first + attachment};
    if (gateway->how[prefix] == ANNOUNCED_CHOSEN)
        said->note = draft_text(names);
}

/* To each that announces it; ret_chosen: the first of them. */
static void tell_prefix(struct gateway *gateway, size_t prefix, const char *names,
                        size_t *ret_chosen)
{
    *ret_chosen = SIZE_MAX;
    for (size_t i = 0; i < gateway->count; i++) {
        if (!gateway->announcers[i].announces[prefix])
            continue;
        if (*ret_chosen == SIZE_MAX)
            *ret_chosen = i;
        note_said(gateway, i, prefix, names);
    }
}

static void tell_all(struct gateway *gateway)
{
    char *names = names_of(gateway);
    size_t *chosen = memory_zeroed(gateway->prefix_count, sizeof *chosen);
    for (size_t i = 0; i < gateway->prefix_count; i++)
        tell_prefix(gateway, i, names, &chosen[i]);
    say_choices(gateway, chosen, names);
    free(chosen);
    free(names);
}

/* Counts that the tables do not account for. */
static void say_unseen(struct gateway *gateway)
{
    struct draft *draft = gateway->learning->draft;
    for (size_t i = 0; i < gateway->count; i++) {
        const struct announcer *announcer = &gateway->announcers[i];
        const struct draft_attachment *attachment = attachment_at(gateway, i);
        if (!attachment->connection || is_static(attachment))
            continue;
        const struct aws_thing *thing = &attachment->connection->is;
        int64_t unseen = announcer->accepted - (int64_t)announcer->given;
        if (announcer->accepted == 0)
            remark_say(draft->remarks, IMPORT_MISSING, thing->place, thing->id,
                       "%s had accepted no route when it was exported: what its router announces is"
                       " not known",
                       thing->id);
        else if (unseen > 0)
            remark_say(draft->remarks, IMPORT_MISSING, thing->place, thing->id,
                       "%s accepted %" PRId64 " route%s, of which %zu can be seen in route tables",
                       thing->id, announcer->accepted, announcer->accepted == 1 ? "" : "s",
                       announcer->given);
        if (announcer->accepted == 0 || unseen > 0)
            remark_depends(draft->remarks, "what is reached by %s, and whether a tunnel is covered",
                           thing->id);
    }
}

/* AWS passes nothing from a Direct Connect gateway to VPN connections. */
static void keep_apart(struct gateway *gateway)
{
    struct network *network = gateway->learning->draft->network;
    for (size_t i = 0; i < gateway->prefix_count; i++) {
        bool from_apart = false, from_others = false;
        for (size_t j = 0; j < gateway->count; j++) {
            bool announces = gateway->announcers[j].announces[i];
            from_apart = from_apart || (announces && attachment_at(gateway, j)->apart);
            from_others = from_others || (announces && !attachment_at(gateway, j)->apart);
        }
        for (size_t j = 0; from_apart && !from_others && j < gateway->count; j++) {
            const struct draft_attachment *attachment = attachment_at(gateway, j);
            if (!attachment->connection || is_static(attachment))
                continue;
            struct network_rule *rule =
                draft_add(gateway->learning->draft, &schema_connection,
                          &network->vpn_connections[attachment->index], "export");
            rule->action = NETWORK_DENY;
            rule->prefix = gateway->prefixes[i];
        }
    }
}

static void learn_of(struct learning *learning, const struct network_vpn_gateway *said,
                     size_t first, size_t count, const struct shown *shown, size_t shown_count)
{
    struct gateway gateway = {.learning = learning, .said = said, .first = first, .count = count};
    if (count > ANNOUNCERS_MAX) {
        remark_say(learning->draft->remarks, IMPORT_WRONG, (struct import_place){0}, said->id,
                   "%s has more than %d attachments; the others are taken to announce nothing",
                   said->id, ANNOUNCERS_MAX);
        gateway.count = ANNOUNCERS_MAX;
    }
    take_prefixes(&gateway, shown, shown_count);
    judge(&gateway);
    tell_all(&gateway);
    say_unseen(&gateway);
    keep_apart(&gateway);
    for (size_t i = 0; i < gateway.count; i++)
        free(gateway.announcers[i].announces);
    free(gateway.announcers);
    free(gateway.how);
    free(gateway.can);
    free(gateway.prefixes);
}

/* --- all gateways --- */

static int by_gateway(const void *left, const void *right, const void *ctx)
{
    const struct draft_attachment *a = left, *b = right;
    (void)ctx;
    return (a->gateway > b->gateway) - (a->gateway < b->gateway);
}

static void say_no_table(struct draft *draft, const struct network_vpn_gateway *gateway)
{
    remark_say(draft->remarks, IMPORT_MISSING, (struct import_place){0}, gateway->id,
               "no route table takes the routes of %s, so the export does not show what it learned",
               gateway->id);
    remark_depends(draft->remarks, "what its attachments announce: the model has none of it");
}

static void learn_all(struct learning *learning)
{
    struct draft *draft = learning->draft;
    struct network *network = draft->network;
    size_t attachment = 0, shown = 0;
    void *scratch = memory_zeroed(draft->attachment_count, sizeof *draft->attachments);
    sort_stable(draft->attachments, draft->attachment_count, sizeof *draft->attachments, scratch,
                by_gateway, NULL);
    free(scratch);
    for (size_t i = 0; i < network->vpn_gateway_count; i++) {
        size_t first = attachment, first_shown = shown;
        while (attachment < draft->attachment_count && draft->attachments[attachment].gateway == i)
            attachment++;
        while (shown < learning->shown_count && learning->shown[shown].gateway == i)
            shown++;
        if (learning->tables[i] == 0 && first_shown == shown && attachment > first)
            say_no_table(draft, &network->vpn_gateways[i]);
        else
            learn_of(learning, &network->vpn_gateways[i], first, attachment - first,
                     learning->shown ? learning->shown + first_shown : NULL, shown - first_shown);
    }
}

/* --- routers --- */

static int by_router(const void *left, const void *right, const void *ctx)
{
    const struct said *a = left, *b = right;
    (void)ctx;
    if (a->router != b->router)
        return a->router < b->router ? -1 : 1;
    int order = prefix_compare(a->prefix, b->prefix);
    return order ? order : (a->attachment > b->attachment) - (a->attachment < b->attachment);
}

/* A router says the same to all; towards an attachment that did not hear it, it holds it back. */
static void hold_back(struct draft *draft, struct network_bgp *bgp,
                      const struct draft_attachment *attachment, struct prefix prefix)
{
    const struct network *network = draft->network;
    const struct network_connection *connection =
        attachment->connection ? &network->vpn_connections[attachment->index] : NULL;
    size_t count = connection ? connection->tunnel_count : 1;
    for (size_t i = 0; i < count; i++) {
        struct network_rule *rule = draft_add(draft, &schema_bgp, bgp, "export");
        rule->action = NETWORK_DENY;
        rule->prefix = prefix;
        rule->neighbor = connection ? connection->tunnels[i].inside_vgw
                                    : network->direct_connects[attachment->index].inside_vgw;
    }
}

static void hold_back_elsewhere(struct learning *learning, size_t first, size_t end)
{
    struct draft *draft = learning->draft;
    const struct said *said = &learning->said[first];
    struct network_bgp *bgp = draft->network->routers[said->router].bgp;
    size_t at = first;
    for (size_t i = 0; i < draft->attachment_count; i++) {
        const struct draft_attachment *attachment = &draft->attachments[i];
        if (router_of(attachment) != said->router || is_static(attachment))
            continue;
        if (at < end && learning->said[at].attachment == i)
            at++;
        else
            hold_back(draft, bgp, attachment, said->prefix);
    }
}

static void write_received(struct learning *learning, size_t first, size_t end)
{
    struct draft *draft = learning->draft;
    const struct said *said = &learning->said[first];
    struct network_bgp *bgp = draft->network->routers[said->router].bgp;
    if (!bgp)
        return;
    struct network_announcement *announcement = draft_add(draft, &schema_bgp, bgp, "received");
    announcement->prefix = said->prefix;
    if (said->note)
        draft_trailing(draft, announcement->place, "or another of: %s", said->note);
    if (end - first < learning->hearers[said->router])
        hold_back_elsewhere(learning, first, end);
}

static void write_all(struct learning *learning)
{
    size_t count = learning->said_count;
    void *scratch = memory_zeroed(count, sizeof *learning->said);
    sort_stable(learning->said, count, sizeof *learning->said, scratch, by_router, NULL);
    free(scratch);
    for (size_t first = 0, end; first < count; first = end) {
        end = first + 1;
        while (end < count && learning->said[end].router == learning->said[first].router &&
               prefix_equal(learning->said[end].prefix, learning->said[first].prefix))
            end++;
        write_received(learning, first, end);
    }
}

void draft_learned(struct draft *draft)
{
    struct learning learning = {.draft = draft};
    learning.tables = memory_zeroed(draft->network->vpn_gateway_count, sizeof *learning.tables);
    learning.hearers = memory_zeroed(draft->network->router_count, sizeof *learning.hearers);
    for (size_t i = 0; i < draft->attachment_count; i++)
        learning.hearers[router_of(&draft->attachments[i])] += !is_static(&draft->attachments[i]);
    look_at_tables(&learning);
    learn_all(&learning);
    write_all(&learning);
    for (size_t i = 0; i < learning.said_count; i++)
        free(learning.said[i].note);
    free(learning.said);
    free(learning.tables);
    free(learning.hearers);
    free(learning.shown);
}
