#include "tests/harness.h"
#include "wire/bgp_message.h"
#include "wire/test_bytes.h"

#define MARKER "ffffffffffffffffffffffffffffffff "

static enum bgp_frame_verdict frame_of(const char *text, struct bgp_frame *ret_frame,
                                       struct bgp_error *ret_error)
{
    static struct bytes stream; /* what comes back borrows from it */
    stream = hex(text);
    return bgp_frame(slice_of(&stream), ret_frame, ret_error);
}

static bool frame_is_bad(const char *text, uint8_t subcode, const char *expected)
{
    struct bgp_frame frame;
    struct bgp_error error;
    return frame_of(text, &frame, &error) == BGP_FRAME_BAD && error.code == BGP_ERROR_HEADER &&
           error.subcode == subcode && bytes_are(error.data, expected);
}

/* ---- the stream ---- */

static void a_keepalive_is_whole(void)
{
    struct bgp_frame frame;
    struct bgp_error error;
    CHECK_EQUAL(frame_of(MARKER "0013 04 ffff", &frame, &error), BGP_FRAME_WHOLE);
    CHECK_EQUAL(frame.type, BGP_KEEPALIVE);
    CHECK_EQUAL((int64_t)frame.body.size, 0);
    CHECK_EQUAL((int64_t)frame.size_bytes, 19);
}

static void every_shorter_stream_is_short(void)
{
    struct bytes stream = hex(MARKER "0017 02 0000 0000");
    struct bgp_frame frame;
    struct bgp_error error;
    for (size_t size = 0; size < stream.size; size++)
        CHECK_EQUAL(bgp_frame((struct slice){stream.data, size}, &frame, &error), BGP_FRAME_SHORT);
    CHECK_EQUAL(bgp_frame(slice_of(&stream), &frame, &error), BGP_FRAME_WHOLE);
    CHECK_EQUAL(frame.type, BGP_UPDATE);
    CHECK(bytes_are(frame.body, "0000 0000"));
    CHECK_EQUAL(bgp_frame((struct slice){NULL, 0}, &frame, &error), BGP_FRAME_SHORT);
}

static void rfc4271_6_1_marker_is_all_ones(void)
{
    CHECK(frame_is_bad("fe", BGP_HEADER_NOT_SYNCHRONIZED, "")); /* as soon as it shows */
    CHECK(
        frame_is_bad("fffffffffffffffffffffffffffffffe 0013 04", BGP_HEADER_NOT_SYNCHRONIZED, ""));
    /* before length and type */
    CHECK(
        frame_is_bad("00000000000000000000000000000000 0001 09", BGP_HEADER_NOT_SYNCHRONIZED, ""));
}

static void rfc4271_6_1_length_is_shown_when_bad(void)
{
    CHECK(frame_is_bad(MARKER "0012", BGP_HEADER_BAD_LENGTH, "0012"));
    CHECK(frame_is_bad(MARKER "1001", BGP_HEADER_BAD_LENGTH, "1001"));
    CHECK(frame_is_bad(MARKER "001c 01", BGP_HEADER_BAD_LENGTH, "001c"));
    CHECK(frame_is_bad(MARKER "0016 02", BGP_HEADER_BAD_LENGTH, "0016"));
    CHECK(frame_is_bad(MARKER "0014 03", BGP_HEADER_BAD_LENGTH, "0014"));
    CHECK(frame_is_bad(MARKER "0014 04", BGP_HEADER_BAD_LENGTH, "0014"));
    CHECK(frame_is_bad(MARKER "0016 05", BGP_HEADER_BAD_LENGTH, "0016"));
}

static void the_shortest_of_each_type_are_awaited(void)
{
    struct bgp_frame frame;
    struct bgp_error error;
    CHECK_EQUAL(frame_of(MARKER "001d 01", &frame, &error), BGP_FRAME_SHORT);
    CHECK_EQUAL(frame_of(MARKER "0017 02", &frame, &error), BGP_FRAME_SHORT);
    CHECK_EQUAL(frame_of(MARKER "0015 03", &frame, &error), BGP_FRAME_SHORT);
    CHECK_EQUAL(frame_of(MARKER "0017 05", &frame, &error), BGP_FRAME_SHORT);
    CHECK_EQUAL(frame_of(MARKER "1000 02", &frame, &error), BGP_FRAME_SHORT);
}

static void rfc4271_6_1_type_is_shown_when_bad(void)
{
    CHECK(frame_is_bad(MARKER "0013 00", BGP_HEADER_BAD_TYPE, "00"));
    CHECK(frame_is_bad(MARKER "0013 06", BGP_HEADER_BAD_TYPE, "06"));
    CHECK(frame_is_bad(MARKER "0100 ff", BGP_HEADER_BAD_TYPE, "ff"));
}

static void messages_follow_each_other(void)
{
    struct bytes stream = hex(MARKER "0013 04" MARKER "0015 03 0602" MARKER "0013 04");
    const enum bgp_type expected[] = {BGP_KEEPALIVE, BGP_NOTIFICATION, BGP_KEEPALIVE};
    struct slice rest = slice_of(&stream);
    for (int i = 0; i < 3; i++) {
        struct bgp_frame frame;
        struct bgp_error error;
        CHECK_EQUAL(bgp_frame(rest, &frame, &error), BGP_FRAME_WHOLE);
        CHECK_EQUAL(frame.type, expected[i]);
        rest = (struct slice){rest.data + frame.size_bytes, rest.size - frame.size_bytes};
    }
    CHECK_EQUAL((int64_t)rest.size, 0);
}

/* ---- OPEN ---- */

static bool open_of(const char *text, struct bgp_open *ret_open, struct bgp_error *ret_error)
{
    struct bytes body = hex(text);
    return bgp_open_decode(slice_of(&body), ret_open, ret_error);
}

static bool open_is_bad(const char *text, uint8_t subcode, const char *expected)
{
    struct bgp_open open;
    struct bgp_error error;
    return !open_of(text, &open, &error) && error.code == BGP_ERROR_OPEN &&
           error.subcode == subcode && bytes_are(error.data, expected);
}

/* AS 65001, hold time 180 s, identifier 10.0.0.1 */
#define OPEN_HEAD "04 fde9 00b4 0a000001 "

static void a_neighbor_without_capabilities(void)
{
    struct bgp_open open;
    struct bgp_error error;
    CHECK(open_of(OPEN_HEAD "00", &open, &error));
    CHECK_EQUAL(open.version, 4);
    CHECK_EQUAL(open.as2, 65001);
    CHECK_EQUAL(open.hold_time_s, 180);
    CHECK_EQUAL(open.identifier, 0x0a000001);
    CHECK(!open.capabilities && !open.has_as4 && !open.refresh && !open.graceful_restart);
    CHECK_EQUAL(open.family_count, 0);
    CHECK_EQUAL(bgp_open_as(&open), 65001);
    CHECK(!bgp_open_has_family(&open, BGP_AFI_IPV4, BGP_SAFI_UNICAST));
}

/* As FRR 8 sends it: a parameter for each capability, with names and draft codes among them. */
static void the_open_of_a_real_daemon(void)
{
    struct bgp_open open;
    struct bgp_error error;
    CHECK(open_of("04 5ba0 00b4 cb007101 3d"
                  "0206 0104 0001 00 01" /* multiprotocol, IPv4 unicast */
                  "0202 8000"            /* route refresh, before its RFC */
                  "0202 0200"            /* route refresh */
                  "0202 4600"            /* enhanced refresh */
                  "0206 4104 00010001"   /* AS 65537 */
                  "0202 0600"            /* extended messages */
                  "0206 4504 00010101"   /* add-path */
                  "020d 490b 09 64656269616e2d766d 00"
                  "0204 4002 4078", /* graceful restart, 120 s */
                  &open, &error));
    CHECK(open.capabilities);
    CHECK_EQUAL(bgp_open_as(&open), 65537);
    CHECK_EQUAL(open.as2, BGP_AS_TRANS);
    CHECK(bgp_open_has_family(&open, BGP_AFI_IPV4, BGP_SAFI_UNICAST));
    CHECK(!bgp_open_has_family(&open, BGP_AFI_IPV6, BGP_SAFI_UNICAST));
    CHECK(open.refresh && open.enhanced_refresh && open.graceful_restart);
    CHECK_EQUAL(open.restart_flags, 4);
    CHECK_EQUAL(open.restart_time_s, 120);
    CHECK_EQUAL(open.restart_family_count, 0);
    CHECK_EQUAL(open.unknown_count, 4);
}

static void several_capabilities_in_one_parameter(void)
{
    struct bgp_open open;
    struct bgp_error error;
    CHECK(open_of(OPEN_HEAD "1c 021a 0104 00010001 0104 00020001 0104 00010001 4006 8078 00010180",
                  &open, &error));
    CHECK_EQUAL(open.family_count, 2); /* the repeated one counts once: RFC 5492 4 */
    CHECK_EQUAL(open.restart_family_count, 1);
    CHECK_EQUAL(open.restart_families[0].flags, 0x80);
    CHECK_EQUAL(open.restart_flags, 8);
}

static void rfc4724_3_the_last_graceful_restart_holds(void)
{
    struct bgp_open open;
    struct bgp_error error;
    CHECK(open_of(OPEN_HEAD "0e 020c 4006 0078 00010100 4002 005a", &open, &error));
    CHECK_EQUAL(open.restart_time_s, 90);
    CHECK_EQUAL(open.restart_family_count, 0);
    /* a broken one is only counted */
    CHECK(open_of(OPEN_HEAD "07 0205 4003 007800", &open, &error));
    CHECK(!open.graceful_restart);
    CHECK_EQUAL(open.unknown_count, 1);
}

static void the_first_as4_capability_holds(void)
{
    struct bgp_open open;
    struct bgp_error error;
    CHECK(open_of(OPEN_HEAD "0e 020c 4104 00010001 4104 00020002", &open, &error));
    CHECK_EQUAL(bgp_open_as(&open), 65537);
}

static void more_families_than_are_kept_are_counted(void)
{
    struct bytes body = hex(OPEN_HEAD);
    put(&body, 2 + 20 * 6, 1);
    put(&body, 2, 1);
    put(&body, 20 * 6, 1);
    for (unsigned afi = 1; afi <= 20; afi++) {
        put_hex(&body, "0104");
        put(&body, afi << 16 | 1, 4);
    }
    struct bgp_open open;
    struct bgp_error error;
    CHECK(bgp_open_decode(slice_of(&body), &open, &error));
    CHECK_EQUAL(open.family_count, BGP_FAMILIES_MAX);
    CHECK_EQUAL(open.unknown_count, 4);
    CHECK(bgp_open_has_family(&open, 16, 1) && !bgp_open_has_family(&open, 17, 1));
}

static void rfc4271_6_2_version_tells_ours(void)
{
    CHECK(open_is_bad("03 fde9 00b4 0a000001 00", BGP_OPEN_UNSUPPORTED_VERSION, "0004"));
    /* before everything else */
    CHECK(open_is_bad("05 fde9 0001 00000000 05", BGP_OPEN_UNSUPPORTED_VERSION, "0004"));
}

static void rfc4271_6_2_hold_time_of_one_or_two_seconds(void)
{
    CHECK(open_is_bad("04 fde9 0001 0a000001 00", BGP_OPEN_UNACCEPTABLE_HOLD_TIME, ""));
    CHECK(open_is_bad("04 fde9 0002 0a000001 00", BGP_OPEN_UNACCEPTABLE_HOLD_TIME, ""));
    struct bgp_open open;
    struct bgp_error error;
    CHECK(open_of("04 fde9 0000 0a000001 00", &open, &error));
    CHECK(open_of("04 fde9 0003 0a000001 00", &open, &error));
}

static void rfc6286_only_zero_is_a_bad_identifier(void)
{
    CHECK(open_is_bad("04 fde9 00b4 00000000 00", BGP_OPEN_BAD_IDENTIFIER, ""));
    struct bgp_open open;
    struct bgp_error error;
    CHECK(open_of("04 fde9 00b4 e0000001 00", &open, &error)); /* need not be an address */
}

static void rfc4271_6_2_unknown_parameter(void)
{
    CHECK(open_is_bad(OPEN_HEAD "03 0101 00", BGP_OPEN_UNSUPPORTED_PARAMETER, ""));
}

static void rfc4271_6_2_malformed_parameters_are_unspecific(void)
{
    CHECK(open_is_bad(OPEN_HEAD, BGP_UNSPECIFIC, ""));                       /* no length */
    CHECK(open_is_bad("04 fde9 00b4 0a0000", BGP_UNSPECIFIC, ""));           /* not even that */
    CHECK(open_is_bad(OPEN_HEAD "01", BGP_UNSPECIFIC, ""));                  /* too little */
    CHECK(open_is_bad(OPEN_HEAD "00 00", BGP_UNSPECIFIC, ""));               /* too much */
    CHECK(open_is_bad(OPEN_HEAD "01 02", BGP_UNSPECIFIC, ""));               /* no length */
    CHECK(open_is_bad(OPEN_HEAD "03 0202 41", BGP_UNSPECIFIC, ""));          /* parameter cut */
    CHECK(open_is_bad(OPEN_HEAD "03 0201 41", BGP_UNSPECIFIC, ""));          /* no length */
    CHECK(open_is_bad(OPEN_HEAD "04 0202 0201", BGP_UNSPECIFIC, ""));        /* capability cut */
    CHECK(open_is_bad(OPEN_HEAD "07 0205 4103 000001", BGP_UNSPECIFIC, "")); /* AS of 3 */
    CHECK(open_is_bad(OPEN_HEAD "09 0207 0105 0001000100", BGP_UNSPECIFIC, "")); /* family of 5 */
}

static void rfc9072_extended_parameters(void)
{
    struct bgp_open open;
    struct bgp_error error;
    CHECK(open_of(OPEN_HEAD "ff ff 0009 02 0006 4104 00010001", &open, &error));
    CHECK_EQUAL(bgp_open_as(&open), 65537);
    CHECK(open_of(OPEN_HEAD "01 ff 0009 02 0006 4104 00010001", &open, &error));
    CHECK(open_is_bad(OPEN_HEAD "ff ff 000a 02 0006 4104 00010001", BGP_UNSPECIFIC, ""));
    CHECK(open_is_bad(OPEN_HEAD "ff ff 00", BGP_UNSPECIFIC, ""));
    CHECK(open_is_bad(OPEN_HEAD "00 ff 0000", BGP_UNSPECIFIC, ""));
    /* more than 255 bytes of capabilities */
    struct bytes body = hex(OPEN_HEAD "ff ff 012f 02 012c");
    for (int i = 0; i < 75; i++)
        put_hex(&body, "fe02 abcd");
    CHECK(bgp_open_decode(slice_of(&body), &open, &error));
    CHECK_EQUAL(open.unknown_count, 75);
}

static void a_refused_open_leaves_the_answer_alone(void)
{
    struct bgp_open open = {.version = 77};
    struct bgp_error error;
    CHECK(!open_of(OPEN_HEAD "03 0101 00", &open, &error));
    CHECK_EQUAL(open.version, 77);
}

static void our_open_byte_by_byte(void)
{
    struct bgp_open open = {.version = 4,
                            .as2 = 10124,
                            .hold_time_s = 30,
                            .identifier = 0xa9fefc1e,
                            .capabilities = true,
                            .has_as4 = true,
                            .as4 = 10124,
                            .refresh = true,
                            .enhanced_refresh = true,
                            .family_count = 1,
                            .families = {{1, 1, 0}}};
    uint8_t room[BGP_OPEN_MAX];
    struct writer writer = writer_over(room, sizeof room);
    bgp_open_encode(&open, &writer);
    CHECK(!writer.failed);
    CHECK(bytes_are(writer_slice(&writer), MARKER "002f 01 04 278c 001e a9fefc1e 12 0210"
                                                  "0104 00010001 0200 4104 0000278c 4600"));
    open.capabilities = false;
    writer = writer_over(room, sizeof room);
    bgp_open_encode(&open, &writer);
    CHECK(bytes_are(writer_slice(&writer), MARKER "001d 01 04 278c 001e a9fefc1e 00"));
}

static unsigned random_families(struct prng *prng, struct bgp_family *families, bool flags)
{
    unsigned count = (unsigned)prng_below(prng, BGP_FAMILIES_MAX + 1);
    for (unsigned i = 0; i < count; i++)
        families[i] = (struct bgp_family){(uint16_t)(1 + i), (uint8_t)prng_below(prng, 256),
                                          flags ? (uint8_t)prng_below(prng, 256) : 0};
    return count;
}

static struct bgp_open random_open(struct prng *prng)
{
    struct bgp_open open;
    memset(&open, 0, sizeof open); /* padding as well: they are compared by memcmp */
    open.version = 4;
    open.as2 = (uint16_t)prng_next(prng);
    open.hold_time_s = (uint16_t)(prng_below(prng, 2) ? 0 : 3 + prng_below(prng, 65533));
    open.identifier = 1 + (uint32_t)prng_below(prng, UINT32_MAX);
    open.capabilities = prng_below(prng, 4) > 0;
    if (!open.capabilities)
        return open;
    open.has_as4 = prng_below(prng, 2);
    open.as4 = open.has_as4 ? (uint32_t)prng_next(prng) : 0;
    open.refresh = prng_below(prng, 2);
    open.enhanced_refresh = prng_below(prng, 2);
    open.graceful_restart = prng_below(prng, 2);
    open.family_count = (uint8_t)random_families(prng, open.families, false);
    if (!open.graceful_restart)
        return open;
    open.restart_flags = (uint8_t)prng_below(prng, 16);
    open.restart_time_s = (uint16_t)prng_below(prng, 4096);
    open.restart_family_count = (uint8_t)random_families(prng, open.restart_families, true);
    return open;
}

static void random_opens_come_back(void)
{
    struct prng prng = prng_seed(5492);
    for (int round = 0; round < 3000; round++) {
        struct bgp_open sent = random_open(&prng), received;
        memset(&received, 0, sizeof received);
        uint8_t room[BGP_OPEN_MAX];
        struct writer writer = writer_over(room, sizeof room);
        bgp_open_encode(&sent, &writer);
        CHECK(!writer.failed);
        struct bgp_frame frame;
        struct bgp_error error;
        CHECK_EQUAL(bgp_frame(writer_slice(&writer), &frame, &error), BGP_FRAME_WHOLE);
        CHECK_EQUAL(frame.type, BGP_OPEN);
        CHECK_EQUAL((int64_t)frame.size_bytes, (int64_t)writer.size);
        CHECK(bgp_open_decode(frame.body, &received, &error));
        CHECK(memcmp(&sent, &received, sizeof sent) == 0);
    }
}

/* ---- NOTIFICATION, KEEPALIVE, ROUTE-REFRESH ---- */

static void a_notification_comes_back(void)
{
    uint8_t room[64];
    struct writer writer = writer_over(room, sizeof room);
    struct bytes shown = hex("0012");
    bgp_notification_encode(
        (struct bgp_error){BGP_ERROR_HEADER, BGP_HEADER_BAD_LENGTH, slice_of(&shown)}, &writer);
    CHECK(bytes_are(writer_slice(&writer), MARKER "0017 03 0102 0012"));
    struct bgp_notification notification =
        bgp_notification_decode((struct slice){room + BGP_HEADER_BYTES, writer.size - 19});
    CHECK_EQUAL(notification.code, 1);
    CHECK_EQUAL(notification.subcode, 2);
    CHECK(bytes_are(notification.data, "0012"));
    CHECK_EQUAL((int64_t)notification.text.size, 0);
}

static void long_notification_data_is_cut(void)
{
    static uint8_t room[5000], shown[5000];
    for (size_t size = 4070; size < 4080; size++) {
        struct writer writer = writer_over(room, sizeof room);
        struct slice data = {shown, size};
        bgp_notification_encode((struct bgp_error){BGP_ERROR_REFRESH, 1, data}, &writer);
        CHECK_EQUAL((int64_t)writer.size, size <= 4075 ? (int64_t)size + 21 : BGP_MESSAGE_MAX);
        struct bgp_frame frame;
        struct bgp_error error;
        CHECK_EQUAL(bgp_frame(writer_slice(&writer), &frame, &error), BGP_FRAME_WHOLE);
    }
}

static struct bgp_notification notification_of(const char *text)
{
    static struct bytes body;
    body = hex(text);
    return bgp_notification_decode(slice_of(&body));
}

static void rfc9003_shutdown_text(void)
{
    CHECK(bytes_are(notification_of("0602 05 48656c6c6f").text, "48656c6c6f"));
    CHECK(bytes_are(notification_of("0604 02 6869 ffff").text, "6869"));
    CHECK_EQUAL((int64_t)notification_of("0602").text.size, 0);         /* none */
    CHECK_EQUAL((int64_t)notification_of("0602 00").text.size, 0);      /* empty */
    CHECK_EQUAL((int64_t)notification_of("0602 06 4865").text.size, 0); /* too long */
    CHECK_EQUAL((int64_t)notification_of("0603 02 6869").text.size, 0); /* not of these */
    CHECK_EQUAL((int64_t)notification_of("0502 02 6869").text.size, 0);
    CHECK(bytes_are(notification_of("0602 06 4865").data, "06 4865"));
}

/* Size of the text that arrives when ours is 300 bytes: lead ASCII letters, then characters of
 * three bytes each. */
static size_t text_that_arrives(size_t lead)
{
    static const uint8_t character[] = {0xe9, 0x96, 0xa2};
    uint8_t text[300], room[400];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i < lead ? 'x' : character[(i - lead) % 3];
    struct writer writer = writer_over(room, sizeof room);
    bgp_shutdown_encode(BGP_CEASE_RESET, (struct slice){text, sizeof text}, &writer);
    struct slice body = {room + BGP_HEADER_BYTES, writer.size - BGP_HEADER_BYTES};
    struct bgp_notification notification = bgp_notification_decode(body);
    CHECK_EQUAL(notification.subcode, BGP_CEASE_RESET);
    CHECK_EQUAL((int64_t)notification.data.size, (int64_t)notification.text.size + 1);
    return notification.text.size;
}

static void rfc9003_our_text_is_cut_between_characters(void)
{
    CHECK_EQUAL((int64_t)text_that_arrives(0), 255);
    CHECK_EQUAL((int64_t)text_that_arrives(1), 253);
    CHECK_EQUAL((int64_t)text_that_arrives(2), 254);
    CHECK_EQUAL((int64_t)text_that_arrives(300), 255);
}

static void a_keepalive_is_nineteen_bytes(void)
{
    uint8_t room[19];
    struct writer writer = writer_over(room, sizeof room);
    bgp_keepalive_encode(&writer);
    CHECK(!writer.failed);
    CHECK(bytes_are(writer_slice(&writer), MARKER "0013 04"));
}

static bool refresh_of(const char *text, struct bgp_refresh *ret_refresh,
                       struct bgp_error *ret_error)
{
    static struct bytes message;
    message = hex(text);
    return bgp_refresh_decode(slice_of(&message), ret_refresh, ret_error);
}

static void a_refresh_comes_back(void)
{
    uint8_t room[23];
    struct writer writer = writer_over(room, sizeof room);
    bgp_refresh_encode((struct bgp_refresh){BGP_AFI_IPV4, BGP_REFRESH_BEGIN, BGP_SAFI_UNICAST},
                       &writer);
    CHECK(bytes_are(writer_slice(&writer), MARKER "0017 05 0001 01 01"));
    struct bgp_refresh refresh;
    struct bgp_error error;
    CHECK(bgp_refresh_decode(writer_slice(&writer), &refresh, &error));
    CHECK(refresh.afi == 1 && refresh.safi == 1 && refresh.kind == BGP_REFRESH_BEGIN);
    CHECK(refresh_of(MARKER "0017 05 0002 00 01", &refresh, &error));
    CHECK(refresh.afi == 2 && refresh.kind == BGP_REFRESH_REQUEST);
}

static void rfc7313_5_length_of_demarcations(void)
{
    struct bgp_refresh refresh = {9, 9, 9};
    struct bgp_error error;
    CHECK(!refresh_of(MARKER "0018 05 0001 01 01 00", &refresh, &error));
    CHECK_EQUAL(error.code, BGP_ERROR_REFRESH);
    CHECK_EQUAL(error.subcode, BGP_REFRESH_BAD_LENGTH);
    CHECK(bytes_are(error.data, MARKER "0018 05 0001 01 01 00"));
    CHECK(!refresh_of(MARKER "0018 05 0001 02 01 00", &refresh, &error));
    CHECK_EQUAL(refresh.afi, 9);
    /* with filters of RFC 5291 it is still a request; unknown kinds are left to the reader */
    CHECK(refresh_of(MARKER "0018 05 0001 00 01 00", &refresh, &error));
    CHECK(refresh_of(MARKER "0018 05 0001 07 01 00", &refresh, &error));
}

/* ---- UPDATE, cut in three ---- */

static bool split_of(const char *text, struct bgp_update_fields *ret_fields,
                     struct bgp_error *ret_error)
{
    static struct bytes body;
    body = hex(text);
    return bgp_update_split(slice_of(&body), ret_fields, ret_error);
}

static void an_update_has_three_fields(void)
{
    struct bgp_update_fields fields;
    struct bgp_error error;
    CHECK(split_of("0002 080a 0004 40010100 10c0a8", &fields, &error));
    CHECK(bytes_are(fields.withdrawn, "080a"));
    CHECK(bytes_are(fields.attributes, "40010100"));
    CHECK(bytes_are(fields.nlri, "10c0a8"));
    CHECK(split_of("0000 0000", &fields, &error)); /* End-of-RIB */
    CHECK_EQUAL((int64_t)(fields.withdrawn.size + fields.attributes.size + fields.nlri.size), 0);
}

static void rfc4271_6_3_lengths_that_contradict_the_message(void)
{
    const char *bad[] = {"",          "00",           "0001 0a00", "0000",
                         "0000 0001", "0001 0a00 01", "ffff 0000", "0000 ffff 40010100"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bgp_update_fields fields = {.nlri = {NULL, 7}};
        struct bgp_error error;
        CHECK(!split_of(bad[i], &fields, &error));
        CHECK_EQUAL(error.code, BGP_ERROR_UPDATE);
        CHECK_EQUAL(error.subcode, BGP_UPDATE_MALFORMED_LIST);
        CHECK_EQUAL((int64_t)error.data.size, 0);
        CHECK_EQUAL((int64_t)fields.nlri.size, 7);
    }
}

static void a_full_writer_fails_and_writes_nothing_more(void)
{
    uint8_t room[64];
    for (size_t cap = 0; cap < 19; cap++) {
        struct writer writer = writer_over(room, cap);
        bgp_keepalive_encode(&writer);
        CHECK(writer.failed);
        CHECK(writer.size <= cap);
        writer = writer_over(room, cap);
        bgp_open_encode(&(struct bgp_open){.version = 4, .capabilities = true}, &writer);
        CHECK(writer.failed);
    }
}

int main(void)
{
    TEST(a_keepalive_is_whole);
    TEST(every_shorter_stream_is_short);
    TEST(rfc4271_6_1_marker_is_all_ones);
    TEST(rfc4271_6_1_length_is_shown_when_bad);
    TEST(the_shortest_of_each_type_are_awaited);
    TEST(rfc4271_6_1_type_is_shown_when_bad);
    TEST(messages_follow_each_other);
    TEST(a_neighbor_without_capabilities);
    TEST(the_open_of_a_real_daemon);
    TEST(several_capabilities_in_one_parameter);
    TEST(rfc4724_3_the_last_graceful_restart_holds);
    TEST(the_first_as4_capability_holds);
    TEST(more_families_than_are_kept_are_counted);
    TEST(rfc4271_6_2_version_tells_ours);
    TEST(rfc4271_6_2_hold_time_of_one_or_two_seconds);
    TEST(rfc6286_only_zero_is_a_bad_identifier);
    TEST(rfc4271_6_2_unknown_parameter);
    TEST(rfc4271_6_2_malformed_parameters_are_unspecific);
    TEST(rfc9072_extended_parameters);
    TEST(a_refused_open_leaves_the_answer_alone);
    TEST(our_open_byte_by_byte);
    TEST(random_opens_come_back);
    TEST(a_notification_comes_back);
    TEST(long_notification_data_is_cut);
    TEST(rfc9003_shutdown_text);
    TEST(rfc9003_our_text_is_cut_between_characters);
    TEST(a_keepalive_is_nineteen_bytes);
    TEST(a_refresh_comes_back);
    TEST(rfc7313_5_length_of_demarcations);
    TEST(an_update_has_three_fields);
    TEST(rfc4271_6_3_lengths_that_contradict_the_message);
    TEST(a_full_writer_fails_and_writes_nothing_more);
    return harness_done();
}
