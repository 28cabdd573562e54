#include "base/prng.h"
#include "bgp/inbox.h"
#include "tests/harness.h"
#include "tests/memory.h"
#include "wire/bgp_update.h"

static struct memory memory;
static struct budget budget;
static struct inbox inbox;

static void begin(size_t limit_bytes)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), limit_bytes);
    inbox = (struct inbox){0};
}

static void end(void)
{
    inbox_clear(&inbox, &budget);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

static void put_notice(struct writer *writer, size_t data_size)
{
    static const uint8_t DATA[BGP_MESSAGE_MAX];
    bgp_notification_encode((struct bgp_error){6, 9, {DATA, data_size}}, writer);
}

/* KEEPALIVEs, a full 4096-byte message and others in between: 6 messages. */
static struct slice stream_of_six(void)
{
    static uint8_t bytes[3 * BGP_MESSAGE_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_keepalive_encode(&writer);
    bgp_keepalive_encode(&writer);
    put_notice(&writer, BGP_MESSAGE_MAX - BGP_NOTIFICATION_MIN);
    bgp_end_of_rib_encode(&writer);
    put_notice(&writer, 100);
    bgp_keepalive_encode(&writer);
    return writer_slice(&writer);
}

static const size_t SIZES[] = {19, 19, 4096, 23, 121, 19};

/* Feeds one piece as session_bytes asks for it; counts messages and compares them with the stream.
 */
static void feed(struct slice stream, size_t at, size_t piece, unsigned *count, size_t *place)
{
    struct slice left = {stream.data + at, piece};
    for (;;) {
        size_t taken;
        struct slice message;
        struct bgp_error error;
        enum inbox_verdict verdict = inbox_take(&inbox, &budget, left, &taken, &message, &error);
        CHECK(verdict == INBOX_MORE || verdict == INBOX_MESSAGE);
        CHECK(taken <= left.size);
        if (verdict == INBOX_MESSAGE) {
            CHECK(*count < 6 && message.size == SIZES[*count]);
            CHECK(memcmp(message.data, stream.data + *place, message.size) == 0);
            *place += message.size;
            (*count)++;
        }
        left.data += taken;
        left.size -= taken;
        if (left.size == 0 && taken == 0)
            return;
    }
}

static void whole_messages_are_not_copied(void)
{
    begin(1); /* no memory at all */
    struct slice stream = stream_of_six();
    for (unsigned i = 0; i < 6; i++) {
        size_t taken;
        struct slice message;
        struct bgp_error error;
        CHECK_EQUAL(inbox_take(&inbox, &budget, stream, &taken, &message, &error), INBOX_MESSAGE);
        CHECK(message.data == stream.data && message.size == taken && taken == SIZES[i]);
        stream.data += taken;
        stream.size -= taken;
    }
    end();
}

static void one_byte_at_a_time(void)
{
    begin(0);
    struct slice stream = stream_of_six();
    unsigned count = 0;
    size_t place = 0;
    for (size_t at = 0; at < stream.size; at++)
        feed(stream, at, 1, &count, &place);
    CHECK_EQUAL(count, 6);
    CHECK_EQUAL((int64_t)budget.peak_bytes, 4096);
    end();
}

static void any_cuts_give_the_same_messages(void)
{
    struct prng prng = prng_seed(7);
    struct slice stream = stream_of_six();
    for (unsigned seed = 0; seed < 300; seed++) {
        begin(0);
        uint64_t largest = 1 + prng_below(&prng, 300);
        unsigned count = 0;
        size_t place = 0;
        for (size_t at = 0; at < stream.size;) {
            size_t piece = 1 + prng_below(&prng, largest);
            piece = piece < stream.size - at ? piece : stream.size - at;
            feed(stream, at, piece, &count, &place);
            at += piece;
        }
        CHECK_EQUAL(count, 6);
        CHECK_EQUAL((int64_t)budget.used_bytes, 0); /* the last empty call gave it back */
        end();
    }
}

static void a_bad_header_is_seen_at_its_first_wrong_byte(void)
{
    for (size_t wrong = 0; wrong < 3; wrong++) {
        begin(0);
        uint8_t bytes[BGP_HEADER_BYTES];
        memcpy(bytes, stream_of_six().data, sizeof bytes);
        static const size_t AT[] = {5, 17, 18};
        bytes[AT[wrong]] = wrong == 0 ? 0 : wrong == 1 ? 18 : 9;
        enum inbox_verdict verdict = INBOX_MORE;
        size_t at = 0, taken;
        struct slice message;
        struct bgp_error error;
        while (verdict == INBOX_MORE && at < sizeof bytes) {
            verdict = inbox_take(&inbox, &budget, (struct slice){bytes + at, 1}, &taken, &message,
                                 &error);
            at += taken;
        }
        CHECK_EQUAL(verdict, INBOX_BAD);
        CHECK_EQUAL(error.code, BGP_ERROR_HEADER);
        CHECK_EQUAL(error.subcode, (int64_t)wrong + 1);
        CHECK(at <= AT[wrong] + 2);
        end();
    }
}

static void no_memory_is_said(void)
{
    begin(100);
    struct slice stream = stream_of_six();
    size_t taken;
    struct slice message;
    struct bgp_error error;
    struct slice large = {stream.data + 38, 50};
    CHECK_EQUAL(inbox_take(&inbox, &budget, large, &taken, &message, &error), INBOX_NO_MEMORY);
    end();
    begin(100); /* the same when the header itself was cut */
    large.size = 10;
    CHECK_EQUAL(inbox_take(&inbox, &budget, large, &taken, &message, &error), INBOX_MORE);
    large.data += 10;
    CHECK_EQUAL(inbox_take(&inbox, &budget, large, &taken, &message, &error), INBOX_NO_MEMORY);
    end();
}

static void nothing_is_nothing(void)
{
    begin(0);
    size_t taken = 1;
    struct slice message;
    struct bgp_error error;
    CHECK_EQUAL(inbox_take(&inbox, &budget, (struct slice){0}, &taken, &message, &error),
                INBOX_MORE);
    CHECK_EQUAL((int64_t)taken, 0);
    end();
}

int main(void)
{
    TEST(whole_messages_are_not_copied);
    TEST(one_byte_at_a_time);
    TEST(any_cuts_give_the_same_messages);
    TEST(a_bad_header_is_seen_at_its_first_wrong_byte);
    TEST(no_memory_is_said);
    TEST(nothing_is_nothing);
    return harness_done();
}
