#include "engine/items.h"

#include "tests/harness.h"

static uint8_t bytes[1024];

/* A session in the midst of things, each field with a value of its own. */
static struct item_source some_source(void)
{
    struct item_source item;
    memset(&item, 0, sizeof item);
    item.kind = ITEM_OF_NEIGHBOR;
    item.neighbor = (struct event){.kind = EVENT_NEIGHBOR, .neighbor = {.neighbor = 1}};
    struct bgp_session *session = &item.session;
    session->config.start_delay_us = 1;
    session->config.idle_hold_us = 2;
    session->config.first_update_delay_us = 3;
    session->slots[BGP_IN] =
        (struct session_slot){.phase = SESSION_ESTABLISHED,
                              .terms = {.peer_id = 4, .hold_s = 5, .four = true},
                              .hold_us = 6,
                              .keepalive_us = 7};
    session->slot = BGP_IN;
    session->state = SESSION_ESTABLISHED;
    session->restart_us = 8;
    session->retry_us = 9;
    session->ready_us = 10;
    session->started = true;
    session->since_us = 11;
    session->last_down_us = 12;
    session->retry_count = 13;
    session->established_count = 14;
    session->last_code = 15;
    session->last_subcode = 16;
    item.cut[BGP_IN] = (struct slice){(const uint8_t *)"\xff\xff", 2};
    item.member = item.limit_noted = true;
    item.error_wait_us = 17;
    item.error_at_us = 18;
    return item;
}

static size_t write_source(struct item_source *item)
{
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct coder coder = coder_writing(&writer);
    code_source(&coder, item);
    CHECK(!writer.failed);
    return writer.size;
}

static bool read_source(size_t size, struct item_source *ret_item)
{
    struct cursor cursor = cursor_over((struct slice){bytes, size});
    struct coder coder = coder_reading(&cursor, NULL);
    memset(ret_item, 0, sizeof *ret_item);
    code_source(&coder, ret_item);
    return !coder_failed(&coder);
}

static void a_session_comes_back(void)
{
    struct item_source said = some_source(), read;
    CHECK(read_source(write_source(&said), &read));
    const struct bgp_session *session = &read.session;
    CHECK_EQUAL(session->config.start_delay_us, 1);
    CHECK_EQUAL(session->config.idle_hold_us, 2);
    CHECK_EQUAL(session->config.first_update_delay_us, 3);
    CHECK_EQUAL(session->slots[BGP_IN].terms.peer_id, 4);
    CHECK_EQUAL(session->slots[BGP_IN].terms.hold_s, 5);
    CHECK(session->slots[BGP_IN].terms.four && !session->slots[BGP_IN].terms.six);
    CHECK_EQUAL(session->slots[BGP_IN].hold_us, 6);
    CHECK_EQUAL(session->slots[BGP_IN].keepalive_us, 7);
    CHECK_EQUAL(session->restart_us, 8);
    CHECK_EQUAL(session->retry_us, 9);
    CHECK_EQUAL(session->ready_us, 10);
    CHECK(session->started && !session->ready && !session->plain_open);
    CHECK_EQUAL(session->since_us, 11);
    CHECK_EQUAL(session->last_down_us, 12);
    CHECK_EQUAL(session->retry_count, 13);
    CHECK_EQUAL(session->established_count, 14);
    CHECK(session->last_code == 15 && session->last_subcode == 16);
    CHECK(slice_equal(read.cut[BGP_IN], said.cut[BGP_IN]) && read.cut[BGP_OUT].size == 0);
    CHECK(read.error_wait_us == 17 && read.error_at_us == 18);
    CHECK(read.member && read.limit_noted && !read.limit_near_noted);
}

/* A session that is Established on no connection would be told of routes without terms. */
static void a_session_that_cannot_be_is_refused(void)
{
    struct item_source said = some_source(), read;
    said.session.slot = BGP_OUT;
    CHECK(!read_source(write_source(&said), &read));
    said = some_source();
    said.session.config.idle_hold_us = -1;
    CHECK(!read_source(write_source(&said), &read));
}

/* A path that is refused for a reason that refuses nothing would be chosen. */
static void a_path_refused_for_no_reason_is_refused(void)
{
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        struct writer writer = writer_over(bytes, sizeof bytes);
        struct coder out = coder_writing(&writer);
        struct item_path item = {.source = 1, .refused = (uint8_t)reason}, read = {0};
        code_path(&out, &item);
        struct cursor cursor = cursor_over(writer_slice(&writer));
        struct coder in = coder_reading(&cursor, NULL);
        code_path(&in, &read);
        CHECK(coder_failed(&in) == !(reason == REASON_NONE || reason_refuses((uint8_t)reason)));
    }
}

int main(void)
{
    TEST(a_session_comes_back);
    TEST(a_session_that_cannot_be_is_refused);
    TEST(a_path_refused_for_no_reason_is_refused);
    return harness_done();
}
