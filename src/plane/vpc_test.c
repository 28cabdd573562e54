/* Three VPCs with a gateway and two peerings, and pings: who shall reach whom does, and nobody
 * else.
 *
 *     site -- gateway -- A -- B -- C        A: a1 (table 1), a2 (table 2); B: b1; C: c1 */
#include "plane/vpc.h"

#include "plane/devices.h"
#include "plane/ping_rig.h"

static struct rtnetlink gateway, vpcs[3];
static const char *const letters[] = {"A", "B", "C"};
static struct prefix cidrs[3][2], instances[4][2];

enum { A, B, C, A1 = 0, A2, B1, C1 };

static const struct {
    const char *name, *four, *six;
    int vpc;
} places[] = {
    {"a1", "10.10.1.10", "fd00:10:1::10", A},
    {"a2", "10.10.2.10", "fd00:10:2::10", A},
    {"b1", "10.11.1.10", "fd00:11:1::10", B},
    {"c1", "10.12.1.10", "fd00:12:1::10", C},
};

#define SITE     "10.30.0.1"
#define SITE_SIX "fd00:30::1"

static void make_spaces(void)
{
    for (int i = 0; i < 3; i++) {
        FINE(plane_vpc_make(rig(letters[i]).text, &trouble));
        FINE(rtnetlink_open(&vpcs[i], rig(letters[i]).text, &trouble));
    }
    for (int i = 0; i < 4; i++) {
        FINE(plane_vpc_instance(&vpcs[places[i].vpc], places[i].name, rig(places[i].name).text,
                                rig_addr(places[i].four), rig_addr(places[i].six), &trouble));
        instances[i][0] = prefix_host(rig_addr(places[i].four));
        instances[i][1] = prefix_host(rig_addr(places[i].six));
    }
    FINE(device_line(&vpcs[A], "pcx-ab", &vpcs[B], "pcx-ab", &trouble));
    FINE(device_line(&vpcs[B], "pcx-bc", &vpcs[C], "pcx-bc", &trouble));
}

/* The gateway's inner namespace, and a site's address in it. It sends all of 10/8 and fd00::/16 to
 * the VPC, more than it may. */
static void make_gateway(void)
{
    struct plane_address site[] = {{rig_addr(SITE), 32, 0}, {rig_addr(SITE_SIX), 128, 0}};
    struct plane_route four = {
        .to = rig_prefix_of("10.0.0.0/8"), .device = "vpc-a", .source = site[0].addr};
    struct plane_route six = {
        .to = rig_prefix_of("fd00::/16"), .device = "vpc-a", .source = site[1].addr};
    FINE(space_make(rig("g").text, &trouble));
    FINE(rtnetlink_open(&gateway, rig("g").text, &trouble));
    FINE(device_line(&gateway, "vpc-a", &vpcs[A], "vgw", &trouble));
    FINE(address_all(&gateway, "lo", site, 2, &trouble));
    FINE(route_put(&gateway, &four, &trouble));
    FINE(route_put(&gateway, &six, &trouble));
}

static struct plane_entrance entrance(const char *device, int instance)
{
    return (struct plane_entrance){.device = device,
                                   .table = instance == A2 ? 2 : 1,
                                   .from = instances[instance],
                                   .from_count = 2,
                                   .behind = instances[instance],
                                   .behind_count = 2};
}

static struct plane_entrance peering(const char *device, int other)
{
    return (struct plane_entrance){.device = device, .from = cidrs[other], .from_count = 2};
}

static void put_vpcs(void)
{
    struct plane_entrance a[] = {
        entrance("a1", A1), entrance("a2", A2), peering("pcx-ab", B), {.device = "vgw"}};
    struct plane_entrance b[] = {entrance("b1", B1), peering("pcx-ab", A), peering("pcx-bc", C)};
    struct plane_entrance c[] = {entrance("c1", C1), peering("pcx-bc", B)};
    FINE(plane_vpc_put(&vpcs[A], &(struct plane_vpc){cidrs[A], 2, a, 4}, &trouble));
    FINE(plane_vpc_put(&vpcs[B], &(struct plane_vpc){cidrs[B], 2, b, 3}, &trouble));
    FINE(plane_vpc_put(&vpcs[C], &(struct plane_vpc){cidrs[C], 2, c, 2}, &trouble));
}

static void put(int vpc, uint16_t table, const char *prefix, const char *device, bool propagated)
{
    struct plane_vpc_route route = {rig_prefix_of(prefix), table, propagated, device};
    FINE(plane_vpc_route_put(&vpcs[vpc], &route, &trouble));
}

/* With routes for transit, too: it is not their absence that forbids it. */
static void put_routes(void)
{
    put(A, 1, "10.30.0.0/16", "vgw", true);
    put(A, 1, "fd00:30::/32", "vgw", true);
    put(A, 1, "10.11.0.0/16", "pcx-ab", false);
    put(A, 1, "fd00:11::/32", "pcx-ab", false);
    put(A, 1, "10.12.0.0/16", "pcx-ab", false);
    put(B, 1, "10.10.0.0/16", "pcx-ab", false);
    put(B, 1, "fd00:10::/32", "pcx-ab", false);
    put(B, 1, "10.12.0.0/16", "pcx-bc", false);
    put(B, 1, "10.30.0.0/16", "pcx-ab", false);
    put(C, 1, "10.11.0.0/16", "pcx-bc", false);
    put(C, 1, "10.10.0.0/16", "pcx-bc", false);
}

static void begin(void)
{
    static const char *const ranges[][2] = {{"10.10.0.0/16", "fd00:10::/32"},
                                            {"10.11.0.0/16", "fd00:11::/32"},
                                            {"10.12.0.0/16", "fd00:12::/32"}};
    for (int i = 0; i < 3; i++) {
        cidrs[i][0] = rig_prefix_of(ranges[i][0]);
        cidrs[i][1] = rig_prefix_of(ranges[i][1]);
    }
    make_spaces();
    make_gateway();
    put_vpcs();
    put_routes();
}

static void end(void)
{
    rtnetlink_close(&gateway);
    FINE(space_remove(rig("g").text, &trouble));
    for (int i = 0; i < 3; i++) {
        rtnetlink_close(&vpcs[i]);
        FINE(space_remove(rig(letters[i]).text, &trouble));
    }
    for (int i = 0; i < 4; i++)
        FINE(space_remove(rig(places[i].name).text, &trouble));
}

static bool instance_reaches(int from, const char *to)
{
    bool six = strchr(to, ':') != NULL;
    return reaches(rig(places[from].name).text, six ? places[from].six : places[from].four, to);
}

static bool instance_fails(int from, const char *to)
{
    bool six = strchr(to, ':') != NULL;
    return in_vain(rig(places[from].name).text, six ? places[from].six : places[from].four, to);
}

static void who_shall_reach_whom_does(void)
{
    begin();
    for (int six = 0; six < 2; six++) {
        CHECK(instance_reaches(A1, six ? places[A2].six : places[A2].four));
        CHECK(instance_reaches(A2, six ? places[A1].six : places[A1].four));
        CHECK(instance_reaches(A1, six ? SITE_SIX : SITE));
        CHECK(instance_reaches(A1, six ? places[B1].six : places[B1].four));
        CHECK(instance_reaches(B1, six ? places[A1].six : places[A1].four));
        CHECK(
            reaches(rig("g").text, six ? SITE_SIX : SITE, six ? places[A1].six : places[A1].four));
    }
    CHECK(instance_reaches(B1, places[C1].four));
    end();
}

static void and_nobody_else(void)
{
    struct plane_route stray = {.to = rig_prefix_of("0.0.0.0/0"), .device = "vgw"};
    begin();
    FINE(route_put(&vpcs[A], &stray, &trouble)); /* whatever the namespace's main table holds */
    CHECK(instance_reaches(A1, SITE) && instance_reaches(A1, places[B1].four)); /* it all works */
    CHECK(instance_fails(A2, SITE)); /* its table has no route */
    CHECK(instance_fails(A2, SITE_SIX));
    CHECK(instance_fails(A2, places[B1].four));
    CHECK(instance_fails(A1, places[C1].four)); /* transit through B */
    CHECK(instance_fails(C1, places[A1].four));
    CHECK(instance_fails(B1, SITE));                      /* out of A's gateway */
    CHECK(in_vain(rig("g").text, SITE, places[B1].four)); /* and in */
    CHECK(in_vain(rig("g").text, SITE_SIX, places[B1].six));
    end();
}

static void a_foreign_source_is_refused(void)
{
    struct rtnetlink a1, b1;
    struct plane_address foreign = {rig_addr("10.10.9.9"), 32, 0};
    struct plane_address far = {rig_addr("192.0.2.9"), 32, 0};
    begin();
    FINE(rtnetlink_open(&a1, rig("a1").text, &trouble));
    FINE(rtnetlink_open(&b1, rig("b1").text, &trouble));
    FINE(address_put(&a1, "eth0", &foreign, &trouble));
    FINE(address_put(&b1, "eth0", &far, &trouble));
    /* the answer would come back, if the question came through */
    struct prefix behind[] = {instances[A1][0], instances[A1][1], prefix_host(foreign.addr)};
    struct plane_entrance entrances[] = {entrance("a1", A1), entrance("a2", A2)};
    struct plane_vpc vpc = {cidrs[A], 2, entrances, 2};
    entrances[0].behind = behind;
    entrances[0].behind_count = 3;
    FINE(plane_vpc_put(&vpcs[A], &vpc, &trouble));
    CHECK(in_vain(rig("a1").text, "10.10.9.9", places[A2].four));
    entrances[0].from_count = 0; /* without the check of source and destination */
    FINE(plane_vpc_put(&vpcs[A], &vpc, &trouble));
    CHECK(reaches(rig("a1").text, "10.10.9.9", places[A2].four));
    CHECK(in_vain(rig("b1").text, "192.0.2.9", places[C1].four));
    rtnetlink_close(&a1);
    rtnetlink_close(&b1);
    end();
}

/* Heard by c1: a question of b1's with an address that is not B's, which B lets through. */
static bool c1_hears(const char *from, int wait_ms)
{
    struct ping ping = ping_open(rig("b1").text, from, places[C1].four);
    struct ping ear = ping_open(rig("c1").text, places[C1].four, places[B1].four);
    bool heard = ping_send(&ping) && ping_asked(&ear, ping.id, wait_ms);
    close(ping.fd);
    close(ear.fd);
    return heard;
}

static void a_peering_brings_only_what_is_the_peers(void)
{
    struct rtnetlink b1;
    struct plane_address far = {rig_addr("192.0.2.9"), 32, 0};
    struct plane_entrance b[] = {{.device = "b1", .table = 1}, peering("pcx-bc", C)};
    struct plane_entrance c[] = {entrance("c1", C1), peering("pcx-bc", B)};
    begin();
    FINE(rtnetlink_open(&b1, rig("b1").text, &trouble));
    FINE(address_put(&b1, "eth0", &far, &trouble));
    FINE(plane_vpc_put(&vpcs[B], &(struct plane_vpc){cidrs[B], 2, b, 2}, &trouble));
    CHECK(!c1_hears("192.0.2.9", PING_IN_VAIN));
    CHECK(c1_hears(places[B1].four, PING_LONG));
    c[1].from_count = 0; /* it came as far as that */
    FINE(plane_vpc_put(&vpcs[C], &(struct plane_vpc){cidrs[C], 2, c, 2}, &trouble));
    CHECK(c1_hears("192.0.2.9", PING_LONG));
    rtnetlink_close(&b1);
    end();
}

/* AWS's order: static inside a range, local, then the longest of static and propagated. */
static void precedence_is_that_of_aws(void)
{
    begin();
    put(A, 1, "10.10.2.0/24", "vgw", true); /* more specific than local, but propagated */
    CHECK(instance_reaches(A1, places[A2].four));
    put(A, 1, "10.10.2.0/24", NULL, false); /* static */
    CHECK(instance_fails(A1, places[A2].four));
    FINE(plane_vpc_route_remove(&vpcs[A], 1, rig_prefix_of("10.10.2.0/24"), &trouble));
    CHECK(instance_reaches(A1, places[A2].four));
    put(A, 1, "0.0.0.0/0", NULL, false); /* longer is better, whatever it is */
    CHECK(instance_reaches(A1, SITE));
    put(A, 1, "10.30.0.1/32", NULL, true);
    CHECK(instance_fails(A1, SITE));
    put(A, 1, "10.30.0.1/32", "vgw", true);
    CHECK(instance_reaches(A1, SITE));
    FINE(plane_vpc_route_remove(&vpcs[A], 1, rig_prefix_of("10.30.0.1/32"), &trouble));
    FINE(plane_vpc_route_remove(&vpcs[A], 1, rig_prefix_of("10.30.0.0/16"), &trouble));
    FINE(plane_vpc_route_remove(&vpcs[A], 1, rig_prefix_of("10.30.0.0/16"), &trouble));
    CHECK(instance_fails(A1, SITE));
    CHECK(instance_fails(A1, "10.10.77.7")); /* nobody is there, and it goes nowhere else */
    end();
}

static void count_rule(const struct rtnetlink_said *said, void *context)
{
    *(unsigned *)context += said->rule.protocol == ROUTES_PROTOCOL;
}

static unsigned rule_count(int vpc)
{
    unsigned count = 0;
    FINE(rule_each(&vpcs[vpc], count_rule, &count, &trouble));
    return count;
}

static void put_again_nothing_changes(void)
{
    begin();
    unsigned first = rule_count(A);
    put_vpcs();
    put_routes();
    CHECK(first > 0);
    CHECK_EQUAL(rule_count(A), first);
    CHECK(instance_reaches(A1, SITE));
    struct plane_entrance only[] = {entrance("a1", A1)}; /* and without the others they are gone */
    FINE(plane_vpc_put(&vpcs[A], &(struct plane_vpc){cidrs[A], 2, only, 1}, &trouble));
    CHECK(rule_count(A) < first);
    CHECK(instance_fails(A1, SITE)); /* the question arrives; the answer's device is no entrance */
    CHECK(instance_fails(A1, places[A2].four));
    end();
}

static void what_cannot_be_is_refused(void)
{
    struct plane_vpc_route route = {.table = 0};
    struct plane_entrance entrance = {.device = "x", .table = PLANE_VPC_TABLES + 1};
    char name[NAME_SPACE_BYTES];
    begin();
    CHECK(!plane_vpc_route_put(&vpcs[A], &route, &trouble));
    CHECK_EQUAL(trouble.error, EINVAL);
    CHECK(!plane_vpc_put(&vpcs[A], &(struct plane_vpc){cidrs[A], 2, &entrance, 1}, &trouble));
    CHECK_EQUAL(trouble.error, E2BIG);
    CHECK(!plane_vpc_put(&vpcs[A], &(struct plane_vpc){cidrs[A], PLANE_VPC_CIDRS + 1, NULL, 0},
                         &trouble));
    plane_vpc_name("vgw-main", "vpc-main", name);
    CHECK_TEXT(name, "sekisho@vgw-main@vpc-main");
    end();
}

static int tests(void)
{
    if (!rig_permitted("VPCs"))
        return harness_done();
    TEST(who_shall_reach_whom_does);
    TEST(and_nobody_else);
    TEST(a_foreign_source_is_refused);
    TEST(a_peering_brings_only_what_is_the_peers);
    TEST(precedence_is_that_of_aws);
    TEST(put_again_nothing_changes);
    TEST(what_cannot_be_is_refused);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
