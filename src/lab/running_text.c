/* lab.json: docs/reference/json.md has its keys. */
#include "lab/running.h"

#include "explain/json.h"
#include "plane/charon_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* -- written -- */

static json_t *words_json(char *const words[])
{
    json_t *array = json_array();
    for (size_t i = 0; words[i]; i++)
        json_push(array, json_text(words[i]));
    return array;
}

static json_t *daemon_json(const struct running_daemon *daemon)
{
    json_t *object = json_object();
    json_put(object, "name", json_text(daemon->name));
    json_put(object, "space", json_text(daemon->space));
    json_put(object, "tunnel", json_text(daemon->tunnel));
    json_put(object, "pid", json_integer(daemon->pid));
    json_put(object, "start", json_integer((json_int_t)daemon->start));
    json_put(object, "socket", json_text(daemon->socket));
    json_put(object, "log", json_text(daemon->log));
    json_put(object, "output", json_text(daemon->output));
    json_put(object, "command", words_json(daemon->words));
    json_put(object, "setting", json_text(daemon->setting));
    return object;
}

static json_t *node_json(const struct running_node *node)
{
    json_t *object = json_object(), *daemons = json_array();
    for (size_t i = 0; i < node->daemon_count; i++)
        json_push(daemons, daemon_json(&node->daemons[i]));
    json_put(object, "id", json_text(node->id));
    json_put(object, "kind", json_text(running_kind_word(node->kind)));
    json_put(object, "platform", json_text(node->platform));
    json_put(object, "space", json_text(node->space));
    json_put(object, "inner", json_text(node->inner));
    json_put(object, "folder", json_text(node->folder));
    json_put(object, "daemons", daemons);
    return object;
}

static json_t *end_json(const struct lab_running *lab, const struct running_end *end)
{
    json_t *object = json_object();
    json_put(object, "node", json_text(end->node == WORLD_NONE ? NULL : lab->nodes[end->node].id));
    json_put(object, "space", json_text(end->space));
    json_put(object, "device", json_text(end->device));
    return object;
}

static json_t *ends_json(const struct lab_running *lab, const struct running_end ends[2])
{
    json_t *array = json_array();
    json_push(array, end_json(lab, &ends[0]));
    json_push(array, end_json(lab, &ends[1]));
    return array;
}

static json_t *link_json(const struct lab_running *lab, const struct running_link *link)
{
    json_t *object = json_object();
    json_put(object, "id", json_text(link->id));
    json_put(object, "ends", ends_json(lab, link->ends));
    return object;
}

static json_t *tunnel_json(const struct lab_running *lab, const struct running_tunnel *tunnel)
{
    json_t *object = json_object(), *endpoints = json_array();
    json_push(endpoints, json_text(tunnel->endpoints[0]));
    json_push(endpoints, json_text(tunnel->endpoints[1]));
    json_put(object, "id", json_text(tunnel->id));
    json_put(object, "ends", ends_json(lab, tunnel->ends));
    json_put(object, "endpoints", endpoints);
    return object;
}

json_t *running_json(const struct lab_running *lab)
{
    json_t *object = json_object();
    json_t *nodes = json_array(), *links = json_array(), *tunnels = json_array();
    for (size_t i = 0; i < lab->node_count; i++)
        json_push(nodes, node_json(&lab->nodes[i]));
    for (size_t i = 0; i < lab->link_count; i++)
        json_push(links, link_json(lab, &lab->links[i]));
    for (size_t i = 0; i < lab->tunnel_count; i++)
        json_push(tunnels, tunnel_json(lab, &lab->tunnels[i]));
    json_put(object, "lab", json_text(lab->name));
    json_put(object, "file", json_text(lab->file));
    json_put(object, "folder", json_text(lab->folder));
    json_put(object, "state", json_text(running_state_word(lab->state)));
    json_put(object, "starter", json_integer(lab->starter));
    json_put(object, "starter_start", json_integer((json_int_t)lab->starter_start));
    json_put(object, "ends_with_starter", json_boolean(lab->ends_with_starter));
    json_put(object, "since_s", lab->since_us ? json_seconds(lab->since_us) : json_null());
    json_put(object, "nodes", nodes);
    json_put(object, "links", links);
    json_put(object, "tunnels", tunnels);
    return object;
}

bool running_write(const struct lab_running *lab, struct trouble *ret_trouble)
{
    char path[LAB_PATH_BYTES];
    json_t *document = running_json(lab);
    char *text = json_dumps(document, JSON_INDENT(2));
    lab_path(lab->name, "lab.json", path);
    bool done = text ? charon_folder_write(path, text, strlen(text), ret_trouble)
                     : trouble_is(ret_trouble, ENOMEM, "%s cannot be written", path);
    json_decref(document);
    free(text);
    return done;
}

/* -- read: the first thing that is wrong makes all of it none -- */

struct reading {
    bool wrong;
    const char *key; /* the first wrong one */
};

static void is_wrong(struct reading *reading, const char *key)
{
    if (!reading->wrong)
        reading->key = key;
    reading->wrong = true;
}

static void take_text(struct reading *reading, const json_t *object, const char *key, char *out,
                      size_t cap)
{
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    if (text && json_string_length(value) < cap && strlen(text) == json_string_length(value))
        memcpy(out, text, strlen(text) + 1);
    else
        is_wrong(reading, key);
}

static json_int_t take_number(struct reading *reading, const json_t *object, const char *key,
                              json_int_t most)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value) && json_integer_value(value) >= 0 &&
        json_integer_value(value) <= most)
        return json_integer_value(value);
    is_wrong(reading, key);
    return 0;
}

static unsigned take_word(struct reading *reading, const json_t *object, const char *key,
                          const char *(*word_of)(unsigned number), unsigned count)
{
    const char *text = json_string_value(json_object_get(object, key));
    for (unsigned i = 0; text && i < count; i++) {
        if (strcmp(text, word_of(i)) == 0)
            return i;
    }
    is_wrong(reading, key);
    return 0;
}

static const json_t *take_array(struct reading *reading, const json_t *object, const char *key)
{
    const json_t *array = json_object_get(object, key);
    if (!json_is_array(array))
        is_wrong(reading, key);
    return array; /* of none the size is 0 */
}

static void take_words(struct reading *reading, const json_t *object, struct running_daemon *daemon)
{
    const json_t *array = take_array(reading, object, "command");
    size_t count = json_array_size(array);
    if (count >= LAB_WORDS_MAX)
        is_wrong(reading, "command");
    for (size_t i = 0; !reading->wrong && i < count; i++) {
        const char *word = json_string_value(json_array_get(array, i));
        if (word)
            daemon->words[i] = strdup(word);
        else
            is_wrong(reading, "command");
    }
    const json_t *setting = json_object_get(object, "setting");
    if (json_is_string(setting))
        daemon->setting = strdup(json_string_value(setting));
}

static void take_daemon(struct reading *reading, const json_t *object,
                        struct running_daemon *daemon)
{
    take_text(reading, object, "name", daemon->name, sizeof daemon->name);
    take_text(reading, object, "space", daemon->space, sizeof daemon->space);
    take_text(reading, object, "tunnel", daemon->tunnel, sizeof daemon->tunnel);
    daemon->pid = (pid_t)take_number(reading, object, "pid", INT32_MAX);
    daemon->start = (uint64_t)take_number(reading, object, "start", INT64_MAX);
    take_text(reading, object, "socket", daemon->socket, sizeof daemon->socket);
    take_text(reading, object, "log", daemon->log, sizeof daemon->log);
    take_text(reading, object, "output", daemon->output, sizeof daemon->output);
    take_words(reading, object, daemon);
}

static const char *kind_word(unsigned number)
{
    return running_kind_word((enum node_kind)number);
}

static const char *state_word(unsigned number)
{
    return running_state_word((enum lab_state)number);
}

static void take_node(struct reading *reading, const json_t *object, struct running_node *node)
{
    take_text(reading, object, "id", node->id, sizeof node->id);
    node->kind = (enum node_kind)take_word(reading, object, "kind", kind_word, NODE_GATEWAY + 1);
    take_text(reading, object, "platform", node->platform, sizeof node->platform);
    take_text(reading, object, "space", node->space, sizeof node->space);
    take_text(reading, object, "inner", node->inner, sizeof node->inner);
    take_text(reading, object, "folder", node->folder, sizeof node->folder);
    const json_t *daemons = take_array(reading, object, "daemons");
    for (size_t i = 0; !reading->wrong && i < json_array_size(daemons); i++)
        take_daemon(reading, json_array_get(daemons, i), running_add_daemon(node));
}

static void take_end(struct reading *reading, const struct lab_running *lab, const json_t *object,
                     struct running_end *end)
{
    const json_t *named = json_object_get(object, "node");
    const struct running_node *node =
        json_is_string(named) ? running_node(lab, json_string_value(named)) : NULL;
    if (!node && !json_is_null(named))
        is_wrong(reading, "node");
    end->node = node ? (int)(node - lab->nodes) : WORLD_NONE;
    take_text(reading, object, "space", end->space, sizeof end->space);
    take_text(reading, object, "device", end->device, sizeof end->device);
}

static void take_ends(struct reading *reading, const struct lab_running *lab, const json_t *object,
                      struct running_end ends[2])
{
    const json_t *array = take_array(reading, object, "ends");
    take_end(reading, lab, json_array_get(array, 0), &ends[0]);
    take_end(reading, lab, json_array_get(array, 1), &ends[1]);
}

static void take_link(struct reading *reading, const struct lab_running *lab, const json_t *object,
                      struct running_link *link)
{
    take_text(reading, object, "id", link->id, sizeof link->id);
    take_ends(reading, lab, object, link->ends);
}

static void take_tunnel(struct reading *reading, const struct lab_running *lab,
                        const json_t *object, struct running_tunnel *tunnel)
{
    const json_t *endpoints = take_array(reading, object, "endpoints");
    take_text(reading, object, "id", tunnel->id, sizeof tunnel->id);
    take_ends(reading, lab, object, tunnel->ends);
    for (size_t i = 0; i < 2; i++) {
        const char *space = json_string_value(json_array_get(endpoints, i));
        if (space && strlen(space) < NAME_SPACE_BYTES)
            memcpy(tunnel->endpoints[i], space, strlen(space) + 1);
        else
            is_wrong(reading, "endpoints");
    }
}

static void take_lab(struct reading *reading, const json_t *object, struct lab_running *lab)
{
    take_text(reading, object, "lab", lab->name, sizeof lab->name);
    take_text(reading, object, "file", lab->file, sizeof lab->file);
    take_text(reading, object, "folder", lab->folder, sizeof lab->folder);
    lab->state = (enum lab_state)take_word(reading, object, "state", state_word, LAB_STOPPING + 1);
    lab->starter = (pid_t)take_number(reading, object, "starter", INT32_MAX);
    lab->starter_start = (uint64_t)take_number(reading, object, "starter_start", INT64_MAX);
    lab->ends_with_starter = json_is_true(json_object_get(object, "ends_with_starter"));
    double since_s = json_number_value(json_object_get(object, "since_s"));
    lab->since_us = since_s > 0 && since_s < 1e11 ? (int64_t)(since_s * 1e6 + 0.5) : 0;
    const json_t *nodes = take_array(reading, object, "nodes");
    const json_t *links = take_array(reading, object, "links");
    const json_t *tunnels = take_array(reading, object, "tunnels");
    for (size_t i = 0; !reading->wrong && i < json_array_size(nodes); i++)
        take_node(reading, json_array_get(nodes, i), running_add_node(lab));
    for (size_t i = 0; !reading->wrong && i < json_array_size(links); i++)
        take_link(reading, lab, json_array_get(links, i), running_add_link(lab));
    for (size_t i = 0; !reading->wrong && i < json_array_size(tunnels); i++)
        take_tunnel(reading, lab, json_array_get(tunnels, i), running_add_tunnel(lab));
    if (!reading->wrong && !lab_name_valid(lab->name))
        is_wrong(reading, "lab");
}

struct lab_running *running_read_text(const char *text, size_t size, struct trouble *ret_trouble)
{
    json_error_t error;
    json_t *document = json_loadb(text, size, 0, &error);
    struct reading reading = {0};
    if (!document) {
        trouble_is(ret_trouble, EINVAL, "what says which lab there is, is no JSON: %s", error.text);
        return NULL;
    }
    struct lab_running *lab = running_create("", "");
    take_lab(&reading, document, lab);
    json_decref(document);
    if (!reading.wrong)
        return lab;
    trouble_is(ret_trouble, EINVAL, "what says which lab there is, is wrong at \"%s\"",
               reading.key);
    running_free(lab);
    return NULL;
}
