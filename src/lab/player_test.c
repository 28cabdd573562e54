#include "lab/player.h"

#include "lab/apply.h"
#include "lab/run_rig.h"
#include "lab/watch.h"
#include "network/probe.h"
#include "plane/child.h"

static struct network *network;
static struct world *world;
static struct seen seen;
static struct lab_running *lab;
static struct player player;

/* The incident with these steps, and a lab in which nothing runs. */
static void begin(const char *steps)
{
    char text[1 << 14];
    snprintf(text, sizeof text, "%sstory:\n%s", rig_incident, steps);
    network = probe_parse(text);
    world = network_build(network);
    seen_init(&seen, world, watch_wall_us() - 1);
    lab = running_create("t", "x.yaml");
    run_folder_make();
    run_write("network.yaml", "", 0600);
    snprintf(lab->folder, sizeof lab->folder, "%s", run_folder);
    player_init(&player, lab, network_copy(network), &seen);
}

static void end(void)
{
    player_done(&player);
    seen_done(&seen);
    world_destroy(world);
    running_free(lab);
    network_free(network);
    run_clean();
}

static bool done(size_t step)
{
    bool fine = player_do(&player, &network->story[step], (int)step, &run_trouble);
    if (!fine)
        printf("# %s\n", run_trouble.sentence);
    return fine;
}

static void what_is_configured_stands_in_the_network(void)
{
    begin("  - {at: 1s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n");
    CHECK(done(0));
    CHECK(strstr(run_read("network.yaml"), "announce: [10.30.0.0/16, 0.0.0.0/0]"));
    CHECK_EQUAL(player.network->routers[1].bgp->announce_count, 2);
    CHECK_EQUAL(seen.moments[0].kind, MOMENT_STORY);
    CHECK_EQUAL(seen.moments[0].step, 0);
    end();
}

static void a_machine_that_restarts_comes_back_in_its_time(void)
{
    char space[NAME_SPACE_BYTES];
    bool booted;
    begin("  - {at: 1s, restart: {router: dx-edge}}\n");
    if (run_space("dx", space)) {
        run_node(lab, "dx-edge", NODE_ROUTER, space);
        CHECK(done(0));
        CHECK_EQUAL(player.boot_count, 1);
        CHECK(player_boot_due(&player, watch_wall_us(), &booted, &run_trouble));
        CHECK(!booted);
        CHECK(player_boot_due(&player, watch_wall_us() + 16000000, &booted, &run_trouble));
        CHECK(booted);
        CHECK_EQUAL(player.boot_count, 0);
        CHECK_EQUAL(seen.moments[seen.count - 1].kind, MOMENT_BOOT);
    }
    end();
}

/* It stays down, or comes back at once; and then not once more, when its time would have come. */
static void what_is_done_to_it_takes_the_place_of_its_boot(void)
{
    char space[NAME_SPACE_BYTES];
    bool booted;
    begin("  - {at: 1s, restart: {router: dx-edge}}\n"
          "  - {at: 2s, restart: {router: dx-edge}}\n"
          "  - {at: 3s, fail: {router: dx-edge}}\n"
          "  - {at: 4s, restart: {router: dx-edge}}\n"
          "  - {at: 5s, restore: {router: dx-edge}}\n");
    if (run_space("dx", space)) {
        run_node(lab, "dx-edge", NODE_ROUTER, space);
        CHECK(done(0) && done(1));
        CHECK_EQUAL(player.boot_count, 1);
        CHECK(done(2));
        CHECK_EQUAL(player.boot_count, 0);
        CHECK(done(3) && done(4));
        CHECK_EQUAL(seen.moments[seen.count - 1].kind, MOMENT_BOOT);
        CHECK(player_boot_due(&player, watch_wall_us() + 16000000, &booted, &run_trouble));
        CHECK(!booted);
    }
    end();
}

static bool is_silent(const char *space, const char *rule)
{
    return strstr(run_ruleset(space), rule) != NULL;
}

/* The instance is the router's, and the gateway's way out is a device of another name. */
static void the_way_out_is_cut_where_it_is(void)
{
    char outer[NAME_SPACE_BYTES], router[NAME_SPACE_BYTES];
    begin("  - {at: 1s, fail: {link: vgw-main}}\n"
          "  - {at: 2s, restore: {link: vgw-main}}\n"
          "  - {at: 3s, fail: {link: i-vyatta}}\n");
    if (run_space("outer", outer) && run_space("vyatta", router)) {
        run_node(lab, "vgw-main", NODE_GATEWAY, outer);
        run_node(lab, "vyatta", NODE_ROUTER, router);
        CHECK(done(0));
        CHECK(is_silent(outer, "iifname \"outer0\" drop"));
        CHECK(done(1));
        CHECK(!is_silent(outer, "drop"));
        CHECK(done(2));
        CHECK(is_silent(router, "iifname \"eth0\" drop"));
    }
    end();
}

/* As in the simulator: what is begun anew works, though it had failed before. */
static void what_failed_is_mended_by_a_restart(void)
{
    char space[NAME_SPACE_BYTES];
    begin("  - {at: 1s, fail: {session: vpn-vyatta/1}}\n"
          "  - {at: 2s, restart: {session: vpn-vyatta/1}}\n"
          "  - {at: 3s, fail: {tunnel: vpn-vyatta/1}}\n"
          "  - {at: 4s, restart: {tunnel: vpn-vyatta/1}}\n");
    if (run_space("vyatta", space)) {
        struct running_node *node = run_node(lab, "vyatta", NODE_ROUTER, space);
        struct running_tunnel *tunnel = running_add_tunnel(lab);
        struct running_daemon *charon = run_daemon(node, "charon", NULL);
        snprintf(charon->tunnel, sizeof charon->tunnel, "vpn-vyatta/1");
        run_daemon(node, "bgpd", NULL);
        run_program("vtysh", "");
        run_program("swanctl", "");
        snprintf(tunnel->id, sizeof tunnel->id, "vpn-vyatta/1");
        snprintf(tunnel->endpoints[TUNNEL_CUSTOMER], NAME_SPACE_BYTES, "%s", space);
        CHECK(done(0));
        CHECK(is_silent(space, "tcp dport 179 drop"));
        CHECK(done(1));
        CHECK(!is_silent(space, "drop"));
        CHECK(strstr(run_read("vtysh.said"), "clear bgp 169.254.252.30"));
        CHECK(done(2));
        CHECK(is_silent(space, "ip saddr 203.0.113.225 drop"));
        CHECK(done(3));
        CHECK(!is_silent(space, "drop"));
        CHECK(strstr(run_read("swanctl.said"), "--initiate"));
    }
    end();
}

/* Its sessions are gone when it is, though nobody is left to say so. */
static void a_machine_that_fails_has_no_sessions(void)
{
    char space[NAME_SPACE_BYTES];
    begin("  - {at: 1s, fail: {router: dx-edge}}\n");
    if (run_space("dx", space)) {
        int edge = world_find_node(world, "dx-edge");
        run_node(lab, "dx-edge", NODE_ROUTER, space);
        seen.nodes[edge].sessions[0].up = true;
        CHECK(done(0));
        CHECK(!seen.nodes[edge].sessions[0].up);
        CHECK_EQUAL(seen.moments[0].kind, MOMENT_FAILED);
        CHECK_EQUAL(player.boot_count, 0);
    }
    end();
}

/* A second set of programs would take the first one's addresses. */
static void who_runs_is_not_restored(void)
{
    char space[NAME_SPACE_BYTES];
    begin("  - {at: 1s, restore: {router: dx-edge}}\n");
    if (run_space("dx", space)) {
        struct running_node *node = run_node(lab, "dx-edge", NODE_ROUTER, space);
        struct running_daemon *daemon = run_daemon(node, "bird", NULL);
        const char *const words[] = {"sleep", "600", NULL};
        struct child child;
        struct child_plan plan = {.argv = words, .space = space, .dies_with_us = true};
        CHECK(child_start(&plan, &child, &run_trouble));
        daemon->pid = child.pid;
        daemon->start = child.start;
        CHECK(done(0));
        for (size_t i = 0; i < seen.count; i++)
            CHECK(seen.moments[i].kind != MOMENT_BOOT);
        child_end(&child, 0, NULL);
    }
    end();
}

static void what_the_lab_has_not_is_told(void)
{
    begin("  - {at: 1s, fail: {direct_connect: dxvif-1}}\n"
          "  - {at: 2s, fail: {link: vyatta}}\n"
          "  - {at: 3s, fail: {router: vyatta}}\n"
          "  - {at: 4s, restore: {router: vyatta}}\n");
    for (size_t i = 0; i < 4; i++) {
        run_trouble = (struct trouble){0};
        CHECK(!player_do(&player, &network->story[i], (int)i, &run_trouble));
        CHECK(strstr(run_trouble.sentence, i == 0 ? "dxvif-1" : "vyatta"));
    }
    end();
}

int main(void)
{
    TEST(what_is_configured_stands_in_the_network);
    TEST(a_machine_that_restarts_comes_back_in_its_time);
    TEST(what_is_done_to_it_takes_the_place_of_its_boot);
    TEST(the_way_out_is_cut_where_it_is);
    TEST(what_failed_is_mended_by_a_restart);
    TEST(a_machine_that_fails_has_no_sessions);
    TEST(who_runs_is_not_restored);
    TEST(what_the_lab_has_not_is_told);
    return harness_done();
}
