/* The matrix of tunnels that swallow themselves (traps T01-T08, T24, T26, T39): 1800 networks, all
 * combinations of what decides whether a tunnel is hit. A cell is one value of each dimension;
 * here are their numbering, and the cell as a network file.
 *
 * The network of every cell: a site ("victim", VyOS, directly on the Internet) has a VPN connection
 * with one or two tunnels to a gateway of AWS. Another attachment of that gateway ("origin")
 * announces the cell's prefixes, which contain the victim's tunnel endpoints. All figures that a
 * tie-break could turn on are chosen so that each cell has one answer (docs/matrix.md). */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum matrix_prefix {
    PREFIX_DEFAULT,
    PREFIX_HALVES,
    PREFIX_SLASH_8,
    PREFIX_SLASH_24,
    PREFIX_VALUES
};
enum matrix_origin { ORIGIN_VPN, ORIGIN_DX, ORIGIN_STATIC_VPN, ORIGIN_VALUES };
enum matrix_underlay {
    UNDERLAY_STATIC,     /* the provider's default is configured: distance 1 */
    UNDERLAY_DHCP,       /* distance 210 */
    UNDERLAY_EBGP_SHORT, /* by eBGP, AS path of 1 */
    UNDERLAY_EBGP_LONG,  /* by eBGP, AS path of 3 */
    UNDERLAY_VRF,        /* static, and the outer interface has a table of its own */
    UNDERLAY_VALUES
};
enum matrix_pins {
    PINS_NONE,
    PINS_ONE,       /* a host route to the first tunnel's endpoint, on-link next hop */
    PINS_BOTH,      /* and to the second's */
    PINS_STALE,     /* to an address that was an endpoint once */
    PINS_RECURSIVE, /* to both endpoints, by a next hop that is not on the link */
    PINS_VALUES
};
enum matrix_asn {
    ASN_SAME,   /* both sites have the sample file's 65000 */
    ASN_UNIQUE, /* the origin has 65001 */
    ASN_ALLOWAS_IN,
    ASN_VALUES
};
enum matrix_tunnels { TUNNELS_ONE, TUNNELS_TWO, TUNNELS_VALUES };

enum {
    MATRIX_CELLS =
        PREFIX_VALUES * ORIGIN_VALUES * UNDERLAY_VALUES * PINS_VALUES * ASN_VALUES * TUNNELS_VALUES
};

struct matrix_cell {
    enum matrix_prefix prefix;
    enum matrix_origin origin;
    enum matrix_underlay underlay;
    enum matrix_pins pins;
    enum matrix_asn asn;
    enum matrix_tunnels tunnels;
};

static inline unsigned matrix_digit(unsigned *rest, unsigned values)
{
    unsigned digit = *rest % values;
    *rest /= values;
    return digit;
}

/* index: below MATRIX_CELLS. */
static inline struct matrix_cell matrix_cell_at(unsigned index)
{
    struct matrix_cell cell;
    cell.tunnels = (enum matrix_tunnels)matrix_digit(&index, TUNNELS_VALUES);
    cell.asn = (enum matrix_asn)matrix_digit(&index, ASN_VALUES);
    cell.pins = (enum matrix_pins)matrix_digit(&index, PINS_VALUES);
    cell.underlay = (enum matrix_underlay)matrix_digit(&index, UNDERLAY_VALUES);
    cell.origin = (enum matrix_origin)matrix_digit(&index, ORIGIN_VALUES);
    cell.prefix = (enum matrix_prefix)matrix_digit(&index, PREFIX_VALUES);
    return cell;
}

static const char *const matrix_prefix_words[] = {"0/0", "halves", "covering /8", "covering /24"};
static const char *const matrix_origin_words[] = {"VPN site", "DX", "static VPN"};
static const char *const matrix_underlay_words[] = {"static", "DHCP 210", "eBGP path 1",
                                                    "eBGP path 3", "VRF"};
static const char *const matrix_pins_words[] = {"no statics", "one", "both", "stale", "recursive"};
static const char *const matrix_asn_words[] = {"same ASN", "unique ASN", "allowas-in"};
static const char *const matrix_tunnels_words[] = {"one tunnel", "two tunnels"};

/* "0/0, DX, DHCP 210, no statics, unique ASN, one tunnel" */
static inline void matrix_name(const struct matrix_cell *cell, FILE *out)
{
    fprintf(out, "%s, %s, %s, %s, %s, %s", matrix_prefix_words[cell->prefix],
            matrix_origin_words[cell->origin], matrix_underlay_words[cell->underlay],
            matrix_pins_words[cell->pins], matrix_asn_words[cell->asn],
            matrix_tunnels_words[cell->tunnels]);
}

/* What the origin announces; second: only of the halves, else NULL. */
static inline const char *matrix_announced(enum matrix_prefix prefix, unsigned which)
{
    static const char *const announced[PREFIX_VALUES][2] = {{"0.0.0.0/0", NULL},
                                                            {"0.0.0.0/1", "128.0.0.0/1"},
                                                            {"203.0.0.0/8", NULL},
                                                            {"203.0.113.0/24", NULL}};
    return announced[prefix][which];
}

/* A static VPN's prefixes stand in the file and at the gateway from the beginning. The gateway does
 * not tell the victim of them before the story says so: what the provider said is older, as it is
 * where one has a provider first and a VPN then. */
static inline void matrix_write_held(const struct matrix_cell *cell, FILE *out)
{
    const char *first = matrix_announced(cell->prefix, 0);
    const char *second = matrix_announced(cell->prefix, 1);
    fprintf(out, "    export: [{deny: %s}", first);
    if (second)
        fprintf(out, ", {deny: %s}", second);
    fputs("]\n", out);
}

static inline void matrix_write_connections(const struct matrix_cell *cell, FILE *out)
{
    fputs("vpn_connections:\n"
          "  - id: vpn-victim\n"
          "    vpn_gateway: vgw\n"
          "    customer_gateway: cgw-victim\n"
          "    tunnels:\n"
          "      - {outside: 203.0.113.225, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}\n",
          out);
    if (cell->tunnels == TUNNELS_TWO)
        fputs("      - {outside: 203.0.113.226, inside: {vgw: 169.254.10.5, cgw: 169.254.10.6}}\n",
              out);
    if (cell->origin == ORIGIN_STATIC_VPN)
        matrix_write_held(cell, out);
    if (cell->origin == ORIGIN_DX) {
        fputs("direct_connects:\n"
              "  - id: dxvif-1\n"
              "    vpn_gateway: vgw\n"
              "    router: origin\n"
              "    inside: {vgw: 169.254.100.1, peer: 169.254.100.2}\n",
              out);
        return;
    }
    fputs("  - id: vpn-origin\n"
          "    vpn_gateway: vgw\n"
          "    customer_gateway: cgw-origin\n"
          "    tunnels:\n"
          "      - {outside: 192.88.98.9, inside: {vgw: 169.254.20.1, cgw: 169.254.20.2}}\n",
          out);
    const char *second = matrix_announced(cell->prefix, 1);
    if (cell->origin == ORIGIN_STATIC_VPN)
        fprintf(out, "    static_routes: [%s%s%s]\n", matrix_announced(cell->prefix, 0),
                second ? ", " : "", second ? second : "");
}

struct matrix_list {
    FILE *out;
    unsigned count;
};

static inline void matrix_route(struct matrix_list *list, const char *prefix, const char *via,
                                const char *rest)
{
    fprintf(list->out, "%s{prefix: %s, via: %s%s}", list->count++ ? ",\n             " : "", prefix,
            via, rest);
}

/* The victim's own table: its provider's default, where that does not come by BGP, and pins. */
static inline void matrix_write_routes(const struct matrix_cell *cell, FILE *out)
{
    struct matrix_list list = {out, 0};
    const char *on_link = "198.51.100.1", *via = on_link;
    fputs("    routes: [", out);
    if (cell->underlay == UNDERLAY_STATIC || cell->underlay == UNDERLAY_VRF)
        matrix_route(&list, "0.0.0.0/0", on_link, "");
    if (cell->underlay == UNDERLAY_DHCP)
        matrix_route(&list, "0.0.0.0/0", on_link, ", from: dhcp");
    if (cell->pins == PINS_STALE)
        matrix_route(&list, "203.0.113.99/32", on_link, "");
    if (cell->pins == PINS_RECURSIVE)
        via = "192.0.2.1";
    if (cell->pins == PINS_ONE || cell->pins == PINS_BOTH || cell->pins == PINS_RECURSIVE)
        matrix_route(&list, "203.0.113.225/32", via, "");
    if (cell->pins == PINS_BOTH || cell->pins == PINS_RECURSIVE)
        matrix_route(&list, "203.0.113.226/32", via, "");
    fputs("]\n", out);
}

static inline void matrix_write_victim(const struct matrix_cell *cell, FILE *out)
{
    bool bgp = cell->underlay == UNDERLAY_EBGP_SHORT || cell->underlay == UNDERLAY_EBGP_LONG;
    fputs("  - id: victim\n    platform: vyos\n", out);
    matrix_write_routes(cell, out);
    if (cell->underlay == UNDERLAY_VRF)
        fputs("    outer_vrf: true\n", out);
    if (cell->underlay == UNDERLAY_EBGP_SHORT)
        fputs("    underlay: {asn: 64701, announce: [0.0.0.0/0]}\n", out);
    if (cell->underlay == UNDERLAY_EBGP_LONG)
        fputs("    underlay: {asn: 64701, announce: "
              "[{prefix: 0.0.0.0/0, as_path: [64702, 64703]}]}\n",
              out);
    fputs("    bgp:\n      asn: 65000\n      announce: [10.20.0.0/16]\n", out);
    if (bgp) /* the provider's default stays here */
        fputs("      export: [{permit: 10.20.0.0/16}]\n", out);
    if (cell->asn == ASN_ALLOWAS_IN)
        fputs("      allowas_in: 1\n", out);
}

static inline void matrix_write_origin(const struct matrix_cell *cell, FILE *out)
{
    const char *platform = cell->origin == ORIGIN_DX ? "unknown" : "vyos";
    fprintf(out, "  - id: origin\n    platform: %s\n", platform);
    if (cell->origin != ORIGIN_DX)
        fputs("    routes: [{prefix: 0.0.0.0/0, via: 198.18.0.1}]\n", out);
    if (cell->origin != ORIGIN_STATIC_VPN)
        fprintf(out, "    bgp: {asn: %u, announce: [10.30.0.0/16]}\n",
                cell->asn == ASN_UNIQUE ? 65001u : 65000u);
}

/* At 60 s everything is up, and the victim hears of the prefixes. */
static inline void matrix_write_story(const struct matrix_cell *cell, FILE *out)
{
    fputs("story:\n", out);
    if (cell->origin == ORIGIN_STATIC_VPN) {
        fputs("  - {at: 60s, configure: {vpn_connection: vpn-victim, export: []}}\n", out);
        return;
    }
    for (unsigned i = 0; i < 2 && matrix_announced(cell->prefix, i); i++)
        fprintf(out, "  - {at: 60s, announce: {router: origin, prefix: %s}}\n",
                matrix_announced(cell->prefix, i));
}

/* The cell as a network file. */
static inline void matrix_write(const struct matrix_cell *cell, FILE *out)
{
    fputs("vpn_gateways: [{id: vgw, asn: 10124}]\n"
          "customer_gateways:\n"
          "  - {id: cgw-victim, address: 198.51.100.10, router: victim}\n",
          out);
    if (cell->origin != ORIGIN_DX)
        fprintf(out, "  - {id: cgw-origin, asn: %u, address: 198.18.0.10, router: origin}\n",
                cell->asn == ASN_UNIQUE ? 65001u : 65000u);
    matrix_write_connections(cell, out);
    fputs("routers:\n", out);
    matrix_write_victim(cell, out);
    matrix_write_origin(cell, out);
    matrix_write_story(cell, out);
}
