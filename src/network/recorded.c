/* What was seen of a run, as `sekisho lab record` writes it down: beside the story, for a run of it
 * to be held against. */
#include "network/check.h"

static bool is_end_of_connection(const struct network *network, const struct network_connection *of,
                                 const struct network_ref *node)
{
    if (node->kind == NETWORK_VPN_GATEWAY)
        return of->vpn_gateway.index == node->index;
    int32_t customer = of->customer_gateway.index;
    return customer >= 0 && network->customer_gateways[customer].router.index == node->index;
}

static bool is_end(const struct network *network, const struct network_recorded *recorded)
{
    const struct network_ref *node = &recorded->node;
    if (recorded->about == NETWORK_ABOUT_TUNNEL)
        return is_end_of_connection(network, &network->vpn_connections[recorded->of.index], node);
    const struct network_direct_connect *line = &network->direct_connects[recorded->of.index];
    return (node->kind == NETWORK_VPN_GATEWAY ? line->vpn_gateway : line->router).index ==
           node->index;
}

static void check_one(struct checking *checking, const struct network_recorded *recorded)
{
    bool of_ike = recorded->saw == NETWORK_SAW_IKE_UP || recorded->saw == NETWORK_SAW_IKE_GIVEN_UP;
    if (recorded->of.index < 0 || recorded->node.index < 0)
        return;
    if (of_ike && recorded->about == NETWORK_ABOUT_DIRECT_CONNECT)
        check_say(checking, &recorded->saw, recorded->place, "expected session-up or session-down",
                  "a Direct Connect has no IKE");
    else if (!is_end(checking->network, recorded))
        check_say(checking, &recorded->node, recorded->node.place, "expected one of its two ends",
                  "%s is no end of %s", recorded->node.id, recorded->of.id);
}

void check_recorded(struct checking *checking)
{
    const struct network *network = checking->network;
    int64_t latest_us = -1;
    for (size_t i = 0; i < network->recorded_count; i++) {
        const struct network_recorded *recorded = &network->recorded[i];
        check_one(checking, recorded);
        if (recorded->at_us < 0)
            continue;
        if (recorded->at_us < latest_us)
            check_say(checking, &recorded->at_us, recorded->place,
                      "expected moments in the order of time", "time runs backwards");
        latest_us = recorded->at_us > latest_us ? recorded->at_us : latest_us;
    }
}

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

static const struct choice saw_choices[] = {
    {"session-up", NETWORK_SAW_SESSION_UP},
    {"session-down", NETWORK_SAW_SESSION_DOWN},
    {"ike-up", NETWORK_SAW_IKE_UP},
    {"ike-given-up", NETWORK_SAW_IKE_GIVEN_UP},
    {NULL, 0},
};

static const struct field recorded_fields[] = {
    {.key = "at", .type = FIELD_DURATION, AT(network_recorded, at_us), .required = true,
     .sentence = "When, by the story's clock; no earlier than the moment before."},
    {.key = "node", .type = FIELD_REF, AT(network_recorded, node), .required = true,
     .kinds = KIND(ROUTER) | KIND(VPN_GATEWAY), .sentence = "At which end."},
    {.key = "saw", .type = FIELD_CHOICE, AT(network_recorded, saw), .required = true,
     .choices = saw_choices, .sentence = "What, in the words of a timeline."},
    {.key = "tunnel", .type = FIELD_REF, AT(network_recorded, of), .tag = NETWORK_ABOUT_TUNNEL,
     .kinds = KIND(TUNNEL), .sentence = "Of which tunnel, or of the session in it."},
    {.key = "direct_connect", .type = FIELD_REF, AT(network_recorded, of),
     .tag = NETWORK_ABOUT_DIRECT_CONNECT, .kinds = KIND(DIRECT_CONNECT),
     .sentence = "Of the session over this line."},
};
const struct schema schema_recorded = {
    .noun = "a recorded moment", .title = "Recorded moments",
    .text = "What was seen of the real run, from the story's first step on, by `sekisho lab"
            " record`: each BGP session and IKE SA that came up or went, at either end. A run of"
            " the story by `sekisho simulate` says where it departs from them.",
    .size = sizeof(struct network_recorded), .tagged = true,
    .tag_offset = offsetof(struct network_recorded, about), FIELDS(recorded_fields),
};

/* clang-format on */
