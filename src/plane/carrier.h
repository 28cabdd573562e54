/* What the two planes have in common: how a keeper speaks to one, whichever it is.
 *
 * A carrier makes the inner namespace of its gateway, unless that lives together with its machine,
 * and for each tunnel that is wanted whatever it takes; it adopts what an earlier one has made, and
 * looks after it. Nothing waits: what takes time goes on in the loop, and is told by the ears. */
#pragma once

#include "plane/charon.h"
#include "plane/firewall.h"
#include "plane/orders.h"
#include "plane/rtnetlink.h"

#include <uv.h>

struct carrier_ears {
    void *of;
    void (*changed)(void *of, const struct report_tunnel *tunnel);
    void (*counted)(void *of, const struct report_counters *counters);
    /* tunnel: "" for all. A sentence for the log; it goes on trying, unless it was want. */
    void (*trouble)(void *of, const char *tunnel, const char *sentence);
    void (*gone)(void *of); /* after take_down: nothing is left */
};

struct carrier_spec {
    uv_loop_t *loop;
    char gateway[ORDER_GATEWAY_BYTES];
    bool together;       /* the tunnels' devices are in the outer namespace */
    const char *program; /* as charon_spec's */
};

enum { CARRIER_REPAIR_MS = 1000 };

/* The first member of a plane's own struct. */
struct carrier {
    const struct carrier_acts *acts;
    struct carrier_spec spec;
    struct carrier_ears ears;
    char inner[NAME_SPACE_BYTES];
    const char *space; /* where the devices are: inner, or NULL: together with the machine */
    struct rtnetlink outer_kernel, inner_kernel;
    uv_timer_t repair; /* turns from settled on */
    bool made_inner, settled;
    bool lines_wanted; /* the firewall's are not as they should be */
    struct firewall_seen inner_seen, outer_seen;
    char trouble[ORDER_SENTENCE_BYTES]; /* the last that was told of all */
};

struct carrier_acts {
    enum plane_choice choice;
    /* Is there anything of this plane's tunnels on the machine, of an earlier keeper? */
    bool (*left)(const char *gateway);
    /* Makes the inner namespace, nothing else. spec and ears are copied. NULL: it cannot be had,
     * and why (ORDER_SENTENCE_BYTES) says what is in the way. */
    struct carrier *(*create)(const struct carrier_spec *spec, const struct carrier_ears *ears,
                              char *why);
    /* Absolute, and may be said again; the tunnel with its key is copied. */
    void (*want)(struct carrier *carrier, const struct plane_tunnel *tunnel);
    void (*unwant)(struct carrier *carrier, const char *name);
    /* Everything wanted was said: what is left of tunnels that nobody wants is removed. */
    void (*settled)(struct carrier *carrier);
    void (*replace)(struct carrier *carrier, const char *name);
    void (*endpoint)(struct carrier *carrier, const char *name);
    void (*count)(struct carrier *carrier);
    /* Ends every tunnel of this plane, of earlier keepers too, and leaves the inner namespace and
     * what others have put into it. */
    void (*clear)(struct carrier *carrier);
    /* Ends everything; gone is told, and then only leave may be called. */
    void (*take_down)(struct carrier *carrier);
    /* Ends our part and leaves the tunnels as they are; before settled also what create made. The
     * loop runs once more. */
    void (*leave)(struct carrier *carrier);
};

extern const struct carrier_acts carrier_userspace, carrier_xfrm;

/* Of a plane's create: size bytes of zeros that begin with a carrier, its inner namespace made.
 * NULL: why says it. carrier_end undoes it, and gives the memory back when the loop has turned. */
struct carrier *carrier_begin(size_t size, const struct carrier_acts *acts,
                              const struct carrier_spec *spec, const struct carrier_ears *ears,
                              char *why);
void carrier_end(struct carrier *carrier);

/* Of settled: look is called now and every so many milliseconds from the timer, with the carrier as
 * its data. */
void carrier_settle(struct carrier *carrier, uint64_t every_ms, uv_timer_cb look);

/* Of clear: what cannot be removed is told, and the rest goes. */
void carrier_remove_lines(struct carrier *carrier, bool outer_too);
/* Every plane's take_down. */
void carrier_take_down(struct carrier *carrier);

/* A sentence about all tunnels: once, not each time that it is tried again. */
void carrier_complain(struct carrier *carrier, const char *sentence);

/* Are the firewall's lines of the inner and, where asked, of the outer namespace to be put? */
bool carrier_wants_lines(struct carrier *carrier, bool outer_too);
/* They were put. */
void carrier_has_lines(struct carrier *carrier, bool outer_too);

/* What a charon's tunnel is reported as; charon NULL: there is none yet. device: "" while it is not
 * in its place, and then the tunnel is not up. */
void carrier_report(const struct charon *charon, const struct plane_tunnel *tunnel,
                    const char *device, struct report_tunnel *ret_said);

/* An ESP pair counts from 0: what earlier ones had counted, and the present one. */
struct charon_totals {
    uint32_t spi;
    uint64_t before[4], present[4];
};

void carrier_add(struct charon_totals *totals, const struct charon_sa *sa);

/* false: charon knows of no such tunnel. */
bool carrier_count(const struct charon *charon, const char *name, struct charon_totals *totals,
                   struct report_counters *ret_counters);
