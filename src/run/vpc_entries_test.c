/* Routes of VPCs' tables on their way to the keeper, which here is the test. */
#include "run/vpc_entries.h"

#include "run/daemon.h"
#include "run/run_rig.h"
#include "run/table_numbers.h"

#include <errno.h>
#include <string.h>

static const char network[] =
    "vpcs:\n"
    "  - id: vpc-a\n"
    "    cidrs: [10.10.0.0/16]\n"
    "    internet_gateway: igw-a\n"
    "    route_tables:\n"
    "      - {id: rtb-1, propagate: [vgw], routes: [{prefix: 10.11.0.0/16, target: pcx},\n"
    "         {prefix: 0.0.0.0/0, target: igw-a}, {prefix: 10.99.0.0/16, target: i-nat},\n"
    "         {prefix: 10.98.0.0/16, target: blackhole}]}\n"
    "      - {id: rtb-2}\n"
    "    subnets: [{id: subnet-a, cidr: 10.10.1.0/24, route_table: rtb-1}]\n"
    "    instances:\n"
    "      - {id: i-nat, subnet: subnet-a, address: 10.10.1.10, source_dest_check: false}\n"
    "  - id: vpc-b\n"
    "    cidrs: [10.11.0.0/16]\n"
    "    route_tables: [{id: rtb-b, routes: [{prefix: 10.10.0.0/16, target: pcx}]}]\n"
    "vpc_peerings: [{id: pcx, requester: vpc-a, accepter: vpc-b}]\n"
    "vpn_gateways: [{id: vgw, asn: 64512, vpc: vpc-a, platform: sekisho}]\n"
    "customer_gateways: [{id: cgw, address: 198.51.100.1}]\n"
    "vpn_connections:\n"
    "  - {id: vpn, vpn_gateway: vgw, customer_gateway: cgw, static_routes: [10.20.0.0/16],\n"
    "     tunnels: [{outside: 203.0.113.1, inside: {vgw: 169.254.1.1, cgw: 169.254.1.2},\n"
    "     psk: abcdefgh}]}\n";

static struct daemon gw;
static int keeper;
static char text[2048]; /* of what came */

static void begin(void)
{
    int ends[2];
    struct event event = {.kind = EVENT_BOOT};
    gw = (struct daemon){.options = {.network = "a.yaml"}};
    CHECK_EQUAL(plan_take((struct slice){(const uint8_t *)network, strlen(network)}, &gw.options,
                          stdout, &gw.plan),
                RUN_FINE);
    CHECK(numbers_apply(&gw.numbers, gw.plan));
    table_numbers_take(gw.plan, NULL);
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    tunnels_none(&gw.tunnels);
    gw.tunnels.fd = ends[0];
    keeper = ends[1];
    gw.engine = engine_create(&gw.plan->config);
    gw.plan->world->nodes[gw.plan->node_index].engine = gw.engine;
    CHECK(vpc_entries_boot(gw.plan));
    engine_step(gw.engine, &event);
    for (size_t i = 0; i < gw.plan->told_count; i++)
        engine_step(gw.engine, &gw.plan->told[i]);
}

static void end(void)
{
    close(gw.tunnels.fd);
    close(keeper);
    vpc_entries_done(&gw.vpc_entries);
    numbers_done(&gw.numbers);
    plan_free(gw.plan);
}

static void note(const struct order *order)
{
    struct text writer = text_over(text + strlen(text), sizeof text - strlen(text));
    const struct plane_vpc_entry *entry = &order->entry;
    if (order->kind != ORDER_ENTRY) {
        text_add(&writer, order->kind == ORDER_AGAIN ? "again\n" : "sweep\n");
        return;
    }
    text_add(&writer, entry->vpc);
    text_add(&writer, entry->table == 1 ? " 1 " : " 2 ");
    text_prefix(&writer, entry->prefix);
    text_add(&writer, !entry->present ? " gone" : entry->propagated ? " learned" : " static");
    text_add(&writer, " ");
    text_add(&writer, *entry->device ? entry->device : "nowhere");
    if (*entry->otherwise) {
        text_add(&writer, " or ");
        text_add(&writer, entry->otherwise);
        text_add(&writer, " via ");
        text_ip(&writer, entry->gateway);
    }
    text_add(&writer, "\n");
}

static const char *sent(void)
{
    struct order order;
    text[0] = '\0';
    vpc_entries_send(&gw);
    while (order_receive(keeper, &order) == 1)
        note(&order);
    return text;
}

static const char everything[] = "again\n"
                                 "vpc-a 1 0.0.0.0/0 static igw-a\n"
                                 "vpc-a 1 10.11.0.0/16 static pcx\n"
                                 "vpc-a 1 10.20.0.0/16 learned _gateway\n"
                                 "vpc-a 1 10.98.0.0/16 static nowhere\n"
                                 "vpc-a 1 10.99.0.0/16 static i-nat or subnet-a via 10.10.1.10\n"
                                 "vpc-b 1 10.10.0.0/16 static pcx\n";

static void all_is_said_and_then_what_is_left_over_goes(void)
{
    begin();
    gw.kernel.keeping = true;
    vpc_entries_all(&gw);
    CHECK_EQUAL(vpc_entries_wake_us(&gw), 0);
    CHECK_TEXT(sent(), everything);
    CHECK_EQUAL(vpc_entries_wake_us(&gw), INT64_MAX);
    CHECK_TEXT(sent(), "");
    gw.kernel.keeping = false; /* neighbors have had their time */
    CHECK_TEXT(sent(), "sweep\n");
    CHECK_TEXT(sent(), "");
    end();
}

static void what_changes_is_said_as_it_is_by_then(void)
{
    begin();
    struct effect_vpc_entry entry = {
        .vpc = 1,
        .table = 1,
        .present = true,
        .route = {.prefix = prefix_around(0x0a150000, 16), .origin = VPC_ORIGIN_PROPAGATED}};
    CHECK_TEXT(sent(), "sweep\n");
    vpc_entries_changed(&gw, &entry); /* and gone again, before it was said */
    CHECK_TEXT(sent(), "vpc-a 1 10.21.0.0/16 gone nowhere\n");
    entry.route.prefix = prefix_around(0x0a0b0000, 16);
    vpc_entries_changed(&gw, &entry);
    CHECK_TEXT(sent(), "vpc-a 1 10.11.0.0/16 static pcx\n");
    CHECK_TEXT(sent(), "");
    entry.route.origin = VPC_ORIGIN_LOCAL;
    vpc_entries_changed(&gw, &entry);
    CHECK_TEXT(sent(), ""); /* the keeper knows the ranges */
    end();
}

static void too_many_changes_are_all_of_it(void)
{
    begin();
    struct effect_vpc_entry entry = {.vpc = 1, .table = 1, .present = true};
    CHECK_TEXT(sent(), "sweep\n");
    for (int i = 0; i <= VPC_ENTRIES_MAX; i++) {
        entry.route = (struct vpc_route){.prefix = prefix_around((ip_addr)(unsigned)i << 8, 24),
                                         .origin = VPC_ORIGIN_PROPAGATED};
        vpc_entries_changed(&gw, &entry);
    }
    const char *said = sent();
    CHECK(strncmp(said, everything, strlen(everything)) == 0);
    CHECK_TEXT(said + strlen(everything), "sweep\n");
    end();
}

static void a_full_keeper_is_told_the_rest_later(void)
{
    begin();
    struct effect_vpc_entry entry = {
        .vpc = 1,
        .table = 1,
        .route = {.prefix = prefix_around(0x0a150000, 16), .origin = VPC_ORIGIN_PROPAGATED}};
    size_t count = 0;
    struct order order;
    CHECK_TEXT(sent(), "sweep\n");
    while (gw.vpc_entries.again_at_us == 0 && count < VPC_ENTRIES_MAX) {
        vpc_entries_changed(&gw, &entry);
        vpc_entries_send(&gw);
        count++;
    }
    CHECK(gw.vpc_entries.again_at_us == VPC_ENTRIES_WAIT_US);
    CHECK_EQUAL(vpc_entries_wake_us(&gw), VPC_ENTRIES_WAIT_US);
    size_t came = 0;
    gw.now_us = VPC_ENTRIES_WAIT_US;
    while (came < count) {
        int got = order_receive(keeper, &order);
        came += got == 1;
        if (got == -EAGAIN)
            vpc_entries_send(&gw);
    }
    CHECK_EQUAL(order_receive(keeper, &order), -EAGAIN);
    CHECK_EQUAL(vpc_entries_wake_us(&gw), INT64_MAX);
    end();
}

int main(void)
{
    TEST(all_is_said_and_then_what_is_left_over_goes);
    TEST(what_changes_is_said_as_it_is_by_then);
    TEST(too_many_changes_are_all_of_it);
    TEST(a_full_keeper_is_told_the_rest_later);
    return harness_done();
}
