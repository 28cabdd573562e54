#include "explain/journey.h"

#include "explain/run_rig.h"

static struct rig rig;
static struct journey journey;

static struct journey_end end_of(int node, const char *addr)
{
    return (struct journey_end){node, addr_of(addr)};
}

static const char *told(void)
{
    static char bytes[1024];
    struct text text = text_over(bytes, sizeof bytes);
    text_journey(&text, rig.world, &journey);
    return bytes;
}

static void travel(struct journey_end from, struct journey_end to)
{
    journey_done(&journey);
    journey_take(rig.world, from, to, traffic_echo(false), &journey);
}

static void set_tunnel(uint32_t sa)
{
    for (int end = 0; end < 2; end++)
        rig.world->tunnels[0].ends[end].sa = sa;
}

static void both_ways_are_told(void)
{
    travel(end_of(rig.edge, "10.30.0.1"), end_of(rig.edge, "10.30.0.2"));
    CHECK_EQUAL(journey.verdict, JOURNEY_LOST_BOTH); /* nothing lies behind it in this rig */
    travel(end_of(rig.edge, "169.254.100.2"), end_of(rig.vgw, "169.254.100.1"));
    CHECK_EQUAL(journey.verdict, JOURNEY_ARRIVES);
    CHECK(journey_is_fine(&journey) && !journey.asymmetric);
    CHECK_TEXT(told(), "arrives");
    CHECK_EQUAL((int64_t)journey.there.via_count, 1);
    CHECK_TEXT(journey.there.via[0], "dx");
    CHECK_TEXT(journey.back.via[0], "dx");
}

static void a_tunnel_is_an_attachment_and_its_outer_way_is_not(void)
{
    set_tunnel(1);
    travel(end_of(rig.edge, "169.254.100.2"), end_of(rig.site, "10.20.0.10"));
    CHECK_EQUAL((int64_t)journey.there.via_count, 2);
    CHECK_TEXT(journey.there.via[1], "vpn/1");
}

static void a_tunnel_that_is_down_is_looked_into(void)
{
    set_tunnel(0);
    travel(end_of(rig.edge, "169.254.100.2"), end_of(rig.site, "10.20.0.10"));
    CHECK_EQUAL(journey.down, 0);
    CHECK(journey.outer[TUNNEL_CUSTOMER].count > 0);
    CHECK_EQUAL(journey.outer[TUNNEL_CUSTOMER].drop, DROP_NO_SA); /* its way is the tunnel itself */
    json_t *answer = journey_json(rig.world, &journey);
    json_t *outer = json_object_get(answer, "outer");
    CHECK_TEXT(json_string_value(json_object_get(outer, "tunnel")), "vpn/1");
    CHECK(json_is_object(json_object_get(outer, "from_customer")));
    json_decref(answer);
    set_tunnel(1);
}

static void an_answer_from_outside_is_not_asked(void)
{
    travel(end_of(rig.edge, "169.254.100.2"),
           (struct journey_end){WORLD_NONE, addr_of("192.0.2.1")});
    CHECK(!journey.back.asked);
    json_t *answer = journey_json(rig.world, &journey);
    CHECK(json_is_null(json_object_get(answer, "back")));
    CHECK(json_is_null(json_object_get(json_object_get(answer, "to"), "node")));
    json_decref(answer);
}

static void somebody_else_with_the_address_is_no_arrival(void)
{
    travel(end_of(rig.edge, "169.254.100.2"), end_of(rig.site, "169.254.100.1"));
    CHECK(journey.there.stray);
    CHECK(!journey_is_fine(&journey));
    CHECK(strstr(told(), "vgw takes it, which is not site") != NULL);
}

int main(void)
{
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    rig_boot(&rig);
    rig.world->internet = world_add_node(rig.world, NODE_INTERNET, "Internet");
    world_add_address(rig.world, (struct public_address){addr_of("203.0.113.225"), rig.vgw, 0});
    world_add_address(rig.world,
                      (struct public_address){addr_of("198.51.100.10"), rig.site, WORLD_NONE});
    TEST(both_ways_are_told);
    TEST(a_tunnel_is_an_attachment_and_its_outer_way_is_not);
    TEST(a_tunnel_that_is_down_is_looked_into);
    TEST(an_answer_from_outside_is_not_asked);
    TEST(somebody_else_with_the_address_is_no_arrival);
    journey_done(&journey);
    rig_done(&rig);
    return harness_done();
}
