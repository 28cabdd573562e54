/* What the lab's tests share: a router of a text, as a speaker; a configuration as text; and what
 * the daemon itself says of it, where it is installed. */
#pragma once

#include "lab/speaker.h"
#include "network/build_rig.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct lab_rig {
    struct network *network;
    struct world *world;
    struct speaker *speaker;
    char text[1 << 14]; /* what was written last */
};

RIG_UNUSED static struct lab_rig *lab_rig(const char *text, const char *router)
{
    struct lab_rig *rig = calloc(1, sizeof *rig);
    rig->network = rig_parse(text);
    rig->world = network_build(rig->network);
    int node = world_find_node(rig->world, router);
    CHECK(node != WORLD_NONE);
    rig->speaker = speaker_of(&rig->world->nodes[node]);
    return rig;
}

RIG_UNUSED static void lab_rig_done(struct lab_rig *rig)
{
    speaker_free(rig->speaker);
    world_destroy(rig->world);
    network_free(rig->network);
    free(rig);
}

/* Opens the text for writing; what was written stands in it once it is closed. */
RIG_UNUSED static FILE *lab_rig_out(struct lab_rig *rig)
{
    memset(rig->text, 0, sizeof rig->text);
    return fmemopen(rig->text, sizeof rig->text - 1, "w");
}

/* The line stands in the text, whole. */
RIG_UNUSED static bool lab_has(const struct lab_rig *rig, const char *line)
{
    size_t size = strlen(line);
    for (const char *at = rig->text; (at = strstr(at, line)); at++) {
        bool begins = at == rig->text || at[-1] == '\n';
        if (begins && (at[size] == '\n' || at[size] == '\0'))
            return true;
    }
    printf("# no line \"%s\" in:\n%s", line, rig->text);
    return false;
}

/* 0: the program takes the text as a file, without a word of an error (FRR's daemons end with 0 all
 * the same); -1: it is not installed. options: before the file. */
RIG_UNUSED static int lab_judged(const struct lab_rig *rig, const char *program,
                                 const char *options)
{
    static const char script[] = "said=$(\"$0\" $1 \"$2\" 2>&1) || { echo \"# $said\"; exit 1; }\n"
                                 "case $said in *'[EC '*) echo \"# $said\"; exit 1;; esac";
    char path[] = "/tmp/sekisho-lab.XXXXXX";
    if (access(program, X_OK) != 0)
        return -1;
    int fd = mkstemp(path), status = -1;
    CHECK(fd >= 0 && fchmod(fd, 0644) == 0); /* FRR reads it as another user */
    CHECK(write(fd, rig->text, strlen(rig->text)) == (ssize_t)strlen(rig->text));
    close(fd);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", script, program, options, path, NULL);
        _exit(127);
    }
    CHECK_EQUAL(waitpid(pid, &status, 0), pid);
    unlink(path);
    return status;
}
