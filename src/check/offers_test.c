#include "check/offers.h"

#include "check/check_rig.h"

static struct network *network;
static struct check *check;
static struct run run;

static void begin(const char *story, const char *from, const char *to)
{
    network = rig_story(story, from, to);
    check = rig_blank(network);
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    run_finish(&run);
}

static void end(void)
{
    run_done(&run);
    arena_done(&check->arena);
    free(check);
    network_free(network);
}

static int node(const char *id)
{
    return world_find_node(run.world, id);
}

static size_t offers_at(struct prefix prefix, struct offer *offers)
{
    const struct rib *rib = known_rib(&run.world->nodes[node("vgw-main")]);
    return offers_of(run.world, node("vgw-main"), rib_find(rib, prefix), offers);
}

static void each_site_offers_once(void)
{
    struct offer offers[OFFERS_MAX];
    begin("foreign-prefix.yaml", NULL, NULL);
    CHECK_EQUAL((int64_t)offers_at(rig_prefix(10, 20, 7, 0, 24), offers), 1); /* two tunnels */
    CHECK_TEXT(offers[0].site.id, "vpn-nagano");
    CHECK(offers_by(offers, 1, node("nagano")) == &offers[0]);
    CHECK(offers_by(offers, 1, node("tokyo")) == NULL);
    CHECK_EQUAL((int64_t)offers_at(rig_prefix(10, 10, 0, 0, 16), offers), 0); /* its own */
    end();
}

static void what_lies_around_is_found(void)
{
    uint32_t numbers[COVERS_MAX];
    begin("foreign-prefix.yaml", "announce: [10.20.0.0/16]", "announce: [10.20.0.0/16, 0.0.0.0/0]");
    const struct rib *rib = known_rib(&run.world->nodes[node("vgw-main")]);
    size_t count =
        offers_around(run.world, node("vgw-main"), rig_prefix(10, 20, 7, 0, 24), numbers);
    CHECK_EQUAL((int64_t)count, 1); /* not itself, not the default */
    CHECK(prefix_equal(rib_prefix_of(rib, rib_prefix_get(rib, numbers[0])),
                       rig_prefix(10, 20, 0, 0, 16)));
    CHECK(!offers_lie_within(check, run.world, node("vgw-main"), node("nagano"), node("tokyo")));
    end();
    begin("foreign-prefix.yaml", "announce: [10.40.0.0/16, 10.20.7.0/24]",
          "announce: [10.20.7.0/24]");
    CHECK(offers_lie_within(check, run.world, node("vgw-main"), node("nagano"), node("tokyo")));
    CHECK(!offers_lie_within(check, run.world, node("vgw-main"), node("tokyo"), node("nagano")));
    end();
}

/* As many as IPv6 can have, each around the next: ::/1 and on, down to a /128's parent. */
static void all_that_lies_around_an_ipv6_prefix_is_found(void)
{
    enum { DEEP = 90, LEAST = 20 };
    static char said[RIG_TEXT_BYTES / 4];
    size_t at = (size_t)snprintf(said, sizeof said, "\"::/1\"");
    for (unsigned len = LEAST; len < LEAST + DEEP; len++)
        at += (size_t)snprintf(said + at, sizeof said - at, ", \"2000::/%u\"", len);
    uint32_t numbers[COVERS_MAX];
    begin("dual-stack.yaml", "\"2001:db8:20::/48\"", said);
    CHECK_EQUAL((int64_t)offers_around(run.world, node("vgw-main"),
                                       prefix_make(true, (ip_addr)0x2000 << 112, 128), numbers),
                DEEP + 1);
    CHECK_EQUAL(
        (int64_t)offers_around(run.world, node("vgw-main"), prefix_make(true, 0, 2), numbers), 1);
    end();
}

static void a_default_is_a_familys(void)
{
    struct offer offers[OFFERS_MAX];
    begin("dual-stack.yaml", "\"2001:db8:20::/48\"", "\"::/0\"");
    CHECK_EQUAL((int64_t)offers_of_default(run.world, node("vgw-main"), true, offers), 1);
    CHECK(offers[0].prefix.six);
    CHECK_EQUAL((int64_t)offers_of_default(run.world, node("vgw-main"), false, offers), 0);
    end();
}

static void defaults_are_counted_by_router(void)
{
    struct offer offers[OFFERS_MAX];
    begin("two-defaults.yaml", NULL, NULL);
    CHECK_EQUAL((int64_t)offers_of_default(run.world, node("vgw-main"), false, offers), 2);
    CHECK_TEXT(offers[0].site.id, "vpn-tokyo"); /* the best first */
    CHECK_EQUAL(offers[1].path->why, REASON_LOST_PATH_LENGTH);
    end();
    begin("foreign-prefix.yaml", NULL, NULL);
    CHECK_EQUAL((int64_t)offers_of_default(run.world, node("vgw-main"), false, offers), 0);
    end();
}

static void prepending_is_seen(void)
{
    struct offer offers[OFFERS_MAX];
    uint32_t path[EVIDENCE_PATH_MAX];
    begin("foreign-prefix.yaml", "announce: [10.40.0.0/16, 10.20.7.0/24]",
          "announce: [{prefix: 10.40.0.0/16, as_path: [65020, 65020]},"
          " {prefix: 10.20.7.0/24, as_path: [65021]}]");
    CHECK_EQUAL((int64_t)offers_at(rig_prefix(10, 40, 0, 0, 16), offers), 1);
    CHECK(offer_is_prepended(run.world, &offers[0]));
    CHECK_EQUAL((int64_t)offer_path(run.world, &offers[0], path), 3);
    CHECK_EQUAL((int64_t)offers_at(rig_prefix(10, 20, 7, 0, 24), offers), 1);
    CHECK(!offer_is_prepended(run.world, &offers[0]));
    end();
}

int main(void)
{
    TEST(each_site_offers_once);
    TEST(what_lies_around_is_found);
    TEST(all_that_lies_around_an_ipv6_prefix_is_found);
    TEST(a_default_is_a_familys);
    TEST(defaults_are_counted_by_router);
    TEST(prepending_is_seen);
    return harness_done();
}
