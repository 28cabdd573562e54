#include "lab/look.h"

#include "explain/json.h"
#include "lab/asked.h"
#include "lab/daemons.h"

#include <stdio.h>
#include <string.h>

enum { ASK_MS = 5000 };

static json_t *daemon_look(const struct running_daemon *daemon)
{
    json_t *object = json_object();
    bool lives = running_lives(daemon);
    json_put(object, "name", json_text(daemon->name));
    json_put(object, "tunnel", json_text(daemon->tunnel[0] ? daemon->tunnel : NULL));
    json_put(object, "pid", json_integer(daemon->pid));
    json_put(object, "runs", json_boolean(lives));
    json_put(object, "resident_kib",
             json_integer(lives ? (json_int_t)daemon_kib(daemon->pid, "Rss") : 0));
    json_put(object, "own_kib",
             json_integer(lives ? (json_int_t)daemon_kib(daemon->pid, "Private_") : 0));
    return object;
}

static json_t *node_look(const struct running_node *node)
{
    json_t *object = json_object(), *daemons = json_array();
    for (size_t i = 0; i < node->daemon_count; i++)
        json_push(daemons, daemon_look(&node->daemons[i]));
    json_put(object, "node", json_text(node->id));
    json_put(object, "kind", json_text(running_kind_word(node->kind)));
    json_put(object, "platform", json_text(node->platform[0] ? node->platform : NULL));
    json_put(object, "namespace", json_text(node->inner[0] ? node->inner : node->space));
    json_put(object, "daemons", daemons);
    return object;
}

/* What a gateway says of one kind of thing, each with the gateway's name; with nobody answering,
 * nothing. */
static void add_said(json_t *all, const struct running_node *gateway, const char *what,
                     const char *const keys[])
{
    const struct running_daemon *daemon = running_daemon(gateway, "sekishod", NULL);
    json_t *said =
        daemon && running_lives(daemon) ? asked(daemon->socket, what, ASK_MS, NULL) : NULL;
    const json_t *list = json_object_get(said, what);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *object = json_object();
        json_put(object, "gateway", json_text(gateway->id));
        for (size_t k = 0; keys[k]; k++) {
            json_t *value = json_object_get(json_array_get(list, i), keys[k]);
            json_put(object, keys[k], value ? json_incref(value) : json_null());
        }
        json_push(all, object);
    }
    json_decref(said);
}

json_t *lab_look(const struct lab_running *lab)
{
    static const char *const of_tunnel[] = {"tunnel", "state", "for", "cause", "device", NULL};
    static const char *const of_session[] = {"neighbor", "local", "address",  "asn",
                                             "state",    "for",   "accepted", NULL};
    unsigned processes;
    unsigned long kib = daemons_memory_kib(lab->name, &processes);
    json_t *object = json_object();
    json_t *nodes = json_array(), *tunnels = json_array(), *sessions = json_array();
    for (size_t i = 0; i < lab->node_count; i++) {
        json_push(nodes, node_look(&lab->nodes[i]));
        if (lab->nodes[i].kind != NODE_GATEWAY)
            continue;
        add_said(tunnels, &lab->nodes[i], "tunnels", of_tunnel);
        add_said(sessions, &lab->nodes[i], "neighbors", of_session);
    }
    json_put(object, "lab", json_text(lab->name));
    json_put(object, "file", json_text(lab->file));
    json_put(object, "since_s", json_seconds(lab->since_us));
    json_put(object, "processes", json_integer(processes));
    json_put(object, "own_kib", json_integer((json_int_t)kib));
    json_put(object, "nodes", nodes);
    json_put(object, "tunnels", tunnels);
    json_put(object, "sessions", sessions);
    return object;
}

static bool all_are(const json_t *list, const char *word)
{
    bool are = true;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *state = json_string_value(json_object_get(json_array_get(list, i), "state"));
        are &= state && strcmp(state, word) == 0;
    }
    return are;
}

bool lab_is_well(const json_t *look)
{
    const json_t *nodes = json_object_get(look, "nodes");
    bool runs = true;
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        const json_t *daemons = json_object_get(json_array_get(nodes, i), "daemons");
        for (size_t d = 0; d < json_array_size(daemons); d++)
            runs &= json_is_true(json_object_get(json_array_get(daemons, d), "runs"));
    }
    return runs && all_are(json_object_get(look, "tunnels"), "up") &&
           all_are(json_object_get(look, "sessions"), "Established");
}
