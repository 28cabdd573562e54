#include "run/numbers.h"

#include "base/sort.h"
#include "network/memory.h"
#include "world/names.h"

#include <stdlib.h>
#include <string.h>

/* -- names, in the plan's own numbers -- */

static void name_interface(const struct plan *plan, uint16_t number, struct text *text)
{
    const struct port *port = &plan->node->ports[number];
    text_add(text, port->kind == PORT_TUNNEL ? plan->world->tunnels[port->tunnel].id : port->name);
}

static void name_of(const struct plan *plan, enum number_kind kind, uint16_t number,
                    struct text *text)
{
    switch (kind) {
    case NUMBER_ATTACHMENT:
        text_attachment(text, plan->world, plan->node_index, number);
        break;
    case NUMBER_NEIGHBOR:
        text_neighbor(text, plan->world, plan->node_index, number);
        break;
    case NUMBER_INTERFACE:
        name_interface(plan, number, text);
        break;
    case NUMBER_CUSTOMER_GATEWAY:
    case NUMBER_KINDS:
    default:
        text_add(text, plan->network->customer_gateways[number - 1].id);
        break;
    }
}

static size_t count_of(const struct plan *plan, enum number_kind kind)
{
    size_t attachments = 0;
    for (size_t i = 0; i < plan->node->setup_count; i++)
        attachments += plan->node->setup[i].kind == EVENT_ATTACHMENT;
    switch (kind) {
    case NUMBER_ATTACHMENT:
        return attachments;
    case NUMBER_NEIGHBOR:
        return plan->neighbor_count;
    case NUMBER_INTERFACE:
        return plan->node->port_count;
    case NUMBER_CUSTOMER_GATEWAY:
    case NUMBER_KINDS:
    default:
        return plan->network->customer_gateway_count;
    }
}

/* -- the same name, the same number -- */

struct entry {
    const char *name;
    uint16_t number;
};

static int compare_entries(const void *left, const void *right, const void *context)
{
    (void)context;
    return strcmp(((const struct entry *)left)->name, ((const struct entry *)right)->name);
}

static struct entry *sorted(const struct number_list *list)
{
    struct entry *entries = memory_zeroed(list->count, sizeof *entries);
    struct entry *scratch = memory_zeroed(list->count, sizeof *scratch);
    for (size_t i = 0; i < list->count; i++)
        entries[i] = (struct entry){list->names[i], (uint16_t)(i + 1)};
    sort_stable(entries, list->count, sizeof *entries, scratch, compare_entries, NULL);
    free(scratch);
    return entries;
}

static uint16_t find(const struct entry *entries, size_t count, const char *name)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int compared = strcmp(name, entries[middle].name);
        if (compared == 0)
            return entries[middle].number;
        if (compared < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}

static bool append(struct number_list *list, const char *name, uint16_t *ret_number)
{
    if (list->count == UINT16_MAX)
        return false;
    list->names = memory_grow(list->names, list->count, &list->cap, sizeof *list->names);
    list->names[list->count++] = memory_text(name, strlen(name));
    *ret_number = (uint16_t)list->count;
    return true;
}

/* map[number in the plan] = number for life. NULL: there are too many. */
static uint16_t *map_of(struct numbers *numbers, const struct plan *plan, enum number_kind kind)
{
    struct number_list *list = &numbers->lists[kind];
    size_t count = count_of(plan, kind), known = list->count;
    struct entry *entries = sorted(list);
    uint16_t *map = memory_zeroed(count + 1, sizeof *map);
    bool fits = true;
    for (size_t i = 1; fits && i <= count; i++) {
        char name[256];
        struct text text = text_over(name, sizeof name);
        name_of(plan, kind, (uint16_t)i, &text);
        map[i] = find(entries, known, name);
        if (map[i] == 0)
            fits = append(list, name, &map[i]);
    }
    free(entries);
    if (!fits) {
        free(map);
        return NULL;
    }
    return map;
}

/* -- giving the numbers -- */

static void number_event(struct event *event, uint16_t *const maps[NUMBER_KINDS])
{
    const uint16_t *attachments = maps[NUMBER_ATTACHMENT], *neighbors = maps[NUMBER_NEIGHBOR];
    const uint16_t *interfaces = maps[NUMBER_INTERFACE];
    const uint16_t *customers = maps[NUMBER_CUSTOMER_GATEWAY];
    if (event->kind == EVENT_ATTACHMENT) {
        event->attachment.attachment = attachments[event->attachment.attachment];
        event->attachment.customer_gateway = customers[event->attachment.customer_gateway];
    } else if (event->kind == EVENT_NEIGHBOR) {
        event->neighbor.neighbor = neighbors[event->neighbor.neighbor];
        event->neighbor.attachment = attachments[event->neighbor.attachment];
        event->neighbor.interface = interfaces[event->neighbor.interface];
    } else if (event->kind == EVENT_START) {
        event->connection.neighbor = neighbors[event->connection.neighbor];
    } else if (event->kind == EVENT_INTERFACE) {
        event->interface.interface = interfaces[event->interface.interface];
    } else if (event->kind == EVENT_ROUTE_SET) {
        event->route.interface = interfaces[event->route.interface];
    } else if (event->kind == EVENT_STATIC_VPN) {
        event->static_vpn.attachment = attachments[event->static_vpn.attachment];
        event->static_vpn.interface = interfaces[event->static_vpn.interface];
    } else if (event->kind == EVENT_FILTER) {
        event->filter.attachment = attachments[event->filter.attachment];
    } else if (event->kind == EVENT_POLICY) {
        event->policy.attachment = attachments[event->policy.attachment];
    } else if (event->kind == EVENT_ENDPOINT) {
        event->endpoint.customer_gateway = customers[event->endpoint.customer_gateway];
    } else if (event->kind == EVENT_VPC) {
        event->vpc.interface = interfaces[event->vpc.interface];
    }
}

/* Where names of attachments and neighbors are looked up; its ports stay where they are, and it is
 * said which of them an interface is. */
static void number_world(struct plan *plan, uint16_t *const maps[NUMBER_KINDS], uint16_t interfaces)
{
    struct world *world = plan->world;
    struct node *node = &world->nodes[plan->node_index];
    node->place_count = interfaces;
    node->places = memory_zeroed((size_t)interfaces + 1, sizeof *node->places);
    for (uint16_t i = 1; i <= node->port_count; i++)
        node->places[maps[NUMBER_INTERFACE][i]] = i;
    for (size_t i = 0; i < node->setup_count; i++) {
        struct event *event = &node->setup[i];
        uint16_t interface = event->kind == EVENT_NEIGHBOR ? event->neighbor.interface : 0;
        if (event->kind == EVENT_NEIGHBOR || event->kind == EVENT_ATTACHMENT)
            number_event(event, maps);
        if (event->kind == EVENT_NEIGHBOR)
            event->neighbor.interface = interface;
    }
    for (size_t i = 0; i < world->connection_count; i++) {
        struct connection *connection = &world->connections[i];
        if (connection->gateway == plan->node_index)
            connection->attachment = maps[NUMBER_ATTACHMENT][connection->attachment];
        else if (connection->router == plan->node_index)
            connection->router_attachment = maps[NUMBER_ATTACHMENT][connection->router_attachment];
    }
}

static void number_plan(struct plan *plan, uint16_t *const maps[NUMBER_KINDS], uint16_t interfaces)
{
    const struct node *node = plan->node;
    plan->told = memory_zeroed(node->setup_count, sizeof *plan->told);
    plan->told_count = node->setup_count;
    for (size_t i = 0; i < node->setup_count; i++) {
        plan->told[i] = node->setup[i];
        number_event(&plan->told[i], maps);
    }
    number_world(plan, maps, interfaces);
    for (uint16_t i = 0; i < plan->neighbor_count; i++)
        plan->neighbors[i].number = maps[NUMBER_NEIGHBOR][plan->neighbors[i].number];
}

bool numbers_apply(struct numbers *numbers, struct plan *plan)
{
    uint16_t *maps[NUMBER_KINDS];
    bool fits = true;
    for (int kind = 0; kind < NUMBER_KINDS; kind++) {
        maps[kind] = fits ? map_of(numbers, plan, (enum number_kind)kind) : NULL;
        fits = maps[kind] != NULL;
    }
    if (fits)
        number_plan(plan, maps, (uint16_t)numbers->lists[NUMBER_INTERFACE].count);
    for (int kind = 0; kind < NUMBER_KINDS; kind++)
        free(maps[kind]);
    if (fits)
        plan_number(plan, (uint16_t)numbers->lists[NUMBER_NEIGHBOR].count);
    return fits;
}

void numbers_done(struct numbers *numbers)
{
    for (int kind = 0; kind < NUMBER_KINDS; kind++) {
        for (size_t i = 0; i < numbers->lists[kind].count; i++)
            free(numbers->lists[kind].names[i]);
        free(numbers->lists[kind].names);
    }
    *numbers = (struct numbers){0};
}
