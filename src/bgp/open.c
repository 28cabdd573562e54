#include "bgp/open.h"

static void add_restart(const struct open_offer *offer, struct bgp_open *open)
{
    open->graceful_restart = true;
    open->restart_flags = offer->restarted ? BGP_RESTARTED : 0;
    open->restart_time_s = offer->restart_s;
    open->restart_family_count = offer->restart_s > 0 ? open->family_count : 0;
    for (unsigned i = 0; i < open->restart_family_count; i++) {
        open->restart_families[i] = open->families[i];
        open->restart_families[i].flags = offer->forgot ? 0 : BGP_FORWARDING_KEPT;
    }
}

struct bgp_open open_make(const struct open_offer *offer)
{
    struct bgp_open open = {
        .version = BGP_VERSION,
        .as2 = offer->local_as > UINT16_MAX ? BGP_AS_TRANS : (uint16_t)offer->local_as,
        .hold_time_s = offer->hold_s,
        .identifier = offer->router_id,
    };
    if (offer->plain)
        return open;
    open.capabilities = true;
    open.refresh = open.enhanced_refresh = true;
    open.has_as4 = true;
    open.as4 = offer->local_as;
    if (!offer->no_four)
        open.families[open.family_count++] =
            (struct bgp_family){.afi = BGP_AFI_IPV4, .safi = BGP_SAFI_UNICAST};
    if (offer->six)
        open.families[open.family_count++] =
            (struct bgp_family){.afi = BGP_AFI_IPV6, .safi = BGP_SAFI_UNICAST};
    add_restart(offer, &open);
    return open;
}

static enum bgp_down reason_of(uint8_t subcode)
{
    switch (subcode) {
    case BGP_OPEN_UNSUPPORTED_VERSION:
        return BGP_DOWN_BAD_VERSION;
    case BGP_OPEN_BAD_IDENTIFIER:
        return BGP_DOWN_BAD_ROUTER_ID;
    case BGP_OPEN_UNACCEPTABLE_HOLD_TIME:
        return BGP_DOWN_BAD_HOLD_TIME;
    default:
        return BGP_DOWN_BAD_OPEN;
    }
}

static enum bgp_down refuse(enum bgp_down reason, uint8_t subcode, struct slice data,
                            struct bgp_error *ret_error)
{
    *ret_error = (struct bgp_error){BGP_ERROR_OPEN, subcode, data};
    return reason;
}

/* What the neighbor says of a family that is exchanged. */
static void agree_restart(const struct open_offer *offer, const struct bgp_open *open,
                          struct open_terms *terms)
{
    terms->restart = true;
    terms->restarted = open->restart_flags & BGP_RESTARTED;
    if (offer->restart_s == 0)
        return;
    terms->restart_s = open->restart_time_s;
    for (unsigned i = 0; i < open->restart_family_count; i++) {
        const struct bgp_family *family = &open->restart_families[i];
        bool four = family->afi == BGP_AFI_IPV4 && terms->four;
        bool six = family->afi == BGP_AFI_IPV6 && terms->six;
        if (family->safi != BGP_SAFI_UNICAST || (!four && !six))
            continue;
        uint8_t bit = four ? OPEN_FOUR : OPEN_SIX;
        terms->restart_families |= bit;
        if (family->flags & BGP_FORWARDING_KEPT)
            terms->kept_families |= bit;
    }
}

enum bgp_down open_judge(const struct open_offer *offer, struct slice body,
                         struct open_terms *ret_terms, struct bgp_error *ret_error)
{
    /* the capability that the neighbor lacks, as RFC 5492 3 wants it in the answer */
    static const uint8_t IPV4_UNICAST[] = {BGP_CAP_MULTIPROTOCOL, 4, 0,
                                           BGP_AFI_IPV4,          0, BGP_SAFI_UNICAST};
    static const uint8_t IPV6_UNICAST[] = {BGP_CAP_MULTIPROTOCOL, 4, 0,
                                           BGP_AFI_IPV6,          0, BGP_SAFI_UNICAST};
    struct slice none = {0};
    struct slice lacking = {offer->no_four ? IPV6_UNICAST : IPV4_UNICAST, sizeof IPV4_UNICAST};
    struct bgp_open open;
    struct bgp_error error;
    if (!bgp_open_decode(body, &open, &error)) {
        *ret_error = error;
        return reason_of(error.subcode);
    }
    if (bgp_open_as(&open) != offer->peer_as)
        return refuse(BGP_DOWN_BAD_PEER_AS, BGP_OPEN_BAD_PEER_AS, none, ret_error);
    if (offer->local_as == offer->peer_as && open.identifier == offer->router_id)
        return refuse(BGP_DOWN_BAD_ROUTER_ID, BGP_OPEN_BAD_IDENTIFIER, none, ret_error);
    bool silent = offer->plain || open.family_count == 0; /* then IPv4 is meant (RFC 4760 8) */
    bool four =
        !offer->no_four && (silent || bgp_open_has_family(&open, BGP_AFI_IPV4, BGP_SAFI_UNICAST));
    bool six = offer->six && !silent && bgp_open_has_family(&open, BGP_AFI_IPV6, BGP_SAFI_UNICAST);
    if (!four && !six)
        return refuse(BGP_DOWN_NO_IPV4, BGP_OPEN_UNSUPPORTED_CAPABILITY, lacking, ret_error);
    *ret_terms = (struct open_terms){
        .peer_id = open.identifier,
        .hold_s = open.hold_time_s < offer->hold_s ? open.hold_time_s : offer->hold_s,
        .four_octet_as = open.has_as4 && !offer->plain,
        .refresh = open.refresh,
        .enhanced_refresh = open.enhanced_refresh && open.refresh && !offer->plain,
        .four = four,
        .six = six,
    };
    if (open.graceful_restart && !offer->plain)
        agree_restart(offer, &open, ret_terms);
    return BGP_DOWN_NONE;
}
