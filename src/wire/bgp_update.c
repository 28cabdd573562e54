#include "wire/bgp_update.h"
#include "wire/bgp_canonical.h"
#include "wire/bgp_nlri.h"

#include <assert.h>

/* ---- attributes for an export group ---- */

/* What the group's policy makes of the set, but for own_as before the path. */
static void change_for_export(struct bgp_attrs *attrs, const struct bgp_export *export)
{
    attrs->present &= ~(uint32_t)BGP_HAS_MED;
    if (!export->external && !(attrs->present & BGP_HAS_LOCAL_PREF))
        attrs->local_pref = export->local_pref;
    if (export->external)
        attrs->present &=
            ~(uint32_t)(BGP_HAS_LOCAL_PREF | BGP_HAS_ORIGINATOR_ID | BGP_HAS_CLUSTER_LIST);
    else
        attrs->present |= BGP_HAS_LOCAL_PREF;
    if (export->has_med)
        attrs->present |= BGP_HAS_MED;
    if (export->six)
        attrs->present &= ~(uint32_t)BGP_HAS_NEXT_HOP;
    else
        attrs->present |= BGP_HAS_NEXT_HOP;
    attrs->med = export->med;
    attrs->next_hop = 0;
}

/* Only a policy that edits needs room for what it makes. */
static __attribute__((noinline)) void encode_edited(struct bgp_attrs *attrs,
                                                    const struct bgp_export *export,
                                                    struct bgp_attr_form form,
                                                    struct writer *writer, size_t *ret_next_hop)
{
    uint8_t rooms[2][BGP_CANONICAL_MAX + 4 * BGP_PREPEND_MAX + BGP_EDIT_GROWTH];
    struct writer path = writer_over(rooms[0], sizeof rooms[0]);
    struct writer communities = writer_over(rooms[1], sizeof rooms[1]);
    bgp_as_path_prepend(attrs->as_path, form.own_as, form.own_as ? export->prepend : 0, &path);
    bgp_communities_edit(attrs->communities, &export->communities, &communities);
    assert(!path.failed && !communities.failed);
    attrs->as_path = writer_slice(&path);
    attrs->communities = writer_slice(&communities);
    attrs->present &= ~(uint32_t)BGP_HAS_COMMUNITIES;
    if (attrs->communities.size > 0)
        attrs->present |= BGP_HAS_COMMUNITIES;
    bgp_attrs_encode(attrs, form, writer, ret_next_hop);
}

static bool edits(const struct bgp_export *export)
{
    const struct bgp_communities_edit *communities = &export->communities;
    return export->prepend > 0 || communities->drop || communities->add_count > 0 ||
           communities->remove_count > 0;
}

bool bgp_attrs_encode_export(struct slice canonical, const struct bgp_export *export,
                             struct writer *writer, size_t *ret_next_hop)
{
    const struct writer before = *writer;
    struct bgp_attrs attrs;
    bgp_attrs_decode_canonical(canonical, &attrs);
    change_for_export(&attrs, export);
    struct bgp_attr_form form = {export->external ? export->own_as : 0, export->as4};
    size_t next_hop = before.size;
    size_t most = export->six ? BGP_EXPORT_SIX_MAX : BGP_EXPORT_MAX;
    if (edits(export))
        encode_edited(&attrs, export, form, writer, &next_hop);
    else
        bgp_attrs_encode(&attrs, form, writer, &next_hop);
    if (writer->failed || writer->size - before.size > most) {
        *writer = before;
        return false;
    }
    *ret_next_hop = next_hop - before.size;
    return true;
}

/* ---- messages ---- */

enum { WITHDRAWN_LENGTH_AT = BGP_HEADER_BYTES, WITHDRAWN_AT = BGP_HEADER_BYTES + 2 };

static bool fits(const struct bgp_update *update, size_t size)
{
    return size <= update->limit - update->writer->size;
}

bool bgp_update_begin(struct bgp_update *update, struct writer *writer)
{
    static const uint8_t empty[BGP_UPDATE_MIN] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,       0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,    0,    BGP_UPDATE,
    };
    size_t spare = writer->cap - writer->size;
    if (writer->failed || spare < sizeof empty)
        return false;
    *update = (struct bgp_update){.writer = writer, .start = writer->size};
    /* The two bytes of the attributes' length are reserved by the limit until they are written. */
    update->limit = writer->size + (spare < BGP_MESSAGE_MAX ? spare : BGP_MESSAGE_MAX) - 2;
    writer_bytes(writer, (struct slice){empty, WITHDRAWN_AT});
    return true;
}

bool bgp_update_withdraw_at(struct bgp_update *update, const struct prefix *prefix)
{
    assert((update->section_at == 0 && !prefix->six) || (update->mp_at != 0 && prefix->six));
    if (!fits(update, bgp_nlri_size(prefix)))
        return false;
    bgp_nlri_encode(update->writer, prefix);
    return true;
}

/* Ends the withdrawn routes and begins the attributes. */
static void section_begin(struct bgp_update *update)
{
    struct writer *writer = update->writer;
    size_t withdrawn = writer->size - update->start - WITHDRAWN_AT;
    writer_patch_u16(writer, update->start + WITHDRAWN_LENGTH_AT, (uint16_t)withdrawn);
    update->section_at = writer->size;
    update->limit += 2;
    writer_u16(writer, 0);
}

bool bgp_update_attributes(struct bgp_update *update, struct slice attributes, size_t *ret_at)
{
    assert(update->section_at == 0);
    if (!fits(update, attributes.size + BGP_NLRI_PREFIX_MAX))
        return false;
    section_begin(update);
    *ret_at = update->writer->size - update->start;
    writer_bytes(update->writer, attributes);
    writer_patch_u16(update->writer, update->section_at, (uint16_t)attributes.size);
    update->nlri_at = update->writer->size;
    return true;
}

/* ---- routes of IPv6 ---- */

enum { MP_FLAGS = BGP_FLAG_OPTIONAL | BGP_FLAG_EXTENDED };

static void mp_begin(struct bgp_update *update, uint8_t code)
{
    struct writer *writer = update->writer;
    section_begin(update);
    update->mp_at = writer->size;
    writer_u8(writer, MP_FLAGS);
    writer_u8(writer, code);
    writer_u16(writer, 0);
    writer_u16(writer, BGP_AFI_IPV6);
    writer_u8(writer, BGP_SAFI_UNICAST);
}

bool bgp_update_reach(struct bgp_update *update, struct slice attributes, size_t *ret_at)
{
    static const uint8_t next_hop[16] = {0};
    assert(update->section_at == 0);
    if (!fits(update, BGP_REACH_BYTES + attributes.size + BGP_NLRI_SIX_MAX))
        return false;
    mp_begin(update, BGP_CODE_MP_REACH);
    writer_u8(update->writer, sizeof next_hop);
    *ret_at = update->writer->size - update->start;
    writer_bytes(update->writer, (struct slice){next_hop, sizeof next_hop});
    writer_u8(update->writer, 0);
    update->nlri_at = update->writer->size;
    update->tail = attributes;
    update->limit -= attributes.size;
    return true;
}

bool bgp_update_unreach(struct bgp_update *update)
{
    assert(update->section_at == 0);
    if (!fits(update, BGP_UNREACH_BYTES + BGP_NLRI_SIX_MAX))
        return false;
    mp_begin(update, BGP_CODE_MP_UNREACH);
    return true;
}

static void mp_finish(struct bgp_update *update)
{
    struct writer *writer = update->writer;
    size_t value_at = update->mp_at + 4;
    writer_patch_u16(writer, update->mp_at + 2, (uint16_t)(writer->size - value_at));
    writer_bytes(writer, update->tail);
    writer_patch_u16(writer, update->section_at, (uint16_t)(writer->size - update->section_at - 2));
}

/* ---- the end of a message ---- */

bool bgp_update_announce_at(struct bgp_update *update, const struct prefix *prefix)
{
    assert(update->nlri_at != 0 && prefix->six == (update->mp_at != 0));
    if (!fits(update, bgp_nlri_size(prefix)))
        return false;
    bgp_nlri_encode(update->writer, prefix);
    return true;
}

size_t bgp_update_finish(struct bgp_update *update)
{
    if (update->section_at == 0)
        section_begin(update);
    else
        assert(update->writer->size > update->nlri_at);
    if (update->mp_at != 0)
        mp_finish(update);
    size_t size = update->writer->size - update->start;
    assert(!update->writer->failed && size <= BGP_MESSAGE_MAX);
    writer_patch_u16(update->writer, update->start + BGP_MARKER_BYTES, (uint16_t)size);
    return size;
}

void bgp_end_of_rib_encode(struct writer *writer)
{
    struct bgp_update update;
    if (bgp_update_begin(&update, writer))
        bgp_update_finish(&update);
    else
        writer->failed = true;
}

void bgp_end_of_rib_six_encode(struct writer *writer)
{
    struct bgp_update update;
    if (bgp_update_begin(&update, writer) && bgp_update_unreach(&update))
        bgp_update_finish(&update);
    else
        writer->failed = true;
}
