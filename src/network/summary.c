#include "network/summary.h"

#include "base/sort.h"
#include "network/memory.h"
#include "network/walk.h"

#include <stdlib.h>

static int compare(const void *left, const void *right, const void *ctx)
{
    (void)ctx;
    const struct prefix *one = left, *other = right;
    return prefix_compare(*one, *other);
}

static bool is_plain(const struct network_announcement *said)
{
    return said->as_path_count == 0 && said->med < 0 && said->community_count == 0;
}

static bool are_halves(struct prefix left, struct prefix right)
{
    return left.len > 1 && left.len == right.len &&
           prefix_equal(prefix_make(left.six, left.addr, (uint8_t)(left.len - 1)),
                        prefix_make(right.six, right.addr, (uint8_t)(right.len - 1))) &&
           left.addr != right.addr;
}

/* Ascending prefixes, put together in place; returns how many are left. Not into the default, and
 * not into a prefix that is there already: that would take its parts away and leave nothing. */
static size_t join(struct prefix *prefixes, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        prefixes[kept++] = prefixes[i];
        while (kept > 1 && are_halves(prefixes[kept - 2], prefixes[kept - 1])) {
            struct prefix left = prefixes[kept - 2];
            struct prefix whole = prefix_make(left.six, left.addr, (uint8_t)(left.len - 1));
            if (kept > 2 && prefix_equal(prefixes[kept - 3], whole))
                break;
            prefixes[kept - 2] = whole;
            kept--;
        }
    }
    return kept;
}

/* The plain ones, joined; NULL and 0: there are none. */
static struct prefix *joined(const struct network_announcement *said, size_t count,
                             size_t *ret_count)
{
    struct prefix *prefixes = memory_zeroed(count, sizeof *prefixes);
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_plain(&said[i]))
            prefixes[(*ret_count)++] = said[i].prefix;
    }
    if (*ret_count > 0) {
        struct prefix *scratch = memory_zeroed(*ret_count, sizeof *scratch);
        sort_stable(prefixes, *ret_count, sizeof *prefixes, scratch, compare, NULL);
        free(scratch);
        *ret_count = join(prefixes, *ret_count);
    }
    return prefixes;
}

static size_t count_after(const struct network_announcement *said, size_t count)
{
    size_t left, others = 0;
    free(joined(said, count, &left));
    for (size_t i = 0; i < count; i++)
        others += !is_plain(&said[i]);
    return left + others;
}

size_t network_summary_count(const struct network *network, size_t router)
{
    const struct network_bgp *bgp = network->routers[router].bgp;
    return bgp ? count_after(bgp->announce, bgp->announce_count) +
                     count_after(bgp->received, bgp->received_count)
               : 0;
}

static bool says(const struct network_announcement *said, size_t count, struct prefix prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (is_plain(&said[i]) && prefix_equal(said[i].prefix, prefix))
            return true;
    }
    return false;
}

struct prefix *network_summaries(const struct network *network, size_t router, size_t *ret_count)
{
    const struct network_bgp *bgp = network->routers[router].bgp;
    *ret_count = 0;
    if (!bgp)
        return NULL;
    size_t count, kept = 0;
    bool seen = bgp->received_count > 0;
    const struct network_announcement *said = seen ? bgp->received : bgp->announce;
    size_t said_count = seen ? bgp->received_count : bgp->announce_count;
    struct prefix *prefixes = joined(said, said_count, &count);
    for (size_t i = 0; i < count; i++) {
        if (!says(said, said_count, prefixes[i]))
            prefixes[kept++] = prefixes[i];
    }
    *ret_count = kept;
    return prefixes;
}

static void summarize(struct network_announcement **said, size_t *count)
{
    size_t left, kept = 0, others = 0;
    struct prefix *prefixes = joined(*said, *count, &left);
    struct network_announcement *now = memory_zeroed(*count, sizeof *now);
    for (size_t i = 0; i < left; i++)
        now[kept++] = (struct network_announcement){.prefix = prefixes[i], .med = -1};
    for (size_t i = 0; i < *count; i++) {
        if (is_plain(&(*said)[i]))
            walk_release(&schema_announcement, &(*said)[i]);
        else
            now[kept + others++] = (*said)[i];
    }
    free(prefixes);
    free(*said);
    *said = now;
    *count = kept + others;
}

void network_summarize(struct network *network, size_t router)
{
    struct network_bgp *bgp = network->routers[router].bgp;
    if (bgp && bgp->announce)
        summarize(&bgp->announce, &bgp->announce_count);
    if (bgp && bgp->received)
        summarize(&bgp->received, &bgp->received_count);
}
