/* Attributes as a policy wants them: communities put in and taken out, a preference, more of one's
 * own AS in front of the path. What is changed and when is somebody else's decision. */
#pragma once

#include "wire/bgp_canonical.h"

/* How communities are edited. The numbers are borrowed. */
struct bgp_communities_edit {
    const uint32_t *add;    /* put behind what is there, where it is not there yet */
    const uint32_t *remove; /* taken out of what came */
    uint8_t add_count;
    uint8_t remove_count;
    bool drop; /* all that came goes */
};

enum {
    BGP_EDIT_MAX = 8, /* communities to add, and to remove */
    /* What editing may add to canonical bytes: LOCAL_PREF, and communities with their header. */
    BGP_EDIT_GROWTH = 7 + 3 + 4 * BGP_EDIT_MAX,
};

/* Writes what is left of the communities, in their order, and what is added. Without an edit it
 * writes what it was given. Failure is the writer's. */
void bgp_communities_edit(struct slice communities, const struct bgp_communities_edit *edit,
                          struct writer *writer);

/* own_as as often as that before a path of four-octet numbers; times <= BGP_PREPEND_MAX. Failure is
 * the writer's. */
enum { BGP_PREPEND_MAX = 16 };
void bgp_as_path_prepend(struct slice path, uint32_t own_as, unsigned times, struct writer *writer);

/* A canonical set with its communities edited, and with this LOCAL_PREF when it is not NULL; it
 * grows by BGP_EDIT_GROWTH at most. Failure is the writer's. */
void bgp_attrs_edit(struct slice canonical, const struct bgp_communities_edit *edit,
                    const uint32_t *local_pref, struct writer *writer);
