#include "run/options.h"

#include "plane/orders.h"
#include "run/farewell.h"
#include "run/metrics.h"
#include "wire/bgp_message.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAIN_TABLE = 254,
    LOCAL_TABLE = 255,
    MIB = 1 << 20,
    MEMORY_MIB = 1024,
    JOURNAL_MIB = 1024,
    MEMORY_MIB_MAX = 1 << 20,
    NAME_MAX_LETTERS = 64,
};

enum option_kind {
    OPTION_TEXT,  /* const char * */
    OPTION_FLAG,  /* bool */
    OPTION_PORT,  /* uint16_t */
    OPTION_SIZE,  /* size_t, said in MiB */
    OPTION_TABLE, /* uint32_t */
    OPTION_IKE,   /* uint8_t, 1 or 2 */
    OPTION_POOLS, /* struct permit_pools */
    OPTION_PLACE, /* const char *, an address and a port */
    OPTION_WORDS, /* const char *, UTF-8 */
};

static const struct option_row {
    const char *name;
    const char *argument;
    const char *sentence;
    enum option_kind kind;
    size_t offset;
} rows[] = {
#define ROW(name, argument, kind, member, sentence)                                                \
    {                                                                                              \
        name, argument, sentence, kind, offsetof(struct run_options, member)                       \
    }
    ROW("network", "FILE", OPTION_TEXT, network, "the network file"),
    ROW("gateway", "ID", OPTION_TEXT, gateway, "the VPN gateway to be; the file's only one"),
    ROW("router", "ID", OPTION_TEXT, router, "instead: stand in for this router of the file"),
    ROW("customer-gateway", "ID", OPTION_TEXT, customer_gateway,
        "instead: this one, with its tunnels"),
    ROW("configuration", "FILE", OPTION_TEXT, configuration,
        "instead of a network file: the XML that AWS gives"),
    ROW("announce", "PREFIXES", OPTION_TEXT, announce, "with --configuration: what, with commas"),
    ROW("reach", "PREFIXES", OPTION_TEXT, reach, "the same without BGP: what the tunnels lead to"),
    ROW("ike", "VERSION", OPTION_IKE, ike, "with --configuration: 1 or 2; 2"),
    ROW("separate", NULL, OPTION_FLAG, separate, "a customer gateway with a namespace of its own"),
    ROW("plane", "PLANE", OPTION_TEXT, plane, "auto, userspace or xfrm, whatever the file says"),
    ROW("control", "PATH", OPTION_TEXT, control,
        "answer questions there; /run/sekisho/ID/control; none"),
    ROW("metrics", "ADDRESS:PORT", OPTION_PLACE, metrics, "tell Prometheus there how things are"),
    ROW("farewell", "TEXT", OPTION_WORDS, farewell, "to neighbors at a stop; sekishod stops"),
    ROW("port", "N", OPTION_PORT, port, "BGP's TCP port, here and at the neighbors; 179"),
    ROW("netns", "NAME", OPTION_TEXT, netns, "BGP's sockets are in this network namespace"),
    ROW("outer", "NAME", OPTION_TEXT, outer, "IKE and ESP are in this network namespace"),
    ROW("pool", "PREFIX,...", OPTION_POOLS, pools, "a reloaded file may have outside addresses of"),
    ROW("name", "NAME", OPTION_TEXT, name, "its namespaces are called after this, not after ID"),
    ROW("no-tunnels", NULL, OPTION_FLAG, no_tunnels, "somebody else makes the IPsec tunnels"),
    ROW("device", "NAME", OPTION_TEXT, device, "they are bound to this VRF or interface"),
    ROW("table", "N", OPTION_TABLE, table, "the kernel's table for routes; 254, main"),
    ROW("no-kernel", NULL, OPTION_FLAG, no_kernel, "routes go into no kernel's table"),
    ROW("user", "NAME", OPTION_TEXT, user, "not root but this user, with the capabilities needed"),
    ROW("memory", "MIB", OPTION_SIZE, memory_bytes, "for what neighbors bring; 1024"),
    ROW("journal", "DIR", OPTION_TEXT, journal, "of all that happens; /var/lib/sekisho/ID; none"),
    ROW("journal-size", "MIB", OPTION_SIZE, journal_bytes, "the oldest is removed then; 1024"),
    ROW("check", NULL, OPTION_FLAG, check, "say what would be run, and run nothing"),
    ROW("quiet", NULL, OPTION_FLAG, quiet, "log errors only"),
    ROW("help", NULL, OPTION_FLAG, help, "this text"),
    ROW("version", NULL, OPTION_FLAG, version, "the version"),
#undef ROW
};
enum { ROWS = sizeof rows / sizeof *rows };

static enum run_exit wrong(FILE *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum run_exit wrong(FILE *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("error: ", err);
    vfprintf(err, format, arguments);
    fputs("; see sekishod --help\n", err);
    va_end(arguments);
    return RUN_INPUT;
}

static const struct option_row *row_called(const char *name, size_t size)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strlen(rows[i].name) == size && memcmp(rows[i].name, name, size) == 0)
            return &rows[i];
    }
    return NULL;
}

/* Decimal digits alone, from 1 to most; 0: it is no such number. */
static uint64_t number_of(const char *text, uint64_t most)
{
    uint64_t number = 0;
    for (const char *at = text; *at; at++) {
        if (*at < '0' || *at > '9')
            return 0;
        number = number * 10 + (uint64_t)(*at - '0');
        if (number > most)
            return 0;
    }
    return number;
}

/* IPv4 prefixes between commas; several options add up. */
static enum run_exit take_pools(const char *value, FILE *err, struct permit_pools *pools)
{
    for (const char *at = value; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        struct prefix prefix;
        size_t size = strcspn(at, ",");
        if (prefix_parse(at, size, &prefix) != PREFIX_OK || prefix.six || prefix.len == 0)
            return wrong(err, "--pool %.*s is no prefix of outside addresses", (int)size, at);
        if (pools->count == PERMIT_POOLS)
            return wrong(err, "--pool: more than %d prefixes", PERMIT_POOLS);
        pools->items[pools->count++] = prefix;
    }
    return RUN_FINE;
}

static bool is_plane(const char *word)
{
    for (int i = 0; i < PLANE_CHOICES; i++) {
        if (strcmp(plane_choice_word((enum plane_choice)i), word) == 0)
            return true;
    }
    return false;
}

static enum run_exit take(const struct option_row *row, const char *value, FILE *err,
                          struct run_options *options)
{
    void *member = (char *)options + row->offset;
    struct sockaddr_storage place;
    uint64_t number;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)member = true;
        return RUN_FINE;
    case OPTION_TEXT:
        if (*value == '\0')
            return wrong(err, "--%s has an empty %s", row->name, row->argument);
        *(const char **)member = value;
        return RUN_FINE;
    case OPTION_PLACE:
        if (metrics_place(value, &place) == 0)
            return wrong(err,
                         "--%s %s is no address and port; expected one such as 127.0.0.1:9179 or "
                         "[::1]:9179",
                         row->name, value);
        *(const char **)member = value;
        return RUN_FINE;
    case OPTION_WORDS:
        if (strlen(value) > FAREWELL_MAX)
            return wrong(err, "--%s has %zu bytes; expected at most %d (RFC 9003)", row->name,
                         strlen(value), FAREWELL_MAX);
        if (!farewell_is_sound(value))
            return wrong(err, "--%s is not UTF-8", row->name);
        *(const char **)member = value;
        return RUN_FINE;
    case OPTION_PORT:
        number = number_of(value, UINT16_MAX);
        if (number == 0)
            return wrong(err, "--port %s is no port; expected 1 to 65535", value);
        *(uint16_t *)member = (uint16_t)number;
        return RUN_FINE;
    case OPTION_TABLE:
        number = number_of(value, UINT32_MAX - 1);
        if (number == 0 || number == LOCAL_TABLE)
            return wrong(err,
                         "--table %s is no table for routes; expected 1 to %" PRIu32
                         ", and not %d, the local one",
                         value, UINT32_MAX - 1, LOCAL_TABLE);
        *(uint32_t *)member = (uint32_t)number;
        return RUN_FINE;
    case OPTION_IKE:
        number = number_of(value, 2);
        if (number == 0)
            return wrong(err, "--ike %s is no version of IKE; expected 1 or 2", value);
        *(uint8_t *)member = (uint8_t)number;
        return RUN_FINE;
    case OPTION_POOLS:
        return take_pools(value, err, member);
    case OPTION_SIZE:
    default:
        number = number_of(value, MEMORY_MIB_MAX);
        if (number == 0)
            return wrong(err, "--%s %s is no size; expected MiB, 1 to %d", row->name, value,
                         MEMORY_MIB_MAX);
        *(size_t *)member = (size_t)number * MIB;
        return RUN_FINE;
    }
}

bool options_make_tunnels(const struct run_options *options)
{
    return !options->no_tunnels && !options->netns && !options->device && !options->router;
}

/* Of what ids are made, and no longer than one. */
static bool is_name(const char *text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t size = strlen(text);
    return text[0] != '.' && size <= NAME_MAX_LETTERS && strspn(text, letters) == size;
}

bool options_are_customers(const struct run_options *options)
{
    return options->customer_gateway || options->is_xml;
}

/* The daemon is one node. */
static enum run_exit judge_who(const struct run_options *options, FILE *err)
{
    const char *said[2] = {NULL, NULL};
    size_t count = 0;
    if (options->gateway)
        said[count++] = "gateway";
    if (options->router)
        said[count++] = "router";
    if (options_are_customers(options) && count < 2)
        said[count++] = options->customer_gateway ? "customer-gateway" : "configuration";
    if (count == 2)
        return wrong(err, "--%s and --%s are given; the daemon is one node", said[0], said[1]);
    if (options->announce && !options->is_xml)
        return wrong(err, "--announce is given without --configuration; a network file says it");
    if (options->reach && !options->is_xml)
        return wrong(err, "--reach is given without --configuration; a network file says it");
    if (options->ike && !options->is_xml)
        return wrong(err, "--ike is given without --configuration; a network file says it");
    if (options->separate && (!options_are_customers(options) || !options_make_tunnels(options)))
        return wrong(err, "--separate is given, but no tunnels of a customer gateway are made");
    return RUN_FINE;
}

static enum run_exit judge(const struct run_options *options, FILE *err)
{
    if (options->help || options->version)
        return RUN_FINE;
    if (!options->network)
        return wrong(err, "no network file is given");
    if (judge_who(options, err) != RUN_FINE)
        return RUN_INPUT;
    if (options->name && !is_name(options->name))
        return wrong(err, "--name %s is no name; expected letters, digits, - _ . and %d at most",
                     options->name, NAME_MAX_LETTERS);
    if (options->plane && !is_plane(options->plane))
        return wrong(err, "--plane %s is none; expected auto, userspace or xfrm", options->plane);
    bool of_tunnels = options->outer || options->pools.count > 0;
    if (of_tunnels && !options_make_tunnels(options))
        return wrong(err, "--%s is given, but no tunnels are made with %s",
                     options->outer ? "outer" : "pool",
                     options->no_tunnels ? "--no-tunnels"
                     : options->netns    ? "--netns"
                     : options->device   ? "--device"
                                         : "--router");
    return RUN_FINE;
}

enum run_exit options_read(int argc, char *const argv[], FILE *err, struct run_options *ret_options)
{
    struct run_options options = {.port = BGP_PORT,
                                  .farewell = "sekishod stops",
                                  .table = MAIN_TABLE,
                                  .memory_bytes = (size_t)MEMORY_MIB * MIB,
                                  .journal_bytes = (size_t)JOURNAL_MIB * MIB};
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strncmp(word, "--", 2) != 0)
            return wrong(err, "\"%s\" is no option", word);
        const char *equals = strchr(word, '=');
        size_t size = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
        const struct option_row *row = row_called(word + 2, size);
        if (!row)
            return wrong(err, "there is no option %s", word);
        if (!row->argument && equals)
            return wrong(err, "--%s takes no argument", row->name);
        const char *value = equals ? equals + 1 : row->argument ? argv[++i] : "";
        if (!value)
            return wrong(err, "--%s needs its %s", row->name, row->argument);
        enum run_exit status = take(row, value, err, &options);
        if (status != RUN_FINE)
            return status;
    }
    if (options.configuration && options.network)
        return wrong(err, "--network and --configuration are given; expected one of them");
    options.is_xml = options.configuration != NULL;
    options.network = options.is_xml ? options.configuration : options.network;
    enum run_exit status = judge(&options, err);
    if (status == RUN_FINE)
        *ret_options = options;
    return status;
}

void options_help(FILE *out)
{
    fputs(
        "usage: sekishod --network FILE [OPTION...]\n\n"
        "A virtual private gateway, a router or a customer gateway of a network file: it speaks\n"
        "BGP with its neighbors until SIGTERM or SIGINT ends it; SIGHUP reads the file again.\n\n",
        out);
    for (size_t i = 0; i < ROWS; i++) {
        int width = fprintf(out, "  --%s%s%s", rows[i].name, rows[i].argument ? " " : "",
                            rows[i].argument ? rows[i].argument : "");
        fprintf(out, "%*s%s\n", width < 20 ? 20 - width : 1, "", rows[i].sentence);
    }
    fputs("\nExit status: 0 stopped as asked; 2 the command line, or the file; 3 the machine: an\n"
          "address that it does not have, a port taken, no permission.\n",
          out);
}
