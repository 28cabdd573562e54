/* Every compiler builds the same machine: whole worlds, moved by a seed. The lines that
 * harness_digest prints are compared between all builds by tools/test.
 *
 * sim_digest is of every event of a run, in order; engine_digest of what each engine holds. */
#include "tests/harness.h"

#include "bench/hub.h"
#include "network/build.h"
#include "sim/sim.h"

enum { SEEDS = 5, SECOND_US = 1000000 };

static struct network *network_of_file(const char *path)
{
    static char text[1 << 16];
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    size_t size = file ? fread(text, 1, sizeof text, file) : 0;
    if (file)
        fclose(file);
    struct network *network = NULL;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    CHECK(network_parse((struct slice){(const uint8_t *)text, size}, path, &diagnostics, &network));
    diagnostics_done(&diagnostics);
    return network;
}

static void digest_engines(const struct world *world, struct digest *digest)
{
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->nodes[i].engine)
            digest_u64(digest, engine_digest(world->nodes[i].engine));
    }
}

/* The run of one seed to where it can be said how it ends. */
static enum sim_end digest_run(const struct network *network, uint64_t seed, struct digest *digest)
{
    struct world *world = network_build(network);
    struct sim *sim = sim_create(world, network, &(struct sim_options){.seed = seed});
    CHECK(sim != NULL);
    enum sim_end end = sim_run_story(sim);
    digest_u64(digest, end);
    digest_u64(digest, (uint64_t)sim_now_us(sim));
    digest_u64(digest, sim_event_count(sim));
    digest_u64(digest, sim_digest(sim));
    digest_u64(digest, sim_state_digest(sim));
    digest_engines(world, digest);
    sim_destroy(sim);
    world_destroy(world);
    return end;
}

static void the_incident(void)
{
    struct network *network = network_of_file("examples/incident.yaml");
    struct digest digest = digest_start();
    uint64_t first = 0;
    for (uint64_t seed = 1; network && seed <= SEEDS; seed++) {
        CHECK(digest_run(network, seed, &digest) != SIM_BROKEN);
        CHECK(digest_end(&digest) != first);
        first = digest_end(&digest);
    }
    harness_digest("the incident", digest_end(&digest));
    network_free(network);
}

/* Ten sites of a hundred routes each: what the gateway has to say fills several segments. */
static void a_hub_settles(void)
{
    struct hub hub = {.connections = 10, .tunnels = 2, .routes = 100};
    char *text;
    struct network *network = hub_parse(hub_text(&hub, &text));
    struct digest digest = digest_start();
    CHECK_EQUAL(digest_run(network, 1, &digest), SIM_SETTLED);
    harness_digest("a hub", digest_end(&digest));
    network_free(network);
    free(text);
}

/* Engines that talk: what each of them holds, every second from the start. */
static void a_conversation(void)
{
    struct hub hub = {.connections = 2, .tunnels = 2, .routes = 5};
    char *text;
    struct network *network = hub_parse(hub_text(&hub, &text));
    struct world *world = network_build(network);
    struct sim *sim = sim_create(world, network, &(struct sim_options){.seed = 3, .audit = true});
    struct digest digest = digest_start();
    for (int64_t second = 1; second <= 60; second++) {
        (void)sim_run(sim, second * SECOND_US);
        digest_engines(world, &digest);
    }
    CHECK_TEXT(sim_complaint(sim) ? sim_complaint(sim) : "sound", "sound");
    for (size_t i = 0; i < world->tunnel_count; i++)
        CHECK(sim_tunnel_up(sim, (int)i));
    harness_digest("a conversation", digest_end(&digest));
    sim_destroy(sim);
    world_destroy(world);
    network_free(network);
    free(text);
}

int main(void)
{
    TEST(the_incident);
    TEST(a_hub_settles);
    TEST(a_conversation);
    return harness_done();
}
