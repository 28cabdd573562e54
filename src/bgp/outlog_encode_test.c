#include "bgp/outlog_rig.h"
#include "tests/abort.h"

static const struct rig_attrs plain = {.path = {65001}, .next_hop = 0x0a000001};
static struct source_id one, two;
static struct listener first, second;

enum { NEXT_HOP_1 = 0xa9fe0101, NEXT_HOP_2 = 0xa9fe0201 };

static void start(void)
{
    rig_log_start(1 << 16);
    one = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    two = rig_source(SOURCE_VPN_BGP, 2, 65002, 2);
    first = second = (struct listener){.as4 = true};
}

static void announce(struct source_id source, unsigned from, unsigned end, struct rig_attrs attrs)
{
    for (unsigned i = from; i < end; i++)
        CHECK(rig_announce(source, rig_nth(i), attrs) <= RIB_SAME);
}

static void every_member_gets_its_own_next_hop_from_one_encoding(void)
{
    start();
    uint32_t a = rig_join(8, NEXT_HOP_1), b = rig_join(9, NEXT_HOP_2);
    announce(one, 0, 10, plain);
    rig_log_round();
    uint64_t encoded = rig_log.encoded_bytes;
    rig_drain(&first, a, 4096);
    rig_drain(&second, b, 4096);
    CHECK(first.announced == 10 && second.announced == 10);
    CHECK_EQUAL(first.updates, 1);
    CHECK(first.table[3].next_hop == NEXT_HOP_1 && second.table[3].next_hop == NEXT_HOP_2);
    CHECK_EQUAL((int64_t)rig_log.encoded_bytes, (int64_t)encoded);
    CHECK(encoded < 120);
    rig_log_finish();
}

static void a_route_does_not_return_to_its_attachment(void)
{
    start();
    uint32_t a = rig_join(1, NEXT_HOP_1), b = rig_join(2, NEXT_HOP_2);
    announce(one, 0, 10, plain);
    announce(two, 10, 20, plain);
    rig_log_round();
    rig_drain(&first, a, 4096);
    rig_drain(&second, b, 4096);
    for (unsigned i = 0; i < 20; i++) {
        CHECK_EQUAL(first.table[i].present, i >= 10);
        CHECK_EQUAL(second.table[i].present, i < 10);
    }
    rig_log_finish();
}

static void withdrawals_come_first_and_by_address(void)
{
    start();
    uint32_t a = rig_join(8, NEXT_HOP_1);
    for (unsigned i = 0; i < 100; i++)
        announce(one, (i * 37) % 100, (i * 37) % 100 + 1, plain);
    rig_log_round();
    rig_drain(&first, a, 4096);
    announce(two, 200, 201, plain);
    for (unsigned i = 0; i < 100; i++)
        CHECK_EQUAL(rib_withdraw(&rig, one, rig_nth((i * 53) % 100)), RIB_REMOVED);
    rig_log_round();
    static uint8_t buffer[1 << 14];
    size_t size = outlog_pull(&rig_log, a, buffer, sizeof buffer);
    struct bgp_frame frame;
    struct bgp_error error;
    struct bgp_update_fields fields;
    CHECK_EQUAL(bgp_frame((struct slice){buffer, size}, &frame, &error), BGP_FRAME_WHOLE);
    CHECK(bgp_update_split(frame.body, &fields, &error));
    CHECK(fields.nlri.size == 0 && fields.attributes.size == 0);
    struct cursor cursor = cursor_over(fields.withdrawn);
    struct prefix prefix;
    for (unsigned i = 0; i < 100; i++)
        CHECK(bgp_nlri_next(&cursor, false, &prefix) && prefix_equal(prefix, rig_nth(i)));
    CHECK(!bgp_nlri_next(&cursor, false, &prefix) && frame.size_bytes < size);
    rig_log_finish();
}

/* 400 prefixes of 4 bytes in messages of 4096: one for each attribute set, whatever the order in
 * which they came. */
static void messages_are_filled_by_attribute_set(void)
{
    start();
    uint32_t a = rig_join(8, NEXT_HOP_1);
    struct rig_attrs sets[3] = {plain, plain, plain};
    sets[1].path[1] = 7;
    sets[2].path[1] = 8;
    for (unsigned i = 0; i < RIG_PREFIXES; i++)
        announce(one, i, i + 1, sets[i % 3]);
    rig_log_round();
    rig_drain(&first, a, 4096);
    CHECK_EQUAL(first.announced, RIG_PREFIXES);
    CHECK_EQUAL(first.updates, 3);
    rig_log_finish();
}

static void a_full_message_is_followed_by_another(void)
{
    start();
    uint32_t a = rig_join(8, NEXT_HOP_1);
    struct rig_attrs attrs = plain;
    enum { MANY = 3000 };
    for (unsigned i = 0; i < MANY; i++) {
        struct prefix prefix = prefix_around(0x0b000000 + i, 32);
        CHECK_EQUAL(rig_announce(one, prefix, attrs), RIB_ADDED);
    }
    rig_log_round();
    static uint8_t buffer[1 << 16];
    size_t size = outlog_pull(&rig_log, a, buffer, sizeof buffer), at = 0;
    unsigned messages = 0, prefixes = 0;
    while (at < size) {
        struct bgp_frame frame;
        struct bgp_error error;
        struct bgp_update_fields fields;
        CHECK_EQUAL(bgp_frame((struct slice){buffer + at, size - at}, &frame, &error),
                    BGP_FRAME_WHOLE);
        CHECK(bgp_update_split(frame.body, &fields, &error));
        prefixes += (unsigned)fields.nlri.size / 5;
        at += frame.size_bytes;
        messages++;
        CHECK(frame.size_bytes > 4090 || at == size);
    }
    CHECK_EQUAL(prefixes, MANY);
    CHECK_EQUAL(messages, 4);
    rig_log_finish();
}

static void groups_differ_in_as_form_and_med(void)
{
    start();
    struct outlog_spec spec = rig_spec;
    spec.policy.as4 = false;
    spec.policy.has_med = true;
    spec.policy.med = 100;
    uint32_t a = outlog_join(&rig_log, &spec), b = rig_join(9, NEXT_HOP_2);
    CHECK_EQUAL(outlog_counts(&rig_log).groups, 2);
    struct rig_attrs attrs = plain;
    attrs.path[1] = 4200000000u;
    attrs.has_med = true;
    attrs.med = 7; /* received: not passed on */
    announce(one, 0, 1, attrs);
    rig_log_round();
    first.as4 = false;
    rig_drain(&first, a, 4096);
    rig_drain(&second, b, 4096);
    CHECK(first.table[0].has_med && first.table[0].med == 100 && !second.table[0].has_med);
    CHECK_EQUAL(first.table[0].origin_as, 4200000000u);
    CHECK_EQUAL(second.table[0].origin_as, 4200000000u);
    CHECK_EQUAL(first.table[0].path_length, 3);
    rig_log_finish();
}

static void the_routes_own_next_hop_can_be_kept(void)
{
    start();
    struct outlog_spec spec = rig_spec;
    spec.policy.keep_next_hop = true;
    spec.next_hop = NEXT_HOP_1;
    uint32_t a = outlog_join(&rig_log, &spec);
    announce(one, 0, 1, plain);
    rig_log_round();
    rig_drain(&first, a, 4096);
    CHECK_EQUAL(first.table[0].next_hop, plain.next_hop);
    uint32_t late = outlog_join(&rig_log, &spec);
    rig_drain(&second, late, 4096);
    CHECK_EQUAL(second.table[0].next_hop, plain.next_hop);
    rig_log_finish();
}

/* RFC 4271 9.2: attributes that do not fit are not announced; and what was told before is void. */
static void attributes_that_do_not_fit_withdraw_the_route(void)
{
    start();
    uint32_t a = rig_join(8, NEXT_HOP_1);
    announce(one, 0, 2, plain);
    rig_log_round();
    rig_drain(&first, a, 4096);
    static uint8_t bytes[4200];
    struct writer writer = writer_over(bytes, sizeof bytes);
    const uint8_t head[] = {0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 4, 10, 0, 0, 1, 0xd0, 8};
    writer_bytes(&writer, (struct slice){head, sizeof head});
    writer_u16(&writer, 4096);
    for (unsigned i = 0; i < 1024; i++)
        writer_u32(&writer, i);
    struct attr_id attr = attr_intern(&rig.attrs, writer_slice(&writer));
    CHECK_EQUAL(rib_announce(&rig, one, rig_nth(0), attr, REASON_NONE), RIB_REPLACED);
    attr_unref(&rig.attrs, attr);
    rig_log_round();
    rig_drain(&first, a, 4096);
    CHECK(!first.table[0].present && first.table[1].present);
    uint32_t late = rig_join(9, NEXT_HOP_2);
    rig_drain(&second, late, 4096);
    CHECK(!second.table[0].present && second.table[1].present);
    CHECK_EQUAL(second.announced, 1);
    rig_log_finish();
}

static void encode_twice(void *ctx)
{
    (void)ctx;
    outlog_encode(&rig_log);
    outlog_encode(&rig_log);
}

static void a_batch_is_encoded_once(void)
{
    start();
    CHECK(rig_join(8, NEXT_HOP_1) != 0);
    announce(one, 0, 1, plain);
    CHECK_EQUAL(rib_settle(&rig), 1);
    CHECK(aborts(encode_twice, NULL));
    outlog_encode(&rig_log);
    rib_settled(&rig);
    rig_log_finish();
}

int main(void)
{
    TEST(every_member_gets_its_own_next_hop_from_one_encoding);
    TEST(a_route_does_not_return_to_its_attachment);
    TEST(withdrawals_come_first_and_by_address);
    TEST(messages_are_filled_by_attribute_set);
    TEST(a_full_message_is_followed_by_another);
    TEST(groups_differ_in_as_form_and_med);
    TEST(the_routes_own_next_hop_can_be_kept);
    TEST(attributes_that_do_not_fit_withdraw_the_route);
    TEST(a_batch_is_encoded_once);
    return harness_done();
}
