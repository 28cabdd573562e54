#include "sim/tell.h"

#include "sim/tell_rig.h"

struct told_run {
    struct network *network;
    struct world *world;
    struct sim *sim;
};

/* The incident and nothing after it. */
static struct told_run play(void)
{
    struct sim_options options = {.seed = 1};
    struct told_run run = {.network = tell_network()};
    run.network->step_count = 1; /* the other steps are freed with it */
    run.world = network_build(run.network);
    run.sim = sim_create(run.world, run.network, &options);
    CHECK_EQUAL(sim_run_story(run.sim), SIM_REPEATS);
    return run;
}

static void done(struct told_run *run, size_t steps)
{
    sim_destroy(run->sim);
    world_destroy(run->world);
    run->network->step_count = steps;
    network_free(run->network);
}

static size_t count_tone(const struct tale *tale, enum tell_tone tone)
{
    size_t count = 0;
    for (size_t i = 0; i < tale->count; i++)
        count += tale->lines[i].tone == tone;
    return count;
}

static bool says(const struct tale *tale, const char *text)
{
    for (size_t i = 0; i < tale->count; i++) {
        if (strstr(tale->lines[i].what, text))
            return true;
    }
    return false;
}

static void the_incident_is_told_in_order(void)
{
    struct told_run run = play();
    size_t count, steps = 9;
    const struct moment *moments = sim_moments(run.sim, &count);
    struct tale tale;
    tell_moments(run.world, run.network, moments, count, true, &tale);
    CHECK(tale.count > 20 && tale.count < count);
    for (size_t i = 0; i < tale.count; i++) {
        CHECK(tale.lines[i].what[0] != 0);
        CHECK(strchr(tale.lines[i].what, '?') == NULL);
        CHECK(i == 0 || tale.lines[i].at_us >= tale.lines[i - 1].at_us);
        CHECK(tale.lines[i].moment < count);
    }
    CHECK(says(&tale, "edge announces 0.0.0.0/0"));
    CHECK(says(&tale, "vyatta: B>* 0.0.0.0/0 [20] via 169.254.252.30, vti1 beats S [210] (DHCP)"));
    CHECK(says(&tale, "vpn/1 swallows itself: from here on 203.0.113.225 lies behind vti1"));
    CHECK(says(&tale, "hold timer expired (30 s)"));
    CHECK(says(&tale, "vpn/1 swallows itself again after "));
    CHECK_EQUAL((int64_t)count_tone(&tale, TELL_FOLD), 0);
    tale_done(&tale);
    done(&run, steps);
}

static void a_circle_is_folded(void)
{
    struct told_run run = play();
    size_t count, again = 0;
    const struct moment *moments = sim_moments(run.sim, &count);
    struct tale whole, folded;
    tell_moments(run.world, run.network, moments, count, true, &whole);
    tell_moments(run.world, run.network, moments, count, false, &folded);
    CHECK(folded.count < whole.count);
    CHECK_EQUAL((int64_t)count_tone(&folded, TELL_FOLD), 1);
    CHECK(strncmp(folded.lines[folded.count - 1].what, "and so on, every ", 17) == 0);
    for (size_t i = 0; i < folded.count; i++)
        again += folded.lines[i].again;
    CHECK_EQUAL((int64_t)again, 1);
    CHECK(strstr(folded.lines[0].what, " · BGP ") != NULL); /* how a tunnel came up, in one line */
    tale_done(&whole);
    tale_done(&folded);
    done(&run, 9);
}

static void every_moment_has_a_sentence(void)
{
    struct told_run run = play();
    size_t count;
    const struct moment *moments = sim_moments(run.sim, &count);
    for (size_t i = 0; i < count; i++) {
        char *said = tell_moment(run.world, run.network, moments, i);
        CHECK(said[0] != 0);
        free(said);
    }
    done(&run, 9);
}

int main(void)
{
    TEST(the_incident_is_told_in_order);
    TEST(a_circle_is_folded);
    TEST(every_moment_has_a_sentence);
    return harness_done();
}
