#include "table/platform.h"
#include "tests/harness.h"

static void each_platform_is_found_by_its_name(void)
{
    for (unsigned i = 0; i < PLATFORM_COUNT; i++) {
        enum platform found;
        const char *name = platform_name((enum platform)i);
        CHECK(platform_find(name, (uint32_t)strlen(name), &found));
        CHECK_EQUAL(found, i);
        CHECK_EQUAL(platform_profile((enum platform)i)->platform, i);
        CHECK(strlen(platform_sentence((enum platform)i)) > 0);
    }
}

static void a_name_is_found_whole_or_not_at_all(void)
{
    enum platform found = PLATFORM_AWS;
    CHECK(!platform_find("vyo", 3, &found));
    CHECK(!platform_find("vyoss", 5, &found));
    CHECK(!platform_find("", 0, &found));
    CHECK(!platform_find("Vyos", 4, &found));
    CHECK_EQUAL(found, PLATFORM_AWS); /* untouched */
    CHECK(platform_find("vyos: etc", 4, &found));
    CHECK_EQUAL(found, PLATFORM_VYOS);
}

static void weigh_is(enum platform platform, enum route_source source, bool has_metric,
                     uint32_t metric, int distance, int64_t wanted)
{
    uint8_t got_distance = 0xee;
    uint32_t got_metric = 0xeeeeeeee;
    platform_weigh(platform_profile(platform), source, has_metric, metric, &got_distance,
                   &got_metric);
    CHECK_EQUAL(got_distance, distance);
    CHECK_EQUAL(got_metric, wanted);
}

/* FRR doc/user/zebra.rst; facts/traps.md T04 for DHCP */
static void zebra_platforms_have_zebras_distances(void)
{
    static const enum platform zebra[] = {PLATFORM_VYATTA, PLATFORM_VYOS, PLATFORM_FRR,
                                          PLATFORM_UNKNOWN};
    for (unsigned i = 0; i < 4; i++) {
        weigh_is(zebra[i], ROUTE_CONNECTED, false, 0, 0, 0);
        weigh_is(zebra[i], ROUTE_KERNEL, false, 0, 0, 0);
        weigh_is(zebra[i], ROUTE_STATIC, false, 0, 1, 0);
        weigh_is(zebra[i], ROUTE_EBGP, true, 77, 20, 77);
        weigh_is(zebra[i], ROUTE_IBGP, false, 0, 200, 0);
    }
    weigh_is(PLATFORM_VYOS, ROUTE_DHCP, false, 0, 210, 0);
    weigh_is(PLATFORM_VYATTA, ROUTE_DHCP, false, 0, 210, 0);
    weigh_is(PLATFORM_UNKNOWN, ROUTE_DHCP, false, 0, 210, 0);
}

static void zebra_reads_a_distance_from_the_kernels_metric(void)
{
    weigh_is(PLATFORM_FRR, ROUTE_KERNEL, true, 1024, 0, 1024);
    weigh_is(PLATFORM_FRR, ROUTE_KERNEL, true, (210u << 24) + 1, 210, 1);
    weigh_is(PLATFORM_FRR, ROUTE_DHCP, false, 0, 0, 1024); /* the DHCP client's, in the kernel */
    weigh_is(PLATFORM_FRR, ROUTE_DHCP, true, (210u << 24) + 1, 210, 1);
    weigh_is(PLATFORM_VYOS, ROUTE_DHCP, true, 5, 210, 5); /* VyOS's is a static route */
    weigh_is(PLATFORM_BIRD, ROUTE_KERNEL, true, (210u << 24) + 1, 0, (210u << 24) + 1);
}

static void bird_installs_with_metric_32_whatever_the_med(void)
{
    weigh_is(PLATFORM_BIRD, ROUTE_EBGP, false, 0, 155, 32);
    weigh_is(PLATFORM_BIRD, ROUTE_EBGP, true, 7, 155, 32);
    weigh_is(PLATFORM_BIRD, ROUTE_DHCP, false, 0, 0, 1024);
    weigh_is(PLATFORM_BIRD, ROUTE_KERNEL, false, 0, 0, 0);
}

/* run/kernel_table.h installs with 20; ip-route(8), dhclient-script: without a metric it is 0 */
static void a_router_that_runs_sekishod_has_its_kernels_order(void)
{
    struct platform_profile profile = *platform_profile(PLATFORM_SEKISHO);
    platform_beside_host(&profile);
    static const struct {
        enum route_source source;
        uint32_t metric;
    } rows[] = {{ROUTE_STATIC, 0},
                {ROUTE_KERNEL, 0},
                {ROUTE_DHCP, 1024},
                {ROUTE_EBGP, 20},
                {ROUTE_IBGP, 20}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t distance;
        uint32_t metric;
        platform_weigh(&profile, rows[i].source, false, 0, &distance, &metric);
        CHECK_EQUAL(metric, rows[i].metric);
    }
    CHECK_EQUAL(profile.order, TABLE_BY_METRIC);
    CHECK_EQUAL(platform_letter(&profile, ROUTE_DHCP), 'K');
    CHECK(platform_needs_link(&profile, ROUTE_DHCP));
    CHECK_EQUAL(profile.assumed, 1u << PLATFORM_ASSUMES_DHCP_METRIC);
}

/* Cisco documents 15986 and 13753; blog.ipspace.net 2007/06 for DHCP */
static void ios_lets_any_bgp_route_replace_a_default_by_dhcp(void)
{
    weigh_is(PLATFORM_CISCO_IOS, ROUTE_CONNECTED, false, 0, 0, 0);
    weigh_is(PLATFORM_CISCO_IOS, ROUTE_STATIC, false, 0, 1, 0);
    weigh_is(PLATFORM_CISCO_IOS, ROUTE_DHCP, false, 0, 254, 0);
    weigh_is(PLATFORM_CISCO_IOS, ROUTE_DHCP, true, 7, 254, 7);
    weigh_is(PLATFORM_CISCO_IOS, ROUTE_EBGP, true, 77, 20, 77);
    weigh_is(PLATFORM_CISCO_IOS, ROUTE_IBGP, false, 0, 200, 0);
    weigh_is(PLATFORM_CISCO_IOS, ROUTE_KERNEL, true, (210u << 24) + 1, 1, (210u << 24) + 1);
}

/* Juniper, "Default Route Preference Values" */
static void junos_prefers_everything_to_bgp(void)
{
    weigh_is(PLATFORM_JUNOS, ROUTE_CONNECTED, false, 0, 0, 0);
    weigh_is(PLATFORM_JUNOS, ROUTE_STATIC, false, 0, 5, 0);
    weigh_is(PLATFORM_JUNOS, ROUTE_DHCP, false, 0, 12, 0);
    weigh_is(PLATFORM_JUNOS, ROUTE_KERNEL, false, 0, 40, 0);
    weigh_is(PLATFORM_JUNOS, ROUTE_EBGP, true, 77, 170, 77);
    weigh_is(PLATFORM_JUNOS, ROUTE_IBGP, false, 0, 170, 0);
}

static void who_announces_back(void)
{
    CHECK_EQUAL(platform_profile(PLATFORM_CISCO_IOS)->announces_back, ANSWER_YES);
    CHECK_EQUAL(platform_profile(PLATFORM_JUNOS)->announces_back, ANSWER_NO);
    CHECK_EQUAL(platform_profile(PLATFORM_FRR)->announces_back, ANSWER_YES);
    CHECK_EQUAL(platform_profile(PLATFORM_VYOS)->announces_back, ANSWER_YES);
    CHECK_EQUAL(platform_profile(PLATFORM_VYATTA)->announces_back, ANSWER_YES);
    CHECK_EQUAL(platform_profile(PLATFORM_BIRD)->announces_back, ANSWER_NO);
    CHECK_EQUAL(platform_profile(PLATFORM_UNKNOWN)->announces_back, ANSWER_UNKNOWN);
    CHECK_EQUAL(platform_profile(PLATFORM_AWS)->announces_back, ANSWER_NO);
}

/* The sums of the latencies against tests/data/measured.json, in microseconds: min and max of 82
 * runs and of 43 second sessions (all but the three slowest runs of the first). */
static void the_latencies_add_up_to_what_was_measured(void)
{
    const struct platform_profile *frr = platform_profile(PLATFORM_FRR);
    enum { WIRE = 2000 };
    CHECK(2 * frr->decision.min_us + frr->rib_to_fib.min_us <= 118000);
    CHECK(2 * frr->decision.max_us + frr->rib_to_fib.max_us + WIRE >= 144000);
    CHECK_EQUAL(platform_first_update_us(frr, 1, false), 1050000); /* heard at 1.051..1.055 */
    CHECK_EQUAL(platform_first_update_us(frr, 2, true), 1150000);  /* heard at 1.152..1.159 */
    int64_t back =
        platform_first_update_us(frr, 2, true) + frr->decision.min_us + frr->rib_to_fib.min_us;
    CHECK(back <= 1212000 && back + 2 * WIRE >= 1212000);
    CHECK(frr->withdraw_to_fib.min_us == 71000 && frr->withdraw_to_fib.max_us <= 77000);
    CHECK(frr->session_restart.min_us == 1013000 && frr->session_restart.max_us <= 1035000);
}

/* Of bench/LATENCIES.md: none of its waits is on purpose, but that a customer calls again after a
 * second. */
static void sekishod_waits_for_nothing(void)
{
    const struct platform_profile *own = platform_profile(PLATFORM_SEKISHO);
    enum { MOST = 5001 };
    CHECK(own->decision.max_us < MOST && own->rib_to_fib.max_us < MOST);
    CHECK(own->withdraw_to_fib.max_us < MOST);
    CHECK(platform_first_update_us(own, 1000, true) < MOST);
    CHECK(own->session_restart.min_us >= 1000000 && own->session_restart.max_us < 1000000 + 9000);
}

static void the_first_update_waits_ten_seconds_at_most(void)
{
    const struct platform_profile *frr = platform_profile(PLATFORM_FRR);
    CHECK_EQUAL(platform_first_update_us(frr, 180, false), 10000000);
    CHECK_EQUAL(platform_first_update_us(frr, 4000000000u, true), 10000000);
    CHECK_EQUAL(platform_first_update_us(platform_profile(PLATFORM_BIRD), 500, true), 3003000);
}

static void spans_do_not_run_backwards(void)
{
    for (unsigned i = 0; i < PLATFORM_COUNT; i++) {
        const struct platform_profile *profile = platform_profile((enum platform)i);
        const struct span *spans[] = {&profile->decision, &profile->rib_to_fib,
                                      &profile->withdraw_to_fib, &profile->session_restart};
        for (unsigned j = 0; j < 4; j++)
            CHECK(spans[j]->min_us >= 0 && spans[j]->min_us <= spans[j]->max_us);
        CHECK(profile->error_wait_limit_us >= profile->error_wait_us);
        CHECK(profile->error_forget_us >= profile->error_wait_us);
        bool sleeps = profile->first_update_sleep_us > 0;
        /* what woke it is in the kernel's table before */
        CHECK(!sleeps ||
              profile->first_update_us >= profile->decision.max_us + profile->rib_to_fib.max_us);
    }
}

static void where_time_stands_still_nothing_waits(void)
{
    for (unsigned i = 0; i < PLATFORM_COUNT; i++) {
        struct platform_profile profile = *platform_profile((enum platform)i);
        platform_take_no_time(&profile);
        const struct span *spans[] = {&profile.decision, &profile.rib_to_fib,
                                      &profile.withdraw_to_fib, &profile.session_restart};
        for (unsigned j = 0; j < 4; j++)
            CHECK(spans[j]->min_us == 0 && spans[j]->max_us == 0);
        CHECK_EQUAL(profile.error_wait_us, 0);
        CHECK_EQUAL(platform_first_update_us(&profile, 7, true), 0);
    }
}

static void what_is_assumed_is_said(void)
{
    CHECK_EQUAL(platform_profile(PLATFORM_FRR)->assumed, 0);
    for (unsigned i = 0; i < PLATFORM_COUNT; i++)
        CHECK(platform_profile((enum platform)i)->assumed >> PLATFORM_ASSUMPTION_COUNT == 0);
    CHECK(platform_profile(PLATFORM_AWS)->assumed & 1u << PLATFORM_ASSUMES_LATENCIES);
    CHECK_EQUAL(platform_profile(PLATFORM_SEKISHO)->assumed, 0);
    CHECK(platform_profile(PLATFORM_UNKNOWN)->assumed & 1u << PLATFORM_ASSUMES_DISTANCES);
    CHECK(platform_profile(PLATFORM_CISCO_IOS)->assumed & 1u << PLATFORM_ASSUMES_RECURSION_DOWN);
    CHECK(platform_profile(PLATFORM_CISCO_IOS)->assumed & 1u << PLATFORM_ASSUMES_LATENCIES);
    CHECK(platform_profile(PLATFORM_JUNOS)->assumed & 1u << PLATFORM_ASSUMES_LATENCIES);
    CHECK(platform_profile(PLATFORM_JUNOS)->assumed & 1u << PLATFORM_ASSUMES_DHCP_PREFERENCE);
    CHECK_TEXT(platform_assumption_name(PLATFORM_ASSUMES_ECHO), "echo");
    CHECK(strlen(platform_assumption_sentence(PLATFORM_ASSUMES_ECHO)) > 0);
}

static void sources_print_as_show_ip_route_does(void)
{
    CHECK_TEXT(route_source_name(ROUTE_DHCP), "dhcp");
    CHECK_EQUAL(route_source_letter(ROUTE_EBGP), 'B');
    CHECK_EQUAL(route_source_letter(ROUTE_KERNEL), 'K');
    CHECK_EQUAL(route_source_letter(ROUTE_CONNECTED), 'C');
}

/* VyOS writes a static route for its DHCP client; FRR alone finds one in the kernel. */
static void a_default_by_dhcp_is_who_wrote_it(void)
{
    CHECK_EQUAL(platform_letter(platform_profile(PLATFORM_VYOS), ROUTE_DHCP), 'S');
    CHECK_EQUAL(platform_letter(platform_profile(PLATFORM_VYATTA), ROUTE_DHCP), 'S');
    CHECK_EQUAL(platform_letter(platform_profile(PLATFORM_FRR), ROUTE_DHCP), 'K');
    CHECK_EQUAL(platform_letter(platform_profile(PLATFORM_LINUX), ROUTE_DHCP), 'K');
    CHECK_EQUAL(platform_letter(platform_profile(PLATFORM_FRR), ROUTE_STATIC), 'S');
    CHECK_EQUAL(platform_letter(platform_profile(PLATFORM_VYOS), ROUTE_KERNEL), 'K');
}

/* Measured of FRR 8.4.4, BIRD 2.0.12 and Linux; the sources are in platform.c. */
static void next_hops_are_looked_for_as_the_platform_does(void)
{
    CHECK(!platform_profile(PLATFORM_FRR)->resolves_via_default);
    CHECK(platform_profile(PLATFORM_VYOS)->resolves_via_default);
    CHECK(!platform_needs_link(platform_profile(PLATFORM_FRR), ROUTE_STATIC));
    CHECK(platform_needs_link(platform_profile(PLATFORM_BIRD), ROUTE_STATIC));
    CHECK(platform_needs_link(platform_profile(PLATFORM_SEKISHO), ROUTE_STATIC));
    CHECK(platform_needs_link(platform_profile(PLATFORM_LINUX), ROUTE_STATIC));
    CHECK(platform_needs_link(platform_profile(PLATFORM_FRR), ROUTE_KERNEL));
    CHECK(platform_needs_link(platform_profile(PLATFORM_FRR), ROUTE_DHCP));
    CHECK(!platform_needs_link(platform_profile(PLATFORM_VYOS), ROUTE_DHCP));
}

int main(void)
{
    TEST(each_platform_is_found_by_its_name);
    TEST(a_name_is_found_whole_or_not_at_all);
    TEST(zebra_platforms_have_zebras_distances);
    TEST(zebra_reads_a_distance_from_the_kernels_metric);
    TEST(bird_installs_with_metric_32_whatever_the_med);
    TEST(a_router_that_runs_sekishod_has_its_kernels_order);
    TEST(ios_lets_any_bgp_route_replace_a_default_by_dhcp);
    TEST(junos_prefers_everything_to_bgp);
    TEST(who_announces_back);
    TEST(the_latencies_add_up_to_what_was_measured);
    TEST(sekishod_waits_for_nothing);
    TEST(the_first_update_waits_ten_seconds_at_most);
    TEST(spans_do_not_run_backwards);
    TEST(where_time_stands_still_nothing_waits);
    TEST(what_is_assumed_is_said);
    TEST(sources_print_as_show_ip_route_does);
    TEST(a_default_by_dhcp_is_who_wrote_it);
    TEST(next_hops_are_looked_for_as_the_platform_does);
    return harness_done();
}
