/* Two ends and a wire between them, in virtual time. */
#include "bgp/bfd.h"

#include "tests/harness.h"

enum { MS = 1000, S = 1000 * MS, WIRE = 64, DELAY_US = 5 * MS };

struct datagram {
    int64_t at_us;
    uint8_t bytes[BFD_PACKET_BYTES];
    bool flies;
};

struct side {
    struct bfd_end end;
    struct prng prng;
    struct datagram wire[WIRE]; /* towards this side */
    bool cut;                   /* nothing arrives here */
    unsigned loss_percent;
    uint32_t count[4];               /* of each enum bfd_news */
    int64_t last_us;                 /* when it last sent */
    int64_t shortest_us, longest_us; /* between two packets */
    uint32_t sent, polls, finals;
    int64_t down_us;
};

static struct side sides[2];
static int64_t now_us;

static void set(int i, uint32_t interval_us, uint8_t multiplier)
{
    struct bfd_config config = {
        .discriminator = 100 + (uint32_t)i, .interval_us = interval_us, .multiplier = multiplier};
    sides[i] = (struct side){.prng = prng_seed((uint64_t)i + 7)};
    bfd_init(&sides[i].end, &config);
}

static void begin(void)
{
    now_us = 0;
    for (int i = 0; i < 2; i++)
        set(i, 300 * MS, 3);
}

static void forget_gaps(void)
{
    for (int i = 0; i < 2; i++) {
        sides[i].shortest_us = INT64_MAX;
        sides[i].longest_us = 0;
        sides[i].sent = sides[i].polls = sides[i].finals = 0;
    }
}

static void note(struct side *side, enum bfd_news news)
{
    side->count[news]++;
    if (news == BFD_WENT_DOWN)
        side->down_us = now_us;
}

static void measure(struct side *side, const struct bfd_packet *packet)
{
    int64_t gap_us = now_us - side->last_us;
    side->sent++;
    side->polls += packet->poll;
    side->finals += packet->final;
    if (packet->final)
        return;
    if (gap_us < side->shortest_us)
        side->shortest_us = gap_us;
    if (gap_us > side->longest_us)
        side->longest_us = gap_us;
    side->last_us = now_us;
}

static void send(int from)
{
    struct side *to = &sides[!from];
    uint8_t bytes[BFD_PACKET_BYTES];
    while (bfd_pull(&sides[from].end, bytes, sizeof bytes) > 0) {
        struct bfd_packet packet;
        CHECK(bfd_decode((struct slice){bytes, sizeof bytes}, &packet) == BFD_FAULT_NONE);
        measure(&sides[from], &packet);
        unsigned at = 0;
        while (at < WIRE && to->wire[at].flies)
            at++;
        CHECK(at < WIRE);
        if (to->cut || prng_below(&to->prng, 100) < to->loss_percent)
            continue;
        to->wire[at] = (struct datagram){.at_us = now_us + DELAY_US, .flies = true};
        memcpy(to->wire[at].bytes, bytes, sizeof bytes);
    }
}

static int64_t next_us(void)
{
    int64_t first_us = BFD_NEVER;
    for (int i = 0; i < 2; i++) {
        if (bfd_deadline_us(&sides[i].end) < first_us)
            first_us = bfd_deadline_us(&sides[i].end);
        for (int j = 0; j < WIRE; j++)
            if (sides[i].wire[j].flies && sides[i].wire[j].at_us < first_us)
                first_us = sides[i].wire[j].at_us;
    }
    return first_us;
}

static void arrive(struct side *side)
{
    for (int j = 0; j < WIRE; j++) {
        struct datagram *datagram = &side->wire[j];
        if (!datagram->flies || datagram->at_us > now_us)
            continue;
        datagram->flies = false;
        note(side, bfd_receive(&side->end, now_us, &side->prng,
                               (struct slice){datagram->bytes, sizeof datagram->bytes}));
    }
}

static void pass(int64_t us)
{
    int64_t end_us = now_us + us;
    send(0);
    send(1);
    for (int64_t at_us = next_us(); at_us <= end_us; at_us = next_us()) {
        CHECK(at_us >= now_us);
        now_us = at_us;
        for (int i = 0; i < 2; i++) {
            arrive(&sides[i]);
            note(&sides[i], bfd_time(&sides[i].end, now_us, &sides[i].prng));
            CHECK(bfd_deadline_us(&sides[i].end) > now_us);
        }
        send(0);
        send(1);
    }
    now_us = end_us;
}

static void start(int i)
{
    bfd_start(&sides[i].end, now_us, &sides[i].prng);
}

static void up(void)
{
    begin();
    start(0);
    start(1);
    pass(5 * S);
    CHECK_EQUAL(sides[0].end.state, BFD_UP);
    CHECK_EQUAL(sides[1].end.state, BFD_UP);
}

static void ends_come_up_and_stay(void)
{
    up();
    pass(3600 * (int64_t)S);
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(sides[i].end.state, BFD_UP);
        CHECK_EQUAL(sides[i].count[BFD_CAME_UP], 1);
        CHECK_EQUAL(sides[i].count[BFD_WENT_DOWN], 0);
    }
}

/* RFC 5880 6.8.7: 75 to 100 % of the interval. */
static void packets_keep_their_interval(void)
{
    up();
    forget_gaps();
    pass(600 * (int64_t)S);
    for (int i = 0; i < 2; i++) {
        CHECK(sides[i].shortest_us >= 225 * MS && sides[i].shortest_us < 235 * MS);
        CHECK(sides[i].longest_us <= 300 * MS && sides[i].longest_us > 290 * MS);
        CHECK_EQUAL(sides[i].polls, 0);
    }
}

static void with_a_multiplier_of_one_the_last_tenth_is_never_used(void)
{
    begin();
    set(0, 300 * MS, 1);
    start(0);
    start(1);
    pass(10 * S);
    forget_gaps();
    pass(600 * (int64_t)S);
    CHECK(sides[0].shortest_us >= 225 * MS);
    CHECK(sides[0].longest_us <= 270 * MS && sides[0].longest_us > 260 * MS);
    CHECK_EQUAL(sides[1].count[BFD_WENT_DOWN], 0);
}

/* RFC 5880 6.8.3: at most one a second, before the session is up. */
static void who_is_not_up_sends_slowly(void)
{
    begin();
    start(0);
    pass(2 * S);
    forget_gaps();
    pass(600 * (int64_t)S);
    CHECK(sides[0].shortest_us >= 750 * MS);
    CHECK(sides[0].longest_us <= 1000 * MS);
    CHECK_EQUAL(sides[0].end.state, BFD_DOWN);
}

/* RFC 5880 6.8.4: 3 x 300 ms behind the last packet heard. */
static void silence_is_noticed_in_time(void)
{
    for (int64_t at_us = 0; at_us < 300 * MS; at_us += 17 * MS) {
        up();
        pass(at_us);
        sides[1].cut = true;
        int64_t cut_us = now_us;
        pass(2 * S);
        CHECK_EQUAL(sides[1].count[BFD_WENT_DOWN], 1);
        int64_t took_us = sides[1].down_us - cut_us;
        CHECK(took_us > 600 * MS - DELAY_US && took_us <= 900 * MS + DELAY_US);
        CHECK_EQUAL(sides[1].end.diag, BFD_DIAG_EXPIRED);
        CHECK_EQUAL(sides[1].end.remote_discriminator, 0);
        /* the other hears of it, for that direction works */
        CHECK_EQUAL(sides[0].count[BFD_WENT_DOWN], 1);
        CHECK_EQUAL(sides[0].end.diag, BFD_DIAG_NEIGHBOR);
        CHECK_EQUAL(sides[0].down_us - sides[1].down_us, DELAY_US);
    }
}

static void two_lost_packets_are_forgiven(void)
{
    up();
    sides[0].cut = sides[1].cut = true;
    pass(550 * MS);
    sides[0].cut = sides[1].cut = false;
    pass(10 * S);
    CHECK_EQUAL(sides[0].count[BFD_WENT_DOWN] + sides[1].count[BFD_WENT_DOWN], 0);
}

static void a_new_interval_is_polled(void)
{
    up();
    CHECK(sides[0].polls > 0 && sides[1].polls > 0); /* from 1 s to 300 ms */
    CHECK(sides[0].finals > 0 && sides[1].finals > 0);
    CHECK(!sides[0].end.poll && !sides[1].end.poll);
    uint8_t bytes[BFD_PACKET_BYTES];
    struct bfd_packet poll = {.state = BFD_UP,
                              .poll = true,
                              .multiplier = 3,
                              .my_discriminator = 101,
                              .your_discriminator = 100,
                              .desired_min_tx_us = 300 * MS,
                              .required_min_rx_us = 300 * MS};
    struct writer writer = writer_over(bytes, sizeof bytes);
    bfd_encode(&poll, &writer);
    CHECK(bfd_receive(&sides[0].end, now_us, &sides[0].prng, writer_slice(&writer)) == BFD_SAME);
    struct bfd_packet answer;
    CHECK_EQUAL(bfd_pull(&sides[0].end, bytes, sizeof bytes - 1), 0);
    CHECK_EQUAL(bfd_pull(&sides[0].end, bytes, sizeof bytes), BFD_PACKET_BYTES);
    CHECK(bfd_decode((struct slice){bytes, sizeof bytes}, &answer) == BFD_FAULT_NONE);
    CHECK(answer.final && !answer.poll);
    CHECK_EQUAL(answer.your_discriminator, 101);
    CHECK_EQUAL(bfd_pull(&sides[0].end, bytes, sizeof bytes), 0);
}

/* RFC 5882 3.2: what is stopped by hand is not broken. */
static void a_neighbor_that_stops_is_not_lost(void)
{
    up();
    bfd_stop(&sides[1].end, now_us, &sides[1].prng);
    pass(10 * S);
    CHECK_EQUAL(sides[0].count[BFD_STOPPED], 1);
    CHECK_EQUAL(sides[0].count[BFD_WENT_DOWN], 0);
    CHECK_EQUAL(sides[0].end.state, BFD_DOWN);
    CHECK_EQUAL(sides[0].end.diag, BFD_DIAG_NEIGHBOR);
    CHECK_EQUAL(bfd_deadline_us(&sides[1].end), BFD_NEVER); /* it fell silent */
    start(1);
    pass(5 * S);
    CHECK_EQUAL(sides[0].end.state, BFD_UP);
    CHECK_EQUAL(sides[0].count[BFD_CAME_UP], 2);
}

static void who_stops_before_it_was_heard_is_silent_at_once(void)
{
    begin();
    start(0);
    bfd_stop(&sides[0].end, now_us, &sides[0].prng);
    pass(1);
    CHECK_EQUAL(bfd_deadline_us(&sides[0].end), BFD_NEVER);
}

static void tell(int to, struct bfd_packet packet)
{
    uint8_t bytes[BFD_PACKET_BYTES];
    struct writer writer = writer_over(bytes, sizeof bytes);
    packet.multiplier = 3;
    packet.my_discriminator = 55;
    bfd_encode(&packet, &writer);
    note(&sides[to], bfd_receive(&sides[to].end, now_us, &sides[to].prng, writer_slice(&writer)));
}

static void what_is_not_for_us_is_counted_only(void)
{
    up();
    struct bfd_end before = sides[0].end;
    tell(0, (struct bfd_packet){.state = BFD_DOWN, .your_discriminator = 99});
    CHECK(bfd_receive(&sides[0].end, now_us, &sides[0].prng, (struct slice){NULL, 0}) == BFD_SAME);
    CHECK_EQUAL(sides[0].end.discard_count, before.discard_count + 2);
    sides[0].end.discard_count = before.discard_count;
    CHECK(memcmp(&before, &sides[0].end, sizeof before) == 0);
}

/* RFC 5880 6.8.7: a neighbor decides how often it is sent to. */
static void nobody_is_sent_more_than_it_bears(void)
{
    begin();
    start(0);
    tell(0, (struct bfd_packet){.state = BFD_INIT,
                                .your_discriminator = 100,
                                .desired_min_tx_us = 100 * S,
                                .required_min_rx_us = 4 * S});
    CHECK_EQUAL(sides[0].end.state, BFD_UP);
    pass(5 * S);
    forget_gaps();
    pass(100 * S);
    CHECK(sides[0].shortest_us >= 3 * S && sides[0].longest_us <= 4 * S);
    tell(0, (struct bfd_packet){
                .state = BFD_UP, .your_discriminator = 100, .desired_min_tx_us = 100 * S});
    forget_gaps();
    pass(100 * S);
    CHECK_EQUAL(sides[0].sent, 0);
    CHECK_EQUAL(sides[0].end.state, BFD_UP);
    tell(0, (struct bfd_packet){.state = BFD_UP,
                                .your_discriminator = 100,
                                .desired_min_tx_us = 100 * S,
                                .required_min_rx_us = 300 * MS});
    pass(10 * S);
    CHECK(sides[0].sent >= 30);
}

static void a_neighbor_in_demand_mode_hears_answers_only(void)
{
    begin();
    start(0);
    struct bfd_packet demand = {.state = BFD_INIT,
                                .your_discriminator = 100,
                                .desired_min_tx_us = 100 * S,
                                .required_min_rx_us = 300 * MS};
    tell(0, demand);
    pass(S);
    demand.state = BFD_UP;
    demand.final = demand.demand = true;
    tell(0, demand);
    forget_gaps();
    pass(100 * S);
    CHECK_EQUAL(sides[0].sent, 0);
    demand.final = false;
    demand.poll = true;
    tell(0, demand);
    pass(100 * S);
    CHECK_EQUAL(sides[0].sent, 1);
    CHECK_EQUAL(sides[0].finals, 1);
}

/* Whatever is lost, and whoever stops and starts: when it is over, both are up in seconds. */
static void ends_agree_after_any_trouble(void)
{
    struct prng prng = prng_seed(20);
    begin();
    start(0);
    start(1);
    for (int round = 0; round < 300; round++) {
        int i = (int)prng_below(&prng, 2);
        sides[i].loss_percent = (unsigned)prng_below(&prng, 101);
        if (prng_below(&prng, 4) == 0)
            bfd_stop(&sides[i].end, now_us, &sides[i].prng);
        if (prng_below(&prng, 3) == 0)
            start(!i);
        pass((int64_t)prng_below(&prng, 4 * S));
        if (prng_below(&prng, 10) != 0)
            continue;
        sides[0].loss_percent = sides[1].loss_percent = 0;
        start(0);
        start(1);
        pass(5 * S);
        CHECK_EQUAL(sides[0].end.state, BFD_UP);
        CHECK_EQUAL(sides[1].end.state, BFD_UP);
    }
    CHECK(sides[0].count[BFD_WENT_DOWN] > 10 && sides[1].count[BFD_STOPPED] > 3);
}

static void states_have_words(void)
{
    CHECK_TEXT(bfd_state_word(BFD_ADMIN_DOWN), "AdminDown");
    CHECK_TEXT(bfd_state_word(BFD_UP), "Up");
    CHECK_TEXT(bfd_diag_word(BFD_DIAG_NONE), "none");
    CHECK_TEXT(bfd_diag_word(BFD_DIAG_EXPIRED), "expired");
    CHECK_TEXT(bfd_diag_word(BFD_DIAG_NEIGHBOR), "neighbor-down");
    CHECK_TEXT(bfd_diag_word(BFD_DIAG_ADMIN), "admin-down");
    CHECK_TEXT(bfd_diag_word((enum bfd_diag)31), "unknown");
}

int main(void)
{
    TEST(ends_come_up_and_stay);
    TEST(packets_keep_their_interval);
    TEST(with_a_multiplier_of_one_the_last_tenth_is_never_used);
    TEST(who_is_not_up_sends_slowly);
    TEST(silence_is_noticed_in_time);
    TEST(two_lost_packets_are_forgiven);
    TEST(a_new_interval_is_polled);
    TEST(a_neighbor_that_stops_is_not_lost);
    TEST(who_stops_before_it_was_heard_is_silent_at_once);
    TEST(what_is_not_for_us_is_counted_only);
    TEST(nobody_is_sent_more_than_it_bears);
    TEST(a_neighbor_in_demand_mode_hears_answers_only);
    TEST(ends_agree_after_any_trouble);
    TEST(states_have_words);
    return harness_done();
}
