/* A paced member: withdrawals at once, announcements when they are released, each prefix once. */
#include "bgp/outlog_rig.h"

static struct source_id source;
static struct listener listener;

static uint32_t start(void)
{
    rig_log_start(1 << 13);
    source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    listener = (struct listener){.as4 = true};
    struct outlog_spec spec = rig_spec;
    spec.attachment = (struct attachment_id){2};
    spec.paced = true;
    return outlog_join(&rig_log, &spec);
}

static void announce(unsigned from, unsigned end, uint32_t version)
{
    for (unsigned i = from; i < end; i++) {
        struct rig_attrs attrs = {.path = {65001, version}, .next_hop = 1};
        CHECK(rig_announce(source, rig_nth(i), attrs) <= RIB_SAME);
    }
    rig_log_round();
}

static void withdraw(unsigned i)
{
    CHECK_EQUAL(rib_withdraw(&rig, source, rig_nth(i)), RIB_REMOVED);
    rig_log_round();
}

static void announcements_wait_and_withdrawals_do_not(void)
{
    uint32_t member = start();
    rig_drain(&listener, member, 4096);
    announce(0, 10, 1);
    rig_drain(&listener, member, 4096);
    CHECK_EQUAL(listener.announced, 0);
    CHECK(!outlog_pending(&rig_log, member));
    CHECK(outlog_release(&rig_log, member));
    rig_drain(&listener, member, 4096);
    CHECK_EQUAL(listener.announced, 10);
    CHECK(!outlog_release(&rig_log, member)); /* nothing waits */
    announce(0, 10, 2);
    announce(0, 10, 3);
    withdraw(4);
    rig_drain(&listener, member, 4096);
    CHECK(listener.announced == 10 && listener.withdrawn == 1);
    CHECK(outlog_release(&rig_log, member));
    rig_drain(&listener, member, 4096);
    CHECK_EQUAL(listener.announced, 19);
    for (unsigned i = 0; i < 10; i++)
        CHECK(listener.table[i].present == (i != 4));
    outlog_leave(&rig_log, member);
    rig_log_finish();
}

/* What waits is not forgotten by who sweeps, nor by a log that is cut. */
static void what_waits_is_remembered(void)
{
    uint32_t member = start();
    rig_drain(&listener, member, 4096);
    uint32_t before = outlog_told(&rig_log);
    announce(0, 2, 1);
    rig_drain(&listener, member, 4096);
    CHECK_EQUAL(outlog_told(&rig_log), before);
    for (uint32_t version = 2; version < 300; version++)
        announce(0, 200, version);
    rig_drain(&listener, member, 4096);
    if (outlog_release(&rig_log, member))
        rig_drain(&listener, member, 4096);
    for (unsigned i = 0; i < 200; i++)
        CHECK(listener.table[i].present && listener.table[i].origin_as == 299);
    outlog_leave(&rig_log, member);
    rig_log_finish();
}

int main(void)
{
    TEST(announcements_wait_and_withdrawals_do_not);
    TEST(what_waits_is_remembered);
    return harness_done();
}
