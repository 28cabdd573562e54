/* The family of tunnels that swallow themselves: by which mechanism, and so by which name.
 *
 * A tunnel's own packets go into a tunnel: that is one accident, with one picture and one way to
 * look at it (recursion.c, shelter.c, variants.c find it). It has several mechanisms, though, and
 * each asks for another cure, so each has a name and a page of its own. What takes part is a set of
 * traits, seen in the tables at the moment of swallowing (mechanism.c); the name follows from the
 * set alone. The first of these that is true gives it:
 *
 *     1  next-hop-in-tunnel   T06  a configured route is there, and its next hop is what is taken
 *     2  mutual-recursion     T02  the tunnel that takes the packets does not stand either, and is
 *                                  not merely the other tunnel of the connection, swallowing itself
 *     3  own-range-announced  T08  the prefix is the public range of the site that announces it,
 *                                  and the tunnel goes to another gateway than who told it
 *     4  nested-tunnel        T38  the tunnel that takes the packets stands, and they arrive
 *     5  default-by-bgp       T05  two defaults by BGP, and best path took the tunnel's or might
 *     6  weak-default         T04  nobody announces a default yet; the router's own is known, and
 *                                  would lose to it
 *     7  covering-prefix      T03  the prefix is longer than the default
 *     8  tunnel-recursion     T01  everything else, the incident among it
 *
 * So what names a thing to be changed in one place comes before what is true of many. The other
 * traits' names stand under `also`, in the order of their traps; tunnel-recursion is never among
 * them, since it is what all of them are. gateway-recursion (T07) has no tunnel that falls, so it
 * is the name of none of these; it joins, under `also`, what has been found of the same prefix
 * (outside.c). */
#pragma once

#include "check/parts.h"

enum family_trait {
    FAMILY_CIRCLE = 1 << 0,      /* chain of tunnels, each in the next, that comes back */
    FAMILY_TWIN = 1 << 1,        /* into the connection's other tunnel, which swallows itself */
    FAMILY_COVERING = 1 << 2,    /* the prefix is longer than the default */
    FAMILY_WEAK = 1 << 3,        /* the router's own default is beaten in its table */
    FAMILY_BY_BGP = 1 << 4,      /* the router's own default is by BGP, and best path decides */
    FAMILY_NEXT_HOP = 1 << 5,    /* the next hop of a configured route is what is taken */
    FAMILY_GATEWAY = 1 << 6,     /* the prefix covers customers' addresses of the gateway, too */
    FAMILY_OWN_RANGE = 1 << 7,   /* ... that of the site that announces it */
    FAMILY_ELSEWHERE = 1 << 8,   /* the tunnel goes to another gateway than the one that told it */
    FAMILY_NESTED = 1 << 9,      /* the packets arrive, through another tunnel */
    FAMILY_UNANNOUNCED = 1 << 10 /* nobody announces it: a variant of the network */
};

/* The name of a finding with these traits. */
enum check_finding_kind family_kind(unsigned traits);

/* The other names, at most FAMILY_NAMES; how many. */
enum { FAMILY_NAMES = 8 };
size_t family_others(unsigned traits, enum check_finding_kind ret_kinds[FAMILY_NAMES]);

/* Is it the name of a tunnel whose packets go into a tunnel, would, or are kept from it? */
bool family_has(enum check_finding_kind kind);

/* Gives the finding its name and its `also`, by finding->traits; again, when those have changed. */
void family_name(struct check *check, struct check_finding *finding);
