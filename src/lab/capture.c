#include "lab/capture.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { END_MS = 3000 };

/* A file's name of a thing's: a tunnel's has a slash. */
static void file_of(const char *folder, const char *id, const char *more, char *out, size_t cap)
{
    int size = snprintf(out, cap, "%s/", folder);
    size_t begin = size > 0 && (size_t)size < cap ? (size_t)size : 0;
    snprintf(out + begin, cap - begin, "%s%s.pcap", id, more);
    for (char *at = out + begin; *at; at++) {
        if (*at == '/')
            *at = '-';
    }
}

static bool capture(struct captures *captures, const char *space, const char *device,
                    const char *path, struct trouble *ret_trouble)
{
    const char *const words[] = {"tcpdump", "-i", device, "-U", "-Z", "root",
                                 "-n",      "-s", "0",    "-w", path, NULL};
    struct child_plan plan = {.argv = words, .space = space, .dies_with_us = true};
    struct child *grown =
        realloc(captures->children, (captures->count + 1) * sizeof *captures->children);
    assert(grown);
    captures->children = grown;
    if (!child_start(&plan, &grown[captures->count], ret_trouble))
        return false;
    captures->count++;
    return true;
}

static bool capture_tunnel(struct captures *captures, const struct running_tunnel *tunnel,
                           const char *folder, struct trouble *ret_trouble)
{
    static const char *const ends[] = {"-gateway", "-customer"};
    char path[4096];
    file_of(folder, tunnel->id, "", path, sizeof path);
    if (*tunnel->ends[TUNNEL_GATEWAY].device &&
        !capture(captures, tunnel->ends[TUNNEL_GATEWAY].space, tunnel->ends[TUNNEL_GATEWAY].device,
                 path, ret_trouble))
        return false;
    for (int end = 0; end < 2; end++) {
        if (!*tunnel->endpoints[end])
            continue;
        file_of(folder, tunnel->id, ends[end], path, sizeof path);
        if (!capture(captures, tunnel->endpoints[end], "eth0", path, ret_trouble))
            return false;
    }
    return true;
}

bool captures_begin(const struct lab_running *lab, const char *folder,
                    struct captures *ret_captures, struct trouble *ret_trouble)
{
    struct captures captures = {0};
    char path[4096];
    bool done = (mkdir(folder, 0755) == 0 || errno == EEXIST) ||
                trouble_is(ret_trouble, errno, "cannot make %s", folder);
    for (size_t i = 0; done && i < lab->link_count; i++) {
        const struct running_end *end = &lab->links[i].ends[0];
        file_of(folder, lab->links[i].id, "", path, sizeof path);
        done = capture(&captures, end->space, end->device, path, ret_trouble);
    }
    for (size_t i = 0; done && i < lab->tunnel_count; i++)
        done = capture_tunnel(&captures, &lab->tunnels[i], folder, ret_trouble);
    if (!done)
        captures_end(&captures);
    else
        *ret_captures = captures;
    return done;
}

void captures_end(struct captures *captures)
{
    for (size_t i = 0; i < captures->count; i++)
        child_end(&captures->children[i], END_MS, NULL);
    free(captures->children);
    *captures = (struct captures){0};
}
