#include "check/inquiry.h"

#include "check/assume.h"
#include "check/family.h"
#include "check/recursion.h"
#include "check/remedy.h"

#include <string.h>

enum {
    PROBES_MAX = 1 << 22, /* tunnels looked at in all, by the iteration */
    RUNS_MAX = 2048,      /* and in time */
    LEAST = 8,            /* variants are tried however many tunnels there are */
};

#define LOOK_EVERY_US (20ll * 1000000)

/* Where without a story a tunnel is swallowed already, its own trouble comes first. */
static bool is_at_rest(const struct screen *screen)
{
    bool swallowed = false;
    for (size_t i = 0; i < screen->world->tunnel_count; i++)
        swallowed |= screen->tunnels[i].into != WORLD_NONE;
    return screen->end == SCREEN_STABLE && !swallowed;
}

static size_t share(size_t total, size_t tunnel_count)
{
    return total / (tunnel_count + 1) < LEAST ? LEAST : total / (tunnel_count + 1);
}

bool inquiry_begin(struct inquiry *inquiry, const struct network *network)
{
    inquiry->network = network;
    if (!screen_begin(&inquiry->screen, network))
        return false;
    screen_run(&inquiry->screen);
    if (!is_at_rest(&inquiry->screen)) {
        screen_end(&inquiry->screen);
        return false;
    }
    size_t count = inquiry->screen.world->tunnel_count;
    inquiry->probes_max = share(PROBES_MAX, count);
    inquiry->runs_max = share(RUNS_MAX, count);
    inquiry->expected = check_take(inquiry->check, count + 1);
    reach_init(&inquiry->reach, network, inquiry->screen.world);
    reach_mark(&inquiry->reach, inquiry->screen.world);
    return true;
}

void inquiry_end(struct inquiry *inquiry)
{
    reach_done(&inquiry->reach);
    screen_end(&inquiry->screen);
}

bool inquiry_may_probe(struct inquiry *inquiry)
{
    bool may = inquiry->probes < inquiry->probes_max;
    inquiry->left_out |= !may;
    return may && !inquiry->check->interrupted;
}

bool inquiry_probe(struct inquiry *inquiry)
{
    struct screen *screen = &inquiry->screen;
    inquiry->probes++;
    inquiry->check->variants_screened++;
    bool fine = screen_probe(screen);
    for (size_t i = 0; i < screen->world->tunnel_count; i++)
        inquiry->expected[i] =
            !fine && screen->base[i] &&
            (screen->tunnels[i].state == SCREEN_DOWN || screen->tunnels[i].into != WORLD_NONE);
    return !fine;
}

bool inquiry_is_asked(const struct inquiry *inquiry)
{
    bool asked = false;
    for (size_t i = 0; i < inquiry->screen.world->tunnel_count; i++)
        asked |= inquiry->expected[i] && inquiry->questions[i] == OPEN;
    return asked;
}

/* Swallowed, up again with new SAs, and swallowed again: nothing new will be seen of it. */
static bool has_gone_round(const struct run *run, int tunnel)
{
    enum { BEFORE, SWALLOWED, UP_AGAIN } seen = BEFORE;
    size_t count;
    const struct moment *moments = sim_moments(run->sim, &count);
    for (size_t i = 0; i < count; i++) {
        const struct moment *moment = &moments[i];
        if (moment->tunnel != tunnel || moment->at_us < SUPPOSED_US)
            continue;
        if (moment->kind == MOMENT_SWALLOWED && seen == UP_AGAIN)
            return true;
        if (moment->kind == MOMENT_SWALLOWED)
            seen = SWALLOWED;
        else if (moment->kind == MOMENT_IKE_UP && seen == SWALLOWED)
            seen = UP_AGAIN;
    }
    return false;
}

static bool has_seen_all(const struct inquiry *inquiry, const struct run *run)
{
    bool any = false, all = true;
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        any |= inquiry->expected[i];
        all = all && (!inquiry->expected[i] || has_gone_round(run, (int)i));
    }
    return any && all;
}

bool inquiry_run(struct inquiry *inquiry, const struct network *variant, struct run *ret_run)
{
    struct check *check = inquiry->check;
    if (check->interrupted)
        return false;
    if (inquiry->runs >= inquiry->runs_max) {
        inquiry->left_out = true;
        return false;
    }
    if (!run_begin(ret_run, variant, check->options.seed, check->options.limit_us))
        return false;
    inquiry->runs++;
    run_until(ret_run, SUPPOSED_US - 1);
    return true;
}

void inquiry_watch(struct inquiry *inquiry, struct run *run)
{
    for (int64_t at_us = SUPPOSED_US + LOOK_EVERY_US;
         at_us <= WATCHED_US && !has_seen_all(inquiry, run); at_us += LOOK_EVERY_US)
        run_until(run, at_us);
    check_counted(inquiry->check, "variant");
}

/* Is it what is supposed that takes the packets, and not what follows from another tunnel's fall?
 */
static bool is_due_to(const struct supposition *supposed, const struct check_finding *finding)
{
    return !supposed->announced || (prefix_equal(finding->prefix, supposed->prefix) &&
                                    finding->evidence->origin.node == supposed->origin);
}

static void answer(struct inquiry *inquiry, const struct run *run, const struct run *now,
                   int tunnel, const struct supposition *supposed)
{
    struct check *check = inquiry->check;
    struct check_finding *finding = recursion_say(check, run, now, tunnel);
    if (!finding)
        return;
    if (!is_due_to(supposed, finding)) {
        check->finding_count--;
        return;
    }
    finding->level = CHECK_LATENT;
    finding->conditional = supposed->announced;
    finding->condition = supposed->words;
    if (assume_has_no_routes(inquiry->network, finding->router))
        finding->traits &= ~(unsigned)FAMILY_WEAK; /* nobody knows what its default is */
    else if (supposed->announced)
        finding->traits |= FAMILY_UNANNOUNCED;
    family_name(check, finding);
    if (supposed->further) { /* it has no number and no name of its own */
        finding->origin.attachment = NULL;
        finding->origin.asn = 0;
        finding->protection = "nobody in the file could announce it";
    }
    inquiry->questions[tunnel] = ANSWERED;
    inquiry->findings[tunnel] = check->finding_count - 1;
}

/* Does the tunnel ask whether this is its answer? A failure only where the iteration says that the
 * tunnel stays without a way: while all tables change, packets may be astray for a moment. */
static bool asks(const struct inquiry *inquiry, const struct supposition *supposed, int tunnel)
{
    return inquiry->questions[tunnel] == OPEN && (supposed->announced || inquiry->expected[tunnel]);
}

/* The same once more, to look at each tunnel at its moment. */
static void look(struct inquiry *inquiry, const struct network *variant, const struct run *run,
                 const struct supposition *supposed)
{
    struct check *check = inquiry->check;
    struct run now = {0};
    int64_t at_us = -1;
    int tunnel = recursion_next(run, SUPPOSED_US - 1, WORLD_NONE, &at_us);
    for (; tunnel != WORLD_NONE; tunnel = recursion_next(run, at_us, tunnel, &at_us)) {
        if (!asks(inquiry, supposed, tunnel))
            continue;
        if (!now.world) {
            if (!run_begin(&now, variant, check->options.seed, check->options.limit_us))
                return;
            check_counted(check, "evidence");
        }
        run_until(&now, at_us);
        answer(inquiry, run, &now, tunnel, supposed);
    }
    run_done(&now);
}

/* Iteration and timed run never differ in silence. */
static void compare(struct inquiry *inquiry, const struct run *run,
                    const struct supposition *supposed)
{
    struct check *check = inquiry->check;
    if (check->options.limit_us && check->options.limit_us < WATCHED_US)
        return; /* given up before it could see anything */
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        if (!inquiry->expected[i] || sim_swallowed_us(run->sim, (int)i) >= 0 ||
            !sim_tunnel_up(run->sim, (int)i))
            continue;
        if (inquiry->differences++ < INQUIRY_DIFFERENCES_TOLD)
            check_add_text(check, &check->assumptions,
                           check_text(check,
                                      "if %s, the iteration has %s without a way, and the timed run"
                                      " sees it up throughout: the timed run counts",
                                      supposed->words, run->world->tunnels[i].id));
    }
}

void inquiry_look(struct inquiry *inquiry, const struct network *variant, const struct run *run,
                  const struct supposition *supposed, const struct reach *reach)
{
    struct check *check = inquiry->check;
    size_t before = check->finding_count;
    compare(inquiry, run, supposed);
    if (run_any_swallowed(run))
        look(inquiry, variant, run, supposed);
    if (!check->options.no_remedies && check->finding_count > before)
        remedy_search_variant(check, before, variant, run, reach);
}
