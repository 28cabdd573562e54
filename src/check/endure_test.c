/* What is called stable endures. A random network that the checker calls stable, and in which it
 * finds no tunnel that might swallow itself, gets a hundred random faults, one after the other: a
 * tunnel, link, router, gateway or Direct Connect fails and comes back, something is restarted or
 * replaced, messages are lost, late, doubled or cut, a clock jumps, a kernel refuses entries. Some
 * time after each, every tunnel is up.
 *
 *     check_endure_test --networks 1000     more of them
 *     check_endure_test --seed 77           one, fault by fault */
#include "check/random_rig.h"

#include "sim/fault.h"

enum {
    SECOND_US = 1000000,
    TRIALS = 100,
    STEPS_MAX = 2,            /* of a trial */
    LATENESS_US = 1000000,    /* of a fault in its trial, at most */
    AWAY_US = 90 * SECOND_US, /* from a failure to its end, at most */
    BOOT_US = 60 * SECOND_US, /* the longest: an instance that is replaced */
};

static uint64_t only_seed, network_count = 10;

/* -- what may happen -- */

#define BLOWS                                                                                      \
    BLOW(FAIL_TUNNEL, "tunnel fails")                                                              \
    BLOW(FAIL_CONNECTION, "connection fails")                                                      \
    BLOW(FAIL_LINK, "link fails")                                                                  \
    BLOW(FAIL_ROUTER, "router fails")                                                              \
    BLOW(FAIL_GATEWAY, "gateway fails")                                                            \
    BLOW(FAIL_DIRECT_CONNECT, "Direct Connect fails")                                              \
    BLOW(RESTART_TUNNEL, "tunnel restarted")                                                       \
    BLOW(RESTART_ROUTER, "router restarted")                                                       \
    BLOW(RESTART_GATEWAY, "gateway restarted")                                                     \
    BLOW(RESTART_DIRECT_CONNECT, "Direct Connect restarted")                                       \
    BLOW(REPLACE_ROUTER, "router replaced")

enum blow {
#define BLOW(name, words) BLOW_##name,
    BLOWS
#undef BLOW
        /* behind them the simulator's kinds of faults */
        BLOW_FAULTS
};

static const char *blow_words(unsigned blow)
{
    static const char *const words[] = {
#define BLOW(name, words) words,
        BLOWS
#undef BLOW
    };
    return blow < BLOW_FAULTS ? words[blow] : fault_word((enum fault_kind)(blow - BLOW_FAULTS));
}

struct trial {
    unsigned blow;
    struct network_step steps[STEPS_MAX];
    size_t step_count;
    struct fault_plan plan; /* of a fault of the simulator's */
};

struct ordeal {
    uint64_t seed;
    struct prng prng;
    struct network *network;
    struct network view; /* with the trials' steps as its story */
    struct network_step steps[TRIALS * STEPS_MAX];
    struct trial trials[TRIALS];
    struct world *world;
    struct sim *sim;
    int64_t slot_us; /* a trial's time */
};

static struct {
    uint64_t asked, networks;
    size_t blows[BLOW_FAULTS + FAULT_COUNT], strikes;
    size_t swallowed; /* networks in which a tunnel was, for a while */
} seen;

static uint64_t below(struct ordeal *ordeal, uint64_t limit)
{
    return prng_below(&ordeal->prng, limit);
}

/* -- a trial -- */

static struct network_ref ref_of(struct ordeal *ordeal, enum network_kind kind, size_t count)
{
    struct network_ref ref = {.kind = kind, .index = (int32_t)below(ordeal, count), .part = -1};
    const struct network *network = ordeal->network;
    if (kind == NETWORK_ROUTER)
        ref.id = network->routers[ref.index].id;
    else if (kind == NETWORK_VPN_GATEWAY)
        ref.id = network->vpn_gateways[ref.index].id;
    else if (kind == NETWORK_DIRECT_CONNECT)
        ref.id = network->direct_connects[ref.index].id;
    else
        ref.id = network->vpn_connections[ref.index].id;
    if (kind == NETWORK_TUNNEL)
        ref.part = (int32_t)below(ordeal, network->vpn_connections[ref.index].tunnel_count);
    return ref;
}

/* What the blow strikes, and how the file would name it. */
static struct network_step step_of(struct ordeal *ordeal, enum blow blow)
{
    static const struct {
        enum network_verb verb;
        enum network_about about;
        enum network_kind kind;
    } ways[] = {
        [BLOW_FAIL_TUNNEL] = {NETWORK_STEP_FAIL, NETWORK_ABOUT_TUNNEL, NETWORK_TUNNEL},
        [BLOW_FAIL_CONNECTION] = {NETWORK_STEP_FAIL, NETWORK_ABOUT_CONNECTION,
                                  NETWORK_VPN_CONNECTION},
        [BLOW_FAIL_LINK] = {NETWORK_STEP_FAIL, NETWORK_ABOUT_LINK, NETWORK_ROUTER},
        [BLOW_FAIL_ROUTER] = {NETWORK_STEP_FAIL, NETWORK_ABOUT_ROUTER, NETWORK_ROUTER},
        [BLOW_FAIL_GATEWAY] = {NETWORK_STEP_FAIL, NETWORK_ABOUT_GATEWAY, NETWORK_VPN_GATEWAY},
        [BLOW_FAIL_DIRECT_CONNECT] = {NETWORK_STEP_FAIL, NETWORK_ABOUT_DIRECT_CONNECT,
                                      NETWORK_DIRECT_CONNECT},
        [BLOW_RESTART_TUNNEL] = {NETWORK_STEP_RESTART, NETWORK_ABOUT_TUNNEL, NETWORK_TUNNEL},
        [BLOW_RESTART_ROUTER] = {NETWORK_STEP_RESTART, NETWORK_ABOUT_ROUTER, NETWORK_ROUTER},
        [BLOW_RESTART_GATEWAY] = {NETWORK_STEP_RESTART, NETWORK_ABOUT_GATEWAY, NETWORK_VPN_GATEWAY},
        [BLOW_RESTART_DIRECT_CONNECT] = {NETWORK_STEP_RESTART, NETWORK_ABOUT_DIRECT_CONNECT,
                                         NETWORK_DIRECT_CONNECT},
        [BLOW_REPLACE_ROUTER] = {NETWORK_STEP_REPLACE, NETWORK_ABOUT_NONE, NETWORK_ROUTER},
    };
    const struct network *network = ordeal->network;
    enum network_kind kind = ways[blow].kind;
    size_t count = kind == NETWORK_ROUTER           ? network->router_count
                   : kind == NETWORK_VPN_GATEWAY    ? network->vpn_gateway_count
                   : kind == NETWORK_DIRECT_CONNECT ? network->direct_connect_count
                                                    : network->vpn_connection_count;
    return (struct network_step){
        .verb = ways[blow].verb, .about = ways[blow].about, .object = ref_of(ordeal, kind, count)};
}

static void draw_trial(struct ordeal *ordeal, int64_t at_us, struct trial *trial)
{
    trial->blow = (unsigned)below(ordeal, BLOW_FAULTS + FAULT_COUNT);
    if (ordeal->network->direct_connect_count == 0 &&
        (trial->blow == BLOW_FAIL_DIRECT_CONNECT || trial->blow == BLOW_RESTART_DIRECT_CONNECT))
        trial->blow = BLOW_FAIL_TUNNEL;
    at_us += (int64_t)below(ordeal, LATENESS_US);
    int64_t end_us = at_us + 1 + (int64_t)below(ordeal, AWAY_US - LATENESS_US);
    if (trial->blow >= BLOW_FAULTS) {
        trial->plan = (struct fault_plan){.seed = below(ordeal, UINT64_MAX),
                                          .start_us = at_us,
                                          .end_us = end_us,
                                          .kinds = 1u << (trial->blow - BLOW_FAULTS)};
        return;
    }
    trial->steps[0] = step_of(ordeal, (enum blow)trial->blow);
    trial->steps[0].at_us = at_us;
    trial->step_count = 1;
    if (trial->steps[0].verb != NETWORK_STEP_FAIL)
        return;
    trial->steps[1] = trial->steps[0];
    trial->steps[1].verb = NETWORK_STEP_RESTORE;
    trial->steps[1].at_us = end_us;
    trial->step_count = 2;
}

/* -- a network -- */

static void prepare(struct ordeal *ordeal)
{
    ordeal->prng = prng_seed(ordeal->seed);
    ordeal->world = network_build(ordeal->network);
    ordeal->slot_us = AWAY_US + BOOT_US + fault_return_us(ordeal->network, ordeal->world);
    ordeal->view = *ordeal->network;
    ordeal->view.story = ordeal->steps;
    for (int i = 0; i < TRIALS; i++) {
        struct trial *trial = &ordeal->trials[i];
        draw_trial(ordeal, (i + 1) * ordeal->slot_us, trial);
        for (size_t s = 0; s < trial->step_count; s++)
            ordeal->steps[ordeal->view.step_count++] = trial->steps[s];
    }
    ordeal->sim =
        sim_create(ordeal->world, &ordeal->view, &(struct sim_options){.seed = ordeal->seed});
    CHECK(ordeal->sim != NULL);
}

static bool is_all_up(const struct ordeal *ordeal, const char *after)
{
    bool all = true;
    for (size_t i = 0; i < ordeal->world->tunnel_count; i++) {
        bool up = sim_tunnel_up(ordeal->sim, (int)i);
        if (!up)
            printf("# seed %" PRIu64 ", %.0f s: %s is down after: %s\n", ordeal->seed,
                   (double)sim_now_us(ordeal->sim) / 1e6, ordeal->world->tunnels[i].id, after);
        all &= up;
    }
    return all;
}

static void show_trial(const struct trial *trial)
{
    const struct network_step *step = trial->steps;
    printf("# %s", blow_words(trial->blow));
    if (trial->step_count == 0)
        printf(", %.3f s to %.3f s", (double)trial->plan.start_us / 1e6,
               (double)trial->plan.end_us / 1e6);
    for (size_t i = 0; i < trial->step_count; i++)
        printf(", %s %.3f s", step->object.id, (double)step[i].at_us / 1e6);
    putchar('\n');
}

static void undergo(struct ordeal *ordeal)
{
    sim_run(ordeal->sim, ordeal->slot_us);
    bool fine = is_all_up(ordeal, "nothing");
    for (int i = 0; fine && i < TRIALS; i++) {
        struct trial *trial = &ordeal->trials[i];
        if (only_seed)
            show_trial(trial);
        if (trial->blow >= BLOW_FAULTS)
            sim_plan_faults(ordeal->sim, &trial->plan);
        sim_run(ordeal->sim, (i + 2) * ordeal->slot_us);
        fine = is_all_up(ordeal, blow_words(trial->blow));
        seen.blows[trial->blow]++;
    }
    const char *complaint = sim_complaint(ordeal->sim);
    CHECK_TEXT(complaint ? complaint : "", "");
    CHECK(fine);
    bool swallowed = false;
    for (size_t i = 0; i < ordeal->world->tunnel_count; i++)
        swallowed |= sim_swallowed_us(ordeal->sim, (int)i) >= 0;
    seen.swallowed += swallowed;
    if (swallowed)
        printf("# seed %" PRIu64 ": a tunnel was in a loop for a while\n", ordeal->seed);
    for (int kind = 0; kind < FAULT_COUNT; kind++)
        seen.strikes += sim_fault_count(ordeal->sim, (enum fault_kind)kind);
}

/* Stable, and no tunnel that might swallow itself. What else may be latent (one tunnel only, equal
 * AS numbers) keeps no tunnel down. */
static bool is_said_to_hold(const struct network *network)
{
    struct check *check =
        check_run(network, &(struct check_options){.seed = 1, .no_remedies = true});
    bool holds = check_verdict(check) == CHECK_STABLE;
    for (size_t i = 0; holds && i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        holds = finding->what || finding->level == CHECK_PROTECTED;
    }
    check_free(check);
    return holds;
}

/* Without a story of its own. */
static struct network *quiet_network(uint64_t seed)
{
    struct generate_shape shape = random_shape(seed);
    shape.steps = 0;
    return network_generate(seed, &shape);
}

static void ask(uint64_t seed, struct digest *digest)
{
    static struct ordeal ordeal;
    ordeal = (struct ordeal){.seed = seed, .network = quiet_network(seed)};
    seen.asked++;
    if (is_said_to_hold(ordeal.network)) {
        seen.networks++;
        prepare(&ordeal);
        undergo(&ordeal);
        digest_u64(digest, sim_digest(ordeal.sim));
        sim_destroy(ordeal.sim);
        world_destroy(ordeal.world);
    } else if (only_seed) {
        printf("# seed %" PRIu64 " is not said to hold\n", seed);
    }
    network_free(ordeal.network);
}

static void what_is_called_stable_endures(void)
{
    struct digest digest = digest_start();
    if (only_seed)
        ask(only_seed, &digest);
    for (uint64_t seed = 1; !only_seed && seen.networks < network_count; seed++)
        ask(seed, &digest);
    harness_digest("endurance", digest_end(&digest));
    CHECK(only_seed || seen.networks == network_count);
}

static void show_counts(void)
{
    printf("# page: %" PRIu64 " networks, of %" PRIu64 " that were checked, are called stable and"
           " without a latent loop;\n# page: each had %d faults, one after the other, and %zu of"
           " them had a tunnel in a loop for a while.\n# page:\n# page: | fault | times |\n"
           "# page: |---|---:|\n",
           seen.networks, seen.asked, TRIALS, seen.swallowed);
    for (unsigned i = 0; i < BLOW_FAULTS + FAULT_COUNT; i++)
        printf("# page: | %s | %zu |\n", blow_words(i), seen.blows[i]);
}

static void every_kind_of_fault_has_struck(void)
{
    for (unsigned i = 0; i < BLOW_FAULTS + FAULT_COUNT; i++)
        CHECK(seen.blows[i] >= network_count / 2);
    CHECK(seen.strikes > 100 * network_count);
}

int main(void)
{
    harness_number("--seed", &only_seed);
    harness_number("--networks", &network_count);
    TEST(what_is_called_stable_endures);
    if (!only_seed) {
        TEST(every_kind_of_fault_has_struck);
        show_counts();
    }
    return harness_done();
}
