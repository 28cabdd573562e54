#include "bgp/outlog_pieces.h"

#include "bgp/outlog_rig.h"

enum { PIECE = 1 << 13 };

static struct outlog_group group;
static struct appending appending;

static void start(void)
{
    rig_log_start(1 << 16);
    group = (struct outlog_group){0};
    appending = (struct appending){0};
}

static void finish(void)
{
    pieces_drop_all(&rig_log, &group);
    rig_log_finish();
}

/* A message of so many bytes, each of them its number. */
static bool append(uint8_t number, uint16_t size, struct audience audience)
{
    uint8_t *room = pieces_room(&rig_log, &group, &appending, audience);
    if (!room)
        return false;
    memset(room, number, size);
    pieces_commit(&rig_log, &group, &appending, (struct frame){.size = size});
    return true;
}

/* Reads everything back; returns the number of messages, which must be 0, 1, 2, ... */
static unsigned read_all(unsigned *ret_segments)
{
    unsigned messages = 0;
    *ret_segments = 0;
    uint64_t at = group.first_piece << 13;
    while ((at = position_normal(&rig_log, &group, at)) != group.end) {
        struct segment segment = segment_at(&rig_log, &group, at);
        at += SEGMENT_BYTES;
        (*ret_segments)++;
        for (uint32_t left = segment.size; left > 0; messages++) {
            struct frame frame;
            memcpy(&frame, bytes_at(&rig_log, &group, at), sizeof frame);
            const uint8_t *bytes = bytes_at(&rig_log, &group, at) + sizeof frame;
            CHECK(bytes[0] == (uint8_t)messages && bytes[frame.size - 1] == (uint8_t)messages);
            at += sizeof frame + frame.size;
            left -= (uint32_t)(sizeof frame + frame.size);
        }
    }
    return messages;
}

static void what_is_appended_is_read_back_across_pieces(void)
{
    struct prng prng = prng_seed(2);
    for (unsigned round = 0; round < 30; round++) {
        start();
        unsigned messages = 200, segments;
        for (unsigned i = 0; i < messages; i++) {
            uint16_t size = (uint16_t)(prng_below(&prng, 2) ? 23 + prng_below(&prng, 200)
                                                            : 4096 - prng_below(&prng, 50));
            struct attachment_id but = {(uint16_t)prng_below(&prng, 3)};
            CHECK(append((uint8_t)i, size, audience_but(but)));
        }
        CHECK_EQUAL(read_all(&segments), messages);
        CHECK(segments > 50 && group.piece_count > 40);
        finish();
    }
}

/* The position behind a piece that is filled to its last byte belongs to the next one. */
static void pieces_of_every_filling_are_read(void)
{
    for (unsigned step = 0; step < 400; step++) {
        uint16_t size = (uint16_t)(4096 - step / 2);
        start();
        unsigned segments;
        for (uint16_t i = 0; i < 9; i++) {
            struct audience but = audience_but((struct attachment_id){i});
            CHECK(append((uint8_t)i, i % 2 ? 4096 : size, step % 2 ? but : AUDIENCE_ALL));
        }
        CHECK_EQUAL(read_all(&segments), 9);
        for (uint32_t p = 0; p < group.piece_count; p++)
            CHECK(group.pieces[p].used < PIECE);
        finish();
    }
}

static void messages_for_one_audience_share_a_segment(void)
{
    start();
    unsigned segments;
    struct audience one = audience_but((struct attachment_id){1});
    for (unsigned i = 0; i < 6; i++)
        CHECK(append((uint8_t)i, 30, i < 3 ? AUDIENCE_ALL : one));
    CHECK_EQUAL(read_all(&segments), 6);
    CHECK_EQUAL(segments, 2);
    finish();
}

static void dropping_gives_back_whole_pieces_and_moves_no_position(void)
{
    start();
    for (unsigned i = 0; i < 20; i++)
        CHECK(append((uint8_t)i, 4000, AUDIENCE_ALL));
    uint32_t before = group.piece_count;
    uint64_t at = (group.first_piece + 5) << 13;
    struct segment segment = segment_at(&rig_log, &group, at);
    pieces_drop_before(&rig_log, &group, at + 100);
    CHECK_EQUAL(group.piece_count, before - 5);
    CHECK_EQUAL(segment_at(&rig_log, &group, at).size, segment.size);
    pieces_drop_before(&rig_log, &group, group.end);
    CHECK_EQUAL(group.piece_count, 1);
    uint64_t end = group.end;
    pieces_drop_all(&rig_log, &group);
    CHECK(group.end > end && group.piece_count == 0);
    appending = (struct appending){0};
    CHECK(append(0, 30, AUDIENCE_ALL) && group.end > end);
    finish();
}

static void a_segment_holds_its_audience(void)
{
    start();
    struct audience list;
    CHECK(audience_of(&rig.audiences, (uint16_t[]){1, 2, 3}, 3, true, &list));
    CHECK(append(0, 30, list) && append(1, 30, list));
    audience_unref(&rig.audiences, list);
    CHECK_EQUAL(rig.audiences.lists.used_count, 1);
    CHECK(!audience_has(&rig.audiences, list, (struct attachment_id){2}));
    pieces_drop_all(&rig_log, &group);
    CHECK_EQUAL(rig.audiences.lists.used_count, 0);
    finish();
}

static void a_refused_piece_leaves_the_log_as_it_was(void)
{
    start();
    unsigned segments;
    CHECK(append(0, 4096, AUDIENCE_ALL));
    rig_memory.refuse_from = 1;
    CHECK(!append(1, 4096, AUDIENCE_ALL));
    rig_memory.refuse_from = 0;
    CHECK_EQUAL(read_all(&segments), 1);
    CHECK(append(1, 4096, AUDIENCE_ALL));
    CHECK_EQUAL(read_all(&segments), 2);
    finish();
}

int main(void)
{
    TEST(what_is_appended_is_read_back_across_pieces);
    TEST(pieces_of_every_filling_are_read);
    TEST(messages_for_one_audience_share_a_segment);
    TEST(dropping_gives_back_whole_pieces_and_moves_no_position);
    TEST(a_segment_holds_its_audience);
    TEST(a_refused_piece_leaves_the_log_as_it_was);
    return harness_done();
}
