#include "network/scalar.h"

#include "network/memory.h"

#include <stdarg.h>
#include <string.h>

enum { AS_TRANS = 23456, DEVICE_MAX = 15 }; /* RFC 6793; IFNAMSIZ and its zero */
static const int64_t duration_max_us = (int64_t)366 * 24 * 3600 * 1000000;

static const struct scalar_verdict fine = {.fine = true};

__attribute__((format(printf, 2, 3))) static struct scalar_verdict wrong(const char *problem,
                                                                         const char *expected, ...)
{
    struct scalar_verdict verdict = {.problem = problem};
    va_list arguments;
    va_start(arguments, expected);
    vsnprintf(verdict.expected, sizeof verdict.expected, expected, arguments);
    va_end(arguments);
    return verdict;
}

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static bool is_letter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

/* Decimal digits without a leading zero, at most 18 of them. */
static bool number_parse(const char *text, size_t size, int64_t *ret_number)
{
    if (size == 0 || size > 18 || (text[0] == '0' && size > 1))
        return false;
    int64_t number = 0;
    for (size_t i = 0; i < size; i++) {
        if (!is_digit(text[i]))
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

static struct scalar_verdict parse_number(const struct field *field, const char *text, size_t size,
                                          void *member)
{
    int64_t number;
    bool is_number = number_parse(text, size, &number);
    if (!is_number || number < field->min || number > field->max)
        return wrong(is_number ? "is out of range" : "is not a number",
                     "a number from %lld to %lld", (long long)field->min, (long long)field->max);
    memcpy(member, &number, sizeof number);
    return fine;
}

static struct scalar_verdict parse_asn(const struct field *field, const char *text, size_t size,
                                       void *member)
{
    int64_t number;
    if (!number_parse(text, size, &number) || number > UINT32_MAX)
        return wrong("is not an AS number", "a number from 1 to 4294967295");
    if (number == 0)
        return wrong("is no AS number", "1 to 4294967295; AS 0 is reserved (RFC 7607)");
    if (number == AS_TRANS && field->type == FIELD_ASN)
        return wrong("belongs to nobody", "another AS number; 23456 is AS_TRANS (RFC 6793)");
    uint32_t asn = (uint32_t)number;
    memcpy(member, &asn, sizeof asn);
    return fine;
}

static struct scalar_verdict parse_community(const char *text, size_t size, void *member)
{
    const char *colon = memchr(text, ':', size);
    int64_t high, low;
    size_t high_size = colon ? (size_t)(colon - text) : 0;
    if (!colon || !number_parse(text, high_size, &high) ||
        !number_parse(colon + 1, size - high_size - 1, &low) || high > 65535 || low > 65535)
        return wrong("is not a community", "a community such as 7224:7100");
    uint32_t community = (uint32_t)(high << 16 | low);
    memcpy(member, &community, sizeof community);
    return fine;
}

static const struct {
    const char *text;
    int64_t us;
} units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000}};

/* The fraction's digits, as microseconds of a unit; false when it is finer than a microsecond. */
static bool fraction_parse(const char *text, size_t size, int64_t unit_us, int64_t *ret_us)
{
    int64_t us = 0, place = unit_us;
    if (size == 0)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_digit(text[i]) || (place % 10 && text[i] != '0'))
            return false;
        place /= 10;
        us += (text[i] - '0') * place;
    }
    *ret_us = us;
    return true;
}

static bool duration_parse(const char *text, size_t size, int64_t *ret_us)
{
    size_t digits = 0, point;
    while (digits < size && (is_digit(text[digits]) || text[digits] == '.'))
        digits++;
    const char *dot = memchr(text, '.', digits);
    point = dot ? (size_t)(dot - text) : digits;
    int64_t whole, fraction = 0;
    if (point > 12 || !number_parse(text, point, &whole))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].text) != size - digits ||
            memcmp(units[i].text, text + digits, size - digits) != 0)
            continue;
        if (dot && !fraction_parse(dot + 1, digits - point - 1, units[i].us, &fraction))
            return false;
        if (whole > duration_max_us / units[i].us)
            return false;
        *ret_us = whole * units[i].us + fraction;
        return *ret_us <= duration_max_us;
    }
    return false;
}

static struct scalar_verdict parse_duration(const struct field *field, const char *text,
                                            size_t size, void *member)
{
    int64_t us;
    if (!duration_parse(text, size, &us))
        return wrong("is not a duration", "a duration such as 60s, 1.5s or 500ms, a year at most");
    if (us < field->min) {
        char least[SCALAR_TEXT_BYTES];
        scalar_duration(field->min, least, sizeof least);
        return wrong("is too short", "at least %s", least);
    }
    if (field->max > 0 && us > field->max) {
        char most[SCALAR_TEXT_BYTES];
        scalar_duration(field->max, most, sizeof most);
        return wrong("is too long", "at most %s", most);
    }
    memcpy(member, &us, sizeof us);
    return fine;
}

/* --- protocols and ports --- */

/* Those that have a name here; IANA's numbers. */
static const struct {
    const char *name;
    int64_t number;
} protocols[] = {{"all", -1}, {"icmp", 1}, {"tcp", 6},     {"udp", 17},
                 {"gre", 47}, {"esp", 50}, {"icmpv6", 58}, {"sctp", 132}};

static bool same_word(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(word, text, size) == 0;
}

static struct scalar_verdict parse_protocol(const char *text, size_t size, void *member)
{
    int64_t number = 0;
    bool known = number_parse(text, size, &number) && number <= UINT8_MAX;
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        if (!same_word(text, size, protocols[i].name))
            continue;
        known = true;
        number = protocols[i].number;
    }
    if (!known)
        return wrong("is not a protocol",
                     "all, tcp, udp, icmp, icmpv6, esp, gre, sctp or a number from 0 to 255");
    memcpy(member, &number, sizeof number);
    return fine;
}

static void print_protocol(int64_t number, struct text *writer)
{
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        if (protocols[i].number != number)
            continue;
        text_add(writer, protocols[i].name);
        return;
    }
    text_i64(writer, number);
}

static struct scalar_verdict parse_ports(const char *text, size_t size, void *member)
{
    const char *dash = memchr(text, '-', size);
    size_t low_size = dash ? (size_t)(dash - text) : size;
    int64_t low, high;
    bool are = number_parse(text, low_size, &low);
    high = low;
    if (are && dash)
        are = number_parse(dash + 1, size - low_size - 1, &high);
    if (!are || low > UINT16_MAX || high > UINT16_MAX)
        return wrong(are ? "is out of range" : "is not a port",
                     "a port such as 443, or a range such as 1024-65535");
    if (low > high)
        return wrong("runs backwards", "the lower port first, such as %lld-%lld", (long long)high,
                     (long long)low);
    if (high == 0)
        return wrong("is no port", "a port from 1 to 65535");
    struct network_ports ports = {(uint16_t)low, (uint16_t)high};
    memcpy(member, &ports, sizeof ports);
    return fine;
}

static void print_ports(const struct network_ports *ports, struct text *writer)
{
    text_u64(writer, ports->low);
    if (ports->high == ports->low)
        return;
    text_char(writer, '-');
    text_u64(writer, ports->high);
}

static bool may_be(const struct field *field, bool six)
{
    return field->six == FIELD_EITHER || (field->six == FIELD_SIX) == six;
}

/* An example of what is expected. */
static const char *address_wanted(const struct field *field)
{
    if (field->six == FIELD_SIX)
        return "an IPv6 address such as 2001:db8::10";
    return field->six == FIELD_FOUR ? "an IPv4 address such as 198.51.100.10"
                                    : "an address such as 198.51.100.10 or 2001:db8::10";
}

static const char *prefix_wanted(const struct field *field)
{
    return field->six == FIELD_SIX ? "an IPv6 prefix such as 2001:db8::/64"
                                   : "a prefix such as 10.0.0.0/16";
}

bool scalar_is_host(ip_addr addr)
{
    if (ip_is_six(addr)) /* nor link-local: which link is not said */
        return addr >> 120 != 0xff && addr >> 118 != 0xfe80 >> 6;
    return addr >> 24 != 0 && addr >> 24 != 127 && addr >> 28 < 0xe;
}

static struct scalar_verdict parse_address(const struct field *field, const char *text, size_t size,
                                           void *member)
{
    ip_addr addr;
    if (!ip_parse(text, size, &addr) || !may_be(field, ip_is_six(addr)))
        return wrong("is not an address", "%s", address_wanted(field));
    if (!scalar_is_host(addr))
        return wrong("is no host's address",
                     ip_is_six(addr) ? "a unicast IPv6 address" : "a unicast IPv4 address");
    memcpy(member, &addr, sizeof addr);
    return fine;
}

static struct scalar_verdict parse_prefix(const struct field *field, const char *text, size_t size,
                                          void *member)
{
    struct prefix prefix = {0};
    char meant[PREFIX_TEXT_BYTES];
    struct text writer = text_over(meant, sizeof meant);
    enum prefix_error error = prefix_parse(text, size, &prefix);
    switch (may_be(field, prefix.six) ? error : PREFIX_SYNTAX) {
    case PREFIX_OK:
        if (prefix.six && prefix_first_host(prefix) == 0)
            return wrong("has no address that a packet could be sent to",
                         "a prefix outside of ::/96 (RFC 4291, 2.5.5.1)");
        memcpy(member, &prefix, sizeof prefix);
        return fine;
    case PREFIX_HOST_BITS:
        text_prefix(&writer, prefix);
        return wrong("has host bits set", "%s", meant);
    case PREFIX_SYNTAX:
        break;
    }
    if (!ip_parse(text, size, &prefix.addr) || !may_be(field, ip_is_six(prefix.addr)))
        return wrong("is not a prefix", "%s", prefix_wanted(field));
    text_prefix(&writer, prefix_host(prefix.addr));
    return wrong("has no length", "a prefix such as %s", meant);
}

static struct scalar_verdict parse_bool(const char *text, size_t size, void *member)
{
    bool yes = size == 4 && memcmp(text, "true", 4) == 0;
    if (!yes && !(size == 5 && memcmp(text, "false", 5) == 0))
        return wrong("is neither true nor false", "true or false");
    memcpy(member, &yes, sizeof yes);
    return fine;
}

static struct scalar_verdict parse_choice(const struct field *field, const char *text, size_t size,
                                          void *member)
{
    struct scalar_verdict verdict = wrong("is not known here", "one of");
    size_t used = strlen(verdict.expected);
    for (const struct choice *choice = field->choices; choice->text; choice++) {
        if (strlen(choice->text) == size && memcmp(choice->text, text, size) == 0) {
            memcpy(member, &choice->value, sizeof choice->value);
            return fine;
        }
        snprintf(verdict.expected + used, sizeof verdict.expected - used, "%s %s",
                 used > strlen("one of") ? "," : "", choice->text);
        used = strlen(verdict.expected);
    }
    return verdict;
}

/* --- names and other texts --- */

/* A letter, a digit, or one of these. */
static bool is_one_of(char letter, const char *others)
{
    return letter && (is_letter(letter) || is_digit(letter) || strchr(others, letter));
}

static bool is_name(const char *text, size_t size)
{
    if (size == 0 || size > SCALAR_NAME_MAX || !is_letter(text[0]))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!is_one_of(text[i], "-_."))
            return false;
    return true;
}

static struct scalar_verdict name_verdict(const char *text, size_t size)
{
    if (same_word(text, size, "blackhole") || same_word(text, size, "local"))
        return wrong("means something else here", "another name");
    if (!is_name(text, size))
        return wrong("is not a name", "a letter, then letters, digits or . _ -; %d at most",
                     SCALAR_NAME_MAX);
    return fine;
}

static void keep_text(const char *text, size_t size, void *member)
{
    char *copy = memory_text(text, size);
    memcpy(member, &copy, sizeof copy);
}

static void keep_ref(const char *text, size_t size, enum network_kind kind, ip_addr address,
                     void *member)
{
    struct network_ref ref = {
        .id = memory_text(text, size), .kind = kind, .index = -1, .part = -1, .address = address};
    memcpy(member, &ref, sizeof ref);
}

/* No name has a colon or a slash in it, or begins with a digit. */
static bool is_range(const char *text, size_t size)
{
    return memchr(text, '/', size) || memchr(text, ':', size) || (size > 0 && is_digit(text[0]));
}

static struct scalar_verdict parse_range(const struct field *field, const char *text, size_t size,
                                         void *member)
{
    char canonical[PREFIX_TEXT_BYTES];
    struct text writer = text_over(canonical, sizeof canonical);
    struct prefix prefix;
    struct scalar_verdict verdict = parse_prefix(field, text, size, &prefix);
    if (!verdict.fine)
        return verdict;
    text_prefix(&writer, prefix);
    struct network_ref ref = {.id = memory_text(canonical, strlen(canonical)),
                              .kind = NETWORK_PREFIX,
                              .index = -1,
                              .part = -1,
                              .address = prefix.addr,
                              .len = prefix.len,
                              .six = prefix.six};
    memcpy(member, &ref, sizeof ref);
    return verdict;
}

static struct scalar_verdict parse_ref(const struct field *field, const char *text, size_t size,
                                       void *member)
{
    ip_addr addr = 0;
    if (field->kinds & KIND(ADDRESS) && parse_address(field, text, size, &addr).fine) {
        keep_ref(text, size, NETWORK_ADDRESS, addr, member);
        return fine;
    }
    if (field->kinds & KIND(BLACKHOLE) && same_word(text, size, "blackhole")) {
        keep_ref(text, size, NETWORK_BLACKHOLE, 0, member);
        return fine;
    }
    if (field->kinds & KIND(PREFIX) && is_range(text, size))
        return parse_range(field, text, size, member);
    const char *slash = field->kinds & KIND(TUNNEL) ? memchr(text, '/', size) : NULL;
    int64_t number;
    size_t name_size = slash ? (size_t)(slash - text) : size;
    if (slash && !number_parse(slash + 1, size - name_size - 1, &number))
        return wrong("is not a tunnel", "a connection and a number, such as vpn-main/1");
    struct scalar_verdict verdict = name_verdict(text, name_size);
    if (verdict.fine)
        keep_ref(text, size, NETWORK_NOTHING, 0, member);
    return verdict;
}

/* As the kernel allows it, without what a shell or a path would read otherwise. */
static struct scalar_verdict parse_device(const char *text, size_t size, void *member)
{
    bool sound = size > 0 && size <= DEVICE_MAX && (is_letter(text[0]) || is_digit(text[0]));
    for (size_t i = 0; sound && i < size; i++)
        sound = is_one_of(text[i], "._-");
    if (!sound)
        return wrong("is no name of a network device",
                     "a letter or digit, then letters, digits or . _ -; %d at most", DEVICE_MAX);
    keep_text(text, size, member);
    return fine;
}

static struct scalar_verdict parse_text(const char *text, size_t size, void *member)
{
    bool sound = size > 0 && size <= SCALAR_NAME_MAX && (is_letter(text[0]) || is_digit(text[0])) &&
                 text[size - 1] != ':';
    for (size_t i = 0; sound && i < size; i++)
        sound = is_one_of(text[i], "._-/@:=");
    if (!sound)
        return wrong("cannot be read", "letters, digits or . _ - / @ : =; %d at most",
                     SCALAR_NAME_MAX);
    keep_text(text, size, member);
    return fine;
}

/* Who reads the file runs in no directory that anybody thinks of. */
static struct scalar_verdict parse_path(const char *text, size_t size, void *member)
{
    bool sound = size > 1 && size <= SCALAR_PATH_MAX && text[0] == '/' && text[size - 1] != '/';
    for (size_t i = 0; sound && i < size; i++)
        sound = is_one_of(text[i], "._-/@");
    if (!sound)
        return wrong("is not a path",
                     "a file's path from the root on: /, letters, digits or "
                     ". _ - @; %d at most",
                     SCALAR_PATH_MAX);
    keep_text(text, size, member);
    return fine;
}

/* The rule for AWS's pre-shared keys: S2S VPNTunnels.md. The key itself is never in a message. */
static struct scalar_verdict parse_secret(const char *text, size_t size, void *member)
{
    bool sound = size >= 8 && size <= SCALAR_SECRET_MAX && text[0] != '0';
    for (size_t i = 0; sound && i < size; i++)
        sound = is_one_of(text[i], "._");
    if (!sound)
        return wrong("cannot be used", "8 to 64 letters, digits, . or _, not beginning with 0");
    keep_text(text, size, member);
    return fine;
}

struct scalar_verdict scalar_parse(const struct field *field, const char *text, size_t size,
                                   void *member)
{
    switch (field->type) {
    case FIELD_ID:
    case FIELD_DEFINE: {
        struct scalar_verdict verdict = name_verdict(text, size);
        if (verdict.fine && field->type == FIELD_ID)
            keep_text(text, size, member);
        else if (verdict.fine)
            keep_ref(text, size, NETWORK_NOTHING, 0, member);
        return verdict;
    }
    case FIELD_TEXT:
        return parse_text(text, size, member);
    case FIELD_PATH:
        return parse_path(text, size, member);
    case FIELD_DEVICE:
        return parse_device(text, size, member);
    case FIELD_SECRET:
        return parse_secret(text, size, member);
    case FIELD_REF:
        return parse_ref(field, text, size, member);
    case FIELD_BOOL:
        return parse_bool(text, size, member);
    case FIELD_CHOICE:
        return parse_choice(field, text, size, member);
    case FIELD_NUMBER:
        return parse_number(field, text, size, member);
    case FIELD_ASN:
    case FIELD_PATH_ASN:
        return parse_asn(field, text, size, member);
    case FIELD_COMMUNITY:
        return parse_community(text, size, member);
    case FIELD_DURATION:
        return parse_duration(field, text, size, member);
    case FIELD_PROTOCOL:
        return parse_protocol(text, size, member);
    case FIELD_PORTS:
        return parse_ports(text, size, member);
    case FIELD_ADDRESS:
        return parse_address(field, text, size, member);
    case FIELD_PREFIX:
        return parse_prefix(field, text, size, member);
    case FIELD_STRUCT:
    case FIELD_INLINE:
    case FIELD_OPTIONAL:
        break;
    }
    return wrong("is one value", "a map");
}

/* --- printing --- */

/* A number of units with what is left of one, without trailing zeros. */
static void print_decimal(int64_t us, int64_t unit_us, const char *unit, char *buffer, size_t cap)
{
    int digits = snprintf(buffer, cap, "%lld", (long long)(us / unit_us));
    int64_t rest = us % unit_us;
    size_t used = (size_t)digits;
    if (rest)
        used += (size_t)snprintf(buffer + used, cap - used, ".");
    for (int64_t place = unit_us / 10; rest; rest %= place, place /= 10)
        used += (size_t)snprintf(buffer + used, cap - used, "%lld", (long long)(rest / place));
    snprintf(buffer + used, cap - used, "%s", unit);
}

void scalar_duration(int64_t us, char *buffer, size_t cap)
{
    if (us >= 1000000 || us == 0)
        print_decimal(us, 1000000, "s", buffer, cap);
    else
        print_decimal(us, 1000, "ms", buffer, cap);
}

static const char *choice_text(const struct field *field, const void *member)
{
    int value;
    memcpy(&value, member, sizeof value);
    for (const struct choice *choice = field->choices; choice->text; choice++)
        if (choice->value == value)
            return choice->text;
    return "";
}

static const char *text_of(const struct field *field, const void *member)
{
    char *text;
    struct network_ref ref;
    if (field->type == FIELD_REF || field->type == FIELD_DEFINE) {
        memcpy(&ref, member, sizeof ref);
        text = ref.id;
    } else {
        memcpy(&text, member, sizeof text);
    }
    return text ? text : "";
}

static void print_word(const struct field *field, uint32_t word, struct text *writer)
{
    if (field->type == FIELD_COMMUNITY) {
        text_u64(writer, word >> 16);
        text_char(writer, ':');
        text_u64(writer, word & 0xffff);
    } else {
        text_u64(writer, word);
    }
}

void scalar_print(const struct field *field, const void *member, char *buffer, size_t cap)
{
    struct text writer = text_over(buffer, cap);
    int64_t number = 0;
    uint32_t word = 0;
    ip_addr addr = 0;
    struct prefix prefix;
    struct network_ports ports;
    bool yes;
    switch (field->type) {
    case FIELD_ID:
    case FIELD_TEXT:
    case FIELD_PATH:
    case FIELD_DEVICE:
    case FIELD_SECRET:
    case FIELD_DEFINE:
    case FIELD_REF:
        text_add(&writer, text_of(field, member));
        break;
    case FIELD_BOOL:
        memcpy(&yes, member, sizeof yes);
        text_add(&writer, yes ? "true" : "false");
        break;
    case FIELD_CHOICE:
        text_add(&writer, choice_text(field, member));
        break;
    case FIELD_NUMBER:
        memcpy(&number, member, sizeof number);
        text_i64(&writer, number);
        break;
    case FIELD_DURATION:
        memcpy(&number, member, sizeof number);
        scalar_duration(number, buffer, cap);
        break;
    case FIELD_PROTOCOL:
        memcpy(&number, member, sizeof number);
        print_protocol(number, &writer);
        break;
    case FIELD_PORTS:
        memcpy(&ports, member, sizeof ports);
        print_ports(&ports, &writer);
        break;
    case FIELD_ASN:
    case FIELD_PATH_ASN:
    case FIELD_COMMUNITY:
        memcpy(&word, member, sizeof word);
        print_word(field, word, &writer);
        break;
    case FIELD_ADDRESS:
        memcpy(&addr, member, sizeof addr);
        text_ip(&writer, addr);
        break;
    case FIELD_PREFIX:
        memcpy(&prefix, member, sizeof prefix);
        text_prefix(&writer, prefix);
        break;
    case FIELD_STRUCT:
    case FIELD_INLINE:
    case FIELD_OPTIONAL:
        break;
    }
}

static bool is_open(const struct field *field, const void *member)
{
    int64_t number = 0;
    uint32_t word = 0;
    ip_addr addr = 0;
    struct prefix prefix;
    struct network_ports ports;
    bool yes = false;
    switch (field->type) {
    case FIELD_ID:
    case FIELD_TEXT:
    case FIELD_PATH:
    case FIELD_DEVICE:
    case FIELD_SECRET:
    case FIELD_DEFINE:
    case FIELD_REF:
        return *text_of(field, member) == 0;
    case FIELD_BOOL:
        memcpy(&yes, member, sizeof yes);
        return !yes;
    case FIELD_NUMBER:
    case FIELD_DURATION:
    case FIELD_PROTOCOL:
        memcpy(&number, member, sizeof number);
        return number < 0;
    case FIELD_PORTS:
        memcpy(&ports, member, sizeof ports);
        return ports.high == 0;
    case FIELD_CHOICE:
    case FIELD_ASN:
    case FIELD_PATH_ASN:
    case FIELD_COMMUNITY:
        memcpy(&word, member, sizeof word);
        return word == 0;
    case FIELD_ADDRESS:
        memcpy(&addr, member, sizeof addr);
        return addr == 0;
    case FIELD_PREFIX:
        memcpy(&prefix, member, sizeof prefix);
        return field->six == FIELD_SIX && !prefix.six;
    case FIELD_STRUCT:
    case FIELD_INLINE:
    case FIELD_OPTIONAL:
        break;
    }
    return false;
}

bool scalar_is_initial(const struct field *field, const void *member)
{
    if (!field->initial)
        return is_open(field, member);
    char text[SCALAR_TEXT_BYTES];
    scalar_print(field, member, text, sizeof text);
    return strcmp(text, field->initial) == 0;
}
