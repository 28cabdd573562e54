#include "plane/vpc_tables.h"

#include "base/sort.h"
#include "plane/devices.h"
#include "plane/routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 64 };

struct vpc_tables_route {
    struct plane_vpc_entry entry; /* present always */
    bool said;                    /* since all is said again */
};

void vpc_tables_init(struct vpc_tables *tables)
{
    *tables = (struct vpc_tables){.keeping = true};
}

void vpc_tables_done(struct vpc_tables *tables)
{
    free(tables->routes);
    *tables = (struct vpc_tables){0};
}

/* -- what is wanted -- */

static int compare_prefixes(struct prefix one, struct prefix other)
{
    if (one.six != other.six)
        return one.six ? 1 : -1;
    if (one.addr != other.addr)
        return one.addr < other.addr ? -1 : 1;
    return (one.len > other.len) - (one.len < other.len);
}

/* Where the route is, or would be. */
static size_t place_of(const struct vpc_tables *tables, uint16_t table, struct prefix prefix)
{
    size_t low = 0, high = tables->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct plane_vpc_entry *at = &tables->routes[middle].entry;
        int compared = at->table != table ? (at->table < table ? -1 : 1)
                                          : compare_prefixes(at->prefix, prefix);
        if (compared < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct vpc_tables *tables, size_t place,
                  const struct plane_vpc_entry *entry)
{
    return place < tables->count && tables->routes[place].entry.table == entry->table &&
           compare_prefixes(tables->routes[place].entry.prefix, entry->prefix) == 0;
}

static void close_gap(struct vpc_tables *tables, size_t place)
{
    tables->count--;
    memmove(&tables->routes[place], &tables->routes[place + 1],
            (tables->count - place) * sizeof *tables->routes);
}

static bool open_gap(struct vpc_tables *tables, size_t place)
{
    if (tables->count == tables->cap) {
        size_t cap = tables->cap ? tables->cap * 2 : FIRST_CAP;
        void *grown = realloc(tables->routes, cap * sizeof *tables->routes);
        if (!grown)
            return false;
        tables->routes = grown;
        tables->cap = cap;
    }
    memmove(&tables->routes[place + 1], &tables->routes[place],
            (tables->count - place) * sizeof *tables->routes);
    tables->count++;
    return true;
}

bool vpc_tables_want(struct vpc_tables *tables, const struct plane_vpc_entry *entry)
{
    size_t place = place_of(tables, entry->table, entry->prefix);
    bool there = is_at(tables, place, entry);
    if (!entry->present) {
        if (there)
            close_gap(tables, place);
        return true;
    }
    if (!there && !open_gap(tables, place))
        return false;
    tables->routes[place] = (struct vpc_tables_route){*entry, true};
    return true;
}

void vpc_tables_again(struct vpc_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        tables->routes[i].said = false;
}

void vpc_tables_sweep(struct vpc_tables *tables)
{
    size_t kept = 0;
    for (size_t i = 0; i < tables->count; i++) {
        if (tables->routes[i].said)
            tables->routes[kept++] = tables->routes[i];
    }
    tables->count = kept;
    tables->keeping = false;
}

/* -- what is there -- */

struct there {
    const struct prefix *cidrs;
    size_t cidr_count;
    struct rtnetlink_route *routes; /* ours, of all tables */
    size_t count, cap;
    bool failed;
};

struct seen {
    struct rtnetlink_device *devices;
    size_t count, cap;
    bool failed;
};

static void *room_for(void *array, size_t count, size_t *cap, size_t size, bool *failed)
{
    if (count < *cap)
        return array;
    size_t more = *cap ? *cap * 2 : FIRST_CAP;
    void *grown = realloc(array, more * size);
    if (!grown) {
        *failed = true;
        return array;
    }
    *cap = more;
    return grown;
}

static void hear_route(const struct rtnetlink_said *said, void *context)
{
    struct there *there = context;
    if (said->kind != RTNETLINK_ROUTE || said->route.protocol != ROUTES_PROTOCOL ||
        !plane_vpc_is_table(said->route.table))
        return;
    there->routes =
        room_for(there->routes, there->count, &there->cap, sizeof *there->routes, &there->failed);
    if (!there->failed)
        there->routes[there->count++] = said->route;
}

static void hear_device(const struct rtnetlink_device *device, void *context)
{
    struct seen *seen = context;
    seen->devices =
        room_for(seen->devices, seen->count, &seen->cap, sizeof *seen->devices, &seen->failed);
    if (!seen->failed)
        seen->devices[seen->count++] = *device;
}

/* 0: it is not there, or down, and takes no route. */
static uint32_t index_of(const struct seen *seen, const char *device)
{
    for (size_t i = 0; *device && i < seen->count; i++) {
        if (seen->devices[i].up && strcmp(seen->devices[i].name, device) == 0)
            return seen->devices[i].index;
    }
    return 0;
}

static int compare_routes(const void *left, const void *right, const void *context)
{
    (void)context;
    const struct rtnetlink_route *one = left, *other = right;
    if (one->table != other->table)
        return one->table < other->table ? -1 : 1;
    return compare_prefixes(one->to, other->to);
}

static bool sort_routes(struct there *there)
{
    struct rtnetlink_route *scratch = calloc(there->count + 1, sizeof *scratch);
    if (!scratch)
        return false;
    sort_stable(there->routes, there->count, sizeof *scratch, scratch, compare_routes, NULL);
    free(scratch);
    return true;
}

/* -- the difference -- */

static bool is_outside(const struct there *there, struct prefix prefix)
{
    for (size_t i = 0; i < there->cidr_count; i++) {
        if (prefix_covers(there->cidrs[i], prefix))
            return false;
    }
    return true;
}

static bool is_so(const struct there *there, const struct plane_route *wanted, uint32_t index)
{
    struct rtnetlink_route key = {.to = wanted->to, .table = wanted->table};
    size_t low = 0, high = there->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare_routes(&there->routes[middle], &key, NULL) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct rtnetlink_route *at = &there->routes[low];
    return low < there->count && compare_routes(at, &key, NULL) == 0 && at->kind == wanted->kind &&
           at->gateway == wanted->gateway && at->metric == wanted->metric &&
           (wanted->kind != RTNETLINK_UNICAST_ROUTE || at->index == index);
}

static bool put_one(struct vpc_tables *tables, struct rtnetlink *vpc, const struct there *there,
                    const struct seen *seen, const struct plane_vpc_entry *entry,
                    struct trouble *ret_trouble)
{
    struct plane_route in[2];
    const char *device = index_of(seen, entry->device) ? entry->device : entry->otherwise;
    uint32_t index = index_of(seen, device);
    struct plane_vpc_route route = {.prefix = entry->prefix,
                                    .table = entry->table,
                                    .propagated = entry->propagated,
                                    .device = index ? device : NULL,
                                    .outside = is_outside(there, entry->prefix),
                                    .gateway = index ? entry->gateway : 0};
    size_t count = plane_vpc_routes_of(&route, in);
    bool fine = true, so = true;
    for (size_t i = 0; fine && i < count; i++) {
        bool there_already = is_so(there, &in[i], index);
        fine = there_already || route_put(vpc, &in[i], ret_trouble);
        so = so && fine;
    }
    tables->there_count += so;
    return fine;
}

static bool is_wanted(const struct vpc_tables *tables, const struct there *there,
                      const struct rtnetlink_route *route)
{
    bool is_static;
    struct plane_vpc_entry key = {.prefix = route->to,
                                  .table = plane_vpc_table_of(route->table, &is_static)};
    size_t place = place_of(tables, key.table, key.prefix);
    return is_at(tables, place, &key) &&
           !(is_static && (tables->routes[place].entry.propagated || is_outside(there, route->to)));
}

static bool compare_all(struct vpc_tables *tables, struct rtnetlink *vpc, const struct there *there,
                        const struct seen *seen, struct trouble *ret_trouble)
{
    bool fine = true;
    tables->there_count = 0;
    for (size_t i = 0; i < tables->count; i++)
        fine = put_one(tables, vpc, there, seen, &tables->routes[i].entry, ret_trouble) && fine;
    for (size_t i = 0; i < there->count && !tables->keeping; i++) {
        const struct rtnetlink_route *route = &there->routes[i];
        struct plane_route gone = {.to = route->to, .table = route->table, .metric = route->metric};
        if (!is_wanted(tables, there, route))
            fine = route_remove(vpc, &gone, ret_trouble) && fine;
    }
    return fine;
}

bool vpc_tables_put(struct vpc_tables *tables, struct rtnetlink *vpc, const struct prefix *cidrs,
                    size_t cidr_count, struct trouble *ret_trouble)
{
    struct there there = {.cidrs = cidrs, .cidr_count = cidr_count};
    struct seen seen = {0};
    bool fine = route_each(vpc, 0, hear_route, &there, ret_trouble) &&
                device_each(vpc, hear_device, &seen, ret_trouble);
    if (fine && (there.failed || seen.failed || !sort_routes(&there)))
        fine = trouble_is(ret_trouble, ENOMEM, "the route tables%s", vpc->place);
    fine = fine && compare_all(tables, vpc, &there, &seen, ret_trouble);
    free(there.routes);
    free(seen.devices);
    return fine;
}
