#include "plane/charon_conf.h"

#include <string.h>

/* Of -extra-plugins: kernel-libipsec. openssl has all of the algorithms, and certificates. */
#define ALWAYS_FIRST  "random nonce openssl pem pkcs1 pkcs8 x509 constraints pubkey kdf hmac "
#define ALWAYS_BEHIND "kernel-netlink socket-default vici"

static const char HEAD[] = "    install_routes = no\n"
                           "    install_virtual_ip = no\n"
                           "    process_route = no\n"
                           "    make_before_break = yes\n"
                           "    threads = 16\n"
                           "    cookie_threshold = 10\n"
                           "    block_threshold = 5\n"
                           "    init_limit_half_open = 256\n"
                           "    half_open_timeout = 30\n"
                           "    retransmit_base = 1\n";

/* No line for each packet (net, enc, esp), no keys (level 4). */
static const char LOG[] = "            time_format = %H:%M:%S\n"
                          "            ike_name = yes\n"
                          "            flush_line = yes\n"
                          "            default = 1\n"
                          "            net = 0\n"
                          "            enc = 0\n"
                          "            esp = 0\n"
                          "        }\n"
                          "    }\n"
                          "    journal {\n"
                          "        default = -1\n"
                          "    }\n"
                          "}\n";

static bool is_plain(const char *path)
{
    return path[0] == '/' && !strpbrk(path, "\"\n\r{}#\\= \t");
}

static void add_plane(struct text *text, bool userspace)
{
    if (userspace)
        text_add(text, "    routing_table = 220\n"
                       "    routing_table_prio = 220\n"
                       "    interfaces_ignore = ipsec0\n");
    else
        text_add(text, "    routing_table = 0\n");
    text_add(text, "    plugins {\n");
    if (userspace)
        text_add(text, "        kernel-libipsec {\n"
                       "            allow_peer_ts = yes\n"
                       "        }\n"
                       "        kernel-netlink {\n"
                       "            fwmark = 0x7220\n"
                       "        }\n");
}

static void add_paths(struct text *text, const struct charon_conf *conf)
{
    text_add(text, "        vici {\n"
                   "            socket = unix://");
    text_add(text, conf->socket);
    text_add(text, "\n"
                   "        }\n"
                   "    }\n"
                   "    filelog {\n"
                   "        log {\n"
                   "            path = ");
    text_add(text, conf->log);
    text_add(text, "\n");
}

bool charon_conf_text(const struct charon_conf *conf, char out[CHARON_CONF_BYTES])
{
    struct text text = text_over(out, CHARON_CONF_BYTES);
    uint32_t tries = conf->watch.tries > 0 ? conf->watch.tries - 1 : 0;
    text_add(&text, "charon-systemd {\n"
                    "    load = " ALWAYS_FIRST);
    text_add(&text, conf->userspace ? "kernel-libipsec " ALWAYS_BEHIND "\n" : ALWAYS_BEHIND "\n");
    text_add(&text, HEAD);
    text_add(&text, "    retransmit_timeout = ");
    text_seconds(&text, conf->watch.interval_us, 3);
    text_add(&text, "\n    retransmit_tries = ");
    text_u64(&text, tries);
    text_add(&text, "\n");
    add_plane(&text, conf->userspace);
    add_paths(&text, conf);
    text_add(&text, LOG);
    return !text.cut && is_plain(conf->socket) && is_plain(conf->log);
}
