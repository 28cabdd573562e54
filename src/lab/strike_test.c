#include "lab/strike.h"

#include "lab/apply.h"
#include "lab/run_rig.h"
#include "lab/swanctl.h"
#include "plane/child.h"

/* On the way in by its source, on the way out by its destination; and nothing is left of it. */
static void silence_is_of_one_peer_and_ends(void)
{
    char space[NAME_SPACE_BYTES];
    if (run_space("one", space)) {
        CHECK(strike_silence(space, NULL, 0xcb0071e1, true, &run_trouble));
        const char *said = run_ruleset(space);
        CHECK(strstr(said, "ip saddr 203.0.113.225 drop") != NULL);
        CHECK(strstr(said, "ip daddr 203.0.113.225 drop") != NULL);
        CHECK(strike_silence(space, NULL, 0xcb0071e2, true, &run_trouble));
        CHECK(strike_silence(space, NULL, 0xcb0071e2, false, &run_trouble));
        CHECK(strstr(run_ruleset(space), "ip daddr 203.0.113.225 drop") != NULL);
        CHECK(strike_silence(space, NULL, 0xcb0071e1, false, &run_trouble));
        CHECK_TEXT(run_ruleset(space), "");
    }
    run_clean();
}

/* A machine that is dead while its way out is cut, too, boots behind a way that is still cut. */
static void silences_end_each_for_itself(void)
{
    char space[NAME_SPACE_BYTES];
    if (run_space("one", space)) {
        CHECK(strike_silence(space, "eth0", 0, true, &run_trouble));
        CHECK(strike_silence(space, NULL, 0, true, &run_trouble));
        CHECK(strike_silence(space, NULL, 0, false, &run_trouble));
        CHECK(strstr(run_ruleset(space), "iifname \"eth0\" drop") != NULL);
        CHECK(strike_silence(space, "eth0", 0, false, &run_trouble));
        CHECK_TEXT(run_ruleset(space), "");
    }
    run_clean();
}

/* Of BGP alone, in both directions, whoever began the session. */
static void a_session_is_muted_and_nothing_else(void)
{
    char space[NAME_SPACE_BYTES];
    if (run_space("one", space)) {
        CHECK(strike_mute(space, 0xa9fefc1e, true, &run_trouble));
        const char *said = run_ruleset(space);
        CHECK(strstr(said, "ip saddr 169.254.252.30 tcp sport 179 drop") != NULL);
        CHECK(strstr(said, "ip daddr 169.254.252.30 tcp dport 179 drop") != NULL);
        CHECK(strstr(said, "169.254.252.30 drop") == NULL);
        CHECK(strike_mute(space, 0xa9fefc1e, false, &run_trouble));
        CHECK_TEXT(run_ruleset(space), "");
    }
    run_clean();
}

static void one_session_is_reset_at_its_router(void)
{
    struct lab_running *lab = running_create("t", "x.yaml");
    struct running_node *node = run_node(lab, "vyatta", NODE_ROUTER, "");
    snprintf(node->folder, sizeof node->folder, "/x/vyatta");
    run_daemon(node, "bgpd", NULL);
    struct running_node *edge = run_node(lab, "edge", NODE_ROUTER, "");
    struct running_daemon *bird = run_daemon(edge, "bird", NULL);
    snprintf(bird->socket, sizeof bird->socket, "/x/bird.ctl");
    run_folder_make();
    run_program("vtysh", "");
    run_program("birdc", "");
    CHECK(strike_session(running_node(lab, "vyatta"), 1, 0xa9fefc1e, &run_trouble));
    CHECK(strstr(run_read("vtysh.said"), "--vty_socket /x/vyatta -c clear bgp 169.254.252.30"));
    CHECK(strike_session(running_node(lab, "edge"), 2, 0xa9fe6401, &run_trouble));
    CHECK(strstr(run_read("birdc.said"), "-s /x/bird.ctl restart n2"));
    CHECK(!strike_session(NULL, 2, 0xa9fe6401, &run_trouble));
    running_free(lab);
    run_clean();
}

static void a_silence_that_is_not_permitted_is_told(void)
{
    CHECK(!strike_silence("sekisho-lab-nobody", NULL, 0, true, &run_trouble));
    CHECK(*run_trouble.sentence != '\0');
}

static bool is_down(const char *space, const char *device)
{
    char said[1024];
    const char *const words[] = {"ip", "-o", "link", "show", device, NULL};
    CHECK(lab_run_program(space, words, said, sizeof said, &run_trouble));
    return strstr(said, ",UP") == NULL;
}

static void a_line_goes_down_at_both_ends(void)
{
    struct lab_running *lab = running_create("t", "x.yaml");
    struct running_link link = {.id = "dxvif-1"};
    link.ends[0].node = link.ends[1].node = WORLD_NONE;
    if (run_space("one", link.ends[0].space) && run_space("other", link.ends[1].space) &&
        run_pair(link.ends[0].space, "dx101", link.ends[1].space, "dx")) {
        snprintf(link.ends[0].device, sizeof link.ends[0].device, "dx101");
        snprintf(link.ends[1].device, sizeof link.ends[1].device, "dx");
        CHECK(strike_line(lab, &link, false, &run_trouble));
        CHECK(is_down(link.ends[0].space, "dx101") && is_down(link.ends[1].space, "dx"));
        CHECK(strike_line(lab, &link, true, &run_trouble));
        CHECK(!is_down(link.ends[0].space, "dx101") && !is_down(link.ends[1].space, "dx"));
    }
    running_free(lab);
    run_clean();
}

/* Its own programs die; a number that somebody else has by now is left alone. */
static void a_machine_that_is_killed_has_no_programs(void)
{
    char space[NAME_SPACE_BYTES];
    if (run_space("one", space)) {
        struct lab_running *lab = running_create("t", "x.yaml");
        struct running_node *node = run_node(lab, "vyatta", NODE_ROUTER, space);
        struct running_daemon *mine = run_daemon(node, "bgpd", NULL);
        const char *const words[] = {"sleep", "600", NULL};
        struct child child;
        struct child_plan plan = {.argv = words, .space = space, .dies_with_us = true};
        CHECK(child_start(&plan, &child, &run_trouble));
        mine->pid = child.pid;
        mine->start = child.start;
        struct running_daemon *other = run_daemon(node, "zebra", NULL);
        other->pid = getpid();
        other->start = 1;
        CHECK(strike_kill(node, &run_trouble));
        CHECK(!child_alive(&child));
        CHECK(strstr(run_ruleset(space), "drop") != NULL);
        child_end(&child, 0, NULL);
        running_free(lab);
    }
    run_clean();
}

/* Not even at its inner namespace, where a kernel would still close the connections of the dead. */
static void nothing_passes_a_gateway_that_is_killed(void)
{
    char outer[NAME_SPACE_BYTES], inner[NAME_SPACE_BYTES];
    if (run_space("outer", outer) && run_space("inner", inner)) {
        struct lab_running *lab = running_create("t", "x.yaml");
        struct running_node *node = run_node(lab, "vgw", NODE_GATEWAY, outer);
        snprintf(node->inner, sizeof node->inner, "%s", inner);
        CHECK(strike_kill(node, &run_trouble));
        CHECK(strstr(run_ruleset(outer), "drop") != NULL);
        CHECK(strstr(run_ruleset(inner), "drop") != NULL);
        CHECK(strike_isolate(node, false, &run_trouble));
        CHECK(strstr(run_ruleset(outer), "drop") == NULL);
        CHECK(strstr(run_ruleset(inner), "drop") == NULL);
        running_free(lab);
    }
    run_clean();
}

static void a_tunnel_is_taken_down_and_begun_anew(void)
{
    struct lab_running *lab = running_create("t", "x.yaml");
    struct running_node *node = run_node(lab, "vyatta", NODE_ROUTER, "");
    struct running_daemon *charon = run_daemon(node, "charon", NULL);
    snprintf(charon->tunnel, sizeof charon->tunnel, "vpn.tokyo/1");
    snprintf(charon->socket, sizeof charon->socket, "/x/vici");
    run_folder_make();
    run_program("swanctl", "");
    CHECK(strike_renew(node, "vpn.tokyo/1", &run_trouble));
    const char *said = run_read("swanctl.said");
    const char *down = strstr(said, "--terminate --ike vpn_tokyo/1");
    const char *up = strstr(said, "--initiate --child " SWANCTL_CHILD " --ike vpn_tokyo/1");
    CHECK(down && up && down < up && strstr(said, "unix:///x/vici"));
    CHECK(!strike_renew(node, "vpn.tokyo/2", &run_trouble));
    running_free(lab);
    run_clean();
}

int main(void)
{
    TEST(silence_is_of_one_peer_and_ends);
    TEST(silences_end_each_for_itself);
    TEST(a_session_is_muted_and_nothing_else);
    TEST(one_session_is_reset_at_its_router);
    TEST(a_silence_that_is_not_permitted_is_told);
    TEST(a_line_goes_down_at_both_ends);
    TEST(a_machine_that_is_killed_has_no_programs);
    TEST(nothing_passes_a_gateway_that_is_killed);
    TEST(a_tunnel_is_taken_down_and_begun_anew);
    return harness_done();
}
