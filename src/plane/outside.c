#include "plane/outside.h"

#include "plane/names.h"
#include "plane/routes.h"

#include <stdio.h>
#include <string.h>

#define LOOPBACK "lo"

enum { WEEDS_AT_ONCE = 64 };

/* "lo:" is what a label of the loopback device must begin with, and the rest has room for twelve:
 * "sk" and ten digits. */
static void label_of(const char *gateway, char label[NAME_DEVICE_BYTES])
{
    char name[NAME_DEVICE_BYTES];
    name_outer(gateway, "", name);
    snprintf(label, NAME_DEVICE_BYTES, LOOPBACK ":%.12s", name);
}

struct search {
    ip_addr addr;
    bool there;
};

static void look_for(const struct rtnetlink_said *said, void *context)
{
    struct search *search = context;
    if (said->kind == RTNETLINK_ADDRESS && said->address.addr == search->addr)
        search->there = true;
}

bool outside_own(struct rtnetlink *outer, const char *gateway, ip_addr outside,
                 struct trouble *ret_trouble)
{
    char label[NAME_DEVICE_BYTES];
    struct search search = {.addr = outside};
    struct plane_address address = {.addr = outside, .len = 32, .label = label};
    label_of(gateway, label);
    return address_each(outer, look_for, &search, ret_trouble) &&
           (search.there || address_put(outer, LOOPBACK, &address, ret_trouble));
}

struct weeding {
    char label[NAME_DEVICE_BYTES];
    const ip_addr *wanted;
    size_t count;
    ip_addr found[WEEDS_AT_ONCE];
    size_t found_count;
};

static void find_weed(const struct rtnetlink_said *said, void *context)
{
    struct weeding *weeding = context;
    if (said->kind != RTNETLINK_ADDRESS || strcmp(said->address.label, weeding->label) != 0 ||
        weeding->found_count == WEEDS_AT_ONCE)
        return;
    for (size_t i = 0; i < weeding->count; i++) {
        if (weeding->wanted[i] == said->address.addr)
            return;
    }
    weeding->found[weeding->found_count++] = said->address.addr;
}

bool outside_weed(struct rtnetlink *outer, const char *gateway, const ip_addr *wanted, size_t count,
                  struct trouble *ret_trouble)
{
    struct weeding weeding = {.wanted = wanted, .count = count};
    label_of(gateway, weeding.label);
    do {
        weeding.found_count = 0;
        if (!address_each(outer, find_weed, &weeding, ret_trouble))
            return false;
        for (size_t i = 0; i < weeding.found_count; i++) {
            struct plane_address address = {.addr = weeding.found[i], .len = 32};
            if (!address_remove(outer, LOOPBACK, &address, ret_trouble))
                return false;
        }
    } while (weeding.found_count == WEEDS_AT_ONCE);
    return true;
}
