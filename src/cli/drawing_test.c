#include "cli/drawing.h"

#include "cli/cli_rig.h"

static char *shown;
static size_t shown_size;

static const char *drawn(const char *file, bool ascii)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    free(shown);
    shown = NULL;
    struct screen screen = {
        .out = open_memstream(&shown, &shown_size), .width = 100, .ascii = ascii};
    diagnostics_init(&diagnostics);
    CHECK(network_parse((struct slice){(const uint8_t *)file, strlen(file)}, "drawing",
                        &diagnostics, &network));
    if (network)
        drawing_render(network, &screen, 0);
    network_free(network);
    diagnostics_done(&diagnostics);
    fclose(screen.out);
    return shown;
}

#define GATEWAY "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n"
#define SITE(number)                                                                               \
    "  - {id: vpn-" #number ", vpn_gateway: vgw, customer_gateway: cgw-" #number                   \
    ", tunnels: [{outside: 203.0.113." #number ", inside: {vgw: 169.254." #number                  \
    ".1, cgw: 169.254." #number ".2}}]}\n"
#define CUSTOMER(number)                                                                           \
    "  - {id: cgw-" #number ", asn: 65" #number ", address: 198.51.100." #number "}\n"

#define PLAIN                                                                                      \
    "  - {id: vpn-101, vpn_gateway: vgw, customer_gateway: cgw-101, ipsec: none, tunnels: "        \
    "[{outside: 203.0.113.101, inside: {vgw: 169.254.101.1, cgw: 169.254.101.2}}]}\n"

static void a_gateway_alone_is_its_name(void)
{
    CHECK_TEXT(drawn(GATEWAY, false), "vgw\n");
}

static void branches_are_joined(void)
{
    CHECK_TEXT(drawn(GATEWAY "customer_gateways:\n" CUSTOMER(101) CUSTOMER(102)
                         CUSTOMER(103) "vpn_connections:\n" SITE(101) SITE(102) SITE(103),
                     false),
               "vgw ─────┬─ vpn-101 ══════ ESP ══ cgw-101\n"
               "AS 64512 │  203.0.113.101         AS 65101\n"
               "         ├─ vpn-102 ══════ ESP ══ cgw-102\n"
               "         │  203.0.113.102         AS 65102\n"
               "         └─ vpn-103 ══════ ESP ══ cgw-103\n"
               "            203.0.113.103         AS 65103\n");
}

/* A wire says nothing that is not so. */
static void without_ipsec_there_is_no_esp(void)
{
    CHECK_TEXT(
        drawn(GATEWAY "customer_gateways:\n" CUSTOMER(101) "vpn_connections:\n" PLAIN, false),
        "vgw ─────── vpn-101 ═════════════ cgw-101\n"
        "AS 64512    203.0.113.101         AS 65101\n");
}

static void without_utf8_it_is_still_a_drawing(void)
{
    CHECK_TEXT(
        drawn(GATEWAY "customer_gateways:\n" CUSTOMER(101) "vpn_connections:\n" SITE(101), true),
        "vgw ------- vpn-101 ====== ESP == cgw-101\n"
        "AS 64512    203.0.113.101         AS 65101\n");
}

static void many_attachments_are_counted(void)
{
    const char *text =
        drawn(GATEWAY "customer_gateways:\n" CUSTOMER(101) CUSTOMER(102) CUSTOMER(103) CUSTOMER(104)
                  CUSTOMER(105) CUSTOMER(106) CUSTOMER(107) CUSTOMER(108)
                      CUSTOMER(109) "vpn_connections:\n" SITE(101) SITE(102) SITE(103) SITE(104)
                          SITE(105) SITE(106) SITE(107) SITE(108) SITE(109),
              false);
    CHECK(contains(text, "└─ vpn-108"));
    CHECK(contains(text, "… and 1 attachments more\n"));
}

int main(void)
{
    TEST(a_gateway_alone_is_its_name);
    TEST(branches_are_joined);
    TEST(without_ipsec_there_is_no_esp);
    TEST(without_utf8_it_is_still_a_drawing);
    TEST(many_attachments_are_counted);
    free(shown);
    return rig_done();
}
