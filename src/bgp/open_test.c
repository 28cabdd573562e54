#include "bgp/open.h"
#include "tests/harness.h"

static struct open_terms terms;
static struct bgp_error error;

static struct open_offer customer(void)
{
    return (struct open_offer){
        .local_as = 65000, .peer_as = 64512, .router_id = 0x0a000001, .hold_s = 30};
}

static struct open_offer gateway(void)
{
    return (struct open_offer){
        .local_as = 64512, .peer_as = 65000, .router_id = 0x0a000002, .hold_s = 90};
}

/* Judges what another offer's OPEN says, after a change. */
static enum bgp_down judged(const struct open_offer *mine, const struct bgp_open *theirs)
{
    static uint8_t bytes[BGP_OPEN_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_open_encode(theirs, &writer);
    CHECK(!writer.failed);
    terms = (struct open_terms){0};
    error = (struct bgp_error){0};
    return open_judge(mine,
                      (struct slice){bytes + BGP_HEADER_BYTES, writer.size - BGP_HEADER_BYTES},
                      &terms, &error);
}

static void what_we_offer(void)
{
    struct open_offer offer = customer();
    struct bgp_open open = open_make(&offer);
    CHECK(open.version == 4 && open.as2 == 65000 && open.hold_time_s == 30);
    CHECK(open.identifier == 0x0a000001 && open.capabilities && open.refresh);
    CHECK(open.has_as4 && open.as4 == 65000);
    CHECK(bgp_open_has_family(&open, BGP_AFI_IPV4, BGP_SAFI_UNICAST) && open.family_count == 1);
    CHECK(open.enhanced_refresh);
    /* RFC 4724 3: of no family it says that we know End-of-RIB */
    CHECK(open.graceful_restart && open.restart_family_count == 0 && open.restart_time_s == 0);
    offer.local_as = 4200000000;
    open = open_make(&offer);
    CHECK(open.as2 == BGP_AS_TRANS && open.as4 == 4200000000);
    offer.plain = true;
    open = open_make(&offer);
    CHECK(!open.capabilities && !open.has_as4 && open.as2 == BGP_AS_TRANS);
}

/* RFC 4724 3. */
static void a_restart_is_offered_for_what_is_exchanged(void)
{
    struct open_offer mine = customer(), theirs = gateway();
    theirs.restart_s = 120;
    theirs.six = true;
    struct bgp_open open = open_make(&theirs);
    CHECK(open.graceful_restart && open.restart_time_s == 120 && open.restart_flags == 0);
    CHECK_EQUAL(open.restart_family_count, 2);
    CHECK_EQUAL(open.restart_families[1].flags, BGP_FORWARDING_KEPT);
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
    CHECK(terms.restart && !terms.restarted); /* it is told where our table ends, */
    CHECK(terms.restart_families == 0 && terms.restart_s == 0); /* and we keep nothing of it */
    mine.restart_s = 60;
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
    CHECK(terms.restart && terms.restart_s == 120);
    CHECK_EQUAL(terms.restart_families, OPEN_FOUR); /* we do not exchange IPv6 */
    CHECK_EQUAL(terms.kept_families, OPEN_FOUR);
    mine.six = true;
    theirs.restarted = theirs.forgot = true;
    open = open_make(&theirs);
    CHECK_EQUAL(open.restart_flags, BGP_RESTARTED);
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
    CHECK_EQUAL(terms.restart_families, OPEN_FOUR | OPEN_SIX);
    CHECK_EQUAL(terms.kept_families, 0);
    CHECK(terms.restarted);
    open.restart_family_count = 0; /* it helps, and asks for no help */
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
    CHECK(terms.restart && terms.restart_families == 0);
    mine.plain = true;
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
    CHECK(!terms.restart && !terms.enhanced_refresh);
}

static void both_ends_agree(void)
{
    struct open_offer mine = customer(), theirs = gateway();
    struct bgp_open open = open_make(&theirs);
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
    CHECK(terms.hold_s == 30 && terms.four_octet_as && terms.refresh);
    CHECK_EQUAL(terms.peer_id, 0x0a000002);
    open = open_make(&mine);
    CHECK_EQUAL(judged(&theirs, &open), BGP_DOWN_NONE);
    CHECK_EQUAL(terms.hold_s, 30);
}

static void a_neighbor_without_capabilities_will_do(void)
{
    struct open_offer mine = customer(), theirs = gateway();
    theirs.plain = true;
    struct bgp_open open = open_make(&theirs);
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
    CHECK(!terms.four_octet_as && !terms.refresh);
    theirs.plain = false;
    mine.plain = true; /* what we did not offer is not agreed on */
    open = open_make(&theirs);
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
    CHECK(!terms.four_octet_as);
}

static void four_octet_neighbors(void)
{
    struct open_offer mine = customer(), theirs = gateway();
    mine.peer_as = theirs.local_as = 4200000001;
    struct bgp_open open = open_make(&theirs);
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
    open.has_as4 = false; /* AS_TRANS alone is nobody's */
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_BAD_PEER_AS);
}

static void refusals(void)
{
    struct open_offer mine = customer(), theirs = gateway();
    struct bgp_open good = open_make(&theirs), open = good;
    open.as4 = 64513;
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_BAD_PEER_AS);
    CHECK(error.code == 2 && error.subcode == 2 && error.data.size == 0);
    open = good;
    open.version = 3;
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_BAD_VERSION);
    CHECK(error.code == 2 && error.subcode == 1);
    CHECK(slice_equal(error.data, (struct slice){(const uint8_t *)"\0\4", 2}));
    open = good;
    open.identifier = 0;
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_BAD_ROUTER_ID);
    CHECK(error.code == 2 && error.subcode == 3);
    for (uint16_t hold_s = 1; hold_s <= 2; hold_s++) {
        open = good;
        open.hold_time_s = hold_s;
        CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_BAD_HOLD_TIME);
        CHECK(error.code == 2 && error.subcode == 6);
    }
    open = good;
    open.families[0] = (struct bgp_family){.afi = BGP_AFI_IPV6, .safi = BGP_SAFI_UNICAST};
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NO_IPV4);
    CHECK(error.code == 2 && error.subcode == 7);
    CHECK(slice_equal(error.data, (struct slice){(const uint8_t *)"\1\4\0\1\0\1", 6}));
    mine.plain = true; /* without capabilities nothing is asked of theirs */
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
}

static void an_own_identifier_is_wrong_inside_an_as_only(void) /* RFC 6286 2.2 */
{
    struct open_offer mine = customer(), theirs = gateway();
    theirs.router_id = mine.router_id;
    struct bgp_open open = open_make(&theirs);
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_NONE);
    mine.peer_as = theirs.local_as = mine.local_as;
    open = open_make(&theirs);
    CHECK_EQUAL(judged(&mine, &open), BGP_DOWN_BAD_ROUTER_ID);
}

static void a_broken_open_is_named(void)
{
    struct open_offer mine = customer();
    static const uint8_t CUT[] = {4, 0xfc, 0, 0, 30, 10, 0, 0, 2, 5, 2, 1};
    CHECK_EQUAL(open_judge(&mine, (struct slice){CUT, sizeof CUT}, &terms, &error),
                BGP_DOWN_BAD_OPEN);
    CHECK_EQUAL(error.code, 2);
}

int main(void)
{
    TEST(what_we_offer);
    TEST(a_restart_is_offered_for_what_is_exchanged);
    TEST(both_ends_agree);
    TEST(a_neighbor_without_capabilities_will_do);
    TEST(four_octet_neighbors);
    TEST(refusals);
    TEST(an_own_identifier_is_wrong_inside_an_as_only);
    TEST(a_broken_open_is_named);
    return harness_done();
}
