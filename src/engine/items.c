/* Items of a checkpoint as bytes. */
#include "engine/items.h"

#include <assert.h>
#include <string.h>

/* As of the events: who adds a field adds it here, and the size follows. */
CODED(open_terms, 20);
CODED(session_slot, 96);
CODED(bgp_session, 448);
CODED(bfd_end, 88);
CODED(engine_config, 56);
CODED(platform_profile, 184);
CODED(table_route, 32);

void code_engine(struct coder *coder, struct item_engine *item)
{
    code_i64(coder, &item->now_us);
    code_u32(coder, &item->carving);
    code_bool(coder, &item->kept);
}

static void code_terms(struct coder *coder, struct open_terms *terms)
{
    code_u32(coder, &terms->peer_id);
    code_u16(coder, &terms->hold_s);
    code_bool(coder, &terms->four_octet_as);
    code_bool(coder, &terms->refresh);
    code_bool(coder, &terms->enhanced_refresh);
    code_bool(coder, &terms->four);
    code_bool(coder, &terms->six);
    code_bool(coder, &terms->restart);
    code_bool(coder, &terms->restarted);
    code_u8(coder, &terms->restart_families);
    code_u8(coder, &terms->kept_families);
    code_u16(coder, &terms->restart_s);
}

static void code_slot(struct coder *coder, struct session_slot *slot, struct slice *cut)
{
    slot->phase = (uint8_t)code_below(coder, slot->phase, SESSION_ESTABLISHED + 1);
    code_bool(coder, &slot->plain);
    code_terms(coder, &slot->terms);
    code_i64(coder, &slot->hold_us);
    code_i64(coder, &slot->keepalive_us);
    code_slice(coder, cut);
    coder->wrong |= cut->size >= BGP_MESSAGE_MAX;
}

/* The outboxes are not kept: what was still to be said went to a connection that a made engine does
 * not have. */
static void code_session(struct coder *coder, struct bgp_session *session, struct slice *cut)
{
    code_i64(coder, &session->config.start_delay_us);
    code_i64(coder, &session->config.idle_hold_us);
    code_i64(coder, &session->config.first_update_delay_us);
    for (int i = 0; i < BGP_SLOTS; i++)
        code_slot(coder, &session->slots[i], &cut[i]);
    code_i64(coder, &session->restart_us);
    code_i64(coder, &session->retry_us);
    code_i64(coder, &session->ready_us);
    session->state = (uint8_t)code_below(coder, session->state, SESSION_ESTABLISHED + 1);
    session->slot = (uint8_t)code_below(coder, session->slot, BGP_SLOTS);
    code_bool(coder, &session->started);
    code_bool(coder, &session->ready);
    code_bool(coder, &session->plain_open);
    session->last_reason = (uint8_t)code_below(coder, session->last_reason, BGP_DOWN_COUNT);
    code_u8(coder, &session->last_code);
    code_u8(coder, &session->last_subcode);
    code_i64(coder, &session->since_us);
    code_i64(coder, &session->last_down_us);
    code_u32(coder, &session->retry_count);
    code_u32(coder, &session->established_count);
    bool up = session->slots[session->slot].phase == SESSION_ESTABLISHED;
    coder->wrong |= up != (session->state == SESSION_ESTABLISHED);
    const struct session_config *config = &session->config;
    coder->wrong |= config->start_delay_us < 0 || config->idle_hold_us < 0 ||
                    config->idle_hold_us == SESSION_NEVER || config->first_update_delay_us < 0;
}

/* Its settings come with the neighbor, but for what was drawn. */
static void code_end(struct coder *coder, struct bfd_end *end)
{
    code_u32(coder, &end->config.discriminator);
    end->state = (uint8_t)code_below(coder, end->state, BFD_UP + 1);
    end->diag = (uint8_t)code_below(coder, end->diag, 32);
    end->remote_state = (uint8_t)code_below(coder, end->remote_state, BFD_UP + 1);
    code_u8(coder, &end->remote_multiplier);
    code_bool(coder, &end->remote_demand);
    code_bool(coder, &end->poll);
    code_bool(coder, &end->final_due);
    code_bool(coder, &end->packet_due);
    code_u32(coder, &end->remote_discriminator);
    code_u32(coder, &end->remote_min_rx_us);
    code_u32(coder, &end->desired_us);
    code_u32(coder, &end->gap_us);
    code_i64(coder, &end->sent_us);
    code_i64(coder, &end->send_us);
    code_i64(coder, &end->detect_us);
    code_i64(coder, &end->detection_us);
    code_i64(coder, &end->since_us);
    code_u32(coder, &end->discard_count);
    coder->wrong |= end->config.discriminator == 0;
}

void code_source(struct coder *coder, struct item_source *item)
{
    item->kind = (enum item_source_kind)code_below(coder, (int)item->kind, ITEM_OF_KINDS);
    if (item->kind == ITEM_OF_STATIC) {
        code_u16(coder, &item->attachment);
        code_u16(coder, &item->interface);
    }
    if (item->kind != ITEM_OF_NEIGHBOR)
        return;
    code_event(coder, &item->neighbor);
    code_session(coder, &item->session, item->cut);
    code_bool(coder, &item->bfd);
    if (item->bfd)
        code_end(coder, &item->end);
    code_bool(coder, &item->member);
    code_bool(coder, &item->fresh);
    code_i64(coder, &item->error_wait_us);
    code_i64(coder, &item->error_at_us);
    coder->wrong |= item->error_wait_us < 0;
    code_bool(coder, &item->limit_near_noted);
    code_bool(coder, &item->limit_noted);
}

void code_interface_item(struct coder *coder, struct item_interface *item)
{
    code_u16(coder, &item->interface);
    code_prefix(coder, &item->connected);
    code_bool(coder, &item->up);
    coder->wrong |= item->interface == 0;
}

void code_route_item(struct coder *coder, struct item_route *item)
{
    struct table_route *route = &item->route;
    code_prefix(coder, &item->prefix);
    code_ip(coder, &route->gateway);
    code_u32(coder, &route->metric);
    code_u32(coder, &route->tag);
    code_u16(coder, &route->interface);
    route->source = (uint8_t)code_below(coder, route->source, ROUTE_SOURCE_COUNT);
    code_u8(coder, &route->distance);
    code_u8(coder, &route->flags);
}

void code_path(struct coder *coder, struct item_path *item)
{
    code_prefix(coder, &item->prefix);
    code_u16(coder, &item->source);
    item->refused = (uint8_t)code_below(coder, item->refused, REASON_COUNT);
    coder->wrong |= item->refused != REASON_NONE && !reason_refuses(item->refused);
    code_u8(coder, &item->place);
    code_bool(coder, &item->fresh);
    if (item->fresh)
        code_slice(coder, &item->set);
    coder->wrong |= item->set.size > ATTR_MAX_BYTES;
}

void code_count(struct coder *coder, struct item_count *item)
{
    code_u16(coder, &item->source);
    code_u32(coder, &item->discarded);
}

void code_waiting(struct coder *coder, struct item_waiting *item)
{
    code_u16(coder, &item->vpc);
    code_u16(coder, &item->table);
    code_u32(coder, &item->limit);
    if (item->table != 0)
        code_prefix(coder, &item->prefix);
}

/* -- what an engine was made with -- */

static void code_span(struct coder *coder, struct span *span)
{
    code_i64(coder, &span->min_us);
    code_i64(coder, &span->max_us);
    coder->wrong |= span->min_us < 0 || span->max_us < span->min_us;
}

static void code_profile(struct coder *coder, struct platform_profile *profile)
{
    profile->platform = (enum platform)code_below(coder, (int)profile->platform, PLATFORM_COUNT);
    profile->order = (enum table_order)code_below(coder, (int)profile->order, TABLE_BY_METRIC + 1);
    profile->best_rules =
        (enum platform_best)code_below(coder, (int)profile->best_rules, BEST_RULES_FRR + 1);
    profile->announces_back =
        (enum answer)code_below(coder, (int)profile->announces_back, ANSWER_UNKNOWN + 1);
    code_bool(coder, &profile->resolves_via_default);
    code_bool(coder, &profile->static_on_link);
    code_bool(coder, &profile->dhcp_is_kernel);
    code_bool(coder, &profile->kernel_metric_distance);
    for (int i = 0; i < ROUTE_SOURCE_COUNT; i++) {
        code_u8(coder, &profile->distance[i]);
        code_u32(coder, &profile->metric[i]);
    }
    code_span(coder, &profile->decision);
    code_span(coder, &profile->rib_to_fib);
    code_span(coder, &profile->withdraw_to_fib);
    code_span(coder, &profile->session_restart);
    code_i64(coder, &profile->error_wait_us);
    code_i64(coder, &profile->error_wait_limit_us);
    code_i64(coder, &profile->error_forget_us);
    code_i64(coder, &profile->first_update_us);
    code_i64(coder, &profile->first_update_per_peer_us);
    code_i64(coder, &profile->first_update_limit_us);
    code_i64(coder, &profile->first_update_sleep_us);
    code_u8(coder, &profile->jitter_percent);
    coder->wrong |= profile->jitter_percent > 50;
    code_bool(coder, &profile->hold_jitters);
    code_u32(coder, &profile->assumed);
}

static void code_config(struct coder *coder, struct engine_config *config)
{
    uint64_t budget_bytes = config->budget_bytes;
    code_u64(coder, &budget_bytes);
    config->budget_bytes = (size_t)budget_bytes;
    code_bool(coder, &config->gateway);
    code_bool(coder, &config->hub);
    code_bool(coder, &config->rounds);
    code_bool(coder, &config->no_entries);
    code_bool(coder, &config->announce_back);
    code_u32(coder, &config->asn);
    code_u32(coder, &config->router_id);
    coder->wrong |= config->asn != 0 && config->router_id == 0;
}

void config_encode(const struct engine_config *config, struct writer *writer)
{
    struct coder coder = coder_writing(writer);
    struct engine_config copy = *config;
    struct platform_profile profile = *config->profile;
    code_config(&coder, &copy);
    code_profile(&coder, &profile);
}

bool config_decode(struct slice bytes, struct engine_config *ret_config,
                   struct platform_profile *ret_profile)
{
    struct cursor cursor = cursor_over(bytes);
    struct coder coder = coder_reading(&cursor, NULL);
    struct engine_config config = {.profile = ret_profile};
    struct platform_profile profile;
    memset(&profile, 0, sizeof profile);
    code_config(&coder, &config);
    code_profile(&coder, &profile);
    if (coder_failed(&coder) || cursor_remaining(&cursor) > 0)
        return false;
    *ret_config = config;
    *ret_profile = profile;
    return true;
}
