/* What things weigh: an engine that has nothing to do, and what one more route costs in each of the
 * tables that a route passes. Counted by the budgets themselves, so the same on every machine of
 * one pointer size. */
#include "bench/figure.h"
#include "engine/engine.h"
#include "vpc/vpc.h"

enum { TABLE_ROUTES = 100, PATHS = 1000 };

static const struct platform_profile *profile(void)
{
    return platform_profile(PLATFORM_VYOS);
}

static struct engine *booted(const struct engine_config *config)
{
    struct engine *engine = engine_create(config);
    if (!engine)
        abort();
    (void)engine_step(engine, &(struct event){.kind = EVENT_BOOT, .boot = {.seed = 1}});
    return engine;
}

static void weigh_engine(const char *name, bool gateway, uint32_t asn)
{
    struct engine_config config = {.alloc = figure_alloc(),
                                   .profile = profile(),
                                   .gateway = gateway,
                                   .asn = asn,
                                   .router_id = 0x0a000001};
    struct engine *engine = booted(&config);
    figure(name, (double)engine_used_bytes(engine), "bytes");
    engine_destroy(engine);
}

static struct prefix nth_prefix(uint32_t index)
{
    return prefix_around(0x0a000000u + (index << 8), 24);
}

static void weigh_table(void)
{
    struct budget budget;
    budget_init(&budget, figure_alloc(), 0);
    struct table table;
    table_init(&table, profile(), &budget, 3);
    if (!table_set(&table, prefix_around(0xc0000200, 24),
                   &(struct table_route){.source = ROUTE_CONNECTED, .interface = 1}))
        abort();
    for (uint32_t i = 0; i < TABLE_ROUTES; i++) {
        struct table_route route = {.source = ROUTE_STATIC, .gateway = 0xc0000201};
        if (!table_set(&table, nth_prefix(i), &route))
            abort();
    }
    while (table_settle(&table, UINT32_MAX) > 0)
        ;
    figure("memory.table_100", (double)budget.used_bytes, "bytes");
    table_done(&table);
}

static void weigh_vpc(void)
{
    struct budget budget;
    budget_init(&budget, figure_alloc(), 0);
    struct vpc vpc;
    vpc_init(&vpc, &vpc_limits_of_aws, &budget);
    uint16_t table;
    uint32_t waiting;
    bool done = vpc_add_cidr(&vpc, prefix_around(0x0a000000, 16)) == VPC_DONE &&
                vpc_add_table(&vpc, &table) == VPC_DONE &&
                vpc_set_propagation(&vpc, table, 1, true) == VPC_DONE;
    for (uint32_t i = 0; i < TABLE_ROUTES && done; i++)
        done = vpc_propagate(&vpc, 1, nth_prefix(0x10000 + i), true) == VPC_DONE;
    if (!done || vpc_propagated_count(&vpc, table, &waiting) != TABLE_ROUTES)
        abort();
    figure("memory.vpc_100", (double)budget.used_bytes, "bytes");
    vpc_done(&vpc);
}

/* One more source offers prefixes that are there already, with attributes that are there, too. */
static void weigh_path(void)
{
    static const uint8_t bytes[] = {0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xe8};
    struct budget budget;
    budget_init(&budget, figure_alloc(), 0);
    struct rib rib;
    rib_init(&rib, &budget, &rib_config_hub);
    struct attr_id attr = attr_intern(&rib.attrs, (struct slice){bytes, sizeof bytes});
    size_t before_bytes[2] = {0};
    for (uint32_t s = 0; s < 2; s++) {
        struct source source = {.kind = SOURCE_PLAIN_BGP,
                                .attachment = {(uint16_t)(s + 1)},
                                .external = true,
                                .peer_as = 65000,
                                .peer_address = 0x0a630101 + s};
        struct source_id id = rib_source_add(&rib, &source);
        before_bytes[s] = pool_size_bytes(&rib.paths);
        for (uint32_t i = 0; i < 1u << 20; i++) {
            if (rib_announce(&rib, id, nth_prefix(i), attr, REASON_NONE) > RIB_SAME)
                abort();
            if (rib_room(&rib) == 0 || i + 1 == 1u << 20) {
                (void)rib_settle(&rib);
                rib_settled(&rib);
            }
        }
    }
    figure("memory.path", (double)(pool_size_bytes(&rib.paths) - before_bytes[1]) / (1u << 20),
           "bytes");
    figure("memory.prefix",
           (double)(pool_size_bytes(&rib.prefixes) + slots_bytes(&rib.slots)) / (1u << 20),
           "bytes");
    attr_unref(&rib.attrs, attr);
    rib_done(&rib);
}

int main(void)
{
    weigh_engine("memory.engine_table_only", false, 0);
    weigh_engine("memory.engine_router", false, 65000);
    weigh_engine("memory.engine_gateway", true, 64512);
    weigh_table();
    weigh_vpc();
    weigh_path();
    return 0;
}
