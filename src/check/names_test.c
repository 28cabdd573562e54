#include "check/check.h"

#include "check/pages.h"
#include "tests/harness.h"

static void every_level_is_found_by_its_name(void)
{
    for (int i = CHECK_PROTECTED; i <= CHECK_CERTAIN; i++) {
        enum check_level level = CHECK_PROTECTED;
        CHECK(check_find_level(check_level_name((enum check_level)i), &level));
        CHECK_EQUAL(level, i);
    }
    enum check_level untouched = CHECK_LATENT;
    CHECK(!check_find_level("sure", &untouched));
    CHECK_EQUAL(untouched, CHECK_LATENT);
}

static void verdicts_are_called_as_machines_know_them(void)
{
    CHECK_TEXT(check_verdict_name(CHECK_STABLE), "stable");
    CHECK_TEXT(check_verdict_name(CHECK_DEGRADED), "degraded");
    CHECK_TEXT(check_verdict_name(CHECK_UNSTABLE), "unstable");
    CHECK_TEXT(check_verdict_name(CHECK_ORDER_DEPENDENT), "order-dependent");
    CHECK_TEXT(check_verdict_name(CHECK_UNKNOWN), "unknown");
}

static void remedies_are_called_as_machines_know_them(void)
{
    static const char *const names[] = {
        "vgw-export-filter",  "cgw-host-route",       "cgw-next-hop-route",
        "cgw-import-filter",  "cgw-local-preference", "route-table-delete",
        "origin-withdraw",    "vpc-peering",          "route-table-propagate",
        "cgw-allowas-in-off", "origin-announce",      "cgw-same-tunnel",
        "gateway-renumber",   "customer-renumber",    "vpn-bgp",
        "vpn-static",         "origin-summarize",     "unique-asn",
        "vgw-import-filter",  "origin-export-filter", "mixed"};
    CHECK_EQUAL(CHECK_REMEDY_KINDS, sizeof names / sizeof *names);
    for (int i = 0; i < CHECK_REMEDY_KINDS; i++) {
        CHECK_TEXT(check_remedy_name((enum check_remedy_kind)i), names[i]);
        CHECK(strlen(check_remedy_sentence((enum check_remedy_kind)i)) > 10);
    }
}

static void every_finding_has_its_page(void)
{
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        const char *name = check_finding_name((enum check_finding_kind)i);
        const char *trap = check_finding_trap((enum check_finding_kind)i);
        const char *page = check_find_page(name);
        CHECK(page != NULL);
        CHECK(page && strncmp(page, "# ", 2) == 0 && strstr(page, name) == page + 2);
        CHECK(page == check_find_page(trap));
        CHECK(strlen(check_finding_sentence((enum check_finding_kind)i)) > 10);
    }
    CHECK(check_find_page("tunnel") == NULL);
    CHECK(check_find_page("") == NULL);
}

/* "T40" of "T40a". */
static bool is_part_of(const char *trap, const char *number)
{
    size_t size = strlen(number);
    return strncmp(trap, number, size) == 0 && trap[size] >= 'a' && trap[size] <= 'z';
}

static void every_page_is_a_findings(void)
{
    for (size_t i = 0; i < page_count; i++) {
        bool found = false;
        for (int kind = 0; kind < CHECK_FINDING_KINDS; kind++)
            found |=
                strcmp(pages[i].name, check_finding_name((enum check_finding_kind)kind)) == 0 ||
                is_part_of(check_finding_trap((enum check_finding_kind)kind), pages[i].name);
        CHECK(found);
    }
}

/* A trap with parts has a page that leads to each of them. */
static void every_number_has_its_page(void)
{
    size_t parts = 0;
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        const char *trap = check_finding_trap((enum check_finding_kind)i);
        char number[16];
        snprintf(number, sizeof number, "%.*s", 1 + (int)strspn(trap + 1, "0123456789"), trap);
        const char *page = check_find_page(number);
        CHECK(page != NULL);
        if (!page || !is_part_of(trap, number))
            continue;
        parts++;
        CHECK(page != check_find_page(trap));
        CHECK(strncmp(page, "# T", 3) == 0 && strstr(page, trap) &&
              strstr(page, check_finding_name((enum check_finding_kind)i)));
    }
    CHECK_EQUAL(parts, 4);
    CHECK(check_find_page("T4") == NULL);
    CHECK(check_find_page("T40b") == NULL);
}

static void a_page_says_what_every_remedy_is(void)
{
    const char *page = check_find_page("tunnel-recursion");
    for (int i = 0; i <= CHECK_REMEDY_VPC_PEERING; i++)
        CHECK(page && strstr(page, check_remedy_name((enum check_remedy_kind)i)));
    for (int i = CHECK_PROTECTED; i <= CHECK_CERTAIN; i++)
        CHECK(page && strstr(page, check_level_name((enum check_level)i)));
}

int main(void)
{
    TEST(every_level_is_found_by_its_name);
    TEST(verdicts_are_called_as_machines_know_them);
    TEST(remedies_are_called_as_machines_know_them);
    TEST(every_finding_has_its_page);
    TEST(every_page_is_a_findings);
    TEST(every_number_has_its_page);
    TEST(a_page_says_what_every_remedy_is);
    return harness_done();
}
