/* The control socket: a Unix stream, for its owner only. A line asks, a line answers
 * (run/answer.h); who follows events gets a line for each. Clients wait their turn: one answer each
 * a round, and none while the last one is still on its way, so that questions never delay BGP. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <uv.h>

struct daemon;
struct control_client;

enum { CONTROL_CLIENTS_MAX = 64, CONTROL_PATH = 108 /* sun_path */ };

/* Where a gateway answers when nobody says where: in the folder of its name, if that is there
 * (packaging/sekishod@.service has it made). */
#define CONTROL_FOLDER "/run/sekisho"

struct control {
    uv_pipe_t listener;
    struct control_client *first;
    unsigned client_count;
    bool open;
    bool
        left_behind; /* an earlier life had not removed its socket: it was ended, and did not end */
};

/* As asked, "none" for none, or the default below the folder. NULL: nowhere. */
const char *control_place(const char *asked, const char *folder, const char *node,
                          char room[static CONTROL_PATH]);

/* NULL path: none is wanted. false: it cannot be made; a sentence says why. A socket that a daemon
 * left behind which is gone is replaced. */
bool control_open(struct daemon *daemon, const char *path, FILE *err)
    __attribute__((warn_unused_result));
/* Answers who has asked. true: somebody waits for the next round. */
bool control_answer(struct daemon *daemon);
/* The path is removed; the loop runs once more for libuv to let go. */
void control_close(struct daemon *daemon);
