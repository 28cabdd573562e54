#include "tunnel/options.h"

#include <assert.h>

enum {
    ALL_ENCRYPTIONS = (1 << TUNNEL_ENCRYPTIONS) - 1,
    ALL_INTEGRITIES = (1 << TUNNEL_INTEGRITIES) - 1,
    PSK_LEAST = 8,
    PSK_MOST = 64,
    WATCH_TRIES = 3,
    US_PER_S = 1000000,
};

#define GROUPS_14_TO_24 0x1ffc000u
#define PHASE1_GROUPS   (GROUPS_14_TO_24 | 1u << 2)
#define PHASE2_GROUPS   (PHASE1_GROUPS | 1u << 5)

#define PHASE1                                                                                     \
    {                                                                                              \
        ALL_ENCRYPTIONS, ALL_INTEGRITIES, PHASE1_GROUPS                                            \
    }
#define PHASE2                                                                                     \
    {                                                                                              \
        ALL_ENCRYPTIONS, ALL_INTEGRITIES, PHASE2_GROUPS                                            \
    }

const struct tunnel_options tunnel_options_standard = {
    .ike_versions = TUNNEL_IKEV1 | TUNNEL_IKEV2,
    .phase1 = PHASE1,
    .phase2 = PHASE2,
#define NUMBER(field, word, standard, least, most, sentence) .field = (standard),
#include "tunnel/number.def"
#undef NUMBER
    .dead_action = TUNNEL_DEAD_CLEAR,
    .startup = TUNNEL_STARTUP_ADD,
};

#define NUMBER(field, word, standard, least, most, sentence) .field = {(least), (most)},

const struct tunnel_limits tunnel_limits_aws = {
    .phase1 = PHASE1,
    .phase2 = PHASE2,
#include "tunnel/number.def"
};

const struct tunnel_limits tunnel_limits_own = {
    .phase1 = PHASE1,
    .phase2 = PHASE2,
    .phase1_lifetime_s = {900, 28800},
    .phase2_lifetime_s = {900, 3600},
    .rekey_margin_s = {60, 1800},
    .rekey_fuzz_percent = {0, 100},
    .replay_window_packets = {64, 2048},
    .dpd_timeout_s = {1, UINT32_MAX},
    .any_inside = true,
};

#undef NUMBER

struct fault_line {
    const char *word;
    const char *sentence;
    const char *reference;
};

static const struct fault_line LINES[TUNNEL_FAULTS] = {
    [TUNNEL_FAULT_NONE] = {"none", "Nothing is wrong.", ""},
#define NUMBER(field, word, standard, least, most, sentence)                                       \
    [TUNNEL_FAULT_##field] = {word, sentence, "S2S VPNTunnels.md"},
#include "tunnel/number.def"
#undef NUMBER
#define FAULT(name, word, sentence, reference) [TUNNEL_FAULT_##name] = {word, sentence, reference},
#include "tunnel/fault.def"
#undef FAULT
};

static const struct fault_line *line_of(enum tunnel_fault fault)
{
    assert((unsigned)fault < TUNNEL_FAULTS);
    return &LINES[fault];
}

const char *tunnel_fault_word(enum tunnel_fault fault)
{
    return line_of(fault)->word;
}

const char *tunnel_fault_sentence(enum tunnel_fault fault)
{
    return line_of(fault)->sentence;
}

const char *tunnel_fault_reference(enum tunnel_fault fault)
{
    return line_of(fault)->reference;
}

const char *tunnel_encryption_word(enum tunnel_encryption encryption)
{
    static const char *const WORDS[] = {"AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"};
    assert((unsigned)encryption < TUNNEL_ENCRYPTIONS);
    return WORDS[encryption];
}

const char *tunnel_integrity_word(enum tunnel_integrity integrity)
{
    static const char *const WORDS[] = {"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"};
    assert((unsigned)integrity < TUNNEL_INTEGRITIES);
    return WORDS[integrity];
}

/* Something is chosen, and nothing that is not allowed. */
static bool is_choice(uint32_t chosen, uint32_t allowed)
{
    return chosen != 0 && (chosen & ~allowed) == 0;
}

static bool is_within(uint32_t value, struct tunnel_range range)
{
    return value >= range.least && value <= range.most;
}

static enum tunnel_fault check_phases(const struct tunnel_options *options,
                                      const struct tunnel_limits *limits)
{
    const struct tunnel_phase *first = &options->phase1, *second = &options->phase2;
    if (!is_choice(options->ike_versions, TUNNEL_IKEV1 | TUNNEL_IKEV2))
        return TUNNEL_FAULT_IKE_VERSION;
    if (!is_choice(first->encryptions, limits->phase1.encryptions))
        return TUNNEL_FAULT_PHASE1_ENCRYPTION;
    if (!is_choice(first->integrities, limits->phase1.integrities))
        return TUNNEL_FAULT_PHASE1_INTEGRITY;
    if (!is_choice(first->groups, limits->phase1.groups))
        return TUNNEL_FAULT_PHASE1_GROUP;
    if (!is_choice(second->encryptions, limits->phase2.encryptions))
        return TUNNEL_FAULT_PHASE2_ENCRYPTION;
    if (!is_choice(second->integrities, limits->phase2.integrities))
        return TUNNEL_FAULT_PHASE2_INTEGRITY;
    if (!is_choice(second->groups, limits->phase2.groups))
        return TUNNEL_FAULT_PHASE2_GROUP;
    return TUNNEL_FAULT_NONE;
}

static enum tunnel_fault check_numbers(const struct tunnel_options *options,
                                       const struct tunnel_limits *limits)
{
#define NUMBER(field, word, standard, least, most, sentence)                                       \
    {is_within(options->field, limits->field), TUNNEL_FAULT_##field},
    const struct {
        bool right;
        enum tunnel_fault fault;
    } numbers[] = {
#include "tunnel/number.def"
    };
#undef NUMBER
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (!numbers[i].right)
            return numbers[i].fault;
    if (options->phase2_lifetime_s >= options->phase1_lifetime_s)
        return TUNNEL_FAULT_LIFETIME_ORDER;
    if (options->rekey_margin_s > options->phase2_lifetime_s / 2)
        return TUNNEL_FAULT_MARGIN_HALF;
    return TUNNEL_FAULT_NONE;
}

enum tunnel_fault tunnel_options_check(const struct tunnel_options *options,
                                       const struct tunnel_limits *limits, bool peer_known)
{
    enum tunnel_fault fault = check_phases(options, limits);
    if (fault == TUNNEL_FAULT_NONE)
        fault = check_numbers(options, limits);
    if (fault != TUNNEL_FAULT_NONE || options->startup == TUNNEL_STARTUP_ADD)
        return fault;
    if ((options->ike_versions & TUNNEL_IKEV2) == 0)
        return TUNNEL_FAULT_STARTUP_IKEV1;
    return peer_known ? TUNNEL_FAULT_NONE : TUNNEL_FAULT_STARTUP_ADDRESS;
}

static bool is_key_character(uint8_t character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '.' || character == '_';
}

enum tunnel_fault tunnel_psk_check(struct slice psk)
{
    if (psk.size < PSK_LEAST || psk.size > PSK_MOST)
        return TUNNEL_FAULT_PSK_LENGTH;
    if (psk.data[0] == '0')
        return TUNNEL_FAULT_PSK_ZERO;
    for (size_t i = 0; i < psk.size; i++)
        if (!is_key_character(psk.data[i]))
            return TUNNEL_FAULT_PSK_CHARACTER;
    return TUNNEL_FAULT_NONE;
}

struct tunnel_watch tunnel_watch_of(uint32_t dpd_timeout_s)
{
    int64_t quarter_us = (int64_t)dpd_timeout_s * US_PER_S / (WATCH_TRIES + 1);
    return (struct tunnel_watch){quarter_us, quarter_us, WATCH_TRIES};
}
