/* What the tests of sessions share: a session with its clock and its budget, the messages a
 * neighbor would send, and actions and messages as words, so that a test reads as a story. */
#pragma once

#include "base/text.h"
#include "bgp/session.h"
#include "tests/harness.h"
#include "tests/memory.h"
#include "wire/bgp_update.h"

enum { S = 1000000, RIG_TEXT = 1024 };

struct rig {
    struct bgp_session session;
    struct memory memory;
    struct budget budget;
    struct prng prng;
    struct session_turn turn;
    int64_t now_us;
    char words[RIG_TEXT];
};

static inline const char *slot_word(enum bgp_slot which)
{
    return which == BGP_OUT ? "out" : "in";
}

/* The customer's router: AS 65000, 192.0.2.1; its neighbor is AS 64512, 192.0.2.2. */
static inline struct session_config rig_config(void)
{
    return (struct session_config){
        .local_as = 65000,
        .peer_as = 64512,
        .router_id = 0xc0000201,
        .local_addr = 0xc0000201,
        .peer_addr = 0xc0000202,
        .hold_s = 30,
        .keepalive_s = 10,
        .connect_retry_s = 10,
        .mode = SESSION_BOTH,
        .idle_hold_us = 1 * S,
    };
}

static inline void rig_init(struct rig *rig, const struct session_config *config)
{
    memset(rig, 0, sizeof *rig);
    budget_init(&rig->budget, memory_alloc(&rig->memory), 0);
    rig->prng = prng_seed(1);
    session_init(&rig->session, config);
}

static inline void rig_done(struct rig *rig)
{
    session_done(&rig->session, &rig->budget);
    CHECK_EQUAL((int64_t)rig->budget.used_bytes, 0);
    CHECK_EQUAL((int64_t)rig->memory.live_blocks, 0);
}

static inline struct session_turn *rig_turn(struct rig *rig)
{
    rig->turn.now_us = rig->now_us;
    rig->turn.budget = &rig->budget;
    rig->turn.prng = &rig->prng;
    rig->turn.count = 0;
    return &rig->turn;
}

static inline void add_codes(struct text *text, uint8_t code, uint8_t subcode)
{
    text_char(text, ' ');
    text_u64(text, code);
    text_char(text, '/');
    text_u64(text, subcode);
}

static inline void add_down(struct text *text, const struct bgp_action *action)
{
    text_add(text, "down(");
    text_add(text, bgp_down_word(action->reason));
    if (action->code != 0)
        add_codes(text, action->code, action->subcode);
    text_add(text, action->was_established ? " established)" : ")");
}

static inline void add_action(struct text *text, const struct bgp_action *action)
{
    switch (action->kind) {
    case BGP_ACTION_OPEN_CONNECTION:
        text_add(text, "connect");
        break;
    case BGP_ACTION_CLOSE:
        text_add(text, "close(");
        text_add(text, slot_word(action->slot));
        text_char(text, ' ');
        text_add(text, bgp_down_word(action->reason));
        text_char(text, ')');
        break;
    case BGP_ACTION_SEND:
        text_add(text, "send(");
        text_add(text, slot_word(action->slot));
        text_char(text, ')');
        break;
    case BGP_ACTION_ESTABLISHED:
        text_add(text, "established(");
        text_add(text, slot_word(action->slot));
        text_char(text, ')');
        break;
    case BGP_ACTION_READY:
        text_add(text, "ready");
        break;
    case BGP_ACTION_UPDATE:
        text_add(text, "update ");
        text_u64(text, action->message.size);
        break;
    case BGP_ACTION_REFRESH:
        text_add(text, action->refresh == BGP_REFRESH_BEGIN ? "refresh begin"
                       : action->refresh == BGP_REFRESH_END ? "refresh end"
                                                            : "refresh");
        break;
    case BGP_ACTION_DOWN:
        add_down(text, action);
        break;
    }
}

/* The actions of the last call, in their order: "send(out) close(out collision)". */
static inline const char *said(struct rig *rig)
{
    struct text text = text_over(rig->words, sizeof rig->words);
    for (uint32_t i = 0; i < rig->turn.count; i++) {
        if (i > 0)
            text_char(&text, ' ');
        add_action(&text, &rig->turn.actions[i]);
    }
    return rig->words;
}

static inline const char *state_of(const struct rig *rig)
{
    return session_state_word(rig->session.state);
}

static inline void add_hex(struct text *text, struct slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        text_char(text, "0123456789abcdef"[bytes.data[i] >> 4]);
        text_char(text, "0123456789abcdef"[bytes.data[i] & 15]);
    }
}

/* What may be pulled for the slot: "OPEN KEEPALIVE NOTIFICATION 6/2 data". */
static inline const char *pulled(struct rig *rig, enum bgp_slot which)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    size_t size = session_pull(&rig->session, &rig->budget, which, bytes, sizeof bytes);
    struct text text = text_over(rig->words, sizeof rig->words);
    struct bgp_frame frame;
    struct bgp_error error;
    for (size_t at = 0; at < size; at += frame.size_bytes) {
        if (bgp_frame((struct slice){bytes + at, size - at}, &frame, &error) != BGP_FRAME_WHOLE)
            return "not a message";
        static const char *const NAMES[] = {"",          "OPEN",         "UPDATE", "NOTIFICATION",
                                            "KEEPALIVE", "ROUTE-REFRESH"};
        if (at > 0)
            text_char(&text, ' ');
        text_add(&text, NAMES[frame.type]);
        if (frame.type == BGP_NOTIFICATION) {
            add_codes(&text, frame.body.data[0], frame.body.data[1]);
            if (frame.body.size > 2)
                text_char(&text, ' ');
            add_hex(&text, (struct slice){frame.body.data + 2, frame.body.size - 2});
        }
    }
    return rig->words;
}

/* ---- inputs ---- */

static inline void start(struct rig *rig)
{
    session_start(&rig->session, rig_turn(rig));
}

static inline void connected(struct rig *rig, enum bgp_slot which)
{
    session_connected(&rig->session, rig_turn(rig), which);
}

static inline void closed(struct rig *rig, enum bgp_slot which)
{
    session_closed(&rig->session, rig_turn(rig), which);
}

/* The clock goes to the moment and the deadline that is due then, if any, passes. */
static inline void at_us(struct rig *rig, int64_t moment_us)
{
    rig->now_us = moment_us;
    session_time(&rig->session, rig_turn(rig));
}

/* One message, which must be taken whole. */
static inline void hear(struct rig *rig, enum bgp_slot which, struct slice message)
{
    size_t taken = session_bytes(&rig->session, rig_turn(rig), which, message);
    CHECK_EQUAL((int64_t)taken, (int64_t)message.size);
}

/* ---- what the neighbor says; each borrows a buffer of its own ---- */

static inline struct bgp_open peer_open(void)
{
    return (struct bgp_open){
        .version = 4,
        .as2 = 64512,
        .hold_time_s = 30,
        .identifier = 0xc0000202,
        .capabilities = true,
        .has_as4 = true,
        .as4 = 64512,
        .refresh = true,
        .enhanced_refresh = true,
        .graceful_restart = true,
        .restart_time_s = 120,
        .restart_family_count = 1,
        .restart_families = {{BGP_AFI_IPV4, BGP_SAFI_UNICAST, BGP_FORWARDING_KEPT}},
        .family_count = 1,
        .families = {{.afi = BGP_AFI_IPV4, .safi = BGP_SAFI_UNICAST}},
    };
}

static inline struct slice open_message(const struct bgp_open *open)
{
    static uint8_t bytes[BGP_OPEN_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_open_encode(open, &writer);
    return writer_slice(&writer);
}

static inline struct slice open_of_peer(void)
{
    struct bgp_open open = peer_open();
    return open_message(&open);
}

static inline struct slice keepalive(void)
{
    static uint8_t bytes[BGP_KEEPALIVE_BYTES];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_keepalive_encode(&writer);
    return writer_slice(&writer);
}

static inline struct slice notification(uint8_t code, uint8_t subcode)
{
    static uint8_t bytes[BGP_NOTIFICATION_MIN];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_notification_encode((struct bgp_error){code, subcode, {0}}, &writer);
    return writer_slice(&writer);
}

static inline struct slice refresh(uint16_t afi, uint8_t kind, uint8_t safi)
{
    static uint8_t bytes[BGP_REFRESH_BYTES];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_refresh_encode((struct bgp_refresh){.afi = afi, .kind = kind, .safi = safi}, &writer);
    return writer_slice(&writer);
}

static inline struct slice end_of_rib(void)
{
    static uint8_t bytes[BGP_UPDATE_MIN];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_end_of_rib_encode(&writer);
    return writer_slice(&writer);
}

/* ---- shortcuts to a state; the clock stands still ---- */

static inline void to_open_sent(struct rig *rig, enum bgp_slot which)
{
    if (rig->session.state == SESSION_IDLE)
        start(rig);
    connected(rig, which);
}

static inline void to_open_confirm(struct rig *rig, enum bgp_slot which)
{
    to_open_sent(rig, which);
    hear(rig, which, open_of_peer());
}

static inline void to_established(struct rig *rig, enum bgp_slot which)
{
    to_open_confirm(rig, which);
    hear(rig, which, keepalive());
    CHECK_TEXT(state_of(rig), "Established");
    CHECK_TEXT(pulled(rig, which), "OPEN KEEPALIVE");
}
