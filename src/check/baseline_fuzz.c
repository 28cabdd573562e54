#include "check/baseline.h"

#include "check/run.h"

#include <assert.h>
#include <stdlib.h>

/* Any bytes: a baseline or errors, never both; applied to an answer it leaves out or shows, and
 * says what it missed in words that are text. */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void add(struct check *check, enum check_level level, const char *identity)
{
    struct check_finding *finding = check_add_finding(check);
    finding->level = level;
    finding->identity = identity;
}

static void is_text(const struct check_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        for (const char *at = texts->items[i]; *at; at++)
            assert(*at >= ' ' && *at <= '~');
    }
}

static void apply(const struct baseline *baseline)
{
    struct check check = {0};
    budget_init(&check.budget, world_alloc(), 0);
    arena_init(&check.arena, &check.budget, 4096);
    for (int i = 0; i < CHECK_FINDING_KINDS; i++)
        check.selected[i] = true;
    add(&check, CHECK_CERTAIN, "tunnel-recursion vpn-a/1 0.0.0.0/0 edge");
    add(&check, CHECK_LATENT, "tunnel-recursion vpn-a/1 0.0.0.0/0 edge #2");
    add(&check, CHECK_LIKELY, "single-tunnel vpn-b - -");
    baseline_apply(&check, baseline);
    assert(check.finding_count + check.left_out.baseline == 3);
    assert(check.hidden_count == check.left_out.baseline);
    assert(check.left_out.graver.count <= check.finding_count);
    is_text(&check.left_out.gone);
    is_text(&check.left_out.graver);
    arena_done(&check.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct diagnostics diagnostics;
    struct baseline *baseline = NULL;
    diagnostics_init(&diagnostics);
    bool fine = baseline_parse((struct slice){bytes, size}, "fuzz", &diagnostics, &baseline);
    assert(fine == (diagnostics.count == 0));
    assert(fine == (baseline != NULL));
    if (fine)
        apply(baseline);
    baseline_free(baseline);
    diagnostics_done(&diagnostics);
    return 0;
}
