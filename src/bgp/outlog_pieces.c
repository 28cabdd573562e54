#include "bgp/outlog_pieces.h"

#include <assert.h>

static uint32_t piece_bytes(const struct outlog *outlog)
{
    return 1u << outlog->config.chunk_shift;
}

static bool grow_directory(struct outlog *outlog, struct outlog_group *group)
{
    uint32_t cap = group->piece_cap ? group->piece_cap * 2 : 4;
    struct outlog_piece *pieces = budget_get(outlog->budget, cap * sizeof *pieces);
    if (!pieces)
        return false;
    if (group->piece_count)
        memcpy(pieces, group->pieces, group->piece_count * sizeof *pieces);
    budget_put(outlog->budget, group->pieces, group->piece_cap * sizeof *pieces);
    group->pieces = pieces;
    group->piece_cap = cap;
    return true;
}

static bool add_piece(struct outlog *outlog, struct outlog_group *group)
{
    if (group->piece_count == group->piece_cap && !grow_directory(outlog, group))
        return false;
    uint8_t *bytes = budget_get(outlog->budget, piece_bytes(outlog));
    if (!bytes)
        return false;
    group->pieces[group->piece_count++] = (struct outlog_piece){bytes, 0};
    group->end = (group->first_piece + group->piece_count - 1) << outlog->config.chunk_shift;
    return true;
}

static struct outlog_piece *last_piece(struct outlog_group *group)
{
    return group->piece_count ? &group->pieces[group->piece_count - 1] : NULL;
}

uint8_t *pieces_room(struct outlog *outlog, struct outlog_group *group, struct appending *appending,
                     struct audience audience)
{
    enum { WORST = SEGMENT_BYTES + FRAME_BYTES + OUTLOG_MESSAGE_MAX };
    _Static_assert(WORST < 1 << 13, "the smallest piece must hold the largest message");
    const struct outlog_piece *last = last_piece(group);
    if (!last || last->used + WORST >= piece_bytes(outlog)) {
        appending->open = false;
        if (!add_piece(outlog, group))
            return NULL;
        last = last_piece(group);
    }
    if (appending->open && !audience_same(appending->segment.audience, audience))
        appending->open = false;
    uint32_t header = appending->open ? 0 : SEGMENT_BYTES;
    appending->segment.audience = audience;
    return last->bytes + last->used + header + FRAME_BYTES;
}

void pieces_commit(struct outlog *outlog, struct outlog_group *group, struct appending *appending,
                   struct frame frame)
{
    struct outlog_piece *last = last_piece(group);
    if (!appending->open) {
        appending->open = true;
        appending->segment.size = 0;
        appending->segment.batch = outlog->rib->batch;
        appending->header = last->bytes + last->used;
        last->used += SEGMENT_BYTES;
        audience_ref(&outlog->rib->audiences, appending->segment.audience);
    }
    memcpy(last->bytes + last->used, &frame, sizeof frame);
    last->used += (uint32_t)sizeof frame + frame.size;
    appending->segment.size += (uint32_t)sizeof frame + frame.size;
    memcpy(appending->header, &appending->segment, sizeof appending->segment);
    group->end &= ~((uint64_t)piece_bytes(outlog) - 1);
    group->end |= last->used;
    outlog->encoded_bytes += frame.size;
}

/* Segments hold their audiences. */
static void put_piece(struct outlog *outlog, struct outlog_piece *piece)
{
    struct segment segment;
    for (uint32_t at = 0; at < piece->used; at += (uint32_t)sizeof segment + segment.size) {
        memcpy(&segment, piece->bytes + at, sizeof segment);
        audience_unref(&outlog->rib->audiences, segment.audience);
    }
    budget_put(outlog->budget, piece->bytes, piece_bytes(outlog));
}

static void drop_first(struct outlog *outlog, struct outlog_group *group, uint32_t count)
{
    assert(count <= group->piece_count);
    for (uint32_t i = 0; i < count; i++)
        put_piece(outlog, &group->pieces[i]);
    group->piece_count -= count;
    group->first_piece += count;
    if (group->piece_count && count)
        memmove(group->pieces, group->pieces + count, group->piece_count * sizeof *group->pieces);
}

void pieces_drop_before(struct outlog *outlog, struct outlog_group *group, uint64_t position)
{
    uint64_t count = piece_number(outlog, position) - group->first_piece;
    drop_first(outlog, group, (uint32_t)count);
}

void pieces_drop_all(struct outlog *outlog, struct outlog_group *group)
{
    drop_first(outlog, group, group->piece_count);
    budget_put(outlog->budget, group->pieces, group->piece_cap * sizeof *group->pieces);
    group->pieces = NULL;
    group->piece_cap = 0;
    group->end = group->first_piece << outlog->config.chunk_shift;
}
