#include "bgp/bfd.h"

#include <assert.h>

enum { SLOW_US = 1000000 }; /* RFC 5880 6.8.3: at least, while not Up */

/* ---- sending ---- */

static bool is_silent(const struct bfd_end *end)
{
    bool demanded = end->remote_demand && end->state == BFD_UP && end->remote_state == BFD_UP;
    return end->remote_min_rx_us == 0 || (demanded && !end->poll); /* 6.8.7 */
}

/* 6.8.7: up to a quarter less than the interval, so that ends do not fall into step; with a
 * multiplier of 1 a tenth at least, for the other end counts no packet as lost. */
static int64_t jittered(const struct bfd_end *end, struct prng *prng)
{
    int64_t most_us = end->gap_us, quarter_us = end->gap_us / 4;
    if (end->config.multiplier == 1) {
        most_us -= end->gap_us / 10;
        quarter_us -= end->gap_us / 10;
    }
    return most_us - (int64_t)prng_below(prng, (uint64_t)quarter_us + 1);
}

/* The next packet comes an interval after the last one, whatever the interval has become. */
static void arm_send(struct bfd_end *end, int64_t now_us, struct prng *prng)
{
    end->gap_us = end->desired_us > end->remote_min_rx_us ? end->desired_us : end->remote_min_rx_us;
    if (is_silent(end)) {
        end->send_us = BFD_NEVER;
        return;
    }
    end->send_us = end->sent_us + jittered(end, prng);
    if (end->send_us < now_us)
        end->send_us = now_us;
}

static void send_now(struct bfd_end *end, int64_t now_us, struct prng *prng)
{
    end->packet_due = !is_silent(end);
    end->sent_us = now_us;
    arm_send(end, now_us, prng);
}

/* 6.8.3: another interval than before is agreed on by a Poll Sequence. */
static void desire(struct bfd_end *end, uint32_t us)
{
    end->poll = end->desired_us != us && end->state == BFD_UP;
    end->desired_us = us;
}

static uint32_t slow_us(const struct bfd_end *end)
{
    return end->config.interval_us > SLOW_US ? end->config.interval_us : SLOW_US;
}

/* ---- states ---- */

static enum bfd_news enter(struct bfd_end *end, enum bfd_state state, enum bfd_diag diag,
                           int64_t now_us, struct prng *prng)
{
    bool was_up = end->state == BFD_UP;
    end->state = (uint8_t)state;
    end->since_us = now_us;
    if (state != BFD_INIT)
        end->diag = (uint8_t)diag;
    desire(end, state == BFD_UP ? end->config.interval_us : slow_us(end));
    send_now(end, now_us, prng);
    if (state == BFD_UP)
        return BFD_CAME_UP;
    return was_up ? BFD_WENT_DOWN : BFD_SAME;
}

void bfd_init(struct bfd_end *end, const struct bfd_config *config)
{
    assert(config->discriminator != 0 && config->interval_us != 0 && config->multiplier != 0);
    *end = (struct bfd_end){.config = *config,
                            .state = BFD_ADMIN_DOWN,
                            .diag = BFD_DIAG_ADMIN,
                            .remote_state = BFD_DOWN,
                            .remote_min_rx_us = 1, /* 6.8.1 */
                            .send_us = BFD_NEVER,
                            .detect_us = BFD_NEVER};
    end->desired_us = slow_us(end);
}

void bfd_start(struct bfd_end *end, int64_t now_us, struct prng *prng)
{
    if (end->state != BFD_ADMIN_DOWN)
        return;
    end->remote_state = BFD_DOWN;
    end->remote_discriminator = 0;
    end->remote_min_rx_us = 1;
    end->remote_demand = false;
    end->detect_us = BFD_NEVER;
    end->detection_us = 0;
    (void)enter(end, BFD_DOWN, BFD_DIAG_NONE, now_us, prng); /* from AdminDown: no news */
}

void bfd_stop(struct bfd_end *end, int64_t now_us, struct prng *prng)
{
    if (end->state == BFD_ADMIN_DOWN)
        return;
    bool heard = end->detection_us > 0;
    (void)enter(end, BFD_ADMIN_DOWN, BFD_DIAG_ADMIN, now_us, prng); /* whoever stops it knows */
    end->poll = false;
    end->detect_us = heard ? now_us + end->config.multiplier * (int64_t)end->gap_us : now_us;
}

/* ---- receiving ---- */

/* 6.8.4: what they send at most that slowly, as often as may be lost. */
static void hear(struct bfd_end *end, const struct bfd_packet *packet, int64_t now_us)
{
    uint32_t gap_us = packet->desired_min_tx_us > end->config.interval_us
                          ? packet->desired_min_tx_us
                          : end->config.interval_us;
    end->remote_discriminator = packet->my_discriminator;
    end->remote_state = packet->state;
    end->remote_demand = packet->demand;
    end->remote_min_rx_us = packet->required_min_rx_us;
    end->remote_multiplier = packet->multiplier;
    end->detection_us = (int64_t)packet->multiplier * gap_us;
    end->detect_us = now_us + end->detection_us;
    if (packet->final)
        end->poll = false;
}

/* The table of 6.8.6. */
static enum bfd_news react(struct bfd_end *end, int64_t now_us, struct prng *prng)
{
    uint8_t remote = end->remote_state;
    if (remote == BFD_ADMIN_DOWN) {
        if (end->state == BFD_DOWN)
            return BFD_SAME;
        enum bfd_news news = enter(end, BFD_DOWN, BFD_DIAG_NEIGHBOR, now_us, prng);
        return news == BFD_WENT_DOWN ? BFD_STOPPED : news;
    }
    if (end->state == BFD_DOWN && remote == BFD_DOWN)
        return enter(end, BFD_INIT, BFD_DIAG_NONE, now_us, prng);
    if (end->state == BFD_DOWN && remote == BFD_INIT)
        return enter(end, BFD_UP, BFD_DIAG_NONE, now_us, prng);
    if (end->state == BFD_INIT && remote >= BFD_INIT)
        return enter(end, BFD_UP, BFD_DIAG_NONE, now_us, prng);
    if (end->state == BFD_UP && remote == BFD_DOWN)
        return enter(end, BFD_DOWN, BFD_DIAG_NEIGHBOR, now_us, prng);
    return BFD_SAME;
}

enum bfd_news bfd_receive(struct bfd_end *end, int64_t now_us, struct prng *prng,
                          struct slice datagram)
{
    struct bfd_packet packet;
    if (end->state == BFD_ADMIN_DOWN)
        return BFD_SAME;
    bool ours =
        bfd_decode(datagram, &packet) == BFD_FAULT_NONE &&
        (packet.your_discriminator == 0 || packet.your_discriminator == end->config.discriminator);
    if (!ours) {
        end->discard_count++;
        return BFD_SAME;
    }
    uint32_t before_us = end->remote_min_rx_us;
    bool was_silent = is_silent(end);
    hear(end, &packet, now_us);
    enum bfd_news news = react(end, now_us, prng);
    end->final_due |= packet.poll;
    if (end->remote_min_rx_us != before_us || is_silent(end) != was_silent)
        arm_send(end, now_us, prng);
    return news;
}

/* ---- time ---- */

/* 6.8.4; and 6.8.1: who has not been heard of for so long may come back with another
 * discriminator. */
static enum bfd_news expire(struct bfd_end *end, int64_t now_us, struct prng *prng)
{
    end->detect_us = BFD_NEVER;
    end->remote_discriminator = 0;
    if (end->state == BFD_ADMIN_DOWN) {
        end->send_us = BFD_NEVER;
        return BFD_SAME;
    }
    end->remote_state = BFD_DOWN;
    end->remote_demand = false;
    if (end->state == BFD_DOWN)
        return BFD_SAME;
    return enter(end, BFD_DOWN, BFD_DIAG_EXPIRED, now_us, prng);
}

enum bfd_news bfd_time(struct bfd_end *end, int64_t now_us, struct prng *prng)
{
    enum bfd_news news = BFD_SAME;
    if (end->detect_us <= now_us)
        news = expire(end, now_us, prng);
    if (end->send_us <= now_us)
        send_now(end, now_us, prng);
    return news;
}

int64_t bfd_deadline_us(const struct bfd_end *end)
{
    return end->send_us < end->detect_us ? end->send_us : end->detect_us;
}

/* ---- output ---- */

bool bfd_has_packet(const struct bfd_end *end)
{
    return end->packet_due || end->final_due;
}

/* A Final says what any other packet would and is sent at once, so it stands for one; but a Poll
 * and a Final are never the same packet (6.5). */
size_t bfd_pull(struct bfd_end *end, uint8_t *data, size_t cap)
{
    if (!bfd_has_packet(end) || cap < BFD_PACKET_BYTES)
        return 0;
    bool final = end->final_due;
    struct bfd_packet packet = {.diag = end->diag,
                                .state = end->state,
                                .poll = end->poll && !final,
                                .final = final,
                                .multiplier = end->config.multiplier,
                                .my_discriminator = end->config.discriminator,
                                .your_discriminator = end->remote_discriminator,
                                .desired_min_tx_us = end->desired_us,
                                .required_min_rx_us = end->config.interval_us};
    struct writer writer = writer_over(data, cap);
    bfd_encode(&packet, &writer);
    end->packet_due &= final && end->poll;
    end->final_due = false;
    return writer.size;
}

const char *bfd_state_word(enum bfd_state state)
{
    static const char *const words[] = {"AdminDown", "Down", "Init", "Up"};
    assert((unsigned)state <= BFD_UP);
    return words[state];
}

const char *bfd_diag_word(enum bfd_diag diag)
{
    switch (diag) {
    case BFD_DIAG_NONE:
        return "none";
    case BFD_DIAG_EXPIRED:
        return "expired";
    case BFD_DIAG_NEIGHBOR:
        return "neighbor-down";
    case BFD_DIAG_ADMIN:
        return "admin-down";
    default:
        return "unknown";
    }
}
