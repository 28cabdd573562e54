#include "bgp/tally.h"

#include "tests/harness.h"

static void every_message_counts_once(void)
{
    struct bgp_tally tally = {{0}, {0}};
    uint8_t bytes[256];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_keepalive_encode(&writer);
    bgp_keepalive_encode(&writer);
    size_t keepalives = writer.size;
    bgp_notification_encode((struct bgp_error){BGP_ERROR_CEASE, BGP_CEASE_SHUTDOWN, {0}}, &writer);
    tally_said(&tally, writer_slice(&writer), false);
    CHECK_EQUAL((int64_t)tally.said[BGP_KEEPALIVE], 2);
    CHECK_EQUAL((int64_t)tally.said[BGP_NOTIFICATION], 1);
    CHECK_EQUAL((int64_t)tally.said[BGP_UPDATE], 0);
    tally_said(&tally, (struct slice){bytes, keepalives}, true);
    CHECK_EQUAL((int64_t)tally.said[BGP_KEEPALIVE], 0);
    CHECK_EQUAL((int64_t)tally.said[BGP_NOTIFICATION], 1);
    CHECK_EQUAL((int64_t)tally.heard[BGP_KEEPALIVE], 0);
    tally_said(&tally, (struct slice){NULL, 0}, false);
}

static void kinds_have_words(void)
{
    CHECK_TEXT(bgp_type_word(BGP_OPEN), "open");
    CHECK_TEXT(bgp_type_word(BGP_ROUTE_REFRESH), "refresh");
}

/* RFC 4486 3, with what came later: every subcode of Cease from 1 to 10. */
static void rfc4486_every_cease_has_its_name(void)
{
    for (uint8_t subcode = 0; subcode <= BGP_CEASE_BFD_DOWN; subcode++)
        CHECK(bgp_notice_name(BGP_ERROR_CEASE, subcode) != NULL);
    CHECK_TEXT(bgp_notice_name(BGP_ERROR_CEASE, BGP_CEASE_MAX_PREFIXES),
               "Cease, Maximum Number of Prefixes Reached");
    CHECK_TEXT(bgp_notice_name(BGP_ERROR_CEASE, BGP_CEASE_SHUTDOWN),
               "Cease, Administrative Shutdown");
    CHECK_TEXT(bgp_notice_name(BGP_ERROR_CEASE, BGP_CEASE_COLLISION),
               "Cease, Connection Collision Resolution");
    CHECK_TEXT(bgp_notice_name(BGP_ERROR_CEASE, BGP_CEASE_RESOURCES), "Cease, Out of Resources");
    CHECK_TEXT(bgp_notice_name(BGP_ERROR_HOLD_TIMER, 0), "Hold Timer Expired");
    CHECK(bgp_notice_name(BGP_ERROR_CEASE, 200) == NULL);
    CHECK(bgp_notice_name(99, 0) == NULL);
}

int main(void)
{
    TEST(every_message_counts_once);
    TEST(kinds_have_words);
    TEST(rfc4486_every_cease_has_its_name);
    return harness_done();
}
