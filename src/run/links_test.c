/* Links on socket pairs, between an engine's two neighbors that never open: what goes in which list
 * when, and what is left when one closes. */
#include "run/links.h"

#include "engine/test_gate.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static uv_loop_t loop;
static struct links links;

static void begin(void)
{
    CHECK(uv_loop_init(&loop) == 0);
    links_init(&links, &loop);
    links_make_room(&links, 3);
}

static void finish(void)
{
    links_done(&links);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&loop) == 0);
}

static struct link *pair(uint16_t neighbor, int *ret_far)
{
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    *ret_far = ends[1];
    return links_add(&links, (struct event_connection){neighbor, BGP_IN}, ends[0], false);
}

static void who_has_bytes_is_ready_once(void)
{
    int far, other;
    begin();
    struct link *one = pair(1, &far), *two = pair(2, &other);
    CHECK(links_at(&links, (struct event_connection){1, BGP_IN}) == one);
    CHECK(!links_at(&links, (struct event_connection){1, BGP_OUT}));
    CHECK_EQUAL(write(far, "abc", 3), 3);
    uv_run(&loop, UV_RUN_ONCE);
    CHECK(links_next_ready(&links) == one);
    CHECK(!links_next_ready(&links));
    CHECK_EQUAL(link_read(one), 3);
    CHECK(memcmp(links.buffer, "abc", 3) == 0);
    CHECK_EQUAL(link_read(one), 0);
    close(other);
    uv_run(&loop, UV_RUN_ONCE);
    CHECK(links_next_ready(&links) == two);
    CHECK_EQUAL(link_read(two), -1);
    link_drop(two);
    CHECK_EQUAL(links.open_count, 1);
    close(far);
    finish();
}

static void an_attempt_that_cannot_begin_is_ready_at_once(void)
{
    struct event_connection at = {3, BGP_OUT};
    begin();
    struct link *link = links_add(&links, at, -1, true);
    CHECK(link->state == LINK_FAILED);
    CHECK(links_next_ready(&links) == link);
    link_drop(link);
    CHECK(!links_at(&links, at));
    finish();
}

/* A connection that was reset is always writable. It is for who reads, and keeps nobody waiting. */
static void who_cannot_be_told_any_more_is_only_read(void)
{
    enum { REST_BYTES = 100 };
    int far;
    begin();
    struct link *link = pair(1, &far);
    link->rest = calloc(1, REST_BYTES);
    link->rest_size = REST_BYTES;
    close(far);
    link_tell(link);
    CHECK(links_send(&links, NULL, 1 << 20, NULL, NULL));
    for (int i = 0; i < 3; i++) {
        uv_run(&loop, UV_RUN_ONCE);
        CHECK(!links_are_telling(&links) && links_are_ready(&links));
    }
    link_tell(link);
    CHECK(!links_are_telling(&links));
    CHECK(links_next_ready(&links) == link);
    CHECK_EQUAL(link_read(link), -1);
    link_drop(link);
    finish();
}

/* RFC 9687: only who takes nothing at all, for all of the time. */
static void who_takes_nothing_is_stuck(void)
{
    enum { REST_BYTES = 8 << 20 };
    static char taken[1 << 20];
    int far;
    size_t at = 0;
    gate_start();
    say_vpn(&gate, 1);
    struct event_neighbor neighbor = neighbor_on(1, 1, 65001, "203.0.113.1");
    neighbor.hold_s = 90;
    peer_up(peer_add(neighbor));
    const struct bgp_session *session = engine_session(gate.engine, 1);
    int64_t hold_us = session_send_hold_us(session);
    CHECK_EQUAL(hold_us, 480000000);
    begin();
    struct link *link = pair(1, &far);
    CHECK_EQUAL(session->slot, link->at.slot);
    links.now_us = 5;
    CHECK(!links_next_stuck(&links, gate.engine, &at)); /* its socket has room */
    link->rest = calloc(1, REST_BYTES);
    link->rest_size = REST_BYTES;
    link_tell(link);
    CHECK(links_send(&links, gate.engine, REST_BYTES, NULL, NULL));
    CHECK(link->blocked);
    links.now_us += hold_us - 1;
    CHECK((at = 0, !links_next_stuck(&links, gate.engine, &at)));
    ssize_t size = read(far, taken, sizeof taken);
    CHECK(size > 0);
    uv_run(&loop, UV_RUN_ONCE); /* it is writable */
    CHECK(links_send(&links, gate.engine, REST_BYTES, NULL, NULL));
    CHECK(link->blocked);
    links.now_us += LINKS_LOOK_US;
    CHECK((at = 0, !links_next_stuck(&links, gate.engine, &at))); /* it has taken some */
    links.now_us += hold_us - LINKS_LOOK_US;
    CHECK((at = 0, links_next_stuck(&links, gate.engine, &at) == link));
    CHECK(!links_next_stuck(&links, gate.engine, &at));
    link_drop(link);
    close(far);
    finish();
    gate_finish();
}

static void a_later_connection_takes_the_place(void)
{
    int far, other;
    begin();
    pair(1, &far);
    struct link *two = pair(1, &other);
    CHECK(links_at(&links, (struct event_connection){1, BGP_IN}) == two);
    CHECK_EQUAL(links.open_count, 1);
    char byte;
    CHECK_EQUAL(read(far, &byte, 1), 0); /* the first is closed */
    close(far);
    close(other);
    finish();
}

int main(void)
{
    TEST(who_has_bytes_is_ready_once);
    TEST(an_attempt_that_cannot_begin_is_ready_at_once);
    TEST(who_cannot_be_told_any_more_is_only_read);
    TEST(who_takes_nothing_is_stuck);
    TEST(a_later_connection_takes_the_place);
    return harness_done();
}
