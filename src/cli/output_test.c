#include "cli/output.h"

#include "tests/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

/* More than a buffer, and then it fails in another way: the reason is the first one. */
static void the_reason_is_kept(void)
{
    struct output output;
    int full = open("/dev/full", O_WRONLY);
    FILE *out = output_open(&output, full);
    CHECK(full >= 0 && out != NULL);
    CHECK_EQUAL(output.error, 0);
    for (int i = 0; i < 3 * BUFSIZ; i++)
        fputc('x', out);
    CHECK(ferror(out));
    int unfit = open("/dev/null", O_RDONLY);
    CHECK(dup2(unfit, full) == full);
    fputc('x', out);
    CHECK(fflush(out) != 0 && errno == EBADF);
    CHECK_EQUAL(output.error, ENOSPC);
    close(unfit);
    fclose(out);
    close(full);
}

static void all_of_it_arrives(void)
{
    static char sent[BUFSIZ * 2 + 7], got[sizeof sent + 1];
    struct output output;
    int ends[2];
    CHECK(pipe(ends) == 0);
    FILE *out = output_open(&output, ends[1]);
    memset(sent, 'y', sizeof sent);
    CHECK_EQUAL(fwrite(sent, 1, sizeof sent, out), sizeof sent);
    CHECK(fclose(out) == 0);
    CHECK_EQUAL(output.error, 0);
    CHECK(close(ends[1]) == 0); /* fclose left it open */
    CHECK_EQUAL(read(ends[0], got, sizeof got), (ssize_t)sizeof sent);
    CHECK(memcmp(sent, got, sizeof sent) == 0);
    close(ends[0]);
}

/* A disk that is nearly full takes a part without an error, which comes with the rest. */
static void a_part_is_not_all(void)
{
    struct output output;
    struct rlimit before, little = {.rlim_cur = 100};
    FILE *file = tmpfile();
    CHECK(file && getrlimit(RLIMIT_FSIZE, &before) == 0);
    little.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &little) == 0);
    FILE *out = output_open(&output, fileno(file));
    for (int i = 0; i < 150; i++)
        fputc('z', out);
    CHECK(fflush(out) != 0);
    CHECK_EQUAL(output.error, EFBIG);
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    CHECK_EQUAL(lseek(fileno(file), 0, SEEK_END), 100);
    fclose(out);
    fclose(file);
}

static void a_terminal_has_each_line_at_once(void)
{
    struct output output;
    int ours = -1, theirs = -1;
    char bytes[16] = "";
    CHECK(openpty(&ours, &theirs, NULL, NULL, NULL) == 0);
    FILE *out = output_open(&output, theirs);
    fputs("a line\n", out);
    size_t size = 0;
    ssize_t more = 1; /* a terminal hands out what was written in pieces */
    struct pollfd wait = {.fd = ours, .events = POLLIN};
    while (more > 0 && !strchr(bytes, '\n') && size < sizeof bytes - 1 &&
           poll(&wait, 1, PATIENCE_MS) == 1) {
        more = read(ours, bytes + size, sizeof bytes - 1 - size);
        size += more > 0 ? (size_t)more : 0;
    }
    CHECK_TEXT(bytes, "a line\r\n");
    fclose(out);
    close(theirs);
    close(ours);
}

int main(void)
{
    TEST(the_reason_is_kept);
    TEST(all_of_it_arrives);
    TEST(a_part_is_not_all);
    TEST(a_terminal_has_each_line_at_once);
    return harness_done();
}
