#include "cli/interrupt.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t heard;
static int answer_to = -1;
static char answer[128]; /* made beforehand: a signal may not print */
static size_t answer_size;
static struct sigaction before;
static sigset_t mask_before;

static void hear(int signal)
{
    (void)signal;
    heard = 1;
    ssize_t written = answer_to >= 0 ? write(answer_to, answer, answer_size) : 0;
    (void)written;
}

void interrupt_listen(int file, const char *what)
{
    struct sigaction listen = {.sa_handler = hear, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    const char *clear = file >= 0 && isatty(file) ? "\r\033[K" : "";
    sigset_t mask;
    heard = 0;
    answer_to = file;
    int size = snprintf(answer, sizeof answer, "%sinterrupted: %s; once more ends it at once\n",
                        clear, what);
    assert(size > 0 && (size_t)size < sizeof answer);
    answer_size = (size_t)size;
    sigemptyset(&listen.sa_mask);
    sigaction(SIGINT, NULL, &before);
    if (before.sa_handler != SIG_IGN)
        sigaction(SIGINT, &listen, NULL);
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigprocmask(SIG_UNBLOCK, &mask, &mask_before);
}

void interrupt_forget(void)
{
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
    sigaction(SIGINT, &before, NULL);
}

bool interrupt_heard(void)
{
    return heard;
}
