/* The folder of one charon: where its files are, and what is written there. Mode 0700, files 0600;
 * no key is ever in it. */
#pragma once

#include "plane/charon_conf.h"
#include "plane/names.h"
#include "plane/trouble.h"

enum { CHARON_FOLDER_MAX = 90, CHARON_FOLDER_PATH_BYTES = 108 };

struct charon_folder {
    char path[CHARON_FOLDER_PATH_BYTES];
    char conf[CHARON_FOLDER_PATH_BYTES];   /* strongswan.conf */
    char socket[CHARON_FOLDER_PATH_BYTES]; /* charon.vici */
    char log[CHARON_FOLDER_PATH_BYTES];    /* charon.log */
    char pid[CHARON_FOLDER_PATH_BYTES];    /* charon.pid, of child_record */
    char loaded[CHARON_FOLDER_PATH_BYTES]; /* digests of what charon has */
};

/* Names only. */
bool charon_folder_init(struct charon_folder *folder, const char *path, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* Makes it, in a folder that is there, and sees that nobody else may enter. */
bool charon_folder_make(const struct charon_folder *folder, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* Is this text what strongswan.conf says? */
bool charon_folder_has_conf(const struct charon_folder *folder, const char *text);

/* A file appears as a whole, or not at all. */
bool charon_folder_write(const char *path, const char *text, size_t size,
                         struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Every file of a charon, and the folder if nothing else is in it. */
void charon_folder_remove(const struct charon_folder *folder);

/* What a file says, at most max bytes: the caller's to free, or charon_folder_forget; NULL. */
char *charon_folder_read(const char *path, size_t max, size_t *ret_size,
                         struct trouble *ret_trouble) __attribute__((warn_unused_result));
/* Wipes and frees. Accepts NULL. */
void charon_folder_forget(char *text, size_t size);

/* One line of the digests, "9f86d081884c7d65 vpn-a/1\n": at is moved behind it. false: the end, or
 * no such line. */
bool charon_folder_digest(const char **at, uint64_t *ret_digest, char ret_name[PLANE_NAME_BYTES])
    __attribute__((warn_unused_result));
