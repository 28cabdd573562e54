/* Files that change under a running gateway: who is touched, and who is not. */
#include "run/reload.h"

#include "run/control_rig.h"
#include "run/round.h"

#define GATEWAYS "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n"
#define CUSTOMERS                                                                                  \
    "customer_gateways:\n"                                                                         \
    "  - {id: cgw-a, asn: 65001, address: 198.51.100.1, router: site-a}\n"                         \
    "  - {id: cgw-b, asn: 65002, address: 198.51.100.2, router: site-b}\n"
#define ROUTERS                                                                                    \
    "routers:\n"                                                                                   \
    "  - {id: site-a, platform: frr, bgp: {asn: 65001, announce: [10.1.0.0/16]}}\n"                \
    "  - {id: site-b, platform: frr, bgp: {asn: 65002, announce: [10.2.0.0/16]}}\n"
#define VPN(id, customer, more, last, vgw, cgw)                                                    \
    "  - {id: " id ", vpn_gateway: vgw, customer_gateway: " customer ", ipsec: none" more          \
    ", tunnels: [{outside: 203.0.113." last ", inside: {vgw: 169.254.1." vgw                       \
    ", cgw: 169.254.1." cgw "}}]}\n"
#define VPN_A      VPN("vpn-a", "cgw-a", "", "1", "1", "2")
#define VPN_B      VPN("vpn-b", "cgw-b", "", "2", "5", "6")
#define WITH(vpns) GATEWAYS CUSTOMERS "vpn_connections:\n" vpns ROUTERS

static struct rig_child gateway, site_a, site_b;

static void say_file(const char *text)
{
    rig_file(text);
    kill(gateway.pid, SIGHUP);
}

static void begin(struct rig_child *child, const char *role, const char *id)
{
    const char *const asked[] = {"--network", rig_path,       role, id,
                                 "--control", control_name(), NULL};
    const char *const plain[] = {"--network", rig_path, role, id, NULL};
    rig_begin(child, child == &gateway ? asked : plain);
    CHECK(rig_hears(child, "event=ready"));
}

static json_int_t times_up(const char *neighbor)
{
    json_t *answer = control_ask("{\"ask\": \"neighbors\"}");
    json_int_t times = -1;
    for (size_t i = 0; i < json_array_size(control_find(answer, "neighbors")); i++) {
        const json_t *row = json_array_get(control_find(answer, "neighbors"), i);
        if (strcmp(control_text(row, "neighbor"), neighbor) == 0)
            times = control_number(row, "established");
    }
    json_decref(answer);
    return times;
}

static void the_same_file_changes_nothing(void)
{
    rig_file(WITH(VPN_A VPN_B));
    begin(&gateway, "--gateway", "vgw");
    begin(&site_a, "--router", "site-a");
    begin(&site_b, "--router", "site-b");
    CHECK(rig_hears(&gateway, "event=session-up"));
    CHECK(rig_hears(&gateway, "event=session-up"));
    say_file(WITH(VPN_A VPN_B));
    CHECK(rig_hears(&gateway, "event=reloaded added=0 changed=0 removed=0"));
    say_file(WITH(VPN_B VPN_A)); /* nor does their order */
    CHECK(rig_hears(&gateway, "event=reloaded added=0 changed=0 removed=0"));
    CHECK_EQUAL(times_up("vpn-a/1"), 1);
    CHECK_EQUAL(times_up("vpn-b/1"), 1);
}

static void a_bad_file_changes_nothing(void)
{
    say_file("vpn_gateways: 7\n");
    CHECK(rig_hears(&gateway, "1 error; nothing was run"));
    CHECK(rig_hears(&gateway, "event=not-reloaded"));
    say_file(WITH(
        VPN_A VPN("vpn-b", "cgw-b", "", "2", "5",
                  "6") "  - {id: vpn-c, vpn_gateway: vgw, customer_gateway: cgw-a, ipsec: none, "
                       "tunnels: [{outside: 203.0.113.3, inside: {vgw: 192.0.2.1, cgw: "
                       "192.0.2.2}}]}\n"));
    CHECK(rig_hears(&gateway, "error: 192.0.2.1 is not an address of this machine; vpn-c/1"));
    CHECK(rig_hears(&gateway, "event=not-reloaded"));
    CHECK_EQUAL(times_up("vpn-a/1"), 1);
    CHECK_EQUAL(times_up("vpn-c/1"), -1);
}

static void an_as_takes_a_restart(void)
{
    say_file("vpn_gateways: [{id: vgw, asn: 64513, platform: sekisho}]\n");
    CHECK(rig_hears(&gateway, "this takes a restart: its AS; nothing was changed"));
    CHECK_EQUAL(times_up("vpn-b/1"), 1);
}

/* The neighbor hears that it is de-configured (6/3); the other one hears nothing but what became of
 * the routes. */
static void a_removed_neighbor_is_told_so(void)
{
    say_file(WITH(VPN_B));
    CHECK(rig_hears(&gateway, "event=session-down neighbor=vpn-a/1 reason=admin-stop"));
    CHECK(rig_hears(&gateway, "event=reloaded added=0 changed=0 removed=1"));
    CHECK(rig_hears(&site_a, "event=session-down neighbor=vpn-a/1 reason=notification-received"));
    CHECK_EQUAL(times_up("vpn-a/1"), -1);
    CHECK_EQUAL(times_up("vpn-b/1"), 1);
    json_t *answer = control_ask("{\"ask\": \"routes\"}");
    CHECK_EQUAL(json_array_size(control_find(answer, "routes")), 1);
    CHECK_TEXT(control_text(answer, "routes.0.neighbor"), "vpn-b/1");
    json_decref(answer);
}

static void and_an_added_one_is_heard(void)
{
    say_file(WITH(VPN_A VPN_B));
    CHECK(rig_hears(&gateway, "event=reloaded added=1 changed=0 removed=0"));
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-a/1"));
    CHECK_EQUAL(times_up("vpn-b/1"), 1);
}

static void a_limit_changes_without_a_session(void)
{
    say_file(WITH(VPN_A VPN("vpn-b", "cgw-b", ", limits: {received: 7}", "2", "5", "6")));
    CHECK(rig_hears(&gateway, "event=reloaded added=0 changed=0 removed=0"));
    json_t *answer = control_ask("{\"ask\": \"limits\"}");
    CHECK_EQUAL(control_number(answer, "neighbors.1.limit"), 7);
    json_decref(answer);
    CHECK_EQUAL(times_up("vpn-b/1"), 1);
}

static void other_timers_begin_a_session_anew(void)
{
    say_file(
        WITH(VPN_A VPN("vpn-b", "cgw-b", ", bgp: {hold: 60s, keepalive: 20s}", "2", "5", "6")));
    CHECK(rig_hears(&gateway, "event=session-down neighbor=vpn-b/1 reason=admin-stop"));
    CHECK(rig_hears(&gateway, "event=reloaded added=0 changed=1 removed=0"));
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-b/1"));
    CHECK_EQUAL(times_up("vpn-b/1"), 1); /* a new neighbor's first */
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
    CHECK_EQUAL(rig_end(&site_a, SIGTERM), RUN_FINE);
    CHECK_EQUAL(rig_end(&site_b, SIGTERM), RUN_FINE);
}

static struct plan *site_of(const char *announced, struct numbers *numbers)
{
    char text[1024];
    struct run_options options = {.network = "x.yaml", .router = "site-a"};
    struct plan *plan = NULL;
    snprintf(text, sizeof text, "%s  - {id: site-a, lan: [10.1.0.0/16], bgp: {asn: 65001, %s}}\n",
             GATEWAYS "customer_gateways: [{id: cgw-a, asn: 65001, router: site-a}]\n"
                      "vpn_connections:\n" VPN_A "routers:\n",
             announced);
    CHECK_EQUAL(
        plan_take((struct slice){(const uint8_t *)text, strlen(text)}, &options, stdout, &plan),
        RUN_FINE);
    CHECK(numbers_apply(numbers, plan));
    return plan;
}

/* A network that is a LAN and announced is a route that the file speaks of twice: as long as it
 * says so once it stays. */
static void what_is_said_twice_goes_when_nothing_says_it(void)
{
    struct numbers numbers = {0};
    struct reload reload;
    struct plan *twice = site_of("announce: [10.1.0.0/16]", &numbers);
    struct plan *once = site_of("announce: []", &numbers);
    CHECK(reload_compare(twice, once, &reload) == NULL);
    CHECK_EQUAL(reload.count, 1);
    CHECK_EQUAL(reload.events[0].kind, EVENT_WITHDRAW);
    reload_done(&reload);
    CHECK(reload_compare(once, twice, &reload) == NULL);
    CHECK_EQUAL(reload.count, 1);
    CHECK_EQUAL(reload.events[0].kind, EVENT_ANNOUNCE);
    reload_done(&reload);
    plan_free(twice);
    plan_free(once);
    numbers_done(&numbers);
}

/* -- a gateway's VPC -- */

#define SUBNETS ", subnets: [{id: sn-1, cidr: 10.10.1.0/24, route_table: rtb-1}]"
#define ROUTE                                                                                      \
    "{id: rtb-1, propagate: [vgw]}, {id: rtb-2, routes: [{prefix: 0.0.0.0/0, target: vgw}]}"
#define VPC(rest)  "vpcs: [{id: vpc-a, cidrs: [10.10.0.0/16" rest "}]\n"
#define TABLES(in) ", route_tables: [" in "]"
#define ATTACHED   "vpn_gateways: [{id: vgw, asn: 64512, vpc: vpc-a}]\n"

static struct plan *gateway_of(const char *text, struct numbers *numbers)
{
    struct run_options options = {.network = "x.yaml", .gateway = "vgw"};
    struct plan *plan = NULL;
    CHECK_EQUAL(
        plan_take((struct slice){(const uint8_t *)text, strlen(text)}, &options, stdout, &plan),
        RUN_FINE);
    CHECK(numbers_apply(numbers, plan));
    return plan;
}

/* What the engine is told, in words: "vpc-route 10.9.0.0/16 off". */
static const char *told_between(const char *was, const char *is)
{
    static char words[1024];
    struct text text = text_over(words, sizeof words);
    struct numbers numbers = {0};
    struct reload reload = {0};
    struct plan *one = gateway_of(was, &numbers), *other = gateway_of(is, &numbers);
    const char *wrong = reload_compare(one, other, &reload);
    if (wrong)
        text_add(&text, wrong);
    for (size_t i = 0; i < reload.count; i++) {
        const struct event *event = &reload.events[i];
        bool prefixed = event->kind == EVENT_VPC_CIDR || event->kind == EVENT_VPC_ROUTE;
        text_add(&text, i > 0 ? ", " : "");
        text_add(&text, event_word(event->kind));
        if (event->kind == EVENT_VPC && event->vpc.interface == 0)
            text_add(&text, " off");
        if (!prefixed)
            continue;
        text_add(&text, " ");
        text_prefix(&text, event->vpc_part.prefix);
        text_add(&text, event->vpc_part.present ? "" : " off");
    }
    reload_done(&reload);
    plan_free(one);
    plan_free(other);
    numbers_done(&numbers);
    return words;
}

static void a_vpcs_routes_are_told_alone(void)
{
    static const char was[] = VPC("]" SUBNETS TABLES(ROUTE)) ATTACHED;
    CHECK_TEXT(told_between(was, was), "");
    CHECK_TEXT(told_between(was, VPC("]" SUBNETS TABLES("{id: rtb-1}, {id: rtb-2}")) ATTACHED),
               "vpc-route 0.0.0.0/0 off, vpc-table");
    CHECK_TEXT(told_between(VPC("]" SUBNETS TABLES("{id: rtb-1}, {id: rtb-2}")) ATTACHED, was),
               "vpc-table, vpc-route 0.0.0.0/0");
}

static void for_all_else_it_is_told_anew(void)
{
    static const char was[] = VPC("]" SUBNETS TABLES(ROUTE)) ATTACHED;
    CHECK_TEXT(told_between(was, VPC("]" TABLES(ROUTE)) ATTACHED),
               "vpc, vpc-table, vpc-table, vpc-route 0.0.0.0/0");
    CHECK_TEXT(told_between(VPC(", 10.12.0.0/16]" TABLES(ROUTE)) ATTACHED,
                            VPC(", 10.11.0.0/16]" TABLES(ROUTE)) ATTACHED),
               "vpc, vpc-cidr 10.12.0.0/16 off, vpc-cidr 10.11.0.0/16, vpc-table, vpc-table, "
               "vpc-route 0.0.0.0/0");
}

static void it_is_attached_and_detached(void)
{
    static const char detached[] =
        VPC("]" TABLES("{id: rtb-1}")) "vpn_gateways: [{id: vgw, asn: 64512}]\n";
    static const char attached[] = VPC("]" TABLES("{id: rtb-1}")) ATTACHED;
    CHECK_TEXT(told_between(detached, attached), "vpc, vpc-cidr 10.10.0.0/16, vpc-table");
    CHECK_TEXT(told_between(attached, detached), "vpc off, vpc-cidr 10.10.0.0/16 off");
}

int main(void)
{
    TEST(a_vpcs_routes_are_told_alone);
    TEST(for_all_else_it_is_told_anew);
    TEST(it_is_attached_and_detached);
    TEST(what_is_said_twice_goes_when_nothing_says_it);
    if (rig_network()) {
        TEST(the_same_file_changes_nothing);
        TEST(a_bad_file_changes_nothing);
        TEST(an_as_takes_a_restart);
        TEST(a_removed_neighbor_is_told_so);
        TEST(and_an_added_one_is_heard);
        TEST(a_limit_changes_without_a_session);
        TEST(other_timers_begin_a_session_anew);
    } else {
        harness_skip("reloads", "no network namespace may be made here");
    }
    return harness_done();
}
