#include "run/request.h"

#include <jansson.h>
#include <string.h>

static const char *const words[ASK_COUNT] = {
    "status",  "neighbors", "routes",    "paths",       "limits", "events",
    "journal", "tunnels",   "telemetry", "attachments", "fib",    "replace-tunnel"};

const char *ask_word(enum ask ask)
{
    return words[ask];
}

static bool find_ask(const char *word, enum ask *ret_ask)
{
    for (int i = 0; i < ASK_COUNT; i++) {
        if (strcmp(word, words[i]) != 0)
            continue;
        *ret_ask = (enum ask)i;
        return true;
    }
    return false;
}

static const char *take_prefix(const json_t *value, struct request *request)
{
    const char *text = json_string_value(value);
    if (!text || prefix_parse(text, json_string_length(value), &request->prefix) != PREFIX_OK)
        return "expected a prefix such as \"10.0.0.0/8\"";
    request->has_prefix = true;
    return NULL;
}

static const char *take_number(const json_t *value, uint64_t least, uint64_t most,
                               uint64_t *ret_number)
{
    if (!json_is_integer(value) || json_integer_value(value) < (json_int_t)least ||
        (uint64_t)json_integer_value(value) > most)
        return "a number is missing or out of its range";
    *ret_number = (uint64_t)json_integer_value(value);
    return NULL;
}

static const char *take_replacing(const char *key, const json_t *value, struct request *request)
{
    const char *text = json_string_value(value);
    if (strcmp(key, "outside") == 0) {
        request->outside = json_is_true(value);
        return json_is_boolean(value) ? NULL : "\"outside\" is true or false";
    }
    if (strcmp(key, "tunnel") != 0)
        return "a member is not known for this question";
    if (!text || json_string_length(value) == 0 || json_string_length(value) >= PLANE_NAME_BYTES)
        return "\"tunnel\" is the name of one, such as \"vpn-a/1\"";
    memcpy(request->tunnel, text, json_string_length(value) + 1);
    return NULL;
}

static const char *take_member(const char *key, const json_t *value, struct request *request)
{
    uint64_t number = 0;
    const char *wrong = NULL;
    bool is_prefix = strcmp(key, request->ask == ASK_PATHS ? "prefix"
                                 : request->ask == ASK_FIB ? "behind"
                                                           : "within") == 0;
    bool pages = request->ask == ASK_ROUTES || request->ask == ASK_EVENTS;
    if (strcmp(key, "ask") == 0)
        return NULL;
    if (is_prefix &&
        (request->ask == ASK_PATHS || request->ask == ASK_ROUTES || request->ask == ASK_FIB))
        return take_prefix(value, request);
    if (pages && strcmp(key, "after") == 0)
        return take_number(value, 0, INT64_MAX, &request->after);
    if ((pages || request->ask == ASK_FIB) && strcmp(key, "limit") == 0) {
        wrong = take_number(value, 1, REQUEST_ROWS, &number);
        request->limit = (uint32_t)number;
        return wrong;
    }
    if (request->ask == ASK_REPLACE_TUNNEL)
        return take_replacing(key, value, request);
    if (request->ask != ASK_EVENTS || strcmp(key, "follow") != 0)
        return "a member is not known for this question";
    if (!json_is_boolean(value))
        return "\"follow\" is true or false";
    request->follow = json_is_true(value);
    return NULL;
}

static const char *take_object(json_t *object, struct request *ret_request)
{
    struct request request = {.limit = REQUEST_ROWS};
    const char *word = json_string_value(json_object_get(object, "ask"));
    const char *key, *wrong = NULL;
    json_t *value;
    if (!word || !find_ask(word, &request.ask))
        return "\"ask\" is one of status, neighbors, routes, paths, limits, events, journal, "
               "tunnels, telemetry, attachments, fib, replace-tunnel";
    json_object_foreach(object, key, value)
    {
        wrong = take_member(key, value, &request);
        if (wrong)
            return wrong;
    }
    if (request.ask == ASK_PATHS && !request.has_prefix)
        return "\"prefix\" is missing";
    if (request.ask == ASK_REPLACE_TUNNEL && request.tunnel[0] == '\0')
        return "\"tunnel\" is missing";
    *ret_request = request;
    return NULL;
}

const char *request_read(struct slice line, struct request *ret_request)
{
    json_error_t error;
    json_t *object = json_loadb((const char *)line.data, line.size, JSON_REJECT_DUPLICATES, &error);
    const char *wrong = "a request is one JSON object on a line";
    if (json_is_object(object))
        wrong = take_object(object, ret_request);
    json_decref(object);
    return wrong;
}
