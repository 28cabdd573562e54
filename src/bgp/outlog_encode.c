/* A batch becomes bytes, once for each group. */
#include "base/sort.h"
#include "bgp/outlog_members.h"
#include "bgp/outlog_pieces.h"
#include "wire/bgp_update.h"

#include <assert.h>

/* A change to be told, under what it is sorted by. value: of an announcement the change's index in
 * the batch; of a withdrawal the prefix's length, so that when they are sorted by address, and lie
 * as they fall, nothing but the item is looked at. */
struct batch {
    struct outlog *outlog;
    struct outlog_group *group;
    struct sort_key *items;
    struct sort_key *spare; /* as many */
    uint32_t count;
    bool six;         /* whose changes are told at present, */
    bool withdrawals; /* and which half of what they mean */
    struct appending appending;
};

static struct audience audience_of_item(const struct sort_key *item)
{
    return (struct audience){(uint32_t)(item->key >> 32)};
}

static const struct rib_change *change_of(const struct batch *batch, const struct sort_key *item)
{
    return rib_change_at(batch->outlog->rib, item->value);
}

/* What a change means to the group; asked again only when it may be something else than what the
 * last one meant. */
struct meaning {
    const struct rib_change *change; /* the last one; NULL: none yet */
    struct adj_out_diff diff;
};

static void meaning_done(const struct batch *batch, struct meaning *meaning)
{
    if (meaning->change)
        adj_out_diff_done(batch->outlog->rib, &meaning->diff);
    meaning->change = NULL;
}

static bool meaning_of(const struct batch *batch, const struct rib_change *change,
                       struct meaning *meaning)
{
    const struct export_policy *policy = &batch->group->policy;
    if (meaning->change && adj_out_alike(policy, meaning->change, change))
        return true;
    meaning_done(batch, meaning);
    if (!adj_out_diff(batch->outlog->rib, policy, &batch->outlog->filter, change, &meaning->diff))
        return false;
    meaning->change = change;
    return true;
}

static void sort_items(struct batch *batch)
{
    uint32_t in_order = 1;
    while (in_order < batch->count && batch->items[in_order - 1].key <= batch->items[in_order].key)
        in_order++;
    if (in_order < batch->count)
        sort_keys(batch->items, batch->count, batch->spare);
}

/* One half of what the changes mean: withdrawals by address, announcements by attributes; both for
 * one audience after the other. Every item holds a reference to its audience. */
static bool collect(struct batch *batch, bool withdrawals)
{
    struct rib *rib = batch->outlog->rib;
    struct meaning meaning = {.change = NULL};
    batch->count = 0;
    batch->withdrawals = withdrawals;
    for (uint32_t i = 0; i < rib->settled_count; i++) {
        const struct rib_change *change = rib_change_at(rib, i);
        struct attr_id needed = withdrawals ? change->old_attr : change->new_attr;
        if (change->six != batch->six || needed.v == 0)
            continue;
        if (!meaning_of(batch, change, &meaning))
            return false;
        struct audience audience = withdrawals ? meaning.diff.withdraw : meaning.diff.announce;
        uint32_t by = withdrawals ? change->addr : change->new_attr.v;
        uint32_t value = withdrawals ? change->len : i;
        if (!audience_is_nobody(audience)) {
            audience_ref(&rib->audiences, audience);
            batch->items[batch->count++] =
                (struct sort_key){(uint64_t)audience.v << 32 | by, value};
        }
    }
    meaning_done(batch, &meaning);
    sort_items(batch);
    return true;
}

static void release(struct batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++)
        audience_unref(&batch->outlog->rib->audiences, audience_of_item(&batch->items[i]));
    batch->count = 0;
}

static struct prefix prefix_of(const struct batch *batch, const struct sort_key *item)
{
    const struct rib *rib = batch->outlog->rib;
    if (!batch->withdrawals)
        return rib_change_prefix(rib, change_of(batch, item));
    return rib_stored_prefix(rib, batch->six, (uint32_t)item->key, (uint8_t)item->value);
}

/* As many of these prefixes as fit in one message; 0: the budget refuses. attributes is empty for
 * withdrawals. */
static uint32_t write_message(struct batch *batch, const struct sort_key *items, uint32_t count,
                              struct slice attributes, size_t next_hop)
{
    struct audience audience = audience_of_item(items);
    uint8_t *room = pieces_room(batch->outlog, batch->group, &batch->appending, audience);
    if (!room)
        return 0;
    struct writer writer = writer_over(room, OUTLOG_MESSAGE_MAX);
    struct bgp_update update;
    bool announcing = attributes.size > 0, fits = bgp_update_begin(&update, &writer);
    uint16_t at = 0;
    if (fits && announcing)
        fits = begin_routes(batch->outlog, &batch->group->policy, change_of(batch, items)->new_attr,
                            batch->six, attributes, next_hop, &update, &at);
    else if (fits && batch->six)
        fits = bgp_update_unreach(&update);
    uint32_t done = 0;
    while (fits && done < count) {
        struct prefix prefix = prefix_of(batch, &items[done]);
        fits = announcing ? bgp_update_announce(&update, prefix)
                          : bgp_update_withdraw(&update, prefix);
        done += fits;
    }
    assert(done > 0);
    struct frame frame = {.size = (uint16_t)bgp_update_finish(&update), .next_hop_at = at};
    pieces_commit(batch->outlog, batch->group, &batch->appending, frame);
    return done;
}

static bool write_run(struct batch *batch, const struct sort_key *items, uint32_t count,
                      struct slice attributes, size_t next_hop)
{
    while (count > 0) {
        uint32_t done = write_message(batch, items, count, attributes, next_hop);
        if (done == 0)
            return false;
        items += done;
        count -= done;
    }
    return true;
}

/* How many items from here on have the same bits above shift. */
static uint32_t run_length(const struct batch *batch, uint32_t from, unsigned shift)
{
    uint32_t end = from + 1;
    while (end < batch->count && batch->items[end].key >> shift == batch->items[from].key >> shift)
        end++;
    return end - from;
}

static bool write_withdrawals(struct batch *batch)
{
    const struct slice none = {NULL, 0};
    for (uint32_t i = 0, run; i < batch->count; i += run) {
        run = run_length(batch, i, 32);
        if (!write_run(batch, &batch->items[i], run, none, 0))
            return false;
    }
    return true;
}

/* What does not fit in a message is not announced, and taken back from whoever may have had it. */
static bool write_announcements(struct batch *batch)
{
    for (uint32_t i = 0, run; i < batch->count; i += run) {
        uint8_t bytes[BGP_EXPORT_MAX];
        struct writer writer = writer_over(bytes, sizeof bytes);
        size_t next_hop = 0;
        struct attr_id attr = change_of(batch, &batch->items[i])->new_attr;
        if (!export_attributes(batch->outlog, &batch->group->policy, attr, batch->six, &writer,
                               &next_hop))
            writer.size = 0;
        run = run_length(batch, i, 0);
        if (!write_run(batch, &batch->items[i], run, writer_slice(&writer), next_hop))
            return false;
    }
    return true;
}

static bool encode_family(struct batch *batch, bool six)
{
    batch->six = six;
    if (!export_policy_has(&batch->group->policy, six))
        return true;
    bool done = collect(batch, true) && write_withdrawals(batch);
    release(batch);
    done = done && collect(batch, false) && write_announcements(batch);
    release(batch);
    return done;
}

static void put_scratch(struct outlog *outlog)
{
    budget_put(outlog->budget, outlog->scratch, outlog->scratch_bytes);
    outlog->scratch = NULL;
    outlog->scratch_bytes = 0;
}

/* What was there is given back first: with both at once, memory would be at its peak. */
static bool reserve_scratch(struct outlog *outlog, uint32_t size_bytes)
{
    if (size_bytes <= outlog->scratch_bytes)
        return true;
    put_scratch(outlog);
    outlog->scratch = budget_get(outlog->budget, size_bytes);
    if (!outlog->scratch)
        return false;
    outlog->scratch_bytes = size_bytes;
    return true;
}

static bool encode_group(struct outlog *outlog, struct outlog_group *group)
{
    uint32_t count = outlog->rib->settled_count;
    if (!reserve_scratch(outlog, 2 * count * (uint32_t)sizeof(struct sort_key)))
        return false;
    struct sort_key *items = outlog->scratch;
    struct batch batch = {.outlog = outlog, .group = group, .items = items, .spare = items + count};
    return encode_family(&batch, false) &&
           (outlog->rib->six.count == 0 || encode_family(&batch, true));
}

void outlog_encode(struct outlog *outlog)
{
    const struct rib *rib = outlog->rib;
    assert(rib->settled_count > 0);
    for (uint32_t at = outlog->first_group; at;) {
        struct outlog_group *group = group_at(outlog, at);
        assert(group->told + 1 == rib->batch); /* no batch was left out */
        if (!encode_group(outlog, group))
            all_members_walk(outlog, group);
        group->told = rib->batch;
        at = group->next;
    }
    if (outlog->scratch_bytes > outlog->config.keep_bytes)
        put_scratch(outlog);
}
