#include "cli/interrupt.h"

#include "tests/harness.h"

#include <signal.h>

static void (*action(void))(int)
{
    struct sigaction now;
    sigaction(SIGINT, NULL, &now);
    return now.sa_handler;
}

static void the_first_is_heard_and_the_second_would_end_it(void)
{
    interrupt_listen();
    CHECK(!interrupt_heard());
    CHECK(action() != SIG_DFL);
    raise(SIGINT);
    CHECK(interrupt_heard());
    CHECK(action() == SIG_DFL);
    interrupt_forget();
}

static void what_was_heard_is_forgotten(void)
{
    interrupt_listen();
    raise(SIGINT);
    interrupt_forget();
    CHECK(action() == SIG_DFL);
    interrupt_listen();
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
    interrupt_listen();
    CHECK(interrupt_heard());
    interrupt_forget();
    sigprocmask(SIG_SETMASK, NULL, &after);
    CHECK(sigismember(&after, SIGINT) == 1);
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
}

static void who_ignores_it_goes_on_doing_so(void)
{
    signal(SIGINT, SIG_IGN);
    interrupt_listen();
    CHECK(action() == SIG_IGN);
    raise(SIGINT);
    CHECK(!interrupt_heard());
    interrupt_forget();
    CHECK(action() == SIG_IGN);
    signal(SIGINT, SIG_DFL);
}

int main(void)
{
    TEST(the_first_is_heard_and_the_second_would_end_it);
    TEST(what_was_heard_is_forgotten);
    TEST(a_signal_that_was_blocked_is_heard);
    TEST(who_ignores_it_goes_on_doing_so);
    return harness_done();
}
