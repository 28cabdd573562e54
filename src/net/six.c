#include "net/six.h"

enum { GROUPS = 8 };

/* What has been read: groups before the double colon, if there was one, and behind it. */
struct groups {
    uint16_t items[GROUPS];
    unsigned count;
    unsigned gap_at; /* the double colon stands before this group */
    bool gap;
};

static int digit_of(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

static bool add_group(struct groups *groups, unsigned value)
{
    if (groups->count == GROUPS)
        return false;
    groups->items[groups->count++] = (uint16_t)value;
    return true;
}

/* One to four digits at *at. */
static bool read_group(const char **at, const char *end, struct groups *groups)
{
    unsigned value = 0, digits = 0;
    for (; *at < end && digit_of(**at) >= 0; (*at)++) {
        if (++digits > 4)
            return false;
        value = value << 4 | (unsigned)digit_of(**at);
    }
    return digits > 0 && add_group(groups, value);
}

/* The last 32 bits may be written as an IPv4 address. */
static bool read_tail(const char *at, const char *end, struct groups *groups)
{
    ip_addr four;
    if (!ip_parse(at, (size_t)(end - at), &four) || ip_is_six(four))
        return false;
    return add_group(groups, (unsigned)(four >> 16)) && add_group(groups, (unsigned)four & 0xffff);
}

static bool is_tail(const char *at, const char *end)
{
    bool dots = false;
    for (; at < end && *at != ':'; at++)
        dots |= *at == '.';
    return dots && at == end;
}

static bool open_gap(struct groups *groups)
{
    bool first = !groups->gap;
    groups->gap = true;
    groups->gap_at = groups->count;
    return first;
}

static bool read_groups(const char *at, const char *end, struct groups *groups)
{
    if (end - at >= 2 && at[0] == ':' && at[1] == ':') {
        at += 2;
        open_gap(groups);
    }
    while (at < end) {
        if (is_tail(at, end))
            return read_tail(at, end, groups);
        if (!read_group(&at, end, groups))
            return false;
        if (at == end)
            return true;
        if (*at++ != ':' || at == end)
            return false;
        if (*at == ':') {
            at++;
            if (!open_gap(groups))
                return false;
        }
    }
    return groups->gap;
}

bool six_parse(const char *text, size_t size, ip_addr *ret_addr)
{
    struct groups groups = {.count = 0};
    if (size == 0 || !read_groups(text, text + size, &groups))
        return false;
    /* The gap stands for one group at least (RFC 5952 4.2.2 would write a single one out). */
    if (groups.gap ? groups.count == GROUPS : groups.count != GROUPS)
        return false;
    ip_addr addr = 0;
    unsigned before = groups.gap ? groups.gap_at : GROUPS;
    for (unsigned i = 0; i < groups.count; i++) {
        unsigned place = i < before ? i : i + GROUPS - groups.count;
        addr |= (ip_addr)groups.items[i] << (16 * (GROUPS - 1 - place));
    }
    *ret_addr = addr;
    return true;
}

static unsigned group_at(ip_addr addr, unsigned index)
{
    return (unsigned)(addr >> (16 * (GROUPS - 1 - index))) & 0xffff;
}

/* The longest run of at least two zero groups, the first of several (RFC 5952 4.2.3). */
static unsigned longest_run(ip_addr addr, unsigned *ret_first)
{
    unsigned longest = 1, run = 0;
    *ret_first = GROUPS;
    for (unsigned i = 0; i < GROUPS; i++) {
        run = group_at(addr, i) == 0 ? run + 1 : 0;
        if (run > longest) {
            longest = run;
            *ret_first = i + 1 - run;
        }
    }
    return *ret_first == GROUPS ? 0 : longest;
}

static void add_hex(struct text *text, unsigned value)
{
    bool begun = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned digit = value >> shift & 15;
        begun |= digit != 0 || shift == 0;
        if (begun)
            text_char(text, "0123456789abcdef"[digit]);
    }
}

void six_text(struct text *text, ip_addr addr)
{
    unsigned first, run = longest_run(addr, &first);
    for (unsigned i = 0; i < GROUPS; i++) {
        if (i == first) {
            text_add(text, "::");
            i += run - 1;
            continue;
        }
        if (i > 0 && i != first + run)
            text_char(text, ':');
        add_hex(text, group_at(addr, i));
    }
}
