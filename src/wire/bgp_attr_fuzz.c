/* The attribute field of an UPDATE. The first byte says what session it is: bit 0, four-octet AS
 * numbers; bit 1, an external neighbor; bit 2, the UPDATE has prefixes; bit 3, the neighbors we
 * announce to read four-octet AS numbers. What was accepted must reach a canonical form that stays
 * itself, and an UPDATE that we would accept. */
#include "wire/bgp_as_path.h"
#include "wire/bgp_attr.h"
#include "wire/bgp_update.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct slice canonical_of(const struct bgp_attrs *attrs, uint8_t *room)
{
    struct writer writer = writer_over(room, BGP_CANONICAL_MAX);
    bgp_attrs_encode_canonical(attrs, &writer);
    assert(!writer.failed);
    return writer_slice(&writer);
}

static void ascending(struct slice canonical)
{
    struct cursor cursor = cursor_over(canonical);
    struct bgp_raw_attr attr;
    int last = -1;
    while (cursor_remaining(&cursor) > 0) {
        assert(bgp_attr_read(&cursor, &attr));
        assert(attr.code > last);
        assert(!(attr.flags & 0xf));
        assert(!(attr.flags & BGP_FLAG_EXTENDED) == (attr.value.size <= 255));
        last = attr.code;
    }
}

static void path_answers(struct slice path)
{
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    unsigned numbers = 0;
    while (bgp_as_path_next(&cursor, &segment))
        for (unsigned i = 0; i < segment.count; i++, numbers++)
            assert(bgp_segment_as(&segment, i) != 0);
    assert(!bgp_as_path_contains(path, 0));
    assert(bgp_as_path_length(path) <= numbers);
    uint32_t first = bgp_as_path_first(path), origin = bgp_as_path_origin(path);
    assert(first == 0 || bgp_as_path_contains(path, first));
    assert(origin == 0 || bgp_as_path_contains(path, origin));
}

/* The canonical bytes, sent as an UPDATE's attributes, are read as themselves. */
static void canonical_again(struct slice canonical, bool external)
{
    static struct bgp_attr_room room;
    static uint8_t again[BGP_CANONICAL_MAX];
    if (canonical.size > BGP_SECTION_MAX)
        return;
    struct bgp_attrs attrs;
    struct bgp_attr_facts facts = {.as4 = true, .external = external, .nlri = true};
    struct bgp_attr_verdict verdict = bgp_attrs_decode(canonical, facts, &room, &attrs);
    assert(verdict.class == BGP_ATTR_OK);
    assert(slice_equal(canonical_of(&attrs, again), canonical));
}

/* A policy's edit of any set is a set, with what it asks for and no more. */
static void edited(struct slice canonical, const struct bgp_attrs *attrs)
{
    static uint8_t bytes[BGP_CANONICAL_MAX + BGP_EDIT_GROWTH], again[sizeof bytes];
    static const uint32_t add[] = {7224u << 16 | 7300, 1}, remove[] = {0xffffff01u};
    static const uint32_t preference = 77;
    const struct bgp_communities_edit edit = {add, remove, 2, 1, false};
    struct writer writer = writer_over(bytes, sizeof bytes),
                  second = writer_over(again, sizeof again);
    bgp_attrs_edit(canonical, &edit, &preference, &writer);
    assert(!writer.failed && writer.size <= canonical.size + BGP_EDIT_GROWTH);
    ascending(writer_slice(&writer));
    struct bgp_attrs seen;
    bgp_attrs_decode_canonical(writer_slice(&writer), &seen);
    assert(seen.present & BGP_HAS_LOCAL_PREF && seen.local_pref == preference);
    assert(bgp_communities_contain(seen.communities, add[0]));
    assert(bgp_communities_contain(seen.communities, add[1]));
    assert(!bgp_communities_contain(seen.communities, remove[0]));
    assert(slice_equal(seen.as_path, attrs->as_path) && seen.med == attrs->med);
    bgp_attrs_edit(writer_slice(&writer), &edit, &preference, &second);
    assert(slice_equal(writer_slice(&second), writer_slice(&writer)));
    struct bgp_export export = {
        .own_as = 65001, .external = true, .as4 = true, .prepend = 3, .communities = edit};
    size_t next_hop;
    writer = writer_over(bytes, BGP_EXPORT_MAX);
    if (!(attrs->present & BGP_HAS_AS_PATH) ||
        !bgp_attrs_encode_export(canonical, &export, &writer, &next_hop))
        return;
    bgp_attrs_decode_canonical(writer_slice(&writer), &seen);
    assert(bgp_as_path_length(seen.as_path) == bgp_as_path_length(attrs->as_path) + 4);
    assert(!bgp_communities_contain(seen.communities, remove[0]));
}

static void exported(struct slice canonical, const struct bgp_attrs *attrs, bool as4)
{
    static struct bgp_attr_room room;
    static uint8_t bytes[BGP_EXPORT_MAX];
    struct bgp_export export = {.own_as = 4200000000, .external = true, .as4 = as4};
    struct writer writer = writer_over(bytes, sizeof bytes);
    size_t next_hop;
    if (!bgp_attrs_encode_export(canonical, &export, &writer, &next_hop))
        return;
    assert(next_hop + 4 <= writer.size && memcmp(bytes + next_hop, "\0\0\0\0", 4) == 0);
    bytes[next_hop] = 10;
    struct bgp_attrs seen;
    struct bgp_attr_facts facts = {.as4 = as4, .external = true, .nlri = true};
    struct bgp_attr_verdict verdict = bgp_attrs_decode(writer_slice(&writer), facts, &room, &seen);
    assert(verdict.class == BGP_ATTR_OK && !(seen.present & BGP_HAS_MED));
    assert(seen.next_hop == 0x0a000000);
    assert(bgp_as_path_length(seen.as_path) == bgp_as_path_length(attrs->as_path) + 1);
    assert(bgp_as_path_first(seen.as_path) == export.own_as);
    assert(bgp_as_path_origin(seen.as_path) ==
           (attrs->as_path.size ? bgp_as_path_origin(attrs->as_path) : export.own_as));
    assert(slice_equal(seen.communities, attrs->communities));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct bgp_attr_room room;
    static uint8_t first[BGP_CANONICAL_MAX], second[BGP_CANONICAL_MAX];
    if (size == 0 || size - 1 > BGP_SECTION_MAX)
        return 0;
    struct bgp_attr_facts facts = {bytes[0] & 1, bytes[0] & 2, bytes[0] & 4};
    struct bgp_attrs attrs, again;
    struct bgp_attr_verdict verdict =
        bgp_attrs_decode((struct slice){bytes + 1, size - 1}, facts, &room, &attrs);
    assert((verdict.fault == BGP_FAULT_NONE) == (verdict.class == BGP_ATTR_OK));
    assert((verdict.fault == BGP_FAULT_NONE) == (verdict.fault_count == 0));
    if (verdict.class > BGP_ATTR_DISCARD)
        return 0;
    assert(!facts.external || !(attrs.present & BGP_HAS_LOCAL_PREF));
    struct slice canonical = canonical_of(&attrs, first);
    ascending(canonical);
    path_answers(attrs.as_path);
    bgp_attrs_decode_canonical(canonical, &again);
    assert(slice_equal(canonical_of(&again, second), canonical));
    edited(canonical, &again);
    if (facts.nlri) {
        canonical_again(canonical, facts.external);
        exported(canonical, &again, bytes[0] & 8);
    }
    return 0;
}
