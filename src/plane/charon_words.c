#include "plane/charon_words.h"

#include <string.h>

/* -- the log -- */

struct sentence {
    const char *begins;
    const char *ends; /* NULL: whatever */
    enum charon_line_kind kind;
    enum tunnel_cause cause;
};

#define FAILED(begins, ends, cause)                                                                \
    {                                                                                              \
        (begins), (ends), CHARON_LINE_FAILED, TUNNEL_CAUSE_##cause                                 \
    }
#define ENDS(begins, ends, cause)                                                                  \
    {                                                                                              \
        (begins), (ends), CHARON_LINE_ENDS, TUNNEL_CAUSE_##cause                                   \
    }
#define OTHER(begins, ends, kind)                                                                  \
    {                                                                                              \
        (begins), (ends), CHARON_LINE_##kind, TUNNEL_CAUSE_NONE                                    \
    }

/* IKEv2 says "notify error", IKEv1 "error notify". */
static const struct sentence SENTENCES[] = {
    ENDS("giving up after ", " retransmits", DEAD_PEER),
    ENDS("DPD check timed out", NULL, DEAD_PEER),
    ENDS("received DELETE for ", NULL, DELETED),
    ENDS("closing expired CHILD_SA ", NULL, REKEY_FAILED),
    {"deleting IKE_SA ", NULL, CHARON_LINE_ENDS_UNEXPLAINED, TUNNEL_CAUSE_REKEY_FAILED},
    FAILED("establishing IKE_SA failed, peer not responding", NULL, NO_ANSWER),
    FAILED("deleting half open IKE_SA ", NULL, NO_ANSWER),
    FAILED("received AUTHENTICATION_FAILED ", NULL, AUTH_FAILED),
    FAILED("tried ", " but MAC mismatched", AUTH_FAILED),
    FAILED("no shared key found for ", NULL, AUTH_FAILED),
    FAILED("no private key found for ", NULL, AUTH_FAILED),
    FAILED("no matching peer config found", NULL, AUTH_FAILED),
    FAILED("no peer config found", NULL, AUTH_FAILED),
    FAILED("no alternative config found", NULL, AUTH_FAILED), /* who has another authority */
    FAILED("no trusted ", NULL, AUTH_FAILED),
    FAILED("authentication of ", " failed", AUTH_FAILED),
    FAILED("ID_PROT request with message ID 0 processing failed", NULL, AUTH_FAILED),
    {"received NO_PROPOSAL_CHOSEN notify, no CHILD_SA", NULL, CHARON_LINE_REFUSED,
     TUNNEL_CAUSE_NO_PROPOSAL},
    {"no acceptable proposal found", NULL, CHARON_LINE_REFUSED, TUNNEL_CAUSE_NO_PROPOSAL},
    FAILED("received NO_PROPOSAL_CHOSEN ", NULL, NO_PROPOSAL),
    FAILED("received proposals unacceptable", NULL, NO_PROPOSAL),
    FAILED("no proposal found", NULL, NO_PROPOSAL),
    FAILED("no matching proposal found", NULL, NO_PROPOSAL),
    FAILED("no IKE config found for ", NULL, NO_PROPOSAL),
    FAILED("received TS_UNACCEPTABLE ", NULL, SELECTORS),
    FAILED("received INVALID_ID_INFORMATION ", NULL, SELECTORS),
    FAILED("traffic selectors ", " unacceptable", SELECTORS),
    FAILED("no matching CHILD_SA config found for ", NULL, SELECTORS),
    OTHER("ignore malformed INFORMATIONAL request", NULL, GARBLED),
    OTHER("CHILD_SA ", NULL, MOVED),
    OTHER("outbound CHILD_SA ", NULL, MOVED),
    OTHER("detected reauth of existing IKE_SA", NULL, MOVED),
};

static bool begins_with(struct slice text, const char *words)
{
    size_t size = strlen(words);
    return text.size >= size && memcmp(text.data, words, size) == 0;
}

static bool ends_with(struct slice text, const char *words)
{
    size_t size = strlen(words);
    return text.size >= size && memcmp(text.data + text.size - size, words, size) == 0;
}

static struct slice from(struct slice text, size_t at)
{
    return (struct slice){text.data + at, text.size - at};
}

/* Where the words are in it; its size when they are not. */
static size_t place_of(struct slice text, const char *words)
{
    for (size_t at = 0; at < text.size; at++)
        if (begins_with(from(text, at), words))
            return at;
    return text.size;
}

/* Decimal digits and nothing else; 0: it is none. */
static uint64_t number_in(struct slice text)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t digit = (uint8_t)(text.data[i] - '0');
        if (digit > 9 || number > (UINT64_MAX - digit) / 10)
            return 0;
        number = number * 10 + digit;
    }
    return number;
}

static bool copy_name(struct slice name, char out[PLANE_NAME_BYTES])
{
    if (name.size == 0 || name.size >= PLANE_NAME_BYTES || memchr(name.data, 0, name.size))
        return false;
    memcpy(out, name.data, name.size);
    out[name.size] = '\0';
    return true;
}

/* "<vpn-a/1|9> " or "<4> ", which is taken off the text. */
static void read_whose(struct slice *text, struct charon_line *line)
{
    size_t end = place_of(*text, "> ");
    if (!begins_with(*text, "<") || end == text->size)
        return;
    struct slice whose = {text->data + 1, end - 1};
    size_t bar = place_of(whose, "|");
    if (bar < whose.size) {
        if (!copy_name((struct slice){whose.data, bar}, line->tunnel))
            return;
        whose = from(whose, bar + 1);
    }
    uint64_t number = number_in(whose);
    line->number = number <= UINT32_MAX ? (uint32_t)number : 0;
    *text = from(*text, end + 2);
}

/* "198.51.100.10 is initiating an IKE_SA", "… a Main Mode IKE_SA" */
static bool read_peer(struct slice text, struct charon_line *line)
{
    size_t end = place_of(text, " is initiating a");
    return end < text.size && ip_parse((const char *)text.data, end, &line->peer);
}

static bool is_meant(const struct sentence *sentence, struct slice text)
{
    return begins_with(text, sentence->begins) &&
           (!sentence->ends || ends_with(text, sentence->ends));
}

struct charon_line charon_line_read(struct slice text)
{
    struct charon_line line = {.kind = CHARON_LINE_NOTHING};
    size_t group = place_of(text, "] ");
    if (group == text.size)
        return line;
    text = from(text, group + 2);
    read_whose(&text, &line);
    if (line.number != 0 && read_peer(text, &line)) {
        line.kind = CHARON_LINE_PEER;
        return line;
    }
    for (unsigned i = 0; i < sizeof SENTENCES / sizeof SENTENCES[0]; i++)
        if (is_meant(&SENTENCES[i], text)) {
            line.kind = SENTENCES[i].kind;
            line.cause = SENTENCES[i].cause;
            break;
        }
    return line;
}

/* -- SAs -- */

struct algorithms {
    struct slice encryption, size, integrity, prf, group;
};

/* A text that is cut where there is no room left, at a whole algorithm. */
static void add_part(struct text *text, char before, struct slice part)
{
    if (part.size == 0 || text->cap - text->size <= part.size + 1)
        return;
    if (text->size > 0)
        text_char(text, before);
    for (size_t i = 0; i < part.size; i++)
        text_char(text, part.data[i] >= ' ' && part.data[i] <= '~' ? (char)part.data[i] : '?');
}

static void write_algorithms(const struct algorithms *of, char out[64])
{
    struct text text = text_over(out, 64);
    add_part(&text, '/', of->encryption);
    if (text.size > 0)
        add_part(&text, '-', of->size);
    add_part(&text, '/', of->integrity);
    add_part(&text, '/', of->prf);
    add_part(&text, '/', of->group);
}

static bool is(struct slice name, const char *word)
{
    return name.size == strlen(word) && memcmp(name.data, word, name.size) == 0;
}

static bool read_algorithm(const struct vici_element *key, struct algorithms *algorithms)
{
    struct {
        const char *key;
        struct slice *value;
    } known[] = {
        {"encr-alg", &algorithms->encryption}, {"encr-keysize", &algorithms->size},
        {"integ-alg", &algorithms->integrity}, {"prf-alg", &algorithms->prf},
        {"dh-group", &algorithms->group},
    };
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (is(key->name, known[i].key)) {
            *known[i].value = key->value;
            return true;
        }
    return false;
}

static uint32_t number_32(struct slice text)
{
    uint64_t number = number_in(text);
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

static uint32_t spi_in(struct slice text)
{
    uint32_t spi = 0;
    for (size_t i = 0; i < text.size && text.size <= 8; i++) {
        uint8_t c = text.data[i];
        uint8_t digit = (uint8_t)(c >= '0' && c <= '9'   ? c - '0'
                                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                                         : 16);
        if (digit == 16)
            return 0;
        spi = spi << 4 | digit;
    }
    return spi;
}

static void read_count(const struct vici_element *key, struct charon_sa *sa)
{
    struct {
        const char *key;
        uint64_t *value;
    } known[] = {
        {"bytes-in", &sa->bytes_in},        {"bytes-out", &sa->bytes_out},
        {"packets-in", &sa->packets_in},    {"packets-out", &sa->packets_out},
        {"install-time", &sa->installed_s}, {"rekey-time", &sa->rekey_s},
        {"life-time", &sa->life_s},
    };
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (is(key->name, known[i].key))
            *known[i].value = number_in(key->value);
}

/* States of a pair that carries packets. */
static bool carries(struct slice state)
{
    return is(state, "INSTALLED") || is(state, "UPDATING") || is(state, "REKEYING") ||
           is(state, "REKEYED") || is(state, "RETRYING");
}

/* The section of one ESP pair; the cursor stands behind its beginning. */
static void read_pair(struct cursor *cursor, struct charon_sa *sa)
{
    struct charon_sa pair = {0};
    struct algorithms algorithms = {0};
    struct vici_element element;
    while (vici_next(cursor, &element) && element.type != VICI_SECTION_END) {
        if (element.type == VICI_SECTION || element.type == VICI_LIST)
            vici_skip(cursor);
        if (element.type != VICI_KEY_VALUE || read_algorithm(&element, &algorithms))
            continue;
        read_count(&element, &pair);
        if (is(element.name, "state"))
            pair.up = carries(element.value);
        else if (is(element.name, "uniqueid"))
            pair.child = number_32(element.value);
        else if (is(element.name, "encap"))
            pair.nat_t = is(element.value, "yes");
        else if (is(element.name, "spi-in"))
            pair.spi_in = spi_in(element.value);
        else if (is(element.name, "spi-out"))
            pair.spi_out = spi_in(element.value);
    }
    pair.pairs = pair.up;
    write_algorithms(&algorithms, pair.esp_algorithms);
    if (pair.up)
        charon_sa_join(sa, &pair);
}

static void read_pairs(struct cursor *cursor, struct charon_sa *sa)
{
    struct vici_element element;
    while (vici_next(cursor, &element) && element.type != VICI_SECTION_END)
        if (element.type == VICI_SECTION)
            read_pair(cursor, sa);
        else if (element.type == VICI_LIST)
            vici_skip(cursor);
}

static void read_ike_key(const struct vici_element *key, struct charon_sa *sa)
{
    ip_addr host;
    if (is(key->name, "uniqueid"))
        sa->number = number_32(key->value);
    else if (is(key->name, "version"))
        sa->ike_version = is(key->value, "1") ? 1 : is(key->value, "2") ? 2 : 0;
    else if (is(key->name, "established"))
        sa->established_s = number_in(key->value);
    else if (is(key->name, "rekey-time") || is(key->name, "reauth-time"))
        sa->ike_rekey_s = number_in(key->value);
    else if (is(key->name, "remote-host") &&
             ip_parse((const char *)key->value.data, key->value.size, &host))
        sa->peer = host;
    else if (is(key->name, "local-host") &&
             ip_parse((const char *)key->value.data, key->value.size, &host))
        sa->local = host;
}

/* The section of an IKE SA. One that is being deleted has no pairs any more. */
static void read_ike(struct cursor *cursor, struct charon_sa *sa)
{
    struct charon_sa pairs = {0};
    struct algorithms algorithms = {0};
    struct vici_element element;
    bool going = false;
    while (vici_next(cursor, &element) && element.type != VICI_SECTION_END) {
        if (element.type == VICI_SECTION && is(element.name, "child-sas"))
            read_pairs(cursor, &pairs);
        else if (element.type == VICI_SECTION || element.type == VICI_LIST)
            vici_skip(cursor);
        else if (is(element.name, "state"))
            going = is(element.value, "DELETING") || is(element.value, "DESTROYING");
        else if (!read_algorithm(&element, &algorithms))
            read_ike_key(&element, sa);
    }
    struct charon_sa ike = *sa;
    if (pairs.up && !going)
        *sa = pairs;
    sa->number = ike.number;
    sa->ike_version = ike.ike_version;
    sa->established_s = ike.established_s;
    sa->ike_rekey_s = ike.ike_rekey_s;
    sa->local = ike.local;
    sa->peer = ike.peer;
    write_algorithms(&algorithms, sa->ike_algorithms);
}

bool charon_sa_read(struct slice message, char ret_tunnel[PLANE_NAME_BYTES],
                    struct charon_sa *ret_sa)
{
    struct cursor cursor = cursor_over(message);
    struct vici_element element;
    struct charon_sa sa = {0};
    if (!vici_next(&cursor, &element) || element.type != VICI_SECTION ||
        !copy_name(element.name, ret_tunnel))
        return false;
    read_ike(&cursor, &sa);
    *ret_sa = sa;
    return true;
}

/* The newer one, of those that carry packets before those that do not. */
void charon_sa_join(struct charon_sa *sa, const struct charon_sa *other)
{
    bool newer = sa->up != other->up         ? other->up
                 : sa->child != other->child ? other->child > sa->child
                                             : other->number > sa->number;
    unsigned pairs = sa->pairs + other->pairs;
    if (newer)
        *sa = *other;
    sa->pairs = (uint8_t)(pairs < UINT8_MAX ? pairs : UINT8_MAX);
}

bool charon_event_tunnel(struct slice message, char ret_tunnel[PLANE_NAME_BYTES])
{
    struct cursor cursor = cursor_over(message);
    struct vici_element element;
    while (vici_next(&cursor, &element)) {
        if (element.type == VICI_SECTION)
            return copy_name(element.name, ret_tunnel);
        if (element.type == VICI_LIST)
            vici_skip(&cursor);
    }
    return false;
}
