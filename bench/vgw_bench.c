/* How long does a gateway with its sites take to settle? From the text of the network file to a
 * world at rest: every session established, every route told to everyone, every kernel's table
 * written, through the same engines, wire format and simulated TCP that every question uses.
 *
 *     vgw_bench [connections] [routes] [tunnels] [times]          10 100 1 9 */
#include "bench/figure.h"
#include "bench/hub.h"
#include "network/build.h"
#include "sim/sim.h"

enum { MAX_TIMES = 99 };

struct phases {
    double parse[MAX_TIMES], build[MAX_TIMES], settle[MAX_TIMES], total[MAX_TIMES];
};

static uint64_t event_count;
static size_t gateway_bytes, sites_bytes;

static double since_ms(double start_ns)
{
    return (figure_now_ns() - start_ns) / 1e6;
}

/* Every site has every route, else the figures are of something else. */
static void check_world(const struct world *world, const struct hub *hub)
{
    gateway_bytes = sites_bytes = 0;
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        const struct rib *rib = node->engine ? engine_rib(node->engine) : NULL;
        if (!rib)
            continue;
        *(node->kind == NODE_GATEWAY ? &gateway_bytes : &sites_bytes) +=
            engine_used_bytes(node->engine);
        if (rib->best_count < hub->connections * hub->routes) {
            fprintf(stderr, "vgw_bench: %s has %u routes only\n", node->id, rib->best_count);
            exit(1);
        }
    }
}

static void settle_once(const struct hub *hub, struct slice text, struct phases *phases, int time)
{
    double start_ns = figure_now_ns(), begun_ns = start_ns;
    struct network *network = hub_parse(text);
    phases->parse[time] = since_ms(start_ns);
    start_ns = figure_now_ns();
    struct world *world = network_build(network);
    phases->build[time] = since_ms(start_ns);
    start_ns = figure_now_ns();
    struct sim *sim = sim_create(world, network, &(struct sim_options){.seed = 1});
    if (!sim || sim_run_story(sim) != SIM_SETTLED) {
        fprintf(stderr, "vgw_bench: the world does not settle\n");
        exit(1);
    }
    phases->settle[time] = since_ms(start_ns);
    phases->total[time] = since_ms(begun_ns);
    event_count = sim_event_count(sim);
    check_world(world, hub);
    sim_destroy(sim);
    world_destroy(world);
    network_free(network);
}

static unsigned argument(int argc, char **argv, int index, unsigned otherwise)
{
    return argc > index ? (unsigned)strtoul(argv[index], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    struct hub hub = {.connections = argument(argc, argv, 1, 10),
                      .routes = argument(argc, argv, 2, 100),
                      .tunnels = argument(argc, argv, 3, 1)};
    unsigned times = argument(argc, argv, 4, 9);
    if (times < 1 || times > MAX_TIMES)
        return 2;
    char *text;
    struct slice slice = hub_text(&hub, &text);
    static struct phases phases;
    for (unsigned i = 0; i < times; i++)
        settle_once(&hub, slice, &phases, (int)i);
    figure("vgw.parse", figure_median(phases.parse, times), "ms");
    figure("vgw.build", figure_median(phases.build, times), "ms");
    figure("vgw.settle", figure_median(phases.settle, times), "ms");
    figure("vgw.total", figure_median(phases.total, times), "ms");
    figure("vgw.events", (double)event_count, "events");
    figure("vgw.gateway", (double)gateway_bytes, "bytes");
    figure("vgw.site", (double)sites_bytes / hub.connections, "bytes");
    free(text);
    return 0;
}
