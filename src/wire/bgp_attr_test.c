/* One test a rule of RFC 7606 and of the RFCs behind it. Attributes are written by hand: flags,
 * code, value. Random ones are in bgp_canonical_test.c. */
#include "tests/harness.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_attr.h"
#include "wire/test_bytes.h"

enum { W = 0x40, O = 0x80, OT = 0xc0 }; /* well-known, optional, optional transitive */

static const struct bgp_attr_facts external = {.as4 = true, .external = true, .nlri = true};
static const struct bgp_attr_facts internal = {.as4 = true, .external = false, .nlri = true};
static const struct bgp_attr_facts old_speaker = {.as4 = false, .external = true, .nlri = true};
static const struct bgp_attr_facts no_nlri = {.as4 = true, .external = true, .nlri = false};

/* What the last decode found. */
static struct bytes section;
static struct bgp_attr_room room;
static struct bgp_attrs attrs;
static struct bgp_attr_verdict verdict;

static void decode(const struct bytes *bytes, struct bgp_attr_facts facts)
{
    section = *bytes;
    memset(&room, 0xee, sizeof room);
    memset(&attrs, 0xee, sizeof attrs);
    verdict = bgp_attrs_decode(slice_of(&section), facts, &room, &attrs);
}

/* Was the last one judged so, for this attribute? */
static bool judged(enum bgp_attr_class class, enum bgp_attr_fault fault, uint8_t type)
{
    return verdict.class == class && verdict.fault == fault && verdict.type == type;
}

static bool withdraws(enum bgp_attr_fault fault, uint8_t type)
{
    return judged(BGP_ATTR_TREAT_AS_WITHDRAW, fault, type);
}

static bool discards(enum bgp_attr_fault fault, uint8_t type)
{
    return judged(BGP_ATTR_DISCARD, fault, type);
}

static bool resets(enum bgp_attr_fault fault, uint8_t type, uint8_t subcode)
{
    return judged(BGP_ATTR_SESSION_RESET, fault, type) && verdict.error.code == BGP_ERROR_UPDATE &&
           verdict.error.subcode == subcode;
}

/* The mandatory attributes but one (0: all of them): IGP, path 65001, next hop 10.0.0.1. */
static struct bytes mandatory_but(uint8_t without, bool as4)
{
    struct bytes bytes = {.size = 0};
    if (without != 1)
        put_attr_hex(&bytes, W, 1, "00");
    if (without != 2)
        put_attr_hex(&bytes, W, 2, as4 ? "0201 0000fde9" : "0201 fde9");
    if (without != 3)
        put_attr_hex(&bytes, W, 3, "0a000001");
    return bytes;
}

/* Decodes the mandatory attributes with one more or one other. */
static void decode_with(uint8_t flags, uint8_t code, const char *value, struct bgp_attr_facts facts)
{
    struct bytes bytes = mandatory_but(code, facts.as4);
    put_attr_hex(&bytes, flags, code, value);
    decode(&bytes, facts);
}

/* A right value of every attribute of the table, for a four-octet session. */
static const struct sample {
    uint8_t code;
    uint8_t flags;
    const char *value;
} samples[] = {
    {1, W, "00"},
    {2, W, "0201 0000fde9"},
    {3, W, "0a000001"},
    {4, O, "00000064"},
    {5, W, "00000064"},
    {6, W, ""},
    {7, OT, "0000fde9 0a000001"},
    {8, OT, "fde90001"},
    {9, O, "0a000001"},
    {10, O, "0a000001"},
    {14, O, "0002 01 10 20010db8000000000000000000000001 00 20 20010db8"},
    {15, O, "0002 01 20 20010db8"},
    {16, OT, "0002fde900000064"},
    {17, OT, "0201 00010001"},
    {18, OT, "00010001 0a000001"},
    {32, OT, "0000fde9 00000001 00000002"},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

/* ---- what is right ---- */

static void every_attribute_by_hand(void)
{
    struct bytes bytes = hex("400101 02"
                             "400206 0201 0000fde9"
                             "400304 0a000001"
                             "800404 00000064"
                             "400504 000000c8"
                             "400600"
                             "c00708 0000fdea c0000201"
                             "c00808 fde90001 ffffff01"
                             "800904 0a0a0a0a"
                             "800a08 01010101 02020202"
                             "800e15 0002 01 10 20010db8000000000000000000000001 00"
                             "800f03 0002 01"
                             "c01008 0002fde900000064"
                             "c0200c 0000fde9 00000001 00000002");
    decode(&bytes, internal);
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    CHECK_EQUAL(verdict.fault_count, 0);
    CHECK_EQUAL(attrs.origin, BGP_ORIGIN_INCOMPLETE);
    CHECK(bytes_are(attrs.as_path, "0201 0000fde9"));
    CHECK_EQUAL(attrs.next_hop, 0x0a000001);
    CHECK_EQUAL(attrs.med, 100);
    CHECK_EQUAL(attrs.local_pref, 200);
    CHECK_EQUAL(attrs.aggregator_as, 65002);
    CHECK_EQUAL(attrs.aggregator, 0xc0000201);
    CHECK(bytes_are(attrs.communities, "fde90001 ffffff01"));
    CHECK(bgp_communities_contain(attrs.communities, BGP_NO_EXPORT));
    CHECK(!bgp_communities_contain(attrs.communities, BGP_NO_ADVERTISE));
    CHECK_EQUAL(attrs.originator_id, 0x0a0a0a0a);
    CHECK(bytes_are(attrs.cluster_list, "01010101 02020202"));
    CHECK_EQUAL(attrs.mp_reach.afi, 2);
    CHECK_EQUAL(attrs.mp_reach.safi, 1);
    CHECK_EQUAL((int64_t)attrs.mp_reach.next_hop.size, 16);
    CHECK_EQUAL((int64_t)attrs.mp_reach.nlri.size, 0);
    CHECK_EQUAL(attrs.mp_unreach.afi, 2);
    CHECK(bytes_are(attrs.ext_communities, "0002fde900000064"));
    CHECK(bytes_are(attrs.large_communities, "0000fde9 00000001 00000002"));
    uint32_t as4 = BGP_HAS_AS4_PATH | BGP_HAS_AS4_AGGREGATOR;
    CHECK_EQUAL(attrs.present, ((1u << BGP_ATTR_COUNT) - 1) & ~as4);
    CHECK_EQUAL(attrs.partial, 0);
}

static void every_sample_is_right(void)
{
    for (int i = 0; i < SAMPLES; i++) {
        bool as4 = samples[i].code != 17 && samples[i].code != 18;
        struct bgp_attr_facts facts = {.as4 = as4, .external = false, .nlri = true};
        if (samples[i].code != 2 || as4)
            decode_with(samples[i].flags, samples[i].code, samples[i].value, facts);
        CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
        CHECK_TEXT(bgp_attr_name(samples[i].code) ? "" : "unnamed", "");
    }
    CHECK_EQUAL(SAMPLES, BGP_ATTR_COUNT);
}

static void rfc4271_4_3_extended_length_of_a_short_value(void)
{
    decode_with(W | 0x10, 1, "01", external); /* the bit is the sender's choice */
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    CHECK_EQUAL(attrs.origin, BGP_ORIGIN_EGP);
}

static void rfc4271_4_3_unused_flag_bits_are_ignored(void)
{
    decode_with(W | 0x0f, 1, "01", external);
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    decode_with(W | 0x20, 1, "01", external); /* Partial is not among what RFC 7606 3 c judges */
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    CHECK_EQUAL(attrs.partial, 0);
}

static void rfc4271_5_partial_stays_on_optional_transitive(void)
{
    decode_with(OT | 0x20, 8, "fde90001", external);
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    CHECK_EQUAL(attrs.partial, BGP_HAS_COMMUNITIES);
    decode_with(OT | 0x20, 7, "", external); /* but not on what was discarded */
    CHECK(discards(BGP_FAULT_LENGTH, 7));
    CHECK_EQUAL(attrs.partial, 0);
}

static void rfc4271_5_1_2_an_empty_path_is_right(void)
{
    decode_with(W, 2, "", internal);
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    CHECK(attrs.present & BGP_HAS_AS_PATH);
}

/* ---- RFC 7606 section 3 ---- */

static void rfc7606_3_c_flags_in_conflict_are_treated_as_withdraw(void)
{
    for (int i = 0; i < SAMPLES; i++)
        for (int bit = 0x40; bit <= 0x80; bit *= 2) {
            uint8_t flags = (uint8_t)(samples[i].flags ^ bit);
            decode_with(flags, samples[i].code, samples[i].value, external);
            CHECK(withdraws(BGP_FAULT_FLAGS, samples[i].code));
            CHECK_EQUAL(verdict.error.subcode, BGP_UPDATE_FLAGS);
        }
    /* the routes are still to be found (3 j) */
    decode_with(OT, 14, "0002 01 04 01020304 00 20 20010db8", external);
    CHECK(withdraws(BGP_FAULT_FLAGS, 14));
    CHECK(attrs.present & BGP_HAS_MP_REACH);
    CHECK(bytes_are(attrs.mp_reach.nlri, "20 20010db8"));
}

static void rfc7606_3_d_missing_mandatory_is_treated_as_withdraw(void)
{
    for (uint8_t code = 1; code <= 3; code++) {
        struct bytes bytes = mandatory_but(code, true);
        decode(&bytes, external);
        CHECK(withdraws(BGP_FAULT_MISSING, code));
        CHECK_EQUAL(verdict.error.subcode, BGP_UPDATE_MISSING_WELL_KNOWN);
        CHECK(verdict.error.data.size == 1 && verdict.error.data.data[0] == code);
    }
    decode(&(struct bytes){.size = 0}, external);
    CHECK(withdraws(BGP_FAULT_MISSING, 1));
    CHECK_EQUAL(verdict.fault_count, 3);
}

static void rfc7606_3_d_next_hop_is_for_nlri_only(void)
{
    struct bytes bytes = mandatory_but(3, true);
    put_attr_hex(&bytes, O, 14, samples[10].value);
    decode(&bytes, no_nlri);
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    bytes = mandatory_but(2, true);
    put_attr_hex(&bytes, O, 14, samples[10].value);
    decode(&bytes, no_nlri);
    CHECK(withdraws(BGP_FAULT_MISSING, 2));
    decode(&(struct bytes){.size = 0}, no_nlri); /* withdrawals only, or End-of-RIB */
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
}

static void rfc7606_3_g_of_repeated_attributes_the_first_counts(void)
{
    struct bytes bytes = mandatory_but(0, true);
    put_attr_hex(&bytes, O, 4, "00000001");
    put_attr_hex(&bytes, O, 4, "00000002");
    decode(&bytes, external);
    CHECK(discards(BGP_FAULT_REPEATED, 4));
    CHECK_EQUAL(attrs.med, 1);
    put_attr_hex(&bytes, O, 4, "02"); /* nobody looks into the others */
    decode(&bytes, external);
    CHECK(discards(BGP_FAULT_REPEATED, 4));
    CHECK_EQUAL(verdict.fault_count, 2);
}

static void rfc7606_3_g_unknown_ones_too(void)
{
    struct bytes bytes = mandatory_but(0, true);
    put_attr_hex(&bytes, OT, 200, "01");
    put_attr_hex(&bytes, OT, 200, "02");
    decode(&bytes, external);
    CHECK(discards(BGP_FAULT_REPEATED, 200));
    CHECK(bytes_are(attrs.unknown, "e0c801 01"));
}

static void rfc7606_3_g_repeated_multiprotocol_resets(void)
{
    for (int i = 10; i <= 11; i++) {
        struct bytes bytes = mandatory_but(0, true);
        put_attr_hex(&bytes, O, samples[i].code, samples[i].value);
        put_attr_hex(&bytes, O, samples[i].code, samples[i].value);
        decode(&bytes, external);
        CHECK(resets(BGP_FAULT_REPEATED_MP, samples[i].code, BGP_UPDATE_MALFORMED_LIST));
        CHECK_EQUAL((int64_t)verdict.error.data.size, 0);
    }
}

static void rfc7606_3_h_the_strongest_action_is_taken(void)
{
    struct bytes bytes = mandatory_but(1, true);
    put_attr_hex(&bytes, W, 6, "00"); /* discard */
    put_attr_hex(&bytes, W, 1, "03"); /* withdraw */
    put_attr_hex(&bytes, O, 4, "00"); /* withdraw, but later */
    decode(&bytes, external);
    CHECK(withdraws(BGP_FAULT_ORIGIN_VALUE, 1));
    CHECK_EQUAL(verdict.fault_count, 3);
    put_attr_hex(&bytes, W, 99, "");
    put_attr_hex(&bytes, W, 98, "");
    decode(&bytes, external);
    CHECK(resets(BGP_FAULT_UNKNOWN_WELL_KNOWN, 99, BGP_UPDATE_UNRECOGNIZED_WELL_KNOWN));
}

static void rfc4271_6_3_unknown_well_known_resets(void)
{
    decode_with(W, 99, "0102", external);
    CHECK(resets(BGP_FAULT_UNKNOWN_WELL_KNOWN, 99, BGP_UPDATE_UNRECOGNIZED_WELL_KNOWN));
    CHECK(bytes_are(verdict.error.data, "40 63 02 0102"));
    decode_with(0, 99, "", external);
    CHECK(resets(BGP_FAULT_UNKNOWN_WELL_KNOWN, 99, BGP_UPDATE_UNRECOGNIZED_WELL_KNOWN));
}

/* ---- RFC 7606 section 4 ---- */

static void rfc7606_4_attribute_past_the_end_is_treated_as_withdraw(void)
{
    struct bytes bytes = mandatory_but(0, true);
    put_hex(&bytes, "800405 00000064");
    decode(&bytes, external);
    CHECK(withdraws(BGP_FAULT_OVERRUN, 4));
    CHECK_EQUAL(verdict.error.subcode, BGP_UPDATE_MALFORMED_LIST);
    bytes = mandatory_but(0, true);
    put_hex(&bytes, "9004 ffff 00000064");
    decode(&bytes, external);
    CHECK(withdraws(BGP_FAULT_OVERRUN, 4));
}

static void rfc7606_4_header_cut_off_is_treated_as_withdraw(void)
{
    const char *cut[] = {"80", "8004", "9004", "900400"};
    for (int i = 0; i < 4; i++) {
        struct bytes bytes = mandatory_but(0, true);
        put_hex(&bytes, cut[i]);
        decode(&bytes, external);
        CHECK(withdraws(BGP_FAULT_HEADER_CUT, 0));
        CHECK_EQUAL(verdict.fault_count, 1);
    }
    /* what is missing behind the cut is not counted as missing */
    struct bytes bytes = hex("40");
    decode(&bytes, external);
    CHECK_EQUAL(verdict.fault_count, 1);
}

static void rfc7606_3_j_cut_multiprotocol_routes_reset(void)
{
    struct bytes bytes = mandatory_but(0, true);
    put_hex(&bytes, "800f09 0002 01 20 20010db8");
    decode(&bytes, external);
    CHECK(resets(BGP_FAULT_MP_FORM, 15, BGP_UPDATE_OPTIONAL));
}

static void rfc7606_4_zero_length_is_an_error_but_for_two(void)
{
    for (int i = 0; i < SAMPLES; i++) {
        uint8_t code = samples[i].code;
        struct bgp_attr_facts facts = code == 17 || code == 18 ? old_speaker : internal;
        decode_with(samples[i].flags, code, "", facts);
        CHECK_EQUAL(verdict.class != BGP_ATTR_OK, code != 2 && code != 6);
    }
}

/* ---- RFC 7606 section 5 ---- */

static void rfc7606_5_2_errors_without_reachable_routes_reset(void)
{
    struct bytes bytes = {.size = 0};
    put_attr_hex(&bytes, W, 1, "03");
    decode(&bytes, no_nlri);
    CHECK(resets(BGP_FAULT_ORIGIN_VALUE, 1, BGP_UPDATE_ORIGIN));
    CHECK(bytes_are(verdict.error.data, "400101 03"));
    put_attr_hex(&bytes, O, 14, samples[10].value); /* reachable routes, though of another family */
    decode(&bytes, no_nlri);
    CHECK_EQUAL(verdict.class, BGP_ATTR_TREAT_AS_WITHDRAW);
    bytes = hex("8004");
    decode(&bytes, no_nlri);
    CHECK(resets(BGP_FAULT_HEADER_CUT, 0, BGP_UPDATE_MALFORMED_LIST));
}

static void rfc7606_5_2_discarding_does_not_reset(void)
{
    struct bytes bytes = {.size = 0};
    put_attr_hex(&bytes, W, 6, "00");
    decode(&bytes, no_nlri);
    CHECK(discards(BGP_FAULT_LENGTH, 6));
}

static void rfc7606_5_2_mp_unreach_alone_needs_no_reachable_routes(void)
{
    struct bytes bytes = {.size = 0};
    put_attr_hex(&bytes, OT, 15, samples[11].value);
    decode(&bytes, no_nlri);
    CHECK(withdraws(BGP_FAULT_FLAGS, 15));
}

/* ---- RFC 7606 section 7, attribute by attribute ---- */

static void rfc7606_7_1_origin(void)
{
    decode_with(W, 1, "0000", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 1));
    CHECK_EQUAL(verdict.error.subcode, BGP_UPDATE_LENGTH);
    decode_with(W, 1, "03", external);
    CHECK(withdraws(BGP_FAULT_ORIGIN_VALUE, 1));
    CHECK_EQUAL(verdict.error.subcode, BGP_UPDATE_ORIGIN);
}

static void rfc7606_7_2_as_path(void)
{
    decode_with(W, 2, "0001 0000fde9", external);
    CHECK(withdraws(BGP_FAULT_SEGMENT_TYPE, 2));
    CHECK_EQUAL(verdict.error.subcode, BGP_UPDATE_AS_PATH);
    decode_with(W, 2, "0501 0000fde9", external);
    CHECK(withdraws(BGP_FAULT_SEGMENT_TYPE, 2));
    decode_with(W, 2, "0202 0000fde9", external);
    CHECK(withdraws(BGP_FAULT_SEGMENT_OVERRUN, 2));
    decode_with(W, 2, "0201 0000fde9 02", external);
    CHECK(withdraws(BGP_FAULT_SEGMENT_UNDERRUN, 2));
    decode_with(W, 2, "0200", external);
    CHECK(withdraws(BGP_FAULT_SEGMENT_EMPTY, 2));
    decode_with(W, 2, "0201 0000fde9 0100", external);
    CHECK(withdraws(BGP_FAULT_SEGMENT_EMPTY, 2));
    /* two-octet numbers where four were agreed on, and the reverse */
    decode_with(W, 2, "0202 fde9", external);
    CHECK(withdraws(BGP_FAULT_SEGMENT_OVERRUN, 2));
    decode_with(W, 2, "0202 0000fde9 0000fdea", old_speaker);
    CHECK_EQUAL(verdict.class, BGP_ATTR_TREAT_AS_WITHDRAW);
}

static void rfc5065_5_confederation_segments_are_malformed(void)
{
    decode_with(W, 2, "0301 0000fde9", external);
    CHECK(withdraws(BGP_FAULT_SEGMENT_CONFED, 2));
    decode_with(W, 2, "0201 0000fde9 0401 0000fde9", internal);
    CHECK(withdraws(BGP_FAULT_SEGMENT_CONFED, 2));
}

static void rfc7606_7_3_next_hop(void)
{
    decode_with(W, 3, "0a0000", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 3));
    decode_with(W, 3, "0a00000100", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 3));
}

static void rfc4271_6_3_next_hop_is_a_hosts_address(void)
{
    const char *bad[] = {"00000000", "00000001", "7f000001", "e0000001", "f0000001", "ffffffff"};
    for (int i = 0; i < 6; i++) {
        decode_with(W, 3, bad[i], external);
        CHECK(withdraws(BGP_FAULT_NEXT_HOP_VALUE, 3));
        CHECK_EQUAL(verdict.error.subcode, BGP_UPDATE_NEXT_HOP);
    }
    const char *good[] = {"01000001", "a9fefc1e", "80000001", "dfffffff"};
    for (int i = 0; i < 4; i++) {
        decode_with(W, 3, good[i], external);
        CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    }
}

static void rfc7606_7_4_med(void)
{
    decode_with(O, 4, "000000", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 4));
}

static void rfc7606_7_5_local_pref(void)
{
    decode_with(W, 5, "00000064", external);
    CHECK(discards(BGP_FAULT_INTERNAL_ONLY, 5));
    CHECK(!(attrs.present & BGP_HAS_LOCAL_PREF));
    decode_with(W, 5, "64", external); /* whatever its length */
    CHECK(discards(BGP_FAULT_INTERNAL_ONLY, 5));
    decode_with(W, 5, "64", internal);
    CHECK(withdraws(BGP_FAULT_LENGTH, 5));
}

static void rfc7606_7_6_atomic_aggregate(void)
{
    decode_with(W, 6, "00", external);
    CHECK(discards(BGP_FAULT_LENGTH, 6));
    CHECK(!(attrs.present & BGP_HAS_ATOMIC_AGGREGATE));
}

static void rfc7606_7_7_aggregator(void)
{
    decode_with(OT, 7, "fde9 0a000001", external); /* of an old speaker */
    CHECK(discards(BGP_FAULT_LENGTH, 7));
    CHECK(!(attrs.present & BGP_HAS_AGGREGATOR));
    decode_with(OT, 7, "0000fde9 0a000001", old_speaker);
    CHECK(discards(BGP_FAULT_LENGTH, 7));
    decode_with(OT, 7, "fde9 0a000001", old_speaker);
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    CHECK_EQUAL(attrs.aggregator_as, 65001);
    CHECK_EQUAL(attrs.aggregator, 0x0a000001);
}

static void rfc7606_7_8_communities(void)
{
    decode_with(OT, 8, "fde900", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 8));
    decode_with(OT, 8, "fde90001 ff", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 8));
    decode_with(OT, 8, "", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 8));
}

static void rfc7606_7_9_originator_id(void)
{
    decode_with(O, 9, "0a000001", external);
    CHECK(discards(BGP_FAULT_INTERNAL_ONLY, 9));
    decode_with(O, 9, "0a0000", internal);
    CHECK(withdraws(BGP_FAULT_LENGTH, 9));
}

static void rfc7606_7_10_cluster_list(void)
{
    decode_with(O, 10, "0a000001", external);
    CHECK(discards(BGP_FAULT_INTERNAL_ONLY, 10));
    CHECK_EQUAL((int64_t)attrs.cluster_list.size, 0);
    decode_with(O, 10, "", internal);
    CHECK(withdraws(BGP_FAULT_LENGTH, 10));
    decode_with(O, 10, "0a00000102", internal);
    CHECK(withdraws(BGP_FAULT_LENGTH, 10));
}

static void rfc7606_7_11_mp_reach(void)
{
    const char *bad[] = {"", "0002", "0002 01", "0002 01 10 20010db8 00", "0002 01 04 01020304"};
    for (int i = 0; i < 5; i++) {
        decode_with(O, 14, bad[i], external);
        CHECK(resets(BGP_FAULT_MP_FORM, 14, BGP_UPDATE_OPTIONAL));
        CHECK(verdict.error.data.size > 0 && verdict.error.data.data[1] == 14);
    }
    decode_with(O, 14, "0001 01 04 01020304 00 08 0a", external);
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    CHECK(bytes_are(attrs.mp_reach.next_hop, "01020304"));
    CHECK(bytes_are(attrs.mp_reach.nlri, "08 0a"));
}

static void rfc7606_7_12_mp_unreach(void)
{
    decode_with(O, 15, "0002", external);
    CHECK(resets(BGP_FAULT_MP_FORM, 15, BGP_UPDATE_OPTIONAL));
    decode_with(O, 15, "0001 01 08 0a", external);
    CHECK(bytes_are(attrs.mp_unreach.nlri, "08 0a"));
}

static void rfc7606_7_14_extended_communities(void)
{
    decode_with(OT, 16, "0002fde9000000", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 16));
    decode_with(OT, 16, "", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 16));
}

/* ---- the RFCs behind it ---- */

static void rfc7607_2_as_zero(void)
{
    decode_with(W, 2, "0202 0000fde9 00000000", external);
    CHECK(withdraws(BGP_FAULT_PATH_AS_ZERO, 2));
    decode_with(W, 2, "0201 0000fde9 0102 00000000 00000001", external);
    CHECK(withdraws(BGP_FAULT_PATH_AS_ZERO, 2));
    decode_with(W, 2, "0202 fde9 0000", old_speaker);
    CHECK(withdraws(BGP_FAULT_PATH_AS_ZERO, 2));
    decode_with(OT, 7, "00000000 0a000001", external);
    CHECK(discards(BGP_FAULT_AGGREGATOR_AS_ZERO, 7));
    CHECK(!(attrs.present & BGP_HAS_AGGREGATOR));
    decode_with(OT, 17, "0202 00010001 00000000", old_speaker);
    CHECK(discards(BGP_FAULT_AS4_MALFORMED, 17));
    decode_with(OT, 18, "00000000 0a000001", old_speaker);
    CHECK(discards(BGP_FAULT_AS4_MALFORMED, 18));
}

static void rfc6793_6_as4_attributes_of_a_new_speaker(void)
{
    decode_with(OT, 17, "0201 00010001", external);
    CHECK(discards(BGP_FAULT_AS4_FROM_NEW, 17));
    CHECK(bytes_are(attrs.as_path, "0201 0000fde9"));
    decode_with(OT, 18, "00010001 0a000001", external);
    CHECK(discards(BGP_FAULT_AS4_FROM_NEW, 18));
}

static void rfc6793_6_malformed_as4_attributes(void)
{
    const char *bad[] = {"", "0200", "0201 0001", "0501 00010001", "0201 00010001 02"};
    for (int i = 0; i < 5; i++) {
        decode_with(OT, 17, bad[i], old_speaker);
        CHECK(discards(BGP_FAULT_AS4_MALFORMED, 17));
        CHECK(bytes_are(attrs.as_path, "0201 0000fde9"));
    }
    decode_with(OT, 18, "00010001 0a0000", old_speaker);
    CHECK(discards(BGP_FAULT_LENGTH, 18));
}

static void rfc6793_6_confederation_segments_of_as4_path(void)
{
    struct bytes bytes = mandatory_but(2, false);
    put_attr_hex(&bytes, W, 2, "0203 fde9 5ba0 fdea");
    put_attr_hex(&bytes, OT, 17, "0301 00020002 0202 00010001 0000fdea");
    decode(&bytes, old_speaker);
    CHECK(discards(BGP_FAULT_AS4_CONFED, 17));
    CHECK(bytes_are(attrs.as_path, "0203 0000fde9 00010001 0000fdea"));
}

static void rfc6793_4_2_3_paths_are_merged(void)
{
    struct bytes bytes = mandatory_but(2, false);
    put_attr_hex(&bytes, OT, 17, "0202 00010001 0000fdea"); /* order does not matter */
    put_attr_hex(&bytes, W, 2, "0203 fde9 5ba0 fdea");
    decode(&bytes, old_speaker);
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    CHECK(bytes_are(attrs.as_path, "0203 0000fde9 00010001 0000fdea"));
    CHECK(!(attrs.present & BGP_HAS_AS4_PATH));
}

static void rfc6793_4_2_3_aggregators(void)
{
    struct bytes head = mandatory_but(2, false);
    put_attr_hex(&head, W, 2, "0201 5ba0");
    put_attr_hex(&head, OT, 17, "0201 00010001");
    put_attr_hex(&head, OT, 18, "00010001 01010101");
    /* AS_TRANS: the AS4 attributes tell */
    struct bytes bytes = head;
    put_attr_hex(&bytes, OT, 7, "5ba0 02020202");
    decode(&bytes, old_speaker);
    CHECK_EQUAL(attrs.aggregator_as, 65537);
    CHECK_EQUAL(attrs.aggregator, 0x01010101);
    CHECK(bytes_are(attrs.as_path, "0201 00010001"));
    /* an old speaker aggregated since: both AS4 attributes are out of date */
    bytes = head;
    put_attr_hex(&bytes, OT, 7, "fde9 02020202");
    decode(&bytes, old_speaker);
    CHECK_EQUAL(attrs.aggregator_as, 65001);
    CHECK_EQUAL(attrs.aggregator, 0x02020202);
    CHECK(bytes_are(attrs.as_path, "0201 00005ba0"));
    /* AS4_AGGREGATOR alone says nothing */
    decode(&head, old_speaker);
    CHECK(!(attrs.present & BGP_HAS_AGGREGATOR));
    CHECK(bytes_are(attrs.as_path, "0201 00010001"));
    /* AGGREGATOR alone does not stop AS4_PATH */
    bytes = mandatory_but(2, false);
    put_attr_hex(&bytes, W, 2, "0201 5ba0");
    put_attr_hex(&bytes, OT, 17, "0201 00010001");
    put_attr_hex(&bytes, OT, 7, "fde9 02020202");
    decode(&bytes, old_speaker);
    CHECK(bytes_are(attrs.as_path, "0201 00010001"));
}

static void rfc8092_large_communities(void)
{
    decode_with(OT, 32, "0000fde9 00000001 000000", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 32));
    decode_with(OT, 32, "", external);
    CHECK(withdraws(BGP_FAULT_LENGTH, 32));
#define A "0000fde9 00000001 00000002"
#define B "0000fde9 00000001 00000001"
    decode_with(OT, 32, A B A B B, external); /* redundant ones go without a word */
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    CHECK(bytes_are(attrs.large_communities, A B));
    decode_with(OT, 32, A A, external);
    CHECK(bytes_are(attrs.large_communities, A));
    decode_with(OT, 32, B A, external); /* ascending ones are left where they are */
    CHECK(bytes_are(attrs.large_communities, B A));
    CHECK(attrs.large_communities.data > section.data);
    CHECK(attrs.large_communities.data < section.data + sizeof section.data);
}

static void rfc4271_5_unknown_attributes(void)
{
    struct bytes bytes = hex("c0c802 0102"); /* transitive, before the others */
    struct bytes rest = mandatory_but(0, true);
    put_slice(&bytes, slice_of(&rest));
    put_attr_hex(&bytes, O, 201, "03");        /* not transitive */
    put_attr_hex(&bytes, OT | 0x20, 20, "04"); /* partial already */
    put_attr_hex(&bytes, OT | 0x1f, 35, "");   /* stray bits, empty, extended length */
    put_attr_hex(&bytes, OT, 0, "05");
    decode(&bytes, external);
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
    CHECK(bytes_are(attrs.unknown, "e00001 05 e01401 04 e02300 e0c802 0102"));
    struct cursor cursor = cursor_over(attrs.unknown);
    struct bgp_raw_attr attr;
    const uint8_t codes[] = {0, 20, 35, 200};
    for (int i = 0; i < 4; i++) {
        CHECK(bgp_unknown_next(&cursor, &attr));
        CHECK_EQUAL(attr.code, codes[i]);
        CHECK_EQUAL(attr.flags, 0xe0);
    }
    CHECK(bytes_are(attr.value, "0102"));
    CHECK(!bgp_unknown_next(&cursor, &attr));
}

static void faults_have_words(void)
{
    for (int fault = 0; fault < BGP_FAULT_COUNT; fault++) {
        CHECK(strlen(bgp_fault_name((enum bgp_attr_fault)fault)) > 0);
        CHECK(strlen(bgp_fault_sentence((enum bgp_attr_fault)fault)) > 0);
        CHECK(fault == 0 ||
              strncmp(bgp_fault_reference((enum bgp_attr_fault)fault), "RFC ", 4) == 0);
    }
    CHECK_TEXT(bgp_fault_name(BGP_FAULT_MISSING), "MISSING");
    CHECK_TEXT(bgp_attr_name(4), "MULTI_EXIT_DISC");
    CHECK(bgp_attr_name(11) == NULL && bgp_attr_name(0) == NULL && bgp_attr_name(255) == NULL);
}

int main(void)
{
    TEST(every_attribute_by_hand);
    TEST(every_sample_is_right);
    TEST(rfc4271_4_3_extended_length_of_a_short_value);
    TEST(rfc4271_4_3_unused_flag_bits_are_ignored);
    TEST(rfc4271_5_partial_stays_on_optional_transitive);
    TEST(rfc4271_5_1_2_an_empty_path_is_right);
    TEST(rfc7606_3_c_flags_in_conflict_are_treated_as_withdraw);
    TEST(rfc7606_3_d_missing_mandatory_is_treated_as_withdraw);
    TEST(rfc7606_3_d_next_hop_is_for_nlri_only);
    TEST(rfc7606_3_g_of_repeated_attributes_the_first_counts);
    TEST(rfc7606_3_g_unknown_ones_too);
    TEST(rfc7606_3_g_repeated_multiprotocol_resets);
    TEST(rfc7606_3_h_the_strongest_action_is_taken);
    TEST(rfc4271_6_3_unknown_well_known_resets);
    TEST(rfc7606_4_attribute_past_the_end_is_treated_as_withdraw);
    TEST(rfc7606_4_header_cut_off_is_treated_as_withdraw);
    TEST(rfc7606_3_j_cut_multiprotocol_routes_reset);
    TEST(rfc7606_4_zero_length_is_an_error_but_for_two);
    TEST(rfc7606_5_2_errors_without_reachable_routes_reset);
    TEST(rfc7606_5_2_discarding_does_not_reset);
    TEST(rfc7606_5_2_mp_unreach_alone_needs_no_reachable_routes);
    TEST(rfc7606_7_1_origin);
    TEST(rfc7606_7_2_as_path);
    TEST(rfc5065_5_confederation_segments_are_malformed);
    TEST(rfc7606_7_3_next_hop);
    TEST(rfc4271_6_3_next_hop_is_a_hosts_address);
    TEST(rfc7606_7_4_med);
    TEST(rfc7606_7_5_local_pref);
    TEST(rfc7606_7_6_atomic_aggregate);
    TEST(rfc7606_7_7_aggregator);
    TEST(rfc7606_7_8_communities);
    TEST(rfc7606_7_9_originator_id);
    TEST(rfc7606_7_10_cluster_list);
    TEST(rfc7606_7_11_mp_reach);
    TEST(rfc7606_7_12_mp_unreach);
    TEST(rfc7606_7_14_extended_communities);
    TEST(rfc7607_2_as_zero);
    TEST(rfc6793_6_as4_attributes_of_a_new_speaker);
    TEST(rfc6793_6_malformed_as4_attributes);
    TEST(rfc6793_6_confederation_segments_of_as4_path);
    TEST(rfc6793_4_2_3_paths_are_merged);
    TEST(rfc6793_4_2_3_aggregators);
    TEST(rfc8092_large_communities);
    TEST(rfc4271_5_unknown_attributes);
    TEST(faults_have_words);
    return harness_done();
}
