/* What daemons are told when the network changes. The programs that tell them are ones that write
 * down how they were called. */
#include "lab/apply.h"

#include "lab/bird.h"
#include "lab/run_rig.h"
#include "network/fold.h"
#include "network/probe.h"

static struct network *before, *after;
static struct lab_running *lab;
static unsigned count;

static void begin(const char *step)
{
    char text[1 << 14];
    snprintf(text, sizeof text, "%sstory:\n  - %s\n", rig_incident, step);
    before = probe_parse(text);
    after = network_copy(before);
    network_fold(after, &after->story[0]);
    lab = running_create("t", "x.yaml");
    run_folder_make();
    run_write("network.yaml", "", 0600);
    snprintf(lab->folder, sizeof lab->folder, "%s", run_folder);
    run_program("vtysh", "");
    run_program("birdc", "Reconfigured");
}

static void end(void)
{
    running_free(lab);
    network_free(before);
    network_free(after);
    run_clean();
}

static void path_in(char out[LAB_PATH_BYTES], const char *name)
{
    snprintf(out, LAB_PATH_BYTES, "%s/%s", run_folder, name);
}

static void frr_is_told_line_by_line(void)
{
    char space[NAME_SPACE_BYTES], path[LAB_PATH_BYTES];
    begin("{at: 1s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}");
    if (run_space("dx", space)) {
        struct running_node *node = run_node(lab, "dx-edge", NODE_ROUTER, space);
        run_daemon(node, "zebra", NULL);
        struct running_daemon *bgpd = run_daemon(node, "bgpd", NULL);
        path_in(path, "bgpd.conf");
        run_write("bgpd.conf", "old", 0644);
        bgpd->words[0] = strdup("bgpd");
        bgpd->words[1] = strdup("-f");
        bgpd->words[2] = strdup(path);
        snprintf(node->folder, sizeof node->folder, "%s", run_folder);
        CHECK(lab_apply(lab, before, after, &count, &run_trouble));
        CHECK_EQUAL(count, 1);
        CHECK(strstr(run_read("vtysh.said"), "-c configure terminal -c router bgp 65001 -c "
                                             "address-family ipv4 unicast -c network 0.0.0.0/0 "
                                             "-c end"));
        CHECK(strstr(run_read("vtysh.said"), run_folder)); /* the socket's folder */
        CHECK(strstr(run_read("bgpd.conf"), "network 0.0.0.0/0"));
        CHECK(lab_apply(lab, after, after, &count, &run_trouble));
        CHECK_EQUAL(count, 0);
    }
    end();
}

static void what_frr_does_not_take_is_told(void)
{
    char space[NAME_SPACE_BYTES];
    begin("{at: 1s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}");
    if (run_space("dx", space)) {
        struct running_node *node = run_node(lab, "dx-edge", NODE_ROUTER, space);
        run_daemon(node, "zebra", NULL);
        run_daemon(node, "bgpd", NULL);
        run_program("vtysh", "% Unknown command: network");
        CHECK(!lab_apply(lab, before, after, &count, &run_trouble));
        CHECK(strstr(run_trouble.sentence, "Unknown command"));
    }
    end();
}

static void bird_reads_its_new_file(void)
{
    char space[NAME_SPACE_BYTES], path[LAB_PATH_BYTES];
    begin("{at: 1s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}");
    if (run_space("dx", space)) {
        struct running_node *node = run_node(lab, "dx-edge", NODE_ROUTER, space);
        struct running_daemon *bird = run_daemon(node, "bird", NULL);
        path_in(path, "bird.conf");
        run_write("bird.conf", "old", 0644);
        bird->words[0] = strdup("bird");
        bird->words[1] = strdup("-c");
        bird->words[2] = strdup(path);
        snprintf(bird->socket, sizeof bird->socket, "/x/bird.ctl");
        CHECK(lab_apply(lab, before, after, &count, &run_trouble));
        CHECK(strstr(run_read("birdc.said"), "-s /x/bird.ctl configure"));
        CHECK(strstr(run_read("bird.conf"), "0.0.0.0/0"));
        CHECK(strstr(run_read("network.yaml"), "announce: [10.30.0.0/16, 0.0.0.0/0]"));
        run_program("birdc", "bird.conf:3:1 syntax error");
        CHECK(!lab_apply(lab, before, after, &count, &run_trouble));
        CHECK(strstr(run_trouble.sentence, "syntax error"));
    }
    end();
}

/* A route that a router's own kernel has: no daemon knows of it. */
static void a_kernels_route_is_put_and_removed(void)
{
    char space[NAME_SPACE_BYTES], far[NAME_SPACE_BYTES], said[1024] = "";
    const char *const words[] = {"ip", "route", NULL};
    begin("{at: 1s, configure: {router: vyatta, add_routes: "
          "[{prefix: 192.0.2.0/24, interface: eth0, from: kernel}]}}");
    if (run_space("vya", space) && run_space("far", far) && run_pair(space, "eth0", far, "eth0")) {
        struct running_node *node = run_node(lab, "vyatta", NODE_ROUTER, space);
        (void)node;
        CHECK(lab_apply(lab, before, after, &count, &run_trouble));
        CHECK_EQUAL(count, 1);
        CHECK(lab_run_program(space, words, said, sizeof said, &run_trouble));
        CHECK(strstr(said, "192.0.2.0/24 dev eth0"));
        CHECK(lab_apply(lab, after, before, &count, &run_trouble));
        CHECK(lab_run_program(space, words, said, sizeof said, &run_trouble));
        CHECK(!strstr(said, "192.0.2.0/24"));
    }
    end();
}

int main(void)
{
    TEST(frr_is_told_line_by_line);
    TEST(what_frr_does_not_take_is_told);
    TEST(bird_reads_its_new_file);
    TEST(a_kernels_route_is_put_and_removed);
    return harness_done();
}
