/* The world as data: what builders add is found again, and all of it goes with the world. */
#include "world/world.h"

#include "tests/abort.h"
#include "tests/harness.h"

#include <stdlib.h>

static struct prefix net(const char *text)
{
    struct prefix prefix = {0, 0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static uint16_t outer_port(const struct node *node)
{
    struct prefix prefix;
    const struct kernel_entry *entry = node_outer_match(node, 0xcb0071e1, &prefix);
    return entry ? entry->port : 0;
}

/* Whose outer packets go past its tunnels asks its own table for what is left. */
static void pins_follow_what_leads_into_no_tunnel(void)
{
    struct world *world = world_create();
    int site = world_add_node(world, NODE_ROUTER, "site");
    struct node *node = &world->nodes[site];
    uint16_t uplink = node_add_port(node, (struct port){.name = "eth0", .kind = PORT_INTERNET});
    uint16_t tunnel = node_add_port(node, (struct port){.name = "vti1", .kind = PORT_TUNNEL});
    struct kernel_entry out = {.port = uplink}, in = {.port = tunnel};
    kernel_set(&node->kernel, net("0.0.0.0/0"), &out);
    kernel_set(&node->kernel, net("128.0.0.0/1"), &in);
    CHECK_EQUAL(outer_port(node), tunnel);
    node->pins = true;
    CHECK_EQUAL(outer_port(node), uplink);
    kernel_set(&node->kernel, net("0.0.0.0/0"), &in);
    CHECK_EQUAL(outer_port(node), 0);
    node->outer_vrf = true;
    kernel_set(&node->outer, net("0.0.0.0/0"), &out);
    CHECK_EQUAL(outer_port(node), uplink);
    world_destroy(world);
}

static void an_empty_world_is_the_internet(void)
{
    struct world *world = world_create();
    CHECK_EQUAL((int64_t)world->node_count, 1);
    CHECK_EQUAL(world->nodes[world->internet].kind, NODE_INTERNET);
    CHECK_EQUAL(world_find_node(world, "internet"), world->internet);
    CHECK(world->underlay_delay_us > 0);
    world_destroy(world);
    world_destroy(NULL);
}

static const char *numbered(const char *what, int number)
{
    static char name[32];
    snprintf(name, sizeof name, "%s-%d", what, number);
    return name;
}

/* More than any first guess of the arrays' sizes. */
static void what_was_added_is_found(void)
{
    struct world *world = world_create();
    for (int i = 0; i < 100; i++) {
        CHECK_EQUAL(world_add_node(world, NODE_ROUTER, numbered("router", i)), i + 1);
        CHECK_EQUAL(world_add_tunnel(world, numbered("tunnel", i)), i);
        CHECK_EQUAL(world_add_connection(world, numbered("connection", i)), i);
        CHECK_EQUAL(world_add_direct_connect(world, numbered("dxvif", i)), i);
        CHECK_EQUAL(world_add_peering(world, numbered("pcx", i), i, i + 1), i);
    }
    for (int i = 0; i < 100; i++) {
        CHECK_EQUAL(world_find_node(world, numbered("router", i)), i + 1);
        CHECK_EQUAL(world_find_tunnel(world, numbered("tunnel", i)), i);
        CHECK_EQUAL(world_find_connection(world, numbered("connection", i)), i);
        CHECK_EQUAL(world_find_direct_connect(world, numbered("dxvif", i)), i);
        CHECK_TEXT(world->peerings[i].id, numbered("pcx", i));
        CHECK_EQUAL(world->peerings[i].vpcs[1], i + 1);
        CHECK(world->nodes[i + 1].source_dest_check);
        CHECK_EQUAL(world->nodes[i + 1].owner, WORLD_NONE);
    }
    CHECK_EQUAL(world_find_node(world, "router"), WORLD_NONE);
    CHECK_EQUAL(world_find_tunnel(world, "router-1"), WORLD_NONE);
    CHECK_EQUAL(world_find_connection(world, ""), WORLD_NONE);
    CHECK_EQUAL(world_find_direct_connect(world, "tunnel-1"), WORLD_NONE);
    world_destroy(world);
}

/* Ports count from 1, as the engine's interfaces do; tables and targets, too. */
static void a_nodes_parts_count_from_one(void)
{
    struct world *world = world_create();
    int vpc = world_add_node(world, NODE_VPC, "vpc");
    struct node *node = &world->nodes[vpc];
    for (uint16_t i = 1; i <= 20; i++) {
        struct port port = {.addr = i, .up = true};
        CHECK_EQUAL(node_add_port(node, port), i);
        CHECK_EQUAL(node_add_table(node, numbered("rtb", i)), i);
        node_add_subnet(node, numbered("subnet", i), net("10.0.0.0/24"), i);
        struct route_target target = {VPC_TO_INSTANCE, strdup("i-app"), i};
        CHECK_EQUAL(node_add_target(node, target), i);
        node_add_setup(node, &(struct event){.kind = EVENT_START, .connection = {i, 0}});
    }
    CHECK_EQUAL(node->port_count, 20);
    CHECK_EQUAL(node->ports[0].peer, WORLD_NONE);
    CHECK_EQUAL((int64_t)node->subnet_count, 20);
    CHECK_EQUAL((int64_t)node->setup_count, 20);
    for (uint16_t i = 1; i <= 20; i++) {
        CHECK_EQUAL(node->ports[i].addr, i);
        CHECK_TEXT(node->table_ids[i], numbered("rtb", i));
        CHECK_TEXT(node->subnets[i - 1].id, numbered("subnet", i));
        CHECK_EQUAL(node->subnets[i - 1].table, i);
        CHECK_EQUAL(node->targets[i].node, i);
        CHECK_EQUAL(node->setup[i - 1].connection.neighbor, i);
    }
    world_destroy(world);
}

/* In whatever order they come, addresses are kept ascending, for they are searched. */
static void addresses_are_found_in_any_order(void)
{
    struct world *world = world_create();
    for (uint32_t i = 0; i < 101; i++) {
        ip_addr addr = 1000 + (i * 37) % 101;
        world_add_address(world, (struct public_address){.addr = addr, .node = (int)addr});
    }
    for (uint32_t i = 1; i < 101; i++)
        CHECK(world->addresses[i - 1].addr < world->addresses[i].addr);
    for (ip_addr addr = 1000; addr < 1101; addr++) {
        const struct public_address *found = world_address(world, addr);
        CHECK(found && found->node == (int)addr);
    }
    CHECK(world_address(world, 999) == NULL);
    CHECK(world_address(world, 1101) == NULL);
    world_destroy(world);
}

static void a_kernels_table_matches_the_longest_prefix(void)
{
    struct world *world = world_create();
    int router = world_add_node(world, NODE_ROUTER, "r");
    struct kernel *kernel = &world->nodes[router].kernel;
    static const char *const prefixes[] = {"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16"};
    struct prefix prefix;
    CHECK(kernel_match(kernel, 0x0a010101, &prefix) == NULL);
    for (uint16_t i = 0; i < 3; i++) {
        struct kernel_entry entry = {.port = i + 1, .since_us = 7};
        kernel_set(kernel, net(prefixes[i]), &entry);
    }
    CHECK_EQUAL(kernel_match(kernel, 0x0a010101, &prefix)->port, 3);
    CHECK(prefix_equal(prefix, net("10.1.0.0/16")));
    CHECK_EQUAL(kernel_match(kernel, 0x0a020202, NULL)->port, 2);
    CHECK_EQUAL(kernel_exact(kernel, net("0.0.0.0/0"))->port, 1);
    CHECK(kernel_exact(kernel, net("10.1.0.0/17")) == NULL);
    struct kernel_entry other = {.port = 9};
    kernel_set(kernel, net("10.1.0.0/16"), &other); /* absolute: it replaces */
    CHECK_EQUAL(kernel_match(kernel, 0x0a010101, NULL)->port, 9);
    kernel_remove(kernel, net("10.1.0.0/16"));
    kernel_remove(kernel, net("10.1.0.0/16"));
    CHECK_EQUAL(kernel_match(kernel, 0x0a010101, NULL)->port, 2);
    kernel_clear(kernel);
    CHECK(kernel_match(kernel, 0x0a010101, NULL) == NULL);
    kernel_set(kernel, net("10.0.0.0/8"), &other);
    CHECK_EQUAL(kernel_match(kernel, 0x0a010101, NULL)->port, 9);
    world_destroy(world);
}

/* A VPC's tables are in its owner's engine: its gateway's, or its own; none before that boots. */
static void a_vpcs_tables_are_its_owners(void)
{
    struct world *world = world_create();
    int vpc = world_add_node(world, NODE_VPC, "vpc");
    int vgw = world_add_node(world, NODE_GATEWAY, "vgw");
    struct node *owner = &world->nodes[vgw];
    world->nodes[vpc].owner = vgw;
    world->nodes[vpc].vpc = 1;
    CHECK(world_vpc(world, &world->nodes[vpc]) == NULL);
    owner->config =
        (struct engine_config){.alloc = world_alloc(), .profile = platform_profile(PLATFORM_AWS)};
    owner->engine = engine_create(&owner->config);
    struct event events[] = {{.kind = EVENT_BOOT}, {.kind = EVENT_VPC, .vpc = {.vpc = 1}}};
    for (int i = 0; i < 2; i++)
        CHECK(!engine_step(owner->engine, &events[i]).more);
    CHECK(world_vpc(world, &world->nodes[vpc]) == engine_vpc(owner->engine, 1));
    world_destroy(world);
}

static void ask_no_vpc(void *ctx)
{
    struct world *world = ctx;
    (void)world_vpc(world, &world->nodes[world->internet]);
}

static void what_is_no_vpc_has_no_tables(void)
{
    struct world *world = world_create();
    CHECK(aborts(ask_no_vpc, world));
    world_destroy(world);
}

/* a of the second gateway, b of the first; a - x - y - b, and z with nobody. */
static void a_vpc_without_a_gateway_is_made_by_the_first_that_it_reaches(void)
{
    struct world *world = world_create();
    int one = world_add_node(world, NODE_GATEWAY, "vgw-1");
    int two = world_add_node(world, NODE_GATEWAY, "vgw-2");
    static const char *const names[] = {"a", "x", "y", "b", "z"};
    int vpcs[5];
    for (int i = 0; i < 5; i++) {
        vpcs[i] = world_add_node(world, NODE_VPC, names[i]);
        world->nodes[vpcs[i]].owner = i == 0 ? two : i == 3 ? one : vpcs[i];
    }
    world_add_peering(world, "pcx-1", vpcs[1], vpcs[0]);
    CHECK_EQUAL(world_vpc_home(world, vpcs[1]), two);
    CHECK_EQUAL(world_vpc_home(world, vpcs[2]), WORLD_NONE);
    world_add_peering(world, "pcx-2", vpcs[1], vpcs[2]);
    world_add_peering(world, "pcx-3", vpcs[2], vpcs[3]);
    CHECK_EQUAL(world_vpc_home(world, vpcs[0]), two);
    CHECK_EQUAL(world_vpc_home(world, vpcs[1]), one);
    CHECK_EQUAL(world_vpc_home(world, vpcs[2]), one);
    CHECK_EQUAL(world_vpc_home(world, vpcs[3]), one);
    CHECK_EQUAL(world_vpc_home(world, vpcs[4]), WORLD_NONE);
    world_destroy(world);
}

/* What events in setups borrow lives as long as the world. */
static void what_is_kept_goes_with_the_world(void)
{
    struct world *world = world_create();
    for (int i = 0; i < 10; i++)
        world_keep(world, malloc(10));
    CHECK_EQUAL((int64_t)world->kept_count, 10);
    world_destroy(world);
}

int main(void)
{
    TEST(an_empty_world_is_the_internet);
    TEST(what_was_added_is_found);
    TEST(a_nodes_parts_count_from_one);
    TEST(addresses_are_found_in_any_order);
    TEST(a_kernels_table_matches_the_longest_prefix);
    TEST(a_vpcs_tables_are_its_owners);
    TEST(what_is_no_vpc_has_no_tables);
    TEST(a_vpc_without_a_gateway_is_made_by_the_first_that_it_reaches);
    TEST(pins_follow_what_leads_into_no_tunnel);
    TEST(what_is_kept_goes_with_the_world);
    return harness_done();
}
