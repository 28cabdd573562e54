/* The bytes of one group's log: pieces of equal size, in them segments, in them messages. For the
 * files of outlog only.
 *
 *     segment   bytes of what follows (4), audience (4), batch (4), messages
 *     message   size (2), where NEXT_HOP's value lies in it (2; 0: nowhere), the UPDATE
 *
 * A position is a piece's number, counted from the group's start, above an offset in it, so it is
 * never used twice. Nothing crosses from one piece into the next; what is left over of a piece is
 * passed over. Numbers stand as memcpy leaves them: the log never leaves this process. */
#pragma once

#include "bgp/outlog.h"

#include <string.h>

enum { SEGMENT_BYTES = 12, FRAME_BYTES = 4 };

struct outlog_piece {
    uint8_t *bytes;
    uint32_t used;
};

struct segment {
    uint32_t size; /* bytes behind the header */
    struct audience audience;
    uint32_t batch;
};

struct frame {
    uint16_t size;
    uint16_t next_hop_at; /* in the message; 0: nothing is to be filled in */
};

enum { FRAME_SIX = 1 << 15 }; /* in next_hop_at: 16 bytes, of IPv6 */

/* Where a batch is being appended: zeroed, nothing is open. */
struct appending {
    bool open;
    struct segment segment;
    uint8_t *header; /* of the open segment */
};

/* Room for a message of any size for this audience; NULL: the budget refuses. The pointer is good
 * until pieces_commit or the next pieces_room. */
uint8_t *pieces_room(struct outlog *outlog, struct outlog_group *group, struct appending *appending,
                     struct audience audience) __attribute__((warn_unused_result));
/* The message that was written into the room. */
void pieces_commit(struct outlog *outlog, struct outlog_group *group, struct appending *appending,
                   struct frame frame);

/* Gives back pieces before this position's. */
void pieces_drop_before(struct outlog *outlog, struct outlog_group *group, uint64_t position);
/* Gives back all; group->end moves to a fresh position, where the caller puts all members. */
void pieces_drop_all(struct outlog *outlog, struct outlog_group *group);

static inline uint64_t piece_number(const struct outlog *outlog, uint64_t position)
{
    return position >> outlog->config.chunk_shift;
}

static inline const struct outlog_piece *piece_of(const struct outlog *outlog,
                                                  const struct outlog_group *group,
                                                  uint64_t position)
{
    return &group->pieces[piece_number(outlog, position) - group->first_piece];
}

static inline const uint8_t *bytes_at(const struct outlog *outlog, const struct outlog_group *group,
                                      uint64_t position)
{
    uint64_t offset = position & ((1u << outlog->config.chunk_shift) - 1);
    return piece_of(outlog, group, position)->bytes + offset;
}

/* The same place in the log, never at the end of a piece that has a successor. */
static inline uint64_t position_normal(const struct outlog *outlog,
                                       const struct outlog_group *group, uint64_t position)
{
    if (position == group->end)
        return position;
    uint64_t number = piece_number(outlog, position);
    uint64_t used = piece_of(outlog, group, position)->used;
    bool at_end = (position & ((1u << outlog->config.chunk_shift) - 1)) == used;
    return at_end ? (number + 1) << outlog->config.chunk_shift : position;
}

static inline struct segment segment_at(const struct outlog *outlog,
                                        const struct outlog_group *group, uint64_t position)
{
    struct segment segment;
    _Static_assert(sizeof segment == SEGMENT_BYTES, "a segment's header is read as it lies");
    memcpy(&segment, bytes_at(outlog, group, position), sizeof segment);
    return segment;
}
