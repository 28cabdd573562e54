#include "cli/lab.h"

#include "cli/commands.h"
#include "lab/build.h"
#include "lab/origin.h"
#include "lab/ready.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

static const struct option options[] = {
    {"lab", "NAME", "which one; otherwise the file's name, or the only one that is up"},
    {"sekishod", "PATH", "the daemon for gateways; otherwise the one beside sekisho, or in PATH"},
    {"json", NULL, "the answer for a machine"},
    {"from", "TIME", "run: begin there in the story; what is before is left out"},
    {"for", "TIME", "run: end so long after that; otherwise 2m after the story's last step"},
    {"pcap", "DIR", "run: capture every link and tunnel into files there"},
    {"record", "FILE", "run: also write there what lab record says at its end"},
    {"timeline", NULL, "run: every line, also of routes that follow from others"},
};

static const struct lab_verb verbs[] = {
    {"up", "FILE", 1, 1, lab_up},
    {"run", "FILE", 1, 1, lab_run},
    {"tour", "FILE", 1, 1, lab_tour},
    {"status", "[FILE]", 0, 1, lab_status},
    {"exec", "NODE COMMAND...", 2, OPERANDS_MAX, lab_exec},
    {"shell", "NODE", 1, 1, lab_shell},
    {"record", "[FILE]", 0, 1, lab_record},
    {"down", "[FILE]", 0, 1, lab_down},
};
enum { VERBS = sizeof verbs / sizeof *verbs };

/* -- which lab -- */

/* One that only root may read is one. */
static bool is_lab(const char *entry)
{
    struct trouble trouble = {0};
    struct lab_running *lab = lab_name_valid(entry) ? running_read(entry, &trouble) : NULL;
    running_free(lab);
    return lab != NULL || trouble.error == EACCES;
}

struct names {
    unsigned count;
    char *one; /* of LAB_NAME_BYTES: the last of them */
    struct text *all;
};

static void add_name(const char *name, void *context)
{
    struct names *names = context;
    text_add(names->all, names->count++ ? ", " : "");
    text_add(names->all, name);
    snprintf(names->one, LAB_NAME_BYTES, "%.24s", name);
}

static void add_labs(struct names *names)
{
    DIR *folder = opendir(LAB_FOLDER);
    for (const struct dirent *at; folder && (at = readdir(folder));) {
        if (is_lab(at->d_name))
            add_name(at->d_name, names);
    }
    if (folder)
        closedir(folder);
}

void lab_option(const char *name, char out[LAB_OPTION_BYTES])
{
    char any[LAB_NAME_BYTES], all[1];
    struct text list = text_over(all, sizeof all);
    struct names names = {.one = any, .all = &list};
    out[0] = '\0';
    add_labs(&names);
    if (names.count > 1)
        snprintf(out, LAB_OPTION_BYTES, " --lab %.24s", name);
}

const char *lab_node_to_ask(const struct lab_running *lab)
{
    const char *any = "NODE";
    for (size_t i = lab->node_count; i-- > 0;) {
        const struct running_node *node = &lab->nodes[i];
        if (!node->space[0] || (node->kind != NODE_ROUTER && strcmp(any, "NODE") != 0))
            continue;
        any = node->id;
    }
    return any;
}

/* left: also one of which only something is left. */
static enum cli_exit only_lab(struct cli *cli, bool left, char out[LAB_NAME_BYTES])
{
    char all[256];
    struct text list = text_over(all, sizeof all);
    struct names names = {.one = out, .all = &list};
    add_labs(&names);
    if (left && names.count == 0)
        lab_each_left(add_name, &names);
    if (names.count == 1)
        return CLI_FINE;
    if (names.count == 0)
        cli_error(cli, "there is no lab; %s lab up FILE starts one", cli->program);
    else
        cli_error(cli, "there are %u labs: %s; --lab NAME says which is meant", names.count, all);
    return names.count == 0 ? CLI_WORLD : CLI_USAGE;
}

static enum cli_exit name_of(struct cli *cli, const struct arguments *arguments, unsigned operand,
                             bool left, char out[LAB_NAME_BYTES])
{
    const char *said = arguments_value(arguments, "lab");
    if (said && !lab_name_valid(said)) {
        cli_error(cli, "--lab %s is no name of a lab; expected 1 to %d letters a-z and digits",
                  said, LAB_NAME_BYTES - 1);
        return CLI_USAGE;
    }
    if (said) {
        snprintf(out, LAB_NAME_BYTES, "%s", said);
        return CLI_FINE;
    }
    if (operand >= arguments->operand_count)
        return only_lab(cli, left, out);
    if (lab_name_of(arguments->operands[operand], out))
        return CLI_FINE;
    cli_error(cli, "%s gives no name for a lab; --lab NAME does", arguments->operands[operand]);
    return CLI_USAGE;
}

enum cli_exit lab_name(struct cli *cli, const struct arguments *arguments, unsigned operand,
                       char out[LAB_NAME_BYTES])
{
    return name_of(cli, arguments, operand, false, out);
}

enum cli_exit lab_name_left(struct cli *cli, const struct arguments *arguments, unsigned operand,
                            char out[LAB_NAME_BYTES])
{
    return name_of(cli, arguments, operand, true, out);
}

/* Whoever has not the rights is told which. */
static void tell_unreadable(struct cli *cli, struct trouble *trouble)
{
    if (trouble->error == EACCES)
        (void)!ready_rights(trouble);
    cli_error(cli, "%s", trouble->sentence);
}

enum cli_exit lab_find(struct cli *cli, const struct arguments *arguments, unsigned operand,
                       struct lab_running **ret_lab)
{
    char name[LAB_NAME_BYTES];
    struct trouble trouble;
    enum cli_exit status = lab_name(cli, arguments, operand, name);
    if (status != CLI_FINE)
        return status;
    struct lab_running *lab = running_read(name, &trouble);
    if (lab && lab->state == LAB_UP) {
        *ret_lab = lab;
        return CLI_FINE;
    }
    if (lab)
        cli_error(cli, "the lab %s is not up, but %s", name, running_state_word(lab->state));
    else if (trouble.error == ENOENT && lab_count(name) > 0)
        cli_error(cli, "of the lab %s only namespaces are left; %s lab down --lab %s removes them",
                  name, cli->program, name);
    else if (trouble.error == ENOENT)
        cli_error(cli, "there is no lab %s; %s lab up FILE starts one", name, cli->program);
    else
        tell_unreadable(cli, &trouble);
    running_free(lab);
    return CLI_WORLD;
}

/* -- which network -- */

enum cli_exit lab_is_its_files(struct cli *cli, const struct lab_running *lab,
                               const struct network *file)
{
    char option[LAB_OPTION_BYTES];
    if (origin_of(lab, file) != ORIGIN_OTHER)
        return CLI_FINE;
    lab_option(lab->name, option);
    cli_error(cli,
              "the network of %s was changed since the lab %s was raised from it; %s lab down%s"
              " ends that lab, and lab up raises the new one",
              lab->file, lab->name, cli->program, option);
    return CLI_USAGE;
}

enum cli_exit lab_find_current(struct cli *cli, const struct arguments *arguments, unsigned operand,
                               struct lab_running **ret_lab)
{
    struct lab_running *lab;
    enum cli_exit status = lab_find(cli, arguments, operand, &lab);
    if (status != CLI_FINE)
        return status;
    if (!arguments_has(arguments, "lab") && origin_of(lab, NULL) == ORIGIN_OTHER) {
        cli_error(cli,
                  "the network of %s was changed since the lab %s was raised from it; --lab %s asks"
                  " the lab as it is, and %s lab down ends it",
                  lab->file, lab->name, lab->name, cli->program);
        running_free(lab);
        return CLI_USAGE;
    }
    *ret_lab = lab;
    return CLI_FINE;
}

/* -- which verb -- */

static void list_verbs(struct cli *cli, const char *said)
{
    char list[256] = "";
    for (size_t i = 0; i < VERBS; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", verbs[i].word);
    }
    cli_error(cli, "lab cannot \"%s\"; expected one of %s", said, list);
}

/* "run: ...", says the help: no other verb has a use for it. */
static bool options_fit(struct cli *cli, const struct arguments *arguments,
                        const struct lab_verb *verb)
{
    static const char of_run[] = "run: ";
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        bool runs = strncmp(options[i].sentence, of_run, sizeof of_run - 1) == 0;
        if (!runs || verb->run == lab_run || !arguments_has(arguments, options[i].name))
            continue;
        cli_error(cli, "--%s is for lab run", options[i].name);
        return false;
    }
    return true;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    const char *said = arguments->operands[0];
    const struct lab_verb *verb = verbs;
    while (verb < verbs + VERBS && strcmp(verb->word, said) != 0)
        verb++;
    if (verb == verbs + VERBS) {
        list_verbs(cli, said);
        return CLI_USAGE;
    }
    unsigned count = arguments->operand_count - 1;
    if (count < verb->least || count > verb->most) {
        cli_error(cli, "expected: %s lab %s %s", cli->program, verb->word, verb->operands);
        return CLI_USAGE;
    }
    return options_fit(cli, arguments, verb) ? verb->run(cli, arguments) : CLI_USAGE;
}

const struct command command_lab = {
    .name = "lab",
    .operands = "up FILE | run FILE | tour FILE | status [FILE] | exec NODE COMMAND... |"
                " shell NODE | record [FILE] | down [FILE]",
    .sentence = "Runs the file with real daemons in network namespaces.",
    .text = "up starts it: sekishod for gateways, strongSwan and FRR or BIRD for routers.\n"
            "run plays the file's story with it, in real time, and tells what happens; tour\n"
            "does so until a tunnel goes round in itself, explains it, and applies a cure\n"
            "while it lasts; of a file in which none does, until the story pauses, and says what\n"
            "check finds there. Both bring it up if it is not, and then down again.\n"
            "status says what runs, and how tunnels and sessions are; 1 when one is down.\n"
            "exec runs a command in the namespace of a node, and what follows is the\n"
            "command's; shell a shell. record writes what the lab did since it was up as a\n"
            "network file: the network as it began, what came from outside as a story, and\n"
            "what was seen, so that simulate plays it and says where it departs. down ends it\n"
            "and removes all of it, also what a killed up or run has left.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = OPERANDS_MAX,
    .verbatim = "exec",
    .run = run,
};
