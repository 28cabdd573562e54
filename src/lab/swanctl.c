#include "lab/swanctl.h"

#include "lab/speaker.h"

#include <inttypes.h>
#include <string.h>

enum { US_PER_S = 1000000 };

static unsigned seconds_up(int64_t us)
{
    int64_t whole = us > 0 ? (us + US_PER_S - 1) / US_PER_S : 0;
    return whole > 0 ? (unsigned)whole : 1;
}

/* What stands between quotation marks, and what is a path. */
static bool is_plain(const char *text)
{
    return !strpbrk(text, "\"\\\n\r{}#");
}

/* -- strongswan.conf -- */

static const char general[] =
    "charon-systemd {\n"
    "    load = random nonce openssl kdf hmac kernel-libipsec kernel-netlink socket-default vici\n"
    "    install_routes = no\n"
    "    install_virtual_ip = no\n"
    "    process_route = no\n"
    "    routing_table = 220\n"
    "    routing_table_prio = 220\n"
    "    interfaces_ignore = ipsec0\n"
    "    threads = 16\n"
    "    retransmit_base = 1\n";

static const char plugins[] = "        kernel-libipsec {\n"
                              "            allow_peer_ts = yes\n"
                              "        }\n"
                              "        kernel-netlink {\n"
                              "            fwmark = 0x7220\n"
                              "        }\n";

static const char log_settings[] = "            time_format = %H:%M:%S\n"
                                   "            time_add_ms = yes\n"
                                   "            ike_name = yes\n"
                                   "            flush_line = yes\n"
                                   "            default = 1\n"
                                   "            net = 0\n"
                                   "            enc = 0\n"
                                   "            esp = 0\n";

bool swanctl_charon(const struct swanctl_tunnel *tunnel, const struct charon_folder *folder,
                    FILE *out)
{
    const struct tunnel_watch *watch = &tunnel->plane.watch;
    fputs(general, out);
    fprintf(out, "    retransmit_timeout = %u.%03u\n", (unsigned)(watch->interval_us / US_PER_S),
            (unsigned)(watch->interval_us % US_PER_S / 1000));
    fprintf(out, "    retransmit_tries = %" PRIu32 "\n", watch->tries > 0 ? watch->tries - 1 : 0);
    fprintf(out,
            "    plugins {\n%s        vici {\n            socket = unix://%s\n        }\n    }\n",
            plugins, folder->socket);
    fprintf(out, "    filelog {\n        log {\n            path = %s\n%s        }\n    }\n",
            folder->log, log_settings);
    fputs("    journal {\n        default = -1\n    }\n}\n"
          "swanctl {\n    load = random nonce openssl pem pkcs1\n}\n",
          out);
    return is_plain(folder->socket) && is_plain(folder->log);
}

/* -- swanctl.conf -- */

static const char *encryption_word(const struct tunnel_phase *phase, bool *ret_gcm)
{
    static const struct {
        enum tunnel_encryption number;
        const char *word;
        bool gcm;
    } order[] = {{TUNNEL_AES128, "aes128", false},
                 {TUNNEL_AES256, "aes256", false},
                 {TUNNEL_AES128_GCM16, "aes128gcm16", true},
                 {TUNNEL_AES256_GCM16, "aes256gcm16", true}};
    size_t at = 0;
    while (at < 3 && !(phase->encryptions >> order[at].number & 1))
        at++;
    *ret_gcm = order[at].gcm;
    return order[at].word;
}

static const char *integrity_word(const struct tunnel_phase *phase)
{
    static const char *const words[] = {"sha1", "sha256", "sha384", "sha512"};
    if (phase->integrities >> TUNNEL_SHA2_256 & 1)
        return words[TUNNEL_SHA2_256];
    for (unsigned i = 0; i < TUNNEL_INTEGRITIES; i++) {
        if (phase->integrities >> i & 1)
            return words[i];
    }
    return words[TUNNEL_SHA2_256];
}

/* Of group 14 nothing need be feared, and it is quick; else the first that is allowed. */
static const char *group_word(const struct tunnel_phase *phase)
{
    static const struct {
        unsigned number;
        const char *word;
    } order[] = {{14, "modp2048"},    {2, "modp1024"},  {5, "modp1536"},      {19, "ecp256"},
                 {20, "ecp384"},      {21, "ecp521"},   {15, "modp3072"},     {16, "modp4096"},
                 {17, "modp6144"},    {18, "modp8192"}, {22, "modp1024s160"}, {23, "modp2048s224"},
                 {24, "modp2048s256"}};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (phase->groups >> order[i].number & 1)
            return order[i].word;
    }
    return order[0].word;
}

static void put_proposal(const char *key, const struct tunnel_phase *phase, bool first, FILE *out)
{
    bool gcm;
    const char *encryption = encryption_word(phase, &gcm);
    fprintf(out, "%s = %s", key, encryption);
    if (!gcm)
        fprintf(out, "-%s", integrity_word(phase));
    else if (first)
        fprintf(out, "-prf%s", integrity_word(phase));
    fprintf(out, "-%s\n", group_word(phase));
}

static void put_address(const char *key, ip_addr addr, FILE *out)
{
    fprintf(out, "%s = ", key);
    write_ip(out, addr);
    putc('\n', out);
}

static void put_end(const char *which, const char *id, FILE *out)
{
    fprintf(out, "        %s {\n            auth = psk\n            id = \"%s\"\n        }\n",
            which, id);
}

static void put_range(const char *key, struct prefix range, bool six, FILE *out)
{
    fprintf(out, "                %s = ", key);
    write_prefix(out, range);
    if (six && range.len == 0 && !range.six)
        fputs(",::/0", out);
    putc('\n', out);
}

/* Lifetimes are the options'; who replaces first is the daemon's own margin. */
static void put_child(const struct swanctl_tunnel *tunnel, FILE *out)
{
    const struct tunnel_options *options = &tunnel->plane.options;
    bool six = tunnel->plane.six_ours != 0;
    fputs("        children {\n            " SWANCTL_CHILD " {\n", out);
    put_range("local_ts", options->remote_range, six, out);
    put_range("remote_ts", options->local_range, six, out);
    put_proposal("                esp_proposals", &options->phase2, false, out);
    fprintf(out, "                life_time = %" PRIu32 "s\n", options->phase2_lifetime_s);
    fprintf(out, "                rekey_time = %" PRIu32 "s\n",
            options->phase2_lifetime_s - options->rekey_margin_s);
    fprintf(out, "                start_action = %s\n", tunnel->starts ? "start" : "none");
    fprintf(out, "                dpd_action = %s\n", tunnel->restarts ? "restart" : "clear");
    fprintf(out, "                close_action = %s\n            }\n        }\n",
            tunnel->restarts ? "start" : "none");
}

static void put_ike(const struct swanctl_tunnel *tunnel, FILE *out)
{
    const struct plane_tunnel *plane = &tunnel->plane;
    bool old = plane->options.ike_versions == TUNNEL_IKEV1;
    fprintf(out, "        version = %d\n", old ? 1 : 2);
    put_address("        local_addrs", plane->outside, out);
    put_address("        remote_addrs", plane->peer, out);
    put_proposal("        proposals", &plane->options.phase1, true, out);
    fprintf(out, "        encap = yes\n        mobike = no\n        keyingtries = 0\n");
    fprintf(out, "        reauth_time = 0\n        rekey_time = %" PRIu32 "s\n",
            plane->options.phase1_lifetime_s - plane->options.rekey_margin_s);
    fprintf(out, "        dpd_delay = %us\n        dpd_timeout = %us\n",
            seconds_up(plane->watch.delay_us),
            seconds_up(plane->watch.interval_us * (int64_t)plane->watch.tries));
    put_end("local", plane->local_id, out);
    put_end("remote", plane->peer_id, out);
}

/* A dot would be a section in a section. */
void swanctl_name(const char *tunnel, char out[PLANE_NAME_BYTES])
{
    snprintf(out, PLANE_NAME_BYTES, "%s", tunnel);
    for (char *at = out; (at = strchr(at, '.')); at++)
        *at = '_';
}

bool swanctl_connection(const struct swanctl_tunnel *tunnel, FILE *out)
{
    const struct plane_tunnel *plane = &tunnel->plane;
    char name[PLANE_NAME_BYTES];
    swanctl_name(plane->name, name);
    fprintf(out, "connections {\n    %s {\n", name);
    put_ike(tunnel, out);
    put_child(tunnel, out);
    fputs("    }\n}\n", out);
    fprintf(out, "secrets {\n    ike {\n        id-a = \"%s\"\n        id-b = \"%s\"\n",
            plane->local_id, plane->peer_id);
    fprintf(out, "        secret = \"%s\"\n    }\n}\n", plane->psk);
    return is_plain(plane->local_id) && is_plain(plane->peer_id) && is_plain(plane->psk);
}
