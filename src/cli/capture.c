#include "cli/arguments.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "explain/json.h"
#include "plane/packet_tap.h"
#include "plane/pcapng.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 256, LOOK_MS = 500 };

static const struct option options[] = {
    {"control", "PATH", "the daemon's control socket; otherwise " ASK_WHERE},
    {"write", "FILE", "there, with mode 0600; otherwise to standard output"},
    {"count", "N", "ends after so many packets"},
    {"seconds", "TIME", "ends after that time, such as 10 or 2m"},
    {"json", NULL, "with --write: what was captured, for a machine"},
};

struct capture {
    int fd;
    FILE *out;
    uint64_t count_max; /* 0: no end */
    int64_t until_ms;   /* CLOCK_MONOTONIC; 0: no end */
    uint64_t kept, dropped, seen, bytes;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* -- the file -- */

static void put(const struct capture *capture, const struct writer *writer)
{
    fwrite(writer->data, 1, writer->size, capture->out);
}

static void begin_file(const struct capture *capture, const char *tunnel)
{
    uint8_t bytes[PCAPNG_BEGIN_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    pcapng_begin(&writer, "sekisho capture", tunnel, PACKET_TAP_MAX);
    put(capture, &writer);
    fflush(capture->out); /* whoever reads a pipe sees that there is something */
}

static void end_file(struct capture *capture)
{
    uint8_t bytes[PCAPNG_END_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    packet_tap_counts(capture->fd, &capture->seen, &capture->dropped);
    pcapng_end(&writer, (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec, capture->seen,
               capture->dropped);
    put(capture, &writer);
}

static void put_packet(struct capture *capture, const struct packet_tapped *tapped)
{
    static uint8_t bytes[PACKET_TAP_MAX + PCAPNG_PACKET_MORE];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct pcapng_packet packet = {tapped->time_ns, tapped->outbound, tapped->bytes,
                                   tapped->original_bytes};
    pcapng_packet(&writer, &packet);
    put(capture, &writer);
    capture->kept++;
    capture->bytes += tapped->original_bytes;
}

/* -- packets -- */

static bool is_over(const struct capture *capture)
{
    return interrupt_heard() || ferror(capture->out) ||
           (capture->count_max > 0 && capture->kept >= capture->count_max) ||
           (capture->until_ms > 0 && now_ms() >= capture->until_ms);
}

/* What is there, at most AT_ONCE. A negative errno: the device. */
static int take_some(struct capture *capture)
{
    static uint8_t room[PACKET_TAP_MAX];
    struct packet_tapped tapped;
    int got = 1;
    for (int i = 0; i < AT_ONCE && got == 1 && !is_over(capture); i++) {
        got = packet_tap_read(capture->fd, room, sizeof room, &tapped);
        if (got == 1)
            put_packet(capture, &tapped);
    }
    return got;
}

/* 0, or a negative errno of the device, with which it ended. */
static int take_all(struct capture *capture)
{
    struct pollfd at = {.fd = capture->fd, .events = POLLIN};
    int got = 0;
    while (got >= 0 && !is_over(capture)) {
        int64_t left_ms = capture->until_ms > 0 ? capture->until_ms - now_ms() : LOOK_MS;
        left_ms = left_ms < 0 ? 0 : left_ms > LOOK_MS ? LOOK_MS : left_ms;
        if (poll(&at, 1, (int)left_ms) > 0)
            got = take_some(capture);
        fflush(capture->out);
    }
    return got < 0 ? got : 0;
}

/* -- beginning and end -- */

static enum cli_exit open_tap(struct cli *cli, const json_t *row, int *ret_fd)
{
    const char *device = json_string_value(json_object_get(row, "device"));
    const char *space = json_string_value(json_object_get(row, "namespace"));
    const char *name = json_string_value(json_object_get(row, "tunnel"));
    struct trouble trouble;
    if (!device || !space) {
        cli_error(cli, "%s has no device now; see sekisho show tunnels", name);
        return CLI_WORLD;
    }
    *ret_fd = packet_tap_open(space, device, &trouble);
    if (*ret_fd >= 0)
        return CLI_FINE;
    bool denied = trouble.error == EPERM || trouble.error == EACCES;
    cli_error(cli, "%s%s", trouble.sentence,
              denied ? "; a capture needs CAP_SYS_ADMIN and CAP_NET_RAW, as root has them" : "");
    return CLI_WORLD;
}

static FILE *open_file(struct cli *cli, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out)
        cli_error(cli, "%s: %s", path, strerror(errno));
    return out;
}

static bool tell(struct cli *cli, const struct capture *capture, const char *name, const char *path,
                 bool json)
{
    if (json)
        return json_write_take(json_pack("{s:s, s:s, s:I, s:I, s:I}", "tunnel", name, "file", path,
                                         "packets", (json_int_t)capture->kept, "bytes",
                                         (json_int_t)capture->bytes, "dropped",
                                         (json_int_t)capture->dropped),
                               cli->out.out);
    screen_say(&cli->out, "%s: %" PRIu64 " packets of %s, %" PRIu64 " dropped\n", path,
               capture->kept, name, capture->dropped);
    return true;
}

static enum cli_exit capture_to(struct cli *cli, struct capture *capture, const char *name,
                                const char *path)
{
    begin_file(capture, name);
    interrupt_listen(-1, "");
    int error = take_all(capture);
    interrupt_forget();
    end_file(capture);
    bool written = fflush(capture->out) == 0 && !ferror(capture->out);
    if (!written)
        cli_error(cli, "%s cannot be written", path ? path : "standard output");
    if (error)
        cli_error(cli, "the device of %s: %s", name, strerror(-error));
    return written && error == 0 ? CLI_FINE : CLI_WORLD;
}

static enum cli_exit find_and_open(struct cli *cli, const struct arguments *arguments, int *ret_fd)
{
    struct ask ask;
    enum cli_exit status = ask_open(cli, arguments_value(arguments, "control"), &ask);
    if (status != CLI_FINE)
        return status;
    json_t *row = ask_tunnel(cli, &ask, arguments->operands[0], &status);
    ask_close(&ask);
    if (!row)
        return status;
    status = open_tap(cli, row, ret_fd);
    json_decref(row);
    return status;
}

static enum cli_exit judge(struct cli *cli, const struct arguments *arguments)
{
    if (arguments_has(arguments, "write"))
        return CLI_FINE;
    if (arguments_has(arguments, "json")) {
        cli_error(cli, "--json is for --write; standard output has the packets");
        return CLI_USAGE;
    }
    if (!cli->out.terminal)
        return CLI_FINE;
    cli_error(cli, "standard output is a terminal; expected --write FILE, or a pipe");
    return CLI_USAGE;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    const char *name = arguments->operands[0], *path = arguments_value(arguments, "write");
    struct capture capture = {.out = cli->out.out};
    int64_t lasts_us;
    if (!arguments_number(cli, arguments, "count", 0, &capture.count_max) ||
        !arguments_duration(cli, arguments, "seconds", 0, &lasts_us))
        return CLI_USAGE;
    bool none = arguments_has(arguments, "count") && capture.count_max == 0;
    if (none || (arguments_has(arguments, "seconds") && lasts_us == 0)) {
        cli_error(cli, "--%s: expected more than 0", none ? "count" : "seconds");
        return CLI_USAGE;
    }
    enum cli_exit status = judge(cli, arguments);
    if (status == CLI_FINE)
        status = find_and_open(cli, arguments, &capture.fd);
    if (status != CLI_FINE)
        return status;
    if (path && !(capture.out = open_file(cli, path))) {
        close(capture.fd);
        return CLI_WORLD;
    }
    capture.until_ms = lasts_us > 0 ? now_ms() + lasts_us / 1000 : 0;
    status = capture_to(cli, &capture, name, path);
    close(capture.fd);
    if (path && fclose(capture.out) && status == CLI_FINE) {
        cli_error(cli, "%s cannot be written", path);
        status = CLI_WORLD;
    }
    bool told = status != CLI_FINE || !path ||
                tell(cli, &capture, name, path, arguments_has(arguments, "json"));
    return told ? status : CLI_WORLD;
}

const struct command command_capture = {
    .name = "capture",
    .operands = "TUNNEL",
    .sentence = "Writes the packets inside a tunnel of a running sekishod for Wireshark to read.",
    .text =
        "As they are before they are encrypted and after they were decrypted, both ways, until\n"
        "Ctrl-C, --count or --seconds. The file is pcapng; no key is in it. Without --write it\n"
        "goes to standard output: sekisho capture TUNNEL | wireshark -k -i -. The daemon tells\n"
        "where the tunnel is, the right to look is the caller's own: root's.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 1,
    .run = run,
};
