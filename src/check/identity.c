#include "check/identity.h"

#include "base/sort.h"

#include <string.h>

enum { PLACE_MAX = 600 };

static const char *or_dash(const char *word)
{
    return word ? word : "-";
}

static const char *place_of(const struct check_finding *finding)
{
    const char *const candidates[] = {finding->place, finding->tunnel, finding->connection,
                                      finding->router, finding->gateway};
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        if (candidates[i])
            return candidates[i];
    }
    return NULL;
}

/* One word, also where the place is a list: "tokyo,nagano". */
static const char *joined(struct check *check, const char *place)
{
    char *word = check_text(check, "%.*s", PLACE_MAX, place);
    size_t size = 0;
    for (const char *at = word; *at; at++) {
        if (*at != ' ')
            word[size++] = *at;
    }
    word[size] = 0;
    return word;
}

/* Nobody of the file, where an attachment that is not there would have to announce it. */
static const char *announcer(const struct check_finding *finding)
{
    bool by_nobody = finding->conditional && !finding->origin.attachment;
    return by_nobody ? NULL : finding->origin.router;
}

static char *words_of(struct check *check, const struct check_finding *finding)
{
    return check_text(check, "%s %s %s %s", check_finding_name(finding->kind),
                      joined(check, or_dash(place_of(finding))),
                      finding->no_prefix ? "-" : text_of_prefix(finding->prefix),
                      or_dash(announcer(finding)));
}

static int by_identity(const void *left, const void *right, const void *ctx)
{
    const struct check_finding *const *first = left, *const *second = right;
    (void)ctx;
    return strcmp((*first)->identity, (*second)->identity);
}

void identity_give(struct check *check)
{
    size_t count = check->finding_count, number = 1;
    if (count == 0)
        return;
    struct check_finding **sorted = check_take(check, 2 * count * sizeof(*sorted));
    for (size_t i = 0; i < count; i++) {
        check->findings[i].identity = words_of(check, &check->findings[i]);
        sorted[i] = &check->findings[i];
    }
    sort_stable(sorted, count, sizeof(*sorted), sorted + count, by_identity, NULL);
    const char *before = sorted[0]->identity;
    for (size_t i = 1; i < count; i++) {
        number = strcmp(sorted[i]->identity, before) == 0 ? number + 1 : 1;
        before = sorted[i]->identity;
        if (number > 1)
            sorted[i]->identity = check_text(check, "%s #%zu", before, number);
    }
}
