#include "check/check_rig.h"
#include "check/remedy.h"

/* Evidence as it would be taken from the network's first tunnel; nothing is run. */
struct scene {
    struct network *network;
    struct world *world;
    struct evidence evidence;
    struct change changes[REMEDY_CHANGES_MAX];
};

static struct scene *scene_of(struct network *network)
{
    struct scene *scene = calloc(1, sizeof *scene);
    scene->network = network;
    scene->world = network_build(network);
    const struct tunnel *tunnel = &scene->world->tunnels[0];
    scene->evidence = (struct evidence){
        .end = TUNNEL_CUSTOMER,
        .router = tunnel->ends[TUNNEL_CUSTOMER].node,
        .by_bgp = true,
        .vpc = WORLD_NONE,
        .teller = {tunnel->ends[TUNNEL_GATEWAY].node, tunnel->connection, 1, 1},
        .origin = {.node = WORLD_NONE, .connection = WORLD_NONE, .direct_connect = WORLD_NONE},
        .underlay_via = rig_ip(10, 20, 0, 1),
        .underlay_port = 1};
    return scene;
}

static void close_scene(struct scene *scene)
{
    world_destroy(scene->world);
    network_free(scene->network);
    free(scene);
}

static size_t suggest(struct scene *scene, enum check_remedy_kind kind)
{
    return remedy_suggest(kind, scene->network, scene->world, &scene->evidence, scene->changes,
                          REMEDY_CHANGES_MAX);
}

static void a_gateway_of_sekisho_can_hold(void)
{
    struct scene *scene = scene_of(rig_example("incident.yaml"));
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_VGW_EXPORT_FILTER), 1);
    CHECK_EQUAL(scene->changes[0].kind, CHANGE_GUARD_HOLD);
    close_scene(scene);
}

static void a_gateway_of_aws_cannot(void)
{
    struct scene *scene = scene_of(rig_example("incident-aws.yaml"));
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_VGW_EXPORT_FILTER), 0);
    close_scene(scene);
}

/* The guard holds already and knows nothing of it: the endpoint is another gateway's. */
static void where_the_guard_holds_a_filter_is_left(void)
{
    struct scene *scene = scene_of(rig_example("incident-held.yaml"));
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_VGW_EXPORT_FILTER), 1);
    CHECK_EQUAL(scene->changes[0].kind, CHANGE_EXPORT_DENY);
    close_scene(scene);
}

static void all_endpoints_are_pinned_at_once(void)
{
    struct scene *scene = scene_of(rig_example("incident-two-tunnels.yaml"));
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_CGW_HOST_ROUTE), 2);
    CHECK_EQUAL(scene->changes[0].prefix.addr, rig_ip(203, 0, 113, 225));
    CHECK_EQUAL(scene->changes[1].prefix.addr, rig_ip(203, 0, 113, 226));
    CHECK_EQUAL(scene->changes[1].prefix.len, 32);
    CHECK_EQUAL(scene->changes[1].via, rig_ip(10, 20, 0, 1));
    CHECK_EQUAL(scene->changes[1].interface[0], 0);
    scene->evidence.underlay_via = 0; /* on the link: by its interface then */
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_CGW_HOST_ROUTE), 2);
    CHECK_TEXT(scene->changes[0].interface, "eth0");
    scene->evidence.underlay_port = 0; /* no way at all */
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_CGW_HOST_ROUTE), 0);
    close_scene(scene);
}

static void a_pin_that_is_there_is_not_suggested(void)
{
    struct scene *scene = scene_of(rig_example("incident-pinned.yaml"));
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_CGW_HOST_ROUTE), 0);
    close_scene(scene);
}

static void every_neighbor_is_refused_the_prefix(void)
{
    struct scene *scene = scene_of(rig_example("incident-two-tunnels.yaml"));
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_CGW_IMPORT_FILTER), 2);
    CHECK_EQUAL(scene->changes[0].neighbor, rig_ip(169, 254, 252, 30));
    CHECK_EQUAL(scene->changes[1].neighbor, rig_ip(169, 254, 252, 34));
    scene->evidence.by_bgp = false;
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_CGW_IMPORT_FILTER), 0);
    close_scene(scene);
}

static void the_announcer_stops(void)
{
    struct scene *scene = scene_of(rig_example("incident.yaml"));
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_ORIGIN_WITHDRAW), 0);
    scene->evidence.origin.node = world_find_node(scene->world, "dx-edge");
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_ORIGIN_WITHDRAW), 1);
    CHECK_EQUAL(scene->changes[0].kind, CHANGE_STOP);
    scene->evidence.origin.node = world_find_node(scene->world, "vgw-main"); /* its VPC's own */
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_ORIGIN_WITHDRAW), 0);
    close_scene(scene);
}

static void entries_are_deleted_where_they_stand(void)
{
    struct scene *scene = scene_of(rig_example("incident.yaml"));
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_ROUTE_TABLE_DELETE), 0); /* it was learned */
    scene->evidence.by_bgp = false;
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_ROUTE_TABLE_DELETE), 1);
    CHECK_EQUAL(scene->changes[0].kind, CHANGE_ROUTER_DELETE);
    scene->evidence.turn = TURN_TABLE;
    scene->evidence.vpc = world_find_node(scene->world, "vpc-branch");
    scene->evidence.table = 1;
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_ROUTE_TABLE_DELETE), 0); /* propagated */
    scene->evidence.is_static = true;
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_ROUTE_TABLE_DELETE), 1);
    CHECK_EQUAL(scene->changes[0].kind, CHANGE_TABLE_DELETE);
    CHECK_EQUAL(scene->changes[0].part, 0);
    CHECK_EQUAL((int64_t)suggest(scene, CHECK_REMEDY_CGW_HOST_ROUTE), 0); /* past the router */
    close_scene(scene);
}

static void no_more_than_there_is_room_for(void)
{
    struct scene *scene = scene_of(rig_example("incident-two-tunnels.yaml"));
    CHECK_EQUAL((int64_t)remedy_suggest(CHECK_REMEDY_CGW_HOST_ROUTE, scene->network, scene->world,
                                        &scene->evidence, scene->changes, 1),
                1);
    close_scene(scene);
}

int main(void)
{
    TEST(a_gateway_of_sekisho_can_hold);
    TEST(a_gateway_of_aws_cannot);
    TEST(where_the_guard_holds_a_filter_is_left);
    TEST(all_endpoints_are_pinned_at_once);
    TEST(a_pin_that_is_there_is_not_suggested);
    TEST(every_neighbor_is_refused_the_prefix);
    TEST(the_announcer_stops);
    TEST(entries_are_deleted_where_they_stand);
    TEST(no_more_than_there_is_room_for);
    return harness_done();
}
