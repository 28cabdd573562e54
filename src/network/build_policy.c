/* What an attachment accepts and what it changes, as an engine is told. */
#include "network/build_parts.h"

#include "network/policy.h"

#include <assert.h>
#include <stdlib.h>

struct event build_edit(uint16_t attachment, bool export, const struct network_edit *edit)
{
    return (struct event){.kind = EVENT_POLICY,
                          .policy = {.attachment = attachment,
                                     .export = export,
                                     .edit = network_route_edit(edit, export)}};
}

struct event build_accepted(struct world *world, uint16_t attachment,
                            const struct network_filter *allowed)
{
    struct event event = {.kind = EVENT_FILTER,
                          .filter = {.attachment = attachment, .allowed = true}};
    bool permit_rest;
    struct prefix_rule *rules = build_rules(allowed, 0, &event.filter.count, &permit_rest);
    if (rules)
        world_keep(world, rules);
    event.filter.rules = rules;
    return event;
}

void build_policy(struct builder *builder, int node, uint16_t attachment,
                  const struct network_policy *policy)
{
    const struct network_filter allowed = {policy->accept, policy->accept_count};
    if (policy->accept)
        build_setup(builder_node(builder, node), EVENT_FILTER,
                    build_accepted(builder->world, attachment, &allowed));
    if (policy->on_import)
        build_setup(builder_node(builder, node), EVENT_POLICY,
                    build_edit(attachment, false, policy->on_import));
    if (policy->on_export)
        build_setup(builder_node(builder, node), EVENT_POLICY,
                    build_edit(attachment, true, policy->on_export));
}

struct event_attachment build_plain(const struct network_bgp *bgp, ip_addr peer)
{
    const struct network_neighbor *own = network_policy_towards(bgp, peer);
    struct event_attachment attachment = {.kind = ATTACHMENT_PLAIN};
    if (!own)
        return attachment;
    const struct network_limits *limits = &own->limits;
    attachment.refuse_default = own->policy.refuse_default;
    attachment.prefix_limit = limits->received > 0 ? (uint32_t)limits->received : 0;
    attachment.limit_refuses_alone = limits->over == NETWORK_OVER_REFUSE;
    attachment.warn_percent = limits->warn_percent > 0 ? (uint8_t)limits->warn_percent : 0;
    return attachment;
}

void build_neighbors_policy(struct builder *builder, int node, uint16_t attachment,
                            const struct network_bgp *bgp, ip_addr peer)
{
    const struct network_neighbor *own = network_policy_towards(bgp, peer);
    build_filter(builder, node, attachment, false, &bgp->import, peer);
    build_filter(builder, node, attachment, true, &bgp->export, peer);
    if (own)
        build_policy(builder, node, attachment, &own->policy);
}
