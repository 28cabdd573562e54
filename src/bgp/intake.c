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

enum reason intake_refusal(const struct intake_facts *facts, uint32_t first_as, ip4 next_hop)
{
    if (facts->external && facts->enforce_first_as && first_as != facts->peer_as)
        return REASON_FIRST_AS;
    if (next_hop == facts->local_addr)
        return REASON_NEXT_HOP;
    return REASON_NONE;
}

void intake_judge(const struct intake_facts *facts, struct intake_room *room, struct intake *intake)
{
    assert(intake->verdict == INTAKE_ROUTES);
    struct bgp_attr_facts attr_facts = {facts->four_octet_as, facts->external,
                                        intake->announced.size > 0};
    struct bgp_attrs attrs;
    intake->flaw = bgp_attrs_decode(intake->section, attr_facts, &room->decoded, &attrs);
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
    if (intake->announced.size == 0)
        return;
    struct writer writer = writer_over(room->canonical, sizeof room->canonical);
    bgp_attrs_encode_canonical(&attrs, &writer);
    assert(!writer.failed);
    intake->attributes = writer_slice(&writer);
    intake->refusal = intake_refusal(facts, bgp_as_path_first(attrs.as_path), attrs.next_hop);
}

void intake_update(const struct intake_facts *facts, struct slice message, struct intake_room *room,
                   struct intake *ret_intake)
{
    intake_split(message, ret_intake);
    if (ret_intake->verdict == INTAKE_ROUTES)
        intake_judge(facts, room, ret_intake);
}
