#include "rib/attr.h"

#include "rib/attr_slab.h"

#include <assert.h>
#include <string.h>

enum { /* type codes: RFC 4271 5, RFC 1997 */
       CODE_ORIGIN = 1,
       CODE_AS_PATH = 2,
       CODE_NEXT_HOP = 3,
       CODE_MED = 4,
       CODE_LOCAL_PREF = 5,
       CODE_COMMUNITIES = 8,
};
enum { FLAG_EXTENDED = 0x10 };
enum { AS_SET = 1, AS_SEQUENCE = 2, AS_CONFED_SEQUENCE = 3, AS_CONFED_SET = 4 };
enum { DEFAULT_LOCAL_PREF = 100 };

void attr_store_init(struct attr_store *store, struct budget *budget, uint64_t secret,
                     uint8_t page_shift, uint8_t slot_shift)
{
    assert(page_shift >= 10 && page_shift <= 16);
    *store = (struct attr_store){.budget = budget, .secret = secret, .page_shift = page_shift};
    slots_init(&store->slots, budget, secret, slot_shift, SLOT_TAG, 32);
}

void attr_store_done(struct attr_store *store)
{
    attr_slab_done(store);
    slots_done(&store->slots);
    store->count = 0;
}

size_t attr_store_bytes(const struct attr_store *store)
{
    return attr_slab_bytes(store) + slots_bytes(&store->slots);
}

/* -- facts -- */

static void read_path(struct slice path, struct attr_facts *facts)
{
    struct cursor cursor = cursor_over(path);
    bool first = true;
    while (cursor_remaining(&cursor) > 0) {
        uint8_t type = cursor_u8(&cursor), count = cursor_u8(&cursor);
        facts->last_as = 0;
        for (unsigned i = 0; i < count; i++) {
            uint32_t asn = cursor_u32(&cursor);
            if (asn == 0)
                facts->flags |= ATTR_AS_ZERO;
            if (type == AS_SEQUENCE)
                facts->last_as = asn;
            if (type == AS_SEQUENCE && i == 0 && first)
                facts->first_as = asn;
        }
        first = first && type != AS_SEQUENCE && type != AS_SET;
        if (type == AS_SEQUENCE)
            facts->path_length = (uint16_t)(facts->path_length + count);
        else if (type == AS_SET)
            facts->path_length++;
    }
    assert(!cursor.failed);
}

static void read_communities(struct slice value, struct attr_facts *facts)
{
    enum { HIGH = 7224u << 16 | 7300, MEDIUM = 7224u << 16 | 7200, LOW = 7224u << 16 | 7100 };
    bool high = false, medium = false, low = false;
    struct cursor cursor = cursor_over(value);
    while (cursor_remaining(&cursor) > 0) {
        uint32_t community = cursor_u32(&cursor);
        high |= community == HIGH;
        medium |= community == MEDIUM;
        low |= community == LOW;
        if (community == 0xffffff02u)
            facts->flags |= ATTR_NO_ADVERTISE;
        if (community == 0xffffff01u || community == 0xffffff03u)
            facts->flags |= ATTR_NO_EXPORT;
    }
    assert(!cursor.failed);
    if (high)
        facts->community = ATTR_COMMUNITY_HIGH;
    else if (low && !medium)
        facts->community = ATTR_COMMUNITY_LOW;
}

static void read_attribute(uint8_t code, struct slice value, size_t at, struct attr_facts *facts)
{
    struct cursor cursor = cursor_over(value);
    switch (code) {
    case CODE_ORIGIN:
        facts->origin = cursor_u8(&cursor);
        break;
    case CODE_AS_PATH:
        facts->as_path_at = (uint16_t)at;
        facts->as_path_bytes = (uint16_t)value.size;
        read_path(value, facts);
        break;
    case CODE_NEXT_HOP:
        facts->next_hop_at = (uint16_t)at;
        facts->next_hop_bytes = (uint8_t)value.size;
        break;
    case CODE_MED:
        facts->med = cursor_u32(&cursor);
        facts->flags |= ATTR_HAS_MED;
        break;
    case CODE_LOCAL_PREF:
        facts->local_pref = cursor_u32(&cursor);
        facts->flags |= ATTR_HAS_LOCAL_PREF;
        break;
    case CODE_COMMUNITIES:
        read_communities(value, facts);
        break;
    default:
        break;
    }
    assert(!cursor.failed);
}

/* Reads what the decision needs. The bytes are our own, so what is wrong with them is our bug. */
static struct attr_facts read_facts(struct slice canonical)
{
    struct attr_facts facts = {.local_pref = DEFAULT_LOCAL_PREF,
                               .community = ATTR_COMMUNITY_MEDIUM,
                               .size_bytes = (uint16_t)canonical.size};
    struct cursor cursor = cursor_over(canonical);
    int last_code = -1; /* 0 is a code, though nobody's: an unknown attribute's */
    while (cursor_remaining(&cursor) > 0) {
        uint8_t flags = cursor_u8(&cursor), code = cursor_u8(&cursor);
        size_t size = flags & FLAG_EXTENDED ? cursor_u16(&cursor) : cursor_u8(&cursor);
        size_t at = (size_t)(cursor.at - canonical.data);
        struct slice value = cursor_slice(&cursor, size);
        assert(!cursor.failed && code > last_code);
        last_code = code;
        read_attribute(code, value, at, &facts);
    }
    assert(!cursor.failed);
    return facts;
}

/* -- interning -- */

static bool same_bytes(const struct attr_facts *facts, struct slice bytes)
{
    return facts->size_bytes == bytes.size &&
           (bytes.size == 0 || memcmp(facts + 1, bytes.data, bytes.size) == 0);
}

static struct attr_id find(const struct attr_store *store, uint64_t hash, struct slice bytes)
{
    if (!store->slots.parts)
        return (struct attr_id){0};
    const struct slot_part *part = slots_part(&store->slots, hash);
    if (part->cap == 0)
        return (struct attr_id){0};
    uint32_t tag = (uint32_t)hash;
    for (uint32_t at = slots_home(part, hash); part->slots[at]; at = slots_after(part, at)) {
        if (part->slots[at] >> 32 != tag)
            continue;
        struct attr_id id = {(uint32_t)part->slots[at]};
        if (same_bytes(attr_get(store, id), bytes))
            return id;
    }
    return (struct attr_id){0};
}

struct attr_id attr_find(struct attr_store *store, struct slice bytes)
{
    struct attr_id id = find(store, hash_bytes(bytes, store->secret), bytes);
    attr_ref(store, id);
    return id;
}

struct attr_id attr_intern(struct attr_store *store, struct slice canonical)
{
    assert(canonical.size <= ATTR_MAX_BYTES);
    uint64_t hash = hash_bytes(canonical, store->secret);
    struct attr_id id = find(store, hash, canonical);
    if (id.v != 0) {
        attr_ref(store, id);
        return id;
    }
    if (!slots_reserve(&store->slots, hash))
        return (struct attr_id){0};
    id = attr_slab_take(store, sizeof(struct attr_facts) + canonical.size);
    if (id.v == 0)
        return id;
    struct attr_facts *facts = attr_at(store, id);
    *facts = read_facts(canonical);
    facts->refs = 1;
    facts->hash[0] = (uint32_t)hash;
    facts->hash[1] = (uint32_t)(hash >> 32);
    if (canonical.size > 0)
        memcpy(facts + 1, canonical.data, canonical.size);
    slots_insert(&store->slots, hash, hash << 32 | id.v);
    store->count++;
    return id;
}

void attr_hint_release(const struct attr_store *store, struct attr_id id)
{
    if (id.v == 0)
        return;
    const struct attr_facts *facts = attr_get(store, id);
    slots_hint(&store->slots, (uint64_t)facts->hash[1] << 32 | facts->hash[0]);
}

void attr_release(struct attr_store *store, struct attr_id id)
{
    const struct attr_facts *facts = attr_get(store, id);
    assert(facts->refs == 0 && store->count > 0);
    uint64_t hash = (uint64_t)facts->hash[1] << 32 | facts->hash[0];
    slots_remove(&store->slots, hash, hash << 32 | id.v);
    attr_slab_give(store, id, sizeof *facts + facts->size_bytes);
    store->count--;
    if (store->count == 0)
        slots_done(&store->slots);
}

ip_addr attr_next_hop(const struct attr_facts *facts)
{
    const uint8_t *bytes = (const uint8_t *)(facts + 1) + facts->next_hop_at;
    ip_addr addr = 0;
    for (unsigned i = 0; i < facts->next_hop_bytes; i++)
        addr = addr << 8 | bytes[i];
    return addr;
}

uint32_t attr_path_count(const struct attr_store *store, struct attr_id id, uint32_t asn)
{
    const struct attr_facts *facts = attr_get(store, id);
    const uint8_t *bytes = (const uint8_t *)(facts + 1);
    struct cursor cursor =
        cursor_over((struct slice){bytes + facts->as_path_at, facts->as_path_bytes});
    uint32_t found = 0;
    while (cursor_remaining(&cursor) > 0) {
        cursor_u8(&cursor);
        for (unsigned count = cursor_u8(&cursor); count > 0; count--)
            found += cursor_u32(&cursor) == asn;
    }
    return found;
}

const char *attr_store_audit(const struct attr_store *store)
{
    if (store->slots.count != store->count)
        return "attribute sets and their hash disagree in number";
    if (attr_slab_live(store) != store->count)
        return "attribute sets and their pages disagree in number";
    if (!store->slots.parts)
        return NULL;
    for (size_t p = 0; p < (size_t)1 << store->slots.shift; p++) {
        const struct slot_part *part = &store->slots.parts[p];
        for (uint32_t at = 0; at < part->cap; at++) {
            if (part->slots[at] == 0)
                continue;
            struct attr_id id = {(uint32_t)part->slots[at]};
            struct slice bytes = attr_bytes(store, id);
            if (attr_get(store, id)->refs == 0)
                return "an attribute set is held without a reference";
            if (find(store, hash_bytes(bytes, store->secret), bytes).v != id.v)
                return "an attribute set is not found by its bytes, or is held twice";
        }
    }
    return NULL;
}
