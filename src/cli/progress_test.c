#include "cli/progress.h"

#include "tests/harness.h"

#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static int64_t now_us;

static int64_t clock_us(void)
{
    return now_us;
}

static int begin(struct progress *progress, FILE **ret_out)
{
    int ours = -1, theirs = -1;
    setenv("TERM", "xterm", 1);
    CHECK(openpty(&ours, &theirs, NULL, NULL, NULL) == 0);
    *ret_out = fdopen(theirs, "w");
    now_us = 5000000;
    progress_begin(progress, *ret_out, clock_us);
    return ours;
}

static const char *read_end(int file, FILE *out)
{
    static char bytes[4096];
    fputc('.', out); /* so that there is something to read */
    fflush(out);
    size_t size = 0;
    ssize_t more = 1; /* a terminal hands out what was written in pieces */
    while (more > 0 && (size == 0 || bytes[size - 1] != '.') && size < sizeof bytes - 1) {
        more = read(file, bytes + size, sizeof bytes - 1 - size);
        size += more > 0 ? (size_t)more : 0;
    }
    bytes[size] = 0;
    fclose(out);
    close(file);
    return bytes;
}

static void a_short_answer_shows_nothing(void)
{
    struct progress progress;
    FILE *out;
    int file = begin(&progress, &out);
    now_us += 999999;
    progress_show(&progress, 7, "remedy");
    progress_end(&progress);
    CHECK_TEXT(read_end(file, out), ".");
}

static void a_long_one_says_how_far_it_is(void)
{
    struct progress progress;
    FILE *out;
    int file = begin(&progress, &out);
    now_us += 1000000;
    progress_show(&progress, 7, "remedy");
    now_us += 199999;
    progress_show(&progress, 8, "remedy"); /* too soon after the last */
    now_us += 1;
    progress_show(&progress, 9, "variant");
    progress_end(&progress);
    progress_show(&progress, 10, "variant");
    CHECK_TEXT(read_end(file, out),
               "\r7 networks run, 1 s: remedies\033[K"
               "\r9 networks run, 1 s: a failure or an announcement more\033[K\r\033[K.");
}

static void a_region_tells_its_parts(void)
{
    struct progress progress;
    FILE *out;
    int file = begin(&progress, &out);
    now_us += 12000000;
    struct check_progress now = {
        .networks_run = 4100, .doing = "remedy", .parts_done = 37, .part_count = 100};
    progress_show_check(&progress, &now);
    progress_end(&progress);
    CHECK_TEXT(read_end(file, out),
               "\r4100 networks run, 37 of 100 parts, 12 s: remedies\033[K\r\033[K.");
}

/* In the middle of a long first run. */
static void each_second_the_line_is_renewed(void)
{
    struct progress progress;
    FILE *out;
    int file = begin(&progress, &out);
    now_us += 3000000;
    raise(SIGALRM);
    progress_show(&progress, 1, "order"); /* too soon after the last */
    now_us += 1000000;
    raise(SIGALRM);
    progress_end(&progress);
    CHECK_TEXT(read_end(file, out), "\r0 networks run, 3 s: the story\033[K"
                                    "\r1 network run, 4 s: other orders of starts\033[K\r\033[K.");
    struct sigaction after;
    struct itimerval timer;
    sigaction(SIGALRM, NULL, &after);
    getitimer(ITIMER_REAL, &timer);
    CHECK(after.sa_handler == SIG_DFL);
    CHECK(timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0);
}

static void who_cannot_take_back_a_line_is_told_nothing(void)
{
    struct progress progress;
    FILE *out;
    int file = begin(&progress, &out);
    setenv("TERM", "dumb", 1);
    progress_end(&progress);
    progress_begin(&progress, out, clock_us);
    now_us += 9000000;
    progress_show(&progress, 7, "remedy");
    progress_end(&progress);
    CHECK_TEXT(read_end(file, out), ".");
    setenv("TERM", "xterm", 1);
    char *text = NULL;
    size_t size;
    out = open_memstream(&text, &size);
    progress_begin(&progress, out, clock_us);
    now_us += 9000000;
    progress_show(&progress, 7, "remedy");
    progress_end(&progress);
    fclose(out);
    CHECK_TEXT(text, "");
    free(text);
}

int main(void)
{
    TEST(a_short_answer_shows_nothing);
    TEST(a_long_one_says_how_far_it_is);
    TEST(a_region_tells_its_parts);
    TEST(each_second_the_line_is_renewed);
    TEST(who_cannot_take_back_a_line_is_told_nothing);
    return harness_done();
}
