#include "rib/attr_slab.h"

#include <assert.h>
#include <string.h>

/* A unit is eight bytes. Offsets in a page are in units; 0 is its header, so it is "none". */
enum { UNIT = 8 };

struct page {
    uint32_t size_bytes; /* of the whole page */
    uint32_t live;       /* sets in it */
    uint32_t free_head;  /* chain of given-back places through their first four bytes */
    uint32_t fresh;      /* the first place never taken */
    uint32_t next;       /* page of the same class with room: number + 1; 0: none */
    uint32_t previous;
    uint16_t class; /* CLASS_COUNT: a page for one set */
    uint16_t spare;
    uint32_t slot_units;
};

enum { HEADER_UNITS = sizeof(struct page) / UNIT };
_Static_assert(sizeof(struct page) % UNIT == 0, "sets must be aligned");
_Static_assert(_Alignof(struct attr_facts) <= UNIT, "sets must be aligned");

/* Classes are exact up to 16 units (128 bytes), then 8 for every doubling. */
enum { EXACT = 16, STEPS = 8, DOUBLINGS = 9, CLASS_COUNT = EXACT + STEPS * DOUBLINGS };

static unsigned class_of(uint32_t units)
{
    if (units <= EXACT)
        return units - 1;
    unsigned order = 31u - (unsigned)__builtin_clz(units - 1); /* 2^order < units <= 2^(order+1) */
    unsigned step_shift = order - 3;
    return EXACT + (order - 4) * STEPS + (((units - 1) >> step_shift) - STEPS);
}

static uint32_t class_units(unsigned class)
{
    if (class < EXACT)
        return class + 1;
    unsigned order = 4 + (class - EXACT) / STEPS, step = (class - EXACT) % STEPS;
    return (STEPS + step + 1) << (order - 3);
}

static struct page *page_at(const struct attr_store *store, uint32_t number)
{
    return (struct page *)(void *)store->pages[number];
}

static uint8_t *place_at(struct page *page, uint32_t unit)
{
    return (uint8_t *)page + (size_t)unit * UNIT;
}

static uint32_t page_units(const struct attr_store *store)
{
    return (1u << store->page_shift) / UNIT;
}

static struct attr_id id_of(const struct attr_store *store, uint32_t number, uint32_t unit)
{
    return (struct attr_id){number << (store->page_shift - 3) | unit};
}

static uint32_t number_of(const struct attr_store *store, struct attr_id id)
{
    return id.v >> (store->page_shift - 3);
}

/* -- the list of pages with room, one for each class -- */

static void link_page(struct attr_store *store, uint32_t number)
{
    struct page *page = page_at(store, number);
    uint32_t *head = &store->class_page[page->class];
    page->previous = 0;
    page->next = *head;
    if (*head)
        page_at(store, *head - 1)->previous = number + 1;
    *head = number + 1;
}

static void unlink_page(struct attr_store *store, uint32_t number)
{
    struct page *page = page_at(store, number);
    if (page->previous)
        page_at(store, page->previous - 1)->next = page->next;
    else
        store->class_page[page->class] = page->next;
    if (page->next)
        page_at(store, page->next - 1)->previous = page->previous;
    page->next = page->previous = 0;
}

static bool page_full(const struct page *page)
{
    return page->free_head == 0 && (page->fresh + page->slot_units) * UNIT > page->size_bytes;
}

/* -- pages -- */

static bool grow_directory(struct attr_store *store)
{
    uint32_t cap = store->page_cap ? store->page_cap * 2 : 4;
    uint8_t **grown = budget_get(store->budget, cap * sizeof *grown);
    if (!grown)
        return false;
    if (store->page_count)
        memcpy(grown, store->pages, store->page_count * sizeof *grown);
    budget_put(store->budget, store->pages, store->page_cap * sizeof *grown);
    store->pages = grown;
    store->page_cap = cap;
    return true;
}

/* A number for a new page: one given back, or the next. */
static bool find_number(struct attr_store *store, uint32_t *ret_number)
{
    for (uint32_t i = store->free_page; i < store->page_count; i++) {
        if (store->pages[i])
            continue;
        store->free_page = i;
        *ret_number = i;
        return true;
    }
    store->free_page = store->page_count;
    bool numbers_left = store->page_count < 1u << (35 - store->page_shift);
    if (!numbers_left || (store->page_count == store->page_cap && !grow_directory(store)))
        return false;
    *ret_number = store->page_count;
    return true;
}

static bool new_page(struct attr_store *store, unsigned class, uint32_t slot_units,
                     size_t size_bytes, uint32_t *ret_number)
{
    uint32_t number;
    if (!find_number(store, &number))
        return false;
    struct page *page = budget_get(store->budget, size_bytes);
    if (!page)
        return false;
    *page = (struct page){.size_bytes = (uint32_t)size_bytes,
                          .fresh = HEADER_UNITS,
                          .class = (uint16_t) class,
                          .slot_units = slot_units};
    store->pages[number] = (uint8_t *)page;
    if (number == store->page_count)
        store->page_count++;
    store->free_page = number + 1;
    *ret_number = number;
    return true;
}

static void put_page(struct attr_store *store, uint32_t number)
{
    struct page *page = page_at(store, number);
    budget_put(store->budget, page, page->size_bytes);
    store->pages[number] = NULL;
    if (number < store->free_page)
        store->free_page = number;
}

static void put_directories(struct attr_store *store)
{
    budget_put(store->budget, store->pages, store->page_cap * sizeof *store->pages);
    budget_put(store->budget, store->class_page, CLASS_COUNT * sizeof *store->class_page);
    store->pages = NULL;
    store->class_page = NULL;
    store->page_count = store->page_cap = store->free_page = 0;
}

void attr_slab_done(struct attr_store *store)
{
    for (uint32_t i = 0; i < store->page_count; i++)
        if (store->pages[i])
            put_page(store, i);
    put_directories(store);
}

/* -- sets -- */

static struct attr_id take_from(struct attr_store *store, uint32_t number)
{
    struct page *page = page_at(store, number);
    uint32_t unit = page->free_head;
    if (unit) {
        memcpy(&page->free_head, place_at(page, unit), sizeof page->free_head);
    } else {
        unit = page->fresh;
        page->fresh += page->slot_units;
    }
    page->live++;
    return id_of(store, number, unit);
}

struct attr_id attr_slab_take(struct attr_store *store, size_t size_bytes)
{
    const struct attr_id none = {0};
    uint32_t units = (uint32_t)((size_bytes + UNIT - 1) / UNIT), number;
    if (!store->class_page) {
        store->class_page = budget_get(store->budget, CLASS_COUNT * sizeof *store->class_page);
        if (!store->class_page)
            return none;
    }
    if (units > (page_units(store) - HEADER_UNITS) / 2) {
        size_t page_bytes = (size_t)(HEADER_UNITS + units) * UNIT;
        if (!new_page(store, CLASS_COUNT, units, page_bytes, &number))
            return none;
        return take_from(store, number);
    }
    unsigned class = class_of(units);
    number = store->class_page[class] - 1;
    if (store->class_page[class] == 0) {
        if (!new_page(store, class, class_units(class), (size_t)1 << store->page_shift, &number))
            return none;
        link_page(store, number);
    }
    struct attr_id id = take_from(store, number);
    if (page_full(page_at(store, number)))
        unlink_page(store, number);
    return id;
}

void attr_slab_give(struct attr_store *store, struct attr_id id, size_t size_bytes)
{
    uint32_t number = number_of(store, id);
    uint32_t unit = id.v & (page_units(store) - 1);
    struct page *page = page_at(store, number);
    assert(page->live > 0 && size_bytes <= (size_t)page->slot_units * UNIT);
    bool was_full = page_full(page);
    memcpy(place_at(page, unit), &page->free_head, sizeof page->free_head);
    page->free_head = unit;
    page->live--;
    bool alone = page->class == CLASS_COUNT;
    if (was_full && !alone)
        link_page(store, number);
    if (page->live > 0)
        return;
    if (!alone)
        unlink_page(store, number);
    put_page(store, number);
    if (store->count == 1) /* the caller has not counted down yet: this was the last set */
        put_directories(store);
}

size_t attr_slab_bytes(const struct attr_store *store)
{
    size_t bytes = store->page_cap * sizeof *store->pages;
    if (store->class_page)
        bytes += CLASS_COUNT * sizeof *store->class_page;
    for (uint32_t i = 0; i < store->page_count; i++)
        if (store->pages[i])
            bytes += page_at(store, i)->size_bytes;
    return bytes;
}

uint32_t attr_slab_live(const struct attr_store *store)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < store->page_count; i++)
        if (store->pages[i])
            live += page_at(store, i)->live;
    return live;
}
