#include "cli/moment_run.h"

#include "cli/source.h"
#include "network/diagnostics.h"
#include "network/suggest.h"

#include <stdlib.h>
#include <string.h>

enum { HEADLINE_BYTES = 4352, HEADLINE_INDENT = 4 }; /* a path, and what is said of it */

static void unknown_place(struct cli *cli, const struct world *world, const char *asked,
                          const char *name)
{
    struct suggestion suggestion = suggest_for(name);
    struct quoted shown = diagnostics_quote(*name ? name : "\"\"", *name ? strlen(name) : 2);
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (node->kind != NODE_INTERNET)
            suggest_offer(&suggestion, node->id, i);
        for (uint16_t table = 1; table <= node->table_count; table++)
            suggest_offer(&suggestion, node->table_ids[table], i);
    }
    if (suggestion.nearest)
        cli_error(cli, "%s%s: nothing with a table is called so; did you mean \"%s\"?", asked,
                  shown.text, suggestion.nearest);
    else
        cli_error(cli,
                  "%s%s: nothing with a table is called so; expected a router, gateway, "
                  "instance, VPC or route table",
                  asked, shown.text);
}

/* NAME[,NAME...] */
static bool named_views(struct cli *cli, const struct world *world, const char *names,
                        const char *asked, struct views *views)
{
    char *list = strdup(names), *rest = list;
    bool fine = list != NULL;
    while (fine && rest) {
        char *name = rest, *comma = strchr(rest, ',');
        rest = comma ? comma + 1 : NULL;
        if (comma)
            *comma = 0;
        fine = views_add_named(world, name, views);
        if (!fine)
            unknown_place(cli, world, asked, name);
    }
    free(list);
    return fine;
}

enum cli_exit moment_run_take(struct cli *cli, const struct arguments *arguments, const char *path,
                              struct moment_run *ret_moment)
{
    struct moment_run moment = {.name = source_name(path)};
    struct network *network;
    uint64_t seed;
    int64_t time_us;
    if (!arguments_number(cli, arguments, "seed", 1, &seed) ||
        !arguments_duration(cli, arguments, "time", -1, &time_us))
        return CLI_USAGE;
    enum cli_exit status = source_network(cli, path, arguments_has(arguments, "json"), &network);
    if (status == CLI_FINE)
        status = play_take(cli, network, seed, time_us, &moment.play);
    if (status == CLI_FINE)
        *ret_moment = moment;
    return status;
}

enum cli_exit moment_run_views(struct cli *cli, const char *names, const char *asked,
                               struct moment_run *moment)
{
    if (!names) {
        views_all(moment->play.world, &moment->views);
        return CLI_FINE;
    }
    if (named_views(cli, moment->play.world, names, asked, &moment->views))
        return CLI_FINE;
    moment_run_done(moment);
    return CLI_USAGE;
}

void moment_run_done(struct moment_run *moment)
{
    views_done(&moment->views);
    play_done(&moment->play);
}

void moment_run_headline(const struct moment_run *moment, const struct screen *screen)
{
    static const char *const ends[] = {
        [SIM_SETTLED] = "settled",
        [SIM_REPEATS] = "the run goes round for ever; this is where it was left",
        [SIM_UNTIL] = "",
        [SIM_LIMIT] = "the run's limit",
        [SIM_BROKEN] = "",
    };
    const char *end = ends[moment->play.end];
    char line[HEADLINE_BYTES];
    snprintf(line, sizeof line, "%s at %.3f s%s%s%s", moment->name,
             (double)sim_now_us(moment->play.sim) / 1e6, *end ? " (" : "", end, *end ? ")" : "");
    screen_paragraph(screen, 0, HEADLINE_INDENT, line);
}

json_t *moment_run_json(const struct moment_run *moment)
{
    json_t *object = json_object();
    json_put(object, "at_s", json_seconds(sim_now_us(moment->play.sim)));
    json_put(object, "end", json_text(play_end_name(moment->play.end)));
    return object;
}

/* -- security groups and network ACLs -- */

struct given {
    size_t count, of;
};

static struct given groups_given(const struct world *world)
{
    struct given given = {0};
    for (size_t i = 0; i < world->node_count; i++) {
        given.of += world->nodes[i].in_vpc;
        given.count += world->nodes[i].member_count > 0;
    }
    return given;
}

static struct given acls_given(const struct world *world)
{
    struct given given = {0};
    for (size_t i = 0; i < world->node_count; i++) {
        given.of += world->nodes[i].subnet_count;
        for (size_t j = 0; j < world->nodes[i].subnet_count; j++)
            given.count += world->nodes[i].subnets[j].acl > 0;
    }
    return given;
}

static void text_given(struct text *text, const char *what, struct given given, const char *nouns)
{
    text_add(text, what);
    if (given.count == 0) {
        text_add(text, ": not given. ");
        return;
    }
    text_add(text, given.count == given.of ? ": given for all " : ": given for ");
    if (given.count < given.of) {
        text_u64(text, given.count);
        text_add(text, " of ");
    }
    text_u64(text, given.of);
    text_char(text, ' ');
    text_add(text, nouns);
    text_add(text, ". ");
}

void moment_filters(const struct world *world, const struct screen *screen)
{
    char bytes[256];
    struct text text = text_over(bytes, sizeof bytes);
    struct given groups = groups_given(world), acls = acls_given(world);
    bool whole = groups.count == groups.of && acls.count == acls.of;
    if (groups.count == 0 && acls.count == 0) {
        text_add(&text, "Security groups and network ACLs: not given. ");
    } else {
        text_given(&text, "Security groups", groups, "instances");
        text_given(&text, "Network ACLs", acls, "subnets");
    }
    text_add(&text, whole ? "" : "Where none is given, everything is taken to pass.");
    screen_put(screen, "\n" SCREEN_FAINT);
    screen_paragraph(screen, 0, 0, bytes);
    screen_put(screen, SCREEN_END);
}

static json_t *given_json(struct given given)
{
    json_t *object = json_object();
    json_put(object, "given", json_integer((json_int_t)given.count));
    json_put(object, "of", json_integer((json_int_t)given.of));
    return object;
}

void moment_filters_json(const struct world *world, json_t *object)
{
    json_t *missing = json_array(), *filters = json_object();
    struct given groups = groups_given(world), acls = acls_given(world);
    if (groups.count == 0 || groups.count < groups.of)
        json_push(missing, json_text("security-groups"));
    if (acls.count == 0 || acls.count < acls.of)
        json_push(missing, json_text("network-acls"));
    json_put(filters, "security_groups", given_json(groups));
    json_put(filters, "network_acls", given_json(acls));
    json_put(object, "not_judged", missing);
    json_put(object, "filters", filters);
}
