/* A node stands for a prefix. It has a value, or it is a fork: two children and no value. A child
 * is longer than its parent and lies inside it; child[0] and child[1] differ in the first bit after
 * the parent's. From this follow the bounds: at most 2n - 1 nodes for n prefixes, at most 33 on a
 * way down, and every subtree holds at least one prefix. */
#include "net/lpm4.h"

#include <assert.h>

struct node {
    ip4 addr;
    uint32_t value; /* 0: a fork */
    uint32_t child[2];
    uint8_t len;
};

_Static_assert(sizeof(struct node) <= 24, "a hundred routes must stay small");

static struct node *node_get(const struct lpm4 *lpm, uint32_t handle)
{
    return pool_get(&lpm->nodes, handle);
}

static struct prefix4 prefix_of(const struct node *node)
{
    return (struct prefix4){node->addr, node->len};
}

/* The bit at index 0 (highest) to 31. */
static unsigned bit_of(ip4 addr, uint8_t index)
{
    return addr >> (31 - index) & 1;
}

/* How many leading bits both have in common, at most the shorter's length. */
static uint8_t shared_len(struct prefix4 left, struct prefix4 right)
{
    uint8_t len = left.len < right.len ? left.len : right.len;
    ip4 differing = left.addr ^ right.addr;
    if (differing == 0)
        return len;
    uint8_t equal = (uint8_t)__builtin_clz(differing);
    return equal < len ? equal : len;
}

static void check_prefix(struct prefix4 prefix)
{
    assert(prefix.len <= 32 && (prefix.addr & ~prefix4_mask(prefix.len)) == 0);
}

void lpm4_init(struct lpm4 *lpm, struct budget *budget, uint32_t chunk_shift)
{
    *lpm = (struct lpm4){.root = 0};
    pool_init(&lpm->nodes, budget, sizeof(struct node), chunk_shift);
}

void lpm4_done(struct lpm4 *lpm)
{
    pool_done(&lpm->nodes);
    lpm->root = lpm->count = 0;
}

/* Hangs a new leaf at link, above what is there or beside it under a new fork. */
static bool insert_at(struct lpm4 *lpm, uint32_t *link, struct prefix4 prefix, uint32_t value)
{
    uint32_t leaf_handle = pool_take(&lpm->nodes);
    if (!leaf_handle)
        return false;
    struct node *leaf = node_get(lpm, leaf_handle);
    *leaf = (struct node){.addr = prefix.addr, .len = prefix.len, .value = value};
    if (*link == 0) {
        *link = leaf_handle;
        return true;
    }
    const struct node *there = node_get(lpm, *link);
    uint8_t common = shared_len(prefix, prefix_of(there));
    if (common == prefix.len) {
        leaf->child[bit_of(there->addr, common)] = *link;
        *link = leaf_handle;
        return true;
    }
    uint32_t fork_handle = pool_take(&lpm->nodes);
    if (!fork_handle) {
        pool_give(&lpm->nodes, leaf_handle);
        return false;
    }
    struct node *fork = node_get(lpm, fork_handle);
    *fork = (struct node){.addr = prefix.addr & prefix4_mask(common), .len = common};
    fork->child[bit_of(prefix.addr, common)] = leaf_handle;
    fork->child[bit_of(there->addr, common)] = *link;
    *link = fork_handle;
    return true;
}

bool lpm4_set(struct lpm4 *lpm, struct prefix4 prefix, uint32_t value)
{
    assert(value != 0);
    check_prefix(prefix);
    uint32_t *link = &lpm->root;
    while (*link) {
        struct node *node = node_get(lpm, *link);
        if (!prefix4_covers(prefix_of(node), prefix))
            break;
        if (node->len == prefix.len) {
            lpm->count += node->value == 0;
            node->value = value;
            return true;
        }
        link = &node->child[bit_of(prefix.addr, node->len)];
    }
    if (!insert_at(lpm, link, prefix, value))
        return false;
    lpm->count++;
    return true;
}

/* Takes a node with at most one child, and no value, out of the trie. */
static void splice_out(struct lpm4 *lpm, uint32_t *link)
{
    uint32_t handle = *link;
    const struct node *node = node_get(lpm, handle);
    assert(node->value == 0 && (node->child[0] == 0 || node->child[1] == 0));
    *link = node->child[0] ? node->child[0] : node->child[1];
    pool_give(&lpm->nodes, handle);
}

bool lpm4_remove(struct lpm4 *lpm, struct prefix4 prefix)
{
    check_prefix(prefix);
    uint32_t *link = &lpm->root, *parent_link = NULL;
    struct node *node = NULL;
    for (; *link; link = &node->child[bit_of(prefix.addr, node->len)]) {
        node = node_get(lpm, *link);
        if (!prefix4_covers(prefix_of(node), prefix))
            return false;
        if (node->len == prefix.len)
            break;
        parent_link = link;
    }
    if (*link == 0 || node->value == 0)
        return false;
    node->value = 0;
    lpm->count--;
    if (node->child[0] && node->child[1])
        return true;
    bool leaf = node->child[0] == 0 && node->child[1] == 0;
    splice_out(lpm, link);
    if (leaf && parent_link && node_get(lpm, *parent_link)->value == 0)
        splice_out(lpm, parent_link);
    return true;
}

uint32_t lpm4_exact(const struct lpm4 *lpm, struct prefix4 prefix)
{
    check_prefix(prefix);
    for (uint32_t handle = lpm->root; handle;) {
        const struct node *node = node_get(lpm, handle);
        if (!prefix4_covers(prefix_of(node), prefix))
            return 0;
        if (node->len == prefix.len)
            return node->value;
        handle = node->child[bit_of(prefix.addr, node->len)];
    }
    return 0;
}

uint32_t lpm4_match(const struct lpm4 *lpm, ip4 addr, uint8_t max_len, struct prefix4 *ret_prefix)
{
    const struct node *best = NULL;
    for (uint32_t handle = lpm->root; handle;) {
        const struct node *node = node_get(lpm, handle);
        if (node->len > max_len || !prefix4_contains(prefix_of(node), addr))
            break;
        if (node->value)
            best = node;
        if (node->len == 32)
            break;
        handle = node->child[bit_of(addr, node->len)];
    }
    if (!best)
        return 0;
    if (ret_prefix)
        *ret_prefix = prefix_of(best);
    return best->value;
}

bool lpm4_any_inside(const struct lpm4 *lpm, struct prefix4 outer)
{
    check_prefix(outer);
    for (uint32_t handle = lpm->root; handle;) {
        const struct node *node = node_get(lpm, handle);
        if (node->len >= outer.len)
            return prefix4_contains(outer, node->addr); /* every subtree holds a prefix */
        if (!prefix4_contains(prefix_of(node), outer.addr))
            return false;
        handle = node->child[bit_of(outer.addr, node->len)];
    }
    return false;
}

/* The first subtree, in order, whose prefixes are all after at; 0: none. */
static uint32_t subtree_after(const struct lpm4 *lpm, struct prefix4 at)
{
    uint32_t later = 0;
    for (uint32_t handle = lpm->root; handle;) {
        const struct node *node = node_get(lpm, handle);
        if (prefix4_compare(prefix_of(node), at) > 0)
            return handle;
        if (!prefix4_covers(prefix_of(node), at))
            return later;
        if (node->len == at.len) {
            if (node->child[0])
                return node->child[0];
            return node->child[1] ? node->child[1] : later;
        }
        unsigned side = bit_of(at.addr, node->len);
        if (side == 0 && node->child[1])
            later = node->child[1];
        handle = node->child[side];
    }
    return later;
}

bool lpm4_next(const struct lpm4 *lpm, const struct prefix4 *at, struct prefix4 *ret_prefix,
               uint32_t *ret_value)
{
    uint32_t handle = at ? subtree_after(lpm, *at) : lpm->root;
    if (!handle)
        return false;
    const struct node *node = node_get(lpm, handle);
    while (node->value == 0)
        node = node_get(lpm, node->child[0]);
    if (ret_prefix)
        *ret_prefix = prefix_of(node);
    if (ret_value)
        *ret_value = node->value;
    return true;
}
