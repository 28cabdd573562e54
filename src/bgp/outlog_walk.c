/* Telling a member the present state, prefix number by prefix number. */
#include "bgp/outlog_members.h"
#include "bgp/outlog_pieces.h"
#include "wire/bgp_update.h"

#include <assert.h>

static uint32_t number_count(const struct outlog *outlog)
{
    return rib_number_end(outlog->rib) - 1;
}

static void settle_arcs(struct outlog_member *member)
{
    if (member->arcs[0].left == 0) {
        member->arcs[0] = member->arcs[1];
        member->arcs[1] = (struct outlog_arc){0};
    }
    member->walking = member->arcs[0].left > 0;
}

void walk_begin(const struct outlog *outlog, struct outlog_member *member, struct outlog_arc arc)
{
    arc.left = number_count(outlog);
    member->walk_at = 1;
    member->walk_size = arc.left;
    member->arcs[0] = arc;
    member->arcs[1] = (struct outlog_arc){0};
    settle_arcs(member);
}

uint32_t walk_told(const struct outlog_member *member)
{
    /* Arcs come in order of age, and what is behind a walk is younger than what is before it. */
    return member->arcs[0].left > 0 ? batch_older(member->arcs[0].since, member->told)
                                    : member->told;
}

/* The circle from here: arc 0, arc 1, what has been visited. It becomes: arc 0, all the rest. As
 * the rest is told with the older of two batches, arc 0 shrinks for good from one cut to the next,
 * and a walk that is cut for ever still gets round. */
void walk_cut(const struct outlog *outlog, struct outlog_member *member)
{
    uint32_t size = number_count(outlog), old_size = member->walk_size;
    struct outlog_arc *now = &member->arcs[0], *rest = &member->arcs[1];
    if (size < old_size) { /* the table was emptied: numbers have begun anew */
        struct outlog_arc all = {.since = walk_told(member),
                                 .everything = now->everything || rest->everything,
                                 .denied = now->denied || rest->denied};
        walk_begin(outlog, member, all);
        return;
    }
    bool across_end = member->walk_at - 1 + now->left > old_size;
    if (across_end)
        now->left += size - old_size;
    struct outlog_arc visited = {.since = member->told};
    if (rest->left > 0) {
        visited = *rest;
        visited.since = batch_older(rest->since, member->told);
    }
    visited.left = size - now->left;
    *rest = visited;
    member->walk_size = size;
    assert(!rib_batch_after(now->since, rest->since));
}

/* -- what there is to tell about one prefix -- */

enum telling { TELL_NOTHING, TELL_ROUTE, TELL_WITHDRAWAL };

static enum telling telling_of(const struct outlog *outlog, const struct outlog_member *member,
                               uint32_t number, struct rib_route *ret_route)
{
    const struct rib *rib = outlog->rib;
    if (number >= rib_number_end(rib) || !(rib_prefix_get(rib, number)->bits & RIB_IN_USE))
        return TELL_NOTHING;
    const struct outlog_arc *arc = &member->arcs[0];
    bool changed = rib_batch_after(rib_stamp(rib, number), arc->since);
    if (!changed && !arc->everything)
        return TELL_NOTHING;
    const struct outlog_group *group = group_at(outlog, member->group);
    enum reason reason;
    *ret_route =
        adj_out_route(rib, &group->policy, &outlog->filter, member->attachment, number, &reason);
    if (ret_route->attr.v != 0)
        return TELL_ROUTE;
    bool denied = reason == REASON_NO_EXPORT_POLICY || reason == REASON_EXPORT_FILTER ||
                  reason == REASON_NO_EXPORT || reason == REASON_INTERNAL;
    return changed || (denied && arc->denied) ? TELL_WITHDRAWAL : TELL_NOTHING;
}

/* -- messages: the one being filled is of one attribute set, or withdraws -- */

struct telling_out {
    const struct outlog *outlog;
    const struct export_policy *policy;
    ip_addr next_hop, next_hop_six; /* the member's */
    struct writer *writer;
    struct bgp_update update;
    bool open;
    struct attr_id attr;    /* of the open message; 0: it withdraws */
    bool six;               /* what it is about */
    struct attr_id encoded; /* in attributes */
    bool encoded_six;
    bool too_long; /* it does not fit in a message */
    uint8_t attributes[BGP_EXPORT_MAX];
    size_t attributes_size;
    size_t next_hop_at;
};

static void close_message(struct telling_out *out)
{
    if (out->open)
        bgp_update_finish(&out->update);
    out->open = false;
}

static void encode_attributes(struct telling_out *out, struct attr_id attr, bool six)
{
    if (attr_equal(out->encoded, attr) && out->encoded_six == six)
        return;
    close_message(out); /* one of IPv6 ends with what is about to be overwritten */
    struct writer writer = writer_over(out->attributes, sizeof out->attributes);
    out->too_long =
        !export_attributes(out->outlog, out->policy, attr, six, &writer, &out->next_hop_at);
    out->attributes_size = writer.size;
    out->encoded = attr;
    out->encoded_six = six;
}

static void fill_next_hop(struct telling_out *out, uint16_t frame_at)
{
    uint8_t *message = out->writer->data + out->update.start;
    if (frame_at & FRAME_SIX)
        address_bytes(out->next_hop_six, message + (frame_at & ~FRAME_SIX), 16);
    else if (frame_at)
        address_bytes(out->next_hop, message + frame_at, 4);
}

static bool begin_message(struct telling_out *out)
{
    if (out->attr.v == 0)
        return !out->six || bgp_update_unreach(&out->update);
    struct slice attributes = {out->attributes, out->attributes_size};
    uint16_t at;
    if (!begin_routes(out->outlog, out->policy, out->attr, out->six, attributes, out->next_hop_at,
                      &out->update, &at))
        return false;
    fill_next_hop(out, at);
    return true;
}

/* A message of this kind with nothing in it but attributes; false: no room. */
static bool open_message(struct telling_out *out, struct attr_id attr, bool six)
{
    if (!bgp_update_begin(&out->update, out->writer))
        return false;
    out->attr = attr;
    out->six = six;
    out->open = true;
    if (begin_message(out))
        return true;
    out->open = false;
    out->writer->size = out->update.start;
    return false;
}

static bool add_prefix(struct telling_out *out, struct prefix prefix)
{
    return out->attr.v != 0 ? bgp_update_announce(&out->update, prefix)
                            : bgp_update_withdraw(&out->update, prefix);
}

/* attr 0: withdrawn. false: no room for it; what was written stays. */
static bool tell(struct telling_out *out, struct prefix prefix, struct attr_id attr)
{
    if (out->open && attr_equal(out->attr, attr) && out->six == prefix.six &&
        add_prefix(out, prefix))
        return true;
    close_message(out);
    if (!open_message(out, attr, prefix.six))
        return false;
    if (add_prefix(out, prefix))
        return true;
    out->open = false; /* a withdrawal for which only the empty message had room */
    out->writer->size = out->update.start;
    return false;
}

static bool visit(struct telling_out *out, const struct outlog_member *member)
{
    struct rib_route route;
    enum telling telling = telling_of(out->outlog, member, member->walk_at, &route);
    if (telling == TELL_NOTHING)
        return true;
    struct prefix prefix =
        rib_prefix_of(out->outlog->rib, rib_prefix_get(out->outlog->rib, member->walk_at));
    if (telling == TELL_ROUTE) {
        encode_attributes(out, route.attr, prefix.six);
        if (!out->too_long)
            return tell(out, prefix, route.attr);
    }
    return tell(out, prefix, (struct attr_id){0});
}

void walk_write(const struct outlog *outlog, struct outlog_member *member, struct writer *writer)
{
    struct telling_out out;
    out.outlog = outlog;
    out.policy = &group_at(outlog, member->group)->policy;
    out.next_hop = member->next_hop;
    out.next_hop_six = member->next_hop_six;
    out.writer = writer;
    out.open = false;
    out.encoded = (struct attr_id){0};
    while (member->walking && visit(&out, member)) {
        member->walk_at = member->walk_at >= member->walk_size ? 1 : member->walk_at + 1;
        member->arcs[0].left--;
        settle_arcs(member);
    }
    close_message(&out);
}
