#include "run/quota.h"

#include <assert.h>
#include <stddef.h>

static struct quota_matter *matter_of(struct quota *quota, uint32_t key)
{
    struct quota_matter *oldest = &quota->matters[0];
    for (size_t i = 0; i < QUOTA_MATTERS; i++) {
        struct quota_matter *matter = &quota->matters[i];
        if (matter->key == key)
            return matter;
        if (oldest->key != 0 && (matter->key == 0 || matter->since_us < oldest->since_us))
            oldest = matter;
    }
    *oldest = (struct quota_matter){.key = key, .since_us = INT64_MIN};
    return oldest;
}

bool quota_ask(struct quota *quota, uint32_t key, int64_t now_us, uint64_t *ret_untold)
{
    assert(key != 0);
    struct quota_matter *matter = matter_of(quota, key);
    if (matter->since_us == INT64_MIN || now_us - matter->since_us >= QUOTA_US) {
        matter->since_us = now_us;
        matter->lines = 0;
    }
    if (matter->lines == QUOTA_LINES) {
        matter->untold++;
        return false;
    }
    matter->lines++;
    *ret_untold = matter->untold;
    matter->untold = 0;
    return true;
}
