#include "cli/gateways.h"

#include "cli/cli_rig.h"
#include "cli/source.h"

static struct play play;

static void take(const char *path, struct gateways *gateways)
{
    static const char *const names[] = {"vgw-main", "vgw-test"};
    struct cli cli = {.err = {.out = stdout}};
    struct network *network = NULL;
    int nodes[2];
    CHECK_EQUAL(source_network(&cli, path, false, &network), CLI_FINE);
    CHECK_EQUAL(play_take(&cli, network, 1, -1, &play), CLI_FINE);
    CHECK(gateways_find(&cli, play.network, play.world, names, nodes));
    gateways_take(&play, nodes, gateways);
}

static void the_one_difference_is_the_default(void)
{
    struct gateways gateways;
    take("tests/stories/fresh-gateway.yaml", &gateways);
    CHECK(!gateways_are_equal(&gateways));
    CHECK_EQUAL((int64_t)gateways.differences.count, 2); /* learned, and told */
    for (size_t i = 0; i < gateways.differences.count; i++) {
        CHECK_EQUAL(gateways.differences.lines[i].prefix.addr, 0);
        CHECK_EQUAL(gateways.differences.lines[i].prefix.len, 0);
        CHECK_EQUAL((int64_t)gateways.differences.lines[i].cells[1].count, 0);
    }
    CHECK_EQUAL((int64_t)gateways.differences.equal_count, 3);
    json_t *answer = gateways_json(&gateways);
    json_t *cover = json_array_get(json_object_get(answer, "covers"), 0);
    CHECK_TEXT(json_string_value(json_object_get(cover, "tunnel")), "vpn-vyatta/1");
    CHECK_TEXT(json_string_value(json_object_get(cover, "outside")), "203.0.113.225");
    json_decref(answer);
    gateways_done(&gateways);
    play_done(&play);
}

static void whom_one_reaches_and_the_other_does_not(void)
{
    struct gateways gateways;
    take("examples/control.yaml", &gateways);
    CHECK_EQUAL((int64_t)gateways.reach_count, 1);
    CHECK_TEXT(gateways.reach[0].end, "i-files 10.20.0.20");
    CHECK(!gateways.reach[0].reached[0] && gateways.reach[0].reached[1]);
    gateways_done(&gateways);
    play_done(&play);
}

static void mistakes_are_one_sentence(void)
{
    check_mistake("diff examples/control.yaml vgw-main vgw-tset",
                  "error: no VPN gateway is called \"vgw-tset\"; did you mean \"vgw-test\"?\n");
    check_mistake("diff examples/control.yaml vgw-main vgw-main",
                  "error: vgw-main is one gateway; expected two\n");
}

int main(void)
{
    TEST(the_one_difference_is_the_default);
    TEST(whom_one_reaches_and_the_other_does_not);
    TEST(mistakes_are_one_sentence);
    return rig_done();
}
