/* Two ends of a tunnel in network namespaces that the test makes: 10.9.0.1 and 10.9.0.2 outside,
 * 169.254.10.1 and .2 inside, each with a charon of ours, or one that was set up by hand. All of it
 * is gone at the end; what a killed test left behind is removed by the next. */
#pragma once

#include "plane/charon.h"
#include "plane/charon_folder.h"
#include "plane/child.h"
#include "plane/space.h"

#include "tests/harness.h"
#include "tests/interop/program_rig.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define IKE_PREFIX "skike"

enum { IKE_ENDS = 2, IKE_TURN_MS = 10, IKE_TURNS = 9000 };

struct ike_end {
    const char *name, *outside, *inside;
    char space[NAME_SPACE_BYTES], folder[64];
    struct charon *charon;
    struct charon_spec spec;
    struct plane_tunnel tunnel;
    char story[512]; /* causes heard since it was cleared */
    char trouble[256];
    unsigned counts;
    bool adopted;
    struct child stock;
};

static uv_loop_t ike_loop;
static char ike_folder[32];
static struct ike_end ike_ends[IKE_ENDS] = {
    {.name = "a", .outside = "10.9.0.1", .inside = "169.254.10.1"},
    {.name = "b", .outside = "10.9.0.2", .inside = "169.254.10.2"},
};
#define IKE_A (&ike_ends[0])
#define IKE_B (&ike_ends[1])

/* -- ends -- */

static void ike_name(struct ike_end *end, long pid)
{
    snprintf(end->space, sizeof end->space, IKE_PREFIX "%ld-%s", pid, end->name);
    snprintf(end->folder, sizeof end->folder, "/tmp/" IKE_PREFIX "%ld/%s", pid, end->name);
}

/* Whatever runs in its folder ends, and its namespace goes. */
static void ike_remove(const char *space, const char *folder)
{
    static const struct charon_ears deaf;
    struct charon_spec spec = {.userspace = true};
    snprintf(spec.folder, sizeof spec.folder, "%s", folder);
    struct charon *left = charon_create(&ike_loop, &spec, &deaf);
    if (left)
        charon_stop(left);
    space_remove(space, NULL);
}

static void ike_remove_stale(const char *space, void *context)
{
    char proc[64], folder[64];
    long pid = strtol(space + strlen(IKE_PREFIX), NULL, 10);
    const char *dash = strchr(space, '-');
    (void)context;
    snprintf(proc, sizeof proc, "/proc/%ld", pid);
    if (!dash || pid <= 0 || access(proc, F_OK) == 0)
        return;
    snprintf(folder, sizeof folder, "/tmp/" IKE_PREFIX "%ld/%.8s", pid, dash + 1);
    ike_remove(space, folder);
    snprintf(folder, sizeof folder, "/tmp/" IKE_PREFIX "%ld", pid);
    program_run("rm -rf %s", folder);
}

PROGRAM_UNUSED static void ike_clean(void)
{
    for (unsigned i = 0; i < IKE_ENDS; i++)
        ike_remove(ike_ends[i].space, ike_ends[i].folder);
    if (getenv("INTEROP_KEEP"))
        printf("# kept: %s\n", ike_folder);
    else
        program_run("rm -rf %s", ike_folder);
    uv_run(&ike_loop, UV_RUN_DEFAULT);
}

static bool ike_make_space(struct ike_end *end, struct trouble *ret_trouble)
{
    return space_make(end->space, ret_trouble) &&
           program_run("ip netns exec %s sysctl -qw net.ipv6.conf.all.disable_ipv6=1",
                       end->space) >= 0;
}

/* NULL: it is all there; else what is missing. */
PROGRAM_UNUSED static const char *ike_make(void)
{
    static struct trouble trouble;
    snprintf(ike_folder, sizeof ike_folder, "/tmp/" IKE_PREFIX "%d", (int)getpid());
    if (geteuid() != 0)
        return "root is needed to make network namespaces";
    if (access("/usr/sbin/charon-systemd", X_OK))
        return "charon-systemd is missing (package charon-systemd)";
    if (access("/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so", R_OK))
        return "strongSwan's libipsec is missing (package libcharon-extra-plugins)";
    if (access("/dev/net/tun", R_OK | W_OK))
        return "there is no /dev/net/tun";
    space_each(IKE_PREFIX, ike_remove_stale, NULL, NULL);
    for (unsigned i = 0; i < IKE_ENDS; i++) {
        ike_name(&ike_ends[i], getpid());
        if (!ike_make_space(&ike_ends[i], &trouble))
            return trouble.sentence;
    }
    if (mkdir(ike_folder, 0700) ||
        program_run("ip -n %s link add e0 type veth peer name e0 netns %s", IKE_A->space,
                    IKE_B->space))
        return "a pair of interfaces cannot be made";
    for (unsigned i = 0; i < IKE_ENDS; i++) {
        struct ike_end *end = &ike_ends[i];
        program_run("ip -n %s addr add %s/24 dev e0", end->space, end->outside);
        program_run("ip -n %s link set e0 up", end->space);
    }
    return NULL;
}

/* -- charons -- */

static bool ike_dress(const struct ike_end *end)
{
    return program_run("ip -n %s addr replace %s/30 dev ipsec0", end->space, end->inside) == 0 &&
           program_run("ip -n %s link set ipsec0 mtu 1400 up", end->space) == 0;
}

static void ike_changed(void *of, enum charon_state state, bool adopted)
{
    struct ike_end *end = of;
    end->adopted = adopted;
    if (state != CHARON_READY)
        return;
    CHECK(adopted || ike_dress(end));
    charon_go(end->charon);
}

static void ike_heard(void *of, const char *tunnel, enum tunnel_cause cause)
{
    struct ike_end *end = of;
    size_t size = strlen(end->story);
    CHECK_TEXT(tunnel, end->tunnel.name);
    snprintf(end->story + size, sizeof end->story - size, "%s%s", size ? " " : "",
             tunnel_cause_word(cause));
}

static void ike_counted(void *of)
{
    ((struct ike_end *)of)->counts++;
}

static void ike_trouble(void *of, const char *tunnel, const char *sentence)
{
    struct ike_end *end = of;
    (void)tunnel;
    snprintf(end->trouble, sizeof end->trouble, "%s", sentence);
    printf("# %s: %s\n", end->name, sentence);
}

/* A tunnel from this end; A initiates. */
PROGRAM_UNUSED static void ike_tunnel(struct ike_end *end)
{
    bool first = end == IKE_A;
    end->tunnel = (struct plane_tunnel){
        .name = "vpn-a/1",
        .outside = first ? 0x0a090001 : 0x0a090002,
        .peer = first ? 0x0a090002 : 0x0a090001,
        .options = tunnel_options_standard,
        .watch = {1000000, 1000000, 3},
        .psk = "pL4c3h0ld3r_of_tests",
    };
    end->tunnel.options.ike_versions = TUNNEL_IKEV2;
    if (first)
        end->tunnel.options.startup = TUNNEL_STARTUP_START;
}

PROGRAM_UNUSED static void ike_want(struct ike_end *end)
{
    char why[CHARON_WHY_BYTES] = "";
    CHECK(charon_want(end->charon, &end->tunnel, 0, why));
    CHECK_TEXT(why, "");
}

PROGRAM_UNUSED static void ike_start(struct ike_end *end)
{
    const struct charon_ears ears = {end, ike_changed, ike_heard, ike_counted, ike_trouble};
    char why[CHARON_WHY_BYTES] = "";
    end->spec = (struct charon_spec){.userspace = true, .watch = end->tunnel.watch};
    snprintf(end->spec.folder, sizeof end->spec.folder, "%s", end->folder);
    snprintf(end->spec.space, sizeof end->spec.space, "%s", end->space);
    end->story[0] = end->trouble[0] = '\0';
    end->charon = charon_create(&ike_loop, &end->spec, &ears);
    ike_want(end);
    CHECK_EQUAL(charon_start(end->charon, why), 0);
    CHECK_TEXT(why, "");
}

PROGRAM_UNUSED static void ike_stop(struct ike_end *end)
{
    if (getenv("INTEROP_KEEP"))
        program_run("cp %s/charon.log %s/%s.log", end->folder, ike_folder, end->name);
    if (end->charon)
        charon_stop(end->charon);
    end->charon = NULL;
    uv_run(&ike_loop, UV_RUN_NOWAIT);
}

PROGRAM_UNUSED static void ike_turn(void)
{
    uv_run(&ike_loop, UV_RUN_NOWAIT);
    poll(NULL, 0, IKE_TURN_MS);
}

/* Patience is generous (90 s), and only spent when it never comes to be so. */
#define IKE_UNTIL(claim)                                                                           \
    do {                                                                                           \
        for (int turn = 0; turn < IKE_TURNS && !(claim); turn++)                                   \
            ike_turn();                                                                            \
        CHECK(claim);                                                                              \
    } while (0)

PROGRAM_UNUSED static bool ike_says(const struct ike_end *end, const char *story)
{
    return strcmp(end->story, story) == 0;
}

PROGRAM_UNUSED static bool ike_has(const struct ike_end *end, const char *cause)
{
    return strstr(end->story, cause) != NULL;
}

PROGRAM_UNUSED static bool ike_up(const struct ike_end *end)
{
    return charon_status(end->charon, end->tunnel.name)->up;
}

PROGRAM_UNUSED static const struct charon_sa *ike_count(struct ike_end *end)
{
    unsigned before = end->counts;
    charon_count(end->charon);
    IKE_UNTIL(end->counts > before);
    return charon_sa(end->charon, end->tunnel.name);
}

/* -- packets -- */

struct ike_ping {
    pid_t pid;
    char out[64];
};

/* Begins to ping the other end's inside address, a hundred times a second. */
PROGRAM_UNUSED static struct ike_ping ike_ping_begin(const struct ike_end *end, unsigned count)
{
    struct ike_ping ping;
    const struct ike_end *other = end == IKE_A ? IKE_B : IKE_A;
    snprintf(ping.out, sizeof ping.out, "%.31s/ping-%s", ike_folder, end->name);
    ping.pid = program_begin(ping.out, "ip netns exec %s ping -q -n -i 0.01 -W 5 -c %u %s",
                             end->space, count, other->inside);
    CHECK(ping.pid > 0);
    return ping;
}

PROGRAM_UNUSED static bool ike_ping_goes_on(const struct ike_ping *ping)
{
    siginfo_t about = {0};
    return waitid(P_PID, (id_t)ping->pid, &about, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           about.si_pid == 0;
}

/* How many were lost, once it has ended; the loop turns meanwhile. */
PROGRAM_UNUSED static unsigned ike_ping_lost(const struct ike_ping *ping)
{
    char text[2048] = "";
    unsigned sent = 0, received = 0;
    IKE_UNTIL(!ike_ping_goes_on(ping));
    waitpid(ping->pid, NULL, 0);
    FILE *file = fopen(ping->out, "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    const char *at = strstr(text, " packets transmitted");
    while (at && at > text && at[-1] >= '0' && at[-1] <= '9')
        at--;
    CHECK(at && sscanf(at, "%u packets transmitted, %u received", &sent, &received) == 2);
    return sent - received;
}
