/* `sekisho lab run`: the story, in real time. */
#include "cli/arguments.h"
#include "cli/interrupt.h"
#include "cli/lab.h"
#include "cli/lab_record.h"
#include "cli/lab_session.h"
#include "lab/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SETTLE_US = 60000000, /* until everything is up */
    AFTER_US = 120000000, /* that a run lasts after the story's last step */
};

/* Where the story's clock is to be in the end; for_us < 0: not said. */
static int64_t end_of(const struct network *network, int64_t from_us, int64_t for_us)
{
    int64_t last_us = network->step_count ? network->story[network->step_count - 1].at_us : 0;
    if (for_us >= 0)
        return from_us + for_us;
    if (network->until_us >= 0)
        return network->until_us;
    return (last_us > from_us ? last_us : from_us) + AFTER_US;
}

static void tell_end(const struct lab_session *session, const struct screen *screen)
{
    fputc('\n', screen->out);
    for (size_t i = 0; i < session->world->tunnel_count; i++) {
        char bytes[256];
        struct text text = text_over(bytes, sizeof bytes);
        bool well = lab_session_sentence(session, (int)i, false, &text);
        screen_say(screen, "%s%s%s\n", well ? SCREEN_GREEN : SCREEN_RED, bytes, SCREEN_END);
    }
}

/* Asked before the minutes that a run takes; what is there stays. */
static bool may_keep(struct cli *cli, const char *path)
{
    char folder[PATH_MAX];
    struct stat about;
    if (!path)
        return true;
    snprintf(folder, sizeof folder, "%s", path);
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode) &&
        !S_ISDIR(about.st_mode)) { /* a pipe would wait for a reader */
        cli_error(cli, "--record %s: no regular file", path);
        return false;
    }
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool may = file >= 0 || (errno == ENOENT && access(dirname(folder), W_OK) == 0);
    if (!may)
        cli_error(cli, "--record %s: %s", path, strerror(errno));
    if (file >= 0)
        close(file);
    return may;
}

static bool may_capture(struct cli *cli, const char *folder)
{
    struct trouble trouble = {0};
    bool may = !folder || captures_ready(folder, &trouble);
    if (!may)
        cli_error(cli, "--pcap: %s", trouble.sentence);
    return may;
}

static bool write_file(const char *path, const char *text, size_t size)
{
    FILE *out = fopen(path, "we");
    bool written = out && fwrite(text, 1, size, out) == size;
    return out && fclose(out) == 0 && written;
}

/* While the lab is still up. */
static enum cli_exit keep(struct lab_session *session, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    if (!path)
        return CLI_FINE;
    FILE *out = open_memstream(&text, &size);
    enum cli_exit status = out ? lab_record_to(session->cli, session->lab, false, out) : CLI_FINE;
    bool made = out && fclose(out) == 0;
    if (status == CLI_FINE && !(made && write_file(path, text, size))) {
        cli_error(session->cli, "--record %s: %s", path, strerror(errno));
        status = CLI_WORLD;
    }
    free(text);
    return status;
}

static enum cli_exit answer(struct lab_session *session, bool json)
{
    enum cli_exit status = CLI_FINE;
    lab_session_ask(session);
    for (size_t i = 0; i < session->world->tunnel_count; i++) {
        if (!lab_session_sentence(session, (int)i, false, NULL))
            status = CLI_FOUND;
    }
    if (!json)
        tell_end(session, &session->cli->out);
    else if (!json_write_take(lab_session_json(session), session->cli->out.out))
        status = CLI_WORLD;
    return status;
}

static enum cli_exit play(struct lab_session *session, const struct arguments *arguments,
                          int64_t from_us, int64_t end_us)
{
    const char *folder = arguments_value(arguments, "pcap");
    struct captures captures = {0};
    struct trouble trouble = {0};
    if (folder && !captures_begin(session->lab, folder, &captures, &trouble)) {
        cli_error(session->cli, "--pcap: %s", trouble.sentence);
        return CLI_WORLD;
    }
    if (!lab_session_settle(session, SETTLE_US))
        screen_say(&session->cli->err, "not everything comes up; the story begins all the same\n");
    lab_session_start(session, from_us);
    bool done = lab_session_play(session, end_us, NULL, true);
    enum cli_exit status = answer(session, arguments_has(arguments, "json"));
    if (!captures_last(&captures, &trouble))
        screen_say(&session->cli->err, "--pcap: %s\n", trouble.sentence);
    captures_end(&captures);
    if (keep(session, arguments_value(arguments, "record")) != CLI_FINE)
        status = CLI_WORLD;
    return done ? status : CLI_WORLD;
}

enum cli_exit lab_run(struct cli *cli, const struct arguments *arguments)
{
    struct lab_session session;
    int64_t from_us, for_us;
    if (!arguments_duration(cli, arguments, "from", 0, &from_us) ||
        !arguments_duration(cli, arguments, "for", -1, &for_us))
        return CLI_USAGE;
    if (!may_keep(cli, arguments_value(arguments, "record")) ||
        !may_capture(cli, arguments_value(arguments, "pcap")))
        return CLI_WORLD;
    interrupt_listen(STDERR_FILENO, "ends with what is known so far");
    bool quiet = arguments_has(arguments, "json");
    enum cli_exit status = lab_session_begin(cli, arguments, quiet, &session);
    if (status == CLI_FINE) {
        session.live = !quiet;
        if (session.live)
            lab_clock_init(&session.clock, &cli->out, "Ctrl-C ends it with what is known");
        session.whole = arguments_has(arguments, "timeline");
        status = play(&session, arguments, from_us, end_of(session.network, from_us, for_us));
        lab_session_end(&session);
    }
    interrupt_forget();
    return status;
}
