/* The policy of an attachment in a file: what is accepted, and what is changed on the way in and
 * out. A row of keys that connections, Direct Connects and routers' neighbors share. */
#pragma once

#include "network/schema.h"
#include "rib/edit.h"

/* who: at whose end, as a string. */
#define POLICY_FIELDS(owner, member, who)                                                          \
    {.key = "accept",                                                                              \
     .type = FIELD_STRUCT,                                                                         \
     LIST(owner, member.accept, member.accept_count),                                              \
     .of = &schema_accepted,                                                                       \
     .most = NETWORK_RULES_MAX,                                                                    \
     .open = "everything",                                                                         \
     .sentence = "The allow-list: " who " accepts nothing else from here. Asked before import."},  \
        {.key = "refuse_default",                                                                  \
         .type = FIELD_BOOL,                                                                       \
         AT(owner, member.refuse_default),                                                         \
         .initial = "false",                                                                       \
         .sentence = "Whether " who " refuses a default route from here."},                        \
        {.key = "on_import",                                                                       \
         .type = FIELD_OPTIONAL,                                                                   \
         AT(owner, member.on_import),                                                              \
         .of = &schema_import_edit,                                                                \
         .open = "nothing",                                                                        \
         .sentence = "What " who " changes in what it accepts."},                                  \
    {                                                                                              \
        .key = "on_export", .type = FIELD_OPTIONAL, AT(owner, member.on_export),                   \
        .of = &schema_export_edit, .open = "nothing",                                              \
        .sentence = "What " who " changes in what it announces here."                              \
    }

/* Does it say anything? */
bool network_policy_says(const struct network_policy *policy);
/* Does a step change a policy: what is accepted, or what is changed on the way in or out? */
bool network_change_edits(const struct network_step *step);
/* For the engine. NULL: nothing is changed. */
struct route_edit network_route_edit(const struct network_edit *edit, bool export);
/* A router's towards a neighbor; NULL when it has none of its own. bgp may be NULL. */
const struct network_neighbor *network_policy_towards(const struct network_bgp *bgp,
                                                      ip_addr neighbor);
