/* An UPDATE's body, judged as the neighbor of several kinds of session might send it. What is let
 * through is whole: its prefixes walk to their count, its attributes are canonical. */
#include "bgp/intake.h"
#include "wire/bgp_nlri.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct intake_room room;

static void check_prefixes(struct slice field, bool six, size_t count)
{
    struct cursor cursor = cursor_over(field);
    struct prefix prefix;
    size_t walked = 0;
    while (bgp_nlri_next(&cursor, six, &prefix)) {
        assert(prefix.six == six && prefix.len <= ip_bits(six));
        assert((prefix.addr & ~ip_mask(six, prefix.len)) == 0);
        walked++;
    }
    assert(!cursor.failed && walked == count);
}

static void check_canonical(struct slice attributes)
{
    struct bgp_attrs attrs;
    uint8_t again[BGP_CANONICAL_MAX + 16];
    struct writer writer = writer_over(again, sizeof again);
    bgp_attrs_decode_canonical(attributes, &attrs);
    bgp_attrs_encode_canonical(&attrs, &writer);
    assert(slice_equal(writer_slice(&writer), attributes));
    assert(attrs.present & BGP_HAS_ORIGIN && attrs.present & BGP_HAS_AS_PATH);
    assert(attrs.present & BGP_HAS_NEXT_HOP);
}

static void check_six(const struct intake *intake)
{
    size_t withdrawn = 0, announced = 0;
    assert(bgp_nlri_check(intake->withdrawn_six, true, &withdrawn));
    assert(bgp_nlri_check(intake->announced_six, true, &announced));
    check_prefixes(intake->withdrawn_six, true, withdrawn);
    check_prefixes(intake->announced_six, true, announced);
    assert((intake->attributes_six.size > 0) ==
           (intake->verdict == INTAKE_ROUTES && announced > 0));
    if (intake->attributes_six.size > 0)
        check_canonical(intake->attributes_six);
}

static void check(const struct intake *intake)
{
    if (intake->verdict == INTAKE_RESET) {
        assert(intake->error.code == BGP_ERROR_UPDATE && intake->error.subcode != 0);
        return;
    }
    check_prefixes(intake->withdrawn, false, intake->withdrawn_count);
    check_prefixes(intake->announced, false, intake->announced_count);
    check_six(intake);
    assert((intake->attributes.size > 0) ==
           (intake->verdict == INTAKE_ROUTES && intake->announced_count > 0));
    assert((intake->verdict == INTAKE_WITHDRAW) ==
           (intake->flaw.class == BGP_ATTR_TREAT_AS_WITHDRAW));
    if (intake->attributes.size > 0)
        check_canonical(intake->attributes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t message[BGP_MESSAGE_MAX] = {0};
    if (size < 1 + BGP_UPDATE_MIN - BGP_HEADER_BYTES || size - 1 > BGP_SECTION_MAX)
        return 0;
    struct intake_facts facts = {.peer_as = 65000,
                                 .local_addr = 0xa9fefc1e,
                                 .external = data[0] & 1,
                                 .four_octet_as = data[0] & 2,
                                 .enforce_first_as = data[0] & 4,
                                 .six = data[0] & 8};
    memcpy(message + BGP_HEADER_BYTES, data + 1, size - 1);
    struct intake intake;
    intake_update(&facts, (struct slice){message, BGP_HEADER_BYTES + size - 1}, &room, &intake);
    check(&intake);
    return 0;
}
