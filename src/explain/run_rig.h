/* The world of world_rig.h, run: its engines step, its sessions carry bytes at once, its kernels
 * take what they are told, and have had it from the beginning, so that ages are the clock. */
#pragma once

#include "explain/world_rig.h"

enum { RIG_EFFECTS = 64 };

static inline void rig_step(struct rig *rig, int node, struct event event);

/* The same connection as the far end numbers it. */
static inline struct event_connection rig_far(const struct rig *rig, int node,
                                              struct event_connection from, int *ret_node)
{
    struct far_end far = far_end_of(rig->world, node, from.neighbor);
    *ret_node = far.node;
    return (struct event_connection){.neighbor =
                                         far.node == rig->vgw && far.direct_connect == 0 ? 2 : 1,
                                     .slot = from.slot == BGP_OUT ? BGP_IN : BGP_OUT};
}

static inline void rig_connect(struct rig *rig, int node, struct event_connection from)
{
    int far;
    struct event_connection to = rig_far(rig, node, from, &far);
    rig_step(rig, far, (struct event){.kind = EVENT_CONNECTED, .connection = to});
    rig_step(rig, node, (struct event){.kind = EVENT_CONNECTED, .connection = from});
}

/* Bytes that wait are carried until nobody has any. */
static inline void rig_carry(struct rig *rig)
{
    static uint8_t bytes[RIG_BYTES];
    while (rig->send_count > 0) {
        int node = rig->senders[0], far;
        struct event_connection from = rig->sends[0];
        struct event event = {.kind = EVENT_RECEIVED};
        rig->send_count--;
        for (size_t i = 0; i < rig->send_count; i++) {
            rig->senders[i] = rig->senders[i + 1];
            rig->sends[i] = rig->sends[i + 1];
        }
        size_t size = engine_pull(rig->world->nodes[node].engine, from, bytes, sizeof bytes);
        event.received.connection = rig_far(rig, node, from, &far);
        event.received.bytes = (struct slice){bytes, size};
        if (size > 0)
            rig_step(rig, far, event);
    }
}

static inline void rig_effect(struct rig *rig, int node, const struct effect *effect)
{
    struct event_connection connection = effect->connection;
    if (effect->kind == EFFECT_ENTRY) {
        const struct effect_entry *wanted = &effect->entry;
        struct kernel_entry entry = {.port = wanted->interface,
                                     .neighbor = wanted->neighbor,
                                     .gateway = wanted->gateway,
                                     .source = wanted->source,
                                     .since_us = 0};
        if (wanted->present)
            kernel_set(&rig->world->nodes[node].kernel, wanted->prefix, &entry);
        else
            kernel_remove(&rig->world->nodes[node].kernel, wanted->prefix);
    } else if (effect->kind == EFFECT_CONNECT) {
        connection.slot = BGP_OUT;
        rig_connect(rig, node, connection);
    } else if (effect->kind == EFFECT_SEND && rig->send_count < RIG_SENDS) {
        rig->senders[rig->send_count] = node;
        rig->sends[rig->send_count++] = connection;
    }
}

/* Effects are copied first: a connection steps this engine again. */
static inline void rig_step(struct rig *rig, int node, struct event event)
{
    struct engine *engine = rig->world->nodes[node].engine;
    struct effect effects[RIG_EFFECTS];
    bool more = true;
    while (more) {
        event.at_us = rig->now_us;
        struct step step = engine_step(engine, &event);
        uint32_t count = step.effect_count;
        CHECK(count <= RIG_EFFECTS);
        for (uint32_t i = 0; i < count && i < RIG_EFFECTS; i++)
            effects[i] = step.effects[i];
        more = step.more;
        rig->wake_us[node] = step.wake_at_us;
        for (uint32_t i = 0; i < count && i < RIG_EFFECTS; i++)
            rig_effect(rig, node, &effects[i]);
        event = (struct event){.kind = EVENT_CONTINUE};
    }
}

/* Lets virtual time pass; whoever wanted to be woken is. */
static inline void rig_pass(struct rig *rig, int64_t us)
{
    int64_t until_us = rig->now_us + us;
    for (;;) {
        int next = WORLD_NONE;
        for (int node = 0; node < (int)rig->world->node_count; node++) {
            if (rig->world->nodes[node].engine && rig->wake_us[node] <= until_us &&
                (next == WORLD_NONE || rig->wake_us[node] < rig->wake_us[next]))
                next = node;
        }
        if (next == WORLD_NONE)
            break;
        if (rig->wake_us[next] > rig->now_us)
            rig->now_us = rig->wake_us[next];
        rig_step(rig, next, (struct event){.kind = EVENT_TIME});
        rig_carry(rig);
    }
    rig->now_us = until_us;
}

static inline void rig_boot(struct rig *rig)
{
    int nodes[] = {rig->vgw, rig->edge, rig->site};
    for (size_t i = 0; i < 3; i++) {
        struct node *node = &rig->world->nodes[nodes[i]];
        node->engine = engine_create(&node->config);
        CHECK(node->engine != NULL);
    }
    for (size_t i = 0; i < 3; i++)
        rig_step(rig, nodes[i], (struct event){.kind = EVENT_BOOT, .boot = {.seed = i}});
    for (size_t i = 0; i < 3; i++) {
        const struct node *node = &rig->world->nodes[nodes[i]];
        for (size_t j = 0; j < node->setup_count; j++)
            rig_step(rig, nodes[i], node->setup[j]);
    }
    rig_carry(rig);
    rig_pass(rig, 30 * SECOND_US);
}

static inline void rig_done(struct rig *rig)
{
    world_destroy(rig->world);
    *rig = (struct rig){0};
}
