#define _GNU_SOURCE /* memfd_create */

#include "lab/capture.h"

#include "lab/apply.h"
#include "lab/line.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BEGIN_MS = 60000,
    PAUSE_MS = 5,
    US_PER_MS = 1000,
    END_MS = 3000,
    HEADER_BYTES = 24, /* of the file, which tcpdump writes when it hears packets from then on */
    PATH_BYTES = 4096,
    SAID_BYTES = 4096,
};

/* -- files -- */

static bool is_taken(const struct captures *captures, const char *path)
{
    for (size_t i = 0; i < captures->count; i++) {
        if (strcmp(captures->items[i].path, path) == 0)
            return true;
    }
    return false;
}

/* A file's name of a thing's: a tunnel's has a slash, and between two nodes there may be two links.
 */
static void file_of(const struct captures *captures, const char *folder, const char *of,
                    char out[PATH_BYTES])
{
    char name[PLANE_NAME_BYTES + 16];
    snprintf(name, sizeof name, "%s", of);
    for (char *at = name; *at; at++) {
        if (*at == '/')
            *at = '-';
    }
    snprintf(out, PATH_BYTES, "%s/%s.pcap", folder, name);
    for (unsigned number = 2; is_taken(captures, out); number++)
        snprintf(out, PATH_BYTES, "%s/%s-%u.pcap", folder, name, number);
}

/* -- one -- */

/* The last line that is about the capture, and no count of packets at its end. */
static void last_words(const struct capture *capture, char out[TROUBLE_BYTES])
{
    static const char mark[] = "tcpdump: ";
    char bytes[SAID_BYTES + 1];
    ssize_t size = pread(capture->said, bytes, SAID_BYTES, 0);
    bytes[size > 0 ? size : 0] = '\0';
    const char *line = "it said nothing";
    for (const char *at = bytes; (at = strstr(at, mark)); at += sizeof mark - 1)
        line = at + sizeof mark - 1;
    snprintf(out, TROUBLE_BYTES, "%.*s", (int)strcspn(line, "\n"), line);
}

static bool has_ended(const struct capture *capture, struct trouble *ret_trouble)
{
    char words[TROUBLE_BYTES];
    last_words(capture, words);
    return trouble_is(ret_trouble, 0, "tcpdump of %s has ended: %.200s", capture->of, words);
}

static struct capture *add(struct captures *captures, const char *of, const char *path)
{
    struct capture *grown =
        realloc(captures->items, (captures->count + 1) * sizeof *captures->items);
    assert(grown);
    captures->items = grown;
    struct capture *capture = &grown[captures->count++];
    *capture = (struct capture){
        .of = strdup(of), .path = strdup(path), .said = memfd_create("tcpdump", MFD_CLOEXEC)};
    assert(capture->of && capture->path);
    return capture;
}

static bool begin(struct captures *captures, const char *space, const char *device, const char *of,
                  const char *folder, struct trouble *ret_trouble)
{
    char path[PATH_BYTES];
    const char *const words[] = {"tcpdump", "-i", device, "-U", "-Z", "root",
                                 "-n",      "-s", "0",    "-w", path, NULL};
    file_of(captures, folder, of, path);
    struct capture *capture = add(captures, of, path);
    struct child_plan plan = {
        .argv = words, .space = space, .err = capture->said, .dies_with_us = true};
    if (capture->said < 0)
        return trouble_is(ret_trouble, errno, "the capture of %s", of);
    if (unlink(path) != 0 && errno != ENOENT)
        return trouble_is(ret_trouble, errno, "%s of an earlier run", path);
    return child_start(&plan, &capture->tcpdump, ret_trouble);
}

/* Packets that come from here on are in its file. */
static bool await(const struct capture *capture, struct trouble *ret_trouble)
{
    struct stat about;
    for (int waited_ms = 0; waited_ms < BEGIN_MS; waited_ms += PAUSE_MS) {
        if (stat(capture->path, &about) == 0 && about.st_size >= HEADER_BYTES)
            return true;
        if (!child_alive(&capture->tcpdump))
            return has_ended(capture, ret_trouble);
        usleep(PAUSE_MS * US_PER_MS);
    }
    return trouble_is(ret_trouble, 0, "tcpdump of %s has not begun in %d s", capture->of,
                      BEGIN_MS / 1000);
}

/* -- all -- */

static bool begin_link(struct captures *captures, const struct lab_running *lab,
                       const struct running_link *link, const char *folder,
                       struct trouble *ret_trouble)
{
    char space[NAME_SPACE_BYTES];
    struct trouble trouble;
    for (int end = 0; end < 2; end++) {
        if (line_find(lab, &link->ends[end], space, &trouble))
            return begin(captures, space, link->ends[end].device, link->id, folder, ret_trouble);
    }
    return trouble_is(ret_trouble, 0, "%s: %.300s", link->id, trouble.sentence);
}

static bool begin_tunnel(struct captures *captures, const struct running_tunnel *tunnel,
                         const char *folder, struct trouble *ret_trouble)
{
    static const char *const ends[] = {"-gateway", "-customer"};
    const struct running_end *clear = &tunnel->ends[TUNNEL_GATEWAY];
    if (*clear->device &&
        !begin(captures, clear->space, clear->device, tunnel->id, folder, ret_trouble))
        return false;
    for (int end = 0; end < 2; end++) {
        char of[PLANE_NAME_BYTES + 16];
        snprintf(of, sizeof of, "%s%s", tunnel->id, ends[end]);
        if (*tunnel->endpoints[end] &&
            !begin(captures, tunnel->endpoints[end], "eth0", of, folder, ret_trouble))
            return false;
    }
    return true;
}

bool captures_ready(const char *folder, struct trouble *ret_trouble)
{
    struct stat about;
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        return trouble_is(ret_trouble, errno, "cannot make %s", folder);
    if (stat(folder, &about) == 0 && !S_ISDIR(about.st_mode))
        return trouble_is(ret_trouble, 0, "%s is no directory", folder);
    if (access(folder, W_OK | X_OK) != 0)
        return trouble_is(ret_trouble, errno, "nothing can be written into %s", folder);
    return lab_has_program("tcpdump") ||
           trouble_is(ret_trouble, 0, "tcpdump is missing: install the package tcpdump");
}

bool captures_begin(const struct lab_running *lab, const char *folder,
                    struct captures *ret_captures, struct trouble *ret_trouble)
{
    struct captures captures = {0};
    bool done = captures_ready(folder, ret_trouble);
    for (size_t i = 0; done && i < lab->link_count; i++)
        done = begin_link(&captures, lab, &lab->links[i], folder, ret_trouble);
    for (size_t i = 0; done && i < lab->tunnel_count; i++)
        done = begin_tunnel(&captures, &lab->tunnels[i], folder, ret_trouble);
    for (size_t i = 0; done && i < captures.count; i++)
        done = await(&captures.items[i], ret_trouble);
    if (!done)
        captures_end(&captures);
    else
        *ret_captures = captures;
    return done;
}

bool captures_last(const struct captures *captures, struct trouble *ret_trouble)
{
    for (size_t i = 0; i < captures->count; i++) {
        if (!child_alive(&captures->items[i].tcpdump))
            return has_ended(&captures->items[i], ret_trouble);
    }
    return true;
}

void captures_end(struct captures *captures)
{
    for (size_t i = 0; i < captures->count; i++) {
        struct capture *capture = &captures->items[i];
        if (capture->tcpdump.pid > 0)
            child_end(&capture->tcpdump, END_MS, NULL);
        if (capture->said >= 0)
            close(capture->said);
        free(capture->of);
        free(capture->path);
    }
    free(captures->items);
    *captures = (struct captures){0};
}
