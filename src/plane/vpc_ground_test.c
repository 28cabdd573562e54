/* A gateway's VPC and one that is peered with it, made by the keeper: devices are handed over, and
 * pings tell who reaches whom.
 *
 *     site -- inner -- main: subnet-a (table 1: a1), i-b (table 2) -- pcx -- other: i-c */
#include "plane/attachments.h"

#include "plane/attachments_rig.h"

static struct rtnetlink outer;
static struct attachments *all;

static struct prefix range(const char *text)
{
    return rig_prefix_of(text);
}

/* An instance with eth0, its subnet's first host its default, at the other end of a device of the
 * outer namespace. */
static void instance(const char *name, const char *device, const char *addr, const char *router)
{
    struct rtnetlink there;
    struct plane_address own = {rig_addr(addr), 24, 0};
    struct plane_route all_else = {.gateway = rig_addr(router), .device = "eth0"};
    FINE(space_make(rig(name).text, &trouble));
    FINE(rtnetlink_open(&there, rig(name).text, &trouble));
    FINE(device_veth(&outer, device, &there, "eth0", &trouble));
    FINE(address_put(&there, "eth0", &own, &trouble));
    FINE(device_up(&there, "eth0", true, &trouble));
    FINE(route_put(&there, &all_else, &trouble));
    rtnetlink_close(&there);
}

static void want_vpc(const char *name, const char *cidr, bool attached)
{
    struct plane_attachment vpc = rig_wanted(PLANE_VPC, name, name, "");
    vpc.attached = attached;
    vpc.ranges[vpc.range_count++] = range(cidr);
    CHECK(attachments_want(all, &vpc));
}

static void want_instance(const char *name, const char *vpc, uint16_t table, const char *addr,
                          const char *router)
{
    struct plane_attachment wanted = rig_wanted(PLANE_INSTANCE, name, vpc, name);
    wanted.table = table;
    wanted.four = (struct plane_address){rig_addr(router), 32, 0};
    wanted.ranges[wanted.range_count++] = prefix_host(rig_addr(addr));
    CHECK(attachments_want(all, &wanted));
}

static struct plane_attachment subnet_wanted(void)
{
    struct plane_attachment subnet = rig_wanted(PLANE_SUBNET, "subnet-a", "main", "port-a");
    subnet.table = 1;
    subnet.four = (struct plane_address){rig_addr("10.10.1.1"), 24, 0};
    subnet.ranges[subnet.range_count++] = range("10.10.1.0/24");
    return subnet;
}

static void want_all(void)
{
    struct plane_attachment subnet = subnet_wanted();
    struct plane_attachment peering = rig_wanted(PLANE_PEERING, "pcx", "main", "");
    want_vpc("main", "10.10.0.0/16", true);
    want_vpc("other", "10.11.0.0/16", false);
    CHECK(attachments_want(all, &subnet));
    want_instance("i-b", "main", 2, "10.10.2.10", "10.10.2.1");
    want_instance("i-c", "other", 1, "10.11.1.10", "10.11.1.1");
    snprintf(peering.other, sizeof peering.other, "other");
    peering.ranges[peering.range_count++] = range("10.11.0.0/16");
    CHECK(attachments_want(all, &peering));
}

static void entry(const char *vpc, uint16_t table, const char *prefix, const char *device,
                  bool propagated)
{
    struct plane_vpc_entry entry = {
        .prefix = range(prefix), .table = table, .present = true, .propagated = propagated};
    snprintf(entry.vpc, sizeof entry.vpc, "%s", vpc);
    snprintf(entry.device, sizeof entry.device, "%s", device);
    attachments_entry(all, &entry);
}

static void say_routes(void)
{
    entry("main", 1, "10.30.0.0/16", PLANE_VPC_GATEWAY, true);
    entry("main", 1, "0.0.0.0/0", "", false);
    entry("main", 2, "10.11.0.0/16", "pcx", false);
    entry("other", 1, "10.10.0.0/16", "pcx", false);
    entry("other", 1, "10.30.0.0/16", "pcx", false); /* transit, in vain */
    attachments_sweep(all);
}

/* A site: an address in the inner namespace, to which all that comes from there goes. */
static void put_site(const char *inner)
{
    struct rtnetlink kernel;
    struct plane_address site = {rig_addr("10.30.0.1"), 32, 0};
    FINE(rtnetlink_open(&kernel, inner, &trouble));
    FINE(address_put(&kernel, "lo", &site, &trouble));
    rtnetlink_close(&kernel);
}

static struct rig_name inner(void)
{
    struct rig_name name;
    name_inner(rig_gateway("g").text, name.text);
    return name;
}

static struct rig_name space_of(const char *vpc)
{
    struct rig_name name;
    plane_vpc_name(rig_gateway("g").text, vpc, name.text);
    return name;
}

static void begin(void)
{
    char why[ORDER_SENTENCE_BYTES] = "";
    rig_told_count = 0;
    rig_sweep_gateways();
    FINE(rtnetlink_open(&outer, NULL, &trouble));
    instance("a1", "port-a", "10.10.1.10", "10.10.1.1");
    instance("b1", "i-b", "10.10.2.10", "10.10.2.1");
    instance("c1", "i-c", "10.11.1.10", "10.11.1.1");
    all = rig_attachments("g");
    want_all();
    CHECK(attachments_prepare(all, why));
    attachments_settled(all);
    say_routes();
    put_site(inner().text);
    UNTIL(rig_said("main").routes_there == 3 && rig_said("other").routes_there == 2);
    UNTIL(rig_said("subnet-a").up && rig_said("i-b").up && rig_said("i-c").up &&
          rig_said("pcx").up && rig_said("main").up && rig_said("other").up);
}

static void end(void)
{
    attachments_take_down(all, true, NULL);
    CHECK(!space_exists(inner().text) && !space_exists(space_of("main").text) &&
          !space_exists(space_of("other").text));
    attachments_leave(all);
    uv_run(&rig_loop, UV_RUN_NOWAIT);
    struct rtnetlink_device device;
    FINE(device_find(&outer, "port-a", &device, &trouble));
    FINE(device_find(&outer, "i-b", &device, &trouble));
    FINE(device_find(&outer, "i-c", &device, &trouble));
    rtnetlink_close(&outer);
    FINE(space_remove(rig("a1").text, &trouble));
    FINE(space_remove(rig("b1").text, &trouble));
    FINE(space_remove(rig("c1").text, &trouble));
}

static bool goes(const char *from, const char *addr, const char *to)
{
    return reaches(rig(from).text, addr, to);
}

static bool fails(const char *from, const char *addr, const char *to)
{
    return in_vain(rig(from).text, addr, to);
}

static void who_shall_reach_whom_does_and_nobody_else(void)
{
    begin();
    CHECK(goes("a1", "10.10.1.10", "10.10.1.1"));  /* its router */
    CHECK(goes("a1", "10.10.1.10", "10.10.2.10")); /* local, in spite of a static default */
    CHECK(goes("b1", "10.10.2.10", "10.10.1.10"));
    CHECK(goes("a1", "10.10.1.10", "10.30.0.1"));  /* propagated into table 1 */
    CHECK(fails("b1", "10.10.2.10", "10.30.0.1")); /* and not into table 2 */
    CHECK(goes("b1", "10.10.2.10", "10.11.1.10")); /* over the peering, from table 2 */
    CHECK(goes("c1", "10.11.1.10", "10.10.2.10"));
    CHECK(fails("a1", "10.10.1.10", "10.11.1.10")); /* table 1 drops it */
    CHECK(fails("c1", "10.11.1.10", "10.30.0.1"));  /* no transit */
    CHECK(reaches(inner().text, "10.30.0.1", "10.10.1.10"));
    CHECK(in_vain(inner().text, "10.30.0.1", "10.11.1.10"));
    end();
}

struct sources {
    unsigned judged, anybody; /* rules of subnet-a that ask a table */
};

static void note_rule(const struct rtnetlink_said *said, void *context)
{
    struct sources *sources = context;
    if (said->kind != RTNETLINK_RULE || strcmp(said->rule.in, "subnet-a") != 0 ||
        said->rule.refuses)
        return;
    sources->judged += said->rule.from.len > 0;
    sources->anybody += said->rule.from.len == 0;
}

static struct sources sources_in(struct rtnetlink *vpc)
{
    struct sources sources = {0};
    FINE(rule_each(vpc, note_rule, &sources, &trouble));
    return sources;
}

/* Unless an instance of the subnet may send for others. */
static void whose_source_is_not_of_the_subnet_asks_no_table(void)
{
    struct rtnetlink vpc;
    begin();
    FINE(rtnetlink_open(&vpc, space_of("main").text, &trouble));
    CHECK_EQUAL(sources_in(&vpc).judged, 3); /* static, local, all else */
    CHECK_EQUAL(sources_in(&vpc).anybody, 0);
    struct plane_attachment subnet = subnet_wanted();
    subnet.anybody = true;
    CHECK(attachments_want(all, &subnet));
    UNTIL(sources_in(&vpc).judged == 0);
    CHECK_EQUAL(sources_in(&vpc).anybody, 4); /* and all else of IPv6 */
    rtnetlink_close(&vpc);
    end();
}

static void a_route_rule_or_device_that_somebody_removes_comes_back(void)
{
    struct rtnetlink vpc;
    struct plane_route gone = {.to = range("10.30.0.0/16"), .table = 1002, .metric = 1024};
    begin();
    FINE(rtnetlink_open(&vpc, space_of("main").text, &trouble));
    FINE(route_remove(&vpc, &gone, &trouble));
    UNTIL(!fails("a1", "10.10.1.10", "10.30.0.1"));
    FINE(rule_clear(&vpc, 1000, 1004, &trouble));
    UNTIL(!fails("b1", "10.10.2.10", "10.11.1.10"));
    FINE(device_remove(&vpc, "pcx", &trouble));
    UNTIL(!fails("b1", "10.10.2.10", "10.11.1.10"));
    FINE(device_up(&vpc, "i-b", false, &trouble));
    UNTIL(!fails("b1", "10.10.2.10", "10.11.1.10"));
    rtnetlink_close(&vpc);
    end();
}

static void hear_way(const struct rtnetlink_said *said, void *context)
{
    struct {
        struct prefix to;
        bool there;
    } *way = context;
    way->there |= said->kind == RTNETLINK_ROUTE && prefix_equal(said->route.to, way->to);
}

/* From the gateway, wherever it leads. */
static bool has_way(const char *cidr)
{
    struct {
        struct prefix to;
        bool there;
    } way = {range(cidr), false};
    struct rtnetlink kernel;
    FINE(rtnetlink_open(&kernel, inner().text, &trouble));
    FINE(route_each(&kernel, 0, hear_way, &way, &trouble));
    rtnetlink_close(&kernel);
    return way.there;
}

static void a_range_comes_and_goes(void)
{
    begin();
    struct plane_attachment vpc = rig_wanted(PLANE_VPC, "main", "main", "");
    vpc.attached = true;
    vpc.ranges[vpc.range_count++] = range("10.10.0.0/16");
    vpc.ranges[vpc.range_count++] = range("10.12.0.0/16");
    CHECK(attachments_want(all, &vpc));
    UNTIL(has_way("10.12.0.0/16"));
    want_vpc("main", "10.10.0.0/16", true);
    UNTIL(!has_way("10.12.0.0/16"));
    CHECK(has_way("10.10.0.0/16"));
    CHECK(reaches(inner().text, "10.30.0.1", "10.10.1.10"));
    end();
}

static void a_namespace_that_somebody_removes_is_made_again(void)
{
    begin();
    FINE(space_remove(space_of("other").text, &trouble));
    UNTIL(space_exists(space_of("other").text));
    UNTIL(!fails("c1", "10.11.1.10", "10.10.2.10")); /* with its device */
    end();
}

static void what_is_no_longer_wanted_goes_back(void)
{
    struct rtnetlink_device device;
    begin();
    attachments_unwant(all, "i-b");
    FINE(device_find(&outer, "i-b", &device, &trouble));
    attachments_unwant(all, "pcx");
    UNTIL(fails("c1", "10.11.1.10", "10.10.1.10"));
    attachments_unwant(all, "i-c");
    attachments_unwant(all, "other");
    CHECK(!space_exists(space_of("other").text));
    CHECK(goes("a1", "10.10.1.10", "10.30.0.1")); /* the rest is as it was */
    end();
}

/* Routes that neighbors have yet to say again stay meanwhile. */
static void the_next_life_adopts_it_without_a_gap(void)
{
    char why[ORDER_SENTENCE_BYTES] = "";
    begin();
    attachments_leave(all);
    rig_told_count = 0;
    all = rig_attachments("g");
    want_all();
    CHECK(attachments_prepare(all, why));
    attachments_settled(all);
    UNTIL(rig_said("main").up && rig_said("subnet-a").up);
    CHECK(goes("a1", "10.10.1.10", "10.30.0.1"));
    attachments_sweep(all);
    UNTIL(fails("a1", "10.10.1.10", "10.30.0.1"));
    end();
}

static int tests(void)
{
    if (!rig_permitted("VPCs of a gateway"))
        return harness_done();
    CHECK_EQUAL(uv_loop_init(&rig_loop), 0);
    FINE(space_make(rig("outer").text, &trouble));
    rig_go_out();
    TEST(who_shall_reach_whom_does_and_nobody_else);
    TEST(whose_source_is_not_of_the_subnet_asks_no_table);
    TEST(a_route_rule_or_device_that_somebody_removes_comes_back);
    TEST(a_range_comes_and_goes);
    TEST(a_namespace_that_somebody_removes_is_made_again);
    TEST(what_is_no_longer_wanted_goes_back);
    TEST(the_next_life_adopts_it_without_a_gap);
    rig_sweep_gateways();
    FINE(space_remove(rig("outer").text, &trouble));
    uv_loop_close(&rig_loop);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
