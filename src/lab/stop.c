/* A lab taken down, whoever began it and however far that came: what lab.json names, then whatever
 * else is in the lab's namespaces or bears its mark, then the namespaces and files. */
#define _GNU_SOURCE /* nftw's flags */

#include "lab/build.h"
#include "lab/daemons.h"
#include "lab/lock.h"
#include "lab/start.h"
#include "plane/endpoint.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDERS_AT_ONCE = 16 };

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path) && errno != ENOENT ? -1 : 0;
}

static bool remove_folder(const char *path, struct trouble *ret_trouble)
{
    return nftw(path, remove_one, FOLDERS_AT_ONCE, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT ||
           trouble_is(ret_trouble, errno, "%s cannot be removed", path);
}

/* By which only one sekishod has a gateway (plane/claim.h). */
static void remove_claim(const struct lab_running *lab, const struct running_node *node)
{
    char name[NAME_SPACE_BYTES], path[PLANE_PATH_BYTES];
    if (!running_daemon(node, "sekishod", NULL))
        return;
    lab_gateway_name(lab->name, node->id, name);
    snprintf(path, sizeof path, ENDPOINT_FOLDER "/%s.lock", name);
    unlink(path);
}

/* sekishod's own folders are named after gateway and tunnel (plane/endpoint.h). */
static void remove_endpoints(const struct lab_running *lab)
{
    for (size_t i = 0; i < lab->tunnel_count; i++) {
        const struct running_tunnel *tunnel = &lab->tunnels[i];
        for (int end = 0; end < 2; end++) {
            char name[NAME_SPACE_BYTES];
            struct endpoint_names names;
            if (tunnel->ends[end].node == WORLD_NONE)
                continue;
            lab_gateway_name(lab->name, lab->nodes[tunnel->ends[end].node].id, name);
            endpoint_names(name, tunnel->id, &names);
            remove_folder(names.folder, NULL);
        }
    }
    for (size_t i = 0; i < lab->node_count; i++)
        remove_claim(lab, &lab->nodes[i]);
    rmdir(ENDPOINT_FOLDER);
}

static void end_daemons(struct lab_running *lab)
{
    for (size_t i = 0; i < lab->node_count; i++) {
        for (size_t d = 0; d < lab->nodes[i].daemon_count; d++)
            daemon_signal(&lab->nodes[i].daemons[d], SIGTERM);
    }
}

bool lab_clear(const char *name, bool *ret_found, struct trouble *ret_trouble)
{
    char folder[LAB_PATH_BYTES];
    struct lab_running *lab = running_read(name, NULL);
    lab_path(name, "", folder);
    *ret_found = access(folder, F_OK) == 0 || lab_count(name) > 0;
    if (lab)
        end_daemons(lab);
    bool done = daemons_sweep(name, ret_trouble) == 0 ||
                trouble_is(ret_trouble, 0, "not every program of the lab %s can be ended", name);
    done = lab_remove(name, done ? ret_trouble : NULL) && done;
    if (lab)
        remove_endpoints(lab);
    done = remove_folder(folder, done ? ret_trouble : NULL) && done;
    running_free(lab);
    return done;
}

bool lab_stop(const char *name, int wait_ms, bool *ret_found, struct trouble *ret_trouble)
{
    struct lock lock;
    if (!lock_take(name, wait_ms, &lock, ret_trouble))
        return false;
    bool done = lab_clear(name, ret_found, ret_trouble);
    lock_remove(&lock);
    return done;
}
