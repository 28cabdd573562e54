/* What a checkpoint consists of: an item for each thing that an engine remembers. For the files of
 * this room only. Sections stand in the order in which an engine is made again. */
#pragma once

#include "engine/checkpoint.h"
#include "engine/coder.h"
#include "engine/parts.h"

enum item_section {
    ITEM_ENGINE = 1, /* the time, and what must be known beforehand */
    ITEM_POLICY,     /* events: attachments, filters, endpoints */
    ITEM_SOURCE,     /* in the order of their numbers, which decide between equals */
    ITEM_INTERFACE,
    ITEM_ROUTE, /* of the router's table; those of a prefix in its order, which knows their age */
    ITEM_VPC,   /* events */
    ITEM_PIECE, /* that the guard has cut */
    ITEM_PATH,
    ITEM_COUNT,   /* of refused paths that were not kept */
    ITEM_WAITING, /* propagated routes beyond a table's limit */
    ITEM_LAST,
    ITEM_SECTIONS,
};

struct item_engine {
    int64_t now_us;
    uint32_t carving; /* attachments whose policy carves */
    bool kept;        /* struct engine_bgp */
};

enum item_source_kind {
    ITEM_OF_NEIGHBOR,
    ITEM_OF_STATIC,
    ITEM_OF_FRAGMENTS,
    ITEM_OF_ASIDE,
    ITEM_OF_KINDS
};

struct item_source {
    enum item_source_kind kind;
    uint16_t attachment;         /* OF_STATIC: whose */
    uint16_t interface;          /* and of the tunnel in use */
    struct event neighbor;       /* OF_NEIGHBOR: as it was said */
    struct bgp_session session;  /* and what has become of it */
    struct slice cut[BGP_SLOTS]; /* beginnings of messages that were cut in two */
    bool bfd;                    /* it has BFD, */
    struct bfd_end end;          /* and what has become of that */
    bool member;                 /* it is told of routes */
    bool fresh;                  /* struct engine_neighbor */
    int64_t error_wait_us, error_at_us;
    bool limit_near_noted, limit_noted;
};

struct item_interface {
    uint16_t interface;
    struct prefix connected;
    bool up;
};

struct item_route {
    struct prefix prefix;
    struct table_route route;
};

struct item_path {
    struct prefix prefix;
    uint16_t source;
    uint8_t refused; /* enum reason; 0: it is feasible */
    uint8_t place;   /* of its set of attributes among the recent ones */
    bool fresh;      /* the set comes with it */
    struct slice set;
};

struct item_count {
    uint16_t source;
    uint32_t discarded;
};

struct item_waiting {
    uint16_t vpc;
    uint16_t table;
    uint32_t limit; /* of propagated routes, the VPC's */
    struct prefix prefix;
};

void code_event(struct coder *coder, struct event *event); /* event_bytes.c */
void code_engine(struct coder *coder, struct item_engine *item);
void code_source(struct coder *coder, struct item_source *item);
void code_interface_item(struct coder *coder, struct item_interface *item);
void code_route_item(struct coder *coder, struct item_route *item);
void code_path(struct coder *coder, struct item_path *item);
void code_count(struct coder *coder, struct item_count *item);
void code_waiting(struct coder *coder, struct item_waiting *item);
