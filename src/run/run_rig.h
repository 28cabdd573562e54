/* What the tests of the daemon share: a network of their own, in which 169.254.0.0/16 is this
 * machine, network files, and daemons as children whose log is read line by line. A child ends with
 * its parent, however that ends. Nobody waits for a moment to pass: only for a line to come. */
#pragma once

#include "run/run.h"
#include "tests/harness.h"

#include <arpa/inet.h>
#include <linux/sched.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define RIG_UNUSED __attribute__((unused))

enum { RIG_PATIENCE_MS = 60000, RIG_SAID = 1 << 16, RIG_ARGUMENTS = 20 };

/* Two sites on one gateway, each with AWS's limit or another one. */
#define RIG_PAIR RIG_PAIR_LIMIT("100")
#define RIG_PAIR_LIMIT(received)                                                                   \
    "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho, limits: {vpn_received: " received     \
    "}}]\n"                                                                                        \
    "customer_gateways:\n"                                                                         \
    "  - {id: cgw-a, asn: 65001, address: 198.51.100.1, router: site-a}\n"                         \
    "  - {id: cgw-b, asn: 65002, address: 198.51.100.2, router: site-b}\n"                         \
    "vpn_connections:\n"                                                                           \
    "  - {id: vpn-a, vpn_gateway: vgw, customer_gateway: cgw-a, ipsec: none, tunnels: [\n"         \
    "      {outside: 203.0.113.1, inside: {vgw: 169.254.1.1, cgw: 169.254.1.2}}]}\n"               \
    "  - {id: vpn-b, vpn_gateway: vgw, customer_gateway: cgw-b, ipsec: none, tunnels: [\n"         \
    "      {outside: 203.0.113.2, inside: {vgw: 169.254.1.5, cgw: 169.254.1.6}}]}\n"               \
    "routers:\n"                                                                                   \
    "  - {id: site-a, platform: frr, bgp: {asn: 65001, announce: [10.1.0.0/16, 0.0.0.0/0]}}\n"     \
    "  - {id: site-b, platform: frr, bgp: {asn: 65002, announce: [10.2.0.0/16]}}\n"

struct rig_child {
    pid_t pid;
    int fd;
    char said[RIG_SAID]; /* since it began */
    size_t size, heard;  /* heard: up to there rig_hears has looked */
};

/* -- the network -- */

RIG_UNUSED static bool rig_set_lo(int fd, unsigned long request, const char *address)
{
    struct ifreq wanted = {.ifr_name = "lo"};
    struct sockaddr_in in = {.sin_family = AF_INET};
    if (address) {
        inet_pton(AF_INET, address, &in.sin_addr);
        memcpy(&wanted.ifr_addr, &in, sizeof in);
    } else {
        wanted.ifr_flags = IFF_UP | IFF_RUNNING;
    }
    return ioctl(fd, request, &wanted) == 0;
}

/* From here on the test is in a network of its own. false: it may not make one. */
RIG_UNUSED static bool rig_network(void)
{
    int fd;
    bool fine = (syscall(SYS_unshare, CLONE_NEWNET) == 0 ||
                 syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNET) == 0) &&
                (fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) >= 0;
    if (!fine)
        return false;
    fine = rig_set_lo(fd, SIOCSIFADDR, "169.254.0.1") &&
           rig_set_lo(fd, SIOCSIFNETMASK, "255.255.0.0") && rig_set_lo(fd, SIOCSIFFLAGS, NULL);
    close(fd);
    return fine;
}

/* -- files -- */

static char rig_path[64] RIG_UNUSED;

RIG_UNUSED static void rig_remove_file(void)
{
    if (rig_path[0])
        unlink(rig_path);
}

/* The test's one network file; said again it is another text in the same place. */
RIG_UNUSED static const char *rig_file(const char *text)
{
    FILE *out;
    if (!rig_path[0]) {
        memcpy(rig_path, "/tmp/sekishod-XXXXXX", 21);
        int fd = mkstemp(rig_path);
        CHECK(fd >= 0);
        close(fd);
        atexit(rig_remove_file);
    }
    out = fopen(rig_path, "we");
    CHECK(out);
    fputs(text, out);
    fclose(out);
    return rig_path;
}

/* -- children -- */

/* The daemon with these words behind its name; the last is NULL. It keeps a journal only where they
 * say so. */
RIG_UNUSED static void rig_begin(struct rig_child *child, const char *const words[])
{
    int ends[2];
    char *argv[RIG_ARGUMENTS] = {(char[]){"sekishod"}};
    int argc = 1;
    bool journal = false;
    for (; words[argc - 1]; argc++) {
        argv[argc] = strdup(words[argc - 1]);
        journal |= strcmp(words[argc - 1], "--journal") == 0;
    }
    if (!journal)
        argv[argc++] = strdup("--journal=none");
    CHECK(pipe(ends) == 0);
    fflush(stdout);
    *child = (struct rig_child){.fd = ends[0], .pid = fork()};
    if (child->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        close(ends[0]);
        FILE *err = fdopen(ends[1], "w");
        int status = run_sekishod(argc, argv, err, err);
        fclose(err);
        for (int i = 1; i < argc; i++)
            free(argv[i]);
        rig_path[0] = '\0'; /* the parent's to remove */
        exit(status);
    }
    close(ends[1]);
    for (int i = 1; i < argc; i++)
        free(argv[i]);
}

/* More of what it says; false: it says no more, or has hung. */
RIG_UNUSED static bool rig_listen(struct rig_child *child)
{
    struct pollfd wait = {.fd = child->fd, .events = POLLIN};
    ssize_t size = 0;
    if (poll(&wait, 1, RIG_PATIENCE_MS) == 1)
        size = read(child->fd, child->said + child->size, RIG_SAID - 1 - child->size);
    else
        kill(child->pid, SIGKILL);
    if (size <= 0)
        return false;
    child->size += (size_t)size;
    return true;
}

/* Waits until it has said the words, behind those that it was heard to say before. */
RIG_UNUSED static bool rig_hears(struct rig_child *child, const char *words)
{
    for (;;) {
        const char *found = strstr(child->said + child->heard, words);
        if (found) {
            child->heard = (size_t)(found - child->said) + strlen(words);
            return true;
        }
        if (!rig_listen(child)) {
            printf("# waited in vain for: %s\n# it said: %s\n", words, child->said);
            return false;
        }
    }
}

/* Its exit status once it has ended, after the signal (0: none); -1: something killed it. */
RIG_UNUSED static int rig_end(struct rig_child *child, int number)
{
    int status = 0;
    if (number)
        kill(child->pid, number);
    while (rig_listen(child)) {
    }
    close(child->fd);
    waitpid(child->pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
