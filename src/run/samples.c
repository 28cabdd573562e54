#include "run/samples.h"

#include "run/daemon.h"

#include <time.h>

static bool number(uint64_t value, struct sample *ret_sample)
{
    *ret_sample = (struct sample){.value = (int64_t)value};
    return true;
}

static bool seconds(int64_t us, struct sample *ret_sample)
{
    *ret_sample = (struct sample){.value = us, .us = true};
    return true;
}

/* Our clock's moment on the wall's, as it was when the daemon began. */
static bool moment(const struct daemon *daemon, int64_t at_us, struct sample *ret_sample)
{
    return seconds(daemon->began_wall_us + at_us - daemon->began_us, ret_sample);
}

/* -- who this is -- */

static bool build_sample(const struct sample_place *at, struct sample *ret_sample)
{
    (void)at;
    return number(1, ret_sample);
}

static bool gateway_sample(const struct sample_place *at, struct sample *ret_sample)
{
    (void)at;
    return number(1, ret_sample);
}

/* -- sessions -- */

static uint16_t neighbor_of(const struct sample_place *at)
{
    return at->daemon->plan->neighbors[at->item].number;
}

static const struct bgp_session *session_of(const struct sample_place *at)
{
    return engine_session(at->daemon->engine, neighbor_of(at));
}

static bool sessions(const struct sample_place *at, struct sample *ret_sample)
{
    const struct plan *plan = at->daemon->plan;
    uint64_t count = 0;
    for (uint16_t i = 0; i < plan->neighbor_count; i++)
        count += engine_session(at->daemon->engine, plan->neighbors[i].number)->state == at->part;
    return number(count, ret_sample);
}

static bool session_state(const struct sample_place *at, struct sample *ret_sample)
{
    return number(session_of(at)->state == at->part, ret_sample);
}

static bool session_since(const struct sample_place *at, struct sample *ret_sample)
{
    return moment(at->daemon, session_of(at)->since_us, ret_sample);
}

static bool established(const struct sample_place *at, struct sample *ret_sample)
{
    return number(session_of(at)->established_count, ret_sample);
}

static bool flaps(const struct sample_place *at, struct sample *ret_sample)
{
    const struct bgp_session *session = session_of(at);
    bool is_up = session->state == SESSION_ESTABLISHED;
    return number(session->established_count - is_up, ret_sample);
}

static bool last_down(const struct sample_place *at, struct sample *ret_sample)
{
    const struct bgp_session *session = session_of(at);
    bool has = at->part != BGP_DOWN_NONE && session->last_reason == at->part;
    return has && moment(at->daemon, session->last_down_us, ret_sample);
}

static bool messages_received(const struct sample_place *at, struct sample *ret_sample)
{
    return number(session_of(at)->tally.heard[at->part], ret_sample);
}

static bool messages_sent(const struct sample_place *at, struct sample *ret_sample)
{
    return number(session_of(at)->tally.said[at->part], ret_sample);
}

static bool received_bytes(const struct sample_place *at, struct sample *ret_sample)
{
    return number(at->daemon->links.read_bytes, ret_sample);
}

static bool sent_bytes(const struct sample_place *at, struct sample *ret_sample)
{
    return number(at->daemon->links.sent_bytes, ret_sample);
}

static bool turned_away(const struct sample_place *at, struct sample *ret_sample)
{
    const struct listeners *listeners = &at->daemon->listeners;
    return number(at->part ? listeners->starved_count : listeners->stranger_count, ret_sample);
}

static bool log_bytes(const struct sample_place *at, struct sample *ret_sample)
{
    uint64_t held, falls;
    engine_log_counts(at->daemon->engine, &held, &falls);
    return number(held, ret_sample);
}

static bool log_falls(const struct sample_place *at, struct sample *ret_sample)
{
    uint64_t held, falls;
    engine_log_counts(at->daemon->engine, &held, &falls);
    return number(falls, ret_sample);
}

/* -- routes -- */

static const struct rib_counts *counts_of(const struct sample_place *at)
{
    const struct engine *engine = at->daemon->engine;
    struct source_id source = engine_neighbor_source(engine, neighbor_of(at));
    return &rib_source_get(engine_rib(engine), source)->counts;
}

static bool prefixes(const struct sample_place *at, struct sample *ret_sample)
{
    return number(engine_rib(at->daemon->engine)->best_count, ret_sample);
}

static bool paths(const struct sample_place *at, struct sample *ret_sample)
{
    return number(engine_rib(at->daemon->engine)->paths.used_count, ret_sample);
}

static bool accepted(const struct sample_place *at, struct sample *ret_sample)
{
    const struct rib_counts *counts = counts_of(at);
    uint32_t six = counts->accepted_six;
    return number(at->part ? six : counts->accepted - six, ret_sample);
}

static bool received(const struct sample_place *at, struct sample *ret_sample)
{
    const struct rib_counts *counts = counts_of(at);
    uint32_t six = counts->accepted_six + counts->refused_six;
    return number(at->part ? six : counts->accepted + counts->refused - six, ret_sample);
}

static bool chosen(const struct sample_place *at, struct sample *ret_sample)
{
    return number(counts_of(at)->best, ret_sample);
}

static bool refused(const struct sample_place *at, struct sample *ret_sample)
{
    uint32_t count =
        census_refused(&at->daemon->metrics.census, neighbor_of(at), (enum reason)at->part);
    return count > 0 && number(count, ret_sample);
}

static bool discarded(const struct sample_place *at, struct sample *ret_sample)
{
    return number(counts_of(at)->discarded, ret_sample);
}

static bool limit(const struct sample_place *at, struct sample *ret_sample)
{
    const struct engine *engine = at->daemon->engine;
    uint16_t attachment = engine_neighbor(engine, neighbor_of(at))->attachment;
    uint32_t most = engine_attachment(engine, attachment)->prefix_limit;
    return most > 0 && number(most, ret_sample);
}

static bool announced(const struct sample_place *at, struct sample *ret_sample)
{
    uint32_t count = 0;
    bool known = census_told(&at->daemon->metrics.census, neighbor_of(at), at->part, &count);
    return known && number(count, ret_sample);
}

/* Attachments count from 1. */
static bool held(const struct sample_place *at, struct sample *ret_sample)
{
    uint32_t count =
        census_held(&at->daemon->metrics.census, (uint16_t)(at->item + 1), (enum reason)at->part);
    return count > 0 && number(count, ret_sample);
}

/* -- BFD -- */

static bool bfd_up(const struct sample_place *at, struct sample *ret_sample)
{
    const struct bfd_end *end = engine_bfd(at->daemon->engine, neighbor_of(at));
    return end && number(end->state == BFD_UP, ret_sample);
}

static bool bfd_discarded(const struct sample_place *at, struct sample *ret_sample)
{
    const struct bfd_end *end = engine_bfd(at->daemon->engine, neighbor_of(at));
    return end && number(end->discard_count, ret_sample);
}

static bool bfd_lost(const struct sample_place *at, struct sample *ret_sample)
{
    const struct bfd_sockets *bfd = &at->daemon->bfd;
    const uint64_t counts[] = {bfd->stranger_count, bfd->far_count, bfd->unsent_count};
    return number(counts[at->part], ret_sample);
}

/* -- tunnels -- */

static const struct carried *carried_of(const struct sample_place *at)
{
    return &at->daemon->tunnels.items[at->item];
}

static bool tunnel_up(const struct sample_place *at, struct sample *ret_sample)
{
    return number(carried_of(at)->said.up, ret_sample);
}

static bool tunnel_cause(const struct sample_place *at, struct sample *ret_sample)
{
    return carried_of(at)->said.cause == at->part && number(1, ret_sample);
}

static bool tunnel_ups(const struct sample_place *at, struct sample *ret_sample)
{
    return number(carried_of(at)->said.up_count, ret_sample);
}

static bool tunnel_failures(const struct sample_place *at, struct sample *ret_sample)
{
    return number(carried_of(at)->said.failures, ret_sample);
}

static bool tunnel_received(const struct sample_place *at, struct sample *ret_sample)
{
    return number(carried_of(at)->counters.bytes_in, ret_sample);
}

static bool tunnel_sent(const struct sample_place *at, struct sample *ret_sample)
{
    return number(carried_of(at)->counters.bytes_out, ret_sample);
}

static bool tunnel_received_packets(const struct sample_place *at, struct sample *ret_sample)
{
    return number(carried_of(at)->counters.packets_in, ret_sample);
}

static bool tunnel_sent_packets(const struct sample_place *at, struct sample *ret_sample)
{
    return number(carried_of(at)->counters.packets_out, ret_sample);
}

/* -- the kernel's table -- */

static const struct kernel_table *kernel_of(const struct sample_place *at)
{
    return at->daemon->kernel.fd >= 0 ? &at->daemon->kernel : NULL;
}

static bool fib_is_wanted(const struct sample_place *at, struct sample *ret_sample)
{
    const struct kernel_table *kernel = kernel_of(at);
    return kernel && number(kernel->fib.wanted_count, ret_sample);
}

static bool fib_is_reported(const struct sample_place *at, struct sample *ret_sample)
{
    const struct kernel_table *kernel = kernel_of(at);
    return kernel && number(kernel->fib.reported_count, ret_sample);
}

static bool fib_is_blocked(const struct sample_place *at, struct sample *ret_sample)
{
    const struct kernel_table *kernel = kernel_of(at);
    return kernel && number(kernel->fib.blocked_count, ret_sample);
}

static bool fib_changes(const struct sample_place *at, struct sample *ret_sample)
{
    const struct kernel_table *kernel = kernel_of(at);
    return kernel && number(at->part ? kernel->removed_count : kernel->put_count, ret_sample);
}

static bool fib_refused(const struct sample_place *at, struct sample *ret_sample)
{
    const struct kernel_table *kernel = kernel_of(at);
    return kernel && number(kernel->refused_count, ret_sample);
}

/* -- the journal -- */

static const struct writer_state *writer_of(const struct sample_place *at)
{
    return at->daemon->journal.on ? &at->daemon->journal.writer.state : NULL;
}

static bool journal_up(const struct sample_place *at, struct sample *ret_sample)
{
    const struct writer_state *state = writer_of(at);
    return state && number(atomic_load(&state->error) == 0, ret_sample);
}

static bool journal_bytes(const struct sample_place *at, struct sample *ret_sample)
{
    const struct writer_state *state = writer_of(at);
    return state && number(atomic_load(&state->bytes), ret_sample);
}

static bool journal_limit(const struct sample_place *at, struct sample *ret_sample)
{
    return writer_of(at) && number(at->daemon->journal.writer.limit_bytes, ret_sample);
}

static bool journal_segments(const struct sample_place *at, struct sample *ret_sample)
{
    const struct writer_state *state = writer_of(at);
    return state && number(atomic_load(&state->segments), ret_sample);
}

static bool journal_waiting(const struct sample_place *at, struct sample *ret_sample)
{
    const struct journal_ring *ring = &at->daemon->journal.writer.ring;
    return writer_of(at) && number(journal_ring_used(ring), ret_sample);
}

static bool journal_missing(const struct sample_place *at, struct sample *ret_sample)
{
    const struct writer_state *state = writer_of(at);
    return state && number(atomic_load(&state->missing) + at->daemon->journal.lost, ret_sample);
}

static bool journal_gaps(const struct sample_place *at, struct sample *ret_sample)
{
    return writer_of(at) && number(at->daemon->journal.gaps, ret_sample);
}

static bool journal_checkpointed(const struct sample_place *at, struct sample *ret_sample)
{
    const struct writer_state *state = writer_of(at);
    bool has = state && atomic_load(&state->checkpoint) > 0;
    return has && moment(at->daemon, atomic_load(&state->checkpoint_us), ret_sample);
}

/* -- the process -- */

static bool started(const struct sample_place *at, struct sample *ret_sample)
{
    return seconds(at->daemon->began_wall_us, ret_sample);
}

static bool cpu(const struct sample_place *at, struct sample *ret_sample)
{
    struct timespec used;
    (void)at;
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 &&
           seconds((int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000, ret_sample);
}

static bool memory(const struct sample_place *at, struct sample *ret_sample)
{
    return number(engine_used_bytes(at->daemon->engine), ret_sample);
}

static bool memory_limit(const struct sample_place *at, struct sample *ret_sample)
{
    return number(at->daemon->options.memory_bytes, ret_sample);
}

static bool rounds(const struct sample_place *at, struct sample *ret_sample)
{
    return number(at->daemon->round_count, ret_sample);
}

static bool longest_round(const struct sample_place *at, struct sample *ret_sample)
{
    return seconds((int64_t)at->daemon->longest_round_us, ret_sample);
}

static bool restarting(const struct sample_place *at, struct sample *ret_sample)
{
    return number(engine_waits(at->daemon->engine), ret_sample);
}

static bool stopping(const struct sample_place *at, struct sample *ret_sample)
{
    return number(at->daemon->stopping, ret_sample);
}

static bool reloads(const struct sample_place *at, struct sample *ret_sample)
{
    return number(at->daemon->reloads[at->part], ret_sample);
}

static bool notes(const struct sample_place *at, struct sample *ret_sample)
{
    return number(at->daemon->recent.counts[at->part], ret_sample);
}

static bool scrapes(const struct sample_place *at, struct sample *ret_sample)
{
    return number(at->daemon->metrics.scrape_count, ret_sample);
}

const struct metric metrics_all[] = {
#define METRIC(sample, name, type, each, part, help)                                               \
    {name, METRIC_##type, EACH_##each, PART_##part, help, sample},
#include "run/metrics.def"
#undef METRIC
};
const unsigned metrics_count = sizeof metrics_all / sizeof *metrics_all;
