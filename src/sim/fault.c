#include "sim/fault.h"

#include "sim/parts.h"

#include <assert.h>
#include <stdlib.h>

enum {
    RATE_MOST = 30,             /* percent of messages, of a kind that occurs */
    LATE_MOST_US = 3000000,     /* longer than most retransmission timers */
    AWAY_MOST_US = 20000000,    /* from a shutdown to the boot */
    REPAIR_MOST_US = 2000000,   /* until a failed entry is offered anew */
    BETWEEN_MOST_US = 40000000, /* two strikes at nodes or connections */
    JUMP_MOST_US =
        120000000, /* of a clock, ahead: it is monotonic, a machine that was paused finds it so */
    STRIKE_FIRST = FAULT_RESET, /* these are struck at times of their own */
};

struct faults {
    const struct fault_plan *plan;
    struct prng prng;
    uint8_t percent[FAULT_COUNT]; /* of messages or entries */
    bool strikes[FAULT_COUNT];
    int64_t between_us;
    uint32_t counts[FAULT_COUNT];
};

const char *fault_word(enum fault_kind kind)
{
    static const char *const words[] = {
#define FAULT(name, word, sentence) word,
#include "sim/fault.def"
#undef FAULT
    };
    return words[kind];
}

const char *fault_sentence(enum fault_kind kind)
{
    static const char *const sentences[] = {
#define FAULT(name, word, sentence) sentence,
#include "sim/fault.def"
#undef FAULT
    };
    return sentences[kind];
}

int64_t fault_over_us(const struct fault_plan *plan)
{
    return plan->end_us + AWAY_MOST_US;
}

int64_t fault_end_us(const struct sim *sim)
{
    return sim->faults->plan->end_us;
}

uint32_t sim_fault_count(const struct sim *sim, enum fault_kind kind)
{
    return sim->faults ? sim->faults->counts[kind] : 0;
}

static uint64_t below(struct faults *faults, uint64_t limit)
{
    return prng_below(&faults->prng, limit);
}

static void strike_again(struct sim *sim)
{
    struct faults *faults = sim->faults;
    int64_t at_us = sim->now_us + 1 + (int64_t)below(faults, (uint64_t)faults->between_us);
    struct happening happening = {.kind = HAPPENS_FAULT};
    if (at_us < faults->plan->start_us)
        at_us = faults->plan->start_us;
    if (at_us < faults->plan->end_us)
        sim_at(sim, at_us, &happening);
}

/* Draws the mix. */
static void begin(struct sim *sim, const struct fault_plan *plan)
{
    struct faults *faults = sim->faults;
    faults->plan = plan;
    faults->prng = prng_seed(plan->seed);
    bool any = false;
    for (int kind = 0; kind < FAULT_COUNT; kind++) {
        bool drawn = below(faults, 2), occurs = plan->kinds ? plan->kinds >> kind & 1 : drawn;
        uint8_t percent = (uint8_t)(1 + below(faults, RATE_MOST));
        if (kind < STRIKE_FIRST)
            faults->percent[kind] = occurs ? percent : 0;
        else
            faults->strikes[kind] = occurs;
        any |= occurs && kind >= STRIKE_FIRST;
    }
    faults->between_us = 1 + (int64_t)below(faults, BETWEEN_MOST_US);
    if (any)
        strike_again(sim);
}

void fault_init(struct sim *sim, const struct fault_plan *plan)
{
    sim->faults = calloc(1, sizeof *sim->faults);
    assert(sim->faults);
    begin(sim, plan);
}

void sim_plan_faults(struct sim *sim, const struct fault_plan *plan)
{
    assert(!sim->faults || sim->now_us >= sim->faults->plan->end_us);
    if (sim->faults)
        begin(sim, plan);
    else
        fault_init(sim, plan);
}

int64_t fault_return_us(const struct network *network, const struct world *world)
{
    int64_t dead_us = 0, hold_us = 0;
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        if (hold_us < network->vpn_connections[i].bgp.hold_us)
            hold_us = network->vpn_connections[i].bgp.hold_us;
    }
    for (size_t i = 0; i < world->tunnel_count; i++) {
        for (int end = 0; end < 2; end++) {
            const struct tunnel_dpd *dpd = &world->tunnels[i].dpd[end];
            int64_t us = dpd->delay_us + dpd->interval_us * (int64_t)dpd->tries;
            if (dead_us < us)
                dead_us = us;
        }
    }
    return 3 * (dead_us + hold_us);
}

void fault_done(struct sim *sim)
{
    free(sim->faults);
    sim->faults = NULL;
}

static bool is_time(const struct sim *sim)
{
    const struct fault_plan *plan = sim->faults->plan;
    return sim->now_us >= plan->start_us && sim->now_us < plan->end_us;
}

static bool occurs(struct faults *faults, enum fault_kind kind)
{
    bool now = faults->percent[kind] > 0 && below(faults, 100) < faults->percent[kind];
    faults->counts[kind] += now;
    return now;
}

struct fate fault_fate(struct sim *sim, enum fault_kind lost, uint32_t size)
{
    enum fault_kind late = lost + 1, twice = lost + 2, cut = lost + 3;
    struct faults *faults = sim->faults;
    struct fate fate = {.size = size};
    if (!is_time(sim))
        return fate;
    fate.lost = occurs(faults, lost);
    if (fate.lost)
        return fate;
    if (occurs(faults, late))
        fate.late_us = (int64_t)below(faults, LATE_MOST_US);
    if (occurs(faults, twice))
        fate.copy_us = 1 + (int64_t)below(faults, LATE_MOST_US);
    if (size > 1 && occurs(faults, cut))
        fate.size = 1 + (uint32_t)below(faults, size - 1);
    return fate;
}

bool fault_entry(struct sim *sim, const struct happening *failed)
{
    struct faults *faults = sim->faults;
    if (!is_time(sim) || !occurs(faults, FAULT_ENTRY_FAILS))
        return false;
    struct happening happening = *failed;
    happening.kind = HAPPENS_REPAIR;
    sim_at(sim, sim->now_us + 1 + (int64_t)below(faults, REPAIR_MOST_US), &happening);
    return true;
}

static void strike_connection(struct sim *sim)
{
    if (sim->tcp_count == 0)
        return;
    uint32_t connection = 1 + (uint32_t)below(sim->faults, sim->tcp_count);
    int end = (int)below(sim->faults, 2);
    if (tcp_break(sim, connection, end))
        sim->faults->counts[FAULT_RESET]++;
}

/* A router or a gateway that is up; WORLD_NONE: the one that was drawn is not. */
static int draw_node(struct sim *sim)
{
    int node = (int)below(sim->faults, sim->world->node_count);
    enum node_kind kind = sim->world->nodes[node].kind;
    bool fit = (kind == NODE_ROUTER || kind == NODE_GATEWAY) && sim->nodes[node].booted;
    return fit ? node : WORLD_NONE;
}

void fault_strike(struct sim *sim)
{
    struct faults *faults = sim->faults;
    enum fault_kind kind =
        STRIKE_FIRST + (enum fault_kind)below(faults, FAULT_COUNT - STRIKE_FIRST);
    int node = draw_node(sim);
    int64_t away_us = 1 + (int64_t)below(faults, AWAY_MOST_US - 1);
    int64_t jump_us = 1 + (int64_t)below(faults, JUMP_MOST_US);
    if (faults->strikes[kind] && kind == FAULT_RESET)
        strike_connection(sim);
    if (faults->strikes[kind] && kind != FAULT_RESET && node != WORLD_NONE) {
        faults->counts[kind]++;
        if (kind == FAULT_CLOCK_JUMP) {
            sim->nodes[node].clock_offset_us += jump_us;
        } else {
            sim_shut_down(sim, node);
            sim_boot(sim, node, sim->now_us + away_us);
        }
    }
    strike_again(sim);
}
