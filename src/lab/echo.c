#include "lab/echo.h"

#include "plane/space.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TTL = 64, HEADER_BYTES = sizeof(struct iphdr), RECEIVE_BYTES = 1 << 20 };

#define MAGIC 0x73656b6973686f21u /* "sekisho!" */

struct ask { /* what an echo request carries behind its header */
    uint64_t magic;
    uint32_t round; /* so that a late one of an earlier round is not taken for this one's */
    uint32_t way;
};

struct ears {         /* of a node */
    int hears, sends; /* -1: it is nobody's end, or has no namespace */
};

static uint16_t checksum(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < size; i += 2)
        sum += (uint32_t)at[i] << 8 | at[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static const char *space_of(const struct lab_running *lab, const struct world *world, int node)
{
    const struct running_node *at = running_node(lab, world->nodes[node].id);
    if (!at)
        return NULL;
    return *at->inner ? at->inner : *at->space ? at->space : NULL;
}

static void open_ears(const struct lab_running *lab, const struct world *world, int node,
                      struct ears *ears)
{
    const char *space = space_of(lab, world, node);
    int bytes = RECEIVE_BYTES;
    if (ears->hears >= 0 || !space)
        return;
    ears->hears = space_socket(space, AF_INET, SOCK_RAW, IPPROTO_ICMP, NULL);
    ears->sends = space_socket(space, AF_INET, SOCK_RAW, IPPROTO_RAW, NULL);
    if (ears->hears >= 0)
        setsockopt(ears->hears, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
}

/* With a header of its own, so that the kernel does not ask whose the source is. */
static bool send_one(int fd, const struct echo_way *way, uint32_t round, uint32_t number)
{
    struct {
        struct iphdr ip;
        struct icmphdr icmp;
        struct ask ask;
    } __attribute__((packed)) packet = {.ask = {.magic = MAGIC, .round = round, .way = number}};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl((uint32_t)way->dst)};
    packet.ip.version = 4;
    packet.ip.ihl = HEADER_BYTES / 4;
    packet.ip.ttl = TTL;
    packet.ip.protocol = IPPROTO_ICMP;
    packet.ip.saddr = htonl((uint32_t)way->src);
    packet.ip.daddr = to.sin_addr.s_addr;
    packet.ip.tot_len = htons(sizeof packet);
    packet.icmp.type = ICMP_ECHO;
    packet.icmp.un.echo.sequence = htons((uint16_t)number);
    packet.icmp.checksum =
        checksum((const uint8_t *)&packet + HEADER_BYTES, sizeof packet - HEADER_BYTES);
    return sendto(fd, &packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to) ==
           (ssize_t)sizeof packet;
}

/* What has come to this node; how many ways are done by it. */
static size_t hear(int fd, int node, uint32_t round, struct echo_way *ways, size_t count)
{
    uint8_t bytes[512];
    size_t done = 0;
    for (;;) {
        ssize_t size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size < 0)
            return done;
        size_t header = (size_t)(bytes[0] & 15) * 4;
        struct ask ask;
        if ((size_t)size < header + sizeof(struct icmphdr) + sizeof ask ||
            bytes[header] != ICMP_ECHO)
            continue;
        memcpy(&ask, bytes + header + sizeof(struct icmphdr), sizeof ask);
        if (ask.magic != MAGIC || ask.round != round || ask.way >= count)
            continue;
        struct echo_way *way = &ways[ask.way];
        if (way->to == node && !way->arrived) {
            way->arrived = true;
            done++;
        }
    }
}

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

static void wait_for(const struct ears *ears, size_t node_count, uint32_t round,
                     struct echo_way *ways, size_t count, size_t open, int wait_ms)
{
    struct pollfd *polls = calloc(node_count + 1, sizeof *polls);
    int64_t end_ms = clock_ms() + wait_ms;
    assert(polls);
    for (size_t i = 0; i < node_count; i++)
        polls[i] = (struct pollfd){.fd = ears[i].hears, .events = POLLIN};
    while (open > 0) {
        int64_t left_ms = end_ms - clock_ms();
        if (left_ms <= 0 || poll(polls, node_count, (int)left_ms) <= 0)
            break;
        for (size_t i = 0; i < node_count; i++) {
            if (polls[i].revents)
                open -= hear(ears[i].hears, (int)i, round, ways, count);
        }
    }
    free(polls);
}

void echo_ask(const struct lab_running *lab, const struct world *world, struct echo_way *ways,
              size_t count, int wait_ms)
{
    static uint32_t rounds;
    uint32_t round = ++rounds;
    size_t open = 0;
    struct ears *ears = calloc(world->node_count + 1, sizeof *ears);
    assert(ears);
    for (size_t i = 0; i < world->node_count; i++)
        ears[i] = (struct ears){-1, -1};
    for (size_t i = 0; i < count; i++) {
        struct echo_way *way = &ways[i];
        way->arrived = way->asked = false;
        if (way->from == WORLD_NONE || way->to == WORLD_NONE || ip_is_six(way->dst))
            continue;
        open_ears(lab, world, way->from, &ears[way->from]);
        open_ears(lab, world, way->to, &ears[way->to]);
        way->asked = ears[way->from].sends >= 0 && ears[way->to].hears >= 0;
        open += way->asked;
    }
    for (size_t i = 0; i < count; i++) {
        if (ways[i].asked && !send_one(ears[ways[i].from].sends, &ways[i], round, (uint32_t)i))
            open--; /* no route */
    }
    wait_for(ears, world->node_count, round, ways, count, open, wait_ms);
    for (size_t i = 0; i < world->node_count; i++) {
        if (ears[i].hears >= 0)
            close(ears[i].hears);
        if (ears[i].sends >= 0)
            close(ears[i].sends);
    }
    free(ears);
}
