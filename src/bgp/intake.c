#include "bgp/intake.h"

#include "wire/bgp_as_path.h"
#include "wire/bgp_nlri.h"

#include <assert.h>

static void reset(struct intake *intake, struct bgp_error error)
{
    intake->verdict = INTAKE_RESET;
    intake->error = error;
}

void intake_split(struct slice message, struct intake *ret_intake)
{
    assert(message.size >= BGP_HEADER_BYTES);
    struct intake intake = {.refusal = REASON_NONE};
    struct slice body = {message.data + BGP_HEADER_BYTES, message.size - BGP_HEADER_BYTES};
    struct bgp_update_fields fields;
    struct bgp_error error;
    if (!bgp_update_split(body, &fields, &error)) {
        reset(&intake, error);
        *ret_intake = intake;
        return;
    }
    intake.withdrawn = fields.withdrawn;
    intake.announced = fields.nlri;
    intake.section = fields.attributes;
    /* RFC 7606 3 j: which prefixes are meant cannot be told any more */
    if (!bgp_nlri_check(fields.withdrawn, false, &intake.withdrawn_count) ||
        !bgp_nlri_check(fields.nlri, false, &intake.announced_count))
        reset(&intake, (struct bgp_error){BGP_ERROR_UPDATE, BGP_UPDATE_NETWORK, {0}});
    else if (fields.withdrawn.size + fields.nlri.size + fields.attributes.size == 0)
        intake.verdict = INTAKE_END_OF_RIB;
    *ret_intake = intake;
}

enum reason intake_refusal(const struct intake_facts *facts, uint32_t first_as, ip_addr next_hop)
{
    if (facts->external && facts->enforce_first_as && first_as != facts->peer_as)
        return REASON_FIRST_AS;
    if (next_hop == facts->local_addr || (next_hop != 0 && next_hop == facts->other_addr))
        return REASON_NEXT_HOP;
    return REASON_NONE;
}

/* -- IPv6 -- */

static bool is_six(const struct bgp_mp *mp)
{
    return mp->afi == BGP_AFI_IPV6 && mp->safi == BGP_SAFI_UNICAST;
}

/* A link-local address may stand behind the global one (RFC 2545 3): 32 bytes. */
static bool next_hop_decode(struct slice bytes, ip_addr *ret_addr)
{
    if (bytes.size != 16 && bytes.size != 32)
        return false;
    ip_addr addr = 0;
    for (unsigned i = 0; i < 16; i++)
        addr = addr << 8 | bytes.data[i];
    *ret_addr = addr;
    return true;
}

/* false: nobody can tell which routes are meant. */
static bool find_six(const struct intake_facts *facts, struct bgp_attrs *attrs,
                     ip_addr *ret_next_hop, struct intake *intake)
{
    size_t count;
    if (!facts->six)
        return true;
    if (attrs->present & BGP_HAS_MP_UNREACH && is_six(&attrs->mp_unreach)) {
        intake->withdrawn_six = attrs->mp_unreach.nlri;
        if (!bgp_nlri_check(intake->withdrawn_six, true, &count))
            return false;
    }
    if (attrs->present & BGP_HAS_MP_REACH && is_six(&attrs->mp_reach)) {
        intake->announced_six = attrs->mp_reach.nlri;
        if (!bgp_nlri_check(intake->announced_six, true, &count) ||
            !next_hop_decode(attrs->mp_reach.next_hop, ret_next_hop))
            return false;
    }
    return true;
}

static struct slice canonical_of(const struct bgp_attrs *attrs, uint8_t *bytes, size_t size)
{
    struct writer writer = writer_over(bytes, size);
    bgp_attrs_encode_canonical(attrs, &writer);
    assert(!writer.failed);
    return writer_slice(&writer);
}

/* Multicast, and what is no address at all. */
static bool is_host_six(ip_addr addr)
{
    return ip_is_six(addr) && addr >> 120 != 0xff;
}

void intake_judge(const struct intake_facts *facts, struct intake_room *room, struct intake *intake)
{
    assert(intake->verdict == INTAKE_ROUTES);
    struct bgp_attr_facts attr_facts = {facts->four_octet_as, facts->external,
                                        intake->announced.size > 0};
    struct bgp_attrs attrs;
    intake->flaw = bgp_attrs_decode(intake->section, attr_facts, &room->decoded, &attrs);
    ip_addr next_hop_six = 0;
    if (intake->flaw.class != BGP_ATTR_SESSION_RESET &&
        !find_six(facts, &attrs, &next_hop_six, intake)) {
        reset(intake, (struct bgp_error){BGP_ERROR_UPDATE, BGP_UPDATE_OPTIONAL, {0}});
        return;
    }
    switch (intake->flaw.class) {
    case BGP_ATTR_SESSION_RESET:
        reset(intake, intake->flaw.error);
        return;
    case BGP_ATTR_TREAT_AS_WITHDRAW:
        intake->verdict = INTAKE_WITHDRAW;
        return;
    case BGP_ATTR_OK:
    case BGP_ATTR_DISCARD:
        break;
    }
    if (attrs.present == BGP_HAS_MP_UNREACH && facts->six && is_six(&attrs.mp_unreach) &&
        attrs.mp_unreach.nlri.size + intake->withdrawn.size + intake->announced.size == 0) {
        intake->verdict = INTAKE_END_OF_RIB;
        intake->six = true;
        return;
    }
    uint32_t first_as = bgp_as_path_first(attrs.as_path);
    if (intake->announced.size > 0) {
        intake->attributes = canonical_of(&attrs, room->canonical, sizeof room->canonical);
        intake->refusal = intake_refusal(facts, first_as, attrs.next_hop);
    }
    if (intake->announced_six.size == 0)
        return;
    attrs.next_hop = next_hop_six;
    attrs.present |= BGP_HAS_NEXT_HOP;
    intake->attributes_six = canonical_of(&attrs, room->canonical_six, sizeof room->canonical_six);
    intake->refusal_six =
        is_host_six(next_hop_six) ? intake_refusal(facts, first_as, next_hop_six) : REASON_NEXT_HOP;
}

void intake_update(const struct intake_facts *facts, struct slice message, struct intake_room *room,
                   struct intake *ret_intake)
{
    intake_split(message, ret_intake);
    if (ret_intake->verdict == INTAKE_ROUTES)
        intake_judge(facts, room, ret_intake);
}
