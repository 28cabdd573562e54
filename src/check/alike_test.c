#include "check/alike.h"

#include "check/check_rig.h"

static struct check_finding finding_of(const char *connection, const char *tunnel)
{
    return (struct check_finding){.kind = CHECK_FINDING_TUNNEL_RECURSION,
                                  .level = CHECK_LATENT,
                                  .connection = connection,
                                  .tunnel = tunnel,
                                  .into = tunnel,
                                  .router = "site",
                                  .gateway = "vgw",
                                  .condition = "far announced it",
                                  .conditional = true,
                                  .origin = {.router = "far", .attachment = "vpn-far"}};
}

static void one_cause_is_one_story(void)
{
    struct check_finding first = finding_of("vpn-1", "vpn-1/1"),
                         second = finding_of("vpn-1", "vpn-1/2"),
                         other = finding_of("vpn-2", "vpn-2/1");
    CHECK(alike(&first, &second));
    CHECK(alike(&first, &other) && alike(&other, &first));
    second.into = first.tunnel; /* the one tunnel of a connection takes the other's packets */
    CHECK(alike(&first, &second));
    CHECK(alike(&second, &other));
}

static void whatever_differs_is_told_apart(void)
{
    struct check_finding first = finding_of("vpn-1", "vpn-1/1"), others[13];
    struct check_remedy remedy = {.number = 3};
    char *why[] = {"own-as"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        others[i] = finding_of("vpn-2", "vpn-2/1");
    others[0].kind = CHECK_FINDING_SINGLE_TUNNEL;
    others[1].level = CHECK_PROTECTED;
    others[2].prefix = rig_prefix(128, 0, 0, 0, 1);
    others[3].period_us = 1;
    others[4].condition = NULL;
    others[5].origin.router = NULL;
    others[6].origin.attachment = "dxvif";
    others[7].gateway = "vgw-other";
    others[8].into = "vpn-20/1";
    others[9].what = "in its own words";
    others[10].remedies = &remedy;
    others[10].remedy_count = 1;
    others[11].why = (struct check_texts){why, 1};
    others[12].condition = "the Direct Connect fails";
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK(!alike(&first, &others[i]));
        CHECK(!alike(&others[i], &first));
    }
    first.remedies = &remedy;
    first.remedy_count = 1;
    CHECK(alike(&first, &others[10]));
    struct check_remedy another = {.number = 4};
    first.remedies = &another;
    CHECK(!alike(&first, &others[10]));
}

static void what_is_alike_comes_together(void)
{
    static const char *const connections[] = {"a", "b", "c", "d", "e"};
    static const char *const gathered[] = {"a", "c", "e", "b", "d"};
    struct check_finding findings[5], scratch[5];
    for (size_t i = 0; i < 5; i++) {
        findings[i] = finding_of(connections[i], connections[i]);
        findings[i].into = NULL;
        findings[i].origin.router = i % 2 ? "odd" : "even";
    }
    alike_gather(findings, 5, scratch);
    for (size_t i = 0; i < 5; i++)
        CHECK_TEXT(findings[i].connection, gathered[i]);
    alike_gather(findings, 1, scratch);
    CHECK_TEXT(findings[0].connection, "a");
}

/* Ten sites that one announcement would take are told in one block, and a machine has them all. */
static void ten_sites_are_one_block(void)
{
    struct network *network = rig_sites(10, "aws");
    struct check *check = rig_check_as_told(network);
    CHECK_EQUAL((int64_t)rig_recursions(check), 20);
    for (size_t i = 0; i < 20; i++) {
        char tunnel[32];
        snprintf(tunnel, sizeof tunnel, "vpn-%zu/%zu", i / 2 + 1, i % 2 + 1);
        CHECK_TEXT(check_finding(check, i)->tunnel, tunnel);
    }
    char *text = NULL;
    size_t size, lines = 0;
    FILE *out = open_memstream(&text, &size);
    check_render(check, out, &(struct check_render_options){.utf8 = true, .width = 80});
    fclose(out);
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    CHECK(lines < 60);
    CHECK(strstr(text, "T01: vpn-1 (and 9 more like it) is likely to swallow") != NULL);
    CHECK(strstr(text, "\n  likewise vpn-2 (site-2), vpn-3") != NULL);
    CHECK(strstr(text, "vpn-10 (site-10)\n") != NULL);
    free(text);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(one_cause_is_one_story);
    TEST(whatever_differs_is_told_apart);
    TEST(what_is_alike_comes_together);
    TEST(ten_sites_are_one_block);
    return harness_done();
}
