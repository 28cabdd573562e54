/* What tests of the engine tell it, in a line each. */
#pragma once

#include "engine/engine_rig.h"

RIG_UNUSED static void say_attachment(struct rig *rig, struct event_attachment attachment)
{
    rig_step(rig, &(struct event){.kind = EVENT_ATTACHMENT, .attachment = attachment});
}

/* Attachment of a customer gateway of the same number, with the guard's default policy. */
RIG_UNUSED static void say_vpn(struct rig *rig, uint16_t attachment)
{
    say_attachment(rig, (struct event_attachment){.attachment = attachment,
                                                  .kind = ATTACHMENT_VPN,
                                                  .customer_gateway = attachment,
                                                  .guard = GUARD_HOLD});
}

RIG_UNUSED static void say_interface(struct rig *rig, uint16_t interface, const char *addr,
                                     uint8_t len, bool up)
{
    struct event_interface said = {
        .interface = interface, .addr = addr ? ip(addr) : 0, .len = len, .up = up};
    rig_step(rig, &(struct event){.kind = EVENT_INTERFACE, .interface = said});
}

RIG_UNUSED static ip_addr local_addr_of(uint16_t neighbor)
{
    return 0xa9fe0001u + ((ip_addr)neighbor << 8);
}

RIG_UNUSED static ip_addr peer_addr_of(uint16_t neighbor)
{
    return 0xa9fe0002u + ((ip_addr)neighbor << 8);
}

/* Interface n, and neighbor n on it; passive and without timers. outside NULL: no tunnel. */
RIG_UNUSED static struct event_neighbor neighbor_on(uint16_t neighbor, uint16_t attachment,
                                                    uint32_t asn, const char *outside)
{
    return (struct event_neighbor){.neighbor = neighbor,
                                   .attachment = attachment,
                                   .interface = neighbor,
                                   .local_addr = local_addr_of(neighbor),
                                   .peer_addr = peer_addr_of(neighbor),
                                   .outside_addr = outside ? ip(outside) : 0,
                                   .peer_asn = asn,
                                   .connect_retry_s = 10,
                                   .passive = true};
}

RIG_UNUSED static void say_neighbor(struct rig *rig, struct event_neighbor neighbor)
{
    struct event_interface link = {
        .interface = neighbor.interface, .addr = neighbor.local_addr, .len = 30, .up = true};
    rig_step(rig, &(struct event){.kind = EVENT_INTERFACE, .interface = link});
    rig_step(rig, &(struct event){.kind = EVENT_NEIGHBOR, .neighbor = neighbor});
}

RIG_UNUSED static void say_connection(struct rig *rig, enum event_kind kind, uint16_t neighbor,
                                      uint8_t slot)
{
    struct event_connection connection = {.neighbor = neighbor, .slot = slot};
    struct event event = {.kind = kind};
    if (kind == EVENT_HALT)
        event.halt = (struct event_halt){.connection = connection};
    else
        event.connection = connection;
    rig_step(rig, &event);
}

RIG_UNUSED static void say_start(struct rig *rig, uint16_t neighbor)
{
    say_connection(rig, EVENT_START, neighbor, 0);
    rig_pass(rig, 0);
}

RIG_UNUSED static void say_endpoint(struct rig *rig, uint16_t cgw, const char *outside,
                                    bool present)
{
    struct event_endpoint said = {.customer_gateway = cgw, .addr = ip(outside), .present = present};
    rig_step(rig, &(struct event){.kind = EVENT_ENDPOINT, .endpoint = said});
}

RIG_UNUSED static void say_route(struct rig *rig, struct event_route route)
{
    rig_step(rig, &(struct event){.kind = EVENT_ROUTE_SET, .route = route});
}

RIG_UNUSED static void say_no_route(struct rig *rig, struct event_route route)
{
    rig_step(rig, &(struct event){.kind = EVENT_ROUTE_REMOVE, .route = route});
}

RIG_UNUSED static void say_announce(struct rig *rig, const char *prefix)
{
    rig_step(rig, &(struct event){.kind = EVENT_ANNOUNCE, .announce = {.prefix = net(prefix)}});
}

RIG_UNUSED static void say_withdraw(struct rig *rig, const char *prefix)
{
    rig_step(rig, &(struct event){.kind = EVENT_WITHDRAW, .announce = {.prefix = net(prefix)}});
}

RIG_UNUSED static void say_static_vpn(struct rig *rig, uint16_t attachment, uint16_t interface,
                                      const char *prefix, bool present)
{
    struct event_static_vpn said = {.attachment = attachment,
                                    .interface = interface,
                                    .prefix = net(prefix),
                                    .present = present};
    rig_step(rig, &(struct event){.kind = EVENT_STATIC_VPN, .static_vpn = said});
}

/* A filter that denies one prefix and what lies in it, and permits the rest; NULL: permits all. */
RIG_UNUSED static void say_filter(struct rig *rig, uint16_t attachment, bool export,
                                  const char *denied)
{
    struct prefix_rule rule = {.le = 32};
    if (denied) {
        rule.prefix = net(denied);
        rule.ge = rule.prefix.len;
    }
    struct event_filter said = {.attachment = attachment,
                                .export = export,
                                .permit_rest = true,
                                .count = denied != NULL,
                                .rules = &rule};
    rig_step(rig, &(struct event){.kind = EVENT_FILTER, .filter = said});
}

/* What an attachment may announce: this prefix and what lies in it; NULL: anything. */
RIG_UNUSED static void say_allowed(struct rig *rig, uint16_t attachment, const char *allowed)
{
    struct prefix_rule rule = {.le = 32, .permit = true};
    if (allowed) {
        rule.prefix = net(allowed);
        rule.ge = rule.prefix.len;
    }
    struct event_filter said = {.attachment = attachment,
                                .allowed = true,
                                .permit_rest = !allowed,
                                .count = allowed != NULL,
                                .rules = &rule};
    rig_step(rig, &(struct event){.kind = EVENT_FILTER, .filter = said});
}

RIG_UNUSED static void say_edit(struct rig *rig, uint16_t attachment, bool export,
                                struct route_edit edit)
{
    struct event_policy said = {.attachment = attachment, .export = export, .edit = edit};
    rig_step(rig, &(struct event){.kind = EVENT_POLICY, .policy = said});
}

/* -- VPCs; number 1 is behind interface 100 of a gateway's engine -- */

enum { VPC_INTERFACE = 100 };

RIG_UNUSED static void say_vpc(struct rig *rig, uint16_t interface, uint32_t propagated_limit)
{
    struct event_vpc said = {
        .vpc = 1, .interface = interface, .propagated_limit = propagated_limit};
    rig_step(rig, &(struct event){.kind = EVENT_VPC, .vpc = said});
}

RIG_UNUSED static void say_vpc_part(struct rig *rig, enum event_kind kind,
                                    struct event_vpc_part part)
{
    part.vpc = 1;
    rig_step(rig, &(struct event){.kind = kind, .vpc_part = part});
}

RIG_UNUSED static void say_cidr(struct rig *rig, const char *cidr)
{
    say_vpc_part(rig, EVENT_VPC_CIDR,
                 (struct event_vpc_part){.prefix = net(cidr), .present = true});
}

RIG_UNUSED static void say_table(struct rig *rig, uint16_t table, bool propagates)
{
    say_vpc_part(rig, EVENT_VPC_TABLE,
                 (struct event_vpc_part){.table = table, .present = propagates});
}

RIG_UNUSED static void say_vpc_route(struct rig *rig, uint16_t table, const char *prefix,
                                     struct vpc_target target, bool present)
{
    say_vpc_part(rig, EVENT_VPC_ROUTE,
                 (struct event_vpc_part){
                     .table = table, .prefix = net(prefix), .target = target, .present = present});
}
