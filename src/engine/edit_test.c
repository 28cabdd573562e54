/* What a policy changes in routes: preference and communities on the way in, MED, prepending and
 * communities on the way out. */
#include "engine/test_gate.h"

#include "bgp/outlog.h"
#include "engine/parts.h"

enum { LOW = 7224u << 16 | 7100, HIGH = 7224u << 16 | 7300, MARK = 65001u << 16 | 7 };

static const struct route_edit nothing = {0};

static uint32_t group_count(void)
{
    return outlog_counts(&gate.engine->bgp->outlog).groups;
}

static void gate_of_three(void)
{
    gate_start();
    gate_dx(1, 65001);
    gate_dx(2, 65002);
    gate_vpn(3, 65003);
}

/* It comes before the kind of attachment, and what is ours comes before it. */
static void a_preference_decides_first(void)
{
    gate_of_three();
    say_edit(&gate, 3, false, (struct route_edit){.local_pref = 200, .has_local_pref = true});
    announce(1, "10.1.0.0/16");
    announce_as(3, "10.1.0.0/16", (struct offer){.path = {65003, 65009, 65009}});
    CHECK_TEXT(why(3, "10.1.0.0/16"), "best");
    CHECK_TEXT(why(1, "10.1.0.0/16"), "lower-local-preference");
    say_announce(&gate, "10.1.0.0/16");
    CHECK_TEXT(why(3, "10.1.0.0/16"), "not-local");
    gate_finish();
}

/* A LOCAL_PREF that an external neighbor sends is nobody's policy (RFC 4271 5.1.5). */
static void an_external_neighbor_sets_no_preference(void)
{
    gate_of_three();
    announce_as(3, "10.1.0.0/16", (struct offer){.local_pref = 500});
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(why(3, "10.1.0.0/16"), "weaker-attachment");
    gate_finish();
}

/* The neighbor is asked to say its routes again; until it has, they stay as they are. */
static void a_changed_preference_asks_again(void)
{
    gate_of_three();
    announce(1, "10.1.0.0/16");
    announce(3, "10.1.0.0/16");
    CHECK_EQUAL(peers[3].refresh_count, 0);
    say_edit(&gate, 3, false, (struct route_edit){.local_pref = 101, .has_local_pref = true});
    CHECK_EQUAL(peers[3].refresh_count, 1);
    CHECK_EQUAL(peers[1].refresh_count, 0);
    announce(3, "10.1.0.0/16");
    CHECK_TEXT(why(1, "10.1.0.0/16"), "lower-local-preference");
    say_edit(&gate, 3, false, (struct route_edit){.local_pref = 101, .has_local_pref = true});
    CHECK_EQUAL(peers[3].refresh_count, 1); /* the same policy again is no change */
    say_edit(&gate, 3, false, nothing);
    CHECK_EQUAL(peers[3].refresh_count, 2);
    announce(3, "10.1.0.0/16");
    CHECK_TEXT(why(3, "10.1.0.0/16"), "weaker-attachment");
    gate_finish();
}

/* What is put in on import means what it would mean had the neighbor sent it. */
static void communities_put_in_have_their_meaning(void)
{
    gate_of_three();
    say_edit(&gate, 1, false, (struct route_edit){.add = {HIGH}, .add_count = 1});
    announce_as(1, "10.1.0.0/16", (struct offer){.path = {65001, 65009}});
    announce(2, "10.1.0.0/16");
    CHECK_TEXT(why(2, "10.1.0.0/16"), "lower-community-preference");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65001 65009 via 169.254.3.1 7224:7300");
    say_edit(&gate, 1, false, (struct route_edit){.add = {BGP_NO_EXPORT}, .add_count = 1});
    announce(1, "10.2.0.0/16");
    CHECK_TEXT(why_not(3, "10.2.0.0/16"), "no-export");
    CHECK_TEXT(told(3, "10.2.0.0/16"), "nothing");
    gate_finish();
}

/* Who does not honor what a neighbor asks for takes it out. */
static void communities_taken_out_have_none(void)
{
    gate_of_three();
    struct route_edit edit = {.remove = {HIGH, BGP_NO_EXPORT}, .remove_count = 2};
    say_edit(&gate, 1, false, edit);
    announce_as(1, "10.1.0.0/16",
                (struct offer){.path = {65001, 65009}, .communities = {HIGH, BGP_NO_EXPORT, MARK}});
    announce(2, "10.1.0.0/16");
    CHECK_TEXT(why(1, "10.1.0.0/16"), "longer-as-path");
    announce_as(1, "10.2.0.0/16", (struct offer){.communities = {BGP_NO_EXPORT, MARK}});
    CHECK_TEXT(told(3, "10.2.0.0/16"), "64512 65001 via 169.254.3.1 65001:7");
    edit.drop_communities = true;
    say_edit(&gate, 1, false, edit);
    announce_as(1, "10.2.0.0/16", (struct offer){.communities = {BGP_NO_EXPORT, MARK}});
    CHECK_TEXT(told(3, "10.2.0.0/16"), "64512 65001 via 169.254.3.1");
    gate_finish();
}

static void an_export_is_told_as_its_policy_says(void)
{
    gate_of_three();
    announce_as(1, "10.1.0.0/16", (struct offer){.communities = {LOW, MARK}});
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65001 via 169.254.3.1 7224:7100 65001:7");
    struct route_edit edit = {.med = 50,
                              .has_med = true,
                              .prepend = 2,
                              .remove = {LOW},
                              .remove_count = 1,
                              .add = {BGP_NO_EXPORT},
                              .add_count = 1};
    say_edit(&gate, 3, true, edit);
    CHECK_TEXT(told(3, "10.1.0.0/16"),
               "64512 64512 64512 65001 via 169.254.3.1 med 50 65001:7 65535:65281");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1 7224:7100 65001:7");
    announce(1, "10.2.0.0/16");
    CHECK_TEXT(told(3, "10.2.0.0/16"),
               "64512 64512 64512 65001 via 169.254.3.1 med 50 65535:65281");
    say_edit(&gate, 3, true, nothing);
    CHECK_TEXT(told(3, "10.2.0.0/16"), "64512 65001 via 169.254.3.1");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65001 via 169.254.3.1 7224:7100 65001:7");
    gate_finish();
}

/* One encoding for all who are told the same, whoever they are. */
static void equal_policies_share_a_group(void)
{
    struct route_edit edit = {.prepend = 1};
    gate_of_three();
    gate_dx(4, 65004);
    CHECK_EQUAL(group_count(), 1);
    say_edit(&gate, 1, true, edit);
    CHECK_EQUAL(group_count(), 2);
    say_edit(&gate, 2, true, edit);
    say_edit(&gate, 4, true, edit);
    CHECK_EQUAL(group_count(), 2);
    edit.prepend = 2;
    say_edit(&gate, 2, true, edit);
    CHECK_EQUAL(group_count(), 3);
    for (uint16_t i = 1; i <= 4; i++)
        say_edit(&gate, i, true, nothing);
    CHECK_EQUAL(group_count(), 1);
    CHECK_EQUAL(gate.engine->bgp->edits.used_count, 0);
    gate_finish();
}

/* The connection's MED is added to that of the tunnel that was not chosen, and never wraps. */
static void a_med_leaves_the_choice_of_tunnels(void)
{
    gate_of_three();
    say_vpn(&gate, 4);
    for (uint16_t i = 4; i <= 5; i++) {
        struct event_neighbor neighbor = neighbor_on(i, 4, 65004, NULL);
        neighbor.med = i == 5 ? 100 : 0;
        peer_up(peer_add(neighbor));
    }
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(4, "10.1.0.0/16"), "64512 65001 via 169.254.4.1");
    CHECK_TEXT(told(5, "10.1.0.0/16"), "64512 65001 via 169.254.5.1 med 100");
    say_edit(&gate, 4, true, (struct route_edit){.med = 20, .has_med = true});
    CHECK_TEXT(told(4, "10.1.0.0/16"), "64512 65001 via 169.254.4.1 med 20");
    CHECK_TEXT(told(5, "10.1.0.0/16"), "64512 65001 via 169.254.5.1 med 120");
    say_edit(&gate, 4, true, (struct route_edit){.med = UINT32_MAX, .has_med = true});
    CHECK_TEXT(told(5, "10.1.0.0/16"), "64512 65001 via 169.254.5.1 med 4294967295");
    gate_finish();
}

/* A policy that is there before the session counts from its first UPDATE. */
static void a_policy_before_the_session_counts(void)
{
    gate_start();
    gate_dx(1, 65001);
    announce(1, "10.1.0.0/16");
    say_attachment(&gate, (struct event_attachment){.attachment = 2, .kind = ATTACHMENT_DX});
    say_edit(&gate, 2, true, (struct route_edit){.prepend = 1});
    say_edit(&gate, 2, false, (struct route_edit){.local_pref = 300, .has_local_pref = true});
    peer_up(peer_add(neighbor_on(2, 2, 65002, NULL)));
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 64512 65001 via 169.254.2.1");
    CHECK_EQUAL(peers[2].update_count, 1);
    CHECK_EQUAL(peers[2].refresh_count, 0);
    announce(2, "10.1.0.0/16");
    CHECK_TEXT(why(1, "10.1.0.0/16"), "lower-local-preference");
    gate_finish();
}

static void an_allow_list_comes_before_the_filter(void)
{
    gate_of_three();
    say_allowed(&gate, 1, "10.0.0.0/8");
    say_filter(&gate, 1, false, "10.1.0.0/16");
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    announce(1, "11.1.0.0/16");
    CHECK_TEXT(why(1, "10.1.0.0/16"), "import-filter");
    CHECK_TEXT(why(1, "10.2.0.0/16"), "best");
    CHECK_TEXT(why(1, "11.1.0.0/16"), "not-in-allow-list");
    say_allowed(&gate, 1, NULL);
    CHECK_EQUAL(peers[1].refresh_count, 3);
    announce(1, "11.1.0.0/16");
    CHECK_TEXT(why(1, "11.1.0.0/16"), "best");
    gate_finish();
}

static void say_mark_filter(uint16_t attachment, bool export)
{
    const struct prefix_rule rule = {.le = 32, .has_community = true, .community = MARK};
    struct event_filter said = {.attachment = attachment,
                                .export = export,
                                .permit_rest = true,
                                .count = 1,
                                .rules = &rule};
    rig_step(&gate, &(struct event){.kind = EVENT_FILTER, .filter = said});
}

/* On import the neighbor's own communities are asked for, on export those of the Loc-RIB. */
static void a_filter_may_ask_for_communities(void)
{
    gate_of_three();
    say_mark_filter(3, true);
    announce_as(1, "10.1.0.0/16", (struct offer){.communities = {HIGH, MARK}});
    announce_as(1, "10.2.0.0/16", (struct offer){.communities = {HIGH}});
    CHECK_TEXT(told(3, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(why_not(3, "10.1.0.0/16"), "export-filter");
    CHECK_TEXT(told(3, "10.2.0.0/16"), "64512 65001 via 169.254.3.1 7224:7300");
    announce_as(1, "10.2.0.0/16", (struct offer){.communities = {MARK}}); /* the same prefix, now */
    CHECK_TEXT(told(3, "10.2.0.0/16"), "nothing");
    say_mark_filter(2, false);
    say_edit(&gate, 2, false, (struct route_edit){.remove = {MARK}, .remove_count = 1});
    announce_as(2, "10.3.0.0/16", (struct offer){.communities = {MARK}});
    announce_as(2, "10.4.0.0/16", (struct offer){.communities = {HIGH}});
    CHECK_TEXT(why(2, "10.3.0.0/16"), "import-filter");
    CHECK_TEXT(why(2, "10.4.0.0/16"), "best");
    gate_finish();
}

/* Two engines that were told the same are the same; a policy is part of what they are. */
static void a_policy_is_in_the_digest(void)
{
    static const struct route_edit edits[] = {{.prepend = 1},
                                              {.has_med = true},
                                              {.has_med = true, .med = 1},
                                              {.drop_communities = true},
                                              {.add = {MARK}, .add_count = 1},
                                              {.remove = {MARK}, .remove_count = 1}};
    gate_of_three();
    uint64_t seen[7] = {engine_digest(gate.engine)};
    for (unsigned i = 0; i < 6; i++) {
        say_edit(&gate, 1, true, edits[i]);
        seen[i + 1] = engine_digest(gate.engine);
        for (unsigned k = 0; k <= i; k++)
            CHECK(seen[k] != seen[i + 1]);
    }
    say_edit(&gate, 1, true, nothing);
    CHECK(engine_digest(gate.engine) == seen[0]);
    say_allowed(&gate, 1, "10.0.0.0/8");
    CHECK(engine_digest(gate.engine) != seen[0]);
    gate_finish();
}

int main(void)
{
    TEST(a_preference_decides_first);
    TEST(an_external_neighbor_sets_no_preference);
    TEST(a_changed_preference_asks_again);
    TEST(communities_put_in_have_their_meaning);
    TEST(communities_taken_out_have_none);
    TEST(an_export_is_told_as_its_policy_says);
    TEST(equal_policies_share_a_group);
    TEST(a_med_leaves_the_choice_of_tunnels);
    TEST(a_policy_before_the_session_counts);
    TEST(an_allow_list_comes_before_the_filter);
    TEST(a_filter_may_ask_for_communities);
    TEST(a_policy_is_in_the_digest);
    return harness_done();
}
