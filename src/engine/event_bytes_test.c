#include "engine/event_bytes.h"

#include "engine/test_gate.h"

static uint8_t bytes[4096];

static struct arena arena;
static struct memory memory;
static struct budget budget;

/* Encoded, decoded and encoded again: what was lost on the way is lost in the second bytes. */
static const struct event *again(const struct event *event)
{
    static uint8_t second[4096];
    static struct event read;
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct writer rewriter = writer_over(second, sizeof second);
    event_encode(event, &writer);
    CHECK(!writer.failed && writer.size <= event_bytes_max(event));
    arena_reset(&arena);
    CHECK(event_decode(writer_slice(&writer), &arena, &read));
    CHECK(read.kind == event->kind && read.at_us == event->at_us);
    event_encode(&read, &rewriter);
    CHECK(slice_equal(writer_slice(&writer), writer_slice(&rewriter)));
    return &read;
}

static void what_a_neighbor_is_comes_back(void)
{
    struct event event = {.kind = EVENT_NEIGHBOR,
                          .at_us = 5,
                          .neighbor = {.neighbor = 1,
                                       .attachment = 2,
                                       .interface = 3,
                                       .local_addr = ip("169.254.1.1"),
                                       .peer_addr = ip("169.254.1.2"),
                                       .other_addr = ip("2001:db8::1"),
                                       .outside_addr = ip("203.0.113.1"),
                                       .peer_asn = 4200000000,
                                       .med = 100,
                                       .hold_s = 30,
                                       .keepalive_s = 10,
                                       .connect_retry_s = 5,
                                       .passive = true,
                                       .allowas_in = 3,
                                       .advertisement_s = 30}};
    const struct event_neighbor *said = &event.neighbor, *read = &again(&event)->neighbor;
    CHECK(read->neighbor == said->neighbor && read->attachment == said->attachment);
    CHECK(read->interface == said->interface && read->local_addr == said->local_addr);
    CHECK(read->peer_addr == said->peer_addr && read->other_addr == said->other_addr);
    CHECK(read->outside_addr == said->outside_addr && read->peer_asn == said->peer_asn);
    CHECK(read->med == said->med && read->hold_s == said->hold_s);
    CHECK(read->keepalive_s == said->keepalive_s && read->allowas_in == said->allowas_in);
    CHECK(read->connect_retry_s == said->connect_retry_s && read->passive);
    CHECK_EQUAL(read->advertisement_s, 30);
}

static void an_attachment_comes_back(void)
{
    struct event event = {
        .kind = EVENT_ATTACHMENT,
        .attachment = {7, ATTACHMENT_DX, 9, GUARD_CARVE, 100, true, true, 70, true}};
    const struct event_attachment *read = &again(&event)->attachment;
    CHECK(read->attachment == 7 && read->kind == ATTACHMENT_DX && read->customer_gateway == 9);
    CHECK(read->guard == GUARD_CARVE && read->prefix_limit == 100 && read->limit_refuses_alone);
    CHECK(read->refuse_default && read->warn_percent == 70 && read->policy_required);
}

static void what_was_received_comes_back_as_it_is(void)
{
    static const uint8_t said[] = {0xff, 0, 1, 2, 0xff};
    struct event event = {.kind = EVENT_RECEIVED, .received = {{3, BGP_IN}, {said, sizeof said}}};
    const struct event_received *read = &again(&event)->received;
    CHECK(read->connection.neighbor == 3 && read->connection.slot == BGP_IN);
    CHECK(slice_equal(read->bytes, (struct slice){said, sizeof said}));
}

static void arrays_come_back(void)
{
    static const uint32_t path[] = {65001, 65002}, communities[] = {7224u << 16 | 7300};
    struct prefix_rule rules[] = {{net("10.0.0.0/8"), 8, 24, true, true, 7},
                                  {net("2001:db8::/32"), 32, 64, false, false, 0}};
    struct event event = {.kind = EVENT_ANNOUNCE,
                          .announce = {.prefix = net("10.1.0.0/16"),
                                       .as_path = path,
                                       .as_path_count = 2,
                                       .communities = communities,
                                       .community_count = 1,
                                       .has_med = true,
                                       .med = 50}};
    const struct event *read = again(&event);
    CHECK(read->announce.as_path[1] == 65002 && read->announce.communities[0] == communities[0]);
    CHECK(read->announce.has_med && read->announce.med == 50);
    event = (struct event){.kind = EVENT_FILTER, .filter = {1, true, false, true, 2, rules}};
    read = again(&event);
    CHECK_EQUAL(read->filter.count, 2);
    CHECK(prefix_equal(read->filter.rules[1].prefix, rules[1].prefix));
    CHECK(read->filter.rules[1].ge == 32 && read->filter.rules[1].le == 64);
    CHECK(read->filter.rules[0].permit && !read->filter.rules[1].permit);
    CHECK(read->filter.export && read->filter.permit_rest);
    CHECK(read->filter.rules[0].has_community && read->filter.rules[0].community == 7);
    struct route_edit edit = {.local_pref = 1,
                              .med = 2,
                              .add = {3, 4},
                              .add_count = 2,
                              .remove = {5},
                              .remove_count = 1,
                              .prepend = 6,
                              .drop_communities = true,
                              .has_med = true};
    event = (struct event){.kind = EVENT_POLICY, .policy = {1, true, edit}};
    read = again(&event);
    CHECK(read->policy.export && route_edit_same(&read->policy.edit, &edit));
}

static void what_is_the_tables_and_the_vpcs_comes_back(void)
{
    struct event events[] = {
        {.kind = EVENT_HALT, .halt = {{1, 0}, 4, {(const uint8_t *)"bye", 3}}},
        {.kind = EVENT_BOOT, .boot = {0xfedcba9876543210u, 120}},
        {.kind = EVENT_INTERFACE, .interface = {3, ip("10.0.0.1"), 24, true}},
        {.kind = EVENT_ROUTE_SET,
         .route = {net("10.0.0.0/8"), ROUTE_DHCP, 9, ip("10.0.0.1"), 2, true, true, true, 7, 8}},
        {.kind = EVENT_STATIC_VPN, .static_vpn = {1, 2, net("10.0.0.0/8"), true}},
        {.kind = EVENT_ENDPOINT, .endpoint = {1, ip("203.0.113.1"), true}},
        {.kind = EVENT_VPC, .vpc = {1, 100, 50}},
        {.kind = EVENT_VPC_ROUTE,
         .vpc_part = {.vpc = 1,
                      .table = 2,
                      .prefix = net("10.3.0.0/16"),
                      .target = {4, VPC_TO_PEERING},
                      .present = true}},
        {.kind = EVENT_VPC_PEERING,
         .vpc_part = {.vpc = 1, .peering = {5, 1, true, {net("10.4.0.0/16")}}}}};
    const struct event_halt *halt = &again(&events[0])->halt;
    CHECK(halt->connection.neighbor == 1 && halt->cease == 4 && halt->text.size == 3);
    CHECK(again(&events[1])->boot.seed == events[1].boot.seed);
    CHECK(again(&events[2])->interface.len == 24 && again(&events[2])->interface.up);
    const struct event_route *route = &again(&events[3])->route;
    CHECK(route->source == ROUTE_DHCP && route->tag == 9 && route->gateway == ip("10.0.0.1"));
    CHECK(route->interface == 2 && route->discard && route->has_distance && route->has_metric);
    CHECK(route->distance == 7 && route->metric == 8);
    CHECK(again(&events[4])->static_vpn.interface == 2 && again(&events[4])->static_vpn.present);
    CHECK(again(&events[5])->endpoint.addr == ip("203.0.113.1"));
    CHECK(again(&events[6])->vpc.propagated_limit == 50);
    CHECK(again(&events[7])->vpc_part.target.kind == VPC_TO_PEERING);
    const struct vpc_peering *peering = &again(&events[8])->vpc_part.peering;
    CHECK(peering->id == 5 && peering->active &&
          prefix_equal(peering->cidrs[0], net("10.4.0.0/16")));
}

static void bytes_that_are_cut_or_too_many_are_no_event(void)
{
    struct event event = {.kind = EVENT_ENDPOINT, .endpoint = {1, ip("203.0.113.1"), true}}, read;
    struct writer writer = writer_over(bytes, sizeof bytes);
    event_encode(&event, &writer);
    for (size_t size = 0; size < writer.size; size++)
        CHECK(!event_decode((struct slice){bytes, size}, &arena, &read));
    CHECK(event_decode((struct slice){bytes, writer.size}, &arena, &read));
    bytes[writer.size] = 0;
    CHECK(!event_decode((struct slice){bytes, writer.size + 1}, &arena, &read));
}

static const char *objection(struct event event)
{
    event.at_us = gate.now_us;
    const char *said = event_objection(gate.engine, &event);
    return said ? said : "none";
}

static void what_no_driver_says_is_objected_to(void)
{
    gate_start();
    CHECK_TEXT(objection((struct event){.kind = EVENT_BOOT}), "the engine has started already");
    CHECK_TEXT(objection((struct event){.kind = EVENT_TIME}), "none");
    CHECK_TEXT(objection((struct event){.kind = EVENT_BFD_TIME}), "none");
    CHECK_TEXT(objection((struct event){.kind = EVENT_START, .connection = {1, 0}}),
               "a neighbor is not there");
    CHECK_TEXT(objection((struct event){.kind = EVENT_ATTACHMENT, .attachment = {.attachment = 2}}),
               "an attachment's number is not the next one");
    CHECK_TEXT(objection((struct event){.kind = EVENT_FILTER, .filter = {.attachment = 1}}),
               "an attachment is not there");
    CHECK_TEXT(objection((struct event){.kind = EVENT_ENDPOINT, .endpoint = {1, 5, false}}),
               "an endpoint is taken away that is not there");
    CHECK_TEXT(objection((struct event){.kind = EVENT_VPC_CIDR, .vpc_part = {.vpc = 1}}),
               "a part belongs to a VPC that is not there");
    CHECK_TEXT(objection((struct event){.kind = EVENT_INTERFACE}), "an interface has no number");
    gate_vpn(1, 65001);
    CHECK_TEXT(objection((struct event){.kind = EVENT_START, .connection = {1, 0}}), "none");
    struct event late = {.kind = EVENT_TIME, .at_us = gate.now_us - 1};
    gate.now_us = 10 * S;
    rig_step(&gate, &(struct event){.kind = EVENT_TIME});
    CHECK_TEXT(event_objection(gate.engine, &late), "time runs backwards");
    gate_finish();
}

/* It stands in the header of every segment: when a table changes, this figure does. */
static void tables_have_a_digest(void)
{
    CHECK(event_tables() != 0);
    CHECK(event_tables() == event_tables());
    harness_digest("tables", event_tables());
}

int main(void)
{
    budget_init(&budget, memory_alloc(&memory), 0);
    arena_init(&arena, &budget, 4096);
    TEST(what_a_neighbor_is_comes_back);
    TEST(an_attachment_comes_back);
    TEST(what_was_received_comes_back_as_it_is);
    TEST(arrays_come_back);
    TEST(what_is_the_tables_and_the_vpcs_comes_back);
    TEST(bytes_that_are_cut_or_too_many_are_no_event);
    TEST(what_no_driver_says_is_objected_to);
    TEST(tables_have_a_digest);
    arena_done(&arena);
    return harness_done();
}
