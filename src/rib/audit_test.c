/* The audit must see what is wrong: each test breaks one thing by hand. */
#include "rib/prefixes.h"

#include "rib/rib_rig.h"

static const struct rig_attrs plain = {.path = {65001}, .next_hop = 0x0a000001};
static const struct rig_attrs longer = {.path = {65001, 65002}, .next_hop = 0x0a000001};
static struct source_id one, two;
static struct prefix prefix;

static void start(void)
{
    rig_start(BEST_VGW);
    prefix = rig_prefix(10, 0, 0, 0, 8);
    one = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    two = rig_source(SOURCE_VPN_BGP, 2, 65002, 2);
    CHECK_EQUAL(rig_announce(one, prefix, plain), RIB_ADDED);
    CHECK_EQUAL(rig_announce(two, prefix, longer), RIB_ADDED);
    CHECK_EQUAL(rig_announce(two, rig_prefix(11, 0, 0, 0, 8), plain), RIB_ADDED);
    rig_round();
    CHECK_AUDIT();
}

static struct rib_path *first(void)
{
    return path_at(&rig, prefix_at(&rig, 1)->paths);
}

static struct rib_path *second(void)
{
    return path_at(&rig, first()->next);
}

#define CHECK_WRONG(said) CHECK_TEXT(rib_audit(&rig) ? rib_audit(&rig) : "nothing", said)

static void pending_changes_are_named(void)
{
    start();
    CHECK_EQUAL(rib_withdraw(&rig, one, prefix), RIB_REMOVED);
    CHECK_WRONG("changes are pending");
    rig_finish();
}

static void a_wrong_decision_is_seen(void)
{
    start();
    second()->why = REASON_LOST_MED;
    CHECK_WRONG("a path went on although it was beaten");
    second()->why = REASON_LOST_LOCAL_PREF;
    CHECK_WRONG("a path lost although nobody beat it");
    second()->why = REASON_LOST_ORIGIN;
    CHECK_WRONG("a feasible path has no reason, or one that these rules do not have");
    second()->why = REASON_BEST;
    CHECK_WRONG("a prefix has two best paths");
    second()->why = REASON_NONE;
    CHECK_WRONG("a feasible path has no reason, or one that these rules do not have");
    rig_finish();
}

/* The loser is called best and the best one a loser. */
static void the_wrong_winner_is_seen(void)
{
    start();
    first()->why = REASON_LOST_PATH_LENGTH;
    second()->why = REASON_BEST;
    CHECK(rib_audit(&rig) != NULL);
    rig_finish();
}

static void wrong_counts_are_seen(void)
{
    start();
    rig.live_count++;
    CHECK_WRONG("prefixes are miscounted");
    rig.live_count--;
    rig.best_count--;
    CHECK_WRONG("best paths are miscounted");
    rig.best_count++;
    source_at(&rig, one)->counts.accepted++;
    CHECK_WRONG("a source's paths are miscounted");
    source_at(&rig, one)->counts.accepted--;
    source_at(&rig, two)->counts.best = 2;
    CHECK_WRONG("a source's best paths are miscounted");
    source_at(&rig, two)->counts.best = 1;
    source_at(&rig, two)->stale[1] = 1;
    CHECK_WRONG("a source's stale paths are miscounted");
    source_at(&rig, two)->stale[1] = 0;
    source_at(&rig, two)->held[1] = 1;
    CHECK_WRONG("a source's paths of a family are miscounted");
    source_at(&rig, two)->held[1] = 0;
    rig.attrs.count++;
    CHECK_WRONG("attribute sets and their hash disagree in number");
    rig.attrs.count--;
    CHECK_AUDIT();
    rig_finish();
}

static void wrong_records_are_seen(void)
{
    start();
    prefix_at(&rig, 1)->source = two.v;
    CHECK_WRONG("a prefix does not know its first path's source");
    prefix_at(&rig, 1)->source = one.v;
    prefix_at(&rig, 1)->bits &= (uint16_t)~RIB_MANY;
    CHECK_WRONG("a prefix's flags contradict its paths");
    prefix_at(&rig, 1)->bits |= RIB_MANY;
    prefix_at(&rig, 1)->bits |= RIB_DEAD;
    CHECK_WRONG("a prefix's flags contradict its paths");
    prefix_at(&rig, 1)->bits &= (uint16_t)~RIB_DEAD;
    prefix_at(&rig, 1)->addr ^= 1u << 31;
    CHECK_WRONG("a prefix is not found by its name, or is held twice");
    prefix_at(&rig, 1)->addr ^= 1u << 31;
    source_at(&rig, two)->first = 2;
    CHECK_WRONG("a source has a path below its first");
    source_at(&rig, two)->first = 1;
    second()->source = one;
    CHECK_WRONG("a source has two paths to one prefix");
    second()->source = two;
    source_at(&rig, two)->used = false;
    CHECK_WRONG("a path has no source");
    source_at(&rig, two)->used = true;
    CHECK_AUDIT();
    rig_finish();
}

int main(void)
{
    TEST(pending_changes_are_named);
    TEST(a_wrong_decision_is_seen);
    TEST(the_wrong_winner_is_seen);
    TEST(wrong_counts_are_seen);
    TEST(wrong_records_are_seen);
    return harness_done();
}
