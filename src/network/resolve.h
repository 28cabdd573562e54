/* Names: who has which, and what each reference stands for. One name space for all nouns, so that
 * a name alone says what is meant, in the file and on the command line. */
#pragma once

#include "network/network.h"

struct name {
    const char *id; /* borrowed from the network */
    enum network_kind kind;
    int32_t index, part; /* as in struct network_ref */
    struct place place;
};

struct names {
    struct name *items; /* sorted by id, equal ones in the order of the file */
    size_t count, cap;
};

void names_collect(const struct network *network, struct names *ret_names);
void names_done(struct names *names);
const struct name *names_find(const struct names *names, const char *id); /* NULL: nobody */

/* Reports names given twice and resolves every reference of the network, or says why not. */
void resolve_names(struct network *network, struct diagnostics *diagnostics);
