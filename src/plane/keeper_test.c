/* The keeper's manners: what it takes and what it refuses, before anything is made. */
#include "plane/keeper.h"

#include "tests/harness.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int fd;
static pid_t pid;
static char key_path[64];

static void begin(const char *outer)
{
    struct order order = {.kind = ORDER_BEGIN, .begin = {.choice = PLANE_USERSPACE}};
    snprintf(order.begin.gateway, sizeof order.begin.gateway, "keeper-test");
    pid = keeper_fork(outer, &fd);
    CHECK(pid > 0);
    CHECK_EQUAL(order_send(fd, &order), 0);
}

static void check_ends(void)
{
    int status = -1;
    close(fd);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static struct order want(const char *psk_file)
{
    struct order order = {.kind = ORDER_WANT};
    struct plane_tunnel *tunnel = &order.want.tunnel;
    snprintf(tunnel->name, sizeof tunnel->name, "vpn-a/1");
    snprintf(order.want.psk_file, sizeof order.want.psk_file, "%s", psk_file);
    tunnel->outside = 0xcb007101;
    tunnel->inside_ours = 0xa9fe0101;
    tunnel->inside_theirs = 0xa9fe0102;
    tunnel->inside_len = 30;
    tunnel->mtu = 1400;
    tunnel->options = tunnel_options_standard;
    tunnel->watch = tunnel_watch_of(40);
    return order;
}

static const char *answer(uint32_t kind)
{
    static struct report report;
    CHECK_EQUAL(report_receive(fd, &report), 1);
    CHECK_EQUAL(report.kind, kind);
    return report.kind == REPORT_REFUSED   ? report.sentence
           : report.kind == REPORT_TROUBLE ? report.trouble.sentence
                                           : "";
}

static void a_key_that_cannot_be_had_is_refused_by_its_file(void)
{
    struct order order = want("/nowhere/key");
    begin(NULL);
    CHECK_EQUAL(order_send(fd, &order), 0);
    CHECK_TEXT(answer(REPORT_REFUSED),
               "vpn-a/1: the key in /nowhere/key cannot be had: No such file or directory");
    CHECK_EQUAL(order_send(fd, &(struct order){.kind = ORDER_PREPARE}), 0); /* passed over */
    check_ends();
}

static void what_is_in_a_key_file_is_never_told(void)
{
    FILE *file = fopen(key_path, "w");
    fputs("no key, but a secret\n", file);
    fclose(file);
    struct order order = want(key_path);
    begin(NULL);
    CHECK_EQUAL(order_send(fd, &order), 0);
    const char *said = answer(REPORT_REFUSED);
    CHECK(strstr(said, "expected one line of 8 to 64"));
    CHECK(!strstr(said, "secret"));
    check_ends();
    unlink(key_path);
}

static void what_is_no_order_is_passed_over(void)
{
    begin(NULL);
    CHECK_EQUAL(send(fd, "rubbish", 7, 0), 7);
    CHECK_TEXT(answer(REPORT_TROUBLE), "an order was none, and was passed over");
    check_ends();
}

static void an_outer_namespace_that_is_not_there_is_refused(void)
{
    begin("/nowhere/space");
    CHECK(strstr(answer(REPORT_REFUSED), "/nowhere/space"));
    check_ends();
}

static void nothing_to_take_down_is_gone_at_once(void)
{
    begin(NULL);
    CHECK_EQUAL(order_send(fd, &(struct order){.kind = ORDER_TAKE_DOWN}), 0);
    answer(REPORT_GONE);
    check_ends();
}

/* A terminal's signals are the gateway's to judge. */
static void it_outlasts_signals(void)
{
    begin(NULL);
    CHECK_EQUAL(send(fd, "rubbish", 7, 0), 7);
    answer(REPORT_TROUBLE); /* it has begun */
    CHECK_EQUAL(kill(pid, SIGTERM), 0);
    CHECK_EQUAL(kill(pid, SIGINT), 0);
    CHECK_EQUAL(send(fd, "rubbish", 7, 0), 7);
    answer(REPORT_TROUBLE);
    check_ends();
}

int main(void)
{
    snprintf(key_path, sizeof key_path, "/tmp/sekisho-keeper-%d.key", (int)getpid());
    TEST(a_key_that_cannot_be_had_is_refused_by_its_file);
    TEST(what_is_in_a_key_file_is_never_told);
    TEST(what_is_no_order_is_passed_over);
    TEST(an_outer_namespace_that_is_not_there_is_refused);
    TEST(nothing_to_take_down_is_gone_at_once);
    TEST(it_outlasts_signals);
    return harness_done();
}
