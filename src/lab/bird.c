#include "lab/bird.h"

#include <inttypes.h>

enum { ASIDE_PREFERENCE = 250, MS_US = 1000, S_US = 1000 * MS_US };

static const char *family(bool six)
{
    return six ? "ipv6" : "ipv4";
}

/* -- static routes and announcements -- */

static void write_pair(FILE *out, uint32_t community)
{
    fprintf(out, "(%" PRIu32 ",%" PRIu32 ")", community >> 16, community & 0xffff);
}

static void write_static(const struct speaker *speaker, const struct event_route *route, FILE *out)
{
    fputs("    route ", out);
    write_prefix(out, route->prefix);
    if (route->discard)
        fputs(" blackhole", out);
    else if (route->gateway) {
        fputs(" via ", out);
        write_ip(out, route->gateway);
    } else
        fprintf(out, " via \"%s\"", speaker_device(speaker, route->interface));
    fputs(";\n", out);
}

static void write_statics(const struct speaker *speaker, bool six, FILE *out)
{
    fprintf(out, "protocol static own_%s {\n    %s;\n", family(six), family(six));
    for (size_t i = 0; i < speaker->route_count; i++) {
        const struct event_route *route = speaker->routes[i];
        if (route->prefix.six == six && speaker_source_of(speaker, route) == SPEAKER_DAEMON)
            write_static(speaker, route, out);
    }
    fputs("}\n", out);
}

/* Prepending goes from the far end of the path to the near one. */
static void write_attributes(const struct event_announce *announced, FILE *out)
{
    for (uint16_t i = announced->as_path_count; i-- > 0;)
        fprintf(out, " bgp_path.prepend(%" PRIu32 ");", announced->as_path[i]);
    if (announced->has_med)
        fprintf(out, " bgp_med = %" PRIu32 ";", announced->med);
    for (uint16_t i = 0; i < announced->community_count; i++) {
        fputs(" bgp_community.add(", out);
        write_pair(out, announced->communities[i]);
        fputs(");", out);
    }
}

static void write_announcement(const struct event_announce *announced, FILE *out)
{
    fputs("    route ", out);
    write_prefix(out, announced->prefix);
    fputs(" blackhole {", out);
    write_attributes(announced, out);
    fputs(" };\n", out);
}

static bool is_aside(const struct event_announce *announced)
{
    return announced->aside && announced->prefix.len == 0;
}

static void write_announced(const struct speaker *speaker, bool six, bool aside, FILE *out)
{
    fprintf(out, "protocol static %s_%s {\n", aside ? "aside" : "said", family(six));
    if (aside)
        fprintf(out, "    %s { preference %d; };\n", family(six), ASIDE_PREFERENCE);
    else
        fprintf(out, "    %s;\n", family(six));
    for (size_t i = 0; i < speaker->announced_count; i++) {
        if (speaker->announced[i]->prefix.six == six && is_aside(speaker->announced[i]) == aside)
            write_announcement(speaker->announced[i], out);
    }
    fputs("}\n", out);
}

/* -- filters -- */

static void write_range(FILE *out, const struct prefix_rule *rule)
{
    fputs("net ~ [ ", out);
    write_prefix(out, rule->prefix);
    fprintf(out, "{%u,%u} ]", rule->ge, rule->le);
}

static void write_edit(const struct speaker *speaker, const struct route_edit *edit, FILE *out)
{
    if (!edit)
        return;
    if (edit->has_local_pref)
        fprintf(out, " bgp_local_pref = %" PRIu32 ";", edit->local_pref);
    if (edit->has_med)
        fprintf(out, " bgp_med = %" PRIu32 ";", edit->med);
    for (unsigned i = 0; i < edit->prepend; i++)
        fprintf(out, " bgp_path.prepend(%" PRIu32 ");", speaker->asn);
    if (edit->drop_communities)
        fputs(" bgp_community.delete([(*,*)]);", out);
    for (unsigned i = 0; i < edit->remove_count; i++) {
        fputs(" bgp_community.delete(", out);
        write_pair(out, edit->remove[i]);
        fputs(");", out);
    }
    for (unsigned i = 0; i < edit->add_count; i++) {
        fputs(" bgp_community.add(", out);
        write_pair(out, edit->add[i]);
        fputs(");", out);
    }
}

/* A set of prefixes is of one family, and asking it about the other is an error that rejects the
 * route: so each family has its filters, with the rules that are its own. */
static void write_rules(const struct event_filter *filter, bool six, const struct speaker *speaker,
                        const struct route_edit *edit, FILE *out)
{
    for (uint16_t i = 0; filter && i < filter->count; i++) {
        const struct prefix_rule *rule = &filter->rules[i];
        if (rule->prefix.six != six)
            continue;
        fputs("    if ", out);
        write_range(out, rule);
        if (rule->has_community) {
            fputs(" && ", out);
            write_pair(out, rule->community);
            fputs(" ~ bgp_community", out);
        }
        fputs(" then {", out);
        if (rule->permit)
            write_edit(speaker, edit, out);
        fprintf(out, " %s; }\n", rule->permit ? "accept" : "reject");
    }
    fputs("   ", out);
    bool rest = !filter || filter->permit_rest;
    if (rest)
        write_edit(speaker, edit, out);
    fprintf(out, " %s;\n}\n", rest ? "accept" : "reject");
}

static void write_allowed(const struct event_filter *allowed, bool six, FILE *out)
{
    bool any = false;
    if (!allowed || (allowed->count == 0 && allowed->permit_rest))
        return;
    fputs("    if !(", out);
    for (uint16_t i = 0; i < allowed->count; i++) {
        if (allowed->rules[i].prefix.six != six)
            continue;
        fputs(any ? " || " : "", out);
        putc('(', out);
        write_range(out, &allowed->rules[i]);
        putc(')', out);
        any = true;
    }
    fprintf(out, "%s) then reject;\n", any ? "" : "false");
}

/* Has it a neighbor whose next hops are looked for among routes? */
static bool has_recursive(const struct speaker *speaker)
{
    for (size_t i = 0; i < speaker->neighbor_count; i++) {
        if (speaker->neighbors[i].over_internet)
            return true;
    }
    return false;
}

/* What is its own to announce. BIRD exports a prefix's best route only: of a range that an
 * interface is in, the connected one. */
static void write_sources(const struct speaker *speaker, bool six, FILE *out)
{
    if (!has_recursive(speaker)) {
        fputs("    if source !~ [ RTS_STATIC, RTS_BGP ] then reject;\n", out);
        return;
    }
    fputs("    if source !~ [ RTS_STATIC, RTS_BGP, RTS_DEVICE ] then reject;\n"
          "    if source = RTS_DEVICE then {\n        bool said = false;\n",
          out);
    for (size_t i = 0; i < speaker->announced_count; i++) {
        const struct event_announce *announced = speaker->announced[i];
        if (announced->prefix.six != six || is_aside(announced))
            continue;
        fputs("        if net = ", out);
        write_prefix(out, announced->prefix);
        fputs(" then { said = true;", out);
        write_attributes(announced, out);
        fputs(" }\n", out);
    }
    fputs("        if !said then reject;\n    }\n", out);
}

static void write_filters(const struct speaker *speaker, const struct speaker_neighbor *neighbor,
                          bool six, FILE *out)
{
    unsigned number = neighbor->said->neighbor;
    fprintf(out, "filter n%u_in_%s {\n", number, family(six));
    if (neighbor->attachment && neighbor->attachment->refuse_default)
        fprintf(out, "    if net = %s then reject;\n", six ? "::/0" : "0.0.0.0/0");
    write_allowed(neighbor->allowed, six, out);
    write_rules(neighbor->import, six, speaker, neighbor->on_import, out);
    fprintf(out,
            "filter n%u_out_%s {\n    if source = RTS_STATIC && proto = \"own_%s\" then"
            " reject;\n",
            number, family(six), family(six));
    write_sources(speaker, six, out);
    write_rules(neighbor->export, six, speaker, neighbor->on_export, out);
}

/* -- sessions -- */

static void write_channel(const struct speaker_neighbor *neighbor, bool six, FILE *out)
{
    const struct event_attachment *attachment = neighbor->attachment;
    unsigned number = neighbor->said->neighbor;
    fprintf(out,
            "    %s {\n        import filter n%u_in_%s;\n        export filter n%u_out_%s;\n"
            "        next hop self;\n",
            family(six), number, family(six), number, family(six));
    if (attachment && attachment->prefix_limit)
        fprintf(out, "        import limit %" PRIu32 " action %s;\n", attachment->prefix_limit,
                attachment->limit_refuses_alone ? "block" : "disable");
    fputs("    };\n", out);
}

/* How long a lost session waits: what the file says of it, always the same; otherwise what the
 * platform does, whose errors make it wait longer if it is a BIRD. */
static void write_waits(const struct speaker *speaker, FILE *out)
{
    const struct platform_profile *profile = speaker->node->profile;
    int64_t wait_s = (profile->session_restart.max_us + S_US / 2) / S_US;
    fprintf(out, "    connect delay time %lld;\n", wait_s < 1 ? 1 : (long long)wait_s);
    if (profile->error_wait_us == 0)
        fputs("    error wait time 0, 0;\n", out);
}

static void write_session(const struct speaker *speaker, const struct speaker_neighbor *neighbor,
                          FILE *out)
{
    const struct event_neighbor *said = neighbor->said;
    fprintf(out, "protocol bgp n%u {\n    local ", said->neighbor);
    write_ip(out, said->local_addr);
    fprintf(out, " as %" PRIu32 ";\n    neighbor ", speaker->asn);
    write_ip(out, said->peer_addr);
    fprintf(out, " as %" PRIu32 ";\n", said->peer_asn);
    fprintf(out, "    hold time %u;\n    keepalive time %u;\n    connect retry time %u;\n",
            said->hold_s, said->keepalive_s, said->connect_retry_s);
    write_waits(speaker, out);
    if (neighbor->over_internet)
        fputs("    multihop 2;\n", out);
    if (said->passive)
        fputs("    passive;\n", out);
    if (said->allowas_in)
        fprintf(out, "    allow local as %u;\n", said->allowas_in);
    if (said->restart_s)
        fprintf(out, "    graceful restart on;\n    graceful restart time %u;\n", said->restart_s);
    if (said->bfd_interval_us)
        fprintf(out, "    bfd { interval %u ms; multiplier %u; };\n", said->bfd_interval_us / MS_US,
                said->bfd_multiplier);
    for (int six = 0; six < 2; six++) {
        if (speaker_exchanges(neighbor, six))
            write_channel(neighbor, six, out);
    }
    fputs("}\n", out);
}

/* The kernel's routes are chosen in a table of their own, without what is only said: a default set
 * aside is the best of the table that neighbors are told from, whatever else comes, as with other
 * daemons' default-originate; and one that comes may lead the router's packets. */
static void write_kernel(bool six, FILE *out)
{
    const char *name = family(six);
    fprintf(out,
            "%s table used_%s;\n"
            "protocol pipe to_used_%s {\n    table master%d;\n    peer table used_%s;\n"
            "    import none;\n    export where proto != \"aside_%s\";\n}\n",
            name, name, name, six ? 6 : 4, name, name);
    fprintf(out,
            "protocol kernel kernel_%s {\n    %s { table used_%s; import none; export where"
            " source = RTS_BGP || proto = \"own_%s\"; };\n}\n",
            name, name, name, name);
}

void bird_write(const struct speaker *speaker, const char *log_path, FILE *out)
{
    if (log_path)
        fprintf(out, "log \"%s\" all;\ndebug protocols { states, events };\n", log_path);
    fputs("timeformat log iso short ms;\nrouter id ", out);
    write_ip(out, speaker->router_id);
    fputs(";\nprotocol device { }\n", out);
    if (has_recursive(speaker))
        fputs("protocol direct { ipv4; ipv6; }\n", out);
    for (int six = 0; six < 2; six++) {
        write_kernel(six, out);
        write_statics(speaker, six, out);
        write_announced(speaker, six, false, out);
        write_announced(speaker, six, true, out);
    }
    for (size_t i = 0; i < speaker->neighbor_count; i++) {
        if (speaker->neighbors[i].said->bfd_interval_us) {
            fputs("protocol bfd { }\n", out);
            break;
        }
    }
    for (size_t i = 0; i < speaker->neighbor_count; i++) {
        write_filters(speaker, &speaker->neighbors[i], false, out);
        write_filters(speaker, &speaker->neighbors[i], true, out);
        write_session(speaker, &speaker->neighbors[i], out);
    }
}
