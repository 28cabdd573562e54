#include "check/sarif.h"

#include "check/parts.h"
#include "check/render.h"
#include "check/where.h"
#include "explain/json.h"

#include <stdlib.h>
#include <string.h>

enum { SCREEN_WIDTH = 100, HEADLINE_BYTES = 512 };

/* {"text": ...}, which is how SARIF writes every text. */
static json_t *message(const char *text)
{
    json_t *object = json_object();
    json_put(object, "text", json_text(text));
    return object;
}

/* A sentence of the tables, with capital and full stop. */
static json_t *sentence(const char *words)
{
    char text[512];
    snprintf(text, sizeof text, "%s.", words);
    if (text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    return message(text);
}

/* -- rules -- */

static json_t *rule_of(enum check_finding_kind kind)
{
    json_t *rule = json_object(), *help, *tags = json_array(), *properties = json_object();
    const char *page = check_find_page(check_finding_name(kind));
    json_put(rule, "id", json_text(check_finding_name(kind)));
    json_put(rule, "shortDescription", sentence(check_finding_sentence(kind)));
    if (page) {
        help = message(page);
        json_put(help, "markdown", json_text(page));
        json_put(rule, "help", help);
    }
    json_push(tags, json_text(check_finding_trap(kind)));
    json_put(properties, "tags", tags);
    json_put(rule, "properties", properties);
    return rule;
}

/* The place of a finding's rule among those of the findings that are shown, by kind. */
struct rules {
    bool used[CHECK_FINDING_KINDS];
};

static struct rules rules_of(const struct check *check)
{
    struct rules rules = {0};
    for (size_t i = 0; i < check_finding_count(check); i++)
        rules.used[check_finding(check, i)->kind] = true;
    return rules;
}

static int rule_index(const struct rules *rules, enum check_finding_kind kind)
{
    int index = 0;
    for (int i = 0; i < (int)kind; i++)
        index += rules->used[i];
    return index;
}

static json_t *tool_of(const struct rules *used, const struct sarif_options *options)
{
    json_t *tool = json_object(), *driver = json_object(), *rules = json_array();
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        if (used->used[i])
            json_push(rules, rule_of((enum check_finding_kind)i));
    }
    json_put(driver, "name", json_text("sekisho"));
    json_put(driver, "version", json_text(options->version));
    json_put(driver, "rules", rules);
    json_put(tool, "driver", driver);
    return tool;
}

/* -- locations -- */

/* RFC 3986: what a path may not hold as it is, is written %XX. */
static json_t *uri_of(const char *path)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    size_t size = strlen(path), used = 0;
    char *uri = malloc(3 * size + sizeof "file://");
    if (!uri)
        return json_null();
    if (path[0] == '/') {
        memcpy(uri, "file://", 7);
        used = 7;
    }
    for (size_t i = 0; i < size; i++) {
        if (strchr(plain, path[i]))
            uri[used++] = path[i];
        else
            used += (size_t)snprintf(uri + used, 4, "%%%02X", (unsigned char)path[i]);
    }
    uri[used] = 0;
    json_t *text = json_string(uri);
    free(uri);
    return text;
}

static json_t *physical(const struct sarif_options *options, struct place place)
{
    json_t *object = json_object(), *artifact = json_object(), *region = json_object();
    json_put(artifact, "uri", uri_of(options->path));
    json_put(object, "artifactLocation", artifact);
    json_put(region, "startLine", json_integer(place.line));
    json_put(region, "startColumn", json_integer(place.column));
    json_put(object, "region", region);
    return object;
}

/* Of a name in the file; where it came by standard input, of the name alone. */
static json_t *location_of(const struct sarif_options *options, struct place place,
                           const char *name)
{
    json_t *location = json_object();
    if (options->path && place.line)
        json_put(location, "physicalLocation", physical(options, place));
    if (name) {
        json_t *logical = json_object(), *list = json_array();
        json_put(logical, "fullyQualifiedName", json_text(name));
        json_push(list, logical);
        json_put(location, "logicalLocations", list);
    }
    return location;
}

static const char *name_of(const struct check_finding *finding)
{
    if (finding->place)
        return finding->place;
    return finding->tunnel ? finding->tunnel : finding->connection;
}

static json_t *origin_of(const struct check *check, const struct check_origin *origin,
                         const struct sarif_options *options)
{
    json_t *list = json_array();
    char words[HEADLINE_BYTES];
    struct place place = where_is(check->network, origin->router);
    json_t *location = location_of(options, place, origin->router);
    snprintf(words, sizeof words, "%s announces the prefix", origin->router);
    json_put(location, "message", message(words));
    json_push(list, location);
    return list;
}

/* -- results -- */

static const char *level_of(const struct check_finding *finding)
{
    if (finding->level == CHECK_CERTAIN)
        return "error";
    return finding->level == CHECK_PROTECTED || render_is_calm(finding) ? "note" : "warning";
}

/* Headline and evidence as the screen has them; fence: what Markdown puts around the evidence. */
static json_t *told(const struct check_finding *finding, const char *fence)
{
    char headline[HEADLINE_BYTES], *words = NULL;
    size_t size;
    struct screen screen = {.out = open_memstream(&words, &size), .width = SCREEN_WIDTH};
    struct text text = text_over(headline, sizeof headline);
    if (!screen.out)
        return json_null();
    text_headline(&text, finding, finding->tunnel);
    screen_say(&screen, "%s\n\n%s%s", headline, fence, *fence ? "\n" : "");
    render_evidence(&screen, "sekisho", finding, 1, NULL);
    screen_put(&screen, fence);
    fclose(screen.out);
    while (size > 0 && words[size - 1] == '\n')
        words[--size] = 0;
    json_t *string = json_string(words);
    free(words);
    return string;
}

static json_t *remedies_of(const struct check_finding *finding)
{
    json_t *list = json_array();
    for (size_t i = 0; i < finding->remedy_count; i++) {
        const struct check_remedy *remedy = &finding->remedies[i];
        json_t *object = json_object(), *lines = json_array();
        for (size_t j = 0; j < remedy->lines.count; j++)
            json_push(lines, json_text(remedy->lines.items[j]));
        json_put(object, "kind", json_text(check_remedy_name(remedy->kind)));
        json_put(object, "where", json_text(remedy->where));
        json_put(object, "change", json_text(remedy->change));
        json_put(object, "lines", lines);
        json_push(list, object);
    }
    return list;
}

static json_t *properties_of(const struct check_finding *finding)
{
    json_t *properties = json_object();
    json_put(properties, "level", json_text(check_level_name(finding->level)));
    json_put(properties, "remedies", remedies_of(finding));
    return properties;
}

static json_t *result_of(const struct check *check, const struct check_finding *finding,
                         const struct rules *rules, const struct sarif_options *options)
{
    json_t *result = json_object(), *words = json_object(), *places = json_array();
    json_t *prints = json_object();
    json_put(words, "text", told(finding, ""));
    json_put(words, "markdown", told(finding, "```"));
    json_push(places,
              location_of(options, where_finding(check->network, finding), name_of(finding)));
    json_put(prints, "sekishoIdentity/v1", json_text(finding->identity));
    json_put(result, "ruleId", json_text(check_finding_name(finding->kind)));
    json_put(result, "ruleIndex", json_integer(rule_index(rules, finding->kind)));
    json_put(result, "level", json_text(level_of(finding)));
    json_put(result, "message", words);
    json_put(result, "locations", places);
    if (finding->origin.router)
        json_put(result, "relatedLocations", origin_of(check, &finding->origin, options));
    json_put(result, "partialFingerprints", prints);
    json_put(result, "properties", properties_of(finding));
    return result;
}

static json_t *run_properties(const struct check *check)
{
    const struct check_left_out *left_out = check_left_out(check);
    json_t *properties = json_object(), *assumptions = json_array();
    for (size_t i = 0; i < check_assumptions(check)->count; i++)
        json_push(assumptions, json_text(check_assumptions(check)->items[i]));
    json_put(properties, "verdict", json_text(check_verdict_name(check_verdict(check))));
    json_put(properties, "assumptions", assumptions);
    json_put(properties, "leftOut",
             json_integer((json_int_t)(left_out->selection + left_out->baseline)));
    return properties;
}

static json_t *invocations_of(const struct check *check)
{
    json_t *list = json_array(), *invocation = json_object();
    json_put(invocation, "executionSuccessful", json_boolean(!check_interrupted(check)));
    json_push(list, invocation);
    return list;
}

struct json_t *sarif_of(const struct check *check, const struct sarif_options *options)
{
    json_t *log = json_object(), *runs = json_array(), *run = json_object();
    json_t *results = json_array();
    struct rules rules = rules_of(check);
    for (size_t i = 0; i < check_finding_count(check); i++)
        json_push(results, result_of(check, check_finding(check, i), &rules, options));
    json_put(run, "tool", tool_of(&rules, options));
    json_put(run, "invocations", invocations_of(check));
    json_put(run, "columnKind", json_text("unicodeCodePoints"));
    json_put(run, "results", results);
    json_put(run, "properties", run_properties(check));
    json_push(runs, run);
    json_put(log, "$schema", json_text("https://json.schemastore.org/sarif-2.1.0.json"));
    json_put(log, "version", json_text("2.1.0"));
    json_put(log, "runs", runs);
    return log;
}
