#include "check/agree.h"

#include "check/check_rig.h"

/* What is said of a run of one network when the iteration has another, of the same shape. */
static const char *said_of(const struct network *iterated, const struct network *ran,
                           struct check **ret_check)
{
    struct check *check = rig_blank(iterated);
    struct run run;
    CHECK(run_begin(&run, ran, RIG_SEED, 0));
    run_finish(&run);
    agree_say(check, &run);
    run_done(&run);
    *ret_check = check;
    return check->assumptions.count ? check->assumptions.items[0] : "";
}

static void check_said(struct network *iterated, struct network *ran, const char *text)
{
    struct check *check;
    CHECK_TEXT(said_of(iterated, ran, &check), text);
    check_free(check);
    network_free(iterated);
    network_free(ran);
}

static void where_they_agree_nothing_is_said(void)
{
    static const char *const names[] = {"incident.yaml", "incident-held.yaml",
                                        "incident-two-tunnels.yaml"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_said(rig_example(names[i]), rig_example(names[i]), "");
}

/* A session that goes round moves no tunnel. */
static void a_restless_session_is_no_difference(void)
{
    check_said(rig_story("session-over-limit.yaml", NULL, NULL),
               rig_story("session-over-limit.yaml", NULL, NULL), "");
}

static void other_ends_are_said(void)
{
    check_said(rig_example("incident-held.yaml"), rig_example("incident.yaml"),
               "the iteration settles with every tunnel up, the timed run goes round: the timed run"
               " counts");
    check_said(rig_example("incident.yaml"), rig_example("incident-held.yaml"),
               "the iteration goes round, the timed run settles with every tunnel up: the timed run"
               " counts");
}

/* Both settle with a tunnel down, and not with the same. */
static void another_tunnel_is_said(void)
{
    static const char in[] = "  - {at: 60s, announce";
    static const char first[] =
        "  - {at: 50s, configure: {router: vyatta, add_routes: [{prefix: 203.0.113.225/32,"
        " tunnel: vpn-vyatta/1}]}}\n  - {at: 60s, announce";
    static const char second[] =
        "  - {at: 50s, configure: {router: vyatta, add_routes: [{prefix: 203.0.113.226/32,"
        " tunnel: vpn-vyatta/2}]}}\n  - {at: 60s, announce";
    static const char to[] = "prefix: 172.16.0.0/12}}", from[] = "prefix: 0.0.0.0/0}}";
    check_said(rig_network("incident-two-tunnels.yaml", in, first, from, to),
               rig_network("incident-two-tunnels.yaml", in, second, from, to),
               "the iteration has vpn-vyatta/1 down, the timed run up: the timed run counts");
}

int main(void)
{
    TEST(where_they_agree_nothing_is_said);
    TEST(a_restless_session_is_no_difference);
    TEST(other_ends_are_said);
    TEST(another_tunnel_is_said);
    return harness_done();
}
