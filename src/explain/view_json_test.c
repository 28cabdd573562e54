#include "explain/view_json.h"

#include "explain/run_rig.h"

/* The route of a table's answer for exactly this prefix, as one line. */
static char *route_json(const struct rig *rig, const char *name, const char *prefix)
{
    struct views views = {0};
    struct prefix only = net_of(prefix);
    CHECK(views_add_named(rig->world, name, &views));
    json_t *answer = view_json(rig->world, &views.items[0], &only, rig->now_us);
    char *line = json_dumps(json_array_get(json_object_get(answer, "routes"), 0), JSON_COMPACT);
    json_decref(answer);
    views_done(&views);
    return line;
}

static void check_route(const struct rig *rig, const char *name, const char *prefix,
                        const char *wanted)
{
    char *line = route_json(rig, name, prefix);
    CHECK_TEXT(line ? line : "none", wanted);
    free(line);
}

static void every_kind_of_route_has_its_keys(void)
{
    struct rig rig;
    rig_init(&rig);
    rig_boot(&rig);
    check_route(&rig, "vgw", "10.30.0.0/16",
                "{\"prefix\":\"10.30.0.0/16\",\"chosen\":true,\"used\":true,\"why\":\"best\","
                "\"from\":\"dx\",\"source\":\"dx\",\"asn\":65001,\"as_path\":[65001],"
                "\"next_hop\":\"169.254.100.2\",\"med\":null}");
    check_route(&rig, "site", "10.30.0.0/16",
                "{\"prefix\":\"10.30.0.0/16\",\"chosen\":true,\"used\":true,\"why\":\"chosen\","
                "\"source\":\"ebgp\",\"distance\":20,\"metric\":0,\"via\":\"169.254.252.30\","
                "\"interface\":\"vti1\",\"blackhole\":false,\"age_s\":30,\"from\":\"vpn/1\"}");
    check_route(&rig, "rtb-app", "10.30.0.0/16",
                "{\"prefix\":\"10.30.0.0/16\",\"chosen\":true,\"used\":true,\"why\":\"chosen\","
                "\"target\":\"vgw\",\"target_kind\":\"vpn-gateway\",\"origin\":\"propagated\","
                "\"state\":\"active\"}");
    rig_done(&rig);
}

static void tables_are_keyed_by_their_names(void)
{
    struct rig rig;
    struct views views;
    rig_init(&rig);
    rig_boot(&rig);
    views_all(rig.world, &views);
    json_t *answer = views_json(rig.world, &views, rig.now_us);
    CHECK_EQUAL((int64_t)json_object_size(answer), 5);
    json_t *site = json_object_get(answer, "site");
    CHECK_TEXT(json_string_value(json_object_get(site, "kind")), "router");
    CHECK(json_is_true(json_object_get(site, "up")));
    CHECK_TEXT(json_string_value(json_object_get(json_object_get(answer, "vgw"), "kind")),
               "gateway");
    json_decref(answer);
    views_done(&views);
    rig_done(&rig);
}

int main(void)
{
    TEST(every_kind_of_route_has_its_keys);
    TEST(tables_are_keyed_by_their_names);
    return harness_done();
}
