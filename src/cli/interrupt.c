#include "cli/interrupt.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t heard;
static int answer_to = -1;
static char answer[128]; /* made beforehand: a signal may not print */
static size_t answer_size;
static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof signals / sizeof *signals };
static struct sigaction before[SIGNALS];
static sigset_t mask_before;

static void hear(int number)
{
    bool again = heard;
    (void)number;
    heard = 1;
    for (int i = 0; i < SIGNALS; i++) {
        if (signals[i] != SIGHUP && before[i].sa_handler != SIG_IGN)
            signal(signals[i], SIG_DFL);
    }
    if (again)
        return;
    ssize_t written = answer_to >= 0 ? write(answer_to, answer, answer_size) : 0;
    (void)written;
}

void interrupt_listen(int file, const char *what)
{
    struct sigaction listen = {.sa_handler = hear, .sa_flags = SA_RESTART};
    const char *clear = file >= 0 && isatty(file) ? "\r\033[K" : "";
    sigset_t mask;
    heard = 0;
    answer_to = file;
    int size = snprintf(answer, sizeof answer, "%sinterrupted: %s; once more ends it at once\n",
                        clear, what);
    assert(size > 0 && (size_t)size < sizeof answer);
    answer_size = (size_t)size;
    sigemptyset(&listen.sa_mask);
    sigemptyset(&mask);
    for (int i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &listen, NULL);
        sigaddset(&mask, signals[i]);
    }
    sigprocmask(SIG_UNBLOCK, &mask, &mask_before);
}

void interrupt_forget(void)
{
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &before[i], NULL);
}

bool interrupt_heard(void)
{
    return heard;
}
