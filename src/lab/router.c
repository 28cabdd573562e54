#include "lab/router.h"

#include "lab/bird.h"
#include "lab/daemons.h"
#include "lab/frr.h"
#include "plane/charon_folder.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- which -- */

static bool has_tunnel(const struct world *world, int node)
{
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (world->tunnels[i].ends[TUNNEL_CUSTOMER].node == node)
            return true;
    }
    return false;
}

static bool needs_daemon(const struct node *node)
{
    struct speaker *speaker = speaker_of(node);
    bool needs = speaker->asn != 0 || frr_needs(speaker, FRR_STATICD);
    speaker_free(speaker);
    return needs;
}

enum router_kind router_kind_of(const struct world *world, int node)
{
    const struct node *of = &world->nodes[node];
    if (of->kind != NODE_ROUTER)
        return ROUTER_NONE;
    switch (of->platform) {
    case PLATFORM_VYATTA:
    case PLATFORM_VYOS:
    case PLATFORM_FRR:
    case PLATFORM_LINUX:
        return needs_daemon(of) ? ROUTER_FRR : ROUTER_NONE;
    case PLATFORM_BIRD:
        return needs_daemon(of) ? ROUTER_BIRD : ROUTER_NONE;
    case PLATFORM_SEKISHO:
        return ROUTER_SEKISHOD;
    case PLATFORM_UNKNOWN:
        if (!needs_daemon(of))
            return ROUTER_NONE;
        return has_tunnel(world, node) ? ROUTER_FRR : ROUTER_BIRD;
    case PLATFORM_CISCO_IOS:
    case PLATFORM_JUNOS:
    case PLATFORM_AWS:
    case PLATFORM_COUNT:
    default:
        return ROUTER_UNKNOWN;
    }
}

bool router_frr_user(unsigned *ret_user, unsigned *ret_group)
{
    const struct passwd *frr = getpwnam("frr");
    if (!frr)
        return false;
    *ret_user = frr->pw_uid;
    *ret_group = frr->pw_gid;
    return true;
}

/* -- files -- */

struct writing {
    const struct speaker *speaker;
    int daemon; /* enum frr_daemon; -1: BIRD */
    const char *log;
};

static bool write_configuration(const struct writing *writing, const char *path,
                                struct trouble *ret_trouble)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return trouble_is(ret_trouble, ENOMEM, "%s cannot be written", path);
    if (writing->daemon < 0)
        bird_write(writing->speaker, writing->log, out);
    else
        frr_write(writing->speaker, (enum frr_daemon)writing->daemon, writing->log, out);
    bool done = fclose(out) == 0 ? charon_folder_write(path, text, size, ret_trouble)
                                 : trouble_is(ret_trouble, ENOMEM, "%s cannot be written", path);
    free(text);
    return done;
}

static void path_of(const struct running_node *running, const char *word, const char *ending,
                    char out[LAB_PATH_BYTES])
{
    snprintf(out, LAB_PATH_BYTES, "%.80s/%.16s%.8s", running->folder, word, ending);
}

static struct running_daemon *add(struct running_node *running, const char *word,
                                  const char *socket_ending)
{
    struct running_daemon *daemon = running_add_daemon(running);
    snprintf(daemon->name, sizeof daemon->name, "%s", word);
    snprintf(daemon->space, sizeof daemon->space, "%s", running->space);
    path_of(running, word, socket_ending, daemon->socket);
    path_of(running, word, ".log", daemon->log);
    path_of(running, word, ".out", daemon->output);
    return daemon;
}

static bool prepare_frr(const struct speaker *speaker, enum frr_daemon which, unsigned user,
                        unsigned group, struct running_node *running, struct trouble *ret_trouble)
{
    const char *word = frr_word(which);
    struct running_daemon *daemon = add(running, word, ".vty");
    struct writing writing = {speaker, (int)which, daemon->log};
    char program[64], path[LAB_PATH_BYTES], pid[LAB_PATH_BYTES], zserv[LAB_PATH_BYTES];
    snprintf(program, sizeof program, "/usr/lib/frr/%s", word);
    path_of(running, word, ".conf", path);
    path_of(running, word, ".pid", pid);
    path_of(running, "zserv", ".api", zserv);
    daemon_words(daemon,
                 (const char *const[]){program, "-u", "frr", "-g", "frr", "-f", path, "-i", pid,
                                       "-z", zserv, "--vty_socket", running->folder, "-P", "0",
                                       NULL},
                 NULL);
    if (!write_configuration(&writing, path, ret_trouble))
        return false;
    return chown(path, user, group) == 0 ||
           trouble_is(ret_trouble, errno, "%s cannot be given to the user frr", path);
}

static bool prepare_all_frr(const struct speaker *speaker, struct running_node *running,
                            struct trouble *ret_trouble)
{
    unsigned user, group;
    if (!router_frr_user(&user, &group))
        return trouble_is(ret_trouble, 0, "there is no user frr (package frr)");
    if (chown(running->folder, user, group))
        return trouble_is(ret_trouble, errno, "%s cannot be given to the user frr",
                          running->folder);
    for (int i = 0; i < FRR_DAEMONS; i++) {
        if (frr_needs(speaker, (enum frr_daemon)i) &&
            !prepare_frr(speaker, (enum frr_daemon)i, user, group, running, ret_trouble))
            return false;
    }
    return true;
}

static bool prepare_bird(const struct speaker *speaker, struct running_node *running,
                         struct trouble *ret_trouble)
{
    struct running_daemon *daemon = add(running, "bird", ".ctl");
    struct writing writing = {speaker, -1, daemon->log};
    char path[LAB_PATH_BYTES], pid[LAB_PATH_BYTES];
    path_of(running, "bird", ".conf", path);
    path_of(running, "bird", ".pid", pid);
    daemon_words(daemon,
                 (const char *const[]){"/usr/sbin/bird", "-f", "-c", path, "-s", daemon->socket,
                                       "-P", pid, NULL},
                 NULL);
    return write_configuration(&writing, path, ret_trouble);
}

bool router_prepare(const struct world *world, int node, struct running_node *running,
                    struct trouble *ret_trouble)
{
    enum router_kind kind = router_kind_of(world, node);
    struct speaker *speaker = speaker_of(&world->nodes[node]);
    bool done = true;
    if (kind == ROUTER_FRR)
        done = prepare_all_frr(speaker, running, ret_trouble);
    else if (kind == ROUTER_BIRD)
        done = prepare_bird(speaker, running, ret_trouble);
    speaker_free(speaker);
    return done;
}
