/* What the tests of the engine share: one engine with its driver. The driver keeps the clock, says
 * CONTINUE while there is more, keeps what the effects said (the kernel's table, the VPCs' tables,
 * the notes) and hands what concerns a connection to whoever stands at the other end: a scripted
 * neighbor (test_peer.h) or another engine (test_pair.h). After every step it audits, and
 * a second engine that only has what a journal has must be its equal (test_mirror.h).
 *
 * Neighbor n hangs on interface n: we are 169.254.n.1, it is 169.254.n.2. */
#pragma once

#include "base/text.h"
#include "engine/engine.h"
#include "engine/test_mirror.h"
#include "rib/adj_out.h"
#include "tests/harness.h"
#include "tests/memory.h"

#define RIG_UNUSED __attribute__((unused))

enum { MS = 1000, S = 1000 * MS, RIG_NOTES = 512, RIG_ENTRIES = 5000, RIG_TEXT = 512 };

struct rig {
    struct memory memory;
    struct platform_profile profile;
    struct engine *engine;
    struct mirror mirror;
    int64_t now_us, wake_at_us;
    uint16_t deferral_s; /* struct event_boot */
    bool unaudited;      /* a test that breaks the engine on purpose asks by itself */
    uint64_t digest;

    struct effect_note notes[RIG_NOTES];
    uint32_t note_count;
    struct effect_entry entries[RIG_ENTRIES]; /* what the kernel holds */
    uint32_t entry_count;
    struct effect_vpc_entry vpc_entries[RIG_ENTRIES];
    uint32_t vpc_entry_count;

    void *far; /* CONNECT, SEND and CLOSE go there; it must not step the engine */
    void (*tell_far)(void *far, struct rig *rig, const struct effect *effect);
};

/* Reasons that an engine of this program gave a path or a neighbor. */
static bool rig_seen[REASON_COUNT] RIG_UNUSED;

RIG_UNUSED static ip_addr ip(const char *text)
{
    ip_addr addr = 0;
    if (!ip_parse(text, strlen(text), &addr))
        CHECK_TEXT(text, "an address");
    return addr;
}

RIG_UNUSED static struct prefix net(const char *text)
{
    struct prefix prefix = {0, 0};
    if (prefix_parse(text, strlen(text), &prefix) != PREFIX_OK)
        CHECK_TEXT(text, "a prefix");
    return prefix;
}

/* -- effects -- */

RIG_UNUSED static void rig_keep_entry(struct rig *rig, const struct effect_entry *entry)
{
    uint32_t at = 0;
    while (at < rig->entry_count && !prefix_equal(rig->entries[at].prefix, entry->prefix))
        at++;
    if (entry->present) {
        CHECK(at < RIG_ENTRIES);
        rig->entries[at] = *entry;
        rig->entry_count += at == rig->entry_count;
    } else if (at < rig->entry_count) {
        rig->entries[at] = rig->entries[--rig->entry_count];
    }
}

RIG_UNUSED static void rig_keep_vpc_entry(struct rig *rig, const struct effect_vpc_entry *entry)
{
    uint32_t at = 0;
    for (; at < rig->vpc_entry_count; at++) {
        const struct effect_vpc_entry *kept = &rig->vpc_entries[at];
        if (kept->vpc == entry->vpc && kept->table == entry->table &&
            prefix_equal(kept->route.prefix, entry->route.prefix))
            break;
    }
    if (entry->present) {
        CHECK(at < RIG_ENTRIES);
        rig->vpc_entries[at] = *entry;
        rig->vpc_entry_count += at == rig->vpc_entry_count;
    } else if (at < rig->vpc_entry_count) {
        rig->vpc_entries[at] = rig->vpc_entries[--rig->vpc_entry_count];
    }
}

RIG_UNUSED static void rig_keep_note(struct rig *rig, const struct effect_note *note)
{
    if (note->kind == NOTE_ROUTE_REFUSED || note->kind == NOTE_OUT_OF_BUDGET)
        rig_seen[note->reason] = true;
    if (rig->note_count < RIG_NOTES)
        rig->notes[rig->note_count++] = *note;
}

RIG_UNUSED static void rig_take_effects(struct rig *rig, const struct step *step)
{
    for (uint32_t i = 0; i < step->effect_count; i++) {
        const struct effect *effect = &step->effects[i];
        CHECK(effect->kind < EFFECT_COUNT);
        if (effect->kind == EFFECT_ENTRY)
            rig_keep_entry(rig, &effect->entry);
        else if (effect->kind == EFFECT_VPC_ENTRY)
            rig_keep_vpc_entry(rig, &effect->vpc_entry);
        else if (effect->kind == EFFECT_NOTE)
            rig_keep_note(rig, &effect->note);
        else if (rig->tell_far)
            rig->tell_far(rig->far, rig, effect);
    }
}

/* -- steps -- */

RIG_UNUSED static void rig_look(const struct rig *rig)
{
    const struct rib *rib = engine_rib(rig->engine);
    for (uint32_t number = 1; rib && number < rib_number_end(rib); number++) {
        const struct rib_prefix *record = rib_prefix_get(rib, number);
        if (!(record->bits & RIB_IN_USE))
            continue;
        const struct rib_path *path = NULL;
        while ((path = rib_path_next(rib, number, path)) != NULL)
            rig_seen[path->why] = true;
        for (uint16_t i = 1; i <= engine_neighbor_count(rig->engine); i++) {
            enum reason reason;
            struct attachment_id at = {engine_neighbor(rig->engine, i)->attachment};
            (void)engine_told(rig->engine, i, rib_prefix_of(rib, record), &reason);
            rig_seen[reason] = true;
            rig_seen[adj_out_exception(rib, number, at)] = true;
        }
    }
}

RIG_UNUSED static void rig_audit(const struct rig *rig)
{
    const char *wrong = engine_audit(rig->engine);
    CHECK_TEXT(wrong ? wrong : "sound", "sound");
}

RIG_UNUSED static struct step rig_step_once(struct rig *rig, const struct event *event)
{
    struct step step = engine_step(rig->engine, event);
    rig_take_effects(rig, &step);
    mirror_step(&rig->mirror, rig->unaudited ? NULL : rig->engine, event);
    return step;
}
RIG_UNUSED static void rig_step(struct rig *rig, const struct event *said)
{
    struct event event = *said;
    event.at_us = rig->now_us;
    struct step step = rig_step_once(rig, &event);
    struct event more = {.kind = EVENT_CONTINUE, .at_us = rig->now_us};
    for (uint32_t i = 0; step.more; i++) {
        CHECK(i < 100000);
        step = rig_step_once(rig, &more);
    }
    rig->wake_at_us = step.wake_at_us;
    CHECK(rig->wake_at_us >= rig->now_us);
    rig->digest = hash_u64(engine_digest(rig->engine), rig->digest);
    if (rig->unaudited)
        return;
    rig_audit(rig);
    rig_look(rig);
}

/* The clock goes on; what is due on the way is done when it is due. */
RIG_UNUSED static void rig_until(struct rig *rig, int64_t at_us)
{
    struct event event = {.kind = EVENT_TIME};
    while (rig->wake_at_us <= at_us) {
        rig->now_us = rig->wake_at_us;
        rig_step(rig, &event);
    }
    rig->now_us = at_us;
}

RIG_UNUSED static void rig_pass(struct rig *rig, int64_t us)
{
    rig_until(rig, rig->now_us + us);
}

/* -- an engine: its latencies are zero unless a test says otherwise -- */

RIG_UNUSED static struct engine_config rig_config(struct rig *rig, enum platform platform,
                                                  uint32_t asn)
{
    rig->profile = *platform_profile(platform);
    platform_take_no_time(&rig->profile);
    return (struct engine_config){.profile = &rig->profile,
                                  .gateway = rig->profile.best_rules == BEST_RULES_VGW,
                                  .announce_back = rig->profile.announces_back == ANSWER_YES,
                                  .asn = asn,
                                  .router_id = 0x0a000000u + asn};
}

RIG_UNUSED static void rig_start(struct rig *rig, struct engine_config config)
{
    config.alloc = memory_alloc(&rig->memory);
    rig->engine = engine_create(&config);
    CHECK(rig->engine != NULL);
    mirror_init(&rig->mirror, &config);
    rig_step(rig, &(struct event){.kind = EVENT_BOOT, .boot = {1, rig->deferral_s}});
}

/* Nothing may be left behind. */
RIG_UNUSED static void rig_finish(struct rig *rig)
{
    engine_destroy(rig->engine);
    mirror_done(&rig->mirror);
    CHECK_EQUAL((int64_t)rig->memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)rig->memory.live_bytes, 0);
    *rig = (struct rig){0};
}

/* -- what came of it, as words -- */

RIG_UNUSED static uint32_t rig_notes(const struct rig *rig, enum note_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rig->note_count; i++)
        count += rig->notes[i].kind == kind;
    return count;
}

/* The last note of the kind; an empty one when there is none. */
RIG_UNUSED static struct effect_note rig_note(const struct rig *rig, enum note_kind kind)
{
    for (uint32_t i = rig->note_count; i > 0; i--) {
        if (rig->notes[i - 1].kind == kind)
            return rig->notes[i - 1];
    }
    return (struct effect_note){0};
}

/* "via 169.254.1.2 on 1, ebgp 1", "on 9, connected", "discard, static", "none". */
RIG_UNUSED static const char *rig_entry(const struct rig *rig, const char *prefix)
{
    static char words[RIG_TEXT];
    struct text text = text_over(words, sizeof words);
    for (uint32_t i = 0; i < rig->entry_count; i++) {
        const struct effect_entry *entry = &rig->entries[i];
        if (!prefix_equal(entry->prefix, net(prefix)))
            continue;
        if (entry->discard)
            text_add(&text, "discard");
        if (entry->gateway) {
            text_add(&text, "via ");
            text_ip(&text, entry->gateway);
            text_char(&text, ' ');
        }
        if (!entry->discard) {
            text_add(&text, "on ");
            text_u64(&text, entry->interface);
        }
        text_add(&text, ", ");
        text_add(&text, route_source_name(entry->source));
        if (entry->neighbor) {
            text_char(&text, ' ');
            text_u64(&text, entry->neighbor);
        }
        return words;
    }
    return "none";
}

/* "local", "gateway 1, propagated", "instance 2, static, blackhole", "none". */
RIG_UNUSED static const char *rig_vpc_entry(const struct rig *rig, uint16_t table,
                                            const char *prefix)
{
    static const char *const kinds[] = {"local",   "instance", "internet",
                                        "gateway", "peering",  "blackhole"};
    static char words[RIG_TEXT];
    struct text text = text_over(words, sizeof words);
    for (uint32_t i = 0; i < rig->vpc_entry_count; i++) {
        const struct effect_vpc_entry *entry = &rig->vpc_entries[i];
        if (entry->table != table || !prefix_equal(entry->route.prefix, net(prefix)))
            continue;
        text_add(&text, kinds[entry->route.target.kind]);
        if (entry->route.target.id) {
            text_char(&text, ' ');
            text_u64(&text, entry->route.target.id);
            text_add(&text, ", ");
            text_add(&text, vpc_origin_name((enum vpc_origin)entry->route.origin));
        }
        if (entry->route.state == VPC_BLACKHOLE)
            text_add(&text, ", blackhole");
        return words;
    }
    return "none";
}
