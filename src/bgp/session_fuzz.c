/* Bytes as a story of a session: each takes a step (start, stop, a connection, time, messages good
 * and bad, raw bytes) and after each the invariants are asked: the state is legal, deadlines lie
 * ahead of what was served, DOWN is the end, memory is accounted for. */
#include "bgp/intake.h"
#include "bgp/session.h"
#include "tests/memory.h"
#include "wire/bgp_update.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { US_PER_S = 1000000 };

static struct intake_room room;

struct story {
    struct bgp_session session;
    struct memory memory;
    struct budget budget;
    struct prng prng;
    struct session_turn turn;
    int64_t now_us;
    bool up;
    bool held[BGP_SLOTS]; /* as the driver sees it: a connection is in the slot */
};

static struct session_turn *turn_of(struct story *story)
{
    story->turn.now_us = story->now_us;
    story->turn.budget = &story->budget;
    story->turn.prng = &story->prng;
    story->turn.count = 0;
    return &story->turn;
}

static void look_into(const struct story *story, struct slice message)
{
    const struct open_terms *terms = session_terms(&story->session);
    struct intake_facts facts = {.peer_as = story->session.config.peer_as,
                                 .external = true,
                                 .four_octet_as = terms->four_octet_as,
                                 .enforce_first_as = true};
    struct intake intake;
    intake_update(&facts, message, &room, &intake);
}

/* What each action promises. */
static void apply(struct story *story)
{
    bool down = false;
    for (uint32_t i = 0; i < story->turn.count; i++) {
        const struct bgp_action *action = &story->turn.actions[i];
        assert(action->slot < BGP_SLOTS && action->reason < BGP_DOWN_COUNT);
        switch (action->kind) {
        case BGP_ACTION_OPEN_CONNECTION:
            assert(!story->held[BGP_OUT] && action->slot == BGP_OUT && !down);
            story->held[BGP_OUT] = true;
            break;
        case BGP_ACTION_CLOSE:
            assert(action->reason != BGP_DOWN_NONE);
            story->held[action->slot] = false;
            break;
        case BGP_ACTION_SEND:
            assert(session_has_bytes(&story->session, action->slot));
            break;
        case BGP_ACTION_ESTABLISHED:
            assert(!story->up && !down && story->held[action->slot]);
            story->up = true;
            break;
        case BGP_ACTION_READY:
            assert(story->up && story->session.ready);
            break;
        case BGP_ACTION_REFRESH:
            assert(story->up);
            break;
        case BGP_ACTION_UPDATE:
            assert(story->up && !down);
            look_into(story, action->message);
            break;
        case BGP_ACTION_DOWN:
            assert(action->was_established == story->up && !down);
            story->up = false;
            down = true;
            break;
        }
    }
}

static void check(const struct story *story)
{
    const struct bgp_session *session = &story->session;
    const struct session_slot *out = &session->slots[BGP_OUT], *in = &session->slots[BGP_IN];
    assert(session->state >= SESSION_IDLE && session->state <= SESSION_ESTABLISHED);
    assert((session->state == SESSION_ESTABLISHED) == story->up);
    assert(!(out->phase == SESSION_ESTABLISHED && in->phase == SESSION_ESTABLISHED));
    assert(out->phase == 0 || story->held[BGP_OUT]);
    assert(in->phase == 0 || (story->held[BGP_IN] && in->phase >= SESSION_OPEN_SENT));
    bool at_rest = session->state == SESSION_IDLE || session->state == SESSION_ACTIVE;
    assert(at_rest == (out->phase == 0 && in->phase == 0));
    assert(session->ready == false || story->up);
    if (session->state == SESSION_CONNECT)
        assert(session->retry_us != SESSION_NEVER); /* no attempt lasts for ever */
    if (session->state == SESSION_OPEN_SENT)
        assert(session_deadline_us(session) != SESSION_NEVER);
    assert(story->budget.used_bytes <= 4 * BGP_MESSAGE_MAX);
}

static void hear(struct story *story, enum bgp_slot slot, struct slice bytes)
{
    for (;;) {
        size_t taken = session_bytes(&story->session, turn_of(story), slot, bytes);
        assert(taken <= bytes.size);
        apply(story);
        check(story);
        if (taken == 0 && bytes.size == 0)
            return;
        assert(taken > 0); /* progress */
        bytes.data += taken;
        bytes.size -= taken;
    }
}

static void hear_message(struct story *story, enum bgp_slot slot, uint8_t which, uint8_t detail)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_open open = {.version = 4,
                            .as2 = 64512,
                            .hold_time_s = detail,
                            .identifier = 0x0a000001u + (detail & 3),
                            .capabilities = detail & 4,
                            .refresh = detail & 8,
                            .has_as4 = detail & 16,
                            .graceful_restart = detail & 32,
                            .enhanced_refresh = detail & 64,
                            .restart_time_s = detail,
                            .restart_family_count = 1,
                            .restart_families = {{1, 1, detail & 128}},
                            .as4 = 64512};
    switch (which % 6) {
    case 0:
        bgp_open_encode(&open, &writer);
        break;
    case 1:
        bgp_keepalive_encode(&writer);
        break;
    case 2:
        bgp_end_of_rib_encode(&writer);
        break;
    case 3:
        bgp_notification_encode((struct bgp_error){detail & 7, detail >> 3, {&detail, 1}}, &writer);
        break;
    case 4:
        bgp_refresh_encode((struct bgp_refresh){1, detail & 3, 1}, &writer);
        break;
    default: /* damaged */
        bgp_open_encode(&open, &writer);
        bytes[detail % writer.size] ^= (uint8_t)(detail | 1);
        break;
    }
    hear(story, slot, writer_slice(&writer));
}

static void pass_time(struct story *story, int64_t us)
{
    int64_t end_us = story->now_us + us;
    while (session_deadline_us(&story->session) <= end_us) {
        int64_t due_us = session_deadline_us(&story->session);
        story->now_us = due_us > story->now_us ? due_us : story->now_us;
        session_time(&story->session, turn_of(story));
        apply(story);
        check(story);
        /* what was due is served; only an idle hold of 0 may be due at once again */
        assert(session_deadline_us(&story->session) >= due_us);
    }
    story->now_us = end_us;
}

static void pull(struct story *story, enum bgp_slot slot, size_t cap)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    size_t size = session_pull(&story->session, &story->budget, slot, bytes, cap);
    assert(size <= cap);
    for (size_t at = 0; at < size;) { /* whole messages only */
        struct bgp_frame frame;
        struct bgp_error error;
        struct slice rest = {bytes + at, size - at};
        enum bgp_frame_verdict verdict = bgp_frame(rest, &frame, &error);
        assert(verdict == BGP_FRAME_WHOLE);
        at += frame.size_bytes;
    }
    assert(cap < BGP_MESSAGE_MAX || !session_has_bytes(&story->session, slot));
}

static void connection(struct story *story, uint8_t detail)
{
    enum bgp_slot slot = detail & 1 ? BGP_IN : BGP_OUT;
    switch (detail >> 1 & 3) {
    case 0:
        if (slot == BGP_IN)
            story->held[BGP_IN] = true;
        session_connected(&story->session, turn_of(story), slot);
        break;
    case 1:
        story->held[slot] = false;
        session_closed(&story->session, turn_of(story), slot);
        break;
    case 2:
        if (story->session.slots[BGP_OUT].phase == SESSION_CONNECT)
            story->held[BGP_OUT] = false;
        session_connect_failed(&story->session, turn_of(story));
        break;
    default:
        pull(story, slot, detail & 8 ? BGP_MESSAGE_MAX : (size_t)detail);
        story->turn.count = 0;
        break;
    }
    apply(story);
}

static void order(struct story *story, uint8_t detail)
{
    static const uint8_t TEXT[] = "scheduled";
    struct session_turn *turn = turn_of(story);
    switch (detail & 7) {
    case 0:
    case 1:
        session_start(&story->session, turn);
        break;
    case 2:
        session_stop(&story->session, turn, 1 + (detail >> 4), (struct slice){TEXT, 9});
        break;
    case 3:
        session_reset_max_prefixes(&story->session, turn, detail, SESSION_NEVER);
        break;
    case 4:
        if (session_ask_refresh(&story->session, turn))
            assert(story->up);
        break;
    case 5:
        story->budget.limit_bytes = detail & 8 ? 0 : story->budget.used_bytes + detail;
        break;
    default:
        session_updates_sent(&story->session, turn);
        break;
    }
    apply(story);
}

static void begin(struct story *story, const uint8_t *head)
{
    struct session_config config = {.local_as = head[0] & 1 ? 64512 : 65000,
                                    .peer_as = 64512,
                                    .router_id = 0x0a000002,
                                    .local_addr = 0x0a000001,
                                    .peer_addr = 0x0a000002,
                                    .hold_s = head[1] < 3 ? 0 : head[1],
                                    .keepalive_s = head[0] >> 4,
                                    .connect_retry_s = (uint16_t)(1 + head[2]),
                                    .mode = head[3] % 3,
                                    .restart_s = head[3] & 32 ? 100 : 0,
                                    .jitter_percent = head[0] & 2 ? 25 : 0,
                                    .update_restarts_keepalive = head[0] & 4,
                                    .start_delay_us = head[0] & 8 ? US_PER_S : 0,
                                    .idle_hold_us = 1 + head[3] * 10000,
                                    .first_update_delay_us = head[3] & 16 ? US_PER_S : 0};
    memset(story, 0, sizeof *story);
    story->prng = prng_seed(head[2]);
    budget_init(&story->budget, memory_alloc(&story->memory), 0);
    session_init(&story->session, &config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    static struct story story;
    begin(&story, data);
    for (size_t at = 4; at + 2 <= size;) {
        uint8_t verb = data[at], detail = data[at + 1];
        enum bgp_slot slot = verb & 8 ? BGP_IN : BGP_OUT;
        at += 2;
        switch (verb & 7) {
        case 0:
            order(&story, detail);
            break;
        case 1:
        case 2:
            connection(&story, detail);
            break;
        case 3:
            pass_time(&story, (int64_t)detail * (verb & 16 ? US_PER_S : 10007));
            break;
        case 4: { /* raw bytes of the input */
            size_t count = detail < size - at ? detail : size - at;
            hear(&story, slot, (struct slice){data + at, count});
            at += count;
            break;
        }
        default:
            hear_message(&story, slot, verb >> 4, detail);
            break;
        }
        check(&story);
    }
    session_done(&story.session, &story.budget);
    assert(story.budget.used_bytes == 0 && story.memory.live_blocks == 0);
    return 0;
}
