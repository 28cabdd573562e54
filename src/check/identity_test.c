#include "check/identity.h"

#include "check/check_rig.h"

static struct check_finding *add(struct check *check, enum check_finding_kind kind,
                                 const char *tunnel, const char *origin)
{
    struct check_finding *finding = check_add_finding(check);
    finding->kind = kind;
    finding->tunnel = tunnel;
    finding->origin.router = origin;
    return finding;
}

static void it_says_kind_place_prefix_and_origin(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = rig_check_as_told(network);
    CHECK_EQUAL((int64_t)check_finding_count(check), 3);
    CHECK_TEXT(check_finding(check, 0)->identity, "tunnel-recursion vpn-tokyo/1 0.0.0.0/0 nagano");
    CHECK_TEXT(check_finding(check, 1)->identity, "tunnel-recursion vpn-tokyo/2 0.0.0.0/0 nagano");
    CHECK_TEXT(check_finding(check, 2)->identity,
               "default-from-sample vpn-nagano 0.0.0.0/0 nagano");
    check_free(check);
    network_free(network);
}

static void what_is_not_there_is_a_dash(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check = rig_blank(network);
    add(check, CHECK_FINDING_SINGLE_TUNNEL, NULL, NULL)->no_prefix = true;
    add(check, CHECK_FINDING_SINGLE_TUNNEL, "vpn-vyatta/1", NULL)->no_prefix = true;
    add(check, CHECK_FINDING_SINGLE_TUNNEL, "vpn-vyatta/1", NULL)->place = "vpn-vyatta";
    identity_give(check);
    CHECK_TEXT(check->findings[0].identity, "single-tunnel - - -");
    CHECK_TEXT(check->findings[1].identity, "single-tunnel vpn-vyatta/1 - -");
    CHECK_TEXT(check->findings[2].identity, "single-tunnel vpn-vyatta 0.0.0.0/0 -");
    check_free(check);
    network_free(network);
}

/* In the order in which they stand, whatever stands between them. */
static void findings_of_one_identity_are_numbered(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check = rig_blank(network);
    add(check, CHECK_FINDING_TUNNEL_RECURSION, "b/1", "edge");
    add(check, CHECK_FINDING_TUNNEL_RECURSION, "a/1", "edge");
    add(check, CHECK_FINDING_TUNNEL_RECURSION, "b/1", "edge");
    add(check, CHECK_FINDING_INSIDE_ADDRESSES, "b/1", "edge");
    add(check, CHECK_FINDING_TUNNEL_RECURSION, "b/1", "edge");
    identity_give(check);
    CHECK_TEXT(check->findings[0].identity, "tunnel-recursion b/1 0.0.0.0/0 edge");
    CHECK_TEXT(check->findings[1].identity, "tunnel-recursion a/1 0.0.0.0/0 edge");
    CHECK_TEXT(check->findings[2].identity, "tunnel-recursion b/1 0.0.0.0/0 edge #2");
    CHECK_TEXT(check->findings[3].identity, "inside-addresses b/1 0.0.0.0/0 edge");
    CHECK_TEXT(check->findings[4].identity, "tunnel-recursion b/1 0.0.0.0/0 edge #3");
    check_free(check);
    network_free(network);
}

static void a_list_is_one_word(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check = rig_blank(network);
    char many[1201] = "";
    for (size_t i = 0; i < 200; i++)
        memcpy(many + 6 * i, "site, ", 6);
    add(check, CHECK_FINDING_DUPLICATE_ASN, NULL, "edge")->place = "tokyo, nagano";
    add(check, CHECK_FINDING_DUPLICATE_ASN, NULL, "edge")->place = many;
    identity_give(check);
    CHECK_TEXT(check->findings[0].identity, "duplicate-asn tokyo,nagano 0.0.0.0/0 edge");
    const char *cut = check->findings[1].identity;
    CHECK(strncmp(cut, "duplicate-asn site,site,", 24) == 0);
    CHECK(strlen(cut) < 700 && strcmp(cut + strlen(cut) - 15, " 0.0.0.0/0 edge") == 0);
    check_free(check);
    network_free(network);
}

/* Another seed, and a line more at the file's beginning. */
static void it_survives_what_does_not_matter(void)
{
    struct network *network = rig_example("incident.yaml");
    struct network *later =
        rig_network("incident.yaml", "vpcs:", "# a line more\n\nvpcs:", NULL, NULL);
    struct check_options options = {.seed = 99, .no_variants = true, .no_remedies = true};
    struct check *check = rig_check_as_told(network), *again = check_run(later, &options);
    CHECK_EQUAL((int64_t)check_finding_count(check), (int64_t)check_finding_count(again));
    for (size_t i = 0; i < check_finding_count(check); i++)
        CHECK_TEXT(check_finding(check, i)->identity, check_finding(again, i)->identity);
    check_free(again);
    check_free(check);
    network_free(later);
    network_free(network);
}

int main(void)
{
    TEST(it_says_kind_place_prefix_and_origin);
    TEST(what_is_not_there_is_a_dash);
    TEST(findings_of_one_identity_are_numbered);
    TEST(a_list_is_one_word);
    TEST(it_survives_what_does_not_matter);
    return harness_done();
}
