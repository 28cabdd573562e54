#include "plane/outside.h"

#include "plane/names.h"
#include "plane/routes.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPBACK "lo"

enum { WEEDS_AT_ONCE = 64, IKE_PORT = 500 };

/* "lo:" is what a label of the loopback device must begin with, and the rest has room for twelve:
 * "sk" and ten digits. */
static void label_of(const char *gateway, char label[NAME_DEVICE_BYTES])
{
    char name[NAME_DEVICE_BYTES];
    name_outer(gateway, "", name);
    snprintf(label, NAME_DEVICE_BYTES, LOOPBACK ":%.12s", name);
}

struct search {
    ip_addr addr;
    bool there;
};

static void look_for(const struct rtnetlink_said *said, void *context)
{
    struct search *search = context;
    if (said->kind == RTNETLINK_ADDRESS && said->address.addr == search->addr)
        search->there = true;
}

bool outside_is_gone(struct rtnetlink *outer, ip_addr addr)
{
    struct search search = {.addr = addr};
    struct trouble ignored;
    return address_each(outer, look_for, &search, &ignored) && !search.there;
}

/* As charon finds it, without a packet. */
ip_addr outside_towards(ip_addr peer)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(IKE_PORT)};
    struct sockaddr_in from = {0};
    socklen_t size = sizeof from;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    to.sin_addr.s_addr = htonl((uint32_t)peer);
    bool fine = connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
                getsockname(fd, (struct sockaddr *)&from, &size) == 0;
    close(fd);
    return fine ? ntohl(from.sin_addr.s_addr) : 0;
}

bool outside_own(struct rtnetlink *outer, const char *gateway, ip_addr outside,
                 struct trouble *ret_trouble)
{
    char label[NAME_DEVICE_BYTES];
    struct search search = {.addr = outside};
    struct plane_address address = {.addr = outside, .len = 32, .label = label};
    label_of(gateway, label);
    return address_each(outer, look_for, &search, ret_trouble) &&
           (search.there || address_put(outer, LOOPBACK, &address, ret_trouble));
}

struct weeding {
    char label[NAME_DEVICE_BYTES];
    const ip_addr *wanted;
    size_t count;
    ip_addr found[WEEDS_AT_ONCE];
    size_t found_count;
};

static void find_weed(const struct rtnetlink_said *said, void *context)
{
    struct weeding *weeding = context;
    if (said->kind != RTNETLINK_ADDRESS || strcmp(said->address.label, weeding->label) != 0 ||
        weeding->found_count == WEEDS_AT_ONCE)
        return;
    for (size_t i = 0; i < weeding->count; i++) {
        if (weeding->wanted[i] == said->address.addr)
            return;
    }
    weeding->found[weeding->found_count++] = said->address.addr;
}

bool outside_weed(struct rtnetlink *outer, const char *gateway, const ip_addr *wanted, size_t count,
                  struct trouble *ret_trouble)
{
    struct weeding weeding = {.wanted = wanted, .count = count};
    label_of(gateway, weeding.label);
    do {
        weeding.found_count = 0;
        if (!address_each(outer, find_weed, &weeding, ret_trouble))
            return false;
        for (size_t i = 0; i < weeding.found_count; i++) {
            struct plane_address address = {.addr = weeding.found[i], .len = 32};
            if (!address_remove(outer, LOOPBACK, &address, ret_trouble))
                return false;
        }
    } while (weeding.found_count == WEEDS_AT_ONCE);
    return true;
}
