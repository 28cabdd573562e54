#include "cli/interrupt.h"

#include "tests/harness.h"

#include <pty.h>
#include <signal.h>
#include <unistd.h>

static void (*action_of(int number))(int)
{
    struct sigaction now;
    sigaction(number, NULL, &now);
    return now.sa_handler;
}

static void (*action(void))(int)
{
    return action_of(SIGINT);
}

static void the_first_is_heard_and_the_second_would_end_it(void)
{
    interrupt_listen(-1, "ends");
    CHECK(!interrupt_heard());
    CHECK(action() != SIG_DFL);
    raise(SIGINT);
    CHECK(interrupt_heard());
    CHECK(action() == SIG_DFL);
    interrupt_forget();
}

/* Whoever ends the program from outside does it by this one, and by any other at last. */
static void to_terminate_asks_the_same(void)
{
    interrupt_listen(-1, "ends");
    raise(SIGTERM);
    CHECK(interrupt_heard());
    CHECK(action() == SIG_DFL && action_of(SIGTERM) == SIG_DFL);
    interrupt_forget();
    CHECK(action_of(SIGTERM) == SIG_DFL);
}

/* It comes more than once. */
static void a_terminal_that_is_closed_asks_and_ends_nothing(void)
{
    interrupt_listen(-1, "ends");
    raise(SIGHUP);
    raise(SIGHUP);
    CHECK(interrupt_heard());
    interrupt_forget();
    CHECK(action_of(SIGHUP) == SIG_DFL);
    signal(SIGHUP, SIG_IGN);
    interrupt_listen(-1, "ends");
    raise(SIGHUP);
    CHECK(!interrupt_heard());
    interrupt_forget();
    signal(SIGHUP, SIG_DFL);
}

static void what_was_heard_is_forgotten(void)
{
    interrupt_listen(-1, "ends");
    raise(SIGINT);
    interrupt_forget();
    CHECK(action() == SIG_DFL);
    interrupt_listen(-1, "ends");
    CHECK(!interrupt_heard());
    interrupt_forget();
}

static void a_signal_that_was_blocked_is_heard(void)
{
    sigset_t mask, after;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    raise(SIGINT);
    interrupt_listen(-1, "ends");
    CHECK(interrupt_heard());
    interrupt_forget();
    sigprocmask(SIG_SETMASK, NULL, &after);
    CHECK(sigismember(&after, SIGINT) == 1);
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
}

static void is_answered(int file, int from, const char *wanted)
{
    char bytes[128];
    interrupt_listen(file, "ends after this");
    raise(SIGINT);
    interrupt_forget();
    ssize_t size = read(from, bytes, sizeof bytes - 1);
    bytes[size > 0 ? size : 0] = 0;
    CHECK_TEXT(bytes, wanted);
}

static void a_file_gets_the_sentence_alone(void)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    is_answered(ends[1], ends[0], "interrupted: ends after this; once more ends it at once\n");
    close(ends[0]);
    close(ends[1]);
}

/* What progress shows there is wiped away. */
static void a_terminal_gets_it_on_a_line_of_its_own(void)
{
    int screen, program;
    CHECK(openpty(&screen, &program, NULL, NULL, NULL) == 0);
    is_answered(program, screen,
                "\r\033[Kinterrupted: ends after this; once more ends it at once\r\n");
    close(program);
    close(screen);
}

static void who_ignores_it_goes_on_doing_so(void)
{
    signal(SIGINT, SIG_IGN);
    interrupt_listen(-1, "ends");
    CHECK(action() == SIG_IGN);
    raise(SIGINT);
    CHECK(!interrupt_heard());
    interrupt_forget();
    CHECK(action() == SIG_IGN);
    signal(SIGINT, SIG_DFL);
}

int main(void)
{
    signal(SIGHUP, SIG_DFL);
    signal(SIGINT, SIG_DFL); /* a shell starts what runs in its background with it ignored */
    TEST(the_first_is_heard_and_the_second_would_end_it);
    TEST(to_terminate_asks_the_same);
    TEST(a_terminal_that_is_closed_asks_and_ends_nothing);
    TEST(what_was_heard_is_forgotten);
    TEST(a_signal_that_was_blocked_is_heard);
    TEST(a_file_gets_the_sentence_alone);
    TEST(a_terminal_gets_it_on_a_line_of_its_own);
    TEST(who_ignores_it_goes_on_doing_so);
    return harness_done();
}
