#include "check/inquiry.h"

#include "check/check_rig.h"

struct rig {
    struct network *network;
    struct check *check;
    struct inquiry inquiry;
};

static void begin(struct rig *rig)
{
    *rig = (struct rig){.network = rig_story("one-announcement-away.yaml", NULL, NULL)};
    rig->check = rig_blank(rig->network);
    rig->check->options.no_remedies = true;
    rig->inquiry.check = rig->check;
    CHECK(inquiry_begin(&rig->inquiry, rig->network));
    size_t count = rig->inquiry.screen.world->tunnel_count + 1;
    rig->inquiry.questions = check_take(rig->check, count * sizeof *rig->inquiry.questions);
    rig->inquiry.witnesses = check_take(rig->check, count * sizeof *rig->inquiry.witnesses);
    rig->inquiry.findings = check_take(rig->check, count * sizeof *rig->inquiry.findings);
    for (size_t i = 0; i + 1 < count; i++)
        rig->inquiry.questions[i] = OPEN;
}

static void end(struct rig *rig)
{
    inquiry_end(&rig->inquiry);
    check_free(rig->check);
    network_free(rig->network);
}

static void suppose(struct rig *rig, const char *router, bool present)
{
    struct screen *screen = &rig->inquiry.screen;
    struct event event = {.kind = present ? EVENT_ANNOUNCE : EVENT_WITHDRAW};
    sim_tell(screen->sim, world_find_node(screen->world, router), &event);
}

static void what_is_supposed_is_seen_and_taken_back(void)
{
    struct rig rig;
    begin(&rig);
    struct screen *screen = &rig.inquiry.screen;
    int tokyo = world_find_tunnel(screen->world, "vpn-tokyo/1");
    int nagano = world_find_tunnel(screen->world, "vpn-nagano/1");
    uint64_t before = sim_state_digest(screen->sim);
    suppose(&rig, "nagano", true);
    CHECK(inquiry_probe(&rig.inquiry));
    CHECK(inquiry_is_asked(&rig.inquiry));
    CHECK(rig.inquiry.expected[tokyo] && !rig.inquiry.expected[nagano]);
    CHECK_EQUAL(screen->tunnels[tokyo].prefix.len, 0);
    suppose(&rig, "nagano", false);
    screen_return(screen);
    CHECK(sim_state_digest(screen->sim) == before);
    CHECK(!inquiry_probe(&rig.inquiry));
    CHECK_EQUAL((int64_t)check_variants_screened(rig.check), 2);
    end(&rig);
}

/* The iteration is led to believe what is not so: the timed run decides, and it is said. */
static void where_the_timed_run_sees_nothing_it_is_said(void)
{
    struct rig rig;
    struct run run;
    begin(&rig);
    struct supposition supposed = {.words = "the sky fell", .announced = true};
    CHECK(!inquiry_probe(&rig.inquiry));
    rig.inquiry.expected[0] = true;
    CHECK(inquiry_run(&rig.inquiry, rig.network, &run));
    inquiry_watch(&rig.inquiry, &run);
    inquiry_look(&rig.inquiry, rig.network, &run, &supposed, &rig.inquiry.reach);
    CHECK_EQUAL((int64_t)rig.check->finding_count, 0);
    CHECK_EQUAL((int64_t)rig.inquiry.differences, 1);
    const struct check_texts *said = &rig.check->assumptions;
    CHECK_TEXT(said->count > 0 ? said->items[0] : "nothing",
               "if the sky fell, the iteration has vpn-tokyo/1 without a way, and the timed run"
               " sees it up throughout: the timed run counts");
    run_done(&run);
    end(&rig);
}

static void the_work_is_bounded(void)
{
    struct rig rig;
    struct run run;
    begin(&rig);
    rig.inquiry.probes = rig.inquiry.probes_max - 1;
    CHECK(inquiry_may_probe(&rig.inquiry) && !rig.inquiry.left_out);
    rig.inquiry.probes++;
    CHECK(!inquiry_may_probe(&rig.inquiry) && rig.inquiry.left_out);
    rig.inquiry.left_out = false;
    rig.inquiry.runs = rig.inquiry.runs_max;
    CHECK(!inquiry_run(&rig.inquiry, rig.network, &run) && rig.inquiry.left_out);
    end(&rig);
}

static void a_network_that_is_not_at_rest_has_no_variants(void)
{
    struct network *network = rig_network("incident.yaml", "announce: [10.30.0.0/16]",
                                          "announce: [0.0.0.0/0]", NULL, NULL);
    struct inquiry inquiry = {.check = rig_blank(network)};
    struct network quiet = *network;
    quiet.story = NULL;
    quiet.step_count = 0;
    CHECK(!inquiry_begin(&inquiry, &quiet));
    check_free(inquiry.check);
    network_free(network);
}

int main(void)
{
    TEST(what_is_supposed_is_seen_and_taken_back);
    TEST(where_the_timed_run_sees_nothing_it_is_said);
    TEST(the_work_is_bounded);
    TEST(a_network_that_is_not_at_rest_has_no_variants);
    return harness_done();
}
