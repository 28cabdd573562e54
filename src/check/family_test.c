#include "check/family.h"

#include "check/check_rig.h"

/* -- the name follows from the traits -- */

#define NAME(id) CHECK_FINDING_##id

static const struct naming {
    unsigned traits;
    enum check_finding_kind kind;
    enum check_finding_kind also[4];
    size_t also_count;
} namings[] = {
    {0, NAME(TUNNEL_RECURSION), {0}, 0},
    {FAMILY_UNANNOUNCED, NAME(TUNNEL_RECURSION), {0}, 0},
    {FAMILY_ELSEWHERE, NAME(TUNNEL_RECURSION), {0}, 0},
    /* the incident: its name stays, and what else is true stands beside it */
    {FAMILY_WEAK, NAME(TUNNEL_RECURSION), {NAME(WEAK_DEFAULT)}, 1},
    {FAMILY_WEAK | FAMILY_TWIN | FAMILY_GATEWAY,
     NAME(TUNNEL_RECURSION),
     {NAME(MUTUAL_RECURSION), NAME(WEAK_DEFAULT), NAME(GATEWAY_RECURSION)},
     3},
    {FAMILY_WEAK | FAMILY_UNANNOUNCED, NAME(WEAK_DEFAULT), {0}, 0},
    {FAMILY_COVERING, NAME(COVERING_PREFIX), {0}, 0},
    {FAMILY_COVERING | FAMILY_UNANNOUNCED, NAME(COVERING_PREFIX), {0}, 0},
    {FAMILY_BY_BGP, NAME(DEFAULT_BY_BGP), {0}, 0},
    {FAMILY_BY_BGP | FAMILY_WEAK, NAME(DEFAULT_BY_BGP), {NAME(WEAK_DEFAULT)}, 1},
    {FAMILY_BY_BGP | FAMILY_WEAK | FAMILY_UNANNOUNCED,
     NAME(DEFAULT_BY_BGP),
     {NAME(WEAK_DEFAULT)},
     1},
    {FAMILY_NESTED | FAMILY_COVERING, NAME(NESTED_TUNNEL), {NAME(COVERING_PREFIX)}, 1},
    {FAMILY_NESTED | FAMILY_BY_BGP, NAME(NESTED_TUNNEL), {NAME(DEFAULT_BY_BGP)}, 1},
    /* the site's own range: by name where it is another gateway's tunnel that is taken */
    {FAMILY_OWN_RANGE | FAMILY_COVERING, NAME(COVERING_PREFIX), {NAME(OWN_RANGE_ANNOUNCED)}, 1},
    {FAMILY_OWN_RANGE | FAMILY_ELSEWHERE | FAMILY_COVERING,
     NAME(OWN_RANGE_ANNOUNCED),
     {NAME(COVERING_PREFIX)},
     1},
    {FAMILY_OWN_RANGE | FAMILY_ELSEWHERE | FAMILY_COVERING | FAMILY_NESTED,
     NAME(OWN_RANGE_ANNOUNCED),
     {NAME(COVERING_PREFIX), NAME(NESTED_TUNNEL)},
     2},
    {FAMILY_CIRCLE | FAMILY_COVERING, NAME(MUTUAL_RECURSION), {NAME(COVERING_PREFIX)}, 1},
    {FAMILY_CIRCLE | FAMILY_OWN_RANGE | FAMILY_ELSEWHERE,
     NAME(MUTUAL_RECURSION),
     {NAME(OWN_RANGE_ANNOUNCED)},
     1},
    {FAMILY_NEXT_HOP | FAMILY_CIRCLE | FAMILY_WEAK,
     NAME(NEXT_HOP_IN_TUNNEL),
     {NAME(MUTUAL_RECURSION), NAME(WEAK_DEFAULT)},
     2},
    {FAMILY_NEXT_HOP | FAMILY_NESTED, NAME(NEXT_HOP_IN_TUNNEL), {NAME(NESTED_TUNNEL)}, 1},
};

static void the_name_follows_from_the_traits(void)
{
    for (size_t i = 0; i < sizeof namings / sizeof *namings; i++) {
        enum check_finding_kind kinds[FAMILY_NAMES];
        CHECK_TEXT(check_finding_name(family_kind(namings[i].traits)),
                   check_finding_name(namings[i].kind));
        size_t count = family_others(namings[i].traits, kinds);
        CHECK_EQUAL((int64_t)count, (int64_t)namings[i].also_count);
        for (size_t j = 0; j < count && j < namings[i].also_count; j++)
            CHECK_TEXT(check_finding_name(kinds[j]), check_finding_name(namings[i].also[j]));
    }
}

/* Of whatever traits: one name, each other name once, none of them the first. */
static void no_name_comes_twice(void)
{
    bool sound = true;
    for (unsigned traits = 0; traits < 2 * FAMILY_UNANNOUNCED; traits++) {
        enum check_finding_kind kinds[FAMILY_NAMES], first = family_kind(traits);
        size_t count = family_others(traits, kinds);
        sound &= family_has(first) && count <= FAMILY_NAMES;
        for (size_t i = 0; i < count; i++) {
            sound &= kinds[i] != first && kinds[i] != NAME(TUNNEL_RECURSION);
            for (size_t j = 0; j < i; j++)
                sound &= kinds[i] != kinds[j];
        }
    }
    CHECK(sound);
    CHECK(!family_has(NAME(GATEWAY_RECURSION)));
    CHECK(!family_has(NAME(SINGLE_TUNNEL)));
}

/* -- each has its story -- */

static const struct told {
    enum check_finding_kind kind; /* which the story is named after */
    enum check_verdict verdict;
    enum check_level level;
    size_t count; /* one for each tunnel, or one for the prefix */
    enum check_level near;
    enum check_finding_kind near_kind; /* the gravest in the near miss */
    size_t near_count;                 /* of the family, and of T07 and T08; 0: nothing at all */
} stories[] = {
    {NAME(MUTUAL_RECURSION), CHECK_ORDER_DEPENDENT, CHECK_LIKELY, 2, CHECK_PROTECTED,
     NAME(MUTUAL_RECURSION), 2},
    {NAME(COVERING_PREFIX), CHECK_UNSTABLE, CHECK_CERTAIN, 2, CHECK_PROTECTED,
     NAME(COVERING_PREFIX), 2},
    {NAME(WEAK_DEFAULT), CHECK_STABLE, CHECK_LATENT, 2, CHECK_LATENT, NAME(COVERING_PREFIX), 2},
    {NAME(DEFAULT_BY_BGP), CHECK_UNSTABLE, CHECK_CERTAIN, 2, CHECK_LATENT, NAME(DEFAULT_BY_BGP), 2},
    {NAME(NEXT_HOP_IN_TUNNEL), CHECK_UNSTABLE, CHECK_CERTAIN, 2, CHECK_PROTECTED,
     NAME(NEXT_HOP_IN_TUNNEL), 2},
    {NAME(GATEWAY_RECURSION), CHECK_STABLE, CHECK_PROTECTED, 1, CHECK_PROTECTED,
     NAME(GATEWAY_RECURSION), 0},
    {NAME(OWN_RANGE_ANNOUNCED), CHECK_STABLE, CHECK_LIKELY, 2, CHECK_PROTECTED,
     NAME(OWN_RANGE_ANNOUNCED), 0},
    {NAME(NESTED_TUNNEL), CHECK_STABLE, CHECK_LIKELY, 2, CHECK_PROTECTED, NAME(COVERING_PREFIX), 2},
};

static bool is_ours(const struct check_finding *finding)
{
    bool by_nobody = finding->condition && !finding->origin.attachment; /* of the file */
    return (family_has(finding->kind) && !by_nobody) || finding->kind == NAME(GATEWAY_RECURSION);
}

static size_t count_ours(const struct check *check)
{
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++)
        count += is_ours(check_finding(check, i));
    return count;
}

static struct check *story_of(const struct told *told, const char *ending,
                              struct network **ret_network)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s.yaml", check_finding_name(told->kind), ending);
    *ret_network = rig_story(name, NULL, NULL);
    return rig_check(*ret_network);
}

static void each_story_has_its_name(void)
{
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        struct network *network;
        struct check *check = story_of(&stories[i], "", &network);
        CHECK_EQUAL(check_verdict(check), stories[i].verdict);
        CHECK_EQUAL((int64_t)rig_count(check, stories[i].kind), (int64_t)stories[i].count);
        CHECK_EQUAL((int64_t)count_ours(check), (int64_t)stories[i].count);
        const struct check_finding *finding = rig_finding(check, stories[i].kind, 0);
        CHECK_EQUAL(finding->level, stories[i].level);
        CHECK((finding->remedy_count > 0) == (finding->level > CHECK_PROTECTED));
        check_free(check);
        network_free(network);
    }
}

static void each_near_miss_holds(void)
{
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        struct network *network;
        struct check *check = story_of(&stories[i], "-near", &network);
        CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
        CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 0);
        CHECK_EQUAL((int64_t)count_ours(check), (int64_t)stories[i].near_count);
        for (size_t j = 0; j < check_finding_count(check); j++) {
            const struct check_finding *finding = check_finding(check, j);
            if (!is_ours(finding))
                continue;
            CHECK_EQUAL(finding->level, stories[i].near);
            CHECK_TEXT(check_finding_name(finding->kind), check_finding_name(stories[i].near_kind));
            CHECK(finding->protection != NULL);
        }
        check_free(check);
        network_free(network);
    }
}

/* What a router announces and does not use keeps no default by the tunnel away; its own does. */
static void a_default_for_neighbors_is_no_shelter(void)
{
    struct network *network = rig_story("default-originate.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL(check_verdict(check), CHECK_UNSTABLE);
    CHECK_EQUAL((int64_t)rig_count(check, NAME(TUNNEL_RECURSION)), 2);
    check_free(check);
    network_free(network);
    network = rig_story("default-originate-near.yaml", NULL, NULL);
    check = rig_check_without_cures(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)rig_count(check, NAME(TUNNEL_RECURSION)), 0);
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 0);
    check_free(check);
    network_free(network);
}

/* Of a router into which nobody can look, what it was seen to announce says nothing about it. */
static void a_received_default_is_no_shelter(void)
{
    struct network *network =
        rig_story("default-originate-near.yaml", "announce: [10.20.0.0/16, 0.0.0.0/0]",
                  "received: [10.20.0.0/16, 0.0.0.0/0]");
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL(check_verdict(check), CHECK_UNSTABLE);
    CHECK_EQUAL((int64_t)rig_count(check, NAME(TUNNEL_RECURSION)), 2);
    check_free(check);
    network_free(network);
    network = rig_story("default-originate-near.yaml", "announce: [10.20.0.0/16, 0.0.0.0/0]",
                        "received: [10.20.0.0/16, 0.0.0.0/0], default_originate: false");
    check = rig_check_without_cures(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    check_free(check);
    network_free(network);
}

/* A name is no matter of luck: not in the story, not in its near miss. */
static void no_seed_names_it_otherwise(void)
{
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.yaml", check_finding_name(stories[i].kind));
        struct network *network = rig_story(name, NULL, NULL);
        for (uint64_t seed = 1; seed <= 4; seed++) {
            struct check_options options = {.seed = seed, .no_remedies = true};
            struct check *check = check_run(network, &options);
            CHECK_EQUAL((int64_t)rig_count(check, stories[i].kind), (int64_t)stories[i].count);
            check_free(check);
        }
        network_free(network);
    }
}

/* Each remedy, done to the network, leaves nothing of it above protected but what one announcement
 * more would bring. */
static void each_remedy_cures(void)
{
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        struct network *network;
        struct check *check = story_of(&stories[i], "", &network);
        for (size_t n = 1; n <= check_remedy_total(check); n++) {
            struct network *cured = check_remedy_applied(check, n);
            struct check *again = rig_check_as_told(cured);
            CHECK_EQUAL(check_verdict(again), CHECK_STABLE);
            CHECK_EQUAL(check_exit_code(again, CHECK_LIKELY), 0);
            check_free(again);
            network_free(cured);
        }
        check_free(check);
        network_free(network);
    }
}

/* -- and its levels -- */

/* What is changed in a story, and the gravest level at which its name is told then. */
static const struct degree {
    enum check_finding_kind kind;
    const char *from, *to;
    int level; /* enum check_level, or one less than the least */
} degrees[] = {
    /* west's dead-peer detection is slower, so east is back first, always: west stays down */
    {NAME(MUTUAL_RECURSION),
     "    customer_gateway: cgw-kyoto\n    tunnels: [{outside: 192.0.2.225,",
     "    customer_gateway: cgw-kyoto\n    dpd: {delay: 60s, retries: 5, interval: 10s}\n"
     "    tunnels: [{outside: 192.0.2.225,",
     CHECK_CERTAIN},
    {NAME(MUTUAL_RECURSION), "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1}]\n", "",
     CHECK_LIKELY},
    /* nobody announces the one prefix yet, so its circle is one announcement away */
    {NAME(MUTUAL_RECURSION),
     "story:\n  - {at: 60s, announce: {router: colo-east, prefix:"
     " 192.0.2.0/24}}\n  - {at: 60s, announce: {router: colo-west, prefix: 203.0.113.0/24}}\n",
     "", CHECK_PROTECTED - 1},
    {NAME(COVERING_PREFIX), "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1}]\n", "",
     CHECK_LIKELY},
    {NAME(COVERING_PREFIX),
     "story:\n  - {at: 60s, announce: {router: colo, prefix:"
     " 203.0.113.0/24}}\n",
     "", CHECK_LATENT},
    {NAME(COVERING_PREFIX), "platform: vyos\n", "platform: vyos\n    outer_vrf: true\n",
     CHECK_PROTECTED},
    {NAME(DEFAULT_BY_BGP),
     "story:\n  - {at: 60s, announce: {router: dc, prefix: 0.0.0.0/0, as_path:"
     " [64801]}}\n",
     "", CHECK_LATENT}, /* it is the way out (internet_exit), so dc may announce it */
    {NAME(DEFAULT_BY_BGP), "as_path: [64702, 64703, 64704]", "as_path: [64702, 64703]",
     CHECK_LATENT}, /* equally long, and the provider's is older */
    {NAME(NEXT_HOP_IN_TUNNEL), "    platform: vyos\n", "", CHECK_LIKELY},
    {NAME(NEXT_HOP_IN_TUNNEL), "platform: vyos\n", "platform: vyos\n    outer_vrf: true\n",
     CHECK_PROTECTED - 1}, /* what protects is no route to a next hop */
    {NAME(OWN_RANGE_ANNOUNCED), "{prefix: 0.0.0.0/0, via: 192.0.2.1}",
     "{prefix: 0.0.0.0/0, via: 192.0.2.1}, {prefix: 198.51.100.16/28, via: 192.0.2.1}",
     CHECK_PROTECTED},
    {NAME(NESTED_TUNNEL),
     "story:\n  - {at: 60s, announce: {router: head, prefix:"
     " 198.51.100.16/28}}\n",
     "", CHECK_PROTECTED - 1}, /* head's whole range is what comes into question then */
};

/* PROTECTED - 1: it is not told. */
static int level_of(const struct check *check, enum check_finding_kind kind)
{
    int level = (int)CHECK_PROTECTED - 1;
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        if (finding->kind == kind && (int)finding->level > level)
            level = (int)finding->level;
    }
    return level;
}

/* Nobody announces a default, and the tunnel's would be shorter than the provider's. */
static void a_margin_that_is_none_is_latent(void)
{
    char *text = rig_read_in("tests/stories", "default-by-bgp.yaml");
    char *story = strstr(text, "story:\n");
    CHECK(story != NULL);
    if (story)
        *story = 0;
    rig_edit(text, "     may_announce: [10.30.0.0/16], inside", "     inside");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, NAME(DEFAULT_BY_BGP), 0);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK(finding->conditional);
    CHECK_TEXT(finding->margin, "2 AS hops: the provider's AS path is 4 long, the tunnel's 2");
    CHECK(finding->remedy_count > 0);
    check_free(check);
    network_free(network);
    free(text);
}

static void each_level_is_told(void)
{
    for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.yaml", check_finding_name(degrees[i].kind));
        struct network *network = rig_story(name, degrees[i].from, degrees[i].to);
        struct check *check = rig_check_without_cures(network);
        CHECK_EQUAL(level_of(check, degrees[i].kind), degrees[i].level);
        if (level_of(check, degrees[i].kind) != degrees[i].level)
            printf("# degree %zu: %s\n", i, name);
        check_free(check);
        network_free(network);
    }
}

static const struct check_remedy *remedy_of(const struct check_finding *finding,
                                            enum check_remedy_kind kind)
{
    for (size_t i = 0; i < finding->remedy_count; i++) {
        if (finding->remedies[i].kind == kind)
            return &finding->remedies[i];
    }
    return NULL;
}

/* What a mechanism's own cure is to be: in the story, and not in the incident. */
static const struct cure {
    enum check_finding_kind kind;
    enum check_remedy_kind cure;
    size_t changes;
    const char *line;
    bool everywhere;
} cures[] = {
    /* the pins may stay: it is their next hop that needs one */
    {NAME(NEXT_HOP_IN_TUNNEL), CHECK_REMEDY_CGW_NEXT_HOP_ROUTE, 1,
     "set protocols static route 192.0.2.1/32 next-hop 198.51.100.1", false},
    /* past a provider whose default has lost, so that no route of the table knows it */
    {NAME(DEFAULT_BY_BGP), CHECK_REMEDY_CGW_HOST_ROUTE, 2,
     "set protocols static route 203.0.113.226/32 next-hop 198.51.100.1", true},
};

static void each_mechanism_has_its_cure(void)
{
    struct network *incident = rig_example("incident.yaml");
    struct check *other = rig_check(incident);
    for (size_t i = 0; i < sizeof cures / sizeof *cures; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.yaml", check_finding_name(cures[i].kind));
        struct network *network = rig_story(name, NULL, NULL);
        struct check *check = rig_check(network);
        const struct check_remedy *cure =
            remedy_of(rig_finding(check, cures[i].kind, 0), cures[i].cure);
        CHECK(cure != NULL);
        CHECK(cure && cure->change_count == cures[i].changes);
        CHECK(cure && check_has_text(&cure->lines, cures[i].line));
        CHECK((remedy_of(rig_recursion(other, 0), cures[i].cure) != NULL) == cures[i].everywhere);
        check_free(check);
        network_free(network);
    }
    check_free(other);
    network_free(incident);
}

int main(void)
{
    TEST(the_name_follows_from_the_traits);
    TEST(no_name_comes_twice);
    TEST(each_story_has_its_name);
    TEST(each_near_miss_holds);
    TEST(a_default_for_neighbors_is_no_shelter);
    TEST(a_received_default_is_no_shelter);
    TEST(no_seed_names_it_otherwise);
    TEST(each_remedy_cures);
    TEST(each_level_is_told);
    TEST(a_margin_that_is_none_is_latent);
    TEST(each_mechanism_has_its_cure);
    return harness_done();
}
