/* Any network that can be read can be built and run: nothing ends the program, every engine keeps
 * its invariants, and a run says how it ended. */
#include "network/build.h"
#include "sim/sim.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* As in network_fuzz.c: libfyaml 0.7.12 forgets pieces of quoted scalars that never end. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml";
}

enum { SIZE_MOST = 1 << 16, EVENTS_MOST = 3000, SECOND_US = 1000000 };

static void run(const struct network *network)
{
    struct world *world = network_build(network);
    struct sim_options options = {
        .seed = 1, .events = EVENTS_MOST, .limit_us = 3600ll * SECOND_US, .audit = true};
    struct sim *sim = sim_create(world, network, &options);
    assert(sim);
    sim_run(sim, 30ll * SECOND_US);
    assert(!sim_complaint(sim));
    enum sim_end end = sim_run_story(sim);
    assert(end != SIM_BROKEN);
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (sim_tunnel_up(sim, (int)i))
            assert(world->tunnels[i].plain || world->tunnels[i].ends[0].sa != 0);
    }
    if (end == SIM_SETTLED)
        assert(!sim_audit_rest(sim));
    sim_destroy(sim);
    world_destroy(world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct network *network = NULL;
    struct diagnostics diagnostics;
    if (size > SIZE_MOST)
        return 0;
    diagnostics_init(&diagnostics);
    if (network_parse((struct slice){data, size}, "fuzz.yaml", &diagnostics, &network))
        run(network);
    network_free(network);
    diagnostics_done(&diagnostics);
    return 0;
}
