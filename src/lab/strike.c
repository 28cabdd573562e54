#include "lab/strike.h"

#include "lab/apply.h"
#include "lab/chains.h"
#include "lab/line.h"
#include "lab/swanctl.h"
#include "plane/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TABLE "sekisho-strike"

enum { DEAD_TRIES = 200, DEAD_PAUSE_US = 10000 };

/* -- silence -- */

static void add_rule(struct text *text, const char *hook, int priority, const char *device,
                     const char *peer, bool in)
{
    text_add(text, "  chain ");
    text_add(text, hook);
    text_add(text, " { type filter hook ");
    text_add(text, hook);
    text_add(text, " priority ");
    text_i64(text, priority);
    text_add(text, "; ");
    if (device) {
        text_add(text, in ? "iifname \"" : "oifname \"");
        text_add(text, device);
        text_add(text, "\" ");
    }
    if (peer) {
        text_add(text, strchr(peer, ':') ? "ip6 " : "ip ");
        text_add(text, in ? "saddr " : "daddr ");
        text_add(text, peer);
        text_char(text, ' ');
    }
    text_add(text, "drop; }\n");
}

enum { TABLE_BYTES = IP_TEXT_BYTES + 24, CHAINS_BYTES = 1024 };

/* Of each machine, device and peer its own: several may be silent in one namespace. */
static void name_table(const char *first, const char *whose, char out[TABLE_BYTES])
{
    snprintf(out, TABLE_BYTES, "%.22s%s", first, whose);
    for (char *at = out; (at = strpbrk(at, ".:")); at++)
        *at = '-';
}

bool strike_silence(const char *space, const char *device, ip_addr peer, bool on,
                    struct trouble *ret_trouble)
{
    char chains[CHAINS_BYTES], addr[IP_TEXT_BYTES] = "", table[TABLE_BYTES];
    struct text text = text_over(chains, sizeof chains), peer_text = text_over(addr, sizeof addr);
    const char *whose = peer ? addr : device;
    if (peer)
        text_ip(&peer_text, peer);
    name_table(whose ? TABLE "-" : TABLE, whose ? whose : "", table);
    add_rule(&text, "prerouting", -500, device, peer ? addr : NULL, true);
    add_rule(&text, "postrouting", 500, device, peer ? addr : NULL, false);
    return chains_put(space, table, on ? chains : NULL, ret_trouble);
}

/* -- machines -- */

static bool kill_daemon(struct running_daemon *daemon, struct trouble *ret_trouble)
{
    if (!running_lives(daemon))
        return true;
    kill(daemon->pid, SIGKILL);
    for (int i = 0; i < DEAD_TRIES && running_lives(daemon); i++) {
        waitpid(daemon->pid, NULL, WNOHANG); /* ours, if this program has started it */
        usleep(DEAD_PAUSE_US);
    }
    return !running_lives(daemon) ||
           trouble_is(ret_trouble, 0, "%s (pid %d) does not die", daemon->name, (int)daemon->pid);
}

/* What daemons have put into the kernel outlives them; a machine's reboot would not leave it. */
static void flush_routes(const char *space)
{
    static const char *const protocols[] = {"bgp", "zebra", "bird", "static", "196", "186", "115"};
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        for (int six = 0; six < 2; six++) {
            const char *const words[] = {"ip",    six ? "-6" : "-4", "route", "flush",
                                         "proto", protocols[i],      NULL};
            lab_run_program(space, words, NULL, 0, NULL);
        }
    }
}

/* A gateway's Direct Connects and VPCs are at its inner namespace. */
bool strike_isolate(const struct running_node *node, bool on, struct trouble *ret_trouble)
{
    return strike_silence(node->space, NULL, 0, on, ret_trouble) &&
           (!*node->inner || strike_silence(node->inner, NULL, 0, on, ret_trouble));
}

bool strike_kill(struct running_node *node, struct trouble *ret_trouble)
{
    bool done = strike_isolate(node, true, ret_trouble);
    for (size_t i = node->daemon_count; i-- > 0;)
        done = kill_daemon(&node->daemons[i], ret_trouble) && done;
    flush_routes(*node->inner ? node->inner : node->space);
    return done;
}

/* -- lines, tunnels, sessions -- */

bool strike_line(const struct lab_running *lab, const struct running_link *link, bool up,
                 struct trouble *ret_trouble)
{
    for (int end = 0; end < 2; end++) {
        const struct running_end *at = &link->ends[end];
        char space[NAME_SPACE_BYTES];
        struct rtnetlink kernel;
        if (!*at->device || !*at->space)
            continue;
        if (!line_find(lab, at, space, ret_trouble) || !rtnetlink_open(&kernel, space, ret_trouble))
            return false;
        bool done = device_up(&kernel, at->device, up, ret_trouble);
        rtnetlink_close(&kernel);
        if (!done)
            return false;
    }
    return true;
}

bool strike_renew(const struct running_node *router, const char *tunnel,
                  struct trouble *ret_trouble)
{
    const struct running_daemon *charon = router ? running_daemon(router, "charon", tunnel) : NULL;
    char socket[LAB_PATH_BYTES + 8], name[PLANE_NAME_BYTES];
    if (!charon)
        return trouble_is(ret_trouble, 0, "no IKE daemon of the customer's has %s", tunnel);
    snprintf(socket, sizeof socket, "unix://%s", charon->socket);
    swanctl_name(tunnel, name);
    const char *const down[] = {"swanctl", "--terminate", "--ike",     name, "--force",
                                "--uri",   socket,        "--timeout", "5",  NULL};
    const char *const up[] = {"swanctl",   "--initiate", "--child", SWANCTL_CHILD, "--ike", name,
                              "--timeout", "5",          "--uri",   socket,        NULL};
    lab_run_program(charon->space, down, NULL, 0, NULL); /* there may be nothing to take down */
    lab_run_program(charon->space, up, NULL, 0, NULL);   /* it goes on trying */
    return true;
}

/* Both ends have it in both directions: whoever began it has the other port. */
bool strike_mute(const char *space, ip_addr peer, bool on, struct trouble *ret_trouble)
{
    char chains[CHAINS_BYTES], addr[IP_TEXT_BYTES], table[TABLE_BYTES];
    struct text text = text_over(addr, sizeof addr);
    text_ip(&text, peer);
    const char *family = strchr(addr, ':') ? "ip6" : "ip";
    name_table("sekisho-mute-", addr, table);
    snprintf(chains, sizeof chains,
             "  chain in { type filter hook input priority -500;\n"
             "   %s saddr %s tcp dport 179 drop; %s saddr %s tcp sport 179 drop; }\n"
             "  chain out { type filter hook output priority -500;\n"
             "   %s daddr %s tcp dport 179 drop; %s daddr %s tcp sport 179 drop; }\n",
             family, addr, family, addr, family, addr, family, addr);
    return chains_put(space, table, on ? chains : NULL, ret_trouble);
}

bool strike_session(const struct running_node *router, uint16_t neighbor, ip_addr peer,
                    struct trouble *ret_trouble)
{
    const struct running_daemon *bgpd = router ? running_daemon(router, "bgpd", NULL) : NULL;
    const struct running_daemon *bird = router ? running_daemon(router, "bird", NULL) : NULL;
    char what[IP_TEXT_BYTES + 16];
    if (bird) {
        snprintf(what, sizeof what, "n%u", neighbor);
        const char *const words[] = {"birdc", "-s", bird->socket, "restart", what, NULL};
        return lab_run_program(bird->space, words, NULL, 0, ret_trouble);
    }
    if (bgpd) {
        struct text text = text_over(what, sizeof what);
        text_add(&text, "clear bgp ");
        text_ip(&text, peer);
        const char *const words[] = {"vtysh", "--vty_socket", router->folder, "-c", what, NULL};
        return lab_run_program(bgpd->space, words, NULL, 0, ret_trouble);
    }
    return trouble_is(ret_trouble, 0, "%s: a lab resets sessions at routers of FRR and BIRD",
                      router ? router->id : "nobody");
}
