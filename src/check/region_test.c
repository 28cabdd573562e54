#include "check/region.h"

#include "check/check_rig.h"
#include "network/generate.h"

#include <jansson.h>
#include <string.h>

/* Three kinds of parts that share nothing but the file, in turns: a site with a default of its own
 * that stands, one whose default gives way (what a further attachment could announce swallows it),
 * and one that its neighbor's default swallows at the end of a minute. */
static void write_connection(FILE *out, int part, int nth)
{
    fprintf(out,
            "  - {id: vpn-%d-%d, vpn_gateway: vgw-%d, customer_gateway: cgw-%d-%d, tunnels:"
            " [{outside: 203.0.%d.%d, inside: {vgw: 169.254.%d.1, cgw: 169.254.%d.2}}]}\n",
            part, nth, part, part, nth, part, nth + 1, 10 + nth, 10 + nth);
}

/* The first `joined` of them are one part, for something is wanted between them. */
static struct network *region_of_joined(int count, int joined)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    CHECK(out != NULL);
    fputs("vpn_gateways:\n", out);
    for (int i = 0; i < count; i++)
        fprintf(out, "  - {id: vgw-%d, asn: 64512}\n", i);
    fputs("customer_gateways:\n", out);
    for (int i = 0; i < 2 * count; i++)
        fprintf(out, "  - {id: cgw-%d-%d, asn: %d, address: 198.18.%d.2, router: site-%d-%d}\n",
                i / 2, i % 2, 65001 + i % 2, i, i / 2, i % 2);
    fputs("vpn_connections:\n", out);
    for (int i = 0; i < 2 * count; i++)
        write_connection(out, count - 1 - i % count, i / count); /* the parts are mixed */
    fputs("routers:\n", out);
    for (int i = 0; i < 2 * count; i++)
        fprintf(out,
                "  - {id: site-%d-%d, platform: %s, routes: [{prefix: 0.0.0.0/0, via: "
                "198.18.%d.1%s}], bgp: {asn: %d, announce: [10.%d.0.0/16]}}\n",
                i / 2, i % 2, i / 2 % 2 ? "cisco-ios" : "vyos", i, i / 2 % 3 ? ", from: dhcp" : "",
                65001 + i % 2, i);
    fputs(count > 2 ? "story:\n" : "", out);
    for (int i = 2; i < count; i += 3)
        fprintf(out, "  - {at: 60s, announce: {router: site-%d-0, prefix: 0.0.0.0/0}}\n", i);
    fputs(joined > 1 ? "wanted:\n" : "", out);
    for (int i = 1; i < joined; i++)
        fprintf(out, "  - {from: site-0-0, to: site-%d-0}\n", i);
    fclose(out);
    struct network *network = rig_parse(text);
    free(text);
    return network;
}

static struct network *region_of(int count)
{
    return region_of_joined(count, 0);
}

static char *answer_of(const struct network *network, unsigned workers)
{
    struct check_options options = {.seed = RIG_SEED, .workers = workers};
    struct check *check = check_run(network, &options);
    json_t *answer = check_json(check);
    char *text = json_dumps(answer, JSON_INDENT(1));
    json_decref(answer);
    check_free(check);
    return text;
}

static void any_number_of_threads_gives_the_same_answer(void)
{
    struct network *network = region_of(9);
    char *one = answer_of(network, 1);
    CHECK(strstr(one, "tunnel-recursion") && strstr(one, "weak-default"));
    for (unsigned workers = 2; workers <= 16; workers *= 2) {
        char *more = answer_of(network, workers);
        CHECK_TEXT(more, one);
        free(more);
    }
    free(one);
    network_free(network);
}

static const struct check_finding *find(const struct check *check, const char *identity)
{
    for (size_t i = 0; i < check_finding_count(check); i++) {
        if (strcmp(check_finding(check, i)->identity, identity) == 0)
            return check_finding(check, i);
    }
    return NULL;
}

/* Word for word, and with remedies that change the same lines. */
static void compare(const struct check *check, const struct check_finding *alone)
{
    const struct check_finding *finding = find(check, alone->identity);
    CHECK(finding != NULL);
    if (!finding)
        return;
    CHECK_EQUAL(finding->level, alone->level);
    CHECK_EQUAL((int64_t)finding->remedy_count, (int64_t)alone->remedy_count);
    CHECK_EQUAL((int64_t)finding->timeline_count, (int64_t)alone->timeline_count);
    CHECK_EQUAL((int64_t)finding->period_us, (int64_t)alone->period_us);
    for (size_t i = 0; i < finding->remedy_count && i < alone->remedy_count; i++)
        CHECK_TEXT(finding->remedies[i].change, alone->remedies[i].change);
}

/* What the region's answer says of a part is what the part's says. */
static size_t compare_parts(const struct network *network)
{
    struct check_options options = {.seed = RIG_SEED, .workers = 2};
    struct check *whole = check_run(network, &options);
    struct network_parts parts;
    size_t said = 0, region_wide = find(whole, "quota theRegion - -") != NULL;
    network_split(network, &parts);
    for (size_t i = 0; parts.count > 1 && i < parts.count; i++) {
        struct check *part = check_run(parts.items[i].network, &options);
        said += check_finding_count(part);
        for (size_t j = 0; j < check_finding_count(part); j++)
            compare(whole, check_finding(part, j));
        check_free(part);
    }
    if (parts.count > 1)
        CHECK_EQUAL((int64_t)check_finding_count(whole), (int64_t)(said + region_wide));
    size_t count = parts.count;
    network_parts_done(&parts);
    check_free(whole);
    return count;
}

static void a_part_has_the_answer_that_it_has_alone(void)
{
    struct network *network = region_of(6);
    CHECK_EQUAL((int64_t)compare_parts(network), 6);
    network_free(network);
    struct generate_shape shape = generate_usual;
    shape.connections = 1;
    shape.fast = true;
    size_t several = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        network = network_generate(seed, &shape);
        several += compare_parts(network) > 1;
        network_free(network);
    }
    CHECK(several >= 4);
}

/* Remedies are numbered as they are read, and each one's change stands in its part's own lines. */
static void remedies_count_through_the_region(void)
{
    struct network *network = region_of(6);
    struct check *check = rig_check(network);
    size_t highest = 0;
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        for (size_t j = 0; j < finding->remedy_count; j++) {
            const struct check_remedy *remedy = &finding->remedies[j];
            CHECK(remedy->number <= highest + 1);
            highest = remedy->number > highest ? remedy->number : highest;
            for (size_t k = 0; k < remedy->change_count; k++) {
                const struct change *change = &remedy->changes[k];
                if (change_place(change->kind) == NETWORK_ROUTER && finding->gateway)
                    CHECK(strncmp(network->routers[change->index].id + 4, finding->gateway + 3,
                                  strlen(finding->gateway + 3)) == 0);
            }
        }
    }
    CHECK(highest > 0);
    CHECK_EQUAL((int64_t)check_remedy_total(check), (int64_t)highest);
    check_free(check);
    network_free(network);
}

static void the_gravest_part_gives_the_verdict(void)
{
    struct network *fine = region_of(2), *round = region_of(3);
    struct check *check = rig_check_without_cures(fine);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)check_part_count(check), 2);
    check_free(check);
    check = rig_check_without_cures(round);
    CHECK_EQUAL(check_verdict(check), CHECK_UNSTABLE);
    CHECK_EQUAL((int64_t)check_parts_asked(check), 3);
    check_free(check);
    network_free(fine);
    network_free(round);
}

/* Those of one level stand as their connections are in the file, and not part by part. */
static void findings_stand_as_the_file_has_them(void)
{
    struct network *network = region_of(6);
    struct check *check = rig_check_without_cures(network);
    size_t seen = 0;
    int32_t before = -1;
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        if (finding->what || finding->level != CHECK_LATENT)
            continue;
        struct network_ref ref = network_find(network, finding->connection);
        CHECK(ref.index > before);
        before = ref.index;
        seen++;
    }
    CHECK(seen >= 4);
    check_free(check);
    network_free(network);
}

static void what_is_assumed_is_told_once_for_all_parts(void)
{
    struct network *network = region_of(6);
    struct check *check = rig_check_without_cures(network);
    const struct check_texts *texts = check_assumptions(check);
    CHECK(texts->count > 1);
    for (size_t i = 0; i < texts->count; i++) {
        for (size_t j = 0; j < i; j++) {
            const char *left = strchr(texts->items[i], ':'), *right = strchr(texts->items[j], ':');
            CHECK(!left || !right || strcmp(left, right) != 0);
        }
    }
    check_free(check);
    network_free(network);
}

static size_t quotas_told(struct network *network)
{
    struct check *check = rig_check_without_cures(network);
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        count += finding->kind == CHECK_FINDING_QUOTA && strcmp(finding->place, "the Region") == 0;
    }
    check_free(check);
    network_free(network);
    return count;
}

static void a_region_s_quota_is_told_once(void)
{
    CHECK_EQUAL((int64_t)quotas_told(region_of(5)), 0);
    CHECK_EQUAL((int64_t)quotas_told(region_of(6)), 1);
    CHECK_EQUAL((int64_t)quotas_told(region_of_joined(7, 6)),
                1); /* of one part, and of the whole */
    CHECK_EQUAL((int64_t)quotas_told(region_of_joined(6, 6)), 1);
}

/* -- interrupted -- */

static size_t runs_allowed;

static bool is_enough(void)
{
    return runs_allowed == 0 || --runs_allowed == 0;
}

static void is_known_so_far(const struct check *whole, const struct check *check)
{
    for (size_t i = 0; i < check_finding_count(check); i++)
        CHECK(find(whole, check_finding(check, i)->identity) != NULL);
    if (check_parts_asked(check) < check_part_count(check))
        CHECK(check_verdict(check) == CHECK_UNKNOWN || check_verdict(check) == CHECK_UNSTABLE);
}

static struct check *interrupt_after(const struct network *network, size_t runs, unsigned workers)
{
    struct check_options options = {.seed = RIG_SEED, .workers = workers, .interrupted = is_enough};
    runs_allowed = runs;
    return check_run(network, &options);
}

/* Where several threads work, one question may stand for several runs, so nobody knows how far they
 * have come when they hear of it. */
static void what_is_known_of_the_parts_is_said_when_it_is_interrupted(void)
{
    struct network *network = region_of(6);
    struct check *whole = rig_check(network);
    size_t few = 0;
    for (size_t runs = 1; runs < 40; runs += 3) {
        struct check *check = interrupt_after(network, runs, 1);
        CHECK(check_interrupted(check));
        CHECK(check_networks_run(check) < check_networks_run(whole));
        CHECK(runs > 1 || check_parts_asked(check) == 1);
        is_known_so_far(whole, check);
        few += check_parts_asked(check) < 6;
        check_free(check);
        check = interrupt_after(network, runs, 2);
        is_known_so_far(whole, check);
        check_free(check);
    }
    CHECK(few > 5);
    check_free(whole);
    network_free(network);
}

static void an_interrupted_region_says_what_is_missing(void)
{
    struct network *network = region_of(6);
    struct check_options options = {.seed = RIG_SEED, .workers = 1, .interrupted = is_enough};
    runs_allowed = 1;
    struct check *check = check_run(network, &options);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    check_render(check, out, &(struct check_render_options){.width = 200});
    fclose(out);
    CHECK(strstr(text, "concerns 5 of 6 parts of the region, which were not looked at") != NULL);
    json_t *answer = check_json(check);
    const json_t *parts = json_object_get(answer, "parts");
    CHECK_EQUAL(json_integer_value(json_object_get(parts, "count")), 6);
    CHECK_EQUAL(json_integer_value(json_object_get(parts, "asked")), 1);
    json_decref(answer);
    free(text);
    check_free(check);
    network_free(network);
}

/* -- progress -- */

static size_t told_runs, told_parts;

static void tell(void *context, const struct check_progress *now)
{
    CHECK(context == &told_runs);
    CHECK(now->networks_run > told_runs && now->parts_done >= told_parts);
    CHECK_EQUAL((int64_t)now->part_count, 6);
    told_runs = now->networks_run;
    told_parts = now->parts_done;
}

static void progress_counts_the_whole_region(void)
{
    struct network *network = region_of(6);
    for (unsigned workers = 1; workers <= 2; workers++) {
        struct check_options options = {.seed = RIG_SEED,
                                        .workers = workers,
                                        .no_remedies = true,
                                        .progress = tell,
                                        .progress_context = &told_runs};
        told_runs = told_parts = 0;
        struct check *check = check_run(network, &options);
        CHECK_EQUAL((int64_t)told_runs, (int64_t)check_networks_run(check));
        CHECK(told_parts >= 4);
        check_free(check);
    }
    network_free(network);
}

int main(void)
{
    TEST(any_number_of_threads_gives_the_same_answer);
    TEST(a_part_has_the_answer_that_it_has_alone);
    TEST(remedies_count_through_the_region);
    TEST(the_gravest_part_gives_the_verdict);
    TEST(findings_stand_as_the_file_has_them);
    TEST(what_is_assumed_is_told_once_for_all_parts);
    TEST(a_region_s_quota_is_told_once);
    TEST(what_is_known_of_the_parts_is_said_when_it_is_interrupted);
    TEST(an_interrupted_region_says_what_is_missing);
    TEST(progress_counts_the_whole_region);
    return harness_done();
}
