#include "run/journal_ring.h"

#include "tests/harness.h"

#include <pthread.h>
#include <string.h>

static struct journal_ring ring;

/* A record whose body is size bytes of that value. */
static bool put(size_t size, uint8_t value)
{
    uint8_t *room = journal_ring_room(&ring, JOURNAL_RECORD_BYTES + size);
    if (!room)
        return false;
    struct writer writer = writer_over(room, JOURNAL_RECORD_BYTES + size);
    journal_begin(&writer, JOURNAL_EVENT);
    for (size_t i = 0; i < size; i++)
        writer_u8(&writer, value);
    journal_seal(&writer, 0);
    CHECK(!writer.failed);
    journal_ring_commit(&ring, writer.size);
    return true;
}

/* The next record's value, or -1; its body is of that value altogether. */
static int take(void)
{
    struct slice there = journal_ring_look(&ring);
    if (there.size == 0)
        return -1;
    struct ring_record record = journal_ring_first(there);
    int value = record.body.size ? record.body.data[0] : 0;
    for (size_t i = 0; i < record.body.size; i++)
        CHECK_EQUAL(record.body.data[i], value);
    journal_ring_take(&ring, record.size_bytes);
    return value;
}

static void records_come_out_as_they_went_in(void)
{
    CHECK(journal_ring_open(&ring, 4096));
    CHECK_EQUAL(take(), -1);
    for (uint8_t i = 1; i <= 5; i++)
        CHECK(put(100 * i, i));
    for (int i = 1; i <= 5; i++)
        CHECK_EQUAL(take(), i);
    CHECK_EQUAL(take(), -1);
    CHECK_EQUAL(journal_ring_used(&ring), 0);
    journal_ring_close(&ring);
}

/* Sizes that leave any rest at the ring's end, a rest too short for a record's head included. */
static void a_ring_is_gone_around(void)
{
    unsigned in = 0, out = 0;
    CHECK(journal_ring_open(&ring, 4096));
    while (in < 20000) {
        while (in - out < 200 && put(1 + in % 97, (uint8_t)(in % 251)))
            in++;
        CHECK_EQUAL(take(), (int)(out % 251));
        out++;
    }
    while (out < in)
        CHECK_EQUAL(take(), (int)(out++ % 251));
    CHECK_EQUAL(take(), -1);
    journal_ring_close(&ring);
}

static void a_full_ring_says_so(void)
{
    CHECK(journal_ring_open(&ring, 4096));
    CHECK(put(3000, 1));
    CHECK(!put(2000, 2));
    CHECK(put(1000, 3));
    CHECK(!put(100, 4));
    CHECK_EQUAL(take(), 1);
    CHECK(put(2000, 5));
    CHECK_EQUAL(take(), 3);
    CHECK_EQUAL(take(), 5);
    CHECK(!put(4096, 6));
    journal_ring_close(&ring);
}

/* And yet there is room in front of what it has skipped, before the taker has seen that. */
static void an_empty_ring_begins_again(void)
{
    CHECK(journal_ring_open(&ring, RING_BYTES));
    uint8_t *first = journal_ring_room(&ring, JOURNAL_RECORD_BYTES);
    for (int i = 0; i < 4; i++) {
        CHECK(put(RING_WARM / 4, 7));
        CHECK_EQUAL(take(), 7);
    }
    CHECK(put(10, 8));
    CHECK(journal_ring_room(&ring, JOURNAL_RECORD_BYTES) < first + 100);
    CHECK(put(RING_WARM / 2, 9));
    CHECK_EQUAL(take(), 8);
    CHECK_EQUAL(take(), 9);
    journal_ring_close(&ring);
}

static void a_turn_comes_alone(void)
{
    CHECK(journal_ring_open(&ring, 4096));
    CHECK(put(10, 1) && put(10, 2) && put(10, 3));
    ring.bytes[(JOURNAL_RECORD_BYTES + 10) + JOURNAL_RECORD_BYTES - 1] = RING_TURN;
    for (int i = 0; i < 3; i++) {
        struct slice there = journal_ring_look(&ring);
        CHECK_EQUAL(there.size, JOURNAL_RECORD_BYTES + 10);
        CHECK_EQUAL(journal_ring_first(there).kind, i == 1 ? RING_TURN : JOURNAL_EVENT);
        journal_ring_take(&ring, there.size);
    }
    CHECK_EQUAL(take(), -1);
    journal_ring_close(&ring);
}

enum { MANY = 200000 };

static void *take_many(void *context)
{
    unsigned *wrong = context;
    for (unsigned out = 0; out < MANY;) {
        struct slice there = journal_ring_look(&ring);
        if (there.size == 0)
            continue;
        size_t size = there.size;
        while (there.size > 0) {
            struct ring_record record = journal_ring_first(there);
            *wrong += record.body.size != 1 + out % 300 || record.body.data[0] != out % 251;
            there.data += record.size_bytes;
            there.size -= record.size_bytes;
            out++;
        }
        journal_ring_take(&ring, size);
    }
    return NULL;
}

static void two_threads_agree(void)
{
    pthread_t thread;
    unsigned wrong = 0;
    CHECK(journal_ring_open(&ring, 64 << 10));
    CHECK_EQUAL(pthread_create(&thread, NULL, take_many, &wrong), 0);
    for (unsigned in = 0; in < MANY;)
        in += put(1 + in % 300, (uint8_t)(in % 251));
    pthread_join(thread, NULL);
    CHECK_EQUAL(wrong, 0);
    journal_ring_close(&ring);
}

int main(void)
{
    TEST(records_come_out_as_they_went_in);
    TEST(a_ring_is_gone_around);
    TEST(a_full_ring_says_so);
    TEST(an_empty_ring_begins_again);
    TEST(a_turn_comes_alone);
    TEST(two_threads_agree);
    return harness_done();
}
