#include "check/region.h"

#include "check/assume.h"
#include "check/settled.h"
#include "network/build.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMPLAINTS_MAX = 4 };

struct region {
    struct check *whole;
    size_t count; /* of parts */
    bool threads; /* somebody else than the asker runs networks: */
    pthread_mutex_t lock;
    pthread_cond_t told; /* something below has changed */
    size_t next;         /* the part that nobody has taken yet */
    size_t done;
    size_t working; /* threads */
    size_t networks_run;
    const char *doing;
    bool interrupted;
    bool failed; /* no memory for a part */
};

/* -- counting -- */

static void tell(struct region *region, size_t networks_run, const char *doing, size_t done)
{
    const struct check_options *options = &region->whole->options;
    const struct check_progress progress = {.networks_run = networks_run,
                                            .doing = doing,
                                            .parts_done = done,
                                            .part_count = region->count};
    if (options->progress)
        options->progress(options->progress_context, &progress);
}

static bool is_interrupted(const struct region *region)
{
    return region->whole->options.interrupted && region->whole->options.interrupted();
}

void region_counted(struct check *part, const char *doing)
{
    struct region *region = part->region;
    pthread_mutex_lock(&region->lock);
    region->networks_run++;
    region->doing = doing;
    if (region->threads) {
        pthread_cond_signal(&region->told);
    } else {
        tell(region, region->networks_run, doing, region->done);
        region->interrupted |= is_interrupted(region);
    }
    part->interrupted |= region->interrupted;
    pthread_mutex_unlock(&region->lock);
}

/* -- asking -- */

static void ask_part(struct region *region, size_t at)
{
    struct check *whole = region->whole;
    struct check *part = check_begin(whole->parts.items[at].network, &whole->options);
    bool answered = false;
    if (part) {
        part->region = region;
        answered = check_alone(part);
    }
    if (!answered) {
        check_free(part);
        part = NULL;
    }
    pthread_mutex_lock(&region->lock);
    whole->answers[at] = part;
    region->failed |= !answered;
    region->done += answered;
    pthread_mutex_unlock(&region->lock);
}

/* One part after the other, until none is left. */
static void ask_parts(struct region *region)
{
    while (true) {
        pthread_mutex_lock(&region->lock);
        bool more = !region->interrupted && !region->failed && region->next < region->count;
        size_t at = region->next;
        region->next += more;
        pthread_mutex_unlock(&region->lock);
        if (!more)
            return;
        ask_part(region, at);
    }
}

static void *work(void *context)
{
    struct region *region = context;
    ask_parts(region);
    pthread_mutex_lock(&region->lock);
    region->working--;
    pthread_cond_signal(&region->told);
    pthread_mutex_unlock(&region->lock);
    return NULL;
}

/* The asker's own thread tells what is counted and hears whether it is to end. */
static void look_on(struct region *region)
{
    size_t told = 0;
    pthread_mutex_lock(&region->lock);
    while (region->working > 0 || told < region->networks_run) {
        size_t now = region->networks_run, done = region->done;
        const char *doing = region->doing;
        if (now == told) {
            pthread_cond_wait(&region->told, &region->lock);
            continue;
        }
        pthread_mutex_unlock(&region->lock);
        told = now;
        tell(region, now, doing, done);
        bool interrupted = is_interrupted(region);
        pthread_mutex_lock(&region->lock);
        region->interrupted |= interrupted;
    }
    pthread_mutex_unlock(&region->lock);
}

static size_t count_workers(const struct region *region)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = region->whole->options.workers;
    if (wanted == 0)
        wanted = processors > 0 ? (size_t)processors : 1;
    if (wanted > region->count)
        wanted = region->count;
    return wanted < CHECK_WORKERS_MAX ? wanted : CHECK_WORKERS_MAX;
}

/* Signals are for the asker's thread. Where no thread is to be had, it works itself. */
static void ask_with(struct region *region, size_t workers)
{
    pthread_t threads[CHECK_WORKERS_MAX];
    size_t count = 0;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    region->threads = true;
    region->working = workers;
    while (count < workers && pthread_create(&threads[count], NULL, work, region) == 0)
        count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_mutex_lock(&region->lock);
    region->working -= workers - count;
    pthread_mutex_unlock(&region->lock);
    if (count > 0)
        look_on(region);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    region->threads = false;
    ask_parts(region); /* nothing is left, unless there was no thread */
}

static void ask(struct region *region)
{
    size_t workers = count_workers(region);
    pthread_mutex_init(&region->lock, NULL);
    pthread_cond_init(&region->told, NULL);
    if (workers > 1)
        ask_with(region, workers);
    else
        ask_parts(region);
    pthread_cond_destroy(&region->told);
    pthread_mutex_destroy(&region->lock);
}

/* -- as the whole counts -- */

static void move_change(const struct network_part *part, struct change *change)
{
    enum network_kind kind = change_place(change->kind);
    assert(kind < NETWORK_KINDS && part->of[kind]);
    change->index = part->of[kind][change->index];
    if (change->kind == CHANGE_TABLE_PROPAGATE)
        change->number = (uint32_t)part->of[NETWORK_VPN_GATEWAY][change->number];
    if (change->kind == CHANGE_ROUTE_TUNNEL)
        change->number = (uint32_t)part->of[NETWORK_VPN_CONNECTION][change->number];
}

/* Numbers go on from `total`. */
static void move_remedies(struct check *check, const struct network_part *part, size_t total,
                          struct check_finding *finding)
{
    struct check_remedy *moved =
        check_take(check, (finding->remedy_count + 1) * sizeof *finding->remedies);
    for (size_t i = 0; i < finding->remedy_count; i++) {
        struct check_remedy *remedy = &moved[i];
        *remedy = finding->remedies[i];
        remedy->number += total;
        struct change *changes = check_take(check, remedy->change_count * sizeof *changes);
        for (size_t j = 0; j < remedy->change_count; j++) {
            changes[j] = remedy->changes[j];
            move_change(part, &changes[j]);
        }
        remedy->changes = changes;
    }
    finding->remedies = moved;
}

/* A world's tunnels stand as the connections do. */
static int tunnel_of_whole(const struct network *whole, const struct network_part *part, int tunnel)
{
    size_t connection = 0;
    int count = 0;
    while (tunnel >= (int)part->network->vpn_connections[connection].tunnel_count)
        tunnel -= (int)part->network->vpn_connections[connection++].tunnel_count;
    for (int32_t i = 0; i < part->of[NETWORK_VPN_CONNECTION][connection]; i++)
        count += (int)whole->vpn_connections[i].tunnel_count;
    return count + tunnel;
}

static void take_findings(struct check *check, size_t at)
{
    const struct check *answer = check->answers[at];
    const struct network_part *part = &check->parts.items[at];
    for (size_t i = 0; i < answer->finding_count; i++) {
        struct check_finding *finding = check_add_finding(check);
        *finding = answer->findings[i];
        move_remedies(check, part, check->remedy_total, finding);
        if (finding->evidence)
            finding->at = tunnel_of_whole(check->network, part, finding->at);
    }
    check->remedy_total += answer->remedy_total;
}

/* -- put together -- */

/* What one part does the region does. */
static unsigned gravity_of(enum check_verdict verdict)
{
    static const unsigned gravities[] = {[CHECK_STABLE] = 0,
                                         [CHECK_DEGRADED] = 1,
                                         [CHECK_UNKNOWN] = 2,
                                         [CHECK_ORDER_DEPENDENT] = 3,
                                         [CHECK_UNSTABLE] = 4};
    return gravities[verdict];
}

static void take_verdict(struct check *check, enum check_verdict verdict)
{
    if (gravity_of(verdict) > gravity_of(check->verdict))
        check->verdict = verdict;
}

static unsigned rank_of_end(const char *end)
{
    static const char *const ends[] = {"stable", "oscillates", "bound"};
    for (unsigned i = 0; end && i < sizeof ends / sizeof *ends; i++) {
        if (strcmp(end, ends[i]) == 0)
            return i + 1;
    }
    return 0;
}

static void take_screen(struct check *check, const struct check *answer)
{
    check->variants_screened += answer->variants_screened;
    if (rank_of_end(answer->screen_end) > rank_of_end(check->screen_end))
        check->screen_end = answer->screen_end;
    if (answer->screen_steps > check->screen_steps)
        check->screen_steps = answer->screen_steps;
    if (!check->screen_differs)
        check->screen_differs = answer->screen_differs;
}

/* In the order of the file; those that nobody reads any more are only counted. */
static void say_complaints(struct check *check)
{
    size_t count = 0;
    for (size_t i = 0; i < check->parts.count; i++) {
        const char *said = check->answers[i] ? check->answers[i]->complaint : NULL;
        if (said && count++ < COMPLAINTS_MAX)
            check->complaint =
                check->complaint ? check_text(check, "%s; %s", check->complaint, said) : said;
    }
    if (count > COMPLAINTS_MAX)
        check->complaint =
            check_text(check, "%s; and %zu more parts of the region are complained of",
                       check->complaint, count - COMPLAINTS_MAX);
}

static void say_assumptions(struct check *check)
{
    struct world *world = network_build(check->network);
    if (world)
        assume_say(check, world);
    world_destroy(world);
    for (size_t i = 0; i < check->parts.count; i++) {
        const struct check *answer = check->answers[i];
        for (size_t j = 0; answer && j < answer->assumptions.count; j++) {
            if (!check_has_text(&check->assumptions, answer->assumptions.items[j]))
                check_add_text(check, &check->assumptions, answer->assumptions.items[j]);
        }
    }
}

/* Remedies are numbered in the order in which they are read. */
static void number_anew(struct check *check)
{
    size_t next = 0;
    size_t *numbers = check_take(check, (check->remedy_total + 1) * sizeof *numbers);
    for (size_t i = 0; i < check->finding_count; i++) {
        for (size_t j = 0; j < check->findings[i].remedy_count; j++) {
            size_t *number = &check->findings[i].remedies[j].number;
            if (numbers[*number] == 0)
                numbers[*number] = ++next;
            *number = numbers[*number];
        }
    }
    assert(next == check->remedy_total);
}

static void put_together(struct check *check)
{
    for (size_t i = 0; i < check->parts.count; i++) {
        const struct check *answer = check->answers[i];
        if (!answer) { /* whatever is not known may be */
            take_verdict(check, CHECK_UNKNOWN);
            continue;
        }
        take_verdict(check, answer->verdict);
        take_findings(check, i);
        take_screen(check, answer);
        check->networks_run += answer->networks_run;
        check->reach.end_count += answer->reach.end_count;
        check->reach.ends_in_all += answer->reach.ends_in_all;
        check->parts_asked++;
    }
    limits_find_region(check);
    say_complaints(check);
    say_assumptions(check);
    check_order(check);
    number_anew(check);
}

bool region_answer(struct check *check)
{
    struct region region = {.whole = check, .count = check->parts.count};
    check->answers = calloc(region.count, sizeof(*check->answers));
    if (!check->answers)
        return false;
    ask(&region);
    check->interrupted = region.interrupted;
    if (!region.failed)
        put_together(check);
    return !region.failed;
}
