#include "lab/keys.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { LETTERS = 32 };

static void forget(char **text)
{
    free(*text);
    *text = NULL;
}

/* Of 64 letters each is as likely as any other. Keys of AWS do not begin with a zero. */
static char *fresh_key(struct trouble *ret_trouble)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    unsigned char bytes[LETTERS];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        trouble_is(ret_trouble, errno, "no key can be had");
        return NULL;
    }
    char *key = calloc(LETTERS + 1, 1);
    assert(key);
    for (size_t i = 0; i < LETTERS; i++)
        key[i] = letters[bytes[i] % 64];
    if (key[0] == '0')
        key[0] = 'z';
    return key;
}

static void forget_certificate(struct network_tunnel *tunnel)
{
    struct network_certificate *certificate = tunnel->certificate;
    tunnel->certificate = NULL;
    if (!certificate)
        return;
    forget(&certificate->file);
    forget(&certificate->key_file);
    forget(&certificate->authority_file);
    forget(&certificate->peer_id);
    free(certificate);
}

static void open_session(struct network_session *session)
{
    forget(&session->md5_file);
    session->ttl_security = -1;
}

static bool has_keys(const struct network_connection *connection)
{
    return connection->ipsec != NETWORK_IPSEC_NONE;
}

static void forget_of(struct network_connection *connection)
{
    open_session(&connection->bgp);
    for (size_t i = 0; has_keys(connection) && i < connection->tunnel_count; i++) {
        struct network_tunnel *tunnel = &connection->tunnels[i];
        forget(&tunnel->psk);
        forget(&tunnel->psk_file);
        forget_certificate(tunnel);
        tunnel->outside_local = 0;
    }
}

struct network *keys_forgotten(const struct network *network)
{
    struct network *copy = network_copy(network);
    for (size_t i = 0; i < copy->direct_connect_count; i++)
        open_session(&copy->direct_connects[i].bgp);
    for (size_t i = 0; i < copy->router_count; i++) {
        if (copy->routers[i].bgp)
            open_session(&copy->routers[i].bgp->timers);
    }
    for (size_t i = 0; i < copy->vpn_connection_count; i++)
        forget_of(&copy->vpn_connections[i]);
    return copy;
}

static bool renew(struct network_connection *connection, struct trouble *ret_trouble)
{
    for (size_t i = 0; has_keys(connection) && i < connection->tunnel_count; i++) {
        connection->tunnels[i].psk = fresh_key(ret_trouble);
        if (!connection->tunnels[i].psk)
            return false;
    }
    return true;
}

struct network *keys_renewed(const struct network *network, struct trouble *ret_trouble)
{
    struct network *copy = keys_forgotten(network);
    for (size_t i = 0; i < copy->vpn_connection_count; i++) {
        if (renew(&copy->vpn_connections[i], ret_trouble))
            continue;
        network_free(copy);
        return NULL;
    }
    return copy;
}
