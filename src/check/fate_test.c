#include "check/fate.h"

#include "check/check_rig.h"

static char words[640];

static const char *fate_of(const struct check_finding *finding)
{
    struct text text = text_over(words, sizeof words);
    fate_say(&text, finding, finding->connection);
    return words;
}

static const char *because_of(const struct check_finding *finding)
{
    struct text text = text_over(words, sizeof words);
    fate_say_because(&text, finding);
    return words;
}

static char *circle[] = {"vpn-a/1", "vpn-b/1", "vpn-a/1"};
static char *chain[] = {"vpn-a/1", "vpn-b/1", "vpn-b/1"};
static uint32_t as_path[] = {64512, 65001};

/* A finding of vpn-a/1, in all its fates. */
static const struct told {
    enum check_level level;
    const char *into;
    int64_t period_us;
    char **circle;
    unsigned traits;
    bool conditional;
    const char *margin;
    const char *words;
} fates[] = {
    {CHECK_CERTAIN, "vpn-a/1", 82000000, NULL, 0, false, NULL,
     "vpn-a will swallow itself, every 82 s, for ever"},
    {CHECK_CERTAIN, "vpn-a/1", 0, NULL, 0, false, NULL, "vpn-a swallows itself, and stays dead"},
    {CHECK_CERTAIN, "vpn-a/2", 0, NULL, 0, false, NULL,
     "vpn-a is swallowed by vpn-a/2, and stays dead"},
    {CHECK_CERTAIN, "vpn-b/1", 82000000, NULL, 0, false, NULL,
     "vpn-a will be swallowed by vpn-b/1, every 82 s, for ever"},
    {CHECK_CERTAIN, "vpn-b/1", 82000000, circle, FAMILY_CIRCLE, false, NULL,
     "vpn-a and vpn-b/1 will swallow each other, every 82 s, for ever"},
    {CHECK_CERTAIN, "vpn-b/1", 0, circle, FAMILY_CIRCLE, false, NULL,
     "vpn-a is swallowed by vpn-b/1, and stays dead"},
    {CHECK_CERTAIN, "vpn-b/1", 0, chain, FAMILY_CIRCLE, false, NULL,
     "vpn-a is swallowed by vpn-b/1, and stays dead"},
    {CHECK_CERTAIN, "vpn-a/2", 82000000, NULL, FAMILY_TWIN, false, NULL,
     "vpn-a will swallow itself, every 82 s, for ever"},
    {CHECK_LIKELY, "vpn-a/2", 0, NULL, FAMILY_TWIN, false, NULL,
     "vpn-a is likely to swallow itself"},
    {CHECK_LATENT, "vpn-a/2", 0, NULL, FAMILY_TWIN, true, NULL,
     "vpn-a would swallow itself if edge announced 0.0.0.0/0 (latent)"},
    {CHECK_LIKELY, "vpn-a/1", 0, NULL, 0, false, NULL, "vpn-a is likely to swallow itself"},
    {CHECK_LIKELY, "vpn-b/1", 0, NULL, 0, false, NULL,
     "vpn-a is likely to be swallowed by vpn-b/1"},
    {CHECK_LIKELY, "vpn-b/1", 0, circle, FAMILY_CIRCLE, false, NULL,
     "vpn-a and vpn-b/1 are likely to swallow each other"},
    {CHECK_LIKELY, "vpn-b/1", 0, NULL, FAMILY_NESTED, false, NULL,
     "vpn-a goes through vpn-b/1, a tunnel in a tunnel"},
    {CHECK_LATENT, "vpn-a/1", 0, NULL, 0, true, NULL,
     "vpn-a would swallow itself if edge announced 0.0.0.0/0 (latent)"},
    {CHECK_LATENT, "vpn-b/1", 0, NULL, 0, true, NULL,
     "vpn-a would be swallowed by vpn-b/1 if edge announced 0.0.0.0/0 (latent)"},
    {CHECK_LATENT, "vpn-b/1", 0, NULL, FAMILY_NESTED, true, NULL,
     "vpn-a would go through vpn-b/1 if edge announced 0.0.0.0/0 (latent)"},
    {CHECK_LATENT, "vpn-b/1", 0, circle, FAMILY_CIRCLE, true, NULL,
     "vpn-a and vpn-b/1 would swallow each other if edge announced 0.0.0.0/0 (latent)"},
    {CHECK_LATENT, NULL, 0, NULL, 0, false, NULL,
     "vpn-a would swallow itself, but for an accident"},
    {CHECK_LATENT, NULL, 0, NULL, FAMILY_BY_BGP, false, "one AS hop",
     "vpn-a would swallow itself, but for BGP's choice between two routes"},
    {CHECK_PROTECTED, NULL, 0, NULL, 0, false, NULL, "vpn-a is protected from swallowing itself"},
    {CHECK_PROTECTED, NULL, 0, NULL, FAMILY_ELSEWHERE, false, NULL,
     "vpn-a is protected from another tunnel"},
};

static void each_fate_is_told(void)
{
    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++) {
        const struct check_finding finding = {
            .level = fates[i].level,
            .connection = "vpn-a",
            .tunnel = "vpn-a/1",
            .into = fates[i].into,
            .period_us = fates[i].period_us,
            .circle = {fates[i].circle, fates[i].circle ? 3 : 0},
            .traits = fates[i].traits,
            .conditional = fates[i].conditional,
            .condition = fates[i].conditional ? "edge announced 0.0.0.0/0" : NULL,
            .margin = fates[i].margin,
            .origin = {.router = "edge"}};
        CHECK_TEXT(fate_of(&finding), fates[i].words);
    }
    struct check_finding one = {.level = CHECK_LIKELY,
                                .connection = "vpn-a/1", /* fate_of says it of this */
                                .tunnel = "vpn-a/1",
                                .into = "vpn-a/2",
                                .traits = FAMILY_TWIN};
    CHECK_TEXT(fate_of(&one), "vpn-a/1 is likely to be swallowed by vpn-a/2");
}

static struct check_finding basic(void)
{
    return (struct check_finding){.level = CHECK_CERTAIN,
                                  .connection = "vpn-a",
                                  .tunnel = "vpn-a/1",
                                  .into = "vpn-a/1",
                                  .router = "site",
                                  .outside = rig_ip(203, 0, 113, 225),
                                  .prefix = {0, 0},
                                  .origin = {"edge", "dx-1", 65001},
                                  .as_path = as_path,
                                  .as_path_count = 2};
}

static void the_cause_is_told_with_what_it_covers(void)
{
    struct check_finding finding = basic();
    CHECK_TEXT(
        because_of(&finding),
        "0.0.0.0/0, announced by edge (AS 65001) on dx-1, reaches site through the tunnel and"
        " covers 203.0.113.225, the outside address that the tunnel itself needs");
    finding.conditional = true;
    finding.condition = "edge announced 0.0.0.0/0";
    CHECK_TEXT(because_of(&finding),
               "0.0.0.0/0, if announced by edge (AS 65001) on dx-1, would reach site through the"
               " tunnel and cover 203.0.113.225, the outside address that the tunnel itself needs");
    finding = basic();
    finding.into = "vpn-a1/1"; /* not one of vpn-a's, though it begins alike */
    CHECK_TEXT(because_of(&finding),
               "0.0.0.0/0, announced by edge (AS 65001) on dx-1, reaches site through vpn-a1/1 and"
               " covers 203.0.113.225, the outside address that vpn-a/1 needs");
    finding = basic();
    finding.next_hop = rig_ip(192, 0, 2, 1);
    finding.pinned = rig_prefix(203, 0, 113, 225, 32);
    finding.level = CHECK_PROTECTED;
    CHECK_TEXT(because_of(&finding),
               "0.0.0.0/0, announced by edge (AS 65001) on dx-1, covers 192.0.2.1, the next hop of"
               " 203.0.113.225/32, which should keep the tunnel's packets outside");
    finding = basic();
    finding.own = rig_ip(203, 0, 113, 9);
    finding.as_path_count = 0;
    finding.origin = (struct check_origin){0};
    CHECK_TEXT(because_of(&finding),
               "0.0.0.0/0 covers 203.0.113.225, the outside address that the tunnel itself needs;"
               " the announcer's own, 203.0.113.9, lies there, too");
}

static void every_other_name_has_its_aside(void)
{
    for (unsigned bit = 0; bit < FAMILY_NAMES + 2; bit++) {
        enum check_finding_kind kinds[FAMILY_NAMES];
        size_t count = family_others(1u << bit | FAMILY_NEXT_HOP, kinds);
        for (size_t i = 0; i < count; i++) {
            CHECK(fate_aside(kinds[i]) != check_finding_sentence(kinds[i]));
            CHECK(strlen(check_finding_name(kinds[i])) + strlen(fate_aside(kinds[i])) < 88);
        }
    }
}

int main(void)
{
    TEST(each_fate_is_told);
    TEST(the_cause_is_told_with_what_it_covers);
    TEST(every_other_name_has_its_aside);
    return harness_done();
}
