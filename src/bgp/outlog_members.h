/* Groups, members and their walks, for the files of outlog only. */
#pragma once

#include "bgp/outlog.h"
#include "wire/bgp_update.h"

#include "base/slice.h"

static inline struct outlog_group *group_at(const struct outlog *outlog, uint32_t group)
{
    return pool_get(&outlog->groups, group);
}

static inline struct outlog_member *member_at(const struct outlog *outlog, uint32_t member)
{
    return pool_get(&outlog->members, member);
}

/* The older of two batch numbers. */
static inline uint32_t batch_older(uint32_t left, uint32_t right)
{
    return rib_batch_after(left, right) ? right : left;
}

/* -- outlog.c -- */

/* The log of the group is given up in the middle of a batch: everybody walks. */
void all_members_walk(struct outlog *outlog, struct outlog_group *group);
/* A set's attributes as the policy tells them with routes of a family; false: they do not fit in a
 * message. NEXT_HOP is zero, and its place in *ret_next_hop, unless the policy keeps the route's
 * own; with IPv6's routes there is none (begin_routes). */
bool export_attributes(const struct outlog *outlog, const struct export_policy *policy,
                       struct attr_id attr, bool six, struct writer *writer, size_t *ret_next_hop)
    __attribute__((warn_unused_result));
/* Begins the attributes of a message, or MP_REACH_NLRI before them; next_hop is what
 * export_attributes said. false: no room. ret_at: where in the message the next hop is to be filled
 * in, as a frame has it; 0: nowhere. */
bool begin_routes(const struct outlog *outlog, const struct export_policy *policy,
                  struct attr_id attr, bool six, struct slice attributes, size_t next_hop,
                  struct bgp_update *update, uint16_t *ret_at) __attribute__((warn_unused_result));
/* The address as size bytes, highest first. */
void address_bytes(ip_addr addr, uint8_t *bytes, size_t size);

/* Enters the next segment that is for the member; false: there is none. */
bool enter_segment(const struct outlog *outlog, const struct outlog_group *group,
                   struct outlog_member *member);

/* -- outlog_pace.c -- */

/* Reads on in the log, withdrawals only. */
void pace_read_log(const struct outlog *outlog, struct outlog_member *member,
                   struct writer *writer);

/* -- outlog_walk.c -- */

/* Begins a walk through all numbers; nothing to do when there are none. */
void walk_begin(const struct outlog *outlog, struct outlog_member *member, struct outlog_arc arc);
/* The member's place in the log is lost while it walks: what it has visited so far it knows as of
 * member->told. */
void walk_cut(const struct outlog *outlog, struct outlog_member *member);
/* Told of all batches up to this one in every part of the circle; told when there is no walk. */
uint32_t walk_told(const struct outlog_member *member);
/* Walks on and writes what there is to tell; ends with member->walking false, or with a full
 * writer. */
void walk_write(const struct outlog *outlog, struct outlog_member *member, struct writer *writer);
