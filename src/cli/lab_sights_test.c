/* What a tour's answer is, station by station: the incident, handmade, and its own check. */
#include "cli/lab_sights.h"

#include "network/build_rig.h"

#define S_US 1000000ll
#define PAGE "docs/reference/json.md"

static struct rig rig;
static struct lab_session session;

static void begin(void)
{
    int64_t began_us = watch_wall_us() - 900 * S_US;
    rig = rig_build(rig_incident);
    session =
        (struct lab_session){.world = rig.world, .network = rig.network, .path = "x/incident.yaml"};
    session.lab = running_create("incident", "/x/incident.yaml");
    seen_init(&session.seen, rig.world, began_us);
    int vyatta = world_find_node(rig.world, "vyatta");
    uint16_t port = rig.world->tunnels[0].ends[TUNNEL_CUSTOMER].port;
    for (int i = 0; i < 2; i++) {
        struct seen_route route = {.metric = 20, .entry = {.port = port, .source = ROUTE_EBGP}};
        int64_t at_us = began_us + i * 78 * S_US;
        struct heard up = {.kind = HEARD_IKE_UP, .name = "vpn-vyatta/1"};
        seen_heard(&session.seen, vyatta, &up, at_us);
        seen_route(&session.seen, vyatta, &route, at_us + S_US);
        seen_route_gone(&session.seen, vyatta, route.prefix, 20, at_us + 31 * S_US);
    }
}

static void done(json_t *answer)
{
    json_decref(answer);
    seen_done(&session.seen);
    running_free(session.lab);
    rig_done(&rig);
}

static bool is_null(const json_t *answer, const char *key)
{
    const json_t *value = json_object_get(answer, key);
    return value && json_is_null(value);
}

/* Interrupted before there was trouble. */
static void what_it_did_not_come_to_is_null(void)
{
    static const char *const stations[] = {"before",    "check", "cure", "after",
                                           "watched_s", "again", "held"};
    struct sights sights;
    begin();
    sights_begin(&sights, 56 * S_US);
    json_t *answer = sights_json_take(&sights, &session, true, 0);
    for (size_t i = 0; i < sizeof stations / sizeof *stations; i++)
        CHECK(is_null(answer, stations[i]));
    CHECK_TEXT(json_string_value(json_object_get(answer, "lab")), "incident");
    CHECK_TEXT(json_string_value(json_object_get(answer, "file")), "x/incident.yaml");
    CHECK(json_number_value(json_object_get(answer, "from_s")) == 56.0);
    CHECK(json_is_true(json_object_get(answer, "interrupted")));
    CHECK_EQUAL(json_array_size(json_object_get(answer, "asked")), 0);
    CHECK_EQUAL(json_array_size(json_object_get(answer, "rounds")), 0);
    done(answer);
}

/* The first finding that has a remedy. */
static size_t curable(const struct check *check)
{
    size_t i = 0;
    while (i < check_finding_count(check) && check_finding(check, i)->remedy_count == 0)
        i++;
    return i;
}

static json_t *whole_tour(size_t again, bool held)
{
    struct sights sights;
    begin();
    struct check *check = check_run(rig.network, &(struct check_options){.seed = 1});
    CHECK(curable(check) < check_finding_count(check));
    sights_begin(&sights, 56 * S_US);
    sights_note_before(&sights, &session);
    sights_note_check(&sights, check);
    sights_note_asked(&sights, &session, "vyatta", "show ip route 203.0.113.1", "via vti1\n");
    sights_note_cure(&sights, &session, curable(check));
    sights_note_after(&sights, &session, 100 * S_US, again, held);
    sights_note_asked(&sights, &session, "vyatta", "show ip route 203.0.113.1", "via eth0\n");
    check_free(check);
    return sights_json_take(&sights, &session, false, held ? 0 : 1);
}

static void flap_explanation_and_cure_are_one_object(void)
{
    json_t *answer = whole_tour(0, true);
    json_t *round = json_array_get(json_object_get(answer, "rounds"), 0);
    json_t *cure = json_object_get(answer, "cure");
    CHECK(json_array_size(json_object_get(json_object_get(answer, "before"), "timeline")) > 0);
    CHECK_TEXT(json_string_value(json_object_get(round, "tunnel")), "vpn-vyatta/1");
    CHECK_EQUAL(json_integer_value(json_object_get(round, "cycles")), 1);
    CHECK(json_number_value(json_object_get(round, "took_s")) == 78.0);
    json_t *findings = json_object_get(json_object_get(answer, "check"), "findings");
    CHECK(json_array_size(findings) > 0);
    CHECK_EQUAL(json_integer_value(json_object_get(cure, "number")), 1);
    CHECK(json_number_value(json_object_get(cure, "at_s")) >= 900.0);
    CHECK(json_array_size(json_object_get(cure, "lines")) > 0);
    CHECK(json_is_object(json_object_get(answer, "after")));
    CHECK(json_is_true(json_object_get(answer, "held")));
    CHECK_EQUAL(json_integer_value(json_object_get(answer, "again")), 0);
    CHECK(json_number_value(json_object_get(answer, "watched_s")) == 100.0);
    CHECK(json_is_false(json_object_get(answer, "interrupted")));
    json_t *asked = json_object_get(answer, "asked");
    CHECK_EQUAL(json_array_size(asked), 2);
    CHECK_TEXT(json_string_value(json_object_get(json_array_get(asked, 1), "answer")),
               "via eth0\n");
    done(answer);
}

static void a_cure_that_does_not_hold_is_said_to(void)
{
    json_t *answer = whole_tour(3, false);
    CHECK(json_is_false(json_object_get(answer, "held")));
    CHECK_EQUAL(json_integer_value(json_object_get(answer, "again")), 3);
    CHECK_EQUAL(json_integer_value(json_object_get(answer, "status")), 1);
    done(answer);
}

static void its_keys_are_documented(void)
{
    static char page[1 << 17];
    FILE *in = fopen(PAGE, "r");
    CHECK(in && fread(page, 1, sizeof page - 1, in) > 0 && feof(in));
    const char *section = strstr(page, "\n`tour` tells"), *key;
    json_t *answer = whole_tour(0, true), *value;
    CHECK(section != NULL);
    json_object_foreach(answer, key, value)
    {
        char quoted[48];
        snprintf(quoted, sizeof quoted, "`%s`", key);
        CHECK(section && strstr(section, quoted));
    }
    done(answer);
    if (in)
        fclose(in);
}

int main(void)
{
    TEST(what_it_did_not_come_to_is_null);
    TEST(flap_explanation_and_cure_are_one_object);
    TEST(a_cure_that_does_not_hold_is_said_to);
    TEST(its_keys_are_documented);
    return harness_done();
}
