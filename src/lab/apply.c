#include "lab/apply.h"

#include "lab/bird.h"
#include "lab/difference.h"
#include "lab/frr.h"
#include "lab/start.h"
#include "lab/statics.h"
#include "lab/tables.h"
#include "network/build.h"
#include "plane/child.h"
#include "plane/routes.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, SAID_BYTES = 4096, WORDS_MAX = 512, PROGRAM_BYTES = 4096 };

bool lab_has_program(const char *program)
{
    const char *at = getenv("PATH");
    char path[PROGRAM_BYTES];
    if (strchr(program, '/'))
        return access(program, X_OK) == 0;
    if (!at)
        at = "/bin:/usr/bin";
    while (*at) {
        size_t size = strcspn(at, ":");
        snprintf(path, sizeof path, "%.*s/%s", (int)size, at, program);
        if (size > 0 && access(path, X_OK) == 0)
            return true;
        at += size + (at[size] == ':');
    }
    return false;
}

bool lab_run_program(const char *space, const char *const words[], char *said, size_t cap,
                     struct trouble *ret_trouble)
{
    char own[SAID_BYTES] = "";
    struct child_plan plan = {.argv = words, .space = space && *space ? space : NULL};
    struct trouble trouble;
    char *text = said ? said : own;
    if (child_run(&plan, "", PATIENCE_MS, text, said ? cap : sizeof own, &trouble))
        return true;
    text[strcspn(text, "\n")] = '\0';
    return trouble_is(ret_trouble, 0, "%s: %s", words[0], *text ? text : trouble.sentence);
}

/* -- texts -- */

struct wording {
    char *text;
    size_t size;
    FILE *out;
};

static void wording_begin(struct wording *wording)
{
    *wording = (struct wording){0};
    wording->out = open_memstream(&wording->text, &wording->size);
    assert(wording->out);
}

static char *wording_end(struct wording *wording)
{
    bool failed = fclose(wording->out) != 0;
    assert(!failed);
    return wording->text;
}

/* The file as it is, with its owner and mode, under a new text. */
static bool rewrite(const char *path, const char *text, struct trouble *ret_trouble)
{
    FILE *file = fopen(path, "r+e");
    if (!file)
        return trouble_is(ret_trouble, errno, "cannot write %s", path);
    bool done = fputs(text, file) >= 0 && fflush(file) == 0 &&
                ftruncate(fileno(file), (off_t)strlen(text)) == 0;
    int error = errno;
    fclose(file);
    return done || trouble_is(ret_trouble, error, "cannot write %s", path);
}

/* What stands behind an option in how the daemon was started; NULL: it does not. */
static const char *word_behind(const struct running_daemon *daemon, const char *option)
{
    for (size_t i = 0; daemon->words[i] && daemon->words[i + 1]; i++) {
        if (strcmp(daemon->words[i], option) == 0)
            return daemon->words[i + 1];
    }
    return NULL;
}

/* -- FRR -- */

static char *frr_text(const struct speaker *speaker, enum frr_daemon which, const char *log)
{
    struct wording wording;
    wording_begin(&wording);
    frr_write(speaker, which, *log ? log : NULL, wording.out);
    return wording_end(&wording);
}

static bool tell_vtysh(const struct running_node *node, const struct running_daemon *daemon,
                       const struct commands *commands, struct trouble *ret_trouble)
{
    char said[SAID_BYTES];
    const char *words[WORDS_MAX] = {"vtysh", "--vty_socket", node->folder};
    size_t count = 3;
    for (size_t i = 0; i < commands->count; i++) {
        words[count++] = "-c";
        words[count++] = commands->items[i];
        bool full = count + 12 > WORDS_MAX && strcmp(commands->items[i], "end") == 0;
        if (!full && i + 1 < commands->count)
            continue;
        words[count] = NULL;
        if (!lab_run_program(daemon->space, words, said, sizeof said, ret_trouble))
            return false;
        if (strstr(said, "% "))
            return trouble_is(ret_trouble, 0, "vtysh: %.200s", strstr(said, "% "));
        count = 3;
    }
    return true;
}

static bool apply_frr(const struct running_node *node, const struct speaker *before,
                      const struct speaker *after, bool *ret_told, struct trouble *ret_trouble)
{
    for (enum frr_daemon which = 0; which < FRR_DAEMONS; which++) {
        const struct running_daemon *daemon = running_daemon(node, frr_word(which), NULL);
        if (!daemon)
            continue;
        char *old = frr_text(before, which, daemon->log),
             *new = frr_text(after, which, daemon->log);
        const char *path = word_behind(daemon, "-f");
        struct commands commands;
        frr_difference(old, new, &commands);
        bool done = commands.count == 0 || ((!path || rewrite(path, new, ret_trouble)) &&
                                            tell_vtysh(node, daemon, &commands, ret_trouble));
        *ret_told |= commands.count > 0;
        if (done && which == FRR_STATICD && commands.count > 0)
            statics_settle(node);
        commands_done(&commands);
        free(old);
        free(new);
        if (!done)
            return false;
    }
    return true;
}

/* -- BIRD -- */

static char *bird_text(const struct speaker *speaker, const char *log)
{
    struct wording wording;
    wording_begin(&wording);
    bird_write(speaker, *log ? log : NULL, wording.out);
    return wording_end(&wording);
}

static bool apply_bird(const struct running_daemon *daemon, const struct speaker *before,
                       const struct speaker *after, bool *ret_told, struct trouble *ret_trouble)
{
    char *old = bird_text(before, daemon->log), *new = bird_text(after, daemon->log);
    const char *const words[] = {"birdc", "-s", daemon->socket, "configure", NULL};
    const char *path = word_behind(daemon, "-c");
    char said[SAID_BYTES] = "";
    bool differs = strcmp(old, new) != 0, done = true;
    if (differs && path) {
        done = rewrite(path, new, ret_trouble) &&
               lab_run_program(daemon->space, words, said, sizeof said, ret_trouble);
        if (done && !strstr(said, "Reconfigur"))
            done = trouble_is(ret_trouble, 0, "birdc configure: %.200s", said);
    }
    *ret_told |= differs;
    free(old);
    free(new);
    return done;
}

/* -- routes that somebody else puts into the kernel, as a DHCP client does -- */

static bool is_said(const struct speaker *speaker, const struct speaker *of,
                    const struct event_route *route)
{
    for (size_t i = 0; i < speaker->route_count; i++) {
        const struct event_route *said = speaker->routes[i];
        if (prefix_equal(said->prefix, route->prefix) && said->gateway == route->gateway &&
            said->interface == route->interface && said->discard == route->discard &&
            speaker_source_of(speaker, said) == SPEAKER_KERNEL &&
            speaker_metric(speaker, said) == speaker_metric(of, route))
            return true;
    }
    return false;
}

static struct plane_route kernel_route(const struct speaker *speaker,
                                       const struct event_route *route)
{
    return (struct plane_route){
        .to = route->prefix,
        .device = route->discard ? NULL : speaker_device(speaker, route->interface),
        .gateway = route->gateway,
        .metric = speaker_metric(speaker, route),
        .kind = route->discard ? RTNETLINK_BLACKHOLE_ROUTE : RTNETLINK_UNICAST_ROUTE};
}

static bool apply_kernel(const struct running_node *node, const struct speaker *before,
                         const struct speaker *after, bool *ret_told, struct trouble *ret_trouble)
{
    struct rtnetlink kernel;
    bool done = true;
    if (!rtnetlink_open(&kernel, node->space, ret_trouble))
        return false;
    for (size_t i = 0; done && i < before->route_count; i++) {
        const struct event_route *route = before->routes[i];
        if (speaker_source_of(before, route) != SPEAKER_KERNEL || is_said(after, before, route))
            continue;
        struct plane_route gone = kernel_route(before, route);
        done = route_remove(&kernel, &gone, ret_trouble);
        *ret_told = true;
    }
    for (size_t i = 0; done && i < after->route_count; i++) {
        const struct event_route *route = after->routes[i];
        if (speaker_source_of(after, route) != SPEAKER_KERNEL || is_said(before, after, route))
            continue;
        struct plane_route fresh = kernel_route(after, route);
        done = route_put(&kernel, &fresh, ret_trouble);
        *ret_told = true;
    }
    rtnetlink_close(&kernel);
    return done;
}

/* -- sekishod -- */

/* All of them read one file; each is told, since what a step changes at one may be another's, too.
 */
static bool apply_sekishod(const struct lab_running *lab, const struct network *before,
                           const struct network *after, unsigned *count,
                           struct trouble *ret_trouble)
{
    struct wording old, new;
    char path[LAB_PATH_BYTES];
    wording_begin(&old);
    wording_begin(&new);
    network_format(before, old.out);
    network_format(after, new.out);
    char *was = wording_end(&old), *now = wording_end(&new);
    snprintf(path, sizeof path, "%.90s/network.yaml", lab->folder);
    bool differs = strcmp(was, now) != 0;
    bool done = !differs || rewrite(path, now, ret_trouble);
    for (size_t i = 0; done && differs && i < lab->node_count; i++) {
        const struct running_daemon *daemon = running_daemon(&lab->nodes[i], "sekishod", NULL);
        if (!daemon || !running_lives(daemon))
            continue;
        if (kill(daemon->pid, SIGHUP) != 0 && errno != ESRCH)
            done =
                trouble_is(ret_trouble, errno, "sekishod of %s cannot be told", lab->nodes[i].id);
        ++*count;
    }
    free(was);
    free(now);
    return done;
}

/* -- all -- */

static bool apply_node(const struct running_node *node, const struct world *before,
                       const struct world *after, unsigned *count, struct trouble *ret_trouble)
{
    int was = world_find_node(before, node->id), is = world_find_node(after, node->id);
    const struct running_daemon *bird = running_daemon(node, "bird", NULL);
    bool told = false, done = true;
    if (was == WORLD_NONE || is == WORLD_NONE || node->kind != NODE_ROUTER)
        return true;
    struct speaker *old = speaker_of(&before->nodes[was]), *new = speaker_of(&after->nodes[is]);
    if (bird)
        done = apply_bird(bird, old, new, &told, ret_trouble);
    else if (running_daemon(node, "zebra", NULL))
        done = apply_frr(node, old, new, &told, ret_trouble);
    done = done && apply_kernel(node, old, new, &told, ret_trouble);
    speaker_free(old);
    speaker_free(new);
    *count += told;
    return done;
}

bool lab_apply(const struct lab_running *lab, const struct network *before,
               const struct network *after, unsigned *ret_count, struct trouble *ret_trouble)
{
    struct world *old = network_build(before), *new = network_build(after);
    bool done = true;
    *ret_count = 0;
    lab_boot_vpcs(old);
    lab_boot_vpcs(new);
    for (size_t i = 0; done && i < lab->node_count; i++)
        done = apply_node(&lab->nodes[i], old, new, ret_count, ret_trouble);
    done = done && tables_apply(lab, old, new, ret_count, ret_trouble) &&
           apply_sekishod(lab, before, after, ret_count, ret_trouble);
    world_destroy(old);
    world_destroy(new);
    return done;
}
