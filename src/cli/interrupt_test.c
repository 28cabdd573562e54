#include "cli/interrupt.h"

#include "tests/harness.h"

#include <signal.h>
#include <unistd.h>

static void (*action(void))(int)
{
    struct sigaction now;
    sigaction(SIGINT, NULL, &now);
    return now.sa_handler;
}

static void the_first_is_heard_and_the_second_would_end_it(void)
{
    interrupt_listen(-1);
    CHECK(!interrupt_heard());
    CHECK(action() != SIG_DFL);
    raise(SIGINT);
    CHECK(interrupt_heard());
    CHECK(action() == SIG_DFL);
    interrupt_forget();
}

static void what_was_heard_is_forgotten(void)
{
    interrupt_listen(-1);
    raise(SIGINT);
    interrupt_forget();
    CHECK(action() == SIG_DFL);
    interrupt_listen(-1);
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
    interrupt_listen(-1);
    CHECK(interrupt_heard());
    interrupt_forget();
    sigprocmask(SIG_SETMASK, NULL, &after);
    CHECK(sigismember(&after, SIGINT) == 1);
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
}

static void it_is_answered_on_a_terminal(void)
{
    int ends[2];
    char bytes[128];
    CHECK(pipe(ends) == 0);
    interrupt_listen(ends[1]);
    raise(SIGINT);
    interrupt_forget();
    ssize_t size = read(ends[0], bytes, sizeof bytes - 1);
    bytes[size > 0 ? size : 0] = 0;
    CHECK_TEXT(bytes,
               "\r\033[Kinterrupted: ends after the run at hand; once more ends it at once\n");
    close(ends[0]);
    close(ends[1]);
}

static void who_ignores_it_goes_on_doing_so(void)
{
    signal(SIGINT, SIG_IGN);
    interrupt_listen(-1);
    CHECK(action() == SIG_IGN);
    raise(SIGINT);
    CHECK(!interrupt_heard());
    interrupt_forget();
    CHECK(action() == SIG_IGN);
    signal(SIGINT, SIG_DFL);
}

int main(void)
{
    signal(SIGINT, SIG_DFL); /* a shell starts what runs in its background with it ignored */
    TEST(the_first_is_heard_and_the_second_would_end_it);
    TEST(what_was_heard_is_forgotten);
    TEST(a_signal_that_was_blocked_is_heard);
    TEST(it_is_answered_on_a_terminal);
    TEST(who_ignores_it_goes_on_doing_so);
    return harness_done();
}
