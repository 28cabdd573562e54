#include "check/check.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/moment_run.h"
#include "explain/chain.h"
#include "explain/why.h"
#include "network/diagnostics.h"
#include "network/suggest.h"
#include "world/forward.h"

#include <string.h>

static const struct option options[] = {
    {"at", "NODE[,NODE...]", "only these routers, gateways, instances, VPCs, route tables"},
    {"time", "TIME", "at that moment of the story, such as 61s; otherwise at its end"},
    {"seed", "N", "of all phases and latencies; 1 unless said"},
    {"json", NULL, "the answer for a machine"},
};

/* Headings stand out; the rest is plain enough as it was written. */
static void show_page(const struct screen *screen, const char *page)
{
    while (*page) {
        size_t size = strcspn(page, "\n");
        bool heading = page[0] == '#';
        screen_say(screen, "%s%.*s%s\n", heading ? SCREEN_BOLD : "", (int)size, page,
                   heading ? SCREEN_END : "");
        page += size + (page[size] == '\n');
    }
}

/* What is to be looked at when a packet was lost so; NULL: the sentence says it all. */
static const char *advice_on(enum drop drop)
{
    bool group = drop == DROP_GROUP_IN || drop == DROP_GROUP_OUT;
    if (group)
        return "Security groups only allow. What no rule of any of the instance's groups allows is "
               "dropped, but what answers a packet that they let through passes without a rule. A "
               "rule that names a group means the private addresses of that group's instances, and "
               "only of packets that they put into the VPC themselves: behind a router, a VPN or a "
               "NAT a rule must name the range. A router's tunnels need UDP 500 and, behind NAT, "
               "UDP "
               "4500, otherwise ESP: outbound where the router begins, inbound where the gateway "
               "does.";
    if (drop == DROP_ACL_IN || drop == DROP_ACL_OUT)
        return "A network ACL is asked of each packet that crosses its subnet's border, also of "
               "answers, which it does not know for answers: they go to the port that the question "
               "came from, one of 1024-65535. The rule of the lowest number that matches decides, "
               "and what none matches is dropped. Packets within one subnet are not judged.";
    return NULL;
}

/* DROP_NONE: none is called so. */
static enum drop drop_called(const char *name)
{
    for (int i = DROP_NONE + 1; i < DROP_COUNT; i++) {
        if (strcmp(name, drop_word((enum drop)i)) == 0)
            return (enum drop)i;
    }
    return DROP_NONE;
}

static void show_drop(const struct screen *screen, enum drop drop)
{
    screen_say(screen, "%s%s%s: why a packet went no further\n\n", SCREEN_BOLD, drop_word(drop),
               SCREEN_END);
    screen_paragraph(screen, 0, 0, drop_sentence(drop));
    if (advice_on(drop)) {
        screen_put(screen, "\n");
        screen_paragraph(screen, 0, 0, advice_on(drop));
    }
    screen_put(screen, "\n");
    screen_paragraph(screen, 0, 0,
                     "sekisho trace FILE FROM TO shows where, and by which line or rule.");
}

/* A finding's name, by its trap, too. */
static const char *finding_called(const char *name)
{
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        if (strcmp(name, check_finding_trap((enum check_finding_kind)i)) == 0)
            return check_finding_name((enum check_finding_kind)i);
    }
    return name;
}

/* page: of a finding; or NULL, and then a packet's end. */
static enum cli_exit tell_machine(struct cli *cli, const char *name, const char *page,
                                  enum drop drop)
{
    json_t *object = json_object();
    json_put(object, "name", json_text(page ? finding_called(name) : drop_word(drop)));
    json_put(object, "page", json_text(page));
    json_put(object, "sentence", json_text(page ? NULL : drop_sentence(drop)));
    json_put(object, "advice", json_text(page ? NULL : advice_on(drop)));
    return json_write_take(object, cli->out.out) ? CLI_FINE : CLI_WORLD;
}

static enum cli_exit explain_name(struct cli *cli, const char *name, bool json)
{
    const char *page = check_find_page(name);
    enum drop drop = drop_called(name);
    if (json && (page || drop != DROP_NONE))
        return tell_machine(cli, name, page, drop);
    if (page) {
        show_page(&cli->out, page);
        return CLI_FINE;
    }
    if (drop != DROP_NONE) {
        show_drop(&cli->out, drop);
        return CLI_FINE;
    }
    struct suggestion suggestion = suggest_for(name);
    struct quoted shown = diagnostics_quote(name, strlen(name));
    for (int i = 0; i < CHECK_FINDING_KINDS; i++)
        suggest_offer(&suggestion, check_finding_name((enum check_finding_kind)i), (size_t)i);
    for (int i = DROP_NONE + 1; i < DROP_COUNT; i++)
        suggest_offer(&suggestion, drop_word((enum drop)i), (size_t)i);
    if (suggestion.nearest)
        cli_error(cli, "no finding or reason is called \"%s\"; did you mean \"%s\"?", shown.text,
                  suggestion.nearest);
    else
        cli_error(
            cli,
            "no finding or reason is called \"%s\"; of a file, name a prefix, too: explain FILE "
            "PREFIX",
            shown.text);
    return CLI_USAGE;
}

/* A prefix, or an address as the prefix of it alone. */
static bool read_prefix(struct cli *cli, const char *word, struct prefix *ret_prefix)
{
    struct prefix meant;
    ip_addr addr;
    size_t size = strlen(word);
    if (ip_parse(word, size, &addr)) {
        *ret_prefix = prefix_host(addr);
        return true;
    }
    enum prefix_error error = prefix_parse(word, size, &meant);
    if (error == PREFIX_OK) {
        *ret_prefix = meant;
        return true;
    }
    char bytes[PREFIX_TEXT_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    struct quoted shown = diagnostics_quote(word, size);
    if (error == PREFIX_HOST_BITS) {
        text_prefix(&text, meant);
        cli_error(cli, "%s has host bits set; did you mean %s?", shown.text, bytes);
    } else {
        cli_error(cli, "%s is not a prefix; expected one such as 10.0.0.0/16", shown.text);
    }
    return false;
}

/* The way to each place that was asked about by name. */
static void show_chains(struct cli *cli, const struct moment_run *moment, struct prefix prefix)
{
    for (size_t i = 0; i < moment->views.count; i++) {
        struct chain chain;
        chain_take(moment->play.world, prefix, &moment->views.items[i], &chain);
        chain_render(&chain, &cli->out);
        chain_done(&chain);
    }
}

static json_t *chains_json(const struct moment_run *moment, struct prefix prefix)
{
    json_t *object = json_object();
    for (size_t i = 0; i < moment->views.count; i++) {
        struct chain chain;
        chain_take(moment->play.world, prefix, &moment->views.items[i], &chain);
        json_put(object, moment->views.items[i].name, chain_json(&chain));
        chain_done(&chain);
    }
    return object;
}

static enum cli_exit explain_prefix(struct cli *cli, const struct arguments *arguments)
{
    struct prefix prefix;
    struct moment_run moment;
    struct why why;
    const char *place = arguments->operand_count > 2 ? arguments->operands[2] : NULL;
    const char *at = arguments_value(arguments, "at");
    if (place && at) {
        cli_error(cli, "PLACE and --at name the same; expected one of them");
        return CLI_USAGE;
    }
    if (!read_prefix(cli, arguments->operands[1], &prefix))
        return CLI_USAGE;
    enum cli_exit status = moment_run_take(cli, arguments, arguments->operands[0], &moment);
    if (status == CLI_FINE)
        status = moment_run_views(cli, place ? place : at, place ? "" : "--at ", &moment);
    if (status != CLI_FINE)
        return status;
    const struct world *world = moment.play.world;
    int64_t now_us = sim_now_us(moment.play.sim);
    why_take(world, prefix, &moment.views, &why);
    if (arguments_has(arguments, "json")) {
        json_t *object = moment_run_json(&moment);
        json_t *answer = why_json(world, &why, now_us);
        json_object_update(object, answer);
        json_decref(answer);
        json_put(object, "ways", place ? chains_json(&moment, prefix) : json_null());
        if (!json_write_take(object, cli->out.out))
            status = CLI_WORLD;
    } else {
        moment_run_headline(&moment, &cli->out);
        screen_say(&cli->out, "%s: ", arguments->operands[1]);
        why_headline(&why, &cli->out);
        screen_put(&cli->out, "\n\n");
        why_render(world, &why, now_us, &cli->out);
        if (place)
            show_chains(cli, &moment, prefix);
    }
    why_done(&why);
    moment_run_done(&moment);
    return status;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    if (arguments->operand_count == 1)
        return explain_name(cli, arguments->operands[0], arguments_has(arguments, "json"));
    return explain_prefix(cli, arguments);
}

const struct command command_explain = {
    .name = "explain",
    .operands = "FILE|- PREFIX [PLACE[,PLACE...]] | FINDING | REASON",
    .sentence = "Says why a prefix is where it is, and why it is not where it is not.",
    .text = "With a PLACE, a router, gateway, instance, VPC or route table, everybody who could\n"
            "bring it there, and where it stopped. With the name of a finding, such as\n"
            "tunnel-recursion, its page; or why a packet is lost, such as network-acl-out.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 3,
    .run = run,
};
