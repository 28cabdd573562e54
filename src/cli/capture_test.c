/* What a capture says and writes; tests/interop/tunnels.py has one of a real tunnel, and tshark to
 * read it. */
#include "cli/daemon_rig.h"
#include "plane/pcapng.h"
#include "plane/space.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/stat.h>

enum { SENT_EACH_MS = 5 };

static char space[NAME_SPACE_BYTES], tunnels[512], path[64];
static struct trouble trouble;

static const char *row_of(const char *device)
{
    snprintf(tunnels, sizeof tunnels,
             "{\"plane\": \"userspace\", \"namespace\": \"%s\", \"tunnels\": [{\"tunnel\": "
             "\"vpn-a/1\", \"device\": %s}]}",
             space, device);
    return tunnels;
}

static void mistakes_are_named(void)
{
    check_mistake("capture", "error: capture needs TUNNEL; see: sekisho help capture\n");
    check_mistake("capture a/1 --count x", "error: --count x: expected a number, 0 or more\n");
    check_mistake("capture a/1 --count 0", "error: --count: expected more than 0\n");
    check_mistake("capture a/1 --seconds 0", "error: --seconds: expected more than 0\n");
    check_mistake("capture a/1 --json", "error: --json is for --write; standard output has "
                                        "the packets\n");
    const struct ran *run = run_cli("capture a/1 --seconds soon");
    CHECK_EQUAL(run->status, CLI_USAGE);
}

static void what_is_not_there_is_named(void)
{
    const struct ran *run =
        daemon_run("capture vpn-b/1", (const char *const[]){row_of("null"), NULL});
    CHECK_EQUAL(run->status, CLI_USAGE);
    CHECK(contains(run->err, "there is no tunnel vpn-b/1; expected one of vpn-a/1\n"));
    run = daemon_run("capture vpn-a/1", (const char *const[]){row_of("null"), NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK(contains(run->err, "vpn-a/1 has no device now"));
    CHECK_TEXT(run->out, "");
    snprintf(space, sizeof space, "skpl-there-is-none");
    run = daemon_run("capture vpn-a/1", (const char *const[]){row_of("\"vpn-a-1\""), NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK(contains(run->err, "skpl-there-is-none"));
    CHECK_TEXT(run->out, "");
}

/* Packets on the namespace's loopback device, until it is ended. */
static pid_t send_all_the_time(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fflush(stdout);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = space_socket(space, AF_INET, SOCK_DGRAM, 0, &trouble);
    for (;;) {
        (void)!sendto(fd, "inside", 6, 0, (struct sockaddr *)&to, sizeof to);
        poll(NULL, 0, SENT_EACH_MS);
    }
}

static size_t read_file(uint8_t *bytes, size_t cap)
{
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(bytes, 1, cap, file) : 0;
    if (file)
        fclose(file);
    return size;
}

/* One answer for each of the daemon's lives. */
static const struct ran *captures(const char *words)
{
    char line[256];
    snprintf(line, sizeof line, "capture vpn-a/1 %s --write %s", words, path);
    return daemon_run(line, (const char *const[]){row_of("\"lo\""), NULL});
}

static void packets_are_written_for_their_owner(void)
{
    static uint8_t bytes[1 << 16];
    struct stat about;
    char line[128];
    pid_t sender = send_all_the_time();
    const struct ran *run = captures("--count 5");
    snprintf(line, sizeof line, "%s: 5 packets of vpn-a/1, 0 dropped\n", path);
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK_TEXT(run->out, line);
    CHECK(stat(path, &about) == 0 && (about.st_mode & 0777) == 0600);
    size_t size = read_file(bytes, sizeof bytes);
    CHECK(size > 4 && memcmp(bytes, "\x0a\x0d\x0d\x0a", 4) == 0);
    size_t packets = 0;
    for (size_t at = 0; at + 6 <= size; at++)
        packets += memcmp(bytes + at, "inside", 6) == 0;
    CHECK(packets >= 2 && packets <= 5); /* others are answers that nobody listens */
    run = captures("--count 2 --json");
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK(contains(run->out, "\"packets\": 2") && contains(run->out, "\"dropped\": 0"));
    kill(sender, SIGKILL);
    waitpid(sender, NULL, 0);
}

static void time_ends_it_without_a_packet(void)
{
    const struct ran *run = captures("--seconds 0.1");
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK(contains(run->out, ": 0 packets of vpn-a/1, 0 dropped\n"));
    unlink(path);
    snprintf(path, sizeof path, "/nowhere/capture");
    run = captures("--seconds 0.1");
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK(contains(run->err, "/nowhere/capture: No such file or directory\n"));
}

int main(void)
{
    snprintf(space, sizeof space, "skpl%d-capture", (int)getpid());
    snprintf(path, sizeof path, "/tmp/sekisho-capture-%d", (int)getpid());
    TEST(mistakes_are_named);
    TEST(what_is_not_there_is_named);
    snprintf(space, sizeof space, "skpl%d-capture", (int)getpid());
    if (space_make(space, &trouble)) {
        TEST(packets_are_written_for_their_owner);
        TEST(time_ends_it_without_a_packet);
        space_remove(space, NULL);
    } else {
        harness_skip("a capture", trouble.sentence);
    }
    return rig_done();
}
