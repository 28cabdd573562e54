/* The matrix: what becomes of each cell's tunnels in the simulator, against what the catalogue of
 * traps says must become of them (sim/matrix_oracle.h). docs/matrix.md has the argument.
 *
 *     sim_matrix_test                 every cell once, everything starting at the same instant
 *     sim_matrix_test --all 100       and 100 times with phases and lateness; then the counts, as
 *                                     bench/MATRIX.md keeps them
 *     sim_matrix_test --cell 1234     one cell: its network file and what was seen of it;
 *                                     --seed 7: with the phases and lateness of this seed
 *     sim_matrix_test --cells         what the catalogue says of every cell, a line each: its
 *                                     number, its values, the fates of its tunnels */
#include "tests/harness.h"

#include "base/digest.h"
#include "base/sort.h"
#include "network/build.h"
#include "sim/matrix_cells.h"
#include "sim/matrix_oracle.h"
#include "sim/sim.h"
#include "sim/tell.h"

#include <stdlib.h>

enum { TUNNELS_MAX = 3, NO_PHASE = 0 }; /* the victim's tunnels, then the origin's */

static uint64_t last_seed = NO_PHASE; /* seeds to run: from NO_PHASE */

/* What was seen of one tunnel. */
struct seen {
    bool up;        /* at the end */
    bool swallowed; /* at any time */
    bool lost;      /* at any time, once it was up */
    bool repeats;
};

struct run {
    struct seen tunnels[TUNNELS_MAX];
    size_t tunnel_count;
    enum sim_end end;
    uint64_t digest;
};

static char *text_of(const struct matrix_cell *cell, size_t *ret_size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, ret_size);
    matrix_write(cell, out);
    fclose(out);
    return text;
}

static struct network *parse(const char *text, size_t size)
{
    struct network *network = NULL;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    if (!network_parse((struct slice){(const uint8_t *)text, size}, "cell", &diagnostics,
                       &network)) {
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, stdout);
        abort();
    }
    diagnostics_done(&diagnostics);
    return network;
}

static void see(const struct sim *sim, size_t tunnel, struct seen *ret_seen)
{
    size_t count;
    const struct moment *moments = sim_moments(sim, &count);
    *ret_seen = (struct seen){.up = sim_tunnel_up(sim, (int)tunnel),
                              .swallowed = sim_swallowed_us(sim, (int)tunnel) >= 0,
                              .repeats = sim_period_us(sim, (int)tunnel) > 0};
    for (size_t i = 0; i < count; i++) {
        bool down =
            moments[i].kind == MOMENT_IKE_GIVEN_UP || moments[i].kind == MOMENT_SESSION_DOWN;
        ret_seen->lost |= down && moments[i].tunnel == (int)tunnel;
    }
}

static void tell(const struct world *world, const struct network *network, const struct sim *sim)
{
    struct tale tale;
    size_t count;
    const struct moment *moments = sim_moments(sim, &count);
    tell_moments(world, network, moments, count, true, &tale);
    for (size_t i = 0; i < tale.count; i++)
        printf("# %9.3f s  %s\n", (double)tale.lines[i].at_us / 1e6, tale.lines[i].what);
    tale_done(&tale);
}

static struct run run_text(const char *text, size_t size, uint64_t seed, bool verbose)
{
    struct network *network = parse(text, size);
    struct world *world = network_build(network);
    struct sim *sim = sim_create(world, network,
                                 &(struct sim_options){.seed = seed, .no_phase = seed == NO_PHASE});
    struct run run = {.end = sim_run_story(sim), .tunnel_count = world->tunnel_count};
    for (size_t i = 0; i < world->tunnel_count && i < TUNNELS_MAX; i++)
        see(sim, i, &run.tunnels[i]);
    run.digest = sim_digest(sim);
    if (verbose)
        tell(world, network, sim);
    sim_destroy(sim);
    world_destroy(world);
    network_free(network);
    return run;
}

static struct run run_cell(const struct matrix_cell *cell, uint64_t seed)
{
    size_t size;
    char *text = text_of(cell, &size);
    struct run run = run_text(text, size, seed, false);
    free(text);
    return run;
}

/* FATES: none of them. */
static enum matrix_fate fate_of(const struct run *run, size_t tunnel)
{
    const struct seen *seen = &run->tunnels[tunnel];
    bool ended = run->end == SIM_SETTLED || run->end == SIM_REPEATS;
    if (ended && seen->up && !seen->swallowed && !seen->lost)
        return FATE_HOLDS;
    if (run->end == SIM_REPEATS && seen->swallowed && seen->lost && seen->repeats)
        return FATE_FLAPS;
    if (run->end == SIM_SETTLED && seen->swallowed && seen->lost && !seen->up)
        return FATE_DEAD;
    return FATES;
}

/* The origin's tunnel is nobody's victim: split horizon (T01: the prefixes are the others'). */
static enum matrix_fate expected_fate(const struct matrix_cell *cell, size_t tunnel)
{
    size_t own = cell->tunnels == TUNNELS_TWO ? 2 : 1;
    return tunnel < own ? oracle_fate(cell, (unsigned)tunnel) : FATE_HOLDS;
}

static const char *word_of(enum matrix_fate fate)
{
    return fate < FATES ? matrix_fate_words[fate] : "something else";
}

static void show_difference(const struct run *run, unsigned index, uint64_t seed, size_t tunnel)
{
    const struct seen *seen = &run->tunnels[tunnel];
    struct matrix_cell cell = matrix_cell_at(index);
    printf("# cell %u (", index);
    matrix_name(&cell, stdout);
    printf("), seed %" PRIu64 ", tunnel %zu: %s, expected %s (up %d, swallowed %d, lost %d, "
           "repeats %d; end %d)\n",
           seed, tunnel + 1, word_of(fate_of(run, tunnel)), word_of(expected_fate(&cell, tunnel)),
           seen->up, seen->swallowed, seen->lost, seen->repeats, run->end);
}

/* -- the matrix -- */

/* Of the victim's tunnels, without phases. */
static uint64_t counts[PREFIX_VALUES][UNDERLAY_VALUES][FATES];
static uint64_t counts_by_pins[PINS_VALUES][FATES];
static uint64_t run_count, different_count;

static void run_and_compare(unsigned index, uint64_t seed, struct digest *digest)
{
    struct matrix_cell cell = matrix_cell_at(index);
    struct run run = run_cell(&cell, seed);
    size_t own = cell.tunnels == TUNNELS_TWO ? 2 : 1;
    bool different = false;
    for (size_t i = 0; i < run.tunnel_count; i++) {
        enum matrix_fate fate = fate_of(&run, i);
        if (fate != expected_fate(&cell, i)) {
            different = true;
            show_difference(&run, index, seed, i);
        }
        if (seed == NO_PHASE && i < own && fate < FATES) {
            counts[cell.prefix][cell.underlay][fate]++;
            counts_by_pins[cell.pins][fate]++;
        }
    }
    run_count++;
    different_count += different;
    digest_u64(digest, run.digest);
}

static void every_cell_ends_as_the_catalogue_says(void)
{
    struct digest digest = digest_start();
    for (uint64_t seed = NO_PHASE; seed <= last_seed; seed++) {
        for (unsigned i = 0; i < MATRIX_CELLS; i++)
            run_and_compare(i, seed, &digest);
    }
    CHECK_EQUAL((int64_t)different_count, 0);
    CHECK_EQUAL((int64_t)run_count, (int64_t)MATRIX_CELLS * ((int64_t)last_seed + 1));
    harness_digest("matrix", digest_end(&digest));
}

/* A default by a static VPN has the path [10124], the provider's [64701]. The first tunnel needs no
 * default, so either may be there first; the story brings the other. */
static struct run run_two_defaults(bool provider_first)
{
    char text[2048];
    const char *held = provider_first ? "    export: [{deny: 0.0.0.0/0}]\n" : "";
    const char *then = provider_first ? "configure: {vpn_connection: vpn, export: []}"
                                      : "announce: {router: provider, prefix: 0.0.0.0/0}";
    int size = snprintf(
        text, sizeof text,
        "vpn_gateways: [{id: vgw, asn: 10124}]\n"
        "customer_gateways:\n"
        "  - {id: cgw, address: 198.51.100.10, router: victim}\n"
        "  - {id: cgw-exit, address: 198.18.0.10}\n"
        "vpn_connections:\n"
        "  - id: vpn\n"
        "    vpn_gateway: vgw\n"
        "    customer_gateway: cgw\n"
        "    tunnels:\n"
        "      - {outside: 203.0.113.225, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}\n"
        "      - {outside: 203.0.113.226, inside: {vgw: 169.254.10.5, cgw: 169.254.10.6}}\n"
        "%s"
        "  - id: vpn-exit\n"
        "    vpn_gateway: vgw\n"
        "    customer_gateway: cgw-exit\n"
        "    tunnels: [{outside: 192.88.98.9, inside: {vgw: 169.254.20.1, cgw: 169.254.20.2}}]\n"
        "    static_routes: [0.0.0.0/0]\n"
        "routers:\n"
        "  - id: victim\n"
        "    platform: vyos\n"
        "    routes: [{prefix: 203.0.113.225/32, via: 198.51.100.1}]\n"
        "    underlay: {asn: 64701, address: 198.51.100.1, announce: []}\n"
        "    bgp: {asn: 65000, announce: [10.20.0.0/16], export: [{permit: 10.20.0.0/16}]}\n"
        "  - id: provider\n"
        "    address: 198.51.100.1\n"
        "    gateway: 198.51.100.254\n"
        "    bgp: {asn: 64701, announce: [%s]}\n"
        "story: [{at: 60s, %s}]\n",
        held, provider_first ? "0.0.0.0/0" : "", then);
    return run_text(text, (size_t)size, NO_PHASE, false);
}

static void of_two_defaults_of_one_length_the_older_stays(void)
{
    struct run run = run_two_defaults(true);
    CHECK_EQUAL(fate_of(&run, 0), FATE_HOLDS);
    CHECK_EQUAL(fate_of(&run, 1), FATE_HOLDS);
    run = run_two_defaults(false); /* the second tunnel has nothing but the first to go through */
    CHECK_EQUAL(fate_of(&run, 0), FATE_HOLDS);
    CHECK(run.tunnels[1].swallowed && !run.tunnels[1].up);
}

static int compare_texts(const void *left, const void *right, const void *ctx)
{
    (void)ctx;
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* A dimension that the writer forgot would be agreed upon 1800 times. */
static void no_two_cells_are_the_same_network(void)
{
    static char *texts[MATRIX_CELLS], *scratch[MATRIX_CELLS];
    size_t size;
    for (unsigned i = 0; i < MATRIX_CELLS; i++) {
        struct matrix_cell cell = matrix_cell_at(i);
        texts[i] = text_of(&cell, &size);
    }
    sort_stable(texts, MATRIX_CELLS, sizeof texts[0], scratch, compare_texts, NULL);
    unsigned same = 0;
    for (unsigned i = 1; i < MATRIX_CELLS; i++)
        same += strcmp(texts[i - 1], texts[i]) == 0;
    CHECK_EQUAL(same, 0);
    for (unsigned i = 0; i < MATRIX_CELLS; i++)
        free(texts[i]);
}

/* -- what bench/MATRIX.md keeps -- */

static void show_row(const char *first, const char *second, const uint64_t *fates)
{
    printf("# page: | %s | %s", first, second);
    for (unsigned i = 0; i < FATES; i++)
        printf(" | %" PRIu64, fates[i]);
    puts(" |");
}

static void show_counts(void)
{
    printf("# page: %d cells (docs/matrix.md), %" PRIu64 " runs: each cell without phases and with "
           "%" PRIu64 " seeds.\n# page: Runs that differ from what the catalogue says: %" PRIu64
           ". The victim's tunnels, without phases:\n# page:\n",
           MATRIX_CELLS, run_count, last_seed, different_count);
    puts("# page: | prefixes | underlay | holds | flaps | dead |");
    puts("# page: |---|---|---:|---:|---:|");
    for (unsigned p = 0; p < PREFIX_VALUES; p++) {
        for (unsigned u = 0; u < UNDERLAY_VALUES; u++)
            show_row(matrix_prefix_words[p], matrix_underlay_words[u], counts[p][u]);
    }
    puts("# page:\n# page: | prefixes | statics | holds | flaps | dead |");
    puts("# page: |---|---|---:|---:|---:|");
    for (unsigned p = 0; p < PINS_VALUES; p++)
        show_row("all", matrix_pins_words[p], counts_by_pins[p]);
}

static void show_cell(unsigned index, uint64_t seed)
{
    struct matrix_cell cell = matrix_cell_at(index);
    size_t size;
    char *text = text_of(&cell, &size);
    fputs(text, stdout);
    struct run run = run_text(text, size, seed, true);
    free(text);
    for (size_t i = 0; i < run.tunnel_count; i++)
        printf("# tunnel %zu: %s, expected %s\n", i + 1, word_of(fate_of(&run, i)),
               word_of(expected_fate(&cell, i)));
}

static void list_cells(void)
{
    for (unsigned i = 0; i < MATRIX_CELLS; i++) {
        struct matrix_cell cell = matrix_cell_at(i);
        size_t own = cell.tunnels == TUNNELS_TWO ? 2 : 1, count = own + (cell.origin != ORIGIN_DX);
        printf("%u: ", i);
        matrix_name(&cell, stdout);
        for (size_t tunnel = 0; tunnel < count; tunnel++)
            printf("%s%s", tunnel ? ", " : ": ", word_of(expected_fate(&cell, tunnel)));
        putchar('\n');
    }
}

int main(void)
{
    uint64_t cell, seed = NO_PHASE;
    harness_number("--seed", &seed);
    if (harness_number("--cell", &cell)) {
        show_cell((unsigned)(cell % MATRIX_CELLS), seed);
        return 0;
    }
    if (harness_flag("--cells")) {
        list_cells();
        return 0;
    }
    bool all = harness_number("--all", &last_seed);
    TEST(no_two_cells_are_the_same_network);
    TEST(of_two_defaults_of_one_length_the_older_stays);
    TEST(every_cell_ends_as_the_catalogue_says);
    if (all)
        show_counts();
    return harness_done();
}
