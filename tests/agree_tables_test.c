/* Every compiler builds the same machine: what a neighbor's bytes come to, and the three tables
 * that routes lie in, over long random runs. The lines that harness_digest prints are compared
 * between all builds by tools/test. */
#include "tests/harness.h"

#include "rib/lose.h"
#include "rib/rib_rig.h"
#include "table/table.h"
#include "vpc/vpc.h"
#include "wire/bgp_attr.h"

/* One random number an expression: the order within one is each compiler's own. */
enum { SOURCES = 6, PREFIXES = 200, ROUNDS = 6000, UPDATES = 20000, LOOK_EVERY = 50 };

static bool one_in(struct prng *prng, unsigned many)
{
    return prng_below(prng, many) == 0;
}

static uint32_t below(struct prng *prng, uint32_t limit)
{
    return (uint32_t)prng_below(prng, limit);
}

/* Short and long prefixes that cover each other. */
static struct prefix a_prefix(struct prng *prng)
{
    static const uint8_t lengths[] = {0, 8, 12, 16, 20, 24, 24, 24, 30, 32};
    uint32_t index = below(prng, PREFIXES);
    return prefix_around(0x0a000000u + index * 0x10101u, lengths[index % sizeof lengths]);
}

static struct rig_attrs some_attrs(struct prng *prng)
{
    struct rig_attrs attrs = {.origin = (uint8_t)below(prng, 3), .next_hop = 0xc0000200};
    uint32_t hops = below(prng, 4);
    for (uint32_t i = 0; i < hops; i++)
        attrs.path[i] = 65000 + below(prng, 3);
    attrs.has_med = one_in(prng, 2);
    attrs.med = attrs.has_med ? below(prng, 3) * 10 : 0;
    attrs.has_local_pref = one_in(prng, 4);
    attrs.local_pref = attrs.has_local_pref ? 100 + below(prng, 2) : 0;
    if (one_in(prng, 3))
        attrs.communities[0] = 7224u << 16 | (7100 + 100 * below(prng, 3));
    return attrs;
}

/* -- wire: attributes, whole and broken, and their canonical form -- */

static void flip(struct prng *prng, uint8_t *byte)
{
    *byte ^= (uint8_t)(1u << below(prng, 8));
}

static size_t some_section(struct prng *prng, uint8_t bytes[256])
{
    struct rig_attrs attrs = some_attrs(prng);
    size_t size = rig_canonical(&attrs, bytes).size;
    for (uint32_t breaks = below(prng, 3); breaks > 0; breaks--)
        flip(prng, &bytes[below(prng, (uint32_t)size)]);
    return one_in(prng, 8) ? below(prng, (uint32_t)size + 1) : size;
}

static void attributes_and_their_canonical_form(void)
{
    static struct bgp_attr_room room;
    static uint8_t canonical[BGP_CANONICAL_MAX];
    struct prng prng = prng_seed(5);
    struct digest digest = digest_start();
    unsigned sound = 0, broken = 0;
    for (unsigned i = 0; i < UPDATES; i++) {
        uint8_t bytes[256];
        struct slice section = {bytes, some_section(&prng, bytes)};
        struct bgp_attr_facts facts = {.nlri = true};
        facts.as4 = one_in(&prng, 2);
        facts.external = one_in(&prng, 2);
        struct bgp_attrs attrs;
        struct bgp_attr_verdict verdict = bgp_attrs_decode(section, facts, &room, &attrs);
        digest_u64(&digest,
                   (uint64_t)verdict.class << 32 | (uint64_t)verdict.fault << 16 | verdict.type);
        digest_u64(&digest, verdict.fault_count);
        sound += verdict.class <= BGP_ATTR_DISCARD;
        broken += verdict.class > BGP_ATTR_DISCARD;
        if (verdict.class > BGP_ATTR_DISCARD)
            continue;
        struct writer writer = writer_over(canonical, sizeof canonical);
        bgp_attrs_encode_canonical(&attrs, &writer);
        CHECK(!writer.failed);
        digest_bytes(&digest, writer_slice(&writer));
    }
    CHECK(sound > UPDATES / 10 && broken > UPDATES / 10);
    harness_digest("attributes", digest_end(&digest));
}

/* -- rib: six sources come, change and go -- */

static struct source_id sources[SOURCES];

static void one_change(struct prng *prng)
{
    struct source_id source = sources[below(prng, SOURCES)];
    if (one_in(prng, 400)) {
        rib_lose(&rig, source);
        while (rib_drop(&rig, source, UINT32_MAX))
            rig_round();
    } else if (one_in(prng, 4)) {
        CHECK(rib_withdraw(&rig, source, a_prefix(prng)) != RIB_FULL);
    } else {
        struct prefix prefix = a_prefix(prng);
        struct rig_attrs attrs = some_attrs(prng);
        CHECK(rig_announce(source, prefix, attrs) <= RIB_SAME);
    }
}

static void digest_batch(struct digest *digest)
{
    uint32_t count = rib_settle(&rig);
    digest_u64(digest, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct rib_change *change = rib_change_at(&rig, i);
        digest_u64(digest, (uint64_t)change->addr << 8 | change->len);
        digest_u64(digest, (uint64_t)change->old_source << 16 | change->new_source);
    }
    rib_settled(&rig);
}

static void best_paths(enum best_rules rules, const char *name)
{
    static const enum source_kind kinds[] = {SOURCE_DX, SOURCE_VPN_BGP};
    rig_start(rules);
    struct prng prng = prng_seed(6);
    struct digest digest = digest_start();
    for (uint16_t i = 0; i < SOURCES; i++)
        sources[i] =
            rig_source(kinds[i % 2], (uint16_t)(1 + i / 2), 65000 + i % 3, 0x0a630101u + i);
    for (unsigned i = 0; i < ROUNDS; i++) {
        one_change(&prng);
        if (i % 7 == 0)
            digest_batch(&digest);
        if (i % LOOK_EVERY == 0)
            digest_u64(&digest, rib_digest(&rig));
    }
    rig_round();
    CHECK_AUDIT();
    CHECK(rig.live_count > PREFIXES / 4);
    digest_u64(&digest, rib_digest(&rig));
    harness_digest(name, digest_end(&digest));
    rig_finish();
}

static void best_paths_of_a_gateway(void)
{
    best_paths(BEST_VGW, "best paths of a gateway");
}

static void best_paths_by_age(void)
{
    best_paths(BEST_FRR, "best paths by age");
}

/* -- table -- */

static struct table_route some_route(struct prng *prng, const struct platform_profile *profile)
{
    static const enum route_source from[] = {ROUTE_CONNECTED, ROUTE_STATIC, ROUTE_DHCP, ROUTE_EBGP};
    enum route_source source = from[below(prng, 4)];
    struct table_route route = {.source = (uint8_t)source, .tag = below(prng, 3)};
    bool has_metric = one_in(prng, 3);
    platform_weigh(profile, source, has_metric, below(prng, 200), &route.distance, &route.metric);
    if (source != ROUTE_CONNECTED)
        route.gateway = 0x0a000000u + below(prng, PREFIXES) * 0x10101u + 1;
    if (source == ROUTE_CONNECTED || one_in(prng, 3))
        route.interface = (uint16_t)(1 + below(prng, 4));
    return route;
}

static void digest_changes(struct table *table, struct digest *digest)
{
    struct table_change change;
    while (table_take_change(table, &change)) {
        digest_u64(digest, (uint64_t)change.prefix.addr << 8 | change.prefix.len);
        digest_u64(digest, (uint64_t)change.now.way.gateway << 32 |
                               (uint64_t)change.now.way.interface << 8 | change.now.way.kind);
    }
}

static void next_hops_through_the_table(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    const struct platform_profile *profile = platform_profile(PLATFORM_VYATTA);
    struct table table;
    table_init(&table, profile, &budget, 3);
    struct prng prng = prng_seed(7);
    struct digest digest = digest_start();
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct table_route route = some_route(&prng, profile);
        struct prefix prefix = a_prefix(&prng);
        if (one_in(&prng, 3))
            digest_u64(&digest,
                       table_remove(&table, prefix, (enum route_source)route.source, route.tag));
        else
            CHECK(table_set(&table, prefix, &route));
        uint16_t interface = (uint16_t)(1 + below(&prng, 4));
        if (one_in(&prng, 40))
            CHECK(table_interface(&table, interface, one_in(&prng, 2)));
        if (i % LOOK_EVERY)
            continue;
        while (table_settle(&table, 1 + below(&prng, 64)) > 0)
            ;
        digest_changes(&table, &digest);
        table_digest(&table, &digest);
    }
    CHECK(table_holds(&table) && table.route_count > PREFIXES / 8);
    harness_digest("a router's table", digest_end(&digest));
    table_done(&table);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

/* -- vpc -- */

static void one_vpc_change(struct vpc *vpc, struct prng *prng, struct digest *digest)
{
    uint16_t table = (uint16_t)(1 + below(prng, 3));
    struct vpc_target target = {.id = (uint16_t)(1 + below(prng, 3)), .kind = VPC_TO_INSTANCE};
    struct prefix prefix = a_prefix(prng);
    enum vpc_verdict verdict = VPC_DONE;
    switch (below(prng, 6)) {
    case 0:
        verdict = vpc_set_route(vpc, table, prefix, VPC_ORIGIN_STATIC, target);
        break;
    case 1:
        digest_u64(digest, vpc_remove_route(vpc, table, prefix, VPC_ORIGIN_STATIC));
        break;
    case 2:
        verdict = vpc_set_target(vpc, target, one_in(prng, 2));
        break;
    case 3:
        verdict = vpc_set_propagation(vpc, table, 1, !one_in(prng, 8));
        break;
    default:
        verdict = vpc_propagate(vpc, 1, prefix, !one_in(prng, 3));
        break;
    }
    digest_u64(digest, verdict);
}

static void precedence_in_a_vpc(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    struct vpc_limits limits = vpc_limits_of_aws;
    limits.propagated = PREFIXES / 4; /* so that some wait */
    struct vpc vpc;
    vpc_init(&vpc, &limits, &budget);
    CHECK(vpc_add_cidr(&vpc, prefix_around(0x0a000000, 16)) == VPC_DONE);
    uint16_t table;
    for (unsigned i = 0; i < 3; i++)
        CHECK(vpc_add_table(&vpc, &table) == VPC_DONE);
    struct prng prng = prng_seed(8);
    struct digest digest = digest_start();
    for (unsigned i = 0; i < ROUNDS; i++) {
        one_vpc_change(&vpc, &prng, &digest);
        struct vpc_change change;
        while (vpc_take_change(&vpc, &change))
            digest_u64(&digest, (uint64_t)change.prefix.addr << 24 | (uint64_t)change.table << 8 |
                                    (uint64_t)change.has << 7 | change.prefix.len);
        if (i % LOOK_EVERY == 0)
            vpc_digest(&vpc, &digest);
    }
    CHECK(vpc_holds(&vpc) && vpc_route_count(&vpc, 1) > 0);
    harness_digest("a VPC's tables", digest_end(&digest));
    vpc_done(&vpc);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

int main(void)
{
    TEST(attributes_and_their_canonical_form);
    TEST(best_paths_of_a_gateway);
    TEST(best_paths_by_age);
    TEST(next_hops_through_the_table);
    TEST(precedence_in_a_vpc);
    return harness_done();
}
