/* Random operations of several sources and groups; at the end, and whenever a member has drained
 * its log, what it was told is what follows from the table. */
#include "bgp/outlog.h"
#include "rib/lose.h"

#include "bgp/outlog_rig.h"

enum { SOURCES = 5, MEMBERS = 8, ATTACHMENTS = 5, ATTRS = 60 };

struct part {
    bool joined;
    uint32_t handle;
    struct outlog_spec spec;
    unsigned lag; /* pulls one time in so many */
    struct listener listener;
};

struct play {
    struct prng prng;
    struct source_id sources[SOURCES];
    uint16_t attachment_of[SOURCES];
    bool held[RIG_PREFIXES][ATTACHMENTS];
    struct part parts[MEMBERS];
    unsigned prefixes;
};

static struct play play;

static uint64_t below(uint64_t limit)
{
    return prng_below(&play.prng, limit);
}

static struct rig_attrs nth_attrs(unsigned index)
{
    struct rig_attrs attrs = {.path = {65000 + index % 7}, .next_hop = 0x0a000001 + index};
    if (index % 3 == 0)
        attrs.path[1] = 4200000000u + index;
    attrs.has_med = index % 4 == 0;
    attrs.med = index;
    return attrs;
}

/* Every second prefix, when the filter is in force. */
static bool passes(const void *ctx, uint16_t filter, struct prefix prefix, struct rib_route route)
{
    (void)ctx;
    (void)route;
    return filter == 0 || rig_index(prefix) % 2 == 0;
}

/* -- what should be -- */

static bool is_told(const struct part *part, unsigned index, struct rib_route best)
{
    uint16_t from = 0;
    for (unsigned s = 0; s < SOURCES; s++)
        if (play.sources[s].v == best.source.v)
            from = play.attachment_of[s];
    uint16_t to = part->spec.attachment.v;
    bool back = to != 0 && from == to && !part->spec.policy.announce_back;
    return best.attr.v != 0 && !back && !play.held[index][to] &&
           passes(NULL, part->spec.policy.filter, rig_nth(index), best);
}

static void check_route(const struct part *part, const struct told *told, struct rib_route best)
{
    const struct attr_facts *facts = attr_get(&rig.attrs, best.attr);
    CHECK_EQUAL(told->first_as, RIG_OWN_AS);
    CHECK_EQUAL(told->path_length, facts->path_length + 1u);
    CHECK_EQUAL(told->origin_as, facts->last_as);
    CHECK_EQUAL(told->next_hop, part->spec.next_hop);
    CHECK_EQUAL(told->has_med, part->spec.policy.has_med);
    CHECK_EQUAL(told->med, part->spec.policy.has_med ? part->spec.policy.med : 0);
}

static void check_table(const struct part *part)
{
    for (unsigned i = 0; i < play.prefixes; i++) {
        struct rib_route best = rig_best(rig_nth(i));
        const struct told *told = &part->listener.table[i];
        bool expected = is_told(part, i, best);
        CHECK_EQUAL(told->present, expected);
        if (told->present && expected)
            check_route(part, told, best);
    }
}

/* -- what happens -- */

static void join(struct part *part)
{
    static const struct export_policy policies[] = {
        {.own_as = RIG_OWN_AS, .external = true, .as4 = true},
        {.own_as = RIG_OWN_AS, .external = true, .as4 = false},
        {.own_as = RIG_OWN_AS, .external = true, .as4 = true, .has_med = true, .med = 100},
        {.own_as = RIG_OWN_AS, .external = true, .as4 = true, .filter = 1},
        {.own_as = RIG_OWN_AS, .external = true, .as4 = true, .announce_back = true},
    };
    part->spec = (struct outlog_spec){
        .policy = policies[below(2) ? 0 : below(5)],
        .attachment = {(uint16_t)below(ATTACHMENTS)},
        .next_hop = 0xc0a80001 + (ip_addr)below(100),
        .end_of_rib = below(2),
    };
    memset(&part->listener, 0, sizeof part->listener);
    part->listener.as4 = part->spec.policy.as4;
    part->handle = outlog_join(&rig_log, &part->spec);
    part->joined = part->handle != 0;
    part->lag = below(3) == 0 ? 12 : 1;
}

static void apply_exceptions(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct rib_change *change = rib_change_at(&rig, i);
        unsigned index = rig_index(rib_change_prefix(&rig, change));
        adj_out_clear(&rig, change);
        for (uint16_t a = 1; a < ATTACHMENTS && change->new_attr.v != 0; a++)
            if (play.held[index][a])
                CHECK(adj_out_except(&rig, change, (struct attachment_id){a}, REASON_GUARD_HOLD));
    }
}

static void round_of(bool refuse)
{
    uint32_t count = rib_settle(&rig);
    apply_exceptions(count);
    if (refuse) /* the log gets no memory: everybody must walk */
        rig_memory.refuse_from = 1;
    if (count > 0)
        outlog_encode(&rig_log);
    rig_memory.refuse_from = 0;
    rib_settled(&rig);
}

static void pull_some(struct part *part)
{
    static uint8_t buffer[1 << 14];
    size_t cap = below(3) == 0 ? below(200) : below(4) == 0 ? sizeof buffer : 4096;
    struct outlog_mark before = outlog_mark(&rig_log, part->handle);
    size_t size = outlog_pull(&rig_log, part->handle, buffer, cap);
    CHECK(size <= cap);
    if (below(3) == 0) { /* a socket that takes a part of it */
        size_t sent = (size_t)below(size + 1), pulled = size;
        size = outlog_unpull(&rig_log, part->handle, &before, (struct slice){buffer, size}, sent);
        CHECK(size >= sent && size <= pulled);
        CHECK(before.stays || size < sent + OUTLOG_MESSAGE_MAX);
    }
    rig_hear(&part->listener, (struct slice){buffer, size});
}

static void change_paths(unsigned source)
{
    for (unsigned burst = 1 + (unsigned)below(60); burst > 0; burst--) {
        struct prefix prefix = rig_nth((unsigned)below(play.prefixes));
        enum rib_result result =
            below(3) ? rig_announce(play.sources[source], prefix, nth_attrs((unsigned)below(ATTRS)))
                     : rib_withdraw(&rig, play.sources[source], prefix);
        CHECK(result != RIB_BUDGET && result != RIB_FULL);
    }
}

static void lose_source(unsigned source)
{
    rib_lose(&rig, play.sources[source]);
    while (rib_drop(&rig, play.sources[source], 1 + (uint32_t)below(50))) {
        round_of(false);
        if (play.parts[0].joined)
            pull_some(&play.parts[0]);
    }
}

static void toggle_exception(void)
{
    unsigned index = (unsigned)below(play.prefixes);
    bool *held = &play.held[index][1 + below(ATTACHMENTS - 1)];
    *held = !*held;
    enum rib_result result = rib_touch(&rig, rig_nth(index));
    CHECK(result == RIB_SAME || result == RIB_ABSENT);
}

static void change_member(struct part *part)
{
    uint64_t dice = below(10);
    if (!part->joined) {
        join(part);
    } else if (dice < 3) {
        outlog_leave(&rig_log, part->handle);
        part->joined = false;
    } else if (dice < 6) {
        outlog_refresh(&rig_log, part->handle, false);
    } else if (dice < 8) {
        part->spec.policy.has_med = !part->spec.policy.has_med;
        part->spec.policy.med = 100;
        CHECK(outlog_move(&rig_log, part->handle, &part->spec.policy));
    } else {
        part->spec.policy.filter = !part->spec.policy.filter;
        CHECK(outlog_move(&rig_log, part->handle, &part->spec.policy));
    }
}

static void end_round(void)
{
    round_of(below(15) == 0);
    for (unsigned m = 0; m < MEMBERS; m++)
        if (play.parts[m].joined && below(play.parts[m].lag) == 0)
            pull_some(&play.parts[m]);
    outlog_trim(&rig_log);
    rib_sweep(&rig, outlog_told(&rig_log), 1 + (uint32_t)below(200));
    CHECK_AUDIT();
}

static void drain_and_check(void)
{
    for (unsigned m = 0; m < MEMBERS; m++) {
        struct part *part = &play.parts[m];
        if (!part->joined)
            continue;
        rig_drain(&part->listener, part->handle, below(2) ? 4096 : 1 << 16);
        CHECK(!outlog_pending(&rig_log, part->handle));
        CHECK_EQUAL(part->listener.end_of_rib, part->spec.end_of_rib);
        check_table(part);
    }
}

static void start(uint64_t seed, unsigned prefixes)
{
    memset(&play, 0, sizeof play);
    play.prng = prng_seed(seed);
    play.prefixes = prefixes;
    rig_start((enum best_rules)(seed % 3));
    struct outlog_config config = outlog_config_small;
    config.limit_bytes = 1 << 13;
    config.keep_bytes = seed % 2 ? 1 << 20 : 0;
    struct adj_out_filter filter = {.passes = passes};
    outlog_init(&rig_log, &rig_budget, &rig, filter, &config);
    for (unsigned s = 0; s < SOURCES; s++) {
        play.attachment_of[s] = (uint16_t)(1 + s / 2);
        play.sources[s] =
            rig_source(SOURCE_VPN_BGP, play.attachment_of[s], 65000 + s, 0x0a000100 + s);
    }
}

static void finish(void)
{
    drain_and_check();
    for (unsigned m = 0; m < MEMBERS; m++)
        if (play.parts[m].joined)
            outlog_leave(&rig_log, play.parts[m].handle);
    struct outlog_counts counts = outlog_counts(&rig_log);
    CHECK(counts.groups == 0 && counts.members == 0 && counts.log_bytes == 0);
    outlog_done(&rig_log);
    rig_finish();
}

static uint64_t run(uint64_t seed, unsigned prefixes, unsigned steps)
{
    start(seed, prefixes);
    for (unsigned step = 0; step < steps; step++) {
        uint64_t dice = below(100);
        if (dice < 50)
            change_paths((unsigned)below(SOURCES));
        else if (dice < 54)
            lose_source((unsigned)below(SOURCES));
        else if (dice < 70)
            toggle_exception();
        else if (dice < 80)
            change_member(&play.parts[below(MEMBERS)]);
        else if (dice < 99)
            end_round();
        else {
            round_of(false);
            drain_and_check();
        }
    }
    round_of(false);
    uint64_t cut_count = rig_log.cut_count;
    finish();
    return cut_count;
}

static void every_member_is_told_what_follows_from_the_table(void)
{
    uint64_t cut_count = 0;
    for (uint64_t seed = 1; seed <= 40; seed++)
        cut_count += run(seed, seed % 2 ? 40 : RIG_PREFIXES, 500);
    CHECK(cut_count > 1000); /* or slow readers were not tried */
}

int main(void)
{
    TEST(every_member_is_told_what_follows_from_the_table);
    return harness_done();
}
