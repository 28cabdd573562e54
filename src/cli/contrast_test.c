#include "cli/contrast.h"

#include "cli/cli_rig.h"
#include "cli/source.h"

static const char *const names[] = {"before", "after"};
static char *shown;

static struct play played(const char *path, int64_t until_us)
{
    struct cli cli = {.err = {.out = stdout}};
    struct network *network = NULL;
    struct play play = {0};
    CHECK_EQUAL(source_network(&cli, path, false, &network), CLI_FINE);
    CHECK_EQUAL(play_take(&cli, network, 1, until_us, &play), CLI_FINE);
    return play;
}

static const char *rendered(const struct contrast *contrast)
{
    size_t size;
    free(shown);
    shown = NULL;
    struct screen screen = {.out = open_memstream(&shown, &size), .width = 100};
    contrast_render(contrast, &screen);
    fclose(screen.out);
    return shown;
}

static void the_incident_before_and_after(void)
{
    struct play left = played("examples/incident.yaml", 59000000);
    struct play right = played("examples/incident.yaml", -1);
    struct contrast contrast;
    contrast_take(&left, &right, names, names, &contrast);
    CHECK(!contrast_is_empty(&contrast) && contrast_is_worse(&contrast));
    CHECK_EQUAL((int64_t)contrast.tunnel_count, 1);
    CHECK_TEXT(contrast.tunnels[0].states[0], "up, BGP established");
    CHECK(strncmp(contrast.tunnels[0].states[1], "up and down, every 8", 20) == 0);
    CHECK_EQUAL((int64_t)contrast.pair_count, 3);
    CHECK(contrast.pairs[0].reached[0] && !contrast.pairs[0].reached[1]);
    CHECK(contains(rendered(&contrast), "i-app 10.10.1.10 ↔ i-files 10.20.0.20\n"
                                        "      after: lost on the way back, at vyatta: "));
    CHECK(contains(shown, "  rtb-app\n    + 0.0.0.0/0  vgw-main, propagated\n"));
    contrast_done(&contrast);
    contrast_take(&right, &left, names, names, &contrast);
    CHECK(!contrast_is_worse(&contrast));
    contrast_done(&contrast);
    play_done(&left);
    play_done(&right);
}

static void the_same_is_no_contrast(void)
{
    struct play left = played("examples/control.yaml", 59000000);
    struct play right = played("examples/control.yaml", 59500000);
    struct contrast contrast;
    contrast_take(&left, &right, names, names, &contrast);
    CHECK(contrast_is_empty(&contrast));
    CHECK_EQUAL((int64_t)contrast.equal_pair_count, 2);
    json_t *object = json_object();
    contrast_json(&contrast, object);
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(object, "routes")), 0);
    CHECK_EQUAL(json_integer_value(json_object_get(json_object_get(object, "equal"), "pairs")), 2);
    json_decref(object);
    contrast_done(&contrast);
    play_done(&left);
    play_done(&right);
}

static void what_only_one_has_is_named(void)
{
    struct play left = played("examples/control.yaml", 59000000);
    struct play right = played("examples/incident-aws.yaml", 59000000);
    struct contrast contrast;
    contrast_take(&left, &right, names, names, &contrast);
    CHECK(contains(rendered(&contrast), "  vgw-test  only before, with 2 prefixes\n"));
    CHECK(contains(shown, "  vpn-test/1\n    before  up, BGP established\n"
                          "    after   not there\n"));
    contrast_done(&contrast);
    play_done(&left);
    play_done(&right);
}

int main(void)
{
    TEST(the_incident_before_and_after);
    TEST(the_same_is_no_contrast);
    TEST(what_only_one_has_is_named);
    free(shown);
    return rig_done();
}
