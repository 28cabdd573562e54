#include "net/ip.h"

#include "net/six.h"

ip_addr prefix_address(struct prefix prefix)
{
    return ip_is_six(prefix.addr) == prefix.six ? prefix.addr : prefix_first_host(prefix);
}

ip_addr prefix_first_host(struct prefix prefix)
{
    const ip_addr unicast = (ip_addr)0x2000 << 112;
    ip_addr first = prefix.len < ip_bits(prefix.six) - 1 ? prefix.addr + 1 : prefix.addr;
    if (!prefix.six || ip_is_six(first))
        return first;
    if (prefix_contains(prefix, unicast))
        return unicast + 1;
    return prefix.len < 96 ? ((ip_addr)1 << 32) + 1 : 0;
}

int prefix_compare(struct prefix left, struct prefix right)
{
    if (left.six != right.six)
        return left.six ? 1 : -1;
    if (left.addr != right.addr)
        return left.addr < right.addr ? -1 : 1;
    return (left.len > right.len) - (left.len < right.len);
}

/* What is still to be read. */
struct reader {
    const char *at;
    const char *end;
};

static bool read_char(struct reader *reader, char wanted)
{
    if (reader->at == reader->end || *reader->at != wanted)
        return false;
    reader->at++;
    return true;
}

/* One to three digits, no zero in front: inet_aton reads 010 as eight, people read it as ten. */
static bool read_number(struct reader *reader, unsigned max, unsigned *ret_number)
{
    unsigned number = 0, digits = 0;
    bool zero_first = reader->at < reader->end && *reader->at == '0';
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
        number = number * 10 + (unsigned)(*reader->at - '0');
        if (++digits > 3)
            return false;
    }
    if (digits == 0 || (digits > 1 && zero_first) || number > max)
        return false;
    *ret_number = number;
    return true;
}

static bool read_four(struct reader *reader, ip_addr *ret_addr)
{
    ip_addr addr = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned octet;
        if (i > 0 && !read_char(reader, '.'))
            return false;
        if (!read_number(reader, 255, &octet))
            return false;
        addr = addr << 8 | octet;
    }
    *ret_addr = addr;
    return true;
}

/* Until the slash or the end. */
static bool read_addr(struct reader *reader, ip_addr *ret_addr, bool *ret_six)
{
    const char *at = reader->at;
    *ret_six = false;
    while (at < reader->end && *at != '/') {
        *ret_six |= *at == ':';
        at++;
    }
    if (!*ret_six)
        return read_four(reader, ret_addr);
    bool is = six_parse(reader->at, (size_t)(at - reader->at), ret_addr);
    reader->at = at;
    return is;
}

static struct reader reader_over(const char *text, size_t size)
{
    return (struct reader){text, size ? text + size : text};
}

bool ip_parse(const char *text, size_t size, ip_addr *ret_addr)
{
    struct reader reader = reader_over(text, size);
    ip_addr addr;
    bool six;
    if (!read_addr(&reader, &addr, &six) || reader.at != reader.end || six != ip_is_six(addr))
        return false;
    *ret_addr = addr;
    return true;
}

enum prefix_error prefix_parse(const char *text, size_t size, struct prefix *ret_prefix)
{
    struct reader reader = reader_over(text, size);
    ip_addr addr;
    unsigned len;
    bool six;
    if (!read_addr(&reader, &addr, &six) || !read_char(&reader, '/') ||
        !read_number(&reader, ip_bits(six), &len) || reader.at != reader.end)
        return PREFIX_SYNTAX;
    *ret_prefix = prefix_make(six, addr, (uint8_t)len);
    return ret_prefix->addr == addr ? PREFIX_OK : PREFIX_HOST_BITS;
}

static void add_addr(struct text *text, bool six, ip_addr addr)
{
    if (six) {
        six_text(text, addr);
        return;
    }
    for (int shift = 24; shift >= 0; shift -= 8) {
        text_u64(text, (uint64_t)(addr >> shift & 0xff));
        if (shift > 0)
            text_char(text, '.');
    }
}

void text_ip(struct text *text, ip_addr addr)
{
    char buffer[IP_TEXT_BYTES];
    struct text whole = text_over(buffer, sizeof buffer);
    add_addr(&whole, ip_is_six(addr), addr);
    text_whole(text, buffer);
}

void text_prefix(struct text *text, struct prefix prefix)
{
    char buffer[PREFIX_TEXT_BYTES];
    struct text whole = text_over(buffer, sizeof buffer);
    add_addr(&whole, prefix.six, prefix.addr);
    text_char(&whole, '/');
    text_u64(&whole, prefix.len);
    text_whole(text, buffer);
}
