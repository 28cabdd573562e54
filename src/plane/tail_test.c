#include "plane/tail.h"

#include "tests/harness.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uv_loop_t loop;
static struct tail *tail;
static char path[64], story[256];
static unsigned lines;
static int fd;

static void heard(void *of, struct slice text)
{
    size_t size = strlen(story);
    CHECK(of == path);
    lines++;
    if (size + text.size + 2 < sizeof story) {
        memcpy(story + size, text.data, text.size);
        memcpy(story + size + text.size, "|", 2);
    }
}

static void begin(const char *before)
{
    snprintf(path, sizeof path, "/tmp/sekisho-tail-%d", (int)getpid());
    unlink(path);
    story[0] = '\0';
    lines = 0;
    CHECK_EQUAL(uv_loop_init(&loop), 0);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    CHECK_EQUAL(write(fd, before, strlen(before)), strlen(before));
    tail = tail_create(&loop, path, heard, path);
    CHECK(tail != NULL);
}

static void put(const char *text)
{
    CHECK_EQUAL(write(fd, text, strlen(text)), strlen(text));
}

static void end(void)
{
    tail_destroy(tail);
    close(fd);
    unlink(path);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&loop), 0);
}

static void only_what_comes_is_read_and_only_whole_lines(void)
{
    begin("before\nalso ");
    put("one\ntwo\nthr");
    tail_read(tail);
    CHECK_TEXT(story, "one|two|");
    put("ee\n\n");
    tail_read(tail);
    tail_read(tail);
    CHECK_TEXT(story, "one|two|three||");
    end();
}

static void the_loop_hears_of_it(void)
{
    begin("");
    put("one\n");
    for (int i = 0; i < 4000 && lines == 0; i++) {
        uv_run(&loop, UV_RUN_NOWAIT);
        poll(NULL, 0, 5);
    }
    CHECK_TEXT(story, "one|");
    end();
}

static void a_line_that_is_too_long_is_left_out(void)
{
    char text[TAIL_LINE_MAX + 1];
    memset(text, 'x', sizeof text);
    text[TAIL_LINE_MAX] = '\0';
    begin("");
    put(text); /* this long it may be */
    put("\n");
    tail_read(tail);
    CHECK_EQUAL(lines, 1);
    put(text);
    put("y\nnext\n");
    tail_read(tail);
    CHECK_EQUAL(lines, 2);
    CHECK_TEXT(story, "next|");
    end();
}

static void a_long_file_is_cut_and_goes_on(void)
{
    static char text[4096];
    struct stat about;
    memset(text, '.', sizeof text - 1);
    for (size_t i = 63; i < sizeof text - 1; i += 64)
        text[i] = '\n';
    begin("");
    for (size_t size = 0; size <= TAIL_FILE_MAX; size += sizeof text - 1)
        put(text);
    put("\n");
    tail_read(tail);
    CHECK(lines > TAIL_FILE_MAX / 66);
    CHECK_EQUAL(stat(path, &about), 0);
    CHECK_EQUAL(about.st_size, 0);
    put("after\n");
    story[0] = '\0';
    tail_read(tail);
    CHECK_TEXT(story, "after|");
    end();
}

static void a_file_that_somebody_cut_is_read_from_its_beginning(void)
{
    begin("a long beginning\n");
    CHECK_EQUAL(truncate(path, 0), 0);
    put("new\n");
    tail_read(tail);
    CHECK_TEXT(story, "new|");
    end();
}

static void a_file_is_made_for_its_owner_alone(void)
{
    struct stat about;
    begin("");
    CHECK(tail_create(&loop, "/nowhere/log", heard, path) == NULL);
    tail_destroy(tail);
    unlink(path);
    tail = tail_create(&loop, path, heard, path);
    CHECK(tail != NULL && stat(path, &about) == 0);
    CHECK_EQUAL(about.st_mode & 0777, 0600);
    end();
}

int main(void)
{
    TEST(only_what_comes_is_read_and_only_whole_lines);
    TEST(the_loop_hears_of_it);
    TEST(a_line_that_is_too_long_is_left_out);
    TEST(a_long_file_is_cut_and_goes_on);
    TEST(a_file_that_somebody_cut_is_read_from_its_beginning);
    TEST(a_file_is_made_for_its_owner_alone);
    return harness_done();
}
