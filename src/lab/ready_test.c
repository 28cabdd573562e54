#include "lab/ready.h"

#include "lab/build.h"
#include "network/build_rig.h"

static struct trouble trouble;

static enum lab_outcome asked_with(const char *text, const char *sekishod)
{
    struct rig built = rig_build(text);
    struct lab_request request = {
        .name = "t1", .file = "/t1.yaml", .sekishod = sekishod, .network = built.network};
    trouble = (struct trouble){0};
    enum lab_outcome outcome = ready_for(&request, built.world, &trouble);
    rig_done(&built);
    return outcome;
}

static void what_the_file_asks_too_much_is_refused(void)
{
    CHECK_EQUAL(asked_with(rig_with(rig_site, "platform: frr", "platform: junos"), "/bin/true"),
                LAB_REFUSED);
    CHECK(strstr(trouble.sentence, "site: nothing here behaves like junos"));
    char *bare = strdup(rig_with(rig_site, "    tunnels:\n", "    ipsec: none\n    tunnels:\n"));
    CHECK_EQUAL(asked_with(rig_with(bare, "platform: frr", "platform: sekisho"), "/bin/true"),
                LAB_REFUSED);
    CHECK(strstr(trouble.sentence, "ipsec: none; in a lab its router is one of FRR or BIRD"));
    free(bare);
    CHECK_EQUAL(asked_with(rig_with(rig_site, "address: 198.51.100.10", "address: 100.64.0.3"),
                           "/bin/true"),
                LAB_REFUSED);
    CHECK(strstr(trouble.sentence, "100.64.0.3 is an address of the lab's own links"));
}

static void a_vrf_is_asked_for_where_there_may_be_none(void)
{
    CHECK_EQUAL(
        asked_with(rig_with(rig_site, "platform: frr", "platform: bird\n    outer_vrf: true"),
                   "/bin/true"),
        LAB_REFUSED);
    CHECK(strstr(trouble.sentence, "site: the lab's BIRD knows no VRF"));
    enum lab_outcome outcome = asked_with(
        rig_with(rig_site, "platform: frr", "platform: frr\n    outer_vrf: true"), "/bin/true");
    if (outcome == LAB_DONE)
        printf("# this kernel has VRFs\n");
    else
        CHECK_EQUAL(outcome, LAB_IMPOSSIBLE);
    CHECK_EQUAL(lab_count("t1"), 0);
}

static void a_tunnel_without_ipsec_asks_for_vxlan(void)
{
    enum lab_outcome outcome = asked_with(
        rig_with(rig_site, "    tunnels:\n", "    ipsec: none\n    tunnels:\n"), "/bin/true");
    if (outcome == LAB_DONE)
        printf("# this kernel has VXLAN\n");
    else
        CHECK_EQUAL(outcome, LAB_IMPOSSIBLE);
    CHECK_EQUAL(lab_count("t1"), 0);
}

static void a_missing_program_is_named(void)
{
    CHECK_EQUAL(asked_with(rig_incident, "/nowhere/sekishod"), LAB_IMPOSSIBLE);
    CHECK(trouble.sentence[0] != '\0');
    if (!strstr(trouble.sentence, "/nowhere/sekishod"))
        printf("# something else is missing before that: %s\n", trouble.sentence);
    CHECK_EQUAL(asked_with(rig_incident, "/usr/sbin"), LAB_IMPOSSIBLE); /* a folder is none */
}

static void more_programs_are_more_memory(void)
{
    struct rig one = rig_build(rig_site);
    unsigned site = ready_memory_mib(one.world);
    rig_done(&one);
    struct rig two = rig_build(rig_incident);
    unsigned incident = ready_memory_mib(two.world);
    rig_done(&two);
    CHECK(site > 20 && site < incident && incident < 200);
}

int main(void)
{
    TEST(what_the_file_asks_too_much_is_refused);
    TEST(a_vrf_is_asked_for_where_there_may_be_none);
    TEST(a_tunnel_without_ipsec_asks_for_vxlan);
    TEST(a_missing_program_is_named);
    TEST(more_programs_are_more_memory);
    return harness_done();
}
