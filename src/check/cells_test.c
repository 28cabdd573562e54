/* Every cell of the matrix (docs/matrix.md) is called by its name: what the catalogue of traps says
 * of it, in plain code that knows no engine, against what the checker finds.
 *
 *     cells_test          every seventh cell
 *     cells_test --all    every cell */
#include "sim/matrix_oracle.h"

#include "check/check_rig.h"

/* What a cell's tunnel must have. */
struct expected {
    bool any;
    enum check_level level;
    enum check_finding_kind kind;
    bool weak; /* T04 under `also` */
};

static bool is_by_bgp(const struct matrix_cell *cell)
{
    return cell->underlay == UNDERLAY_EBGP_SHORT || cell->underlay == UNDERLAY_EBGP_LONG;
}

/* It falls: T06 before T05 before T03 before T01, which a weak default has beside it. */
static struct expected name_of_fall(const struct matrix_cell *cell)
{
    bool everything = cell->prefix == PREFIX_DEFAULT;
    struct expected expected = {.any = true, .level = CHECK_CERTAIN};
    expected.weak = everything && cell->underlay == UNDERLAY_DHCP;
    if (cell->pins == PINS_RECURSIVE)
        expected.kind = CHECK_FINDING_NEXT_HOP_IN_TUNNEL;
    else if (everything && is_by_bgp(cell))
        expected.kind = CHECK_FINDING_DEFAULT_BY_BGP;
    else if (!everything)
        expected.kind = CHECK_FINDING_COVERING_PREFIX;
    else
        expected.kind = CHECK_FINDING_TUNNEL_RECURSION;
    return expected;
}

/* It holds though the prefixes cover the endpoint: latent, if by chance alone (the own AS in the
 * path, T24; a margin of best path, T05), and protected by a line otherwise. */
static enum check_level level_of_hold(const struct matrix_cell *cell, unsigned tunnel)
{
    if (!oracle_accepted(cell))
        return CHECK_LATENT;
    bool pinned = oracle_pinned(cell, tunnel) || cell->pins == PINS_RECURSIVE;
    bool margin = cell->prefix == PREFIX_DEFAULT && is_by_bgp(cell) && !pinned;
    return margin ? CHECK_LATENT : CHECK_PROTECTED;
}

static struct expected expect(const struct matrix_cell *cell, unsigned tunnel)
{
    if (oracle_fate(cell, tunnel) != FATE_HOLDS)
        return name_of_fall(cell);
    return (struct expected){.any = true, .level = level_of_hold(cell, tunnel)};
}

static const struct check_finding *find(const struct check *check, unsigned tunnel)
{
    const struct check_finding *found = NULL;
    for (size_t i = 0; i < rig_recursions(check); i++) {
        const struct check_finding *finding = rig_recursion(check, i);
        if (strcmp(finding->tunnel, tunnel ? "vpn-victim/2" : "vpn-victim/1") == 0)
            found = found && found->level >= finding->level ? found : finding;
    }
    return found;
}

static bool has_also(const struct check_finding *finding, enum check_finding_kind kind)
{
    for (size_t i = 0; i < finding->also_count; i++) {
        if (finding->also[i] == kind)
            return true;
    }
    return false;
}

static bool is_as(const struct check_finding *finding, const struct expected *expected)
{
    if (!finding)
        return !expected->any;
    if (finding->level != expected->level)
        return false;
    return expected->level != CHECK_CERTAIN ||
           (finding->kind == expected->kind &&
            has_also(finding, CHECK_FINDING_WEAK_DEFAULT) == expected->weak);
}

static bool cell_is_called_by_its_name(uint32_t index)
{
    struct matrix_cell cell = matrix_cell_at(index);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    matrix_write(&cell, out);
    fclose(out);
    struct network *network = rig_parse(text);
    struct check_options options = {.seed = RIG_SEED, .no_variants = true, .no_remedies = true};
    struct check *check = check_run(network, &options);
    bool sound = true;
    for (unsigned i = 0; i < (cell.tunnels == TUNNELS_TWO ? 2u : 1u); i++) {
        struct expected expected = expect(&cell, i);
        const struct check_finding *finding = find(check, i);
        if (is_as(finding, &expected))
            continue;
        sound = false;
        printf("# cell %u, tunnel %u: %s %s, expected %s %s%s\n", index, i + 1,
               finding ? check_level_name(finding->level) : "nothing",
               finding ? check_finding_name(finding->kind) : "", check_level_name(expected.level),
               check_finding_name(expected.kind), expected.weak ? ", weak-default" : "");
    }
    check_free(check);
    network_free(network);
    free(text);
    return sound;
}

/* Dimensions have 2 to 5 values, so a stride of 7 leaves no value of any out. */
enum { STRIDE = 7 };

static unsigned stride = STRIDE;

static void each_cell_is_called_by_its_name(void)
{
    unsigned wrong = 0, asked = 0;
    for (uint32_t i = 0; i < MATRIX_CELLS; i += stride, asked++)
        wrong += !cell_is_called_by_its_name(i);
    CHECK_EQUAL(wrong, 0);
    CHECK_EQUAL(asked, (MATRIX_CELLS + stride - 1) / stride);
    printf("# page: %u of %u cells are called by their names\n", asked - wrong,
           (unsigned)MATRIX_CELLS);
}

int main(void)
{
    if (harness_flag("--all"))
        stride = 1;
    TEST(each_cell_is_called_by_its_name);
    return harness_done();
}
