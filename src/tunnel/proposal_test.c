#include "tests/harness.h"
#include "tunnel/proposal.h"

static struct tunnel_agreement agreement;

static struct tunnel_options sample(void) /* as AWS's samples: AES128, SHA1, group 2 */
{
    struct tunnel_options options = tunnel_options_standard;
    struct tunnel_phase phase = {1 << TUNNEL_AES128, 1 << TUNNEL_SHA1, 1 << 2};
    options.ike_versions = TUNNEL_IKEV1;
    options.phase1 = options.phase2 = phase;
    return options;
}

static void a_sample_meets_the_defaults(void)
{
    struct tunnel_options ours = tunnel_options_standard, theirs = sample();
    CHECK_EQUAL(tunnel_agree(&ours, &theirs, &agreement), TUNNEL_AGREED);
    CHECK_EQUAL(agreement.ike_version, 1);
    CHECK(agreement.phase1.encryption == TUNNEL_AES128 && agreement.phase1.group == 2);
    CHECK(agreement.phase2.integrity == TUNNEL_SHA1);
    CHECK(tunnel_proposal_is_weak(&agreement.phase1));
}

static void of_several_the_better_is_taken(void)
{
    struct tunnel_options ours = tunnel_options_standard;
    CHECK_EQUAL(tunnel_agree(&ours, &ours, &agreement), TUNNEL_AGREED);
    CHECK_EQUAL(agreement.ike_version, 2);
    CHECK_EQUAL(agreement.phase1.encryption, TUNNEL_AES256_GCM16);
    CHECK_EQUAL(agreement.phase1.integrity, TUNNEL_SHA2_512);
    CHECK_EQUAL(agreement.phase1.group, 21);
    CHECK(!tunnel_proposal_is_weak(&agreement.phase1));
    ours.phase2.groups = 1u << 24 | 1u << 14 | 1u << 2;
    ours.phase2.encryptions = 1u << TUNNEL_AES256 | 1u << TUNNEL_AES128_GCM16;
    CHECK_EQUAL(tunnel_agree(&ours, &ours, &agreement), TUNNEL_AGREED);
    CHECK_EQUAL(agreement.phase2.group, 14);
    CHECK_EQUAL(agreement.phase2.encryption, TUNNEL_AES128_GCM16);
    ours.phase2.groups = 1u << 24 | 1u << 2;
    CHECK_EQUAL(tunnel_agree(&ours, &ours, &agreement), TUNNEL_AGREED);
    CHECK_EQUAL(agreement.phase2.group, 24);
}

static void each_tightened_set_has_its_name(void)
{
    static const enum tunnel_mismatch EXPECTED[] = {
        TUNNEL_MISMATCH_PHASE1_ENCRYPTION, TUNNEL_MISMATCH_PHASE1_INTEGRITY,
        TUNNEL_MISMATCH_PHASE1_GROUP,      TUNNEL_MISMATCH_PHASE2_ENCRYPTION,
        TUNNEL_MISMATCH_PHASE2_INTEGRITY,  TUNNEL_MISMATCH_PHASE2_GROUP};
    for (unsigned i = 0; i < 6; i++) {
        struct tunnel_options ours = tunnel_options_standard, theirs = sample();
        theirs.ike_versions = TUNNEL_IKEV2;
        uint32_t *sets[] = {&ours.phase1.encryptions, &ours.phase1.integrities,
                            &ours.phase1.groups,      &ours.phase2.encryptions,
                            &ours.phase2.integrities, &ours.phase2.groups};
        *sets[i] &= ~(i % 3 == 2 ? 1u << 2 : 1u << 0);
        agreement.ike_version = 77;
        CHECK_EQUAL(tunnel_agree(&ours, &theirs, &agreement), EXPECTED[i]);
        CHECK_EQUAL(tunnel_agree(&theirs, &ours, &agreement), EXPECTED[i]);
        CHECK_EQUAL(agreement.ike_version, 77); /* untouched */
    }
    struct tunnel_options ours = tunnel_options_standard, theirs = sample();
    ours.ike_versions = TUNNEL_IKEV2;
    CHECK_EQUAL(tunnel_agree(&ours, &theirs, &agreement), TUNNEL_MISMATCH_IKE_VERSION);
}

static void gcm_brings_its_own_integrity(void)
{
    struct tunnel_options ours = tunnel_options_standard, theirs = sample();
    theirs.ike_versions = TUNNEL_IKEV2;
    theirs.phase2.encryptions |= 1u << TUNNEL_AES128_GCM16;
    ours.phase2.integrities = 1u << TUNNEL_SHA2_384;
    CHECK_EQUAL(tunnel_agree(&ours, &theirs, &agreement), TUNNEL_AGREED);
    CHECK_EQUAL(agreement.phase2.encryption, TUNNEL_AES128_GCM16);
    theirs.phase1.encryptions |= 1u << TUNNEL_AES128_GCM16; /* in phase 1 it is the PRF */
    ours.phase1.integrities = 1u << TUNNEL_SHA2_384;
    CHECK_EQUAL(tunnel_agree(&ours, &theirs, &agreement), TUNNEL_MISMATCH_PHASE1_INTEGRITY);
}

static void weakness(void) /* T33: warn below DH14 and SHA2 */
{
    struct tunnel_proposal proposal = {TUNNEL_AES128, TUNNEL_SHA2_256, 14};
    CHECK(!tunnel_proposal_is_weak(&proposal));
    proposal.group = 5;
    CHECK(tunnel_proposal_is_weak(&proposal));
    proposal = (struct tunnel_proposal){TUNNEL_AES256, TUNNEL_SHA1, 20};
    CHECK(tunnel_proposal_is_weak(&proposal));
}

static void words(void)
{
    for (int i = 0; i < TUNNEL_MISMATCHES; i++) {
        CHECK(tunnel_mismatch_word((enum tunnel_mismatch)i)[0] != 0);
        const char *sentence = tunnel_mismatch_sentence((enum tunnel_mismatch)i);
        CHECK(sentence[strlen(sentence) - 1] == '.');
    }
}

int main(void)
{
    TEST(a_sample_meets_the_defaults);
    TEST(of_several_the_better_is_taken);
    TEST(each_tightened_set_has_its_name);
    TEST(gcm_brings_its_own_integrity);
    TEST(weakness);
    TEST(words);
    return harness_done();
}
