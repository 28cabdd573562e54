#include "plane/charon_words.h"

#include "tests/harness.h"

#include <string.h>

static struct charon_line line_of(const char *text)
{
    return charon_line_read((struct slice){(const uint8_t *)text, strlen(text)});
}

static void check(const char *text, enum charon_line_kind kind, enum tunnel_cause cause,
                  const char *tunnel, uint32_t number)
{
    struct charon_line line = line_of(text);
    CHECK_EQUAL(line.kind, kind);
    CHECK_EQUAL(line.cause, cause);
    CHECK_TEXT(line.tunnel, tunnel);
    CHECK_EQUAL(line.number, number);
}

#define CHECK_FAILED(text, cause, tunnel, number)                                                  \
    check((text), CHARON_LINE_FAILED, TUNNEL_CAUSE_##cause, (tunnel), (number))
#define CHECK_REFUSED(text, number)                                                                \
    check((text), CHARON_LINE_REFUSED, TUNNEL_CAUSE_NO_PROPOSAL, "vpn-a/1", (number))
#define CHECK_ENDS(text, cause) check((text), CHARON_LINE_ENDS, TUNNEL_CAUSE_##cause, "vpn-a/1", 16)

/* Lines that charon 5.9.8 wrote. */
static void attempts_fail_for_a_reason(void)
{
    CHECK_FAILED("21:01:46 09[IKE] <vpn-a/1|9> received AUTHENTICATION_FAILED notify error",
                 AUTH_FAILED, "vpn-a/1", 9);
    CHECK_FAILED("21:01:46 14[IKE] <vpn-a/1|9> tried 1 shared key for '10.9.0.2' - '10.9.0.1', "
                 "but MAC mismatched",
                 AUTH_FAILED, "vpn-a/1", 9);
    CHECK_FAILED("00:14:42 13[CFG] <vpn-a/1|5> no alternative config found", AUTH_FAILED, "vpn-a/1",
                 5);
    CHECK_FAILED("21:01:53 11[IKE] <12> ID_PROT request with message ID 0 processing failed",
                 AUTH_FAILED, "", 12);
    CHECK_FAILED("21:00:49 14[IKE] <vpn-a/1|4> received NO_PROPOSAL_CHOSEN notify error",
                 NO_PROPOSAL, "vpn-a/1", 4);
    CHECK_REFUSED("21:00:51 01[IKE] <vpn-a/1|5> received NO_PROPOSAL_CHOSEN notify, no CHILD_SA "
                  "built",
                  5);
    CHECK_FAILED("21:01:58 11[IKE] <vpn-a/1|13> received NO_PROPOSAL_CHOSEN error notify",
                 NO_PROPOSAL, "vpn-a/1", 13);
    CHECK_FAILED("21:00:49 09[IKE] <4> received proposals unacceptable", NO_PROPOSAL, "", 4);
    CHECK_REFUSED("21:00:51 12[IKE] <vpn-a/1|5> no acceptable proposal found", 5);
    CHECK_FAILED("21:01:58 14[IKE] <13> no proposal found", NO_PROPOSAL, "", 13);
    CHECK_FAILED("21:02:00 12[IKE] <vpn-a/1|14> no matching proposal found, sending "
                 "NO_PROPOSAL_CHOSEN",
                 NO_PROPOSAL, "vpn-a/1", 14);
    CHECK_FAILED("21:00:52 16[IKE] <vpn-a/1|6> received TS_UNACCEPTABLE notify, no CHILD_SA built",
                 SELECTORS, "vpn-a/1", 6);
    CHECK_FAILED("21:00:52 14[IKE] <vpn-a/1|6> traffic selectors 192.168.0.0/16 === "
                 "192.168.0.0/16 unacceptable",
                 SELECTORS, "vpn-a/1", 6);
    CHECK_FAILED("21:02:02 10[IKE] <vpn-a/1|15> no matching CHILD_SA config found for "
                 "192.168.0.0/16 === 192.168.0.0/16",
                 SELECTORS, "vpn-a/1", 15);
    CHECK_FAILED("21:02:15 10[IKE] <vpn-a/1|17> establishing IKE_SA failed, peer not responding",
                 NO_ANSWER, "vpn-a/1", 17);
}

static void what_is_there_goes_for_a_reason(void)
{
    CHECK_ENDS("21:02:09 16[IKE] <vpn-a/1|16> giving up after 2 retransmits", DEAD_PEER);
    CHECK_ENDS("21:02:21 10[JOB] <vpn-a/1|16> DPD check timed out, enforcing DPD action",
               DEAD_PEER);
    CHECK_ENDS("21:01:45 09[IKE] <vpn-a/1|16> received DELETE for IKE_SA vpn-a/1[16]", DELETED);
    CHECK_ENDS("21:01:52 01[IKE] <vpn-a/1|16> received DELETE for ESP CHILD_SA with SPI 3f1024ea",
               DELETED);
    check("21:00:52 11[IKE] <vpn-a/1|5> deleting IKE_SA vpn-a/1[5] between 10.9.0.1[10.9.0.1]...",
          CHARON_LINE_ENDS_UNEXPLAINED, TUNNEL_CAUSE_REKEY_FAILED, "vpn-a/1", 5);
}

static void a_number_is_an_address(void)
{
    struct charon_line line = line_of("21:00:42 10[IKE] <7> 10.9.0.1 is initiating an IKE_SA");
    CHECK_EQUAL(line.kind, CHARON_LINE_PEER);
    CHECK_EQUAL(line.number, 7);
    CHECK_EQUAL(line.peer, 0x0a090001);
    line = line_of("21:01:58 14[IKE] <13> 10.9.0.1 is initiating a Main Mode IKE_SA");
    CHECK_EQUAL(line.kind, CHARON_LINE_PEER);
    CHECK_EQUAL(line.number, 13);
}

static void other_lines_are_passed_over(void)
{
    static const char *const lines[] = {
        "",
        "received DELETE for IKE_SA vpn-a/1[16]", /* no group before it */
        "21:00:12 00[JOB] spawning 16 worker threads",
        "21:00:43 12[IKE] <vpn-a/1|1> sending DELETE for ESP CHILD_SA with SPI cf71baa8",
        "21:00:42 13[CFG] <1> looking for peer configs matching 10.9.0.1[no proposal found",
        "21:00:42 13[IKE] <vpn-a/1|1> authentication of '10.9.0.1' with pre-shared key successful",
        "21:02:07 13[IKE] <vpn-a/1|16> retransmit 1 of request with message ID 2",
        "21:02:07 13[IKE] <no proposal found",
    };
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++)
        CHECK_EQUAL(line_of(lines[i]).kind, CHARON_LINE_NOTHING);
    CHECK_EQUAL(line_of("21:00:42 12[IKE] <a|1> CHILD_SA a{1} established with SPIs").kind,
                CHARON_LINE_MOVED);
}

static void a_name_that_is_too_long_is_none(void)
{
    char text[300] = "21:00:42 12[IKE] <";
    memset(text + 18, 'n', PLANE_NAME_BYTES);
    memcpy(text + 18 + PLANE_NAME_BYTES, "|1> no proposal found", 22);
    CHECK_TEXT(line_of(text).tunnel, "");
    memmove(text + 18, text + 19, 250);
    CHECK_EQUAL(strlen(line_of(text).tunnel), PLANE_NAME_BYTES - 1);
}

/* -- SAs -- */

static uint8_t room[2048];

static void pair(struct writer *writer, const char *name, const char *number, const char *state)
{
    vici_section(writer, name);
    vici_key_text(writer, "name", "vpn-a/1");
    vici_key_text(writer, "uniqueid", number);
    vici_key_text(writer, "state", state);
    vici_key_text(writer, "encap", "yes");
    vici_key_text(writer, "spi-in", "9ada3c00");
    vici_key_text(writer, "spi-out", "d1a76880");
    vici_key_text(writer, "encr-alg", "AES_CBC");
    vici_key_text(writer, "encr-keysize", "128");
    vici_key_text(writer, "integ-alg", "HMAC_SHA1_96");
    vici_key_text(writer, "bytes-in", "840");
    vici_key_text(writer, "packets-in", "10");
    vici_key_text(writer, "bytes-out", "1680");
    vici_key_text(writer, "packets-out", "20");
    vici_key_text(writer, "rekey-time", "3355");
    vici_key_text(writer, "life-time", "3960");
    vici_key_text(writer, "install-time", "5");
    vici_list(writer, "local-ts");
    vici_list_text(writer, "0.0.0.0/0");
    vici_list_end(writer);
    vici_section_end(writer);
}

/* One IKE SA with one pair that is there and one in the given state. */
static struct charon_sa sa_of(const char *ike_state, const char *pair_state)
{
    char name[PLANE_NAME_BYTES] = "";
    struct charon_sa sa = {0};
    struct writer writer = writer_over(room, sizeof room);
    vici_section(&writer, "vpn-a/1");
    vici_key_text(&writer, "uniqueid", "2");
    vici_key_text(&writer, "version", "2");
    vici_key_text(&writer, "state", ike_state);
    vici_key_text(&writer, "local-host", "203.0.113.225");
    vici_key_text(&writer, "remote-host", "198.51.100.10");
    vici_key_text(&writer, "encr-alg", "AES_GCM_16");
    vici_key_text(&writer, "encr-keysize", "256");
    vici_key_text(&writer, "prf-alg", "PRF_HMAC_SHA2_256");
    vici_key_text(&writer, "dh-group", "ECP_256");
    vici_key_text(&writer, "established", "12");
    vici_key_text(&writer, "rekey-time", "14067");
    vici_list(&writer, "tasks-active");
    vici_list_text(&writer, "CHILD_REKEY");
    vici_list_end(&writer);
    vici_section(&writer, "child-sas");
    pair(&writer, "vpn-a/1-3", "3", pair_state);
    vici_section_end(&writer);
    vici_section_end(&writer);
    CHECK(vici_message_check(writer_slice(&writer)));
    CHECK(charon_sa_read(writer_slice(&writer), name, &sa));
    CHECK_TEXT(name, "vpn-a/1");
    return sa;
}

static void an_sa_is_read_in_full(void)
{
    struct charon_sa sa = sa_of("ESTABLISHED", "INSTALLED");
    CHECK(sa.up && sa.nat_t);
    CHECK_EQUAL(sa.ike_version, 2);
    CHECK_EQUAL(sa.number, 2);
    CHECK_EQUAL(sa.child, 3);
    CHECK_EQUAL(sa.pairs, 1);
    CHECK_EQUAL(sa.spi_in, 0x9ada3c00);
    CHECK_EQUAL(sa.spi_out, 0xd1a76880);
    CHECK_EQUAL(sa.bytes_in, 840);
    CHECK_EQUAL(sa.packets_in, 10);
    CHECK_EQUAL(sa.bytes_out, 1680);
    CHECK_EQUAL(sa.packets_out, 20);
    CHECK_EQUAL(sa.established_s, 12);
    CHECK_EQUAL(sa.installed_s, 5);
    CHECK_EQUAL(sa.ike_rekey_s, 14067);
    CHECK_EQUAL(sa.rekey_s, 3355);
    CHECK_EQUAL(sa.life_s, 3960);
    CHECK_EQUAL(sa.local, 0xcb0071e1);
    CHECK_EQUAL(sa.peer, 0xc633640a);
    CHECK_TEXT(sa.ike_algorithms, "AES_GCM_16-256/PRF_HMAC_SHA2_256/ECP_256");
    CHECK_TEXT(sa.esp_algorithms, "AES_CBC-128/HMAC_SHA1_96");
}

static void what_carries_packets_is_up(void)
{
    CHECK(sa_of("ESTABLISHED", "REKEYING").up);
    CHECK(sa_of("REKEYING", "REKEYED").up);
    CHECK(!sa_of("ESTABLISHED", "INSTALLING").up);
    CHECK(!sa_of("ESTABLISHED", "DELETED").up);
    CHECK(!sa_of("DELETING", "INSTALLED").up);
    CHECK_EQUAL(sa_of("DELETING", "INSTALLED").number, 2);
}

static void the_newest_of_several_is_told(void)
{
    struct charon_sa older = {.up = true, .pairs = 1, .child = 3, .number = 9, .bytes_in = 1};
    struct charon_sa newer = {.up = true, .pairs = 1, .child = 4, .number = 2, .bytes_in = 2};
    struct charon_sa bare = {.number = 77};
    charon_sa_join(&older, &newer);
    CHECK_EQUAL(older.child, 4);
    CHECK_EQUAL(older.bytes_in, 2);
    CHECK_EQUAL(older.pairs, 2);
    charon_sa_join(&older, &bare); /* one without pairs does not hide it */
    CHECK(older.up);
    CHECK_EQUAL(older.number, 2);
    charon_sa_join(&bare, &newer);
    CHECK(bare.up);
}

static void an_event_says_whose_it_is(void)
{
    char name[PLANE_NAME_BYTES] = "";
    struct writer writer = writer_over(room, sizeof room);
    vici_key_text(&writer, "up", "yes");
    CHECK(!charon_event_tunnel(writer_slice(&writer), name));
    vici_section(&writer, "vpn-a/1");
    vici_section_end(&writer);
    CHECK(charon_event_tunnel(writer_slice(&writer), name));
    CHECK_TEXT(name, "vpn-a/1");
}

int main(void)
{
    TEST(attempts_fail_for_a_reason);
    TEST(what_is_there_goes_for_a_reason);
    TEST(a_number_is_an_address);
    TEST(other_lines_are_passed_over);
    TEST(a_name_that_is_too_long_is_none);
    TEST(an_sa_is_read_in_full);
    TEST(what_carries_packets_is_up);
    TEST(the_newest_of_several_is_told);
    TEST(an_event_says_whose_it_is);
    return harness_done();
}
