/* What must become of a cell's tunnels, derived from the catalogue of traps alone: nothing here
 * knows an engine, a table or a decision of this program. docs/matrix.md has the argument. */
#pragma once

#include "sim/matrix_cells.h"

enum matrix_fate {
    FATE_HOLDS, /* up from the first to the last moment; its packets never enter a tunnel */
    FATE_FLAPS, /* swallowed, lost, back, and so on for ever */
    FATE_DEAD,  /* swallowed, lost, and never back */
    FATES
};

static const char *const matrix_fate_words[] = {"holds", "flaps", "dead"};

/* T24: a router refuses a path with its own AS in it, and a site's sample file gives all the same.
 * T26: allowas-in lets it in. A static VPN route begins at the gateway and has no site's AS. */
static inline bool oracle_accepted(const struct matrix_cell *cell)
{
    return cell->origin == ORIGIN_STATIC_VPN || cell->asn != ASN_SAME;
}

/* The AS path that the victim sees: the gateway's AS, and the origin's where it speaks BGP. */
static inline unsigned oracle_path_length(const struct matrix_cell *cell)
{
    return cell->origin == ORIGIN_STATIC_VPN ? 1 : 2;
}

/* T01, T04, T05: does the default from the tunnel replace the provider's? */
static inline bool oracle_default_lost(const struct matrix_cell *cell)
{
    const unsigned distance_ebgp = 20, distance_static = 1, distance_dhcp = 210;
    switch (cell->underlay) {
    case UNDERLAY_STATIC:
    case UNDERLAY_VRF: /* inside the VRF's table nothing is replaced: oracle_fate */
        return distance_ebgp < distance_static;
    case UNDERLAY_DHCP:
        return distance_ebgp < distance_dhcp;
    case UNDERLAY_EBGP_SHORT: /* equal lengths: the older, and that is the provider's, without
                               * which there would be no tunnel to learn the other through */
        return oracle_path_length(cell) < 1;
    case UNDERLAY_EBGP_LONG:
        return oracle_path_length(cell) < 3;
    case UNDERLAY_VALUES:
    default:
        return false;
    }
}

enum oracle_address { ADDRESS_ENDPOINT, ADDRESS_DISTANT_NEXT_HOP };

/* Where the tunnel would take what is sent to this address: T03, longer prefixes win always. */
static inline bool oracle_taken(const struct matrix_cell *cell, enum oracle_address address)
{
    switch (cell->prefix) {
    case PREFIX_DEFAULT:
        return oracle_default_lost(cell);
    case PREFIX_HALVES:
        return true;
    case PREFIX_SLASH_8: /* 203.0.0.0/8 and 203.0.113.0/24 contain no 192.0.2.1 */
    case PREFIX_SLASH_24:
        return address == ADDRESS_ENDPOINT;
    case PREFIX_VALUES:
    default:
        return false;
    }
}

static inline bool oracle_pinned(const struct matrix_cell *cell, unsigned tunnel)
{
    return cell->pins == PINS_BOTH || (cell->pins == PINS_ONE && tunnel == 0);
}

/* Do the prefixes take the packets of the victim's tunnel 0 or 1? */
static inline bool oracle_hit(const struct matrix_cell *cell, unsigned tunnel)
{
    if (!oracle_accepted(cell))
        return false;
    if (cell->underlay == UNDERLAY_VRF) /* outer packets ask another table */
        return false;
    if (oracle_pinned(cell, tunnel))
        return false;
    if (cell->pins == PINS_RECURSIVE) /* T06: it goes where its next hop goes */
        return oracle_taken(cell, ADDRESS_DISTANT_NEXT_HOP);
    return oracle_taken(cell, ADDRESS_ENDPOINT); /* T39: a stale static protects nothing */
}

/* The fate of the victim's tunnel 0 or 1. A tunnel that is hit comes back when the prefixes go,
 * and they go when no tunnel is left to bring them. T02: a pinned neighbor goes on bringing them,
 * and takes the other's packets to a gateway that has no way from there to its own outside. */
static inline enum matrix_fate oracle_fate(const struct matrix_cell *cell, unsigned tunnel)
{
    bool two = cell->tunnels == TUNNELS_TWO;
    if (!oracle_hit(cell, tunnel))
        return FATE_HOLDS;
    return two && !oracle_hit(cell, !tunnel) ? FATE_DEAD : FATE_FLAPS;
}
