#include "world/names.h"

#include "tests/harness.h"

/* A gateway with a VPN connection and a Direct Connect, and a router at each of their far ends. */
static struct world *two_attachments(void)
{
    struct world *world = world_create();
    int vgw = world_add_node(world, NODE_GATEWAY, "vgw-main");
    int vyatta = world_add_node(world, NODE_ROUTER, "vyatta");
    int edge = world_add_node(world, NODE_ROUTER, "dx-edge");
    int tunnel = world_add_tunnel(world, "vpn-vyatta/1");
    int connection = world_add_connection(world, "vpn-vyatta");
    int direct = world_add_direct_connect(world, "dxvif-1");
    struct port ports[] = {
        {.name = "vti1", .kind = PORT_TUNNEL, .tunnel = tunnel},
        {.name = "dx101", .kind = PORT_DX, .peer = edge},
        {.name = "eth0", .kind = PORT_INTERNET},
    };
    node_add_port(&world->nodes[vgw], ports[0]);
    node_add_port(&world->nodes[vgw], ports[1]);
    node_add_port(&world->nodes[vyatta], ports[2]);
    node_add_port(&world->nodes[vyatta], ports[0]);
    world->tunnels[tunnel].connection = connection;
    world->tunnels[tunnel].ends[0] = (struct tunnel_end){.node = vgw, .port = 1, .neighbor = 1};
    world->tunnels[tunnel].ends[1] = (struct tunnel_end){.node = vyatta, .port = 2, .neighbor = 1};
    world->connections[connection].gateway = vgw;
    world->connections[connection].router = vyatta;
    world->connections[connection].attachment = 1;
    world->connections[connection].router_attachment = 2;
    world->direct_connects[direct].gateway = vgw;
    world->direct_connects[direct].router = edge;
    world->direct_connects[direct].gateway_port = 2;
    world->direct_connects[direct].attachment = 2;
    struct event said[] = {
        {.kind = EVENT_ATTACHMENT, .attachment = {.attachment = 2, .guard = GUARD_WARN}},
        {.kind = EVENT_NEIGHBOR, .neighbor = {.neighbor = 1, .attachment = 1, .interface = 1}},
        {.kind = EVENT_NEIGHBOR, .neighbor = {.neighbor = 2, .attachment = 2, .interface = 2}},
        {.kind = EVENT_NEIGHBOR,
         .neighbor = {.neighbor = 3, .attachment = 3, .peer_addr = 0x0a000001}},
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        node_add_setup(&world->nodes[vgw], &said[i]);
    return world;
}

static const char *named(void (*name)(struct text *, const struct world *, int, uint16_t),
                         const struct world *world, uint16_t number)
{
    static char bytes[64];
    struct text text = text_over(bytes, sizeof bytes);
    name(&text, world, world_find_node(world, "vgw-main"), number);
    return bytes;
}

static void neighbors_are_called_by_what_carries_them(void)
{
    struct world *world = two_attachments();
    CHECK_TEXT(named(text_neighbor, world, 1), "vpn-vyatta/1");
    CHECK_TEXT(named(text_neighbor, world, 2), "dxvif-1");
    CHECK_TEXT(named(text_neighbor, world, 3), "10.0.0.1");
    CHECK_TEXT(named(text_neighbor, world, 0), "vgw-main");
    CHECK_TEXT(named(text_neighbor, world, 9), "vgw-main");
    world_destroy(world);
}

static void attachments_are_called_by_the_file(void)
{
    struct world *world = two_attachments();
    CHECK_TEXT(named(text_attachment, world, 1), "vpn-vyatta");
    CHECK_TEXT(named(text_attachment, world, 2), "dxvif-1");
    CHECK_TEXT(named(text_attachment, world, 3), "10.0.0.1");
    CHECK_TEXT(named(text_attachment, world, 0), "vgw-main");
    int vgw = world_find_node(world, "vgw-main"), vyatta = world_find_node(world, "vyatta");
    CHECK_EQUAL(attachment_said(world, vgw, 2)->guard, GUARD_WARN);
    CHECK(attachment_said(world, vgw, 1) == NULL);
    CHECK_EQUAL(attachment_of(world, vgw, 0), 1);
    CHECK_EQUAL(attachment_of(world, vyatta, 0), 2);
    CHECK_EQUAL(attachment_of(world, world->internet, 0), 0);
    world_destroy(world);
}

static void the_far_end_is_the_other_node(void)
{
    struct world *world = two_attachments();
    int vgw = world_find_node(world, "vgw-main");
    CHECK_EQUAL(far_end_of(world, vgw, 1).node, world_find_node(world, "vyatta"));
    CHECK_EQUAL(far_end_of(world, vgw, 2).node, world_find_node(world, "dx-edge"));
    CHECK_EQUAL(far_end_of(world, vgw, 2).direct_connect, 0);
    CHECK_EQUAL(far_end_of(world, vgw, 3).node, WORLD_NONE);
    CHECK(far_end_of(world, vgw, 3).said != NULL);
    CHECK(far_end_of(world, vgw, 4).said == NULL);
    world_destroy(world);
}

static void ports_have_the_names_of_their_node(void)
{
    struct world *world = two_attachments();
    int vgw = world_find_node(world, "vgw-main"), vyatta = world_find_node(world, "vyatta");
    CHECK_TEXT(port_name(world, vyatta, 1), "eth0");
    CHECK_TEXT(port_name(world, vyatta, 0), "-");
    CHECK_TEXT(port_name(world, vyatta, 9), "-");
    CHECK_TEXT(tunnel_port_name(world, vyatta, 0), "vti1");
    CHECK_TEXT(tunnel_port_name(world, vgw, 0), "vti1");
    world_destroy(world);
}

static void a_sentence_can_be_a_part(void)
{
    char bytes[128];
    struct text text = text_over(bytes, sizeof bytes);
    text_part(&text, "The tunnel has failed.");
    text_add(&text, "; ");
    text_part(&text, "ESP is lost. It was sent.");
    text_part(&text, "");
    text_part(&text, "A UPDATE");
    CHECK_TEXT(bytes, "the tunnel has failed; ESP is lost. It was senta UPDATE");
}

/* Of two sessions on one interface; alone it needs no other name. */
static void a_second_session_says_so(void)
{
    struct world *world = two_attachments();
    struct node *vgw = &world->nodes[world_find_node(world, "vgw-main")];
    const ip_addr six = (ip_addr)0xfd00 << 112 | 1;
    struct event second = {.kind = EVENT_NEIGHBOR,
                           .neighbor = {.neighbor = 4,
                                        .attachment = 2,
                                        .interface = 2,
                                        .local_addr = six,
                                        .peer_addr = six + 1}};
    node_add_setup(vgw, &second);
    CHECK_TEXT(named(text_neighbor, world, 4), "dxvif-1");
    vgw->ports[2].addr = 0xa9fe0101;
    CHECK_TEXT(named(text_neighbor, world, 4), "dxvif-1/ipv6");
    CHECK_TEXT(named(text_neighbor, world, 2), "dxvif-1");
    CHECK_TEXT(named(text_attachment, world, 2), "dxvif-1");
    world_destroy(world);
}

int main(void)
{
    TEST(a_sentence_can_be_a_part);
    TEST(neighbors_are_called_by_what_carries_them);
    TEST(attachments_are_called_by_the_file);
    TEST(the_far_end_is_the_other_node);
    TEST(ports_have_the_names_of_their_node);
    TEST(a_second_session_says_so);
    return harness_done();
}
