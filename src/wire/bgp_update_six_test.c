/* Routes of IPv6: MP_REACH_NLRI and MP_UNREACH_NLRI as RFC 4760 draws them. */
#include "tests/harness.h"
#include "wire/bgp_attr.h"
#include "wire/bgp_nlri.h"
#include "wire/bgp_update.h"
#include "wire/test_bytes.h"

#define MARKER "ffffffffffffffffffffffffffffffff "

static struct prefix p(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static uint8_t space[96 << 10];

static void an_announcement_is_as_rfc_4760_has_it(void)
{
    struct bytes attributes = hex("4001 01 00 4002 06 0201 0000fc00");
    struct writer writer = writer_over(space, sizeof space);
    struct bgp_update update;
    size_t at = 0;
    CHECK(bgp_update_begin(&update, &writer));
    CHECK(bgp_update_reach(&update, slice_of(&attributes), &at));
    CHECK(bgp_update_announce(&update, p("2001:db8::/32")));
    CHECK(bgp_update_announce(&update, p("::/0")));
    CHECK_EQUAL(bgp_update_finish(&update), 67);
    CHECK(bytes_are(writer_slice(&writer),
                    MARKER "0043 02 0000 002c"
                           "900e 001b 0002 01 10 00000000000000000000000000000000 00"
                           "20 20010db8 00"
                           "4001 01 00 4002 06 0201 0000fc00"));
    CHECK_EQUAL(at, BGP_UPDATE_ATTRIBUTES_AT + BGP_REACH_NEXT_HOP_AT);
}

static void a_withdrawal_needs_no_other_attribute(void)
{
    struct writer writer = writer_over(space, sizeof space);
    struct bgp_update update;
    CHECK(bgp_update_begin(&update, &writer) && bgp_update_unreach(&update));
    CHECK(bgp_update_withdraw(&update, p("2001:db8:1::/48")));
    CHECK_EQUAL(bgp_update_finish(&update), 37);
    CHECK(bytes_are(writer_slice(&writer),
                    MARKER "0025 02 0000 000e 900f 000a 0002 01 30 20010db80001"));
}

static void the_end_of_the_table_is_an_empty_withdrawal(void)
{
    struct writer writer = writer_over(space, sizeof space);
    bgp_end_of_rib_six_encode(&writer);
    CHECK(bytes_are(writer_slice(&writer), MARKER "001e 02 0000 0007 900f 0003 0002 01"));
}

static void next_hops_of_both_families_survive_canonical_form(void)
{
    struct bgp_attrs attrs = {.present = BGP_HAS_ORIGIN | BGP_HAS_AS_PATH | BGP_HAS_NEXT_HOP,
                              .next_hop = p("2001:db8::1/128").addr};
    struct writer writer = writer_over(space, sizeof space);
    bgp_attrs_encode_canonical(&attrs, &writer);
    CHECK(bytes_are(writer_slice(&writer),
                    "4001 01 00 4002 00 4003 10 20010db8000000000000000000000001"));
    struct bgp_attrs found;
    bgp_attrs_decode_canonical(writer_slice(&writer), &found);
    CHECK(found.next_hop == attrs.next_hop);
    struct bgp_export export = {.own_as = 64512, .external = true, .as4 = true, .six = true};
    uint8_t bytes[64];
    struct writer exported = writer_over(bytes, sizeof bytes);
    size_t next_hop;
    CHECK(bgp_attrs_encode_export(writer_slice(&writer), &export, &exported, &next_hop));
    CHECK(bytes_are(writer_slice(&exported), "4001 01 00 4002 06 0201 0000fc00"));
}

enum { ROUTES = 2000 };

static struct prefix sent[ROUTES];
static size_t withdrawn_seen, announced_seen;

static void field_agrees(struct slice field, size_t *seen)
{
    struct cursor cursor = cursor_over(field);
    struct prefix found;
    while (bgp_nlri_next(&cursor, true, &found))
        CHECK(*seen < ROUTES && prefix_equal(found, sent[(*seen)++]));
    CHECK(!cursor.failed);
}

/* As the intake reads them, from one message after the other. */
static void messages_agree(struct slice stream)
{
    static struct bgp_attr_room decoded;
    struct bgp_frame frame;
    struct bgp_error error;
    while (stream.size > 0) {
        CHECK_EQUAL(bgp_frame(stream, &frame, &error), BGP_FRAME_WHOLE);
        struct bgp_update_fields fields;
        CHECK(bgp_update_split(frame.body, &fields, &error));
        CHECK(fields.withdrawn.size == 0 && fields.nlri.size == 0);
        struct bgp_attrs attrs;
        struct bgp_attr_facts facts = {.as4 = true, .external = true};
        CHECK_EQUAL(bgp_attrs_decode(fields.attributes, facts, &decoded, &attrs).class,
                    BGP_ATTR_OK);
        if (attrs.present & BGP_HAS_MP_REACH) {
            CHECK(attrs.mp_reach.afi == BGP_AFI_IPV6 && attrs.mp_reach.safi == BGP_SAFI_UNICAST);
            CHECK_EQUAL(attrs.mp_reach.next_hop.size, 16);
            CHECK_EQUAL(attrs.as_path.size, 6);
            field_agrees(attrs.mp_reach.nlri, &announced_seen);
        } else {
            CHECK(attrs.present == BGP_HAS_MP_UNREACH);
            field_agrees(attrs.mp_unreach.nlri, &withdrawn_seen);
        }
        stream.data += frame.size_bytes;
        stream.size -= frame.size_bytes;
    }
}

static void write_all(struct writer *writer, struct slice attributes)
{
    size_t withdrawn = 0, announced = 0, at;
    while (withdrawn < ROUTES || announced < ROUTES) {
        struct bgp_update update;
        CHECK(bgp_update_begin(&update, writer));
        if (withdrawn < ROUTES) {
            CHECK(bgp_update_unreach(&update));
            while (withdrawn < ROUTES && bgp_update_withdraw(&update, sent[withdrawn]))
                withdrawn++;
        } else {
            CHECK(bgp_update_reach(&update, attributes, &at));
            while (announced < ROUTES && bgp_update_announce(&update, sent[announced]))
                announced++;
        }
        CHECK(bgp_update_finish(&update) <= BGP_MESSAGE_MAX);
    }
}

static void random_tables_come_back(void)
{
    struct bytes attributes = hex("4001 01 00 4002 06 0201 0000fc00");
    struct prng prng = prng_seed(4760);
    for (int round = 0; round < 20; round++) {
        struct writer writer = writer_over(space, sizeof space);
        for (size_t i = 0; i < ROUTES; i++) {
            uint8_t len = (uint8_t)prng_below(&prng, 129);
            ip_addr addr = (ip_addr)prng_next(&prng) << 64 | prng_next(&prng);
            sent[i] = prefix_make(true, addr, len);
        }
        withdrawn_seen = announced_seen = 0;
        write_all(&writer, slice_of(&attributes));
        CHECK(!writer.failed);
        messages_agree(writer_slice(&writer));
        CHECK(withdrawn_seen == ROUTES && announced_seen == ROUTES);
    }
}

int main(void)
{
    TEST(an_announcement_is_as_rfc_4760_has_it);
    TEST(a_withdrawal_needs_no_other_attribute);
    TEST(the_end_of_the_table_is_an_empty_withdrawal);
    TEST(next_hops_of_both_families_survive_canonical_form);
    TEST(random_tables_come_back);
    return harness_done();
}
