#include "cli/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECOND_US = 1000000, PAUSE_US = 200000 };

/* What check_options.progress calls what it does, in the reader's words. */
static const struct {
    const char *doing, *words;
} doings[] = {
    {"base", "the story"},          {"order", "other orders of starts"},
    {"evidence", "evidence"},       {"remedy", "remedies"},
    {"quiet", "without the story"}, {"variant", "one announcement more"},
};

static const char *words_of(const char *doing)
{
    for (size_t i = 0; i < sizeof doings / sizeof *doings; i++) {
        if (strcmp(doings[i].doing, doing) == 0)
            return doings[i].words;
    }
    return doing;
}

void progress_begin(struct progress *progress, FILE *out, int64_t (*clock_us)(void))
{
    const char *terminal = getenv("TERM");
    bool able = isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") != 0;
    *progress =
        (struct progress){.out = able ? out : NULL, .clock_us = clock_us, .began_us = clock_us()};
}

void progress_show(void *context, size_t networks_run, const char *doing)
{
    struct progress *progress = context;
    if (!progress->out)
        return;
    int64_t now_us = progress->clock_us(), spent_us = now_us - progress->began_us;
    if (spent_us < SECOND_US || (progress->shown_us && now_us - progress->shown_us < PAUSE_US))
        return;
    progress->shown_us = now_us;
    fprintf(progress->out, "\r%zu networks run, %" PRId64 " s: %s\033[K", networks_run,
            spent_us / SECOND_US, words_of(doing));
    fflush(progress->out);
}

void progress_end(struct progress *progress)
{
    if (progress->out && progress->shown_us) {
        fputs("\r\033[K", progress->out);
        fflush(progress->out);
    }
    progress->out = NULL;
}
