#include "check/timeline.h"

#include "check/check_rig.h"

static const struct check_finding *first_of(const struct check *check)
{
    CHECK(check_finding_count(check) > 0);
    return check_finding(check, 0);
}

static size_t count_kind(const struct check_finding *finding, enum check_moment_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < finding->timeline_count; i++)
        count += finding->timeline[i].kind == kind;
    return count;
}

static void times_count_from_the_announcement(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = first_of(check);
    const struct check_moment *timeline = finding->timeline;
    CHECK_EQUAL(timeline[0].kind, CHECK_CAUSE);
    CHECK_EQUAL(timeline[0].after_us, 0);
    CHECK_TEXT(timeline[0].what, "dx-edge announces 0.0.0.0/0");
    CHECK_TEXT(timeline[0].where, "dx-edge");
    bool ascending = true;
    for (size_t i = 1; i < finding->timeline_count; i++)
        ascending &= timeline[i].after_us >= timeline[i - 1].after_us;
    CHECK(ascending);
    check_free(check);
    network_free(network);
}

static void it_is_one_cycle_and_ends_where_the_next_begins(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = first_of(check);
    CHECK_EQUAL((int64_t)count_kind(finding, CHECK_AGAIN), 1);
    CHECK_EQUAL(finding->timeline[finding->timeline_count - 1].kind, CHECK_AGAIN);
    CHECK(count_kind(finding, CHECK_TRAFFIC_STOPS) >= 1);
    CHECK(count_kind(finding, CHECK_BGP_DOWN) >= 2);
    CHECK_EQUAL((int64_t)count_kind(finding, CHECK_IKE_GIVEN_UP), 2);
    CHECK_EQUAL((int64_t)count_kind(finding, CHECK_IKE_UP), 2);
    CHECK(count_kind(finding, CHECK_ROUTE) >= 2);
    check_free(check);
    network_free(network);
}

/* Without a story nothing is to blame but the moment itself. */
static void without_a_story_times_count_from_the_swallowing(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = first_of(check);
    CHECK_EQUAL((int64_t)count_kind(finding, CHECK_CAUSE), 0);
    CHECK(finding->timeline_count > 4);
    CHECK_EQUAL(finding->timeline[0].after_us, 0);
    check_free(check);
    network_free(network);
}

/* A step of the story inside the cycle: what comes then is no longer the cycle's own. */
static void a_story_that_goes_on_ends_the_timeline(void)
{
    struct network *network =
        rig_network("incident.yaml", "{at: 240s, restart", "{at: 70s, restart", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = first_of(check);
    CHECK_EQUAL((int64_t)count_kind(finding, CHECK_AGAIN), 0);
    CHECK(finding->timeline[finding->timeline_count - 1].after_us < 10000000);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(times_count_from_the_announcement);
    TEST(it_is_one_cycle_and_ends_where_the_next_begins);
    TEST(without_a_story_times_count_from_the_swallowing);
    TEST(a_story_that_goes_on_ends_the_timeline);
    return harness_done();
}
