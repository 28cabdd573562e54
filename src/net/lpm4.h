/* Longest match: a path-compressed binary trie from prefixes to a 32-bit value (not 0), one trie a
 * family. Compact when it holds a hundred routes (20 bytes a node, 32 of IPv6, fewer than two nodes
 * a prefix, nothing allocated when empty), fast when it holds a million (nodes in chunks, no
 * pointers). Every question but the whole walk visits at most 33 nodes, 129 of IPv6, whatever the
 * table holds. */
#pragma once

#include "base/pool.h"
#include "net/ip4.h"

struct lpm_trie {
    struct pool nodes;
    uint32_t root;
    bool six;
};

struct lpm4 {
    struct lpm_trie four;
    struct lpm_trie *six; /* NULL until there was an IPv6 prefix */
    uint32_t count;       /* prefixes held, of both */
};

void lpm4_init(struct lpm4 *lpm, struct budget *budget, uint32_t chunk_shift);
void lpm4_done(struct lpm4 *lpm);

/* Replaces an equal prefix's value. false: budget, nothing changed. value != 0. */
bool lpm4_set(struct lpm4 *lpm, struct prefix4 prefix, uint32_t value)
    __attribute__((warn_unused_result));
bool lpm4_remove(struct lpm4 *lpm, struct prefix4 prefix);          /* was it there? */
uint32_t lpm4_exact(const struct lpm4 *lpm, struct prefix4 prefix); /* 0: not there */
/* The longest prefix that contains addr and is at most max_len long; 0: none. */
uint32_t lpm4_match(const struct lpm4 *lpm, ip4 addr, uint8_t max_len, struct prefix4 *ret_prefix);
/* Does any prefix held lie inside outer (or equal it)? The guard's question. */
bool lpm4_any_inside(const struct lpm4 *lpm, struct prefix4 outer);
size_t lpm4_size_bytes(const struct lpm4 *lpm); /* what it holds of its budget */
/* In order of family, address, then length: the first prefix after *at (or the first of all when at
 * is NULL); false at the end. Safe while the trie is not changed. */
bool lpm4_next(const struct lpm4 *lpm, const struct prefix4 *at, struct prefix4 *ret_prefix,
               uint32_t *ret_value);
