#include "fib/fib.h"

#include <assert.h>

enum node_flag {
    NODE_WANTED = 1,
    NODE_OPEN = 2,    /* in the list of prefixes to compare */
    NODE_BLOCKED = 4, /* another's entry stands where ours is wanted */
    NODE_ASKED = 8,   /* the put was handed out and neither confirmed nor contradicted */
};

/* A prefix: what is wanted of it, and what the kernel holds of it, by metric. */
struct node {
    struct fib_entry wanted;
    struct prefix prefix;
    uint32_t reported; /* first, lowest metric */
    uint32_t open_next;
    uint32_t flags;
};

struct seen {
    struct fib_entry entry;
    uint32_t next;
    uint32_t dump; /* the dump that named it last */
    bool asked;    /* its removal was handed out */
};

static struct node *node_get(const struct fib *fib, uint32_t handle)
{
    return pool_get(&fib->nodes, handle);
}

static struct seen *seen_get(const struct fib *fib, uint32_t handle)
{
    return pool_get(&fib->reported, handle);
}

void fib_init(struct fib *fib, struct budget *budget, uint32_t chunk_shift)
{
    *fib = (struct fib){.budget = budget};
    lpm_init(&fib->prefixes, budget, chunk_shift);
    pool_init(&fib->nodes, budget, sizeof(struct node), chunk_shift);
    pool_init(&fib->reported, budget, sizeof(struct seen), chunk_shift);
}

void fib_done(struct fib *fib)
{
    lpm_done(&fib->prefixes);
    pool_done(&fib->nodes);
    pool_done(&fib->reported);
    *fib = (struct fib){.budget = fib->budget};
}

static bool same_entry(const struct fib_entry *left, const struct fib_entry *right)
{
    return prefix_equal(left->prefix, right->prefix) && left->gateway == right->gateway &&
           left->interface == right->interface && left->metric == right->metric &&
           left->kind == right->kind && left->protocol == right->protocol;
}

/* --- prefixes to compare */

static void open_node(struct fib *fib, uint32_t handle)
{
    struct node *node = node_get(fib, handle);
    if (node->flags & NODE_OPEN)
        return;
    node->flags |= NODE_OPEN;
    node->open_next = 0;
    if (fib->open_last)
        node_get(fib, fib->open_last)->open_next = handle;
    else
        fib->open_first = handle;
    fib->open_last = handle;
}

/* Another's entry at the prefix and metric that is wanted, or NULL. */
static const struct fib_entry *obstacle(const struct fib *fib, const struct node *node)
{
    if (!(node->flags & NODE_WANTED))
        return NULL;
    for (uint32_t at = node->reported; at; at = seen_get(fib, at)->next) {
        const struct fib_entry *entry = &seen_get(fib, at)->entry;
        if (entry->metric == node->wanted.metric && !fib_is_ours(entry))
            return entry;
    }
    return NULL;
}

/* Whatever changed of a prefix: its block is judged again, and it is compared anew. */
static void touch(struct fib *fib, uint32_t handle)
{
    struct node *node = node_get(fib, handle);
    bool was = (node->flags & NODE_BLOCKED) != 0, is = obstacle(fib, node) != NULL;
    fib->blocked_count = fib->blocked_count - was + is;
    node->flags &= ~(uint32_t)NODE_BLOCKED;
    if (is)
        node->flags = (node->flags | NODE_BLOCKED) & ~(uint32_t)NODE_ASKED;
    open_node(fib, handle);
}

static uint32_t obtain_node(struct fib *fib, struct prefix prefix)
{
    uint32_t handle = lpm_exact(&fib->prefixes, prefix);
    if (handle)
        return handle;
    handle = pool_take(&fib->nodes);
    if (!handle)
        return 0;
    if (!lpm_set(&fib->prefixes, prefix, handle)) {
        pool_give(&fib->nodes, handle);
        return 0;
    }
    node_get(fib, handle)->prefix = prefix;
    return handle;
}

static void release_node(struct fib *fib, uint32_t handle)
{
    const struct node *node = node_get(fib, handle);
    if (node->flags || node->reported)
        return;
    lpm_remove(&fib->prefixes, node->prefix);
    pool_give(&fib->nodes, handle);
}

static bool is_wanted(const struct node *node, const struct fib_entry *entry)
{
    return (node->flags & NODE_WANTED) && same_entry(&node->wanted, entry);
}

/* --- wanted */

bool fib_want(struct fib *fib, const struct fib_entry *entry)
{
    uint32_t handle = obtain_node(fib, entry->prefix);
    if (!handle)
        return false;
    struct node *node = node_get(fib, handle);
    struct fib_entry ours = *entry;
    ours.protocol = FIB_PROTOCOL;
    if ((node->flags & NODE_WANTED) && same_entry(&node->wanted, &ours))
        return true;
    fib->wanted_count += !(node->flags & NODE_WANTED);
    node->flags = (node->flags | NODE_WANTED) & ~(uint32_t)NODE_ASKED;
    node->wanted = ours;
    touch(fib, handle);
    return true;
}

bool fib_unwant(struct fib *fib, struct prefix prefix)
{
    uint32_t handle = lpm_exact(&fib->prefixes, prefix);
    if (!handle || !(node_get(fib, handle)->flags & NODE_WANTED))
        return false;
    node_get(fib, handle)->flags &= ~(uint32_t)(NODE_WANTED | NODE_ASKED);
    fib->wanted_count--;
    touch(fib, handle);
    return true;
}

bool fib_wanted(const struct fib *fib, struct prefix prefix, struct fib_entry *ret_entry)
{
    uint32_t handle = lpm_exact(&fib->prefixes, prefix);
    if (!handle || !(node_get(fib, handle)->flags & NODE_WANTED))
        return false;
    *ret_entry = node_get(fib, handle)->wanted;
    return true;
}

/* --- reported */

/* The link that points to the entry of this metric, or to where it would stand. */
static uint32_t *seen_link(const struct fib *fib, uint32_t node, uint32_t metric)
{
    uint32_t *link = &node_get(fib, node)->reported;
    while (*link && seen_get(fib, *link)->entry.metric < metric)
        link = &seen_get(fib, *link)->next;
    return link;
}

bool fib_report(struct fib *fib, const struct fib_entry *entry)
{
    uint32_t node = obtain_node(fib, entry->prefix);
    if (!node)
        return false;
    uint32_t *link = seen_link(fib, node, entry->metric);
    uint32_t handle = *link;
    if (!handle || seen_get(fib, handle)->entry.metric != entry->metric) {
        handle = pool_take(&fib->reported);
        if (!handle) {
            release_node(fib, node);
            return false;
        }
        seen_get(fib, handle)->next = *link;
        *link = handle;
        fib->reported_count++;
    }
    struct seen *seen = seen_get(fib, handle);
    seen->entry = *entry;
    seen->dump = fib->dump;
    seen->asked = false;
    if (is_wanted(node_get(fib, node), entry)) /* what was asked for is done */
        node_get(fib, node)->flags &= ~(uint32_t)NODE_ASKED;
    touch(fib, node);
    return true;
}

static void forget(struct fib *fib, uint32_t node, uint32_t *link)
{
    uint32_t handle = *link;
    *link = seen_get(fib, handle)->next;
    pool_give(&fib->reported, handle);
    fib->reported_count--;
    touch(fib, node);
}

bool fib_absent(struct fib *fib, struct prefix prefix, uint32_t metric)
{
    uint32_t node = lpm_exact(&fib->prefixes, prefix);
    uint32_t *link = node ? seen_link(fib, node, metric) : NULL;
    if (!link || !*link || seen_get(fib, *link)->entry.metric != metric)
        return false;
    forget(fib, node, link);
    return true;
}

bool fib_reported(const struct fib *fib, struct prefix prefix, struct fib_entry *ret_entry)
{
    uint32_t handle = lpm_exact(&fib->prefixes, prefix);
    if (!handle || !node_get(fib, handle)->reported)
        return false;
    *ret_entry = seen_get(fib, node_get(fib, handle)->reported)->entry;
    return true;
}

bool fib_blocked(const struct fib *fib, struct prefix prefix, struct fib_entry *ret_other)
{
    uint32_t handle = lpm_exact(&fib->prefixes, prefix);
    const struct fib_entry *other = handle ? obstacle(fib, node_get(fib, handle)) : NULL;
    if (!other)
        return false;
    *ret_other = *other;
    return true;
}

bool fib_next(const struct fib *fib, const struct prefix *at, struct prefix *ret_prefix)
{
    struct prefix prefix;
    for (uint32_t handle; lpm_next(&fib->prefixes, at, &prefix, &handle); at = &prefix) {
        const struct node *node = node_get(fib, handle);
        if ((node->flags & NODE_WANTED) || node->reported) {
            *ret_prefix = prefix;
            return true;
        }
    }
    return false;
}

void fib_dump_begin(struct fib *fib)
{
    fib->dump++;
    fib->dumping = true;
}

void fib_dump_end(struct fib *fib)
{
    assert(fib->dumping);
    fib->dumping = false;
    struct prefix prefix;
    uint32_t node;
    for (const struct prefix *at = NULL; lpm_next(&fib->prefixes, at, &prefix, &node);
         at = &prefix) {
        uint32_t *link = &node_get(fib, node)->reported;
        while (*link) {
            if (seen_get(fib, *link)->dump != fib->dump)
                forget(fib, node, link);
            else
                link = &seen_get(fib, *link)->next;
        }
    }
    fib_ask_again(fib);
}

/* --- the difference */

/* Is this entry of ours to go? One at the wanted metric is replaced by the put. */
static bool is_surplus(const struct node *node, const struct fib_entry *entry)
{
    return fib_is_ours(entry) &&
           !((node->flags & NODE_WANTED) && node->wanted.metric == entry->metric);
}

static bool is_missing(const struct fib *fib, const struct node *node)
{
    if (!(node->flags & NODE_WANTED) || (node->flags & NODE_BLOCKED))
        return false;
    for (uint32_t at = node->reported; at; at = seen_get(fib, at)->next)
        if (is_wanted(node, &seen_get(fib, at)->entry))
            return false;
    return true;
}

/* What one prefix needs and was not yet asked for; at most cap. The put comes first, so that a
 * prefix that only changes its metric is never without an entry. */
static uint32_t ask_for(struct fib *fib, struct node *node, struct fib_op *ops, uint32_t cap)
{
    uint32_t count = 0;
    if (count < cap && !(node->flags & NODE_ASKED) && is_missing(fib, node)) {
        node->flags |= NODE_ASKED;
        ops[count++] = (struct fib_op){node->wanted, FIB_PUT};
    }
    for (uint32_t at = node->reported; at && count < cap; at = seen_get(fib, at)->next) {
        struct seen *seen = seen_get(fib, at);
        if (seen->asked || !is_surplus(node, &seen->entry))
            continue;
        seen->asked = true;
        ops[count++] = (struct fib_op){seen->entry, FIB_REMOVE};
    }
    return count;
}

uint32_t fib_next_difference(struct fib *fib, struct fib_op *ops, uint32_t cap)
{
    assert(cap > 0);
    uint32_t count = 0;
    while (fib->open_first) {
        uint32_t handle = fib->open_first;
        struct node *node = node_get(fib, handle);
        count += ask_for(fib, node, ops + count, cap - count);
        if (count == cap) /* there may be more of this prefix */
            return count;
        fib->open_first = node->open_next;
        if (!fib->open_first)
            fib->open_last = 0;
        node->flags &= ~(uint32_t)NODE_OPEN;
        release_node(fib, handle);
    }
    return count;
}

static bool differs(const struct fib *fib, const struct node *node)
{
    if (is_missing(fib, node))
        return true;
    for (uint32_t at = node->reported; at; at = seen_get(fib, at)->next)
        if (is_surplus(node, &seen_get(fib, at)->entry))
            return true;
    return false;
}

void fib_ask_again(struct fib *fib)
{
    struct prefix prefix;
    uint32_t handle;
    for (const struct prefix *last = NULL; lpm_next(&fib->prefixes, last, &prefix, &handle);
         last = &prefix) {
        struct node *node = node_get(fib, handle);
        node->flags &= ~(uint32_t)NODE_ASKED;
        for (uint32_t at = node->reported; at; at = seen_get(fib, at)->next)
            seen_get(fib, at)->asked = false;
        if (differs(fib, node))
            open_node(fib, handle);
    }
}

bool fib_settled(const struct fib *fib)
{
    struct prefix prefix;
    uint32_t handle;
    for (const struct prefix *last = NULL; lpm_next(&fib->prefixes, last, &prefix, &handle);
         last = &prefix)
        if (differs(fib, node_get(fib, handle)))
            return false;
    return true;
}

/* --- what a FIB says of itself */

static void digest_entry(struct digest *digest, const struct fib_entry *entry)
{
    digest_prefix(digest, entry->prefix);
    digest_u64(digest, (uint64_t)entry->gateway << 32 | entry->interface);
    digest_six(digest, ip_is_six(entry->gateway), entry->gateway);
    digest_u64(digest,
               (uint64_t)entry->metric << 32 | (uint32_t)entry->kind << 8 | entry->protocol);
}

void fib_digest(const struct fib *fib, struct digest *digest)
{
    struct prefix prefix;
    uint32_t handle;
    for (const struct prefix *last = NULL; lpm_next(&fib->prefixes, last, &prefix, &handle);
         last = &prefix)
        if (node_get(fib, handle)->flags & NODE_WANTED)
            digest_entry(digest, &node_get(fib, handle)->wanted);
    digest_u64(digest, fib->wanted_count);
    for (const struct prefix *last = NULL; lpm_next(&fib->prefixes, last, &prefix, &handle);
         last = &prefix)
        for (uint32_t at = node_get(fib, handle)->reported; at; at = seen_get(fib, at)->next)
            digest_entry(digest, &seen_get(fib, at)->entry);
    digest_u64(digest, fib->reported_count);
}

size_t fib_size_bytes(const struct fib *fib)
{
    return lpm_size_bytes(&fib->prefixes) + pool_size_bytes(&fib->nodes) +
           pool_size_bytes(&fib->reported);
}

struct recount {
    uint32_t nodes, wanted, reported, blocked, open;
};

/* Reported entries in order of metric; a block is one; what differs is asked for or open. */
static bool node_holds(const struct fib *fib, const struct node *node, struct recount *count)
{
    const struct seen *previous = NULL;
    bool all_asked = !is_missing(fib, node) || (node->flags & NODE_ASKED);
    for (uint32_t at = node->reported; at; at = previous->next) {
        const struct seen *seen = seen_get(fib, at);
        if (!prefix_equal(seen->entry.prefix, node->prefix) ||
            (previous && previous->entry.metric >= seen->entry.metric))
            return false;
        all_asked &= seen->asked || !is_surplus(node, &seen->entry);
        count->reported++;
        previous = seen;
    }
    bool is_open = (node->flags & NODE_OPEN) != 0, blocked = (node->flags & NODE_BLOCKED) != 0;
    count->nodes++;
    count->wanted += (node->flags & NODE_WANTED) != 0;
    count->blocked += blocked;
    count->open += is_open;
    return (all_asked || is_open) && blocked == (obstacle(fib, node) != NULL) &&
           (node->flags || node->reported);
}

bool fib_holds(const struct fib *fib)
{
    struct recount count = {0};
    struct prefix prefix;
    uint32_t handle, open = 0;
    for (const struct prefix *last = NULL; lpm_next(&fib->prefixes, last, &prefix, &handle);
         last = &prefix)
        if (!node_holds(fib, node_get(fib, handle), &count))
            return false;
    for (uint32_t at = fib->open_first; at; at = node_get(fib, at)->open_next)
        open++;
    return count.nodes == fib->nodes.used_count && count.wanted == fib->wanted_count &&
           count.reported == fib->reported_count && count.reported == fib->reported.used_count &&
           count.blocked == fib->blocked_count && count.open == open;
}
