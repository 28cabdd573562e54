/* A VPC's tables: what is wanted, what the kernel has, and how the one becomes the other. */
#include "plane/vpc_tables.h"

#include "plane/devices.h"
#include "plane/plane_rig.h"
#include "plane/routes.h"

#include <string.h>

static struct rtnetlink vpc;
static struct vpc_tables tables;

static void begin(void)
{
    FINE(plane_vpc_make(rig("vpc").text, &trouble));
    FINE(rtnetlink_open(&vpc, rig("vpc").text, &trouble));
    FINE(device_veth(&vpc, "vgw", &vpc, "vgw-end", &trouble));
    FINE(device_up(&vpc, "vgw", true, &trouble));
    vpc_tables_init(&tables);
}

static void end(void)
{
    vpc_tables_done(&tables);
    rtnetlink_close(&vpc);
    FINE(space_remove(rig("vpc").text, &trouble));
}

static void want(uint16_t table, const char *prefix, const char *device, bool propagated)
{
    struct plane_vpc_entry entry = {.prefix = rig_prefix_of(prefix),
                                    .table = table,
                                    .present = device != NULL,
                                    .propagated = propagated};
    snprintf(entry.device, sizeof entry.device, "%s", device ? device : "");
    CHECK(vpc_tables_want(&tables, &entry));
}

struct counted {
    size_t count, blackholes;
};

static void count(const struct rtnetlink_said *said, void *context)
{
    struct counted *counted = context;
    if (said->kind != RTNETLINK_ROUTE || said->route.protocol != ROUTES_PROTOCOL)
        return;
    counted->count++;
    counted->blackholes += said->route.kind == RTNETLINK_BLACKHOLE_ROUTE;
}

static struct counted in_kernel(void)
{
    struct counted counted = {0};
    FINE(route_each(&vpc, 0, count, &counted, &trouble));
    return counted;
}

static void put(void)
{
    struct prefix cidrs[] = {rig_prefix_of("10.10.0.0/16")};
    FINE(vpc_tables_put(&tables, &vpc, cidrs, 1, &trouble));
}

static void the_kernel_has_what_is_wanted(void)
{
    begin();
    want(1, "10.30.0.0/16", "vgw", true);
    want(1, "0.0.0.0/0", "vgw", false);
    want(1, "10.10.9.0/24", "vgw", false); /* in two tables of the kernel's */
    want(2, "10.30.0.0/16", "", true);
    want(2, "fd00:30::/32", "vgw", true);
    put();
    CHECK_EQUAL((int64_t)in_kernel().count, 6);
    CHECK_EQUAL((int64_t)in_kernel().blackholes, 1);
    CHECK_EQUAL(tables.there_count, 5);
    want(1, "0.0.0.0/0", NULL, false);
    want(2, "10.30.0.0/16", "vgw", true);
    vpc_tables_sweep(&tables);
    put();
    CHECK_EQUAL((int64_t)in_kernel().count, 5);
    CHECK_EQUAL((int64_t)in_kernel().blackholes, 0);
    end();
}

static void what_somebody_removes_comes_back_and_what_he_adds_stays(void)
{
    struct plane_route theirs = {
        .to = rig_prefix_of("10.30.0.0/16"), .table = 1002, .metric = 1024};
    begin();
    want(1, "10.30.0.0/16", "vgw", true);
    put();
    FINE(route_remove(&vpc, &theirs, &trouble));
    CHECK_EQUAL((int64_t)in_kernel().count, 0);
    put();
    CHECK_EQUAL((int64_t)in_kernel().count, 1);
    end();
}

static void without_its_device_it_leads_nowhere_and_not_elsewhere(void)
{
    begin();
    want(1, "10.10.8.0/24", "pcx", false);
    put();
    CHECK_EQUAL((int64_t)in_kernel().blackholes, 2);
    FINE(device_veth(&vpc, "pcx", &vpc, "pcx-end", &trouble));
    FINE(device_up(&vpc, "pcx", true, &trouble));
    put();
    CHECK_EQUAL((int64_t)in_kernel().blackholes, 0);
    CHECK_EQUAL((int64_t)in_kernel().count, 2);
    FINE(device_remove(&vpc, "pcx", &trouble));
    CHECK_EQUAL((int64_t)in_kernel().count, 0);
    put();
    CHECK_EQUAL((int64_t)in_kernel().blackholes, 2);
    end();
}

static void an_earlier_lifes_routes_stay_until_all_is_said(void)
{
    begin();
    want(1, "10.30.0.0/16", "vgw", true);
    want(1, "10.31.0.0/16", "vgw", true);
    put();
    vpc_tables_done(&tables);
    vpc_tables_init(&tables);
    want(1, "10.31.0.0/16", "vgw", true);
    put();
    CHECK_EQUAL((int64_t)in_kernel().count, 2);
    vpc_tables_sweep(&tables);
    put();
    CHECK_EQUAL((int64_t)in_kernel().count, 1);
    end();
}

static void what_is_not_said_again_goes(void)
{
    begin();
    want(1, "10.30.0.0/16", "vgw", true);
    want(2, "10.31.0.0/16", "vgw", true);
    vpc_tables_again(&tables);
    want(2, "10.31.0.0/16", "vgw", true);
    CHECK_EQUAL((int64_t)tables.count, 2);
    vpc_tables_sweep(&tables);
    CHECK_EQUAL((int64_t)tables.count, 1);
    end();
}

static int tests(void)
{
    if (!rig_permitted("a VPC's tables"))
        return harness_done();
    TEST(the_kernel_has_what_is_wanted);
    TEST(what_somebody_removes_comes_back_and_what_he_adds_stays);
    TEST(without_its_device_it_leads_nowhere_and_not_elsewhere);
    TEST(an_earlier_lifes_routes_stay_until_all_is_said);
    TEST(what_is_not_said_again_goes);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
