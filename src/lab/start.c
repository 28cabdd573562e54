#include "lab/start.h"

#include "lab/apply.h"
#include "lab/asked.h"
#include "lab/build.h"
#include "lab/daemons.h"
#include "lab/keys.h"
#include "lab/lock.h"
#include "lab/look.h"
#include "lab/ready.h"
#include "lab/router.h"
#include "lab/site.h"
#include "lab/statics.h"
#include "network/build.h"
#include "plane/charon_folder.h"
#include "plane/child.h"
#include "plane/endpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    ANSWER_MS = 60000,
    ASK_MS = 5000,
    WAY_MS = 5000,
    SETTLED_MS = 20000,
    SETTLE_US = 200000,
    ASK_AGAIN_MS = 3000,
    PAUSE_US = 20000,
    US_PER_MS = 1000,
    LINE_BYTES = 256,
};

struct start {
    const struct lab_request *request;
    const struct lab_ears *ears;
    struct trouble *trouble;
    struct network *network; /* with the lab's keys */
    struct world *world;
    struct lab_plan *plan;
    struct site *sites; /* as in the plan */
    struct lab_running *lab;
    bool refused; /* by a sekishod */
};

static void say(const struct start *start, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(const struct start *start, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    start->ears->begun(start->ears->of, line);
}

static bool goes_on(const struct start *start)
{
    return !start->ears->interrupted(start->ears->of) ||
           trouble_is(start->trouble, EINTR, "interrupted");
}

/* -- the world, with VPCs that know their tables -- */

static void boot(const struct world *world, int at)
{
    struct node *node = &world->nodes[at];
    struct event event = {.kind = EVENT_BOOT, .boot = {.seed = 1}};
    node->engine = engine_create(&node->config);
    assert(node->engine);
    engine_step(node->engine, &event);
    for (size_t i = 0; i < node->setup_count; i++)
        engine_step(node->engine, &node->setup[i]);
}

void lab_boot_vpcs(const struct world *world)
{
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->nodes[i].kind == NODE_VPC && world->nodes[i].owner == (int)i)
            boot(world, (int)i);
    }
}

/* -- what will be there, written down before it is -- */

static void end_of(const struct start *start, int space, const char *device,
                   struct running_end *ret_end)
{
    const struct lab_space *at = &start->plan->spaces[space];
    snprintf(ret_end->space, sizeof ret_end->space, "%s", at->name);
    snprintf(ret_end->device, sizeof ret_end->device, "%s", device);
    ret_end->node = at->node;
}

static void describe_node(struct start *start, int index)
{
    const struct node *of = &start->world->nodes[index];
    const struct lab_plan *plan = start->plan;
    struct running_node *node = running_add_node(start->lab);
    char part[NAME_DEVICE_BYTES];
    bool spoken = of->kind == NODE_ROUTER || of->kind == NODE_GATEWAY;
    snprintf(node->id, sizeof node->id, "%s", of->id);
    node->kind = of->kind;
    if (spoken)
        snprintf(node->platform, sizeof node->platform, "%s", platform_name(of->platform));
    if (plan->space_of[index] != WORLD_NONE)
        snprintf(node->space, sizeof node->space, "%s", lab_space_of(plan, index));
    if (plan->inner_of[index] != WORLD_NONE)
        snprintf(node->inner, sizeof node->inner, "%s", plan->spaces[plan->inner_of[index]].name);
    name_device(of->id, part);
    for (char *at = part; (at = strpbrk(at, " '")); at++)
        *at = '-';
    if (spoken)
        lab_path(start->lab->name, part, node->folder);
}

static void describe_link(struct start *start, const struct lab_link *said)
{
    struct running_link *link = running_add_link(start->lab);
    const struct world *world = start->world;
    const struct lab_space *spaces = start->plan->spaces;
    for (int i = 0; i < 2; i++)
        end_of(start, said->legs[i].space, said->legs[i].device, &link->ends[i]);
    if (said->id)
        snprintf(link->id, sizeof link->id, "%s", said->id);
    else
        snprintf(link->id, sizeof link->id, "%.45s-%.45s",
                 world->nodes[spaces[said->legs[0].space].node].id,
                 world->nodes[spaces[said->legs[1].space].node].id);
}

static void describe_tunnel(struct start *start, int index)
{
    const struct tunnel *said = &start->world->tunnels[index];
    const struct tunnel_end *customer = &said->ends[TUNNEL_CUSTOMER];
    struct running_tunnel *tunnel = running_add_tunnel(start->lab);
    struct endpoint_names names;
    char gateway[NAME_SPACE_BYTES], device[NAME_DEVICE_BYTES];
    int inner = start->plan->inner_of[said->ends[TUNNEL_GATEWAY].node];
    if (inner == WORLD_NONE)
        inner = start->plan->space_of[said->ends[TUNNEL_GATEWAY].node];
    lab_gateway_name(start->lab->name, start->world->nodes[said->ends[TUNNEL_GATEWAY].node].id,
                     gateway);
    endpoint_names(gateway, said->id, &names);
    name_device(said->id, device);
    snprintf(tunnel->id, sizeof tunnel->id, "%s", said->id);
    end_of(start, inner, device, &tunnel->ends[TUNNEL_GATEWAY]);
    if (!said->plain)
        snprintf(tunnel->endpoints[TUNNEL_GATEWAY], NAME_SPACE_BYTES, "%s", names.space);
    tunnel->ends[TUNNEL_CUSTOMER].node = WORLD_NONE;
    if (customer->node == WORLD_NONE)
        return;
    if (start->world->nodes[customer->node].platform == PLATFORM_SEKISHO) {
        lab_gateway_name(start->lab->name, start->world->nodes[customer->node].id, gateway);
        endpoint_names(gateway, said->id, &names);
        end_of(start, start->plan->space_of[customer->node], names.device,
               &tunnel->ends[TUNNEL_CUSTOMER]);
        snprintf(tunnel->endpoints[TUNNEL_CUSTOMER], NAME_SPACE_BYTES, "%s", names.space);
        return;
    }
    end_of(start, start->plan->space_of[customer->node],
           start->world->nodes[customer->node].ports[customer->port].name,
           &tunnel->ends[TUNNEL_CUSTOMER]);
    if (said->plain) /* its packets leave from the router itself */
        snprintf(tunnel->endpoints[TUNNEL_CUSTOMER], NAME_SPACE_BYTES, "%s",
                 lab_space_of(start->plan, customer->node));
    for (size_t i = 0; i < start->plan->site_count; i++) {
        if (start->plan->sites[i].tunnel == index)
            snprintf(tunnel->endpoints[TUNNEL_CUSTOMER], NAME_SPACE_BYTES, "%s",
                     start->plan->spaces[start->plan->sites[i].space].name);
    }
}

static bool write_network(const struct start *start, const char *name)
{
    char path[LAB_PATH_BYTES], *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    lab_path(start->lab->name, name, path);
    if (out)
        network_format(start->network, out);
    bool done = out && fclose(out) == 0
                    ? charon_folder_write(path, text, size, start->trouble)
                    : trouble_is(start->trouble, ENOMEM, "%s cannot be written", path);
    charon_folder_forget(text, size);
    return done;
}

static bool make_folder(const char *path, struct trouble *ret_trouble)
{
    return mkdir(path, 0755) == 0 || errno == EEXIST ||
           trouble_is(ret_trouble, errno, "the folder %s cannot be made", path);
}

static bool describe(struct start *start)
{
    start->lab = running_create(start->request->name, start->request->file);
    start->lab->starter = getpid();
    start->lab->starter_start = child_start_of(getpid());
    start->lab->ends_with_starter = start->request->ends_with_us;
    for (size_t i = 0; i < start->world->node_count; i++)
        describe_node(start, (int)i);
    for (size_t i = 0; i < start->plan->link_count; i++)
        describe_link(start, &start->plan->links[i]);
    for (size_t i = 0; i < start->world->tunnel_count; i++)
        describe_tunnel(start, (int)i);
    return make_folder(start->lab->folder, start->trouble) &&
           running_write(start->lab, start->trouble) && write_network(start, "network.yaml") &&
           write_network(start, LAB_BEGUN);
}

/* -- programs -- */

static bool start_one(struct start *start, struct running_daemon *daemon)
{
    return goes_on(start) && daemon_start(start->lab->name, daemon, start->trouble) &&
           running_write(start->lab, start->trouble);
}

static bool answers(const struct running_daemon *daemon)
{
    json_t *status = asked(daemon->socket, "status", ASK_MS, NULL);
    json_decref(status);
    return status != NULL;
}

static bool wait_for_gateway(struct start *start, const struct running_node *node,
                             const struct running_daemon *daemon)
{
    for (int waited_us = 0; !answers(daemon); waited_us += PAUSE_US) {
        if (!goes_on(start))
            return false;
        if (!running_lives(daemon)) {
            struct trouble why;
            daemon_ended(daemon, &why);
            return trouble_is(start->trouble, 0, "%s: %s", node->id, why.sentence);
        }
        if (waited_us > ANSWER_MS * US_PER_MS)
            return trouble_is(start->trouble, 0, "%s: its sekishod does not answer", node->id);
        usleep(PAUSE_US);
    }
    return true;
}

/* role: the option that says what it is to be, and id what of that kind. */
static bool start_sekishod(struct start *start, struct running_node *node, const char *role,
                           const char *id)
{
    struct running_daemon *daemon = running_add_daemon(node);
    char name[NAME_SPACE_BYTES], journal[LAB_PATH_BYTES], network[LAB_PATH_BYTES];
    lab_gateway_name(start->lab->name, node->id, name);
    lab_path(start->lab->name, "network.yaml", network);
    snprintf(journal, sizeof journal, "%.90s/journal", node->folder);
    snprintf(daemon->name, sizeof daemon->name, "sekishod");
    snprintf(daemon->space, sizeof daemon->space, "%s", node->space);
    snprintf(daemon->socket, sizeof daemon->socket, "%.90s/control", node->folder);
    snprintf(daemon->output, sizeof daemon->output, "%.90s/sekishod.out", node->folder);
    snprintf(daemon->log, sizeof daemon->log, "%s", daemon->output);
    daemon_words(daemon,
                 (const char *const[]){start->request->sekishod, "--network", network, role, id,
                                       "--name", name, "--outer", node->space, "--control",
                                       daemon->socket, "--journal", journal, "--journal-size", "64",
                                       NULL},
                 NULL);
    return make_folder(node->folder, start->trouble) && start_one(start, daemon);
}

/* The customer gateway of the file that is this router; there is one, or it is refused before. */
static const char *customer_of(const struct start *start, const char *router)
{
    const struct network *network = start->network;
    for (size_t i = 0; i < network->customer_gateway_count; i++) {
        const struct network_customer_gateway *customer = &network->customer_gateways[i];
        if (customer->router.id && strcmp(customer->router.id, router) == 0)
            return customer->id;
    }
    return router;
}

static bool each_sekishod(struct start *start,
                          bool (*function)(struct start *start, struct running_node *node,
                                           const char *role, const char *id))
{
    bool done = true;
    for (size_t i = 0; done && i < start->world->node_count; i++) {
        struct running_node *node = &start->lab->nodes[i];
        if (node->kind == NODE_GATEWAY)
            done = function(start, node, "--gateway", node->id);
        else if (router_kind_of(start->world, (int)i) == ROUTER_SEKISHOD)
            done = function(start, node, "--customer-gateway", customer_of(start, node->id));
    }
    return done;
}

/* What it refuses of the file it says before anything is made; what else is wrong with it shows
 * when it is started. Its sentence is about the lab's copy, which nobody knows. */
static bool is_agreed(struct start *start, struct running_node *node, const char *role,
                      const char *id)
{
    char network[LAB_PATH_BYTES], before[LAB_PATH_BYTES + 16], said[TROUBLE_BYTES] = "";
    const char *const words[] = {
        start->request->sekishod, "--network", network, role, id, "--check", NULL};
    (void)node;
    lab_path(start->lab->name, "network.yaml", network);
    int size = snprintf(before, sizeof before, "error: %s: ", network);
    start->refused = !lab_run_program(NULL, words, said, sizeof said, NULL) &&
                     strncmp(said, before, (size_t)size) == 0;
    return !start->refused || trouble_is(start->trouble, 0, "%s", said + size);
}

/* All are started before one is waited for. */
static bool start_gateways(struct start *start)
{
    if (!each_sekishod(start, start_sekishod))
        return false;
    for (size_t i = 0; i < start->world->node_count; i++) {
        const struct running_node *node = &start->lab->nodes[i];
        if (node->daemon_count == 0)
            continue;
        if (!wait_for_gateway(start, node, &node->daemons[0]))
            return false;
        say(start, "%s: sekishod", node->id);
    }
    return true;
}

/* All charons are started before one is waited for. */
static bool start_sites(struct start *start)
{
    const struct lab_plan *plan = start->plan;
    for (size_t i = 0; i < plan->site_count; i++) {
        int router = start->world->tunnels[plan->sites[i].tunnel].ends[TUNNEL_CUSTOMER].node;
        struct running_node *node = &start->lab->nodes[router];
        struct site *site = &start->sites[i];
        struct running_daemon *daemon = running_add_daemon(node);
        if (!make_folder(node->folder, start->trouble) ||
            !site_of(plan, start->network, i, node->folder, site, start->trouble) ||
            !site_prepare(site, daemon, start->trouble) || !start_one(start, daemon))
            return false;
    }
    return true;
}

static const struct running_daemon *charon_of(const struct start *start, size_t index,
                                              const struct running_node **ret_node)
{
    const struct tunnel *tunnel = &start->world->tunnels[start->plan->sites[index].tunnel];
    *ret_node = &start->lab->nodes[tunnel->ends[TUNNEL_CUSTOMER].node];
    return running_daemon(*ret_node, "charon", tunnel->id);
}

static bool place_sites(struct start *start)
{
    const struct running_node *node;
    for (size_t i = 0; i < start->plan->site_count; i++) {
        const struct running_daemon *daemon = charon_of(start, i, &node);
        if (!goes_on(start) || !site_place(&start->sites[i], daemon, ANSWER_MS, start->trouble))
            return false;
    }
    return true;
}

/* A router that has no way to its gateway after a while never has one, perhaps. */
static bool load_sites(struct start *start)
{
    const struct running_node *node;
    int waited_us = 0;
    for (size_t i = 0; i < start->plan->site_count; i++) {
        const struct running_daemon *daemon = charon_of(start, i, &node);
        while (!site_has_way(&start->sites[i]) && waited_us < WAY_MS * US_PER_MS) {
            if (!goes_on(start))
                return false;
            usleep(PAUSE_US);
            waited_us += PAUSE_US;
        }
        if (!goes_on(start) || !site_load(&start->sites[i], daemon, start->trouble))
            return false;
        say(start, "%s: strongSwan, %s", node->id, daemon->tunnel);
    }
    return true;
}

/* The others find zebra by its socket; one that does not tries again after 10 s. */
static bool wait_for_zebra(struct start *start, const struct running_node *node,
                           const struct running_daemon *zebra)
{
    char path[LAB_PATH_BYTES];
    snprintf(path, sizeof path, "%.90s/zserv.api", node->folder);
    for (int waited_us = 0; !asked_listens(path); waited_us += PAUSE_US) {
        struct trouble why;
        if (!goes_on(start))
            return false;
        if (!running_lives(zebra) || waited_us > ANSWER_MS * US_PER_MS) {
            daemon_ended(zebra, &why);
            return trouble_is(start->trouble, 0, "%s: %s", node->id, why.sentence);
        }
        usleep(PAUSE_US);
    }
    return true;
}

static bool start_router(struct start *start, int index)
{
    struct running_node *node = &start->lab->nodes[index];
    size_t first = node->daemon_count;
    char list[LINE_BYTES] = "";
    if (!make_folder(node->folder, start->trouble) ||
        !router_prepare(start->world, index, node, start->trouble))
        return false;
    for (size_t i = first; i < node->daemon_count; i++) {
        struct running_daemon *daemon = &node->daemons[i];
        size_t used = strlen(list);
        if (!start_one(start, daemon) ||
            (strcmp(daemon->name, "zebra") == 0 && !wait_for_zebra(start, node, daemon)))
            return false;
        snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", daemon->name);
    }
    if (*list)
        say(start, "%s: %s", node->id, list);
    return true;
}

static void settle_statics(const struct start *start)
{
    for (size_t i = 0; i < start->lab->node_count; i++)
        statics_settle(&start->lab->nodes[i]);
}

static bool start_routers(struct start *start)
{
    for (size_t i = 0; i < start->world->node_count; i++) {
        enum router_kind kind = router_kind_of(start->world, (int)i);
        if ((kind == ROUTER_FRR || kind == ROUTER_BIRD) && !start_router(start, (int)i))
            return false;
    }
    settle_statics(start);
    return true;
}

static bool is_down(const json_t *look, const char *tunnel)
{
    const json_t *tunnels = json_object_get(look, "tunnels");
    for (size_t i = 0; i < json_array_size(tunnels); i++) {
        const json_t *at = json_array_get(tunnels, i);
        const char *name = json_string_value(json_object_get(at, "tunnel"));
        const char *state = json_string_value(json_object_get(at, "state"));
        if (name && state && strcmp(name, tunnel) == 0)
            return strcmp(state, "up") != 0;
    }
    return false;
}

static void ask_again(const struct start *start, const json_t *look)
{
    const struct running_node *node;
    for (size_t i = 0; i < start->plan->site_count; i++) {
        const struct running_daemon *daemon = charon_of(start, i, &node);
        if (is_down(look, daemon->tunnel))
            site_ask(&start->sites[i], daemon);
    }
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* That something never comes up may be what the file is about. */
static bool settle(struct start *start)
{
    int64_t until = now_ms() + SETTLED_MS, ask_at = now_ms() + ASK_AGAIN_MS;
    while (now_ms() < until) {
        json_t *look = lab_look(start->lab);
        bool well = lab_is_well(look);
        if (!well && now_ms() > ask_at) {
            ask_again(start, look);
            ask_at = now_ms() + ASK_AGAIN_MS;
        }
        json_decref(look);
        if (well) {
            say(start, "every tunnel and every session is up");
            return true;
        }
        if (!goes_on(start))
            return false;
        usleep(SETTLE_US);
    }
    say(start, "not every tunnel and session is up; sekisho lab status tells which");
    return true;
}

static bool finish(struct start *start)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    start->lab->since_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    start->lab->state = LAB_UP;
    return running_write(start->lab, start->trouble);
}

/* -- the whole -- */

static bool bring_up(struct start *start)
{
    if (!describe(start) || !goes_on(start) || !each_sekishod(start, is_agreed) ||
        !lab_build(start->plan, start->lab->name, start->trouble))
        return false;
    say(start, "%zu namespaces, %zu links", start->plan->space_count, start->plan->link_count);
    return start_gateways(start) && start_sites(start) && place_sites(start) &&
           start_routers(start) && load_sites(start) && settle(start) && finish(start);
}

/* What an `up` or a `run` has left that was killed is cleared; what is up otherwise stays. */
static bool is_free(const struct start *start)
{
    const char *name = start->request->name;
    struct lab_running *lab = running_read(name, NULL);
    bool up = lab && lab->state == LAB_UP && !running_abandoned(lab), found;
    char file[PLANE_PATH_BYTES] = "";
    if (lab)
        snprintf(file, sizeof file, "%s", lab->file);
    running_free(lab);
    if (up)
        return trouble_is(start->trouble, 0, "the lab %s is up already, of %s", name, file);
    return lab_clear(name, &found, start->trouble);
}

static enum lab_outcome start_locked(struct start *start)
{
    bool found;
    if (!is_free(start))
        return LAB_IMPOSSIBLE;
    if (bring_up(start))
        return LAB_DONE;
    (void)!lab_clear(start->request->name, &found, NULL);
    return start->refused                   ? LAB_REFUSED
           : start->trouble->error == EINTR ? LAB_INTERRUPTED
                                            : LAB_FAILED;
}

static enum lab_outcome start_ready(struct start *start)
{
    struct lock lock;
    if (!lock_take(start->request->name, 0, &lock, start->trouble))
        return LAB_IMPOSSIBLE;
    enum lab_outcome outcome = start_locked(start);
    if (outcome == LAB_DONE || outcome == LAB_IMPOSSIBLE)
        lock_let_go(&lock);
    else
        lock_remove(&lock);
    return outcome;
}

enum lab_outcome lab_start(const struct lab_request *request, const struct lab_ears *ears,
                           struct lab_running **ret_lab, struct trouble *ret_trouble)
{
    struct start start = {.request = request, .ears = ears, .trouble = ret_trouble};
    start.network = keys_renewed(request->network, ret_trouble);
    if (!start.network)
        return LAB_IMPOSSIBLE;
    start.world = network_build(start.network);
    enum lab_outcome outcome = ready_for(request, start.world, ret_trouble);
    if (outcome == LAB_DONE) {
        lab_boot_vpcs(start.world);
        start.plan = lab_plan(start.world, request->name);
        start.sites = calloc(start.plan->site_count + 1, sizeof *start.sites);
        assert(start.sites);
        outcome = start_ready(&start);
    }
    if (outcome == LAB_DONE)
        *ret_lab = start.lab;
    else
        running_free(start.lab);
    if (start.sites)
        explicit_bzero(start.sites, start.plan->site_count * sizeof *start.sites);
    free(start.sites);
    lab_plan_free(start.plan);
    world_destroy(start.world);
    network_free(start.network);
    return outcome;
}
