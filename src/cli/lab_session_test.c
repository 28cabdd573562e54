/* A session of a lab in which nothing runs: its clock and its story. */
#include "cli/lab_session.h"

#include "lab/run_rig.h"

#include <stdlib.h>

static struct lab_session session;
static char *shown;
static size_t shown_size;

static struct cli cli;

static void begin(void)
{
    struct diagnostics diagnostics;
    char text[1 << 14];
    snprintf(text, sizeof text,
             "%sstory:\n  - {at: 60s, announce: {router: dx-edge, prefix: "
             "0.0.0.0/0}}\n  - {at: 61s, fail: {link: vyatta}}\n",
             rig_incident);
    diagnostics_init(&diagnostics);
    cli = (struct cli){.out = {.out = open_memstream(&shown, &shown_size), .width = 100},
                       .err = {.out = stdout, .width = 100}};
    session = (struct lab_session){.cli = &cli, .live = true};
    CHECK(network_parse((struct slice){(const uint8_t *)text, strlen(text)}, "t", &diagnostics,
                        &session.network));
    diagnostics_done(&diagnostics);
    session.world = network_build(session.network);
    session.lab = running_create("t", "x.yaml");
    run_folder_make();
    run_write("network.yaml", "", 0600);
    snprintf(session.lab->folder, sizeof session.lab->folder, "%s", run_folder);
    seen_init(&session.seen, session.world, watch_wall_us());
    player_init(&session.player, session.lab, network_copy(session.network), &session.seen);
    session.watch = watch_create(session.lab, &session.seen, &run_trouble);
    session.echo = echo_create(session.lab, session.world, NULL, 0);
    session.inside_ways = calloc(session.world->tunnel_count + 1, sizeof *session.inside_ways);
    session.inside = echo_create(session.lab, session.world, session.inside_ways, 0);
}

static void end(void)
{
    lab_session_end(&session);
    fclose(cli.out.out);
    free(shown);
    shown = NULL;
    run_clean();
}

/* Steps are done when the story's clock is there, and what is before its beginning never. */
static void the_story_is_played_from_where_it_is_said(void)
{
    begin();
    lab_session_start(&session, 59900000);
    CHECK(lab_session_play(&session, 60500000, NULL, true));
    CHECK_EQUAL(session.step, 1);
    CHECK_EQUAL(session.seen.count, 1);
    CHECK(session.seen.moments[0].at_us >= 60000000);
    fflush(cli.out.out);
    CHECK(strstr(shown, "dx-edge announces 0.0.0.0/0"));
    end();
    begin();
    lab_session_start(&session, 60500000);
    CHECK_EQUAL(session.step, 1);
    CHECK(lab_session_play(&session, 60600000, NULL, true));
    CHECK_EQUAL(session.seen.count, 0);
    end();
}

static void a_step_that_cannot_be_done_ends_it(void)
{
    begin();
    lab_session_start(&session, 60900000);
    CHECK(!lab_session_play(&session, 70000000, NULL, true)); /* the lab has no vyatta */
    end();
}

static bool at_once(const struct lab_session *of)
{
    return of != NULL;
}

static void it_ends_when_it_is_told_to(void)
{
    begin();
    lab_session_start(&session, 0);
    CHECK(lab_session_play(&session, INT64_MAX, at_once, true));
    CHECK_EQUAL(session.step, 0);
    end();
}

static void nothing_that_is_down_settles(void)
{
    begin();
    CHECK(!lab_session_settle(&session, 100000));
    end();
}

int main(void)
{
    TEST(the_story_is_played_from_where_it_is_said);
    TEST(a_step_that_cannot_be_done_ends_it);
    TEST(it_ends_when_it_is_told_to);
    TEST(nothing_that_is_down_settles);
    return harness_done();
}
