#include "cli/cli_rig.h"

#include <unistd.h>

/* What is wrong with the file is told as everywhere, before anything else. */
static void a_files_mistakes_are_told(void)
{
    const struct ran *wrong = run_cli("lab up nowhere.yaml");
    CHECK(wrong->status == CLI_USAGE || wrong->status == CLI_WORLD);
    CHECK(contains(wrong->err, "nowhere.yaml"));
    CHECK_TEXT(wrong->out, "");
}

static void what_no_daemon_behaves_like_is_refused(void)
{
    static const char text[] =
        "vpn_gateways: [{id: vgw, asn: 64512}]\n"
        "customer_gateways: [{id: cgw, asn: 65001, address: 198.51.100.10, router: site}]\n"
        "vpn_connections:\n"
        "  - id: vpn\n"
        "    vpn_gateway: vgw\n"
        "    customer_gateway: cgw\n"
        "    tunnels: [{outside: 203.0.113.1, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}]\n"
        "routers: [{id: site, platform: junos, bgp: {asn: 65001}}]\n";
    const struct ran *refused = run_input("lab up --lab uptest - ", text, sizeof text - 1);
    CHECK_EQUAL(refused->status, CLI_USAGE);
    CHECK_TEXT(refused->out, "");
    CHECK_TEXT(refused->err,
               "error: standard input: site: nothing here behaves like junos; expected one of the"
               " platforms vyatta, vyos, frr, linux, bird and sekisho, or none\n");
}

static void none_can_be_taken_down(void)
{
    const struct ran *none = run_cli("lab --lab nosuchlab0 down");
    if (none->status == CLI_WORLD) {
        CHECK(geteuid() != 0);
        return;
    }
    CHECK_EQUAL(none->status, CLI_FINE);
    CHECK_TEXT(none->out, "nosuchlab0: there was none\n");
}

int main(void)
{
    TEST(a_files_mistakes_are_told);
    TEST(what_no_daemon_behaves_like_is_refused);
    TEST(none_can_be_taken_down);
    return rig_done();
}
