#include "explain/run_rig.h"
#include "explain/why.h"

static char *shown;
static size_t shown_size;

static const char *account(const struct rig *rig, const char *prefix, unsigned width)
{
    struct views views;
    struct why why;
    free(shown);
    shown = NULL;
    struct screen screen = {.out = open_memstream(&shown, &shown_size), .width = width};
    views_all(rig->world, &views);
    why_take(rig->world, net_of(prefix), &views, &why);
    why_headline(&why, &screen);
    screen_put(&screen, "\n");
    why_render(rig->world, &why, rig->now_us, &screen);
    why_done(&why);
    views_done(&views);
    fclose(screen.out);
    return shown;
}

static void every_table_gives_its_account(void)
{
    struct rig rig;
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    rig_boot(&rig);
    CHECK_TEXT(
        account(&rig, "0.0.0.0/0", 200),
        "3 of 5 tables use it; edge announces it\n"
        "rtb-app\n"
        "  table  vgw  propagated  chosen\n"
        "rtb-shut\n"
        "  none   no static route; vgw has one, but does not propagate into this table\n"
        "vgw\n"
        "  paths  dx  DX, AS path 65001  best\n"
        "  tells  vpn/1 → site           announced, guard-warn: announced although it covers an "
        "outside address of a tunnel to the same customer gateway (trap T01, T02, T03)\n"
        "         dx → edge              not announced, split-horizon: the route came from this "
        "attachment (AWS VPN_CloudHub)\n"
        "site\n"
        "  table  B>* [20/0] via 169.254.252.30, vti1, 00:00:30  chosen\n"
        "         S   [210/0] via 10.20.0.1, eth0 (DHCP)         distance: a candidate with a "
        "lower administrative distance is there\n"
        "  paths  vpn/1  BGP, AS path 10124 65001                best\n"
        "  tells  vpn/1 → vgw                                    not announced, split-horizon: "
        "the route came from this attachment (AWS VPN_CloudHub)\n"
        "edge\n"
        "  paths  edge  local  best\n"
        "  tells  dx → vgw     announced\n");
    rig_done(&rig);
}

static void a_machine_gets_the_same_facts(void)
{
    struct rig rig;
    struct views views;
    struct why why;
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    rig_boot(&rig);
    views_all(rig.world, &views);
    why_take(rig.world, net_of("0.0.0.0/0"), &views, &why);
    json_t *answer = why_json(rig.world, &why, rig.now_us);
    json_t *tables = json_object_get(answer, "tables");
    json_t *told = json_object_get(json_object_get(tables, "vgw"), "told");
    char *line = json_dumps(json_array_get(told, 0), JSON_COMPACT);
    CHECK_TEXT(line, "{\"neighbor\":\"vpn/1\",\"to\":\"site\",\"established\":true,"
                     "\"announced\":true,\"why\":\"guard-warn\"}");
    free(line);
    json_t *site = json_object_get(tables, "site");
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(site, "routes")), 2);
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(site, "paths")), 1);
    CHECK(json_is_null(json_object_get(site, "absent")));
    CHECK(json_is_string(json_object_get(json_object_get(tables, "rtb-shut"), "absent")));
    json_decref(answer);
    why_done(&why);
    views_done(&views);
    rig_done(&rig);
}

int main(void)
{
    TEST(every_table_gives_its_account);
    TEST(a_machine_gets_the_same_facts);
    free(shown);
    return harness_done();
}
