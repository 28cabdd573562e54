#include "plane/connection.h"

#include <stdio.h>
#include <string.h>

enum {
    PROPOSAL_BYTES = 512, /* charon's own limit for one */
    COMBINATIONS_MAX = 128,
    GROUPS = 32,
    KEY_NAME_BYTES = PLANE_NAME_BYTES + 16,
    US_PER_S = 1000000,
};

/* Strongest first; 22 to 24 behind 14 to 21 (RFC 8247 2.4), as tunnel_agree has them. */
static const uint8_t GROUP_ORDER[] = {21, 20, 19, 18, 17, 16, 15, 14, 31, 30, 29,
                                      28, 27, 26, 25, 24, 23, 22, 5,  2,  1};

static const char *const GROUP_WORDS[GROUPS] = {
    [1] = "modp768",       [2] = "modp1024",      [5] = "modp1536",  [14] = "modp2048",
    [15] = "modp3072",     [16] = "modp4096",     [17] = "modp6144", [18] = "modp8192",
    [19] = "ecp256",       [20] = "ecp384",       [21] = "ecp521",   [22] = "modp1024s160",
    [23] = "modp2048s224", [24] = "modp2048s256", [25] = "ecp192",   [26] = "ecp224",
    [27] = "ecp224bp",     [28] = "ecp256bp",     [29] = "ecp384bp", [30] = "ecp512bp",
    [31] = "curve25519",
};
static const char *const ENCRYPTION_WORDS[] = {"aes128", "aes256", "aes128gcm16", "aes256gcm16"};
static const char *const INTEGRITY_WORDS[] = {"sha1", "sha256", "sha384", "sha512"};

/* -- proposals -- */

static void add_word(struct text *text, const char *head, const char *word)
{
    if (text->size > 0)
        text_char(text, '-');
    text_add(text, head);
    text_add(text, word);
}

static void add_groups(struct text *text, uint32_t groups)
{
    for (unsigned i = 0; i < sizeof GROUP_ORDER; i++)
        if (groups >> GROUP_ORDER[i] & 1)
            add_word(text, "", GROUP_WORDS[GROUP_ORDER[i]]);
}

static void add_integrities(struct text *text, const char *head, uint32_t integrities)
{
    for (unsigned i = TUNNEL_INTEGRITIES; i-- > 0;)
        if (integrities >> i & 1)
            add_word(text, head, INTEGRITY_WORDS[i]);
}

static uint32_t of_gcm(uint32_t encryptions)
{
    return encryptions & (1u << TUNNEL_AES128_GCM16 | 1u << TUNNEL_AES256_GCM16);
}

static uint32_t of_cbc(uint32_t encryptions)
{
    return encryptions & (1u << TUNNEL_AES128 | 1u << TUNNEL_AES256);
}

/* All that one phase allows of these encryptions, as one proposal of sets. */
static void add_set(struct writer *writer, const struct tunnel_phase *phase, uint32_t encryptions,
                    bool first_phase)
{
    char room[PROPOSAL_BYTES];
    struct text text = text_over(room, sizeof room);
    if (encryptions == 0)
        return;
    for (unsigned i = TUNNEL_ENCRYPTIONS; i-- > 0;)
        if (encryptions >> i & 1)
            add_word(&text, "", ENCRYPTION_WORDS[i]);
    if (of_cbc(encryptions))
        add_integrities(&text, "", phase->integrities);
    else if (first_phase)
        add_integrities(&text, "prf", phase->integrities);
    add_groups(&text, phase->groups);
    vici_list_text(writer, room);
}

static void add_combination(struct writer *writer, unsigned encryption, unsigned integrity,
                            uint32_t groups, unsigned *count)
{
    char room[PROPOSAL_BYTES];
    struct text text = text_over(room, sizeof room);
    if ((*count)++ >= COMBINATIONS_MAX)
        return;
    add_word(&text, "", ENCRYPTION_WORDS[encryption]);
    if (integrity < TUNNEL_INTEGRITIES)
        add_word(&text, "", INTEGRITY_WORDS[integrity]);
    add_groups(&text, groups);
    vici_list_text(writer, room);
}

/* IKEv1, phase 1: each combination is a transform of its own. */
static void add_main_mode(struct writer *writer, const struct tunnel_phase *phase)
{
    unsigned count = 0;
    for (unsigned group = 0; group < sizeof GROUP_ORDER; group++)
        for (unsigned encryption = TUNNEL_ENCRYPTIONS; encryption-- > 0;)
            for (unsigned integrity = TUNNEL_INTEGRITIES; integrity-- > 0;)
                if ((of_cbc(phase->encryptions) >> encryption & 1) &&
                    (phase->integrities >> integrity & 1) &&
                    (phase->groups >> GROUP_ORDER[group] & 1))
                    add_combination(writer, encryption, integrity, 1u << GROUP_ORDER[group],
                                    &count);
}

/* IKEv1, phase 2: one group for the whole of quick mode, which is the first. */
static void add_quick_mode(struct writer *writer, const struct tunnel_phase *phase)
{
    unsigned count = 0;
    for (unsigned encryption = TUNNEL_ENCRYPTIONS; encryption-- > 0;) {
        if (of_gcm(phase->encryptions) >> encryption & 1)
            add_combination(writer, encryption, TUNNEL_INTEGRITIES, phase->groups, &count);
        for (unsigned integrity = TUNNEL_INTEGRITIES; integrity-- > 0;)
            if ((of_cbc(phase->encryptions) >> encryption & 1) &&
                (phase->integrities >> integrity & 1))
                add_combination(writer, encryption, integrity, phase->groups, &count);
    }
}

static void add_proposals(struct writer *writer, const char *name,
                          const struct tunnel_options *options, bool first_phase)
{
    const struct tunnel_phase *phase = first_phase ? &options->phase1 : &options->phase2;
    vici_list(writer, name);
    if (options->ike_versions != TUNNEL_IKEV1) {
        add_set(writer, phase, of_gcm(phase->encryptions), first_phase);
        add_set(writer, phase, of_cbc(phase->encryptions), first_phase);
    } else if (first_phase) {
        add_main_mode(writer, phase);
    } else {
        add_quick_mode(writer, phase);
    }
    vici_list_end(writer);
}

/* -- who -- */

/* An identity as charon reads it; "": none is asked for. */
static void identity(char out[PLANE_PATH_BYTES], const char *wanted, ip_addr address,
                     bool by_certificate)
{
    struct text text = text_over(out, PLANE_PATH_BYTES);
    if (wanted[0])
        text_add(&text, wanted);
    else if (!by_certificate && address != 0)
        text_ip(&text, address);
}

static void identity_ours(const struct plane_tunnel *tunnel, char out[PLANE_PATH_BYTES])
{
    ip_addr address = tunnel->outside_public ? tunnel->outside_public : tunnel->outside;
    identity(out, tunnel->local_id, address, tunnel->psk[0] == 0);
}

static void identity_theirs(const struct plane_tunnel *tunnel, char out[PLANE_PATH_BYTES])
{
    identity(out, tunnel->peer_id, tunnel->peer, false);
}

static void add_file(struct writer *writer, const char *list, struct slice file)
{
    if (file.size == 0)
        return;
    vici_list(writer, list);
    vici_list_item(writer, file);
    vici_list_end(writer);
}

static void add_end(struct writer *writer, const char *name, const char *id, bool by_certificate,
                    const char *list, struct slice file)
{
    vici_section(writer, name);
    vici_key_text(writer, "auth", by_certificate ? "pubkey" : "psk");
    if (id[0])
        vici_key_text(writer, "id", id);
    add_file(writer, list, file);
    vici_section_end(writer);
}

static void add_ends(struct writer *writer, const struct plane_tunnel *tunnel,
                     const struct connection_files *files)
{
    char id[PLANE_PATH_BYTES];
    bool by_certificate = tunnel->psk[0] == 0;
    identity_ours(tunnel, id);
    add_end(writer, "local", id, by_certificate, "certs", files->certificate);
    identity_theirs(tunnel, id);
    add_end(writer, "remote", id, by_certificate, "cacerts", files->authority);
}

/* -- where -- */

static void add_address(struct writer *writer, const char *name, ip_addr address)
{
    char room[IP_TEXT_BYTES];
    struct text text = text_over(room, sizeof room);
    if (address == 0)
        text_add(&text, "%any");
    else
        text_ip(&text, address);
    vici_list(writer, name);
    vici_list_text(writer, room);
    vici_list_end(writer);
}

static void add_range(struct writer *writer, struct prefix range)
{
    char room[PREFIX_TEXT_BYTES];
    struct text text = text_over(room, sizeof room);
    text_prefix(&text, range);
    vici_list_text(writer, room);
}

/* Everything is 0.0.0.0/0 and, where IPv6 goes through the tunnel, ::/0 beside it. */
static void add_selectors(struct writer *writer, const char *name, struct prefix range, bool six)
{
    vici_list(writer, name);
    add_range(writer, range);
    if (six && range.len == 0 && !range.six)
        add_range(writer, (struct prefix){.six = true});
    vici_list_end(writer);
}

/* -- the whole -- */

static uint64_t seconds_up(int64_t us)
{
    uint64_t whole = us > 0 ? ((uint64_t)us + US_PER_S - 1) / US_PER_S : 0;
    return whole > 0 ? whole : 1;
}

static const char *version_of(uint32_t versions)
{
    return versions == TUNNEL_IKEV1 ? "1" : versions == TUNNEL_IKEV2 ? "2" : "0";
}

/* A peer that is not asked is never found dead: dead_action none. */
static void add_watch(struct writer *writer, const struct plane_tunnel *tunnel)
{
    const struct tunnel_watch *watch = &tunnel->watch;
    bool asks = tunnel->options.dead_action != TUNNEL_DEAD_NONE;
    vici_key_u64(writer, "dpd_delay", asks ? seconds_up(watch->delay_us) : 0);
    vici_key_u64(writer, "dpd_timeout", seconds_up(watch->interval_us * (int64_t)watch->tries));
}

static uint32_t fuzz_of(const struct tunnel_options *options)
{
    return options->rekey_margin_s * options->rekey_fuzz_percent / 100;
}

static void add_child(struct writer *writer, const struct plane_tunnel *tunnel)
{
    const struct tunnel_options *options = &tunnel->options;
    bool six = tunnel->six_ours != 0;
    vici_section(writer, "children");
    vici_section(writer, tunnel->name);
    vici_key_text(writer, "mode", "tunnel");
    add_selectors(writer, "local_ts", options->local_range, six);
    add_selectors(writer, "remote_ts", options->remote_range, six);
    add_proposals(writer, "esp_proposals", options, false);
    vici_key_u64(writer, "life_time", options->phase2_lifetime_s);
    vici_key_u64(writer, "rekey_time", options->phase2_lifetime_s - options->rekey_margin_s);
    vici_key_u64(writer, "rand_time", fuzz_of(options));
    vici_key_u64(writer, "replay_window", options->replay_window_packets);
    vici_key_text(writer, "start_action", "none");
    vici_key_text(writer, "dpd_action", "clear");
    vici_key_text(writer, "close_action", "none");
    vici_section_end(writer);
    vici_section_end(writer);
}

static void add_ike(struct writer *writer, const struct plane_tunnel *tunnel,
                    const struct connection_plane *plane)
{
    const struct tunnel_options *options = &tunnel->options;
    vici_key_text(writer, "version", version_of(options->ike_versions));
    add_address(writer, "local_addrs", tunnel->outside);
    add_address(writer, "remote_addrs", tunnel->peer);
    add_proposals(writer, "proposals", options, true);
    vici_key_text(writer, "aggressive", "no");
    vici_key_text(writer, "mobike", "no");
    vici_key_text(writer, "encap", plane->userspace || tunnel->forced_nat_t ? "yes" : "no");
    vici_key_text(writer, "unique", "no");
    vici_key_u64(writer, "keyingtries", 1);
    add_watch(writer, tunnel);
    vici_key_u64(writer, "reauth_time", 0);
    vici_key_u64(writer, "rekey_time", options->phase1_lifetime_s - options->rekey_margin_s);
    vici_key_u64(writer, "rand_time", fuzz_of(options));
    vici_key_u64(writer, "over_time", options->rekey_margin_s);
    if (plane->interface_id) {
        vici_key_u64(writer, "if_id_in", plane->interface_id);
        vici_key_u64(writer, "if_id_out", plane->interface_id);
    }
}

void connection_load(struct writer *writer, const struct plane_tunnel *tunnel,
                     const struct connection_plane *plane, const struct connection_files *files)
{
    vici_begin(writer, VICI_REQUEST, "load-conn");
    vici_section(writer, tunnel->name);
    add_ike(writer, tunnel, plane);
    add_ends(writer, tunnel, files);
    add_child(writer, tunnel);
    vici_section_end(writer);
    vici_end(writer);
}

static void named(struct writer *writer, const char *command, const char *key, const char *name)
{
    vici_begin(writer, VICI_REQUEST, command);
    vici_key_text(writer, key, name);
}

void connection_unload(struct writer *writer, const char *name)
{
    named(writer, "unload-conn", "name", name);
    vici_end(writer);
}

uint64_t connection_digest(struct slice request)
{
    struct digest digest = digest_start();
    digest_bytes(&digest, request);
    return digest_end(&digest);
}

/* -- keys -- */

static void key_name(char out[KEY_NAME_BYTES], const char *name, enum connection_key key)
{
    snprintf(out, KEY_NAME_BYTES, "%s%s", name, key == CONNECTION_KEY_FORMER ? " (former)" : "");
}

void connection_shared(struct writer *writer, const struct plane_tunnel *tunnel, const char *psk,
                       enum connection_key key, bool both_ids)
{
    char name[KEY_NAME_BYTES], id[PLANE_PATH_BYTES];
    key_name(name, tunnel->name, key);
    named(writer, "load-shared", "id", name);
    vici_key_text(writer, "type", "IKE");
    vici_key_text(writer, "data", psk);
    vici_list(writer, "owners");
    identity_theirs(tunnel, id);
    if (id[0] == 0)
        vici_list_text(writer, "%any");
    else
        vici_list_text(writer, id);
    identity_ours(tunnel, id);
    if (both_ids)
        vici_list_text(writer, id);
    vici_list_end(writer);
    vici_end(writer);
}

void connection_unshared(struct writer *writer, const char *name, enum connection_key key)
{
    char full[KEY_NAME_BYTES];
    key_name(full, name, key);
    named(writer, "unload-shared", "id", full);
    vici_end(writer);
}

void connection_private_key(struct writer *writer, struct slice file)
{
    vici_begin(writer, VICI_REQUEST, "load-key");
    vici_key_text(writer, "type", "any");
    vici_key(writer, "data", file);
    vici_end(writer);
}

void connection_keys(struct writer *writer)
{
    vici_begin(writer, VICI_REQUEST, "get-keys");
    vici_end(writer);
}

void connection_unload_key(struct writer *writer, struct slice id)
{
    vici_begin(writer, VICI_REQUEST, "unload-key");
    vici_key(writer, "id", id);
    vici_end(writer);
}

/* -- commands -- */

void connection_initiate(struct writer *writer, const char *name)
{
    named(writer, "initiate", "child", name);
    vici_key_text(writer, "ike", name);
    vici_key_text(writer, "timeout", "-1");
    vici_end(writer);
}

void connection_terminate(struct writer *writer, const char *name, uint32_t number)
{
    vici_begin(writer, VICI_REQUEST, "terminate");
    if (number)
        vici_key_u64(writer, "ike-id", number);
    else
        vici_key_text(writer, "ike", name);
    vici_key_text(writer, "timeout", "-1");
    vici_end(writer);
}

void connection_abandon(struct writer *writer, uint32_t number)
{
    vici_begin(writer, VICI_REQUEST, "terminate");
    vici_key_u64(writer, "ike-id", number);
    vici_key_text(writer, "force", "yes");
    vici_key_text(writer, "timeout", "-1");
    vici_end(writer);
}

void connection_replace_ike(struct writer *writer, const char *name)
{
    named(writer, "rekey", "ike", name);
    vici_end(writer);
}

void connection_replace_pair(struct writer *writer, const char *name)
{
    named(writer, "rekey", "child", name);
    vici_end(writer);
}
