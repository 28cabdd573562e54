/* T36, single-tunnel: a connection of which one tunnel is used, and no other way of the same router
 * to the same gateway. AWS replaces tunnel endpoints for maintenance, one at a time. */
#include "check/settled.h"

/* Another connection or a Direct Connect, between the same two. */
static bool has_other_way(const struct world *world, size_t at)
{
    const struct connection *connection = &world->connections[at];
    for (size_t i = 0; i < world->connection_count; i++) {
        const struct connection *other = &world->connections[i];
        if (i != at && other->gateway == connection->gateway && other->router == connection->router)
            return true;
    }
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        const struct direct_connect *other = &world->direct_connects[i];
        if (other->gateway == connection->gateway && other->router == connection->router)
            return true;
    }
    return false;
}

/* The tunnels of a connection, and of those the ones that carry: a tunnel that never came up in a
 * run that has settled, though nothing has cut it off and no route swallows it, was never set up at
 * the other end. */
struct tally {
    int first; /* that carries, or the first one */
    unsigned said, used;
};

static struct tally count_tunnels(const struct run *run, size_t connection)
{
    struct tally tally = {.first = WORLD_NONE};
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        const struct tunnel *tunnel = &run->world->tunnels[i];
        if (tunnel->connection != (int)connection || tunnel->plain)
            continue;
        bool used = run->end != SIM_SETTLED || sim_tunnel_up(run->sim, (int)i) ||
                    run_tunnel_excused(run, (int)i) || sim_swallowed_us(run->sim, (int)i) >= 0;
        if (tally.first == WORLD_NONE || (used && tally.used == 0))
            tally.first = (int)i;
        tally.said++;
        tally.used += used;
    }
    return tally;
}

void single_find(struct check *check, const struct run *run)
{
    const struct world *world = run->world;
    for (size_t i = 0; i < world->connection_count; i++) {
        struct tally tally = count_tunnels(run, i);
        if (tally.used != 1 || has_other_way(world, i))
            continue;
        const struct connection *connection = &world->connections[i];
        struct check_finding *finding =
            settled_add(check, CHECK_FINDING_SINGLE_TUNNEL, CHECK_LATENT, connection->id,
                        check_text(check, "%s has one tunnel only: its maintenance is an outage",
                                   connection->id));
        finding->no_prefix = true;
        finding->connection = connection->id;
        finding->tunnel = world->tunnels[tally.first].id;
        finding->router = world->nodes[connection->router].id;
        finding->gateway = world->nodes[connection->gateway].id;
        finding->outside = world->tunnels[tally.first].ends[TUNNEL_CUSTOMER].outer_remote;
        if (tally.said == 1)
            settled_because(check, finding,
                            "the file has %s alone: its second tunnel is not set up",
                            finding->tunnel);
        else
            settled_because(check, finding, "%s carries, and the other tunnel has never come up",
                            finding->tunnel);
        settled_because(check, finding, "%s has no other way to %s", finding->router,
                        finding->gateway);
    }
}
