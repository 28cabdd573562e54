#include "import/import_rig.h"

#define REAL "tests/data/hybrid-cloud-aws"

static void take_real(void)
{
    char *problem = NULL;
    rig_open();
    CHECK(import_take_path(rig_import, REAL, &problem));
    free(problem);
    rig_finish();
}

/* A capture of a real VPC, with nothing wrong in it. */
static void a_real_export_is_read(void)
{
    take_real();
    CHECK(rig_done_well);
    CHECK_EQUAL((int64_t)import_file_count(rig_import), 27);
    CHECK_EQUAL((int64_t)rig_count(IMPORT_WRONG), 0);
    CHECK_EQUAL((int64_t)rig_count(IMPORT_DIFFERS), 0);
    CHECK(rig_has("- {id: vgw-81fd279f, asn: 65401, vpc: vpc-815775e7}\n"));
    CHECK(rig_has("address: 147.75.69.27, router: lhr-border-02}"));
    CHECK(rig_has("- {outside: 52.27.166.152, inside: {vgw: 169.254.15.193, cgw: 169.254.15.194}}"
                  "  # telemetry: UP, 5 BGP ROUTES\n"));
    CHECK(rig_has("received: [0.0.0.0/0, 10.1.1.0/24, 10.1.2.0/24, 10.1.3.0/24, 10.1.4.0/24]"));
    CHECK(rig_remark(IMPORT_ASSUMED, "lhr-border-02: what it runs"));
    CHECK(rig_remark(IMPORT_MISSING, "VirtualInterfaces"));
}

static void no_key_is_copied(void)
{
    take_real();
    CHECK(!rig_has("example.tunnel"));
    const struct import_remarks *remarks = import_remarks(rig_import);
    for (size_t i = 0; i < remarks->count; i++)
        CHECK(!strstr(remarks->items[i].text, "example.tunnel"));
}

static void the_file_is_canonical(void)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    char *again = NULL;
    size_t size, again_size;
    take_real();
    const char *text = import_file_text(rig_import, &size);
    diagnostics_init(&diagnostics);
    CHECK(network_parse((struct slice){(const uint8_t *)text, size}, "a", &diagnostics, &network));
    diagnostics_done(&diagnostics);
    CHECK(network && network_equal(network, import_network(rig_import)));
    FILE *out = open_memstream(&again, &again_size);
    CHECK(out && network);
    if (network)
        network_format(network, out);
    fclose(out);
    CHECK_TEXT(again, text);
    free(again);
    network_free(network);
}

/* What one file breaks, the others still tell. */
static void a_broken_file_costs_itself(void)
{
    rig_open();
    rig_add("Vpcs.json", "{'Vpcs': [{'VpcId': 'vpc-1', 'CidrBlock': '10.0.0.0/16'}]}");
    rig_add("RouteTables.json", "{'RouteTables': [{'RouteTableId': 'rtb-1',\n 'Vpc");
    rig_finish();
    CHECK(rig_done_well && rig_has("id: vpc-1"));
    const struct import_remark *broken = rig_remark(IMPORT_WRONG, "ends in the middle");
    CHECK(broken && broken->line == 2 && strcmp(broken->file, "RouteTables.json") == 0);
    CHECK(rig_remark(IMPORT_MISSING, "RouteTables is not in the export"));
}

static void nothing_is_no_network(void)
{
    rig_of("{'SecurityGroups': []}");
    CHECK(!rig_done_well && !import_network(rig_import));
    CHECK(rig_remark(IMPORT_WRONG, "nothing in the export has a place in a network file"));
    rig_open();
    rig_finish();
    CHECK(!rig_done_well);
}

static void all_files_together_are_bounded(void)
{
    size_t size = IMPORT_FILE_MAX;
    char *text = malloc(size);
    CHECK(text != NULL);
    memset(text, ' ', size);
    memcpy(text, "{\"Vpcs\": []}", 12);
    rig_open();
    for (int i = 0; i < 5; i++)
        import_take(rig_import, "a.json", (struct slice){(const uint8_t *)text, size});
    CHECK_EQUAL((int64_t)rig_count(IMPORT_WRONG), 1);
    CHECK(rig_remark(IMPORT_WRONG, "all files together are larger than 256 MiB"));
    free(text);
}

static void order_of_files_does_not_matter(void)
{
    static const char *const files[] = {
        "{" RIG_VPC "}", "{" RIG_GATEWAY "}", "{" RIG_TABLE(RIG_ROUTE("10.20.0.0/16")) "}",
        "{'CustomerGateways': [" RIG_CUSTOMER("1", "65010", "198.51.100.10") "]}",
        "{'VpnConnections': [" RIG_CONNECTION("1", "28", "1") "]}"};
    char *first = NULL;
    for (size_t turn = 0; turn < 5; turn++) {
        rig_open();
        for (size_t i = 0; i < 5; i++)
            rig_add("a.json", files[(i * (turn + 1) + turn) % 5]);
        if (turn == 4) /* that turn would take one file five times */
            break;
        rig_finish();
        if (!first)
            first = strdup(rig_text());
        CHECK_TEXT(rig_text(), first);
    }
    CHECK(first && strstr(first, "received: [10.20.0.0/16]"));
    free(first);
}

int main(void)
{
    TEST(a_real_export_is_read);
    TEST(no_key_is_copied);
    TEST(the_file_is_canonical);
    TEST(a_broken_file_costs_itself);
    TEST(nothing_is_no_network);
    TEST(all_files_together_are_bounded);
    TEST(order_of_files_does_not_matter);
    rig_close();
    return harness_done();
}
