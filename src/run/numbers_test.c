#include "run/numbers.h"

#include "run/run_rig.h"
#include "world/names.h"

#define CONNECTION(name, customer, third, outside)                                                 \
    "  - {id: " name ", vpn_gateway: vgw, customer_gateway: " customer ", ipsec: none, tunnels: "  \
    "[{outside: 203.0.113." outside ", inside: {vgw: 169.254." third ".1, cgw: 169.254." third     \
    ".2}}]}\n"
#define HEAD                                                                                       \
    "vpn_gateways: [{id: vgw}]\n"                                                                  \
    "customer_gateways: [{id: cgw-a, asn: 65001}, {id: cgw-b, asn: 65002}, {id: cgw-c, asn: "      \
    "65003}]\n"                                                                                    \
    "vpn_connections:\n"

static struct plan *plan_of(const char *text)
{
    struct run_options options = {.network = "x.yaml"};
    struct plan *plan = NULL;
    CHECK_EQUAL(
        plan_take((struct slice){(const uint8_t *)text, strlen(text)}, &options, stdout, &plan),
        RUN_FINE);
    return plan;
}

static const struct event *told(const struct plan *plan, enum event_kind kind, unsigned nth)
{
    for (size_t i = 0; i < plan->told_count; i++) {
        if (plan->told[i].kind == kind && nth-- == 0)
            return &plan->told[i];
    }
    CHECK(!"there is no such event");
    return plan->told;
}

static void names_keep_their_numbers(void)
{
    struct numbers numbers = {0};
    struct plan *first =
        plan_of(HEAD CONNECTION("a", "cgw-a", "1", "1") CONNECTION("b", "cgw-b", "2", "2"));
    CHECK(numbers_apply(&numbers, first));
    CHECK_EQUAL(told(first, EVENT_NEIGHBOR, 1)->neighbor.neighbor, 2);
    /* c is new and stands first, a is gone */
    struct plan *second =
        plan_of(HEAD CONNECTION("c", "cgw-c", "3", "3") CONNECTION("b", "cgw-b", "2", "2"));
    CHECK(numbers_apply(&numbers, second));
    const struct event_neighbor *c = &told(second, EVENT_NEIGHBOR, 0)->neighbor;
    const struct event_neighbor *b = &told(second, EVENT_NEIGHBOR, 1)->neighbor;
    CHECK_EQUAL(c->neighbor, 3);
    CHECK_EQUAL(c->attachment, 3);
    CHECK_EQUAL(c->interface, 3);
    CHECK_EQUAL(b->neighbor, 2);
    CHECK_EQUAL(b->attachment, 2);
    CHECK_EQUAL(b->interface, 2);
    CHECK_EQUAL(told(second, EVENT_ATTACHMENT, 0)->attachment.customer_gateway, 3);
    CHECK_EQUAL(told(second, EVENT_ENDPOINT, 1)->endpoint.customer_gateway, 2);
    CHECK_TEXT(interface_port_name(second->world, second->node_index, 3), "vti1");
    CHECK_TEXT(interface_port_name(second->world, second->node_index, 2), "vti2");
    CHECK_TEXT(interface_port_name(second->world, second->node_index, 1), "-");
    CHECK_TEXT(plan_numbered(second, 3)->name, "c/1");
    CHECK_TEXT(plan_numbered(second, 2)->name, "b/1");
    CHECK_TEXT(plan_numbered(second, 1)->name, "a former neighbor");
    plan_free(first);
    plan_free(second);
    numbers_done(&numbers);
}

int main(void)
{
    TEST(names_keep_their_numbers);
    return harness_done();
}
