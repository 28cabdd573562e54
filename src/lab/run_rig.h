/* What the tests of a lab that runs share: a lab that nobody started, of one namespace for each
 * name that a test wants, and programs that write down how they were called. */
#pragma once

#include "lab/apply.h"
#include "lab/running.h"
#include "network/build_rig.h"
#include "plane/devices.h"
#include "plane/space.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct trouble run_trouble;
static char run_folder[64]; /* of the test's own */

/* The namespace "sekisho-lab-t<pid>-NAME"; false: none may be made here, which was told. */
RIG_UNUSED static bool run_space(const char *name, char out[NAME_SPACE_BYTES])
{
    snprintf(out, NAME_SPACE_BYTES, "sekisho-lab-t%d-%s", getpid(), name);
    if (space_make(out, &run_trouble))
        return true;
    harness_leave_out(run_trouble.sentence);
    return false;
}

RIG_UNUSED static void run_remove(const char *name, void *context)
{
    (void)context;
    space_remove(name, NULL);
}

/* A folder with all that is in it. */
RIG_UNUSED static void run_unlink(const char *path)
{
    DIR *folder = opendir(path);
    for (const struct dirent *at; folder && (at = readdir(folder));) {
        char inside[512];
        snprintf(inside, sizeof inside, "%.240s/%.250s", path, at->d_name);
        if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0)
            continue;
        if (unlink(inside) != 0)
            run_unlink(inside);
    }
    if (folder)
        closedir(folder);
    CHECK_EQUAL(rmdir(path), 0);
}

/* Whatever this test has made. */
RIG_UNUSED static void run_clean(void)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "sekisho-lab-t%d-", getpid());
    space_each(prefix, run_remove, NULL, NULL);
    if (*run_folder)
        run_unlink(run_folder);
    run_folder[0] = '\0';
}

RIG_UNUSED static void run_folder_make(void)
{
    snprintf(run_folder, sizeof run_folder, "/tmp/sekisho-lab.XXXXXX");
    CHECK(mkdtemp(run_folder) != NULL);
}

RIG_UNUSED static void run_write(const char *name, const char *text, mode_t mode)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", run_folder, name);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, mode) == 0);
}

/* What the file has; "" when it is not there. */
RIG_UNUSED static const char *run_read(const char *name)
{
    static char text[1 << 16];
    char path[256];
    snprintf(path, sizeof path, "%s/%s", run_folder, name);
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    return text;
}

/* A program of that name, found before the real one, that writes what it is told to the file
 * "NAME.said" and answers this. */
RIG_UNUSED static void run_program(const char *name, const char *answer)
{
    char text[2048], path[4096];
    const char *old = getenv("PATH");
    snprintf(text, sizeof text, "#!/bin/sh\necho \"$*\" >> %s/%s.said\necho '%s'\n", run_folder,
             name, answer);
    run_write(name, text, 0755);
    if (old && strncmp(old, run_folder, strlen(run_folder)) != 0) {
        snprintf(path, sizeof path, "%s:%.3900s", run_folder, old);
        setenv("PATH", path, 1);
    }
}

/* Two namespaces with a line between: one has eth0, the other "peer". */
RIG_UNUSED static bool run_pair(const char *one, const char *one_device, const char *other,
                                const char *other_device)
{
    struct rtnetlink a, b;
    CHECK(rtnetlink_open(&a, one, &run_trouble) && rtnetlink_open(&b, other, &run_trouble));
    bool done = device_veth(&a, one_device, &b, other_device, &run_trouble) &&
                device_up(&a, one_device, true, &run_trouble) &&
                device_up(&b, other_device, true, &run_trouble);
    rtnetlink_close(&a);
    rtnetlink_close(&b);
    if (!done)
        printf("# %s\n", run_trouble.sentence);
    return done;
}

/* What nft has in the namespace. */
RIG_UNUSED static const char *run_ruleset(const char *space)
{
    static char said[4096];
    const char *const words[] = {"nft", "list", "ruleset", NULL};
    said[0] = '\0';
    CHECK(lab_run_program(space, words, said, sizeof said, &run_trouble));
    return said;
}

RIG_UNUSED static struct running_node *run_node(struct lab_running *lab, const char *id,
                                                enum node_kind kind, const char *space)
{
    struct running_node *node = running_add_node(lab);
    snprintf(node->id, sizeof node->id, "%s", id);
    snprintf(node->space, sizeof node->space, "%s", space);
    node->kind = kind;
    return node;
}

RIG_UNUSED static struct running_daemon *run_daemon(struct running_node *node, const char *name,
                                                    const char *log)
{
    struct running_daemon *daemon = running_add_daemon(node);
    snprintf(daemon->name, sizeof daemon->name, "%s", name);
    if (log)
        snprintf(daemon->log, sizeof daemon->log, "%s/%s", run_folder, log);
    return daemon;
}
