#include "import/draft.h"

#include "base/digest.h"
#include "import/remark.h"
#include "network/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENT_COLUMNS = 94, FIRST_CLAIMS = 64, TEXT_RING = 8 };

void draft_init(struct draft *draft, struct aws *aws)
{
    *draft = (struct draft){.aws = aws, .remarks = aws->remarks};
    draft->network = memory_zeroed(1, sizeof *draft->network);
    schema_initialize(&schema_network, draft->network);
    draft->network->place = (struct place){++draft->places, 1};
}

void draft_done(struct draft *draft)
{
    network_free(draft->network);
    free(draft->claims);
    free(draft->attachments);
    *draft = (struct draft){0};
}

/* --- structs --- */

static void begin(struct draft *draft, const struct field *field, void *item)
{
    if (!field->of)
        return;
    struct place place = {++draft->places, 1};
    schema_initialize(field->of, item);
    if (!field->of->inlined)
        memcpy(item, &place, sizeof place);
}

void *draft_add(struct draft *draft, const struct schema *schema, void *owner, const char *key)
{
    const struct field *field = schema_field(schema, key, 0);
    size_t size = schema_item_size(field), count;
    char *items = schema_items(owner, field, &count);
    bool full = !items || count == 0 || (count >= 4 && (count & (count - 1)) == 0);
    if (full) {
        size_t cap = count < 4 ? 4 : count * 2;
        char *longer = memory_zeroed(cap, size);
        if (count)
            memcpy(longer, items, count * size);
        free(items);
        items = longer;
    }
    schema_items_set(owner, field, items, count + 1);
    begin(draft, field, items + count * size);
    return items + count * size;
}

void *draft_make(struct draft *draft, const struct schema *schema, void *owner, const char *key)
{
    const struct field *field = schema_field(schema, key, 0);
    void *item = memory_zeroed(1, schema_item_size(field));
    assert(field->type == FIELD_OPTIONAL);
    begin(draft, field, item);
    schema_items_set(owner, field, item, 1);
    return item;
}

void draft_empty(const struct schema *schema, void *owner, const char *key)
{
    const struct field *field = schema_field(schema, key, 0);
    size_t count;
    if (!schema_items(owner, field, &count))
        schema_items_set(owner, field, memory_zeroed(4, schema_item_size(field)), 0);
}

char *draft_text(const char *text)
{
    return memory_text(text, strlen(text));
}

struct network_ref draft_ref(const char *id)
{
    return (struct network_ref){.id = draft_text(id), .index = -1, .part = -1};
}

void draft_attached(struct draft *draft, struct draft_attachment attachment)
{
    draft->attachments = memory_grow(draft->attachments, draft->attachment_count,
                                     &draft->attachment_cap, sizeof *draft->attachments);
    draft->attachments[draft->attachment_count++] = attachment;
}

/* --- comments --- */

static struct network_comment *comment_of(struct draft *draft, struct place place, bool trailing)
{
    struct network *network = draft->network;
    for (size_t back = 0; back < 4 && back < network->comment_count; back++) {
        struct network_comment *comment = &network->comments[network->comment_count - 1 - back];
        if (comment->before.line == place.line && comment->trailing == trailing)
            return comment;
    }
    network->comments = memory_grow(network->comments, network->comment_count, &draft->comment_cap,
                                    sizeof *network->comments);
    struct network_comment *comment = &network->comments[network->comment_count++];
    *comment = (struct network_comment){
        .before = place, .trailing = trailing, .text = draft_text(trailing ? "#" : "")};
    return comment;
}

static void append(struct network_comment *comment, const char *text, size_t size)
{
    size_t used = strlen(comment->text);
    char *longer = memory_zeroed(used + size + 1, 1);
    memcpy(longer, comment->text, used);
    memcpy(longer + used, text, size);
    free(comment->text);
    comment->text = longer;
}

/* Lines that begin with "# ", broken at words, those of an item "- " further in; an empty text is a
 * line, too. */
static void append_lines(struct network_comment *comment, const char *text)
{
    bool is_item = text[0] == '-' && text[1] == ' ';
    if (!*text)
        append(comment, *comment->text ? "\n#" : "#", *comment->text ? 2 : 1);
    for (bool first = true; *text; first = false) {
        size_t size = strlen(text), fits = size;
        if (size > COMMENT_COLUMNS - 2) {
            fits = COMMENT_COLUMNS - 2;
            while (fits > 0 && text[fits] != ' ')
                fits--;
            fits = fits ? fits : strcspn(text, " ");
        }
        append(comment, *comment->text ? "\n# " : "# ", *comment->text ? 3 : 2);
        if (is_item && !first)
            append(comment, "  ", 2);
        append(comment, text, fits);
        text += fits;
        text += *text == ' ';
    }
}

__attribute__((format(printf, 1, 0))) static char *printed(const char *format, va_list arguments)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert(out);
    vfprintf(out, format, arguments);
    fclose(out);
    remark_clean(text);
    return text;
}

void draft_comment(struct draft *draft, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = printed(format, arguments);
    va_end(arguments);
    append_lines(comment_of(draft, place, false), text);
    free(text);
}

void draft_trailing(struct draft *draft, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = printed(format, arguments);
    va_end(arguments);
    struct network_comment *comment = comment_of(draft, place, true);
    append(comment, comment->text[1] ? "; " : " ", comment->text[1] ? 2 : 1);
    append(comment, text, strlen(text));
    free(text);
}

/* --- claims --- */

static size_t slot_of(const struct draft *draft, const struct claim *claim)
{
    uint64_t key = hash_u64((uint64_t)claim->kind << 32 | claim->number, 1);
    key = hash_u64(key ^ (uint64_t)claim->addr ^ (uint64_t)(claim->addr >> 64), 2);
    key = hash_u64(key ^ (uint64_t)claim->peer ^ (uint64_t)(claim->peer >> 64), 3);
    for (size_t slot = (size_t)key & (draft->claim_cap - 1);;
         slot = (slot + 1) & (draft->claim_cap - 1)) {
        const struct claim *at = &draft->claims[slot];
        if (at->kind == CLAIM_NONE || (at->kind == claim->kind && at->number == claim->number &&
                                       at->addr == claim->addr && at->peer == claim->peer))
            return slot;
    }
}

static void grow_claims(struct draft *draft)
{
    struct claim *old = draft->claims;
    size_t count = draft->claim_cap;
    draft->claim_cap = count ? count * 2 : FIRST_CLAIMS;
    draft->claims = memory_zeroed(draft->claim_cap, sizeof *draft->claims);
    for (size_t i = 0; i < count; i++) {
        if (old[i].kind != CLAIM_NONE)
            draft->claims[slot_of(draft, &old[i])] = old[i];
    }
    free(old);
}

bool draft_claim(struct draft *draft, enum claim_kind kind, uint32_t number, ip_addr addr,
                 ip_addr peer, size_t owner, size_t *ret_owner)
{
    struct claim claim = {
        .kind = kind, .number = number, .addr = addr, .peer = peer, .owner = owner};
    if (draft->claim_count * 2 >= draft->claim_cap)
        grow_claims(draft);
    size_t slot = slot_of(draft, &claim);
    if (draft->claims[slot].kind != CLAIM_NONE) {
        *ret_owner = draft->claims[slot].owner;
        return false;
    }
    draft->claims[slot] = claim;
    draft->claim_count++;
    return true;
}

/* --- names --- */

char *draft_router_name(struct draft *draft, const struct aws_thing *thing)
{
    char made[160];
    size_t owner;
    for (unsigned attempt = 0;; attempt++) {
        if (attempt == 0)
            snprintf(made, sizeof made, "%.64s", thing->name ? thing->name : "");
        else if (attempt == 1)
            snprintf(made, sizeof made, "router-%.57s", thing->id);
        else
            snprintf(made, sizeof made, "router-%u-%.40s", attempt, thing->id);
        if (!item_is_name(made) || aws_has(draft->aws, made))
            continue;
        struct digest digest = digest_start();
        digest_bytes(&digest, (struct slice){(const uint8_t *)made, strlen(made)});
        uint64_t key = digest_end(&digest);
        if (draft_claim(draft, CLAIM_NAME_MADE, 0, key, 0, 0, &owner))
            return draft_text(made);
    }
}

/* --- texts --- */

static char *ring_text(void)
{
    static char texts[TEXT_RING][PREFIX_TEXT_BYTES];
    static unsigned next;
    return texts[next++ % TEXT_RING];
}

const char *draft_prefix(struct prefix prefix)
{
    char *buffer = ring_text();
    struct text text = text_over(buffer, PREFIX_TEXT_BYTES);
    text_prefix(&text, prefix);
    return buffer;
}

const char *draft_address(ip_addr addr)
{
    char *buffer = ring_text();
    struct text text = text_over(buffer, PREFIX_TEXT_BYTES);
    text_ip(&text, addr);
    return buffer;
}
