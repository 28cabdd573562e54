#include "plane/reserved.h"

#include "plane/claim.h"
#include "plane/space.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = IP_TEXT_BYTES + 24 };

/* One address, of however many tunnels. */
struct held {
    struct held *next;
    ip_addr outside;
    struct claim claim;
};

struct user {
    struct user *next;
    ip_addr outside;
    char tunnel[PLANE_NAME_BYTES];
};

struct reserved {
    char folder[PLANE_PATH_BYTES], gateway[CLAIM_HOLDER_BYTES];
    struct held *held;
    struct user *users;
    struct claim ports;
};

struct reserved *reserved_create(const char *folder, const char *gateway)
{
    struct reserved *reserved = calloc(1, sizeof *reserved);
    if (!reserved)
        return NULL;
    snprintf(reserved->folder, sizeof reserved->folder, "%s", folder);
    snprintf(reserved->gateway, sizeof reserved->gateway, "%s", gateway);
    reserved->ports.fd = -1;
    claim_sweep(folder);
    return reserved;
}

/* -- claims -- */

static bool key_of(const char *what, char key[KEY_BYTES], struct trouble *ret_trouble)
{
    unsigned long long space = 0;
    if (!space_number(&space, ret_trouble))
        return false;
    snprintf(key, KEY_BYTES, "%s@%llu", what, space);
    return true;
}

static bool hold(struct reserved *reserved, ip_addr outside, int wait_ms,
                 struct trouble *ret_trouble)
{
    char room[IP_TEXT_BYTES], key[KEY_BYTES], holder[CLAIM_HOLDER_BYTES];
    struct text text = text_over(room, sizeof room);
    struct held *held = calloc(1, sizeof *held);
    text_ip(&text, outside);
    if (!held)
        return trouble_is(ret_trouble, ENOMEM, "the outside address %s", room);
    bool fine = key_of(room, key, ret_trouble) &&
                claim_key(&held->claim, reserved->folder, key, reserved->gateway, wait_ms, holder,
                          ret_trouble);
    if (fine) {
        held->outside = outside;
        held->next = reserved->held;
        reserved->held = held;
        return true;
    }
    free(held);
    if (ret_trouble->error != EWOULDBLOCK)
        return false;
    return trouble_is(
        ret_trouble, 0,
        "the outside address %s is that of %s on this machine: stop that one, or give "
        "this one another address",
        room, holder);
}

static void let_go(struct reserved *reserved, ip_addr outside)
{
    struct held **at = &reserved->held;
    for (const struct user *user = reserved->users; user; user = user->next) {
        if (user->outside == outside)
            return;
    }
    while (*at && (*at)->outside != outside)
        at = &(*at)->next;
    struct held *held = *at;
    if (!held)
        return;
    *at = held->next;
    claim_leave(&held->claim);
    free(held);
}

static bool is_held(const struct reserved *reserved, ip_addr outside)
{
    const struct held *held = reserved->held;
    while (held && held->outside != outside)
        held = held->next;
    return held != NULL;
}

/* -- tunnels -- */

static struct user *user_of(const struct reserved *reserved, const char *tunnel)
{
    struct user *user = reserved->users;
    while (user && strcmp(user->tunnel, tunnel) != 0)
        user = user->next;
    return user;
}

static struct user *add_user(struct reserved *reserved, const char *tunnel)
{
    struct user *user = calloc(1, sizeof *user);
    if (!user)
        return NULL;
    snprintf(user->tunnel, sizeof user->tunnel, "%s", tunnel);
    user->next = reserved->users;
    reserved->users = user;
    return user;
}

bool reserved_take(struct reserved *reserved, const char *tunnel, ip_addr outside, int wait_ms,
                   struct trouble *ret_trouble)
{
    struct user *user = user_of(reserved, tunnel);
    user = user ? user : add_user(reserved, tunnel);
    if (!user)
        return trouble_is(ret_trouble, ENOMEM, "the tunnel %s", tunnel);
    if (outside != 0 && !is_held(reserved, outside) &&
        !hold(reserved, outside, wait_ms, ret_trouble))
        return false;
    ip_addr before = user->outside;
    user->outside = outside;
    let_go(reserved, before);
    return true;
}

/* The next higher one; 0: there is none. */
static ip_addr next_address(const struct plane_tunnel *tunnels, size_t count, ip_addr before)
{
    ip_addr next = 0;
    for (size_t i = 0; i < count; i++) {
        ip_addr outside = tunnels[i].outside;
        if (outside > before && (next == 0 || outside < next))
            next = outside;
    }
    return next;
}

/* From the lowest up: of two gateways that want the same, one gets it all. */
bool reserved_take_all(struct reserved *reserved, const struct plane_tunnel *tunnels, size_t count,
                       int wait_ms, struct trouble *ret_trouble)
{
    for (ip_addr at = next_address(tunnels, count, 0); at; at = next_address(tunnels, count, at)) {
        for (size_t i = 0; i < count; i++) {
            if (tunnels[i].outside == at &&
                !reserved_take(reserved, tunnels[i].name, at, wait_ms, ret_trouble))
                return false;
        }
    }
    return true;
}

void reserved_drop(struct reserved *reserved, const char *tunnel)
{
    struct user **at = &reserved->users;
    while (*at && strcmp((*at)->tunnel, tunnel) != 0)
        at = &(*at)->next;
    struct user *user = *at;
    if (!user)
        return;
    *at = user->next;
    let_go(reserved, user->outside);
    free(user);
}

bool reserved_has(const struct reserved *reserved, const char *tunnel, ip_addr outside)
{
    const struct user *user = user_of(reserved, tunnel);
    return user && user->outside == outside;
}

/* -- the rest -- */

bool reserved_ports(struct reserved *reserved, int wait_ms, struct trouble *ret_trouble)
{
    char key[KEY_BYTES], holder[CLAIM_HOLDER_BYTES];
    if (reserved->ports.fd >= 0)
        return true;
    if (!key_of("ike", key, ret_trouble))
        return false;
    if (claim_key(&reserved->ports, reserved->folder, key, reserved->gateway, wait_ms, holder,
                  ret_trouble))
        return true;
    if (ret_trouble->error != EWOULDBLOCK)
        return false;
    return trouble_is(
        ret_trouble, 0,
        "%s on this machine has IKE's ports: on the plane xfrm one gateway has them in "
        "an outer namespace; stop that one, or say plane: userspace",
        holder);
}

void reserved_leave(struct reserved *reserved)
{
    if (!reserved)
        return;
    while (reserved->users)
        reserved_drop(reserved, reserved->users->tunnel);
    claim_leave(&reserved->ports);
    claim_sweep(reserved->folder);
    free(reserved);
}
