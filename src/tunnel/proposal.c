#include "tunnel/proposal.h"

#include <assert.h>

enum { WEAKEST_GOOD_GROUP = 14 };

struct mismatch_line {
    const char *word;
    const char *sentence;
};

static const struct mismatch_line LINES[TUNNEL_MISMATCHES] = {
    [TUNNEL_AGREED] = {"agreed", "The ends agree."},
#define MISMATCH(name, word, sentence) [TUNNEL_MISMATCH_##name] = {word, sentence},
#include "tunnel/mismatch.def"
#undef MISMATCH
};

const char *tunnel_mismatch_word(enum tunnel_mismatch mismatch)
{
    assert((unsigned)mismatch < TUNNEL_MISMATCHES);
    return LINES[mismatch].word;
}

const char *tunnel_mismatch_sentence(enum tunnel_mismatch mismatch)
{
    assert((unsigned)mismatch < TUNNEL_MISMATCHES);
    return LINES[mismatch].sentence;
}

bool tunnel_is_gcm(enum tunnel_encryption encryption)
{
    return encryption == TUNNEL_AES128_GCM16 || encryption == TUNNEL_AES256_GCM16;
}

static unsigned last_of(uint32_t set)
{
    assert(set != 0);
    return 31u - (unsigned)__builtin_clz(set);
}

/* RFC 8247 2.4 advises against 22 to 24 (small subgroups of unknown origin) and what is below 14,
 * so 14 to 21 come first. */
static unsigned best_group(uint32_t set)
{
    uint32_t good = set & 0x3fc000u; /* 14 to 21 */
    return last_of(good ? good : set);
}

static bool has_gcm(uint32_t encryptions)
{
    return (encryptions & (1u << TUNNEL_AES128_GCM16 | 1u << TUNNEL_AES256_GCM16)) != 0;
}

/* In the order in which TUNNEL_MISMATCH_PHASE1_* stand; 0: agreed. */
static unsigned agree_phase(const struct tunnel_phase *one, const struct tunnel_phase *other,
                            bool gcm_needs_no_integrity, struct tunnel_proposal *ret_proposal)
{
    uint32_t encryptions = one->encryptions & other->encryptions;
    uint32_t integrities = one->integrities & other->integrities;
    uint32_t groups = one->groups & other->groups;
    if (encryptions == 0)
        return 1;
    if (integrities == 0 && !(gcm_needs_no_integrity && has_gcm(encryptions)))
        return 2;
    if (groups == 0)
        return 3;
    *ret_proposal = (struct tunnel_proposal){
        .encryption = (enum tunnel_encryption)last_of(encryptions),
        .integrity = integrities ? (enum tunnel_integrity)last_of(integrities) : TUNNEL_SHA2_256,
        .group = best_group(groups),
    };
    return 0;
}

enum tunnel_mismatch tunnel_agree(const struct tunnel_options *one,
                                  const struct tunnel_options *other,
                                  struct tunnel_agreement *ret_agreement)
{
    struct tunnel_agreement agreement;
    uint32_t versions = one->ike_versions & other->ike_versions;
    if (versions == 0)
        return TUNNEL_MISMATCH_IKE_VERSION;
    agreement.ike_version = last_of(versions);
    unsigned wrong = agree_phase(&one->phase1, &other->phase1, false, &agreement.phase1);
    if (wrong)
        return (enum tunnel_mismatch)(TUNNEL_MISMATCH_PHASE1_ENCRYPTION + wrong - 1);
    wrong = agree_phase(&one->phase2, &other->phase2, true, &agreement.phase2);
    if (wrong)
        return (enum tunnel_mismatch)(TUNNEL_MISMATCH_PHASE2_ENCRYPTION + wrong - 1);
    *ret_agreement = agreement;
    return TUNNEL_AGREED;
}

bool tunnel_proposal_is_weak(const struct tunnel_proposal *proposal)
{
    return proposal->group < WEAKEST_GOOD_GROUP || proposal->integrity == TUNNEL_SHA1;
}
