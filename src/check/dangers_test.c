#include "check/inquiry.h"

#include "check/check_rig.h"

/* Ten sites of one gateway, each behind a default by DHCP. */
static struct network *ten_sites(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fputs("vpn_gateways: [{id: vgw, asn: 64512}]\ncustomer_gateways:\n", out);
    for (int i = 1; i <= 10; i++)
        fprintf(out, "  - {id: cgw-%d, asn: %d, address: 198.18.%d.2, router: site-%d}\n", i,
                65000 + i, i, i);
    fputs("vpn_connections:\n", out);
    for (int i = 1; i <= 10; i++)
        fprintf(out,
                "  - {id: vpn-%d, vpn_gateway: vgw, customer_gateway: cgw-%d, tunnels: [{outside: "
                "203.0.113.%d, inside: {vgw: 169.254.1%d.1, cgw: 169.254.1%d.2}}]}\n",
                i, i, i, i, i);
    fputs("routers:\n", out);
    for (int i = 1; i <= 10; i++)
        fprintf(out,
                "  - {id: site-%d, platform: vyos, routes: [{prefix: 0.0.0.0/0, via: 198.18.%d.1, "
                "from: dhcp}], bgp: {asn: %d, announce: [10.%d.0.0/16]}}\n",
                i, i, 65000 + i, i);
    fclose(out);
    struct network *network = rig_parse(text);
    free(text);
    return network;
}

/* Each tunnel has its finding, and every other site is known to be able to do the same; in time
 * only two announcements are run. */
static void everybody_who_could_is_counted(void)
{
    struct network *network = ten_sites();
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_recursions(check), 10);
    for (size_t i = 0; i < rig_recursions(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        CHECK_EQUAL(finding->prefix.len, 0);
        CHECK_TEXT(finding->origin.router, i == 0 ? "site-2" : "site-1");
        CHECK(strstr(finding->protection, "and of 7 more") != NULL);
    }
    /* base, three orders, two variants, each looked at once more */
    CHECK_EQUAL((int64_t)check_networks_run(check), 8);
    CHECK_EQUAL((int64_t)check_variants_screened(check), 30); /* 10 tunnels, routers, defaults */
    check_free(check);
    network_free(network);
}

/* Where nobody in the file can, a further attachment could. */
static void who_is_alone_is_asked_of_a_further_attachment(void)
{
    struct network *network = rig_story("single-tunnel.yaml", "via: 198.51.100.1}",
                                        "via: 198.51.100.1, from: dhcp, distance: 210}");
    struct check *check = rig_check(network);
    const struct check_finding *finding = check_finding(check, 0);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK_EQUAL(finding->prefix.len, 0);
    CHECK_TEXT(finding->condition, "a further attachment of vgw-main announced 0.0.0.0/0");
    CHECK_TEXT(finding->protection, "nobody in the file could announce it");
    CHECK(!finding->origin.attachment && finding->origin.asn == 0);
    CHECK(finding->remedy_count > 0);
    for (size_t i = 0; i < finding->remedy_count; i++) {
        struct network *cured = check_remedy_applied(check, finding->remedies[i].number);
        CHECK_EQUAL((int64_t)cured->router_count, (int64_t)network->router_count);
        network_free(cured);
    }
    check_free(check);
    network_free(network);
}

static void who_is_guarded_is_not(void)
{
    struct network *network = rig_story("single-tunnel.yaml", "{id: vgw-main, vpc: vpc-main}",
                                        "{id: vgw-main, vpc: vpc-main, platform: sekisho}");
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_recursions(check), 0);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(everybody_who_could_is_counted);
    TEST(who_is_alone_is_asked_of_a_further_attachment);
    TEST(who_is_guarded_is_not);
    return harness_done();
}
