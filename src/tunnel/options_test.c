/* The figures of the Site-to-Site VPN user guide, VPNTunnels.md, as tables. */
#include "tests/harness.h"
#include "tunnel/options.h"

static enum tunnel_fault checked(const struct tunnel_options *options)
{
    return tunnel_options_check(options, &tunnel_limits_aws, true);
}

static void defaults_are_awss(void)
{
    const struct tunnel_options *options = &tunnel_options_standard;
    CHECK_EQUAL(options->phase1_lifetime_s, 28800);
    CHECK_EQUAL(options->phase2_lifetime_s, 3600);
    CHECK_EQUAL(options->rekey_margin_s, 270);
    CHECK_EQUAL(options->rekey_fuzz_percent, 100);
    CHECK_EQUAL(options->replay_window_packets, 1024);
    CHECK_EQUAL(options->dpd_timeout_s, 40);
    CHECK_EQUAL(options->dead_action, TUNNEL_DEAD_CLEAR);
    CHECK_EQUAL(options->startup, TUNNEL_STARTUP_ADD);
    CHECK_EQUAL(options->ike_versions, TUNNEL_IKEV1 | TUNNEL_IKEV2);
    CHECK(options->local_range.len == 0 && options->remote_range.len == 0);
    CHECK_EQUAL(checked(options), TUNNEL_FAULT_NONE);
    CHECK_EQUAL(tunnel_options_check(options, &tunnel_limits_own, false), TUNNEL_FAULT_NONE);
}

static void numbers_have_their_limits(void)
{
    struct {
        size_t at;
        uint32_t least, most;
        enum tunnel_fault fault;
    } numbers[] = {
        {offsetof(struct tunnel_options, phase1_lifetime_s), 900, 28800,
         TUNNEL_FAULT_phase1_lifetime_s},
        {offsetof(struct tunnel_options, phase2_lifetime_s), 900, 3600,
         TUNNEL_FAULT_phase2_lifetime_s},
        {offsetof(struct tunnel_options, rekey_margin_s), 60, 1800, TUNNEL_FAULT_rekey_margin_s},
        {offsetof(struct tunnel_options, rekey_fuzz_percent), 0, 100,
         TUNNEL_FAULT_rekey_fuzz_percent},
        {offsetof(struct tunnel_options, replay_window_packets), 64, 2048,
         TUNNEL_FAULT_replay_window_packets},
        {offsetof(struct tunnel_options, dpd_timeout_s), 30, UINT32_MAX,
         TUNNEL_FAULT_dpd_timeout_s},
    };
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct tunnel_options options = tunnel_options_standard;
        uint32_t *number = (uint32_t *)(void *)((char *)&options + numbers[i].at);
        options.rekey_margin_s = 60; /* so that only the number itself can be wrong */
        *number = numbers[i].most;
        CHECK_EQUAL(checked(&options), TUNNEL_FAULT_NONE);
        if (numbers[i].most < UINT32_MAX) {
            *number = numbers[i].most + 1;
            CHECK_EQUAL(checked(&options), numbers[i].fault);
        }
        options.phase2_lifetime_s = 900;
        options.phase1_lifetime_s = 1800;
        *number = numbers[i].least;
        enum tunnel_fault order = checked(&options);
        CHECK(order == TUNNEL_FAULT_NONE || order == TUNNEL_FAULT_LIFETIME_ORDER);
        if (numbers[i].least > 0) {
            *number = numbers[i].least - 1;
            CHECK_EQUAL(checked(&options), numbers[i].fault);
        }
    }
}

static void numbers_must_fit_each_other(void)
{
    struct {
        uint32_t phase1_s, phase2_s, margin_s;
        enum tunnel_fault fault;
    } cases[] = {
        {3601, 3600, 270, TUNNEL_FAULT_NONE},
        {3600, 3600, 270, TUNNEL_FAULT_LIFETIME_ORDER}, /* phase 2 below phase 1 */
        {900, 3600, 270, TUNNEL_FAULT_LIFETIME_ORDER},
        {28800, 3600, 1800, TUNNEL_FAULT_NONE}, /* margin 60 to half of phase 2 */
        {28800, 3598, 1800, TUNNEL_FAULT_MARGIN_HALF},
        {28800, 900, 450, TUNNEL_FAULT_NONE},
        {28800, 900, 451, TUNNEL_FAULT_MARGIN_HALF},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tunnel_options options = tunnel_options_standard;
        options.phase1_lifetime_s = cases[i].phase1_s;
        options.phase2_lifetime_s = cases[i].phase2_s;
        options.rekey_margin_s = cases[i].margin_s;
        CHECK_EQUAL(checked(&options), cases[i].fault);
    }
}

static void groups_are_those_of_the_guide(void) /* phase 1: 2, 14-24; phase 2: 2, 5, 14-24 */
{
    for (unsigned group = 0; group < 32; group++) {
        struct tunnel_options options = tunnel_options_standard;
        bool always = group == 2 || (group >= 14 && group <= 24);
        options.phase1.groups = 1u << group;
        CHECK_EQUAL(checked(&options), always ? TUNNEL_FAULT_NONE : TUNNEL_FAULT_PHASE1_GROUP);
        options = tunnel_options_standard;
        options.phase2.groups = 1u << group;
        CHECK_EQUAL(checked(&options),
                    always || group == 5 ? TUNNEL_FAULT_NONE : TUNNEL_FAULT_PHASE2_GROUP);
    }
}

static void a_choice_is_needed_and_only_of_what_is_there(void)
{
    for (unsigned i = 0; i < 12; i++) {
        struct tunnel_options options = tunnel_options_standard;
        uint32_t wrong = i < 6 ? 0 : 1u << 30;
        static const enum tunnel_fault FAULTS[] = {
            TUNNEL_FAULT_PHASE1_ENCRYPTION, TUNNEL_FAULT_PHASE1_INTEGRITY,
            TUNNEL_FAULT_PHASE1_GROUP,      TUNNEL_FAULT_PHASE2_ENCRYPTION,
            TUNNEL_FAULT_PHASE2_INTEGRITY,  TUNNEL_FAULT_PHASE2_GROUP};
        uint32_t *sets[] = {&options.phase1.encryptions, &options.phase1.integrities,
                            &options.phase1.groups,      &options.phase2.encryptions,
                            &options.phase2.integrities, &options.phase2.groups};
        *sets[i % 6] = wrong;
        CHECK_EQUAL(checked(&options), FAULTS[i % 6]);
    }
    struct tunnel_options options = tunnel_options_standard;
    options.ike_versions = 0;
    CHECK_EQUAL(checked(&options), TUNNEL_FAULT_IKE_VERSION);
    options.ike_versions = TUNNEL_IKEV2 | 1 << 3;
    CHECK_EQUAL(checked(&options), TUNNEL_FAULT_IKE_VERSION);
}

static void to_initiate_takes_ikev2_and_an_address(void)
{
    struct tunnel_options options = tunnel_options_standard;
    options.startup = TUNNEL_STARTUP_START;
    CHECK_EQUAL(checked(&options), TUNNEL_FAULT_NONE);
    CHECK_EQUAL(tunnel_options_check(&options, &tunnel_limits_aws, false),
                TUNNEL_FAULT_STARTUP_ADDRESS);
    options.ike_versions = TUNNEL_IKEV1;
    CHECK_EQUAL(checked(&options), TUNNEL_FAULT_STARTUP_IKEV1);
    options.startup = TUNNEL_STARTUP_ADD;
    CHECK_EQUAL(tunnel_options_check(&options, &tunnel_limits_aws, false), TUNNEL_FAULT_NONE);
}

static void thirty_seconds_bind_aws_only(void)
{
    struct tunnel_options options = tunnel_options_standard;
    options.dpd_timeout_s = 12;
    CHECK_EQUAL(checked(&options), TUNNEL_FAULT_dpd_timeout_s);
    CHECK_EQUAL(tunnel_options_check(&options, &tunnel_limits_own, true), TUNNEL_FAULT_NONE);
    options.dpd_timeout_s = 0;
    CHECK_EQUAL(tunnel_options_check(&options, &tunnel_limits_own, true),
                TUNNEL_FAULT_dpd_timeout_s);
    struct tunnel_limits own = tunnel_limits_own; /* and nothing else differs */
    own.dpd_timeout_s = tunnel_limits_aws.dpd_timeout_s;
#define NUMBER(field, word, standard, low, high, sentence)                                         \
    CHECK_EQUAL(own.field.least, low);                                                             \
    CHECK_EQUAL(own.field.most, high);
#include "tunnel/number.def"
#undef NUMBER
    CHECK(memcmp(&own.phase1, &tunnel_limits_aws.phase1, sizeof own.phase1) == 0);
    CHECK(memcmp(&own.phase2, &tunnel_limits_aws.phase2, sizeof own.phase2) == 0);
}

static void keys(void)
{
    struct {
        const char *psk;
        enum tunnel_fault fault;
    } cases[] = {
        {"aB3._xyz", TUNNEL_FAULT_NONE},
        {"aB3._xy", TUNNEL_FAULT_PSK_LENGTH},
        {"", TUNNEL_FAULT_PSK_LENGTH},
        {"0Bcdefgh", TUNNEL_FAULT_PSK_ZERO},
        {"b0000000", TUNNEL_FAULT_NONE},
        {"........", TUNNEL_FAULT_NONE},
        {"abcdefg-", TUNNEL_FAULT_PSK_CHARACTER},
        {"abcd efgh", TUNNEL_FAULT_PSK_CHARACTER},
        {"abcdefg\xc3\xa4", TUNNEL_FAULT_PSK_CHARACTER},
        {"abcdefg@", TUNNEL_FAULT_PSK_CHARACTER},
        {"abcdefg[", TUNNEL_FAULT_PSK_CHARACTER},
        {"abcdefg`", TUNNEL_FAULT_PSK_CHARACTER},
        {"abcdefg{", TUNNEL_FAULT_PSK_CHARACTER},
        {"abcdefg/", TUNNEL_FAULT_PSK_CHARACTER},
        {"abcdefg:", TUNNEL_FAULT_PSK_CHARACTER},
        {"azAZ09._azAZ09._azAZ09._azAZ09._azAZ09._azAZ09._azAZ09._azAZ09._", TUNNEL_FAULT_NONE},
        {"azAZ09._azAZ09._azAZ09._azAZ09._azAZ09._azAZ09._azAZ09._azAZ09._x",
         TUNNEL_FAULT_PSK_LENGTH},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_EQUAL(
            tunnel_psk_check((struct slice){(const uint8_t *)cases[i].psk, strlen(cases[i].psk)}),
            cases[i].fault);
}

static void the_timeout_is_delay_and_giving_up(void)
{
    struct tunnel_watch watch = tunnel_watch_of(40); /* 10 s + 3 x 10 s, as measured */
    CHECK_EQUAL(watch.delay_us, 10000000);
    CHECK_EQUAL(watch.interval_us, 10000000);
    CHECK_EQUAL(watch.tries, 3);
    watch = tunnel_watch_of(30);
    CHECK_EQUAL(watch.delay_us + watch.interval_us * watch.tries, 30000000);
}

static void words(void)
{
    for (int i = 0; i < TUNNEL_FAULTS; i++) {
        const char *sentence = tunnel_fault_sentence((enum tunnel_fault)i);
        CHECK(sentence[strlen(sentence) - 1] == '.');
        CHECK(i == 0 || tunnel_fault_reference((enum tunnel_fault)i)[0] != 0);
        for (int j = 0; j < i; j++)
            CHECK(strcmp(tunnel_fault_word((enum tunnel_fault)i),
                         tunnel_fault_word((enum tunnel_fault)j)) != 0);
    }
    CHECK_TEXT(tunnel_encryption_word(TUNNEL_AES256_GCM16), "AES256-GCM-16");
    CHECK_TEXT(tunnel_integrity_word(TUNNEL_SHA2_512), "SHA2-512");
    CHECK_TEXT(tunnel_fault_word(TUNNEL_FAULT_dpd_timeout_s), "dpd-timeout");
}

int main(void)
{
    TEST(defaults_are_awss);
    TEST(numbers_have_their_limits);
    TEST(numbers_must_fit_each_other);
    TEST(groups_are_those_of_the_guide);
    TEST(a_choice_is_needed_and_only_of_what_is_there);
    TEST(to_initiate_takes_ikev2_and_an_address);
    TEST(thirty_seconds_bind_aws_only);
    TEST(keys);
    TEST(the_timeout_is_delay_and_giving_up);
    TEST(words);
    return harness_done();
}
