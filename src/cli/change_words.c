#include "cli/change_words.h"

#include "network/diagnostics.h"
#include "network/resolve.h"
#include "network/scalar.h"
#include "network/step.h"
#include "network/suggest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS_MAX = 256 };

#define KINDS_THAT_FAIL                                                                            \
    (1u << NETWORK_ROUTER | 1u << NETWORK_TUNNEL | 1u << NETWORK_VPN_CONNECTION |                  \
     1u << NETWORK_DIRECT_CONNECT | 1u << NETWORK_VPN_GATEWAY)
#define KINDS_WITH_LINK (1u << NETWORK_ROUTER | 1u << NETWORK_INSTANCE | 1u << NETWORK_VPN_GATEWAY)

static const struct verb {
    const char *name;
    const char *needs; /* in its short form */
    uint32_t kinds;    /* of what it is about; bit 1 << enum network_kind */
} verbs[] = {
    {"announce", "ROUTER PREFIX", 1u << NETWORK_ROUTER},
    {"withdraw", "ROUTER PREFIX", 1u << NETWORK_ROUTER},
    {"fail",
     "a tunnel, VPN connection, Direct Connect, router or gateway, or: link ROUTER, or: session "
     "TUNNEL",
     KINDS_THAT_FAIL},
    {"restore",
     "a tunnel, VPN connection, Direct Connect, router or gateway, or: link ROUTER, or: session "
     "TUNNEL",
     KINDS_THAT_FAIL},
    {"restart", "a tunnel, VPN connection, Direct Connect, router or gateway, or: session TUNNEL",
     KINDS_THAT_FAIL},
    {"replace", "ROUTER", 1u << NETWORK_ROUTER},
    {"configure",
     "a router, route table, VPN connection or Direct Connect, and: guard POLICY, add PREFIX "
     "TARGET, "
     "or remove PREFIX",
     1u << NETWORK_ROUTER | 1u << NETWORK_ROUTE_TABLE | 1u << NETWORK_VPN_CONNECTION |
         1u << NETWORK_DIRECT_CONNECT},
};
enum { VERBS = sizeof verbs / sizeof *verbs };

struct reader {
    struct cli *cli;
    const struct network *network;
    char *words[TOKENS_MAX + 1]; /* ends with NULL */
    size_t at;
    struct changes changes;
    char yaml[CHANGE_YAML_BYTES];
    struct text text; /* over yaml */
};

/* -- words -- */

/* A word ends at a blank, one that begins with a brace where that brace is closed. */
static size_t word_size(const char *at)
{
    size_t size = 0;
    int open = 0;
    do {
        open += at[size] == '{' || at[size] == '[';
        open -= at[size] == '}' || at[size] == ']';
        size++;
    } while (at[size] && (open > 0 || at[size] != ' ') && !(open == 0 && at[0] == '{'));
    return size;
}

/* The operands, wherever the user's shell has divided them. */
static bool split(struct reader *reader, const char *const *words, size_t count)
{
    char *all = NULL;
    size_t size = 0, tokens = 0;
    FILE *out = open_memstream(&all, &size);
    assert(out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s", i ? " " : "", words[i]);
    fclose(out);
    for (char *at = all + strspn(all, " "); *at; at += strspn(at, " ")) {
        size_t length = word_size(at);
        if (tokens == TOKENS_MAX)
            break;
        reader->words[tokens++] = strndup(at, length);
        at += length;
    }
    free(all);
    if (tokens == TOKENS_MAX)
        cli_error(reader->cli, "more than %d words of changes", TOKENS_MAX - 1);
    return tokens < TOKENS_MAX;
}

static const char *peek(const struct reader *reader)
{
    return reader->words[reader->at];
}

static const struct verb *find_verb(const char *word)
{
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(verbs[i].name, word) == 0)
            return &verbs[i];
    }
    return NULL;
}

/* The next word of a verb; NULL: told that it is missing, or is none that could be meant. */
static const char *take(struct reader *reader, const struct verb *verb)
{
    const char *word = peek(reader);
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "._:/@-";
    if (!word) {
        cli_error(reader->cli, "%s needs %s", verb->name, verb->needs);
        return NULL;
    }
    if (word[strspn(word, allowed)] != 0) {
        struct quoted shown = diagnostics_quote(word, strlen(word));
        cli_error(reader->cli, "%s needs %s; \"%s\" is no name and no prefix", verb->name,
                  verb->needs, shown.text);
        return NULL;
    }
    reader->at++;
    return word;
}

/* -- things -- */

/* The key of a story's step that names a thing of the kind. */
static const char *key_of(enum network_kind kind)
{
    static const char *const keys[NETWORK_KINDS] = {
        [NETWORK_ROUTER] = "router",
        [NETWORK_TUNNEL] = "tunnel",
        [NETWORK_VPN_CONNECTION] = "vpn_connection",
        [NETWORK_DIRECT_CONNECT] = "direct_connect",
        [NETWORK_VPN_GATEWAY] = "vpn_gateway",
        [NETWORK_ROUTE_TABLE] = "route_table",
    };
    return keys[kind];
}

/* Tunnels have no name of their own in the list of names. */
static void offer_tunnels(const struct network *network, struct suggestion *suggestion,
                          char (*ids)[SCALAR_NAME_MAX + 8])
{
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        for (size_t part = 0; part < network->vpn_connections[i].tunnel_count; part++) {
            const char *before = suggestion->nearest;
            snprintf(ids[1], sizeof ids[1], "%s/%zu", network->vpn_connections[i].id, part + 1);
            suggest_offer(suggestion, ids[1], i);
            if (suggestion->nearest == before)
                continue;
            memcpy(ids[0], ids[1], sizeof ids[0]);
            suggestion->nearest = ids[0];
        }
    }
}

static void unknown_thing(const struct reader *reader, const char *word, const struct verb *verb,
                          uint32_t kinds)
{
    char ids[2][SCALAR_NAME_MAX + 8];
    struct suggestion suggestion = suggest_for(word);
    struct names names;
    if (kinds & 1u << NETWORK_TUNNEL && strchr(word, '/'))
        offer_tunnels(reader->network, &suggestion, ids);
    names_collect(reader->network, &names);
    for (size_t i = 0; i < names.count; i++) {
        if (kinds >> names.items[i].kind & 1)
            suggest_offer(&suggestion, names.items[i].id, i);
    }
    if (suggestion.nearest)
        cli_error(reader->cli, "%s: nothing is called \"%s\"; did you mean \"%s\"?", verb->name,
                  word, suggestion.nearest);
    else
        cli_error(reader->cli, "%s: nothing is called \"%s\"; expected %s", verb->name, word,
                  verb->needs);
    names_done(&names);
}

/* "router: tokyo"; only: "link" or "session", when only that of it is meant; or NULL. */
static bool add_thing(struct reader *reader, const struct verb *verb, const char *only,
                      struct network_ref *ret_thing)
{
    const char *word = take(reader, verb);
    if (!word)
        return false;
    struct network_ref thing = network_find(reader->network, word);
    uint32_t kinds = !only                       ? verb->kinds
                     : strcmp(only, "link") == 0 ? KINDS_WITH_LINK
                                                 : 1u << NETWORK_TUNNEL;
    if (thing.kind == NETWORK_NOTHING) {
        unknown_thing(reader, word, verb, kinds);
        return false;
    }
    if (!(kinds >> thing.kind & 1)) {
        cli_error(reader->cli, "%s is a %s; %s needs %s", word, network_kind_name(thing.kind),
                  verb->name, verb->needs);
        return false;
    }
    text_add(&reader->text, only ? only : key_of(thing.kind));
    text_add(&reader->text, ": ");
    text_add(&reader->text, word);
    *ret_thing = thing;
    return true;
}

/* -- the verbs -- */

static bool add_prefix(struct reader *reader, const struct verb *verb)
{
    const char *word = take(reader, verb);
    if (!word)
        return false;
    text_add(&reader->text, word);
    return true;
}

static bool read_announcement(struct reader *reader, const struct verb *verb)
{
    struct network_ref thing;
    if (!add_thing(reader, verb, NULL, &thing))
        return false;
    text_add(&reader->text, ", prefix: ");
    return add_prefix(reader, verb);
}

static bool read_strike(struct reader *reader, const struct verb *verb)
{
    struct network_ref thing;
    static const char *const onlys[] = {"link", "session"};
    const char *only = NULL;
    for (size_t i = 0; i < sizeof onlys / sizeof *onlys && peek(reader); i++) {
        if (strcmp(peek(reader), onlys[i]) == 0)
            only = onlys[i];
    }
    reader->at += only != NULL;
    return add_thing(reader, verb, only, &thing);
}

/* Where a route leads: in a VPC's table a thing, in a router's a next hop, a tunnel or an
 * interface.
 */
static bool add_target(struct reader *reader, const struct verb *verb,
                       const struct network_ref *thing)
{
    const char *word = take(reader, verb);
    ip_addr via;
    if (!word)
        return false;
    bool tunnel = network_find(reader->network, word).kind == NETWORK_TUNNEL;
    const char *key = thing->kind == NETWORK_ROUTE_TABLE   ? "target"
                      : ip_parse(word, strlen(word), &via) ? "via"
                      : strcmp(word, "blackhole") == 0     ? "blackhole"
                      : tunnel                             ? "tunnel"
                                                           : "interface";
    bool drops = strcmp(key, "blackhole") == 0;
    text_add(&reader->text, ", ");
    text_add(&reader->text, key);
    text_add(&reader->text, ": ");
    text_add(&reader->text, drops ? "true" : word);
    return true;
}

static bool read_configuration(struct reader *reader, const struct verb *verb)
{
    struct network_ref thing;
    if (!add_thing(reader, verb, NULL, &thing))
        return false;
    const char *word = take(reader, verb);
    if (!word)
        return false;
    if (strcmp(word, "guard") == 0) {
        text_add(&reader->text, ", guard: ");
        return add_prefix(reader, verb);
    }
    if (strcmp(word, "remove") == 0) {
        text_add(&reader->text, ", remove_routes: [");
        bool fine = add_prefix(reader, verb);
        text_char(&reader->text, ']');
        return fine;
    }
    if (strcmp(word, "add") != 0) {
        cli_error(reader->cli, "configure needs %s; found \"%s\"", verb->needs, word);
        return false;
    }
    text_add(&reader->text, ", add_routes: [{prefix: ");
    bool fine = add_prefix(reader, verb) && add_target(reader, verb, &thing);
    text_add(&reader->text, "}]");
    return fine;
}

static bool read_words(struct reader *reader, const struct verb *verb)
{
    switch (verb->name[0]) {
    case 'a':
    case 'w':
        return read_announcement(reader, verb);
    case 'c':
        return read_configuration(reader, verb);
    default:
        return read_strike(reader, verb);
    }
}

static bool unknown_verb(const struct reader *reader, const char *word)
{
    struct suggestion suggestion = suggest_for(word);
    struct quoted shown = diagnostics_quote(word, strlen(word));
    for (size_t i = 0; i < VERBS; i++)
        suggest_offer(&suggestion, verbs[i].name, i);
    if (suggestion.nearest)
        cli_error(reader->cli, "\"%s\" is no change; did you mean \"%s\"?", shown.text,
                  suggestion.nearest);
    else
        cli_error(reader->cli,
                  "\"%s\" is no change; expected announce, withdraw, fail, restore, restart, "
                  "replace or configure",
                  shown.text);
    return false;
}

/* What was read from words[begin] on, as it was said. */
static char *said(const struct reader *reader, size_t begin)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert(out);
    for (size_t i = begin; i < reader->at; i++)
        fprintf(out, "%s%s", i > begin ? " " : "", reader->words[i]);
    fclose(out);
    return text;
}

static bool read_change(struct reader *reader)
{
    size_t begin = reader->at++;
    const struct verb *verb = find_verb(reader->words[begin]);
    if (!verb)
        return unknown_verb(reader, reader->words[begin]);
    if (reader->changes.count == CHANGES_MAX) {
        cli_error(reader->cli, "more than %d changes", CHANGES_MAX);
        return false;
    }
    reader->text = text_over(reader->yaml, sizeof reader->yaml);
    text_add(&reader->text, verb->name);
    text_add(&reader->text, ": ");
    bool map = peek(reader) && peek(reader)[0] == '{';
    if (map) {
        text_add(&reader->text, reader->words[reader->at++]);
    } else {
        text_char(&reader->text, '{');
        if (!read_words(reader, verb))
            return false;
        text_char(&reader->text, '}');
    }
    if (reader->text.cut) {
        cli_error(reader->cli, "a change is longer than %d bytes", CHANGE_YAML_BYTES);
        return false;
    }
    reader->changes.yaml[reader->changes.count] = strdup(reader->yaml);
    reader->changes.said[reader->changes.count++] = said(reader, begin);
    return true;
}

bool changes_read(struct cli *cli, const struct network *network, const char *const *words,
                  size_t word_count, struct changes *ret_changes)
{
    struct reader reader = {.cli = cli, .network = network};
    bool fine = split(&reader, words, word_count);
    if (fine && !peek(&reader)) {
        cli_error(cli, "expected a change, such as: announce ROUTER PREFIX");
        fine = false;
    }
    while (fine && peek(&reader))
        fine = read_change(&reader);
    for (size_t i = 0; reader.words[i]; i++)
        free(reader.words[i]);
    if (fine)
        *ret_changes = reader.changes;
    else
        changes_done(&reader.changes);
    return fine;
}

void changes_done(struct changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        free(changes->yaml[i]);
        free(changes->said[i]);
    }
    *changes = (struct changes){0};
}
