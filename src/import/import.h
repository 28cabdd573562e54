/* The room `import`: what somebody else wrote down about a network, read into a network file.
 *
 *     remark.c         what there is to say besides the network
 *     document.c       one JSON file: bounded, parsed, and where in it a value stands
 *     item.c           typed values of it, or a remark that says what was expected
 *     aws.c            AWS's nouns as an export has them, and who has which id
 *     read_vpc.c read_vpn.c read_direct.c read_host.c     from JSON to those nouns
 *     configuration.c  the CustomerGatewayConfiguration, XML inside a VPN connection
 *     customer.c       a network file of it alone, for who is that customer gateway
 *     announcers.c     who announced a propagated route: what the accepted counts allow
 *     draft.c          a network that is being written, with its comments
 *     draft_vpc.c draft_vpn.c draft_direct.c              from AWS's nouns to a network file's
 *     missing.c        what the export does not hold, and what depends on it
 *     compare.c        the network is run: has it what the export shows?
 *     folder.c         the files of a directory
 *     summary.c        all remarks as the comment at the file's head, and for a machine
 *
 * An export is what `aws ec2 describe-*` and `aws directconnect describe-*` print, in files of any
 * name below one directory: [aws_configs/][accounts/ID/][REGION/]*.json. The keys say what a file
 * is. Everything is merged: AWS's ids are unique beyond regions and accounts, so a thing that two
 * files tell alike is one thing, and a reference may lead into another region's files.
 *
 * What an export cannot say becomes an assumption, written down in the file and in the answer: who
 * announced a propagated route (the set of attachments that the accepted counts allow), and all of
 * a customer's router but its address and AS. Its platform is unknown, its table is left out.
 *
 * What is wrong in one place costs that place: the remark says file, line, what was found and what
 * was expected, and the rest is imported. Only when nothing is left there is no answer. Time and
 * memory are bounded by the limits below; XML has no entities, no DTD and no network. Keys
 * (pre-shared, BGP's) are never copied, but by customer.c, which is for nothing else.
 *
 * Invariant: the file that is written is parsed again before it is handed out, and is equal. */
#pragma once

#include "base/slice.h"
#include "network/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IMPORT_FILE_MAX = 64 << 20,   /* bytes of one file */
    IMPORT_TOTAL_MAX = 256 << 20, /* bytes of all files */
    IMPORT_FILES_MAX = 20000,
    IMPORT_DEPTH_MAX = 64,       /* lists and objects within each other */
    IMPORT_VALUES_MAX = 2 << 20, /* values of one file */
};

enum import_subject {
    IMPORT_WRONG,       /* the export is not what it should be: what it cost */
    IMPORT_DIFFERS,     /* the export says one thing, and itself or the model another */
    IMPORT_MISSING,     /* the export does not hold it */
    IMPORT_ASSUMED,     /* the export cannot say it; the network file now does */
    IMPORT_NOT_MODELED, /* read, and without a place in a network file */
    IMPORT_SUBJECTS
};
const char *import_subject_name(enum import_subject subject); /* "not_modeled" */

struct import_place {
    const char *file; /* NULL: none; below the directory */
    unsigned line;    /* from 1; 0: the whole file */
};

struct import_remark {
    enum import_subject subject;
    char *file; /* NULL: of no one file */
    unsigned line;
    char *about;   /* the id it is about; NULL: of no one thing */
    char *text;    /* a sentence without its full stop */
    char *depends; /* MISSING: what depends on it; NULL */
};

struct import_remarks {
    struct import_remark *items;
    size_t count, cap;
    size_t counts[IMPORT_SUBJECTS]; /* also of those that were not kept */
    struct import_remark *last;     /* NULL: it was not kept */
};

struct import_count {
    const char *key; /* "VpnConnections" */
    size_t read;     /* things in the export */
    size_t used;     /* of them in the network file */
};

/* The network was run until it came to rest, and held against the export. */
struct import_compared {
    bool done;                     /* false: it did not come to rest, as a remark says */
    size_t tunnels, tunnels_agree; /* with telemetry: up or down, and how many routes */
    size_t routes, routes_agree;   /* propagated into route tables */
};

struct import;

struct import *import_create(void);
void import_free(struct import *import); /* NULL is fine */

/* One file of the export; name is how remarks call it (copied), the bytes are not kept. */
void import_take(struct import *import, const char *name, struct slice text);
/* A file that is there and could not be read (name NULL: files that are not even looked at). */
void import_unreadable(struct import *import, const char *name, const char *why);
/* Every *.json below the path, or the one file that it is. false: it cannot be read at all, and
 * *ret_problem says why (for the caller to free). */
bool import_take_path(struct import *import, const char *path, char **ret_problem)
    __attribute__((warn_unused_result));

/* After the last file: makes the network. false: nothing could be made of the export; the remarks
 * say why. */
bool import_finish(struct import *import) __attribute__((warn_unused_result));

/* What came of it; owned by the import. */
const struct network *import_network(const struct import *import);
const char *import_file_text(const struct import *import, size_t *ret_size);
const struct import_remarks *import_remarks(const struct import *import);
size_t import_file_count(const struct import *import);
struct import_compared import_compared(const struct import *import);
size_t import_count_total(const struct import *import);
struct import_count import_count_at(const struct import *import, size_t index);
