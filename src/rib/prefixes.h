/* The prefix table and the list of changes, for the files of this room only. */
#pragma once

#include "rib/rib.h"

/* A slot's key: IPv4's address and length; its number has the low 26 bits. */
enum { PREFIX_NUMBER_BITS = 26 };

static inline uint64_t prefix_key(const struct prefix *prefix)
{
    return (uint64_t)prefix->addr << 6 | prefix->len;
}

static inline struct rib_prefix *prefix_at(const struct rib *rib, uint32_t number)
{
    return pool_get(&rib->prefixes, number);
}

static inline struct rib_path *path_at(const struct rib *rib, uint32_t path)
{
    return pool_get(&rib->paths, path);
}

static inline struct rib_source *source_at(const struct rib *rib, struct source_id id)
{
    return pool_get(&rib->sources, id.v);
}

static inline bool path_feasible(const struct rib_path *path)
{
    return !reason_refuses(path->why);
}

/* The prefix's number, or that of a new record without paths, dead until it gets one; 0: budget, or
 * 2^26 prefixes. */
uint32_t prefix_find_or_create(struct rib *rib, const struct prefix *prefix, bool *ret_fresh)
    __attribute__((warn_unused_result));
uint32_t prefix_find(const struct rib *rib, const struct prefix *prefix); /* 0: not there */
/* Gives back a dead record's number. */
void prefix_forget(struct rib *rib, uint32_t number);

/* Sees to it that the prefix is in the list of changes, with what is best now. false: the list is
 * full, or the budget refuses; nothing changed. */
bool change_mark(struct rib *rib, uint32_t number) __attribute__((warn_unused_result));

/* Gives everything back once no prefix is left. */
void rib_release_if_empty(struct rib *rib);
