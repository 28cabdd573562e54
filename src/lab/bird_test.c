#include "lab/bird.h"

#include "lab/lab_rig.h"

#define BIRD "/usr/sbin/bird"

static void written(struct lab_rig *rig)
{
    FILE *out = lab_rig_out(rig);
    bird_write(rig->speaker, NULL, out);
    fclose(out);
}

static int judged(const struct lab_rig *rig)
{
    int status = lab_judged(rig, BIRD, "-p -c");
    if (status < 0)
        printf("# %s is not installed: what it says of its configuration is left out\n", BIRD);
    return status < 0 ? 0 : status;
}

static void the_far_side_of_a_direct_connect(void)
{
    struct lab_rig *rig = lab_rig(rig_incident, "dx-edge");
    written(rig);
    CHECK(lab_has(rig, "    local 169.254.100.2 as 65001;"));
    CHECK(lab_has(rig, "    neighbor 169.254.100.1 as 10124;"));
    CHECK(lab_has(rig, "    route 10.30.0.0/16 blackhole { };"));
    CHECK(lab_has(rig, "    hold time 90;") || lab_has(rig, "    hold time 30;"));
    CHECK_EQUAL(judged(rig), 0);
    lab_rig_done(rig);
}

static void policies_are_filters(void)
{
    const char *from = "    platform: frr\n    bgp: {asn: 65010, announce: [10.20.0.0/16]}\n";
    const char *to =
        "    platform: bird\n"
        "    bgp:\n"
        "      asn: 65010\n"
        "      default_originate: true\n"
        "      announce:\n"
        "        - 0.0.0.0/0\n"
        "        - {prefix: 10.21.0.0/16, as_path: [65020, 65030], med: 7, communities: "
        "['65010:1']}\n"
        "      import: [{deny: 0.0.0.0/0}, {permit: 10.0.0.0/8, ge: 16, le: 24}]\n"
        "      export: [{deny: 10.99.0.0/16, community: '65010:9'}]\n"
        "      neighbors:\n"
        "        - address: 169.254.10.1\n"
        "          accept: [10.0.0.0/8]\n"
        "          on_import: {local_preference: 200}\n"
        "          on_export: {med: 5, prepend: 2, add_communities: ['7224:7100']}\n"
        "          limits: {received: 50}\n";
    struct lab_rig *rig = lab_rig(rig_with(rig_site, from, to), "site");
    written(rig);
    CHECK(lab_has(rig, "    route 10.21.0.0/16 blackhole { bgp_path.prepend(65030);"
                       " bgp_path.prepend(65020); bgp_med = 7; bgp_community.add((65010,1)); };"));
    CHECK(
        lab_has(rig, "    if net ~ [ 10.0.0.0/8{16,24} ] then { bgp_local_pref = 200; accept; }"));
    CHECK(lab_has(rig, "        import limit 50 action disable;"));
    CHECK_EQUAL(judged(rig), 0);
    lab_rig_done(rig);
}

static void a_provider_is_two_hops_away(void)
{
    const char *from = "    platform: frr\n";
    const char *to = "    platform: frr\n    underlay: {asn: 64700, announce: [0.0.0.0/0]}\n";
    struct lab_rig *rig = lab_rig(rig_with(rig_site, from, to), "site's provider");
    written(rig);
    CHECK(lab_has(rig, "    multihop 2;"));
    CHECK(lab_has(rig, "protocol direct { ipv4; ipv6; }"));
    CHECK_EQUAL(judged(rig), 0);
    lab_rig_done(rig);
}

/* BIRD exports the best route of a prefix: of a range that its interface is in, the connected one,
 * with what the file says of the announcement. */
static void its_own_range_is_announced(void)
{
    const char *from = "    platform: frr\n    bgp: {asn: 65010, announce: [10.20.0.0/16]}\n";
    const char *to = "    platform: bird\n    underlay: {asn: 64700, announce: [0.0.0.0/0]}\n"
                     "    bgp: {asn: 65010, announce: [{prefix: 198.51.100.0/24, med: 7}]}\n";
    struct lab_rig *rig = lab_rig(rig_with(rig_site, from, to), "site");
    written(rig);
    CHECK(lab_has(rig, "        if net = 198.51.100.0/24 then { said = true; bgp_med = 7; }"));
    CHECK(lab_has(rig, "        if !said then reject;"));
    CHECK_EQUAL(judged(rig), 0);
    lab_rig_done(rig);
}

/* How long it waits after an error, which the file may say; otherwise it is BIRD's own affair. */
static void it_waits_as_long_as_the_file_says(void)
{
    const char *from = "    platform: frr\n";
    const char *to = "    platform: bird\n    latency: {session_restart: 2s}\n";
    struct lab_rig *rig = lab_rig(rig_with(rig_site, from, to), "site");
    written(rig);
    CHECK(lab_has(rig, "    connect delay time 2;\n    error wait time 0, 0;"));
    CHECK_EQUAL(judged(rig), 0);
    lab_rig_done(rig);
    rig = lab_rig(rig_with(rig_site, from, "    platform: bird\n"), "site");
    written(rig);
    CHECK(lab_has(rig, "    connect delay time 5;"));
    CHECK(strstr(rig->text, "error wait time") == NULL);
    lab_rig_done(rig);
    rig = lab_rig(rig_incident, "dx-edge"); /* in another's place, whose errors count for nothing */
    written(rig);
    CHECK(lab_has(rig, "    connect delay time 1;\n    error wait time 0, 0;"));
    lab_rig_done(rig);
}

/* Its neighbors are always told of it, and its kernel never: BIRD announces the best route of a
 * prefix, and would take it back when another default comes. */
static void a_default_set_aside_is_told_whatever_comes(void)
{
    struct lab_rig *rig = lab_rig(rig_incident, "dx-edge");
    written(rig);
    const char *aside = strstr(rig->text, "protocol static aside_ipv4 {\n"
                                          "    ipv4 { preference 250; };");
    CHECK(aside != NULL);
    CHECK(lab_has(rig, "    table master4;\n    peer table used_ipv4;\n    import none;\n"
                       "    export where proto != \"aside_ipv4\";"));
    CHECK(lab_has(rig, "    ipv4 { table used_ipv4; import none; export where source = RTS_BGP ||"
                       " proto = \"own_ipv4\"; };"));
    CHECK(lab_has(rig, "    peer table used_ipv6;"));
    CHECK_EQUAL(judged(rig), 0);
    lab_rig_done(rig);
}

int main(void)
{
    TEST(the_far_side_of_a_direct_connect);
    TEST(policies_are_filters);
    TEST(a_provider_is_two_hops_away);
    TEST(its_own_range_is_announced);
    TEST(it_waits_as_long_as_the_file_says);
    TEST(a_default_set_aside_is_told_whatever_comes);
    return harness_done();
}
