#define _GNU_SOURCE /* unshare */

/* What needs no charon, or one that is played; tests/interop/tunnels.py has the rest, with two
 * sites. */
#include "plane/userspace.h"

#include "plane/charon_player_rig.h"
#include "plane/devices.h"
#include "plane/endpoint.h"
#include "plane/plane_rig.h"

#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>

static bool is_gone;
static unsigned troubles;
static void (*at_change)(void);

static void changed(void *of, const struct report_tunnel *tunnel)
{
    (void)of;
    (void)tunnel;
    if (at_change)
        at_change();
}

static void counted(void *of, const struct report_counters *counters)
{
    (void)of;
    (void)counters;
}

static void say(void *of, const char *tunnel, const char *sentence)
{
    (void)of;
    printf("# %s %s\n", tunnel, sentence);
    troubles++;
}

static void gone(void *of)
{
    (void)of;
    is_gone = true;
}

static struct carrier *begin(uv_loop_t *loop, char space[NAME_SPACE_BYTES])
{
    static const struct carrier_ears ears = {NULL, changed, counted, say, gone};
    struct carrier_spec spec = {.loop = loop, .program = "/proc/self/exe"};
    char why[ORDER_SENTENCE_BYTES] = "";
    snprintf(spec.gateway, sizeof spec.gateway, "test%d", (int)getpid());
    name_inner(spec.gateway, space);
    is_gone = false;
    CHECK_EQUAL(uv_loop_init(loop), 0);
    struct carrier *carrier = carrier_userspace.create(&spec, &ears, why);
    CHECK_TEXT(why, "");
    return carrier;
}

static void a_gateway_that_does_not_come_up_leaves_nothing(void)
{
    uv_loop_t loop;
    char space[NAME_SPACE_BYTES];
    struct carrier *carrier = begin(&loop, space);
    if (!carrier)
        return;
    CHECK(space_exists(space));
    carrier->acts->leave(carrier);
    CHECK(!space_exists(space));
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&loop), 0);
}

static void one_that_came_up_leaves_its_namespace(void)
{
    uv_loop_t loop;
    char space[NAME_SPACE_BYTES];
    struct carrier *carrier = begin(&loop, space);
    if (!carrier)
        return;
    carrier->acts->settled(carrier);
    carrier->acts->leave(carrier);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&loop), 0);
    CHECK(space_exists(space));
    carrier = begin(&loop, space); /* the next one finds it */
    carrier->acts->take_down(carrier);
    CHECK(is_gone && !space_exists(space));
    carrier->acts->leave(carrier);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&loop), 0);
    CHECK_EQUAL(troubles, 0);
}

/* -- a charon that is played, with a device of its own -- */

static uv_loop_t played_loop;
static struct endpoint_names names;
static struct rtnetlink inside, there; /* the inner namespace, the endpoint */

/* What libipsec does when charon starts: in this namespace the device is there, and it is up. */
static void take_device(void)
{
    struct ifreq ask = {.ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = ENDPOINT_TUN};
    int tun = open("/dev/net/tun", O_RDWR), any = socket(AF_INET, SOCK_DGRAM, 0);
    if (tun < 0 || any < 0 || ioctl(tun, TUNSETIFF, &ask))
        exit(1);
    ask.ifr_flags = IFF_UP;
    if (ioctl(any, SIOCSIFFLAGS, &ask))
        exit(1);
    close(any);
}

/* The player begins when the test lets it. */
static void maybe_play(void)
{
    char permit[PLANE_PATH_BYTES];
    const char *conf = getenv("STRONGSWAN_CONF");
    if (!conf)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(permit, sizeof permit, "%.*s/begin", (int)(strrchr(conf, '/') - conf), conf);
    while (unlink(permit))
        poll(NULL, 0, 1);
    take_device();
    rig_play(conf);
}

static bool is_there(struct rtnetlink *kernel, const char *name, uint32_t *ret_index)
{
    struct rtnetlink_device device;
    if (!device_find(kernel, name, &device, NULL))
        return false;
    if (ret_index)
        *ret_index = device.index;
    return true;
}

static bool is_placed(void)
{
    return is_there(&inside, names.device, NULL);
}

static pid_t played(void)
{
    return (pid_t)strtol(rig_read("charon.pid"), NULL, 10);
}

/* Turns the loop until it is so. */
#define UNTIL(claim)                                                                               \
    do {                                                                                           \
        for (int turn = 0; turn < RIG_TURNS && !(claim); turn++) {                                 \
            uv_run(&played_loop, UV_RUN_NOWAIT);                                                   \
            poll(NULL, 0, RIG_TURN_MS);                                                            \
        }                                                                                          \
        CHECK(claim);                                                                              \
    } while (0)

static uint32_t next_device; /* 0: not made */

/* The plane tells of a charon that died when it has cleared away what that one left; from then on
 * the next one may make its device, and has not set it up yet. */
static void make_next_device(void)
{
    if (next_device != 0 || is_placed())
        return;
    CHECK(!is_there(&there, ENDPOINT_TUN, NULL)); /* the decoy */
    FINE(device_tun(&there, ENDPOINT_TUN, &trouble));
    CHECK(is_there(&there, ENDPOINT_TUN, &next_device));
}

static struct carrier *begin_played(char space[NAME_SPACE_BYTES])
{
    struct plane_tunnel tunnel = {
        .name = "vpn-a/1",
        .outside = rig_addr("203.0.113.1"),
        .peer = rig_addr("198.51.100.1"),
        .inside_ours = rig_addr("169.254.1.1"),
        .inside_theirs = rig_addr("169.254.1.2"),
        .inside_len = 30,
        .mtu = 1400,
        .mss = 1360,
        .options = tunnel_options_standard,
        .watch = {1000000, 1000000, 3},
        .psk = "pL4c3h0ld3r",
    };
    struct carrier *carrier = begin(&played_loop, space);
    if (!carrier)
        return NULL;
    endpoint_names(carrier->spec.gateway, tunnel.name, &names);
    snprintf(rig_folder, sizeof rig_folder, "%.60s", names.folder);
    carrier->acts->want(carrier, &tunnel);
    FINE(rtnetlink_open(&inside, space, &trouble));
    FINE(rtnetlink_open(&there, names.space, &trouble));
    return carrier;
}

/* Of a charon that died the decoy goes, which has the name that the next one's device needs. That
 * device is taken for a decoy as long as it is not up, so nothing is cleared while a charon starts:
 * it would answer without its device. */
static void one_that_starts_keeps_its_device(void)
{
    char space[NAME_SPACE_BYTES];
    uint32_t now = 0;
    struct carrier *carrier = begin_played(space);
    if (!carrier)
        return;
    rig_write("begin", "w", "");
    UNTIL(is_placed());
    CHECK(is_there(&there, ENDPOINT_TUN, NULL));
    pid_t first = played();
    at_change = make_next_device;
    CHECK_EQUAL(kill(first, SIGKILL), 0);
    UNTIL(played() != first && played() != 0);
    CHECK(is_there(&there, ENDPOINT_TUN, &now));
    CHECK_EQUAL(now, next_device);
    rig_write("begin", "w", "");
    UNTIL(is_placed());
    at_change = NULL;
    rtnetlink_close(&inside);
    rtnetlink_close(&there);
    unlink(rig_path("asked"));
    carrier->acts->take_down(carrier);
    CHECK(is_gone && !space_exists(space) && !space_exists(names.space));
    CHECK(access(names.folder, F_OK) != 0);
    carrier->acts->leave(carrier);
    uv_run(&played_loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&played_loop), 0);
}

/* The outer namespace is the test's own, for what is set in it. */
static int tests(void)
{
    if (rig_permitted("the userspace plane") && unshare(CLONE_NEWNET) == 0) {
        TEST(a_gateway_that_does_not_come_up_leaves_nothing);
        TEST(one_that_came_up_leaves_its_namespace);
        if (access("/dev/net/tun", R_OK | W_OK) == 0)
            TEST(one_that_starts_keeps_its_device);
        else
            harness_skip("a device", "there is no /dev/net/tun");
    }
    return harness_done();
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* as the keeper does: a charon that dies takes its socket along */
    maybe_play();
    return rig_main(tests);
}
