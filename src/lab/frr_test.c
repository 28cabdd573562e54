#include "lab/frr.h"

#include "lab/lab_rig.h"

static void written(struct lab_rig *rig, enum frr_daemon daemon)
{
    FILE *out = lab_rig_out(rig);
    frr_write(rig->speaker, daemon, NULL, out);
    fclose(out);
}

/* 0: the daemon takes it; or it cannot be asked, which is said. */
static int judged(const struct lab_rig *rig, enum frr_daemon daemon)
{
    char program[64];
    if (geteuid() != 0) { /* it drops privileges before it reads anything */
        printf("# only root may ask FRR: what it says of its configuration is left out\n");
        return 0;
    }
    snprintf(program, sizeof program, "/usr/lib/frr/%s", frr_word(daemon));
    int status = lab_judged(rig, program, daemon == FRR_BGPD ? "--dryrun -S -f" : "--dryrun -f");
    if (status < 0)
        printf("# %s is not installed: what it says of its configuration is left out\n", program);
    return status < 0 ? 0 : status;
}

static void the_incidents_router(void)
{
    struct lab_rig *rig = lab_rig(rig_incident, "vyatta");
    CHECK(frr_needs(rig->speaker, FRR_STATICD) && frr_needs(rig->speaker, FRR_BGPD));
    CHECK(!frr_needs(rig->speaker, FRR_BFDD));
    written(rig, FRR_STATICD);
    CHECK(lab_has(rig, "ip route 0.0.0.0/0 10.20.0.1 210"));
    CHECK_EQUAL(judged(rig, FRR_STATICD), 0);
    written(rig, FRR_ZEBRA); /* as a Vyatta's; FRR itself does not */
    CHECK(lab_has(rig, "ip nht resolve-via-default"));
    written(rig, FRR_BGPD);
    CHECK(lab_has(rig, "router bgp 65000"));
    CHECK(lab_has(rig, " neighbor 169.254.252.30 remote-as 10124"));
    CHECK(lab_has(rig, " neighbor 169.254.252.30 timers 10 30"));
    CHECK(lab_has(rig, " neighbor 169.254.252.30 update-source 169.254.252.29"));
    CHECK(lab_has(rig, "  network 10.20.0.0/16"));
    CHECK(strstr(rig->text, "sender-as-path-loop-detection") == NULL); /* it announces back */
    CHECK_EQUAL(judged(rig, FRR_BGPD), 0);
    lab_rig_done(rig);
}

static const char policies[] =
    "routers:\n"
    "  - id: site\n"
    "    platform: frr\n"
    "    bgp:\n"
    "      asn: 65010\n"
    "      announce_back: false\n"
    "      announce:\n"
    "        - 10.20.0.0/16\n"
    "        - {prefix: 10.21.0.0/16, as_path: [65020, 65030], med: 7, communities: ['65010:1']}\n"
    "      import: [{deny: 0.0.0.0/0}, {permit: 10.0.0.0/8, ge: 16, le: 24}]\n"
    "      export: [{deny: 10.99.0.0/16, community: '65010:9'}]\n"
    "      neighbors:\n"
    "        - address: 169.254.10.1\n"
    "          accept: [10.0.0.0/8]\n"
    "          refuse_default: true\n"
    "          on_import: {local_preference: 200}\n"
    "          on_export: {med: 5, prepend: 2, add_communities: ['7224:7100']}\n"
    "          limits: {received: 50}\n";

static struct lab_rig *with_policies(void)
{
    const char *at = strstr(rig_site, "routers:");
    static char text[1 << 13];
    snprintf(text, sizeof text, "%.*s%s", (int)(at - rig_site), rig_site, policies);
    return lab_rig(text, "site");
}

static void policies_are_route_maps(void)
{
    struct lab_rig *rig = with_policies();
    written(rig, FRR_BGPD);
    CHECK(lab_has(rig, " set as-path prepend 65020 65030"));
    CHECK(lab_has(rig, "  network 10.21.0.0/16 route-map own-2"));
    CHECK(lab_has(rig, " set local-preference 200"));
    CHECK(lab_has(rig, " set as-path prepend 65010 65010"));
    CHECK(lab_has(rig, " set community 7224:7100 additive"));
    CHECK(lab_has(rig, "ip prefix-list n1-in-60 seq 5 permit 10.0.0.0/8 ge 16 le 24"));
    CHECK(lab_has(rig, "  neighbor 169.254.10.1 maximum-prefix 50"));
    CHECK(lab_has(rig, " neighbor 169.254.10.1 sender-as-path-loop-detection"));
    CHECK_EQUAL(judged(rig, FRR_BGPD), 0);
    lab_rig_done(rig);
}

/* Between a router and its provider is the lab's Internet, a hop. */
static void a_provider_is_two_hops_away(void)
{
    const char *from = "    platform: frr\n";
    const char *to = "    platform: frr\n    underlay: {asn: 64700, announce: [0.0.0.0/0]}\n";
    struct lab_rig *rig = lab_rig(rig_with(rig_site, from, to), "site");
    written(rig, FRR_BGPD);
    CHECK(lab_has(rig, " neighbor 198.51.100.1 ebgp-multihop 2"));
    CHECK(strstr(rig->text, "neighbor 169.254.10.1 ebgp-multihop") == NULL);
    CHECK_EQUAL(judged(rig, FRR_BGPD), 0);
    lab_rig_done(rig);
}

/* What may lead out is in the VRF's table, and in the router's own it gets there by the interface;
 * what a provider says is in the VRF alone. */
static void an_outer_vrf_has_routes_of_its_own(void)
{
    struct lab_rig *rig = lab_rig(
        rig_and(rig_site, "    outer_vrf: true\n"
                          "    underlay: {asn: 64700, announce: [192.0.2.0/24]}\n"
                          "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, distance: 210},\n"
                          "             {prefix: 203.0.113.1/32, via: 10.9.9.9}]\n"),
        "site");
    written(rig, FRR_STATICD);
    CHECK(lab_has(rig, "ip route 0.0.0.0/0 198.51.100.1 210 vrf outer"));
    CHECK(lab_has(rig, "ip route 0.0.0.0/0 198.51.100.1 eth0 210 nexthop-vrf outer"));
    CHECK(lab_has(rig, "ip route 203.0.113.1/32 10.9.9.9 1 vrf outer"));
    CHECK(lab_has(rig, "ip route 203.0.113.1/32 10.9.9.9 1"));
    CHECK(lab_has(rig, "ip route 192.0.2.0/24 198.51.100.1 eth0 20 vrf outer"));
    CHECK(!strstr(rig->text, "192.0.2.0/24 198.51.100.1 eth0 20 nexthop-vrf"));
    CHECK_EQUAL(judged(rig, FRR_STATICD), 0);
    written(rig, FRR_ZEBRA);
    CHECK(lab_has(rig, "vrf outer"));
    CHECK(strstr(rig->text, " ipv6 nht resolve-via-default\nexit-vrf"));
    lab_rig_done(rig);
}

/* The check of the daemon's judgement can fail. */
static void nonsense_is_refused(void)
{
    struct lab_rig *rig = lab_rig(rig_site, "site");
    if (access("/usr/lib/frr/bgpd", X_OK) == 0 && geteuid() == 0) {
        snprintf(rig->text, sizeof rig->text, "router bgp 65000\n neighbour 1.2.3.4\n");
        CHECK(judged(rig, FRR_BGPD) != 0);
    } else
        harness_leave_out("FRR is not installed, or not asked by root");
    lab_rig_done(rig);
}

int main(void)
{
    TEST(the_incidents_router);
    TEST(policies_are_route_maps);
    TEST(a_provider_is_two_hops_away);
    TEST(an_outer_vrf_has_routes_of_its_own);
    TEST(nonsense_is_refused);
    return harness_done();
}
