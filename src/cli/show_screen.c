#include "cli/show_screen.h"

#include "explain/grid.h"
#include "explain/words.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static int64_t number_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static int64_t us_at(const json_t *object, const char *key)
{
    return (int64_t)(json_number_value(json_object_get(object, key)) * 1e6);
}

struct age {
    char text[32];
};

static struct age age_of(int64_t us)
{
    struct age age;
    struct text text = text_over(age.text, sizeof age.text);
    text_age(&text, us < 0 ? 0 : us);
    return age;
}

/* -- neighbors -- */

static bool is_up(const json_t *neighbor)
{
    return strcmp(text_at(neighbor, "state"), "Established") == 0;
}

/* How it last ended. */
static void add_end(struct grid *grid, const json_t *down)
{
    struct age age = age_of(us_at(down, "ago"));
    const char *name = json_string_value(json_object_get(down, "name"));
    const char *words = json_string_value(json_object_get(down, "words"));
    if (number_at(down, "code"))
        grid_say(grid, "%s (%d/%d%s%s%s%s%s), %s ago", text_at(down, "sentence"),
                 (int)number_at(down, "code"), (int)number_at(down, "subcode"), name ? " " : "",
                 name ? name : "", words ? ": \"" : "", words ? words : "", words ? "\"" : "",
                 age.text);
    else
        grid_say(grid, "%s %s ago", text_at(down, "sentence"), age.text);
}

/* Why a session that is not up is not. */
static void add_down(struct grid *grid, const json_t *neighbor)
{
    const json_t *down = json_object_get(neighbor, "last_down");
    bool carried = strcmp(text_at(neighbor, "ipsec"), "not carried") != 0;
    if (is_up(neighbor))
        return;
    if (json_is_object(down))
        add_end(grid, down);
    else
        grid_add(grid, carried ? "never up" : "never up; IPsec is not carried here");
}

/* A column of its own where somebody has it. */
static bool has_bfd(const json_t *neighbors)
{
    bool found = false;
    for (size_t i = 0; i < json_array_size(neighbors); i++)
        found |= json_is_object(json_object_get(json_array_get(neighbors, i), "bfd"));
    return found;
}

static void add_neighbor(struct grid *grid, const json_t *neighbor, bool with_bfd)
{
    const json_t *bfd = json_object_get(neighbor, "bfd");
    grid_begin(grid);
    grid_add(grid, text_at(neighbor, "neighbor"));
    grid_add(grid, text_at(neighbor, "address"));
    grid_say(grid, "%" PRId64, number_at(neighbor, "asn"));
    grid_add(grid, text_at(neighbor, "state"));
    grid_add(grid, age_of(us_at(neighbor, "for")).text);
    grid_say(grid, "%" PRId64, number_at(neighbor, "accepted"));
    grid_say(grid, "%" PRId64, number_at(neighbor, "refused"));
    grid_say(grid, "%" PRId64, number_at(neighbor, "best"));
    if (with_bfd)
        grid_add(grid, json_is_object(bfd) ? text_at(bfd, "state") : "-");
    add_down(grid, neighbor);
}

static void add_heads(struct grid *grid, const char *const heads[])
{
    grid_begin(grid);
    for (size_t i = 0; heads[i]; i++)
        grid_add(grid, heads[i]);
}

void show_bgp(const json_t *answer, const struct screen *screen)
{
    static const char *const heads[] = {"neighbor", "address", "AS",   "state", "for",
                                        "accepted", "refused", "best", NULL};
    const json_t *neighbors = json_object_get(answer, "neighbors");
    size_t up = 0, count = json_array_size(neighbors);
    struct grid grid = {.right = 1u << 2 | 1u << 5 | 1u << 6 | 1u << 7, .least = 24};
    bool with_bfd = has_bfd(neighbors);
    add_heads(&grid, heads);
    if (with_bfd)
        grid_add(&grid, "BFD");
    for (size_t i = 0; i < count; i++) {
        up += is_up(json_array_get(neighbors, i));
        add_neighbor(&grid, json_array_get(neighbors, i), with_bfd);
    }
    screen_say(screen, "%s  AS %" PRId64 "  %zu of %zu neighbors up\n\n", text_at(answer, "node"),
               number_at(answer, "asn"), up, count);
    grid_render(&grid, screen, 0);
    grid_done(&grid);
}

/* -- a neighbor at length -- */

/* "IPv4  12 accepted, 1 refused, 3 announced"; nothing of a family without routes. */
static void add_family(struct grid *grid, const json_t *neighbor, const char *key, const char *name)
{
    const json_t *family = json_object_get(neighbor, key);
    const json_t *announced = json_object_get(family, "announced");
    int64_t accepted = number_at(family, "accepted"), refused = number_at(family, "refused");
    if (accepted + refused + json_integer_value(announced) == 0 && !json_is_null(announced))
        return;
    grid_begin(grid);
    grid_add(grid, name);
    if (json_is_integer(announced))
        grid_say(grid, "%" PRId64 " accepted, %" PRId64 " refused, %" PRId64 " announced", accepted,
                 refused, number_at(family, "announced"));
    else
        grid_say(grid, "%" PRId64 " accepted, %" PRId64 " refused, announced not counted", accepted,
                 refused);
}

/* "heard  1 open, 3 update, 5 keepalive"; kinds of which there was none are left out. */
static void add_messages(struct grid *grid, const json_t *neighbor, const char *key)
{
    char line[256] = "";
    size_t size = 0;
    const char *kind;
    json_t *count;
    json_object_foreach(json_object_get(neighbor, key), kind, count)
    {
        if (json_integer_value(count) > 0 && size < sizeof line)
            size +=
                (size_t)snprintf(line + size, sizeof line - size, "%s%" JSON_INTEGER_FORMAT " %s",
                                 size ? ", " : "", json_integer_value(count), kind);
    }
    if (size == 0)
        return;
    grid_begin(grid);
    grid_add(grid, key);
    grid_add(grid, line);
}

static void add_carriers(struct grid *grid, const json_t *neighbor)
{
    const json_t *bfd = json_object_get(neighbor, "bfd");
    const char *ipsec = text_at(neighbor, "ipsec");
    if (*ipsec && strcmp(ipsec, "none") != 0) {
        grid_begin(grid);
        grid_add(grid, "IPsec");
        grid_add(grid, ipsec);
    }
    if (json_is_object(bfd)) {
        grid_begin(grid);
        grid_add(grid, "BFD");
        grid_say(grid, "%s for %s, %" PRId64 " packets discarded", text_at(bfd, "state"),
                 age_of(us_at(bfd, "for")).text, number_at(bfd, "discarded"));
    }
}

static void add_history(struct grid *grid, const json_t *neighbor)
{
    const json_t *down = json_object_get(neighbor, "last_down");
    int64_t count = number_at(neighbor, "established");
    grid_begin(grid);
    grid_add(grid, "came up");
    grid_say(grid, count == 1 ? "once" : "%" PRId64 " times", count);
    if (!json_is_object(down))
        return;
    grid_begin(grid);
    grid_add(grid, "ended");
    add_end(grid, down);
}

void show_neighbors(const json_t *answer, const struct screen *screen)
{
    const json_t *neighbors = json_object_get(answer, "neighbors");
    screen_say(screen, "%s  AS %" PRId64 "\n", text_at(answer, "node"), number_at(answer, "asn"));
    for (size_t i = 0; i < json_array_size(neighbors); i++) {
        const json_t *neighbor = json_array_get(neighbors, i);
        struct grid grid = {.least = 24};
        add_family(&grid, neighbor, "ipv4", "IPv4");
        add_family(&grid, neighbor, "ipv6", "IPv6");
        add_messages(&grid, neighbor, "heard");
        add_messages(&grid, neighbor, "said");
        add_carriers(&grid, neighbor);
        add_history(&grid, neighbor);
        screen_say(screen, "\n%s  %s  AS %" PRId64 "  %s for %s\n", text_at(neighbor, "neighbor"),
                   text_at(neighbor, "address"), number_at(neighbor, "asn"),
                   text_at(neighbor, "state"), age_of(us_at(neighbor, "for")).text);
        grid_render(&grid, screen, 2);
        grid_done(&grid);
    }
}

/* -- routes and paths -- */

void show_routes(const json_t *answer, const struct screen *screen)
{
    static const char *const heads[] = {"prefix", "neighbor", "next hop", "MED", "AS path", NULL};
    const json_t *routes = json_object_get(answer, "routes");
    size_t count = json_array_size(routes);
    struct grid grid = {.right = 1u << 3, .least = 24};
    add_heads(&grid, heads);
    for (size_t i = 0; i < count; i++) {
        const json_t *route = json_array_get(routes, i);
        const char *neighbor = text_at(route, "neighbor");
        grid_begin(&grid);
        grid_add(&grid, text_at(route, "prefix"));
        grid_add(&grid, *neighbor ? neighbor : "ourselves");
        grid_add(&grid, *neighbor ? text_at(route, "next_hop") : "");
        grid_say(&grid, "%" PRId64, number_at(route, "med"));
        grid_add(&grid, text_at(route, "as_path"));
    }
    grid_render(&grid, screen, 0);
    screen_say(screen, "%s%zu of %" PRId64 " prefixes\n", count ? "\n" : "", count,
               number_at(answer, "prefixes"));
    grid_done(&grid);
}

static void add_as_path(struct grid *grid, const json_t *path)
{
    char line[512] = "";
    size_t size = 0;
    for (size_t i = 0; i < json_array_size(path) && size < sizeof line - 16; i++)
        size += (size_t)snprintf(line + size, sizeof line - size, "%s%" JSON_INTEGER_FORMAT,
                                 i ? " " : "", json_integer_value(json_array_get(path, i)));
    grid_add(grid, line);
}

static void show_table(const char *name, const json_t *table, const struct screen *screen)
{
    const json_t *routes = json_object_get(table, "routes");
    const json_t *told = json_object_get(table, "told");
    const char *absent = text_at(table, "absent");
    struct grid grid = {.least = 24}, tells = {.least = 24};
    for (size_t i = 0; i < json_array_size(routes); i++) {
        const json_t *route = json_array_get(routes, i);
        grid_begin(&grid);
        grid_add(&grid, json_is_true(json_object_get(route, "chosen")) ? "*" : " ");
        grid_add(&grid, text_at(route, "from"));
        grid_add(&grid, text_at(route, "why"));
        grid_add(&grid, text_at(route, "next_hop"));
        add_as_path(&grid, json_object_get(route, "as_path"));
    }
    for (size_t i = 0; i < json_array_size(told); i++) {
        const json_t *one = json_array_get(told, i);
        bool announced = json_is_true(json_object_get(one, "announced"));
        bool up = json_is_true(json_object_get(one, "established"));
        grid_begin(&tells);
        grid_add(&tells, text_at(one, "neighbor"));
        grid_add(&tells, !up ? "no session" : announced ? "is told" : "is not told");
        grid_add(&tells, strcmp(text_at(one, "why"), "none") == 0 ? "" : text_at(one, "why"));
    }
    screen_say(screen, "%s\n", name);
    if (*absent)
        screen_say(screen, "  %s\n", absent);
    grid_render(&grid, screen, 2);
    if (tells.row_count)
        screen_say(screen, "\n");
    grid_render(&tells, screen, 2);
    grid_done(&grid);
    grid_done(&tells);
}

void show_paths(const json_t *answer, const struct screen *screen)
{
    json_t *tables = json_object_get(answer, "tables"), *table;
    const char *name;
    screen_say(screen, "%s\n\n", text_at(answer, "prefix"));
    json_object_foreach(tables, name, table) show_table(name, table, screen);
}

/* -- limits -- */

void show_limits(const json_t *answer, const struct screen *screen)
{
    static const char *const heads[] = {"neighbor", "accepted", "limit", "then", NULL};
    const json_t *neighbors = json_object_get(answer, "neighbors");
    struct grid grid = {.right = 1u << 1 | 1u << 2};
    screen_say(screen, "memory  %.1f of %.0f MiB\n\n",
               (double)number_at(answer, "memory_bytes") / (1 << 20),
               (double)number_at(answer, "memory_limit") / (1 << 20));
    add_heads(&grid, heads);
    for (size_t i = 0; i < json_array_size(neighbors); i++) {
        const json_t *one = json_array_get(neighbors, i);
        bool closes = strcmp(text_at(one, "over"), "close") == 0;
        grid_begin(&grid);
        grid_add(&grid, text_at(one, "neighbor"));
        grid_say(&grid, "%" PRId64, number_at(one, "accepted"));
        if (json_is_integer(json_object_get(one, "limit"))) {
            grid_say(&grid, "%" PRId64, number_at(one, "limit"));
            grid_add(&grid, closes ? "the session is closed" : "the prefix is refused");
        } else {
            grid_add(&grid, "none");
        }
    }
    grid_render(&grid, screen, 0);
    grid_done(&grid);
}

/* -- journal -- */

static double mib_at(const json_t *object, const char *key)
{
    return (double)number_at(object, key) / (1 << 20);
}

void show_journal(const json_t *answer, const struct screen *screen)
{
    const json_t *checkpoint = json_object_get(answer, "checkpoint");
    const char *broken = text_at(answer, "broken"), *failed = text_at(answer, "no_checkpoint");
    if (!json_is_true(json_object_get(answer, "on"))) {
        screen_put(screen, "no journal is kept\n");
        return;
    }
    screen_say(screen, "directory   %s\n", text_at(answer, "directory"));
    screen_say(screen,
               "segments    %" PRId64 ", %.1f of %.0f MiB; %08" PRId64 ".journal is written\n",
               number_at(answer, "segments"), mib_at(answer, "bytes"), mib_at(answer, "limit"),
               number_at(answer, "segment"));
    if (json_is_object(checkpoint))
        screen_say(screen, "checkpoint  %08" PRId64 ".checkpoint, %s ago\n",
                   number_at(checkpoint, "segment"), age_of(us_at(checkpoint, "ago")).text);
    else
        screen_put(screen, "checkpoint  none yet\n");
    screen_say(screen, "missing     %" PRId64 " events\n", number_at(answer, "missing_events"));
    if (*broken)
        screen_say(screen, "%sBROKEN%s      %s; it is tried again\n", SCREEN_RED, SCREEN_END,
                   broken);
    if (*failed)
        screen_say(screen, "%sno checkpoint could be written:%s %s; it is tried again\n",
                   SCREEN_YELLOW, SCREEN_END, failed);
}

/* -- events -- */

void show_event(const json_t *event, const struct screen *screen)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ago_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - us_at(event, "at");
    const char *neighbor = text_at(event, "neighbor"), *prefix = text_at(event, "prefix");
    const char *reason = text_at(event, "reason");
    screen_say(screen, "%s ago  %s  %s%s%s%s%s\n", age_of(ago_us).text, text_at(event, "event"),
               *neighbor ? neighbor : text_at(event, "attachment"), *prefix ? "  " : "", prefix,
               *reason ? "  " : "", reason);
}

void show_events(const json_t *answer, const struct screen *screen)
{
    const json_t *events = json_object_get(answer, "events");
    for (size_t i = 0; i < json_array_size(events); i++)
        show_event(json_array_get(events, i), screen);
}

/* -- what carries packets -- */

static void add_tunnel(struct grid *grid, const json_t *tunnel)
{
    const char *device = text_at(tunnel, "device"), *esp = text_at(tunnel, "esp_algorithms");
    const char *trouble = text_at(tunnel, "trouble");
    bool up = strcmp(text_at(tunnel, "state"), "up") == 0;
    bool well = up && strcmp(text_at(tunnel, "cause"), "rekey-refused") != 0;
    grid_begin(grid);
    grid_add(grid, text_at(tunnel, "tunnel"));
    grid_add(grid, text_at(tunnel, "state"));
    grid_add(grid,
             json_is_null(json_object_get(tunnel, "for")) ? "" : age_of(us_at(tunnel, "for")).text);
    grid_add(grid, *device ? device : "-");
    grid_add(grid, text_at(tunnel, "outside"));
    grid_say(grid, "%" PRId64, number_at(tunnel, "bytes_in"));
    grid_say(grid, "%" PRId64, number_at(tunnel, "bytes_out"));
    const json_t *pinned = json_object_get(tunnel, "pinned");
    if (json_is_object(pinned) && *text_at(pinned, "device") == '\0')
        grid_say(grid, "no way to %s but a tunnel", text_at(pinned, "to"));
    else if (!up && *trouble)
        grid_add(grid, trouble);
    else
        grid_add(grid, well ? esp : text_at(tunnel, "sentence"));
}

void show_tunnels(const json_t *answer, const struct screen *screen)
{
    static const char *const heads[] = {"tunnel",  "state",    "for",       "device",
                                        "outside", "bytes in", "bytes out", NULL};
    const json_t *tunnels = json_object_get(answer, "tunnels");
    struct grid grid = {.right = 1u << 2 | 1u << 5 | 1u << 6, .least = 24};
    const char *plane = text_at(answer, "plane"), *space = text_at(answer, "namespace");
    if (json_array_size(tunnels) == 0) {
        screen_say(screen, "no tunnels are made here\n");
        return;
    }
    add_heads(&grid, heads);
    for (size_t i = 0; i < json_array_size(tunnels); i++)
        add_tunnel(&grid, json_array_get(tunnels, i));
    if (*plane)
        screen_say(screen, "plane %s, %s%s\n", plane,
                   *space ? "in " : "among the machine's own devices", space);
    else
        screen_say(screen, "no plane carries them\n");
    if (json_is_integer(json_object_get(answer, "replay_window")))
        screen_say(screen, "its replay window is %" PRId64 " packets, whatever the options say\n",
                   number_at(answer, "replay_window"));
    screen_put(screen, "\n");
    grid_render(&grid, screen, 0);
    grid_done(&grid);
}

void show_telemetry(const json_t *answer, const struct screen *screen)
{
    static const char *const heads[] = {"tunnel", "outside", "status", "for", "message", NULL};
    const json_t *tunnels = json_object_get(answer, "telemetry");
    struct grid grid = {.right = 1u << 3, .least = 24};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    add_heads(&grid, heads);
    for (size_t i = 0; i < json_array_size(tunnels); i++) {
        const json_t *one = json_array_get(tunnels, i);
        int64_t since_us = us_at(one, "last_status_change");
        grid_begin(&grid);
        grid_add(&grid, text_at(one, "tunnel"));
        grid_add(&grid, text_at(one, "outside_ip_address"));
        grid_add(&grid, text_at(one, "status"));
        grid_add(&grid, age_of((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - since_us).text);
        grid_add(&grid, text_at(one, "status_message"));
    }
    grid_render(&grid, screen, 0);
    grid_done(&grid);
}

void show_attachments(const json_t *answer, const struct screen *screen)
{
    static const char *const heads[] = {"attachment", "kind", "state", "for", "bgp up",
                                        "accepted",   "best", "",      NULL};
    const json_t *attachments = json_object_get(answer, "attachments");
    struct grid grid = {.right = 1u << 4 | 1u << 5 | 1u << 6, .least = 24};
    add_heads(&grid, heads);
    for (size_t i = 0; i < json_array_size(attachments); i++) {
        const json_t *one = json_array_get(attachments, i);
        grid_begin(&grid);
        grid_add(&grid, text_at(one, "attachment"));
        grid_add(&grid, text_at(one, "kind"));
        grid_add(&grid, text_at(one, "state"));
        grid_add(&grid,
                 json_is_null(json_object_get(one, "for")) ? "" : age_of(us_at(one, "for")).text);
        grid_say(&grid, "%" PRId64 "/%" PRId64, number_at(one, "established"),
                 number_at(one, "neighbors"));
        grid_say(&grid, "%" PRId64, number_at(one, "accepted"));
        grid_say(&grid, "%" PRId64, number_at(one, "best"));
        grid_add(&grid, text_at(one, "why"));
    }
    grid_render(&grid, screen, 0);
    grid_done(&grid);
}

static void show_vpcs(const json_t *vpcs, const struct screen *screen)
{
    for (size_t i = 0; i < json_array_size(vpcs); i++) {
        const json_t *one = json_array_get(vpcs, i);
        screen_say(screen, "%s: %" PRId64 " of %" PRId64 " routes of its tables are in %s\n",
                   text_at(one, "vpc"), number_at(one, "installed"), number_at(one, "wanted"),
                   text_at(one, "namespace"));
    }
}

void show_fib(const json_t *answer, const struct screen *screen)
{
    static const char *const heads[] = {"prefix", "state", "gateway", "interface", NULL};
    const json_t *entries = json_object_get(answer, "entries");
    struct grid grid = {.least = 24};
    if (!json_is_true(json_object_get(answer, "installs"))) {
        screen_say(screen, "no routes are installed\n");
        return;
    }
    add_heads(&grid, heads);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *one = json_array_get(entries, i);
        grid_begin(&grid);
        grid_add(&grid, text_at(one, "prefix"));
        grid_add(&grid, text_at(one, "state"));
        grid_add(&grid, text_at(one, "gateway"));
        grid_add(&grid, text_at(one, "interface"));
    }
    grid_render(&grid, screen, 0);
    screen_say(screen, "%s%" PRId64 " wanted, %" PRId64 " blocked\n",
               json_array_size(entries) ? "\n" : "", number_at(answer, "wanted"),
               number_at(answer, "blocked"));
    show_vpcs(json_object_get(answer, "vpcs"), screen);
    grid_done(&grid);
}

/* -- status -- */

void show_status(const json_t *answer, const struct screen *screen)
{
    int64_t established = number_at(answer, "established"), all = number_at(answer, "neighbors");
    int64_t waiting = number_at(answer, "ipsec_not_carried");
    screen_say(screen, "%s  AS %" PRId64 "  %s  %" PRId64 " of %" PRId64 " neighbors  for %s\n",
               text_at(answer, "node"), number_at(answer, "asn"),
               established == all ? "UP"
               : established      ? "PARTLY UP"
                                  : "DOWN",
               established, all, age_of(us_at(answer, "up")).text);
    screen_say(screen, "routes  %" PRId64 " prefixes, %" PRId64 " paths, %.1f MiB\n",
               number_at(answer, "prefixes"), number_at(answer, "paths"),
               (double)number_at(answer, "memory_bytes") / (1 << 20));
    if (waiting)
        screen_say(screen,
                   "ipsec   %" PRId64 " neighbors are in tunnels with IPsec, which sekishod does "
                   "not make itself\n",
                   waiting);
}
