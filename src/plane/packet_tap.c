#include "plane/packet_tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM_BYTES = 8 << 20 }; /* of packets that were not read yet */

static bool listen_at(int fd, const char *device, struct trouble *ret_trouble)
{
    struct ifreq request = {0};
    int yes = 1, room = ROOM_BYTES;
    if (strlen(device) >= sizeof request.ifr_name)
        return trouble_is(ret_trouble, ENODEV, "the device %s", device);
    memcpy(request.ifr_name, device, strlen(device) + 1);
    if (ioctl(fd, SIOCGIFINDEX, &request))
        return trouble_is(ret_trouble, errno, "the device %s", device);
    struct sockaddr_ll place = {.sll_family = AF_PACKET,
                                .sll_protocol = htons(ETH_P_ALL),
                                .sll_ifindex = request.ifr_ifindex};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room))
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    return (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) == 0 &&
            bind(fd, (struct sockaddr *)&place, sizeof place) == 0) ||
           trouble_is(ret_trouble, errno, "the packets of the device %s", device);
}

/* Without a protocol it hears nothing until it is bound. */
int packet_tap_open(const char *space, const char *device, struct trouble *ret_trouble)
{
    int fd = space_socket(space, AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0, ret_trouble);
    if (fd < 0 || listen_at(fd, device, ret_trouble))
        return fd;
    close(fd);
    return -1;
}

static uint64_t time_of(struct msghdr *message)
{
    struct timespec when = {0};
    for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
        if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_TIMESTAMPNS)
            memcpy(&when, CMSG_DATA(at), sizeof when);
    }
    return (uint64_t)when.tv_sec * 1000000000 + (uint64_t)when.tv_nsec;
}

int packet_tap_read(int fd, uint8_t *room, size_t cap, struct packet_tapped *ret_tapped)
{
    struct sockaddr_ll from = {0};
    struct iovec into = {room, cap};
    union {
        struct cmsghdr aligned;
        uint8_t bytes[CMSG_SPACE(sizeof(struct timespec))];
    } about;
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &into,
                             .msg_iovlen = 1,
                             .msg_control = &about,
                             .msg_controllen = sizeof about};
    ssize_t size = recvmsg(fd, &message, MSG_TRUNC);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    *ret_tapped = (struct packet_tapped){
        .time_ns = time_of(&message),
        .outbound = from.sll_pkttype == PACKET_OUTGOING,
        .bytes = {room, (size_t)size < cap ? (size_t)size : cap},
        .original_bytes = (uint32_t)size,
    };
    return 1;
}

void packet_tap_counts(int fd, uint64_t *ret_seen, uint64_t *ret_dropped)
{
    struct tpacket_stats stats = {0};
    socklen_t size = sizeof stats;
    (void)getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size);
    *ret_seen = stats.tp_packets;
    *ret_dropped = stats.tp_drops;
}
