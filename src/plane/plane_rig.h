/* Namespaces for tests, gone at the end: of a test that ends, that fails, and that is killed.
 *
 * The tests run in a child; its parent waits and removes what is named after it. Where the parent
 * is killed, too, the next one does it: a name whose process is nobody's. */
#pragma once

#include "plane/routes.h"
#include "tests/harness.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define RIG_PREFIX "skpl"

static char rig_prefix[32];
static struct trouble trouble;

struct rig_name {
    char text[NAME_SPACE_BYTES];
};

static inline struct rig_name rig(const char *name)
{
    struct rig_name out;
    snprintf(out.text, sizeof out.text, "%s%s", rig_prefix, name);
    return out;
}

static inline void rig_remove(const char *name, void *context)
{
    (void)context;
    space_remove(name, NULL);
}

/* Gone, or a zombie that nobody reaps: the orphan of a killed parent, where init does not. */
static inline bool rig_is_dead(long pid)
{
    char path[32], stat[256] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return true;
    size_t size = fread(stat, 1, sizeof stat - 1, file);
    fclose(file);
    const char *after_name = size > 0 ? strrchr(stat, ')') : NULL;
    return after_name && strncmp(after_name, ") Z", 3) == 0;
}

static inline void rig_sweep(const char *name, void *context)
{
    (void)context;
    long pid = strtol(name + strlen(RIG_PREFIX), NULL, 10);
    if (pid > 0 && rig_is_dead(pid))
        space_remove(name, NULL);
}

/* A claim about a call that fills in a trouble; what it said is shown. */
#define FINE(call)                                                                                 \
    do {                                                                                           \
        bool fine_ = (call);                                                                       \
        if (!fine_)                                                                                \
            printf("# %s\n", trouble.sentence);                                                    \
        harness_claim(fine_, #call, __FILE__, __LINE__);                                           \
    } while (0)

static inline ip_addr rig_addr(const char *text)
{
    ip_addr addr = 0;
    CHECK(ip_parse(text, strlen(text), &addr));
    return addr;
}

static inline struct prefix rig_prefix_of(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

/* May this machine's tests make namespaces? Where not, says so; another error is one of ours. */
static inline bool rig_permitted(const char *tests)
{
    char probe[NAME_SPACE_BYTES];
    snprintf(probe, sizeof probe, "%sprobe", rig_prefix);
    if (space_make(probe, &trouble) && space_remove(probe, &trouble))
        return true;
    bool permitted = trouble.error != EPERM && trouble.error != EACCES && trouble.error != EROFS;
    if (!permitted)
        harness_skip(tests, trouble.sentence);
    return permitted;
}

/* Runs the tests in a child; the program's status. */
static inline int rig_main(int (*tests)(void))
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        snprintf(rig_prefix, sizeof rig_prefix, RIG_PREFIX "%d-", (int)getpid());
        space_each(RIG_PREFIX, rig_sweep, NULL, NULL);
        exit(tests());
    }
    int status = -1;
    signal(SIGINT, SIG_IGN); /* of a terminal: the child has it, too */
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    snprintf(rig_prefix, sizeof rig_prefix, RIG_PREFIX "%d-", (int)child);
    space_each(rig_prefix, rig_remove, NULL, NULL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
