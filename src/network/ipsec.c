#include "network/ipsec.h"

#include "network/check.h"

enum { SECOND_US = 1000000 };

/* --- as a tunnel's options --- */

static uint32_t set_of(const int *items, size_t count, uint32_t all)
{
    uint32_t set = 0;
    for (size_t i = 0; i < count; i++)
        set |= 1u << items[i];
    return items ? set : all;
}

static void take_phase(const struct network_phase *said, struct tunnel_phase *phase,
                       uint32_t *lifetime_s)
{
    uint32_t groups = 0;
    for (size_t i = 0; i < said->group_count; i++)
        groups |= 1u << said->groups[i];
    phase->encryptions = set_of(said->encryptions, said->encryption_count, phase->encryptions);
    phase->integrities = set_of(said->integrities, said->integrity_count, phase->integrities);
    phase->groups = said->groups ? groups : phase->groups;
    *lifetime_s = (uint32_t)(said->lifetime_us / SECOND_US);
}

static const struct network_ipsec_options *options_said(const struct network_connection *connection,
                                                        int part)
{
    const struct network_ipsec_options *own = connection->tunnels[part].options;
    return own ? own : connection->options;
}

static uint32_t dpd_timeout_s(const struct network_dpd *dpd)
{
    int64_t timeout_s = (dpd->delay_us + dpd->retries * dpd->interval_us) / SECOND_US;
    return timeout_s < 1 ? 1 : timeout_s > UINT32_MAX ? UINT32_MAX : (uint32_t)timeout_s;
}

struct tunnel_options network_tunnel_options(const struct network_connection *connection, int part)
{
    const struct network_ipsec_options *said = options_said(connection, part);
    struct tunnel_options options = tunnel_options_standard;
    options.ike_versions = 1u << connection->ike;
    options.dpd_timeout_s = dpd_timeout_s(&connection->dpd);
    options.startup =
        connection->startup == NETWORK_STARTUP_START ? TUNNEL_STARTUP_START : TUNNEL_STARTUP_ADD;
    options.dead_action = connection->dpd.action == NETWORK_DPD_RESTART ? TUNNEL_DEAD_RESTART
                          : connection->dpd.action == NETWORK_DPD_NONE  ? TUNNEL_DEAD_NONE
                                                                        : TUNNEL_DEAD_CLEAR;
    /* ::/0 instead of 0.0.0.0/0, where IPv6 alone is inside */
    options.local_range.six = options.remote_range.six =
        ip_is_six(connection->tunnels[part].inside_vgw);
    if (!said)
        return options;
    take_phase(&said->phase1, &options.phase1, &options.phase1_lifetime_s);
    take_phase(&said->phase2, &options.phase2, &options.phase2_lifetime_s);
    options.rekey_margin_s = (uint32_t)(said->rekey_margin_us / SECOND_US);
    options.rekey_fuzz_percent = (uint32_t)said->rekey_fuzz_percent;
    options.replay_window_packets = (uint32_t)said->replay_window_packets;
    return options;
}

/* --- checks --- */

static void check_group(struct checking *checking, const struct network_phase *phase,
                        uint32_t allowed, const char *hint)
{
    for (size_t i = 0; i < phase->group_count; i++) {
        if (!(allowed >> phase->groups[i] & 1))
            check_say(checking, &phase->groups[i], phase->place, hint,
                      "Diffie-Hellman group %d is not allowed here", (int)phase->groups[i]);
    }
}

/* Numbers alone are in the table; these are the ones that hang together. */
static void check_ipsec_options(struct checking *checking, const void *object)
{
    const struct network_ipsec_options *options = object;
    const struct network_phase *first = &options->phase1, *second = &options->phase2;
    check_group(checking, first, tunnel_limits_aws.phase1.groups, "expected 2 or 14 to 24");
    check_group(checking, second, tunnel_limits_aws.phase2.groups, "expected 2, 5 or 14 to 24");
    if (second->lifetime_us >= first->lifetime_us)
        check_say(checking, &second->lifetime_us, options->place, "expected less than phase 1's",
                  "phase 2 lives as long as phase 1, or longer");
    if (options->rekey_margin_us > second->lifetime_us / 2)
        check_say(checking, &options->rekey_margin_us, options->place,
                  "expected half of phase 2's lifetime at most",
                  "the rekey margin is too long for the lifetime of phase 2");
}

static void check_tunnel(struct checking *checking, const void *object)
{
    const struct network_tunnel *tunnel = object;
    int said = (tunnel->psk != NULL) + (tunnel->psk_file != NULL) + (tunnel->certificate != NULL);
    const void *member = tunnel->psk_file ? (const void *)&tunnel->psk_file : &tunnel->certificate;
    if (said > 1)
        check_say(checking, member, tunnel->place, "expected one of psk, psk_file and certificate",
                  "the tunnel has more than one way to know its peer");
    if (tunnel->outside_local && tunnel->outside_local == tunnel->outside)
        check_say(checking, &tunnel->outside_local, tunnel->place, "leave it out",
                  "the address behind the NAT is the public one");
}

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

static const struct choice encryptions[] = {
    {"AES128", TUNNEL_AES128}, {"AES256", TUNNEL_AES256},
    {"AES128-GCM-16", TUNNEL_AES128_GCM16}, {"AES256-GCM-16", TUNNEL_AES256_GCM16}, {0}};
static const struct choice integrities[] = {
    {"SHA1", TUNNEL_SHA1}, {"SHA2-256", TUNNEL_SHA2_256}, {"SHA2-384", TUNNEL_SHA2_384},
    {"SHA2-512", TUNNEL_SHA2_512}, {0}};

#define PHASE_FIELDS(groups_text, lifetime_text, lifetime_most, lifetime_sentence)                 \
    {.key = "encryption", .type = FIELD_CHOICE,                                                    \
     LIST(network_phase, encryptions, encryption_count), .choices = encryptions,                   \
     .least = 1, .most = TUNNEL_ENCRYPTIONS, .open = "all of them",                                \
     .sentence = "What may be agreed on."},                                                        \
    {.key = "integrity", .type = FIELD_CHOICE,                                                     \
     LIST(network_phase, integrities, integrity_count), .choices = integrities,                    \
     .least = 1, .most = TUNNEL_INTEGRITIES, .open = "all of them",                                \
     .sentence = "The same; GCM brings its own."},                                                 \
    {.key = "groups", .type = FIELD_NUMBER, LIST(network_phase, groups, group_count),              \
     .min = 2, .max = 24, .least = 1, .most = 24, .open = groups_text,                             \
     .sentence = "Diffie-Hellman groups."},                                                        \
    {.key = "lifetime", .type = FIELD_DURATION, AT(network_phase, lifetime_us),                    \
     .min = 900000000, .max = lifetime_most, .initial = lifetime_text,                             \
     .sentence = lifetime_sentence}

static const struct field phase1_fields[] = {
    PHASE_FIELDS("2 and 14 to 24", "28800s", 28800000000, "Of the IKE SA.")};
static const struct schema schema_phase1 = {
    .noun = "phase 1", .title = "Algorithms of the IKE SA", .size = sizeof(struct network_phase),
    FIELDS(phase1_fields),
};
static const struct field phase2_fields[] = {
    PHASE_FIELDS("2, 5 and 14 to 24", "3600s", 3600000000,
                 "Of the ESP SAs; less than phase 1's.")};
static const struct schema schema_phase2 = {
    .noun = "phase 2", .title = "Algorithms of the ESP SAs", .size = sizeof(struct network_phase),
    FIELDS(phase2_fields),
};

static const struct field ipsec_fields[] = {
    {.key = "phase1", .type = FIELD_STRUCT, AT(network_ipsec_options, phase1),
     .of = &schema_phase1, .sentence = "The IKE SA."},
    {.key = "phase2", .type = FIELD_STRUCT, AT(network_ipsec_options, phase2),
     .of = &schema_phase2, .sentence = "The ESP SAs."},
    {.key = "rekey_margin", .type = FIELD_DURATION, AT(network_ipsec_options, rekey_margin_us),
     .min = 60000000, .max = 1800000000, .initial = "270s",
     .sentence = "How long before its end an SA is replaced."},
    {.key = "rekey_fuzz", .type = FIELD_NUMBER, AT(network_ipsec_options, rekey_fuzz_percent),
     .min = 0, .max = 100, .initial = "100",
     .sentence = "Up to this many percent of the margin are added to it at random."},
    {.key = "replay_window", .type = FIELD_NUMBER,
     AT(network_ipsec_options, replay_window_packets), .min = 64, .max = 2048, .initial = "1024",
     .sentence = "Packets by which one may come late; of a kernel with ESP."},
};
const struct schema schema_ipsec_options = {
    .noun = "IPsec options", .title = "IPsec options",
    .text = "AWS's options of a tunnel, with AWS's limits and defaults. The simulated world takes "
            "it that the two ends agree on them.",
    .size = sizeof(struct network_ipsec_options), FIELDS(ipsec_fields),
    .check = check_ipsec_options,
};

static const struct field certificate_fields[] = {
    {.key = "file", .type = FIELD_PATH, AT(network_certificate, file), .required = true,
     .sentence = "The gateway's certificate, in PEM."},
    {.key = "key_file", .type = FIELD_PATH, AT(network_certificate, key_file), .required = true,
     .sentence = "Its private key, in PEM."},
    {.key = "authority_file", .type = FIELD_PATH, AT(network_certificate, authority_file),
     .required = true, .sentence = "The certificate of who signed the peer's, in PEM."},
    {.key = "peer_id", .type = FIELD_TEXT, AT(network_certificate, peer_id),
     .open = "its address", .sentence = "What the peer calls itself, and its certificate, too."},
};
const struct schema schema_certificate = {
    .noun = "a certificate", .title = "Certificates",
    .text = "In place of a pre-shared key.", .size = sizeof(struct network_certificate),
    FIELDS(certificate_fields),
};

static const struct field inside_fields[] = {
    {.key = "vgw", .type = FIELD_ADDRESS, .six = FIELD_EITHER, AT(network_tunnel, inside_vgw),
     .required = true, .sentence = "The VPN gateway's."},
    {.key = "cgw", .type = FIELD_ADDRESS, .six = FIELD_EITHER, AT(network_tunnel, inside_cgw),
     .required = true, .sentence = "The customer gateway's."},
};
const struct schema schema_inside = {
    .noun = "inside addresses", .title = "Inside addresses of a tunnel",
    .text = "The two hosts of one /30, in either order; without IPsec any two addresses. A /30 is "
            "used once on a gateway. Of IPv6, the two hosts of one /126, which on a gateway of "
            "AWS's lies in fd00::/8: then both tunnels are of IPv6, their BGP sessions are over "
            "it, and no route of IPv4 goes that way (TunnelInsideIpVersion ipv6).",
    .size = sizeof(struct network_tunnel), .inlined = true, FIELDS(inside_fields),
};

static const struct field tunnel_fields[] = {
    {.key = "outside", .type = FIELD_ADDRESS, AT(network_tunnel, outside), .required = true,
     .sentence = "The VPN gateway's public address."},
    {.key = "outside_local", .type = FIELD_ADDRESS, AT(network_tunnel, outside_local),
     .open = "outside",
     .sentence = "Of a gateway behind 1:1 NAT: the address that outside becomes there."},
    {.key = "inside", .type = FIELD_INLINE, AT(network_tunnel, inside_vgw), .required = true,
     .of = &schema_inside, .sentence = "The addresses inside the tunnel."},
    {.key = "inside_ipv6", .type = FIELD_PREFIX, .six = FIELD_SIX, AT(network_tunnel, inside_six),
     .open = "no IPv6 in it",
     .sentence = "A range of IPv6, at most a /126: the gateway has its first host, the customer "
                 "gateway its second, and BGP exchanges IPv6's routes, too, over IPv4."},
    {.key = "psk", .type = FIELD_SECRET, AT(network_tunnel, psk), .open = "not told",
     .sentence = "Pre-shared key: 8 to 64 letters, digits, . or _, not beginning with 0."},
    {.key = "psk_file", .type = FIELD_PATH, AT(network_tunnel, psk_file), .open = "not told",
     .sentence = "File that holds the pre-shared key instead, one line."},
    {.key = "certificate", .type = FIELD_OPTIONAL, AT(network_tunnel, certificate),
     .of = &schema_certificate, .open = "a pre-shared key",
     .sentence = "The ends know each other by certificates instead."},
    {.key = "options", .type = FIELD_OPTIONAL, AT(network_tunnel, options),
     .of = &schema_ipsec_options, .open = "as the connection has them",
     .sentence = "What IKE may agree on, of this tunnel alone."},
};
const struct schema schema_tunnel = {
    .noun = "a tunnel", .title = "Tunnels",
    .text = "They are called by their connection and place in the list: vpn-main/1, vpn-main/2.",
    .size = sizeof(struct network_tunnel), FIELDS(tunnel_fields), .check = check_tunnel,
};

/* clang-format on */
