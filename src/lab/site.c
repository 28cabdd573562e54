#include "lab/site.h"

#include "lab/asked.h"
#include "lab/daemons.h"
#include "lab/swanctl.h"
#include "network/inside.h"
#include "plane/child.h"
#include "plane/devices.h"
#include "plane/endpoint.h"
#include "plane/inner.h"
#include "plane/routes.h"
#include "tunnel/mtu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHARON  "/usr/sbin/charon-systemd"
#define SWANCTL "/usr/sbin/swanctl"

enum { PAUSE_US = 10000, LOAD_MS = 10000, SAID_BYTES = 2048, SWANCTL_WORDS = 12 };

/* What loops in a tunnel would take a whole core; so much, and it does not (measured.json). */
#define RATE "5mbit"

/* -- what it is -- */

static void take_inside(struct plane_tunnel *plane, const struct network_tunnel *said)
{
    const struct network_inside inside = network_tunnel_inside(said);
    plane->inside_ours = inside.four[1];
    plane->inside_theirs = inside.four[0];
    plane->inside_len = inside.four_len;
    plane->six_ours = inside.six[1];
    plane->six_theirs = inside.six[0];
    plane->six_len = inside.six_len;
}

static void id_of(ip_addr addr, char out[PLANE_PATH_BYTES])
{
    struct text text = text_over(out, PLANE_PATH_BYTES);
    text_ip(&text, addr);
}

static void take_tunnel(const struct world *world, const struct network_connection *connection,
                        int index, const struct lab_site *at, struct swanctl_tunnel *out)
{
    const struct tunnel *tunnel = &world->tunnels[index];
    const struct tunnel_dpd *dpd = &tunnel->dpd[TUNNEL_CUSTOMER];
    const struct network_tunnel *said = &connection->tunnels[tunnel->part];
    struct plane_tunnel *plane = &out->plane;
    snprintf(plane->name, sizeof plane->name, "%s", tunnel->id);
    plane->outside = at->addr;
    plane->peer = tunnel->ends[TUNNEL_CUSTOMER].outer_remote;
    id_of(tunnel->ends[TUNNEL_GATEWAY].outer_remote, plane->local_id);
    id_of(plane->peer, plane->peer_id);
    take_inside(plane, said);
    plane->options = network_tunnel_options(connection, tunnel->part);
    plane->mtu = tunnel_mtu_of_any(&plane->options.phase2, true, TUNNEL_OUTER_MTU);
    plane->mss = (uint16_t)(plane->mtu - TUNNEL_MSS_BELOW_MTU);
    endpoint_fit(plane); /* a stock strongSwan with libipsec drops what is larger, too */
    plane->watch = (struct tunnel_watch){dpd->delay_us, dpd->interval_us, dpd->tries};
    snprintf(plane->psk, sizeof plane->psk, "%s", said->psk ? said->psk : "");
    out->starts = tunnel->starts[TUNNEL_CUSTOMER];
    out->restarts = tunnel->restarts[TUNNEL_CUSTOMER];
}

bool site_of(const struct lab_plan *plan, const struct network *network, size_t index,
             const char *folder, struct site *ret_site, struct trouble *ret_trouble)
{
    const struct world *world = plan->world;
    const struct lab_site *at = &plan->sites[index];
    const struct tunnel *tunnel = &world->tunnels[at->tunnel];
    const struct tunnel_end *end = &tunnel->ends[TUNNEL_CUSTOMER];
    const struct network_connection *connection = &network->vpn_connections[tunnel->connection];
    char path[2 * LAB_PATH_BYTES], name[NAME_DEVICE_BYTES];
    *ret_site = (struct site){.tunnel.starts = false};
    take_tunnel(world, connection, at->tunnel, at, &ret_site->tunnel);
    snprintf(ret_site->router, sizeof ret_site->router, "%s", lab_space_of(plan, end->node));
    snprintf(ret_site->endpoint, sizeof ret_site->endpoint, "%s", plan->spaces[at->space].name);
    snprintf(ret_site->device, sizeof ret_site->device, "%s",
             world->nodes[end->node].ports[end->port].name);
    ret_site->table = lab_has_vrf(&world->nodes[end->node]) ? LAB_VRF_TABLE : ROUTES_MAIN_TABLE;
    name_device(tunnel->id, name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return charon_folder_init(&ret_site->folder, path, ret_trouble);
}

/* -- its files -- */

static bool write_text(const char *path, const struct site *site,
                       bool (*put)(const struct site *site, FILE *out), struct trouble *ret_trouble)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool sound = out && put(site, out);
    if (out && fclose(out))
        sound = false;
    bool done = sound ? charon_folder_write(path, text, size, ret_trouble)
                      : trouble_is(ret_trouble, 0,
                                   "%s: its key or its name cannot stand in strongSwan's files",
                                   site->tunnel.plane.name);
    charon_folder_forget(text, size);
    return done;
}

static bool put_charon(const struct site *site, FILE *out)
{
    return swanctl_charon(&site->tunnel, &site->folder, out);
}

static bool put_connection(const struct site *site, FILE *out)
{
    return swanctl_connection(&site->tunnel, out);
}

static void connection_path(const struct site *site, char out[LAB_PATH_BYTES])
{
    snprintf(out, LAB_PATH_BYTES, "%.90s/swanctl.conf", site->folder.path);
}

bool site_prepare(const struct site *site, struct running_daemon *daemon,
                  struct trouble *ret_trouble)
{
    char path[LAB_PATH_BYTES], setting[LAB_PATH_BYTES + 32];
    connection_path(site, path);
    snprintf(daemon->name, sizeof daemon->name, "charon");
    snprintf(daemon->space, sizeof daemon->space, "%s", site->endpoint);
    snprintf(daemon->tunnel, sizeof daemon->tunnel, "%s", site->tunnel.plane.name);
    snprintf(daemon->socket, sizeof daemon->socket, "%s", site->folder.socket);
    snprintf(daemon->log, sizeof daemon->log, "%s", site->folder.log);
    snprintf(daemon->output, sizeof daemon->output, "%.90s/charon.out", site->folder.path);
    snprintf(setting, sizeof setting, "STRONGSWAN_CONF=%s", site->folder.conf);
    daemon_words(daemon, (const char *const[]){CHARON, NULL}, setting);
    return charon_folder_make(&site->folder, ret_trouble) &&
           write_text(site->folder.conf, site, put_charon, ret_trouble) &&
           write_text(path, site, put_connection, ret_trouble);
}

/* -- its device -- */

static void names_of(const struct site *site, struct endpoint_names *names)
{
    *names = (struct endpoint_names){.outer = ""};
    memcpy(names->space, site->endpoint, sizeof names->space);
    memcpy(names->device, site->device, sizeof names->device);
}

void site_clear(const struct site *site)
{
    struct endpoint_names names;
    struct rtnetlink router;
    names_of(site, &names);
    unlink(site->folder.socket);
    if (!rtnetlink_open(&router, site->router, NULL))
        return;
    endpoint_clear_decoy(&names, &router);
    rtnetlink_close(&router);
}

static bool dress(const struct site *site, struct trouble *ret_trouble)
{
    struct endpoint_names names;
    struct rtnetlink router;
    names_of(site, &names);
    if (!rtnetlink_open(&router, site->router, ret_trouble))
        return false;
    bool done = endpoint_move(&names, &router, ret_trouble) &&
                inner_dress(&router, site->device, &site->tunnel.plane, ret_trouble);
    rtnetlink_close(&router);
    return done;
}

static bool slow_down(const struct site *site, struct trouble *ret_trouble)
{
    char said[SAID_BYTES];
    const char *const words[] = {"tc",   "qdisc", "replace", "dev",  site->device, "root", "tbf",
                                 "rate", RATE,    "burst",   "32kb", "latency",    "50ms", NULL};
    struct child_plan plan = {.argv = words, .space = site->router};
    return child_run(&plan, "", LOAD_MS, said, sizeof said, ret_trouble);
}

/* -- what it is told -- */

struct way {
    ip_addr to;
    bool there;
};

static void see_route(const struct rtnetlink_said *said, void *context)
{
    struct way *way = context;
    way->there |=
        said->route.kind == RTNETLINK_UNICAST_ROUTE && prefix_contains(said->route.to, way->to);
}

bool site_has_way(const struct site *site)
{
    struct way way = {.to = site->tunnel.plane.peer};
    struct rtnetlink router;
    if (!rtnetlink_open(&router, site->router, NULL))
        return false;
    bool asked = route_each(&router, site->table, see_route, &way, NULL);
    rtnetlink_close(&router);
    return asked && way.there;
}

/* words: to NULL, what swanctl is to do. */
static bool run_swanctl(const struct site *site, const struct running_daemon *daemon,
                        const char *const words[], struct trouble *ret_trouble)
{
    char uri[LAB_PATH_BYTES + 16], folder[LAB_PATH_BYTES + 16], said[SAID_BYTES];
    const char *all[SWANCTL_WORDS] = {SWANCTL};
    size_t count = 1;
    struct trouble why = {0};
    snprintf(uri, sizeof uri, "unix://%s", site->folder.socket);
    snprintf(folder, sizeof folder, "SWANCTL_DIR=%s", site->folder.path);
    for (; words[count - 1] && count + 3 < SWANCTL_WORDS; count++)
        all[count] = words[count - 1];
    all[count++] = "--uri";
    all[count] = uri;
    const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", daemon->setting,
                                       folder, NULL};
    struct child_plan plan = {.argv = all, .environment = environment};
    if (child_run(&plan, "", LOAD_MS, said, sizeof said, &why))
        return true;
    said[strcspn(said, "\n")] = '\0';
    return trouble_is(ret_trouble, why.error, "%s: swanctl cannot do it: %s",
                      site->tunnel.plane.name, said);
}

bool site_load(const struct site *site, const struct running_daemon *daemon,
               struct trouble *ret_trouble)
{
    char path[LAB_PATH_BYTES];
    connection_path(site, path);
    return run_swanctl(site, daemon,
                       (const char *const[]){"--load-all", "--noprompt", "--file", path, NULL},
                       ret_trouble);
}

void site_ask(const struct site *site, const struct running_daemon *daemon)
{
    if (site->tunnel.starts)
        (void)!run_swanctl(
            site, daemon,
            (const char *const[]){"--initiate", "--child", SWANCTL_CHILD, "--timeout", "1", NULL},
            NULL);
}

bool site_place(const struct site *site, const struct running_daemon *daemon, int wait_ms,
                struct trouble *ret_trouble)
{
    struct trouble why = {0};
    int waited_us = 0;
    while (!asked_listens(site->folder.socket) || !dress(site, &why)) {
        if (!running_lives(daemon))
            return daemon_ended(daemon, ret_trouble);
        if ((waited_us += PAUSE_US) > wait_ms * 1000)
            return trouble_is(ret_trouble, 0, "%s: its charon does not answer: %s",
                              site->tunnel.plane.name, why.sentence);
        usleep(PAUSE_US);
    }
    return slow_down(site, ret_trouble);
}
