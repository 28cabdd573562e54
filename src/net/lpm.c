/* A node stands for a prefix. It has a value, or it is a fork: two children and no value. A child
 * is longer than its parent and lies inside it; child[0] and child[1] differ in the first bit after
 * the parent's. From this follow the bounds: at most 2n - 1 nodes for n prefixes, at most 33 on a
 * way down, and every subtree holds at least one prefix. */
#include "net/lpm.h"

#include <assert.h>

struct node {
    uint32_t value; /* 0: a fork */
    uint32_t child[2];
    uint8_t len;
    uint32_t words[]; /* the address: one, or four, the highest first */
};

enum { NODE_BYTES = sizeof(struct node) + 4, SIX_NODE_BYTES = sizeof(struct node) + 16 };

_Static_assert(NODE_BYTES <= 20, "a hundred routes must stay small");

static struct node *node_get(const struct lpm_trie *trie, uint32_t handle)
{
    return pool_get(&trie->nodes, handle);
}

static ip_addr addr_of(const struct node *node, bool six)
{
    if (!six)
        return node->words[0];
    uint64_t high = (uint64_t)node->words[0] << 32 | node->words[1];
    uint64_t low = (uint64_t)node->words[2] << 32 | node->words[3];
    return (ip_addr)high << 64 | low;
}

static void set_addr(struct node *node, bool six, ip_addr addr)
{
    unsigned count = six ? 4 : 1;
    for (unsigned i = 0; i < count; i++)
        node->words[i] = (uint32_t)(addr >> (32 * (count - 1 - i)));
}

/* Does the node's prefix cover what begins with addr? It is asked at every node on every way down,
 * so IPv4 has its 32 bits to itself. */
static bool leads_to(const struct node *node, bool six, ip_addr addr)
{
    if (six)
        return ip_agree(true, node->len, addr_of(node, true), addr);
    return node->len == 0 || (node->words[0] ^ (uint32_t)addr) >> (32 - node->len) == 0;
}

static struct prefix prefix_of(const struct node *node, bool six)
{
    return (struct prefix){addr_of(node, six), node->len, six};
}

/* The bit at index 0 (highest). */
static unsigned bit_of(bool six, ip_addr addr, uint8_t index)
{
    return six ? (unsigned)(addr >> (127 - index)) & 1 : (uint32_t)addr >> (31 - index) & 1;
}

static unsigned leading_zeros(bool six, ip_addr bits) /* bits != 0 */
{
    uint64_t high = (uint64_t)(bits >> 64);
    unsigned zeros =
        high ? (unsigned)__builtin_clzll(high) : 64 + (unsigned)__builtin_clzll((uint64_t)bits);
    return six ? zeros : zeros - 96;
}

/* How many leading bits both have in common, at most the shorter's length. */
static uint8_t shared_len(struct prefix left, struct prefix right)
{
    uint8_t len = left.len < right.len ? left.len : right.len;
    ip_addr differing = left.addr ^ right.addr;
    if (differing == 0)
        return len;
    uint8_t equal = (uint8_t)leading_zeros(left.six, differing);
    return equal < len ? equal : len;
}

static void check_prefix(struct prefix prefix)
{
    assert(prefix.len <= ip_bits(prefix.six));
    assert((prefix.addr & ~ip_mask(prefix.six, prefix.len)) == 0);
}

/* NULL: nothing of this family is held. */
static const struct lpm_trie *trie_of(const struct lpm *lpm, bool six)
{
    return six ? lpm->six : &lpm->four;
}

static void trie_init(struct lpm_trie *trie, bool six, struct budget *budget, uint32_t chunk_shift)
{
    *trie = (struct lpm_trie){.six = six};
    pool_init(&trie->nodes, budget, six ? SIX_NODE_BYTES : NODE_BYTES, chunk_shift);
}

/* The same to be written to; NULL: the budget refuses. */
static struct lpm_trie *trie_make(struct lpm *lpm, bool six)
{
    const struct pool *nodes = &lpm->four.nodes;
    if (!six)
        return &lpm->four;
    if (!lpm->six) {
        lpm->six = budget_get(nodes->budget, sizeof *lpm->six);
        if (lpm->six)
            trie_init(lpm->six, true, nodes->budget, nodes->chunk_shift);
    }
    return lpm->six;
}

void lpm_init(struct lpm *lpm, struct budget *budget, uint32_t chunk_shift)
{
    *lpm = (struct lpm){.count = 0};
    trie_init(&lpm->four, false, budget, chunk_shift);
}

void lpm_done(struct lpm *lpm)
{
    pool_done(&lpm->four.nodes);
    lpm->four.root = 0;
    if (lpm->six) {
        pool_done(&lpm->six->nodes);
        budget_put(lpm->four.nodes.budget, lpm->six, sizeof *lpm->six);
        lpm->six = NULL;
    }
    lpm->count = 0;
}

size_t lpm_size_bytes(const struct lpm *lpm)
{
    size_t six = lpm->six ? sizeof *lpm->six + pool_size_bytes(&lpm->six->nodes) : 0;
    return pool_size_bytes(&lpm->four.nodes) + six;
}

/* Hangs a new leaf at link, above what is there or beside it under a new fork. */
static bool insert_at(struct lpm_trie *trie, uint32_t *link, struct prefix prefix, uint32_t value)
{
    uint32_t leaf_handle = pool_take(&trie->nodes);
    if (!leaf_handle)
        return false;
    struct node *leaf = node_get(trie, leaf_handle);
    leaf->len = prefix.len;
    leaf->value = value;
    set_addr(leaf, prefix.six, prefix.addr);
    if (*link == 0) {
        *link = leaf_handle;
        return true;
    }
    struct prefix there = prefix_of(node_get(trie, *link), prefix.six);
    uint8_t common = shared_len(prefix, there);
    if (common == prefix.len) {
        leaf->child[bit_of(prefix.six, there.addr, common)] = *link;
        *link = leaf_handle;
        return true;
    }
    uint32_t fork_handle = pool_take(&trie->nodes);
    if (!fork_handle) {
        pool_give(&trie->nodes, leaf_handle);
        return false;
    }
    struct node *fork = node_get(trie, fork_handle);
    fork->len = common;
    set_addr(fork, prefix.six, prefix.addr & ip_mask(prefix.six, common));
    fork->child[bit_of(prefix.six, prefix.addr, common)] = leaf_handle;
    fork->child[bit_of(prefix.six, there.addr, common)] = *link;
    *link = fork_handle;
    return true;
}

bool lpm_set(struct lpm *lpm, struct prefix prefix, uint32_t value)
{
    assert(value != 0);
    check_prefix(prefix);
    struct lpm_trie *trie = trie_make(lpm, prefix.six);
    if (!trie)
        return false;
    uint32_t *link = &trie->root;
    while (*link) {
        struct node *node = node_get(trie, *link);
        if (node->len > prefix.len || !leads_to(node, prefix.six, prefix.addr))
            break;
        if (node->len == prefix.len) {
            lpm->count += node->value == 0;
            node->value = value;
            return true;
        }
        link = &node->child[bit_of(prefix.six, prefix.addr, node->len)];
    }
    if (!insert_at(trie, link, prefix, value))
        return false;
    lpm->count++;
    return true;
}

/* Takes a node with at most one child, and no value, out of the trie. */
static void splice_out(struct lpm_trie *trie, uint32_t *link)
{
    uint32_t handle = *link;
    const struct node *node = node_get(trie, handle);
    assert(node->value == 0 && (node->child[0] == 0 || node->child[1] == 0));
    *link = node->child[0] ? node->child[0] : node->child[1];
    pool_give(&trie->nodes, handle);
}

bool lpm_remove(struct lpm *lpm, struct prefix prefix)
{
    check_prefix(prefix);
    struct lpm_trie *trie = prefix.six ? lpm->six : &lpm->four;
    if (!trie)
        return false;
    uint32_t *link = &trie->root, *parent_link = NULL;
    struct node *node = NULL;
    for (; *link; link = &node->child[bit_of(prefix.six, prefix.addr, node->len)]) {
        node = node_get(trie, *link);
        if (node->len > prefix.len || !leads_to(node, prefix.six, prefix.addr))
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
    splice_out(trie, link);
    if (leaf && parent_link && node_get(trie, *parent_link)->value == 0)
        splice_out(trie, parent_link);
    return true;
}

uint32_t lpm_exact(const struct lpm *lpm, struct prefix prefix)
{
    check_prefix(prefix);
    const struct lpm_trie *trie = trie_of(lpm, prefix.six);
    for (uint32_t handle = trie ? trie->root : 0; handle;) {
        const struct node *node = node_get(trie, handle);
        if (node->len >= prefix.len) /* its own bits led here, if it is anywhere */
            return prefix_equal(prefix_of(node, prefix.six), prefix) ? node->value : 0;
        handle = node->child[bit_of(prefix.six, prefix.addr, node->len)];
    }
    return 0;
}

uint32_t lpm_match(const struct lpm *lpm, ip_addr addr, uint8_t max_len, struct prefix *ret_prefix)
{
    const struct node *best = NULL;
    bool six = ip_is_six(addr);
    const struct lpm_trie *trie = trie_of(lpm, six);
    for (uint32_t handle = trie ? trie->root : 0; handle;) {
        const struct node *node = node_get(trie, handle);
        if (node->len > max_len || !leads_to(node, six, addr))
            break;
        if (node->value)
            best = node;
        if (node->len == ip_bits(six))
            break;
        handle = node->child[bit_of(six, addr, node->len)];
    }
    if (!best)
        return 0;
    if (ret_prefix)
        *ret_prefix = prefix_of(best, six);
    return best->value;
}

bool lpm_any_inside(const struct lpm *lpm, struct prefix outer)
{
    check_prefix(outer);
    const struct lpm_trie *trie = trie_of(lpm, outer.six);
    for (uint32_t handle = trie ? trie->root : 0; handle;) {
        const struct node *node = node_get(trie, handle);
        if (node->len >= outer.len) /* every subtree holds a prefix */
            return prefix_covers(outer, prefix_of(node, outer.six));
        if (!leads_to(node, outer.six, outer.addr))
            return false;
        handle = node->child[bit_of(outer.six, outer.addr, node->len)];
    }
    return false;
}

/* The first subtree, in order, whose prefixes are all after at; 0: none. */
static uint32_t subtree_after(const struct lpm_trie *trie, struct prefix at)
{
    uint32_t later = 0;
    for (uint32_t handle = trie->root; handle;) {
        const struct node *node = node_get(trie, handle);
        struct prefix prefix = prefix_of(node, at.six);
        if (prefix_compare(prefix, at) > 0)
            return handle;
        if (!prefix_covers(prefix, at))
            return later;
        if (node->len == at.len) {
            if (node->child[0])
                return node->child[0];
            return node->child[1] ? node->child[1] : later;
        }
        unsigned side = bit_of(at.six, at.addr, node->len);
        if (side == 0 && node->child[1])
            later = node->child[1];
        handle = node->child[side];
    }
    return later;
}

bool lpm_next(const struct lpm *lpm, const struct prefix *at, struct prefix *ret_prefix,
              uint32_t *ret_value)
{
    bool six = at && at->six;
    const struct lpm_trie *trie = trie_of(lpm, six);
    uint32_t handle = 0;
    if (trie)
        handle = at ? subtree_after(trie, *at) : trie->root;
    if (!handle && !six && lpm->six) {
        trie = lpm->six;
        handle = trie->root;
    }
    if (!handle)
        return false;
    const struct node *node = node_get(trie, handle);
    while (node->value == 0)
        node = node_get(trie, node->child[0]);
    if (ret_prefix)
        *ret_prefix = prefix_of(node, trie->six);
    if (ret_value)
        *ret_value = node->value;
    return true;
}
