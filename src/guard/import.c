#include "guard/import.h"

#include <assert.h>

enum reason guard_martian(struct prefix prefix)
{
    static const struct {
        struct prefix space;
        enum reason reason;
    } martians[] = {
        {{0, 8, true}, REASON_RESERVED}, /* with :: and ::1: RFC 4291 2.4, 2.5.2, 2.5.3 */
        {{(ip_addr)0xfe80 << 112, 10, true}, REASON_LINK_LOCAL}, /* RFC 4291 2.5.6 */
        {{(ip_addr)0xff << 120, 8, true}, REASON_MULTICAST},     /* RFC 4291 2.7 */
        {{0x00000000u, 8}, REASON_MARTIAN},     /* this network: RFC 1122 3.2.1.3 */
        {{0x7f000000u, 8}, REASON_MARTIAN},     /* loopback: RFC 1122 3.2.1.3 */
        {{0xa9fe0000u, 16}, REASON_LINK_LOCAL}, /* RFC 3927 */
        {{0xe0000000u, 4}, REASON_MULTICAST},   /* RFC 5771 */
        {{0xf0000000u, 4}, REASON_RESERVED},    /* RFC 1112 4, with the limited broadcast */
    };
    for (unsigned i = 0; i < sizeof martians / sizeof *martians; i++)
        if (prefix_covers(martians[i].space, prefix))
            return martians[i].reason;
    return REASON_NONE;
}

enum reason guard_import_attrs(const struct import_policy *policy, const struct attr_store *attrs,
                               struct attr_id attr)
{
    const struct attr_facts *facts = attr_get(attrs, attr);
    if (policy->missing)
        return REASON_NO_IMPORT_POLICY;
    if (facts->flags & ATTR_AS_ZERO)
        return REASON_AS_ZERO;
    if (facts->as_path_bytes > 0 && policy->own_as != 0 &&
        attr_path_count(attrs, attr, policy->own_as) > policy->allow_own_as)
        return REASON_OWN_AS;
    return REASON_NONE;
}

enum reason guard_import_prefix(const struct import_policy *policy, struct prefix prefix)
{
    enum reason martian = policy->accept_martians ? REASON_NONE : guard_martian(prefix);
    if (martian != REASON_NONE)
        return martian;
    if (policy->refuse_default && prefix.len == 0)
        return REASON_DEFAULT_ROUTE;
    if (policy->allowed && !prefix_list_permits(policy->allowed, prefix, policy->communities, NULL))
        return REASON_NOT_ALLOWED;
    if (policy->filter && !prefix_list_permits(policy->filter, prefix, policy->communities, NULL))
        return REASON_IMPORT_FILTER;
    return REASON_NONE;
}

enum reason guard_import_judge(const struct import_policy *policy, const struct attr_store *attrs,
                               struct attr_id attr, struct prefix prefix)
{
    enum reason reason = guard_import_attrs(policy, attrs, attr);
    return reason != REASON_NONE ? reason : guard_import_prefix(policy, prefix);
}

/* The smallest count that is at least so many percent of the limit. */
static uint32_t warning_count(const struct import_policy *policy)
{
    uint64_t hundredths = (uint64_t)policy->limit * policy->warn_percent;
    return (uint32_t)((hundredths + 99) / 100);
}

enum guard_limit_verdict guard_limit_judge(const struct import_policy *policy, uint32_t accepted)
{
    assert(policy->warn_percent <= 100);
    if (policy->limit == 0)
        return GUARD_LIMIT_PASS;
    if (accepted >= policy->limit)
        return policy->limit_action == GUARD_LIMIT_CLOSE ? GUARD_LIMIT_CLOSED : GUARD_LIMIT_REFUSED;
    bool warns = policy->warn_percent > 0 && accepted + 1 == warning_count(policy);
    return warns ? GUARD_LIMIT_WARN : GUARD_LIMIT_PASS;
}

bool guard_keeps_refused(const struct import_policy *policy, const struct rib_counts *counts)
{
    return counts->refused < policy->kept_refused;
}
