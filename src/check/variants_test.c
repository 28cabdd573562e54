#include "check/variants.h"

#include "check/check_rig.h"

static char *story_text(void)
{
    char *text = calloc(1, RIG_TEXT_BYTES);
    FILE *file = fopen("tests/stories/one-announcement-away.yaml", "r");
    CHECK(file != NULL);
    if (file) {
        CHECK(fread(text, 1, RIG_TEXT_BYTES - 1, file) > 0);
        fclose(file);
    }
    return text;
}

static struct network *story(void)
{
    char *text = story_text();
    struct network *network = rig_parse(text);
    free(text);
    return network;
}

static void expect(const struct check *check, size_t index, const char *tunnel, const char *router,
                   struct prefix prefix)
{
    if (index >= rig_recursions(check)) {
        CHECK(!"too few findings");
        return;
    }
    const struct check_finding *finding = check_finding(check, index);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK_TEXT(finding->tunnel, tunnel);
    CHECK_TEXT(finding->origin.router, router);
    CHECK_EQUAL(finding->prefix.addr, prefix.addr);
    CHECK_EQUAL(finding->prefix.len, prefix.len);
}

static size_t count_latent(const struct network *network)
{
    struct check *check = rig_check_without_cures(network);
    size_t count = 0;
    for (size_t i = 0; i < rig_recursions(check); i++)
        count += check_finding(check, i)->level == CHECK_LATENT;
    check_free(check);
    return count;
}

/* The incident before it happens: the story tells of something harmless. */
static const char before[] = "prefix: 172.16.0.0/12}}";

/* Nobody knows that its default is weak when nobody knows its default. */
static void a_presumed_default_is_not_called_weak(void)
{
    struct network *network =
        rig_network("incident.yaml", "prefix: 0.0.0.0/0}}", before,
                    "    routes: [{prefix: 0.0.0.0/0, via: 10.20.0.1, from: dhcp}]\n", "");
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_recursions(check), 1);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_TUNNEL_RECURSION, 0);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK_EQUAL(finding->prefix.len, 0);
    check_free(check);
    network_free(network);
}

static void one_announcement_away_is_latent(void)
{
    struct network *network =
        rig_network("incident.yaml", "prefix: 0.0.0.0/0}}", before, NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)rig_recursions(check), 1);
    if (rig_recursions(check) == 1) {
        const struct check_finding *finding = check_finding(check, 0);
        CHECK_EQUAL(finding->level, CHECK_LATENT);
        CHECK_EQUAL(finding->kind, CHECK_FINDING_WEAK_DEFAULT);
        CHECK_TEXT(finding->tunnel, "vpn-vyatta/1");
        CHECK_EQUAL(finding->prefix.len, 0);
        CHECK_TEXT(finding->origin.router, "dx-edge");
        CHECK_TEXT(finding->origin.attachment, "dxvif-1");
        CHECK_TEXT(finding->protection, "dx-edge does not announce it now");
        CHECK_EQUAL((int64_t)finding->as_path_count, 2);
        CHECK(finding->loop.count > 0);
        CHECK(finding->timeline_count > 2);
        CHECK_EQUAL(finding->timeline[0].kind, CHECK_CAUSE);
        CHECK_EQUAL(finding->period_us, 0);
        CHECK_EQUAL((int64_t)finding->remedy_count, 4);
        for (size_t i = 0; i < finding->remedy_count; i++)
            CHECK(finding->remedies[i].kind != CHECK_REMEDY_ORIGIN_WITHDRAW);
    }
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 0);
    CHECK_EQUAL(check_exit_code(check, CHECK_LATENT), 1);
    check_free(check);
    network_free(network);
}

/* The highest number of a remedy; numbers rise as the answer is read. */
static size_t highest_read(const struct check *check)
{
    size_t highest = 0;
    for (size_t i = 0; i < rig_recursions(check); i++) {
        for (size_t j = 0; j < check_finding(check, i)->remedy_count; j++) {
            size_t number = check_finding(check, i)->remedies[j].number;
            CHECK(number <= highest + 1);
            highest = number > highest ? number : highest;
        }
    }
    return highest;
}

static void each_tunnel_has_its_gravest_announcement(void)
{
    struct network *network = story();
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)rig_recursions(check), 4);
    expect(check, 0, "vpn-tokyo/1", "nagano", rig_prefix(0, 0, 0, 0, 0));
    expect(check, 1, "vpn-tokyo/2", "nagano", rig_prefix(0, 0, 0, 0, 0));
    expect(check, 2, "vpn-nagano/1", "tokyo", rig_prefix(128, 0, 0, 0, 1));
    expect(check, 3, "vpn-nagano/2", "tokyo", rig_prefix(128, 0, 0, 0, 1));
    CHECK_EQUAL((int64_t)highest_read(check), 4);
    CHECK_EQUAL((int64_t)check_remedy_total(check), 4);
    check_free(check);
    network_free(network);
}

/* A host route leaves nothing that an announcement could take; a filter of one prefix only that
 * prefix is cured of. */
static void a_cure_cures_what_it_was_shown_for(void)
{
    struct network *network = story();
    struct check *check = rig_check(network);
    for (size_t i = 0; i < rig_recursions(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        CHECK_EQUAL((int64_t)finding->remedy_count, 2);
        for (size_t j = 0; j < finding->remedy_count; j++) {
            struct network *cured = check_remedy_network(check, i, j);
            struct check *again = rig_check_without_cures(cured);
            bool whole = finding->remedies[j].kind == CHECK_REMEDY_CGW_HOST_ROUTE;
            for (size_t k = 0; k < rig_recursions(again); k++) {
                const struct check_finding *left = check_finding(again, k);
                CHECK_EQUAL(left->level, CHECK_LATENT);
                if (strcmp(left->tunnel, finding->tunnel) == 0)
                    CHECK(!whole && !prefix_equal(left->prefix, finding->prefix));
            }
            check_free(again);
            network_free(cured);
        }
    }
    check_free(check);
    network_free(network);
}

static void a_guard_leaves_nothing(void)
{
    struct network *network =
        rig_network("incident.yaml", "prefix: 0.0.0.0/0}}", before, "guard: warn", "guard: hold");
    CHECK_EQUAL((int64_t)count_latent(network), 0);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)check_networks_run(check), 4); /* nothing is run to find that out */
    check_free(check);
    network_free(network);
}

/* What the Direct Connect may announce, and how many tunnels that would take; the sites may
 * announce nothing. */
static const struct permission {
    const char *may;
    size_t latent;
    const char *tunnel; /* of the first */
    unsigned len;
} permissions[] = {
    {"[10.30.0.0/16]", 0, NULL, 0},
    {"[10.0.0.0/8]", 0, NULL, 0},
    {"[10.30.0.0/16, 128.0.0.0/1]", 4, "vpn-tokyo/1", 1},
    {"[10.30.0.0/16, 203.0.0.0/8]", 4, "vpn-tokyo/1", 8},
    {"[10.30.0.0/16, 203.0.0.0/16]", 4, "vpn-tokyo/1", 24},
    {"[10.30.0.0/16, 203.0.113.224/29]", 2, "vpn-tokyo/1", 29},
    {"[10.30.0.0/16, 203.0.113.232/29]", 2, "vpn-nagano/1", 29},
};

/* Those that an attachment of the file would bring about, and the first of them. */
static size_t count_by_file(const struct check *check, const struct check_finding **ret_first)
{
    size_t count = 0;
    for (size_t i = 0; i < rig_recursions(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        if (finding->condition && finding->origin.attachment && count++ == 0 && ret_first)
            *ret_first = finding;
    }
    return count;
}

static void only_what_may_be_announced_is_tried(void)
{
    for (size_t i = 0; i < sizeof permissions / sizeof *permissions; i++) {
        char *text = story_text(), line[64];
        snprintf(line, sizeof line, "may_announce: %s", permissions[i].may);
        rig_edit(text, "may_announce: [10.0.0.0/8]", line);
        rig_edit(text, "cgw-tokyo\n", "cgw-tokyo\n    may_announce: [10.20.0.0/16]\n");
        rig_edit(text, "cgw-nagano\n", "cgw-nagano\n    may_announce: [10.40.0.0/16]\n");
        struct network *network = rig_parse(text);
        struct check *check = rig_check_without_cures(network);
        const struct check_finding *first = NULL;
        CHECK_EQUAL((int64_t)count_by_file(check, &first), (int64_t)permissions[i].latent);
        if (permissions[i].latent > 0 && first) {
            CHECK_TEXT(first->tunnel, permissions[i].tunnel);
            CHECK_EQUAL(first->prefix.len, permissions[i].len);
            CHECK_TEXT(first->origin.attachment, "dxvif-1");
        }
        check_free(check);
        network_free(network);
        free(text);
    }
}

/* The gateway refuses it, or the far side says it already: nothing new would happen. */
static void no_attachment_is_asked_in_vain(void)
{
    static const char *const ways[] = {"import: [{permit: 10.0.0.0/8, le: 32}]",
                                       "may_announce: [10.0.0.0/8, 172.16.0.0/12]"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char line[96];
        snprintf(line, sizeof line, "vlan: 101\n    %s", ways[i]);
        struct network *network =
            rig_network("incident.yaml", "prefix: 0.0.0.0/0}}", before, "vlan: 101", line);
        struct check *check = rig_check(network);
        CHECK_EQUAL((int64_t)count_by_file(check, NULL), 0);
        /* what somebody else could announce is another question */
        CHECK_TEXT(check_finding(check, 0)->origin.router, "a further attachment of vgw-main");
        CHECK_TEXT(check_finding(check, 0)->protection, "nobody in the file could announce it");
        check_free(check);
        network_free(network);
    }
}

static void what_is_announced_already_is_no_variant(void)
{
    static const char *const announced[] = {"announce: [10.30.0.0/16]",
                                            "announce: [10.30.0.0/16, 0.0.0.0/0]",
                                            "received: [10.30.0.0/16, 0.0.0.0/0]"};
    static const int64_t variants[] = {12, 11, 11};
    for (size_t i = 0; i < sizeof announced / sizeof *announced; i++) {
        struct network *network = rig_network("incident-pinned.yaml", "announce: [10.30.0.0/16]",
                                              announced[i], NULL, NULL);
        struct check *check = rig_check(network);
        CHECK_EQUAL((int64_t)check_networks_run(check), 4); /* a pinned tunnel is run for none */
        CHECK_EQUAL((int64_t)check_variants_screened(check), variants[i]);
        check_free(check);
        network_free(network);
    }
}

/* A tunnel that is known to go is no question any more. */
static void what_is_certain_is_not_asked_again(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check = rig_check(network), *told = rig_check_as_told(network);
    CHECK_EQUAL(check_finding(check, 0)->level, CHECK_CERTAIN);
    CHECK_EQUAL((int64_t)check_finding_count(check), (int64_t)check_finding_count(told));
    CHECK_EQUAL((int64_t)check_networks_run(check), (int64_t)check_networks_run(told));
    check_free(check);
    check_free(told);
    network_free(network);
}

/* A router with two attachments: that which permits it is named, and the announcement comes by no
 * other. */
static void the_attachment_is_the_one_that_permits_it(void)
{
    char *text = rig_read("incident.yaml");
    rig_edit(text, "prefix: 0.0.0.0/0}}", before);
    rig_edit(text, "vlan: 101\n", "vlan: 101\n    may_announce: [10.0.0.0/8, 172.16.0.0/12]\n");
    rig_edit(text, "direct_connects:\n",
             "direct_connects:\n  - {id: dxvif-2, vpn_gateway: vgw-main, router: dx-edge, vlan:"
             " 102, inside: {vgw: 169.254.101.1, peer: 169.254.101.2}}\n");
    struct network *network = rig_parse(text);
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_recursions(check), 1);
    expect(check, 0, "vpn-vyatta/1", "dx-edge", rig_prefix(0, 0, 0, 0, 0));
    CHECK_TEXT(check_finding(check, 0)->origin.attachment, "dxvif-2");
    CHECK_TEXT(check_finding(check, 0)->protection, "dx-edge does not announce it now");
    check_free(check);
    network_free(network);
    free(text);
}

/* Both sites fall to a default, each to the other's; what was seen of the second stands first. */
static void others_who_could_are_named(void)
{
    char *text = story_text();
    rig_edit(text, "may_announce: [10.0.0.0/8]", "may_announce: [0.0.0.0/0]");
    rig_edit(text, "via: 192.0.2.1}", "via: 192.0.2.1, from: dhcp}");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    expect(check, 0, "vpn-tokyo/1", "nagano", rig_prefix(0, 0, 0, 0, 0));
    expect(check, 2, "vpn-nagano/1", "tokyo", rig_prefix(0, 0, 0, 0, 0));
    CHECK_TEXT(check_finding(check, 0)->protection,
               "nagano does not announce it now; the same would come of 0.0.0.0/0 from dx-edge on"
               " dxvif-1");
    CHECK_EQUAL((int64_t)highest_read(check), (int64_t)check_remedy_total(check));
    CHECK_EQUAL((int64_t)check_finding(check, 0)->remedies[0].number, 1);
    check_free(check);
    network_free(network);
    free(text);
}

/* What is wrong already comes first, and the answer says what it did not ask. */
static void a_network_without_rest_is_not_asked(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = rig_check_without_cures(network);
    size_t said = 0;
    for (size_t i = 0; i < rig_recursions(check); i++)
        CHECK(check_finding(check, i)->level >= CHECK_LIKELY);
    for (size_t i = 0; i < check_assumptions(check)->count; i++)
        said += strstr(check_assumptions(check)->items[i], "one announcement more") != NULL;
    CHECK_EQUAL((int64_t)said, 1);
    check_free(check);
    network_free(network);
}

static void nobody_is_asked_who_does_not_want_it(void)
{
    struct network *network = story();
    struct check *check = rig_check_as_told(network);
    CHECK_EQUAL((int64_t)rig_recursions(check), 0);
    CHECK_EQUAL((int64_t)check_networks_run(check), 4);
    check_free(check);
    network_free(network);
}

/* -- networks that nobody expects -- */

static struct check *check_text_of(const char *text, struct network **ret_network)
{
    *ret_network = rig_parse(text);
    return rig_check_without_cures(*ret_network);
}

static void no_tunnel_at_all_is_no_trouble(void)
{
    static const char *const texts[] = {
        "routers: [{id: r, platform: frr}]\n",
        "vpcs:\n"
        "  - {id: a, cidrs: [10.1.0.0/16]}\n"
        "  - {id: b, cidrs: [10.2.0.0/16]}\n"
        "  - {id: c, cidrs: [10.3.0.0/16]}\n"
        "vpc_peerings:\n" /* in a circle */
        "  - {id: p, requester: a, accepter: b}\n"
        "  - {id: q, requester: b, accepter: c}\n"
        "  - {id: s, requester: c, accepter: a}\n",
    };
    for (size_t i = 0; i < 2; i++) {
        struct network *network;
        struct check *check = check_text_of(texts[i], &network);
        CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
        CHECK_EQUAL((int64_t)check_finding_count(check), 0);
        CHECK_EQUAL((int64_t)check_variants_screened(check), 0);
        check_free(check);
        network_free(network);
    }
}

/* Regions that share nothing but the file: each tunnel is asked about in its own part, and its
 * finding stands where the file has it. */
static struct network *many_regions(int count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fputs("vpn_gateways:\n", out);
    for (int i = 0; i < count; i++)
        fprintf(out, "  - {id: vgw-%d, asn: 64512}\n", i);
    fputs("customer_gateways:\n", out);
    for (int i = 0; i < count; i++)
        fprintf(out, "  - {id: cgw-%d, asn: 65001, address: 198.%d.%d.2, router: site-%d}\n", i,
                18 + i / 250, i % 250, i);
    fputs("vpn_connections:\n", out);
    for (int i = 0; i < count; i++)
        fprintf(
            out,
            "  - {id: vpn-%d, vpn_gateway: vgw-%d, customer_gateway: cgw-%d, tunnels: [{outside:"
            " 203.0.%d.%d, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}]}\n",
            i, i, i, i / 250, i % 250 + 1);
    fputs("routers:\n", out);
    for (int i = 0; i < count; i++)
        fprintf(out,
                "  - {id: site-%d, platform: vyos, routes: [{prefix: 0.0.0.0/0, via: 198.%d.%d.1, "
                "from: dhcp}], bgp: {asn: 65001, announce: [10.%d.%d.0/24]}}\n",
                i, 18 + i / 250, i % 250, i / 250, i % 250);
    fclose(out);
    struct diagnostics diagnostics;
    struct network *network = NULL;
    diagnostics_init(&diagnostics);
    bool sound = network_parse((struct slice){(const uint8_t *)text, size}, "regions", &diagnostics,
                               &network);
    CHECK(sound);
    diagnostics_done(&diagnostics);
    free(text);
    return network;
}

static void hundreds_of_parts_are_asked_one_by_one(void)
{
    struct network *network = many_regions(200);
    struct check_options options = {.seed = RIG_SEED, .no_remedies = true};
    struct check *check = check_run(network, &options);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)rig_recursions(check), 200);
    int next = 0;
    for (size_t i = 0; i < check_finding_count(check); i++) {
        char id[32];
        if (!check_finding(check, i)->condition || !check_finding(check, i)->tunnel)
            continue;
        snprintf(id, sizeof id, "vpn-%d/1", next++);
        CHECK_TEXT(check_finding(check, i)->tunnel, id);
    }
    CHECK_EQUAL(next, 200);
    CHECK_EQUAL((int64_t)check_variants_screened(check), 600); /* tunnel, router, one default */
    check_free(check);
    network_free(network);
}

/* A remedy of a part is one of the whole. */
static void a_part_s_remedy_cures_the_whole(void)
{
    struct network *network = many_regions(3);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_recursions(check), 3);
    const struct check_finding *finding = check_finding(check, 0);
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *other = check_finding(check, i);
        if (other->tunnel && other->condition && strcmp(other->tunnel, "vpn-2/1") == 0)
            finding = other;
    }
    CHECK(finding->condition && finding->remedy_count > 0);
    for (size_t i = 0; i < finding->remedy_count; i++) {
        CHECK_TEXT(finding->remedies[i].where, "site-2");
        struct network *cured = check_remedy_applied(check, finding->remedies[i].number);
        CHECK(network_equal(network, cured) == false);
        struct check *again = rig_check_without_cures(cured);
        for (size_t j = 0; j < check_finding_count(again); j++) {
            const struct check_finding *left = check_finding(again, j);
            CHECK(!left->condition || strcmp(left->tunnel, "vpn-2/1") != 0 || left->prefix.len > 0);
        }
        check_free(again);
        network_free(cured);
    }
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(no_tunnel_at_all_is_no_trouble);
    TEST(hundreds_of_parts_are_asked_one_by_one);
    TEST(a_part_s_remedy_cures_the_whole);
    TEST(a_presumed_default_is_not_called_weak);
    TEST(one_announcement_away_is_latent);
    TEST(each_tunnel_has_its_gravest_announcement);
    TEST(a_cure_cures_what_it_was_shown_for);
    TEST(a_guard_leaves_nothing);
    TEST(only_what_may_be_announced_is_tried);
    TEST(no_attachment_is_asked_in_vain);
    TEST(what_is_announced_already_is_no_variant);
    TEST(what_is_certain_is_not_asked_again);
    TEST(the_attachment_is_the_one_that_permits_it);
    TEST(others_who_could_are_named);
    TEST(a_network_without_rest_is_not_asked);
    TEST(nobody_is_asked_who_does_not_want_it);
    return harness_done();
}
