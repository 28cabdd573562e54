/* What the tests of this room share: networks from the examples, with a word changed here and
 * there, and answers about them. */
#pragma once

#include "check/family.h"
#include "check/run.h"
#include "tests/harness.h"

#include <stdlib.h>

enum { RIG_TEXT_BYTES = 1 << 16, RIG_SEED = 7 };

static inline char *rig_read_in(const char *folder, const char *name)
{
    char path[320];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    char *text = calloc(1, RIG_TEXT_BYTES);
    if (file) {
        CHECK(fread(text, 1, RIG_TEXT_BYTES - 1, file) > 0);
        fclose(file);
    }
    return text;
}

static inline char *rig_read(const char *name)
{
    return rig_read_in("examples", name);
}

/* Puts another text in the place of the only or first one; that it is there is claimed. */
static inline void rig_edit(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    CHECK(at != NULL);
    if (!at)
        return;
    size_t rest = strlen(at + strlen(from)) + 1;
    CHECK((size_t)(at - text) + strlen(to) + rest < RIG_TEXT_BYTES);
    memmove(at + strlen(to), at + strlen(from), rest);
    memcpy(at, to, strlen(to));
}

static inline struct network *rig_parse(const char *text)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    diagnostics_init(&diagnostics);
    struct slice bytes = {(const uint8_t *)text, strlen(text)};
    bool sound = network_parse(bytes, "rig", &diagnostics, &network);
    CHECK(sound);
    if (!sound)
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, stdout);
    diagnostics_done(&diagnostics);
    return network;
}

/* An example, with up to two texts changed; NULL: not changed. */
static inline struct network *rig_network(const char *name, const char *from, const char *to,
                                          const char *from_too, const char *to_too)
{
    char *text = rig_read(name);
    if (from)
        rig_edit(text, from, to);
    if (from_too)
        rig_edit(text, from_too, to_too);
    struct network *network = rig_parse(text);
    free(text);
    return network;
}

static inline struct network *rig_example(const char *name)
{
    return rig_network(name, NULL, NULL, NULL, NULL);
}

/* One of tests/stories, with a text changed; NULL: not changed. */
static inline struct network *rig_story(const char *name, const char *from, const char *to)
{
    char *text = rig_read_in("tests/stories", name);
    if (from)
        rig_edit(text, from, to);
    struct network *network = rig_parse(text);
    free(text);
    return network;
}

static inline struct check *rig_check(const struct network *network)
{
    struct check_options options = {.seed = RIG_SEED};
    struct check *check = check_run(network, &options);
    CHECK(check != NULL);
    return check;
}

/* Of the network as the file tells it, without the announcements that nobody makes. */
static inline struct check *rig_check_as_told(const struct network *network)
{
    struct check_options options = {.seed = RIG_SEED, .no_variants = true};
    struct check *check = check_run(network, &options);
    CHECK(check != NULL);
    return check;
}

static inline struct check *rig_check_without_cures(const struct network *network)
{
    struct check_options options = {.seed = RIG_SEED, .no_remedies = true};
    struct check *check = check_run(network, &options);
    CHECK(check != NULL);
    return check;
}

/* Sites of one gateway, each with two tunnels and a default by DHCP, and a Direct Connect whose far
 * side announces the default at 60 s. */
static inline struct network *rig_sites(int count, const char *platform)
{
    char *text = calloc(1, RIG_TEXT_BYTES);
    size_t at = 0;
    const size_t cap = RIG_TEXT_BYTES;
    at += (size_t)snprintf(text + at, cap - at,
                           "vpcs: [{id: vpc-main, cidrs: [10.0.0.0/16]}]\nvpn_gateways: [{id:"
                           " vgw-main, asn: 64512, vpc: vpc-main, platform: %s}]\n"
                           "customer_gateways:\n",
                           platform);
    for (int i = 1; i <= count; i++)
        at += (size_t)snprintf(text + at, cap - at,
                               "  - {id: cgw-%d, asn: %d, address: 198.51.100.%d, router:"
                               " site-%d}\n",
                               i, 65000 + i, i + 1, i);
    at += (size_t)snprintf(text + at, cap - at, "vpn_connections:\n");
    for (int i = 1; i <= count; i++)
        at += (size_t)snprintf(
            text + at, cap - at,
            "  - id: vpn-%d\n    vpn_gateway: vgw-main\n    customer_gateway: cgw-%d\n"
            "    guard: warn\n    tunnels:\n"
            "      - {outside: 203.0.113.%d, inside: {vgw: 169.254.10.%d, cgw: 169.254.10.%d}}\n"
            "      - {outside: 203.0.113.%d, inside: {vgw: 169.254.11.%d, cgw: 169.254.11.%d}}\n",
            i, i, 2 * i, 4 * i + 1, 4 * i + 2, 2 * i + 1, 4 * i + 1, 4 * i + 2);
    at += (size_t)snprintf(text + at, cap - at,
                           "direct_connects: [{id: dxvif-1, vpn_gateway: vgw-main, router:"
                           " dx-edge, vlan: 101, inside: {vgw: 169.254.100.1, peer:"
                           " 169.254.100.2}}]\nrouters:\n");
    for (int i = 1; i <= count; i++)
        at += (size_t)snprintf(text + at, cap - at,
                               "  - {id: site-%d, platform: vyos, routes: [{prefix: 0.0.0.0/0,"
                               " via: 198.51.100.1, from: dhcp}], bgp: {asn: %d, announce:"
                               " [10.%d.0.0/16]}}\n",
                               i, 65000 + i, i);
    at += (size_t)snprintf(text + at, cap - at,
                           "  - {id: dx-edge, platform: unknown, bgp: {asn: 64999, announce:"
                           " [10.200.0.0/16]}}\nstory:\n  - {at: 60s, announce: {router: dx-edge,"
                           " prefix: 0.0.0.0/0}}\n");
    CHECK(at < cap);
    if (strcmp(platform, "aws") == 0) {
        for (char *line = strstr(text, "    guard: warn\n"); line;
             line = strstr(line, "    guard: warn\n"))
            memmove(line, line + 16, strlen(line + 16) + 1);
    }
    struct network *network = rig_parse(text);
    free(text);
    return network;
}

/* An answer's memory, for functions that write into one. */
static inline struct check *rig_blank(const struct network *network)
{
    struct check *check = calloc(1, sizeof *check);
    check->network = network;
    check->options.seed = RIG_SEED;
    budget_init(&check->budget, world_alloc(), 0);
    arena_init(&check->arena, &check->budget, 4096);
    return check;
}

static inline ip_addr rig_ip(unsigned a, unsigned b, unsigned c, unsigned d)
{
    return (ip_addr)(a << 24 | b << 16 | c << 8 | d);
}

static inline struct prefix rig_prefix(unsigned a, unsigned b, unsigned c, unsigned d, unsigned len)
{
    return (struct prefix){rig_ip(a, b, c, d), (uint8_t)len};
}

/* How many findings of a kind there are. */
static inline size_t rig_count(const struct check *check, enum check_finding_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++)
        count += check_finding(check, i)->kind == kind;
    return count;
}

/* Tunnels that swallow themselves, would or might, by whatever name: first among those of their
 * level. */
static inline size_t rig_recursions(const struct check *check)
{
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++)
        count += !check_finding(check, i)->what && family_has(check_finding(check, i)->kind);
    return count;
}

/* The nth of those, from 0; that it is there is claimed. */
static inline const struct check_finding *rig_recursion(const struct check *check, size_t nth)
{
    static const struct check_finding nothing;
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        if (!finding->what && family_has(finding->kind) && nth-- == 0)
            return finding;
    }
    CHECK(!"there is such a tunnel");
    return &nothing;
}

/* Findings that are told in words of their own: of settings, not of swallowed tunnels. */
static inline size_t rig_count_settled(const struct check *check)
{
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++)
        count += check_finding(check, i)->what != NULL;
    return count;
}

/* The nth of a kind, from 0; that it is there is claimed. */
static inline const struct check_finding *rig_finding(const struct check *check,
                                                      enum check_finding_kind kind, size_t nth)
{
    static const struct check_finding nothing;
    for (size_t i = 0; i < check_finding_count(check); i++) {
        if (check_finding(check, i)->kind == kind && nth-- == 0)
            return check_finding(check, i);
    }
    CHECK(!"there is such a finding");
    return &nothing;
}

/* The level of the one finding of a kind; -1: there is none. */
static inline int rig_level(enum check_finding_kind kind, const char *story, const char *from,
                            const char *to)
{
    struct network *network = rig_story(story, from, to);
    struct check *check = rig_check_without_cures(network);
    CHECK(rig_count(check, kind) <= 1);
    int level = rig_count(check, kind) == 1 ? (int)rig_finding(check, kind, 0)->level : -1;
    check_free(check);
    network_free(network);
    return level;
}

/* The one remedy of a finding, applied to a copy and asked anew: nothing of the kind is left, one
 * setting fewer is told of, and the network is stable. */
static inline void rig_check_cured(const struct check *check, const struct check_finding *finding,
                                   enum check_remedy_kind remedy)
{
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count != 1)
        return;
    CHECK_EQUAL(finding->remedies[0].kind, remedy);
    struct network *cured = check_remedy_applied(check, finding->remedies[0].number);
    struct check *again = rig_check(cured), *told = rig_check_as_told(cured);
    CHECK_EQUAL(check_verdict(again), CHECK_STABLE);
    CHECK_EQUAL((int64_t)rig_count(again, finding->kind), 0);
    CHECK(rig_count_settled(told) < rig_count_settled(check)); /* a failure more may tell another */
    check_free(told);
    check_free(again);
    network_free(cured);
}

/* The same of the first finding of a kind in a story, with a text changed; says is NULL, the change
 * in words, or one of its lines. */
static inline void rig_story_cured(const char *story, const char *from, const char *to,
                                   enum check_finding_kind kind, enum check_remedy_kind remedy,
                                   const char *says)
{
    struct network *network = rig_story(story, from, to);
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, kind, 0);
    rig_check_cured(check, finding, remedy);
    if (says && finding->remedy_count == 1)
        CHECK(strcmp(finding->remedies[0].change, says) == 0 ||
              check_has_text(&finding->remedies[0].lines, says));
    check_free(check);
    network_free(network);
}
