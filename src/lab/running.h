/* A lab that runs, as it stands in /run/sekisho/lab/NAME/lab.json: which namespaces, programs,
 * sockets and devices there are. `lab up` writes it, and writes it again after each program that it
 * starts; whoever asks, observes or takes down the lab reads it. Values are copies; nothing is
 * borrowed.
 *
 * A lab that is being started, or whose `up` was killed, has state LAB_STARTING. */
#pragma once

#include "plane/names.h"
#include "plane/plane.h"
#include "plane/trouble.h"
#include "world/world.h"

#include <jansson.h>
#include <sys/types.h>

#define LAB_FOLDER "/run/sekisho/lab"
#define LAB_BEGUN  "begun.yaml" /* as network.yaml was when the lab began; stories change that */

enum {
    LAB_NAME_BYTES = 25,  /* lower-case letters and digits: 24 */
    LAB_PATH_BYTES = 108, /* a socket's path may be one */
    LAB_WORDS_MAX = 24,   /* of a command */
};

enum lab_state { LAB_STARTING, LAB_UP, LAB_STOPPING };

/* A program, found again by its number and the time at which it started (plane/child.h). */
struct running_daemon {
    char name[32];                 /* sekishod, charon, zebra, staticd, bgpd, bfdd, bird */
    char space[NAME_SPACE_BYTES];  /* in which it was started */
    char tunnel[PLANE_NAME_BYTES]; /* charon's: "vpn-vyatta/1"; else "" */
    pid_t pid;                     /* 0: not started */
    uint64_t start;
    char socket[LAB_PATH_BYTES]; /* where it is asked: control, VICI, vty, birdc; or "" */
    char log[LAB_PATH_BYTES];    /* or "" */
    char output[LAB_PATH_BYTES]; /* both its outputs */
    char *words[LAB_WORDS_MAX];  /* how it was started, to NULL; owned */
    char *setting;               /* one more of its environment, "STRONGSWAN_CONF=…"; or NULL */
};

struct running_node {
    char id[PLANE_NAME_BYTES];
    enum node_kind kind;
    char platform[32];            /* of routers and gateways, the file's word; else "" */
    char space[NAME_SPACE_BYTES]; /* a gateway's outer one */
    char inner[NAME_SPACE_BYTES]; /* a gateway's: routes and tunnel devices are there; else "" */
    char folder[LAB_PATH_BYTES];  /* configurations, sockets and logs; "": it runs nothing */
    struct running_daemon *daemons;
    size_t daemon_count;
};

struct running_end {
    int node; /* in nodes; WORLD_NONE: an endpoint's own namespace */
    char space[NAME_SPACE_BYTES];
    char device[NAME_DEVICE_BYTES];
};

struct running_link {
    char id[PLANE_NAME_BYTES]; /* "dxvif-1" of a Direct Connect; else "vyatta-vpc-branch" */
    struct running_end ends[2];
};

/* ends: TUNNEL_GATEWAY, TUNNEL_CUSTOMER. The device is where packets are plain. */
struct running_tunnel {
    char id[PLANE_NAME_BYTES];
    struct running_end ends[2];
    char endpoints[2][NAME_SPACE_BYTES]; /* of the IKE daemon: ESP packets are seen there on eth0 */
};

struct lab_running {
    char name[LAB_NAME_BYTES];
    char file[PLANE_PATH_BYTES]; /* the network file, absolute */
    char folder[LAB_PATH_BYTES]; /* /run/sekisho/lab/NAME; network.yaml in it has keys */
    enum lab_state state;
    pid_t starter; /* who starts it */
    uint64_t starter_start;
    bool ends_with_starter; /* who takes it down when it is done */
    int64_t since_us;       /* CLOCK_REALTIME when it was up; 0: not yet */
    struct running_node *nodes;
    size_t node_count;
    struct running_link *links;
    size_t link_count;
    struct running_tunnel *tunnels;
    size_t tunnel_count;
};

/* The name of the lab of a file: letters and digits of the path's last part, in lower case and
 * without what stands behind its last dot. false: there is none, or it is too long. */
bool lab_name_of(const char *path, char out[LAB_NAME_BYTES]) __attribute__((warn_unused_result));
bool lab_name_valid(const char *name);

/* "/run/sekisho/lab/NAME", and behind it "/REST" unless that is "". */
void lab_path(const char *name, const char *rest, char out[LAB_PATH_BYTES]);

struct lab_running *running_create(const char *name, const char *file)
    __attribute__((warn_unused_result));
void running_free(struct lab_running *lab); /* NULL is fine */

/* The lab of that name; NULL: there is none (error ENOENT), or its lab.json is none (EINVAL). */
struct lab_running *running_read(const char *name, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
/* Of the bytes of a lab.json. */
struct lab_running *running_read_text(const char *text, size_t size, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
/* The file appears as a whole. */
bool running_write(const struct lab_running *lab, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* The document, the caller's: docs/reference/json.md. */
json_t *running_json(const struct lab_running *lab) __attribute__((warn_unused_result));

/* Additions; zeroed, valid until the next one of its kind. */
struct running_node *running_add_node(struct lab_running *lab);
struct running_link *running_add_link(struct lab_running *lab);
struct running_tunnel *running_add_tunnel(struct lab_running *lab);
struct running_daemon *running_add_daemon(struct running_node *node);

struct running_node *running_node(const struct lab_running *lab, const char *id); /* or NULL */
struct running_tunnel *running_tunnel(const struct lab_running *lab, const char *id);
/* tunnel NULL: any. */
struct running_daemon *running_daemon(const struct running_node *node, const char *name,
                                      const char *tunnel);
bool running_lives(const struct running_daemon *daemon);

/* It is up, and who would have taken it down was killed. */
bool running_abandoned(const struct lab_running *lab);

const char *running_kind_word(enum node_kind kind);   /* "gateway" */
const char *running_state_word(enum lab_state state); /* "up" */
