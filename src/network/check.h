/* What the tables cannot say: checks that compare two values. Each skips what is open or failed to
 * be read, so that one mistake gives one error. Everything here is at most n log n in the file. */
#pragma once

#include "network/schema.h"

/* Where the values of a network came from. */
struct mark {
    const void *member;
    struct place place;
    unsigned width;
    bool wrong; /* it was said already that it cannot be read */
};

struct marks {
    struct mark *items;
    size_t count, cap;
};

struct checking {
    const struct network *network;
    struct diagnostics *diagnostics;
    const struct marks *marks;
};

/* An error at the member's place in the file, or else at fallback. hint may be NULL. */
void check_say(struct checking *checking, const void *member, struct place fallback,
               const char *hint, const char *message, ...) __attribute__((format(printf, 5, 6)));

/* Was the value written and could not be read? Looks at all values: for errors only. */
bool check_was_wrong(const struct checking *checking, const void *member);

/* Prefixes (or addresses, as /32) of which no two in a group may overlap, or be equal. */
struct spot {
    ip_addr group;  /* whatever tells groups apart */
    uint32_t order; /* of adding: the later of two is the wrong one */
    struct prefix prefix;
    const void *member;
    struct place place; /* fallback for the member's */
    const char *owner;  /* whose it is, for the message; borrowed */
    int32_t note;       /* the caller's; 0 unless set after adding */
};

struct spots {
    struct spot *items;
    size_t count, cap;
};

void spots_add(struct spots *spots, ip_addr group, struct prefix prefix, const void *member,
               struct place place, const char *owner);
typedef void (*spots_clash)(struct checking *checking, const struct spot *earlier,
                            const struct spot *later);
enum spots_rule { SPOTS_EQUAL, SPOTS_OVERLAP };
/* Reports every spot that clashes with another of its group, once; then frees them all. */
void spots_judge_take(struct checking *checking, struct spots *spots, enum spots_rule rule,
                      spots_clash clash);
/* The line where the spot stands, for "(line 12)". */
unsigned spots_line(struct checking *checking, const struct spot *spot);

/* The whole network: every struct's own check, then the nouns'. */
void check_network(struct checking *checking);

void check_vpcs(struct checking *checking);
void check_filters(struct checking *checking); /* security groups and network ACLs */
void check_gateways(struct checking *checking);
void check_connections(struct checking *checking);
void check_routers(struct checking *checking);
void check_policies(struct checking *checking);
void check_step_policy(struct checking *checking, const struct network_step *step);
void check_story(struct checking *checking);
void check_recorded(struct checking *checking);
