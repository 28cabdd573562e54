/* How fast and how large is the route engine by itself? Plays a hub with a table of the Internet's
 * size against rib and outlog alone - no sockets, no sessions, no decoding of what comes in - and
 * prints what a phase costs and what the table weighs. Not a test: figures of one machine and one
 * moment. bgpblast measures the whole daemon.
 *
 *     rib_bench [prefixes] [senders] [members]          1000000 2 10
 *
 * Six prefixes share an attribute set, in runs of four neighbors, as in bgpblast's table. */
#include "bgp/outlog.h"
#include "rib/lose.h"
#include "rib/rib.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_SENDERS = 2000, MAX_MEMBERS = 2000, PREFIXES_A_SET = 6, BUFFER_BYTES = 1 << 20 };

static struct budget budget;
static struct rib rib;
static struct outlog outlog;
static struct source_id senders[MAX_SENDERS];
static uint32_t members[MAX_MEMBERS];
static uint32_t prefix_count = 1000000, sender_count = 2, member_count = 10;
static uint32_t *order; /* of prefixes, in shuffled runs of four */
static uint8_t buffer[BUFFER_BYTES];

static void *get_block(void *ctx, size_t size_bytes)
{
    (void)ctx;
    return malloc(size_bytes);
}

static void put_block(void *ctx, void *block, size_t size_bytes)
{
    (void)ctx;
    (void)size_bytes;
    free(block);
}

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static void shuffle_runs(void)
{
    enum { RUN = 4 };
    order = malloc(prefix_count * sizeof *order);
    uint32_t runs = prefix_count / RUN;
    for (uint32_t i = 0; i < prefix_count; i++)
        order[i] = i;
    for (uint32_t i = runs - 1; i > 0; i--) {
        uint32_t other = (uint32_t)(mix(i) % (i + 1));
        for (uint32_t k = 0; k < RUN; k++) {
            uint32_t kept = order[i * RUN + k];
            order[i * RUN + k] = order[other * RUN + k];
            order[other * RUN + k] = kept;
        }
    }
}

static struct prefix nth_prefix(uint32_t index)
{
    return prefix_around(0x01000000u + (index << 8), 24);
}

static void write_attribute(struct writer *writer, uint8_t flags, uint8_t code, uint8_t size)
{
    writer_u8(writer, flags);
    writer_u8(writer, code);
    writer_u8(writer, size);
}

/* About 52 bytes: a path of 2 to 6 AS numbers, a MED on a quarter, up to 4 communities. */
static struct slice nth_set(uint32_t sender, uint32_t set, uint8_t bytes[128])
{
    struct writer writer = writer_over(bytes, 128);
    uint64_t dice = mix(set * 77u + 1);
    uint8_t hops = (uint8_t)(2 + dice % 5), communities = (uint8_t)(dice >> 8) % 5;
    write_attribute(&writer, 0x40, 1, 1);
    writer_u8(&writer, 0);
    write_attribute(&writer, 0x40, 2, (uint8_t)(2 + 4 * hops));
    writer_u8(&writer, 2);
    writer_u8(&writer, hops);
    writer_u32(&writer, 100000 + sender);
    for (uint32_t i = 1; i < hops; i++)
        writer_u32(&writer, (uint32_t)(mix(set * 8u + i) % 400000 + 1));
    write_attribute(&writer, 0x40, 3, 4);
    writer_u32(&writer, 0x0a630101 + sender);
    if ((dice >> 16) % 4 == 0) {
        write_attribute(&writer, 0x80, 4, 4);
        writer_u32(&writer, (uint32_t)(dice >> 20) % 100);
    }
    if (communities) {
        write_attribute(&writer, 0xc0, 8, (uint8_t)(4 * communities));
        for (uint32_t i = 0; i < communities; i++)
            writer_u32(&writer, (uint32_t)mix(set * 16u + i));
    }
    return writer_slice(&writer);
}

static uint64_t sent_bytes;

static void send_all(void)
{
    for (uint32_t m = 0; m < member_count; m++) {
        size_t size;
        while ((size = outlog_pull(&outlog, members[m], buffer, sizeof buffer)) > 0)
            sent_bytes += size;
    }
    outlog_trim(&outlog);
    rib_sweep(&rib, outlog_told(&outlog), 65536);
}

static double settle_s, encode_s, send_s;

static void round_of_work(void)
{
    double start = now_s();
    uint32_t count = rib_settle(&rib);
    double settled = now_s();
    if (count > 0)
        outlog_encode(&outlog);
    rib_settled(&rib);
    double encoded = now_s();
    send_all();
    settle_s += settled - start;
    encode_s += encoded - settled;
    send_s += now_s() - encoded;
}

/* What arrives within a round: a quarter of a megabyte from each socket, some 24,000 prefixes. */
enum { PREFIXES_A_ROUND = 24000 };

static void announce_all(uint32_t first_sender, uint32_t end_sender)
{
    uint32_t share = prefix_count / sender_count, in_round = 0;
    for (uint32_t at = 0; at < share; at += PREFIXES_A_SET) {
        for (uint32_t s = first_sender; s < end_sender; s++) {
            uint8_t bytes[128];
            struct slice canonical = nth_set(s, s * share + at, bytes);
            struct attr_id attr = attr_intern(&rib.attrs, canonical);
            uint32_t end = at + PREFIXES_A_SET < share ? at + PREFIXES_A_SET : share;
            struct prefix next[PREFIXES_A_SET];
            for (uint32_t i = at; i < end; i++)
                next[i - at] = nth_prefix(order[s * share + i]);
            rib_hint(&rib, next, end - at);
            for (uint32_t i = at; i < end; i++)
                if (rib_announce(&rib, senders[s], nth_prefix(order[s * share + i]), attr,
                                 REASON_NONE) > RIB_SAME)
                    abort();
            attr_unref(&rib.attrs, attr);
            in_round += end - at;
        }
        if (in_round >= PREFIXES_A_ROUND) {
            round_of_work();
            in_round = 0;
        }
    }
    round_of_work();
}

static void withdraw_all(uint32_t sender)
{
    uint32_t share = prefix_count / sender_count, first = sender * share;
    for (uint32_t i = 0; i < share; i++) {
        struct prefix next[RIB_HINTS];
        uint32_t count = 0;
        while (i % RIB_HINTS == 0 && count < RIB_HINTS && i + count < share) {
            next[count] = nth_prefix(order[first + i + count]);
            count++;
        }
        rib_hint(&rib, next, count);
        if (rib_withdraw(&rib, senders[sender], nth_prefix(order[first + i])) == RIB_FULL) {
            round_of_work();
            i--;
        }
    }
    round_of_work();
}

static void drop_all(uint32_t sender)
{
    rib_lose(&rib, senders[sender]);
    while (rib_drop(&rib, senders[sender], UINT32_MAX))
        round_of_work();
    round_of_work();
}

static void report(const char *phase, double start, uint32_t operations)
{
    double total = now_s() - start;
    printf("%-10s %8.1f ms  %6.1f ns a prefix: offers %6.1f settle %6.1f encode %6.1f send %6.1f  "
           "%7.1f MB sent  %5.1f MiB held (peak %.1f)\n",
           phase, total * 1e3, total * 1e9 / operations,
           (total - settle_s - encode_s - send_s) * 1e9 / operations, settle_s * 1e9 / operations,
           encode_s * 1e9 / operations, send_s * 1e9 / operations, (double)sent_bytes / 1e6,
           (double)budget.used_bytes / 1048576, (double)budget.peak_bytes / 1048576);
    settle_s = encode_s = send_s = 0;
    sent_bytes = 0;
}

static void weigh(void)
{
    double count = rib.live_count;
    size_t standing = pool_size_bytes(&rib.prefixes) + pool_size_bytes(&rib.paths) +
                      slots_bytes(&rib.slots) + attr_store_bytes(&rib.attrs);
    printf("bytes a prefix: record %.1f, path %.1f, hash %.1f, attributes %.1f (%" PRIu32
           " sets, %.1f each), standing %.1f; changes %.1f; log %.1f\n",
           (double)pool_size_bytes(&rib.prefixes) / count,
           (double)pool_size_bytes(&rib.paths) / count, (double)slots_bytes(&rib.slots) / count,
           (double)attr_store_bytes(&rib.attrs) / count, rib.attrs.count,
           (double)attr_store_bytes(&rib.attrs) / (double)rib.attrs.count, (double)standing / count,
           (double)pool_size_bytes(&rib.changes) / count,
           (double)outlog_counts(&outlog).log_bytes / count);
}

static void set_up(void)
{
    budget_init(&budget, (struct alloc){.get = get_block, .put = put_block}, 0);
    struct rib_config config = rib_config_hub;
    config.rules = BEST_RFC4271;
    config.secret = 0x9e3779b97f4a7c15u;
    rib_init(&rib, &budget, &config);
    outlog_init(&outlog, &budget, &rib, (struct adj_out_filter){0}, &outlog_config_hub);
    for (uint32_t i = 0; i < sender_count || i < member_count; i++) {
        struct source source = {.kind = SOURCE_PLAIN_BGP,
                                .attachment = {(uint16_t)(i + 1)},
                                .external = true,
                                .peer_as = 100000 + i,
                                .router_id = 0x0a630101 + i,
                                .peer_address = 0x0a630101 + i};
        if (i < sender_count)
            senders[i] = rib_source_add(&rib, &source);
        struct outlog_spec spec = {.policy = {.own_as = 65000, .external = true, .as4 = true},
                                   .attachment = source.attachment,
                                   .next_hop = 0x0a620101 + i};
        if (i < member_count && (members[i] = outlog_join(&outlog, &spec)) == 0)
            abort();
    }
}

int main(int argc, char **argv)
{
    prefix_count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : prefix_count;
    sender_count = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : sender_count;
    member_count = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : member_count;
    if (sender_count < 1 || sender_count > MAX_SENDERS || member_count > MAX_MEMBERS)
        return 2;
    shuffle_runs();
    set_up();
    uint32_t share = prefix_count / sender_count;
    double start = now_s();
    announce_all(0, sender_count);
    report("converge", start, share * sender_count);
    weigh();
    start = now_s();
    withdraw_all(0);
    report("withdraw", start, share);
    start = now_s();
    announce_all(0, 1);
    report("reannounce", start, share);
    start = now_s();
    drop_all(0);
    report("flap", start, share);
    start = now_s();
    announce_all(0, 1);
    report("recover", start, share);
    start = now_s();
    outlog_refresh(&outlog, members[member_count - 1], false);
    send_all();
    report("refresh", start, rib.live_count);
    outlog_done(&outlog);
    rib_done(&rib);
    free(order);
    return budget.used_bytes != 0;
}
