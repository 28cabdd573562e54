#include "bgp/outlog.h"

#include "bgp/outlog_members.h"
#include "bgp/outlog_pieces.h"
#include "wire/bgp_update.h"

#include <assert.h>

const struct outlog_config outlog_config_small = {
    .limit_bytes = 64 << 10, .keep_bytes = 0, .chunk_shift = 13};

/* 4 to 6 MB are in use with a million prefixes; the bound is for readers that lag. */
const struct outlog_config outlog_config_hub = {
    .limit_bytes = 32 << 20, .keep_bytes = 4 << 20, .chunk_shift = 18};

enum { FEW_SHIFT = 3 };

void outlog_init(struct outlog *outlog, struct budget *budget, struct rib *rib,
                 struct adj_out_filter filter, const struct outlog_config *config)
{
    assert(config->chunk_shift >= 13 && config->chunk_shift <= 20);
    *outlog = (struct outlog){.config = *config, .budget = budget, .rib = rib, .filter = filter};
    pool_init(&outlog->groups, budget, sizeof(struct outlog_group), FEW_SHIFT);
    pool_init(&outlog->members, budget, sizeof(struct outlog_member), FEW_SHIFT);
}

void outlog_done(struct outlog *outlog)
{
    for (uint32_t at = outlog->first_group; at; at = group_at(outlog, at)->next)
        pieces_drop_all(outlog, group_at(outlog, at));
    pool_done(&outlog->groups);
    pool_done(&outlog->members);
    budget_put(outlog->budget, outlog->scratch, outlog->scratch_bytes);
    outlog->first_group = 0;
    outlog->scratch = NULL;
    outlog->scratch_bytes = 0;
}

/* -- groups -- */

static uint32_t find_group(const struct outlog *outlog, const struct export_policy *policy)
{
    uint32_t at = outlog->first_group;
    while (at && !export_policy_same(&group_at(outlog, at)->policy, policy))
        at = group_at(outlog, at)->next;
    return at;
}

static uint32_t open_group(struct outlog *outlog, const struct export_policy *policy)
{
    assert(policy->filter == 0 || outlog->filter.passes);
    assert(policy->edit == 0 || outlog->filter.edit);
    uint32_t there = find_group(outlog, policy);
    if (there)
        return there;
    uint32_t fresh = pool_take(&outlog->groups);
    if (fresh == 0)
        return 0;
    *group_at(outlog, fresh) = (struct outlog_group){
        .policy = *policy, .next = outlog->first_group, .told = outlog->rib->batch};
    outlog->first_group = fresh;
    return fresh;
}

static void close_group(struct outlog *outlog, uint32_t handle)
{
    struct outlog_group *group = group_at(outlog, handle);
    if (group->member_count > 0)
        return;
    uint32_t *link = &outlog->first_group;
    while (*link != handle)
        link = &group_at(outlog, *link)->next;
    *link = group->next;
    pieces_drop_all(outlog, group);
    pool_give(&outlog->groups, handle);
    if (outlog->groups.used_count == 0)
        pool_done(&outlog->groups);
}

static void link_member(struct outlog *outlog, uint32_t handle, uint32_t group_handle)
{
    struct outlog_member *member = member_at(outlog, handle);
    struct outlog_group *group = group_at(outlog, group_handle);
    member->group = group_handle;
    member->previous = 0;
    member->next = group->first_member;
    if (member->next)
        member_at(outlog, member->next)->previous = handle;
    group->first_member = handle;
    group->member_count++;
    member->at = group->end;
    member->left = 0;
    member->told = group->told;
}

static void unlink_member(struct outlog *outlog, const struct outlog_member *member)
{
    struct outlog_group *group = group_at(outlog, member->group);
    if (member->previous)
        member_at(outlog, member->previous)->next = member->next;
    else
        group->first_member = member->next;
    if (member->next)
        member_at(outlog, member->next)->previous = member->previous;
    group->member_count--;
    close_group(outlog, member->group);
}

/* -- how far a member has been told -- */

static uint32_t told_by_log(const struct outlog *outlog, const struct outlog_member *member)
{
    const struct outlog_group *group = group_at(outlog, member->group);
    if (member->walking || member->left > 0)
        return member->told;
    uint64_t at = position_normal(outlog, group, member->at);
    return at == group->end ? group->told : segment_at(outlog, group, at).batch - 1;
}

/* What waits has been read and not told. */
static uint32_t told_at_cursor(const struct outlog *outlog, const struct outlog_member *member)
{
    uint32_t told = told_by_log(outlog, member);
    return member->holds ? batch_older(told, member->held_since) : told;
}

uint32_t outlog_told(const struct outlog *outlog)
{
    uint32_t told = outlog->rib->batch;
    for (uint32_t at = outlog->first_group; at; at = group_at(outlog, at)->next) {
        uint32_t handle = group_at(outlog, at)->first_member;
        for (; handle; handle = member_at(outlog, handle)->next) {
            const struct outlog_member *member = member_at(outlog, handle);
            told = batch_older(told, told_at_cursor(outlog, member));
            told = member->walking ? batch_older(told, walk_told(member)) : told;
        }
    }
    return told;
}

/* -- members -- */

static void check_phase(const struct outlog *outlog)
{
    assert(outlog->rib->settled_count == 0);
    (void)outlog;
}

uint32_t outlog_join(struct outlog *outlog, const struct outlog_spec *spec)
{
    check_phase(outlog);
    uint32_t group = open_group(outlog, &spec->policy);
    if (group == 0)
        return 0;
    uint32_t handle = pool_take(&outlog->members);
    if (handle == 0) {
        close_group(outlog, group);
        return 0;
    }
    struct outlog_member *member = member_at(outlog, handle);
    *member = (struct outlog_member){.next_hop = spec->next_hop,
                                     .next_hop_six = spec->next_hop_six,
                                     .attachment = spec->attachment,
                                     .paced = spec->paced,
                                     .owes_end_of_rib = spec->end_of_rib};
    link_member(outlog, handle, group);
    walk_begin(outlog, member,
               (struct outlog_arc){.since = outlog->rib->batch, .everything = true});
    return handle;
}

void outlog_leave(struct outlog *outlog, uint32_t handle)
{
    struct outlog_member *member = member_at(outlog, handle);
    assert(member->group != 0);
    unlink_member(outlog, member);
    *member = (struct outlog_member){0};
    pool_give(&outlog->members, handle);
    if (outlog->members.used_count == 0)
        pool_done(&outlog->members);
}

void outlog_refresh(struct outlog *outlog, uint32_t handle, bool demarcated)
{
    check_phase(outlog);
    struct outlog_member *member = member_at(outlog, handle);
    member->told = told_at_cursor(outlog, member);
    struct outlog_arc all = {.since = walk_told(member), .everything = true};
    all.denied = member->arcs[0].denied || member->arcs[1].denied;
    member->holds = false;
    walk_begin(outlog, member, all);
    if (demarcated && !member->owes_end_of_rib) /* RFC 7313 4 */
        member->owes_refresh_begin = member->owes_refresh_end = true;
}

bool outlog_move(struct outlog *outlog, uint32_t handle, const struct export_policy *policy)
{
    check_phase(outlog);
    struct outlog_member *member = member_at(outlog, handle);
    if (export_policy_same(&group_at(outlog, member->group)->policy, policy))
        return true;
    uint32_t group = open_group(outlog, policy);
    if (group == 0)
        return false;
    member->told = told_at_cursor(outlog, member);
    struct outlog_arc all = {.since = walk_told(member), .everything = true, .denied = true};
    member->holds = false;
    unlink_member(outlog, member);
    link_member(outlog, handle, group);
    walk_begin(outlog, member, all);
    return true;
}

const struct outlog_member *outlog_member_get(const struct outlog *outlog, uint32_t member)
{
    return member_at(outlog, member);
}

/* -- paced members -- */

bool outlog_walks(const struct outlog *outlog, uint32_t handle)
{
    return member_at(outlog, handle)->walking;
}

bool outlog_release(struct outlog *outlog, uint32_t handle)
{
    check_phase(outlog);
    struct outlog_member *member = member_at(outlog, handle);
    const struct outlog_group *group = group_at(outlog, member->group);
    assert(member->paced);
    bool unread = position_normal(outlog, group, member->at) != group->end;
    if (member->walking || (!member->holds && !unread))
        return false;
    uint32_t since = told_at_cursor(outlog, member);
    member->holds = false;
    member->at = group->end; /* the walk tells all that is in the log */
    member->left = 0;
    member->told = group->told;
    walk_begin(outlog, member, (struct outlog_arc){.since = since});
    return member->walking;
}

/* -- falling off -- */

/* The member's place in the log will be gone. now: all batches that its walk will have seen. */
static void cut(struct outlog *outlog, struct outlog_member *member, uint32_t now)
{
    if (member->walking) {
        walk_cut(outlog, member);
    } else {
        uint32_t reached = told_at_cursor(outlog, member);
        member->holds = false;
        walk_begin(outlog, member, (struct outlog_arc){.since = reached});
    }
    member->told = now;
    member->left = 0;
    outlog->cut_count++;
}

static void move_all_to_end(struct outlog *outlog, const struct outlog_group *group)
{
    uint32_t handle = group->first_member;
    for (; handle; handle = member_at(outlog, handle)->next)
        member_at(outlog, handle)->at = group->end;
}

void all_members_walk(struct outlog *outlog, struct outlog_group *group)
{
    uint32_t handle = group->first_member;
    for (; handle; handle = member_at(outlog, handle)->next)
        cut(outlog, member_at(outlog, handle), outlog->rib->batch);
    pieces_drop_all(outlog, group);
    move_all_to_end(outlog, group);
}

static void cut_rearmost(struct outlog *outlog, const struct outlog_group *group)
{
    uint32_t limit = outlog->config.limit_bytes >> outlog->config.chunk_shift;
    limit = limit ? limit : 1;
    if (group->piece_count <= limit)
        return;
    uint64_t oldest = group->first_piece + group->piece_count - limit;
    uint32_t handle = group->first_member;
    for (; handle; handle = member_at(outlog, handle)->next) {
        struct outlog_member *member = member_at(outlog, handle);
        uint64_t at = position_normal(outlog, group, member->at);
        if (piece_number(outlog, at) >= oldest)
            continue;
        cut(outlog, member, group->told);
        member->at = group->end;
    }
}

static void trim_group(struct outlog *outlog, struct outlog_group *group)
{
    if (group->piece_count == 0)
        return;
    cut_rearmost(outlog, group);
    uint64_t lowest = group->end;
    uint32_t handle = group->first_member;
    for (; handle; handle = member_at(outlog, handle)->next) {
        struct outlog_member *member = member_at(outlog, handle);
        member->at = position_normal(outlog, group, member->at);
        lowest = member->at < lowest ? member->at : lowest;
    }
    pieces_drop_before(outlog, group, lowest);
    if (lowest == group->end && 1u << outlog->config.chunk_shift > outlog->config.keep_bytes) {
        pieces_drop_all(outlog, group);
        move_all_to_end(outlog, group);
    }
}

void outlog_trim(struct outlog *outlog)
{
    check_phase(outlog);
    for (uint32_t at = outlog->first_group; at; at = group_at(outlog, at)->next)
        trim_group(outlog, group_at(outlog, at));
}

/* -- bytes for a member -- */

struct bgp_export outlog_export(const struct export_policy *policy,
                                const struct adj_out_filter *filter, bool six)
{
    struct bgp_export export = {.own_as = policy->own_as,
                                .external = policy->external,
                                .as4 = policy->as4,
                                .has_med = policy->has_med,
                                .med = policy->med,
                                .local_pref = policy->local_pref,
                                .six = six};
    if (policy->edit == 0)
        return export;
    const struct route_edit *edit = filter->edit(filter->ctx, policy->edit);
    export.prepend = edit->prepend;
    export.communities = (struct bgp_communities_edit){edit->add, edit->remove, edit->add_count,
                                                       edit->remove_count, edit->drop_communities};
    return export;
}

bool export_attributes(const struct outlog *outlog, const struct export_policy *policy,
                       struct attr_id attr, bool six, struct writer *writer, size_t *ret_next_hop)
{
    struct bgp_export export = outlog_export(policy, &outlog->filter, six);
    struct slice canonical = attr_bytes(&outlog->rib->attrs, attr);
    size_t start = writer->size;
    if (!bgp_attrs_encode_export(canonical, &export, writer, ret_next_hop))
        return false;
    if (policy->keep_next_hop && !six) {
        ip_addr own = attr_next_hop(attr_get(&outlog->rib->attrs, attr));
        writer_patch_u16(writer, start + *ret_next_hop, (uint16_t)(own >> 16));
        writer_patch_u16(writer, start + *ret_next_hop + 2, (uint16_t)own);
    }
    return true;
}

bool begin_routes(const struct outlog *outlog, const struct export_policy *policy,
                  struct attr_id attr, bool six, struct slice attributes, size_t next_hop,
                  struct bgp_update *update, uint16_t *ret_at)
{
    size_t at;
    bool fits = six ? bgp_update_reach(update, attributes, &at)
                    : bgp_update_attributes(update, attributes, &at);
    if (!fits)
        return false;
    *ret_at = (uint16_t)(six ? at | FRAME_SIX : at + next_hop);
    if (!policy->keep_next_hop)
        return true;
    *ret_at = 0;
    if (six)
        address_bytes(attr_next_hop(attr_get(&outlog->rib->attrs, attr)),
                      update->writer->data + update->start + at, 16);
    return true;
}

/* There is something to say before the log is read on. */
static bool is_behind(const struct outlog_member *member)
{
    return member->walking || member->owes_end_of_rib || member->owes_refresh_begin ||
           member->owes_refresh_end;
}

bool outlog_pending(const struct outlog *outlog, uint32_t handle)
{
    const struct outlog_member *member = member_at(outlog, handle);
    const struct outlog_group *group = group_at(outlog, member->group);
    return is_behind(member) || position_normal(outlog, group, member->at) != group->end;
}

bool enter_segment(const struct outlog *outlog, const struct outlog_group *group,
                   struct outlog_member *member)
{
    while ((member->at = position_normal(outlog, group, member->at)) != group->end) {
        struct segment segment = segment_at(outlog, group, member->at);
        member->at += SEGMENT_BYTES;
        if (audience_has(&outlog->rib->audiences, segment.audience, member->attachment)) {
            member->left = segment.size;
            member->told = segment.batch - 1;
            return true;
        }
        member->at += segment.size;
    }
    return false;
}

void address_bytes(ip_addr addr, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(addr >> (8 * (size - 1 - i)));
}

static void read_log(const struct outlog *outlog, struct outlog_member *member,
                     struct writer *writer)
{
    const struct outlog_group *group = group_at(outlog, member->group);
    uint8_t next_hop[4], next_hop_six[16];
    address_bytes(member->next_hop, next_hop, sizeof next_hop);
    address_bytes(member->next_hop_six, next_hop_six, sizeof next_hop_six);
    while (member->left > 0 || enter_segment(outlog, group, member)) {
        const uint8_t *from = bytes_at(outlog, group, member->at);
        struct frame frame;
        memcpy(&frame, from, sizeof frame);
        if (frame.size > writer->cap - writer->size)
            return;
        uint8_t *to = writer->data + writer->size;
        memcpy(to, from + sizeof frame, frame.size);
        if (frame.next_hop_at & FRAME_SIX)
            memcpy(to + (frame.next_hop_at & ~FRAME_SIX), next_hop_six, sizeof next_hop_six);
        else if (frame.next_hop_at)
            memcpy(to + frame.next_hop_at, next_hop, sizeof next_hop);
        writer->size += frame.size;
        member->at += sizeof frame + frame.size;
        member->left -= (uint32_t)sizeof frame + frame.size;
    }
}

/* Of every family, or of none yet. */
static void end_of_rib(const struct outlog *outlog, struct outlog_member *member,
                       struct writer *writer)
{
    const struct export_policy *policy = &group_at(outlog, member->group)->policy;
    const struct writer before = *writer;
    if (!policy->no_four)
        bgp_end_of_rib_encode(writer);
    if (policy->six)
        bgp_end_of_rib_six_encode(writer);
    if (writer->failed)
        *writer = before;
    else
        member->owes_end_of_rib = false;
}

static void demarcate(const struct outlog *outlog, struct outlog_member *member,
                      enum bgp_refresh_kind kind, struct writer *writer)
{
    const struct export_policy *policy = &group_at(outlog, member->group)->policy;
    const struct writer before = *writer;
    if (!policy->no_four)
        bgp_refresh_encode((struct bgp_refresh){BGP_AFI_IPV4, (uint8_t)kind, BGP_SAFI_UNICAST},
                           writer);
    if (policy->six)
        bgp_refresh_encode((struct bgp_refresh){BGP_AFI_IPV6, (uint8_t)kind, BGP_SAFI_UNICAST},
                           writer);
    if (writer->failed)
        *writer = before;
    else if (kind == BGP_REFRESH_BEGIN)
        member->owes_refresh_begin = false;
    else
        member->owes_refresh_end = false;
}

size_t outlog_pull(struct outlog *outlog, uint32_t handle, uint8_t *buf, size_t cap)
{
    check_phase(outlog);
    struct outlog_member *member = member_at(outlog, handle);
    struct writer writer = writer_over(buf, cap);
    if (member->owes_refresh_begin)
        demarcate(outlog, member, BGP_REFRESH_BEGIN, &writer);
    if (member->walking && !member->owes_refresh_begin)
        walk_write(outlog, member, &writer);
    if (!member->walking && member->owes_end_of_rib)
        end_of_rib(outlog, member, &writer);
    if (!member->walking && !member->owes_refresh_begin && member->owes_refresh_end)
        demarcate(outlog, member, BGP_REFRESH_END, &writer);
    if (!is_behind(member) && member->paced)
        pace_read_log(outlog, member, &writer);
    else if (!is_behind(member))
        read_log(outlog, member, &writer);
    return writer.size;
}

struct outlog_mark outlog_mark(const struct outlog *outlog, uint32_t handle)
{
    const struct outlog_member *member = member_at(outlog, handle);
    return (struct outlog_mark){member->at, member->left, member->told,
                                is_behind(member) || member->paced};
}

/* Passes over the same messages again, without copying them. */
static void skip_log(const struct outlog *outlog, struct outlog_member *member, size_t size)
{
    const struct outlog_group *group = group_at(outlog, member->group);
    while (size > 0) {
        bool more = member->left > 0 || enter_segment(outlog, group, member);
        struct frame frame;
        assert(more);
        memcpy(&frame, bytes_at(outlog, group, member->at), sizeof frame);
        assert(frame.size <= size);
        size -= frame.size;
        member->at += sizeof frame + frame.size;
        member->left -= (uint32_t)sizeof frame + frame.size;
    }
}

size_t outlog_unpull(struct outlog *outlog, uint32_t handle, const struct outlog_mark *before,
                     struct slice pulled, size_t sent)
{
    if (before->stays)
        return pulled.size;
    size_t kept = 0;
    while (kept < sent)
        kept += (size_t)pulled.data[kept + BGP_MARKER_BYTES] << 8 |
                pulled.data[kept + BGP_MARKER_BYTES + 1];
    assert(kept <= pulled.size);
    struct outlog_member *member = member_at(outlog, handle);
    member->at = before->at;
    member->left = before->left;
    member->told = before->told;
    skip_log(outlog, member, kept);
    return kept;
}

struct outlog_counts outlog_counts(const struct outlog *outlog)
{
    struct outlog_counts counts = {.groups = outlog->groups.used_count,
                                   .members = outlog->members.used_count,
                                   .encoded_bytes = outlog->encoded_bytes,
                                   .cut_count = outlog->cut_count};
    for (uint32_t at = outlog->first_group; at; at = group_at(outlog, at)->next) {
        const struct outlog_group *group = group_at(outlog, at);
        counts.log_bytes += (uint64_t)group->piece_count << outlog->config.chunk_shift;
        uint32_t handle = group->first_member;
        for (; handle; handle = member_at(outlog, handle)->next)
            counts.walking += member_at(outlog, handle)->walking;
    }
    return counts;
}
