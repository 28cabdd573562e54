#include "cli/change_words.h"

#include "cli/cli_rig.h"
#include "cli/source.h"

static struct network *network;
static char *complaint;

static bool read_words(const char *const *words, size_t count, struct changes *changes)
{
    size_t size;
    free(complaint);
    complaint = NULL;
    struct cli cli = {.err = {.out = open_memstream(&complaint, &size), .width = 100}};
    bool fine = changes_read(&cli, network, words, count, changes);
    fclose(cli.err.out);
    return fine;
}

static void check_step(const char *words, const char *yaml)
{
    struct changes changes = {0};
    CHECK(read_words(&words, 1, &changes));
    CHECK_EQUAL((int64_t)changes.count, 1);
    if (changes.count == 1)
        CHECK_TEXT(changes.yaml[0], yaml);
    if (changes.count == 1 && words[0] != ' ')
        CHECK_TEXT(changes.said[0], words);
    changes_done(&changes);
}

static void each_verb_is_a_step(void)
{
    check_step("announce dx-edge 0.0.0.0/0", "announce: {router: dx-edge, prefix: 0.0.0.0/0}");
    check_step("withdraw dx-edge 10.30.0.0/16",
               "withdraw: {router: dx-edge, prefix: 10.30.0.0/16}");
    check_step("fail vpn-vyatta/1", "fail: {tunnel: vpn-vyatta/1}");
    check_step("fail vpn-vyatta", "fail: {vpn_connection: vpn-vyatta}");
    check_step("restore dxvif-1", "restore: {direct_connect: dxvif-1}");
    check_step("restart vgw-main", "restart: {vpn_gateway: vgw-main}");
    check_step("fail link i-files", "fail: {link: i-files}");
    check_step("restart session vpn-vyatta/1", "restart: {session: vpn-vyatta/1}");
    check_step("replace vyatta", "replace: {router: vyatta}");
}

static void a_configuration_has_short_forms(void)
{
    check_step("configure vpn-vyatta guard hold",
               "configure: {vpn_connection: vpn-vyatta, guard: hold}");
    check_step("configure vyatta add 10.0.0.0/8 10.20.0.1",
               "configure: {router: vyatta, add_routes: [{prefix: 10.0.0.0/8, via: 10.20.0.1}]}");
    check_step(
        "configure vyatta add 10.0.0.0/8 vpn-vyatta/1",
        "configure: {router: vyatta, add_routes: [{prefix: 10.0.0.0/8, tunnel: vpn-vyatta/1}]}");
    check_step("configure vyatta add 10.0.0.0/8 blackhole",
               "configure: {router: vyatta, add_routes: [{prefix: 10.0.0.0/8, blackhole: true}]}");
    check_step(
        "configure rtb-app add 10.0.0.0/8 vgw-main",
        "configure: {route_table: rtb-app, add_routes: [{prefix: 10.0.0.0/8, target: vgw-main}]}");
    check_step("configure rtb-app remove 10.0.0.0/8",
               "configure: {route_table: rtb-app, remove_routes: [10.0.0.0/8]}");
}

static void a_map_is_taken_as_it_stands(void)
{
    check_step("announce {router: dx-edge, prefix: 0.0.0.0/0, as_path: [65009]}",
               "announce: {router: dx-edge, prefix: 0.0.0.0/0, as_path: [65009]}");
    check_step("configure {vpn_connection: vpn-vyatta, export: [{deny: {prefix: 0.0.0.0/0}}]}",
               "configure: {vpn_connection: vpn-vyatta, export: [{deny: {prefix: 0.0.0.0/0}}]}");
}

static void a_shell_may_divide_the_words(void)
{
    static const char *const words[] = {
        "announce", "dx-edge", "0.0.0.0/0", "fail vpn-vyatta/1", "announce",
        "{router:", "vyatta,", "prefix:",   "10.9.0.0/16}"};
    struct changes changes = {0};
    CHECK(read_words(words, sizeof words / sizeof *words, &changes));
    CHECK_EQUAL((int64_t)changes.count, 3);
    CHECK_TEXT(changes.said[1], "fail vpn-vyatta/1");
    CHECK_TEXT(changes.yaml[2], "announce: {router: vyatta, prefix: 10.9.0.0/16}");
    changes_done(&changes);
}

static void check_wrong(const char *words, const char *message)
{
    struct changes changes = {0};
    CHECK(!read_words(&words, 1, &changes));
    CHECK_TEXT(complaint, message);
    CHECK_EQUAL((int64_t)changes.count, 0);
}

static void mistakes_name_what_was_meant(void)
{
    check_wrong("anounce dx-edge 0.0.0.0/0",
                "error: \"anounce\" is no change; did you mean \"announce\"?\n");
    check_wrong("announce dx-egde 0.0.0.0/0",
                "error: announce: nothing is called \"dx-egde\"; did you mean \"dx-edge\"?\n");
    check_wrong("fail session vyatta",
                "error: vyatta is a router; fail needs a tunnel, VPN connection, "
                "Direct Connect, router or gateway, or: link ROUTER, or: "
                "session TUNNEL\n");
    check_wrong("fail vpn-vyata/1",
                "error: fail: nothing is called \"vpn-vyata/1\"; did you mean \"vpn-vyatta/1\"?\n");
    check_wrong("announce dx-edge", "error: announce needs ROUTER PREFIX\n");
    check_wrong("announce rtb-app 0.0.0.0/0",
                "error: rtb-app is a route table; announce needs ROUTER PREFIX\n");
    check_wrong("announce dx-edge 0/0}",
                "error: announce needs ROUTER PREFIX; \"0/0}\" is no name and no prefix\n");
    check_wrong("   ", "error: expected a change, such as: announce ROUTER PREFIX\n");
}

static void there_is_an_end_to_everything(void)
{
    static char many[40 * CHANGES_MAX];
    struct changes changes = {0};
    struct text text = text_over(many, sizeof many);
    for (int i = 0; i <= CHANGES_MAX; i++)
        text_add(&text, "restart vyatta ");
    check_wrong(many, "error: more than 32 changes\n");
    memset(many, 'x', sizeof many - 1);
    memcpy(many, "announce {", 10);
    const char *words = many;
    CHECK(!read_words(&words, 1, &changes));
    CHECK_TEXT(complaint, "error: a change is longer than 1024 bytes\n");
    memset(many, '{', sizeof many - 1);
    CHECK(!read_words(&words, 1, &changes));
}

int main(void)
{
    struct cli cli = {.err = {.out = stdout}};
    if (source_network(&cli, "examples/incident.yaml", false, &network) != CLI_FINE)
        return 1;
    TEST(each_verb_is_a_step);
    TEST(a_configuration_has_short_forms);
    TEST(a_map_is_taken_as_it_stands);
    TEST(a_shell_may_divide_the_words);
    TEST(mistakes_name_what_was_meant);
    TEST(there_is_an_end_to_everything);
    network_free(network);
    free(complaint);
    return rig_done();
}
