#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t heard;
static int answer_to = -1;
static struct sigaction before;
static sigset_t mask_before;

static void hear(int signal)
{
    static const char words[] =
        "\r\033[Kinterrupted: ends after the run at hand; once more ends it at once\n";
    (void)signal;
    heard = 1;
    ssize_t written = answer_to >= 0 ? write(answer_to, words, sizeof words - 1) : 0;
    (void)written;
}

void interrupt_listen(int file)
{
    struct sigaction listen = {.sa_handler = hear, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigset_t mask;
    heard = 0;
    answer_to = file;
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
