#include "lab/speaker.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum { PAIR_LEN = 30 };

static void *array_of(size_t count, size_t size)
{
    void *array = calloc(count + 1, size);
    assert(array);
    return array;
}

static size_t told(const struct node *node, enum event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < node->setup_count; i++)
        count += node->setup[i].kind == kind;
    return count;
}

static void take_filter(struct speaker_neighbor *neighbor, const struct event_filter *filter)
{
    if (filter->allowed)
        neighbor->allowed = filter;
    else if (filter->export)
        neighbor->export = filter;
    else
        neighbor->import = filter;
}

static void take_attachment(struct speaker_neighbor *neighbor, const struct event *event)
{
    uint16_t attachment = neighbor->said->attachment;
    if (event->kind == EVENT_ATTACHMENT && event->attachment.attachment == attachment)
        neighbor->attachment = &event->attachment;
    else if (event->kind == EVENT_FILTER && event->filter.attachment == attachment)
        take_filter(neighbor, &event->filter);
    else if (event->kind == EVENT_POLICY && event->policy.attachment == attachment)
        *(event->policy.export ? &neighbor->on_export : &neighbor->on_import) = &event->policy.edit;
}

/* What is said later of the same attachment counts. */
static void take_neighbor(struct speaker *speaker, const struct event_neighbor *said)
{
    struct speaker_neighbor *neighbor = &speaker->neighbors[speaker->neighbor_count++];
    neighbor->said = said;
    neighbor->device = speaker_device(speaker, said->interface);
    neighbor->over_internet =
        said->interface && speaker->node->ports[said->interface].kind == PORT_INTERNET;
    neighbor->paired = prefix_contains(prefix_around(said->local_addr, PAIR_LEN), said->peer_addr);
    for (size_t i = 0; i < speaker->node->setup_count; i++)
        take_attachment(neighbor, &speaker->node->setup[i]);
}

struct speaker *speaker_of(const struct node *node)
{
    struct speaker *speaker = array_of(1, sizeof *speaker);
    speaker->node = node;
    speaker->asn = node->config.asn;
    speaker->router_id = node->config.router_id;
    speaker->neighbors = array_of(told(node, EVENT_NEIGHBOR), sizeof *speaker->neighbors);
    speaker->announced = array_of(told(node, EVENT_ANNOUNCE), sizeof(const void *));
    speaker->routes = array_of(told(node, EVENT_ROUTE_SET), sizeof(const void *));
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *event = &node->setup[i];
        if (event->kind == EVENT_NEIGHBOR)
            take_neighbor(speaker, &event->neighbor);
        else if (event->kind == EVENT_ANNOUNCE)
            speaker->announced[speaker->announced_count++] = &event->announce;
        else if (event->kind == EVENT_ROUTE_SET)
            speaker->routes[speaker->route_count++] = &event->route;
    }
    return speaker;
}

void speaker_free(struct speaker *speaker)
{
    if (!speaker)
        return;
    free(speaker->neighbors);
    free(speaker->announced);
    free(speaker->routes);
    free(speaker);
}

enum speaker_source speaker_source_of(const struct speaker *speaker,
                                      const struct event_route *route)
{
    if (route->source == ROUTE_CONNECTED)
        return SPEAKER_DEVICE;
    if (route->source == ROUTE_KERNEL)
        return SPEAKER_KERNEL;
    bool kernel = route->source == ROUTE_DHCP && speaker->node->profile->dhcp_is_kernel;
    return kernel ? SPEAKER_KERNEL : SPEAKER_DAEMON;
}

const char *speaker_device(const struct speaker *speaker, uint16_t port)
{
    assert(port <= speaker->node->port_count);
    return port ? speaker->node->ports[port].name : NULL;
}

uint8_t speaker_distance(const struct speaker *speaker, const struct event_route *route)
{
    return route->has_distance ? route->distance : speaker->node->profile->distance[route->source];
}

uint32_t speaker_metric(const struct speaker *speaker, const struct event_route *route)
{
    return route->has_metric ? route->metric : speaker->node->profile->metric[route->source];
}

bool speaker_exchanges(const struct speaker_neighbor *neighbor, bool six)
{
    return six == ip_is_six(neighbor->said->peer_addr) || neighbor->said->other_addr != 0;
}

void write_ip(FILE *out, ip_addr addr)
{
    char buffer[IP_TEXT_BYTES];
    struct text text = text_over(buffer, sizeof buffer);
    text_ip(&text, addr);
    fputs(buffer, out);
}

void write_prefix(FILE *out, struct prefix prefix)
{
    char buffer[PREFIX_TEXT_BYTES];
    struct text text = text_over(buffer, sizeof buffer);
    text_prefix(&text, prefix);
    fputs(buffer, out);
}

void write_community(FILE *out, uint32_t community)
{
    fprintf(out, "%" PRIu32 ":%" PRIu32, community >> 16, community & 0xffff);
}
