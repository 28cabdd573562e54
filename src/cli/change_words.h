/* Changes as a user writes them on a command line, in the form of a story's verbs:
 *
 *     announce ROUTER PREFIX      fail THING          configure CONNECTION guard POLICY
 *     withdraw ROUTER PREFIX      restore THING       configure TABLE|ROUTER add PREFIX TARGET
 *     replace ROUTER              restart THING       configure TABLE|ROUTER remove PREFIX
 *     fail link ROUTER            restore link ROUTER
 *
 * and behind each verb, instead of words, the map that a story has there: announce {router:
 * dx-edge, prefix: 0.0.0.0/0, med: 10}. Each change becomes the YAML of one step, so that whatever
 * is wrong with it is found and said as it is of a file. */
#pragma once

#include "cli/cli.h"
#include "network/network.h"

enum { CHANGES_MAX = 32, CHANGE_YAML_BYTES = 1024 };

struct changes {
    char *yaml[CHANGES_MAX]; /* without `at`: "announce: {router: dx-edge, prefix: 0.0.0.0/0}" */
    char *said[CHANGES_MAX]; /* "announce dx-edge 0.0.0.0/0" */
    size_t count;
};

/* words: the command's operands behind the file. false: the mistake has been told. */
bool changes_read(struct cli *cli, const struct network *network, const char *const *words,
                  size_t word_count, struct changes *ret_changes)
    __attribute__((warn_unused_result));
void changes_done(struct changes *changes);

/* Adds them to the network's story, all at the same time; network is a copy of the caller's. false:
 * the mistake has been told, and the network is fit for nothing but network_free. Also refused is
 * what would change nothing or what another change undoes. */
bool changes_add(struct cli *cli, const struct changes *changes, int64_t at_us, bool json,
                 struct network *network) __attribute__((warn_unused_result));
