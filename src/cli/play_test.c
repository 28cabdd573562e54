#include "cli/play.h"

#include "cli/cli_rig.h"
#include "cli/source.h"

static struct network *network_of(const char *path)
{
    struct cli cli = {.err = {.out = stdout}};
    struct network *network = NULL;
    CHECK_EQUAL(source_network(&cli, path, false, &network), CLI_FINE);
    return network;
}

static struct play played(const char *path, int64_t until_us)
{
    struct cli cli = {.err = {.out = stdout}};
    struct play play = {0};
    CHECK_EQUAL(play_take(&cli, network_of(path), 1, until_us, &play), CLI_FINE);
    return play;
}

static void check_play(const char *path, int64_t until_us, enum play_verdict verdict,
                       enum cli_exit status)
{
    struct play play = played(path, until_us);
    CHECK_TEXT(play_verdict_name(play.verdict), play_verdict_name(verdict));
    CHECK_EQUAL(play_exit(&play), status);
    play_done(&play);
}

static void verdicts_are_what_happened(void)
{
    check_play("examples/incident.yaml", -1, PLAY_UNSTABLE, CLI_FOUND);
    check_play("examples/incident.yaml", 59000000, PLAY_UP, CLI_FINE);
    check_play("examples/incident.yaml", 70000000, PLAY_DEGRADED, CLI_FOUND);
    check_play("examples/incident-held.yaml", -1, PLAY_STABLE, CLI_FINE);
}

static void headlines_name_the_tunnels(void)
{
    char *shown = NULL;
    size_t size;
    struct play play = played("examples/incident-two-tunnels.yaml", -1);
    struct screen screen = {.out = open_memstream(&shown, &size), .width = 200};
    play_headline(&play, "two", &screen);
    fclose(screen.out);
    CHECK(strncmp(shown,
                  "two: UNSTABLE  vpn-vyatta/1, vpn-vyatta/2 go down and come back, every 78.3",
                  75) == 0);
    free(shown);
    play_done(&play);
}

/* At that moment both ends have their SAs: nothing is down. */
static void a_swallowed_tunnel_is_not_called_down(void)
{
    char *shown = NULL;
    size_t size;
    struct play play = played("examples/incident.yaml", 70000000);
    struct screen screen = {.out = open_memstream(&shown, &size), .width = 200};
    play_headline(&play, "it", &screen);
    fclose(screen.out);
    CHECK_TEXT(shown, "it: DEGRADED  vpn-vyatta/1 swallows itself at 70.000 s\n");
    CHECK_EQUAL(play_tunnel(&play, 0).being, BEING_SWALLOWED);
    free(shown);
    play_done(&play);
    play = played("examples/incident.yaml", 105000000); /* the gateway has given up */
    CHECK_EQUAL(play_tunnel(&play, 0).being, BEING_DOWN);
    play_done(&play);
    play = played("examples/incident-two-tunnels.yaml", 70000000);
    screen.out = open_memstream(&shown, &size);
    play_headline(&play, "two", &screen);
    fclose(screen.out);
    CHECK_TEXT(shown, "two: DEGRADED  vpn-vyatta/1, vpn-vyatta/2 are swallowed at 70.000 s\n");
    free(shown);
    play_done(&play);
}

static void headlines_name_the_session(void)
{
    char *shown = NULL;
    size_t size;
    struct play play = played("tests/stories/session-over-limit.yaml", -1);
    struct screen screen = {.out = open_memstream(&shown, &size), .width = 200};
    play_headline(&play, "limit", &screen);
    fclose(screen.out);
    CHECK_TEXT(shown,
               "limit: UNSTABLE  BGP of vgw-main by vpn-tokyo/1 goes down and comes back, for"
               " ever\n");
    free(shown);
    play_done(&play);
}

static void an_unfinished_play_can_be_ended(void)
{
    struct play play = {0};
    play_done(&play);
    CHECK(play.sim == NULL);
}

int main(void)
{
    TEST(verdicts_are_what_happened);
    TEST(headlines_name_the_tunnels);
    TEST(a_swallowed_tunnel_is_not_called_down);
    TEST(headlines_name_the_session);
    TEST(an_unfinished_play_can_be_ended);
    return rig_done();
}
