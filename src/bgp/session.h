/* A BGP session: the finite state machine of RFC 4271 section 8, its timers, and the few messages
 * it makes itself.
 *
 * It is a pure machine. Its inputs are functions called with the time: start, stop, a TCP
 * connection came up, failed or ended, bytes came, a deadline is due. Its outputs are actions,
 * values collected in the turn that the caller hands in; nothing is called back. UPDATEs pass
 * through: a received one is an action that borrows the message (bgp/intake.h takes it apart), the
 * ones to be sent are bgp/outlog.h's.
 *
 * One session has two connections at most, as section 6.8 has it: the one we made (BGP_OUT) and
 * the one the neighbor made (BGP_IN). Each goes through OpenSent and OpenConfirm by itself; when an
 * OPEN arrives while the other has sent its own, the one begun by the end with the higher BGP
 * identifier is kept (equal identifiers: the higher AS, RFC 6286 2.3) and the other ends with Cease
 * 6/7. An Established session always wins. The state of the session is that of its further
 * connection; without any, Active while it waits for the connect-retry timer, else Idle.
 *
 *      Idle ── start, or idle_hold_us over ──► Connect ── it is up, or theirs came ──┐
 *       ▲                                       │    ▲                               ▼
 *       │                             it failed │    │ connect_retry_s            OpenSent
 *       │                                       ▼    │                              │  │
 *       │                                      Active ◄───────── TCP ended ─────────┘  │ OPEN
 *       │                                                                              ▼
 *       └── fault, NOTIFICATION, hold timer ── Established ◄──── KEEPALIVE ───── OpenConfirm
 *
 * A fault leads to Idle from every state; a passive session goes to Active where this one goes to
 * Connect.
 *
 * Where RFC 4271 leaves a choice, FRR's is taken, for it is what was measured: a connection that
 * arrives in Idle is refused; an attempt not answered within connect_retry_s is dropped and begun
 * anew; after a session went down it stays Idle for idle_hold_us and then starts by itself; an
 * attempt to connect that fails leads to Active, not to Idle as RFC 4271 8.2.2 has it for who
 * delays no OPEN.
 *
 * Timers are deadlines. Nothing fires by itself: session_deadline_us says when session_time wants
 * to be called, and no other input looks at deadlines, so a caller that has both a due deadline and
 * bytes at one moment chooses the order. The hold timer starts anew with KEEPALIVE and UPDATE only
 * (RFC 4271 8.2.2; FRR agrees), and counts from the last one *received*.
 *
 * Whether packets get through at all is bgp/bfd.h's to find out; the engine ends the session then.
 *
 * Memory: a session is small and holds no pointer but to a message that arrived cut in two, to the
 * contents of a NOTIFICATION not yet pulled and to the words of one received; all come from the
 * turn's budget. A refused buffer ends the session with Cease 6/8. */
#pragma once

#include "base/alloc.h"
#include "base/prng.h"
#include "base/slice.h"
#include "bgp/down.h"
#include "bgp/inbox.h"
#include "bgp/open.h"
#include "bgp/outbox.h"
#include "bgp/tally.h"
#include "net/ip.h"
#include "wire/bgp_message.h"

#define SESSION_NEVER INT64_MAX

enum {
    SESSION_TURN_ACTIONS = 8,
    SESSION_SEND_HOLD_S = 480, /* the larger of 8 minutes and twice the hold time, RFC 9687 */
    SESSION_OPEN_HOLD_S = 240, /* "a HoldTimer value of 4 minutes is suggested", RFC 4271 8.2.2 */
};

/* Numbered as bgpPeerState, RFC 4273. */
enum session_state {
    SESSION_IDLE = 1,
    SESSION_CONNECT,
    SESSION_ACTIVE,
    SESSION_OPEN_SENT,
    SESSION_OPEN_CONFIRM,
    SESSION_ESTABLISHED,
};

enum bgp_slot { BGP_OUT, BGP_IN, BGP_SLOTS };

enum session_mode {
    SESSION_BOTH,         /* connects and accepts */
    SESSION_PASSIVE,      /* accepts only: PassiveTcpEstablishment, RFC 4271 8.1.1 */
    SESSION_CONNECT_ONLY, /* never accepts */
};

/* Fixed between session_init and the next. local_as == peer_as is an internal session. */
struct session_config {
    uint32_t local_as;
    uint32_t peer_as;
    uint32_t router_id;
    ip_addr local_addr;
    ip_addr peer_addr;
    uint16_t hold_s;          /* offered; 0 (no hold timer, no keepalives) or at least 3 */
    uint16_t keepalive_s;     /* a third of the negotiated hold time when 0 or larger than that */
    uint16_t connect_retry_s; /* at least 1; RFC 4271 10 suggests 120 */
    uint16_t open_hold_s;     /* how long an OPEN is waited for. 0: hold_s, as FRR does, or
                                 SESSION_OPEN_HOLD_S when that is 0 as well */
    uint8_t mode;             /* enum session_mode */
    uint8_t jitter_percent;   /* connect-retry and keepalive intervals are shortened by a random 0
                                 to this many percent. RFC 4271 10: 25; FRR: 0. At most 50 */
    bool hold_jitters;        /* the hold timer as well, which RFC 4271 does not ask for; BIRD */
    bool six;                 /* struct open_offer */
    bool no_four;
    bool restarted;     /* struct open_offer; changes when what a restart left open is done */
    bool forgot;        /* the same */
    uint16_t restart_s; /* the same */
    bool update_restarts_keepalive; /* a sent UPDATE counts as a keepalive (RFC 4271 8.2.2
                                       Established; FRR's keepalives do not care) */
    int64_t start_delay_us;         /* from session_start to leaving Idle; FRR: 1 s */
    int64_t idle_hold_us;           /* in Idle after going down; FRR's start timer: 1 s */
    int64_t first_update_delay_us;  /* from Established to READY; FRR's coalesce timer: 1 s */
};

enum bgp_action_kind {
    /* Connect from local_addr to peer_addr, port 179; it is BGP_OUT. */
    BGP_ACTION_OPEN_CONNECTION,
    /* Close the slot's connection, or give up the attempt, after what session_pull still gives for
     * it has been sent; reason says why. It is over for the session: nothing is to be reported
     * about it any more. */
    BGP_ACTION_CLOSE,
    /* session_pull has bytes for the slot. */
    BGP_ACTION_SEND,
    /* On this slot; session_terms holds. */
    BGP_ACTION_ESTABLISHED,
    /* UPDATEs may flow out from now on: with ESTABLISHED or first_update_delay_us after it. */
    BGP_ACTION_READY,
    /* message: a whole UPDATE, its header, which was checked, included. */
    BGP_ACTION_UPDATE,
    /* refresh, of a family: the neighbor asks for our routes again (RFC 2918; before READY it asks
     * for what it will get anyway), or says where all of its own begin and end (RFC 7313). */
    BGP_ACTION_REFRESH,
    /* Back to Idle: reason, code, subcode, was_established. All connections are over. */
    BGP_ACTION_DOWN,
};

struct bgp_action {
    enum bgp_action_kind kind;
    enum bgp_slot slot;
    enum bgp_down reason;
    uint8_t code; /* of the NOTIFICATION sent, or received when reason says so; 0: none */
    uint8_t subcode;
    uint8_t kept;         /* DOWN: families whose routes are kept, for the neighbor restarts */
    uint16_t kept_s;      /* and how long until it is back */
    uint8_t refresh;      /* REFRESH: enum bgp_refresh_kind */
    bool six;             /* and its family */
    bool was_established; /* DOWN: routes learned are to go; else only an attempt failed */
    struct slice message; /* UPDATE: borrowed from the bytes handed in or from the session; valid
                             until the next call on this session */
};

/* What a call works with and what it leaves: the caller sets the first three and count = 0, calls,
 * and takes the actions in their order. Every function here appends at most SESSION_TURN_ACTIONS
 * and asserts that there is room, so one turn serves one call. */
struct session_turn {
    int64_t now_us; /* never before the previous turn's */
    struct budget *budget;
    struct prng *prng; /* NULL only when jitter_percent is 0 */
    struct bgp_action actions[SESSION_TURN_ACTIONS];
    uint32_t count;
};

/* One connection. */
struct session_slot {
    uint8_t phase;           /* enum session_state as far as this connection got; 0: none */
    bool plain;              /* its OPEN is without capabilities */
    struct open_terms terms; /* from OpenConfirm on */
    struct outbox outbox;
    struct inbox inbox;
    int64_t hold_us; /* deadlines; SESSION_NEVER: off */
    int64_t keepalive_us;
};

struct bgp_session {
    struct session_config config;
    struct session_slot slots[BGP_SLOTS];
    int64_t restart_us; /* leaves Idle then */
    int64_t retry_us;   /* ConnectRetryTimer */
    int64_t ready_us;   /* first_update_delay_us is over then */

    /* For questions. */
    uint8_t state;        /* enum session_state */
    uint8_t slot;         /* Established: on which connection */
    bool started;         /* by session_start; not by a stop */
    bool ready;           /* READY was said: UPDATEs may flow out */
    bool plain_open;      /* the neighbor refused optional parameters: OPEN without, RFC 5492 3 */
    uint8_t last_reason;  /* enum bgp_down: of the last DOWN */
    uint8_t last_code;    /* its NOTIFICATION, */
    uint8_t last_subcode; /* 0: none */
    int64_t since_us;     /* when state last changed */
    int64_t last_down_us; /* when the last DOWN was; of no meaning before the first */
    uint32_t retry_count; /* ConnectRetryCounter, RFC 4271 8; 0 again when Established */
    uint32_t established_count;
    uint8_t words_size;     /* Shutdown Communication with the last DOWN (RFC 9003), as it came: */
    uint8_t *words;         /* perhaps not UTF-8; NULL: none. Not in a checkpoint */
    struct bgp_tally tally; /* since session_init; not in a checkpoint either */
};

/* Idle, not started. Takes a copy of the config and asserts that it is possible. */
void session_init(struct bgp_session *session, const struct session_config *config);
/* Gives buffers back. The session may be in any state; nothing is said to the neighbor. */
void session_done(struct bgp_session *session, struct budget *budget);

/* ManualStart, events 1 and 4: leaves Idle after start_delay_us, or at once when that is 0. Nothing
 * when it is started already, unless it waits in Idle: then it starts anew. */
void session_start(struct bgp_session *session, struct session_turn *turn);

/* ManualStop, event 2: Cease with this subcode (RFC 4486: 2 administrative shutdown, 3 peer
 * de-configured, 4 administrative reset) and, for 2 and 4, the text (RFC 9003: UTF-8, at most 255
 * bytes, longer text is cut) on every connection that has sent an OPEN. Idle until session_start.
 * No DOWN when the session was Idle. */
void session_stop(struct bgp_session *session, struct session_turn *turn, uint8_t cease_subcode,
                  struct slice text);

/* AutomaticStop, event 8, for reasons that lie outside: the session ends with this NOTIFICATION and
 * stays Idle for idle_us (SESSION_NEVER: until session_start). Nothing when it is not Established.
 */
void session_reset(struct bgp_session *session, struct session_turn *turn, enum bgp_down reason,
                   const struct bgp_error *notice, int64_t idle_us);

/* The limit of prefixes as AWS answers it: Cease 6/1 with AFI 1, SAFI 1 and the limit (RFC 4486 4,
 * facts: data 00 01 01 00 00 00 64 for 100); otherwise as session_reset. */
void session_reset_max_prefixes(struct bgp_session *session, struct session_turn *turn,
                                uint32_t limit, int64_t idle_us);

/* Would a connection from the neighbor be accepted now? Whoever listens asks first and closes it at
 * once when not. A neighbor that may restart gracefully is taken to have done so when it connects
 * while the session is Established: that is over then, and it must connect once more (RFC 4724 4.2;
 * FRR's bgp_accept does the same). When yes and BGP_IN is taken by an earlier connection, the new
 * one takes its place: close the earlier and report the new one only. (FRR deletes the former's
 * peer, bgp_network.c bgp_accept, and the session stays as it was; reported with session_closed, an
 * OpenConfirm would lead to Idle, where the new one is refused.) */
bool session_accepts(const struct bgp_session *session);

/* Tcp_CR_Acked, TcpConnectionConfirmed, events 16 and 17. OPEN is sent. A connection that is not
 * wanted (any more) is answered with CLOSE. */
void session_connected(struct bgp_session *session, struct session_turn *turn, enum bgp_slot slot);
/* TcpConnectionFails, event 18, before it was up: refused, unreachable, timed out. BGP_OUT. */
void session_connect_failed(struct bgp_session *session, struct session_turn *turn);
/* TcpConnectionFails, event 18, after it was up: closed or reset by the neighbor. */
void session_closed(struct bgp_session *session, struct session_turn *turn, enum bgp_slot slot);

/* Bytes came on a connection. Takes at most one message, or stores the beginning of one, and
 * returns how many bytes it took; call again with the rest, until nothing is left *and* it returns
 * 0 (that last call gives the buffer of a cut message back). The actions of each call are to be
 * taken before the next. Bytes for a connection that is over are swallowed. */
size_t session_bytes(struct bgp_session *session, struct session_turn *turn, enum bgp_slot slot,
                     struct slice bytes) __attribute__((warn_unused_result));

/* Acts on the deadlines due at now_us; call again while session_deadline_us <= now_us. */
void session_time(struct bgp_session *session, struct session_turn *turn);
/* READY comes then, if it would come later; at_us: not before now. */
void session_hasten(struct bgp_session *session, int64_t at_us);
/* It leaves Idle so much later, if it would at all. */
void session_put_off(struct bgp_session *session, int64_t by_us);
/* The next moment at which session_time has something to do, or SESSION_NEVER. */
int64_t session_deadline_us(const struct bgp_session *session);

/* Asks the neighbor for its routes again. false: not Established, or it does not understand. */
bool session_ask_refresh(struct bgp_session *session, struct session_turn *turn)
    __attribute__((warn_unused_result));

/* How long the neighbor may take nothing of what is to be sent to it, whatever it sends itself
 * (RFC 9687), before session_reset with BGP_DOWN_SEND_HOLD. SESSION_NEVER: for ever, there is no
 * hold time, or no session. Who sends has to look: how much a socket takes, nobody here knows. */
int64_t session_send_hold_us(const struct bgp_session *session);
/* UPDATEs were sent just now; matters when update_restarts_keepalive. */
void session_updates_sent(struct bgp_session *session, struct session_turn *turn);

/* The session's own messages for a connection (OPEN, KEEPALIVE, ROUTE-REFRESH, NOTIFICATION):
 * writes as many whole ones as fit into cap and forgets them; returns the bytes written. cap of
 * BGP_MESSAGE_MAX always makes progress. They go before UPDATEs. After CLOSE it still gives
 * what was pending then, until a new connection takes the slot. */
size_t session_pull(struct bgp_session *session, struct budget *budget, enum bgp_slot slot,
                    uint8_t *data, size_t cap) __attribute__((warn_unused_result));
bool session_has_bytes(const struct bgp_session *session, enum bgp_slot slot);

/* What both ends agreed on; NULL when the session is not Established. */
const struct open_terms *session_terms(const struct bgp_session *session);

const char *session_state_word(enum session_state state); /* "OpenSent", as RFC 4271 spells it */
