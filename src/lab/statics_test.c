#include "lab/statics.h"

#include "lab/run_rig.h"

/* As FRR 8.4 says it. */
static const char said[] =
    "Codes: K - kernel route, C - connected, S - static, R - RIP,\n"
    "       t - trapped, o - offload failure\n"
    "\n"
    "S>* 0.0.0.0/0 [1/0] via 198.51.100.1, eth0 (vrf outer), weight 1, 00:00:55\n"
    "S   203.0.113.225/32 [1/0] via 192.0.2.1 inactive, weight 1, 00:00:55\n"
    "S>  203.0.113.226/32 [1/0] via 192.0.2.1 (recursive), weight 1, 00:00:55\n"
    "  *                          via 198.51.100.1, eth0, weight 1, 00:00:55\n"
    "S   203.0.113.227/32 [1/0] via 192.0.2.2 inactive, weight 1, 00:00:55\n"
    "S   203.0.113.228/32 [1/0] via 192.0.2.9, eth0, weight 1, 00:00:55\n"
    "                           via 192.0.2.1 inactive, weight 1, 00:00:55\n"
    "VRF default:\n"
    " Resolve via default: on\n"
    "192.0.2.1\n"
    " resolved via static\n"
    " via 198.51.100.1, eth0\n"
    " Client list: static(fd 20)\n"
    "192.0.2.2\n"
    " unresolved\n"
    " Client list: static(fd 20)\n"
    "198.51.100.1(Connected)\n"
    " resolved via connected\n"
    " is directly connected, eth0\n"
    " Client list: static(fd 20)\n";

static void what_zebra_says_is_read(void)
{
    CHECK_EQUAL(statics_of(said, "0.0.0.0/0", "198.51.100.1"), STATICS_FINE);
    CHECK_EQUAL(statics_of(said, "203.0.113.225/32", "192.0.2.1"), STATICS_LEFT_OUT);
    CHECK_EQUAL(statics_of(said, "203.0.113.226/32", "192.0.2.1"), STATICS_FINE);
    CHECK_EQUAL(statics_of(said, "203.0.113.228/32", "192.0.2.1"), STATICS_LEFT_OUT);
    /* its gateway is nowhere: nobody has left it out */
    CHECK_EQUAL(statics_of(said, "203.0.113.227/32", "192.0.2.2"), STATICS_FINE);
    /* it has not come to zebra yet, or its gateway has not */
    CHECK_EQUAL(statics_of(said, "203.0.113.22/32", "192.0.2.1"), STATICS_PENDING);
    CHECK_EQUAL(statics_of(said, "203.0.113.230/32", "192.0.2.3"), STATICS_PENDING);
    CHECK_EQUAL(statics_of("", "203.0.113.225/32", "192.0.2.1"), STATICS_PENDING);
}

static struct lab_running *lab;
static struct running_node *node;

static bool begin(void)
{
    char space[NAME_SPACE_BYTES], path[LAB_PATH_BYTES];
    run_folder_make();
    lab = running_create("t", "x.yaml");
    if (!run_space("site", space))
        return false;
    node = run_node(lab, "site", NODE_ROUTER, space);
    snprintf(node->folder, sizeof node->folder, "%s", run_folder);
    run_daemon(node, "zebra", NULL);
    struct running_daemon *staticd = run_daemon(node, "staticd", NULL);
    snprintf(path, sizeof path, "%s/staticd.conf", run_folder);
    staticd->words[0] = strdup("-f");
    staticd->words[1] = strdup(path);
    return true;
}

static void end(void)
{
    running_free(lab);
    run_clean();
}

static void one_that_is_left_out_is_said_again(void)
{
    if (begin()) {
        run_write("staticd.conf",
                  "ip route 0.0.0.0/0 198.51.100.1 eth0 1 nexthop-vrf outer\n"
                  "ip route 203.0.113.225/32 192.0.2.1 1\n"
                  "ip route 203.0.113.226/32 192.0.2.1 1\n"
                  "ip route 192.0.2.128/25 blackhole 1\n",
                  0644);
        run_program("vtysh", said);
        statics_settle(node);
        const char *told = run_read("vtysh.said");
        CHECK(strstr(told, "-c show ip route vrf default static -c show ip nht vrf default"));
        CHECK(strstr(told, "-c configure terminal -c no ip route 203.0.113.225/32 192.0.2.1 1"
                           " -c ip route 203.0.113.225/32 192.0.2.1 1 -c end"));
        CHECK(!strstr(told, "no ip route 203.0.113.226/32"));
        CHECK(!strstr(told, "no ip route 0.0.0.0/0"));
    }
    end();
}

static void what_is_fine_is_looked_at_once(void)
{
    if (begin()) {
        run_write("staticd.conf",
                  "ip route 203.0.113.226/32 192.0.2.1 1 vrf outer\n"
                  "ip route 203.0.113.227/32 192.0.2.2 1 vrf outer\n",
                  0644);
        run_program("vtysh", said);
        statics_settle(node);
        const char *told = run_read("vtysh.said"), *once = strstr(told, "show ip nht vrf outer");
        CHECK(once && !strstr(once + 1, "show ip nht"));
        CHECK(!strstr(told, "configure"));
    }
    end();
}

/* Whether the device is there or not: no other route is what it needs. */
static void one_by_a_device_is_not_waited_for(void)
{
    if (begin()) {
        run_write("staticd.conf", "ip route 0.0.0.0/0 lan0 1\nipv6 route ::/0 eth0.7 1\n", 0644);
        run_program("vtysh", "");
        statics_settle(node);
        CHECK_TEXT(run_read("vtysh.said"), "");
    }
    end();
}

int main(void)
{
    TEST(what_zebra_says_is_read);
    TEST(one_that_is_left_out_is_said_again);
    TEST(one_by_a_device_is_not_waited_for);
    TEST(what_is_fine_is_looked_at_once);
    return harness_done();
}
