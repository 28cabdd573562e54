/* A lab taken down, whoever began it and however far that came: what lab.json names, then whatever
 * else is in the lab's namespaces or bears its mark, then the namespaces and files. */
#define _GNU_SOURCE /* nftw's flags */

#include "lab/build.h"
#include "lab/daemons.h"
#include "lab/lock.h"
#include "lab/ready.h"
#include "lab/start.h"
#include "plane/claim.h"
#include "plane/endpoint.h"
#include "plane/space.h"

#include <dirent.h>
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

/* By which only one sekishod has a gateway: "lab-NAME-vgw.inner.lock"; and what nobody holds any
 * more of those by which it has an outside address (plane/claim.h). */
static void remove_claims(const char *lab)
{
    char beginning[LAB_NAME_BYTES + sizeof "lab--"], path[PLANE_PATH_BYTES];
    DIR *folder = opendir(ENDPOINT_FOLDER);
    snprintf(beginning, sizeof beginning, "lab-%s-", lab);
    for (const struct dirent *at; folder && (at = readdir(folder));) {
        int size = snprintf(path, sizeof path, ENDPOINT_FOLDER "/%s", at->d_name);
        if (strncmp(at->d_name, beginning, strlen(beginning)) == 0 && size < (int)sizeof path)
            unlink(path);
    }
    if (folder)
        closedir(folder);
    claim_sweep(ENDPOINT_FOLDER);
}

/* The folder of an endpoint's charon, named after gateway and tunnel (plane/endpoint.h), both of
 * which are in its namespace's name: "sekisho-lab-NAME-vgw.inner@vpn-1", of vpn/1. */
static void remove_endpoint(const char *space, void *context)
{
    char gateway[NAME_SPACE_BYTES], tunnel[NAME_SPACE_BYTES];
    struct endpoint_names names;
    const char *dash = strchr(space, '-'), *at = strchr(space, '@');
    (void)context;
    if (!dash || !at || at < dash || !strrchr(at, '-'))
        return;
    snprintf(gateway, sizeof gateway, "%.*s", (int)(at - dash - 1), dash + 1);
    snprintf(tunnel, sizeof tunnel, "%s", at + 1);
    *strrchr(tunnel, '-') = '/';
    endpoint_names(gateway, tunnel, &names);
    remove_folder(names.folder, NULL);
}

static void remove_endpoints(const struct lab_running *lab)
{
    for (size_t i = 0; lab && i < lab->tunnel_count; i++) {
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
    lab_each(name, remove_endpoint, NULL, NULL);
    done = lab_remove(name, done ? ret_trouble : NULL) && done;
    remove_endpoints(lab);
    remove_claims(name);
    rmdir(ENDPOINT_FOLDER);
    done = remove_folder(folder, done ? ret_trouble : NULL) && done;
    running_free(lab);
    return done;
}

/* -- of which there is something -- */

struct left {
    void (*function)(const char *name, void *context);
    void *context;
    char last[LAB_NAME_BYTES]; /* namespaces come in the order of their names */
};

static void say_folders(struct left *left)
{
    DIR *folder = opendir(LAB_FOLDER);
    for (const struct dirent *at; folder && (at = readdir(folder));) {
        if (lab_name_valid(at->d_name)) /* "NAME.lock" is none */
            left->function(at->d_name, left->context);
    }
    if (folder)
        closedir(folder);
}

/* "sekisho-lab-NAME-vgw" of a lab whose folder is not there. */
static void say_space(const char *space, void *context)
{
    struct left *left = context;
    char name[LAB_NAME_BYTES], folder[LAB_PATH_BYTES];
    const char *at = space + sizeof "sekisho-lab-" - 1;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "-"), at);
    lab_path(name, "", folder);
    if (!lab_name_valid(name) || strcmp(name, left->last) == 0 || access(folder, F_OK) == 0)
        return;
    memcpy(left->last, name, sizeof name);
    left->function(name, left->context);
}

void lab_each_left(void (*function)(const char *name, void *context), void *context)
{
    struct left left = {.function = function, .context = context};
    say_folders(&left);
    space_each("sekisho-lab-", say_space, &left, NULL);
}

bool lab_stop(const char *name, int wait_ms, bool *ret_found, struct trouble *ret_trouble)
{
    struct lock lock;
    if (!ready_rights(ret_trouble) || !lock_take(name, wait_ms, &lock, ret_trouble))
        return false;
    bool done = lab_clear(name, ret_found, ret_trouble);
    lock_remove(&lock);
    return done;
}
