/* The inside of a run; for the files of this room only. */
#pragma once

#include "base/heap.h"
#include "base/prng.h"
#include "sim/cycles.h"
#include "sim/fault.h"
#include "sim/sim.h"

enum happening_kind {
    HAPPENS_BOOT,      /* node */
    HAPPENS_WAKE,      /* node: its engine asked for it */
    HAPPENS_KERNEL,    /* node, prefix, entry or none */
    HAPPENS_SEGMENT,   /* a TCP segment arrives */
    HAPPENS_TCP,       /* tcp, end: its retransmission timer */
    HAPPENS_IKE,       /* an IKE message arrives */
    HAPPENS_IKE_DPD,   /* tunnel, end: charon's send_dpd job */
    HAPPENS_IKE_RETRY, /* tunnel, end: charon's retransmission job */
    HAPPENS_IKE_START, /* tunnel, end */
    HAPPENS_STEP,      /* of the story */
    HAPPENS_LOOK,      /* tables changed at this instant: where do outer packets go now? */
    HAPPENS_REPAIR,    /* node, prefix: an entry that failed is offered anew */
    HAPPENS_FAULT,     /* the next strike of the plan of faults */
    HAPPENS_DATAGRAM,  /* segment: connection is the neighbor, and the bytes a packet of BFD */
};

enum segment_kind {
    SEGMENT_SYN,
    SEGMENT_SYN_ACK,
    SEGMENT_ACK,
    SEGMENT_BYTES,
    SEGMENT_FIN,
    SEGMENT_RST
};

struct segment {
    uint32_t connection;
    uint32_t generation; /* connections' places are used again */
    uint8_t to_end;
    enum segment_kind kind;
    uint64_t seq; /* of the first byte */
    uint64_t ack; /* next byte expected */
    uint8_t *bytes;
    uint32_t size;
};

enum ike_kind {
    IKE_INIT_REQUEST,
    IKE_INIT_RESPONSE,
    IKE_AUTH_REQUEST,
    IKE_AUTH_RESPONSE,
    IKE_DPD_REQUEST,
    IKE_DPD_RESPONSE,
};

struct ike_message {
    int tunnel;
    uint8_t to_end;
    enum ike_kind kind;
    uint32_t sa; /* the IKE_SA it belongs to */
};

struct happening {
    enum happening_kind kind;
    int node;
    int tunnel;
    uint8_t end;
    int step;
    uint32_t incarnation; /* BOOT, KERNEL: of the node */
    bool present;
    bool outer; /* KERNEL: of the VRF's table */
    struct prefix prefix;
    struct kernel_entry entry;
    struct segment segment;
    struct ike_message ike;
};

/* One end of a TCP connection. */
struct tcp_end {
    enum { TCP_NONE, TCP_SYN_SENT, TCP_SYN_RECEIVED, TCP_OPEN, TCP_ORPHAN, TCP_GONE } state;
    int node;
    uint16_t neighbor;
    uint8_t slot;
    uint8_t *bytes; /* not yet acknowledged, the first has seq una */
    uint32_t size;
    uint32_t cap;
    uint32_t in_flight; /* of those, sent */
    uint64_t una;       /* first byte not acknowledged */
    uint64_t expected;  /* next byte from the peer */
    bool fin_wanted;    /* the application has closed */
    bool fin_sent;
    unsigned tries; /* of what is being repeated */
    uint32_t timer; /* handle of the queued happening; 0: none */
};

struct tcp {
    struct tcp_end ends[2]; /* BGP_OUT: connected, BGP_IN: accepted */
    uint32_t generation;
    uint32_t next_free;
    bool used;
};

/* One end of a tunnel, as charon has it. */
struct ike_end {
    enum { IKE_IDLE, IKE_INITIATING, IKE_UP } state;
    uint32_t sa;             /* the established IKE_SA and its ESP SAs; 0: none */
    uint32_t trying;         /* the one being made */
    enum ike_kind expecting; /* which response is outstanding */
    bool outstanding;        /* a request is in the air */
    unsigned tries;          /* sent so far of what is outstanding */
    int64_t last_in_us;      /* when the last packet came in: IKE or ESP */
    uint32_t dpd_timer, retry_timer, start_timer;
};

struct node_state {
    bool booted;
    int64_t clock_offset_us; /* charon's clock counts whole seconds from somewhere */
    int64_t phase_us;        /* how long after the world's beginning it boots */
    uint32_t wake_timer;
    int64_t wake_at_us;
    uint32_t incarnation; /* happenings of an earlier one are not for this one */
    bool wide;            /* what it sends may go through other nodes' tables */
    bool changed;         /* its table, since the last look */
    int64_t kernel_at_us; /* entries reach the kernel in the order in which they were wanted */
    struct platform_profile profile; /* without spread, where that is asked for */
    struct engine *vrf;              /* the table of the outer interface's VRF; NULL: it has none */
    uint32_t *tcp_slots; /* connections by neighbor and slot, as its engine knows them; 0: none */
    uint32_t tcp_slot_count;
};

struct connection_state {
    uint16_t active_port; /* static: the gateway's tunnel that its routes lead into */
};

struct tunnel_state {
    struct ike_end ends[2];
    bool swallowed[2];
    int64_t first_swallowed_us; /* -1: never */
    int64_t last_loop_us;
    uint32_t next_sa;
    struct cycles cycles;
};

struct sim {
    struct world *world;
    const struct network *network;
    struct sim_options options;
    struct budget budget;
    struct heap queue;
    struct pool happenings;
    uint64_t next_tie;
    int64_t now_us;
    uint64_t event_count;
    struct prng prng;
    struct digest digest;
    const char *complaint;
    struct faults *faults;   /* NULL: none */
    struct instant *instant; /* NULL: time passes */

    struct node_state *nodes;
    struct tunnel_state *tunnels;
    struct connection_state *connections;
    struct tcp *tcps; /* [0] is unused */
    uint32_t tcp_count;
    uint32_t tcp_free; /* first of the places that are free; 0: none */

    struct moment *moments;
    size_t moment_count, moment_cap;
    size_t moments_watched; /* by the tunnels' cycles */
    size_t ends_watched;    /* moments, for ends of sessions */
    size_t restless;        /* 1 + the moment in which a session ended that goes round; 0: none */
    size_t steps_done;
    bool look_queued;
    bool look_all;          /* not only at what the changed nodes send */
    bool any_swallowed;     /* a tunnel, at any time */
    int64_t last_change_us; /* when anything but a keepalive last happened */
    int64_t last_boot_us;   /* until then somebody is still to boot */
    int64_t quiet_us;       /* sim_quiet_us of this world */
};

/* queue.c */
uint32_t sim_at(struct sim *sim, int64_t at_us, const struct happening *happening);
void sim_cancel(struct sim *sim, uint32_t *timer);  /* *timer becomes 0; 0 is fine */
int64_t sim_late(struct sim *sim, int64_t most_us); /* a random lateness; 0 with no_phase */

/* sim.c, run.c */
struct moment *sim_say(struct sim *sim, enum moment_kind kind, int node, int tunnel);
void sim_step_engine(struct sim *sim, int node, struct event *event);
void sim_boot(struct sim *sim, int node, int64_t at_us);
void sim_shut_down(struct sim *sim, int node); /* the machine is gone: no farewell */
/* Tables have changed, of this node (WORLD_NONE: of VPCs, or more): where do outer packets go? */
void sim_queue_look(struct sim *sim, int node);
bool sim_next(struct sim *sim, int64_t until_us);    /* one happening; false: none until then */
void sim_choose_static(struct sim *sim, int tunnel); /* an SA has come or gone at the gateway */
int64_t sim_quiet_us(const struct world *world);     /* without change: then there will be none */
uint64_t sim_router_digest(const struct sim *sim, int node);
int sim_neighbor_tunnel(const struct sim *sim, int node, uint16_t neighbor);

/* tcp.c */
void tcp_connect(struct sim *sim, int node, uint16_t neighbor);
void tcp_close(struct sim *sim, int node, struct event_connection connection);
void tcp_send(struct sim *sim, int node, struct event_connection connection);
void tcp_arrive(struct sim *sim, const struct segment *segment, int node);
void tcp_timer(struct sim *sim, uint32_t connection, int end);
/* The other end of an engine's connection; NULL: there is none that its application knows. */
const struct tcp_end *tcp_peer(const struct sim *sim, int node, struct event_connection connection);
bool tcp_break(struct sim *sim, uint32_t connection, int end); /* was there such an end? */
void tcp_forget_node(struct sim *sim, int node);
void tcp_done(struct sim *sim);

void sim_note_way(struct sim *sim, int from, const struct path *path); /* that a packet took */

/* datagram.c */
void datagram_send(struct sim *sim, int node, uint16_t neighbor);
void datagram_arrive(struct sim *sim, const struct segment *segment, int node);

/* ike.c */
void ike_start(struct sim *sim, int tunnel, int end);
void ike_arrive(struct sim *sim, const struct ike_message *message);
void ike_dpd_job(struct sim *sim, int tunnel, int end);
void ike_retry_job(struct sim *sim, int tunnel, int end);
void ike_heard(struct sim *sim, int tunnel, int end); /* an ESP packet came in at this end */
void ike_clear(struct sim *sim, int tunnel, int end); /* torn down by hand, begun anew */
void ike_forget_node(struct sim *sim, int node);

/* fault.c; sim->faults is not NULL but for fault_done */
struct fate { /* of a message */
    bool lost;
    int64_t late_us;
    int64_t copy_us; /* how much later a copy comes; 0: none */
    uint32_t size;   /* of its bytes, how many arrive */
};

void fault_init(struct sim *sim, const struct fault_plan *plan);
void fault_done(struct sim *sim);
int64_t fault_end_us(const struct sim *sim); /* of the present plan */
/* lost: FAULT_SEGMENT_LOST or FAULT_IKE_LOST, the first of its family; size 0: cannot be cut. */
struct fate fault_fate(struct sim *sim, enum fault_kind lost, uint32_t size);
/* Does this entry fail now? Then a repair is queued. */
bool fault_entry(struct sim *sim, const struct happening *failed);
void fault_strike(struct sim *sim);

/* instant.c; sim->instant is not NULL but for instant_done */
void instant_connect(struct sim *sim, int node, uint16_t neighbor);
void instant_close(struct sim *sim, int node, struct event_connection connection);
void instant_send(struct sim *sim, int node, struct event_connection connection);
void instant_arrive(struct sim *sim, const struct segment *segment, int node);
void instant_forget_node(struct sim *sim, int node);
void instant_done(struct sim *sim);

/* story.c */
void story_queue(struct sim *sim);
void story_do(struct sim *sim, const struct network_step *step);
void story_step(struct sim *sim, int step);
