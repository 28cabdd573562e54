#include "plane/orders.h"

#include "tunnel/mtu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { MTU_LEAST = 576 };

const char *plane_choice_word(enum plane_choice choice)
{
    static const char *const words[PLANE_CHOICES] = {"auto", "userspace", "xfrm"};
    return words[choice < PLANE_CHOICES ? choice : PLANE_AUTO];
}

/* -- sizes -- */

#define UPTO(type, member) (offsetof(struct type, member) + sizeof(((struct type *)0)->member))

size_t order_size(uint32_t kind)
{
    switch (kind) {
    case ORDER_BEGIN:
        return UPTO(order, begin);
    case ORDER_WANT:
        return UPTO(order, want);
    case ORDER_UNWANT:
    case ORDER_REPLACE:
    case ORDER_ENDPOINT:
    case ORDER_DETACH:
        return UPTO(order, name);
    case ORDER_ATTACH:
        return UPTO(order, attach);
    case ORDER_ENTRY:
        return UPTO(order, entry);
    case ORDER_PREPARE:
    case ORDER_SETTLED:
    case ORDER_COUNT:
    case ORDER_TAKE_DOWN:
    case ORDER_AGAIN:
    case ORDER_SWEEP:
        return UPTO(order, kind);
    default:
        return 0;
    }
}

size_t report_size(uint32_t kind)
{
    switch (kind) {
    case REPORT_READY:
        return UPTO(report, ready);
    case REPORT_REFUSED:
        return UPTO(report, sentence);
    case REPORT_TUNNEL:
        return UPTO(report, tunnel);
    case REPORT_COUNTERS:
        return UPTO(report, counters);
    case REPORT_TROUBLE:
        return UPTO(report, trouble);
    case REPORT_ATTACHMENT:
        return UPTO(report, attachment);
    case REPORT_PIN:
        return UPTO(report, pin);
    case REPORT_GONE:
        return UPTO(report, kind);
    default:
        return 0;
    }
}

/* -- what is believed -- */

static bool is_text(const char *text, size_t cap)
{
    const char *end = memchr(text, '\0', cap);
    for (const char *at = text; end && at < end; at++) {
        if ((unsigned char)*at < ' ' || (unsigned char)*at == 0x7f)
            return false;
    }
    return end != NULL;
}

static bool is_name_character(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '-' || character == '_' ||
           character == '.';
}

/* As the network file allows them; slashes: how many it may have, as "vpn-a/1" has. A name that
 * begins with a dot could be a folder's. */
static bool is_name(const char *name, size_t cap, int slashes)
{
    if (!is_text(name, cap) || *name == '\0' || *name == '.')
        return false;
    for (const char *at = name; *at; at++) {
        if (*at == '/' ? slashes-- == 0 : !is_name_character(*at))
            return false;
    }
    return true;
}

static bool is_path(const char *path)
{
    return is_text(path, PLANE_PATH_BYTES) && (*path == '\0' || *path == '/');
}

static bool is_prefix(struct prefix prefix)
{
    return prefix.len <= ip_bits(prefix.six);
}

static bool are_options(const struct tunnel_options *options)
{
    struct tunnel_limits limits = tunnel_limits_own;
    struct tunnel_options without = *options;
    without.startup = TUNNEL_STARTUP_ADD; /* towards whom is asked of the addresses */
    return (unsigned)options->dead_action <= TUNNEL_DEAD_RESTART &&
           (unsigned)options->startup <= TUNNEL_STARTUP_START && is_prefix(options->local_range) &&
           is_prefix(options->remote_range) &&
           tunnel_options_check(&without, &limits, true) == TUNNEL_FAULT_NONE;
}

static bool is_watch(const struct tunnel_watch *watch)
{
    static const int64_t day_us = INT64_C(86400) * 1000000;
    return watch->delay_us > 0 && watch->delay_us <= day_us && watch->interval_us > 0 &&
           watch->interval_us <= day_us && watch->tries > 0 && watch->tries <= 100;
}

/* A host's address of the Internet's, or of a private range: the kernel's own and the ones for
 * everybody are none. */
static bool is_outside(ip_addr addr)
{
    uint32_t first = (uint32_t)(addr >> 24);
    return !ip_is_six(addr) && first != 0 && first != 127 && first < 224;
}

/* Below what a packet of 576 bytes leaves (RFC 879) a clamp would only make TCP slow. */
static bool are_sizes(const struct plane_tunnel *tunnel)
{
    return tunnel->mtu >= MTU_LEAST && tunnel->mss >= MTU_LEAST - TUNNEL_MSS_BELOW_MTU &&
           tunnel->mss <= tunnel->mtu - TUNNEL_MSS_BELOW_MTU;
}

/* Addresses of one family at least, of both ends. */
static bool are_inside(const struct plane_tunnel *tunnel)
{
    bool four = tunnel->inside_ours != 0, six = tunnel->six_ours != 0;
    return (four || six) && four == (tunnel->inside_theirs != 0) &&
           six == (tunnel->six_theirs != 0) && !ip_is_six(tunnel->inside_ours) &&
           !ip_is_six(tunnel->inside_theirs) && tunnel->inside_len <= 32 &&
           (!six || (ip_is_six(tunnel->six_ours) && ip_is_six(tunnel->six_theirs))) &&
           tunnel->six_len <= 128;
}

static bool is_tunnel(const struct plane_tunnel *tunnel)
{
    size_t length = strnlen(tunnel->psk, sizeof tunnel->psk);
    struct slice psk = {(const uint8_t *)tunnel->psk, length};
    return is_name(tunnel->name, sizeof tunnel->name, 1) && length < sizeof tunnel->psk &&
           (length == 0 || tunnel_psk_check(psk) == TUNNEL_FAULT_NONE) &&
           (tunnel->shared ? tunnel->outside == 0 : is_outside(tunnel->outside)) &&
           (tunnel->outside_public == 0 || is_outside(tunnel->outside_public)) &&
           (tunnel->peer == 0 || is_outside(tunnel->peer)) && are_inside(tunnel) &&
           are_sizes(tunnel) && are_options(&tunnel->options) && is_watch(&tunnel->watch) &&
           is_text(tunnel->local_id, sizeof tunnel->local_id) &&
           is_text(tunnel->peer_id, sizeof tunnel->peer_id) && is_path(tunnel->certificate) &&
           is_path(tunnel->private_key) && is_path(tunnel->authority);
}

/* A device's name goes to the kernel, and into paths below /proc/sys. */
static bool is_device(const char *name)
{
    return is_text(name, NAME_DEVICE_BYTES) &&
           (*name == '\0' || is_name(name, NAME_DEVICE_BYTES, 0));
}

static bool is_address(const struct plane_address *address, bool six)
{
    return address->addr == 0 ||
           (ip_is_six(address->addr) == six && address->len <= ip_bits(six) && address->peer == 0);
}

static bool is_attachment(const struct plane_attachment *attachment)
{
    bool fine = attachment->kind < PLANE_ATTACHMENT_KINDS &&
                is_name(attachment->name, sizeof attachment->name, 0) &&
                is_device(attachment->line) && attachment->vlan <= 4094 &&
                attachment->table <= PLANE_VPC_TABLES && is_address(&attachment->four, false) &&
                is_address(&attachment->six, true) && attachment->range_count <= PLANE_VPC_CIDRS;
    for (size_t i = 0; fine && i < attachment->range_count; i++)
        fine = is_prefix(attachment->ranges[i]);
    bool in_vpc = attachment->kind != PLANE_DIRECT_CONNECT;
    bool has_line = *attachment->line != '\0' || attachment->kind == PLANE_VPC ||
                    (attachment->kind == PLANE_PEERING && *attachment->other != '\0');
    return fine && has_line &&
           (in_vpc ? is_name(attachment->vpc, sizeof attachment->vpc, 0)
                   : *attachment->vpc == '\0') &&
           (*attachment->other == '\0' || is_name(attachment->other, sizeof attachment->other, 0));
}

static bool is_entry(const struct plane_vpc_entry *entry)
{
    bool six = entry->prefix.six;
    return is_name(entry->vpc, sizeof entry->vpc, 0) && is_prefix(entry->prefix) &&
           entry->table >= 1 && entry->table <= PLANE_VPC_TABLES && is_device(entry->device) &&
           is_device(entry->otherwise) &&
           (entry->gateway == 0 || (*entry->device && ip_is_six(entry->gateway) == six));
}

static bool is_order(const struct order *order)
{
    switch (order->kind) {
    case ORDER_BEGIN:
        return is_name(order->begin.gateway, sizeof order->begin.gateway, 0) &&
               order->begin.choice < PLANE_CHOICES;
    case ORDER_WANT:
        return is_tunnel(&order->want.tunnel) && is_path(order->want.psk_file);
    case ORDER_UNWANT:
    case ORDER_REPLACE:
    case ORDER_ENDPOINT:
    case ORDER_DETACH:
        return is_name(order->name, sizeof order->name, 1);
    case ORDER_ATTACH:
        return is_attachment(&order->attach);
    case ORDER_ENTRY:
        return is_entry(&order->entry);
    default:
        return true;
    }
}

static bool is_report(const struct report *report)
{
    switch (report->kind) {
    case REPORT_READY:
        return report->ready.choice < PLANE_CHOICES &&
               is_text(report->ready.space, sizeof report->ready.space);
    case REPORT_REFUSED:
        return is_text(report->sentence, sizeof report->sentence);
    case REPORT_TUNNEL:
        return is_text(report->tunnel.name, sizeof report->tunnel.name) &&
               is_text(report->tunnel.device, sizeof report->tunnel.device) &&
               report->tunnel.cause < TUNNEL_CAUSES;
    case REPORT_COUNTERS:
        return is_text(report->counters.name, sizeof report->counters.name) &&
               is_text(report->counters.ike, sizeof report->counters.ike) &&
               is_text(report->counters.esp, sizeof report->counters.esp);
    case REPORT_ATTACHMENT:
        return is_text(report->attachment.name, sizeof report->attachment.name) &&
               is_text(report->attachment.device, sizeof report->attachment.device) &&
               is_text(report->attachment.why, sizeof report->attachment.why);
    case REPORT_TROUBLE:
        return is_text(report->trouble.name, sizeof report->trouble.name) &&
               is_text(report->trouble.sentence, sizeof report->trouble.sentence);
    case REPORT_PIN:
        return is_text(report->pin.name, sizeof report->pin.name) &&
               is_text(report->pin.device, sizeof report->pin.device);
    default:
        return true;
    }
}

/* A bool that is neither true nor false is undefined to look at: it is looked at as a byte. */
static bool is_bool(const bool *member)
{
    uint8_t byte;
    memcpy(&byte, member, 1);
    return byte <= 1;
}

static bool are_attachment_bools(const struct plane_attachment *attachment)
{
    bool fine = is_bool(&attachment->named) && is_bool(&attachment->attached) &&
                is_bool(&attachment->anybody);
    for (size_t i = 0; fine && i < PLANE_VPC_CIDRS; i++)
        fine = is_bool(&attachment->ranges[i].six);
    return fine;
}

static bool are_bools(const struct order *order)
{
    if (order->kind == ORDER_ATTACH)
        return are_attachment_bools(&order->attach);
    if (order->kind == ORDER_ENTRY)
        return is_bool(&order->entry.prefix.six) && is_bool(&order->entry.present) &&
               is_bool(&order->entry.propagated);
    const struct tunnel_options *options = &order->want.tunnel.options;
    if (order->kind == ORDER_BEGIN)
        return is_bool(&order->begin.together);
    return order->kind != ORDER_WANT ||
           (is_bool(&order->want.tunnel.forced_nat_t) && is_bool(&order->want.tunnel.shared) &&
            is_bool(&options->local_range.six) && is_bool(&options->remote_range.six));
}

static bool are_report_bools(const struct report *report)
{
    if (report->kind == REPORT_TUNNEL)
        return is_bool(&report->tunnel.up);
    if (report->kind == REPORT_ATTACHMENT)
        return is_bool(&report->attachment.up);
    return report->kind != REPORT_COUNTERS || is_bool(&report->counters.nat_t);
}

/* -- bytes -- */

bool order_decode(const void *bytes, size_t size, struct order *ret_order)
{
    struct order order = {0};
    if (size < sizeof order.kind || size > sizeof order)
        return false;
    memcpy(&order, bytes, size);
    bool fine = order_size(order.kind) == size && are_bools(&order) && is_order(&order);
    if (fine)
        *ret_order = order;
    explicit_bzero(&order, sizeof order);
    return fine;
}

bool report_decode(const void *bytes, size_t size, struct report *ret_report)
{
    struct report report = {0};
    if (size < sizeof report.kind || size > sizeof report)
        return false;
    memcpy(&report, bytes, size);
    bool fine = report_size(report.kind) == size && are_report_bools(&report) && is_report(&report);
    if (fine)
        *ret_report = report;
    return fine;
}

static int send_all(int fd, const void *bytes, size_t size)
{
    ssize_t sent;
    do
        sent = send(fd, bytes, size, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    return (size_t)sent == size ? 0 : -EMSGSIZE;
}

int order_send(int fd, const struct order *order)
{
    return send_all(fd, order, order_size(order->kind));
}

int report_send(int fd, const struct report *report)
{
    return send_all(fd, report, report_size(report->kind));
}

static ssize_t receive(int fd, void *bytes, size_t size)
{
    ssize_t got;
    do
        got = recv(fd, bytes, size, 0);
    while (got < 0 && errno == EINTR);
    return got >= 0 ? got : errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

int order_receive(int fd, struct order *ret_order)
{
    uint8_t bytes[sizeof(struct order) + 1];
    ssize_t got = receive(fd, bytes, sizeof bytes);
    if (got <= 0)
        return (int)got;
    bool fine = order_decode(bytes, (size_t)got, ret_order);
    explicit_bzero(bytes, sizeof bytes);
    return fine ? 1 : -EPROTO;
}

int report_receive(int fd, struct report *ret_report)
{
    uint8_t bytes[sizeof(struct report) + 1];
    ssize_t got = receive(fd, bytes, sizeof bytes);
    if (got <= 0)
        return (int)got;
    return report_decode(bytes, (size_t)got, ret_report) ? 1 : -EPROTO;
}
