#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

static size_t count_in(const char *story, const char *from, const char *to)
{
    struct network *network = rig_story(story, from, to);
    struct check *check = rig_check(network);
    size_t count = rig_count(check, CHECK_FINDING_PROPAGATION_MISSING) +
                   rig_count(check, CHECK_FINDING_STATIC_TO_UNKNOWN);
    check_free(check);
    network_free(network);
    return count;
}

static void a_table_without_propagation_is_told(void)
{
    struct network *network = rig_story("propagation-missing.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count_settled(check), 1);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_PROPAGATION_MISSING, 0);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_TEXT(finding->place, "rtb-database");
    CHECK_TEXT(finding->gateway, "vgw-main");
    CHECK_TEXT(finding->origin.router, "tokyo");
    CHECK(prefix_equal(finding->prefix, rig_prefix(10, 20, 0, 0, 16)));
    CHECK(strstr(finding->because.items[1], "subnet-database"));
    rig_check_cured(check, finding, CHECK_REMEDY_ROUTE_TABLE_PROPAGATE);
    if (finding->remedy_count == 1) {
        CHECK_TEXT(finding->remedies[0].lines.items[0],
                   "aws ec2 enable-vgw-route-propagation --route-table-id rtb-database"
                   " --gateway-id vgw-main");
    }
    check_free(check);
    network_free(network);
}

static void what_is_wanted_is_certain_and_an_empty_subnet_latent(void)
{
    char *text = rig_read_in("tests/stories", "propagation-missing.yaml");
    rig_edit(text, "routers:\n", "wanted: [{from: i-database, to: 10.20.0.10}]\n\nrouters:\n");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    CHECK_EQUAL(rig_finding(check, CHECK_FINDING_PROPAGATION_MISSING, 0)->level, CHECK_CERTAIN);
    check_free(check);
    network_free(network);
    free(text);
    network =
        rig_story("propagation-missing.yaml",
                  "      - {id: i-database, subnet: subnet-database, address: 10.10.2.10}\n", "");
    check = rig_check(network);
    CHECK_EQUAL(rig_finding(check, CHECK_FINDING_PROPAGATION_MISSING, 0)->level, CHECK_LATENT);
    check_free(check);
    network_free(network);
}

static void decided_tables_are_let_be(void)
{
    static const char table[] = "{id: rtb-database, routes: []}";
    CHECK_EQUAL((int64_t)count_in("propagation-missing-near.yaml", NULL, NULL), 0);
    /* the same prefix to elsewhere; no subnet; a table of another gateway's VPC */
    CHECK_EQUAL((int64_t)count_in("propagation-missing.yaml", table,
                                  "{id: rtb-database, routes: [{prefix: 10.20.0.0/16, target:"
                                  " blackhole}]}"),
                0);
    CHECK_EQUAL((int64_t)count_in("propagation-missing.yaml", "route_table: rtb-database",
                                  "route_table: rtb-app"),
                0);
    CHECK_EQUAL((int64_t)count_in("propagation-missing.yaml", "  - {id: vgw-main, vpc: vpc-main}",
                                  "  - {id: vgw-main}"),
                0);
}

/* A summary leads there, too. */
static void a_wider_route_covers(void)
{
    struct network *network = rig_story("propagation-missing-near.yaml", "{prefix: 10.20.0.0/16,",
                                        "{prefix: 10.20.0.0/14,");
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_PROPAGATION_MISSING), 0);
    CHECK_EQUAL(rig_finding(check, CHECK_FINDING_STATIC_TO_UNKNOWN, 0)->level, CHECK_LATENT);
    check_free(check);
    network_free(network);
}

/* A default beside routes that were written by hand was left out on purpose; another prefix was
 * forgotten. */
static void a_default_is_left_out_by_hand(void)
{
    static const char hand[] = "{prefix: 10.20.0.0/16, target: vgw-main}";
    char *text = rig_read_in("tests/stories", "propagation-missing-near.yaml");
    CHECK(strstr(text, hand) != NULL);
    rig_edit(text, "announce: [10.20.0.0/16]", "announce: [10.20.0.0/16, 0.0.0.0/0]");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_PROPAGATION_MISSING), 0);
    check_free(check);
    network_free(network);
    rig_edit(text, ", 0.0.0.0/0]", ", 10.21.0.0/16]");
    network = rig_parse(text);
    check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_PROPAGATION_MISSING), 1);
    check_free(check);
    network_free(network);
    free(text);
}

static void a_static_default_to_nowhere_is_told(void)
{
    struct network *network = rig_story("static-to-unknown.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count_settled(check), 1);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_STATIC_TO_UNKNOWN, 0);
    CHECK_EQUAL(finding->level, CHECK_CERTAIN);
    CHECK_TEXT(finding->place, "rtb-app");
    CHECK_EQUAL(finding->prefix.len, 0);
    rig_check_cured(check, finding, CHECK_REMEDY_ROUTE_TABLE_DELETE);
    check_free(check);
    network_free(network);
}

/* The entry carries what is known inside it: then it must not be deleted. */
static void an_entry_that_carries_something_stays(void)
{
    struct network *network =
        rig_story("static-to-unknown.yaml", "propagate: [vgw-main]", "propagate: []");
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_STATIC_TO_UNKNOWN, 0);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_EQUAL((int64_t)finding->remedy_count, 0);
    check_free(check);
    network_free(network);
}

static enum check_level level_with(const char *prefix)
{
    char route[64];
    snprintf(route, sizeof route, "{prefix: %s, target: vgw-main}", prefix);
    struct network *network =
        rig_story("static-to-unknown.yaml", "{prefix: 0.0.0.0/0, target: vgw-main}", route);
    struct check *check = rig_check(network);
    enum check_level level = CHECK_PROTECTED;
    if (rig_count(check, CHECK_FINDING_STATIC_TO_UNKNOWN) > 0)
        level = rig_finding(check, CHECK_FINDING_STATIC_TO_UNKNOWN, 0)->level;
    check_free(check);
    network_free(network);
    return level;
}

static void what_the_gateway_knows_is_covered(void)
{
    CHECK_EQUAL((int64_t)count_in("static-to-unknown-near.yaml", NULL, NULL), 0);
    CHECK_EQUAL(level_with("10.20.0.0/16"), CHECK_PROTECTED);
    CHECK_EQUAL(level_with("10.20.7.0/24"), CHECK_PROTECTED);
    CHECK_EQUAL(level_with("10.21.0.0/16"), CHECK_CERTAIN);
    CHECK_EQUAL(level_with("10.20.0.0/15"), CHECK_CERTAIN); /* the half that is known goes longer */
}

/* Who announces it is down, or has said nothing: then nobody can be sure. */
static void what_may_come_is_no_certainty(void)
{
    struct network *network = rig_story("static-to-unknown-near.yaml", "routers:\n",
                                        "story: [{at: 60s, fail: {router: tokyo}}]\n\nrouters:\n");
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_STATIC_TO_UNKNOWN), 0);
    check_free(check);
    network_free(network);
    network = rig_story("static-to-unknown.yaml", ", announce: [10.20.0.0/16]", "");
    check = rig_check(network);
    CHECK_EQUAL(rig_finding(check, CHECK_FINDING_STATIC_TO_UNKNOWN, 0)->level, CHECK_LIKELY);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(a_table_without_propagation_is_told);
    TEST(what_is_wanted_is_certain_and_an_empty_subnet_latent);
    TEST(decided_tables_are_let_be);
    TEST(a_wider_route_covers);
    TEST(a_default_is_left_out_by_hand);
    TEST(a_static_default_to_nowhere_is_told);
    TEST(an_entry_that_carries_something_stays);
    TEST(what_the_gateway_knows_is_covered);
    TEST(what_may_come_is_no_certainty);
    return harness_done();
}
