#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/playback.h"
#include "explain/beside.h"
#include "explain/grid.h"
#include "explain/view_json.h"
#include "explain/why.h"
#include "explain/words.h"
#include "network/diagnostics.h"
#include "network/suggest.h"
#include "world/names.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static const struct option options[] = {
    {"at", "TIME", "the moment: 21:59:40, 2026-11-22T21:59:40 (UTC), or 61s after the beginning"},
    {"from", "TIME", "events from that moment on; otherwise from the beginning"},
    {"json", NULL, "the answer for a machine"},
};

enum { TIME_BYTES = 40, US_PER_S = 1000000, S_PER_DAY = 86400, WORD_COLUMNS = 14 };

/* -- time -- */

/* "2026-11-22 21:59:40.123456", UTC */
static const char *wall_text(int64_t wall_us, char bytes[TIME_BYTES])
{
    int64_t second = wall_us / US_PER_S, rest = wall_us % US_PER_S;
    if (rest < 0) {
        rest += US_PER_S;
        second--;
    }
    struct tm parts;
    time_t when = (time_t)second;
    gmtime_r(&when, &parts);
    size_t size = strftime(bytes, TIME_BYTES, "%Y-%m-%d %H:%M:%S", &parts);
    snprintf(bytes + size, TIME_BYTES - size, ".%06d", (int)rest);
    return bytes;
}

/* Digits, so many at least and most; false: others. */
static bool read_number(const char **at, int least, int most, int limit, int *ret_number)
{
    int number = 0, count = 0;
    for (; count < most && **at >= '0' && **at <= '9'; (*at)++, count++)
        number = number * 10 + (**at - '0');
    *ret_number = number;
    return count >= least && number <= limit;
}

/* [:SS[.ffffff]][Z] */
static bool read_seconds(const char *at, int64_t *us)
{
    int second = 0, scale = US_PER_S;
    if (*at == ':') {
        at++;
        if (!read_number(&at, 2, 2, 60, &second))
            return false;
        *us += (int64_t)second * US_PER_S;
    }
    if (*at == '.') {
        for (at++; *at >= '0' && *at <= '9' && scale > 1; at++) {
            scale /= 10;
            *us += (int64_t)(*at - '0') * scale;
        }
        if (scale == US_PER_S)
            return false;
    }
    return *at == 0 || strcmp(at, "Z") == 0;
}

/* HH:MM and what may follow. */
static bool read_clock(const char *at, int64_t *ret_us)
{
    int hour, minute;
    if (!read_number(&at, 1, 2, 23, &hour) || *at++ != ':' || !read_number(&at, 2, 2, 59, &minute))
        return false;
    *ret_us = ((int64_t)hour * 60 + minute) * 60 * US_PER_S;
    return read_seconds(at, ret_us);
}

/* YYYY-MM-DD, then T or a blank, then a clock. */
static bool read_date(const char *at, int64_t *ret_us)
{
    struct tm parts = {0};
    int64_t clock_us;
    if (!read_number(&at, 4, 4, 9999, &parts.tm_year) || *at++ != '-' ||
        !read_number(&at, 2, 2, 12, &parts.tm_mon) || *at++ != '-' ||
        !read_number(&at, 2, 2, 31, &parts.tm_mday) || (*at != 'T' && *at != ' ') ||
        !read_clock(at + 1, &clock_us) || parts.tm_mon == 0 || parts.tm_mday == 0)
        return false;
    struct tm said = parts;
    said.tm_year -= 1900;
    said.tm_mon--;
    time_t day = timegm(&said);
    if (said.tm_mday != parts.tm_mday)
        return false; /* such as the 30th of February */
    *ret_us = (int64_t)day * US_PER_S + clock_us;
    return true;
}

/* The last time that the clock showed this while the journal was written. */
static int64_t last_such(const struct playback *playback, int64_t clock_us)
{
    int64_t day_us = (int64_t)S_PER_DAY * US_PER_S, last_us = playback_last_us(playback);
    int64_t at_us = last_us - last_us % day_us + clock_us;
    return at_us > last_us && at_us - day_us >= playback_first_us(playback) ? at_us - day_us
                                                                            : at_us;
}

/* Absent: fallback. false: the mistake has been told. */
static bool read_time(struct cli *cli, const struct arguments *arguments, const char *option,
                      const struct playback *playback, int64_t fallback_us, int64_t *ret_us)
{
    const char *value = arguments_value(arguments, option);
    char bytes[TIME_BYTES];
    int64_t us;
    if (!value) {
        *ret_us = fallback_us;
        return true;
    }
    if (read_date(value, &us)) {
        *ret_us = us;
    } else if (read_clock(value, &us)) {
        *ret_us = last_such(playback, us);
    } else if (strpbrk(value, ":-T") || value[0] < '0' || value[0] > '9') {
        struct quoted shown = diagnostics_quote(value, strlen(value));
        cli_error(cli, "--%s %s: expected a time such as 21:59:40, 2026-11-22T21:59:40 or 61s",
                  option, shown.text);
        return false;
    } else {
        if (!arguments_duration(cli, arguments, option, 0, &us))
            return false;
        *ret_us = playback_first_us(playback) + us;
    }
    if (*ret_us >= playback_first_us(playback))
        return true;
    cli_error(cli, "--%s %s: the journal begins at %s (UTC)", option, value,
              wall_text(playback_first_us(playback), bytes));
    return false;
}

/* -- what is said of the journal itself -- */

static bool is_damaged(const struct playback *playback)
{
    bool damaged = false;
    for (size_t i = 0; i < playback->tape.fault_count; i++)
        damaged |= !playback->tape.faults[i].torn;
    return damaged;
}

static void tell_faults(const struct playback *playback, const struct screen *screen)
{
    for (size_t i = 0; i < playback->tape.fault_count; i++) {
        const struct tape_fault *fault = &playback->tape.faults[i];
        screen_say(screen, "%s%s:%s byte %zu: %s\n", fault->torn ? SCREEN_FAINT : SCREEN_YELLOW,
                   fault->path, SCREEN_END, fault->offset, fault->sentence);
    }
}

static json_t *wall_json(int64_t wall_us)
{
    char bytes[TIME_BYTES], stamp[TIME_BYTES + 2];
    snprintf(stamp, sizeof stamp, "%sZ", wall_text(wall_us, bytes));
    stamp[10] = 'T';
    return json_text(stamp);
}

static json_t *faults_json(const struct playback *playback)
{
    json_t *list = json_array();
    for (size_t i = 0; i < playback->tape.fault_count; i++) {
        const struct tape_fault *fault = &playback->tape.faults[i];
        json_t *object = json_object();
        json_put(object, "path", json_text(fault->path));
        json_put(object, "offset", json_integer((json_int_t)fault->offset));
        json_put(object, "sentence", json_text(fault->sentence));
        json_put(object, "torn", json_boolean(fault->torn));
        json_push(list, object);
    }
    return list;
}

static json_t *journal_json(const struct playback *playback)
{
    json_t *object = json_object();
    json_put(object, "segments", json_integer((json_int_t)tape_count(&playback->tape)));
    json_put(object, "from", wall_json(playback_first_us(playback)));
    json_put(object, "to", wall_json(playback_last_us(playback)));
    json_put(object, "faults", faults_json(playback));
    return object;
}

/* -- answers -- */

struct replay {
    struct cli *cli;
    struct playback playback;
    const char *name; /* of the journal */
    bool json;
    int64_t from_us, at_us;
    int64_t now_us; /* the engine's time at that moment */
};

static void headline(const struct replay *replay, const char *what)
{
    char bytes[TIME_BYTES];
    const struct playback *playback = &replay->playback;
    int64_t shown_us = replay->at_us;
    bool after = shown_us > playback_last_us(playback);
    if (after)
        shown_us = playback_last_us(playback);
    screen_say(&replay->cli->out, "%s at %s UTC%s%s\n", replay->name, wall_text(shown_us, bytes),
               after ? ", where the journal ends" : "", what);
}

static enum cli_exit write_json(const struct replay *replay, json_t *object)
{
    return json_write_take(object, replay->cli->out.out) ? CLI_FINE : CLI_WORLD;
}

static json_t *answer_json(const struct replay *replay)
{
    json_t *object = json_object();
    json_put(object, "journal", journal_json(&replay->playback));
    json_put(object, "at", wall_json(replay->at_us));
    return object;
}

static enum cli_exit show_routes(struct replay *replay)
{
    const struct world *world = replay->playback.world;
    struct views views;
    enum cli_exit status = CLI_FINE;
    views_all(world, &views);
    if (replay->json) {
        json_t *object = answer_json(replay);
        json_put(object, "tables", views_json(world, &views, replay->now_us));
        status = write_json(replay, object);
    } else {
        headline(replay, "\n");
        beside_render(world, &views, replay->now_us, &replay->cli->out);
    }
    views_done(&views);
    return status;
}

static enum cli_exit show_paths(struct replay *replay, struct prefix prefix, const char *said)
{
    const struct world *world = replay->playback.world;
    struct views views;
    struct why why;
    enum cli_exit status = CLI_FINE;
    views_all(world, &views);
    why_take(world, prefix, &views, &why);
    if (replay->json) {
        json_t *object = answer_json(replay), *answer = why_json(world, &why, replay->now_us);
        json_object_update(object, answer);
        json_decref(answer);
        status = write_json(replay, object);
    } else {
        headline(replay, "");
        screen_say(&replay->cli->out, "%s: ", said);
        why_headline(&why, &replay->cli->out);
        screen_put(&replay->cli->out, "\n\n");
        why_render(world, &why, replay->now_us, &replay->cli->out);
    }
    why_done(&why);
    views_done(&views);
    return status;
}

static const char *why_down(const struct bgp_session *session)
{
    return session->last_reason ? bgp_down_word((enum bgp_down)session->last_reason) : "";
}

static json_t *neighbor_json(const struct replay *replay, uint16_t number)
{
    const struct engine *engine = playback_engine(&replay->playback);
    const struct event_neighbor *said = engine_neighbor(engine, number);
    const struct bgp_session *session = engine_session(engine, number);
    const struct rib_counts *counts =
        &rib_source_get(engine_rib(engine), engine_neighbor_source(engine, number))->counts;
    const char *name = playback_name_of(&replay->playback, JOURNAL_NEIGHBOR, number, 0);
    json_t *object = json_object();
    json_put(object, "neighbor", json_text(name));
    json_put(object, "address", json_address(said->peer_addr));
    json_put(object, "asn", json_integer(said->peer_asn));
    json_put(object, "state", json_text(session_state_word((enum session_state)session->state)));
    json_put(object, "since_s", json_seconds(replay->now_us - session->since_us));
    json_put(object, "accepted", json_integer(counts->accepted));
    json_put(object, "refused", json_integer(counts->refused + counts->discarded));
    json_put(object, "best", json_integer(counts->best));
    json_put(object, "last_down",
             session->last_reason ? json_text(why_down(session)) : json_null());
    return object;
}

static void add_neighbor(struct grid *grid, const struct replay *replay, uint16_t number)
{
    const struct engine *engine = playback_engine(&replay->playback);
    const struct event_neighbor *said = engine_neighbor(engine, number);
    const struct bgp_session *session = engine_session(engine, number);
    const struct rib_counts *counts =
        &rib_source_get(engine_rib(engine), engine_neighbor_source(engine, number))->counts;
    const char *name = playback_name_of(&replay->playback, JOURNAL_NEIGHBOR, number, 0);
    char bytes[64];
    struct text age = text_over(bytes, sizeof bytes);
    text_age(&age, replay->now_us - session->since_us);
    grid_begin(grid);
    grid_add(grid, name ? name : "?");
    grid_say(grid, "AS %" PRIu32, said->peer_asn);
    grid_add(grid, session_state_word((enum session_state)session->state));
    grid_add(grid, bytes);
    grid_say(grid, "%" PRIu32 " accepted", counts->accepted);
    grid_say(grid, "%" PRIu32 " best", counts->best);
    grid_say(grid, "%" PRIu32 " refused", counts->refused + counts->discarded);
    grid_add(grid, why_down(session));
}

static enum cli_exit show_neighbors(struct replay *replay)
{
    const struct engine *engine = playback_engine(&replay->playback);
    if (replay->json) {
        json_t *object = answer_json(replay), *list = json_array();
        for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++)
            json_push(list, neighbor_json(replay, i));
        json_put(object, "neighbors", list);
        return write_json(replay, object);
    }
    struct grid grid = {0};
    headline(replay, "\n");
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++)
        add_neighbor(&grid, replay, i);
    grid_render(&grid, &replay->cli->out, 0);
    grid_done(&grid);
    return CLI_FINE;
}

/* -- events -- */

static const char *neighbor_name(const struct replay *replay, uint16_t number)
{
    const char *name = playback_name_of(&replay->playback, JOURNAL_NEIGHBOR, number, 0);
    return number == 0 ? "" : name ? name : "?";
}

static void tell_event_prefix(struct text *text, const struct event *event)
{
    if (event->kind == EVENT_ROUTE_SET || event->kind == EVENT_ROUTE_REMOVE)
        text_prefix(text, event->route.prefix);
    else if (event->kind == EVENT_ANNOUNCE || event->kind == EVENT_WITHDRAW)
        text_prefix(text, event->announce.prefix);
    else if (event->kind == EVENT_STATIC_VPN)
        text_prefix(text, event->static_vpn.prefix);
    else if (event->kind == EVENT_ENDPOINT)
        text_ip(text, event->endpoint.addr);
    else if (event->kind == EVENT_VPC_CIDR || event->kind == EVENT_VPC_SUBNET ||
             event->kind == EVENT_VPC_ROUTE)
        text_prefix(text, event->vpc_part.prefix);
}

/* Who and what, as far as it is a word or two. */
static void tell_event(struct text *text, const struct replay *replay, const struct event *event)
{
    uint16_t neighbor = 0;
    if (event->kind == EVENT_RECEIVED)
        neighbor = event->received.connection.neighbor;
    else if (event->kind == EVENT_HALT)
        neighbor = event->halt.connection.neighbor;
    else if (event->kind == EVENT_NEIGHBOR)
        neighbor = event->neighbor.neighbor;
    else if (event->kind == EVENT_START || event->kind == EVENT_CONNECTED ||
             event->kind == EVENT_CONNECT_FAILED || event->kind == EVENT_CLOSED ||
             event->kind == EVENT_STUCK)
        neighbor = event->connection.neighbor;
    text_add(text, neighbor_name(replay, neighbor));
    if (event->kind == EVENT_RECEIVED) {
        text_add(text, ", ");
        text_u64(text, event->received.bytes.size);
        text_add(text, event->received.bytes.size == 1 ? " byte" : " bytes");
    }
    if (event->kind == EVENT_ATTACHMENT) {
        const char *name = playback_name_of(&replay->playback, JOURNAL_ATTACHMENT,
                                            event->attachment.attachment, 0);
        text_add(text, name ? name : "?");
    }
    tell_event_prefix(text, event);
}

static void tell_note(struct text *text, const struct replay *replay,
                      const struct effect_note *note)
{
    const char *attachment =
        playback_name_of(&replay->playback, JOURNAL_ATTACHMENT, note->attachment, 0);
    bool session = note->kind == NOTE_SESSION_DOWN || note->kind == NOTE_SESSION_UP;
    text_add(text, note->neighbor ? neighbor_name(replay, note->neighbor)
                   : attachment   ? attachment
                                  : "");
    if (!session && (note->prefix.len > 0 || note->kind != NOTE_MALFORMED)) {
        text_add(text, text->size ? ", " : "");
        text_prefix(text, note->prefix);
    }
    if (note->kind == NOTE_SESSION_DOWN || (note->reason && note->kind == NOTE_ROUTE_REFUSED)) {
        text_add(text, ": ");
        text_add(text, session ? bgp_down_word((enum bgp_down)note->reason)
                               : reason_text((enum reason)note->reason)->name);
    }
}

static void show_line(const struct replay *replay, int64_t wall_us, const char *word,
                      const char *rest, bool note)
{
    char bytes[TIME_BYTES];
    screen_say(&replay->cli->out, "%s  %s%-*s%s%s%s\n", wall_text(wall_us, bytes),
               note ? SCREEN_BOLD : "", *rest ? WORD_COLUMNS : 0, word, note ? SCREEN_END : "",
               *rest ? "  " : "", rest);
}

static void push_line(json_t *list, int64_t wall_us, const char *kind, const char *word,
                      const char *rest)
{
    json_t *object = json_object();
    json_put(object, "at", wall_json(wall_us));
    json_put(object, "kind", json_text(kind));
    json_put(object, "word", json_text(word));
    json_put(object, "text", json_text(rest));
    json_push(list, object);
}

static void tell_line(const struct replay *replay, json_t *list, int64_t wall_us, const char *kind,
                      const char *word, const char *rest)
{
    if (list)
        push_line(list, wall_us, kind, word, rest);
    else
        show_line(replay, wall_us, word, rest, strcmp(kind, "note") == 0);
}

/* The clock's own events cause what is worth saying, and are not it. */
static void tell_moment(const struct replay *replay, json_t *list,
                        const struct playback_moment *moment, int64_t wall_us)
{
    char bytes[256];
    struct text text = text_over(bytes, sizeof bytes);
    const struct event *event = &moment->event;
    if (moment->kind == JOURNAL_GAP) {
        text_u64(&text, moment->number);
        text_add(&text, " events are missing");
        tell_line(replay, list, wall_us, "gap", "gap", bytes);
    }
    if (moment->kind != JOURNAL_EVENT)
        return;
    if (event->kind != EVENT_TIME && event->kind != EVENT_CONTINUE &&
        event->kind != EVENT_BFD_TIME) {
        tell_event(&text, replay, event);
        tell_line(replay, list, wall_us, "event", event_word(event->kind), bytes);
    }
    for (uint32_t i = 0; i < moment->effect_count; i++) {
        const struct effect_note *note = &moment->effects[i].note;
        if (moment->effects[i].kind != EFFECT_NOTE)
            continue;
        text = text_over(bytes, sizeof bytes);
        tell_note(&text, replay, note);
        tell_line(replay, list, wall_us, "note", note_word(note->kind), bytes);
    }
}

static enum cli_exit show_events(struct replay *replay)
{
    struct playback_moment moment;
    json_t *list = replay->json ? json_array() : NULL;
    int64_t wall_us = replay->from_us;
    while (playback_next(&replay->playback, replay->at_us, &moment)) {
        if (moment.kind == JOURNAL_EVENT)
            wall_us = moment.wall_us;
        if (wall_us >= replay->from_us)
            tell_moment(replay, list, &moment, wall_us);
    }
    if (!list)
        return CLI_FINE;
    json_t *object = answer_json(replay);
    json_put(object, "events", list);
    return write_json(replay, object);
}

/* -- verify -- */

static void say_verdict(const struct replay *replay, bool sound)
{
    const struct playback *playback = &replay->playback;
    const struct screen *screen = &replay->cli->out;
    char from[TIME_BYTES], to[TIME_BYTES];
    size_t segments = tape_count(&playback->tape);
    screen_say(screen, "%s: %s%s%s  %zu segment%s, %s to %s UTC\n", replay->name,
               sound ? SCREEN_GREEN : SCREEN_RED, sound ? "SOUND" : "UNSOUND", SCREEN_END, segments,
               segments == 1 ? "" : "s", wall_text(playback_first_us(playback), from),
               wall_text(playback_last_us(playback), to));
    screen_say(screen,
               "%" PRIu64 " events played, %" PRIu64 " checkpoints, %" PRIu64 " of %" PRIu64
               " digests agree\n",
               playback->events, playback->checkpoints, playback->digests - playback->wrong_digests,
               playback->digests);
    if (playback->gaps > 0)
        screen_say(screen, "%" PRIu64 " event%s missing in %" PRIu64 " gap%s\n",
                   playback->lost_events, playback->lost_events == 1 ? " is" : "s are",
                   playback->gaps, playback->gaps == 1 ? "" : "s");
}

static enum cli_exit verify(struct replay *replay)
{
    struct playback *playback = &replay->playback;
    struct playback_moment moment;
    while (playback_next(playback, INT64_MAX, &moment))
        continue;
    bool sound = !is_damaged(playback) && playback->wrong_digests == 0 && playback->gaps == 0;
    if (!replay->json) {
        say_verdict(replay, sound);
        tell_faults(playback, &replay->cli->out);
        return sound ? CLI_FINE : CLI_FOUND;
    }
    json_t *object = json_object();
    json_put(object, "journal", journal_json(playback));
    json_put(object, "sound", json_boolean(sound));
    json_put(object, "events", json_integer((json_int_t)playback->events));
    json_put(object, "checkpoints", json_integer((json_int_t)playback->checkpoints));
    json_put(object, "digests", json_integer((json_int_t)playback->digests));
    json_put(object, "wrong_digests", json_integer((json_int_t)playback->wrong_digests));
    json_put(object, "gaps", json_integer((json_int_t)playback->gaps));
    json_put(object, "missing_events", json_integer((json_int_t)playback->lost_events));
    enum cli_exit status = write_json(replay, object);
    return status == CLI_FINE && !sound ? CLI_FOUND : status;
}

/* -- which -- */

enum question { ASK_ROUTES, ASK_PATHS, ASK_NEIGHBORS, ASK_EVENTS, ASK_VERIFY, QUESTIONS };

static const char *const question_words[QUESTIONS] = {"routes", "paths", "neighbors", "events",
                                                      "verify"};

static bool find_question(struct cli *cli, const char *word, enum question *ret_question)
{
    struct suggestion suggestion = suggest_for(word);
    struct quoted shown = diagnostics_quote(word, strlen(word));
    for (int i = 0; i < QUESTIONS; i++) {
        suggest_offer(&suggestion, question_words[i], (size_t)i);
        if (strcmp(word, question_words[i]) == 0) {
            *ret_question = (enum question)i;
            return true;
        }
    }
    cli_error(cli, "%s: expected routes, paths, neighbors, events or verify%s%s%s", shown.text,
              suggestion.nearest ? "; did you mean \"" : "",
              suggestion.nearest ? suggestion.nearest : "", suggestion.nearest ? "\"?" : "");
    return false;
}

static bool read_prefix(struct cli *cli, const char *word, struct prefix *ret_prefix)
{
    ip_addr addr;
    if (word && ip_parse(word, strlen(word), &addr)) {
        *ret_prefix = prefix_host(addr);
        return true;
    }
    if (word && prefix_parse(word, strlen(word), ret_prefix) == PREFIX_OK)
        return true;
    struct quoted shown = diagnostics_quote(word ? word : "", word ? strlen(word) : 0);
    if (word)
        cli_error(cli, "%s is not a prefix; expected one such as 10.0.0.0/16", shown.text);
    else
        cli_error(cli, "paths: expected a prefix such as 10.0.0.0/16");
    return false;
}

static bool read_question(struct cli *cli, const struct arguments *arguments,
                          enum question *ret_question, struct prefix *ret_prefix)
{
    const char *const *operands = arguments->operands;
    const char *prefix = arguments->operand_count > 2 ? operands[2] : NULL;
    *ret_question = ASK_ROUTES;
    if (arguments->operand_count > 1 && !find_question(cli, operands[1], ret_question))
        return false;
    if (*ret_question == ASK_PATHS)
        return read_prefix(cli, prefix, ret_prefix);
    if (prefix)
        cli_error(cli, "%s takes nothing behind it", question_words[*ret_question]);
    return !prefix;
}

/* To the moment, and the names for what is there then. false: told why not. */
static bool play(struct replay *replay)
{
    struct playback *playback = &replay->playback;
    struct playback_moment moment;
    while (playback_next(playback, replay->at_us, &moment))
        continue;
    tell_faults(playback, &replay->cli->err);
    if (!playback_engine(playback)) {
        cli_error(replay->cli, "what the tables looked like then is not known: events before it "
                               "are missing, and the next checkpoint comes later");
        return false;
    }
    playback_name_all(playback);
    int64_t last_us = playback_last_us(playback);
    replay->now_us = (replay->at_us < last_us ? replay->at_us : last_us) - playback->wall_us;
    return true;
}

static enum cli_exit answer(struct replay *replay, enum question question, struct prefix prefix,
                            const char *said)
{
    bool plays = question == ASK_EVENTS || question == ASK_VERIFY;
    int64_t first_us = playback_first_us(&replay->playback);
    int64_t begin_us = question == ASK_VERIFY   ? first_us
                       : question == ASK_EVENTS ? replay->from_us
                                                : replay->at_us;
    if (!playback_begin(&replay->playback, begin_us) && question != ASK_VERIFY) {
        tell_faults(&replay->playback, &replay->cli->err);
        cli_error(replay->cli, "no checkpoint before that moment can be read");
        return CLI_USAGE;
    }
    if (!plays && !play(replay))
        return CLI_USAGE;
    switch (question) {
    case ASK_PATHS:
        return show_paths(replay, prefix, said);
    case ASK_NEIGHBORS:
        return show_neighbors(replay);
    case ASK_EVENTS:
        return show_events(replay);
    case ASK_VERIFY:
        return verify(replay);
    case ASK_ROUTES:
    case QUESTIONS:
    default:
        return show_routes(replay);
    }
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    struct replay replay = {
        .cli = cli, .name = arguments->operands[0], .json = arguments_has(arguments, "json")};
    enum question question;
    struct prefix prefix = {0};
    if (!read_question(cli, arguments, &question, &prefix))
        return CLI_USAGE;
    enum cli_exit status = playback_open(cli, replay.name, &replay.playback);
    if (status != CLI_FINE)
        return status;
    const struct playback *playback = &replay.playback;
    if (!read_time(cli, arguments, "at", playback, INT64_MAX, &replay.at_us) ||
        !read_time(cli, arguments, "from", playback, playback_first_us(playback), &replay.from_us))
        status = CLI_USAGE;
    if (replay.at_us == INT64_MAX)
        replay.at_us = playback_last_us(playback);
    if (status == CLI_FINE)
        status = answer(&replay, question, prefix,
                        arguments->operand_count > 2 ? arguments->operands[2] : NULL);
    playback_done(&replay.playback);
    return status;
}

const struct command command_replay = {
    .name = "replay",
    .operands = "DIR|FILE [routes|paths PREFIX|neighbors|events|verify]",
    .sentence = "Plays a gateway's journal and shows its tables as they were at a moment.",
    .text = "routes, unless said otherwise: all tables side by side. paths: why a prefix was\n"
            "where it was. neighbors: the sessions. events: what happened. verify: does the\n"
            "journal, played again, come to the states that it says there were?",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 3,
    .run = run,
};
