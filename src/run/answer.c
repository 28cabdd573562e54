#include "run/answer.h"

#include "explain/why.h"
#include "explain/words.h"
#include "run/answer_tunnels.h"
#include "run/farewell.h"
#include "world/names.h"

#include <string.h>

json_t *answer_mistake(const char *wrong)
{
    json_t *answer = json_object();
    json_put(answer, "error", json_string(wrong));
    return answer;
}

static const char *neighbor_name(const struct daemon *daemon, uint16_t neighbor)
{
    return neighbor ? plan_numbered(daemon->plan, neighbor)->name : NULL;
}

static json_t *attachment_json(const struct daemon *daemon, uint16_t attachment)
{
    char name[160];
    struct text text = text_over(name, sizeof name);
    text_attachment(&text, daemon->plan->world, daemon->plan->node_index, attachment);
    return json_string(name);
}

/* -- neighbors -- */

static json_t *last_down_json(const struct daemon *daemon, const struct bgp_session *session)
{
    enum bgp_down reason = (enum bgp_down)session->last_reason;
    if (reason == BGP_DOWN_NONE)
        return json_null();
    json_t *down = json_object();
    json_put(down, "ago", json_seconds(daemon->now_us - session->last_down_us));
    json_put(down, "reason", json_string(bgp_down_word(reason)));
    json_put(down, "sentence", json_string(bgp_down_sentence(reason)));
    json_put(down, "code", json_integer(session->last_code));
    json_put(down, "subcode", json_integer(session->last_subcode));
    json_put(down, "name", json_text(bgp_notice_name(session->last_code, session->last_subcode)));
    char words[FAREWELL_TEXT_MAX];
    farewell_text((struct slice){session->words, session->words_size}, words);
    json_put(down, "words", json_text(session->words ? words : NULL));
    return down;
}

static json_t *messages_json(const uint64_t counts[BGP_KINDS])
{
    json_t *messages = json_object();
    for (enum bgp_type type = BGP_OPEN; type <= BGP_ROUTE_REFRESH; type++)
        json_put(messages, bgp_type_word(type), json_integer((json_int_t)counts[type]));
    return messages;
}

/* Routes of each family. Those announced are counted one by one, where that holds up nobody. */
static void families_json(const struct daemon *daemon, uint16_t neighbor,
                          const struct rib_counts *counts, json_t *row)
{
    const struct rib *rib = engine_rib(daemon->engine);
    uint64_t looks = (uint64_t)rib_number_end(rib) * daemon->plan->neighbor_count;
    bool counted = looks <= ANSWER_LOOKS;
    uint32_t told[2] = {0, 0};
    if (counted)
        engine_told_counts(daemon->engine, neighbor, told);
    for (int six = 0; six < 2; six++) {
        json_t *family = json_object();
        uint32_t accepted = six ? counts->accepted_six : counts->accepted - counts->accepted_six;
        uint32_t refused = six ? counts->refused_six : counts->refused - counts->refused_six;
        json_put(family, "accepted", json_integer(accepted));
        json_put(family, "refused", json_integer(refused));
        json_put(family, "announced", counted ? json_integer(told[six]) : json_null());
        json_put(row, six ? "ipv6" : "ipv4", family);
    }
}

static json_t *bfd_json(const struct daemon *daemon, uint16_t number)
{
    const struct bfd_end *end = engine_bfd(daemon->engine, number);
    if (!end)
        return json_null();
    json_t *bfd = json_object();
    json_put(bfd, "state", json_string(bfd_state_word((enum bfd_state)end->state)));
    json_put(bfd, "for", json_seconds(daemon->now_us - end->since_us));
    json_put(bfd, "diagnostic", json_string(bfd_diag_word((enum bfd_diag)end->diag)));
    json_put(bfd, "sends_every", json_seconds(end->gap_us));
    json_put(bfd, "missed_after", json_seconds(end->detection_us));
    json_put(bfd, "discarded", json_integer(end->discard_count));
    return bfd;
}

static const char *ipsec_word(const struct daemon *daemon, const struct plan_neighbor *neighbor)
{
    if (!neighbor->needs_ipsec)
        return "none";
    const struct carried *carried = tunnels_find(&daemon->tunnels, neighbor->name);
    return !carried ? "not carried" : carried->said.up ? "up" : "down";
}

static json_t *neighbor_json(const struct daemon *daemon, const struct plan_neighbor *neighbor)
{
    const struct bgp_session *session = engine_session(daemon->engine, neighbor->number);
    const struct event_neighbor *said = engine_neighbor(daemon->engine, neighbor->number);
    const struct rib *rib = engine_rib(daemon->engine);
    const struct rib_counts *counts =
        &rib_source_get(rib, engine_neighbor_source(daemon->engine, neighbor->number))->counts;
    json_t *row = json_object();
    json_put(row, "neighbor", json_string(neighbor->name));
    json_put(row, "attachment", attachment_json(daemon, said->attachment));
    json_put(row, "local", json_address(neighbor->local_addr));
    json_put(row, "address", json_address(neighbor->peer_addr));
    json_put(row, "asn", json_integer(said->peer_asn));
    json_put(row, "state", json_string(session_state_word((enum session_state)session->state)));
    json_put(row, "for", json_seconds(daemon->now_us - session->since_us));
    json_put(row, "accepted", json_integer(counts->accepted));
    json_put(row, "refused", json_integer((json_int_t)counts->refused + counts->discarded));
    json_put(row, "best", json_integer(counts->best));
    families_json(daemon, neighbor->number, counts, row);
    json_put(row, "heard", messages_json(session->tally.heard));
    json_put(row, "said", messages_json(session->tally.said));
    json_put(row, "established", json_integer(session->established_count));
    json_put(row, "last_down", last_down_json(daemon, session));
    json_put(row, "bfd", bfd_json(daemon, neighbor->number));
    json_put(row, "ipsec", json_string(ipsec_word(daemon, neighbor)));
    return row;
}

static json_t *neighbors_json(const struct daemon *daemon)
{
    json_t *answer = json_object(), *rows = json_array();
    for (uint16_t i = 0; i < daemon->plan->neighbor_count; i++)
        json_push(rows, neighbor_json(daemon, &daemon->plan->neighbors[i]));
    json_put(answer, "node", json_string(daemon->plan->node->id));
    json_put(answer, "asn", json_integer(daemon->plan->config.asn));
    json_put(answer, "neighbors", rows);
    return answer;
}

/* -- status -- */

static void count_sessions(const struct daemon *daemon, json_t *answer)
{
    unsigned established = 0, waiting = 0;
    for (uint16_t i = 0; i < daemon->plan->neighbor_count; i++) {
        const struct plan_neighbor *neighbor = &daemon->plan->neighbors[i];
        bool up = engine_session(daemon->engine, neighbor->number)->state == SESSION_ESTABLISHED;
        established += up;
        waiting += neighbor->needs_ipsec && !tunnels_find(&daemon->tunnels, neighbor->name);
    }
    json_put(answer, "established", json_integer(established));
    json_put(answer, "neighbors", json_integer(daemon->plan->neighbor_count));
    json_put(answer, "ipsec_not_carried", json_integer(waiting));
}

static json_t *status_json(const struct daemon *daemon)
{
    const struct rib *rib = engine_rib(daemon->engine);
    json_t *answer = json_object();
    json_put(answer, "version", json_string(SEKISHOD_VERSION));
    json_put(answer, "node", json_string(daemon->plan->node->id));
    json_put(answer, "asn", json_integer(daemon->plan->config.asn));
    json_put(answer, "router_id", json_address(daemon->plan->config.router_id));
    json_put(answer, "port", json_integer(daemon->options.port));
    json_put(answer, "up", json_seconds(daemon->now_us - daemon->began_us));
    count_sessions(daemon, answer);
    json_put(answer, "prefixes", json_integer(rib->best_count));
    json_put(answer, "paths", json_integer(rib->paths.used_count));
    json_put(answer, "memory_bytes", json_integer((json_int_t)engine_used_bytes(daemon->engine)));
    json_put(answer, "rounds", json_integer((json_int_t)daemon->round_count));
    json_put(answer, "longest_round", json_seconds((int64_t)daemon->longest_round_us));
    json_put(answer, "received_bytes", json_integer((json_int_t)daemon->links.read_bytes));
    json_put(answer, "sent_bytes", json_integer((json_int_t)daemon->links.sent_bytes));
    json_put(answer, "strangers", json_integer((json_int_t)daemon->listeners.stranger_count));
    json_put(answer, "bfd_strangers", json_integer((json_int_t)daemon->bfd.stranger_count));
    json_put(answer, "bfd_too_far", json_integer((json_int_t)daemon->bfd.far_count));
    json_put(answer, "bfd_unsent", json_integer((json_int_t)daemon->bfd.unsent_count));
    json_put(answer, "restarting", json_boolean(engine_waits(daemon->engine)));
    json_put(answer, "stopping", json_boolean(daemon->stopping));
    return answer;
}

/* -- limits -- */

static json_t *limits_json(const struct daemon *daemon)
{
    json_t *answer = json_object(), *rows = json_array();
    const struct rib *rib = engine_rib(daemon->engine);
    for (uint16_t i = 0; i < daemon->plan->neighbor_count; i++) {
        const struct plan_neighbor *neighbor = &daemon->plan->neighbors[i];
        const struct event_neighbor *said = engine_neighbor(daemon->engine, neighbor->number);
        const struct event_attachment *attachment =
            engine_attachment(daemon->engine, said->attachment);
        struct source_id source = engine_neighbor_source(daemon->engine, neighbor->number);
        json_t *row = json_object();
        json_put(row, "neighbor", json_string(neighbor->name));
        json_put(row, "accepted", json_integer(rib_source_get(rib, source)->counts.accepted));
        json_put(row, "limit",
                 attachment->prefix_limit ? json_integer(attachment->prefix_limit) : json_null());
        json_put(row, "over", json_string(attachment->limit_refuses_alone ? "refuse" : "close"));
        json_push(rows, row);
    }
    json_put(answer, "memory_bytes", json_integer((json_int_t)engine_used_bytes(daemon->engine)));
    json_put(answer, "memory_limit", json_integer((json_int_t)daemon->options.memory_bytes));
    json_put(answer, "neighbors", rows);
    return answer;
}

/* -- routes -- */

static json_t *route_json(const struct daemon *daemon, struct prefix prefix, struct rib_route route)
{
    const struct rib *rib = engine_rib(daemon->engine);
    const struct attr_facts *facts = attr_get(&rib->attrs, route.attr);
    uint16_t neighbor = engine_source_neighbor(daemon->engine, route.source);
    char path[2048];
    struct text text = text_over(path, sizeof path);
    text_as_path(&text, rib, route.attr);
    json_t *row = json_object();
    json_put(row, "prefix", json_prefix(prefix));
    json_put(row, "neighbor", json_text(neighbor_name(daemon, neighbor)));
    json_put(row, "as_path", json_string(path));
    json_put(row, "next_hop", json_address(attr_next_hop(facts)));
    json_put(row, "med", json_integer(facts->med));
    return row;
}

/* Best routes in order of arrival, page by page: a page costs the same wherever it is. */
static json_t *routes_json(const struct daemon *daemon, const struct request *request)
{
    const struct rib *rib = engine_rib(daemon->engine);
    uint64_t end = rib_number_end(rib), number = request->after + 1;
    uint64_t stop = number + ANSWER_RECORDS < end ? number + ANSWER_RECORDS : end;
    json_t *answer = json_object(), *rows = json_array();
    for (; number < stop && json_array_size(rows) < request->limit; number++) {
        const struct rib_prefix *record = rib_prefix_get(rib, (uint32_t)number);
        if (!(record->bits & RIB_IN_USE))
            continue;
        struct prefix prefix = rib_prefix_of(rib, record);
        struct rib_route route = rib_best(rib, (uint32_t)number);
        if (route.attr.v != 0 && (!request->has_prefix || prefix_covers(request->prefix, prefix)))
            json_push(rows, route_json(daemon, prefix, route));
    }
    json_put(answer, "prefixes", json_integer(rib->best_count));
    json_put(answer, "routes", rows);
    json_put(answer, "next", number < end ? json_integer((json_int_t)number - 1) : json_null());
    return answer;
}

/* -- paths: as everywhere where it is asked why -- */

/* What had the table choose this entry. */
static enum route_source source_of(const struct daemon *daemon, struct prefix prefix)
{
    const struct table *table = engine_table(daemon->engine);
    struct table_candidate candidate;
    for (uint32_t i = 0; table && table_candidate(table, prefix, i, &candidate); i++) {
        if (candidate.reason == TABLE_CHOSEN)
            return candidate.route.source;
    }
    return ROUTE_EBGP;
}

/* The node's kernel is a real one, which explain cannot look into: for one question the entries
 * that cover the prefix stand in the world's, as far as the real one has said that it has them. */
static void lend_kernel(const struct daemon *daemon, struct prefix prefix, struct kernel *kernel)
{
    const struct fib *fib = &daemon->kernel.fib;
    for (unsigned len = 0; daemon->kernel.fd >= 0 && len <= prefix.len; len++) {
        struct prefix at = prefix_make(prefix.six, prefix.addr, (uint8_t)len);
        struct fib_entry wanted, reported;
        if (!fib_wanted(fib, at, &wanted) || !fib_reported(fib, at, &reported) ||
            !fib_is_ours(&reported) || reported.gateway != wanted.gateway)
            continue;
        struct kernel_entry entry = {.port = (uint16_t)wanted.interface,
                                     .gateway = wanted.gateway,
                                     .source = source_of(daemon, at),
                                     .since_us = -1};
        kernel_set(kernel, at, &entry);
    }
}

static json_t *paths_json(const struct daemon *daemon, const struct request *request)
{
    const struct world *world = daemon->plan->world;
    struct kernel *kernel = &daemon->plan->world->nodes[daemon->plan->node_index].kernel;
    struct views views = {0};
    struct why why;
    json_t *answer = NULL;
    if (views_add_named(world, daemon->plan->node->id, &views)) {
        lend_kernel(daemon, request->prefix, kernel);
        why_take(world, request->prefix, &views, &why);
        answer = why_json(world, &why, daemon->now_us);
        why_done(&why);
        kernel_clear(kernel);
    }
    views_done(&views);
    return answer ? answer : answer_mistake("this node has no table");
}

/* -- events -- */

static const char *note_reason(const struct effect_note *note)
{
    if (note->kind == NOTE_SESSION_DOWN)
        return bgp_down_word((enum bgp_down)note->reason);
    if (note->kind == NOTE_BFD_DOWN)
        return bfd_diag_word((enum bfd_diag)note->reason);
    bool has_one = note->kind == NOTE_ROUTE_REFUSED || note->kind == NOTE_GUARD_HELD ||
                   note->kind == NOTE_GUARD_WARNED;
    return has_one ? reason_text(note->reason)->name : NULL;
}

static bool has_prefix(enum note_kind kind)
{
    return kind == NOTE_ROUTE_REFUSED || kind == NOTE_GUARD_HELD || kind == NOTE_GUARD_WARNED ||
           kind == NOTE_LIMIT_NEAR || kind == NOTE_LIMIT_EXCEEDED;
}

json_t *answer_event(const struct daemon *daemon, const struct recent_note *recent)
{
    const struct effect_note *note = &recent->note;
    json_t *row = json_object();
    json_put(row, "number", json_integer((json_int_t)recent->number));
    json_put(row, "at", json_seconds(recent->wall_us));
    json_put(row, "event", json_string(note_word(note->kind)));
    json_put(row, "sentence", json_string(note_sentence(note->kind)));
    json_put(row, "neighbor", json_text(neighbor_name(daemon, note->neighbor)));
    json_put(row, "attachment",
             note->attachment ? attachment_json(daemon, note->attachment) : json_null());
    json_put(row, "prefix", has_prefix(note->kind) ? json_prefix(note->prefix) : json_null());
    json_put(row, "reason", json_text(note_reason(note)));
    return row;
}

static json_t *events_json(const struct daemon *daemon, const struct request *request)
{
    json_t *answer = json_object(), *rows = json_array();
    uint64_t after = request->after;
    const struct recent_note *recent;
    while (json_array_size(rows) < request->limit &&
           (recent = recent_after(&daemon->recent, after))) {
        json_push(rows, answer_event(daemon, recent));
        after = recent->number;
    }
    json_put(answer, "events", rows);
    json_put(answer, "last", json_integer((json_int_t)daemon->recent.last));
    return answer;
}

/* -- journal -- */

static json_t *checkpoint_json(const struct daemon *daemon)
{
    const struct writer_state *state = &daemon->journal.writer.state;
    uint32_t number = atomic_load(&state->checkpoint);
    if (number == 0)
        return json_null();
    json_t *checkpoint = json_object();
    json_put(checkpoint, "segment", json_integer(number));
    json_put(checkpoint, "ago", json_seconds(clock_us() - atomic_load(&state->checkpoint_us)));
    return checkpoint;
}

static json_t *journal_json(const struct daemon *daemon)
{
    const struct journal *journal = &daemon->journal;
    const struct writer_state *state = &journal->writer.state;
    json_t *answer = json_object();
    json_put(answer, "on", json_boolean(journal->on));
    if (!journal->on)
        return answer;
    int error = atomic_load(&state->error), failed = atomic_load(&state->checkpoint_error);
    uint64_t missing = atomic_load(&state->missing) + journal->lost;
    json_put(answer, "directory", json_string(journal->writer.folder.path));
    json_put(answer, "segment", json_integer(atomic_load(&state->segment)));
    json_put(answer, "segments", json_integer(atomic_load(&state->segments)));
    json_put(answer, "bytes", json_integer((json_int_t)atomic_load(&state->bytes)));
    json_put(answer, "limit", json_integer((json_int_t)journal->writer.limit_bytes));
    json_put(answer, "waiting", json_integer((json_int_t)journal_ring_used(&journal->writer.ring)));
    json_put(answer, "missing_events", json_integer((json_int_t)missing));
    json_put(answer, "broken", error ? json_string(strerror(error)) : json_null());
    json_put(answer, "checkpoint", checkpoint_json(daemon));
    json_put(answer, "no_checkpoint", failed ? json_string(strerror(failed)) : json_null());
    return answer;
}

json_t *answer_take(const struct daemon *daemon, const struct request *request)
{
    switch (request->ask) {
    case ASK_STATUS:
        return status_json(daemon);
    case ASK_NEIGHBORS:
        return neighbors_json(daemon);
    case ASK_ROUTES:
        return routes_json(daemon, request);
    case ASK_PATHS:
        return paths_json(daemon, request);
    case ASK_LIMITS:
        return limits_json(daemon);
    case ASK_EVENTS:
        return events_json(daemon, request);
    case ASK_JOURNAL:
        return journal_json(daemon);
    case ASK_TUNNELS:
        return answer_tunnels(daemon);
    case ASK_TELEMETRY:
        return answer_telemetry(daemon);
    case ASK_ATTACHMENTS:
        return answer_attachments(daemon);
    case ASK_FIB:
        return answer_fib(daemon, request);
    case ASK_REPLACE_TUNNEL: /* act.c's */
    case ASK_COUNT:
    default:
        return answer_mistake("there is no such question");
    }
}
