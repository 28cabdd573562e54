#include "lab/running.h"

#include "plane/charon_folder.h"
#include "plane/child.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 8 << 20 };

static const char *const kinds[] = {"internet", "vpc", "instance", "router", "gateway"};
static const char *const states[] = {"starting", "up", "stopping"};
enum { KINDS = sizeof kinds / sizeof *kinds, STATES = sizeof states / sizeof *states };

const char *running_kind_word(enum node_kind kind)
{
    return kinds[kind];
}

const char *running_state_word(enum lab_state state)
{
    return states[state];
}

/* -- names -- */

bool lab_name_valid(const char *name)
{
    size_t size = 0;
    while (islower((unsigned char)name[size]) || isdigit((unsigned char)name[size]))
        size++;
    return size > 0 && size < LAB_NAME_BYTES && name[size] == '\0';
}

bool lab_name_of(const char *path, char out[LAB_NAME_BYTES])
{
    const char *last = strrchr(path, '/');
    char name[LAB_NAME_BYTES] = "";
    size_t size = 0;
    last = last ? last + 1 : path;
    const char *dot = strrchr(last, '.');
    for (const char *at = last; *at && at != dot; at++) {
        if (!isalnum((unsigned char)*at))
            continue;
        if (size + 1 == sizeof name)
            return false;
        name[size++] = (char)tolower((unsigned char)*at);
    }
    if (!lab_name_valid(name))
        return false;
    memcpy(out, name, sizeof name);
    return true;
}

void lab_path(const char *name, const char *rest, char out[LAB_PATH_BYTES])
{
    snprintf(out, LAB_PATH_BYTES, LAB_FOLDER "/%s%s%s", name, *rest ? "/" : "", rest);
}

/* -- additions -- */

/* Room for one more, zeroed; the array grows by doubling. */
static void *grown(void *array, size_t count, size_t size, void **ret_item)
{
    if ((count & (count - 1)) == 0) {
        array = realloc(array, (count ? count * 2 : 1) * size);
        assert(array);
    }
    *ret_item = memset((char *)array + count * size, 0, size);
    return array;
}

struct running_node *running_add_node(struct lab_running *lab)
{
    void *item;
    lab->nodes = grown(lab->nodes, lab->node_count++, sizeof *lab->nodes, &item);
    return item;
}

struct running_link *running_add_link(struct lab_running *lab)
{
    void *item;
    lab->links = grown(lab->links, lab->link_count++, sizeof *lab->links, &item);
    return item;
}

struct running_tunnel *running_add_tunnel(struct lab_running *lab)
{
    void *item;
    lab->tunnels = grown(lab->tunnels, lab->tunnel_count++, sizeof *lab->tunnels, &item);
    return item;
}

struct running_daemon *running_add_daemon(struct running_node *node)
{
    void *item;
    node->daemons = grown(node->daemons, node->daemon_count++, sizeof *node->daemons, &item);
    return item;
}

struct lab_running *running_create(const char *name, const char *file)
{
    struct lab_running *lab = calloc(1, sizeof *lab);
    assert(lab);
    snprintf(lab->name, sizeof lab->name, "%s", name);
    snprintf(lab->file, sizeof lab->file, "%s", file);
    lab_path(name, "", lab->folder);
    return lab;
}

static void free_node(struct running_node *node)
{
    for (size_t i = 0; i < node->daemon_count; i++) {
        for (size_t w = 0; node->daemons[i].words[w]; w++)
            free(node->daemons[i].words[w]);
        free(node->daemons[i].setting);
    }
    free(node->daemons);
}

void running_free(struct lab_running *lab)
{
    if (!lab)
        return;
    for (size_t i = 0; i < lab->node_count; i++)
        free_node(&lab->nodes[i]);
    free(lab->nodes);
    free(lab->links);
    free(lab->tunnels);
    free(lab);
}

/* -- asking -- */

struct running_node *running_node(const struct lab_running *lab, const char *id)
{
    for (size_t i = 0; i < lab->node_count; i++) {
        if (strcmp(lab->nodes[i].id, id) == 0)
            return &lab->nodes[i];
    }
    return NULL;
}

struct running_tunnel *running_tunnel(const struct lab_running *lab, const char *id)
{
    for (size_t i = 0; i < lab->tunnel_count; i++) {
        if (strcmp(lab->tunnels[i].id, id) == 0)
            return &lab->tunnels[i];
    }
    return NULL;
}

struct running_daemon *running_daemon(const struct running_node *node, const char *name,
                                      const char *tunnel)
{
    for (size_t i = 0; i < node->daemon_count; i++) {
        struct running_daemon *daemon = &node->daemons[i];
        if (strcmp(daemon->name, name) == 0 && (!tunnel || strcmp(daemon->tunnel, tunnel) == 0))
            return daemon;
    }
    return NULL;
}

/* One that has ended and was not yet reaped has a number and a start, and lives no more. */
bool running_lives(const struct running_daemon *daemon)
{
    struct pollfd ended = {.events = POLLIN};
    ended.fd = daemon->pid > 0 && daemon->start != 0 ? pidfd_open(daemon->pid, 0) : -1;
    if (ended.fd < 0)
        return false;
    bool lives = child_start_of(daemon->pid) == daemon->start && poll(&ended, 1, 0) == 0;
    close(ended.fd);
    return lives;
}

bool running_abandoned(const struct lab_running *lab)
{
    struct running_daemon starter = {.pid = lab->starter, .start = lab->starter_start};
    return lab->state == LAB_UP && lab->ends_with_starter && !running_lives(&starter);
}

/* -- the file -- */

struct lab_running *running_read(const char *name, struct trouble *ret_trouble)
{
    char path[LAB_PATH_BYTES];
    size_t size = 0;
    lab_path(name, "lab.json", path);
    char *text = charon_folder_read(path, FILE_BYTES_MAX, &size, ret_trouble);
    struct lab_running *lab = text ? running_read_text(text, size, ret_trouble) : NULL;
    free(text);
    if (lab && strcmp(lab->name, name) != 0) {
        trouble_is(ret_trouble, 0, "%s is of another lab, %s", path, lab->name);
        running_free(lab);
        lab = NULL;
    }
    return lab;
}
