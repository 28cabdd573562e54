#include "cli/change_words.h"

#include "cli/cli_rig.h"
#include "cli/source.h"

static char *complaint;

/* Adds the changes to the incident at 700 s, after its own story; NULL: they were refused. */
static struct network *changed(const char *words)
{
    struct changes changes = {0};
    struct network *network;
    size_t size;
    free(complaint);
    complaint = NULL;
    struct cli cli = {.err = {.out = open_memstream(&complaint, &size), .width = 100}};
    CHECK_EQUAL(source_network(&cli, "examples/incident.yaml", false, &network), CLI_FINE);
    CHECK(changes_read(&cli, network, &words, 1, &changes));
    bool fine = changes_add(&cli, &changes, 700000000, false, network);
    changes_done(&changes);
    fclose(cli.err.out);
    if (fine)
        return network;
    network_free(network);
    return NULL;
}

static void changes_are_steps_at_one_time(void)
{
    struct network *network = changed("withdraw dx-edge 0.0.0.0/0 fail vpn-vyatta/1");
    CHECK(network != NULL);
    if (!network)
        return;
    CHECK_EQUAL((int64_t)network->step_count, 5);
    CHECK_EQUAL(network->story[3].at_us, 700000000);
    CHECK_EQUAL(network->story[4].at_us, 700000000);
    CHECK_EQUAL(network->story[4].verb, NETWORK_STEP_FAIL);
    network_free(network);
}

static void check_refused(const char *words, const char *message)
{
    struct network *network = changed(words);
    CHECK(network == NULL);
    CHECK_TEXT(complaint, message);
    network_free(network);
}

static void what_is_so_is_no_change(void)
{
    check_refused("announce dx-edge 0.0.0.0/0", /* the story has */
                  "error: announce dx-edge 0.0.0.0/0: dx-edge announces it already\n");
    check_refused("announce dx-edge 10.30.0.0/16",
                  "error: announce dx-edge 10.30.0.0/16: dx-edge announces it already\n");
    check_refused("withdraw dx-edge 10.31.0.0/16",
                  "error: withdraw dx-edge 10.31.0.0/16: dx-edge does not announce it\n");
    check_refused("restore vpn-vyatta", "error: restore vpn-vyatta: vpn-vyatta has not failed\n");
    check_refused("fail vpn-vyatta fail vpn-vyatta/1",
                  "error: fail vpn-vyatta/1: vpn-vyatta/1 has failed already\n");
    struct network *network = changed("announce {router: dx-edge, prefix: 10.30.0.0/16, med: 5}");
    CHECK(network != NULL);
    network_free(network);
    network = changed("fail link vyatta fail vyatta");
    CHECK(network != NULL);
    network_free(network);
}

static void contradictions_are_refused(void)
{
    check_refused(
        "fail vgw-main restore vgw-main",
        "error: \"restore vgw-main\" contradicts \"fail vgw-main\": both are to happen at "
        "once\n");
    check_refused("announce dx-edge 10.31.0.0/16 withdraw dx-edge 10.31.0.0/16",
                  "error: \"withdraw dx-edge 10.31.0.0/16\" contradicts \"announce dx-edge "
                  "10.31.0.0/16\": both are to happen at once\n");
}

static void what_is_wrong_with_a_step_is_said_as_of_a_file(void)
{
    struct network *network = changed("configure vpn-vyatta guard hol");
    CHECK(network == NULL);
    CHECK(contains(complaint, "change 1:1:49: guard: hol is not known here"));
    CHECK(contains(complaint, "did you mean \"hold\"?"));
}

int main(void)
{
    TEST(changes_are_steps_at_one_time);
    TEST(what_is_so_is_no_change);
    TEST(contradictions_are_refused);
    TEST(what_is_wrong_with_a_step_is_said_as_of_a_file);
    free(complaint);
    return rig_done();
}
