#include "lab/frr.h"

#include "lab/plan.h"

#include <inttypes.h>

enum { BFD_US_PER_MS = 1000, RULE_STEP = 10 };

static const char *const words[FRR_DAEMONS] = {"zebra", "staticd", "bgpd", "bfdd"};

const char *frr_word(enum frr_daemon daemon)
{
    return words[daemon];
}

static bool has_static(const struct speaker *speaker)
{
    for (size_t i = 0; i < speaker->route_count; i++) {
        if (speaker_source_of(speaker, speaker->routes[i]) == SPEAKER_DAEMON)
            return true;
    }
    return false;
}

static bool has_bfd(const struct speaker *speaker)
{
    for (size_t i = 0; i < speaker->neighbor_count; i++) {
        if (speaker->neighbors[i].said->bfd_interval_us != 0)
            return true;
    }
    return false;
}

bool frr_needs(const struct speaker *speaker, enum frr_daemon daemon)
{
    switch (daemon) {
    case FRR_STATICD:
        return has_static(speaker);
    case FRR_BGPD:
        return speaker->asn != 0;
    case FRR_BFDD:
        return has_bfd(speaker);
    case FRR_ZEBRA:
    case FRR_DAEMONS:
    default:
        return true;
    }
}

static const char *family(bool six)
{
    return six ? "ipv6" : "ip";
}

/* -- static routes -- */

static bool leads_out(const struct port *port, const struct event_route *route)
{
    uint8_t len = route->prefix.six ? port->six_len : port->len;
    ip_addr own = route->prefix.six ? port->six : port->addr;
    return route->gateway && own && prefix_contains(prefix_around(own, len), route->gateway);
}

/* rest: what stands behind the distance. */
static void write_route(const struct speaker *speaker, const struct event_route *route,
                        uint16_t interface, const char *rest, FILE *out)
{
    fprintf(out, "%s route ", family(route->prefix.six));
    write_prefix(out, route->prefix);
    if (route->gateway) {
        putc(' ', out);
        write_ip(out, route->gateway);
    }
    if (route->discard)
        fputs(" blackhole", out);
    else if (interface)
        fprintf(out, " %s", speaker_device(speaker, interface));
    fprintf(out, " %u%s\n", speaker_distance(speaker, route), rest);
}

/* Where the outer interface is in a VRF, what may lead out is there; and where it is not BGP's it
 * is in the router's own table, too, which gets there by the interface. */
static void write_static(const struct speaker *speaker, const struct event_route *route, FILE *out)
{
    const struct port *ports = speaker->node->ports;
    if (!lab_has_vrf(speaker->node)) {
        write_route(speaker, route, route->interface, "", out);
        return;
    }
    enum port_kind kind = ports[route->interface].kind;
    bool named = route->interface && (kind == PORT_INTERNET || kind == PORT_VPC);
    bool out_by_link = !route->interface && leads_out(&ports[1], route);
    if (named || !route->interface)
        write_route(speaker, route, route->interface, " vrf " LAB_VRF, out);
    if (route->source == ROUTE_EBGP)
        return;
    write_route(speaker, route, out_by_link ? 1 : route->interface,
                named || out_by_link ? " nexthop-vrf " LAB_VRF : "", out);
}

static void write_statics(const struct speaker *speaker, FILE *out)
{
    for (size_t i = 0; i < speaker->route_count; i++) {
        if (speaker_source_of(speaker, speaker->routes[i]) == SPEAKER_DAEMON)
            write_static(speaker, speaker->routes[i], out);
    }
}

/* -- filters: a prefix list of one line for each rule, and a route map that goes through them -- */

/* "n1-in-20": of the neighbor's list, what the route map's entry of this number asks for. */
static void write_list(FILE *out, const char *map, unsigned entry, const struct prefix_rule *rule)
{
    fprintf(out, "%s prefix-list %s-%u seq 5 permit ", family(rule->prefix.six), map, entry);
    write_prefix(out, rule->prefix);
    if (rule->ge > rule->prefix.len)
        fprintf(out, " ge %u", rule->ge);
    if (rule->le > rule->prefix.len && rule->le >= rule->ge)
        fprintf(out, " le %u", rule->le);
    putc('\n', out);
    if (rule->has_community) {
        fprintf(out, "bgp community-list standard %s-%u permit ", map, entry);
        write_community(out, rule->community);
        putc('\n', out);
    }
}

static void write_sets(FILE *out, const struct speaker *speaker, const char *map,
                       const struct route_edit *edit)
{
    if (!edit)
        return;
    if (edit->has_local_pref)
        fprintf(out, " set local-preference %" PRIu32 "\n", edit->local_pref);
    if (edit->has_med)
        fprintf(out, " set metric %" PRIu32 "\n", edit->med);
    if (edit->prepend) {
        fputs(" set as-path prepend", out);
        for (unsigned i = 0; i < edit->prepend; i++)
            fprintf(out, " %" PRIu32, speaker->asn);
        putc('\n', out);
    }
    if (edit->remove_count && !edit->drop_communities)
        fprintf(out, " set comm-list %s-gone delete\n", map);
    if (edit->add_count == 0 && edit->drop_communities)
        fputs(" set community none\n", out);
    if (edit->add_count == 0)
        return;
    fputs(" set community", out);
    for (unsigned i = 0; i < edit->add_count; i++) {
        putc(' ', out);
        write_community(out, edit->add[i]);
    }
    fputs(edit->drop_communities ? "\n" : " additive\n", out);
}

/* A route map in the making: entries count from RULE_STEP on. */
struct route_map {
    FILE *out;
    const struct speaker *speaker;
    const struct route_edit *edit;
    char name[32];
    unsigned entry;
};

/* rule NULL: whatever comes here. */
static void write_entry(struct route_map *map, const struct prefix_rule *rule, bool permit)
{
    map->entry += RULE_STEP;
    if (rule)
        write_list(map->out, map->name, map->entry, rule);
    fprintf(map->out, "route-map %s %s %u\n", map->name, permit ? "permit" : "deny", map->entry);
    if (rule)
        fprintf(map->out, " match %s address prefix-list %s-%u\n", family(rule->prefix.six),
                map->name, map->entry);
    if (rule && rule->has_community)
        fprintf(map->out, " match community %s-%u\n", map->name, map->entry);
    if (permit)
        write_sets(map->out, map->speaker, map->name, map->edit);
    fputs("exit\n", map->out);
}

/* What no rule of the list permits is denied: one list of each family that says the opposite. */
static void write_allowed(struct route_map *map, const struct event_filter *allowed, bool six)
{
    map->entry += RULE_STEP;
    for (uint16_t i = 0; i < allowed->count; i++) {
        const struct prefix_rule *rule = &allowed->rules[i];
        if (rule->prefix.six != six)
            continue;
        fprintf(map->out, "%s prefix-list %s-%u seq %u deny ", family(six), map->name, map->entry,
                (i + 1u) * RULE_STEP);
        write_prefix(map->out, rule->prefix);
        if (rule->ge > rule->prefix.len)
            fprintf(map->out, " ge %u", rule->ge);
        if (rule->le > rule->prefix.len && rule->le >= rule->ge)
            fprintf(map->out, " le %u", rule->le);
        putc('\n', map->out);
    }
    fprintf(map->out, "%s prefix-list %s-%u seq %u permit any\n", family(six), map->name,
            map->entry, (allowed->count + 1u) * RULE_STEP);
    fprintf(map->out, "route-map %s deny %u\n match %s address prefix-list %s-%u\nexit\n",
            map->name, map->entry, family(six), map->name, map->entry);
}

static void write_gone(struct route_map *map)
{
    const struct route_edit *edit = map->edit;
    if (!edit || edit->remove_count == 0 || edit->drop_communities)
        return;
    for (unsigned i = 0; i < edit->remove_count; i++) {
        fprintf(map->out, "bgp community-list standard %s-gone permit ", map->name);
        write_community(map->out, edit->remove[i]);
        putc('\n', map->out);
    }
}

static bool asks_nothing(const struct event_filter *filter, const struct event_filter *allowed,
                         const struct route_edit *edit)
{
    return !filter && !(allowed && !(allowed->count == 0 && allowed->permit_rest)) && !edit;
}

static void write_map(const struct speaker *speaker, const struct speaker_neighbor *neighbor,
                      bool export, FILE *out)
{
    static const struct prefix_rule default_four = {.prefix = {0, 0, false}};
    static const struct prefix_rule default_six = {.prefix = {0, 0, true}};
    const struct event_filter *filter = export ? neighbor->export : neighbor->import;
    const struct event_filter *allowed = export ? NULL : neighbor->allowed;
    struct route_map map = {
        .out = out, .speaker = speaker, .edit = export ? neighbor->on_export : neighbor->on_import};
    bool no_default = !export && neighbor->attachment && neighbor->attachment->refuse_default;
    if (asks_nothing(filter, allowed, map.edit) && !no_default)
        return;
    snprintf(map.name, sizeof map.name, "n%u-%s", neighbor->said->neighbor, export ? "out" : "in");
    write_gone(&map);
    if (no_default) {
        write_entry(&map, &default_four, false);
        write_entry(&map, &default_six, false);
    }
    if (allowed && !(allowed->count == 0 && allowed->permit_rest)) {
        write_allowed(&map, allowed, false);
        write_allowed(&map, allowed, true);
    }
    for (uint16_t i = 0; filter && i < filter->count; i++)
        write_entry(&map, &filter->rules[i], filter->rules[i].permit);
    write_entry(&map, NULL, !filter || filter->permit_rest);
}

static bool has_map(const struct speaker_neighbor *neighbor, bool export)
{
    const struct event_filter *allowed = export ? NULL : neighbor->allowed;
    if (!export && neighbor->attachment && neighbor->attachment->refuse_default)
        return true;
    return !asks_nothing(export ? neighbor->export : neighbor->import, allowed,
                         export ? neighbor->on_export : neighbor->on_import);
}

/* -- what it announces -- */

static bool is_plain(const struct event_announce *announced)
{
    return announced->as_path_count == 0 && announced->community_count == 0 && !announced->has_med;
}

/* default-originate: a default that is said and not used. */
static bool is_aside(const struct event_announce *announced)
{
    return announced->aside && announced->prefix.len == 0;
}

static void write_origin(const struct event_announce *announced, size_t number, FILE *out)
{
    if (is_plain(announced))
        return;
    fprintf(out, "route-map own-%zu permit %d\n", number, RULE_STEP);
    if (announced->as_path_count) {
        fputs(" set as-path prepend", out);
        for (uint16_t i = 0; i < announced->as_path_count; i++)
            fprintf(out, " %" PRIu32, announced->as_path[i]);
        putc('\n', out);
    }
    if (announced->has_med)
        fprintf(out, " set metric %" PRIu32 "\n", announced->med);
    if (announced->community_count) {
        fputs(" set community", out);
        for (uint16_t i = 0; i < announced->community_count; i++) {
            putc(' ', out);
            write_community(out, announced->communities[i]);
        }
        putc('\n', out);
    }
    fputs("exit\n", out);
}

static void write_network(const struct event_announce *announced, size_t number, FILE *out)
{
    fputs("  network ", out);
    write_prefix(out, announced->prefix);
    if (!is_plain(announced))
        fprintf(out, " route-map own-%zu", number);
    putc('\n', out);
}

/* -- neighbors -- */

static void said_of(const struct speaker_neighbor *neighbor, const char *words_of, FILE *out)
{
    fputs(" neighbor ", out);
    write_ip(out, neighbor->said->peer_addr);
    fprintf(out, " %s", words_of);
}

static void write_neighbor(const struct speaker *speaker, const struct speaker_neighbor *neighbor,
                           FILE *out)
{
    const struct event_neighbor *said = neighbor->said;
    said_of(neighbor, "remote-as", out);
    fprintf(out, " %" PRIu32 "\n", said->peer_asn);
    said_of(neighbor, "timers", out);
    fprintf(out, " %u %u\n", said->keepalive_s, said->hold_s);
    said_of(neighbor, "timers connect", out);
    fprintf(out, " %u\n", said->connect_retry_s);
    said_of(neighbor, "update-source ", out);
    write_ip(out, said->local_addr);
    putc('\n', out);
    if (!neighbor->paired)
        said_of(neighbor, "disable-connected-check\n", out);
    if (neighbor->over_internet)
        said_of(neighbor, "ebgp-multihop 2\n", out);
    if (said->passive)
        said_of(neighbor, "passive\n", out);
    if (said->bfd_interval_us)
        said_of(neighbor, "bfd\n", out);
    if (said->restart_s)
        said_of(neighbor, "graceful-restart\n", out);
    if (!speaker->node->config.announce_back)
        said_of(neighbor, "sender-as-path-loop-detection\n", out);
}

static void write_activation(const struct speaker *speaker, const struct speaker_neighbor *neighbor,
                             bool six, FILE *out)
{
    const struct event_attachment *attachment = neighbor->attachment;
    putc(' ', out);
    said_of(neighbor, "activate\n", out);
    putc(' ', out);
    said_of(neighbor, "soft-reconfiguration inbound\n", out);
    for (int export = 0; export < 2; export ++) {
        if (!has_map(neighbor, export))
            continue;
        putc(' ', out);
        said_of(neighbor, "route-map", out);
        fprintf(out, " n%u-%s %s\n", neighbor->said->neighbor, export ? "out" : "in",
                export ? "out" : "in");
    }
    if (neighbor->said->allowas_in) {
        putc(' ', out);
        said_of(neighbor, "allowas-in", out);
        fprintf(out, " %u\n", neighbor->said->allowas_in);
    }
    if (attachment && attachment->prefix_limit) {
        putc(' ', out);
        said_of(neighbor, "maximum-prefix", out);
        fprintf(out, " %" PRIu32 "%s\n", attachment->prefix_limit,
                attachment->limit_refuses_alone ? " warning-only" : "");
    }
    for (size_t i = 0; i < speaker->announced_count; i++) {
        if (!is_aside(speaker->announced[i]) || speaker->announced[i]->prefix.six != six)
            continue;
        putc(' ', out);
        said_of(neighbor, "default-originate", out);
        if (!is_plain(speaker->announced[i]))
            fprintf(out, " route-map own-%zu", i + 1);
        putc('\n', out);
    }
}

static void write_family(const struct speaker *speaker, bool six, FILE *out)
{
    fprintf(out, " address-family %s unicast\n", six ? "ipv6" : "ipv4");
    for (size_t i = 0; i < speaker->announced_count; i++) {
        if (speaker->announced[i]->prefix.six == six && !is_aside(speaker->announced[i]))
            write_network(speaker->announced[i], i + 1, out);
    }
    for (size_t i = 0; i < speaker->neighbor_count; i++) {
        if (speaker_exchanges(&speaker->neighbors[i], six))
            write_activation(speaker, &speaker->neighbors[i], six, out);
    }
    fputs(" exit-address-family\n", out);
}

/* One daemon, one restart time: the longest that a neighbor was promised. */
static uint16_t restart_time(const struct speaker *speaker)
{
    uint16_t longest = 0;
    for (size_t i = 0; i < speaker->neighbor_count; i++) {
        if (speaker->neighbors[i].said->restart_s > longest)
            longest = speaker->neighbors[i].said->restart_s;
    }
    return longest;
}

static void write_bgp(const struct speaker *speaker, FILE *out)
{
    for (size_t i = 0; i < speaker->announced_count; i++)
        write_origin(speaker->announced[i], i + 1, out);
    for (size_t i = 0; i < speaker->neighbor_count; i++) {
        write_map(speaker, &speaker->neighbors[i], false, out);
        write_map(speaker, &speaker->neighbors[i], true, out);
    }
    fprintf(out, "router bgp %" PRIu32 "\n bgp router-id ", speaker->asn);
    write_ip(out, speaker->router_id);
    fputs("\n bgp log-neighbor-changes\n no bgp ebgp-requires-policy\n"
          " no bgp network import-check\n no bgp default ipv4-unicast\n",
          out);
    if (restart_time(speaker))
        fprintf(out, " bgp graceful-restart restart-time %u\n", restart_time(speaker));
    for (size_t i = 0; i < speaker->neighbor_count; i++)
        write_neighbor(speaker, &speaker->neighbors[i], out);
    write_family(speaker, false, out);
    write_family(speaker, true, out);
    fputs("exit\n", out);
}

static void write_bfd(const struct speaker *speaker, FILE *out)
{
    fputs("bfd\n", out);
    for (size_t i = 0; i < speaker->neighbor_count; i++) {
        const struct event_neighbor *said = speaker->neighbors[i].said;
        if (said->bfd_interval_us == 0)
            continue;
        unsigned ms = said->bfd_interval_us / BFD_US_PER_MS;
        fputs(" peer ", out);
        write_ip(out, said->peer_addr);
        fputs(" local-address ", out);
        write_ip(out, said->local_addr);
        fprintf(out,
                "\n  detect-multiplier %u\n  receive-interval %u\n  transmit-interval %u\n exit\n",
                said->bfd_multiplier, ms, ms);
    }
    fputs("exit\n", out);
}

/* Each VRF is told by itself how next hops are found. */
static void write_vrf(const struct speaker *speaker, FILE *out)
{
    const char *no = speaker->node->profile->resolves_via_default ? "" : "no ";
    fprintf(out,
            "vrf " LAB_VRF "\n %sip nht resolve-via-default\n %sipv6 nht resolve-via-default\n"
            "exit-vrf\n",
            no, no);
}

void frr_write(const struct speaker *speaker, enum frr_daemon daemon, const char *log_path,
               FILE *out)
{
    fprintf(out, "frr defaults traditional\nhostname %s\nlog timestamp precision 3\n",
            speaker->node->id);
    if (log_path)
        fprintf(out, "log file %s\n", log_path);
    if (daemon == FRR_ZEBRA && speaker->node->profile->resolves_via_default)
        fputs("ip nht resolve-via-default\nipv6 nht resolve-via-default\n", out);
    else if (daemon == FRR_STATICD)
        write_statics(speaker, out);
    else if (daemon == FRR_BGPD)
        write_bgp(speaker, out);
    else if (daemon == FRR_BFDD)
        write_bfd(speaker, out);
    if (daemon == FRR_ZEBRA && lab_has_vrf(speaker->node))
        write_vrf(speaker, out);
}
