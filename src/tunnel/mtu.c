#include "tunnel/mtu.h"

#include "tunnel/proposal.h"

#include <assert.h>

enum {
    IPV4_HEADER = 20,
    UDP_HEADER = 8,
    ESP_HEADER = 8,  /* SPI and sequence number */
    ESP_TRAILER = 2, /* pad length and next header */
    CBC_VECTOR = 16,
    CBC_BLOCK = 16,
    GCM_VECTOR = 8,
    GCM_BLOCK = 4, /* ESP's own alignment */
    GCM_CHECK = 16,
    LEAST_OUTER_MTU = 576,
};

/* Bytes of the truncated check value: RFC 2404, RFC 4868. */
static unsigned check_bytes(enum tunnel_integrity integrity)
{
    static const uint8_t BYTES[TUNNEL_INTEGRITIES] = {12, 16, 24, 32};
    assert((unsigned)integrity < TUNNEL_INTEGRITIES);
    return BYTES[integrity];
}

uint16_t tunnel_mtu(enum tunnel_encryption encryption, enum tunnel_integrity integrity, bool nat_t,
                    uint16_t outer_mtu)
{
    assert(outer_mtu >= LEAST_OUTER_MTU);
    bool gcm = tunnel_is_gcm(encryption);
    unsigned vector = gcm ? GCM_VECTOR : CBC_VECTOR, block = gcm ? GCM_BLOCK : CBC_BLOCK;
    unsigned check = gcm ? GCM_CHECK : check_bytes(integrity);
    unsigned outside = nat_t ? IPV4_HEADER + UDP_HEADER : IPV4_HEADER;
    unsigned around = outside + ESP_HEADER + vector + check;
    unsigned encrypted = (outer_mtu - around) / block * block;
    return (uint16_t)(encrypted - ESP_TRAILER);
}

uint16_t tunnel_mss(enum tunnel_encryption encryption, enum tunnel_integrity integrity, bool nat_t,
                    uint16_t outer_mtu)
{
    return (uint16_t)(tunnel_mtu(encryption, integrity, nat_t, outer_mtu) - TUNNEL_MSS_BELOW_MTU);
}

uint16_t tunnel_mtu_of_any(const struct tunnel_phase *phase2, bool nat_t, uint16_t outer_mtu)
{
    uint16_t least = outer_mtu;
    for (unsigned i = 0; i < TUNNEL_ENCRYPTIONS; i++)
        for (unsigned j = 0; j < TUNNEL_INTEGRITIES; j++) {
            if (!(phase2->encryptions & 1u << i) || !(phase2->integrities & 1u << j))
                continue;
            uint16_t mtu =
                tunnel_mtu((enum tunnel_encryption)i, (enum tunnel_integrity)j, nat_t, outer_mtu);
            least = mtu < least ? mtu : least;
        }
    return least;
}
