#include "network/check.h"

#include "base/sort.h"
#include "network/memory.h"
#include "network/walk.h"

#include <stdarg.h>
#include <stdlib.h>

static const struct mark *mark_of(const struct checking *checking, const void *member)
{
    for (size_t i = 0; member && i < checking->marks->count; i++)
        if (checking->marks->items[i].member == member)
            return &checking->marks->items[i];
    return NULL;
}

/* Beyond the limit an error is only counted: searching for its place would cost too much. */
static bool is_full(struct checking *checking)
{
    bool full = checking->diagnostics->count == DIAGNOSTICS_MAX;
    checking->diagnostics->dropped += full;
    return full;
}

void check_say(struct checking *checking, const void *member, struct place fallback,
               const char *hint, const char *message, ...)
{
    if (is_full(checking))
        return;
    char sentence[512];
    va_list arguments;
    va_start(arguments, message);
    vsnprintf(sentence, sizeof sentence, message, arguments);
    va_end(arguments);
    const struct mark *mark = mark_of(checking, member);
    diagnostics_add(checking->diagnostics, mark ? mark->place : fallback, mark ? mark->width : 1,
                    hint, "%s", sentence);
}

bool check_was_wrong(const struct checking *checking, const void *member)
{
    const struct mark *mark =
        checking->diagnostics->count < DIAGNOSTICS_MAX ? mark_of(checking, member) : NULL;
    return mark && mark->wrong;
}

void spots_add(struct spots *spots, ip_addr group, struct prefix prefix, const void *member,
               struct place place, const char *owner)
{
    spots->items = memory_grow(spots->items, spots->count, &spots->cap, sizeof *spots->items);
    spots->items[spots->count] = (struct spot){.group = group,
                                               .order = (uint32_t)spots->count,
                                               .prefix = prefix,
                                               .member = member,
                                               .place = place,
                                               .owner = owner};
    spots->count++;
}

static int compare_spots(const void *left, const void *right, const void *ctx)
{
    const struct spot *a = left, *b = right;
    (void)ctx;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return prefix_compare(a->prefix, b->prefix);
}

static void report_clash(struct checking *checking, const struct spot *one, const struct spot *two,
                         spots_clash clash)
{
    if (is_full(checking))
        return;
    if (one->order < two->order)
        clash(checking, one, two);
    else
        clash(checking, two, one);
}

/* In order of address and length a prefix stands behind the one that covers it, and prefixes never
 * overlap otherwise: one look back at the last uncovered one is enough. */
void spots_judge_take(struct checking *checking, struct spots *spots, enum spots_rule rule,
                      spots_clash clash)
{
    struct spot *scratch = memory_zeroed(spots->count, sizeof *scratch);
    sort_stable(spots->items, spots->count, sizeof *scratch, scratch, compare_spots, NULL);
    free(scratch);
    const struct spot *cover = NULL;
    for (size_t i = 0; i < spots->count; i++) {
        const struct spot *spot = &spots->items[i];
        bool meets = cover && cover->group == spot->group &&
                     (rule == SPOTS_EQUAL ? prefix_equal(cover->prefix, spot->prefix)
                                          : prefix_covers(cover->prefix, spot->prefix));
        if (meets)
            report_clash(checking, cover, spot, clash);
        else
            cover = spot;
    }
    free(spots->items);
    *spots = (struct spots){0};
}

unsigned spots_line(struct checking *checking, const struct spot *spot)
{
    const struct mark *mark = mark_of(checking, spot->member);
    return mark ? mark->place.line : spot->place.line;
}

static void check_struct(const struct schema *schema, const void *object, void *ctx)
{
    if (schema->check)
        schema->check(ctx, object);
}

void check_network(struct checking *checking)
{
    walk_structs(&schema_network, checking->network, check_struct, checking);
    check_vpcs(checking);
    check_filters(checking);
    check_gateways(checking);
    check_connections(checking);
    check_routers(checking);
    check_policies(checking);
    check_story(checking);
    check_recorded(checking);
}
