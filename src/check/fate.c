#include "check/fate.h"

#include "check/family.h"
#include "explain/words.h"

#include <string.h>

const char fate_of_nested[] =
    "every packet is wrapped twice: its MTU and MSS need room for a second"
    " ESP header; and when the outer tunnel falls, so does this one";

bool fate_is_nested(const struct check_finding *finding)
{
    return finding->traits & FAMILY_NESTED;
}

/* Also what is taken by the connection's other tunnel, if that swallows itself: told of both, it is
 * the connection. */
static bool is_into_itself(const struct check_finding *finding, const char *subject)
{
    bool both = finding->traits & FAMILY_TWIN && strcmp(subject, finding->tunnel) != 0;
    return !finding->into || both || strcmp(finding->into, finding->tunnel) == 0;
}

/* Into a tunnel of another connection. */
static bool is_into_other(const struct check_finding *finding)
{
    size_t size = strlen(finding->connection);
    return finding->into &&
           (strncmp(finding->into, finding->connection, size) != 0 || finding->into[size] != '/');
}

/* -- the headline -- */

/* Two tunnels, each in the other; not what merely leads there. */
static bool is_each_other(const struct check_finding *finding)
{
    return finding->circle.count == 3 &&
           strcmp(finding->circle.items[0], finding->circle.items[2]) == 0;
}

static void add_other(struct text *text, const struct check_finding *finding)
{
    text_add(text, " and ");
    text_add(text, finding->into);
}

/* One that stays dead may be so because the other has come back without it. */
static void say_certain(struct text *text, const struct check_finding *finding, const char *subject)
{
    bool lasts = finding->period_us == 0;
    if (is_each_other(finding) && !lasts) {
        add_other(text, finding);
        text_add(text, " will swallow each other");
    } else if (is_into_itself(finding, subject)) {
        text_add(text, lasts ? " swallows itself" : " will swallow itself");
    } else {
        text_add(text, lasts ? " is swallowed by " : " will be swallowed by ");
        text_add(text, finding->into);
    }
    if (lasts) {
        text_add(text, ", and stays dead");
        return;
    }
    text_add(text, ", every ");
    text_span(text, finding->period_us);
    text_add(text, ", for ever");
}

static void say_likely(struct text *text, const struct check_finding *finding, const char *subject)
{
    if (is_each_other(finding)) {
        add_other(text, finding);
        text_add(text, " are likely to swallow each other");
        return;
    }
    if (fate_is_nested(finding))
        text_add(text, " goes through ");
    else if (is_into_itself(finding, subject))
        text_add(text, " is likely to swallow itself");
    else
        text_add(text, " is likely to be swallowed by ");
    if (!is_into_itself(finding, subject))
        text_add(text, finding->into);
    if (fate_is_nested(finding))
        text_add(text, ", a tunnel in a tunnel");
}

/* "would swallow itself if dx-edge announced 0.0.0.0/0 (latent)" */
static void say_latent(struct text *text, const struct check_finding *finding, const char *subject)
{
    if (!finding->condition) {
        text_add(text, " would swallow itself, but for ");
        text_add(text, finding->margin ? "BGP's choice between two routes" : "an accident");
        return;
    }
    if (is_each_other(finding)) {
        add_other(text, finding);
        text_add(text, " would swallow each other");
    } else if (fate_is_nested(finding))
        text_add(text, " would go through ");
    else
        text_add(text, is_into_itself(finding, subject) ? " would swallow itself"
                                                        : " would be swallowed by ");
    if (!is_into_itself(finding, subject) && !is_each_other(finding))
        text_add(text, finding->into);
    text_add(text, " if ");
    text_add(text, finding->condition);
    text_add(text, " (latent)");
}

void fate_say(struct text *text, const struct check_finding *finding, const char *subject)
{
    text_add(text, subject);
    switch (finding->level) {
    case CHECK_CERTAIN:
        say_certain(text, finding, subject);
        break;
    case CHECK_LIKELY:
        say_likely(text, finding, subject);
        break;
    case CHECK_LATENT:
        say_latent(text, finding, subject);
        break;
    case CHECK_PROTECTED:
    default:
        text_add(text, finding->traits & FAMILY_ELSEWHERE ? " is protected from another tunnel"
                                                          : " is protected from swallowing itself");
        break;
    }
}

/* -- because -- */

static void say_origin(struct text *text, const struct check_finding *finding)
{
    const struct check_origin *origin = &finding->origin;
    text_prefix(text, finding->prefix);
    if (!origin->router)
        return;
    text_add(text, finding->conditional ? ", if announced by " : ", announced by ");
    text_add(text, origin->router);
    if (origin->asn) {
        text_add(text, " (AS ");
        text_u64(text, origin->asn);
        text_char(text, ')');
    }
    if (origin->attachment) {
        text_add(text, " on ");
        text_add(text, origin->attachment);
    }
    text_char(text, ',');
}

/* What the prefix covers, and what for. */
static void say_covered(struct text *text, const struct check_finding *finding)
{
    bool other = is_into_other(finding) || finding->traits & FAMILY_ELSEWHERE;
    if (finding->next_hop) {
        text_ip(text, finding->next_hop);
        text_add(text, ", the next hop of ");
        text_prefix(text, finding->pinned);
        text_add(text, ", which should keep the tunnel's packets outside");
        return;
    }
    text_ip(text, finding->outside);
    text_add(text, ", the outside address that ");
    text_add(text, other ? finding->tunnel : "the tunnel itself");
    text_add(text, " needs");
    if (!finding->own)
        return;
    text_add(text, "; the announcer's own, ");
    text_ip(text, finding->own);
    text_add(text, ", lies there, too");
}

void fate_say_because(struct text *text, const struct check_finding *finding)
{
    bool told = finding->level >= CHECK_LIKELY || finding->condition;
    say_origin(text, finding);
    if (!told || finding->as_path_count == 0) {
        text_add(text, " covers ");
        say_covered(text, finding);
        return;
    }
    text_add(text, finding->condition ? " would reach " : " reaches ");
    text_add(text, finding->router);
    text_add(text, " through ");
    text_add(text, is_into_other(finding) ? finding->into : "the tunnel");
    text_add(text, finding->condition ? " and cover " : " and covers ");
    say_covered(text, finding);
}

/* -- also -- */

const char *fate_aside(enum check_finding_kind kind)
{
    static const char *const asides[CHECK_FINDING_KINDS] = {
        [CHECK_FINDING_MUTUAL_RECURSION] =
            "one of these tunnels goes through another: cure them all",
        [CHECK_FINDING_COVERING_PREFIX] = "a filter of the default alone would not help",
        [CHECK_FINDING_WEAK_DEFAULT] = "the router's own default loses to any default by BGP",
        [CHECK_FINDING_DEFAULT_BY_BGP] = "the router's own default is by BGP as well",
        [CHECK_FINDING_NEXT_HOP_IN_TUNNEL] = "a host route is there, and its next hop is taken",
        [CHECK_FINDING_GATEWAY_RECURSION] =
            "the gateway's packets match it, too, but never take a learned route",
        [CHECK_FINDING_OWN_RANGE_ANNOUNCED] = "the announcer's own outside address lies in it",
        [CHECK_FINDING_NESTED_TUNNEL] = "the packets arrive: a tunnel in a tunnel",
    };
    return asides[kind] ? asides[kind] : check_finding_sentence(kind);
}
