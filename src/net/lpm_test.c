#include "net/lpm.h"

#include "base/prng.h"
#include "tests/harness.h"
#include "tests/memory.h"

enum { MOST = 400, CHUNK_SHIFT = 3 };

static struct memory memory;
static struct budget budget;
static struct lpm lpm;

static void start(void)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    lpm_init(&lpm, &budget, CHUNK_SHIFT);
}

static void finish(void)
{
    lpm_done(&lpm);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
}

static struct prefix p(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

/* The naive table: a list, and every question looks at all of it. */
struct naive {
    struct prefix prefixes[MOST];
    uint32_t values[MOST];
    uint32_t count;
};

static uint32_t naive_find(const struct naive *naive, struct prefix prefix)
{
    uint32_t at = 0;
    while (at < naive->count && !prefix_equal(naive->prefixes[at], prefix))
        at++;
    return at;
}

static uint32_t naive_match(const struct naive *naive, ip_addr addr, uint8_t max_len,
                            struct prefix *ret_prefix)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < naive->count; i++) {
        struct prefix prefix = naive->prefixes[i];
        if (prefix.len <= max_len && prefix_contains(prefix, addr) &&
            (value == 0 || prefix.len > ret_prefix->len)) {
            value = naive->values[i];
            *ret_prefix = prefix;
        }
    }
    return value;
}

static bool naive_any_inside(const struct naive *naive, struct prefix outer)
{
    for (uint32_t i = 0; i < naive->count; i++)
        if (prefix_covers(outer, naive->prefixes[i]))
            return true;
    return false;
}

static bool naive_next(const struct naive *naive, const struct prefix *at, uint32_t *ret_index)
{
    bool found = false;
    for (uint32_t i = 0; i < naive->count; i++) {
        if (at && prefix_compare(naive->prefixes[i], *at) <= 0)
            continue;
        if (!found || prefix_compare(naive->prefixes[i], naive->prefixes[*ret_index]) < 0)
            *ret_index = i;
        found = true;
    }
    return found;
}

/* How prefixes are drawn; the mixes make nests, neighbors and forks, or hardly ever meet. */
enum mix {
    MIX_ANYWHERE,
    MIX_NESTED,
    MIX_DENSE,
    MIX_HOSTS,
    MIX_SIX_ANYWHERE,
    MIX_SIX_NESTED,
    MIX_SIX_HOSTS,
    MIX_FAMILIES,
    MIX_COUNT
};

static ip_addr random_six(struct prng *prng)
{
    uint64_t high = prng_next(prng) | UINT64_C(1) << 61;
    return (ip_addr)high << 64 | prng_next(prng);
}

/* Of IPv6, in one of the ways. */
static struct prefix draw_six(struct prng *prng, enum mix mix)
{
    ip_addr site = (ip_addr)UINT64_C(0x20010db800000000) << 64;
    uint8_t len = (uint8_t)prng_below(prng, 129);
    if (mix == MIX_SIX_NESTED)
        return prefix_make(true, (site | 0x0a0a0a0a) ^ (ip_addr)(len > 3) << prng_below(prng, 125),
                           len);
    if (mix == MIX_SIX_HOSTS)
        return prefix_make(true, site | prng_below(prng, 256),
                           (uint8_t)(128 - prng_below(prng, 3)));
    return prefix_make(true, random_six(prng), len);
}

static struct prefix draw(struct prng *prng, enum mix mix)
{
    ip_addr bits = (uint32_t)prng_next(prng);
    uint8_t len = (uint8_t)prng_below(prng, 33);
    switch (mix) {
    case MIX_NESTED:
        return prefix_around(0x0a0a0a0a ^ (len > 2 ? 1u << prng_below(prng, 32) : 0), len);
    case MIX_DENSE:
        return prefix_around(bits & 0xf8000007, len);
    case MIX_HOSTS:
        return prefix_around(0xcb007100 | (bits & 0xff), (uint8_t)(32 - prng_below(prng, 3)));
    case MIX_SIX_ANYWHERE:
    case MIX_SIX_NESTED:
    case MIX_SIX_HOSTS:
        return draw_six(prng, mix);
    case MIX_FAMILIES: /* short ones, which differ in nothing but their family */
        if (prng_below(prng, 2))
            return prefix_make(true, 0, (uint8_t)prng_below(prng, 33));
        return prefix_make(false, bits & 0x80000001, len);
    case MIX_ANYWHERE:
    case MIX_COUNT:
        break;
    }
    return prefix_around(bits, len);
}

static void change(struct naive *naive, struct prng *prng, enum mix mix)
{
    struct prefix prefix = draw(prng, mix);
    uint32_t at = naive_find(naive, prefix);
    bool known = at < naive->count;
    bool adds = prng_below(prng, 5) < 3 && (known || naive->count < MOST);
    if (adds) {
        uint32_t value = (uint32_t)prng_next(prng) | 1;
        CHECK(lpm_set(&lpm, prefix, value));
        naive->prefixes[at] = prefix;
        naive->values[at] = value;
        naive->count += !known;
        return;
    }
    if (!known && naive->count > 0 && prng_below(prng, 2)) {
        at = (uint32_t)prng_below(prng, naive->count);
        prefix = naive->prefixes[at];
        known = true;
    }
    CHECK_EQUAL(lpm_remove(&lpm, prefix), known);
    if (known) {
        naive->count--;
        naive->prefixes[at] = naive->prefixes[naive->count];
        naive->values[at] = naive->values[naive->count];
    }
}

static void compare(const struct naive *naive, struct prng *prng, enum mix mix)
{
    struct prefix asked = draw(prng, mix);
    uint32_t at = naive_find(naive, asked);
    CHECK_EQUAL(lpm_exact(&lpm, asked), at < naive->count ? naive->values[at] : 0);
    CHECK_EQUAL(lpm_any_inside(&lpm, asked), naive_any_inside(naive, asked));

    ip_addr noise = asked.six ? random_six(prng) : (uint32_t)prng_next(prng);
    ip_addr addr = asked.addr | (noise & ~ip_mask(asked.six, asked.len));
    uint8_t bits = ip_bits(asked.six);
    uint8_t max_len = (uint8_t)(prng_below(prng, 2) ? bits : prng_below(prng, bits + 1u));
    struct prefix got = {7, 7}, expected = {7, 7};
    CHECK_EQUAL(lpm_match(&lpm, addr, max_len, &got), naive_match(naive, addr, max_len, &expected));
    CHECK(prefix_equal(got, expected));

    uint32_t index = 0, value = 0;
    bool more = naive_next(naive, &asked, &index);
    got = (struct prefix){7, 7};
    CHECK_EQUAL(lpm_next(&lpm, &asked, &got, &value), more);
    if (more)
        CHECK(prefix_equal(got, naive->prefixes[index]) && value == naive->values[index]);
    else
        CHECK(got.addr == 7 && got.len == 7 && value == 0);
}

static uint32_t nodes_used(void)
{
    return lpm.four.nodes.used_count + (lpm.six ? lpm.six->nodes.used_count : 0);
}

/* The whole table in order, and the bound on its nodes: a fork without two children would break
 * it sooner or later. */
static void compare_all(const struct naive *naive)
{
    CHECK_EQUAL(lpm.count, naive->count);
    CHECK(nodes_used() <= (naive->count ? 2 * naive->count - 1 : 0));
    struct prefix at;
    uint32_t value, index = 0, seen = 0;
    for (bool more = lpm_next(&lpm, NULL, &at, &value); more;
         more = lpm_next(&lpm, &at, &at, &value)) {
        struct prefix previous = seen ? naive->prefixes[index] : at;
        CHECK(naive_next(naive, seen ? &previous : NULL, &index));
        CHECK(prefix_equal(at, naive->prefixes[index]) && value == naive->values[index]);
        if (++seen > naive->count)
            break;
    }
    CHECK_EQUAL(seen, naive->count);
}

static void random_changes_agree_with_a_list(void)
{
    for (uint64_t seed = 1; seed <= 16; seed++) {
        start();
        struct prng prng = prng_seed(seed);
        enum mix mix = (enum mix)(seed % MIX_COUNT);
        static struct naive naive;
        naive.count = 0;
        for (int step = 0; step < 3000; step++) {
            change(&naive, &prng, mix);
            compare(&naive, &prng, mix);
            if (step % 250 == 0)
                compare_all(&naive);
        }
        compare_all(&naive);
        while (naive.count > 0) {
            CHECK(lpm_remove(&lpm, naive.prefixes[--naive.count]));
            compare(&naive, &prng, mix);
            compare_all(&naive);
        }
        CHECK(lpm.four.root == 0 && (!lpm.six || lpm.six->root == 0) && nodes_used() == 0);
        finish();
    }
}

static void an_empty_table_allocates_nothing(void)
{
    start();
    CHECK(!lpm_match(&lpm, 1, 32, NULL) && !lpm_exact(&lpm, p("0.0.0.0/0")));
    CHECK(!lpm_any_inside(&lpm, p("0.0.0.0/0")) && !lpm_remove(&lpm, p("0.0.0.0/0")));
    CHECK(!lpm_next(&lpm, NULL, NULL, NULL));
    CHECK_EQUAL((int64_t)memory.get_count, 0);
    finish();
}

static void the_default_and_the_host_are_prefixes_like_others(void)
{
    start();
    CHECK(lpm_set(&lpm, p("0.0.0.0/0"), 1) && lpm_set(&lpm, p("255.255.255.255/32"), 2));
    CHECK(lpm_set(&lpm, p("0.0.0.0/32"), 3) && lpm_set(&lpm, p("0.0.0.0/0"), 4));
    CHECK_EQUAL(lpm.count, 3);
    struct prefix found;
    CHECK_EQUAL(lpm_match(&lpm, 0xffffffff, 32, &found), 2);
    CHECK_EQUAL(found.len, 32);
    CHECK_EQUAL(lpm_match(&lpm, 0xffffffff, 31, &found), 4);
    CHECK_EQUAL(found.len, 0);
    CHECK_EQUAL(lpm_match(&lpm, 0, 32, NULL), 3);
    CHECK_EQUAL(lpm_match(&lpm, 1, 0, NULL), 4);
    CHECK(lpm_any_inside(&lpm, p("255.255.255.254/31")));
    CHECK(!lpm_any_inside(&lpm, p("255.255.255.254/32")));
    CHECK(lpm_remove(&lpm, p("0.0.0.0/0")) && !lpm_remove(&lpm, p("0.0.0.0/0")));
    CHECK_EQUAL(lpm_match(&lpm, 1, 32, NULL), 0);
    finish();
}

static void a_fork_that_is_needed_no_more_goes(void)
{
    start();
    CHECK(lpm_set(&lpm, p("10.0.0.0/24"), 1) && lpm_set(&lpm, p("10.0.1.0/24"), 2));
    CHECK_EQUAL(nodes_used(), 3);
    CHECK(!lpm_remove(&lpm, p("10.0.0.0/23"))); /* the fork is no prefix */
    CHECK_EQUAL(lpm_exact(&lpm, p("10.0.0.0/23")), 0);
    CHECK(lpm_set(&lpm, p("10.0.0.0/23"), 3));
    CHECK_EQUAL(nodes_used(), 3);
    CHECK(lpm_remove(&lpm, p("10.0.0.0/23")));
    CHECK_EQUAL(nodes_used(), 3);
    CHECK(lpm_remove(&lpm, p("10.0.0.0/24")));
    CHECK_EQUAL(nodes_used(), 1);
    CHECK_EQUAL(lpm_match(&lpm, 0x0a000101, 32, NULL), 2);
    finish();
}

/* The incident: does what is announced cover the tunnel's outside address? */
static void the_default_covers_the_endpoint(void)
{
    start();
    CHECK(lpm_set(&lpm, p("203.0.113.225/32"), 1) && lpm_set(&lpm, p("198.51.100.7/32"), 1));
    CHECK(lpm_any_inside(&lpm, p("0.0.0.0/0")));
    CHECK(lpm_any_inside(&lpm, p("128.0.0.0/1")) && !lpm_any_inside(&lpm, p("0.0.0.0/1")));
    CHECK(lpm_any_inside(&lpm, p("203.0.113.224/27")));
    CHECK(!lpm_any_inside(&lpm, p("203.0.113.0/25")));
    CHECK(!lpm_any_inside(&lpm, p("10.30.0.0/16")));
    finish();
}

/* Every request of memory is refused once; the set that fails leaves no trace. */
static void a_refusal_changes_nothing(void)
{
    enum { PREFIXES = 60 };
    for (size_t refused = 1; refused <= 12; refused++) {
        start();
        memory.refuse_from = refused;
        struct prng prng = prng_seed(11);
        static struct naive naive;
        naive.count = 0;
        for (int i = 0; i < PREFIXES; i++) {
            struct prefix prefix = draw(&prng, MIX_ANYWHERE);
            uint32_t at = naive_find(&naive, prefix), nodes = nodes_used();
            if (lpm_set(&lpm, prefix, 5)) {
                naive.prefixes[at] = prefix;
                naive.values[at] = 5;
                naive.count += at == naive.count;
            } else {
                CHECK_EQUAL(nodes_used(), nodes);
            }
            compare_all(&naive);
        }
        CHECK(refused <= 2 || naive.count > 0); /* a first chunk and its directory */
        memory.refuse_from = 0;
        CHECK(lpm_set(&lpm, p("0.0.0.0/0"), 6) && lpm_exact(&lpm, p("0.0.0.0/0")) == 6);
        finish();
    }
}

int main(void)
{
    TEST(random_changes_agree_with_a_list);
    TEST(an_empty_table_allocates_nothing);
    TEST(the_default_and_the_host_are_prefixes_like_others);
    TEST(a_fork_that_is_needed_no_more_goes);
    TEST(the_default_covers_the_endpoint);
    TEST(a_refusal_changes_nothing);
    return harness_done();
}
