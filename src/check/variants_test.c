#include "check/variants.h"

#include "check/check_rig.h"

/* The incident before it happens: the story tells of something harmless. */
static const char before[] = "prefix: 172.16.0.0/12}}";

static void one_announcement_away_is_latent(void)
{
    struct network *network =
        rig_network("incident.yaml", "prefix: 0.0.0.0/0}}", before, NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)check_finding_count(check), 1);
    if (check_finding_count(check) == 1) {
        const struct check_finding *finding = check_finding(check, 0);
        CHECK_EQUAL(finding->level, CHECK_LATENT);
        CHECK_EQUAL(finding->kind, CHECK_FINDING_TUNNEL_RECURSION);
        CHECK_TEXT(finding->tunnel, "vpn-vyatta/1");
        CHECK_EQUAL(finding->prefix.len, 0);
        CHECK_TEXT(finding->origin.router, "dx-edge");
        CHECK_TEXT(finding->origin.attachment, "dxvif-1");
        CHECK_TEXT(finding->protection, "dx-edge does not announce it now");
        CHECK_EQUAL((int64_t)finding->as_path_count, 2);
        CHECK(finding->loop.count > 0);
        CHECK(finding->timeline_count > 2);
        CHECK_EQUAL(finding->timeline[0].kind, CHECK_CAUSE);
        CHECK_EQUAL(finding->period_us, 0);
        CHECK_EQUAL((int64_t)finding->remedy_count, 3);
        for (size_t i = 0; i < finding->remedy_count; i++)
            CHECK(finding->remedies[i].kind != CHECK_REMEDY_ORIGIN_WITHDRAW);
    }
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 0);
    CHECK_EQUAL(check_exit_code(check, CHECK_LATENT), 1);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(one_announcement_away_is_latent);
    return harness_done();
}
