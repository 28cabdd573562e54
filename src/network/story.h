/* The story of a network file: what happens when, and what must stay reachable. Times count from
 * the start of the run and never run backwards. */
#pragma once

#include "network/parts.h"

enum network_verb {
    NETWORK_STEP_NONE,
    NETWORK_STEP_ANNOUNCE,
    NETWORK_STEP_WITHDRAW,
    NETWORK_STEP_FAIL,
    NETWORK_STEP_RESTORE,
    NETWORK_STEP_RESTART,
    NETWORK_STEP_REPLACE,
    NETWORK_STEP_CONFIGURE,
};

/* The key that names a step's object. announce, withdraw and replace always name a router. */
enum network_about {
    NETWORK_ABOUT_NONE,
    NETWORK_ABOUT_ROUTER,
    NETWORK_ABOUT_TUNNEL,
    NETWORK_ABOUT_CONNECTION,
    NETWORK_ABOUT_DIRECT_CONNECT,
    NETWORK_ABOUT_GATEWAY,
    NETWORK_ABOUT_LINK, /* a router's, instance's or gateway's link to the underlay */
    NETWORK_ABOUT_ROUTE_TABLE,
    NETWORK_ABOUT_SESSION, /* a tunnel's BGP session, not the tunnel */
};

/* What configure changes; what it does not name stays. A filter given replaces the former one. */
struct network_change {
    struct network_route *add_routes; /* a router's */
    size_t add_route_count;
    struct network_vpc_route *add_targets; /* a route table's; `add_routes` in the file, too */
    size_t add_target_count;
    struct prefix *remove_routes;
    size_t remove_route_count;
    struct network_filter import, export;       /* NULL rules: as it was */
    enum network_guard guard;                   /* a VPN connection's */
    struct network_edit *on_import, *on_export; /* NULL: as it was */
    struct network_rule *accept;                /* the new allow-list; NULL: as it was */
    size_t accept_count;
    ip_addr neighbor; /* a router's, of accept, on_import and on_export; 0: all that it has */
};

struct network_step {
    struct place place;
    int64_t at_us;
    enum network_verb verb;
    struct network_ref object; /* what the verb is about; its kind says what it is */
    enum network_about about;  /* the key it was named by; NETWORK_ABOUT_LINK: only its link;
                                  NETWORK_ABOUT_SESSION: only its BGP session */
    struct network_announcement announcement; /* announce, withdraw */
    struct network_change change;             /* configure */
};

enum network_saw {
    NETWORK_SAW_NOTHING,
    NETWORK_SAW_SESSION_UP,
    NETWORK_SAW_SESSION_DOWN,
    NETWORK_SAW_IKE_UP,
    NETWORK_SAW_IKE_GIVEN_UP,
};

/* A moment of a run that was seen, for another run to be held against. */
struct network_recorded {
    struct place place;
    int64_t at_us;
    struct network_ref node; /* at which end */
    enum network_saw saw;
    struct network_ref of;
    enum network_about about; /* what of is: NETWORK_ABOUT_TUNNEL or _DIRECT_CONNECT */
};

/* Reachability that no remedy may lose. Ends: an instance, a router, or an address. */
struct network_wanted {
    struct place place;
    struct network_ref from, to;
};
