#include "cli/lab_tables.h"

#include "network/build_rig.h"

/* Its namespace is nobody's: no packet takes what is in no kernel. */
static void a_vpcs_tables_are_told(void)
{
    struct rig rig = rig_build(rig_incident);
    struct lab_session session = {.world = rig.world, .network = rig.network};
    session.lab = running_create("t", "x.yaml");
    seen_init(&session.seen, rig.world, 0);
    struct running_node *gateway = running_add_node(session.lab);
    snprintf(gateway->id, sizeof gateway->id, "vgw-main");
    gateway->kind = NODE_GATEWAY;
    struct running_node *vpc = running_add_node(session.lab);
    snprintf(vpc->id, sizeof vpc->id, "vpc-branch");
    snprintf(vpc->space, sizeof vpc->space, "sekisho-there-is-no-such-namespace");
    vpc->kind = NODE_VPC;
    json_t *tables = lab_tables_json(&session);
    CHECK(json_is_false(json_object_get(json_object_get(tables, "vgw-main"), "up")));
    CHECK(json_is_false(json_object_get(json_object_get(tables, "rtb-app"), "up")));
    json_t *branch = json_object_get(tables, "rtb-branch");
    CHECK_TEXT(json_string_value(json_object_get(branch, "kind")), "route-table");
    json_t *routes = json_object_get(branch, "routes");
    CHECK_EQUAL(json_array_size(routes), 3);
    json_t *route = json_array_get(routes, 0);
    CHECK_TEXT(json_string_value(json_object_get(route, "prefix")), "0.0.0.0/0");
    CHECK_TEXT(json_string_value(json_object_get(route, "target")), "igw-branch");
    CHECK(json_is_true(json_object_get(route, "chosen")));
    CHECK(json_is_false(json_object_get(route, "used")));
    CHECK(json_is_true(json_object_get(json_array_get(routes, 2), "used")));
    json_decref(tables);
    seen_done(&session.seen);
    running_free(session.lab);
    rig_done(&rig);
}

int main(void)
{
    TEST(a_vpcs_tables_are_told);
    return harness_done();
}
