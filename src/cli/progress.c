#include "cli/progress.h"

#include "base/text.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SECOND_US = 1000000, PAUSE_US = 200000 };

/* What check_options.progress calls what it does, in the reader's words. */
static const struct {
    const char *doing, *words;
} doings[] = {
    {"base", "other orders of starts"},
    {"order", "other orders of starts"},
    {"evidence", "evidence"},
    {"remedy", "remedies"},
    {"variant", "a failure or an announcement more"},
    {"failure", "single failures"},
};

static struct progress *volatile current; /* whose line SIGALRM renews */

static const char *words_of(const char *doing)
{
    for (size_t i = 0; i < sizeof doings / sizeof *doings; i++) {
        if (strcmp(doings[i].doing, doing) == 0)
            return doings[i].words;
    }
    return doing;
}

/* A line that a terminal misses is no failure. */
static void put(int file, const char *text, size_t size)
{
    ssize_t written = write(file, text, size);
    (void)written;
}

/* Nothing here may be unfit for a signal's handler. */
static void renew(struct progress *progress)
{
    char line[160];
    int64_t now_us = progress->clock_us(), spent_us = now_us - progress->began_us;
    if (spent_us < SECOND_US || (progress->shown_us && now_us - progress->shown_us < PAUSE_US))
        return;
    progress->shown_us = now_us;
    struct text text = text_over(line, sizeof line);
    text_char(&text, '\r');
    text_u64(&text, progress->networks_run);
    text_add(&text, progress->networks_run == 1 ? " network run, " : " networks run, ");
    if (progress->part_count > 0) {
        text_u64(&text, progress->parts_done);
        text_add(&text, " of ");
        text_u64(&text, progress->part_count);
        text_add(&text, " parts, ");
    }
    text_i64(&text, spent_us / SECOND_US);
    text_add(&text, " s: ");
    text_add(&text, progress->doing);
    text_add(&text, "\033[K");
    put(progress->file, line, text.size);
}

static void on_alarm(int signal)
{
    struct progress *progress = current;
    (void)signal;
    if (progress)
        renew(progress);
}

static void tick(bool on)
{
    struct sigaction action = {.sa_handler = on ? on_alarm : SIG_DFL, .sa_flags = SA_RESTART};
    struct itimerval every = {.it_interval.tv_sec = on, .it_value.tv_sec = on};
    sigemptyset(&action.sa_mask);
    if (on)
        sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
    if (!on)
        sigaction(SIGALRM, &action, NULL);
}

int64_t progress_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

void progress_begin(struct progress *progress, FILE *out, int64_t (*clock_us)(void))
{
    const char *terminal = getenv("TERM");
    bool able = isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") != 0;
    *progress = (struct progress){.file = able ? fileno(out) : -1,
                                  .clock_us = clock_us,
                                  .began_us = clock_us(),
                                  .doing = "the story"};
    if (!able)
        return;
    current = progress;
    tick(true);
}

void progress_show(void *context, size_t networks_run, const char *doing)
{
    struct progress *progress = context;
    if (progress->file < 0)
        return;
    progress->networks_run = networks_run;
    progress->doing = words_of(doing);
    renew(progress);
}

void progress_show_check(void *context, const struct check_progress *now)
{
    struct progress *progress = context;
    progress->parts_done = now->parts_done;
    progress->part_count = now->part_count;
    progress_show(context, now->networks_run, now->doing);
}

void progress_end(struct progress *progress)
{
    static const char nothing[] = "\r\033[K";
    if (progress->file < 0)
        return;
    tick(false);
    current = NULL;
    if (progress->shown_us)
        put(progress->file, nothing, sizeof nothing - 1);
    progress->file = -1;
}
