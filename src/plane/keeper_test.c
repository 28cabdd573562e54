#define _GNU_SOURCE /* unshare */

/* The keeper's manners: what it takes and what it refuses, before anything is made and afterwards.
 * A charon that talks with somebody is tests/interop/tunnels.py's. */
#include "plane/keeper.h"

#include "plane/child.h"
#include "plane/endpoint.h"
#include "plane/plane_rig.h"

#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define ONE   "kt" /* gateways' names, and behind them the number of the test's process */
#define OTHER "ku"

static int fd;
static pid_t pid;
static char folder[64], key_path[80], outer_name[NAME_SPACE_BYTES], gateway[ORDER_GATEWAY_BYTES];
static struct permit_pools pools; /* none, but for tests of what comes later */
static enum plane_choice choice = PLANE_USERSPACE;

static void begin(const char *outer)
{
    const struct timeval patience = {.tv_sec = 60};
    struct order order = {.kind = ORDER_BEGIN, .begin = {.choice = (uint8_t)choice}};
    memcpy(order.begin.gateway, gateway, sizeof gateway);
    pid = keeper_fork(outer, &pools, &fd);
    CHECK(pid > 0);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
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
    tunnel->mss = 1360;
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

static void write_key(const char *text)
{
    FILE *file = fopen(key_path, "w");
    fputs(text, file);
    fclose(file);
}

static void what_is_in_a_key_file_is_never_told(void)
{
    write_key("no key, but a secret\n");
    struct order order = want(key_path);
    begin(NULL);
    CHECK_EQUAL(order_send(fd, &order), 0);
    const char *said = answer(REPORT_REFUSED);
    CHECK(strstr(said, "expected one line of 8 to 64"));
    CHECK(!strstr(said, "secret"));
    check_ends();
    unlink(key_path);
}

static void what_is_no_regular_file_is_no_key(void)
{
    static const char *const paths[] = {"/dev/zero", "/dev/null", "/tmp"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct order order = want(paths[i]);
        begin(NULL);
        CHECK_EQUAL(order_send(fd, &order), 0);
        answer(REPORT_REFUSED);
        check_ends();
    }
}

static void more_than_it_keeps_is_refused(void)
{
    struct order order = want("");
    write_key("abcdefgh\n");
    begin(NULL);
    for (int i = 0; i <= PERMIT_TUNNELS; i++) {
        snprintf(order.want.tunnel.name, sizeof order.want.tunnel.name, "v%d/1", i);
        CHECK_EQUAL(order_send(fd, &order), 0);
    }
    CHECK_TEXT(answer(REPORT_REFUSED), "v512/1 is one tunnel more than the 512 of a gateway");
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
    CHECK_EQUAL(kill(pid, SIGQUIT), 0);
    CHECK_EQUAL(send(fd, "rubbish", 7, 0), 7);
    answer(REPORT_TROUBLE);
    check_ends();
}

/* -- with a plane -- */

static struct report report;
static bool carried; /* by this machine */

/* Of this kind; others are news. false: the keeper has ended. */
static bool next(uint32_t kind)
{
    do {
        if (report_receive(fd, &report) != 1)
            return false;
        if (report.kind == REPORT_TROUBLE && kind != REPORT_TROUBLE)
            printf("# %s %s\n", report.trouble.name, report.trouble.sentence);
    } while (report.kind != kind);
    return true;
}

static const char *trouble_after(const struct order *order)
{
    CHECK_EQUAL(order_send(fd, order), 0);
    CHECK(next(REPORT_TROUBLE));
    return report.trouble.sentence;
}

/* One tunnel with a key; false, said aloud: the machine does not permit it. */
static bool settle_at(ip_addr outside)
{
    struct order order = want(key_path);
    order.want.tunnel.outside = outside;
    write_key("abcdefgh\n");
    begin(outer_name);
    CHECK_EQUAL(order_send(fd, &order), 0);
    CHECK_EQUAL(order_send(fd, &(struct order){.kind = ORDER_PREPARE}), 0);
    CHECK_EQUAL(report_receive(fd, &report), 1);
    if (report.kind != REPORT_READY) {
        harness_skip("a keeper with a plane", report.sentence);
        check_ends();
        return false;
    }
    CHECK_EQUAL(order_send(fd, &(struct order){.kind = ORDER_SETTLED}), 0);
    CHECK(next(REPORT_TUNNEL));
    carried = true;
    return true;
}

static bool settle(void)
{
    return settle_at(0xcb007101);
}

static void take_down(void)
{
    CHECK_EQUAL(order_send(fd, &(struct order){.kind = ORDER_TAKE_DOWN}), 0);
    CHECK(next(REPORT_GONE));
    check_ends();
}

static void check_nothing_is_left(void)
{
    char inner[NAME_SPACE_BYTES], endpoint[NAME_SPACE_BYTES];
    name_inner(gateway, inner);
    name_endpoint(gateway, "vpn-a/1", endpoint);
    CHECK(!space_exists(inner));
    CHECK(!space_exists(endpoint));
}

/* Whoever has taken over the gateway's process says what he likes. */
static void once_settled_it_does_what_was_settled(void)
{
    if (!settle())
        return;
    struct order order = want(key_path);
    order.want.tunnel.outside = 0x08080808;
    CHECK_TEXT(trouble_after(&order), "the outside address 8.8.8.8 of vpn-a/1 was not in the file "
                                      "when sekishod started, and lies in no --pool");
    snprintf(order.want.tunnel.name, sizeof order.want.tunnel.name, "vpn-b/1");
    CHECK(strstr(trouble_after(&order), "the outside address 8.8.8.8 of vpn-b/1"));
    order = want("/etc/shadow");
    CHECK(strstr(trouble_after(&order), "the file /etc/shadow of vpn-a/1"));
    order = want("");
    snprintf(order.want.tunnel.authority, sizeof order.want.tunnel.authority, "/etc/ssl/x.pem");
    CHECK(strstr(trouble_after(&order), "the file /etc/ssl/x.pem of vpn-a/1"));
    take_down();
    check_nothing_is_left();
}

/* Another keeper of the same gateway; and one that comes when this one has ended. */
static void a_gateway_has_one_keeper(void)
{
    if (!settle())
        return;
    int first_fd = fd;
    pid_t first = pid;
    begin(outer_name);
    CHECK_EQUAL(order_send(fd, &(struct order){.kind = ORDER_PREPARE}), 0);
    CHECK(strstr(answer(REPORT_REFUSED), "another sekishod on this machine is the gateway kt"));
    check_ends();
    fd = first_fd;
    pid = first;
    check_ends();
    CHECK(settle());
    take_down();
    check_nothing_is_left();
}

/* An end without a word leaves everything; BEGIN and TAKE_DOWN are enough to be rid of it. */
static void what_was_left_is_removed_without_wanting_it(void)
{
    char endpoint[NAME_SPACE_BYTES];
    if (!settle())
        return;
    check_ends();
    name_endpoint(gateway, "vpn-a/1", endpoint);
    CHECK(space_exists(endpoint));
    begin(outer_name);
    take_down();
    check_nothing_is_left();
}

/* The kernel's ESP has one charon for the gateway, in a folder of the gateway's own. */
static void a_charon_of_the_other_plane_is_ended(void)
{
    char name[NAME_DEVICE_BYTES], left[64], record[80];
    name_outer(gateway, "", name);
    snprintf(left, sizeof left, "%s/%s", ENDPOINT_FOLDER, name);
    snprintf(record, sizeof record, "%s/charon.pid", left);
    CHECK(mkdir(ENDPOINT_FOLDER, 0755) == 0 || errno == EEXIST);
    CHECK(mkdir(left, 0700) == 0);
    struct child_plan plan = {.argv = (const char *const[]){"sleep", "300", NULL},
                              .record = record};
    struct child charon = {0};
    FINE(child_start(&plan, &charon, &trouble));
    CHECK(settle());
    CHECK(!child_alive(&charon));
    CHECK(access(left, F_OK) != 0);
    FINE(child_end(&charon, 1000, &trouble));
    take_down();
    check_nothing_is_left();
}

/* -- what comes later, and is another gateway's -- */

struct side {
    int fd;
    pid_t pid;
    char gateway[ORDER_GATEWAY_BYTES];
};

static struct side here(void)
{
    struct side side = {fd, pid, ""};
    memcpy(side.gateway, gateway, sizeof side.gateway);
    return side;
}

static void speak_to(const struct side *side)
{
    fd = side->fd;
    pid = side->pid;
    memcpy(gateway, side->gateway, sizeof gateway);
}

/* As a reload says it. */
static struct order want_at(const char *name, const char *outside)
{
    struct order order = want(key_path);
    struct plane_tunnel *tunnel = &order.want.tunnel;
    snprintf(tunnel->name, sizeof tunnel->name, "%s", name);
    tunnel->outside = rig_addr(outside);
    if (strcmp(name, "vpn-b/1") == 0) {
        tunnel->inside_ours += 4;
        tunnel->inside_theirs += 4;
    }
    return order;
}

static void check_refused(const char *name, const char *outside, const char *why)
{
    struct order order = want_at(name, outside);
    const char *said = trouble_after(&order);
    CHECK_TEXT(report.trouble.name, name);
    if (!strstr(said, outside) || !strstr(said, why))
        printf("# %s, not: %s\n", said, why);
    CHECK(strstr(said, outside) && strstr(said, why));
}

static void check_carried(const char *name, const char *outside)
{
    struct order order = want_at(name, outside);
    CHECK_EQUAL(order_send(fd, &order), 0);
    do
        CHECK(next(REPORT_TUNNEL));
    while (strcmp(report.tunnel.name, name) != 0);
}

static void the_machine_has(const char *outside, bool has)
{
    struct rtnetlink kernel;
    struct plane_address own = {.addr = rig_addr(outside), .len = 32};
    FINE(rtnetlink_open(&kernel, outer_name, &trouble));
    FINE(address_all(&kernel, "lo", &own, has ? 1 : 0, &trouble));
    rtnetlink_close(&kernel);
}

/* Whatever a reload wants of what another has, nothing becomes of it: neither is the other's taken,
 * nor what the tunnel has had given up. */
static void what_a_reload_wants_of_anothers_is_left_alone(void)
{
    static const char one[] = "203.0.113.1", other[] = "203.0.113.2";
    pools = (struct permit_pools){{rig_prefix_of("203.0.113.0/24")}, 1};
    CHECK(settle());
    struct side first = here(), second;
    memcpy(gateway, OTHER, strlen(OTHER));
    CHECK(settle_at(rig_addr(other)));
    second = here();
    check_refused("vpn-b/1", one, first.gateway);
    check_refused("vpn-a/1", one, first.gateway);
    the_machine_has("203.0.113.9", true);
    check_refused("vpn-a/1", "203.0.113.9", "is the machine's own");
    the_machine_has("203.0.113.9", false);
    speak_to(&first);
    check_refused("vpn-a/1", other, second.gateway);
    CHECK_EQUAL(kill(first.pid, SIGKILL), 0);
    CHECK(waitpid(first.pid, NULL, 0) == first.pid);
    close(first.fd);
    speak_to(&second);
    check_refused("vpn-b/1", one, "which was killed and whose tunnel goes on");
    check_refused("vpn-a/1", one, "which was killed and whose tunnel goes on");
    speak_to(&first);
    CHECK(settle());
    first = here();
    check_refused("vpn-a/1", other, second.gateway);
    take_down();
    check_nothing_is_left();
    speak_to(&second);
    check_carried("vpn-b/1", one);
    take_down();
    check_nothing_is_left();
    pools = (struct permit_pools){.count = 0};
    speak_to(&first);
}

/* UDP port 500 of the outer namespace, in somebody's hands. */
static int take_ike_port(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(500)};
    int taken = space_socket(outer_name, AF_INET, SOCK_DGRAM, 0, &trouble);
    CHECK(bind(taken, (struct sockaddr *)&any, sizeof any) == 0);
    return taken;
}

/* Of a gateway with attachments alone. All tunnels of a file hear the same, whatever has become of
 * it meanwhile; with the next file it is looked for anew. */
static void a_plane_that_cannot_begin_later_is_told_to_each_tunnel(void)
{
    struct order order = {.kind = ORDER_ATTACH, .attach = {.kind = PLANE_VPC, .range_count = 1}};
    char said[ORDER_SENTENCE_BYTES];
    snprintf(order.attach.name, sizeof order.attach.name, "main");
    snprintf(order.attach.vpc, sizeof order.attach.vpc, "main");
    order.attach.ranges[0] = rig_prefix_of("10.10.0.0/16");
    pools = (struct permit_pools){{rig_prefix_of("203.0.113.0/24")}, 1};
    choice = PLANE_XFRM;
    begin(outer_name);
    int taken = take_ike_port();
    CHECK_EQUAL(order_send(fd, &order), 0);
    CHECK_EQUAL(order_send(fd, &(struct order){.kind = ORDER_PREPARE}), 0);
    CHECK(next(REPORT_READY) && report.ready.choice == PLANE_AUTO);
    CHECK_EQUAL(order_send(fd, &(struct order){.kind = ORDER_SETTLED}), 0);
    order = want_at("vpn-a/1", "203.0.113.1");
    order.want.psk_file[0] = '\0';
    snprintf(order.want.tunnel.psk, sizeof order.want.tunnel.psk, "abcdefgh");
    snprintf(said, sizeof said, "%s", trouble_after(&order));
    CHECK_TEXT(report.trouble.name, "vpn-a/1");
    close(taken);
    snprintf(order.want.tunnel.name, sizeof order.want.tunnel.name, "vpn-b/1");
    order.want.tunnel.outside++;
    CHECK_TEXT(trouble_after(&order), said);
    CHECK_TEXT(report.trouble.name, "vpn-b/1");
    if (strstr(said, "another IKE daemon has UDP port 500")) {
        CHECK_EQUAL(order_send(fd, &(struct order){.kind = ORDER_SETTLED}), 0);
        CHECK_EQUAL(order_send(fd, &order), 0);
        CHECK(next(REPORT_READY) && report.ready.choice == PLANE_XFRM);
        CHECK(next(REPORT_TUNNEL));
        CHECK_TEXT(report.tunnel.name, "vpn-b/1");
    } else {
        harness_skip("a plane that begins later", said);
    }
    take_down();
    check_nothing_is_left();
    pools = (struct permit_pools){.count = 0};
    choice = PLANE_USERSPACE;
}

static int tests(void)
{
    snprintf(folder, sizeof folder, "/tmp/sekisho-keeper-%d", (int)getpid());
    snprintf(key_path, sizeof key_path, "%s/key", folder);
    CHECK(mkdir(folder, 0700) == 0);
    TEST(a_key_that_cannot_be_had_is_refused_by_its_file);
    TEST(what_is_in_a_key_file_is_never_told);
    TEST(what_is_no_regular_file_is_no_key);
    TEST(more_than_it_keeps_is_refused);
    TEST(what_is_no_order_is_passed_over);
    TEST(an_outer_namespace_that_is_not_there_is_refused);
    TEST(it_outlasts_signals);
    if (rig_permitted("a keeper with a plane")) {
        memcpy(outer_name, rig("outer").text, sizeof outer_name);
        FINE(space_make(outer_name, &trouble));
        TEST(nothing_to_take_down_is_gone_at_once);
        TEST(once_settled_it_does_what_was_settled);
        TEST(a_gateway_has_one_keeper);
        TEST(what_was_left_is_removed_without_wanting_it);
        if (carried) {
            TEST(a_charon_of_the_other_plane_is_ended);
            TEST(what_a_reload_wants_of_anothers_is_left_alone);
        }
        TEST(a_plane_that_cannot_begin_later_is_told_to_each_tunnel);
    }
    unlink(key_path);
    rmdir(folder);
    return harness_done();
}

/* What tests that were killed have left of a gateway. */
static void sweep(const char *called)
{
    char inner[NAME_SPACE_BYTES];
    snprintf(gateway, sizeof gateway, "%s%d", called, (int)getpid());
    name_inner(gateway, inner);
    if (!space_exists(inner) || unshare(CLONE_NEWNET))
        return;
    begin(NULL);
    take_down();
}

int main(void)
{
    snprintf(gateway, sizeof gateway, ONE "%d", (int)getpid());
    int status = rig_main(tests);
    sweep(ONE);
    sweep(OTHER);
    return status;
}
