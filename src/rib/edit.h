/* What an attachment's policy changes in the routes that it lets pass, on their way in or out. A
 * small value: copied, compared, and part of what makes an export group. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { ROUTE_EDIT_COMMUNITIES = 8, ROUTE_EDIT_PREPEND_MAX = 16 };

/* All zero changes nothing. */
struct route_edit {
    uint32_t local_pref; /* in, with has_local_pref: what best path compares first */
    uint32_t med;        /* out, with has_med */
    uint32_t add[ROUTE_EDIT_COMMUNITIES];
    uint32_t remove[ROUTE_EDIT_COMMUNITIES];
    uint8_t add_count;
    uint8_t remove_count;
    uint8_t prepend;       /* out, to external neighbors: our AS so many times more */
    bool drop_communities; /* of those that came none stays */
    bool has_local_pref;
    bool has_med;
};

bool route_edit_same(const struct route_edit *left, const struct route_edit *right);
bool route_edit_is_nothing(const struct route_edit *edit);
