/* `sekisho lab VERB`: each verb with its operands, so that a further one is a row. */
#pragma once

#include "cli/arguments.h"
#include "lab/running.h"
#include "network/network.h"

struct lab_verb {
    const char *word;
    const char *operands; /* as in help */
    unsigned least, most; /* besides the verb */
    enum cli_exit (*run)(struct cli *cli, const struct arguments *arguments);
};

/* lab_up.c, lab_ask.c */
enum cli_exit lab_up(struct cli *cli, const struct arguments *arguments);
/* The file's lab, which is brought up if it is not; then *ret_brought. quiet: how far it is is not
 * told. CLI_FINE, or the failure has been told. */
enum cli_exit lab_bring_up(struct cli *cli, const struct arguments *arguments,
                           const struct network *network, bool quiet, struct lab_running **ret_lab,
                           bool *ret_brought) __attribute__((warn_unused_result));
/* lab_run.c, lab_tour.c */
enum cli_exit lab_tour(struct cli *cli, const struct arguments *arguments);
enum cli_exit lab_run(struct cli *cli, const struct arguments *arguments);
enum cli_exit lab_down(struct cli *cli, const struct arguments *arguments);
enum cli_exit lab_status(struct cli *cli, const struct arguments *arguments);
enum cli_exit lab_exec(struct cli *cli, const struct arguments *arguments);
enum cli_exit lab_shell(struct cli *cli, const struct arguments *arguments);
/* lab_record.c */
enum cli_exit lab_record(struct cli *cli, const struct arguments *arguments);

/* The lab's name: --lab; or of the operand at this place, a file; or, where there is none, the only
 * one that is there. CLI_FINE, or the mistake has been told. */
enum cli_exit lab_name(struct cli *cli, const struct arguments *arguments, unsigned operand,
                       char out[LAB_NAME_BYTES]) __attribute__((warn_unused_result));
/* The same, and where there is none, the only one of which something is left. */
enum cli_exit lab_name_left(struct cli *cli, const struct arguments *arguments, unsigned operand,
                            char out[LAB_NAME_BYTES]) __attribute__((warn_unused_result));

/* " --lab NAME", which commands about this lab need where there are several; else "". */
enum { LAB_OPTION_BYTES = LAB_NAME_BYTES + 8 };
void lab_option(const char *name, char out[LAB_OPTION_BYTES]);
/* A node worth asking: a router that has a namespace, if there is one. */
const char *lab_node_to_ask(const struct lab_running *lab);

/* The network of the lab's file is still that of the lab; or it has been told what to do. file: as
 * it is by now; NULL: it is read. */
enum cli_exit lab_is_its_files(struct cli *cli, const struct lab_running *lab,
                               const struct network *file) __attribute__((warn_unused_result));
/* The same for who asks the lab itself: with --lab it is meant as it is. */
enum cli_exit lab_find_current(struct cli *cli, const struct arguments *arguments, unsigned operand,
                               struct lab_running **ret_lab) __attribute__((warn_unused_result));

/* The lab of that name, which is up. CLI_FINE, or the failure has been told. */
enum cli_exit lab_find(struct cli *cli, const struct arguments *arguments, unsigned operand,
                       struct lab_running **ret_lab) __attribute__((warn_unused_result));
