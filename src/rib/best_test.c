#include "rib/best.h"

#include "base/prng.h"
#include "tests/harness.h"

enum { MANY = 12 };

static struct attr_facts attrs[MANY];
static struct source sources[MANY];
static struct best_candidate field[MANY];
static uint32_t field_count;

static void nobody(void)
{
    memset(attrs, 0, sizeof attrs);
    memset(sources, 0, sizeof sources);
    memset(field, 0, sizeof field);
    field_count = 0;
}

/* A candidate that differs from the others in nothing but its number; the caller changes it. */
static uint32_t add(void)
{
    uint32_t i = field_count++;
    attrs[i] = (struct attr_facts){.local_pref = 100,
                                   .path_length = 2,
                                   .first_as = 65001 + i,
                                   .community = ATTR_COMMUNITY_MEDIUM};
    sources[i] = (struct source){.kind = SOURCE_VPN_BGP,
                                 .attachment = {(uint16_t)(i + 1)},
                                 .external = true,
                                 .router_id = 7,
                                 .peer_address = 7};
    field[i] = (struct best_candidate){&attrs[i], &sources[i], {(uint16_t)(i + 1)}, i, 0, false};
    return i;
}

static void two(void)
{
    nobody();
    add();
    add();
}

/* Candidate 1 wins against 0, which loses for this reason. */
static void check_second_wins(enum best_rules rules, enum reason why)
{
    CHECK_EQUAL(best_choose(rules, field, field_count), 1);
    CHECK_EQUAL(field[0].why, why);
    CHECK_EQUAL(field[1].why, REASON_BEST);
}

static void one_candidate_is_best(void)
{
    nobody();
    add();
    CHECK_EQUAL(best_choose(BEST_VGW, field, 1), 0);
    CHECK_EQUAL(field[0].why, REASON_BEST);
}

/* Each step decides although every later step says the opposite. */
static void the_vgws_steps_come_in_order(void)
{
    two();
    sources[0].peer_address = 8;
    check_second_wins(BEST_VGW, REASON_LOST_PEER_ADDRESS);
    sources[1].peer_address = 9;
    sources[0].router_id = 8;
    check_second_wins(BEST_VGW, REASON_LOST_ROUTER_ID);
    sources[1].router_id = 9;
    sources[0].attachment = sources[1].attachment;
    sources[0].outside = 2;
    sources[1].outside = 1;
    check_second_wins(BEST_VGW, REASON_LOST_OUTSIDE);
    sources[1].outside = 3;
    attrs[0].first_as = attrs[1].first_as;
    attrs[0].med = 1;
    check_second_wins(BEST_VGW, REASON_LOST_MED);
    attrs[1].med = 2;
    attrs[0].path_length = 3;
    check_second_wins(BEST_VGW, REASON_LOST_PATH_LENGTH);
    attrs[1].path_length = 4;
    sources[0].kind = sources[1].kind = SOURCE_DX;
    attrs[1].community = ATTR_COMMUNITY_HIGH;
    check_second_wins(BEST_VGW, REASON_LOST_COMMUNITY);
    attrs[1].community = ATTR_COMMUNITY_LOW;
    sources[0].kind = SOURCE_VPN_STATIC;
    check_second_wins(BEST_VGW, REASON_LOST_KIND);
    sources[0].kind = SOURCE_DX;
    sources[1].kind = SOURCE_VPN_BGP;
    attrs[1].local_pref = 101;
    check_second_wins(BEST_VGW, REASON_LOST_LOCAL_PREF);
    attrs[0].local_pref = 102;
    sources[1].kind = SOURCE_LOCAL;
    check_second_wins(BEST_VGW, REASON_LOST_LOCAL_ORIGIN);
    sources[0].kind = SOURCE_FRAGMENT;
    attrs[0].local_pref = 500;
    check_second_wins(BEST_VGW, REASON_LOST_FRAGMENT);
}

static void dx_beats_static_vpn_beats_bgp_vpn_whatever_the_path(void)
{
    nobody();
    enum source_kind kinds[] = {SOURCE_VPN_BGP, SOURCE_VPN_STATIC, SOURCE_DX};
    for (unsigned i = 0; i < 3; i++) {
        add();
        sources[i].kind = kinds[i];
        attrs[i].path_length = (uint16_t)(1 + i);
    }
    CHECK_EQUAL(best_choose(BEST_VGW, field, 3), 2);
    CHECK_EQUAL(best_choose(BEST_VGW, field, 2), 1);
    CHECK_EQUAL(field[0].why, REASON_LOST_KIND);
}

static void communities_of_a_vpn_do_not_count(void)
{
    two();
    attrs[0].community = ATTR_COMMUNITY_HIGH;
    attrs[0].path_length = 9;
    check_second_wins(BEST_VGW, REASON_LOST_PATH_LENGTH);
}

static void a_vgw_asks_neither_origin_nor_age(void)
{
    two();
    attrs[1].origin = 2;
    sources[0].router_id = 8;
    field[1].arrival = 99;
    check_second_wins(BEST_VGW, REASON_LOST_ROUTER_ID);
}

static void med_counts_only_within_a_neighbor_as(void)
{
    two();
    attrs[1].med = 1000;
    sources[0].router_id = 8;
    check_second_wins(BEST_VGW, REASON_LOST_ROUTER_ID);
    attrs[0].first_as = attrs[1].first_as = 0; /* no neighbor AS: not comparable */
    check_second_wins(BEST_VGW, REASON_LOST_ROUTER_ID);
}

/* The textbook case: A (AS 1, MED 10, id 1), B (AS 1, MED 5, id 3), C (AS 2, id 2). In pairs A
 * beats C, C beats B, B beats A; grouped, A is out before C and B are compared. */
static void med_does_not_depend_on_the_order_of_arrival(void)
{
    static const unsigned orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                          {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (unsigned k = 0; k < 6; k++) {
        nobody();
        for (unsigned i = 0; i < 3; i++)
            add();
        struct best_candidate shuffled[3];
        attrs[0].first_as = attrs[1].first_as = 1;
        attrs[0].med = 10;
        attrs[1].med = 5;
        sources[0].router_id = 1;
        sources[1].router_id = 3;
        sources[2].router_id = 2;
        for (unsigned i = 0; i < 3; i++)
            shuffled[i] = field[orders[k][i]];
        uint32_t best = best_choose(BEST_RFC4271, shuffled, 3);
        CHECK_EQUAL(shuffled[best].source_id.v, 3);
        for (unsigned i = 0; i < 3; i++)
            if (shuffled[i].source_id.v == 1)
                CHECK_EQUAL(shuffled[i].why, REASON_LOST_MED);
    }
}

static void internal_paths_have_their_local_preference(void)
{
    two();
    sources[0].kind = sources[1].kind = SOURCE_PLAIN_BGP;
    sources[1].external = false;
    attrs[1].local_pref = 101;
    check_second_wins(BEST_RFC4271, REASON_LOST_LOCAL_PREF);
    attrs[1].local_pref = 100;
    CHECK_EQUAL(best_choose(BEST_RFC4271, field, 2), 0);
    CHECK_EQUAL(field[1].why, REASON_LOST_INTERNAL);
}

static void origin_counts_by_rfc_4271(void)
{
    two();
    attrs[0].origin = 1;
    sources[1].router_id = 8;
    check_second_wins(BEST_RFC4271, REASON_LOST_ORIGIN);
}

static void frr_keeps_the_oldest_before_the_router_id(void)
{
    two();
    field[0].arrival = 3;
    field[1].arrival = UINT32_MAX - 3; /* earlier: the counter has wrapped around */
    sources[1].router_id = 9;
    check_second_wins(BEST_FRR, REASON_LOST_AGE);
    field[0].arrival = UINT32_MAX - 9;
    CHECK_EQUAL(best_choose(BEST_FRR, field, 2), 0);
    sources[0].router_id = 10;
    check_second_wins(BEST_RFC4271, REASON_LOST_ROUTER_ID);
}

static void when_all_is_equal_the_source_decides(void)
{
    two();
    CHECK_EQUAL(best_choose(BEST_VGW, field, 2), 0);
    CHECK_EQUAL(field[1].why, REASON_LOST_SOURCE);
}

/* -- the naive choice, written down again from design and RFC: who is left after each step? -- */

struct naive {
    bool in[MANY];
};

static bool same_group(enum reason step, unsigned a, unsigned b)
{
    if (step == REASON_LOST_MED)
        return attrs[a].first_as != 0 && attrs[a].first_as == attrs[b].first_as;
    if (step == REASON_LOST_OUTSIDE)
        return sources[a].attachment.v != 0 && sources[a].attachment.v == sources[b].attachment.v;
    return true;
}

static int64_t worth(enum reason step, unsigned i) /* higher is better */
{
    static const int kinds[] = {
        [SOURCE_LOCAL] = 5,   [SOURCE_DX] = 4,        [SOURCE_VPN_STATIC] = 3,
        [SOURCE_VPN_BGP] = 2, [SOURCE_PLAIN_BGP] = 2, [SOURCE_FRAGMENT] = 1};
    bool ibgp = sources[i].kind == SOURCE_PLAIN_BGP && !sources[i].external;
    if (step == REASON_LOST_FRAGMENT)
        return sources[i].kind != SOURCE_FRAGMENT;
    if (step == REASON_LOST_LOCAL_PREF)
        return attrs[i].local_pref;
    if (step == REASON_LOST_LOCAL_ORIGIN)
        return sources[i].kind == SOURCE_LOCAL;
    if (step == REASON_LOST_KIND)
        return kinds[sources[i].kind];
    if (step == REASON_LOST_COMMUNITY)
        return sources[i].kind == SOURCE_DX ? attrs[i].community : 2;
    if (step == REASON_LOST_PATH_LENGTH)
        return -(int64_t)attrs[i].path_length;
    if (step == REASON_LOST_ORIGIN)
        return -(int64_t)attrs[i].origin;
    if (step == REASON_LOST_MED)
        return -(int64_t)attrs[i].med;
    if (step == REASON_LOST_INTERNAL)
        return !ibgp;
    if (step == REASON_LOST_AGE)
        return -(int64_t)field[i].arrival;
    if (step == REASON_LOST_OUTSIDE)
        return -(int64_t)sources[i].outside;
    if (step == REASON_LOST_ROUTER_ID)
        return -(int64_t)sources[i].router_id;
    if (step == REASON_LOST_PEER_ADDRESS)
        return -(int64_t)sources[i].peer_address;
    return -(int64_t)field[i].source_id.v;
}

static void naive_step(struct naive *naive, enum reason step, uint8_t why[MANY])
{
    struct naive next = *naive;
    if (step == REASON_LOST_AGE)
        for (unsigned i = 0; i < field_count; i++)
            if (naive->in[i] && !sources[i].external)
                return;
    for (unsigned a = 0; a < field_count; a++)
        for (unsigned b = 0; b < field_count; b++)
            if (naive->in[a] && naive->in[b] && same_group(step, a, b) &&
                worth(step, b) > worth(step, a)) {
                next.in[a] = false;
                why[a] = (uint8_t)step;
            }
    *naive = next;
}

static const enum reason vgw_steps[] = {
    REASON_LOST_FRAGMENT,  REASON_LOST_LOCAL_ORIGIN, REASON_LOST_LOCAL_PREF, REASON_LOST_KIND,
    REASON_LOST_COMMUNITY, REASON_LOST_PATH_LENGTH,  REASON_LOST_MED,        REASON_LOST_OUTSIDE,
    REASON_LOST_ROUTER_ID, REASON_LOST_PEER_ADDRESS, REASON_LOST_SOURCE,     REASON_NONE};
static const enum reason rfc_steps[] = {REASON_LOST_FRAGMENT,
                                        REASON_LOST_LOCAL_ORIGIN,
                                        REASON_LOST_LOCAL_PREF,
                                        REASON_LOST_PATH_LENGTH,
                                        REASON_LOST_ORIGIN,
                                        REASON_LOST_MED,
                                        REASON_LOST_INTERNAL,
                                        REASON_LOST_ROUTER_ID,
                                        REASON_LOST_PEER_ADDRESS,
                                        REASON_LOST_SOURCE,
                                        REASON_NONE};
static const enum reason frr_steps[] = {
    REASON_LOST_FRAGMENT,     REASON_LOST_LOCAL_ORIGIN, REASON_LOST_LOCAL_PREF,
    REASON_LOST_PATH_LENGTH,  REASON_LOST_ORIGIN,       REASON_LOST_MED,
    REASON_LOST_INTERNAL,     REASON_LOST_AGE,          REASON_LOST_ROUTER_ID,
    REASON_LOST_PEER_ADDRESS, REASON_LOST_SOURCE,       REASON_NONE};

static void randomize(struct prng *prng)
{
    nobody();
    uint32_t count = 1 + (uint32_t)prng_below(prng, MANY);
    while (field_count < count) {
        uint32_t i = add();
        sources[i].kind = (enum source_kind)prng_below(prng, 6);
        sources[i].attachment.v = (uint16_t)prng_below(prng, 4);
        sources[i].external = prng_below(prng, 3) > 0;
        sources[i].router_id = (uint32_t)prng_below(prng, 3);
        sources[i].peer_address = (uint32_t)prng_below(prng, 3);
        sources[i].outside = (uint32_t)prng_below(prng, 3);
        attrs[i].path_length = (uint16_t)prng_below(prng, 2);
        attrs[i].origin = (uint8_t)prng_below(prng, 2);
        attrs[i].med = (uint32_t)prng_below(prng, 3);
        attrs[i].first_as = (uint32_t)prng_below(prng, 3);
        attrs[i].local_pref = prng_below(prng, 4) > 0 ? 100 : 99 + (uint32_t)prng_below(prng, 3);
        attrs[i].community = (uint8_t)prng_below(prng, 3);
        if (prng_below(prng, 2)) /* most pairs must get further than the kind */
            sources[i].kind = sources[0].kind;
    }
}

static void the_choice_is_the_naive_one_in_any_order(void)
{
    static const enum reason *steps[] = {vgw_steps, rfc_steps, frr_steps};
    struct prng prng = prng_seed(17);
    unsigned reached[REASON_COUNT] = {0};
    for (unsigned round = 0; round < 60000; round++) {
        enum best_rules rules = (enum best_rules)(round % 3);
        randomize(&prng);
        struct naive naive;
        uint8_t why[MANY] = {0};
        for (unsigned i = 0; i < field_count; i++)
            naive.in[i] = true;
        for (const enum reason *step = steps[rules]; *step != REASON_NONE; step++)
            naive_step(&naive, *step, why);
        struct best_candidate shuffled[MANY];
        memcpy(shuffled, field, sizeof field);
        for (uint32_t i = field_count; i > 1; i--) {
            uint32_t other = (uint32_t)prng_below(&prng, i);
            struct best_candidate kept = shuffled[i - 1];
            shuffled[i - 1] = shuffled[other];
            shuffled[other] = kept;
        }
        uint32_t best = best_choose(rules, shuffled, field_count);
        for (unsigned i = 0; i < field_count; i++) {
            unsigned self = shuffled[i].source_id.v - 1u;
            CHECK_EQUAL(shuffled[i].why, naive.in[self] ? REASON_BEST : why[self]);
            CHECK_EQUAL(i == best, naive.in[self]);
            reached[shuffled[i].why]++;
        }
    }
    for (const enum reason *step = vgw_steps; *step != REASON_NONE; step++)
        CHECK(reached[*step] > 20);
    for (const enum reason *step = frr_steps; *step != REASON_NONE; step++)
        CHECK(reached[*step] > 20);
}

int main(void)
{
    TEST(one_candidate_is_best);
    TEST(the_vgws_steps_come_in_order);
    TEST(dx_beats_static_vpn_beats_bgp_vpn_whatever_the_path);
    TEST(communities_of_a_vpn_do_not_count);
    TEST(a_vgw_asks_neither_origin_nor_age);
    TEST(med_counts_only_within_a_neighbor_as);
    TEST(med_does_not_depend_on_the_order_of_arrival);
    TEST(internal_paths_have_their_local_preference);
    TEST(origin_counts_by_rfc_4271);
    TEST(frr_keeps_the_oldest_before_the_router_id);
    TEST(when_all_is_equal_the_source_decides);
    TEST(the_choice_is_the_naive_one_in_any_order);
    return harness_done();
}
