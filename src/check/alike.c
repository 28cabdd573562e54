#include "check/alike.h"

#include <string.h>

static bool same_text(const char *left, const char *right)
{
    return left == right || (left && right && strcmp(left, right) == 0);
}

static bool same_texts(const struct check_texts *left, const struct check_texts *right)
{
    if (left->count != right->count)
        return false;
    for (size_t i = 0; i < left->count; i++) {
        if (strcmp(left->items[i], right->items[i]) != 0)
            return false;
    }
    return true;
}

static bool same_cures(const struct check_finding *left, const struct check_finding *right)
{
    if (left->remedy_count != right->remedy_count)
        return false;
    for (size_t i = 0; i < left->remedy_count; i++) {
        if (left->remedies[i].number != right->remedies[i].number)
            return false;
    }
    return true;
}

/* Its packets go into its own connection, if into any. */
static bool is_taken_by_its_own(const struct check_finding *finding)
{
    size_t size = strlen(finding->connection);
    return !finding->into ||
           (strncmp(finding->into, finding->connection, size) == 0 && finding->into[size] == '/');
}

bool alike(const struct check_finding *left, const struct check_finding *right)
{
    if (left->what || right->what || left->kind != right->kind || left->level != right->level ||
        !prefix_equal(left->prefix, right->prefix) || !left->period_us != !right->period_us ||
        !same_text(left->condition, right->condition) ||
        !same_text(left->condition, right->condition) ||
        !same_text(left->origin.router, right->origin.router) || !same_cures(left, right))
        return false;
    if (same_text(left->connection, right->connection))
        return true;
    return is_taken_by_its_own(left) && is_taken_by_its_own(right) &&
           same_text(left->origin.attachment, right->origin.attachment) &&
           same_text(left->gateway, right->gateway) && same_texts(&left->why, &right->why);
}

void alike_gather(struct check_finding *findings, size_t count, struct check_finding *scratch)
{
    size_t done = 0;
    while (count > 0) {
        size_t taken = 0, left = 0;
        struct check_finding *first = &findings[done];
        for (size_t i = 0; i < count; i++) {
            if (i == 0 || alike(first, &first[i]))
                scratch[taken++] = first[i];
        }
        for (size_t i = 1; taken > 1 && taken < count && i < count; i++) {
            if (!alike(first, &first[i]))
                scratch[taken + left++] = first[i];
        }
        if (taken > 1)
            memcpy(first, scratch, (taken + left) * sizeof *first);
        done += taken;
        count -= taken;
    }
}
