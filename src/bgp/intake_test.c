#include "base/prng.h"
#include "bgp/intake.h"
#include "tests/harness.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_nlri.h"
#include "wire/bgp_update.h"

#include <stdlib.h>

static struct intake_room room;
static struct intake intake;

static const struct intake_facts VPN = {.peer_as = 65000,
                                        .local_addr = 0xa9fefc1e,
                                        .external = true,
                                        .four_octet_as = true,
                                        .enforce_first_as = true};

#define BYTES(...) ((struct slice){(const uint8_t[]){__VA_ARGS__}, sizeof(uint8_t[]){__VA_ARGS__}})

/* ORIGIN IGP, AS_PATH 65000 (four octets), NEXT_HOP 169.254.252.29 */
#define ORIGIN_IGP 0x40, 1, 1, 0
#define PATH_65000 0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xe8
#define NEXT_HOP   0x40, 3, 4, 169, 254, 252, 29
#define GOOD       ORIGIN_IGP, PATH_65000, NEXT_HOP

static struct slice update(struct slice withdrawn, struct slice attributes, struct slice nlri)
{
    static uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    for (unsigned i = 0; i < BGP_MARKER_BYTES; i++)
        writer_u8(&writer, 0xff);
    writer_u16(&writer, (uint16_t)(BGP_UPDATE_MIN + withdrawn.size + attributes.size + nlri.size));
    writer_u8(&writer, BGP_UPDATE);
    writer_u16(&writer, (uint16_t)withdrawn.size);
    writer_bytes(&writer, withdrawn);
    writer_u16(&writer, (uint16_t)attributes.size);
    writer_bytes(&writer, attributes);
    writer_bytes(&writer, nlri);
    CHECK(!writer.failed);
    return writer_slice(&writer);
}

static const struct slice NONE = {0};

static void take(const struct intake_facts *facts, struct slice withdrawn, struct slice attributes,
                 struct slice nlri)
{
    intake_update(facts, update(withdrawn, attributes, nlri), &room, &intake);
}

static void routes_come_through(void)
{
    take(&VPN, BYTES(16, 10, 20), BYTES(GOOD), BYTES(0, 24, 10, 30, 1));
    CHECK_EQUAL(intake.verdict, INTAKE_ROUTES);
    CHECK_EQUAL(intake.flaw.class, BGP_ATTR_OK);
    CHECK_EQUAL(intake.refusal, REASON_NONE);
    CHECK_EQUAL((int64_t)intake.withdrawn_count, 1);
    CHECK_EQUAL((int64_t)intake.announced_count, 2);
    struct cursor cursor = cursor_over(intake.announced);
    struct prefix prefix;
    CHECK(bgp_nlri_next(&cursor, false, &prefix) && prefix.addr == 0 && prefix.len == 0);
    CHECK(bgp_nlri_next(&cursor, false, &prefix) && prefix.addr == 0x0a1e0100 && prefix.len == 24);
    CHECK(!bgp_nlri_next(&cursor, false, &prefix));
    CHECK(slice_equal(intake.attributes, BYTES(GOOD)));
    CHECK(slice_equal(intake.section, intake.attributes)); /* bytes that stand for themselves */
}

static void order_and_length_forms_do_not_matter(void)
{
    take(&VPN, NONE, BYTES(NEXT_HOP, 0x50, 2, 0, 6, 2, 1, 0, 0, 0xfd, 0xe8, ORIGIN_IGP), BYTES(0));
    CHECK_EQUAL(intake.verdict, INTAKE_ROUTES);
    CHECK(slice_equal(intake.attributes, BYTES(GOOD)));
}

static void two_octet_paths_are_widened(void) /* RFC 6793 */
{
    struct intake_facts facts = VPN;
    facts.four_octet_as = false;
    take(&facts, NONE, BYTES(ORIGIN_IGP, 0x40, 2, 4, 2, 1, 0xfd, 0xe8, NEXT_HOP), BYTES(0));
    CHECK_EQUAL(intake.verdict, INTAKE_ROUTES);
    CHECK(slice_equal(intake.attributes, BYTES(GOOD)));
    CHECK(!slice_equal(intake.section, intake.attributes));
}

static void withdrawals_need_no_attributes(void)
{
    take(&VPN, BYTES(32, 10, 0, 0, 1, 8, 11), NONE, NONE);
    CHECK_EQUAL(intake.verdict, INTAKE_ROUTES);
    CHECK_EQUAL((int64_t)intake.withdrawn_count, 2);
    CHECK_EQUAL((int64_t)intake.announced_count, 0);
    CHECK_EQUAL((int64_t)intake.attributes.size, 0);
}

static void attributes_without_prefixes_are_nothing(void)
{
    take(&VPN, NONE, BYTES(GOOD), NONE);
    CHECK_EQUAL(intake.verdict, INTAKE_ROUTES);
    CHECK(intake.announced.size == 0 && intake.attributes.size == 0);
}

static void end_of_rib_is_recognized(void) /* RFC 4724 2 */
{
    take(&VPN, NONE, NONE, NONE);
    CHECK_EQUAL(intake.verdict, INTAKE_END_OF_RIB);
}

static void attribute_discard_keeps_the_routes(void) /* RFC 7606 7.5 */
{
    take(&VPN, NONE, BYTES(GOOD, 0x40, 5, 4, 0, 0, 0, 200), BYTES(0));
    CHECK_EQUAL(intake.verdict, INTAKE_ROUTES);
    CHECK_EQUAL(intake.flaw.class, BGP_ATTR_DISCARD);
    CHECK_EQUAL(intake.flaw.type, 5);
    CHECK(slice_equal(intake.attributes, BYTES(GOOD)));
    struct intake_facts internal = VPN;
    internal.external = false;
    take(&internal, NONE, BYTES(GOOD, 0x40, 5, 4, 0, 0, 0, 200), BYTES(0));
    CHECK_EQUAL(intake.flaw.class, BGP_ATTR_OK);
    CHECK_EQUAL((int64_t)intake.attributes.size, 20 + 7);
}

static void a_broken_attribute_costs_its_routes_only(void) /* RFC 7606 2: treat-as-withdraw */
{
    struct slice sections[] = {
        BYTES(0x40, 1, 1, 3, PATH_65000, NEXT_HOP),                /* origin 3 */
        BYTES(PATH_65000, NEXT_HOP),                               /* no origin */
        BYTES(ORIGIN_IGP, PATH_65000),                             /* no next hop */
        BYTES(ORIGIN_IGP, 0x40, 2, 5, 2, 1, 0, 0, 0xfd, NEXT_HOP), /* path cut short */
        BYTES(GOOD, 0xc0, 8, 3, 1, 2, 3),                          /* three bytes of community */
        BYTES(GOOD, 0x80, 4, 200),                                 /* runs past the section */
        BYTES(ORIGIN_IGP, PATH_65000, 0x40, 3, 4, 224, 0, 0, 1),   /* multicast next hop */
    };
    for (unsigned i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        take(&VPN, BYTES(8, 11), sections[i], BYTES(16, 10, 1));
        CHECK_EQUAL(intake.verdict, INTAKE_WITHDRAW);
        CHECK_EQUAL(intake.flaw.class, BGP_ATTR_TREAT_AS_WITHDRAW);
        CHECK(intake.flaw.fault != BGP_FAULT_NONE);
        CHECK_EQUAL((int64_t)intake.announced_count, 1);
        CHECK_EQUAL((int64_t)intake.withdrawn_count, 1);
        CHECK_EQUAL((int64_t)intake.attributes.size, 0);
    }
}

static void prefixes_that_cannot_be_told_reset(void) /* RFC 7606 3 j, 5.3 */
{
    struct slice broken[] = {BYTES(33, 1, 2, 3, 4, 5), BYTES(24, 10, 1), BYTES(8, 10, 32)};
    for (unsigned i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        take(&VPN, NONE, BYTES(GOOD), broken[i]);
        CHECK_EQUAL(intake.verdict, INTAKE_RESET);
        CHECK(intake.error.code == BGP_ERROR_UPDATE && intake.error.subcode == BGP_UPDATE_NETWORK);
        take(&VPN, broken[i], BYTES(GOOD), BYTES(0));
        CHECK_EQUAL(intake.verdict, INTAKE_RESET);
        CHECK(intake.error.code == BGP_ERROR_UPDATE && intake.error.subcode == BGP_UPDATE_NETWORK);
    }
}

static void contradicting_lengths_reset(void) /* RFC 4271 6.3: 3/1 */
{
    uint8_t bytes[BGP_UPDATE_MIN + 4];
    memcpy(bytes, update(BYTES(16, 10, 1), NONE, BYTES(0)).data, sizeof bytes);
    bytes[20] = 9;
    intake_update(&VPN, (struct slice){bytes, sizeof bytes}, &room, &intake);
    CHECK_EQUAL(intake.verdict, INTAKE_RESET);
    CHECK(intake.error.code == BGP_ERROR_UPDATE && intake.error.subcode == 1);
}

static void an_unknown_well_known_attribute_resets(void) /* RFC 4271 6.3: 3/2 */
{
    take(&VPN, NONE, BYTES(GOOD, 0x40, 99, 1, 7), BYTES(0));
    CHECK_EQUAL(intake.verdict, INTAKE_RESET);
    CHECK(intake.error.code == BGP_ERROR_UPDATE && intake.error.subcode == 2);
    CHECK(slice_equal(intake.error.data, BYTES(0x40, 99, 1, 7)));
}

static void the_first_as_is_the_neighbors(void)
{
    struct intake_facts facts = VPN;
    facts.peer_as = 65001;
    take(&facts, NONE, BYTES(GOOD), BYTES(0));
    CHECK_EQUAL(intake.verdict, INTAKE_ROUTES);
    CHECK_EQUAL(intake.refusal, REASON_FIRST_AS);
    CHECK(slice_equal(intake.attributes, BYTES(GOOD))); /* kept, to be shown as refused */
    facts.enforce_first_as = false;
    take(&facts, NONE, BYTES(GOOD), BYTES(0));
    CHECK_EQUAL(intake.refusal, REASON_NONE);
    facts.enforce_first_as = true;
    facts.external = false;
    take(&facts, NONE, BYTES(GOOD), BYTES(0));
    CHECK_EQUAL(intake.refusal, REASON_NONE);
    take(&VPN, NONE, BYTES(ORIGIN_IGP, 0x40, 2, 0, NEXT_HOP), BYTES(0)); /* an empty path */
    CHECK_EQUAL(intake.refusal, REASON_FIRST_AS);
}

static void our_own_address_is_no_next_hop(void) /* RFC 4271 5.1.3 */
{
    take(&VPN, NONE, BYTES(ORIGIN_IGP, PATH_65000, 0x40, 3, 4, 169, 254, 252, 30), BYTES(0));
    CHECK_EQUAL(intake.verdict, INTAKE_ROUTES);
    CHECK_EQUAL(intake.refusal, REASON_NEXT_HOP);
}

/* Whatever comes: what is let through is whole and canonical. */
static void judge_anything(const struct intake_facts *facts, struct slice message)
{
    intake_update(facts, message, &room, &intake);
    struct cursor cursor = cursor_over(intake.announced);
    struct prefix prefix;
    size_t count = 0;
    switch (intake.verdict) {
    case INTAKE_RESET:
        CHECK(intake.error.code == BGP_ERROR_UPDATE);
        return;
    case INTAKE_END_OF_RIB:
        CHECK_EQUAL((int64_t)message.size, BGP_UPDATE_MIN);
        return;
    case INTAKE_WITHDRAW:
    case INTAKE_ROUTES:
        while (bgp_nlri_next(&cursor, false, &prefix))
            count++;
        CHECK(!cursor.failed && count == intake.announced_count);
        break;
    }
    if (intake.attributes.size == 0)
        return;
    struct bgp_attrs attrs;
    uint8_t again[BGP_CANONICAL_MAX];
    struct writer writer = writer_over(again, sizeof again);
    bgp_attrs_decode_canonical(intake.attributes, &attrs);
    bgp_attrs_encode_canonical(&attrs, &writer);
    CHECK(slice_equal(writer_slice(&writer), intake.attributes));
}

static void mutations_never_get_through_broken(void)
{
    struct prng prng = prng_seed(41);
    for (unsigned i = 0; i < 200000; i++) {
        struct slice good =
            update(BYTES(16, 10, 20), BYTES(GOOD, 0xc0, 8, 4, 0x1c, 0x38, 0x1c, 0x84),
                   BYTES(0, 24, 10, 30, 1, 32, 10, 1, 1, 1));
        uint8_t bytes[BGP_MESSAGE_MAX];
        memcpy(bytes, good.data, good.size);
        for (uint64_t n = 1 + prng_below(&prng, 4); n > 0; n--)
            bytes[19 + prng_below(&prng, good.size - 19)] = (uint8_t)prng_next(&prng);
        struct intake_facts facts = VPN;
        facts.four_octet_as = prng_below(&prng, 2);
        facts.external = prng_below(&prng, 2);
        judge_anything(&facts, (struct slice){bytes, good.size});
    }
}

static void random_bodies_never_crash(void)
{
    struct prng prng = prng_seed(42);
    for (unsigned i = 0; i < 50000; i++) {
        uint8_t bytes[120];
        size_t size = BGP_UPDATE_MIN + prng_below(&prng, sizeof bytes - BGP_UPDATE_MIN);
        for (size_t at = 0; at < size; at++)
            bytes[at] = (uint8_t)(prng_below(&prng, 3) ? prng_below(&prng, 8) : prng_next(&prng));
        judge_anything(&VPN, (struct slice){bytes, size});
    }
}

int main(void)
{
    TEST(routes_come_through);
    TEST(order_and_length_forms_do_not_matter);
    TEST(two_octet_paths_are_widened);
    TEST(withdrawals_need_no_attributes);
    TEST(attributes_without_prefixes_are_nothing);
    TEST(end_of_rib_is_recognized);
    TEST(attribute_discard_keeps_the_routes);
    TEST(a_broken_attribute_costs_its_routes_only);
    TEST(prefixes_that_cannot_be_told_reset);
    TEST(contradicting_lengths_reset);
    TEST(an_unknown_well_known_attribute_resets);
    TEST(the_first_as_is_the_neighbors);
    TEST(our_own_address_is_no_next_hop);
    TEST(mutations_never_get_through_broken);
    TEST(random_bodies_never_crash);
    return harness_done();
}
