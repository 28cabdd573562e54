/* What does a region cost? tools/bench asks whole processes, for time and memory; this writes the
 * file (bench/region.h says what is in it), and counts what is announced in it:
 *
 *     region_bench write GATEWAYS CONNECTIONS ROUTES TUNNELS
 *     region_bench count GATEWAYS CONNECTIONS ROUTES TUNNELS */
#include "bench/region.h"

#include "bench/figure.h"
#include "bench/hub.h"
#include "check/run.h"

#include <string.h>

/* Paths that gateways have accepted, and all that each neighbor has from the other. */
static void count(const struct region *region)
{
    char *text = NULL;
    size_t size = 0, accepted = 0, advertised = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    region_write(region, out);
    fclose(out);
    struct network *network = hub_parse((struct slice){(const uint8_t *)text, size});
    struct run run;
    if (!run_begin(&run, network, 1, 0))
        abort();
    run_until(&run, 59ll * 1000000); /* before the story */
    for (size_t i = 0; i < run.world->node_count; i++) {
        const struct node *node = &run.world->nodes[i];
        for (uint16_t k = 1; node->engine && k <= engine_neighbor_count(node->engine); k++) {
            struct source_id source = engine_neighbor_source(node->engine, k);
            const struct rib_counts *counts =
                &rib_source_get(engine_rib(node->engine), source)->counts;
            advertised += counts->accepted + counts->refused;
            accepted += node->kind == NODE_GATEWAY ? counts->accepted : 0;
        }
    }
    figure("region.accepted", (double)accepted, "paths");
    figure("region.advertised", (double)advertised, "paths");
    run_done(&run);
    network_free(network);
    free(text);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fputs("usage: region_bench write|count GATEWAYS CONNECTIONS ROUTES TUNNELS\n", stderr);
        return 2;
    }
    struct region region = {.gateways = (unsigned)strtoul(argv[2], NULL, 10),
                            .connections = (unsigned)strtoul(argv[3], NULL, 10),
                            .routes = (unsigned)strtoul(argv[4], NULL, 10),
                            .tunnels = (unsigned)strtoul(argv[5], NULL, 10)};
    if (strcmp(argv[1], "write") == 0)
        region_write(&region, stdout);
    else
        count(&region);
    return 0;
}
