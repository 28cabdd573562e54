/* What the tests of the simulator share: a network's text runs, and its moments are looked for. */
#pragma once

#include "network/build_rig.h"
#include "sim/parts.h"

enum { SECOND = 1000000, MS = 1000 };

struct run {
    struct rig rig;
    struct sim *sim;
};

RIG_UNUSED static struct run run_with(const char *text, const struct sim_options *options)
{
    struct run run = {.rig = rig_build(text)};
    run.sim = sim_create(run.rig.world, run.rig.network, options);
    return run;
}

/* Everything begins at 0 and nothing is ever late. */
RIG_UNUSED static struct run run_exactly(const char *text)
{
    return run_with(text, &(struct sim_options){.seed = 1, .audit = true, .no_phase = true});
}

RIG_UNUSED static void run_done(struct run *run)
{
    CHECK(sim_complaint(run->sim) == NULL);
    sim_destroy(run->sim);
    rig_done(&run->rig);
}

RIG_UNUSED static int run_node(const struct run *run, const char *id)
{
    return (int)(rig_node(&run->rig, id) - run->rig.world->nodes);
}

/* The first such moment at a node (NULL: any) at or after a time; NULL: there is none. */
RIG_UNUSED static const struct moment *run_moment(const struct run *run, enum moment_kind kind,
                                                  const char *node, int64_t from_us)
{
    size_t count;
    const struct moment *moments = sim_moments(run->sim, &count);
    int at = node ? run_node(run, node) : WORLD_NONE;
    for (size_t i = 0; i < count; i++) {
        if (moments[i].kind == kind && moments[i].at_us >= from_us &&
            (!node || moments[i].node == at))
            return &moments[i];
    }
    return NULL;
}

/* Its time; -1: there is none. */
RIG_UNUSED static int64_t run_when(const struct run *run, enum moment_kind kind, const char *node,
                                   int64_t from_us)
{
    const struct moment *moment = run_moment(run, kind, node, from_us);
    return moment ? moment->at_us : -1;
}

RIG_UNUSED static int run_moments(const struct run *run, enum moment_kind kind, const char *node,
                                  int64_t from_us)
{
    int count = 0;
    for (const struct moment *at = run_moment(run, kind, node, from_us); at;
         at = run_moment(run, kind, node, at->at_us + 1))
        count++;
    return count;
}

RIG_UNUSED static enum session_state run_session(const struct run *run, const char *node,
                                                 uint16_t neighbor)
{
    const struct engine *engine = rig_node(&run->rig, node)->engine;
    return engine ? (enum session_state)engine_session(engine, neighbor)->state : SESSION_IDLE;
}

/* The kernel's entry for a prefix; NULL: it has none. */
RIG_UNUSED static const struct kernel_entry *run_entry(const struct run *run, const char *node,
                                                       ip_addr addr, uint8_t len)
{
    return kernel_exact(&rig_node(&run->rig, node)->kernel, (struct prefix){addr, len});
}

/* Something that happened, as watched from outside. */
struct watched {
    int64_t at_us;
    enum happening_kind kind;
    int node;
    enum segment_kind segment; /* SEGMENT */
    uint32_t size;             /* SEGMENT: its bytes */
    enum ike_kind ike;         /* IKE */
};

/* Runs until the moment and notes what happens of one kind (at one node, unless it is NULL);
 * returns how many there were. */
RIG_UNUSED static size_t run_watch(struct run *run, int64_t until_us, enum happening_kind kind,
                                   const char *node, struct watched *ret_seen, size_t cap)
{
    struct sim *sim = run->sim;
    size_t count = 0;
    int at = node ? run_node(run, node) : WORLD_NONE;
    const struct heap_entry *first;
    while ((first = heap_first(&sim->queue)) && first->when_us <= until_us) {
        const struct happening *next = pool_get(&sim->happenings, first->id);
        if (next->kind == kind && (!node || next->node == at) && count < cap)
            ret_seen[count++] = (struct watched){.at_us = first->when_us,
                                                 .kind = next->kind,
                                                 .node = next->node,
                                                 .segment = next->segment.kind,
                                                 .size = next->segment.size,
                                                 .ike = next->ike.kind};
        sim_next(sim, until_us);
    }
    sim_run(sim, until_us);
    return count;
}
