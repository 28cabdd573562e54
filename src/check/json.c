/* The answer for a machine. Its keys are a contract (sekisho-check(1)): none is left out, none is
 * added in silence. */
#include "explain/json.h"

#include "check/parts.h"
#include "check/where.h"

static json_t *json_texts(const struct check_texts *texts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < texts->count; i++)
        json_push(array, json_text(texts->items[i]));
    return array;
}

static json_t *json_origin(const struct check_origin *origin)
{
    json_t *object = json_object();
    json_put(object, "router", json_text(origin->router));
    json_put(object, "attachment", json_text(origin->attachment));
    json_put(object, "asn", origin->asn ? json_integer(origin->asn) : json_null());
    return object;
}

static json_t *json_as_path(const struct check_finding *finding)
{
    json_t *array = json_array();
    for (size_t i = 0; i < finding->as_path_count; i++)
        json_push(array, json_integer(finding->as_path[i]));
    return array;
}

static json_t *json_also(const struct check_finding *finding)
{
    json_t *array = json_array();
    for (size_t i = 0; i < finding->also_count; i++)
        json_push(array, json_text(check_finding_name(finding->also[i])));
    return array;
}

static json_t *json_timeline(const struct check_finding *finding)
{
    json_t *array = json_array();
    for (size_t i = 0; i < finding->timeline_count; i++) {
        json_t *moment = json_object();
        json_put(moment, "at_s", json_seconds(finding->timeline[i].after_us));
        json_put(moment, "what", json_text(finding->timeline[i].what));
        json_push(array, moment);
    }
    return array;
}

static json_t *json_steps(const struct check_remedy *remedy)
{
    json_t *array = json_array();
    for (size_t i = 0; i < remedy->step_count; i++) {
        const struct check_step *step = &remedy->steps[i];
        json_t *object = json_object();
        json_put(object, "kind", json_text(check_remedy_name(step->kind)));
        json_put(object, "where", json_text(step->where));
        json_put(object, "platform", json_text(platform_name(step->platform)));
        json_put(object, "what", json_text(step->change));
        json_put(object, "lines", json_texts(&step->lines));
        json_push(array, object);
    }
    return array;
}

static json_t *json_remedies(const struct check_finding *finding)
{
    json_t *array = json_array();
    for (size_t i = 0; i < finding->remedy_count; i++) {
        const struct check_remedy *remedy = &finding->remedies[i];
        json_t *object = json_object();
        json_put(object, "number", json_integer((json_int_t)remedy->number));
        json_put(object, "kind", json_text(check_remedy_name(remedy->kind)));
        json_put(object, "where", json_text(remedy->where));
        json_put(object, "platform", json_text(platform_name(remedy->platform)));
        json_put(object, "lines", json_texts(&remedy->lines));
        json_put(object, "steps", json_steps(remedy));
        json_put(object, "verified", json_true()); /* others are not in the answer */
        json_push(array, object);
    }
    return array;
}

static json_t *json_number_or_null(unsigned number)
{
    return number ? json_integer(number) : json_null();
}

static json_t *json_finding(const struct check *check, const struct check_finding *finding)
{
    struct place place = where_finding(check->network, finding);
    json_t *object = json_object();
    json_put(object, "name", json_text(check_finding_name(finding->kind)));
    json_put(object, "trap", json_text(check_finding_trap(finding->kind)));
    json_put(object, "also", json_also(finding));
    json_put(object, "level", json_text(check_level_name(finding->level)));
    json_put(object, "what", json_text(finding->what));
    json_put(object, "because", json_texts(&finding->because));
    json_put(object, "connection", json_text(finding->connection));
    json_put(object, "tunnel", json_text(finding->tunnel));
    json_put(object, "router", json_text(finding->router));
    json_put(object, "prefix", finding->no_prefix ? json_null() : json_prefix(finding->prefix));
    json_put(object, "if", json_text(finding->condition));
    json_put(object, "origin", json_origin(&finding->origin));
    json_put(object, "as_path", json_as_path(finding));
    json_put(object, "why", json_texts(&finding->why));
    json_put(object, "margin", json_text(finding->margin));
    json_put(object, "circle", json_texts(&finding->circle));
    json_put(object, "loop", json_texts(&finding->loop));
    json_put(object, "timeline", json_timeline(finding));
    json_put(object, "period_s",
             finding->period_us ? json_seconds(finding->period_us) : json_null());
    json_put(object, "remedies", json_remedies(finding));
    json_put(object, "identity", json_text(finding->identity));
    json_put(object, "line", json_number_or_null(place.line));
    json_put(object, "column", json_number_or_null(place.column));
    return object;
}

static json_t *json_left_out(const struct check_left_out *left_out)
{
    json_t *object = json_object();
    json_put(object, "selection", json_integer((json_int_t)left_out->selection));
    json_put(object, "baseline", json_integer((json_int_t)left_out->baseline));
    json_put(object, "gone", json_texts(&left_out->gone));
    json_put(object, "graver", json_texts(&left_out->graver));
    return object;
}

static json_t *json_screen(const struct check *check)
{
    json_t *object = json_object();
    json_put(object, "end", json_text(check->screen_end));
    json_put(object, "steps", json_integer((json_int_t)check->screen_steps));
    json_put(object, "differs", json_text(check->screen_differs));
    json_put(object, "variants", json_integer((json_int_t)check->variants_screened));
    return object;
}

/* Of a region only. */
static json_t *json_parts(const struct check *check)
{
    json_t *object = json_object();
    json_put(object, "count", json_integer((json_int_t)check_part_count(check)));
    json_put(object, "asked", json_integer((json_int_t)check_parts_asked(check)));
    return object;
}

struct json_t *check_json(const struct check *check)
{
    json_t *answer = json_object(), *findings = json_array();
    for (size_t i = 0; i < check_finding_count(check); i++)
        json_push(findings, json_finding(check, check_finding(check, i)));
    json_put(answer, "verdict", json_text(check_verdict_name(check_verdict(check))));
    json_put(answer, "findings", findings);
    json_put(answer, "assumptions", json_texts(check_assumptions(check)));
    json_put(answer, "screen", json_screen(check));
    json_put(answer, "interrupted", json_boolean(check_interrupted(check)));
    if (check_part_count(check) > 1)
        json_put(answer, "parts", json_parts(check));
    json_put(answer, "left_out", json_left_out(check_left_out(check)));
    return answer;
}
