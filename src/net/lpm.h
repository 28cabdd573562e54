/* Longest match: a path-compressed binary trie from prefixes to a 32-bit value (not 0), one trie a
 * family. Compact when it holds a hundred routes (20 bytes a node, 32 of IPv6, fewer than two nodes
 * a prefix, nothing allocated when empty), fast when it holds a million (nodes in chunks, no
 * pointers). Every question but the whole walk visits at most 33 nodes, 129 of IPv6, whatever the
 * table holds. */
#pragma once

#include "base/pool.h"
#include "net/ip.h"

struct lpm_trie {
    struct pool nodes;
    uint32_t root;
    bool six;
};

struct lpm {
    struct lpm_trie four;
    struct lpm_trie *six; /* NULL until there was an IPv6 prefix */
    uint32_t count;       /* prefixes held, of both */
};

void lpm_init(struct lpm *lpm, struct budget *budget, uint32_t chunk_shift);
void lpm_done(struct lpm *lpm);

/* Replaces an equal prefix's value. false: budget, nothing changed. value != 0. */
bool lpm_set(struct lpm *lpm, struct prefix prefix, uint32_t value)
    __attribute__((warn_unused_result));
bool lpm_remove(struct lpm *lpm, struct prefix prefix);          /* was it there? */
uint32_t lpm_exact(const struct lpm *lpm, struct prefix prefix); /* 0: not there */
/* The longest prefix that contains addr and is at most max_len long; 0: none. */
uint32_t lpm_match(const struct lpm *lpm, ip_addr addr, uint8_t max_len, struct prefix *ret_prefix);
/* Does any prefix held lie inside outer (or equal it)? The guard's question. */
bool lpm_any_inside(const struct lpm *lpm, struct prefix outer);
size_t lpm_size_bytes(const struct lpm *lpm); /* what it holds of its budget */
/* In order of family, address, then length: the first prefix after *at (or the first of all when at
 * is NULL); false at the end. Safe while the trie is not changed. */
bool lpm_next(const struct lpm *lpm, const struct prefix *at, struct prefix *ret_prefix,
              uint32_t *ret_value);
