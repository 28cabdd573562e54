#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

static const enum check_finding_kind foreign = CHECK_FINDING_FOREIGN_PREFIX;
static const char story[] = "broken-promise.yaml", near_story[] = "broken-promise-near.yaml";

static void what_breaks_a_promise_is_told_with_its_source(void)
{
    struct network *network = rig_story(story, NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, foreign, 0);
    CHECK_EQUAL((int64_t)rig_count(check, foreign), 1);
    CHECK_EQUAL(finding->level, CHECK_CERTAIN);
    CHECK_TEXT(finding->place, "vpn-nagano");
    CHECK_TEXT(finding->what, "nagano announces 10.20.7.0/24, 172.20.0.0/16, and vpn-nagano may"
                              " announce only 10.40.0.0/16");
    CHECK_EQUAL((int64_t)finding->because.count, 4);
    CHECK_TEXT(finding->because.items[0], "the configuration of nagano announces 10.20.7.0/24");
    CHECK_TEXT(finding->because.items[1], "in the story nagano announces 172.20.0.0/16");
    CHECK_TEXT(finding->because.items[3],
               "10.20.7.0/24 is a part of tokyo's 10.20.0.0/16; the longer prefix takes the"
               " traffic");
    CHECK_TEXT(finding->origin.attachment, "vpn-nagano");
    CHECK(prefix_equal(finding->prefix, rig_prefix(10, 20, 7, 0, 24)));
    check_free(check);
    network_free(network);
}

/* The remedy, which is one; cured by it the file has no such finding. */
static void check_cure(const struct network *network, enum check_remedy_kind kind,
                       const char *where, const char *first_line, const char *last_line)
{
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, foreign, 0);
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count == 1) {
        const struct check_remedy *remedy = &finding->remedies[0];
        CHECK_EQUAL(remedy->kind, kind);
        CHECK_TEXT(remedy->where, where);
        CHECK_TEXT(remedy->lines.items[0], first_line);
        CHECK_TEXT(remedy->lines.items[remedy->lines.count - 1], last_line);
        struct network *cured = check_remedy_applied(check, remedy->number);
        struct check *again = rig_check_without_cures(cured);
        for (size_t i = 0; i < rig_count(again, foreign); i++)
            CHECK_EQUAL(rig_finding(again, foreign, i)->level, CHECK_PROTECTED);
        check_free(again);
        network_free(cured);
    }
    check_free(check);
}

static void an_aws_gateway_takes_all_so_the_announcer_filters(void)
{
    struct network *network = rig_story(story, NULL, NULL);
    check_cure(network, CHECK_REMEDY_ORIGIN_EXPORT_FILTER, "nagano",
               "set policy prefix-list FOREIGN rule 10 action deny",
               "set protocols bgp neighbor 169.254.253.33 address-family ipv4-unicast prefix-list"
               " export FOREIGN");
    network_free(network);
}

static void a_gateway_of_sekisho_filters_itself(void)
{
    struct network *network =
        rig_story(story, "{id: vgw-main, vpc: vpc-main}",
                  "{id: vgw-main, vpc: vpc-main, platform: sekisho, asn: 64512}");
    check_cure(network, CHECK_REMEDY_VGW_IMPORT_FILTER, "vgw-main",
               "# vpn_connections, id: vpn-nagano",
               "import: [{deny: 10.20.7.0/24}, {deny: 172.20.0.0/16}]");
    network_free(network);
}

static void a_direct_connect_has_promises_too(void)
{
    char *text = rig_read("incident.yaml");
    rig_edit(text, "vlan: 101\n", "vlan: 101\n    may_announce: [10.30.0.0/16]\n");
    struct network *network = rig_parse(text);
    check_cure(network, CHECK_REMEDY_VGW_IMPORT_FILTER, "vgw-main",
               "# direct_connects, id: dxvif-1", "import: [{deny: 0.0.0.0/0}]");
    struct check *check = rig_check_without_cures(network);
    CHECK_TEXT(rig_finding(check, foreign, 0)->what,
               "dx-edge announces 0.0.0.0/0, and dxvif-1 may announce only 10.30.0.0/16");
    check_free(check);
    network_free(network);
    free(text);
}

static void what_was_seen_of_a_site_counts(void)
{
    struct network *network = rig_story(story, "announce: [10.40.0.0/16, 10.20.7.0/24]",
                                        "received: [10.40.0.0/16, 10.20.7.0/24]");
    struct check *check = rig_check_without_cures(network);
    CHECK_TEXT(rig_finding(check, foreign, 0)->because.items[0],
               "nagano was seen to announce 10.20.7.0/24");
    check_free(check);
    network_free(network);
}

/* The router tells one gateway what it has from the other. */
static void what_is_passed_on_counts(void)
{
    char *text = rig_read_in("tests/stories", "nested-tunnel.yaml");
    char *from = strstr(text, "- id: vpn-direct");
    CHECK(from != NULL);
    if (from)
        rig_edit(from, "[10.0.0.0/8, 198.51.100.16/28]", "[10.0.0.0/8]");
    struct network *network = rig_parse(text);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, foreign, 0);
    CHECK_EQUAL((int64_t)rig_count(check, foreign), 1);
    CHECK_EQUAL(finding->level, CHECK_CERTAIN);
    CHECK_TEXT(finding->because.items[0],
               "branch has 198.51.100.16/28 from others, and passes it on");
    check_free(check);
    network_free(network);
    free(text);
}

static void a_promise_kept_is_no_finding(void)
{
    CHECK_EQUAL(rig_level(foreign, near_story, NULL, NULL), -1);
    CHECK_EQUAL(rig_level(foreign, near_story, "    internet_exit: true\n", ""), CHECK_CERTAIN);
    CHECK_EQUAL(rig_level(foreign, near_story, "export: [{deny: 10.20.7.0/24}]", "export: []"),
                CHECK_CERTAIN);
    CHECK_EQUAL(rig_level(foreign, near_story, "prefix: 10.40.8.0/24", "prefix: 10.41.8.0/24"),
                CHECK_CERTAIN);
    CHECK_EQUAL(rig_level(foreign, near_story, "[10.40.0.0/16]\n    internet", "[]\n    internet"),
                CHECK_CERTAIN);
}

static void what_the_gateway_refuses_is_protected(void)
{
    static const char *const policies[] = {"import: [{deny: 10.20.7.0/24}, {deny: 172.20.0.0/16}]",
                                           "accept: [{prefix: 10.40.0.0/16, le: 32}]"};
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        char *text = rig_read_in("tests/stories", story), line[128];
        snprintf(line, sizeof line, "    may_announce: [10.40.0.0/16]\n    %s\n", policies[i]);
        rig_edit(text, "{id: vgw-main, vpc: vpc-main}",
                 "{id: vgw-main, vpc: vpc-main, platform: sekisho, asn: 64512}");
        rig_edit(text, "    may_announce: [10.40.0.0/16]\n", line);
        struct network *network = rig_parse(text);
        struct check *check = rig_check(network);
        const struct check_finding *finding = rig_finding(check, foreign, 0);
        CHECK_EQUAL((int64_t)rig_count(check, foreign), 1);
        CHECK_EQUAL(finding->level, CHECK_PROTECTED);
        CHECK_EQUAL((int64_t)finding->remedy_count, 0);
        CHECK(strstr(finding->protection, "vgw-main refuses it, because the") != NULL);
        CHECK_TEXT(finding->why.items[0], i == 0 ? "import-filter" : "not-in-allow-list");
        check_free(check);
        network_free(network);
        free(text);
    }
}

int main(void)
{
    TEST(what_breaks_a_promise_is_told_with_its_source);
    TEST(an_aws_gateway_takes_all_so_the_announcer_filters);
    TEST(a_gateway_of_sekisho_filters_itself);
    TEST(a_direct_connect_has_promises_too);
    TEST(what_was_seen_of_a_site_counts);
    TEST(what_is_passed_on_counts);
    TEST(a_promise_kept_is_no_finding);
    TEST(what_the_gateway_refuses_is_protected);
    return harness_done();
}
