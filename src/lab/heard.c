#include "lab/heard.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_US (24ll * 3600 * 1000000)

/* -- pieces of lines -- */

/* What stands behind the words; NULL: they are not there. */
static const char *behind(const char *line, const char *words)
{
    const char *at = strstr(line, words);
    return at ? at + strlen(words) : NULL;
}

static bool begins(const char *text, const char *words)
{
    return strncmp(text, words, strlen(words)) == 0;
}

static size_t word_size(const char *text, const char *ends)
{
    return strcspn(text, ends);
}

/* A name that does not fit is none of ours. */
static void take_name(struct heard *heard, const char *text, const char *ends)
{
    size_t size = word_size(text, ends);
    if (size >= sizeof heard->name)
        return;
    memcpy(heard->name, text, size);
    heard->name[size] = '\0';
}

/* Decimal digits, at most so many; -1: there is none, or there are more. */
static int number_at(const char *text, unsigned most)
{
    int number = 0;
    unsigned used = 0;
    for (; isdigit((unsigned char)text[used]); used++) {
        if (used == most)
            return -1;
        number = number * 10 + (text[used] - '0');
    }
    return used ? number : -1;
}

/* "21:01:46" and perhaps ".123", behind a date or not. */
static int64_t time_of(const char *word)
{
    int hour = number_at(word, 2), minute = number_at(word + 3, 2), second = number_at(word + 6, 2);
    if (hour < 0 || minute < 0 || second < 0)
        return -1;
    int64_t us = ((hour * 60ll + minute) * 60 + second) * 1000000, part_us = 100000;
    for (unsigned at = 9; word[8] == '.' && isdigit((unsigned char)word[at]); at++) {
        us += (word[at] - '0') * part_us;
        part_us /= 10;
    }
    return us < DAY_US ? us : -1;
}

static int64_t day_us_of(const char *line)
{
    for (unsigned skipped = 0; skipped < 2; skipped++) {
        size_t size = word_size(line, " ");
        if (size >= 8 && line[2] == ':' && line[5] == ':')
            return time_of(line);
        line += size + (line[size] == ' ');
    }
    return -1;
}

int64_t heard_at_us(const struct heard *heard, int64_t arrived_us)
{
    if (heard->at_us >= 0)
        return heard->at_us;
    if (heard->day_us < 0)
        return arrived_us;
    time_t now = (time_t)(arrived_us / 1000000);
    struct tm day;
    localtime_r(&now, &day);
    int64_t arrived_day_us =
        ((day.tm_hour * 60ll + day.tm_min) * 60 + day.tm_sec) * 1000000 + arrived_us % 1000000;
    int64_t late_us = (arrived_day_us - heard->day_us + DAY_US) % DAY_US;
    return arrived_us - (late_us > DAY_US / 2 ? late_us - DAY_US : late_us);
}

/* -- FRR -- */

/* The code of a NOTIFICATION (RFC 4271 4.5): what the session ends with at the end that sent it. */
static enum bgp_down down_of_code(int code)
{
    static const enum bgp_down downs[] = {
        [1] = BGP_DOWN_BAD_HEADER, [2] = BGP_DOWN_BAD_OPEN,   [3] = BGP_DOWN_BAD_UPDATE,
        [4] = BGP_DOWN_HOLD_TIMER, [5] = BGP_DOWN_UNEXPECTED, [6] = BGP_DOWN_ADMIN,
    };
    return code > 0 && code < (int)(sizeof downs / sizeof *downs) ? downs[code] : BGP_DOWN_NONE;
}

static bool take_peer(struct heard *heard, const char *text)
{
    return ip_parse(text, word_size(text, " ("), &heard->peer);
}

static enum bgp_down frr_reason(const char *words)
{
    static const struct {
        const char *words;
        enum bgp_down reason;
    } known[] = {
        {"BGP Notification received", BGP_DOWN_NOTIFICATION},
        {"BGP Notification send", BGP_DOWN_NONE}, /* the line before says what */
        {"Peer closed the session", BGP_DOWN_TCP_CLOSED},
        {"BFD down received", BGP_DOWN_BFD},
        {"Interface down", BGP_DOWN_TCP_CLOSED},
        {"Waiting for NHT", BGP_DOWN_TCP_FAILED},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (begins(words, known[i].words))
            return known[i].reason;
    }
    return BGP_DOWN_ADMIN;
}

/* "%ADJCHANGE: neighbor 169.254.252.30(vgw) in vrf default Down BGP Notification send"
 * "%NOTIFICATION: sent to neighbor 169.254.252.30 4/0 (Hold Timer Expired) 0 bytes" */
static void hear_bgpd(const char *line, struct heard *heard)
{
    const char *change = behind(line, "%ADJCHANGE: neighbor ");
    const char *notice = behind(line, "%NOTIFICATION: sent to neighbor ");
    if (notice && take_peer(heard, notice)) {
        heard->kind = HEARD_NOTICE;
        const char *code = notice + word_size(notice, " ");
        heard->reason = down_of_code(number_at(code + (*code == ' '), 2));
    } else if (change && take_peer(heard, change)) {
        const char *down = behind(change, " Down ");
        if (down) {
            heard->kind = HEARD_SESSION_DOWN;
            heard->reason = frr_reason(down);
        } else if (strstr(change, " Up")) {
            heard->kind = HEARD_SESSION_UP;
        }
    }
}

/* -- BIRD -- */

static enum bgp_down bird_reason(const char *words)
{
    if (begins(words, "Error: Hold timer expired"))
        return BGP_DOWN_HOLD_TIMER;
    if (begins(words, "Received: "))
        return BGP_DOWN_NOTIFICATION;
    if (begins(words, "Connection closed") || begins(words, "Connection lost"))
        return BGP_DOWN_TCP_CLOSED;
    if (begins(words, "BGP session closed") || begins(words, "Error: Route limit exceeded"))
        return BGP_DOWN_NONE;
    return begins(words, "Error: ") ? BGP_DOWN_UNEXPECTED : BGP_DOWN_NONE;
}

/* "<TRACE> n1: State changed to up", "<RMT> n1: Received: Administrative shutdown" */
static void hear_bird(const char *line, struct heard *heard)
{
    const char *at = behind(line, "> n");
    if (!at || !isdigit((unsigned char)*at))
        return;
    char *end;
    unsigned long number = strtoul(at, &end, 10);
    if (number == 0 || number > UINT16_MAX || !begins(end, ": "))
        return;
    heard->neighbor = (uint16_t)number;
    const char *words = end + 2;
    if (begins(words, "BGP session established")) {
        heard->kind = HEARD_SESSION_UP;
    } else if (begins(words, "BGP session closed") || begins(words, "State changed to stop") ||
               begins(words, "State changed to down")) {
        heard->kind = HEARD_SESSION_DOWN;
    } else if (bird_reason(words) != BGP_DOWN_NONE) {
        heard->kind = HEARD_NOTICE;
        heard->reason = bird_reason(words);
    }
}

/* -- charon -- */

/* "14[IKE] <vpn-a/1|9> IKE_SA vpn-a/1[9] established between …" */
static void hear_charon(const char *line, struct heard *heard)
{
    static const struct {
        const char *words;
        enum heard_kind kind;
    } known[] = {
        {"sending DPD request", HEARD_IKE_ASKS},
        {"giving up after ", HEARD_IKE_GIVES_UP},
        {"DPD check timed out", HEARD_IKE_GIVES_UP},
        {"deleting duplicate IKE_SA", HEARD_IKE_REPLACED},
        {"detected reauth of existing IKE_SA", HEARD_IKE_REPLACED},
        {"deleting IKE_SA ", HEARD_IKE_DOWN},
        {"received DELETE for IKE_SA ", HEARD_IKE_DOWN},
    };
    const char *at = strchr(line, '<'), *words = at ? behind(at, "> ") : NULL;
    if (!words || !memchr(at, '|', (size_t)(words - at)))
        return;
    enum heard_kind kind = HEARD_NOTHING;
    for (size_t i = 0; kind == HEARD_NOTHING && i < sizeof known / sizeof *known; i++) {
        if (begins(words, known[i].words))
            kind = known[i].kind;
    }
    if (begins(words, "IKE_SA ") && strstr(words, " established between "))
        kind = HEARD_IKE_UP;
    if (kind != HEARD_NOTHING) {
        int number = number_at(strchr(at, '|') + 1, 9);
        take_name(heard, at + 1, "|>");
        heard->number = number > 0 ? (uint32_t)number : 0;
    }
    if (heard->name[0])
        heard->kind = kind;
}

/* -- sekishod -- */

/* The value of a key; what it has in quotes is none of ours. NULL: there is no such key. */
static const char *value_of(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    while (at && at != line && at[-1] != ' ')
        at = strstr(at + 1, key);
    return at ? at + strlen(key) : NULL;
}

/* "1795393069.593340"; -1: it is no time. */
static int64_t wall_us_of(const char *text)
{
    int64_t us = 0, part_us = 100000;
    size_t digits = 0;
    for (; isdigit((unsigned char)text[digits]); digits++) {
        if (digits == 11)
            return -1;
        us = us * 10 + (text[digits] - '0');
    }
    us *= 1000000;
    for (size_t at = digits + 1; text[digits] == '.' && isdigit((unsigned char)text[at]); at++) {
        us += (text[at] - '0') * part_us;
        part_us /= 10;
    }
    return digits ? us : -1;
}

static enum bgp_down down_called(const char *word)
{
    size_t size = word_size(word, " ");
    for (int i = 0; i < BGP_DOWN_COUNT; i++) {
        const char *known = bgp_down_word((enum bgp_down)i);
        if (strlen(known) == size && memcmp(known, word, size) == 0)
            return (enum bgp_down)i;
    }
    return BGP_DOWN_NONE;
}

static bool take_prefix(struct heard *heard, const char *text)
{
    size_t size = word_size(text, " "), addr_size = word_size(text, "/");
    ip_addr addr;
    if (addr_size >= size || !ip_parse(text, addr_size, &addr))
        return false;
    int len = number_at(text + addr_size + 1, 3);
    bool six = memchr(text, ':', addr_size) != NULL;
    if (len < 0 || len > (six ? 128 : 32))
        return false;
    heard->prefix = prefix_make(six, addr, (uint8_t)len);
    return true;
}

static enum heard_kind tunnel_event(const char *line, bool up)
{
    const char *cause = value_of(line, "cause=");
    if (up)
        return HEARD_IKE_UP;
    return cause && begins(cause, "dead-peer") ? HEARD_IKE_GIVES_UP : HEARD_IKE_DOWN;
}

static void hear_sekishod(const char *line, struct heard *heard)
{
    static const struct {
        const char *event;
        enum heard_kind kind;
    } known[] = {
        {"session-up ", HEARD_SESSION_UP},    {"session-down ", HEARD_SESSION_DOWN},
        {"guard-held ", HEARD_GUARD_HELD},    {"guard-warned ", HEARD_GUARD_WARNED},
        {"limit-exceeded ", HEARD_LIMIT},     {"tunnel-up ", HEARD_IKE_UP},
        {"tunnel-down ", HEARD_IKE_GIVES_UP},
    };
    const char *event = value_of(line, "event="), *name = value_of(line, "neighbor=");
    enum heard_kind kind = HEARD_NOTHING;
    for (size_t i = 0; event && kind == HEARD_NOTHING && i < sizeof known / sizeof *known; i++) {
        if (begins(event, known[i].event))
            kind = known[i].kind;
    }
    if (kind == HEARD_IKE_UP || kind == HEARD_IKE_GIVES_UP) {
        kind = tunnel_event(line, kind == HEARD_IKE_UP);
        name = value_of(line, "tunnel=");
    }
    if (kind == HEARD_NOTHING || !name)
        return;
    const char *prefix = value_of(line, "prefix="), *reason = value_of(line, "reason=");
    bool about_prefix =
        kind == HEARD_GUARD_HELD || kind == HEARD_GUARD_WARNED || kind == HEARD_LIMIT;
    if (about_prefix && !(prefix && take_prefix(heard, prefix)))
        return;
    take_name(heard, name, " ");
    const char *at = value_of(line, "at=");
    heard->at_us = at ? wall_us_of(at) : -1;
    if (kind == HEARD_SESSION_DOWN && reason)
        heard->reason = down_called(reason);
    if (heard->name[0])
        heard->kind = kind;
}

struct heard heard_line(enum heard_speaker speaker, struct slice line)
{
    static void (*const hear[])(const char *, struct heard *) = {
        [HEARD_SEKISHOD] = hear_sekishod,
        [HEARD_BGPD] = hear_bgpd,
        [HEARD_BIRD] = hear_bird,
        [HEARD_CHARON] = hear_charon,
    };
    char text[HEARD_LINE_BYTES];
    struct heard heard = {.reason = BGP_DOWN_NONE, .day_us = -1, .at_us = -1};
    size_t size = line.size < sizeof text ? line.size : sizeof text - 1;
    if (size > 0)
        memcpy(text, line.data, size);
    text[size] = '\0';
    heard.day_us = day_us_of(text);
    hear[speaker](text, &heard);
    return heard;
}
