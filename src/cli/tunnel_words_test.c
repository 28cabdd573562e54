#include "cli/tunnel_words.h"

#include "network/build_rig.h"

static void check_words(const struct world *world, int tunnel, struct tunnel_sight state,
                        const char *expected)
{
    char bytes[128];
    struct text text = text_over(bytes, sizeof bytes);
    text_tunnel_sight(&text, world, tunnel, &state);
    CHECK_TEXT(bytes, expected);
}

static void each_state_has_its_sentence(void)
{
    struct rig rig = rig_build(rig_incident);
    const struct world *world = rig.world;
    check_words(world, 0, (struct tunnel_sight){.being = BEING_UP}, "vpn-vyatta/1 is up");
    check_words(world, 0, (struct tunnel_sight){.being = BEING_DOWN}, "vpn-vyatta/1 is down");
    check_words(world, 0, (struct tunnel_sight){.being = BEING_SWALLOWED, .into = 0},
                "vpn-vyatta/1 swallows itself");
    check_words(world, 0, (struct tunnel_sight){.being = BEING_DOWN, .period_us = 78200000},
                "vpn-vyatta/1 goes down and comes back, every 78.2 s");
    rig_done(&rig);
}

static void another_tunnel_is_named(void)
{
    struct rig rig = rig_build(rig_incident);
    int other = world_add_tunnel(rig.world, "vpn-other/1");
    check_words(rig.world, 0, (struct tunnel_sight){.being = BEING_SWALLOWED, .into = other},
                "vpn-vyatta/1 is swallowed by vpn-other/1");
    CHECK_TEXT(tunnel_being_word(BEING_SWALLOWED), "swallowed");
    rig_done(&rig);
}

int main(void)
{
    TEST(each_state_has_its_sentence);
    TEST(another_tunnel_is_named);
    return harness_done();
}
