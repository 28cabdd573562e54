/* The structure is written out here from the standard (SARIF 2.1.0, section 3) and its schema: for
 * each object which properties it may have, which it must have, and of what type they are. */
#include "check/sarif.h"

#include "check/check_rig.h"

#include <jansson.h>

enum type { TEXT, NUMBER, TRUTH, LIST, OBJECT, BAG };

struct property {
    const char *name;
    enum type type;
    bool required;
    const struct property *of; /* of the object, or of the list's items; NULL: texts, or anything */
};

static const struct property message[] = {
    {"text", TEXT, true, NULL}, {"markdown", TEXT, false, NULL}, {0}};
static const struct property artifact[] = {{"uri", TEXT, true, NULL}, {0}};
static const struct property region[] = {
    {"startLine", NUMBER, true, NULL}, {"startColumn", NUMBER, false, NULL}, {0}};
static const struct property physical[] = {
    {"artifactLocation", OBJECT, true, artifact}, {"region", OBJECT, false, region}, {0}};
static const struct property logical[] = {{"fullyQualifiedName", TEXT, false, NULL}, {0}};
static const struct property location[] = {{"physicalLocation", OBJECT, false, physical},
                                           {"logicalLocations", LIST, false, logical},
                                           {"message", OBJECT, false, message},
                                           {0}};
static const struct property rule[] = {{"id", TEXT, true, NULL},
                                       {"shortDescription", OBJECT, false, message},
                                       {"help", OBJECT, false, message},
                                       {"properties", BAG, false, NULL},
                                       {0}};
static const struct property driver[] = {
    {"name", TEXT, true, NULL}, {"version", TEXT, false, NULL}, {"rules", LIST, false, rule}, {0}};
static const struct property tool[] = {{"driver", OBJECT, true, driver}, {0}};
static const struct property result[] = {{"ruleId", TEXT, true, NULL},
                                         {"ruleIndex", NUMBER, true, NULL},
                                         {"level", TEXT, true, NULL},
                                         {"message", OBJECT, true, message},
                                         {"locations", LIST, true, location},
                                         {"relatedLocations", LIST, false, location},
                                         {"partialFingerprints", BAG, true, NULL},
                                         {"properties", BAG, false, NULL},
                                         {0}};
static const struct property invocation[] = {{"executionSuccessful", TRUTH, true, NULL}, {0}};
static const struct property run[] = {
    {"tool", OBJECT, true, tool},      {"invocations", LIST, false, invocation},
    {"columnKind", TEXT, false, NULL}, {"results", LIST, true, result},
    {"properties", BAG, false, NULL},  {0}};
static const struct property sarif_log[] = {
    {"$schema", TEXT, false, NULL}, {"version", TEXT, true, NULL}, {"runs", LIST, true, run}, {0}};

static bool holds(const json_t *object, const struct property *properties);

static bool is_of(const json_t *value, const struct property *property)
{
    size_t i;
    json_t *item;
    switch (property->type) {
    case TEXT:
        return json_is_string(value) && json_string_length(value) > 0;
    case NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case TRUTH:
        return json_is_boolean(value);
    case BAG:
        return json_is_object(value) && json_object_size(value) > 0;
    case OBJECT:
        return holds(value, property->of);
    case LIST:
    default:
        json_array_foreach(value, i, item)
        {
            if (!holds(item, property->of))
                return false;
        }
        return json_is_array(value);
    }
}

/* Its properties are those, and no others. */
static bool holds(const json_t *object, const struct property *properties)
{
    size_t known = 0;
    for (const struct property *property = properties; property->name; property++) {
        const json_t *value = json_object_get(object, property->name);
        if (value ? !is_of(value, property) : property->required) {
            printf("# %s: missing, or of another type\n", property->name);
            return false;
        }
        known += value != NULL;
    }
    if (known != json_object_size(object))
        printf("# a property that the standard does not have\n");
    return json_is_object(object) && known == json_object_size(object);
}

/* RFC 3986, as far as a URI reference is letters and percent-encoded bytes. */
static bool is_uri(const char *uri)
{
    for (; *uri; uri++) {
        if (*uri == '%' && strspn(uri + 1, "0123456789ABCDEF") < 2)
            return false;
        if (*uri <= ' ' || *uri > '~' || strchr("\"<>\\^`{|}#?", *uri))
            return false;
    }
    return true;
}

static json_t *answer_of(const char *example, const char *path)
{
    struct network *network = rig_example(example);
    struct check *check = rig_check(network);
    const struct sarif_options options = {.path = path, .version = "1.2.3"};
    json_t *answer = (json_t *)sarif_of(check, &options);
    check_free(check);
    network_free(network);
    return answer;
}

static json_t *at(json_t *value, const char *key)
{
    return json_is_array(value) ? json_object_get(json_array_get(value, 0), key)
                                : json_object_get(value, key);
}

static const char *text_at(json_t *value, const char *key)
{
    const char *text = json_string_value(at(value, key));
    return text ? text : "(none)";
}

static json_t *results_of(json_t *answer)
{
    return at(at(answer, "runs"), "results");
}

static json_t *place_of(json_t *finding)
{
    return at(at(finding, "locations"), "physicalLocation");
}

static void every_example_is_as_the_standard_wants_it(void)
{
    static const char *const examples[] = {"incident.yaml", "incident-held.yaml", "control.yaml",
                                           "pasted-sample.yaml", "incident-two-tunnels.yaml"};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        json_t *answer = answer_of(examples[i], "examples/some.yaml"), *finding;
        size_t j;
        CHECK(holds(answer, sarif_log));
        CHECK_TEXT(text_at(answer, "version"), "2.1.0");
        json_t *rules = at(at(at(at(answer, "runs"), "tool"), "driver"), "rules");
        CHECK((json_array_size(rules) == 0) == (json_array_size(results_of(answer)) == 0));
        json_array_foreach(results_of(answer), j, finding)
        {
            size_t index = (size_t)json_integer_value(at(finding, "ruleIndex"));
            const char *level = text_at(finding, "level");
            CHECK_TEXT(text_at(json_array_get(rules, index), "id"), text_at(finding, "ruleId"));
            CHECK(strcmp(level, "error") == 0 || strcmp(level, "warning") == 0 ||
                  strcmp(level, "note") == 0);
            CHECK(json_integer_value(at(at(place_of(finding), "region"), "startLine")) >= 1);
            CHECK(json_integer_value(at(at(place_of(finding), "region"), "startColumn")) >= 1);
        }
        json_decref(answer);
    }
}

static void the_test_itself_sees_what_is_wrong(void)
{
    json_t *answer = answer_of("incident.yaml", "some.yaml");
    json_t *finding = json_array_get(results_of(answer), 0);
    json_object_del(finding, "message");
    CHECK(!holds(answer, sarif_log));
    json_decref(answer);
    answer = answer_of("incident.yaml", "some.yaml");
    json_object_set_new(json_array_get(results_of(answer), 0), "remedies", json_array());
    CHECK(!holds(answer, sarif_log));
    json_decref(answer);
}

static void the_incident_is_told_at_its_line(void)
{
    struct network *network = rig_example("incident.yaml");
    unsigned line = network->vpn_connections[0].tunnels[0].place.line;
    unsigned origin_line = network->routers[1].place.line;
    json_t *answer = answer_of("incident.yaml", "examples/incident.yaml");
    json_t *finding = json_array_get(results_of(answer), 0);
    const char *text = text_at(at(finding, "message"), "text");
    CHECK_TEXT(text_at(finding, "ruleId"), "tunnel-recursion");
    CHECK_TEXT(text_at(finding, "level"), "error");
    CHECK(strncmp(text, "vpn-vyatta/1 will swallow itself, every ", 40) == 0);
    CHECK(strstr(text, "set protocols static route 203.0.113.225/32 next-hop 10.20.0.1") != NULL);
    CHECK(!strchr(text, '\001') && !strchr(text, '\033'));
    CHECK_TEXT(text_at(at(place_of(finding), "artifactLocation"), "uri"), "examples/incident.yaml");
    CHECK_EQUAL(json_integer_value(at(at(place_of(finding), "region"), "startLine")), line);
    json_t *related = at(at(finding, "relatedLocations"), "physicalLocation");
    CHECK_EQUAL(json_integer_value(at(at(related, "region"), "startLine")), origin_line);
    CHECK_TEXT(text_at(at(finding, "partialFingerprints"), "sekishoIdentity/v1"),
               "tunnel-recursion vpn-vyatta/1 0.0.0.0/0 dx-edge");
    json_t *properties = at(finding, "properties");
    CHECK_TEXT(text_at(properties, "level"), "certain");
    CHECK(json_array_size(at(properties, "remedies")) > 1);
    /* the second finding: a setting */
    finding = json_array_get(results_of(answer), 1);
    CHECK_TEXT(text_at(finding, "ruleId"), "single-tunnel");
    CHECK_TEXT(text_at(finding, "level"), "note");
    json_decref(answer);
    network_free(network);
}

static void any_path_becomes_a_uri(void)
{
    static const struct {
        const char *path, *uri;
    } cases[] = {
        {"a b/50%.yaml", "a%20b/50%25.yaml"},
        {"/srv/net.yaml", "file:///srv/net.yaml"},
        {"t\xc3\xb6kyo\xff#1?.yaml", "t%C3%B6kyo%FF%231%3F.yaml"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *answer = answer_of("incident.yaml", cases[i].path);
        json_t *finding = json_array_get(results_of(answer), 0);
        const char *uri = text_at(at(place_of(finding), "artifactLocation"), "uri");
        CHECK_TEXT(uri, cases[i].uri);
        CHECK(is_uri(uri));
        json_decref(answer);
    }
}

/* A location without an artifact has no region, which SARIF would refuse. */
static void standard_input_has_no_address(void)
{
    json_t *answer = answer_of("incident.yaml", NULL);
    json_t *finding = json_array_get(results_of(answer), 0);
    CHECK(holds(answer, sarif_log));
    CHECK(place_of(finding) == NULL);
    json_t *name = at(at(finding, "locations"), "logicalLocations");
    CHECK_TEXT(text_at(name, "fullyQualifiedName"), "vpn-vyatta/1");
    json_decref(answer);
}

int main(void)
{
    TEST(every_example_is_as_the_standard_wants_it);
    TEST(the_test_itself_sees_what_is_wrong);
    TEST(the_incident_is_told_at_its_line);
    TEST(any_path_becomes_a_uri);
    TEST(standard_input_has_no_address);
    return harness_done();
}
