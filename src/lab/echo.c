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

struct echo {
    const struct world *world;
    struct echo_way *ways;
    bool *heard; /* of those that were sent last */
    size_t count;
    size_t open; /* ways that were not heard of yet */
    uint32_t round;
    struct ears *ears; /* by node */
    struct pollfd *polls;
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

/* What has come to this node. */
static void hear(struct echo *echo, size_t node)
{
    uint8_t bytes[512];
    ssize_t size;
    while ((size = recv(echo->ears[node].hears, bytes, sizeof bytes, MSG_DONTWAIT)) >= 0) {
        size_t header = (size_t)(bytes[0] & 15) * 4;
        struct ask ask;
        if ((size_t)size < header + sizeof(struct icmphdr) + sizeof ask ||
            bytes[header] != ICMP_ECHO)
            continue;
        memcpy(&ask, bytes + header + sizeof(struct icmphdr), sizeof ask);
        if (ask.magic != MAGIC || ask.round != echo->round || ask.way >= echo->count)
            continue;
        if (echo->ways[ask.way].to == (int)node && !echo->heard[ask.way]) {
            echo->heard[ask.way] = true;
            echo->open--;
        }
    }
}

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

static void *must(void *block)
{
    assert(block);
    return block;
}

struct echo *echo_create(const struct lab_running *lab, const struct world *world,
                         struct echo_way *ways, size_t count)
{
    struct echo *echo = must(calloc(1, sizeof *echo));
    *echo = (struct echo){.world = world, .ways = ways, .count = count};
    echo->heard = must(calloc(count + 1, sizeof *echo->heard));
    echo->ears = must(calloc(world->node_count + 1, sizeof *echo->ears));
    echo->polls = must(calloc(world->node_count + 1, sizeof *echo->polls));
    for (size_t i = 0; i < world->node_count; i++)
        echo->ears[i] = (struct ears){-1, -1};
    for (size_t i = 0; i < count; i++) {
        struct echo_way *way = &ways[i];
        way->arrived = way->asked = false;
        if (way->from == WORLD_NONE || way->to == WORLD_NONE || ip_is_six(way->dst))
            continue;
        open_ears(lab, world, way->from, &echo->ears[way->from]);
        open_ears(lab, world, way->to, &echo->ears[way->to]);
        way->asked = echo->ears[way->from].sends >= 0 && echo->ears[way->to].hears >= 0;
    }
    for (size_t i = 0; i < world->node_count; i++)
        echo->polls[i] = (struct pollfd){.fd = echo->ears[i].hears, .events = POLLIN};
    return echo;
}

void echo_destroy(struct echo *echo)
{
    if (!echo)
        return;
    for (size_t i = 0; i < echo->world->node_count; i++) {
        if (echo->ears[i].hears >= 0)
            close(echo->ears[i].hears);
        if (echo->ears[i].sends >= 0)
            close(echo->ears[i].sends);
    }
    free(echo->heard);
    free(echo->ears);
    free(echo->polls);
    free(echo);
}

void echo_send(struct echo *echo)
{
    echo->round++;
    echo->open = 0;
    for (size_t i = 0; i < echo->count; i++) {
        const struct echo_way *way = &echo->ways[i];
        echo->heard[i] = false;
        if (way->asked && !way->idle &&
            send_one(echo->ears[way->from].sends, way, echo->round, (uint32_t)i))
            echo->open++; /* else there is no route */
    }
}

void echo_collect(struct echo *echo)
{
    for (size_t i = 0; i < echo->world->node_count; i++) {
        if (echo->ears[i].hears >= 0)
            hear(echo, i);
    }
    for (size_t i = 0; i < echo->count; i++)
        echo->ways[i].arrived = echo->heard[i];
}

void echo_ask(struct echo *echo, int wait_ms)
{
    int64_t end_ms = clock_ms() + wait_ms;
    echo_send(echo);
    while (echo->open > 0) {
        int64_t left_ms = end_ms - clock_ms();
        if (left_ms <= 0 || poll(echo->polls, echo->world->node_count, (int)left_ms) <= 0)
            break;
        echo_collect(echo);
    }
    echo_collect(echo);
}
