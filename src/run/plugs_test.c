/* What hangs on a gateway besides tunnels: as the file says, and as the keeper reports it. */
#include "run/plugs.h"

#include "run/numbers.h"
#include "run/plan.h"
#include "run/run_rig.h"

#include <string.h>

static const char network[] =
    "vpcs:\n"
    "  - id: vpc-a\n"
    "    cidrs: [10.10.0.0/16]\n"
    "    internet_gateway: igw-a\n"
    "    route_tables: [{id: rtb-1}, {id: rtb-2}]\n"
    "    subnets:\n"
    "      - {id: subnet-a, cidr: 10.10.1.0/24, route_table: rtb-2, interface: eth3}\n"
    "      - {id: subnet-nat, cidr: 10.10.2.0/24, route_table: rtb-1}\n"
    "    instances:\n"
    "      - {id: i-a, subnet: subnet-a, address: 10.10.1.10}\n"
    "      - {id: i-nat, subnet: subnet-nat, address: 10.10.2.10, source_dest_check: false}\n"
    "  - {id: vpc-b, cidrs: [10.11.0.0/16]}\n"
    "  - {id: vpc-c, cidrs: [10.12.0.0/16]}\n"
    "  - {id: vpc-far, cidrs: [10.13.0.0/16]}\n"
    "vpc_peerings:\n"
    "  - {id: pcx-ab, requester: vpc-b, accepter: vpc-a}\n"
    "  - {id: pcx-ac, requester: vpc-a, accepter: vpc-c, status: pending}\n"
    "  - {id: pcx-far, requester: vpc-a, accepter: vpc-far}\n"
    "vpn_gateways: [{id: vgw, asn: 64512, vpc: vpc-a, platform: sekisho},\n"
    "               {id: vgw-far, asn: 64513, vpc: vpc-far, platform: sekisho}]\n"
    "direct_connects:\n"
    "  - {id: dx-port, vpn_gateway: vgw, router: edge, vlan: 101, interface: eth1,\n"
    "     inside: {vgw: 169.254.100.1, peer: 169.254.100.2}, inside_ipv6: \"fd00:100::/126\"}\n"
    "  - {id: dx-plain, vpn_gateway: vgw, router: edge, vlan: 102,\n"
    "     inside: {vgw: 169.254.100.5, peer: 169.254.100.6}}\n"
    "  - {id: dx-far, vpn_gateway: vgw-far, router: edge, vlan: 103,\n"
    "     inside: {vgw: 169.254.100.9, peer: 169.254.100.10}}\n"
    "routers: [{id: edge, platform: unknown, bgp: {asn: 65001}}]\n";

static struct plan *planned(const char *text, const struct run_options *options)
{
    struct plan *plan = NULL;
    enum run_exit status =
        plan_take((struct slice){(const uint8_t *)text, strlen(text)}, options, stdout, &plan);
    CHECK_EQUAL(status, RUN_FINE);
    return plan;
}

static const struct plane_attachment *wanted(const struct plan *plan, const char *name)
{
    static const struct plane_attachment nothing;
    const struct wanted_plug *plug = plugs_find(plan, name);
    CHECK(plug != NULL);
    return plug ? &plug->attachment : &nothing;
}

static void a_port_carries_the_tag_and_what_is_called_like_it_has_none(void)
{
    struct run_options options = {.network = "a.yaml", .gateway = "vgw"};
    struct plan *plan = planned(network, &options);
    const struct plane_attachment *port = wanted(plan, "dx-port"),
                                  *plain = wanted(plan, "dx-plain");
    CHECK(port->kind == PLANE_DIRECT_CONNECT && port->named && port->vlan == 101);
    CHECK_TEXT(port->line, "eth1");
    CHECK(port->four.addr == 0xa9fe6401 && port->four.len == 30);
    CHECK_EQUAL(port->six.len, 126);
    CHECK((uint64_t)port->six.addr == 1);
    CHECK(!plain->named && plain->vlan == 0);
    CHECK_TEXT(plain->line, "dx-plain");
    CHECK(plugs_find(plan, "dx-far") == NULL); /* another gateway's */
    plan_free(plan);
}

static void a_vpc_its_subnets_and_what_is_in_them(void)
{
    struct run_options options = {.network = "a.yaml", .gateway = "vgw"};
    struct plan *plan = planned(network, &options);
    const struct plane_attachment *vpc = wanted(plan, "vpc-a"), *subnet = wanted(plan, "subnet-a");
    const struct plane_attachment *nat = wanted(plan, "i-nat");
    CHECK(vpc->kind == PLANE_VPC && vpc->attached && vpc->range_count == 1);
    CHECK(subnet->kind == PLANE_SUBNET && subnet->table == 2 && !subnet->anybody && subnet->named);
    CHECK_TEXT(subnet->vpc, "vpc-a");
    CHECK_TEXT(subnet->line, "eth3");
    CHECK(subnet->four.addr == 0x0a0a0101 && subnet->four.len == 24);
    CHECK(wanted(plan, "subnet-nat")->anybody);
    CHECK(nat->anybody && nat->table == 1 && nat->four.len == 32);
    CHECK(!wanted(plan, "i-a")->anybody && wanted(plan, "i-a")->ranges[0].addr == 0x0a0a010a);
    CHECK_EQUAL(wanted(plan, "igw-a")->kind, PLANE_INTERNET);
    CHECK(!wanted(plan, "vpc-b")->attached);
    plan_free(plan);
}

static void peerings_between_two_of_ours_and_with_others(void)
{
    struct run_options options = {.network = "a.yaml", .gateway = "vgw"};
    struct plan *plan = planned(network, &options);
    const struct plane_attachment *ours = wanted(plan, "pcx-ab"), *far = wanted(plan, "pcx-far");
    CHECK_TEXT(ours->vpc, "vpc-b");
    CHECK_TEXT(ours->other, "vpc-a");
    CHECK_TEXT(ours->line, "");
    CHECK(ours->ranges[0].addr == 0x0a0a0000);
    CHECK_TEXT(far->vpc, "vpc-a");
    CHECK_TEXT(far->other, "");
    CHECK_TEXT(far->line, "pcx-far"); /* the other gateway's daemon has the other VPC */
    CHECK(far->ranges[0].addr == 0x0a0d0000);
    CHECK(plugs_find(plan, "pcx-ac") == NULL && plugs_find(plan, "vpc-far") == NULL);
    plan_free(plan);
}

/* Whoever plugs it in may come later than the daemon; so its address is listened on before. */
static void a_direct_connects_address_comes_later(void)
{
    struct run_options options = {.network = "a.yaml", .gateway = "vgw"};
    struct plan *plan = planned(network, &options);
    unsigned later = 0;
    for (uint16_t i = 0; i < plan->neighbor_count; i++)
        later += plan->neighbors[i].direct && plan->neighbors[i].comes_later;
    CHECK_EQUAL(later, 2);
    plan_free(plan);
    options.no_tunnels = true; /* somebody else has made it before */
    plan = planned(network, &options);
    CHECK(plan->neighbor_count == 2 && !plan->neighbors[0].comes_later);
    plan_free(plan);
}

/* What is called otherwise on this machine keeps its id where others speak of it. */
static void a_name_of_this_machine_is_not_an_id(void)
{
    struct run_options options = {.network = "a.yaml", .gateway = "vgw", .name = "lab-vgw"};
    struct plan *plan = planned(network, &options);
    CHECK_TEXT(plan->called, "lab-vgw");
    CHECK_TEXT(plan->node->id, "vgw");
    plan_free(plan);
    options.name = NULL;
    plan = planned(network, &options);
    CHECK_TEXT(plan->called, "vgw");
    plan_free(plan);
}

static void the_keeper_takes_each_of_them(void)
{
    struct run_options options = {.network = "a.yaml", .gateway = "vgw"};
    struct plan *plan = planned(network, &options);
    for (size_t i = 0; i < plan->plug_count; i++) {
        struct order order = {.kind = ORDER_ATTACH, .attach = plan->plugs[i].attachment}, taken;
        CHECK(order_decode(&order, order_size(ORDER_ATTACH), &taken));
    }
    plan_free(plan);
}

static void interfaces_are_down_as_the_engine_boots(void)
{
    struct run_options options = {.network = "a.yaml", .gateway = "vgw"};
    struct numbers numbers = {0};
    struct plan *plan = planned(network, &options);
    size_t down = 0;
    CHECK(numbers_apply(&numbers, plan));
    plugs_number(plan);
    for (size_t i = 0; i < plan->told_count; i++)
        down += plan->told[i].kind == EVENT_INTERFACE && !plan->told[i].interface.up;
    CHECK_EQUAL((int64_t)down, 2);
    CHECK(plugs_find(plan, "dx-port")->interface != 0 &&
          plugs_find(plan, "dx-port")->neighbors[0] != 0);
    numbers_done(&numbers);
    plan_free(plan);
}

/* Somebody else makes them: as ever, where the file names no device and nobody an outer space. */
static void who_is_not_asked_makes_none(void)
{
    static const char hub[] = "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n"
                              "direct_connects: [{id: dx, vpn_gateway: vgw, router: edge,\n"
                              "   inside: {vgw: 169.254.100.1, peer: 169.254.100.2}}]\n"
                              "routers: [{id: edge, platform: unknown, bgp: {asn: 65001}}]\n";
    struct run_options options = {.network = "a.yaml", .gateway = "vgw"};
    struct plan *plan = planned(hub, &options);
    CHECK_EQUAL((int64_t)plan->plug_count, 0);
    plan_free(plan);
    options.outer = "out";
    plan = planned(hub, &options);
    CHECK_EQUAL((int64_t)plan->plug_count, 1);
    plan_free(plan);
    options = (struct run_options){.network = "a.yaml", .gateway = "vgw", .netns = "inside"};
    plan = planned(network, &options);
    CHECK_EQUAL((int64_t)plan->plug_count, 0);
    plan_free(plan);
}

/* Two sessions on one interface, which go down with it. */
static void an_interface_knows_both_its_sessions(void)
{
    static const char hub[] =
        "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n"
        "direct_connects:\n"
        "  - {id: dx, vpn_gateway: vgw, router: edge, interface: eth1,\n"
        "     inside: {vgw: 169.254.100.1, peer: 169.254.100.2}, bgp: {md5_file: /etc/four},\n"
        "     ipv6_session: {vgw: \"fd00::1\", peer: \"fd00::2\", md5_file: /etc/six}}\n"
        "  - {id: dx-six, vpn_gateway: vgw, router: edge, interface: eth2, bgp: {md5_file: "
        "/etc/k},\n"
        "     inside: {vgw: \"fd00::5\", peer: \"fd00::6\"}}\n"
        "routers: [{id: edge, platform: unknown, bgp: {asn: 65001}}]\n";
    struct run_options options = {.network = "a.yaml", .gateway = "vgw"};
    struct numbers numbers = {0};
    struct plan *plan = planned(hub, &options);
    CHECK_EQUAL(plan->neighbor_count, 3);
    CHECK(numbers_apply(&numbers, plan));
    plugs_number(plan);
    const struct wanted_plug *both = plugs_find(plan, "dx"), *one = plugs_find(plan, "dx-six");
    CHECK(both && both->neighbors[0] && both->neighbors[1]);
    CHECK(both && both->attachment.four.addr != 0 && both->attachment.six.len == 126);
    CHECK(one && !one->neighbors[0] && one->neighbors[1] && one->attachment.four.addr == 0);
    CHECK(both && one && both->neighbors[1] != one->neighbors[1]);
    static const char *const keys[] = {"/etc/four", "/etc/six", "/etc/k"};
    static const char *const names[] = {"dx", "dx/ipv6", "dx-six"};
    for (uint16_t i = 0; i < 3; i++) {
        CHECK_TEXT(plan->neighbors[i].name, names[i]);
        CHECK_TEXT(plan->neighbors[i].md5_file, keys[i]);
        CHECK(plan->neighbors[i].comes_later && plan->neighbors[i].direct);
    }
    numbers_done(&numbers);
    plan_free(plan);
}

int main(void)
{
    TEST(a_port_carries_the_tag_and_what_is_called_like_it_has_none);
    TEST(a_vpc_its_subnets_and_what_is_in_them);
    TEST(peerings_between_two_of_ours_and_with_others);
    TEST(a_direct_connects_address_comes_later);
    TEST(a_name_of_this_machine_is_not_an_id);
    TEST(the_keeper_takes_each_of_them);
    TEST(interfaces_are_down_as_the_engine_boots);
    TEST(who_is_not_asked_makes_none);
    TEST(an_interface_knows_both_its_sessions);
    return harness_done();
}
