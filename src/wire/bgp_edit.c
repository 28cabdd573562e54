#include "wire/bgp_edit.h"

#include "wire/bgp_as_path.h"

#include <assert.h>

static bool is_among(uint32_t community, const uint32_t *communities, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (communities[i] == community)
            return true;
    return false;
}

void bgp_communities_edit(struct slice communities, const struct bgp_communities_edit *edit,
                          struct writer *writer)
{
    size_t start = writer->size;
    struct cursor cursor = cursor_over(communities);
    while (cursor_remaining(&cursor) > 0 && !edit->drop) {
        uint32_t community = cursor_u32(&cursor);
        assert(!cursor.failed);
        if (!is_among(community, edit->remove, edit->remove_count))
            writer_u32(writer, community);
    }
    for (unsigned i = 0; i < edit->add_count && !writer->failed; i++) {
        struct slice written = {writer->data + start, writer->size - start};
        if (!bgp_communities_contain(written, edit->add[i]))
            writer_u32(writer, edit->add[i]);
    }
}

void bgp_as_path_prepend(struct slice path, uint32_t own_as, unsigned times, struct writer *writer)
{
    assert(times <= BGP_PREPEND_MAX);
    if (times == 0) {
        writer_bytes(writer, path);
        return;
    }
    struct cursor cursor = cursor_over(path);
    struct bgp_segment first;
    bool joins = bgp_as_path_next(&cursor, &first) && first.type == BGP_AS_SEQUENCE &&
                 first.count + times <= BGP_SEGMENT_MAX;
    writer_u8(writer, BGP_AS_SEQUENCE);
    writer_u8(writer, (uint8_t)(times + (joins ? first.count : 0u)));
    for (unsigned i = 0; i < times; i++)
        writer_u32(writer, own_as);
    size_t skipped = joins ? 2 : 0; /* the head that the new one has taken the place of */
    writer_bytes(writer, (struct slice){path.data + skipped, path.size - skipped});
}

void bgp_attrs_edit(struct slice canonical, const struct bgp_communities_edit *edit,
                    const uint32_t *local_pref, struct writer *writer)
{
    uint8_t room[BGP_CANONICAL_MAX + BGP_EDIT_GROWTH];
    struct writer communities = writer_over(room, sizeof room);
    struct bgp_attrs attrs;
    bgp_attrs_decode_canonical(canonical, &attrs);
    bgp_communities_edit(attrs.communities, edit, &communities);
    assert(!communities.failed);
    attrs.communities = writer_slice(&communities);
    attrs.present &= ~(uint32_t)BGP_HAS_COMMUNITIES;
    if (attrs.communities.size > 0)
        attrs.present |= BGP_HAS_COMMUNITIES;
    if (local_pref) {
        attrs.local_pref = *local_pref;
        attrs.present |= BGP_HAS_LOCAL_PREF;
    }
    bgp_attrs_encode_canonical(&attrs, writer);
}
