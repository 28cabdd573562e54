#include "check/places.h"

#include "check/check_rig.h"

#include <string.h>

static char seen[512];

static void note(struct check *check, const struct place_of_table *at)
{
    (void)check;
    size_t used = strlen(seen);
    snprintf(seen + used, sizeof seen - used, "%s:%s:%s:%s ", at->id,
             at->gateway ? at->gateway->id : "-", at->subnets ? at->subnets : "-",
             at->instance == WORLD_NONE ? "-" : at->world->nodes[at->instance].id);
}

static void ask(const char *story, void (*question)(struct check *, const struct place_of_table *))
{
    struct network *network = rig_story(story, NULL, NULL);
    struct check *check = rig_blank(network);
    struct run run;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    run_finish(&run);
    seen[0] = '\0';
    reach_init(&check->reach, network, run.world);
    places_ask(check, &run, question);
    reach_done(&check->reach);
    run_done(&run);
    arena_done(&check->arena);
    free(check);
    network_free(network);
}

static void every_table_is_asked_with_who_uses_it(void)
{
    ask("peering-not-transitive.yaml", note);
    CHECK_TEXT(seen, "rtb-app:vgw-main:subnet-app:i-app rtb-shop:-:subnet-shop:i-shop ");
}

static void look_up(struct check *check, const struct place_of_table *at)
{
    CHECK(place_has(at, at->world->nodes[at->instance].ports[1].addr));
    CHECK(!place_has(at, rig_ip(10, 20, 0, 1)));
    CHECK(place_is_own(at, at->said->cidrs[0]));
    CHECK(!place_is_own(at, rig_prefix(10, 0, 0, 0, 8)));
    CHECK(!place_misses(check, at, rig_prefix(10, 20, 0, 0, 16))); /* the file wants nothing */
    struct vpc_route route;
    if (vpc_find(at->vpc, at->table, rig_prefix(10, 20, 0, 0, 16), &route))
        CHECK_TEXT(place_target(at, route.target), at->gateway ? "vgw-main" : "pcx-shop");
    else
        CHECK(!"both tables have it");
}

static void a_place_knows_its_addresses_and_targets(void)
{
    ask("peering-not-transitive.yaml", look_up);
}

int main(void)
{
    TEST(every_table_is_asked_with_who_uses_it);
    TEST(a_place_knows_its_addresses_and_targets);
    return harness_done();
}
