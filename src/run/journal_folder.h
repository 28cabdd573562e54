/* The directory of a journal: who may write there, what lies in it, and what is thrown away when it
 * becomes too much.
 *
 *     00000001.journal     a segment: events, and the state they begin with when that is a boot
 *     00000002.checkpoint  the state that segment 2 begins with, whole or not there
 *     00000002.journal
 *     lock                 held by the daemon that writes
 *
 * The files are their owner's only. A checkpoint that is being written is called
 * 00000002.checkpoint.partial; what a daemon that was killed left of one is removed. */
#pragma once

#include "run/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FOLDER_PATH = 4096, FOLDER_FILE = FOLDER_PATH + 40 };

enum folder_file { FOLDER_SEGMENT, FOLDER_CHECKPOINT, FOLDER_PARTIAL };

struct journal_folder {
    char path[FOLDER_PATH];
    int lock;
    uint32_t *numbers; /* of earlier daemons' segments that are still there, ascending */
    size_t number_at, number_count;
    uint32_t first, last; /* of this daemon's; last is the newest one. 0: none yet */
    uint32_t state;       /* the newest segment that begins with a known state; 0: none yet */
    uint64_t bytes;       /* of files that are closed */
};

/* Where a journal goes when nobody says where. */
#define FOLDER_DEFAULT "/var/lib/sekisho"

/* Makes the directory if need be and takes it for this process. false: why is in why, a sentence
 * without full stop; nothing is held then. */
bool journal_folder_open(struct journal_folder *folder, const char *path, char why[static 256])
    __attribute__((warn_unused_result));
void journal_folder_close(struct journal_folder *folder);

/* Again, when it has been removed meanwhile. 0, or errno. */
int journal_folder_make(const char *path);

void journal_folder_name(const struct journal_folder *folder, enum folder_file file,
                         uint32_t number, char path[static FOLDER_FILE]);

/* How many segments there are. */
uint32_t journal_folder_count(const struct journal_folder *folder);

/* Removes the oldest files until no more than limit bytes are there, the present ones of the open
 * segment included. The newest known state and what came since stay, up to twice the limit. */
void journal_folder_trim(struct journal_folder *folder, uint64_t present, uint64_t limit);
