/* The checker: one network in, the truth about it out.
 *
 * It does not model a gateway, it runs it: a world is built from the network, the simulator moves
 * it through the file's story, in several orders of starts, and what happens is the verdict. Then,
 * for each tunnel that went wrong, it looks why (a finding), changes a copy of the network in the
 * smallest ways that might cure it (remedies), and runs each copy through the same story with the
 * same seed. Only what was seen to cure is shown: afterwards every tunnel is up, no tunnel's
 * packets have gone into a tunnel, and whatever could be reached before can be reached still.
 *
 *     check.c      the order of it all, and the verdict
 *     region.c     a region of several parts, asked side by side
 *     run.c        one run of one network, and what was seen in it
 *     screen.c     the iteration over sets of tunnels that are up, without time
 *     reach.c      what must stay reachable, measured by packets both ways
 *     evidence.c   at the moment of swallowing: the route, its origin, its AS path, the loop
 *     timeline.c   what the operator sees, and when
 *     recursion.c  tunnels that were swallowed (T01 to T06, T08, nested ones)
 *     mechanism.c  by which mechanism; margin.c what best path decided between two defaults
 *     family.c     and so by which name
 *     shelter.c    what keeps a tunnel from it where the condition is met
 *     outside.c    announced prefixes that cover customers' own outside addresses (T07, T08)
 *     agree.c      where the iteration and the timed run differ
 *     variants.c   what one failure, or one announcement more, would do: failures.c, dangers.c, and
 *                  inquiry.c, which they share
 *     settled.c    findings that follow from the file and the routes in the end, and their cures:
 *                  asn.c, inside.c, limits.c, objects.c, origins.c, overlap.c, pledge.c,
 *                  preference.c, promise.c, sample.c, shadow.c, single.c, tables.c, one family
 *                  each; places.c: the route tables, and offers.c: the sites' announcements that
 *                  some of them look at
 *     change.c     a change to one place of a network, done on a copy
 *     suggest.c    which changes each kind of remedy would make
 *     trial.c      whether a set of changes cures: the proof
 *     spare.c      which of them it cannot spare
 *     search.c     the search for the smallest sets that do
 *     remedy.c     what findings are told of it
 *     lines.c      a change as lines to paste, for each platform; vendor.c Cisco IOS and Junos
 *     paste.c      what they have in common, and those for gateways; paste_six.c those of IPv6;
 *                  paste_export.c filters of what a router announces
 *     peering.c    the peering of two VPCs that takes a connection's place
 *     assume.c     what the answer rests on that the file does not say
 *     identity.c   what a finding is called from run to run; where.c where the file speaks of it
 *     select.c     which findings the answer shows; baseline.c leaves out those that are known
 *     survive.c    what every single failure leaves of who reaches whom: `sekisho reach`
 *     alike.c      which findings are one story, told once
 *     render.c     the screen, with draw.c's picture, fate.c's sentences of a tunnel's fate and
 *                  cures.c's remedies; json.c the same facts for a machine; sarif.c and junit.c for
 *                  those who read the answers of many programs
 *
 * Invariants. A finding is `certain` only when the timed run repeats or ends with the tunnel dead.
 * A remedy that is shown was run. Nothing here depends on the machine: the same network and options
 * give the same answer, whatever the clock says that it took. Texts of an answer belong to the
 * struct check.
 *
 * Whether the answers hold is asked of random networks: random_test.c applies every remedy to its
 * file, endure_test.c lets faults rain on what is called stable.
 *
 * Not here: how packets go (world), how time passes (sim), why a route was chosen (the engine's own
 * tables answer that). The answer's form for machines is in sekisho-check(1). */
#pragma once

#include "network/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct check;
struct json_t;

enum check_verdict {
    CHECK_STABLE,          /* settled, every tunnel up */
    CHECK_DEGRADED,        /* settled, a tunnel dead */
    CHECK_ORDER_DEPENDENT, /* how it settles depends on who starts first */
    CHECK_UNSTABLE,        /* goes round for ever */
    CHECK_UNKNOWN, /* neither settled nor repeating within the limit, or the file's `until` */
};

/* Ascending, so that levels compare. */
enum check_level {
    CHECK_PROTECTED, /* the condition is met, and something keeps it from biting */
    CHECK_LATENT,    /* nothing wrong now; one permitted change away */
    CHECK_LIKELY,    /* seen or to be expected; one side is not known */
    CHECK_CERTAIN,   /* run, and seen to repeat or to end dead */
};

enum check_finding_kind {
#define FINDING(id, name, trap, sentence) CHECK_FINDING_##id,
#include "check/finding.def"
#undef FINDING
    CHECK_FINDING_KINDS
};

enum check_remedy_kind {
#define REMEDY(id, name, sentence) CHECK_REMEDY_##id,
#include "check/remedy.def"
#undef REMEDY
    CHECK_REMEDY_KINDS
};

struct check_texts { /* in order */
    char **items;
    size_t count;
};

struct check_origin {
    const char *router;     /* NULL: nobody in the file */
    const char *attachment; /* of the gateway, by which it came: connection or Direct Connect */
    uint32_t asn;           /* last of the AS path; 0: not known */
};

enum check_moment_kind {                      /* in the operator's words */
                         CHECK_CAUSE,         /* a step of the story */
                         CHECK_TRAFFIC_STOPS, /* swallowed */
                         CHECK_BGP_DOWN,
                         CHECK_BGP_UP,
                         CHECK_IKE_GIVEN_UP,
                         CHECK_IKE_UP,
                         CHECK_ROUTE,
                         CHECK_AGAIN, /* swallowed again: the cycle is closed */
};

struct check_moment {
    int64_t after_us; /* since what caused it: the announcement */
    enum check_moment_kind kind;
    const char *where; /* id of the node */
    const char *what;  /* the words */
};

struct check_step { /* what a remedy does at one place */
    enum check_remedy_kind kind;
    const char *where;  /* id of the router, gateway or route table to change */
    const char *change; /* one line: what it does */
    enum platform platform;
    struct check_texts lines; /* to paste */
};

struct check_remedy {
    enum check_remedy_kind kind; /* MIXED: of several kinds, each step has its own */
    size_t number;               /* from 1, through the whole answer; the same changes share it */
    const char *where;           /* of the first step, as are the two that follow */
    const char *change;
    enum platform platform;
    const char *note;         /* such as "not yours to change"; NULL */
    struct check_step *steps; /* as their places are in the file */
    size_t step_count;
    struct check_texts lines;     /* to paste: of all steps, each under its place */
    const struct change *changes; /* for this room only */
    size_t change_count;
};

struct check_finding {
    enum check_finding_kind kind;
    enum check_level level;
    const char *what;           /* the headline's own words; NULL: a tunnel and what swallows it */
    struct check_texts because; /* with `what`: the evidence, sentence by sentence */
    const char *place;          /* with `what`: id of what is to be looked at */
    bool no_prefix;             /* it is about none */
    const char *connection;
    const char *tunnel; /* vpn-vyatta/1 */
    const char *router;
    const char *gateway;
    const char *port;      /* of the router, which the packets are routed to */
    const char *into;      /* the tunnel that takes them: itself, or another one */
    const char *told_by;   /* the gateway that told the router the prefix; NULL: none did */
    const char *through;   /* PROTECTED, LATENT: the connection through which it did; NULL */
    ip_addr outside;       /* the gateway's address that the tunnel needs */
    struct prefix prefix;  /* the route that covers it */
    bool plain;            /* that tunnel is without IPsec */
    bool conditional;      /* LATENT: the origin would have to announce it first */
    const char *condition; /* LATENT: what would have to happen first; NULL: nothing */
    struct check_origin origin;
    uint32_t *as_path; /* as received at the router */
    size_t as_path_count;
    struct check_texts why; /* names of reasons */
    const char *protection; /* PROTECTED, LATENT: what keeps it from biting, in words; NULL */
    const char *guard_line; /* the line that does it, where a line of the file does; NULL */
    const char *route;      /* the route that takes the packets, as `show ip route` has it */
    const char *beaten;     /* the route that it beats; NULL */
    const char *margin;     /* what decides between two routes by BGP, and by how much; NULL */
    ip_addr next_hop;     /* of `pinned`, which is what the prefix covers; 0: the outside address */
    struct prefix pinned; /* with next_hop: the configured route that has it */
    ip_addr own;          /* an outside address of who announces it, in the prefix; 0 */
    struct check_texts circle; /* tunnels, each in the next, until one comes again */
    struct check_texts loop;   /* hop by hop */
    struct check_moment *timeline;
    size_t timeline_count;
    int64_t period_us; /* 0: does not repeat */
    struct check_remedy *remedies;
    size_t remedy_count;
    const char *identity;          /* the same in every run (check/identity.h) */
    int at;                        /* for this room only; the tunnel, in the order of the file */
    enum check_finding_kind *also; /* other names whose mechanism takes part */
    size_t also_count;
    unsigned traits;                 /* for this room only; enum family_trait */
    const struct evidence *evidence; /* for this room only; NULL: seen in no run */
    const struct idea *idea;         /* for this room only; what might cure it, with `what` */
};

enum { CHECK_WORKERS_MAX = 64 };

struct check_progress {
    size_t networks_run;
    const char *doing;             /* such as "base", "remedy" */
    size_t parts_done, part_count; /* of a region; 0: it is one part */
};

struct check_options {
    uint64_t seed;
    int64_t limit_us; /* virtual time of a run; 0: the simulator's own limit */
    bool cheapest;    /* for each finding only the smallest remedy that cures */
    bool all;         /* and all small ones, not only one of each kind */
    bool no_remedies;
    bool thorough;    /* try each change of a remedy anew from the beginning: slow, for tests */
    bool no_variants; /* do not try the announcements that an attachment could make */
    unsigned workers; /* threads for the parts of a region, at most CHECK_WORKERS_MAX; 0: as many
                         as there are processors */
    /* Called after a run, by the thread that asked; NULL: nobody asks. Where several threads work,
     * one call may stand for several runs. */
    void (*progress)(void *context, const struct check_progress *progress);
    void *progress_context;
    /* Asked after each run, in the same way; NULL: nobody. true: no further run is begun, and the
     * answer is what is known by then (check_interrupted). */
    bool (*interrupted)(void);
    int64_t (*clock_us)(void); /* monotonic, for check_spent_us; NULL: nobody asks */
};

/* What an answer does not show. */
struct check_left_out {
    size_t selection, baseline; /* findings: not asked for; known */
    struct check_texts gone;    /* lines of the baseline whose finding is not there any more */
    struct check_texts graver;  /* findings that are shown: the baseline has them less grave */
};

/* The network is borrowed for the answer's life. NULL when there is no memory. */
struct check *check_run(const struct network *network, const struct check_options *options)
    __attribute__((warn_unused_result));
void check_free(struct check *check); /* NULL is fine */

enum check_verdict check_verdict(const struct check *check);
/* The gravest first; of one level tunnels that swallow themselves before settings, then in order
 * of the file, but that those which are one story (check/alike.h) stand together. */
size_t check_finding_count(const struct check *check);
const struct check_finding *check_finding(const struct check *check, size_t index);
const struct check_texts *check_assumptions(const struct check *check);
const struct check_left_out *check_left_out(const struct check *check);
size_t check_networks_run(const struct check *check);
size_t check_variants_screened(const struct check *check); /* by the iteration */
int64_t check_spent_us(const struct check *check); /* of the caller's clock; -1: it gave none */
/* Ended before its time: orders of starts, remedies and announcements that were not tried yet are
 * missing. What is there holds. */
bool check_interrupted(const struct check *check);
/* What shares nothing with each other in the file; of these, those that were looked at: all, unless
 * interrupted. Where there are others the verdict is UNKNOWN at best. */
size_t check_part_count(const struct check *check);
size_t check_parts_asked(const struct check *check);
/* What no finding says: why the verdict is UNKNOWN, which tunnels are down for other reasons than
 * a route, or which invariant of ours a run broke; NULL: nothing. */
const char *check_complaint(const struct check *check);

/* The network with a remedy applied: what was run to prove it. The caller frees it. */
struct network *check_remedy_network(const struct check *check, size_t finding, size_t remedy)
    __attribute__((warn_unused_result));
/* By its number in the answer (check_remedy.number); NULL: there is no such number. */
struct network *check_remedy_applied(const struct check *check, size_t number)
    __attribute__((warn_unused_result));
size_t check_remedy_total(const struct check *check); /* the highest number */

/* The verdict is UNKNOWN, or another than STABLE of which no finding says why (one that is left out
 * may). */
bool check_verdict_fails(const struct check *check);
/* 0: no finding that is shown is at or above the level, and the verdict does not fail; else 1. */
int check_exit_code(const struct check *check, enum check_level fail_on);

const char *check_verdict_name(enum check_verdict verdict); /* "order-dependent" */
const char *check_level_name(enum check_level level);
bool check_find_level(const char *name, enum check_level *ret_level);
const char *check_finding_name(enum check_finding_kind kind);     /* "tunnel-recursion" */
const char *check_finding_trap(enum check_finding_kind kind);     /* "T01" */
const char *check_finding_sentence(enum check_finding_kind kind); /* no capital, no full stop */
const char *check_remedy_name(enum check_remedy_kind kind);       /* "cgw-host-route" */
const char *check_remedy_sentence(enum check_remedy_kind kind);

/* The page of a finding, Markdown as in docs/findings/, by name or trap; by the number of a trap
 * with parts ("T40") the page that leads to them; NULL: no such finding. */
const char *check_find_page(const char *name);

struct check_render_options {
    const char *title;             /* how the answer calls the file; NULL: "network" */
    const char *operand, *program; /* as a command calls file and program; NULL: title, "sekisho" */
    bool color;
    bool utf8;      /* false: ASCII only */
    unsigned width; /* columns; 0: 100 */
};

/* The screen: the verdict, the evidence, the cures. */
void check_render(const struct check *check, FILE *out, const struct check_render_options *options);

/* The same facts for a machine (jansson's object; the caller owns the reference). */
struct json_t *check_json(const struct check *check) __attribute__((warn_unused_result));
