/* What the answer's values are called. */
#include "check/check.h"

#include "check/pages.h"

#include <string.h>

static const struct {
    const char *name, *trap, *sentence;
} findings[] = {
#define FINDING(id, name, trap, sentence) {name, trap, sentence},
#include "check/finding.def"
#undef FINDING
};

static const struct {
    const char *name, *sentence;
} remedies[] = {
#define REMEDY(id, name, sentence) {name, sentence},
#include "check/remedy.def"
#undef REMEDY
};

static const char *const verdicts[] = {
    [CHECK_STABLE] = "stable",
    [CHECK_DEGRADED] = "degraded",
    [CHECK_ORDER_DEPENDENT] = "order-dependent",
    [CHECK_UNSTABLE] = "unstable",
    [CHECK_UNKNOWN] = "unknown",
};

static const char *const levels[] = {
    [CHECK_PROTECTED] = "protected",
    [CHECK_LATENT] = "latent",
    [CHECK_LIKELY] = "likely",
    [CHECK_CERTAIN] = "certain",
};

const char *check_verdict_name(enum check_verdict verdict)
{
    return verdicts[verdict];
}

const char *check_level_name(enum check_level level)
{
    return levels[level];
}

bool check_find_level(const char *name, enum check_level *ret_level)
{
    for (int i = CHECK_PROTECTED; i <= CHECK_CERTAIN; i++) {
        if (strcmp(levels[i], name) == 0) {
            *ret_level = (enum check_level)i;
            return true;
        }
    }
    return false;
}

const char *check_finding_name(enum check_finding_kind kind)
{
    return findings[kind].name;
}

const char *check_finding_trap(enum check_finding_kind kind)
{
    return findings[kind].trap;
}

const char *check_finding_sentence(enum check_finding_kind kind)
{
    return findings[kind].sentence;
}

const char *check_remedy_name(enum check_remedy_kind kind)
{
    return remedies[kind].name;
}

const char *check_remedy_sentence(enum check_remedy_kind kind)
{
    return remedies[kind].sentence;
}

const char *check_find_page(const char *name)
{
    for (int kind = 0; kind < CHECK_FINDING_KINDS; kind++) {
        if (strcmp(findings[kind].trap, name) == 0)
            name = findings[kind].name;
    }
    for (size_t i = 0; i < page_count; i++) {
        if (strcmp(pages[i].name, name) == 0)
            return pages[i].text;
    }
    return NULL;
}
