#include "plane/firewall.h"

#include "plane/child.h"

#include "base/digest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 30000,
    SAID_BYTES = 512,
    LINE_BYTES = 1536, /* more than any endpoint's lines */
    HEAD_BYTES = 4096,
    GENERATION_BYTES = 1024,
    LISTED_BYTES = 4 << 20, /* of a table with as many tunnels as there may be */
    SIX_MORE = 20,          /* bytes of an IPv6 header beyond IPv4's */
};

/* -- text -- */

/* The lexer's words: neither quotes nor spaces can come in through a name. */
static bool is_word(const char *word)
{
    size_t size = strlen(word);
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char rest[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return size > 0 && size < NAME_SPACE_BYTES && strspn(word, letters) > 0 &&
           strspn(word, rest) == size;
}

/* A device's name is quoted, and may hold anything but what ends a quotation or a line. */
static bool is_device(const char *name)
{
    size_t size = strlen(name);
    return size > 0 && size < NAME_DEVICE_BYTES && !strpbrk(name, "\"\\\n*");
}

static void add_clamps(struct text *text, const struct firewall *firewall)
{
    static const char *const ways[] = {"iifname", "oifname"};
    for (size_t i = 0; i < firewall->clamp_count; i++) {
        const struct firewall_clamp *clamp = &firewall->clamps[i];
        for (size_t way = 0; way < 2; way++) {
            for (size_t six = 0; six < 2; six++) {
                uint64_t mss = clamp->mss - (six ? SIX_MORE : 0u);
                text_add(text, "    ");
                text_add(text, ways[way]);
                text_add(text, " \"");
                text_add(text, clamp->device);
                text_add(text, six ? "\" meta nfproto ipv6" : "\" meta nfproto ipv4");
                text_add(text, " tcp flags syn tcp option maxseg size > ");
                text_u64(text, mss);
                text_add(text, " tcp option maxseg size set ");
                text_u64(text, mss);
                text_add(text, "\n");
            }
        }
    }
}

/* Both where packets pass and where they begin or end: a gateway speaks TCP itself. */
static void add_clamp_chains(struct text *text, const struct firewall *firewall)
{
    static const char *const hooks[] = {"forward", "input", "output"};
    for (size_t i = 0; firewall->clamp_count > 0 && i < 3; i++) {
        text_add(text, "  chain clamp-");
        text_add(text, hooks[i]);
        text_add(text, " {\n    type filter hook ");
        text_add(text, hooks[i]);
        text_add(text, " priority mangle; policy accept;\n");
        add_clamps(text, firewall);
        text_add(text, "  }\n");
    }
}

/* "to-3", "from-3": each endpoint has two chains, of what it may get and what it may send. They
 * return what is fine, because the other end of its way may be an endpoint, too. */
static void add_chain_name(struct text *text, bool to, size_t index)
{
    text_add(text, to ? "to-" : "from-");
    text_u64(text, index);
}

static void add_returns(struct text *text, const struct firewall_endpoint *endpoint, bool to)
{
    bool six = ip_is_six(endpoint->outside);
    const char *const whats[] = {
        to ? "udp dport { 500, 4500 }" : "udp sport { 500, 4500 }",
        "meta l4proto esp",
        /* the rest of a packet in pieces has no ports, and is nothing without its beginning */
        six ? "frag frag-off != 0" : "ip frag-off & 0x1fff != 0",
        six ? "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, "
              "parameter-problem }"
            : "icmp type { destination-unreachable, time-exceeded, parameter-problem }",
    };
    for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++) {
        text_add(text, six ? "    ip6 " : "    ip ");
        text_add(text, to ? "daddr " : "saddr ");
        text_ip(text, endpoint->outside);
        text_char(text, ' ');
        text_add(text, whats[i]);
        text_add(text, " return\n");
    }
}

static void add_endpoint_chains(struct text *text, const struct firewall *firewall)
{
    for (size_t i = 0; i < 2 * firewall->endpoint_count; i++) {
        text_add(text, "  chain ");
        add_chain_name(text, i % 2, i / 2);
        text_add(text, " {\n");
        add_returns(text, &firewall->endpoints[i / 2], i % 2);
        text_add(text, "    counter drop\n  }\n");
    }
    if (firewall->endpoint_count > 0)
        text_add(text, "  chain endpoints {\n"
                       "    type filter hook forward priority filter; policy accept;\n");
    for (size_t i = 0; i < 2 * firewall->endpoint_count; i++) {
        text_add(text, i % 2 ? "    oifname \"" : "    iifname \"");
        text_add(text, firewall->endpoints[i / 2].device);
        text_add(text, "\" jump ");
        add_chain_name(text, i % 2, i / 2);
        text_char(text, '\n');
    }
    if (firewall->endpoint_count > 0)
        text_add(text, "  }\n");
}

static void add_nat_chain(struct text *text, const struct firewall *firewall, bool in)
{
    text_add(text, in ? "  chain elastic-in {\n    type nat hook prerouting priority dstnat; "
                        "policy accept;\n"
                      : "  chain elastic-out {\n    type nat hook postrouting priority srcnat; "
                        "policy accept;\n");
    for (size_t i = 0; i < firewall->nat_count; i++) {
        const struct firewall_nat *nat = &firewall->nats[i];
        bool six = ip_is_six(nat->inner);
        text_add(text, "    ");
        if (nat->device) {
            text_add(text, in ? "iifname \"" : "oifname \"");
            text_add(text, nat->device);
            text_add(text, "\" ");
        }
        if (nat->peer) {
            text_add(text, six ? "ip6 " : "ip ");
            text_add(text, in ? "saddr " : "daddr ");
            text_ip(text, nat->peer);
            text_char(text, ' ');
        }
        text_add(text, six ? "ip6 " : "ip ");
        text_add(text, in ? "daddr " : "saddr ");
        text_ip(text, in ? nat->elastic : nat->inner);
        text_add(text, in ? " dnat " : " snat ");
        text_add(text, six ? "ip6 to " : "ip to ");
        text_ip(text, in ? nat->inner : nat->elastic);
        text_add(text, "\n");
    }
    text_add(text, "  }\n");
}

/* When the way or the machine's address becomes another, the kernel forgets what it has masked. */
static void add_masks(struct text *text, const struct firewall *firewall)
{
    bool any = false;
    for (size_t i = 0; i < firewall->endpoint_count; i++) {
        const struct firewall_endpoint *endpoint = &firewall->endpoints[i];
        if (!endpoint->masked)
            continue;
        if (!any)
            text_add(text, "  chain masked {\n    type nat hook postrouting priority srcnat; "
                           "policy accept;\n");
        any = true;
        text_add(text, ip_is_six(endpoint->outside) ? "    ip6 saddr " : "    ip saddr ");
        text_ip(text, endpoint->outside);
        text_add(text, " masquerade\n");
    }
    if (any)
        text_add(text, "  }\n");
}

static bool is_sound(const struct firewall *firewall)
{
    bool sound = is_word(firewall->table);
    for (size_t i = 0; i < firewall->clamp_count; i++)
        sound &= is_device(firewall->clamps[i].device) && firewall->clamps[i].mss > SIX_MORE;
    for (size_t i = 0; i < firewall->endpoint_count; i++)
        sound &= is_device(firewall->endpoints[i].device) && firewall->endpoints[i].outside != 0;
    for (size_t i = 0; i < firewall->nat_count; i++)
        sound &= (!firewall->nats[i].device || is_device(firewall->nats[i].device)) &&
                 firewall->nats[i].elastic != 0 && firewall->nats[i].inner != 0 &&
                 ip_is_six(firewall->nats[i].elastic) == ip_is_six(firewall->nats[i].inner) &&
                 (firewall->nats[i].peer == 0 ||
                  ip_is_six(firewall->nats[i].peer) == ip_is_six(firewall->nats[i].inner));
    return sound;
}

/* "add, delete, table" is how one transaction replaces a table that may not be there. */
size_t firewall_render(const struct firewall *firewall, char *out, size_t cap)
{
    struct text text = text_over(out, cap);
    if (!is_sound(firewall))
        return 0;
    text_add(&text, "add table inet ");
    text_add(&text, firewall->table);
    text_add(&text, "\ndelete table inet ");
    text_add(&text, firewall->table);
    text_add(&text, "\ntable inet ");
    text_add(&text, firewall->table);
    text_add(&text, " {\n");
    add_clamp_chains(&text, firewall);
    add_endpoint_chains(&text, firewall);
    add_masks(&text, firewall);
    if (firewall->nat_count > 0) {
        add_nat_chain(&text, firewall, true);
        add_nat_chain(&text, firewall, false);
    }
    text_add(&text, "}\n");
    return text.cut ? 0 : text.size;
}

/* -- nft(8) -- */

static bool run_and_hear(const char *space, const char *const *argv, const char *input, char *said,
                         size_t cap, struct trouble *ret_trouble)
{
    struct trouble why;
    struct child_plan plan = {
        .argv = argv,
        .environment = (const char *const[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL},
        .space = space,
        .few_rights = true,
    };
    if (child_run(&plan, input, PATIENCE_MS, said, cap, &why))
        return true;
    said[strcspn(said, "\n")] = 0;
    if (why.error == ENOENT)
        return trouble_is(ret_trouble, ENOENT,
                          "the program nft is needed for the firewall's lines (package nftables)");
    return trouble_is(ret_trouble, why.error, "%s: %.*s", why.sentence, SAID_BYTES, said);
}

static bool run(const char *space, const char *const *argv, const char *input,
                struct trouble *ret_trouble)
{
    char said[SAID_BYTES];
    return run_and_hear(space, argv, input, said, sizeof said, ret_trouble);
}

bool firewall_put(const char *space, const struct firewall *firewall, struct trouble *ret_trouble)
{
    size_t lines = 12 * firewall->clamp_count + 2 * firewall->endpoint_count + firewall->nat_count;
    size_t cap = HEAD_BYTES + LINE_BYTES * lines;
    char *text = malloc(cap);
    if (!text)
        return trouble_is(ret_trouble, ENOMEM, "the firewall's lines");
    bool done = firewall_render(firewall, text, cap) > 0
                    ? run(space, (const char *const[]){"nft", "-f", "-", NULL}, text, ret_trouble)
                    : trouble_is(ret_trouble, EINVAL,
                                 "the firewall %s has a name, an address or a size that cannot be",
                                 firewall->table);
    free(text);
    return done;
}

bool firewall_exists(const char *space, const char *table)
{
    return is_word(table) &&
           run(space, (const char *const[]){"nft", "list", "table", "inet", table, NULL}, "", NULL);
}

/* -- seeing -- */

static int hear_generation(const struct nlattr *attr, void *context)
{
    uint32_t *generation = context;
    if (mnl_attr_get_type(attr) == NFTA_GEN_ID && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
        *generation = ntohl(mnl_attr_get_u32(attr));
    return MNL_CB_OK;
}

/* 0: the kernel does not say. */
static uint32_t generation_of(const char *space)
{
    _Alignas(struct nlmsghdr) char bytes[GENERATION_BYTES];
    uint32_t generation = 0;
    struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
    struct nfgenmsg *head = mnl_nlmsg_put_extra_header(header, sizeof *head);
    struct timeval patience = {.tv_sec = 1};
    int fd = space_socket(space, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, NULL);
    if (fd < 0)
        return 0;
    header->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN;
    header->nlmsg_flags = NLM_F_REQUEST;
    head->nfgen_family = AF_UNSPEC;
    head->version = NFNETLINK_V0;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t size = send(fd, bytes, header->nlmsg_len, 0);
    if (size > 0)
        size = recv(fd, bytes, sizeof bytes, 0);
    close(fd);
    if (size > 0 && mnl_nlmsg_ok(header, (int)size) &&
        header->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN))
        mnl_attr_parse(header, sizeof *head, hear_generation, &generation);
    return generation;
}

/* Of what nft(8) lists, without what is counted; 0: there is no such table. */
static uint64_t digest_of(const char *space, const char *table)
{
    const char *const argv[] = {"nft", "-s", "list", "table", "inet", table, NULL};
    char *said = malloc(LISTED_BYTES);
    struct digest digest = digest_start();
    bool fine = said && is_word(table) && run_and_hear(space, argv, "", said, LISTED_BYTES, NULL);
    if (fine)
        digest_bytes(&digest, (struct slice){(const uint8_t *)said, strlen(said)});
    free(said);
    return fine ? digest_end(&digest) : 0;
}

void firewall_see(const char *space, const char *table, struct firewall_seen *ret_seen)
{
    ret_seen->generation = generation_of(space); /* first: a change in between is seen later */
    ret_seen->digest = ret_seen->generation ? digest_of(space, table) : 0;
}

bool firewall_stays(const char *space, const char *table, struct firewall_seen *seen)
{
    struct firewall_seen now = {.generation = generation_of(space)};
    if (seen->generation == 0 || now.generation == 0 || now.generation == seen->generation)
        return true;
    now.digest = digest_of(space, table);
    if (now.digest != seen->digest)
        return false;
    *seen = now;
    return true;
}

bool firewall_remove(const char *space, const char *table, struct trouble *ret_trouble)
{
    char text[2 * (NAME_SPACE_BYTES + 32)];
    if (!is_word(table))
        return trouble_is(ret_trouble, EINVAL, "\"%s\" is no name of a firewall's table", table);
    snprintf(text, sizeof text, "add table inet %s\ndelete table inet %s\n", table, table);
    return run(space, (const char *const[]){"nft", "-f", "-", NULL}, text, ret_trouble);
}
