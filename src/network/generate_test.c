#include "network/generate.h"

#include "base/digest.h"
#include "tests/harness.h"

#include <stdlib.h>

enum { SEEDS = 400 };

static char *formatted(const struct network *network)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    network_format(network, out);
    fclose(out);
    return text;
}

static struct network *parsed(const char *text)
{
    struct network *network = NULL;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    bool sound = network_parse((struct slice){(const uint8_t *)text, strlen(text)}, "formatted",
                               &diagnostics, &network);
    CHECK(sound);
    diagnostics_done(&diagnostics);
    return network;
}

static void what_is_formatted_is_read_again_equal(void)
{
    struct digest digest = digest_start();
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct network *network = network_generate(seed, &generate_usual);
        char *text = formatted(network);
        struct network *again = parsed(text);
        CHECK(again && network_equal(network, again));
        digest_bytes(&digest, (struct slice){(const uint8_t *)text, strlen(text)});
        network_free(again);
        network_free(network);
        free(text);
    }
    harness_digest("400 generated networks", digest_end(&digest));
}

static void a_seed_gives_one_network(void)
{
    struct network *one = network_generate(7, &generate_usual);
    struct network *same = network_generate(7, &generate_usual);
    struct network *other = network_generate(8, &generate_usual);
    CHECK(network_equal(one, same));
    CHECK(!network_equal(one, other));
    network_free(one);
    network_free(same);
    network_free(other);
}

static void shapes_are_kept(void)
{
    static const struct generate_shape shapes[] = {
        {.gateways = 1, .sites = 1, .connections = 1},
        {.gateways = 1, .sites = 2, .connections = 1, .direct_connects = 1, .fast = true},
        {.gateways = GENERATE_GATEWAYS_MAX,
         .sites = GENERATE_SITES_MAX,
         .connections = GENERATE_CONNECTIONS_MAX,
         .direct_connects = GENERATE_DIRECT_CONNECTS_MAX,
         .steps = GENERATE_STEPS_MAX,
         .danger_percent = 100},
    };
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        const struct generate_shape *shape = &shapes[s];
        for (uint64_t seed = 1; seed <= 40; seed++) {
            struct network *network = network_generate(seed, shape);
            CHECK(network->vpn_gateway_count >= 1 && network->vpn_gateway_count <= shape->gateways);
            size_t sites = network->customer_gateway_count;
            CHECK(sites >= 1 && sites <= shape->sites);
            CHECK(network->vpn_connection_count >= sites &&
                  network->vpn_connection_count <= sites * shape->connections);
            CHECK(network->direct_connect_count <= shape->direct_connects);
            CHECK(network->step_count <= shape->steps);
            for (size_t i = 0; shape->fast && i < network->vpn_connection_count; i++)
                CHECK_EQUAL(network->vpn_connections[i].bgp.hold_us, 9000000);
            network_free(network);
        }
    }
}

/* Of each connection somebody begins, and begins again: otherwise one fault ends it for ever. */
static void somebody_begins_again(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct network *network = network_generate(seed, &generate_usual);
        for (size_t i = 0; i < network->customer_gateway_count; i++) {
            const struct network_customer_gateway *customer = &network->customer_gateways[i];
            CHECK_EQUAL(customer->startup, NETWORK_STARTUP_START);
            CHECK(!customer->dpd || customer->dpd->action == NETWORK_DPD_RESTART);
        }
        network_free(network);
    }
}

int main(void)
{
    TEST(what_is_formatted_is_read_again_equal);
    TEST(a_seed_gives_one_network);
    TEST(shapes_are_kept);
    TEST(somebody_begins_again);
    return harness_done();
}
