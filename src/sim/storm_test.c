/* Random networks under random faults. After every step every engine holds its invariants; whatever
 * is dropped has a reason (asserted where packets are sent); when the faults are over all tunnels
 * come back, unless the network's own routes keep them down; a world that comes to rest is at one
 * with itself; and a seed that is played again is the same run, event by event.
 *
 *     sim_storm_test --seeds 5000     more of them, and what became of them */
#include "network/generate.h"
#include "sim/sim_rig.h"

enum { CALM_US = 40 * SECOND, STORM_US = 100 * SECOND };

static uint64_t seed_count = 200;

static const struct generate_shape small = {.gateways = 2,
                                            .sites = 3,
                                            .connections = 2,
                                            .direct_connects = 1,
                                            .danger_percent = 15,
                                            .fast = true};

struct storm {
    uint64_t seed;
    struct network *network;
    struct world *world;
    struct fault_plan plan;
    struct sim *sim;
};

static struct storm brew(uint64_t seed)
{
    return (struct storm){
        .seed = seed,
        .network = network_generate(seed, &small),
        .plan = {.seed = seed * 977 + 1, .start_us = CALM_US, .end_us = CALM_US + STORM_US}};
}

/* Begins the run; the plan's place must not change while it lasts. */
static void begin(struct storm *storm, bool audit)
{
    storm->world = network_build(storm->network);
    storm->sim = sim_create(
        storm->world, storm->network,
        &(struct sim_options){.seed = storm->seed, .audit = audit, .faults = &storm->plan});
}

static void end(struct storm *storm)
{
    sim_destroy(storm->sim);
    world_destroy(storm->world);
}

/* The tunnel's own packets do not get through: some table leads them elsewhere. */
static bool kept_down_by_routes(const struct storm *storm, int tunnel)
{
    for (int e = 0; e < 2; e++) {
        struct path path = {.hops = NULL};
        forward_outer(storm->world, tunnel, e, &path);
        if (!path.delivered || path.beyond)
            return true;
    }
    size_t count; /* or did not a little while ago: it goes round, with the others or alone */
    const struct moment *moments = sim_moments(storm->sim, &count);
    for (size_t i = 0; i < count; i++) {
        if (moments[i].kind == MOMENT_FREED && moments[i].tunnel == tunnel &&
            moments[i].at_us >= fault_over_us(&storm->plan))
            return true;
    }
    return false;
}

static int down_at_the_end;

static void check_tunnels(const struct storm *storm)
{
    for (size_t i = 0; i < storm->world->tunnel_count; i++) {
        bool up = sim_tunnel_up(storm->sim, (int)i);
        bool excused = !up && kept_down_by_routes(storm, (int)i);
        down_at_the_end += !up;
        if (!up && !excused)
            printf("# seed %" PRIu64 ": %s is down\n", storm->seed, storm->world->tunnels[i].id);
        CHECK(up || excused);
    }
}

struct digests {
    uint64_t *items;
    size_t count, cap;
};

static void keep(struct digests *digests, uint64_t digest)
{
    if (digests->count == digests->cap) {
        digests->cap = digests->cap * 2 + 1024;
        digests->items = realloc(digests->items, digests->cap * sizeof *digests->items);
    }
    digests->items[digests->count++] = digest;
}

static int settled, repeated, others;

static size_t tunnels_up(const struct sim *sim)
{
    size_t count = 0;
    for (size_t i = 0; i < sim->world->tunnel_count; i++)
        count += sim_tunnel_up(sim, (int)i);
    return count;
}

/* The same network without faults: does it come to the same end? One whose end depends on the order
 * of things may not. */
static bool ends_alike(const struct storm *storm, enum sim_end ended)
{
    struct world *world = network_build(storm->network);
    struct sim *calm =
        sim_create(world, storm->network, &(struct sim_options){.seed = storm->seed});
    bool rests = sim_run_story(calm) == SIM_SETTLED;
    bool alike =
        rests == (ended == SIM_SETTLED) && (!rests || tunnels_up(calm) == tunnels_up(storm->sim));
    sim_destroy(calm);
    world_destroy(world);
    return alike;
}

static void weather(struct storm *storm, struct digests *digests)
{
    begin(storm, true);
    int64_t until_us = fault_over_us(&storm->plan) + fault_return_us(storm->network, storm->world);
    while (!sim_complaint(storm->sim) && sim_next(storm->sim, until_us))
        keep(digests, sim_digest(storm->sim));
    sim_run(storm->sim, until_us);
    check_tunnels(storm);
    enum sim_end ended = sim_run_story(storm->sim);
    settled += ended == SIM_SETTLED;
    repeated += ended == SIM_REPEATS;
    others += !ends_alike(storm, ended);
    const char *complaint = sim_complaint(storm->sim);
    if (!complaint && ended == SIM_SETTLED)
        complaint = sim_audit_rest(storm->sim);
    if (complaint)
        printf("# seed %" PRIu64 ": %s\n", storm->seed, complaint);
    CHECK(complaint == NULL);
}

static uint32_t faults_seen[FAULT_COUNT];

static void random_networks_weather_random_storms(void)
{
    struct digest all = digest_start();
    for (uint64_t seed = 1; seed <= seed_count; seed++) {
        struct storm storm = brew(seed);
        struct digests digests = {0};
        weather(&storm, &digests);
        for (int kind = 0; kind < FAULT_COUNT; kind++)
            faults_seen[kind] += sim_fault_count(storm.sim, (enum fault_kind)kind);
        end(&storm);
        begin(&storm, false);
        size_t same = 0;
        while (same < digests.count && sim_next(storm.sim, INT64_MAX) &&
               sim_digest(storm.sim) == digests.items[same])
            same++;
        if (same < digests.count)
            printf("# seed %" PRIu64 ": the replay differs at event %zu\n", seed, same);
        CHECK(same == digests.count);
        digest_u64(&all, sim_digest(storm.sim));
        end(&storm);
        network_free(storm.network);
        free(digests.items);
    }
    harness_digest("storms", digest_end(&all));
    printf(
        "# page: %" PRIu64 " random networks under random faults: %d come to rest, %d repeat;\n"
        "# page: %d tunnels are down, by the networks' own routes; %d end otherwise than without "
        "faults.\n",
        seed_count, settled, repeated, down_at_the_end, others);
    CHECK((uint64_t)settled > seed_count / 2);
    CHECK(repeated > 0);
    CHECK((uint64_t)others <= seed_count / 100);
}

static void every_kind_of_fault_has_struck(void)
{
    for (int kind = 0; kind < FAULT_COUNT; kind++) {
        printf("# %s: %" PRIu32 "\n", fault_word((enum fault_kind)kind), faults_seen[kind]);
        CHECK(faults_seen[kind] >= 50);
    }
}

int main(void)
{
    harness_number("--seeds", &seed_count);
    TEST(random_networks_weather_random_storms);
    TEST(every_kind_of_fault_has_struck);
    return harness_done();
}
