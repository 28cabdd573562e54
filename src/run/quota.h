/* How many lines of the log one matter may have. Whoever sends broken messages all day would write
 * the log full, and hide in it what others do. All of it stays in `recent` and in the journal. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { QUOTA_LINES = 20, QUOTA_US = 60000000, QUOTA_MATTERS = 1024 };

struct quota_matter {
    uint32_t key; /* 0: none */
    uint32_t lines;
    uint64_t untold;
    int64_t since_us;
};

struct quota {
    struct quota_matter matters[QUOTA_MATTERS];
};

/* May a line about this be written? QUOTA_LINES of a matter in QUOTA_US; then the next one has in
 * *ret_untold how many were not. Of more than QUOTA_MATTERS the one that began first is forgotten,
 * with what was not told of it. key: not 0. */
bool quota_ask(struct quota *quota, uint32_t key, int64_t now_us, uint64_t *ret_untold);
