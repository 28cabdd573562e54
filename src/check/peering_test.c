#include "check/peering.h"

#include "check/change.h"
#include "check/check_rig.h"

static const struct change peer = {.kind = CHANGE_PEER, .index = 0};

static bool could(const char *from, const char *to)
{
    size_t near = 9, far = 9;
    struct network *network = rig_network("incident.yaml", from, to, NULL, NULL);
    bool could = peering_could_replace(network, 0, &near, &far);
    if (could) {
        CHECK_TEXT(network->vpcs[near].id, "vpc-main");
        CHECK_TEXT(network->vpcs[far].id, "vpc-branch");
    }
    network_free(network);
    return could;
}

static void two_vpcs_with_ranges_of_their_own_can_be_peered(void)
{
    CHECK(could(NULL, NULL));
    CHECK(!could("cidrs: [10.20.0.0/16]", "cidrs: [10.20.0.0/16, 10.10.64.0/24]"));
    CHECK(!could("        router: vyatta\n", ""));
    CHECK(!could("vpn_gateways:\n",
                 "vpc_peerings: [{id: pcx-1, requester: vpc-branch, accepter: vpc-main}]\n"
                 "vpn_gateways:\n"));
    CHECK(could("vpn_gateways:\n",
                "vpc_peerings: [{id: pcx-1, requester: vpc-branch, accepter: vpc-main, status: "
                "pending}]\nvpn_gateways:\n"));
}

static const struct check_remedy *remedy_of(const struct check *check)
{
    const struct check_finding *finding = check_finding(check, 0);
    for (size_t i = 0; i < finding->remedy_count; i++) {
        if (finding->remedies[i].kind == CHECK_REMEDY_VPC_PEERING)
            return &finding->remedies[i];
    }
    return NULL;
}

static void it_is_the_last_of_the_cures(void)
{
    struct network *network = rig_network("incident.yaml", NULL, NULL, NULL, NULL);
    struct check *check = rig_check(network);
    const struct check_remedy *remedy = remedy_of(check);
    CHECK(remedy != NULL);
    if (remedy) {
        CHECK_EQUAL((int64_t)remedy->number, (int64_t)check_finding(check, 0)->remedy_count);
        CHECK_TEXT(remedy->where, "vpc-main");
        CHECK_TEXT(remedy->change, "peer it with vpc-branch, and do without vpn-vyatta");
        CHECK_TEXT(remedy->lines.items[0],
                   "# not transitive: what is behind dxvif-1 is not reached from vpc-branch by it");
        CHECK_EQUAL((int64_t)remedy->lines.count, 6);
        CHECK_TEXT(remedy->lines.items[4],
                   "aws ec2 replace-route --route-table-id rtb-branch --destination-cidr-block"
                   " 10.10.0.0/16 --vpc-peering-connection-id NEW");
    }
    check_free(check);
    network_free(network);
}

/* What lies behind the Direct Connect is beyond a peering: where the file wants it, it is none. */
static void what_the_file_wants_is_not_given_up(void)
{
    static const char beyond[] = "wanted: [{from: i-vyatta, to: 10.30.0.1}]\nstory:\n";
    static const char between[] = "wanted: [{from: i-app, to: i-files}]\nstory:\n";
    struct network *network = rig_network("incident.yaml", "story:\n", beyond, NULL, NULL);
    struct check *check = rig_check(network);
    CHECK(remedy_of(check) == NULL);
    CHECK(check_finding(check, 0)->remedy_count > 0);
    check_free(check);
    network_free(network);
    network = rig_network("incident.yaml", "story:\n", between, NULL, NULL);
    check = rig_check(network);
    CHECK(remedy_of(check) != NULL);
    check_free(check);
    network_free(network);
}

/* What went from the router's VPC through the connection and beyond the gateway's (decision 8). */
static void no_peering_carries_what_lies_beyond(void)
{
    enum { APP = 0x0a0a010a, FILES = 0x0a140014, BEYOND = 0x0a1e0001 };
    static const struct {
        ip_addr from, to;
        bool gone;
    } pairs[] = {
        {FILES, BEYOND, true}, {BEYOND, FILES, true}, {FILES, APP, false},
        {APP, FILES, false},   {APP, BEYOND, false},  {BEYOND, APP, false},
    };
    struct network *network = rig_example("incident.yaml");
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct reach_pair pair = {.from = {WORLD_NONE, pairs[i].from},
                                        .to = {WORLD_NONE, pairs[i].to}};
        CHECK_EQUAL(peering_gives_up(network, 0, &pair), pairs[i].gone);
    }
    network_free(network);
    network = rig_example("pasted-sample.yaml"); /* whose routers are in no VPC */
    const struct reach_pair pair = {.from = {WORLD_NONE, FILES}, .to = {WORLD_NONE, BEYOND}};
    CHECK(!peering_gives_up(network, 0, &pair));
    network_free(network);
}

static void a_network_without_the_connection_is_sound(void)
{
    struct network *network = rig_example("incident-two-tunnels.yaml");
    struct network *copy = change_copy(network, &peer, 1);
    CHECK_EQUAL((int64_t)copy->vpn_connection_count, (int64_t)network->vpn_connection_count - 1);
    CHECK_EQUAL((int64_t)copy->vpc_peering_count, 1);
    struct check *check = rig_check_without_cures(copy);
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 0);
    check_free(check);
    network_free(copy);
    network_free(network);
}

/* A part of the other VPC's range that the router's instance had goes; what led elsewhere stays. */
static void routes_into_the_tunnel_go(void)
{
    struct network *network = rig_network(
        "incident.yaml", "{prefix: 10.10.0.0/16, target: i-vyatta}",
        "{prefix: 10.10.1.0/24, target: i-vyatta}, {prefix: 10.10.9.0/24, target: i-files}", NULL,
        NULL);
    struct network *copy = change_copy(network, &peer, 1);
    const struct network_route_table *table = &copy->vpcs[1].route_tables[0];
    CHECK_EQUAL((int64_t)table->route_count, 3);
    for (size_t i = 0; i < table->route_count; i++)
        CHECK(table->routes[i].prefix.len != 24 ||
              strcmp(table->routes[i].target.id, "i-files") == 0);
    network_free(copy);
    network_free(network);
}

int main(void)
{
    TEST(two_vpcs_with_ranges_of_their_own_can_be_peered);
    TEST(it_is_the_last_of_the_cures);
    TEST(what_the_file_wants_is_not_given_up);
    TEST(no_peering_carries_what_lies_beyond);
    TEST(a_network_without_the_connection_is_sound);
    TEST(routes_into_the_tunnel_go);
    return harness_done();
}
