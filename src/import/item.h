/* Values of a JSON document by type. What is absent or null is no mistake; what is there and is of
 * another type is one: a remark says file, line, what was found and what was expected, and the
 * value counts as absent. AWS's two families of answers write the same key as VlanId and vlanId, so
 * the case of a key's first letter does not matter. */
#pragma once

#include "import/document.h"

/* A value, and its way from the root: items lie on the stack, each borrowing the one above. */
struct item {
    struct document *document;
    json_t *value;
    const struct item *up; /* NULL: this is the root */
    const char *key;       /* as written; NULL: an element of a list */
    size_t index;
};

struct item item_root(struct document *document);

/* false: absent or null. */
bool item_get(const struct item *object, const char *key, struct item *ret_item);
/* The same, of these types. The list is returned as an item; item_at gives its elements. */
bool item_list(const struct item *object, const char *key, struct item *ret_list);
bool item_object(const struct item *object, const char *key, struct item *ret_object);
size_t item_count(const struct item *list);
/* An element that must be an object; false: it is something else, as a remark says. */
bool item_at(const struct item *list, size_t index, struct item *ret_object);

/* NULL: absent. Borrowed from the document. */
const char *item_text(const struct item *object, const char *key);
/* Also a number written as a text, as some keys have it; -1: absent or out of range (a remark). */
int64_t item_number(const struct item *object, const char *key, int64_t max);
enum item_answer { ITEM_UNSAID, ITEM_NO, ITEM_YES };
enum item_answer item_bool(const struct item *object, const char *key);
ip_addr item_address(const struct item *object, const char *key); /* 0: absent */
/* An address that may carry the length of its net; 0: absent. */
ip_addr item_address_in(const struct item *object, const char *key);
bool item_prefix(const struct item *object, const char *key, struct prefix *ret_prefix);
bool item_prefix_six(const struct item *object, const char *key, struct prefix *ret_prefix);
/* An element that is one itself, of either family. */
bool item_prefix_at(const struct item *list, size_t index, struct prefix *ret_prefix);
/* Of either family. */
bool item_prefix_any(const struct item *object, const char *key, struct prefix *ret_prefix);
ip_addr item_address_six(const struct item *object, const char *key);    /* 0: absent */
ip_addr item_address_six_in(const struct item *object, const char *key); /* with its length */
/* As item_number; -1 may be written, too, and means what its absence means. */
int64_t item_number_or_all(const struct item *object, const char *key, int64_t max);
/* A text that can be a name in a network file, as AWS's ids are; NULL: absent or not one. */
const char *item_id(const struct item *object, const char *key);
/* One of the words (the list ends with NULL) as its place in the list; -1: absent. A word that is
 * not known is a remark, and gives the fallback. */
int item_word(const struct item *object, const char *key, const char *const *words, int fallback);

bool item_is_name(const char *text);
unsigned item_line(const struct item *item);
struct import_place item_place(const struct item *item);
/* "KEY is ...; expected ..." at the item's place. */
void item_wrong(const struct item *item, const char *expected);
