#include "plane/vici_line.h"

#include "base/text.h"
#include "plane/vici_rig.h"

#include <stdio.h>
#include <sys/un.h>

static uv_loop_t loop;
static struct vici_rig rig;
static struct vici_line *line;
static char story[2048]; /* what the ears heard, in order */

static void note(const char *what, struct slice detail)
{
    struct text text = {story, sizeof story, strlen(story), false};
    if (text.size > 0)
        text_char(&text, ' ');
    text_add(&text, what);
    for (size_t i = 0; i < detail.size; i++)
        text_char(&text, (char)detail.data[i]);
}

static void opened(void *of)
{
    CHECK(of == &rig);
    note("opened", (struct slice){0});
}

static void closed(void *of)
{
    (void)of;
    note("closed", (struct slice){0});
}

static void heard(void *of, struct slice name, struct slice message)
{
    (void)of;
    (void)message;
    note("event:", name);
}

static void answered(void *of, enum vici_outcome outcome, struct slice message)
{
    struct slice value = {0};
    if (outcome == VICI_ANSWERED && !vici_find(message, "k", &value))
        value = (struct slice){(const uint8_t *)"?", 1};
    note(of, (struct slice){0});
    note(outcome == VICI_ANSWERED ? "=" : outcome == VICI_REFUSED ? "refused" : "broken", value);
}

static void piece(void *of, struct slice name, struct slice message)
{
    struct slice value = {0};
    (void)name;
    CHECK(vici_find(message, "k", &value));
    note("piece:", value);
    (void)of;
}

static const struct vici_ears EARS = {&rig, opened, closed, heard};

static void begin(void)
{
    int pair[2];
    CHECK_EQUAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    CHECK_EQUAL(uv_loop_init(&loop), 0);
    rig = (struct vici_rig){.fd = pair[1]};
    story[0] = '\0';
    line = vici_line_over(&loop, pair[0], &EARS);
    CHECK(line != NULL);
}

static void end(void)
{
    vici_line_destroy(line);
    close(rig.fd);
    vici_rig_end_loop(&loop);
}

static bool ask(const char *command, char *name)
{
    return vici_line_ask(line, vici_rig_request(command), NULL, NULL, answered, name);
}

static void expect(enum vici_packet_type type, const char *name)
{
    struct vici_packet packet;
    bool came = vici_rig_hear(&rig, &loop, &packet);
    CHECK(came);
    if (!came)
        return;
    CHECK_EQUAL(packet.type, type);
    CHECK(packet.name.size == strlen(name) &&
          memcmp(packet.name.data, name, packet.name.size) == 0);
}

static void events_are_wanted_before_anything_is_asked(void)
{
    begin();
    vici_line_want(line, "ike-updown");
    vici_line_want(line, "ike-updown");
    vici_line_want(line, "child-updown");
    CHECK(!ask("version", "early")); /* it is not open yet */
    expect(VICI_REGISTER, "ike-updown");
    CHECK(!vici_line_is_open(line));
    vici_rig_say(&rig, VICI_CONFIRM, NULL, "", "");
    expect(VICI_REGISTER, "child-updown");
    vici_rig_say(&rig, VICI_UNKNOWN_EVENT, NULL, "", "");
    vici_rig_turn(&loop);
    CHECK(vici_line_is_open(line));
    CHECK_EQUAL(vici_line_pid(line), getpid());
    vici_rig_say(&rig, VICI_EVENT, "ike-updown", "up", "yes");
    vici_rig_turn(&loop);
    CHECK_TEXT(story, "opened event:ike-updown");
    end();
}

static void answers_come_in_turn(void)
{
    struct vici_packet packet;
    begin();
    vici_rig_turn(&loop);
    CHECK(ask("one", "first") && ask("two", "second") && ask("three", "third"));
    expect(VICI_REQUEST, "one");
    vici_rig_turn(&loop);
    CHECK_EQUAL(recv(rig.fd, &packet, 1, MSG_DONTWAIT | MSG_PEEK), -1); /* one at a time */
    vici_rig_say(&rig, VICI_RESPONSE, NULL, "k", "1");
    expect(VICI_REQUEST, "two");
    vici_rig_say(&rig, VICI_UNKNOWN_COMMAND, NULL, "", "");
    expect(VICI_REQUEST, "three");
    vici_rig_say(&rig, VICI_EVENT, "log", "k", "x"); /* of nobody's command */
    vici_rig_say(&rig, VICI_RESPONSE, NULL, "k", "3");
    vici_rig_turn(&loop);
    CHECK_TEXT(story, "opened first =1 second refused event:log third =3");
    end();
}

static void a_stream_belongs_to_its_command(void)
{
    begin();
    vici_rig_turn(&loop);
    CHECK(vici_line_ask(line, vici_rig_request("list-sas"), "list-sa", piece, answered, "list"));
    expect(VICI_REGISTER, "list-sa");
    vici_rig_say(&rig, VICI_EVENT, "list-sa", "k", "0"); /* before it was asked: somebody else's */
    vici_rig_say(&rig, VICI_CONFIRM, NULL, "", "");
    expect(VICI_REQUEST, "list-sas");
    vici_rig_say(&rig, VICI_EVENT, "list-sa", "k", "1");
    vici_rig_say(&rig, VICI_EVENT, "list-sa", "k", "2");
    vici_rig_say(&rig, VICI_RESPONSE, NULL, "k", "all");
    vici_rig_turn(&loop);
    CHECK_TEXT(story, "opened event:list-sa piece:1 piece:2 list =all");
    end();
}

static void bytes_may_come_one_by_one(void)
{
    uint8_t room[64];
    struct writer writer = writer_over(room, sizeof room);
    begin();
    vici_rig_turn(&loop);
    CHECK(ask("one", "first"));
    vici_begin(&writer, VICI_RESPONSE, NULL);
    vici_key_text(&writer, "k", "1");
    vici_end(&writer);
    for (size_t i = 0; i < writer.size; i++) {
        CHECK_TEXT(story, "opened");
        CHECK_EQUAL(send(rig.fd, room + i, 1, MSG_NOSIGNAL), 1);
        vici_rig_turn(&loop);
    }
    CHECK_TEXT(story, "opened first =1");
    end();
}

static void a_long_packet_comes_whole(void)
{
    static uint8_t room[VICI_PACKET_MAX + 4];
    static uint8_t value[VICI_VALUE_MAX];
    struct writer writer = writer_over(room, sizeof room);
    begin();
    vici_rig_turn(&loop);
    CHECK(ask("one", "first"));
    memset(value, 'x', sizeof value);
    vici_begin(&writer, VICI_RESPONSE, NULL);
    for (int i = 0; i < 7; i++)
        vici_key(&writer, "long", (struct slice){value, sizeof value});
    vici_key_text(&writer, "k", "1");
    vici_end(&writer);
    for (size_t sent = 0; sent < writer.size;) {
        ssize_t size = send(rig.fd, room + sent, writer.size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += size > 0 ? (size_t)size : 0;
        vici_rig_turn(&loop);
    }
    CHECK_TEXT(story, "opened first =1");
    end();
}

/* What is no packet, no message, or no answer to anything ends the line, and what was asked. */
static void what_cannot_be_right_breaks_the_line(void)
{
    static const struct {
        const char *bytes;
        size_t size;
    } wrong[] = {
        {"\0\0\0\0\0", 5},            /* empty */
        {"\0\x20\0\0\1", 5},          /* longer than charon's own limit */
        {"\0\0\0\1\x9", 5},           /* of no known type */
        {"\0\0\0\2\1\2", 6},          /* the end of a section that did not begin */
        {"\0\0\0\1\5", 5},            /* an event confirmed that nobody wanted */
        {"\0\0\0\1\1\0\0\0\1\1", 10}, /* two answers to one question */
        {"\0\0\0\3\0\1x", 7},         /* a request */
    };
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        begin();
        vici_rig_turn(&loop);
        CHECK(ask("one", "first"));
        expect(VICI_REQUEST, "one");
        CHECK_EQUAL(send(rig.fd, wrong[i].bytes, wrong[i].size, MSG_NOSIGNAL), wrong[i].size);
        vici_rig_turn(&loop);
        CHECK_TEXT(story, i == 5 ? "opened first =? closed" : "opened first broken closed");
        CHECK(!vici_line_is_open(line) && !ask("two", "second"));
        end();
    }
}

/* A stream that is wanted meanwhile is not registered by what was never asked. */
static void a_confirmation_is_no_answer(void)
{
    begin();
    vici_rig_turn(&loop);
    CHECK(ask("one", "first"));
    CHECK(vici_line_ask(line, vici_rig_request("list-sas"), "list-sa", piece, answered, "list"));
    expect(VICI_REQUEST, "one");
    vici_rig_say(&rig, VICI_CONFIRM, NULL, "", "");
    vici_rig_turn(&loop);
    CHECK_TEXT(story, "opened first broken list broken closed");
    end();
}

static void what_is_asked_is_bounded(void)
{
    begin();
    vici_rig_turn(&loop);
    for (int i = 0; i < VICI_LINE_QUEUE_MAX; i++)
        CHECK(vici_line_ask(line, vici_rig_request("x"), NULL, NULL, NULL, NULL));
    CHECK(!ask("one", "more"));
    end();
}

static int listening(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    memcpy(address.sun_path, path, strlen(path) + 1);
    CHECK_EQUAL(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQUAL(listen(fd, 4), 0);
    return fd;
}

static void accept_line(int listener)
{
    rig = (struct vici_rig){.fd = -1};
    for (int turns = 0; rig.fd < 0 && turns < 1000; turns++) {
        uv_run(&loop, UV_RUN_NOWAIT);
        poll(NULL, 0, 5);
        rig.fd = accept(listener, NULL, NULL);
    }
    CHECK(rig.fd >= 0);
}

static void a_line_connects_again_for_as_long_as_it_lives(void)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/vici_line-%d", (int)getpid());
    CHECK_EQUAL(uv_loop_init(&loop), 0);
    story[0] = '\0';
    line = vici_line_create(&loop, path, &EARS);
    vici_line_want(line, "log");
    for (int i = 0; i < 20; i++) { /* nobody is there yet */
        uv_run(&loop, UV_RUN_NOWAIT);
        poll(NULL, 0, 5);
    }
    CHECK_TEXT(story, "");
    int listener = listening(path);
    for (int round = 0; round < 2; round++) {
        accept_line(listener);
        expect(VICI_REGISTER, "log");
        vici_rig_say(&rig, VICI_CONFIRM, NULL, "", "");
        vici_rig_turn(&loop);
        CHECK(vici_line_is_open(line));
        CHECK(ask("one", "first"));
        close(rig.fd);
        vici_rig_turn(&loop);
    }
    CHECK_TEXT(story, "opened first broken closed opened first broken closed");
    vici_line_destroy(line);
    close(listener);
    unlink(path);
    vici_rig_end_loop(&loop);
}

static void break_in_answer(void *of, enum vici_outcome outcome, struct slice message)
{
    answered(of, outcome, message);
    if (outcome == VICI_ANSWERED)
        vici_line_break(line);
}

static void a_line_may_be_broken_by_who_hears_it(void)
{
    begin();
    vici_rig_turn(&loop);
    CHECK(vici_line_ask(line, vici_rig_request("one"), NULL, NULL, break_in_answer, "first"));
    CHECK(ask("two", "second"));
    expect(VICI_REQUEST, "one");
    vici_rig_say(&rig, VICI_RESPONSE, NULL, "k", "1");
    vici_rig_say(&rig, VICI_RESPONSE, NULL, "k", "2");
    vici_rig_turn(&loop);
    CHECK_TEXT(story, "opened first =1 second broken closed");
    end();
}

static void who_is_destroyed_is_told_nothing(void)
{
    begin();
    vici_rig_turn(&loop);
    CHECK(ask("one", "first") && ask("two", "second"));
    end();
    CHECK_TEXT(story, "opened");
}

int main(void)
{
    TEST(events_are_wanted_before_anything_is_asked);
    TEST(answers_come_in_turn);
    TEST(a_stream_belongs_to_its_command);
    TEST(bytes_may_come_one_by_one);
    TEST(a_long_packet_comes_whole);
    TEST(what_cannot_be_right_breaks_the_line);
    TEST(a_confirmation_is_no_answer);
    TEST(what_is_asked_is_bounded);
    TEST(a_line_connects_again_for_as_long_as_it_lives);
    TEST(a_line_may_be_broken_by_who_hears_it);
    TEST(who_is_destroyed_is_told_nothing);
    return harness_done();
}
