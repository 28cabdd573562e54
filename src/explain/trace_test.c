#include "explain/trace.h"

#include "explain/run_rig.h"

static struct hop hops[PATH_HOPS];
static char *shown;
static size_t shown_size;

static const char *traced(const struct rig *rig, const struct path *path)
{
    struct trace trace;
    free(shown);
    shown = NULL;
    struct screen screen = {.out = open_memstream(&shown, &shown_size), .width = 120};
    trace_take(rig->world, path, &trace);
    trace_render(&trace, &screen, 0);
    CHECK_EQUAL(trace.arrived, path->delivered);
    trace_done(&trace);
    fclose(screen.out);
    return shown;
}

static void set_up(struct rig *rig)
{
    rig_init(rig);
    rig_announce(rig, rig->edge, "0.0.0.0/0");
    rig_boot(rig);
    for (int end = 0; end < 2; end++)
        rig->world->tunnels[0].ends[end].sa = 1;
    world_add_address(
        rig->world,
        (struct public_address){.addr = addr_of("203.0.113.225"), .node = rig->vgw, .tunnel = 0});
}

static void a_circle_is_told_once(void)
{
    struct rig rig;
    struct path path = {.hops = hops};
    set_up(&rig);
    forward_outer(rig.world, 0, TUNNEL_CUSTOMER, &path);
    CHECK(path.swallowed);
    const char *text = traced(&rig, &path);
    CHECK_TEXT(text,
               "1  site    0.0.0.0/0 → 169.254.252.30, vti1           BGP [20/0]\n"
               "             not 0.0.0.0/0 S [210/0] via 10.20.0.1, eth0 (DHCP); distance: a"
               " candidate with a lower administrative\n"
               "                 distance is there\n"
               "2  site    into vpn/1                                 68 bytes\n"
               "3  │ site  0.0.0.0/0 → 169.254.252.30, vti1           BGP [20/0]\n"
               "   │         not 0.0.0.0/0 S [210/0] via 10.20.0.1, eth0 (DHCP); distance: a"
               " candidate with a lower administrative\n"
               "                 distance is there\n"
               "4  │ site  into vpn/1                                 148 bytes\n"
               "   │ …     16 rounds more, 80 bytes longer each time\n"
               "   lost at site: the tunnel's own packet entered a tunnel again and again until it "
               "no longer fitted\n");
    rig_done(&rig);
}

static void a_delivered_packet_is_told_hop_by_hop(void)
{
    struct rig rig;
    struct path path = {.hops = hops};
    struct packet packet = {.src = addr_of("169.254.100.2"),
                            .dst = addr_of("169.254.100.1"),
                            .size_bytes = 84,
                            .tunnel = WORLD_NONE};
    set_up(&rig);
    forward(rig.world, rig.edge, &packet, &path);
    CHECK_TEXT(traced(&rig, &path), "1  edge  169.254.100.0/30 → dx101  connected\n"
                                    "2  vgw   delivered\n");
    rig_done(&rig);
}

static void a_machine_gets_every_hop(void)
{
    struct rig rig;
    struct path path = {.hops = hops};
    struct packet packet = {
        .src = addr_of("10.20.0.10"), .dst = addr_of("10.30.0.9"), .size_bytes = 84};
    struct trace trace;
    set_up(&rig);
    rig.world->tunnels[0].failed = true;
    forward(rig.world, rig.site, &packet, &path);
    trace_take(rig.world, &path, &trace);
    json_t *answer = trace_json(rig.world, &trace);
    json_t *hop = json_array_get(json_object_get(answer, "hops"), 0);
    CHECK(json_is_false(json_object_get(answer, "arrives")));
    CHECK_TEXT(json_string_value(json_object_get(answer, "at")), "site");
    CHECK_TEXT(json_string_value(json_object_get(answer, "drop")), "tunnel-down");
    CHECK_TEXT(json_string_value(json_object_get(hop, "kind")), "kernel");
    CHECK_TEXT(json_string_value(json_object_get(hop, "prefix")), "10.30.0.0/16");
    CHECK_TEXT(json_string_value(json_object_get(hop, "why")), "BGP [20/0]");
    json_t *lost = json_array_get(json_object_get(hop, "lost"), 1);
    CHECK_TEXT(json_string_value(json_object_get(lost, "why")), "distance");
    json_decref(answer);
    trace_done(&trace);
    rig_done(&rig);
}

static void a_lost_packet_says_where_and_why(void)
{
    struct rig rig;
    struct path path = {.hops = hops};
    struct packet packet = {.src = addr_of("10.20.0.10"),
                            .dst = addr_of("10.30.0.9"),
                            .size_bytes = 84,
                            .tunnel = WORLD_NONE};
    set_up(&rig);
    rig.world->tunnels[0].failed = true;
    forward(rig.world, rig.site, &packet, &path);
    CHECK_TEXT(traced(&rig, &path),
               "1  site  10.30.0.0/16 → 169.254.252.30, vti1  BGP [20/0]\n"
               "           not 0.0.0.0/0 B>* [20/0] via 169.254.252.30, vti1; less specific\n"
               "           not 0.0.0.0/0 S [210/0] via 10.20.0.1, eth0 (DHCP); distance: a"
               " candidate with a lower administrative\n"
               "               distance is there\n"
               "   lost at site: the tunnel has failed\n");
    rig_done(&rig);
}

int main(void)
{
    TEST(a_circle_is_told_once);
    TEST(a_delivered_packet_is_told_hop_by_hop);
    TEST(a_machine_gets_every_hop);
    TEST(a_lost_packet_says_where_and_why);
    free(shown);
    return harness_done();
}
