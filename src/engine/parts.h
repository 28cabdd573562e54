/* The inside of an engine; for the files of this room only. */
#pragma once

#include "base/arena.h"
#include "base/heap.h"
#include "bgp/outlog.h"
#include "engine/engine.h"
#include "guard/import.h"

/* Work in one step, so that a large table never delays a small neighbor's timers. */
enum {
    STEP_DROP_PREFIXES = 262144, /* looked at for a lost session */
    STEP_TABLE_PREFIXES = 16384,
    STEP_SWEEP_RECORDS = 65536,
};

struct engine_filter {
    uint32_t size_bytes;
    uint16_t count;
    bool permit_rest;
    bool asks_communities;
    struct prefix_rule *rules;
};

/* Interned, so that attachments of one policy share an export group. */
struct engine_edit {
    struct route_edit edit;
    uint16_t refs;
};

struct engine_attachment {
    struct event_attachment said;
    uint16_t import; /* filters; 0: none */
    uint16_t export;
    uint16_t allowed;
    uint16_t import_edit; /* struct engine_edit; 0: none */
    uint16_t export_edit;
    uint16_t static_interface;
    struct source_id static_source; /* 0: it has no static routes */
};

struct engine_neighbor {
    struct event_neighbor said;
    struct bgp_session session;
    struct source_id source;
    uint32_t bfd;           /* handle of its end; 0: it has none */
    uint32_t member;        /* of the outlog; 0: nothing flows out */
    uint8_t dropping;       /* families (OPEN_FOUR, ...) whose lost routes are being taken out */
    uint8_t stale;          /* families whose lost routes stay until they are said again, */
    int64_t stale_until_us; /* or until then */
    uint8_t awaited;        /* families whose End-of-RIB choosing waits for (deferral.c) */
    bool fresh;             /* was never up in this life, nor kept from the one before: nothing is
                               forwarded by what it was told earlier */
    int64_t pace_at_us;     /* announcements that wait are told then; ENGINE_NEVER: none do, and the
                               next     is told at once */
    int64_t pace_us;        /* from the end of one telling to the next, as drawn last */
    int64_t paced_us;       /* the next is not before */
    int64_t error_wait_us;  /* before it starts again, since error_at_us; 0: it had none */
    int64_t error_at_us;
    bool limit_near_noted; /* each is said once a session */
    bool limit_noted;
    bool exhausted; /* memory did not suffice for it: the session ends with this step */
};

struct engine_vpc {
    struct vpc vpc;
    uint16_t interface;
};

/* carve.c */
struct engine_carve {
    struct lpm pieces;          /* fragments that are there; value 1 */
    struct pool parents;        /* struct prefix; used as an array from 1 to parent_count */
    uint32_t parent_count;      /* to be carved anew */
    uint32_t attachment_count;  /* whose policy it is */
    struct source_id fragments; /* 0: nothing was ever carved */
};

/* A default that is announced and not used (event_announce.aside): what of others' is used. */
struct engine_aside {
    struct table_route route;
    bool has;
};

struct engine_bgp {
    struct rib rib;
    struct outlog outlog;
    struct guard guard;
    struct pool attachments; /* handle = attachment */
    struct pool neighbors;   /* handle = neighbor */
    struct pool filters;     /* handle = filter */
    struct pool edits;       /* struct engine_edit */
    struct pool by_source;   /* uint32_t neighbor; handle = source, 0 where it is no neighbor's */
    struct pool bfd_ends;    /* struct bfd_end */
    struct prng pace;        /* jitter of what waits; who is told when is no part of the state */
    struct heap deadlines;   /* of sessions, by neighbor */
    struct heap bfd_deadlines;
    struct engine_carve carve;
    struct source_id local;
    struct source_id aside;        /* of what is announced and not used; 0: nothing ever was */
    struct engine_aside beside[2]; /* of IPv4's default and IPv6's */
    struct outlog_mark before;     /* the last engine_pull */
    size_t own_bytes;              /* of it, that were no UPDATEs' */
    int64_t deferral_us;  /* nothing is told or installed until then; ENGINE_NEVER: it is */
    bool kept;            /* an earlier life's forwarding was there at the start */
    int64_t settle_at_us; /* changes gather until then; ENGINE_NEVER: there are none */
    bool sweeping;        /* dead prefixes are being forgotten, */
    bool sweep_waits;     /* but not in the next step */
    bool news;            /* in this step somebody got something to be told */
    bool exhausted;       /* some neighbor is */
};

struct engine {
    struct engine_config config;
    struct budget budget;
    struct arena arena; /* of the step */
    struct prng prng;
    int64_t now_us;
    struct effect *effects;
    uint32_t effect_count, effect_cap;
    bool booted;
    bool more;
    bool short_noted; /* in this step, that the budget is used up */
    struct table table;
    struct pool interfaces; /* struct prefix, connected; handle = interface */
    struct pool vpcs;       /* struct engine_vpc; handle = VPC */
    struct engine_bgp *bgp; /* NULL: no BGP */
};

/* engine.c */
struct effect *engine_effect(struct engine *engine, enum effect_kind kind);
struct effect_note *engine_note(struct engine *engine, enum note_kind kind);
int64_t engine_draw(struct engine *engine, struct span span);
/* The budget is used up and something for the prefix could not be kept. neighbor: whose it was, and
 * whose session ends with this step; 0: nobody's. Noted once a step. */
void engine_exhausted(struct engine *engine, struct prefix prefix, uint16_t neighbor);

struct flow_refusal {     /* why a session must end over an UPDATE */
    enum bgp_down reason; /* BGP_DOWN_NONE: it need not */
    uint32_t limit;
    struct bgp_error error;
};

/* sessions.c: neighbors and their sessions */
bool sessions_init(struct engine *engine);
void sessions_done(struct engine *engine);
void sessions_event(struct engine *engine, const struct event *event);
void sessions_time(struct engine *engine);
void sessions_arm(struct engine *engine, const struct engine_neighbor *neighbor); /* its deadline */
/* quirks.c: something happens now, or a session went down */
void quirks_wake(struct engine *engine);
void quirks_down(struct engine *engine, struct engine_neighbor *neighbor,
                 const struct bgp_action *down);
int64_t sessions_deadline_us(const struct engine_neighbor *neighbor);
void sessions_tell(struct engine *engine, struct engine_neighbor *neighbor); /* it is READY */
void sessions_ask_again(struct engine *engine, struct engine_neighbor *neighbor);
void sessions_say_pending(struct engine *engine);
void sessions_end_exhausted(struct engine *engine);
void sessions_end(struct engine *engine, struct engine_neighbor *neighbor,
                  const struct flow_refusal *refusal);
struct item_source;
/* A neighbor with its session as a checkpoint has it; a member waits for sessions_restore_member,
 * which comes when all paths are there. */
bool sessions_restore(struct engine *engine, const struct item_source *item);
void sessions_restore_member(struct engine *engine, uint16_t neighbor);
struct engine_neighbor *engine_neighbor_at(const struct engine *engine, uint16_t neighbor);
struct engine_attachment *engine_attachment_at(const struct engine *engine, uint16_t attachment);

/* restart.c: routes that outlive their session, or are said all over again (RFC 4724, RFC 7313) */
void restart_lost(struct engine *engine, struct engine_neighbor *neighbor,
                  const struct bgp_action *down);
void restart_established(struct engine *engine, struct engine_neighbor *neighbor);
void restart_refresh(struct engine *engine, struct engine_neighbor *neighbor,
                     const struct bgp_action *refresh);
void restart_complete(struct engine *engine, struct engine_neighbor *neighbor, uint8_t family);
void restart_halted(struct engine *engine, struct engine_neighbor *neighbor);
void restart_expired(struct engine *engine, struct engine_neighbor *neighbor);

/* pace.c: announcements that wait (RFC 4271 9.2.1.1). */
void pace_joined(struct engine *engine, struct engine_neighbor *neighbor);
/* There is news for it: told now, unless it must wait. */
void pace_news(struct engine *engine, struct engine_neighbor *neighbor);
void pace_pulled(struct engine *engine, struct engine_neighbor *neighbor, bool walked);
void pace_time(struct engine *engine, struct engine_neighbor *neighbor);

/* deferral.c: we have restarted ourselves (RFC 4724 4.1) */
void deferral_begin(struct engine *engine, uint16_t deferral_s);
bool deferral_holds(const struct engine *engine);
/* Is the neighbor called, passive or not? */
bool deferral_calls(const struct engine *engine, const struct engine_neighbor *neighbor);
void deferral_started(struct engine *engine, struct engine_neighbor *neighbor);
void deferral_established(struct engine *engine, struct engine_neighbor *neighbor);
void deferral_heard(struct engine *engine, struct engine_neighbor *neighbor, uint8_t family);
void deferral_halted(struct engine *engine, struct engine_neighbor *neighbor);
void deferral_time(struct engine *engine);

/* liveness.c: BFD. start false: it is stopped */
void liveness_add(struct engine *engine, struct engine_neighbor *neighbor);
void liveness_start(struct engine *engine, struct engine_neighbor *neighbor, bool start);
void liveness_received(struct engine *engine, const struct event_received *received);
void liveness_time(struct engine *engine);
void liveness_restore(struct engine *engine, struct engine_neighbor *neighbor,
                      const struct bfd_end *was);

/* policy.c: attachments, filters, endpoints */
struct policy_lists {
    struct prefix_list filter, allowed;
};
void policy_attachment(struct engine *engine, const struct event_attachment *said);
void policy_filter(struct engine *engine, const struct event_filter *said);
void policy_edit(struct engine *engine, const struct event_policy *said);
/* NULL: nothing is changed. */
const struct route_edit *policy_edit_of(const struct engine *engine, uint16_t attachment,
                                        bool export);
void policy_endpoint(struct engine *engine, const struct event_endpoint *said);
struct import_policy policy_import(const struct engine *engine,
                                   const struct engine_neighbor *neighbor,
                                   struct policy_lists *ret_lists);
struct export_policy policy_export(const struct engine *engine,
                                   const struct engine_neighbor *neighbor);
struct slice policy_communities(struct slice canonical);
const struct route_edit *policy_edit_numbered(const void *engine, uint16_t edit);
bool policy_export_passes(const void *engine, uint16_t filter, struct prefix prefix,
                          struct rib_route route);

/* flow.c: the way of a route */
struct flow_refusal flow_update(struct engine *engine, struct engine_neighbor *neighbor,
                                struct slice message);
void flow_announce(struct engine *engine, struct source_id source,
                   const struct event_announce *announce);
void flow_withdraw(struct engine *engine, struct source_id source, struct prefix prefix);
/* But for the families in the mask kept. */
void flow_lose(struct engine *engine, struct engine_neighbor *neighbor, uint8_t kept);
/* What is stale of the families goes. */
void flow_drop(struct engine *engine, struct engine_neighbor *neighbor, uint8_t families);
void flow_lose_at_once(struct engine *engine, struct engine_neighbor *neighbor);
/* The Adj-RIB-In takes a path, or takes it away. put: false when the budget refuses. */
bool flow_put(struct engine *engine, struct source_id source, struct prefix prefix,
              struct attr_id attr, enum reason reason);
void flow_take(struct engine *engine, struct source_id source, struct prefix prefix, bool discard);
void flow_touch(struct engine *engine, struct prefix prefix);
void flow_touch_covering(struct engine *engine, ip_addr addr);
void flow_settle_soon(struct engine *engine, int64_t delay_us);
void flow_settle(struct engine *engine); /* when it is due */
void flow_settle_now(struct engine *engine);

/* carve.c: prefixes that cover an endpoint, told in pieces that do not */
void carve_init(struct engine *engine);
void carve_done(struct engine *engine);
void carve_policy(struct engine *engine, enum guard_policy was, enum guard_policy is);
/* While a batch is looked at. true: the change is a piece's, and who is told it is settled. */
bool carve_change(struct engine *engine, struct rib_change *change, bool covers_endpoint);
void carve_settle(struct engine *engine);
const char *carve_audit(const struct engine *engine); /* NULL: all is as it should be */

/* entries.c: the table's other routes, VPCs, and what the kernel shall hold */
void entries_interface(struct engine *engine, const struct event_interface *said);
void entries_route(struct engine *engine, const struct event_route *route, bool present);
void entries_static_vpn(struct engine *engine, const struct event_static_vpn *said);
void entries_best(struct engine *engine, const struct rib_change *change);
bool entries_route_of(const struct engine *engine, struct rib_route best,
                      struct table_route *ret_route);
void entries_vpc(struct engine *engine, const struct event *event);
void entries_settle(struct engine *engine);
void entries_put(struct engine *engine, struct prefix prefix, const struct table_route *route,
                 uint16_t neighbor);

/* aside.c */
void aside_announce(struct engine *engine, const struct event_announce *announce);
void aside_withdraw(struct engine *engine, struct prefix prefix);
/* What of others' is used beside an announced default; after each batch. */
void aside_settle(struct engine *engine);
