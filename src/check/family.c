#include "check/family.h"

/* All of `with`, in the order in which the head comment argues. */
static const struct {
    unsigned with;
    enum check_finding_kind kind;
} names[] = {
    {FAMILY_NEXT_HOP, CHECK_FINDING_NEXT_HOP_IN_TUNNEL},
    {FAMILY_CIRCLE, CHECK_FINDING_MUTUAL_RECURSION},
    {FAMILY_OWN_RANGE | FAMILY_ELSEWHERE, CHECK_FINDING_OWN_RANGE_ANNOUNCED},
    {FAMILY_NESTED, CHECK_FINDING_NESTED_TUNNEL},
    {FAMILY_BY_BGP, CHECK_FINDING_DEFAULT_BY_BGP},
    {FAMILY_WEAK | FAMILY_UNANNOUNCED, CHECK_FINDING_WEAK_DEFAULT},
    {FAMILY_COVERING, CHECK_FINDING_COVERING_PREFIX},
    {0, CHECK_FINDING_TUNNEL_RECURSION},
};

/* In the order of the traps. */
static const struct {
    unsigned any;
    enum check_finding_kind kind;
} others[FAMILY_NAMES] = {
    {FAMILY_CIRCLE | FAMILY_TWIN, CHECK_FINDING_MUTUAL_RECURSION},
    {FAMILY_COVERING, CHECK_FINDING_COVERING_PREFIX},
    {FAMILY_WEAK, CHECK_FINDING_WEAK_DEFAULT},
    {FAMILY_BY_BGP, CHECK_FINDING_DEFAULT_BY_BGP},
    {FAMILY_NEXT_HOP, CHECK_FINDING_NEXT_HOP_IN_TUNNEL},
    {FAMILY_GATEWAY, CHECK_FINDING_GATEWAY_RECURSION},
    {FAMILY_OWN_RANGE, CHECK_FINDING_OWN_RANGE_ANNOUNCED},
    {FAMILY_NESTED, CHECK_FINDING_NESTED_TUNNEL},
};

enum check_finding_kind family_kind(unsigned traits)
{
    size_t at = 0;
    while ((traits & names[at].with) != names[at].with)
        at++;
    return names[at].kind;
}

size_t family_others(unsigned traits, enum check_finding_kind ret_kinds[FAMILY_NAMES])
{
    enum check_finding_kind first = family_kind(traits);
    size_t count = 0;
    for (size_t i = 0; i < FAMILY_NAMES; i++) {
        if ((traits & others[i].any) && others[i].kind != first)
            ret_kinds[count++] = others[i].kind;
    }
    return count;
}

bool family_has(enum check_finding_kind kind)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].kind == kind)
            return true;
    }
    return false;
}

void family_name(struct check *check, struct check_finding *finding)
{
    enum check_finding_kind kinds[FAMILY_NAMES];
    size_t count = family_others(finding->traits, kinds);
    finding->kind = family_kind(finding->traits);
    finding->also = check_take(check, (count + 1) * sizeof *finding->also);
    finding->also_count = count;
    for (size_t i = 0; i < count; i++)
        finding->also[i] = kinds[i];
}
