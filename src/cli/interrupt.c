#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t heard;
static struct sigaction before;
static sigset_t mask_before;

static void hear(int signal)
{
    (void)signal;
    heard = 1;
}

void interrupt_listen(void)
{
    struct sigaction listen = {.sa_handler = hear, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigset_t mask;
    heard = 0;
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
