#include "network/generate_filter.h"

#include "tests/harness.h"

#include <stdlib.h>

static struct network *generated(uint64_t seed, unsigned percent)
{
    struct generate_shape shape = generate_usual;
    shape.filter_percent = percent;
    return network_generate(seed, &shape);
}

struct census {
    unsigned groups, acls, members, subnets, lists;
};

static void count(const struct network *network, struct census *census)
{
    census->lists += network->prefix_list_count > 0;
    for (size_t i = 0; i < network->vpc_count; i++) {
        const struct network_vpc *vpc = &network->vpcs[i];
        census->groups += (unsigned)vpc->security_group_count;
        census->acls += (unsigned)vpc->network_acl_count;
        for (size_t j = 0; j < vpc->instance_count; j++)
            census->members += vpc->instances[j].security_groups != NULL;
        for (size_t j = 0; j < vpc->subnet_count; j++)
            census->subnets += vpc->subnets[j].network_acl.id != NULL;
    }
}

static void a_share_of_networks_is_filtered(void)
{
    struct census all = {0}, none = {0}, half = {0};
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct network *filtered = generated(seed, 100), *bare = generated(seed, 0);
        struct network *some = generated(seed, 50);
        count(filtered, &all);
        count(bare, &none);
        count(some, &half);
        network_free(filtered);
        network_free(bare);
        network_free(some);
    }
    CHECK_EQUAL(all.lists, 40);
    CHECK(all.members > all.groups / 4 && all.subnets > all.acls / 4);
    CHECK(half.lists > 10 && half.lists < 30);
    CHECK_EQUAL(none.groups + none.acls + none.members + none.subnets + none.lists, 0);
}

/* Without what filters, the network is the one that its seed has had before. */
static void the_rest_of_a_network_stays_as_it_was(void)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct network *filtered = generated(seed, 100), *bare = generated(seed, 0);
        CHECK_EQUAL((int64_t)filtered->vpc_count, (int64_t)bare->vpc_count);
        CHECK_EQUAL((int64_t)filtered->vpn_connection_count, (int64_t)bare->vpn_connection_count);
        for (size_t i = 0; i < bare->vpc_count; i++) {
            struct network_vpc *vpc = &filtered->vpcs[i];
            CHECK_TEXT(vpc->id, bare->vpcs[i].id);
            CHECK_EQUAL((int64_t)vpc->route_table_count, (int64_t)bare->vpcs[i].route_table_count);
        }
        for (size_t i = 0; i < bare->router_count; i++) {
            CHECK_TEXT(filtered->routers[i].id, bare->routers[i].id);
            CHECK_EQUAL(filtered->routers[i].platform, bare->routers[i].platform);
            CHECK_EQUAL((int64_t)filtered->routers[i].route_count,
                        (int64_t)bare->routers[i].route_count);
        }
        network_free(filtered);
        network_free(bare);
    }
}

int main(void)
{
    TEST(a_share_of_networks_is_filtered);
    TEST(the_rest_of_a_network_stays_as_it_was);
    return harness_done();
}
