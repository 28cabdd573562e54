#include "run/notify.h"

#include "run/run_rig.h"

#include <sys/un.h>

static char path[64], heard[256];
static int manager;

static void remove_path(void)
{
    if (path[0])
        unlink(path);
}

static void listen_as_manager(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(path, sizeof path, "/tmp/sekishod-%d.notify", (int)getpid());
    memcpy(address.sun_path, path, sizeof path);
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(bind(manager, (struct sockaddr *)&address, sizeof address) == 0);
    atexit(remove_path);
    setenv("NOTIFY_SOCKET", path, 1);
}

/* The next that is told; "" after a while of silence. */
static const char *hear(int patience_ms)
{
    struct pollfd wait = {.fd = manager, .events = POLLIN};
    ssize_t size = 0;
    if (poll(&wait, 1, patience_ms) == 1)
        size = recv(manager, heard, sizeof heard - 1, 0);
    heard[size > 0 ? size : 0] = '\0';
    return heard;
}

static bool hear_line(const char *line)
{
    for (int i = 0; i < 1000; i++) {
        if (strncmp(hear(RIG_PATIENCE_MS), line, strlen(line)) == 0)
            return true;
        if (!heard[0])
            return false;
    }
    return false;
}

static void the_watchdog_is_told_at_half_its_time(void)
{
    struct notify notify;
    setenv("WATCHDOG_USEC", "2000000", 1);
    notify_open(&notify);
    CHECK_EQUAL(notify_turn(&notify, 5000000), 6000000);
    CHECK_TEXT(hear(RIG_PATIENCE_MS), "WATCHDOG=1");
    CHECK_EQUAL(notify_turn(&notify, 5999999), 6000000);
    CHECK_TEXT(hear(0), "");
    CHECK_EQUAL(notify_turn(&notify, 6000001), 7000001);
    CHECK_TEXT(hear(RIG_PATIENCE_MS), "WATCHDOG=1");
    notify_close(&notify);
}

static void somebody_elses_watchdog_is_not_ours(void)
{
    struct notify notify;
    setenv("WATCHDOG_PID", "1", 1);
    notify_open(&notify);
    CHECK_EQUAL(notify_turn(&notify, 5000000), INT64_MAX);
    notify_close(&notify);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "soon", 1);
    notify_open(&notify);
    CHECK_EQUAL(notify_turn(&notify, 5000000), INT64_MAX);
    notify_close(&notify);
    setenv("NOTIFY_SOCKET", "nowhere", 1);
    notify_open(&notify);
    CHECK_EQUAL(notify.fd, -1);
    notify_say(&notify, "READY=1");
    setenv("NOTIFY_SOCKET", path, 1);
    CHECK_TEXT(hear(0), "");
}

/* In its order; between them, as often as it likes, that its loop turns. */
static void a_daemons_life_is_told(void)
{
    struct rig_child gateway;
    setenv("WATCHDOG_USEC", "100000", 1);
    rig_begin(&gateway,
              (const char *const[]){"--network", rig_file(RIG_PAIR), "--gateway", "vgw", NULL});
    CHECK(hear_line("READY=1\nSTATUS=vgw"));
    CHECK(hear_line("WATCHDOG=1"));
    CHECK(hear_line("WATCHDOG=1"));
    kill(gateway.pid, SIGHUP);
    CHECK(hear_line("RELOADING=1"));
    CHECK(hear_line("READY=1"));
    kill(gateway.pid, SIGTERM);
    CHECK(hear_line("STOPPING=1"));
    CHECK_EQUAL(rig_end(&gateway, 0), RUN_FINE);
}

int main(void)
{
    listen_as_manager();
    TEST(the_watchdog_is_told_at_half_its_time);
    TEST(somebody_elses_watchdog_is_not_ours);
    if (rig_network())
        TEST(a_daemons_life_is_told);
    else
        harness_skip("a daemon's life", "no network namespace may be made here");
    return harness_done();
}
